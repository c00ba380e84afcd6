//! Limits of a viewer: how often somebody asks, clients that read slowly, and its end in the middle of an export.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::program::{AS_OF, run, said, write_orders};
use crate::serve_users::{BY_PROXY, orders_and_users};
use crate::tools::{self, folder};
use crate::viewer::Viewer;

#[test]
fn whoever_asks_too_often_waits_and_nobody_else_does() {
    let place = folder("serve-rate");
    orders_and_users(&place);
    let viewer = Viewer::start_for_users(&place, &[&BY_PROXY[..], &["--requests-per-minute", "30", "--audit-log", "audit.jsonl"]].concat());
    let asked: Vec<u16> = (0..40).map(|_| viewer.get_as("ann@north.example", "/api/v1/accounts").status).collect();
    let let_in = asked.iter().filter(|status| **status == 200).count();
    assert!((30..=36).contains(&let_in) && asked[..30].iter().all(|status| *status == 200), "{asked:?}");
    let refused = (0..10).map(|_| viewer.get_as("ann@north.example", "/api/v1/accounts")).find(|answer| answer.status == 429).unwrap();
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3).contains(&wait), "{wait}");
    assert_eq!((refused.header("content-type"), refused.json()["status"].as_u64()), (Some("application/problem+json"), Some(429)));
    let page = (0..10).map(|_| viewer.get_as("ann@north.example", "/")).find(|answer| answer.status == 429).unwrap();
    assert!(page.text().contains("<h1>Not shown</h1><p>You ask too often.</p>"), "{}", page.text());
    assert_eq!(viewer.get_as("bob@south.example", "/").status, 200, "another user");
    std::thread::sleep(Duration::from_secs(wait + 2));
    assert_eq!(viewer.get_as("ann@north.example", "/").status, 200);
    // However often somebody is refused, that is one line a minute.
    let audit = std::fs::read_to_string(place.join("audit.jsonl")).unwrap();
    assert_eq!(audit.lines().filter(|line| line.contains("\"status\":429")).count(), 1, "{audit}");
    // Whoever is nobody is counted as the proxy that does not tell for whom it asks; users are not.
    let asked: Vec<u16> = (0..40).map(|_| viewer.ask("GET /", &["Host: ports.example"], "").status).collect();
    assert!(asked[..30].iter().all(|status| *status == 401) && asked.contains(&429), "{asked:?}");
    assert_eq!(viewer.get_as("bob@south.example", "/").status, 200);
    // By the token it is the machine that is counted, where that is asked for.
    let viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF, "--requests-per-minute", "5"]);
    let asked: Vec<u16> = (0..7).map(|_| viewer.get("/").status).collect();
    assert_eq!(asked, [200, 200, 200, 200, 200, 429, 429]);
}

/// Asks for an export and reads no more than its beginning.
fn slow_export(viewer: &Viewer) -> TcpStream {
    let mut stream = TcpStream::connect(&viewer.address).unwrap();
    write!(stream, "GET /export/csv?token={} HTTP/1.1\r\nHost: {}\r\n\r\n", viewer.token, viewer.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut beginning = [0; 1_000];
    stream.read_exact(&mut beginning).unwrap();
    assert!(beginning.starts_with(b"HTTP/1.1 200"));
    stream
}

#[test]
fn slow_readers_of_exports_keep_nobody_from_pages_and_the_end_does_not_wait_for_them() {
    let place = folder("serve-slow");
    write_orders(&place, 200_000);
    let mut viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF]);
    assert_eq!(viewer.total(""), 200_000);
    let slow = [slow_export(&viewer), slow_export(&viewer)];
    let began = Instant::now();
    for query in ["", "status=completed", "overdue=1"] {
        viewer.total(query);
    }
    assert!(began.elapsed() < Duration::from_secs(10));
    // A third reader has a file as soon as one of them goes away.
    let [first, second] = slow;
    drop(first);
    assert_eq!(viewer.get("/export/jsonl").text().lines().count(), 200_000);
    // The system may hold what was written; the reader sees that the rest does not come.
    let began = Instant::now();
    tools::run("kill", &["-TERM", &viewer.child.id().to_string()]);
    assert_eq!(viewer.child.wait().unwrap().code(), Some(143));
    assert!(began.elapsed() < Duration::from_secs(5));
    let mut second = second;
    let mut rest = Vec::new();
    let _ = second.read_to_end(&mut rest);
    assert!(!rest.ends_with(b"0\r\n\r\n"), "{} bytes", rest.len());
    assert!(std::fs::read_dir(&place).unwrap().count() == 1, "nothing is left behind");
}

#[test]
fn one_who_reads_exports_slowly_keeps_others_from_none() {
    let place = folder("serve-slow-user");
    write_orders(&place, 200_000);
    std::fs::write(
        place.join("accounts.csv"),
        "account_id,partner\n".to_owned() + &(0..7).map(|of| format!("A-{of},P-{of}\n")).collect::<String>(),
    )
    .unwrap();
    std::fs::write(place.join("users.csv"), "user,column,value\nops,all,\nann,partner,P-1\n").unwrap();
    let viewer = Viewer::start_for_users(&place, &[&BY_PROXY[..], &["--accounts", "accounts.csv"]].concat());
    let asked = || {
        let mut stream = TcpStream::connect(&viewer.address).unwrap();
        stream.write_all(b"GET /export/csv HTTP/1.1\r\nHost: ports.example\r\nX-User: ops\r\n\r\n").unwrap();
        stream
    };
    let mut first = asked();
    let mut beginning = [0; 12];
    first.read_exact(&mut beginning).unwrap();
    assert_eq!(&beginning, b"HTTP/1.1 200");
    // The same user has no other until it is done.
    let _others = [asked(), asked(), asked()];
    let refused = viewer.get_as("ops", "/export/csv");
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("5")), "{}", refused.text());
    assert!(refused.text().contains("Another export of yours is under way."), "{}", refused.text());
    assert_eq!(viewer.get_as("ops", "/").status, 200);
    let own = viewer.get_as("ann", "/export/csv");
    assert_eq!((own.status, own.text().lines().count()), (200, 200_000_usize.div_ceil(7) + 1));
}

#[test]
fn one_who_asks_for_much_at_once_is_refused_some_of_it_and_others_nothing() {
    let place = folder("serve-places");
    orders_and_users(&place);
    // A reading that does not end.
    std::fs::remove_file(place.join("orders.csv")).unwrap();
    tools::run("mkfifo", &[place.join("orders.csv").to_str().unwrap()]);
    let viewer = Viewer::start_for_users(&place, &BY_PROXY);
    let asked = |user: &str| {
        let mut stream = TcpStream::connect(&viewer.address).unwrap();
        write!(stream, "GET /api/v1/numbers HTTP/1.1\r\nHost: ports.example\r\nX-User: {user}\r\nConnection: close\r\n\r\n").unwrap();
        stream
    };
    let much: Vec<TcpStream> = (0..70).map(|_| asked("ann@north.example")).collect();
    std::thread::sleep(Duration::from_secs(2));
    let has_answer = |stream: &TcpStream| {
        stream.set_nonblocking(true).unwrap();
        let found = stream.peek(&mut [0]);
        stream.set_nonblocking(false).unwrap();
        found.is_ok()
    };
    let (refused, waiting): (Vec<TcpStream>, Vec<TcpStream>) = much.into_iter().partition(has_answer);
    assert_eq!((refused.len(), waiting.len()), (6, 64));
    for stream in refused {
        let answer = std::io::read_to_string(stream).unwrap();
        assert!(answer.starts_with("HTTP/1.1 429") && answer.contains("Too many of your requests are under way."), "{answer}");
    }
    let another = asked("bob@south.example");
    std::thread::sleep(Duration::from_secs(1));
    assert!(!has_answer(&another), "it waits for the reading");
}

#[test]
fn users_have_the_inputs_read_again_once_in_a_while_alone() {
    let place = folder("serve-rest");
    orders_and_users(&place);
    let viewer = Viewer::start_for_users(&place, &BY_PROXY);
    // A cursor begins with the number of the reading.
    let reading = || {
        let refresh = ["Host: ports.example", "X-User: ann@north.example", "Origin: https://ports.example"];
        assert_eq!(viewer.ask("POST /refresh", &refresh, "").status, 303);
        let next = viewer.get_as("ann@north.example", "/api/v1/numbers?limit=1").json()["next"].as_str().unwrap().to_owned();
        next.split('-').next().unwrap().to_owned()
    };
    assert_eq!([reading(), reading(), reading()], ["1", "1", "1"]);
    std::thread::sleep(Duration::from_secs(11));
    assert_eq!([reading(), reading()], ["2", "2"]);
}

#[test]
fn an_export_of_several_files_is_an_archive_of_those_that_the_command_line_writes() {
    let place = folder("serve-archive");
    write_orders(&place, 10_500);
    let viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF]);
    let archive = viewer.get("/export/html");
    assert!(archive.header("content-disposition").unwrap().ends_with(".html.zip\""), "{}", archive.head);
    let done = run(&place, &["report", "orders.csv", "--as-of", AS_OF, "--out", "o", "--format", "html", "--rejects-ok"]);
    assert!(done.status.success(), "{}", said(&done));
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive.body)).unwrap();
    let mut files: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    files.sort();
    let written: Vec<String> = tools::names(&place.join("o")).into_iter().filter(|name| name.ends_with(".html")).collect();
    assert_eq!((files.len(), &files), (2, &written));
    for file in files {
        let mut bytes = Vec::new();
        archive.by_name(&file).unwrap().read_to_end(&mut bytes).unwrap();
        assert!(bytes == std::fs::read(place.join("o").join(&file)).unwrap(), "{file}");
    }
}

#[test]
fn clients_that_say_nothing_or_half_of_it_are_let_go() {
    let place = folder("serve-half");
    write_orders(&place, 20);
    let viewer = Viewer::start(&place, &["orders.csv", "--as-of", AS_OF]);
    let mut half = TcpStream::connect(&viewer.address).unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();
    half.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut rest = Vec::new();
    half.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&rest));
    let mut large = TcpStream::connect(&viewer.address).unwrap();
    let _ = write!(large, "GET / HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n", "a".repeat(1_000_000));
    let mut answer = Vec::new();
    let _ = large.read_to_end(&mut answer);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
}
