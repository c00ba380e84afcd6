//! Cuts a text into chunks that begin with a record, by one exact scan of its quotes.

use memchr::{memchr, memchr_iter, memchr2, memrchr2};

use crate::source::csv::record::{Dialect, Ending, Field, QuoteLetters, Width, line_end, walk, walk_line};

/// Where records may be read from independently, and which of them are broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Where chunks begin, ascending; at least one.
    pub cuts: Vec<usize>,
    /// Lines, by their first byte, with an unclosed quote; the next line begins a record.
    pub unclosed: Vec<usize>,
    /// The end of the last record of which more than its line had to be looked at.
    pub decided: usize,
}

/// Scans the records from `start` and cuts them into at most `chunks` of about equal size.
pub fn split(text: &str, start: usize, dialect: &Dialect, width: Width, chunks: usize) -> Split {
    let step = (text.len() - start).div_ceil(chunks.max(1)).max(1);
    let mut scan = Scan {
        whole: text,
        text: text.as_bytes(),
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
    let (mut region, mut record, mut decided) = (start, start, start);
    while let Some(open) = scan.next_open(region, record) {
        scan.cut(region, open);
        if let Some(distance) = memrchr2(b'\n', b'\r', &scan.text[region..open]) {
            record = region + distance + 1;
        }
        match scan.close_on_line(open) {
            Some(after) => region = after,
            None => {
                region = scan.resolve(record);
                (record, decided) = (region, region);
            }
        }
    }
    scan.cut(region, text.len());
    Split { cuts: scan.cuts, unclosed: scan.unclosed, decided }
}

struct Scan<'a> {
    whole: &'a str,
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
        let opens = |at: &usize| *at == record || (*at > region && self.dialect.opens_after(&self.text[region..*at]));
        memchr_iter(self.dialect.quote, &self.text[region..]).map(|distance| region + distance).find(opens)
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
        let line = self.text.get(..self.line).filter(|line| open < line.len())?;
        let close = self.dialect.closing_quote(line, open + 1, open + 1).0?;
        self.dialect.end_after_quote(self.text, close + 1)
    }

    /// Decides about a record with a quoted field that passes its line, or that has text behind a quote; returns where the
    /// next record begins.
    fn resolve(&mut self, record: usize) -> usize {
        let (end, line) = line_end(self.text, record);
        if line <= self.unclosed_until {
            if let Ending::Whole { .. } = walk(&self.text[..end], record, self.dialect, &mut self.fields) {
                return line;
            }
        } else {
            match walk(self.text, record, self.dialect, &mut self.fields) {
                Ending::Whole { next, quotes, .. } => {
                    let fits = self.width.fits(self.whole, &self.fields);
                    let stray = quotes.outside && next > line && self.dialect.quote == b'"';
                    let is_row = fits && self.is_row_on_its_line(record) && self.is_full_rows(line, next);
                    let doubtful = stray || is_row || !fits && self.contains_full_row(line, next);
                    if !doubtful {
                        return next;
                    }
                    self.unclosed_until = next - 1;
                }
                Ending::Unclosed { reaches } => self.unclosed_until = reaches,
            }
        }
        self.refuse(record, line)
    }

    /// Adds a record with a broken quote to the list: its line, and those up to the one on which the quote seems to close,
    /// if none of them before is a row (of two fields any line of text with one delimiter is); returns where the next record begins.
    fn refuse(&mut self, record: usize, line: usize) -> usize {
        self.unclosed.push(record);
        let Some(quote) = memchr(self.dialect.quote, &self.text[line..]).map(|distance| line + distance) else {
            return line;
        };
        let last = memrchr2(b'\n', b'\r', &self.text[line..quote]).map_or(line, |distance| line + distance + 1);
        let opens = quote == last || self.dialect.opens_after(&self.text[last..quote]);
        let behind = quote + 1 + usize::from(self.text.get(quote + 1) == Some(&self.dialect.quote));
        let closes = self.dialect.end_after_quote(self.text, behind).is_some();
        if opens || !closes || (self.width.fields > 2 && self.contains_full_row(line, last)) {
            return line;
        }
        let mut at = line;
        while at <= last {
            self.unclosed.push(at);
            at = line_end(self.text, at).1;
        }
        at
    }

    /// Whether the line that begins here has all fields of a row if its broken quote is a letter: one whose fields end on later
    /// lines has a quote that is meant.
    fn is_row_on_its_line(&mut self, at: usize) -> bool {
        walk_line(self.text, at, self.dialect, &mut self.fields);
        self.width.fits(self.whole, &self.fields)
    }

    /// Whether a whole row stands on one of these lines.
    fn contains_full_row(&mut self, from: usize, to: usize) -> bool {
        let mut at = from;
        while at < to {
            let (end, next) = line_end(self.text, at);
            if self.full_row(at, end).is_some() {
                return true;
            }
            at = next;
        }
        false
    }

    /// Whether whole rows stand on these lines, the closing one aside where two others do: then the quotes around them are
    /// hardly meant; of more than a few fields one other will do. Text may hold a line like a row, but hardly nothing else.
    fn is_full_rows(&mut self, from: usize, to: usize) -> bool {
        let (mut at, mut rows) = (from, 0);
        while at < to {
            match self.full_row(at, to) {
                Some(next) => at = next,
                None => return rows > usize::from(self.width.fields < 5) && line_end(self.text, at).1 >= to,
            }
            rows += 1;
        }
        rows > 0
    }

    /// Where the row that begins here ends, if it is whole before `end` and has no stray quote.
    fn full_row(&mut self, at: usize, end: usize) -> Option<usize> {
        let Ending::Whole { next, quotes, .. } = walk(&self.text[..end], at, self.dialect, &mut self.fields) else {
            return None;
        };
        let in_order = quotes == QuoteLetters::default();
        let filled = self.fields.iter().any(|field| !field.is_blank(self.whole));
        (in_order && filled && self.fields.len() > 1 && self.width.fits(self.whole, &self.fields)).then_some(next)
    }
}
