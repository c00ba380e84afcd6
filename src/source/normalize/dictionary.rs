//! Columns of words: each distinct word is looked up once and rows carry its index. Never decides what a row's status should be.

use std::collections::BTreeMap;

use polars::prelude::{ChunkTake, IdxCa, IdxSize, NewChunkedArray, PlHashMap, PlSmallStr, StringChunked};

use crate::domain::data_quality::QualityFlag;
use crate::domain::record::Field;
use crate::error::Result;
use crate::source::normalize::{CellProblem, is_error_value};
use crate::source::profile::{Meaning, Profile, Vocabulary};

/// The index of an empty cell.
pub const NONE: u32 = u32::MAX;

/// A column as its distinct words, and each row's word.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    /// The words as written, in order of appearance.
    pub words: Vec<String>,
    /// Rows a word.
    pub counts: Vec<u64>,
    /// Index into `words` for each row, [`NONE`] where the cell is empty.
    pub rows: Vec<u32>,
}

/// Indexes the words of a column; what the profile calls blank is empty.
pub fn index(column: &StringChunked, profile: &Profile) -> Dictionary {
    let mut known: PlHashMap<&str, u32> = PlHashMap::default();
    let mut dictionaries = Dictionary { rows: Vec::with_capacity(column.len()), ..Dictionary::default() };
    let mut last = ("", NONE);
    for cell in column.downcast_iter().flat_map(|array| array.iter()) {
        let Some(cell) = cell else {
            dictionaries.rows.push(NONE);
            continue;
        };
        if cell != last.0 {
            let next = dictionaries.words.len() as u32;
            let id = *known.entry(cell).or_insert_with(|| if profile.is_blank(cell.trim()) { NONE } else { next });
            if id == next {
                dictionaries.words.push(cell.to_owned());
                dictionaries.counts.push(0);
            }
            last = (cell, id);
        }
        if last.1 != NONE {
            dictionaries.counts[last.1 as usize] += 1;
        }
        dictionaries.rows.push(last.1);
    }
    dictionaries
}

/// One column of states, statuses or details, within a chunk.
pub struct StatusColumn<'a> {
    /// Its place among the headers.
    pub header: usize,
    /// What most of its rows hold.
    pub vocabulary: Vocabulary,
    /// Its words.
    pub dictionaries: &'a Dictionary,
}

/// What the columns of states, statuses and details say together, row by row.
pub struct StatusValues {
    /// Number state codes.
    pub state: StringChunked,
    /// Status codes.
    pub status: StringChunked,
    /// Detail codes.
    pub detail: StringChunked,
    /// The words as written, joined by ` | `.
    pub source_words: StringChunked,
}

#[derive(Default)]
struct Combination {
    meaning: Meaning,
    words: String,
    lints: u64,
    problems: Vec<(usize, &'static str)>,
}

/// Reads the columns of states, statuses and details together. A word is looked up in its column's
/// vocabulary, then in the others; the column meant for a code speaks first.
pub fn status_values(
    columns: &[StatusColumn<'_>],
    profile: &Profile,
    lints: &mut [u64],
    problems: &mut Vec<CellProblem>,
) -> Result<StatusValues> {
    let mut known: PlHashMap<[u32; 3], u32> = PlHashMap::default();
    let mut combinations: Vec<Combination> = Vec::new();
    let mut rows: Vec<IdxSize> = Vec::with_capacity(lints.len());
    let mut last = ([NONE - 1; 3], 0);
    for (row, lint) in lints.iter_mut().enumerate() {
        let mut key = [NONE; 3];
        for (target, column) in key.iter_mut().zip(columns) {
            *target = column.dictionaries.rows[row];
        }
        if key != last.0 {
            let id = *known.entry(key).or_insert_with(|| {
                combinations.push(combine(columns, key, profile));
                combinations.len() as u32 - 1
            });
            last = (key, id);
        }
        let combination = &combinations[last.1 as usize];
        *lint |= combination.lints;
        problems.extend(combination.problems.iter().map(|(header, reason)| CellProblem { row: row as u32, header: *header, reason }));
        rows.push(last.1);
    }
    let rows = IdxCa::from_vec(PlSmallStr::EMPTY, rows);
    let gather = |field: &str, tell: &dyn Fn(&Combination) -> Option<String>| -> Result<StringChunked> {
        let values = StringChunked::from_iter_options(field.into(), combinations.iter().map(tell));
        Ok(values.take(&rows)?)
    };
    Ok(StatusValues {
        state: gather(Field::NumberState.key(), &|c| c.meaning.state.map(|state| state.code().to_owned()))?,
        status: gather(Field::GivenStatus.key(), &|c| c.meaning.status.map(|status| status.code().to_owned()))?,
        detail: gather(Field::GivenDetail.key(), &|c| c.meaning.detail.map(|detail| detail.code().to_owned()))?,
        source_words: gather(crate::domain::record::SOURCE_WORDS, &|c| (!c.words.is_empty()).then(|| c.words.clone()))?,
    })
}

fn combine(columns: &[StatusColumn<'_>], key: [u32; 3], profile: &Profile) -> Combination {
    let mut combination = Combination::default();
    let mut values: Vec<(Vocabulary, Meaning)> = Vec::new();
    for (column, id) in columns.iter().zip(key).filter(|(_, id)| *id != NONE) {
        let word = &column.dictionaries.words[id as usize];
        if !combination.words.is_empty() {
            combination.words.push_str(" | ");
        }
        combination.words.push_str(word.trim());
        let (reason, lint) = match meaning(profile, column.vocabulary, word) {
            Some(meaning) => {
                values.push((column.vocabulary, meaning));
                continue;
            }
            None if is_error_value(word) => (ERROR_VALUE, QualityFlag::BadCell),
            None => (UNKNOWN_WORD, QualityFlag::UnknownWord),
        };
        combination.problems.push((column.header, reason));
        combination.lints |= lint.bit();
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
        combination.lints |= QualityFlag::StatusContradiction.bit();
    }
    combination
}

/// A word's meaning in its column's vocabulary, else in the others.
pub fn meaning(profile: &Profile, vocabulary: Vocabulary, word: &str) -> Option<Meaning> {
    profile
        .meaning(vocabulary, word)
        .or_else(|| [Vocabulary::Status, Vocabulary::Detail, Vocabulary::State].into_iter().find_map(|other| profile.meaning(other, word)))
}

/// Why a word was not understood.
const UNKNOWN_WORD: &str = "a word that the profile does not know";
/// Why an error value is no value.
pub const ERROR_VALUE: &str = "a spreadsheet's error value";

/// The codes of a column of closed words.
pub fn codes(
    dictionaries: &Dictionary,
    name: &str,
    look_up: impl Fn(&str) -> Option<String>,
    header: usize,
    lints: &mut [u64],
    problems: &mut Vec<CellProblem>,
) -> Result<StringChunked> {
    let found: Vec<Option<String>> =
        dictionaries.words.iter().map(|word| if is_error_value(word) { None } else { look_up(word) }).collect();
    let reasons: Vec<&'static str> =
        dictionaries.words.iter().map(|word| if is_error_value(word) { ERROR_VALUE } else { UNKNOWN_WORD }).collect();
    let none = found.len() as u32;
    let mut rows: Vec<IdxSize> = Vec::with_capacity(dictionaries.rows.len());
    for (row, id) in dictionaries.rows.iter().enumerate() {
        if *id != NONE && found[*id as usize].is_none() {
            lints[row] |= QualityFlag::BadCell.bit();
            problems.push(CellProblem { row: row as u32, header, reason: reasons[*id as usize] });
        }
        rows.push((*id).min(none));
    }
    let values = StringChunked::from_iter_options(name.into(), found.into_iter().chain([None]));
    Ok(values.take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows))?)
}

/// Counts the words that no code was found for, by header and word.
pub fn count_unknown(dictionaries: &Dictionary, header: &str, knows: impl Fn(&str) -> bool, unknown: &mut BTreeMap<(String, String), u64>) {
    for (word, count) in dictionaries.words.iter().zip(&dictionaries.counts).filter(|(word, _)| !is_error_value(word) && !knows(word)) {
        *unknown.entry((header.to_owned(), word.trim().to_owned())).or_default() += count;
    }
}
