//! Turns a cell's value into the text a table holds, by the cell's own type and format; what a column means is not asked.

use std::fmt::Write;
use std::ops::ControlFlow;

use calamine::{CellErrorType, DataRef, ExcelDateTime, ExcelDateTimeType};
use chrono::{Datelike, NaiveDate};

use crate::source::guarded::protocol::Refusal;
use crate::source::number_text::write_number;
use crate::source::table::UNCALCULATED;

const DAY_SECONDS: i64 = 86_400;

/// A cell that holds something; `None` is a formula whose result was never calculated.
pub type Value<'a> = Option<&'a DataRef<'a>>;

/// Takes a cell by its row and column, from 0, and its value; says whether more of them are wanted.
pub type CellVisitor<'v> = dyn FnMut(u32, u32, Value<'_>) -> Result<ControlFlow<()>, Refusal> + 'v;

/// Appends the text of a cell.
pub fn write_value(text: &mut String, value: Value<'_>) {
    match value {
        None => text.push_str(UNCALCULATED),
        Some(DataRef::Empty) => {}
        Some(DataRef::String(value)) => text.push_str(value),
        Some(DataRef::SharedString(value)) => text.push_str(value),
        Some(DataRef::Int(number)) => write_number(text, *number as f64),
        Some(DataRef::Float(number)) => write_number(text, *number),
        Some(DataRef::Bool(truth)) => text.push_str(if *truth { "true" } else { "false" }),
        Some(DataRef::DateTime(moment)) => write_date_time(text, moment),
        Some(DataRef::DateTimeIso(value)) => text.push_str(plain_date_time(value)),
        Some(DataRef::DurationIso(value)) => match duration_seconds(value) {
            Some(seconds) => write_duration(text, seconds),
            None => text.push_str(value),
        },
        Some(DataRef::Error(CellErrorType::GettingData)) => text.push_str("#GETTING_DATA"),
        Some(DataRef::Error(error)) => append(text, format_args!("{error}")),
    }
}

/// Writing to a string cannot fail.
fn append(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(arguments);
}

fn write_date_time(text: &mut String, moment: &ExcelDateTime) {
    let value = moment.as_f64();
    if !value.is_finite() || value.abs() >= 4e6 {
        return write_number(text, value);
    }
    let seconds = (value * DAY_SECONDS as f64).round() as i64;
    if moment.is_duration() {
        return write_duration(text, seconds);
    }
    let (serial, second) = (seconds.div_euclid(DAY_SECONDS), seconds.rem_euclid(DAY_SECONDS));
    if value < 0.0 {
        return write_number(text, value);
    }
    if value < 1.0 {
        return write_duration(text, seconds);
    }
    let days = match (counts_from_1904(moment), serial as i32) {
        (true, serial) => serial - 24_107,
        (false, serial @ ..60) => serial - 25_568,
        (false, serial) => serial - 25_569,
    };
    match NaiveDate::from_epoch_days(days) {
        // The day that spreadsheets count although the calendar never had it.
        _ if serial == 60 && !counts_from_1904(moment) => text.push_str("1900-02-29"),
        Some(date) if date.year() <= 9999 => append(text, format_args!("{date}")),
        _ => return write_number(text, value),
    }
    if second != 0 {
        append(text, format_args!("T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60));
    }
}

fn write_duration(text: &mut String, seconds: i64) {
    let sign = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.abs();
    append(text, format_args!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
}

/// Whether a date counts from 1904. A value does not give its epoch; it only compares unequal to one of the other epoch.
pub fn counts_from_1904(moment: &ExcelDateTime) -> bool {
    let kind = if moment.is_duration() { ExcelDateTimeType::TimeDelta } else { ExcelDateTimeType::DateTime };
    *moment == ExcelDateTime::new(moment.as_f64(), kind, true)
}

/// ISO text as our own: no fraction of a second, no zone letter, no midnight.
fn plain_date_time(value: &str) -> &str {
    let value = value.trim();
    let value = value.strip_suffix('Z').unwrap_or(value);
    let value = match value.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit()) => whole,
        _ => value,
    };
    value.strip_suffix("T00:00:00").or_else(|| value.strip_suffix("T00:00")).unwrap_or(value)
}

/// Seconds of `PT10H00M00.000S`; `None` for anything that is not days, hours, minutes and seconds.
fn duration_seconds(value: &str) -> Option<i64> {
    let (sign, rest) = value.strip_prefix('-').map_or((1, value), |rest| (-1, rest));
    let ends_number = |letter: char| !matches!(letter, '0'..='9' | '.');
    let mut total = 0.0;
    for part in rest.strip_prefix('P')?.split_inclusive(ends_number) {
        let number = part.trim_end_matches(ends_number);
        let unit = match &part[number.len()..] {
            "T" if number.is_empty() => continue,
            "D" => 86_400.0,
            "H" => 3600.0,
            "M" => 60.0,
            "S" => 1.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * unit;
    }
    (total < 1e15).then_some(sign * total.round() as i64)
}
