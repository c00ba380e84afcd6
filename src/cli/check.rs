//! `portstatus check`: reads and classifies orders, and prints what it found.

use std::fmt::Write;

use serde_json::json;

use crate::cli::args::CheckArgs;
use crate::cli::exit::REJECTED;
use crate::cli::options;
use crate::cli::summary::{counted, grouped, inputs, read, rows, statuses};
use crate::cli::terminal::{masked, plain, sentence};
use crate::deliver::manifest::InputFile;
use crate::deliver::standard;
use crate::domain::data_quality::QualityFlag;
use crate::domain::status::{Spelling, Status};
use crate::error::Result;
use crate::job::Loaded;
use crate::job::reconciliation::{notes, place, unknown_words};
use crate::report::summary::tally;
use crate::source::Orders;

/// Prints what reading the inputs finds; 0, or [`REJECTED`] when rows were rejected.
///
/// # Errors
/// Whatever keeps the inputs from being read.
pub fn run(args: &CheckArgs) -> Result<u8> {
    let Loaded { classified, inputs } = options::read_and_classify(&args.inputs, &args.read, &args.classification, !args.messages.quiet)?;
    let (statuses, flags) = tally(&classified)?;
    let spelling = classified.rules.spelling;
    let found = CheckResult { inputs: &inputs, orders: &classified.orders, statuses, flags, spelling };
    // What a script asked for is the result, which quiet leaves alone.
    if args.messages.json {
        standard::print(&found.json())?;
    } else if !args.messages.quiet {
        standard::print(&found.text(args.show))?;
    }
    Ok(if classified.orders.rejected_rows() > 0 { REJECTED } else { 0 })
}

/// What a check finds.
struct CheckResult<'a> {
    inputs: &'a [InputFile],
    orders: &'a Orders,
    statuses: Vec<(Option<Status>, u64)>,
    flags: Vec<(QualityFlag, u64)>,
    spelling: Spelling,
}

impl CheckResult<'_> {
    fn text(&self, show: usize) -> String {
        let mut out = String::new();
        // Writing to a String does not fail.
        let _ = self.write_text(&mut out, show);
        out
    }

    fn write_text(&self, out: &mut String, show: usize) -> std::fmt::Result {
        let orders = self.orders;
        inputs(out, self.inputs)?;
        let cells = orders.rejects.len() as u64 - orders.rejected_rows();
        writeln!(
            out,
            "{}: {} usable, {} superseded, {} rejected; {} left blank",
            read(orders.read, orders.expanded),
            grouped(orders.frame.height() as u64),
            grouped(orders.superseded.len() as u64),
            grouped(orders.rejected_rows()),
            counted(cells, "cell")
        )?;
        statuses(out, self.statuses.iter().map(|(status, count)| (self.spelling.status(*status), *count)))?;
        for (flag, count) in &self.flags {
            writeln!(out, "Data quality, {}: {}; {}", flag.code(), rows(*count), flag.caption())?;
        }
        for ((column, word), count) in &unknown_words(orders) {
            writeln!(out, "Unknown word in {}: '{}', {}", plain(column), masked(word), rows(*count))?;
        }
        for note in &notes(orders) {
            writeln!(out, "Note: {}", sentence(note))?;
        }
        self.write_rejects(out, show)
    }

    /// The first rejects, their values masked: the rejects file of a report has them whole.
    fn write_rejects(&self, out: &mut String, show: usize) -> std::fmt::Result {
        let rejects = &self.orders.rejects;
        for reject in rejects.iter().take(show) {
            let column = if reject.column.is_empty() { String::new() } else { format!(", column {}", plain(&reject.column)) };
            let place = plain(&place(self.orders, (reject.input, reject.line)).to_string());
            let value: String = reject.value.chars().take(60).collect();
            writeln!(out, "Rejected {}: {place}{column}: '{}': {}", reject.kind.code(), masked(&value), masked(&reject.reason))?;
        }
        match rejects.len().saturating_sub(show) {
            0 => Ok(()),
            more => writeln!(out, "Rejected: {} more; --show {} prints all", grouped(more as u64), rejects.len()),
        }
    }

    fn json(&self) -> String {
        let orders = self.orders;
        let reject = |reject: &crate::source::Reject| {
            json!({
                "kind": reject.kind.code(),
                "place": place(orders, (reject.input, reject.line)).to_string(), "line": reject.line, "column": reject.column,
                "value": masked(&reject.value), "reason": masked(&reject.reason),
            })
        };
        let value = json!({
            "schema": 1,
            "inputs": self.inputs,
            "counts": {
                "read": orders.read, "expanded": orders.expanded, "usable": orders.frame.height(), "superseded": orders.superseded.len(), "rejected": orders.rejected_rows(),
                "rejected_cells": orders.rejects.len() as u64 - orders.rejected_rows(),
            },
            "by_status": self.statuses.iter().map(|(status, count)| json!([self.spelling.status(*status), count])).collect::<Vec<_>>(),
            "quality_flags": self.flags.iter().map(|(flag, count)| (flag.code().to_owned(), json!(count))).collect::<serde_json::Map<_, _>>(),
            "unknown_words": unknown_words(orders).iter().map(|((column, word), count)| json!([column, masked(word), count])).collect::<Vec<_>>(),
            "notes": notes(orders),
            "rejects": orders.rejects.iter().map(reject).collect::<Vec<_>>(),
        });
        format!("{value}\n")
    }
}
