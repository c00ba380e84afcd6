//! A column of text in which each different text is held once and rows carry its code.

use polars::prelude::*;

use crate::error::Result;

/// Text that repeats is worth its codes when each text stands, on average, in this many rows at least.
const LEAST_REPETITION: usize = 2;
/// Texts that are looked at before a column in which hardly any repeats is given up.
const TRIAL_TEXTS: usize = 1_024;

/// A column of text as codes: the place of each row's text among the distinct ones, null for an empty cell.
#[derive(Debug, Clone)]
pub struct CodedText {
    /// One a row, each below the number of texts.
    pub codes: UInt32Chunked,
    /// Each different text once, in one chunk; none is null.
    pub texts: StringChunked,
}

impl CodedText {
    /// A column named `name` in which each row has, of `texts`, the one at its place; none past their end. Texts that are none
    /// or stand several times get no code of their own.
    pub fn new<'a>(name: &str, places: impl Iterator<Item = u32>, texts: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut merged = Texts::default();
        let codes: Vec<u32> = texts.map(|text| text.map_or(NONE, |text| merged.code(text))).collect();
        let codes = places.map(|place| codes.get(place as usize).copied().unwrap_or(NONE)).collect();
        Self { codes: nullable(name, codes), texts: merged.finish(name) }
    }

    /// The codes of a column's texts.
    pub fn of(cells: &StringChunked) -> Self {
        let (codes, texts) = encode(cells, |_, _| false);
        Self { codes: nullable(cells.name(), codes), texts: texts.finish(cells.name()) }
    }

    /// The codes of a column's texts; `None` where so few repeat that the texts alone take less.
    pub fn worthwhile(cells: &StringChunked) -> Option<Self> {
        let (codes, texts) = encode(cells, |rows, texts| texts > TRIAL_TEXTS && texts * LEAST_REPETITION > rows);
        let is_worthwhile = codes.len() == cells.len() && texts.texts.len() * LEAST_REPETITION <= cells.len();
        is_worthwhile.then(|| Self { codes: nullable(cells.name(), codes), texts: texts.finish(cells.name()) })
    }

    /// The cells.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn decode(&self) -> Result<StringChunked> {
        Ok(self.texts.take(&self.codes)?.with_name(self.codes.name().clone()))
    }

    /// The text of a row; `None` for an empty cell.
    pub fn text(&self, row: usize) -> Option<&str> {
        self.texts.get(self.codes.get(row)? as usize)
    }

    /// The code of each row, [`NONE`] for an empty cell.
    pub fn places(&self) -> impl Iterator<Item = u32> {
        self.codes.iter().map(|code| code.unwrap_or(NONE))
    }

    /// What `read` makes of each text, by code.
    pub fn each<'a, T>(&'a self, read: impl Fn(&'a str) -> T) -> Vec<T> {
        self.texts.iter().flatten().map(read).collect()
    }
}

/// In place of a code, that there is no text.
pub const NONE: u32 = u32::MAX;

/// The code of each cell of a column, until `is_hopeless` says so of a number of rows and the different texts in them.
fn encode(cells: &StringChunked, is_hopeless: impl Fn(usize, usize) -> bool) -> (Vec<u32>, Texts<'_>) {
    let mut texts = Texts::default();
    let mut codes = Vec::with_capacity(cells.len());
    // Rows of one order stand together: the cell above is asked first.
    let mut last = ("", NONE);
    for cell in cells.downcast_iter().flat_map(|array| array.iter()) {
        let Some(cell) = cell else {
            codes.push(NONE);
            continue;
        };
        if last.1 == NONE || last.0 != cell {
            last = (cell, texts.code(cell));
            if is_hopeless(codes.len(), texts.texts.len()) {
                break;
            }
        }
        codes.push(last.1);
    }
    (codes, texts)
}

/// A column of codes, null where there is [`NONE`].
pub(in crate::source) fn nullable(name: &str, mut codes: Vec<u32>) -> UInt32Chunked {
    if !codes.contains(&NONE) {
        return UInt32Chunked::from_vec(name.into(), codes);
    }
    let known = codes.iter().map(|code| *code != NONE).collect();
    codes.iter_mut().filter(|code| **code == NONE).for_each(|code| *code = 0);
    UInt32Chunked::from_vec_validity(name.into(), codes, Some(known))
}

/// Different texts in order of their first appearance.
#[derive(Default)]
pub(in crate::source) struct Texts<'a> {
    known: PlHashMap<&'a str, u32>,
    texts: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    pub(in crate::source) fn code(&mut self, text: &'a str) -> u32 {
        let next = self.texts.len() as u32;
        let code = *self.known.entry(text).or_insert(next);
        if code == next {
            self.texts.push(text);
        }
        code
    }

    pub(in crate::source) fn finish(self, name: &str) -> StringChunked {
        StringChunked::from_iter_values(name.into(), self.texts.into_iter())
    }
}
