//! One module a format: a finished report and a writer in, bytes out. Exporters know nothing else.

pub mod cells;
pub mod chunks;
pub mod csv;
pub mod guard;
pub mod layout;
pub mod pdf;
pub mod xlsx;

use std::io::{Seek, Write};

use crate::error::Result;
use crate::report::Report;

/// Where an exporter writes: a staged file. Formats that stream never seek.
pub trait Sink: Write + Seek + Send {}
impl<T: Write + Seek + Send> Sink for T {}

/// What an exporter says of what it wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportSummary {
    /// Rows of the numbers table.
    pub rows: u64,
    /// Pages (PDF) or sheets that hold numbers (XLSX).
    pub pages: Option<u64>,
    /// Cells changed against formula injection or illegal characters, by what was done.
    pub notes: Vec<String>,
}

/// A format the report can be written in.
pub trait Exporter: Sync {
    /// The name in `--format` and the file extension.
    fn name(&self) -> &'static str;
    /// Writes the whole report.
    ///
    /// # Errors
    /// [`crate::error::Error::input_output`] from the writer; [`crate::error::Error::data`] when the report exceeds a limit of the format.
    fn export(&self, report: &Report, options: &Options, out: &mut dyn Sink) -> Result<ExportSummary>;
}

/// The formats. A new one is a module and a line here.
pub const FORMATS: &[&dyn Exporter] = &[&csv::Csv, &xlsx::Xlsx, &pdf::Pdf];

/// The options of all formats; each reads its own.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// CSV options.
    pub csv: csv::CsvOptions,
}

/// The format called `name` (any case), if there is one.
pub fn format(name: &str) -> Option<&'static dyn Exporter> {
    FORMATS.iter().copied().find(|format| format.name().eq_ignore_ascii_case(name))
}
