//! What the chunks of a table come to together, beside their rows.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::domain::note::Note;
use crate::domain::record::Field;
use crate::error::Result;
use crate::source::normalize::chunk::{NormalizedChunk, TableContext};
use crate::source::normalize::column_roles::Role;
use crate::source::normalize::counters::{Counted, Counters, DateReading};
use crate::source::normalize::date_orders::{self, OrderEvidence, SettledOrder};
use crate::source::normalize::dictionary::UnknownWords;
use crate::source::order_frame::OrderFrame;
use crate::source::orders::{NearWord, Orders, Reject};

/// Counts, rejects and words of chunks, and what they say of the order of their dates.
#[derive(Default)]
pub struct Sums {
    read: u64,
    rejects: Vec<Reject>,
    unknown_words: UnknownWords,
    counters: Counters,
    evidence: BTreeMap<usize, OrderEvidence>,
}

/// The rows of chunks, and for each whether it can be a row of the report.
pub type Rows = Vec<(OrderFrame, Vec<bool>)>;

impl Sums {
    /// Reads the columns of `chunks`, each with the rows read, that waited for their roles, and weighs their dates. Returns the
    /// chunks and the orders in which all dates so far are read.
    ///
    /// # Errors
    /// Those of [`NormalizedChunk::finish`].
    pub fn add<'a>(
        &mut self,
        chunks: Vec<(u64, NormalizedChunk<'a>)>,
        roles: &[Role],
        context: TableContext<'_>,
    ) -> Result<(Vec<NormalizedChunk<'a>>, BTreeMap<usize, SettledOrder>)> {
        let (read, chunks): (Vec<u64>, Vec<NormalizedChunk>) = chunks.into_iter().unzip();
        self.read += read.iter().sum::<u64>();
        let chunks: Vec<NormalizedChunk> = chunks.into_par_iter().map(|chunk| chunk.finish(roles)).collect::<Result<_>>()?;
        let found = chunks.iter().flat_map(NormalizedChunk::order_evidence);
        found.for_each(|(header, found)| self.evidence.entry(header).or_default().add(found));
        Ok((chunks, date_orders::settle(&self.evidence, context.plan)))
    }

    /// Reads the dates of chunks in their orders, and takes the rows.
    ///
    /// # Errors
    /// Those of [`NormalizedChunk::settle`].
    pub fn settle(&mut self, chunks: Vec<NormalizedChunk<'_>>, orders: &BTreeMap<usize, SettledOrder>) -> Result<Rows> {
        let chunks: Vec<NormalizedChunk> = chunks.into_par_iter().map(|chunk| chunk.settle(orders)).collect::<Result<_>>()?;
        let mut rows = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            self.rejects.extend(chunk.rejects);
            for (word, count) in chunk.unknown_words {
                *self.unknown_words.entry(word).or_default() += count;
            }
            self.counters.add_all(chunk.findings.counters);
            rows.push((chunk.frame, chunk.keep));
        }
        Ok(rows)
    }

    /// The columns of dates, by their places among the headers, in which some could be read in two orders.
    pub fn ambiguous(&self) -> impl Iterator<Item = usize> {
        self.evidence.iter().filter(|(_, evidence)| evidence.ambiguous > 0).map(|(header, _)| *header)
    }

    /// How often `what` was counted.
    pub fn count(&self, what: Counted) -> u64 {
        self.counters.get(what)
    }

    /// What is told of the table beside its rows; and the dates whose order nothing but the profile says.
    pub fn told(mut self, roles: &[Role], role_notes: Vec<String>, context: TableContext<'_>, place: &str) -> (Orders, u64) {
        let date_orders = date_orders::settle(&self.evidence, context.plan);
        for (header, settled) in &date_orders {
            let told = Counted::Dates(*header, DateReading::Ambiguous(*settled));
            self.counters.add(told, self.evidence.get(header).map_or(0, |evidence| evidence.ambiguous));
        }
        let Self { read, rejects, unknown_words, counters, evidence } = self;
        let counted = counters.notes(context.headers, context.plan.profile, place);
        let notes = role_notes.into_iter().chain(counted).map(Note::from).collect();
        let timed = (counters.get(Counted::TimesOfDates) > 0).then_some(Field::ConfirmedTime);
        let orders = Orders {
            read,
            rejects,
            near_words: near_words(&unknown_words, roles, context),
            unknown_words,
            notes,
            expanded: counters.get(Counted::RangeNumbers) - counters.get(Counted::Ranges),
            present: roles.iter().filter_map(Role::field).chain(timed).collect(),
            ..Orders::default()
        };
        (orders, date_orders::undecided(&evidence, &date_orders))
    }
}

/// Unknown words for which a nearest one is looked for, the most frequent first.
const MOST_NEAR_WORDS: usize = 100;

/// What the most frequent unknown words may be misspellings of.
fn near_words(unknown: &UnknownWords, roles: &[Role], context: TableContext<'_>) -> Vec<NearWord> {
    let mut words: Vec<_> = unknown.iter().collect();
    words.sort_by_key(|(_, rows)| Reverse(**rows));
    let near = words.into_iter().take(MOST_NEAR_WORDS).filter_map(|((column, word), _)| {
        let field = roles[context.headers.iter().position(|header| header == column)?].field()?;
        let code = context.plan.profile.nearest_code(field, word)?.to_owned();
        Some(NearWord { column: column.clone(), word: word.clone(), code })
    });
    near.collect()
}
