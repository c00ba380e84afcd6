//! Programs that read the formats for programs, and give back their cells as text.

use std::path::Path;

use portstatus::domain::columns::ColumnType;
use portstatus::report::Report;
use serde_json::Value;

use crate::export_formats::readers::{Cells, python};
use crate::export_formats::samples::shown;

/// The rows that a script prints, the first of which are the keys of the columns, and the second their captions.
fn keyed(rows: Option<Vec<Vec<Value>>>, report: &Report) -> Option<Cells> {
    let texts = |row: Vec<Value>| row.into_iter().map(|cell| cell.as_str().unwrap().to_owned()).collect::<Vec<String>>();
    let mut rows = rows?.into_iter().map(texts);
    let keys: Vec<String> = report.numbers.columns.iter().map(|column| column.key.clone()).collect();
    assert_eq!(rows.next().unwrap(), keys, "keys");
    Some(Cells { captions: rows.next(), rows: rows.collect() })
}

/// What all scripts begin with: a cell as text, after a look at its type.
const TEXT: &str = r#"
import datetime, json, re, sys
def text(value, kind):
    if value is None:
        return ""
    shapes = {"date": r"\d{4}-\d\d-\d\d", "time": r"\d\d:\d\d:\d\d", "instant": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z"}
    if kind == "boolean":
        assert value is True or value is False, (value, kind)
        return "true" if value else "false"
    if kind == "count":
        assert type(value) is int, (value, kind)
        return str(value)
    assert type(value) is str and value != "", (value, kind)
    assert re.fullmatch(shapes.get(kind, "(?s).*"), value), (value, kind)
    return value
"#;

pub fn json_document(path: &Path, report: &Report) -> Option<Cells> {
    let script = format!(
        "{TEXT}{}",
        r#"
def unique(pairs):
    assert len({key for key, _ in pairs}) == len(pairs), pairs
    return dict(pairs)
document = json.load(open(sys.argv[1], encoding="utf-8"), object_pairs_hook=unique)
assert document["format"] == "portstatus-report" and document["version"] == 1
assert list(document) == ["format", "version", "cover", "figures", "sections", "numbers"]
columns = document["numbers"]["columns"]
rows = document["numbers"]["rows"]
assert all(list(row) == [column["key"] for column in columns] for row in rows)
cells = [[text(row[column["key"]], column["type"]) for column in columns] for row in rows]
print(json.dumps([[column["key"] for column in columns], [column["caption"] for column in columns]] + cells))
"#
    );
    keyed(python("python3", &script, path), report)
}

/// The types of the columns are not in the lines.
pub fn json_lines(path: &Path, report: &Report) -> Option<Cells> {
    let script = format!(
        "{TEXT}{}",
        r#"
def any_text(value):
    return text(value, {bool: "boolean", int: "count"}.get(type(value), "text"))
lines = open(sys.argv[1], encoding="utf-8", newline="").read().split("\n")
assert lines.pop() == ""
rows = [json.loads(line) for line in lines]
print(json.dumps([[[key, any_text(value)] for key, value in row.items()] for row in rows]))
"#
    );
    let keys: Vec<&str> = report.numbers.columns.iter().map(|column| column.key.as_str()).collect();
    let rows = python("python3", &script, path)?;
    let cells = |row: Vec<Value>| {
        let (found, cells): (Vec<String>, Vec<String>) =
            row.into_iter().map(|pair| serde_json::from_value::<(String, String)>(pair).unwrap()).unzip();
        assert_eq!(found, keys, "keys");
        cells
    };
    Some(Cells { captions: None, rows: rows.into_iter().map(cells).collect() })
}

pub fn element_tree(path: &Path, report: &Report) -> Option<Cells> {
    let script = format!(
        "{TEXT}{}",
        r#"
import xml.etree.ElementTree as tree
space = "{urn:portstatus:report:1}"
root = tree.parse(sys.argv[1]).getroot()
assert root.tag == space + "report" and root.get("version") == "1"
numbers = root.find(space + "numbers")
columns = numbers.findall(space + "column")
keys = [column.get("key") for column in columns]
def typed(value, kind):
    if kind == "boolean":
        return text({"true": True, "false": False}[value], kind)
    return text(int(value) if kind == "count" else value, kind)
def cells(row):
    found = {cell.tag.removeprefix(space): cell.text for cell in row}
    assert len(found) == len(row) and set(found) <= set(keys)
    return [typed(found[column.get("key")], column.get("type")) if column.get("key") in found else "" for column in columns]
print(json.dumps([keys, [column.get("caption") for column in columns]] + [cells(row) for row in numbers.findall(space + "row")]))
"#
    );
    keyed(python("python3", &script, path), report)
}

pub fn pyarrow(path: &Path, report: &Report) -> Option<Cells> {
    let script = format!(
        "{TEXT}{}",
        r#"
import pyarrow, pyarrow.parquet
file = pyarrow.parquet.ParquetFile(sys.argv[1])
table = file.read()
captions = json.loads(file.schema_arrow.metadata[b"portstatus.report"])["captions"]
kinds = {"date32[day]": "date", "time32[ms]": "time", "timestamp[us, tz=UTC]": "instant", "int64": "count", "bool": "boolean", "string": "text"}
def plain(value, kind):
    if value is None:
        return None
    if kind == "instant":
        return value.strftime("%Y-%m-%dT%H:%M:%S") + (".%06d" % value.microsecond if value.microsecond else "") + "Z"
    return value.isoformat() if kind in ("date", "time") else value
columns = []
for field in table.schema:
    kind = kinds[str(field.type)]
    columns.append([text(plain(value, kind), kind) for value in table.column(field.name).to_pylist()])
groups = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
assert all(rows <= 65536 for rows in groups) and sum(groups) == table.num_rows, groups
print(json.dumps([table.schema.names, [captions[name] for name in table.schema.names]] + [list(row) for row in zip(*columns)]))
"#
    );
    keyed(python("pyarrow", &script, path), report)
}

pub fn duckdb(path: &Path, report: &Report) -> Option<Cells> {
    let script = r#"
import duckdb, json, sys
relation = duckdb.sql("select * from read_parquet('%s')" % sys.argv[1].replace("'", "''"))
def shown(name, kind):
    name = '"%s"' % name
    if str(kind) == "TIMESTAMP WITH TIME ZONE":
        return "strftime(make_timestamp(epoch_us(%s)), '%%Y-%%m-%%dT%%H:%%M:%%SZ')" % name
    assert str(kind) in ("VARCHAR", "DATE", "TIME", "BIGINT", "BOOLEAN"), kind
    return name + "::varchar"
columns = ", ".join(shown(name, kind) for name, kind in zip(relation.columns, relation.types))
rows = duckdb.sql("select %s from relation" % columns).fetchall()
print(json.dumps([relation.columns] + [["" if cell is None else cell for cell in row] for row in rows]))
"#;
    let mut rows = python("duckdb", script, path)?;
    let captions = report.numbers.columns.iter().map(|column| Value::from(column.caption.as_str())).collect();
    rows.insert(1, captions);
    keyed(Some(rows), report)
}

/// Each cell is looked for behind the one before it, on the one line of its row.
pub fn lines(path: &Path, report: &Report) -> Option<Cells> {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(!text.chars().any(|letter| letter.is_control() && letter != '\n'), "controls in a table");
    let table = shown(report);
    let mut lines = text.split_terminator('\n');
    let (captions, rule) = (lines.next().unwrap(), lines.next().unwrap());
    let expected: Vec<String> = table.columns.iter().map(|column| column.caption.clone()).collect();
    assert_eq!(found_in(captions, &expected), expected);
    assert!(rule.chars().all(|sign| sign == '-' || sign == ' ') && rule.split_whitespace().count() == expected.len(), "{rule}");
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), table.rows.len(), "lines");
    Some(Cells { captions: None, rows: lines.iter().zip(&table.rows).map(|(line, cells)| found_in(line, cells)).collect() })
}

fn found_in(line: &str, cells: &[String]) -> Vec<String> {
    let mut rest = line;
    let find = |cell: &String| {
        let escaped = harmless(cell);
        let wanted = escaped.trim_end_matches(' ');
        let (_, after) = rest.split_once(wanted)?;
        rest = after;
        Some(cell.clone())
    };
    cells.iter().map(find).map(Option::unwrap_or_default).collect()
}

/// An independent statement of what a terminal is kept from.
fn harmless(text: &str) -> String {
    let is_obeyed = |letter: char| {
        letter.is_control()
            || "\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}"
                .contains(letter)
    };
    let shown = |letter: char| match letter {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        letter if is_obeyed(letter) => format!("\\u{{{:x}}}", u32::from(letter)),
        letter => letter.to_string(),
    };
    text.chars().map(shown).collect()
}

pub fn is_the_same(_: ColumnType, text: &str, found: &str) -> bool {
    found == text
}

/// Characters that XML does not allow are replaced.
pub fn is_replaced(_: ColumnType, text: &str, found: &str) -> bool {
    let is_illegal = |letter: char| matches!(u32::from(letter), 0..=8 | 11 | 12 | 14..=31 | 0xfffe | 0xffff);
    found == text.replace(is_illegal, "\u{fffd}")
}

/// DuckDB shows no parts of a second here.
pub fn is_to_the_second(kind: ColumnType, text: &str, found: &str) -> bool {
    found == text || kind == ColumnType::Instant && text.len() > 20 && found == format!("{}Z", &text[..19])
}
