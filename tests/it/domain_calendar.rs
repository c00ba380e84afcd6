//! Business days: the eleven federal holidays as observed, and counting between days; never times of day.

use portstatus::domain::calendar::Calendar;

use crate::fixtures::{calendar, day};

/// Whether the count of business days grows by `day`.
fn is_business_day(calendar: &Calendar, day: i32) -> bool {
    let index = usize::try_from(day - Calendar::first_day()).unwrap();
    let pair = &calendar.business_days_before[index..index + 2];
    pair[0] + 1 == pair[1]
}

/// Year, days that federal holidays were observed on as the Office of Personnel Management published them, and whether New
/// Year's Day of the next year, a Saturday, was observed on the last day of this one.
const OBSERVED: &[(i32, &str, bool)] = &[
    (2021, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24", true),
    (2022, "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26", false),
    (2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25", false),
    (2027, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24", true),
];

#[test]
fn holidays_are_observed_as_the_government_published_them() {
    let calendar = calendar();
    for (year, expected, next_new_year) in OBSERVED {
        let (first, last) = (day(&format!("{year}-01-01")), day(&format!("{year}-12-31")));
        // 1970-01-01 was a Thursday.
        let is_weekday = |day: i32| (day + 3) % 7 < 5;
        let expected = expected.split(' ').map(|text| day(&format!("{year}-{text}")));
        let expected: Vec<i32> = expected.chain(next_new_year.then_some(last)).collect();
        let found: Vec<i32> = (first..=last).filter(|day| is_weekday(*day) && !is_business_day(&calendar, *day)).collect();
        assert_eq!(found, expected, "{year}");
        assert!((first..=last).all(|day| is_weekday(day) || !is_business_day(&calendar, day)), "{year}");
    }
}

#[test]
fn juneteenth_counts_since_2021() {
    let calendar = calendar();
    assert!(is_business_day(&calendar, day("2020-06-19")));
    assert!(!is_business_day(&calendar, day("2023-06-19")));
}

#[test]
fn days_are_business_days_or_not() {
    let calendar = calendar();
    let cases = [
        ("2026-11-20", true),
        ("2026-11-21", false),
        ("2026-11-22", false),
        ("2026-11-23", true),
        ("2026-11-26", false),
        ("2026-11-27", true),
        ("2026-07-03", false),
        ("1970-01-02", true),
        ("2199-12-31", true),
    ];
    for (text, expected) in cases {
        assert_eq!(is_business_day(&calendar, day(text)), expected, "{text}");
    }
}

#[test]
fn a_file_of_dates_replaces_the_rules() {
    let calendar =
        Calendar::parse("name = \"carrier\"\nweekend = [\"sunday\"]\ndates = [\"2026-11-27\", \"2026-11-28\"]\n", "c.toml").unwrap();
    for (text, expected) in
        [("2026-11-26", true), ("2026-11-27", false), ("2026-11-28", false), ("2026-11-29", false), ("2026-12-05", true)]
    {
        assert_eq!(is_business_day(&calendar, day(text)), expected, "{text}");
    }
}

#[test]
fn wrong_files_are_refused_by_name() {
    let cases = [
        ("name = \"c\"\nweekend = [\"caturday\"]\n", "c.toml: 'caturday' is not a weekday"),
        ("name = \"c\"\nweekend = []\ndates = [\"2026-02-30\"]\n", "c.toml, dates: '2026-02-30' is not a date"),
        ("name = \"c\"\nweekend = []\n[[holiday]]\nname = \"h\"\nmonth = 2\nday = 30\n", "c.toml, holiday h: there is no such day"),
        ("name = \"c\"\nweekend = []\n[[holiday]]\nname = \"h\"\nmonth = 2\n", "c.toml, holiday h: the holiday has no rule"),
        (
            "name = \"c\"\nweekend = []\n[[holiday]]\nname = \"h\"\nmonth = 2\nweekday = \"monday\"\nnth = 5\n",
            "c.toml, holiday h: the holiday has no rule",
        ),
        (
            "name = \"c\"\nweekend = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\n",
            "c.toml: every day of the week is weekend",
        ),
        ("name = \"c\"\nweekends = []\n", "c.toml, line 2: unknown field `weekends`"),
    ];
    for (text, expected) in cases {
        let error = Calendar::parse(text, "c.toml").unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        assert_eq!(error.code(), 78);
    }
}
