//! Writes the report as a text document: the summary, the numbers as one table, the beginnings of the lists, and the notes.

mod blocks;
mod chart;
mod logo;
mod parts;
mod read_back;
mod sheet;
mod style;
mod table;

use std::borrow::Cow;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::domain::columns::ColumnType;
use crate::domain::note::Note;
use crate::domain::text::{numbered, thousands};
use crate::error::{Error, Place, Result};
use crate::export::chunks::{self, ChunkRows};
use crate::export::exporter::Isolation;
use crate::export::markup::{Markup, text_in_document};
use crate::export::package::{LEVEL, Package};
use crate::export::places::{self, LIST, NOTES, SUMMARY};
use crate::export::{ExportSummary, Exporter, Options};
use crate::report::words::Words;
use crate::report::{Report, SectionId};
use parts::{BODY, Columns, FORMAT};
use sheet::Sheet;
use table::{Counts, TableRows};

/// Columns of a table in Word.
const MAX_COLUMNS: usize = 63;
/// Bytes of text of a document in Word, pictures aside.
const MAX_TEXT_BYTES: usize = 32 << 20;

/// The DOCX format.
pub struct Docx;

impl Exporter for Docx {
    fn name(&self) -> &'static str {
        FORMAT
    }

    fn check_places(&self, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
        places::check(FORMAT, places)
    }

    fn isolation(&self) -> Isolation {
        Isolation::ReadBack(read_back::rows)
    }

    fn text_read_back<'t>(&self, text: &'t str, _kind: ColumnType, _options: &Options, _words: &Words) -> Cow<'t, str> {
        text_in_document(text)
    }

    fn export(&self, report: &Report, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
        let columns = report.numbers.columns.len();
        if columns > MAX_COLUMNS {
            let what = format!("{columns} columns do not fit; a table of a text document holds {MAX_COLUMNS}");
            return Err(Error::data(FORMAT, what, "choose fewer columns, or leave docx out").with_remedy(other_formats()));
        }
        let sheet = Sheet::of(report, options);
        let mut package = Package::new(FORMAT, out);
        for (name, part) in parts::around(report, &sheet) {
            package.start(name, LEVEL)?;
            package.write(&part)?;
        }
        package.start(BODY, LEVEL)?;
        let (rows, changed) = body(report, options, &sheet, &mut package)?;
        package.finish()?;
        let texts = numbered(changed, "text holds", "texts hold");
        let note = format!("docx: {texts} characters that XML does not allow; they are shown as signs that stand for them");
        let narrow = sheet.is_narrow.then(|| {
            let mut note = Note::from("docx: the columns have less room on the paper asked for than their words need".to_owned());
            note.remedy = Some(Place::option("paper"));
            note
        });
        Ok(ExportSummary { rows, pages: None, notes: (changed > 0).then(|| Note::from(note)).into_iter().chain(narrow).collect() })
    }
}

fn other_formats() -> Place {
    Place::option_value("format", "csv,xlsx")
}

/// Writes the text of the document; the rows of the numbers, and how many texts were changed.
fn body(report: &Report, options: &Options, sheet: &Sheet, package: &mut Package<'_>) -> Result<(u64, u64)> {
    let mut markup = Markup::default();
    parts::open_body(&mut markup);
    blocks::cover(&mut markup, report, sheet);
    let summary = places::at(report, FORMAT, SUMMARY);
    if !summary.is_empty() {
        parts::break_section(&mut markup, sheet, Columns::One);
        for group in summary.chunk_by(|one, next| one.heading == next.heading) {
            group.iter().take(1).for_each(|section| blocks::heading(&mut markup, section));
            for section in group {
                blocks::section(&mut markup, section, report, (sheet, sheet.column_room()))?;
            }
        }
        parts::break_section(&mut markup, sheet, Columns::Two);
    }
    blocks::numbers_heading(&mut markup, report);
    let name = (places::numbers(report).0, &report.look.palette);
    table::open(&mut markup, &report.numbers.columns, &sheet.widths(&report.numbers.columns), name);
    let mut changed = emit(&mut markup, package)?;
    let (rows, changed_rows) = numbers(report, options, package)?;
    table::close(&mut markup);
    for section in [places::at(report, FORMAT, LIST), places::at(report, FORMAT, NOTES)].concat() {
        blocks::heading(&mut markup, section);
        blocks::section(&mut markup, section, report, (sheet, sheet.room()))?;
        changed += emit(&mut markup, package)?;
    }
    parts::close_body(&mut markup, sheet);
    changed += emit(&mut markup, package)?;
    Ok((rows, changed + changed_rows))
}

/// Writes what was made so far; how many texts of it were changed.
fn emit(markup: &mut Markup, package: &mut Package<'_>) -> Result<u64> {
    package.write(&markup.bytes)?;
    markup.bytes.clear();
    Ok(std::mem::take(&mut markup.changed))
}

/// Writes the rows of the numbers; how many they are, and how many of their cells were changed.
fn numbers(report: &Report, options: &Options, package: &mut Package<'_>) -> Result<(u64, u64)> {
    let numbers = &report.numbers;
    let writer = TableRows::new(&numbers.columns, report, Counts::Exact);
    let text_bytes = AtomicUsize::new(0);
    let format = |chunk: ChunkRows<'_>, bytes: &mut Vec<u8>| {
        let stats = writer.write(chunk, bytes, &text_bytes);
        options.written.add(stats.rows);
        let all = text_bytes.load(Ordering::Relaxed);
        if all > MAX_TEXT_BYTES {
            let holds = thousands(MAX_TEXT_BYTES as u64);
            let what = format!("more than {holds} bytes of text, which is all that Word opens");
            let help = "ask for fewer rows or columns, or leave docx out";
            return Err(Error::data(FORMAT, what, help).with_remedy(other_formats()));
        }
        Ok(stats)
    };
    let stats = chunks::write(numbers, 0..numbers.rows, format, |bytes| package.write(bytes))?;
    Ok((stats.rows, stats.changed))
}
