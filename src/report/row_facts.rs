//! What the sections beside the numbers weigh of each row, made once: places in closed lists, masks and days.

use polars::prelude::*;

use crate::classify::columns::{expression, places, values};
use crate::domain::date::MICROS_PER_DAY;
use crate::domain::record::{NUMBER_TYPE, QUALITY_MASK};
use crate::domain::status::{NumberType, Status};
use crate::error::Result;
use crate::report::style::{self, STATUSES};
use crate::select::Selection;

/// Columns of days since 1970-01-01.
const DAYS: [&str; 3] = ["confirmed_date", "created_date", "closing_day"];

/// What is weighed of each row selected, in final order.
pub struct RowFacts<'a> {
    /// The rows.
    pub selection: &'a Selection,
    /// Place of the status in [`STATUSES`].
    pub status: Vec<u8>,
    /// Place of the detail in the list of details, after the last for one that is not known.
    pub detail: Vec<u8>,
    /// Whether it is toll-free.
    pub toll_free: Vec<bool>,
    /// The data-quality flags.
    pub mask: Vec<u64>,
    /// The confirmed date.
    pub confirmed: Vec<Option<i32>>,
    /// The day of creation.
    pub created: Vec<Option<i32>>,
    /// The day on which the order closed.
    pub closed: Vec<Option<i32>>,
    /// The age in business days.
    pub age: Vec<Option<i32>>,
    /// The day of the last change.
    pub changed: Vec<Option<i32>>,
}

impl<'a> RowFacts<'a> {
    /// Of the rows of `selection`.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn of(selection: &'a Selection) -> Result<Self> {
        let classified = &selection.classified;
        let toll_free = col(NUMBER_TYPE).eq_missing(lit(NumberType::TollFree.code())).alias("toll_free");
        let days = DAYS.iter().filter_map(|key| Some(expression(key, classified)?.cast(DataType::Int32)));
        let made = [places("status", classified), places("detail", classified), Some(toll_free), Some(col(QUALITY_MASK))];
        let age = expression("age_business_days", classified).map(|age| age.cast(DataType::Int32));
        let made = made.into_iter().flatten().chain(days).chain(age).chain([col("updated_at").cast(DataType::Int64)]);
        // Few rows are gathered; for many it is quicker to ask all there are, in the order of the frame.
        let few = selection.rows.len() * 8 < classified.frame().height();
        let frame = values(classified.frame(), few.then_some(&selection.rows), made.collect())?;
        let frame = if few { frame } else { frame.take(&selection.rows)? };
        let place = |key: &str, none: usize| -> Result<Vec<u8>> {
            Ok(frame.column(key)?.u32()?.iter().map(|place| place.map_or(none, |place| place as usize) as u8).collect())
        };
        let day = |key: &str| -> Result<Vec<Option<i32>>> { Ok(frame.column(key)?.i32()?.iter().collect()) };
        let changed = frame.column("updated_at")?.i64()?.iter().map(|micros| micros.map(|micros| micros.div_euclid(MICROS_PER_DAY) as i32));
        Ok(Self {
            selection,
            status: place("status", style::place(None))?,
            detail: place("detail", crate::domain::status::Detail::ALL.len())?,
            toll_free: frame.column("toll_free")?.bool()?.iter().map(|flag| flag == Some(true)).collect(),
            mask: frame.column(QUALITY_MASK)?.u64()?.iter().map(Option::unwrap_or_default).collect(),
            confirmed: day("confirmed_date")?,
            created: day("created_date")?,
            closed: day("closing_day")?,
            age: day("age_business_days")?,
            changed: changed.collect(),
        })
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.status.len()
    }

    /// The status of `row`.
    pub fn status(&self, row: usize) -> Option<Status> {
        STATUSES.get(usize::from(self.status[row])).copied().flatten()
    }

    /// The rows of the classified frame for rows of the selection.
    pub fn frame_rows(&self, rows: impl IntoIterator<Item = usize>) -> IdxCa {
        rows.into_iter().map(|row| self.selection.rows.get(row)).collect()
    }
}
