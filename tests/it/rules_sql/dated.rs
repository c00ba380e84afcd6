//! Rows whose days, times and groups are drawn, for what SQL says of flags and of time: around the as-of day, around changes of the clock, on holidays.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use polars::prelude::*;
use portstatus::classify::classify;
use portstatus::classify::columns::{expression, places, values};
use portstatus::classify::rules::Rules;
use portstatus::domain::columns::column as column_def;
use portstatus::domain::data_quality::QualityFlag;

use crate::fixtures::{Row, orders, timing};
use crate::rules_sql::domain::Text;

/// Rows.
const ROWS: usize = 12_000;

/// What is compared, by key.
pub const SAID: [&str; 8] = [
    "quality_flags",
    "effective_port_date",
    "effective_port_basis",
    "port_time_basis",
    "days_to_port",
    "age_business_days",
    "row_age_days",
    "overdue",
];

/// The columns that are drawn, each with its cells; an empty one is none.
const CELLS: &[(&str, &[&str])] = &[
    ("phone_number", &["+12125550101", "+12125550102", "+12125550103", "+18005550101", "+16505550104"]),
    ("request_id", &["", "R-1", "R-2", "R-3", "r-1"]),
    ("case_number", &["", "C-1", "C-2"]),
    ("account_id", &["", "A-1", "A-2"]),
    ("order_id", &["", "", "O-1", "O-2"]),
    ("priority", &["", "standard", "expedite"]),
    (
        "number_state",
        &[
            "",
            "pending",
            "portable",
            "in_process",
            "action_required",
            "foc_date_set",
            "completed",
            "canceled",
            "cancellation_pending",
            "cancellation_rejected",
            "not_portable",
        ],
    ),
    ("prior_state", &["", "", "pending", "in_process", "foc_date_set", "action_required"]),
    ("given_status", &["", "waiting_for_you", "in_progress", "scheduled", "completed", "canceled"]),
    ("given_detail", &["", "", "", "accepted", "firm_order_confirmation", "rejected", "completed", "cancelled", "submitted"]),
    (
        "last_event",
        &[
            "",
            "",
            "activated",
            "porting_date_confirmed",
            "request_cancellation",
            "additional_information_required",
            "start_porting_request",
            "review_passed",
            "closed_as_incomplete",
            "no such event",
        ],
    ),
    (
        "confirmed_date",
        &[
            "",
            "2026-03-03",
            "2026-03-04",
            "2026-03-05",
            "2026-02-18",
            "2026-02-17",
            "2026-03-08",
            "2026-11-01",
            "1969-12-31",
            "2200-01-01",
            "2026-07-04",
            "2199-12-31",
        ],
    ),
    ("confirmed_time", &["", "10:00", "11:00", "12:00", "10:59:59", "11:00:01", "00:30", "02:30", "01:30", "23:59"]),
    ("estimated_date", &["", "2026-03-10", "2026-01-01"]),
    ("created_date", &["", "2026-03-04", "2026-02-27", "2026-03-05", "2025-12-24"]),
    ("approved_date", &["", "2026-03-03", "2026-02-26"]),
    ("submitted_date", &["", "2026-03-02", "2026-03-06"]),
    ("completed_at", &["", "2026-03-04T19:59:59", "2026-03-04T20:00:00", "2026-03-04T20:00:01", "2026-03-02T10:00:00"]),
    (
        "updated_at",
        &["", "2026-03-04T19:59:59", "2026-03-04T20:00:01", "2026-03-03T20:00:00", "2026-03-03T20:00:01", "2024-02-29T00:00:00"],
    ),
];

/// The rows, and what is to be said of each.
pub struct Dated {
    /// The columns, by key.
    pub keys: Vec<String>,
    /// Days as 2026-11-21, times as seconds since midnight, instants as 2026-11-21 10:00:00.
    pub rows: Vec<Vec<Text>>,
    /// In the order of [`SAID`].
    pub expected: Vec<Vec<Text>>,
}

impl Dated {
    /// Those of `rules` as of an instant.
    pub fn of(rules: &Rules, as_of: &str) -> Self {
        let mut seed = 11_u64;
        let mut below = |limit: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % limit
        };
        let drawn: Vec<Vec<(&str, &str)>> = (0..ROWS)
            .map(|_| CELLS.iter().map(|(key, cells)| (*key, cells[below(cells.len())])).filter(|(_, cell)| !cell.is_empty()).collect())
            .collect();
        let rows: Vec<Row> = drawn.iter().map(Vec::as_slice).collect();
        let orders = orders(&rows);
        let kept: Vec<Vec<Text>> = CELLS.iter().map(|(key, _)| texts(&orders.frame.column(key).unwrap())).collect();
        let types = texts(&orders.frame.column("number_type").unwrap());
        let classified = classify(orders, Arc::new(rules.clone()), timing(as_of)).unwrap();
        let masks = classified.frame().column("quality_mask").unwrap();
        let masks = masks.u64().unwrap();
        let flags = (0..ROWS).map(|row| Some(QualityFlag::codes(masks.get(row).unwrap())).filter(|codes| !codes.is_empty())).collect();
        let said = |key: &&str| {
            let cells = places(key, &classified).or_else(|| expression(key, &classified)).unwrap();
            let made = values(classified.frame(), None, vec![cells]).unwrap();
            let codes = column_def(key).unwrap().choices;
            let cell = |text: Text| match codes {
                [] => text,
                codes => text.map(|place| codes[place.parse::<usize>().unwrap()].code.to_owned()),
            };
            texts(made.column(key).unwrap()).into_iter().map(cell).collect::<Vec<Text>>()
        };
        let said: Vec<Vec<Text>> = [flags].into_iter().chain(SAID[1..].iter().map(said)).collect();
        let keys = CELLS.iter().map(|(key, _)| (*key).to_owned()).chain(["number_type".to_owned()]).collect();
        let of_row = |columns: &[Vec<Text>], row: usize| columns.iter().map(|column| column[row].clone()).collect::<Vec<Text>>();
        let with_type = |row: usize| [of_row(&kept, row), vec![types[row].clone()]].concat();
        Self { keys, rows: (0..ROWS).map(with_type).collect(), expected: (0..ROWS).map(|row| of_row(&said, row)).collect() }
    }
}

fn texts(column: &Column) -> Vec<Text> {
    let text = |cell: AnyValue<'_>| {
        Some(match cell {
            AnyValue::Null => return None,
            AnyValue::String(text) => text.to_owned(),
            AnyValue::StringOwned(text) => text.to_string(),
            AnyValue::Date(days) => NaiveDate::from_epoch_days(days).unwrap().to_string(),
            AnyValue::Datetime(micros, ..) => DateTime::from_timestamp_micros(micros).unwrap().naive_utc().to_string(),
            other => other.to_string(),
        })
    };
    (0..column.len()).map(|row| text(column.get(row).unwrap())).collect()
}
