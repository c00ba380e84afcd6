//! Shares the width of the page among columns whose edges line up from band to band. Never knows what the columns hold.

use std::ops::Range;

use crate::export::pdf::columns::PADDING;
use crate::export::pdf::demand::{Demand, Worth};

/// Where a column lies: its band, and the tracks it covers.
pub struct Span {
    /// Its index in the table.
    pub column: usize,
    /// Its band.
    pub band: usize,
    /// The tracks, from left to right.
    pub tracks: Range<usize>,
}

/// Cuts the columns into at most `bands` consecutive parts that wish for about the same width: the band of each.
pub fn partition(demands: &[Demand], bands: usize) -> Vec<usize> {
    let total: f32 = demands.iter().map(|demand| demand.wish + 0.8).sum();
    let (mut before, mut last, mut band) = (0.0, 0, 0);
    demands
        .iter()
        .enumerate()
        .map(|(index, demand)| {
            let asks = demand.wish + 0.8;
            let part = (((before + asks / 2.0) / total.max(1.0) * bands as f32) as usize).min(bands - 1);
            before += asks;
            if index > 0 && part != last {
                band += 1;
            }
            last = part;
            band
        })
        .collect()
}

/// Lays the bands over common tracks, as many as the fullest band has columns; every other band
/// starts its columns where they suit the tracks best.
pub fn spans(demands: &[Demand], parts: &[usize]) -> Vec<Span> {
    let bands = parts.last().map_or(0, |last| last + 1);
    let members = |band: usize| (0..parts.len()).filter(move |column| parts[*column] == band).collect::<Vec<_>>();
    // Of equally full bands the upper one rules: max_by_key keeps the last of equals.
    let ruling = (0..bands).rev().max_by_key(|band| members(*band).len()).unwrap_or(0);
    let tracks: Vec<f32> = members(ruling).iter().map(|column| demands[*column].wish).collect();
    let mut spans = Vec::with_capacity(parts.len());
    for band in 0..bands {
        let columns = members(band);
        let wishes: Vec<f32> = columns.iter().map(|column| demands[*column].wish).collect();
        for (column, tracks) in columns.iter().zip(fit(&wishes, &tracks)) {
            spans.push(Span { column: *column, band, tracks });
        }
    }
    spans
}

/// The tracks of each column of a band: consecutive, all used, chosen so that as little as possible is
/// missing from what the columns wish for.
fn fit(wishes: &[f32], tracks: &[f32]) -> Vec<Range<usize>> {
    let (columns, edges) = (wishes.len(), tracks.len());
    let width = |from: usize, to: usize| tracks[from..to].iter().sum::<f32>();
    // best[column][start]: what is missing at least from this column and those after it, and where the next starts.
    let mut best = vec![vec![(f32::INFINITY, edges); edges + 1]; columns + 1];
    best[columns][edges] = (0.0, edges);
    for column in (0..columns).rev() {
        for start in 0..edges {
            for next in start + 1..=edges {
                let missing = (wishes[column] - width(start, next)).max(0.0).powi(2) + best[column + 1][next].0;
                if missing < best[column][start].0 {
                    best[column][start] = (missing, next);
                }
            }
        }
    }
    let mut start = 0;
    (0..columns)
        .map(|column| {
            let range = start..best[column][start].1;
            start = range.end;
            range
        })
        .collect()
}

/// Shares `width` points among the tracks: everybody's least first, then bargain by bargain to the column
/// that saves most lines for its points, the rest in proportion. Nothing when even the least is too much.
pub fn share(worths: &[Worth], spans: &[Span], width: f32, size: f32) -> Option<Vec<f32>> {
    let mut widths = least(worths, spans, size);
    let mut left = width - widths.iter().sum::<f32>();
    if left < 0.0 {
        return None;
    }
    loop {
        let best = spans
            .iter()
            .filter_map(|span| {
                let ems = (widths[span.tracks.clone()].iter().sum::<f32>() - 2.0 * PADDING) / size;
                worths[span.column].bargain(ems, left / size).map(|(wider, saving)| (span, (wider - ems) * size, saving))
            })
            .max_by(|a, b| a.2.total_cmp(&b.2));
        let Some((span, points, _)) = best else { break };
        let each = points / span.tracks.len() as f32;
        widths[span.tracks.clone()].iter_mut().for_each(|width| *width += each);
        left -= points;
    }
    let total: f32 = widths.iter().sum();
    Some(widths.iter().map(|own| own + left * own / total.max(1.0)).collect())
}

/// The least width of every track: of columns with one track first, then what the others lack.
fn least(worths: &[Worth], spans: &[Span], size: f32) -> Vec<f32> {
    let mut widths = vec![0.0_f32; spans.iter().map(|span| span.tracks.end).max().unwrap_or(0)];
    let mut ordered: Vec<&Span> = spans.iter().collect();
    ordered.sort_by_key(|span| span.tracks.len());
    for span in ordered {
        let needed = worths[span.column].least * size + 2.0 * PADDING;
        let lacking = needed - widths[span.tracks.clone()].iter().sum::<f32>();
        if lacking > 0.0 {
            let each = lacking / span.tracks.len() as f32;
            widths[span.tracks.clone()].iter_mut().for_each(|width| *width += each);
        }
    }
    widths
}
