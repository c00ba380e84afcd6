//! To come.
use crate::error::Result;
use crate::export::{Exporter, Options, Sink, Written};
use crate::report::Report;

/// The pdf format.
pub struct Pdf;

impl Exporter for Pdf {
    fn name(&self) -> &'static str { "pdf" }
    fn export(&self, _report: &Report, _options: &Options, _out: &mut dyn Sink) -> Result<Written> { Ok(Written::default()) }
}
