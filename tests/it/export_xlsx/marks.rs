//! The marks of late and rejected rows, worked out by LibreOffice, the notes on headers, and the names that formulas use.

use portstatus::domain::status::{Detail, Status};
use portstatus::report::Values;

use crate::export_xlsx::{export, member};
use crate::report::report;
use crate::report_fixture::{self, pairs, whole};
use crate::report_sections::rows;
use crate::tools;

#[test]
fn late_rows_are_bold_and_rejected_ones_shaded() {
    let report = report_fixture::report(300);
    let bytes = export(&report).0;
    let sheet = member(&bytes, "xl/worksheets/sheet1.xml");
    assert_eq!(sheet.matches("<conditionalFormatting sqref=\"A2:X301\">").count(), 1);
    assert_eq!(sheet.matches("<cfRule ").count(), 3);
    let styles = member(&bytes, "xl/styles.xml");
    let marks = styles.split_once("<dxfs").unwrap().1;
    assert!(marks.contains("<b/>") && marks.contains("FF9B1C1C") && marks.contains("FFFDE8D7"), "{marks}");
    if !tools::found("openpyxl") {
        return;
    }
    let folder = tools::folder("marks");
    let file = folder.join("report.xlsx");
    std::fs::write(&file, bytes).unwrap();
    // The formulas of the marks, one row each, as cells of a sheet that LibreOffice works out.
    let script = r#"
import openpyxl, sys
from openpyxl.formula.translate import Translator
book = openpyxl.load_workbook(sys.argv[1])
sheet = book["Numbers"]
rules = [rule for range in sheet.conditional_formatting for rule in range.rules]
del sheet.tables["Numbers"]
for place, rule in enumerate(rules):
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, 30 + place).value = Translator("=" + rule.formula[0], origin="AA2").translate_formula("AA%d" % row)
for other in book.sheetnames:
    if other != "Numbers":
        del book[other]
book.save(sys.argv[1])
print(len(rules))
"#;
    tools::run("python3", &["-c", script, file.to_str().unwrap()]);
    let Some(csv) = tools::convert(&file, "csv:Text - txt - csv (StarCalc):44,34,76", &folder) else {
        return;
    };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(csv).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let table = whole(&report.numbers);
    let days = |key: &str, row: usize| match &table.columns.iter().find(|column| column.key == key).unwrap().values {
        Values::Date(days) => days.get(row),
        _ => panic!("{key}"),
    };
    let (pairs, today, mut counts) = (pairs(), report.cover.as_of.days(), [0; 3]);
    for row in 0..300 {
        let (status, detail) = pairs[row % pairs.len()];
        let is_open = matches!(status, Some(Status::WaitingForYou | Status::Scheduled | Status::InProgress));
        let is_late = is_open && days("confirmed_date", row).or(days("estimated_date", row)).is_some_and(|day| day < today);
        let is_rejected = detail == Some(Detail::Rejected);
        for (place, expected) in [(0, is_late && is_rejected), (1, is_late), (2, is_rejected)] {
            assert_eq!(&rows[row + 1][29 + place] == "TRUE", expected, "row {row}, mark {place}: {:?}", &rows[row + 1][29 + place]);
            counts[place] += usize::from(expected);
        }
    }
    assert!(counts.iter().all(|count| (2..250).contains(count)), "{counts:?}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn headers_have_the_meanings_of_their_columns_as_notes_and_figures_have_names() {
    if !tools::found("openpyxl") {
        return;
    }
    let folder = tools::folder("names");
    let file = folder.join("report.xlsx");
    let report = report(&rows(), "");
    std::fs::write(&file, export(&report).0).unwrap();
    let script = r#"
import openpyxl, sys, json
book = openpyxl.load_workbook(sys.argv[1])
names = {}
for name, defined in book.defined_names.items():
    if name == "as_of_utc":
        names[name] = defined.value
        continue
    sheet, cell = defined.value.rsplit("!", 1)
    names[name] = book[sheet.strip("'")][cell.replace("$", "")].value
about = {}
for row in book["About"].iter_rows():
    about.setdefault(row[0].value, []).append(row[1].value or "")
assert set(names) | {"Numbers"} <= set(about), (names, list(about))
assert book["Numbers"].tables["Numbers"].displayName == "Numbers"
notes = {cell.value: cell.comment.text for cell in book["Numbers"][1]}
assert all(any(meaning and meaning in note for meaning in about[caption]) for caption, note in notes.items()), notes
assert "date has passed are bold" in notes["Status"]
assert all(cell.comment for cell in book["At risk"][1] if cell.value != "Why it is at risk")
print(json.dumps(names))
"#;
    let printed = tools::run("python3", &["-c", script, file.to_str().unwrap()]);
    let names: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&printed).unwrap();
    assert_eq!(names["numbers_all"].as_f64(), Some(report.cover.figures.rows as f64));
    for (status, count) in &report.cover.figures.by_status {
        let name = format!("numbers_{}", status.map_or("unknown", Status::code));
        assert_eq!(names[&name].as_f64(), Some(*count as f64), "{name}");
    }
    let instant = report.cover.as_of.utc().format("DATE(%-Y,%-m,%-d)+TIME(%-H,%-M,%-S)").to_string();
    assert_eq!(names["as_of_utc"], instant.as_str());
    std::fs::remove_dir_all(folder).unwrap();
}
