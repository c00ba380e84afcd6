//! Signals: a run stops at a safe point, soon, and leaves nothing unfinished; a second signal is not waited with.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::faults::{REFERENCE, assert_old, assert_rerun_mends, assert_whole, contents, injected, scene, settled};
use crate::program::{STEM, report, said, write_orders};
use crate::tools::{folder, found, names};

#[test]
fn a_signal_at_any_time_stops_the_run_and_removes_what_is_unfinished() {
    let base = folder("signals");
    let input = write_orders(&base, 3_000);
    let out = base.join("out");
    let begun = Instant::now();
    assert_eq!(report(&input, &out).output().unwrap().status.code(), Some(3));
    let whole = begun.elapsed();
    let done = contents(&out);
    for step in 0..20u32 {
        let (signal, code) = if step % 2 == 0 { ("TERM", 143) } else { ("INT", 130) };
        let mut run = report(&input, &out).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(whole * step / 20);
        assert!(Command::new("kill").args([&format!("-{signal}"), &run.id().to_string()]).status().unwrap().success());
        let asked = Instant::now();
        let status = run.wait().unwrap();
        assert!(asked.elapsed() < Duration::from_secs(5), "stopped after {:?}", asked.elapsed());
        // Before the handlers stand, a signal kills as it always did; after the last byte, there is nothing to stop.
        let stopped = status.code() == Some(code) || status.signal().is_some() || status.code() == Some(3);
        assert!(stopped, "{signal} at {step}/20: {status:?}");
        let left: Vec<String> = names(&out).into_iter().filter(|name| name.starts_with('.')).collect();
        assert!(left.is_empty(), "{signal} at {step}/20 left {left:?}");
        assert!(settled(&contents(&out)) == settled(&done));
    }
}

#[test]
fn a_signal_ends_a_run_that_waits_for_another_to_publish() {
    let (input, out) = scene("waiting");
    let lock = fs::File::open(&out).unwrap();
    lock.lock().unwrap();
    for (signal, code) in [("TERM", 143), ("INT", 130)] {
        let run = report(&input, &out).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let all_written = || names(&out).iter().filter(|name| name.starts_with('.')).count() == REFERENCE.new.len();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !all_written() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(500));
        assert!(Command::new("kill").args([&format!("-{signal}"), &run.id().to_string()]).status().unwrap().success());
        let run = run.wait_with_output().unwrap();
        assert_eq!(run.status.code(), Some(code), "{}", said(&run));
        assert_eq!(String::from_utf8_lossy(&run.stderr), "portstatus: interrupted; nothing was published\n");
        assert_old(&out, signal);
    }
    drop(lock);
    assert_rerun_mends(&input, &out);
}

#[test]
fn a_second_signal_ends_at_once_what_the_first_waits_for() {
    if !found("strace") {
        return;
    }
    // The fourth sync of the main thread, after those of the rejects, the manifest and the folder without its old manifest, is
    // that of the folder in the middle of the publication.
    let (input, out) = scene("second");
    let mut strace = injected(&report(&input, &out), &["fsync:delay_enter=8000000:when=4"]);
    let mut run = strace.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let child = |of: &str| fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap().trim().to_owned();
    let published = || fs::read(out.join(format!("{STEM}.csv"))).is_ok_and(|bytes| bytes == REFERENCE.new[&format!("{STEM}.csv")]);
    let deadline = Instant::now() + Duration::from_secs(60);
    while !published() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(300));
    // The one that limits the time, then the tracer, then the program.
    let program = child(&child(&run.id().to_string()));
    // The tracer sits out its delay and keeps the thread it holds; every other thread is gone with the program.
    let threads = || fs::read_dir(format!("/proc/{program}/task")).map_or(0, Iterator::count);
    let gone = || threads() <= 1;
    let stop = || assert!(Command::new("kill").args(["-TERM", &program]).status().unwrap().success());
    stop();
    std::thread::sleep(Duration::from_millis(700));
    assert!(run.try_wait().unwrap().is_none() && !gone(), "the first signal waits for the end of a publication");
    let asked = Instant::now();
    stop();
    while !gone() {
        assert!(asked.elapsed() < Duration::from_secs(4), "the second signal did not end the program");
        std::thread::sleep(Duration::from_millis(20));
    }
    let status = run.wait().unwrap();
    assert_eq!(status.code(), Some(143), "{status:?}");
    assert_whole(&out, "after a second signal");
    assert_rerun_mends(&input, &out);
}
