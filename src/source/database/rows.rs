//! Turns the rows of a database's answer, as they come, into chunks of text columns.

use polars::prelude::{PlSmallStr, StringChunked, StringChunkedBuilder};

use crate::error::{Error, Part, Place, Result};
use crate::source::database::sql::ResultColumn;
use crate::source::open::Candidate;
use crate::source::redact::brief;
use crate::source::table::{Refused, TableChunk};

/// Rows of a chunk. The finished frame has as many chunks as these make of its rows.
const CHUNK_ROWS: usize = 1 << 17;
/// Rows of the first chunk, so that its work begins soon.
const FIRST_CHUNK_ROWS: usize = 1 << 14;

/// Where rows come from, for messages and the monitor.
#[derive(Clone, Copy)]
pub struct RowOrigin<'a> {
    /// The database's name.
    pub name: &'a str,
    /// The table or query.
    pub part: &'a Part,
    /// The names of its columns.
    pub headers: &'a [String],
    /// The input.
    pub candidate: &'a Candidate<'a>,
}

impl RowOrigin<'_> {
    /// The error of a column whose values mean nothing here, at the row `line`, or as a whole.
    pub fn unusable_column(&self, index: usize, line: Option<u32>, what: &str) -> Error {
        let header = self.headers.get(index).map(|header| brief(header)).unwrap_or_default();
        let place = Place::File { file: self.name.to_owned(), part: Some(self.part.clone()), row: line.map(u64::from), column: None };
        let help = "leave the column out, or cast it to text, in a query";
        Error::data(place, format!("column '{header}' holds {what}"), help).with_remedy(Place::option("query"))
    }
}

/// Takes rows one by one and hands them over in chunks.
pub struct RowChunks<'a> {
    origin: RowOrigin<'a>,
    wanted: &'a [bool],
    hand_over: &'a mut dyn FnMut(TableChunk),
    columns: Vec<Option<StringChunkedBuilder>>,
    chunk: TableChunk,
    capacity: usize,
    is_blank: bool,
    line: u32,
    refused: u64,
    bytes: u64,
}

impl<'a> RowChunks<'a> {
    /// No rows yet.
    pub fn new(origin: RowOrigin<'a>, wanted: &'a [bool], hand_over: &'a mut dyn FnMut(TableChunk)) -> Self {
        let columns = builders(wanted, FIRST_CHUNK_ROWS);
        let (chunk, capacity) = (TableChunk::default(), FIRST_CHUNK_ROWS);
        Self { origin, wanted, hand_over, columns, chunk, capacity, is_blank: true, line: 0, refused: 0, bytes: 0 }
    }

    /// Begins the next row and returns its number, from 1.
    ///
    /// # Errors
    /// [`Error::data`] when there are too many.
    pub fn begin_row(&mut self) -> Result<u32> {
        let too_many = || Error::data(self.origin.name, "has more than 4,294,967,295 rows", "read it in parts");
        self.line = self.line.checked_add(1).ok_or_else(too_many)?;
        self.is_blank = true;
        Ok(self.line)
    }

    /// Adds a cell of the row that was begun; a row has one for every column that is wanted.
    #[inline]
    pub fn add_cell(&mut self, column: ResultColumn, text: Option<&str>) {
        let text = text.filter(|text| !text.is_empty());
        self.is_blank &= text.is_none_or(|text| column == ResultColumn::HasOther && text != "1");
        if let ResultColumn::Wanted(index) = column
            && let Some(builder) = &mut self.columns[index]
        {
            self.bytes += text.map_or(0, str::len) as u64;
            builder.append_option(text);
        }
    }

    /// Ends a row, of which every cell was added.
    ///
    /// # Errors
    /// The monitor's.
    pub fn end_row(&mut self) -> Result<()> {
        if self.is_blank {
            self.chunk.blank.push(self.chunk.lines.len() as u32);
        }
        self.chunk.lines.push(self.line);
        if self.chunk.lines.len() >= self.capacity {
            self.origin.candidate.watch(self.bytes)?;
            self.capacity = CHUNK_ROWS;
            self.hand_over_chunk();
        }
        Ok(())
    }

    /// Ends a row, of which no cell was added, as one that cannot be used.
    pub fn refuse_row(&mut self, text: String, reason: &str) {
        self.chunk.refused.push(Refused { line: self.line, text, reason: reason.to_owned() });
        self.refused += 1;
    }

    /// Hands the last rows over, and returns how many there were, and how many were refused.
    pub fn finish(mut self) -> (u64, u64) {
        self.hand_over_chunk();
        (u64::from(self.line), self.refused)
    }

    fn hand_over_chunk(&mut self) {
        let columns = std::mem::replace(&mut self.columns, builders(self.wanted, self.capacity));
        let columns: Vec<Option<StringChunked>> = columns.into_iter().map(|column| column.map(StringChunkedBuilder::finish)).collect();
        let chunk = std::mem::take(&mut self.chunk);
        (self.hand_over)(TableChunk { columns, ..chunk });
    }
}

fn builders(wanted: &[bool], capacity: usize) -> Vec<Option<StringChunkedBuilder>> {
    wanted.iter().map(|wanted| wanted.then(|| StringChunkedBuilder::new(PlSmallStr::EMPTY, capacity))).collect()
}
