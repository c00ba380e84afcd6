//! Days, wall times and instants: every shape, both orders, what is none, and properties.

use chrono::{Datelike, NaiveDate};
use portstatus::domain::date::text;
use portstatus::domain::date::{
    DateOrder, DayTime, InvalidDate, Reading, Zone, day, instant, instant_or_day, moment, time, zone_of_header,
};
use proptest::prelude::*;

fn days(text: &str) -> i32 {
    text.parse::<NaiveDate>().unwrap().num_days_from_ce() - 719_163
}

#[test]
fn a_day_in_place_of_an_instant_is_a_pacific_day() {
    let micros = |text: &str| instant_or_day(text, DateOrder::MonthFirst, Zone::UTC).map(|instant| instant.micros);
    let at = |text: &str| instant(text, DateOrder::MonthFirst, Zone::UTC).map(|instant| instant.micros);
    for text in ["2026-11-25", "11/25/2026", "2026-11-25T00:00:00Z", "2026-11-25 00:00", "2026-11-25T00:00:00-08:00"] {
        assert_eq!(micros(text), at("2026-11-25T08:00:00Z"), "{text}");
    }
    assert_eq!(micros("2026-07-04"), at("2026-07-04T07:00:00Z"));
    assert_eq!(micros("2026-11-25T00:00:01Z"), at("2026-11-25T00:00:01Z"));
    assert_eq!(micros("soon"), None);
}

#[test]
fn shapes_with_one_reading() {
    let shapes = [
        "2026-03-14",
        "2026-03-14T10:00:00Z",
        "2026-03-14T10:00:00",
        "2026-03-14 10:00",
        "2026-03-14T23:59:59.123456+05:30",
        "2026-03-14T10:00:00-0800",
        "2026-3-14",
        "2026/03/14",
        "2026.03.14",
        "20260314",
        "3/14/2026",
        "03/14/2026",
        "14/03/2026",
        "03-14-2026",
        "14.03.2026",
        "14.3.26",
        "03/14/26",
        "14-Mar-2026",
        "14-Mar-26",
        "14 Mar 2026",
        "14 March 2026",
        "Mar 14, 2026",
        "March 14th, 2026",
        "Mar 14 2026",
        "Sat, 14 Mar 2026",
        "Saturday, March 14, 2026",
        "14MAR2026",
        "2026-Mar-14",
        "3/14/2026 10:00 AM",
        "03/14/2026 00:00:00",
        "14.03.2026 10:00",
        "Mar 14, 2026 10:00 PM",
        " 2026-03-14 ",
    ];
    for shape in shapes {
        for order in [DateOrder::MonthFirst, DateOrder::DayFirst] {
            let found = day(shape, order).unwrap_or_else(|fault| panic!("{shape:?}: {fault:?}"));
            assert_eq!((found.days, found.reading), (days("2026-03-14"), Reading::Plain), "{shape:?} {order:?}");
        }
    }
}

#[test]
fn instants_count_on_their_pacific_day_and_times_are_kept() {
    use DayTime::{None, Pacific, UnknownZone};
    for (text, naive, expected, time, moved) in [
        ("2026-12-03", Zone::Pacific, "2026-12-03", None, false),
        ("2026-12-03 09:00", Zone::Pacific, "2026-12-03", Pacific(32_400), false),
        ("2026-12-03T09:00:00", Zone::Pacific, "2026-12-03", Pacific(32_400), false),
        ("12/3/2026 9:00 AM", Zone::Pacific, "2026-12-03", Pacific(32_400), false),
        ("2026-12-03 09:00 PST", Zone::UTC, "2026-12-03", Pacific(32_400), false),
        ("2026-12-03 00:00:00", Zone::Pacific, "2026-12-03", None, false),
        ("2026-12-03 00:00", Zone::UTC, "2026-12-03", None, false),
        ("2026-12-04T02:00:00Z", Zone::Pacific, "2026-12-03", Pacific(64_800), true),
        ("2026-07-04T17:00:00Z", Zone::Pacific, "2026-07-04", Pacific(36_000), false),
        ("2026-12-04T18:00:00Z", Zone::Pacific, "2026-12-04", Pacific(36_000), false),
        ("2026-12-03T13:00:00-05:00", Zone::Pacific, "2026-12-03", Pacific(36_000), false),
        ("2026-12-04T03:00:00+09:00", Zone::Pacific, "2026-12-03", Pacific(36_000), true),
        // Systems that know only dates write midnight, in whatever zone they keep.
        ("2026-12-04T00:00:00Z", Zone::Pacific, "2026-12-04", None, false),
        ("2026-12-04T00:00:00.000+00:00", Zone::Pacific, "2026-12-04", None, false),
        ("2026-12-04T00:00:00-05:00", Zone::Pacific, "2026-12-04", None, false),
        // Pacific midnight in UTC, winter and summer.
        ("2026-12-04T08:00:00Z", Zone::Pacific, "2026-12-04", None, false),
        ("2026-07-04T07:00:00Z", Zone::Pacific, "2026-07-04", None, false),
        // Either side of the change to daylight saving time, 2026-03-08 10:00 UTC.
        ("2026-03-08T09:59:00Z", Zone::Pacific, "2026-03-08", Pacific(7_140), false),
        ("2026-03-08T10:00:00Z", Zone::Pacific, "2026-03-08", Pacific(10_800), false),
        ("2026-12-04 02:00", Zone::UTC, "2026-12-03", Pacific(64_800), true),
        ("2026-12-04 02:00", Zone::Other, "2026-12-04", UnknownZone, false),
        ("2026-12-04 02:00 EST", Zone::Pacific, "2026-12-04", UnknownZone, false),
    ] {
        let found = moment(text, DateOrder::MonthFirst, naive).unwrap_or_else(|fault| panic!("{text:?}: {fault:?}"));
        assert_eq!((found.day.days, found.time, found.moved), (days(expected), time, moved), "{text} {naive:?}");
        if naive == Zone::Pacific {
            assert_eq!(day(text, DateOrder::MonthFirst), Ok(found.day), "{text}");
        }
    }
}

#[test]
fn headers_name_zones() {
    for (header, zone) in [
        ("FOC time (UTC)", Some(Zone::UTC)),
        ("completed_at_utc", Some(Zone::UTC)),
        ("FOC time (GMT)", Some(Zone::UTC)),
        ("FOC time (UTC-5)", Some(Zone::Other)),
        ("FOC time (ET)", Some(Zone::Other)),
        ("FOC time (Eastern)", Some(Zone::Other)),
        ("FOC time (America/New_York)", Some(Zone::Other)),
        ("FOC time (America/Los_Angeles)", Some(Zone::Pacific)),
        ("Confirmed Porting Time, PST", Some(Zone::Pacific)),
        ("foc_time_pt", Some(Zone::Pacific)),
        ("FOC time (hh:mm)", None),
        ("FOC date", None),
    ] {
        assert_eq!(zone_of_header(header), zone, "{header}");
    }
}

#[test]
fn two_orders_follow_the_profile_and_are_told() {
    for (text, month_first, day_first, reading) in [
        ("03/04/2026", "2026-03-04", "2026-04-03", Reading::Ambiguous),
        ("3/4/26", "2026-03-04", "2026-04-03", Reading::Ambiguous),
        ("3-4-2026 10:00", "2026-03-04", "2026-04-03", Reading::Ambiguous),
        ("05/05/2026", "2026-05-05", "2026-05-05", Reading::Plain),
        ("4.3.2026", "2026-03-04", "2026-03-04", Reading::Plain),
        ("2026/03/04", "2026-03-04", "2026-03-04", Reading::Plain),
        ("46085", "2026-03-04", "2026-03-04", Reading::Serial),
    ] {
        for (order, expected) in [(DateOrder::MonthFirst, month_first), (DateOrder::DayFirst, day_first)] {
            let found = day(text, order).unwrap();
            assert_eq!((found.days, found.reading), (days(expected), reading), "{text} {order:?}");
        }
    }
}

#[test]
fn what_is_no_day() {
    use InvalidDate::*;
    for (text, fault) in [
        ("", NotADate),
        ("TBD", NotADate),
        ("n/a", NotADate),
        ("2026", NotADate),
        ("March 2026", NotADate),
        ("10:00", NotADate),
        ("2026-03-14Tnoon", NotADate),
        ("2026-03-14x", NotADate),
        ("12345", NotADate),
        ("80001", NotADate),
        ("45287.5", NotADate),
        ("1/2/3/2026", NotADate),
        ("2026-03-14 25:00", NotADate),
        ("#N/A", NotADate),
        ("2025-02-30", NoSuchDay),
        ("2025-02-29", NoSuchDay),
        ("31/02/2026", NoSuchDay),
        ("13/45/2024", NoSuchDay),
        ("0000-00-00", NoSuchDay),
        ("2026-13-01", NoSuchDay),
        ("20261301", NoSuchDay),
        ("9999-12-31", OutOfRange),
        ("1900-01-01", OutOfRange),
        ("01/01/1900", OutOfRange),
        ("0001-01-01", OutOfRange),
        ("20000", OutOfRange),
    ] {
        assert_eq!(day(text, DateOrder::MonthFirst).map(|day| day.days), Err(fault), "{text:?}");
    }
}

#[test]
fn wall_times() {
    let cases = [
        ("10:00", 36_000),
        ("10:00:00", 36_000),
        ("10:00:30.5", 36_030),
        ("10:00 AM", 36_000),
        ("10:00AM", 36_000),
        ("10:00 a.m.", 36_000),
        ("10am", 36_000),
        ("10 AM", 36_000),
        ("1000", 36_000),
        ("0700", 25_200),
        ("700", 25_200),
        ("2:00 PM", 50_400),
        ("12:15 PM", 44_100),
        ("12:15 AM", 900),
        ("11:30", 41_400),
        ("00:00", 0),
        ("10:00 PST", 36_000),
        ("10:00 PDT", 36_000),
        ("10:00 AM PT", 36_000),
        ("10:00 AM (Pacific)", 36_000),
        ("10:00 Pacific Time", 36_000),
        ("2026-03-04T10:00:00", 36_000),
        ("2026-03-04 10:00", 36_000),
        ("0.4166667", 36_000),
        ("0.5", 43_200),
        (".75", 64_800),
    ];
    for (text, seconds) in cases {
        assert_eq!(time(text), Some(seconds), "{text:?}");
    }
    for text in [
        "",
        "TBD",
        "10",
        "25:00",
        "10:60",
        "24:00",
        "13:00 PM",
        "0:30 AM",
        "2460",
        "10:00 ET",
        "10:00 UTC",
        "10:00Z",
        "2026-03-04T10:00:00Z",
        "1.5",
        "10:0",
        "10:00 x9",
        "2026-03-04",
    ] {
        assert_eq!(time(text), None, "{text:?}");
    }
}

#[test]
fn instants() {
    let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_micros();
    let cases = [
        ("2026-03-04T10:00:00Z", "2026-03-04T10:00:00Z"),
        ("2026-03-04T10:00:00", "2026-03-04T10:00:00Z"),
        ("2026-03-04 10:00:00 UTC", "2026-03-04T10:00:00Z"),
        ("2026-03-04", "2026-03-04T00:00:00Z"),
        ("2026-03-04T10:00:00.123456Z", "2026-03-04T10:00:00.123456Z"),
        ("2026-03-04T10:00:00+05:30", "2026-03-04T04:30:00Z"),
        ("2026-03-04T10:00:00-08", "2026-03-04T18:00:00Z"),
        ("2026-07-04 10:00 PT", "2026-07-04T17:00:00Z"),
        ("2026-01-04 10:00 PST", "2026-01-04T18:00:00Z"),
        ("3/14/2026 10:00 PM", "2026-03-14T22:00:00Z"),
        ("14-Mar-2026", "2026-03-14T00:00:00Z"),
    ];
    for (text, expected) in cases {
        assert_eq!(instant(text, DateOrder::MonthFirst, Zone::UTC).map(|instant| instant.micros), Some(at(expected)), "{text:?}");
    }
    for text in ["", "yesterday", "2026-03-04T10:00:00 EST", "2026-02-30T10:00:00Z", "2026-03-04T25:00:00Z", "10:00"] {
        assert_eq!(instant(text, DateOrder::MonthFirst, Zone::UTC), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn every_day_reads_back_from_every_shape(number in 3_652i32..47_482) {
        let date = NaiveDate::from_num_days_from_ce_opt(number + 719_163).unwrap();
        for (format, order) in [("%Y-%m-%d", DateOrder::DayFirst), ("%m/%d/%Y", DateOrder::MonthFirst), ("%d/%m/%Y", DateOrder::DayFirst), ("%d.%m.%Y", DateOrder::MonthFirst), ("%d-%b-%Y", DateOrder::MonthFirst), ("%B %d, %Y", DateOrder::DayFirst), ("%Y%m%d", DateOrder::MonthFirst), ("%Y-%m-%dT00:00:00Z", DateOrder::MonthFirst)] {
            let text = date.format(format).to_string();
            prop_assert_eq!(day(&text, order).map(|day| day.days), Ok(number), "{}", text);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,30}|[0-9/:. \\-TZapmAPM+]{0,30}") {
        for order in [DateOrder::MonthFirst, DateOrder::DayFirst] {
            if let Ok(found) = day(&text, order) {
                prop_assert!((3_652..=47_481).contains(&found.days), "{:?}", text);
            }
            let _ = instant(&text, order, Zone::UTC);
        }
        prop_assert!(time(&text).is_none_or(|seconds| (0..86_400).contains(&seconds)));
    }
}

#[test]
fn writers_write_iso_text() {
    let written = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    };
    for (days, iso) in [(0, "1970-01-01"), (-1, "1969-12-31"), (19_782, "2024-02-29"), (2_932_897, "10000-01-01")] {
        assert_eq!(written(&|out| text::write_date(out, days)), iso);
    }
    for (seconds, iso) in [(0, "00:00"), (41_400, "11:30"), (41_430, "11:30:30"), (86_399, "23:59:59")] {
        assert_eq!(written(&|out| text::write_time(out, seconds)), iso);
    }
    for (micros, iso) in [(-1, "1969-12-31T23:59:59Z"), (1_709_164_800_999_999, "2024-02-29T00:00:00Z")] {
        assert_eq!(written(&|out| text::write_instant(out, micros)), iso);
    }
}
