//! Shares rows out on this machine, for a run whose rows are here and whose rendering is not.

use std::path::Path;
use std::sync::Arc;

use polars::prelude::IdxCa;

use crate::classify::sql::shards::shard_of;
use crate::classify::{self, record_file};
use crate::deliver::RunFiles;
use crate::domain::columns::column;
use crate::domain::record::{LINE, ROW};
use crate::error::{Error, Result};
use crate::job::load::read_record;
use crate::job::prepare::prepare;
use crate::job::recipients::require_column;
use crate::job::scale::plan::{Plan, RunPlace, SharedRows, Task, WHOLE};
use crate::job::scale::shard::counts;
use crate::job::scheduled::ScheduledJob;
use crate::job::{Stage, StageTimer};

/// The file of a shard.
const FILE: &str = "rows.parquet";

/// Reads what `job` reads, shares its rows out to the shards of `plan`, and counts them.
///
/// # Errors
/// What keeps the inputs from being read, and what the system refused.
pub fn share_out(job: &ScheduledJob, (place, plan): (&RunPlace, &Plan), stages: &mut StageTimer<'_>, files: &RunFiles) -> Result<()> {
    if job.report.load.inputs.len() != 1 {
        let what = "the job reads several inputs, of which shards could not say where a row stood";
        return Err(Error::usage("", what, "write them to one record with 'portstatus normalize' and have the job read it"));
    }
    let prepared = prepare(&job.report.load, &job.report.render.template)?;
    let context = &prepared.context;
    let orders = read_record(&job.report.load, context, stages)?;
    if let Some(key) = column(&plan.key).map(|column| column.key) {
        require_column(key, &orders, &prepared)?;
    }
    if orders.replayed > 0 {
        let what = "holds events, of whose histories a record tells the last state alone";
        return Err(Error::usage(job.report.load.inputs[0].name(), what, "run the job on one machine"));
    }
    job.floor.check(orders.read, &[])?;
    let mut record = orders.frame.clone();
    let shared =
        SharedRows { present: orders.present.clone(), rejected: orders.rejected_rows(), superseded: orders.superseded.len() as u64 };
    // Reports say where rows stood before they were shared out.
    record.set(record.column(LINE)?.with_name(ROW.into()))?;
    let classified = stages.time(Stage::Classifying, || classify::classify(orders, Arc::clone(&context.rules), context.timing.clone()))?;
    let values = counts(&classified, &plan.key)?;
    drop(classified);
    let cells = record.coded(&plan.key)?;
    // By shard and value, rows of a value in the order in which they were read.
    let mut rows: Vec<(u32, &str, u32)> = (0..record.height())
        .map(|row| {
            let value = cells.text(row).unwrap_or_default();
            (shard_of(value, plan.shards), value, row as u32)
        })
        .collect();
    rows.sort_unstable();
    stages.time(Stage::Exporting, || {
        for shard in rows.chunk_by(|one, other| one.0 == other.0) {
            let own: IdxCa = shard.iter().map(|(_, _, row)| Some(*row)).collect();
            let folder = place.folder(&Task::Shard(shard[0].0).folder())?;
            folder.write(FILE, files, |out| record_file::write(&record.take(&own)?, out))?;
        }
        if plan.is_whole {
            place.folder(Path::new(WHOLE))?.write(FILE, files, |out| record_file::write(&record, out))?;
        }
        place.write_shared(&shared, files)?;
        place.write_counts(&values, files)
    })
}
