//! Business days: the eleven federal holidays as observed, and counting between days; never times of day.

mod import;

use portstatus::domain::calendar::Calendar;
use portstatus::templates::Templates;

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

/// The shipped calendar of this name.
fn shipped(name: &str) -> Calendar {
    let file = format!("calendars/{name}.toml");
    Calendar::parse(&Templates::default().text(&file).unwrap(), &file).unwrap()
}

/// A holiday that the package has a year too early: the Act that made it is of 2007 (asp 2).
const OTHERS_ERRORS: [(&str, &str); 1] = [("uk-scotland", "2006-11-30")];

#[test]
fn holidays_of_canada_and_the_united_kingdom_are_those_of_an_independent_source() {
    let text = include_str!("holidays.txt");
    let mut years = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        let (name, year) = (words[0], words[1]);
        let calendar = shipped(name);
        let expected: Vec<i32> = words[2..]
            .iter()
            .map(|date| format!("{year}-{date}"))
            .filter(|date| !OTHERS_ERRORS.contains(&(name, date.as_str())))
            .map(|date| day(&date))
            .collect();
        let (first, last) = (day(&format!("{year}-01-01")), day(&format!("{year}-12-31")));
        let found: Vec<i32> = (first..=last).filter(|day| (day + 3) % 7 < 5 && !is_business_day(&calendar, *day)).collect();
        assert_eq!(found, expected, "{name} {year}");
        years += 1;
    }
    assert_eq!(years, 4 * 61);
}

#[test]
fn a_holiday_of_the_weekend_has_its_substitute_and_its_name() {
    let holidays = |name: &str, year: i32| {
        let calendar = shipped(name);
        calendar.holidays_of(year).map(|(date, name)| format!("{} {name}", date.format("%m-%d"))).collect::<Vec<_>>()
    };
    // Boxing Day keeps its Monday, and Christmas Day comes after it.
    assert_eq!(
        holidays("uk-england-and-wales", 2022)[7..],
        ["09-19 State funeral of Queen Elizabeth II", "12-26 Boxing Day", "12-27 Christmas Day (observed)"]
    );
    assert_eq!(holidays("uk-scotland", 2022)[..2], ["01-03 New Year's Day (observed)", "01-04 2nd January (observed)"]);
    assert_eq!(holidays("uk-scotland", 2012)[..2], ["01-02 2nd January", "01-03 New Year's Day (observed)"]);
    assert_eq!(holidays("ca-federal", 2027)[3..5], ["07-01 Canada Day", "09-06 Labour Day"]);
    assert_eq!(holidays("us-federal", 2021).last().unwrap(), "12-31 New Year's Day (observed)");
    assert_eq!(holidays("uk-northern-ireland", 2199).len(), 10);
}

#[test]
fn easter_is_where_the_church_has_it() {
    // The earliest and the latest, and years that simpler rules get wrong.
    let text = "name = \"c\"\nweekend = []\n[[holiday]]\nname = \"Easter\"\neaster = 0\n";
    let calendar = Calendar::parse(text, "c.toml").unwrap();
    for expected in [
        "1981-04-19",
        "2000-04-23",
        "2008-03-23",
        "2011-04-24",
        "2038-04-25",
        "2049-04-18",
        "2076-04-19",
        "2106-04-18",
        "2160-03-23",
        "2199-04-14",
    ] {
        let year = expected[..4].parse().unwrap();
        assert_eq!(calendar.holidays_of(year).map(|(date, _)| date.to_string()).collect::<Vec<_>>(), [expected]);
    }
}

#[test]
fn single_days_have_names_and_years_are_left_out() {
    let text = "name = \"c\"\nweekend = [\"saturday\", \"sunday\"]\nobserved = \"next_weekday\"\ndates = [\"2026-07-06\", { date = \"2026-07-05\", name = \"A Sunday\" }]\n\
        [[holiday]]\nname = \"Fourth\"\nmonth = 7\nday = 4\nexcept = [2027]\n[[holiday]]\nname = \"Before\"\nmonth = 7\nweekday = \"monday\"\non_or_before = 6\nuntil = 2026\n";
    let calendar = Calendar::parse(text, "c.toml").unwrap();
    let of = |year: i32| calendar.holidays_of(year).map(|(date, name)| format!("{date} {name}")).collect::<Vec<_>>();
    // A Saturday goes past a Sunday that is a holiday itself and a Monday that is two.
    assert_eq!(of(2026), ["2026-07-05 A Sunday", "2026-07-06 Before", "2026-07-07 Fourth (observed)"]);
    assert!(of(2027).is_empty());
    assert_eq!(of(2028), ["2028-07-04 Fourth"]);
}

#[test]
fn wrong_files_are_refused_by_name() {
    let cases = [
        ("name = \"c\"\nweekend = []\n[[holiday]]\nname = \"h\"\neaster = 101\n", "c.toml, holiday h: the holiday has no rule"),
        ("name = \"c\"\nweekend = []\n[[holiday]]\nname = \"h\"\neaster = 1\nmonth = 1\n", "c.toml, holiday h: the holiday has no rule"),
        (
            "name = \"c\"\nweekend = []\n[[holiday]]\nname = \"h\"\nmonth = 2\nweekday = \"monday\"\non_or_before = 30\n",
            "c.toml, holiday h: the holiday has no rule",
        ),
        ("name = \"c\"\nweekend = []\ndates = [{ date = \"2026-13-01\", name = \"x\" }]\n", "c.toml, dates: '2026-13-01' is not a date"),
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
