//! The OpenDocument spreadsheet as a package, in LibreOffice, and at its limits.

use std::io::{Cursor, Read};

use portstatus::export::{Options, format};
use portstatus::report::{LazyTable, Report};

use crate::report::report;
use crate::report_fixture::{self, whole};
use crate::report_sections::rows;
use crate::tools::{self, OfficeMacro};

fn export(report: &Report) -> Vec<u8> {
    let mut out = Vec::new();
    format("ods").unwrap().export(report, &Options::default(), &mut out).unwrap();
    out
}

#[test]
fn the_package_says_what_it_is_and_its_parts_are_xml() {
    let bytes = export(&report(&rows(), ""));
    // Stored, without an extra field: programs look for the type at this place.
    let kind = b"application/vnd.oasis.opendocument.spreadsheet";
    assert!(bytes[..4] == *b"PK\x03\x04" && bytes[8..10] == [0, 0] && bytes[28..30] == [0, 0], "{:?}", &bytes[..30]);
    assert_eq!((&bytes[30..38], &bytes[38..38 + kind.len()]), (&b"mimetype"[..], &kind[..]));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names, ["mimetype", "META-INF/manifest.xml", "meta.xml", "settings.xml", "styles.xml", "content.xml"]);
    let folder = tools::folder("ods-parts");
    for name in &names[1..] {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        assert!(!text.contains("table:formula") && !text.contains("xlink:href"), "{name}");
        let path = folder.join(name.replace('/', "-"));
        std::fs::write(&path, text).unwrap();
        if tools::found("xmllint") {
            tools::run("xmllint", &["--noout", path.to_str().unwrap()]);
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn libreoffice_finds_cells_filters_frozen_headers_and_pages() {
    let mut report = report_fixture::report(120);
    // LibreOffice shows a carriage return and a tab its own way; the other readers see them exactly.
    let mut table = whole(&report.numbers);
    table.columns.retain(|column| !["account_company", "reject_reason"].contains(&column.key.as_str()));
    report.numbers = report_fixture::lazy(table.clone());
    let folder = tools::folder("ods-office");
    let file = folder.join("report.ods");
    std::fs::write(&file, export(&report)).unwrap();
    let Some(csv) = tools::convert(&file, "csv:Text - txt - csv (StarCalc):44,34,76", &folder) else {
        return;
    };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(csv).unwrap();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 121);
    for (row, record) in records[1..].iter().enumerate() {
        for (cell, column) in record.iter().zip(&table.columns) {
            let wanted = report_fixture::shown(&column.values, row).unwrap_or_default();
            let is_instant = column.kind == portstatus::domain::columns::ColumnType::Instant;
            let wanted = if is_instant { wanted.replace('T', " ").replace('Z', "") } else { wanted };
            assert_eq!(cell, wanted, "row {row}, {}", column.key);
        }
    }
    let Some(book) = tools::convert(&file, "xlsx", &folder) else { return };
    if tools::found("openpyxl") {
        let script = r#"
import openpyxl, sys
book = openpyxl.load_workbook(sys.argv[1])
assert book.sheetnames[:2] == ["Numbers", "Summary"] and book.active.title == "Summary", book.sheetnames
sheet = book["Numbers"]
assert [table.autoFilter.ref for table in sheet.tables.values()] == ["A1:V121"], sheet.tables
assert sheet.print_title_rows == "$1:$1", sheet.print_title_rows
assert sheet.page_setup.orientation == "landscape" and sheet.sheet_properties.pageSetUpPr.fitToPage
assert sheet.page_setup.fitToWidth == 1 and sheet.page_setup.fitToHeight == 0
statuses = {row[1].value: row[1].fill.start_color.rgb for row in sheet.iter_rows(min_row=2)}
assert statuses["Scheduled"] == "FFDCEBFA" and len(set(statuses.values())) == 6, statuses
assert sheet["A2"].number_format == "@" and sheet["A2"].data_type == "s"
summary = {row[0].value: row[1].value for row in book["Summary"].iter_rows()}
assert summary["All numbers"] == 120, summary
"#;
        tools::run("python3", &["-c", script, book.to_str().unwrap()]);
    }
    // What is frozen is known only to whoever shows it.
    let told = folder.join("told.txt");
    OfficeMacro::new(&folder, LOOK).call(&format!("Look({},{})", file.display(), told.display()));
    assert_eq!(std::fs::read_to_string(told).unwrap().trim(), "Summary True 1 1");
    std::fs::remove_dir_all(folder).unwrap();
}

/// A macro that says which sheet is shown first, and where the first list is frozen.
const LOOK: &str = r#"
Sub Look(source, target)
  Dim reading(0) As New com.sun.star.beans.PropertyValue
  reading(0).Name = "Hidden"
  reading(0).Value = True
  document = StarDesktop.loadComponentFromURL(ConvertToURL(source), "_blank", 0, reading())
  controller = document.CurrentController
  text = controller.ActiveSheet.Name
  controller.setActiveSheet(document.Sheets.getByName("Numbers"))
  text = text & " " & controller.hasFrozenPanes() & " " & controller.getSplitColumn() & " " & controller.getSplitRow()
  file = FreeFile
  Open target For Output As #file
  Print #file, text
  Close #file
  document.close(True)
End Sub
"#;

#[test]
fn more_rows_than_a_sheet_holds_are_refused_with_the_number() {
    let mut report = report_fixture::report(3);
    report.numbers = LazyTable { rows: 1_048_576, ..report.numbers };
    let error = format("ods").unwrap().export(&report, &Options::default(), &mut Vec::new()).unwrap_err();
    let said = "ods, sheet Numbers: 1,048,576 rows do not fit; a sheet holds 1,048,575 below its header";
    assert!(error.code() == 65 && error.to_string().starts_with(said), "{error}");
}
