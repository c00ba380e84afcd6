//! `portstatus explain`: which row, which facts and which rule gave a number its status.

use std::fmt::Write as _;

use polars::prelude::*;

use crate::classify::Classified;
use crate::classify::interpret::{self, holds};
use crate::classify::language::{Condition, RuleCell};
use crate::classify::rules::{Rule, Rules};
use crate::cli::args::ExplainArgs;
use crate::cli::options;
use crate::cli::terminal::{masked, plain};
use crate::deliver::standard;
use crate::domain::data_quality::QualityFlag;
use crate::domain::number::{self, DefaultNumbering};
use crate::domain::record::{INPUT, LINE, NEXT_ACTION, QUALITY_MASK, RULE, SOURCE_WORDS};
use crate::domain::status::{Detail, Status, UNKNOWN};
use crate::domain::text::counted;
use crate::error::{Error, Result};

/// Prints why a number has its status.
///
/// # Errors
/// As [`text`], and whatever keeps the inputs from being read.
pub fn run(args: &ExplainArgs) -> Result<()> {
    let loaded = options::read_and_classify(&args.inputs, &args.read, &args.classification, true)?;
    standard::print(&text(&args.number, &loaded.classified)?)
}

/// Explains every row of `classified` that has the number `asked`, in any format. The text holds no whole phone number but
/// that one.
///
/// # Errors
/// [`Error::usage`] when `asked` is not a number, and [`Error::data`] when no row has it.
pub fn text(asked: &str, classified: &Classified) -> Result<String> {
    // As the user typed it.
    let shown = plain(asked);
    let parsed = number::parse(asked, DefaultNumbering::Nanp)
        .or_else(|fault| number::parse(asked, DefaultNumbering::International).map_err(|_| fault));
    let wanted = parsed.map_err(|fault| {
        Error::usage("", format!("number '{shown}': {}", fault.caption()), "write it as + and all its digits, or as (NXX) NXX-XXXX")
    })?;
    let numbers = classified.frame().column("phone_number")?;
    let rows: Vec<usize> =
        numbers.str()?.iter().enumerate().filter(|(_, number)| *number == Some(wanted.as_str())).map(|(row, _)| row).collect();
    if rows.is_empty() {
        let help = "look for it with portstatus check, or in the rejects of a report";
        return Err(Error::data("", format!("no usable row has the number {shown}"), help));
    }
    let mut text = format!("{shown}: {}, as of {}\n", counted(rows.len() as u64, "row"), classified.as_of());
    for row in rows {
        explain(&mut text, classified, row)?;
    }
    Ok(text)
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

    /// ` (it is in_process)`.
    fn shown(&self, condition: &Condition) -> String {
        format!(" (it is {})", displayed(self.cell(condition)))
    }
}

fn explain(text: &mut String, classified: &Classified, row: usize) -> Result<()> {
    let (frame, rules) = (classified.frame(), &classified.rules);
    let frame = frame.slice(frame.names(), row..row + 1)?;
    let cells = rules.columns.iter().map(|key| cell(frame.column(key)?)).collect::<Result<Vec<_>>>()?;
    let as_of_day = classified.as_of().days();
    let facts = Facts { rules, derived: interpret::derive(rules, &cells, as_of_day), cells, as_of_day };
    let index = frame.column(RULE)?.u32()?.get(0).unwrap_or(0) as usize;
    let rule = &rules.all[index];
    let advice = frame.column(NEXT_ACTION)?.u32()?.get(0).unwrap_or(0) as usize;
    let code = |key: &str| -> Result<Option<&str>> { Ok(frame.column(key)?.str()?.get(0)) };
    let status = rules.spelling.status(code("status")?.and_then(Status::from_code));
    let detail = rules.spelling.detail(code("detail")?.and_then(Detail::from_code));
    let _ = writeln!(text, "\n{}", place(classified, &frame)?);
    let _ = writeln!(text, "  Status         {status}\n  Detail         {detail}");
    let _ = writeln!(text, "  Number state   {}", code("state")?.unwrap_or(UNKNOWN));
    if let Some(words) = code(SOURCE_WORDS)? {
        let _ = writeln!(text, "  Source words   {}", masked(words));
    }
    if let Some((owner, step)) = classified.next_actions().nth(advice) {
        let _ = writeln!(text, "  Action owner   {owner}\n  Next step      {}", plain(&step));
    }
    let _ = writeln!(text, "  Rule           {}: {}", plain(&rule.id), plain(&rule.why));
    for condition in &rule.conditions {
        let _ = writeln!(text, "    holds: {}{}", plain(&condition.to_string()), facts.shown(condition));
    }
    if let Some(action) = rules.action(advice) {
        let _ = writeln!(text, "  Next step by   {}: {}", plain(&action.id), plain(&action.why));
    }
    write_facts(text, &facts);
    let mask = frame.column(QUALITY_MASK)?.u64()?.get(0).unwrap_or(0);
    let flags: Vec<&QualityFlag> = QualityFlag::ALL.iter().filter(|flag| mask & flag.bit() != 0).collect();
    text.push_str(if flags.is_empty() { "  Data quality   none\n" } else { "  Data quality\n" });
    for flag in flags {
        let _ = writeln!(text, "    {}: {}", flag.code(), flag.caption());
    }
    write_failed(text, &facts, &rules.all[..index]);
    Ok(())
}

/// `orders.csv, sheet Jan, line 17`, and the rows it superseded.
fn place(classified: &Classified, row: &DataFrame) -> Result<String> {
    let key = (row.column(INPUT)?.u32()?.get(0).unwrap_or(0), row.column(LINE)?.u32()?.get(0).unwrap_or(0));
    let name = |(input, line): (u32, u32)| match classified.orders.origins.get(input as usize) {
        Some(origin) => format!("{}, line {line}", plain(&origin.place())),
        None => format!("line {line}"),
    };
    let mut text = name(key);
    for older in classified.orders.superseded.iter().filter(|superseded| superseded.new == key) {
        let _ = write!(text, "\n  It supersedes  {}", name(older.old));
    }
    Ok(text)
}

/// The facts that the rules ask about and that are known.
fn write_facts(text: &mut String, facts: &Facts) {
    text.push_str("  Facts\n");
    let derived = facts.rules.derived.iter().map(|column| &column.column);
    let known = facts.rules.columns.iter().zip(&facts.cells).chain(derived.zip(&facts.derived));
    for (key, cell) in known.filter(|(_, cell)| **cell != RuleCell::Null) {
        let _ = writeln!(text, "    {key:<18} {}", displayed(*cell));
    }
    let _ = writeln!(text, "    all others are empty");
}

/// The rules tried before, by the first condition of each that fails.
fn write_failed(text: &mut String, facts: &Facts, before: &[Rule]) {
    if before.is_empty() {
        return;
    }
    text.push_str("  Tried before\n");
    let failed = before.iter().filter_map(|rule| {
        let fails = |condition: &&Condition| !holds(&condition.test, facts.cell(condition), facts.as_of_day);
        let condition = rule.conditions.iter().find(fails)?;
        Some((format!("{}{}", condition.column, facts.shown(condition)), rule.id.as_str()))
    });
    for alike in failed.collect::<Vec<_>>().chunk_by(|one, next| one.0 == next.0) {
        let ids: Vec<&str> = alike.iter().map(|(_, id)| *id).collect();
        let _ = writeln!(text, "    {}: not {}", alike[0].0, ids.join(", "));
    }
}

fn displayed(cell: RuleCell) -> String {
    match cell {
        RuleCell::Null => "empty".to_owned(),
        RuleCell::Word(word) => masked(&word.chars().take(60).collect::<String>()),
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
