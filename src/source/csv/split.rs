//! Cuts a text into chunks that begin with a record, by one exact scan of its quotes.

use memchr::{memchr, memchr_iter, memchr2, memrchr2};

use crate::source::csv::record::{Dialect, Ending, Field, Quoting, Width, line_end, walk};

/// Where records may be read from independently, and which of them are broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Where chunks begin, ascending; at least one.
    pub cuts: Vec<usize>,
    /// Lines, by their first byte, with an unclosed quote; the next line begins a record.
    pub unclosed: Vec<usize>,
}

/// Scans the records from `start` and cuts them into at most `chunks` of about equal size.
pub fn split(text: &[u8], start: usize, dialect: &Dialect, width: Width, chunks: usize) -> Split {
    let step = (text.len() - start).div_ceil(chunks.max(1)).max(1);
    let mut scan = Scan {
        text,
        dialect,
        width,
        step,
        target: start + step,
        line: 0,
        cuts: vec![start],
        unclosed: Vec::new(),
        unclosed_until: 0,
        fields: Vec::new(),
    };
    // Outside quotes at `region`, in the record that begins at `record`.
    let (mut region, mut record) = (start, start);
    while let Some(open) = scan.next_open(region, record) {
        scan.cut(region, open);
        if let Some(distance) = memrchr2(b'\n', b'\r', &text[region..open]) {
            record = region + distance + 1;
        }
        match scan.close_on_line(open) {
            Some(after) => region = after,
            None => {
                region = scan.resolve_multiline(record);
                record = region;
            }
        }
    }
    scan.cut(region, text.len());
    Split { cuts: scan.cuts, unclosed: scan.unclosed }
}

struct Scan<'a> {
    text: &'a [u8],
    dialect: &'a Dialect,
    width: Width,
    step: usize,
    /// The next cut is the first possible one from here.
    target: usize,
    /// The end of the line that the last quote stood in.
    line: usize,
    cuts: Vec<usize>,
    unclosed: Vec<usize>,
    /// A record that is inside quotes at the start of a line up to here shares the fate of one found broken before:
    /// without this, a file of unclosed quotes would be scanned to its end from each of its lines.
    unclosed_until: usize,
    fields: Vec<Field>,
}

impl Scan<'_> {
    /// The next quote that opens a field: one at the start of a record or after a delimiter or line end.
    fn next_open(&self, region: usize, record: usize) -> Option<usize> {
        memchr_iter(self.dialect.quote, &self.text[region..])
            .map(|distance| region + distance)
            .find(|at| *at == record || (*at > region && self.dialect.ends_field(self.text[*at - 1])))
    }

    /// Adds the cuts that fall between `from` and `to`, all of it outside quotes.
    fn cut(&mut self, from: usize, to: usize) {
        loop {
            let from = from.max(self.target);
            if from >= to {
                return;
            }
            let Some(distance) = memchr2(b'\n', b'\r', &self.text[from..to]) else {
                return;
            };
            let cut = line_end(self.text, from + distance).1;
            if cut >= self.text.len() {
                return;
            }
            self.cuts.push(cut);
            // A record that passes several targets leaves chunks out.
            self.target += ((cut - self.target) / self.step + 1) * self.step;
        }
    }

    /// Where the field that opens here ends its quotes, if it does so on the same line.
    fn close_on_line(&mut self, open: usize) -> Option<usize> {
        if open >= self.line {
            self.line = line_end(self.text, open).0;
        }
        let mut from = open + 1;
        loop {
            let at = from + memchr(self.dialect.quote, self.text.get(from..self.line)?)?;
            if self.text.get(at + 1) != Some(&self.dialect.quote) {
                return Some(at + 1);
            }
            from = at + 2;
        }
    }

    /// Decides about a record with a quoted field that passes its line; returns where the next record begins.
    fn resolve_multiline(&mut self, record: usize) -> usize {
        let line = line_end(self.text, record).1;
        if line > self.unclosed_until {
            match walk(self.text, record, self.dialect, &mut self.fields) {
                Ending::Whole { next, .. } if self.width.fits(&self.fields) || !self.contains_full_row(line, next) => return next,
                Ending::Whole { next, .. } => self.unclosed_until = next - 1,
                Ending::Unclosed { reaches, .. } => self.unclosed_until = reaches,
            }
        }
        self.unclosed.push(record);
        line
    }

    /// Whether a whole row stands on one of these lines: then the quotes around it are not meant.
    fn contains_full_row(&mut self, from: usize, to: usize) -> bool {
        let mut at = from;
        while at < to {
            let (end, next) = line_end(self.text, at);
            let whole = matches!(walk(&self.text[..end], at, self.dialect, &mut self.fields), Ending::Whole { .. });
            // The line on which the quote closes has a stray one, and is no row of its own.
            let stray =
                |field: &Field| field.quoting == Quoting::Plain && memchr(self.dialect.quote, &self.text[field.start..field.end]).is_some();
            if whole && self.fields.len() > 1 && self.width.fits(&self.fields) && !self.fields.iter().any(stray) {
                return true;
            }
            at = next;
        }
        false
    }
}
