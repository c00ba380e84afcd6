//! The page of one number: where it stands and why, whose move it is, what to do, and its history.

use std::collections::HashSet;

use maud::{Markup, html};

use crate::domain::record::Field;
use crate::error::Result;
use crate::export::Options;
use crate::export::cell_words;
use crate::export::cells::Cell;
use crate::export::mail::address_of;
use crate::job::explained::{Explained, ExplainedRow, explain};
use crate::job::{self, LoadSpec};
use crate::report::words::Words;
use crate::report::{Column, build, style};
use crate::serve::reading::Reading;
use crate::serve::view::View;
use crate::source::events::timeline::Timeline;

/// The columns whose cells stand above the others, or say what the address says.
const SAID_ABOVE: [&str; 8] =
    ["phone_number", "status", "detail", "action_owner", "next_step", "quality_flags", "source_file", "source_row"];

/// What is known of the number `wanted`, in E.164.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn explained(reading: &Reading, wanted: &str) -> Result<Explained> {
    explain(wanted, wanted, reading.classified(), &reading.template.terms)
}

/// The rows of the number with all columns of the template that say something: caption and cell of each, in these words, and its key.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn cells((reading, words): (&Reading, &Words), wanted: &str) -> Result<Vec<Vec<(String, String, String)>>> {
    let columns: Vec<String> =
        reading.template.columns.iter().map(|column| column.key.to_owned()).filter(|key| reading.names().find(key).is_some()).collect();
    let found = reading.rows_of(wanted, columns)?;
    let table = build::numbers(&found, &reading.template)?;
    let table = table.table(0..table.rows)?;
    let cell = |column: &Column, row: usize| {
        let mut text = String::new();
        cell_words::write(Cell::of(&column.values, row)?, words, &mut text);
        Some((column.key.clone(), column.caption.clone(), text))
    };
    Ok((0..table.rows).map(|row| table.columns.iter().filter_map(|column| cell(column, row)).collect()).collect())
}

/// The events of the number, for which inputs that are files of events are read again. Whoever does not see all rows sees those events
/// alone that name the account or the partner of one of their own rows and nobody else, in a request of one of those rows: the number
/// may have been another's before, and the files may say more than when the rows were read.
///
/// # Errors
/// Whatever keeps them from being read.
pub fn timelines(load: &LoadSpec, explained: &Explained, reading: &Reading, sees_all: bool) -> Result<Vec<Timeline>> {
    if !explained.is_of_events() {
        return Ok(Vec::new());
    }
    let (found, _) = job::load::timelines(load, &reading.classified().rules, &explained.number)?;
    if sees_all {
        return Ok(found);
    }
    let own = OwnNames::of(reading, &explained.number)?;
    Ok(found.into_iter().filter_map(|timeline| own.keep(timeline)).collect())
}

/// What the rows of a number name: each with the column that it stands in, since an order may be called as a request is.
struct OwnNames {
    requests: HashSet<(Field, String)>,
    owners: HashSet<(Field, String)>,
}

impl OwnNames {
    /// The requests, orders and cases of the number's rows, and their accounts and partners.
    fn of(reading: &Reading, number: &str) -> Result<Self> {
        let frame = reading.classified().frame();
        let numbers = frame.column(Field::PhoneNumber.key())?;
        let rows: Vec<usize> = numbers.str()?.iter().enumerate().filter(|(_, own)| *own == Some(number)).map(|(row, _)| row).collect();
        let named = |fields: &[Field]| -> Result<HashSet<(Field, String)>> {
            let mut found = HashSet::new();
            for field in fields.iter().filter(|field| frame.has_values(field.key())) {
                let cells = frame.coded(field.key())?;
                found.extend(rows.iter().filter_map(|row| cells.text(*row)).map(|text| (*field, text.to_owned())));
            }
            Ok(found)
        };
        Ok(Self {
            requests: named(&[Field::RequestId, Field::OrderId, Field::CaseNumber])?,
            owners: named(&[Field::AccountId, Field::Partner])?,
        })
    }

    /// `timeline` without events that are not known to be of these names; nothing where none is left.
    fn keep(&self, mut timeline: Timeline) -> Option<Timeline> {
        timeline.request.as_ref().filter(|request| self.requests.contains(request))?;
        timeline.events.retain(|event| {
            let named = [(Field::AccountId, &event.account), (Field::Partner, &event.partner)];
            let mut named = named.into_iter().filter_map(|(field, name)| Some((field, name.clone()?))).peekable();
            named.peek().is_some() && named.all(|name| self.owners.contains(&name))
        });
        (!timeline.events.is_empty()).then_some(timeline)
    }
}

/// The content of the page; `timelines` are `None` where the events cannot be read again.
pub fn content(
    (reading, words): (&Reading, &Words),
    explained: &Explained,
    cells: &[Vec<(String, String, String)>],
    timelines: Option<&[Timeline]>,
    options: &Options,
) -> Markup {
    let number = &explained.number;
    let back = View::default().with("find", Some(number));
    html! {
        h1 { "Number " (number) }
        p.count { (words.thousands(explained.rows.len() as u64)) @if explained.rows.len() == 1 { " row" } @else { " rows" } " · " a href=(format!("/?{back}")) { "Show in the table" } }
        @if explained.rows.is_empty() { p.empty { "No row has this number." } }
        @for (index, row) in explained.rows.iter().enumerate() { (card(reading, (number, row), cells.get(index).map_or(&[], Vec::as_slice), options)) }
        @match timelines {
            None => { section.card { h2 { "Events" } p role="status" { "The events of this number cannot be shown, since the inputs cannot be read again just now. What stands above is of when they were read last." } } }
            Some([]) => {}
            Some(timelines) => { section.card { h2 { "Events" } @for timeline in timelines { (events(words, timeline)) } } }
        }
    }
}

fn card(reading: &Reading, (number, row): (&str, &ExplainedRow), cells: &[(String, String, String)], options: &Options) -> Markup {
    let case = cells.iter().find(|(key, _, _)| key == "case_number").map(|(_, _, text)| text.as_str()).unwrap_or_default();
    let mail = options.porting_team_email.as_deref().map(|address| address_of(address, &reading.template.words, (case, number)));
    html! {
        section.card {
            h2 { b class=(format!("s{}", style::place(row.code))) { (row.status) } " · " (row.detail) }
            dl {
                @if let Some(owner) = &row.action_owner { div { dt { "Whose move" } dd { (owner) } } }
                @if let Some(step) = &row.next_step { div { dt { "What to do" } dd { (step) } } }
                @if let Some(mail) = &mail { div { dt { "Ask" } dd { a href=(mail) { "Mail the porting team about this case" } } } }
                div { dt { "Why" } dd { (row.rule.why) " (" code { (row.rule.id) } ")"
                    @if !row.rule.holds.is_empty() { ul { @for holding in &row.rule.holds { li { (holding.condition) ": it is " (holding.value) } } } } } }
                @for (_, caption, text) in cells.iter().filter(|(key, _, _)| !SAID_ABOVE.contains(&key.as_str())) { div { dt { (caption) } dd { (text) } } }
                @if !row.quality_flags.is_empty() { div { dt { "Data quality" } dd { ul { @for flag in &row.quality_flags { li { (flag.meaning) } } } } } }
                div { dt { "Where it stands" } dd { (row.place.to_string()) } }
            }
            details.facts {
                summary { "What the rules saw" }
                dl { @for (key, value) in row.facts() { div { dt { (key) } dd { (value) } } } }
            }
        }
    }
}

fn events(words: &Words, timeline: &Timeline) -> Markup {
    let at = |micros: i64| {
        chrono::DateTime::from_timestamp_micros(micros)
            .map(|at| format!("{} {}", words.dates.day(at.date_naive()), at.format("%H:%MZ")))
            .unwrap_or_default()
    };
    html! {
        ol.events {
            @for event in &timeline.events {
                li {
                    time { (event.micros.map(at).unwrap_or_else(|| "(no time)".to_owned())) } " " (event.event.as_deref().unwrap_or("(unknown)"))
                    @if let Some(state) = event.state { " → " b { (state.code()) } }
                    @if let Some(actor) = &event.actor { " by " (actor) }
                    @if let Some(reason) = &event.reason { ": " (reason) }
                    @if let Some(illegal) = &event.illegal { p.warn { "Not allowed: " (illegal) } }
                }
            }
        }
    }
}
