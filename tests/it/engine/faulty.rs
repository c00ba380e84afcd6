//! A server that ends its streams early, forgets, repeats, is slow or goes away: what counts as an answer, and what is said of the rest.

use std::time::{Duration, Instant};

use portstatus::engine::{Interruption, Progress};
use portstatus::error::{Error, ErrorKind};

use crate::engine::{connect, connect_with, faulty, numbers, quiet, session_id};

/// Everything that the server has to say, whatever happens on the way.
const ALL: std::ops::Range<i64> = 0..15;

/// The calls that a statement made, without those that let responses go, which are made beside the others.
fn calls_of(session: &str) -> Vec<String> {
    let calls = faulty().unwrap().calls(session);
    calls.into_iter().filter(|call| !call.starts_with("release ") || call == "release all").collect()
}

#[test]
fn an_answer_that_comes_in_pieces_is_whole_and_nothing_in_it_is_twice() {
    let Some(server) = faulty() else { return };
    for (sql, calls) in [
        ("well", &["execute", "release all"][..]),
        ("ended early", &["execute", "reattach r1", "reattach r3", "reattach r5", "release all"]),
        ("without offsets", &["execute", "reattach r1", "reattach r3", "reattach r5", "release all"]),
        ("breaks", &["execute", "reattach r0", "reattach r1", "reattach r2", "reattach r3", "reattach r4", "release all"]),
        ("twice", &["execute", "release all"]),
        ("twice without offsets", &["execute", "release all"]),
        ("lost on its way", &["execute", "reattach -", "execute", "reattach -", "execute", "release all"]),
    ] {
        let session = session_id();
        let mut engine = connect(&server.place().to_string(), &session).unwrap();
        let (numbers, done) = numbers(&mut engine, sql);
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(numbers, ALL.collect::<Vec<_>>(), "{sql}");
        let expected: Vec<&str> = calls.iter().copied().filter(|call| *call != "reattach r5").collect();
        assert_eq!(calls_of(&session), expected, "{sql}");
        // What was received is let go, beside whatever else is done.
        assert!(eventually(|| server.calls(&session).iter().any(|call| call.starts_with("release r"))), "{sql}");
    }
}

#[test]
fn what_is_not_the_whole_answer_is_never_taken_for_it() {
    let Some(server) = faulty() else { return };
    let cases = [
        ("never complete", 15, "the engine ends every stream with nothing new of the answer"),
        ("mute", 0, "the engine ends every stream with nothing new of the answer"),
        ("forgotten", 6, "the engine forgot the statement in the middle of its answer"),
        ("from the start", 6, "the engine ends every stream"),
        ("without names", 6, "the engine ended its answer early, and where cannot be said"),
        ("a batch missing", 6, "rows of the answer are missing, or came twice"),
        ("rows missing in a batch", 6, "a batch of the answer has other rows than it says"),
        ("started anew", 9, "the engine was started anew in the middle of the session"),
        ("another statement", 6, "the engine answered another statement"),
        ("away", 0, "the engine does not answer: the engine is gone; tried 12 times"),
    ];
    // Beside each other, as some are tried again for a while.
    let check = |(sql, rows, said): (&str, usize, &str)| {
        let mut engine = connect(&server.place().to_string(), &session_id()).unwrap();
        let (received, done) = numbers(&mut engine, sql);
        let error = done.err().unwrap_or_else(|| panic!("{sql}: taken for whole"));
        assert!(error.kind == ErrorKind::Unavailable && error.to_string().contains(said), "{sql}: {error}");
        assert!(error.to_string().starts_with(&format!("{}: ", server.place())), "{sql}: {error}");
        assert_eq!(received, ALL.take(rows).collect::<Vec<_>>(), "{sql}");
        // The session goes on, unless the engine lost it.
        let (received, done) = numbers(&mut engine, "well");
        if sql != "started anew" {
            done.unwrap();
            assert_eq!(received, ALL.collect::<Vec<_>>(), "{sql}");
        }
    };
    std::thread::scope(|scope| cases.map(|case| scope.spawn(move || check(case))).map(|thread| thread.join().unwrap()));
}

#[test]
fn neither_rows_nor_traces_of_a_failure_are_repeated() {
    let Some(server) = faulty() else { return };
    let mut engine = connect(&server.place().to_string(), &session_id()).unwrap();
    for (sql, kind, said) in [
        ("bad row", ErrorKind::Data, "the statement failed: [CAST_INVALID_INPUT]; see the log of the engine"),
        ("bad row without a class", ErrorKind::Unavailable, "the statement failed: cannot cast '…' of \"…\" for ***-0199; see"),
    ] {
        let error = engine.small_answer(sql, 10, &mut quiet).unwrap_err();
        let all = format!("{error} {:?}", std::error::Error::source(&error).map(ToString::to_string));
        assert!(error.kind == kind && all.contains(said), "{sql}: {all}");
        assert!(!all.contains("canary"), "{sql}: {all}");
    }
}

#[test]
fn an_interruption_reaches_the_engine_and_whoever_asked_knows_when() {
    let Some(server) = faulty() else { return };
    let (session, interruption) = (session_id(), Interruption::default());
    let mut engine = connect_with(&server.place().to_string(), &session, None, &interruption).unwrap();
    let mut told = Progress::default();
    let began = Instant::now();
    let asking = std::thread::spawn({
        let (interruption, session) = (interruption.clone(), session.clone());
        move || {
            std::thread::sleep(Duration::from_millis(800));
            interruption.interrupt(Duration::from_secs(10));
            calls_of(&session)
        }
    });
    let error = engine.run("slow", &mut |progress| told = progress, &mut |_| Ok(())).unwrap_err();
    assert!(error.kind == ErrorKind::TryLater && error.to_string().contains("the statement was interrupted"), "{error}");
    assert_eq!(told, Progress { tasks: 4, completed_tasks: 3, running_tasks: 1, input_bytes: 1000, rows: 0 });
    let calls = asking.join().unwrap();
    assert!(calls.ends_with(&["interrupt".to_owned(), "release all".to_owned()]), "{calls:?}");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    // It stays asked for.
    assert_eq!(engine.run("well", &mut quiet, &mut |_| Ok(())).unwrap_err().kind, ErrorKind::TryLater);
    assert!(interruption.is_asked());
}

#[test]
fn whoever_cannot_take_a_batch_ends_the_statement() {
    let Some(server) = faulty() else { return };
    let session = session_id();
    let mut engine = connect(&server.place().to_string(), &session).unwrap();
    let mut taken = 0;
    let full = |_: &_| {
        taken += 1;
        if taken == 2 { Err(Error::input_output("out.csv", "no space left on device", "")) } else { Ok(()) }
    };
    let error = engine.run("well", &mut quiet, &mut { full }).unwrap_err();
    assert_eq!((error.to_string().as_str(), taken), ("out.csv: no space left on device", 2));
    assert!(calls_of(&session).ends_with(&["interrupt".to_owned(), "release all".to_owned()]));
    let error = engine.small_answer("well", 14, &mut quiet).unwrap_err();
    assert!(error.kind == ErrorKind::Data && error.to_string().contains("more than 14 rows"), "{error}");
    let answer = engine.small_answer("well", 15, &mut quiet).unwrap();
    assert_eq!((answer.columns, answer.rows.len(), answer.rows[14][0].as_deref()), (vec!["id".to_owned()], 15, Some("14")));
}

#[test]
fn a_session_of_its_own_ends_with_it_and_a_given_one_stays() {
    let Some(server) = faulty() else { return };
    let session = session_id();
    drop(connect(&server.place().to_string(), &session).unwrap());
    assert_eq!(calls_of(&session), [""; 0]);
    let before = released();
    drop(portstatus::engine::Engine::connect(&server.place(), None, Interruption::default()).unwrap());
    assert_eq!(released(), before + 1);
}

/// Whether something is so within a while.
fn eventually(is_so: impl Fn() -> bool) -> bool {
    let began = Instant::now();
    std::iter::repeat_with(|| std::thread::sleep(Duration::from_millis(50))).any(|()| is_so() || began.elapsed() > Duration::from_secs(10))
        && is_so()
}

/// Sessions that were ended.
fn released() -> usize {
    let folder = &faulty().unwrap().server.folder;
    let logs = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let logs = logs.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("log-"));
    logs.filter(|path| std::fs::read_to_string(path).unwrap().contains("release session")).count()
}
