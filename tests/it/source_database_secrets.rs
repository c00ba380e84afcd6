//! Passwords of database servers: where they may stand, and that they are nowhere else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::program::{AS_OF, PROGRAM, err, out, said, starting};
use crate::servers::{PASSWORD, USER, mariadb_database, postgres, postgres_database};
use crate::tools::{folder, names};

const ORDERS: &str =
    "CREATE TABLE port_orders (phone_number text, status text); INSERT INTO port_orders VALUES ('212-555-0101', 'Completed')";

/// Arguments.
type Words<'a> = &'a [&'a str];
/// Variables of the environment.
type Variables<'a> = &'a [(&'a str, &'a str)];

/// Runs the program in `place`, its home, with `variables`, and sees to it that the password is in nothing that it wrote.
fn run(place: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = starting(PROGRAM);
    command.args(arguments).current_dir(place).stdin(Stdio::null()).env("NO_COLOR", "1").env("HOME", place);
    let done = command.envs(variables.iter().copied()).output().unwrap();
    assert!(!said(&done).contains(PASSWORD), "{arguments:?}: {}", said(&done));
    done
}

/// A file with `text` that so many may read.
fn secret(place: &Path, name: &str, text: &str, mode: u32) -> String {
    let path = place.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path.display().to_string()
}

#[test]
fn a_password_on_the_command_line_is_refused_and_never_repeated() {
    let place = folder("secrets_argv");
    for locator in [
        "postgres://reader:canary-7fq2Zx@127.0.0.1/orders",
        "postgresql://reader:canary-7fq2Zx@127.0.0.1/orders",
        "POSTGRES://reader:canary-7fq2Zx@127.0.0.1/orders",
        "postgres://127.0.0.1/orders?password=canary-7fq2Zx",
        "postgres://127.0.0.1/orders?sslpassword=canary-7fq2Zx",
        "mysql://reader:canary-7fq2Zx@127.0.0.1/orders",
        "mariadb://127.0.0.1/orders?pwd=canary-7fq2Zx",
        "postgres://reader:canary-7fq2Zx/1@127.0.0.1/orders",
        "postgres://reader:canary-7fq2Zx?1@127.0.0.1/orders",
        "postgres://reader:12?canary-7fq2Zx@127.0.0.1/orders",
        "postgres:reader:canary-7fq2Zx@127.0.0.1/orders",
        "postgres:/reader:canary-7fq2Zx@127.0.0.1/orders",
        "postgres://reader:canary-7fq2Zx @127.0.0.1/orders",
        "postgres://reader:%zzcanary-7fq2Zx@127.0.0.1/orders",
        "odbc:DSN=orders;UID=reader;PWD=canary-7fq2Zx",
        "ODBC:Driver={a;b};Password={canary-7fq2Zx}",
        "mssql://reader:canary-7fq2Zx@127.0.0.1/orders",
    ] {
        for command in ["report", "read", "check"] {
            let done = run(&place, &[command, locator], &[]);
            assert_eq!(done.status.code(), Some(64), "{locator}: {}", said(&done));
        }
        let plain = locator.matches("@127").count() == 1 && !locator.contains(['?', '%', ' ']) && locator.contains("://reader");
        if plain && !locator.contains("/1@") && !locator.starts_with("mssql") {
            let said = err(&run(&place, &["report", locator], &[]));
            assert!(said.contains("PORTSTATUS_DATABASE_URL") && said.contains("--database-url-file"), "{said}");
        }
    }
    let done = run(&place, &["report", "mssql://127.0.0.1/orders"], &[]);
    assert!(err(&done).contains("mssql:// is not a kind of input"), "{}", err(&done));
    assert!(names(&place).is_empty());
}

#[test]
fn a_password_is_found_wherever_it_may_stand() {
    let place = folder("secrets");
    let Some((_owner, _)) = postgres_database("secrets", ORDERS) else { return };
    let port = postgres().unwrap().port;
    let bare = format!("postgres://{USER}@127.0.0.1:{port}/secrets");
    let whole = format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/secrets");
    let file = secret(&place, "url", &format!("{whole}\n"), 0o600);
    let passes = secret(&place, "passes", &format!("# ours\nother:*:*:*:x\n127.0.0.1:{port}:secrets:{USER}:{PASSWORD}\n"), 0o600);
    let services = secret(
        &place,
        "services",
        &format!("[other]\nhost=nowhere\n[porting]\nhost=127.0.0.1\nport={port}\ndbname=secrets\nuser={USER}\npassword={PASSWORD}\n"),
        0o600,
    );
    let port = port.to_string();
    let variables =
        [("PGHOST", "127.0.0.1"), ("PGPORT", port.as_str()), ("PGUSER", USER), ("PGDATABASE", "secrets"), ("PGPASSWORD", PASSWORD)];
    let cases: [(Words, Variables); 9] = [
        (&["check"], &[("PORTSTATUS_DATABASE_URL", &whole)]),
        (&["check", "postgres:"], &[("PORTSTATUS_DATABASE_URL", &whole)]),
        (&["check", "--database-url-file", &file], &[]),
        (&["check", "postgres://", "--database-url-file", &file], &[]),
        (&["check", &bare], &[("PGPASSFILE", &passes)]),
        (&["check", &bare], &[("PGPASSWORD", PASSWORD)]),
        (&["check", "postgres:"], &[("PGSERVICEFILE", &services), ("PGSERVICE", "porting")]),
        (&["check", "postgres:///?service=porting"], &[("PGSERVICEFILE", &services)]),
        (&["check", "postgres:"], &variables),
    ];
    // Without a name, the user is whoever runs this.
    let done = starting(PROGRAM).args(["check", &bare.replace(&format!("{USER}@"), "")]).env_clear().output().unwrap();
    assert!(done.status.code() == Some(77) && !err(&done).contains("is not given"), "{}", said(&done));
    for (arguments, variables) in cases {
        let done = run(&place, arguments, variables);
        assert_eq!(done.status.code(), Some(0), "{arguments:?} {variables:?}: {}", said(&done));
    }
    fs::copy(&passes, place.join(".pgpass")).unwrap();
    let done = run(&place, &["check", &bare], &[]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    // A file that no input stands for is not silently passed over.
    let done = run(&place, &["check", &bare, "--database-url-file", &file], &[]);
    assert!(done.status.code() == Some(64) && err(&done).contains("no input is the database of this URL"), "{}", said(&done));
    let done = run(&place, &["read", "postgres:", "--database-url-file", &file], &[]);
    assert_eq!(out(&done), "phone_number,status\n212-555-0101,Completed\n", "{}", said(&done));
}

#[test]
fn a_file_that_others_may_read_is_refused() {
    let place = folder("secrets_wide");
    let wide = secret(&place, "url", "postgres://reader:canary-7fq2Zx@127.0.0.1/orders\n", 0o640);
    let empty = secret(&place, "empty", "\n", 0o600);
    let strange = secret(&place, "strange", "canary-7fq2Zx\n", 0o600);
    let passes = secret(&place, "passes", "*:*:*:*:canary-7fq2Zx\n", 0o644);
    let services = secret(&place, "services", "[porting]\nhost=127.0.0.1\npassword=canary-7fq2Zx\n", 0o644);
    secret(&place, ".my.cnf", "[client]\npassword=canary-7fq2Zx\n", 0o604);
    let bare = "postgres://reader@127.0.0.1:1/orders";
    let cases: [(Words, Variables, i32, &str); 9] = [
        (&["report", "--database-url-file", &wide], &[], 77, "run chmod 600"),
        (&["report", "postgres:", "--database-url-file", &wide], &[], 77, "run chmod 600"),
        (&["report", bare], &[("PGPASSFILE", &passes)], 77, "run chmod 600"),
        (&["report", "postgres:"], &[("PGSERVICEFILE", &services), ("PGSERVICE", "porting")], 77, "run chmod 600"),
        (&["report", "mysql://reader@127.0.0.1:1/orders"], &[], 77, "run chmod 600"),
        (&["report", "--database-url-file", &empty], &[], 65, "is empty"),
        (&["report", "--database-url-file", &strange], &[], 64, "does not hold the URL of a database server"),
        (&["report", "--database-url-file", "none"], &[], 66, "cannot be read"),
        (&["report", "mysql:"], &[("PORTSTATUS_DATABASE_URL", "postgres://u:canary-7fq2Zx@h/d")], 64, "the input is a MySQL one"),
    ];
    for (arguments, variables, code, expected) in cases {
        let done = run(&place, arguments, variables);
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", said(&done));
        assert!(err(&done).contains(expected), "{arguments:?}: {}", err(&done));
    }
}

#[test]
fn a_password_is_in_no_message_no_output_and_no_argument() {
    let place = folder("secrets_canary");
    let Some((mut owner, _)) = postgres_database("canary", ORDERS) else { return };
    let port = postgres().unwrap().port;
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let url = |host: &str, port: u16, database: &str, more: &str| format!("postgres://{USER}:{PASSWORD}@{host}:{port}/{database}{more}");
    let good = url("127.0.0.1", port, "canary", "");
    let done = run(&place, &["report", "postgres:", "--as-of", AS_OF, "--out", "out"], &[("PORTSTATUS_DATABASE_URL", &good)]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    for name in names(&place.join("out")) {
        let bytes = fs::read(place.join("out").join(&name)).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(PASSWORD), "{name}");
        assert!(!String::from_utf8_lossy(&bytes).contains(USER), "{name}");
    }
    let cases = [
        (url("127.0.0.1", free, "canary", ""), 69),
        (url("no-such-host.invalid", port, "canary", "?sslmode=disable"), 69),
        (url("no-such-host.invalid", port, "canary", "?hostaddr=127.0.0.1"), 69),
        (url("127.0.0.1", port, "no_such_base", ""), 66),
        (format!("postgres://nobody_here:{PASSWORD}@127.0.0.1:{port}/canary"), 77),
        (format!("postgres://{USER}:{PASSWORD}x@127.0.0.1:{port}/canary"), 77),
        (format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/canary?sslmode=perhaps"), 64),
        (format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/canary?{PASSWORD}=1"), 64),
        (format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{PASSWORD}/canary"), 64),
    ];
    for (url, code) in &cases {
        for more in [&[][..], &["--json"]] {
            let done = run(&place, &[&["report", "postgres:", "--out", "none"], more].concat(), &[("PORTSTATUS_DATABASE_URL", url)]);
            assert_eq!(done.status.code(), Some(i32::from(*code as u8)), "{url}: {}", said(&done));
        }
    }
    let done = run(&place, &["report", &format!("postgres://{USER}@127.0.0.1:{port}/canary")], &[]);
    assert_eq!(done.status.code(), Some(77), "{}", said(&done));
    assert!(err(&done).contains("asks for a password, and none is given"), "{}", err(&done));
    // While it runs, nobody sees it among the processes.
    owner.batch_execute("CREATE VIEW slow AS SELECT phone_number, status, pg_sleep(3)::text AS location FROM port_orders").unwrap();
    owner.batch_execute(&format!("GRANT SELECT ON slow TO {USER}")).unwrap();
    let mut command = starting(PROGRAM);
    command
        .args(["check", "postgres:", "--table", "slow"])
        .env("PORTSTATUS_DATABASE_URL", &good)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    let line = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    assert!(!line.is_empty() && !String::from_utf8_lossy(&line).contains(PASSWORD));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_password_of_mysql_is_found_in_its_own_places_and_shown_nowhere() {
    let place = folder("secrets_mysql");
    let script =
        ["CREATE TABLE port_orders (phone_number text, status text)", "INSERT INTO port_orders VALUES ('212-555-0101', 'Completed')"];
    let Some((_owner, bare)) = mariadb_database("secrets", &script) else { return };
    let whole = bare.replace('@', &format!(":{PASSWORD}@"));
    let wrong = bare.replace('@', &format!(":{PASSWORD}x@"));
    let cases: [(Words, Variables, i32); 5] = [
        (&["check", &bare], &[], 77),
        (&["check", &bare], &[("MYSQL_PWD", PASSWORD)], 0),
        (&["check", "mysql:"], &[("PORTSTATUS_DATABASE_URL", &whole)], 0),
        (&["check"], &[("PORTSTATUS_DATABASE_URL", &whole.replace("mysql:", "mariadb:"))], 0),
        (&["check", "mysql:"], &[("PORTSTATUS_DATABASE_URL", &wrong)], 77),
    ];
    for (arguments, variables, code) in cases {
        let done = run(&place, arguments, variables);
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", said(&done));
    }
    secret(&place, ".my.cnf", &format!("# ours\n[mysqld]\nport = 1\n[client]\npassword = \"{PASSWORD}\"\n"), 0o600);
    let done = run(&place, &["check", &bare], &[]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
}
