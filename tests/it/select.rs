//! Tests of the filters and of what a wrong query is told.

use std::sync::Arc;

use portstatus::classify::Classified;
use portstatus::error::Result;
use portstatus::report::query_text;
use portstatus::select::{Query, Selection, select};

use crate::fixtures::{Row, classified};
use crate::report_fixture::template;

/// Rows by the line they stand on, from 2.
pub const ROWS: &[Row] = &[
    // 2
    &[
        ("phone_number", "+16505551234"),
        ("given_detail", "firm_order_confirmation"),
        ("account_id", "200"),
        ("request_id", "R2"),
        ("case_number", "C9"),
        ("account_company", "Île-de-Nord Café"),
        ("confirmed_date", "2026-12-01"),
        ("confirmed_time", "10:00"),
        ("estimated_date", "2026-11-30"),
        ("created_date", "2026-10-01"),
        ("partner", "Acme"),
    ],
    // 3
    &[
        ("phone_number", "+18005550199"),
        ("given_detail", "accepted"),
        ("account_id", "100"),
        ("request_id", "R1"),
        ("account_company", "Blue Ridge"),
        ("approved_date", "2026-11-10"),
        ("created_date", "2026-10-15"),
        ("partner", "acme"),
    ],
    // 4
    &[
        ("phone_number", "+442071838750"),
        ("given_detail", "rejected"),
        ("account_id", "100"),
        ("request_id", "R1"),
        ("reject_reason", "PIN \"0000\" invalid"),
        ("created_date", "2026-11-01"),
        ("partner", "Zeta"),
    ],
    // 5
    &[
        ("phone_number", "+12125550100"),
        ("given_detail", "completed"),
        ("account_id", "100"),
        ("request_id", "R0"),
        ("confirmed_date", "2026-09-01"),
        ("completed_at", "2026-09-02T06:30:00"),
        ("created_date", "2026-08-01"),
    ],
    // 6
    &[("phone_number", "+12125550101"), ("given_detail", "completed"), ("account_id", "300"), ("confirmed_date", "2026-09-15")],
    // 7
    &[("phone_number", "+12125550102"), ("given_detail", "cancelled"), ("account_id", "300"), ("canceled_at", "2026-07-01T12:00:00")],
    // 8
    &[("phone_number", "+12125550103"), ("given_detail", "closed_as_incomplete"), ("updated_at", "2026-11-01T12:00:00")],
    // 9
    &[("phone_number", "+12125550104"), ("given_status", "canceled"), ("account_id", "300")],
    // 10
    &[("phone_number", "+12125550105"), ("account_id", "050"), ("source_words", "zzz")],
];

/// Checks `query` by the names of the shipped template and selects.
pub fn try_select(classified: Classified, query: &Query) -> Result<Selection> {
    select(&Arc::new(classified), None, &query.check(&crate::report::template().names())?)
}

pub fn chosen(query: &Query) -> Selection {
    try_select(classified(ROWS), query).unwrap_or_else(|error| panic!("{query:?}: {error}"))
}

pub fn lines(query: &Query) -> Vec<u32> {
    let selection = chosen(query);
    selection.rows.iter().map(|row| row.unwrap() + 2).collect()
}

pub fn refusal(query: &Query) -> String {
    try_select(classified(ROWS), query).err().map_or("no refusal".to_owned(), |error| error.to_string())
}

/// A query from the settings it differs in, as TOML.
pub fn query(toml: &str) -> Query {
    toml::from_str(toml).unwrap()
}

/// The lines in input order.
fn passing(toml: &str) -> Vec<u32> {
    let mut lines = lines(&query(toml));
    lines.sort_unstable();
    lines
}

#[test]
fn each_filter_passes_its_rows() {
    let all: Vec<u32> = (2..=10).collect();
    let cases: &[(&str, &[u32])] = &[
        ("", &all),
        ("accounts = ['100']", &[3, 4, 5]),
        ("accounts = ['100', '200']", &[2, 3, 4, 5]),
        ("accounts = ['10']", &[]),
        ("statuses = ['Scheduled']", &[2]),
        ("statuses = ['CONFIRMED']", &[2]),
        ("statuses = ['waiting for you', 'in_progress']", &[3, 4]),
        ("statuses = ['Canceled']", &[7, 8, 9]),
        ("statuses = ['cancelled']", &[7, 8, 9]),
        ("statuses = ['completed']", &[5, 6]),
        ("details = ['Firm order confirmation', 'ACCEPTED']", &[2, 3]),
        ("details = ['closed as incomplete']", &[8]),
        ("number_types = ['toll-free']", &[3]),
        ("number_types = ['Toll Free', 'local']", &all),
        ("partners = ['ACME']", &[2, 3]),
        ("requests = ['R1']", &[3, 4]),
        ("cases = ['C9']", &[2]),
        ("created = '2026-10-15..2026-11-01'", &[3, 4]),
        ("created = '2026-10-15..'", &[3, 4]),
        ("created = '..2026-10-01'", &[2, 5]),
        ("created = '2026-10-01'", &[2]),
        ("confirmed = '2026-09-15..'", &[2, 6]),
        ("estimated = '..2026-11-30'", &[2]),
        ("accounts = ['100']\nstatuses = ['Completed']", &[5]),
        ("accounts = ['100', '300']\nstatuses = ['Completed', 'Canceled']\nclasses = ['local']", &[5, 6, 7, 9]),
        ("accounts = ['100']\nfind = ['acc']", &[3]),
    ];
    for (toml, expected) in cases {
        assert_eq!(passing(toml), *expected, "{toml}");
    }
}

#[test]
fn find_knows_numbers_in_any_format_and_text_in_any_case() {
    let cases: &[(&str, &[u32])] = &[
        ("(650) 555-1234", &[2]),
        ("650.555.1234", &[2]),
        ("+1 650 555 1234", &[2]),
        ("1-650-555-1234", &[2]),
        ("tel:+1-650-555-1234", &[2]),
        ("+44 20 7183 8750", &[4]),
        ("011 44 20 7183 8750", &[4]),
        ("800-555-0199", &[3]),
        ("6.505551234E9", &[2]),
        ("6505551234.0", &[2]),
        ("555-010", &[5, 6, 7, 8, 9, 10]),
        ("blue RIDGE", &[3]),
        ("ÎLE-DE-NORD", &[2]),
        ("café", &[2]),
        ("\"0000\" inv", &[4]),
        ("Firm Order", &[2]),
        ("2026-12-01", &[2]),
        ("10:00", &[2]),
        ("C9", &[2]),
        // Words of the source, partners and files are not in the report.
        ("zzz", &[]),
        ("acme", &[]),
        ("orders", &[]),
        ("correct what the carrier", &[]),
    ];
    for (text, expected) in cases {
        let query = Query { find: vec![(*text).to_owned()], ..Query::default() };
        let mut found = lines(&query);
        found.sort_unstable();
        assert_eq!(found, *expected, "{text}");
    }
    // Texts of the report and numbers are found whatever is shown; other columns, days, times, counts and flags where they are
    // shown; names of files and next steps never.
    assert_eq!(passing("find = ['acme']\ncolumns = ['status', 'partner']"), [2, 3]);
    assert_eq!(passing("find = ['zzz']\ncolumns = ['source_words']"), [10]);
    assert_eq!(passing("find = ['orders', 'correct what the carrier']\ncolumns = ['source_file', 'next_step']"), [0u32; 0]);
    assert_eq!(passing("find = ['650.555.1234']\ncolumns = ['status']"), [2]);
    assert_eq!(passing("find = ['blue ridge']\ncolumns = ['status']"), [3]);
    assert_eq!(passing("find = ['yes']\ncolumns = ['reject_open']"), [4]);
    assert_eq!(passing("find = ['yes']\ncolumns = ['phone_number']"), [0u32; 0]);
    assert_eq!(passing("find = ['10:00']\ncolumns = ['status']"), [0u32; 0]);
    // Repeats combine with or.
    assert_eq!(passing("find = ['blue ridge', '650.555.1234', 'nowhere at all']"), [2, 3]);
    // An accent is one letter or a letter and a mark.
    assert_eq!(passing("find = ['CAFE\u{301}']"), [2]);
}

#[test]
fn closing_days_are_days_of_the_pacific_calendar() {
    let cases: &[(&str, &[u32])] = &[
        // 06:30 UTC on the 2nd is the evening of the 1st.
        ("completed = '2026-09-01'", &[5]),
        ("completed = '2026-09-02..2026-09-30'", &[6]),
        ("completed = '..2026-12-31'", &[5, 6]),
        ("canceled = '2026-07-01'", &[7]),
        ("canceled = '2026-01-01..'", &[7]),
        ("completed = '2026-07-01'", &[]),
        ("where_sql = [\"closing_day < '2026-09-02'\"]", &[5, 7]),
    ];
    for (toml, expected) in cases {
        assert_eq!(passing(toml), *expected, "{toml}");
    }
    let toll_free: [Row; 2] = [
        &[("phone_number", "+18005550199"), ("given_detail", "completed"), ("completed_at", "2026-09-02T06:30:00")],
        &[("phone_number", "+18005550198"), ("given_detail", "completed")],
    ];
    let selection = try_select(classified(&toll_free), &query("completed = '2026-09-01'")).unwrap();
    assert_eq!((selection.rows.len(), selection.undated.as_slice()), (1, [1].as_slice()));
    let said = |toml: &str| query_text::filters(&chosen(&query(toml)), &template());
    // 8 was updated in November; 9 has no date at all.
    assert_eq!(
        said("closed_since = '2026-08-01'"),
        ["Orders closed before 2026-08-01 are left out; closed orders without a date to judge by stay: 1"]
    );
    assert_eq!(said("canceled = '2026-07-01..'"), ["Canceled from 2026-07-01 on; without a date to judge by, and not shown: 2"]);
    assert_eq!(said("completed = '2026-09-01'"), ["Completed 2026-09-01"]);
    assert_eq!(said("completed = '2026-09-01'\naccounts = ['100']"), ["Account ID is 100", "Completed 2026-09-01"]);
}

/// What no source says has one spelling: in cells, filters, conditions and sentences.
#[test]
fn an_unknown_status_has_one_spelling() {
    for toml in ["statuses = ['(unknown)']", "statuses = ['Unknown']", "details = ['(unknown)']", "where_sql = [\"status = '(unknown)'\"]"]
    {
        assert_eq!(passing(toml), [10], "{toml}");
    }
    assert_eq!(passing("statuses = ['unknown', 'scheduled']"), [2, 10]);
    assert_eq!(passing("where_sql = ['status is null']"), [] as [u32; 0]);
    let selection = chosen(&query("statuses = ['unknown']"));
    assert_eq!(query_text::filters(&selection, &template()), ["Status is (unknown)"]);
    let report = portstatus::report::build::build(&selection, &template(), "").unwrap();
    let cells = crate::report_fixture::whole(&report.numbers);
    assert_eq!(["status", "detail"].map(|key| crate::report::table_cells(&cells, key).remove(0)), ["(unknown)", "(unknown)"]);
    assert_eq!(report.groups, [("(unknown)".to_owned(), 0)]);
    // In order it comes last, either way.
    assert_eq!(*lines(&query("sort = ['status']")).last().unwrap(), 10);
    assert_eq!(*lines(&query("sort = ['status:desc']")).last().unwrap(), 10);
}

#[test]
fn closed_since_leaves_out_what_closed_earlier() {
    let cases: &[(&str, &[u32])] = &[
        // 06:30 UTC on 2 September is the evening of the 1st in Los Angeles.
        ("2026-09-01", &[2, 3, 4, 5, 6, 8, 9, 10]),
        ("2026-09-02", &[2, 3, 4, 6, 8, 9, 10]),
        ("2026-09-15", &[2, 3, 4, 6, 8, 9, 10]),
        ("2026-09-16", &[2, 3, 4, 8, 9, 10]),
        ("2026-11-02", &[2, 3, 4, 9, 10]),
        ("2026-07-01", &[2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ];
    for (since, expected) in cases {
        assert_eq!(passing(&format!("closed_since = '{since}'")), *expected, "{since}");
    }
}

#[test]
fn wrong_queries_are_refused_with_what_to_write() {
    let cases = [
        ("page = 4\npage_size = 4", "page: there is no page 4: there are only 3 pages; the last page is 3"),
        ("page = 2\npage_size = 9", "page: there is no page 2: there is only one page; the last page is 1"),
        ("page = 2", "page: a page needs a size"),
        ("page_size = 0", "page size: a page cannot have 0 rows"),
        ("page = 0\npage_size = 2", "page: there is no page 0"),
        (
            "statuses = ['Pending']",
            "status: 'Pending' is not known; choose from Waiting for You, Scheduled, In Progress, Completed, Canceled",
        ),
        ("details = ['Lost']", "detail: 'Lost' is not known; choose from Waiting for LOA, Additional Info required"),
        ("number_types = ['mobile']", "number type: 'mobile' is not known; choose from Local, Toll-free"),
        ("created = '2026-02-30..'", "created: '2026-02-30' is not a date; write yyyy-mm-dd"),
        ("confirmed = '2026-03-01..2026-02-01'", "confirmed: the range ends on 2026-02-01, before it begins on 2026-03-01"),
        ("estimated = '..'", "estimated: the range has no date"),
        ("closed_since = 'May'", "closed since: 'May' is not a date"),
        ("find = ['  ']", "find: there is nothing to find"),
        ("sort = ['colour']", "sort: there is no column 'colour'; see the list of columns"),
        ("sort = ['status:up']", "sort: 'up' is not a direction; write asc or desc"),
        ("sort = ['']", "sort: a column has no name; write keys or captions, as in phone_number,status"),
        ("columns = ['status,colour']", "columns: there is no column 'colour'; see the list of columns"),
        ("columns = ['status,Status']", "columns: column 'status' is named twice"),
        ("sort = ['detial']", "sort: there is no column 'detial'; did you mean 'detail'?; see the list of columns"),
        ("columns = ['given_status']", "columns: there is no column 'given_status'; see the list of columns"),
    ];
    for (toml, expected) in cases {
        let refusal = refusal(&query(toml));
        assert!(refusal.starts_with(expected), "{toml}: {refusal}");
    }
}

#[test]
fn partner_needs_partner_data() {
    let rows: &[Row] = &[&[("given_detail", "accepted"), ("account_id", "1")]];
    let refusal = try_select(classified(rows), &query("partners = ['Acme']")).err().unwrap();
    assert_eq!(
        refusal.to_string(),
        "partner: no input says which partner an account belongs to; add a partner column, or a file that maps accounts to partners (accounts)"
    );
    assert_eq!(refusal.code(), 64);
}

#[test]
fn the_report_states_its_filters_and_order() {
    let selection = chosen(&query(
        "statuses = ['scheduled', 'waiting for you']\naccounts = ['100', '200', '300']\ncreated = '2026-01-01..'\nconfirmed = '..2026-12-31'
        estimated = '2026-11-30'\nclosed_since = '2026-06-01'\nfind = ['(650) 555-1234']\nwhere_sql = [\"phone_number = '+16505551234'\"]
        sort = ['confirmed_date:desc,account_id']",
    ));
    let expected = [
        "Account ID is 100, 200 or 300",
        "Status is Scheduled or Waiting for You",
        "Order Creation Date is from 2026-01-01 on",
        "Confirmed Porting Date is up to 2026-12-31",
        "Current Estimated Porting Date (EPD) is 2026-11-30",
        "Orders closed before 2026-06-01 are left out",
        "A column of the report, or another column shown, contains '(650) 555-1234'",
        "Where phone_number = '+16505551234'",
    ];
    let template = template();
    assert_eq!(query_text::filters(&selection, &template), expected);
    assert_eq!(query_text::order(&selection.query, &template), "by Confirmed Porting Date (descending), then Account ID");
    assert_eq!(selection.query.sort[0].key, "confirmed_date");
    assert_eq!(query_text::order(&chosen(&Query::default()).query, &template), "by Status, Account ID, Request ID, then Phone number");
}
