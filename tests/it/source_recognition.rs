//! Which profile a file is read with: own headers, own words, a guess that gives way to the cells, and rivals that are named.

use std::path::PathBuf;

use portstatus::source::open::unwatched;
use portstatus::source::plan::plan;
use portstatus::source::profile::Profile;
use portstatus::source::read::read;
use portstatus::source::{Input, Orders, ReadOptions};
use portstatus::templates::Templates;

use crate::source_normalize::{add_up, column};

fn recognized(headers: &str) -> String {
    let headers: Vec<String> = headers.split(',').map(str::to_owned).collect();
    let profiles = Profile::all(&Templates::default()).unwrap();
    plan(&headers, &profiles, &ReadOptions::default(), "orders.csv").unwrap().profile.name.clone()
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = crate::tools::folder(&format!("recognition_{name}")).join("orders.csv");
    std::fs::write(&path, text).unwrap();
    path
}

fn read_file(name: &str, text: &str, options: &ReadOptions) -> portstatus::error::Result<Orders> {
    let orders = read(&[Input::File(file(name, text))], options, &Templates::default(), &unwatched)?;
    add_up(&orders);
    Ok(orders)
}

fn profile_of(name: &str, text: &str) -> (String, Orders) {
    let orders = read_file(name, text, &ReadOptions::default()).unwrap();
    (orders.origins[0].profile.clone(), orders)
}

#[test]
fn headers_that_many_exports_share_prove_nothing() {
    for headers in [
        "Number,Status,FOC date,Reference",
        "Phone number,Status,FOC date",
        "Phone number,Status",
        "number_status,tn",
        "Number,Status,Country",
    ] {
        assert_eq!(recognized(headers), "generic", "{headers}");
    }
}

#[test]
fn a_column_of_the_users_own_turns_no_system_into_generic() {
    let didww = "Reference,Number,Number status,FOC date,Updated At (UTC)";
    let intermedia = "Phone number,FP Case Number,Request ID,Confirmed Porting Date,Status,Detailed Status";
    let own = ["Company", "Priority", "Order ID", "tn_status", "Acct", "Line Type", "notes", "Sub Account", "LOA", "Ticket"];
    assert_eq!(recognized("Phone number,Status,Original submission date\nto  Carrier"), "intermedia", "a header that wraps");
    for (headers, profile) in [(didww, "didww"), (intermedia, "intermedia")] {
        for column in own {
            assert_eq!(recognized(&format!("{headers},{column}")), profile, "{column}");
        }
        assert_eq!(recognized(&format!("{headers},{}", own[..3].join(","))), profile);
    }
    let (profile, orders) = profile_of(
        "own_column",
        "Reference,Number,Number status,FOC date,Company,Priority,Order ID\nR9,353 (1) 012-3456,FOC Date Set,04/03/2026,Acme,Rush,O1\n",
    );
    assert_eq!((profile.as_str(), column(&orders, "phone_number")[0].as_str()), ("didww", "+35310123456"));
    for (key, value) in [("confirmed_date", "2026-03-04"), ("account_company", "Acme"), ("priority", "expedite"), ("order_id", "O1")] {
        assert_eq!(column(&orders, key), [value], "{key}");
    }
}

#[test]
fn words_that_are_one_systems_own_tell_it() {
    let text =
        |status: &str| format!("Phone number,Status,FOC date\n+16502345678,{status},12/05/2026\n+16502345679,Completed,01/05/2026\n");
    for (status, profile, date) in [
        ("FOC Date Set", "didww", "2026-05-12"),
        ("Firm order confirmation", "intermedia", "2026-12-05"),
        ("Waiting for you", "intermedia", "2026-12-05"),
        ("Scheduled", "generic", "2026-12-05"),
    ] {
        let (found, orders) = profile_of("words", &text(status));
        assert_eq!((found.as_str(), column(&orders, "confirmed_date")[0].as_str()), (profile, date), "{status}");
        assert_eq!((orders.read, orders.frame.height()), (2, 2));
    }
    // A team's own table uses the state model's words under headers of its own.
    let (found, orders) = profile_of("team", "phone_number,number_state,foc_date\n6502345678,FOC Date Set,12/05/2026\n");
    assert_eq!((found.as_str(), column(&orders, "confirmed_date")[0].as_str()), ("generic", "2026-12-05"));
}

#[test]
fn a_guess_does_not_set_the_country_of_numbers_against_the_cells() {
    let (profile, orders) = profile_of(
        "numbers",
        "Number,Status,FOC date\n35310123456,Completed,2026-01-05\n442079460958,Completed,2026-01-05\n6502345678,Completed,2026-01-05\n",
    );
    assert_eq!(profile, "generic");
    assert_eq!(column(&orders, "phone_number"), ["+35310123456", "+442079460958", "+16502345678"]);
    assert!(orders.notes.iter().any(|note| note.contains("numbers without a plus read with a calling code first")), "{:?}", orders.notes);
    // One among many under +1 is more likely a slip than a number of another country.
    let (_, orders) = profile_of("slip", "Number,Status\n35310123456,Completed\n6502345677,Completed\n6502345678,Completed\n");
    assert_eq!((column(&orders, "phone_number").len(), orders.rejected_rows()), (2, 1));
    let (_, orders) = profile_of(
        "country",
        "Number,Status,Country\n35310123456,Completed,Ireland\n6502345677,Completed,US\n6502345678,Completed,Saipan\n4622345678,Completed,Sweden\n",
    );
    assert_eq!(column(&orders, "phone_number"), ["+35310123456", "+16502345677", "+16502345678", "+4622345678"]);
}

#[test]
fn two_profiles_that_read_a_file_differently_are_named_and_an_error_if_strict() {
    let strict = ReadOptions { strict: true, ..ReadOptions::default() };
    let text = "Phone number,Status,FOC date\n+16502345678,Completed,12/05/2026\n";
    let (profile, orders) = profile_of("rivals", text);
    assert_eq!((profile.as_str(), column(&orders, "confirmed_date")[0].as_str()), ("generic", "2026-12-05"));
    let note = "profiles generic and didww both fit it and read it differently: didww reads day first in 1 date";
    assert!(orders.notes.iter().any(|found| found.contains(note)), "{:?}", orders.notes);
    let error = read_file("rivals", text, &strict).unwrap_err();
    assert!(error.code() == 65 && error.to_string().contains(note) && error.to_string().contains("(source)"), "{error}");
    for (name, text) in [
        ("settled", "Phone number,Status,FOC date\n+16502345678,Completed,12/05/2026\n+16502345679,Completed,12/25/2026\n"),
        ("iso", "Phone number,Status,FOC date\n+16502345678,Completed,2026-12-05\n"),
        ("snake", "phone_number,status,foc_date\n+16502345678,Completed,12/05/2026\n"),
        ("own", "Phone number,Status,FOC date\n+16502345678,Waiting for You,12/05/2026\n"),
        ("more", "Phone number,Status,FOC date,Account username\n+16502345678,Completed,12/05/2026,ann\n"),
    ] {
        let orders = read_file(name, text, &strict).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!orders.notes.iter().any(|note| note.contains("differently")), "{name}: {:?}", orders.notes);
    }
    let specified = ReadOptions { profile: Some("didww".to_owned()), ..strict };
    assert_eq!(column(&read_file("rivals", text, &specified).unwrap(), "confirmed_date"), ["2026-05-12"]);
    // A file with headers of two systems.
    let both = "Number,Number status,FP Case Number,FOC date\n+16502345678,Completed,F1,12/05/2026\n";
    let error = read_file("both", both, &ReadOptions { strict: true, ..ReadOptions::default() }).unwrap_err().to_string();
    assert!(error.contains("intermedia") && error.contains("didww"), "{error}");
}

/// Templates in which the profile `rival` knows the same headers as `generic`, with these lines of its own.
fn with_rival(name: &str, lines: &str) -> Templates {
    let folder = crate::tools::folder(&format!("rival_{name}"));
    std::fs::create_dir(folder.join("sources")).unwrap();
    let text = format!("title = \"Rival\"\nextends = \"generic\"\nown_headers = [\"Rival ID\"]\n{lines}");
    std::fs::write(folder.join("sources/rival.toml"), text).unwrap();
    Templates::new(Some(&folder)).unwrap()
}

#[test]
fn profiles_that_give_a_word_or_a_header_another_meaning_are_named() {
    let headers = "[headers]\nphone_number = [\"Phone number\"]\ngiven_status = [\"Status\"]\naccount_company = [\"Company\"]\n";
    let text = "Phone number,Status,Company\n+16502345678,Done deal,Acme\n+16502345679,Completed,Acme\n+16502345670,Completed,Acme\n";
    for (name, lines, differences) in [
        ("same", headers.to_owned(), None),
        ("word", format!("{headers}[status]\ncanceled = [\"Completed\"]\n"), Some("another status in 2 rows")),
        ("more", format!("{headers}[status]\ncompleted = [\"Done deal\"]\n"), Some("another status in 1 row")),
        ("header", headers.replace("account_company", "partner"), Some("column 'Company' as partner")),
    ] {
        let templates = with_rival(name, &lines);
        let input = [Input::File(file(&format!("rival_{name}"), text))];
        let orders = read(&input, &ReadOptions::default(), &templates, &unwatched).unwrap();
        let note = orders.notes.iter().find(|note| note.contains("differently")).map(ToString::to_string);
        let expected = differences.map(|differences| {
            format!("orders.csv: profiles generic and rival both fit it and read it differently: rival reads {differences}; it was read as generic, the other way is (source rival)")
        });
        assert_eq!(note, expected, "{name}");
        let strict = read(&input, &ReadOptions { strict: true, ..ReadOptions::default() }, &templates, &unwatched);
        assert_eq!(strict.err().map(|error| error.code()), differences.map(|_| 65), "{name}");
    }
}

#[test]
fn closed_by_itself_is_flagged_and_never_canceled() {
    for status in ["Closed", "closed", "CLOSED ", "Closed."] {
        let orders = read_file("closed", &format!("Phone number,Status\n+16502345678,{status}\n"), &ReadOptions::default()).unwrap();
        let meaning = ["given_status", "given_detail", "number_state"].map(|key| column(&orders, key).concat());
        assert_eq!(meaning, ["-"; 3], "{status}");
        assert_eq!(orders.unknown_words.values().sum::<u64>(), 1, "{status}");
        assert_eq!(crate::source_normalize::lints(&orders, 0), "unknown_word", "{status}");
    }
    // With its reason it says which.
    let orders = read_file("incomplete", "Phone number,Status\n+16502345678,Closed - Incomplete\n", &ReadOptions::default()).unwrap();
    assert_eq!(column(&orders, "given_detail"), ["closed_as_incomplete"]);
}
