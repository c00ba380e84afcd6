//! CSV, read again by the csv crate and by LibreOffice. Never trusts the writer's own word.

use std::io::Cursor;

use portstatus::domain::columns::ColumnType;
use portstatus::export::chunks::{self, ChunkRows, ChunkStats};
use portstatus::export::csv::Csv;
use portstatus::export::exporter::CsvPhones;
use portstatus::export::guard::Guard;
use portstatus::export::{ExportSummary, Exporter, Options};
use portstatus::report::{Report, Table};

use crate::edge_cases::{ODD_PHONES, hostile_strings};
use crate::report_fixture::{self, whole};
use crate::tools;

fn export(report: &Report, options: &Options) -> (Vec<u8>, ExportSummary) {
    let mut out = Cursor::new(Vec::new());
    let written = Csv.export(report, options, &mut out).unwrap();
    (out.into_inner(), written)
}

fn read(bytes: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).from_reader(bytes);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// What a cell must read as: an independent statement of the guard.
fn expected(text: &str, kind: ColumnType) -> String {
    let digits = text.strip_prefix('+').unwrap_or("");
    let strict = digits.len() >= 7 && digits.len() <= 15 && !digits.starts_with('0') && digits.chars().all(|c| c.is_ascii_digit());
    let first = text.chars().find(|c| ![' ', '\0', '\u{feff}'].contains(c));
    let risky = first.is_some_and(|c| "=+-@\t\r\n＝＋－＠".contains(c));
    if risky && !(kind == ColumnType::Phone && strict) { format!("'{text}") } else { text.to_owned() }
}

#[test]
fn every_cell_is_read_back() {
    let report = report_fixture::report(9_000);
    let table = whole(&report.numbers);
    for (options, delimiter) in [
        (Options::default(), b','),
        (Options { csv_delimiter: b';', ..Options::default() }, b';'),
        (Options { csv_delimiter: b'\t', csv_guard: Guard::Raw, ..Options::default() }, b'\t'),
        (Options { csv_delimiter: b':', ..Options::default() }, b':'),
    ] {
        let guard = options.csv_guard;
        let (bytes, written) = export(&report, &options);
        let rows = read(&bytes, delimiter);
        assert_eq!(written.rows, 9_000);
        assert_eq!(rows.len(), 9_001);
        let captions: Vec<_> = report.numbers.columns.iter().map(|column| column.caption.clone()).collect();
        assert_eq!(rows[0], captions);
        for (index, row) in rows[1..].iter().enumerate() {
            for (cell, column) in row.iter().zip(&table.columns) {
                let text = report_fixture::shown(&column.values, index).unwrap_or_default();
                let textual = !matches!(column.kind, ColumnType::Count);
                let wanted = if guard == Guard::Raw || !textual { text } else { expected(&text, column.kind) };
                assert_eq!(*cell, wanted, "row {index}, column {}", column.key);
            }
        }
    }
}

#[test]
fn lines_end_as_rfc_4180_says() {
    let (bytes, _) = export(&report_fixture::report(3), &Options { csv_bom: true, ..Options::default() });
    assert!(bytes.starts_with(b"\xEF\xBB\xBFPhone number,Status,"));
    assert!(bytes.ends_with(b"\r\n"));
    let (bytes, written) = export(&report_fixture::report(0), &Options::default());
    assert_eq!((bytes.iter().filter(|byte| **byte == b'\n').count(), written.rows, written.notes.len()), (1, 0, 0));
}

#[test]
fn only_strict_numbers_become_formulas_and_only_where_asked() {
    let cells: Vec<&str> = ODD_PHONES.iter().copied().chain(["=\"+15551234567\"", "+1555,1234"]).collect();
    let options = Options { csv_phones: CsvPhones::Formulas, ..Options::default() };
    let (bytes, written) = export(&one_column("Phone", ColumnType::Phone, &cells), &options);
    let found: Vec<String> = read(&bytes, b',').into_iter().skip(1).map(|row| row.concat()).collect();
    let formula = |cell: &&str| match expected(cell, ColumnType::Phone) {
        text if text == *cell && text.starts_with('+') => format!("=\"{text}\""),
        text => text,
    };
    assert_eq!(found, cells.iter().map(formula).collect::<Vec<_>>());
    assert_eq!(found.iter().filter(|cell| cell.starts_with("=\"+")).count(), 3);
    assert_eq!(written.notes.len(), 1);
    // In a column of another kind a number is text.
    let (bytes, _) = export(&one_column("Id", ColumnType::Id, &["+15551234567"]), &options);
    assert_eq!(read(&bytes, b',')[1], ["'+15551234567"]);
}

#[test]
fn threads_do_not_show() {
    let report = report_fixture::report(40_000);
    let bytes = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| export(&report, &Options::default()))
    };
    let one = bytes(1);
    assert!(one == bytes(3) && one == bytes(7));
}

#[test]
fn guard_table() {
    for (text, kind, marked) in [
        ("+15551234567", ColumnType::Phone, false),
        ("+1555123", ColumnType::Phone, false),
        ("+155512345678901", ColumnType::Phone, false),
        ("+1555123456789012", ColumnType::Phone, true),
        ("+155512", ColumnType::Phone, true),
        ("+05551234567", ColumnType::Phone, true),
        ("+1 555 123 4567", ColumnType::Phone, true),
        ("+1-1", ColumnType::Phone, true),
        (" +15551234567", ColumnType::Phone, true),
        ("+15551234567\n", ColumnType::Phone, true),
        ("+1555123456７", ColumnType::Phone, true),
        ("=1+1", ColumnType::Phone, true),
        ("+15551234567", ColumnType::Text, true),
        ("+15551234567", ColumnType::Id, true),
        ("+1-1", ColumnType::Text, true),
        ("=1", ColumnType::Status, true),
        ("-", ColumnType::Text, true),
        ("@x", ColumnType::Id, true),
        ("\tx", ColumnType::Text, true),
        ("\rx", ColumnType::Text, true),
        ("\nx", ColumnType::Text, true),
        ("＝1", ColumnType::Text, true),
        ("＋1", ColumnType::Text, true),
        ("－1", ColumnType::Text, true),
        ("＠1", ColumnType::Text, true),
        ("   =1", ColumnType::Text, true),
        ("\0=1", ColumnType::Text, true),
        ("\u{feff} =1", ColumnType::Text, true),
        ("", ColumnType::Text, false),
        ("   ", ColumnType::Text, false),
        ("a=1", ColumnType::Text, false),
        ("1-1", ColumnType::Text, false),
        ("'=1", ColumnType::Text, false),
        ("ｅ=1", ColumnType::Text, false),
        ("\u{fffe}", ColumnType::Text, false),
    ] {
        assert_eq!(Guard::Apostrophe.marks(text, kind), marked, "{text:?} as {kind:?}");
        let wanted = if marked { format!("'{text}") } else { text.to_owned() };
        assert_eq!(Guard::Apostrophe.apply(text, kind), wanted);
        assert_eq!(Guard::Raw.apply(text, kind), text);
    }
}

fn one_column(caption: &str, kind: ColumnType, cells: &[&str]) -> Report {
    let mut report = report_fixture::report(0);
    let values = report_fixture::texts(cells.len(), |row| Some(cells[row].to_owned()));
    report.numbers =
        report_fixture::lazy(Table { rows: cells.len(), columns: vec![report_fixture::column("one", caption, kind, 10.0, values)] });
    report
}

#[test]
fn guarded_cells_are_counted_and_headers_too() {
    let report = one_column("=caption", ColumnType::Text, &["=1", "fine", "", "@x\",y"]);
    let (bytes, written) = export(&report, &Options::default());
    assert_eq!(String::from_utf8(bytes).unwrap(), "'=caption\r\n'=1\r\nfine\r\n\"\"\r\n\"'@x\"\",y\"\r\n");
    assert_eq!(written.notes.len(), 1);
    assert!(written.notes[0].contains("3 cells"), "{:?}", written.notes);
}

#[test]
fn naughty_strings_survive() {
    let strings = hostile_strings();
    let cells: Vec<&str> = strings.iter().map(String::as_str).collect();
    for kind in [ColumnType::Text, ColumnType::Id, ColumnType::Phone] {
        let (bytes, _) = export(&one_column("Naughty", kind, &cells), &Options::default());
        let rows = read(&bytes, b',');
        assert_eq!(rows.len(), cells.len() + 1);
        rows[1..].iter().zip(&cells).for_each(|(row, cell)| assert_eq!(row[0], expected(cell, kind)));
    }
}

#[test]
fn no_cell_is_a_formula_in_a_spreadsheet() {
    let strings = hostile_strings();
    let cells: Vec<&str> = strings.iter().map(String::as_str).filter(|cell| !cell.contains('\0')).collect();
    let (bytes, _) = export(&one_column("Naughty", ColumnType::Text, &cells), &Options::default());
    let folder = tools::folder("csv");
    std::fs::write(folder.join("hostile_strings.csv"), bytes).unwrap();
    let Some(workbook) = tools::convert(&folder.join("hostile_strings.csv"), "xlsx", &folder) else {
        return;
    };
    if tools::found("openpyxl") {
        let script = "import openpyxl, sys\nsheets = openpyxl.load_workbook(sys.argv[1]).worksheets\n\
                      print(sum(cell.data_type == 'f' for sheet in sheets for row in sheet for cell in row), sum(1 for sheet in sheets for row in sheet))";
        let counted = tools::run("python3", &["-c", script, workbook.to_str().unwrap()]);
        let counted: Vec<usize> = counted.split_whitespace().map(|count| count.parse().unwrap()).collect();
        assert_eq!(counted[0], 0, "formulas");
        assert!(counted[1] > cells.len());
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn only_rows_that_were_written_are_counted() {
    let mut bytes = Vec::new();
    let table = report_fixture::lazy(Table { rows: 30_000, columns: Vec::new() });
    let two_of_three = |chunk: ChunkRows, bytes: &mut Vec<u8>| {
        let rows = chunk.first..chunk.first + chunk.rows.len();
        let kept: Vec<usize> = rows.filter(|row| row % 3 > 0).collect();
        bytes.extend(kept.iter().map(|row| *row as u8));
        Ok(ChunkStats { rows: kept.len() as u64, changed: u64::from(kept.contains(&1)) })
    };
    let keep = |piece: &[u8]| {
        bytes.extend_from_slice(piece);
        Ok(())
    };
    let emitted = chunks::write(&table, 0..30_000, two_of_three, keep).unwrap();
    assert_eq!((emitted, bytes.len()), (ChunkStats { rows: 20_000, changed: 1 }, 20_000));
    assert_eq!(export(&report_fixture::report(9_000), &Options::default()).1.rows, 9_000);
}
