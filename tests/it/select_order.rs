//! Tests of the order of rows and of pages.

use portstatus::select::Query;
use portstatus::select::page::Page;

use crate::fixtures::{Row, classified};
use crate::select::{chosen, lines, query, try_select};

#[test]
fn rows_come_in_the_order_asked_for() {
    let cases: &[(&str, &[u32])] = &[
        // Waiting, scheduled, in progress, completed, canceled, unknown; then account (null last), request, number.
        ("", &[4, 2, 3, 5, 6, 7, 9, 8, 10]),
        ("sort = ['phone_number']", &[5, 6, 7, 8, 9, 10, 2, 3, 4]),
        ("sort = ['Phone number:desc']", &[4, 3, 2, 10, 9, 8, 7, 6, 5]),
        // Nulls last either way; equal ones keep the order of the input.
        ("sort = ['account_id']", &[10, 3, 4, 5, 2, 6, 7, 9, 8]),
        ("sort = ['account_id:desc']", &[6, 7, 9, 2, 3, 4, 5, 10, 8]),
        ("sort = ['confirmed_date']", &[5, 6, 2, 3, 4, 7, 8, 9, 10]),
        ("sort = ['confirmed_date:desc']", &[2, 6, 5, 3, 4, 7, 8, 9, 10]),
        ("sort = ['status:desc,phone_number:desc']", &[9, 8, 7, 6, 5, 3, 2, 4, 10]),
        ("sort = ['Confirmed Porting Time, PST, account_id:asc']", &[2, 10, 3, 4, 5, 6, 7, 9, 8]),
        ("sort = ['reject_open:desc,source_row:desc']", &[4, 9, 8, 7, 6, 5, 3, 2, 10]),
        ("sort = ['days_to_port']", &[2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ("sort = ['phone_number']\nstatuses = ['canceled']\npage_size = 2", &[7, 8, 9]),
    ];
    for (toml, expected) in cases {
        assert_eq!(lines(&query(toml)), *expected, "{toml}");
    }
}

#[test]
fn ids_sort_as_people_count_them() {
    let ids = ["1000", "30", "200", "R10", "R9", "R009", "A-2-10", "A-2-9", "30a", "", "00030"];
    let expected = ["00030", "30", "30a", "200", "1000", "A-2-9", "A-2-10", "R009", "R9", "R10"];
    for key in ["account_id", "request_id", "case_number", "order_id"] {
        let cells: Vec<[(&str, &str); 2]> = ids.iter().map(|id| [(key, *id), ("created_date", "2026-01-01")]).collect();
        let rows: Vec<Row> = cells.iter().map(|row| if row[0].1.is_empty() { &row[1..] } else { row.as_slice() }).collect();
        let query = Query { sort: vec![key.to_owned()], ..Query::default() };
        let selection = try_select(classified(&rows), &query).unwrap();
        let found: Vec<&str> = selection.rows.iter().flatten().map(|row| ids[row as usize]).filter(|id| !id.is_empty()).collect();
        assert_eq!(found, expected, "{key}");
    }
}

#[test]
fn long_texts_and_prefixes_sort_as_their_bytes_do() {
    let names = ["b", "a", "", "ab", "aaaaaaaaaaaaaaaaaab", "aaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa", "é", "aaaaaaaaaaaaaaaa", "ab"];
    let cells: Vec<[(&str, &str); 1]> = names.iter().map(|name| [("location", *name)]).collect();
    let rows: Vec<Row> = cells.iter().map(|row| row.as_slice()).collect();
    let mut expected: Vec<(&str, u32)> = names.iter().copied().zip(0..).collect();
    for (sort, reverse) in [("location", false), ("location:desc", true)] {
        let query = Query { sort: vec![sort.to_owned()], ..Query::default() };
        let selection = try_select(classified(&rows), &query).unwrap();
        expected.sort_by(|left, right| {
            let texts = if reverse { right.0.cmp(left.0) } else { left.0.cmp(right.0) };
            texts.then(left.1.cmp(&right.1))
        });
        let rows: Vec<u32> = selection.rows.iter().flatten().collect();
        assert_eq!(rows, expected.iter().map(|(_, row)| *row).collect::<Vec<_>>(), "{sort}");
    }
}

#[test]
fn many_rows_sort_as_a_plain_sort_does() {
    let cells: Vec<Vec<(&str, String)>> = (0..20_000u64)
        .map(|row| {
            let mixed = row.wrapping_mul(6_364_136_223_846_793_005).rotate_left(29) ^ row;
            vec![
                ("phone_number", format!("+1650{:07}", mixed % 9_000_000)),
                ("account_id", format!("{}", mixed % 7)),
                ("request_id", format!("request {}", mixed / 7 % 50)),
            ]
        })
        .collect();
    let borrowed: Vec<Vec<(&str, &str)>> = cells.iter().map(|row| row.iter().map(|(key, text)| (*key, text.as_str())).collect()).collect();
    let rows: Vec<Row> = borrowed.iter().map(Vec::as_slice).collect();
    let selection = try_select(classified(&rows), &Query::default()).unwrap();
    let mut expected: Vec<u32> = (0..20_000).collect();
    // `request 9` comes before `request 10`.
    let count = |row: u32| cells[row as usize][2].1.rsplit(' ').next().unwrap().parse::<u32>().unwrap();
    let key = |row: u32| (&cells[row as usize][1].1, count(row), &cells[row as usize][0].1, row);
    expected.sort_by(|left, right| key(*left).cmp(&key(*right)));
    assert_eq!(selection.rows.iter().flatten().collect::<Vec<u32>>(), expected);
}

#[test]
fn pages_are_cut_and_counted() {
    let cases: &[(&str, u64, u64, &[u32])] = &[
        ("page = 1\npage_size = 4", 1, 3, &[4, 2, 3, 5]),
        ("page = 3\npage_size = 4", 3, 3, &[10]),
        ("page_size = 9", 1, 1, &[4, 2, 3, 5, 6, 7, 9, 8, 10]),
        ("page = 1\npage_size = 1000", 1, 1, &[4, 2, 3, 5, 6, 7, 9, 8, 10]),
        ("page_size = 3\naccounts = ['none']", 1, 1, &[]),
    ];
    for (toml, number, of, expected) in cases {
        let selection = chosen(&query(toml));
        let page = selection.page.unwrap();
        assert_eq!((page.number, page.of), (*number, *of), "{toml}");
        let rows: Vec<u32> = selection.page_rows().iter().map(|row| row.unwrap() + 2).collect();
        assert_eq!(rows, *expected, "{toml}");
        assert_eq!(page.rows, selection.rows.len() as u64);
        let height = selection.classified.frame().height() as u64;
        assert_eq!(rows.len() as u64 + selection.on_other_pages() + selection.filtered_out, height, "{toml}");
    }
    assert!(Page::new(u64::MAX, u64::MAX, u64::MAX).is_err());
    assert_eq!(Page::new(1, u64::MAX, 5).unwrap().range(), 0..5);
}
