//! The sessions that the README shows, run as printed in a folder with the samples and the files that it shows: what the program
//! prints is what the README says. `BLESS=1` rewrites it.

use std::fs;
use std::path::Path;

use regex::Regex;

use crate::program::{PROGRAM, starting};
use crate::tools;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// The README's fenced blocks: what stands behind the fence, and the text.
fn blocks(readme: &str) -> Vec<(&str, &str)> {
    let fence = Regex::new(r"(?ms)^```([^\n]+)\n(.*?)^```$").unwrap();
    fence.captures_iter(readme).map(|block| (block.get(1).unwrap().as_str(), block.get(2).unwrap().as_str())).collect()
}

/// What a command prints, line by line as a terminal would show it.
fn printed(command: &str, place: &Path) -> String {
    let path = format!("{}:{}", Path::new(PROGRAM).parent().unwrap().display(), std::env::var("PATH").unwrap());
    let line = format!("{{ {command}\n}} 2>&1");
    let done = starting("sh").args(["-c", &line]).current_dir(place).env("PATH", path).env("NO_COLOR", "1").output().unwrap();
    String::from_utf8(done.stdout).unwrap().replace('\r', "")
}

/// `text` without what differs from build to build: times, sizes and pages.
fn steady(text: &str) -> String {
    let text = Regex::new(r"(?m)^[0-9.]+ s(, [0-9.]+ s of CPU)?$").unwrap().replace_all(text, "TIME");
    Regex::new(r"[0-9.,]+ (bytes|kB|MB|pages?|sheets)\b").unwrap().replace_all(&text, "some $1").into_owned()
}

#[test]
fn golden_sessions_of_the_readme_are_what_the_program_prints() {
    let readme = fs::read_to_string(README).unwrap();
    let place = tools::folder("readme");
    fs::create_dir(place.join("samples")).unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    for name in tools::names(&samples).into_iter().filter(|name| samples.join(name).is_file()) {
        fs::copy(samples.join(&name), place.join("samples").join(&name)).unwrap();
    }
    for (info, text) in blocks(&readme) {
        if let Some((_, name)) = info.split_once(' ') {
            fs::create_dir_all(place.join(name).parent().unwrap()).unwrap();
            fs::write(place.join(name), text).unwrap();
        }
    }
    let mut blessed = readme.clone();
    let sessions: Vec<&str> = blocks(&readme).into_iter().filter(|(info, _)| *info == "console").map(|(_, text)| text).collect();
    assert!(sessions.len() >= 5, "the sessions were not found");
    for session in sessions {
        let commands = session.lines().filter_map(|line| line.strip_prefix("$ "));
        let found: String = commands.map(|command| format!("$ {command}\n{}", printed(command, &place))).collect();
        if steady(&found) == steady(session) {
            continue;
        }
        if std::env::var("BLESS").as_deref() == Ok("1") {
            blessed = blessed.replace(&format!("```console\n{session}```"), &format!("```console\n{found}```"));
        } else {
            assert_eq!(steady(&found), steady(session), "BLESS=1 accepts what is printed now");
        }
    }
    if blessed != readme {
        fs::write(README, blessed).unwrap();
    }
}

#[test]
fn every_command_and_option_that_the_readme_names_exists() {
    let readme = fs::read_to_string(README).unwrap();
    let help: String = [
        "report",
        "actions",
        "check",
        "read",
        "states",
        "columns",
        "explain",
        "sample",
        "man",
        "config",
        "calendars",
        "verify",
        "schedule",
        "run",
        "history",
        "normalize",
        "rules",
        "serve",
        "render",
    ]
    .map(|command| tools::run(PROGRAM, &[command, "--help"]))
    .concat()
        + &tools::run(PROGRAM, &["scale", "run", "--help"]);
    let foreign =
        ["--no-", "--no-quiet", "--now", "--release", "--features", "--path", "--locked", "--rows", "--runs", "--bench", "--seed"];
    for option in Regex::new(r"[`\s](--[a-z][a-z-]+)").unwrap().captures_iter(&readme).map(|found| found.get(1).unwrap().as_str()) {
        assert!(foreign.contains(&option) || help.contains(option), "{option} is not an option");
    }
}
