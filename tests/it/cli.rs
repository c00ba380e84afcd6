//! The command line as a user meets it: exit codes, one-line errors, help, settings files, summaries, clean standard output.

use std::fs;
use std::path::PathBuf;

use portstatus::domain::columns::COLUMNS;
use serde_json::Value;

use crate::program::{AS_OF, err, out, run, said, write_orders};
use crate::tools::{folder, names};

/// A folder with `orders.csv` (ten good rows and a bad one), `good.csv` (the ten alone) and what else the tables below name.
pub fn place(name: &str) -> PathBuf {
    let place = folder(name);
    let text = fs::read_to_string(write_orders(&place, 10)).unwrap();
    fs::write(place.join("good.csv"), text.replace("no number,A-1,Acme,In Progress,,R-1\n", "")).unwrap();
    fs::create_dir(place.join("folder.csv")).unwrap();
    fs::write(place.join("empty.csv"), "").unwrap();
    fs::write(place.join("foreign.csv"), "apples,pears\n1,2\n").unwrap();
    fs::write(place.join("broken.xlsx"), b"PK\x03\x04 not really a workbook").unwrap();
    fs::write(place.join("accounts.csv"), "account_id,partner\nA-1,North\nA-2,South\n").unwrap();
    fs::write(place.join("unknown.toml"), "fromat = \"csv\"\n").unwrap();
    fs::write(place.join("wrong.toml"), "format = csv\n").unwrap();
    fs::write(place.join("table.toml"), "[format]\nname = \"csv\"\n").unwrap();
    fs::write(place.join("twice.toml"), "page = [1, 2]\n").unwrap();
    fs::write(place.join("switch.toml"), "strict = \"yes\"\n").unwrap();
    place
}

/// Arguments, the exit code, and what the one line on standard error says.
const RUNS: &[(&[&str], u8, &str)] = &[
    (&["report", "good.csv", "--out", "done"], 0, ""),
    (&["report", "orders.csv", "--out", "done"], 3, ""),
    (&["check", "orders.csv"], 3, ""),
    (&["check", "good.csv"], 0, ""),
    (&["states"], 0, ""),
    (&["reprot", "good.csv"], 64, "reprot: is not a command; did you mean report?"),
    (&["columns"], 0, ""),
    (
        &["report", "good.csv", "--columns", "statsu"],
        64,
        "--columns: there is no column 'statsu'; did you mean 'status'? 'portstatus columns'",
    ),
    (&["report", "good.csv", "--sort", "acount_id"], 64, "--sort: there is no column 'acount_id'; did you mean 'account_id'?"),
    (&["report", "good.csv", "--where", "detial = 'Rejected'"], 64, "--where: there is no column 'detial'; did you mean 'detail'?"),
    (&["check", "good.csv", "--map", "tn=detial"], 64, "there is no input column 'detial'; did you mean 'detail'?"),
    (&["check", "good.csv", "--map", "tn=fone_number"], 64, "there is no input column 'fone_number'; did you mean 'phone_number'?"),
    (&["check", "good.csv", "--map", "tn=next_step"], 64, "there is no input column 'next_step'; 'portstatus columns' lists all"),
    (&["report"], 64, "no input was named; name files, or - for standard input"),
    (&["report", "-", "-"], 64, "standard input is named twice"),
    (&["report", "good.csv", "--fromat", "csv"], 64, "--fromat: is not an option; did you mean --format?"),
    (&["report", "good.csv", "--format", "rtf"], 64, "--format: there is no format 'rtf'; choose from csv, xlsx, pdf"),
    (&["report", "good.csv", "--out", "x.rtf"], 64, "--out x.rtf: there is no format .rtf; choose from csv, xlsx, pdf"),
    (
        &["report", "good.csv", "--out", "x.csv", "--format", "pdf"],
        64,
        "--out x.csv: ends in .csv, which is not among the formats; name no formats, or a folder",
    ),
    (&["report", "good.csv", "--out", "-"], 64, "--out -: standard output needs a format; choose from csv, xlsx, pdf,"),
    (&["report", "good.csv", "--out", "-", "--format", "csv,pdf"], 64, "--out -: standard output takes one format; name one with --format"),
    (&["report", "good.csv", "--out", "good.csv"], 64, "is an input of this run"),
    (&["report", "good.csv", "--out", "./good.csv"], 64, "is an input of this run"),
    (&["report", "good.csv", "--out", "o", "--rejects", "good.csv"], 64, "is an input of this run"),
    (&["report", "good.csv", "--accounts", "accounts.csv", "--out", "accounts.csv"], 64, "is an input of this run"),
    (&["report", "good.csv", "--out", "r.csv", "--rejects", "r.csv"], 64, "would be one file"),
    (&["report", "good.csv", "--status", "shceduled"], 64, "--status"),
    (&["report", "good.csv", "--detail", "nothing"], 64, "--detail"),
    (&["report", "good.csv", "--class", "mobile"], 64, "--number-type"),
    (&["report", "good.csv", "--partner", "North", "--out", "o"], 64, "--accounts"),
    (&["report", "good.csv", "--created", "yesterday"], 64, "--created"),
    (&["report", "good.csv", "--confirmed", "2026-02-30..2026-03-01"], 64, "--confirmed"),
    (&["report", "good.csv", "--estimated", "2026-03-01..2026-02-01"], 64, "--estimated"),
    (&["report", "good.csv", "--closed-since", "last year"], 64, "--closed-since"),
    (&["report", "good.csv", "--where", "nonsense ="], 64, "--where"),
    (&["report", "good.csv", "--where", "colour = 'red'"], 64, "--where"),
    (&["report", "good.csv", "--sort", "colour"], 64, "colour"),
    (&["report", "good.csv", "--columns", "phone_number,colour"], 64, "colour"),
    (&["report", "good.csv", "--page", "1"], 64, "page-size"),
    (&["report", "good.csv", "--page", "0", "--page-size", "3"], 64, "page"),
    (&["report", "good.csv", "--page", "5", "--page-size", "3", "--out", "o"], 64, "4"),
    (&["report", "good.csv", "--page", "x"], 64, "--page"),
    (
        &["report", "good.csv", "--page", "99999999999999999999", "--page-size", "1"],
        64,
        "--page: '99999999999999999999' is too large a number",
    ),
    (&["report", "good.csv", "--page", "6505551234", "--page-size", "1", "--out", "o"], 64, "there is no page 6505551234"),
    (&["report", "good.csv", "--columns", ""], 64, "--columns: a column has no name; write keys or captions, as in phone_number,status"),
    (&["report", "good.csv", "--out", "done", "--where", "confirmed_date > DATE '2026-11-21'"], 0, ""),
    (&["report", "good.csv", "--where", "overdue = 'maybe'"], 64, "overdue is yes or no, and 'maybe' is neither"),
    (&["report", "good.csv", "--where", "status = 'Pending'"], 64, "status is never 'Pending': it is Waiting for You, Scheduled"),
    (&["report", "good.csv", "--status", "6505551234"], 64, "--status: '6505551234' is not known"),
    (&["explain", "foo", "good.csv"], 64, "write it as + and all its digits, or as (NXX) NXX-XXXX"),
    (&["report", "good.csv", "--as-of", "1850-01-01"], 64, "--as-of: '1850-01-01' is not between 1980 and 2099"),
    (&["report", "good.csv", "--as-of", "noon"], 64, "--as-of: 'noon' is not an instant"),
    (&["report", "good.csv", "--source", "didw"], 64, "--source: there is no profile 'didw'; did you mean didww?"),
    (&["report", "good.csv", "--map", "Phone"], 64, "--map Phone: has no ="),
    (&["report", "good.csv", "--map", "Phone=phone_nummer"], 64, "did you mean 'phone_number'?"),
    (&["report", "good.csv", "--delimiter", "ab"], 64, "--delimiter: 'ab' cannot separate fields"),
    (&["report", "good.csv", "--csv-delimiter", "\""], 64, "--csv-delimiter"),
    (
        &["report", "good.csv", "--csv-dialect", "tsv", "--csv-delimiter", "|"],
        64,
        "--csv-delimiter: '|' is not the delimiter of tsv; leave it out, write tab",
    ),
    (
        &["report", "good.csv", "--csv-dialect", "pipe", "--csv-delimiter", ","],
        64,
        "',' is not the delimiter of pipe; leave it out, write |",
    ),
    (&["report", "good.csv", "--csv-dialect", "dbase"], 64, "--csv-dialect: 'dbase' is not known; choose from rfc4180, excel, tsv, pipe"),
    (&["formats", "schema", "pdf"], 64, "pdf: is no format for programs; choose from json, jsonl, xml, parquet"),
    (&["formats", "schema", "jsno"], 64, "jsno: is not a format; did you mean json?"),
    (&["show", "missing.csv"], 66, "missing.csv"),
    (&["show", "good.csv", "--columns", "colour"], 64, "colour"),
    (&["read", "good.csv", "--delimiter", "x"], 64, "--delimiter: 'x' cannot separate fields"),
    (&["check", "good.csv", "--delimiter", "x"], 64, "--delimiter: 'x' cannot separate fields"),
    (&["check", "good.csv", "--delimiter", "TAB"], 65, "good.csv"),
    (&["check", "good.csv", "--max-inflated-bytes", "1"], 65, "or raise the limit with --max-inflated-bytes"),
    (&["report", "good.csv", "--csv-guard", "none"], 64, "--csv-guard: 'none' is not known; choose from apostrophe, raw"),
    (&["report", "good.csv", "--max-rejects", "many"], 64, "--max-rejects: 'many' is not a number or share of rows"),
    (&["report", "good.csv", "--max-rejects", "101%"], 64, "--max-rejects"),
    (&["report", "good.csv", "--max-inflated-bytes", "lots"], 64, "--max-inflated-bytes: 'lots' is not a size"),
    (&["report", "good.csv", "--page", "1", "--page", "2"], 64, "--page: is given twice"),
    (&["report", "good.csv", "--encoding", "klingon", "--out", "o"], 64, "klingon"),
    (&["report", "orders.csv", "--strict", "--out", "o"], 65, "orders.csv, line 12: 1 of 11 rows was rejected"),
    (&["report", "orders.csv", "--max-rejects", "0", "--out", "o"], 65, "orders.csv, line 12"),
    (&["report", "orders.csv", "--max-rejects", "9%", "--out", "o"], 65, "orders.csv, line 12"),
    (&["report", "orders.csv", "--max-rejects", "1", "--out", "done"], 3, ""),
    (&["report", "orders.csv", "--max-rejects", "9.1%", "--out", "done"], 3, ""),
    (&["report", "empty.csv", "--out", "o"], 65, "empty.csv"),
    (&["report", "foreign.csv", "--out", "o"], 65, "apples"),
    (&["report", "broken.xlsx", "--out", "o"], 65, "broken.xlsx"),
    (&["report", "missing.csv", "--out", "o"], 66, "missing.csv"),
    (&["report", "folder.csv", "--out", "o"], 66, "folder.csv"),
    (&["check", "missing.csv"], 66, "missing.csv"),
    (&["read", "missing.csv"], 66, "missing.csv"),
    (&["report", "good.csv", "--out", "good.csv/out"], 73, "good.csv/out"),
    (&["report", "good.csv", "--out", "/proc/nothing/out"], 73, "/proc/nothing/out"),
    (&["report", "good.csv", "--out", "o", "--rejects", "folder.csv"], 73, "folder.csv: is a folder"),
    (&["report", "good.csv", "--config", "missing.toml"], 78, "missing.toml"),
    (
        &["report", "good.csv", "--config", "unknown.toml"],
        78,
        "unknown.toml, line 1, column 1, fromat: is not an option of any command; did you mean format?",
    ),
    (&["report", "good.csv", "--config", "wrong.toml"], 78, "wrong.toml"),
    (&["report", "good.csv", "--config", "table.toml"], 78, "table.toml, line 1, format: is not a text"),
    (&["report", "good.csv", "--config", "twice.toml"], 78, "twice.toml, line 1, page: is given 2 values"),
    (&["report", "good.csv", "--config", "switch.toml"], 78, "switch.toml, line 1, strict: is a switch"),
    (&["report", "good.csv", "--templates", "nowhere"], 78, "nowhere"),
    (&["report", "good.csv", "--template", "nothing"], 64, "--template: there is no template 'nothing'"),
    (&["report", "good.csv", "--calendar", "lunar"], 64, "--calendar: there is no calendar 'lunar'"),
    (&["report", "good.csv", "--setting", "not_portable=maybe"], 64, "--setting not_portable=maybe: 'maybe' is not a choice"),
];

#[test]
fn every_exit_code_comes_with_one_line_that_says_what_to_do() {
    let place = place("codes");
    for (arguments, code, what) in RUNS {
        let done = run(&place, arguments);
        assert_eq!(done.status.code(), Some(i32::from(*code)), "{arguments:?}: {}", said(&done));
        if *code == 0 || *code == 3 {
            assert_eq!(err(&done), "", "{arguments:?}");
        } else {
            let line = err(&done);
            assert!(line.starts_with("portstatus: ") && line.ends_with('\n') && line.lines().count() == 1, "{arguments:?}: {line}");
            assert!(line.contains(what), "{arguments:?}: {line}");
            assert!(done.stdout.is_empty(), "{arguments:?}: {}", said(&done));
        }
    }
    let left: Vec<String> = names(&place).into_iter().filter(|name| name == "o" || name == "out" || name.starts_with("r.")).collect();
    assert!(left.is_empty(), "runs that failed left {left:?}");
}

/// Every option of a report.
const OPTIONS: &str = "account status detail number-type partner request case find created confirmed estimated completed canceled where closed-since \
    sort columns page page-size format out rejects as-of source map encoding delimiter sheet table query database-url-file statement-timeout pushdown explain-query accounts strict \
    max-rejects quiet json config templates calendar operator csv-dialect csv-bom csv-delimiter csv-guard max-inflated-bytes";

/// The subcommands, as help and manual list them.
pub const COMMANDS: [&str; 30] = [
    "report",
    "actions",
    "show",
    "serve",
    "check",
    "read",
    "normalize",
    "states",
    "columns",
    "sources",
    "calendars",
    "rules",
    "settings",
    "flags",
    "formats",
    "template",
    "explain",
    "timeline",
    "diff",
    "sample",
    "verify",
    "config",
    "run",
    "scale",
    "render",
    "history",
    "job",
    "schedule",
    "completions",
    "man",
];

#[test]
fn help_begins_with_two_examples_and_names_every_option() {
    let place = folder("help");
    for command in COMMANDS {
        let help = out(&run(&place, &[command, "--help"]));
        let head: Vec<&str> = help.lines().take(3).collect();
        assert!(head[0] == "Examples:" && head[1..].iter().all(|line| line.starts_with(&format!("  portstatus {command}"))), "{help}");
    }
    let help = out(&run(&place, &["report", "--help"]));
    for option in OPTIONS.split_whitespace() {
        assert!(help.contains(&format!("--{option}")), "--{option} is not in the help");
    }
    for heading in ["Output:", "Filters (", "Columns, order and page:", "Reading:", "Rejected rows:", "Messages:"] {
        assert!(help.contains(heading), "{heading}");
    }
    let bare = run(&place, &[]);
    assert_eq!(bare.status.code(), Some(64));
    assert!(bare.stdout.is_empty() && err(&bare).contains("Usage: portstatus [OPTIONS] <COMMAND>"));
    let version = run(&place, &["--version"]);
    assert_eq!(out(&version), format!("portstatus {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn columns_are_listed_for_people_and_for_scripts() {
    let place = folder("columns");
    let table = out(&run(&place, &["columns"]));
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("KEY ") && lines[1].starts_with("phone_number ") && lines.len() == COLUMNS.len() + 1, "{table}");
    let line = |key: &str| *lines.iter().find(|line| line.starts_with(&format!("{key} "))).unwrap();
    assert!(line("number_type").contains("  choice ") && line("number_type").ends_with(" Choices: Local, Toll-free."), "{table}");
    assert!(line("prior_state").contains("  inputs, rules ") && line("number_state").contains("  reports, inputs, rules "), "{table}");
    let listed: Value = serde_json::from_str(&out(&run(&place, &["columns", "--json"]))).unwrap();
    let listed = listed.as_array().unwrap();
    assert_eq!(
        listed.iter().map(|column| column["key"].as_str().unwrap()).collect::<Vec<_>>(),
        COLUMNS.iter().map(|column| column.key).collect::<Vec<_>>()
    );
    let status = listed.iter().find(|column| column["key"] == "status").unwrap();
    assert_eq!(status["choices"][1], serde_json::json!({ "code": "scheduled", "caption": "Scheduled", "aliases": ["Confirmed"] }));
    assert_eq!((&status["type"], &status["used_by"]), (&Value::from("status"), &serde_json::json!(["reports"])));
    assert!(listed.iter().all(|column| column["type"] != "choice" || !column["choices"].as_array().unwrap().is_empty()));
    assert!(listed.iter().all(|column| ["caption", "meaning"].iter().all(|word| !column[word].as_str().unwrap().is_empty())));
}

#[test]
fn the_old_names_of_columns_and_options_still_work() {
    let place = place("aliases");
    let report = |arguments: &[&str]| {
        let done =
            run(&place, &[&["report", "good.csv", "--as-of", AS_OF, "--out", "-", "--format", "csv", "--quiet"], arguments].concat());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        out(&done)
    };
    fs::write(place.join("old.toml"), "class = \"local\"\n").unwrap();
    let new =
        report(&["--number-type", "local", "--columns", "number_type,action_owner,quality_flags,quality_count", "--sort", "action_owner"]);
    assert!(new.starts_with("Number type,Action owner,Data quality,Number of data quality flags\r\nLocal,"), "{new}");
    assert_eq!(new, report(&["--class", "local", "--columns", "class,owner,lint_flags,lint_count", "--sort", "owner"]));
    assert_eq!(new, report(&["--where", "class = 'local'", "--columns", "class,owner,lint_flags,lint_count", "--sort", "owner"]));
    assert_eq!(new, report(&["--config", "old.toml", "--columns", "class,owner,lint_flags,lint_count", "--sort", "owner"]));
    for ours in ["given_class", "class", "given_number_type", "Number type", "line_type"] {
        let done = run(&place, &["check", "good.csv", "--map", &format!("tn={ours}")]);
        assert!(err(&done).contains("no column 'tn'"), "{ours}: {}", said(&done));
    }
}

#[test]
fn a_settings_file_fills_in_what_the_command_line_leaves_out() {
    let place = place("config");
    let settings = format!(
        "inputs = [\"good.csv\"]\nout = \"o\"\nformat = [\"csv\", \"pdf\"]\nas-of = {AS_OF}\nstatus = \"completed\"\npage = 1\npage-size = 2\njson = true\nquiet = false\nstrict = true\n"
    );
    fs::write(place.join("job.toml"), settings).unwrap();
    let formats = |value: &Value| {
        value["outputs"].as_array().unwrap().iter().map(|output| output["format"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let done = run(&place, &["report", "--config", "job.toml"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let value: Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!(
        (formats(&value), &value["page"]["size"], &value["as_of"]),
        (vec!["csv".to_owned(), "pdf".to_owned()], &2.into(), &AS_OF.into())
    );
    assert_eq!(value["counts"]["filtered_out"], 7);
    // The command line wins, whole option by whole option.
    let done =
        run(&place, &["report", "orders.csv", "--config", "job.toml", "--format", "xlsx", "--status", "canceled", "--max-rejects", "1"]);
    assert_eq!(done.status.code(), Some(3), "{}", said(&done));
    let value: Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!(formats(&value), ["xlsx", "rejects"]);
    assert_eq!((&value["inputs"][0]["file"], value["filters"].as_array().unwrap().len()), (&"orders.csv".into(), 1));
}
