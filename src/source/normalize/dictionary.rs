//! Columns of words: each distinct word is looked up once, and rows have the code of theirs.

use std::collections::BTreeMap;

use polars::prelude::{PlHashMap, StringChunked};

use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::State;
use crate::domain::record::{Field, SOURCE_WORDS};
use crate::domain::status::{Detail, Status};
use crate::source::CodedText;
use crate::source::coded_text::NONE;
use crate::source::normalize::cells::{CellProblem, ERROR_VALUE, Findings, UNKNOWN_WORD, is_error_value};
use crate::source::profile::{Meaning, Profile, Vocabulary};

/// Words that the profile does not know, by header and word, with counts.
pub type UnknownWords = BTreeMap<(String, String), u64>;

/// A column as its distinct words, and each row's word.
#[derive(Debug, Clone)]
pub struct Dictionary {
    /// The cells as they were read.
    pub cells: CodedText,
    /// By code, how many rows hold the word; `None` where it means that there is nothing.
    counts: Vec<Option<u64>>,
    /// How many rows hold a word for nothing.
    pub nothing: u64,
}

impl Dictionary {
    /// The words of a column that may hold `fields`.
    pub fn new(column: &StringChunked, fields: &[Field], profile: &Profile) -> Self {
        let cells = CodedText::of(column);
        let mut counts = cells.each(|text| (!profile.is_nothing(fields, text)).then_some(0));
        let is_empty = cells.each(|text| text.trim().is_empty());
        let mut nothing = 0;
        for code in cells.codes.iter().flatten() {
            match &mut counts[code as usize] {
                Some(count) => *count += 1,
                None => nothing += u64::from(!is_empty[code as usize]),
            }
        }
        Self { cells, counts, nothing }
    }

    /// By code, each word and how many rows hold it; `None` where it means that there is nothing.
    pub fn words(&self) -> impl Iterator<Item = Option<(&str, u64)>> {
        self.cells.texts.iter().zip(&self.counts).map(|(text, count)| text.zip(*count))
    }

    /// The codes that `look_up` finds for the words, as a column `name`.
    pub fn codes(&self, name: &str, look_up: impl Fn(&str) -> Option<String>) -> CodedText {
        let code = |word: Option<(&str, u64)>| word.filter(|(word, _)| !is_error_value(word)).and_then(|(word, _)| look_up(word));
        let found: Vec<Option<String>> = self.words().map(code).collect();
        CodedText::new(name, self.cells.places(), found.iter().map(Option::as_deref))
    }

    /// Counts the words that `knows` does not know, by header and word.
    pub fn count_unknown(&self, header: &str, knows: impl Fn(&str) -> bool, unknown: &mut UnknownWords) {
        for (word, count) in self.words().flatten().filter(|(word, _)| !is_error_value(word) && !knows(word)) {
            *unknown.entry((header.to_owned(), word.trim().to_owned())).or_default() += count;
        }
    }
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
///
/// `reasons` are the reject codes beside which a word may mean something else, where the profile weighs them.
pub fn status_values(
    columns: &[StatusColumn<'_>],
    reasons: Option<&Dictionary>,
    profile: &Profile,
    findings: &mut Findings,
) -> [CodedText; 4] {
    let words: Vec<Vec<_>> = columns.iter().map(|column| column.dictionary.words().collect()).collect();
    let codes: Vec<Vec<u32>> = columns.iter().map(|column| column.dictionary.cells.places().collect()).collect();
    let beside: Option<Vec<u32>> = reasons.map(|reasons| reasons.cells.places().collect());
    let reasons: Vec<_> = reasons.into_iter().flat_map(Dictionary::words).collect();
    let combine = |(key, reason): ([u32; 3], u32)| {
        let words = columns.iter().zip(&words).zip(key);
        let words = words.filter_map(|((column, words), code)| Some((column, words.get(code as usize)?.as_ref()?.0)));
        let reason = reasons.get(reason as usize).copied().flatten().map_or("", |(reason, _)| reason);
        combine(words, reason, profile)
    };
    let mut known: PlHashMap<([u32; 3], u32), u32> = PlHashMap::default();
    let mut combinations: Vec<Combination> = Vec::new();
    let mut rows: Vec<u32> = Vec::with_capacity(findings.flags.len());
    let mut last = (([NONE - 1; 3], NONE), 0);
    for (row, flag) in findings.flags.iter_mut().enumerate() {
        let mut key = ([NONE; 3], beside.as_ref().map_or(NONE, |codes| codes[row]));
        for (target, codes) in key.0.iter_mut().zip(&codes) {
            *target = codes[row];
        }
        if key != last.0 {
            let id = *known.entry(key).or_insert_with(|| {
                combinations.push(combine(key));
                combinations.len() as u32 - 1
            });
            last = (key, id);
        }
        let combination = &combinations[last.1 as usize];
        *flag |= combination.flags;
        findings.problems.extend(combination.problems.iter().map(|problem| CellProblem { row: row as u32, ..problem.clone() }));
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

fn combine<'a>(words: impl Iterator<Item = (&'a StatusColumn<'a>, &'a str)>, reasons: &str, profile: &Profile) -> Combination {
    let mut combination = Combination::default();
    let mut said: Vec<(Vocabulary, Meaning)> = Vec::new();
    for (column, word) in words {
        if !combination.words.is_empty() {
            combination.words.push_str(" | ");
        }
        combination.words.push_str(word.trim());
        let beside = || profile.meaning_beside(column.vocabulary, word, reasons);
        let (reason, flag) = match beside().or_else(|| meaning(profile, column.vocabulary, word)) {
            Some(meaning) => {
                said.push((column.vocabulary, meaning));
                continue;
            }
            None if is_error_value(word) => (ERROR_VALUE, QualityFlag::BadCell),
            None => (UNKNOWN_WORD, QualityFlag::UnknownWord),
        };
        combination.problems.push(CellProblem { row: 0, header: column.header, value: word.to_owned(), reason });
        combination.flags |= flag.bit();
    }
    if profile.by_level {
        keep_nearest(&mut said);
    }
    let (state, states_differ) = first_said(&said, Vocabulary::State, |meaning| meaning.state);
    let (status, statuses_differ) = first_said(&said, Vocabulary::Status, |meaning| meaning.status);
    // A detail implied by a status word only fills what the detail column leaves open.
    let (detail, _) = first_said(&said, Vocabulary::Detail, |meaning| meaning.detail);
    combination.meaning = Meaning { state, status, detail, ..Meaning::default() };
    if states_differ || statuses_differ {
        combination.flags |= QualityFlag::StatusContradiction.bit();
    }
    combination
}

/// What a system says of a number is nearer to it than what it says of the whole request, unless that is said of all numbers
/// that are open. A number of which action is required already may know more of it.
fn keep_nearest(said: &mut Vec<(Vocabulary, Meaning)>) {
    let of_number = |(vocabulary, said): &(Vocabulary, Meaning)| *vocabulary == Vocabulary::State && *said != Meaning::default();
    let Some((_, number)) = said.iter().find(|said| of_number(said)) else { return };
    let stays = [State::Completed, State::Canceled, State::NotPortable, State::ActionRequired];
    let is_open = number.state.is_some_and(|state| !stays.contains(&state));
    let is_of_all = |(_, said): &(Vocabulary, Meaning)| said.is_of_all_open && is_open;
    match said.iter().any(is_of_all) {
        true => said.retain(is_of_all),
        false => said.retain(|(vocabulary, _)| *vocabulary == Vocabulary::State),
    }
}

/// What `tell` takes from the first word that tells it, the columns of vocabulary `own` before the others, and whether a later
/// word tells something else.
fn first_said<T: PartialEq>(said: &[(Vocabulary, Meaning)], own: Vocabulary, tell: fn(&Meaning) -> Option<T>) -> (Option<T>, bool) {
    let (first, rest): (Vec<_>, Vec<_>) = said.iter().partition(|(vocabulary, _)| *vocabulary == own);
    let mut told = first.into_iter().chain(rest).filter_map(|(_, meaning)| tell(&meaning));
    let first = told.next();
    let differs = told.any(|other| first.as_ref() != Some(&other));
    (first, differs)
}

/// A word's meaning in its column's vocabulary, else in the others, unless the profile keeps them apart.
pub fn meaning(profile: &Profile, vocabulary: Vocabulary, word: &str) -> Option<Meaning> {
    if profile.by_level {
        return profile.meaning(vocabulary, word);
    }
    [vocabulary, Vocabulary::Status, Vocabulary::Detail, Vocabulary::State].into_iter().find_map(|each| profile.meaning(each, word))
}
