//! One separator more, one fewer and a stray quote, at each place of the published CSV files in turn: what cannot be told apart is refused or said, and no cell stands in another column unsaid.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use portstatus::source::ReadOptions;
use portstatus::source::csv::ChunkSizes;
use portstatus::source::csv::detect::detect;
use portstatus::source::csv::record::{Dialect, Ending, Field, walk};

use crate::source_csv::{cells, everything, opened, read_in_chunks, shown};
use crate::tools::corpus;

/// Readings of one file at most, and bytes that they take together: with both the test takes some seconds.
const MOST_READINGS: usize = 120;
const MOST_BYTES: usize = 2 << 20;

/// What was read of a text.
#[derive(PartialEq)]
struct Reading {
    headers: Vec<String>,
    /// By the line that each began on.
    rows: BTreeMap<u32, Vec<String>>,
    refused: BTreeSet<u32>,
    notes: Vec<String>,
}

fn read(text: &[u8]) -> Option<Reading> {
    let table = read_in_chunks(&opened(text), &ReadOptions::default(), &everything, ChunkSizes::default()).ok()?;
    let rows = cells(&table).into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect());
    Some(Reading {
        rows: table.lines.iter().copied().zip(rows).collect(),
        refused: table.refused.iter().map(|row| row.line).collect(),
        // That a row is refused, or has quotes that are letters, says nothing of the others.
        notes: table.found.notes.iter().filter(|note| !note.starts_with("refused ") && !note.contains("inside quotes")).cloned().collect(),
        headers: table.headers,
    })
}

/// A record of the text and where its delimiters stand.
struct Record {
    line: u32,
    fields: Vec<Field>,
    delimiters: Vec<usize>,
    start: usize,
    end: usize,
}

fn records(text: &str, dialect: &Dialect, start: usize, first_line: u32) -> Vec<Record> {
    let bytes = text.as_bytes();
    let (mut at, mut line, mut records) = (start, first_line, Vec::new());
    while at < bytes.len() {
        let mut fields = Vec::new();
        let Ending::Whole { next, lines, .. } = walk(bytes, at, dialect, &mut fields) else { break };
        let after = |field: &Field| field.end + bytes[field.end..].iter().position(|byte| *byte == dialect.delimiter).unwrap();
        let delimiters = fields[..fields.len() - 1].iter().map(after).collect();
        let end = at + text[at..next].trim_end_matches(['\n', '\r']).len();
        records.push(Record { line, fields, delimiters, start: at, end });
        (at, line) = (next, line + lines);
    }
    records
}

#[derive(Clone, Copy, Debug)]
enum Damage {
    More,
    Fewer,
    Quote,
}

/// A damage, the record and column it is done to, and the byte that is put in or taken out.
type Place = (Damage, usize, usize, usize);

fn places(records: &[Record]) -> Vec<Place> {
    let mut places = Vec::new();
    for (index, record) in records.iter().enumerate().filter(|(_, record)| record.fields.len() > 1) {
        for (column, field) in record.fields.iter().enumerate() {
            let start = if column == 0 { record.start } else { record.delimiters[column - 1] + 1 };
            places.push((Damage::More, index, column, start));
            if column > 0 {
                places.push((Damage::Fewer, index, column, start - 1));
            }
            let inside = [start, field.start, field.start + (field.end - field.start) / 2, field.end];
            places.extend(inside.into_iter().collect::<BTreeSet<_>>().into_iter().map(|at| (Damage::Quote, index, column, at)));
        }
        places.push((Damage::More, index, record.fields.len(), record.end));
    }
    places
}

fn damaged(text: &str, place: &Place, dialect: &Dialect) -> Option<String> {
    let (damage, _, _, at) = *place;
    let mut text = text.to_owned();
    // A quote between CR and LF makes two lines of one.
    if !text.is_char_boundary(at) || (at > 0 && text.as_bytes()[at - 1..].starts_with(b"\r\n")) {
        return None;
    }
    match damage {
        Damage::More => text.insert(at, char::from(dialect.delimiter)),
        Damage::Fewer => _ = text.remove(at),
        Damage::Quote => text.insert(at, char::from(dialect.quote)),
    }
    Some(text)
}

/// The first line whose cells stand elsewhere, or nowhere, without a word about it.
fn unsaid(whole: &Reading, damaged: &Reading, damage: Damage) -> Option<u32> {
    // A header without a row that fits it moves nothing.
    if damaged.notes != whole.notes || whole.rows.is_empty() || (damaged.rows.is_empty() && !damaged.refused.is_empty()) {
        return None;
    }
    let bare = |cell: &str| cell.replace(['"', '\'', '\\'], "").trim().to_owned();
    let is_quote = matches!(damage, Damage::Quote);
    let harmless = |left: &[String], right: &[String]| {
        left.len() == right.len() && (0..left.len()).all(|at| left[at] == right[at] || (is_quote && bare(&left[at]) == bare(&right[at])))
    };
    if damaged.headers != whole.headers && !harmless(&whole.headers, &damaged.headers) {
        return Some(0);
    }
    let lines: Vec<u32> = whole.rows.keys().chain(&whole.refused).copied().collect::<BTreeSet<_>>().into_iter().collect();
    let is_blank = |row: &Vec<String>| row.iter().all(|cell| cell.trim().is_empty());
    let moved = |(from, row): (&u32, &Vec<String>)| match damaged.rows.get(from) {
        Some(other) => !harmless(row, other),
        None => {
            let next = lines.iter().find(|line| *line > from).copied().unwrap_or(u32::MAX);
            !is_blank(row) && damaged.refused.range(*from..next).next().is_none()
        }
    };
    let lost = whole.rows.iter().find(|row| moved(*row)).map(|(line, _)| *line);
    let lost = lost.or_else(|| whole.refused.iter().find(|line| damaged.rows.contains_key(line)).copied());
    // A row on a line that none began on is a piece of one.
    let is_piece = |(from, row): &(&u32, &Vec<String>)| !lines.contains(from) && !is_blank(row);
    lost.or_else(|| damaged.rows.iter().find(is_piece).map(|(line, _)| *line))
}

/// The damages to this text that move a cell unsaid, and how many were done.
fn moved(text: &str) -> (Vec<String>, usize) {
    let (dialect, top) = detect(text, None);
    let Some(whole) = read(text.as_bytes()).filter(|whole| whole.headers.len() > 1) else {
        return (Vec::new(), 0);
    };
    let records = records(text, &dialect, top.start, top.line);
    let places = places(&records);
    let most = MOST_READINGS.min(MOST_BYTES / text.len().max(1)).max(1);
    let step = places.len().div_ceil(most).max(1);
    let mut faults = Vec::new();
    let mut done = 0;
    for place in places.iter().step_by(step) {
        let Some(text) = damaged(text, place, &dialect) else { continue };
        done += 1;
        let (damage, index, column, _) = *place;
        // Of a row that is refused a damage may make one that looks whole, and where rows are of several widths the header may
        // come to fit others.
        let line = records[index].line;
        if whole.refused.contains(&line) || (!whole.refused.is_empty() && !whole.rows.contains_key(&line)) {
            continue;
        }
        // Refused as a whole is said too.
        let Some(reading) = read(text.as_bytes()) else { continue };
        if let Some(line) = unsaid(&whole, &reading, damage) {
            let (before, after) = (whole.rows.get(&line), reading.rows.get(&line));
            faults.push(format!("{damage:?} in column {column} of line {}: line {line} is {after:?}, not {before:?}", records[index].line));
        }
    }
    (faults, done)
}

fn files(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        match entry.is_dir() {
            true => self::files(&entry, files),
            false => files.push(entry),
        }
    }
}

#[test]
fn no_cell_of_the_published_files_moves_unsaid() {
    let Some(corpus) = corpus() else { return };
    let mut paths = Vec::new();
    files(&corpus.join("csv"), &mut paths);
    paths.sort();
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let faults = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Some(text) = std::fs::read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else { continue };
                    let (moved, count) = moved(&text);
                    done.fetch_add(count, Ordering::Relaxed);
                    let name = path.strip_prefix(&corpus).unwrap().display();
                    faults.lock().unwrap().extend(moved.into_iter().map(|fault| format!("{name}: {fault}")));
                }
            });
        }
    });
    let mut faults = faults.into_inner().unwrap();
    faults.sort();
    let shown: Vec<String> = faults.iter().take(60).map(|fault| fault.chars().take(400).collect()).collect();
    assert!(faults.is_empty(), "{} of {done:?} damages move a cell unsaid:\n{}", faults.len(), shown.join("\n"));
    assert!(done.into_inner() > 10_000);
}

/// Every line inside its quotes is a row of two, but the one on which they open is none: they are meant.
#[test]
fn a_row_whose_first_line_is_none_is_read_with_its_quotes() {
    let text = "a\tb\n\"\r\t\"\"\"\t\"\n,\t\r\"\nx\ty\n";
    let options = ReadOptions { delimiter: Some(b'\t'), ..ReadOptions::default() };
    let table = read_in_chunks(&opened(text.as_bytes()), &options, &everything, ChunkSizes { most: 1, least_bytes: 1 }).unwrap();
    let expected = [["\r\t\"", "\n,\t\r"], ["x", "y"]].map(|row| row.map(|cell| Some(cell.to_owned())).to_vec());
    assert_eq!((cells(&table), table.refused.len()), (expected.to_vec(), 0), "{}", shown(&table));
}
