//! How a profile is written down. A key, a column or a code that does not exist is refused.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::columns::{COLUMNS, ColumnType, LIST, suggest};
use crate::domain::date::DateOrder;
use crate::domain::lifecycle::{Lifecycle, State};
use crate::domain::number::DefaultNumbering;
use crate::domain::record::Field;
use crate::domain::status::{Choice, Detail, Status, fold};
use crate::domain::text::suggestion;
use crate::error::{Error, Place, Result};
use crate::source::profile::null_words::NullWords;
use crate::source::profile::{Country, MatchPriority, Meaning, Profile, Vocabulary, WordSet, Words, spelling};
use crate::templates::{self, Templates};

type Lists = BTreeMap<String, Vec<String>>;

/// The key of the words for nothing of every column.
const ANY_COLUMN: &str = "any";

/// The words of yes-or-no columns.
const YES_NO: &[Choice] = &[Choice { code: "yes", caption: "true", aliases: &[] }, Choice { code: "no", caption: "false", aliases: &[] }];

impl Profile {
    /// Reads a profile from TOML; `name` names it and `file` is where it stands.
    ///
    /// # Errors
    /// [`Error::config`] when the text is not TOML, has an unknown key, column or code, or says two
    /// things of one word.
    pub fn parse(text: &str, name: &str, file: &str) -> Result<Self> {
        let help = "see templates/sources/generic.toml for what a profile may hold";
        let raw: Raw = templates::parse(text, file, help)?;
        if raw.title.is_empty() {
            return Err(Error::config(file, "missing field `title`", help));
        }
        let profile = Self {
            name: name.to_owned(),
            title: raw.title.clone(),
            order: raw.date_order,
            bare: raw.bare_numbers,
            derived: raw.derived_headers.clone(),
            own_headers: raw.own_headers.iter().map(|header| spelling(header)).collect(),
            own_words: raw.own_words.clone(),
            country: raw.country.clone(),
            extends: raw.extends.clone(),
            ..Self::default()
        };
        Builder { file, profile }.build(&raw)
    }

    /// Every profile of the templates, sorted by name, each with what it takes from the one that it extends.
    ///
    /// # Errors
    /// As [`Profile::parse`], and those of the state model, whose events every profile knows by code and name; a profile
    /// that extends one that does not exist, or one that extends another itself.
    pub fn all(templates: &Templates) -> Result<Vec<Self>> {
        let model = "rules/lifecycle.toml";
        let events = Lifecycle::parse(&templates.text(model)?, model)?.events;
        let profile = |name: &String| {
            let file = format!("sources/{name}.toml");
            let mut profile = Self::parse(&templates.text(&file)?, name, &file)?;
            let words = profile.codes.entry(Field::LastEvent).or_default();
            for event in &events {
                for word in [&event.code, &event.caption] {
                    words.entry(fold(word)).or_insert_with(|| event.code.clone());
                }
            }
            Ok(profile)
        };
        let alone: Vec<Self> = templates.names("sources").iter().map(profile).collect::<Result<_>>()?;
        let whole = |profile: &Self| {
            let mut profile = profile.clone();
            let Some(name) = profile.extends.clone() else { return Ok(profile) };
            let base = alone.iter().find(|base| base.name == name && base.extends.is_none()).ok_or_else(|| {
                let known: Vec<_> = alone.iter().filter(|base| base.extends.is_none()).map(|base| base.name.as_str()).collect();
                let what = format!("extends: there is no profile '{name}' that stands by itself");
                Error::config(format!("sources/{}.toml", profile.name), what, suggestion(&name, &known))
            })?;
            profile.inherit(base);
            Ok(profile)
        };
        alone.iter().map(whole).collect()
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    title: String,
    date_order: DateOrder,
    bare_numbers: DefaultNumbering,
    extends: Option<String>,
    own_headers: Vec<String>,
    own_words: WordSet,
    null_words: Lists,
    derived_headers: WordSet,
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
    words: Vec<String>,
    state: Option<State>,
    status: Option<Status>,
    detail: Option<Detail>,
}

struct Builder<'a> {
    file: &'a str,
    profile: Profile,
}

impl Builder<'_> {
    fn build(mut self, raw: &Raw) -> Result<Profile> {
        self.headers(MatchPriority::Main, &raw.headers)?;
        self.headers(MatchPriority::Fallback, &raw.fallback_headers)?;
        self.profile.null_words = self.null_words(&raw.null_words)?;
        for RawMeaning { column, words, state, status, detail } in &raw.meaning {
            let said = Meaning { state: *state, status: *status, detail: *detail };
            for word in words {
                let old = self.profile.meanings.insert((*column, fold(word)), said);
                self.require_one_meaning(column.code(), word, old.is_none_or(|old| old == said))?;
            }
        }
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

    fn fault(&self, section: &str, what: String, help: impl Into<String>) -> Error {
        Error::config(Place::entry(self.file, format!("[{section}]")), what, help)
    }

    /// The words for nothing: those of `any` column, and those of single ones.
    fn null_words(&self, lists: &Lists) -> Result<NullWords> {
        let mut of = Vec::new();
        for (column, words) in lists.iter().filter(|(column, _)| *column != ANY_COLUMN) {
            of.push((self.input_column("null_words", column)?, words.as_slice()));
        }
        Ok(NullWords::new(lists.get(ANY_COLUMN).map_or(&[], Vec::as_slice), of))
    }

    fn input_column(&self, section: &str, column: &str) -> Result<Field> {
        Field::from_key(column).ok_or_else(|| {
            let inputs = COLUMNS.iter().filter(|known| known.input.is_some());
            self.fault(section, format!("'{column}' is not an input column"), suggest(column, inputs)).with_list(LIST)
        })
    }

    fn headers(&mut self, strength: MatchPriority, lists: &Lists) -> Result<()> {
        for (column, aliases) in lists {
            let field = self.input_column("headers", column)?;
            for alias in aliases {
                let fields = self.profile.headers.entry(fold(alias)).or_default();
                if fold(alias).is_empty() {
                    let what = format!("'{alias}' of {column} has no letter or digit");
                    return Err(self.fault("headers", what, "write the header as the source does"));
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
        for (code, aliases) in lists {
            if !choices.is_empty() && choices.iter().all(|choice| choice.code != code) {
                let known: Vec<_> = choices.iter().map(|choice| choice.code).collect();
                let help = format!("the codes are {}", known.join(", "));
                return Err(self.fault(section, format!("'{code}' is not a code of this column"), help));
            }
            // A status may give a word of its own a meaning that another code has as its name.
            for word in aliases.iter().chain(vocabulary.is_none().then_some(code)) {
                let old = words.insert(fold(word), code.clone());
                let said = vocabulary.and_then(|vocabulary| Some((vocabulary, self.profile.meanings.get(&(vocabulary, fold(word)))?)));
                let is_alone = said.is_none_or(|(vocabulary, said)| *said == vocabulary.meaning_of(code));
                self.require_one_meaning(section, word, is_alone && old.is_none_or(|old| old == *code))?;
            }
        }
        for choice in choices {
            for word in [choice.code, choice.caption] {
                words.entry(fold(word)).or_insert_with(|| choice.code.to_owned());
            }
        }
        self.profile.codes.insert(field, words);
        Ok(())
    }

    fn require_one_meaning(&self, section: &str, word: &str, has_one: bool) -> Result<()> {
        match has_one {
            false => Err(self.fault(section, format!("'{word}' is given two meanings"), "keep one of them")),
            true if fold(word).is_empty() => Err(self.fault(section, format!("'{word}' has no letter or digit"), "leave it out")),
            true => Ok(()),
        }
    }
}
