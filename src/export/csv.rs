//! To come.
use crate::error::Result;
use crate::export::{Exporter, Options, Sink, Written};
use crate::report::Report;

/// The csv format.
pub struct Csv;

impl Exporter for Csv {
    fn name(&self) -> &'static str { "csv" }
    fn export(&self, _report: &Report, _options: &Options, _out: &mut dyn Sink) -> Result<Written> { Ok(Written::default()) }
}

/// How text that a spreadsheet would run as a formula is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Guard {
    /// Prefixed with an apostrophe.
    #[default]
    Apostrophe,
    /// As it is, for machines.
    Raw,
}

/// CSV options.
#[derive(Debug, Clone)]
pub struct CsvOptions {
    /// Begin with a byte order mark.
    pub bom: bool,
    /// The delimiter.
    pub delimiter: u8,
    /// The guard against formulas.
    pub guard: Guard,
}

impl Default for CsvOptions {
    fn default() -> Self { Self { bom: false, delimiter: b',', guard: Guard::Apostrophe } }
}
