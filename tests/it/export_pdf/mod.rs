//! The PDF opened by readers that did not write it: words in their cells, fonts embedded, same bytes every time.

mod layout_quality;
mod links;
mod many_columns;
mod orders;
pub mod readers;
mod scripts;
mod structure;

use portstatus::domain::columns::ColumnType;
use portstatus::report::{Column, Page};

use orders::{column, columns, draft, others, report, text};
use readers::{cell_boxes, check, check_file, export, run, words};

use crate::tools::saved;

#[test]
fn every_cell_is_inside_its_rectangle() {
    let wide: Vec<Column> = columns(60).into_iter().chain(others(60)).collect();
    let widest: Vec<Column> = (0..3).flat_map(|_| columns(20).into_iter().chain(others(20))).collect();
    let narrow: Vec<Column> = columns(90).into_iter().take(4).collect();
    for (name, report) in [
        ("nineteen", report(400, columns(400))),
        ("twenty_four", report(60, wide)),
        ("seventy_two", report(20, widest)),
        ("four", report(90, narrow)),
    ] {
        check(name, &report);
    }
}

#[test]
fn every_page_says_what_it_is() {
    let report = report(120, columns(120));
    let (path, written) = check("furniture", &report);
    let pages = written.pages.unwrap();
    assert!(pages > 3);
    for page in 1..=pages {
        let number = page.to_string();
        let Some(said) = run("pdftotext", &["-layout", "-f", &number, "-l", &number], &path) else {
            return;
        };
        let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
        for expected in [
            format!("Page {page} of {pages}"),
            "As of 2026-11-21 02:00 Pacific (2026-11-21T10:00:00Z)".into(),
            "Filters: account is 2000007 or 2000014; created from 2026-01-01 to 2026-06-30".into(),
            "Confidential. Not for unauthorised contacts, competitors or other carriers;".into(),
        ] {
            assert!(flat.contains(&expected), "page {page} lacks {expected}:\n{said}");
        }
        let captions = ["Phone number", "Reject reason", "(Toll-Free"];
        assert!(page <= 2 || captions.iter().all(|caption| flat.contains(caption)), "page {page} lacks captions:\n{said}");
    }
}

#[test]
fn the_first_pages_have_the_counts() {
    let report = report(120, columns(120));
    let (path, _) = check("opening", &report);
    let Some(said) = run("pdftotext", &["-layout", "-f", "1", "-l", "2"], &path) else {
        return;
    };
    for (status, count) in &report.cover.figures.by_status {
        let caption = status.unwrap().caption();
        assert!(said.lines().any(|line| line.contains(caption) && line.contains(&count.to_string())), "{caption} {count}:\n{said}");
    }
    assert!(said.contains("the port time passed more than 60 minutes ago"), "{said}");
    assert!(said.contains("Week from") && said.contains("All open numbers"), "{said}");
}

#[test]
fn a_report_without_rows_says_so() {
    let (path, written) = check("empty", &report(0, columns(0)));
    assert_eq!((written.rows, written.pages), (0, Some(1)));
    if let Some(said) = run("pdftotext", &[], &path) {
        assert!(said.contains("no number matches"), "{said}");
    }
    check("nothing", &report(0, vec![]));
}

#[test]
fn bookmarks_lead_to_their_rows() {
    let report = report(300, columns(300));
    let (path, _) = check("bookmarks", &report);
    let Some(said) = run("mutool", &["show"], &path) else { return };
    let boxes = cell_boxes(&report);
    for (index, (label, first)) in report.groups.iter().enumerate() {
        let end = report.groups.get(index + 1).map_or(300, |next| next.1);
        let page = 1 + boxes.iter().position(|boxes| boxes.iter().any(|place| place.row == *first)).unwrap();
        let bookmark = said.lines().find(|line| line.contains(&format!("\"{label} ({})\"", end - first)));
        assert!(bookmark.is_some_and(|line| line.contains(&format!("#page={page}&"))), "{label} on page {page} is not in\n{said}");
    }
}

#[test]
fn hostile_cells_are_only_text() {
    let cells = [
        ")>>endobj\ntrailer <</Root 1 0 R>>",
        "\\( \\) \\\\ \r \u{0}",
        &"W".repeat(400),
        &"long words without an end ".repeat(400),
        "\u{202e}detrever\u{202c} \u{feff}mark",
        "مرحبا שלום สวัสดี नमस्ते",
        "e\u{301}\u{302}\u{303} \u{1F469}\u{200D}\u{1F4BB}",
        "\u{10FFFF}\u{E000}",
        "  ",
    ];
    let values = || text(cells.iter().map(|cell| Some((*cell).to_owned())));
    let table: Vec<Column> =
        (0..5).map(|index| column(&format!("c{index}"), &format!("Column )>> {index}"), ColumnType::Text, values())).collect();
    let mut draft = draft(cells.len(), table);
    draft.groups = cells.iter().enumerate().map(|(row, cell)| ((*cell).to_owned(), row)).collect();
    draft.cover.filters = vec!["find is ')>>endobj'".into(); 40];
    draft.cover.page = Some(Page { number: 2, of: 13, size: 9, rows: 110 });
    let (bytes, written) = export(&draft.report());
    let path = saved("hostile.pdf", &bytes);
    check_file(&path, written.pages.unwrap());
    assert_eq!(written.notes.len(), 1, "{:?}", written.notes);
    let Some(found) = words(&path) else { return };
    let all: String = found.iter().map(|word| word.text.as_str()).collect();
    assert!(all.contains("endobj") && all.contains("detrever"), "{all}");
    // Nothing is cut: every one of the long words is on some page.
    assert_eq!(all.matches('W').count() - all.matches("Waiting").count() - all.matches("Week").count(), 400 * 5);
}
