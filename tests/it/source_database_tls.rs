//! How connections to database servers are protected: encrypted and checked unless somebody asks for less.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::program::{AS_OF, PROGRAM, STEM, err, said, starting};
use crate::servers::{CERTIFIED, PASSWORD, USER, mariadb, mariadb_database, postgres, postgres_database};
use crate::tools::{folder, names};

const ORDERS: &str =
    "CREATE TABLE port_orders (phone_number text, status text); INSERT INTO port_orders VALUES ('212-555-0101', 'Completed')";

fn report(place: &Path, url: &str) -> Output {
    let mut command = starting(PROGRAM);
    command.args(["report", url, "--as-of", AS_OF, "--format", "csv", "--out", "out"]).current_dir(place).env("HOME", place);
    command.stdin(Stdio::null()).env("PGPASSWORD", PASSWORD).env("MYSQL_PWD", PASSWORD).env_remove("PGSSLMODE").output().unwrap()
}

fn notes(place: &Path) -> String {
    let manifest: Value = serde_json::from_slice(&std::fs::read(place.join("out").join(format!("{STEM}.manifest.json"))).unwrap()).unwrap();
    manifest["content"]["notes"].to_string()
}

#[test]
fn a_server_elsewhere_is_trusted_by_its_name_and_authority_alone() {
    let Some((_owner, _)) = postgres_database("tls", ORDERS) else { return };
    let server = postgres().unwrap();
    let (port, keys) = (server.port, server.folder.display());
    let url = |host: &str, more: &str| format!("postgres://{USER}@{host}:{port}/tls?hostaddr=127.0.0.1{more}");
    let ca = format!("&sslrootcert={keys}/ca.crt");
    let other = format!("&sslrootcert={keys}/other.crt");
    let cases: [(String, i32, &str); 11] = [
        (url(CERTIFIED, &ca), 0, ""),
        (url(CERTIFIED, &format!("{ca}&sslmode=verify-full")), 0, ""),
        (url(CERTIFIED, ""), 69, "cannot be trusted"),
        (url("elsewhere.example", &ca), 69, "cannot be trusted"),
        (url(CERTIFIED, &other), 69, "cannot be trusted"),
        (
            url("elsewhere.example", &format!("{ca}&sslmode=verify-ca")),
            0,
            "sslmode=verify-ca was asked for: the connection was encrypted, but the server's name was not checked",
        ),
        (url(CERTIFIED, &format!("{other}&sslmode=verify-ca")), 69, "cannot be trusted"),
        (
            url("elsewhere.example", "&sslmode=require"),
            0,
            "sslmode=require was asked for: the connection was encrypted, but the server's certificate was not checked",
        ),
        (url("elsewhere.example", "&sslmode=prefer"), 0, "sslmode=prefer was asked for: the connection was encrypted"),
        (url("elsewhere.example", "&sslmode=disable"), 0, "sslmode=disable was asked for: the connection was not encrypted"),
        (format!("postgres://{USER}@127.0.0.1:{port}/tls"), 0, ""),
    ];
    for (url, code, expected) in cases {
        let place = folder("tls");
        let done = report(&place, &url);
        assert_eq!(done.status.code(), Some(code), "{url}: {}", said(&done));
        match code {
            0 if expected.is_empty() => assert!(!notes(&place).contains("sslmode"), "{url}: {}", notes(&place)),
            0 => assert!(notes(&place).contains(expected), "{url}: {}", notes(&place)),
            _ => {
                assert!(err(&done).contains(expected), "{url}: {}", err(&done));
                assert!(!place.join("out").exists() || names(&place.join("out")).is_empty());
            }
        }
    }
}

#[test]
fn a_server_without_encryption_gets_no_password_unless_somebody_asks_for_it() {
    // Answers the request for encryption with no, and keeps what comes then.
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 8];
        stream.read_exact(&mut request).unwrap();
        stream.write_all(b"N").unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        rest
    });
    let place = folder("tls_plain");
    let done = report(&place, &format!("postgres://{USER}@db.porting.example:{port}/orders?hostaddr=127.0.0.1"));
    assert_eq!(done.status.code(), Some(69), "{}", said(&done));
    assert!(err(&done).contains("the server takes no encrypted connection"), "{}", err(&done));
    assert_eq!(server.join().unwrap(), Vec::<u8>::new());
}

#[test]
fn a_mysql_server_is_trusted_as_one_of_postgresql_is() {
    let script =
        ["CREATE TABLE port_orders (phone_number text, status text)", "INSERT INTO port_orders VALUES ('212-555-0101', 'Completed')"];
    let Some((_owner, bare)) = mariadb_database("tls", &script) else { return };
    let keys = mariadb().unwrap().folder.display().to_string();
    let ca = format!("ssl-ca={keys}/ca.crt");
    // The certificate is for the name of this machine, not for its address.
    let named = bare.replace("127.0.0.1", "localhost");
    let done = report(&folder("tls_mysql"), &format!("{named}?{ca}&sslmode=verify-full"));
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let cases: [(String, i32, &str); 7] = [
        (format!("?{ca}&sslmode=verify-full"), 69, "cannot be trusted"),
        (format!("?{ca}&ssl-mode=VERIFY_CA"), 0, "sslmode=verify-ca was asked for"),
        (format!("?ssl-ca={keys}/other.crt&ssl-mode=VERIFY_CA"), 69, "cannot be trusted"),
        ("?ssl-mode=REQUIRED".to_owned(), 0, "sslmode=require was asked for: the connection was encrypted"),
        ("?ssl-mode=PREFERRED".to_owned(), 0, "sslmode=prefer was asked for: the connection was encrypted"),
        ("?ssl-mode=DISABLED".to_owned(), 0, "sslmode=disable was asked for: the connection was not encrypted"),
        (String::new(), 0, ""),
    ];
    for (more, code, expected) in cases {
        let place = folder("tls_mysql");
        let done = report(&place, &format!("{bare}{more}"));
        assert_eq!(done.status.code(), Some(code), "{more}: {}", said(&done));
        match code {
            0 => assert!(notes(&place).contains(expected), "{more}: {}", notes(&place)),
            _ => assert!(err(&done).contains(expected), "{more}: {}", err(&done)),
        }
    }
}
