//! Builds orders and classified orders by hand: the cells a test names, nulls everywhere else.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use polars::prelude::*;
use portstatus::classify::rules::Rules;
use portstatus::classify::timing::Timing;
use portstatus::classify::{Classified, classify};
use portstatus::clock::{AsOf, days};
use portstatus::domain::calendar::Calendar;
use portstatus::domain::columns::{ColumnType, history_columns};
use portstatus::domain::data_quality::QualityFlag;
use portstatus::domain::record::{Field, INPUT, LINE, NUMBER_TYPE, QUALITY_MASK, SOURCE_WORDS};
use portstatus::source::merge::dtype;
use portstatus::source::{FileDigest, OrderFrame, Orders, Origin};
use portstatus::templates::Templates;

/// The instant of tests that choose no other: a Saturday.
pub const AS_OF: &str = "2026-11-21T10:00";

/// One row as pairs of key and text: the keys of the record, and those of the columns beside it.
/// Dates as 2026-03-04, times as 10:00, instants as 2026-03-04T10:00:00 (UTC), yes and no as true and false,
/// data-quality flags by code with `; ` between them.
pub type Row<'a> = &'a [(&'a str, &'a str)];

/// A row as a test writes it: pairs, or `key=value` words with blanks between them.
pub trait Cells {
    /// Key and text of each cell.
    fn cells(&self) -> Vec<(&str, &str)>;
}

impl Cells for Row<'_> {
    fn cells(&self) -> Vec<(&str, &str)> {
        self.to_vec()
    }
}

impl Cells for &str {
    fn cells(&self) -> Vec<(&str, &str)> {
        self.split_whitespace().map(|word| word.split_once('=').unwrap()).collect()
    }
}

impl Cells for String {
    fn cells(&self) -> Vec<(&str, &str)> {
        self.split_whitespace().map(|word| word.split_once('=').unwrap()).collect()
    }
}

/// Orders with these rows. A row without a phone number gets one of its own; the number type follows the number;
/// lines count from 2, as under a header; the fields present are those that some row names.
pub fn orders<R: Cells>(rows: &[R]) -> Orders {
    let rows: Vec<BTreeMap<&str, &str>> = rows.iter().map(|row| row.cells().into_iter().collect()).collect();
    let beside = [NUMBER_TYPE, SOURCE_WORDS, LINE, QUALITY_MASK];
    for key in rows.iter().flat_map(BTreeMap::keys) {
        assert!(Field::from_key(key).is_some() || beside.contains(key), "no column {key}");
    }
    let numbers: Vec<String> = (0..rows.len()).map(|row| format!("+1650555{:04}", 1000 + row)).collect();
    let number = |row: usize| rows[row].get("phone_number").copied().unwrap_or(&numbers[row]);
    let all = || 0..rows.len();
    let cells = |key: &str| all().map(|row| rows[row].get(key).copied()).collect::<Vec<_>>();
    let mut columns: Vec<Column> = Vec::new();
    for field in Field::all() {
        let phone = field == Field::PhoneNumber;
        let cells = if phone { all().map(|row| Some(number(row))).collect() } else { cells(field.key()) };
        columns.push(column(field, &cells));
    }
    let class = |row: usize| rows[row].get(NUMBER_TYPE).copied().unwrap_or(if toll_free(number(row)) { "toll_free" } else { "local" });
    columns.push(Column::new(NUMBER_TYPE.into(), all().map(class).collect::<Vec<_>>()));
    columns.push(Column::new(SOURCE_WORDS.into(), cells(SOURCE_WORDS)));
    columns.push(Column::new(INPUT.into(), vec![0u32; rows.len()]));
    let line = |row: usize| rows[row].get(LINE).map_or(row as u32 + 2, |line| line.parse().unwrap());
    columns.push(Column::new(LINE.into(), all().map(line).collect::<Vec<_>>()));
    columns
        .push(Column::new(QUALITY_MASK.into(), cells(QUALITY_MASK).into_iter().map(|codes| mask(codes.unwrap_or(""))).collect::<Vec<_>>()));
    for column in history_columns() {
        columns.push(Column::full_null(column.key.into(), rows.len(), &dtype(column.column_type)));
    }
    let is_named = |field: &Field| *field == Field::PhoneNumber || rows.iter().any(|row| row.contains_key(field.key()));
    Orders {
        present: Field::all().filter(is_named).collect(),
        ..orders_of(DataFrame::new(rows.len(), columns).unwrap().try_into().unwrap())
    }
}

/// Orders around a finished frame, every field present.
pub fn orders_of(frame: OrderFrame) -> Orders {
    let rows = frame.height() as u64;
    Orders {
        frame,
        origins: vec![Origin {
            file: "orders.csv".to_owned(),
            part: None,
            digest: Some(FileDigest { bytes: 1, sha256: "00".to_owned() }),
            profile: "generic".to_owned(),
            rows,
            filtered_at_source: Vec::new(),
        }],
        present: Field::all().collect(),
        read: rows,
        ..Orders::default()
    }
}

/// The rows put through the shipped rules as of [`AS_OF`].
pub fn classified<R: Cells>(rows: &[R]) -> Classified {
    classified_at(AS_OF, rows)
}

/// The rows put through the shipped rules as of another instant.
pub fn classified_at<R: Cells>(as_of: &str, rows: &[R]) -> Classified {
    classify(orders(rows), Arc::new(rules()), timing(as_of)).unwrap()
}

/// The shipped rules.
pub fn rules() -> Rules {
    Rules::load(&Templates::default(), &[]).unwrap()
}

/// The shipped calendar.
pub fn calendar() -> Calendar {
    let name = "calendars/us-federal.toml";
    Calendar::parse(&Templates::default().text(name).unwrap(), name).unwrap()
}

/// Timing at an instant, by the shipped calendar.
pub fn timing(as_of: &str) -> Timing {
    Timing::new(AsOf::parse(as_of).unwrap(), Arc::new(calendar()))
}

/// Days since 1970-01-01 of `yyyy-mm-dd`.
pub fn day(text: &str) -> i32 {
    days(text.parse::<NaiveDate>().unwrap())
}

/// The text of a cell of any column, `-` for null.
pub fn cell(frame: &OrderFrame, column: &str, row: usize) -> String {
    text_of(&frame.column(column).unwrap(), row)
}

/// The text of a cell, `-` for null.
pub fn text_of(column: &Column, row: usize) -> String {
    match column.get(row).unwrap() {
        AnyValue::Null => "-".to_owned(),
        AnyValue::String(text) => text.to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        other => other.to_string(),
    }
}

/// The cells of a frame, none of them coded.
pub fn plain(frame: &OrderFrame) -> DataFrame {
    frame.select(frame.names(), None).unwrap()
}

/// The same rows, put together from pieces of `size` rows, some coded and some not.
pub fn in_pieces(frame: &OrderFrame, size: usize) -> OrderFrame {
    let piece = |start: usize| frame.slice(frame.names(), start..(start + size).min(frame.height())).unwrap().try_into().unwrap();
    OrderFrame::stack((0..frame.height()).step_by(size).map(piece).collect()).unwrap()
}

/// The codes of a row's data-quality flags.
pub fn quality_flags(classified: &Classified, row: usize) -> String {
    QualityFlag::codes(classified.frame().column(QUALITY_MASK).unwrap().u64().unwrap().get(row).unwrap())
}

fn toll_free(number: &str) -> bool {
    ["800", "833", "844", "855", "866", "877", "888"].iter().any(|prefix| number.starts_with(&format!("+1{prefix}")))
}

fn mask(codes: &str) -> u64 {
    let words = codes.split([';', ' ']).filter(|word| !word.is_empty());
    words.map(|word| QualityFlag::ALL.iter().find(|flag| flag.code() == word).unwrap().bit()).sum()
}

fn column(field: Field, cells: &[Option<&str>]) -> Column {
    let name = PlSmallStr::from_static(field.key());
    let cells = cells.iter().copied();
    match field.column_type() {
        ColumnType::Date => Column::new(name, cells.map(|cell| cell.map(day)).collect::<Vec<_>>()).cast(&DataType::Date).unwrap(),
        ColumnType::Time => {
            let seconds = |text: &str| text.parse::<NaiveTime>().unwrap().num_seconds_from_midnight() as i32;
            Column::new(name, cells.map(|cell| cell.map(seconds)).collect::<Vec<_>>())
        }
        ColumnType::Instant => {
            let micros = |text: &str| text.trim_end_matches('Z').parse::<NaiveDateTime>().unwrap().and_utc().timestamp_micros();
            let micros: Vec<Option<i64>> = cells.map(|cell| cell.map(micros)).collect();
            Column::new(name, micros).cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap()
        }
        ColumnType::Bool => Column::new(name, cells.map(|cell| cell.map(|text| text == "true")).collect::<Vec<_>>()),
        _ => Column::new(name, cells.collect::<Vec<_>>()),
    }
}
