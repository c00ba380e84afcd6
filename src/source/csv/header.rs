//! Finds the header of a text below its blank lines, titles and comments, each of which is noted; a header may have three lines.

use std::ops::Range;

use crate::domain::number::mask;
use crate::domain::text::{counted, numbered, thousands};
use crate::error::{Error, Result};
use crate::source::csv::layout::{figures, lay_out};
use crate::source::csv::record::{Dialect, MOST_FIELDS, Width, walk_line};
use crate::source::csv::sample::{
    LONGEST_HEADER, SEARCHED, Sampled, Top, is_figure, looks_like_header, names, sample, trimmed, usual_width,
};
use crate::source::table::ColumnProjection;

/// Lines that one header may have.
const MOST_HEADER_LINES: usize = 3;

/// A header and where the rows begin.
#[derive(Debug, Clone, Default)]
pub(crate) struct Header {
    /// The names, with the white space around them.
    pub(crate) names: Vec<String>,
    /// How many fields a row has.
    pub(crate) width: Width,
    /// Which fields of the rows hold figures.
    pub(crate) figures: Vec<bool>,
    /// The byte the rows begin at.
    pub(crate) end: usize,
    /// The line the header begins on, from 1; 0 without one.
    pub(crate) line: u32,
    /// Line ends before the rows.
    pub(crate) lines: u32,
    pub(crate) notes: Vec<String>,
}

/// Finds the header, and which of its columns are wanted or why none are: the likeliest line is tried first, then the
/// others near the top. When none are wanted, the headers are the likeliest ones.
///
/// Where rows have more or fewer fields than the header has names and no rule says which, `in_order` names them one by one.
///
/// # Errors
/// A header line of more than 4 MiB or 32,767 columns (65).
pub(crate) fn find(
    name: &str,
    top: Top,
    dialect: &Dialect,
    projection: ColumnProjection,
    in_order: bool,
) -> Result<(Header, Result<Vec<bool>>)> {
    let text = top.text;
    let mut records = sample(top, dialect);
    let long = records.first().map_or(!text[top.start..].trim().is_empty(), |record| record.fields.len() >= MOST_FIELDS);
    if long {
        let what = format!("the first line has at least {MOST_FIELDS} fields or {LONGEST_HEADER} bytes and is not followed by a table");
        return Err(Error::data(name, what, "check the export that wrote it, or specify the delimiter"));
    }
    take_quotes_literally(text, &mut records, dialect);
    let lines = Lines { text, records: &records, dialect, width: usual_width(&records), in_order };
    let Some(likeliest) = lines.likeliest() else {
        return Ok((Header { end: text.len(), ..Header::default() }, projection(&[])));
    };
    let others = (0..records.len().min(SEARCHED)).filter(|index| *index != likeliest && records[*index].fields.len() < MOST_FIELDS);
    let mut first_refusal = None;
    for index in std::iter::once(likeliest).chain(others) {
        match lines.wanted(index, projection) {
            (header, Ok(columns)) => return Ok((header, Ok(columns))),
            refusal => _ = first_refusal.get_or_insert(refusal),
        }
    }
    Ok(first_refusal.unwrap_or_else(|| (Header::default(), projection(&[]))))
}

/// Near the top, quotes that merge fields are taken as letters where that gives the usual number of fields: a header
/// with a stray quote would be none, and the first row would be read as it.
fn take_quotes_literally(text: &str, records: &mut [Sampled], dialect: &Dialect) {
    let width = usual_width(records);
    for record in records.iter_mut().take(SEARCHED).filter(|record| record.quotes.inside && record.fields.len() != width) {
        let mut fields = Vec::new();
        walk_line(text.as_bytes(), record.start, dialect, &mut fields);
        if fields.len() == width {
            *record = Sampled { fields, closed: false, ..record.clone() };
        }
    }
}

/// The first records of a text, among which the header is looked for.
struct Lines<'a> {
    text: &'a str,
    records: &'a [Sampled],
    dialect: &'a Dialect,
    /// The usual number of fields.
    width: usize,
    in_order: bool,
}

impl Lines<'_> {
    fn names(&self, index: usize) -> Vec<String> {
        self.names_of(&self.records[index])
    }

    fn names_of(&self, record: &Sampled) -> Vec<String> {
        names(self.text, &record.fields, self.dialect)
    }

    fn is_wide(&self, index: usize) -> bool {
        self.records[index].fields.len() == self.width
    }

    /// The first record, unless it is a title or a filter: narrower than the records usually are, or with hardly a cell
    /// filled, and with a line of headers below it.
    fn likeliest(&self) -> Option<usize> {
        let first = self.records.first()?;
        let top = self.names(0);
        let filled = filled(&top);
        if self.width < 2 || (first.fields.len() >= self.width && filled > 1 && filled * 2 > self.width) {
            return Some(0);
        }
        let mut below = 1..self.records.len().min(SEARCHED);
        let is_header = |index: &usize| {
            let names = self.names(*index);
            self.is_wide(*index) && looks_like_header(&names) && self::filled(&names) > filled
        };
        if let Some(index) = below.clone().find(is_header) {
            // Where a header lacks one name, rows of words must not be taken for the one that is missing.
            let lacks_one = first.fields.len() > 1 && first.fields.len() + 1 == self.width && looks_like_header(&top);
            let figures =
                || (index + 1..self.records.len()).any(|row| self.is_wide(row) && self.names(row).iter().any(|name| is_figure(name)));
            return Some(if lacks_one && !figures() { 0 } else { index });
        }
        // A single word above rows of many fields heads none of them, unless it heads figures with a comma in them.
        let alone = first.fields.len() == 1;
        let remark = top[0].trim_start().starts_with('#');
        let wordy = |index: &usize| self.names(*index).iter().any(|name| !is_figure(name));
        Some(below.find(|index| self.is_wide(*index) && alone && (wordy(index) || remark)).unwrap_or(0))
    }

    /// The header that has this line, read in the way of which most columns are wanted: its lines joined, or one of them.
    fn wanted(&self, index: usize, projection: ColumnProjection) -> (Header, Result<Vec<bool>>) {
        let lines = self.header_lines(index);
        let joined = self.header(lines.clone(), &lines);
        let mut best = self.project(joined, projection);
        for line in lines.clone().filter(|_| lines.len() > 1) {
            let alone = self.project(self.header(line..line + 1, &lines), projection);
            let count =
                |columns: &Result<Vec<bool>>| columns.as_ref().map_or(0, |columns| columns.iter().filter(|wanted| **wanted).count());
            if alone.1.is_ok() && (best.1.is_err() || count(&alone.1) > count(&best.1)) {
                best = alone;
            }
        }
        best
    }

    fn project(&self, header: Header, projection: ColumnProjection) -> (Header, Result<Vec<bool>>) {
        let columns = projection(&trimmed(&header.names)).map(|mut columns| {
            columns.resize(header.names.len(), false);
            columns
        });
        (header, columns)
    }

    /// The lines of the header that this one belongs to: names of groups stand above it, and below it its own once more,
    /// or units and the like, which are words where the rows have figures.
    fn header_lines(&self, index: usize) -> Range<usize> {
        let fields = self.records[index].fields.len();
        let (mut first, mut end) = (index, index + 1);
        let follows = |above: usize| {
            self.records.get(above + 1).is_some_and(|below| below.fields.len() == fields && self.records[above].next == below.start)
        };
        if fields > 1 {
            while first > 0
                && end - first < MOST_HEADER_LINES
                && self.records[first - 1].fields.len() == fields
                && follows(first - 1)
                && are_groups(&self.names(first - 1), &self.names(first))
            {
                first -= 1;
            }
            let most = (first + MOST_HEADER_LINES).min(self.records.len());
            let goes_on = |last: &usize| (index + 1..=*last).all(|line| follows(line - 1) && self.is_continued(index, line, *last + 1));
            end = (index + 1..most).rev().find(goes_on).map_or(end, |last| last + 1);
        }
        first..end
    }

    /// Whether the header on one line goes on with the other, if the rows begin at `rows`.
    fn is_continued(&self, header: usize, line: usize, rows: usize) -> bool {
        let (above, below) = (trimmed(&self.names(header)), trimmed(&self.names(line)));
        let is_header = |names: &[String]| filled(names) > 1 && looks_like_header(names);
        if above == below {
            return is_header(&above) && self.records[rows..].iter().any(|record| self.names_of(record) != self.names(line));
        }
        if below.iter().any(|name| is_figure(name)) || !self.records[line].is_clean() {
            return false;
        }
        let figures = figures(self.text, &self.records[rows..], below.len(), self.dialect);
        let judged = |filled: bool| figures.iter().zip(&below).filter(|(figures, name)| **figures && name.is_empty() != filled).count();
        let complements = above.iter().zip(&below).all(|(above, below)| !(above.is_empty() && below.is_empty()))
            && above.iter().zip(&below).any(|(above, below)| above.is_empty() && !below.is_empty())
            && below.iter().any(String::is_empty);
        (judged(true) > 1 && judged(false) == 0 && looks_like_header(&below)) || (judged(true) > 0 && complements)
    }

    /// The header with the names of `named`, one line or several, above the rows below `lines`.
    fn header(&self, named: Range<usize>, lines: &Range<usize>) -> Header {
        let (first, last) = (&self.records[named.start], &self.records[lines.end - 1]);
        let names = match named.len() {
            1 => self.names(named.start),
            _ => joined(&named.clone().map(|line| self.names(line)).collect::<Vec<_>>()),
        };
        let mut notes = Vec::new();
        if lines.start > 0 {
            let count = counted(lines.start as u64, "line");
            notes.push(format!("skipped {count} of text above the header on line {}", self.records[lines.start].line));
        }
        if named.len() > 1 {
            notes.push(format!("the header has {} lines, which were joined", named.len()));
        } else if lines.len() > 1 {
            notes.push(format!("of the header's {} lines only the one on line {} was read", lines.len(), first.line));
        }
        if named.clone().any(|line| self.text[self.records[line].start..self.records[line].next].contains('\0')) {
            notes.push(format!("the header on line {} holds NUL bytes, which were left out", first.line));
        }
        if named.clone().any(|line| !self.records[line].closed) {
            notes.push(format!("the header on line {} has an unclosed quote", first.line));
        }
        if self.dialect.quote == b'"' && named.clone().any(|line| self.records[line].quotes.outside) {
            notes.push(format!("the header on line {} has quotes in the middle of its names", first.line));
        }
        let trimmed = trimmed(&names);
        if filled(&trimmed) > 0 && trimmed.iter().all(|name| name.is_empty() || is_figure(name)) {
            notes.push(format!("line {} was read as the header although it looks like data", first.line));
        }
        notes.extend(duplicates(&trimmed));
        let rows = &self.records[lines.end..];
        let layout = lay_out(self.text, names, rows, self.in_order);
        notes.extend(layout.note);
        let figures = figures(self.text, rows, layout.width.fields, self.dialect);
        let (names, width) = (layout.names, layout.width);
        Header { names, width, figures, end: last.next, line: first.line, lines: last.next_line - 1, notes }
    }
}

fn filled(names: &[String]) -> usize {
    names.iter().filter(|name| !name.trim().is_empty()).count()
}

/// Whether names of groups stand above these names: at least two words, with gaps that the names below fill.
fn are_groups(above: &[String], below: &[String]) -> bool {
    let (above, below) = (trimmed(above), trimmed(below));
    let gap = above.iter().position(String::is_empty).is_some_and(|gap| above[gap..].iter().any(|name| !name.is_empty()));
    let filled_below = above.iter().zip(&below).all(|(above, below)| !above.is_empty() || !below.is_empty());
    gap && filled_below && filled(&above) > 1 && !above.iter().any(|name| is_figure(name))
}

/// The names of several lines, those of one column with a blank between them.
fn joined(lines: &[Vec<String>]) -> Vec<String> {
    let fields = lines.iter().map(Vec::len).max().unwrap_or(0);
    let part = |field: usize| lines.iter().filter_map(move |line| line.get(field)).map(|name| name.trim()).filter(|name| !name.is_empty());
    (0..fields).map(|field| part(field).collect::<Vec<_>>().join(" ")).collect()
}

/// Headers used twice that are named, and columns of each; the others are counted.
const MAX_LISTED: usize = 20;

fn duplicates(names: &[String]) -> Vec<String> {
    let mut places: std::collections::BTreeMap<&str, Vec<usize>> = std::collections::BTreeMap::new();
    for (index, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        places.entry(name).or_default().push(index + 1);
    }
    let list = |columns: &[usize]| match columns.len().saturating_sub(MAX_LISTED) {
        0 => columns.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
        more => {
            let named: Vec<String> = columns[..MAX_LISTED].iter().map(usize::to_string).collect();
            format!("{} and {} more", named.join(", "), thousands(more as u64))
        }
    };
    let mut twice = places.iter().filter(|(_, columns)| columns.len() > 1);
    let named = twice.by_ref().take(MAX_LISTED);
    let mut notes: Vec<String> =
        named.map(|(name, columns)| format!("header '{}' is used for columns {}", masked(name), list(columns))).collect();
    let more = twice.count();
    notes.extend(
        (more > 0).then(|| numbered(more as u64, "more header is used for several columns", "more headers are used for several columns")),
    );
    notes
}

/// A header as a note may show it: where the first row was data, its phone numbers are not for the log.
fn masked(name: &str) -> String {
    mask(name).chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(80).collect()
}
