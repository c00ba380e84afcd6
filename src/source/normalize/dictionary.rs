//! Columns of words: each distinct word is looked up once and rows carry its index. Never decides what a row's status should be.

use std::collections::BTreeMap;

use polars::prelude::{PlHashMap, StringChunked};

use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::State;
use crate::domain::record::{Field, SOURCE_WORDS};
use crate::domain::status::{Detail, Status};
use crate::error::Result;
use crate::source::CodedText;
use crate::source::normalize::cells::{CellProblem, ERROR_VALUE, UNKNOWN_WORD, is_error_value};
use crate::source::order_frame::NONE;
use crate::source::profile::{Meaning, Profile, Vocabulary};

/// A column as its distinct words, and each row's word.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    /// The words in order of appearance.
    pub words: Vec<Word>,
    /// Index into `words` for each row, [`NONE`] where the cell is empty.
    pub rows: Vec<u32>,
}

/// A distinct word of a column.
#[derive(Debug, Clone)]
pub struct Word {
    /// As written.
    pub text: String,
    /// Rows that hold it.
    pub count: u64,
    /// Whether the profile calls it blank.
    is_blank: bool,
}

impl Word {
    /// The text; `None` when it means that there is nothing.
    pub fn value(&self) -> Option<&str> {
        (!self.is_blank).then_some(&self.text)
    }
}

impl Dictionary {
    /// The word of number `id`; `None` when it means that there is nothing.
    fn value(&self, id: u32) -> Option<&str> {
        self.words.get(id as usize)?.value()
    }

    /// The cells as they were read.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when they cannot be built.
    pub fn cells(&self) -> Result<StringChunked> {
        CodedText::new("", self.rows.iter().copied(), self.words.iter().map(|word| Some(word.text.as_str()))).decode()
    }
}

/// Indexes the words of a column.
pub fn index(column: &StringChunked, profile: &Profile) -> Dictionary {
    let coded = CodedText::of(column);
    let mut words = coded.each(|text| Word { text: text.to_owned(), count: 0, is_blank: profile.is_blank(text.trim()) });
    let rows: Vec<u32> = coded.places().collect();
    rows.iter().filter(|row| **row != NONE).for_each(|row| words[*row as usize].count += 1);
    Dictionary { words, rows }
}

/// One column of states, statuses or details, within a chunk.
pub struct StatusColumn<'a> {
    /// Its place among the headers.
    pub header: usize,
    /// What most of its rows hold.
    pub vocabulary: Vocabulary,
    /// Its words.
    pub dictionary: &'a Dictionary,
}

#[derive(Default)]
struct Combination {
    meaning: Meaning,
    words: String,
    flags: u64,
    problems: Vec<CellProblem>,
}

/// Reads the columns of states, statuses and details together: the codes of each, and the words as written, joined by ` | `. A
/// word is looked up in its column's vocabulary, then in the others; the column meant for a code speaks first.
pub fn status_values(
    columns: &[StatusColumn<'_>],
    profile: &Profile,
    flags: &mut [u64],
    problems: &mut Vec<CellProblem>,
) -> [CodedText; 4] {
    let mut known: PlHashMap<[u32; 3], u32> = PlHashMap::default();
    let mut combinations: Vec<Combination> = Vec::new();
    let mut rows: Vec<u32> = Vec::with_capacity(flags.len());
    let mut last = ([NONE - 1; 3], 0);
    for (row, flag) in flags.iter_mut().enumerate() {
        let mut key = [NONE; 3];
        for (target, column) in key.iter_mut().zip(columns) {
            *target = column.dictionary.rows[row];
        }
        if key != last.0 {
            let id = *known.entry(key).or_insert_with(|| {
                combinations.push(combine(columns, key, profile));
                combinations.len() as u32 - 1
            });
            last = (key, id);
        }
        let combination = &combinations[last.1 as usize];
        *flag |= combination.flags;
        problems.extend(combination.problems.iter().map(|problem| CellProblem { row: row as u32, ..problem.clone() }));
        rows.push(last.1);
    }
    let said =
        |name: &str, tell: fn(&Combination) -> Option<&str>| CodedText::new(name, rows.iter().copied(), combinations.iter().map(tell));
    [
        said(Field::NumberState.key(), |combination| combination.meaning.state.map(State::code)),
        said(Field::GivenStatus.key(), |combination| combination.meaning.status.map(Status::code)),
        said(Field::GivenDetail.key(), |combination| combination.meaning.detail.map(Detail::code)),
        said(SOURCE_WORDS, |combination| (!combination.words.is_empty()).then_some(combination.words.as_str())),
    ]
}

fn combine(columns: &[StatusColumn<'_>], key: [u32; 3], profile: &Profile) -> Combination {
    let mut combination = Combination::default();
    let mut values: Vec<(Vocabulary, Meaning)> = Vec::new();
    for (column, word) in columns.iter().zip(key).filter_map(|(column, id)| Some((column, column.dictionary.value(id)?))) {
        if !combination.words.is_empty() {
            combination.words.push_str(" | ");
        }
        combination.words.push_str(word.trim());
        let (reason, flag) = match meaning(profile, column.vocabulary, word) {
            Some(meaning) => {
                values.push((column.vocabulary, meaning));
                continue;
            }
            None if is_error_value(word) => (ERROR_VALUE, QualityFlag::BadCell),
            None => (UNKNOWN_WORD, QualityFlag::UnknownWord),
        };
        combination.problems.push(CellProblem { row: 0, header: column.header, value: word.to_owned(), reason });
        combination.flags |= flag.bit();
    }
    let mut contradiction = false;
    let own = |vocabulary: Vocabulary, values: &[(Vocabulary, Meaning)]| -> Vec<Meaning> {
        let (first, rest): (Vec<_>, Vec<_>) = values.iter().partition(|(known, _)| *known == vocabulary);
        first.into_iter().chain(rest).map(|(_, meaning)| meaning).collect()
    };
    for (position, meaning) in own(Vocabulary::State, &values).into_iter().enumerate() {
        contradiction |=
            position > 0 && meaning.state.is_some() && combination.meaning.state.is_some_and(|state| Some(state) != meaning.state);
        combination.meaning.state = combination.meaning.state.or(meaning.state);
    }
    for meaning in own(Vocabulary::Status, &values) {
        contradiction |= meaning.status.is_some() && combination.meaning.status.is_some_and(|status| Some(status) != meaning.status);
        combination.meaning.status = combination.meaning.status.or(meaning.status);
    }
    for meaning in own(Vocabulary::Detail, &values) {
        // A detail implied by a status word only fills what the detail column leaves open.
        combination.meaning.detail = combination.meaning.detail.or(meaning.detail);
    }
    if contradiction {
        combination.flags |= QualityFlag::StatusContradiction.bit();
    }
    combination
}

/// A word's meaning in its column's vocabulary, else in the others.
pub fn meaning(profile: &Profile, vocabulary: Vocabulary, word: &str) -> Option<Meaning> {
    profile
        .meaning(vocabulary, word)
        .or_else(|| [Vocabulary::Status, Vocabulary::Detail, Vocabulary::State].into_iter().find_map(|other| profile.meaning(other, word)))
}

/// The codes of a column of closed words.
pub fn codes(
    dictionary: &Dictionary,
    name: &str,
    look_up: impl Fn(&str) -> Option<String>,
    header: usize,
    flags: &mut [u64],
    problems: &mut Vec<CellProblem>,
) -> CodedText {
    let found: Vec<Option<String>> =
        dictionary.words.iter().map(|word| word.value().filter(|word| !is_error_value(word)).and_then(&look_up)).collect();
    for (row, id) in dictionary.rows.iter().enumerate() {
        if let Some(word) = dictionary.value(*id).filter(|_| found[*id as usize].is_none()) {
            flags[row] |= QualityFlag::BadCell.bit();
            let reason = if is_error_value(word) { ERROR_VALUE } else { UNKNOWN_WORD };
            problems.push(CellProblem { row: row as u32, header, value: word.to_owned(), reason });
        }
    }
    CodedText::new(name, dictionary.rows.iter().copied(), found.iter().map(Option::as_deref))
}

/// Counts the words that no code was found for, by header and word.
pub fn count_unknown(dictionary: &Dictionary, header: &str, knows: impl Fn(&str) -> bool, unknown: &mut BTreeMap<(String, String), u64>) {
    let values = dictionary.words.iter().filter_map(|word| Some((word.value()?, word.count)));
    for (word, count) in values.filter(|(word, _)| !is_error_value(word) && !knows(word)) {
        *unknown.entry((header.to_owned(), word.trim().to_owned())).or_default() += count;
    }
}
