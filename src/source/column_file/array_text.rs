//! Writes the values of Arrow arrays as the text a table holds; what a column means is not asked.

use std::fmt::{Display, Write};

use chrono::NaiveDate;
use polars_arrow::array::{
    Array, BinaryViewArray, BooleanArray, DictionaryArray, DictionaryKey, FixedSizeBinaryArray, PrimitiveArray, Utf8Array, Utf8ViewArray,
};
use polars_arrow::datatypes::{ArrowDataType, TimeUnit};
use polars_arrow::match_integer_type;
use polars_arrow::types::NativeType;

use crate::source::column_file::batch_sender::ColumnText;
use crate::source::guarded::protocol::Refusal;
use crate::source::number_text::{write_number, write_single};

const DAY_SECONDS: i64 = 86_400;
/// Digits of the longest decimal number.
const MAX_DIGITS: usize = 38;
const TOO_MANY_DIGITS: &str = "numbers of more than 38 digits";

/// What a column of this type holds, if that has no text here.
pub fn unusable(dtype: &ArrowDataType) -> Option<&'static str> {
    use ArrowDataType as D;
    match dtype.to_storage() {
        D::Binary | D::LargeBinary | D::BinaryView | D::FixedSizeBinary(_) => Some("binary data"),
        D::List(_) | D::LargeList(_) | D::FixedSizeList(..) => Some("lists"),
        D::Struct(_) => Some("records with fields of their own"),
        D::Map(..) => Some("maps"),
        D::Union(_) => Some("values of several types"),
        D::Interval(_) | D::Duration(_) => Some("durations"),
        D::Float16 => Some("numbers of 16 bits"),
        D::Decimal256(..) => Some(TOO_MANY_DIGITS),
        D::Decimal(precision, _) if *precision > MAX_DIGITS => Some(TOO_MANY_DIGITS),
        D::Unknown | D::Extension(_) => Some("values of an unknown type"),
        D::Dictionary(_, values, _) => unusable(values),
        _ => None,
    }
}

/// Adds a cell for each value of `array`. Instants of a column that has a zone are written in UTC.
///
/// # Errors
/// [`Refusal::Damaged`] for an array whose values are not of the type that it names, or have no text.
pub fn append(cells: &mut ColumnText, array: &dyn Array) -> Result<(), Refusal> {
    use ArrowDataType as D;
    match array.dtype().to_storage() {
        D::Null => (0..array.len()).for_each(|_| cells.end_cell()),
        D::Boolean => {
            let truths = values::<BooleanArray>(array)?.iter();
            each(cells, truths, |text, truth| text.push_str(if truth { "true" } else { "false" }));
        }
        D::Int8 => integers::<i8>(cells, array)?,
        D::Int16 => integers::<i16>(cells, array)?,
        D::Int32 => integers::<i32>(cells, array)?,
        D::Int64 => integers::<i64>(cells, array)?,
        D::Int128 => integers::<i128>(cells, array)?,
        D::UInt8 => integers::<u8>(cells, array)?,
        D::UInt16 => integers::<u16>(cells, array)?,
        D::UInt32 => integers::<u32>(cells, array)?,
        D::UInt64 => integers::<u64>(cells, array)?,
        D::UInt128 => integers::<u128>(cells, array)?,
        D::Float32 => primitives(cells, array, write_finite)?,
        D::Float64 => primitives(cells, array, write_double)?,
        D::Decimal32(_, scale) => primitives(cells, array, |text, number: i32| write_decimal(text, i128::from(number), *scale))?,
        D::Decimal64(_, scale) => primitives(cells, array, |text, number: i64| write_decimal(text, i128::from(number), *scale))?,
        D::Decimal(_, scale) => primitives(cells, array, |text, number: i128| write_decimal(text, number, *scale))?,
        D::Date32 => primitives(cells, array, |text, days: i32| write_instant(text, i64::from(days) * DAY_SECONDS, 0, false))?,
        D::Date64 => primitives(cells, array, |text, count: i64| write_timestamp(text, count, TimeUnit::Millisecond, false))?,
        D::Timestamp(unit, zone) => {
            let has_zone = zone.as_ref().is_some_and(|zone| !zone.is_empty());
            primitives(cells, array, |text, count: i64| write_timestamp(text, count, *unit, has_zone))?;
        }
        D::Time32(unit) => primitives(cells, array, |text, count: i32| write_time(text, i64::from(count), *unit))?,
        D::Time64(unit) => primitives(cells, array, |text, count: i64| write_time(text, count, *unit))?,
        D::Utf8 => each(cells, values::<Utf8Array<i32>>(array)?.iter(), String::push_str),
        D::LargeUtf8 => each(cells, values::<Utf8Array<i64>>(array)?.iter(), String::push_str),
        D::Utf8View => each(cells, values::<Utf8ViewArray>(array)?.iter(), String::push_str),
        D::Dictionary(key, ..) => match_integer_type!(key, |$T| coded::<$T>(cells, array)?),
        _ => return Err(no_text()),
    }
    Ok(())
}

/// Adds a cell for each value of an array of sixteen bytes each, which are UUIDs.
///
/// # Errors
/// As [`append`].
pub fn append_uuids(cells: &mut ColumnText, array: &dyn Array) -> Result<(), Refusal> {
    let uuids = values::<FixedSizeBinaryArray>(array)?.iter();
    each(cells, uuids, |text, bytes| {
        let digits = hex::encode(bytes);
        for (index, digit) in digits.chars().enumerate() {
            if matches!(index, 8 | 12 | 16 | 20) {
                text.push('-');
            }
            text.push(digit);
        }
    });
    Ok(())
}

/// Adds a cell for each value of an array of bytes that are texts by what their column says.
///
/// # Errors
/// As [`append`], and for bytes that are not UTF-8.
pub fn append_texts(cells: &mut ColumnText, array: &dyn Array) -> Result<(), Refusal> {
    for bytes in values::<BinaryViewArray>(array)?.iter() {
        let text = std::str::from_utf8(bytes.unwrap_or_default());
        cells.text.push_str(text.map_err(|_| Refusal::damaged("a text of it is not UTF-8"))?);
        cells.end_cell();
    }
    Ok(())
}

fn no_text() -> Refusal {
    Refusal::damaged("its values are not of the type that it names")
}

fn values<A: 'static>(array: &dyn Array) -> Result<&A, Refusal> {
    array.as_any().downcast_ref().ok_or_else(no_text)
}

fn each<T>(cells: &mut ColumnText, values: impl Iterator<Item = Option<T>>, write: impl Fn(&mut String, T)) {
    for value in values {
        if let Some(value) = value {
            write(&mut cells.text, value);
        }
        cells.end_cell();
    }
}

fn primitives<T: NativeType>(cells: &mut ColumnText, array: &dyn Array, write: impl Fn(&mut String, T)) -> Result<(), Refusal> {
    each(cells, values::<PrimitiveArray<T>>(array)?.iter().map(Option::<&T>::copied), write);
    Ok(())
}

fn integers<T: NativeType + itoa::Integer>(cells: &mut ColumnText, array: &dyn Array) -> Result<(), Refusal> {
    primitives(cells, array, |text, number: T| text.push_str(itoa::Buffer::new().format(number)))
}

/// The cells of an array of codes, whose texts are written once.
fn coded<K: DictionaryKey>(cells: &mut ColumnText, array: &dyn Array) -> Result<(), Refusal> {
    let array = values::<DictionaryArray<K>>(array)?;
    let mut words = ColumnText::default();
    append(&mut words, array.values().as_ref())?;
    let word = |code: usize| {
        let start = if code == 0 { 0 } else { words.ends[code - 1] };
        words.ends.get(code).map(|end| &words.text[start..*end])
    };
    for key in array.keys().iter() {
        if let Some(key) = key {
            let code: usize = (*key).try_into().map_err(|_| no_text())?;
            cells.text.push_str(word(code).ok_or_else(no_text)?);
        }
        cells.end_cell();
    }
    Ok(())
}

/// Writing to a string cannot fail.
fn push(text: &mut String, value: impl Display) {
    let _ = write!(text, "{value}");
}

/// A number that is none says nothing: it is how some programs write an empty cell.
fn write_double(text: &mut String, number: f64) {
    if number.is_finite() {
        write_number(text, number);
    }
}

fn write_finite(text: &mut String, number: f32) {
    if number.is_finite() {
        write_single(text, number);
    }
}

fn write_decimal(text: &mut String, number: i128, scale: usize) {
    if number < 0 {
        text.push('-');
    }
    let digits = number.unsigned_abs().to_string();
    if scale == 0 {
        return text.push_str(&digits);
    }
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, part) = padded.split_at(padded.len() - scale);
    text.push_str(whole);
    let part = part.trim_end_matches('0');
    if !part.is_empty() {
        text.push('.');
        text.push_str(part);
    }
}

/// Units in a second.
fn units(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

/// Seconds, and nanoseconds beyond them.
fn split(count: i64, unit: TimeUnit) -> (i64, u32) {
    let units = units(unit);
    (count.div_euclid(units), (count.rem_euclid(units) * (1_000_000_000 / units)) as u32)
}

fn write_timestamp(text: &mut String, count: i64, unit: TimeUnit, has_zone: bool) {
    let (seconds, nanoseconds) = split(count, unit);
    write_instant(text, seconds, nanoseconds, has_zone);
}

/// An instant of a zone in UTC; one of none as a clock on the wall, without the time at midnight. One beyond the calendar is
/// written as the number that it is.
fn write_instant(text: &mut String, seconds: i64, nanoseconds: u32, has_zone: bool) {
    let (days, second) = (seconds.div_euclid(DAY_SECONDS), seconds.rem_euclid(DAY_SECONDS));
    let day = i32::try_from(days).ok().and_then(NaiveDate::from_epoch_days);
    let Some(day) = day.filter(|_| (-719_162..=2_932_896).contains(&days)) else { return push(text, seconds) };
    push(text, day);
    if has_zone || second != 0 || nanoseconds != 0 {
        text.push('T');
        write_clock(text, second, nanoseconds);
    }
    if has_zone {
        text.push('Z');
    }
}

fn write_time(text: &mut String, count: i64, unit: TimeUnit) {
    match split(count, unit) {
        (seconds @ 0..DAY_SECONDS, nanoseconds) => write_clock(text, seconds, nanoseconds),
        _ => push(text, count),
    }
}

fn write_clock(text: &mut String, second: i64, nanoseconds: u32) {
    let _ = write!(text, "{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    if nanoseconds != 0 {
        let fraction = format!("{nanoseconds:09}");
        text.push('.');
        text.push_str(fraction.trim_end_matches('0'));
    }
}
