//! What a command says when it fails: options by their names, the lines of a configuration file, JSON for a script.

use std::collections::BTreeSet;
use std::fs;

use clap::CommandFactory;
use portstatus::cli::args::Cli;
use serde_json::{Value, json};

use crate::architecture::code::files;
use crate::cli::place;
use crate::program::{err, out, run};

/// Arguments, the exit code, and what the error is as JSON.
type Row = (&'static [&'static str], u8, Value);

fn errors() -> Vec<Row> {
    vec![
        (
            &["report", "good.csv", "--json", "--page", "1"],
            64,
            json!({
                "kind": "usage", "exit_code": 64, "place": {"type": "option", "key": "page"},
                "message": "a page needs a size", "help": "give the number of rows on a page with --page-size", "causes": [],
            }),
        ),
        (
            &["report", "good.csv", "--config", "json.toml"],
            78,
            json!({
                "kind": "config", "exit_code": 78, "place": {"type": "config", "file": "json.toml", "line": 2, "entry": "page"},
                "message": "a page needs a size", "help": "give the number of rows on a page with --page-size", "causes": [],
            }),
        ),
        (
            &["report", "good.csv", "--json", "--fromat", "csv"],
            64,
            json!({
                "kind": "usage", "exit_code": 64, "place": {"type": "option", "key": "fromat"},
                "message": "is not an option", "help": "did you mean --format?", "causes": [],
            }),
        ),
        (
            &["report", "orders.csv", "--json", "--strict"],
            65,
            json!({
                "kind": "data", "exit_code": 65, "place": {"type": "file", "file": "orders.csv", "row": 12},
                "message": "1 of 11 rows was rejected, this one first: not a phone number",
                "help": "nothing was published; fix them, or allow more with --max-rejects; portstatus check lists them all", "causes": [],
            }),
        ),
        (
            &["check", "missing.csv", "--json"],
            66,
            json!({
                "kind": "no_input", "exit_code": 66, "place": {"type": "file", "file": "missing.csv"},
                "message": "no such file", "help": "check the path", "causes": ["No such file or directory (os error 2)"],
            }),
        ),
        (
            &["report", "good.csv", "--json", "--out", "good.csv/out"],
            73,
            json!({
                "kind": "cannot_create", "exit_code": 73, "place": {"type": "path", "path": "good.csv/out"},
                "message": "the folder cannot be entered or made: not a directory", "help": "name another place with --out",
                "causes": ["Not a directory (os error 20)"],
            }),
        ),
    ]
}

#[test]
fn an_error_is_json_where_the_result_would_be() {
    let place = place("json-errors");
    fs::write(place.join("json.toml"), "json = true\npage = 1\n").unwrap();
    for (arguments, code, expected) in errors() {
        let done = run(&place, arguments);
        assert_eq!((done.status.code(), out(&done)), (Some(i32::from(code)), String::new()), "{arguments:?}: {}", err(&done));
        let found: Value = serde_json::from_str(&err(&done)).unwrap();
        assert_eq!(found, json!({ "error": expected }), "{arguments:?}");
    }
}

#[test]
fn what_a_configuration_file_sets_wrong_is_named_with_its_line() {
    let place = place("config-errors");
    let rows = [
        ("quiet = true\npage = \"x\"\n", "mine.toml, line 2, page: 'x' is not a number; write a whole number, such as 10"),
        ("# a comment\n\nclass = \"mobile\"\n", "mine.toml, line 3, number-type: 'mobile' is not known"),
        ("where = \"colour = 'red'\"\n", "mine.toml, line 1, where: there is no column 'colour'"),
        ("out = \"\"\n", "mine.toml, line 1, out: is empty"),
        ("csv-guard = \"none\"\n", "mine.toml, line 1, csv-guard: 'none' is not known; choose from apostrophe, raw"),
        ("sorted = \"status\"\n", "mine.toml, line 1, column 1, sorted: is not an option of any command; did you mean sort?"),
        ("format = \"csv\nout = \"o\"\n", "mine.toml, line 1, column 14: "),
    ];
    for (text, expected) in rows {
        fs::write(place.join("mine.toml"), text).unwrap();
        let done = run(&place, &["report", "good.csv", "--config", "mine.toml"]);
        assert_eq!(done.status.code(), Some(78), "{text}: {}", err(&done));
        assert!(err(&done).starts_with(&format!("portstatus: {expected}")), "{text}: {}", err(&done));
    }
    // What the command line gives is not read from the file.
    fs::write(place.join("mine.toml"), "out = \"\"\nformat = [\"rtf\"]\n").unwrap();
    let done = run(&place, &["report", "good.csv", "--config", "mine.toml", "--out", "done", "--format", "csv"]);
    assert_eq!(done.status.code(), Some(0), "{}", err(&done));
}

#[test]
fn every_key_in_an_error_is_an_option() {
    let root = Cli::command();
    let options: BTreeSet<String> = root
        .get_subcommands()
        .flat_map(|command| std::iter::once(command).chain(command.get_subcommands()))
        .flat_map(clap::Command::get_arguments)
        .filter_map(|option| option.get_long())
        .map(|long| long.replace('-', "_"))
        .collect();
    let mut keys = 0;
    for file in files("src") {
        for call in ["Place::option(\"", "Place::option_value(\""] {
            for (start, _) in file.text.match_indices(call) {
                let key = file.text[start + call.len()..].split('"').next().unwrap();
                assert!(options.contains(key), "{}: {key} is not an option", file.name);
                keys += 1;
            }
        }
    }
    assert!(keys > 30, "only {keys} keys were found");
}

#[test]
fn what_options_name_is_listed_for_people_and_for_scripts() {
    let place = place("lists");
    for (command, first, word) in [
        ("sources", "NAME", "didww"),
        ("calendars", "NAME", "us-federal"),
        ("settings", "NAME", "not_portable"),
        ("flags", "CODE", "overdue"),
    ] {
        let text = out(&run(&place, &[command]));
        assert!(text.starts_with(first) && text.lines().any(|line| line.starts_with(word)), "{command}: {text}");
        let json: Value = serde_json::from_str(&out(&run(&place, &[command, "--json"]))).unwrap();
        let (rows, key) = (json.as_array().unwrap(), first.to_lowercase());
        assert_eq!(rows.len(), text.lines().count() - 1, "{command}");
        assert!(rows.iter().any(|row| row[&key] == word), "{command}: {json}");
    }
}
