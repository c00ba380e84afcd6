//! Shares rows out on this machine, for a run whose rows are here and whose rendering is not.

use std::path::Path;
use std::sync::Arc;

use polars::prelude::IdxCa;

use crate::classify::sql::shards::shard_of;
use crate::classify::{self, record_file};
use crate::deliver::RunFiles;
use crate::domain::record::{LINE, ROW};
use crate::error::Result;
use crate::job::context::ClassificationContext;
use crate::job::load::read_record;
use crate::job::scale::plan::{Plan, RunPlace, Task, WHOLE};
use crate::job::scale::shard::counts;
use crate::job::scheduled::ScheduledJob;
use crate::job::{Stage, StageTimer};

/// The file of a shard.
const FILE: &str = "rows.parquet";

/// What was shared out.
pub struct Shared {
    /// Rows.
    pub rows: u64,
    /// Rows that could not be used, and are in no shard.
    pub rejected: u64,
    /// Values.
    pub values: u64,
}

/// Reads what `job` reads, shares its rows out to the shards of `plan`, and counts them.
///
/// # Errors
/// What keeps the inputs from being read, and what the system refused.
pub fn share_out(job: &ScheduledJob, (place, plan): (&RunPlace, &Plan), stages: &mut StageTimer<'_>, files: &RunFiles) -> Result<Shared> {
    let context = ClassificationContext::read(&job.report.load)?;
    let orders = read_record(&job.report.load, &context, stages)?;
    job.floor.check(orders.read, &[])?;
    let (mut record, rejected) = (orders.frame.clone(), orders.rejected_rows());
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
        place.write_counts(&values, files)
    })?;
    Ok(Shared { rows: record.height() as u64, rejected, values: values.len() as u64 })
}
