//! Replays the events of many numbers, at once or part by part: what is kept of a part grows with its numbers, not its events.

use polars::prelude::{IdxSize, PlHashMap};
use rayon::prelude::*;

use crate::domain::data_quality::QualityFlag;
use crate::domain::record::{Field, QUALITY_MASK};
use crate::domain::replay::StateMachine;
use crate::error::{Error, Result};
use crate::source::OrderFrame;
use crate::source::coded_text::NONE;
use crate::source::events::histories::{ByNumber, Course, Events, Last, Words};
use crate::source::events::history_parts::{HistoryKey, Part, Parts, Whose, by_history};
use crate::source::events::last_rows::{LastRows, RowGroups};
use crate::source::events::standings::{Begin, Keys, Standings};
use crate::source::events::story::{Story, Traces};

/// Numbers whose histories are replayed at once, so that little beside what is kept of them is in memory.
const BATCH: usize = 1 << 16;

/// The histories of all numbers whose events were told so far.
#[derive(Debug)]
pub struct Replay {
    /// The state model.
    pub machine: StateMachine,
    /// By its digits, the place of each number.
    places: PlHashMap<u64, u32>,
    numbers: Vec<Number>,
    /// One a number, request and owner, in the order in which they came up.
    pub histories: Vec<History>,
    /// The last values of the columns that events do not decide.
    pub rows: LastRows,
    /// The texts that [`History::cells`] name.
    pub texts: [Texts; 3],
    /// Whose histories are: a few for very many, so that each is kept once.
    owners: Vec<Whose>,
    owner_places: PlHashMap<Whose, u32>,
    /// Events that were told, and how many of them repeat another.
    pub counts: (u64, u64),
}

/// The columns of [`History::cells`].
pub const CELLS: [Field; 3] = [Field::RejectReason, Field::ReasonCode, Field::MovedBy];

/// What is known of a number.
#[derive(Debug)]
struct Number {
    last: Option<Last>,
    /// Whether some of its events stood in the input before others that happened earlier.
    is_out_of_order: bool,
    /// The place, among its histories, of that of the last event; [`NONE`] before the first.
    current: u32,
    first: Option<u32>,
    /// Histories beside the first. Hardly a number has any.
    more: Option<Box<[u32]>>,
}

impl Default for Number {
    fn default() -> Self {
        Self { last: None, is_out_of_order: false, current: NONE, first: None, more: None }
    }
}

impl Number {
    fn histories(&self) -> impl Iterator<Item = u32> {
        self.first.iter().chain(self.more.iter().flat_map(|more| more.iter())).copied()
    }

    fn add(&mut self, history: u32) {
        match self.first {
            None => self.first = Some(history),
            Some(_) => self.more = Some(self.more.iter().flat_map(|more| more.iter()).copied().chain([history]).collect()),
        }
    }
}

/// What the events of a number in one request of one owner come to.
#[derive(Debug, Default)]
pub struct History {
    /// What is told of its state.
    pub story: Story,
    /// Data-quality flags.
    pub mask: u64,
    /// How often it was rejected.
    pub times_rejected: u32,
    /// Why: codes of the texts of the first of [`CELLS`].
    pub rejections: Vec<u32>,
    /// The codes of the last rejection's reason, of its code, and of who brought the number into its state.
    pub cells: [u32; 3],
    number: u32,
    /// The mark of the request.
    group: u64,
    /// Whose it is, by its place among [`Replay::owners`].
    whose: u32,
}

/// Different texts, by code.
#[derive(Debug, Default)]
pub struct Texts {
    /// Whether the events have a column of them.
    pub is_there: bool,
    /// The texts.
    pub texts: Vec<String>,
    codes: PlHashMap<String, u32>,
}

impl Texts {
    fn code(&mut self, text: &str) -> u32 {
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        let code = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.codes.insert(text.to_owned(), code);
        code
    }
}

/// Events of a number that were told.
struct Told<'a> {
    last: Option<Last>,
    is_out_of_order: bool,
    current: u32,
    repeated: u64,
    first: Chapter<'a>,
    more: Vec<Chapter<'a>>,
}

/// Events of a number in one history that were told.
struct Chapter<'a> {
    part: Part<'a>,
    story: Story,
    traces: Traces,
}

/// One part of the events.
struct EventPart<'a> {
    events: Events,
    masks: Vec<u64>,
    words: [Words; 3],
    /// By code of those words, that of [`Replay::texts`], where it was needed.
    codes: [Vec<u32>; 3],
    begin: &'a (dyn Fn(IdxSize) -> Option<Begin> + Sync),
    kept: RowGroups,
}

impl EventPart<'_> {
    /// The code, among all `texts`, of the text in `row` of the column of [`CELLS`] at this place.
    fn code(&mut self, place: usize, row: IdxSize, texts: &mut [Texts; 3]) -> u32 {
        let Some(own) = self.words[place].code(row as usize) else { return NONE };
        let code = &mut self.codes[place][own as usize];
        if *code == NONE {
            *code = texts[place].code(self.words[place].texts.get(own as usize).unwrap_or_default());
        }
        *code
    }
}

impl Replay {
    /// One of which nothing was told, by this state model.
    pub fn new(machine: StateMachine) -> Self {
        Self {
            machine,
            places: PlHashMap::default(),
            numbers: Vec::new(),
            histories: Vec::new(),
            rows: LastRows::default(),
            texts: Default::default(),
            owners: Vec::new(),
            owner_places: PlHashMap::default(),
            counts: (0, 0),
        }
    }

    /// Goes on with the rows of event tables that `keep` names, and keeps the others as they are. A history that begins in the
    /// middle goes on from where `standings` say that its number stood. Returns whether that can be done: not where events of a
    /// number happened before some that were told already. Then nothing can be made of the whole.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours; a number that is not in E.164, which is one, too.
    pub fn add(&mut self, frame: &OrderFrame, keep: &[bool], standings: &Standings) -> Result<bool> {
        let phones = frame.column(Field::PhoneNumber.key())?;
        let phones = phones.str()?;
        let keys = (!standings.is_empty()).then(|| Keys::of(frame)).transpose()?;
        let begin = |row: IdxSize| standings.begin(phones.get(row as usize).unwrap_or_default(), keys.as_ref()?, row as usize);
        let of = |field: Field| Words::of(frame, field.key());
        let words = [of(CELLS[0])?, of(CELLS[1])?, of(CELLS[2])?];
        for (texts, field) in self.texts.iter_mut().zip(CELLS) {
            texts.is_there |= frame.has(field.key());
        }
        let mut part = EventPart {
            events: Events::of(frame, &self.machine)?,
            masks: frame.column(QUALITY_MASK)?.u64()?.iter().map(Option::unwrap_or_default).collect(),
            codes: std::array::from_fn(|place| vec![NONE; words[place].texts.len()]),
            words,
            begin: &begin,
            kept: RowGroups::default(),
        };
        let mut is_number = true;
        let rows = ByNumber::of(phones, keep, |phone| {
            let place = self.place(phone);
            is_number &= place.is_some();
            place.unwrap_or_default()
        });
        if !is_number {
            return Err(Error::internal("events", "a number that is not in E.164"));
        }
        let numbers: Vec<(u32, &[IdxSize])> = rows.iter().collect();
        for numbers in numbers.chunks(BATCH) {
            let told: Vec<Option<Told<'_>>> = numbers.par_iter().map(|(number, rows)| self.tell(*number, rows, &part)).collect();
            for ((number, rows), told) in numbers.iter().zip(told) {
                let Some(told) = told else { return Ok(false) };
                self.counts.0 += rows.len() as u64;
                self.take(*number, told, &mut part);
            }
        }
        self.rows.add(frame, part.kept, keep)?;
        self.rows.settle(self.histories.len())?;
        Ok(true)
    }

    /// The place of a number in E.164, which it is given if it has none.
    fn place(&mut self, phone: &str) -> Option<u32> {
        let digits = phone.strip_prefix('+').filter(|digits| digits.len() < 19 && digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        // A one before them keeps zeros apart.
        let key = digits.bytes().fold(1, |key: u64, digit| key * 10 + u64::from(digit - b'0'));
        let next = self.numbers.len() as u32;
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.numbers.push(Number::default());
        }
        Some(place)
    }

    /// What the events in `rows` come to behind what is known of their number; nothing where they happened before that.
    fn tell<'r>(&self, number: u32, rows: &'r [IdxSize], part: &EventPart<'_>) -> Option<Told<'r>> {
        let known = &self.numbers[number as usize];
        let Course { rows, repeated, is_in_order, last } = part.events.course(rows, known.last);
        let is_out_of_order = known.is_out_of_order || !is_in_order;
        if known.last.is_some() && is_out_of_order {
            return None;
        }
        let key = |history: u32| {
            let History { group, whose, .. } = &self.histories[history as usize];
            HistoryKey { group: *group, whose: self.owners[*whose as usize] }
        };
        let one = known.first.map(key);
        let several: Vec<HistoryKey> = if known.more.is_some() { known.histories().map(key).collect() } else { Vec::new() };
        let keys = if several.is_empty() { one.as_slice() } else { &several };
        let Parts { first, more, current } = by_history(&part.events, rows, keys, known.current);
        let tell = |of: Part<'r>| {
            let mut story = match of.known {
                Some(place) => {
                    known.histories().nth(place).map(|history| self.histories[history as usize].story.clone()).unwrap_or_default()
                }
                None => Story::new(of.rows.first().and_then(|row| (part.begin)(*row))),
            };
            let mut traces = Traces::default();
            for row in of.rows.iter() {
                story.add(*row, &part.events, &self.machine, &mut traces);
            }
            Chapter { part: of, story, traces }
        };
        Some(Told { last, is_out_of_order, current, repeated, first: tell(first), more: more.into_iter().map(tell).collect() })
    }

    /// Keeps what was told of a number.
    fn take(&mut self, number: u32, told: Told<'_>, part: &mut EventPart<'_>) {
        let Told { last, is_out_of_order, current, repeated, first, more } = told;
        self.counts.1 += repeated;
        for Chapter { part: Part { known, key, rows }, story, traces } in std::iter::once(first).chain(more) {
            // What was told again says nothing new.
            if rows.is_empty() {
                continue;
            }
            let whose = self.place_of_owner(key.whose);
            let place = known.and_then(|place| self.numbers[number as usize].histories().nth(place)).unwrap_or_else(|| {
                self.histories.push(History { number, cells: [NONE; 3], ..History::default() });
                let place = self.histories.len() as u32 - 1;
                self.numbers[number as usize].add(place);
                place
            });
            let history = &mut self.histories[place as usize];
            (history.group, history.whose, history.story) = (key.group, whose, story);
            history.mask = rows.iter().fold(history.mask, |mask, row| mask | part.masks[*row as usize]);
            if !history.story.illegal.is_empty() {
                history.mask |= QualityFlag::EventNotAllowed.bit();
            }
            history.times_rejected += traces.rejections.len() as u32;
            for row in &traces.rejections {
                let code = part.code(0, *row, &mut self.texts);
                if code != NONE && !history.rejections.contains(&code) {
                    history.rejections.push(code);
                }
            }
            for (cell, row) in [traces.reason, traces.reason, traces.moved].into_iter().enumerate() {
                if let Some(row) = row {
                    history.cells[cell] = part.code(cell, row, &mut self.texts);
                }
            }
            part.kept.add(place, &rows);
        }
        let number = &mut self.numbers[number as usize];
        (number.last, number.is_out_of_order, number.current) = (last, is_out_of_order, current);
    }

    /// The place of an owner among all, which it is given if it has none.
    fn place_of_owner(&mut self, whose: Whose) -> u32 {
        let next = self.owners.len() as u32;
        let place = *self.owner_places.entry(whose).or_insert(next);
        if place == next {
            self.owners.push(whose);
        }
        place
    }

    /// The histories in the order of a report: numbers as they came up, and the requests of each.
    pub fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.histories.len() as u32).collect();
        order.sort_by_key(|history| self.histories[*history as usize].number);
        order
    }
}
