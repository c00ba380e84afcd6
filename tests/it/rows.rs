//! Builds small frames of orders for tests: rows are written as `column=value` words.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::*;
use portstatus::classify::rules::Rules;
use portstatus::classify::timing::Timing;
use portstatus::classify::{Classified, classify};
use portstatus::clock::AsOf;
use portstatus::domain::calendar::Calendar;
use portstatus::domain::data_quality::QualityFlag;
use portstatus::domain::record::{Field, Type};
use portstatus::source::Orders;
use portstatus::templates::Templates;

/// The shipped rules.
pub fn rules() -> Rules {
    Rules::load(&Templates::default(), &[]).unwrap()
}

/// The shipped calendar.
pub fn calendar() -> Calendar {
    let text = Templates::default().text("calendars/us-federal.toml").unwrap();
    Calendar::parse(&text, "calendars/us-federal.toml").unwrap()
}

/// Timing at an instant, by the shipped calendar.
pub fn timing(as_of: &str) -> Timing {
    Timing::new(AsOf::parse(as_of).unwrap(), Arc::new(calendar()))
}

/// Days since 1970-01-01 of `yyyy-mm-dd`.
pub fn day(text: &str) -> i32 {
    portstatus::clock::days(text.parse().unwrap())
}

/// Orders of rows such as `number_state=in_process class=toll_free approved_date=2026-03-02`.
/// The class is local and the number distinct where not said.
pub fn orders(rows: &[&str]) -> Orders {
    let rows: Vec<BTreeMap<&str, String>> = rows
        .iter()
        .map(|row| row.split_whitespace().map(|word| word.split_once('=').unwrap()).map(|(key, value)| (key, value.to_owned())).collect())
        .collect();
    for key in rows.iter().flat_map(BTreeMap::keys) {
        assert!(Field::from_code(key).is_some() || ["class", "lints"].contains(key), "no column {key}");
    }
    let mut columns: Vec<Column> = Field::ALL.iter().map(|field| column(*field, &rows)).collect();
    let class: Vec<&str> = rows.iter().map(|row| row.get("class").map_or("local", String::as_str)).collect();
    columns.push(Column::new("class".into(), class));
    columns.push(Column::new("source_words".into(), vec![None::<&str>; rows.len()]));
    columns.push(Column::new("input".into(), vec![0u16; rows.len()]));
    columns.push(Column::new("line".into(), (0..rows.len() as u32).map(|row| row + 2).collect::<Vec<_>>()));
    columns.push(Column::new(
        "lints".into(),
        rows.iter().map(|row| row.get("lints").map_or(0, |bits| bits.parse().unwrap())).collect::<Vec<u32>>(),
    ));
    orders_of(DataFrame::new(rows.len(), columns).unwrap())
}

/// Orders around a frame.
pub fn orders_of(frame: DataFrame) -> Orders {
    Orders {
        read: frame.height() as u64,
        expanded: 0,
        frame,
        origins: Vec::new(),
        accounts: None,
        present: Field::ALL.to_vec(),
        rejects: Vec::new(),
        superseded: Vec::new(),
        unknown_words: BTreeMap::new(),
        notes: Vec::new(),
    }
}

fn column(field: Field, rows: &[BTreeMap<&str, String>]) -> Column {
    let key = field.code();
    let cells: Vec<Option<&str>> = rows.iter().map(|row| row.get(key).map(String::as_str)).collect();
    let name = PlSmallStr::from_static(key);
    match field.holds() {
        Type::Text if field == Field::PhoneNumber => {
            let numbers: Vec<String> =
                cells.iter().enumerate().map(|(row, cell)| cell.map_or(format!("+1206555{row:04}"), str::to_owned)).collect();
            Column::new(name, numbers)
        }
        Type::Text | Type::Code => Column::new(name, cells),
        Type::Date => Column::new(name, cells.iter().map(|cell| cell.map(day)).collect::<Vec<_>>()).cast(&DataType::Date).unwrap(),
        Type::Time => Column::new(name, cells.iter().map(|cell| cell.map(seconds)).collect::<Vec<_>>()),
        Type::Instant => {
            let micros: Vec<Option<i64>> = cells.iter().map(|cell| cell.map(|cell| AsOf::parse(cell).unwrap().micros())).collect();
            Column::new(name, micros).cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap()
        }
        Type::Bool => Column::new(name, cells.iter().map(|cell| cell.map(|cell| cell == "true")).collect::<Vec<_>>()),
    }
}

fn seconds(time: &str) -> i32 {
    let (hours, minutes) = time.split_once(':').unwrap();
    hours.parse::<i32>().unwrap() * 3600 + minutes.parse::<i32>().unwrap() * 60
}

/// The rows, classified by the shipped rules.
pub fn classified(as_of: &str, rows: &[&str]) -> Classified {
    classify(orders(rows), Arc::new(rules()), timing(as_of)).unwrap()
}

/// The text of a cell, `-` for null.
pub fn cell(frame: &DataFrame, column: &str, row: usize) -> String {
    match frame.column(column).unwrap().get(row).unwrap() {
        AnyValue::Null => "-".to_owned(),
        AnyValue::String(text) => text.to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        other => other.to_string(),
    }
}

/// The codes of a row's lints.
pub fn lints(classified: &Classified, row: usize) -> String {
    QualityFlag::codes(classified.frame().column("lints").unwrap().u32().unwrap().get(row).unwrap())
}
