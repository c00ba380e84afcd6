//! Joins normalized tables into one frame of orders: duplicates are set aside and counted, rejected rows left out.

use polars::prelude::{BooleanChunked, Column, DataType, IdxCa, IntoColumn, NewChunkedArray, PlSmallStr, Scalar, TimeUnit, UInt64Chunked};

use crate::domain::columns::{ColumnType, history_columns};
use crate::domain::data_quality::QualityFlag;
use crate::domain::record::{Field, INPUT, LINE, NUMBER_TYPE, QUALITY_MASK, SOURCE_WORDS};
use crate::domain::replay::StateMachine;
use crate::domain::text::{counted, thousands};
use crate::error::{Error, Result};
use crate::source::duplicates::{self, Duplicates};
use crate::source::events::columns::{self, Replayed};
use crate::source::events::of_orders::{Spread, spread};
use crate::source::events::overlay::{DetailStates, Overlaid, overlay};
use crate::source::events::replay::Replay;
use crate::source::events::standings::Standings;
use crate::source::normalize::NormalizedTable;
use crate::source::order_frame::OrderFrame;
use crate::source::orders::{Orders, Origin, RowOwner, Superseded};

/// The rows of all tables of events: the history of a number may stand in several.
#[derive(Default)]
struct EventRows {
    frames: Vec<OrderFrame>,
    keep: Vec<bool>,
    places: Vec<String>,
    /// What the events of the only table came to, if they were replayed while it was read, and the table's index.
    replay: Option<(Box<Replay>, u32)>,
}

impl EventRows {
    fn add(&mut self, frame: OrderFrame, keep: Vec<bool>, replay: Option<(Box<Replay>, u32)>, place: Option<String>) {
        self.replay = replay;
        self.frames.push(frame);
        self.keep.extend(keep);
        self.places.push(place.unwrap_or_default());
    }

    /// What the events come to beside the rows of `others`, and which of the rows can be rows of a report; nothing without events.
    fn replayed(
        self,
        orders: &mut Orders,
        others: &[OrderFrame],
        (machine, details): (impl FnOnce() -> Result<StateMachine>, &DetailStates),
    ) -> Result<Option<(OrderFrame, Vec<bool>)>> {
        if self.places.is_empty() {
            return Ok(None);
        }
        let place = match self.places.as_slice() {
            [place] => place.clone(),
            places => counted(places.len() as u64, "table of events"),
        };
        let Replayed { frame, keep, replayed, notes } = match self.replay {
            Some((replay, input)) => {
                let mut replayed = columns::rows(*replay, &place)?;
                let height = replayed.frame.height();
                replayed.frame.set(Column::new_scalar(INPUT.into(), Scalar::from(input), height))?;
                replayed
            }
            None => {
                let events = OrderFrame::stack(self.frames)?;
                let Spread { frame: events, keep, expanded, rejects } = spread(events, self.keep, others, &place)?;
                orders.expanded += expanded;
                orders.rejects.extend(rejects);
                let standings = Standings::of(others, &events, details)?;
                let mut replay = Replay::new(machine()?);
                // Nothing was told before that these could contradict.
                replay.add(&events, &keep, &standings)?;
                drop((events, keep));
                columns::rows(replay, &place)?
            }
        };
        orders.present.extend(Field::all().filter(|field| frame.has_values(field.key())));
        orders.replayed = replayed;
        orders.notes.extend(notes);
        Ok(Some((frame, keep)))
    }
}

/// Lays what the rows from `first` on tell of events over the rows of orders of their numbers, and notes what differs.
fn lay_events_over(orders: &mut Orders, frame: &mut OrderFrame, (keep, first): (&mut [bool], usize), details: &DetailStates) -> Result<()> {
    let Overlaid { numbers, replaced, kept } = overlay(frame, keep, first, details)?;
    orders.replayed += numbers;
    for (count, what) in [
        (numbers, "numbers with orders and events, which are one row"),
        (replaced, "rows of orders that differ from newer events, of which the events count"),
        (kept, "rows of orders that differ from older events, of which the orders count"),
    ] {
        if count > 0 {
            orders.notes.push(format!("{what}: {}", thousands(count)).into());
        }
    }
    Ok(())
}

/// Joins tables in input order, and behind them what the tables of events come to. Of rows with the same number in the same request (without a request: order, else case)
/// of one account and system, those stay that [`duplicates::find`] says. With `repeats_stay`
/// all of them do. The state `machine` is made where there are events.
///
/// # Errors
/// Those of `machine`; [`Error::internal`] when columns cannot be joined or the counts do not add up.
pub fn merge(
    tables: Vec<NormalizedTable>,
    machine: impl FnOnce() -> Result<StateMachine>,
    details: &DetailStates,
    repeats_stay: bool,
) -> Result<Orders> {
    let mut orders = Orders::default();
    let (mut keep, mut frames): (Vec<bool>, Vec<OrderFrame>) = (Vec::new(), Vec::with_capacity(tables.len()));
    let mut events = EventRows::default();
    let mut systems = Vec::with_capacity(tables.len());
    for (input, NormalizedTable { orders: mut table, keep: kept, is_events, replay, system, .. }) in tables.into_iter().enumerate() {
        systems.push(system);
        let place = table.origins.first().map(Origin::place);
        orders.origins.extend(table.origins);
        orders.read += table.read;
        orders.expanded += table.expanded;
        orders.present.extend(table.present);
        orders.rejects.extend(table.rejects);
        orders.notes.extend(table.notes);
        orders.add_unknown_words(table.unknown_words);
        orders.near_words.extend(table.near_words);
        table.frame.set(Column::new_scalar(INPUT.into(), Scalar::from(input as u32), table.frame.height()))?;
        if is_events {
            events.add(table.frame, kept, replay.map(|replay| (replay, input as u32)), place);
        } else {
            keep.extend(kept);
            frames.push(table.frame);
        }
    }
    let first = keep.len();
    if let Some((frame, kept)) = events.replayed(&mut orders, &frames, (machine, details))? {
        keep.extend(kept);
        frames.push(frame);
    }
    orders.rejects.sort();
    let mut frame = OrderFrame::stack(frames)?;
    orders.owners = owners(&frame, &keep)?;
    if first < keep.len() {
        lay_events_over(&mut orders, &mut frame, (&mut keep, first), details)?;
    }
    if !repeats_stay {
        set_aside_duplicates(&mut orders, &mut frame, &mut keep, &systems)?;
    }
    let frame = match keep.iter().all(|keep| *keep) {
        true => frame,
        false => frame.filter(&BooleanChunked::from_iter_values(PlSmallStr::EMPTY, keep.into_iter()))?,
    };
    orders.frame = with_all_columns(frame)?;
    let counted = orders.frame.height() as u64 + orders.superseded.len() as u64 + orders.replayed + orders.rejected_rows();
    if counted != orders.read + orders.expanded {
        let what = format!("{} rows and {} more from ranges were read, but {counted} are accounted for", orders.read, orders.expanded);
        return Err(Error::internal("counts", what));
    }
    Ok(orders)
}

/// The columns of orders beside the fields and the histories.
pub fn columns_beside() -> [(&'static str, DataType); 5] {
    [
        (NUMBER_TYPE, DataType::String),
        (SOURCE_WORDS, DataType::String),
        (INPUT, DataType::UInt32),
        (LINE, DataType::UInt32),
        (QUALITY_MASK, DataType::UInt64),
    ]
}

/// `frame` with all columns of the record in its order, those no input had as nulls.
fn with_all_columns(frame: OrderFrame) -> Result<OrderFrame> {
    let fields = Field::all().map(|field| (field.key(), dtype(field.column_type())));
    let histories = history_columns().map(|column| (column.key, dtype(column.column_type)));
    frame.with_columns(fields.chain(histories).chain(columns_beside()))
}

/// Whose the rows are that are not to be kept, as far as they say.
fn owners(frame: &OrderFrame, keep: &[bool]) -> Result<Vec<RowOwner>> {
    let rejected = IdxCa::from_vec(PlSmallStr::EMPTY, (0..).zip(keep).filter(|(_, keep)| !**keep).map(|(row, _)| row).collect());
    let has = |field: &Field| frame.names().iter().any(|name| *name == field.key());
    let named: Vec<Field> = [Field::AccountId, Field::Partner].into_iter().filter(has).collect();
    if rejected.is_empty() || named.is_empty() {
        return Ok(Vec::new());
    }
    let cells = frame.select([INPUT, LINE].into_iter().chain(named.iter().map(|field| field.key())), Some(&rejected))?;
    let (inputs, lines) = (cells.column(INPUT)?.u32()?, cells.column(LINE)?.u32()?);
    let text = |field: Field, row: usize| cells.column(field.key()).ok()?.str().ok()?.get(row).map(str::to_owned);
    let owner = |row: usize| {
        let place = (inputs.get(row)?, lines.get(row)?);
        let (account, partner) = (text(Field::AccountId, row), text(Field::Partner, row));
        (account.is_some() || partner.is_some()).then_some(RowOwner { place, account, partner })
    };
    Ok((0..rejected.len()).filter_map(owner).collect())
}

/// Leaves out of `keep` the rows that others stand for, flags what is odd about those that stay, and notes both.
fn set_aside_duplicates(orders: &mut Orders, frame: &mut OrderFrame, keep: &mut [bool], systems: &[Option<String>]) -> Result<()> {
    let Duplicates { replaced, flagged, repeated, older, between } = duplicates::find(frame, keep, systems)?;
    let undecided = flagged.iter().filter(|(_, flag)| *flag == QualityFlag::UndecidedDuplicate).count() as u64;
    for (count, what) in [
        (repeated, "rows that repeat another row of their input, left out"),
        (older, "rows superseded within an input, of which the newer updated_at wins"),
        (between, "rows superseded between inputs, of which the newer updated_at wins, else the later input"),
        (
            undecided,
            "rows that share number, request and account with others of their input, and no updated_at tells which is newer; all stay",
        ),
    ] {
        if count > 0 {
            orders.notes.push(format!("{what}: {}", thousands(count)).into());
        }
    }
    if !flagged.is_empty() {
        let mut mask: Vec<u64> = frame.column(QUALITY_MASK)?.u64()?.iter().map(Option::unwrap_or_default).collect();
        flagged.iter().for_each(|(row, flag)| mask[*row as usize] |= flag.bit());
        frame.set(UInt64Chunked::from_vec(QUALITY_MASK.into(), mask).into_column())?;
    }
    let (inputs, lines) = (frame.column(INPUT)?, frame.column(LINE)?);
    let (inputs, lines) = (inputs.u32()?, lines.u32()?);
    let place = |row: u32| (inputs.get(row as usize).unwrap_or_default(), lines.get(row as usize).unwrap_or_default());
    replaced.iter().for_each(|(old, _)| keep[*old as usize] = false);
    orders.superseded = replaced.into_iter().map(|(old, new)| Superseded { old: place(old), new: place(new) }).collect();
    Ok(())
}

/// The frame type of what a column holds.
pub fn dtype(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Phone | ColumnType::Id | ColumnType::Text | ColumnType::Status | ColumnType::Choice => DataType::String,
        ColumnType::Date => DataType::Date,
        ColumnType::Time => DataType::Int32,
        ColumnType::Instant => DataType::Datetime(TimeUnit::Microseconds, None),
        ColumnType::Count | ColumnType::Amount => DataType::Int64,
        ColumnType::Share => DataType::Float64,
        ColumnType::Bool => DataType::Boolean,
    }
}
