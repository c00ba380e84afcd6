//! Tables of very many columns, and of very few: wider paper, a caption for each value, flows beside each other.

use portstatus::domain::density::Density;
use portstatus::domain::paper::{PageSetUp, Paper};
use portstatus::export::layout::fonts::Faces;
use portstatus::export::pdf::Pdf;
use portstatus::export::pdf::document_layout::Layout;
use portstatus::export::{Exporter, Options};
use portstatus::report::{Column, Report};

use crate::export_pdf::orders::{columns, others, report};
use crate::export_pdf::readers::{bare, cell, cell_boxes, check, run, words};
use crate::export_pdf::structure::tables;
use crate::report_fixture::whole;
use crate::tools::saved;

fn written(report: &Report, options: &Options) -> (Vec<u8>, Vec<String>) {
    let mut out = Vec::new();
    let written = Pdf.export(report, options, &mut out).unwrap();
    (out, written.notes.iter().map(|note| note.to_string()).collect())
}

fn many(times: usize, rows: usize) -> Report {
    let all: Vec<Column> = (0..times).flat_map(|_| columns(rows).into_iter().chain(others(rows))).collect();
    report(rows, all)
}

#[test]
fn many_columns_are_set_on_wider_paper_and_a_note_says_so() {
    let report = many(2, 20);
    let (bytes, notes) = written(&report, &Options::default());
    assert!(notes.iter().any(|note| note.starts_with("48 columns are set on paper of 11 by 17 inches")), "{notes:?}");
    let path = saved("wider.pdf", &bytes);
    if let Some(said) = run("pdfinfo", &[], &path) {
        assert!(said.contains("1224 x 792 pts"), "{said}");
    }
    let (bytes, notes) =
        written(&report, &Options { page: PageSetUp { paper: Some(Paper::A4), ..PageSetUp::default() }, ..Options::default() });
    assert!(!notes.iter().any(|note| note.contains("11 by 17")), "{notes:?}");
    if let Some(said) = run("pdfinfo", &[], &saved("not-wider.pdf", &bytes)) {
        assert!(said.contains("841.89 x 595.28 pts"), "{said}");
    }
    assert!(written(&many(1, 20), &Options::default()).1.iter().all(|note| !note.contains("11 by 17")));
}

#[test]
fn where_a_row_has_too_many_lines_each_value_has_its_caption_above_it() {
    let report = many(4, 12);
    let options = Options { page: PageSetUp { paper: Some(Paper::Letter), ..PageSetUp::default() }, ..Options::default() };
    let faces = Faces::load().unwrap();
    let grid = Layout::new(&report, &options, &faces).unwrap().table.grid;
    assert!(grid.is_labelled && grid.bands > 3);
    let path = saved("labelled.pdf", &written(&report, &options).0);
    // Those who hear it read hear a caption once, and every cell in its row.
    let Some(found) = tables(&path) else { return };
    let table = whole(&report.numbers);
    let numbers = found.last().unwrap();
    assert_eq!(numbers.len(), 1 + table.rows);
    let place = table.columns.iter().position(|column| column.key == "account_username").unwrap();
    for (row, cells) in numbers[1..].iter().enumerate() {
        assert_eq!(bare(&cells[place]), bare(&cell(&table.columns[place].values, row)), "row {row}");
        assert_eq!(cells.len(), table.columns.len());
    }
    // Those who see it see the caption above each value, at the same left edge.
    let Some(words) = words(&path) else { return };
    let case = words.iter().find(|word| word.text.starts_with("FP-1734567")).unwrap();
    let above = words.iter().filter(|word| word.page == case.page && (word.left - case.left).abs() < 0.5 && word.middle < case.middle);
    let label = above.max_by(|a, b| a.middle.total_cmp(&b.middle)).unwrap();
    assert!(label.text == "FP" && case.middle - label.middle < 12.0, "{} at {}", label.text, case.middle - label.middle);
    // Where there is no value there is no caption: every second row has this date, and its column is there four times. The captions at
    // the head of the table may be one more.
    let said = run("pdftotext", &["-raw"], &path).unwrap();
    let captions = said.matches("Confirmed Porting Date").count();
    assert!((24..=28).contains(&captions), "{captions}");
}

#[test]
fn one_narrow_column_flows_in_several() {
    for rows in [7, 40, 2_000] {
        let narrow: Vec<Column> = columns(rows).into_iter().take(1).collect();
        let report = report(rows, narrow);
        let (_, written) = check(&format!("narrow-{rows}"), &report);
        let boxes = cell_boxes(&report);
        let beside = |boxes: &[crate::export_pdf::readers::CellBox]| {
            let mut lefts: Vec<i32> = boxes.iter().map(|cell| cell.left as i32).collect();
            lefts.sort_unstable();
            lefts.dedup();
            lefts.len()
        };
        let flows = boxes.iter().map(|boxes| beside(boxes)).max().unwrap();
        assert_eq!(flows, (rows / 6).min(8), "{rows} rows");
        // Each row once, in the order of reading: down a flow, then the next.
        let order: Vec<usize> = boxes.iter().flatten().map(|cell| cell.row).collect();
        assert_eq!(order, (0..rows).collect::<Vec<_>>());
        // 2,000 numbers take 5 pages where one flow takes 38.
        assert!(rows < 2_000 || written.pages.unwrap() < 16, "{:?}", written.pages);
        if rows == 40 {
            let page = boxes.iter().find(|boxes| !boxes.is_empty()).unwrap();
            let bottom = |cells: &[&crate::export_pdf::readers::CellBox]| cells.iter().map(|cell| cell.bottom).fold(0.0, f32::max);
            let left = page.iter().map(|cell| cell.left).fold(f32::MAX, f32::min);
            let (first, others): (Vec<_>, Vec<_>) = page.iter().partition(|cell| cell.left == left);
            assert!(bottom(&first) - bottom(&others) < 40.0, "flows end where they like");
        }
    }
}

#[test]
fn readable_tables_are_larger() {
    let report = report(40, columns(40));
    let faces = Faces::load().unwrap();
    let size = |density: Density| {
        let layout = Layout::new(
            &report,
            &Options { page: PageSetUp { density: Some(density), ..PageSetUp::default() }, ..Options::default() },
            &faces,
        )
        .unwrap();
        (layout.table.grid.size / layout.table.grid.bands as f32, layout.table.grid.size, layout.pages())
    };
    let (compact, readable) = (size(Density::Compact), size(Density::Readable));
    assert!(readable.1 >= compact.1 * 1.2 && readable.2 > compact.2, "{compact:?} {readable:?}");
}
