//! SQLite databases, made by Python's own SQLite and read by the program: tables, views, queries, types, faults.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{AS_OF, STEM, err, out, run, said};
use crate::tools::{folder, found, run as tool};

/// A database that `script` (SQL, parts of which Python runs one by one) makes; `None` where there is no Python.
fn database(place: &Path, name: &str, script: &str) -> Option<PathBuf> {
    if !found("python3") {
        return None;
    }
    let path = place.join(name);
    let program = "import sqlite3, sys\nbase = sqlite3.connect(sys.argv[1])\nbase.executescript(sys.argv[2])\nbase.commit()\nbase.close()";
    tool("python3", &["-c", program, path.to_str().unwrap(), script]);
    Some(path)
}

const ORDERS: &str = "
CREATE TABLE notes (id INTEGER, text TEXT);
INSERT INTO notes VALUES (1, 'x');
CREATE TABLE port_orders (phone_number TEXT, account_id INTEGER, status TEXT, confirmed_date TEXT, request_id REAL);
INSERT INTO port_orders VALUES
  ('212-555-0101', 2001, 'Completed', '2026-01-05', 7.0),
  ('212-555-0102', 2001, 'In Progress', NULL, 8.0),
  (2125550103, 2002, 'Canceled', '', 9.5),
  (NULL, NULL, NULL, NULL, NULL);
CREATE VIEW open_orders AS SELECT * FROM port_orders WHERE status = 'In Progress';";

#[test]
fn a_table_a_view_and_a_query_are_read_as_they_are() {
    let place = folder("sqlite");
    let Some(_) = database(&place, "orders.db", ORDERS) else { return };
    let header = "phone_number,account_id,status,confirmed_date,request_id\n";
    let rows = "212-555-0101,2001,Completed,2026-01-05,7\n212-555-0102,2001,In Progress,,8\n2125550103,2002,Canceled,,9.5\n,,,,\n";
    let cases: [(&[&str], String); 6] = [
        (&["read", "orders.db", "--table", "port_orders"], format!("{header}{rows}")),
        (&["read", "sqlite:orders.db", "--table", "PORT_ORDERS"], format!("{header}{rows}")),
        (&["read", "orders.db", "--table", "open_orders"], format!("{header}212-555-0102,2001,In Progress,,8\n")),
        (&["read", "orders.db"], "id,text\n1,x\n".to_owned()),
        (&["read", "orders.db", "--query", "select count(*) as n, 'a\"b' as \"x y\" from notes;"], "n,x y\n1,\"a\"\"b\"\n".to_owned()),
        (
            &["read", "orders.db", "--query", "with recursive c(x) as (values(1) union all select x+1 from c where x<3) select x from c"],
            "x\n1\n2\n3\n".to_owned(),
        ),
    ];
    for (arguments, expected) in cases {
        let done = run(&place, arguments);
        assert_eq!((done.status.code(), out(&done)), (Some(0), expected), "{arguments:?}: {}", err(&done));
    }
    let found: Value = serde_json::from_str(&err(&run(&place, &["read", "orders.db", "--table", "port_orders"]))).unwrap();
    assert_eq!((&found["format"], &found["table"], &found["rows"]), (&"sqlite".into(), &"port_orders".into(), &4.into()));
    assert_eq!(found["tables"], serde_json::json!(["notes", "open_orders", "port_orders"]));
}

#[test]
fn a_report_takes_the_table_whose_columns_match_and_says_so() {
    let place = folder("sqlite_report");
    let Some(path) = database(&place, "orders.db", ORDERS) else { return };
    let before = fs::read(&path).unwrap();
    let csv = "phone_number,account_id,status,confirmed_date,request_id\n212-555-0101,2001,Completed,2026-01-05,7\n212-555-0102,2001,In Progress,,8\n2125550103,2002,Canceled,,9.5\n";
    fs::write(place.join("orders.csv"), csv).unwrap();
    let report = |input: &str, more: &[&str], out: &str| {
        let done = run(&place, &[&["report", input, "--as-of", AS_OF, "--format", "csv", "--out", out], more].concat());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let manifest: Value = serde_json::from_slice(&fs::read(place.join(out).join(format!("{STEM}.manifest.json"))).unwrap()).unwrap();
        (manifest, said(&done))
    };
    let (manifest, printed) = report("orders.db", &["--table", "port_orders"], "table");
    assert_eq!(manifest["content"]["inputs"][0]["table"], "port_orders");
    assert!(manifest["content"]["inputs"][0].get("sha256").is_none());
    assert!(printed.contains("orders.db, table port_orders"), "{printed}");
    let (_, printed) = report("orders.db", &[], "chosen");
    assert!(printed.contains("only table open_orders was read, one of 3"), "{printed}");
    assert!(printed.contains("table port_orders has fitting columns too"), "{printed}");
    let query = "select * from port_orders where status is not null";
    let (manifest, _) = report("orders.db", &["--query", query], "query");
    assert_eq!(manifest["content"]["inputs"][0]["query"], query);
    report("orders.csv", &[], "text");
    // Apart from the names of the sources, the reports are those of the same rows as text.
    let numbers = |folder: &str| fs::read_to_string(place.join(folder).join(format!("{STEM}.csv"))).unwrap();
    assert_eq!(numbers("table"), numbers("text"));
    assert_eq!(numbers("query"), numbers("text"));
    assert!(numbers("text").lines().count() == 4, "{}", numbers("text"));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_wrong_with_a_database_is_told() {
    let place = folder("sqlite_faults");
    let script = format!(
        "{ORDERS}\nCREATE TABLE odd (phone_number TEXT, status BLOB);\nINSERT INTO odd VALUES ('2125550101', x'00ff');\nCREATE TABLE bad (phone_number TEXT, status TEXT);\nINSERT INTO bad VALUES ('2125550101', CAST(x'ff' AS TEXT)), ('2125550102', 'Completed');"
    );
    let Some(path) = database(&place, "orders.db", &script) else { return };
    fs::write(place.join("text.db"), "phone_number,status\n2125550101,Completed\n").unwrap();
    let mut cut = fs::read(&path).unwrap();
    cut.truncate(cut.len() / 2);
    fs::write(place.join("cut.db"), cut).unwrap();
    let query = |sql: &'static str| vec!["check", "orders.db", "--query", sql];
    let cases: [(Vec<&str>, i32, &str); 15] = [
        (vec!["check", "sqlite:none.db"], 66, "no such file"),
        (vec!["check", "sqlite:."], 66, "is a directory"),
        (vec!["check", "sqlite:text.db"], 65, "is not an SQLite database"),
        (vec!["check", "cut.db", "--table", "bad"], 65, "damaged"),
        (vec!["check", "orders.db", "--table", "port_order"], 65, "did you mean port_orders?"),
        (vec!["check", "orders.db", "--table", "notes"], 65, "phone"),
        (vec!["check", "orders.db", "--table", "odd"], 65, "column 'status' holds binary data (a BLOB)"),
        (vec!["check", "orders.db", "--table", "x", "--query", "select 1"], 64, "cannot go with --query"),
        (query("select * from port_orders; select 1"), 64, "more than one statement"),
        (query("select * from port_orders where account_id = ?"), 64, "a place for a value"),
        (query("delete from port_orders"), 64, "is not a SELECT"),
        (query("/* a */ attach 'other.db' as other"), 64, "is not a SELECT"),
        (query("pragma writable_schema = on"), 64, "is not a SELECT"),
        (query("select readfile('/etc/passwd')"), 64, "no such function"),
        (query("select * form port_orders"), 64, "syntax error"),
    ];
    for (arguments, code, expected) in cases {
        let done = run(&place, &arguments);
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", said(&done));
        assert!(err(&done).contains(expected) && err(&done).trim().lines().count() <= 2, "{arguments:?}: {}", err(&done));
    }
    assert!(!place.join("other.db").exists());
    let done = run(&place, &["check", "orders.db", "--table", "bad", "--json"]);
    assert_eq!(done.status.code(), Some(3), "{}", said(&done));
    assert!(out(&done).contains("a text that is not UTF-8"), "{}", out(&done));
}

#[test]
fn a_database_that_another_program_writes_is_read_in_one_state() {
    let place = folder("sqlite_busy");
    let Some(path) = database(&place, "orders.db", &format!("PRAGMA journal_mode = WAL;{ORDERS}")) else { return };
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    // A writer that has not committed: its rows are not there yet, and nobody waits for it.
    let program = "import sqlite3, sys, time\nbase = sqlite3.connect(sys.argv[1])\nbase.execute(\"insert into notes values (2, 'y')\")\nprint('writing', flush=True)\nsys.stdin.read()";
    let mut writer = std::process::Command::new("python3");
    let writer = writer.args(["-c", program]).arg(&path).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut writer = writer.spawn().unwrap();
    let mut ready = [0; 7];
    std::io::Read::read_exact(writer.stdout.as_mut().unwrap(), &mut ready).unwrap();
    let done = run(&place, &["read", "orders.db", "--table", "notes"]);
    drop(writer.stdin.take());
    writer.wait().unwrap();
    assert_eq!((done.status.code(), out(&done)), (Some(0), "id,text\n1,x\n".to_owned()), "{}", err(&done));
}

#[test]
fn a_table_without_rows_leads_to_the_others() {
    let place = folder("sqlite_empty");
    let script = "CREATE TABLE archive (phone_number, status); CREATE TABLE ports (phone_number, status); INSERT INTO ports VALUES ('+12125550101', 'Completed');";
    if database(&place, "orders.db", script).is_none() {
        return;
    }
    let done = run(&place, &["check", "orders.db"]);
    let told = "orders.db, table archive: the table has no rows; name another table with --table";
    assert!(done.status.code() == Some(65) && err(&done).contains(told), "{}", said(&done));
    assert_eq!(run(&place, &["check", "orders.db", "--table", "ports"]).status.code(), Some(0));
}
