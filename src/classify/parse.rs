//! Reads a file of rules and checks every word of it.

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::classify::facts::fact_column;
use crate::classify::language::{self, Condition, RawTests, record_column};
use crate::classify::reachability;
use crate::classify::rules::{Action, Case, Derived, DerivedFrom, FlagRule, Rule, Rules, Setting, SourceStatus};
use crate::domain::columns::{ColumnDef, Computed, column};
use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::{Lifecycle, Mode, State};
use crate::domain::reason::{ActionOwner, Reasons};
use crate::domain::record::KNOWN_STATE;
use crate::domain::status::{Detail, Spelling, Status};
use crate::domain::text::suggestion;
use crate::error::{Error, Place, Result};
use crate::templates::{self, Templates};

/// The setting that says how canceled orders are spelled.
const SPELLING: &str = "canceled_spelling";
/// The setting that says which edges of the state model count; the others choose between rules.
const STATE_MODEL: &str = "state_model";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    setting_meanings: BTreeMap<String, String>,
    reverse: BTreeMap<Detail, State>,
    #[serde(default)]
    derived: Vec<RawDerived>,
    rule: Vec<RawRule>,
    #[serde(default)]
    action: Vec<RawAction>,
    #[serde(default)]
    flag: Vec<RawFlag>,
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
    value: Option<State>,
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
    detail: Option<Detail>,
    owner: ActionOwner,
    next_step: String,
    #[serde(default)]
    assign: bool,
    #[serde(default, alias = "lints")]
    flags: Vec<QualityFlag>,
    reason: Option<String>,
    #[serde(default)]
    compatible_details: Vec<Detail>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAction {
    id: String,
    #[serde(default)]
    when: BTreeMap<String, RawTests>,
    why: String,
    owner: ActionOwner,
    next_step: String,
    #[serde(default)]
    assign: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFlag {
    flag: QualityFlag,
    when: BTreeMap<String, RawTests>,
}

impl Rules {
    /// Reads the rules shipped with the program or overridden by the user, with their reject
    /// reasons, and checks the event and reason codes they name. `settings` replaces settings
    /// of the file by name (`not_portable`).
    ///
    /// # Errors
    /// [`Error::config`] as [`Rules::parse`], and for a code of no event or reason.
    pub fn load(templates: &Templates, settings: &[(&str, &str)]) -> Result<Self> {
        let file = "rules/classification.toml";
        let reasons = Reasons::parse(&templates.text("rules/reasons.toml")?, "rules/reasons.toml")?;
        let lifecycle = Lifecycle::parse(&templates.text("rules/lifecycle.toml")?, "rules/lifecycle.toml")?;
        let text = templates.text(file)?;
        let rules = Self::parse(&text, file, settings)?;
        let says_flags = toml::from_str::<toml::Table>(&text).is_ok_and(|table| table.contains_key("flag"));
        if !says_flags {
            let help = "copy the entries of the shipped file, or write flag = [] before the first table for none";
            return Err(Error::config(file, "has no [[flag]], so that no data-quality flag of single rows would be found", help));
        }
        check_codes(&rules, file, &lifecycle, &reasons)?;
        let parts = (&rules.all, &rules.derived, &rules.actions, &rules.flags, &rules.settings, &rules.reverse, &reasons, &lifecycle);
        let fingerprint = hex::encode(Sha256::digest(format!("{parts:?}")));
        let mode = rules.settings.iter().find(|setting| setting.name == STATE_MODEL).and_then(|setting| Mode::from_code(&setting.value));
        Ok(Self { reasons, fingerprint, state_model: Some((lifecycle, mode.unwrap_or(Mode::Extended))), ..rules })
    }

    /// Reads rules from the text of `file`, without reject reasons; `settings` replaces settings of the file by name.
    ///
    /// # Errors
    /// [`Error::config`], naming file and rule, for what is not TOML, an unknown column, code or
    /// key, an id given twice, a condition that does not fit its column, a rule that can never
    /// hold or never be reached, rules that leave a row undecided, and a setting the file does not have.
    pub fn parse(text: &str, file: &str, settings: &[(&str, &str)]) -> Result<Self> {
        let mut raw: File = templates::parse(text, file, "see the shipped classification.toml")?;
        for (name, value) in settings {
            let Some(setting) = raw.settings.get_mut(*name) else {
                let known: Vec<&str> = raw.settings.keys().map(String::as_str).collect();
                return Err(Error::usage(Place::option("setting"), format!("there is no setting '{name}'"), suggestion(name, &known)));
            };
            *setting = (*value).to_owned();
        }
        let settings = check_settings(&raw, file, settings)?;
        let mut derived: Vec<Derived> = Vec::new();
        for column in raw.derived {
            derived.push(column.check(&derived, file)?);
        }
        let mut rules: Vec<Rule> = Vec::new();
        let mut ids: Vec<String> = Vec::new();
        for rule in raw.rule {
            let place = Place::entry(file, format!("rule {}", rule.id));
            once(&rule.id, &mut ids, &place)?;
            let active = rule.only_if.iter().all(|(name, value)| raw.settings.get(name) == Some(value));
            rules.extend(Some(rule.check(&derived, &place)?).filter(|_| active));
        }
        let actions = raw.action.into_iter().map(|action| action.check(&derived, file, &mut ids)).collect::<Result<_>>()?;
        let mut rules = Rules {
            all: rules,
            derived,
            actions,
            flags: raw.flag.into_iter().map(|flag| flag.check(file)).collect::<Result<_>>()?,
            settings,
            columns: Vec::new(),
            reverse: reverse(&raw.reverse, file)?,
            reasons: Reasons::default(),
            spelling: raw.settings.get(SPELLING).and_then(|code| Spelling::from_code(code)).unwrap_or_default(),
            state_model: None,
            fingerprint: String::new(),
        };
        rules.columns = rules.asked_columns();
        reachability::check(&rules, file)?;
        Ok(rules)
    }
}

/// Refuses an id that is given twice.
fn once(id: &str, ids: &mut Vec<String>, place: &Place) -> Result<()> {
    if ids.iter().any(|known| known == id) {
        return Err(Error::config(place, "the id is given twice", "give each rule its own id"));
    }
    ids.push(id.to_owned());
    Ok(())
}

/// The column that the key of a derived one of `derived` means.
fn derived_column(key: &str, derived: &[Derived]) -> Option<&'static ColumnDef> {
    derived.iter().any(|known| known.column == key).then(language::states)
}

fn check_settings(raw: &File, file: &str, given: &[(&str, &str)]) -> Result<Vec<Setting>> {
    let mut settings = Vec::new();
    for (name, value) in &raw.settings {
        let own = match name.as_str() {
            SPELLING => Spelling::CHOICES,
            STATE_MODEL => Mode::CHOICES,
            _ => &[],
        };
        let own = own.iter().map(|choice| choice.code);
        let by_rules = raw.rule.iter().filter_map(|rule| rule.only_if.get(name)).map(String::as_str);
        let mut choices: Vec<&str> = own.chain(by_rules).collect();
        choices.sort_unstable();
        choices.dedup();
        if !choices.contains(&value.as_str()) {
            let (what, help) = (format!("'{value}' is not a choice of {name}"), suggestion(value, &choices));
            return Err(match given.iter().any(|(given, _)| given == name) {
                true => Error::usage(Place::option_value("setting", format!("{name}={value}")), what, help),
                false => Error::config(Place::entry(file, format!("setting {name}")), what, help),
            });
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
    fn check(self, earlier: &[Derived], file: &str) -> Result<Derived> {
        let place = Place::entry(file, format!("derived column {}", self.column));
        let is_derived = |key: &str| earlier.iter().any(|known| known.column == key);
        if record_column(&self.column).is_some() || is_derived(&self.column) {
            return Err(Error::config(place, "the column exists already", "give the derived column its own key"));
        }
        let case = |case: RawCase| {
            let conditions = language::conditions(&case.when, |key| derived_column(key, earlier), &place)?;
            let take = match (case.column, case.value) {
                (Some(column), None)
                    if is_derived(&column) || record_column(&column).is_some_and(|known| known.choices == State::CHOICES) =>
                {
                    DerivedFrom::Column(column)
                }
                (Some(column), None) => {
                    let help = "take from number_state, prior_state or an earlier derived column";
                    return Err(Error::config(&place, format!("'{column}' is not a column of states"), help));
                }
                (None, Some(value)) => DerivedFrom::Value(value),
                _ => return Err(Error::config(&place, "a case gives either a column or a value", "write one of them")),
            };
            Ok(Case { conditions, take })
        };
        let cases = self.case.into_iter().map(case).collect::<Result<_>>()?;
        Ok(Derived { column: self.column, cases })
    }
}

impl RawRule {
    fn check(self, derived: &[Derived], place: &Place) -> Result<Rule> {
        let refuse = |what: &str, help: &str| Err(Error::config(place, what, help));
        if [&self.id, &self.why, &self.next_step].iter().any(|text| text.trim().is_empty()) {
            return refuse("id, why or next_step is empty", "give each rule all three");
        }
        let (given, status) = match (self.status.as_deref(), self.detail) {
            (Some("given"), Some(detail)) => (SourceStatus::Keep, Some(detail.status())),
            (Some(code), Some(_)) => match Status::from_code(code) {
                Some(status) => (SourceStatus::Override, Some(status)),
                None => return refuse(&format!("'{code}' is not a status"), "write given or the code of a status"),
            },
            (None, None) => (SourceStatus::Override, None),
            _ => return refuse("status and detail belong together", "give both or neither"),
        };
        if self.detail.is_some_and(|detail| status != Some(detail.status())) {
            return refuse("the detail belongs to another status", "write the status of the detail");
        }
        Ok(Rule {
            conditions: language::conditions(&self.when, |key| derived_column(key, derived), place)?,
            owner: self.owner,
            assign: self.assign,
            compatible_details: self.compatible_details,
            flags: self.flags.iter().fold(0, |mask, flag| mask | flag.bit()),
            id: self.id,
            why: self.why,
            given,
            status,
            detail: self.detail,
            next_step: self.next_step,
            reason: self.reason,
        })
    }
}

/// The column that a rule has decided, which this key means.
fn decided_column(key: &str) -> Option<&'static ColumnDef> {
    column(key).filter(|column| matches!(column.computed, Computed::Status | Computed::Detail))
}

impl RawFlag {
    fn check(self, file: &str) -> Result<FlagRule> {
        let place = Place::entry(file, format!("flag {}", self.flag.code()));
        let beside = |key: &str| decided_column(key).or_else(|| (key == KNOWN_STATE).then(language::states)).or_else(|| fact_column(key));
        if self.when.is_empty() {
            return Err(Error::config(place, "the flag has no condition", "say when a row has it"));
        }
        Ok(FlagRule { flag: self.flag, conditions: language::conditions(&self.when, beside, &place)? })
    }
}

impl RawAction {
    fn check(self, derived: &[Derived], file: &str, ids: &mut Vec<String>) -> Result<Action> {
        let place = Place::entry(file, format!("action {}", self.id));
        if [&self.id, &self.why, &self.next_step].iter().any(|text| text.trim().is_empty()) {
            return Err(Error::config(place, "id, why or next_step is empty", "give each action all three"));
        }
        let conditions = language::conditions(&self.when, |key| decided_column(key).or_else(|| derived_column(key, derived)), &place)?;
        let Self { id, why, owner, next_step, assign, .. } = self;
        // A rule and an action may go by one name.
        once(&format!("action {id}"), ids, &place)?;
        Ok(Action { id, why, conditions, owner, next_step, assign })
    }
}

fn reverse(raw: &BTreeMap<Detail, State>, file: &str) -> Result<Vec<State>> {
    let missing = |detail: &Detail| {
        Error::config(Place::entry(file, "[reverse]"), format!("{} has no state", detail.code()), "give each detail the code of a state")
    };
    Detail::ALL.iter().map(|detail| raw.get(detail).copied().ok_or_else(|| missing(detail))).collect()
}

/// Checks the codes whose lists are data themselves.
fn check_codes(rules: &Rules, file: &str, lifecycle: &Lifecycle, reasons: &Reasons) -> Result<()> {
    let check = |place: &Place, column: &str, code: &str| {
        let (is_known, what, help) = match column {
            "last_event" => (lifecycle.events.iter().any(|event| event.code == code), "an event", "the events are those of lifecycle.toml"),
            "reason_code" => (reasons.get(code).is_some(), "a reject reason", "the reasons are those of reasons.toml"),
            _ => return Ok(()),
        };
        if is_known { Ok(()) } else { Err(Error::config(place, format!("'{code}' is not {what}"), help)) }
    };
    let check_all = |place: &Place, conditions: &[Condition]| {
        let mut named = conditions.iter().flat_map(|condition| condition.codes().map(|code| (condition.column.as_str(), code)));
        named.try_for_each(|(column, code)| check(place, column, code))
    };
    for derived in &rules.derived {
        let place = Place::entry(file, format!("derived column {}", derived.column));
        derived.cases.iter().try_for_each(|case| check_all(&place, &case.conditions))?;
    }
    for action in &rules.actions {
        check_all(&Place::entry(file, format!("action {}", action.id)), &action.conditions)?;
    }
    for flag in &rules.flags {
        check_all(&Place::entry(file, format!("flag {}", flag.flag.code())), &flag.conditions)?;
    }
    for rule in &rules.all {
        let place = Place::entry(file, format!("rule {}", rule.id));
        check_all(&place, &rule.conditions)?;
        rule.reason.iter().try_for_each(|code| check(&place, "reason_code", code))?;
    }
    Ok(())
}
