//! Columns of days, wall times and instants as numbers. What cannot be read is blank and a problem.

use polars::prelude::{
    ChunkedBuilder, Column, DataType, Int32Type, Int64Type, IntoColumn, IntoSeries, PrimitiveChunkedBuilder, StringChunked, TimeUnit,
};

use crate::domain::columns::ColumnType;
use crate::domain::data_quality::QualityFlag;
use crate::domain::date::{self, DayTime, Reading, Zone};
use crate::domain::record::Field;
use crate::error::Result;
use crate::source::normalize::cells::{CellProblem, ERROR_VALUE, is_error_value};
use crate::source::profile::Profile;

/// How many cells of a column were read in a way worth telling.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DateCounters {
    /// Dates that two orders read differently.
    pub ambiguous: u64,
    /// Day numbers of spreadsheets.
    pub serial: u64,
    /// Instants whose Pacific day is not the day written.
    pub moved: u64,
}

/// A column of days, times or instants, read.
pub struct Dates {
    /// Its values.
    pub column: Column,
    /// What was counted.
    pub counters: DateCounters,
    /// The Pacific wall times behind the days, in seconds since midnight; of the confirmed date only.
    pub times: Vec<Option<i32>>,
}

/// Why the time behind a confirmed date was left out.
const ELSEWHERE: &str = "its time is in a zone that is not known and was left out; write it in Pacific time or with an offset";

/// Reads a column of days, times or instants. `zone` is the one its header names.
pub fn column(
    cells: &StringChunked,
    field: Field,
    (header, zone): (usize, Option<Zone>),
    profile: &Profile,
    flags: &mut [u64],
    problems: &mut Vec<CellProblem>,
) -> Result<Dates> {
    let mut sink = Sink { header, flags, problems, counters: DateCounters::default(), profile };
    let name = field.key();
    let mut times = Vec::new();
    let series = match field.column_type() {
        ColumnType::Instant => {
            let mut values = PrimitiveChunkedBuilder::<Int64Type>::new(name.into(), cells.len());
            let read = |cell: &str| match date::instant(cell, profile.order) {
                Some(instant) => Cell::read(instant.micros, instant.reading),
                None => Cell::fault("not an instant; expected yyyy-mm-ddThh:mm:ssZ"),
            };
            sink.each(cells, read, |value| values.append_option(value));
            let micros = values.finish().into_series();
            micros.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?
        }
        ColumnType::Time => {
            let mut values = PrimitiveChunkedBuilder::<Int32Type>::new(name.into(), cells.len());
            let read = |cell: &str| match date::time(cell) {
                Some(seconds) => Cell::read(seconds, Reading::Plain),
                None => Cell::fault("not a Pacific wall time; expected hh:mm"),
            };
            sink.each(cells, read, |value| values.append_option(value));
            values.finish().into_series()
        }
        _ => {
            let mut values = PrimitiveChunkedBuilder::<Int32Type>::new(name.into(), cells.len());
            let (naive, timed) = (zone.unwrap_or(Zone::Pacific), field == Field::ConfirmedDate);
            let read = |cell: &str| match date::moment(cell, profile.order, naive) {
                Ok(moment) => Cell {
                    moved: moment.moved,
                    reason: (timed && moment.time == DayTime::UnknownZone).then_some(ELSEWHERE),
                    ..Cell::read((moment.day.days, moment.time), moment.day.reading)
                },
                Err(fault) => Cell::fault(fault.caption()),
            };
            sink.each(cells, read, |moment| {
                values.append_option(moment.map(|(days, _)| days));
                if timed {
                    times.push(match moment {
                        Some((_, DayTime::Pacific(seconds))) => Some(seconds),
                        _ => None,
                    });
                }
            });
            values.finish().into_series().cast(&DataType::Date)?
        }
    };
    Ok(Dates { column: series.into_column(), counters: sink.counters, times })
}

struct Sink<'a> {
    header: usize,
    flags: &'a mut [u64],
    problems: &'a mut Vec<CellProblem>,
    counters: DateCounters,
    profile: &'a Profile,
}

#[derive(Clone, Copy)]
struct Cell<T> {
    value: Option<T>,
    reading: Reading,
    moved: bool,
    /// Why it has no value, or only part of what is written.
    reason: Option<&'static str>,
}

impl<T> Cell<T> {
    fn read(value: T, reading: Reading) -> Self {
        Self { value: Some(value), reading, moved: false, reason: None }
    }

    fn fault(reason: &'static str) -> Self {
        Self { value: None, reading: Reading::Plain, moved: false, reason: Some(reason) }
    }
}

impl Sink<'_> {
    fn each<T: Copy>(&mut self, cells: &StringChunked, read: impl Fn(&str) -> Cell<T>, mut put: impl FnMut(Option<T>)) {
        // Rows of one order share their dates: the last text is read once.
        let mut last: Option<(&str, Cell<T>)> = None;
        for (row, cell) in cells.downcast_iter().flat_map(|array| array.iter()).enumerate() {
            let Some(cell) = cell else {
                put(None);
                continue;
            };
            let found = match last {
                Some((text, found)) if text == cell => found,
                _ if self.profile.is_blank(cell.trim()) => {
                    put(None);
                    continue;
                }
                _ => read(cell),
            };
            last = Some((cell, found));
            put(found.value);
            self.counters.moved += u64::from(found.moved);
            match found.reading {
                Reading::Plain => {}
                Reading::Ambiguous => {
                    self.counters.ambiguous += 1;
                    self.flags[row] |= QualityFlag::AmbiguousDate.bit();
                }
                Reading::Serial => self.counters.serial += 1,
            }
            if let Some(reason) = found.reason {
                self.flags[row] |= QualityFlag::BadCell.bit();
                let reason = if is_error_value(cell) { ERROR_VALUE } else { reason };
                self.problems.push(CellProblem { row: row as u32, header: self.header, value: cell.to_owned(), reason });
            }
        }
    }
}
