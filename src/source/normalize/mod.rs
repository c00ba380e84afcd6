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
pub mod date_orders;
pub mod dates;
pub mod dictionary;
pub mod free_text;
pub mod numbers;
pub mod rows;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::domain::note::Note;
use crate::domain::record::Field;
use crate::error::Result;
use crate::source::normalize::chunk::{NormalizedChunk, Recognise, TableContext};
use crate::source::normalize::column_roles::Role;
use crate::source::normalize::counters::{Counted, Counters};
use crate::source::normalize::date_orders::OrderEvidence;
use crate::source::normalize::dictionary::{Dictionary, UnknownWords, meaning};
use crate::source::order_frame::OrderFrame;
use crate::source::orders::{NearWord, Orders};
use crate::source::plan::{ColumnPlan, vocabulary};
use crate::source::profile::{Meaning, Profile, Vocabulary};
use crate::source::recognition::{Basis, Choice, recognize};
use crate::source::table::TableChunk;

/// A table that meets the record, its rejected rows still in place.
#[derive(Debug)]
pub struct NormalizedTable {
    /// The orders; their frame has the columns the table had, and `number_type`, `source_words`, `line` and the mask of
    /// data-quality flags.
    pub orders: Orders,
    /// Whether the rows are events.
    pub is_events: bool,
    /// The system that wrote the table, where its profile is that of one.
    pub system: Option<String>,
    /// For each row whether it can be a row of the report.
    pub keep: Vec<bool>,
    /// Dates whose order of day and month nothing but the profile says.
    pub undecided_dates: u64,
    /// Numbers without a plus that were refused as under +1 and that another country has.
    pub foreign_numbers: u64,
    /// For each rival of the profile the rows whose words of status it reads otherwise; `None` where the table is not its.
    pub other_words: Vec<Option<u64>>,
}

/// How a table that was read by a guess is read better, as its cells say.
#[derive(Debug, Clone)]
pub enum Correction<'p> {
    /// With the profile of the system whose words it has.
    Profile(Choice<'p>),
    /// With calling codes first in numbers without a plus.
    CallingCodes,
}

/// Takes the chunks of one table, in any order and from any thread, and makes one table of them that meets the record.
pub struct Normalizer<'a> {
    context: TableContext<'a>,
    place: &'a str,
    /// Numbers that ranges come to so far.
    range_numbers: AtomicU64,
    /// Chunks by their place in the table, each with the rows read.
    chunks: Mutex<BTreeMap<usize, (u64, NormalizedChunk<'a>)>>,
}

impl<'a> Normalizer<'a> {
    /// A normalizer of the table with these `headers`; `input` is its index among the inputs and `place` its name in notes.
    pub fn new(headers: &'a [String], plan: &'a ColumnPlan<'a>, input: u32, place: &'a str, recognise: Recognise<'a>) -> Self {
        let context = TableContext { headers, plan, recognise, input };
        Self { context, place, range_numbers: AtomicU64::new(0), chunks: Mutex::default() }
    }

    /// Takes the chunk that is number `index` of the table, from 0.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a column cannot be built.
    pub fn normalize(&self, index: usize, chunk: TableChunk) -> Result<()> {
        let read = (chunk.lines.len() - chunk.blank.len() + chunk.refused.len()) as u64;
        let (chunk, counters) = rows::expand_ranges(chunk, self.context.plan, &self.range_numbers)?;
        let started = NormalizedChunk::start(chunk, counters, self.context)?;
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner).insert(index, (read, started));
        Ok(())
    }

    /// How the table, of which every chunk has been taken, is read better, if its profile is a guess.
    pub fn correction<'p>(&self, profiles: &'p [Profile]) -> Option<Correction<'p>> {
        let TableContext { headers, plan, .. } = self.context;
        if plan.basis != Basis::Guessed {
            return None;
        }
        let chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        let chunks = || chunks.values().map(|(_, chunk)| chunk);
        let status_columns =
            plan.targets.iter().enumerate().filter(|(_, target)| target.as_ref().is_some_and(|it| vocabulary(it).is_some()));
        let words: Vec<(&str, &str, u64)> = status_columns
            .flat_map(|(header, _)| chunks().filter_map(move |chunk| Some((header, chunk.dictionaries[header].as_ref()?))))
            .flat_map(|(header, dictionary)| dictionary.words().flatten().map(move |(word, rows)| (headers[header].as_str(), word, rows)))
            .collect();
        let phone = plan.column_of(Field::PhoneNumber).map(|phone| &headers[phone]);
        if let Some(choice) = recognize(profiles, phone, &words) {
            return Some(Correction::Profile(choice));
        }
        let count = |what| chunks().map(|chunk| chunk.findings.counters.get(what)).sum::<u64>();
        (count(Counted::ForeignNumbers) > count(Counted::BareNumbers)).then_some(Correction::CallingCodes)
    }

    /// The table, once every chunk has been taken.
    ///
    /// # Errors
    /// [`crate::error::Error::data`] when ranges come to too many numbers;
    /// [`crate::error::Error::internal`] when a column cannot be built.
    pub fn finish(self) -> Result<NormalizedTable> {
        let Self { context, place, range_numbers, chunks } = self;
        rows::check_ranges(range_numbers.into_inner(), context.headers, context.plan, place)?;
        let chunks = chunks.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (read, chunks): (Vec<u64>, Vec<NormalizedChunk>) = chunks.into_values().unzip();
        let dictionaries: Vec<_> = chunks.iter().map(|chunk| chunk.dictionaries.as_slice()).collect();
        let (roles, notes) = column_roles::assign_column_roles(context.headers, context.plan, &dictionaries, place);
        let other_words =
            context.plan.rivals.iter().map(|rival| words_read_otherwise(rival, context.plan, &roles, &dictionaries)).collect();
        let chunks: Vec<NormalizedChunk> = chunks.into_par_iter().map(|chunk| chunk.finish(&roles)).collect::<Result<_>>()?;
        let mut evidence: BTreeMap<usize, OrderEvidence> = BTreeMap::new();
        let found = chunks.iter().flat_map(NormalizedChunk::order_evidence);
        found.for_each(|(header, found)| evidence.entry(header).or_default().add(found));
        let date_orders = date_orders::settle(&evidence, context.plan);
        let chunks: Vec<NormalizedChunk> = chunks.into_par_iter().map(|chunk| chunk.settle(&date_orders)).collect::<Result<_>>()?;
        let notes = notes.into_iter().map(Note::from).collect();
        let mut orders = Orders { read: read.iter().sum(), notes, ..Orders::default() };
        let mut counters = Counters::default();
        let mut frames = Vec::with_capacity(chunks.len());
        let mut keep = Vec::with_capacity(chunks.iter().map(|chunk| chunk.keep.len()).sum());
        for chunk in chunks {
            keep.extend(chunk.keep);
            orders.rejects.extend(chunk.rejects);
            orders.add_unknown_words(chunk.unknown_words);
            counters.add_all(chunk.findings.counters);
            frames.push(chunk.frame);
        }
        orders.near_words = near_words(&orders.unknown_words, &roles, context);
        orders.frame = OrderFrame::stack(frames)?;
        orders.notes.extend(counters.notes(context.headers, context.plan.profile, place).into_iter().map(Note::from));
        orders.expanded = counters.get(Counted::RangeNumbers) - counters.get(Counted::Ranges);
        let timed = (counters.get(Counted::TimesOfDates) > 0).then_some(Field::ConfirmedTime);
        orders.present = roles.iter().filter_map(Role::field).chain(timed).collect();
        let undecided_dates = date_orders::undecided(&evidence, &date_orders);
        let (is_events, foreign_numbers) = (context.plan.is_events, counters.get(Counted::ForeignNumbers));
        let profile = context.plan.profile;
        let system = profile.is_of_one_system().then(|| profile.name.clone());
        Ok(NormalizedTable { orders, is_events, system, keep, undecided_dates, foreign_numbers, other_words })
    }
}

/// The rows with a word of a state, status or detail to which `rival` gives another meaning than the profile of `plan`, or of
/// which only one of them knows a meaning. `None` where the table is not the rival's: a system that keeps its words to itself
/// is not meant by headers that many write beside words that it does not know.
fn words_read_otherwise(rival: &Profile, plan: &ColumnPlan<'_>, roles: &[Role], dictionaries: &[&[Option<Dictionary>]]) -> Option<u64> {
    let differ = |own: Option<Meaning>, other: Option<Meaning>| match (own, other) {
        (Some(own), Some(other)) => own.contradicts(other),
        (own, other) => own.is_some() != other.is_some(),
    };
    let columns = roles.iter().enumerate().filter_map(|(header, role)| match role {
        Role::StatusColumn(vocabulary) => Some((header, *vocabulary)),
        _ => None,
    });
    let words = columns.flat_map(|(header, vocabulary)| {
        let chunks = dictionaries.iter().filter_map(move |chunk| chunk[header].as_ref());
        chunks.flat_map(Dictionary::words).flatten().map(move |(word, rows)| (vocabulary, word, rows))
    });
    if rival.by_level && plan.basis == Basis::Guessed {
        let knows = |word: &str| Vocabulary::ALL.iter().any(|vocabulary| rival.meaning(*vocabulary, word).is_some());
        return words.map(|(_, word, _)| word).all(knows).then_some(0);
    }
    let otherwise =
        words.filter(|(vocabulary, word, _)| differ(meaning(plan.profile, *vocabulary, word), meaning(rival, *vocabulary, word)));
    Some(otherwise.map(|(_, _, rows)| rows).sum())
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
