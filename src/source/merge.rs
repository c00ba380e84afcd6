//! Joins normalized tables into one frame of orders: older duplicates are set aside and counted, rejected rows left out.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use polars::prelude::{
    BooleanChunked, Column, DataFrame, DataType, IntoColumn, IntoSeries, NewChunkedArray, PlSmallStr, Series, StringChunked, TimeUnit,
};
use rayon::prelude::*;

use crate::domain::columns::ColumnType;
use crate::domain::record::{Field, INPUT, LINE, NUMBER_TYPE, QUALITY_MASK, SOURCE_WORDS};
use crate::error::{Error, Result};
use crate::source::normalize::NormalizedTable;
use crate::source::orders::{Orders, Origin, Superseded};

/// Above this many chunks a frame is made anew with one a column.
const MANY_CHUNKS: usize = 64;

/// Joins tables in input order. Of rows with the same number in the same request (without a request:
/// order, else case) the newest by `updated_at` stays, a null being the oldest, and of equals the later row.
///
/// # Errors
/// [`Error::internal`] when columns cannot be joined or the counts do not add up.
pub fn merge(tables: Vec<NormalizedTable>, origins: Vec<Origin>) -> Result<Orders> {
    let mut orders = Orders {
        frame: DataFrame::default(),
        origins,
        accounts: None,
        present: Vec::new(),
        read: 0,
        expanded: 0,
        rejects: Vec::new(),
        superseded: Vec::new(),
        unknown_words: BTreeMap::new(),
        notes: Vec::new(),
    };
    let mut keep: Vec<bool> = Vec::new();
    let mut frames = Vec::with_capacity(tables.len());
    for table in tables {
        orders.read += table.read;
        orders.expanded += table.expanded;
        orders.present.extend(table.present);
        orders.rejects.extend(table.rejects);
        orders.notes.extend(table.notes);
        for (word, count) in table.unknown_words {
            *orders.unknown_words.entry(word).or_default() += count;
        }
        keep.extend(table.keep);
        frames.push(table.frame);
    }
    orders.present.sort();
    orders.present.dedup();
    orders.rejects.sort();
    let frame = stack(frames)?;
    orders.superseded = supersede(&frame, &mut keep)?;
    orders.frame = complete(leave_out(frame, keep)?)?;
    let counted = orders.frame.height() as u64 + orders.superseded.len() as u64 + orders.rejected_rows();
    if counted != orders.read + orders.expanded {
        let what = format!("{} rows and {} more from ranges were read, but {counted} are accounted for", orders.read, orders.expanded);
        return Err(Error::internal("counts", what));
    }
    Ok(orders)
}

/// Stacks the frames; a column that one of them lacks is null there, chunk for chunk.
fn stack(frames: Vec<DataFrame>) -> Result<DataFrame> {
    let mut names: Vec<(PlSmallStr, DataType)> = Vec::new();
    for frame in &frames {
        for column in frame.columns() {
            if !names.iter().any(|(name, _)| name == column.name()) {
                names.push((column.name().clone(), column.dtype().clone()));
            }
        }
    }
    let mut stacked: Option<DataFrame> = None;
    for (input, frame) in frames.into_iter().enumerate() {
        let lengths = chunk_lengths(&frame);
        let find = |name: &PlSmallStr| frame.columns().iter().find(|column| column.name() == name);
        let mut columns: Vec<Column> = names
            .iter()
            .map(|(name, dtype)| find(name).cloned().map_or_else(|| nulls(name, dtype, &lengths), Ok))
            .collect::<Result<_>>()?;
        columns.push(constant(input as u32, &lengths)?);
        let frame = DataFrame::new(frame.height(), columns)?;
        match &mut stacked {
            None => stacked = Some(frame),
            Some(stacked) => _ = stacked.vstack_mut_owned(frame)?,
        }
    }
    let mut stacked = stacked.unwrap_or_default();
    if chunk_lengths(&stacked).len() > MANY_CHUNKS {
        stacked.rechunk_mut_par();
    }
    Ok(stacked)
}

fn chunk_lengths(frame: &DataFrame) -> Vec<usize> {
    let first = frame.columns().first().map(|column| column.as_materialized_series().chunk_lengths().collect());
    first.unwrap_or_else(|| vec![0])
}

fn nulls(name: &PlSmallStr, dtype: &DataType, lengths: &[usize]) -> Result<Column> {
    let mut series = Series::full_null(name.clone(), lengths.first().copied().unwrap_or(0), dtype);
    for length in lengths.iter().skip(1) {
        series.append(&Series::full_null(name.clone(), *length, dtype))?;
    }
    Ok(series.into_column())
}

fn constant(input: u32, lengths: &[usize]) -> Result<Column> {
    let part = |length: usize| polars::prelude::UInt32Chunked::from_vec(INPUT.into(), vec![input; length]).into_series();
    let mut series = part(lengths.first().copied().unwrap_or(0));
    for length in lengths.iter().skip(1) {
        series.append(&part(*length))?;
    }
    Ok(series.into_column())
}

/// Marks the older rows of each number and request in `keep` and lists them, in row order.
fn supersede(frame: &DataFrame, keep: &mut [bool]) -> Result<Vec<Superseded>> {
    let Ok(phone) = text(frame, Field::PhoneNumber) else {
        return Ok(Vec::new());
    };
    let groups = [Field::RequestId, Field::OrderId, Field::CaseNumber].map(|field| text(frame, field).ok());
    let group_of = |row: usize| groups.iter().enumerate().find_map(|(kind, column)| Some((kind, column.as_ref()?.get(row)?)));
    let mut hashes = hashes(&phone, &groups, keep);
    hashes.par_sort_unstable();
    let updated = updates(frame);
    let newness = |row: u32| (updated.as_ref().map_or(i64::MIN, |updated| updated[row as usize]), row);
    let mut replaced: Vec<(u32, u32)> = Vec::new();
    for run in hashes.chunk_by(|left, right| left.0 == right.0).filter(|run| run.len() > 1) {
        let mut groups: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        for (_, row) in run {
            groups.entry((phone.get(*row as usize), group_of(*row as usize))).or_default().push(*row);
        }
        for rows in groups.values().filter(|rows| rows.len() > 1) {
            let newest = rows.iter().copied().max_by_key(|row| newness(*row)).unwrap_or(rows[0]);
            replaced.extend(rows.iter().filter(|row| **row != newest).map(|row| (*row, newest)));
        }
    }
    replaced.sort_unstable();
    let (inputs, lines) = (frame.column(INPUT)?.u32()?.clone(), frame.column(LINE)?.u32()?.clone());
    let place = |row: u32| (inputs.get(row as usize).unwrap_or_default(), lines.get(row as usize).unwrap_or_default());
    for (old, _) in &replaced {
        keep[*old as usize] = false;
    }
    Ok(replaced.into_iter().map(|(old, new)| Superseded { old: place(old), new: place(new) }).collect())
}

fn text(frame: &DataFrame, field: Field) -> Result<StringChunked> {
    Ok(frame.column(field.key())?.str()?.clone())
}

/// A hash of number and group for each row that is kept, and the row.
fn hashes(phone: &StringChunked, groups: &[Option<StringChunked>; 3], keep: &[bool]) -> Vec<(u64, u32)> {
    let cells = |column: &StringChunked| {
        column.downcast_iter().flat_map(|array| array.iter().map(|cell| cell.map(|cell| hash(1, cell.as_bytes())))).collect::<Vec<_>>()
    };
    // The groups are tried in turn, so later ones are hashed only if a row needs them.
    let mut group: Vec<u64> = vec![0; keep.len()];
    for (kind, column) in groups.iter().enumerate() {
        let Some(column) = column.as_ref().filter(|_| group.contains(&0)) else {
            continue;
        };
        for (slot, hash) in group.iter_mut().zip(cells(column)).filter(|(slot, _)| **slot == 0) {
            *slot = hash.map_or(0, |hash| (hash ^ kind as u64).max(1));
        }
    }
    let numbers = phone.downcast_iter().flat_map(|array| array.iter());
    let rows = numbers.zip(group).zip(keep).enumerate();
    rows.filter(|(_, (_, keep))| **keep)
        .map(|(row, ((number, group), _))| (hash(group, number.unwrap_or_default().as_bytes()), row as u32))
        .collect()
}

/// Equal bytes and seeds have equal hashes; collisions are resolved by the text.
fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    hasher.write_u64(seed);
    hasher.write(bytes);
    hasher.finish()
}

fn updates(frame: &DataFrame) -> Option<Vec<i64>> {
    let updated = frame.column(Field::UpdatedAt.key()).ok()?.cast(&DataType::Int64).ok()?;
    let updated = updated.i64().ok()?;
    Some(updated.downcast_iter().flat_map(|array| array.iter().map(|value| value.copied().unwrap_or(i64::MIN))).collect())
}

fn leave_out(frame: DataFrame, keep: Vec<bool>) -> Result<DataFrame> {
    if keep.iter().all(|keep| *keep) {
        return Ok(frame);
    }
    let height = keep.iter().filter(|keep| **keep).count();
    let keep = BooleanChunked::from_iter_values(PlSmallStr::EMPTY, keep.into_iter());
    // Column after column, each dropped when its rest is made, so that no two copies of all of it are held.
    let columns = frame.into_columns().into_par_iter().map(|column| column.filter(&keep));
    Ok(DataFrame::new(height, columns.collect::<polars::prelude::PolarsResult<_>>()?)?)
}

/// All columns of the record in its order, those no input had as nulls, each cut where the others are.
fn complete(frame: DataFrame) -> Result<DataFrame> {
    let lengths = chunk_lengths(&frame);
    let fields = Field::ALL.iter().map(|field| (PlSmallStr::from_static(field.key()), dtype(field.column_type())));
    let others = [
        (NUMBER_TYPE, DataType::String),
        (SOURCE_WORDS, DataType::String),
        (INPUT, DataType::UInt32),
        (LINE, DataType::UInt32),
        (QUALITY_MASK, DataType::UInt64),
    ];
    let others = others.into_iter().map(|(name, dtype)| (PlSmallStr::from_static(name), dtype));
    let columns: Vec<Column> = fields
        .chain(others)
        .map(|(name, dtype)| match frame.columns().iter().find(|column| column.name() == &name) {
            Some(column) => Ok(column.clone()),
            None => nulls(&name, &dtype, &lengths),
        })
        .collect::<Result<_>>()?;
    Ok(DataFrame::new(frame.height(), columns)?)
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
