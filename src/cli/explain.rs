//! `portstatus explain`: which row, which facts and which rule gave a number its status.

use std::fmt::Write as _;

use crate::classify::Classified;
use crate::cli::args::ExplainArgs;
use crate::cli::options;
use crate::cli::terminal::{self, Style, plain};
use crate::cli::timeline::History;
use crate::deliver::standard;
use crate::domain::status::UNKNOWN;
use crate::domain::text::counted;
use crate::error::{Error, Result};
use crate::job::explained::{self, Explained, ExplainedRow, Failed, Flag, Holding};
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
    standard::print(&style.wrap(&(text(&explained, &style) + &events)))
}

/// Explains every row of `classified` that has the number `asked`, in any format; flags in the words of `glossary`.
///
/// # Errors
/// [`Error::usage`] when `asked` is not a number, and [`Error::data`] when no row has it.
pub fn explain(asked: &str, classified: &Classified, glossary: &Glossary) -> Result<Explained> {
    let explained = explained::explain(asked, options::number(asked)?.as_str(), classified, glossary)?;
    if explained.rows.is_empty() {
        let help = "look for it with portstatus check, or in the rejects of a report";
        return Err(Error::data("", format!("no usable row has the number {}", plain(asked)), help));
    }
    Ok(explained)
}

/// The events of the number, for which the inputs are read again; `None` where that cannot be done.
fn history(args: &ExplainArgs) -> Result<Option<History>> {
    let spec = options::load(&args.inputs, &args.read, &args.classification)?;
    let is_once = |input: &Input| *input == Input::Standard || input.path().is_some_and(|path| !path.is_file());
    if spec.inputs.iter().any(is_once) { Ok(None) } else { History::read(&args.number, &spec).map(Some) }
}

/// The explanation for a person.
pub fn text(explained: &Explained, style: &Style) -> String {
    let rows = counted(explained.rows.len() as u64, "row");
    let mut text = format!("{}: {rows}, as of {}\n", plain(&explained.number), explained.instant);
    for row in &explained.rows {
        write_row(row, &mut text, style);
    }
    text
}

fn write_row(row: &ExplainedRow, text: &mut String, style: &Style) {
    let _ = writeln!(text, "\n{}", plain(&row.place.to_string()));
    for older in &row.supersedes {
        let _ = writeln!(text, "  It supersedes  {}", plain(&older.to_string()));
    }
    let status = style.status(row.code, row.status);
    let _ = writeln!(text, "  Status         {status}\n  Detail         {}", row.detail);
    let _ = writeln!(text, "  Number state   {}", row.number_state.as_deref().unwrap_or(UNKNOWN));
    if let Some(words) = &row.source_words {
        let _ = writeln!(text, "  Source words   {}", plain(words));
    }
    if let Some((owner, step)) = row.action_owner.as_ref().zip(row.next_step.as_ref()) {
        let _ = writeln!(text, "  Action owner   {owner}\n  Next step      {}", plain(step));
    }
    let _ = writeln!(text, "  Rule           {}: {}", plain(&row.rule.id), plain(&row.rule.why));
    for Holding { condition, value } in &row.rule.holds {
        let _ = writeln!(text, "    holds: {} (it is {})", plain(condition), plain(value));
    }
    if let Some(by) = &row.next_step_by {
        let _ = writeln!(text, "  Next step by   {}: {}", plain(&by.id), plain(&by.why));
    }
    text.push_str("  Facts\n");
    for (key, value) in row.facts() {
        let _ = writeln!(text, "    {key:<18} {}", plain(value));
    }
    text.push_str("    all others are empty\n");
    text.push_str(if row.quality_flags.is_empty() { "  Data quality   none\n" } else { "  Data quality\n" });
    for Flag { code, meaning } in &row.quality_flags {
        let _ = writeln!(text, "    {code}: {}", plain(meaning));
    }
    text.push_str(if row.tried_before.is_empty() { "" } else { "  Tried before\n" });
    for Failed { column, value, rules } in &row.tried_before {
        let _ = writeln!(text, "    {column} (it is {}): not {}", plain(value), rules.join(", "));
    }
}
