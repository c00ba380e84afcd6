//! A report of its own for each value of a column: every row in exactly one, nothing of a value in the folder of another, and
//! all of them published together.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{AS_OF, out, run, said};
use crate::tools::{corpus, folder, names};

/// Orders of the accounts and partners named: a row each, the number made of its place.
fn orders(rows: &[(&str, &str)]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["phone_number", "account_id", "partner", "request_id", "detailed_status", "account_company"]).unwrap();
    for (place, (account, partner)) in rows.iter().enumerate() {
        let number = format!("+1650{:07}", 2_000_000 + place);
        let detail = ["Complete", "FOC Date Set", "Rejected"][place % 3];
        writer.write_record([number.as_str(), account, partner, &format!("R{place}"), detail, &format!("Company {place}")]).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn burst(place: &Path, more: &[&str]) -> std::process::Output {
    run(place, &[&["report", "orders.csv", "--as-of", AS_OF, "--out", "o"], more].concat())
}

fn manifest(place: &Path) -> Value {
    let name = names(&place.join("o")).into_iter().find(|name| name.ends_with(".manifest.json")).unwrap();
    serde_json::from_slice(&fs::read(place.join("o").join(name)).unwrap()).unwrap()
}

fn folders(place: &Path) -> Vec<PathBuf> {
    let all = names(&place.join("o")).into_iter().map(|name| place.join("o").join(name));
    all.filter(|path| path.is_dir()).collect()
}

/// What column `column` holds in the CSV of a folder.
fn cells(folder: &Path, column: &str) -> Vec<String> {
    let mut tables = names(folder).into_iter().filter(|name| name.ends_with(".csv") && !name.ends_with(".rejects.csv"));
    let name = tables.next_back().unwrap();
    let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
    let place = reader.headers().unwrap().iter().position(|header| header == column).unwrap();
    reader.records().map(|record| record.unwrap()[place].to_owned()).collect()
}

#[test]
fn every_row_is_in_the_report_of_its_value_and_in_no_other() {
    let place = folder("burst");
    let rows: Vec<(String, String)> = (0..600).map(|row| (format!("A{}", row % 23), format!("P{}", row % 23 % 7))).collect();
    let rows: Vec<(&str, &str)> = rows.iter().map(|(account, partner)| (account.as_str(), partner.as_str())).collect();
    fs::write(place.join("orders.csv"), orders(&rows)).unwrap();
    for (column, caption, values) in [("partner", "Partner", 7), ("account", "Account ID", 23), ("status", "Status", 3)] {
        fs::remove_dir_all(place.join("o")).unwrap_or_default();
        let done = burst(&place, &["--split-by", column, "--columns", "Partner,Account ID,Phone Number,Status"]);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        assert!(out(&done).contains(&format!("Wrote {values} reports, one for each value of ")), "{}", said(&done));
        let (folders, manifest) = (folders(&place), manifest(&place));
        let mut numbers = BTreeSet::new();
        for folder in &folders {
            let held: BTreeSet<String> = cells(folder, caption).into_iter().collect();
            let [value] = held.iter().collect::<Vec<_>>()[..] else { panic!("{column}: {folder:?} holds {held:?}") };
            let shown = value.replace(' ', "-");
            assert!(folder.file_name().unwrap().to_str().unwrap().starts_with(&format!("{shown}-")), "{folder:?} is of {value}");
            numbers.extend(cells(folder, "Phone number"));
            assert_eq!(names(folder).len(), 3, "{:?}", names(folder));
        }
        assert_eq!((folders.len(), numbers.len()), (values, 600), "{column}");
        let reports = manifest["content"]["split"]["reports"].as_array().unwrap();
        let summed: u64 = reports.iter().map(|report| report["reported"].as_u64().unwrap()).sum();
        assert_eq!((summed, &manifest["content"]["counts"]["reported"]), (600, &Value::from(600)));
        let isolation = serde_json::json!({ "csv": "read back", "pdf": "canary", "xlsx": "read back" });
        assert_eq!(manifest["content"]["split"]["isolation"], isolation);
        assert_eq!(names(&place.join("o")).len(), values + 1, "only the manifest stands beside the folders");
        for output in manifest["content"]["outputs"].as_array().unwrap() {
            let bytes = fs::read(place.join("o").join(output["file"].as_str().unwrap())).unwrap();
            assert_eq!(output["bytes"], Value::from(bytes.len()));
        }
    }
}

#[test]
fn a_report_of_a_value_says_what_a_report_filtered_by_it_says() {
    let place = folder("burst-same");
    fs::write(place.join("orders.csv"), orders(&[("A", "P"), ("B", "P"), ("A", "Q"), ("B", "Q"), ("A", "P")])).unwrap();
    let done = burst(&place, &["--split-by", "account", "--detail", "rejected", "--format", "csv"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    for folder in folders(&place) {
        let account = &folder.file_name().unwrap().to_str().unwrap()[..1];
        let one =
            run(&place, &["report", "orders.csv", "--as-of", AS_OF, "--out", "one.csv", "--account", account, "--detail", "rejected"]);
        assert_eq!(one.status.code(), Some(0), "{}", said(&one));
        let split = folder.join("partner-port-status-2026-11-21.csv");
        assert_eq!(fs::read(split).unwrap(), fs::read(place.join("one.csv")).unwrap(), "{account}");
    }
    let counts = &manifest(&place)["content"]["counts"];
    assert_eq!((&counts["reported"], &counts["filtered_out"]), (&Value::from(1), &Value::from(4)));
}

/// Texts that would leave the folder, meet one another or break a file system if they were names.
fn hostile() -> Vec<String> {
    let fixed = [
        "..",
        ".",
        "../x",
        "/etc/passwd",
        "a/b",
        "a\\b",
        "CON",
        "con",
        "NUL.txt",
        "-rf",
        "--out",
        "~",
        "a:b",
        "a.",
        "a ",
        "A",
        "a",
        "é",
        "e\u{301}",
        "*",
        "?",
        "|",
        "<>",
        "\"",
        "'",
        "%2e%2e",
        "\u{202e}x",
        "한",
        "ﬁ",
        "fi",
        "x\u{0}y",
        "COM1",
        "=1+1",
        "$(id)",
        "`id`",
        "a-b",
        "a b",
        "a_b",
    ];
    let mut all: Vec<String> = fixed.map(str::to_owned).to_vec();
    all.extend(["x".repeat(255), "x".repeat(300), "ü".repeat(200)]);
    if let Some(corpus) = corpus() {
        for file in fs::read_dir(corpus.join("strings")).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            all.extend(String::from_utf8_lossy(&bytes).lines().take(700).map(str::to_owned));
        }
    }
    all
}

#[test]
fn hostile_values_make_folders_in_the_folder_and_never_meet() {
    let place = folder("burst-hostile");
    let values = hostile();
    let rows: Vec<(&str, &str)> = values.iter().map(|value| (value.as_str(), "P")).collect();
    fs::write(place.join("orders.csv"), orders(&rows)).unwrap();
    let before = names(&place);
    let done = burst(&place, &["--split-by", "account", "--format", "csv,xlsx", "--columns", "Account ID,Phone Number"]);
    assert!(matches!(done.status.code(), Some(0 | 3)), "{}", said(&done));
    let mut after = names(&place);
    after.retain(|name| name != "o");
    assert_eq!(before, after, "nothing is written beside the folder");
    // What counts as one value is what the reader of any report sees as one.
    let all = run(&place, &["report", "orders.csv", "--as-of", AS_OF, "--out", "all.csv", "--columns", "Account ID"]);
    assert!(matches!(all.status.code(), Some(0 | 3)), "{}", said(&all));
    let mut accounts: BTreeMap<String, usize> = BTreeMap::new();
    for record in csv::Reader::from_path(place.join("all.csv")).unwrap().records() {
        *accounts.entry(record.unwrap()[0].to_owned()).or_default() += 1;
    }
    let unassigned = accounts.remove("").unwrap_or_default();
    let folders = folders(&place);
    assert_eq!(folders.len(), accounts.len());
    for folder in &folders {
        let held = cells(folder, "Account ID");
        assert_eq!(accounts.get(&held[0]), Some(&held.len()), "{folder:?}");
        assert!(held.iter().all(|cell| *cell == held[0]), "{folder:?} holds {held:?}");
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(name.len() <= 255 && !name.starts_with(['-', '.']) && !name.contains([':', '\\', '*', '?', '"', '|', '<', '>']), "{name}");
    }
    let manifest = manifest(&place);
    assert_eq!(manifest["content"]["counts"]["unassigned"].as_u64().unwrap_or_default(), unassigned as u64);
}

#[test]
fn rows_without_a_value_are_in_no_report_and_are_counted_and_named() {
    let place = folder("burst-unassigned");
    fs::write(place.join("orders.csv"), orders(&[("A", "P"), ("B", ""), ("C", "Q"), ("D", "")])).unwrap();
    let done = burst(&place, &["--split-by", "partner", "--format", "csv"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(
        out(&done).contains("in no report, since they have nothing in 'Partner': 2 rows; the manifest lists where they stand"),
        "{}",
        said(&done)
    );
    assert!(out(&done).contains("4 rows read: 2 reported, 2 in no report"), "{}", said(&done));
    let content = &manifest(&place)["content"];
    assert_eq!(content["counts"]["unassigned"], Value::from(2));
    assert_eq!(content["split"]["unassigned"], serde_json::json!(["orders.csv, line 3", "orders.csv, line 5"]));
}

#[test]
fn what_cannot_be_split_is_refused_before_a_row_is_read() {
    let place = folder("burst-refused");
    fs::write(place.join("orders.csv"), "phone_number,status\n6505551234,Completed\n").unwrap();
    let refused = [
        (&["--split-by", "partner"][..], "no input has a column for 'Partner'"),
        (&["--split-by", "acount"], "there is no column 'acount'"),
        (&["--split-by", "days_in_state"], "every number would have a report of its own"),
        (&["--split-by", "status", "--page", "1", "--page-size", "5"], "cannot go with pages"),
        (&["--split-by", "status", "--out", "x.csv"], "several reports do not fit one file"),
        (&["--split-by", "status", "--out", "-", "--format", "csv"], "several reports do not fit one file"),
    ];
    for (options, what) in refused {
        let done = run(&place, &[&["report", "orders.csv", "--as-of", AS_OF], options].concat());
        assert_eq!(done.status.code(), Some(64), "{options:?}: {}", said(&done));
        assert!(said(&done).contains(what), "{options:?}: {}", said(&done));
        assert_eq!(names(&place), ["orders.csv"], "{options:?}");
    }
}

#[test]
fn a_second_run_takes_the_place_of_the_first() {
    let place = folder("burst-again");
    let with_rejects = orders(&[("A", "P"), ("B", "Q")]) + "nonsense,A,P,R9,Complete,Company\n";
    fs::write(place.join("orders.csv"), with_rejects).unwrap();
    let first = burst(&place, &["--split-by", "account"]);
    assert_eq!(first.status.code(), Some(3), "{}", said(&first));
    let a = folders(&place).into_iter().find(|folder| folder.to_str().unwrap().contains("/A-")).unwrap();
    assert_eq!(names(&a).len(), 4, "with its rejects: {:?}", names(&a));
    fs::write(a.join("kept.txt"), "mine").unwrap();
    let yesterday = a.join("partner-port-status-2026-11-20.csv");
    fs::write(&yesterday, "yesterday's").unwrap();

    fs::write(place.join("orders.csv"), orders(&[("A", "P"), ("A", "P"), ("C", "Q")])).unwrap();
    let second = burst(&place, &["--split-by", "account"]);
    assert_eq!(second.status.code(), Some(0), "{}", said(&second));
    let kept = ["kept.txt", "partner-port-status-2026-11-20.csv", "partner-port-status-2026-11-21.csv"];
    assert_eq!(names(&a)[..3], kept, "{:?}", names(&a));
    assert_eq!(names(&a).len(), 5, "the rejects of the first run are gone: {:?}", names(&a));
    assert_eq!(cells(&a, "Account ID").len(), 2);
    assert!(out(&second).contains("of an earlier run and left as it was, not part of this one: o/B-"), "{}", said(&second));
    assert!(names(&place.join("o")).iter().all(|name| !name.starts_with('.')), "{:?}", names(&place.join("o")));

    // Equal inputs, equal bytes.
    let bytes = |folder: &Path| names(folder).into_iter().map(|name| fs::read(folder.join(name)).unwrap()).collect::<Vec<_>>();
    let before = bytes(&a);
    assert_eq!(burst(&place, &["--split-by", "account"]).status.code(), Some(0));
    assert_eq!(before, bytes(&a));
}

#[test]
fn a_link_in_the_place_of_a_folder_is_not_followed() {
    let place = folder("burst-link");
    fs::write(place.join("orders.csv"), orders(&[("A", "P")])).unwrap();
    assert_eq!(burst(&place, &["--split-by", "account"]).status.code(), Some(0));
    let a = folders(&place).remove(0);
    fs::remove_dir_all(&a).unwrap();
    fs::create_dir(place.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink(place.join("elsewhere"), &a).unwrap();
    let manifest = names(&place.join("o")).into_iter().find(|name| name.ends_with(".manifest.json")).unwrap();
    let before = fs::read(place.join("o").join(&manifest)).unwrap();
    let done = burst(&place, &["--split-by", "account"]);
    assert_eq!(done.status.code(), Some(73), "{}", said(&done));
    assert_eq!(names(&place.join("elsewhere")), [""; 0]);
    assert_eq!(fs::read(place.join("o").join(manifest)).unwrap(), before, "the first run's manifest is put back");
}

#[test]
fn flags_of_rows_together_tell_nothing_of_the_rows_of_others() {
    let place = folder("burst-flags");
    let header = "phone_number,account_id,partner,request_id,case_number,number_type,detailed_status\n";
    let rows = "+16505551234,A,North,R1,C1,local,Submitted\n+16505551234,B,South,R2,C1,local,Submitted\n\
                +18005551234,A,North,R3,C2,toll_free,Submitted\n+16505551235,B,South,R3,C3,local,Submitted\n\
                +16505551236,A,North,R4,C4,local,Submitted\n+16505551236,A,North,R5,C5,local,Submitted\n";
    fs::write(place.join("orders.csv"), format!("{header}{rows}")).unwrap();
    let columns = ["--columns", "Account ID,Phone Number,Request ID,quality_flags", "--format", "csv"];
    let whole = run(&place, &[&["report", "orders.csv", "--as-of", AS_OF, "--out", "all.csv"], &columns[..]].concat());
    assert_eq!(whole.status.code(), Some(0), "{}", said(&whole));
    let all = fs::read_to_string(place.join("all.csv")).unwrap();
    let count = |text: &str, flag: &str| text.matches(flag).count();
    let flags = ["more than one live order", "Local and toll-free", "spans accounts"];
    let told = |text: &str| ["number_in_two_orders", "mixed_class_request", "case_spans_accounts"].map(|flag| count(text, flag));
    assert_eq!(told(&all), [4, 2, 2], "{flags:?}: {all}");
    for column in ["account", "partner"] {
        fs::remove_dir_all(place.join("o")).unwrap_or_default();
        let done = burst(&place, &[&["--split-by", column], &columns[..]].concat());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let texts: Vec<String> =
            folders(&place).iter().map(|folder| fs::read_to_string(folder.join("partner-port-status-2026-11-21.csv")).unwrap()).collect();
        // What is odd about one's own rows is still told.
        assert_eq!(texts.iter().map(|text| told(text)).collect::<Vec<_>>(), [[2, 0, 0], [0, 0, 0]], "{column}: {texts:?}");
    }
}

#[test]
fn events_of_whoever_had_a_number_before_are_in_no_report_of_whoever_has_it_now() {
    for (case, north, south) in [("unnamed", "", "R-9"), ("same", "1", "1")] {
        let place = folder(&format!("burst-before-{case}"));
        let header = "Phone number,Account ID,Partner,Request ID,Event Type,Occurred At,Actor,Reject reason\n";
        let events = format!(
            "+12125550001,N,North,{north},Additional Information Required,2026-10-02T10:00:00Z,Nora,Wrong PIN of old\n\
             +12125550001,S,South,{south},Create New Porting Request,2026-11-02T10:00:00Z,Sid,\n"
        );
        fs::write(place.join("orders.csv"), format!("{header}{events}")).unwrap();
        for column in ["account", "partner"] {
            fs::remove_dir_all(place.join("o")).unwrap_or_default();
            let done = burst(&place, &["--split-by", column, "--format", "csv,json"]);
            assert_eq!(done.status.code(), Some(0), "{}", said(&done));
            let folders = folders(&place);
            let own = |of: &str| folders.iter().find(|folder| folder.file_name().unwrap().to_str().unwrap().starts_with(of)).unwrap();
            let texts =
                |folder: &Path| -> String { names(folder).iter().map(|name| fs::read_to_string(folder.join(name)).unwrap()).collect() };
            assert!(texts(own("N")).contains("Wrong PIN of old"), "{case}, {column}");
            let theirs = texts(own("S"));
            assert!(!["Wrong PIN of old", "Nora", "2026-10-02"].iter().any(|told| theirs.contains(told)), "{case}, {column}: {theirs}");
        }
    }
}
