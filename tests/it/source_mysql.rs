//! Databases on a MariaDB server that the tests start: tables, views, queries, types, faults.

use std::fs;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use mysql::prelude::Queryable;
use serde_json::Value;

use crate::program::{AS_OF, PROGRAM, STEM, err, out, said, starting};
use crate::servers::{PASSWORD, USER, mariadb, mariadb_database, own_mariadb};
use crate::source_postgres::HOSTILE_NAMES;
use crate::tools::{folder, names};

const ORDERS: &[&str] = &[
    "CREATE TABLE notes (id integer, text text)",
    "INSERT INTO notes VALUES (1, 'x')",
    "CREATE TABLE port_orders (phone_number varchar(40), account_id bigint, status enum('Completed', 'In Progress', 'Canceled'), confirmed_date date,
     request_id decimal(10,1), updated_at timestamp NULL, created_date datetime, loa_received boolean, extra blob)",
    "SET time_zone = '-08:00'",
    "INSERT INTO port_orders VALUES
     ('212-555-0101', 2001, 'Completed', '2026-01-05', 7, '2026-01-05 10:00:00', '2026-01-01 09:30:00', true, x'00ff'),
     ('212-555-0102', 2001, 'In Progress', NULL, 8, NULL, NULL, false, NULL),
     ('212-555-\"0103\"\\n', 2002, 'Canceled', NULL, 9.5, NULL, NULL, NULL, NULL),
     (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    "CREATE VIEW open_orders AS SELECT * FROM port_orders WHERE status = 'In Progress'",
];

/// Everything of the orders but the column that means nothing here.
const SELECT: &str =
    "select phone_number, account_id, status, confirmed_date, request_id, updated_at, created_date, loa_received from port_orders";

/// Runs the program with the password of the server's reader in its environment.
fn run(place: &Path, arguments: &[&str]) -> Output {
    let mut command = starting(PROGRAM);
    command.args(arguments).current_dir(place).stdin(Stdio::null()).env("NO_COLOR", "1").env("MYSQL_PWD", PASSWORD).output().unwrap()
}

#[test]
fn a_table_a_view_and_a_query_are_read_as_they_are() {
    let place = folder("mysql");
    let Some((_owner, url)) = mariadb_database("plain", ORDERS) else { return };
    let header = "phone_number,account_id,status,confirmed_date,request_id,updated_at,created_date,loa_received\n";
    let rows = "212-555-0101,2001,Completed,2026-01-05,7.0,2026-01-05 18:00:00Z,2026-01-01 09:30:00,1\n212-555-0102,2001,In Progress,,8.0,,,0\n\"212-555-\"\"0103\"\"\n\",2002,Canceled,,9.5,,,\n,,,,,,,\n";
    let cases: [(&[&str], String); 5] = [
        (&["--table", "notes"], "id,text\n1,x\n".to_owned()),
        (&["--table", "plain.Notes"], "id,text\n1,x\n".to_owned()),
        (&["--query", SELECT], format!("{header}{rows}")),
        (&[], "id,text\n1,x\n".to_owned()),
        (&["--query", "select count(*) as n, 'a\"b' as `x y`, 1 as n from notes;"], "n,x y,n\n1,\"a\"\"b\",1\n".to_owned()),
    ];
    for (arguments, expected) in cases {
        let done = run(&place, &[&["read", &url], arguments].concat());
        assert_eq!((done.status.code(), out(&done)), (Some(0), expected), "{arguments:?}: {}", err(&done));
    }
    let mariadb = url.replace("mysql:", "mariadb:");
    let found: Value = serde_json::from_str(&err(&run(&place, &["read", &mariadb, "--table", "notes"]))).unwrap();
    assert_eq!((&found["format"], &found["table"], &found["rows"]), (&"mysql".into(), &"notes".into(), &1.into()));
    assert_eq!(found["tables"], serde_json::json!(["notes", "open_orders", "port_orders"]));
}

#[test]
fn a_report_takes_the_table_whose_columns_match_and_is_that_of_the_same_rows_as_text() {
    let place = folder("mysql_report");
    let Some((_owner, url)) = mariadb_database("report", ORDERS) else { return };
    let csv = out(&run(&place, &["read", &url, "--query", SELECT]));
    fs::write(place.join("orders.csv"), csv).unwrap();
    let report = |input: &str, more: &[&str], out: &str| {
        let done = run(&place, &[&["report", input, "--as-of", AS_OF, "--format", "csv", "--out", out, "--rejects-ok"], more].concat());
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        let manifest: Value = serde_json::from_slice(&fs::read(place.join(out).join(format!("{STEM}.manifest.json"))).unwrap()).unwrap();
        (manifest, said(&done))
    };
    let (manifest, _) = report(&url, &["--table", "port_orders"], "table");
    let input = &manifest["content"]["inputs"][0];
    assert_eq!((&input["table"], &input["rows"]), (&"port_orders".into(), &3.into()));
    assert_eq!(input["file"], format!("mysql://127.0.0.1:{}/report", mariadb().unwrap().port));
    let (_, printed) = report(&url, &[], "chosen");
    assert!(printed.contains("only table open_orders was read, one of 3"), "{printed}");
    report(&url, &["--query", SELECT], "query");
    report("orders.csv", &[], "text");
    let numbers = |folder: &str| fs::read_to_string(place.join(folder).join(format!("{STEM}.csv"))).unwrap();
    assert_eq!(numbers("table"), numbers("text"));
    assert_eq!(numbers("query"), numbers("text"));
}

#[test]
fn what_is_wrong_with_a_server_a_table_or_a_query_is_told_and_nothing_is_published() {
    let place = folder("mysql_faults");
    let more = ["CREATE TABLE odd (phone_number varchar(20), status blob)", "INSERT INTO odd VALUES ('2125550101', x'00')"];
    let Some((mut owner, url)) = mariadb_database("faults", &[ORDERS, &more].concat()) else { return };
    owner.query_drop(format!("GRANT FILE ON *.* TO {USER}@'%'")).unwrap();
    let port = mariadb().unwrap().port;
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let down = url.replace(&format!(":{port}/"), &format!(":{free}/"));
    let nobody = format!("mysql://nobody_here@127.0.0.1:{port}/faults");
    let missing = format!("mysql://root@127.0.0.1:{port}/no_such_base");
    let hidden = url.replace("/faults", "/no_such_base");
    let outfile = format!("select phone_number, status from port_orders into outfile '{}/was-here'", place.display());
    let query = |sql: &'static str| vec!["--query", sql];
    let url = url.as_str();
    let cases: Vec<(&str, Vec<&str>, i32, &str)> = vec![
        (&down, vec![], 69, "(connection refused); tried 5 times; check the host and the port"),
        (&nobody, vec![], 77, "does not let anybody in"),
        (&missing, vec![], 77, "does not let anybody in"),
        (&hidden, vec![], 77, "there is no such database, or the user may not read it"),
        (url, vec!["--table", "port_order"], 65, "did you mean port_orders?"),
        (url, vec!["--table", "notes"], 65, "phone"),
        (url, vec!["--table", "odd"], 65, "column 'status' holds binary data"),
        (url, query("select phone_number, no_such_column from port_orders"), 64, "no_such_column"),
        (url, query("select * from no_such_table"), 64, "no_such_table"),
        (url, query("select * form port_orders"), 64, "syntax"),
        (url, query("select * from port_orders; select 1"), 64, "syntax"),
        (url, query("select * from port_orders where account_id = ?"), 64, "a place for a value"),
        (url, query("delete from port_orders"), 64, "is not a SELECT"),
        (url, vec!["--query", &outfile], 64, "does more than read"),
    ];
    for (url, arguments, code, expected) in cases {
        let done = run(&place, &[&["report", url, "--out", "out"], &arguments[..]].concat());
        assert_eq!(done.status.code(), Some(code), "{url} {arguments:?}: {}", said(&done));
        assert!(err(&done).contains(expected) && err(&done).trim().lines().count() <= 2, "{arguments:?}: {}", err(&done));
        assert!(names(&place).is_empty() || names(&place.join("out")).is_empty(), "{arguments:?}");
    }
    assert_eq!(owner.query_first::<u32, _>("SELECT count(*) FROM port_orders").unwrap(), Some(4));
}

#[test]
fn a_session_can_only_read_and_a_statement_that_takes_too_long_is_told() {
    let place = folder("mysql_session");
    let Some((_owner, url)) = mariadb_database("session", ORDERS) else { return };
    let query =
        "select @@session.tx_read_only as r, @@session.tx_isolation as i, @@session.time_zone as z, @@session.max_statement_time as t";
    let done = run(&place, &["read", &url, "--query", query, "--statement-timeout", "77"]);
    assert_eq!(out(&done), "r,i,z,t\n1,REPEATABLE-READ,+00:00,77.000000\n", "{}", said(&done));
    let query = "select phone_number, status, benchmark(1000000000, sha2('x', 512)) as slow from port_orders";
    let done = run(&place, &["report", &url, "--query", query, "--statement-timeout", "1", "--out", "out"]);
    assert_eq!(done.status.code(), Some(75), "{}", said(&done));
    assert!(err(&done).contains("broke the statement off") && err(&done).contains("--statement-timeout"), "{}", err(&done));
    assert!(names(&place).is_empty() || names(&place.join("out")).is_empty());
}

/// A table of so many rows, large enough that the answer does not fit into what lies between the server and its client.
fn many(rows: u32) -> String {
    format!(
        "CREATE TABLE many AS SELECT concat('212555', lpad(seq % 10000, 4, '0')) AS phone_number, concat('R-', seq) AS request_id, 'In Progress' AS status, repeat('x', 200) AS location FROM seq_1_to_{rows}"
    )
}

/// Runs a report in the background.
fn started(place: &Path, url: &str) -> Child {
    let mut command = starting(PROGRAM);
    command.args(["report", url, "--table", "many", "--as-of", AS_OF, "--format", "csv", "--out", "out"]).current_dir(place);
    command.env("MYSQL_PWD", PASSWORD).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Kills every connection of a reader that reads, and returns how many there were.
fn kill(owner: &mut mysql::Conn, database: &str) -> usize {
    let reading = format!(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{database}' AND INFO LIKE 'SELECT %`many`%' AND ID <> connection_id()"
    );
    let all: Vec<u64> = owner.query(reading).unwrap();
    all.iter().for_each(|id| drop(owner.query_drop(format!("KILL {id}"))));
    all.len()
}

#[test]
fn a_connection_that_is_cut_in_mid_read_is_made_again_and_a_server_that_stops_ends_the_run() {
    let place = folder("mysql_cut");
    let Some((mut owner, url)) = mariadb_database("cut", &[&many(60_000)]) else { return };
    let report = started(&place, &url);
    let began = Instant::now();
    while kill(&mut owner, "cut") == 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "nobody reads");
    }
    let done = report.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let manifest: Value = serde_json::from_slice(&fs::read(place.join("out").join(format!("{STEM}.manifest.json"))).unwrap()).unwrap();
    assert_eq!(manifest["content"]["counts"]["read"], 60_000);
    assert!(said(&done).contains("read again from its beginning"), "{}", said(&done));

    let place = folder("mysql_cuts");
    let mut report = started(&place, &url);
    while report.try_wait().unwrap().is_none() {
        kill(&mut owner, "cut");
    }
    let done = report.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(75), "{}", said(&done));
    assert!(err(&done).contains("tried 5 times"), "{}", err(&done));
    assert!(names(&place).is_empty() || names(&place.join("out")).is_empty());

    let Some(server) = own_mariadb("maria-stop") else { return };
    let url = format!("mysql://root@127.0.0.1:{}/mysql", server.port);
    server.stop();
    let done = run(&place, &["report", &url, "--out", "out"]);
    assert_eq!(done.status.code(), Some(69), "{}", said(&done));
}

#[test]
fn hostile_names_of_tables_and_columns_are_names() {
    let place = folder("mysql_names");
    let Some((mut owner, url)) = mariadb_database("names", &["CREATE TABLE notes (id integer)", "INSERT INTO notes VALUES (1)"]) else {
        return;
    };
    let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
    for name in HOSTILE_NAMES {
        let table = quoted(name);
        owner.query_drop(format!("CREATE TABLE {table} (phone_number varchar(40), {table} text, status text)")).unwrap();
        owner.query_drop(format!("INSERT INTO {table} VALUES ('212-555-0101', 'x', 'Completed')")).unwrap();
        let done = run(&place, &["read", &url, &format!("--table={name}"), "--json"]);
        assert_eq!(done.status.code(), Some(0), "{name}: {}", said(&done));
        let read: Value = serde_json::from_str(&out(&done)).unwrap();
        assert_eq!(read["headers"], serde_json::json!(["phone_number", name, "status"]), "{name}");
        assert_eq!(read["cells"][0]["cells"], serde_json::json!(["212-555-0101", "x", "Completed"]), "{name}");
        let done = run(&place, &["check", &url, &format!("--table={name}")]);
        assert_eq!(done.status.code(), Some(0), "{name}: {}", said(&done));
        owner.query_drop(format!("DROP TABLE {table}")).unwrap();
    }
    assert_eq!(owner.query_first::<u32, _>("SELECT count(*) FROM notes").unwrap(), Some(1));
}

#[test]
fn numbers_of_every_type_are_read_or_refused_and_never_another() {
    let place = folder("mysql_numbers");
    let script = [
        "CREATE TABLE numbers (a bigint, b decimal(20,0), c double, d float, status text, loa_received bit(1), many bit(2))",
        "INSERT INTO numbers VALUES (6505551234, 6505551234, 6505551234, 6505551234, 'Completed', b'1', b'11')",
        "INSERT INTO numbers VALUES (6505551235, 6505551235, 6505551235, 6505551235, 'Completed', b'0', NULL)",
    ];
    let Some((_owner, url)) = mariadb_database("numbers", &script) else { return };
    for (column, rejected) in [("a", 0), ("b", 0), ("c", 0), ("d", 2)] {
        let query = format!("select {column} as phone_number, status from numbers");
        let done = run(&place, &["check", &url, "--query", &query, "--json"]);
        let found: Value = serde_json::from_str(&out(&done)).unwrap();
        assert_eq!(found["counts"]["rejected"], rejected, "{column}: {found}");
        assert!(rejected == 0 || found["rejects"][0]["reason"].as_str().unwrap().contains("last digits are lost"), "{column}: {found}");
    }
    // One bit is yes or no; more of them mean nothing here.
    let done = run(&place, &["read", &url, "--query", "select loa_received from numbers"]);
    assert_eq!(out(&done), "loa_received\n1\n0\n", "{}", err(&done));
    let done = run(&place, &["read", &url, "--query", "select many from numbers"]);
    assert!(done.status.code() == Some(65) && err(&done).contains("column 'many' holds bits"), "{}", said(&done));
}
