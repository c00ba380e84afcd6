//! Normalizes a table of text to the record, chunk by chunk: numbers, dates and codes become what their column holds, free text stays as it is.
//!
//! What some columns hold is known only when all words of the table are. So a chunk is normalized in two steps: as it
//! comes, its numbers, dates and free text become columns of the record, and its words numbers of a dictionary; at the
//! end the words of all chunks decide the columns' roles, and each dictionary becomes columns too. The text that was
//! read is not kept. No row and no cell is lost uncounted.
//!
//! The headers of a table of events mostly say all of that. Where its events stand by number or by time, and alone, they are
//! replayed while it is read, part by part; where that would come to something else than the whole, it is read again.

pub mod cells;
pub mod chunk;
pub mod column_roles;
pub mod counters;
pub mod date_orders;
pub mod dates;
pub mod dictionary;
pub mod earlier_reading;
pub mod event_parts;
pub mod free_text;
pub mod numbers;
pub mod rows;
pub mod sums;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::domain::record::Field;
use crate::domain::replay::StateMachine;
use crate::error::{Error, Result};
use crate::source::events::replay::Replay;
use crate::source::normalize::chunk::{NormalizedChunk, Recognise, TableContext};
use crate::source::normalize::column_roles::Role;
use crate::source::normalize::counters::Counted;
use crate::source::normalize::dictionary::{Dictionary, meaning};
use crate::source::normalize::event_parts::EventParts;
use crate::source::normalize::sums::Sums;
use crate::source::order_frame::OrderFrame;
use crate::source::orders::Orders;
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
    /// What the events came to, if they were replayed while they were read; then there are no rows.
    pub replay: Option<Box<Replay>>,
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
    chunks: Mutex<Chunks<'a>>,
    /// The events of a table of them, if they may be replayed while it is read.
    events: Mutex<Option<EventParts>>,
    events_at_once: u64,
    /// Whether events were replayed that must be replayed with others.
    is_out_of_order: AtomicBool,
}

/// The chunks that are not yet part of anything, by their place in the table, each with the rows read.
#[derive(Default)]
struct Chunks<'a> {
    waiting: BTreeMap<usize, (u64, NormalizedChunk<'a>)>,
    /// The place of the next one.
    next: usize,
    /// Rows of the waiting ones that are next, up to the first that is missing, and its place.
    ready: (u64, usize),
}

impl<'a> Chunks<'a> {
    fn add(&mut self, index: usize, chunk: (u64, NormalizedChunk<'a>)) {
        self.waiting.insert(index, chunk);
        while let Some((rows, _)) = self.waiting.get(&self.ready.1) {
            self.ready = (self.ready.0 + rows, self.ready.1 + 1);
        }
    }

    fn ready(&self) -> Vec<&NormalizedChunk<'a>> {
        self.waiting.range(self.next..self.ready.1).map(|(_, (_, chunk))| chunk).collect()
    }

    fn take_ready(&mut self) -> Vec<(u64, NormalizedChunk<'a>)> {
        let rest = self.waiting.split_off(&self.ready.1);
        (self.next, self.ready.0) = (self.ready.1, 0);
        std::mem::replace(&mut self.waiting, rest).into_values().collect()
    }
}

/// What stops the reading of events that were replayed too early; nobody sees it.
const OUT_OF_ORDER: &str = "events out of order";

impl<'a> Normalizer<'a> {
    /// A normalizer of the table with these `headers`; `input` is its index among the inputs and `place` its name in notes.
    pub fn new(headers: &'a [String], plan: &'a ColumnPlan<'a>, input: u32, place: &'a str, recognise: Recognise<'a>) -> Self {
        let context = TableContext { headers, plan, recognise, input };
        let (chunks, events) = (Mutex::default(), Mutex::default());
        let (range_numbers, is_out_of_order) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { context, place, range_numbers, chunks, events, events_at_once: 0, is_out_of_order }
    }

    /// The same, with which events are replayed while their table is read, so many at once at the least, if the headers alone
    /// say what its columns are.
    #[must_use]
    pub fn replaying(mut self, machine: StateMachine, events_at_once: usize) -> Self {
        let TableContext { headers, plan, .. } = self.context;
        if plan.is_events && column_roles::are_settled(plan) {
            let (roles, _) = column_roles::assign_column_roles(headers, plan, &[], self.place);
            self.events = Mutex::new(Some(EventParts::new(Replay::new(machine), roles)));
            self.events_at_once = events_at_once as u64;
        }
        self
    }

    /// Whether events were replayed that must be replayed with others: the table is to be read again, and replayed at once.
    pub fn is_out_of_order(&self) -> bool {
        self.is_out_of_order.load(Ordering::Relaxed)
    }

    /// Whether some events were replayed already.
    pub fn has_replayed(&self) -> bool {
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner).next > 0
    }

    /// Takes the chunk that is number `index` of the table, from 0.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a column cannot be built, and for events [out of order](Self::is_out_of_order).
    pub fn normalize(&self, index: usize, chunk: TableChunk) -> Result<()> {
        let read = (chunk.lines.len() - chunk.blank.len() + chunk.refused.len()) as u64;
        let (chunk, counters) = rows::expand_ranges(chunk, self.context.plan, &self.range_numbers)?;
        let started = NormalizedChunk::start(chunk, counters, self.context)?;
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner).add(index, (read, started));
        self.replay_ready()
    }

    /// Replays the events that are there, once they are enough.
    fn replay_ready(&self) -> Result<()> {
        // While one thread replays, the others go on reading: what they bring is for the next time.
        let Ok(mut events) = self.events.try_lock() else { return Ok(()) };
        let Some(parts) = events.as_mut() else { return Ok(()) };
        loop {
            let ready = {
                let mut chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
                if chunks.ready.0 < self.events_at_once.max(1) {
                    return Ok(());
                }
                if chunks.next == 0 && !event_parts::are_in_order(&chunks.ready())? {
                    *events = None;
                    return Ok(());
                }
                chunks.take_ready()
            };
            if !parts.add(ready, self.context, false)? {
                self.is_out_of_order.fetch_or(true, Ordering::Relaxed);
                return Err(Error::internal(self.place, OUT_OF_ORDER));
            }
        }
    }

    /// How the table, of which every chunk has been taken, is read better, if its profile is a guess.
    pub fn correction<'p>(&self, profiles: &'p [Profile]) -> Option<Correction<'p>> {
        let TableContext { headers, plan, .. } = self.context;
        if plan.basis != Basis::Guessed {
            return None;
        }
        let chunks = self.chunks.lock().unwrap_or_else(PoisonError::into_inner);
        let chunks = || chunks.waiting.values().map(|(_, chunk)| chunk);
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
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let replayed = |what| events.as_ref().map_or(0, |parts| parts.sums.count(what));
        let count = |what| replayed(what) + chunks().map(|chunk| chunk.findings.counters.get(what)).sum::<u64>();
        (count(Counted::ForeignNumbers) > count(Counted::BareNumbers)).then_some(Correction::CallingCodes)
    }

    /// The table, once every chunk has been taken.
    ///
    /// # Errors
    /// [`crate::error::Error::data`] when ranges come to too many numbers;
    /// [`crate::error::Error::internal`] when a column cannot be built, and for events [out of order](Self::is_out_of_order).
    pub fn finish(&self) -> Result<NormalizedTable> {
        let (context, place) = (self.context, self.place);
        rows::check_ranges(self.range_numbers.load(Ordering::Relaxed), context.headers, context.plan, place)?;
        let Chunks { waiting, next, .. } = std::mem::take(&mut *self.chunks.lock().unwrap_or_else(PoisonError::into_inner));
        let chunks = waiting.into_values().collect();
        let parts = self.events.lock().unwrap_or_else(PoisonError::into_inner).take().filter(|_| next > 0);
        let Some(mut parts) = parts else { return self.finish_rows(chunks) };
        if !parts.add(chunks, context, true)? {
            self.is_out_of_order.fetch_or(true, Ordering::Relaxed);
            return Err(Error::internal(place, OUT_OF_ORDER));
        }
        let EventParts { replay, roles, sums, .. } = parts;
        let other_words = vec![Some(0); context.plan.rivals.len()];
        Ok(self.table(
            sums,
            &roles,
            Vec::new(),
            NormalizedRows { replay: Some(Box::new(replay)), other_words, ..NormalizedRows::default() },
        ))
    }

    /// The table whose rows are those of `chunks`, each with the rows read.
    fn finish_rows(&self, chunks: Vec<(u64, NormalizedChunk<'a>)>) -> Result<NormalizedTable> {
        let context = self.context;
        let dictionaries: Vec<_> = chunks.iter().map(|(_, chunk)| chunk.dictionaries.as_slice()).collect();
        let (roles, notes) = column_roles::assign_column_roles(context.headers, context.plan, &dictionaries, self.place);
        let other_words =
            context.plan.rivals.iter().map(|rival| words_read_otherwise(rival, context.plan, &roles, &dictionaries)).collect();
        let mut sums = Sums::default();
        let (chunks, date_orders) = sums.add(chunks, &roles, context)?;
        let (frames, keep): (Vec<OrderFrame>, Vec<Vec<bool>>) = sums.settle(chunks, &date_orders)?.into_iter().unzip();
        let rows = NormalizedRows { frame: OrderFrame::stack(frames)?, keep: keep.concat(), other_words, replay: None };
        Ok(self.table(sums, &roles, notes, rows))
    }

    fn table(&self, sums: Sums, roles: &[Role], notes: Vec<String>, rows: NormalizedRows) -> NormalizedTable {
        let NormalizedRows { frame, keep, replay, other_words } = rows;
        let plan = self.context.plan;
        let foreign_numbers = sums.count(Counted::ForeignNumbers);
        let (mut orders, undecided_dates) = sums.told(roles, notes, self.context, self.place);
        if plan.lines.is_some() {
            // A record has every column, whatever it was made of.
            orders.present.retain(|field| frame.has_values(field.key()));
        }
        let system = plan.profile.is_of_one_system().then(|| plan.profile.name.clone());
        let orders = Orders { frame, ..orders };
        NormalizedTable { orders, is_events: plan.is_events, replay, system, keep, undecided_dates, foreign_numbers, other_words }
    }
}

/// The rows of a table, or what its events came to.
#[derive(Default)]
struct NormalizedRows {
    frame: OrderFrame,
    keep: Vec<bool>,
    replay: Option<Box<Replay>>,
    other_words: Vec<Option<u64>>,
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
