//! Chooses the bands, the type size and the column widths of a table, as browsers do for tables without set widths:
//! every column gets its minimum, the rest is shared by how much more each asks for.

use std::ops::Range;

use crate::domain::density::Density;
use crate::export::cells::Cells;
use crate::export::layout::column_measure::ColumnMeasure;
use crate::export::layout::columns::{CAPTION_SCALE, ColumnBox, Grid, PADDING};
use crate::export::layout::fonts::Faces;
use crate::export::layout::row_lines::{RowLines, TermLines};
use crate::export::layout::table_rows::Sample;
use crate::export::layout::wrap::wrap;
use crate::report::Column;

/// Type size and leading in points. A row of one band needs the width; in more bands, lines of different columns
/// are below each other and have to be told apart.
#[derive(Debug, Clone, Copy)]
struct TypeSizes {
    one_band: (f32, f32),
    more_bands: (f32, f32),
}

const COMPACT: TypeSizes = TypeSizes { one_band: (6.5, 7.75), more_bands: (7.0, 8.5) };
const READABLE: TypeSizes = TypeSizes { one_band: (8.0, 9.5), more_bands: (8.5, 10.25) };

impl TypeSizes {
    const fn of(density: Density) -> Self {
        match density {
            Density::Compact => COMPACT,
            Density::Readable => READABLE,
        }
    }
}

/// Bands of a row that a reader tells apart by the captions at the head of the page: in more, each cell has its own.
const MOST_BANDS: usize = 3;
/// Blank between two flows of a table beside each other, in points.
const FLOW_GAP: f32 = 16.0;
/// Flows of a table beside each other at most, and rows of each at least.
const MOST_FLOWS: usize = 8;
const LEAST_FLOW_ROWS: usize = 6;
/// A table of more columns needs the width.
const MOST_FLOW_COLUMNS: usize = 6;
/// Numbers of bands that are tried from the first that has room: each more makes every row a line higher at least.
const BANDS_TRIED: usize = 4;
/// Rows whose height is averaged to compare two layouts: a page or three.
const HEIGHT_ROWS: usize = 96;
/// Rows that share the captions of their page, about.
const ROWS_PER_PAGE: f32 = 25.0;
/// How much higher rows of one band may be than rows of more: columns side by side are read downwards.
const ONE_BAND_TOLERANCE: f32 = 1.35;
/// Points by which sums of widths may differ from rounding alone.
const ROUNDING: f32 = 0.01;
/// How much higher rows may be for words that are not broken.
const WHOLE_WORDS_TOLERANCE: f32 = 1.05;

/// The places of all columns of a table of which `table` is a sample, between `left` and `left + width` points: of all ways that are tried, the one
/// with the lowest rows, but for the two tolerances.
pub fn grid(table: &Sample<'_>, measures: &[ColumnMeasure], faces: &Faces, (left, width): (f32, f32), density: Density) -> Grid {
    let sizes = TypeSizes::of(density);
    let grids = (1..=measures.len().max(1)).map(|bands| {
        let bands = split_into_bands(measures, bands, sizes);
        [true, false].map(|whole_words| Some((place(table, faces, measures, &bands, (whole_words, sizes), (left, width))?, whole_words)))
    });
    let tried = grids.filter(|grids| grids[0].is_some()).take(BANDS_TRIED).flatten().flatten();
    let weighed = tried.map(|(grid, whole_words)| {
        let one_band = if grid.bands == 1 { ONE_BAND_TOLERANCE } else { 1.0 };
        let whole_words = if whole_words { WHOLE_WORDS_TOLERANCE } else { 1.0 };
        (average_row_height(&grid, table, faces) / (one_band * whole_words), grid)
    });
    let lowest = weighed.min_by(|a, b| a.0.total_cmp(&b.0)).map_or_else(Grid::default, |lowest| lowest.1);
    if lowest.bands > MOST_BANDS { labelled(table, faces, (left, width), sizes) } else { lowest }
}

/// What the columns of a table ask for.
pub fn measures(table: &Sample<'_>, faces: &Faces) -> Vec<ColumnMeasure> {
    (0..table.columns().len()).map(|column| ColumnMeasure::of(table, column, faces)).collect()
}

/// How many flows of `rows` rows, whose columns ask for `measures`, have room beside each other in `width` points with every text on one line, and the width of each;
/// 1 for a table that needs the width or is short.
pub fn flows(measures: &[ColumnMeasure], width: f32, rows: usize, density: Density) -> (usize, f32) {
    if measures.len() > MOST_FLOW_COLUMNS {
        return (1, width);
    }
    let asked: f32 = points(measures, TypeSizes::of(density).one_band.0, |measure| measure.maximum).iter().sum();
    let room = ((width + FLOW_GAP) / (asked + FLOW_GAP)) as usize;
    let flows = room.min(rows / LEAST_FLOW_ROWS).clamp(1, MOST_FLOWS);
    (flows, (width - FLOW_GAP * (flows - 1) as f32) / flows as f32)
}

/// The columns in equal boxes, as many beside each other as have room for their captions on one line, each with its caption above it.
fn labelled(table: &Sample<'_>, faces: &Faces, (left, width): (f32, f32), sizes: TypeSizes) -> Grid {
    let ((size, leading), columns) = (sizes.more_bands, table.columns());
    let caption = |column: &Column| faces.bold.width(&column.caption) * size * CAPTION_SCALE + 2.0 * PADDING + ROUNDING;
    let longest = columns.iter().map(caption).fold(1.0, f32::max);
    let beside = ((width / longest) as usize).clamp(1, columns.len().max(1));
    let own = width / beside as f32;
    let of_column = |(index, column): (usize, &Column)| {
        let mut caption = Vec::new();
        wrap(&faces.bold, &column.caption, (own - 2.0 * PADDING) / (size * CAPTION_SCALE), &mut caption);
        let left = left + (index % beside) as f32 * own;
        ColumnBox { column: index, band: index / beside, left, width: own, is_figure: false, caption }
    };
    let boxes: Vec<ColumnBox> = columns.iter().enumerate().map(of_column).collect();
    Grid { bands: boxes.len().div_ceil(beside).max(1), boxes, size, leading, is_labelled: true }
}

/// Cuts the columns into at most `bands` consecutive parts, the widest of which, at the maxima, is as narrow as can be.
fn split_into_bands(measures: &[ColumnMeasure], bands: usize, sizes: TypeSizes) -> Vec<Range<usize>> {
    let widths = points(measures, sizes.more_bands.0, |measure| measure.maximum);
    // As lines are filled with words: a column that goes beyond `capacity` begins the next band.
    let fill = |capacity: f32| {
        let (mut filled, mut start, mut used) = (Vec::new(), 0, 0.0);
        for (column, width) in widths.iter().enumerate() {
            if column > start && used + width > capacity {
                filled.push(start..column);
                (start, used) = (column, 0.0);
            }
            used += width;
        }
        filled.push(start..widths.len());
        filled
    };
    let (mut least, mut most) = (0.0, widths.iter().sum::<f32>());
    while most - least > 1.0 {
        let middle = (least + most) / 2.0;
        if fill(middle).len() <= bands { most = middle } else { least = middle }
    }
    fill(most)
}

/// The columns in `bands`; nothing when a band cannot hold its columns.
fn place(
    table: &Sample<'_>,
    faces: &Faces,
    measures: &[ColumnMeasure],
    bands: &[Range<usize>],
    (whole_words, sizes): (bool, TypeSizes),
    (left, width): (f32, f32),
) -> Option<Grid> {
    let (size, leading) = if bands.len() <= 1 { sizes.one_band } else { sizes.more_bands };
    let mut widths: Vec<Vec<f32>> =
        bands.iter().map(|columns| share(&measures[columns.clone()], width, size, whole_words)).collect::<Option<_>>()?;
    let fullest = widths.iter().rev().max_by_key(|widths| widths.len()).map(|widths| right_edges(widths)).unwrap_or_default();
    for (widths, columns) in widths.iter_mut().zip(bands) {
        align_edges(widths, &points(&measures[columns.clone()], size, |measure| measure.preferred.max(measure.whole_words)), &fullest);
    }
    let mut boxes = Vec::with_capacity(measures.len());
    for (band, (columns, widths)) in bands.iter().zip(&widths).enumerate() {
        for ((column, width), right) in columns.clone().zip(widths).zip(right_edges(widths)) {
            let shown = &table.columns()[column];
            let mut caption = Vec::new();
            wrap(&faces.bold, &shown.caption, (width - 2.0 * PADDING) / (size * CAPTION_SCALE), &mut caption);
            boxes.push(ColumnBox { column, band, left: left + right - width, width: *width, is_figure: shown.kind.is_figure(), caption });
        }
    }
    Some(Grid { boxes, bands: bands.len().max(1), size, leading, is_labelled: false })
}

/// The widths in points, padding included, of what columns ask for.
fn points(measures: &[ColumnMeasure], size: f32, ems: fn(&ColumnMeasure) -> f32) -> Vec<f32> {
    measures.iter().map(|measure| ems(measure) * size + 2.0 * PADDING).collect()
}

/// The right edge of every column, from the left edge of the first.
fn right_edges(widths: &[f32]) -> Vec<f32> {
    let mut right = 0.0;
    let add = |width: &f32| {
        right += width;
        right
    };
    widths.iter().map(add).collect()
}

/// Moves the edges between the columns of a band to the nearest of `edges`, where every column keeps the width it
/// has or, if that is less, the width it needs: so the bands of a row look like one table.
fn align_edges(widths: &mut [f32], needed: &[f32], edges: &[f32]) {
    let needed: Vec<f32> = widths.iter().zip(needed).map(|(own, needed)| own.min(*needed)).collect();
    let all: f32 = widths.iter().sum();
    let (mut left, mut wanted, mut needed_after) = (0.0, 0.0, needed.iter().sum::<f32>());
    for (width, needed) in widths.iter_mut().zip(needed) {
        wanted += *width;
        needed_after -= needed;
        let (least, most) = (left + needed, all - needed_after);
        let possible = edges.iter().copied().filter(|edge| (least - ROUNDING..=most + ROUNDING).contains(edge));
        let nearest = possible.min_by(|a, b| (a - wanted).abs().total_cmp(&(b - wanted).abs()));
        let right = nearest.unwrap_or(wanted.min(most).max(least));
        *width = right - left;
        left = right;
    }
}

/// Shares `width` points among columns side by side; nothing when their minima are too wide, unless there is one alone.
fn share(measures: &[ColumnMeasure], width: f32, size: f32, whole_words: bool) -> Option<Vec<f32>> {
    let points = |ems| points(measures, size, ems);
    let mut widths = points(|measure| measure.minimum);
    if widths.iter().sum::<f32>() > width + ROUNDING && widths.len() > 1 {
        return None;
    }
    let words = points(|measure| measure.whole_words);
    if whole_words {
        widen_cheapest_first(&mut widths, &words, width);
    }
    widen_in_proportion(&mut widths, &points(|measure| measure.preferred), width);
    widen_in_proportion(&mut widths, &words, width);
    widen_in_proportion(&mut widths, &points(|measure| measure.maximum), width);
    let total: f32 = widths.iter().sum();
    Some(widths.iter().map(|own| own * width / total).collect())
}

/// Widens columns to what they ask for, those that lack least first, as long as all stay within `width` points: so
/// as many as possible have the whole of it.
fn widen_cheapest_first(widths: &mut [f32], asked: &[f32], width: f32) {
    let mut rest = width - widths.iter().sum::<f32>();
    let lacking = |column: usize, widths: &[f32]| (asked[column] - widths[column]).max(0.0);
    let mut order: Vec<usize> = (0..widths.len()).collect();
    order.sort_by(|a, b| lacking(*a, widths).total_cmp(&lacking(*b, widths)));
    for column in order {
        let lacking = lacking(column, widths);
        if lacking > rest {
            break;
        }
        widths[column] += lacking;
        rest -= lacking;
    }
}

/// Widens columns towards what they ask for, each by the same part of what it lacks, until all have `width` points.
fn widen_in_proportion(widths: &mut [f32], asked: &[f32], width: f32) {
    let rest = (width - widths.iter().sum::<f32>()).max(0.0);
    let lacking: Vec<f32> = widths.iter().zip(asked).map(|(own, asked)| (asked - own).max(0.0)).collect();
    let total: f32 = lacking.iter().sum();
    if total > 0.0 {
        let part = (rest / total).min(1.0);
        widths.iter_mut().zip(lacking).for_each(|(own, lacking)| *own += lacking * part);
    }
}

/// The height of the average row, in points, with its part of the captions.
fn average_row_height(grid: &Grid, table: &Sample<'_>, faces: &Faces) -> f32 {
    let terms = TermLines::new(table.columns(), grid, faces);
    let (mut rows, mut height) = (0.0, 0.0);
    let (mut row, mut cells, mut known) = (RowLines::default(), Vec::new(), None);
    for (run, index) in table.rows(HEIGHT_ROWS) {
        if !known.replace(run).is_some_and(|known| std::ptr::eq(known, run)) {
            cells = Cells::of_table(run);
        }
        row.read(&cells, (grid, &terms), faces, index);
        height += grid.row_height(row.total());
        rows += 1.0;
    }
    height / f32::max(rows, 1.0) + grid.captions_height() / ROWS_PER_PAGE
}

#[cfg(test)]
mod tests {
    use crate::export::layout::column_measure::ColumnMeasure;
    use crate::export::layout::column_widths::{COMPACT, align_edges, share, split_into_bands};

    fn measure(minimum: f32, preferred: f32, maximum: f32, whole_words: f32) -> ColumnMeasure {
        ColumnMeasure { minimum, preferred, maximum, whole_words }
    }

    /// The shares in ems at a size of one point, without padding.
    fn ems(measures: &[ColumnMeasure], width: f32, whole_words: bool) -> Option<Vec<f32>> {
        let padding = 2.0 * crate::export::layout::columns::PADDING;
        let shared = share(measures, width + padding * measures.len() as f32, 1.0, whole_words)?;
        Some(shared.iter().map(|own| ((own - padding) * 100.0).round() / 100.0).collect())
    }

    #[test]
    fn every_column_has_its_minimum_and_the_rest_is_shared_in_proportion() {
        let columns = [measure(4.0, 4.0, 4.0, 4.0), measure(4.0, 8.0, 20.0, 6.0), measure(4.0, 12.0, 20.0, 12.0)];
        assert_eq!(ems(&columns, 11.9, false), None);
        assert_eq!(ems(&columns, 12.0, false), Some(vec![4.0, 4.0, 4.0]));
        assert_eq!(ems(&columns, 18.0, false), Some(vec![4.0, 6.0, 8.0]));
        assert_eq!(ems(&columns, 24.0, false), Some(vec![4.0, 8.0, 12.0]));
        assert_eq!(ems(&columns, 44.0, false), Some(vec![4.0, 20.0, 20.0]));
    }

    #[test]
    fn words_are_kept_whole_where_most_columns_gain() {
        let columns = [measure(4.0, 8.0, 20.0, 6.0), measure(4.0, 8.0, 20.0, 12.0)];
        assert_eq!(ems(&columns, 10.0, true), Some(vec![6.0, 4.0]));
        assert_eq!(ems(&columns, 18.0, true), Some(vec![6.0, 12.0]));
    }

    #[test]
    fn edges_move_to_those_of_the_fullest_band_where_columns_keep_what_they_need() {
        let aligned = |mut widths: Vec<f32>, needed: &[f32], edges: &[f32]| {
            align_edges(&mut widths, needed, edges);
            widths
        };
        assert_eq!(aligned(vec![30.0, 30.0, 40.0], &[10.0; 3], &[20.0, 55.0, 100.0]), [20.0, 35.0, 45.0]);
        assert_eq!(aligned(vec![30.0, 30.0, 40.0], &[25.0, 20.0, 40.0], &[20.0, 55.0, 100.0]), [30.0, 25.0, 45.0]);
        assert_eq!(aligned(vec![30.0, 70.0], &[99.0, 10.0], &[20.0, 80.0, 100.0]), [80.0, 20.0]);
    }

    #[test]
    fn a_column_alone_always_has_room() {
        assert_eq!(ems(&[measure(40.0, 40.0, 40.0, 40.0)], 10.0, true), Some(vec![10.0]));
    }

    #[test]
    fn bands_are_consecutive_and_hold_every_column_once() {
        let columns: Vec<ColumnMeasure> = (1..=9).map(|width| measure(1.0, 1.0, width as f32, 1.0)).collect();
        for bands in 1..=12 {
            let split = split_into_bands(&columns, bands, COMPACT);
            assert!(split.len() <= bands.min(9));
            assert_eq!(split.into_iter().flatten().collect::<Vec<_>>(), (0..9).collect::<Vec<_>>());
        }
        assert_eq!(split_into_bands(&columns, 1, COMPACT), vec![0..9; 1]);
        assert_eq!(split_into_bands(&columns, 2, COMPACT), [0..6, 6..9]);
        assert_eq!(split_into_bands(&columns, 3, COMPACT), [0..5, 5..7, 7..9]);
        assert_eq!(split_into_bands(&[], 1, COMPACT), vec![0..0; 1]);
    }
}
