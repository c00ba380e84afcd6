//! Folders and patterns as inputs: which files are read, in which order, what is skipped and said, and folders that say a column.

use std::fs;
use std::path::Path;

use crate::program::{err, out, run, said};
use crate::tools::folder;

const HEADER: &str = "phone_number,status,account_id\n";

fn write(place: &Path, name: &str, text: &str) {
    let path = place.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn order(number: u32) -> String {
    format!("{HEADER}+1212555{number:04},Completed,A-1\n")
}

/// The names of the inputs that a check of `arguments` read, in their order, and what it said.
fn read(place: &Path, arguments: &[&str]) -> (Vec<String>, String) {
    let done = run(place, &[&["check", "--json"], arguments].concat());
    assert_eq!(done.status.code(), Some(0), "{arguments:?}: {}", said(&done));
    let found: serde_json::Value = serde_json::from_str(&out(&done)).unwrap();
    let names = found["inputs"].as_array().unwrap().iter().map(|input| input["file"].as_str().unwrap().to_owned()).collect();
    (names, found["notes"].to_string())
}

#[test]
fn a_folder_is_all_files_of_it_that_are_inputs() {
    let place = folder("many");
    for (name, number) in [("b.csv", 1), ("a.txt", 2), ("c.TSV", 3)] {
        write(&place, &format!("exports/{name}"), &order(number));
    }
    write(&place, "exports/d.psv", &order(4).replace(',', "|"));
    write(&place, "exports/e.json", "[{\"phone_number\":\"+12125550005\",\"status\":\"Completed\"}]");
    for name in [
        "exports/.hidden.csv",
        "exports/_SUCCESS",
        "exports/e.csv.crdownload",
        "exports/f.csv.part",
        "exports/notes.md",
        "exports/old/g.csv",
    ] {
        write(&place, name, "no orders");
    }
    let (names, notes) = read(&place, &["exports"]);
    assert_eq!(names, ["a.txt", "b.csv", "c.TSV", "d.psv", "e.json"]);
    for note in [
        "exports: hidden files skipped: '.hidden.csv', '_SUCCESS'",
        "exports: files skipped that are not finished, by their names: 'e.csv.crdownload', 'f.csv.part'",
        "exports: files skipped whose names do not end like an input: 'notes.md'",
        "exports: folders within it skipped: 'old'",
    ] {
        assert!(notes.contains(note), "{note}\n{notes}");
    }
    assert_eq!(read(&place.join("exports"), &["."]).0, names);
    assert_eq!(read(&place, &["exports/"]).0, names);
}

#[test]
fn our_own_reports_are_no_inputs() {
    let place = folder("many");
    write(&place, "orders.csv", &order(1));
    let done = run(&place, &["report", "orders.csv", "--out", ".", "--format", "csv,xlsx"]);
    assert!(done.status.success(), "{}", said(&done));
    let (names, notes) = read(&place, &["."]);
    assert_eq!(names, ["orders.csv"]);
    assert!(notes.contains("reports and manifests of earlier runs skipped"), "{notes}");
    // Named, a report is an input as before.
    let report = crate::tools::names(&place).into_iter().find(|name| name.starts_with("partner") && name.ends_with(".csv")).unwrap();
    assert_eq!(read(&place, &[&report]).0, std::slice::from_ref(&report));
}

#[test]
fn a_pattern_is_the_files_that_it_matches() {
    let place = folder("many");
    for (name, number) in
        [("b-2.csv", 1), ("b-10.csv", 2), ("a.csv", 3), ("x/c.csv", 4), ("y/c.csv", 5), (".h.csv", 6), ("[1].csv", 7), ("d.dat", 8)]
    {
        write(&place, name, &order(number));
    }
    let cases: [(&[&str], &[&str]); 8] = [
        (&["*.csv"], &["[1].csv", "a.csv", "b-10.csv", "b-2.csv"]),
        (&["b-?.csv"], &["b-2.csv"]),
        (&["b-*.csv", "a.csv"], &["b-10.csv", "b-2.csv", "a.csv"]),
        (&["[ab]*.csv"], &["a.csv", "b-10.csv", "b-2.csv"]),
        (&["*/c.csv"], &["x/c.csv", "y/c.csv"]),
        (&["**/c.csv"], &["x/c.csv", "y/c.csv"]),
        // A file that is called so is that file.
        (&["[1].csv"], &["[1].csv"]),
        (&["*.dat"], &["d.dat"]),
    ];
    for (arguments, expected) in cases {
        assert_eq!(read(&place, arguments).0, expected, "{arguments:?}");
    }
    fs::create_dir(place.join("empty")).unwrap();
    write(&place, "none/readme.md", "x");
    for (argument, what) in [
        ("*.xlsx", "*.xlsx: there is no file; check the path"),
        ("empty", "empty: there is no file; check the path"),
        ("none", "none: there is no file to read; 1 entry skipped: files skipped whose names do not end like an input"),
        ("x[", "x[: no such file, and not a pattern of names"),
        ("orders.csv", "orders.csv: no such file"),
    ] {
        let done = run(&place, &["check", argument]);
        assert!(done.status.code() == Some(66) && err(&done).contains(what), "{argument}: {}", said(&done));
    }
}

#[test]
fn folders_that_say_a_key_and_a_value_give_a_column() {
    let place = folder("many");
    let rows = |number: u32| format!("phone_number,status\n+1212555{number:04},Completed\n");
    write(&place, "data/account_id=A-1/partner=Acme%20Co/x.csv", &rows(1));
    write(&place, "data/account_id=A-1/partner=Bolt/x.csv", &rows(2));
    write(&place, "data/account_id=__HIVE_DEFAULT_PARTITION__/partner=Bolt/x.csv", &rows(3));
    // Equal files in different folders are different rows.
    write(&place, "data/account_id=A-2/partner=Bolt/x.csv", &rows(2));
    for input in ["data", "data/*/*/x.csv", "data/**/*.csv", "data/*"] {
        let done = run(
            &place,
            &[
                "report",
                input,
                "--out",
                "-",
                "--format",
                "csv",
                "--columns",
                "phone_number,account_id,partner",
                "--sort",
                "phone_number,account_id",
            ],
        );
        assert!(done.status.success(), "{input}: {}", said(&done));
        let rows: Vec<String> = out(&done).lines().skip(1).map(str::to_owned).collect();
        assert_eq!(rows, ["+12125550001,A-1,Acme Co", "+12125550002,A-1,Bolt", "+12125550002,A-2,Bolt", "+12125550003,,Bolt"], "{input}");
    }
    assert_eq!(
        read(&place, &["data"]).0,
        [
            "account_id=A-1/partner=Acme%20Co/x.csv",
            "account_id=A-1/partner=Bolt/x.csv",
            "account_id=A-2/partner=Bolt/x.csv",
            "account_id=__HIVE_DEFAULT_PARTITION__/partner=Bolt/x.csv"
        ]
    );
    // The file's own column wins.
    write(&place, "own/account_id=A-1/x.csv", "phone_number,status,Account ID,account_id\n+12125550001,Completed,,A-9\n");
    let done = run(&place, &["read", "own/account_id=A-1/x.csv"]);
    assert!(out(&done).starts_with("phone_number,status,Account ID,account_id\n"), "{}", said(&done));
}
