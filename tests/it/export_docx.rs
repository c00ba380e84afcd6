//! The text document: its order, its properties, its limits, and what programs of others say of it.

use std::io::{Cursor, Read};

use portstatus::export::docx::Docx;
use portstatus::export::{Exporter, Options};
use portstatus::report::{Content, Report, Series};

use crate::export_formats::samples::SAMPLES;
use crate::report::{ROWS, report};
use crate::tools;

fn document(report: &Report) -> Vec<u8> {
    let mut out = Vec::new();
    Docx.export(report, &Options::default(), &mut out).unwrap();
    out
}

fn part(document: &[u8], name: &str) -> String {
    let mut text = String::new();
    let mut archive = zip::ZipArchive::new(Cursor::new(document)).unwrap();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn sample(name: &str) -> Report {
    (SAMPLES.iter().find(|(other, _)| *other == name).unwrap().1)()
}

#[test]
fn the_numbers_stand_before_lists_that_repeat_them_and_their_head_is_on_every_page() {
    let report = sample("every-status");
    let text = part(&document(&report), "word/document.xml");
    let charts = series(&report).count();
    let numbers = text.find("w:name=\"numbers\"").unwrap();
    assert!(text.find("Numbers by status").unwrap() < numbers, "the summary comes first");
    // The lists have headings of the first level as the numbers have, and the numbers have the first of these.
    let headings: Vec<&str> = text.split("<w:pStyle w:val=\"Heading1\"/></w:pPr>").skip(1).collect();
    assert!(headings[0].starts_with("<w:bookmarkStart w:id=\"0\" w:name=\"numbers\"/>") && headings.len() > 4, "{}", headings.len());
    let heads = text.matches("<w:tblHeader/>").count();
    assert_eq!(text.matches("<w:tbl>").count() - 1 - charts, heads, "every table but the facts and the bars has a head");
    assert!(text.contains("w:orient=\"landscape\""));
}

/// The counts of the charts that a document has.
fn series(report: &Report) -> impl Iterator<Item = &Series> {
    report.sections.iter().filter(|section| section.place("docx").is_some()).filter_map(|section| match &section.content {
        Content::Series(series) => Some(series),
        _ => None,
    })
}

#[test]
fn counts_stand_in_two_columns_each_with_a_bar_as_long_as_it_is_large() {
    let report = sample("every-status");
    let text = part(&document(&report), "word/document.xml");
    assert_eq!(text.matches("<w:cols w:num=\"2\"").count(), 1);
    let (before, after) = text.split_once("<w:cols w:num=\"2\"").unwrap();
    assert!(before.contains("Numbers by status") && !before.contains("w:name=\"numbers\"") && after.contains("w:name=\"numbers\""));
    assert_eq!(before.matches("Numbers by status<").count(), 1, "bars and figures of one heading stand below it together");
    // What a bar leaves free at its right, by its count.
    let bars: Vec<&str> = before.split("<w:ind w:right=\"").skip(1).collect();
    let free = bars.iter().map(|rest| rest.split('"').next().unwrap().parse::<u32>().unwrap());
    let counts: Vec<u64> =
        series(&report).flat_map(|series| series.points.iter().map(|point| point.count)).filter(|count| *count > 0).collect();
    assert_eq!((bars.len(), counts.len() > 5), (counts.len(), true));
    let first = series(&report).next().unwrap();
    let most = first.points.iter().map(|point| point.count).max().unwrap();
    let shown: Vec<(u64, u32)> = counts.into_iter().zip(free).take(first.points.iter().filter(|point| point.count > 0).count()).collect();
    let longest = shown.iter().map(|(_, free)| *free).max().unwrap();
    for (count, free) in &shown {
        assert_eq!(*free == 0, *count == most, "{shown:?}");
        assert!(shown.iter().all(|(other, room)| (other > count) == (room < free) || *room == longest), "{shown:?}");
    }
}

#[test]
fn properties_tell_of_the_report_and_of_nobody() {
    let core = part(&document(&report(ROWS, "")), "docProps/core.xml");
    for expected in [
        "<dc:title>Partner Number Port Status Report</dc:title>",
        "<dc:language>en-US</dc:language>",
        "<dc:subject>Numbers in porting as of",
    ] {
        assert!(core.contains(expected), "{expected}: {core}");
    }
    assert!(!core.contains("lastModifiedBy") && !core.contains("root"), "{core}");
    let footer = part(&document(&report(ROWS, "")), "word/footer1.xml");
    assert!(
        footer.contains("w:instr=\" PAGE \"") && footer.contains("w:instr=\" NUMPAGES \"") && footer.contains("Confidential: "),
        "{footer}"
    );
}

#[test]
fn validators_of_others_find_no_error() {
    for name in ["empty", "every-status", "unicode", "hostile", "wide"] {
        let path = tools::saved(&format!("{name}.docx"), &document(&sample(name)));
        let path_text = path.to_str().unwrap();
        if tools::found("openxml-audit") {
            tools::run("openxml-audit", &[path_text]);
        }
        if tools::found("ooxml-integrity") {
            tools::run("ooxml-integrity", &["check", path_text]);
        }
        if tools::found("xmllint") {
            for part_name in ["word/document.xml", "word/styles.xml", "word/footer1.xml", "word/header1.xml", "docProps/core.xml"] {
                let xml = path.with_file_name("part.xml");
                std::fs::write(&xml, part(&std::fs::read(&path).unwrap(), part_name)).unwrap();
                tools::run("xmllint", &["--noout", "--huge", xml.to_str().unwrap()]);
            }
        }
        std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
}

#[test]
fn another_word_processor_shows_head_notice_and_page_number_on_every_page() {
    if !tools::found("soffice-writer") || !tools::found("pdftotext") {
        return;
    }
    let report = sample("every-status");
    let path = tools::saved("report.docx", &document(&report));
    let Some(pdf) = tools::convert(&path, "pdf", path.parent().unwrap()) else { return };
    let text = tools::run("pdftotext", &["-layout", pdf.to_str().unwrap(), "-"]);
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
    assert!(pages.len() > 2, "{} pages", pages.len());
    for (index, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Page {} of {}", index + 1, pages.len())), "page {}: {page}", index + 1);
        assert!(page.contains("Confidential: customer information"), "page {}", index + 1);
    }
    let of_numbers = pages.iter().filter(|page| page.contains("+1")).count();
    assert!(pages.iter().filter(|page| page.contains("Phone")).count() >= of_numbers.min(2), "{text}");
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
}
