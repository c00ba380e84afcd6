//! The stages of a run, how long each took, and whom to tell how far it is.

use crate::clock::RunTimer;
use crate::deliver::manifest::StageSeconds;
use crate::error::Result;
use crate::job::{Progress, Stage};

/// The seconds of a run and of each stage, and whom to tell of them.
pub struct StageTimer<'a> {
    /// Whom to tell.
    pub(crate) progress: &'a dyn Progress,
    /// Runs since the run began.
    pub(crate) timer: RunTimer,
    /// What each stage took so far, in order.
    pub(crate) seconds: Vec<StageSeconds>,
}

impl<'a> StageTimer<'a> {
    /// A timer of a run that starts now.
    pub fn start(progress: &'a dyn Progress) -> Self {
        Self { progress, timer: RunTimer::start(), seconds: Vec::new() }
    }

    /// Notes `seconds` that all threads together spent on a part of a stage.
    pub(crate) fn note(&mut self, part: &str, seconds: f64) {
        self.seconds.push(StageSeconds { stage: part.to_owned(), seconds: (seconds * 1e3).round() / 1e3 });
    }

    pub(crate) fn time<T>(&mut self, stage: Stage, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.progress.stage(stage);
        let watch = RunTimer::start();
        let done = work()?;
        self.seconds.push(StageSeconds { stage: stage.doing().to_owned(), seconds: (watch.seconds() * 1e3).round() / 1e3 });
        Ok(done)
    }
}
