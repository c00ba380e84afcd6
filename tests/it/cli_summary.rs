//! What a run says of itself: for a person, for a script, for nobody, and in its exit code.

use std::fs;

use serde_json::Value;

use crate::cli::place;
use crate::program::{AS_OF, PROGRAM, STEM, err, out, run, said, starting};

#[test]
fn the_summary_goes_where_the_report_does_not() {
    let place = place("summary");
    let base = ["report", "orders.csv", "--as-of", AS_OF];
    let with = |more: &[&str]| run(&place, &base.iter().chain(more).copied().collect::<Vec<_>>());
    let text = with(&["--out", "o", "--page", "2", "--page-size", "4"]);
    assert_eq!(err(&text), "");
    for line in [
        "Read orders.csv: 11 rows",
        "11 rows read: 4 reported, 6 on other pages, 1 rejected",
        "Page 2 of 3, 10 rows before paging",
        "Waiting for You",
        "Rejected: 1 row",
        "the manifest",
    ] {
        assert!(out(&text).contains(line), "{line}\n{}", said(&text));
    }
    let json = with(&["--out", "o", "--json"]);
    assert_eq!((err(&json).as_str(), out(&json).lines().count()), ("", 1));
    let value: Value = serde_json::from_str(&out(&json)).unwrap();
    for key in [
        "schema",
        "as_of",
        "filters",
        "order",
        "inputs",
        "counts",
        "by_status",
        "by_detail",
        "quality_flags",
        "unknown_words",
        "notes",
        "outputs",
        "manifest",
        "run",
        "seconds",
    ] {
        assert!(value.get(key).is_some(), "{key} is missing");
    }
    assert_eq!(value["outputs"][0]["path"], format!("o/{STEM}.csv"));
    assert_eq!(value["by_status"].as_array().unwrap().iter().map(|status| status["rows"].as_u64().unwrap()).sum::<u64>(), 10);
    let quiet = with(&["--out", "o", "--quiet"]);
    let last = "Done, but 1 of 11 rows was rejected: exit code 3, or 0 with --rejects-ok\n";
    assert_eq!((out(&quiet).as_str(), err(&quiet).as_str()), ("", last));
    assert!(out(&text).ends_with(last), "the last line says what the exit code means\n{}", out(&text));
    let stream = with(&["--out", "-", "--format", "csv"]);
    let csv = fs::read(place.join("o").join(format!("{STEM}.csv"))).unwrap();
    assert_eq!(stream.stdout, csv, "the stream is the file");
    assert!(
        err(&stream).contains("11 rows read: 10 reported, 1 rejected") && err(&stream).contains("list them with --rejects FILE"),
        "{}",
        said(&stream)
    );
    for format in ["xlsx", "pdf"] {
        let stream = with(&["--out", "-", "--format", format, "--quiet"]);
        assert_eq!(stream.stdout, fs::read(place.join("o").join(format!("{STEM}.{format}"))).unwrap(), "{format}");
        assert_eq!(err(&stream), last);
    }
}

#[test]
fn rejected_rows_are_an_exit_code_only_where_they_are_to_be() {
    let place = place("rejects-ok");
    let report = ["report", "orders.csv", "--as-of", AS_OF, "--out", "o", "--format", "csv"];
    for (command, more, code, last) in [
        (&report[..], &[][..], 3, "Done, but 1 of 11 rows was rejected: exit code 3, or 0 with --rejects-ok\n"),
        (&report[..], &["--rejects-ok"], 0, "Done, but 1 of 11 rows was rejected\n"),
        (&["check", "orders.csv"], &[], 3, "Done, but 1 of 11 rows was rejected: exit code 3, or 0 with --rejects-ok\n"),
        (&["check", "orders.csv"], &["--rejects-ok"], 0, "Done, but 1 of 11 rows was rejected\n"),
    ] {
        let done = run(&place, &[command, more].concat());
        assert_eq!((done.status.code(), out(&done).ends_with(last)), (Some(code), true), "{}", said(&done));
        // Rows that change no exit code are nothing to a quiet run.
        let quiet = run(&place, &[command, more, &["--quiet"]].concat());
        let line = if code == 0 { "" } else { last };
        assert_eq!((quiet.status.code(), out(&quiet).as_str(), err(&quiet).as_str()), (Some(code), "", line), "{}", said(&quiet));
        let json = run(&place, &[command, more, &["--json"]].concat());
        assert_eq!((json.status.code(), out(&json).lines().count(), err(&json).as_str()), (Some(code), 1, ""), "{}", said(&json));
    }
    let strict = run(&place, &[&report[..], &["--rejects-ok", "--strict"]].concat());
    assert_eq!(strict.status.code(), Some(65), "{}", said(&strict));
    fs::write(place.join("ok.toml"), "rejects-ok = true\n").unwrap();
    let done = run(&place, &[&report[..], &["--config", "ok.toml"]].concat());
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let good = run(&place, &["report", "good.csv", "--as-of", AS_OF, "--out", "o", "--format", "csv"]);
    assert!(!out(&good).contains("rejected"), "{}", said(&good));
}

/// A filter is what the user typed, which is no secret of the data.
#[test]
fn filters_are_shown_as_they_were_typed() {
    let place = place("filters");
    let whole = ["contains '(212) 555-0003' or 'acme, inc. 4'", "Where phone_number <> '+12125550004'"];
    let filters = ["--find", "(212) 555-0003", "--find", "acme, inc. 4", "--where", "phone_number <> '+12125550004'"];
    let base = ["report", "good.csv", "--as-of", AS_OF, "--out", "o"];
    let done = run(&place, &[&base[..], &filters].concat());
    let lines: Vec<String> = out(&done).lines().filter(|line| line.starts_with("Filter: ")).map(str::to_owned).collect();
    assert!(lines.iter().zip(whole).all(|(line, expected)| line.ends_with(expected)) && lines.len() == 2, "{}", said(&done));
    assert!(out(&done).contains("10 rows read: 1 reported, 9 filtered out\n"), "{}", said(&done));
    let manifest: Value = serde_json::from_str(&fs::read_to_string(place.join(format!("o/{STEM}.manifest.json"))).unwrap()).unwrap();
    let json: Value = serde_json::from_str(&out(&run(&place, &[&base[..], &filters, &["--json", "--quiet"]].concat()))).unwrap();
    let said = |filters: &Value, expected: [&str; 2]| {
        let filters = filters.as_array().unwrap();
        filters.len() == 2 && filters.iter().zip(expected).all(|(filter, expected)| filter.as_str().unwrap().ends_with(expected))
    };
    assert!(said(&manifest["content"]["filters"], whole), "{manifest}");
    assert!(said(&json["filters"], whole), "{json}");
}

#[test]
fn what_a_script_asks_for_is_not_quieted() {
    let place = place("quiet");
    for (arguments, key) in
        [(&["report", "good.csv", "--out", "o", "--format", "csv"][..], "outputs"), (&["check", "good.csv"][..], "quality_flags")]
    {
        let done = run(&place, &[arguments, &["--json", "--quiet"]].concat());
        let value: Value = serde_json::from_str(&out(&done)).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", said(&done)));
        assert!(!value[key].is_null(), "{value}");
        assert_eq!(out(&run(&place, &[arguments, &["--quiet"]].concat())), "");
    }
}

#[test]
fn the_time_told_is_that_of_the_run_alone() {
    let place = place("before");
    // The shell uses CPU time and then becomes the program, as a build tool that runs it does.
    let burn = "i=0; while [ $i -lt 1500000 ]; do i=$((i+1)); done; exec \"$0\" \"$@\"";
    let done = starting("sh")
        .args(["-c", burn, PROGRAM, "report", "orders.csv", "--as-of", AS_OF, "--out", "o", "--format", "csv", "--json"])
        .current_dir(&place)
        .output()
        .unwrap();
    let value: Value = serde_json::from_str(&String::from_utf8_lossy(&done.stdout)).unwrap();
    let (wall, cpu) = (value["run"]["seconds"].clone(), value["run"]["cpu_seconds"].as_f64().unwrap());
    let wall = value["seconds"].as_f64().unwrap_or_else(|| panic!("{wall}"));
    let cores = std::thread::available_parallelism().unwrap().get() as f64;
    assert!((0.0..=wall * cores + 0.1).contains(&cpu), "{cpu} s of CPU in {wall} s");
}
