//! A job on several machines: shards that are rendered by themselves make the files of one machine, whoever starts them and however often,
//! and rows that are missing, changed or in the wrong place are refused by name.

mod sail;
mod schedulers;
#[cfg(feature = "spark")]
mod spark;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

pub use crate::program::run;
use crate::program::{PROGRAM, err, out, said, starting};
use crate::tools::{folder, found, names};

pub const AS_OF: &str = "2026-11-20T14:00:00Z";

const JOB: &str = "name = \"nightly\"\n[report]\ninputs = [\"record.parquet\"]\nformat = [\"csv\", \"xlsx\", \"pdf\"]\n[recipients]\n\
                   split-by = \"account\"\ntable = \"recipients.csv\"\n[[deliveries]]\nto = \"out/{recipient}\"\n";

/// A place with the record of some orders, and a job that reads it for a table of recipients: one who may see everything, one of whose
/// account there is no row, and two of one account; accounts without a recipient and rows without an account are left.
pub fn place(name: &str, rows: usize) -> PathBuf {
    let place = folder(name);
    let made = run(&place, &["sample", "--rows", &rows.to_string(), "--accounts", "12", "--seed", "11", "--out", "orders.csv"]);
    assert_eq!(made.status.code(), Some(0), "{}", said(&made));
    let normalized = run(&place, &["normalize", "orders.csv", "--out", "record.parquet", "--as-of", AS_OF, "--rejects-ok"]);
    assert_eq!(normalized.status.code(), Some(0), "{}", said(&normalized));
    let accounts = accounts(&place);
    assert!(accounts.len() > 8, "{accounts:?}");
    let mut table = String::from("account,name\n*,Manager\nA-none,Nobody\n");
    for account in &accounts[..accounts.len() - 2] {
        table += &format!("{account},For {account}\n");
    }
    table += &format!("{},Second\n", accounts[0]);
    fs::write(place.join("recipients.csv"), table).unwrap();
    fs::write(place.join("job.toml"), JOB).unwrap();
    place
}

/// The accounts of the orders.
fn accounts(place: &Path) -> Vec<String> {
    let rows = out(&run(place, &["report", "record.parquet", "--out", "-", "--format", "jsonl", "--as-of", AS_OF]));
    let account = |line: &str| serde_json::from_str::<Value>(line).unwrap()["account_id"].as_str().map(str::to_owned);
    let mut accounts: Vec<String> = rows.lines().filter_map(account).collect();
    accounts.sort();
    accounts.dedup();
    accounts
}

/// The files that were delivered, by their paths.
fn delivered(place: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for recipient in names(&place.join("out")) {
        for name in names(&place.join("out").join(&recipient)) {
            found.insert(format!("{recipient}/{name}"), fs::read(place.join("out").join(&recipient).join(&name)).unwrap());
        }
    }
    found
}

/// What one machine delivers.
fn on_one_machine(place: &Path) -> BTreeMap<String, Vec<u8>> {
    let done = run(place, &["run", "job.toml", "--as-of", AS_OF]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let files = delivered(place);
    fs::remove_dir_all(place.join("out")).unwrap();
    files
}

fn shared_out(place: &Path, shards: u32) {
    let done =
        run(place, &["scale", "run", "job.toml", "--run", "scaled", "--shards", &shards.to_string(), "--as-of", AS_OF, "--only-share"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
}

fn render(place: &Path, shard: u32, shards: u32) -> Output {
    run(place, &["render", "--run", "scaled", "--shards", &shards.to_string(), "--shard", &shard.to_string()])
}

fn reconcile(place: &Path) -> Output {
    run(place, &["scale", "reconcile", "--run", "scaled"])
}

fn lines(place: &Path) -> BTreeMap<String, String> {
    let folder = place.join("scaled/lines");
    names(&folder).into_iter().map(|name| (name.clone(), fs::read_to_string(folder.join(name)).unwrap())).collect()
}

#[track_caller]
fn assert_equal(found: &BTreeMap<String, Vec<u8>>, expected: &BTreeMap<String, Vec<u8>>) {
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, bytes) in expected {
        assert!(found[name] == *bytes, "{name} is another file");
    }
}

#[test]
fn shards_make_the_files_of_one_machine() {
    let place = place("scale-files", 1_500);
    let expected = on_one_machine(&place);
    assert!(expected.len() > 30 && expected.keys().any(|name| name.starts_with("Manager-")), "{:?}", expected.keys());
    for (shards, name) in [(1, "one"), (5, "five")] {
        let arguments = ["scale", "run", "job.toml", "--run", name, "--shards", &shards.to_string(), "--as-of", AS_OF];
        let done = run(&place, &arguments);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        assert!(out(&done).starts_with("Everything adds up: "), "{}", said(&done));
        assert_equal(&delivered(&place), &expected);
        fs::remove_dir_all(place.join("out")).unwrap();
        // Started again, nothing is rendered and nothing is sent.
        let again = run(&place, &arguments);
        assert_eq!(again.status.code(), Some(0), "{}", said(&again));
        assert!(!place.join("out").exists());
    }
}

/// Writes `orders.csv` without a column.
fn without_column(place: &Path, name: &str) {
    let mut reader = csv::Reader::from_path(place.join("orders.csv")).unwrap();
    let headers = reader.headers().unwrap().clone();
    let at = headers.iter().position(|header| header == name).unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in [headers].into_iter().chain(reader.records().map(Result::unwrap)) {
        writer.write_record(row.iter().enumerate().filter(|(column, _)| *column != at).map(|(_, cell)| cell)).unwrap();
    }
    fs::write(place.join("orders.csv"), writer.into_inner().unwrap()).unwrap();
}

/// Rows as they are read, and not the record of them, are shared out here too; what no input has a column for is in no report.
#[test]
fn orders_are_shared_out_where_they_are_read() {
    let place = place("scale-orders", 400);
    without_column(&place, "configuration_profile");
    fs::write(place.join("job.toml"), JOB.replace("record.parquet", "orders.csv").replace("[report]\n", "[report]\nrejects-ok = true\n"))
        .unwrap();
    let expected = on_one_machine(&place);
    let done = run(&place, &["scale", "run", "job.toml", "--run", "scaled", "--shards", "3", "--as-of", AS_OF]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let found = delivered(&place);
    let reports = |files: &BTreeMap<String, Vec<u8>>| -> BTreeMap<String, Vec<u8>> {
        files.iter().filter(|(name, _)| !name.contains("rejects")).map(|(name, bytes)| (name.clone(), bytes.clone())).collect()
    };
    assert_equal(&reports(&found), &reports(&expected));
}

/// What would be lost on the way is refused before a row is shared out.
#[test]
fn what_no_record_holds_is_refused() {
    let place = place("scale-lost", 60);
    let job = |text: &str| fs::write(place.join("job.toml"), text).unwrap();
    let start = |name: &str| run(&place, &["scale", "run", "job.toml", "--run", name, "--shards", "2", "--as-of", AS_OF]);
    let plain = JOB.replace("\ntable = \"recipients.csv\"", "");
    // No input has the column that tells recipients apart.
    without_column(&place, "account_id");
    job(&plain.replace("record.parquet", "orders.csv"));
    let done = start("no-column");
    assert!(done.status.code() == Some(64) && err(&done).contains("no input has a column for"), "{}", said(&done));
    // Several inputs, of which shards could not say where a row stood.
    fs::copy(place.join("record.parquet"), place.join("other.parquet")).unwrap();
    job(&plain.replace("[\"record.parquet\"]", "[\"record.parquet\", \"orders.csv\"]"));
    let done = start("several");
    assert!(done.status.code() == Some(64) && err(&done).contains("the job reads several inputs"), "{}", said(&done));
    // Events, whose histories no record has.
    fs::write(
        place.join("events.csv"),
        "phone_number,request_id,account_id,event,event_at\n+16505551234,R-1,A-1,Start Porting Request,2026-11-01T10:00:00Z\n\
         +16505551234,R-1,A-1,Porting Date Confirmed FOC,2026-11-02T10:00:00Z\n",
    )
    .unwrap();
    job(&plain.replace("record.parquet", "events.csv"));
    let done = start("events");
    assert!(done.status.code() == Some(64) && err(&done).contains("holds events"), "{}", said(&done));
    // Partners of accounts, which an engine does not join.
    fs::write(place.join("accounts.csv"), "account_id,partner\nA-1,North\n").unwrap();
    job(&plain.replace("[report]\n", "[report]\naccounts = \"accounts.csv\"\n"));
    let done = run(&place, &["scale", "plan", "job.toml", "--run", "accounts", "--shards", "2", "--as-of", AS_OF]);
    assert!(done.status.code() == Some(64) && err(&done).contains("--accounts: is for reading"), "{}", said(&done));
    for name in ["no-column", "several", "events"] {
        assert!(!place.join(name).join("counts.jsonl").exists(), "{name}");
    }
}

/// Rows that could not be read are counted, and told by the exit code as often as the run is started.
#[test]
fn rejected_rows_are_told_each_time() {
    let place = place("scale-rejected", 200);
    let mut orders = fs::read_to_string(place.join("orders.csv")).unwrap();
    let columns = orders.lines().next().unwrap().split(',').count();
    let cells = ["", "2000000", "", "", "no number", "R-1", "", "", "", "", "", "In Progress"];
    orders += &format!("{}{}\n", cells.join(","), ",".repeat(columns - cells.len()));
    fs::write(place.join("orders.csv"), orders).unwrap();
    fs::write(place.join("job.toml"), JOB.replace("record.parquet", "orders.csv")).unwrap();
    for _ in 0..2 {
        let done = run(&place, &["scale", "run", "job.toml", "--run", "scaled", "--shards", "2", "--as-of", AS_OF]);
        assert_eq!(done.status.code(), Some(3), "{}", said(&done));
        assert!(out(&done).contains(" rejected, "), "{}", said(&done));
        fs::remove_dir_all(place.join("out")).ok();
    }
}

#[test]
fn every_scheduler_makes_the_same_with_the_same_command() {
    let place = place("scale-xargs", 600);
    let expected = on_one_machine(&place);
    shared_out(&place, 4);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/schedule/scale-xargs");
    let path = format!("{}:{}", Path::new(PROGRAM).parent().unwrap().display(), std::env::var("PATH").unwrap());
    let done = starting("sh").arg(script).args(["scaled", "4", "2"]).env("PATH", path).current_dir(&place).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(out(&done).contains("Everything adds up: "), "{}", said(&done));
    assert_equal(&delivered(&place), &expected);
}

#[test]
fn a_shard_that_is_rendered_twice_or_is_killed_makes_the_same_and_sends_it_once() {
    let place = place("scale-again", 600);
    let expected = on_one_machine(&place);
    shared_out(&place, 2);
    let start = |shard: u32| -> Child {
        let mut command = starting(PROGRAM);
        command.args(["render", "--run", "scaled", "--shards", "2", "--shard", &shard.to_string()]).current_dir(&place);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    for millis in [40, 150, 400, 900] {
        let mut killed = start(0);
        std::thread::sleep(Duration::from_millis(millis));
        killed.kill().unwrap();
        killed.wait().unwrap();
    }
    // A scheduler that takes a task for dead starts another beside it.
    let both: Vec<Output> = [start(0), start(0)].into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    for done in &both {
        assert_eq!(done.status.code(), Some(0), "{}", said(done));
    }
    assert!(!both[0].stdout.is_empty() && both[0].stdout == both[1].stdout, "{}\n{}", said(&both[0]), said(&both[1]));
    let kept = lines(&place);
    assert_eq!(kept["shard-0.jsonl"].as_bytes(), both[0].stdout);
    for shard in [1, 2] {
        let done = render(&place, shard, 2);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    }
    assert_equal(&delivered(&place), &expected);
    // One run of the shard is kept, and each of its shipments arrived once.
    let runs: Vec<String> = names(&place.join("scaled/runs/shard-0")).into_iter().filter(|name| name.starts_with("2026")).collect();
    assert_eq!(runs.len(), 1, "{runs:?}");
    let journal = fs::read_to_string(place.join("scaled/runs/shard-0").join(&runs[0]).join("deliveries.jsonl")).unwrap();
    let arrived: Vec<Value> =
        journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).filter(|line| line["state"] == "delivered").collect();
    let mut keys: Vec<&str> = arrived.iter().map(|line| line["shipment"].as_str().unwrap()).collect();
    keys.sort_unstable();
    let all = keys.len();
    keys.dedup();
    assert!(all > 0 && keys.len() == all, "{journal}");
    assert_eq!(reconcile(&place).status.code(), Some(0), "{}", said(&reconcile(&place)));
}

/// Sharing out that was cut off is done anew: what it left is in no count.
#[test]
fn rows_of_a_sharing_out_that_was_cut_off_are_cleared_away() {
    let place = place("scale-cut", 200);
    let planned = run(&place, &["scale", "plan", "job.toml", "--run", "scaled", "--shards", "2", "--as-of", AS_OF]);
    assert_eq!(planned.status.code(), Some(0), "{}", said(&planned));
    for shard in ["shard=0", "shard=1"] {
        fs::create_dir_all(place.join("scaled/shards").join(shard)).unwrap();
        fs::copy(place.join("record.parquet"), place.join("scaled/shards").join(shard).join("left.parquet")).unwrap();
    }
    let done = run(&place, &["scale", "run", "job.toml", "--run", "scaled", "--shards", "2"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert_eq!(names(&place.join("scaled/shards/shard=0")), ["rows.parquet"]);
}

/// Numbers on standard input are shards, as an engine hands them to its tasks.
#[test]
fn shards_are_named_on_standard_input() {
    let place = place("scale-stdin", 200);
    shared_out(&place, 3);
    fs::write(place.join("numbers"), "0\n2\n\n1\n3\n").unwrap();
    let mut command = starting(PROGRAM);
    command.args(["render", "--run", "scaled", "--shards", "3", "--shard", "-"]).current_dir(&place);
    let done = command.stdin(fs::File::open(place.join("numbers")).unwrap()).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let tasks: Vec<String> =
        out(&done).lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["task"].as_str().unwrap().to_owned()).collect();
    assert!(tasks.is_sorted_by_key(|task| ["shard-0", "shard-2", "shard-1", "whole"].iter().position(|known| known == task)), "{tasks:?}");
    assert_eq!(reconcile(&place).status.code(), Some(0));
}

#[test]
fn what_is_missing_is_named() {
    let place = place("scale-missing", 300);
    shared_out(&place, 2);
    for shard in [0, 2] {
        assert_eq!(render(&place, shard, 2).status.code(), Some(0));
    }
    let done = reconcile(&place);
    assert_eq!(done.status.code(), Some(65), "{}", said(&done));
    assert!(err(&done).contains("shard-1 was not rendered"), "{}", said(&done));
    assert_eq!(render(&place, 1, 2).status.code(), Some(0));
    assert_eq!(reconcile(&place).status.code(), Some(0), "{}", said(&reconcile(&place)));
    // A recipient that no line tells of, rows that were not rendered, and a file that is gone.
    let text = lines(&place)["shard-1.jsonl"].clone();
    let path = place.join("scaled/lines/shard-1.jsonl");
    let mut kept: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let at = kept.iter().position(|line| line["rows"].as_u64() > Some(1) && line["recipient"].is_string()).unwrap();
    let (name, value) = (kept[at]["recipient"].as_str().unwrap().to_owned(), kept[at]["split_value"].as_str().unwrap().to_owned());
    let write = |lines: &[Value]| fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let others: Vec<Value> = kept.iter().filter(|line| line["split_value"] != value.as_str()).cloned().collect();
    write(&others);
    let told = err(&reconcile(&place));
    assert!(told.contains(&format!("'{value}' has no row of")) && told.contains(&format!("'{name}' has no report")), "{told}");
    kept[at]["digest"] = "1".into();
    write(&kept);
    let told = err(&reconcile(&place));
    assert!(told.contains(&format!("'{value}' has rows with other contents or statuses")), "{told}");
    fs::write(&path, text).unwrap();
    let file = kept[at]["files"][0]["file"].as_str().unwrap();
    fs::remove_file(place.join("scaled").join(file)).unwrap();
    let told = err(&reconcile(&place));
    assert!(told.contains(&format!("'{name}' has lost the file")), "{told}");
}

/// Changes the rows of a shard by pyarrow; `change` is a statement about `rows`, a list of them.
fn change(place: &Path, shard: u32, change: &str) {
    let script = format!(
        "import pyarrow as pa, pyarrow.parquet as pq, sys\npath = sys.argv[1]\ntable = pq.read_table(path, partitioning=None)\n\
         schema = pa.schema([(field.name, pa.string() if pa.types.is_string_view(field.type) else field.type) for field in table.schema])\n\
         rows = table.to_pylist()\n{change}\npq.write_table(pa.Table.from_pylist(rows, schema=schema), path)\n"
    );
    let file = place.join(format!("scaled/shards/shard={shard}/rows.parquet"));
    let done = starting("python3").args(["-c", &script]).arg(file).output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
}

#[test]
fn shards_that_are_not_what_was_counted_are_refused_before_anything_is_made() {
    if !found("pyarrow") {
        return;
    }
    for (name, statement, told) in [
        ("lost", "rows = rows[1:]", "rows of"),
        ("twice", "rows.append(rows[-1])", "rows of"),
        ("backwards", "rows.reverse()", "is not sorted"),
        ("changed", "rows = [row | {'location': 'Elsewhere'} for row in rows]", "has rows with other contents or statuses"),
        ("another", "rows = [row | {'account_id': '~other'} for row in rows]", "which is of shard"),
    ] {
        let place = place(&format!("scale-{name}"), 300);
        shared_out(&place, 2);
        let shard = if name == "another" { 1 - portstatus::classify::sql::shards::shard_of("~other", 2) } else { 0 };
        change(&place, shard, statement);
        let done = render(&place, shard, 2);
        assert_eq!(done.status.code(), Some(65), "{name}: {}", said(&done));
        assert!(err(&done).contains(told), "{name}: {}", said(&done));
        assert!(!place.join("out").exists() && out(&done).is_empty(), "{name}: something was made");
    }
}

#[test]
fn what_does_not_fit_is_refused_in_one_line() {
    let place = place("scale-refused", 60);
    shared_out(&place, 2);
    fs::write(place.join("other.toml"), JOB.replace("nightly", "other")).unwrap();
    fs::write(place.join("status.toml"), JOB.replace("split-by = \"account\"\ntable = \"recipients.csv\"", "split-by = \"status\""))
        .unwrap();
    fs::create_dir(place.join("full")).unwrap();
    fs::write(place.join("full/file"), "").unwrap();
    for (arguments, code, told) in [
        (&["render", "--run", "scaled", "--shards", "3", "--shard", "0"][..], 64, "--shards 3: the run was planned with 2 shards"),
        (&["render", "--run", "scaled", "--shards", "2", "--shard", "3"], 64, "--shard 3: the last one is 2"),
        (&["render", "--run", "scaled", "--shards", "2", "--shard", "x"], 64, "--shard x: is not the number of a shard"),
        (&["render", "--run", "nowhere", "--shards", "2", "--shard", "0"], 66, "nowhere: is not the place of a run"),
        (&["render", "--run", "full", "--shards", "2", "--shard", "0"], 66, "full: has no plan of a run"),
        (&["scale", "run", "other.toml", "--run", "scaled", "--shards", "2"], 64, "is another job than the run was planned by"),
        (&["scale", "run", "job.toml", "--run", "scaled", "--shards", "3"], 64, "--shards 3: the run was planned with 2 shards"),
        (
            &["scale", "run", "job.toml", "--run", "scaled", "--shards", "2", "--as-of", "2026-11-19T14:00:00Z"],
            64,
            "--as-of 2026-11-19T14:00:00Z: the run was planned as of 2026-11-20",
        ),
        (&["scale", "run", "job.toml", "--run", "full"], 73, "is not empty"),
        (&["scale", "run", "job.toml", "--run", "new", "--shards", "0"], 64, "--shards: 0 shards cannot be made"),
        (&["scale", "run", "status.toml", "--run", "new"], 64, "is no text of the orders"),
        (&["scale", "run", "job.toml", "--run", "new", "--render", "engine"], 64, "there is no engine"),
        (&["scale", "run", "job.toml", "--run", "new", "--engine", "http://x"], 64, "--engine http://x"),
    ] {
        let done = run(&place, arguments);
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", said(&done));
        assert!(err(&done).contains(told) && err(&done).lines().count() == 1, "{arguments:?}: {}", said(&done));
    }
}

/// The record says again what it was made of: every column of a report of it is that of a report of the orders.
#[test]
fn a_record_is_read_as_what_it_was_made_of() {
    let place = place("scale-record", 2_000);
    let report = |input: &str| {
        let done = run(&place, &["report", input, "--out", "-", "--format", "jsonl", "--as-of", AS_OF, "--rejects-ok"]);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        out(&done)
    };
    let (of_record, of_orders) = (report("record.parquet"), report("orders.csv"));
    assert!(of_orders.lines().count() > 1_500);
    for (record, orders) in of_record.lines().zip(of_orders.lines()) {
        assert_eq!(record, orders);
    }
    assert_eq!(of_record.lines().count(), of_orders.lines().count());
    // An earlier report is none, though it may show the words of its source.
    let columns = "phone_number,account_id,status,detail,request_id,source_words";
    let earlier = run(&place, &["report", "orders.csv", "--out", "earlier.jsonl", "--columns", columns, "--as-of", AS_OF, "--rejects-ok"]);
    assert_eq!(earlier.status.code(), Some(0), "{}", said(&earlier));
    let read = run(&place, &["check", "earlier.jsonl", "--as-of", AS_OF, "--json"]);
    assert!(read.status.code() == Some(0) && !out(&read).contains("\"record\""), "{}", said(&read));
    // A record of the record is the same file.
    let again = run(&place, &["normalize", "record.parquet", "--out", "again.parquet", "--as-of", AS_OF]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    assert_eq!(report("again.parquet"), of_record);
}
