//! Gives a table the columns that the names of the folders around its file say: `account=A-7/orders.parquet`.

use std::borrow::Cow;

use polars::prelude::{ChunkFull, ChunkFullNull, PlSmallStr, StringChunked};

use crate::error::Result;
use crate::source::condition::ColumnCondition;
use crate::source::orders::Origin;
use crate::source::table::{ChunkSink, Found, OpenTable, TableChunk};

/// A folder's column and its value.
type Key = (String, String);

/// The headers of a table with those of its folders behind them. A header of the table itself wins.
pub fn with_keys<'h>(headers: &'h [String], keys: &[Key]) -> Cow<'h, [String]> {
    if keys.is_empty() {
        return Cow::Borrowed(headers);
    }
    headers.iter().cloned().chain(added(headers, keys).map(|(key, _)| key.clone())).collect()
}

fn added<'k>(headers: &[String], keys: &'k [Key]) -> impl Iterator<Item = &'k Key> {
    keys.iter().filter(|(key, _)| !headers.iter().any(|header| header.trim().eq_ignore_ascii_case(key)))
}

/// A table with the columns of its folders.
pub struct KeyedTable<'a> {
    table: Box<dyn OpenTable + 'a>,
    keys: &'a [Key],
    headers: Vec<String>,
}

impl<'a> KeyedTable<'a> {
    /// `table` with the columns of `keys`.
    pub fn new(table: Box<dyn OpenTable + 'a>, keys: &'a [Key]) -> Self {
        let headers = with_keys(table.headers(), keys).into_owned();
        Self { table, keys, headers }
    }
}

impl OpenTable for KeyedTable<'_> {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    fn origin(&self) -> Origin {
        self.table.origin()
    }

    fn restrict(&mut self, condition: ColumnCondition<'_>) -> std::result::Result<(), &'static str> {
        match condition.column < self.table.headers().len() {
            true => self.table.restrict(condition),
            false => Err("its value is in the name of a folder"),
        }
    }

    fn statement(&self) -> Option<String> {
        self.table.statement()
    }

    fn read(self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found> {
        let Self { table, keys, .. } = *self;
        let own = table.headers().to_vec();
        let values: Vec<&str> = added(&own, keys).map(|(_, value)| value.as_str()).collect();
        table.read(&|index, mut chunk: TableChunk| {
            let rows = chunk.lines.len();
            chunk.columns.resize(own.len(), None);
            chunk.columns.extend(values.iter().map(|value| Some(column(value, rows))));
            sink(index, chunk)
        })
    }
}

fn column(value: &str, rows: usize) -> StringChunked {
    match value {
        "" => StringChunked::full_null(PlSmallStr::EMPTY, rows),
        value => StringChunked::full(PlSmallStr::EMPTY, value, rows),
    }
}
