//! Stores classified orders and loads them again: a Parquet file of the rows, with everything else as JSON in its metadata.

use std::io::Write;
use std::sync::Arc;

use polars::prelude::*;
use polars_io::SerReader;
use polars_io::mmap::MmapBytesReader;
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::{KeyValueMetadata, ParquetWriter};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::classify::Classified;
use crate::classify::rules::Rules;
use crate::classify::timing::Timing;
use crate::clock::AsOf;
use crate::domain::calendar::Calendar;
use crate::error::{Error, Result};
use crate::source::Orders;

/// The key of the header in the file's metadata.
const HEADER_KEY: &str = "portstatus.classified";

/// The version of the header and of the columns; files of another one are refused.
const VERSION: u32 = 5;

/// What is known of the rows besides the rows; `O` are the orders, borrowed where they are stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<O> {
    version: u32,
    /// Microseconds since 1970-01-01T00:00:00Z.
    as_of_micros: i64,
    /// What the rules were read from, hashed: statuses are indices into them.
    rules: String,
    /// The business days, hashed.
    calendar: String,
    rows: u64,
    orders: O,
    several_reasons: Vec<String>,
    /// Those of the orders: keys of JSON are texts, and these are pairs.
    unknown_words: Vec<((String, String), u64)>,
}

impl Classified {
    /// Writes the rows and everything that is known of them to `out`. The same orders give the same bytes.
    ///
    /// # Errors
    /// [`Error::input_output`] when `out` refuses the bytes.
    pub fn store(&self, out: impl Write) -> Result<()> {
        let orders = &self.orders;
        let header = Header {
            version: VERSION,
            as_of_micros: self.as_of().micros(),
            rules: self.rules.fingerprint.to_owned(),
            calendar: fingerprint(&self.timing.calendar),
            rows: orders.frame.height() as u64,
            orders,
            several_reasons: self.several_reasons.clone(),
            unknown_words: orders.unknown_words.clone().into_iter().collect(),
        };
        let header = serde_json::to_string(&header).map_err(|error| Error::internal("classification", error))?;
        let metadata = KeyValueMetadata::from_static(vec![(HEADER_KEY.to_owned(), header)]);
        let mut frame = orders.frame.select(orders.frame.names(), None)?;
        let written = ParquetWriter::new(out).with_key_value_metadata(Some(metadata)).finish(&mut frame);
        written.map_err(|error| Error::input_output("classification", first_line(&error), "")).map(|_| ())
    }

    /// Loads what [`Classified::store`] wrote. `rules` and `calendar` must be those it was classified by.
    ///
    /// # Errors
    /// [`Error::data`] for bytes that are damaged, are no stored classification, or belong to another version, other
    /// rules or another calendar.
    pub fn load(input: impl MmapBytesReader, rules: Arc<Rules>, calendar: Arc<Calendar>) -> Result<Self> {
        let refused = |what: &str| Error::data("classification", what, "classify the orders again");
        let unreadable = |error: PolarsError| refused(&format!("cannot be read: {}", first_line(&error)));
        let mut reader = ParquetReader::new(input);
        let metadata = reader.get_metadata().map_err(unreadable)?;
        let pairs = metadata.key_value_metadata().iter().flatten();
        let header = pairs.filter(|pair| pair.key == HEADER_KEY).find_map(|pair| pair.value.as_deref());
        let header = header.ok_or_else(|| refused("is not a stored classification"))?;
        let version = serde_json::from_str::<serde_json::Value>(header).ok().and_then(|header| header["version"].as_u64());
        if version != Some(u64::from(VERSION)) {
            return Err(refused("was stored by another version of portstatus"));
        }
        let header: Header<Orders> = serde_json::from_str(header).map_err(|_| refused("has a damaged header"))?;
        let as_of = chrono::DateTime::from_timestamp_micros(header.as_of_micros).ok_or_else(|| refused("has a damaged header"))?;
        if header.rules != rules.fingerprint {
            return Err(refused("was made by other rules"));
        }
        if header.calendar != fingerprint(&calendar) {
            return Err(refused("was made with another calendar"));
        }
        let frame = reader.finish().map_err(unreadable)?;
        if frame.height() as u64 != header.rows {
            return Err(refused("has lost rows"));
        }
        let orders = Orders { frame: frame.try_into()?, unknown_words: header.unknown_words.into_iter().collect(), ..header.orders };
        Ok(Self { orders, rules, several_reasons: header.several_reasons, timing: Timing::new(AsOf::at(as_of), calendar) })
    }
}

/// The business days of a calendar, hashed.
fn fingerprint(calendar: &Calendar) -> String {
    let days: Vec<u8> = calendar.business_days_before.iter().flat_map(|days| days.to_le_bytes()).collect();
    hex::encode(Sha256::digest(days))
}

/// What an error of polars says first.
pub fn first_line(error: &PolarsError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_lowercase()
}
