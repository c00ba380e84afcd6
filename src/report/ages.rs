//! How old what a report says is: the oldest change among its rows, and the newest of each input.

use chrono::{DateTime, NaiveDate};
use polars::prelude::*;

use crate::domain::record::{Field, INPUT};
use crate::error::Result;
use crate::report::template::Template;
use crate::report::words::fill;
use crate::select::Selection;

/// The oldest change among the rows selected, and the inputs, each with its newest change, in words; no word where the inputs
/// do not tell.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn ages(selection: &Selection, template: &Template) -> Result<(String, Vec<String>)> {
    let classified = &selection.classified;
    let (frame, origins) = (classified.frame(), &classified.orders.origins);
    let mut newest: Vec<(&str, Option<i64>)> = Vec::new();
    // Where no row of this report is from is not said in it.
    for origin in origins.iter().filter(|origin| origin.rows > 0) {
        if !newest.iter().any(|(file, _)| *file == origin.file) {
            newest.push((&origin.file, None));
        }
    }
    let mut oldest = None;
    if frame.has_values(Field::UpdatedAt.key()) {
        let changed = frame.column(Field::UpdatedAt.key())?.cast(&DataType::Int64)?;
        let (changed, inputs) = (changed.i64()?.rechunk(), frame.column(INPUT)?);
        let files: Vec<Option<usize>> = origins.iter().map(|origin| newest.iter().position(|(file, _)| *file == origin.file)).collect();
        for (input, micros) in inputs.u32()?.iter().zip(changed.iter()) {
            if let Some(place) = input.and_then(|input| *files.get(input as usize)?) {
                newest[place].1 = newest[place].1.max(micros);
            }
        }
        oldest = selection.rows.iter().flatten().filter_map(|row| changed.get(row as usize)).min();
    }
    let words = &template.words;
    let file = |(file, newest): &(&str, Option<i64>)| match newest.and_then(day) {
        Some(day) => fill(&words.source_changed, &[("file", file), ("change", &told(selection, template, day))]),
        None => (*file).to_owned(),
    };
    let oldest = oldest.and_then(day).map(|day| told(selection, template, day)).unwrap_or_default();
    Ok((oldest, newest.iter().map(file).collect()))
}

/// The UTC day of an instant.
fn day(micros: i64) -> Option<NaiveDate> {
    DateTime::from_timestamp_micros(micros).map(|instant| instant.date_naive())
}

/// A day, and how many days it lies before that of the report.
fn told(selection: &Selection, template: &Template, day: NaiveDate) -> String {
    let words = &template.words;
    let date = words.dates.day(day);
    let days = (selection.classified.as_of().utc().date_naive() - day).num_days();
    match u64::try_from(days) {
        Ok(0) | Err(_) => date,
        Ok(1) => fill(&words.day_before, &[("date", &date)]),
        Ok(days) => fill(&words.days_before, &[("date", &date), ("days", &words.thousands(days))]),
    }
}
