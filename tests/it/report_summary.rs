//! Tests of the counts of a report.

use portstatus::domain::data_quality::QualityFlag;
use portstatus::domain::status::{Detail, Status};

use crate::fixtures::Row;
use crate::report::{ROWS, report};

#[test]
fn counts_sum_to_the_rows_before_paging() {
    let rows: Vec<Row> = ROWS.iter().chain(ROWS).copied().collect();
    type Case<'a> = (&'a str, u64, &'a [(&'a str, u64)]);
    let cases: &[Case] = &[
        ("", 10, &[("Waiting for You", 2), ("Scheduled", 2), ("In Progress", 2), ("Completed", 2), ("Canceled", 0), ("(unknown)", 2)]),
        (
            "page_size = 3",
            10,
            &[("Waiting for You", 2), ("Scheduled", 2), ("In Progress", 2), ("Completed", 2), ("Canceled", 0), ("(unknown)", 2)],
        ),
        ("accounts = ['100']", 4, &[("Waiting for You", 2), ("Scheduled", 0), ("In Progress", 2), ("Completed", 0), ("Canceled", 0)]),
        ("accounts = ['none']", 0, &[("Waiting for You", 0), ("Scheduled", 0), ("In Progress", 0), ("Completed", 0), ("Canceled", 0)]),
    ];
    for (query, count, expected) in cases {
        let summary = report(&rows, query).cover.figures;
        let by_status: Vec<(&str, u64)> =
            summary.by_status.iter().map(|(status, count)| (status.map_or("(unknown)", Status::caption), *count)).collect();
        assert_eq!((summary.rows, by_status.as_slice()), (*count, *expected), "{query}");
        assert_eq!(summary.by_detail.iter().map(|(_, _, count)| count).sum::<u64>(), *count, "{query}");
        assert_eq!(summary.by_number_type.iter().map(|(_, local, toll_free)| local + toll_free).sum::<u64>(), *count, "{query}");
        for (status, total) in &summary.by_status {
            let details = summary.by_detail.iter().filter(|(of, _, _)| of == status).map(|(_, _, count)| count).sum::<u64>();
            assert_eq!(details, *total, "{query}: {status:?}");
        }
    }
    let summary = report(&rows, "").cover.figures;
    let listed: Vec<_> = summary.by_detail.iter().filter_map(|(status, detail, _)| Some((*status)?).zip(*detail)).collect();
    assert_eq!(listed.len(), 14, "every detail is listed under its status");
    assert!(listed.iter().all(|(status, detail)| detail.status() == *status));
    assert!(summary.by_detail.contains(&(Some(Status::WaitingForYou), Some(Detail::Rejected), 2)));
    assert!(summary.by_number_type.contains(&(Some(Status::InProgress), 0, 2)));
    assert_eq!(summary.quality_flags.iter().find(|(lint, _)| *lint == QualityFlag::BadCell), Some(&(QualityFlag::BadCell, 2)));
    assert!(summary.quality_flags.is_sorted_by_key(|(_, count)| std::cmp::Reverse(*count)));
    assert_eq!(summary.waiting_accounts, [("100".to_owned(), "Blue Ridge".to_owned(), 2)]);
}

#[test]
fn weeks_run_from_the_as_of_day_to_the_last_port() {
    let row = |date: &'static str, detail: &'static str| [("given_detail", detail), ("confirmed_date", date)];
    let cells = [
        row("2026-11-20", "firm_order_confirmation"), // yesterday: not ahead
        row("2026-11-21", "firm_order_confirmation"), // the as-of day, a Saturday: the week of Monday 16 November
        row("2026-11-23", "firm_order_confirmation"),
        row("2026-11-29", "tentative_order_acceptance"),
        row("2026-12-07", "firm_order_confirmation"),
        row("2026-12-08", "completed"),               // closed
        row("2027-02-07", "firm_order_confirmation"), // the Sunday that ends the twelfth week
        row("2027-02-08", "firm_order_confirmation"), // the thirteenth week
    ];
    let rows: Vec<Row> = cells.iter().map(|row| row.as_slice()).collect();
    let monday = |text: &str| portstatus::clock::days(text.parse().unwrap());
    let mut expected: Vec<(i32, u64)> = (0..12).map(|week| (monday("2026-11-16") + 7 * week, 0)).collect();
    for (week, count) in [(0, 1), (1, 2), (3, 1), (11, 1)] {
        expected[week].1 = count;
    }
    assert_eq!(report(&rows, "").cover.figures.by_week, expected);
    assert_eq!(report(&rows[..3], "").cover.figures.by_week, expected_until(&expected, 1, 1));
    assert!(report(&rows[..1], "").cover.figures.by_week.is_empty());
}

fn expected_until(weeks: &[(i32, u64)], last: usize, count: u64) -> Vec<(i32, u64)> {
    let mut weeks = weeks[..=last].to_vec();
    weeks[last].1 = count;
    weeks
}
