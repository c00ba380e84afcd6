//! One suite for every format: each sample report is written twice, opened by a program that did not write it, and compared
//! with the report cell by cell. A format in the list of formats that nothing here reads fails.

mod data_readers;
mod documents;
mod proof;
pub mod readers;
pub mod samples;

use std::collections::BTreeMap;
use std::path::Path;

use portstatus::export::{ExportSummary, Exporter, FORMATS, Options};
use portstatus::report::Report;

use crate::tools::{FullDisk, saved};
use readers::{Cells, READERS, Reader};
use samples::{SAMPLES, Shown, shown, shown_to_programs};

fn write(format: &dyn Exporter, report: &Report) -> (Vec<u8>, ExportSummary) {
    let mut out = Vec::new();
    let summary = format.export(report, &Options::default(), &mut out).unwrap();
    (out, summary)
}

/// Whether `report` has more columns than `format` holds, which is then said with the number.
fn is_too_wide(format: &dyn Exporter, report: &Report) -> bool {
    let is_too_wide = format.name() == "docx" && report.numbers.columns.len() > 63;
    if is_too_wide {
        let error = format.export(report, &Options::default(), &mut Vec::new()).unwrap_err();
        let said = format!("{} columns do not fit; a table of a text document holds 63", report.numbers.columns.len());
        assert!(error.code() == 65 && error.to_string().contains(&said), "{error}");
    }
    is_too_wide
}

#[test]
fn every_format_has_a_reader_that_did_not_write_it() {
    for format in FORMATS {
        assert!(READERS.iter().any(|reader| reader.format == format.name()), "nothing here reads {}", format.name());
    }
    for reader in READERS {
        assert!(FORMATS.iter().any(|format| format.name() == reader.format), "{} is not a format", reader.format);
    }
}

#[test]
fn every_format_holds_what_every_report_holds() {
    for (sample, make) in SAMPLES {
        let report = make();
        let (of_words, of_codes) = (shown(&report), shown_to_programs(&report));
        for format in FORMATS.iter().filter(|format| !is_too_wide(**format, &report)) {
            let place = format!("{sample} as {}", format.name());
            let (bytes, summary) = write(*format, &report);
            assert_eq!(summary.rows, of_words.rows.len() as u64, "{place}: rows that were counted");
            let path = saved(&format!("{sample}.{}", format.name()), &bytes);
            for reader in READERS.iter().filter(|reader| reader.format == format.name()) {
                let place = format!("{place}, read by {}", reader.program);
                let table = if reader.has_codes { &of_codes } else { &of_words };
                if let Some(found) = (reader.read)(&path, &report) {
                    compare(&place, reader, table, &found);
                    compare_totals(&place, &report, (table, reader.has_codes), &found);
                }
                check_figures(&place, reader, &path, &report);
            }
            std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
        }
    }
}

/// Every cell, and the captions above them where the reader finds them.
fn compare(place: &str, reader: &Reader, table: &Shown, found: &Cells) {
    if let Some(captions) = &found.captions {
        let expected: Vec<String> = table.columns.iter().map(|column| column.caption.clone()).collect();
        assert_eq!(captions, &expected, "{place}: captions");
    }
    assert_eq!(found.rows.len(), table.rows.len(), "{place}: rows");
    for (row, (found, expected)) in found.rows.iter().zip(&table.rows).enumerate() {
        assert_eq!(found.len(), expected.len(), "{place}, row {row}: cells");
        for ((found, expected), column) in found.iter().zip(expected).zip(&table.columns) {
            let is_same = (reader.is_same)(column.kind, expected, found);
            assert!(is_same, "{place}, row {row}, column {}: {found:?} for {expected:?}", column.key);
        }
    }
}

/// How many rows have each status, by the cells that were read, against the counts of the report.
fn compare_totals(place: &str, report: &Report, (table, has_codes): (&Shown, bool), found: &Cells) {
    let Some(status) = table.columns.iter().position(|column| column.key == "status") else { return };
    let mut counts = BTreeMap::<String, u64>::new();
    found.rows.iter().for_each(|row| *counts.entry(bare(&row[status])).or_default() += 1);
    let expected = report.cover.figures.by_status.iter().filter(|(_, count)| *count > 0);
    let expected = expected.map(|(status, count)| match has_codes {
        true => (status.map_or(String::new(), |status| status.code().to_owned()), *count),
        false => (status.map_or("(unknown)".to_owned(), |status| bare(status.caption())), *count),
    });
    assert_eq!(counts, expected.collect(), "{place}: rows by status");
    assert_eq!(report.cover.figures.rows, found.rows.len() as u64, "{place}: all rows");
}

fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The counts by status, in the words around the table of numbers.
fn check_figures(place: &str, reader: &Reader, path: &Path, report: &Report) {
    let Some(lines) = reader.words.and_then(|words| words(path)) else { return };
    for (status, count) in report.cover.figures.by_status.iter().filter(|(_, count)| *count > 0) {
        let caption = status.map_or("(unknown)", |status| status.caption());
        let counted = |line: &str| line.replace(',', "").split(|c: char| !c.is_ascii_digit()).any(|word| word == count.to_string());
        let says = |line: &String| line.contains(caption) && counted(line);
        assert!(lines.iter().any(says), "{place}: {caption} {count} is nowhere");
    }
}

#[test]
fn the_same_report_is_the_same_bytes_on_any_number_of_threads() {
    for (sample, make) in SAMPLES {
        let report = make();
        for format in FORMATS.iter().filter(|format| !is_too_wide(**format, &report)) {
            let on = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| write(*format, &report))
            };
            let first = on(1);
            for threads in [2, 5] {
                assert!(on(threads) == first, "{sample} as {} differs on {threads} threads", format.name());
            }
        }
    }
}

#[test]
fn a_disk_that_is_full_is_an_error_in_every_format() {
    let report = (SAMPLES.iter().find(|(name, _)| *name == "longest").unwrap().1)();
    for format in FORMATS {
        let size = write(*format, &report).0.len();
        for room in [0, 500, size / 2, size - 1] {
            let mut out = FullDisk { room };
            let error = format.export(&report, &Options::default(), &mut out).unwrap_err();
            assert_eq!(error.code(), 74, "{}, {room} bytes of {size}: {error}", format.name());
        }
    }
}
