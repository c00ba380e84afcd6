//! A report as its formats need it: for people in the words of its template, and for programs with ISO days in its sentences, too.

use crate::domain::date::text::DateStyle;
use crate::error::Result;
use crate::export::Exporter;
use crate::history::Changes;
use crate::report::Report;
use crate::report::build::build_since;
use crate::report::template::Template;
use crate::select::Selection;

/// A report, and the same with other days for those formats that need it.
pub struct BuiltReport {
    /// As people read it.
    pub report: Report,
    /// As programs do, where that differs in a sentence that one of the formats quotes.
    exact: Option<Report>,
}

impl BuiltReport {
    /// The report of `selection` in the words of `template`, of `operator`, since `changes`, for `formats`.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn build(
        selection: &Selection,
        (template, operator): (&Template, &str),
        changes: Option<&Changes>,
        formats: &[&'static dyn Exporter],
    ) -> Result<Self> {
        let report = build_since(selection, template, operator, changes)?;
        let quotes = |format: &&&dyn Exporter| {
            format.is_for_programs() && (format.holds_all_data() || changes.is_some() && !format.lists_beside().is_empty())
        };
        let is_other = template.words.dates != DateStyle::Iso && formats.iter().find(quotes).is_some();
        let exact = is_other.then(|| build_since(selection, &template.clone().with_iso_days(), operator, changes)).transpose()?;
        Ok(Self { report, exact })
    }

    /// The report for `format`.
    pub fn of(&self, format: &dyn Exporter) -> &Report {
        self.exact.as_ref().filter(|_| format.is_for_programs()).unwrap_or(&self.report)
    }
}
