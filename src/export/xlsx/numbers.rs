//! Lays out the sheets that hold one flat table each: header, filter, widths, print setup. Leaves the rows to be streamed in later.

use std::ops::Range;

use rust_xlsxwriter::{FormatUnderline, IgnoreError, Note, Table as ExcelTable, TableColumn, TableStyle, Workbook, Worksheet};

use crate::domain::columns::ColumnType;
use crate::domain::text::{decimal, letters};
use crate::error::Result;
use crate::export::cells::Cell;
use crate::export::markup::is_illegal;
use crate::export::xlsx::format::{self, Formats, LINK_INK};
use crate::export::xlsx::marks;
use crate::export::xlsx::page::PageSetup;
use crate::export::xlsx::refusal::refused;
use crate::export::xlsx::{measure, text};
use crate::report::words::Words;
use crate::report::{Column, LazyTable, Report, SectionId, Values, named_figures};

/// Rows of a sheet looked at, its first, to find a column's width.
const SAMPLE_ROWS: usize = 1_000;

/// The width of a note in pixels and in digits of its face, and the height of its lines.
const NOTE_PIXELS: u32 = 300;
const NOTE_DIGITS: f64 = 44.0;
const NOTE_LINE_PIXELS: u32 = 15;

/// Bytes of worksheet XML that one part holds, with room to spare: past 4 GiB a package needs 64-bit sizes, which not
/// every spreadsheet reads.
const PART_BYTES: usize = 3_500_000_000;
/// Terms of a column that are shared strings, at most, and bytes of each.
const SHARED_TERMS: usize = 512;
const SHARED_BYTES: usize = 8_192;
/// The row, from 0, of the first cell that has the library number a shared string.
const FIRST_SHARED_ROW: usize = 3;
/// Bytes of markup around one cell.
const CELL_MARKUP: usize = 64;

/// A worksheet whose rows come from a table of the report.
pub struct TableSheet<'a> {
    /// The section that the table belongs to.
    pub section: SectionId,
    /// The name on the tab.
    pub name: String,
    /// The name of the Excel table.
    pub table: String,
    /// The place among the worksheets, from 1; the name of its part in the package.
    pub part: usize,
    /// The table.
    pub data: &'a LazyTable,
    /// Its rows that stand on this sheet.
    pub rows: Range<usize>,
    /// The captions as they stand in the header row.
    pub captions: Vec<String>,
    /// The widths of the columns, in digits of the body face.
    pub widths: Vec<f64>,
    /// The links of its rows to mails.
    pub mail: Option<MailColumn>,
    /// What stands below a table without rows.
    pub empty: String,
}

/// The links of a sheet's rows to mails.
pub struct MailColumn {
    /// The column that is linked, where its cell says something.
    pub column: usize,
    /// By row of the sheet, its first ones, the column of the cell that is linked and the address; none where that is too long.
    pub addresses: Vec<Option<(usize, String)>>,
}

impl TableSheet<'_> {
    /// The range from column A in row `first` to the last column in row `last`, both from 1.
    pub fn range(&self, first: usize, last: usize) -> String {
        format!("A{first}:{}{last}", letters(self.data.columns.len().max(1) - 1))
    }

    /// The last row of the table, from 1: totals stand below it, so that sorting and filters leave them where they are. A
    /// table without a row of data is a damaged file to Excel: an empty one keeps it whole.
    pub fn last_row(&self) -> usize {
        let end = self.rows.end.min(self.data.rows - self.data.totals.min(self.data.rows));
        end.saturating_sub(self.rows.start).max(1) + 1
    }

    /// The row below a table without rows in which its emptiness is said, from 1.
    pub fn remark_row(&self) -> Option<usize> {
        self.rows.is_empty().then(|| self.last_row() + 2)
    }
}

/// The sheets that `data` fills with at most `sheet_rows` rows each, fewer when rows are very wide: `Name`, `Name 2`, …;
/// one sheet when it has no rows.
///
/// # Errors
/// Those of the table.
pub fn plan<'a>(name: &str, section: SectionId, data: &'a LazyTable, sheet_rows: usize, words: &Words) -> Result<Vec<TableSheet<'a>>> {
    // Formulas name a table by this: it is the same in every language.
    let table = named_figures::of_table(section);
    // Text counts twice for what has to be escaped.
    let row_bytes = (data.columns.len() + 1) * CELL_MARKUP + 2 * data.source.text_bytes() / data.rows.max(1);
    let sheet_rows = sheet_rows.min((PART_BYTES / row_bytes).max(1));
    let captions = text::captions(data.columns.iter().map(|column| column.caption.as_str()), words);
    (0..data.rows.div_ceil(sheet_rows).max(1))
        .map(|index| {
            let first = index * sheet_rows;
            let numbered = |name: &str, before: char| if index == 0 { name.to_owned() } else { format!("{name}{before}{}", index + 1) };
            let (name, table) = (numbered(name, ' '), numbered(&table, '_'));
            let rows = first..(first + sheet_rows).min(data.rows);
            let sample = data.table(first..(first + SAMPLE_ROWS).min(rows.end))?;
            let widths = sample.columns.iter().zip(&captions).map(|(column, caption)| width(column, caption)).collect();
            Ok(TableSheet {
                section,
                name,
                table,
                part: 0,
                data,
                rows,
                captions: captions.clone(),
                widths,
                mail: None,
                empty: words.empty_report.clone(),
            })
        })
        .collect()
}

/// Adds the worksheet of `table` to the workbook, complete but for its rows, and notes which part of the package it is.
///
/// # Errors
/// [`crate::error::Error::internal`] when the library refuses the layout.
pub fn lay_out<'w>(
    workbook: &'w mut Workbook,
    table: &mut TableSheet<'_>,
    report: &Report,
    page: &PageSetup,
    formats: &Formats,
) -> Result<&'w mut Worksheet> {
    table.part = workbook.worksheets().len() + 1;
    let sheet = workbook.add_worksheet();
    sheet.set_name(&table.name).map_err(refused)?;
    let columns = &table.data.columns;
    if let Some(last) = columns.len().checked_sub(1) {
        // One row of data stands for all: the library would note down every cell of a larger table. The ranges are
        // set right when the rows are streamed in.
        let header = |caption: &String| TableColumn::new().set_header(caption).set_header_format(&formats.list_header);
        let headers: Vec<TableColumn> = table.captions.iter().map(header).collect();
        let excel_table = ExcelTable::new().set_name(&table.table).set_style(TableStyle::Light1).set_columns(&headers);
        sheet.add_table(0, 0, 1, last as u16, &excel_table).map_err(refused)?;
        sheet.ignore_error_range(1, 0, 1, last as u16, IgnoreError::NumberStoredAsText).map_err(refused)?;
        let frozen = u16::from(columns[0].kind == ColumnType::Phone);
        sheet.set_freeze_panes(1, frozen).map_err(refused)?;
        sheet.set_repeat_rows(0, 0).map_err(refused)?;
        size(sheet, table)?;
        style_probes(sheet, table, formats, report)?;
        if table.section == SectionId::Numbers {
            marks::add(sheet, columns, report)?;
        }
        notes(sheet, table, report)?;
    }
    page.set_up(sheet);
    let pages = page.pages_wide(&table.widths);
    if pages > 1 {
        sheet.set_print_fit_to_pages(pages, 0);
        // Each page says which number its rows are of.
        sheet.set_repeat_columns(0, 0).map_err(refused)?;
    }
    Ok(sheet)
}

fn size(sheet: &mut Worksheet, table: &TableSheet<'_>) -> Result<()> {
    let mut lines = 1;
    for (index, (width, caption)) in table.widths.iter().zip(&table.captions).enumerate() {
        // The button of the filter takes three digits; captions are bold.
        lines = lines.max(measure::lines(caption, (width - 3.0) / 1.05));
        sheet.set_column_width(index as u16, *width).map_err(refused)?;
    }
    sheet.set_row_height(0, (measure::POINTS_A_LINE * lines) as f64 + 3.0).map_err(refused)?;
    Ok(())
}

/// The meaning of each column as a note on its header.
fn notes(sheet: &mut Worksheet, table: &TableSheet<'_>, report: &Report) -> Result<()> {
    for (place, column) in (0..).zip(&table.data.columns) {
        let marks = marks::legend(&table.data.columns, place, table.section, report).unwrap_or_default();
        let meaning = text::plain(&[&*column.meaning, marks].join(" "));
        if !meaning.is_empty() {
            let lines = measure::lines(&meaning, NOTE_DIGITS) as u32;
            let note =
                Note::new(meaning).add_author_prefix(false).set_width(NOTE_PIXELS).set_height(lines * NOTE_LINE_PIXELS + NOTE_LINE_PIXELS);
            sheet.insert_note(0, place, &note).map_err(refused)?;
        }
    }
    Ok(())
}

/// A width that fits the cells of `column` and the caption on at most three lines, near to what the template asks for; text
/// that is wider wraps.
fn width(column: &Column, caption: &str) -> f64 {
    let widest = (0..column.values.len()).filter_map(|row| Cell::of(&column.values, row)).map(shown_width).max().unwrap_or(0);
    let word = caption.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
    let header = word.max(caption.chars().count().div_ceil(3)) + 5;
    let least = match column.kind {
        ColumnType::Phone => 15.0,
        ColumnType::Date => 12.0,
        ColumnType::Instant => 20.0,
        _ => 8.0,
    };
    let asked = f64::from(column.width_characters);
    let most = (asked * 1.6).clamp(16.0, asked.max(60.0));
    ((widest + 2).max(header) as f64).clamp(least, most.max(header as f64).min(asked.max(60.0)))
}

/// How many digits wide a cell is shown. Of several lines, the widest counts.
fn shown_width(cell: Cell<'_>) -> usize {
    match cell {
        Cell::Text(text) => widest(text),
        Cell::Date(_) => 10,
        Cell::Time(seconds) if seconds % 60 == 0 => 5,
        Cell::Time(_) => 8,
        Cell::Instant(_) => 19,
        Cell::Count(count) => count.to_string().len() * 4 / 3,
        Cell::Share(_) => 6,
        Cell::Amount(hundredths) => decimal(hundredths).len() * 4 / 3,
        Cell::Term(_, term) => widest(&term.caption),
    }
}

/// How many digits wide the widest line of `text` is.
fn widest(text: &str) -> usize {
    text.lines().map(|line| measure::digits(line).ceil() as usize).max().unwrap_or(0)
}

/// Empty cells in the second and third row, one for each format the rows will use, so that the library numbers the
/// formats, and below them cells with the terms of closed lists, so that it numbers those as shared strings; the writer of
/// the rows reads those numbers, and the rows take their place.
fn style_probes(sheet: &mut Worksheet, table: &TableSheet<'_>, formats: &Formats, report: &Report) -> Result<()> {
    let data = table.data;
    let is_linked = |place: usize| place == 0 && data.links.is_some() || table.mail.as_ref().is_some_and(|mail| mail.column == place);
    let format = |place: usize, column: &Column| match format::of_kind(column.kind, report) {
        format if is_linked(place) => format.set_font_color(LINK_INK).set_underline(FormatUnderline::Single),
        // Text does not touch the figure before it.
        format if column.kind == ColumnType::Text && place > 0 && data.columns[place - 1].kind.is_figure() => format.set_indent(1),
        format => format,
    };
    let kinds = data.columns.iter().enumerate().map(|(place, column)| format(place, column)).enumerate();
    let seconds = format::of_kind(ColumnType::Time, report).set_num_format("hh:mm:ss");
    let lines = format::of_kind(ColumnType::Text, report).set_text_wrap();
    let others = formats.statuses.iter().cloned().chain([seconds, lines, formats.cut.clone()]).enumerate();
    for (row, (column, format)) in kinds.map(|probe| (1, probe)).chain(others.map(|probe| (2, probe))) {
        sheet.write_blank(row, column as u16, &format).map_err(refused)?;
    }
    for (place, column) in data.columns.iter().enumerate() {
        let Values::Terms { terms, .. } = &column.values else { continue };
        let is_many = terms.len() > SHARED_TERMS || terms.len() > data.rows;
        for (row, term) in terms.iter().enumerate().filter(|(_, term)| !is_many && is_shared(&term.caption)) {
            sheet.write_string((FIRST_SHARED_ROW + row) as u32, place as u16, &term.caption).map_err(refused)?;
        }
    }
    Ok(())
}

/// The cell, as in `B4`, that has the library number the shared string of a term.
pub fn shared_cell(column: usize, term: usize) -> String {
    format!("{}{}", letters(column), FIRST_SHARED_ROW + term + 1)
}

/// Whether the library spells a caption as the writer of the rows does: it needs no escape but XML's own.
fn is_shared(caption: &str) -> bool {
    !caption.is_empty()
        && caption.len() <= SHARED_BYTES
        && !caption.contains("_x")
        && !caption.contains("_X")
        && !caption.chars().any(|c| c.is_control() || is_illegal(c))
}
