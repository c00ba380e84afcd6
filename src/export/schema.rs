//! What describes the files of programs to programs: a JSON Schema of rows and of the whole document, an XML Schema, and the types of
//! Parquet columns. All are made of the one table of columns.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::domain::columns::{COLUMNS, ColumnDef, ColumnType};
use crate::export::document::VERSION;
use crate::export::typed::type_name;

/// The dialect of the JSON Schemas.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// A day, as a pattern.
const DATE: &str = "^[0-9]{4,}-[0-9]{2}-[0-9]{2}$";
/// A time of day.
const TIME: &str = "^[0-9]{2}:[0-9]{2}:[0-9]{2}$";
/// An instant in UTC.
const INSTANT: &str = "^[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{6})?Z$";

fn columns() -> impl Iterator<Item = &'static ColumnDef> {
    COLUMNS.iter().filter(|column| column.is_in_reports())
}

/// The JSON Schema of a line of JSON lines.
pub fn of_line() -> String {
    let mut schema = row();
    schema["$schema"] = DIALECT.into();
    schema["title"] = "A number of a report of portstatus: a line of JSON lines".into();
    format!("{schema:#}\n")
}

/// The JSON Schema of the whole document.
pub fn of_document() -> String {
    let list = |items: Value| json!({ "type": "array", "items": items });
    let scalar = json!({ "type": ["string", "number", "boolean", "null"] });
    let column = object(&[("key", text()), ("caption", text()), ("type", json!({ "enum": type_names() }))]);
    let figures = list(json!({ "type": "object", "additionalProperties": scalar }));
    let section = object(&[
        ("id", text()),
        ("heading", text()),
        ("explanation", text()),
        ("columns", list(json!({ "$ref": "#/$defs/column" }))),
        ("rows", figures.clone()),
        ("totals", figures),
    ]);
    let numbers = object(&[("columns", list(json!({ "$ref": "#/$defs/column" }))), ("rows", list(json!({ "$ref": "#/$defs/number" })))]);
    let whole = [
        ("format", json!({ "const": "portstatus-report" })),
        ("version", json!({ "const": VERSION })),
        ("cover", cover()),
        ("figures", self::figures()),
        ("sections", list(section)),
        ("numbers", numbers),
    ];
    let mut schema = object(&whole);
    schema["$schema"] = DIALECT.into();
    schema["title"] = "A report of portstatus".into();
    schema["$defs"] = json!({ "column": column, "number": row() });
    format!("{schema:#}\n")
}

/// The types of the columns of a Parquet file: key, type and, of a closed list, its codes.
pub fn of_parquet() -> String {
    let column = |column: &ColumnDef| {
        let (physical, logical) = match column.column_type {
            ColumnType::Date => ("INT32", "DATE"),
            ColumnType::Time => ("INT32", "TIME(isAdjustedToUTC=false, unit=MILLIS)"),
            ColumnType::Instant => ("INT64", "TIMESTAMP(isAdjustedToUTC=true, unit=MICROS)"),
            ColumnType::Count | ColumnType::Amount => ("INT64", ""),
            ColumnType::Share => ("DOUBLE", ""),
            ColumnType::Bool => ("BOOLEAN", ""),
            _ => ("BYTE_ARRAY", "STRING"),
        };
        let codes = codes(column);
        json!({ "key": column.key, "repetition": "OPTIONAL", "physical_type": physical, "logical_type": logical, "codes": codes })
    };
    let columns: Vec<Value> = columns().map(column).collect();
    format!("{:#}\n", json!({ "version": VERSION, "metadata_key": "portstatus.report", "columns": columns }))
}

/// The XML Schema of the document.
pub fn of_xml() -> String {
    let mut elements = String::new();
    for column in columns() {
        let codes = codes(column);
        let head = format!("          <xs:element name=\"{}\" minOccurs=\"0\"", column.key);
        if codes.is_empty() {
            let _ = writeln!(elements, "{head} type=\"{}\"/>", xml_type(column.column_type));
            continue;
        }
        let _ = writeln!(elements, "{head}><xs:simpleType><xs:restriction base=\"xs:string\">");
        for code in codes {
            let _ = writeln!(elements, "            <xs:enumeration value=\"{code}\"/>");
        }
        elements.push_str("          </xs:restriction></xs:simpleType></xs:element>\n");
    }
    let types: String = type_names().iter().map(|name| format!("      <xs:enumeration value=\"{name}\"/>\n")).collect();
    XML_SCHEMA.replace("{types}", &types).replace("{columns}", &elements).replace("{version}", &VERSION.to_string())
}

/// The XML Schema but for the columns.
const XML_SCHEMA: &str = include_str!("report.xsd");

fn xml_type(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Date => "xs:date",
        ColumnType::Time => "xs:time",
        ColumnType::Instant => "xs:dateTime",
        ColumnType::Count => "xs:long",
        ColumnType::Share | ColumnType::Amount => "xs:decimal",
        ColumnType::Bool => "xs:boolean",
        _ => "xs:string",
    }
}

/// The names of the types of columns, each once.
fn type_names() -> Vec<&'static str> {
    let all = [
        ColumnType::Text,
        ColumnType::Choice,
        ColumnType::Date,
        ColumnType::Time,
        ColumnType::Instant,
        ColumnType::Count,
        ColumnType::Share,
        ColumnType::Amount,
        ColumnType::Bool,
    ];
    all.map(type_name).to_vec()
}

/// The codes of a closed list; none of other columns.
fn codes(column: &ColumnDef) -> Vec<&'static str> {
    if column.is_closed_list() { column.choices.iter().map(|choice| choice.code).collect() } else { Vec::new() }
}

/// The schema of a number: every key that a report shows is there, whatever its value.
fn row() -> Value {
    let properties: Map<String, Value> = columns().map(|column| (column.key.to_owned(), cell(column))).collect();
    json!({ "type": "object", "additionalProperties": false, "minProperties": 1, "properties": properties })
}

fn cell(column: &ColumnDef) -> Value {
    let shaped = |pattern: &str| json!({ "type": ["string", "null"], "pattern": pattern });
    match column.column_type {
        ColumnType::Date => shaped(DATE),
        ColumnType::Time => shaped(TIME),
        ColumnType::Instant => shaped(INSTANT),
        ColumnType::Count => json!({ "type": ["integer", "null"] }),
        ColumnType::Share | ColumnType::Amount => json!({ "type": ["number", "null"] }),
        ColumnType::Bool => json!({ "type": ["boolean", "null"] }),
        _ if column.is_closed_list() => {
            let codes: Vec<Value> = codes(column).into_iter().map(Value::from).chain([Value::Null]).collect();
            json!({ "enum": codes })
        }
        _ => json!({ "type": ["string", "null"], "minLength": 1 }),
    }
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn cover() -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let page = object(&[("number", count()), ("of", count()), ("size", count()), ("rows", count())]);
    let either = |value: Value| json!({ "anyOf": [value, { "type": "null" }] });
    object(&[
        ("title", text()),
        ("language", text()),
        ("as_of", json!({ "type": "string", "pattern": INSTANT })),
        ("operator", either(text())),
        ("filters", texts.clone()),
        ("order", text()),
        ("page", either(page)),
        ("oldest_change", either(text())),
        ("sources", texts),
        ("notice", text()),
    ])
}

fn figures() -> Value {
    let list = |properties: &[(&str, Value)]| json!({ "type": "array", "items": object(properties) });
    let code = || json!({ "type": ["string", "null"] });
    let dated = || object(&[("confirmed", count()), ("estimated", count())]);
    let week = [("from", json!({ "type": "string", "pattern": DATE })), ("confirmed", count()), ("estimated", count())];
    let upcoming = [("weeks", list(&week)), ("later", dated()), ("passed", dated()), ("no_date", count())];
    object(&[
        ("numbers", count()),
        ("by_status", list(&[("status", code()), ("numbers", count()), ("local", count()), ("toll_free", count())])),
        ("by_detail", list(&[("status", code()), ("detail", code()), ("numbers", count())])),
        ("quality_flags", list(&[("flag", text()), ("numbers", count())])),
        ("waiting_accounts", list(&[("account_id", text()), ("account_company", text()), ("numbers", count())])),
        ("upcoming", object(&upcoming)),
    ])
}

/// The schema of an object with these properties, all of them there, and no others.
fn object(properties: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> = properties.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}
