//! Files of actions: what is allowed and refused, why, and the events that the next report shows.

use std::path::Path;

use crate::program::{err, out, run, said};
use crate::tools::folder;

const AS_OF: &str = "2026-11-20T18:00:00Z";

/// The rows of a CSV as the cells of these columns.
fn cells(path: &Path, columns: &[&str]) -> Vec<String> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let headers = reader.headers().unwrap().clone();
    let places: Vec<usize> = columns
        .iter()
        .map(|name| headers.iter().position(|header| header == *name).unwrap_or_else(|| panic!("{name}: {headers:?}")))
        .collect();
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| places.iter().map(|place| row.get(*place).unwrap()).collect::<Vec<_>>().join(" | ")).collect()
}

fn act(place: &Path, arguments: &[&str]) -> std::process::Output {
    let arguments: Vec<&str> = ["actions"].into_iter().chain(arguments.iter().copied()).chain(["--as-of", AS_OF]).collect();
    run(place, &arguments)
}

const ORDERS: &str = "Phone number,Request ID,Case number,number_state,FOC date,FOC time,city
+16502530001,R1,C1,Pending,,,
+16502530002,R1,C1,In Process,,,
+16502530003,R2,C2,FOC Date Set,2026-12-10,,
+16502530004,R2,C2,Completed,2026-11-10,,
+16502530005,R3,C3,Action Required,,,
+16502530006,R3,C3,,,,
";

#[test]
fn a_number_is_canceled_at_once_or_by_the_carrier_or_not_at_all() {
    let place = folder("actions-cancel");
    std::fs::write(place.join("orders.csv"), ORDERS).unwrap();
    let done = act(&place, &["cancel", "orders.csv", "--out", "out"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert!(out(&done).contains("Cancel: 4 allowed, 2 refused\n"), "{}", said(&done));
    let file = place.join("out/cancel-2026-11-20.csv");
    let header = std::fs::read_to_string(&file).unwrap().lines().next().unwrap().to_owned();
    assert!(header.starts_with("Request ID,FP Case Number,Phone number,Action,Argument,Verdict,Verdict reason,State after"), "{header}");
    assert_eq!(
        cells(&file, &["Phone number", "Action", "Verdict", "Verdict reason", "State after"]),
        [
            "+16502530001 | Cancel | Allowed | canceled at once | Canceled",
            "+16502530002 | Cancel | Allowed | goes to Cancellation Pending until the carrier confirms | Cancellation Pending",
            "+16502530003 | Cancel | Allowed | goes to Cancellation Pending until the carrier confirms | Cancellation Pending",
            "+16502530005 | Cancel | Allowed | goes to Cancellation Pending until the carrier confirms | Cancellation Pending",
            "+16502530004 | Cancel | Refused | not allowed in the state Completed | ",
            "+16502530006 | Cancel | Refused | the state of the number is not known | ",
        ]
    );
    assert!(place.join("out/cancel-2026-11-20.xlsx").exists() && !place.join("out/cancel-2026-11-20.pdf").exists());
    let done = act(&place, &["cancel", "orders.csv", "--out", "cancel.json"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let document: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(place.join("cancel.json")).unwrap()).unwrap();
    let rows = document["numbers"]["rows"].as_array().unwrap();
    let verdicts: Vec<&str> = rows.iter().map(|row| row["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["allowed", "allowed", "allowed", "allowed", "refused", "refused"]);
    assert_eq!((&rows[1]["state_after"], &rows[5]["state_after"]), (&"cancellation_pending".into(), &serde_json::Value::Null));
    // Only the edges of the diagram know no way back from a confirmed date.
    let done = act(&place, &["cancel", "orders.csv", "--out", "strict.csv", "--setting", "state_model=strict", "--request", "R2"]);
    assert!(out(&done).contains("Cancel: 0 allowed, 2 refused\n"), "{}", said(&done));
    let done = act(&place, &["resubmit", "orders.csv", "--out", "resubmit.csv", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&out(&done)).unwrap();
    assert_eq!(json["manifest"]["content"]["action"]["allowed"].as_u64().or(json["action"]["allowed"].as_u64()), Some(1), "{json}");
    assert_eq!(
        cells(&place.join("resubmit.csv"), &["Phone number", "Verdict", "Verdict reason", "State after"])[0],
        "+16502530005 | Allowed | goes to In Process | In Process"
    );
}

#[test]
fn the_window_of_the_carrier_counts() {
    let place = folder("actions-window");
    let header = "support_key,porting_order_id,phone_number,activation_status,porting_order_status,foc_datetime_actual\n";
    let row = |number: u32, foc: &str| format!("T1,O{number},+1650253000{number},,foc-date-confirmed,{foc}\n");
    let rows = [row(1, "2026-11-22T17:59:00Z"), row(2, "2026-11-22T18:00:00Z"), row(3, "2026-11-19T18:00:00Z")].concat();
    std::fs::write(place.join("telnyx.csv"), format!("{header}{rows}")).unwrap();
    let done = act(&place, &["cancel", "telnyx.csv", "--out", "cancel.csv"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    assert_eq!(
        cells(&place.join("cancel.csv"), &["Phone number", "Verdict", "Verdict reason"]),
        [
            "+16502530002 | Allowed | goes to Cancellation Pending until the carrier confirms",
            "+16502530001 | Refused | its port is less than 48 hours ahead, or past",
            "+16502530003 | Refused | its port is less than 48 hours ahead, or past",
        ]
    );
    // Two business days from Friday the 20th: Monday is one of them, Tuesday the second.
    let rows = "OrderId,PhoneNumber,ProcessingStatus,ActualFOCDate\n1,+16502530001,FOC,2026-11-23\n2,+16502530002,FOC,2026-11-24\n3,+16502530003,SUBMITTED,\n";
    std::fs::write(place.join("bandwidth.csv"), rows).unwrap();
    let done = act(&place, &["cancel", "bandwidth.csv", "--out", "cancel.csv"]);
    assert_eq!(
        cells(&place.join("cancel.csv"), &["Phone number", "Verdict", "Verdict reason"]),
        [
            "+16502530002 | Allowed | goes to Cancellation Pending until the carrier confirms",
            "+16502530003 | Allowed | goes to Cancellation Pending until the carrier confirms",
            "+16502530001 | Refused | its port is less than 2 business days ahead, or past",
        ],
        "{}",
        said(&done)
    );
    let rows = "phoneNumber,status,focDate,customerOrderReference\n+16502530001,PENDING,,C1\n+16502530002,CONFIRMED,2026-12-10,C1\n";
    std::fs::write(place.join("sinch.csv"), rows).unwrap();
    let done = act(&place, &["cancel", "sinch.csv", "--out", "cancel.csv"]);
    let found = cells(&place.join("cancel.csv"), &["Phone number", "Verdict", "Verdict reason"]);
    assert!(found[1].contains("+16502530002 | Refused | Sinch"), "{found:?} {}", said(&done));
    assert!(found[1].ends_with(": canceled only in the state In Process"), "{found:?}");
}

#[test]
fn what_is_ready_is_assigned_by_the_most_specific_rule_or_as_asked() {
    let place = folder("actions-assign");
    let orders = "Phone number,Request ID,number_state,FOC date,Order approved date,city,Detailed status
+14165550123,R1,FOC Date Set,2026-12-10,,,
+12145550123,R1,FOC Date Set,2026-12-10,,Dallas,
+18005550199,R2,In Process,,2026-11-18,,Accepted
+16502530002,R3,In Process,,,,
";
    std::fs::write(place.join("orders.csv"), orders).unwrap();
    let rules = "[[profile]]\nname = 'A'\n[[profile]]\nname = 'B'\n[[rule]]\nname = 'dallas'\nprofile = 'A'\ncity = 'dallas'\n\
        [[rule]]\nname = 'canada'\nprofile = 'B'\ncountry = 'CA'\n";
    std::fs::write(place.join("profiles.toml"), rules).unwrap();
    let assign = "assign-configuration-profile";
    let done = act(&place, &[assign, "orders.csv", "--rules", "profiles.toml", "--out", "assign.csv"]);
    assert!(out(&done).contains("Assign configuration profile: 2 allowed, 1 refused, 1 not ready and left out\n"), "{}", said(&done));
    assert_eq!(
        cells(&place.join("assign.csv"), &["Phone number", "Argument", "Verdict", "Verdict reason"]),
        [
            "+12145550123 | A | Allowed | rule dallas",
            "+14165550123 | B | Allowed | rule canada",
            "+18005550199 |  | Refused | no rule fits it"
        ]
    );
    let done = act(&place, &[assign, "orders.csv", "--configuration-profile", "Main", "--request", "R2", "--out", "assign.csv"]);
    assert_eq!(
        cells(&place.join("assign.csv"), &["Phone number", "Argument", "Verdict"]),
        ["+18005550199 | Main | Allowed"],
        "{}",
        said(&done)
    );
    // What is told as an event is what the next report shows.
    let done = act(&place, &[assign, "orders.csv", "--configuration-profile", "Main", "--apply-to", "events.csv", "--out", "assign.csv"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let again = act(&place, &[assign, "orders.csv", "events.csv", "--configuration-profile", "Main", "--out", "again.csv"]);
    assert!(out(&again).contains("Assign configuration profile: 0 allowed, 0 refused"), "{}", said(&again));
    let shown = run(
        &place,
        &["report", "orders.csv", "events.csv", "--template", "numbers", "--out", "numbers.csv", "--as-of", "2026-11-21T18:00:00Z"],
    );
    assert_eq!(
        cells(&place.join("numbers.csv"), &["Phone number", "Number state", "Configuration profile"]),
        [
            "+12145550123 | FOC Date Set | Main",
            "+14165550123 | FOC Date Set | Main",
            "+18005550199 | In Process | Main",
            "+16502530002 | In Process | "
        ],
        "{}",
        said(&shown)
    );
}

#[test]
fn allowed_actions_are_added_to_a_file_of_events_as_it_is_written() {
    let place = folder("actions-apply");
    std::fs::write(place.join("orders.csv"), ORDERS).unwrap();
    // No line end behind the last row, semicolons, other headers, and a column of its own.
    let events = "Nummer;event;time;request id;who;note\r\n+16502530005;Additional Information Required;2026-11-19T10:00:00Z;R3;carrier;a \"b\"\r\n+16502530005;Resubmit;2026-11-19T11:00:00Z;R3;ann;";
    let events = events.replace("Nummer", "number");
    std::fs::write(place.join("events.csv"), &events).unwrap();
    let done =
        act(&place, &["cancel", "orders.csv", "events.csv", "--apply-to", "events.csv", "--out", "cancel.csv", "--operator", "Acme; Inc."]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let added = std::fs::read_to_string(place.join("events.csv")).unwrap();
    let rest = added.strip_prefix(&events).unwrap();
    let row =
        |number: u32, request: &str| format!("+1650253000{number};Request Cancellation;2026-11-20T18:00:00Z;{request};\"Acme; Inc.\";\r\n");
    assert_eq!(rest, format!("\r\n{}{}{}{}", row(1, "R1"), row(2, "R1"), row(3, "R2"), row(5, "R3")));
    assert!(out(&done).contains("Added 4 events to ./events.csv\n"), "{}", out(&done));
    let shown = run(
        &place,
        &[
            "report",
            "orders.csv",
            "events.csv",
            "--columns",
            "phone_number,number_state,quality_flags",
            "--sort",
            "phone_number",
            "--out",
            "now.csv",
        ],
    );
    let states = cells(&place.join("now.csv"), &["Phone number", "Number state"]);
    let expected = [
        "+16502530001 | Canceled",
        "+16502530002 | Cancellation Pending",
        "+16502530003 | Cancellation Pending",
        "+16502530004 | Completed",
        "+16502530005 | Cancellation Pending",
        "+16502530006 | ",
    ];
    assert_eq!(states, expected, "{}", said(&shown));
    assert!(!out(&shown).contains("event_not_allowed"), "{}", out(&shown));
    // What is pending is not asked for again.
    let done = act(&place, &["cancel", "orders.csv", "events.csv", "--apply-to", "events.csv", "--out", "cancel.csv"]);
    assert!(out(&done).contains("Cancel: 0 allowed, 6 refused"), "{}", said(&done));
    assert_eq!(std::fs::read_to_string(place.join("events.csv")).unwrap(), added);
}

#[test]
fn a_file_that_no_event_can_be_added_to_is_refused_before_anything_is_written() {
    let place = folder("actions-unfit");
    std::fs::write(place.join("orders.csv"), ORDERS).unwrap();
    std::fs::write(place.join("timeless.csv"), "number,event\n+16502530001,Resubmit\n").unwrap();
    std::fs::write(place.join("unassigned.csv"), "number,event,time\n+16502530001,Resubmit,2026-11-19T10:00:00Z\n").unwrap();
    let wide = "\u{feff}number,event,time\n+16502530001,Resubmit,2026-11-19\n".encode_utf16().flat_map(u16::to_le_bytes);
    std::fs::write(place.join("wide.csv"), wide.collect::<Vec<u8>>()).unwrap();
    std::os::unix::fs::symlink("unassigned.csv", place.join("link.csv")).unwrap();
    for (arguments, code, message) in [
        (&["cancel", "orders.csv", "--apply-to", "orders.csv"][..], 65, "orders.csv: is not a table of events"),
        (&["cancel", "orders.csv", "--apply-to", "timeless.csv"], 65, "timeless.csv"),
        (&["cancel", "orders.csv", "--apply-to", "wide.csv"], 65, "wide.csv: is not a plain CSV file in UTF-8"),
        (&["cancel", "orders.csv", "--apply-to", "link.csv"], 73, "link.csv"),
        (
            &["assign-configuration-profile", "orders.csv", "--configuration-profile", "A", "--apply-to", "unassigned.csv"],
            65,
            "unassigned.csv: has no column for the configuration profile; add a column configuration_profile",
        ),
        (&["cancel", "orders.csv", "--rules", "x.toml"], 64, "--rules: is not an option of cancel"),
        (&["cancel", "orders.csv", "--format", "pdf"], 64, "--format: a file of actions cannot be PDF; choose csv, xlsx or json"),
        (&["cancel", "orders.csv", "--by", "request"], 64, "--by: actions are for numbers"),
        (&["cancle", "orders.csv"], 64, "'cancle' is not known; did you mean cancel?"),
        (&["assign-configuration-profile", "orders.csv"], 64, "no rule says which configuration profile to assign; name a file"),
    ] {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--out", "never"]).collect();
        let done = act(&place, &arguments);
        assert_eq!(done.status.code(), Some(code), "{arguments:?} {}", said(&done));
        assert!(err(&done).contains(message), "{}", said(&done));
        assert!(!place.join("never").exists(), "{arguments:?}");
    }
}
