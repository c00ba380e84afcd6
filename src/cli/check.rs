//! `portstatus check`: reads and classifies orders, and prints what it found.

use std::fmt::Write;

use serde_json::json;

use crate::classify::Classified;
use crate::cli::args::CheckArgs;
use crate::cli::exit::REJECTED;
use crate::cli::options;
use crate::cli::progress::Bar;
use crate::cli::summary::{counted, grouped, inputs, read, rows, statuses};
use crate::cli::terminal::{masked, plain, sentence};
use crate::deliver::standard;
use crate::domain::data_quality::QualityFlag;
use crate::domain::status::{Spelling, Status};
use crate::error::Result;
use crate::job::reconciliation::Reconciliation;
use crate::job::{self, ClassificationContext, Loaded, StageTimer};
use crate::report::summary::tally;

/// Prints what reading the inputs finds; 0, or [`REJECTED`] when rows were rejected.
///
/// # Errors
/// Whatever keeps the inputs from being read.
pub fn run(args: &CheckArgs) -> Result<u8> {
    let spec = options::load(&args.inputs, &args.read, &args.classification)?;
    let context = ClassificationContext::read(&spec)?;
    let Loaded { classified, reconciliation } = {
        let bar = Bar::new(!args.messages.quiet);
        job::load(&spec, &context, &mut StageTimer::start(&bar))?
    };
    let found = CheckResult::of(&reconciliation, &classified)?;
    // What a script asked for is the result, which quiet leaves alone.
    if args.messages.json {
        standard::print(&found.json())?;
    } else if !args.messages.quiet {
        standard::print(&found.text(args.show))?;
    }
    Ok(if reconciliation.rejected() > 0 { REJECTED } else { 0 })
}

/// What a check finds.
struct CheckResult<'a> {
    reconciliation: &'a Reconciliation,
    numbers: u64,
    statuses: Vec<(Option<Status>, u64)>,
    flags: Vec<(QualityFlag, u64)>,
    spelling: Spelling,
}

impl<'a> CheckResult<'a> {
    fn of(reconciliation: &'a Reconciliation, classified: &Classified) -> Result<Self> {
        let (statuses, flags) = tally(classified)?;
        Ok(Self { reconciliation, numbers: classified.frame().height() as u64, statuses, flags, spelling: classified.rules.spelling })
    }

    fn text(&self, show: usize) -> String {
        let mut out = String::new();
        // Writing to a String does not fail.
        let _ = self.write_text(&mut out, show);
        out
    }

    fn write_text(&self, out: &mut String, show: usize) -> std::fmt::Result {
        let reconciliation = self.reconciliation;
        inputs(out, &reconciliation.inputs)?;
        let cells = reconciliation.rejects.len() as u64 - reconciliation.rejected();
        writeln!(
            out,
            "{}: {} usable, {} superseded, {} rejected; {} left blank",
            read(reconciliation.read, reconciliation.expanded),
            grouped(self.numbers),
            grouped(reconciliation.superseded.len() as u64),
            grouped(reconciliation.rejected()),
            counted(cells, "cell")
        )?;
        statuses(out, self.statuses.iter().map(|(status, count)| (self.spelling.status(*status), *count)))?;
        for (flag, count) in &self.flags {
            writeln!(out, "Data quality, {}: {}; {}", flag.code(), rows(*count), flag.sentence())?;
        }
        for ((column, word), count) in &reconciliation.unknown_words {
            writeln!(out, "Unknown word in {}: '{}', {}", plain(column), masked(word), rows(*count))?;
        }
        for note in &reconciliation.notes {
            writeln!(out, "Note: {}", sentence(note))?;
        }
        self.write_rejects(out, show)
    }

    /// The first rejects, their values masked: the rejects file of a report has them whole.
    fn write_rejects(&self, out: &mut String, show: usize) -> std::fmt::Result {
        let rejects = &self.reconciliation.rejects;
        for reject in rejects.iter().take(show) {
            let column = if reject.column.is_empty() { String::new() } else { format!(", column {}", plain(&reject.column)) };
            let place = plain(&self.reconciliation.place(reject.input, reject.line).to_string());
            let value: String = reject.value.chars().take(60).collect();
            writeln!(out, "Rejected {}: {place}{column}: '{}': {}", reject.kind.name(), masked(&value), masked(&reject.reason))?;
        }
        match rejects.len().saturating_sub(show) {
            0 => Ok(()),
            more => writeln!(out, "Rejected: {} more; --show {} prints all", grouped(more as u64), rejects.len()),
        }
    }

    fn json(&self) -> String {
        let reconciliation = self.reconciliation;
        let reject = |reject: &crate::source::Reject| {
            json!({
                "kind": reject.kind.name(),
                "place": reconciliation.place(reject.input, reject.line).to_string(), "line": reject.line, "column": reject.column,
                "value": masked(&reject.value), "reason": masked(&reject.reason),
            })
        };
        let value = json!({
            "schema": 1,
            "inputs": reconciliation.inputs,
            "counts": {
                "read": reconciliation.read, "expanded": reconciliation.expanded, "usable": self.numbers, "superseded": reconciliation.superseded.len(), "rejected": reconciliation.rejected(),
                "rejected_cells": reconciliation.rejects.len() as u64 - reconciliation.rejected(),
            },
            "by_status": self.statuses.iter().map(|(status, count)| json!([self.spelling.status(*status), count])).collect::<Vec<_>>(),
            "quality_flags": self.flags.iter().map(|(flag, count)| (flag.code().to_owned(), json!(count))).collect::<serde_json::Map<_, _>>(),
            "unknown_words": reconciliation.unknown_words.iter().map(|((column, word), count)| json!([column, masked(word), count])).collect::<Vec<_>>(),
            "notes": reconciliation.notes,
            "rejects": reconciliation.rejects.iter().map(reject).collect::<Vec<_>>(),
        });
        format!("{value}\n")
    }
}
