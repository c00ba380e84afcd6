//! The page of numbers: filters, pages, order, columns, and a table.

use maud::{Markup, html};

use crate::domain::columns::COLUMNS;
use crate::error::Result;
use crate::export::FORMATS;
use crate::report::words::Words;
use crate::report::{Column, build};
use crate::select::Selection;
use crate::select::sort::DEFAULT;
use crate::serve::filter_form::filter_form;
use crate::serve::reading::Reading;
use crate::serve::rows_table::rows_table;
use crate::serve::view::View;

/// Sizes of pages that are offered.
const SIZES: [u64; 5] = [25, 50, 100, 200, 500];

/// Where a text was found among the rows.
pub struct Hits {
    /// How many rows have it.
    pub count: u64,
    /// Which of them is shown, from 1.
    pub shown: u64,
    /// Its place among all rows, from 0.
    pub place: u64,
}

/// The rows of `all` that have the text that `view` seeks; `None` where it seeks none.
///
/// # Errors
/// What is wrong with the text.
pub fn hits(reading: &Reading, view: &View, all: &Selection) -> Result<Option<Hits>> {
    if view.one("seek").is_empty() {
        return Ok(None);
    }
    let found = reading.rows_with(view)?;
    let count = found.rows.len() as u64;
    let shown = view.hit.clamp(1, count.max(1));
    let wanted = if count == 0 { None } else { found.rows.get(shown as usize - 1) };
    let place = wanted.and_then(|wanted| all.rows.iter().position(|row| row == Some(wanted))).unwrap_or(0) as u64;
    Ok(Some(Hits { count, shown, place }))
}

/// The content of the page, in these words.
///
/// # Errors
/// What is wrong with the filters; those of polars, which are bugs of ours.
pub fn content((reading, words): (&Reading, &Words), view: &View, selection: &Selection, hits: Option<&Hits>) -> Result<Markup> {
    let table = build::numbers(selection, &reading.template)?;
    let rows = table.table(0..table.rows)?;
    let page = selection.page;
    let first = page.map_or(0, |page| page.range().start as u64);
    let total = selection.rows.len() as u64;
    let thousands = |count: u64| words.thousands(count);
    Ok(html! {
        h1 { "Numbers" }
        (filter_form(reading, view))
        section.tools aria-label="Pages, columns and exports" {
            p.count role="status" {
                strong data-total=(total) { (thousands(total)) } @if total == 1 { " number" } @else { " numbers" }
                @if view.filters() > 0 { " of " (thousands(reading.classified().frame().height() as u64)) }
                @if rows.rows > 0 { ", rows " (thousands(first + 1)) " to " (thousands(first + rows.rows as u64)) }
            }
            (pager(words, view, selection))
            (seeking(words, view, hits))
            (column_choice(reading, view, selection))
            (exports(view))
            div.screen {
                button type="button" data-zoom="-1" { "Smaller" }
                button type="button" data-zoom="1" { "Larger" }
                button type="button" data-print { "Print" }
                button type="button" data-copy { "Copy link" }
            }
        }
        @if total == 0 {
            p.empty { "No number is like that. Take a filter away, or clear all." }
        } @else {
            @let hit = hits.filter(|hits| hits.count > 0 && hits.place >= first).map(|hits| (hits.place - first) as usize);
            (rows_table(words, &rows, |column| header(view, column), hit))
        }
    })
}

fn pager(words: &Words, view: &View, selection: &Selection) -> Markup {
    let (number, of) = selection.page.map_or((1, 1), |page| (page.number, page.of));
    let link = |caption: &str, sign: &str, to: u64, is_there: bool| {
        let address = format!("/?{}", view.with("page", Some(&to.to_string())));
        html! {
            @if is_there { a.button href=(address) aria-label=(caption) title=(caption) { (sign) } }
            @else { span.button aria-disabled="true" aria-hidden="true" { (sign) } }
        }
    };
    html! {
        nav.pager aria-label="Pages of the table" {
            (link("First page", "«", 1, number > 1))
            (link("Previous page", "‹", number.saturating_sub(1).max(1), number > 1))
            form method="get" action="/" {
                @for (key, value) in view.carried(&["page", "hit", "seek"]) { input type="hidden" name=(key) value=(value); }
                label { "Page " input type="number" name="page" min="1" max=(of) value=(number) inputmode="numeric"; }
                " of " (words.thousands(of)) " "
                label { "Rows " select name="size" { @for size in SIZES { option value=(size) selected[size == view.size] { (size) } } } }
                button type="submit" { "Go" }
            }
            (link("Next page", "›", number + 1, number < of))
            (link("Last page", "»", of, number < of))
        }
    }
}

fn seeking(words: &Words, view: &View, hits: Option<&Hits>) -> Markup {
    let step = |to: u64| format!("/?{}", view.with("hit", Some(&to.to_string())));
    html! {
        form.seek method="get" action="/" {
            @for (key, value) in view.carried(&["seek", "hit", "page"]) { input type="hidden" name=(key) value=(value); }
            label { "Find in these " input type="search" name="seek" value=(view.one("seek")); }
            button type="submit" { "Find" }
            @if let Some(hits) = hits {
                @if hits.count == 0 { span role="status" { "nowhere" } }
                @else {
                    span role="status" { (words.thousands(hits.shown)) " of " (words.thousands(hits.count)) }
                    a.button href=(step(if hits.shown > 1 { hits.shown - 1 } else { hits.count })) aria-label="The one before" { "▲" }
                    a.button href=(step(if hits.shown < hits.count { hits.shown + 1 } else { 1 })) aria-label="The next one" { "▼" }
                }
            }
        }
    }
}

fn column_choice(reading: &Reading, view: &View, selection: &Selection) -> Markup {
    let shown = &selection.query.columns;
    let others = COLUMNS
        .iter()
        .map(|column| column.key)
        .filter(|key| reading.template.columns.iter().any(|spec| spec.key == *key) && !shown.contains(key));
    html! {
        details.columns {
            summary { "Columns" }
            form method="get" action="/" {
                @for (key, value) in view.carried(&["columns"]) { input type="hidden" name=(key) value=(value); }
                ol {
                    @for key in shown.iter().copied().chain(others) {
                        li {
                            label { input type="checkbox" name="columns" value=(key) checked[shown.contains(&key)]; (reading.names().caption(key)) }
                            button type="submit" name="up" value=(key) data-up aria-label=(format!("Move {} up", reading.names().caption(key))) { "↑" }
                        }
                    }
                }
                button type="submit" { "Show these" }
            }
        }
    }
}

fn exports(view: &View) -> Markup {
    html! {
        details.exports {
            summary { "Export" }
            ul {
                @for format in FORMATS {
                    li { a href=(format!("/export/{}?{}", format.name(), view.address())) download { (format.name().to_uppercase()) } }
                }
            }
        }
    }
}

/// The head of a column, which sorts by it, and the other way round where that is done already.
fn header(view: &View, column: &Column) -> Markup {
    let by = view.one("sort");
    let (own, down) = (column.key.as_str(), format!("{}:desc", column.key));
    let order = match by {
        by if by == own => Some("ascending"),
        by if by == down => Some("descending"),
        "" if DEFAULT.first().is_some_and(|key| key.key == own) => Some("ascending"),
        _ => None,
    };
    let next = if order == Some("ascending") { down.as_str() } else { own };
    html! {
        th scope="col" class=[column.kind.is_figure().then_some("n")] aria-sort=[order] title=(column.meaning) {
            a href=(format!("/?{}", view.with("sort", Some(next)))) {
                (column.caption)
                @match order { Some("ascending") => { span aria-hidden="true" { " ▲" } } Some(_) => { span aria-hidden="true" { " ▼" } } None => {} }
            }
        }
    }
}
