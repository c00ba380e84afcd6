//! Shipments into an object store, which the tests start.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portstatus::deliver::staged::digest;
use portstatus::deliver::transport::Receipt;

use crate::delivery_servers::{Cutter, http, noise, object_store, s3_settings, shared_store, shipment, target, told, transports};
use crate::servers::{TestServer, certify};
use crate::tools::found;

#[test]
fn objects_arrive_verified_and_once() {
    let Some(store) = shared_store() else { return };
    let cutter = Cutter::start(store.port, u64::MAX);
    let ways = transports(s3_settings(cutter.port), 60);
    let to = target("s3://reports/once/2026-11-27");
    let big = noise(20 << 20);
    let sent = shipment("k1", &[("a b#1.csv", b"a,b\n"), ("100%+.xlsx", b""), ("big.pdf", &big)]);
    assert_eq!(ways.deliver(&to, &sent).unwrap(), Receipt::default());
    let list = http(store.port, "GET", "/reports?list-type=2&prefix=once/");
    assert_eq!(list.matches("<Key>").count(), 3, "{list}");
    assert!(list.contains("<Key>once/2026-11-27/a b#1.csv</Key>") && list.contains("<Key>once/2026-11-27/100%+.xlsx</Key>"), "{list}");
    assert!(list.contains(&format!("<Size>{}</Size>", big.len())), "{list}");
    let head = http(store.port, "HEAD", "/reports/once/2026-11-27/big.pdf").to_lowercase();
    assert!(head.contains(&format!("x-amz-meta-sha256: {}", sent.files[2].sha256)), "{head}");
    assert!(head.contains("content-type: application/pdf"), "{head}");
    let parts = http(store.port, "GET", "/reports?uploads");
    assert!(!parts.contains("<Key>once/"), "{parts}");
    // Again: nothing is put.
    let before = cutter.left.load(Ordering::SeqCst);
    assert!(ways.deliver(&to, &sent).unwrap().was_there);
    assert!(before - cutter.left.load(Ordering::SeqCst) < 20_000);
    // One is another: it is put alone.
    let newer = shipment("k2", &[("a b#1.csv", b"a,c\n"), ("big.pdf", &big)]);
    assert!(!ways.deliver(&to, &newer).unwrap().was_there);
    assert!(http(store.port, "GET", "/reports/once/2026-11-27/a%20b%231.csv").ends_with("a,c\n"));
    assert!(before - cutter.left.load(Ordering::SeqCst) < 40_000);
    assert!(!format!("{ways:?}").contains(crate::servers::PASSWORD));
}

#[test]
fn no_object_stands_when_the_store_is_cut_off_midway() {
    let Some(store) = shared_store() else { return };
    let big = noise(20 << 20);
    let sent = shipment("cut", &[("big.pdf", &big)]);
    let to = target("s3://reports/cut");
    let cutter = Cutter::start(store.port, 12 << 20);
    let ways = transports(s3_settings(cutter.port), 60);
    let fault = told(ways.deliver(&to, &sent));
    assert!(fault.starts_with("passing: s3://reports/cut: "), "{fault}");
    assert!(!http(store.port, "GET", "/reports?list-type=2&prefix=cut/").contains("<Key>"));
    // The store is there again: the next attempt delivers.
    cutter.left.store(u64::MAX, Ordering::SeqCst);
    assert!(!ways.deliver(&to, &sent).unwrap().was_there);
    assert!(http(store.port, "GET", "/reports?list-type=2&prefix=cut/").contains("<Key>cut/big.pdf</Key>"));
}

#[test]
fn parts_are_taken_back_when_the_file_is_not_what_it_was() {
    let Some(store) = shared_store() else { return };
    let ways = transports(s3_settings(store.port), 60);
    let mut sent = shipment("changed", &[("big.csv", &noise(17 << 20)), ("small.csv", b"a")]);
    sent.files[0].sha256 = "0".repeat(64);
    let fault = told(ways.deliver(&target("s3://reports/changed"), &sent));
    assert!(fault.starts_with("lasting: ") && fault.contains("is not the file that was made"), "{fault}");
    assert!(!http(store.port, "GET", "/reports?list-type=2&prefix=changed/").contains("<Key>"));
    assert!(!http(store.port, "GET", "/reports?uploads").contains("<Key>changed/"));
}

#[test]
fn a_wrong_key_and_a_missing_bucket_last_and_a_silent_store_passes() {
    let Some(store) = shared_store() else { return };
    let sent = shipment("k", &[("a.csv", b"a")]);
    let ways = transports(s3_settings(store.port), 20);
    let missing = told(ways.deliver(&target("s3://nobody-made-it/x"), &sent));
    assert!(
        missing.starts_with("lasting: s3://nobody-made-it/x: ") && missing.contains("NoSuchBucket (404); make the bucket"),
        "{missing}"
    );
    let Some(strict) = object_store("s3-strict", true) else { return };
    let ways = transports(s3_settings(strict.port), 20);
    let refused = told(ways.deliver(&target("s3://reports/x"), &sent));
    assert!(refused.starts_with("lasting: s3://reports/x: ") && refused.contains("(403); check the key"), "{refused}");
    strict.stop();
    let gone = told(ways.deliver(&target("s3://reports/x"), &sent));
    assert!(gone.starts_with("passing: ") && gone.contains("cannot be reached") || gone.contains("broke"), "{gone}");
    // Somebody listens and never answers.
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let ways = transports(s3_settings(silent.local_addr().unwrap().port()), 1);
    let late = told(ways.deliver(&target("s3://reports/x"), &sent));
    assert!(late.starts_with("passing: "), "{late}");
}

/// A store that gives these answers, one after another and then the last one for ever, and counts connections.
fn scripted_store(answers: &'static [&'static str]) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (connections, counted) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&connections);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            seen.fetch_add(1, Ordering::SeqCst);
            let counted = Arc::clone(&counted);
            std::thread::spawn(move || {
                let mut client = BufReader::new(client);
                loop {
                    let (mut line, mut length) = (String::new(), 0);
                    while line != "\r\n" {
                        line.clear();
                        if client.read_line(&mut line).unwrap_or(0) == 0 {
                            return;
                        }
                        if let Some(count) = line.to_lowercase().strip_prefix("content-length:") {
                            length = count.trim().parse().unwrap();
                        }
                    }
                    std::io::copy(&mut client.by_ref().take(length), &mut std::io::sink()).unwrap();
                    let number = counted.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
                    client.get_mut().write_all(answers[number].as_bytes()).unwrap();
                }
            });
        }
    });
    (port, connections)
}

#[test]
fn answers_decide_what_comes_next_and_connections_are_kept() {
    let deliver = |answers| {
        let (port, _) = scripted_store(answers);
        told(transports(s3_settings(port), 10).deliver(&target("s3://reports/x"), &shipment("k", &[("a.csv", b"a")])))
    };
    let no = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    let slow = "HTTP/1.1 503 Slow Down\r\nContent-Length: 36\r\n\r\n<Error><Code>SlowDown</Code></Error>";
    let busy = deliver(Box::leak(Box::new([no, slow])));
    assert!(busy.starts_with("passing: s3://reports/x: the object cannot be put: SlowDown (503)"), "{busy}");
    for (status, kind) in
        [("500 x", "passing"), ("429 x", "passing"), ("408 x", "passing"), ("400 x", "lasting"), ("401 x", "lasting"), ("403 x", "lasting")]
    {
        let answer: &'static str = Box::leak(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_boxed_str());
        let fault = deliver(Box::leak(Box::new([no, answer])));
        assert!(fault.starts_with(kind) && fault.contains(&status[..3]), "{status}: {fault}");
    }
    // The store took it, and shows another object: it is sent again.
    let yes = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nLast-Modified: Fri, 27 Nov 2026 06:00:00 GMT\r\nx-amz-meta-sha256: 00\r\nContent-Length: 0\r\n\r\n";
    let other = deliver(Box::leak(Box::new([no, yes])));
    assert!(other.starts_with("passing: ") && other.contains("is not what was sent"), "{other}");
    // What is there already is asked for thirty times, over a connection or a few: one is free again a moment after its answer.
    let hash = digest(b"");
    let there: &'static str = Box::leak(yes.replace("sha256: 00", &format!("sha256: {hash}")).into_boxed_str());
    let (port, connections) = scripted_store(Box::leak(Box::new([there])));
    let ways = transports(s3_settings(port), 10);
    for _ in 0..30 {
        assert!(ways.deliver(&target("s3://reports/x"), &shipment("k", &[("a.csv", b"")])).unwrap().was_there);
    }
    assert!(connections.load(Ordering::SeqCst) <= 6, "{connections:?}");
}

#[test]
fn a_store_that_is_not_trusted_gets_nothing() {
    if !found("openssl") {
        return;
    }
    let command = |folder: &Path, port| {
        let folder = folder.display();
        format!("exec openssl s_server -quiet -www -accept 127.0.0.1:{port} -cert {folder}/server.crt -key {folder}/server.key")
    };
    let server = TestServer::start("s3-tls", |folder, _| certify(folder), command);
    server.wait(|| TcpStream::connect(("127.0.0.1", server.port)).ok());
    let mut settings = s3_settings(0);
    settings.s3.endpoint = Some(format!("https://localhost:{}", server.port));
    let fault = told(transports(settings, 10).deliver(&target("s3://reports/x"), &shipment("k", &[("a.csv", b"a")])));
    assert!(
        fault.starts_with("lasting: s3://reports/x: ") && fault.contains("is not trusted") && fault.contains("SSL_CERT_FILE"),
        "{fault}"
    );
}

#[test]
fn settings_of_a_store_are_checked_without_asking_it() {
    let check = |change: &dyn Fn(&mut portstatus::deliver::transport::S3Settings)| {
        let mut settings = s3_settings(1);
        change(&mut settings.s3);
        let shown = format!("{settings:?}");
        assert!(!shown.contains("canary"), "{shown}");
        transports(settings, 5).check(&target("s3://reports/x")).map_err(|error| error.to_string())
    };
    check(&|_| {}).unwrap();
    check(&|settings| settings.endpoint = Some("https://minio.example:9000/".to_owned())).unwrap();
    let refused = |change: &dyn Fn(&mut portstatus::deliver::transport::S3Settings), expected: &str| {
        let error = check(change).unwrap_err();
        assert!(error.starts_with("s3://reports/x: ") && error.contains(expected) && !error.contains("canary"), "{error}");
    };
    refused(&|settings| settings.endpoint = Some("http://minio.example:9000".to_owned()), "in the clear");
    refused(&|settings| settings.endpoint = Some("http://127.0.0.1.evil.example".to_owned()), "in the clear");
    refused(&|settings| settings.endpoint = Some("https://u:canary@minio.example".to_owned()), "without a login");
    refused(&|settings| settings.endpoint = Some("minio.example".to_owned()), "no scheme");
    refused(&|settings| settings.secret_access_key = None, "both or neither");
}
