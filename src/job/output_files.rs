//! Writes reports to their files, formats beside each other, and says of each file what a manifest has to know.

use std::borrow::Cow;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use crate::deliver::Staged;
use crate::deliver::manifest::Artifact;
use crate::deliver::output_writer::OutputWriter;
use crate::deliver::staged::Finished;
use crate::deliver::standard::{self, STANDARD_OUTPUT};
use crate::error::{Error, Result};
use crate::export::{ExportSummary, Exporter, Options};
use crate::job::{Progress, Stage};
use crate::report::Report;

/// How often it is looked how many rows are written.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A finished file (`None` for standard output), and what the manifest says of it.
pub type Written = (Option<Finished>, Artifact);

/// A format, and each of its files with what stands in it.
pub type FilesOf<'a> = (&'static dyn Exporter, Vec<(Option<Staged>, Cow<'a, Report>)>);

/// Writes the files of `reports`, formats side by side, each of which has all the `rows`, and tells how far they are: now and then
/// while they are written, and once more when all are.
pub fn write_reports(reports: Vec<FilesOf<'_>>, rows: usize, options: &Options, progress: &dyn Progress) -> Vec<Result<Written>> {
    let (before, all) = (options.written.count(), rows as u64 * reports.len() as u64);
    let (finished, finishes) = channel::<()>();
    std::thread::scope(|scope| {
        let running: Vec<_> = reports
            .into_iter()
            .map(|(format, files)| {
                let finished = finished.clone();
                scope.spawn(move || {
                    let write = |(staged, report): (_, Cow<'_, Report>)| write_report(format, staged, &report, options);
                    let written: Vec<Result<Written>> = files.into_iter().map(write).collect();
                    // Dropped, it says the same: nobody is told twice.
                    drop(finished);
                    written
                })
            })
            .collect();
        drop(finished);
        while finishes.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
            progress.amount(Stage::Exporting, options.written.count() - before, all);
        }
        let written =
            running.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect();
        progress.amount(Stage::Exporting, options.written.count() - before, all);
        written
    })
}

/// Writes `report` in one format to its file, or to standard output.
fn write_report(format: &dyn Exporter, staged: Option<Staged>, report: &Report, options: &Options) -> Result<Written> {
    let written = match staged {
        Some(staged) => write_file(staged, format.name(), |out| format.export(report, options, out))?,
        None => {
            let mut out = standard::open()?;
            let summary = format.export(report, options, &mut out).map_err(|error| out.cause(error))?;
            let (_, bytes, sha256) = out.finish()?;
            let ExportSummary { rows, pages, notes } = summary;
            let file = STANDARD_OUTPUT.to_owned();
            (None, Artifact { file, path: None, format: format.name().to_owned(), rows, pages, bytes, sha256, notes })
        }
    };
    if written.1.rows != report.numbers.rows as u64 {
        return Err(Error::internal(&written.1.file, format!("{} rows written of {}", written.1.rows, report.numbers.rows)));
    }
    Ok(written)
}

/// Writes what `write` says to `staged`, a file of `format`, and finishes it.
///
/// # Errors
/// Those of `write`, and what the system refused.
pub fn write_file(mut staged: Staged, format: &str, write: impl FnOnce(&mut OutputWriter) -> Result<ExportSummary>) -> Result<Written> {
    let ExportSummary { rows, pages, notes } = write(&mut staged.writer).map_err(|error| staged.writer.cause(error))?;
    let finished = staged.finish()?;
    let (file, path, format) = (finished.target.name.clone(), Some(finished.target.path()), format.to_owned());
    let artifact = Artifact { file, path, format, rows, pages, bytes: finished.bytes, sha256: finished.sha256.clone(), notes };
    Ok((Some(finished), artifact))
}
