//! Decides how many fields a row has, where the header has more or fewer than the rows below it.

use std::collections::BTreeMap;

use crate::domain::text::{counted, thousands};
use crate::source::csv::record::{Dialect, Width};
use crate::source::csv::sample::{Sampled, is_figure, looks_like_header, names};

/// Cells of a column that are looked at to learn whether it holds figures.
const JUDGED_ROWS: usize = 50;

/// The names of the columns and the width of the rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    pub(crate) names: Vec<String>,
    pub(crate) width: Width,
    /// How the two were brought together, if they differ.
    pub(crate) note: Option<String>,
}

/// Fits the header's names to the first rows. All rows have one width: the header's, or the one that most rows share
/// where hardly a row has the header's and one of three rules says which columns there are. Rows of another width are
/// refused; where no rule says it, that is all of them, or with `in_order` names and fields are put side by side as they come.
pub(crate) fn lay_out(text: &str, names: Vec<String>, rows: &[Sampled], in_order: bool) -> Layout {
    let header = names.len();
    let rows: Vec<&Sampled> = rows.iter().filter(|row| row.closed && !row.is_blank(text) && !is_comment(text, row, header)).collect();
    let mut counts = BTreeMap::<usize, usize>::new();
    rows.iter().for_each(|row| *counts.entry(row.fields.len()).or_default() += 1);
    let own = counts.get(&header).copied().unwrap_or(0);
    let most = counts.into_iter().max_by_key(|(_, count)| *count).filter(|(fields, count)| {
        let alike = count * 2 > rows.len() && own * 10 <= rows.len();
        *fields != header && alike && (*count > 1 || *fields < header)
    });
    let plain = |names: Vec<String>| Layout { width: Width { fields: names.len(), surplus: 0 }, names, note: None };
    let Some((fields, _)) = most else {
        return plain(names);
    };
    let alike: Vec<&Sampled> = rows.into_iter().filter(|row| row.fields.len() == fields).collect();
    let they = format!("the rows have {} and the header {}", counted(fields as u64, "field"), thousands(header as u64));
    let named: Vec<String> = names.iter().filter(|name| !name.trim().is_empty()).cloned().collect();
    if named.len() == fields {
        return Layout { note: Some(format!("{they}: its empty ones were left out")), ..plain(named) };
    }
    let beyond = alike.iter().filter(|row| row.fields.iter().skip(header).any(|field| !field.is_blank(text))).count();
    if fields > header && beyond * 50 <= alike.len() {
        let note = Some(format!("{they}: what stands beyond the header is blank and was left out"));
        return Layout { names, width: Width { fields, surplus: fields - header }, note };
    }
    if fields == header + 1 && are_numbered(text, &alike) {
        let names = [vec![String::new()], names].concat();
        return Layout { note: Some(format!("{they}: the first one numbers the rows and has no name")), ..plain(names) };
    }
    if in_order {
        let note = format!("{they}: names and fields stand side by side as they come, which may be wrong; a report refuses such rows");
        let names = [names, vec![String::new(); fields.saturating_sub(header)]].concat();
        return Layout { names, width: Width { fields, surplus: 0 }, note: Some(note) };
    }
    plain(names)
}

/// Whether a line begins like a comment and has not as many fields as a row.
fn is_comment(text: &str, row: &Sampled, fields: usize) -> bool {
    row.fields.len() != fields && text[row.start..].trim_start().starts_with('#')
}

/// Whether the first cells count the rows from 0 or 1.
fn are_numbered(text: &str, rows: &[&Sampled]) -> bool {
    let number = |row: &&Sampled| text[row.fields[0].start..row.fields[0].end].trim().parse::<u64>().ok();
    let numbers: Vec<Option<u64>> = rows.iter().map(number).collect();
    let begins = matches!(numbers.first(), Some(Some(0 | 1)));
    begins && numbers.windows(2).all(|pair| matches!(pair, [Some(one), Some(next)] if *next == one + 1))
}

/// Which columns hold figures: nearly all cells that are filled, and at least two, above the first gap between the rows.
pub(crate) fn figures(text: &str, rows: &[Sampled], fields: usize, dialect: &Dialect) -> Vec<bool> {
    let mut counts = vec![(0, 0); fields];
    let mut judged = 0;
    for (index, row) in rows.iter().enumerate() {
        let gap = row.is_blank(text) || (index > 0 && rows[index - 1].next != row.start);
        if judged == JUDGED_ROWS || (gap && judged > 1) {
            break;
        }
        if !row.closed || row.fields.len() != fields {
            continue;
        }
        // Words below nothing but figures may be the header of another table.
        let cells = names(text, &row.fields, dialect);
        let is_word_below_figures =
            |(cell, (filled, figures)): (&String, &(usize, usize))| *filled > 1 && filled == figures && !is_figure(cell);
        let is_full = cells.iter().all(|cell| !cell.trim().is_empty());
        if is_full && looks_like_header(&cells) && cells.iter().zip(&counts).any(is_word_below_figures) {
            break;
        }
        judged += 1;
        for (count, cell) in counts.iter_mut().zip(cells) {
            let filled = !cell.trim().is_empty();
            *count = (count.0 + usize::from(filled), count.1 + usize::from(filled && is_figure(&cell)));
        }
    }
    counts.into_iter().map(|(filled, figures)| filled > 1 && figures * 10 >= filled * 9).collect()
}
