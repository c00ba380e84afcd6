//! Joins normalized tables into one frame of orders: older duplicates are set aside and counted, rejected rows left out.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;
use polars::prelude::{BooleanChunked, Column, DataType, NewChunkedArray, PlSmallStr, Scalar, TimeUnit};
use rayon::prelude::*;

use crate::domain::columns::ColumnType;
use crate::domain::record::{Field, INPUT, LINE, NUMBER_TYPE, QUALITY_MASK, SOURCE_WORDS};
use crate::error::{Error, Result};
use crate::source::normalize::NormalizedTable;
use crate::source::order_frame::OrderFrame;
use crate::source::orders::{Orders, Superseded};

/// Joins tables in input order. Of rows with the same number in the same request (without a request:
/// order, else case) the newest by `updated_at` stays, a null being the oldest, and of equals the later row.
///
/// # Errors
/// [`Error::internal`] when columns cannot be joined or the counts do not add up.
pub fn merge(tables: Vec<NormalizedTable>) -> Result<Orders> {
    let mut orders = Orders::default();
    let mut keep: Vec<bool> = Vec::new();
    let mut frames = Vec::with_capacity(tables.len());
    for (input, NormalizedTable { orders: mut table, keep: kept }) in tables.into_iter().enumerate() {
        orders.origins.extend(table.origins);
        orders.read += table.read;
        orders.expanded += table.expanded;
        orders.present.extend(table.present);
        orders.rejects.extend(table.rejects);
        orders.notes.extend(table.notes);
        orders.add_unknown_words(table.unknown_words);
        keep.extend(kept);
        table.frame.set(Column::new_scalar(INPUT.into(), Scalar::from(input as u32), table.frame.height()))?;
        frames.push(table.frame);
    }
    orders.rejects.sort();
    let frame = OrderFrame::stack(frames)?;
    orders.superseded = supersede(&frame, &mut keep)?;
    let frame = match keep.iter().all(|keep| *keep) {
        true => frame,
        false => frame.filter(&BooleanChunked::from_iter_values(PlSmallStr::EMPTY, keep.into_iter()))?,
    };
    // All columns of the record in its order, those no input had as nulls.
    let fields = Field::all().map(|field| (field.key(), dtype(field.column_type())));
    let others = [
        (NUMBER_TYPE, DataType::String),
        (SOURCE_WORDS, DataType::String),
        (INPUT, DataType::UInt32),
        (LINE, DataType::UInt32),
        (QUALITY_MASK, DataType::UInt64),
    ];
    orders.frame = frame.with_columns(fields.chain(others))?;
    let counted = orders.frame.height() as u64 + orders.superseded.len() as u64 + orders.rejected_rows();
    if counted != orders.read + orders.expanded {
        let what = format!("{} rows and {} more from ranges were read, but {counted} are accounted for", orders.read, orders.expanded);
        return Err(Error::internal("counts", what));
    }
    Ok(orders)
}

/// Marks the older rows of each number and request in `keep` and lists them, in row order.
fn supersede(frame: &OrderFrame, keep: &mut [bool]) -> Result<Vec<Superseded>> {
    let Ok(phone) = frame.column(Field::PhoneNumber.key()) else {
        return Ok(Vec::new());
    };
    let phone = phone.str()?;
    let groups = groups(frame)?;
    let mut hashes: Vec<(u64, u32)> = phone.iter().zip(&groups).zip(0..).map(|((number, group), row)| (hash(group, number), row)).collect();
    hashes.retain(|(_, row)| keep[*row as usize]);
    hashes.par_sort_unstable();
    let updated = updates(frame);
    let newness = |row: u32| (updated.as_ref().map_or(i64::MIN, |updated| updated[row as usize]), row);
    let mut replaced: Vec<(u32, u32)> = Vec::new();
    for run in hashes.chunk_by(|left, right| left.0 == right.0).filter(|run| run.len() > 1) {
        let mut rows_of: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        for (_, row) in run {
            rows_of.entry((phone.get(*row as usize), groups[*row as usize])).or_default().push(*row);
        }
        for rows in rows_of.values().filter(|rows| rows.len() > 1) {
            let newest = rows.iter().copied().max_by_key(|row| newness(*row)).unwrap_or(rows[0]);
            replaced.extend(rows.iter().filter(|row| **row != newest).map(|row| (*row, newest)));
        }
    }
    replaced.sort_unstable();
    let (inputs, lines) = (frame.column(INPUT)?, frame.column(LINE)?);
    let (inputs, lines) = (inputs.u32()?, lines.u32()?);
    let place = |row: u32| (inputs.get(row as usize).unwrap_or_default(), lines.get(row as usize).unwrap_or_default());
    for (old, _) in &replaced {
        keep[*old as usize] = false;
    }
    Ok(replaced.into_iter().map(|(old, new)| Superseded { old: place(old), new: place(new) }).collect())
}

/// What a row's number may stand in once: its request, else its order, else its case, each by kind and code.
type Group = Option<(u8, u32)>;

fn groups(frame: &OrderFrame) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = vec![None; frame.height()];
    for (kind, field) in (0..).zip([Field::RequestId, Field::OrderId, Field::CaseNumber]) {
        // They are tried in turn, so later ones are read only if a row needs them.
        if frame.has_values(field.key()) && groups.contains(&None) {
            let coded = frame.coded(field.key())?;
            for (group, code) in groups.iter_mut().zip(coded.codes.iter()).filter(|(group, _)| group.is_none()) {
                *group = code.map(|code| (kind, code));
            }
        }
    }
    Ok(groups)
}

/// Equal numbers and groups have equal hashes; collisions are resolved by comparing both.
fn hash(group: &Group, number: Option<&str>) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    group.hash(&mut hasher);
    hasher.write(number.unwrap_or_default().as_bytes());
    hasher.finish()
}

fn updates(frame: &OrderFrame) -> Option<Vec<i64>> {
    let updated = frame.column(Field::UpdatedAt.key()).ok()?.cast(&DataType::Int64).ok()?;
    let updated = updated.i64().ok()?;
    Some(updated.downcast_iter().flat_map(|array| array.iter().map(|value| value.copied().unwrap_or(i64::MIN))).collect())
}

/// The frame type of what a column holds.
pub fn dtype(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Phone | ColumnType::Id | ColumnType::Text | ColumnType::Status | ColumnType::Choice => DataType::String,
        ColumnType::Date => DataType::Date,
        ColumnType::Time => DataType::Int32,
        ColumnType::Instant => DataType::Datetime(TimeUnit::Microseconds, None),
        ColumnType::Count => DataType::Int64,
        ColumnType::Share => DataType::Float64,
        ColumnType::Bool => DataType::Boolean,
    }
}
