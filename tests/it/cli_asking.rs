//! What a report that was asked for with filters leaves behind: notes on values that no row has, empty reports, and nothing of others.

use std::fs;
use std::path::{Path, PathBuf};

use calamine::{Reader, Xlsx, open_workbook};
use serde_json::Value;

use crate::program::{AS_OF, STEM, err, out, run, said};
use crate::tools::{folder, names};

const ORDERS: &str = "Phone number,Account ID,Partner,Request ID,Status,Confirmed Porting Date
6505551234,A,North,R1,Scheduled,2026-12-01
6505551235,B,South,R2,Zzz,2026-12-01
no number,A,North,R3,Scheduled,2026-12-01
not one,B,South,R4,Scheduled,2026-12-01
none at all,,,R5,Scheduled,2026-12-01
6505551236,A,North,R6,Scheduled,soon
6505551237,B,South,R7,Scheduled,later
6505551238,A,North,R8,Scheduled,2026-12-01
6505551238,A,North,R8,Scheduled,2026-12-01
6505551239,B,South,R9,Scheduled,2026-12-01
6505551239,B,South,R9,Scheduled,2026-12-01
";

fn place(name: &str) -> PathBuf {
    let place = folder(name);
    fs::write(place.join("orders.csv"), ORDERS).unwrap();
    place
}

fn report<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ["report", "orders.csv", "--as-of", AS_OF, "--out", "o"].into_iter().chain(more.iter().copied()).collect()
}

fn manifest(place: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(place.join(format!("o/{STEM}.manifest.json"))).unwrap()).unwrap()
}

#[test]
fn account_ids_are_split_at_commas() {
    let place = place("split");
    for (arguments, rows) in [(&["--account", "A,B"][..], 6), (&["--account", "A", "--account", "B"], 6), (&["--request", "R1, R2"], 2)] {
        let done = run(&place, &report(&[arguments, &["--format", "csv"]].concat()));
        assert!(out(&done).contains(&format!("{rows} reported")), "{arguments:?}: {}", said(&done));
    }
}

#[test]
fn a_value_that_no_row_has_is_said_by_name() {
    let place = place("unmatched");
    let done = run(
        &place,
        &report(&[
            "--account",
            "A,NOPE,6505550000",
            "--status",
            "completed,scheduled",
            "--partner",
            "north",
            "--request",
            "R1,X",
            "--format",
            "csv",
        ]),
    );
    let text = out(&done);
    for note in ["no row has account NOPE or 6505550000", "no row has status Completed", "no row has request X"] {
        assert!(text.contains(&format!("Note: {note}\n")), "{note}: {text}");
    }
    assert!(!text.contains("no row has partner"), "{text}");
    let notes = manifest(&place)["content"]["notes"].to_string();
    assert!(notes.contains("no row has account NOPE"), "{notes}");
    let done = run(&place, &report(&["--find", "6505551234", "--find", "nowhere", "--format", "csv"]));
    assert!(out(&done).contains("no row contains 'nowhere'") && !out(&done).contains("no row contains '6505551234'"), "{}", said(&done));
    let many: Vec<String> = (0..4_000).map(|account| format!("X{account}")).collect();
    let done = run(&place, &report(&["--account", &many.join(","), "--format", "csv"]));
    assert!(
        out(&done).contains("no row has account X0, X1, X2, X3, X4, X5, X6, X7, X8, X9, nor 3,990 others asked for"),
        "{}",
        said(&done)
    );
}

#[test]
fn an_empty_report_ends_with_code_5_where_it_is_to_and_says_so_on_every_sheet() {
    let place = place("empty");
    let done = run(&place, &report(&["--account", "NOPE"]));
    assert_eq!(done.status.code(), Some(3), "{}", said(&done));
    let done = run(&place, &report(&["--account", "NOPE", "--fail-if-empty"]));
    assert_eq!(done.status.code(), Some(5), "{}", said(&done));
    assert!(out(&done).ends_with("Done, but the report is empty: exit code 5, as --fail-if-empty asks\n"), "{}", said(&done));
    let done = run(&place, &report(&["--account", "NOPE", "--fail-if-empty", "--quiet"]));
    assert!(out(&done).is_empty() && err(&done).contains("the report is empty"), "{}", said(&done));
    let done = run(&place, &report(&["--account", "A", "--fail-if-empty", "--rejects-ok", "--page", "1", "--page-size", "1"]));
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    run(&place, &report(&["--account", "NOPE"]));
    let mut book: Xlsx<_> = open_workbook(place.join(format!("o/{STEM}.xlsx"))).unwrap();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).unwrap();
        let says_so = range.used_cells().any(|(_, _, cell)| cell.to_string().contains("no number matches"));
        assert!(says_so, "{name}");
    }
}

#[test]
fn a_report_for_one_account_or_partner_carries_nothing_of_others() {
    for filter in [["--account", "A"], ["--partner", "NORTH"]] {
        let place = place("others");
        let done = run(&place, &report(&[filter[0], filter[1]]));
        let rejects = fs::read_to_string(place.join(format!("o/{STEM}.rejects.csv"))).unwrap();
        assert!(rejects.contains("no number") && rejects.contains("soon"), "{filter:?}: {rejects}");
        assert!(!["not one", "none at all", "later"].iter().any(|text| rejects.contains(text)), "{filter:?}: {rejects}");
        let manifest = manifest(&place);
        let counts = &manifest["content"]["counts"];
        assert_eq!(
            (&counts["rejected"], &counts["rejected_cells"], &counts["superseded"]),
            (&3.into(), &3.into(), &2.into()),
            "{filter:?}"
        );
        assert_eq!(manifest["content"]["superseded"].as_array().unwrap().len(), 1, "{filter:?}");
        assert!(manifest["content"]["unknown_words"].as_array().unwrap().is_empty());
        assert_eq!(manifest["content"]["more_unknown_words"], 1);
        assert!(
            out(&done).contains("those of this report listed in") && out(&done).contains("list all with --rejects FILE"),
            "{}",
            said(&done)
        );
        for file in names(&place.join("o")).iter().filter(|file| !file.ends_with(".xlsx") && !file.ends_with(".pdf")) {
            let text = fs::read_to_string(place.join("o").join(file)).unwrap();
            let others = ["not one", "none at all", "later", "South", "Zzz", "line 5", "line 11"];
            assert!(!others.iter().any(|other| text.contains(other)), "{filter:?}, {file}: {text}");
        }
        run(&place, &report(&[filter[0], filter[1], "--rejects", "all.csv"]));
        let all = fs::read_to_string(place.join("all.csv")).unwrap();
        assert!(["no number", "not one", "none at all", "soon", "later"].iter().all(|text| all.contains(text)), "{all}");
    }
}

#[test]
fn conditions_and_finds_see_cells_without_the_guard_of_the_csv() {
    let place = folder("guarded");
    fs::write(
        place.join("orders.csv"),
        "Phone number,Status,Account Company Name\n6505551234,Scheduled,=1+1\n6505551235,Scheduled,'=1+1\n6505551236,Scheduled,Acme\n",
    )
    .unwrap();
    let rows = |more: &[&str]| {
        let done = run(&place, &[&report(more)[..], &["--format", "csv", "--columns", "account_company", "--quiet"]].concat());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        fs::read_to_string(place.join(format!("o/{STEM}.csv"))).unwrap().lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(rows(&["--where", "account_company = '=1+1'"]), ["'=1+1"]);
    assert_eq!(rows(&["--where", "account_company like '=%'"]), ["'=1+1"]);
    assert_eq!(rows(&["--where", "length(account_company) = 4"]), ["'=1+1", "Acme"]);
    assert_eq!(rows(&["--where", "starts_with(account_company, '''')"]).len(), 1);
    assert_eq!(rows(&["--find", "=1+1"]).len(), 2);
}

#[test]
fn conditions_are_refused_in_words_of_ours() {
    let place = place("refused");
    let inner = ["sqlparser", "Expr", "polars", "Resolved", "ParserError", "Ident", "Value(", "dtype", "Expected:", "i64", "str`"];
    for condition in [
        "status ==",
        "a b c",
        "status = ",
        "'x",
        "case when",
        "cast(status as foo)",
        "status in ()",
        "x::int",
        "{}",
        "1 +",
        "array[1] = 1",
        "days_to_port = 99999999999999999999",
    ] {
        let done = run(&place, &report(&["--where", condition]));
        assert_eq!(done.status.code(), Some(64), "{condition}: {}", said(&done));
        assert!(!inner.iter().any(|word| err(&done).contains(word)), "{condition}: {}", err(&done));
        assert_eq!(err(&done).lines().count(), 1, "{condition}: {}", err(&done));
    }
}
