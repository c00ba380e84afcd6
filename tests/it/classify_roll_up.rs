//! Requests: one row for all numbers of one, whose status is that of the number that decides.

use std::sync::Arc;

use portstatus::classify::Classified;
use portstatus::domain::data_quality::QualityFlag;
use portstatus::job::reconciliation::balance;
use portstatus::report::Report;
use portstatus::report::build::build;
use portstatus::report::table::Values;
use portstatus::report::template::Template;
use portstatus::select::requests::select_requests;
use portstatus::select::{Query, Selection, select};
use portstatus::templates::Templates;

use crate::fixtures::classified;

fn requests(classified: &Arc<Classified>, query: &str) -> (Selection, Report) {
    let template = Template::load(&Templates::default(), "requests").unwrap();
    let query: Query = toml::from_str(query).unwrap();
    let selection = select_requests(classified, &query.or(&template.query).check(&template.names()).unwrap()).unwrap();
    let report = build(&selection, &template, "").unwrap();
    (selection, report)
}

/// The cells of these columns, a line a row.
fn cells(report: &Report, keys: &[&str]) -> Vec<String> {
    let table = report.numbers.table(0..report.numbers.rows).unwrap();
    let cell = |key: &str, row: usize| {
        let column = table.columns.iter().find(|column| column.key == key).unwrap_or_else(|| panic!("no column {key}"));
        match &column.values {
            Values::Text(cells) => cells.get(row).unwrap_or("-").to_owned(),
            Values::Count(cells) => cells.get(row).map_or_else(|| "-".to_owned(), |count| count.to_string()),
            Values::Date(cells) => {
                cells.get(row).map_or_else(|| "-".to_owned(), |day| chrono::NaiveDate::from_epoch_days(day).unwrap().to_string())
            }
            values => values.term(row).map_or_else(|| "-".to_owned(), |term| term.caption.clone()),
        }
    };
    (0..table.rows).map(|row| keys.iter().map(|key| cell(key, row)).collect::<Vec<_>>().join(" ")).collect()
}

/// What each request of `rows` rolls up to.
fn statuses(rows: &[&str]) -> Vec<String> {
    cells(
        &requests(&Arc::new(classified(rows)), "sort = ['request_id']").1,
        &["request_id", "status", "ported_numbers", "request_numbers", "partial"],
    )
}

#[test]
fn the_most_pressing_status_of_its_numbers_is_that_of_the_request() {
    let rows = [
        "request_id=A number_state=completed",
        "request_id=A number_state=action_required",
        "request_id=A number_state=foc_date_set confirmed_date=2026-12-01",
        "request_id=B number_state=in_process",
        "request_id=B number_state=foc_date_set confirmed_date=2026-12-01",
        "request_id=C number_state=foc_date_set confirmed_date=2026-12-01",
        "request_id=C number_state=canceled",
        "request_id=D number_state=completed",
        "request_id=D number_state=canceled",
        "request_id=E number_state=canceled",
        "request_id=E number_state=canceled",
        "request_id=F number_state=completed",
        "request_id=F number_state=completed",
        "request_id=G number_state=completed",
        "request_id=G account_id=1",
    ];
    let expected = [
        "A Waiting for You 1 3 no",
        "B In Progress 0 2 no",
        "C Scheduled 0 2 no",
        "D Completed 1 2 yes",
        "E Canceled 0 2 no",
        "F Completed 2 2 no",
        "G Completed 1 1 no",
        "G (unknown) 0 1 no",
    ];
    assert_eq!(statuses(&rows), expected);
    assert_eq!(statuses(&["request_id=A number_state=completed", "request_id=A"]), ["A (unknown) 1 2 no"]);
}

#[test]
fn the_next_date_is_the_earliest_of_open_numbers() {
    let rows = [
        "request_id=A number_state=completed confirmed_date=2026-11-02",
        "request_id=A number_state=foc_date_set confirmed_date=2026-12-09",
        "request_id=A number_state=in_process estimated_date=2026-12-04",
        "request_id=B number_state=canceled estimated_date=2026-12-01",
    ];
    let (_, report) = requests(&Arc::new(classified(&rows)), "");
    assert_eq!(cells(&report, &["request_id", "next_port_date"]), ["A 2026-12-04", "B -"]);
}

#[test]
fn numbers_without_a_request_go_by_case_and_order_and_never_across_accounts() {
    let rows = [
        "case_number=C1 account_id=1 number_state=completed",
        "case_number=C1 account_id=1 number_state=canceled",
        "case_number=C1 account_id=2 number_state=canceled",
        "order_id=O1 number_state=completed",
        "order_id=O1 number_state=completed",
        "number_state=completed",
        "number_state=completed",
    ];
    let (_, report) = requests(&Arc::new(classified(&rows)), "sort = ['request_numbers', 'account_id']");
    let expected = ["- 2 1 C1", "- - 1 -", "- - 1 -", "- 1 2 C1", "- - 2 -"];
    assert_eq!(cells(&report, &["request_id", "account_id", "request_numbers", "case_number"]), expected);
}

#[test]
fn a_request_is_shown_whole_when_one_of_its_numbers_passes_and_every_number_is_counted() {
    let rows = [
        "request_id=A account_id=1 number_state=completed",
        "request_id=A account_id=1 number_state=foc_date_set confirmed_date=2026-12-09",
        "request_id=B account_id=2 number_state=completed",
        "request_id=C account_id=2 number_state=in_process",
        "request_id=C account_id=2 number_state=in_process",
    ];
    let classified = Arc::new(classified(&rows));
    for (query, shown, counts) in [
        ("", vec!["C In Progress 2", "A Scheduled 2", "B Completed 1"], (3, 0, 0, 2)),
        ("find = ['+16505551000']", vec!["A Scheduled 2"], (1, 3, 0, 1)),
        ("statuses = ['completed']", vec!["A Scheduled 2", "B Completed 1"], (2, 2, 0, 1)),
        ("accounts = ['2']\npage = 2\npage_size = 1", vec!["B Completed 1"], (1, 2, 1, 1)),
        ("accounts = ['9']", vec![], (0, 5, 0, 0)),
        ("where_sql = ['request_numbers > 1']", vec!["A Scheduled 2", "C In Progress 2"], (2, 1, 0, 2)),
        ("where_sql = ['next_port_date is not null', 'account_id = 1']", vec!["A Scheduled 2"], (1, 3, 0, 1)),
    ] {
        let (selection, report) = requests(&classified, query);
        let counted = balance(&report, &selection).unwrap();
        let mut found = cells(&report, &["request_id", "status", "request_numbers"]);
        let mut shown: Vec<String> = shown.into_iter().map(str::to_owned).collect();
        found.sort();
        shown.sort();
        assert_eq!(found, shown, "{query}");
        assert_eq!((counted.reported, counted.filtered_out, counted.on_other_pages, counted.rolled_up), counts, "{query}");
    }
}

#[test]
fn a_request_has_the_flags_of_all_of_its_numbers() {
    let flag = QualityFlag::ALL[0].code();
    let flagged = format!("request_id=A number_state=canceled quality_mask={flag}");
    let rows = ["request_id=A number_state=in_process".to_owned(), flagged];
    let (selection, _) = requests(&Arc::new(classified(&rows)), "");
    let mask = selection.classified.frame().column("quality_mask").unwrap().u64().unwrap().get(0).unwrap();
    assert_ne!(mask & QualityFlag::ALL[0].bit(), 0);
}

#[test]
fn a_report_of_numbers_cannot_be_asked_of_requests() {
    let template = Template::load(&Templates::default(), "partner-port-status").unwrap();
    let query: Query = toml::from_str("where_sql = ['partial']").unwrap();
    let checked = query.check(&template.names()).unwrap();
    let refusal = select(&Arc::new(classified(&["request_id=A number_state=completed"])), None, &checked).unwrap_err();
    assert_eq!(refusal.code(), 64);
    assert!(refusal.to_string().contains("column 'Partial' cannot choose the numbers of this report"), "{refusal}");
}
