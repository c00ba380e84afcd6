//! The rules of the code base that a machine can check, over the source as text.

pub mod code;
mod imports;
mod public;

use std::collections::BTreeSet;
use std::fs;

use code::{SourceFile, files, parsed, root};
use imports::{circles, uses};

/// The modules in the order of lib.rs, the topmost layer first.
fn layers() -> Vec<String> {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let layers: Vec<String> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned)).collect();
    assert!(layers.len() > 5 && layers.last().is_some_and(|last| last == "error"));
    layers
}

fn report(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Every line of code of `files` with its place.
fn lines(files: &[SourceFile]) -> impl Iterator<Item = (&SourceFile, usize, &str)> {
    files.iter().flat_map(|file| file.code.lines().enumerate().map(move |(index, line)| (file, index + 1, line)))
}

#[test]
fn a_module_uses_only_lower_layers() {
    let layers = layers();
    let layer = |file: &str| {
        let module = file.strip_prefix("src/")?.split(['/', '.']).next()?;
        layers.iter().position(|name| name == module)
    };
    let files = files("src");
    let uses = uses(&files);
    assert!(uses.len() > 200, "only {} uses were found", uses.len());
    let up = uses.iter().filter(|edge| matches!((layer(&edge.from), layer(&edge.to)), (Some(from), Some(to)) if to < from));
    let mut faults: Vec<String> = up.map(|edge| format!("{}:{}: uses {}, a higher layer", edge.from, edge.line, edge.to)).collect();
    let relative = lines(&files).filter(|(_, _, line)| line.contains("super::"));
    faults.extend(relative.map(|(file, line, _)| format!("{}:{line}: says super::", file.name)));
    report(faults);
}

/// Files that still use one another in circles. One that no longer does goes from here.
const FILES_IN_CIRCLES: &[&str] = &[];

#[test]
fn files_do_not_use_one_another_in_circles() {
    let uses = uses(&files("src"));
    let circles = circles(&uses);
    let found: BTreeSet<&str> = circles.iter().flatten().map(String::as_str).collect();
    let listed: BTreeSet<&str> = FILES_IN_CIRCLES.iter().copied().collect();
    let mut faults: Vec<String> = listed.difference(&found).map(|file| format!("in no circle, so not to be listed: {file}")).collect();
    for circle in circles.iter().filter(|circle| circle.iter().any(|file| !listed.contains(file.as_str()))) {
        faults.push(format!("a circle of {circle:#?}"));
        let inside = uses.iter().filter(|edge| circle.contains(&edge.from) && circle.contains(&edge.to) && !edge.reexport);
        faults.extend(inside.map(|edge| format!("    {}:{} uses {}", edge.from, edge.line, edge.to)));
    }
    report(faults);
}

#[test]
fn imports_are_seen_however_they_are_written() {
    let file = |name: &str, text: &str| parsed(name, text.to_owned());
    let files = [
        file("src/lib.rs", "pub mod a;\npub mod b;\n"),
        file("src/a/mod.rs", "mod x;\nmod y;\npub use crate::a::x::{X, Y as Why};\nfn f() { y::g::<u8>() }\n"),
        file("src/a/x.rs", "use crate::{a::{self, z::{Z, deep::*}}, b};\n// crate::a::y::no\nfn f() -> b::B { \"crate::a::y::no\" }\n"),
        file("src/a/y.rs", "use super::x::X;\nconst QUOTE: char = '\"';\nfn f() { std::mem::drop(crate::a::Why); a::x() }\n"),
        file("src/a/z/mod.rs", "use self::deep::D;\nuse std::fmt;\n"),
        file(
            "src/a/z/deep.rs",
            "use polars::prelude::*;\nuse crate::a::Why;\n#[cfg(test)]\nmod tests {\n    use super::super::super::b;\n}\n",
        ),
        file("src/b.rs", "pub use crate::a::y::f;\npub(in crate::a) struct B;\nfn g(x: &'static str) { Self::h(crate::b::g) }\n"),
    ];
    let found: Vec<String> = uses(&files)
        .iter()
        .map(|edge| format!("{}:{} {}{}", edge.from, edge.line, edge.to, if edge.reexport { " passed on" } else { "" }).replace("src/", ""))
        .collect();
    let expected = [
        "a/mod.rs:3 a/x.rs passed on",
        "a/mod.rs:4 a/y.rs",
        "a/x.rs:1 a/mod.rs",
        "a/x.rs:1 a/z/deep.rs",
        "a/x.rs:1 a/z/mod.rs",
        "a/x.rs:1 b.rs",
        "a/x.rs:3 b.rs",
        "a/y.rs:1 a/x.rs",
        "a/y.rs:3 a/x.rs",
        "a/z/deep.rs:2 a/x.rs",
        "a/z/mod.rs:1 a/z/deep.rs",
        "b.rs:1 a/y.rs passed on",
    ];
    assert_eq!(found, expected);
    let circle = ["src/a/mod.rs", "src/a/x.rs", "src/a/y.rs", "src/a/z/deep.rs", "src/a/z/mod.rs"];
    assert_eq!(circles(&uses(&files)), [circle.map(str::to_owned)]);
}

/// Lines of a file, and of a function; past that, it has two jobs.
const FILE_LINES_MAX: usize = 365;
const FUNCTION_LINES_MAX: usize = 60;

#[test]
fn every_file_says_what_it_does_and_keeps_one_job() {
    let mut faults = Vec::new();
    for file in ["src", "benches"].iter().flat_map(|folder| files(folder)) {
        if !file.text.starts_with("//! ") {
            faults.push(format!("{}: does not open with //! and a sentence", file.name));
        }
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX {
            faults.push(format!("{}: {lines} lines", file.name));
        }
        for (start, length) in functions(&file.code).filter(|(_, length)| *length > FUNCTION_LINES_MAX) {
            faults.push(format!("{}:{start}: a function of {length} lines", file.name));
        }
    }
    report(faults);
}

/// Where each function starts, and how many lines it has.
fn functions(code: &str) -> impl Iterator<Item = (usize, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    (0..lines.len()).filter_map(move |start| {
        let trimmed = lines[start].trim_start();
        let is_function = trimmed.split(['(', '<']).next().is_some_and(|head| head.split(' ').rev().nth(1) == Some("fn"));
        let closing = format!("{}}}", " ".repeat(lines[start].len() - trimmed.len()));
        let length = lines[start..].iter().position(|line| **line == closing)? + 1;
        (is_function && !trimmed.ends_with('}') && !trimmed.ends_with(';')).then_some((start + 1, length))
    })
}

#[test]
fn the_world_outside_is_reached_from_few_places() {
    let allowed: &[(&str, &[&str])] = &[
        ("Utc::now", &["clock.rs"]),
        ("Local::now", &["clock.rs"]),
        ("SystemTime::now", &["clock.rs"]),
        ("Instant::now", &["clock.rs"]),
        ("File::open", &["source/", "deliver/", "templates.rs"]),
        ("File::create", &["deliver/"]),
        // The clock reads the system's count of CPU time, and signals how the process was started.
        ("fs::read", &["source/", "deliver/", "templates.rs", "clock.rs", "cli/signals.rs"]),
        ("fs::write", &["deliver/"]),
        ("fs::rename", &["deliver/"]),
        ("OpenOptions", &["source/", "deliver/"]),
        // A heavy library is named in one module.
        // The workbooks written are read back by what did not write them.
        ("calamine::", &["source/workbook/", "export/read_back.rs"]),
        ("clap::", &["cli/"]),
        ("libdeflater::", &["report/deflate.rs"]),
        ("pdf_writer::", &["export/pdf/"]),
        ("rust_xlsxwriter::", &["export/xlsx/"]),
        ("sqlparser::", &["select/"]),
    ];
    let mut faults = Vec::new();
    for (file, number, line) in lines(&files("src")) {
        let name = file.name.trim_start_matches("src/");
        for (call, places) in allowed.iter().filter(|(call, _)| line.contains(call)) {
            if !places.iter().any(|place| name.starts_with(place)) {
                faults.push(format!("{}:{number}: {call} belongs to {}", file.name, places.join(", ")));
            }
        }
    }
    report(faults);
}

#[test]
fn nothing_is_postponed_or_silenced() {
    let mut faults = Vec::new();
    let sources = files("src");
    for (file, number, line) in lines(&sources) {
        for word in [".unwrap()", ".expect(", "dbg!(", "todo!(", "unimplemented!(", "println!("] {
            if line.contains(word) {
                faults.push(format!("{}:{number}: {word}", file.name));
            }
        }
        let attribute = line.trim_start();
        if (attribute.starts_with("#[allow(") || attribute.starts_with("#![allow("))
            && !file.code.lines().skip(number - 1).take(4).any(|line| line.contains("reason = "))
        {
            faults.push(format!("{}:{number}: an allow without a reason", file.name));
        }
    }
    for file in &sources {
        for word in ["TODO", "FIXME", "To come."].iter().filter(|word| file.text.contains(**word)) {
            faults.push(format!("{}: {word}", file.name));
        }
    }
    let tests = files("tests");
    let ignored = lines(&tests).filter(|(_, _, line)| line.contains("#[ignore"));
    faults.extend(ignored.map(|(file, number, _)| format!("{}:{number}: a test that does not run", file.name)));
    report(faults);
}
