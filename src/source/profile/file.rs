//! How a profile is written down. A key, a column or a code that does not exist is refused.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::domain::columns::{COLUMNS, suggest};
use crate::domain::date::DateOrder;
use crate::domain::lifecycle::State;
use crate::domain::number::DefaultNumbering;
use crate::domain::record::Field;
use crate::domain::status::{Choice, Detail, Status, fold};
use crate::error::{Error, Place, Result};
use crate::source::profile::{MatchPriority, Meaning, Profile, Vocabulary, Words};
use crate::templates::{self, Templates};

type Lists = BTreeMap<String, Vec<String>>;

/// The words of yes-or-no columns.
const YES_NO: &[Choice] = &[Choice { code: "yes", caption: "true", aliases: &[] }, Choice { code: "no", caption: "false", aliases: &[] }];

impl Profile {
    /// Reads a profile from TOML; `name` names it and `file` is where it stands.
    ///
    /// # Errors
    /// [`Error::config`] when the text is not TOML, has an unknown key, column or code, or says two
    /// things of one word.
    pub fn parse(text: &str, name: &str, file: &str) -> Result<Self> {
        let raw: Raw = templates::parse(text, file, "see templates/sources/generic.toml for what a profile may hold")?;
        Builder { file, profile: Self::empty(name, &raw) }.build(&raw)
    }

    /// Every profile of the templates, sorted by name.
    ///
    /// # Errors
    /// As [`Profile::parse`].
    pub fn all(templates: &Templates) -> Result<Vec<Self>> {
        let names = templates.names("sources");
        names
            .iter()
            .map(|name| Self::parse(&templates.text(&format!("sources/{name}.toml"))?, name, &format!("sources/{name}.toml")))
            .collect()
    }

    fn empty(name: &str, raw: &Raw) -> Self {
        Self {
            name: name.to_owned(),
            title: raw.title.clone(),
            order: raw.date_order,
            bare: raw.bare_numbers,
            blanks: raw.blanks.iter().map(|text| text.trim().to_owned()).collect(),
            no_reason: folded(&raw.no_reason),
            derived: folded(&raw.derived_headers),
            country_headers: folded(&raw.country.headers),
            countries_under_plus_one: folded(&raw.country.under_plus_one),
            headers: BTreeMap::new(),
            spelled: BTreeSet::new(),
            statuses: BTreeMap::new(),
            codes: BTreeMap::new(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    title: String,
    #[serde(default)]
    date_order: DateOrder,
    #[serde(default)]
    bare_numbers: DefaultNumbering,
    #[serde(default)]
    blanks: Vec<String>,
    #[serde(default)]
    no_reason: Vec<String>,
    #[serde(default)]
    derived_headers: Vec<String>,
    #[serde(default)]
    country: RawCountry,
    headers: Lists,
    #[serde(default)]
    fallback_headers: Lists,
    #[serde(default)]
    status: Lists,
    #[serde(default)]
    detail: Lists,
    #[serde(default)]
    state: Lists,
    #[serde(default, alias = "class")]
    number_type: Lists,
    #[serde(default)]
    priority: Lists,
    #[serde(default)]
    cancel_cause: Lists,
    #[serde(default)]
    review_outcome: Lists,
    #[serde(default)]
    event: Lists,
    #[serde(default)]
    reason: Lists,
    #[serde(default)]
    flag: Lists,
    #[serde(default)]
    meaning: Vec<RawMeaning>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMeaning {
    column: Vocabulary,
    words: Vec<String>,
    state: Option<String>,
    status: Option<String>,
    detail: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawCountry {
    headers: Vec<String>,
    under_plus_one: Vec<String>,
}

struct Builder<'a> {
    file: &'a str,
    profile: Profile,
}

impl Builder<'_> {
    fn build(mut self, raw: &Raw) -> Result<Profile> {
        for (strength, lists) in [(MatchPriority::Main, &raw.headers), (MatchPriority::Fallback, &raw.fallback_headers)] {
            self.headers(strength, lists)?;
        }
        for meaning in &raw.meaning {
            let said = Meaning {
                state: self.known(meaning.state.as_deref(), State::from_code, "state")?,
                status: self.known(meaning.status.as_deref(), Status::from_code, "status")?,
                detail: self.known(meaning.detail.as_deref(), Detail::from_code, "detail")?,
            };
            for word in &meaning.words {
                self.say(meaning.column, word, said)?;
            }
        }
        self.statuses(Vocabulary::State, &raw.state, State::ALL, |state| {
            (state.code(), state.caption(), Meaning { state: Some(state), ..Meaning::default() })
        })?;
        self.statuses(Vocabulary::Status, &raw.status, Status::ALL, |status| {
            (status.code(), status.caption(), Meaning { status: Some(status), ..Meaning::default() })
        })?;
        self.statuses(Vocabulary::Detail, &raw.detail, Detail::ALL, |detail| {
            (detail.code(), detail.caption(), Meaning { detail: Some(detail), ..Meaning::default() })
        })?;
        self.all_codes(raw)?;
        Ok(self.profile)
    }

    fn all_codes(&mut self, raw: &Raw) -> Result<()> {
        let states: Vec<_> = self.profile.statuses.iter().filter(|((vocabulary, _), _)| *vocabulary == Vocabulary::State).collect();
        let states = states.into_iter().filter_map(|((_, word), meaning)| Some((word.clone(), meaning.state?.code().to_owned()))).collect();
        self.profile.codes.insert(Field::PriorState, states);
        self.codes(&[Field::GivenNumberType], &raw.number_type, Field::GivenNumberType.definition().choices)?;
        self.codes(&[Field::Priority], &raw.priority, Field::Priority.definition().choices)?;
        self.codes(&[Field::CancelCause], &raw.cancel_cause, Field::CancelCause.definition().choices)?;
        self.codes(&[Field::ReviewOutcome], &raw.review_outcome, Field::ReviewOutcome.definition().choices)?;
        self.codes(&[Field::LastEvent], &raw.event, Field::LastEvent.definition().choices)?;
        self.codes(&[Field::ReasonCode], &raw.reason, Field::ReasonCode.definition().choices)?;
        self.codes(&[Field::LoaReceived, Field::Resubmitted, Field::HeldForSibling], &raw.flag, YES_NO)
    }

    fn fault(&self, section: &str, what: String, help: impl Into<String>) -> Error {
        Error::config(Place::entry(self.file, format!("[{section}]")), what, help)
    }

    fn headers(&mut self, strength: MatchPriority, lists: &Lists) -> Result<()> {
        for (column, aliases) in lists {
            let Some(field) = Field::from_key(column) else {
                let inputs = COLUMNS.iter().filter(|known| known.input.is_some());
                return Err(self.fault("headers", format!("'{column}' is not an input column"), suggest(column, inputs)));
            };
            for alias in aliases {
                let fields = self.profile.headers.entry(fold(alias)).or_default();
                if fold(alias).is_empty() {
                    return Err(self.fault(
                        "headers",
                        format!("'{alias}' of {column} has no letter or digit"),
                        "write the header as the source does",
                    ));
                }
                if !fields.iter().any(|(_, known)| *known == field) {
                    fields.push((strength, field));
                }
                self.profile.spelled.insert(alias.trim().to_lowercase());
            }
        }
        Ok(())
    }

    fn known<T>(&self, code: Option<&str>, from_code: impl Fn(&str) -> Option<T>, kind: &str) -> Result<Option<T>> {
        let Some(code) = code else { return Ok(None) };
        from_code(code)
            .map(Some)
            .ok_or_else(|| self.fault(kind, format!("'{code}' is not a {kind}"), "run 'portstatus states' for the codes"))
    }

    fn say(&mut self, vocabulary: Vocabulary, word: &str, said: Meaning) -> Result<()> {
        let old = self.profile.statuses.insert((vocabulary, fold(word)), said);
        match old.filter(|old| *old != said) {
            Some(_) => {
                Err(self.fault(&format!("{vocabulary:?}").to_lowercase(), format!("'{word}' is given two meanings"), "keep one of them"))
            }
            None if fold(word).is_empty() => Err(self.fault("words", format!("'{word}' has no letter or digit"), "leave it out")),
            None => Ok(()),
        }
    }

    fn statuses<T: Copy>(
        &mut self,
        vocabulary: Vocabulary,
        lists: &Lists,
        all: &[T],
        tell: impl Fn(T) -> (&'static str, &'static str, Meaning),
    ) -> Result<()> {
        for (code, words) in lists {
            let kind = format!("{vocabulary:?}").to_lowercase();
            let said = self.known(Some(code), |code| all.iter().map(|value| tell(*value)).find(|(known, ..)| *known == code), &kind)?;
            for (word, (.., meaning)) in words.iter().zip(std::iter::repeat(said).flatten()) {
                self.say(vocabulary, word, meaning)?;
            }
        }
        for (code, caption, meaning) in all.iter().map(|value| tell(*value)) {
            for word in [code, caption] {
                self.profile.statuses.entry((vocabulary, fold(word))).or_insert(meaning);
            }
        }
        Ok(())
    }

    /// The words of a column of closed codes. A list without built-in codes is open: its keys are the codes.
    fn codes(&mut self, fields: &[Field], lists: &Lists, choices: &[Choice]) -> Result<()> {
        let mut words = Words::new();
        for (code, aliases) in lists {
            if !choices.is_empty() && !choices.iter().any(|choice| choice.code == code) {
                let known: Vec<_> = choices.iter().map(|choice| choice.code).collect();
                return Err(self.fault(
                    fields[0].key(),
                    format!("'{code}' is not a code of this column"),
                    format!("the codes are {}", known.join(", ")),
                ));
            }
            for word in aliases.iter().chain([code]) {
                let old = words.insert(fold(word), code.clone());
                if old.is_some_and(|old| old != *code) {
                    return Err(self.fault(fields[0].key(), format!("'{word}' is given two meanings"), "keep one of them"));
                }
            }
        }
        for choice in choices {
            for word in [choice.code, choice.caption] {
                words.entry(fold(word)).or_insert_with(|| choice.code.to_owned());
            }
        }
        for field in fields {
            self.profile.codes.insert(*field, words.clone());
        }
        Ok(())
    }
}

fn folded(words: &[String]) -> BTreeSet<String> {
    words.iter().map(|word| fold(word)).collect()
}
