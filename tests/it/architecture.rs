//! The rules of the house that a machine can check, over the source as text.

use std::fs;
use std::path::{Path, PathBuf};

/// Every Rust file below `folder`, sorted.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files: Vec<_> = rust_files("src")
        .into_iter()
        .map(|path| (path.strip_prefix(&root).unwrap().display().to_string(), fs::read_to_string(&path).unwrap()))
        .collect();
    assert!(files.len() > 20, "the source was not found");
    files
}

/// The rooms in the order of lib.rs, from the top floor down.
fn floors() -> Vec<String> {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let floors: Vec<String> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned)).collect();
    assert!(floors.len() > 5 && floors.last().is_some_and(|last| last == "error"));
    floors
}

fn report(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// The identifier that follows each `needle` in `line`.
fn words_after<'a>(line: &'a str, term: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(term).map(move |(at, _)| {
        let rest = &line[at + term.len()..];
        &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())]
    })
}

#[test]
fn rooms_look_down_only() {
    let floors = floors();
    let floor = |room: &str| floors.iter().position(|name| name == room);
    let mut faults = Vec::new();
    for (name, text) in sources() {
        let room = name.split(['/', '.']).next().unwrap();
        let Some(own) = floor(room) else { continue };
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for used in words_after(line, "crate::").filter(|used| floor(used).is_some_and(|other| other < own)) {
                faults.push(format!("src/{name}:{}: {room} looks up to {used}", number + 1));
            }
            if line.contains("super::") {
                faults.push(format!("src/{name}:{}: says super::", number + 1));
            }
        }
    }
    report(faults);
}

#[test]
fn every_file_says_what_it_does_and_keeps_one_job() {
    let mut faults = Vec::new();
    for (name, text) in sources() {
        if !text.starts_with("//! ") {
            faults.push(format!("src/{name}: does not open with //! and a sentence"));
        }
        let lines = text.lines().count();
        if lines > 350 {
            faults.push(format!("src/{name}: {lines} lines; past 350 a file has two jobs"));
        }
    }
    report(faults);
}

#[test]
fn functions_stay_short() {
    let mut faults = Vec::new();
    for (name, text) in sources() {
        let lines: Vec<&str> = text.lines().collect();
        for (start, line) in lines.iter().enumerate() {
            let trimmed = line.trim_start();
            let is_function = trimmed.split(['(', '<']).next().is_some_and(|head| head.split(' ').rev().nth(1) == Some("fn"));
            if !is_function || trimmed.starts_with("//") {
                continue;
            }
            let indent = line.len() - trimmed.len();
            let closing = format!("{}}}", " ".repeat(indent));
            let length = lines[start..].iter().position(|line| **line == closing).map_or(0, |end| end + 1);
            if length > 65 {
                faults.push(format!("src/{name}:{}: a function of {length} lines", start + 1));
            }
        }
    }
    report(faults);
}

#[test]
fn doors_are_where_they_should_be() {
    let allowed: &[(&str, &[&str])] = &[
        ("Utc::now", &["clock.rs"]),
        ("Local::now", &["clock.rs"]),
        ("SystemTime::now", &["clock.rs"]),
        ("Instant::now", &["clock.rs"]),
        ("File::open", &["source/", "deliver/", "settings.rs"]),
        ("File::create", &["deliver/"]),
        // The clock reads the system's count of CPU time.
        ("fs::read", &["source/", "deliver/", "settings.rs", "clock.rs"]),
        ("fs::write", &["deliver/"]),
        ("fs::rename", &["deliver/"]),
        ("OpenOptions", &["source/", "deliver/"]),
    ];
    let mut faults = Vec::new();
    for (name, text) in sources() {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for (door, rooms) in allowed {
                if line.contains(door) && !rooms.iter().any(|room| name.starts_with(room)) {
                    faults.push(format!("src/{name}:{}: {door} belongs to {}", number + 1, rooms.join(", ")));
                }
            }
        }
    }
    report(faults);
}

#[test]
fn nothing_is_postponed() {
    let mut faults = Vec::new();
    for (name, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            for word in [".unwrap()", ".expect(", "dbg!(", "todo!(", "unimplemented!(", "println!(", "TODO", "FIXME", "To come."] {
                if line.contains(word) {
                    faults.push(format!("src/{name}:{}: {word}", number + 1));
                }
            }
            let attribute = line.trim_start();
            if (attribute.starts_with("#[allow(") || attribute.starts_with("#![allow("))
                && !text.lines().skip(number).take(4).any(|line| line.contains("reason = "))
            {
                faults.push(format!("src/{name}:{}: an allow without a reason", number + 1));
            }
        }
    }
    for path in rust_files("tests") {
        let text = fs::read_to_string(&path).unwrap();
        let ignored = ["#[", "ignore"].concat();
        if text.contains(&ignored) {
            faults.push(format!("{}: a test that does not run", path.display()));
        }
    }
    report(faults);
}
