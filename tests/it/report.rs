//! Tests of the lists, the groups and the report as a whole.

use std::sync::Arc;

use portstatus::domain::data_quality::QualityFlag;
use portstatus::report::build::build;
use portstatus::report::template::Template;
use portstatus::report::{Column, Content, Report, SectionId, Table, Values};
use portstatus::select::{Query, select};
use portstatus::templates::Templates;

use crate::fixtures::{Row, classified, in_pieces};
use crate::report_fixture::whole;

pub const NAME: &str = "reports/partner-port-status.toml";

pub fn shipped() -> String {
    Templates::default().text(NAME).unwrap().into_owned()
}

pub fn template() -> Template {
    Template::parse(&shipped(), NAME).unwrap()
}

pub fn report(rows: &[Row], query: &str) -> Report {
    let query: Query = toml::from_str(query).unwrap();
    let selection = select(&Arc::new(classified(rows)), None, &query.check(&template().names()).unwrap()).unwrap();
    build(&selection, &template(), "Example Telecom").unwrap()
}

/// The cells as text, as a plain CSV would show them.
pub fn cells(column: &Column) -> Vec<String> {
    let day = |days: i64| chrono::DateTime::from_timestamp(days * 86_400, 0).unwrap().format("%Y-%m-%d").to_string();
    let instant = |micros: i64| chrono::DateTime::from_timestamp_micros(micros).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    match &column.values {
        Values::Text(cells) => cells.iter().map(|cell| cell.unwrap_or("").to_owned()).collect(),
        Values::Date(cells) => cells.iter().map(|cell| cell.map(|days| day(days.into())).unwrap_or_default()).collect(),
        Values::Time(cells) => {
            cells.iter().map(|cell| cell.map(|s| format!("{:02}:{:02}", s / 3600, s / 60 % 60)).unwrap_or_default()).collect()
        }
        Values::Instant(cells) => cells.iter().map(|cell| cell.map(instant).unwrap_or_default()).collect(),
        Values::Count(cells) => cells.iter().map(|cell| cell.map(|count| count.to_string()).unwrap_or_default()).collect(),
        Values::Amount(cells) => cells.iter().map(|cell| cell.map(portstatus::domain::text::decimal).unwrap_or_default()).collect(),
        Values::Share(cells) => cells.iter().map(|cell| cell.map(|share| share.to_string()).unwrap_or_default()).collect(),
        values @ Values::Terms { .. } => {
            (0..values.len()).map(|row| values.term(row).map(|term| term.caption.clone()).unwrap_or_default()).collect()
        }
    }
}

pub fn table_cells(table: &Table, key: &str) -> Vec<String> {
    cells(table.columns.iter().find(|column| column.key == key).unwrap())
}

pub const ROWS: &[Row] = &[
    &[
        ("phone_number", "+16505551234"),
        ("given_detail", "firm_order_confirmation"),
        ("account_id", "200"),
        ("request_id", "R2"),
        ("case_number", "C9"),
        ("account_company", "Café"),
        ("confirmed_date", "2026-12-01"),
        ("estimated_date", "2026-11-30"),
        ("created_date", "2026-11-16"),
        ("priority", "standard"),
        ("configuration_profile", "UNITE"),
        ("source_words", "FOC"),
        ("updated_at", "2026-11-20T12:00:00"),
        ("product_line", "Unite"),
        ("partner", "Acme"),
        ("submitted_date", "2026-11-17"),
        ("account_username", "ana"),
        ("location", "Austin"),
        ("coordinator", "Bill"),
        ("requested_date", "2026-11-25"),
        ("review_outcome", "portable"),
    ],
    &[
        ("phone_number", "+18005550199"),
        ("given_detail", "accepted"),
        ("account_id", "100"),
        ("order_id", "O-7"),
        ("approved_date", "2026-11-10"),
        ("created_date", "2026-10-15"),
        ("number_state", "in_process"),
    ],
    &[
        ("phone_number", "+12125550100"),
        ("given_detail", "rejected"),
        ("account_id", "100"),
        ("request_id", "R1"),
        ("account_company", "Blue Ridge"),
        ("case_number", "C1"),
        ("reject_reason", "PIN invalid"),
        ("priority", "expedite"),
    ],
    &[
        ("phone_number", "+12125550101"),
        ("given_detail", "completed"),
        ("confirmed_date", "2026-09-15"),
        ("confirmed_time", "11:30"),
        ("completed_at", "2026-09-15T18:31:00"),
        ("quality_mask", "bad_cell"),
    ],
    &[("phone_number", "+12125550102")],
];

#[test]
fn ready_to_assign_lists_what_is_told_to_be_assigned_and_has_no_profile() {
    let row =
        |phone: &'static str, detail: &'static str| [("phone_number", phone), ("given_detail", detail), ("confirmed_date", "2026-12-01")];
    let cells = [
        row("+16505550001", "firm_order_confirmation"),
        row("+18005550002", "accepted"),
        row("+16505550003", "accepted"),                // local: Accepted says nothing
        row("+18005550004", "firm_order_confirmation"), // toll-free, not accepted
        row("+16505550005", "tentative_order_acceptance"),
        row("+16505550006", "completed"),
    ];
    let approved: Row = &[("phone_number", "+18005550008"), ("given_detail", "firm_order_confirmation"), ("approved_date", "2026-11-10")];
    let assigned: Row = &[
        ("phone_number", "+16505550007"),
        ("given_detail", "firm_order_confirmation"),
        ("configuration_profile", "UNITE"),
        ("confirmed_date", "2026-12-01"),
    ];
    let ported: Row = &[("phone_number", "+16505550009"), ("given_detail", "completed"), ("configuration_profile", "UNITE")];
    let mut rows: Vec<Row> = cells.iter().map(|row| row.as_slice()).chain([approved]).collect();
    let content = |rows: &[Row], query: &str, id| report(rows, query).section(id).unwrap().content.clone();
    let listed = |rows: &[Row], query: &str, id| match content(rows, query, id) {
        Content::Rows(table) => table_cells(&whole(&table), "phone_number"),
        content => panic!("{content:?}"),
    };
    let (ready, completed) = (SectionId::ReadyToAssign, SectionId::CompletedNotAssigned);
    let sorted = "sort = ['phone_number']";
    // No input has profiles: all are listed, with the column to fill in, and that is said.
    assert_eq!(listed(&rows, sorted, ready), ["+16505550001", "+18005550002", "+18005550008"]);
    let Content::Rows(table) = content(&rows, sorted, ready) else { panic!("no list") };
    assert_eq!(table_cells(&whole(&table), "configuration_profile"), ["", "", ""]);
    assert!(table.columns.iter().any(|column| column.key == "product_line"));
    let unknown = report(&rows, "");
    let counts = unknown.section(SectionId::Assignment).unwrap();
    assert!(counts.explanation.contains("not known which of these are assigned already"), "{}", counts.explanation);
    let Content::Table { table, .. } = &counts.content else { panic!("no counts") };
    assert_eq!(table_cells(table, "numbers"), ["1", "2", "3"]);
    assert!(unknown.section(completed).is_none());
    // Some input has them: what has one is left out, and completed numbers without come in a list of their own.
    rows.extend([assigned, ported]);
    assert_eq!(listed(&rows, sorted, ready), ["+16505550001", "+18005550002", "+18005550008"]);
    // What ports first comes first, then what was approved first; among equals the order is the report's.
    assert_eq!(listed(&rows, "sort = ['phone_number:desc']\npage_size = 1", ready), ["+18005550002", "+16505550001", "+18005550008"]);
    assert_eq!(listed(&rows, "classes = ['local']", ready), ["+16505550001"]);
    assert_eq!(listed(&rows, "", completed), ["+16505550006"]);
    let known = report(&rows, "");
    let counts = known.section(SectionId::Assignment).unwrap();
    assert_eq!(counts.explanation, "");
    let Content::Table { table, .. } = &counts.content else { panic!("no counts") };
    assert_eq!(table_cells(table, "numbers"), ["1", "2", "3", "1"]);
    let Content::Text(sentences) = content(&rows, "statuses = ['completed']", ready) else { panic!("a list of nothing") };
    assert_eq!(sentences, ["No number is ready to be assigned."]);
}

/// Listed or not, a number is told to be assigned exactly when it is in the list.
#[test]
fn the_list_and_the_next_steps_agree() {
    let details =
        ["firm_order_confirmation", "accepted", "completed", "submitted", "rejected", "tentative_order_acceptance", "cancelled", ""];
    let mut cells: Vec<Vec<(&str, &str)>> = Vec::new();
    for detail in details {
        for status in ["", "scheduled", "in_progress", "completed", "canceled", "waiting_for_you"] {
            for state in ["", "foc_date_set", "in_process", "completed", "cancellation_pending", "cancellation_rejected", "not_portable"] {
                for number_type in ["local", "toll_free"] {
                    for approved in ["", "2026-11-10"] {
                        let pairs = [
                            ("given_detail", detail),
                            ("given_status", status),
                            ("number_state", state),
                            ("number_type", number_type),
                            ("approved_date", approved),
                            ("confirmed_date", "2026-12-01"),
                        ];
                        cells.push(pairs.into_iter().filter(|(_, text)| !text.is_empty()).collect());
                    }
                }
            }
        }
    }
    let rows: Vec<Row> = cells.iter().map(Vec::as_slice).collect();
    let report = report(&rows, "columns = ['phone_number', 'next_step']\nsort = ['phone_number']");
    let numbers = whole(&report.numbers);
    let told = table_cells(&numbers, "phone_number").into_iter().zip(table_cells(&numbers, "next_step"));
    let told: Vec<String> =
        told.filter(|(_, step)| step.to_lowercase().contains("assign the number now")).map(|(number, _)| number).collect();
    let Content::Rows(list) = &report.section(SectionId::ReadyToAssign).unwrap().content else { panic!("no list") };
    let mut listed = table_cells(&whole(list), "phone_number");
    listed.sort();
    assert_eq!(listed, told);
    assert!(told.len() > 100 && told.len() < rows.len() / 2, "{} of {}", told.len(), rows.len());
}

#[test]
fn states_that_the_status_hides_have_a_list_and_counts() {
    let rows: [Row; 4] = [
        &[("phone_number", "+16505550001"), ("number_state", "cancellation_pending"), ("given_detail", "submitted")],
        &[("phone_number", "+16505550002"), ("number_state", "not_portable")],
        &[("phone_number", "+16505550003"), ("number_state", "not_portable")],
        &[("phone_number", "+16505550004"), ("number_state", "completed")],
    ];
    let found = report(&rows, "sort = ['phone_number']");
    let Content::Table { table, .. } = &found.section(SectionId::StateCounts).unwrap().content else { panic!("no counts") };
    assert_eq!(table_cells(table, "number_state"), ["Cancellation Pending", "Not Portable"]);
    assert_eq!(table_cells(table, "numbers"), ["1", "2"]);
    let Content::Rows(list) = &found.section(SectionId::HiddenStates).unwrap().content else { panic!("no list") };
    let list = whole(list);
    assert_eq!(table_cells(&list, "phone_number"), ["+16505550001", "+16505550002", "+16505550003"]);
    assert_eq!(table_cells(&list, "action_owner"), ["Losing carrier", "Partner", "Partner"]);
    let none = report(&rows[3..], "");
    assert!(none.section(SectionId::StateCounts).is_none() && none.section(SectionId::HiddenStates).is_none());
}

#[test]
fn waiting_for_you_lists_what_waits_with_reason_and_next_step() {
    let report = report(ROWS, "");
    let Content::Rows(table) = &report.section(SectionId::WaitingForYou).unwrap().content else { panic!("no list") };
    let table = whole(table);
    assert_eq!(table.rows, 1);
    let row: Vec<String> = ["phone_number", "detail", "reject_reason", "reason", "next_step", "case_number"]
        .iter()
        .map(|key| table_cells(&table, key).remove(0))
        .collect();
    let expected = [
        "+12125550100",
        "Rejected",
        "PIN invalid",
        "PIN or passcode",
        "Send the transfer PIN or passcode that the current provider has on file.",
        "C1",
    ];
    assert_eq!(row, expected);
}

#[test]
fn groups_are_runs_of_the_first_sort_column() {
    let groups = |query: &str| report(ROWS, query).groups;
    let named = |groups: &[(&str, usize)]| groups.iter().map(|(label, row)| ((*label).to_owned(), *row)).collect::<Vec<_>>();
    assert_eq!(groups(""), named(&[("Waiting for You", 0), ("Scheduled", 1), ("In Progress", 2), ("Completed", 3), ("(unknown)", 4)]));
    assert_eq!(groups("page = 2\npage_size = 2"), named(&[("In Progress", 0), ("Completed", 1)]));
    assert_eq!(groups("sort = ['account_id']"), named(&[("100", 0), ("200", 2), ("(blank)", 3)]));
    assert_eq!(groups("sort = ['confirmed_date:desc']"), named(&[("2026-12-01", 0), ("2026-09-15", 1), ("(blank)", 2)]));
    assert_eq!(groups("sort = ['confirmed_time']"), named(&[("11:30", 0), ("(blank)", 1)]));
    assert_eq!(groups("sort = ['reject_open:desc']"), named(&[("yes", 0), ("no", 1), ("(blank)", 4)]));
    assert_eq!(groups("sort = ['updated_at']"), named(&[("2026-11-20T12:00:00Z", 0), ("(blank)", 1)]));
    assert_eq!(
        groups("sort = ['confirmed_port_at_utc']"),
        named(&[("2026-09-15T18:30:00Z", 0), ("2026-12-01T18:00:00Z", 1), ("(blank)", 2)])
    );
    let odd: [Row; 2] = [&[("confirmed_time", "11:30")], &[("confirmed_time", "11:30:30")]];
    assert_eq!(report(&odd, "sort = ['confirmed_time']").groups, named(&[("11:30", 0), ("11:30:30", 1)]));
    assert_eq!(groups("accounts = ['none']"), named(&[]));
    let many: Vec<[(&str, String); 1]> = (0..1300).map(|row| [("location", format!("{row:05}"))]).collect();
    let borrowed: Vec<[(&str, &str); 1]> = many.iter().map(|[(key, text)]| [(*key, text.as_str())]).collect();
    let rows: Vec<Row> = borrowed.iter().map(|row| row.as_slice()).collect();
    let groups = report(&rows, "sort = ['location']").groups;
    assert_eq!(groups.len(), 434);
    assert_eq!(groups[1], ("00003 to 00005".to_owned(), 3));
    assert_eq!(groups[433], ("01299".to_owned(), 1299));
}

#[test]
fn the_report_says_what_it_is() {
    let report = report(ROWS, "statuses = ['waiting for you']\npage_size = 10\ncolumns = ['phone_number', 'number_state', 'lint_flags']");
    let cover = &report.cover;
    assert_eq!(cover.operator, "Example Telecom");
    assert!(cover.notice.contains("Example Telecom") && !cover.notice.contains(['{', '[', '\n']), "{}", cover.notice);
    let whole = caveats(&report).join(" ").to_lowercase();
    assert!(!whole.contains(['{', '[']));
    for promise in
        ["confidential", "not authorized", "competitors", "other carriers", "contact the carriers", "snapshot", "case are not reflected"]
    {
        assert!(whole.contains(promise), "{promise}");
    }
    assert_eq!(cover.filters, ["Status is Waiting for You"]);
    assert_eq!(cover.order, "by Status, Account ID, Request ID, then Phone number");
    assert_eq!(cover.page.map(|page| (page.number, page.of)), Some((1, 1)));
    assert_eq!(cover.sources, ["orders.csv (newest change 2026-11-20, 1 day before)"]);
    assert_eq!(report.words.instant(cover.as_of), "2026-11-21 10:00 Pacific (2026-11-21T18:00:00Z)");
    let terms = |id: SectionId| match &report.section(id).unwrap().content {
        Content::Table { table, totals: 0 } => cells(&table.columns[1]).iter().filter(|meaning| !meaning.is_empty()).count(),
        content => panic!("{content:?}"),
    };
    assert_eq!((terms(SectionId::Columns), terms(SectionId::Statuses), terms(SectionId::Details)), (3, 5, 14));
    assert_eq!((terms(SectionId::NumberStates), terms(SectionId::QualityFlags)), (10, QualityFlag::ALL.len()));
}

fn caveats(report: &Report) -> &[String] {
    match &report.section(SectionId::Notice).unwrap().content {
        Content::Text(caveats) => caveats,
        content => panic!("{content:?}"),
    }
}

#[test]
fn no_rows_and_one_row_make_reports_too() {
    let empty = report(&[], "");
    assert_eq!((empty.numbers.rows, empty.cover.figures.rows, empty.groups.len()), (0, 0, 0));
    assert_eq!(empty.numbers.columns.len(), 19);
    assert!(report(&[], "page_size = 5\nsort = ['account_id']\nfind = ['x']\nwhere_sql = [\"1 = 1\"]").cover.page.is_some());
    let one = report(&ROWS[..1], "");
    assert_eq!(table_cells(&whole(&one.numbers), "status"), ["Scheduled"]);
    assert_eq!(one.groups, [("Scheduled".to_owned(), 0)]);
}

#[test]
fn columns_of_another_length_make_no_table() {
    let columns = whole(&report(ROWS, "").numbers).columns;
    for rows in [ROWS.len() - 1, ROWS.len() + 1] {
        let error = Table::new(rows, columns.clone()).unwrap_err();
        assert_eq!(error.code(), 70, "{error}");
        assert!(error.to_string().contains(&format!("column phone_number has {} cells for {rows} rows", ROWS.len())), "{error}");
    }
    assert_eq!(Table::new(ROWS.len(), columns).unwrap().columns.len(), 19);
}

#[test]
fn rows_in_pieces_make_the_same_report() {
    let expected = report(ROWS, "find = ['e']");
    let mut pieces = classified(ROWS);
    pieces.orders.frame = in_pieces(pieces.frame(), 2);
    let query: Query = toml::from_str("find = ['e']").unwrap();
    let selection = select(&Arc::new(pieces), None, &query.check(&template().names()).unwrap()).unwrap();
    let report = build(&selection, &template(), "").unwrap();
    for (left, right) in whole(&expected.numbers).columns.iter().zip(&whole(&report.numbers).columns) {
        assert_eq!(cells(left), cells(right), "{}", left.key);
    }
    assert_eq!(expected.cover.figures, report.cover.figures);
    assert_eq!(expected.groups, report.groups);
}

#[test]
fn the_notice_reads_well_whoever_the_operator_is() {
    let query = Query::default().check(&template().names()).unwrap();
    let selection = select(&Arc::new(classified(ROWS)), None, &query).unwrap();
    let said = |operator: &str| {
        let report = build(&selection, &template(), operator).unwrap();
        assert_eq!(report.cover.operator, operator);
        [vec![report.cover.notice.clone()], caveats(&report).to_vec()].concat().join("\n")
    };
    let named = said("Example Telecom, Inc.");
    assert!(named.contains("proprietary information of Example Telecom, Inc. Not for"), "{named}");
    assert!(named.contains("competitors of Example Telecom, Inc., or with other carriers."), "{named}");
    let unnamed = said("");
    assert!(unnamed.contains("proprietary information. Not for"), "{unnamed}");
    assert!(
        unnamed.contains("with competitors, or with other carriers.") && unnamed.contains("contact the carriers, or to try"),
        "{unnamed}"
    );
    for said in [named, unnamed] {
        assert!(!said.contains("..") && !said.contains("  ") && !said.contains(['[', ']', '{']) && !said.contains("operator"), "{said}");
    }
}

#[test]
fn any_range_of_rows_is_that_part_of_the_whole() {
    let report = report(ROWS, "sort = ['phone_number']");
    let all = whole(&report.numbers);
    for range in [0..0, 0..1, 1..3, 2..ROWS.len(), 0..ROWS.len()] {
        let part = report.numbers.table(range.clone()).unwrap();
        assert_eq!(part.rows, range.len());
        for (part, all) in part.columns.iter().zip(&all.columns) {
            assert_eq!(cells(part), cells(all)[range.clone()], "{}, {range:?}", part.key);
        }
    }
}
