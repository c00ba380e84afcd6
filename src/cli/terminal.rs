//! Makes text fit for a terminal or a log: control characters shown, phone numbers masked, statuses in colour, long lines wrapped.

use std::io::{self, IsTerminal, Write};

use serde_json::Value;

use crate::domain::number;
use crate::domain::status::Status;
pub use crate::domain::text::plain;
use crate::domain::text::wrap;

/// When statuses are printed in colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless the variable NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How text is printed where it goes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    has_color: bool,
    /// The width of the terminal, in columns.
    width: Option<usize>,
}

/// The width below which lines are left as they are.
const MIN_WIDTH: u16 = 40;

impl Style {
    /// The style of standard output.
    pub fn of_output(color: Color) -> Self {
        let size = terminal_size::terminal_size_of(io::stdout());
        Self::of(color, io::stdout().is_terminal(), size)
    }

    /// The style of standard error.
    pub fn of_error(color: Color) -> Self {
        let size = terminal_size::terminal_size_of(io::stderr());
        Self::of(color, io::stderr().is_terminal(), size)
    }

    fn of(color: Color, is_terminal: bool, size: Option<(terminal_size::Width, terminal_size::Height)>) -> Self {
        let refuses = || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let has_color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !refuses() && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
        };
        let width = size.map(|(width, _)| width.0).filter(|width| is_terminal && *width >= MIN_WIDTH);
        Self { has_color, width: width.map(usize::from) }
    }

    /// The width of the terminal, in columns; `None` elsewhere.
    pub const fn width(&self) -> Option<usize> {
        self.width
    }

    /// `text`, which names `status`, in the colour of that status.
    pub fn status(&self, status: Option<Status>, text: &str) -> String {
        if !self.has_color {
            return text.to_owned();
        }
        let color = match status {
            Some(Status::WaitingForYou) => 33,
            Some(Status::Scheduled) => 36,
            Some(Status::InProgress) => 34,
            Some(Status::Completed) => 32,
            Some(Status::Canceled) => 90,
            None => 31,
        };
        format!("\u{1b}[{color}m{text}\u{1b}[0m")
    }

    /// `text` with lines that are longer than the terminal is wide wrapped at words; as it is where nobody knows the width.
    pub fn wrap(&self, text: &str) -> String {
        let Some(width) = self.width else { return text.to_owned() };
        let wrapped = |line: &str| match line.contains('\u{1b}') {
            // These are short.
            true => line.to_owned(),
            false => wrap(line, width, line.len() - line.trim_start().len() + 2),
        };
        text.split('\n').map(wrapped).collect::<Vec<_>>().join("\n")
    }
}

/// The texts in `value` as [`plain`].
pub fn escaped(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(plain(&text)),
        Value::Array(values) => values.into_iter().map(escaped).collect(),
        Value::Object(entries) => entries.into_iter().map(|(key, value)| (key, escaped(value))).collect(),
        other => other,
    }
}

/// A word of the data as [`plain`], without what may be more of a phone number than its last four digits.
pub fn masked(text: &str) -> String {
    plain(&number::mask(text))
}

/// Writes `text` to standard error; that it cannot be written is no reason to fail.
pub fn eprint(text: &str) {
    let mut out = io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
