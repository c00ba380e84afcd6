//! The two ways of reading a worksheet beside each other: straight from its XML, and by the general reader.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use calamine::{DataRef, SheetType};
use portstatus::source::workbook::child::xlsx::XlsxBook;

use crate::source_workbook::made::{MAIN, Sheet, members, read, rows, shown, with, zipped};
use crate::tools::corpus;

type Cell = (u32, u32, String);

/// A cell's type and value; what a text borrows from is not told apart.
fn described(value: Option<&DataRef<'_>>) -> String {
    match value {
        None => "not calculated".to_owned(),
        Some(DataRef::String(text)) => format!("text {text:?}"),
        Some(DataRef::SharedString(text)) => format!("text {text:?}"),
        Some(other) => format!("{other:?}"),
    }
}

struct Both {
    /// Whether the direct way came to the end.
    is_complete: bool,
    direct: Vec<Cell>,
    /// What the general reader says, or why it says nothing.
    general: Result<Vec<Cell>, String>,
}

/// Each worksheet read in both ways; what was read directly is what the general reader makes of it.
fn compare(name: &str, bytes: &[u8]) -> Vec<Both> {
    let Ok(mut book) = XlsxBook::open(bytes, Vec::new()) else { return Vec::new() };
    let sheets: Vec<String> =
        book.sheets().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).map(|sheet| sheet.name.clone()).collect();
    let mut found = Vec::new();
    for sheet in sheets {
        let (mut direct, mut general) = (Vec::new(), Vec::new());
        let progress = book
            .visit_directly(&sheet, |row, column, value| {
                direct.push((row, column, described(value)));
                Ok(ControlFlow::Continue(()))
            })
            .unwrap();
        let read = book.visit_generally(&sheet, 0, |row, column, value| {
            general.push((row, column, described(value)));
            Ok(ControlFlow::Continue(()))
        });
        assert_eq!(direct.len() as u64, progress.cells, "{name}, {sheet}");
        for (one, other) in direct.iter().zip(&general) {
            assert_eq!(one, other, "{name}, {sheet}");
        }
        assert!(direct.len() <= general.len(), "{name}, {sheet}");
        if progress.is_complete {
            assert_eq!((direct.len(), &read), (general.len(), &Ok(())), "{name}, {sheet}");
        }
        let general = read.map(|()| general).map_err(|refusal| format!("{refusal:?}"));
        found.push(Both { is_complete: progress.is_complete, direct, general });
    }
    found
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn published_workbooks_read_the_same_in_both_ways() {
    let Some(corpus) = corpus() else { return };
    let mut paths = Vec::new();
    files(&corpus.join("excel"), &mut paths);
    let (mut books, mut sheets, mut complete, mut cells) = (0, 0, 0, 0);
    for path in paths {
        let bytes = std::fs::read(&path).unwrap();
        if !bytes.starts_with(b"PK") {
            continue;
        }
        let found = compare(&path.display().to_string(), &bytes);
        books += usize::from(!found.is_empty());
        for both in found.iter().filter(|both| both.general.is_ok()) {
            sheets += 1;
            complete += usize::from(both.is_complete);
            cells += both.direct.len();
        }
    }
    // Were the direct way never gone, nothing would have been compared.
    assert!(books > 100 && complete * 10 > sheets * 9 && cells > 10_000, "{books} workbooks, {complete} of {sheets} sheets, {cells} cells");
}

/// A cell in each spelling that is read directly.
const PLAIN: [&str; 39] = [
    r#"<c r="A1"/>"#,
    r#"<c/>"#,
    r#"<c></c>"#,
    "<c><v>1</v></c>\n <c><v>2</v></c>",
    r#"<c r="C1"><v>1</v></c><c><v>2</v></c>"#,
    r#"<c t='n' s='1' r='B1'><v>44592.2625</v></c>"#,
    r#"<c r="A1" s="3"><v>1.5</v></c>"#,
    r#"<c r="A1" s="99"><v>1.5</v></c>"#,
    r#"<c r="A1"><v></v></c>"#,
    r#"<c r="A1"><v/></c>"#,
    r#"<c r="A1"><v>-1.5E-7</v></c>"#,
    r#"<c r="A1"><v>1e400</v></c>"#,
    r#"<c r="A1"><v>0071</v></c>"#,
    r#"<c r="A1"><v>123456789012345678901234567890</v></c>"#,
    r#"<c r="A1"><v>0.1000000000000000055511151231257827021181583404541015625</v></c>"#,
    r#"<c r="A1" t="s"><v>1</v></c>"#,
    r#"<c r="A1" t="s"><v>2</v></c>"#,
    r#"<c r="A1" t="s"><v>3</v></c>"#,
    r#"<c r="A1" t="s"><v></v></c>"#,
    r#"<c r="A1" t="b"><v>0</v></c>"#,
    r#"<c r="A1" t="e"><v>#DIV/0!</v></c>"#,
    r#"<c r="A1" t="d"><v>2026-03-04</v></c>"#,
    r#"<c r="A1" t="str"><v> a &lt; b &#x41;&#66; _x000D_ _x005F_x000D_ _xD83D__xDCF7_ _xD83D_ _xZZZZ_ </v></c>"#,
    "<c r=\"A1\" t=\"str\"><v>one\r\ntwo\rthree\u{a0}</v></c>",
    r#"<c r="A1" t="str"><f>A2&amp;"x"</f><v></v></c>"#,
    r#"<c r="A1"><f>1/0</f></c>"#,
    r#"<c r="A1"><f>1/0</f><v/></c>"#,
    r#"<c r="A1"><f t="shared" ref="A1:A9" si="0">B1</f><v>7</v></c><c r="B1"><f t="shared" si="0"/><v>8</v></c>"#,
    r#"<c r="A1" cm="1"><f t="array" ref="A1">B1</f><v>7</v></c>"#,
    r#"<c r="A1" t="inlineStr"><is><t> blanks </t></is></c>"#,
    r#"<c r="A1" t="inlineStr"><is><t xml:space="preserve"> blanks </t></is></c>"#,
    r#"<c r="A1" t="inlineStr"><is><t>a &amp; b_x000A_c</t></is></c>"#,
    r#"<c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t xml:space="preserve">rich </t></r><r><t>text</t></r></is></c>"#,
    r#"<c r="A1" t="inlineStr"><is><t>漢字</t><rPh sb="0" eb="2"><t>かんじ</t></rPh><phoneticPr fontId="1"/></is></c>"#,
    r#"<c r="A1" t="inlineStr"><is><r><t>a &amp; b</t></r><r><t/></r><r><t xml:space="preserve"> &gt;</t></r></is></c>"#,
    r#"<c r="A1" t="inlineStr"><is><t/></is></c>"#,
    r#"<c r="A1" t="inlineStr"><is></is></c>"#,
    r#"<c r="A1" t="inlineStr"><v>not read</v></c>"#,
    r#"<c r="XFD1"><v>1</v></c>"#,
];

/// A cell in each spelling that is left to the general reader, which may refuse it.
const OTHER: [&str; 30] = [
    r#"<c r="A1" t="inlineStr"><is><t><![CDATA[a]]></t></is></c>"#,
    r#"<c r="A1" t="inlineStr"><is><!-- c --><t>a</t></is></c>"#,
    r#"<c r="A1" t="inlineStr"><is><t>&unknown;</t></is></c>"#,
    r#"<c r="A1" t="str"><v><![CDATA[a]]></v></c>"#,
    r#"<c r="A1" t="str"><v>a & b</v></c>"#,
    r#"<!-- c --><c r="A1"><v>1</v></c>"#,
    r#"<?p?><c r="A1"><v>1</v></c>"#,
    r#"<x:c r="A1"><v>1</v></x:c>"#,
    r#"<c r="A1"><x:v>1</x:v></c>"#,
    r#"<c r="a1"><v>1</v></c>"#,
    r#"<c r="$A$1"><v>1</v></c>"#,
    r#"<c r="XFE1"><v>1</v></c>"#,
    r#"<c r="A1" r="B1"><v>1</v></c>"#,
    r#"<c r="A&#49;"><v>1</v></c>"#,
    r#"<c r="A1" s="x"><v>1</v></c>"#,
    r#"<c r="A1" t="new"><v>1</v></c>"#,
    r#"<c r="A1"><v> 1</v></c>"#,
    r#"<c r="A1"><v>+1</v></c>"#,
    r#"<c r="A1"><v>.5</v></c>"#,
    r#"<c r="A1"><v>inf</v></c>"#,
    r#"<c r="A1"><v>text</v></c>"#,
    r#"<c r="A1" t="n"><v>1-1</v></c>"#,
    r#"<c r="A1" t="s"><v>x</v></c>"#,
    r#"<c r="A1" t="s"><v>4</v></c>"#,
    r#"<c r="A1" t="b"><v>true</v></c>"#,
    r#"<c r="A1" t="e"><v>#NEW!</v></c>"#,
    r#"<c r="A1"><v>1</v><is><t>a</t></is></c>"#,
    r#"<c r="A1"><f t="shared">B1</f><v>7</v></c>"#,
    r#"<c r="A1"><f>B1 & C1</f><v>7</v></c>"#,
    r#"<c r="A1"><v>1</v>text</c>"#,
];

const STRINGS: &str = r#" count="4"><si><t>first</t></si><si><t xml:space="preserve"> second &amp; _x0041_ </t></si>
<si><r><t>ri</t></r><r><t>ch</t></r><phoneticPr fontId="1"/></si><si/>"#;

#[test]
fn each_spelling_of_a_cell_reads_the_same_in_both_ways() {
    for (cells, is_plain) in PLAIN.iter().map(|cell| (cell, true)).chain(OTHER.iter().map(|cell| (cell, false))) {
        for row in [format!(r#"<row r="1" spans="1:9">{cells}</row>"#), format!("<row>\n{cells}\n</row><row/>")] {
            let bytes = zipped(&members(&[Sheet("S", "visible", &row)], "", STRINGS));
            let found = compare(&row, &bytes);
            assert_eq!(found[0].is_complete, is_plain, "{row}");
            assert!(!is_plain || found[0].general.as_ref().is_ok_and(|general| general.len() == found[0].direct.len()), "{row}");
        }
    }
}

#[test]
fn a_sheet_that_is_written_otherwise_is_read_on_by_the_general_reader() {
    let plain = rows(1, &["a|b", "1|2", "3|4"]);
    let sheets = [
        (format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{plain}</sheetData></worksheet>"#), true),
        (
            format!(
                "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<worksheet xmlns=\"{MAIN}\"><dimension ref=\"A1:B3\"/><sheetData>{plain}</sheetData><x/></worksheet>"
            ),
            true,
        ),
        (format!(r#"<worksheet xmlns="{MAIN}"><dimension ref="A1:B"/><sheetData>{plain}</sheetData></worksheet>"#), false),
        (format!(r#"<worksheet xmlns="{MAIN}"><!-- <sheetData> --><sheetData>{plain}</sheetData></worksheet>"#), true),
        (format!(r#"<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{plain}</x:sheetData></x:worksheet>"#), false),
        (format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{plain}<!-- c -->{}</sheetData></worksheet>"#, rows(4, &["5|6"])), false),
        (format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{plain}"#), false),
        (format!(r#"<worksheet xmlns="{MAIN}"><sheetData/></worksheet>"#), true),
    ];
    for (xml, is_plain) in sheets {
        let all = members(&[Sheet("S", "visible", "")], "", ">");
        let bytes = with(all, "xl/worksheets/sheet1.xml", xml.clone());
        let found = compare(&xml, &bytes);
        assert_eq!(found[0].is_complete, is_plain, "{xml}");
        match (read(&bytes), &found[0].general) {
            (Ok(table), Ok(general)) => assert_eq!(table.lines.len() * 2, general.len().saturating_sub(2), "{xml}"),
            (Err(_), Err(_)) => {}
            (table, general) => panic!("{xml}: {:?}, {general:?}", table.map(|table| shown(&table))),
        }
    }
}

#[test]
fn a_count_of_shared_strings_takes_no_memory() {
    let row = r#"<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row><c><v>1</v></c></row>"#;
    let strings = r#" uniqueCount="9999999999"><si><t>a</t></si><si><t>b</t></si>"#;
    let table = read(&zipped(&members(&[Sheet("S", "visible", row)], "", strings))).unwrap();
    assert_eq!(shown(&table), ["1: a|b", "2: 1|"]);
}

#[test]
fn text_is_whole_wherever_a_window_ends() {
    // Two bytes to a letter, and cells from a few bytes to several windows long.
    for shift in 0..3 {
        let long = "é".repeat(400_000);
        let lines: Vec<String> = (0..40_000).map(|row| format!("{}{row}|é", "x".repeat(shift))).collect();
        let mut lines: Vec<&str> = std::iter::once("a|b").chain(lines.iter().map(String::as_str)).collect();
        let last = format!("{long}|end");
        lines.push(&last);
        let bytes = zipped(&members(&[Sheet("S", "visible", &rows(1, &lines))], "", ">"));
        let found = compare("windows", &bytes);
        assert_eq!((found[0].is_complete, found[0].direct.len()), (true, 80_004));
        let table = read(&bytes).unwrap();
        assert_eq!(shown(&table).last().unwrap(), &format!("40002: {last}"));
    }
}

#[test]
fn a_large_worksheet_is_checked_as_it_is_read() {
    let lines: Vec<String> = (0..60_000).map(|row| format!("{row}|x")).collect();
    let lines: Vec<&str> = std::iter::once("a|b").chain(lines.iter().map(String::as_str)).collect();
    let large = rows(1, &lines);
    let small = rows(1, &["a|b", "1|2"]);
    let sheets = |first, second| members(&[Sheet("S", "visible", first), Sheet("T", "visible", second)], "", ">");
    // The checksum of the member in its central entry, one bit of it changed: the data inflate as before.
    let damaged = |members: &[(String, Vec<u8>)], name: &str| {
        let mut bytes = zipped(members);
        let name = bytes.windows(name.len()).rposition(|window| window == name.as_bytes()).unwrap();
        bytes[name - 46 + 16] ^= 1;
        bytes
    };
    for members in [sheets(&large, &small), sheets(&small, &large)] {
        assert_eq!(read(&zipped(&members)).unwrap().headers, ["a", "b"]);
        for name in ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"] {
            let error = read(&damaged(&members, name)).unwrap_err().to_string();
            assert!(error.contains("is damaged") && error.contains(name), "{error}");
        }
    }
    let twice = large.clone() + &rows(60_001, &["again|and again"]);
    let error = read(&zipped(&sheets(&twice, &small))).unwrap_err().to_string();
    assert!(error.contains("row 60001 is given twice"), "{error}");
}
