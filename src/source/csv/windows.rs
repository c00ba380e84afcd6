//! Reads a long text from disk in windows of whole lines, so that it is never held whole. The rows are those that come of the
//! whole text; where a window alone does not say what they are, the windows are refused.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;

use memchr::{memmem, memrchr};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::source::csv::extent::{self, HeaderTest, MOST_LOOKS, MOST_TITLE_LINES};
use crate::source::csv::header::Header;
use crate::source::csv::record::Dialect;
use crate::source::csv::rows::{self, Oddities, RowPlan};
use crate::source::csv::{self, ChunkSizes, CsvTable, refusal_notes, split};
use crate::source::input::ReadOptions;
use crate::source::open::{self, Blocks, Candidate, InputBytes};
use crate::source::orders::{FileDigest, Origin};
use crate::source::table::{ChunkSink, ColumnProjection, Found, OpenTable};

/// How long the windows are, and what became of them.
#[derive(Debug)]
pub struct Windows {
    bytes: usize,
    are_open: Cell<bool>,
    are_refused: Cell<bool>,
    digest: RefCell<Option<FileDigest>>,
}

/// Bytes of a row, roughly.
const BYTES_A_ROW: usize = 64;
/// Bytes of a window at the least: more than is looked at to tell how a text is written.
const LEAST_BYTES: usize = 512 << 10;
/// Windows whose bytes are more than the file's are not worth it.
const LEAST_WINDOWS: u64 = 2;

impl Windows {
    /// Windows of some `rows`.
    pub fn new(rows: usize) -> Self {
        let bytes = rows.saturating_mul(BYTES_A_ROW).clamp(LEAST_BYTES, 1 << 30);
        Self { bytes, are_open: Cell::new(false), are_refused: Cell::new(false), digest: RefCell::default() }
    }

    /// Whether a text was opened that is read through them.
    pub fn are_open(&self) -> bool {
        self.are_open.get()
    }

    /// Whether one turned out to be none that can be.
    pub fn are_refused(&self) -> bool {
        self.are_refused.get()
    }

    /// The size and hash of the file, if it was read through them.
    pub fn take_digest(&self) -> Option<FileDigest> {
        self.digest.take()
    }

    fn refuse(&self) -> Error {
        self.are_refused.set(true);
        Error::internal("csv", "a text that must be read whole")
    }
}

/// A text that is read through windows.
struct WindowedTable<'a> {
    windows: &'a Windows,
    candidate: &'a Candidate<'a>,
    blocks: Blocks<'a>,
    /// The beginning of the file.
    buffer: Vec<u8>,
    /// Where its text begins, behind a byte order mark.
    start: usize,
    plan: TextPlan<'a>,
    found: Found,
}

/// What its beginning says of a text.
struct TextPlan<'a> {
    header: Header,
    dialect: Dialect,
    /// Which columns are wanted, one answer a header.
    columns: Vec<bool>,
    projection: Option<ColumnProjection<'a>>,
    sizes: ChunkSizes,
}

/// Opens a delimited text through `windows`, if it is a long one in UTF-8 whose header and dialect its beginning shows.
///
/// # Errors
/// A read that fails.
pub fn open<'a>(
    candidate: &'a Candidate<'a>,
    options: &'a ReadOptions,
    projection: ColumnProjection<'a>,
    windows: &'a Windows,
) -> Result<Option<Box<dyn OpenTable + 'a>>> {
    windows.digest.take();
    if windows.are_refused() || options.encoding.is_some() || candidate.is_database() {
        return Ok(None);
    }
    let Some(mut blocks) = Blocks::open(candidate.input, options, LEAST_WINDOWS * windows.bytes as u64) else { return Ok(None) };
    let mut buffer = Vec::with_capacity(windows.bytes + (windows.bytes >> 3));
    blocks.read(&mut buffer, windows.bytes)?;
    let name = candidate.input.name();
    let Some(end) = memrchr(b'\n', &buffer) else { return Ok(None) };
    let is_other = open::column_file(&buffer).is_some() || open::is_json(&buffer) || open::is_workbook(&name, &buffer);
    if is_other || open::is_compressed(&buffer) || open::require_text(&name, &buffer).is_err() || is_damaged(&buffer) {
        return Ok(None);
    }
    let rest = buffer.split_off(end + 1);
    let first = InputBytes { name, bytes: buffer, ..InputBytes::default() };
    // Whatever is wrong with it is told of when it is read whole.
    let Ok(table) = csv::open(&first, options, projection, ChunkSizes::default()) else { return Ok(None) };
    let CsvTable { text, dialect, header, columns, found, sizes, .. } = table;
    if !matches!(text, Cow::Borrowed(_)) || found.encoding.as_deref() != Some("UTF-8") {
        return Ok(None);
    }
    let start = first.bytes.len() - text.len();
    let projection = (!options.columns_without_header).then_some(projection);
    let plan = TextPlan { header, dialect, columns, projection, sizes };
    let mut buffer = first.bytes;
    buffer.extend(rest);
    windows.are_open.set(true);
    Ok(Some(Box::new(WindowedTable { windows, candidate, blocks, buffer, start, plan, found })))
}

/// Whether letters were lost in a text before: that is to be noted, with how many.
fn is_damaged(text: &[u8]) -> bool {
    memmem::find(text, "\u{fffd}".as_bytes()).is_some()
}

impl OpenTable for WindowedTable<'_> {
    fn headers(&self) -> &[String] {
        &self.plan.header.names
    }

    fn origin(&self) -> Origin {
        Origin { file: self.candidate.input.name(), ..Origin::default() }
    }

    fn read(self: Box<Self>, sink: ChunkSink<'_>) -> Result<Found> {
        let Self { windows, candidate, mut blocks, mut buffer, mut start, plan, mut found } = *self;
        let (mut begin, mut hashed, mut bytes) = (start + plan.header.end, 0, buffer.len());
        let mut sums = WindowSums { lines: plan.header.lines, ..WindowSums::default() };
        let mut is_last = false;
        loop {
            let end = if is_last { Some(buffer.len()) } else { memrchr(b'\n', &buffer[begin..]).map(|at| begin + at + 1) };
            let end = end.ok_or_else(|| windows.refuse())?;
            let text = std::str::from_utf8(&buffer[start..end]).ok().filter(|text| !is_damaged(text.as_bytes()));
            let text = text.ok_or_else(|| windows.refuse())?;
            let window = Window { plan: &plan, text, begin: begin - start, is_first: sums.windows == 0, is_last };
            let (read, ()) = rayon::join(|| window.read(&sums, sink), || blocks.hash(&buffer[hashed..]));
            sums.add(read?.ok_or_else(|| windows.refuse())?);
            candidate.watch(bytes as u64)?;
            if is_last {
                break;
            }
            // The line before a window stays: some rows are judged by it.
            let line = memrchr(b'\n', &buffer[start..end - 1]).map_or(start, |at| start + at + 1);
            buffer.drain(..line);
            (start, begin, hashed) = (0, end - line, buffer.len());
            let more = blocks.read(&mut buffer, windows.bytes)?;
            is_last = more < windows.bytes;
            bytes += more;
        }
        // What was read before counts only if this was the same file to its end.
        windows.digest.replace(Some(blocks.digest()?));
        found.rows = sums.rows;
        found.refused = sums.refused.values().sum();
        found.notes.extend(sums.oddities.notes());
        found.notes.extend(refusal_notes(sums.refused));
        Ok(found)
    }
}

/// What the windows so far came to.
#[derive(Default)]
struct WindowSums {
    windows: usize,
    chunks: usize,
    /// Line ends before the next window.
    lines: u32,
    rows: u64,
    refused: BTreeMap<String, u64>,
    oddities: Oddities,
}

impl WindowSums {
    fn add(&mut self, window: Self) {
        self.windows += 1;
        self.chunks += window.chunks;
        self.lines += window.lines;
        self.rows += window.rows;
        window.refused.into_iter().for_each(|(reason, count)| *self.refused.entry(reason).or_default() += count);
        self.oddities = self.oddities.and(window.oddities);
    }
}

/// Some lines of a text.
struct Window<'a> {
    plan: &'a TextPlan<'a>,
    /// The lines, behind the header or the line before them.
    text: &'a str,
    /// Where they begin.
    begin: usize,
    is_first: bool,
    is_last: bool,
}

impl Window<'_> {
    /// Gives the rows to `sink`, behind those of the windows `before`; nothing comes of a window that alone does not say which
    /// rows it holds.
    fn read(&self, before: &WindowSums, sink: ChunkSink<'_>) -> Result<Option<WindowSums>> {
        let TextPlan { header, dialect, columns, projection, sizes } = self.plan;
        let end = if self.is_last { extent::content_end(self.text.as_bytes(), self.begin, dialect) } else { self.text.len() };
        let text = &self.text[..end];
        let most = sizes.most.min(2 * rayon::current_num_threads());
        let count = ((text.len() - self.begin) / sizes.least_bytes.max(1)).clamp(1, most.max(1));
        let split = split::split(text, self.begin, dialect, header.width, count);
        if !self.is_last && (!split.unclosed.is_empty() || split.decided == text.len()) {
            return Ok(None);
        }
        let bounds = [split.cuts, vec![text.len()]].concat();
        // What stands on the first line is seen from the line end before it.
        let first = self.begin - usize::from(!self.is_first);
        let survey = |bounds: &[usize]| {
            let start = if bounds[0] == self.begin { first } else { bounds[0] };
            extent::survey(text.as_bytes(), start..bounds[1], dialect, &header.figures)
        };
        let (mut breaks, gaps): (Vec<u32>, Vec<_>) = bounds.par_windows(2).map(survey).unzip();
        breaks[0] -= u32::from(!self.is_first).min(breaks[0]);
        let parts: Vec<_> = bounds.windows(2).map(|bounds| bounds[0]..bounds[1]).zip(gaps).collect();
        let test = HeaderTest { header, dialect, projection: *projection };
        let is_clear = parts.iter().all(|(_, gaps)| gaps.len() < MOST_LOOKS && (self.is_last || !self.is_cut(gaps)));
        if !is_clear || extent::other_table(text, &parts, &test, &split.unclosed).is_some() {
            return Ok(None);
        }
        let own = Header { end: if self.is_first { header.end } else { 0 }, ..header.clone() };
        let plan = RowPlan::new(text, dialect, &own, columns);
        let first_line = |index: usize| before.lines + 1 + breaks[..index].iter().sum::<u32>();
        let parse = |(index, (part, _)): (usize, &(Range<usize>, Vec<usize>))| {
            let (chunk, oddities) = rows::parse(&plan, part.clone(), first_line(index), &split.unclosed);
            let mut sums = WindowSums { oddities, rows: (chunk.lines.len() + chunk.refused.len()) as u64, ..WindowSums::default() };
            chunk.refused.iter().for_each(|row| *sums.refused.entry(row.reason.clone()).or_default() += 1);
            sink(before.chunks + index, chunk).map(|()| sums)
        };
        let read: Vec<WindowSums> = parts.par_iter().enumerate().map(parse).collect::<Result<_>>()?;
        let mut sums = WindowSums::default();
        read.into_iter().for_each(|part| sums.add(part));
        Ok(Some(WindowSums { windows: 1, chunks: parts.len(), lines: breaks.iter().sum(), ..sums }))
    }

    /// Whether what may be the header of another table stands at one of these places where its rows may be in the next window.
    fn is_cut(&self, gaps: &[usize]) -> bool {
        let text = self.text.as_bytes();
        let mut end = text.len();
        for _ in 0..MOST_TITLE_LINES + 3 {
            end = memrchr(b'\n', &text[self.begin..end.saturating_sub(1).max(self.begin)]).map_or(self.begin, |at| self.begin + at + 1);
        }
        let is_blank = |at: usize| match text.get(at) {
            Some(b'\n' | b'\r') => true,
            Some(byte) => *byte == self.plan.dialect.delimiter,
            None => false,
        };
        gaps.iter().any(|gap| *gap >= end || is_blank(*gap))
    }
}
