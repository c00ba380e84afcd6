//! Scheduled runs: one reading, a report for each recipient, kept as a run and delivered once; and what becomes of them when
//! something goes wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::program::{PROGRAM, out, run, said, starting};
use crate::tools::{folder, names};

/// Orders of accounts A-0 to A-4: `rows` of them, those of `moved` completed.
fn orders(rows: usize, moved: &[usize]) -> String {
    let mut text = String::from("phone_number,account_id,partner,request_id,status,detailed_status,foc_date,account_company\n");
    for row in 0..rows {
        let (status, detail, foc) = match (moved.contains(&row), row % 3) {
            (true, _) => ("Completed", "Complete", "2026-11-10"),
            (false, 0) => ("In Progress", "Pending carrier response", ""),
            (false, 1) => ("Scheduled", "FOC Date Set", "2026-12-09"),
            _ => ("Waiting for You", "Rejected", ""),
        };
        text +=
            &format!("+1650{:07},A-{},P-{},R{row},{status},{detail},{foc},Company {}\n", 2_000_000 + row, row % 5, row % 5 / 2, row % 5);
    }
    text
}

const JOB: &str = r#"
name = "nightly"
[report]
inputs = ["orders.csv"]
format = ["csv"]
[recipients]
split-by = "account"
[[deliveries]]
to = "out/{recipient}"
"#;

fn job(name: &str, text: &str) -> PathBuf {
    let place = folder(name);
    fs::write(place.join("job.toml"), text).unwrap();
    fs::write(place.join("orders.csv"), orders(60, &[])).unwrap();
    place
}

fn start(place: &Path, more: &[&str]) -> Output {
    run(place, &[&["run", "job.toml"], more].concat())
}

/// The last line that a run prints: its outcome.
fn outcome(output: &Output) -> String {
    out(output).lines().last().unwrap_or_default().to_owned()
}

fn manifest(run: &Path) -> Value {
    let name = names(run).into_iter().find(|name| name.ends_with(".manifest.json")).unwrap();
    serde_json::from_slice(&fs::read(run.join(name)).unwrap()).unwrap()
}

/// All files below `folder`, by their paths from there, with their bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(here) = folders.pop() {
        for entry in fs::read_dir(here).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().display().to_string(), fs::read(path).unwrap());
            }
        }
    }
    found
}

fn journal(run: &Path) -> Vec<Value> {
    let text = fs::read_to_string(run.join("deliveries.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_run_delivers_to_each_recipient_its_own_and_is_kept() {
    let place = job("scheduled", JOB);
    let done = start(&place, &["--as-of", "2026-11-20T14:00:00Z"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(outcome(&done).starts_with("Done: 5 of 5 delivered, kept in runs/2026-11-20-"), "{}", said(&done));
    let delivered = files(&place.join("out"));
    assert_eq!(delivered.len(), 5, "{:?}", delivered.keys());
    for (name, bytes) in &delivered {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let accounts: BTreeSet<&str> =
            text.lines().skip(1).map(|line| line.split(',').find(|cell| cell.starts_with("A-")).unwrap()).collect();
        let [account] = accounts.into_iter().collect::<Vec<_>>()[..] else { panic!("{name} is of several accounts: {text}") };
        assert!(name.starts_with(&format!("{account}-")) && name.ends_with("-2026-11-20.csv"), "{name} is of {account}");
        assert_eq!(text.lines().count(), 13);
    }
    let kept = place.join("runs/latest");
    let run_name = fs::read_link(&kept).unwrap();
    assert!(names(&place.join("runs")).contains(&run_name.display().to_string()));
    let manifest = manifest(&kept);
    let lines = manifest["deliveries"].as_array().unwrap();
    assert!(lines.len() == 5 && lines.iter().all(|line| line["state"] == "delivered" && line["attempts"] == 1), "{lines:?}");
    assert_eq!(manifest["content"]["counts"]["reported"], 60);
    assert!(!manifest.to_string().contains(".portstatus-"), "{manifest}");
    // The manifest is of the files, and its hash of its content, although a part was added later.
    let verified = run(&place, &["verify", "runs/latest"]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
    // Each attempt was noted before and after it.
    let states: Vec<String> = journal(&kept).iter().map(|line| line["state"].as_str().unwrap().to_owned()).collect();
    assert_eq!(states.iter().filter(|state| *state == "started").count(), 5);
    assert_eq!(states.iter().filter(|state| *state == "delivered").count(), 5);
    for path in [place.join("runs"), kept.clone()] {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700, "{path:?}");
    }
    for name in ["run.json", "snapshot.parquet", "job.toml", "deliveries.jsonl"] {
        assert_eq!(fs::metadata(kept.join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_period_has_one_run_and_another_revision_when_forced() {
    let place = job("scheduled-period", JOB);
    let first = start(&place, &["--as-of", "2026-11-20T14:00:00Z"]);
    assert_eq!(first.status.code(), Some(0), "{}", said(&first));
    let delivered = files(&place.join("out"));
    // A changed input changes nothing of a period that had its run.
    fs::write(place.join("orders.csv"), orders(59, &[1])).unwrap();
    let again = start(&place, &["--as-of", "2026-11-20T15:00:00Z"]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    assert!(out(&again).contains("the run of 2026-11-20 was made already"), "{}", said(&again));
    assert_eq!(files(&place.join("out")), delivered);
    let forced = start(&place, &["--as-of", "2026-11-20T16:00:00Z", "--force"]);
    assert_eq!(forced.status.code(), Some(0), "{}", said(&forced));
    let after = files(&place.join("out"));
    assert!(delivered.iter().all(|(name, bytes)| after.get(name) == Some(bytes)), "the first revision stays");
    assert_eq!(after.keys().filter(|name| name.ends_with("-2026-11-20-r2.csv")).count(), 5, "{:?}", after.keys());
    let listed = run(&place, &["history", "list", "runs", "--json"]);
    let listed: Value = serde_json::from_str(&out(&listed)).unwrap();
    assert_eq!(listed["runs"].as_array().unwrap().iter().map(|run| run["revision"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_failed_delivery_stops_no_other_and_is_all_that_is_done_again() {
    let place = job("scheduled-failed", JOB);
    // A file where the folder of one recipient is to be.
    let blocked = start(&place, &["--dry-run"]);
    let name = out(&blocked).lines().find_map(|line| Some(line.split_once("out/A-3-")?.1.split(':').next()?.to_owned())).unwrap();
    fs::create_dir(place.join("out")).unwrap();
    let blocker = place.join(format!("out/A-3-{name}"));
    fs::write(&blocker, "in the way").unwrap();
    let partial = start(&place, &["--as-of", "2026-11-20T14:00:00Z"]);
    assert_eq!(partial.status.code(), Some(4), "{}", said(&partial));
    assert!(outcome(&partial).starts_with("Incomplete: 4 of 5 delivered, 1 failed: exit code 4; "), "{}", said(&partial));
    assert_eq!(fs::read(&blocker).unwrap(), b"in the way");
    let kept = place.join("runs/latest");
    let failed: Vec<Value> =
        manifest(&kept)["deliveries"].as_array().unwrap().iter().filter(|line| line["state"] == "failed").cloned().collect();
    assert!(failed.len() == 1 && failed[0]["recipient"] == "A-3" && failed[0]["why"].as_str().is_some(), "{failed:?}");
    let before = journal(&kept).len();
    let times = |place: &Path| -> BTreeMap<String, std::time::SystemTime> {
        let all = files(&place.join("out"));
        all.keys().map(|name| (name.clone(), fs::metadata(place.join("out").join(name)).unwrap().modified().unwrap())).collect()
    };
    fs::remove_file(&blocker).unwrap();
    let (old, old_run) = (times(&place), fs::read_link(&kept).unwrap());
    // The sources are not read again: they may be gone.
    fs::remove_file(place.join("orders.csv")).unwrap();
    let resumed = run(&place, &["run", "--resume", "runs/latest"]);
    // The job file names an input that is gone, which is no matter now.
    assert_eq!(resumed.status.code(), Some(0), "{}", said(&resumed));
    assert!(outcome(&resumed).starts_with("Done: 5 of 5 delivered"), "{}", said(&resumed));
    let new = times(&place);
    assert!(old.iter().all(|(name, time)| new.get(name) == Some(time)), "what had arrived was not touched");
    assert_eq!((new.len(), journal(&kept).len() - before, fs::read_link(&kept).unwrap()), (5, 2, old_run));
    let attempts: Vec<Value> = manifest(&kept)["deliveries"].as_array().unwrap().iter().map(|line| line["attempts"].clone()).collect();
    assert_eq!(attempts.iter().filter(|attempts| **attempts == 2).count(), 1, "{attempts:?}");
    let shown = run(&place, &["history", "show", "runs/latest"]);
    assert_eq!(out(&shown).lines().filter(|line| line.ends_with(": delivered")).count(), 5, "{}", said(&shown));
}

#[test]
fn starting_again_after_a_failure_finishes_the_same_run() {
    let place = job("scheduled-again", JOB);
    fs::write(place.join("out"), "a file").unwrap();
    let failed = start(&place, &["--as-of", "2026-11-20T14:00:00Z"]);
    assert_eq!(failed.status.code(), Some(4), "{}", said(&failed));
    assert!(outcome(&failed).contains("0 of 5 delivered, 5 failed"), "{}", said(&failed));
    fs::remove_file(place.join("out")).unwrap();
    let again = start(&place, &["--as-of", "2026-11-20T18:00:00Z"]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    assert_eq!(
        (files(&place.join("out")).len(), names(&place.join("runs")).iter().filter(|name| name.starts_with("2026")).count()),
        (5, 1)
    );
}

#[test]
fn recipients_of_a_table_get_what_it_says_and_all_rows_are_accounted_for() {
    let text = JOB
        .replace("split-by = \"account\"", "split-by = \"account\"\ntable = \"recipients.csv\"")
        .replace("out/{recipient}", "out/{place}");
    let place = job("scheduled-table", &text);
    fs::write(place.join("orders.csv"), orders(60, &[5])).unwrap();
    fs::write(
        place.join("recipients.csv"),
        "account,name,status,place,formats,when,active\n\
         A-0,Zero,,zero,csv,,\n\
         A-0,Zero done,Completed,zero-done,csv xlsx,,\n\
         A-1,One,,one,csv,flags > 100000,\n\
         A-2,Two,,two,csv,,no\n\
         A-9,Nine,,nine,csv,,\n\
         A-8,Eight,,eight,csv,not-empty,\n",
    )
    .unwrap();
    let done = start(&place, &["--as-of", "2026-11-20T14:00:00Z"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(out(&done).contains("Note: recipients whose value stands in no row: Nine, Eight\n"), "{}", said(&done));
    let delivered = files(&place.join("out"));
    let of = |name: &str| delivered.keys().filter(|path| path.starts_with(&format!("{name}/"))).count();
    assert_eq!([of("zero"), of("zero-done"), of("one"), of("two"), of("nine"), of("eight")], [1, 2, 0, 0, 1, 0], "{:?}", delivered.keys());
    let lines = |name: &str| {
        let (_, bytes) = delivered.iter().find(|(path, _)| path.starts_with(&format!("{name}/")) && path.ends_with(".csv")).unwrap();
        String::from_utf8(bytes.clone()).unwrap().lines().count() - 1
    };
    assert_eq!([lines("zero"), lines("zero-done"), lines("nine")], [12, 1, 0]);
    let manifest = manifest(&place.join("runs/latest"));
    let counts = &manifest["content"]["counts"];
    // A-0 is reported, A-1 is not due, nobody gets A-2, A-3 and A-4.
    assert_eq!(
        [&counts["read"], &counts["reported"], &counts["not_due"], &counts["unaddressed"], &counts["filtered_out"]],
        [&Value::from(60), &Value::from(12), &Value::from(12), &Value::from(36), &Value::from(0)],
        "{counts}"
    );
    let without = manifest["content"]["split"]["without_recipient"].as_array().unwrap();
    assert_eq!(without.iter().map(|value| value["value"].as_str().unwrap()).collect::<Vec<_>>(), ["A-2", "A-3", "A-4"]);
    let nothing: Vec<&Value> =
        manifest["deliveries"].as_array().unwrap().iter().filter(|line| line["state"] == "nothing to send").collect();
    assert_eq!(nothing.iter().map(|line| line["recipient"].as_str().unwrap()).collect::<Vec<_>>(), ["One", "Eight"], "{nothing:?}");
    assert!(nothing.iter().all(|line| line["why"].as_str().is_some_and(|why| !why.is_empty())));
}

#[test]
fn reports_tell_what_changed_since_the_last_that_arrived_and_may_wait_for_it() {
    let text =
        JOB.replace("split-by = \"account\"", "split-by = \"account\"\nwhen = \"changed\"").replace("[\"csv\"]", "[\"csv\", \"xlsx\"]");
    let place = job("scheduled-changes", &text);
    let first = start(&place, &["--as-of", "2026-11-18T14:00:00Z"]);
    assert!(outcome(&first).starts_with("Done: 5 of 5"), "{}", said(&first));
    let same = start(&place, &["--as-of", "2026-11-19T14:00:00Z"]);
    assert_eq!(same.status.code(), Some(0), "{}", said(&same));
    assert!(out(&same).contains("Nothing to send to 5 recipients"), "{}", said(&same));
    // Row 6 is of A-1, row 7 of A-2.
    fs::write(place.join("orders.csv"), orders(60, &[6, 7])).unwrap();
    let moved = start(&place, &["--as-of", "2026-11-20T14:00:00Z"]);
    assert!(outcome(&moved).starts_with("Done: 2 of 2 delivered"), "{}", said(&moved));
    assert!(out(&moved).contains("Changes since 2026-11-19T14:00:00Z: 2 moved"), "{}", said(&moved));
    let days = files(&place.join("out"));
    assert_eq!(days.keys().filter(|name| name.ends_with("2026-11-20.csv")).count(), 2, "{:?}", days.keys());
    let diff = run(&place, &["diff", &format!("runs/{}", names(&place.join("runs"))[2]), "runs/latest"]);
    assert!(out(&diff).contains("2 moved"), "{}", said(&diff));
    // The state of a day that is gone by.
    let then = |as_of: &str| {
        let made =
            run(&place, &["report", "--history", "runs", "--as-of", as_of, "--out", "-", "--format", "csv", "--status", "completed"]);
        assert_eq!(made.status.code(), Some(0), "{}", said(&made));
        out(&made).lines().count() - 1
    };
    assert_eq!([then("2026-11-18"), then("2026-11-19"), then("2026-11-20")], [0, 0, 2]);
    let before = run(&place, &["report", "--history", "runs", "--as-of", "2026-11-17", "--out", "o"]);
    assert_eq!(before.status.code(), Some(66), "{}", said(&before));
    let pruned = run(&place, &["history", "prune", "runs", "--keep-runs", "1"]);
    assert!(out(&pruned).ends_with("2 runs went\n"), "{}", said(&pruned));
    assert_eq!(names(&place.join("runs")).iter().filter(|name| name.starts_with("2026")).count(), 1);
    assert!(place.join("runs/latest/run.json").is_file());
}

#[test]
fn a_dry_run_says_what_would_go_where_and_leaves_nothing() {
    let place = job("scheduled-dry", JOB);
    let dry = start(&place, &["--dry-run"]);
    assert_eq!(dry.status.code(), Some(0), "{}", said(&dry));
    assert_eq!(out(&dry).lines().filter(|line| line.contains(" to out/A-") && line.ends_with(".csv")).count(), 5, "{}", said(&dry));
    assert!(outcome(&dry).starts_with("Dry run: 5 deliveries would be made"), "{}", said(&dry));
    assert!(!place.join("out").exists());
    assert_eq!(names(&place.join("runs")), [".lock"]);
}

#[test]
fn only_one_run_of_a_job_is_under_way() {
    let place = job("scheduled-lock", JOB);
    fs::create_dir(place.join("runs")).unwrap();
    let lock = fs::File::create(place.join("runs/.lock")).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive).unwrap();
    let kept_out = start(&place, &[]);
    assert_eq!(kept_out.status.code(), Some(75), "{}", said(&kept_out));
    assert!(said(&kept_out).contains("another run of this job is under way"), "{}", said(&kept_out));
    drop(lock);
    // The file of a lock that nobody holds keeps nobody out.
    let children: Vec<_> = (0..6)
        .map(|_| {
            let mut command = starting(PROGRAM);
            command.args(["run", "job.toml", "--quiet"]).current_dir(&place).stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    let codes: Vec<Option<i32>> = children.into_iter().map(|mut child| child.wait().unwrap().code()).collect();
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 75))) && codes.contains(&Some(0)), "{codes:?}");
    assert_eq!(names(&place.join("runs")).iter().filter(|name| name.starts_with("20")).count(), 1);
    assert_eq!(files(&place.join("out")).len(), 5);
}

#[test]
fn a_run_that_is_killed_at_any_time_is_finished_by_the_next_and_nothing_arrives_twice_or_in_part() {
    let place = job("scheduled-killed", JOB);
    let mut text = String::from("phone_number,account_id,status\n");
    for row in 0..400 {
        text += &format!("+1650{:07},A-{},In Progress\n", 2_000_000 + row, row % 80);
    }
    fs::write(place.join("orders.csv"), text).unwrap();
    let mut killed = 0;
    for round in 0..12_u64 {
        for name in ["runs", "out"] {
            fs::remove_dir_all(place.join(name)).unwrap_or_default();
        }
        let mut command = starting(PROGRAM);
        command.args(["run", "job.toml", "--as-of", "2026-11-20T14:00:00Z"]).current_dir(&place);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(20 + round * 35));
        child.kill().unwrap();
        killed += usize::from(child.wait().unwrap().code().is_none());
        // What stands there is whole, and of its own recipient.
        for (name, bytes) in files(&place.join("out")).iter().filter(|(name, _)| !name.rsplit('/').next().unwrap().starts_with('.')) {
            assert!(bytes.ends_with(b"\n") && bytes.iter().filter(|byte| **byte == b'\n').count() == 6, "{name} is cut");
        }
        let done = start(&place, &["--as-of", "2026-11-20T15:00:00Z"]);
        assert_eq!(done.status.code(), Some(0), "round {round}: {}", said(&done));
        let all = files(&place.join("out"));
        assert_eq!((all.len(), all.keys().filter(|name| name.contains("/.")).count()), (80, 0), "round {round}: {:?}", all.keys());
        assert_eq!(names(&place.join("runs")).iter().filter(|name| name.starts_with("2026")).count(), 1, "round {round}");
        let arrived: Vec<Value> = journal(&place.join("runs/latest")).into_iter().filter(|line| line["state"] == "delivered").collect();
        let once: BTreeSet<String> = arrived.iter().map(|line| line["shipment"].to_string()).collect();
        assert_eq!((arrived.len(), once.len()), (80, 80), "round {round}: a shipment was noted as delivered twice");
        assert_eq!(run(&place, &["verify", "runs/latest"]).status.code(), Some(0));
    }
    assert!(killed >= 4, "only {killed} of 12 runs were killed in time");
}

#[test]
fn hostile_names_stay_in_their_place_and_never_meet() {
    let place = job("scheduled-hostile", JOB);
    let hostile = ["../../etc", "a/b", "a\\b", "..", "CON", "-rf", "name with spaces", "Ünï/cødé", "a:b", "{date}", "A-1", "a-1"];
    let mut writer = csv::Writer::from_path(place.join("orders.csv")).unwrap();
    writer.write_record(["phone_number", "account_id", "status"]).unwrap();
    for (row, account) in hostile.iter().enumerate() {
        writer.write_record([format!("+1650{:07}", 2_000_000 + row).as_str(), account, "Completed"]).unwrap();
    }
    writer.flush().unwrap();
    let done = start(&place, &[]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert_eq!(files(&place.join("out")).len(), hostile.len(), "{:?}", files(&place.join("out")).keys());
    assert_eq!(names(&place), ["job.toml", "orders.csv", "out", "runs"]);
    // Names that would be one file are refused before anything is made.
    fs::write(place.join("job.toml"), JOB.replace("out/{recipient}\"", "one\"\nfile-name = \"{job}.{ext}\"")).unwrap();
    let met = start(&place, &["--force"]);
    assert_eq!(met.status.code(), Some(78), "{}", said(&met));
    assert!(!place.join("one").exists());
}

#[test]
fn too_few_rows_stop_a_run_before_anybody_gets_a_report() {
    let place = job("scheduled-floor", &format!("{JOB}\n[floor]\nrows = 10\ndrop = \"50%\"\n"));
    for day in 16..20 {
        let done = start(&place, &["--as-of", &format!("2026-11-{day}T14:00:00Z")]);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    }
    let before = files(&place.join("out"));
    for rows in [29, 5, 0] {
        fs::write(place.join("orders.csv"), orders(rows, &[])).unwrap();
        let stopped = start(&place, &["--as-of", "2026-11-20T14:00:00Z"]);
        assert_eq!(stopped.status.code(), Some(65), "{rows}: {}", said(&stopped));
        assert_eq!(files(&place.join("out")), before, "{rows}");
    }
    fs::write(place.join("orders.csv"), orders(30, &[])).unwrap();
    let done = start(&place, &["--as-of", "2026-11-20T14:00:00Z"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
}

#[test]
fn holidays_missed_times_and_a_clock_set_back() {
    let schedule = "[schedule]\nat = \"06:00\"\nzone = \"America/Los_Angeles\"\nnot-on = \"us-federal\"\n";
    let place = job("scheduled-times", &format!("{JOB}\n{schedule}"));
    // Thanksgiving.
    let holiday = start(&place, &["--as-of", "2026-11-26T15:00:00Z"]);
    assert_eq!(
        (holiday.status.code(), outcome(&holiday).contains("is a holiday (Thanksgiving Day)")),
        (Some(0), true),
        "{}",
        said(&holiday)
    );
    let first = start(&place, &["--as-of", "2026-11-20T15:00:00Z"]);
    assert!(outcome(&first).contains("kept in runs/2026-11-20-"), "{}", said(&first));
    // Three days later: the last of those missed is run, the others are named.
    let later = start(&place, &["--as-of", "2026-11-23T15:00:00Z"]);
    assert!(out(&later).contains("missed, and not caught up with: 2026-11-21, 2026-11-22"), "{}", said(&later));
    let back = start(&place, &["--as-of", "2026-11-22T15:00:00Z"]);
    assert_eq!(back.status.code(), Some(75), "{}", said(&back));
    let all = start(&place, &["--as-of", "2026-11-25T15:00:00Z", "--catch-up", "all"]);
    assert_eq!(all.status.code(), Some(0), "{}", said(&all));
    let days: Vec<String> =
        names(&place.join("runs")).iter().filter(|name| name.starts_with("20")).map(|name| name[..10].to_owned()).collect();
    assert_eq!(days, ["2026-11-20", "2026-11-23", "2026-11-24", "2026-11-25"]);
}

#[test]
fn the_log_and_the_metrics_hold_neither_numbers_nor_secrets() {
    let place =
        job("scheduled-log", &format!("metrics-file = \"metrics/portstatus.prom\"\n{JOB}encrypt = \"zip\"\npassword-file = \"pw\"\n"));
    fs::write(place.join("pw"), "canary-secret\n").unwrap();
    fs::set_permissions(place.join("pw"), fs::Permissions::from_mode(0o600)).unwrap();
    let done = start(&place, &["--log", "json"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let log = String::from_utf8(done.stderr.clone()).unwrap();
    let events: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.iter().filter(|event| event["event"] == "delivery").count() == 5, "{log}");
    let metrics = fs::read_to_string(place.join("metrics/portstatus.prom")).unwrap();
    for figure in [
        "portstatus_rows{job=\"nightly\",rows=\"read\"} 60",
        "portstatus_deliveries{job=\"nightly\",state=\"delivered\"} 5",
        "portstatus_run_complete{job=\"nightly\"} 1",
    ] {
        assert!(metrics.contains(figure), "{metrics}");
    }
    let kept = place.join("runs/latest");
    let state = fs::read_to_string(kept.join("run.json")).unwrap()
        + &manifest(&kept).to_string()
        + &fs::read_to_string(kept.join("deliveries.jsonl")).unwrap();
    for text in [log, metrics, state, said(&done)] {
        assert!(!text.contains("canary-secret") && !text.contains("65020000"), "{text}");
    }
    assert!(files(&place.join("out")).keys().all(|name| name.ends_with(".zip")));
}

#[test]
fn a_signal_ends_a_run_within_seconds_and_loses_nothing() {
    let place = job("scheduled-signal", JOB);
    let mut text = String::from("phone_number,account_id,status\n");
    for row in 0..3000 {
        text += &format!("+1650{:07},A-{},In Progress\n", 2_000_000 + row, row % 1000);
    }
    fs::write(place.join("orders.csv"), text).unwrap();
    let mut command = starting(PROGRAM);
    let child = command.args(["run", "job.toml", "--as-of", "2026-11-20T14:00:00Z"]).current_dir(&place);
    let child = child.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Until the first reports arrive.
    for _ in 0..600 {
        if files(&place.join("out")).len() > 20 {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    if ended.status.code() == Some(0) {
        // It was done before the signal reached it.
        return;
    }
    assert_eq!(ended.status.code(), Some(143), "{}", said(&ended));
    assert!(said(&ended).contains("portstatus run --resume"), "{}", said(&ended));
    let there = files(&place.join("out"));
    assert!(there.keys().all(|name| !name.contains("/.")), "{:?}", there.keys());
    let resumed = run(&place, &["run", "--resume", "runs/latest"]);
    assert_eq!(resumed.status.code(), Some(0), "{}", said(&resumed));
    assert_eq!(files(&place.join("out")).len(), 1000);
}

#[test]
fn a_full_disk_keeps_no_run_and_sends_nothing() {
    let place = job("scheduled-full", JOB);
    fs::write(place.join("orders.csv"), orders(5_000, &[])).unwrap();
    for blocks in ["4", "60"] {
        let mut command = starting("sh");
        command.args(["-c", &format!("ulimit -f {blocks}; exec {PROGRAM} run job.toml --as-of 2026-11-20T14:00:00Z")]);
        let full = command.current_dir(&place).stdin(Stdio::null()).output().unwrap();
        assert_eq!(full.status.code(), Some(74), "{blocks}: {}", said(&full));
        assert!(!place.join("out").exists() && names(&place.join("runs")) == [".lock"], "{blocks}: {:?}", names(&place.join("runs")));
    }
    assert_eq!(start(&place, &["--as-of", "2026-11-20T14:00:00Z"]).status.code(), Some(0));
}

#[test]
fn the_sample_job_runs_as_it_stands() {
    let place = folder("scheduled-sample");
    for entry in fs::read_dir("samples").unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        fs::copy(&entry, place.join(entry.file_name().unwrap())).unwrap();
    }
    let done = run(&place, &["run", "job.toml", "--as-of", "2026-11-20T15:00:00Z"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(outcome(&done).starts_with("Done: "), "{}", said(&done));
    assert!(!files(&place.join("delivered")).is_empty() && !files(&place.join("archive")).is_empty());
    assert!(place.join("partners.prom").is_file());
    assert_eq!(run(&place, &["verify", "runs/latest"]).status.code(), Some(0));
}
