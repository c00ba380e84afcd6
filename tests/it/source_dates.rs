//! The order of day and month: one day past the 12th settles a column's, and what nothing settles follows the profile.

use portstatus::source::plan::plan;
use portstatus::source::profile::Profile;
use portstatus::source::{Orders, ReadOptions};
use portstatus::templates::Templates;

use crate::source_normalize::{add_up, column, lints, read_tables, table};

fn read(text: &str, options: &ReadOptions) -> Orders {
    let whole = read_tables(vec![table(text, 1)], options);
    add_up(&whole);
    for chunks in [2, 3] {
        let cut = read_tables(vec![table(text, chunks)], options);
        assert_eq!((column(&cut, "confirmed_date"), &cut.notes), (column(&whole, "confirmed_date"), &whole.notes), "{chunks} chunks");
    }
    whole
}

fn guessed(text: &str) -> Orders {
    read(text, &ReadOptions::default())
}

fn as_profile(name: &str, text: &str) -> Orders {
    read(text, &ReadOptions { profile: Some(name.to_owned()), ..ReadOptions::default() })
}

fn column_of(dates: &[&str]) -> String {
    let rows = dates.iter().enumerate().map(|(row, date)| format!("\n{}|wip|{date}", 6_502_345_600_u64 + row as u64));
    format!("tn|status|foc_date{}", rows.collect::<String>())
}

fn flagged(orders: &Orders) -> Vec<bool> {
    (0..orders.frame.height()).map(|row| lints(orders, row).contains("ambiguous_date")).collect()
}

fn noted(orders: &Orders) -> Vec<&str> {
    orders.notes.iter().filter(|note| note.contains("two orders")).map(|note| &**note).collect()
}

#[test]
fn one_day_past_the_12th_settles_a_column_and_nothing_of_it_is_flagged() {
    for (dates, expected, note) in [
        (
            ["03/04/2026", "25/12/2026", "05/05/2026"],
            ["2026-04-03", "2026-12-25", "2026-05-05"],
            Some("read day first as its days past the 12th are: 1"),
        ),
        (["03/04/2026", "12/25/2026", "05/05/2026"], ["2026-03-04", "2026-12-25", "2026-05-05"], None),
        (
            ["3-4-26", "13-4-26", "2026-05-05"],
            ["2026-04-03", "2026-04-13", "2026-05-05"],
            Some("day first as its days past the 12th are: 1"),
        ),
        (["03/04/2026 10:15", "25/12/2026 09:00", "NULL"], ["2026-04-03", "2026-12-25", "-"], Some("day first")),
    ] {
        for orders in [guessed(&column_of(&dates)), as_profile("generic", &column_of(&dates))] {
            assert_eq!(column(&orders, "confirmed_date"), expected, "{dates:?}");
            assert_eq!(flagged(&orders), [false; 3], "{dates:?}");
            assert_eq!(noted(&orders).len(), usize::from(note.is_some()), "{:?}", orders.notes);
            assert!(noted(&orders).iter().all(|found| found.contains(note.unwrap())), "{:?}", orders.notes);
        }
    }
    let didww =
        as_profile("didww", &column_of(&["03/04/2026", "12/25/2026"]).replace("tn|status|foc_date", "Number|Number status|FOC date"));
    assert_eq!(
        (column(&didww, "confirmed_date"), flagged(&didww)),
        (vec!["2026-03-04".to_owned(), "2026-12-25".to_owned()], vec![false; 2])
    );
}

#[test]
fn a_column_that_proves_both_orders_is_flagged_cell_by_cell() {
    let orders = as_profile("generic", &column_of(&["03/04/2026", "25/12/2026", "12/25/2026", "2026-01-02", "07/07/2026", "04/03/2026"]));
    assert_eq!(column(&orders, "confirmed_date"), ["2026-03-04", "2026-12-25", "2026-12-25", "2026-01-02", "2026-07-07", "2026-04-03"]);
    assert_eq!(flagged(&orders), [true, false, false, false, false, true]);
    assert!(noted(&orders)[0].contains("both of which its other dates prove; read month first and flagged: 2"), "{:?}", orders.notes);
    let most = guessed(&column_of(&["03/04/2026", "25/12/2026", "26/12/2026", "12/25/2026"]));
    assert_eq!((column(&most, "confirmed_date")[0].as_str(), flagged(&most)), ("2026-04-03", vec![true, false, false, false]));
}

#[test]
fn a_column_that_proves_no_order_follows_the_profile_and_is_noted_once() {
    for (profile, expected) in [("generic", "2026-03-04"), ("didww", "2026-04-03"), ("intermedia", "2026-03-04")] {
        let text = column_of(&["03/04/2026", "03/04/2026", "05/06/2026"]).replace("tn|status|foc_date", "Phone number|Status|FOC date");
        let orders = as_profile(profile, &text);
        assert_eq!((column(&orders, "confirmed_date")[0].as_str(), flagged(&orders)), (expected, vec![false; 3]), "{profile}");
        let notes = noted(&orders);
        assert!(notes.len() == 1 && notes[0].ends_with(&format!("first as in profile {profile}: 3")), "{:?}", orders.notes);
    }
}

#[test]
fn a_guess_follows_the_other_columns_of_dates_and_a_profile_that_is_known_does_not() {
    let text = "tn|status|foc_date|epd\n6502345678|wip|03/04/2026|25/12/2026\n6502345679|wip|05/06/2026|01/02/2026";
    let guess = guessed(text);
    assert_eq!(column(&guess, "confirmed_date"), ["2026-04-03", "2026-06-05"]);
    assert_eq!(column(&guess, "estimated_date"), ["2026-12-25", "2026-02-01"]);
    assert!(guess.notes.iter().any(|note| note.contains("read day first as the dates of other columns are: 2")), "{:?}", guess.notes);
    assert_eq!(column(&as_profile("generic", text), "confirmed_date"), ["2026-03-04", "2026-05-06"]);
    let torn = guessed("tn|status|foc_date|epd|crd\n6502345678|wip|03/04/2026|25/12/2026|12/25/2026");
    assert_eq!(column(&torn, "confirmed_date"), ["2026-03-04"]);
}

#[test]
fn times_and_instants_turn_with_their_days() {
    let orders = guessed(
        "tn|status|foc_date (UTC)|updated_at
6502345678|wip|04/12/2026 02:00|07/03/2026 10:15
6502345679|wip|25/12/2026 18:00|25/12/2026 10:15
6502345680|wip|03/12/2026 10:00 PST|07/08/2026 23:00 -0500",
    );
    assert_eq!(column(&orders, "confirmed_date"), ["2026-12-03", "2026-12-25", "2026-12-03"]);
    assert_eq!(column(&orders, "confirmed_time"), ["64800", "36000", "36000"]);
    assert_eq!(column(&orders, "updated_at"), ["2026-03-07 10:15:00", "2026-12-25 10:15:00", "2026-08-08 04:00:00"]);
    // The other side of the change to daylight saving time.
    let summer = guessed("tn|status|foc_date (UTC)\n6502345678|wip|01/07/2026 18:00\n6502345679|wip|25/12/2026 18:00");
    assert_eq!(column(&summer, "confirmed_time"), ["39600", "36000"]);
}

#[test]
fn a_plan_says_in_which_order_it_reads() {
    let profiles = Profile::all(&Templates::default()).unwrap();
    let headers = ["Number", "Number status", "FOC date"].map(str::to_owned);
    let found = plan(&headers, &profiles, &ReadOptions::default(), "a.csv").unwrap();
    assert!(
        found.notes[0].contains("read as didww (DIDWW porting numbers and requests), known by its header 'Number status'"),
        "{:?}",
        found.notes
    );
}
