//! The OpenDocument spreadsheet as a package, in LibreOffice, and at its limits.

use std::io::{Cursor, Read};
use std::path::Path;

use portstatus::export::{Options, format};
use portstatus::report::{LazyTable, Report};

use crate::report::report;
use crate::report_fixture::{self, whole};
use crate::report_sections::rows;
use crate::tools::{self, OfficeMacro};

fn export(report: &Report) -> Vec<u8> {
    export_with(report, &Options::default())
}

fn export_with(report: &Report, options: &Options) -> Vec<u8> {
    let mut out = Vec::new();
    format("ods").unwrap().export(report, options, &mut out).unwrap();
    out
}

/// Rows that wait for the partner, one with a case number that no address holds as it is.
fn with_mails() -> Vec<u8> {
    let options = Options { porting_team_email: Some("porting+us@example.com".into()), ..Options::default() };
    export_with(&report_fixture::waiting(|row| (!row.is_multiple_of(4)).then(|| format!("Case & {row}/é"))), &options)
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
    let charts: Vec<String> = (1..=4).map(|chart| format!("Object {chart}/content.xml")).collect();
    let others = ["mimetype", "meta.xml", "settings.xml", "styles.xml", "content.xml"].map(str::to_owned);
    assert_eq!(names, [&others[..], &charts, &["META-INF/manifest.xml".to_owned()]].concat());
    let folder = tools::folder("ods-parts");
    for name in &names[1..] {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        assert!(!text.contains("table:formula"), "{name}");
        // Within the file, and to a mail: nothing of it is fetched.
        for link in text.split("xlink:href=\"").skip(1) {
            assert!(["#'", "./Object ", "..\""].iter().any(|start| link.starts_with(start)), "{name}: {}", &link[..20]);
        }
        let path = folder.join(name.replace('/', "-"));
        std::fs::write(&path, text).unwrap();
        if tools::found("xmllint") {
            tools::run("xmllint", &["--noout", path.to_str().unwrap()]);
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

/// Checks the parts of the file given against the schemas in the folder given, and prints how many are good. The schema of
/// OpenDocument is that of version 1.3, of which version 1.2, which the parts say they are, is a part: the number is changed.
const VALIDATE: &str = r#"
import pathlib, subprocess, sys, zipfile
jing = ["java", "-cp", sys.argv[1], "nu.validator.vendor.thaiopensource.relaxng.util.Driver", "-i", "-c"]
schemas, out = map(pathlib.Path, sys.argv[2:4])
def check(schema, parts):
    done = subprocess.run(jing + [str(schemas / schema)] + [str(part) for part in parts], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr
parts = []
with zipfile.ZipFile(sys.argv[4]) as package:
    for name in package.namelist():
        part = out / name.replace("/", "-")
        part.write_bytes(package.read(name).replace(b' office:version="1.2"', b' office:version="1.3"'))
        if name.endswith(".xml") and "META" not in name:
            parts.append(part)
for schema, files in [("OpenDocument-schema-v1.3.rnc", parts), ("od-manifest-schema-v1.2-os.rnc", [out / "META-INF-manifest.xml"])]:
    code, said = check(schema, files)
    assert code == 0 and not said, said
# A check that finds nothing wrong must be able to find something.
bad = out / "bad.xml"
bad.write_bytes((out / "content.xml").read_bytes().replace(b"<table:table-row>", b"<table:table-rows>", 1).replace(b"</table:table-row>", b"</table:table-rows>", 1))
code, said = check("OpenDocument-schema-v1.3.rnc", [bad])
assert code != 0 and "table-rows" in said, said
print(len(parts))
"#;

#[test]
fn every_part_is_what_the_schema_of_the_standard_says() {
    let empty = report(&rows(), "accounts = ['nobody']");
    let mut days_first = report(&rows(), "");
    days_first.words.dates = portstatus::domain::date::text::DateStyle::DayFirst;
    for (name, bytes, charts) in [
        ("usual", export(&report(&rows(), "")), 4),
        ("hostile", export(&report_fixture::report(120)), 2),
        ("mails", with_mails(), 2),
        ("day-first", export(&days_first), 4),
        ("empty", export(&empty), 1),
    ] {
        let folder = tools::folder("ods-schema");
        let file = folder.join(format!("{name}.ods"));
        std::fs::write(&file, bytes).unwrap();
        if tools::found("odf-schema") && tools::found("vnu") {
            let (jar, schemas) = (tools::node_module("vnu-jar/build/dist/vnu.jar"), tools::open_document_schemas());
            let paths = [&jar, &schemas, &folder, &file].map(|path| path.to_str().unwrap());
            let good = tools::run("python3", &[&["-c", VALIDATE][..], &paths].concat());
            assert_eq!(good.trim(), (4 + charts).to_string(), "{name}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}

/// What openpyxl prints, with `script`, of what LibreOffice makes of the spreadsheet in a workbook.
fn in_libreoffice(bytes: &[u8], name: &str, script: &str) -> Option<String> {
    let folder = tools::folder(name);
    let file = folder.join("report.ods");
    std::fs::write(&file, bytes).unwrap();
    let said = tools::convert(&file, "xlsx", &folder).filter(|_| tools::found("openpyxl")).map(|book: std::path::PathBuf| {
        let script = format!("import openpyxl, re, sys, urllib.parse\nbook = openpyxl.load_workbook(sys.argv[1])\n{script}");
        tools::run("python3", &["-c", &script, Path::to_str(&book).unwrap()])
    });
    std::fs::remove_dir_all(folder).unwrap();
    said
}

#[test]
fn counts_lists_and_names_of_sheets_lead_to_what_they_are_about() {
    let script = r##"
def places(sheet):
    return [(row[0].value, re.fullmatch(r"'(.+)'!A(\d+)", row[0].hyperlink.location).groups()) for row in book[sheet].iter_rows() if row[0].hyperlink]
captions = ["Waiting for You", "Scheduled", "In Progress", "Completed", "Canceled", "(unknown)"]
numbers = list(book["Numbers"].iter_rows(values_only=True))
status = numbers[0].index("Status")
first = {}
for row, cells in enumerate(numbers[1:], 2):
    first.setdefault(cells[status], row)
counts = {label: int(row) for label, (sheet, row) in places("Summary") if sheet == "Numbers"}
assert counts == first and set(counts) <= set(captions), (counts, first)
lists = {sheet for _, (sheet, row) in places("Summary") if sheet != "Numbers" and row == "1"}
assert {"At risk", "Data quality", "Waiting for You", "Ready to assign"} <= lists, lists
about = {label: (sheet, row) for label, (sheet, row) in places("About") if label == sheet}
assert set(about) == {sheet for sheet in book.sheetnames if sheet not in ("Summary", "About")}, about
followed = 0
for sheet in ("At risk", "Waiting for You", "Data quality"):
    for label, (target, row) in places(sheet):
        assert target == "Numbers" and numbers[int(row) - 1][0] == label, (sheet, label, row)
        followed += 1
assert not any(cell.hyperlink for row in book["Numbers"].iter_rows() for cell in row)
print(followed)
"##;
    let followed = in_libreoffice(&export(&report(&rows(), "")), "ods-links", script);
    assert!(followed.is_none_or(|followed| followed.trim().parse::<u32>().unwrap() > 5));
    let script = r#"
to = {row[0].value: row[0].hyperlink.location for row in book["About"].iter_rows() if row[0].hyperlink}
assert to["Waiting for You"] == "'Waiting for You'!A1", to
print(book["Waiting for You"]["A4"].value)
"#;
    let said = in_libreoffice(&export(&report(&rows(), "accounts = ['9']")), "ods-empty-list", script);
    assert!(said.is_none_or(|said| said.trim() == "No number is waiting for you."));
}

#[test]
fn rows_that_wait_lead_to_a_mail_from_a_cell_that_stays_text() {
    let script = r#"
sheet = book["Waiting for You"]
case = [cell.value for cell in sheet[1]].index("FP Case Number")
mails = 0
for row in sheet.iter_rows(min_row=2):
    linked = [cell for cell in row if cell.hyperlink and cell.hyperlink.target]
    assert len(linked) == 1 and linked[0].column > 1 and linked[0].data_type == "s", linked
    assert linked[0].column == case + 1 or not row[case].value
    url = urllib.parse.urlparse(linked[0].hyperlink.target)
    assert url.scheme == "mailto" and urllib.parse.unquote(url.path) == "porting+us@example.com", url
    subject = urllib.parse.parse_qs(url.query, strict_parsing=True)["subject"][0]
    assert subject.startswith("Case %s, number " % (row[case].value or "")), subject
    mails += 1
print(mails)
"#;
    let mails = in_libreoffice(&with_mails(), "ods-mails", script);
    assert!(mails.is_none_or(|mails| mails.trim() == "30"));
}

#[test]
fn charts_draw_the_figures_that_stand_in_the_sheets() {
    let script = r##"
def cells(reference):
    sheet, area = re.fullmatch(r"'?([^'!]+)'?!(.+)", reference).groups()
    area = book[sheet][area.replace("$", "")]
    return [row[0].value for row in area] if isinstance(area, tuple) else [area.value]
drawn = []
for chart in book["Summary"]._charts:
    title = "".join(run.t for paragraph in chart.title.tx.rich.p for run in paragraph.r)
    labels = cells((chart.series[0].cat.strRef or chart.series[0].cat.numRef).f)
    sums = [sum(values) for values in zip(*(cells(series.val.numRef.f) for series in chart.series))]
    drawn.append((title, chart.barDir, chart.grouping, len(chart.series), len(labels), sums == list(map(int, sums)) and sum(sums)))
    if title == "Numbers by status":
        table = {row[0].value: row[1].value for row in book["Summary"].iter_rows(max_row=20)}
        assert labels[0] == "Waiting for You" and sums == [table[label] for label in labels], (labels, sums)
        colours = [point.spPr.solidFill.srgbClr for point in chart.series[0].dPt]
        assert len(set(colours)) == len(labels), colours
for line in drawn:
    print(*line, sep="|")
"##;
    let drawn = in_libreoffice(&export(&report(&rows(), "")), "ods-charts", script);
    assert!(drawn.is_none_or(|drawn| {
        let lines: Vec<&str> = drawn.lines().collect();
        assert!(lines.len() == 4 && lines[0].starts_with("Numbers by status|bar|clustered|1|"), "{drawn}");
        assert!(lines[1].starts_with("Upcoming ports|col|clustered|1|") && lines[2].contains("|bar|stacked|5|"), "{drawn}");
        lines.iter().all(|line| !line.ends_with("|0") && !line.ends_with("False"))
    }));
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
