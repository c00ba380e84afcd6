//! The documents for programs: their sections, their schemas, and what they keep from terminals. Each is checked by programs that
//! did not write it.

use std::collections::BTreeMap;
use std::fs::{self, File};

use portstatus::domain::columns::ColumnType;
use portstatus::export::read_back::prove;
use portstatus::export::{Exporter, Options, format};
use portstatus::report::{Content, Report, SectionId};
use serde_json::Value;

use crate::edge_cases::hostile_strings;
use crate::export_formats::samples::SAMPLES;
use crate::report_fixture;
use crate::tools::{self, folder, saved};

fn written(name: &str, report: &Report) -> Vec<u8> {
    let mut out = Vec::new();
    of(name).export(report, &Options::default(), &mut out).unwrap();
    out
}

fn of(name: &str) -> &'static dyn Exporter {
    format(name).unwrap()
}

fn sample(name: &str) -> Report {
    (SAMPLES.iter().find(|(sample, _)| *sample == name).unwrap().1)()
}

/// The rows of the sections that hold data, in order: of each its id, rows and totals.
fn sections(report: &Report) -> Vec<(String, usize, usize)> {
    let is_data = |id: SectionId| id.holds_data() && id != SectionId::Numbers;
    let section = |section: &portstatus::report::Section| {
        let (rows, totals) = match &section.content {
            Content::Rows(table) => (table.rows - table.totals, table.totals),
            Content::Table { table, totals } => (table.rows - totals, *totals),
            _ => (0, 0),
        };
        (section.id.code().to_owned(), rows, totals)
    };
    report.sections.iter().filter(|section| is_data(section.id)).map(section).collect()
}

#[test]
fn a_document_has_every_section_with_data_in_its_order() {
    for (sample, make) in SAMPLES {
        let report = make();
        let document: Value = serde_json::from_slice(&written("json", &report)).unwrap();
        let length = |section: &Value, key: &str| section[key].as_array().unwrap().len();
        let found = document["sections"].as_array().unwrap().iter();
        let found: Vec<_> =
            found.map(|section| (section["id"].as_str().unwrap().to_owned(), length(section, "rows"), length(section, "totals"))).collect();
        assert_eq!(found, sections(&report), "{sample}");
        assert!(report.numbers.rows == 0 || found.len() > 8, "{sample}: {found:?}");
        let figures = &document["figures"];
        assert_eq!(figures["numbers"], report.cover.figures.rows, "{sample}");
        let by_status: u64 = figures["by_status"].as_array().unwrap().iter().map(|line| line["numbers"].as_u64().unwrap()).sum();
        assert_eq!(by_status, report.cover.figures.rows, "{sample}");
        assert_eq!(document["cover"]["title"], report.cover.title.as_str(), "{sample}");
    }
}

#[test]
fn figures_and_lists_have_codes_and_types() {
    let document: Value = serde_json::from_slice(&written("json", &sample("every-status"))).unwrap();
    let section = |id: &str| document["sections"].as_array().unwrap().iter().find(|section| section["id"] == id).unwrap().clone();
    let by_status = section("by_status");
    assert_eq!(by_status["rows"][0]["status"], "waiting_for_you");
    assert!(by_status["rows"][0]["share"].is_f64() && by_status["rows"][0]["numbers"].is_u64(), "{by_status}");
    assert_eq!(by_status["totals"][0]["status"], "All numbers");
    let by_account = section("by_account");
    let keys: Vec<&str> = by_account["columns"].as_array().unwrap().iter().map(|column| column["key"].as_str().unwrap()).collect();
    let counts = ["waiting_for_you", "scheduled", "in_progress", "completed", "canceled", "unknown", "numbers"];
    assert_eq!(keys, ["account_id", "account_company"].iter().chain(&counts).copied().collect::<Vec<_>>());
    let waiting = section("waiting_for_you");
    assert!(waiting["rows"].as_array().unwrap().iter().all(|row| row["age_business_days"].is_null() && row["phone_number"].is_string()));
}

#[test]
fn xml_holds_what_json_does() {
    if !tools::found("python3") {
        return;
    }
    let script = r#"
import json, sys, xml.etree.ElementTree as tree
space = "{urn:portstatus:report:1}"
root, document = tree.parse(sys.argv[2]).getroot(), json.load(open(sys.argv[1], encoding="utf-8"))
def replaced(text):
    return "".join("\ufffd" if ord(c) < 32 and c not in "\t\n\r" or ord(c) in (0xfffe, 0xffff) else c for c in text)
def shown(value):
    return "" if value is None else {True: "true", False: "false"}[value] if type(value) is bool else replaced(str(value))
def rows(element, name, columns):
    of = lambda row: {cell.tag.removeprefix(space): cell.text for cell in row}
    found = [of(row) for row in element.findall(space + name)]
    return [[row.get(column["key"], "") for column in columns] for row in found]
def check(element, section):
    columns = section["columns"]
    assert [column.attrib for column in element.findall(space + "column")] == columns, section["columns"]
    for name, key in (("row", "rows"), ("total", "totals")):
        expected = [[shown(row[column["key"]]) for column in columns] for row in section.get(key, [])]
        expected = [[format(float(cell), "f") if column["type"] == "share" and cell else cell for cell, column in zip(row, columns)] for row in expected]
        got = [[format(float(cell), "f") if column["type"] == "share" and cell else cell for cell, column in zip(row, columns)] for row in rows(element, name, columns)]
        assert got == expected, (section.get("id"), name)
elements = root.findall(space + "section")
assert [element.get("id") for element in elements] == [section["id"] for section in document["sections"]]
for element, section in zip(elements, document["sections"]):
    assert element.get("heading") == section["heading"] and element.get("explanation", "") == section["explanation"]
    check(element, section)
check(root.find(space + "numbers"), document["numbers"])
figures = document["figures"]
counts = lambda name: [{key: value for key, value in line.attrib.items()} for line in root.find(space + "figures").findall(space + name)]
for name, key in (("by_status", "by_status"), ("by_detail", "by_detail"), ("quality_flag", "quality_flags"), ("waiting_account", "waiting_accounts")):
    assert counts(name) == [{key: shown(value) for key, value in line.items() if value is not None} for line in figures[key]], name
cover = root.find(space + "cover")
for key in ("title", "as_of", "operator", "order", "oldest_change", "notice"):
    assert cover.findtext(space + key) == (document["cover"][key] and shown(document["cover"][key])), key
assert [source.text for source in cover.findall(space + "source")] == [shown(source) for source in document["cover"]["sources"]]
print("same", sum(len(section["rows"]) for section in document["sections"]))
"#;
    for (sample, make) in SAMPLES {
        let report = make();
        let (json, xml) = (saved("report.json", &written("json", &report)), saved("report.xml", &written("xml", &report)));
        let said = tools::run("python3", &["-c", script, json.to_str().unwrap(), xml.to_str().unwrap()]);
        assert!(said.starts_with("same"), "{sample}: {said}");
    }
}

#[test]
fn documents_are_as_their_schemas_say() {
    let place = folder("schemas");
    for name in ["json", "jsonl", "xml"] {
        fs::write(place.join(format!("{name}.schema")), of(name).schema().unwrap()).unwrap();
    }
    for (sample, make) in SAMPLES {
        let report = make();
        for name in ["json", "jsonl", "xml"] {
            fs::write(place.join(format!("{sample}.{name}")), written(name, &report)).unwrap();
        }
        if tools::found("xmllint") {
            let (schema, file) = (place.join("xml.schema"), place.join(format!("{sample}.xml")));
            tools::run("xmllint", &["--noout", "--schema", schema.to_str().unwrap(), file.to_str().unwrap()]);
        }
    }
    if tools::found("jsonschema") {
        let script = r#"
import json, pathlib, sys
from jsonschema import Draft202012Validator as Validator
place = pathlib.Path(sys.argv[1])
whole, line = (json.loads((place / name).read_text(encoding="utf-8")) for name in ("json.schema", "jsonl.schema"))
for schema in (whole, line):
    Validator.check_schema(schema)
lines = 0
for path in sorted(place.glob("*.json")):
    document = json.loads(path.read_text(encoding="utf-8"))
    document["numbers"]["rows"] = document["numbers"]["rows"][:500]
    Validator(whole).validate(document)
for path in sorted(place.glob("*.jsonl")):
    for text in path.read_text(encoding="utf-8").split("\n")[:500]:
        if text:
            Validator(line).validate(json.loads(text))
            lines += 1
wrong = {"status": "Scheduled"}, {"colour": "red"}, {"confirmed_date": "1/2/2026"}, {"overdue": "yes"}, {"quality_count": "3"}
assert not any(Validator(line).is_valid(row) for row in wrong)
print(lines)
"#;
        let lines: u64 = tools::run("python3", &["-c", script, place.to_str().unwrap()]).trim().parse().unwrap();
        assert!(lines > 500, "{lines} lines");
    }
    fs::remove_dir_all(place).unwrap();
}

#[test]
fn parquet_columns_have_the_types_that_are_documented() {
    let described: Value = serde_json::from_str(&of("parquet").schema().unwrap()).unwrap();
    let documented = described["columns"].as_array().unwrap().iter().map(|column| {
        let text = |key: &str| column[key].as_str().unwrap().to_owned();
        (text("key"), (text("physical_type"), text("logical_type")))
    });
    let documented: BTreeMap<String, (String, String)> = documented.collect();
    let report = sample("widest");
    let path = saved("widest.parquet", &written("parquet", &report));
    if !tools::found("pyarrow") {
        return;
    }
    let script = r#"
import json, pyarrow.parquet, sys
file = pyarrow.parquet.ParquetFile(sys.argv[1])
columns = [file.schema.column(index) for index in range(len(file.schema))]
group = file.metadata.row_group(0)
encodings = [sorted(group.column(index).encodings) for index in range(len(columns))]
print(json.dumps([[column.name, column.physical_type, json.loads(column.logical_type.to_json()), encoding] for column, encoding in zip(columns, encodings)]))
"#;
    let found: Vec<(String, String, Value, Vec<String>)> =
        serde_json::from_str(&tools::run("python3", &["-c", script, path.to_str().unwrap()])).unwrap();
    assert_eq!(found.len(), report.numbers.columns.len());
    for (name, physical, logical, encodings) in found {
        let (expected, expected_logical) = &documented[&name];
        assert_eq!(&physical, expected, "{name}");
        let kind = logical["Type"].as_str().unwrap();
        let said = match kind {
            "Date" => "DATE".to_owned(),
            "String" => "STRING".to_owned(),
            "None" => String::new(),
            _ => {
                let (is_utc, unit) = (&logical["isAdjustedToUTC"], if logical["timeUnit"] == "milliseconds" { "MILLIS" } else { "MICROS" });
                format!("{}(isAdjustedToUTC={is_utc}, unit={unit})", kind.to_uppercase())
            }
        };
        assert_eq!(&said, expected_logical, "{name}");
        let is_listed = portstatus::domain::columns::column(&name).unwrap().is_closed_list();
        assert!(!is_listed || encodings.iter().any(|encoding| encoding.contains("DICTIONARY")), "{name}: {encodings:?}");
    }
}

#[test]
fn a_dictionary_holds_nothing_that_its_rows_do_not() {
    let mut report = report_fixture::report(40);
    let terms = report_fixture::template().column("status").unwrap().terms;
    let only = |row: usize| row.is_multiple_of(2).then_some("completed");
    let values = report_fixture::terms("status", 40, only);
    assert!(terms.len() > 5);
    let column = report_fixture::column("status", "Status", ColumnType::Status, 10.0, values);
    report.numbers = report_fixture::lazy(portstatus::report::Table { rows: 40, columns: vec![column] });
    let bytes = written("parquet", &report);
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("completed") && !holds("waiting_for_you") && !holds("scheduled"));
}

#[test]
fn a_finished_file_is_proved_to_hold_its_rows_and_no_others() {
    for (sample, make) in SAMPLES {
        let report = make();
        for name in ["csv", "json", "jsonl", "xml", "parquet"] {
            let path = saved(&format!("{sample}.{name}"), &written(name, &report));
            let proof = prove(of(name), &mut File::open(path).unwrap(), &report, &Options::default(), "account_id");
            assert!(proof.is_ok(), "{sample} as {name}: {proof:?}");
        }
    }
    let (report, other) = (report_fixture::report(600), report_fixture::report(599));
    let mut swapped = report_fixture::draft(600);
    let column = swapped.numbers.columns.iter_mut().find(|column| column.key == "account_id").unwrap();
    column.values = report_fixture::texts(600, |row| Some(format!("{:07}", if row == 577 { 1 } else { row % 997 })));
    let swapped = swapped.report();
    for name in ["csv", "json", "jsonl", "xml", "parquet"] {
        for (written_of, what) in [(&other, "599 rows"), (&swapped, "row 578")] {
            let path = saved(&format!("other.{name}"), &written(name, written_of));
            let error = prove(of(name), &mut File::open(path).unwrap(), &report, &Options::default(), "account_id").unwrap_err();
            assert!(error.to_string().contains(what), "{name}: {error}");
        }
    }
}

#[test]
fn nothing_in_a_text_reaches_a_terminal_as_a_command() {
    let mut strings = hostile_strings();
    strings.extend(
        ["\u{1b}[2J\u{1b}]0;owned\u{7}", "\u{9b}31m", "\u{85}next", "del \u{7f}", "line\u{2028}separator", "\u{202e}gnp.exe"]
            .map(str::to_owned),
    );
    strings.extend(["]]>", "<![CDATA[", "&amp;", "\"", "'", "\\", "\\u0041", "</row>", "<!--", "%entity;"].map(str::to_owned));
    let mut report = report_fixture::report(0);
    let values = report_fixture::texts(strings.len(), |row| Some(strings[row].clone()));
    let column = report_fixture::column("location", "Caption \u{1b}[31m", ColumnType::Text, 10.0, values);
    report.numbers = report_fixture::lazy(portstatus::report::Table { rows: strings.len(), columns: vec![column] });
    report.cover.operator = "\u{1b}[31mAcme\u{9b}".into();
    for name in ["json", "jsonl", "xml", "table"] {
        assert!(of(name).is_text());
        let text = String::from_utf8(written(name, &report)).unwrap();
        let mut obeyed = text.chars().filter(|letter| letter.is_control() && !matches!(letter, '\n' | '\t'));
        assert_eq!(obeyed.next(), None, "{name}");
    }
    let lines = String::from_utf8(written("jsonl", &report)).unwrap();
    let found: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["location"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(found, strings);
    let xml = saved("hostile.xml", &written("xml", &report));
    if tools::found("xmllint") {
        tools::run("xmllint", &["--noout", xml.to_str().unwrap()]);
    }
    let mut out = Vec::new();
    let notes = of("xml").export(&report, &Options::default(), &mut out).unwrap().notes;
    assert!(notes.len() == 1 && notes[0].contains("that XML does not allow; each of them is replaced by U+FFFD"), "{notes:?}");
}

#[test]
fn a_table_is_even_and_figures_stand_at_the_right() {
    let column = report_fixture::column;
    let text = |cells: &'static [&'static str]| report_fixture::texts(cells.len(), |row| Some(cells[row].to_owned()));
    let counts = portstatus::report::Values::counts([7, 12_345, 100]);
    let mut report = report_fixture::report(0);
    report.numbers = report_fixture::lazy(portstatus::report::Table {
        rows: 3,
        columns: vec![
            column("phone_number", "Phone", ColumnType::Phone, 10.0, text(&["+15551234567", "+1", ""])),
            column("age", "Age", ColumnType::Count, 10.0, counts),
            column("company", "Company", ColumnType::Text, 10.0, text(&["東京", "a\u{1b}[31mb", "e\u{301}clair"])),
            column("last", "Last", ColumnType::Text, 10.0, text(&["x", "", "y"])),
        ],
    });
    let text = String::from_utf8(written("table", &report)).unwrap();
    let expected = "\
Phone           Age  Company       Last
------------  -----  ------------  ----
+15551234567      7  東京          x
+1            12345  a\\u{1b}[31mb
                100  e\u{301}clair        y
";
    assert_eq!(text, expected);
}
