//! The same number twice: what is a duplicate, which row stays, what is flagged, and what the notes say.

use portstatus::source::open::unwatched;
use portstatus::source::read::read as read_files;
use portstatus::source::{Input, Orders, ReadOptions};
use portstatus::templates::Templates;

use crate::source_normalize::{add_up, column, lints, read_tables, table};

fn read(inputs: &[&str]) -> Orders {
    let orders = read_tables(inputs.iter().map(|text| table(text, 1)).collect(), &ReadOptions::default());
    add_up(&orders);
    orders
}

/// The input and line of each row that was set aside, and of the one that stands for it.
fn places(orders: &Orders) -> Vec<(u32, u32, u32, u32)> {
    orders.superseded.iter().map(|pair| (pair.old.0, pair.old.1, pair.new.0, pair.new.1)).collect()
}

fn flags(orders: &Orders) -> Vec<String> {
    (0..orders.frame.height()).map(|row| lints(orders, row)).collect()
}

fn notes_of(orders: &Orders, part: &str) -> bool {
    orders.notes.iter().any(|note| note.contains(part))
}

#[test]
fn of_rows_of_one_number_and_request_the_newer_stays_where_that_is_known() {
    let text = "tn|status|request|order_id|case|updated_at
6502345678|wip|R1|||2026-03-02
+16502345678|wip|R1|||2026-03-01
650-234-5678|wip|R2|||
6502345678|wip||O1||
6502345678|wip||O1|C9|
6502345678|wip|||C1|
6502345678|wip|||C1|2020-01-01
6502345678|wip||||
6502345678|wip||||
6502345679|wip|R1|||";
    for chunks in 1..5 {
        let orders = read_tables(
            vec![table(text, chunks), table("tn|status|request\n6502345678|done|R2\n6502345678|done|R1", 1)],
            &ReadOptions::default(),
        );
        add_up(&orders);
        assert_eq!(places(&orders), [(0, 2, 1, 3), (0, 3, 1, 3), (0, 4, 1, 2), (0, 9, 0, 10)], "{chunks} chunks");
        assert_eq!(column(&orders, "line"), ["5", "6", "7", "8", "10", "11", "2", "3"]);
        let undecided = "undecided_duplicate";
        assert_eq!(flags(&orders), [undecided, undecided, undecided, undecided, "", "", "", ""]);
        assert_eq!(orders.origins.len(), 2);
        for note in [
            "rows that repeat another row of their input, left out: 1",
            "rows superseded within an input, of which the newer updated_at wins: 1",
            "rows superseded between inputs, of which the newer updated_at wins, else the later input: 2",
            "no updated_at tells which is newer; all stay: 4",
        ] {
            assert!(notes_of(&orders, note), "{note}: {:?}", orders.notes);
        }
    }
}

#[test]
fn rows_of_different_accounts_are_never_duplicates() {
    for (text, stay, undecided) in [
        ("tn|status|request|acct\n6502345678|wip|R1|A1\n6502345678|wip|R1|A2", 2, 0),
        ("tn|status|request|acct|updated_at\n6502345678|wip|R1|A1|2026-03-01\n6502345678|wip|R1|A2|2026-03-02", 2, 0),
        ("tn|status|request|username\n6502345678|wip|R1|ann\n6502345678|wip|R1|bob", 2, 0),
        ("tn|status|request|company\n6502345678|wip|R1|Acme\n6502345678|wip|R1|Brick", 2, 0),
        ("tn|status|acct\n6502345678|wip|A1\n6502345678|wip|A2\n6502345678|wip|A1", 2, 0),
        // An account that is not named is no different account, unless there are two that it could be.
        ("tn|status|request|acct|updated_at\n6502345678|wip|R1|A1|2026-03-01\n6502345678|wip|R1||2026-03-02", 1, 0),
        ("tn|status|request|acct|updated_at\n6502345678|wip|R1|A1|2026-03-01\n6502345678|wip|R1||2026-03-02\n6502345678|wip|R1|A2|", 3, 0),
        ("tn|status|request|acct|username\n6502345678|wip|R1|A1|ann\n6502345678|wip|R1||bob", 2, 0),
        ("tn|status|request|acct|company\n6502345678|wip|R1|A1|Acme\n6502345678|wip|R1|A1|Acme Inc", 2, 2),
    ] {
        let orders = read(&[text]);
        assert_eq!(orders.frame.height(), stay, "{text}");
        assert_eq!(flags(&orders).iter().filter(|flags| *flags == "undecided_duplicate").count(), undecided, "{text}");
    }
    let inputs = ["tn|status|request|acct\n6502345678|wip|R1|A1", "tn|status|request|acct\n6502345678|wip|R1|A2"];
    assert_eq!(read(&inputs).frame.height(), 2);
}

#[test]
fn within_one_input_identical_rows_are_one_and_others_stay() {
    for (rows, stay) in [
        ("6502345678|wip|R1|2026-12-03|\n6502345678|wip|R1|2026-12-03|", &["3"][..]),
        ("6502345678|wip|R1|2026-12-03|\n(650) 234-5678|WIP|R1|12/03/2026|", &["2", "3"]),
        ("6502345678|wip|R1|2026-12-03|\n6502345678|wip|R1|2026-12-04|", &["2", "3"]),
        ("6502345678|wip|R1||\n6502345678|wip|R1|soon|", &["2", "3"]),
        ("6502345678|wip|R1|2026-12-03|2026-03-01\n6502345678|wip|R1|2026-12-04|2026-03-01", &["2", "3"]),
        ("6502345678|wip|R1|2026-12-03|2026-03-01\n6502345678|wip|R1|2026-12-03|2026-03-01", &["3"]),
        ("6502345678|wip|R1|2026-12-03|2026-03-02\n6502345678|wip|R1|2026-12-04|2026-03-01", &["2"]),
        ("6502345678|wip|R1|2026-12-03|2026-03-02\n6502345678|wip|R1|2026-12-04|", &["2", "3"]),
        ("6502345678|wip|R1|2026-12-03|NULL\n6502345678|wip|R1|2026-12-04|soon", &["2", "3"]),
        ("6502345678|wip|R1|2026-12-03|2026-03-02\n6502345678|wip|R1|2026-12-03|2026-03-01\n6502345678|wip|R1|2026-12-05|", &["2", "4"]),
    ] {
        let orders = read(&[&format!("tn|status|request|foc_date|updated_at\n{rows}")]);
        assert_eq!(column(&orders, "line"), stay, "{rows}");
        let flagged = flags(&orders).iter().filter(|flags| flags.contains("undecided_duplicate")).count();
        assert_eq!(flagged, if stay.len() > 1 { stay.len() } else { 0 }, "{rows}: {:?}", flags(&orders));
    }
}

#[test]
fn between_inputs_the_newer_updated_at_wins_else_the_later_input() {
    for (first, second, third, stays) in [
        ("wip||2026-03-02", "wip||2026-03-01", "wip||2026-02-01", (0, "2")),
        ("wip||2026-03-01", "wip||2026-03-02", "wip||2026-02-01", (1, "2")),
        ("wip||2026-03-01", "wip||2026-03-01", "wip||2026-03-01", (2, "2")),
        ("wip||", "wip||", "wip||", (2, "2")),
        ("wip||2026-03-02", "wip||", "wip||2026-02-01", (2, "2")),
    ] {
        let inputs = [first, second, third].map(|row| format!("tn|status|company|updated_at\n6502345678|{row}"));
        let orders = read(&inputs.each_ref().map(String::as_str));
        assert_eq!((column(&orders, "input"), orders.superseded.len()), (vec![stays.0.to_string()], 2), "{inputs:?}");
        assert!(orders.superseded.iter().all(|pair| pair.new == (stays.0, 2)), "{:?}", orders.superseded);
    }
    // A later input that is at odds with itself replaces the earlier one, and both of its rows stay.
    let orders = read(&["tn|status|epd\n6502345678|wip|2026-12-01", "tn|status|epd\n6502345678|wip|2026-12-02\n6502345678|wip|2026-12-03"]);
    assert_eq!((column(&orders, "line"), orders.superseded.len()), (vec!["2".to_owned(), "3".to_owned()], 1));
    assert_eq!(flags(&orders), ["undecided_duplicate", "undecided_duplicate"]);
}

#[test]
fn a_completed_number_that_comes_back_open_is_flagged() {
    for (old, new, flag) in [
        ("Completed", "In Progress", "reopened"),
        ("Completed", "Scheduled", "reopened"),
        ("Completed", "Completed", ""),
        ("Completed", "Canceled", ""),
        ("In Progress", "Completed", ""),
        ("Canceled", "In Progress", ""),
    ] {
        let header = "tn|status|request|updated_at";
        let between = read(&[&format!("{header}\n6502345678|{old}|R1|"), &format!("{header}\n6502345678|{new}|R1|")]);
        let within = read(&[&format!("{header}\n6502345678|{new}|R1|2026-03-02\n6502345678|{old}|R1|2026-03-01")]);
        assert_eq!((flags(&between), flags(&within)), (vec![flag.to_owned()], vec![flag.to_owned()]), "{old} {new}");
    }
    let state = read(&["tn|number_state|request\n6502345678|Completed|R1", "tn|number_state|request\n6502345678|FOC Date Set|R1"]);
    assert_eq!(flags(&state), ["reopened"]);
    let another = read(&["tn|status|request\n6502345678|Completed|R1", "tn|status|request\n6502345678|In Progress|R2"]);
    assert_eq!(flags(&another), ["", ""], "a new request is a new attempt");
}

#[test]
fn the_same_file_given_twice_is_one_input() {
    let folder = crate::tools::folder("same_file");
    let file = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).unwrap();
        Input::File(folder.join(name))
    };
    let (text, other) = ("tn,status\n6502345678,wip\n", "tn,status\n6502345679,wip\n");
    let inputs = [file("a.csv", text), file("b.csv", other), file("a.csv", text), file("copy.csv", text), file("a.csv", text)];
    let orders = read_files(&inputs, &ReadOptions::default(), &Templates::default(), &unwatched).unwrap();
    add_up(&orders);
    let origins: Vec<_> = orders.origins.iter().map(|origin| (origin.file.as_str(), origin.rows)).collect();
    assert_eq!((origins, orders.read, orders.superseded.len()), (vec![("a.csv", 1), ("b.csv", 1)], 2, 0));
    assert_eq!(column(&orders, "input"), ["0", "1"]);
    for note in ["a.csv: given twice (equal SHA-256)", "copy.csv: the same file as a.csv (equal SHA-256)"] {
        assert!(notes_of(&orders, note), "{note}: {:?}", orders.notes);
    }
}

#[test]
fn rows_of_different_systems_are_never_duplicates() {
    let place = crate::tools::folder("systems");
    let written = |name: &str, text: &str| {
        std::fs::write(place.join(name), text).unwrap();
        Input::File(place.join(name))
    };
    let telnyx = written("telnyx.csv", "support_key,phone_number,porting_order_status,updated_at\nR1,+12125550101,submitted,2026-11-01\n");
    let newer = written("newer.csv", "support_key,phone_number,porting_order_status,updated_at\nR1,+12125550101,ported,2026-11-03\n");
    let older = written("older.csv", "support_key,phone_number,porting_order_status,updated_at\nR1,+12125550101,draft,2026-10-01\n");
    let undated = written("undated.csv", "support_key,phone_number,porting_order_status\nR1,+12125550101,ported\n");
    let bandwidth =
        written("bandwidth.csv", "CustomerOrderId,PhoneNumber,ProcessingStatus,LastModifiedDate\nR1,+12125550101,FOC,2026-11-02\n");
    let general = written("general.csv", "request_id,phone_number,status,updated_at\nR1,+12125550101,Completed,2026-11-04\n");
    let twice = written("twice.csv", "support_key,phone_number,porting_order_status\nR1,+12125550101,ported\nR1,+12125550101,submitted\n");
    for (inputs, states, flagged) in [
        (vec![&telnyx, &bandwidth], vec!["in_process", "foc_date_set"], 0),
        (vec![&telnyx, &newer], vec!["completed"], 0),
        (vec![&newer, &telnyx], vec!["completed"], 0),
        (vec![&telnyx, &older, &bandwidth], vec!["in_process", "foc_date_set"], 0),
        // Without a time the later input wins; within one input both stay and are flagged.
        (vec![&telnyx, &undated], vec!["completed"], 0),
        (vec![&undated, &telnyx], vec!["in_process"], 0),
        (vec![&twice], vec!["completed", "in_process"], 2),
        // A file of no known system goes with the one that there is, and with none of two.
        (vec![&telnyx, &general], vec!["-"], 0),
        (vec![&telnyx, &bandwidth, &general], vec!["in_process", "foc_date_set", "-"], 0),
    ] {
        let inputs: Vec<Input> = inputs.into_iter().cloned().collect();
        let orders = read_files(&inputs, &ReadOptions::default(), &Templates::default(), &unwatched).unwrap();
        add_up(&orders);
        assert_eq!(column(&orders, "number_state"), states, "{inputs:?}");
        assert_eq!(flags(&orders).iter().filter(|flags| flags.contains("undecided_duplicate")).count(), flagged, "{inputs:?}");
        assert_eq!(orders.superseded.len(), inputs.len() + usize::from(flagged > 0) - states.len(), "{inputs:?}");
    }
}
