//! `portstatus history`: lists the runs that are kept, shows one, and removes those that are not to be kept.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::args::{HistoryAction, HistoryArgs};
use crate::cli::terminal::{escaped, plain};
use crate::clock::AsOf;
use crate::deliver::run_store::{RunStore, StoredRun};
use crate::deliver::{RunFiles, standard};
use crate::domain::text::{counted, thousands};
use crate::error::{Error, Place, Result};
use crate::job::scheduled::HistorySpec;
use crate::job::scheduled::kept::runs_of;
use crate::job::scheduled::retention;
use crate::job::scheduled::state::{Progress, RunState, ShipmentStatus};

/// Does what `args` ask for.
///
/// # Errors
/// [`Error::no_input`] when there is no such folder or run; what the system refused.
pub fn run(args: &HistoryArgs, files: &RunFiles) -> Result<()> {
    match &args.action {
        HistoryAction::List { folder, json } => list(folder, *json),
        HistoryAction::Show { run, json } => show(run, *json),
        HistoryAction::Prune { folder, keep_runs, keep_days, dry_run } => {
            let history = HistorySpec { folder: folder.clone(), keep_runs: *keep_runs, keep_days: *keep_days };
            prune(&history, *dry_run, files)
        }
    }
}

/// The runs of all jobs in `store`, the earliest first.
fn all(store: &RunStore) -> Result<Vec<(StoredRun, RunState)>> {
    let read = |name: String| {
        let run = store.run(&name).ok()?;
        let state = RunState::read(&run).ok()?;
        Some((run, state))
    };
    let mut runs: Vec<_> = store.names()?.into_iter().filter_map(read).collect();
    runs.sort_by(|(one, of_one), (other, of_other)| (&of_one.started, &one.name).cmp(&(&of_other.started, &other.name)));
    Ok(runs)
}

fn counts(statuses: &[ShipmentStatus]) -> [(&'static str, usize); 4] {
    let count = |progress: Progress| statuses.iter().filter(|status| status.progress == progress).count();
    [
        ("delivered", count(Progress::Delivered)),
        ("failed", count(Progress::Failed)),
        ("unknown", count(Progress::Unknown)),
        ("not tried", count(Progress::Pending)),
    ]
}

fn list(folder: &Path, is_json: bool) -> Result<()> {
    let store = RunStore::existing(folder)?;
    let (mut text, mut values) = (String::new(), Vec::new());
    for (run, state) in all(&store)? {
        let counts = counts(&state.statuses(&run));
        let told: Vec<String> =
            counts.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{} {what}", thousands(*count as u64))).collect();
        let told = if told.is_empty() { "nothing to deliver".to_owned() } else { told.join(", ") };
        let (name, rows) = (plain(&run.name), counted(state.rows, "row"));
        text += &format!(
            "{name}: {} as of {}, {rows}, {}: {told}\n",
            plain(&state.job),
            state.as_of,
            counted(state.recipients.len() as u64, "recipient")
        );
        values.push(value(&run, &state));
    }
    if is_json {
        return standard::print(&format!("{}\n", escaped(json!({ "schema": 1, "runs": values }))));
    }
    standard::print(if text.is_empty() { "No run is kept here\n" } else { &text })
}

fn value(run: &StoredRun, state: &RunState) -> Value {
    let counts = counts(&state.statuses(run));
    json!({
        "run": run.name, "job": state.job, "period": state.period, "revision": state.revision, "as_of": state.as_of,
        "started": state.started, "rows": state.rows, "recipients": state.recipients.len(),
        "deliveries": counts.iter().map(|(what, count)| (what.replace(' ', "_"), json!(count))).collect::<serde_json::Map<_, _>>(),
    })
}

fn show(path: &Path, is_json: bool) -> Result<()> {
    let not_one = || Error::no_input(Place::path(path), "is not the folder of a run", "'portstatus history list' names the runs");
    let whole = path.canonicalize().map_err(|error| not_one().with_cause(error))?;
    let (folder, name) = whole.parent().zip(whole.file_name().and_then(|name| name.to_str())).ok_or_else(not_one)?;
    let run = RunStore::existing(folder)?.run(name)?;
    let state = RunState::read(&run)?;
    let statuses = state.statuses(&run);
    if is_json {
        let shipments = state.shipments.iter().zip(&statuses).map(|(shipment, status)| {
            json!({
                "recipient": shipment.recipient, "delivery": shipment.delivery, "target": shipment.target, "state": status.progress,
                "attempts": status.attempts, "files": shipment.files.iter().map(|file| &file.name).collect::<Vec<_>>(), "error": status.error,
            })
        });
        let nothing = state.recipients.iter().filter_map(|it| Some(json!({ "recipient": it.name, "why": it.not_due.as_ref()? })));
        let mut value = value(&run, &state);
        value["schema"] = json!(1);
        value["shipments"] = shipments.collect();
        value["nothing_to_send"] = nothing.collect();
        return standard::print(&format!("{}\n", escaped(value)));
    }
    let mut text = format!(
        "{}: {} for {}, revision {}, as of {}, started {}, {}\n",
        plain(&run.name),
        plain(&state.job),
        state.period,
        state.revision,
        state.as_of,
        state.started,
        counted(state.rows, "row")
    );
    for (shipment, status) in state.shipments.iter().zip(&statuses) {
        let what = match status.progress {
            Progress::Delivered => "delivered".to_owned(),
            Progress::Pending => "not tried".to_owned(),
            Progress::Failed => format!("failed: {}", plain(status.error.as_deref().unwrap_or_default())),
            Progress::Unknown => format!("unknown: {}", plain(status.error.as_deref().unwrap_or_default())),
        };
        text += &format!("  {} to {}: {what}\n", plain(&shipment.recipient), plain(&shipment.target));
    }
    for recipient in &state.recipients {
        if let Some(why) = &recipient.not_due {
            text += &format!("  {}: nothing to send, {}\n", plain(&recipient.name), plain(why));
        }
    }
    standard::print(&text)
}

fn prune(history: &HistorySpec, is_dry: bool, files: &RunFiles) -> Result<()> {
    let store = RunStore::existing(&history.folder)?;
    let _lock = store.lock()?;
    let jobs: BTreeSet<String> = all(&store)?.into_iter().map(|(_, state)| state.job).collect();
    let mut text = String::new();
    let mut removed = 0;
    for job in jobs {
        let runs = runs_of(&store, &job)?;
        let expired = retention::expired(&runs, history, AsOf::now());
        expired.iter().for_each(|name| text += &format!("{} {}\n", if is_dry { "Would remove" } else { "Removed" }, plain(name)));
        removed += expired.len();
        if !is_dry {
            retention::remove(&store, &expired, files)?;
        }
    }
    let verb = if is_dry { "would go" } else { "went" };
    standard::print(&format!("{text}{} {verb}\n", counted(removed as u64, "run")))
}
