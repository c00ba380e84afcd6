//! A recipient who may see everything, which the table of recipients has to say outright.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::program::{out, run, said};
use crate::tools::{folder, names};

const JOB: &str = "name = \"whole\"\n[report]\ninputs = [\"orders.csv\"]\nformat = [\"csv\"]\nrejects-ok = true\n[recipients]\nsplit-by = \"account\"\n\
                   table = \"recipients.csv\"\n[[deliveries]]\nto = \"out/{place}\"\n";

/// Four rows of each of three accounts, two without one, and one that is no number; the first `done` are completed.
fn orders(place: &Path, done: usize) {
    let mut text = String::from("phone_number,account_id,status,account_company\n");
    for row in 0..14 {
        let account = if row < 12 { format!("A-{}", row % 3) } else { String::new() };
        let status = if row < done { "Completed" } else { "In Progress" };
        text += &format!("+1650{:07},{account},{status},Canary{}\n", 2_000_000 + row, row % 3);
    }
    fs::write(place.join("orders.csv"), text + "no number,A-1,In Progress,Canary1\n").unwrap();
}

fn job(name: &str, table: &str) -> PathBuf {
    let place = folder(name);
    fs::write(place.join("job.toml"), JOB).unwrap();
    fs::write(place.join("recipients.csv"), table).unwrap();
    orders(&place, 1);
    place
}

fn start(place: &Path, day: u32) -> Output {
    run(place, &["run", "job.toml", "--as-of", &format!("2026-11-{day}T14:00:00Z")])
}

fn manifest(place: &Path) -> Value {
    let latest = place.join("runs/latest");
    let name = names(&latest).into_iter().find(|name| name.ends_with(".manifest.json")).unwrap();
    serde_json::from_slice::<Value>(&fs::read(latest.join(name)).unwrap()).unwrap()["content"].clone()
}

/// The lines of the files of a place, by what their names end with.
fn lines(place: &Path, of: &str, ending: &str) -> Vec<String> {
    let folder = place.join("out").join(of);
    let name = names(&folder).into_iter().find(|name| name.ends_with(ending)).unwrap_or_else(|| panic!("{:?}", names(&folder)));
    fs::read_to_string(folder.join(name)).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn one_who_may_see_everything_gets_all_rows_and_others_their_own() {
    let place = job("whole", "account,name,place,formats\n*,The manager,all,csv\nA-0,Zero,zero,csv\n");
    let done = start(&place, 20);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert_eq!(lines(&place, "all", "-20.csv").len(), 15, "all numbers, those without an account too");
    let own = lines(&place, "zero", "-20.csv");
    assert!(own.len() == 5 && own[1..].iter().all(|line| line.contains("Canary0")), "{own:?}");
    assert!(lines(&place, "all", ".rejects.csv")[1].contains("no number"));
    assert!(!names(&place.join("out/zero")).iter().any(|name| name.contains("rejects")), "another's rejects");
    let manifest = manifest(&place);
    let counts = &manifest["counts"];
    assert_eq!(
        ["read", "reported", "filtered_out", "rejected", "unassigned", "unaddressed"].map(|key| counts[key].as_u64().unwrap_or(0)),
        [15, 14, 0, 1, 0, 0],
        "{counts}"
    );
    let split = &manifest["split"];
    let reports = split["reports"].as_array().unwrap();
    let of = |name: &str| reports.iter().find(|report| report["recipient"] == name).unwrap();
    assert_eq!((&of("The manager")["isolation"], &of("The manager")["rows"]), (&Value::from("whole"), &Value::from(14)));
    assert!(of("Zero").get("isolation").is_none() && of("Zero")["value"] == "A-0");
    let without: Vec<&str> = split["without_recipient"].as_array().unwrap().iter().map(|value| value["value"].as_str().unwrap()).collect();
    assert_eq!(without, ["A-1", "A-2"]);
    assert!(out(&done).contains("Note: of 2 values nobody is a recipient but who sees everything"), "{}", said(&done));
    // The next day: what changed of all, and of their own.
    orders(&place, 3);
    let moved = start(&place, 21);
    assert_eq!(moved.status.code(), Some(0), "{}", said(&moved));
    assert_eq!(lines(&place, "all", "-21.changes.csv").len(), 3);
    assert!(!names(&place.join("out/zero")).iter().any(|name| name.ends_with("-21.changes.csv")), "nothing of A-0 changed");
}

#[test]
fn what_the_filters_of_one_who_may_see_everything_leave_out_is_counted() {
    let place = job("whole-filtered", "account,name,place,status\n*,Done,all,completed\nA-2,Two,two,\n");
    let done = start(&place, 20);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert_eq!(lines(&place, "all", "-20.csv").len(), 2);
    let counts = manifest(&place)["counts"].clone();
    // Row 0 is completed, and four rows are of A-2.
    assert_eq!(["reported", "filtered_out", "unassigned", "unaddressed"].map(|key| counts[key].as_u64().unwrap_or(0)), [5, 9, 0, 0]);
}

#[test]
fn nobody_sees_everything_by_accident() {
    let place = job("whole-unnamed", "account,place\n*,all\n");
    let refused = start(&place, 20);
    assert_eq!(refused.status.code(), Some(78), "{}", said(&refused));
    assert!(
        said(&refused).contains("line 2, column name: is empty; say who may see everything, which the value * means"),
        "{}",
        said(&refused)
    );
    // An account of that name is not everybody.
    let place = job("whole-value", "account,name,place\n*,All,all\n");
    let text = fs::read_to_string(place.join("orders.csv")).unwrap().replace("A-1", "*");
    fs::write(place.join("orders.csv"), text).unwrap();
    let refused = start(&place, 20);
    assert_eq!(refused.status.code(), Some(65), "{}", said(&refused));
    assert!(said(&refused).contains("'*' is a value of the orders, and means all of them here"), "{}", said(&refused));
    assert!(!place.join("out").exists());
    // Requests are counted report by report, so that nobody could say whether all are there.
    let place = job("whole-requests", "account,name,place\n*,All,all\n");
    fs::write(place.join("job.toml"), JOB.replace("format =", "by = \"request\"\nformat =")).unwrap();
    let refused = start(&place, 20);
    assert!(refused.status.code() == Some(78) && said(&refused).contains("rows of numbers, not of requests"), "{}", said(&refused));
}
