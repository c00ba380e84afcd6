//! Puts rows in order by any columns, stably, nulls last in both directions; ids as people count them.

use std::cmp::Ordering;

use polars::prelude::*;
use rayon::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::{expression, places, values};
use crate::domain::columns::{ColumnType, Computed, column};
use crate::domain::text::natural_order;
use crate::error::{Error, Place, Result};
use crate::select::names::Names;
use crate::source::CodedText;
use crate::source::order_frame::CODES;

/// A column to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortKey {
    /// The column's key.
    pub key: &'static str,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// Whose attention is needed first; then account, request, number.
pub const DEFAULT: [SortKey; 4] = [ascending("status"), ascending("account_id"), ascending("request_id"), ascending("phone_number")];

const fn ascending(key: &'static str) -> SortKey {
    SortKey { key, descending: false }
}

/// Reads texts of one or several `COLUMN[:asc|:desc]`, columns by key or caption.
///
/// # Errors
/// [`Error::usage`] that names the unknown column and lists all.
pub fn parse(texts: &[String], names: &Names) -> Result<Vec<SortKey>> {
    Names::list("sort", texts, |piece| {
        let (word, way) = piece.rsplit_once(':').unwrap_or((piece, "asc"));
        let (word, descending) = match way.trim().to_lowercase().as_str() {
            "asc" => (word, false),
            "desc" => (word, true),
            way if !way.contains(',') && names.find(word).is_some() => {
                return Err(Error::usage(Place::option("sort"), format!("'{way}' is not a direction"), "write asc or desc"));
            }
            _ => (piece, false),
        };
        Ok(names.find(word).map(|key| SortKey { key, descending }))
    })
}

/// Puts `rows` (all rows when `None`) in order. Rows equal in all keys keep the order of the input.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn order(classified: &Classified, rows: Option<&IdxCa>, keys: &[SortKey]) -> Result<IdxCa> {
    let count = rows.map_or(classified.frame().height(), |rows| rows.len());
    let cells = values(classified.frame(), rows, keys.iter().filter_map(|key| compared_cells(key.key, classified)).collect())?;
    // Last the place of each row, by which no two are equal.
    let place = Column::new("place".into(), (0..count as IdxSize).collect::<Vec<_>>());
    let by: Vec<Column> = cells.columns().iter().cloned().chain([place.clone()]).collect();
    let descending = keys.iter().map(|key| key.descending).chain([false]);
    let options = SortMultipleOptions::default().with_order_descending_multi(descending).with_nulls_last_multi(vec![true; by.len()]);
    let order = match by.split_first() {
        Some((first, others)) if !others.is_empty() => first.as_materialized_series().arg_sort_multiple(others, &options)?,
        _ => place.u32()?.clone(),
    };
    Ok(match rows {
        None => order,
        Some(rows) => rows.take(&order)?,
    })
}

/// What is compared of column `key` where rows are put in its order.
pub fn compared_cells(key: &'static str, classified: &Classified) -> Option<Expr> {
    // Statuses have an order of their own; other lists are in that of their captions.
    let ranks = choice_ranks(key, classified).or_else(|| text_rank(key, classified));
    ranks.or_else(|| Some(naturally(key, expression(key, classified)?)))
}

/// The place of each row's status or detail in its list, null where it is not known.
fn choice_ranks(key: &str, classified: &Classified) -> Option<Expr> {
    let known = column(key).filter(|_| matches!(key, "status" | "detail"))?.choices.len() as u32;
    let places = places(key, classified)?;
    Some(when(places.clone().lt(lit(known))).then(places).otherwise(lit(NULL)).alias(key))
}

/// `cells` of ids as their places in natural order; other columns as they are.
fn naturally(key: &str, cells: Expr) -> Expr {
    if column(key).is_none_or(|definition| definition.column_type != ColumnType::Id) {
        return cells;
    }
    let rank = |ids: Column| Ok(natural_ranks(ids.str()?).into_column());
    cells.map(rank, |_, field| Ok(Field::new(field.name().clone(), DataType::UInt32)))
}

/// The place of each id among all of them in natural order; equal ones share theirs.
fn natural_ranks(ids: &StringChunked) -> UInt32Chunked {
    let ids = CodedText::of(ids);
    let texts: Vec<&str> = ids.texts.iter().flatten().collect();
    let ranks = ranks(&texts, natural_order);
    ids.codes.iter().map(|code| code.map(|code| ranks[code as usize])).collect_ca(ids.codes.name().clone())
}

/// The place of each of `texts` in `order`.
fn ranks(texts: &[&str], order: fn(&str, &str) -> Ordering) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..texts.len() as u32).collect();
    sorted.par_sort_unstable_by(|left, right| order(texts[*left as usize], texts[*right as usize]));
    let mut ranks = vec![0; texts.len()];
    (0..).zip(sorted).for_each(|(rank, code): (u32, u32)| ranks[code as usize] = rank);
    ranks
}

/// The place of each row's text among all texts of column `key`, in order, if the frame has it coded.
fn text_rank(key: &str, classified: &Classified) -> Option<Expr> {
    let definition = column(key).filter(|definition| definition.computed == Computed::Input && definition.choices.is_empty())?;
    let texts: Vec<&str> = classified.frame().texts(definition.key)?.iter().flatten().collect();
    let order = if definition.column_type == ColumnType::Id { natural_order } else { |left: &str, right: &str| left.cmp(right) };
    let ranks = ranks(&texts, order);
    Some(lit(Series::new(definition.key.into(), ranks)).gather(col(format!("{}{CODES}", definition.key)), true).alias(definition.key))
}
