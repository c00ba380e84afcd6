//! Conforming what a row says beside its plain cells: times inside dates, ranges, blank rows, ids an earlier report derived, countries.

use portstatus::domain::record::Field;
use portstatus::source::ReadOptions;
use portstatus::source::csv::ChunkSizes;
use portstatus::source::plan::plan;
use portstatus::source::profile::Profile;
use portstatus::templates::Templates;

use crate::source_csv::{opened, read_in_chunks};
use crate::source_normalize::{add_up, cell, column, lints, normalize, read, read_tables, rejects, table};

/// What a plan notes about these headers, in lines.
fn plan_notes(headers: &[&str]) -> String {
    let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
    let profiles = Profile::all(&Templates::default()).unwrap();
    plan(&headers, &profiles, &ReadOptions::default(), "orders.csv")
        .unwrap()
        .notes
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_time_in_the_cell_of_the_confirmed_date_is_the_confirmed_time() {
    let orders = read(
        "tn|status|foc_date
6502345678|wip|2026-12-03 09:00
6502345679|wip|2026-12-03
6502345680|wip|2026-12-04T02:00:00Z
6502345681|wip|2026-12-04T00:00:00Z
6502345682|wip|12/3/2026 1:30 PM
6502345683|wip|2026-12-03 09:00 EST
none|wip|2026-12-03 09:00",
    );
    add_up(&orders);
    assert_eq!(column(&orders, "confirmed_date"), ["2026-12-03", "2026-12-03", "2026-12-03", "2026-12-04", "2026-12-03", "2026-12-03"]);
    assert_eq!(column(&orders, "confirmed_time"), ["32400", "-", "64800", "-", "48600", "-"]);
    assert!(orders.present.contains(&Field::ConfirmedTime));
    assert_eq!(lints(&orders, 5), "bad_cell");
    assert!(
        rejects(&orders).starts_with("7 cell foc_date=2026-12-03 09:00 EST its time is in a zone that is not known"),
        "{}",
        rejects(&orders)
    );
    for note in ["confirmed times taken from the confirmed date, whose cell holds both: 3", "is not the day written: 1"] {
        assert!(orders.notes.iter().any(|found| found.contains(note)), "{note}: {:?}", orders.notes);
    }
    let both =
        read("tn|status|foc_date|foc_time\n6502345678|wip|2026-12-03 09:00|11:00\n6502345679|wip|2026-12-03 09:00|\n6502345680|wip||10:00");
    assert_eq!(column(&both, "confirmed_time"), ["39600", "32400", "36000"]);
    let days = read("tn|status|foc_date|epd\n6502345678|wip|2026-12-03|2026-12-04T02:00:00Z");
    assert_eq!((cell(&days, "confirmed_time", 0), cell(&days, "estimated_date", 0)), ("-".to_owned(), "2026-12-03".to_owned()));
    assert!(!days.present.contains(&Field::ConfirmedTime));
}

#[test]
fn pieces_with_and_without_times_are_joined() {
    let mut text = String::from("tn|status|foc_date");
    (0..40).for_each(|row| text += &format!("\n{}|wip|2026-12-03{}", 6_502_340_000_u64 + row, if row < 20 { " 09:00" } else { "" }));
    for chunks in [1, 2, 4] {
        let orders = read_tables(vec![table(&text, chunks)], &ReadOptions::default());
        add_up(&orders);
        assert_eq!(column(&orders, "confirmed_time").iter().filter(|time| *time == "32400").count(), 20);
    }
}

#[test]
fn a_header_that_names_another_zone_is_no_confirmed_time() {
    for (header, time) in [
        ("FOC time", "36000"),
        ("FOC time (PT)", "36000"),
        ("FOC time (hh:mm)", "36000"),
        ("FOC time (UTC)", "-"),
        ("FOC time (Eastern)", "-"),
    ] {
        let orders = read(&format!("tn|status|foc_date|{header}\n6502345678|wip|2026-12-03|10:00"));
        assert_eq!(cell(&orders, "confirmed_time", 0), time, "{header}");
        assert_eq!(plan_notes(&["tn", "status", header]).contains(&format!("they name another zone: '{header}'")), time == "-", "{header}");
    }
    let utc = read("tn|status|FOC date (UTC)\n6502345678|wip|2026-12-04 02:00\n6502345679|wip|2026-12-04");
    assert_eq!(
        (column(&utc, "confirmed_date"), cell(&utc, "confirmed_time", 0)),
        (vec!["2026-12-03".to_owned(), "2026-12-04".to_owned()], "64800".to_owned())
    );
}

#[test]
fn a_range_of_numbers_is_a_row_for_each() {
    let orders = read(
        "tn|status|company|foc_date
503-222-1252|wip|One|
503-222-1260 - 62|wip|Three|soon
503-222-1270 - 503-222-1260|wip|Down|
503-222-1261|done|Again|
503-222-0000 - 503-232-0000|wip|Long|",
    );
    add_up(&orders);
    assert_eq!((orders.read, orders.expanded, orders.superseded.len(), orders.rejected_rows()), (5, 2, 0, 2));
    assert_eq!(column(&orders, "phone_number"), ["+15032221252", "+15032221260", "+15032221261", "+15032221262", "+15032221261"]);
    assert_eq!(
        (column(&orders, "line"), column(&orders, "account_company")[2].as_str()),
        (["2", "3", "3", "3", "5"].map(str::to_owned).to_vec(), "Three")
    );
    let listed = rejects(&orders);
    assert_eq!(listed.matches("3 cell foc_date=soon").count(), 3, "{listed}");
    assert_eq!(listed.matches("a range that does not run from one number up to another").count(), 2, "{listed}");
    assert!(orders.notes.iter().any(|note| note.ends_with("rows with a range of numbers: 1, expanded to 3 rows")), "{:?}", orders.notes);
    let didww = read("Reference|Number|Number status\nR1|35319609036 - 35319609046|Pending\nR1|35319609056 - 58|Pending");
    add_up(&didww);
    assert_eq!((didww.frame.height(), didww.read, didww.expanded), (14, 2, 12));
    assert_eq!(
        (cell(&didww, "phone_number", 10), cell(&didww, "phone_number", 13)),
        ("+35319609046".to_owned(), "+35319609058".to_owned())
    );
}

#[test]
fn ranges_of_a_column_in_every_spelling_lose_no_number() {
    let orders = read(
        "tn|status
4155552000-09|wip
415-555-2100–2109|wip
+14155552200-2209|wip
7775552000 to 2018|wip
415-555-2300 thru 415-555-2309|wip
415-555-24XX|wip
4155552518 to 2500|wip",
    );
    add_up(&orders);
    assert_eq!((orders.read, orders.frame.height(), orders.rejected_rows()), (7, 59, 2));
    assert_eq!(
        rejects(&orders),
        "7 row tn=415-555-24XX a range or several numbers in one cell
8 row tn=4155552518 to 2500 a range that does not run from one number up to another, at most 10,000 of them; list the numbers singly
"
    );
}

#[test]
fn ranges_beyond_all_measure_are_an_error() {
    let rows: String = (0..101).map(|row| format!("\n3531{:03}0000 - 9999|Pending", 100 + row)).collect();
    let text = format!("Number|Number status{rows}");
    let profiles = Profile::all(&Templates::default()).unwrap();
    let table = table(&text, 1);
    let plan = plan(&table.headers, &profiles, &ReadOptions::default(), "orders.csv").unwrap();
    let error = normalize(table, &plan, 0, &|_| None).unwrap_err();
    assert_eq!(error.code(), 65);
    assert!(error.to_string().contains("its ranges come to 1,010,000 numbers, more than 1,000,000"), "{error}");
}

#[test]
fn rows_without_anything_are_no_rows() {
    let text = "tn,status,junk\n6502345678,wip,\n,,\n , ,\n\"\",,\n,,Total 5\n,wip,\n6502345679,wip,x\n,,\n";
    let wanted = |_: &[String]| Ok(vec![true, true, false]);
    let table = read_in_chunks(&opened(text.as_bytes()), &ReadOptions::default(), &wanted, ChunkSizes::default()).unwrap();
    assert_eq!((table.lines.len(), table.found.rows, &table.blank), (7, 7, &vec![1, 2, 3]));
    let orders = read_tables(vec![table], &ReadOptions::default());
    add_up(&orders);
    assert_eq!((orders.read, orders.rejected_rows()), (4, 2));
    assert_eq!(rejects(&orders), "6 row tn= no phone number\n7 row tn= no phone number\n");
    assert_eq!(column(&orders, "line"), ["2", "8"]);
    assert!(orders.notes.iter().any(|note| note.ends_with("blank rows left out: 3")), "{:?}", orders.notes);
}

#[test]
fn order_ids_that_an_earlier_report_derived_are_left_out() {
    let orders = read(
        "tn|status|order_id
6502345678|wip|(1/F1/local/2026-11-20)
6502345679|wip|(R/1/F1/toll_free/)
6502345680|wip|(///)
6502345681|wip|(A/B/local/soon)
6502345682|wip|(A/local/2026-11-20)
6502345683|wip|O-1",
    );
    assert_eq!(column(&orders, "order_id"), ["-", "-", "(///)", "(A/B/local/soon)", "(A/local/2026-11-20)", "O-1"]);
    assert!(orders.notes.iter().any(|note| note.ends_with("since an earlier report derived them: 2")), "{:?}", orders.notes);
}

#[test]
fn the_only_column_that_tells_where_a_port_stands_is_read_whatever_its_words() {
    for header in ["state", "stage"] {
        let orders = read(&format!("tn|{header}\n6502345678|Phase A\n6502345679|Phase B\n6502345680|Phase A"));
        add_up(&orders);
        let unknown: Vec<_> = orders.unknown_words.iter().map(|((header, word), count)| format!("{header} {word} {count}")).collect();
        assert_eq!(unknown, [format!("{header} Phase A 2"), format!("{header} Phase B 1")]);
        assert_eq!(lints(&orders, 1), "unknown_word");
        assert_eq!(rejects(&orders).lines().count(), 3);
        assert!(orders.notes.iter().any(|note| note.contains("although 3 of its 3 cells have unknown words")), "{:?}", orders.notes);
        assert!(!orders.notes.iter().any(|note| note.contains("ignored")), "{:?}", orders.notes);
    }
    let event = read("tn|last_event|state\n6502345678|foc|TX");
    assert_eq!((event.unknown_words.len(), cell(&event, "source_words", 0)), (0, "-".to_owned()));
}

#[test]
fn a_country_says_how_ten_digits_are_read() {
    let orders = read(
        "Number|Number status|Country
5035551234|Pending|US
4622345678|Pending|United States
35310123456|Pending|usa
4622345678|Pending|Sweden
5035551234|Pending|El Salvador
5035551239|Pending|
(650) 253-0001|Pending|Canada",
    );
    add_up(&orders);
    assert_eq!(
        column(&orders, "phone_number"),
        ["+15035551234", "+14622345678", "+35310123456", "+4622345678", "+15035551239", "+16502530001"]
    );
    assert_eq!(rejects(&orders), "6 row Number=5035551234 no country: write it with a plus and the country's calling code\n");
    assert!(!plan_notes(&["Number", "Number status", "Country"]).contains("ignored"));
}

#[test]
fn both_columns_of_reject_reasons_are_read_by_the_first() {
    let both = read("Number|Number status|Reject Reason(s)|Verification Details\n35310123456|Action Required|Wrong name|See mail");
    assert_eq!(cell(&both, "reject_reason", 0), "Wrong name");
    let notes = plan_notes(&["Number", "Number status", "Reject Reason(s)", "Verification Details"]);
    assert!(notes.ends_with("columns ignored: 'Verification Details'"), "{notes}");
    let one = read("Number|Number status|Verification Details\n35310123456|Action Required|See mail");
    assert_eq!(cell(&one, "reject_reason", 0), "See mail");
}
