//! The profiles of carriers and platforms, each over a sample of its export: every word is known, and means what it means there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use portstatus::domain::reason::Reasons;
use portstatus::domain::record::Field;
use portstatus::domain::status::fold;
use portstatus::source::open::unwatched;
use portstatus::source::profile::{Profile, Vocabulary};
use portstatus::source::read::read;
use portstatus::source::{Input, Orders, ReadOptions};
use portstatus::templates::Templates;
use serde_json::{Value, json};

use crate::program::{err, out, run, said};
use crate::source_normalize::{add_up, column};
use crate::source_profile::profiles;
use crate::tools::folder;

/// The samples, in order.
fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/sources");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The profile that a sample is named after.
fn named_after(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().split('-').next().unwrap().to_owned()
}

fn orders_of(name: &str, text: &str, profile: Option<&str>) -> portstatus::error::Result<Orders> {
    let path = folder(&format!("samples_{name}")).join("orders.csv");
    fs::write(&path, text).unwrap();
    let options = ReadOptions { profile: profile.map(str::to_owned), ..ReadOptions::default() };
    let orders = read(&[Input::File(path)], &options, &Templates::default(), &unwatched)?;
    add_up(&orders);
    Ok(orders)
}

#[test]
fn check_picks_the_profile_of_every_sample_and_knows_all_its_words() {
    let samples = samples();
    assert!(samples.len() >= 12 && samples.iter().all(|path| path.is_file()), "{samples:?}");
    for path in samples {
        let name = path.to_str().unwrap();
        let done = run(&std::env::temp_dir(), &["check", name, "--json"]);
        assert_eq!(done.status.code(), Some(0), "{name}: {}", said(&done));
        let found: Value = serde_json::from_str(&out(&done)).unwrap();
        let profiles: Vec<&str> = found["inputs"].as_array().unwrap().iter().filter_map(|input| input["profile"].as_str()).collect();
        assert_eq!(profiles, [named_after(&path)], "{name}");
        let none = Value::Array(Vec::new());
        assert_eq!((&found["unknown_words"], found["more_unknown_words"].as_u64(), &found["rejects"]), (&none, Some(0), &none), "{name}");
        // Every row's status is known.
        let unknown: u64 = found["by_status"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["status"] == "(unknown)")
            .map(|row| row["rows"].as_u64().unwrap())
            .sum();
        assert_eq!(unknown, 0, "{name}: {found}");
        let auto = run(&std::env::temp_dir(), &["check", name, "--source", "auto", "--quiet"]);
        assert_eq!(auto.status.code(), Some(0), "{name}: {}", said(&auto));
    }
}

#[test]
fn every_word_of_a_profile_stands_in_its_samples() {
    let mut cells: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in samples().iter().filter(|path| path.extension().is_some_and(|end| end == "csv")) {
        let text = fs::read_to_string(path).unwrap();
        let words = text.split(['\n', ',']).flat_map(|cell| [cell.to_owned(), cell.split(';').next().unwrap().to_owned()]);
        cells.entry(named_after(path)).or_default().extend(words.map(|word| fold(&word)));
    }
    // A record has our own codes, and nobody's words.
    for profile in profiles().into_iter().filter(|profile| profile.name != "record") {
        let known = cells.get(&profile.name).unwrap_or_else(|| panic!("{} has no sample", profile.name));
        assert!(profile.mappings.len() > 4, "{}", profile.name);
        for mapping in &profile.mappings {
            for word in std::iter::once(&mapping.word).chain(&mapping.reasons) {
                assert!(known.contains(&fold(word)), "{}: '{word}' of {} is in no sample", profile.name, mapping.field.key());
            }
        }
    }
}

#[test]
fn reject_codes_mean_reasons_that_exist() {
    let templates = Templates::default();
    let reasons = Reasons::parse(&templates.text("rules/reasons.toml").unwrap(), "rules/reasons.toml").unwrap();
    for profile in profiles() {
        for mapping in profile.mappings.iter().filter(|mapping| mapping.field == Field::ReasonCode) {
            let code = mapping.code.as_ref().unwrap();
            assert!(reasons.combined(code).is_some(), "{}: {code}", profile.name);
        }
    }
}

#[test]
fn a_word_means_what_it_means_in_its_system_and_at_its_level() {
    use Vocabulary::{State, Status};
    let all = profiles();
    for (profile, level, word, state, status, detail) in [
        // One word, many systems.
        ("kazoo", Status, "pending", "in_process", "", ""),
        ("flowroute", State, "Pending", "pending", "", "additional_info_required"),
        ("twilio", State, "port_pending", "foc_date_set", "", ""),
        ("sinch", State, "PENDING", "in_process", "", ""),
        ("numberbarn", Status, "Pending", "in_process", "", ""),
        ("telnyx", State, "Pending", "", "", ""),
        ("kazoo", Status, "submitted", "portable", "", ""),
        ("telnyx", Status, "submitted", "in_process", "", ""),
        ("telnyx", Status, "in-process", "portable", "", ""),
        ("somos", State, "Processing", "in_process", "", "accepted"),
        ("numberbarn", Status, "Processing", "portable", "", ""),
        ("teams", Status, "Processing", "pending", "", ""),
        ("flowroute", State, "Accepted", "foc_date_set", "", ""),
        ("bandwidth", Status, "REQUESTED_SUPP", "in_process", "", "additional_information_provided"),
        ("bandwidth", Status, "PARTIAL", "", "completed", ""),
        ("twilio", Status, "Expired", "canceled", "", "closed_as_incomplete"),
        ("didww", State, "In Process", "in_process", "", ""),
        ("didww", Status, "In process", "", "in_progress", ""),
        ("didww", Status, "In progress", "", "in_progress", ""),
        ("didww", State, "Pending", "pending", "", ""),
        ("didww", Status, "Changes required", "action_required", "", "additional_info_required"),
        ("gigs", Status, "informationRequired", "action_required", "", "additional_info_required"),
    ] {
        let profile = all.iter().find(|known| known.name == profile).unwrap();
        let meaning = profile.meaning(level, word).unwrap_or_else(|| panic!("{}: {word}", profile.name));
        let codes = (
            meaning.state.map_or("", |state| state.code()),
            meaning.status.map_or("", |status| status.code()),
            meaning.detail.map_or("", |detail| detail.code()),
        );
        assert_eq!(codes, (state, status, detail), "{}: {word}", profile.name);
    }
    // What a system or a level does not say is not known there, though others say it.
    for (profile, level, word) in [
        ("telnyx", Status, "Pending"),
        ("telnyx", Status, "scheduled"),
        ("telnyx", Status, "done"),
        ("kazoo", Status, "In Progress"),
        ("twilio", Status, "port_pending"),
        ("twilio", State, "Action Required"),
        ("sinch", State, "ORDER_BUILDING"),
        ("bandwidth", Status, "Scheduled"),
        ("gigs", Status, "confirmed"),
        ("didww", State, "Changes required"),
        ("didww", Status, "FOC Date Set"),
        ("didww", Status, "Action Required"),
        ("didww", Status, "Scheduled"),
    ] {
        let profile = all.iter().find(|known| known.name == profile).unwrap();
        assert_eq!(profile.meaning(level, word), None, "{}: {word}", profile.name);
    }
    let text = "phone_number,porting_order_status\n+12125550100,scheduled\n+12125550101,submitted\n";
    let orders = orders_of("foreign_word", text, None).unwrap();
    assert_eq!(orders.origins[0].profile, "telnyx");
    assert_eq!((column(&orders, "number_state")[0].as_str(), orders.unknown_words.values().sum::<u64>()), ("-", 1));
}

#[test]
fn a_number_s_own_status_says_more_than_its_request_s() {
    let text = "port_in_request_status,port_in_phone_number_status,phone_number\nAction Required,completed,+12125550100\nCompleted,canceled,+12125550101\nAction Required,,+12125550102\n";
    let orders = orders_of("levels", text, None).unwrap();
    assert_eq!(column(&orders, "number_state"), ["completed", "canceled", "action_required"]);
    assert_eq!(
        (column(&orders, "given_status"), column(&orders, "given_detail")),
        (vec!["-".to_owned(); 3], vec!["-".to_owned(), "-".to_owned(), "rejected".to_owned()])
    );
    assert_eq!(column(&orders, "source_words")[0], "Action Required | completed");
    // What the NPAC says of a number stands beside its order's status, never instead of it.
    let text =
        "phone_number,porting_order_status,activation_status\n+12125550100,foc-date-confirmed,Active\n+12125550101,exception,Cancelled\n";
    assert_eq!(column(&orders_of("npac", text, None).unwrap(), "number_state"), ["foc_date_set", "action_required"]);
}

#[test]
fn a_request_that_waits_for_changes_has_its_open_numbers_wait() {
    let numbers = ["Pending", "Portable", "In Process", "FOC Date Set", "Action Required", "Completed", "Canceled", "Not Portable", ""];
    let rows = |request: &str| -> String {
        let row = |(index, number): (usize, &&str)| format!("R-1,1312555210{index},{request},{number}\n");
        "Reference,Number,Request status,Number status\n".to_owned() + &numbers.iter().enumerate().map(row).collect::<String>()
    };
    let orders = orders_of("changes", &rows("Changes required"), None).unwrap();
    let required = "action_required";
    assert_eq!(
        column(&orders, "number_state"),
        [required, required, required, required, required, "completed", "canceled", "not_portable", required]
    );
    let (info, none) = ("additional_info_required", "-");
    assert_eq!(column(&orders, "given_detail"), [info, info, info, info, none, none, none, none, info]);
    assert_eq!(column(&orders, "source_words")[2], "Changes required | In Process");
    // Any other word of a request says less than that of its number.
    let orders = orders_of("in_process", &rows("In process"), None).unwrap();
    let states = ["pending", "portable", "in_process", "foc_date_set", required, "completed", "canceled", "not_portable", none];
    assert_eq!(column(&orders, "number_state"), states);
    assert_eq!(column(&orders, "given_status"), [none, none, none, none, none, none, none, none, "in_progress"]);
    assert_eq!(orders.unknown_words.len(), 0);
}

#[test]
fn words_tell_whether_a_status_is_of_numbers_or_of_requests() {
    let text =
        |word: &str| format!("Reference,Number,Status,Porting Time\nR-1,13125552101,{word},08/12/2026\nR-2,13125552102,Completed,\n");
    for (word, state, status) in [
        ("Changes required", "action_required", "-"),
        ("FOC Date Set", "foc_date_set", "-"),
        ("In process", "in_process", "-"),
        ("Cancellation Rejected", "cancellation_rejected", "-"),
    ] {
        let orders = orders_of("level", &text(word), None).unwrap();
        assert_eq!(orders.origins[0].profile, "didww", "{word}");
        assert_eq!((column(&orders, "number_state")[0].as_str(), column(&orders, "given_status")[0].as_str()), (state, status), "{word}");
        assert_eq!(orders.unknown_words.len(), 0, "{word}");
    }
}

/// Status, detail and whose move it is, of each row of a report over `text`.
fn reported(name: &str, text: &str) -> Vec<String> {
    let place = folder(&format!("samples_{name}"));
    fs::write(place.join("orders.csv"), text).unwrap();
    let done = run(
        &place,
        &["report", "orders.csv", "--columns", "status,detailed_status,action_owner,reason", "--sort", "phone_number", "--out", "o.csv"],
    );
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    fs::read_to_string(place.join("o.csv")).unwrap().lines().skip(1).map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn a_delay_of_the_carrier_is_never_the_partner_s_move() {
    let head = "support_key,phone_number,status,status.details.code\n";
    let row = |row: usize, code: &str| format!("sr_{row},+1212555010{row},exception,{code}\n");
    let codes = ["OSP_IRRESPONSIVE", "LSR_PENDING", "SV_CONFLICT", "PORTING_ORDER_SPLIT_REQUIRED", "PASSCODE_PIN_INVALID"];
    let codes = codes.into_iter().chain(["OSP_IRRESPONSIVE; SV_CONFLICT", "OSP_IRRESPONSIVE; PASSCODE_PIN_INVALID", ""]);
    let text: String = codes.enumerate().map(|(index, code)| row(index, code)).collect();
    let rows = reported("telnyx", &format!("{head}{text}"));
    assert_eq!(
        rows,
        [
            "In Progress,Pending carrier response,Losing carrier,Carrier delay",
            "In Progress,Pending carrier response,Losing carrier,Pending order",
            "In Progress,Pending carrier response,Losing carrier,NPAC conflict",
            "In Progress,Reviewed,Porting team,Split required",
            "Waiting for You,Rejected,Partner,PIN or passcode",
            "In Progress,Pending carrier response,Losing carrier,Carrier delay; NPAC conflict",
            "Waiting for You,Rejected,Partner,Carrier delay; PIN or passcode",
            "Waiting for You,Rejected,Partner,",
        ]
    );
    let head = "OrderId,PhoneNumber,ProcessingStatus,JCode\n";
    let row = |(index, code): (usize, &&str)| format!("O-{index},+1212555010{index},EXCEPTION,{code}\n");
    let text: String = ["7418", "1C", "7484", "7401", "E42PWB", "7434"].iter().enumerate().map(row).collect();
    let rows = reported("bandwidth", &format!("{head}{text}"));
    let whose: Vec<&str> = rows.iter().map(|row| row.split(',').nth(2).unwrap()).collect();
    assert_eq!(whose, ["Losing carrier", "Losing carrier", "Losing carrier", "Partner", "Partner", "Partner"], "{rows:?}");
}

#[test]
fn seconds_since_the_year_0_are_dates() {
    let text = "numbers,port_state,scheduled_date,created,updated,uploads\n+12125550100,unconfirmed,,63630097779,63630097779.0,\n+12125550101,scheduled,63665539200,63630130298,63630130490,\n+12125550102,pending,2017-06-24,6363009777912345,nonsense,\n";
    let orders = orders_of("kazoo", text, None).unwrap();
    assert_eq!(orders.origins[0].profile, "kazoo");
    assert_eq!(column(&orders, "created_date")[..2], ["2016-05-10", "2016-05-10"]);
    assert_eq!(column(&orders, "confirmed_date"), ["-", "2017-06-24", "2017-06-24"]);
    assert!(column(&orders, "updated_at")[0].starts_with("2016-05-10"), "{:?}", column(&orders, "updated_at"));
    assert_eq!(orders.rejects.len(), 2, "{:?}", orders.rejects);
    // Elsewhere such a number is no date.
    let orders = orders_of("no_epoch", "phone_number,status,created\n+12125550100,Completed,63630097779\n", None).unwrap();
    assert_eq!((column(&orders, "created_date")[0].as_str(), orders.rejects.len()), ("-", 1));
    let error = Profile::parse("title = 'x'\nepoch = 'noon'", "mine", "mine.toml").unwrap_err().to_string();
    assert!(error.contains("mine.toml, line 2, column 9") && error.contains("'noon' is not a day"), "{error}");
}

#[test]
fn auto_says_which_profile_it_chose_and_does_not_guess_between_equals() {
    let place = folder("samples_auto");
    fs::write(place.join("telnyx.csv"), "phone_number,porting_order_status\n+12125550100,submitted\n").unwrap();
    let done = run(&place, &["check", "telnyx.csv", "--source", "auto"]);
    let text = out(&done);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(text.contains("read as telnyx (Telnyx porting orders and numbers), known by its header 'porting_order_status'"), "{text}");
    // One header of each of two systems, and dates that they read alike.
    fs::write(place.join("equal.csv"), "phone_number,status,support_key,TxnID\n+12125550100,Pending,1,2\n").unwrap();
    let done = run(&place, &["check", "equal.csv", "--source", "AUTO"]);
    assert_eq!(done.status.code(), Some(65), "{}", said(&done));
    assert!(
        err(&done).contains("profiles telnyx and somos fit it equally") || err(&done).contains("profiles somos and telnyx fit it equally"),
        "{}",
        err(&done)
    );
    assert!(err(&done).contains("--source"), "{}", err(&done));
    // As well, but read differently.
    fs::write(place.join("dates.csv"), "Phone number,Status,FOC date\n+12125550100,Completed,12/05/2026\n").unwrap();
    let done = run(&place, &["check", "dates.csv", "--source", "auto"]);
    assert!(done.status.code() == Some(65) && err(&done).contains("generic and didww both fit it"), "{}", said(&done));
    assert_eq!(run(&place, &["check", "dates.csv"]).status.code(), Some(0));
}

#[test]
fn a_profile_is_shown_as_a_table_and_a_file_checked_to_the_column() {
    let place = folder("samples_show");
    let listed = out(&run(&place, &["sources"]));
    for name in [
        "bandwidth",
        "didww",
        "flowroute",
        "generic",
        "gigs",
        "intermedia",
        "kazoo",
        "numberbarn",
        "ringlogix",
        "sinch",
        "somos",
        "teams",
        "telnyx",
        "twilio",
    ] {
        assert!(listed.lines().any(|line| line.starts_with(&format!("{name} "))), "{name}: {listed}");
        let shown = run(&place, &["sources", "show", name]);
        assert_eq!(shown.status.code(), Some(0), "{}", said(&shown));
    }
    let shown = out(&run(&place, &["sources", "show", "telnyx"]));
    for words in [
        &["header", "support_key", "request_id"][..],
        &["request status", "foc-date-confirmed", "FOC Date Set"],
        &["request status", "exception", "OSP_IRRESPONSIVE", "In Process / Pending carrier response"],
        &["number status", "Active", "nothing by itself"],
        &["reject code", "PASSCODE_PIN_INVALID", "PIN or passcode", "Partner", "Send the transfer PIN"],
        &["reject code", "OSP_IRRESPONSIVE", "Carrier delay", "Losing carrier", "Wait:"],
    ] {
        assert!(shown.lines().any(|line| words.iter().all(|word| line.contains(word))), "{words:?}: {shown}");
    }
    let rows: Vec<Value> = serde_json::from_str(&out(&run(&place, &["sources", "show", "Telnyx", "--json"]))).unwrap();
    assert!(rows.iter().any(|row| row["theirs"] == "LSR_PENDING" && row["ours"] == "Pending order"), "{rows:?}");
    let none = run(&place, &["sources", "show", "telnix"]);
    assert_eq!((none.status.code(), err(&none).contains("did you mean telnyx?")), (Some(64), true), "{}", said(&none));
    assert_eq!(run(&place, &["sources", "show"]).status.code(), Some(64));

    let good = "title = \"Acme\"\nextends = \"generic\"\n[headers]\nphone_number = [\"Line\"]\n[reason]\npin_passcode = [\"P1\"]\n";
    fs::write(place.join("my.toml"), good).unwrap();
    let done = run(&place, &["sources", "check", "my.toml"]);
    assert_eq!(
        (done.status.code(), out(&done)),
        (Some(0), "my.toml: a profile without a fault (Acme): 1 header and 1 word\n".to_owned()),
        "{}",
        said(&done)
    );
    for (text, fault) in [
        (good.replace("phone_number", "phone"), "my.toml, line 4, column 1, [headers]: 'phone' is not an input column"),
        (
            good.replace("\"Line\"", "\"Line\", \"--\""),
            "my.toml, line 4, column 25, [headers]: '--' of phone_number has no letter or digit",
        ),
        (good.replace("generic", "generick"), "my.toml, line 2, column 11: extends: there is no profile 'generick'"),
        (good.replace("pin_passcode", "pin_pascode"), "my.toml, line 6, column 1, [reason]: there is no reject reason 'pin_pascode'"),
        (good.replace("extends =", "extend ="), "my.toml, line 2, column 1: unknown field `extend`"),
        (good.replace("= [\"P1\"]", "= [\"P1\""), "my.toml, line 6, column 21: unclosed array"),
        (format!("{good}[status]\nscheduled = [\"x\"]\ncompleted = [\"X\"]\n"), "[status]: 'x' is given two meanings"),
    ] {
        fs::write(place.join("my.toml"), text).unwrap();
        let done = run(&place, &["sources", "check", "my.toml"]);
        assert!(done.status.code() == Some(78) && err(&done).contains(fault), "{fault}: {}", said(&done));
    }
    assert_eq!(run(&place, &["sources", "check", "none.toml"]).status.code(), Some(78));
}

/// An event of Telnyx as its API lists it: the kind, when it was recorded, and the status of the order, if it tells one.
fn telnyx_event(kind: &str, at: &str, status: Option<(&str, &str)>) -> Value {
    let mut payload = json!({ "id": "po-1", "customer_reference": "ours", "support_key": "sr_1", "updated_at": at });
    if let Some((status, code)) = status {
        let details = if code.is_empty() { json!([]) } else { json!([{ "code": code, "description": "as the carrier says" }]) };
        payload["status"] = json!({ "value": status, "details": details });
    }
    json!({
        "id": format!("event at {at}"), "record_type": "porting_event", "event_type": format!("porting_order.{kind}"),
        "available_notification_methods": ["email"], "payload_status": "created", "porting_order_id": "po-1",
        "payload": payload, "created_at": at, "updated_at": "2026-11-20T00:00:00Z",
    })
}

/// The rows of a report over orders of Telnyx and `events` of theirs.
fn telnyx_history(name: &str, events: &[Value]) -> Vec<String> {
    let place = folder(&format!("samples_{name}"));
    let order = json!({ "data": [{
        "id": "po-1", "support_key": "sr_1", "status": { "value": "draft", "details": [] }, "updated_at": "2026-11-01T09:00:00Z",
        "phone_numbers": [{ "phone_number": "+12125550100" }, { "phone_number": "+12125550101" }],
    }]});
    fs::write(place.join("orders.json"), order.to_string()).unwrap();
    fs::write(place.join("events.json"), json!({ "data": events, "meta": { "total_pages": 1 } }).to_string()).unwrap();
    let columns = "phone_number,number_state,status,detailed_status,state_since,times_rejected,action_owner,illegal_moves";
    let done = run(
        &place,
        &["report", "orders.json", "events.json", "--as-of", "2026-11-21", "--columns", columns, "--out", "o.csv", "--format", "csv"],
    );
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(!out(&done).contains("Unknown word") && out(&done).contains("Read events.json, records: "), "{}", said(&done));
    fs::read_to_string(place.join("o.csv")).unwrap().lines().skip(1).map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn events_of_telnyx_tell_the_states_of_the_numbers_of_their_orders() {
    let changed = |at: &str, status: &str, code: &str| telnyx_event("status_changed", at, Some((status, code)));
    let mut events = vec![
        changed("2026-11-02T09:00:00Z", "in-process", ""),
        changed("2026-11-03T09:00:00Z", "submitted", ""),
        telnyx_event("new_comment", "2026-11-03T10:00:00Z", None),
        changed("2026-11-04T09:00:00Z", "exception", "PASSCODE_PIN_INVALID"),
        changed("2026-11-05T09:00:00Z", "submitted", ""),
        changed("2026-11-06T09:00:00Z", "foc-date-confirmed", ""),
    ];
    let rows = |state: &str| [0, 1].map(|last| format!("+1212555010{last},{state}"));
    let scheduled = "FOC Date Set,Scheduled,Firm order confirmation,2026-11-06T09:00:00Z,1,Nobody,";
    let told = telnyx_history("telnyx_events", &events);
    assert_eq!(
        told.iter().map(|row| row.replace("Partner", "Nobody").replace("Porting team", "Nobody")).collect::<Vec<_>>(),
        rows(scheduled)
    );
    // In whatever order they come; what the carrier itself has to resolve is no move of the partner.
    events.push(changed("2026-11-07T09:00:00Z", "exception", "OSP_IRRESPONSIVE"));
    events.reverse();
    let waits = "In Process,In Progress,Pending carrier response,2026-11-07T09:00:00Z,1,Losing carrier,";
    assert_eq!(telnyx_history("telnyx_delay", &events), rows(waits));
    events.insert(0, changed("2026-11-08T09:00:00Z", "cancelled", ""));
    events.insert(0, changed("2026-11-09T09:00:00Z", "ported", ""));
    let told = telnyx_history("telnyx_illegal", &events);
    assert!(
        told[0].contains("Completed,Completed") && told[0].contains("cannot go from Canceled to Completed by Reported Completed"),
        "{told:?}"
    );
}

#[test]
fn a_history_of_bandwidth_tells_the_states_of_an_order_that_its_folder_names() {
    let place = folder("samples_history");
    fs::create_dir_all(place.join("all/OrderId=O-1")).unwrap();
    let history = "OrderDate,Note,Author,Status,Difference\n2026-11-02T09:00:00Z,,ann,SUBMITTED,\n2026-11-03T09:00:00Z,late,bob,EXCEPTION,status\n2026-11-04T09:00:00Z,,ann,REQUESTED_SUPP,\n2026-11-05T09:00:00Z,,carrier,FOC,date\n";
    fs::write(place.join("all/OrderId=O-1/history.csv"), history).unwrap();
    let orders = "OrderId,PhoneNumber,ProcessingStatus,LastModifiedDate\nO-1,+12125550100,SUBMITTED,2026-11-02T09:00:00Z\n";
    fs::write(place.join("all/orders.csv"), orders).unwrap();
    let columns = "number_state,state_since,times_rejected,moved_by,illegal_moves";
    let done = run(&place, &["report", "all", "--source", "bandwidth", "--as-of", "2026-11-21", "--columns", columns, "--out", "o.csv"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let told = fs::read_to_string(place.join("o.csv")).unwrap();
    assert_eq!(told.lines().nth(1).map(str::trim_end), Some("FOC Date Set,2026-11-05T09:00:00Z,1,carrier,"), "{}", said(&done));
}

#[test]
fn times_without_a_zone_are_of_the_zone_of_their_system() {
    let text = "TxnID,Toll-Free Number,Submitted On,Status\nR1,8005552101,11/17/2026 12:30 AM CT,Ported\nR2,8005552102,07/17/2026 12:30 AM,Ported\nR3,8005552103,11/17/2026 02:30 AM CT,Ported\n";
    assert_eq!(column(&orders_of("somos_zone", text, None).unwrap(), "submitted_date"), ["2026-11-16", "2026-07-16", "2026-11-17"]);
    let place = folder("samples_zone");
    fs::create_dir_all(place.join("t/sources")).unwrap();
    let profile = |zone: &str| format!("title = \"Acme\"\nzone = \"{zone}\"\nextends = \"generic\"\nown_headers = [\"Acme Ticket\"]\n");
    let text = "Acme Ticket,Phone,Status,FOC date,FOC time,Updated at\nT1,+12125552101,Scheduled,2026-07-16 01:30,10:00,2026-11-16 09:15\n";
    fs::write(place.join("acme.csv"), text).unwrap();
    let columns = "confirmed_date,confirmed_time,updated_at";
    let made = |zone: &str| {
        fs::write(place.join("t/sources/acme.toml"), profile(zone)).unwrap();
        let done =
            run(&place, &["report", "acme.csv", "--templates", "t", "--as-of", "2026-11-21", "--columns", columns, "--out", "o.csv"]);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        (fs::read_to_string(place.join("o.csv")).unwrap().lines().nth(1).unwrap().trim_end().to_owned(), out(&done))
    };
    let (row, told) = made("Europe/London");
    assert_eq!(row, "2026-07-15,17:30,2026-11-16T09:15:00Z");
    assert!(told.contains("columns ignored, since a confirmed time is Pacific time and they name another zone: 'FOC time'"), "{told}");
    assert_eq!(made("America/New_York").0, "2026-07-15,22:30,2026-11-16T14:15:00Z");
    assert_eq!(made("UTC").0, "2026-07-15,18:30,2026-11-16T09:15:00Z");
    assert_eq!(made("America/Los_Angeles").0, "2026-07-16,10:00,2026-11-16T17:15:00Z");
    fs::write(place.join("my.toml"), profile("Mars")).unwrap();
    let done = run(&place, &["sources", "check", "my.toml"]);
    let fault = "my.toml, line 2, column 8: 'Mars' is not a zone; write UTC, or a name such as America/Chicago";
    assert!(done.status.code() == Some(78) && err(&done).contains(fault), "{}", said(&done));
}
