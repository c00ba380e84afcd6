//! The page of what changed since an earlier report: how many numbers each thing happened to, and which they are.

use maud::{Markup, html};

use crate::domain::change::ChangeKind;
use crate::error::Result;
use crate::history::Changes;
use crate::report::{Column, Content, Report, SectionId, Table};
use crate::serve::charts::{Bar, bars};
use crate::serve::rows_table::rows_table;
use crate::serve::view::View;

/// The content of the page, of what became of the rows that `view` asks for, and how many rows it shows.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn content(view: &View, report: &Report, changes: Option<&Changes>) -> Result<(Markup, u64)> {
    let Some(changes) = changes else {
        let none = html! { h1 { "Changes" } p.empty { "There is no earlier report to compare with. Start the viewer with --since, or with a job file whose runs are kept." } };
        return Ok((none, 0));
    };
    let section = report.section(SectionId::Changes);
    let (table, all) = match section.map(|section| &section.content) {
        Some(Content::Rows(rows)) => {
            let last = (rows.rows as u64).div_ceil(view.size).max(1);
            let start = ((view.page.min(last) - 1) * view.size) as usize;
            (Some((rows.table(start..(start + view.size as usize).min(rows.rows))?, start)), rows.rows)
        }
        _ => (None, 0),
    };
    let shown = table.as_ref().map_or(0, |(table, _)| table.rows) as u64;
    let content = html! {
        h1 { "Changes" }
        p.count role="status" { "Since " (report.words.instant(changes.since)) @if view.filters() > 0 { ", filtered: " (report.filters()) " " a href="/changes" { "Show all" } } }
        div.cards { (counts(report, changes, None)) }
        @match &table {
            Some((table, start)) if table.rows > 0 => { (listed(view, report, table, (*start, all))) }
            _ => { p.empty { "Nothing changed since then." } }
        }
    };
    Ok((content, shown))
}

/// How many numbers each thing happened to, as bars that lead to the address `leads_to`; what happened to none is left out.
pub fn counts(report: &Report, changes: &Changes, leads_to: Option<&str>) -> Markup {
    let counted = changes.counts.iter().filter(|(_, numbers)| *numbers > 0);
    let bar = |(kind, numbers): &(ChangeKind, u64)| Bar {
        label: capitalised(&kind.to_string()),
        count: *numbers,
        leads_to: leads_to.map(str::to_owned),
        class: "s1".to_owned(),
    };
    // The page of changes says it already.
    let since = leads_to.map(|_| format!("Since {}.", report.words.instant(changes.since))).unwrap_or_default();
    bars(&report.words, "What changed", &since, &counted.map(bar).collect::<Vec<_>>())
}

/// `text` with a capital letter.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn listed(view: &View, report: &Report, table: &Table, (start, all): (usize, usize)) -> Markup {
    let last = (all as u64).div_ceil(view.size).max(1);
    let page = start as u64 / view.size + 1;
    let thousands = |count: u64| report.words.thousands(count);
    let to = |page: u64| format!("/changes?{}", view.with("page", Some(&page.to_string())));
    let head = |column: &Column| html! { th scope="col" class=[column.kind.is_figure().then_some("n")] title=(column.meaning) { (column.caption) } };
    html! {
        nav.pager.tools aria-label="Pages of the table" {
            @if page > 1 { a.button href=(to(1)) { "First" } a.button href=(to(page - 1)) { "Previous" } }
            span { "Rows " (thousands(start as u64 + 1)) " to " (thousands((start + table.rows) as u64)) " of " (thousands(all as u64)) ", page " (thousands(page)) " of " (thousands(last)) }
            @if page < last { a.button href=(to(page + 1)) { "Next" } a.button href=(to(last)) { "Last" } }
        }
        (rows_table(&report.words, table, head, None))
    }
}
