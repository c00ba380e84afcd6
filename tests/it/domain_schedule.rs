//! When a job runs: over the changes of clocks, ends of months, leap days and holidays.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use portstatus::domain::calendar::Calendar;
use portstatus::domain::schedule::{Period, Schedule};
use portstatus::templates::Templates;
use proptest::prelude::*;

const EVERY_DAY: [Weekday; 7] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

fn schedule(times: &[&str], zone: &str) -> Schedule {
    let times = times.iter().map(|time| NaiveTime::parse_from_str(time, "%H:%M").unwrap()).collect();
    Schedule { times, weekdays: EVERY_DAY.to_vec(), zone: zone.parse().unwrap(), holidays: None }
}

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

fn shown(period: &Period, zone: Tz) -> String {
    format!("{} {}", period.key, period.due.with_timezone(&zone).format("%m-%dT%H:%M%:z"))
}

/// The periods between two instants, each with its key and the time that the clock of the zone shows.
fn told(schedule: &Schedule, after: &str, until: &str) -> Vec<String> {
    schedule.due_between(at(after), at(until)).iter().map(|period| shown(period, schedule.zone)).collect()
}

#[test]
fn a_time_that_the_clock_skips_or_shows_twice_comes_once() {
    let spring = schedule(&["02:30"], "America/Los_Angeles");
    let expected = ["2027-03-13 03-13T02:30-08:00", "2027-03-14 03-14T03:00-07:00", "2027-03-15 03-15T02:30-07:00"];
    assert_eq!(told(&spring, "2027-03-13T08:00:00Z", "2027-03-16T07:00:00Z"), expected);
    assert_eq!(spring.latest_due(at("2027-03-14T09:59:59Z")).unwrap().key, "2027-03-13");
    assert_eq!(spring.latest_due(at("2027-03-14T10:00:00Z")).unwrap().key, "2027-03-14");
    assert_eq!(spring.next_after(at("2027-03-14T10:00:00Z")).unwrap().key, "2027-03-15");

    let autumn = schedule(&["01:30"], "America/Los_Angeles");
    let expected = ["2026-10-31 10-31T01:30-07:00", "2026-11-01 11-01T01:30-07:00", "2026-11-02 11-02T01:30-08:00"];
    assert_eq!(told(&autumn, "2026-10-31T07:00:00Z", "2026-11-03T08:00:00Z"), expected);
    // At half past one for the second time it is the same period.
    let (first, second) = (at("2026-11-01T08:30:00Z"), at("2026-11-01T09:30:00Z"));
    assert_eq!(autumn.latest_due(first), autumn.latest_due(second));
    assert_eq!(autumn.next_after(first).unwrap().key, "2026-11-02");

    // Two times that the clock skips are one run, as are one and the first after it; half an hour may be skipped, or midnight.
    let several = schedule(&["02:10", "02:30", "03:00", "04:00"], "America/Los_Angeles");
    let expected = ["2027-03-14T0300 03-14T03:00-07:00", "2027-03-14T0400 03-14T04:00-07:00"];
    assert_eq!(told(&several, "2027-03-14T08:00:00Z", "2027-03-15T07:00:00Z"), expected);
    assert_eq!(several.next_after(at("2027-03-14T09:00:00Z")).unwrap().key, "2027-03-14T0300");
    let half = schedule(&["02:10"], "Australia/Lord_Howe");
    assert_eq!(told(&half, "2026-10-03T13:00:00Z", "2026-10-04T13:00:00Z"), ["2026-10-04 10-04T02:30+11:00"]);
    let midnight = schedule(&["00:30"], "Africa/Cairo");
    assert_eq!(told(&midnight, "2026-04-23T12:00:00Z", "2026-04-24T12:00:00Z"), ["2026-04-24 04-24T01:00+03:00"]);
    // One that the clock skips at the end of a day is due when the next one begins, and is then one with its first.
    let evening = schedule(&["23:30"], "America/Nuuk");
    assert_eq!(told(&evening, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"), ["2026-03-28 03-29T00:00-01:00"]);
    let both = schedule(&["00:00", "23:30"], "America/Nuuk");
    assert_eq!(told(&both, "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"), ["2026-03-29T0000 03-29T00:00-01:00"]);
}

#[test]
fn a_schedule_knows_days_of_the_week_ends_of_months_and_holidays() {
    let mut working = schedule(&["06:00", "14:00"], "America/Los_Angeles");
    working.weekdays.truncate(5);
    let templates = Templates::default();
    let file = "calendars/us-federal.toml";
    working.holidays = Some(Calendar::parse(&templates.text(file).unwrap(), file).unwrap());
    // Thanksgiving is left out, and so is the weekend.
    let keys = |after: &str, until: &str| {
        let due = working.due_between(at(after), at(until));
        due.into_iter().map(|period| period.key).collect::<Vec<_>>()
    };
    let expected = ["2026-11-25T1400", "2026-11-27T0600", "2026-11-27T1400", "2026-11-30T0600"];
    assert_eq!(keys("2026-11-25T14:00:00Z", "2026-11-30T14:00:00Z"), expected);
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    assert_eq!(working.holiday_on(day("2026-11-26")), Some("Thanksgiving Day"));
    assert_eq!(working.holiday_on(day("2026-11-27")), None);
    let holidays = working.holidays_between(day("2026-12-20"), day("2027-01-04"));
    assert_eq!(holidays, [(day("2026-12-25"), "Christmas Day"), (day("2027-01-01"), "New Year's Day")]);
    // The end is one of them, the beginning is not; nothing lies between an instant and an earlier one.
    assert!(
        keys("2026-11-27T14:00:00Z", "2026-11-27T14:00:00Z").is_empty() && keys("2026-11-30T14:00:00Z", "2026-11-25T14:00:00Z").is_empty()
    );

    let daily = schedule(&["23:59"], "UTC");
    let keys = |after: &str, until: &str| told(&daily, after, until).iter().map(|line| line[..10].to_owned()).collect::<Vec<_>>();
    assert_eq!(keys("2028-02-28T00:00:00Z", "2028-03-02T00:00:00Z"), ["2028-02-28", "2028-02-29", "2028-03-01"]);
    assert_eq!(keys("2027-02-28T00:00:00Z", "2027-03-02T00:00:00Z"), ["2027-02-28", "2027-03-01"]);
    assert_eq!(keys("2026-12-31T00:00:00Z", "2027-01-02T00:00:00Z"), ["2026-12-31", "2027-01-01"]);
    // Of very many it is the last.
    let due = daily.due_between(at("2000-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"));
    assert_eq!((due.len(), due[999].key.as_str()), (1_000, "2025-12-31"));
    // A job that never runs is no reason to wait.
    let never = Schedule { weekdays: Vec::new(), ..daily };
    assert_eq!((never.latest_due(at("2026-01-01T00:00:00Z")), never.next_after(at("2026-01-01T00:00:00Z"))), (None, None));
}

const ZONES: [&str; 10] = [
    "America/Los_Angeles",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "America/Nuuk",
    "Europe/London",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "UTC",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn every_day_and_time_comes_exactly_once_and_in_order(
        zone in prop::sample::select(&ZONES[..]),
        minutes in prop::collection::btree_set(0u32..1_440, 1..4),
        start in 0i64..4_300,
        length in 20i64..400,
    ) {
        let times: Vec<NaiveTime> = minutes.iter().map(|m| NaiveTime::from_hms_opt(m / 60, m % 60, 0).unwrap()).collect();
        let zone: Tz = zone.parse().unwrap();
        let schedule = Schedule { times: times.clone(), weekdays: EVERY_DAY.to_vec(), zone, holidays: None };
        let length = length.min(1_000 / times.len() as i64 - 2);
        let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + chrono::Duration::days(start);
        // From noon to noon, which no clock skips.
        let noon = |day: NaiveDate| zone.from_local_datetime(&day.and_hms_opt(12, 0, 0).unwrap()).unwrap().with_timezone(&Utc);
        let (after, until) = (noon(first), noon(first + chrono::Duration::days(length)));
        let due = schedule.due_between(after, until);
        prop_assert!(due.windows(2).all(|pair| pair[0].due < pair[1].due && pair[0].key < pair[1].key));
        // What is missing was skipped by the clock together with what came in its place.
        let keys: BTreeSet<&str> = due.iter().map(|period| period.key.as_str()).collect();
        prop_assert_eq!(keys.len(), due.len());
        for day in first.iter_days().take(length as usize + 1) {
            for time in &times {
                let key = if times.len() == 1 { day.to_string() } else { format!("{day}T{}", time.format("%H%M")) };
                let wall = day.and_time(*time);
                let is_within = wall > first.and_hms_opt(12, 0, 0).unwrap() && wall <= (first + chrono::Duration::days(length)).and_hms_opt(12, 0, 0).unwrap();
                let is_skipped = zone.from_local_datetime(&wall).earliest().is_none();
                prop_assert!(keys.contains(key.as_str()) == is_within || is_within && is_skipped, "{}", key);
            }
        }
        for period in &due {
            let shown = period.due.with_timezone(&zone).naive_local();
            let wall = times.iter().map(|time| period.day.and_time(*time)).find(|wall| zone.from_local_datetime(wall).earliest().is_some_and(|due| due == period.due));
            prop_assert!(wall.is_some() || shown.date().num_days_from_ce() - period.day.num_days_from_ce() <= 1);
            prop_assert_eq!(&schedule.latest_due(period.due), &Some(period.clone()));
            prop_assert_eq!(&schedule.next_after(period.due - chrono::Duration::seconds(1)), &Some(period.clone()));
            let next = schedule.next_after(period.due).unwrap();
            prop_assert!(next.due > period.due);
        }
    }
}
