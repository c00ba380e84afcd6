//! Tests of what each column of the catalogue shows, and of choosing columns.

use portstatus::domain::columns::COLUMNS;
use portstatus::domain::status::fold;
use portstatus::report::Values;

use crate::report::{ROWS, cells, report, table_cells, template};
use crate::report_fixture::whole;

/// What each column shows for [`ROWS`], in the order of the input.
const SHOWN: &[(&str, [&str; 5])] = &[
    ("phone_number", ["+16505551234", "+18005550199", "+12125550100", "+12125550101", "+12125550102"]),
    ("submitted_date", ["2026-11-17", "", "", "", ""]),
    ("case_number", ["C9", "", "C1", "", ""]),
    ("request_id", ["R2", "", "R1", "", ""]),
    ("estimated_date", ["2026-11-30", "", "", "", ""]),
    ("confirmed_date", ["2026-12-01", "", "", "2026-09-15", ""]),
    ("confirmed_time", ["", "", "", "11:30", ""]),
    ("priority", ["Standard", "", "Expedite", "", ""]),
    ("status", ["Scheduled", "In Progress", "Waiting for You", "Completed", "(unknown)"]),
    ("detail", ["Firm order confirmation", "Accepted", "Rejected", "Completed", "(unknown)"]),
    ("account_username", ["ana", "", "", "", ""]),
    ("account_company", ["Café", "", "Blue Ridge", "", ""]),
    ("account_id", ["200", "100", "100", "", ""]),
    ("location", ["Austin", "", "", "", ""]),
    ("coordinator", ["Bill", "", "", "", ""]),
    ("created_date", ["2026-11-16", "2026-10-15", "", "", ""]),
    ("requested_date", ["2026-11-25", "", "", "", ""]),
    ("approved_date", ["", "2026-11-10", "", "", ""]),
    ("reject_reason", ["", "", "PIN invalid", "", ""]),
    ("number_state", ["FOC Date Set", "In Process", "Action Required", "Completed", ""]),
    ("number_type", ["Local", "Toll-free", "Local", "Local", "Local"]),
    ("configuration_profile", ["UNITE", "", "", "", ""]),
    ("action_owner", ["Porting team", "Porting team", "Partner", "Nobody", "Porting team"]),
    ("product_line", ["Unite", "", "", "", ""]),
    ("messaging_port_status", ["", "", "", "", ""]),
    ("region", [""; 5]),
    ("city", [""; 5]),
    ("partner", ["Acme", "", "", "", ""]),
    ("order_id", ["(R2/C9/local/2026-12-01)", "O-7", "(R1/C1/local/)", "(//local/2026-09-15)", "(//local/)"]),
    ("order_basis", ["derived", "given", "derived", "derived", "derived"]),
    ("review_outcome", ["Portable", "", "", "", ""]),
    ("age_business_days", ["5", "26", "", "", ""]),
    ("days_to_port", ["10", "", "", "", ""]),
    ("effective_port_date", ["2026-12-01", "", "", "2026-09-15", ""]),
    ("effective_port_basis", ["confirmed", "", "", "confirmed", ""]),
    ("port_time_basis", ["standard time", "", "", "given", ""]),
    ("overdue", ["no", "no", "no", "no", "no"]),
    ("completed_at", ["", "", "", "2026-09-15T18:31:00Z", ""]),
    ("closing_day", ["", "", "", "2026-09-15", ""]),
    ("updated_at", ["2026-11-20T12:00:00Z", "", "", "", ""]),
    ("row_age_days", ["1", "", "", "", ""]),
    ("reject_open", ["no", "no", "yes", "no", ""]),
    ("reason_code", ["", "", "pin_passcode", "", ""]),
    ("reason", ["", "", "PIN or passcode", "", ""]),
    ("confirmed_port_at_utc", ["2026-12-01T18:00:00Z", "", "", "2026-09-15T18:30:00Z", ""]),
    ("state_since", [""; 5]),
    ("days_in_state", [""; 5]),
    ("moved_by", [""; 5]),
    ("times_rejected", [""; 5]),
    ("rejections", [""; 5]),
    ("first_confirmed_date", [""; 5]),
    ("confirmed_date_slip", [""; 5]),
    ("illegal_moves", [""; 5]),
    ("request_numbers", [""; 5]),
    ("ported_numbers", [""; 5]),
    ("waiting_numbers", [""; 5]),
    ("in_progress_numbers", [""; 5]),
    ("scheduled_numbers", [""; 5]),
    ("canceled_numbers", [""; 5]),
    ("unknown_numbers", [""; 5]),
    ("partial", [""; 5]),
    ("next_port_date", [""; 5]),
    ("action", [""; 5]),
    ("argument", [""; 5]),
    ("verdict", [""; 5]),
    ("verdict_reason", [""; 5]),
    ("state_after", [""; 5]),
    ("quality_flags", ["", "", "", "bad_cell; nonstandard_time", ""]),
    ("quality_count", ["0", "0", "0", "2", "0"]),
    ("source_words", ["FOC", "", "", "", ""]),
    ("source_file", ["orders.csv"; 5]),
    ("source_row", ["2", "3", "4", "5", "6"]),
];

#[test]
fn every_column_shows_what_it_promises() {
    let all: Vec<&str> = COLUMNS.iter().filter(|known| known.is_in_reports()).map(|known| known.key).collect();
    let report = report(ROWS, &format!("sort = ['source_row']\ncolumns = {all:?}"));
    assert_eq!(report.numbers.columns.iter().map(|column| column.key.as_str()).collect::<Vec<_>>(), all);
    for (key, expected) in SHOWN {
        assert_eq!(table_cells(&whole(&report.numbers), key), *expected, "{key}");
    }
    let steps = table_cells(&whole(&report.numbers), "next_step");
    assert_eq!(steps[2], "Send the transfer PIN or passcode that the current provider has on file.");
    assert!(steps.iter().all(|step| !step.is_empty()), "{steps:?}");
    let rules = table_cells(&whole(&report.numbers), "rule");
    assert_eq!(rules[4], "unknown");
    assert!(rules.iter().all(|rule| !rule.is_empty()), "{rules:?}");
    let covered = SHOWN.len() + 2;
    assert_eq!(covered, all.len(), "every column of the catalogue has an expectation");
}

#[test]
fn the_default_columns_are_the_nineteen_with_their_captions() {
    let captions = [
        "Phone number",
        "Original submission date to Carrier",
        "FP Case Number",
        "Request ID",
        "Current Estimated Porting Date (EPD)",
        "Confirmed Porting Date",
        "Confirmed Porting Time, PST",
        "Priority",
        "Status",
        "Detailed Status",
        "Account username",
        "Account Company Name",
        "Account ID",
        "Location",
        "Coordinator (PC or SIS)",
        "Order Creation Date",
        "Customer Requested Date (CRD)",
        "Order Approved Date (Toll-Free numbers only)",
        "Reject reason",
    ];
    let report = report(ROWS, "");
    assert_eq!(report.numbers.columns.iter().map(|column| column.caption.as_str()).collect::<Vec<_>>(), captions);
    assert_eq!(report.cover.title, "Partner Number Port Status Report");
    for column in &whole(&report.numbers).columns {
        let chunks = match &column.values {
            Values::Text(cells) => cells.chunks().len(),
            Values::Date(cells) | Values::Time(cells) => cells.chunks().len(),
            Values::Instant(cells) | Values::Count(cells) => cells.chunks().len(),
            Values::Amount(cells) => cells.chunks().len(),
            Values::Share(cells) => cells.chunks().len(),
            Values::Terms { places, .. } => places.chunks().len(),
        };
        assert_eq!((chunks, cells(column).len()), (1, 5), "{}", column.key);
    }
    let template = template();
    let described: Vec<&str> = template.columns.iter().map(|column| column.key).collect();
    assert_eq!(described, COLUMNS.iter().map(|known| known.key).collect::<Vec<_>>(), "the shipped template describes every column");
    assert!(template.columns.iter().all(|column| !column.meaning.is_empty()));
    let mut captions: Vec<String> = template.columns.iter().map(|column| fold(&column.caption)).collect();
    captions.sort();
    captions.dedup();
    assert_eq!(captions.len(), COLUMNS.len(), "no two columns have one caption");
}

#[test]
fn the_tables_of_the_readme_are_those_of_the_columns() {
    let readme = include_str!("../../README.md");
    let (template, columns) = (template(), COLUMNS.iter().map(|column| column.key));
    let rows = readme.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| `")?.strip_suffix(" |")?.split(" | ").collect();
        let [key, caption, meaning] = cells[..] else { return None };
        let shown = template.column(key.strip_suffix('`')?)?;
        assert_eq!(caption, shown.caption, "{key}");
        assert!(shown.meaning.starts_with(meaning), "{key}: the table says '{meaning}', the template '{}'", shown.meaning);
        Some(shown.key)
    });
    assert!(rows.eq(columns), "the README lists every column once, in the order of the table");
}

#[test]
fn columns_go_by_key_or_caption_in_the_order_asked_for() {
    let cases = [
        ("columns = ['status,phone_number']", vec!["status", "phone_number"]),
        ("columns = ['Confirmed Porting Time, PST, Action owner']", vec!["confirmed_time", "action_owner"]),
        ("columns = ['order approved date (toll-free numbers only)']", vec!["approved_date"]),
    ];
    for (query, expected) in cases {
        let report = report(ROWS, query);
        assert_eq!(report.numbers.columns.iter().map(|column| column.key.as_str()).collect::<Vec<_>>(), expected, "{query}");
    }
}

#[test]
fn text_that_repeats_is_made_ready_once_and_reads_the_same() {
    let long = "long ".repeat(300);
    let companies = ["Acme, Inc", "Two\nlines", "=1+1"];
    let row = |place: usize| {
        let company = (place % 4 < 3).then_some(("account_company", companies[place % 3]));
        let location = ("location", long.as_str());
        let user = ("account_username", if place.is_multiple_of(2) { "ana" } else { "bo" });
        [("phone_number", "+12125550100"), location, user].into_iter().chain(company).collect::<Vec<_>>()
    };
    let cells: Vec<Vec<(&str, &str)>> = (0..96).map(row).collect();
    let rows: Vec<crate::fixtures::Row> = cells.iter().map(Vec::as_slice).collect();
    let found = report(&rows, "columns = ['account_company', 'location', 'account_username', 'source_row']\nsort = ['source_row']");
    let table = whole(&found.numbers);
    let is_listed = |place: usize| matches!(&table.columns[place].values, Values::Terms { terms, .. } if terms.len() <= 3);
    assert!(is_listed(0) && is_listed(2), "few texts in many rows");
    assert!(matches!(table.columns[1].values, Values::Text(_)), "a text that may not fit a cell is looked at in each");
    for (key, place) in [("account_company", 3), ("location", 1), ("account_username", 2)] {
        let expected = cells.iter().map(|row| row.get(place).map_or("", |cell| cell.1).to_owned());
        assert_eq!(table_cells(&table, key), expected.collect::<Vec<_>>(), "{key}");
    }
    // Few rows are not worth it.
    let few = whole(&report(&rows[..20], "columns = ['account_company']").numbers);
    assert!(matches!(few.columns[0].values, Values::Text(_)));
}
