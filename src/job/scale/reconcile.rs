//! Adds a run on several machines up: what was counted where the rows are, what each part says of its recipients, and what became of their
//! files have to agree.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::job::recipients::EVERYTHING;
use crate::job::scale::lines::{Line, all, kept};
use crate::job::scale::plan::{Counts, Plan, RunPlace, Task, ValueCount};
use crate::job::scale::shard::differences;
use crate::job::scheduled::{RecipientSource, ScheduledJob};

/// What a run came to.
#[derive(Debug, Default)]
pub struct Reconciliation {
    /// Rows that were counted where they are.
    pub rows: u64,
    /// Recipients whose reports were made, or were not due.
    pub recipients: u64,
    /// Rows in reports.
    pub reported: u64,
    /// Rows of values of which nobody is a recipient, and without a value.
    pub unaddressed: u64,
    /// Files of reports.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Deliveries that did not arrive, or may not have, each as `RECIPIENT: DELIVERY STATE`.
    pub undelivered: Vec<String>,
    /// What does not agree.
    pub faults: Vec<String>,
}

/// Adds the run at `place` up, which `job` asked for.
///
/// # Errors
/// When what was kept of it cannot be read.
pub fn reconcile(job: &ScheduledJob, (place, plan): (&RunPlace, &Plan)) -> Result<Reconciliation> {
    let expected = place.counts()?;
    let mut done = Reconciliation { rows: expected.values().map(|count| count.rows).sum(), ..Reconciliation::default() };
    let mut recipients: BTreeSet<String> = BTreeSet::new();
    for task in plan.tasks() {
        let Some(lines) = kept(place, task)? else {
            done.faults.push(format!("{} was not rendered", task.name()));
            continue;
        };
        done.faults.extend(faults(&lines, task, plan, &expected).into_iter().map(|fault| format!("{}: {fault}", task.name())));
        for line in &lines {
            let is_everybody = matches!(job.recipients, RecipientSource::Values { .. });
            if is_everybody && line.recipient.is_none() && !line.count.split_value.is_empty() {
                done.faults.push(format!("{}: '{}' has no report", task.name(), line.count.split_value));
            }
            done.add(line, place);
            if let Some(name) = &line.recipient
                && !recipients.insert(name.clone())
            {
                done.faults.push(format!("{}: '{name}' has a second report", task.name()));
            }
        }
    }
    if let RecipientSource::Table { recipients: listed, .. } = &job.recipients {
        let without = listed.iter().filter(|listed| !recipients.contains(&listed.name));
        done.faults.extend(without.map(|listed| format!("'{}' has no report", listed.name)));
    }
    Ok(done)
}

/// What of the lines of `task` does not agree with what was counted.
fn faults(lines: &[Line], task: Task, plan: &Plan, expected: &Counts) -> Vec<String> {
    let own = match task {
        Task::Shard(_) => task.own(expected, plan.shards),
        Task::Whole => [(EVERYTHING.to_owned(), all(expected))].into(),
    };
    let mut told: BTreeMap<&str, &ValueCount> = BTreeMap::new();
    let mut faults = Vec::new();
    for line in lines {
        let value = line.count.split_value.as_str();
        if told.insert(value, &line.count).is_some_and(|other| *other != line.count) {
            faults.push(format!("two recipients of '{value}' have other rows"));
        }
        if !task.has(value, plan.shards) {
            faults.push(format!("'{value}' is of another shard"));
        }
    }
    // Nobody counts the rows of a recipient who has none.
    let found = told.into_iter().filter(|(value, count)| count.rows > 0 || own.contains_key(*value));
    let found = found.map(|(value, count)| (value.to_owned(), count.clone())).collect();
    faults.extend(differences(&found, &own));
    faults
}

impl Reconciliation {
    fn add(&mut self, line: &Line, place: &RunPlace) {
        let Some(recipient) = &line.recipient else {
            self.unaddressed += line.count.rows;
            return;
        };
        self.recipients += 1;
        self.reported += line.reported;
        for file in &line.files {
            self.files += 1;
            self.bytes += file.bytes;
            let is_whole = place.path.join(&file.file).metadata().is_ok_and(|data| data.len() == file.bytes);
            if !is_whole {
                self.faults.push(format!("'{recipient}' has lost the file {}", file.file));
            }
        }
        let open = line.deliveries.iter().filter(|delivery| delivery.state != "delivered");
        self.undelivered.extend(open.map(|delivery| format!("{recipient}: {} {}", delivery.delivery, delivery.state)));
    }

    /// Whether everything agrees.
    pub fn agrees(&self) -> bool {
        self.faults.is_empty()
    }
}
