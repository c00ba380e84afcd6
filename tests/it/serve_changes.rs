//! What changed since an earlier state, as the viewer shows it: as reports tell it, and of one's own rows alone.

use std::fs;

use serde_json::json;

use crate::program::{AS_OF, run, said};
use crate::serve_users::BY_PROXY;
use crate::tools::folder;
use crate::viewer::Viewer;

/// Orders of two partners, then and now: of North one is completed, one new and one gone; of South one is canceled.
fn states(place: &std::path::Path) {
    let head = "Phone number,Account ID,Partner,Status,Request ID,Account Company Name\n";
    let row = |number: u32, partner: &str, status: &str| {
        format!("+121255500{number:02},A-{partner},{partner},{status},R-{number},{partner} and Sons\n")
    };
    let then =
        [row(1, "North", "In Progress"), row(2, "North", "In Progress"), row(4, "North", "In Progress"), row(11, "South", "In Progress")];
    let now = [row(1, "North", "Completed"), row(2, "North", "In Progress"), row(3, "North", "In Progress"), row(11, "South", "Canceled")];
    fs::write(place.join("then.csv"), head.to_owned() + &then.concat()).unwrap();
    fs::write(place.join("orders.csv"), head.to_owned() + &now.concat()).unwrap();
    fs::write(place.join("users.csv"), "user,column,value\nann,partner,North\nbob,partner,South\nops,all,\n").unwrap();
}

#[test]
fn changes_are_shown_and_exported_of_ones_own_rows() {
    let place = folder("serve-changes");
    states(&place);
    let viewer = Viewer::start_for_users(&place, &[&BY_PROXY[..], &["--since", "then.csv"]].concat());
    for (user, counts) in [
        ("ops", json!({ "new": 1, "moved": 2, "completed": 1, "gone": 1 })),
        ("ann", json!({ "new": 1, "moved": 1, "completed": 1, "gone": 1 })),
        ("bob", json!({ "moved": 1 })),
    ] {
        let mut told = viewer.get_as(user, "/api/v1/summary").json()["changes"].clone();
        told.as_object_mut().unwrap().retain(|kind, count| kind != "since" && *count != 0);
        assert_eq!(told, counts, "{user}");
        let (page, summary) = (viewer.get_as(user, "/changes").text(), viewer.get_as(user, "/summary").text());
        assert!(
            summary.contains("What changed") && summary.contains("href=\"/changes?") && page.contains("aria-current=\"page\">Changes"),
            "{summary}"
        );
        for (number, is_north) in [("0001", true), ("0003", true), ("0004", true), ("0011", false)] {
            let is_own = user == "ops" || (user == "ann") == is_north;
            assert_eq!(
                page.contains(&format!("55500{}", &number[2..])) || page.contains(&format!("555-00{}", &number[2..])),
                is_own,
                "{user} {number}: {page}"
            );
        }
        assert!(!page.contains("5550002") && !page.contains("555-0002"), "what has not changed: {page}");
    }
    let filtered = viewer.get_as("ops", "/changes?account=A-South&size=1&page=9").text();
    assert!(filtered.contains("South and Sons") && !filtered.contains("North and Sons"), "{filtered}");
    let done = run(&place, &["report", "orders.csv", "--since", "then.csv", "--as-of", AS_OF, "--out", "all.xlsx"]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(viewer.get_as("ops", "/export/xlsx").body == fs::read(place.join("all.xlsx")).unwrap());
    let split = run(
        &place,
        &["report", "orders.csv", "--since", "then.csv", "--as-of", AS_OF, "--out", "split", "--split-by", "partner", "--format", "xlsx"],
    );
    assert!(split.status.success(), "{}", said(&split));
    let own = crate::tools::names(&place.join("split")).into_iter().find(|name| name.starts_with("North-")).unwrap();
    let file = fs::read_dir(place.join("split").join(own)).unwrap().next().unwrap().unwrap().path();
    assert!(viewer.get_as("ann", "/export/xlsx").body == fs::read(file).unwrap());
}

#[test]
fn without_an_earlier_state_there_is_no_page_of_changes_to_go_to() {
    let place = folder("serve-no-changes");
    states(&place);
    let viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF]);
    assert!(!viewer.get("/").text().contains("href=\"/changes"));
    assert!(viewer.get("/changes").text().contains("There is no earlier report to compare with"));
    assert!(viewer.get("/api/v1/summary").json()["changes"].is_null());
    let gone = run(&place, &["serve", "orders.csv", "--since", "gone.csv", "--port", "0"]);
    assert_eq!((gone.status.code(), gone.stdout.len()), (Some(66), 0), "{}", said(&gone));
}

#[test]
fn a_job_is_compared_with_its_last_run() {
    let place = folder("serve-job-changes");
    states(&place);
    let job =
        "name = \"nightly\"\n[report]\ninputs = [\"current.csv\"]\n[recipients]\nsplit-by = \"partner\"\n[history]\nfolder = \"history\"\n";
    fs::write(place.join("job.toml"), job).unwrap();
    fs::copy(place.join("then.csv"), place.join("current.csv")).unwrap();
    // Before the first run there is nothing to compare with.
    assert!(!Viewer::start(&place, &["job.toml"]).get("/").text().contains("href=\"/changes"));
    let done = run(&place, &["run", "job.toml"]);
    assert!(done.status.success(), "{}", said(&done));
    fs::copy(place.join("orders.csv"), place.join("current.csv")).unwrap();
    // Instants are told to the second, and a run is no earlier one of its own.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let viewer = Viewer::start(&place, &["job.toml"]);
    assert!(viewer.get("/").text().contains("href=\"/changes"));
    let counts = viewer.get("/api/v1/summary").json()["changes"].clone();
    assert_eq!((&counts["new"], &counts["moved"], &counts["gone"]), (&json!(1), &json!(2), &json!(1)), "{counts}");
}
