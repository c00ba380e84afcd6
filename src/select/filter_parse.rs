//! The words of filters: statuses, details, classes and dates as a person writes them. Reads words and nothing else.

use chrono::NaiveDate;

use crate::domain::lifecycle::State;
use crate::domain::reason::ActionOwner;
use crate::domain::status::{Detail, NumberType, Priority, Spelling, Status, fold};
use crate::error::{Error, Place, Result};

/// Days from one to another, both included, either side open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The last day.
    pub to: Option<NaiveDate>,
}

impl DateRange {
    /// Reads `2026-01-01..2026-01-31`, `2026-01-01..`, `..2026-01-31` or one day, for the option with the key `option`.
    ///
    /// # Errors
    /// [`Error::usage`] when the text is none of these, is open on both sides, or ends before it begins.
    pub fn parse(option: &'static str, text: &str) -> Result<Self> {
        let side = |text: &str| match text.trim() {
            "" => Ok(None),
            text => date(option, text).map(Some),
        };
        let range = match text.split_once("..") {
            Some((from, to)) => Self { from: side(from)?, to: side(to)? },
            None => Self { from: side(text)?, to: side(text)? },
        };
        match (range.from, range.to) {
            (None, None) => {
                Err(Error::usage(Place::option(option), "the range has no date", "write FROM..TO, FROM.. or ..TO with dates as yyyy-mm-dd"))
            }
            (Some(from), Some(to)) if from > to => Err(Error::usage(
                Place::option(option),
                format!("the range ends on {to}, before it begins on {from}"),
                "swap the two dates",
            )),
            _ => Ok(range),
        }
    }

    /// `from 2026-01-01 to 2026-01-31`, `from 2026-01-01 on`, `up to 2026-01-31` or the one day.
    pub fn sentence(&self) -> String {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from == to => from.to_string(),
            (Some(from), Some(to)) => format!("from {from} to {to}"),
            (Some(from), None) => format!("from {from} on"),
            (None, Some(to)) => format!("up to {to}"),
            (None, None) => "any day".to_owned(),
        }
    }
}

/// Reads one day, for the option with the key `option`.
///
/// # Errors
/// [`Error::usage`] when the text is not a date as yyyy-mm-dd.
pub fn date(option: &'static str, text: &str) -> Result<NaiveDate> {
    let text = text.trim();
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|_| text.len() == 10)
        .ok_or_else(|| Error::usage(Place::option(option), format!("'{text}' is not a date"), "write yyyy-mm-dd"))
}

/// The caption that `word` means in column `key`, whose cells are captions of a closed list: by code or caption, in any
/// case, with the aliases of the filters. `None` for a column that holds no such list.
///
/// # Errors
/// The captions of the list, when `word` is none of them.
pub fn listed(key: &str, word: &str, spelling: Spelling) -> Option<std::result::Result<&'static str, Vec<&'static str>>> {
    let of = |choices: Vec<&'static str>| {
        let found = choices.iter().find(|choice| fold(choice) == fold(word)).copied();
        found.ok_or(choices)
    };
    let of_status = |status: Status| spelling.status(Some(status));
    let of_detail = |detail: Detail| spelling.detail(Some(detail));
    Some(match key {
        "status" => status(word).map(of_status).map_err(|_| Status::ALL.iter().map(|status| of_status(*status)).collect()),
        "detail" => detail(word).map(of_detail).map_err(|_| Detail::ALL.iter().map(|detail| of_detail(*detail)).collect()),
        "class" => of(NumberType::ALL.iter().map(|class| class.caption()).collect()),
        "number_state" => of(State::ALL.iter().map(|state| state.caption()).collect()),
        "priority" => of(Priority::ALL.iter().map(|priority| priority.caption()).collect()),
        "owner" => of(ActionOwner::ALL.iter().map(|owner| owner.caption()).collect()),
        "order_basis" => of(vec!["given", "derived"]),
        "effective_port_basis" => of(vec!["confirmed", "estimated"]),
        "port_time_basis" => of(vec!["given", "standard time"]),
        _ => return None,
    })
}

/// Reads a status: one of the five by code or caption, in any case; `Confirmed` is Scheduled, and Canceled has two spellings.
///
/// # Errors
/// [`Error::usage`] that lists the five.
pub fn status(word: &str) -> Result<Status> {
    let folded = fold(word);
    let alias = match folded.as_str() {
        "confirmed" => Some(Status::Scheduled),
        "cancelled" => Some(Status::Canceled),
        _ => None,
    };
    let listed = Status::ALL.iter().copied().find(|status| fold(status.caption()) == folded);
    alias.or(listed).ok_or_else(|| unknown("status", word, Status::ALL.iter().map(|status| status.caption())))
}

/// Reads a detailed status: one of the fourteen by code or caption, in any case; Cancelled has two spellings.
///
/// # Errors
/// [`Error::usage`] that lists the fourteen.
pub fn detail(word: &str) -> Result<Detail> {
    let folded = fold(word);
    let alias = (folded == "canceled").then_some(Detail::Cancelled);
    let listed = Detail::ALL.iter().copied().find(|detail| fold(detail.caption()) == folded);
    alias.or(listed).ok_or_else(|| unknown("detail", word, Detail::ALL.iter().map(|detail| detail.caption())))
}

/// Reads a class: local or toll-free, in any case.
///
/// # Errors
/// [`Error::usage`] that lists the two.
pub fn class(word: &str) -> Result<NumberType> {
    let folded = fold(word);
    let listed = NumberType::ALL.iter().copied().find(|class| fold(class.caption()) == folded);
    listed.ok_or_else(|| unknown("class", word, ["local", "toll-free"].into_iter()))
}

fn unknown<'a>(option: &'static str, word: &str, choices: impl Iterator<Item = &'a str>) -> Error {
    let choices: Vec<_> = choices.collect();
    Error::usage(Place::option(option), format!("'{}' is not known", word.trim()), format!("choose from {}", choices.join(", ")))
}

/// `a`, `a or b`, `a, b or c`.
pub fn join_or(words: &[impl AsRef<str>]) -> String {
    joined(words, " or ")
}

/// `a`, `a, then b`, `a, b, then c`.
pub fn join_then(words: &[impl AsRef<str>]) -> String {
    joined(words, ", then ")
}

fn joined(words: &[impl AsRef<str>], last: &str) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((end, rest)) => format!("{}{last}{end}", rest.join(", ")),
    }
}
