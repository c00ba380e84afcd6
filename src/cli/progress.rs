//! A progress bar on standard error, for people only: on a terminal, and once a run takes more than a moment.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::job::{Progress, Stage};

/// How long a run may take before a bar appears.
const SHOW_AFTER: Duration = Duration::from_millis(700);

/// Steps of the bar for one stage.
const STEPS: u64 = 100;

/// The bar. Dropping it clears the line.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    /// Waits for the moment to show the bar, unless it is told that the run is over.
    delay: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Bar {
    /// A bar that shows itself when it is wanted: `wanted`, and standard error is a terminal.
    pub fn new(wanted: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(Stage::DOING.len() as u64 * STEPS), ProgressDrawTarget::hidden());
        if !wanted || !io::stderr().is_terminal() {
            return Self { bar, delay: None };
        }
        let colour = if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) { "" } else { ".cyan" };
        let template = format!("{{bar:24{colour}}} {{msg}} {{elapsed}}");
        bar.set_style(ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        let (done, wait) = channel();
        let shown = bar.clone();
        let thread = std::thread::spawn(move || {
            if wait.recv_timeout(SHOW_AFTER) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(Duration::from_millis(120));
            }
        });
        Self { bar, delay: Some((done, thread)) }
    }
}

impl Progress for Bar {
    fn stage(&self, stage: Stage) {
        self.bar.set_position(stage as u64 * STEPS);
        self.bar.set_message(stage.doing());
    }

    fn share(&self, stage: Stage, done: f64) {
        self.bar.set_position(stage as u64 * STEPS + (done * STEPS as f64) as u64);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.delay.take() {
            drop(done);
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}
