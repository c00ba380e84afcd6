//! Published files that nobody here wrote: `PORTSTATUS_CORPUS` names a folder of them with `expected_*.csv`; the real binary reads each.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{PROGRAM, starting};
use crate::tools::{corpus, folder};

const TIMEOUT: Duration = Duration::from_secs(5);

struct Run {
    code: i32,
    out: Vec<u8>,
    err: String,
}

impl Run {
    fn found(&self) -> Option<Value> {
        serde_json::from_str(&self.err).ok()
    }
}

/// Runs `portstatus read`; a run that takes too long, is killed, or panics is a failure whatever the file.
fn run(file: &Path, more: &[&str]) -> Result<Run, String> {
    let scratch = folder("corpus");
    let (out, err) = (scratch.join("out"), scratch.join("err"));
    let mut child = starting(PROGRAM)
        .arg("read")
        .arg(file)
        .args(more)
        .stdin(Stdio::null())
        .stdout(File::create(&out).unwrap())
        .stderr(File::create(&err).unwrap())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > TIMEOUT {
            child.kill().unwrap();
            child.wait().unwrap();
            return Err(format!("took more than {TIMEOUT:?}"));
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let run = Run {
        code: status.code().ok_or(format!("died: {status}"))?,
        out: std::fs::read(&out).unwrap(),
        err: String::from_utf8_lossy(&std::fs::read(&err).unwrap()).into_owned(),
    };
    std::fs::remove_dir_all(scratch).unwrap();
    if run.err.contains("panicked") || run.err.contains("RUST_BACKTRACE") || run.code == 70 {
        return Err(format!("a bug, not an answer: {}", run.err));
    }
    Ok(run)
}

/// What was read, if what is said about it adds up: every row is printed, or counted and listed by line and reason.
fn accounted(run: &Run) -> Result<Value, String> {
    let found = run.found().ok_or(format!("exit {} without JSON: {}", run.code, run.err))?;
    let refused = found["refused"].as_u64().unwrap_or(0);
    let code = if refused > 0 { 3 } else { 0 };
    if run.code != code {
        return Err(format!("exit {} with {refused} rows refused", run.code));
    }
    let listed = found["refused_rows"].as_array().map_or(0, Vec::len) as u64;
    let every = found["refused_rows"].as_array().is_none_or(|rows| {
        rows.iter()
            .all(|row| row["line"].as_u64().is_some_and(|line| line > 0) && row["reason"].as_str().is_some_and(|reason| !reason.is_empty()))
    });
    if listed != refused.min(1000) || !every {
        return Err(format!("{refused} rows refused, {listed} listed"));
    }
    let printed = records(&run.out, b',', b'"')?.len() as u64;
    let rows = found["rows"].as_u64().ok_or("no count of rows")?;
    let header = u64::from(found["columns"].as_u64() > Some(0));
    if printed != rows - refused + header {
        return Err(format!("{rows} rows found, {refused} refused, {printed} lines printed"));
    }
    Ok(found)
}

fn records(text: &[u8], delimiter: u8, quote: u8) -> Result<Vec<Vec<String>>, String> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).quote(quote).from_reader(text);
    let texts = reader.byte_records().map(|record| {
        let record = record.map_err(|error| error.to_string())?;
        Ok(record.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect())
    });
    texts.collect()
}

/// Notes of files that the csv crate reads otherwise by design: where a quote is unclosed it makes one field of the rest of
/// the file, it knows no blanks behind delimiters, and text behind a quote belongs to the field.
const READ_OTHERWISE: [&str; 6] =
    ["unclosed quote", "NUL", "inside quotes", "in the middle of its fields", "another table", "a blank behind"];

/// What the csv crate makes of the file, told the dialect; `None` where its answer differs by design.
fn truth(bytes: &[u8], found: &Value) -> Option<Vec<Vec<String>>> {
    let text = encoding_rs::Encoding::for_label(found["encoding"].as_str()?.as_bytes())?.decode(bytes).0.into_owned();
    let notes = found["notes"].as_array().cloned().unwrap_or_default();
    let notes: Vec<&str> = notes.iter().filter_map(Value::as_str).collect();
    if notes.iter().any(|note| READ_OTHERWISE.iter().any(|reason| note.contains(reason))) {
        return None;
    }
    let has_note = |part: &str| notes.iter().any(|note| note.contains(part));
    let delimiter = found["delimiter"].as_str().map_or(0x1f, |delimiter| delimiter.as_bytes()[0]);
    // Rows of nothing but delimiters at the end are nothing.
    let is_nothing = |line: &str| line.chars().all(|letter| letter.is_whitespace() || letter == char::from(delimiter));
    let ends: Vec<&str> = text.split_inclusive(['\n', '\r']).collect();
    let content = ends.iter().rposition(|line| !is_nothing(line)).map_or(0, |last| last + 1);
    let mut reader = csv::ReaderBuilder::new();
    reader.has_headers(false).flexible(true).delimiter(delimiter).quote(found["quote"].as_str().map_or(b'"', |quote| quote.as_bytes()[0]));
    reader.escape(found["escape"].as_str().map(|escape| escape.as_bytes()[0]));
    let text = ends[..content].concat();
    let mut rows: Vec<Vec<String>> = reader
        .from_reader(text.as_bytes())
        .records()
        .map(|row| row.map(|row| row.iter().map(str::to_owned).collect()))
        .collect::<Result<_, _>>()
        .ok()?;
    let skipped = notes.iter().filter(|note| note.contains("of text above the header"));
    let skipped: usize = skipped.filter_map(|note| note.strip_prefix("skipped ")?.split(' ').next()?.parse::<usize>().ok()).sum();
    let separator = usize::from(text.to_lowercase().starts_with("sep="));
    rows.retain(|row| row.len() > 1 || !row[0].trim().is_empty() || found["columns"] == 1);
    rows.drain(..skipped + separator);
    let mut header: Vec<String> = rows.first()?.iter().map(|name| name.trim_matches('\u{feff}').to_owned()).collect();
    let repeats = has_note("repeat the header") || has_note("the header again");
    let mut first = true;
    rows.retain(|row| std::mem::take(&mut first) || !repeats || *row != header);
    let fields = notes.iter().find_map(|note| note.strip_prefix("the rows have ")?.split(' ').next()?.parse().ok()).unwrap_or(header.len());
    if has_note("left out") && has_note("its empty ones") {
        header.retain(|name| !name.trim().is_empty());
    } else if has_note("numbers the rows") {
        header.insert(0, String::new());
    } else if has_note("stand side by side") {
        header.resize(header.len().max(fields), String::new());
    }
    let width = header.len();
    rows[0] = header;
    let mut first = true;
    rows.retain(|row| std::mem::take(&mut first) || (row.len() == fields && row.iter().skip(width).all(|cell| cell.trim().is_empty())));
    rows.iter_mut().for_each(|row| row.resize(width, String::new()));
    Some(rows)
}

fn is_error(run: &Run, file: &Path) -> Result<(), String> {
    let name = file.file_name().unwrap().to_string_lossy();
    let one_line = run.err.trim_end().lines().count() == 1;
    if !(64..=78).contains(&run.code) || !run.out.is_empty() || !one_line || !run.err.contains(name.as_ref()) {
        return Err(format!("exit {}, {} bytes printed, not one line that names the file: {}", run.code, run.out.len(), run.err));
    }
    Ok(())
}

/// Either a clear error or an account of every row.
fn answered(run: &Run, file: &Path) -> Result<(), String> {
    if run.code >= 64 { is_error(run, file) } else { accounted(run).map(|_| ()) }
}

fn check(file: &Path, expect: &str, compared: &AtomicUsize) -> Result<(), String> {
    if let Some(label) = expect.strip_prefix("READ-WITH-ENCODING(").and_then(|rest| rest.strip_suffix(')')) {
        let told = run(file, &["--encoding", label])?;
        compare(&told, file, compared)?;
        let untold = run(file, &[])?;
        let said = untold.err.contains("encoding") || untold.err.contains("is not UTF-8");
        return if said { answered(&untold, file) } else { Err(format!("the encoding is not told and not said: {}", untold.err)) };
    }
    let run = run(file, &[])?;
    match expect {
        "READ" | "READ(bom)" => compare(&run, file, compared),
        "EMPTY" if run.code == 65 && run.err.contains("empty") => is_error(&run, file),
        "EMPTY" => Err(format!("exit {}: {}", run.code, run.err)),
        "ERROR" => match READ_HERE.iter().find(|exception| file.ends_with(exception.file)) {
            Some(exception) => read_here(&run, exception),
            None => is_error(&run, file),
        },
        "ERROR-PASSWORD" | "ERROR-ENCRYPTED" if !run.err.contains("encrypt") && !run.err.contains("password") => {
            Err(format!("does not say encrypted: {}", run.err))
        }
        "ERROR-PASSWORD" | "ERROR-ENCRYPTED" => is_error(&run, file),
        "EITHER" | "FUZZ" | "HOSTILE" | "ERROR-OR-DIAGNOSE" => answered(&run, file),
        other => Err(format!("no such expectation: {other}")),
    }
}

fn compare(run: &Run, file: &Path, compared: &AtomicUsize) -> Result<(), String> {
    let found = accounted(run)?;
    if found["format"] != "csv" {
        return if run.code == 0 { Ok(()) } else { Err(format!("exit {}", run.code)) };
    }
    let Some(expected) = truth(&std::fs::read(file).unwrap(), &found) else {
        return Ok(());
    };
    let printed = records(&run.out, b',', b'"')?;
    compared.fetch_add(1, Ordering::Relaxed);
    match printed.iter().zip(&expected).position(|(left, right)| left != right) {
        Some(row) => Err(format!("row {row} differs: {:?} is not {:?}", printed[row], expected[row])),
        None if printed.len() != expected.len() => Err(format!("{} rows, not {}", printed.len(), expected.len())),
        None => Ok(()),
    }
}

/// A file that its list expects to be an error, because the reader that made the list fails on it, and that is read here.
struct ReadHere {
    file: &'static str,
    why: &'static str,
    sheets: &'static [&'static str],
    printed: &'static str,
    note: &'static str,
}

const READ_HERE: [ReadHere; 5] = [
    ReadHere {
        file: "calamine/any_sheets.xlsb",
        why: "the other reader stumbles over its chart sheet, which holds no cells; the three worksheets are whole",
        sheets: &["Visible", "Hidden", "VeryHidden"],
        printed: "1,2\n3,4\n5,6\n\"This workbook contains 4 sheets: Visible, Hidden, VeryHidden and Chart\",\n",
        note: "only sheet Visible was read, one of 3",
    },
    ReadHere {
        file: "phpspreadsheet/XLSX/issue.2501.b.xlsx",
        why: "the other reader stumbles over merged ranges of whole rows and columns, and over a sheet without any value; such a sheet is empty",
        sheets: &["Columns", "Rows"],
        printed: "",
        note: "all its sheets are empty",
    },
    indented("phpspreadsheet/Ods/RepeatedDataCells.ods", &["Sheet1"], "TestA,,,,TestE,,TestG,SameValue,SameValue,SameValue,TestK\n"),
    indented("phpspreadsheet/Ods/issue.4435b.ods", &["TestSheet"], "1\n3\n"),
    indented(
        "phpspreadsheet/Ods/issue.804.ods",
        &["Report"],
        "Name,Anrede,Titel,Master Titel,Vorname,Ansprechpartner,Straße,Straße 2,Plz,Ort,Land,Telefon 1,Mobil,E-mail\nFodfdsnad,,,,,,addas,,,,,,,\n",
    ),
];

const fn indented(file: &'static str, sheets: &'static [&'static str], printed: &'static str) -> ReadHere {
    ReadHere { file, why: "the other reader takes white space between the elements of a row for a cell", sheets, printed, note: "" }
}

fn read_here(run: &Run, expected: &ReadHere) -> Result<(), String> {
    let found = accounted(run)?;
    let said = expected.note.is_empty() || found["notes"].as_array().is_some_and(|notes| notes.iter().any(|note| note == expected.note));
    let printed = String::from_utf8_lossy(&run.out);
    if found["sheets"] != serde_json::json!(expected.sheets) || printed != expected.printed || !said {
        return Err(format!("not read as it should be ({}): {found}, {printed:?}", expected.why));
    }
    Ok(())
}

/// Checks the files of one list that are on disk; returns how many of each expectation, and how many were compared cell by cell.
fn suite(kind: &str) -> Option<(BTreeMap<String, usize>, usize)> {
    let corpus = corpus()?;
    let list = std::fs::read(corpus.join(format!("expected_{kind}.csv"))).unwrap();
    let rows = records(&list, b',', b'"').unwrap();
    let files: Vec<(PathBuf, &str)> =
        rows.iter().skip(1).map(|row| (corpus.join(kind).join(&row[0]), row[2].as_str())).filter(|(file, _)| file.exists()).collect();
    let (next, compared) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results = Mutex::new((BTreeMap::new(), Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((file, expect)) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let checked = check(file, expect, &compared);
                    let mut results = results.lock().unwrap();
                    *results.0.entry(expect.split('(').next().unwrap().to_owned()).or_insert(0) += 1;
                    if let Err(fault) = checked {
                        results.1.push(format!("{expect} {}: {fault}", file.display()));
                    }
                }
            });
        }
    });
    let (counts, mut faults) = results.into_inner().unwrap();
    faults.sort();
    assert!(faults.is_empty(), "{} of {} files:\n{}", faults.len(), files.len(), faults.join("\n"));
    Some((counts, compared.into_inner()))
}

#[test]
fn csv_files() {
    let Some((counts, compared)) = suite("csv") else { return };
    for expect in ["READ", "READ-WITH-ENCODING", "EITHER", "EMPTY", "FUZZ", "ERROR-OR-DIAGNOSE"] {
        assert!(counts.get(expect) > Some(&0), "no {expect} in {counts:?}");
    }
    assert!(compared * 10 > counts["READ"] * 9, "only {compared} of {counts:?} were compared");
}

#[test]
fn excel_files() {
    let Some((counts, _)) = suite("excel") else { return };
    for expect in ["READ", "EITHER", "ERROR", "ERROR-PASSWORD", "HOSTILE"] {
        assert!(counts.get(expect) > Some(&0), "no {expect} in {counts:?}");
    }
}

#[test]
fn parquet_files() {
    let Some((counts, _)) = suite("parquet") else { return };
    for expect in ["READ", "EITHER", "ERROR"] {
        assert!(counts.get(expect) > Some(&0), "no {expect} in {counts:?}");
    }
}
