//! Normalizes a table of text to the record, chunk by chunk: numbers, dates and codes become what their column holds, free text stays as it is.
//!
//! What some columns hold is known only when all words of the table are. So a chunk is normalized in two steps: as it
//! comes, its numbers, dates and free text become columns of the record, and its words numbers of a dictionary; at the
//! end the words of all chunks decide the columns' roles, and each dictionary becomes columns too. The text that was
//! read is not kept. No row and no cell is lost uncounted.

pub mod cells;
pub mod chunk;
pub mod column_roles;
pub mod counters;
pub mod dates;
pub mod dictionary;
pub mod free_text;
pub mod numbers;
pub mod rows;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::domain::record::Field;
use crate::error::Result;
use crate::source::OrderFrame;
use crate::source::normalize::chunk::{ChunkBuilder, NormalizedChunk, Recognise, TableContext};
use crate::source::normalize::column_roles::Role;
use crate::source::normalize::counters::Counters;
use crate::source::orders::{Reject, RejectKind};
use crate::source::plan::ColumnPlan;
use crate::source::table::{Refused, TableChunk};

/// A table that meets the record, its rejected rows still in place.
#[derive(Debug)]
pub struct NormalizedTable {
    /// The columns the table had, and `number_type`, `source_words`, `line` and the mask of data-quality flags.
    pub frame: OrderFrame,
    /// For each row whether it can be a row of the report.
    pub keep: Vec<bool>,
    /// The fields the table had, in the order of the record.
    pub present: Vec<Field>,
    /// Rows read, the refused included and the blank ones not.
    pub read: u64,
    /// Rows that ranges of numbers add to those.
    pub expanded: u64,
    /// Rows and cells that could not be used.
    pub rejects: Vec<Reject>,
    /// Words that the profile does not know, by header and word.
    pub unknown_words: BTreeMap<(String, String), u64>,
    /// Ambiguous dates, repaired numbers and whatever else a reader should know.
    pub notes: Vec<String>,
}

/// Takes the chunks of one table, in any order and from any thread, and makes one table of them that meets the record.
pub struct Normalizer<'a> {
    context: TableContext<'a>,
    input: u32,
    place: &'a str,
    /// Numbers that ranges come to so far.
    range_numbers: AtomicU64,
    /// Chunks by their place in the table.
    chunks: Mutex<BTreeMap<usize, StartedChunk<'a>>>,
}

struct StartedChunk<'a> {
    /// `None` of a chunk without rows.
    builder: Option<ChunkBuilder<'a>>,
    refused: Vec<Refused>,
    read: u64,
    counters: Counters,
}

impl<'a> Normalizer<'a> {
    /// A normalizer of the table with these `headers`; `input` is its index among the inputs and `place` its name in notes.
    pub fn new(headers: &'a [String], plan: &'a ColumnPlan<'a>, input: u32, place: &'a str, recognise: Recognise<'a>) -> Self {
        let context = TableContext { headers, plan, recognise };
        Self { context, input, place, range_numbers: AtomicU64::new(0), chunks: Mutex::new(BTreeMap::new()) }
    }

    /// Takes the chunk that is number `index` of the table, from 0.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a column cannot be built.
    pub fn normalize(&self, index: usize, mut chunk: TableChunk) -> Result<()> {
        let refused = std::mem::take(&mut chunk.refused);
        let rows_read = chunk.lines.len() - chunk.blank.len() + refused.len();
        let (chunk, counters) = rows::expand_ranges(chunk, self.context.plan, &self.range_numbers)?;
        let builder = if chunk.lines.is_empty() { None } else { Some(ChunkBuilder::start(chunk, self.context)?) };
        let started = StartedChunk { builder, refused, read: rows_read as u64, counters };
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner).insert(index, started);
        Ok(())
    }

    /// The table, once every chunk has been taken.
    ///
    /// # Errors
    /// [`crate::error::Error::data`] when ranges come to too many numbers;
    /// [`crate::error::Error::internal`] when a column cannot be built.
    pub fn finish(self) -> Result<NormalizedTable> {
        let Self { context, input, place, chunks, .. } = self;
        let started = chunks.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut counters = Counters::default();
        let mut rejects: Vec<Reject> = Vec::new();
        let (mut read, mut builders) = (0, Vec::with_capacity(started.len()));
        for chunk in started.into_values() {
            read += chunk.read;
            counters.add(&chunk.counters);
            rejects.extend(chunk.refused.into_iter().map(|refused| refused_row(input, refused)));
            builders.extend(chunk.builder);
        }
        rows::check_ranges(counters.range_numbers, context.headers, context.plan, place)?;
        let dictionaries: Vec<_> = builders.iter().map(ChunkBuilder::dictionaries).collect();
        let (roles, mut notes) = column_roles::assign_column_roles(context.headers, context.plan, &dictionaries, place);
        let chunks: Vec<NormalizedChunk> = builders.into_par_iter().map(|builder| builder.finish(&roles)).collect::<Result<_>>()?;
        let mut frames = Vec::with_capacity(chunks.len());
        let mut keep = Vec::with_capacity(chunks.iter().map(|chunk| chunk.keep.len()).sum());
        let mut unknown_words = BTreeMap::new();
        for chunk in chunks {
            keep.extend(chunk.keep);
            rejects.extend(chunk.rejects.into_iter().map(|reject| Reject { input, ..reject }));
            counters.add(&chunk.counters);
            for (word, count) in chunk.unknown_words {
                *unknown_words.entry(word).or_default() += count;
            }
            frames.push(chunk.frame);
        }
        rejects.sort();
        notes.extend(counters.notes(context.headers, context.plan.profile, place));
        let timed = (counters.times > 0).then_some(Field::ConfirmedTime);
        let mut present: Vec<Field> = roles.iter().filter_map(Role::field).chain(timed).collect();
        present.sort();
        present.dedup();
        let expanded = counters.range_numbers - counters.ranges;
        Ok(NormalizedTable { frame: OrderFrame::stack(frames)?, keep, present, read, expanded, rejects, unknown_words, notes })
    }
}

fn refused_row(input: u32, refused: Refused) -> Reject {
    let Refused { line, text, reason } = refused;
    Reject { input, line, kind: RejectKind::Row, column: String::new(), value: text, reason }
}
