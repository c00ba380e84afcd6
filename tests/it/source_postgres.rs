//! Databases on a PostgreSQL server that the tests start: tables, views, queries, types, faults.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{AS_OF, PROGRAM, STEM, err, out, run, said, starting};
use crate::servers::{PASSWORD, USER, own_postgres, postgres, postgres_database};
use crate::tools::{folder, names};

const ORDERS: &str = "
CREATE TYPE order_status AS ENUM ('Completed', 'In Progress', 'Canceled');
CREATE DOMAIN account AS bigint;
CREATE TABLE notes (id integer, text text);
INSERT INTO notes VALUES (1, 'x');
CREATE TABLE port_orders (phone_number text, account_id account, status order_status, confirmed_date date, request_id numeric,
                          updated_at timestamptz, loa_received boolean, extra jsonb, row_id uuid);
INSERT INTO port_orders VALUES
  ('212-555-0101', 2001, 'Completed', '2026-01-05', 7, '2026-01-05 10:00:00-08', true, '{}', '6b1e4ba0-61a5-4a0c-8fd5-0f8d4d40b1a1'),
  ('212-555-0102', 2001, 'In Progress', NULL, 8, NULL, false, NULL, NULL),
  (E'212-555-\"0103\"\\n', 2002, 'Canceled', NULL, 9.5, NULL, NULL, NULL, NULL),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE VIEW open_orders AS SELECT * FROM port_orders WHERE status = 'In Progress';";

/// Everything of the orders but the column that means nothing here.
const SELECT: &str =
    "select phone_number, account_id, status, confirmed_date, request_id, updated_at, loa_received, row_id from port_orders";

#[test]
fn a_table_a_view_and_a_query_are_read_as_they_are() {
    let place = folder("postgres");
    let Some((_owner, url)) = postgres_database("plain", ORDERS) else { return };
    let header = "phone_number,account_id,status,confirmed_date,request_id,updated_at,loa_received,row_id\n";
    let rows = "212-555-0101,2001,Completed,2026-01-05,7,2026-01-05 18:00:00+00,true,6b1e4ba0-61a5-4a0c-8fd5-0f8d4d40b1a1\n212-555-0102,2001,In Progress,,8,,false,\n\"212-555-\"\"0103\"\"\n\",2002,Canceled,,9.5,,,\n,,,,,,,\n";
    let cases: [(&[&str], String); 6] = [
        (&["--table", "notes"], "id,text\n1,x\n".to_owned()),
        (&["--table", "Public.Notes"], "id,text\n1,x\n".to_owned()),
        (&["--query", SELECT], format!("{header}{rows}")),
        (&[], "id,text\n1,x\n".to_owned()),
        (&["--query", "select count(*) as n, 'a\"b' as \"x y\", 1 as n from notes;"], "n,x y,n\n1,\"a\"\"b\",1\n".to_owned()),
        (
            &["--query", "with recursive c(x) as (values(1) union all select x+1 from c where x<3) select x from c -- three"],
            "x\n1\n2\n3\n".to_owned(),
        ),
    ];
    for (arguments, expected) in cases {
        let done = run(&place, &[&["read", &url], arguments].concat());
        assert_eq!((done.status.code(), out(&done)), (Some(0), expected), "{arguments:?}: {}", err(&done));
    }
    let found: Value = serde_json::from_str(&err(&run(&place, &["read", &url, "--table", "notes"]))).unwrap();
    assert_eq!((&found["format"], &found["table"], &found["rows"]), (&"postgresql".into(), &"notes".into(), &1.into()));
    assert_eq!(found["tables"], serde_json::json!(["notes", "open_orders", "port_orders"]));
}

#[test]
fn a_report_takes_the_table_whose_columns_match_and_is_that_of_the_same_rows_as_text() {
    let place = folder("postgres_report");
    let Some((_owner, url)) = postgres_database("report", ORDERS) else { return };
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
    assert_eq!(input["file"], format!("postgres://127.0.0.1:{}/report", postgres().unwrap().port));
    assert!(input.get("sha256").is_none());
    let (_, printed) = report(&url, &[], "chosen");
    assert!(printed.contains("only table open_orders was read, one of 3"), "{printed}");
    assert!(printed.contains("table port_orders has fitting columns too"), "{printed}");
    let (manifest, _) = report(&url, &["--query", SELECT], "query");
    assert_eq!(manifest["content"]["inputs"][0]["query"], SELECT);
    report("orders.csv", &[], "text");
    let numbers = |folder: &str| fs::read_to_string(place.join(folder).join(format!("{STEM}.csv"))).unwrap();
    assert_eq!(numbers("table"), numbers("text"));
    assert_eq!(numbers("query"), numbers("text"));
    assert!(numbers("text").lines().count() >= 3, "{}", numbers("text"));
}

#[test]
fn what_is_wrong_with_a_server_a_table_or_a_query_is_told_and_nothing_is_published() {
    let place = folder("postgres_faults");
    let script = format!(
        "{ORDERS}\nCREATE TABLE odd (phone_number text, status bytea);\nCREATE TABLE nested (phone_number text, status jsonb, lists text[]);\nCREATE TABLE bare (phone text);\nREVOKE ALL ON bare FROM public;"
    );
    let Some((mut owner, url)) = postgres_database("faults", &script) else { return };
    owner.batch_execute(&format!("CREATE TABLE hidden (phone_number text, status text); REVOKE ALL ON hidden FROM {USER}")).unwrap();
    let port = postgres().unwrap().port;
    let down = format!("postgres://postgres@127.0.0.1:{}/faults", free_port());
    let nobody = format!("postgres://nobody_here@127.0.0.1:{port}/faults");
    let missing = format!("postgres://postgres@127.0.0.1:{port}/no_such_base");
    let query = |sql: &'static str| vec!["--query", sql];
    let url = url.as_str();
    let cases: Vec<(&str, Vec<&str>, i32, &str)> = vec![
        (&down, vec![], 69, "(connection refused); tried 5 times; check the host and the port"),
        (&nobody, vec![], 77, "does not let anybody in"),
        (&missing, vec![], 66, "there is no such database"),
        (url, vec!["--table", "port_order"], 65, "did you mean port_orders?"),
        (url, vec!["--table", "other.port_orders"], 65, "there is no table"),
        (url, vec!["--table", "notes"], 65, "phone"),
        (url, vec!["--table", "odd"], 65, "column 'status' holds binary data (bytea)"),
        (url, vec!["--table", "nested"], 65, "column 'status' holds nested data (jsonb)"),
        (url, query("select phone_number, lists as status from nested"), 65, "column 'status' holds lists (_text)"),
        (url, query("select phone_number, no_such_column from port_orders"), 64, "no_such_column"),
        (url, query("select * from no_such_table"), 64, "no_such_table"),
        (url, query("select * form port_orders"), 64, "syntax error"),
        (url, query("select * from port_orders; select 1"), 64, "more than one statement"),
        (url, query("select 1) to program 'touch /tmp/portstatus-was-here'; --"), 64, "syntax error"),
        (url, query("select * from port_orders where account_id = $1"), 64, "a place for a value"),
        (url, query("delete from port_orders"), 64, "is not a SELECT"),
        (url, query("with gone as (delete from port_orders returning *) select * from gone"), 64, "does more than read"),
        (url, query("select phone_number, status, 1/(account_id - 2002) as n from port_orders"), 65, "division by zero"),
    ];
    for (url, arguments, code, expected) in cases {
        let done = run(&place, &[&["report", url, "--out", "out"], &arguments[..]].concat());
        assert_eq!(done.status.code(), Some(code), "{url} {arguments:?}: {}", said(&done));
        assert!(err(&done).contains(expected) && err(&done).trim().lines().count() <= 2, "{arguments:?}: {}", err(&done));
        assert!(names(&place).is_empty() || names(&place.join("out")).is_empty(), "{arguments:?}");
    }
    assert!(!Path::new("/tmp/portstatus-was-here").exists());
    let count: i64 = owner.query_one("SELECT count(*) FROM port_orders", &[]).unwrap().get(0);
    assert_eq!(count, 4);
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn a_session_can_only_read_sees_one_state_and_says_who_it_is() {
    let place = folder("postgres_session");
    let Some((_owner, url)) = postgres_database("session", ORDERS) else { return };
    let settings = [
        "default_transaction_read_only",
        "transaction_read_only",
        "transaction_isolation",
        "application_name",
        "statement_timeout",
        "TimeZone",
    ];
    let list: Vec<String> = settings.iter().map(|name| format!("current_setting('{name}') as \"{name}\"")).collect();
    let query = format!("select {}", list.join(", "));
    let done = run(&place, &["read", &url, "--query", &query, "--statement-timeout", "77"]);
    assert_eq!(out(&done), format!("{}\non,on,repeatable read,portstatus,77s,UTC\n", settings.join(",")), "{}", said(&done));
    let done = run(&place, &["read", &url, "--query", "select set_config('transaction_read_only', 'off', false)"]);
    assert_ne!(done.status.code(), Some(0), "{}", said(&done));
    // Who sets a shorter time at the server keeps it.
    let shorter = format!("{url}?options=-c%20statement_timeout%3D5s");
    assert!(out(&run(&place, &["read", &shorter, "--query", &query])).contains(",5s,"));
}

#[test]
fn a_statement_that_takes_too_long_ends_the_run_without_an_output() {
    let place = folder("postgres_timeout");
    let Some((_owner, url)) = postgres_database("timeout", ORDERS) else { return };
    let query = "select phone_number, status, pg_sleep(2)::text as slow from port_orders";
    let done = run(&place, &["report", &url, "--query", query, "--statement-timeout", "1", "--out", "out"]);
    assert_eq!(done.status.code(), Some(75), "{}", said(&done));
    assert!(err(&done).contains("statement timeout") && err(&done).contains("--statement-timeout"), "{}", err(&done));
    assert!(names(&place).is_empty() || names(&place.join("out")).is_empty());
}

/// A table of so many rows, large enough that the answer does not fit into what lies between the server and its client.
fn many(rows: u32) -> String {
    format!(
        "CREATE TABLE many AS SELECT '212555' || lpad((n % 10000)::text, 4, '0') AS phone_number, 'R-' || n AS request_id, 'In Progress' AS status, repeat('x', 200) AS location FROM generate_series(1, {rows}) n"
    )
}

/// Runs a report in the background.
fn started(place: &Path, url: &str) -> std::process::Child {
    let mut command = starting(PROGRAM);
    command.args(["report", url, "--table", "many", "--as-of", AS_OF, "--format", "csv", "--out", "out"]).current_dir(place);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

const READING: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'portstatus' AND datname = current_database() AND query LIKE 'COPY%'";

#[test]
fn a_connection_that_is_cut_in_mid_read_is_made_again_and_the_report_is_whole() {
    let place = folder("postgres_cut");
    let Some((mut owner, url)) = postgres_database("cut", &many(60_000)) else { return };
    let report = started(&place, &url);
    let began = Instant::now();
    while owner.query_one(READING, &[]).unwrap().get::<_, i64>(0) == 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "nobody reads");
    }
    let done = report.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let manifest: Value = serde_json::from_slice(&fs::read(place.join("out").join(format!("{STEM}.manifest.json"))).unwrap()).unwrap();
    assert_eq!(manifest["content"]["counts"]["read"], 60_000);
    assert!(said(&done).contains("read again from its beginning, 1 time"), "{}", said(&done));
}

#[test]
fn a_server_that_stops_in_mid_read_or_cuts_every_connection_ends_the_run_without_an_output() {
    let place = folder("postgres_stop");
    let Some((mut owner, url)) = postgres_database("cuts", &many(60_000)) else { return };
    let mut report = started(&place, &url);
    while report.try_wait().unwrap().is_none() {
        owner.query_one(READING, &[]).unwrap();
    }
    let done = report.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(75), "{}", said(&done));
    assert!(err(&done).contains("the connection was lost") && err(&done).contains("tried 5 times"), "{}", err(&done));
    assert!(names(&place).is_empty() || names(&place.join("out")).is_empty());

    let Some(server) = own_postgres("pg-stop") else { return };
    let mut config = postgres::Config::new();
    let mut client =
        config.host_path(&server.folder).port(server.port).user("postgres").dbname("postgres").connect(postgres::NoTls).unwrap();
    client.batch_execute(&many(60_000)).unwrap();
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port);
    let report = started(&place, &url);
    while client.query_one(&READING.replace("pg_terminate_backend(pid)", "pid"), &[]).unwrap().get::<_, i64>(0) == 0 {}
    drop(client);
    server.stop();
    let done: Output = report.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(69), "{}", said(&done));
    assert!(names(&place).is_empty() || names(&place.join("out")).is_empty());
}

/// Names that would be statements, comments or parameters if they were pasted.
pub const HOSTILE_NAMES: [&str; 16] = [
    "a\"b",
    "a`b",
    "a'b",
    "x\"; DROP TABLE notes; --",
    "x`; DROP TABLE notes; --",
    "Robert'); DROP TABLE notes;--",
    "' OR '1'='1",
    "\" OR \"1\"=\"1",
    "/* comment",
    "-- comment",
    "$1 %s ? :name",
    "back\\slash",
    "select",
    "Ünïcödé 電話 \u{202e}",
    "a.b",
    "\"\"",
];

#[test]
fn hostile_names_of_tables_and_columns_are_names() {
    let place = folder("postgres_names");
    let Some((mut owner, url)) =
        postgres_database("names", "CREATE TABLE notes (id integer, text text); INSERT INTO notes VALUES (1, 'x')")
    else {
        return;
    };
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    for name in HOSTILE_NAMES {
        let table = quoted(name);
        let script = format!(
            "CREATE TABLE {table} (phone_number text, {table} text, status text); INSERT INTO {table} VALUES ('212-555-0101', 'x', 'Completed')"
        );
        owner.batch_execute(&script).unwrap();
        let done = run(&place, &["read", &url, &format!("--table={name}"), "--json"]);
        assert_eq!(done.status.code(), Some(0), "{name}: {}", said(&done));
        let read: Value = serde_json::from_str(&out(&done)).unwrap();
        assert_eq!(read["headers"], serde_json::json!(["phone_number", name, "status"]), "{name}");
        assert_eq!(read["cells"][0]["cells"], serde_json::json!(["212-555-0101", "x", "Completed"]), "{name}");
        let done = run(&place, &["check", &url, &format!("--table={name}")]);
        assert_eq!(done.status.code(), Some(0), "{name}: {}", said(&done));
        // As a name that is not there.
        let done = run(&place, &["check", &url, &format!("--table={name}, nowhere to be found")]);
        assert_eq!(done.status.code(), Some(65), "{name}: {}", said(&done));
        owner.batch_execute(&format!("DROP TABLE {table}")).unwrap();
    }
    let count: i64 = owner.query_one("SELECT count(*) FROM notes", &[]).unwrap().get(0);
    assert_eq!(count, 1);
}

#[test]
fn a_user_who_may_read_one_schema_or_some_columns_alone_reads_those() {
    let place = folder("postgres_rights");
    let script = "CREATE SCHEMA porting; CREATE TABLE porting.orders (secret bytea, phone_number text, status text);
        INSERT INTO porting.orders VALUES ('x', '212-555-0101', 'Completed');
        CREATE TABLE closed (phone_number text, status text)";
    let Some((mut owner, _)) = postgres_database("rights", script) else { return };
    let grants = format!(
        "GRANT USAGE ON SCHEMA porting TO {USER}; GRANT SELECT (phone_number, status) ON porting.orders TO {USER}; REVOKE ALL ON closed FROM {USER}"
    );
    owner.batch_execute(&grants).unwrap();
    let url = format!("postgres://{USER}@127.0.0.1:{}/rights", postgres().unwrap().port);
    let read = |arguments: &[&str]| {
        let mut command = starting(PROGRAM);
        command.args(arguments).arg(&url).current_dir(&place).stdin(Stdio::null()).env("PGPASSWORD", PASSWORD).output().unwrap()
    };
    for arguments in [&["read", "--table", "porting.orders"][..], &["read"]] {
        let done = read(arguments);
        assert_eq!(out(&done), "phone_number,status\n212-555-0101,Completed\n", "{}", said(&done));
    }
    let done = read(&["check", "--table", "closed"]);
    assert!(done.status.code() == Some(77) && err(&done).contains("SELECT granted"), "{}", said(&done));
    let done = read(&["check", "--query", "select * from closed"]);
    assert!(done.status.code() == Some(77) && err(&done).contains("may not read it"), "{}", said(&done));
}

#[test]
fn a_table_that_is_read_twice_is_read_in_one_session() {
    let place = folder("postgres_twice");
    let script = "CREATE TABLE port_orders AS SELECT '4420794609' || lpad(n::text, 2, '0') AS phone_number, 'Completed'::text AS status FROM generate_series(1, 20) n";
    let Some((mut owner, url)) = postgres_database("twice", script) else { return };
    let mut sessions = || owner.query_one("SELECT sessions FROM pg_stat_database WHERE datname = 'twice'", &[]).unwrap().get::<_, i64>(0);
    let before = sessions();
    let done = run(&place, &["check", &url]);
    assert!(out(&done).contains("read with a calling code first"), "{}", said(&done));
    let began = Instant::now();
    while sessions() == before && began.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(100));
    }
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(sessions() - before, 1);
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    for scheme in ["postgres", "mysql"] {
        let began = Instant::now();
        let url = format!("{scheme}://reader@127.0.0.1:{port}/orders?connect_timeout=1");
        let done = run(&folder("silent"), &["report", &url, "--out", "out"]);
        assert_eq!(done.status.code(), Some(69), "{}", said(&done));
        assert!(err(&done).contains("within 1 second") || err(&done).contains("no connection"), "{}", err(&done));
        assert!(began.elapsed() < Duration::from_secs(40));
    }
}

/// What a number of single precision cannot hold is refused and not taken for the number next to it.
#[test]
fn numbers_of_every_type_are_read_or_refused_and_never_another() {
    let place = folder("postgres_numbers");
    let script =
        "CREATE DOMAIN did AS real; CREATE TABLE numbers (a bigint, b numeric(20,0), c double precision, d real, e did, status text);
     INSERT INTO numbers VALUES (6505551234, 6505551234, 6505551234, 6505551234, 6505551234, 'Completed');";
    let Some((_owner, url)) = postgres_database("numbers", script) else { return };
    for (column, rejected) in [("a", 0), ("b", 0), ("c", 0), ("d", 1), ("e", 1)] {
        let query = format!("select {column} as phone_number, status from numbers");
        let done = run(&place, &["check", &url, "--query", &query, "--json"]);
        let found: Value = serde_json::from_str(&out(&done)).unwrap();
        assert_eq!(found["counts"]["rejected"], rejected, "{column}: {found}");
        assert!(rejected == 0 || found["rejects"][0]["reason"].as_str().unwrap().contains("last digits are lost"), "{column}: {found}");
    }
}

#[test]
fn a_table_is_named_without_its_schema_while_no_other_is_called_so() {
    let place = folder("postgres_schemas");
    let script = "CREATE SCHEMA \"Porting\"; CREATE TABLE \"Porting\".\"LIVE\" (\"PHONE_NUMBER\" bigint, \"STATUS\" text);
     CREATE TABLE \"Porting\".twice (phone_number text, status text); CREATE SCHEMA b; CREATE TABLE b.twice (phone_number text, status text);
     GRANT USAGE ON SCHEMA \"Porting\" TO public; INSERT INTO \"Porting\".\"LIVE\" VALUES (6505551234, 'Completed')";
    let Some((_owner, url)) = postgres_database("schemas", script) else { return };
    for name in ["LIVE", "live", "Porting.LIVE", "porting.live", "\"Porting\".\"LIVE\""] {
        let done = run(&place, &["read", &url, "--table", name]);
        assert_eq!(out(&done), "PHONE_NUMBER,STATUS\n6505551234,Completed\n", "{name}: {}", err(&done));
    }
    let done = run(&place, &["check", &url, "--table", "twice"]);
    let told = "there is no table twice; name one of its tables (Porting.LIVE, b.twice, Porting.twice) with --table";
    assert!(done.status.code() == Some(65) && err(&done).contains(told) || err(&done).contains("did you mean"), "{}", said(&done));
}
