//! How a profile is written down. A key, a column or a code that does not exist is refused.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::domain::columns::{COLUMNS, ColumnType, LIST, suggest};
use crate::domain::date::{DateOrder, Zone};
use crate::domain::lifecycle::State;
use crate::domain::number::DefaultNumbering;
use crate::domain::record::Field;
use crate::domain::status::{Choice, Detail, Status, fold};
use crate::error::{Error, Place, Result};
use crate::source::profile::cancel_window::CancelWindow;
use crate::source::profile::epoch::Epoch;
use crate::source::profile::null_words::NullWords;
use crate::source::profile::{Country, Mapping, MatchPriority, Meaning, Profile, Vocabulary, WordSet, Words, spelling};
use crate::templates;

type Lists = BTreeMap<Spanned<String>, Vec<Spanned<String>>>;

/// The key of the words for nothing of every column.
pub const ANY_COLUMN: &str = "any";

/// The words of yes-or-no columns.
pub const YES_NO: &[Choice] =
    &[Choice { code: "yes", caption: "true", aliases: &[] }, Choice { code: "no", caption: "false", aliases: &[] }];

impl Profile {
    /// Reads a profile from TOML; `name` names it and `file` is where it stands.
    ///
    /// # Errors
    /// [`Error::config`] when the text is not TOML, has an unknown key, column or code, or says two
    /// things of one word.
    pub fn parse(text: &str, name: &str, file: &str) -> Result<Self> {
        let help = "see templates/sources/generic.toml for what a profile may hold";
        let raw: Raw = templates::parse_to_the_column(text, file, help)?;
        if raw.title.is_empty() {
            return Err(Error::config(file, "missing field `title`", help));
        }
        let profile = Self {
            name: name.to_owned(),
            title: raw.title.clone(),
            order: raw.date_order,
            bare: raw.bare_numbers,
            zone: raw.zone.as_ref().map(|zone| zone.0),
            derived: raw.derived_headers.clone(),
            own_headers: raw.own_headers.iter().map(|header| spelling(header)).collect(),
            own_words: raw.own_words.clone(),
            country: raw.country.clone(),
            by_level: raw.by_level,
            ignored: raw.ignored_headers.clone(),
            changes: raw.change_headers.clone(),
            row_ids: raw.row_ids.clone(),
            line_headers: raw.line_headers.clone(),
            word_headers: raw.word_headers.clone(),
            flag_headers: raw.flag_headers.clone(),
            epoch: raw.epoch,
            seconds_of_day: raw.seconds_of_day,
            cancel_window: raw.cancel_window.clone(),
            extends: raw.extends.as_ref().map(|name| (name.get_ref().clone(), templates::position_at(text, name.span().start))),
            ..Self::default()
        };
        profile.cancel_window.check(file)?;
        Builder { file, text, profile }.build(&raw)
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    title: String,
    date_order: DateOrder,
    bare_numbers: DefaultNumbering,
    zone: Option<NamedZone>,
    extends: Option<Spanned<String>>,
    own_headers: Vec<String>,
    own_words: WordSet,
    null_words: Lists,
    derived_headers: WordSet,
    ignored_headers: WordSet,
    change_headers: WordSet,
    row_ids: WordSet,
    line_headers: WordSet,
    word_headers: WordSet,
    flag_headers: WordSet,
    by_level: bool,
    epoch: Option<Epoch>,
    seconds_of_day: bool,
    cancel_window: CancelWindow,
    country: Country,
    headers: Lists,
    fallback_headers: Lists,
    status: Lists,
    detail: Lists,
    state: Lists,
    #[serde(alias = "class")]
    number_type: Lists,
    priority: Lists,
    cancel_cause: Lists,
    review_outcome: Lists,
    event: Lists,
    reason: Lists,
    flag: Lists,
    meaning: Vec<RawMeaning>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMeaning {
    column: Vocabulary,
    words: Vec<Spanned<String>>,
    #[serde(default)]
    reasons: Vec<Spanned<String>>,
    state: Option<State>,
    status: Option<Status>,
    detail: Option<Detail>,
    #[serde(default)]
    of_all_open: bool,
}

/// The name of a zone.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct NamedZone(Zone);

impl TryFrom<String> for NamedZone {
    type Error = String;

    fn try_from(name: String) -> std::result::Result<Self, String> {
        Zone::of_name(&name).map(Self).ok_or_else(|| format!("'{name}' is not a zone; write UTC, or a name such as America/Chicago"))
    }
}

struct Builder<'a> {
    file: &'a str,
    text: &'a str,
    profile: Profile,
}

impl Builder<'_> {
    fn build(mut self, raw: &Raw) -> Result<Profile> {
        self.headers(MatchPriority::Main, &raw.headers)?;
        self.headers(MatchPriority::Fallback, &raw.fallback_headers)?;
        self.profile.null_words = self.null_words(&raw.null_words)?;
        let position = |code: &Spanned<String>| templates::position_at(self.text, code.span().start);
        self.profile.reasons = raw.reason.keys().map(|code| (code.get_ref().clone(), position(code))).collect();
        raw.meaning.iter().try_for_each(|meaning| self.meaning(meaning))?;
        for (field, lists) in [
            (Field::NumberState, &raw.state),
            (Field::GivenStatus, &raw.status),
            (Field::GivenDetail, &raw.detail),
            (Field::GivenNumberType, &raw.number_type),
            (Field::Priority, &raw.priority),
            (Field::CancelCause, &raw.cancel_cause),
            (Field::ReviewOutcome, &raw.review_outcome),
            (Field::LastEvent, &raw.event),
            (Field::ReasonCode, &raw.reason),
            (Field::LoaReceived, &raw.flag),
            (Field::Resubmitted, &raw.flag),
            (Field::HeldForSibling, &raw.flag),
        ] {
            self.codes(field, lists)?;
        }
        Ok(self.profile)
    }

    /// What the words of one `[[meaning]]` say, by themselves or beside its reject codes.
    fn meaning(&mut self, RawMeaning { column, words, reasons, state, status, detail, of_all_open }: &RawMeaning) -> Result<()> {
        let said = Meaning { state: *state, status: *status, detail: *detail, is_of_all_open: *of_all_open };
        let reasons: Vec<String> = reasons.iter().map(|code| code.get_ref().clone()).collect();
        for word in words {
            let key = (*column, fold(word.get_ref()));
            if reasons.is_empty() {
                let old = self.profile.meanings.insert(key, said);
                self.require_one_meaning(column.code(), word, old.is_none_or(|old| old == said))?;
            } else {
                self.profile.by_reason.entry(key).or_default().push((WordSet::from(reasons.clone()), said));
            }
            let word = word.get_ref().clone();
            self.profile.mappings.push(Mapping { field: column.field(), word, reasons: reasons.clone(), meaning: said, code: None });
        }
        Ok(())
    }

    /// A fault of what stands at `at`, a key or a word of the section.
    fn fault(&self, section: &str, at: &Spanned<String>, what: String, help: impl Into<String>) -> Error {
        let place = Place::line_column(self.file, templates::position_at(self.text, at.span().start));
        Error::config(place.within(&format!("[{section}]")), what, help)
    }

    /// The words for nothing: those of `any` column, and those of single ones.
    fn null_words(&self, lists: &Lists) -> Result<NullWords> {
        let mut of = Vec::new();
        let plain = |words: &[Spanned<String>]| words.iter().map(|word| word.get_ref().clone()).collect::<Vec<_>>();
        for (column, words) in lists.iter().filter(|(column, _)| column.get_ref() != ANY_COLUMN) {
            of.push((self.input_column("null_words", column)?, plain(words)));
        }
        let any = lists.get(ANY_COLUMN).map(|words| plain(words)).unwrap_or_default();
        Ok(NullWords::new(&any, of.iter().map(|(field, words)| (*field, words.as_slice()))))
    }

    fn input_column(&self, section: &str, key: &Spanned<String>) -> Result<Field> {
        let column = key.get_ref();
        Field::from_key(column).ok_or_else(|| {
            let inputs = COLUMNS.iter().filter(|known| known.input.is_some());
            self.fault(section, key, format!("'{column}' is not an input column"), suggest(column, inputs)).with_list(LIST)
        })
    }

    fn headers(&mut self, strength: MatchPriority, lists: &Lists) -> Result<()> {
        for (column, aliases) in lists {
            let field = self.input_column("headers", column)?;
            for written in aliases {
                let alias = written.get_ref();
                let fields = self.profile.headers.entry(fold(alias)).or_default();
                if fold(alias).is_empty() {
                    let what = format!("'{alias}' of {} has no letter or digit", column.get_ref());
                    return Err(self.fault("headers", written, what, "write the header as the source does"));
                }
                if !fields.iter().any(|(_, known)| *known == field) {
                    fields.push((strength, field));
                }
                self.profile.spelled.insert(spelling(alias));
                self.profile.written.push((alias.trim().to_owned(), field));
            }
        }
        Ok(())
    }

    /// The words of a column of closed codes. A list without built-in codes is open: its keys are the codes.
    fn codes(&mut self, field: Field, lists: &Lists) -> Result<()> {
        let choices = if field.column_type() == ColumnType::Bool { YES_NO } else { field.definition().choices };
        let vocabulary = Vocabulary::of(field);
        let section = vocabulary.map_or(field.key(), Vocabulary::code);
        let mut words = Words::new();
        for (key, aliases) in lists {
            let code = key.get_ref();
            if !choices.is_empty() && choices.iter().all(|choice| choice.code != code) {
                let known: Vec<_> = choices.iter().map(|choice| choice.code).collect();
                let help = format!("the codes are {}", known.join(", "));
                return Err(self.fault(section, key, format!("'{code}' is not a code of this column"), help));
            }
            // A status may give a word of its own a meaning that another code has as its name.
            for written in aliases.iter().chain(vocabulary.is_none().then_some(key)) {
                let word = written.get_ref();
                let old = words.insert(fold(word), code.clone());
                let said = vocabulary.and_then(|vocabulary| Some((vocabulary, self.profile.meanings.get(&(vocabulary, fold(word)))?)));
                let is_alone = said.is_none_or(|(vocabulary, said)| *said == vocabulary.meaning_of(code));
                self.require_one_meaning(section, written, is_alone && old.is_none_or(|old| old == *code))?;
            }
            for word in aliases {
                let meaning = vocabulary.map(|vocabulary| vocabulary.meaning_of(code)).unwrap_or_default();
                let (word, code) = (word.get_ref().clone(), vocabulary.is_none().then(|| code.clone()));
                self.profile.mappings.push(Mapping { field, word, reasons: Vec::new(), meaning, code });
            }
        }
        // Where words belong to a system and a level, those of the state model are not known unless they are listed.
        let built_in = if self.profile.by_level && vocabulary.is_some() { &[] } else { choices };
        for choice in built_in {
            for word in [choice.code, choice.caption] {
                words.entry(fold(word)).or_insert_with(|| choice.code.to_owned());
            }
        }
        self.profile.codes.insert(field, words);
        Ok(())
    }

    fn require_one_meaning(&self, section: &str, word: &Spanned<String>, has_one: bool) -> Result<()> {
        let text = word.get_ref();
        match has_one {
            false => Err(self.fault(section, word, format!("'{text}' is given two meanings"), "keep one of them")),
            true if fold(text).is_empty() => Err(self.fault(section, word, format!("'{text}' has no letter or digit"), "leave it out")),
            true => Ok(()),
        }
    }
}
