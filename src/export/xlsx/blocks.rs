//! Lays out the sheets that hold several sections below each other: title, facts, tables, paragraphs and charts.

use rust_xlsxwriter::{Color, Format, Workbook, Worksheet};

use crate::domain::columns::ColumnType;
use crate::error::Result;
use crate::export::cells::Cell;
use crate::export::xlsx::charts::{self, Figures};
use crate::export::xlsx::days::EPOCH;
use crate::export::xlsx::format::Formats;
use crate::export::xlsx::logo;
use crate::export::xlsx::numbers::TableSheet;
use crate::export::xlsx::page::PageSetup;
use crate::export::xlsx::refusal::refused;
use crate::export::xlsx::text::{self, CellEscaper};
use crate::export::xlsx::{links, measure};
use crate::report::{Column, Content, Report, Section, SectionId, Table, named_figures, style};

/// The widths of the columns of a sheet with charts, in digits of the body face: names, figures, and a gap before the charts.
const FIGURE_WIDTHS: [f64; 6] = [46.0, 12.0, 12.0, 18.0, 12.0, 3.0];
/// The widths on a sheet of words: terms and meanings.
const WORD_WIDTHS: [f64; 2] = [44.0, 110.0];
/// The column in which text begins that follows figures, so that it stands in line in every block.
const AFTER_FIGURES: u16 = 3;

/// What every sheet is laid out with.
pub struct Surroundings<'a> {
    /// The report.
    pub report: &'a Report,
    /// What is printed around it.
    pub page: &'a PageSetup,
    /// The formats of cells.
    pub formats: &'a Formats,
    /// The sheets of the lists, to which figures lead.
    pub tables: &'a [TableSheet<'a>],
}

/// Adds the sheet `name` with its `sections`; the names that formulas may use for its figures, and their cells.
///
/// # Errors
/// Whatever the library refuses.
pub fn lay_out(
    workbook: &mut Workbook,
    name: &str,
    sections: &[&Section],
    around: &Surroundings<'_>,
    escaper: &mut CellEscaper<'_>,
) -> Result<Vec<(String, String)>> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(name).map_err(refused)?.set_screen_gridlines(false);
    if let Some(accent) = sections.iter().find_map(|section| section.accent).filter(|_| sections.len() == 1) {
        sheet.set_tab_color(Color::RGB(around.report.look.palette.status(Some(accent)).bar));
    }
    let has_charts = sections.iter().any(|section| matches!(section.content, Content::Series(_)));
    let widths = if has_charts { FIGURE_WIDTHS.as_slice() } else { WORD_WIDTHS.as_slice() };
    for (column, width) in (0..).zip(widths) {
        sheet.set_column_width(column, *width).map_err(refused)?;
    }
    around.page.set_up(sheet);
    if has_charts {
        sheet.set_active(true).set_tab_color(Color::RGB(around.report.look.palette.header_fill)).set_print_fit_to_pages(1, 1);
    }
    let formats = around.formats;
    let mut blocks = Blocks { sheet, around, formats, escaper, row: 0, widths, heading: "", figures: Vec::new(), names: Vec::new() };
    match sections {
        [Section { heading, content: Content::Text(paragraphs), .. }] => blocks.only_text(heading, paragraphs)?,
        _ => {
            blocks.facts()?;
            sections.iter().try_for_each(|section| blocks.section(section))?;
        }
    }
    let Blocks { figures, names, .. } = blocks;
    if logo::has_logo(around.report, name) {
        let charts = sections.iter().filter(|section| matches!(section.content, Content::Series(_))).count();
        logo::insert(sheet, around.report, widths, charts)?;
    }
    charts::insert(sheet, name, sections, (&figures, around.tables), &around.report.look.palette)?;
    Ok(names.into_iter().map(|(figure, row)| (figure, format!("='{name}'!$B${}", row + 1))).collect())
}

/// Writes blocks below each other.
struct Blocks<'a, 'e> {
    sheet: &'a mut Worksheet,
    around: &'a Surroundings<'a>,
    formats: &'a Formats,
    escaper: &'a mut CellEscaper<'e>,
    /// The next free row.
    row: u32,
    widths: &'a [f64],
    /// The heading of the section before.
    heading: &'a str,
    /// Where the tables stand, for the charts.
    figures: Vec<Figures>,
    /// The names of figures, and their rows.
    names: Vec<(String, u32)>,
}

impl<'a> Blocks<'a, '_> {
    fn is_of_words(&self) -> bool {
        self.widths == WORD_WIDTHS
    }

    fn put(&mut self, column: u16, text: &str, format: &Format) -> Result<()> {
        self.escaper.put(self.sheet, self.row, column, text, format)
    }

    /// A sheet that only says why it holds no list.
    fn only_text(&mut self, heading: &str, paragraphs: &[String]) -> Result<()> {
        self.sheet.set_column_width(0, 100).map_err(refused)?;
        self.put(0, heading, &self.formats.title)?;
        self.row += 1;
        self.put(0, &self.around.report.as_of_line(), &self.formats.remark)?;
        self.row += 2;
        for paragraph in paragraphs {
            self.put(0, paragraph, &self.formats.wrapped)?;
            self.row += 1;
        }
        Ok(())
    }

    /// The title, and the lines of the cover: label and value, a row each.
    fn facts(&mut self) -> Result<()> {
        let report = self.around.report;
        self.put(0, &report.cover.title, &self.formats.title)?;
        self.row += 2;
        for fact in report.facts() {
            for (index, value) in fact.values.iter().enumerate() {
                self.put(0, if index == 0 { &fact.label } else { "" }, &self.formats.label)?;
                // On a sheet of lines, a value of several would run into the next.
                self.put(1, &text::plain(value), &self.formats.plain)?;
                self.row += 1;
            }
        }
        self.row += 1;
        Ok(())
    }

    fn section(&mut self, section: &'a Section) -> Result<()> {
        if !matches!(section.content, Content::Table { .. } | Content::Text(_)) {
            return Ok(());
        }
        // A heading that the section before or the header below has already is not repeated.
        let heading = Some(section.heading.as_str()).filter(|heading| *heading != self.heading);
        self.heading = &section.heading;
        match &section.content {
            Content::Table { table, totals } => {
                let of_header = table.columns.first().is_some_and(|column| column.caption == section.heading);
                if let Some(heading) = heading.filter(|_| !of_header) {
                    self.put(0, heading, &self.formats.heading)?;
                    self.row += 1;
                }
                if !section.explanation.is_empty() {
                    self.put(0, &section.explanation, &self.formats.remark)?;
                    self.row += 1;
                }
                let places = self.places(table);
                self.header(table, &places)?;
                self.figures.push(Figures { section: section.id, first: self.row, rows: (table.rows - totals) as u32 });
                if section.id == SectionId::ByStatus {
                    self.name_figures(table, *totals);
                }
                self.body(section.id, table, &places, *totals)?;
                self.row += 1;
            }
            Content::Text(paragraphs) => {
                self.row -= u32::from(heading.is_none());
                for (index, paragraph) in paragraphs.iter().enumerate() {
                    self.put(0, heading.filter(|_| index == 0).unwrap_or_default(), &self.formats.label)?;
                    self.put(1, paragraph, &self.formats.wrapped)?;
                    self.fit_height(&[(1, paragraph.as_str())])?;
                    self.row += 1;
                }
                self.row += 1;
            }
            Content::Numbers | Content::Rows(_) | Content::Series(_) => {}
        }
        Ok(())
    }

    fn header(&mut self, table: &Table, places: &[u16]) -> Result<()> {
        let mut next = 0;
        for (column, &place) in table.columns.iter().zip(places) {
            for gap in next..place {
                self.sheet.write_blank(self.row, gap, &self.formats.header).map_err(refused)?;
            }
            let format = match column.kind {
                _ if place == 0 || self.is_of_words() => &self.formats.header,
                kind if kind.is_figure() => &self.formats.header_right,
                _ => &self.formats.header_indented,
            };
            self.put(place, &column.caption, format)?;
            next = place + 1;
        }
        self.row += 1;
        Ok(())
    }

    /// The sheet's column of each column of `table`.
    fn places(&self, table: &Table) -> Vec<u16> {
        let mut next = 0;
        let place = |column: &Column| {
            let after_figures = !self.is_of_words() && next > 0 && !column.kind.is_figure();
            let place: u16 = if after_figures { next.max(AFTER_FIGURES) } else { next };
            next = place + 1;
            place
        };
        table.columns.iter().map(place).collect()
    }

    /// Notes down where the counts by status will stand, whose first is that of the row begun.
    fn name_figures(&mut self, table: &Table, totals: usize) {
        if self.around.report.section(SectionId::Names).is_some_and(|section| section.place("xlsx").is_some()) {
            let terms = (0..table.rows).map(|row| table.columns.first().and_then(|column| column.values.term(row)));
            let names = terms
                .enumerate()
                .map(|(row, term)| if row + totals >= table.rows { named_figures::ALL.to_owned() } else { named_figures::of_status(term) });
            self.names = names.zip(self.row..).collect();
        }
    }

    fn body(&mut self, section: SectionId, table: &Table, places: &[u16], totals: usize) -> Result<()> {
        for row in 0..table.rows {
            let is_total = row + totals >= table.rows;
            let mut texts = Vec::new();
            let to = links::target(section, table, row, self.around.report, self.around.tables);
            for (column, &place) in table.columns.iter().zip(places) {
                match Cell::of(&column.values, row) {
                    None if is_total => drop(self.sheet.write_blank(self.row, place, &self.formats.total).map_err(refused)?),
                    None => {}
                    Some(Cell::Term(_, term)) => {
                        let format = self.formats.term(term, column.kind, place, is_total);
                        let to = to.as_deref().filter(|_| place == 0);
                        self.put_linked(place, &term.caption, format, (to, style::status_place(term).is_some()))?;
                        texts.push((place, term.caption.as_str()));
                    }
                    Some(Cell::Text(text)) => {
                        let shown = if self.is_of_words() { text.to_owned() } else { text::plain(text) };
                        let to = to.as_deref().filter(|_| place == 0);
                        self.put_linked(place, &shown, self.text_format(column.kind, place), (to, false))?;
                        texts.push((place, text));
                    }
                    Some(cell) => self.figure(place, cell, is_total)?,
                }
            }
            self.fit_height(&texts)?;
            self.row += 1;
        }
        Ok(())
    }

    /// Writes text with a link to the cell `to`, if there is one.
    fn put_linked(&mut self, place: u16, text: &str, format: &Format, (to, is_status): (Option<&str>, bool)) -> Result<()> {
        match to.filter(|_| !text.is_empty()) {
            Some(to) => self.escaper.put_link(self.sheet, (self.row, place), text, to, &Formats::linked(format, is_status)),
            None => self.put(place, text, format),
        }
    }

    fn text_format(&self, kind: ColumnType, place: u16) -> &'a Format {
        match kind {
            _ if self.is_of_words() => &self.formats.wrapped,
            ColumnType::Id | ColumnType::Phone => &self.formats.verbatim,
            _ if place > 0 => &self.formats.indented,
            _ => &self.formats.plain,
        }
    }

    fn figure(&mut self, place: u16, cell: Cell<'_>, is_total: bool) -> Result<()> {
        let formats = self.formats;
        let (value, format) = match cell {
            Cell::Count(count) if self.is_of_words() => (count as f64, if is_total { &formats.total_left } else { &formats.count_left }),
            Cell::Count(count) => (count as f64, if is_total { &formats.total } else { &formats.count }),
            Cell::Share(share) => (share, &formats.share),
            Cell::Date(days) => (f64::from(days + EPOCH), &formats.week),
            _ => return Ok(()),
        };
        self.sheet.write_number_with_format(self.row, place, value, format).map_err(refused)?;
        Ok(())
    }

    /// Makes the row high enough for texts that wrap, each in its column.
    fn fit_height(&mut self, texts: &[(u16, &str)]) -> Result<()> {
        let lines = |(column, text): &(u16, &str)| self.widths.get(usize::from(*column)).map_or(1, |width| measure::lines(text, *width));
        let lines = texts.iter().map(lines).max().unwrap_or(1);
        if lines > 1 && self.is_of_words() {
            let points = measure::POINTS_A_LINE * lines.min(measure::MOST_LINES);
            self.sheet.set_row_height(self.row, points as f64).map_err(refused)?;
        }
        Ok(())
    }
}
