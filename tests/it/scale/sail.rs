//! A second engine on the wire of Spark Connect says of every row what one machine says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{out, run, said, starting};
use crate::scale::AS_OF;
use crate::tools::{folder, found};

const JOB: &str = "name = \"nightly\"\n[report]\ninputs = [\"record.parquet\"]\nformat = [\"csv\"]\n[recipients]\nsplit-by = \"account\"\n";

/// The counts at a place, by their values.
fn counts(place: &Path) -> BTreeMap<String, Value> {
    let text = fs::read_to_string(place.join("counts.jsonl")).unwrap();
    let line = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    text.lines().map(line).map(|count| (count["split_value"].as_str().unwrap().to_owned(), count)).collect()
}

#[test]
fn sail_counts_and_classifies_as_one_machine_does_alone_and_with_two_workers() {
    if !found("sail") {
        return;
    }
    let place = folder("scale-sail");
    for arguments in [
        &["sample", "--rows", "50000", "--seed", "3", "--out", "orders.csv"][..],
        &["normalize", "orders.csv", "--out", "record.parquet", "--as-of", AS_OF, "--rejects-ok"],
    ] {
        let done = run(&place, arguments);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    }
    fs::write(place.join("job.toml"), JOB).unwrap();
    let scale = |action: &[&str], at: &str| {
        let done = run(&place, &[&["scale"], action, &["job.toml", "--run", at, "--shards", "4", "--as-of", AS_OF]].concat());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    };
    scale(&["run", "--only-share"], "here");
    let expected = counts(&place.join("here"));
    assert!(expected.len() > 500, "{}", expected.len());
    let report = out(&run(&place, &["report", "record.parquet", "--out", "-", "--format", "jsonl", "--as-of", AS_OF]));
    let mut by_status: BTreeMap<(String, String), u64> = BTreeMap::new();
    for line in report.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let of = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        *by_status.entry((of("status"), of("detail"))).or_default() += 1;
    }
    for kind in ["local", "local-cluster"] {
        scale(&["plan"], kind);
        let mut command = starting("timeout");
        command.args(["-k", "5", "240", "python3"]).arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scale/sail.py"));
        let done = command.arg(kind).arg(kind).current_dir(&place).output().unwrap();
        assert!(done.status.success(), "{kind}: {}", said(&done));
        assert_eq!(counts(&place.join(kind)), expected, "{kind}");
        let told: Vec<(String, String, u64)> = serde_json::from_str(out(&done).lines().last().unwrap()).unwrap();
        let told: BTreeMap<(String, String), u64> = told.into_iter().map(|(status, detail, rows)| ((status, detail), rows)).collect();
        assert_eq!(told, by_status, "{kind}");
    }
}
