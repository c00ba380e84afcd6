//! Selections made by an index are those made without one.

use std::sync::Arc;

use portstatus::classify::Classified;
use portstatus::select::index::Index;
use portstatus::select::{Query, Selection, select};

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
    "where_sql = [\"status = 'Completed'\"]",
    "where_sql = ['account_id is null', 'days_to_port > 3']",
    "where_sql = ['overdue']",
    "where_sql = ['not overdue', \"action_owner = 'partner'\"]",
    "where_sql = [\"detail in ('accepted', 'rejected')\", 'confirmed_date is null or overdue']",
    "statuses = ['completed']\nwhere_sql = [\"request_id like 'R%'\"]",
    "accounts = ['100', '200']\nstatuses = ['scheduled', 'completed']",
    "accounts = ['100']\nfind = ['R1']\nclosed_since = '2026-01-01'",
    "statuses = ['completed']\nwhere_sql = [\"confirmed_date < '2026-09-10'\"]\ncreated = '2026-01-01..'",
];

const ORDERS: &[&str] =
    &["", "sort = ['account_id:desc']", "sort = ['created_date', 'status']", "sort = ['status', 'account_id', 'request_id']"];

fn rows(selection: &Selection) -> Vec<u32> {
    selection.rows.iter().flatten().collect()
}

fn compare(classified: Classified) {
    let classified = Arc::new(classified);
    let index = Index::build(&classified).unwrap();
    let names = crate::report::template().names();
    let mut selected = 0;
    for asked in ASKED {
        for order in ORDERS {
            let query = query(&format!("{asked}\n{order}\npage_size = 3")).check(&names).unwrap();
            let plain = select(&classified, None, &query).unwrap();
            let indexed = select(&classified, Some(&index), &query).unwrap();
            assert_eq!(rows(&plain), rows(&indexed), "{asked}, {order}");
            assert_eq!(plain.filtered_out, indexed.filtered_out, "{asked}, {order}");
            assert_eq!(plain.page, indexed.page, "{asked}, {order}");
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
