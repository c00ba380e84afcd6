//! What a real engine answers.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use portstatus::engine::{Engine, EnginePlace, EngineToken, Interruption, SmallAnswer};
use portstatus::error::ErrorKind;

use crate::engine::cut_connection::cutting_proxy;
use crate::engine::{begin_session, first_column, quiet, real_engine, session};

/// Rows of the large answer.
const MANY: i64 = 1_500_000;

fn answer(engine: &mut Engine, sql: &str) -> SmallAnswer {
    engine.small_answer(sql, 100, &mut quiet).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// A statement that takes long.
const LONG: &str = "SELECT count(*) AS n FROM range(400000) a JOIN range(400000) b ON a.id * b.id % 7 = 1";

#[test]
fn every_type_of_a_column_is_read() {
    let Some((address, _)) = real_engine() else { return };
    let mut engine = session(&address);
    engine.configure(&[("spark.sql.session.timeZone", "UTC")]).unwrap();
    let sql = "SELECT 'it\\'s x' AS s, CAST(7 AS INT) AS i, CAST(-9223372036854775807 AS BIGINT) AS l, true AS b, \
               DATE '2026-11-27' AS d, TIMESTAMP '2026-11-27 10:00:00.5Z' AS t, NULL AS n, CAST(NULL AS STRING) AS ns, \
               CAST('12345678901234567890123456.70' AS DECIMAL(38,2)) AS x, CAST(-1 AS SMALLINT) AS h, \
               CAST('2026-11-27 10:00:00' AS TIMESTAMP_NTZ) AS w";
    let got = answer(&mut engine, sql);
    let cell = |text: &str| Some(text.to_owned());
    assert_eq!(got.columns, ["s", "i", "l", "b", "d", "t", "n", "ns", "x", "h", "w"]);
    let expected = vec![
        cell("it's x"),
        cell("7"),
        cell("-9223372036854775807"),
        cell("true"),
        cell("2026-11-27"),
        cell("2026-11-27T10:00:00.500Z"),
        None,
        None,
        cell("12345678901234567890123456.70"),
        cell("-1"),
        cell("2026-11-27T10:00:00"),
    ];
    assert_eq!(got.rows, [expected]);
    assert_eq!((got.integer(0, "l").unwrap(), got.integer(0, "ns").unwrap()), (Some(-9_223_372_036_854_775_807), None));
    assert!(got.integer(0, "s").is_err() && got.integer(1, "l").is_err() && got.integer(0, "none").is_err());
    let error = engine.small_answer("SELECT array(1, 2) AS list", 1, &mut quiet).unwrap_err();
    assert!(error.kind == ErrorKind::Data && error.to_string().contains("column list of the answer has no text"), "{error}");
    let none = answer(&mut engine, "SELECT id FROM range(5) WHERE id > 9");
    assert!(none.columns == ["id"] && none.rows.is_empty());
}

/// Whether the answer to a statement of many rows is all of them, in their order and each once.
fn check_large_answer(address: &str, is_spark: bool) {
    let (mut next, mut batches) = (0, 0);
    let sql = format!("SELECT id, concat('a text that takes some room in each row ', id) AS text FROM range(0, {MANY}, 1, 3)");
    let sql = if is_spark { sql } else { format!("{sql} ORDER BY id") };
    let done = session(address).run(&sql, &mut quiet, &mut |batch| {
        let numbers = first_column(batch);
        assert!(numbers.iter().copied().eq(next..next + numbers.len() as i64), "a batch does not begin with {next}");
        (next, batches) = (next + numbers.len() as i64, batches + 1);
        Ok(())
    });
    done.unwrap();
    assert!(next == MANY && batches > 3, "{next} rows in {batches} batches");
}

#[test]
fn a_large_answer_comes_in_order_and_whole() {
    let Some((address, is_spark)) = real_engine() else { return };
    check_large_answer(&address, is_spark);
}

#[test]
fn a_large_answer_is_whole_however_often_the_connection_breaks() {
    let Some((address, is_spark)) = real_engine() else { return };
    let port = address.rsplit_once(':').unwrap().1.parse().unwrap();
    let (port, connections) = cutting_proxy(port, &[3_000_000, 20_000, 7_000_000, 1_000_000]);
    check_large_answer(&format!("sc://127.0.0.1:{port}"), is_spark);
    assert_eq!(connections.load(Ordering::SeqCst), 5);
}

#[test]
fn a_statement_that_changes_something_is_run_once() {
    let Some((address, _)) = real_engine() else { return };
    let mut engine = session(&address);
    let table = format!("once_{}", std::process::id());
    answer(&mut engine, &format!("CREATE TABLE {table} (id BIGINT, text STRING) USING parquet"));
    answer(&mut engine, &format!("INSERT INTO {table} VALUES (1, 'a'), (2, NULL)"));
    let got = answer(&mut engine, &format!("SELECT count(*) AS n, count(text) AS texts FROM {table}"));
    assert_eq!((got.integer(0, "n").unwrap(), got.integer(0, "texts").unwrap()), (Some(2), Some(1)));
    answer(&mut engine, &format!("DROP TABLE {table}"));
    let error = engine.small_answer(&format!("SELECT * FROM {table}"), 1, &mut quiet).unwrap_err();
    assert!(error.to_string().starts_with(&format!("{address}: the statement failed: ")), "{error}");
}

#[test]
fn a_statement_that_is_wrong_is_refused_in_one_sentence() {
    let Some((address, is_spark)) = real_engine() else { return };
    let mut engine = session(&address);
    for (sql, kind) in [
        ("SELEC 1", ErrorKind::Usage),
        ("SELECT no_such_column FROM range(1)", ErrorKind::Usage),
        ("SELECT * FROM no_such_table", ErrorKind::NoInput),
        ("SELECT CAST(concat('canary-', id) AS INT) FROM range(2)", ErrorKind::Data),
    ] {
        let Err(error) = engine.small_answer(sql, 10, &mut quiet) else {
            assert!(!is_spark, "{sql}: taken");
            continue;
        };
        let text = error.to_string();
        assert!(text.starts_with(&format!("{address}: the statement failed: ")) && !text.contains("canary-"), "{sql}: {text}");
        assert!(!is_spark || error.kind == kind, "{sql}: {:?} {text}", error.kind);
    }
    assert_eq!(answer(&mut engine, "SELECT 1 AS one").integer(0, "one").unwrap(), Some(1));
}

#[test]
fn a_long_statement_is_interrupted() {
    let Some((address, _)) = real_engine() else { return };
    let interruption = Interruption::default();
    let mut engine = begin_session(&address, &interruption).unwrap();
    let asked = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(2));
        interruption.interrupt(Duration::from_secs(20));
        Instant::now()
    });
    let error = engine.run(LONG, &mut quiet, &mut |_| Ok(())).unwrap_err();
    assert_eq!(error.kind, ErrorKind::TryLater, "{error}");
    assert!(asked.join().unwrap().elapsed() < Duration::from_secs(15));
    // The engine is free again.
    let began = Instant::now();
    assert_eq!(answer(&mut session(&address), "SELECT count(*) AS n FROM range(1000)").integer(0, "n").unwrap(), Some(1000));
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

#[test]
fn a_statement_may_take_longer_than_a_stream() {
    let Some((address, true)) = real_engine() else { return };
    let began = Instant::now();
    let mut engine = session(&address);
    let sql = "SELECT TRANSFORM(id) USING 'sh -c \"sleep 7; cat\"' AS (id STRING) FROM range(0, 2, 1, 1)";
    let got = answer(&mut engine, sql);
    assert_eq!(got.rows, [[Some("0".to_owned())], [Some("1".to_owned())]]);
    assert!(began.elapsed() > Duration::from_secs(6));
    let error =
        engine.small_answer("SELECT TRANSFORM(id) USING 'sh -c \"cat >/dev/null; exit 3\"' AS (id STRING) FROM range(2)", 9, &mut quiet);
    let error = error.unwrap_err();
    assert!(error.to_string().contains("status 3"), "{error}");
}

#[test]
fn spark_asks_for_its_token() {
    let Some((address, true)) = real_engine() else { return };
    let place = EnginePlace::parse(&address).unwrap();
    for token in [None, Some(EngineToken::new("canary-wrong").unwrap())] {
        let Err(error) = Engine::connect(&place, token.as_ref(), Interruption::default()) else { panic!("let in") };
        assert!(error.kind == ErrorKind::Permission && error.to_string().contains("PORTSTATUS_ENGINE_TOKEN"), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
    assert_eq!(session(&address).version().unwrap(), "4.3.0");
}
