//! Writes the report as an OpenDocument spreadsheet: the sheets that a workbook has, each list a table with a filter, and charts of their figures.

mod blocks;
mod cells;
mod charts;
mod document;
mod links;
mod parts;
mod read_back;
mod sheets;

use std::borrow::Cow;
use std::io::Write;

use crate::domain::columns::ColumnType;
use crate::domain::note::Note;
use crate::domain::text::numbered;
use crate::error::Result;
use crate::export::chunks::{self, ChunkRows, ChunkStats};
use crate::export::exporter::Isolation;
use crate::export::mail::MailLink;
use crate::export::markup::{Markup, text_in_document};
use crate::export::package::{LEVEL, Package};
use crate::export::{ExportSummary, Exporter, Options, sheet_names};
use crate::report::words::Words;
use crate::report::{LazyTable, Report, SectionId, named_figures};
use blocks::Blocks;
use cells::RowWriter;
use links::RowLinks;
use parts::MEDIA_TYPE;
use sheets::Sheet;

/// The name of the format.
const FORMAT: &str = "ods";

/// The spreadsheet format.
pub struct Ods;

impl Exporter for Ods {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn check_places(&self, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
        sheet_names::check(places, |name| name.chars().count())
    }

    fn isolation(&self) -> Isolation {
        Isolation::ReadBack(read_back::ods_rows)
    }

    fn text_read_back<'t>(&self, text: &'t str, _kind: ColumnType, _options: &Options, _words: &Words) -> Cow<'t, str> {
        text_in_document(text)
    }

    fn export(&self, report: &Report, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
        let sheets = sheets::sheets(report)?;
        let mut package = Package::new(FORMAT, out);
        package.store("mimetype", MEDIA_TYPE.as_bytes())?;
        for (name, part) in parts::parts(report, &sheets, options) {
            package.start(name, LEVEL)?;
            package.write(&part)?;
        }
        package.start("content.xml", LEVEL)?;
        let mut written = Written { package, options, rows: 0, changed: 0, charts: Vec::new() };
        written.content(report, &sheets)?;
        let Written { mut package, rows, changed, charts, .. } = written;
        for (place, chart) in charts.iter().enumerate() {
            package.start(&format!("{}/content.xml", charts::object_name(place)), LEVEL)?;
            package.write(chart)?;
        }
        package.start("META-INF/manifest.xml", LEVEL)?;
        package.write(&parts::manifest(charts.len()).bytes)?;
        package.finish()?;
        let texts = numbered(changed, "cell holds", "cells hold");
        let note = format!("ods: {texts} characters that XML does not allow; they are shown as signs that stand for them");
        Ok(ExportSummary { rows, pages: None, notes: (changed > 0).then(|| Note::from(note)).into_iter().collect() })
    }
}

/// The document on its way out.
struct Written<'a, 'o> {
    package: Package<'o>,
    options: &'a Options,
    rows: u64,
    changed: u64,
    /// The contents of the charts, in the order of their places in the package.
    charts: Vec<Vec<u8>>,
}

impl Written<'_, '_> {
    fn content(&mut self, report: &Report, sheets: &[Sheet<'_>]) -> Result<()> {
        let mut markup = Markup::default();
        parts::open_content(&mut markup, sheets, report);
        for (index, sheet) in sheets.iter().enumerate() {
            markup.raw("<table:table table:name=\"").text(sheet.name).raw("\" table:style-name=\"ta\">");
            match sheet.list {
                Some((section, table)) => {
                    parts::columns(&mut markup, index, sheet);
                    let mail = MailLink::new(self.options, report, section, table);
                    self.list(&mut markup, (section, table), RowLinks::new(section, table, sheets, mail), report)?;
                }
                None => {
                    let blocks = Blocks::of(&sheet.sections, report, sheets);
                    let charts = charts::of_sheet(sheet, &blocks.figures, sheets);
                    charts::frames(&mut markup, &charts, self.charts.len(), parts::width_of_figures());
                    self.charts.extend(charts.iter().map(|chart| chart.content(report).bytes));
                    parts::columns(&mut markup, index, sheet);
                    self.emit(&mut markup)?;
                    markup = blocks.markup;
                }
            }
            markup.raw("</table:table>\n");
            self.emit(&mut markup)?;
        }
        markup.raw("<table:database-ranges>");
        for sheet in sheets {
            let Some((section, table)) = sheet.list.filter(|(_, table)| !table.columns.is_empty()) else { continue };
            let (last, column) = ((table.rows - table.totals.min(table.rows)).max(1) + 1, cells::letters_of(table));
            markup.raw("<table:database-range table:name=\"").raw(&named_figures::of_table(section));
            markup.raw("\" table:display-filter-buttons=\"true\" table:target-range-address=\"'").text(sheet.name).raw("'.A1:'");
            markup.text(sheet.name).raw(&format!("'.{column}{last}\"/>"));
        }
        markup.raw("</table:database-ranges></office:spreadsheet></office:body></office:document-content>\n");
        self.emit(&mut markup)
    }

    /// A list: its header, which is printed on every page, and its rows.
    fn list(&mut self, markup: &mut Markup, (section, table): (SectionId, &LazyTable), links: RowLinks<'_>, report: &Report) -> Result<()> {
        if !table.columns.is_empty() {
            cells::header(markup, table);
        }
        self.emit(markup)?;
        let counted = (section == SectionId::Numbers).then_some(&self.options.written);
        let writer = RowWriter::new(&table.columns, links);
        let format = |chunk: ChunkRows<'_>, bytes: &mut Vec<u8>| {
            let stats = writer.write(chunk, bytes);
            counted.inspect(|written| written.add(stats.rows));
            Ok(stats)
        };
        let package = &mut self.package;
        let ChunkStats { rows, changed } = match table.columns.is_empty() {
            true => ChunkStats::default(),
            false => chunks::write(table, 0..table.rows, format, |bytes| package.write(bytes))?,
        };
        self.changed += changed;
        if section == SectionId::Numbers {
            self.rows = rows;
        }
        if table.rows == 0 {
            cells::remark(markup, &report.words.empty_report);
        }
        Ok(())
    }

    fn emit(&mut self, markup: &mut Markup) -> Result<()> {
        self.package.write(&markup.bytes)?;
        markup.bytes.clear();
        self.changed += std::mem::take(&mut markup.changed);
        Ok(())
    }
}
