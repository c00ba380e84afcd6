//! `portstatus history`: lists the runs that are kept, shows one, and removes those that are not to be kept.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::args::{HistoryAction, HistoryArgs};
use crate::cli::shipments;
use crate::cli::terminal::{escaped, plain};
use crate::clock::AsOf;
use crate::deliver::run_store::RunStore;
use crate::deliver::{RunFiles, standard};
use crate::domain::text::{counted, thousands};
use crate::error::Result;
use crate::job::scheduled::HistorySpec;
use crate::job::scheduled::kept::runs_of;
use crate::job::scheduled::retention;
use crate::job::scheduled::state::{Progress, RunState, ShipmentStatus};

/// Does what `args` ask for.
///
/// # Errors
/// [`crate::error::Error::no_input`] when there is no such folder or run; what the system refused.
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

/// How many shipments are how far.
fn counts(statuses: &[ShipmentStatus]) -> [(&'static str, usize); 4] {
    let all = [Progress::Delivered, Progress::Failed, Progress::Unknown, Progress::Pending];
    all.map(|progress| (progress.words(), statuses.iter().filter(|status| status.progress == progress).count()))
}

fn list(folder: &Path, is_json: bool) -> Result<()> {
    let store = RunStore::existing(folder)?;
    let (mut text, mut values) = (String::new(), Vec::new());
    for (name, state) in runs_of(&store, None)? {
        let statuses = state.statuses(&store.run(&name)?);
        values.push(value(&name, &state, &statuses));
        let counts = counts(&statuses);
        let told: Vec<String> =
            counts.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{} {what}", thousands(*count as u64))).collect();
        let told = if told.is_empty() { "nothing to deliver".to_owned() } else { told.join(", ") };
        let (name, rows) = (plain(&name), counted(state.rows, "row"));
        text += &format!(
            "{name}: {} as of {}, {rows}, {}: {told}\n",
            plain(&state.job),
            state.as_of,
            counted(state.recipients.len() as u64, "recipient")
        );
    }
    if is_json {
        return standard::print(&format!("{}\n", escaped(json!({ "schema": 1, "runs": values }))));
    }
    standard::print(if text.is_empty() { "No run is kept here\n" } else { &text })
}

fn value(name: &str, state: &RunState, statuses: &[ShipmentStatus]) -> Value {
    let counts = counts(statuses);
    json!({
        "run": name, "job": state.job, "period": state.period, "revision": state.revision, "as_of": state.as_of,
        "started": state.started, "rows": state.rows, "recipients": state.recipients.len(),
        "deliveries": counts.iter().map(|(what, count)| (what.replace(' ', "_"), json!(count))).collect::<serde_json::Map<_, _>>(),
    })
}

fn show(path: &Path, is_json: bool) -> Result<()> {
    let run = RunStore::run_at(path)?;
    let state = RunState::read(&run)?;
    let statuses = state.statuses(&run);
    if is_json {
        let nothing = state.recipients.iter().filter_map(|it| Some(json!({ "recipient": it.name, "why": it.not_due.as_ref()? })));
        let mut value = value(&run.name, &state, &statuses);
        value["schema"] = json!(1);
        value["shipments"] = json!(shipments::values(&state, &statuses));
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
        let error = status.error.as_ref().map(|error| format!(": {}", plain(error))).unwrap_or_default();
        let what = format!("{}{error}", status.progress.words());
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
    let jobs: BTreeSet<String> = runs_of(&store, None)?.into_iter().map(|(_, state)| state.job).collect();
    let mut text = String::new();
    let mut removed = 0;
    for job in jobs {
        let runs = runs_of(&store, Some(&job))?;
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
