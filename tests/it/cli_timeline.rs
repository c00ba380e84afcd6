//! What `timeline` prints, and that every command reads tables of events.

use crate::program::{err, out, run, said};
use crate::tools::folder;

const EVENTS: &str = "number,event,time,actor,reason
650-555-1234,Create New Porting Request,2026-10-01T09:00:00Z,ann,
650-555-1234,Review Started,2026-10-01T10:00:00Z,bob,
650-555-1234,Porting Date Confirmed FOC,2026-10-08T10:00:30Z,,call 212-555-0199
212-555-0100,Create New Porting Request,2026-10-04T09:00:00Z,ann,
";

const AS_OF: &str = "2026-10-20T10:00:00Z";

#[test]
fn each_event_has_its_time_and_the_state_after_it_and_last_stands_the_current_state() {
    let place = folder("timeline");
    std::fs::write(place.join("events.csv"), EVENTS).unwrap();
    let done = run(&place, &["timeline", "(650) 555-1234", "events.csv", "--as-of", AS_OF]);
    let expected = "(650) 555-1234: 3 events
  2026-10-01 09:00 UTC     Create New Porting Request  Pending       by ann
  2026-10-01 10:00 UTC     Review Started              Pending       by bob
  2026-10-08 10:00:30 UTC  Porting Date Confirmed FOC  FOC Date Set  reason: call (masked)
    not allowed: cannot go from Pending to FOC Date Set by Porting Date Confirmed FOC (events.csv, line 4)
Current state: FOC Date Set since 2026-10-08 10:00:30 UTC, 11 days
";
    let text = out(&done);
    let masked = text.split("reason: call ").nth(1).and_then(|rest| rest.lines().next()).unwrap_or_default();
    assert!(masked.ends_with("0199") && !masked.contains("555"), "{text}");
    assert_eq!(text.replace(masked, "(masked)"), expected, "{}", said(&done));
    let done = run(&place, &["timeline", "6505551234", "events.csv", "--as-of", AS_OF, "--json"]);
    let json: serde_json::Value = serde_json::from_str(&out(&done)).unwrap();
    let timeline = &json["timelines"][0];
    assert_eq!((timeline["state"].as_str(), timeline["days_in_state"].as_i64()), (Some("foc_date_set"), Some(11)), "{json}");
    assert_eq!(timeline["events"][0]["at"], "2026-10-01T09:00:00Z", "{json}");
    assert_eq!(timeline["events"][2]["illegal_move"], "cannot go from Pending to FOC Date Set by Porting Date Confirmed FOC", "{json}");
}

#[test]
fn what_has_no_timeline_is_an_error_with_the_fix() {
    let place = folder("timeline-errors");
    std::fs::write(place.join("events.csv"), EVENTS).unwrap();
    std::fs::write(place.join("orders.csv"), "number,status\n650-555-1234,Completed\n").unwrap();
    for (arguments, code, message) in [
        (["timeline", "650-555-1299", "events.csv"], 65, "no event has the number 650-555-1299"),
        (
            ["timeline", "650-555-1234", "orders.csv"],
            65,
            "orders.csv: holds no events; give a table with columns for the number, the event and its time",
        ),
        (["timeline", "what", "events.csv"], 64, "write it as + and all its digits"),
        (["timeline", "events.csv", "650-555-1234"], 64, "the number comes first"),
    ] {
        let done = run(&place, &arguments);
        assert!(done.status.code() == Some(code) && err(&done).contains(message), "{}", said(&done));
    }
}

#[test]
fn check_report_and_explain_read_events() {
    let place = folder("events-commands");
    std::fs::write(place.join("events.csv"), EVENTS).unwrap();
    let done = run(&place, &["check", "events.csv", "--as-of", AS_OF]);
    let text = out(&done);
    assert!(
        done.status.success() && text.contains("4 rows read: 2 usable, 0 superseded, 2 events before the last of their number, 0 rejected"),
        "{text}"
    );
    assert!(text.contains("1 number cannot go from Pending to FOC Date Set by Porting Date Confirmed FOC"), "{text}");
    let columns = "phone_number,status,state_since,days_in_state,moved_by,illegal_moves";
    let arguments = ["report", "events.csv", "--as-of", AS_OF, "--out", "report.csv", "--columns", columns];
    let done = run(&place, &arguments);
    assert!(done.status.success(), "{}", said(&done));
    let report = std::fs::read_to_string(place.join("report.csv")).unwrap();
    assert!(report.contains("2026-10-08T10:00:30Z,11,") && report.contains("cannot go from Pending to FOC Date Set"), "{report}");
    let done = run(&place, &["explain", "212-555-0100", "events.csv", "--as-of", AS_OF]);
    assert!(out(&done).contains("last_event"), "{}", said(&done));
}

#[test]
fn explain_lists_the_events_of_a_number_whose_state_came_from_them() {
    let place = folder("events-explained");
    std::fs::write(place.join("events.csv"), EVENTS).unwrap();
    std::fs::write(place.join("orders.csv"), "number,status\n650-555-1299,Completed\n650-555-1234,In Progress\n").unwrap();
    let inputs = ["events.csv", "orders.csv", "--as-of", AS_OF];
    let explained = |number: &str| out(&run(&place, &[&["explain", number], &inputs[..]].concat()));
    let timeline = out(&run(&place, &[&["timeline", "650-555-1234"], &inputs[..]].concat()));
    assert!(timeline.contains("not allowed: cannot go from"), "{timeline}");
    let text = explained("650-555-1234");
    assert!(text.ends_with(&format!("\nEvents\n{timeline}")), "{text}");
    assert!(!explained("650-555-1299").contains("Events"));
    let json = out(&run(&place, &[&["explain", "650-555-1234", "--json"], &inputs[..]].concat()));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["timelines"][0]["events"].as_array().map(Vec::len), Some(3), "{json}");
    // What can be read once only.
    let command = format!("{} explain 650-555-1234 - --as-of {AS_OF} < events.csv", crate::program::PROGRAM);
    let done = std::process::Command::new("sh").args(["-c", &command]).current_dir(&place).output().unwrap();
    assert!(out(&done).ends_with("\nIts state came from events: portstatus timeline lists those of a file\n"), "{}", said(&done));
}
