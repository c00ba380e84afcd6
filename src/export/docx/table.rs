//! Writes tables: widths that are fixed, a head that is repeated on every page, and a paragraph a cell.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::domain::columns::ColumnType;
use crate::domain::date::text::DateStyle;
use crate::export::cell_words;
use crate::export::cells::Cell;
use crate::export::chunks::{ChunkRows, ChunkStats};
use crate::export::markup::{Markup, escape};
use crate::report::palette::Palette;
use crate::report::words::Words;
use crate::report::{Column, Report, Table, Term, Values, style};

/// How whole numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// Digits alone, as programs read them.
    Exact,
    /// In groups, and shares in percent.
    Grouped,
}

/// Begins a table of `columns`, as wide as `widths`, which readers who cannot see it know as `name`, up to its first row.
pub fn open(markup: &mut Markup, columns: &[Column], widths: &[u32], (name, palette): (&str, &Palette)) {
    frame(markup, widths, true, name);
    markup.raw("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
    for (column, width) in columns.iter().zip(widths) {
        let side = if column.kind.is_figure() { "<w:jc w:val=\"right\"/>" } else { "" };
        markup.raw(&format!(
            "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{:06X}\"/><w:vAlign w:val=\"bottom\"/></w:tcPr><w:p><w:pPr><w:pStyle w:val=\"Caption1\"/>{side}</w:pPr>",
            palette.header_fill
        ));
        markup.changed += u64::from(run(&column.caption, &mut markup.bytes));
        markup.raw("</w:p></w:tc>");
    }
    markup.raw("</w:tr>");
}

/// The properties of a table, with a head or without, and the widths of its columns.
pub fn frame(markup: &mut Markup, widths: &[u32], has_head: bool, name: &str) {
    let all: u32 = widths.iter().sum();
    let (look, first) = if has_head { ("0620", 1) } else { ("0600", 0) };
    markup.raw(&format!(
        "<w:tbl><w:tblPr><w:tblStyle w:val=\"ReportTable\"/><w:tblW w:w=\"{all}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/>"
    ));
    markup.raw(&format!("<w:tblLook w:val=\"{look}\" w:firstRow=\"{first}\" w:lastRow=\"0\" w:firstColumn=\"0\" w:lastColumn=\"0\" w:noHBand=\"1\" w:noVBand=\"1\"/><w:tblCaption w:val=\""));
    markup.text(name).raw("\"/></w:tblPr><w:tblGrid>");
    for width in widths {
        markup.raw(&format!("<w:gridCol w:w=\"{width}\"/>"));
    }
    markup.raw("</w:tblGrid>");
}

/// Ends a table. Two tables without a paragraph between them would be one.
pub fn close(markup: &mut Markup) {
    markup.raw("</w:tbl><w:p/>");
}

/// Keeps the rows of the table that begins at byte `start` of what was made on one page, or in one column: each goes with the next.
pub fn keep_together(markup: &mut Markup, start: usize) {
    const STYLE: &str = "<w:pStyle ";
    let table = String::from_utf8_lossy(&markup.bytes[start..]).into_owned();
    let last_row = table.rfind("<w:tr>").unwrap_or(0);
    let mut kept = String::with_capacity(table.len() * 2);
    let mut from = 0;
    for (at, _) in table.match_indices(STYLE).take_while(|(at, _)| *at < last_row) {
        let end = table[at..].find("/>").map_or(table.len(), |end| at + end + 2);
        kept.push_str(&table[from..end]);
        kept.push_str("<w:keepNext/>");
        from = end;
    }
    kept.push_str(&table[from..]);
    markup.bytes.truncate(start);
    markup.bytes.extend_from_slice(kept.as_bytes());
}

/// Knows how the rows of a table are written.
pub struct TableRows<'a> {
    words: &'a Words,
    counts: Counts,
    columns: Vec<ColumnCells>,
}

/// What is the same in every cell of a column.
struct ColumnCells {
    /// Before the text of a cell, and of a row of totals.
    open: String,
    open_total: String,
    /// Of each term its cell, and whether its text was changed.
    terms: Vec<(Vec<u8>, bool)>,
}

const CLOSE: &str = "</w:p></w:tc>";

impl<'a> TableRows<'a> {
    /// Of rows of `columns`.
    pub fn new(columns: &[Column], report: &'a Report, counts: Counts) -> Self {
        let cells = |column: &Column| {
            let styles = if column.kind.is_figure() { ["Figure", "TotalFigure"] } else { ["Cell", "Total"] };
            let [open, open_total] = styles.map(|style| opened("", style));
            let terms = match &column.values {
                Values::Terms { terms, .. } => terms.iter().map(|term| cell_of(term, &open, &report.look.palette)).collect(),
                _ => Vec::new(),
            };
            ColumnCells { open, open_total, terms }
        };
        Self { words: &report.words, counts, columns: columns.iter().map(cells).collect() }
    }

    /// Appends the rows of `chunk`; counts as changed the cells with characters that were replaced, and adds the bytes of their
    /// texts to `text_bytes`.
    pub fn write(&self, chunk: ChunkRows<'_>, out: &mut Vec<u8>, text_bytes: &AtomicUsize) -> ChunkStats {
        let mut stats = ChunkStats::default();
        let mut bytes = 0;
        for row in chunk.rows {
            let (changed, written) = self.row(chunk.columns, row, false, out);
            stats.changed += changed;
            stats.rows += 1;
            bytes += written;
        }
        text_bytes.fetch_add(bytes, Ordering::Relaxed);
        stats
    }

    /// Appends every row of `table`, its last `totals` rows as totals.
    pub fn write_all(&self, table: &Table, totals: usize, markup: &mut Markup) {
        for row in 0..table.rows {
            markup.changed += self.row(&table.columns, row, row + totals >= table.rows, &mut markup.bytes).0;
        }
    }

    /// Appends one row; how many of its cells were changed, and the bytes of its texts.
    fn row(&self, columns: &[Column], row: usize, is_total: bool, out: &mut Vec<u8>) -> (u64, usize) {
        let (mut changed, mut bytes, mut text) = (0, 0, String::new());
        out.extend_from_slice(b"<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        for (cells, column) in self.columns.iter().zip(columns) {
            let cell = Cell::of(&column.values, row);
            if let Some(Cell::Term(place, term)) = cell
                && let Some((cell, is_changed)) = cells.terms.get(place).filter(|_| !is_total)
            {
                out.extend_from_slice(cell);
                changed += u64::from(*is_changed);
                bytes += term.caption.len();
                continue;
            }
            out.extend_from_slice(if is_total { cells.open_total.as_bytes() } else { cells.open.as_bytes() });
            if let Some(cell) = cell {
                text.clear();
                match (self.counts, cell) {
                    (_, Cell::Text(shown)) => text.push_str(shown),
                    (Counts::Exact, cell) => cell_words::write_exact(cell, self.words.dates, &mut text),
                    (Counts::Grouped, cell) => cell_words::write(cell, self.words, &mut text),
                }
                changed += u64::from(run(&text, out));
                bytes += text.len();
            }
            out.extend_from_slice(CLOSE.as_bytes());
        }
        out.extend_from_slice(b"</w:tr>");
        (changed, bytes)
    }
}

/// What stands before the text of a cell.
fn opened(properties: &str, style: &str) -> String {
    format!("<w:tc>{properties}<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>")
}

/// A term as a cell: a status has its colour.
fn cell_of(term: &Term, open: &str, palette: &Palette) -> (Vec<u8>, bool) {
    let colour = style::status_place(term).map(|place| (place, palette.statuses[place]));
    let shaded = |fill: u32| format!("<w:tcPr><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{fill:06X}\"/></w:tcPr>");
    let own = colour.map(|(place, colour)| opened(&shaded(colour.fill), &format!("Status{place}")));
    let mut out = own.as_deref().unwrap_or(open).as_bytes().to_vec();
    let is_changed = run(&term.caption, &mut out);
    out.extend_from_slice(CLOSE.as_bytes());
    (out, is_changed)
}

/// Appends a run of text, with elements for line ends and tabs; whether it had to be changed.
pub fn run(text: &str, out: &mut Vec<u8>) -> bool {
    let mut is_changed = false;
    out.extend_from_slice(b"<w:r>");
    let mut rest = text;
    loop {
        let end = rest.find(['\n', '\r', '\t']).unwrap_or(rest.len());
        if end > 0 {
            out.extend_from_slice(b"<w:t xml:space=\"preserve\">");
            is_changed |= escape(&rest[..end], out);
            out.extend_from_slice(b"</w:t>");
        }
        let (stop, after) = match rest.as_bytes().get(end..) {
            None | Some([]) => break,
            Some([b'\t', ..]) => (&b"<w:tab/>"[..], 1),
            Some([b'\r', b'\n', ..]) => (&b"<w:br/>"[..], 2),
            Some(_) => (&b"<w:br/>"[..], 1),
        };
        out.extend_from_slice(stop);
        rest = &rest[end + after..];
    }
    out.extend_from_slice(b"</w:r>");
    is_changed
}

/// The columns of a small table as wide as what they hold, figures narrow.
pub fn small_columns(table: &Table) -> Vec<Column> {
    let width = |column: &Column| match column.kind {
        ColumnType::Count | ColumnType::Share | ColumnType::Amount => 10.0,
        _ => {
            let cells = (0..table.rows).filter_map(|row| Cell::of(&column.values, row));
            let length = cells.map(|cell| {
                let mut text = String::new();
                cell_words::write_exact(cell, DateStyle::Iso, &mut text);
                text.chars().count()
            });
            (length.max().unwrap_or(0) as f32).clamp(10.0, 90.0)
        }
    };
    table.columns.iter().map(|column| Column { width_characters: width(column), ..column.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use crate::export::docx::table::run;

    #[test]
    fn line_ends_and_tabs_are_elements_and_all_else_is_text() {
        let text = |text: &str| {
            let mut out = Vec::new();
            let is_changed = run(text, &mut out);
            (String::from_utf8_lossy(&out).replace("<w:t xml:space=\"preserve\">", "[").replace("</w:t>", "]"), is_changed)
        };
        assert_eq!(text("a\r\nb\rc\n\td"), ("<w:r>[a]<w:br/>[b]<w:br/>[c]<w:br/><w:tab/>[d]</w:r>".to_owned(), false));
        assert_eq!(text(" <é>\u{7}"), ("<w:r>[ &lt;é&gt;\u{2407}]</w:r>".to_owned(), true));
        assert_eq!(text(""), ("<w:r></w:r>".to_owned(), false));
    }
}
