//! Reports in several files: every number in one of them, files that lead to each other, and all of them in the manifest.

use std::fs;
use std::path::Path;

use regex::Regex;
use serde_json::Value;

use crate::program::{AS_OF, err, out, run, said};
use crate::tools::{self, folder, found};

/// Writes `rows` orders, each number once.
fn orders(place: &Path, rows: usize, account: impl Fn(usize) -> &'static str) {
    let mut text = String::from("Phone number,Account ID,Status,Request ID\n");
    for row in 0..rows {
        let status = if row % 4 == 0 { "Waiting for You" } else { "In Progress" };
        text.push_str(&format!("+1212{:07},{},{status},R-{row}\n", 2_000_000 + row, account(row)));
    }
    fs::write(place.join("orders.csv"), text).unwrap();
}

/// The files of `format` that the manifest in `place` lists, each with its rows.
fn listed(manifest: &Path, format: &str) -> Vec<(String, u64)> {
    let manifest: Value = serde_json::from_slice(&fs::read(manifest).unwrap()).unwrap();
    let outputs = manifest["content"]["outputs"].as_array().unwrap().iter().filter(|output| output["format"] == format);
    outputs.map(|output| (output["file"].as_str().unwrap().to_owned(), output["rows"].as_u64().unwrap())).collect()
}

#[test]
fn a_long_page_for_a_browser_is_several_that_lead_to_each_other() {
    let place = folder("volumes");
    orders(&place, 20_050, |_| "A-1");
    let done = run(
        &place,
        &["report", "orders.csv", "--format", "html,csv", "--out", "o/all ports.html", "--as-of", AS_OF, "--sort", "phone_number"],
    );
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let files =
        [("all ports.html", 10_000), ("all ports-2.html", 10_000), ("all ports-3.html", 50)].map(|(file, rows)| (file.to_owned(), rows));
    assert_eq!(listed(&place.join("o/all ports.manifest.json"), "html"), files);
    assert_eq!(run(&place, &["verify", "o"]).status.code(), Some(0));
    // Every number stands in one file, in the order of the report.
    let csv = fs::read_to_string(place.join("o/all ports.csv")).unwrap();
    let pages = files.each_ref().map(|(file, _)| fs::read_to_string(place.join("o").join(file)).unwrap());
    let expected: Vec<&str> = csv.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    let numbers = Regex::new(r">(\+1212[0-9]{7})<").unwrap();
    let shown = |page: &str| numbers.captures_iter(page).map(|cell| cell.get(1).unwrap().as_str().to_owned()).collect::<Vec<_>>();
    for (page, expected) in pages.iter().zip(expected.chunks(10_000)) {
        // What waits for the partner stands in a list of the first as well, behind the numbers.
        assert_eq!(shown(page)[..expected.len()], *expected);
    }
    assert_eq!([shown(&pages[1]).len(), shown(&pages[2]).len()], [10_000, 50]);
    for (index, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("<title>Partner Number Port Status Report ({} of 3)</title>", index + 1)));
        let (first, last) = (index * 10_000 + 1, (index * 10_000 + 10_000).min(20_050));
        let said = format!("File {} of 3: numbers {} to {}.", index + 1, thousands(first), thousands(last));
        assert_eq!(page.matches(&said).count(), 2, "{said}");
        for (other, name) in ["./all%20ports.html", "./all%20ports-2.html", "./all%20ports-3.html"].iter().enumerate() {
            let current = if other == index { " aria-current=\"page\"" } else { "" };
            assert_eq!(page.matches(&format!("<a href=\"{name}\"{current}>{}</a>", other + 1)).count(), 2, "{name}");
        }
        assert_eq!(page.contains("id=\"waiting_for_you\""), index == 0, "lists stand in the first file");
    }
    let piped = run(&place, &["report", "orders.csv", "--format", "html", "--out", "-", "--as-of", AS_OF]);
    assert_eq!(piped.status.code(), Some(65));
    let told = "html: a file holds 10,000 rows, and 20,050 need several; standard output is one: ask for a page of them, or name a file or a folder with --out";
    assert!(err(&piped).contains(told) && out(&piped).is_empty(), "{}", said(&piped));
}

fn thousands(count: usize) -> String {
    if count < 1000 { count.to_string() } else { format!("{},{:03}", count / 1000, count % 1000) }
}

#[test]
fn a_long_pdf_is_volumes_that_say_what_their_parts_are() {
    let place = folder("pdf-volumes");
    orders(&place, 10_020, |_| "A-1");
    let report =
        ["report", "orders.csv", "--format", "pdf", "--as-of", AS_OF, "--columns", "phone_number,status", "--sort", "phone_number"];
    let one = run(&place, &[&report[..], &["--out", "one"]].concat());
    assert!(out(&one).contains("several files do: --pdf-volumes\n"), "{}", said(&one));
    let done = run(&place, &[&report[..], &["--out", "o/r.pdf", "--pdf-volumes"]].concat());
    assert!(done.status.success() && !out(&done).contains("--pdf-volumes"), "{}", said(&done));
    assert_eq!(listed(&place.join("o/r.manifest.json"), "pdf"), [("r.pdf".to_owned(), 10_000), ("r-2.pdf".to_owned(), 20)]);
    let both = run(&place, &[&report[..], &["--out", "x", "--pdf-volumes", "--pdf-untagged"]].concat());
    assert_eq!(both.status.code(), Some(64), "{}", said(&both));
    if !found("pdftotext") {
        return;
    }
    let second = place.join("o/r-2.pdf");
    let second = second.to_str().unwrap();
    assert!(tools::run("pdfinfo", &[second]).lines().any(|line| line.starts_with("Tagged:") && line.ends_with("yes")));
    let text = tools::run("pdftotext", &[second, "-"]);
    let numbers: Vec<&str> = text.lines().filter(|line| line.starts_with("+1")).collect();
    assert_eq!(numbers.len(), 20, "{text}");
    assert!(text.contains("(2 of 2)"), "{text}");
    let first = tools::run("pdftotext", &[place.join("o/r.pdf").to_str().unwrap(), "-"]);
    assert!(numbers.iter().all(|number| !first.contains(number)));
}

/// Reports of recipients are proved file by file.
#[test]
fn a_long_page_of_a_recipient_is_proved_file_by_file() {
    let place = folder("volumes-split");
    orders(&place, 10_030, |row| if row < 10_015 { "Long" } else { "Short" });
    let done = run(&place, &["report", "orders.csv", "--format", "html", "--split-by", "account", "--out", "o", "--as-of", AS_OF]);
    assert!(done.status.success(), "{}", said(&done));
    let manifest = fs::read_dir(place.join("o")).unwrap().flatten().map(|entry| entry.path()).find(|path| path.is_file()).unwrap();
    let rows: Vec<u64> = listed(&manifest, "html").iter().map(|(_, rows)| *rows).collect();
    assert_eq!(rows, [10_000, 15, 15]);
    assert_eq!(run(&place, &["verify", "o"]).status.code(), Some(0));
}
