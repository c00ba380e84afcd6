//! Tests of the sections beside the numbers: each adds up to the totals, and each figure is found again as rows.

use std::io::{Cursor, Read};

use portstatus::domain::columns::ColumnType;
use portstatus::export::{Options, format};
use portstatus::report::template::Template;
use portstatus::report::{Content, Report, SectionId, Table};

use crate::fixtures::Row;
use crate::report::{ROWS, report, shipped, table_cells, template};
use crate::report_fixture::whole;
use crate::tools;

pub fn list(report: &Report, id: SectionId) -> Option<Table> {
    match &report.section(id)?.content {
        Content::Rows(table) => Some(whole(table)),
        _ => None,
    }
}

pub fn counts(table: &Table, key: &str) -> Vec<u64> {
    table_cells(table, key).iter().map(|count| count.parse().unwrap()).collect()
}

/// The cells of the column of counts at `place`, from 1 among those of counts.
pub fn counts_at(table: &Table, place: usize) -> Vec<u64> {
    let columns = table.columns.iter().filter(|column| column.kind == ColumnType::Count);
    counts(table, &columns.map(|column| column.key.clone()).nth(place - 1).unwrap())
}

/// Rows of every kind: those that others have, and some that are old, odd, closed or rejected.
pub fn rows() -> Vec<Row<'static>> {
    const MORE: &[Row] = &[
        &[("given_detail", "completed"), ("completed_at", "2026-10-31T23:30:00"), ("account_id", "9"), ("phone_number", "+18005550111")],
        &[("given_detail", "completed"), ("completed_at", "2026-11-02T23:30:00"), ("account_id", "10")],
        &[("given_detail", "completed"), ("account_id", "10")],
        &[("given_detail", "cancelled"), ("account_id", "10"), ("reject_reason", "wrong PIN")],
        &[("given_detail", "rejected"), ("account_id", "10"), ("created_date", "2026-11-19")],
        &[("given_detail", "rejected"), ("account_id", "10"), ("reject_reason", "the moon was full")],
        &[("given_detail", "pending_carrier_response"), ("reject_reason", "wrong PIN"), ("created_date", "2026-01-05")],
        &[("given_detail", "firm_order_confirmation"), ("confirmed_date", "2026-11-02"), ("created_date", "2026-10-29")],
    ];
    ROWS.iter().chain(MORE).copied().collect()
}

#[test]
fn a_section_that_no_format_of_a_run_shows_is_not_made() {
    let (whole, ids) = (template(), |template: &Template| template.sections.iter().map(|section| section.id).collect::<Vec<_>>());
    for formats in [&["xlsx"][..], &["pdf"], &["csv", "pdf"], &["csv", "pdf", "xlsx"]] {
        let shown = whole.sections.iter().filter(|section| formats.iter().any(|format| section.formats.contains_key(*format)));
        assert_eq!(ids(&whole.clone().shown_in(formats, false)), shown.map(|section| section.id).collect::<Vec<_>>(), "{formats:?}");
    }
    assert!(ids(&whole.clone().shown_in(&["pdf"], false)).len() < whole.sections.len());
    assert_eq!(ids(&whole.clone().shown_in(&["csv"], false)), []);
    let data = ids(&whole.clone().shown_in(&["csv"], true));
    assert!(data.contains(&SectionId::AtRisk) && data.contains(&SectionId::ByStatus) && !data.contains(&SectionId::Statuses), "{data:?}");
    assert_eq!(data, whole.sections.iter().map(|section| section.id).filter(|id| id.holds_data()).collect::<Vec<_>>());
}

#[test]
fn every_section_adds_up_to_the_totals() {
    for query in ["", "page_size = 3", "accounts = ['10']", "statuses = ['completed']"] {
        let found = report(&rows(), query);
        let figures = &found.cover.figures;
        let of = |code: &str| figures.by_status.iter().find(|(status, _)| status.is_some_and(|status| status.code() == code)).unwrap().1;
        let open = figures.upcoming.open();
        for (id, whole) in [
            (SectionId::ByAccount, figures.rows),
            (SectionId::ByPartner, figures.rows),
            (SectionId::ByProductLine, figures.rows),
            (SectionId::Ageing, open),
            (SectionId::CompletedByMonth, of("completed")),
            (SectionId::CompletedByWeek, of("completed")),
        ] {
            let Some(table) = list(&found, id) else {
                assert_eq!(whole, 0, "{query}: {}", id.code());
                continue;
            };
            let figures = || table.columns.iter().filter(|column| column.kind == ColumnType::Count);
            for column in figures() {
                let counts = counts(&table, &column.key);
                let (total, lines) = counts.split_last().unwrap();
                assert_eq!(lines.iter().sum::<u64>(), *total, "{query}: {}, {}", id.code(), column.caption);
            }
            // The total is the last column by status, and the first by number type.
            let place = if !matches!(id, SectionId::CompletedByMonth | SectionId::CompletedByWeek) { figures().count() } else { 1 };
            assert_eq!(counts_at(&table, place).last(), Some(&whole), "{query}: {}", id.code());
        }
    }
}

#[test]
fn accounts_stand_with_their_statuses_the_largest_first() {
    let found = report(&rows(), "");
    let table = list(&found, SectionId::ByAccount).unwrap();
    assert_eq!(table_cells(&table, "account_id"), ["10", "(blank)", "100", "9", "200", "All numbers"]);
    let captions: Vec<&str> = table.columns.iter().map(|column| column.caption.as_str()).collect();
    assert_eq!(captions[..2], ["Account ID", "Account Company Name"]);
    assert_eq!(captions[2..], ["Waiting for You", "Scheduled", "In Progress", "Completed", "Canceled", "(unknown)", "All numbers"]);
    assert_eq!(table_cells(&list(&found, SectionId::ByPartner).unwrap(), "partner"), ["(blank)", "Acme", "All numbers"]);
    assert_eq!(table_cells(&list(&found, SectionId::ByProductLine).unwrap(), "product_line"), ["(blank)", "Unite", "All numbers"]);
    let none = report(&[&[("account_id", "1")] as Row], "");
    assert!(none.section(SectionId::ByPartner).is_none() && none.section(SectionId::ByProductLine).is_none());
}

#[test]
fn completed_numbers_stand_by_the_pacific_day_the_last_first() {
    let found = report(&rows(), "");
    let month = list(&found, SectionId::CompletedByMonth).unwrap();
    assert_eq!(table_cells(&month, "month"), ["2026-11", "2026-10", "2026-09", "No date", "All completed numbers"]);
    assert_eq!(counts_at(&month, 1), [1, 1, 1, 1, 4]);
    assert_eq!((counts_at(&month, 2), counts_at(&month, 3)), (vec![1, 0, 1, 1, 3], vec![0, 1, 0, 0, 1]));
    let week = list(&found, SectionId::CompletedByWeek).unwrap();
    assert_eq!(table_cells(&week, "week"), ["2026-11-02", "2026-10-26", "2026-09-14", "No date", "All completed numbers"]);
}

#[test]
fn rejections_stand_by_reason_open_ones_apart() {
    let table = list(&report(&rows(), ""), SectionId::RejectionsByReason).unwrap();
    assert_eq!(table_cells(&table, "reason_code")[0], "pin_passcode");
    assert_eq!((counts_at(&table, 1)[0], counts_at(&table, 2)[0], counts_at(&table, 3)[0]), (3, 1, 2));
    let reasons = table_cells(&table, "reason");
    let own = reasons.iter().position(|reason| reason == "(in the carrier's own words)").unwrap();
    let none = reasons.iter().position(|reason| reason == "(no reason given)").unwrap();
    assert_eq!((counts_at(&table, 1)[own], counts_at(&table, 1)[none]), (1, 1));
    assert_eq!(counts_at(&table, 1).last(), Some(&5));
}

#[test]
fn odd_rows_are_listed_with_their_flags_in_words() {
    let found = report(&rows(), "");
    let table = list(&found, SectionId::Flagged).unwrap();
    let words = table_cells(&table, "reasons");
    for (flag, count) in &found.cover.figures.quality_flags {
        let meaning = crate::report::template().terms.term("quality_flags", flag.code()).unwrap().meaning;
        assert_eq!(words.iter().filter(|words| words.split(" · ").any(|words| words == meaning)).count() as u64, *count, "{flag:?}");
    }
    assert!(words.iter().all(|words| !words.is_empty()));
}

#[test]
fn numbers_at_risk_are_listed_with_the_reasons() {
    let row = |number: &'static str, detail: &'static str, more: &[(&'static str, &'static str)]| {
        [&[("phone_number", number), ("given_detail", detail)], more].concat()
    };
    // The as-of day is Saturday, 21 November; the 26th is a holiday.
    let cases = [
        (row("+12125550101", "firm_order_confirmation", &[("confirmed_date", "2026-11-02")]), "overdue,foc_expired"),
        (row("+12125550102", "firm_order_confirmation", &[("confirmed_date", "2026-11-19")]), "overdue"),
        (row("+12125550103", "firm_order_confirmation", &[]), "scheduled_without_date"),
        (row("+12125550104", "rejected", &[("confirmed_date", "2026-11-24")]), "reject_before_foc"),
        (row("+12125550105", "rejected", &[("confirmed_date", "2026-12-15")]), ""),
        (row("+12125550106", "submitted", &[("created_date", "2026-10-21"), ("updated_at", "2026-11-18T12:00:00")]), "loa_old"),
        (row("+12125550107", "submitted", &[("created_date", "2026-10-22")]), "waiting_long"),
        (row("+12125550108", "submitted", &[("created_date", "2026-10-22"), ("updated_at", "2026-11-18T12:00:00")]), ""),
        (row("+12125550109", "waiting_for_loa", &[("created_date", "2026-11-09")]), ""),
        (row("+12125550110", "waiting_for_loa", &[("created_date", "2026-10-28")]), "abandonment,waiting_long"),
        (row("+12125550111", "completed", &[("confirmed_date", "2026-01-02"), ("created_date", "2025-01-02")]), ""),
        (row("+12125550112", "firm_order_confirmation", &[("confirmed_date", "2026-11-24")]), ""),
        (
            row("+12125550113", "firm_order_confirmation", &[("confirmed_date", "2026-11-24"), ("quality_mask", "cancellation_pending")]),
            "cancel_window",
        ),
    ];
    let rows: Vec<Row> = cases.iter().map(|(row, _)| row.as_slice()).collect();
    let found = report(&rows, "");
    let table = list(&found, SectionId::AtRisk).unwrap();
    let (numbers, reasons) = (table_cells(&table, "phone_number"), table_cells(&table, "reasons"));
    let template = crate::report::template();
    for (row, expected) in &cases {
        let captions: Vec<String> = expected.split(',').filter_map(|code| Some(template.terms.term("risks", code)?.caption)).collect();
        let place = numbers.iter().position(|number| number == row[0].1);
        assert_eq!(place.map_or(String::new(), |place| reasons[place].clone()), captions.join(" · "), "{row:?}");
    }
    assert_eq!(numbers[0], "+12125550101", "the most pressing comes first");
    let Content::Table { table: counted, totals: 1 } = &found.section(SectionId::RiskCounts).unwrap().content else { panic!("no counts") };
    assert_eq!(counts(counted, "numbers").last(), Some(&(numbers.len() as u64)));
}

#[test]
fn lists_know_where_their_rows_are_among_the_numbers() {
    for query in ["", "page_size = 4", "sort = ['phone_number:desc']"] {
        let found = report(&rows(), query);
        let shown = table_cells(&whole(&found.numbers), "phone_number");
        for id in [SectionId::Flagged, SectionId::WaitingForYou, SectionId::ReadyToAssign] {
            let Some(Content::Rows(lazy)) = found.section(id).map(|section| section.content.clone()) else { continue };
            let numbers = table_cells(&whole(&lazy), "phone_number");
            let links = lazy.links.unwrap();
            assert_eq!(links.len(), numbers.len());
            for (number, link) in numbers.iter().zip(links.iter()) {
                let there = shown.get(*link as usize);
                assert!(there == Some(number) || there.is_none() && query == "page_size = 4", "{query}: {number} at {link}");
            }
        }
    }
}

#[test]
fn limits_that_cannot_be_are_refused() {
    for (old, new, expected) in [
        ("ages = [5, 10, 20, 40]", "ages = [5, 5]", "ages does not ascend"),
        ("ages = [5, 10, 20, 40]", "ages = []", "ages does not ascend"),
        ("soon = 5", "soon = -1", "a number of days cannot be"),
        ("rows_on_pages = 200", "rows_on_pages = 0", "rows_on_pages cannot be 0"),
    ] {
        let refusal = Template::parse(&shipped().replace(old, new), "mine.toml").unwrap_err().to_string();
        assert!(refusal.contains(expected), "{new}: {refusal}");
    }
}

#[test]
fn the_cover_says_how_old_the_data_are() {
    let cover = report(&rows(), "").cover;
    assert_eq!(cover.oldest_change, "2026-11-20, 1 day before");
    assert!(cover.sources[0].ends_with(" (newest change 2026-11-20, 1 day before)"), "{:?}", cover.sources);
    let cover = report(&rows(), "accounts = ['10']").cover;
    assert_eq!(cover.oldest_change, "", "no row shown tells when it changed");
    assert!(cover.sources[0].contains("newest change"), "a file is as old as it is, whatever is shown of it");
}

fn export(report: &Report, name: &str) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    format(name).unwrap().export(report, &Options::default(), &mut out).unwrap();
    out.into_inner()
}

#[test]
fn a_long_list_is_cut_on_pages_and_linked_in_a_workbook() {
    let row: Row = &[("quality_mask", "bad_cell"), ("account_id", "7"), ("given_detail", "submitted")];
    let found = report(&[row; 1_250], "");
    let bytes = export(&found, "xlsx");
    let mut package = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut part = |wanted: &str| {
        let mut text = String::new();
        package.by_name(wanted).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let sheets = part("xl/workbook.xml");
    let names: Vec<&str> = sheets.split("<sheet name=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let number = |name: &str| names.iter().position(|other| *other == name).unwrap() + 1;
    let flagged = part(&format!("xl/worksheets/sheet{}.xml", number("Data quality")));
    assert_eq!(flagged.matches("<hyperlink ref=").count(), 1_250);
    // What a list repeats is in the workbook once.
    assert!(flagged.matches("t=\"s\"").count() >= 3 * 1_250 && !flagged.contains(">Submitted<"), "shared strings");
    assert!(flagged.contains("&amp;11Partner Number Port Status Report  ·  &amp;A"), "printed pages name their sheet");
    assert!(flagged.contains("<hyperlink ref=\"A1251\" location=\"'Numbers'!A1251\"/></hyperlinks><pageMargins"), "links before margins");
    // The total stands below the table, where sorting and filters leave it.
    let relations = part(&format!("xl/worksheets/_rels/sheet{}.xml.rels", number("By account")));
    let table = relations.split("tables/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(part(&format!("xl/tables/{table}")).contains("ref=\"A1:H2\""));
    let accounts = part(&format!("xl/worksheets/sheet{}.xml", number("By account")));
    assert!(accounts.contains("<row r=\"3\"") && !accounts.contains("<hyperlink"));
    if tools::found("pdftotext") {
        let mut found = found;
        found.words.thousands_separator = "’".to_owned();
        let folder = tools::folder("cut-list");
        let path = folder.join("report.pdf");
        std::fs::write(&path, export(&found, "pdf")).unwrap();
        let text = tools::run("pdftotext", &["-layout", path.to_str().unwrap(), "-"]);
        assert!(text.contains("The first 200 of 1’250 rows. The workbook has 1’050 more, on the sheet Data quality."), "{text}");
        // What stands beside the bars was made with the words of before.
        assert!(!text.replace("1,250 local", "").contains("1,250"), "{text}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
