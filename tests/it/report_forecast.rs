//! The forecast: what goes live when, what slipped since an earlier report, and what that costs, to the cent.

use std::fs;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use portstatus::report::template::Template;
use serde_json::{Value, json};

use crate::program::{AS_OF, STEM, run, said};
use crate::tools::folder;

const HEADER: &str = "phone_number,request_id,account_id,account_company_name,detailed_status,confirmed_date,priority";

const BEFORE: [&str; 3] = [
    "+16502000002,R2,A,Acme,FOC Date Set,2026-12-01,Standard",
    "+16502000003,R3,A,Acme,FOC Date Set,2026-12-04,Standard",
    "+16502000005,R5,B,Böll,FOC Date Set,2026-11-17,Standard",
];

/// A week with a number that slipped by three days, one that moved to an earlier day and an expedited one; a later week; a number
/// whose date passed four days ago, a day after the date that it had; numbers without a date, of which one is rejected; closed ones.
const NOW: [&str; 9] = [
    "+16502000001,R1,A,Acme,FOC Date Set,2026-12-02,Expedite",
    "+16502000002,R2,A,Acme,FOC Date Set,2026-12-04,Standard",
    "+16502000003,R3,A,Acme,FOC Date Set,2026-11-30,Standard",
    "+16502000004,R4,B,Böll,FOC Date Set,2026-12-08,Standard",
    "+16502000005,R5,B,Böll,FOC Date Set,2026-11-17,Standard",
    "+16502000006,R6,B,Böll,Rejected,,Expedite",
    "+16502000007,R7,,,Submitted,,Standard",
    "+16502000008,R8,B,Böll,Complete,2026-11-10,Standard",
    "+16502000009,R9,A,Acme,Cancelled,,Standard",
];

fn forecast(place: &Path, more: &[&str]) -> Value {
    let base = ["report", "now.csv", "--as-of", AS_OF, "--out", "out", "--format", "json,xlsx"];
    let done = run(place, &[&base[..], more].concat());
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let document: Value = serde_json::from_slice(&fs::read(place.join(format!("out/{STEM}.json"))).unwrap()).unwrap();
    document["sections"].as_array().unwrap().iter().find(|section| section["id"] == "forecast").unwrap().clone()
}

fn place(name: &str, amounts: &str) -> std::path::PathBuf {
    let place = folder(name);
    for (name, rows) in [("before.csv", &BEFORE[..]), ("now.csv", &NOW[..])] {
        fs::write(place.join(name), format!("{HEADER}\n{}\n", rows.join("\n"))).unwrap();
    }
    fs::create_dir_all(place.join("templates/reports")).unwrap();
    fs::write(place.join("templates/reports/costs.toml"), format!("[forecast]\n{amounts}")).unwrap();
    place
}

#[test]
fn open_numbers_stand_by_week_and_account_and_add_up() {
    let place = place("forecast", "currency = \"USD\"\n");
    let found = forecast(&place, &[]);
    let keys: Vec<&str> = found["columns"].as_array().unwrap().iter().map(|column| column["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["week", "account_id", "account_company", "numbers", "at_risk"], "no amounts, no history: no such columns");
    let rows: Vec<_> =
        found["rows"].as_array().unwrap().iter().map(|row| json!([row["week"], row["account_id"], row["numbers"]])).collect();
    let expected = [
        json!(["Date has passed", "B", 1]),
        json!(["2026-11-30", "A", 3]),
        json!(["2026-12-07", "B", 1]),
        json!(["No date", "(blank)", 1]),
        json!(["No date", "B", 1]),
    ];
    assert_eq!(rows, expected);
    assert_eq!(found["totals"][0]["numbers"], 7);
    assert_eq!(found["totals"][0]["week"], "All open numbers");
}

#[test]
fn what_slipped_and_what_it_costs_is_exact() {
    let amounts = "currency = \"EUR\"\nexpedite = \"100\"\nresubmission = \"15.10\"\ncancellation = \"25.00\"\ndouble_billing = \"0.07\"\n";
    let place = place("forecast-costs", amounts);
    let found = forecast(&place, &["--since", "before.csv", "--templates", "templates", "--template", "costs"]);
    let of = |row: &Value| {
        json!([
            row["numbers"],
            row["slipped"],
            row["expedited"],
            row["rejected"],
            row["cancellation_pending"],
            row["double_billing_days"],
            row["double_billing"].to_string(),
            row["costs"].to_string()
        ])
    };
    let rows: Vec<Value> = found["rows"].as_array().unwrap().iter().map(of).collect();
    let expected = [
        json!([1, 0, 0, 0, 0, 4, "0.28", "0.28"]),
        json!([3, 1, 1, 0, 0, 3, "0.21", "100.21"]),
        json!([1, 0, 0, 0, 0, 0, "0.0", "0.0"]),
        json!([1, 0, 0, 0, 0, 0, "0.0", "0.0"]),
        json!([1, 0, 1, 1, 0, 0, "0.0", "115.1"]),
    ];
    assert_eq!(rows, expected);
    assert_eq!(of(&found["totals"][0]), json!([7, 1, 2, 1, 0, 7, "0.49", "215.59"]));
    let text = fs::read_to_string(place.join(format!("out/{STEM}.json"))).unwrap();
    assert!(text.contains(":115.10") && text.contains(":215.59"), "two decimals, as written");
    let mut book: Xlsx<_> = open_workbook(place.join(format!("out/{STEM}.xlsx"))).unwrap();
    let range = book.worksheet_range("Forecast").unwrap();
    let header: Vec<String> = range.rows().next().unwrap().iter().map(Data::to_string).collect();
    let costs = header.iter().position(|caption| caption == "Together, EUR").unwrap();
    assert_eq!(range.get((6, costs)), Some(&Data::Float(215.59)));
    assert!(header.iter().any(|caption| caption == "Expedite fees, EUR"), "{header:?}");
}

#[test]
fn amounts_that_cannot_be_are_refused() {
    for (amounts, said) in [
        ("expedite = \"12.345\"\ncurrency = \"USD\"", "is not an amount"),
        ("expedite = \"-1\"\ncurrency = \"USD\"", "is not an amount"),
        ("expedite = \"1e3\"\ncurrency = \"USD\"", "is not an amount"),
        ("expedite = \"100000000.01\"\ncurrency = \"USD\"", "is not an amount"),
        ("expedite = 12.5\ncurrency = \"USD\"", "expected a string"),
        ("expedite = \"12\"", "amounts without a currency"),
        ("shipping = \"12\"", "shipping"),
    ] {
        let error = Template::parse(&format!("[forecast]\n{amounts}"), "reports/own.toml").unwrap_err();
        assert!(error.code() == 78 && error.to_string().contains(said), "{amounts}: {error}");
    }
    assert!(Template::parse("[forecast]\nexpedite = \"0.5\"\ncurrency = \"USD\"", "reports/own.toml").is_ok());
}
