//! Reads a file of rules and checks every word of it; never decides a row.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::classify::language::{self, RawTests, record_column};
use crate::classify::reachability;
use crate::classify::rules::{Case, Derived, DerivedFrom, Rule, Rules, Setting, SourceStatus};
use crate::domain::columns::ColumnDef;
use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::State;
use crate::domain::reason::ActionOwner;
use crate::domain::status::{Detail, Spelling, Status};
use crate::domain::text::suggestion;
use crate::error::{Error, Place, Result};
use crate::templates;

/// The setting that says how canceled orders are spelled; the others choose between rules.
const SPELLING: &str = "canceled_spelling";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    setting_meanings: BTreeMap<String, String>,
    reverse: BTreeMap<String, String>,
    #[serde(default)]
    derived: Vec<RawDerived>,
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDerived {
    column: String,
    case: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    #[serde(default)]
    when: BTreeMap<String, RawTests>,
    column: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    #[serde(default)]
    only_if: BTreeMap<String, String>,
    #[serde(default)]
    when: BTreeMap<String, RawTests>,
    why: String,
    status: Option<String>,
    detail: Option<String>,
    owner: String,
    next_step: String,
    #[serde(default)]
    lints: Vec<String>,
    reason: Option<String>,
    #[serde(default)]
    compatible_details: Vec<String>,
}

/// Reads rules from the text of `file`, with `settings` replaced by name.
///
/// # Errors
/// As [`Rules::parse_with`].
pub fn parse(text: &str, file: &str, settings: &[(&str, &str)]) -> Result<Rules> {
    let mut raw: File = templates::parse(text, file, "see the shipped classification.toml")?;
    for (name, value) in settings {
        let Some(setting) = raw.settings.get_mut(*name) else {
            let known: Vec<&str> = raw.settings.keys().map(String::as_str).collect();
            return Err(Error::config(file, format!("there is no setting '{name}'"), suggestion(name, &known)));
        };
        *setting = (*value).to_owned();
    }
    let settings = check_settings(&raw, file)?;
    let mut derived: Vec<Derived> = Vec::new();
    for column in raw.derived {
        let known: Vec<String> = derived.iter().map(|column| column.column.clone()).collect();
        derived.push(column.check(&known, file)?);
    }
    let keys: Vec<String> = derived.iter().map(|column| column.column.clone()).collect();
    let mut rules: Vec<Rule> = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    for rule in raw.rule {
        let place = Place::entry(file, format!("rule {}", rule.id));
        if ids.contains(&rule.id) {
            return Err(Error::config(place, "the id is given twice", "give each rule its own id"));
        }
        ids.push(rule.id.clone());
        let active = rule.only_if.iter().all(|(name, value)| raw.settings.get(name) == Some(value));
        let rule = rule.check(&keys, &place)?;
        if active {
            rules.push(rule);
        }
    }
    let rules = Rules::new(rules, derived, settings, reverse(&raw.reverse, file)?, spelling(&raw.settings));
    reachability::check(&rules, file)?;
    Ok(rules)
}

/// The spelling of canceled orders; that of the file's setting, if it has one.
fn spelling(settings: &BTreeMap<String, String>) -> Spelling {
    settings.get(SPELLING).and_then(|code| Spelling::from_code(code)).unwrap_or(Spelling::AsDefined)
}

fn check_settings(raw: &File, file: &str) -> Result<Vec<Setting>> {
    let mut settings = Vec::new();
    for (name, value) in &raw.settings {
        let own = Spelling::ALL.iter().map(|spelling| spelling.code()).filter(|_| name == SPELLING);
        let by_rules = raw.rule.iter().filter_map(|rule| rule.only_if.get(name)).map(String::as_str);
        let mut choices: Vec<&str> = own.chain(by_rules).collect();
        choices.sort_unstable();
        choices.dedup();
        if !choices.contains(&value.as_str()) {
            return Err(Error::config(
                Place::entry(file, format!("setting {name}")),
                format!("'{value}' is not a choice"),
                format!("the choices are {}", choices.join(", ")),
            ));
        }
        settings.push(Setting {
            name: name.clone(),
            value: value.clone(),
            choices: choices.into_iter().map(str::to_owned).collect(),
            meaning: raw.setting_meanings.get(name).cloned().unwrap_or_default(),
        });
    }
    let unknown = raw.rule.iter().find_map(|rule| Some((rule, rule.only_if.keys().find(|name| !raw.settings.contains_key(*name))?)));
    if let Some((rule, name)) = unknown {
        return Err(Error::config(
            Place::entry(file, format!("rule {}", rule.id)),
            format!("there is no setting '{name}'"),
            "see [settings]",
        ));
    }
    Ok(settings)
}

impl RawDerived {
    fn check(self, earlier: &[String], file: &str) -> Result<Derived> {
        let place = Place::entry(file, format!("derived column {}", self.column));
        if record_column(&self.column).is_some() || earlier.contains(&self.column) {
            return Err(Error::config(place, "the column exists already", "give the derived column its own key"));
        }
        let mut cases = Vec::new();
        for case in self.case {
            let conditions = language::conditions(&case.when, earlier, &place)?;
            let take = match (case.column, case.value) {
                (Some(column), None) if earlier.contains(&column) || record_column(&column).is_some_and(holds_states) => {
                    DerivedFrom::Column(column)
                }
                (Some(column), None) => {
                    return Err(Error::config(
                        place,
                        format!("'{column}' is not a column of states"),
                        "take from number_state, prior_state or an earlier derived column",
                    ));
                }
                (None, Some(value)) if State::from_code(&value).is_some() => DerivedFrom::Value(value),
                (None, Some(value)) => {
                    let states: Vec<&str> = State::ALL.iter().map(|state| state.code()).collect();
                    return Err(Error::config(place, format!("'{value}' is not a state"), format!("the codes are {}", states.join(", "))));
                }
                _ => return Err(Error::config(place, "a case gives either a column or a value", "write one of them")),
            };
            cases.push(Case { conditions, take });
        }
        Ok(Derived { column: self.column, cases })
    }
}

fn holds_states(column: &ColumnDef) -> bool {
    column.choices == State::CHOICES
}

impl RawRule {
    fn check(self, derived: &[String], place: &Place) -> Result<Rule> {
        let fault = |what: String, help: &str| Error::config(place, what, help);
        if [&self.id, &self.why, &self.next_step].iter().any(|text| text.trim().is_empty()) {
            return Err(fault("id, why or next_step is empty".to_owned(), "give each rule all three"));
        }
        let detail_of =
            |code: &String| Detail::from_code(code).ok_or_else(|| fault(format!("'{code}' is no detail"), "write the code of a detail"));
        let detail = self.detail.as_ref().map(detail_of).transpose()?;
        let (given, status) = match (self.status.as_deref(), detail) {
            (Some("given"), Some(detail)) => (SourceStatus::Keep, Some(detail.status())),
            (Some(code), Some(_)) => (
                SourceStatus::Override,
                Some(
                    Status::from_code(code)
                        .ok_or_else(|| fault(format!("'{code}' is no status"), "write given or the code of a status"))?,
                ),
            ),
            (None, None) => (SourceStatus::Override, None),
            _ => return Err(fault("status and detail belong together".to_owned(), "give both or neither")),
        };
        if detail.is_some_and(|detail| status != Some(detail.status())) {
            return Err(fault("the detail belongs to another status".to_owned(), "write the status of the detail"));
        }
        let mut lints = 0;
        for code in &self.lints {
            let lint = QualityFlag::ALL
                .iter()
                .find(|lint| lint.code() == code)
                .ok_or_else(|| fault(format!("'{code}' is no lint"), "write the code of a lint"))?;
            lints |= lint.bit();
        }
        Ok(Rule {
            conditions: language::conditions(&self.when, derived, place)?,
            owner: ActionOwner::from_code(&self.owner)
                .ok_or_else(|| fault(format!("'{}' is no owner", self.owner), "write partner, porting_team, losing_carrier or nobody"))?,
            compatible_details: self.compatible_details.iter().map(detail_of).collect::<Result<_>>()?,
            id: self.id,
            why: self.why,
            given,
            status,
            detail,
            next_step: self.next_step,
            lints,
            reason: self.reason,
        })
    }
}

fn reverse(raw: &BTreeMap<String, String>, file: &str) -> Result<Vec<State>> {
    let place = Place::entry(file, "[reverse]");
    if let Some(key) = raw.keys().find(|key| Detail::from_code(key).is_none()) {
        return Err(Error::config(place, format!("'{key}' is no detail"), "write the code of a detail"));
    }
    let state = |detail: &Detail| {
        let code = raw.get(detail.code()).map_or("", String::as_str);
        State::from_code(code).ok_or_else(|| {
            Error::config(&place, format!("{} has no state, or '{code}' is none", detail.code()), "give each detail the code of a state")
        })
    };
    Detail::ALL.iter().map(state).collect()
}
