//! Workbooks made of parts: `.xlsb` and `.ods` made byte by byte, and parts that are missing.

use crate::source_workbook::made::{PACKAGE, RELATIONS, Sheet, book, members, read, renamed, rows, shown, zipped};

/// A record of an `.xlsb` part.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind as u8];
    if kind > 127 {
        bytes = vec![kind as u8 | 0x80, (kind >> 7) as u8];
    }
    bytes.push(data.len() as u8);
    [&bytes, data].concat()
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [&(units.len() as u32 / 2).to_le_bytes()[..], &units].concat()
}

fn binary_book(cells: &[Vec<u8>]) -> Vec<u8> {
    let listed = |id: &str, name: &str| record(156, &[&[0; 8][..], &wide(id), &wide(name)].concat());
    let relation = |id: &str, kind: &str, target: &str| format!(r#"<Relationship Id="{id}" Type="{RELATIONS}/{kind}" Target="{target}"/>"#);
    let relations = [
        relation("r1", "xlMacrosheet", "macrosheets/sheet1.bin"),
        relation("r2", "worksheet", "worksheets/sheet1.bin"),
        relation("r3", "dialogsheet", "dialogsheets/sheet1.bin"),
        relation("r4", "styles", "styles.bin"),
    ];
    let relations = format!(r#"<Relationships xmlns="{PACKAGE}">{}</Relationships>"#, relations.concat());
    let sheets = [record(143, &[]), listed("r1", "Macro1"), listed("r2", "Orders"), listed("r3", "Dialog1"), record(144, &[])];
    let styles = [record(617, &[2, 0, 0, 0]), record(47, &[0; 16]), record(47, &[&[0, 0, 14, 0][..], &[0; 12]].concat()), record(618, &[])];
    let sheet = [record(145, &[]), cells.concat(), record(146, &[])].concat();
    zipped(&[
        ("[Content_Types].xml".to_owned(), b"<Types/>".to_vec()),
        ("xl/workbook.bin".to_owned(), sheets.concat()),
        ("xl/_rels/workbook.bin.rels".to_owned(), relations.into_bytes()),
        ("xl/styles.bin".to_owned(), styles.concat()),
        ("xl/worksheets/sheet1.bin".to_owned(), sheet),
    ])
}

fn binary_row(row: u32) -> Vec<u8> {
    record(0, &[&row.to_le_bytes()[..], &[0; 12]].concat())
}

fn binary_cell(kind: u16, column: u32, style: u8, value: &[u8]) -> Vec<u8> {
    record(kind, &[&column.to_le_bytes()[..], &[style, 0, 0, 0], value].concat())
}

#[test]
fn every_cell_of_a_binary_workbook_is_read() {
    let formula = [0; 6];
    let cells = [
        binary_row(0),
        binary_cell(6, 0, 0, &wide("phone")),
        binary_cell(62, 1, 0, &[&[1][..], &wide("status")].concat()),
        // Cells in short form have no column.
        record(17, &[&[0; 4][..], &wide("foc")].concat()),
        binary_row(1),
        binary_cell(11, 0, 0, &[&[0x2A][..], &formula].concat()),
        binary_cell(11, 1, 0, &[&[0x07][..], &formula].concat()),
        record(13, &[&[1, 0, 0, 0][..], &((46_085_u32 << 2) | 2).to_le_bytes()].concat()),
        binary_row(2),
        binary_cell(1, 0, 0, &[]),
        record(14, &[0, 0, 0, 0, 0x24]),
        record(16, &[&[1, 0, 0, 0][..], &46_086.5_f64.to_le_bytes()].concat()),
        binary_row(3),
        binary_cell(9, 0, 1, &[&46_087_f64.to_le_bytes()[..], &formula].concat()),
        binary_cell(8, 1, 0, &[&wide("Completed")[..], &formula].concat()),
        binary_cell(10, 2, 0, &[&[1][..], &formula].concat()),
    ];
    let table = read(&binary_book(&cells)).unwrap();
    assert_eq!(table.found.sheets, ["Orders"]);
    let expected = ["1: phone|status|foc", "2: #N/A|#DIV/0!|2026-03-04", "3: |#NUM!|2026-03-05T12:00:00", "4: 2026-03-06|Completed|true"];
    assert_eq!(shown(&table), expected);
    assert!(table.found.notes[0].starts_with("3 cells with an error value"), "{:?}", table.found.notes);
    for (cell, expected) in [
        (binary_cell(7, 0, 0, &[9, 0, 0, 0]), "the text of a cell is missing"),
        (binary_cell(5, 0, 0, &[0; 4]), "the record of a cell is cut short"),
        (binary_cell(6, 0, 0, &[9, 0, 0, 0, 65, 0]), "a text in it is longer than its record"),
    ] {
        let error = read(&binary_book(&[binary_row(0), cell])).map(|table| shown(&table)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

const CONTENT: &str = r#"<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:calcext="c">"#;

fn open_document_with(sheets: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let content =
        format!("{CONTENT}<office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body></office:document-content>");
    let mut all = vec![
        ("mimetype".to_owned(), b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
        ("META-INF/manifest.xml".to_owned(), b"<manifest:manifest xmlns:manifest=\"m\"/>".to_vec()),
        ("content.xml".to_owned(), content.into_bytes()),
    ];
    all.extend(more.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())));
    zipped(&all)
}

/// The texts that cells with these attributes and contents become.
fn open_document_cells(cells: &[(&str, &str)]) -> Vec<String> {
    let row = |cell: &str| {
        format!(
            "<table:table-row>\n  {cell}<table:table-cell office:value-type=\"string\"><text:p>|</text:p></table:table-cell></table:table-row>"
        )
    };
    let head = row(r#"<table:table-cell office:value-type="string"><text:p>value</text:p></table:table-cell>"#);
    let cells: String =
        cells.iter().map(|(attributes, inside)| row(&format!("<table:table-cell {attributes}>{inside}</table:table-cell>"))).collect();
    let table = read(&open_document_with(&format!("<table:table table:name=\"S\">{head}{cells}</table:table>"), &[])).unwrap();
    let column = table.columns[0].as_ref().unwrap();
    (0..table.lines.len()).map(|row| column.get(row).unwrap_or("").to_owned()).collect()
}

#[test]
fn errors_of_an_open_document_are_errors() {
    let float = r#"table:formula="of:=1/0" office:value-type="float" office:value="0""#;
    let string = r#"table:formula="of:=X" office:value-type="string" office:string-value="""#;
    let error = |text: &str| format!("<text:p>{text}</text:p>");
    let texts = ["#DIV/0!", "#N/A", "#NAME?", "#REF!", "#NUM!", "#VALUE!", "#NULL!", "#NV", "#BEZUG!", "Err:502", "0"];
    let excel: Vec<(&str, String)> = texts.iter().map(|text| (float, error(text))).collect();
    let excel: Vec<(&str, &str)> = excel.iter().map(|(attributes, inside)| (*attributes, inside.as_str())).collect();
    let expected = ["#DIV/0!", "#N/A", "#NAME?", "#REF!", "#NUM!", "#VALUE!", "#NULL!", "#N/A", "#VALUE!", "#VALUE!", "0"];
    assert_eq!(open_document_cells(&excel), expected);
    let libre = format!(r#"{string} calcext:value-type="error""#);
    let uncalculated = portstatus::source::table::UNCALCULATED;
    let cells = [
        (libre.as_str(), "<text:p>#DIV/0!</text:p>", "#DIV/0!"),
        (r#"office:value-type="float" office:value="0""#, "<text:p>#N/A</text:p>", "#N/A"),
        (r#"office:value-type="float" office:value="7""#, "<text:p># 7</text:p>", "7"),
        (r#"office:value-type="string""#, "<text:p>#1 order</text:p>", "#1 order"),
        (r#"table:formula="of:=A1""#, "", uncalculated),
        (r#"table:formula="of:=A1""#, "<text:p/>", ""),
        (string, "<text:p/>", ""),
    ];
    let given: Vec<(&str, &str)> = cells.iter().map(|(attributes, inside, _)| (*attributes, *inside)).collect();
    assert_eq!(open_document_cells(&given), cells.map(|(.., expected)| expected));
}

#[test]
fn text_of_an_open_document_is_what_is_shown() {
    let string = r#"office:value-type="string""#;
    let cells = [
        (string, "\n  <text:p>one</text:p>\n  <text:p>two</text:p>\n", "one\ntwo"),
        (string, r#"<text:p>a<text:s/><text:s text:c="2"/>b<text:tab/>c<text:line-break/>d</text:p>"#, "a   b\tc\nd"),
        (string, "<text:p>a<text:span>b<text:a>c</text:a></text:span>&amp;&#x41;</text:p>", "abc&A"),
        (string, "<office:annotation><text:p>note</text:p></office:annotation><text:p>seen</text:p>", "seen"),
        (string, "<draw:frame><draw:text-box><text:p>box</text:p></draw:text-box></draw:frame><text:p>seen</text:p>", "seen"),
        (r#"office:value-type="percentage" office:value="0.5""#, "<text:p>50%</text:p>", "0.5"),
        (r#"office:value-type="boolean" office:boolean-value="true""#, "<text:p>WAHR</text:p>", "true"),
        (r#"office:value-type="string" office:string-value="whole""#, "<text:p>who</text:p>", "whole"),
    ];
    let given: Vec<(&str, &str)> = cells.iter().map(|(attributes, inside, _)| (*attributes, *inside)).collect();
    assert_eq!(open_document_cells(&given), cells.map(|(.., expected)| expected));
}

#[test]
fn sheets_and_rows_of_an_open_document_are_found() {
    let cell = |text: &str| format!(r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#);
    let row = |count: u32, cells: &str| format!(r#"<table:table-row table:number-rows-repeated="{count}">{cells}</table:table-row>"#);
    let wide = |count: u32, text: &str| cell(text).replacen("cell ", &format!(r#"cell table:number-columns-repeated="{count}" "#), 1);
    let source = r#"<table:table-source xlink:href="x.ods"/>"#;
    let sheets = format!(
        "<table:tracked-changes><table:x><table:table-cell/></table:x></table:tracked-changes>\
         <table:table table:name=\"'file:///x.ods'#S\">{source}{}</table:table>\
         <table:table table:name=\"S\"><table:table-column/><table:table-header-rows>{}</table:table-header-rows>{}\
         <table:table-row-group><table:table-row-group>{}</table:table-row-group></table:table-row-group>{}{}</table:table>",
        row(1, &cell("cached")),
        row(1, &(cell("a") + &cell("b"))),
        row(2, &wide(2, "x")),
        row(1, &(cell("in") + "<table:covered-table-cell/>" + &cell("group"))),
        row(4, ""),
        row(1_048_568, r#"<table:table-cell table:number-columns-repeated="16384"/>"#),
    );
    let macros = "<?xml version=\"1.0\"?><!DOCTYPE library:library PUBLIC \"x\" \"library.dtd\"><library:library/>";
    let table = read(&open_document_with(&sheets, &[("Basic/Standard/script-lb.xml", macros)])).unwrap();
    assert_eq!(table.found.sheets, ["S"]);
    assert_eq!(shown(&table), ["1: a|b|", "2: x|x|", "3: x|x|", "4: in||group"]);
    let bomb = format!("<table:table table:name=\"S\">{}</table:table>", row(1_000_000, &wide(16_000, "x")));
    let error = read(&open_document_with(&bomb, &[])).map(|table| table.lines.len()).unwrap_err().to_string();
    assert!(error.contains("it repeats cells more than"), "{error}");
    // Thousands of rows that say they are wide take no more than is sent of them.
    let repeated: String = (0..5_000).map(|_| row(1, &(cell("h") + &wide(500, "1")))).collect();
    assert_eq!(
        read(&open_document_with(&format!("<table:table table:name=\"S\">{repeated}</table:table>"), &[])).unwrap().lines.len(),
        4_999
    );
}

#[test]
fn open_documents_that_are_no_sheets_are_told() {
    let text = zipped(&[
        ("mimetype".to_owned(), b"application/vnd.oasis.opendocument.text".to_vec()),
        ("content.xml".to_owned(), b"<a/>".to_vec()),
    ]);
    let locked = open_document_with("", &[("encrypted-package", "x")]);
    for (bytes, expected) in [(text, "it is an OpenDocument file, but of the kind text"), (locked, "password-protected")] {
        let error = read(&bytes).map(|table| shown(&table)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_part_that_cells_need_is_never_missed() {
    let related = |data: &str, kind: &str, target: &str| {
        let mut all = members(&[Sheet("S", "visible", data)], "", "><si><t>x</t></si>");
        for (name, bytes) in &mut all {
            if name == "xl/_rels/workbook.xml.rels" {
                let relation = format!(r#"<Relationship Id="rId9" Type="{RELATIONS}/{kind}" Target="{target}"/></Relationships>"#);
                *bytes = String::from_utf8_lossy(bytes).replace("</Relationships>", &relation).into_bytes();
            }
        }
        all.retain(|(name, _)| !name.contains(kind));
        zipped(&all)
    };
    let plain = rows(1, &["a|b", "1|2"]);
    let dated = plain.clone() + r#"<row r="3"><c r="A3" s="1"><v>46085</v></c></row>"#;
    let shared = plain.clone() + r#"<row r="3"><c r="A3" t="s"><v>0</v></c></row>"#;
    let missing = |bytes: &[u8]| read(bytes).map(|table| shown(&table)).map_err(|error| error.to_string());
    for (data, kind, target) in [
        (&dated, "styles", "styles.xml"),
        (&shared, "sharedStrings", "/xl/sharedStrings.xml"),
        (&plain, "worksheet", "worksheets/sheet9.xml"),
    ] {
        let error = missing(&related(data, kind, target)).unwrap_err();
        assert!(error.contains("its part xl/") && error.contains(" is missing"), "{kind}: {error}");
    }
    // Some programs name parts that they did not need to write.
    for (kind, target) in [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml"), ("printerSettings", "p.bin")] {
        assert_eq!(missing(&related(&plain, kind, target)).unwrap(), ["1: a|b", "2: 1|2"], "{kind}");
    }
    // Sheets of other kinds do not stop their book.
    for kind in ["chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet"] {
        let mut all = members(&[Sheet("Other", "visible", ""), Sheet("S", "visible", &dated)], "", ">");
        for (_, bytes) in &mut all {
            let text = String::from_utf8_lossy(bytes).into_owned();
            *bytes = text
                .replacen(
                    &format!("{RELATIONS}/worksheet\" Target=\"worksheets/sheet1"),
                    &format!("{RELATIONS}/{kind}\" Target=\"others/sheet1"),
                    1,
                )
                .into_bytes();
        }
        all[0].0 = "xl/others/sheet1.xml".to_owned();
        let table = read(&zipped(&all)).unwrap();
        assert_eq!(table.found.sheets, ["S"], "{kind}");
        assert_eq!(shown(&table), ["1: a|b", "2: 1|2", "3: 2026-03-04|"], "{kind}");
    }
    // One bit of the name that the directory has turns the formats into a part that no one asks for.
    let mut flipped = book(&[Sheet("S", "visible", &dated)]);
    let place = flipped.windows(13).rposition(|window| window == b"xl/styles.xml").unwrap();
    flipped[place + 4] ^= 1;
    let error = missing(&flipped).unwrap_err();
    assert!(error.contains("its zip directory is damaged"), "{error}");
    assert_eq!(missing(&renamed(book(&[Sheet("S", "visible", &plain)]), "xl/styles.xml", "xl\\Styles.xml")).unwrap(), ["1: a|b", "2: 1|2"]);
}
