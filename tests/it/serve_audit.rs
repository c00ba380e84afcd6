//! The audit log: who saw and exported what, without a number in it, before they see it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use crate::job_disclosure::MARK;
use crate::program::run;
use crate::serve_users::{BY_PROXY, orders_and_users};
use crate::tools::folder;
use crate::viewer::Viewer;

#[test]
fn who_saw_and_exported_what_is_written_down_without_what_it_was() {
    let place = folder("serve-audit");
    orders_and_users(&place);
    let viewer = Viewer::start_for_users(&place, &[&BY_PROXY[..], &["--audit-log", "audit.jsonl"]].concat());
    let asked = [
        ("ann@north.example", "/?account=A&find=6505551234", "numbers", None, Some(1), 200),
        ("ann@north.example", "/?account=A", "numbers", None, Some(2), 200),
        ("ann@north.example", "/summary", "summary", None, Some(2), 200),
        ("ann@north.example", "/number/6505551234", "number", None, Some(1), 200),
        ("bob@south.example", "/export/csv", "export", Some("csv"), Some(4), 200),
        ("bob@south.example", "/export/xlsx?status=completed", "export", Some("xlsx"), Some(1), 200),
        ("ops@example.com", "/api/v1/numbers?limit=3", "numbers", None, Some(3), 200),
        ("ops@example.com", "/api/v1/summary", "summary", None, Some(6), 200),
        ("ops@example.com", "/api/v1/accounts?q=A", "accounts", None, Some(1), 200),
        ("ops@example.com", "/?status=bogus", "refused", None, None, 400),
        ("ops@example.com", "/api/v1/6505551234", "refused", None, None, 404),
        ("eve@example.com", "/", "refused", None, None, 403),
    ];
    let mut ids = Vec::new();
    for (user, path, ..) in asked {
        ids.push(viewer.get_as(user, path).header("x-request-id").unwrap().to_owned());
    }
    assert_eq!(viewer.get_as("ann@north.example", "/assets/viewer.css").status, 200);
    let text = fs::read_to_string(place.join("audit.jsonl")).unwrap();
    assert_eq!(fs::metadata(place.join("audit.jsonl")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!text.contains("5551234") && !text.contains(MARK), "{text}");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), asked.len(), "{text}");
    for ((line, id), (user, path, what, format, rows, status)) in lines.iter().zip(&ids).zip(asked) {
        let user = if status == 403 { Value::Null } else { user.into() };
        let said = (&line["user"], line["what"].as_str(), line["format"].as_str(), line["rows"].as_u64(), line["status"].as_u64());
        assert_eq!(said, (&user, Some(what), format, rows, Some(status)), "{path}: {line}");
        assert_eq!((line["request_id"].as_str(), line["address"].as_str()), (Some(id.as_str()), Some("127.0.0.1")));
        assert!(line["at"].as_str().unwrap().ends_with('Z'));
        assert!(status == 200 || line["filters"] == serde_json::json!({}), "{line}");
    }
    // The same value has the same hash, another one another.
    let hash = |line: usize, filter: &str| lines[line]["filters"][filter][0].as_str().unwrap().to_owned();
    assert_eq!(hash(0, "account"), hash(1, "account"));
    assert_ne!(hash(0, "account"), hash(0, "find"));
    assert_eq!(hash(0, "find"), hash(3, "number"));
    // By the proxy it is told who asks; what others wrote before it is not believed.
    let addresses = [
        ("10.9.9.9, 192.0.2.7", "192.0.2.7"),
        ("192.0.2.8:5555", "192.0.2.8"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("10.9.9.9, [2001:db8::8]:443", "2001:db8::8"),
        ("unknown", "127.0.0.1"),
    ];
    for (told, address) in addresses {
        let forwarded = ["Host: ports.example", "X-User: ann@north.example", &format!("X-Forwarded-For: {told}")];
        assert_eq!(viewer.ask("GET /", &forwarded, "").status, 200);
        assert_eq!(last_line(&place)["address"], address);
    }
    // A number has the same hash however it is written; of many filters the first are told, and how many more there are.
    assert_eq!(viewer.get_as("ann@north.example", "/number/+1%20650-555-1234").status, 200);
    assert_eq!(last_line(&place)["filters"]["number"][0].as_str(), Some(&*hash(0, "find")));
    assert_eq!(viewer.get_as("ann@north.example", &format!("/api/v1/accounts?{}", "q=A&".repeat(320))).status, 200);
    let many = last_line(&place);
    assert_eq!((many["filters"]["q"].as_array().unwrap().len(), many["more_filters"].as_u64()), (300, Some(20)));
    // Another viewer goes on behind it, with other hashes.
    drop(viewer);
    let viewer = Viewer::start_for_users(&place, &[&BY_PROXY[..], &["--audit-log", "audit.jsonl"]].concat());
    assert_eq!(viewer.get_as("ann@north.example", "/?account=A").status, 200);
    let text = fs::read_to_string(place.join("audit.jsonl")).unwrap();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(text.lines().count(), asked.len() + addresses.len() + 3);
    assert_ne!(last["filters"]["account"][0].as_str().unwrap(), hash(0, "account"));
}

/// The last line of the log.
fn last_line(place: &Path) -> Value {
    let text = fs::read_to_string(place.join("audit.jsonl")).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

#[test]
fn a_line_that_was_cut_off_stays_alone_and_a_deleted_log_is_not_written() {
    let place = folder("serve-audit-torn");
    orders_and_users(&place);
    let viewer = Viewer::start_for_users(&place, &[&BY_PROXY[..], &["--audit-log", "audit.jsonl"]].concat());
    let limit = |bytes: Option<u64>| {
        let limit = rustix::process::Rlimit { current: bytes, maximum: None };
        rustix::process::prlimit(rustix::process::Pid::from_child(&viewer.child).into(), rustix::process::Resource::Fsize, limit).unwrap();
    };
    assert_eq!(viewer.get_as("ann@north.example", "/").status, 200);
    let whole = fs::metadata(place.join("audit.jsonl")).unwrap().len();
    limit(Some(whole + 40));
    // The second finds no room for a byte.
    assert_eq!([(); 2].map(|()| viewer.get_as("ann@north.example", "/").status), [503; 2]);
    limit(None);
    assert_eq!([(); 2].map(|()| viewer.get_as("bob@south.example", "/").status), [200; 2]);
    let text = fs::read_to_string(place.join("audit.jsonl")).unwrap();
    let users: Vec<Option<Value>> =
        text.lines().map(|line| serde_json::from_str::<Value>(line).ok().map(|line| line["user"].clone())).collect();
    assert_eq!(
        users,
        [Some("ann@north.example".into()), None, Some("bob@south.example".into()), Some("bob@south.example".into())],
        "{text}"
    );
    fs::remove_file(place.join("audit.jsonl")).unwrap();
    assert_eq!(viewer.get_as("bob@south.example", "/").status, 503);
}

#[test]
fn what_cannot_be_written_down_is_not_shown() {
    let place = folder("serve-audit-full");
    orders_and_users(&place);
    // A limit of the size of files, which the log has reached already.
    let mut log = vec![b'x'; 1 << 10];
    log.push(b'\n');
    fs::write(place.join("audit.jsonl"), log).unwrap();
    fs::set_permissions(place.join("audit.jsonl"), fs::Permissions::from_mode(0o600)).unwrap();
    let viewer = Viewer::start_for_users(&place, &[&BY_PROXY[..], &["--audit-log", "audit.jsonl"]].concat());
    assert_eq!(viewer.get_as("ann@north.example", "/").status, 200);
    let limit = rustix::process::Rlimit { current: Some(64), maximum: Some(64) };
    rustix::process::prlimit(rustix::process::Pid::from_child(&viewer.child).into(), rustix::process::Resource::Fsize, limit).unwrap();
    let refused = viewer.get_as("ann@north.example", "/");
    assert!(refused.status == 503 && !refused.text().contains("data-total"), "{}", refused.text());
    assert_eq!(viewer.get_as("ann@north.example", "/export/csv").status, 503);
}

#[test]
fn a_log_that_others_could_read_or_that_is_no_file_is_refused() {
    let place = folder("serve-audit-open");
    orders_and_users(&place);
    fs::write(place.join("open.jsonl"), "").unwrap();
    fs::set_permissions(place.join("open.jsonl"), fs::Permissions::from_mode(0o644)).unwrap();
    std::os::unix::fs::symlink("elsewhere", place.join("link.jsonl")).unwrap();
    for (log, code) in [("open.jsonl", 77), ("link.jsonl", 73), ("/dev/full", 73), (".", 64)] {
        let options = ["serve", "--public-url=https://ports.example", "--port=0", "--audit-log", log];
        let done = run(&place, &[&options, &BY_PROXY[..]].concat());
        assert_eq!((done.status.code(), done.stdout.len()), (Some(code), 0), "{log}: {done:?}");
    }
    assert!(!place.join("elsewhere").exists());
}
