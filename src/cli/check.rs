//! `portstatus check`: reads and classifies orders, and prints what it found.

use serde_json::json;

use crate::cli::args::CheckArgs;
use crate::cli::exit::{code_of, rejected_line};
use crate::cli::summary::{counted, grouped, inputs, read, rows, statuses, unknown_word};
use crate::cli::terminal::{Style, masked, plain};
use crate::cli::{options, summary, terminal};
use crate::deliver::manifest::InputFile;
use crate::deliver::standard;
use crate::domain::data_quality::QualityFlag;
use crate::domain::status::{Spelling, Status};
use crate::error::Result;
use crate::job::Loaded;
use crate::job::reconciliation::{MAX_UNKNOWN_WORDS, notes, place, unknown_words};
use crate::report::summary::tally;
use crate::source::{Orders, Reject};

/// Prints what reading the inputs finds; returns the exit code, which says whether rows were rejected.
///
/// # Errors
/// Whatever keeps the inputs from being read.
pub fn run(args: &CheckArgs) -> Result<u8> {
    let glossary = options::glossary(args.read.templates.as_deref())?;
    let Loaded { classified, inputs, .. } =
        options::read_and_classify(&args.inputs, &args.read, &args.classification, !args.messages.quiet)?;
    let (statuses, flags) = tally(&classified)?;
    let flags = flags.into_iter().map(|(flag, rows)| (flag, glossary.flag_meaning(flag), rows)).collect();
    let found = CheckResult { inputs: &inputs, orders: &classified.orders, statuses, flags, spelling: classified.rules.spelling };
    let rejected = classified.orders.rejected_rows();
    let last = rejected_line(rejected, classified.orders.read, args.rejects_ok);
    // What a script asked for is the result, which quiet leaves alone.
    if args.messages.json {
        standard::print(&found.json(args.show.unwrap_or(MAX_REJECTS_IN_JSON)))?;
    } else if args.messages.quiet {
        terminal::eprint(if args.rejects_ok { "" } else { &last });
    } else {
        let style = Style::of_output(args.messages.color.color);
        standard::print(&style.wrap(&(found.text(args.show.unwrap_or(REJECTS_SHOWN), &style) + &last)))?;
    }
    Ok(code_of(rejected, args.rejects_ok))
}

/// Rejected rows and cells that the text for a person lists, unless told otherwise.
const REJECTS_SHOWN: usize = 20;

/// Rejected rows and cells that the JSON lists, unless told otherwise.
const MAX_REJECTS_IN_JSON: usize = 1_000;

/// Unknown words that the text for a person lists.
const MAX_WORDS_SHOWN: usize = 100;

/// What a check finds.
struct CheckResult<'a> {
    inputs: &'a [InputFile],
    orders: &'a Orders,
    statuses: Vec<(Option<Status>, u64)>,
    /// Each with its meaning and its rows.
    flags: Vec<(QualityFlag, String, u64)>,
    spelling: Spelling,
}

impl CheckResult<'_> {
    fn text(&self, show: usize, style: &Style) -> String {
        let orders = self.orders;
        let cells = orders.rejects.len() as u64 - orders.rejected_rows();
        let replayed = match orders.replayed {
            0 => String::new(),
            events => format!("{} events before the last of their number, ", grouped(events)),
        };
        let counts = format!(
            "{}: {} usable, {} superseded, {}{} rejected; {} left blank\n",
            read(orders.read, orders.expanded),
            grouped(orders.frame.height() as u64),
            grouped(orders.superseded.len() as u64),
            replayed,
            grouped(orders.rejected_rows()),
            counted(cells, "cell")
        );
        let statuses = statuses(&self.statuses, self.spelling, style);
        let flag = |(flag, meaning, count): &(QualityFlag, String, u64)| {
            format!("Data quality, {}: {}; {}\n", flag.code(), rows(*count), plain(meaning))
        };
        let flags: String = self.flags.iter().map(flag).collect();
        let words = unknown_words(orders, MAX_WORDS_SHOWN);
        let more = match words.more {
            0 => String::new(),
            more => format!("Unknown words: {} more; see them with --json\n", grouped(more as u64)),
        };
        let words: String = words.listed.iter().map(unknown_word).collect();
        let words = words + &more;
        [inputs(self.inputs), counts, statuses, flags, words, summary::notes(&notes(orders), orders.origins.len()), self.rejects(show)]
            .concat()
    }

    /// The first rejects, their values masked: the rejects file of a report has them whole.
    fn rejects(&self, show: usize) -> String {
        let rejects = &self.orders.rejects;
        let line = |reject: &Reject| {
            let column = if reject.column.is_empty() { String::new() } else { format!(", column {}", plain(&reject.column)) };
            let place = plain(&place(self.orders, (reject.input, reject.line)).to_string());
            let value: String = reject.value.chars().take(60).collect();
            format!("Rejected {}: {place}{column}: '{}': {}\n", reject.kind.code(), masked(&value), masked(&reject.reason))
        };
        let shown: String = rejects.iter().take(show).map(line).collect();
        match rejects.len().saturating_sub(show) {
            0 => shown,
            more => format!("{shown}Rejected: {} more; --show {} prints all\n", grouped(more as u64), rejects.len()),
        }
    }

    fn json(&self, show: usize) -> String {
        let orders = self.orders;
        let reject = |reject: &Reject| {
            json!({
                "kind": reject.kind.code(),
                "place": place(orders, (reject.input, reject.line)).to_string(), "line": reject.line, "column": reject.column,
                "value": masked(&reject.value), "reason": masked(&reject.reason),
            })
        };
        let words = unknown_words(orders, MAX_UNKNOWN_WORDS);
        let by_status = |(status, rows): &(Option<Status>, u64)| json!({ "status": self.spelling.status(*status), "rows": rows });
        let value = json!({
            "schema": 1,
            "inputs": self.inputs,
            "counts": {
                "read": orders.read, "expanded": orders.expanded, "usable": orders.frame.height(), "superseded": orders.superseded.len(), "replayed": orders.replayed, "rejected": orders.rejected_rows(),
                "rejected_cells": orders.rejects.len() as u64 - orders.rejected_rows(),
            },
            "by_status": self.statuses.iter().map(by_status).collect::<Vec<_>>(),
            "quality_flags": self.flags.iter().map(|(flag, _, count)| (flag.code().to_owned(), json!(count))).collect::<serde_json::Map<_, _>>(),
            "unknown_words": words.listed,
            "more_unknown_words": words.more,
            "notes": notes(orders).iter().map(ToString::to_string).collect::<Vec<_>>(),
            "rejects": orders.rejects.iter().take(show).map(reject).collect::<Vec<_>>(),
            "more_rejects": orders.rejects.len().saturating_sub(show),
        });
        format!("{value}\n")
    }
}
