//! The columns of a table as Arrow arrays: each by its type, closed lists as dictionaries of the codes that occur.

use std::collections::HashMap;

use polars::prelude::{StringChunked, UInt32Chunked};
use polars_arrow::array::{Array, BooleanArray, DictionaryArray, PrimitiveArray, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, Field, IntegerType, TimeUnit};

use crate::domain::columns::ColumnType;
use crate::error::Result;
use crate::export::typed::{TypedCell, code};
use crate::report::{Column, Term, Values};

/// The field of a column in the schema of a file. Every cell may be empty.
pub fn field(column: &Column) -> Field {
    let dtype = match (&column.values, column.kind) {
        (_, ColumnType::Bool) => ArrowDataType::Boolean,
        (Values::Text(_) | Values::Terms { .. }, _) => ArrowDataType::Utf8View,
        (Values::Date(_), _) => ArrowDataType::Date32,
        (Values::Time(_), _) => ArrowDataType::Time32(TimeUnit::Millisecond),
        (Values::Instant(_), _) => ArrowDataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        // Of amounts the hundredths; no column of the numbers is one.
        (Values::Count(_) | Values::Amount(_), _) => ArrowDataType::Int64,
        (Values::Share(_), _) => ArrowDataType::Float64,
    };
    Field::new(column.key.as_str().into(), dtype, true)
}

/// The cells of `column`, of the type of its [`field`]; texts may be a dictionary of that type.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn array(column: &Column) -> Result<Box<dyn Array>> {
    let dtype = field(column).dtype;
    Ok(match &column.values {
        _ if dtype == ArrowDataType::Boolean => {
            let is_yes = |row| match TypedCell::of(column, row) {
                Some(TypedCell::Bool(yes)) => Some(yes),
                _ => None,
            };
            Box::new((0..column.values.len()).map(is_yes).collect::<BooleanArray>())
        }
        Values::Text(cells) => Box::new(texts(cells)),
        Values::Terms { places, terms } => codes(places, terms, column.kind)?,
        Values::Date(cells) => Box::new(cells.rechunk().downcast_as_array().clone().to(dtype)),
        Values::Time(cells) => {
            let millis = cells.iter().map(|seconds| seconds.map(|seconds| seconds.rem_euclid(86_400) * 1_000));
            Box::new(millis.collect::<PrimitiveArray<i32>>().to(dtype))
        }
        Values::Instant(cells) => Box::new(cells.rechunk().downcast_as_array().clone().to(dtype)),
        Values::Count(cells) | Values::Amount(cells) => Box::new(cells.rechunk().downcast_as_array().clone()),
        Values::Share(cells) => Box::new(cells.rechunk().downcast_as_array().clone()),
    })
}

/// Texts; empty ones are empty cells, as everywhere.
fn texts(cells: &StringChunked) -> Utf8ViewArray {
    if cells.iter().flatten().any(str::is_empty) {
        let cells: Vec<Option<&str>> = cells.iter().map(|text| text.filter(|text| !text.is_empty())).collect();
        return Utf8ViewArray::from_slice(cells);
    }
    cells.rechunk().downcast_as_array().clone()
}

/// Terms by their codes. Nothing of the list stands in the file but what its rows have.
fn codes(places: &UInt32Chunked, terms: &[Term], kind: ColumnType) -> Result<Box<dyn Array>> {
    let (mut codes, mut known): (Vec<&str>, HashMap<&str, u32>) = (Vec::new(), HashMap::new());
    // By term, whether it was met, and its place among the codes.
    let mut met: Vec<Option<Option<u32>>> = vec![None; terms.len()];
    let keys = places.iter().map(|place| {
        let place = place? as usize;
        *met.get_mut(place)?.get_or_insert_with(|| {
            let code = code(terms.get(place)?, kind)?;
            Some(*known.entry(code).or_insert_with(|| {
                codes.push(code);
                (codes.len() - 1) as u32
            }))
        })
    });
    let keys: PrimitiveArray<u32> = keys.collect();
    if codes.is_empty() {
        return Ok(Box::new(Utf8ViewArray::new_null(ArrowDataType::Utf8View, places.len())));
    }
    let values = Utf8ViewArray::from_slice_values(&codes);
    let dtype = ArrowDataType::Dictionary(IntegerType::UInt32, Box::new(ArrowDataType::Utf8View), false);
    Ok(Box::new(DictionaryArray::try_new(dtype, keys, Box::new(values))?))
}
