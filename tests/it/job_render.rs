//! One load serves many renders, and each is what a run of its own would publish.

use std::fs;

use clap::Parser;
use portstatus::cli::args::{Cli, Command};
use portstatus::cli::report;
use portstatus::clock::AsOf;
use portstatus::deliver::RunFiles;
use portstatus::job::outputs::Outputs;
use portstatus::job::{self, JobSpec, Progress, Stage, StageTimer};

use crate::program::{AS_OF, STEM, write_orders};
use crate::tools::{folder, names};

struct NoProgress;

impl Progress for NoProgress {
    fn stage(&self, _stage: Stage) {}
    fn share(&self, _stage: Stage, _done: f64) {}
}

fn spec(arguments: &[&str]) -> JobSpec {
    match Cli::parse_from(["portstatus", "report", "--as-of", AS_OF].iter().chain(arguments)).command {
        Command::Report(args) => report::spec(&args, None).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_load_serves_many_renders() {
    let place = folder("renders");
    let orders = write_orders(&place, 300).display().to_string();
    let out = |name: &str| place.join(name).display().to_string();
    let accounts = ["A-1", "A-2", "A-6"];
    let first = spec(&[&orders, "--format", "csv"]);
    let prepared = job::prepare(&first.load, &first.render.template).unwrap();
    let mut stages = StageTimer::start(&NoProgress);
    let loaded = job::load(&first.load, &prepared.context, &mut stages).unwrap();
    for account in accounts {
        let JobSpec { render, delivery, .. } = spec(&[&orders, "--format", "csv,xlsx", "--account", account, "--out", &out(account)]);
        let files = RunFiles::new(1);
        let query = render.query.check(&prepared.names).unwrap();
        let outputs = Outputs::stage(&delivery, &render.formats, AsOf::parse(AS_OF).unwrap(), &files, Vec::new()).unwrap();
        let mut stages = StageTimer::start(&NoProgress);
        let rendered = job::render(&loaded, &prepared, &query, &render, outputs, &mut stages).unwrap();
        job::deliver(rendered, &files, stages).unwrap();
    }
    for account in accounts {
        let alone = format!("{account}-alone");
        let spec = spec(&[&orders, "--format", "csv,xlsx", "--account", account, "--out", &out(&alone)]);
        job::run(&spec, &RunFiles::new(2), &NoProgress).unwrap();
        assert_eq!(names(&place.join(account)), names(&place.join(&alone)));
        // The one rejected row is of account A-1, and told to nobody else.
        let formats = if account == "A-1" { &["csv", "xlsx", "rejects.csv"][..] } else { &["csv", "xlsx"] };
        assert_eq!(names(&place.join(account)).len(), formats.len() + 1);
        for format in formats {
            let read = |folder: &str| fs::read(place.join(folder).join(format!("{STEM}.{format}"))).unwrap();
            assert!(read(account) == read(&alone), "{account}: the {format} differs");
        }
    }
}
