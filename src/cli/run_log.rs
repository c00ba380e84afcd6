//! What standard error is told of a scheduled run: problems in words, or everything that happens as JSON, a line each.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use crate::cli::args::LogFormat;
use crate::cli::terminal;
use crate::clock::RunTimer;
use crate::job::scheduled::log::{Level, RunLog};

/// A log on standard error.
#[derive(Debug)]
pub struct ErrorLog {
    /// How.
    pub format: LogFormat,
    /// The run, which ties its lines to its manifest and its files.
    pub run: String,
    /// Whether problems are kept quiet, where they are told in words.
    pub quiet: bool,
}

impl RunLog for ErrorLog {
    fn event(&self, level: Level, name: &str, fields: Value) {
        let at = RunTimer::start().began().to_rfc3339_opts(SecondsFormat::Millis, true);
        match (self.format, level) {
            (LogFormat::Json, level) => {
                let level = if level == Level::Info { "info" } else { "warning" };
                let line = json!({ "time": at, "level": level, "run_id": self.run, "event": name, "fields": fields });
                terminal::eprint(&format!("{}\n", terminal::escaped(line)));
            }
            (LogFormat::Text, Level::Warning) if !self.quiet => {
                let of = |key: &str| fields[key].as_str().map(terminal::plain).unwrap_or_default();
                let words = format!("{} by {}: {}", of("recipient"), of("delivery"), of("error"));
                terminal::eprint(&format!("portstatus: {words}\n"));
            }
            (LogFormat::Text, _) => {}
        }
    }
}
