//! What the viewer does about inputs that are missing or wrong, events that are gone, and the end of what started it.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::program::{AS_OF, PROGRAM, err, run, starting, write_orders};
use crate::tools::{self, folder};
use crate::viewer::Viewer;

#[test]
fn a_missing_file_is_refused_before_an_address_is_printed() {
    let place = folder("serve-missing");
    std::fs::create_dir(place.join("a folder")).unwrap();
    std::fs::write(place.join("job.toml"), "name = \"nightly\"\n[report]\ninputs = [\"gone.csv\"]\n[recipients]\nsplit-by = \"account\"\n")
        .unwrap();
    for inputs in [&["gone.csv"][..], &["job.toml"]] {
        let done = run(&place, &[&["serve"], inputs, &["--port", "0"]].concat());
        assert_eq!((done.status.code(), done.stdout.as_slice()), (Some(66), &b""[..]), "{inputs:?}: {done:?}");
        assert_eq!(err(&done), "portstatus: gone.csv: no such file; check the path\n");
    }
}

#[test]
fn a_wrong_file_is_told_in_the_terminal_too_and_read_again_once_it_is_right() {
    let place = folder("serve-wrong");
    std::fs::write(place.join("wrong.csv"), "a,b\n1,2\n").unwrap();
    let mut viewer = Viewer::start(&place, &["wrong.csv", "--as-of", AS_OF]);
    let page = viewer.get("/");
    let text = page.text();
    assert_eq!(page.status, 422, "{text}");
    assert!(text.contains("<p>wrong.csv") && text.contains("--map"), "{text}");
    let export = viewer.get("/export/csv");
    assert_eq!((export.status, export.text().contains("wrong.csv")), (422, true));
    assert_eq!(viewer.get("/api/v1/numbers").json()["status"], 422);
    std::fs::rename(write_orders(&place, 5), place.join("wrong.csv")).unwrap();
    let request = format!("POST /refresh?token={}", viewer.token);
    assert_eq!(viewer.ask(&request, &[&format!("Host: {}", viewer.address)], "").status, 303);
    assert_eq!(viewer.total(""), 5);
    viewer.child.kill().unwrap();
    let said = viewer.said();
    assert!(said.starts_with("portstatus: wrong.csv") && said.contains("--map") && said.lines().count() == 1, "{said}");
}

#[test]
fn a_number_whose_events_are_gone_says_so() {
    let place = folder("serve-events");
    let events = "Phone number,Account ID,Event Type,Occurred At\n\
                  +12125550001,A-1,Created,2026-11-02T10:00:00Z\n+12125550001,A-1,Activated,2026-11-03T10:00:00Z\n";
    std::fs::write(place.join("events.csv"), events).unwrap();
    let viewer = Viewer::start(&place, &["events.csv", "--as-of", AS_OF]);
    let page = viewer.get("/number/12125550001").text();
    assert!(page.contains("<h2>Events</h2><ol") && page.contains("2026-11-02 10:00Z"), "{page}");
    std::fs::remove_file(place.join("events.csv")).unwrap();
    let page = viewer.get("/number/12125550001").text();
    assert!(page.contains("The events of this number cannot be shown") && !page.contains("<ol class=\"events\""), "{page}");
}

#[test]
fn a_viewer_ends_with_what_started_it_unless_it_was_set_apart() {
    let place = folder("serve-parent");
    write_orders(&place, 5);
    for (wrapper, ends) in [("", true), ("nohup ", false), ("setsid ", false)] {
        let script = format!("{wrapper}'{PROGRAM}' serve orders.csv --port 0 2>said & echo $!; sleep 1");
        let mut shell = starting("bash").args(["-c", &script]).current_dir(&place).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines();
        let mut line = || lines.next().unwrap().unwrap();
        let (one, other) = (line(), line());
        let id = if one.starts_with("http") { other } else { one };
        shell.wait().unwrap();
        let is_there = || std::path::Path::new("/proc").join(&id).exists();
        let began = Instant::now();
        while is_there() && began.elapsed() < Duration::from_secs(if ends { 30 } else { 4 }) {
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(is_there(), !ends, "{wrapper}{id}");
        let said = std::fs::read_to_string(place.join("said")).unwrap();
        match ends {
            true => assert_eq!(said, "portstatus: the viewer has ended, since what started it has\n"),
            false => drop(tools::run("kill", &["-KILL", &id])),
        }
    }
}
