//! `portstatus explain`: which row, which facts and which rule gave a number its status.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::SecondsFormat;
use polars::prelude::*;
use serde::Serialize;

use crate::classify::Classified;
use crate::classify::interpret::{self, holds};
use crate::classify::language::{Condition, RuleCell};
use crate::classify::rules::{Rule, Rules};
use crate::cli::args::ExplainArgs;
use crate::cli::options;
use crate::cli::terminal::{self, Style, plain};
use crate::cli::timeline::History;
use crate::clock::AsOf;
use crate::deliver::standard;
use crate::domain::data_quality::QualityFlag;
use crate::domain::number;
use crate::domain::record::{INPUT, LINE, NEXT_ACTION, QUALITY_MASK, RULE, SOURCE_WORDS, STATE_SINCE};
use crate::domain::status::{Detail, Status, UNKNOWN};
use crate::domain::text::counted;
use crate::error::{Error, Place, Result};
use crate::job::reconciliation::place;
use crate::report::glossary::Glossary;
use crate::source::input::Input;

/// Prints why a number has its status.
///
/// # Errors
/// As [`explain`], and whatever keeps the inputs from being read.
pub fn run(args: &ExplainArgs) -> Result<()> {
    if std::path::Path::new(&args.number).is_file() {
        return Err(Error::usage(args.number.as_str(), "is a file, and the number comes first", "write portstatus explain NUMBER INPUT"));
    }
    let glossary = options::glossary(args.read.templates.as_deref())?;
    let loaded = options::read_and_classify(&args.inputs, &args.read, &args.classification, !args.json)?;
    let explained = explain(&args.number, &loaded.classified, &glossary)?;
    let history = if explained.is_of_events() { history(args)? } else { None };
    if args.json {
        let mut json = serde_json::to_value(&explained).map_err(|error| Error::internal("explain", &error).with_cause(error))?;
        if let Some(history) = history {
            json["timelines"] = history.json().into();
        }
        return standard::print(&format!("{}\n", terminal::escaped(json)));
    }
    let style = Style::of_output(args.color.color);
    let events = match history {
        Some(history) => format!("\nEvents\n{}", history.text(&args.number)),
        None if explained.is_of_events() => "\nIts state came from events: portstatus timeline lists those of a file\n".to_owned(),
        None => String::new(),
    };
    standard::print(&style.wrap(&(explained.text(&style) + &events)))
}

/// The events of the number, for which the inputs are read again; `None` where that cannot be done.
fn history(args: &ExplainArgs) -> Result<Option<History>> {
    let spec = options::load(&args.inputs, &args.read, &args.classification)?;
    let is_once = |input: &Input| *input == Input::Standard || input.path().is_some_and(|path| !path.is_file());
    if spec.inputs.iter().any(is_once) { Ok(None) } else { History::read(&args.number, &spec).map(Some) }
}

/// The layout of the JSON; it changes when a key changes its meaning or goes.
const SCHEMA: u32 = 1;

/// Why every row of a number has its status. It holds no whole phone number but the one asked for.
#[derive(Debug, Serialize)]
pub struct Explained {
    schema: u32,
    number: String,
    as_of: String,
    rows: Vec<ExplainedRow>,
    #[serde(skip)]
    instant: AsOf,
}

/// Why one row has its status.
#[derive(Debug, Serialize)]
struct ExplainedRow {
    place: Place,
    supersedes: Vec<Place>,
    status: &'static str,
    detail: &'static str,
    number_state: Option<String>,
    source_words: Option<String>,
    action_owner: Option<String>,
    next_step: Option<String>,
    rule: Reason,
    next_step_by: Option<Reason>,
    facts: BTreeMap<String, String>,
    quality_flags: Vec<Flag>,
    tried_before: Vec<Failed>,
    #[serde(skip)]
    code: Option<Status>,
    #[serde(skip)]
    is_of_events: bool,
    /// The keys of the facts, as the rules list them.
    #[serde(skip)]
    order: Vec<String>,
}

/// A rule or a case of the next step, and what it asks for.
#[derive(Debug, Serialize)]
struct Reason {
    id: String,
    why: String,
    holds: Vec<Holding>,
}

/// A condition that holds, and the cell it is about.
#[derive(Debug, Serialize)]
struct Holding {
    condition: String,
    value: String,
}

/// A flag of the row.
#[derive(Debug, Serialize)]
struct Flag {
    code: &'static str,
    meaning: String,
}

/// Rules that were tried before and why they do not hold.
#[derive(Debug, Serialize)]
struct Failed {
    column: String,
    value: String,
    rules: Vec<String>,
}

/// Explains every row of `classified` that has the number `asked`, in any format; flags in the words of `glossary`.
///
/// # Errors
/// [`Error::usage`] when `asked` is not a number, and [`Error::data`] when no row has it.
pub fn explain(asked: &str, classified: &Classified, glossary: &Glossary) -> Result<Explained> {
    // As the user typed it.
    let shown = plain(asked);
    let wanted = options::number(asked)?;
    let numbers = classified.frame().column("phone_number")?;
    let rows: Vec<usize> =
        numbers.str()?.iter().enumerate().filter(|(_, number)| *number == Some(wanted.as_str())).map(|(row, _)| row).collect();
    if rows.is_empty() {
        let help = "look for it with portstatus check, or in the rejects of a report";
        return Err(Error::data("", format!("no usable row has the number {shown}"), help));
    }
    let rows = rows.into_iter().map(|row| explain_row(classified, glossary, row)).collect::<Result<_>>()?;
    let instant = classified.as_of();
    let as_of = instant.utc().to_rfc3339_opts(SecondsFormat::Secs, true);
    Ok(Explained { schema: SCHEMA, number: asked.to_owned(), as_of, rows, instant })
}

impl Explained {
    /// Whether a row of it was made of events.
    fn is_of_events(&self) -> bool {
        self.rows.iter().any(|row| row.is_of_events)
    }

    /// The explanation for a person.
    pub fn text(&self, style: &Style) -> String {
        let mut text = format!("{}: {}, as of {}\n", plain(&self.number), counted(self.rows.len() as u64, "row"), self.instant);
        for row in &self.rows {
            row.write(&mut text, style);
        }
        text
    }
}

impl ExplainedRow {
    fn write(&self, text: &mut String, style: &Style) {
        let _ = writeln!(text, "\n{}", plain(&self.place.to_string()));
        for older in &self.supersedes {
            let _ = writeln!(text, "  It supersedes  {}", plain(&older.to_string()));
        }
        let status = style.status(self.code, self.status);
        let _ = writeln!(text, "  Status         {status}\n  Detail         {}", self.detail);
        let _ = writeln!(text, "  Number state   {}", self.number_state.as_deref().unwrap_or(UNKNOWN));
        if let Some(words) = &self.source_words {
            let _ = writeln!(text, "  Source words   {}", plain(words));
        }
        if let Some((owner, step)) = self.action_owner.as_ref().zip(self.next_step.as_ref()) {
            let _ = writeln!(text, "  Action owner   {owner}\n  Next step      {}", plain(step));
        }
        let _ = writeln!(text, "  Rule           {}: {}", plain(&self.rule.id), plain(&self.rule.why));
        for Holding { condition, value } in &self.rule.holds {
            let _ = writeln!(text, "    holds: {} (it is {})", plain(condition), plain(value));
        }
        if let Some(by) = &self.next_step_by {
            let _ = writeln!(text, "  Next step by   {}: {}", plain(&by.id), plain(&by.why));
        }
        text.push_str("  Facts\n");
        for (key, value) in self.order.iter().filter_map(|key| self.facts.get_key_value(key)) {
            let _ = writeln!(text, "    {key:<18} {}", plain(value));
        }
        text.push_str("    all others are empty\n");
        text.push_str(if self.quality_flags.is_empty() { "  Data quality   none\n" } else { "  Data quality\n" });
        for Flag { code, meaning } in &self.quality_flags {
            let _ = writeln!(text, "    {code}: {}", plain(meaning));
        }
        text.push_str(if self.tried_before.is_empty() { "" } else { "  Tried before\n" });
        for Failed { column, value, rules } in &self.tried_before {
            let _ = writeln!(text, "    {column} (it is {}): not {}", plain(value), rules.join(", "));
        }
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
