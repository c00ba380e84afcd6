//! The report of the shipped sample against expected text, one golden file a format, and the formats against each other
//! as read by programs that did not write them. `BLESS=1` rewrites `tests/golden`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use calamine::{Data, Reader, Xlsx, open_workbook};

use crate::program::{AS_OF, PROGRAM, STEM, starting};
use crate::tools;

/// A golden file and what it must hold; nothing where the program that reads it is not installed.
type Golden = (&'static str, fn() -> Option<String>);

/// Every golden file.
const GOLDEN: [Golden; 5] = [
    ("report.csv.txt", || Some(text("csv"))),
    ("report.xlsx.txt", || Some(workbook_text())),
    ("report.pdf.txt", || {
        let pdf = made().join(format!("{STEM}.pdf"));
        tools::found("pdftotext").then(|| tools::run("pdftotext", &["-raw", pdf.to_str().unwrap(), "-"]))
    }),
    ("rejects.csv.txt", || Some(text("rejects.csv"))),
    ("states.mmd.txt", || Some(tools::run(PROGRAM, &["states", "--mermaid"]))),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of one report of the sample, made once.
fn made() -> &'static Path {
    static MADE: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = tools::folder("golden");
        let samples = root().join("samples");
        let done = starting(PROGRAM)
            .args(["report", "port-orders.csv", "--accounts", "accounts.csv", "--operator", "Northwind Voice"])
            .args(["--as-of", AS_OF, "--quiet", "--out"])
            .arg(&folder)
            .current_dir(samples)
            .output()
            .unwrap();
        assert_eq!(done.status.code(), Some(3), "{}", String::from_utf8_lossy(&done.stderr));
        folder
    });
    &MADE
}

/// Compares `found` with the golden file `name`, or rewrites it when `BLESS` is `1`.
fn compare(name: &str, found: &str) {
    let path = root().join("tests/golden").join(name);
    if std::env::var("BLESS").as_deref() == Ok("1") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, found).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}; BLESS=1 writes it"));
    let differing = expected.lines().zip(found.lines()).enumerate().find(|(_, (expected, found))| expected != found);
    if let Some((line, (expected, found))) = differing {
        panic!("{name}, line {}:\nexpected {expected}\n   found {found}\nBLESS=1 accepts it", line + 1);
    }
    assert_eq!(expected.len(), found.len(), "{name}: the lengths differ; BLESS=1 accepts it");
}

#[test]
fn the_sample_gives_the_expected_files() {
    for (name, produce) in GOLDEN {
        if let Some(found) = produce() {
            compare(name, &found);
        }
    }
}

#[test]
fn every_golden_file_is_produced() {
    let found: BTreeSet<String> = tools::names(&root().join("tests/golden")).into_iter().collect();
    assert_eq!(found, GOLDEN.iter().map(|(name, _)| (*name).to_owned()).collect());
}

fn text(name: &str) -> String {
    fs::read_to_string(made().join(format!("{STEM}.{name}"))).unwrap()
}

/// A workbook cell as text, with its type where the text does not tell it.
fn cell(data: &Data) -> String {
    match data {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        Data::DateTime(serial) => format!("#{}", serial.as_f64()),
        other => format!("{other:?}"),
    }
}

/// Every sheet of the workbook, a line a row.
fn workbook_text() -> String {
    let mut book: Xlsx<_> = open_workbook(made().join(format!("{STEM}.xlsx"))).unwrap();
    let mut found = String::new();
    for name in book.sheet_names() {
        writeln!(found, "== {name}").unwrap();
        for row in book.worksheet_range(&name).unwrap().rows() {
            let cells: Vec<String> = row.iter().map(|data| cell(data).replace('\n', "\\n")).collect();
            writeln!(found, "{}", cells.join("|").trim_end_matches('|')).unwrap();
        }
    }
    found
}

/// The rows of a CSV text, header included.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// A guarded CSV cell as it was before the guard.
fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) => rest,
        _ => cell,
    }
}

/// What the CSV says for a workbook cell of the same value.
fn as_csv(data: &Data) -> String {
    match data {
        Data::DateTime(serial) if serial.as_f64() < 1.0 => {
            let minutes = (serial.as_f64() * 1440.0).round() as u32;
            format!("{:02}:{:02}", minutes / 60, minutes % 60)
        }
        Data::DateTime(serial) => {
            let start = chrono::NaiveDate::from_ymd_opt(1899, 12, 30).unwrap();
            (start + chrono::Duration::days(serial.as_f64() as i64)).to_string()
        }
        other => cell(other),
    }
}

#[test]
fn workbook_and_text_agree_cell_by_cell() {
    let text = rows(&text("csv"));
    let mut book: Xlsx<_> = open_workbook(made().join(format!("{STEM}.xlsx"))).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    assert_eq!(range.height(), text.len());
    assert!(text.len() > 250, "the sample has {} rows", text.len());
    for (line, (cells, expected)) in range.rows().zip(&text).enumerate() {
        let cells: Vec<String> = cells.iter().map(as_csv).collect();
        let expected: Vec<&str> = expected.iter().map(|cell| unguarded(cell)).collect();
        assert_eq!(cells, expected, "row {line}");
    }
}

#[test]
fn libreoffice_reads_the_workbook_as_the_text_says() {
    let folder = tools::folder("golden-soffice");
    let book = made().join(format!("{STEM}.xlsx"));
    // Comma, quote, UTF-8, cells as they are shown, the first sheet.
    let filter = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,true";
    let Some(converted) = tools::convert(&book, filter, &folder) else { return };
    let (theirs, ours) = (rows(&fs::read_to_string(converted).unwrap()), rows(&text("csv")));
    assert_eq!(theirs.len(), ours.len());
    for (line, (theirs, ours)) in theirs.iter().zip(&ours).enumerate() {
        let ours: Vec<&str> = ours.iter().map(|cell| unguarded(cell)).collect();
        assert_eq!(theirs, &ours, "row {line}");
    }
}

#[test]
fn pages_hold_the_same_numbers_in_the_same_order() {
    if !tools::found("pdftotext") {
        return;
    }
    let pdf = made().join(format!("{STEM}.pdf"));
    let pages = tools::run("pdftotext", &["-layout", pdf.to_str().unwrap(), "-"]);
    let listed: Vec<&str> = pages.lines().filter_map(|line| line.split_whitespace().next()).filter(|word| word.starts_with("+1")).collect();
    let text = rows(&text("csv"));
    let expected: Vec<&str> = text[1..].iter().map(|row| row[0].as_str()).filter(|number| number.starts_with("+1")).collect();
    assert!(expected.len() > 250);
    // The lists come before the numbers.
    assert_eq!(listed[listed.len() - expected.len()..], expected);
}
