//! Shipments into an object store, which the tests start.

use std::sync::atomic::Ordering;

use portstatus::deliver::transport::Receipt;

use crate::delivery_servers::{Cutter, http, noise, object_store, s3_settings, shared_store, shipment, target, told, transports};

#[test]
fn objects_arrive_verified_and_once() {
    let Some(store) = shared_store() else { return };
    let cutter = Cutter::start(store.port, u64::MAX);
    let ways = transports(s3_settings(cutter.port), 60);
    let to = target("s3://reports/once/2026-11-27");
    let big = noise(20 << 20);
    let sent = shipment("k1", &[("a b#1%+.csv", b"a,b\n"), ("b.xlsx", b""), ("big.pdf", &big)]);
    assert_eq!(ways.deliver(&to, &sent).unwrap(), Receipt::default());
    let list = http(store.port, "GET", "/reports?list-type=2&prefix=once/");
    assert_eq!(list.matches("<Key>").count(), 3, "{list}");
    assert!(list.contains("<Key>once/2026-11-27/a b#1%+.csv</Key>") && list.contains(&format!("<Size>{}</Size>", big.len())), "{list}");
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
    let newer = shipment("k2", &[("a b#1%+.csv", b"a,c\n"), ("big.pdf", &big)]);
    assert!(!ways.deliver(&to, &newer).unwrap().was_there);
    assert!(http(store.port, "GET", "/reports/once/2026-11-27/a%20b%231%25%2B.csv").ends_with("a,c\n"));
    assert!(before - cutter.left.load(Ordering::SeqCst) < 40_000);
    assert!(!format!("{ways:?}").contains(crate::servers::PASSWORD));
    // One connection is enough for all of it.
    assert!(cutter.connections.load(Ordering::SeqCst) <= 3, "{:?}", cutter.connections);
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
    let silent = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let ways = transports(s3_settings(silent.local_addr().unwrap().port()), 1);
    let late = told(ways.deliver(&target("s3://reports/x"), &sent));
    assert!(late.starts_with("passing: "), "{late}");
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
