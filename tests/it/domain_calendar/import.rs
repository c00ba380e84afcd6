//! Calendars made of iCalendar files: days as different programs write them, rules of every year, and what is refused.

use std::fs;

use portstatus::domain::calendar::Calendar;
use portstatus::domain::calendar::ics::Imported;

use crate::program::{err, out, run, said};
use crate::tools::folder;

/// An iCalendar file with these lines in it.
fn calendar(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n{lines}END:VCALENDAR\n").replace('\n', "\r\n")
}

fn event(lines: &str) -> String {
    calendar(&format!("BEGIN:VEVENT\nUID:1\nSUMMARY:Day\n{lines}END:VEVENT\n"))
}

/// The holidays of `years` in the calendar made of `text`.
fn holidays(text: &str, years: std::ops::RangeInclusive<i32>) -> Vec<String> {
    let imported = Imported::read(text.as_bytes(), "h.ics").unwrap();
    let toml = imported.to_toml("ours", "h.ics");
    let calendar = Calendar::parse(&toml, "ours.toml").unwrap_or_else(|error| panic!("{error}\n{toml}"));
    years.flat_map(|year| calendar.holidays_of(year).map(|(date, name)| format!("{date} {name}")).collect::<Vec<_>>()).collect()
}

#[test]
fn days_are_read_as_programs_write_them() {
    let years = 2026..=2027;
    for (lines, expected) in [
        ("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261226\n", vec!["2026-12-25 Day"]),
        ("DTSTART;VALUE=DATE:20261225\n", vec!["2026-12-25 Day"]),
        ("DTSTART:20261225\nDTEND:20261225\n", vec!["2026-12-25 Day"]),
        ("dtstart;value=date:20261231\ndtend;value=date:20270102\n", vec!["2026-12-31 Day", "2027-01-01 Day"]),
        ("DTSTART;VALUE=DATE:20261225\nDURATION:P2D\n", vec!["2026-12-25 Day", "2026-12-26 Day"]),
        ("DTSTART;TZID=\"America/New_York; x:y\":20261225T000000\nDTEND;TZID=America/New_York:20261226T000000\n", vec!["2026-12-25 Day"]),
        ("DTSTART;VALUE=DATE:20261225\nRDATE;VALUE=DATE:20270104,20270105\n", vec!["2026-12-25 Day", "2027-01-04 Day", "2027-01-05 Day"]),
        ("DTSTART;VALUE=DATE:20261225\nTRANSP:TRANSPARENT\nBEGIN:VALARM\nTRIGGER:-P1D\nDTSTART:x\nEND:VALARM\n", vec!["2026-12-25 Day"]),
    ] {
        assert_eq!(holidays(&event(lines), years.clone()), expected, "{lines}");
    }
    // Folded anywhere, even within a character; names with what TOML and terminals would take for something else.
    let text = calendar(
        "BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DA\n TE:20261224\nSUMMARY:\u{1b}[31mNo\u{eb}l\\, \"x\"\\n\\\\y]\n\t = 1\nEND:VEVENT\n",
    );
    let mut bytes = Vec::new();
    for byte in text.into_bytes() {
        bytes.push(byte);
        if byte == 0xc3 {
            bytes.extend_from_slice(b"\r\n ");
        }
    }
    let imported = Imported::read(&bytes, "h.ics").unwrap();
    let calendar = Calendar::parse(&imported.to_toml("a \"title\"\n[x]", "h\n.ics"), "c.toml").unwrap();
    assert_eq!((calendar.title.as_str(), calendar.holidays_of(2026).count()), ("a \"title\" [x]", 1));
    assert_eq!(imported.days.values().next().unwrap(), "[31mNo\u{eb}l, \"x\" \\y] = 1");
}

#[test]
fn rules_of_every_year_become_holidays_of_every_year() {
    let day = |rule: &str, start: &str| event(&format!("DTSTART;VALUE=DATE:{start}\nRRULE:{rule}\n"));
    for (rule, start, years, expected) in [
        ("FREQ=YEARLY", "20251225", 2024..=2027, "2025-12-25 2026-12-25 2027-12-25"),
        ("FREQ=YEARLY;INTERVAL=1;WKST=SU;BYMONTH=12;BYMONTHDAY=25", "20251225", 2025..=2026, "2025-12-25 2026-12-25"),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "20251127", 2025..=2027, "2025-11-27 2026-11-26 2027-11-25"),
        ("FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", "20250526", 2025..=2027, "2025-05-26 2026-05-25 2027-05-31"),
        ("FREQ=YEARLY;BYDAY=MO;BYMONTH=5;BYSETPOS=-1", "20250526", 2025..=2027, "2025-05-26 2026-05-25 2027-05-31"),
        ("FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=22,23,24,25,26,27,28;BYDAY=TH", "20251127", 2025..=2026, "2025-11-27 2026-11-26"),
        ("FREQ=YEARLY;COUNT=2", "20251225", 2025..=2029, "2025-12-25 2026-12-25"),
        ("FREQ=YEARLY;UNTIL=20271225", "20251225", 2025..=2029, "2025-12-25 2026-12-25 2027-12-25"),
        ("FREQ=YEARLY;UNTIL=20271224T235959Z", "20251225", 2025..=2029, "2025-12-25 2026-12-25"),
        ("FREQ=YEARLY", "20240229", 2024..=2029, "2024-02-29 2028-02-29"),
        ("FREQ=YEARLY;COUNT=2", "20240229", 2024..=2033, "2024-02-29 2028-02-29"),
        // The first day counts although the rule does not give it.
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25", "20251224", 2025..=2026, "2025-12-24 2025-12-25 2026-12-25"),
    ] {
        let expected: Vec<String> = expected.split(' ').map(|date| format!("{date} Day")).collect();
        assert_eq!(holidays(&day(rule, start), years), expected, "{rule}");
    }
    let more = |lines: &str| holidays(&event(&format!("DTSTART;VALUE=DATE:20251225\nRRULE:FREQ=YEARLY\n{lines}")), 2025..=2028);
    assert_eq!(more("EXDATE;VALUE=DATE:20261225,20270101\n"), ["2025-12-25 Day", "2027-12-25 Day", "2028-12-25 Day"]);
    let two = more("DTEND;VALUE=DATE:20251227\nEXDATE;VALUE=DATE:20261225\nEXDATE;VALUE=DATE:20271225\n");
    assert_eq!(two, ["2025-12-25 Day", "2025-12-26 Day", "2028-12-25 Day", "2028-12-26 Day"]);
    // One day of a rule that was moved, and one that was canceled.
    let text = calendar(
        "BEGIN:VEVENT\nUID:a\nSUMMARY:Picnic\nDTSTART;VALUE=DATE:20250701\nRRULE:FREQ=YEARLY;COUNT=3\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:a\nSUMMARY:Picnic\nRECURRENCE-ID;VALUE=DATE:20260701\nDTSTART;VALUE=DATE:20260703\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;VALUE=DATE:20270701\nDTSTART;VALUE=DATE:20270701\nSTATUS:CANCELLED\nEND:VEVENT\n",
    );
    assert_eq!(holidays(&text, 2025..=2028), ["2025-07-01 Picnic", "2026-07-03 Picnic"]);
}

#[test]
fn what_is_no_holiday_or_no_calendar_is_refused_with_its_line() {
    let start = "DTSTART;VALUE=DATE:20261225\n";
    for (text, expected) in [
        (String::new(), "h.ics: is not an iCalendar file"),
        ("name,date\nx,2026-12-25\n".to_owned(), "h.ics, line 1: is not a line of an iCalendar file"),
        ("BEGIN:VCARD\nEND:VCARD\n".to_owned(), "h.ics: is not an iCalendar file"),
        (calendar(""), "h.ics: has no all-day event"),
        ("BEGIN:VCALENDAR\nVERSION:1.0\nEND:VCALENDAR\n".to_owned(), "h.ics, line 2: is of version 1.0"),
        (event(start).replace("END:VEVENT\r\nEND:VCALENDAR\r\n", ""), "h.ics: is cut off: VEVENT does not end"),
        (event("DTSTART;VALUE=DATE:20261225\nEND:VALARM\n"), "h.ics, line 8: ends VALARM, which did not begin"),
        (event(""), "h.ics, line 4: an event has no DTSTART"),
        (event("DTSTART;VALUE=DATE:20260230\n"), "h.ics, line 7: '20260230' in DTSTART is not a date"),
        (event("DTSTART;VALUE=DATE:2026-12-25\n"), "h.ics, line 7: '2026-12-25' in DTSTART is not a date"),
        (event("DTSTART;VALUE=DATE:20261225\nDTSTART;VALUE=DATE:20261226\n"), "h.ics, line 8: DTSTART is given twice"),
        (event("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261224\n"), "h.ics, line 4: 'Day' ends before it begins"),
        (event("DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:99991231\n"), "h.ics, line 4: 'Day' lasts 2912084 days"),
        (event("DTSTART;VALUE=DATE:20261225\nDTEND:20261226T000000\n"), "h.ics, line 8: one of DTSTART and DTEND is a day"),
        (event("DTSTART;VALUE=DATE:20261225\nDURATION:PT5H\n"), "h.ics, line 8: 'PT5H' is not a number of days"),
        (event("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=DAILY\n"), "h.ics, line 8: RRULE of 'Day': FREQ=DAILY is not supported"),
        (
            event("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;INTERVAL=2\n"),
            "h.ics, line 8: RRULE of 'Day': INTERVAL=2 is not supported",
        ),
        (
            event("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;BYWEEKNO=1\n"),
            "h.ics, line 8: RRULE of 'Day': BYWEEKNO=1 is not supported",
        ),
        (
            event("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;BYMONTH=12;BYDAY=FR\n"),
            "h.ics, line 8: RRULE of 'Day': 'FREQ=YEARLY;BYMONTH=12;BYDAY=FR' is not one day",
        ),
        (
            event("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\n"),
            "h.ics, line 8: RRULE of 'Day': 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' is never a day",
        ),
        (event("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;COUNT=0\n"), "h.ics, line 8: RRULE of 'Day': COUNT is 0"),
        (
            event("DTSTART;VALUE=DATE:20261231\nDTEND;VALUE=DATE:20270102\nRRULE:FREQ=YEARLY\n"),
            "h.ics, line 9: RRULE of 'Day': 2 days in a row",
        ),
        (
            event("DTSTART;VALUE=DATE:20261225\nRDATE;VALUE=PERIOD:20261225T000000Z/P1D\n"),
            "h.ics, line 8: periods in RDATE are not supported",
        ),
        (event("DTSTART;VALUE=DATE:20261225\nEXRULE:FREQ=YEARLY\n"), "h.ics, line 8: EXRULE is not supported"),
    ] {
        let error = Imported::read(text.as_bytes(), "h.ics").unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error} instead of {expected}");
        assert_eq!(error.code(), 65);
    }
    assert!(
        Imported::read(b"BEGIN:VCALENDAR\r\nX:\xff\r\nEND:VCALENDAR\r\n", "h.ics")
            .unwrap_err()
            .to_string()
            .starts_with("h.ics, line 2: is not UTF-8")
    );
    // Files that would take for ever.
    let dates: Vec<String> =
        (0..400_000).map(|index| format!("{}{:02}{:02}", 1000 + index / 336, 1 + index / 28 % 12, 1 + index % 28)).collect();
    let dates = dates.join(",");
    let begun = std::time::Instant::now();
    let text = event(&format!("DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY\nRDATE:{dates}\nEXDATE:{dates}\n"));
    assert_eq!(Imported::read(text.as_bytes(), "h.ics").unwrap().days.len(), 0);
    let moved: String = (0..19_000)
        .map(|index| {
            format!("BEGIN:VEVENT\nUID:a{index}\nSUMMARY:{index}\nDTSTART;VALUE=DATE:20261225\nRECURRENCE-ID:20261224\nEND:VEVENT\n")
        })
        .collect();
    assert_eq!(Imported::read(calendar(&moved).as_bytes(), "h.ics").unwrap().days.len(), 1);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    let many = "BEGIN:VEVENT\nDTSTART:20261225\nEND:VEVENT\n".repeat(20_001);
    assert!(Imported::read(calendar(&many).as_bytes(), "h.ics").unwrap_err().to_string().contains("there are more than 20,000 events"));
    // A file that would fill a calendar with days.
    let many: String = (0..60)
        .map(|index| format!("BEGIN:VEVENT\nUID:{index}\nDTSTART;VALUE=DATE:{}0101\nDURATION:P366D\nEND:VEVENT\n", 1980 + index))
        .collect();
    assert!(Imported::read(calendar(&many).as_bytes(), "h.ics").unwrap_err().to_string().contains("names more days than a calendar has"));
}

#[test]
fn an_imported_calendar_is_one_that_a_run_can_name() {
    let place = folder("import");
    let lines = "X-WR-CALNAME:Acme holidays\nBEGIN:VEVENT\nUID:1\nSUMMARY:Founders' Day\nDTSTART;VALUE=DATE:20261127\nEND:VEVENT\n\
        BEGIN:VEVENT\nUID:2\nSUMMARY:Meeting\nDTSTART:20261128T090000Z\nDTEND:20261128T100000Z\nEND:VEVENT\n\
        BEGIN:VEVENT\nUID:3\nSUMMARY:Off\nDTSTART;VALUE=DATE:20261129\nSTATUS:CANCELLED\nEND:VEVENT\n\
        BEGIN:VEVENT\nUID:4\nSUMMARY:Christmas\nDTSTART;VALUE=DATE:20251225\nRRULE:FREQ=YEARLY\nEND:VEVENT\n";
    fs::write(place.join("acme.ics"), calendar(lines)).unwrap();
    fs::create_dir(place.join("ours")).unwrap();
    let done = run(&place, &["calendar", "import", "acme.ics", "--out", "ours/calendars/acme.toml"]);
    let told = "1 day and 1 holiday of every year; left out: 1 event at times of a day, 1 canceled event\n";
    assert_eq!((done.status.code(), out(&done)), (Some(0), format!("Wrote ours/calendars/acme.toml: {told}")), "{}", said(&done));
    let listed = out(&run(&place, &["calendars", "list", "--templates", "ours"]));
    assert!(listed.lines().any(|line| line.starts_with("acme ") && line.ends_with(" Acme holidays")), "{listed}");
    let shown = out(&run(&place, &["calendars", "show", "acme", "--year", "2026", "--templates", "ours"]));
    assert_eq!(shown.lines().skip(1).collect::<Vec<_>>(), ["2026-11-27  Friday   Founders' Day", "2026-12-25  Friday   Christmas"]);
    fs::write(place.join("orders.csv"), "Phone number,Status\n+16502345678,In Progress\n").unwrap();
    let done = run(&place, &["check", "orders.csv", "--calendar", "acme", "--templates", "ours"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    // On standard output it is the same, and what was left out is said beside it.
    let printed = run(&place, &["calendars", "import", "acme.ics", "--name", "Ours"]);
    assert_eq!(out(&printed).replace("\"Ours\"", "\"Acme holidays\""), fs::read_to_string(place.join("ours/calendars/acme.toml")).unwrap());
    assert_eq!(err(&printed), format!("acme.ics: {told}"));
    for (arguments, code, expected) in [
        (&["calendars", "import", "none.ics"][..], 66, "none.ics: no such file; check the path\n"),
        (
            &["calendars", "import", "orders.csv"],
            65,
            "orders.csv, line 1: is not a line of an iCalendar file: it has no colon; check the file\n",
        ),
        (&["calendars", "show", "uk-scotlnd"], 64, "uk-scotlnd: is not a calendar; did you mean uk-scotland?\n"),
        (
            &["calendars", "show", "us-federal", "--year", "1969"],
            64,
            "--year: '1969' is not between 1970 and 2199; write a year such as 2027\n",
        ),
        (&["calendars", "--year", "2026"], 64, "--year: is an option of calendars show; leave it out\n"),
        (&["calendars", "show"], 64, "CALENDAR OR FILE is missing; see portstatus calendars --help\n"),
    ] {
        let done = run(&place, arguments);
        assert_eq!((done.status.code(), err(&done)), (Some(code), format!("portstatus: {expected}")));
    }
}
