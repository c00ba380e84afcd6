//! Copies the library's package to the output and streams the rows into its table sheets. Never buffers a sheet, never touches the clock.

use std::cell::RefCell;
use std::io::{BufWriter, Cursor, Read, Write};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::error::{Error, Result};
use crate::export::Sink;
use crate::export::chunks::{self, ChunkStats};
use crate::export::xlsx::numbers::TableSheet;
use crate::export::xlsx::rows::{RowWriter, Styles};

/// The deflate level: a quarter smaller than the fastest for a tenth of a second of CPU in 100,000 rows; the default would
/// take four times as long for another quarter.
const LEVEL: i64 = 2;

/// Writes `skeleton` to `out` with the rows of `sheets` in place of their probe rows; all other parts keep
/// their content. Returns what was written of each of `sheets`; a changed cell is one that held illegal characters.
///
/// # Errors
/// [`Error::data`] when a text is longer than a cell holds; [`Error::input_output`] when `out` refuses the bytes;
/// [`Error::internal`] when the skeleton is not laid out as expected.
pub fn splice(skeleton: Vec<u8>, sheets: &[TableSheet<'_>], out: &mut dyn Sink) -> Result<Vec<ChunkStats>> {
    let failure = RefCell::new(None);
    let mut skeleton = ZipArchive::new(Cursor::new(skeleton)).map_err(|error| broken(&error.to_string()))?;
    let mut package = Package {
        zip: ZipWriter::new_stream(StickyErrorWriter { out: BufWriter::with_capacity(1 << 16, out), failure: &failure }),
        failure: &failure,
    };
    let mut stats = vec![ChunkStats::default(); sheets.len()];
    for index in 0..skeleton.len() {
        let mut part = skeleton.by_index(index).map_err(|error| broken(&error.to_string()))?;
        let name = part.name().map_err(|error| broken(&error.to_string()))?.into_owned();
        let mut xml = Vec::new();
        part.read_to_end(&mut xml).map_err(|error| broken(&error.to_string()))?;
        let mut pairs = sheets.iter().zip(&mut stats);
        let sheet = pairs.find(|(sheet, _)| name == format!("xl/worksheets/sheet{}.xml", sheet.part));
        let sheet = sheet.filter(|(sheet, _)| !sheet.data.columns.is_empty());
        let is_table = name.starts_with("xl/tables/");
        package.zip.start_file(name, options()).map_err(|error| broken(&error.to_string()))?;
        let xml = String::from_utf8_lossy(&xml);
        match sheet {
            Some((sheet, stats)) => *stats += write_sheet(&xml, sheet, &mut package)?,
            None if is_table => package.write(with_range(&xml, sheets).as_bytes())?,
            None => package.write(xml.as_bytes())?,
        }
    }
    let mut latch = package.zip.finish().map_err(|error| broken(&error.to_string()))?.into_inner();
    latch.flush().and_then(|()| failure.take().map_or(Ok(()), Err)).map_err(|error| unwritten(&error))?;
    Ok(stats)
}

/// The output package.
struct Package<'a> {
    zip: ZipWriter<StreamWriter<StickyErrorWriter<'a>>>,
    failure: &'a RefCell<Option<std::io::Error>>,
}

impl Package<'_> {
    /// Writes to the part begun last.
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self.zip.write_all(bytes);
        written.and_then(|()| self.failure.take().map_or(Ok(()), Err)).map_err(|error| unwritten(&error))
    }
}

/// Keeps the first refusal of the output to itself, and from then on takes bytes to nowhere: a zip writer that
/// meets one goes on to close its archive when dropped, and complains on standard error when it cannot.
struct StickyErrorWriter<'a> {
    out: BufWriter<&'a mut dyn Sink>,
    failure: &'a RefCell<Option<std::io::Error>>,
}

impl Write for StickyErrorWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if self.failure.borrow().is_none()
            && let Err(error) = self.out.write_all(bytes)
        {
            self.failure.replace(Some(error));
        }
        Ok(())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.failure.borrow().is_none()
            && let Err(error) = self.out.flush()
        {
            self.failure.replace(Some(error));
        }
        Ok(())
    }
}

fn write_sheet(xml: &str, sheet: &TableSheet<'_>, package: &mut Package<'_>) -> Result<ChunkStats> {
    let missing = |what: &str| broken(&format!("no {what} in sheet {}", sheet.name));
    let style_probes = xml.find("<row r=\"2\"").ok_or_else(|| missing("row of style probes"))?;
    let end = xml.find("</sheetData>").ok_or_else(|| missing("end of data"))?;
    let styles = Styles::read(&xml[style_probes..end], sheet.data.columns.len());
    let head = with_dimension(&xml[..style_probes], sheet).ok_or_else(|| missing("dimension"))?;
    package.write(head.as_bytes())?;
    let writer = RowWriter::new(sheet, &styles);
    let stats = chunks::write(sheet.data, sheet.rows.clone(), |rows, bytes| writer.write(rows, bytes), |bytes| package.write(bytes))?;
    package.write(with_all_rows(&xml[end..], sheet).as_bytes())?;
    Ok(stats)
}

/// The head of a sheet, its dimension that of the header and the rows.
fn with_dimension(head: &str, sheet: &TableSheet<'_>) -> Option<String> {
    let (before, rest) = head.split_once("<dimension ref=\"")?;
    let (_, after) = rest.split_once('"')?;
    Some(format!("{before}<dimension ref=\"{}\"{after}", sheet.range(1, sheet.rows.len() + 1)))
}

/// The tail of a sheet, its ranges those of all rows.
fn with_all_rows(tail: &str, sheet: &TableSheet<'_>) -> String {
    let sqref = |last: usize| format!("sqref=\"{}\"", sheet.range(2, last));
    tail.replacen(&sqref(2), &sqref(sheet.last_row()), 1)
}

/// A table part, its ranges those of all rows of its sheet.
fn with_range(xml: &str, sheets: &[TableSheet<'_>]) -> String {
    let sheet = sheets.iter().find(|sheet| xml.contains(&format!(" name=\"{0}\" displayName=\"{0}\"", sheet.table)));
    let reference = |sheet: &TableSheet<'_>, last: usize| format!(" ref=\"{}\"", sheet.range(1, last));
    sheet.map_or_else(|| xml.to_owned(), |sheet| xml.replace(&reference(sheet, 2), &reference(sheet, sheet.last_row())))
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o600)
}

fn broken(what: &str) -> Error {
    Error::internal("xlsx", format!("the empty workbook cannot be filled: {what}"))
}

fn unwritten(error: &std::io::Error) -> Error {
    Error::input_output("xlsx", error.to_string().to_lowercase(), "")
}
