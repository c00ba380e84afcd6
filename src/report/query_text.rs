//! Says in the words of a template which rows a report shows, and in which order.

use crate::report::template::Template;
use crate::report::words::fill;
use crate::select::CheckedQuery;
use crate::select::filter_parse::DateRange;
use crate::select::sort::Direction;

/// The filters of `query`, one sentence each; none when every row is shown.
pub fn filters(query: &CheckedQuery, template: &Template) -> Vec<String> {
    let (words, filters) = (&template.words, &query.filters);
    let caption = |key: &str| template.column(key).map_or_else(|| key.to_owned(), |column| column.caption);
    let is = |key: &str, what: &str| fill(&words.filter_is, &[("column", &caption(key)), ("values", what)]);
    let any_of = |key: &str, values: &[String]| (!values.is_empty()).then(|| is(key, &either(values, template)));
    let term = |list: &str, code: &str| template.terms.term(list, code).map_or_else(|| code.to_owned(), |term| term.caption);
    let terms = |list: &str, codes: &mut dyn Iterator<Item = &str>| any_of(list, &codes.map(|code| term(list, code)).collect::<Vec<_>>());
    let within = |key: &str, range: Option<DateRange>| range.map(|range| is(key, &days(range, template)));
    let closed = filters.closed_since.map(|since| fill(&words.filter_closed, &[("date", &since.to_string())]));
    let found: Vec<String> = query.terms.iter().map(|term| fill(&words.quoted, &[("text", term.text())])).collect();
    let found = (!found.is_empty()).then(|| fill(&words.filter_find, &[("values", &either(&found, template))]));
    let condition = match query.conditions.as_slice() {
        [only] => only.sql().to_owned(),
        several => several.iter().map(|condition| format!("({})", condition.sql())).collect::<Vec<_>>().join(" OR "),
    };
    let condition = (!condition.is_empty()).then(|| fill(&words.filter_where, &[("condition", &condition)]));
    [
        any_of("account_id", &filters.accounts),
        terms("status", &mut filters.statuses.iter().map(|status| status.code())),
        terms("detail", &mut filters.details.iter().map(|detail| detail.code())),
        terms("number_type", &mut filters.number_types.iter().map(|number_type| number_type.code())),
        any_of("partner", &filters.partners),
        any_of("request_id", &filters.requests),
        any_of("case_number", &filters.cases),
        within("created_date", filters.created),
        within("confirmed_date", filters.confirmed),
        within("estimated_date", filters.estimated),
        closed,
        found,
        condition,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The order of `query` in one sentence.
pub fn order(query: &CheckedQuery, template: &Template) -> String {
    let words = &template.words;
    let column = |key: &str| template.column(key).map_or_else(|| key.to_owned(), |column| column.caption);
    let columns: Vec<String> = query
        .sort
        .iter()
        .map(|key| match key.direction {
            Direction::Ascending => column(key.key),
            Direction::Descending => fill(&words.descending, &[("column", &column(key.key))]),
        })
        .collect();
    fill(&words.order_by, &[("columns", &joined(&columns, &words.then, &words.list_separator))])
}

fn either(values: &[String], template: &Template) -> String {
    joined(values, &template.words.either, &template.words.list_separator)
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
        (Some(from), Some(to)) if from == to => from.to_string(),
        (Some(from), Some(to)) => fill(&words.from_to, &[("from", &from.to_string()), ("to", &to.to_string())]),
        (Some(from), None) => fill(&words.from_on, &[("from", &from.to_string())]),
        (None, Some(to)) => fill(&words.up_to, &[("to", &to.to_string())]),
        (None, None) => String::new(),
    }
}
