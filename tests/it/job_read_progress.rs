//! How far the reading of all inputs is, from the bytes read of each.

use std::sync::Mutex;

use clap::Parser;
use portstatus::cli::args::{Cli, Command};
use portstatus::cli::report::spec;
use portstatus::deliver::RunFiles;
use portstatus::job::read_progress::ReadProgress;
use portstatus::job::{Progress, Stage};
use portstatus::source::read::read;
use portstatus::source::{Input, ReadOptions};
use portstatus::templates::Templates;

use crate::program::{AS_OF, write_orders};
use crate::tools::folder;

struct Heard(Mutex<Vec<f64>>);

impl Progress for Heard {
    fn stage(&self, _stage: Stage) {}

    fn share(&self, stage: Stage, done: f64) {
        assert_eq!(stage, Stage::Reading);
        self.0.lock().unwrap().push((done * 100.0).round());
    }
}

#[test]
fn bytes_of_several_inputs_become_one_share() {
    let place = folder("progress");
    let file = |name: &str, size: usize| {
        std::fs::write(place.join(name), vec![b'x'; size]).unwrap();
        Input::File(place.join(name))
    };
    let rows: [(Vec<Input>, &[u64], &[f64]); 4] = [
        (vec![file("a", 100), file("b", 60), file("c", 40)], &[50, 100, 30, 60, 40], &[25.0, 50.0, 65.0, 80.0, 100.0]),
        // An input is begun by 0, however large its first block is.
        (vec![file("e", 40), file("f", 100)], &[0, 40, 0, 60, 100], &[0.0, 29.0, 29.0, 71.0, 100.0]),
        (vec![Input::Standard], &[50, 100], &[0.0, 0.0]),
        (vec![file("d", 10), Input::Standard], &[10, 5, 500], &[100.0, 100.0, 100.0]),
    ];
    for (inputs, read, expected) in rows {
        let heard = Heard(Mutex::new(Vec::new()));
        let progress = ReadProgress::of(&inputs, &heard);
        read.iter().for_each(|bytes| progress.read(*bytes).unwrap());
        assert_eq!(*heard.0.lock().unwrap(), expected);
    }
}

#[test]
fn every_input_is_begun_by_nothing_read() {
    let inputs = [1, 50].map(|rows| Input::File(write_orders(&folder("begun"), rows)));
    let sizes = [&inputs[0], &inputs[1]].map(|input| std::fs::metadata(input.path().unwrap()).unwrap().len());
    let heard = Mutex::new(Vec::new());
    let monitor = |bytes: u64| {
        heard.lock().unwrap().push(bytes);
        Ok(())
    };
    read(&inputs, &ReadOptions::default(), &Templates::default(), &monitor).unwrap();
    let mut heard = heard.into_inner().unwrap();
    heard.dedup();
    assert_eq!(heard, [0, sizes[0], 0, sizes[1]]);
}

#[test]
fn amounts_are_put_into_words() {
    for (stage, done, of, expected) in [
        (Stage::Reading, 12_300_000, 26_700_000, "reading 12.3 of 26.7 MB"),
        (Stage::Reading, 5_000_000, 0, "reading 5.0 MB"),
        (Stage::Exporting, 120_000, 300_000, "writing 120,000 of 300,000 rows"),
        (Stage::Exporting, 300_001, 300_000, "writing 300,000 of 300,000 rows"),
    ] {
        assert_eq!(stage.amount_in_words(done, of), expected);
    }
}

/// The rows that a run says are written, while it writes them.
struct Written(Mutex<Vec<(u64, u64)>>);

impl Progress for Written {
    fn stage(&self, _stage: Stage) {}

    fn share(&self, _stage: Stage, _done: f64) {}

    fn amount(&self, stage: Stage, done: u64, of: u64) {
        if stage == Stage::Exporting {
            self.0.lock().unwrap().push((done, of));
        }
    }
}

#[test]
fn rows_written_are_counted_over_all_formats() {
    let base = folder("written");
    let input = write_orders(&base, 30_000);
    let out = base.join("o");
    let arguments = ["portstatus", "report", input.to_str().unwrap(), "--out", out.to_str().unwrap(), "--as-of", AS_OF];
    let Command::Report(args) = Cli::parse_from(arguments).command else { panic!("not a report") };
    let written = Written(Mutex::new(Vec::new()));
    portstatus::job::run(&spec(&args, None).unwrap(), &RunFiles::new(9), &written).unwrap();
    let written = written.0.into_inner().unwrap();
    // How often it is told before the end is a matter of time.
    assert!(written.is_sorted() && written.iter().all(|(_, of)| *of == 90_000), "{written:?}");
    assert_eq!(written.last(), Some(&(90_000, 90_000)));
}
