//! What users write for where shipments go, and how often is tried.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use portstatus::clock::RunTimer;
use portstatus::deliver::transport::{Fault, Patience, Receipt, Target, with_retries};
use portstatus::error::Error;

#[test]
fn places_are_read_and_written_alike() {
    let sftp = |user: Option<&str>, host: &str, port, folder: &str| Target::Sftp {
        user: user.map(str::to_owned),
        host: host.to_owned(),
        port,
        folder: folder.to_owned(),
    };
    let s3 = |bucket: &str, prefix: &str| Target::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() };
    let mail = |addresses: &[&str]| Target::Mail(addresses.iter().map(|address| (*address).to_owned()).collect());
    let cases = [
        ("/srv/reports", Target::Folder(PathBuf::from("/srv/reports")), ""),
        ("out/a b", Target::Folder(PathBuf::from("out/a b")), ""),
        ("./~ada", Target::Folder(PathBuf::from("./~ada")), ""),
        ("out:1/x", Target::Folder(PathBuf::from("out:1/x")), ""),
        ("s3://reports", s3("reports", ""), ""),
        ("s3://reports/a/b", s3("reports", "a/b"), ""),
        ("S3://reports/a/", s3("reports", "a"), "s3://reports/a"),
        ("sftp://host/a", sftp(None, "host", None, "/a"), ""),
        ("sftp://host/", sftp(None, "host", None, "/"), ""),
        ("sftp://u@host.example:2222/~/a//b/", sftp(Some("u"), "host.example", Some(2222), "/~/a/b"), "sftp://u@host.example:2222/~/a/b"),
        ("sftp://[::1]:22/a", sftp(None, "::1", Some(22), "/a"), ""),
        ("mailto:a@example.com", mail(&["a@example.com"]), ""),
        (
            "mailto:a@example.com, b@example.com,A@example.com",
            mail(&["a@example.com", "b@example.com"]),
            "mailto:a@example.com,b@example.com",
        ),
    ];
    for (text, expected, shown) in cases {
        let target = Target::parse(text).unwrap();
        assert_eq!(target, expected, "{text}");
        let shown = if shown.is_empty() { text } else { shown };
        assert_eq!(target.to_string(), shown);
        assert_eq!(Target::parse(shown).unwrap(), expected);
    }
}

#[test]
fn what_cannot_be_a_place_is_refused_without_its_password() {
    let cases = [
        ("", "is empty"),
        (" /srv", "blank"),
        ("~/reports", "./~…"),
        ("/srv/../etc", "'..'"),
        ("../out", "'..'"),
        ("a\nb", "control"),
        ("a\0b", "control"),
        ("file:///srv", "write its path alone"),
        ("ftp://host/a", "did you mean sftp?"),
        ("sfpt://u:canary-7fq2Zx@host/a", "did you mean sftp?"),
        ("https://host/a", "s3://…"),
        ("s3:reports", "write s3://"),
        ("s3://", "does not name a bucket"),
        ("s3://..", "does not name a bucket"),
        ("s3://re ports/x", "does not name a bucket"),
        ("s3://key:canary-7fq2Zx@reports/x", "settings of their own"),
        ("s3://reports/a/../b", "'..'"),
        ("s3://reports/a//b", "empty part"),
        ("sftp://host", "does not name a folder"),
        ("sftp://u:canary-7fq2Zx@host/a", "holds a password"),
        ("sftp://u:can/ary@host/a", "port"),
        ("sftp://-oProxyCommand=touch%20x/a", "does not name a host"),
        ("sftp://-oProxyCommand=x@host/a", "user name"),
        ("sftp://u@-x/a", "does not name a host"),
        ("sftp://host;id/a", "does not name a host"),
        ("sftp://host:0/a", "port"),
        ("sftp://host:99999/a", "port"),
        ("sftp://host:22x/a", "port"),
        ("sftp://host/a/../b", "'..'"),
        ("sftp://host/~root/x", "another user"),
        ("mailto:", "not the address"),
        ("mailto://a@example.com", "mailto:name@example.com"),
        ("mailto:a@example.com?bcc=b@example.com", "nothing after"),
        ("mailto:a@example.com\r\nBcc: b@example.com", "control"),
        ("mailto:Ada <a@example.com>", "not the address"),
        ("mailto:a@example.com,,b@example.com", "not the address"),
        ("mailto:ä@example.com", "ASCII"),
        ("mailto:a", "not the address"),
    ];
    for (text, expected) in cases {
        let error = Target::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text:?}: {error}");
        assert!(!error.contains("canary") && !error.contains('\n'), "{error}");
    }
    let many: Vec<String> = (0..101).map(|number| format!("a{number}@example.com")).collect();
    assert!(Target::parse(&format!("mailto:{}", many.join(","))).is_err());
}

#[test]
fn only_what_may_pass_is_tried_again() {
    let patience = Patience { attempts: 4, first_wait: Duration::from_millis(10), ..Patience::default() };
    let go = AtomicBool::new(false);
    let error = || Error::unavailable("there", "is busy", "wait");
    let numbers = RefCell::new(Vec::new());
    let (count, outcome) = with_retries(&patience, 7, &go, |number| {
        numbers.borrow_mut().push(number);
        if number < 3 { Err(Fault::Passing(error())) } else { Ok(Receipt::default()) }
    });
    assert_eq!((count, outcome.unwrap(), numbers.into_inner()), (3, Receipt::default(), vec![1, 2, 3]));
    let (count, outcome) = with_retries(&patience, 7, &go, |_| Err(Fault::Passing(error())));
    assert!(count == 4 && matches!(outcome, Err(Fault::Passing(_))));
    let (count, outcome) = with_retries(&patience, 7, &go, |_| Err(Fault::Lasting(error())));
    assert!(count == 1 && matches!(outcome, Err(Fault::Lasting(_))));
    let (count, outcome) = with_retries(&patience, 7, &go, |_| Err(Fault::Unknown(error())));
    assert!(count == 1 && matches!(outcome, Err(Fault::Unknown(_))));
}

#[test]
fn waits_grow_differ_by_seed_and_end_when_they_are_to() {
    let error = || Err(Fault::Passing(Error::unavailable("there", "is busy", "wait")));
    let go = AtomicBool::new(false);
    let patience = Patience { attempts: 4, first_wait: Duration::from_millis(40), ..Patience::default() };
    let waits = |seed| {
        let (mut last, mut waits) = (RunTimer::start(), Vec::new());
        let _ = with_retries(&patience, seed, &go, |_| {
            waits.push(last.seconds() * 1000.0);
            last = RunTimer::start();
            error()
        });
        waits.split_off(1)
    };
    for seed in 0..4 {
        // Half of the plan at least, and not much more than one and a half of it.
        for (wait, plan) in waits(seed).into_iter().zip([40.0, 80.0, 160.0]) {
            assert!((plan * 0.5 - 1.0..plan * 1.5 + 200.0).contains(&wait), "{wait} for {plan}");
        }
    }
    let patient = Patience { attempts: 9, first_wait: Duration::from_secs(3600), ..Patience::default() };
    let timer = RunTimer::start();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| with_retries(&patient, 1, &go, |_| error()));
        std::thread::sleep(Duration::from_millis(100));
        go.store(true, Ordering::Relaxed);
        let (count, outcome) = waiting.join().unwrap();
        assert!(count == 1 && matches!(outcome, Err(Fault::Passing(_))));
    });
    assert!(timer.seconds() < 2.0);
}
