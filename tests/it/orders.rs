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
use portstatus::domain::data_quality::QualityFlag;
use portstatus::domain::record::{CLASS, Field, INPUT, LINE, QUALITY_MASK, SOURCE_WORDS, Type};
use portstatus::source::{Orders, Origin};
use portstatus::templates::Templates;

/// The instant tests speak of unless they choose another: a Saturday.
pub const AS_OF: &str = "2026-11-21T10:00";

/// One row: canonical keys (also `class`, `source_words`, `line`, and `lints` by code) with their text.
/// Dates as 2026-03-04, times as 10:00, instants as 2026-03-04T10:00:00 (UTC), flags as true or false.
pub type Row<'a> = &'a [(&'a str, &'a str)];

/// Orders with these rows. A row without a phone number gets one of its own; the class follows the number;
/// lines count from 2, as under a header; the fields present are those that some row names.
pub fn orders(rows: &[Row]) -> Orders {
    let numbers: Vec<String> = (0..rows.len()).map(|row| format!("+1650555{:04}", 1000 + row)).collect();
    let cell = |row: usize, key: &str| rows[row].iter().find(|(name, _)| *name == key).map(|(_, text)| *text);
    let number = |row: usize| cell(row, "phone_number").unwrap_or(&numbers[row]);
    let mut columns: Vec<Column> = Vec::new();
    for field in Field::ALL {
        let cells: Vec<Option<&str>> =
            (0..rows.len()).map(|row| if *field == Field::PhoneNumber { Some(number(row)) } else { cell(row, field.code()) }).collect();
        columns.push(column(*field, &cells));
    }
    let all = || 0..rows.len();
    let class = |row| cell(row, CLASS).unwrap_or(if toll_free(number(row)) { "toll_free" } else { "local" });
    columns.push(Column::new(CLASS.into(), all().map(class).collect::<Vec<_>>()));
    columns.push(Column::new(SOURCE_WORDS.into(), all().map(|row| cell(row, SOURCE_WORDS)).collect::<Vec<_>>()));
    columns.push(Column::new(INPUT.into(), vec![0u16; rows.len()]));
    let line = |row: usize| cell(row, LINE).map_or(row as u32 + 2, |line| line.parse().unwrap());
    columns.push(Column::new(LINE.into(), all().map(line).collect::<Vec<_>>()));
    columns.push(Column::new(QUALITY_MASK.into(), all().map(|row| mask(cell(row, QUALITY_MASK).unwrap_or(""))).collect::<Vec<_>>()));
    let known = [CLASS, SOURCE_WORDS, LINE, QUALITY_MASK];
    for (key, _) in rows.iter().flat_map(|row| row.iter()) {
        assert!(Field::from_code(key).is_some() || known.contains(key), "no column {key}");
    }
    let named = |field: &Field| rows.iter().any(|row| row.iter().any(|(key, _)| *key == field.code()));
    Orders {
        frame: DataFrame::new(rows.len(), columns).unwrap(),
        origins: vec![Origin {
            file: "orders.csv".to_owned(),
            sheet: None,
            bytes: 1,
            sha256: "00".to_owned(),
            profile: "generic".to_owned(),
            rows: rows.len() as u64,
        }],
        accounts: None,
        present: Field::ALL.iter().copied().filter(|field| *field == Field::PhoneNumber || named(field)).collect(),
        read: rows.len() as u64,
        expanded: 0,
        rejects: Vec::new(),
        superseded: Vec::new(),
        unknown_words: BTreeMap::new(),
        notes: Vec::new(),
    }
}

/// The same rows put through the shipped rules as of [`AS_OF`].
pub fn classified(rows: &[Row]) -> Classified {
    classified_at(rows, AS_OF)
}

/// The same rows put through the shipped rules as of another instant.
pub fn classified_at(rows: &[Row], as_of: &str) -> Classified {
    let templates = Templates::default();
    let rules = Rules::load(&templates, &[]).unwrap();
    let name = "calendars/us-federal.toml";
    let calendar = Calendar::parse(&templates.text(name).unwrap(), name).unwrap();
    let timing = Timing::new(AsOf::parse(as_of).unwrap(), Arc::new(calendar));
    classify(orders(rows), Arc::new(rules), timing).unwrap()
}

fn toll_free(number: &str) -> bool {
    ["800", "833", "844", "855", "866", "877", "888"].iter().any(|prefix| number.starts_with(&format!("+1{prefix}")))
}

fn mask(codes: &str) -> u32 {
    let words = codes.split("; ").filter(|word| !word.is_empty());
    words.map(|word| QualityFlag::ALL.iter().find(|lint| lint.code() == word).unwrap().bit()).sum()
}

fn column(field: Field, cells: &[Option<&str>]) -> Column {
    let name = PlSmallStr::from_static(field.code());
    let cells = cells.iter().copied();
    match field.holds() {
        Type::Text | Type::Code => Column::new(name, cells.collect::<Vec<_>>()),
        Type::Date => {
            let days: Vec<Option<i32>> = cells.map(|cell| cell.map(|text| days(text.parse::<NaiveDate>().unwrap()))).collect();
            Column::new(name, days).cast(&DataType::Date).unwrap()
        }
        Type::Time => {
            let seconds = |text: &str| text.parse::<NaiveTime>().unwrap().num_seconds_from_midnight() as i32;
            Column::new(name, cells.map(|cell| cell.map(seconds)).collect::<Vec<_>>())
        }
        Type::Instant => {
            let micros = |text: &str| text.parse::<NaiveDateTime>().unwrap().and_utc().timestamp_micros();
            let micros: Vec<Option<i64>> = cells.map(|cell| cell.map(micros)).collect();
            Column::new(name, micros).cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap()
        }
        Type::Bool => Column::new(name, cells.map(|cell| cell.map(|text| text == "true")).collect::<Vec<_>>()),
    }
}
