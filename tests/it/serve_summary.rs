//! Every bar of the summary leads to as many rows as it counts, of those that the summary is of.

use std::path::Path;

use crate::tools::folder;
use crate::viewer::Viewer;

/// The bars of a summary that lead somewhere: what each counts, how many, and the query of its address.
fn bars(page: &str) -> Vec<(String, u64, String)> {
    let bar = |item: &str| {
        let (address, rest) = item.split_once("<a class=\"label\" href=\"/?")?.1.split_once("\">")?;
        let (label, rest) = rest.split_once("</a>")?;
        let figure = rest.split_once("class=\"figure\">")?.1.split_once('<')?.0;
        Some((label.to_owned(), figure.replace(',', "").parse().unwrap(), address.replace("&amp;", "&")))
    };
    page.split("<li>").filter_map(bar).collect()
}

#[test]
fn bars_lead_to_the_rows_that_they_count() {
    let place = folder("serve-summary");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/port-orders.csv");
    let viewer = Viewer::start(&place, &[sample.to_str().unwrap(), "--as-of", "2026-11-21"]);
    let account = viewer.get("/api/v1/numbers?status=in+progress&limit=1").json()["numbers"][0]["account_id"].as_str().unwrap().to_owned();
    let mut labels = Vec::new();
    let queries = ["", &format!("account={account}"), "where=number_type+%3D+'local'&waiting=1", "ready=1", "type=toll-free&size=25"];
    for query in queries {
        let page = viewer.get(&format!("/summary?{query}")).text();
        for (label, count, address) in bars(&page) {
            assert_eq!(viewer.total(&address), count, "{label} of '{query}' leads to {address}");
            labels.push(label);
        }
    }
    for expected in ["Waiting for You", "Completed", "(unknown)", "0 to 5", "Pending order", "overdue", "number_repaired", "2026-11-30"] {
        assert!(labels.iter().any(|label| label == expected), "{expected}: {labels:?}");
    }
}

#[test]
fn a_view_of_numbers_that_are_ready_says_so_in_its_files() {
    let place = folder("serve-ready");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/port-orders.csv");
    let viewer = Viewer::start(&place, &[sample.to_str().unwrap(), "--as-of", "2026-11-21"]);
    let (all, ready) = (viewer.total(""), viewer.total("ready=1"));
    assert!(ready > 0 && ready < all, "{ready} of {all}");
    let told = |query: &str| viewer.get(&format!("/export/html?{query}")).text().contains("Filters: Ready to assign\"");
    assert!(told("ready=1") && !told(""));
    let rows = viewer.get("/export/jsonl?ready=1").text().lines().count() as u64;
    assert_eq!((rows, viewer.get("/api/v1/summary?ready=1").json()["numbers"].as_u64()), (ready, Some(ready)));
}
