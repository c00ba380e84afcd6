//! The page of counts: by status, age, week and reason, each of which leads to its rows.

use maud::{Markup, html};

use crate::domain::date::text::{append, write_date};
use crate::domain::status::Status;
use crate::export::cell_words;
use crate::export::cells::Cell;
use crate::history::Changes;
use crate::report::glossary::QUALITY_FLAGS;
use crate::report::{Column, Content, Report, SectionId, style, summary};
use crate::serve::changes_page;
use crate::serve::charts::{Bar, bars};
use crate::serve::view::View;

/// Rows of a table of counts that are shown.
const MOST_ROWS: usize = 12;

/// The content of the page, of the `report` of the rows that `view` asks for, and of their `changes`, where there is an earlier one.
pub fn content(view: &View, report: &Report, changes: Option<&Changes>) -> Markup {
    let figures = &report.cover.figures;
    html! {
        h1 { "Summary" }
        p.count role="status" {
            strong { (report.words.thousands(figures.rows)) } " numbers"
            @if view.filters() > 0 { ", filtered: " (report.filters()) " " a href="/summary" { "Show all" } }
        }
        div.cards {
            (bars(&report.words, "By status", "", &by_status(report, view, figures)))
            @if let Some(changes) = changes { (changes_page::counts(report, changes, Some(&format!("/changes?{}", view.address())))) }
            (bars(&report.words, "Going live by week", "Open numbers by their confirmed date, else the estimated one.", &by_week(report, view, figures)))
            (of_section(report, view, SectionId::Ageing))
            (of_section(report, view, SectionId::RejectionsByReason))
            (of_section(report, view, SectionId::RiskCounts))
            (of_section(report, view, SectionId::DataQuality))
        }
    }
}

fn by_status(report: &Report, view: &View, figures: &summary::Summary) -> Vec<Bar> {
    let caption = |status: Option<Status>| figures.spelling.status(status).to_owned();
    let bar = |(status, count): &(Option<Status>, u64)| Bar {
        label: if status.is_none() { report.words.unknown.clone() } else { caption(*status) },
        count: *count,
        leads_to: Some(format!("/?{}", view.with("status", Some(status.map_or("(unknown)", |status| status.code()))))),
        class: format!("s{}", style::place(*status)),
    };
    figures.by_status.iter().map(bar).collect()
}

fn by_week(report: &Report, view: &View, figures: &summary::Summary) -> Vec<Bar> {
    let upcoming = &figures.upcoming;
    let shown = |day: i32| {
        let mut out = String::new();
        append(&mut out, |ascii| report.words.dates.write_date(ascii, day));
        out
    };
    let open = Status::OPEN.map(|status| format!("'{}'", status.code())).join(", ");
    let week = |(first, counts): &(i32, [u64; 2])| {
        let last = first + 6 - (first + 3).rem_euclid(7);
        let condition =
            format!("effective_port_date >= '{}' and effective_port_date <= '{}' and status in ({open})", iso(*first), iso(last));
        Bar {
            label: shown(*first),
            count: counts.iter().sum(),
            leads_to: Some(format!("/?{}", view.where_also(&condition))),
            class: "s1".to_owned(),
        }
    };
    upcoming.weeks.iter().map(week).collect()
}

/// A day as `2026-11-21`.
fn iso(days: i32) -> String {
    let mut out = String::new();
    append(&mut out, |ascii| write_date(ascii, days));
    out
}

/// The rows of the small or long table `id`, whose last column may hold a condition that asks for the rows of each; or which counts
/// flags.
fn of_section(report: &Report, view: &View, id: SectionId) -> Markup {
    let Some(section) = report.section(id) else { return html! {} };
    let (table, shown) = match &section.content {
        Content::Table { table, totals } => (table.clone(), table.rows - totals),
        Content::Rows(rows) => match rows.table(0..(rows.rows - rows.totals).min(MOST_ROWS)) {
            Ok(table) => {
                let shown = table.rows;
                (table, shown)
            }
            Err(_) => return html! {},
        },
        _ => return html! {},
    };
    let text = |column: &Column, row: usize| {
        let mut out = String::new();
        Cell::of(&column.values, row).into_iter().for_each(|cell| cell_words::write(cell, &report.words, &mut out));
        out
    };
    let figure = |row: usize| {
        let count = |column: &Column| match Cell::of(&column.values, row) {
            Some(Cell::Count(count)) => Some(count.unsigned_abs()),
            _ => None,
        };
        // By age the last figure of a row is that of all statuses; elsewhere the first counts the rows.
        let found = if id == SectionId::Ageing { table.columns.iter().rev().find_map(count) } else { table.columns.iter().find_map(count) };
        found.unwrap_or(0)
    };
    let asked = |row: usize| match table.columns.iter().rev().find(|column| column.key == "rows") {
        Some(last) => Some(text(last, row)).filter(|condition| !condition.is_empty()),
        // Of the flags of a row each stands between others.
        None => {
            let term = table.columns.first()?.values.term(row).filter(|term| term.list == QUALITY_FLAGS)?;
            Some(format!("' ' || quality_flags || ';' like '% {};%'", term.code))
        }
    };
    let made = (0..shown).map(|row| Bar {
        label: table.columns.first().map(|column| text(column, row)).unwrap_or_default(),
        count: figure(row),
        leads_to: asked(row).map(|condition| format!("/?{}", view.where_also(&condition))),
        class: "s1".to_owned(),
    });
    bars(&report.words, &section.heading, &section.explanation, &made.collect::<Vec<_>>())
}
