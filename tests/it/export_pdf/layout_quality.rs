//! Whether the pages are easy to read: rows not higher than they need be, captions whole, no page nearly empty.

use portstatus::domain::data_quality::QualityFlag;
use portstatus::report::Column;

use crate::export_pdf::orders::{columns, draft, report, text};
use crate::export_pdf::readers::{cell_boxes, export, run, words};
use crate::tools::saved;

/// From line to line of a cell, and the blank above and below the lines of a row, in points.
const LEADING: f32 = 8.5;
const PADDING: f32 = 4.5;

/// The nineteen columns with `reason` in one row of many, which no even sample of the rows is likely to meet.
fn with_rare_reason(rows: usize, reason: &str) -> Vec<Column> {
    let mut columns = columns(rows);
    let column = columns.iter_mut().find(|column| column.key == "reject_reason").unwrap();
    column.values = text((0..rows).map(|row| (row == rows / 2 + 1).then(|| reason.to_owned())));
    columns
}

#[test]
fn a_rare_reason_is_not_a_column_of_single_words() {
    for (rows, reason) in [
        (300, "Partial port: numbers missing see page 2 of the record"),
        (3_000, "Partial port: numbers missing see page 2 of the record"),
        (3_000, "Number is not portable because its rate center is not covered by us"),
    ] {
        let report = report(rows, with_rare_reason(rows, reason));
        let boxes = cell_boxes(&report);
        let height = |row: usize| -> f32 {
            boxes.iter().flatten().filter(|place| place.row == row && place.column == 18).map(|place| place.bottom - place.top).sum()
        };
        assert!(height(rows / 2 + 1) <= 4.0 * LEADING + PADDING, "{reason}: {} points", height(rows / 2 + 1));
        let pages = boxes.iter().filter(|boxes| !boxes.is_empty()).count();
        assert!(pages <= rows / 15, "{rows} rows on {pages} pages");
    }
}

#[test]
fn one_endless_cell_does_not_take_the_width_of_the_others() {
    let rows = 600;
    let endless = "words without an end ".repeat(60);
    let pages = |reason: &str| {
        let boxes = cell_boxes(&report(rows, with_rare_reason(rows, reason)));
        boxes.iter().filter(|boxes| !boxes.is_empty()).count()
    };
    let (without, with) = (pages(""), pages(&endless));
    assert!(with <= without + without / 10 + 3, "{with} pages for {without}");
}

/// The cells of the columns `keys` that are on more lines than one.
fn broken_cells(name: &str, shown: Vec<Column>, keys: &[&str]) -> Option<Vec<String>> {
    let report = report(60, shown.clone());
    let words = words(&saved(name, &export(&report).0))?;
    let boxes = cell_boxes(&report);
    let mut broken = Vec::new();
    for (page, place) in boxes.iter().enumerate().flat_map(|(page, boxes)| boxes.iter().map(move |place| (page, place))) {
        let inside = words.iter().filter(|word| {
            let middle = (word.left + word.right) / 2.0;
            word.page == page && word.middle > place.top && word.middle < place.bottom && middle > place.left && middle < place.right
        });
        let inside: Vec<_> = inside.collect();
        let lines = inside.iter().map(|word| word.middle);
        let key = &shown[place.column].key;
        if keys.contains(&key.as_str()) && lines.clone().fold(0.0, f32::max) - lines.fold(f32::MAX, f32::min) > 1.0 {
            broken.push(format!("{key}, row {}: {:?}", place.row, inside.iter().map(|word| &word.text).collect::<Vec<_>>()));
        }
    }
    Some(broken)
}

#[test]
fn statuses_and_dates_are_never_broken_and_addresses_only_where_there_is_no_room() {
    let always = ["phone_number", "submitted_date", "case_number", "request_id", "confirmed_time", "status", "account_id"];
    let Some(broken) = broken_cells("kept_whole.pdf", columns(60), &always) else { return };
    assert!(broken.is_empty(), "{broken:#?}");

    let some: Vec<Column> =
        columns(60).into_iter().enumerate().filter(|(index, _)| index % 2 == 0 || *index == 18).map(|shown| shown.1).collect();
    assert!(some.iter().any(|column| column.key == "account_username"));
    let Some(broken) = broken_cells("addresses.pdf", some, &[&always[..], &["account_username"]].concat()) else { return };
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn an_empty_column_shrinks_to_its_caption() {
    let width = |wanted: f32, full: bool| {
        let mut columns = columns(60);
        let column = columns.iter_mut().find(|column| column.key == "reject_reason").unwrap();
        column.width_characters = wanted;
        if !full {
            column.values = text((0..60).map(|_| None));
        }
        let boxes = cell_boxes(&report(60, columns));
        boxes.iter().flatten().find(|place| place.column == 18).map(|place| place.right - place.left).unwrap()
    };
    assert_eq!(width(60.0, false), width(5.0, false));
    assert!(width(60.0, false) < width(60.0, true));
    // "Reject" over "reason", in bold of 6.1 points, and the blank at either side.
    assert!(width(60.0, false) < 30.0, "{}", width(60.0, false));
}

#[test]
fn a_row_that_runs_over_pages_counts_once() {
    let report = report(9, with_rare_reason(9, &"words without an end ".repeat(600)));
    let (_, written) = export(&report);
    let places = cell_boxes(&report);
    let pages = places.iter().filter(|boxes| boxes.iter().any(|place| place.row == 5)).count();
    assert!(pages > 1, "the row is on {pages} pages");
    assert_eq!(written.rows, 9);
}

#[test]
fn captions_break_at_blanks() {
    let path = saved("captions.pdf", &export(&report(60, columns(60))).0);
    let Some(words) = words(&path) else { return };
    // The first page after the cover.
    let page = words.iter().find(|word| word.text == "(Toll-Free").unwrap().page;
    let captions: Vec<&str> = words.iter().filter(|word| word.page == page).map(|word| word.text.as_str()).collect();
    for whole in ["(Toll-Free", "(EPD)", "submission", "Confirmed"] {
        assert!(captions.contains(&whole), "{whole} is not in {captions:?}");
    }
    let lines = |text: &str| words.iter().filter(|word| word.page == page && word.text == text).map(|word| word.middle).fold(0.0, f32::max);
    // The last line of the highest caption is at most the fourth.
    assert!(lines("only)") - lines("Phone") < 3.5 * LEADING, "{} to {}", lines("Phone"), lines("only)"));
}

#[test]
fn no_page_holds_the_caveats_alone() {
    let mut draft = draft(12, columns(12));
    draft.template.caveats =
        vec!["A caveat of one line.".into(), "A caveat that goes on and on, for longer than half a line of the page. ".repeat(3)];
    let all: Vec<(QualityFlag, u64)> = QualityFlag::ALL.iter().map(|lint| (*lint, 3)).collect();
    for count in 0..=all.len() {
        draft.cover.figures.quality_flags = all[..count].to_vec();
        let (bytes, _) = export(&draft.clone().report());
        let path = saved("caveats.pdf", &bytes);
        let Some(said) = run("pdftotext", &["-layout"], &path) else { return };
        let page = said.split('\u{c}').find(|page| page.contains("Notice")).unwrap();
        assert!(page.contains("Numbers by status") || page.contains("Data quality"), "{count} flags:\n{page}");
        for (lint, _) in &draft.cover.figures.quality_flags {
            assert!(said.contains(lint.code()), "{count} flags: {}", lint.code());
        }
        assert!(said.contains("A caveat of one line."));
    }
}
