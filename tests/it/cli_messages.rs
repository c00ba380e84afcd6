//! What the program says: the nearest word, what is not a number, no list without end, JSON everywhere, colour, and where files went.

use std::fs;
use std::process::Stdio;

use portstatus::cli::terminal::{Color, Style};
use portstatus::domain::data_quality::QualityFlag;
use portstatus::domain::text::wrap;
use serde_json::Value;

use crate::cli::place;
use crate::program::{AS_OF, PROGRAM, err, out, run, said, starting};
use crate::tools::{folder, skip};

/// Arguments and the line on standard error, after the program's name.
const LINES: &[(&[&str], &str)] = &[
    (&["report", "good.csv", "--page", "x", "--page-size", "5"], "--page: 'x' is not a number; write a whole number, such as 10\n"),
    (&["report", "good.csv", "--page", "1.5"], "--page: '1.5' is not a number; write a whole number, such as 10\n"),
    (&["report", "good.csv", "--page", "-1"], "--page: '-1' is negative; write a whole number, such as 10\n"),
    (&["report", "good.csv", "--page-size", ""], "--page-size: '' is not a number; write a whole number, such as 10\n"),
    (&["report", "good.csv", "--max-cpu-seconds", "1m"], "--max-cpu-seconds: '1m' is not a number; write a whole number, such as 10\n"),
    (
        &["report", "good.csv", "--max-memory-bytes", "-5"],
        "--max-memory-bytes: '-5' is not a size; write a number of bytes, or 512M or 4G\n",
    ),
    (
        &["report", "good.csv", "--max-rejects", "-1"],
        "--max-rejects: '-1' is not a number or share of rows; write a number such as 10, or a share such as 2% or 0.25%\n",
    ),
    (&["check", "good.csv", "--show", "all"], "--show: 'all' is not a number; write a whole number, such as 10\n"),
    (&["sample", "--rows", "-5"], "--rows: '-5' is negative; write a whole number, such as 10\n"),
    (&["sample", "--accounts", "99999999999"], "--accounts: '99999999999' is too large a number; write a whole number, such as 10\n"),
    (&["report", "good.csv", "--quiet=3"], "--quiet: is a switch and takes no value, not '3'; see portstatus report --help\n"),
    (&["report", "good.csv", "--out"], "--out: needs a value; see portstatus report --help\n"),
    (&["report", "good.csv", "-f", "csv"], "-f: is not an option; see portstatus report --help\n"),
    (&["states", "--strct"], "--strct: is not an option; did you mean --strict?\n"),
    (&["explain"], "NUMBER and INPUT are missing; see portstatus explain --help\n"),
    (&["explain", "+12125550000"], "INPUT is missing; see portstatus explain --help\n"),
    (&["read"], "INPUT is missing; see portstatus read --help\n"),
    (&["good.csv"], "good.csv: is not a command; to report on that file, write portstatus report good.csv --out out\n"),
    (&["goood.csv"], "goood.csv: is not a command; see portstatus --help\n"),
    (
        &["report", "good.csv", "--setting", "canceld_spelling=x"],
        "--setting: there is no setting 'canceld_spelling'; did you mean canceled_spelling?\n",
    ),
    (
        &["report", "good.csv", "--setting", "not_portable=cancelled"],
        "--setting not_portable=cancelled: 'cancelled' is not a choice of not_portable; did you mean canceled?\n",
    ),
    (&["report", "good.csv", "--color", "alway"], "--color: 'alway' is not known; did you mean always?\n"),
    (
        &["report", "good.csv", "--config", "far.toml"],
        "far.toml, line 1, column 1, zzzzzzzz: is not an option of any command; 'portstatus config show' lists all\n",
    ),
    (
        &["check", "good.csv", "--map", "Phone numbr=phone_number"],
        "--map \"Phone numbr=phone_number\": good.csv has no column 'Phone numbr'; did you mean 'Phone number'?\n",
    ),
    (&["man", "report", "--out", "pages"], "[COMMAND]: cannot go with --out; leave one of them out\n"),
    (
        &["report", "good.csv", "--out", "r.xslx"],
        "--out r.xslx: there is no format .xslx; did you mean .xlsx? the name of a folder ends with /\n",
    ),
    (&["columns", "phone"], "phone: is one word too many; see portstatus columns --help\n"),
    (&["read", "good.csv", "orders.csv"], "orders.csv: is one word too many; see portstatus read --help\n"),
    (&["explain", "good.csv", "+12125550000"], "good.csv: is a file, and the number comes first; write portstatus explain NUMBER INPUT\n"),
    (&["report", "--config", "input.toml"], "far/nope.csv: no such file; check the path in input.toml, line 2, inputs\n"),
    (
        &["report", "good.csv", "--config", "folder.toml"],
        "nowhere: is not a folder; name a folder laid out like templates/ in folder.toml, line 1, templates\n",
    ),
    (
        &["report", "good.csv", "--config", "section.toml"],
        "section.toml, line 1, column 2, options: is not a command; write the options without a section, or those of one command below its name\n",
    ),
    (
        &["report", "good.csv", "--config", "setting.toml"],
        "setting.toml, line 1, setting: 'maybe' is not a choice of not_portable; choose from canceled, waiting\n",
    ),
    (&["man", "reprot"], "reprot: is not a command; did you mean report?\n"),
];

#[test]
fn wrong_words_and_numbers_are_told_as_what_they_are() {
    let place = place("words");
    fs::write(place.join("far.toml"), "zzzzzzzz = 1\n").unwrap();
    fs::write(place.join("input.toml"), "# ours\ninputs = [\"good.csv\", \"far/nope.csv\"]\n").unwrap();
    fs::write(place.join("folder.toml"), "templates = \"nowhere\"\n").unwrap();
    fs::write(place.join("section.toml"), "[options]\nout = \"o\"\n").unwrap();
    fs::write(place.join("setting.toml"), "setting = \"not_portable=maybe\"\n").unwrap();
    for (arguments, expected) in LINES {
        assert_eq!(err(&run(&place, arguments)), format!("portstatus: {expected}"), "{arguments:?}");
    }
}

#[test]
fn no_list_of_headers_or_names_is_printed_without_end() {
    let place = folder("wide");
    let headers: Vec<String> = (0..45).map(|index| format!("heading {index}")).collect();
    fs::write(place.join("wide.csv"), format!("{}\n{}1\n", headers.join(","), "1,".repeat(44))).unwrap();
    for arguments in [&["check", "wide.csv"][..], &["check", "wide.csv", "--map", "qqqqqqqqqqq=phone_number"]] {
        let line = err(&run(&place, arguments));
        assert!(line.contains("'heading 19' and 25 more") && !line.contains("heading 20"), "{line}");
    }
}

#[test]
fn an_explanation_is_json_on_request() {
    let place = folder("explain-json");
    let rows =
        "phone_number,request_id,detailed_status,updated_at\n+12125550100,R1,Submitted,2026-01-02\n+12125550100,R1,Completed,2026-01-03\n";
    fs::write(place.join("twice.csv"), rows).unwrap();
    let done = run(&place, &["explain", "(212) 555-0100", "twice.csv", "--as-of", AS_OF, "--json"]);
    let json: Value = serde_json::from_str(&out(&done)).unwrap_or_else(|_| panic!("{}", said(&done)));
    assert_eq!((&json["number"], &json["as_of"], err(&done).as_str()), (&"(212) 555-0100".into(), &AS_OF.into(), ""));
    let row = &json["rows"][0];
    assert_eq!(row["place"], serde_json::json!({ "type": "file", "file": "twice.csv", "row": 3 }));
    assert_eq!(
        (&row["supersedes"][0]["row"], &row["status"], &row["rule"]["id"]),
        (&2.into(), &"Completed".into(), &"kept-completed".into())
    );
    assert!(row["facts"].as_object().is_some_and(|facts| facts["given_detail"] == "completed"), "{row}");
    assert!(
        row["tried_before"].as_array().unwrap().iter().all(|failed| failed["rules"].is_array() && failed["column"].is_string()),
        "{row}"
    );
    for (arguments, code, kind) in
        [(["explain", "12", "twice.csv", "--json"], 64, "usage"), (["explain", "+12125550199", "twice.csv", "--json"], 65, "data")]
    {
        let done = run(&place, &arguments);
        let json: Value = serde_json::from_str(&err(&done)).unwrap();
        assert_eq!((done.status.code(), &json["error"]["kind"]), (Some(code), &kind.into()));
    }
}

#[test]
fn a_table_is_json_on_request() {
    let place = folder("read-json");
    fs::write(place.join("t.csv"), "a,a,\n1,\"x\ny\",\n2,,z\n").unwrap();
    let done = run(&place, &["read", "t.csv", "--json"]);
    let json: Value = serde_json::from_str(&out(&done)).unwrap_or_else(|_| panic!("{}", said(&done)));
    assert_eq!((out(&done).lines().count(), err(&done).as_str()), (1, ""));
    assert_eq!((&json["format"], &json["rows"], &json["headers"]), (&"csv".into(), &2.into(), &serde_json::json!(["a", "a", ""])));
    let cells = serde_json::json!([{ "line": 2, "cells": ["1", "x\ny", null] }, { "line": 4, "cells": ["2", null, "z"] }]);
    assert_eq!(json["cells"], cells);
    let done = run(&place, &["read", "no.csv", "--json"]);
    let json: Value = serde_json::from_str(&err(&done)).unwrap();
    assert_eq!((done.status.code(), &json["error"]["place"]["file"]), (Some(66), &"no.csv".into()));
}

/// Whether a list with a text and a number, which says nothing of what they are, stands anywhere in `value`.
fn has_pair(value: &Value) -> bool {
    match value {
        Value::Array(values) => {
            (values.iter().any(Value::is_string) && values.iter().any(|value| !value.is_string())) || values.iter().any(has_pair)
        }
        Value::Object(entries) => entries.values().any(has_pair),
        _ => false,
    }
}

#[test]
fn json_has_objects_and_no_pairs() {
    let place = place("objects");
    fs::write(place.join("odd.csv"), "tn,status,order id\n6502345678,flurb,1\n6502345678,flurb,1\n6502345679,done,1\n").unwrap();
    for arguments in [
        &["report", "odd.csv", "--out", "o", "--json"][..],
        &["check", "odd.csv", "--json"],
        &["columns", "--json"],
        &["settings", "--json"],
    ] {
        let done = run(&place, arguments);
        let json: Value = serde_json::from_str(&out(&done)).unwrap_or_else(|_| panic!("{}", said(&done)));
        assert!(!has_pair(&json), "{arguments:?}: {json}");
    }
    let json: Value = serde_json::from_str(&out(&run(&place, &["report", "odd.csv", "--out", "o", "--json", "--as-of", AS_OF]))).unwrap();
    assert_eq!(json["unknown_words"], serde_json::json!([{ "column": "status", "word": "flurb", "rows": 2 }]));
    assert_eq!(json["superseded"], serde_json::json!([{ "old": "odd.csv, line 2", "new": "odd.csv, line 3" }]));
    assert_eq!(json["run"]["seconds"][1]["stage"], "reading");
    let manifest = fs::read_to_string(place.join(json["manifest"].as_str().unwrap())).unwrap();
    assert!(!has_pair(&serde_json::from_str(&manifest).unwrap()), "{manifest}");
}

#[test]
fn what_many_files_have_in_common_is_said_of_a_few() {
    let place = folder("many");
    let files: Vec<String> = (0..30).map(|index| format!("f{index}.csv")).collect();
    for (index, file) in files.iter().enumerate() {
        fs::write(place.join(file), format!("tn,status,colour {index}\n650234{index:04},Completed,red\n")).unwrap();
    }
    let arguments: Vec<&str> = ["check"].into_iter().chain(files.iter().map(String::as_str)).collect();
    let text = out(&run(&place, &arguments));
    assert_eq!(text.matches("\nRead f").count() + usize::from(text.starts_with("Read f")), 10, "{text}");
    assert!(text.contains("\nRead 20 more files: 20 rows\n"), "{text}");
    assert_eq!(text.matches("columns ignored").count(), 3, "{text}");
    assert!(text.contains("columns ignored: 'colour 2'\n  and 27 more such notes\n"), "{text}");
    // Of few files each has its own.
    let text = out(&run(&place, &arguments[..9]));
    assert_eq!((text.matches("columns ignored").count(), text.contains("more such")), (8, false), "{text}");
}

#[test]
fn folders_that_a_run_makes_are_named() {
    let place = place("made");
    let base = ["report", "good.csv", "--as-of", AS_OF, "--format", "csv"];
    let first = out(&run(&place, &[&base[..], &["--out", "new/deep", "--rejects", "odd/r.csv"]].concat()));
    assert!(first.contains("Note: created the folder new/deep\n") && first.contains("Note: created the folder odd\n"), "{first}");
    let again = out(&run(&place, &[&base[..], &["--out", "new/deep"]].concat()));
    assert!(!again.contains("created the folder"), "{again}");
}

#[test]
fn an_apostrophe_is_told_with_the_option_that_leaves_it_out() {
    let place = folder("guard");
    fs::write(place.join("g.csv"), "tn,company,status\n6502345678,=1+1,Completed\n").unwrap();
    let text = out(&run(&place, &["report", "g.csv", "--as-of", AS_OF, "--out", "o.csv"]));
    assert!(text.contains("got a leading apostrophe; the exact text is written without a guard: --csv-guard raw\n"), "{text}");
}

#[test]
fn statuses_have_colour_where_it_is_asked_for() {
    let place = place("colour");
    for arguments in [
        &["report", "good.csv", "--as-of", AS_OF, "--out", "o"][..],
        &["check", "good.csv", "--as-of", AS_OF],
        &["explain", "+12125550001", "good.csv", "--as-of", AS_OF],
    ] {
        for (color, is_colored) in [("always", true), ("never", false), ("auto", false)] {
            let done = run(&place, &[arguments, &["--color", color]].concat());
            assert_eq!(out(&done).contains("\u{1b}[32mCompleted"), is_colored, "{color}: {}", said(&done));
        }
    }
    fs::write(place.join("c.toml"), "color = \"always\"\n").unwrap();
    assert!(out(&run(&place, &["check", "good.csv", "--config", "c.toml"])).contains("\u{1b}["));
    assert_eq!(Style::of_output(Color::Never).status(None, "x"), "x");
}

#[test]
fn long_lines_are_wrapped_at_words() {
    for (line, width, expected) in [
        ("short", 10, "short"),
        ("Note: one two three four", 12, "Note: one\n  two three\n  four"),
        ("  and averyveryverylongword follows", 12, "  and\n  averyveryverylongword\n  follows"),
        ("áé íó úñ", 5, "áé íó\n  úñ"),
        // By columns of the terminal: these letters take two, and marks upon letters none.
        ("日本語 東京 会社", 10, "日本語\n  東京\n  会社"),
        ("e\u{301}e\u{301} ii", 5, "e\u{301}e\u{301} ii"),
        ("", 5, ""),
    ] {
        assert_eq!(wrap(line, width, 2), expected);
    }
}

#[test]
fn on_a_terminal_long_notes_are_wrapped_and_statuses_coloured() {
    let place = place("terminal");
    let shown = |command: &str| {
        let line = format!("stty rows 24 cols 60 && exec {PROGRAM} {command}");
        let mut script = starting("script");
        script.args(["-qec", &line, "/dev/null"]).current_dir(&place).stdin(Stdio::null()).env_remove("NO_COLOR").env("TERM", "xterm");
        let Ok(done) = script.output() else {
            skip("there is no script, which makes a terminal");
            return None;
        };
        Some(out(&done).replace('\r', ""))
    };
    for command in ["check good.csv", "report good.csv --out o", "settings", "columns", "explain +12125550001 good.csv"] {
        let Some(text) =
            shown(&format!("{command} --as-of {AS_OF}").replace("settings --as-of", "settings #").replace("columns --as-of", "columns #"))
        else {
            return;
        };
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(' ') && !line.contains("\u{1b}[")).collect();
        assert!(lines.len() > 5 && lines.iter().all(|line| line.chars().count() <= 60), "{command}: {text}");
        assert_eq!(
            text.contains("\u{1b}[32mCompleted\u{1b}[0m"),
            !command.starts_with(['s', 'c']) || command.starts_with("check"),
            "{text}"
        );
    }
}

#[test]
fn every_flag_has_its_sentence_in_the_template_alone() {
    let glossary = portstatus::cli::options::glossary(None).unwrap();
    for flag in QualityFlag::ALL {
        assert!(!glossary.flag_meaning(*flag).is_empty() && flag.caption() == flag.code(), "{}", flag.code());
    }
    let place = place("flag-words");
    fs::create_dir_all(place.join("mine/reports")).unwrap();
    let template = "[terms.quality_flags]\noverdue = { meaning = \"too late\" }\n";
    fs::write(place.join("mine/reports/partner-port-status.toml"), template).unwrap();
    let text = out(&run(&place, &["flags", "--templates", "mine"]));
    assert!(text.lines().any(|line| line.starts_with("overdue ") && line.ends_with("  too late")), "{text}");
}

#[test]
fn a_huge_pdf_is_announced_before_it_is_written() {
    let place = folder("huge");
    let rows: String = (0..100_001).map(|row| format!("+1{}{:07},Completed\n", 212 + row / 1_000_000, 2_000_000 + row)).collect();
    fs::write(place.join("huge.csv"), format!("tn,status\n{rows}")).unwrap();
    let base = ["report", "huge.csv", "--as-of", AS_OF, "--columns", "phone_number", "--out", "o"];
    let told = "portstatus: the PDF of 100,001 rows will have 2,600 to 5,600 pages; --format csv,xlsx leaves it out\n";
    let done = run(&place, &[&base[..], &["--format", "pdf"]].concat());
    assert_eq!((done.status.code(), err(&done).as_str()), (Some(0), told), "{}", said(&done));
    assert_eq!(err(&run(&place, &[&base[..], &["--format", "csv"]].concat())), "");
}
