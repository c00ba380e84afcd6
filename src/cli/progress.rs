//! A progress bar on standard error, for people only: on a terminal, and once a run takes more than a moment.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::terminal;
use crate::domain::text::thousands;
use crate::job::{Progress, Stage, share_of};

/// How long a run may take before a bar appears.
const SHOW_AFTER: Duration = Duration::from_millis(700);

/// Rows beyond which a PDF is announced.
const HUGE_PDF: u64 = 100_000;
/// Rows on a page, at the least and at the most: 18 to 24 with the columns of the standard template, 40 with few columns.
const ROWS_OF_A_PAGE: (u64, u64) = (18, 40);

/// How much of the bar each stage takes, as they take of most runs, so that the time left can be estimated from it.
const STEPS: [u64; Stage::DOING.len()] = [10, 300, 100, 0, 100, 40, 430, 20];

/// The bar. Dropping it clears the line.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    /// What is told when a report has very many rows.
    has_pdf: bool,
    /// Waits for the moment to show the bar, unless it is told that the run is over.
    delay: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Bar {
    /// A bar that shows itself when it is wanted: `wanted`, and standard error is a terminal.
    pub fn new(wanted: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(STEPS.iter().sum()), ProgressDrawTarget::hidden());
        if !wanted || !io::stderr().is_terminal() {
            return Self { bar, has_pdf: false, delay: None };
        }
        let colour = if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) { "" } else { ".cyan" };
        let template = format!("{{spinner}} {{bar:24{colour}}} {{percent:>3}}% {{msg}}, {{elapsed}} so far, about {{eta}} left");
        bar.set_style(ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        let (done, wait) = channel();
        let shown = bar.clone();
        let thread = std::thread::spawn(move || {
            if wait.recv_timeout(SHOW_AFTER) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(Duration::from_millis(120));
            }
        });
        Self { bar, has_pdf: false, delay: Some((done, thread)) }
    }

    /// The bar of a report, which also says beforehand that a PDF will be huge if `has_pdf`.
    pub fn of_report(wanted: bool, has_pdf: bool) -> Self {
        let mut bar = Self::new(wanted);
        bar.has_pdf = has_pdf && wanted;
        bar
    }
}

impl Progress for Bar {
    fn stage(&self, stage: Stage) {
        self.bar.set_position(begin(stage));
        self.bar.set_message(stage.doing());
    }

    fn rows(&self, rows: u64) {
        if self.has_pdf && rows > HUGE_PDF {
            let pages = |rows_of_a_page: u64| thousands(rows.div_ceil(rows_of_a_page).next_multiple_of(100));
            let (least, most, rows) = (pages(ROWS_OF_A_PAGE.1), pages(ROWS_OF_A_PAGE.0), thousands(rows));
            let text = format!("portstatus: the PDF of {rows} rows will have {least} to {most} pages; --format csv,xlsx leaves it out\n");
            self.bar.suspend(|| terminal::eprint(&text));
        }
    }

    fn share(&self, stage: Stage, done: f64) {
        self.bar.set_position(begin(stage) + (done * STEPS[stage as usize] as f64) as u64);
    }

    fn amount(&self, stage: Stage, done: u64, of: u64) {
        self.share(stage, share_of(done, of));
        self.bar.set_message(stage.amount_in_words(done, of));
    }
}

/// Where `stage` begins on the bar.
fn begin(stage: Stage) -> u64 {
    STEPS[..stage as usize].iter().sum()
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
