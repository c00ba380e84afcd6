//! Measures how wide each column of a table has to be and would like to be, over a sample of its rows.

use foldhash::{HashMap, HashMapExt};

use crate::domain::columns::ColumnType;
use crate::export::cells::Cell;
use crate::export::layout::cell_text;
use crate::export::layout::columns::CAPTION_SCALE;
use crate::export::layout::fonts::{Faces, GlyphMap};
use crate::export::layout::table_rows::Sample;
use crate::export::layout::wrap::{TextWidths, text_widths, wrap};
use crate::report::{Table, Values};

/// Rows that are measured, spread evenly over the table: enough to know a tenth of the rows from a fifth, few enough
/// that a table of a million rows is measured in milliseconds.
const SAMPLE_ROWS: usize = 512;
/// The longest texts of each column that are measured as well: too rare to be met by an even sample.
const LONGEST_TEXTS: usize = 4;
/// The part of the texts whose words decide the minimum: one odd text in thirty does not widen the column.
const MINIMUM_SHARE: f32 = 0.97;
/// The part of the rows that fit the preferred width without a break: what is rarer wraps, and takes no room from others.
const PREFERRED_SHARE: f32 = 0.9;
/// No minimum is wider, in ems: half as much again as a long date and time. Longer words are broken.
const MAX_MINIMUM_EM: f32 = 11.0;
/// No word is kept whole that is wider, in ems: an e-mail address of forty characters is.
const MAX_WORD_EM: f32 = 20.0;
/// No text asks for a wider line, in ems: eighty characters, the longest line that is easily read.
const MAX_LINE_EM: f32 = 40.0;
/// At the minimum, captions and the longest texts take no more lines than this; more are hard to read in a table.
const MAX_LINES: usize = 4;
/// The longest texts do not widen the minimum beyond this, in ems: a text that is still tall is meant to be.
const MAX_LONG_TEXT_EM: f32 = 8.0;
/// The steps in which the width for [`MAX_LINES`] lines is sought, in ems: half a character.
const STEP_EM: f32 = 0.25;
/// Ems a character of a template's width stands for: the average of letters and digits in the condensed face.
const EM_PER_CHARACTER: f32 = 0.5;
/// Added to measured widths, in ems, so that rounding never breaks what was measured.
const ROUNDING_EM: f32 = 0.02;

/// The widths a column asks for, in ems and without padding, each at least the one before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnMeasure {
    /// No cell or caption is broken within a part that belongs together, with few exceptions.
    pub minimum: f32,
    /// Most rows are on one line, as far as the template's width goes.
    pub preferred: f32,
    /// Every text and caption is on one line, within reason.
    pub maximum: f32,
    /// No word is broken, with few exceptions; at least the minimum.
    pub whole_words: f32,
}

impl ColumnMeasure {
    /// Measures column `index` of `rows`.
    pub fn of(rows: &Sample<'_>, index: usize, faces: &Faces) -> Self {
        let column = &rows.columns()[index];
        let mut text = String::new();
        let mut measure = |values: &Values, row: usize| {
            text.clear();
            cell_text::write(values, row, &mut text);
            text_widths(&faces.regular, &text)
        };
        // A term stands in many rows.
        let mut of_terms = HashMap::new();
        let widths_of = |(run, row): (&Table, usize)| {
            let values = &run.columns[index].values;
            match Cell::of(values, row) {
                Some(Cell::Term(place, _)) => *of_terms.entry(place).or_insert_with(|| measure(values, row)),
                _ => measure(values, row),
            }
        };
        let sample: Vec<TextWidths> = rows.rows(SAMPLE_ROWS).map(widths_of).collect();
        let longest = longest_texts(rows, index);
        let all: Vec<TextWidths> = sample
            .iter()
            .copied()
            .chain(longest.iter().map(|text| text_widths(&faces.regular, text)))
            .filter(|widths| widths.line > 0.0)
            .collect();
        let line = quantile(all.iter().map(|widths| widths.line), 1.0);
        let whole = cell_text::is_kept_whole(column.kind);
        let part = if whole { line } else { quantile(all.iter().map(|widths| widths.part), MINIMUM_SHARE) };
        let tall = longest.iter().map(|text| width_for_lines(&faces.regular, text, MAX_LONG_TEXT_EM)).fold(0.0, f32::max);
        let caption = width_for_lines(&faces.bold, &column.caption, MAX_MINIMUM_EM) * CAPTION_SCALE;
        let caption_line = faces.bold.width(&column.caption) * CAPTION_SCALE;

        let minimum = part.max(tall).max(caption).clamp(1.0, MAX_MINIMUM_EM) + ROUNDING_EM;
        let word = quantile(all.iter().map(|widths| widths.word), MINIMUM_SHARE).min(MAX_WORD_EM) + ROUNDING_EM;
        let usual = quantile(sample.iter().map(|widths| widths.line), PREFERRED_SHARE);
        let preferred = minimum.max(usual.min(column.width_characters * EM_PER_CHARACTER) + ROUNDING_EM);
        let maximum = preferred.max(line.max(caption_line).min(MAX_LINE_EM) + ROUNDING_EM);
        Self { minimum, preferred, maximum, whole_words: minimum.max(word) }
    }
}

/// The longest texts of a column, each once.
fn longest_texts<'a>(rows: &'a Sample<'_>, index: usize) -> Vec<&'a str> {
    let mut longest = Longest::default();
    for column in rows.runs.iter().map(|run| &run.columns[index]) {
        match &column.values {
            Values::Text(values) => values.iter().flatten().for_each(|text| longest.add(text)),
            // Those of closed lists are about as long as each other.
            Values::Terms { places, terms } if matches!(column.kind, ColumnType::Text | ColumnType::Id) => {
                // The list is that of all runs: where others are not looked at, any term may stand there.
                let mut is_there = vec![!rows.is_whole; terms.len()];
                for place in places.iter().flatten() {
                    is_there.get_mut(place as usize).into_iter().for_each(|there| *there = true);
                }
                terms.iter().zip(is_there).filter(|(_, there)| *there).for_each(|(term, _)| longest.add(&term.caption));
                if !rows.is_whole {
                    break;
                }
            }
            _ => break,
        }
    }
    longest.texts.into_iter().map(|text| cell_text::cut(text).unwrap_or(text)).collect()
}

/// The longest of the texts that were added, each once, the longest first.
#[derive(Default)]
struct Longest<'a> {
    texts: Vec<&'a str>,
}

impl<'a> Longest<'a> {
    fn add(&mut self, text: &'a str) {
        let shortest = self.texts.get(LONGEST_TEXTS - 1).map_or(0, |text| text.len());
        if text.len() > shortest && !self.texts.contains(&text) {
            self.texts.push(text);
            self.texts.sort_by_key(|other| std::cmp::Reverse(other.len()));
            self.texts.truncate(LONGEST_TEXTS);
        }
    }
}

/// The value that `share` of `values` do not exceed; 0 of none.
fn quantile(values: impl Iterator<Item = f32>, share: f32) -> f32 {
    let mut sorted: Vec<f32> = values.collect();
    sorted.sort_by(f32::total_cmp);
    let index = (sorted.len() as f32 * share) as usize;
    sorted.get(index).or(sorted.last()).copied().unwrap_or(0.0)
}

/// The least width, up to `limit` ems, at which `text` takes at most [`MAX_LINES`] lines and no part of it is broken.
fn width_for_lines(glyph_map: &GlyphMap, text: &str, limit: f32) -> f32 {
    let widths = text_widths(glyph_map, text);
    if widths.line > 2.0 * MAX_LINES as f32 * limit {
        // So many lines are not enough at any of these widths, whatever blanks their ends drop.
        return limit;
    }
    let mut ems = widths.part;
    let mut lines = Vec::new();
    while ems < limit {
        lines.clear();
        wrap(glyph_map, text, ems, &mut lines);
        if lines.len() <= MAX_LINES {
            return ems;
        }
        ems += STEP_EM;
    }
    limit
}

#[cfg(test)]
mod tests {
    use crate::export::layout::column_measure::quantile;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        assert_eq!(quantile([].into_iter(), 0.9), 0.0);
        assert_eq!(quantile([3.0].into_iter(), 0.0), 3.0);
        assert_eq!(quantile((1..=10).map(|value| value as f32), 0.9), 10.0);
        assert_eq!(quantile((1..=10).map(|value| value as f32), 0.5), 6.0);
        assert_eq!(quantile((1..=10).map(|value| value as f32), 1.0), 10.0);
    }
}
