//! The workbook in the hands of openpyxl, LibreOffice and two validators. Skips, loudly, what is not installed.

use std::io::{Cursor, Read};

use portstatus::domain::columns::ColumnType;

use crate::export_xlsx::export;
use crate::report_fixture::{self, whole};
use crate::tools;

#[test]
fn openpyxl_finds_text_dates_and_no_formula() {
    if !tools::found("openpyxl") {
        return;
    }
    let folder = tools::folder("openpyxl");
    let file = folder.join("report.xlsx");
    std::fs::write(&file, export(&report_fixture::report(300)).0).unwrap();
    let script = r#"
import openpyxl, sys, datetime
book = openpyxl.load_workbook(sys.argv[1])
assert book.active.title == "Summary", book.active.title
cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
assert not any(cell.data_type == "f" or cell.hyperlink and cell.hyperlink.target for cell in cells)
sheet = book["Numbers"]
assert sheet.tables["Numbers"].ref == "A1:X301" and sheet.tables["Numbers"].autoFilter.ref == "A1:X301"
assert sheet.freeze_panes == "B2" and sheet.print_title_rows == "$1:$1" and not sheet.merged_cells.ranges
phones, statuses = [row[0] for row in sheet.iter_rows(min_row=2)], [row[1] for row in sheet.iter_rows(min_row=2)]
assert all(cell.data_type == "s" and cell.quotePrefix and cell.number_format == "@" for cell in phones)
fills = {cell.value: cell.fill.start_color.rgb for cell in statuses if cell.value}
assert len(set(fills.values())) == 6 and fills["Scheduled"] == "FFDCEBFA", fills
assert isinstance(sheet["K2"].value, datetime.datetime) and sheet["K2"].number_format == "yyyy-mm-dd"
assert {type(row[12].value) for row in sheet.iter_rows(min_row=2)} == {datetime.time, type(None)}
assert {row[12].number_format for row in sheet.iter_rows(min_row=2) if row[12].value} == {"hh:mm", "hh:mm:ss"}
assert all(letter.width >= 8 for letter in sheet.column_dimensions.values())
assert book["Summary"]._charts and len(book["Summary"]._charts) == 2
"#;
    tools::run("python3", &["-c", script, file.to_str().unwrap()]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn libreoffice_reads_the_same_cells() {
    let mut report = report_fixture::report(300);
    // LibreOffice shows a carriage return and a tab its own way; the other readers see them exactly.
    let mut table = whole(&report.numbers);
    table.columns.retain(|column| !["account_company", "reject_reason"].contains(&column.key.as_str()));
    report.numbers = report_fixture::lazy(table.clone());
    let folder = tools::folder("office");
    let file = folder.join("report.xlsx");
    std::fs::write(&file, export(&report).0).unwrap();
    let Some(csv) = tools::convert(&file, "csv:Text - txt - csv (StarCalc):44,34,76", &folder) else {
        return;
    };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(csv).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 301);
    for (row, record) in rows[1..].iter().enumerate() {
        for (cell, column) in record.iter().zip(&table.columns) {
            let mut wanted = report_fixture::shown(&column.values, row).unwrap_or_default();
            if matches!(column.kind, ColumnType::Instant) {
                wanted = wanted.replace('T', " ").replace('Z', "");
            }
            assert_eq!(cell, wanted, "row {row}, {}", column.key);
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// Every part is XML to xmllint, the package is sound to openxml-audit and to unzip, and nothing points outside it.
pub fn validate(bytes: &[u8], name: &str) {
    let folder = tools::folder(name);
    let file = folder.join("report.xlsx");
    std::fs::write(&file, bytes).unwrap();
    if tools::found("openxml-audit") {
        tools::run("openxml-audit", &[file.to_str().unwrap()]);
    }
    let mut parts = vec!["--noout".to_owned()];
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        let (external, mails) = (text.matches("TargetMode=\"External\"").count(), text.matches("Target=\"mailto:").count());
        assert_eq!(external, mails, "part {index}");
        let path = folder.join(format!("{index}.xml"));
        std::fs::write(&path, text).unwrap();
        parts.push(path.display().to_string());
    }
    if tools::found("xmllint") {
        tools::run("xmllint", &parts.iter().map(String::as_str).collect::<Vec<_>>());
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn accounts_and_ages_are_drawn_by_status() {
    let bytes = export(&crate::report::report(&crate::report_sections::rows(), "")).0;
    validate(&bytes, "stacked");
    if !tools::found("openpyxl") {
        return;
    }
    let folder = tools::folder("stacked-charts");
    let file = folder.join("report.xlsx");
    std::fs::write(&file, bytes).unwrap();
    let script = r#"
import openpyxl, sys
book = openpyxl.load_workbook(sys.argv[1])
charts = [chart for chart in book["Summary"]._charts if chart.tagname == "barChart" and chart.grouping == "stacked"]
assert len(charts) == 2 and len(book["Summary"]._charts) == 4, charts
for chart, sheet, series in zip(charts, ("By account", "Ageing"), (5, 3)):
    assert len(chart.series) == series and chart.overlap == 100, (len(chart.series), chart.overlap)
    headers = {cell.column_letter: cell.value for cell in book[sheet][1]}
    for one in chart.series:
        name, values = one.tx.strRef.f, one.val.numRef.f
        assert name.startswith("'%s'!$" % sheet) or name.startswith("%s!$" % sheet), name
        letter = name.rsplit("$", 2)[1]
        assert headers[letter] in ("Waiting for You", "Scheduled", "In Progress", "Completed", "Canceled"), headers[letter]
        first, last = values.rsplit("!", 1)[1].replace("$", "").split(":")
        assert first == letter + "2" and all(isinstance(book[sheet][cell].value, (int, float)) for cell in (first, last)), values
"#;
    tools::run("python3", &["-c", script, file.to_str().unwrap()]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_whole_report_is_sound() {
    validate(&export(&report_fixture::report(300)).0, "whole");
    validate(&export(&report_fixture::report(0)).0, "empty");
}
