//! Columns of days, wall times and instants as numbers. What cannot be read is blank and a problem.

use polars::prelude::*;

use crate::domain::columns::ColumnType;
use crate::domain::date::{self, DateOrder, DayTime, Instant, Reading, Zone, swap_day_and_month};
use crate::domain::record::Field;
use crate::error::Result;
use crate::source::normalize::cells::Findings;
use crate::source::normalize::counters::{Counted, DateReading};
use crate::source::normalize::date_orders::OrderEvidence;
use crate::source::profile::Profile;

/// A column of days, times or instants, read; and its cells that another order reads differently.
pub struct Dates {
    /// Its values.
    pub column: Column,
    /// The Pacific wall times behind the days, in seconds since midnight; of the confirmed date only.
    pub times: Vec<Option<i32>>,
    /// What it says of the order of day and month.
    pub evidence: OrderEvidence,
    /// Rows that another order reads as another day.
    pub ambiguous: Vec<u32>,
    /// What the other order makes of those in which more differs than the day.
    others: Vec<(u32, Other)>,
}

/// What another order makes of a cell.
#[derive(Debug, Clone, Copy)]
struct Other {
    /// Days or microseconds.
    value: i64,
    /// The Pacific wall time behind it.
    time: Option<i32>,
}

/// Why the time behind a confirmed date was left out.
const ELSEWHERE: &str = "its time is in a zone that is not known and was left out; write it in Pacific time or with an offset";

/// Reads a column of days, times or instants in the order of `profile`. `zone` is the one its header names.
pub fn column(
    cells: &StringChunked,
    field: Field,
    (header, zone): (usize, Option<Zone>),
    profile: &Profile,
    findings: &mut Findings,
) -> Result<Dates> {
    let mut reader =
        CellReader { header, field, profile, findings, evidence: OrderEvidence::default(), ambiguous: Vec::new(), others: Vec::new() };
    let name = field.key();
    let mut times = Vec::new();
    let series = match field.column_type() {
        ColumnType::Instant => {
            let mut values = PrimitiveChunkedBuilder::<Int64Type>::new(name.into(), cells.len());
            let closes = matches!(field, Field::CompletedAt | Field::CanceledAt);
            let instant = if closes { date::instant_or_day } else { date::instant };
            let naive = naive(zone, profile).unwrap_or(Zone::UTC);
            reader.read(
                cells,
                |cell| read_instant(cell, profile.order, |text, order| instant(text, order, naive)),
                |value| {
                    values.append_option(value);
                },
            );
            let micros = values.finish().into_series();
            micros.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?
        }
        ColumnType::Time => {
            let mut values = PrimitiveChunkedBuilder::<Int32Type>::new(name.into(), cells.len());
            let read = |cell: &str| match profile.time_of_day(cell) {
                Some(seconds) => Cell::read(seconds, Reading::Plain, None),
                None => Cell::fault("not a Pacific wall time; expected hh:mm"),
            };
            reader.read(cells, read, |value| values.append_option(value));
            values.finish().into_series()
        }
        _ => {
            let mut values = PrimitiveChunkedBuilder::<Int32Type>::new(name.into(), cells.len());
            let (naive, timed) = (naive(zone, profile).unwrap_or(Zone::Pacific), field == Field::ConfirmedDate);
            reader.read(
                cells,
                |cell| read_day(cell, profile.order, naive, timed),
                |moment| {
                    values.append_option(moment.map(|(days, _)| days));
                    if timed {
                        times.push(moment.and_then(|(_, time)| pacific(time)));
                    }
                },
            );
            values.finish().into_series().cast(&DataType::Date)?
        }
    };
    let CellReader { evidence, ambiguous, others, .. } = reader;
    Ok(Dates { column: series.into_column(), times, evidence, ambiguous, others })
}

impl Dates {
    /// Reads the ambiguous cells in the other order.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn turn(&mut self) -> Result<()> {
        if self.ambiguous.is_empty() {
            return Ok(());
        }
        let dtype = self.column.dtype().clone();
        let mut values: Vec<Option<i64>> = self.column.cast(&DataType::Int64)?.i64()?.iter().collect();
        for row in &self.ambiguous {
            let value = &mut values[*row as usize];
            *value = value.map(|days| i64::from(swap_day_and_month(days as i32)));
        }
        for (row, other) in &self.others {
            values[*row as usize] = Some(other.value);
            if let Some(time) = self.times.get_mut(*row as usize) {
                *time = other.time;
            }
        }
        let name = self.column.name().clone();
        let turned = Int64Chunked::from_iter_options(name, values.into_iter()).into_series();
        // Days are held in 32 bits.
        let turned = if dtype == DataType::Date { turned.cast(&DataType::Int32)? } else { turned };
        self.column = turned.cast(&dtype)?.into_column();
        Ok(())
    }
}

/// The zone of times that name none: the one that the header names, as far as it is known, else the profile's.
fn naive(header: Option<Zone>, profile: &Profile) -> Option<Zone> {
    header.filter(|zone| *zone != Zone::Other).or(profile.zone).or(header)
}

fn pacific(time: DayTime) -> Option<i32> {
    match time {
        DayTime::Pacific(seconds) => Some(seconds),
        _ => None,
    }
}

fn read_day(cell: &str, order: DateOrder, naive: Zone, timed: bool) -> Cell<(i32, DayTime)> {
    let moment = match date::moment(cell, order, naive) {
        Ok(moment) => moment,
        Err(fault) => return Cell::fault(fault.caption()),
    };
    // Where a zone counts, the day and the time of the other order are not those of this one with its numbers swapped.
    let is_zoned = moment.day.reading == Reading::Ambiguous && (moment.time != DayTime::None || naive != Zone::Pacific || moment.moved);
    let other = || date::moment(cell, order.other(), naive).ok();
    Cell {
        moved: moment.moved,
        reason: (timed && moment.time == DayTime::UnknownZone).then_some(ELSEWHERE),
        other: is_zoned.then(other).flatten().map(|other| Other { value: i64::from(other.day.days), time: pacific(other.time) }),
        ..Cell::read((moment.day.days, moment.time), moment.day.reading, moment.day.proves)
    }
}

fn read_instant(cell: &str, order: DateOrder, read: impl Fn(&str, DateOrder) -> Option<Instant>) -> Cell<i64> {
    let Some(instant) = read(cell, order) else {
        return Cell::fault("not an instant; expected yyyy-mm-ddThh:mm:ssZ");
    };
    let other = || read(cell, order.other()).map(|other| Other { value: other.micros, time: None });
    Cell {
        other: (instant.reading == Reading::Ambiguous).then(other).flatten(),
        ..Cell::read(instant.micros, instant.reading, instant.proves)
    }
}

struct CellReader<'a> {
    header: usize,
    field: Field,
    profile: &'a Profile,
    findings: &'a mut Findings,
    evidence: OrderEvidence,
    ambiguous: Vec<u32>,
    others: Vec<(u32, Other)>,
}

#[derive(Clone, Copy)]
struct Cell<T> {
    value: Option<T>,
    reading: Reading,
    proves: Option<DateOrder>,
    /// What the other order makes of it, where more differs than the day.
    other: Option<Other>,
    moved: bool,
    /// Why it has no value, or only part of what is written.
    reason: Option<&'static str>,
}

impl<T> Cell<T> {
    fn read(value: T, reading: Reading, proves: Option<DateOrder>) -> Self {
        Self { value: Some(value), reading, proves, other: None, moved: false, reason: None }
    }

    fn fault(reason: &'static str) -> Self {
        Self { value: None, reading: Reading::Plain, proves: None, other: None, moved: false, reason: Some(reason) }
    }
}

impl CellReader<'_> {
    /// Puts what `read` makes of each cell, and finds what is to be said of it.
    fn read<T: Copy>(&mut self, cells: &StringChunked, read: impl Fn(&str) -> Cell<T>, mut put: impl FnMut(Option<T>)) {
        let null_words = self.profile.null_words(Some(self.field));
        // Rows of one order share their dates: the last text is read once.
        let mut last: Option<(&str, Cell<T>)> = None;
        let (mut serial, mut moved, mut nothing) = (0, 0, 0);
        for (row, cell) in cells.downcast_iter().flat_map(|array| array.iter()).enumerate() {
            let Some(cell) = cell else {
                put(None);
                continue;
            };
            let found = match last {
                Some((text, found)) if text == cell => found,
                _ => {
                    let text = cell.trim();
                    if text.is_empty() || null_words.contains(text) {
                        nothing += u64::from(!text.is_empty());
                        put(None);
                        continue;
                    }
                    read(&self.profile.date_text(cell))
                }
            };
            last = Some((cell, found));
            put(found.value);
            moved += u64::from(found.moved);
            if let Some(order) = found.proves {
                self.evidence.add_proof(order);
            }
            match found.reading {
                Reading::Plain => {}
                Reading::Ambiguous => {
                    self.ambiguous.push(row as u32);
                    self.others.extend(found.other.map(|other| (row as u32, other)));
                }
                Reading::Serial => serial += 1,
            }
            if let Some(reason) = found.reason {
                self.findings.add_bad_cell(row, self.header, cell, reason);
            }
        }
        self.evidence.ambiguous = self.ambiguous.len() as u64;
        for (reading, count) in [(DateReading::Serial, serial), (DateReading::Moved, moved)] {
            self.findings.counters.add(Counted::Dates(self.header, reading), count);
        }
        self.findings.counters.add(Counted::NullWords(self.header), nothing);
    }
}
