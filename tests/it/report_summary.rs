//! Tests of the counts of a report.

use portstatus::domain::data_quality::QualityFlag;
use portstatus::domain::status::{Detail, Status};
use portstatus::report::summary::Upcoming;
use portstatus::report::{Content, SectionId};

use crate::fixtures::Row;
use crate::report::{ROWS, report, table_cells};

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
fn upcoming_ports_add_up_to_all_open_numbers() {
    let row = |key: &'static str, date: &'static str, detail: &'static str| [("given_detail", detail), (key, date)];
    let (confirmed, estimated, foc) = ("confirmed_date", "estimated_date", "firm_order_confirmation");
    let cells = [
        row(confirmed, "2026-11-20", foc), // yesterday
        row(confirmed, "2026-11-21", foc), // the as-of day, a Saturday: the week of Monday 16 November
        row(confirmed, "2026-11-23", foc),
        row(confirmed, "2026-11-29", "tentative_order_acceptance"),
        row(estimated, "2026-11-29", "submitted"),
        row(estimated, "2026-11-01", "rejected"),
        row(confirmed, "2026-12-07", foc),
        row(confirmed, "2026-12-08", "completed"), // closed
        row(confirmed, "2027-02-07", foc),         // the Sunday that ends the twelfth week
        row(confirmed, "2027-02-08", foc),         // the thirteenth week
        row(estimated, "2028-02-08", "submitted"),
        row("account_id", "1", "submitted"), // no date
        row("account_id", "1", "cancelled"),
    ];
    let rows: Vec<Row> = cells.iter().map(|row| row.as_slice()).collect();
    let day = |text: &str| portstatus::clock::days(text.parse().unwrap());
    let mut weeks: Vec<(i32, [u64; 2])> = (0..12).map(|week| (day("2026-11-16") + 7 * week, [0, 0])).collect();
    weeks[0] = (day("2026-11-21"), [1, 0]);
    for (week, counts) in [(1, [2, 1]), (3, [1, 0]), (11, [1, 0])] {
        weeks[week].1 = counts;
    }
    let whole = report(&rows, "");
    let upcoming = &whole.cover.figures.upcoming;
    assert_eq!(*upcoming, Upcoming { weeks, later: [1, 1], passed: [1, 1], no_date: 1 });
    assert_eq!(upcoming.open(), 11);
    let Content::Table { table, totals: 3 } = &whole.section(SectionId::ByWeek).unwrap().content else { panic!("no table") };
    let lines: Vec<String> = ["week", "numbers", "confirmed", "estimated"]
        .map(|key| table_cells(table, key))
        .into_iter()
        .fold(vec![String::new(); table.rows], |lines, cells| {
            lines.iter().zip(cells).map(|(line, cell)| format!("{line}{cell}|")).collect()
        });
    assert_eq!(lines[..2], ["2026-11-21|1|1|0|", "2026-11-23|3|2|1|"]);
    assert_eq!(lines[12..], ["Later|2|1|1|", "Date has passed|2|1|1|", "No date|1|0|0|", "All open numbers|11|7|3|"]);
    let Content::Series(series) = &whole.section(SectionId::WeeksChart).unwrap().content else { panic!("no chart") };
    assert_eq!(
        (series.points.len(), series.points[0].label.caption.as_str(), series.points[12].label.caption.as_str()),
        (13, "11-21", "Later")
    );
    // Nothing ahead, and nothing open.
    let Content::Table { table, .. } = &report(&rows[..1], "").section(SectionId::ByWeek).unwrap().content.clone() else {
        panic!("no table")
    };
    assert_eq!(table_cells(table, "week"), ["Date has passed", "No date", "All open numbers"]);
    assert!(report(&rows[12..], "").section(SectionId::ByWeek).is_none());
}
