//! Which values of the filters no row has, whatever the other filters.

use foldhash::HashSet;

use crate::classify::Classified;
use crate::domain::columns::column;
use crate::domain::status::UNKNOWN;
use crate::domain::text::numbered;
use crate::error::Result;
use crate::select::filter::{Filter, join_or};
use crate::select::find::Search;
use crate::select::{CheckedQuery, Selection};

/// Values that are named; of further ones the number is.
const NAMED: usize = 10;

/// A sentence for each filter of `selection` that asks for values which no row has, and for each text that is found nowhere.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn sentences(selection: &Selection) -> Result<Vec<String>> {
    let (classified, query) = (selection.numbers(), &selection.query);
    let mut sentences = Vec::new();
    for filter in &query.filters {
        let Filter::OneOf(key, words) = filter else { continue };
        let folds = |word: &str| if *key == "partner" { word.to_lowercase() } else { word.to_owned() };
        let mut missing: HashSet<String> = words.iter().map(|word| folds(word)).collect();
        remove_found(classified, key, &mut missing, folds)?;
        let mut values: Vec<&str> = Vec::new();
        for word in words.iter().filter(|word| missing.contains(&folds(word))) {
            let value = shown(query, key, word);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if !values.is_empty() {
            sentences.push(sentence(key, &values));
        }
    }
    // One text that is to be found is found where any row was selected.
    let is_open = query.terms.len() > 1 || selection.rows.is_empty();
    for term in query.terms.iter().filter(|_| is_open).take(NAMED) {
        let search = Search { terms: std::slice::from_ref(term), names: &query.names, shown: &query.columns };
        if !search.mask(classified, None)?.any() {
            sentences.push(format!("no row contains '{}'", term.text));
        }
    }
    Ok(sentences)
}

/// Takes out of `missing` what some row has in column `key`.
fn remove_found(classified: &Classified, key: &str, missing: &mut HashSet<String>, folds: impl Fn(&str) -> String) -> Result<()> {
    let frame = classified.frame();
    if frame.texts(key).is_none() {
        let cells = frame.column(key)?;
        for cell in cells.str()?.iter() {
            if missing.is_empty() {
                break;
            }
            missing.remove(&cell.map_or_else(|| UNKNOWN.to_owned(), &folds));
        }
        return Ok(());
    }
    let coded = frame.coded(key)?;
    let mut is_used = vec![false; coded.texts.len()];
    for code in coded.codes.iter() {
        match code {
            Some(code) => is_used[code as usize] = true,
            None => {
                missing.remove(UNKNOWN);
            }
        }
    }
    let used = coded.texts.iter().zip(is_used).filter(|(_, is_used)| *is_used);
    used.filter_map(|(text, _)| text).for_each(|text| {
        missing.remove(&folds(text));
    });
    Ok(())
}

/// The value as a reader of the report sees it.
fn shown<'a>(query: &'a CheckedQuery, key: &str, word: &'a str) -> &'a str {
    let listed = column(key).filter(|column| column.is_closed_list());
    let term = listed.and_then(|column| {
        let place = query.names.term(column, word)?;
        query.names.terms_of(column).get(place).copied()
    });
    term.unwrap_or(word)
}

/// `no row has account NOPE`.
fn sentence(key: &str, values: &[&str]) -> String {
    let what = match key {
        "account_id" => "account",
        "request_id" => "request",
        "case_number" => "case",
        "number_type" => "number type",
        key => key,
    };
    match values.len().saturating_sub(NAMED) {
        0 => format!("no row has {what} {}", join_or(values)),
        more => {
            let others = numbered(more as u64, "other", "others");
            format!("no row has {what} {}, nor {others} asked for", values[..NAMED].join(", "))
        }
    }
}
