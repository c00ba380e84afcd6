//! Selections made by an index are those made without one.

use std::sync::Arc;

use portstatus::classify::Classified;
use portstatus::select::find::SearchTerm;
use portstatus::select::index::Index;
use portstatus::select::packed_numbers::PackedNumbers;
use portstatus::select::{CheckedQuery, Query, Selection, select};

use crate::fixtures::{Row, classified};
use crate::select::{ROWS, query};

/// What is asked, together with every order below.
const ASKED: &[&str] = &[
    "",
    "accounts = ['100']",
    "accounts = ['100', '300', 'none']",
    "accounts = ['none']",
    "statuses = ['completed']",
    "statuses = ['completed', 'canceled', 'scheduled']",
    "details = ['accepted', 'rejected']",
    "number_types = ['toll-free']",
    "partners = ['ACME']",
    "requests = ['R1', 'R0']",
    "cases = ['C9']",
    "created = '2026-10-15..'",
    "confirmed = '..2026-11-01'",
    "estimated = '2026-11-30'",
    "closed_since = '2026-09-02'",
    "find = ['blue']",
    "find = ['ÎLE']",
    "find = ['2125550']",
    "find = ['(650) 555-1234']",
    "find = ['2026-1', 'zzz']",
    "find = ['10:00']\ncolumns = ['confirmed_time', 'effective_port_date', 'days_to_port']",
    "find = ['yes']\ncolumns = ['reject_open', 'overdue']",
    "find = ['no such text']",
    "find = ['+']",
    "find = ['+1212555', 'zeta']",
    "find = ['1', 'e']",
    "find = ['0212555']\ncolumns = ['phone_number', 'request_id']",
    "find = ['15/11/2026']\ncolumns = ['created_date']",
    "find = ['3']\ncolumns = ['days_to_port', 'age_business_days', 'quality_count']",
    "where_sql = [\"status = 'Completed'\"]",
    "where_sql = ['account_id is null', 'days_to_port > 3']",
    "where_sql = ['overdue']",
    "where_sql = ['not overdue', \"action_owner = 'partner'\"]",
    "where_sql = [\"detail in ('accepted', 'rejected')\", 'confirmed_date is null or overdue']",
    "statuses = ['completed']\nwhere_sql = [\"request_id like 'R%'\"]",
    "where_sql = [\"status not in ('completed', 'canceled') and days_to_port between 0 and 9 and account_id is not null\"]",
    "where_sql = [\"overdue or (status = 'scheduled' and days_to_port < 3)\", '1 = 1 and age_business_days > 5']",
    "where_sql = ['days_to_port is null and 1 = 1']",
    "completed = '2026-01-01..'\ncreated = '2026-01-01..2026-12-31'",
    "accounts = ['100', '200']\nstatuses = ['scheduled', 'completed']",
    "accounts = ['100']\nfind = ['R1']\nclosed_since = '2026-01-01'",
    "statuses = ['completed']\nwhere_sql = [\"confirmed_date < '2026-09-10'\"]\ncreated = '2026-01-01..'",
];

const ORDERS: &[&str] = &[
    "",
    "sort = ['account_id:desc']",
    "sort = ['created_date', 'status']",
    "sort = ['status', 'account_id', 'request_id']",
    "sort = ['account_company', 'confirmed_date:desc']",
    "sort = ['overdue:desc', 'days_to_port', 'quality_flags']",
    "sort = ['phone_number']",
    "sort = ['phone_number:desc', 'status']",
];

fn rows(selection: &Selection) -> Vec<u32> {
    selection.rows.iter().flatten().collect()
}

fn compare(classified: Classified) {
    let classified = Arc::new(classified);
    let index = Index::build(&classified).unwrap();
    let names = crate::report::template().names();
    let mut selected = 0;
    let asked = ASKED.iter().flat_map(|asked| [(asked, false), (asked, true)]);
    for (asked, only_ready) in asked {
        for order in ORDERS {
            let query = query(&format!("{asked}\n{order}\npage_size = 3")).check(&names).unwrap();
            let query = CheckedQuery { only_ready, ..query };
            let plain = select(&classified, None, &query).unwrap();
            let indexed = select(&classified, Some(&index), &query).unwrap();
            assert_eq!(rows(&plain), rows(&indexed), "{asked}, {order}");
            assert_eq!(plain.filtered_out, indexed.filtered_out, "{asked}, {order}");
            assert_eq!(plain.page, indexed.page, "{asked}, {order}");
            assert_eq!(plain.undated, indexed.undated, "{asked}, {order}");
            if only_ready {
                let ready = rows(&Selection { rows: plain.rows.clone(), ..plain.clone() }).len();
                let all = select(&classified, None, &CheckedQuery { only_ready: false, page: None, ..query }).unwrap();
                assert_eq!(ready, all.meeting(classified.ready_to_assign()).unwrap().len(), "{asked}, {order}");
            }
            selected += plain.rows.len();
        }
    }
    assert!(selected > classified.frame().height(), "hardly anything was selected");
}

#[test]
fn an_index_selects_the_same_rows() {
    compare(classified(ROWS));
}

#[test]
fn an_index_of_many_rows_selects_the_same_rows() {
    let digits = |row: u64| row.wrapping_mul(6_364_136_223_846_793_005).rotate_left(29) ^ row;
    let cells: Vec<Vec<(&str, String)>> = (0..5_000u64)
        .map(|row| {
            let mixed = digits(row);
            let mut cells =
                vec![("phone_number", format!("+1212555{:04}", mixed % 10_000)), ("request_id", format!("R{}", mixed / 3 % 400))];
            if mixed % 11 > 0 {
                cells.push(("account_id", format!("{}00", mixed % 7)));
                cells.push(("account_company", ["Blue Ridge", "Île-de-Nord Café", "Zeta"][(mixed % 3) as usize].to_owned()));
            }
            if mixed % 5 > 0 {
                cells.push(("confirmed_date", format!("2026-{:02}-{:02}", 8 + mixed % 5, 1 + mixed / 7 % 28)));
                cells.push(("created_date", format!("2026-{:02}-15", 1 + mixed / 5 % 11)));
            }
            let details = ["firm_order_confirmation", "accepted", "rejected", "completed", "cancelled", "reviewed"];
            cells.push(("given_detail", details[(mixed / 13 % 6) as usize].to_owned()));
            cells.push(("partner", ["Acme", "acme", "Zeta"][(mixed / 17 % 3) as usize].to_owned()));
            cells
        })
        .collect();
    let borrowed: Vec<Vec<(&str, &str)>> = cells.iter().map(|row| row.iter().map(|(key, text)| (*key, text.as_str())).collect()).collect();
    compare(classified(&borrowed.iter().map(Vec::as_slice).collect::<Vec<Row>>()));
}

#[test]
fn an_index_of_no_rows_selects_none() {
    let classified = Arc::new(classified::<Row>(&[]));
    let index = Index::build(&classified).unwrap();
    let query = Query::default().check(&crate::report::template().names()).unwrap();
    assert_eq!(select(&classified, Some(&index), &query).unwrap().rows.len(), 0);
}

#[test]
fn thousands_of_accounts_are_looked_up() {
    let accounts: Vec<String> = (0..5_000).map(|account| account.to_string()).collect();
    let query = Query { accounts, ..Query::default() }.check(&crate::report::template().names()).unwrap();
    let classified = Arc::new(classified(ROWS));
    let index = Index::build(&classified).unwrap();
    for index in [None, Some(&index)] {
        let mut lines: Vec<u32> = select(&classified, index, &query).unwrap().rows.iter().flatten().map(|row| row + 2).collect();
        lines.sort_unstable();
        // Those of accounts 100, 200 and 300; account 050 is written otherwise, and one row has none.
        assert_eq!(lines, [2, 3, 4, 5, 6, 7, 9]);
    }
}

/// Whether a number in E.164 is found by what is written, told another way than the program does.
fn is_found(number: &str, written: &str) -> bool {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let own = &number[1..];
    let dialled = [("0", ""), ("06", "36"), ("8", "7")].into_iter().any(|(prefix, country)| {
        digits.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 6 && own.ends_with(rest) && own.starts_with(country))
    });
    own.contains(&digits) || dialled
}

#[test]
fn numbers_of_any_length_are_found_by_any_of_their_digits() {
    let numbers =
        ["+1", "+12125550100", "+442071838750", "+74951234567", "+3612345678", "+999999999999999", "+100000000000000", "+36000600"];
    let odd = ["+1x", "12125550100", "+1234567890123456", ""];
    let cells: Vec<Option<&str>> = numbers.iter().cycle().take(90).chain(&odd).map(|cell| Some(*cell)).chain([None]).collect();
    let packed = PackedNumbers::of(cells.iter().copied()).unwrap();
    assert!(PackedNumbers::of(odd.iter().map(|cell| Some(*cell))).is_none(), "many that are no numbers");
    let mut texts: Vec<String> =
        ["+", "0", "00", "06123456789", "0612345678", "8951234567", "84951234567", "02071838750", "9999999999999999", "tel:+1"]
            .map(str::to_owned)
            .into();
    for number in numbers {
        texts.extend((0..number.len()).flat_map(|from| (from + 1..=number.len()).map(move |to| number[from..to].to_owned())));
    }
    let mut hits = 0;
    for text in texts {
        let term = [SearchTerm::parse(&text).unwrap()];
        let mut found = vec![false; cells.len()];
        packed.mark(&term, &mut found);
        for (cell, found) in numbers.iter().zip(&found) {
            assert_eq!(*found, is_found(cell, &text), "{text} in {cell}");
            hits += usize::from(*found);
        }
        let is_odd_found =
            |cell: &str| cell.contains(text.trim_start_matches("tel:").trim_start_matches('+')) && !cell.is_empty() && text != "+";
        let others = &found[90..];
        assert!(!others[3] && !others[4], "{text}: an empty cell");
        assert_eq!(others[1], is_odd_found("12125550100") || is_found("+12125550100", &text) && text != "+", "{text}");
    }
    assert!(hits > 100, "{hits}");
    assert!(packed.keys().is_none(), "some cells are no numbers");
    let plain = PackedNumbers::of(numbers.iter().map(|number| Some(*number)).chain([None])).unwrap();
    let keys: Vec<Option<u64>> = plain.keys().unwrap().collect();
    assert_eq!(keys.last(), Some(&None));
    for (one, key) in numbers.iter().zip(&keys) {
        for (other, other_key) in numbers.iter().zip(&keys) {
            assert_eq!(one.cmp(other), key.cmp(other_key), "{one} and {other}");
        }
    }
}
