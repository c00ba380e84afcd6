//! Workbooks of Excel 5 to 2003, made record by record, and what comes before them.

use crate::program::{err, run};
use crate::source_workbook::made::{read, shown};
use crate::tools::folder;

/// Excel 97 to 2003, whose text is Unicode.
const VERSION_8: u16 = 0x0600;
/// Excel 5 and 95, whose text is in a code page.
const VERSION_5: u16 = 0x0500;

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes(), &(data.len() as u16).to_le_bytes(), data].concat()
}

fn begin(version: u16, what: u16) -> Vec<u8> {
    let numbers = [version, what, 0, 1997];
    record(0x0809, &numbers.map(u16::to_le_bytes).concat())
}

fn end() -> Vec<u8> {
    record(0x000A, &[])
}

/// A text with its length in two bytes, as each version has it; the letters are Latin.
fn text(version: u16, text: &str) -> Vec<u8> {
    let letters: Vec<u8> = text.chars().map(|letter| letter as u8).collect();
    let flags: &[u8] = if version == VERSION_8 { &[0] } else { &[] };
    [&(letters.len() as u16).to_le_bytes()[..], flags, &letters].concat()
}

fn cell(kind: u16, row: u16, column: u16, format: u16, more: &[u8]) -> Vec<u8> {
    record(kind, &[&[row, column, format].map(u16::to_le_bytes).concat(), more].concat())
}

fn label(version: u16, row: u16, column: u16, words: &str) -> Vec<u8> {
    cell(0x0204, row, column, 0, &text(version, words))
}

fn number(row: u16, column: u16, format: u16, number: f64) -> Vec<u8> {
    cell(0x0203, row, column, format, &number.to_le_bytes())
}

fn formula(row: u16, column: u16, result: [u8; 8]) -> Vec<u8> {
    cell(0x0006, row, column, 0, &[&result[..], &[0; 8]].concat())
}

/// A workbook with globals of its own, sheets that are no worksheets, and one that has these cells.
fn book(version: u16, globals: &[Vec<u8>], cells: &[Vec<u8>]) -> Vec<u8> {
    let listed = |place: usize, kind: u8, name: &str| {
        let letters = text(version, name);
        let name = [&letters[..1], &letters[2..]].concat();
        record(0x0085, &[&(place as u32).to_le_bytes()[..], &[0, kind], &name].concat())
    };
    let list = |place: usize| {
        [listed(place, 1, "Macro1"), listed(place, 2, "Chart1"), listed(place, 0, "Orders"), listed(place, 6, "Code")].concat()
    };
    let head = [begin(version, 5), globals.concat()].concat();
    let place = head.len() + list(0).len() + end().len();
    [head, list(place), end(), begin(version, 0x0010), cells.concat(), end()].concat()
}

fn header(version: u16) -> Vec<u8> {
    [label(version, 0, 0, "name"), label(version, 0, 1, "when")].concat()
}

#[test]
fn text_and_dates_are_read_in_every_version() {
    let format = |version: u16, code: &str| {
        let letters = text(version, code);
        let letters = if version == VERSION_8 { letters } else { [&letters[..1], &letters[2..]].concat() };
        record(0x041E, &[&164_u16.to_le_bytes()[..], &letters].concat())
    };
    for version in [VERSION_5, VERSION_8] {
        for (from_1904, date) in [(0_u16, "2026-03-04"), (1, "2030-03-05")] {
            let globals = [
                // Excel 97 and later write this too, where it says nothing about text.
                record(0x0042, &1252_u16.to_le_bytes()),
                record(0x0022, &from_1904.to_le_bytes()),
                format(version, "dd\\.mm\\.yyyy"),
                record(0x00E0, &[0; 20]),
                record(0x00E0, &[&[0, 0, 164, 0][..], &[0; 16]].concat()),
            ];
            let cells = [
                header(version),
                label(version, 1, 0, "J\u{f6}rg\0"),
                number(1, 1, 1, 46_085.0),
                // An integer, in hundredths, with a date's format.
                cell(0x027E, 2, 1, 1, &((4_608_500_u32 << 2) | 3).to_le_bytes()),
                label(version, 2, 0, "R\0e\0d\0"),
            ];
            let table = read(&book(version, &globals, &cells)).unwrap();
            assert_eq!(table.found.sheets, ["Orders"]);
            assert_eq!(shown(&table), ["1: name|when", &format!("2: J\u{f6}rg|{date}"), &format!("3: Red|{date}")], "{version:x}");
        }
    }
}

#[test]
fn text_of_old_systems_is_read() {
    for (code_page, letters, shown_as) in [
        (437_u16, "J\u{94}rg", "J\u{f6}rg"),
        (1251, "\u{cf}", "\u{41f}"),
        (10_000, "J\u{9a}rg", "J\u{f6}rg"),
        (10_029, "\u{8b}", "\u{10d}"),
        (32_769, "J\u{f6}rg", "J\u{f6}rg"),
    ] {
        let cells = [header(VERSION_5), label(VERSION_5, 1, 0, letters)];
        let table = read(&book(VERSION_5, &[record(0x0042, &code_page.to_le_bytes())], &cells)).unwrap();
        assert_eq!(shown(&table), ["1: name|when", &format!("2: {shown_as}|")], "{code_page}");
    }
}

#[test]
fn results_of_formulas_are_whole_or_told() {
    let text_follows = [0, 0, 0, 0, 0, 0, 0xFF, 0xFF];
    let long = "x".repeat(9_000);
    let long_text = text(VERSION_8, &long);
    // The rest of a text is in a record of its own, which says anew how wide its letters are.
    let continued = [record(0x0207, &long_text[..8_000]), record(0x003C, &[&[0], &long_text[8_000..]].concat())].concat();
    let cells = [
        header(VERSION_8),
        formula(1, 0, text_follows),
        record(0x04BC, &[0; 10]),
        record(0x0207, &text(VERSION_8, "shared")),
        formula(1, 1, [2, 0, 0x2A, 0, 0, 0, 0xFF, 0xFF]),
        formula(2, 0, text_follows),
        continued,
        formula(2, 1, [1, 0, 1, 0, 0, 0, 0xFF, 0xFF]),
        formula(3, 0, text_follows),
        number(3, 1, 0, 5.0),
        formula(4, 0, [3, 0, 0, 0, 0, 0, 0xFF, 0xFF]),
        number(4, 1, 0, 6.0),
    ];
    let uncalculated = portstatus::source::table::UNCALCULATED;
    let rows = |empty: &str| {
        let (second, third) = (format!("3: {long}|true"), format!("4: {uncalculated}|5"));
        ["1: name|when".to_owned(), "2: shared|#N/A".to_owned(), second, third, format!("5: {empty}|6")]
    };
    // An empty result is one only where the program that wrote it calculates.
    let table = read(&book(VERSION_8, &[record(0x01C1, &[0; 8])], &cells)).unwrap();
    assert_eq!(shown(&table), rows(""));
    assert!(table.found.notes[0].starts_with("1 cell with an error value"), "{:?}", table.found.notes);
    assert_eq!(shown(&read(&book(VERSION_8, &[], &cells)).unwrap()), rows(uncalculated));
}

#[test]
fn cells_in_any_order_and_sheets_within_a_sheet_are_read() {
    let chart = [begin(VERSION_8, 0x0020), number(1, 0, 0, 99.0), end()].concat();
    let cells = [number(2, 1, 0, 4.0), number(2, 0, 0, 3.0), chart, number(1, 0, 0, 1.0), number(1, 0, 0, 2.0), header(VERSION_8)];
    assert_eq!(shown(&read(&book(VERSION_8, &[], &cells)).unwrap()), ["1: name|when", "2: 2|", "3: 3|4"]);
    // A sheet as small programs write it: cells without a workbook around them.
    let alone = [record(0x0809, &[0, 0, 0x10, 0, 0, 0, 0, 0]), header(VERSION_5), number(1, 0, 0, 7.0), end()].concat();
    assert_eq!(shown(&read(&alone).unwrap()), ["1: name|when", "2: 7|"]);
    // A dimension that claims the whole sheet takes no memory.
    let dimension = record(0x0200, &[&0_u32.to_le_bytes()[..], &65_536_u32.to_le_bytes(), &[0, 0, 0, 1, 0, 0]].concat());
    assert_eq!(shown(&read(&book(VERSION_8, &[], &[dimension, header(VERSION_8)])).unwrap()), ["1: name|when"]);
}

#[test]
fn what_cannot_be_read_whole_is_refused() {
    let good = book(VERSION_8, &[], &[header(VERSION_8)]);
    let xor = record(0x002F, &[0, 0, 0x12, 0x34, 0x56, 0x78]);
    let unreadable = formula(1, 0, [7, 0, 0, 0, 0, 0, 0xFF, 0xFF]);
    let cases = [
        ("obfuscated", book(VERSION_8, std::slice::from_ref(&xor), &[]), "password-protected"),
        ("obfuscated, Excel 95", book(VERSION_5, &[record(0x002F, &xor[4..8])], &[]), "password-protected"),
        ("formula", book(VERSION_8, &[], &[header(VERSION_8), unreadable]), "the result of the formula in cell A2 is unreadable"),
        ("short formula", book(VERSION_8, &[], &[header(VERSION_8), cell(6, 1, 0, 0, &[0; 4])]), "the record of cell A2 is cut short"),
        ("missing text", book(VERSION_8, &[], &[header(VERSION_8), cell(0x00FD, 1, 1, 0, &[9; 4])]), "the text of cell B2 is missing"),
        ("text too long", book(VERSION_8, &[], &[cell(0x0204, 0, 0, 0, &[9, 0, 0, 65])]), "a text in it is longer than its record"),
        ("cut", good[..good.len() - 4].to_vec(), "a sheet of it is cut short"),
        ("cut in a record", good[..good.len() - 6].to_vec(), "it ends within a record"),
        ("cut in the list", good[..20].to_vec(), "it ends within a record"),
        (
            "code page",
            book(VERSION_5, &[record(0x0042, &10_004_u16.to_le_bytes())], &[label(VERSION_5, 0, 0, "\u{94}")]),
            "its text is in code page 10004, which is not supported",
        ),
    ];
    for (name, bytes, expected) in cases {
        let error = read(&bytes).map(|table| shown(&table)).expect_err(name).to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn versions_before_excel_5_are_named() {
    let place = folder("early_excel");
    for (version, head) in [(2, [9, 0, 4, 0, 2, 0, 16, 0]), (3, [9, 2, 6, 0, 0, 3, 16, 0]), (4, [9, 4, 6, 0, 0, 4, 16, 0])] {
        std::fs::write(place.join("old.xls"), [&head[..], &[0; 40]].concat()).unwrap();
        let done = run(&place, &["read", "old.xls"]);
        let told = err(&done);
        assert_eq!(done.status.code(), Some(65), "{told}");
        assert!(told.contains(&format!("it is a file of Excel {version}, from before 1993")) && told.contains("old.xls"), "{told}");
    }
}
