//! What a command suggests for a word that it does not know: the nearest, and only where it is really near.

use std::fs;

use serde_json::Value;

use crate::cli::place;
use crate::program::{AS_OF, STEM, err, out, run, said};
use crate::tools::folder;

/// Options as people mistype them, or as other programs call them, with what is suggested.
const OPTIONS: &[(&str, Option<&str>)] = &[
    ("--fromat", Some("--format")),
    ("--foramt", Some("--format")),
    ("--outt", Some("--out")),
    ("--output", Some("--out")),
    ("--ouput", Some("--out")),
    ("--colums", Some("--columns")),
    ("--column", Some("--columns")),
    ("--fields", Some("--columns")),
    ("--acount", Some("--account")),
    ("--statuss", Some("--status")),
    ("--wher", Some("--where")),
    ("--filter", Some("--where")),
    ("--sheets", Some("--sheet")),
    ("--rejets", Some("--rejects")),
    ("--max-reject", Some("--max-rejects")),
    ("--asof", Some("--as-of")),
    ("--qiet", Some("--quiet")),
    ("--silent", Some("--quiet")),
    ("--jsn", Some("--json")),
    ("--templte", Some("--template")),
    ("--calender", Some("--calendar")),
    ("--settings", Some("--setting")),
    ("--find-text", Some("--find")),
    ("--search", Some("--find")),
    ("--sort-by", Some("--sort")),
    ("--order-by", Some("--sort")),
    ("--delim", Some("--delimiter")),
    ("--seperator", Some("--delimiter")),
    ("--limit", Some("--page-size")),
    ("--colour", Some("--color")),
    ("--hlep", Some("--help")),
    ("--csv", Some("--format csv")),
    ("--pdf", Some("--format pdf")),
    ("--XLSX", Some("--format xlsx")),
    ("--force", None),
    ("--froce", None),
    ("--verbose", None),
    ("--debug", None),
    ("--dry-run", None),
    ("--overwrite", None),
    ("--header", None),
    ("--date", None),
    ("--from", None),
    ("--timezone", None),
    ("--ful", None),
    ("--z", None),
];

#[test]
fn an_option_is_suggested_only_where_it_is_near() {
    let place = place("options");
    for (option, suggested) in OPTIONS {
        let done = run(&place, &["report", "good.csv", option]);
        let help = suggested.map_or("see portstatus report --help".to_owned(), |option| format!("did you mean {option}?"));
        assert_eq!(done.status.code(), Some(64), "{option}: {}", said(&done));
        assert_eq!(err(&done), format!("portstatus: {option}: is not an option; {help}\n"));
    }
    assert_eq!(err(&run(&place, &["--verison"])), "portstatus: --verison: is not an option; did you mean --version?\n");
    // It is named as it was written.
    let written = run(&place, &["report", "good.csv", "--as_of", "2026-11-21"]);
    assert_eq!(err(&written), "portstatus: --as_of is not an option; did you mean --as-of?\n");
    // A command without formats suggests none.
    assert!(err(&run(&place, &["check", "good.csv", "--csv"])).contains("see portstatus check --help"));
    for (command, suggested) in [
        ("reprot", Some("report")),
        ("reports", Some("report")),
        ("explian", Some("explain")),
        ("status", Some("states")),
        ("convert", None),
    ] {
        let help = suggested.map_or("see portstatus --help".to_owned(), |command| format!("did you mean {command}?"));
        assert_eq!(err(&run(&place, &[command])), format!("portstatus: {command}: is not a command; {help}\n"));
    }
    for (value, help) in [("alwys", "did you mean always?"), ("pink", "choose from auto, always, never")] {
        assert_eq!(
            err(&run(&place, &["check", "good.csv", "--color", value])),
            format!("portstatus: --color: '{value}' is not known; {help}\n")
        );
    }
}

#[test]
fn a_wrong_value_is_64_on_the_command_line_and_78_in_a_file() {
    let place = place("values");
    for (option, value, toml) in [
        ("--calendar", "lunar", "calendar = \"lunar\"\n"),
        ("--template", "nothing", "template = \"nothing\"\n"),
        ("--setting", "not_portable=maybe", "setting = [\"not_portable=maybe\"]\n"),
        ("--setting", "colour=red", "setting = [\"colour=red\"]\n"),
        ("--source", "nobody", "source = \"nobody\"\n"),
    ] {
        let done = run(&place, &["report", "good.csv", option, value]);
        assert!(done.status.code() == Some(64) && err(&done).starts_with(&format!("portstatus: {option}")), "{}", said(&done));
        fs::write(place.join("mine.toml"), toml).unwrap();
        let done = run(&place, &["report", "good.csv", "--config", "mine.toml"]);
        assert!(done.status.code() == Some(78) && err(&done).starts_with("portstatus: mine.toml, line 1, "), "{}", said(&done));
    }
}

#[test]
fn the_nearest_code_is_named_for_a_word_that_is_not_known() {
    let place = folder("near-words");
    fs::write(
        place.join("orders.csv"),
        "Phone number,Status,Priority\n6505551234,Schedulled,Stndard\n6505551235,Waitng for you,\n6505551236,flurb,\n6505551237,Scheduled,\n",
    )
    .unwrap();
    let done = run(&place, &["check", "orders.csv"]);
    for line in [
        "Unknown word in Status: 'Schedulled', 1 row; did you mean scheduled?\n",
        "Unknown word in Status: 'Waitng for you', 1 row; did you mean waiting_for_you?\n",
        "Unknown word in Priority: 'Stndard', 1 row; did you mean standard?\n",
        "Unknown word in Status: 'flurb', 1 row\n",
    ] {
        assert!(out(&done).contains(line), "{line}{}", said(&done));
    }
    run(&place, &["report", "orders.csv", "--as-of", AS_OF, "--out", "o", "--format", "csv"]);
    let manifest: Value = serde_json::from_slice(&fs::read(place.join(format!("o/{STEM}.manifest.json"))).unwrap()).unwrap();
    let words = manifest["content"]["unknown_words"].as_array().unwrap();
    let nearest = |word: &str| words.iter().find(|known| known["word"] == word).unwrap().get("nearest").cloned();
    assert_eq!((nearest("Schedulled"), nearest("flurb")), (Some("scheduled".into()), None));
}

#[test]
fn a_file_of_accounts_among_the_inputs_is_told_where_it_belongs() {
    let place = place("accounts-input");
    for arguments in [&["report", "good.csv", "accounts.csv"][..], &["check", "accounts.csv"]] {
        let done = run(&place, arguments);
        let line = "portstatus: accounts.csv: holds accounts and their partners, not orders: no column holds the phone number; \
                    name it as the file of accounts with --accounts\n";
        assert_eq!((done.status.code(), err(&done).as_str()), (Some(65), line));
    }
    // Orders whose numbers have a header of the user's own are none.
    fs::write(place.join("odd.csv"), "telefone,account_id,partner,status\n6505551234,A,North,Scheduled\n").unwrap();
    assert!(err(&run(&place, &["check", "odd.csv"])).contains("map it with --map \"telefone=phone_number\""));
}
