//! What became of a part of a run on several machines, a line for each recipient: its rows, their digest, its files and where they went.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::deliver::RunFiles;
use crate::deliver::run_store::{RunStore, StoredRun};
use crate::error::{Error, Place, Result};
use crate::job::context::ClassificationContext;
use crate::job::recipients::EVERYTHING;
use crate::job::scale::json_lines;
use crate::job::scale::plan::{Counts, LINES, Plan, RunPlace, Task, ValueCount};
use crate::job::scale::shard::counts;
use crate::job::scheduled::ScheduledJob;
use crate::job::scheduled::kept::load_rows;
use crate::job::scheduled::state::{RunState, ShipmentStatus};

/// What became of a recipient, or of a value that is nobody's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The part of the run.
    pub task: String,
    /// Who it is; nobody, for a value of which nobody is a recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// What there is of its value; of all rows, for one who may see everything.
    #[serde(flatten)]
    pub count: ValueCount,
    /// Rows in its report.
    pub reported: u64,
    /// Why it was not made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_due: Option<String>,
    /// Its files.
    pub files: Vec<LineFile>,
    /// Where they went.
    pub deliveries: Vec<LineDelivery>,
}

/// A file of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineFile {
    /// Where it is, below the place of the run.
    pub file: String,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
}

/// Where files went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineDelivery {
    /// By which delivery of the job.
    pub delivery: String,
    /// How far it is: `delivered`, `failed`, `unknown` or `pending`.
    pub state: String,
}

/// A report, as the manifest of a run tells it.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    recipient: Option<String>,
    value: String,
    folder: String,
    reported: u64,
    #[serde(default)]
    not_due: Option<String>,
    /// Only of one who may see everything.
    #[serde(default)]
    isolation: Option<String>,
}

/// What became of `task`, whose run is `run`.
///
/// # Errors
/// When the run cannot be read.
pub fn of_run(job: &ScheduledJob, (place, plan): (&RunPlace, &Plan), task: Task, run: &StoredRun) -> Result<Vec<Line>> {
    let state = RunState::read(run)?;
    let (classified, _) = load_rows(run, &ClassificationContext::read(&job.report.load)?)?;
    let damaged = |what: &str| Error::data(Place::path(&run.path), what, "render this part anew");
    let manifest = run.read(&state.manifest).ok_or_else(|| damaged("has lost its manifest"))?;
    let manifest: Value = serde_json::from_slice(&manifest).map_err(|error| damaged("has a damaged manifest").with_cause(error))?;
    let content = &manifest["content"];
    let told: Vec<Told> = Deserialize::deserialize(&content["split"]["reports"])
        .map_err(|error| damaged("has a manifest of no reports").with_cause(error))?;
    let outputs = content["outputs"].as_array().map_or(&[][..], Vec::as_slice);
    let statuses = state.statuses(run);
    let found = counts(&classified, &plan.key)?;
    let of_value = |value: &str| {
        found.get(value).cloned().unwrap_or_else(|| ValueCount { split_value: value.to_owned(), rows: 0, digest: "0".to_owned() })
    };
    let line = |told: &Told| {
        let name = told.recipient.as_ref().unwrap_or(&told.value);
        Line {
            task: task.name(),
            recipient: Some(name.clone()),
            count: if told.isolation.is_some() { all(&found) } else { of_value(&told.value) },
            reported: told.reported,
            not_due: told.not_due.clone(),
            files: files(outputs, &told.folder, run, place),
            deliveries: deliveries(&state, &statuses, name),
        }
    };
    let mut lines: Vec<Line> = told.iter().map(line).collect();
    let values: BTreeSet<&String> = told.iter().map(|told| &told.value).collect();
    let nobody = found.into_values().filter(|count| task != Task::Whole && !values.contains(&count.split_value)).map(|count| Line {
        task: task.name(),
        recipient: None,
        count,
        reported: 0,
        not_due: None,
        files: Vec::new(),
        deliveries: Vec::new(),
    });
    lines.extend(nobody);
    Ok(lines)
}

/// What there is of all values together.
pub fn all(counts: &Counts) -> ValueCount {
    let digest: u128 = counts.values().filter_map(|count| count.digest.parse::<u128>().ok()).sum();
    ValueCount { split_value: EVERYTHING.to_owned(), rows: counts.values().map(|count| count.rows).sum(), digest: digest.to_string() }
}

/// The files in `folder` of the run.
fn files(outputs: &[Value], folder: &str, run: &StoredRun, place: &RunPlace) -> Vec<LineFile> {
    let home = run.path.strip_prefix(&place.path).unwrap_or(&run.path);
    let file = |output: &Value| {
        let file = output["file"].as_str()?;
        file.strip_prefix(folder)?.strip_prefix('/')?;
        let (bytes, sha256) = (output["bytes"].as_u64()?, output["sha256"].as_str()?.to_owned());
        Some(LineFile { file: home.join(file).display().to_string(), bytes, sha256 })
    };
    outputs.iter().filter_map(file).collect()
}

fn deliveries(state: &RunState, statuses: &[ShipmentStatus], recipient: &str) -> Vec<LineDelivery> {
    let own = state.shipments.iter().zip(statuses).filter(|(shipment, _)| shipment.recipient == recipient);
    own.map(|(shipment, status)| LineDelivery { delivery: shipment.delivery.clone(), state: status.progress.code().to_owned() }).collect()
}

/// Keeps what became of `task` at the place of its run.
///
/// # Errors
/// What the system refused.
pub fn keep(place: &RunPlace, task: Task, lines: &[Line], files: &RunFiles) -> Result<()> {
    place.folder(LINES.as_ref())?.replace(&name(task), json_lines::text(lines)?.as_bytes(), files)
}

/// What was kept of `task`; `None` where nothing was.
///
/// # Errors
/// [`Error::data`] for what is no line.
pub fn kept(place: &RunPlace, task: Task) -> Result<Option<Vec<Line>>> {
    let path = place.path.join(LINES);
    let Some(text) = RunStore::run_at(&path).ok().and_then(|folder| folder.read(&name(task))) else { return Ok(None) };
    json_lines::items(&text, &Place::path(&path.join(name(task))), "render this part anew").map(Some)
}

fn name(task: Task) -> String {
    format!("{}.jsonl", task.name())
}
