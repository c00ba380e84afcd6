//! Writes a report, has other programs open it and compares what they find with what the report holds.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use portstatus::export::layout::fonts::Faces;
use portstatus::export::layout::pages::RowFragment;
use portstatus::export::pdf::Pdf;
use portstatus::export::pdf::document_layout::Layout;
use portstatus::export::{ExportSummary, Exporter, Options};
use portstatus::report::{Report, Values};

use crate::report_fixture::whole;
use crate::tools::{self, saved};

pub fn export(report: &Report) -> (Vec<u8>, ExportSummary) {
    let mut out = Cursor::new(Vec::new());
    let written = Pdf.export(report, &Options::default(), &mut out).unwrap();
    (out.into_inner(), written)
}

/// What a tool prints about the file, or nothing where it is not installed.
pub fn run(tool: &str, arguments: &[&str], path: &Path) -> Option<String> {
    let end: &[&str] = match tool {
        "pdftotext" => &["-"],
        "mutool" if arguments == ["show"] => &["outline"],
        _ => &[],
    };
    tools::found(tool).then(|| tools::run(tool, &[arguments, &[path.to_str().unwrap()], end].concat()))
}

/// A word and its place: page, x from and to, y from and to.
pub struct Word {
    pub page: usize,
    pub left: f32,
    pub right: f32,
    pub middle: f32,
    pub text: String,
}

pub fn words(path: &Path) -> Option<Vec<Word>> {
    let said = run("pdftotext", &["-bbox-layout"], path)?;
    let mut words = Vec::new();
    let mut pages = 0;
    for line in said.lines().map(str::trim) {
        pages += usize::from(line.starts_with("<page "));
        let Some(rest) = line.strip_prefix("<word ") else { continue };
        let number = |name: &str| -> f32 {
            let from = rest.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
            rest[from..].split('"').next().unwrap().parse().unwrap()
        };
        let inner = rest[rest.find('>').unwrap() + 1..].strip_suffix("</word>").unwrap();
        let text = inner.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&");
        words.push(Word {
            page: pages - 1,
            left: number("xMin"),
            right: number("xMax"),
            middle: (number("yMin") + number("yMax")) / 2.0,
            text: in_reading_order(&text),
        });
    }
    Some(words)
}

/// `text`, which is as the eye meets it, with what runs from right to left turned round.
fn in_reading_order(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let is_from_right = |c: &char| matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FEFC}');
    let runs = characters.chunk_by(|one, other| is_from_right(one) == is_from_right(other));
    let turned = runs.flat_map(|run| {
        let mut run = run.to_vec();
        if is_from_right(&run[0]) {
            run.reverse();
        }
        run
    });
    turned.collect()
}

/// The characters of a cell that a reader can be expected to find: no blanks, nothing unseen, no control characters.
pub fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '\u{200b}' | '\u{FFFD}')).collect()
}

pub fn cell(values: &Values, row: usize) -> String {
    let date = |days: i64| (chrono::NaiveDate::default() + chrono::Duration::days(days)).to_string();
    match values {
        Values::Text(cells) => cells.get(row).unwrap_or_default().to_owned(),
        Values::Date(cells) => cells.get(row).map(|days| date(i64::from(days))).unwrap_or_default(),
        Values::Time(cells) => cells
            .get(row)
            .map(|s| {
                if s % 60 == 0 {
                    format!("{:02}:{:02}", s / 3600, s / 60 % 60)
                } else {
                    format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
                }
            })
            .unwrap_or_default(),
        Values::Instant(cells) => cells
            .get(row)
            .map(|micros| {
                let at = chrono::DateTime::from_timestamp_micros(micros).unwrap();
                at.format(if micros / 1_000_000 % 60 == 0 { "%Y-%m-%d %H:%MZ" } else { "%Y-%m-%d %H:%M:%SZ" }).to_string()
            })
            .unwrap_or_default(),
        Values::Count(cells) => cells.get(row).map(|count| count.to_string()).unwrap_or_default(),
        Values::Amount(cells) => cells.get(row).map(portstatus::domain::text::decimal).unwrap_or_default(),
        Values::Share(cells) => cells.get(row).map(|share| share.to_string()).unwrap_or_default(),
        Values::Terms { .. } => values.term(row).map(|term| term.caption.clone()).unwrap_or_default(),
    }
}

/// The words inside the rectangle of each cell, in order and without blanks; no word crosses the edge of its cell.
pub fn cells(report: &Report, path: &Path) -> Option<Vec<Vec<String>>> {
    let words = words(path)?;
    let boxes = cell_boxes(report);
    let mut found = vec![vec![String::new(); report.numbers.columns.len()]; report.numbers.rows];
    for (page, boxes) in boxes.iter().enumerate() {
        for place in boxes {
            let mut inside: Vec<&Word> = words
                .iter()
                .filter(|word| word.page == page && word.middle > place.top && word.middle < place.bottom)
                .filter(|word| (word.left + word.right) / 2.0 > place.left && (word.left + word.right) / 2.0 < place.right)
                .collect();
            for word in &inside {
                assert!(
                    word.left > place.left - 0.1 && word.right < place.right + 0.1,
                    "{} crosses the edge of its cell {place:?}: {}..{}",
                    word.text,
                    word.left,
                    word.right
                );
            }
            // Faces differ in height: words less than half a line apart are on one line.
            inside.sort_by(|a, b| a.middle.total_cmp(&b.middle));
            for line in inside.chunk_by_mut(|a, b| b.middle - a.middle < 3.0) {
                line.sort_by(|a, b| a.left.total_cmp(&b.left));
                line.iter().for_each(|word| found[place.row][place.column].push_str(&word.text));
            }
        }
    }
    found.iter_mut().flatten().for_each(|cell| *cell = bare(cell));
    Some(found)
}

/// Every cell's words, in order, lie inside its rectangle, and nothing else does.
pub fn check_cells(report: &Report, path: &Path) {
    let Some(found) = cells(report, path) else { return };
    let table = whole(&report.numbers);
    for (row, found) in found.iter().enumerate() {
        for (index, column) in table.columns.iter().enumerate() {
            assert_eq!(found[index], bare(&cell(&column.values, row)), "row {row}, column {}", column.key);
        }
    }
}

pub fn check_file(path: &Path, pages: u64) {
    run("qpdf", &["--check"], path);
    if let Some(info) = run("pdfinfo", &[], path) {
        for line in [
            "JavaScript:      no",
            "Encrypted:       no",
            "Title:           Partner Number Port Status Report",
            "Author:          Example Porting Operations",
        ] {
            assert!(info.contains(line), "{line} is not in\n{info}");
        }
        assert!(info.lines().any(|line| line.split_whitespace().eq(["Pages:", &pages.to_string()])), "{pages} pages are not in\n{info}");
    }
    if let Some(fonts) = run("pdffonts", &[], path) {
        let lines: Vec<&str> = fonts.lines().skip(2).collect();
        assert!(lines.len() >= 2, "no fonts in\n{fonts}");
        for line in lines {
            let fields: Vec<&str> = line.split_whitespace().collect();
            // …, emb, sub, uni, object, generation
            assert_eq!(fields[fields.len() - 5..fields.len() - 2], ["yes", "yes", "yes"], "{line}");
        }
    }
    if let Some(said) = run("mutool", &["info"], path) {
        assert!(said.contains(&format!("Pages: {pages}")), "{said}");
    }
}

/// Writes, validates and re-reads a report.
pub fn check(name: &str, report: &Report) -> (PathBuf, ExportSummary) {
    let (bytes, written) = export(report);
    let path = saved(&format!("{name}.pdf"), &bytes);
    assert_eq!(written.rows, report.numbers.rows as u64);
    check_file(&path, written.pages.unwrap());
    check_cells(report, &path);
    for forbidden in [&b"/JavaScript"[..], b"/JS", b"/Launch", b"/AA", b"/OpenAction", b"/SubmitForm", b"/EmbeddedFile", b"/URI"] {
        assert!(!bytes.windows(forbidden.len()).any(|window| window == forbidden), "{}", String::from_utf8_lossy(forbidden));
    }
    (path, written)
}

/// Where a cell, or the part of it that is on this page, lies: points from the top left of the page.
#[derive(Debug, Clone, Copy)]
pub struct CellBox {
    pub row: usize,
    pub column: usize,
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

/// The cells of every page; the cover has none.
pub fn cell_boxes(report: &Report) -> Vec<Vec<CellBox>> {
    let faces = Faces::load().unwrap();
    let layout = Layout::new(report, &Options::default(), &faces).unwrap();
    let mut pages = vec![Vec::new(); layout.pages()];
    let cover = layout.pages() - layout.table.pages();
    for (page, boxes) in pages[cover..].iter_mut().enumerate() {
        let block = layout.rows.block(layout.table.rows_of(page)).unwrap();
        layout.table.walk(&block, &faces, page, &mut |RowFragment { row, band, top, bottom, shift, lines, text_top }, _| {
            // What repeats the caption above a cell is no part of it.
            let top = if layout.table.grid.is_labelled && lines.0 == 0 { text_top + layout.table.grid.leading } else { top };
            let columns =
                layout.table.grid.band(band).map(|(_, column)| (column.column, column.left + shift, column.left + shift + column.width));
            boxes.extend(columns.map(|(column, left, right)| CellBox { row, column, left, top, right, bottom }));
        });
    }
    pages
}
