//! Tests that every figure of the report is found again as rows, and that lists show their worst rows first.

use portstatus::report::template::Template;
use portstatus::report::{Content, SectionId};

use crate::fixtures::Row;
use crate::report::{report, shipped, table_cells, template};
use crate::report_sections::{counts, counts_at, list, rows};

/// How many rows a report of `query` has whose condition is `condition`.
fn asked(rows: &[Row], query: &str, condition: &str) -> u64 {
    report(rows, &format!("{query}\nwhere_sql = [{condition:?}]")).cover.figures.rows
}

#[test]
fn every_figure_is_found_again_as_rows() {
    let rows = rows();
    let found = report(&rows, "");
    let open = ["statuses = ['waiting_for_you']", "statuses = ['scheduled']", "statuses = ['in_progress']", ""];
    let statuses = |count: usize| {
        let known = ["waiting_for_you", "scheduled", "in_progress", "completed", "canceled", "(unknown)"]
            .map(|status| format!("statuses = ['{status}']"));
        known.into_iter().chain([String::new()]).skip(7 - count).collect::<Vec<_>>()
    };
    let types = ["", "number_types = ['local']", "number_types = ['toll_free']"];
    let owned = |queries: &[&str]| queries.iter().map(|query| (*query).to_owned()).collect::<Vec<String>>();
    for (id, queries) in [
        (SectionId::Ageing, owned(&open)),
        (SectionId::CompletedByMonth, owned(&types)),
        (SectionId::CompletedByWeek, owned(&types)),
        (SectionId::ByPartner, statuses(7)),
        (SectionId::ByProductLine, statuses(7)),
        (SectionId::RejectionsByReason, vec![String::new()]),
    ] {
        let table = list(&found, id).unwrap();
        let conditions = table_cells(&table, "rows");
        for (place, query) in queries.iter().enumerate() {
            for (count, condition) in counts_at(&table, place + 1).into_iter().zip(&conditions) {
                let condition = if condition.is_empty() { "1 = 1" } else { condition };
                assert_eq!(asked(&rows, query, condition), count, "{}: {query}, {condition}", id.code());
            }
        }
    }
    let table = list(&found, SectionId::RejectionsByReason).unwrap();
    for (key, and) in [("open", "reject_open"), ("answered", "not reject_open")] {
        for (count, condition) in counts(&table, key).into_iter().zip(table_cells(&table, "rows")) {
            assert_eq!(asked(&rows, "", &format!("({condition}) and {and}")), count, "{condition} and {and}");
        }
    }
    // By what the numbers themselves show.
    let table = list(&found, SectionId::ByAccount).unwrap();
    for (place, query) in statuses(7).iter().enumerate() {
        for (count, account) in counts_at(&table, place + 1).into_iter().zip(table_cells(&table, "account_id")) {
            let condition = match account.as_str() {
                "(blank)" => "account_id is null".to_owned(),
                "All numbers" => "1 = 1".to_owned(),
                account => format!("account_id = '{account}'"),
            };
            assert_eq!(asked(&rows, query, &condition), count, "{account}, {query}");
        }
    }
    let Content::Table { table, .. } = &found.section(SectionId::ByWeek).unwrap().content else { panic!("no weeks") };
    let (weeks, open) = (table_cells(table, "week"), "status in ('waiting_for_you', 'scheduled', 'in_progress')");
    for (key, and) in [
        ("numbers", "1 = 1"),
        ("confirmed", "confirmed_date is not null"),
        ("estimated", "confirmed_date is null and estimated_date is not null"),
    ] {
        for (count, week) in counts(table, key).into_iter().zip(&weeks) {
            let condition = match week.as_str() {
                "Date has passed" => "effective_port_date < today".to_owned(),
                "No date" => "effective_port_date is null".to_owned(),
                "All open numbers" => "1 = 1".to_owned(),
                "Later" => continue,
                day => {
                    format!("effective_port_date >= today and date_trunc('week', effective_port_date) = date_trunc('week', date '{day}')")
                }
            };
            assert_eq!(asked(&rows, "", &format!("{open} and {and} and {condition}")), count, "{week}, {key}");
        }
    }
}

#[test]
fn every_list_is_in_every_format_and_shows_its_worst_rows_first() {
    for section in template().sections.iter().filter(|section| section.id.is_list() && section.id != SectionId::Numbers) {
        assert_eq!(section.formats.get("pdf").map(String::as_str), Some("list"), "{}", section.id.code());
        assert!(section.formats.contains_key("xlsx") && !section.explanation.is_empty(), "{}", section.id.code());
        let has_own_order = matches!(section.id, SectionId::AtRisk | SectionId::Flagged | SectionId::Changes) || !section.id.has_columns();
        assert_eq!(section.sort.is_empty(), has_own_order, "{}", section.id.code());
    }
    let row = |number: &'static str, detail: &'static str, date: &'static str| {
        [("phone_number", number), ("given_detail", detail), ("confirmed_date", date), ("created_date", date)]
    };
    let cells = [
        row("+12125550101", "firm_order_confirmation", "2026-12-03"),
        row("+12125550102", "firm_order_confirmation", "2026-11-30"),
        row("+12125550103", "waiting_for_loa", "2026-11-10"),
        row("+12125550104", "waiting_for_loa", "2026-10-10"),
        row("+12125550105", "waiting_for_loa", "2026-11-11"),
        row("+12125550106", "completed", "2026-11-02"),
        row("+12125550107", "completed", "2026-10-02"),
    ];
    let mut rows: Vec<Row> = cells.iter().map(|row| row.as_slice()).collect();
    rows.push(&[("phone_number", "+12125550108"), ("given_detail", "firm_order_confirmation")]);
    rows.push(&[("phone_number", "+12125550109"), ("configuration_profile", "P")]);
    let found = report(&rows, "sort = ['phone_number']");
    for (id, expected) in [
        (SectionId::ReadyToAssign, &["02", "01", "08"][..]),
        (SectionId::WaitingForYou, &["04", "03", "05"]),
        (SectionId::CompletedNotAssigned, &["07", "06"]),
    ] {
        let numbers = table_cells(&list(&found, id).unwrap(), "phone_number");
        assert_eq!(numbers.iter().map(|number| &number[10..]).collect::<Vec<_>>(), expected, "{}", id.code());
    }
}

#[test]
fn the_order_of_a_list_is_of_columns_and_not_of_sections_that_have_their_own() {
    let order = "sort = [\"closing_day\"]";
    for (old, new, expected) in [
        (order, "sort = [\"nothing\"]", "cannot be sorted by 'nothing'"),
        (order, "sort = [\"closing_day:down\"]", "cannot be sorted by 'closing_day:down'"),
        (order, "sort = [\"given_status\"]", "cannot be sorted by 'given_status'"),
        ("id = \"by_account\"", "id = \"by_account\"\nsort = [\"account_id\"]", "has an order of its own"),
        ("id = \"at_risk\"", "id = \"at_risk\"\nsort = [\"account_id\"]", "has an order of its own"),
    ] {
        let refusal = Template::parse(&shipped().replace(old, new), "mine.toml").unwrap_err().to_string();
        assert!(refusal.contains(expected), "{new}: {refusal}");
    }
}

#[test]
fn the_workbook_says_what_its_sheets_hold() {
    let found = report(&rows(), "");
    let Content::Table { table, .. } = &found.section(SectionId::Sheets).unwrap().content else { panic!("no sheets") };
    let (sheets, meanings) = (table_cells(table, "term"), table_cells(table, "meaning"));
    let there = found.sections.iter().filter(|section| section.id.is_list());
    let there: Vec<&str> = there.filter_map(|section| section.place("xlsx")).collect();
    assert_eq!(sheets, there);
    assert!(meanings.iter().all(|meaning| !meaning.is_empty()));
}
