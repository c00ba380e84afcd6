//! Writes cells: figures, days and times as such, text in paragraphs, nothing for an empty one.

use std::borrow::Cow;
use std::io::Write as _;

use crate::domain::columns::ColumnType;
use crate::domain::date::MICROS_PER_DAY;
use crate::domain::date::text::write_date;
use crate::domain::text::{decimal, letters};
use crate::export::cells::Cell;
use crate::export::chunks::{ChunkRows, ChunkStats};
use crate::export::markup::{Markup, escape};
use crate::export::ods::links::RowLinks;
use crate::export::typed::write_exact_instant;
use crate::report::{Column, LazyTable, Term, Values, style};

/// The last day that is written as one, 9999-12-31, and the first, 0001-01-01.
const DAYS: std::ops::RangeInclusive<i32> = -719_162..=2_932_896;

/// The style of text that is never a number.
const VERBATIM: &str = "i";
/// Of a header.
pub const HEADER: &str = "h";
/// Of words that explain.
pub const REMARK: &str = "r";

/// The letters of the last column of `table`.
pub fn letters_of(table: &LazyTable) -> String {
    letters(table.columns.len().max(1) - 1)
}

/// The header row of `table`.
pub fn header(markup: &mut Markup, table: &LazyTable) {
    markup.raw("<table:table-header-rows><table:table-row>");
    for column in &table.columns {
        text(markup, HEADER, &column.caption);
    }
    markup.raw("</table:table-row></table:table-header-rows>");
}

/// A row without cells, and one that says something.
pub fn remark(markup: &mut Markup, words: &str) {
    markup.raw("<table:table-row><table:table-cell/></table:table-row><table:table-row>");
    text(markup, REMARK, words);
    markup.raw("</table:table-row>");
}

/// A cell of text in `style`.
pub fn text(markup: &mut Markup, style: &str, text: &str) {
    let Markup { bytes, changed } = markup;
    *changed += u64::from(text_cell(bytes, style, text, None));
}

/// The style of the cells of a column.
pub fn style_of(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Phone | ColumnType::Id => VERBATIM,
        ColumnType::Text => "w",
        ColumnType::Status | ColumnType::Choice | ColumnType::Bool => "t",
        ColumnType::Date => "d",
        ColumnType::Time => "m",
        ColumnType::Instant => "z",
        ColumnType::Count => "c",
        ColumnType::Share => "p",
        ColumnType::Amount => "a",
    }
}

/// The style of linked cells whose others have `style`: totals have theirs as they are.
fn linked(style: &str) -> String {
    if style == "B" { style.to_owned() } else { format!("{style}u") }
}

/// Knows how the rows of a table are written.
pub struct RowWriter<'a> {
    columns: Vec<ColumnCells>,
    links: RowLinks<'a>,
}

/// What is the same in every row: the style, and the cells of terms.
struct ColumnCells {
    style: &'static str,
    terms: Vec<(Vec<u8>, bool)>,
}

impl<'a> RowWriter<'a> {
    /// Of rows with `columns` that lead where `links` say.
    pub fn new(columns: &[Column], links: RowLinks<'a>) -> Self {
        let cells = |column: &Column| {
            let style = style_of(column.kind);
            let term = |term: &Term| {
                let mut xml = Vec::new();
                let own = style::status_place(term).map(|place| format!("k{place}"));
                let changed = text_cell(&mut xml, own.as_deref().unwrap_or(style), &term.caption, None);
                (xml, changed)
            };
            let terms = match &column.values {
                Values::Terms { terms, .. } => terms.iter().map(term).collect(),
                _ => Vec::new(),
            };
            ColumnCells { style, terms }
        };
        Self { columns: columns.iter().map(cells).collect(), links }
    }

    /// Appends the rows of `chunk`; counts as changed the cells with characters that were replaced.
    pub fn write(&self, chunk: ChunkRows<'_>, out: &mut Vec<u8>) -> ChunkStats {
        let mut stats = ChunkStats::default();
        for (row, place) in chunk.rows.zip(chunk.first..) {
            out.extend_from_slice(b"<table:table-row>");
            let (number, mail) = match self.links.is_empty() {
                true => (None, None),
                false => (self.links.number(place), self.links.mail(chunk.columns, row)),
            };
            for (index, (cells, column)) in self.columns.iter().zip(chunk.columns).enumerate() {
                let to = mail.as_ref().filter(|(column, _)| *column == index).map(|(_, to)| to).or(number.as_ref().filter(|_| index == 0));
                stats.changed += u64::from(self.cell(cells, Cell::of(&column.values, row), to.map(String::as_str), out));
            }
            out.extend_from_slice(b"</table:table-row>\n");
            stats.rows += 1;
        }
        stats
    }

    fn cell(&self, cells: &ColumnCells, cell: Option<Cell<'_>>, to: Option<&str>, out: &mut Vec<u8>) -> bool {
        match cell {
            Some(Cell::Term(place, _)) if to.is_none() && place < cells.terms.len() => {
                let (xml, changed) = &cells.terms[place];
                out.extend_from_slice(xml);
                *changed
            }
            Some(Cell::Term(_, term)) => {
                let own = style::status_place(term).map(|place| format!("k{place}"));
                text_cell(out, own.as_deref().unwrap_or(cells.style), &term.caption, to)
            }
            cell => write(out, cells.style, cell, to),
        }
    }
}

/// Appends a cell in `style`, one of text with a link to `to`, if it leads anywhere; whether a character of it was replaced.
pub fn write(out: &mut Vec<u8>, style: &str, cell: Option<Cell<'_>>, to: Option<&str>) -> bool {
    match cell {
        None => out.extend_from_slice(b"<table:table-cell/>"),
        Some(Cell::Text(text)) => return text_cell(out, style, text, to),
        Some(Cell::Term(_, term)) => return text_cell(out, style, &term.caption, to),
        Some(Cell::Count(count)) => valued(out, style, "float", "value", |out| {
            out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
        }),
        Some(Cell::Amount(hundredths)) => valued(out, style, "float", "value", |out| out.extend_from_slice(decimal(hundredths).as_bytes())),
        Some(Cell::Share(share)) => valued(out, style, "percentage", "value", |out| out.extend_from_slice(share.to_string().as_bytes())),
        Some(Cell::Time(seconds)) => {
            let seconds = seconds.rem_euclid(86_400);
            let style = if seconds % 60 == 0 { style } else { "s" };
            valued(out, style, "time", "time-value", |out| {
                // A Vec never refuses.
                let _ = write!(out, "PT{:02}H{:02}M{:02}S", seconds / 3_600, seconds / 60 % 60, seconds % 60);
            });
        }
        Some(Cell::Date(days)) if DAYS.contains(&days) => valued(out, style, "date", "date-value", |out| write_date(out, days)),
        Some(Cell::Instant(micros)) if DAYS.contains(&((micros.div_euclid(MICROS_PER_DAY)) as i32)) => {
            valued(out, style, "date", "date-value", |out| {
                write_exact_instant(out, micros);
                // It is UTC, as the caption says: the format knows no zones.
                out.pop();
            });
        }
        Some(Cell::Date(days)) => {
            let mut iso = Vec::new();
            write_date(&mut iso, days);
            return text_cell(out, style, &String::from_utf8_lossy(&iso), to);
        }
        Some(Cell::Instant(micros)) => {
            let mut iso = Vec::new();
            write_exact_instant(&mut iso, micros);
            return text_cell(out, style, &String::from_utf8_lossy(&iso), to);
        }
    }
    false
}

fn valued(out: &mut Vec<u8>, style: &str, kind: &str, attribute: &str, value: impl FnOnce(&mut Vec<u8>)) {
    let parts = ["<table:table-cell table:style-name=\"", style, "\" office:value-type=\"", kind, "\" office:", attribute, "=\""];
    parts.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
    value(out);
    out.extend_from_slice(b"\"/>");
}

/// A cell of text: a paragraph a line, blanks that a reader of XML would drop as elements, all of it leading to `to`, if anywhere.
fn text_cell(out: &mut Vec<u8>, style: &str, text: &str, to: Option<&str>) -> bool {
    let (open, close) = around_line(to);
    out.extend_from_slice(b"<table:table-cell table:style-name=\"");
    out.extend_from_slice(to.map(|_| linked(style)).as_deref().unwrap_or(style).as_bytes());
    out.extend_from_slice(b"\" office:value-type=\"string\">");
    out.extend_from_slice(&open);
    let mut escaped = Vec::with_capacity(text.len());
    let is_changed = escape(text, &mut escaped);
    let is_plain = !escaped.iter().any(|byte| matches!(byte, b'\n' | b'\t'))
        && !escaped.starts_with(b" ")
        && !escaped.ends_with(b" ")
        && memchr::memmem::find(&escaped, b"  ").is_none();
    if is_plain {
        out.extend_from_slice(&escaped);
    } else {
        for (index, line) in String::from_utf8_lossy(&escaped).split('\n').enumerate() {
            if index > 0 {
                out.extend_from_slice(close);
                out.extend_from_slice(&open);
            }
            paragraph(line, out);
        }
    }
    out.extend_from_slice(close);
    out.extend_from_slice(b"</table:table-cell>");
    is_changed
}

/// What stands around each line of a text that leads to `to`.
fn around_line(to: Option<&str>) -> (Cow<'static, [u8]>, &'static [u8]) {
    let Some(to) = to else { return (Cow::Borrowed(b"<text:p>"), b"</text:p>") };
    let mut open = b"<text:p><text:a xlink:type=\"simple\" xlink:href=\"".to_vec();
    escape(to, &mut open);
    open.extend_from_slice(b"\">");
    (Cow::Owned(open), b"</text:a></text:p>")
}

fn paragraph(line: &str, out: &mut Vec<u8>) {
    let mut rest = line;
    while !rest.is_empty() {
        let blanks = rest.len() - rest.trim_start_matches(' ').len();
        let is_edge = rest.len() == line.len() || rest.len() == blanks;
        match blanks {
            0 => {
                let end = rest.find([' ', '\t']).unwrap_or(rest.len()).max(usize::from(rest.starts_with('\t')));
                let (piece, after) = rest.split_at(end);
                out.extend_from_slice(if piece == "\t" { b"<text:tab/>" } else { piece.as_bytes() });
                rest = after;
            }
            1 if !is_edge => {
                out.push(b' ');
                rest = &rest[1..];
            }
            // A Vec never refuses.
            _ => {
                let _ = write!(out, "<text:s text:c=\"{blanks}\"/>");
                rest = &rest[blanks..];
            }
        }
    }
}
