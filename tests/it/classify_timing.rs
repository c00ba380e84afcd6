//! Port instants, ages and deadlines, against chrono-tz day by day; never the clock.

use chrono::{DateTime, Duration, NaiveDate};
use polars::prelude::*;
use portstatus::classify::Classified;
use portstatus::classify::columns::{expression, values};
use portstatus::clock::pacific_to_utc;

use crate::fixtures::{classified_at, text_of, timing};

const AS_OF: &str = "2026-03-04T12:00";

fn evaluate(classified: &Classified, key: &str) -> DataFrame {
    values(classified.frame(), None, vec![expression(key, classified).unwrap()]).unwrap()
}

fn check(key: &str, cases: &[(&str, &str)]) {
    let rows: Vec<&str> = cases.iter().map(|(row, _)| *row).collect();
    let found = evaluate(&classified_at(AS_OF, &rows), key);
    for (index, (row, expected)) in cases.iter().enumerate() {
        assert_eq!(&text_of(found.column(key).unwrap(), index), expected, "{key}: {row}");
    }
}

#[test]
fn ten_o_clock_pacific_is_17_or_18_hours_utc() {
    check(
        "confirmed_port_at_utc",
        &[
            ("confirmed_date=2026-01-15", "2026-01-15 18:00:00"),
            ("confirmed_date=2026-07-15", "2026-07-15 17:00:00"),
            ("confirmed_date=2026-03-07", "2026-03-07 18:00:00"),
            ("confirmed_date=2026-03-08", "2026-03-08 17:00:00"),
            ("confirmed_date=2026-10-31", "2026-10-31 17:00:00"),
            ("confirmed_date=2026-11-01", "2026-11-01 18:00:00"),
            ("confirmed_date=2026-03-08 confirmed_time=01:59", "2026-03-08 09:59:00"),
            ("confirmed_date=2026-03-08 confirmed_time=02:30", "2026-03-08 10:30:00"),
            ("confirmed_date=2026-03-08 confirmed_time=03:00", "2026-03-08 10:00:00"),
            ("confirmed_date=2026-11-01 confirmed_time=00:59", "2026-11-01 07:59:00"),
            ("confirmed_date=2026-11-01 confirmed_time=01:30", "2026-11-01 08:30:00"),
            ("confirmed_date=2026-11-01 confirmed_time=02:00", "2026-11-01 10:00:00"),
            ("confirmed_date=2026-03-09 confirmed_time=23:30", "2026-03-10 06:30:00"),
            ("confirmed_time=10:00", "-"),
            ("estimated_date=2026-03-09", "-"),
            ("confirmed_date=2200-01-01", "-"),
        ],
    );
}

/// Every day of the calendar at several times, against the time zone library itself.
#[test]
fn instants_agree_with_the_time_zone_on_every_day() {
    let first: NaiveDate = "1970-01-01".parse().unwrap();
    let last: NaiveDate = "2199-12-31".parse().unwrap();
    let dates: Vec<NaiveDate> = first.iter_days().take_while(|date| *date <= last).collect();
    let expression = timing(AS_OF).port_micros();
    let mut checked = 0u64;
    for time in [0, 3599, 3600, 5400, 7199, 7200, 9000, 10799, 10800, 36000, 86399] {
        let days: Vec<i32> = dates.iter().map(|date| portstatus::clock::days(*date)).collect();
        let columns = vec![
            Column::new("confirmed_date".into(), days).cast(&DataType::Date).unwrap(),
            Column::new("confirmed_time".into(), vec![time; dates.len()]),
        ];
        let frame = DataFrame::new(dates.len(), columns).unwrap();
        let found = frame.lazy().select([expression.clone().alias("at")]).collect().unwrap();
        for (date, found) in dates.iter().zip(found.column("at").unwrap().i64().unwrap().iter()) {
            let wall = date.and_hms_opt(0, 0, 0).unwrap() + Duration::seconds(i64::from(time));
            assert_eq!(found.and_then(DateTime::from_timestamp_micros), pacific_to_utc(wall), "{wall}");
            checked += 1;
        }
    }
    assert_eq!(checked, 84_006 * 11);
}

#[test]
fn the_effective_date_is_confirmed_else_estimated() {
    let rows = [
        "confirmed_date=2026-03-09 estimated_date=2026-03-06",
        "estimated_date=2026-03-06",
        "confirmed_date=2026-03-09",
        "requested_date=2026-03-06",
    ];
    let pair = |expected: [&'static str; 4]| rows.iter().copied().zip(expected).collect::<Vec<_>>();
    check("effective_port_date", &pair(["2026-03-09", "2026-03-06", "2026-03-09", "-"]));
    check("effective_port_basis", &pair(["confirmed", "estimated", "confirmed", "-"]));
}

#[test]
fn the_basis_of_the_time_is_said() {
    check(
        "port_time_basis",
        &[
            ("confirmed_date=2026-03-09", "standard time"),
            ("confirmed_date=2026-03-09 confirmed_time=10:00", "given"),
            ("confirmed_time=10:00", "-"),
            ("estimated_date=2026-03-09", "-"),
        ],
    );
}

#[test]
fn overdue_begins_sixty_minutes_after_the_port_time() {
    check(
        "overdue",
        &[
            ("given_status=scheduled confirmed_date=2026-03-04 confirmed_time=10:59", "true"),
            ("given_status=scheduled confirmed_date=2026-03-04 confirmed_time=11:00", "false"),
            ("given_status=scheduled confirmed_date=2026-03-04", "true"),
            ("given_status=in_progress confirmed_date=2026-03-03", "true"),
            ("given_status=completed confirmed_date=2026-03-03", "false"),
            ("given_status=canceled confirmed_date=2026-03-03", "false"),
            ("given_status=scheduled", "false"),
            ("given_status=scheduled estimated_date=2026-03-01", "false"),
            ("confirmed_date=2026-03-03", "false"),
        ],
    );
}

#[test]
fn days_are_counted_from_the_pacific_day_of_the_as_of() {
    check(
        "days_to_port",
        &[
            ("given_status=scheduled confirmed_date=2026-03-09", "5"),
            ("given_status=scheduled confirmed_date=2026-03-04", "0"),
            ("given_status=in_progress estimated_date=2026-03-02", "-2"),
            ("given_status=completed confirmed_date=2026-03-02", "-"),
            ("given_status=scheduled", "-"),
        ],
    );
    check(
        "age_business_days",
        &[
            ("created_date=2026-03-04", "0"),
            ("created_date=2026-03-03", "1"),
            ("created_date=2026-02-27", "3"),
            ("created_date=2026-02-28", "2"),
            ("created_date=2026-02-13", "12"),
            ("created_date=2026-03-05", "-"),
            ("created_date=1969-12-31", "-"),
            ("estimated_date=2026-03-01", "-"),
        ],
    );
    check(
        "row_age_days",
        &[
            ("updated_at=2026-03-04T20:00:00Z", "0"),
            ("updated_at=2026-03-03T20:00:00Z", "1"),
            ("updated_at=2026-03-03T20:00:01Z", "0"),
            ("updated_at=2025-03-04T20:00:00Z", "365"),
            ("updated_at=2026-03-04T20:00:01Z", "-"),
            ("created_date=2026-03-01", "-"),
        ],
    );
}

#[test]
fn unknown_keys_and_those_of_no_report_have_no_expression() {
    let classified = classified_at(AS_OF, &["given_status=scheduled"]);
    for key in ["colour", "given_status", "canceled_at"] {
        assert!(expression(key, &classified).is_none(), "{key}");
    }
}
