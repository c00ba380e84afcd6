//! The mapping from number state and facts to status and detail: data, read from a file and checked whole before a row is seen. Decides nothing itself.

use std::sync::Arc;

use polars::prelude::*;

use crate::classify::language::{Condition, Test, Value, record_column};
use crate::classify::parse;
use crate::domain::lifecycle::{Lifecycle, State};
use crate::domain::reason::{ActionOwner, Reasons};
use crate::domain::status::{Detail, Spelling, Status};
use crate::error::{Error, Place, Result};
use crate::templates::Templates;

/// Whether a rule keeps the status of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceStatus {
    /// The source's status stands; the rule's own stands in where there is none.
    Keep,
    /// The rule's own status.
    Override,
}

/// One rule: when it holds, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The id shown in the report.
    pub id: String,
    /// Why, one sentence.
    pub why: String,
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// Whether the source's status is kept.
    pub given: SourceStatus,
    /// The status; `None` when nothing is known.
    pub status: Option<Status>,
    /// The detail; `None` when nothing is known.
    pub detail: Option<Detail>,
    /// Whose move it is.
    pub owner: ActionOwner,
    /// What to do next, one sentence.
    pub next_step: String,
    /// Flags of every row this rule decides, as a mask of [`crate::domain::data_quality::QualityFlag`] bits.
    pub lints: u32,
    /// The code of the reject reason of those rows, where the source gives none.
    pub reason: Option<String>,
    /// Details of a source that do not contradict this rule.
    pub compatible_details: Vec<Detail>,
}

/// A column of state codes computed from others before the rules are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// Its key.
    pub column: String,
    /// The first case whose conditions hold gives the cell; none leaves it empty.
    pub cases: Vec<Case>,
}

/// One case of a derived column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// All of these must hold.
    pub conditions: Vec<Condition>,
    /// What the cell then holds.
    pub take: DerivedFrom,
}

/// Where a derived cell comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DerivedFrom {
    /// The cell of another column of states.
    Column(String),
    /// This code.
    Value(String),
}

/// A setting of the rules: two rules may stand for its choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// What it is set to.
    pub value: String,
    /// What it can be set to, sorted.
    pub choices: Vec<String>,
    /// What it decides, one sentence.
    pub meaning: String,
}

/// The rules of a run, checked; the last one always holds.
#[derive(Debug, Clone)]
pub struct Rules {
    rules: Vec<Rule>,
    derived: Vec<Derived>,
    settings: Vec<Setting>,
    columns: Vec<String>,
    reverse: Vec<State>,
    reasons: Arc<Reasons>,
    spelling: Spelling,
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
        let rules = Self::parse_with(&templates.text(file)?, file, settings)?;
        rules.check_codes(file, &lifecycle, &reasons)?;
        Ok(Self { reasons: Arc::new(reasons), ..rules })
    }

    /// Reads rules from the text of `file`, without reject reasons.
    ///
    /// # Errors
    /// [`Error::config`], naming file and rule, for what is not TOML, an unknown column, code or
    /// key, an id given twice, a condition that does not fit its column, a rule that can never
    /// hold or never be reached, and rules that leave a row undecided.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        Self::parse_with(text, file, &[])
    }

    /// As [`Rules::parse`], with settings of the file replaced by name.
    ///
    /// # Errors
    /// As [`Rules::parse`], and for a setting the file does not have.
    pub fn parse_with(text: &str, file: &str, settings: &[(&str, &str)]) -> Result<Self> {
        parse::parse(text, file, settings)
    }

    /// Rules from their checked parts.
    pub(crate) fn new(rules: Vec<Rule>, derived: Vec<Derived>, settings: Vec<Setting>, reverse: Vec<State>, spelling: Spelling) -> Self {
        let columns = columns(&rules, &derived);
        Self { rules, derived, settings, columns, reverse, reasons: Arc::default(), spelling }
    }

    /// The settings, by name.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// How canceled orders are spelled in the report.
    pub fn spelling(&self) -> Spelling {
        self.spelling
    }

    /// Every rule in force, in order.
    pub fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// The derived columns, in order.
    pub fn derived(&self) -> &[Derived] {
        &self.derived
    }

    /// The keys of the columns of the record that the rules ask, sorted; `given_status` always.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The canonical reject reasons; none when the rules were parsed alone.
    pub fn reasons(&self) -> &Reasons {
        &self.reasons
    }

    /// The state of a number of which only the detail is known.
    pub fn state_of(&self, detail: Detail) -> State {
        self.reverse[detail as usize]
    }

    /// The ids of the rules, over the `rule` column of a classified frame.
    pub fn id(&self) -> Expr {
        let ids: Vec<&str> = self.rules.iter().map(|rule| rule.id.as_str()).collect();
        lit(Series::new("rule".into(), ids)).gather(col("rule"), false)
    }

    /// Owner and next step by advice: those of the rules, then those of the reject reasons.
    pub fn next_actions(&self) -> impl Iterator<Item = (ActionOwner, &str)> {
        let rules = self.rules.iter().map(|rule| (rule.owner, rule.next_step.as_str()));
        rules.chain(self.reasons.all().iter().map(|reason| (reason.owner, reason.next_step.as_str())))
    }

    /// Checks the codes whose lists are data themselves.
    fn check_codes(&self, file: &str, lifecycle: &Lifecycle, reasons: &Reasons) -> Result<()> {
        let event = |code: &str| lifecycle.events().iter().any(|event| event.code == code);
        let check = |place: &Place, conditions: &[Condition]| {
            if let Some(code) = named(conditions, "last_event").find(|code| !event(code)) {
                return Err(Error::config(place, format!("'{code}' is no event"), "the events are those of lifecycle.toml"));
            }
            match named(conditions, "reason_code").find(|code| reasons.get(code).is_none()) {
                Some(code) => Err(Error::config(place, format!("'{code}' is no reject reason"), "the reasons are those of reasons.toml")),
                None => Ok(()),
            }
        };
        for derived in &self.derived {
            let place = Place::entry(file, format!("derived column {}", derived.column));
            derived.cases.iter().try_for_each(|case| check(&place, &case.conditions))?;
        }
        for rule in &self.rules {
            let place = Place::entry(file, format!("rule {}", rule.id));
            check(&place, &rule.conditions)?;
            if let Some(code) = rule.reason.as_ref().filter(|code| reasons.get(code).is_none()) {
                return Err(Error::config(place, format!("'{code}' is no reject reason"), "the reasons are those of reasons.toml"));
            }
        }
        Ok(())
    }
}

/// The codes that conditions name for a column.
fn named<'a>(conditions: &'a [Condition], column: &'static str) -> impl Iterator<Item = &'a str> {
    let lists = conditions.iter().filter(move |condition| condition.column == column).map(|condition| match &condition.test {
        Test::In(values) | Test::NotIn(values) => values.as_slice(),
        _ => &[],
    });
    lists.flatten().filter_map(|value| match value {
        Value::Word(word) => Some(word.as_str()),
        Value::Bool(_) => None,
    })
}

fn columns(rules: &[Rule], derived: &[Derived]) -> Vec<String> {
    let cases = || derived.iter().flat_map(|column| &column.cases);
    let asked =
        rules.iter().flat_map(|rule| &rule.conditions).chain(cases().flat_map(|case| &case.conditions)).map(|condition| &condition.column);
    let taken = cases().filter_map(|case| match &case.take {
        DerivedFrom::Column(column) => Some(column),
        DerivedFrom::Value(_) => None,
    });
    let mut columns: Vec<String> = asked.chain(taken).filter(|key| record_column(key).is_some()).cloned().collect();
    columns.push("given_status".to_owned());
    columns.sort();
    columns.dedup();
    columns
}
