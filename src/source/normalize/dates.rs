//! Columns of days, wall times and instants as numbers. What cannot be read is blank and a problem.

use polars::prelude::*;

use crate::domain::columns::ColumnType;
use crate::domain::data_quality::QualityFlag;
use crate::domain::date::{self, DayTime, Reading, Zone};
use crate::domain::record::Field;
use crate::error::Result;
use crate::source::normalize::cells::Findings;
use crate::source::normalize::counters::{Counted, DateReading};
use crate::source::profile::Profile;

/// A column of days, times or instants, read.
pub struct Dates {
    /// Its values.
    pub column: Column,
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
    findings: &mut Findings,
) -> Result<Dates> {
    let mut reader = CellReader { header, profile, findings };
    let name = field.key();
    let mut times = Vec::new();
    let series = match field.column_type() {
        ColumnType::Instant => {
            let mut values = PrimitiveChunkedBuilder::<Int64Type>::new(name.into(), cells.len());
            let read = |cell: &str| match date::instant(cell, profile.order) {
                Some(instant) => Cell::read(instant.micros, instant.reading),
                None => Cell::fault("not an instant; expected yyyy-mm-ddThh:mm:ssZ"),
            };
            reader.read(cells, read, |value| values.append_option(value));
            let micros = values.finish().into_series();
            micros.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?
        }
        ColumnType::Time => {
            let mut values = PrimitiveChunkedBuilder::<Int32Type>::new(name.into(), cells.len());
            let read = |cell: &str| match date::time(cell) {
                Some(seconds) => Cell::read(seconds, Reading::Plain),
                None => Cell::fault("not a Pacific wall time; expected hh:mm"),
            };
            reader.read(cells, read, |value| values.append_option(value));
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
            reader.read(cells, read, |moment| {
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
    Ok(Dates { column: series.into_column(), times })
}

struct CellReader<'a> {
    header: usize,
    profile: &'a Profile,
    findings: &'a mut Findings,
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

impl CellReader<'_> {
    /// Puts what `read` makes of each cell, and finds what is to be said of it.
    fn read<T: Copy>(&mut self, cells: &StringChunked, read: impl Fn(&str) -> Cell<T>, mut put: impl FnMut(Option<T>)) {
        // Rows of one order share their dates: the last text is read once.
        let mut last: Option<(&str, Cell<T>)> = None;
        let (mut ambiguous, mut serial, mut moved) = (0, 0, 0);
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
            moved += u64::from(found.moved);
            match found.reading {
                Reading::Plain => {}
                Reading::Ambiguous => {
                    ambiguous += 1;
                    self.findings.flags[row] |= QualityFlag::AmbiguousDate.bit();
                }
                Reading::Serial => serial += 1,
            }
            if let Some(reason) = found.reason {
                self.findings.add_bad_cell(row, self.header, cell, reason);
            }
        }
        for (reading, count) in [(DateReading::Ambiguous, ambiguous), (DateReading::Serial, serial), (DateReading::Moved, moved)] {
            self.findings.counters.add(Counted::Dates(self.header, reading), count);
        }
    }
}
