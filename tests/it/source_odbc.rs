//! Databases behind ODBC: PostgreSQL and SQLite by Debian's drivers. Built and run by `tests/odbc` alone.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::program::{AS_OF, PROGRAM, STEM, err, out, said, starting};
use crate::servers::{PASSWORD, USER, postgres, postgres_database};
use crate::tools::{folder, found, names, run as tool};

const ORDERS: &str = "CREATE TABLE notes (id integer, text text);
INSERT INTO notes VALUES (1, 'x');
CREATE TABLE port_orders (phone_number varchar(40), account_id integer, status varchar(40), confirmed_date date, location text);
INSERT INTO port_orders VALUES
  ('212-555-0101', 2001, 'Completed', '2026-01-05', 'São Paulo'),
  ('212-555-0102', 2001, 'In Progress', NULL, NULL),
  ('212-555-\"0103\"', 2002, 'Canceled', NULL, ''),
  (NULL, NULL, NULL, NULL, NULL);";

fn run(place: &Path, arguments: &[&str], url: Option<&str>) -> Output {
    let mut command = starting(PROGRAM);
    command.args(arguments).current_dir(place).stdin(Stdio::null()).env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8");
    let done = command.envs(url.map(|url| ("PORTSTATUS_DATABASE_URL", url))).output().unwrap();
    assert!(!said(&done).contains(PASSWORD), "{}", said(&done));
    done
}

/// A table, a query and a report of the orders behind `input`.
fn compare(input: &str) {
    let place = folder("odbc");
    let rows = "phone_number,account_id,status,confirmed_date,location\n212-555-0101,2001,Completed,2026-01-05,São Paulo\n212-555-0102,2001,In Progress,,\n\"212-555-\"\"0103\"\"\",2002,Canceled,,\n,,,,\n";
    let done = run(&place, &["read", input, "--table", "port_orders"], None);
    assert_eq!((done.status.code(), out(&done)), (Some(0), rows.to_owned()), "{}", said(&done));
    let done = run(&place, &["read", input, "--query", "select id as n, text from notes"], None);
    assert_eq!(out(&done), "n,text\n1,x\n", "{}", said(&done));
    fs::write(place.join("orders.csv"), rows).unwrap();
    let report = |input: &str, more: &[&str], to: &str| {
        let done =
            run(&place, &[&["report", input, "--as-of", AS_OF, "--format", "csv", "--rejects-ok", "--out", to], more].concat(), None);
        assert_eq!(done.status.code(), Some(0), "{}", said(&done));
        fs::read_to_string(place.join(to).join(format!("{STEM}.csv"))).unwrap()
    };
    assert_eq!(report(input, &[], "odbc"), report("orders.csv", &[], "text"));
    for (arguments, code, expected) in [
        (["--table", "port_order"], 65, "did you mean port_orders?"),
        (["--query", "select no_such_column from port_orders"], 64, "no_such_column"),
        (["--query", "delete from port_orders"], 64, "is not a SELECT"),
    ] {
        let done = run(&place, &[&["report", input, "--out", "none"], &arguments[..]].concat(), None);
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", said(&done));
        assert!(err(&done).contains(expected), "{arguments:?}: {}", err(&done));
        assert!(!place.join("none").exists() || names(&place.join("none")).is_empty());
    }
}

#[test]
fn a_postgresql_database_is_read_and_its_password_is_shown_nowhere() {
    let Some((mut owner, _)) = postgres_database("odbc", ORDERS) else { return };
    let port = postgres().unwrap().port;
    let driver = format!("odbc:Driver={{PostgreSQL Unicode}};Server=127.0.0.1;Port={port};Database=odbc;UID");
    compare(&format!("{driver}=postgres"));
    let place = folder("odbc_secret");
    let secret = format!("{driver}={USER};PWD={PASSWORD}");
    let done = run(&place, &["check", &secret], None);
    assert_eq!(done.status.code(), Some(64), "{}", said(&done));
    let done = run(&place, &["check", "odbc:", "--table", "port_orders", "--rejects-ok"], Some(&secret));
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let done = run(&place, &["check", "--table", "port_orders"], Some(&format!("{secret}x")));
    assert_eq!(done.status.code(), Some(77), "{}", said(&done));
    owner.batch_execute("CREATE TABLE odd (phone_number text, status bytea)").unwrap();
    let done = run(&place, &["check", &format!("{driver}=postgres"), "--table", "odd"], None);
    assert!(done.status.code() == Some(65) && err(&done).contains("column 'status' holds binary data"), "{}", said(&done));
    let done = run(&place, &["check", "odbc:DSN=no_such_source"], None);
    assert!(done.status.code() == Some(66) && err(&done).contains("no such data source"), "{}", said(&done));
}

#[test]
fn an_sqlite_database_is_read() {
    if !found("python3") {
        return;
    }
    let path = folder("odbc_sqlite").join("orders.db");
    let program = "import sqlite3, sys\nbase = sqlite3.connect(sys.argv[1])\nbase.executescript(sys.argv[2])\nbase.commit()\nbase.close()";
    tool("python3", &["-c", program, path.to_str().unwrap(), ORDERS]);
    compare(&format!("odbc:Driver={{SQLite3}};Database={}", path.display()));
}
