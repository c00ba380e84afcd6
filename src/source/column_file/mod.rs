//! Reads Parquet and Arrow files through the guarded process; which of their columns are read is decided here.

mod array_text;
mod arrow_ipc;
mod batch_sender;
pub mod child;
mod pages;
mod parquet;

use crate::error::{Error, Part, Result};
use crate::source::guarded::chunk_builder::receive_rows;
use crate::source::guarded::process::GuardedProcess;
use crate::source::guarded::protocol::{ColumnHead, Content, Refusal, Reply, Request};
use crate::source::input::ReadOptions;
use crate::source::open::{self, Candidate, InputBytes};
use crate::source::orders::Origin;
use crate::source::redact::brief;
use crate::source::table::{self, ChunkSink, ColumnProjection, Found, OpenTable, Opened, Source};

/// The source of files that hold columns instead of rows.
pub struct ColumnFile;

impl Source for ColumnFile {
    fn inputs(&self) -> &'static str {
        "a Parquet or Arrow file"
    }

    fn endings(&self) -> &'static [&'static str] {
        &[".parquet", ".parq", ".pq", ".arrow", ".arrows", ".feather", ".ipc"]
    }

    fn open<'a>(&self, candidate: &'a Candidate<'_>, options: &'a ReadOptions, projection: ColumnProjection<'a>) -> Opened<'a> {
        let file = candidate.file()?;
        match open::column_file(&file.bytes) {
            Some(content) => Ok(Some(Box::new(open(file, content, options, projection)?))),
            None => Ok(None),
        }
    }
}

/// A column file whose columns are known.
pub struct ColumnTable<'a> {
    opened: &'a InputBytes,
    options: &'a ReadOptions,
    process: GuardedProcess,
    content: Content,
    headers: Vec<String>,
    wanted: Vec<bool>,
}

/// Opens a column file, which holds `content`.
///
/// # Errors
/// What is wrong with the file, the projection's error, and a column that is wanted and has no text.
pub fn open<'a>(
    opened: &'a InputBytes,
    content: Content,
    options: &'a ReadOptions,
    projection: ColumnProjection<'_>,
) -> Result<ColumnTable<'a>> {
    let mut process = GuardedProcess::start(&opened.name, &opened.bytes, content, options)?;
    let Reply::Columns(columns) = process.reply()? else { return Err(process.refusal_error(Refusal::Protocol)) };
    let headers: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let mut wanted = projection(&headers)?;
    wanted.resize(headers.len(), false);
    let unusable = columns.iter().zip(&wanted).filter(|(_, wanted)| **wanted);
    if let Some((name, what)) = unusable.filter_map(|(ColumnHead { name, unusable }, _)| Some((name, unusable.as_ref()?))).next() {
        let what = format!("column '{}' holds {what}", brief(name));
        return Err(Error::data(&opened.name, what, "have whoever wrote the file write it as text, or leave it out"));
    }
    Ok(ColumnTable { opened, options, process, content, headers, wanted })
}

impl ColumnTable<'_> {
    const fn format(&self) -> &'static str {
        if matches!(self.content, Content::Arrow) { "arrow" } else { "parquet" }
    }
}

impl OpenTable for ColumnTable<'_> {
    fn headers(&self) -> &[String] {
        &self.headers
    }

    fn origin(&self) -> Origin {
        self.opened.origin(Some(Part::Records(self.format().to_owned())))
    }

    fn read(mut self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found> {
        let format = self.format();
        let mut notes = self.options.notes_of_none(&["an encoding", "a delimiter", "a sheet", "a table", "a query"], "a file of columns");
        let (request, memory_bytes) = (Request::ReadColumns(self.wanted.clone()), self.options.limits.memory_bytes);
        table::hand_over(sink, |hand_over| {
            let done = receive_rows(&mut self.process, &request, (&self.wanted, memory_bytes, u32::MAX), hand_over)?;
            if done.is_open_ended {
                notes.push("it ends without the mark that ends a stream: rows may be missing, if its writer was interrupted".to_owned());
            }
            let compression = self.opened.compression.clone();
            // The process and its memory are not needed while the last chunk is worked on.
            drop(self);
            Ok(Found { format: format.to_owned(), compression, rows: done.rows, notes, ..Found::default() })
        })
    }
}
