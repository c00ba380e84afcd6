//! The page for a browser: what it holds, what Chromium makes of it, and what the validators of others say.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use portstatus::export::html::Html;
use portstatus::export::{Exporter, Options};
use portstatus::report::Report;
use serde_json::{Value, json};

use crate::edge_cases::hostile_strings;
use crate::export_formats::samples::{SAMPLES, shown};
use crate::report::{ROWS, report};
use crate::tools;

const BROWSER: &str = include_str!("browser.py");

fn page(report: &Report, options: &Options) -> String {
    let mut out = Vec::new();
    Html.export(report, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn sample(name: &str) -> Report {
    (SAMPLES.iter().find(|(other, _)| *other == name).unwrap().1)()
}

/// What Chromium says of the page after `steps`: name, tool, value and event.
fn browsed(path: &Path, steps: &Value, has_axe: bool) -> Value {
    let mut command = Command::new("timeout");
    command.args(["-k", "5", "180", "python3", "-c", BROWSER]).arg(path);
    if has_axe {
        command.arg(tools::node_module("axe-core/axe.min.js"));
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(steps.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn no_text_of_the_data_runs_loads_or_breaks_anything() {
    let report = sample("hostile");
    let html = page(&report, &Options::default());
    // What stands in no file that we wrote: a way out of an element, an attribute, the policy or the script.
    assert_eq!(html.matches("<script>").count(), 2);
    assert!(!html.contains("javascript:\"") && !html.contains(" onerror=") || html.contains("&lt;"), "markup of the data is escaped");
    if !tools::found("chromium") || !tools::found("axe") {
        return;
    }
    let path = tools::saved("hostile.html", html.as_bytes());
    let found = browsed(&path, &json!([["script", "find", "<script>alert", "input"]]), true);
    assert_eq!((&found["problems"], &found["requests"], &found["dialogs"]), (&json!([]), &json!([]), &json!(0)));
    assert_eq!((&found["axe"], &found["overflow"]), (&json!([]), &json!(0)), "accessible, and no wider than the screen");
    assert!(found["axe_rules"].as_u64().unwrap() > 30, "{}", found["axe_rules"]);
    let rows = report.numbers.rows as u64;
    assert_eq!((&found["printed_rows"], &found["unscripted_rows"]), (&json!(rows), &json!(rows)));
    // The first page as the browser holds it, letter by letter.
    let table = shown(&report);
    for (row, cells) in found["first_page"].as_array().unwrap().iter().enumerate() {
        for (column, cell) in cells.as_array().unwrap().iter().enumerate() {
            let (expected, cell) = (&table.rows[row][column], cell.as_str().unwrap());
            let is_same = crate::export_formats::readers::is_of_document(table.columns[column].kind, expected, cell);
            assert!(is_same, "row {row}, {}: {cell:?} for {expected:?}", table.columns[column].key);
        }
    }
    let hits = hostile_strings().iter().filter(|text| text.to_lowercase().contains("<script>alert")).count() * 7;
    let said = if hits == 0 { "No hit".to_owned() } else { format!("1 of {}", portstatus::domain::text::thousands(hits as u64)) };
    assert_eq!(found["steps"]["script"]["hits"], said);
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
}

#[test]
fn the_tools_search_filter_and_sort_all_rows() {
    if !tools::found("chromium") {
        return;
    }
    let report = sample("longest");
    let table = shown(&report);
    let place = |key: &str| table.columns.iter().position(|column| column.key == key).unwrap();
    let cells = |key: &str| table.rows.iter().map(move |row| row[place(key)].as_str()).collect::<Vec<_>>();
    let path = tools::saved("longest.html", page(&report, &Options::default()).as_bytes());
    let steps = json!([
        ["find", "find", "company 17 &", "input"],
        ["next", "next-hit", "", "click"],
        ["number", "find", "(650) 200-5999", "input"],
        ["account", "account", "A-5", "change"],
        ["clear", "clear", "", "click"],
        ["last", "last", "", "click"],
        ["none", "find", "no such text", "input"],
    ]);
    let found = browsed(&path, &steps, false);
    let steps = &found["steps"];
    assert_eq!((&found["problems"], &found["requests"]), (&json!([]), &json!([])));
    assert_eq!((&found["printed_rows"], &found["unscripted_rows"]), (&json!(6_000), &json!(6_000)));
    assert_eq!(found["texts"], json!({ "rows": "6,000 of 6,000 rows", "hits": "", "page-number": "Page 1 of 30" }));
    let companies = cells("account_company").iter().filter(|cell| cell.to_lowercase().contains("company 17 &")).count();
    assert_eq!(
        (&steps["find"]["hits"], &steps["next"]["hits"]),
        (&json!(format!("1 of {companies}")), &json!(format!("2 of {companies}")))
    );
    assert_eq!(steps["find"]["now"], json!(["Company 17 &"]));
    let at = cells("phone_number").iter().position(|number| *number == "+16502005999").unwrap();
    assert_eq!(steps["number"]["page-number"], format!("Page {} of 30", at / 200 + 1));
    assert_eq!((&steps["number"]["hits"], &steps["number"]["now"]), (&json!("1 of 1"), &json!(["6502005999"])));
    let of_account = cells("account_id").iter().filter(|account| **account == "A-5").count();
    assert_eq!(
        (&steps["account"]["rows"], &steps["account"]["shown"]),
        (&json!(format!("{of_account} of 6,000 rows")), &json!(of_account))
    );
    assert_eq!((&steps["clear"]["rows"], &steps["last"]["page-number"]), (&json!("6,000 of 6,000 rows"), &json!("Page 30 of 30")));
    assert_eq!(steps["last"]["first"], json!([table.rows[29 * 200]]));
    assert_eq!(steps["none"]["hits"], "No hit");
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
}

#[test]
fn days_are_sorted_as_days_whatever_their_order() {
    if !tools::found("chromium") {
        return;
    }
    // The earliest and the latest of the days of creation, neither of which is the first or last as text.
    for (order, earliest, latest) in [("day_first", "29/10/2025", "26/01/2026"), ("month_first", "10/29/2025", "01/26/2026")] {
        let report = crate::report_look::looking(&format!("date_order = '{order}'"));
        let path = tools::saved(&format!("{order}.html"), page(&report, &Options::default()).as_bytes());
        let steps = json!([["up", "created_date", "", "sort"], ["down", "created_date", "", "sort"]]);
        let found = browsed(&path, &steps, false);
        let column = report.numbers.columns.iter().position(|column| column.key == "created_date").unwrap();
        let first = |step: &str| found["steps"][step]["first"][0][column].clone();
        assert_eq!((first("up"), first("down")), (json!(earliest), json!(latest)), "{order}");
        assert_eq!(found["problems"], json!([]));
        std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
}

#[test]
fn validators_of_others_find_no_error() {
    for name in ["empty", "every-status", "hostile"] {
        let path = tools::saved(&format!("{name}.html"), page(&sample(name), &Options::default()).as_bytes());
        let folder = path.parent().unwrap();
        if tools::found("vnu") {
            let jar = tools::node_module("vnu-jar/build/dist/vnu.jar");
            // Fails for an error, and says it.
            tools::run("java", &["-jar", jar.to_str().unwrap(), "--errors-only", path.to_str().unwrap()]);
        }
        if tools::found("html-validate") {
            let configuration = folder.join("rules.json");
            std::fs::write(&configuration, r#"{"root": true, "extends": ["html-validate:standard", "html-validate:a11y"]}"#).unwrap();
            let program = tools::node_module(".bin/html-validate");
            let arguments = ["--max-warnings", "0", "-c", configuration.to_str().unwrap(), path.to_str().unwrap()];
            tools::run(program.to_str().unwrap(), &arguments);
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn rows_that_wait_for_the_partner_are_linked_to_a_mail_to_the_porting_team() {
    let row = [("phone_number", "+16505551234"), ("given_detail", "rejected"), ("case_number", "C-1 & \"2\"")];
    let report = report(&[&row], "");
    assert!(!page(&report, &Options::default()).contains("mailto:"));
    let options = Options { porting_team_email: Some("porting@example.com".to_owned()), ..Options::default() };
    let html = page(&report, &options);
    let link = "<a class=\"mail\" href=\"mailto:porting@example.com?subject=Case%20C-1%20%26%20%222%22%2C%20number%20%2B16505551234\" \
                aria-label=\"Mail the porting team about +16505551234\"></a>";
    assert_eq!((html.matches("mailto:").count(), html.matches(link).count()), (1, 1));
}

#[test]
fn colours_of_a_template_can_be_read_light_and_dark() {
    if !tools::found("chromium") || !tools::found("axe") {
        return;
    }
    for (name, colours) in [
        ("coloured", crate::report_look::COLOURS),
        // Bars of the darkest and of the lightest.
        (
            "extreme",
            "[colours.status]\nscheduled = { bar = '#000000', ink = '#000000', fill = '#FFFFFF' }\n\
             completed = { bar = '#FFFFFF', ink = '#000000', fill = '#FFFF00' }\ncanceled = { ink = '#FFFFFF', fill = '#767676' }\n[colours]\nheader_fill = '#FFD400'\nheader_ink = '#000000'\nink = '#000000'",
        ),
    ] {
        let path = tools::saved(&format!("{name}.html"), page(&crate::report_look::looking(colours), &Options::default()).as_bytes());
        let found = browsed(&path, &json!([]), true);
        assert_eq!((&found["axe"], &found["problems"]), (&json!([]), &json!([])), "{name}");
        std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
}

#[test]
fn more_rows_than_a_browser_opens_are_refused_with_the_number() {
    let mut report = report(ROWS, "");
    report.numbers.rows = 50_001;
    let error = Html.export(&report, &Options::default(), &mut Vec::new()).unwrap_err();
    assert_eq!(error.code(), 65, "{error}");
    assert!(error.to_string().contains("50,001 rows do not fit; a page that a browser opens holds 50,000"), "{error}");
}
