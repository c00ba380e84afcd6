//! Both stages of a run on an Apache Spark, which `tests/spark` starts: the same files as one machine makes, also where an executor dies
//! in the middle, and no run that is taken for whole and is not.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::{PROGRAM, err, out, run, said, starting};
use crate::scale::AS_OF;
use crate::tools::{folder, names, skip};

const JOB: &str = "name = \"nightly\"\n[report]\ninputs = [\"record.parquet\"]\nformat = [\"csv\", \"xlsx\", \"pdf\"]\n[recipients]\n\
                   split-by = \"account\"\n";

/// Where the engine listens, and how many rows it is tried with; nothing where no script started one.
fn engine() -> Option<(String, usize)> {
    let Ok(address) = std::env::var("PORTSTATUS_TEST_ENGINE") else {
        skip("no engine was started: tests/spark does");
        return None;
    };
    let rows = std::env::var("PORTSTATUS_TEST_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(20_000);
    Some((address, rows))
}

/// A place with a record of so many rows of 200 accounts, and a job that reports each.
fn place(name: &str, rows: usize) -> PathBuf {
    let place = folder(name);
    for arguments in [
        &["sample", "--rows", &rows.to_string(), "--accounts", "200", "--seed", "5", "--out", "orders.csv"][..],
        &["normalize", "orders.csv", "--out", "record.parquet", "--as-of", AS_OF, "--rejects-ok"],
    ] {
        let done = run(&place, arguments);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    }
    fs::write(place.join("job.toml"), JOB).unwrap();
    place
}

/// The reports of all runs below `folder`, by recipient and name, hashed.
fn reports(folder: &Path) -> BTreeMap<String, String> {
    let list = "find . -path '*/*/partner-port-status-*' ! -name '*.json' -type f -exec sha256sum {} +";
    let done = Command::new("sh").args(["-c", list]).current_dir(folder).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    let file = |line: &str| {
        let (hash, path) = line.split_once("  ").unwrap();
        let mut parts = path.rsplit('/');
        let (name, recipient) = (parts.next().unwrap(), parts.next().unwrap());
        (format!("{recipient}/{name}"), hash.to_owned())
    };
    text.lines().map(file).collect()
}

fn on_one_machine(place: &Path) -> BTreeMap<String, String> {
    let began = Instant::now();
    let done = run(place, &["run", "job.toml", "--as-of", AS_OF]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let found = reports(&place.join("runs"));
    eprintln!("one machine: {} files in {:.1} s", found.len(), began.elapsed().as_secs_f64());
    found
}

fn scale(place: &Path, address: &str, name: &str, more: &[&str]) -> Command {
    let mut command = starting(PROGRAM);
    command.args(["scale", "run", "job.toml", "--run", name, "--shards", "8", "--as-of", AS_OF, "--engine", address]).args(more);
    if let Ok(token) = std::env::var("PORTSTATUS_ENGINE_TOKEN") {
        command.env("PORTSTATUS_ENGINE_TOKEN", token);
    }
    command.current_dir(place).stdin(Stdio::null());
    command
}

#[track_caller]
fn assert_equal(found: &BTreeMap<String, String>, expected: &BTreeMap<String, String>) {
    assert_eq!(found.len(), expected.len());
    let differing: Vec<&String> = expected.iter().filter(|(name, hash)| found.get(*name) != Some(*hash)).map(|(name, _)| name).collect();
    assert!(differing.is_empty(), "{} of {} files differ: {:?}", differing.len(), expected.len(), differing.first());
}

/// The processes of the executors, children of the workers that the script started.
fn executors() -> Vec<String> {
    let workers = std::env::var("PORTSTATUS_TEST_WORKERS").unwrap_or_default();
    let of_worker = |worker: &str| {
        let found = Command::new("pgrep").args(["-P", worker, "-f", "CoarseGrainedExecutorBackend"]).output().unwrap();
        String::from_utf8(found.stdout).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    workers.split_whitespace().flat_map(of_worker).collect()
}

#[test]
fn an_engine_makes_the_files_of_one_machine_and_goes_on_without_an_executor() {
    let Some((address, rows)) = engine() else { return };
    let place = place("scale-spark", rows);
    let expected = on_one_machine(&place);
    assert!(expected.len() >= 3 * 150, "{}", expected.len());
    let began = Instant::now();
    let done = scale(&place, &address, "whole", &[]).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(out(&done).starts_with("Everything adds up: "), "{}", said(&done));
    assert_equal(&reports(&place.join("whole/runs")), &expected);
    eprintln!("the engine: {rows} rows in {:.1} s", began.elapsed().as_secs_f64());
    // Once more, an executor killed while the third shard is rendered.
    let running = scale(&place, &address, "killed", &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = place.join("killed/lines");
    let began = Instant::now();
    while !lines.is_dir() || names(&lines).len() < 2 {
        assert!(began.elapsed() < Duration::from_secs(600), "no shard was rendered");
        std::thread::sleep(Duration::from_millis(20));
    }
    let victims = executors();
    assert!(!victims.is_empty(), "no executor was found");
    assert!(Command::new("kill").args(["-KILL", &victims[0]]).status().unwrap().success());
    let done = running.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert_equal(&reports(&place.join("killed/runs")), &expected);
    let counted = scale_reconcile(&place, &address, "killed");
    assert_eq!(counted.status.code(), Some(0), "{}", said(&counted));
}

fn scale_reconcile(place: &Path, address: &str, name: &str) -> std::process::Output {
    let mut command = starting(PROGRAM);
    command.args(["scale", "reconcile", "job.toml", "--run", name, "--engine", address]).current_dir(place);
    if let Ok(token) = std::env::var("PORTSTATUS_ENGINE_TOKEN") {
        command.env("PORTSTATUS_ENGINE_TOKEN", token);
    }
    command.output().unwrap()
}

#[test]
fn a_renderer_that_fails_fails_the_run_which_then_goes_on() {
    let Some((address, _)) = engine() else { return };
    let place = place("scale-spark-fails", 2_000);
    // It renders nothing, takes every number that it is told, and ends with 3.
    let broken = place.join("broken");
    fs::write(&broken, "#!/bin/sh\ncat >/dev/null\nexit 3\n").unwrap();
    fs::set_permissions(&broken, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let done = scale(&place, &address, "scaled", &["--program", broken.to_str().unwrap()]).output().unwrap();
    assert!(done.status.code().is_some_and(|code| code != 0), "{}", said(&done));
    assert!(!err(&done).is_empty() && err(&done).lines().count() == 1, "{}", said(&done));
    // One that ends with 0 and renders nothing is found out when everything is added up.
    let lazy = place.join("lazy");
    fs::write(&lazy, "#!/bin/sh\ncat >/dev/null\n").unwrap();
    fs::set_permissions(&lazy, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let done = scale(&place, &address, "scaled", &["--program", lazy.to_str().unwrap()]).output().unwrap();
    assert_eq!(done.status.code(), Some(65), "{}", said(&done));
    assert!(err(&done).contains("shard-0 was not rendered"), "{}", said(&done));
    // The same command with the program itself does the rest.
    let done = scale(&place, &address, "scaled", &[]).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    // Rows that changed since are no longer those that were shared out.
    let other = run(&place, &["normalize", "orders.csv", "--out", "record.parquet", "--as-of", "2026-11-21T14:00:00Z", "--rejects-ok"]);
    assert_eq!(other.status.code(), Some(0), "{}", said(&other));
    let again = scale_reconcile(&place, &address, "scaled");
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    let fewer = run(&place, &["sample", "--rows", "1900", "--accounts", "200", "--seed", "5", "--out", "fewer.csv"]);
    assert_eq!(fewer.status.code(), Some(0), "{}", said(&fewer));
    let fewer = run(&place, &["normalize", "fewer.csv", "--out", "record.parquet", "--as-of", AS_OF, "--rejects-ok"]);
    assert_eq!(fewer.status.code(), Some(0), "{}", said(&fewer));
    let again = scale_reconcile(&place, &address, "scaled");
    assert_eq!(again.status.code(), Some(65), "{}", said(&again));
    assert!(err(&again).contains("the table is not what was shared out"), "{}", said(&again));
}
