//! Where in the text of a template stands what is wrong with it.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Error, Place};
use crate::templates::position_at;

/// `error` with the line and column of what it is about in `text`, the template `file`, where it names an entry that stands there: a key, a table of
/// terms, `section` and its id, or `column` and its key. Of a list the word that the error quotes is meant.
pub fn located(error: Error, text: &str, file: &str) -> Error {
    let Place::Config { file: at, line: None, column: None, entry: Some(entry) } = &error.place else { return error };
    if at != file {
        return error;
    }
    let Ok(table) = DeTable::parse(text) else { return error };
    let Some(range) = range_of(table.get_ref(), entry, text) else { return error };
    let word = error.what.split('\'').nth(1).filter(|word| !word.is_empty());
    let start = word.and_then(|word| text.get(range.clone())?.find(word)).unwrap_or(0) + range.start;
    let (line, column) = position_at(text, start);
    let place = Place::Config { file: file.to_owned(), line: Some(line), column: Some(column), entry: Some(entry.clone()) };
    error.in_config(place)
}

/// The bytes of `text` that `entry` takes.
fn range_of(table: &DeTable<'_>, entry: &str, text: &str) -> Option<Range<usize>> {
    match entry.split_once(' ') {
        Some(("section", id)) => element(table, "sections", ("id", id), text),
        Some(("column", key)) => element(table, "columns", ("key", key), text),
        _ => {
            let mut parts = entry.split('.');
            let mut value = table.get(parts.next()?)?;
            for part in parts {
                value = value.get_ref().as_table()?.get(part)?;
            }
            Some(whole(value, text))
        }
    }
}

/// The last of the tables `list` whose `key` is `value`: of two it is the second that is one too many.
fn element(table: &DeTable<'_>, list: &str, (key, value): (&str, &str), text: &str) -> Option<Range<usize>> {
    let elements = table.get(list)?.get_ref().as_array()?;
    let is_meant =
        |element: &&Spanned<DeValue<'_>>| element.get_ref().as_table().and_then(|table| table.get(key)?.get_ref().as_str()) == Some(value);
    elements.iter().rev().find(is_meant).map(|element| whole(element, text))
}

/// The bytes of a value; of a table with a header line those up to the next one.
fn whole(value: &Spanned<DeValue<'_>>, text: &str) -> Range<usize> {
    let Range { start, end } = value.span();
    let is_below_header = value.get_ref().is_table() && !text[start..].starts_with('{');
    let next = || text[end..].find("\n[").map_or(text.len(), |next| end + next);
    start..if is_below_header { next() } else { end }
}
