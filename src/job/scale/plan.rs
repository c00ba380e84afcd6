//! The plan of a run on several machines, and the place where it, the shards and what became of them are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::classify::sql::shards::shard_of;
use crate::clock::AsOf;
use crate::deliver::RunFiles;
use crate::deliver::run_store::{RunLock, RunStore, StoredRun};
use crate::domain::columns::column;
use crate::domain::record::Field;
use crate::error::{Error, Place, Result};
use crate::job::context::ClassificationContext;
use crate::job::recipients::EVERYTHING;
use crate::job::scale::json_lines;
use crate::job::scheduled::{RecipientSource, ScheduledJob};
use crate::templates;

/// The plan.
const PLAN: &str = "plan.json";
/// The job file as it was planned by.
pub const JOB: &str = "job.toml";
/// What there is of each value, as whoever shared the rows out counted it: a JSON object a line.
pub const COUNTS: &str = "counts.jsonl";
/// The folder of the shards, each of which is a folder `shard=3`.
pub const SHARDS: &str = "shards";
/// The folder of all rows in their order, for those who may see everything.
pub const WHOLE: &str = "whole";
/// The folder of what became of each shard.
pub const LINES: &str = "lines";
/// The folder of the runs, one for each shard.
pub const RUNS: &str = "runs";

/// What to do about rows that are not as they were counted.
pub const AGAIN: &str = "share the rows out again";

/// What to do about rows that were not shared out.
const NOT_YET: &str = "share the rows out first, with portstatus scale run";
/// What is known of the rows in all.
const SHARED: &str = "shared.json";

/// The layout of the plan; it changes when a key changes its meaning or goes.
const SCHEMA: u32 = 1;

/// The most shards of a run.
const MAX_SHARDS: u32 = 100_000;

/// The version of the program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What is done on which machine is done by this.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The layout of the plan.
    pub schema: u32,
    /// The version of the program, which every machine has to have.
    pub program: String,
    /// What the run is called.
    pub run: String,
    /// The name of the job.
    pub job: String,
    /// The folder of the job file, below which its relative paths are.
    pub folder: PathBuf,
    /// The instant that the reports speak of, in microseconds since 1970-01-01T00:00:00Z.
    pub as_of_micros: i64,
    /// The column of the record by whose values rows are shared out.
    pub key: String,
    /// How many shards there are.
    pub shards: u32,
    /// What the rows stand in, as reports say it: the file of the record, or the table.
    pub source: String,
    /// The table of the rows, as it stands after FROM for an engine; none where they are shared out without one.
    pub table: Option<String>,
    /// The columns of the table by which the rows of a value are in order.
    pub order: Vec<String>,
    /// Whether somebody may see everything, whose reports are a task of their own.
    pub is_whole: bool,
    /// What the rules were read from, hashed.
    pub rules: String,
}

/// Where the rows of a run are.
pub struct RowPlace {
    /// What they stand in, as reports say it.
    pub source: String,
    /// The table for an engine.
    pub table: Option<String>,
    /// The columns by which they are in order.
    pub order: Vec<String>,
}

/// A part of a run that one machine renders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// The values of a shard.
    Shard(u32),
    /// Those who may see everything.
    Whole,
}

/// What is known of the rows that were shared out, in all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedRows {
    /// The fields for which some input had a column; of a record, those with a value somewhere.
    pub present: BTreeSet<Field>,
    /// Rows that could not be used, and are in no shard.
    pub rejected: u64,
    /// Rows that newer or identical ones replaced, which are in no shard either.
    pub superseded: u64,
}

/// What there is of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueCount {
    /// What its column holds; empty for rows without a value.
    pub split_value: String,
    /// Its rows.
    pub rows: u64,
    /// The digests of its rows, added up: too large for the numbers of most programs that read JSON.
    pub digest: String,
}

/// What there is of each value, by value.
pub type Counts = BTreeMap<String, ValueCount>;

impl Plan {
    /// The plan of a run of `job`, whose recipients are told apart by column `key`.
    ///
    /// # Errors
    /// [`Error::usage`] for a column that cannot be shared out by where the rows are, or no shards; what keeps the rules from being read.
    pub fn of(job: &ScheduledJob, (key, shards): (&'static str, u32), rows: RowPlace, run: &str) -> Result<Self> {
        let place = || Place::option_value("split_by", job.recipients.split_by());
        let definition = column(key).filter(|column| column.input.is_some() && column.choices.is_empty() && column.column_type.is_string());
        if definition.is_none() {
            let what = "is no text of the orders, so that rows cannot be shared out by it";
            return Err(Error::usage(place(), what, "name a column such as partner or account_id"));
        }
        if !(1..=MAX_SHARDS).contains(&shards) {
            let what = format!("{shards} shards cannot be made");
            return Err(Error::usage(Place::option("shards"), what, format!("name a number from 1 to {MAX_SHARDS}")));
        }
        let folder =
            std::env::current_dir().map_err(|error| Error::system("", "the folder of the job is not known", "").with_cause(error))?;
        let is_whole = match &job.recipients {
            RecipientSource::Table { recipients, .. } => recipients.iter().any(|listed| listed.value == EVERYTHING),
            RecipientSource::Values { .. } => false,
        };
        let context = ClassificationContext::read(&job.report.load)?;
        Ok(Self {
            schema: SCHEMA,
            program: VERSION.to_owned(),
            run: run.to_owned(),
            job: job.name.clone(),
            folder,
            as_of_micros: job.report.load.as_of.micros(),
            key: key.to_owned(),
            shards,
            source: rows.source,
            table: rows.table,
            order: rows.order,
            is_whole,
            rules: context.rules.fingerprint.to_owned(),
        })
    }

    /// The instant that the reports speak of.
    ///
    /// # Errors
    /// [`Error::data`] for one that is none.
    pub fn as_of(&self) -> Result<AsOf> {
        let instant = chrono::DateTime::from_timestamp_micros(self.as_of_micros);
        instant.map(AsOf::at).ok_or_else(|| Error::data(PLAN, "has no instant", "plan the run again"))
    }

    /// The tasks, each of which one machine renders.
    pub fn tasks(&self) -> impl Iterator<Item = Task> + use<> {
        (0..self.shards).map(Task::Shard).chain(self.is_whole.then_some(Task::Whole))
    }
}

impl Task {
    /// What its files are called.
    pub fn name(self) -> String {
        match self {
            Self::Shard(number) => format!("shard-{number}"),
            Self::Whole => WHOLE.to_owned(),
        }
    }

    /// The folder of its rows in the place of the run.
    pub fn folder(self) -> PathBuf {
        match self {
            Self::Shard(number) => Path::new(SHARDS).join(format!("shard={number}")),
            Self::Whole => PathBuf::from(WHOLE),
        }
    }

    /// Those of `counts` that are of it, among `shards`.
    pub fn own(self, counts: &Counts, shards: u32) -> Counts {
        let own = counts.iter().filter(|(value, _)| self.has(value, shards));
        own.map(|(value, count)| (value.clone(), count.clone())).collect()
    }

    /// Whether rows with `value` are of it, among `shards`.
    pub fn has(self, value: &str, shards: u32) -> bool {
        match self {
            Self::Shard(number) => shard_of(value, shards) == number,
            Self::Whole => true,
        }
    }
}

/// Where a run on several machines is: a folder that all of them see.
pub struct RunPlace {
    /// Its path.
    pub path: PathBuf,
    folder: StoredRun,
}

impl RunPlace {
    /// Makes the place of `plan`, whose job file is at `job`. A folder that has something else in it is refused.
    ///
    /// # Errors
    /// [`Error::cannot_create`] for a folder that is not empty; what the system refused.
    pub fn create(path: &Path, plan: &Plan, job: &Path, files: &RunFiles) -> Result<Self> {
        let store = RunStore::open(path)?;
        if !store.is_empty()? {
            return Err(Error::cannot_create(Place::path(path), "is not empty", "name a new folder for each run"));
        }
        let folder = StoredRun::in_folder(path)?;
        let place = Self { path: path.canonicalize().unwrap_or_else(|_| path.to_path_buf()), folder };
        let text = serde_json::to_string_pretty(plan).map_err(|error| Error::internal("plan", error))? + "\n";
        place.folder.replace(JOB, templates::read(job)?.as_bytes(), files)?;
        place.folder.replace(PLAN, text.as_bytes(), files)?;
        Ok(place)
    }

    /// Opens the place of a run that was planned, and reads its plan.
    ///
    /// # Errors
    /// [`Error::no_input`] where there is none; [`Error::data`] for the plan of another version.
    pub fn open(path: &Path) -> Result<(Self, Plan)> {
        let help = "name the place that 'portstatus scale' made";
        let place =
            Self::at(path).map_err(|error| Error::no_input(Place::path(path), "is not the place of a run", help).with_cause(error))?;
        let bytes = place.folder.read(PLAN).ok_or_else(|| Error::no_input(Place::path(path), "has no plan of a run", help))?;
        let plan: Plan = serde_json::from_slice(&bytes).map_err(|error| {
            let what = "is damaged, or was written by another version";
            Error::data(Place::path(&path.join(PLAN)), what, "plan the run again").with_cause(error)
        })?;
        if plan.schema != SCHEMA || plan.program != VERSION {
            return Err(Error::data(Place::path(&path.join(PLAN)), "was written by another version", "plan the run again"));
        }
        if !(1..=MAX_SHARDS).contains(&plan.shards) {
            return Err(Error::data(Place::path(&path.join(PLAN)), "is damaged", "plan the run again"));
        }
        Ok((place, plan))
    }

    fn at(path: &Path) -> Result<Self> {
        let folder = RunStore::run_at(path)?;
        Ok(Self { path: folder.path.clone(), folder })
    }

    /// The file called `name` in its folder, if it is there.
    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.folder.read(name)
    }

    /// A folder in it, which is made if it is not there.
    ///
    /// # Errors
    /// What the system refused.
    pub fn folder(&self, name: &Path) -> Result<StoredRun> {
        StoredRun::in_folder(&self.path.join(name))
    }

    /// Clears away rows that were being shared out when that ended: what is left of them is in no count.
    ///
    /// # Errors
    /// What the system refused.
    pub fn clear_rows(&self, files: &RunFiles) -> Result<()> {
        let store = RunStore::open(&self.path)?;
        let names = store.names()?;
        [SHARDS, WHOLE].into_iter().filter(|name| names.iter().any(|known| known == name)).try_for_each(|name| store.remove(name, files))
    }

    /// Whether the rows were shared out.
    pub fn is_shared_out(&self) -> bool {
        self.path.join(COUNTS).exists()
    }

    /// Keeps other runs from planning or sharing out here as long as the lock lives.
    ///
    /// # Errors
    /// [`Error::try_later`] while another one does.
    pub fn lock(path: &Path) -> Result<RunLock> {
        RunStore::open(path)?.lock()
    }

    /// Writes what is known of the rows in all, before they are counted.
    ///
    /// # Errors
    /// What the system refused.
    pub fn write_shared(&self, shared: &SharedRows, files: &RunFiles) -> Result<()> {
        self.folder.replace(SHARED, json_lines::text([shared])?.as_bytes(), files)
    }

    /// What is known of the rows in all.
    ///
    /// # Errors
    /// [`Error::no_input`] when they were not shared out yet.
    pub fn shared(&self) -> Result<SharedRows> {
        let place = Place::path(&self.path.join(SHARED));
        let none = || Error::no_input(place.clone(), "is not there", NOT_YET);
        let text = self.read(SHARED).ok_or_else(none)?;
        json_lines::items(&text, &place, AGAIN)?.into_iter().next().ok_or_else(none)
    }

    /// Writes what whoever shared the rows out counted.
    ///
    /// # Errors
    /// What the system refused.
    pub fn write_counts(&self, counts: &Counts, files: &RunFiles) -> Result<()> {
        let text = json_lines::text(counts.values())?;
        self.folder.replace(COUNTS, text.as_bytes(), files)
    }

    /// What whoever shared the rows out counted, by value.
    ///
    /// # Errors
    /// [`Error::no_input`] when nobody did yet, [`Error::data`] for what is no count.
    pub fn counts(&self) -> Result<Counts> {
        let place = || Place::path(&self.path.join(COUNTS));
        let none = || Error::no_input(place(), "is not there", NOT_YET);
        let text = self.read(COUNTS).ok_or_else(none)?;
        let mut counts = Counts::new();
        for count in json_lines::items::<ValueCount>(&text, &place(), AGAIN)? {
            if let Some(twice) = counts.insert(count.split_value.clone(), count) {
                let what = format!("counts the value '{}' twice", twice.split_value);
                return Err(Error::data(place(), what, AGAIN));
            }
        }
        Ok(counts)
    }
}
