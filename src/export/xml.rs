//! Writes the whole report as one XML document: cover, counts, every section that holds data, and the numbers.

use std::borrow::Cow;
use std::io::Write;
use std::ops::Range;

use crate::domain::columns::ColumnType;
use crate::domain::text::numbered;
use crate::error::{Error, Result};
use crate::export::chunks::{self, ChunkRows, ChunkStats};
use crate::export::document::{ColumnData, CoverData, DatedCount, FiguresData, VERSION, data_sections};
use crate::export::exporter::{Isolation, RowsWritten, all_data};
use crate::export::xml_read::xml_rows;
use crate::export::xml_text::{ElementWriter, Place, shown, write_attribute, write_text};
use crate::export::{ExportSummary, Exporter, Options, schema};
use crate::report::words::Words;
use crate::report::{LazyTable, Report, SectionId};

/// The XML format.
pub struct Xml;

/// The namespace of its elements.
const NAMESPACE: &str = "urn:portstatus:report:1";

impl Exporter for Xml {
    fn name(&self) -> &'static str {
        "xml"
    }

    fn is_text(&self) -> bool {
        true
    }

    fn holds_all_data(&self) -> bool {
        true
    }

    fn schema(&self) -> Option<String> {
        Some(schema::of_xml())
    }

    fn is_for_programs(&self) -> bool {
        true
    }

    fn check_places(&self, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
        all_data(self.name(), places)
    }

    fn isolation(&self) -> Isolation {
        Isolation::ReadBack(xml_rows)
    }

    fn text_read_back<'t>(&self, text: &'t str, _kind: ColumnType, _options: &Options, _words: &Words) -> Cow<'t, str> {
        shown(text)
    }

    fn export(&self, report: &Report, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
        let mut emit = |bytes: &[u8]| out.write_all(bytes).map_err(|error| Error::unwritten("xml", error));
        let (mut bytes, mut changed) = (Vec::new(), 0);
        bytes.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<report");
        write_attribute(&mut bytes, "xmlns", NAMESPACE);
        write_attribute(&mut bytes, "version", &VERSION.to_string());
        changed += u64::from(write_attribute(&mut bytes, "xml:lang", &report.language));
        bytes.extend_from_slice(b">\n");
        changed += write_cover(&mut bytes, &CoverData::of(report));
        changed += write_figures(&mut bytes, &FiguresData::of(&report.cover.figures));
        emit(&bytes)?;
        for section in data_sections(report) {
            let (section, table) = section?;
            let mut head = b"<section".to_vec();
            let attributes = [("id", section.id.code()), ("heading", &section.heading), ("explanation", &section.explanation)];
            for (name, text) in attributes.into_iter().filter(|(_, text)| !text.is_empty()) {
                changed += u64::from(write_attribute(&mut head, name, text));
            }
            head.extend_from_slice(b">\n");
            if let Some(table) = &table {
                changed += write_columns(&mut head, &table.columns);
            }
            emit(&head)?;
            if let Some(table) = table {
                let rows = table.rows - table.totals;
                changed += write_rows(&table, 0..rows, "row", None, &mut emit)?.changed;
                changed += write_rows(&table, rows..table.rows, "total", None, &mut emit)?.changed;
            }
            emit(b"</section>\n")?;
        }
        let mut head = b"<numbers>\n".to_vec();
        changed += write_columns(&mut head, &report.numbers.columns);
        emit(&head)?;
        let stats = write_rows(&report.numbers, 0..report.numbers.rows, "row", Some(&options.written), &mut emit)?;
        emit(b"</numbers>\n</report>\n")?;
        out.flush().map_err(|error| Error::unwritten("xml", error))?;
        changed += stats.changed;
        let texts = numbered(changed, "text holds", "texts hold");
        let note = format!("xml: {texts} characters that XML does not allow; each of them is replaced by U+FFFD");
        Ok(ExportSummary { rows: stats.rows, pages: None, notes: Vec::from_iter((changed > 0).then_some(note.into())) })
    }
}

/// Appends `<name>text</name>` and a line end; returns 1 if the text had to be changed.
fn write_element(out: &mut Vec<u8>, name: &str, text: &str) -> u64 {
    out.extend_from_slice(format!("<{name}>").as_bytes());
    let is_changed = write_text(out, text, Place::Content);
    out.extend_from_slice(format!("</{name}>\n").as_bytes());
    u64::from(is_changed)
}

/// Appends an empty element with `attributes`, those without a value left out; returns how many had to be changed.
fn write_empty(out: &mut Vec<u8>, name: &str, attributes: &[(&str, Option<&str>)]) -> u64 {
    out.extend_from_slice(format!("<{name}").as_bytes());
    let given = attributes.iter().filter_map(|(name, text)| Some((name, (*text)?)));
    let changed = given.map(|(name, text)| u64::from(write_attribute(out, name, text))).sum();
    out.extend_from_slice(b"/>\n");
    changed
}

fn write_cover(out: &mut Vec<u8>, cover: &CoverData<'_>) -> u64 {
    out.extend_from_slice(b"<cover>\n");
    let mut changed = write_element(out, "title", cover.title);
    changed += write_element(out, "as_of", &cover.as_of);
    changed += cover.operator.map_or(0, |operator| write_element(out, "operator", operator));
    changed += cover.filters.iter().map(|filter| write_element(out, "filter", filter)).sum::<u64>();
    changed += write_element(out, "order", cover.order);
    if let Some(page) = &cover.page {
        let counts = [("number", page.number), ("of", page.of), ("size", page.size), ("rows", page.rows)];
        let counts = counts.map(|(name, count)| (name, count.to_string()));
        write_empty(out, "page", &counts.each_ref().map(|(name, count)| (*name, Some(count.as_str()))));
    }
    changed += cover.oldest_change.map_or(0, |change| write_element(out, "oldest_change", change));
    changed += cover.sources.iter().map(|source| write_element(out, "source", source)).sum::<u64>();
    changed += write_element(out, "notice", cover.notice);
    out.extend_from_slice(b"</cover>\n");
    changed
}

fn write_figures(out: &mut Vec<u8>, figures: &FiguresData<'_>) -> u64 {
    let numbers = |count: &u64| count.to_string();
    out.extend_from_slice(b"<figures");
    write_attribute(out, "numbers", &numbers(&figures.numbers));
    out.extend_from_slice(b">\n");
    for line in &figures.by_status {
        let counts = [numbers(&line.numbers), numbers(&line.local), numbers(&line.toll_free)];
        let [all, local, toll_free] = counts.each_ref().map(|count| Some(count.as_str()));
        write_empty(out, "by_status", &[("status", line.status), ("numbers", all), ("local", local), ("toll_free", toll_free)]);
    }
    for line in &figures.by_detail {
        write_empty(out, "by_detail", &[("status", line.status), ("detail", line.detail), ("numbers", Some(&numbers(&line.numbers)))]);
    }
    for line in &figures.quality_flags {
        write_empty(out, "quality_flag", &[("flag", Some(line.flag)), ("numbers", Some(&numbers(&line.numbers)))]);
    }
    let mut changed = 0;
    for line in &figures.waiting_accounts {
        let (account, company) = (Some(line.account_id), Some(line.account_company));
        let attributes = [("account_id", account), ("account_company", company), ("numbers", Some(&*numbers(&line.numbers)))];
        changed += write_empty(out, "waiting_account", &attributes);
    }
    let upcoming = &figures.upcoming;
    let mut dated = |name: &str, from: Option<&str>, counts: [&u64; 2]| {
        let [confirmed, estimated] = counts.map(numbers);
        write_empty(out, name, &[("from", from), ("confirmed", Some(&confirmed)), ("estimated", Some(&estimated))]);
    };
    for week in &upcoming.weeks {
        dated("upcoming_week", Some(&week.from), [&week.confirmed, &week.estimated]);
    }
    for (name, DatedCount { confirmed, estimated }) in [("upcoming_later", &upcoming.later), ("date_passed", &upcoming.passed)] {
        dated(name, None, [confirmed, estimated]);
    }
    write_empty(out, "no_date", &[("numbers", Some(&numbers(&upcoming.no_date)))]);
    out.extend_from_slice(b"</figures>\n");
    changed
}

fn write_columns(out: &mut Vec<u8>, columns: &[crate::report::Column]) -> u64 {
    let columns = ColumnData::of(columns);
    let column = |column: &ColumnData<'_>| {
        write_empty(out, "column", &[("key", Some(column.key)), ("caption", Some(column.caption)), ("type", Some(column.kind))])
    };
    columns.iter().map(column).sum()
}

/// Writes `rows` of `table` as elements called `name`; they are counted in `written`.
fn write_rows(
    table: &LazyTable,
    rows: Range<usize>,
    name: &str,
    written: Option<&RowsWritten>,
    emit: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<ChunkStats> {
    let writer = ElementWriter::new(&table.columns);
    let elements = |chunk: ChunkRows, bytes: &mut Vec<u8>| {
        let mut stats = ChunkStats { rows: chunk.rows.len() as u64, changed: 0 };
        stats.changed = chunk.rows.clone().map(|row| writer.row(name, chunk.columns, row, bytes)).sum();
        written.into_iter().for_each(|written| written.add(stats.rows));
        Ok(stats)
    };
    chunks::write(table, rows, elements, emit)
}
