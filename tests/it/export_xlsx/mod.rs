//! The workbook, read again by calamine, openpyxl, LibreOffice and two validators. Never trusts the writer's own word.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx as Workbook};
use portstatus::domain::columns::ColumnType;
use portstatus::export::xlsx::{self, Xlsx};
use portstatus::export::{ExportSummary, Exporter, Options};
use portstatus::report::{Content, LazyTable, Page, Report, SectionId, Table, Values};

mod layout_quality;
mod links;
mod marks;
mod readers;

use crate::edge_cases::hostile_strings;
use crate::report_fixture::{self, whole};
use readers::validate;

fn export(report: &Report) -> (Vec<u8>, ExportSummary) {
    let mut out = Cursor::new(Vec::new());
    let written = Xlsx.export(report, &Options::default(), &mut out).unwrap();
    (out.into_inner(), written)
}

fn open(bytes: Vec<u8>) -> Workbook<Cursor<Vec<u8>>> {
    Workbook::new(Cursor::new(bytes)).unwrap()
}

fn member(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// Days since 1970-01-01 as a workbook counts them.
const EPOCH: f64 = 25_569.0;

/// Compares a cell that calamine read with the report's: the type as well as the value.
fn check_cell(cell: &Data, values: &Values, row: usize, place: &str) {
    let number = match values {
        Values::Text(cells) => return check_text(cell, cells.get(row), place),
        Values::Terms { .. } => return check_text(cell, values.term(row).map(|term| term.caption.as_str()), place),
        Values::Amount(cells) => cells.get(row).map(|hundredths| hundredths as f64 / 100.0),
        Values::Share(cells) => cells.get(row),
        Values::Date(cells) => cells.get(row).map(|days| EPOCH + f64::from(days)),
        Values::Time(cells) => cells.get(row).map(|seconds| f64::from(seconds) / 86_400.0),
        Values::Instant(cells) => cells.get(row).map(|micros| EPOCH + micros as f64 / 86_400e6),
        Values::Count(cells) => cells.get(row).map(|count| count as f64),
    };
    match (cell, number) {
        (Data::Empty, None) => {}
        (Data::DateTime(time), Some(number)) if !matches!(values, Values::Count(_)) => {
            assert!((time.as_f64() - number).abs() < 1e-8, "{place}: {time} for {number}");
        }
        (Data::Float(read), Some(number)) if matches!(values, Values::Count(_)) => assert_eq!(*read, number, "{place}"),
        (Data::Int(read), Some(number)) if matches!(values, Values::Count(_)) => assert_eq!(*read as f64, number, "{place}"),
        (cell, number) => panic!("{place}: {cell:?} for {number:?}"),
    }
}

fn check_text(cell: &Data, text: Option<&str>, place: &str) {
    match (cell, text.filter(|text| !text.is_empty())) {
        (Data::Empty, None) => {}
        (Data::String(read), Some(text)) => assert_eq!(read, text, "{place}"),
        (cell, text) => panic!("{place}: {cell:?} for {text:?}"),
    }
}

fn check_sheet(workbook: &mut Workbook<Cursor<Vec<u8>>>, sheet: &str, table: &LazyTable, rows: std::ops::Range<usize>) {
    let table = whole(table);
    let range = workbook.worksheet_range(sheet).unwrap();
    assert_eq!(range.height(), rows.len() + 1, "{sheet}");
    for (index, column) in table.columns.iter().enumerate() {
        assert_eq!(range.get((0, index)), Some(&Data::String(column.caption.clone())));
        for (line, row) in rows.clone().enumerate() {
            let cell = range.get((line + 1, index)).unwrap_or(&Data::Empty);
            check_cell(cell, &column.values, row, &format!("{sheet}, row {}, {}", line + 2, column.key));
        }
    }
}

#[test]
fn every_cell_is_read_back() {
    let report = report_fixture::report(9_000);
    let (bytes, written) = export(&report);
    assert_eq!((written.rows, written.pages), (9_000, Some(1)));
    assert!(written.notes[0].contains("characters that XML does not allow"), "{:?}", written.notes);
    let mut workbook = open(bytes);
    assert_eq!(workbook.sheet_names(), ["Numbers", "Summary", "At risk", "Ready to assign", "Waiting for You", "Data quality", "About"]);
    check_sheet(&mut workbook, "Numbers", &report.numbers, 0..9_000);
    let Content::Rows(waiting) = &report.section(SectionId::WaitingForYou).unwrap().content else { panic!() };
    check_sheet(&mut workbook, "Waiting for You", waiting, 0..7);
    let summary = workbook.worksheet_range("Summary").unwrap();
    assert!(summary.used_cells().any(|cell| cell.2.to_string().contains("No input has a configuration profile column")));
}

#[test]
fn the_summary_and_the_about_page_say_what_the_report_says() {
    let mut draft = report_fixture::draft(30);
    draft.cover.page = Some(Page { number: 2, of: 13, size: 30, rows: 390 });
    let caveat = draft.template.caveats[1].clone();
    let report = draft.report();
    let mut workbook = open(export(&report).0);
    let words = |workbook: &mut Workbook<_>, sheet: &str| {
        let range = workbook.worksheet_range(sheet).unwrap();
        range.rows().map(|row| row.iter().map(Data::to_string).collect::<Vec<_>>().join("|")).collect::<Vec<_>>().join("\n")
    };
    let summary = words(&mut workbook, "Summary");
    for (status, count) in &report.cover.figures.by_status {
        let caption = status.map_or("(unknown)", |status| status.caption());
        assert!(summary.contains(&format!("{caption}|{count}|")), "{caption} {count} in\n{summary}");
    }
    for (_, detail, count) in &report.cover.figures.by_detail {
        let caption = detail.map_or("(unknown)", |detail| detail.caption());
        assert!(summary.contains(&format!("{caption}|{count}|")), "{caption} {count}");
    }
    for words in ["All numbers|30|", "overdue|3|", "=Blue Ridge Realty|4||0002000007", "page 2 of 13", "account is 2000007"] {
        assert!(summary.contains(words), "{words} in\n{summary}");
    }
    let about = words(&mut workbook, "About");
    let cover = &report.cover;
    let accepted = "The losing carrier has accepted the request, which will be processed (toll-free only).";
    let said = [&cover.operator, &cover.notice, &caveat, accepted, &cover.sources[1], &cover.filters[0], &cover.order];
    said.iter().for_each(|words| assert!(about.contains(*words), "{words} in\n{about}"));
    assert!(about.contains(&cover.as_of.to_string()));
    for (status, count) in &report.cover.figures.by_status {
        let caption = status.map_or("(unknown)", |status| status.caption());
        assert!(about.contains(&format!("\n{caption}|{count}\n")), "{caption} {count} in\n{about}");
    }
    for (_, detail, count) in &report.cover.figures.by_detail {
        let caption = detail.map_or("(unknown)", |detail| detail.caption());
        assert!(about.contains(&format!("\n{caption}|{count}\n")), "{caption} {count} in\n{about}");
    }
    for words in ["All numbers|30", "In this file, page 2 of 13|30", "Rows in this file|30"] {
        assert!(about.contains(&format!("\n{words}\n")), "{words} in\n{about}");
    }
}

#[test]
fn further_rows_continue_on_further_sheets() {
    let report = report_fixture::report(25);
    let mut out = Cursor::new(Vec::new());
    let written = xlsx::write(&report, 10, &mut out).unwrap();
    assert_eq!((written.rows, written.pages), (25, Some(3)));
    let bytes = out.into_inner();
    let mut workbook = open(bytes.clone());
    for (sheet, rows) in [("Numbers", 0..10), ("Numbers 2", 10..20), ("Numbers 3", 20..25)] {
        check_sheet(&mut workbook, sheet, &report.numbers, rows);
    }
    for (part, name, last) in [(1, "Numbers", 11), (2, "Numbers_2", 11), (3, "Numbers_3", 6)] {
        let table = member(&bytes, &format!("xl/tables/table{part}.xml"));
        assert!(table.contains(&format!("name=\"{name}\"")) && table.contains(&format!("<autoFilter ref=\"A1:X{last}\"/>")), "{table}");
    }
    validate(&bytes, "sheets");
}

#[test]
fn only_rows_that_were_written_are_counted() {
    let mut draft = report_fixture::draft(25);
    draft.ready_to_assign = Some(draft.numbers.clone());
    let mut report = draft.report();
    assert_eq!(export(&report).1.rows, 25, "the lists are not the report's rows");
    report.numbers.columns.clear();
    assert_eq!(export(&report).1.rows, 0, "a sheet without columns holds no rows");
}

#[test]
fn the_number_sheet_is_ready_for_its_reader() {
    let (bytes, _) = export(&report_fixture::report(20));
    let sheet = member(&bytes, "xl/worksheets/sheet1.xml");
    for words in [
        "<dimension ref=\"A1:X21\"/>",
        "<pane xSplit=\"1\" ySplit=\"1\" topLeftCell=\"B2\"",
        "orientation=\"landscape\"",
        "fitToHeight=\"0\"",
        "<pageSetUpPr fitToPage=\"1\"/>",
        "<ignoredError sqref=\"A2:X21\" numberStoredAsText=\"1\"/>",
        "Page &amp;P of &amp;N",
        "Confidential: customer",
    ] {
        assert!(sheet.contains(words), "{words}");
    }
    assert!(!sheet.contains("<f>") && !sheet.contains("mergeCell") && !sheet.contains("hyperlink"));
    assert!(member(&bytes, "xl/workbook.xml").contains("<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"0\">Numbers!$1:$1<"));
    let properties = member(&bytes, "docProps/core.xml");
    assert!(properties.contains("2026-03-04T18:00:00Z") && properties.contains("Acme Porting &amp; Co"), "{properties}");
}

fn one_column(caption: &str, kind: ColumnType, cells: &[&str]) -> Report {
    let mut report = report_fixture::report(0);
    let values = report_fixture::texts(cells.len(), |row| Some(cells[row].to_owned()));
    report.numbers =
        report_fixture::lazy(Table { rows: cells.len(), columns: vec![report_fixture::column("one", caption, kind, 10.0, values)] });
    report
}

#[test]
fn text_that_does_not_fit_is_cut_marked_and_named_in_the_workbook_alone() {
    let long = "é".repeat(32_767);
    let longer = format!("{long}x");
    let (bytes, written) = export(&one_column("Notes", ColumnType::Text, &["a", &long]));
    assert_eq!((written.rows, written.notes.len()), (2, 0));
    assert_eq!(open(bytes).worksheet_range("Numbers").unwrap().get((2, 0)), Some(&Data::String(long)));
    let mut draft = report_fixture::draft(0);
    draft.waiting_for_you = whole(&one_column("Next step", ColumnType::Text, &[&longer]).numbers);
    draft.cover.filters = vec!["y".repeat(40_000)];
    let mut report = draft.report();
    report.numbers = one_column("Notes", ColumnType::Text, &["a", &longer, &"😀".repeat(20_000)]).numbers;
    let (bytes, written) = export(&report);
    let note = written.notes.iter().find(|note| note.contains("is cut in the workbook alone")).unwrap();
    for named in [
        "a cell holds 32,767 characters",
        "sheet Numbers, row 3, column Notes; ",
        "sheet Waiting for You, row 2, column Next step",
        "sheet Summary, row 6, column B",
    ] {
        assert!(note.contains(named), "{named} in {}", &**note);
    }
    let mut workbook = open(bytes.clone());
    let range = workbook.worksheet_range("Numbers").unwrap();
    for (row, letter, length) in [(2, 'é', "32,768"), (3, '😀', "40,000")] {
        let cell = range.get((row, 0)).unwrap().to_string();
        let kept = cell.strip_suffix(&format!("… (cut: the text has {length} characters)")).unwrap_or_else(|| panic!("{row}"));
        let units = cell.encode_utf16().count();
        assert!(kept.chars().all(|c| c == letter) && (32_766..=32_767).contains(&units), "{units}");
    }
    let sheet = member(&bytes, "xl/worksheets/sheet1.xml");
    let style = |cell: &str| sheet.split_once(&format!("<c r=\"{cell}\"")).unwrap().1.split_once("t=").unwrap().0.to_owned();
    assert!(style("A3") == style("A4") && style("A3") != style("A2"), "what is cut has a fill of its own");
    let mut out = Vec::new();
    portstatus::export::format("csv").unwrap().export(&report, &Options::default(), &mut out).unwrap();
    assert!(String::from_utf8(out).unwrap().contains(&longer), "a CSV has it whole");
    validate(&bytes, "cut");
}

#[test]
fn odd_captions_make_a_sound_table() {
    let mut report = report_fixture::report(0);
    let column = |caption: &str| report_fixture::column("key", caption, ColumnType::Text, 10.0, report_fixture::texts(0, |_| None));
    let columns = ["Name", "name", "", "=1+1", "line\nbreak \u{7}", &"long ".repeat(90), "Name (2)"].map(column).to_vec();
    report.numbers = report_fixture::lazy(Table { rows: 0, columns });
    let (bytes, _) = export(&report);
    let range = open(bytes.clone()).worksheet_range("Numbers").unwrap();
    let headers: Vec<String> = range.rows().next().unwrap().iter().map(Data::to_string).collect();
    assert_eq!(&headers[..5], ["Name", "name (2)", "Column 3", "=1+1", "line break"]);
    assert!(headers[5].encode_utf16().count() <= 255 && headers[6] == "Name (2) (2)", "{headers:?}");
    validate(&bytes, "captions");
}

#[test]
fn page_headers_stay_within_their_limit() {
    for (title, notice) in
        [("2026 report & more", "A & B ".repeat(80)), ("", String::new()), ("x", "漢字".repeat(200)), ("&&&&", "👩".repeat(300))]
    {
        let mut report = report_fixture::report(3);
        report.cover.title = title.to_owned();
        report.cover.notice = notice;
        let (bytes, _) = export(&report);
        let sheet = member(&bytes, "xl/worksheets/sheet1.xml");
        for part in ["oddHeader", "oddFooter"] {
            let text = sheet.split_once(&format!("<{part}>")).unwrap().1.split_once(&format!("</{part}>")).unwrap().0.replace("&amp;", "&");
            assert!(text.encode_utf16().count() <= 255, "{text}");
        }
        assert!(sheet.contains("Page &amp;P of &amp;N"));
        validate(&bytes, "pages");
    }
}

#[test]
fn days_that_a_workbook_cannot_count_are_text() {
    let mut report = report_fixture::report(0);
    let days = [-25_568, -25_567, -25_509, -25_508, 0, 2_932_896, 2_932_897];
    let values = report_fixture::dates(days.len(), |row| Some(days[row]));
    report.numbers = report_fixture::lazy(Table {
        rows: days.len(),
        columns: vec![report_fixture::column("day", "Day", ColumnType::Date, 12.0, values)],
    });
    let range = open(export(&report).0).worksheet_range("Numbers").unwrap();
    let read: Vec<String> = (1..=days.len())
        .map(|row| range.get((row, 0)).unwrap())
        .map(|cell| match cell {
            Data::DateTime(day) => day.as_f64().to_string(),
            cell => cell.to_string(),
        })
        .collect();
    assert_eq!(read, ["1899-12-31", "1", "59", "61", "25569", "2958465", "10000-01-01"]);
}

#[test]
fn naughty_strings_survive() {
    let strings = hostile_strings();
    let cells: Vec<&str> = strings.iter().map(String::as_str).collect();
    for kind in [ColumnType::Text, ColumnType::Id, ColumnType::Phone, ColumnType::Status] {
        let report = one_column("Naughty", kind, &cells);
        let (bytes, _) = export(&report);
        check_sheet(&mut open(bytes.clone()), "Numbers", &report.numbers, 0..cells.len());
        if kind == ColumnType::Text {
            validate(&bytes, "hostile_strings");
        }
    }
}
