//! Turns a cell's value into the text a table holds; it never guesses what a column means.

use std::io::Write;

use calamine::{CellErrorType, Data, DataRef, ExcelDateTime, ExcelDateTimeType};

use crate::source::table::UNCALCULATED;

const DAY_SECONDS: i64 = 86_400;
/// Numbers from here on have lost digits in a spreadsheet; their text says so with an exponent.
const LOSSY: f64 = 1e15;

/// What a cell holds, borrowed.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// Nothing.
    Empty,
    /// Text.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A truth value.
    Truth(bool),
    /// A date, a time or both, or a duration, by the cell's format.
    Moment(ExcelDateTime),
    /// A date, a time or both in ISO 8601.
    IsoMoment(&'a str),
    /// A duration in ISO 8601.
    IsoDuration(&'a str),
    /// An error such as `#N/A`.
    Fault(&'a CellErrorType),
    /// A formula whose result nobody has calculated yet.
    Uncalculated,
}

impl<'a> From<&'a DataRef<'_>> for Value<'a> {
    fn from(data: &'a DataRef<'_>) -> Self {
        match data {
            DataRef::Empty => Self::Empty,
            DataRef::SharedString(text) => Self::text(text),
            DataRef::String(text) => Self::text(text),
            DataRef::Int(number) => Self::Number(*number as f64),
            DataRef::Float(number) => Self::Number(*number),
            DataRef::Bool(truth) => Self::Truth(*truth),
            DataRef::DateTime(moment) => Self::Moment(*moment),
            DataRef::DateTimeIso(text) => Self::IsoMoment(text),
            DataRef::DurationIso(text) => Self::IsoDuration(text),
            DataRef::Error(error) => Self::Fault(error),
        }
    }
}

impl<'a> From<&'a Data> for Value<'a> {
    fn from(data: &'a Data) -> Self {
        match data {
            Data::Empty => Self::Empty,
            Data::String(text) => Self::text(text),
            Data::Int(number) => Self::Number(*number as f64),
            Data::Float(number) => Self::Number(*number),
            Data::Bool(truth) => Self::Truth(*truth),
            Data::DateTime(moment) => Self::Moment(*moment),
            Data::DateTimeIso(text) => Self::IsoMoment(text),
            Data::DurationIso(text) => Self::IsoDuration(text),
            Data::Error(error) => Self::Fault(error),
        }
    }
}

impl<'a> Value<'a> {
    /// Whether the cell holds nothing; text without a character is nothing.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// Whether a date of this cell counts from 1904; `None` when it is no date.
    pub fn epoch_1904(&self) -> Option<bool> {
        match self {
            Self::Moment(moment) => Some(counts_from_1904(moment)),
            _ => None,
        }
    }

    /// Appends the cell's text.
    pub fn write(&self, text: &mut Vec<u8>) {
        match self {
            Self::Empty => {}
            Self::Text(value) => text.extend_from_slice(value.as_bytes()),
            Self::Number(number) => write_number(text, *number),
            Self::Truth(truth) => text.extend_from_slice(if *truth { b"true" } else { b"false" }),
            Self::Moment(moment) => write_moment(text, moment),
            Self::IsoMoment(value) => text.extend_from_slice(plain_moment(value).as_bytes()),
            Self::IsoDuration(value) => match duration_seconds(value) {
                Some(seconds) => write_duration(text, seconds),
                None => text.extend_from_slice(value.as_bytes()),
            },
            Self::Uncalculated => text.extend_from_slice(UNCALCULATED.as_bytes()),
            Self::Fault(CellErrorType::GettingData) => text.extend_from_slice(b"#GETTING_DATA"),
            Self::Fault(error) => append(text, format_args!("{error}")),
        }
    }

    fn text(text: &'a str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}

/// Writing to memory cannot fail.
fn append(text: &mut Vec<u8>, arguments: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(arguments);
}

/// Whole numbers plainly, others with the fifteen digits a spreadsheet shows, so that 0.1 + 0.2 is 0.3.
fn write_number(text: &mut Vec<u8>, number: f64) {
    if number.fract() == 0.0 && number.abs() < LOSSY {
        return append(text, format_args!("{}", number as i64));
    }
    if !number.is_finite() {
        return text.extend_from_slice(b"#NUM!");
    }
    let digits = format!("{number:.14e}");
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    match exponent.parse::<i32>() {
        Ok(exponent) if exponent >= 15 => append(text, format_args!("{mantissa}e+{exponent}")),
        Ok(exponent) if exponent < -9 => append(text, format_args!("{mantissa}e{exponent}")),
        _ => append(text, format_args!("{}", digits.parse::<f64>().unwrap_or(number))),
    }
}

fn write_moment(text: &mut Vec<u8>, moment: &ExcelDateTime) {
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
    let (year, month, day) = match (counts_from_1904(moment), serial) {
        (true, _) => civil(serial - 24_107),
        // The day that spreadsheets count although the calendar never had it.
        (false, 60) => (1900, 2, 29),
        (false, ..60) => civil(serial - 25_568),
        (false, _) => civil(serial - 25_569),
    };
    if year > 9999 {
        return write_number(text, value);
    }
    append(text, format_args!("{year:04}-{month:02}-{day:02}"));
    if second != 0 {
        append(text, format_args!("T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60));
    }
}

fn write_duration(text: &mut Vec<u8>, seconds: i64) {
    let sign = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.abs();
    append(text, format_args!("{sign}{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
}

/// Year, month and day of a count of days from 1970-01-01, by the proleptic Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day_of_year - (153 * shifted_month + 2) / 5 + 1)
}

/// The epoch is not told by the value, only by comparison.
fn counts_from_1904(moment: &ExcelDateTime) -> bool {
    let kind = if moment.is_duration() { ExcelDateTimeType::TimeDelta } else { ExcelDateTimeType::DateTime };
    *moment == ExcelDateTime::new(moment.as_f64(), kind, true)
}

/// ISO text as our own: no fraction of a second, no zone letter, no midnight.
fn plain_moment(value: &str) -> &str {
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
    let (sign, rest) = match value.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, value),
    };
    let mut total = 0.0;
    let mut number = String::new();
    for character in rest.strip_prefix('P')?.chars() {
        let unit = match character {
            '0'..='9' | '.' => {
                number.push(character);
                continue;
            }
            'T' if number.is_empty() => continue,
            'D' => 86_400.0,
            'H' => 3600.0,
            'M' => 60.0,
            'S' => 1.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * unit;
        number.clear();
    }
    (number.is_empty() && total < 1e15).then_some(sign * total.round() as i64)
}
