//! To come.
use crate::error::Result;
use crate::export::{Exporter, Options, Sink, Written};
use crate::report::Report;

/// The xlsx format.
pub struct Xlsx;

impl Exporter for Xlsx {
    fn name(&self) -> &'static str { "xlsx" }
    fn export(&self, _report: &Report, _options: &Options, _out: &mut dyn Sink) -> Result<Written> { Ok(Written::default()) }
}
