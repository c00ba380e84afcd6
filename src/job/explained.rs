//! Which row, which facts and which rule gave a number its status.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use polars::prelude::*;
use serde::Serialize;

use crate::classify::Classified;
use crate::classify::interpret::{self, holds};
use crate::classify::language::{Condition, RuleCell};
use crate::classify::rules::{Rule, Rules};
use crate::clock::AsOf;
use crate::domain::data_quality::QualityFlag;
use crate::domain::number;
use crate::domain::record::{INPUT, LINE, NEXT_ACTION, QUALITY_MASK, RULE, SOURCE_WORDS, STATE_SINCE};
use crate::domain::status::{Detail, Status};
use crate::error::{Place, Result};
use crate::job::reconciliation::place;
use crate::report::glossary::Glossary;

/// The layout of the JSON; it changes when a key changes its meaning or goes.
const SCHEMA: u32 = 1;

/// Why every row of a number has its status. It holds no whole phone number but the one asked for.
#[derive(Debug, Serialize)]
pub struct Explained {
    schema: u32,
    /// The number, as it was asked for.
    pub number: String,
    as_of: String,
    /// Its rows.
    pub rows: Vec<ExplainedRow>,
    /// The instant that the report speaks of.
    #[serde(skip)]
    pub instant: AsOf,
}

/// Why one row has its status.
#[derive(Debug, Serialize)]
pub struct ExplainedRow {
    /// Where it stands.
    pub place: Place,
    /// The rows that it superseded.
    pub supersedes: Vec<Place>,
    /// Its status, in words.
    pub status: &'static str,
    /// Its detailed status, in words.
    pub detail: &'static str,
    /// The state of the number, by its code.
    pub number_state: Option<String>,
    /// The status words as the source wrote them.
    pub source_words: Option<String>,
    /// Whose move it is.
    pub action_owner: Option<String>,
    /// What to do.
    pub next_step: Option<String>,
    /// The rule that gave it its status.
    pub rule: Reason,
    /// What gave it its next step.
    pub next_step_by: Option<Reason>,
    facts: BTreeMap<String, String>,
    /// What is odd about it.
    pub quality_flags: Vec<Flag>,
    /// The rules that were tried before.
    pub tried_before: Vec<Failed>,
    /// Its status.
    #[serde(skip)]
    pub code: Option<Status>,
    /// Whether it was made of events.
    #[serde(skip)]
    pub is_of_events: bool,
    /// The keys of the facts, as the rules list them.
    #[serde(skip)]
    order: Vec<String>,
}

/// A rule or a case of the next step, and what it asks for.
#[derive(Debug, Serialize)]
pub struct Reason {
    /// Its name.
    pub id: String,
    /// Why it is as it is, a sentence.
    pub why: String,
    /// Its conditions.
    pub holds: Vec<Holding>,
}

/// A condition that holds, and the cell it is about.
#[derive(Debug, Serialize)]
pub struct Holding {
    /// The condition, in the words of the rules.
    pub condition: String,
    /// The cell.
    pub value: String,
}

/// A flag of the row.
#[derive(Debug, Serialize)]
pub struct Flag {
    /// Its code.
    pub code: &'static str,
    /// What it means.
    pub meaning: String,
}

/// Rules that were tried before and why they do not hold.
#[derive(Debug, Serialize)]
pub struct Failed {
    /// The column of the condition that does not hold.
    pub column: String,
    /// The cell.
    pub value: String,
    /// The names of the rules.
    pub rules: Vec<String>,
}

/// Explains every row of `classified` that has the number `wanted`, in E.164; `asked` is as it was asked for; flags in the words of
/// `glossary`. There may be none.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn explain(asked: &str, wanted: &str, classified: &Classified, glossary: &Glossary) -> Result<Explained> {
    let numbers = classified.frame().column("phone_number")?;
    let rows: Vec<usize> = numbers.str()?.iter().enumerate().filter(|(_, number)| *number == Some(wanted)).map(|(row, _)| row).collect();
    let rows = rows.into_iter().map(|row| explain_row(classified, glossary, row)).collect::<Result<_>>()?;
    let instant = classified.as_of();
    let as_of = instant.utc().to_rfc3339_opts(SecondsFormat::Secs, true);
    Ok(Explained { schema: SCHEMA, number: asked.to_owned(), as_of, rows, instant })
}

impl Explained {
    /// Whether a row of it was made of events.
    pub fn is_of_events(&self) -> bool {
        self.rows.iter().any(|row| row.is_of_events)
    }
}

impl ExplainedRow {
    /// The facts that are known, by key, as the rules list them.
    pub fn facts(&self) -> impl Iterator<Item = (&String, &String)> {
        self.order.iter().filter_map(|key| self.facts.get_key_value(key))
    }
}

/// The facts of one row.
struct Facts<'a> {
    rules: &'a Rules,
    cells: Vec<RuleCell<'a>>,
    derived: Vec<RuleCell<'a>>,
    as_of_day: i32,
}

impl<'a> Facts<'a> {
    fn cell(&self, condition: &Condition) -> RuleCell<'a> {
        interpret::cell(self.rules, &self.cells, &self.derived, &condition.column)
    }

    /// What `condition` is about, in words.
    fn shown(&self, condition: &Condition) -> String {
        displayed(self.cell(condition))
    }

    /// The facts that the rules ask about and that are known, by key.
    fn known(&self) -> Vec<(String, String)> {
        let derived = self.rules.derived.iter().map(|column| &column.column);
        let all = self.rules.columns.iter().zip(&self.cells).chain(derived.zip(&self.derived));
        all.filter(|(_, cell)| **cell != RuleCell::Null).map(|(key, cell)| (key.to_string(), displayed(*cell))).collect()
    }

    /// The rules tried `before`, by the first condition of each that fails.
    fn failed(&self, before: &[Rule]) -> Vec<Failed> {
        let failed = before.iter().filter_map(|rule| {
            let fails = |condition: &&Condition| !holds(&condition.test, self.cell(condition), self.as_of_day);
            let condition = rule.conditions.iter().find(fails)?;
            Some(((condition.column.to_string(), self.shown(condition)), rule.id.clone()))
        });
        let alike = |alike: &[((String, String), String)]| {
            let (column, value) = alike[0].0.clone();
            Failed { column, value, rules: alike.iter().map(|(_, id)| id.clone()).collect() }
        };
        failed.collect::<Vec<_>>().chunk_by(|one, next| one.0 == next.0).map(alike).collect()
    }
}

fn explain_row(classified: &Classified, glossary: &Glossary, row: usize) -> Result<ExplainedRow> {
    let (frame, rules) = (classified.frame(), &classified.rules);
    let frame = frame.slice(frame.names(), row..row + 1)?;
    let cells = rules.columns.iter().map(|key| cell(frame.column(key)?)).collect::<Result<Vec<_>>>()?;
    let as_of_day = classified.as_of().days();
    let facts = Facts { rules, derived: interpret::derive(rules, &cells, as_of_day), cells, as_of_day };
    let index = frame.column(RULE)?.u32()?.get(0).unwrap_or(0) as usize;
    let rule = &rules.all[index];
    let advice = frame.column(NEXT_ACTION)?.u32()?.get(0).unwrap_or(0) as usize;
    let code = |key: &str| -> Result<Option<&str>> { Ok(frame.column(key)?.str()?.get(0)) };
    let status = code("status")?.and_then(Status::from_code);
    let (action_owner, next_step) =
        classified.next_actions().nth(advice).map(|(owner, step)| (owner.to_string(), step.to_string())).unzip();
    let holding = |condition: &Condition| Holding { condition: condition.to_string(), value: facts.shown(condition) };
    let known = facts.known();
    let mask = frame.column(QUALITY_MASK)?.u64()?.get(0).unwrap_or(0);
    let (place, supersedes) = places(classified, &frame)?;
    Ok(ExplainedRow {
        place,
        supersedes,
        status: rules.spelling.status(status),
        detail: rules.spelling.detail(code("detail")?.and_then(Detail::from_code)),
        number_state: code("state")?.map(str::to_owned),
        source_words: code(SOURCE_WORDS)?.map(number::mask),
        action_owner,
        next_step,
        rule: Reason { id: rule.id.clone(), why: rule.why.clone(), holds: rule.conditions.iter().map(holding).collect() },
        next_step_by: rules.action(advice).map(|action| Reason { id: action.id.clone(), why: action.why.clone(), holds: Vec::new() }),
        order: known.iter().map(|(key, _)| key.clone()).collect(),
        facts: known.into_iter().collect(),
        quality_flags: QualityFlag::of(mask).map(|flag| Flag { code: flag.code(), meaning: glossary.flag_meaning(flag) }).collect(),
        tried_before: facts.failed(&rules.all[..index]),
        code: status,
        is_of_events: frame.column(STATE_SINCE).is_ok_and(|since| since.null_count() == 0),
    })
}

/// Where the row stands, and the rows it superseded.
fn places(classified: &Classified, row: &DataFrame) -> Result<(Place, Vec<Place>)> {
    let key = (row.column(INPUT)?.u32()?.get(0).unwrap_or(0), row.column(LINE)?.u32()?.get(0).unwrap_or(0));
    let orders = &classified.orders;
    let older = orders.superseded.iter().filter(|superseded| superseded.new == key).map(|superseded| place(orders, superseded.old));
    Ok((place(orders, key), older.collect()))
}

fn displayed(cell: RuleCell) -> String {
    match cell {
        RuleCell::Null => "empty".to_owned(),
        RuleCell::Word(word) => number::mask(&word.chars().take(60).collect::<String>()),
        RuleCell::Bool(flag) => flag.to_string(),
        RuleCell::Day(day) => chrono::NaiveDate::from_epoch_days(day).map_or_else(|| day.to_string(), |date| date.to_string()),
        RuleCell::Number(number) => number.to_string(),
    }
}

fn cell(column: &Column) -> Result<RuleCell<'_>> {
    if let Ok(words) = column.str() {
        return Ok(words.get(0).map_or(RuleCell::Null, RuleCell::Word));
    }
    Ok(match column.get(0)? {
        AnyValue::Boolean(flag) => RuleCell::Bool(flag),
        AnyValue::Date(day) => RuleCell::Day(day),
        AnyValue::Int32(number) => RuleCell::Number(i64::from(number)),
        _ => RuleCell::Null,
    })
}
