//! Finds the columns' places: how many lines a row of the table takes and how wide each column is. Never leaves a column out.

use crate::export::pdf::cells::{self, Align};
use crate::export::pdf::demand::{Demand, Sample, Worth};
use crate::export::pdf::fonts::Faces;
use crate::export::pdf::row_lines::RowLines;
use crate::export::pdf::tracks::{Span, partition, share, spans};
use crate::export::pdf::wrap::{Line, wrap};
use crate::report::Table;

/// Blank at either side of a cell, in points.
pub const PADDING: f32 = 2.6;
/// Blank above and below the lines of a row, in points.
pub const ROW_PADDING: f32 = 2.25;
/// Captions are set this much smaller than cells.
pub const CAPTION_SCALE: f32 = 0.94;
/// Rows of more lines than this are not aimed at: with fewer, every column has what it asks for.
const MOST_LINES: usize = 4;
/// Rows that share the captions of their page, about.
const ROWS_A_PAGE: f32 = 25.0;

/// Where a column is.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnBox {
    /// Its index in the table.
    pub column: usize,
    /// Which band of the row it is in, from 0.
    pub band: usize,
    /// From the left edge of the page, in points.
    pub left: f32,
    /// Padding included, in points.
    pub width: f32,
    /// The edge its cells are set against.
    pub edge: Align,
    /// The lines of its caption.
    pub caption: Vec<Line>,
}

/// The columns of the table: side by side in one band, or in several bands of a row below each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Every column once, in order.
    pub boxes: Vec<ColumnBox>,
    /// Bands in a row.
    pub bands: usize,
    /// The size of cells, in points.
    pub size: f32,
    /// From line to line, in points.
    pub leading: f32,
}

impl Grid {
    /// The width of a column's lines, in ems.
    pub fn ems(&self, slot: &ColumnBox) -> f32 {
        (slot.width - 2.0 * PADDING) / self.size
    }

    /// Lines of the captions of a band.
    pub fn caption_lines(&self, band: usize) -> usize {
        self.boxes.iter().filter(|slot| slot.band == band).map(|slot| slot.caption.len()).max().unwrap_or(0)
    }
}

/// The places of all columns of `table` between `left` and `left + width` points: one band where that
/// leaves rows of an acceptable height, since columns are read downwards; else as few bands as
/// leave rows nearly as low as any number of bands would.
pub fn grid(table: &Table, faces: &Faces, left: f32, width: f32) -> Grid {
    let sample = Sample::of(table);
    let demands: Vec<Demand> = table.columns.iter().map(|column| Demand::of(column, &sample, faces)).collect();
    let worths: Vec<Vec<Worth>> = (1..=MOST_LINES).map(|lines| demands.iter().map(|demand| demand.worth(lines)).collect()).collect();
    let most = table.columns.len().clamp(1, 8);
    let candidates: Vec<(f32, Grid)> = std::iter::once((1, ONE_BAND))
        .chain((2..=most).map(|bands| (bands, MORE_BANDS)))
        .filter_map(|(bands, type_size)| {
            let spans = spans(&demands, &partition(&demands, bands));
            let aims = worths.iter().filter_map(|worths| {
                let grid = place(table, faces, worths, &spans, (left, width), type_size)?;
                Some((height(&grid, table, &sample, faces), grid))
            });
            aims.min_by(|a, b| a.0.total_cmp(&b.0))
        })
        .collect();
    let lowest = candidates.iter().map(|candidate| candidate.0).fold(f32::INFINITY, f32::min);
    let acceptable = |candidate: &(f32, Grid)| if candidate.1.bands == 1 { lowest * 1.35 } else { lowest * 1.15 };
    let chosen = candidates.into_iter().find(|candidate| candidate.0 <= acceptable(candidate));
    chosen.map_or_else(|| one_per_band(table, faces, left, width), |candidate| candidate.1)
}

/// The size of cells and the way from line to line, in points.
type TypeSize = (f32, f32);
const ONE_BAND: TypeSize = (6.5, 7.75);
const MORE_BANDS: TypeSize = (7.0, 8.5);

/// One column a band: the last resort, which always fits.
fn one_per_band(table: &Table, faces: &Faces, left: f32, width: f32) -> Grid {
    let (size, leading) = MORE_BANDS;
    let boxes = (0..table.columns.len()).map(|column| slot(table, faces, column, column, left, width, size)).collect();
    Grid { boxes, bands: table.columns.len().max(1), size, leading }
}

/// Widths for columns laid over `spans`, or nothing when a band cannot hold its columns.
fn place(
    table: &Table,
    faces: &Faces,
    worths: &[Worth],
    spans: &[Span],
    (left, width): (f32, f32),
    (size, leading): TypeSize,
) -> Option<Grid> {
    let bands = spans.iter().map(|span| span.band).max().map_or(1, |last| last + 1);
    let widths = share(worths, spans, width, size)?;
    let edge = |track: usize| left + widths[..track].iter().sum::<f32>();
    let boxes = spans
        .iter()
        .map(|span| {
            slot(table, faces, span.column, span.band, edge(span.tracks.start), edge(span.tracks.end) - edge(span.tracks.start), size)
        })
        .collect();
    Some(Grid { boxes, bands, size, leading })
}

fn slot(table: &Table, faces: &Faces, column: usize, band: usize, left: f32, width: f32, size: f32) -> ColumnBox {
    let mut caption = Vec::new();
    let shown = &table.columns[column];
    wrap(&faces.bold, &shown.caption, (width - 2.0 * PADDING) / (size * CAPTION_SCALE), &mut caption);
    ColumnBox { column, band, left, width, edge: cells::edge(shown.kind), caption }
}

/// The height of the average row, in points, with its part of the captions.
fn height(grid: &Grid, table: &Table, sample: &Sample, faces: &Faces) -> f32 {
    let mut row = RowLines::default();
    let mut lines = 0.0;
    for (index, weight) in sample.weighed() {
        row.read(table, grid, faces, index);
        lines += row.total() as f32 * weight;
    }
    let captions = (0..grid.bands).map(|band| grid.caption_lines(band)).sum::<usize>() as f32;
    (lines.max(1.0) + captions / ROWS_A_PAGE) * grid.leading + 2.0 * ROW_PADDING
}
