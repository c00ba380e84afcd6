//! Says in the words of a template which rows a report shows, and in which order.

use crate::domain::status::{Status, UNKNOWN};
use crate::domain::text::isolated;
use crate::report::template::Template;
use crate::report::words::fill;
use crate::select::filter::{DateRange, Filter};
use crate::select::sort::SortKey;
use crate::select::{CheckedQuery, Selection};

/// The filters of `selection`, one sentence each; none when every row is shown.
pub fn filters(selection: &Selection, template: &Template) -> Vec<String> {
    let (query, words) = (&selection.query, &template.words);
    let is = |key: &str, what: &str| fill(&words.filter_is, &[("column", template.caption(key)), ("values", what)]);
    let caption = |key: &str, value: &String| match template.terms.term(key, value) {
        Some(term) => term.caption,
        None if value == UNKNOWN => words.unknown.clone(),
        None => isolated(value).into_owned(),
    };
    let filter = |filter: &Filter| match filter {
        Filter::OneOf(key, values) => is(key, &either(values.iter().map(|value| caption(key, value)), template)),
        Filter::Within(key, range) => is(key, &days(*range, template)),
        Filter::Closed(Status::Canceled, range) => fill(&words.filter_canceled, &[("days", &days(*range, template))]),
        Filter::Closed(_, range) => fill(&words.filter_completed, &[("days", &days(*range, template))]),
        Filter::ClosedSince(since) => fill(&words.filter_closed, &[("date", &words.dates.day(*since))]),
        Filter::Undated(_) => String::new(),
    };
    let judged = |(judge, undated): (&Filter, &u64)| {
        let said = filter(judge);
        let pattern = match judge {
            _ if *undated == 0 => return said,
            Filter::ClosedSince(_) => &words.filter_undated_stay,
            _ => &words.filter_undated_gone,
        };
        fill(pattern, &[("filter", &said), ("count", &words.thousands(*undated))])
    };
    let found = || either(query.terms.iter().map(|term| fill(&words.quoted, &[("text", &*isolated(&term.text))])), template);
    let found = (!query.terms.is_empty()).then(|| fill(&words.filter_find, &[("values", &found())]));
    let condition = match query.conditions.as_slice() {
        [] => None,
        [only] => Some(only.sql.clone()),
        several => Some(several.iter().map(|condition| format!("({})", condition.sql)).collect::<Vec<_>>().join(" AND ")),
    };
    let condition = condition.map(|condition| fill(&words.filter_where, &[("condition", &condition)]));
    let part = query.part.iter().map(|(key, value)| is(key, &isolated(value)));
    let ready = query.only_ready.then(|| words.ready_to_assign.clone());
    part.chain(ready).chain(query.filters.iter().zip(&selection.undated).map(judged)).chain(found).chain(condition).collect()
}

/// The order of `query` in one sentence.
pub fn order(query: &CheckedQuery, template: &Template) -> String {
    let words = &template.words;
    let column = |key: &SortKey| match key.descending {
        false => template.caption(key.key).to_owned(),
        true => fill(&words.descending, &[("column", template.caption(key.key))]),
    };
    let columns: Vec<String> = query.sort.iter().map(column).collect();
    fill(&words.order_by, &[("columns", &joined(&columns, &words.then, &words.list_separator))])
}

fn either(values: impl Iterator<Item = String>, template: &Template) -> String {
    joined(&values.collect::<Vec<_>>(), &template.words.either, &template.words.list_separator)
}

/// `values` in a list whose end is of the pattern `last`: `{first}`, `{last}`.
fn joined(values: &[String], last: &str, separator: &str) -> String {
    match values.split_last() {
        Some((end, start)) if !start.is_empty() => fill(last, &[("first", &start.join(separator)), ("last", end)]),
        _ => values.concat(),
    }
}

fn days(range: DateRange, template: &Template) -> String {
    let words = &template.words;
    match (range.from, range.to) {
        (Some(from), Some(to)) if from == to => words.dates.day(from),
        (Some(from), Some(to)) => fill(&words.from_to, &[("from", &words.dates.day(from)), ("to", &words.dates.day(to))]),
        (Some(from), None) => fill(&words.from_on, &[("from", &words.dates.day(from))]),
        (None, Some(to)) => fill(&words.up_to, &[("to", &words.dates.day(to))]),
        (None, None) => String::new(),
    }
}
