//! Who is not let in, and who is not there: each is said in one sentence, quickly, and without the token.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use portstatus::engine::Interruption;
use portstatus::error::{Error, ErrorKind};

use crate::engine::{TOKEN, connect, connect_with, faulty, numbers, session_id};

/// The error of a connection, which is one sentence.
fn refused(address: &str, token: Option<&str>) -> Error {
    let began = Instant::now();
    let Err(error) = connect_with(address, &session_id(), token, &Interruption::default()) else { panic!("{address}: let in") };
    assert!(began.elapsed() < Duration::from_secs(40), "{address}: {:?}", began.elapsed());
    let text = error.to_string();
    assert!(!text.contains(TOKEN) && !text.contains("canary") && !text.contains('\n'), "{address}: {text}");
    let causes = std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
    causes.for_each(|cause| assert!(!cause.to_string().contains("canary"), "{address}: {cause}"));
    error
}

fn check(error: &Error, kind: ErrorKind, said: &str) {
    assert!(error.kind == kind && error.to_string().contains(said), "{:?}, not {kind:?} {said}: {error}", error.kind);
}

#[test]
fn a_token_is_asked_for_and_told_to_nobody() {
    let Some(server) = faulty() else { return };
    let address = format!("sc://127.0.0.1:{}", server.ports[1]);
    let without = "without a token that it knows; set PORTSTATUS_ENGINE_TOKEN";
    check(&refused(&address, None), ErrorKind::Permission, without);
    check(&refused(&address, Some("canary-wrong")), ErrorKind::Permission, without);
    let mut engine = connect_with(&address, &session_id(), Some(TOKEN), &Interruption::default()).unwrap();
    assert_eq!(engine.version().unwrap(), "4.3.0-faulty");
    assert_eq!(numbers(&mut engine, "ended early").0.len(), 15);
    // Not even a try: whoever is between could read it.
    check(
        &refused("sc://engine.example", Some(TOKEN)),
        ErrorKind::Usage,
        "the token would be sent to sc://engine.example:15002 unencrypted",
    );
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    let Some(server) = faulty() else { return };
    let address = format!("sc://localhost:{}/;use_ssl=true", server.ports[2]);
    check(&refused(&address, Some(TOKEN)), ErrorKind::Unavailable, "the engine cannot be trusted: its certificate is refused");
    // One side encrypts, the other does not.
    let plain = format!("sc://localhost:{}/;use_ssl=true", server.ports[0]);
    check(&refused(&plain, Some(TOKEN)), ErrorKind::Unavailable, "sc://localhost");
    check(&refused(&format!("sc://localhost:{}", server.ports[2]), Some(TOKEN)), ErrorKind::Unavailable, "use_ssl=true");
}

/// The variable by which the test below tells itself that it is the one that trusts.
const TRUSTING: &str = "PORTSTATUS_TEST_TRUSTING";

#[test]
fn a_certificate_that_the_system_vouches_for_is_taken() {
    if let Some(port) = std::env::var_os(TRUSTING) {
        let address = format!("sc://localhost:{}/;use_ssl=true", port.to_str().unwrap());
        let mut engine = connect_with(&address, &session_id(), Some(TOKEN), &Interruption::default()).unwrap();
        assert_eq!(numbers(&mut engine, "ended early").0.len(), 15);
        return;
    }
    let Some(server) = faulty() else { return };
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "engine::refused::a_certificate_that_the_system_vouches_for_is_taken", "--nocapture"]);
    command.env(TRUSTING, server.ports[2].to_string()).env("SSL_CERT_FILE", server.server.folder.join("authority.pem"));
    let done = command.env_remove("SSL_CERT_DIR").output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn who_is_not_there_or_speaks_otherwise_is_said() {
    let unused = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    check(&refused(&format!("sc://127.0.0.1:{unused}"), None), ErrorKind::Unavailable, "nothing listens there; start the engine");
    check(&refused("sc://no-such-host.invalid", None), ErrorKind::Unavailable, "sc://no-such-host.invalid:15002: the engine cannot be");
    // A server of web pages, which knows no HTTP/2.
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    check(&refused(&format!("sc://127.0.0.1:{port}"), None), ErrorKind::Unavailable, "see whether a Spark Connect server listens there");
}

#[test]
fn waiting_for_one_who_says_nothing_can_be_interrupted() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let (port, interruption) = (listener.local_addr().unwrap().port(), Interruption::default());
    let asked = interruption.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(500));
        asked.interrupt(Duration::ZERO);
    });
    let began = Instant::now();
    let Err(error) = connect_with(&format!("sc://127.0.0.1:{port}"), &session_id(), None, &interruption) else { panic!("let in") };
    check(&error, ErrorKind::TryLater, "interrupted");
    assert!(began.elapsed() < Duration::from_secs(10));
    drop(listener);
    assert!(connect("sc://", &session_id()).is_err());
}
