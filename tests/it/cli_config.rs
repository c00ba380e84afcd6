//! Settings from variables and configuration files: which of them holds, what is refused, and what `config show` says of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

use clap::{Command as ClapCommand, CommandFactory};
use portstatus::cli::args::Cli;
use serde_json::{Value, json};

use crate::architecture::code::files;
use crate::cli::{COMMANDS, place};
use crate::program::{AS_OF, PROGRAM, err, out, said, starting};
use crate::tools::names;

/// Runs the program in `place`, below which its user's and the system's folders of configuration files are, with `variables`.
fn run(place: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = starting(PROGRAM);
    command.args(arguments).current_dir(place).stdin(Stdio::null()).env("NO_COLOR", "1").env_remove("PORTSTATUS_CONFIG");
    command.env("HOME", place.join("home")).env_remove("XDG_CONFIG_HOME").env("XDG_CONFIG_DIRS", place.join("system"));
    command.envs(variables.iter().copied()).output().unwrap()
}

/// A place with a configuration file of the user and one of the system.
fn configured(name: &str, user: &str, system: &str) -> std::path::PathBuf {
    let place = place(name);
    for (folder, text) in [("home/.config/portstatus", user), ("system/portstatus", system)] {
        fs::create_dir_all(place.join(folder)).unwrap();
        fs::write(place.join(folder).join("config.toml"), text).unwrap();
    }
    place
}

/// The options that `config show` prints for `command`, by their keys.
fn shown(place: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> BTreeMap<String, Value> {
    let done = run(place, variables, &[&["config", "show", "--json"], arguments].concat());
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let all: Value = serde_json::from_str(&out(&done)).unwrap();
    all["options"].as_array().unwrap().iter().map(|row| (row["option"].as_str().unwrap().to_owned(), row.clone())).collect()
}

const REPORT: [&str; 2] = ["report", "good.csv"];

#[test]
fn the_command_line_comes_before_variables_and_these_before_files() {
    let place = configured("layers", "page-size = 3\nformat = \"csv\"\nquiet = true\n", "page-size = 2\npage = 1\nas-of = 2026-11-21\n");
    let rows = |variables: &[(&str, &str)], arguments: &[&str]| {
        let done = run(&place, variables, &[&["report", "good.csv", "--out", "-"], arguments].concat());
        assert_eq!((done.status.code(), err(&done)), (Some(0), String::new()), "{arguments:?}");
        out(&done).lines().count() - 1
    };
    assert_eq!(rows(&[], &[]), 3, "the user's file comes before the system's, and both hold");
    assert_eq!(rows(&[("PORTSTATUS_PAGE_SIZE", "4")], &[]), 4);
    assert_eq!(rows(&[("PORTSTATUS_PAGE_SIZE", "")], &[]), 3, "an empty variable sets nothing");
    assert_eq!(rows(&[("PORTSTATUS_PAGE_SIZE", "4")], &["--page-size", "5"]), 5);
    assert_eq!(rows(&[("PORTSTATUS_PAGE_SIZE", "4"), ("PORTSTATUS_REPORT__PAGE_SIZE", "6")], &[]), 6, "a command's own comes first");
    // A file that is named stands for those in the usual places.
    fs::write(place.join("mine.toml"), "page-size = 7\nformat = \"csv\"\n[report]\npage = 1\nquiet = true\n[check]\npage-size = 9\n")
        .unwrap();
    let done = run(&place, &[], &["report", "good.csv", "--out", "-", "--config", "mine.toml"]);
    assert_eq!(
        (done.status.code(), err(&done)),
        (
            Some(78),
            "portstatus: mine.toml, line 7, column 1, page-size: is not an option of portstatus check; see portstatus check --help\n"
                .to_owned()
        )
    );
    fs::write(place.join("mine.toml"), "page-size = 7\nformat = \"csv\"\n[report]\npage = 1\nquiet = true\n[check]\nquiet = false\n")
        .unwrap();
    assert_eq!(rows(&[], &["--config", "mine.toml"]), 7);
    assert_eq!(rows(&[("PORTSTATUS_CONFIG", "mine.toml")], &[]), 7);
    assert_eq!(rows(&[("PORTSTATUS_CONFIG", "nowhere.toml")], &["--config", "mine.toml"]), 7);
    assert_eq!(
        rows(&[("XDG_CONFIG_HOME", place.join("system").to_str().unwrap()), ("PORTSTATUS_FORMAT", "csv"), ("PORTSTATUS_QUIET", "1")], &[]),
        2
    );
    let done = run(&place, &[("PORTSTATUS_CONFIG", "nowhere.toml")], &REPORT);
    assert!(done.status.code() == Some(78) && err(&done).ends_with("; PORTSTATUS_CONFIG names it\n"), "{}", said(&done));
    // No file at all.
    assert_eq!(rows(&[("PORTSTATUS_CONFIG", "/dev/null"), ("PORTSTATUS_FORMAT", "csv"), ("PORTSTATUS_QUIET", "yes")], &[]), 10);
}

#[test]
fn switches_and_lists_are_set_by_variables_as_on_the_command_line() {
    let place = place("variables");
    for (word, is_on) in
        [("true", true), ("1", true), ("YES", true), ("on", true), ("false", false), ("0", false), ("no", false), ("Off", false)]
    {
        assert_eq!(shown(&place, &[("PORTSTATUS_STRICT", word)], &["report"])["strict"]["value"], is_on, "{word}");
    }
    let value = |variable: &str, text: &str, option: &str| shown(&place, &[(variable, text)], &["report"])[option]["value"].clone();
    assert_eq!(value("PORTSTATUS_WHERE", "status = 'completed'\n\noverdue\n", "where"), json!(["status = 'completed'", "overdue"]));
    assert_eq!(value("PORTSTATUS_CLASS", "local", "number-type"), json!(["local"]), "by its older name");
    let counted = |variables: &[(&str, &str)]| {
        let common =
            [("PORTSTATUS_INPUTS", "good.csv"), ("PORTSTATUS_JSON", "1"), ("PORTSTATUS_OUT", "o.csv"), ("PORTSTATUS_AS_OF", AS_OF)];
        let done = run(&place, &[&common, variables].concat(), &["report"]);
        let value: Value = serde_json::from_str(&out(&done)).unwrap_or_else(|_| panic!("{}", said(&done)));
        value["counts"]["reported"].as_u64().unwrap()
    };
    assert_eq!(counted(&[]), 10);
    assert_eq!(counted(&[("PORTSTATUS_STATUS", "completed,canceled")]), 5);
    assert_eq!(counted(&[("PORTSTATUS_STATUS", "completed\r\ncanceled\n")]), 5);
    assert_eq!(counted(&[("PORTSTATUS_FIND", "+12125550000\n+12125550001")]), 2);
    // What is required may be set, too.
    fs::write(place.join("events.csv"), "number,event,time\n+12125550000,Activated,2026-10-01T00:00:00Z\n").unwrap();
    for command in ["explain", "timeline"] {
        let input = if command == "explain" { "good.csv" } else { "events.csv" };
        let done = run(&place, &[("PORTSTATUS_INPUTS", input)], &[command, "+12125550000"]);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let done = run(&place, &[("PORTSTATUS_INPUTS", input)], &[command]);
        assert_eq!(
            (done.status.code(), err(&done)),
            (Some(64), format!("portstatus: NUMBER is missing; see portstatus {command} --help\n"))
        );
    }
    let done = run(&place, &[("PORTSTATUS_INPUT", "good.csv")], &["read"]);
    assert!(done.status.code() == Some(0) && out(&done).lines().count() == 11, "{}", said(&done));
    // Text that is not UTF-8 is a path like any other.
    use std::os::unix::ffi::OsStringExt;
    let name = std::ffi::OsString::from_vec(b"gr\xfc\xdfe.csv".to_vec());
    fs::copy(place.join("good.csv"), place.join(&name)).unwrap();
    let done = starting(PROGRAM).arg("check").env("PORTSTATUS_INPUTS", &name).current_dir(&place).output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
}

#[test]
fn what_is_wrong_with_a_setting_is_named_with_the_variable_or_the_line() {
    let place = place("wrong-settings");
    let rows: &[(&[(&str, &str)], &str)] = &[
        (&[("PORTSTATUS_PAGE", "x")], "PORTSTATUS_PAGE: 'x' is not a number; write a whole number, such as 10"),
        (&[("PORTSTATUS_STRICT", "maybe")], "PORTSTATUS_STRICT: is a switch, and 'maybe' is neither yes nor no; write true or false"),
        (&[("PORTSTATUS_REPORT__STATUS", "lost")], "PORTSTATUS_REPORT__STATUS: 'lost' is not known"),
        (&[("PORTSTATUS_AS_OF", "noon")], "PORTSTATUS_AS_OF: 'noon' is not an instant"),
        (&[("PORTSTATUS_FORMAT", "rtf")], "PORTSTATUS_FORMAT: there is no format 'rtf'"),
        (&[("PORTSTATUS_CSV_GUARD", "none")], "PORTSTATUS_CSV_GUARD: 'none' is not known; choose from apostrophe, raw"),
        (
            &[("PORTSTATUS_CLASS", "local"), ("PORTSTATUS_NUMBER_TYPE", "local")],
            "PORTSTATUS_NUMBER_TYPE: is set twice: as number-type and as class",
        ),
        (&[("PORTSTATUS_QUERY", "select 1"), ("PORTSTATUS_TABLE", "t")], "PORTSTATUS_TABLE: cannot go with query; leave one of them out"),
        (&[("PORTSTATUS_ACCOUNTS", "none.csv")], "none.csv: no such file; check the path in PORTSTATUS_ACCOUNTS"),
        (&[("PORTSTATUS_TEMPLATES", "none")], "none: is not a folder; name a folder laid out like templates/ in PORTSTATUS_TEMPLATES"),
    ];
    for (variables, expected) in rows {
        let done = run(&place, variables, &REPORT);
        assert!(err(&done).starts_with(&format!("portstatus: {expected}")), "{variables:?}: {}", said(&done));
        assert_eq!(done.status.code(), Some(if expected.contains("no such file") { 66 } else { 78 }), "{}", said(&done));
        assert_eq!(names(&place).iter().filter(|name| *name == "out").count(), 0, "{variables:?}");
    }
    let done = run(&place, &[("PORTSTATUS_JSON", "1"), ("PORTSTATUS_PAGE", "x")], &REPORT);
    let error: Value = serde_json::from_str(&err(&done)).unwrap_or_else(|_| panic!("{}", said(&done)));
    assert_eq!(error["error"]["place"], json!({ "type": "variable", "name": "PORTSTATUS_PAGE" }));
    for (text, expected) in [
        ("quiet = true\n\n  pagesize = 3\n", "line 3, column 3, pagesize: is not an option of any command; did you mean page-size?"),
        ("[report]\nstatsu = \"completed\"\n", "line 2, column 1, statsu: is not an option of portstatus report; did you mean status?"),
        ("[reprot]\nstatus = \"completed\"\n", "line 1, column 2, reprot: is not a command; write the options without a section"),
        ("config = \"other.toml\"\n", "line 1, column 1, config: is not an option of any command"),
        ("help = true\n", "line 1, column 1, help: is not an option of any command"),
        ("no-quiet = true\n", "line 1, column 1, no-quiet: is not an option of any command"),
        ("table = \"t\"\nquery = \"select 1\"\n", "line 2, query: cannot go with table"),
        ("report.page = \"x\"\n", "line 1, page: 'x' is not a number"),
        ("report = { page = \"x\" }\n", "line 1, page: 'x' is not a number"),
        ("a = \n", "line 1, column 5: "),
    ] {
        let place = configured("wrong-file", text, "");
        let (done, file) = (run(&place, &[], &REPORT), place.join("home/.config/portstatus/config.toml"));
        assert_eq!(done.status.code(), Some(78), "{text}: {}", said(&done));
        let line = err(&done);
        let expected = format!("portstatus: {}, {expected}", file.display());
        // The keys of a table are in the order of their names.
        assert!(line.starts_with(&expected) || line.contains("cannot go with query"), "{text}: {line}");
    }
}

#[test]
fn a_file_in_a_usual_place_serves_every_command() {
    let everything = "page-size = 2\npage = 1\nshow = 1\nout = \"reports\"\nformat = \"csv\"\nstrict = true\nrows = 3\nas-of = 2026-11-21\n[sample]\nseed = 9\n";
    let place = configured("every-command", everything, "");
    for command in
        [&["columns"][..], &["flags"], &["check", "good.csv"], &["read", "good.csv"], &["states"], &["man"], &["completions", "bash"]]
    {
        let done = run(&place, &[], command);
        assert_eq!(done.status.code(), Some(0), "{command:?}: {}", said(&done));
    }
    assert!(!place.join("reports").exists(), "the manual or a sample went where reports go");
    // Names that mean something else in another command are not for it.
    assert_eq!(out(&run(&place, &[], &["sample"])), out(&run(&place, &[], &["sample", "--rows", "3", "--seed", "9"])));
    assert_eq!(out(&run(&place, &[], &["states"])), out(&run(&place, &[("PORTSTATUS_CONFIG", "/dev/null")], &["states"])));
    let strict = run(&place, &[("PORTSTATUS_STATES__STRICT", "1")], &["states"]);
    assert_eq!(out(&strict), out(&run(&place, &[], &["states", "--strict"])));
    assert_ne!(out(&strict), out(&run(&place, &[], &["states"])));
    let done = run(&place, &[("PORTSTATUS_SAMPLE__OUT", "made.csv")], &["sample"]);
    assert!(done.status.code() == Some(0) && place.join("made.csv").is_file(), "{}", said(&done));
    // The configuration file of a run is not overwritten by it.
    let file = place.join("home/.config/portstatus/config.toml");
    let done = run(&place, &[], &["report", "good.csv", "--rejects", file.to_str().unwrap()]);
    assert!(done.status.code() == Some(64) && err(&done).contains("is an input of this run"), "{}", said(&done));
}

#[test]
fn the_command_line_takes_back_a_switch_and_what_it_excludes() {
    let place = configured("taken-back", "strict = true\nquiet = true\njson = true\ntable = \"orders\"\n", "");
    let options = shown(&place, &[], &["report"]);
    assert_eq!((&options["strict"]["value"], &options["quiet"]["value"]), (&json!(true), &json!(true)));
    let done = run(&place, &[], &["report", "orders.csv", "--no-strict", "--no-quiet", "--no-json", "--out", "o.csv"]);
    assert!(done.status.code() == Some(3) && out(&done).contains("o.csv: 10 rows"), "{}", said(&done));
    assert_eq!(run(&place, &[], &["report", "orders.csv", "--no-quiet", "--out", "p.csv"]).status.code(), Some(65));
    assert_eq!(run(&place, &[("PORTSTATUS_STRICT", "0")], &["report", "orders.csv", "--out", "p.csv"]).status.code(), Some(3));
    assert_eq!(run(&place, &[("PORTSTATUS_MAX_REJECTS", "1")], &["report", "orders.csv", "--out", "p.csv"]).status.code(), Some(3));
    // A query on the command line makes the table of the file void.
    let done = run(&place, &[], &["check", "good.csv", "--query", "select 1"]);
    assert!(!err(&done).contains("cannot go with") && !err(&done).contains("line 4"), "{}", said(&done));
    assert_eq!(shown(&place, &[("PORTSTATUS_QUERY", "select 1")], &["report"])["table"]["value"], Value::Null);
    let done = run(&place, &[], &["report", "good.csv", "--no-page"]);
    assert!(done.status.code() == Some(64) && err(&done).contains("--no-page"), "{}", said(&done));
}

#[test]
fn the_page_that_a_template_sets_is_shown_with_the_template() {
    let place = configured("page", "template = \"ours\"\ntemplates = \"ours\"\norientation = \"portrait\"\n", "");
    std::fs::create_dir_all(place.join("ours/reports")).unwrap();
    let page = "[page]\npaper = 'a4'\norientation = 'landscape'\ndensity = 'readable'\n";
    std::fs::write(place.join("ours/reports/ours.toml"), page).unwrap();
    let report = shown(&place, &[], &["report"]);
    let of_template = json!({ "layer": "template", "file": "reports/ours.toml" });
    assert_eq!((&report["paper"]["value"], &report["paper"]["origin"]), (&json!("a4"), &of_template));
    assert_eq!((&report["density"]["value"], &report["density"]["origin"]), (&json!("readable"), &of_template));
    // An option says more than a template.
    assert_eq!((&report["orientation"]["value"], &report["orientation"]["origin"]["layer"]), (&json!("portrait"), &json!("file")));
    let text = out(&run(&place, &[], &["config", "show", "report", "--origin"]));
    assert!(
        text.lines().any(|line| line.starts_with("paper ") && line.contains("a4") && line.contains("template reports/ours.toml")),
        "{text}"
    );
    // Of the template that ships, nothing is said; one of that name in the folder says what it says.
    assert_eq!(shown(&place, &[("PORTSTATUS_TEMPLATE", "numbers")], &["report"])["paper"]["origin"]["layer"], "built-in");
    std::fs::write(place.join("ours/reports/ours.toml"), "[page]\npaper = 'a5'\n").unwrap();
    let done = run(&place, &[], &["config", "show", "report"]);
    assert!(done.status.code() == Some(78) && err(&done).contains("a5"), "{}", said(&done));
}

#[test]
fn what_is_in_force_is_shown_with_its_origin_and_without_secrets() {
    let place = configured(
        "shown",
        "operator = \"Northwind\"\ninputs = [\"postgres://u:canary-9xQ@h/d\"]\n[check]\nshow = 7\n",
        "page-size = 50\noperator = \"Other\"\n",
    );
    let user = place.join("home/.config/portstatus/config.toml").display().to_string();
    let variables = [
        ("PORTSTATUS_OUT", "reports"),
        ("PORTSTATUS_DATABASE_URL", "postgres://u:canary-9xQ@h/d"),
        ("PORTSTATUS_PASSWORD", "canary-9xQ"),
        ("PORTSTATUS_FORMT", "csv"),
        ("PORTSTATUS_PORT", "tcp://10.0.0.1:80"),
        ("PORTSTATUS_WHATEVER", "1"),
    ];
    let options = shown(&place, &variables, &[]);
    assert_eq!(
        (&options["operator"]["value"], &options["operator"]["origin"]),
        (&json!("Northwind"), &json!({ "layer": "file", "file": user, "line": 1 }))
    );
    assert_eq!(options["page-size"]["origin"]["file"], place.join("system/portstatus/config.toml").display().to_string());
    assert_eq!((&options["show"]["value"], &options["show"]["commands"]), (&json!("7"), &json!(["check"])));
    assert_eq!((&options["calendar"]["value"], &options["calendar"]["origin"]), (&json!("us-federal"), &json!({ "layer": "built-in" })));
    let report = shown(&place, &variables, &["report"]);
    assert_eq!(report["out"]["origin"], json!({ "layer": "environment", "variable": "PORTSTATUS_OUT" }));
    assert_eq!(report["inputs"]["value"], json!(["(refused, and not shown)"]));
    assert!(!report.contains_key("show") && report["as-of"]["value"] == Value::Null);
    let done = run(&place, &variables, &["config", "show", "--origin"]);
    let text = out(&done);
    assert!(text.starts_with("OPTION ") && text.lines().next().unwrap().contains("ORIGIN"), "{text}");
    for line in [
        format!("Configuration file {user}: read\n"),
        "PORTSTATUS_DATABASE_URL is set, and not shown\n".to_owned(),
        "PORTSTATUS_PASSWORD is set, and not shown\n".to_owned(),
        "PORTSTATUS_FORMT sets no option; did you mean PORTSTATUS_FORMAT?\n".to_owned(),
        "PORTSTATUS_PORT sets no option\n".to_owned(),
    ] {
        assert!(text.contains(&line), "{line}: {text}");
    }
    assert!(text.contains(&format!("{user}, line 1")) && text.contains("PORTSTATUS_OUT") && text.contains("built-in"), "{text}");
    let plain = out(&run(&place, &variables, &["config", "show"]));
    assert!(!plain.contains("ORIGIN") && !plain.contains("Configuration file"), "{plain}");
    for said in [text, plain, out(&run(&place, &variables, &["config", "show", "--json"]))] {
        assert!(!said.contains("canary"), "{said}");
    }
    let done = run(&place, &[], &["config", "show", "reprot"]);
    assert_eq!((done.status.code(), err(&done)), (Some(64), "portstatus: reprot: is not a command; did you mean report?\n".to_owned()));
}

#[test]
fn a_variable_that_is_nearly_ours_is_noted_once_and_others_are_not() {
    let place = place("near-variables");
    let near = [
        ("PORTSTATUS_ACOUNT", "A-1"),
        ("PORTSTATUS_SERVICE_HOST", "10.0.0.1"),
        ("PORTSTATUS_PORT", "tcp://10.0.0.1:80"),
        ("PORTSTATUS_THEIRS", "1"),
    ];
    let done = run(&place, &near, &["check", "good.csv"]);
    assert_eq!(
        (done.status.code(), err(&done)),
        (Some(0), "portstatus: PORTSTATUS_ACOUNT sets no option; did you mean PORTSTATUS_ACCOUNT?\n".to_owned())
    );
    for switch in ["--quiet", "--json"] {
        assert_eq!(err(&run(&place, &near, &["check", "good.csv", switch])), "", "{switch}");
    }
}

#[test]
fn every_option_of_every_command_can_be_set() {
    let place = place("every-option");
    let root = Cli::command();
    let mut rows = 0;
    for name in COMMANDS {
        let command = root.find_subcommand(name).unwrap();
        let options = shown(&place, &[], &[name]);
        for option in command.get_arguments().filter(|option| !option.is_positional()) {
            let long = option.get_long().unwrap();
            assert!(options.contains_key(long), "{name} --{long}");
            let variable = format!("PORTSTATUS_{}__{}", name, long.replace('-', "_")).to_uppercase();
            let given = if matches!(option.get_action(), clap::ArgAction::SetTrue) { "true" } else { "7" };
            let set = shown(&place, &[(&variable, given)], &[name]);
            assert_eq!(set[long]["origin"]["variable"], variable, "{name} --{long}");
            rows += 1;
        }
    }
    assert!(rows > 100, "{rows}");
}

#[test]
fn an_option_of_one_name_means_one_thing_or_is_known_not_to() {
    let own = [
        ("calendars", "name"),
        ("calendars", "out"),
        ("man", "out"),
        ("normalize", "out"),
        ("rules", "as-of"),
        ("rules", "out"),
        ("rules", "table"),
        ("sample", "accounts"),
        ("sample", "format"),
        ("sample", "out"),
        ("schedule", "out"),
        ("states", "strict"),
        ("read", "encoding"),
    ];
    let mut seen: BTreeMap<&str, (&str, Option<String>)> = BTreeMap::new();
    let root = Cli::command();
    for command in root.get_subcommands() {
        for option in command.get_arguments().filter(|option| !option.is_positional()) {
            let long = option.get_long().unwrap();
            let takes = option.get_value_names().map(|names| names.join(" "));
            let (first, expected) = seen.entry(long).or_insert_with(|| (command.get_name(), takes.clone()));
            let is_own = own.contains(&(command.get_name(), long));
            assert!(
                is_own || *expected == takes,
                "--{long} of {first} and of {}: say in cli/config/option.rs whose is meant",
                command.get_name()
            );
        }
    }
    let commands: Vec<&str> = root.get_subcommands().map(ClapCommand::get_name).collect();
    assert_eq!(commands, COMMANDS);
}

#[test]
fn no_test_reads_the_settings_of_whoever_runs_it() {
    // The program is started by program::starting alone, which takes them away.
    for file in files("tests/it").into_iter().filter(|file| file.name != "tests/it/program.rs" && file.name != "tests/it/cli_config.rs") {
        assert!(!file.text.contains("Command::new(PROGRAM)"), "{}", file.name);
    }
}
