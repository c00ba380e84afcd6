//! The structure of a document as poppler and checkers of standards read it: every cell in its row, nothing but what they find.

use std::path::Path;

use portstatus::domain::paper::{Orientation, PageSetUp, Paper};
use portstatus::export::exporter::PdfTags;
use portstatus::export::layout::fonts::{BreakClass, Faces};
use portstatus::export::pdf::Pdf;
use portstatus::export::{Exporter, Options};

use crate::export_pdf::orders::{columns, report, text};
use crate::export_pdf::readers::{bare, cell, check_file, export, run};
use crate::report_fixture::whole;
use crate::tools::{self, saved};

/// The tables of a document: the text of each cell, by row.
pub type Tables = Vec<Vec<Vec<String>>>;

/// The tables as poppler reads them.
pub fn tables(path: &Path) -> Option<Tables> {
    let said = run("pdfinfo", &["-struct-text"], path)?;
    let mut tables: Tables = Vec::new();
    for line in said.lines().map(str::trim) {
        let tag = line.split([' ', ':']).next().unwrap_or_default();
        match (tag, tables.last_mut()) {
            ("Table", _) => tables.push(Vec::new()),
            ("TR", Some(table)) => table.push(Vec::new()),
            ("TD" | "TH", Some(table)) => table.last_mut().unwrap().push(String::new()),
            ("H1" | "H2" | "P" | "Figure", _) => tables.push(Vec::new()),
            (_, Some(table)) if line.starts_with('"') => {
                if let Some(cell) = table.last_mut().and_then(|row| row.last_mut()) {
                    cell.push_str(line.trim_matches('"'));
                }
            }
            _ => {}
        }
    }
    Some(tables.into_iter().filter(|table| !table.is_empty()).collect())
}

#[test]
fn every_cell_is_an_element_of_its_row() {
    for (name, mut shown) in [("tagged", columns(120)), ("tagged_tall", columns(120))] {
        if name == "tagged_tall" {
            let column = shown.iter_mut().find(|column| column.key == "reject_reason").unwrap();
            let tall = "words without an end ".repeat(600);
            column.values = text((0..120).map(|row| (row == 60).then(|| tall.clone())));
        }
        let report = report(120, shown);
        let path = saved(&format!("{name}.pdf"), &export(&report).0);
        let Some(tables) = tables(&path) else { return };
        let numbers = tables.last().unwrap();
        // Poppler gives structures no text for glyphs that stand for characters which no face has.
        let faces = Faces::load().unwrap();
        let has_glyph = |character: &char| faces.regular.glyph(*character).class != BreakClass::Missing;
        let table = whole(&report.numbers);
        assert_eq!(numbers.len(), 1 + table.rows, "{name}: rows");
        let captions: Vec<String> = table.columns.iter().map(|column| bare(&column.caption)).collect();
        assert_eq!(numbers[0].iter().map(|caption| bare(caption)).collect::<Vec<_>>(), captions, "{name}");
        for (row, found) in numbers[1..].iter().enumerate() {
            let expected = table.columns.iter().map(|column| bare(&cell(&column.values, row)).chars().filter(has_glyph).collect());
            let expected: Vec<String> = expected.collect();
            assert_eq!(found.iter().map(|cell| bare(cell)).collect::<Vec<_>>(), expected, "{name}, row {row}");
        }
        for table in &tables {
            assert!(table.iter().all(|row| row.len() == table[0].len()), "{name}: rows of different lengths in {table:?}");
        }
    }
}

#[test]
fn checkers_of_the_standards_find_nothing() {
    let path = saved("standards.pdf", &export(&report(300, columns(300))).0);
    if tools::found("pdfua") {
        let said = tools::run("pdfua", &["check", path.to_str().unwrap()]);
        assert!(said.contains("PASS (no findings)"), "{said}");
    }
    if !tools::found("pikepdf") {
        return;
    }
    // What the standards say of the file as a whole, read from its objects.
    let script = "
import pikepdf, sys
pdf = pikepdf.open(sys.argv[1])
assert pdf.check_pdf_syntax() == [], pdf.check_pdf_syntax()
with pdf.open_metadata() as metadata:
    print(metadata.pdfa_status, metadata.get('pdfuaid:part'))
root = pdf.Root
assert root.MarkInfo.Marked and root.ViewerPreferences.DisplayDocTitle and str(root.Lang) == 'en-US'
intent = root.OutputIntents[0]
profile = intent.DestOutputProfile.read_bytes()
assert intent.S == '/GTS_PDFA1' and profile[36:40] == b'acsp' and len(profile) == int.from_bytes(profile[:4], 'big')
pieces = 0
for page in pdf.pages:
    assert page.Tabs == '/S'
    owners = dict(zip(*[iter(root.StructTreeRoot.ParentTree.Nums)] * 2))[page.StructParents]
    open_pieces, numbers = [], []
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) in ('BDC', 'BMC'):
            open_pieces.append(operands)
            if len(operands) == 2 and '/MCID' in operands[1]:
                numbers.append(int(operands[1]['/MCID']))
                assert operands[0] in (owners[numbers[-1]].S, '/Span')
        elif str(operator) == 'EMC':
            open_pieces.pop()
        elif str(operator) in ('Tj', 'TJ', 'f', 'Do'):
            assert open_pieces, 'something that is neither content nor artifact'
    # Pieces of what runs from right to left are numbered as they are read, not as they stand.
    assert not open_pieces and sorted(numbers) == list(range(len(owners)))
    pieces += len(numbers)
print(pieces > 3000)
";
    assert_eq!(tools::run("python3", &["-c", script, path.to_str().unwrap()]).lines().collect::<Vec<_>>(), ["2A 1", "True"]);
}

#[test]
fn long_documents_and_those_that_are_asked_to_are_not_tagged() {
    let tagged = |options: &Options, rows: usize| {
        let mut out = Vec::new();
        let written = Pdf.export(&report(rows, columns(rows)), options, &mut out).unwrap();
        let said = run("pdfinfo", &[], &saved("tags.pdf", &out))?;
        let is_tagged = said.lines().any(|line| line.split_whitespace().eq(["Tagged:", "yes"]));
        Some((is_tagged, written.notes.iter().any(|note| note.contains("more than 10,000 rows"))))
    };
    let Some(usual) = tagged(&Options::default(), 90) else { return };
    assert_eq!(usual, (true, false));
    assert_eq!(tagged(&Options { pdf_tags: PdfTags::Never, ..Options::default() }, 90), Some((false, false)));
    assert_eq!(tagged(&Options::default(), 10_001), Some((false, true)));
}

#[test]
fn pages_have_the_size_of_the_paper_and_every_cell_is_on_them() {
    for (paper, orientation, width, height) in [
        (Paper::A4, Orientation::Landscape, "841.89", "595.28"),
        (Paper::A3, Orientation::Portrait, "841.89", "1190.55"),
        (Paper::Legal, Orientation::Portrait, "612", "1008"),
    ] {
        let report = report(200, columns(200));
        let options =
            Options { page: PageSetUp { paper: Some(paper), orientation: Some(orientation), density: None }, ..Options::default() };
        let mut out = Vec::new();
        let written = Pdf.export(&report, &options, &mut out).unwrap();
        let path = saved("paper.pdf", &out);
        check_file(&path, written.pages.unwrap());
        let Some(said) = run("pdfinfo", &[], &path) else { return };
        assert!(said.contains(&format!("{width} x {height} pts")), "{said}");
        let said: String = run("pdftotext", &["-raw"], &path).unwrap().split_whitespace().collect();
        let table = whole(&report.numbers);
        for row in 0..table.rows {
            let number = bare(&cell(&table.columns[0].values, row));
            assert!(said.contains(&number), "{paper:?}: {number} is on no page");
        }
    }
}
