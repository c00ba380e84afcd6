//! Finds and reads the earlier state that a report is compared with: a folder of earlier runs, a manifest, a report, or an input
//! as it was.

use std::path::Path;
use std::sync::Arc;

use crate::classify::{self, Classified};
use crate::clock::AsOf;
use crate::deliver::earlier::{EarlierRun, MANIFEST_ENDING};
use crate::deliver::run_store::StoredRun;
use crate::deliver::verify::verify;
use crate::error::{Error, Place, Result, system_words};
use crate::job::context::{ClassificationContext, read_options};
use crate::job::scheduled::kept::{kept_run, load_rows};
use crate::job::spec::LoadSpec;
use crate::source::read::read;
use crate::source::{Input, ReadOptions};

/// The formats of a run whose files can be read again, the best first.
const READABLE: [&str; 5] = ["csv", "parquet", "jsonl", "json", "xlsx"];

/// What to name.
const HELP: &str = "name a folder of runs, a manifest, a report as CSV, XLSX, Parquet or JSON, or an input as it was";

/// Where the earlier state is, found before a row is read.
#[derive(Debug)]
pub struct PreviousPlace {
    /// The instant that it speaks of: its own, else that of the last change of its file.
    pub as_of: AsOf,
    state: State,
}

/// What it is read from.
#[derive(Debug)]
enum State {
    /// Files, which are classified anew.
    Files(Vec<Input>),
    /// The classified rows of a run that is kept.
    Kept(StoredRun),
}

impl PreviousPlace {
    /// Finds what `path` names: of a folder of runs the newest, or the newest before an instant.
    ///
    /// # Errors
    /// Nothing there, a folder without such a run, a run whose files cannot be read again or are not those that its
    /// manifest lists.
    pub fn find(path: &Path, before: Option<AsOf>) -> Result<Self> {
        let place = || Place::path(path);
        if let Some((run, as_of)) = kept_run(path, before)? {
            return Ok(Self { as_of, state: State::Kept(run) });
        }
        if path.is_dir() {
            let what = before.map_or_else(|| "holds no run".to_owned(), |before| format!("holds no run before {before}"));
            let run = EarlierRun::newest(path, before.map(AsOf::utc))?.ok_or_else(|| Error::no_input(place(), what, HELP))?;
            return Self::of_run(&run);
        }
        if path.to_string_lossy().ends_with(MANIFEST_ENDING) {
            return Self::of_run(&EarlierRun::read(path)?);
        }
        let input = Input::parse(path, None)?;
        let Some(file) = input.path() else { return Err(Error::usage(place(), "is not a file", HELP)) };
        let changed = std::fs::metadata(file).and_then(|data| data.modified());
        let changed = changed.map_err(|error| Error::no_input(place(), system_words(&error), HELP).with_cause(error))?;
        let as_of = EarlierRun::of_file(file).map_or_else(|| AsOf::at(changed.into()), |run| AsOf::at(run.as_of));
        Ok(Self { as_of, state: State::Files(vec![input]) })
    }

    /// The files of a run in the best format that it has.
    fn of_run(run: &EarlierRun) -> Result<Self> {
        let place = || Place::path(&run.manifest);
        let files = READABLE.iter().map(|format| run.files(format)).find(|files| !files.is_empty()).unwrap_or_default();
        if files.is_empty() {
            return Err(Error::data(place(), "lists no file that can be read again", "have runs write csv, xlsx, parquet, json or jsonl"));
        }
        let verified = verify(&run.manifest, false)?;
        let is_ours = |file: &str| files.iter().any(|own| own == Path::new(file));
        let mut faults =
            verified.files.iter().filter(|file| is_ours(&file.file)).filter_map(|file| Some((&file.file, file.fault.as_ref()?)));
        let fault = verified.fault.clone().or_else(|| faults.next().map(|(file, fault)| format!("{file} {fault}")));
        if let Some(fault) = fault {
            return Err(Error::data(place(), fault, "name a run whose files are as it wrote them, or a file itself"));
        }
        let folder = run.manifest.parent().unwrap_or(Path::new(""));
        let files = files.iter().map(|file| Input::File(folder.join(file))).collect();
        Ok(Self { as_of: AsOf::at(run.as_of), state: State::Files(files) })
    }

    /// Reads and classifies it by the rules of this run.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    pub fn load(&self, spec: &LoadSpec, context: &ClassificationContext) -> Result<Arc<Classified>> {
        let inputs = match &self.state {
            State::Files(inputs) => inputs,
            State::Kept(run) => return load_rows(run, context).map(|(classified, _)| classified),
        };
        // How the inputs of this run are to be read says nothing of this one.
        let own = ReadOptions {
            limits: spec.read.limits.clone(),
            guarded_program: spec.read.guarded_program.clone(),
            accounts: spec.read.accounts.clone(),
            ..ReadOptions::default()
        };
        let orders = read(inputs, &read_options(&own, context), &spec.templates, &|_| Ok(()))?;
        classify::classify(orders, Arc::clone(&context.rules), context.timing.clone()).map(Arc::new)
    }
}
