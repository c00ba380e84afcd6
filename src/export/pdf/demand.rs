//! Learns from some rows of the table, the longest cells among them, what each column asks for. Never reads a cell's text twice.

use crate::export::pdf::cells;
use crate::export::pdf::columns::CAPTION_SCALE;
use crate::export::pdf::fonts::Faces;
use crate::export::pdf::wrap::{longest_word, wrap};
use crate::report::{Column, Table, Values};

/// From point to point of a curve, in ems.
pub const CURVE_STEP: f32 = 0.25;
/// Rows spread evenly over the table that widths are found from.
const SPREAD: usize = 512;
/// Of them, every so many is weighed.
const WEIGHED: usize = 6;
/// Rows with the longest texts of a column that are weighed as well: too rare to be met by chance.
const LONGEST: usize = 4;
/// What the longest texts weigh, all together; the spread rows weigh the rest of one.
const LONGEST_WEIGHT: f32 = 0.12;
/// What a caption weighs beside the rows of a page.
const CAPTION_WEIGHT: f32 = 0.04;
/// Lines that every caption may have.
const CAPTION_LINES: usize = 4;
/// A cell of more lines is not judged by how many more.
const MOST_LINES: usize = 12;
/// A cell of more lines than this is hard to read: a column of single words.
const TALL: usize = 4;
/// How much the lines beyond count: more than rows that are higher than they need be, however rare they are.
const TALL_WEIGHT: f32 = 200.0;
/// A width, in ems, from which on they count no more: a text that is still tall is meant to be.
const TALL_UNTIL: f32 = 8.0;
/// How much a line that makes no row higher counts, beside one that does.
const LOOKS: f32 = 0.03;
/// No column gains from more than this many ems.
const WIDEST: f32 = 40.0;
/// No column insists on more than this many ems; longer words are broken.
const INSISTENCE: f32 = 11.0;
/// Wishes for width end here, in ems.
const WISH: f32 = 16.0;

/// Rows by which widths are judged.
pub struct Sample {
    spread: Vec<usize>,
    longest: Vec<usize>,
}

impl Sample {
    /// Rows of `table`.
    pub fn of(table: &Table) -> Self {
        let spread: Vec<usize> = (0..table.rows).step_by(table.rows.div_ceil(SPREAD).max(1)).collect();
        let mut longest: Vec<usize> = table.columns.iter().flat_map(longest).collect();
        longest.sort_unstable();
        longest.dedup();
        Self { spread, longest }
    }

    /// Every row that is weighed, and its weight; the weights add up to one.
    pub fn weighed(&self) -> impl Iterator<Item = (usize, f32)> + '_ {
        let spread = self.spread.len().div_ceil(WEIGHED).max(1) as f32;
        let share = if self.longest.is_empty() { 0.0 } else { LONGEST_WEIGHT };
        let each = share / self.longest.len().max(1) as f32;
        let spread = self.spread.iter().step_by(WEIGHED).map(move |row| (*row, (1.0 - share) / spread));
        spread.chain(self.longest.iter().map(move |row| (*row, each)))
    }
}

/// The rows of the longest texts of a column, each text once.
fn longest(column: &Column) -> Vec<usize> {
    let Values::Text(values) = &column.values else { return Vec::new() };
    let mut found: Vec<(usize, &str)> = Vec::with_capacity(LONGEST + 1);
    let mut shortest = 0;
    for (row, text) in values.iter().enumerate() {
        let text = text.unwrap_or_default();
        if text.len() > shortest && !found.iter().any(|other| other.1 == text) {
            found.push((row, text));
            found.sort_by_key(|other| std::cmp::Reverse(other.1.len()));
            found.truncate(LONGEST);
            shortest = if found.len() < LONGEST { 0 } else { found[LONGEST - 1].1.len() };
        }
    }
    found.into_iter().map(|other| other.0).collect()
}

/// How much of the weighed rows takes how many lines at one width.
type Served = [f32; MOST_LINES + 1];

/// What a column asks for, in ems.
pub struct Demand {
    /// It cannot do with less.
    least: f32,
    /// The width it would like to have: what nine of ten cells fit in, within reason.
    pub wish: f32,
    /// How its least serves the cells and how many lines the caption takes, then those of a width of one
    /// [`CURVE_STEP`] more, and so on until more does not help.
    served: Vec<(Served, usize)>,
}

/// What a column is worth in a table whose rows may have a number of lines, in ems.
pub struct Worth {
    /// It cannot do with less.
    pub least: f32,
    curve: Vec<f32>,
}

impl Demand {
    /// The demand of a column.
    pub fn of(column: &Column, sample: &Sample, faces: &Faces) -> Self {
        let text = |row: usize| {
            let mut text = String::new();
            cells::write(&column.values, row, &mut text);
            text
        };
        let texts: Vec<String> = sample.spread.iter().chain(&sample.longest).map(|row| text(*row)).collect();
        let sorted = |mut widths: Vec<f32>| {
            widths.sort_by(f32::total_cmp);
            widths
        };
        let naturals = sorted(texts.iter().map(|text| faces.regular.width(text)).collect());
        let words = sorted(texts.iter().map(|text| longest_word(&faces.regular, text)).filter(|width| *width > 0.0).collect());
        let word = if cells::solid(column.kind) { naturals.last() } else { words.get(words.len() * 97 / 100) };
        let caption = column.caption.split_whitespace().map(|word| faces.bold.width(word) * CAPTION_SCALE).fold(0.0, f32::max);
        // A hair more than the widest word, so that rounding never breaks it.
        let least = word.copied().unwrap_or(0.0).max(caption).clamp(1.0, INSISTENCE) + 0.02;
        let most = naturals.last().copied().unwrap_or(0.0).min(WIDEST);
        let natural = naturals.get(naturals.len() * 9 / 10).copied().unwrap_or(0.0);
        let weighed: Vec<(String, f32)> = sample.weighed().map(|(row, weight)| (text(row), weight)).collect();
        Self { least, wish: least.max(natural.min(WISH)), served: served(column, &weighed, faces, least, most) }
    }

    /// What widths are worth where a row may have `lines` lines without being too high: the squares of the lines
    /// the cells need beyond that, on average, since the highest cell makes the row.
    pub fn worth(&self, lines: usize) -> Worth {
        let square = |lines: usize| (lines * lines) as f32;
        let mean = |served: &Served, cost: &dyn Fn(usize) -> f32| -> f32 {
            served.iter().enumerate().map(|(count, weight)| weight * cost(count)).sum()
        };
        let mut tall = 0.0;
        let mut ems = self.least;
        let curve = self.served.iter().enumerate().map(|(index, (served, caption))| {
            if index == 0 || ems < TALL_UNTIL {
                tall = TALL_WEIGHT * mean(served, &|count| square(count.saturating_sub(TALL)));
            }
            ems += CURVE_STEP;
            let cells = mean(served, &|count| square(count.max(lines)) + LOOKS * square(count));
            cells + tall + CAPTION_WEIGHT * square((*caption).max(CAPTION_LINES))
        });
        Worth { least: self.least, curve: curve.collect() }
    }
}

/// See [`Demand::served`].
fn served(column: &Column, weighed: &[(String, f32)], faces: &Faces, least: f32, most: f32) -> Vec<(Served, usize)> {
    let mut lines = Vec::new();
    let mut at = |ems: f32| {
        let mut served = [0.0; MOST_LINES + 1];
        for (text, weight) in weighed {
            lines.clear();
            wrap(&faces.regular, text, ems, &mut lines);
            served[lines.len().clamp(1, MOST_LINES)] += weight;
        }
        lines.clear();
        wrap(&faces.bold, &column.caption, ems / CAPTION_SCALE, &mut lines);
        (served, lines.len())
    };
    let mut found = vec![at(least)];
    let helps = |last: &(Served, usize), ems: f32| (last.0[2..].iter().any(|weight| *weight > 0.0) && ems < most) || last.1 > CAPTION_LINES;
    while found.last().is_some_and(|last| helps(last, least + (found.len() as f32 - 1.0) * CURVE_STEP)) && found.len() < 256 {
        found.push(at(least + found.len() as f32 * CURVE_STEP));
    }
    found
}

impl Worth {
    /// How badly a width serves the column.
    fn cost(&self, ems: f32) -> f32 {
        let index = ((ems - self.least) / CURVE_STEP + 0.01).max(0.0) as usize;
        self.curve.get(index).or(self.curve.last()).copied().unwrap_or(0.0)
    }

    /// The width above `ems`, by at most `room`, that saves most for its price; what it saves an em.
    pub fn bargain(&self, ems: f32, room: f32) -> Option<(f32, f32)> {
        let now = self.cost(ems);
        let points = self.curve.iter().enumerate().map(|(index, cost)| (self.least + index as f32 * CURVE_STEP, *cost));
        points
            .filter(|(wider, cost)| *wider > ems && *wider <= ems + room && *cost < now)
            .map(|(wider, cost)| (wider, (now - cost) / (wider - ems)))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.total_cmp(&a.0)))
    }
}
