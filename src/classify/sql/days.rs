//! The table of days that port times and business days are looked up in, and what it tells of a row: SQL has neither the calendar nor the time zone.

use std::fmt::Write;

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use crate::classify::facts;
use crate::classify::sql::dialect::Dialect;
use crate::classify::sql::flags;
use crate::classify::sql::printer::Printer;
use crate::classify::timing::{COMPLETION_MINUTES, STANDARD_TIME_SECONDS};
use crate::clock::{AsOf, pacific_to_utc};
use crate::domain::calendar::Calendar;

/// Days that one INSERT holds: servers limit the length of a statement.
const DAYS_TOGETHER: usize = 1_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Statements that make the table `name` and fill it with every day from 1970-01-01 to 2199-12-31: how many business days of `calendar` lie
/// before it, whether it is one, the seconds from 1970-01-01T00:00:00Z to midnight (UTC), and the seconds by which Pacific time is behind
/// UTC, before and from the second of the day in which that changes (none on most days).
pub fn table(dialect: Dialect, name: &str, calendar: &Calendar) -> String {
    let columns = [
        ("day", dialect.type_of_day()),
        ("business_days_before", dialect.type_of_number()),
        ("is_business_day", dialect.type_of_truth()),
        ("midnight", dialect.type_of_number()),
        ("behind", dialect.type_of_number()),
        ("changes_at", dialect.type_of_number()),
        ("behind_from_then", dialect.type_of_number()),
    ];
    let columns: Vec<String> = columns.iter().map(|(column, kind)| format!("{} {kind}", dialect.name(column))).collect();
    let mut sql = format!("CREATE TABLE {name} ({}){};\n", columns.join(", "), dialect.end_of_table());
    let days: Vec<String> =
        (Calendar::first_day()..).zip(calendar.business_days_before.windows(2)).filter_map(|(day, pair)| row(dialect, day, pair)).collect();
    for days in days.chunks(DAYS_TOGETHER) {
        // A String never refuses.
        let _ = write!(sql, "INSERT INTO {name} VALUES\n{};\n", days.join(",\n"));
    }
    sql
}

fn row(dialect: Dialect, day: i32, business_days: &[i32]) -> Option<String> {
    let date = NaiveDate::from_epoch_days(day)?;
    let behind = |second: i64| -> Option<i64> {
        let wall = date.and_time(NaiveTime::MIN) + TimeDelta::seconds(second);
        Some(pacific_to_utc(wall)?.timestamp() - wall.and_utc().timestamp())
    };
    let (first, last) = (behind(0)?, behind(SECONDS_PER_DAY - 1)?);
    let (mut before, mut after) = (0, SECONDS_PER_DAY - 1);
    while first != last && after - before > 1 {
        let middle = (before + after) / 2;
        if behind(middle)? == first { before = middle } else { after = middle }
    }
    let change = if first == last { "NULL, NULL".to_owned() } else { format!("{after}, {last}") };
    let (before, is_business_day) = (business_days[0], dialect.truth(business_days[1] > business_days[0]));
    Some(format!("({}, {before}, {is_business_day}, {}, {first}, {change})", dialect.day(date), i64::from(day) * SECONDS_PER_DAY))
}

/// The days of the record that are looked up: what they are called beside a row, the column, and what is told of them.
const DAYS: [(&str, &str, &[&str]); 2] = [
    ("confirmed", "confirmed_date", &["business_days_before", "is_business_day", "midnight", "behind", "changes_at", "behind_from_then"]),
    ("created", "created_date", &["business_days_before"]),
];

/// The SELECT of all columns of the table `from`, whose rows are called `rows`, and of what the table `days` says of their days.
pub fn joined(dialect: Dialect, from: &str, rows: &str, days: &str) -> String {
    let name = |name: &str| dialect.name(name);
    let told = |(of, _, columns): &(&str, &str, &[&str])| {
        columns.iter().map(|column| format!(",\n  {of}.{} AS {}", name(column), name(&format!("{of}_{column}")))).collect::<String>()
    };
    let join = |(of, key, _): &(&str, &str, &[&str])| format!("\nLEFT JOIN {days} AS {of} ON {of}.{} = {rows}.{}", name("day"), name(key));
    let (told, joins): (String, String) = (DAYS.iter().map(told).collect(), DAYS.iter().map(join).collect());
    format!("SELECT {rows}.*{told}\nFROM {from} AS {rows}{joins}")
}

/// The facts that flags ask, of a table that [`joined`] made.
pub fn facts(dialect: Dialect, as_of: AsOf, calendar: &Calendar, column: &dyn Fn(&str) -> String) -> Vec<(String, String)> {
    let standard = STANDARD_TIME_SECONDS;
    let time = format!("COALESCE({}, {standard})", column("confirmed_time"));
    let (behind, changes) = (column("confirmed_behind"), column("confirmed_changes_at"));
    let behind =
        format!("CASE WHEN {changes} IS NULL OR {time} < {changes} THEN {behind} ELSE {} END", column("confirmed_behind_from_then"));
    let port = format!("({} + {time} + {behind})", column("confirmed_midnight"));
    let micros = as_of.micros();
    let (whole, is_whole) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000) == 0);
    let to_port = if is_whole {
        format!("{port} - {whole}")
    } else {
        format!("CASE WHEN {port} > {whole} THEN {port} - {whole} ELSE {port} - {} END", whole + 1)
    };
    let span = format!("({} - {micros})", dialect.micros(&column("completed_at")));
    let (up, down) = (dialect.whole(&format!("({span} + 999999)"), 1_000_000), dialect.whole(&format!("(999999 - {span})"), 1_000_000));
    let to_completion = format!("CASE WHEN {span} > 0 THEN {up} ELSE -{down} END");
    let business_days = business_days_since(as_of, calendar, &column("confirmed_business_days_before"));
    let made = [
        (facts::SECONDS_TO_PORT, to_port),
        (facts::SECONDS_TO_COMPLETION, to_completion),
        (facts::BUSINESS_DAYS_CONFIRMED, business_days),
        (facts::CONFIRMED_BUSINESS_DAY, column("confirmed_is_business_day")),
        (facts::DAYS_TO_APPROVAL, dialect.days_between(&column("created_date"), &column("approved_date"))),
        (facts::DAYS_TO_CONFIRMED, dialect.days_between(&column("submitted_date"), &column("confirmed_date"))),
    ];
    made.map(|(key, cell)| (key.to_owned(), cell)).into()
}

/// The columns of the report that depend on time and that a row and its days tell: their keys and cells.
pub fn timing(printer: &Printer<'_>, as_of: AsOf, calendar: &Calendar) -> Vec<(String, String)> {
    let (dialect, column) = (printer.dialect, |key: &str| printer.column(key));
    let live = flags::is_live(printer);
    let today = dialect.day(as_of.date());
    let (confirmed, estimated, time) = (column("confirmed_date"), column("estimated_date"), column("confirmed_time"));
    let effective = format!("COALESCE({confirmed}, {estimated})");
    let days = dialect.days_between(&today, &effective);
    let word = |code: &str| dialect.text(code);
    let business_days = business_days_since(as_of, calendar, &column("created_business_days_before"));
    let age = format!("({} - {})", as_of.micros(), dialect.micros(&column("updated_at")));
    let late = format!("{live} AND {port} IS NOT NULL AND {port} < -{}", COMPLETION_MINUTES * 60, port = column(facts::SECONDS_TO_PORT));
    [
        ("effective_port_date", effective),
        (
            "effective_port_basis",
            format!(
                "CASE WHEN {confirmed} IS NOT NULL THEN {} WHEN {estimated} IS NOT NULL THEN {} END",
                word("confirmed"),
                word("estimated")
            ),
        ),
        (
            "port_time_basis",
            format!(
                "CASE WHEN {confirmed} IS NULL THEN NULL WHEN {time} IS NOT NULL THEN {} ELSE {} END",
                word("given"),
                word("standard_time")
            ),
        ),
        ("days_to_port", format!("CASE WHEN {live} THEN {days} END")),
        ("age_business_days", format!("CASE WHEN {} <= {today} THEN {business_days} END", column("created_date"))),
        ("row_age_days", format!("CASE WHEN {age} >= 0 THEN {} END", dialect.whole(&age, SECONDS_PER_DAY * 1_000_000))),
        ("overdue", format!("CASE WHEN {late} THEN {} ELSE {} END", dialect.truth(true), dialect.truth(false))),
    ]
    .map(|(key, cell)| (key.to_owned(), cell))
    .into()
}

/// Business days from a day, before which so many lie, to the as-of day.
fn business_days_since(as_of: AsOf, calendar: &Calendar, before: &str) -> String {
    let today = calendar.business_days_before_day(as_of.days());
    today.map_or_else(|| "NULL".to_owned(), |today| format!("{today} - {before}"))
}
