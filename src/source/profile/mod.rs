//! A source's profile: which header means which column and which word means which code.

pub mod cancel_window;
pub mod collection;
pub mod epoch;
mod file;
pub mod meaning;
pub mod null_words;
pub mod schema;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::domain::columns::ColumnType;
use crate::domain::date::{self, DateOrder, Zone, zone_of_header};
use crate::domain::lifecycle::State;
use crate::domain::number::DefaultNumbering;
use crate::domain::reason::SEPARATOR;
use crate::domain::record::Field;
use crate::domain::status::fold;
use crate::domain::text::{nearest, one_line};
use crate::source::profile::cancel_window::CancelWindow;
use crate::source::profile::epoch::Epoch;
use crate::source::profile::null_words::{NullWords, WordList};

pub use crate::source::profile::meaning::{Mapping, Meaning, Vocabulary};

/// Where a header stands in a profile. Those of the profile that it extends come after its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchPriority {
    /// It means this column.
    Main,
    /// It means this column when no other header does.
    Fallback,
    /// The profile that this one extends means this column by it.
    InheritedMain,
    /// The profile that this one extends means this column by it when no other header does.
    InheritedFallback,
}

impl MatchPriority {
    /// Every priority, the first to be tried first.
    pub const ALL: [Self; 4] = [Self::Main, Self::Fallback, Self::InheritedMain, Self::InheritedFallback];

    /// Whether the header means its column only when no other does.
    pub const fn is_fallback(self) -> bool {
        matches!(self, Self::Fallback | Self::InheritedFallback)
    }

    const fn inherited(self) -> Self {
        if self.is_fallback() { Self::InheritedFallback } else { Self::InheritedMain }
    }
}

/// Seconds that a day has, whatever clocks are set to in it.
const DAY_SECONDS: i32 = 86_400;

type Words = BTreeMap<String, String>;

/// A header as it is spelled, but for its case and the width of its blanks.
fn spelling(header: &str) -> String {
    one_line(header).to_lowercase()
}

/// Words that are the same whatever their case, spaces and punctuation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct WordSet(BTreeSet<String>);

impl From<Vec<String>> for WordSet {
    fn from(words: Vec<String>) -> Self {
        Self(words.iter().map(|word| fold(word)).collect())
    }
}

impl WordSet {
    /// Whether `word` is among them.
    pub fn contains(&self, word: &str) -> bool {
        self.0.contains(&fold(word))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The single codes of a cell of reject codes.
fn codes_in(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([';', ',', '|']).map(str::trim).filter(|code| !code.is_empty())
}

/// The column of the numbers' countries, where a source's numbers are read by it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Country {
    /// Its headers.
    pub headers: WordSet,
    /// The countries whose numbers are under +1.
    pub under_plus_one: WordSet,
}

/// A source's headers, words and habits.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// The name: the file's, without its ending.
    pub name: String,
    /// What it describes, for readers.
    pub title: String,
    /// How an ambiguous date is read.
    pub order: DateOrder,
    /// How digits without a plus are read.
    pub bare: DefaultNumbering,
    /// The zone of times that name none; Pacific time of order dates, and UTC of instants, where it is not said.
    pub zone: Option<Zone>,
    /// Headers of columns that a report made here derives from others, so that they say nothing of their own.
    pub derived: WordSet,
    /// The column of the numbers' countries.
    pub country: Country,
    /// Words that no other system uses for where a port stands.
    pub own_words: WordSet,
    /// Whether the words of number states are those of numbers alone and those of statuses those of whole requests alone.
    pub by_level: bool,
    /// Its own words, as they are written.
    pub mappings: Vec<Mapping>,
    /// Until when its carrier takes cancellations.
    pub cancel_window: CancelWindow,
    /// Headers of columns that number the rows: in a table of events the events, and not their orders.
    pub row_ids: WordSet,
    /// Headers of columns that say in which row of another file a row stood, of which this is a part.
    pub line_headers: WordSet,
    /// Headers of columns with the words for where a port stands as another source wrote them.
    pub word_headers: WordSet,
    /// Headers of columns with the data-quality flags that an earlier reading brought, by their codes.
    pub flag_headers: WordSet,
    /// Headers of columns that mean something else in this system than in others, and nothing that a report has.
    ignored: WordSet,
    /// Headers of tables whose rows are changes of a status, each at a time of its own.
    changes: WordSet,
    /// Since when its dates that are numbers count seconds.
    epoch: Option<Epoch>,
    /// Whether its times of day that are numbers are seconds since midnight.
    seconds_of_day: bool,
    /// Headers that no other system writes, in lower case.
    own_headers: BTreeSet<String>,
    /// The name of the profile that it extends, and the line and column where it says so.
    extends: Option<(String, (usize, usize))>,
    /// The canonical reasons that it names, each with its line and column.
    reasons: Vec<(String, (usize, usize))>,
    null_words: NullWords,
    headers: BTreeMap<String, Vec<(MatchPriority, Field)>>,
    spelled: BTreeSet<String>,
    written: Vec<(String, Field)>,
    /// What words say beyond one code.
    meanings: BTreeMap<(Vocabulary, String), Meaning>,
    /// What words say beside certain reject codes.
    by_reason: BTreeMap<(Vocabulary, String), Vec<(WordSet, Meaning)>>,
    codes: BTreeMap<Field, Words>,
}

impl Profile {
    /// The columns that `header` may mean, the likeliest first; without its parentheses if need be.
    pub fn fields(&self, header: &str) -> &[(MatchPriority, Field)] {
        if self.derived.contains(header) { &[] } else { self.fields_beside_reports(header) }
    }

    /// As [`Profile::fields`], of a table that cannot be an earlier report, so that none of its columns is derived.
    pub fn fields_beside_reports(&self, header: &str) -> &[(MatchPriority, Field)] {
        let found = self.headers.get(&fold(header)).or_else(|| self.outside_parentheses(header));
        if self.ignored.contains(header) || self.is_time_elsewhere(header) { &[] } else { found.map_or(&[], Vec::as_slice) }
    }

    /// Whether a column of this system is known and deliberately left out.
    pub fn ignores(&self, header: &str) -> bool {
        self.ignored.contains(header)
    }

    /// Whether only tables of changes of a status have this column.
    pub fn tells_changes(&self, header: &str) -> bool {
        self.changes.contains(header)
    }

    /// A cell of a column of dates as dates are written: seconds since the profile's epoch become an instant.
    pub fn date_text<'a>(&self, cell: &'a str) -> Cow<'a, str> {
        self.epoch.and_then(|epoch| epoch.instant(cell)).map_or(Cow::Borrowed(cell), Cow::Owned)
    }

    /// The seconds since midnight that a cell of a column of times of day means, if it is one.
    pub fn time_of_day(&self, cell: &str) -> Option<i32> {
        let seconds = || cell.parse().ok().filter(|seconds| (0..DAY_SECONDS).contains(seconds));
        if self.seconds_of_day { seconds().or_else(|| date::time(cell)) } else { date::time(cell) }
    }

    /// Whether a header would be that of a wall time, but names a zone other than Pacific, as in `FOC time (UTC)`, or is of a
    /// system whose times are of another one.
    pub fn is_time_elsewhere(&self, header: &str) -> bool {
        let timed = |fields: &Vec<(MatchPriority, Field)>| fields.iter().any(|(_, field)| field.column_type() == ColumnType::Time);
        let (known, zone) = (self.headers.get(&fold(header)), zone_of_header(header));
        let is_elsewhere = match (known, zone.or(self.zone)) {
            (_, None | Some(Zone::Pacific)) => false,
            // So the profile spells it.
            (Some(fields), _) => zone.is_none() && timed(fields),
            (None, _) => self.outside_parentheses(header).is_some_and(timed),
        };
        is_elsewhere && !self.derived.contains(header)
    }

    fn outside_parentheses(&self, header: &str) -> Option<&Vec<(MatchPriority, Field)>> {
        let (before, rest) = header.split_once('(')?;
        self.headers.get(&fold(&format!("{before}{}", rest.split_once(')').map_or("", |(_, after)| after))))
    }

    /// Whether the profile itself spells a header so, but for its case.
    pub fn spells(&self, header: &str) -> bool {
        self.spelled.contains(&spelling(header))
    }

    /// Whether a header, as it is spelled but for its case, is this system's own.
    pub fn owns(&self, header: &str) -> bool {
        self.own_headers.contains(&spelling(header))
    }

    /// Whether it describes one system, which is known by headers or words of its own. Others are guessed.
    pub fn is_of_one_system(&self) -> bool {
        !self.own_headers.is_empty() || !self.own_words.is_empty()
    }

    /// How many headers the profile itself knows; of two that fit, the one that knows fewer is the closer.
    pub fn breadth(&self) -> usize {
        self.spelled.len()
    }

    /// The headers that the profile itself lists, as it writes them, each with its column.
    pub fn aliases(&self) -> impl Iterator<Item = (&str, Field)> {
        self.written.iter().map(|(alias, field)| (alias.as_str(), *field))
    }

    /// The words that mean that a cell of `field` is empty; of any column when it is `None`.
    pub fn null_words(&self, field: Option<Field>) -> &WordList {
        self.null_words.of(field)
    }

    /// Whether `word` says in none of the columns `fields` anything but that there is nothing.
    pub fn is_nothing(&self, fields: &[Field], word: &str) -> bool {
        let word = word.trim();
        let is_null = || match fields {
            [] => self.null_words(None).contains(word),
            fields => fields.iter().any(|field| self.null_words(Some(*field)).contains(word)),
        };
        let is_known = |field: &Field| match Vocabulary::of(*field) {
            Some(vocabulary) => self.meaning(vocabulary, word).is_some(),
            None => self.code(*field, word).is_some(),
        };
        // Signs do not count for what a column knows: a dump's \N would be the N of yes and no.
        let may_be_known = word.starts_with(char::is_alphanumeric);
        word.is_empty() || is_null() && !(may_be_known && fields.iter().any(is_known))
    }

    /// What `word` says in a column of this vocabulary, and only there.
    pub fn meaning(&self, vocabulary: Vocabulary, word: &str) -> Option<Meaning> {
        let said = self.meanings.get(&(vocabulary, fold(word))).copied();
        said.or_else(|| self.code(vocabulary.field(), word).map(|code| vocabulary.meaning_of(code)))
    }

    /// Whether a word's meaning depends on the reject codes beside it.
    pub fn weighs_reasons(&self) -> bool {
        !self.by_reason.is_empty()
    }

    /// What `word` says in a column of this vocabulary beside these reject codes of the source, where that is something else
    /// than by itself: all of them must be among those that a meaning names.
    pub fn meaning_beside(&self, vocabulary: Vocabulary, word: &str, reasons: &str) -> Option<Meaning> {
        let meanings = self.by_reason.get(&(vocabulary, fold(word)))?;
        let given: Vec<&str> = codes_in(reasons).collect();
        let fits = |known: &WordSet| !given.is_empty() && given.iter().all(|code| known.contains(code));
        meanings.iter().find(|(known, _)| fits(known)).map(|(_, meaning)| *meaning)
    }

    /// The canonical codes of a cell with one or several reject codes of the source; `None` unless each is known.
    pub fn reason_codes(&self, cell: &str) -> Option<String> {
        let mut codes: Vec<&str> = codes_in(cell).map(|code| self.code(Field::ReasonCode, code)).collect::<Option<_>>()?;
        codes = codes.into_iter().flat_map(|code| code.split(SEPARATOR)).collect();
        let mut seen = BTreeSet::new();
        codes.retain(|code| seen.insert(*code));
        (!codes.is_empty()).then(|| codes.join(SEPARATOR))
    }

    /// The code of `word` in a column of closed words; `None` when the profile does not know it.
    pub fn code(&self, field: Field, word: &str) -> Option<&str> {
        match field {
            Field::PriorState => self.meaning(Vocabulary::State, word)?.state.map(State::code),
            _ => self.codes.get(&field)?.get(&fold(word)).map(String::as_str),
        }
    }

    /// The code of the known word of a column of `field` that comes nearest to `word`, if one is near.
    pub fn nearest_code(&self, field: Field, word: &str) -> Option<&str> {
        let codes = self.codes.get(&field)?;
        let near = nearest(word, codes.keys().map(String::as_str))?;
        codes.get(near).map(String::as_str)
    }

    /// Adds what `base` knows and this profile does not say itself: headers, words, words for nothing, derived headers
    /// and countries.
    fn inherit(&mut self, base: &Self) {
        for (alias, fields) in &base.headers {
            let inherited = || fields.iter().map(|(priority, field)| (priority.inherited(), *field)).collect();
            self.headers.entry(alias.clone()).or_insert_with(inherited);
        }
        let is_foreign = |vocabulary: Option<Vocabulary>| self.by_level && vocabulary.is_some();
        for (key, meaning) in base.meanings.iter().filter(|(key, _)| !is_foreign(Some(key.0))) {
            let is_said = self.codes.get(&key.0.field()).is_some_and(|words| words.contains_key(&key.1));
            if !is_said {
                self.meanings.entry(key.clone()).or_insert(*meaning);
            }
        }
        for (field, words) in &base.codes {
            let vocabulary = Vocabulary::of(*field);
            if is_foreign(vocabulary) {
                continue;
            }
            let own = self.codes.entry(*field).or_default();
            for (word, code) in words {
                if !vocabulary.is_some_and(|vocabulary| self.meanings.contains_key(&(vocabulary, word.clone()))) {
                    own.entry(word.clone()).or_insert_with(|| code.clone());
                }
            }
        }
        self.null_words.extend(&base.null_words);
        self.derived.0.extend(base.derived.0.iter().cloned());
        self.row_ids.0.extend(base.row_ids.0.iter().cloned());
        self.line_headers.0.extend(base.line_headers.0.iter().cloned());
        self.word_headers.0.extend(base.word_headers.0.iter().cloned());
        self.flag_headers.0.extend(base.flag_headers.0.iter().cloned());
        if self.country.headers.is_empty() {
            self.country = base.country.clone();
        }
    }
}
