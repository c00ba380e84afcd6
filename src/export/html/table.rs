//! Writes the rows of a table: bodies of as many rows as a page on screen shows, each cell's text as it stands.

use crate::domain::columns::ColumnType;
use crate::domain::date::text::DateStyle;
use crate::domain::status::Status;
use crate::export::cell_words;
use crate::export::cells::Cell;
use crate::export::chunks::{ChunkRows, ChunkStats};
use crate::export::mail::MailLink;
use crate::export::markup::{Markup, escape};
use crate::report::words::Words;
use crate::report::{Column, LazyTable, SectionId, Table, Term, Values, style};

/// Rows of a page on screen: one table body each.
pub const PAGE_ROWS: usize = 200;

/// How whole numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figures {
    /// Digits alone, as programs read them.
    Exact,
    /// In groups, and shares in percent.
    Grouped,
}

/// Begins a section of rows: its heading, how many rows it has, and what it says of itself.
pub fn open(markup: &mut Markup, id: SectionId, (heading, remark): (&str, &str), accent: Option<Status>, rows: usize, words: &Words) {
    let code = id.code();
    let accent = accent.map(|status| format!(" s{}", style::place(Some(status)))).unwrap_or_default();
    markup.raw(&format!("<section class=\"card rows{accent}\" id=\"{code}\" aria-labelledby=\"h-{code}\">\n<h2 id=\"h-{code}\">"));
    markup.text(heading).raw(" <small class=\"count\">").text(&words.thousands(rows as u64)).raw("</small></h2>\n");
    if !remark.is_empty() {
        markup.element("p class=\"remark\"", remark).raw("\n");
    }
}

/// The head of the table of the section `id`.
pub fn head(markup: &mut Markup, id: SectionId, rows: &LazyTable, words: &Words) {
    let code = id.code();
    if rows.rows == 0 {
        markup.element("p class=\"empty\"", &words.empty_report).raw("\n");
    }
    markup.raw(&format!("<div class=\"scroll\" role=\"group\" aria-labelledby=\"h-{code}\" tabindex=\"0\">\n"));
    markup.raw(&format!("<table id=\"t-{code}\" aria-labelledby=\"h-{code}\">\n<thead>\n<tr>"));
    for column in &rows.columns {
        markup.raw(&format!("<th scope=\"col\" data-key=\"{}\" data-kind=\"{}\">", column.key, kind(column, words.dates)));
        markup.text(&column.caption).raw("</th>");
    }
    markup.raw("</tr>\n</thead>\n<tbody>\n");
}

/// How the cells of a column are sorted.
fn kind(column: &Column, dates: DateStyle) -> &'static str {
    match column.kind {
        ColumnType::Count | ColumnType::Share | ColumnType::Amount => "figure",
        ColumnType::Date | ColumnType::Instant if dates != DateStyle::Iso => dates.name(),
        ColumnType::Phone | ColumnType::Date | ColumnType::Time | ColumnType::Instant => "plain",
        _ => "text",
    }
}

/// Ends the table, its totals last, and the section.
pub fn close(markup: &mut Markup, rows: &TableRows<'_>, totals: &Table) {
    markup.raw("</tbody>\n");
    if totals.rows > 0 {
        markup.raw("<tfoot>\n");
        for row in 0..totals.rows {
            markup.changed += rows.row(&totals.columns, row, &mut markup.bytes);
        }
        markup.raw("</tfoot>\n");
    }
    markup.raw("</table>\n</div>\n</section>\n");
}

/// Knows how the rows of a table are written.
pub struct TableRows<'a> {
    words: &'a Words,
    figures: Figures,
    mail: Option<MailLink<'a>>,
    columns: Vec<ColumnCells>,
}

/// The cells of a column that are the same in every row.
struct ColumnCells {
    /// Whether they name their row.
    is_head: bool,
    /// Of each term its cell, and whether its text was changed.
    terms: Vec<(Vec<u8>, bool)>,
}

impl<'a> TableRows<'a> {
    /// Of the rows of `table`.
    pub fn new(table: &'a LazyTable, words: &'a Words, figures: Figures, mail: Option<MailLink<'a>>) -> Self {
        let cells = |(index, column): (usize, &Column)| {
            let terms = match &column.values {
                Values::Terms { terms, .. } => terms.iter().map(term).collect(),
                _ => Vec::new(),
            };
            ColumnCells { is_head: index == 0, terms }
        };
        Self { words, figures, mail, columns: table.columns.iter().enumerate().map(cells).collect() }
    }

    /// Appends the rows of `chunk`; counts as changed the cells with characters that were replaced.
    pub fn write(&self, chunk: ChunkRows<'_>, out: &mut Vec<u8>) -> ChunkStats {
        let mut stats = ChunkStats::default();
        for (row, place) in chunk.rows.zip(chunk.first..) {
            if place > 0 && place.is_multiple_of(PAGE_ROWS) {
                out.extend_from_slice(b"</tbody>\n<tbody>\n");
            }
            stats.changed += self.row(chunk.columns, row, out);
            stats.rows += 1;
        }
        stats
    }

    /// Appends one row; how many of its cells were changed.
    fn row(&self, columns: &[Column], row: usize, out: &mut Vec<u8>) -> u64 {
        let (mut changed, mut text) = (0, String::new());
        out.extend_from_slice(b"<tr>");
        for (index, (cells, column)) in self.columns.iter().zip(columns).enumerate() {
            let cell = Cell::of(&column.values, row);
            let [open, close] = if cells.is_head && is_name(cell) { ["<th scope=\"row\">", "</th>"] } else { ["<td>", "</td>"] };
            out.extend_from_slice(open.as_bytes());
            match cell {
                None => {}
                Some(Cell::Text(text)) => changed += u64::from(escape(text, out)),
                Some(Cell::Term(place, _)) if place < cells.terms.len() => {
                    let (cell, is_changed) = &cells.terms[place];
                    out.extend_from_slice(cell);
                    changed += u64::from(*is_changed);
                }
                Some(cell) => {
                    text.clear();
                    match self.figures {
                        Figures::Exact => cell_words::write_exact(cell, self.words.dates, &mut text),
                        Figures::Grouped => cell_words::write(cell, self.words, &mut text),
                    }
                    changed += u64::from(escape(&text, out));
                }
            }
            if let Some(mail) = self.mail.as_ref().filter(|_| index == 0) {
                write_mail(mail, columns, row, out);
            }
            out.extend_from_slice(close.as_bytes());
        }
        out.extend_from_slice(b"</tr>\n");
        changed
    }
}

/// Whether a cell can name its row: a reader who hears it hears something.
fn is_name(cell: Option<Cell<'_>>) -> bool {
    match cell {
        Some(Cell::Text(text)) => text.chars().any(char::is_alphanumeric),
        Some(Cell::Term(_, term)) => term.caption.chars().any(char::is_alphanumeric),
        cell => cell.is_some(),
    }
}

/// A term as it stands in a cell: a status has its colour.
fn term(term: &Term) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let status = style::status_place(term);
    if let Some(place) = status {
        out.extend_from_slice(format!("<b class=\"s{place}\">").as_bytes());
    }
    let is_changed = escape(&term.caption, &mut out);
    if status.is_some() {
        out.extend_from_slice(b"</b>");
    }
    (out, is_changed)
}

/// Appends the cells of a small table, which is read whole.
pub fn small(markup: &mut Markup, table: &Table, totals: usize, words: &Words, label: &str) {
    markup.raw(&format!("<div class=\"wide\" role=\"group\" aria-labelledby=\"{label}\" tabindex=\"0\">\n<table class=\"small\" aria-labelledby=\"{label}\">\n<thead>\n<tr>"));
    for column in &table.columns {
        let class = if column.kind.is_figure() { " class=\"n\"" } else { "" };
        markup.element(&format!("th scope=\"col\"{class}"), &column.caption);
    }
    markup.raw("</tr>\n</thead>\n<tbody>\n");
    let is_mixed = table.columns.first().is_some_and(|column| has_statuses_among_others(&column.values));
    let mut text = String::new();
    for row in 0..table.rows {
        markup.raw(match row + totals >= table.rows {
            true => "<tr class=\"total\">",
            // A status is followed by its details.
            false if is_mixed && table.columns[0].values.term(row).is_some_and(|term| style::status_place(term).is_none()) => {
                "<tr class=\"detail\">"
            }
            false => "<tr>",
        });
        for (index, column) in table.columns.iter().enumerate() {
            let cell = Cell::of(&column.values, row);
            let is_head = index == 0 && is_name(cell);
            let tag = if is_head { "th" } else { "td" };
            markup.raw("<").raw(tag).raw(if is_head { " scope=\"row\"" } else { "" });
            markup.raw(if column.kind.is_figure() { " class=\"n\">" } else { ">" });
            match cell {
                Some(Cell::Term(_, term)) => match style::status_place(term) {
                    Some(place) => drop(markup.element(&format!("b class=\"s{place}\""), &term.caption)),
                    None => drop(markup.text(&term.caption)),
                },
                Some(cell) => {
                    text.clear();
                    cell_words::write(cell, words, &mut text);
                    markup.text(&text);
                }
                None => {}
            }
            markup.raw("</").raw(tag).raw(">");
        }
        markup.raw("</tr>\n");
    }
    markup.raw("</tbody>\n</table>\n</div>\n");
}

/// Whether some of the terms are statuses and some are not.
fn has_statuses_among_others(values: &Values) -> bool {
    let Values::Terms { terms, .. } = values else { return false };
    let statuses = terms.iter().filter(|term| style::status_place(term).is_some()).count();
    statuses > 1 && statuses + 1 < terms.len()
}

/// Appends the link of `row` to a mail.
fn write_mail(mail: &MailLink<'_>, columns: &[Column], row: usize, out: &mut Vec<u8>) {
    let mut markup = Markup::default();
    markup.raw(" <a class=\"mail\" href=\"").text(&mail.target(columns, row)).raw("\" aria-label=\"");
    escape(&mail.caption(columns, row), &mut markup.bytes);
    markup.raw("\"></a>");
    out.extend_from_slice(&markup.bytes);
}
