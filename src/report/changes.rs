//! Lists what became of numbers since an earlier report: those that something happened to, and those that are gone.

use polars::prelude::*;

use crate::clock::AsOf;
use crate::domain::change::ChangeKind;
use crate::domain::columns::ColumnType;
use crate::domain::date::text::append;
use crate::domain::record::Field;
use crate::error::Result;
use crate::history::{Change, Changes};
use crate::report::glossary::CHANGES;
use crate::report::table::{Column, Values};
use crate::report::template::Template;
use crate::report::words::fill;
use crate::select::Selection;
use crate::source::CodedText;

/// Characters of the column that says what happened.
const WIDTH: f32 = 44.0;

/// What happened to each of the numbers that are still there, in words.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn told(changes: &Changes, selection: &Selection, template: &Template) -> Result<Column> {
    let coded =
        |key: &str| -> Result<[CodedText; 2]> { Ok([changes.before.frame().coded(key)?, selection.classified.frame().coded(key)?]) };
    let teller = Teller { template, status: coded("status")?, detail: coded("detail")?, reasons: coded(Field::RejectReason.key())? };
    Ok(column(Values::text(changes.changed.iter().map(|change| Some(teller.tell(change)))), template))
}

/// As [`told`], of the numbers that are gone.
pub fn gone(changes: &Changes, template: &Template) -> Column {
    let caption = term(template, ChangeKind::Gone);
    column(Values::text(changes.gone.iter().map(|_| Some(&caption))), template)
}

fn column(values: Values, template: &Template) -> Column {
    Column { width_characters: WIDTH, ..Column::new("changes", &template.words.changes_in_words, ColumnType::Text, values) }
}

/// How many numbers each thing happened to, in a line: `3 new, 12 moved`; what happened to none is left out.
pub fn counts(changes: &Changes, template: &Template) -> String {
    let words = &template.words;
    let count = |(kind, numbers): &(ChangeKind, u64)| {
        let caption = term(template, *kind);
        fill(&words.change_count, &[("count", &words.thousands(*numbers)), ("change", &caption)])
    };
    let counts: Vec<String> = changes.counts.iter().filter(|(_, numbers)| *numbers > 0).map(count).collect();
    if counts.is_empty() { words.no_changes.clone() } else { counts.join(&words.list_separator) }
}

/// The `pattern` of a section's explanation with the instant of the earlier report and the counts, where there is one.
pub fn explained(pattern: &str, changes: Option<&(AsOf, String)>, template: &Template) -> String {
    let Some((since, counts)) = changes else { return pattern.to_owned() };
    fill(pattern, &[("instant", &template.words.instant(*since)), ("counts", counts)])
}

fn term(template: &Template, kind: ChangeKind) -> String {
    template.terms.term(CHANGES, kind.code()).map(|term| term.caption).unwrap_or_default()
}

/// Puts what happened to a number into words; of each pair the first is of the earlier state.
struct Teller<'a> {
    template: &'a Template,
    status: [CodedText; 2],
    detail: [CodedText; 2],
    reasons: [CodedText; 2],
}

impl Teller<'_> {
    fn tell(&self, change: &Change) -> String {
        let parts = ChangeKind::ALL.iter().filter(|kind| change.is(**kind)).filter_map(|kind| self.part(*kind, change));
        parts.collect::<Vec<String>>().join(&self.template.words.reason_separator)
    }

    /// What is said of one kind; nothing of what another one says better.
    fn part(&self, kind: ChangeKind, change: &Change) -> Option<String> {
        let words = &self.template.words;
        let caption = || term(self.template, kind);
        let date = |place: usize| {
            let mut text = String::new();
            append(&mut text, |ascii| words.dates.write_date(ascii, change.confirmed[place].unwrap_or_default()));
            text
        };
        let from_to = |before: &str, now: &str| fill(&words.change_from_to, &[("before", before), ("now", now)]);
        let listed = |list: &str, texts: &[CodedText; 2]| {
            let [before, now] = [texts[0].text(change.before as usize), texts[1].text(change.row as usize)];
            from_to(&self.caption(list, before), &self.caption(list, now))
        };
        Some(match kind {
            ChangeKind::Completed if change.is(ChangeKind::Moved) => return None,
            ChangeKind::Moved => listed("status", &self.status),
            ChangeKind::DetailChanged => listed("detail", &self.detail),
            ChangeKind::ConfirmedSet => fill(&words.change_dated, &[("change", &caption()), ("date", &date(1))]),
            ChangeKind::ConfirmedLost => fill(&words.change_dated, &[("change", &caption()), ("date", &date(0))]),
            ChangeKind::ConfirmedMoved => {
                let slip = change.confirmed[1].unwrap_or_default() - change.confirmed[0].unwrap_or_default();
                let pattern = if slip.abs() == 1 { &words.change_by_day } else { &words.change_by_days };
                let days = format!("{slip:+}");
                fill(pattern, &[("change", &caption()), ("days", &days), ("from_to", &from_to(&date(0), &date(1)))])
            }
            ChangeKind::ReasonChanged => {
                let [before, now] = [self.reasons[0].text(change.before as usize), self.reasons[1].text(change.row as usize)];
                match before.zip(now) {
                    Some((before, now)) => fill(&words.change_of, &[("change", &caption()), ("from_to", &from_to(before, now))]),
                    None => caption(),
                }
            }
            _ => caption(),
        })
    }

    fn caption(&self, list: &str, code: Option<&str>) -> String {
        let term = code.and_then(|code| self.template.terms.term(list, code));
        term.map_or_else(|| self.template.words.unknown.clone(), |term| term.caption)
    }
}

/// The rows of the numbers that are still there.
pub fn rows(changes: &Changes) -> IdxCa {
    changes.changed.iter().map(|change| Some(change.row)).collect()
}
