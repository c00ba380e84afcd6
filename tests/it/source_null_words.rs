//! Words for nothing: which cells they empty, in which columns, and how they are counted.

use portstatus::domain::record::Field;
use portstatus::source::profile::Profile;
use portstatus::templates::Templates;

use crate::source_normalize::{add_up, cell, column, read, rejects};

#[test]
fn words_for_nothing_are_empty_cells_in_every_column_and_counted() {
    for word in ["NULL", "null", "None", "N/A", "n/a", "-", "--", "(blank)", "TBD", " NULL ", "\\N", "—", "to be determined"] {
        let orders = read(&format!(
            "acct|tn|request_id|status|detail|foc_date|foc_time|updated_at|coordinator|config|reject_reason|priority|loa\nA1|6502345678|{word}|wip|{word}|{word}|{word}|{word}|{word}|{word}|{word}|{word}|{word}"
        ));
        add_up(&orders);
        for key in [
            "request_id",
            "given_detail",
            "confirmed_date",
            "confirmed_time",
            "updated_at",
            "coordinator",
            "configuration_profile",
            "reject_reason",
            "priority",
            "loa_received",
        ] {
            assert_eq!(cell(&orders, key, 0), "-", "{word}: {key}");
        }
        assert_eq!((rejects(&orders), cell(&orders, "source_words", 0), orders.unknown_words.len()), (String::new(), "wip".to_owned(), 0));
        let note = orders.notes.iter().find(|note| note.contains("word for nothing")).unwrap();
        assert!(note.contains("read as empty: 10, by column 'request_id' 1, 'detail' 1"), "{word}: {note}");
    }
}

#[test]
fn words_for_nothing_join_no_rows_and_number_no_account() {
    let orders = read("acct|tn|request_id|case|status\nA1|6502345678|NULL|N/A|wip\nA2|6502345678|NULL|N/A|wip\nNULL|6502345679|-|-|wip");
    add_up(&orders);
    assert_eq!((column(&orders, "request_id"), column(&orders, "account_id")[2].as_str()), (vec!["-".to_owned(); 3], "-"));
    assert_eq!(orders.superseded.len(), 0);
}

#[test]
fn some_words_are_nothing_in_their_columns_only() {
    let orders = read(
        "tn|status|config|coordinator|company|foc_date|loa|review_outcome|reject_reason
6502345678|Unassigned|Unassigned|Not assigned|Nonesuch Ltd|Pending|no|No|No
6502345679|Pending|none|(unassigned)|N.A. Foods|Awaiting FOC|missing|NA|Number is not active",
    );
    add_up(&orders);
    assert_eq!(column(&orders, "configuration_profile"), ["-", "-"]);
    assert_eq!(column(&orders, "coordinator"), ["-", "-"]);
    assert_eq!(column(&orders, "account_company"), ["Nonesuch Ltd", "N.A. Foods"]);
    assert_eq!(column(&orders, "confirmed_date"), ["-", "-"]);
    assert_eq!(
        (column(&orders, "loa_received"), column(&orders, "review_outcome")[0].as_str()),
        (vec!["false".to_owned(); 2], "not_portable")
    );
    assert_eq!(column(&orders, "reject_reason"), ["-", "Number is not active"]);
    assert_eq!(rejects(&orders), "2 cell status=Unassigned a word that the profile does not know\n");
}

#[test]
fn each_profile_has_words_of_its_own_and_those_of_the_one_it_extends() {
    // A record was read already.
    for profile in Profile::all(&Templates::default()).unwrap().iter().filter(|profile| profile.name != "record") {
        assert!(profile.null_words(None).contains("null") && !profile.null_words(None).contains("Unassigned"), "{}", profile.name);
        assert!(profile.null_words(Some(Field::ConfigurationProfile)).contains("UNASSIGNED"), "{}", profile.name);
        assert!(profile.null_words(Some(Field::ConfigurationProfile)).contains("n/a"), "{}", profile.name);
    }
    let text = "title = 'x'\n[null_words]\nany = ['void', '無し']\nlocation = ['nowhere', 'Österreich']";
    let profile = Profile::parse(text, "mine", "sources/mine.toml").unwrap();
    let location = profile.null_words(Some(Field::Location));
    assert!(location.contains("Nowhere") && location.contains("VOID") && location.contains("ÖSTERREICH") && location.contains("無し"));
    assert!(!location.contains("nowhere else") && !location.contains("") && !profile.null_words(Some(Field::Partner)).contains("nowhere"));
    let error = Profile::parse("title = 'x'\n[null_words]\nlocaton = ['nowhere']", "mine", "sources/mine.toml").unwrap_err().to_string();
    assert!(error.contains("[null_words]") && error.contains("'locaton' is not an input column") && error.contains("location"), "{error}");
}
