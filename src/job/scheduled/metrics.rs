//! Writes the figures of a run for Prometheus, as text that its node exporter collects.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use crate::deliver::{Delivery, RunFiles, name};
use crate::error::{Error, Result};
use crate::job::scheduled::result::JobResult;
use crate::job::scheduled::state::Progress;

/// The text of the figures of `result`.
fn text(result: &JobResult) -> String {
    let job = label(&result.state.job);
    let mut out = String::new();
    let mut add = |name: &str, help: &str, values: &[(String, f64)]| {
        let _ = writeln!(out, "# HELP portstatus_{name} {help}\n# TYPE portstatus_{name} gauge");
        for (labels, value) in values {
            let _ = writeln!(out, "portstatus_{name}{{job=\"{job}\"{labels}}} {value}");
        }
    };
    let of = |value: f64| vec![(String::new(), value)];
    add("run_timestamp_seconds", "When the last run ended.", &of(result.ended as f64));
    add("run_seconds", "How long it took.", &of(result.seconds));
    let is_whole = result.missing() == 0;
    add("run_complete", "Whether everything arrived: 1 or 0.", &of(f64::from(u8::from(is_whole))));
    if let Some(made) = &result.made {
        let counts = &made.manifest.content.counts;
        let rows = [
            ("read", counts.read),
            ("reported", counts.reported),
            ("filtered_out", counts.filtered_out),
            ("rejected", counts.rejected),
            ("unassigned", counts.unassigned),
            ("unaddressed", counts.unaddressed),
            ("not_due", counts.not_due),
        ];
        let rows: Vec<_> = rows.iter().map(|(what, rows)| (format!(",rows=\"{what}\""), *rows as f64)).collect();
        add("rows", "Rows of the last run, by where they went.", &rows);
    }
    let states = [Progress::Delivered, Progress::Failed, Progress::Unknown, Progress::Pending];
    let deliveries: Vec<_> =
        states.iter().map(|progress| (format!(",state=\"{}\"", progress.code()), result.count(*progress) as f64)).collect();
    add("deliveries", "Deliveries of the last run, by what became of them.", &deliveries);
    out
}

fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Writes the figures of `result` to the file at `path`, whole and for everybody to read: it holds counts alone.
///
/// # Errors
/// What the system refused.
pub fn write(path: &Path, result: &JobResult, files: &RunFiles) -> Result<()> {
    let (folder, file) = name::split(path)?;
    let mut delivery = Delivery::new(files, Vec::new());
    let mut staged = delivery.stage(&folder, &file)?;
    let written = staged.writer.write_all(text(result).as_bytes()).map_err(|error| Error::unwritten("metrics", error));
    written.map_err(|error| staged.writer.cause(error))?;
    let finished = staged.finish_public()?;
    delivery.publish(vec![finished], None, None)
}
