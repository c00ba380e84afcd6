//! Has an engine do its part of a run on several machines: share the rows out, render the shards, count.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::deliver::RunFiles;
use crate::domain::record::Field;
use crate::engine::{Engine, EnginePlace, EngineToken, Interruption, SmallAnswer};
use crate::error::{Error, Result};
use crate::job::scale::plan::{Counts, RunPlace, SharedRows, ValueCount};
use crate::job::scale::statements::{SETTINGS, Statements};
use crate::job::{Progress, Stage};

/// The most values that rows are shared out by.
const MAX_VALUES: usize = 10_000_000;
/// How long an engine has to hear that a statement is to end.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often it is looked whether statements are to end.
const STEP: Duration = Duration::from_millis(50);

/// An engine, and whom to tell how far it is.
pub struct Worker<'a> {
    engine: Engine,
    told: &'a Statements,
    progress: &'a dyn Progress,
    files: &'a RunFiles,
    interruption: Interruption,
}

impl<'a> Worker<'a> {
    /// Connects to the engine at `url`.
    ///
    /// # Errors
    /// A wrong address or token, and an engine that cannot be reached or trusted.
    pub fn connect(url: &str, told: &'a Statements, (progress, files): (&'a dyn Progress, &'a RunFiles)) -> Result<Self> {
        let interruption = Interruption::default();
        let place = EnginePlace::parse(url)?;
        let token = EngineToken::from_environment()?;
        let mut engine = Engine::connect(&place, token.as_ref(), interruption.clone())?;
        engine.configure(&SETTINGS)?;
        Ok(Self { engine, told, progress, files, interruption })
    }

    /// Has it write the shards, and keeps what it counted where the rows are.
    ///
    /// # Errors
    /// A statement that fails.
    pub fn share_out(&mut self, place: &RunPlace) -> Result<()> {
        self.progress.stage(Stage::Classifying);
        if let Some(repeated) = &self.told.repeated {
            let answer = self.answer(repeated)?;
            let numbers = answer.integer(0, "numbers")?.unwrap_or_default();
            if numbers > 0 {
                let what = format!("{numbers} numbers stand twice in a request of an account, and recipients could get old rows");
                return Err(Error::data("engine", what, "leave out the older rows, or share out a record that normalize wrote"));
            }
        }
        for statement in &self.told.shards {
            self.run(statement, Stage::Classifying)?;
        }
        let present = self.present()?;
        let counts = self.counts()?;
        if !counts.is_empty() && counts.keys().all(String::is_empty) {
            let what = "the table has nothing in the column that tells recipients apart";
            return Err(Error::data("engine", what, "fill it before the rows are shared out, as normalize does with --accounts"));
        }
        place.write_shared(&SharedRows { present, ..SharedRows::default() }, self.files)?;
        place.write_counts(&counts, self.files)
    }

    /// The fields of the record that have a value somewhere.
    fn present(&mut self) -> Result<BTreeSet<Field>> {
        let answer = self.answer(&self.told.present)?;
        let row = answer.rows.first().ok_or_else(|| Error::internal("engine", "nothing was said of the columns"))?;
        let has = |field: &Field| {
            let column = answer.columns.iter().position(|column| column == field.key());
            column.and_then(|column| row.get(column)?.as_deref()) == Some("true")
        };
        Ok(Field::all().filter(has).collect())
    }

    /// The answer of a statement that says little.
    fn answer(&mut self, statement: &str) -> Result<SmallAnswer> {
        let Self { engine, files, interruption, .. } = self;
        interruptible(files, interruption, || engine.small_answer(statement, 1, &mut |_| ()))
    }

    /// What it counts now.
    ///
    /// # Errors
    /// A statement that fails.
    pub fn counts(&mut self) -> Result<Counts> {
        self.progress.stage(Stage::Comparing);
        let Self { engine, told, progress, files, interruption } = self;
        let answer = interruptible(files, interruption, || {
            engine.small_answer(&told.counts, MAX_VALUES, &mut |done| progress.amount(Stage::Comparing, done.completed_tasks, done.tasks))
        })?;
        let number = |row: usize| answer.integer(row, "rows").map(|rows| rows.unwrap_or_default() as u64);
        let count = |(row, cells): (usize, &Vec<Option<String>>)| {
            let cell = |column: usize| cells.get(column).cloned().flatten();
            let digest = cell(2).ok_or_else(|| Error::internal("engine", "a value has no digest"))?;
            let count = ValueCount { split_value: cell(0).unwrap_or_default(), rows: number(row)?, digest };
            Ok((count.split_value.clone(), count))
        };
        answer.rows.iter().enumerate().map(count).collect()
    }

    /// Has it render every shard by a task of its own; what became of each stands at the place of the run.
    ///
    /// # Errors
    /// A statement that fails, as it does when a task ends with another code than 0.
    pub fn render(&mut self) -> Result<()> {
        self.progress.stage(Stage::Exporting);
        let statement = &self.told.render;
        self.run(statement, Stage::Exporting)
    }

    /// Runs a statement whose answer says nothing that is not at the place of the run.
    fn run(&mut self, statement: &str, stage: Stage) -> Result<()> {
        let Self { engine, progress, files, interruption, .. } = self;
        interruptible(files, interruption, || {
            engine.run(statement, &mut |done| progress.amount(stage, done.completed_tasks, done.tasks), &mut |_| Ok(()))
        })
    }
}

/// Does `work`, and tells the engine when this process is told to end.
fn interruptible<T>(files: &RunFiles, interruption: &Interruption, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let _under_way = files.deliveries.begin();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                if files.deliveries.is_stopping() {
                    return interruption.interrupt(PATIENCE);
                }
                std::thread::sleep(STEP);
            }
        });
        let done = work();
        is_over.store(true, Ordering::Relaxed);
        done
    })
}
