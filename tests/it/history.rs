//! What became of numbers between two reports: compared with the state before, whichever file tells of that.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{AS_OF, out, run, said};
use crate::tools::{folder, names};

const HEADER: &str = "phone_number,request_id,account_id,detailed_status,confirmed_date,reject_reason";

/// What the numbers were a day before.
const BEFORE: [&str; 9] = [
    "+16502000001,R1,A,Submitted,,",
    "+16502000002,R2,A,FOC Date Set,2026-12-01,",
    "+16502000003,R3,A,FOC Date Set,2026-12-01,",
    "+16502000004,R4,A,FOC Date Set,2026-12-01,",
    "+16502000005,R5,B,Rejected,,Wrong PIN",
    "+16502000006,R6,B,Submitted,,",
    "+16502000007,R7,B,FOC Date Set,2026-11-20,",
    "+16502000008,R8,B,Submitted,,",
    "+16502000009,R9,B,Complete,2026-11-10,",
];

/// What they are now: one thing happened to each but the last, number 8 is gone and number 10 new.
const NOW: [&str; 9] = [
    "+16502000001,R1,A,FOC Date Set,2026-12-02,",
    "+16502000002,R2,A,FOC Date Set,2026-12-04,",
    "+16502000003,R3,A,FOC Date Set,2026-11-30,",
    "+16502000004,R4,A,Submitted,,",
    "+16502000005,R5,B,Rejected,,Account number mismatch",
    "+16502000006,R6,B,Rejected,,Wrong PIN",
    "+16502000007,R7,B,Complete,2026-11-20,",
    "+16502000009,R9,B,Complete,2026-11-10,",
    "+16502000010,R10,B,Submitted,,",
];

/// How many numbers each thing happened to.
const COUNTS: [(&str, u64); 10] = [
    ("new", 1),
    ("moved", 4),
    ("detail_changed", 0),
    ("confirmed_set", 1),
    ("confirmed_moved", 2),
    ("confirmed_lost", 1),
    ("rejected", 1),
    ("reason_changed", 1),
    ("completed", 1),
    ("gone", 1),
];

fn write(place: &Path, name: &str, rows: &[&str]) {
    fs::write(place.join(name), format!("{HEADER}\n{}\n", rows.join("\n"))).unwrap();
}

fn changes(place: &Path, since: &str, more: &[&str]) -> Value {
    let base = ["report", "now.csv", "--as-of", AS_OF, "--out", "now", "--format", "csv", "--json", "--since", since];
    let done = run(place, &[&base[..], more].concat());
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    serde_json::from_str::<Value>(&out(&done)).unwrap()["changes"].clone()
}

/// A folder in which both states are, and the report of the earlier one in every format.
fn states() -> std::path::PathBuf {
    let place = folder("history");
    write(&place, "before.csv", &BEFORE);
    write(&place, "now.csv", &NOW);
    let done = run(&place, &["report", "before.csv", "--as-of", "2026-11-20T18:00:00Z", "--out", "runs"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    place
}

#[test]
fn whatever_tells_of_the_state_before_the_same_changes_are_found() {
    let place = states();
    let stem = "runs/partner-port-status-2026-11-20";
    for since in ["runs", &format!("{stem}.manifest.json"), &format!("{stem}.csv"), &format!("{stem}.xlsx"), "before.csv"] {
        let found = changes(&place, since, &[]);
        for (kind, numbers) in COUNTS {
            assert_eq!(found[kind], Value::from(numbers), "{since}: {kind} in {found}");
        }
        // An input does not say of which day it is: then its file does.
        assert!(since == "before.csv" || found["since"] == "2026-11-20T18:00:00Z", "{since}: {found}");
    }
}

#[test]
fn a_workbook_tells_of_the_state_before_whatever_the_order_of_its_days() {
    let place = states();
    for order in ["day_first", "month_first"] {
        fs::create_dir_all(place.join("ours/reports")).unwrap();
        fs::write(place.join("ours/reports/ours.toml"), format!("date_order = '{order}'")).unwrap();
        let ours = ["--templates", "ours", "--template", "ours"];
        let file = format!("{order}.xlsx");
        let before = ["report", "before.csv", "--as-of", "2026-11-20T18:00:00Z", "--out", &file];
        let done = run(&place, &[&before[..], &ours].concat());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let found = changes(&place, &file, &ours);
        for (kind, numbers) in COUNTS {
            assert_eq!(found[kind], Value::from(numbers), "{order}: {kind} in {found}");
        }
        assert_eq!(found["since"], "2026-11-20T18:00:00Z", "{found}");
    }
}

#[test]
fn formats_for_programs_tell_of_the_state_before_too() {
    let place = states();
    for format in ["parquet", "jsonl", "json"] {
        let done = run(&place, &["report", "before.csv", "--as-of", "2026-11-20T18:00:00Z", "--out", format, "--format", format]);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        for since in [format.to_owned(), format!("{format}/partner-port-status-2026-11-20.{format}")] {
            let found = changes(&place, &since, &[]);
            for (kind, numbers) in COUNTS {
                assert_eq!(found[kind], Value::from(numbers), "{since}: {kind} in {found}");
            }
            assert_eq!(found["since"], "2026-11-20T18:00:00Z", "{since}");
        }
    }
}

#[test]
fn the_result_and_the_sheet_say_what_happened_to_each_number() {
    let place = states();
    let base = ["report", "now.csv", "--as-of", AS_OF, "--out", "now.xlsx", "--since", "runs"];
    let done = run(&place, &base);
    let line = "Changes since 2026-11-20T18:00:00Z: 1 new, 4 moved, 1 FOC set, 2 FOC moved, 1 FOC lost, 1 newly rejected, 1 reason changed, 1 completed, 1 gone";
    assert!(out(&done).contains(line), "{}", said(&done));
    let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(place.join("now.xlsx")).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut workbook, "Changes").unwrap();
    let told: Vec<(String, String)> = sheet.rows().skip(1).map(|row| (row[0].to_string(), row[1].to_string())).collect();
    let said_of = |number: &str| told.iter().find(|(found, _)| found == number).map(|(_, told)| told.as_str());
    assert_eq!(said_of("+16502000001"), Some("In Progress to Scheduled · FOC set: 2026-12-02"));
    assert_eq!(said_of("+16502000002"), Some("FOC moved by +3 days: 2026-12-01 to 2026-12-04"));
    assert_eq!(said_of("+16502000003"), Some("FOC moved by -1 day: 2026-12-01 to 2026-11-30"));
    assert_eq!(said_of("+16502000004"), Some("Scheduled to In Progress · FOC lost: 2026-12-01"));
    assert_eq!(said_of("+16502000005"), Some("reason changed: Wrong PIN to Account number mismatch"));
    assert_eq!(said_of("+16502000006"), Some("In Progress to Waiting for You · newly rejected"));
    assert_eq!(said_of("+16502000007"), Some("Scheduled to Completed"));
    assert_eq!(said_of("+16502000008"), Some("gone"));
    assert_eq!(said_of("+16502000010"), Some("new"));
    assert_eq!((said_of("+16502000009"), told.len()), (None, 9));
    assert_eq!(told.last().unwrap().0, "+16502000008", "what is gone stands last");
}

#[test]
fn a_report_compared_with_itself_has_no_changes() {
    let place = folder("history-same");
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/port-orders.csv");
    for format in ["csv", "xlsx"] {
        let report = |out: &str, more: &[&str]| {
            let base = ["report", samples, "--as-of", AS_OF, "--rejects-ok", "--format", format, "--out", out];
            let done = run(&place, &[&base[..], more].concat());
            assert_eq!(done.status.code(), Some(0), "{}", said(&done));
            out.to_owned() + &self::out(&done)
        };
        report(&format!("first.{format}"), &[]);
        let second = report(&format!("second.{format}"), &["--since", &format!("first.{format}")]);
        assert!(second.contains("Changes since 2026-11-21T18:00:00Z: none"), "{format}: {second}");
    }
}

#[test]
fn a_filter_moves_no_number_out_of_sight() {
    let place = states();
    // Numbers 2 to 4 and 7 were scheduled; 4 and 7 are not any more, and 1 is.
    let found = changes(&place, "runs", &["--status", "scheduled"]);
    for (kind, numbers) in [("new", 0), ("gone", 0), ("moved", 3), ("completed", 1), ("confirmed_moved", 2), ("confirmed_lost", 1)] {
        assert_eq!(found[kind], Value::from(numbers), "{kind} in {found}");
    }
}

#[test]
fn reports_of_accounts_tell_of_their_own_changes() {
    let place = states();
    let base =
        ["report", "now.csv", "--as-of", AS_OF, "--out", "each", "--split-by", "account", "--since", "runs", "--format", "xlsx", "--json"];
    let done = run(&place, &base);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let result: Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!((&result["changes"]["moved"], &result["changes"]["gone"]), (&Value::from(4), &Value::from(1)));
    for (account, rows) in [("A-", 4), ("B-", 5)] {
        let folder = names(&place.join("each")).into_iter().find(|name| name.starts_with(account)).unwrap();
        let file = place.join("each").join(folder).join("partner-port-status-2026-11-21.xlsx");
        let mut workbook: calamine::Xlsx<_> = calamine::open_workbook(file).unwrap();
        let sheet = calamine::Reader::worksheet_range(&mut workbook, "Changes").unwrap();
        assert_eq!(sheet.rows().count(), rows + 1, "{account}: {:?}", sheet.rows().collect::<Vec<_>>());
    }
}

#[test]
fn what_cannot_be_compared_with_is_refused() {
    let place = states();
    fs::create_dir(place.join("empty")).unwrap();
    fs::create_dir(place.join("changed")).unwrap();
    for name in names(&place.join("runs")) {
        fs::copy(place.join("runs").join(&name), place.join("changed").join(&name)).unwrap();
    }
    let csv = place.join("changed/partner-port-status-2026-11-20.csv");
    fs::write(&csv, fs::read(&csv).unwrap().to_ascii_lowercase()).unwrap();
    for (since, code, what) in [
        ("nowhere", 66, "no such file"),
        ("empty", 66, "holds no run before"),
        ("changed", 65, "has another SHA-256 than is listed"),
        ("sqlite:", 66, ""),
    ] {
        let done = run(&place, &["report", "now.csv", "--as-of", AS_OF, "--out", "o", "--since", since]);
        assert_eq!(done.status.code(), Some(code), "{since}: {}", said(&done));
        assert!(said(&done).contains(what), "{since}: {}", said(&done));
        assert!(!place.join("o").exists(), "{since}");
    }
    let requests = run(&place, &["report", "now.csv", "--as-of", AS_OF, "--out", "o", "--since", "runs", "--by", "request"]);
    assert_eq!(requests.status.code(), Some(64), "{}", said(&requests));
}

/// Numbers and what happened to them, as a list beside a CSV has them.
fn listed(file: &Path) -> Vec<(String, String)> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    assert_eq!(reader.headers().unwrap().iter().take(2).collect::<Vec<_>>(), ["Phone number", "What changed"]);
    reader.records().map(|record| record.map(|record| (record[0].to_owned(), record[1].to_owned())).unwrap()).collect()
}

#[test]
fn a_list_of_changes_stands_beside_a_csv() {
    let place = states();
    let stem = "partner-port-status-2026-11-21";
    assert_eq!(changes(&place, "runs", &[])["moved"], Value::from(4));
    let file = place.join("now").join(format!("{stem}.changes.csv"));
    let told = listed(&file);
    assert_eq!(told.len(), 9);
    assert!(told.contains(&("+16502000002".to_owned(), "FOC moved by +3 days: 2026-12-01 to 2026-12-04".to_owned())), "{told:?}");
    assert_eq!(told[8], ("+16502000008".to_owned(), "gone".to_owned()));
    let manifest = format!("now/{stem}.manifest.json");
    let of_list = |place: &Path| {
        let manifest: Value = serde_json::from_slice(&fs::read(place.join(&manifest)).unwrap()).unwrap();
        let outputs = manifest["content"]["outputs"].as_array().unwrap().clone();
        outputs.into_iter().find(|output| output["format"] == "changes").map(|output| (output["file"].clone(), output["rows"].clone()))
    };
    assert_eq!(of_list(&place), Some((Value::from(format!("{stem}.changes.csv")), Value::from(9))));
    assert_eq!(run(&place, &["verify", &manifest]).status.code(), Some(0));
    // What is compared with is the report, not the list beside it.
    fs::rename(place.join("now"), place.join("earlier")).unwrap();
    assert_eq!(changes(&place, &format!("earlier/{stem}.csv"), &[])["moved"], Value::from(0));
    assert!(!file.exists() && of_list(&place).is_none(), "without changes there is no list");
    // Nor is there one that an earlier run left.
    fs::copy(place.join("earlier").join(format!("{stem}.changes.csv")), &file).unwrap();
    assert_eq!(changes(&place, "now.csv", &[])["moved"], Value::from(0));
    assert!(!file.exists());
}

#[test]
fn lists_of_changes_hold_the_numbers_of_their_own_account_alone() {
    let place = states();
    let base = ["report", "now.csv", "--as-of", AS_OF, "--out", "each", "--split-by", "account", "--since", "runs", "--format", "csv"];
    let done = run(&place, &base);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    for (account, numbers) in [("A-", vec!["1", "2", "3", "4"]), ("B-", vec!["5", "6", "10", "7", "8"])] {
        let folder = names(&place.join("each")).into_iter().find(|name| name.starts_with(account)).unwrap();
        let told = listed(&place.join("each").join(folder).join("partner-port-status-2026-11-21.changes.csv"));
        let found: Vec<&str> = told.iter().map(|(number, _)| number.trim_start_matches("+1650200").trim_start_matches('0')).collect();
        assert_eq!(found, numbers, "{account}");
    }
    // Compared with itself, what stood there is gone.
    let done = run(&place, &[&base[..9], &["now.csv"], &base[10..]].concat());
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    for folder in names(&place.join("each")).iter().filter(|name| !name.ends_with(".json")) {
        assert_eq!(names(&place.join("each").join(folder)), ["partner-port-status-2026-11-21.csv"]);
    }
}

#[test]
fn programs_read_iso_days_in_sentences_whatever_the_order_of_a_template() {
    let place = states();
    fs::create_dir_all(place.join("ours/reports")).unwrap();
    fs::write(place.join("ours/reports/ours.toml"), "date_order = 'day_first'").unwrap();
    let base = ["report", "now.csv", "--as-of", AS_OF, "--since", "runs", "--closed-since", "2026-11-05"];
    let made = |folder: &str, more: &[&str]| {
        let formats = ["--format", "csv,json,jsonl,xml,parquet,html", "--out", folder];
        let done = run(&place, &[&base[..], &formats, more].concat());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        place.join(folder)
    };
    let (iso, ours) = (made("iso", &[]), made("day-first", &["--templates", "ours", "--template", "ours"]));
    let mut compared = 0;
    for name in names(&iso).iter().filter(|name| !name.ends_with(".html") && !name.ends_with("manifest.json")) {
        assert!(fs::read(iso.join(name)).unwrap() == fs::read(ours.join(name)).unwrap(), "{name}");
        compared += 1;
    }
    assert_eq!(compared, 6, "{:?}", names(&iso));
    let json = fs::read_to_string(ours.join("partner-port-status-2026-11-21.json")).unwrap();
    assert!(json.contains("Orders closed before 2026-11-05") && json.contains("2026-12-01 to 2026-12-04"), "{json}");
    // Sentences for people are in their own order.
    let page = fs::read_to_string(ours.join("partner-port-status-2026-11-21.html")).unwrap();
    assert!(page.contains("Orders closed before 05/11/2026") && page.contains("01/12/2026 to 04/12/2026"), "{page}");
    // So are those of each account's own report.
    let split = ["--split-by", "account", "--templates", "ours", "--template", "ours", "--format", "json", "--out", "each"];
    let done = run(&place, &[&base[..], &split].concat());
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let folder = names(&place.join("each")).into_iter().find(|name| name.starts_with("A-")).unwrap();
    let json = fs::read_to_string(place.join("each").join(folder).join("partner-port-status-2026-11-21.json")).unwrap();
    assert!(json.contains("Orders closed before 2026-11-05") && json.contains("2026-12-01 to 2026-12-04"), "{json}");
}
