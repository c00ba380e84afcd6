//! A long text that is read in windows has the rows of the text as a whole, or the windows are refused.

use std::fmt::Write;

use portstatus::source::csv::windows::{self, Windows};
use portstatus::source::open::{Candidate, unwatched};
use portstatus::source::table::Table;
use portstatus::source::{Input, ReadOptions, read_table};

/// What is read of this text whole, and in windows of half a MiB; nothing where these are refused.
fn both(bytes: &[u8]) -> (String, Option<String>) {
    let path = crate::tools::folder("csv-windows").join("long.csv");
    std::fs::write(&path, bytes).unwrap();
    let (input, options) = (Input::File(path), ReadOptions::default());
    let candidate = Candidate::new(&input, &options, &unwatched);
    let all = |headers: &[String]| Ok(vec![true; headers.len()]);
    let (origin, whole) = read_table(&candidate, &options, &all).unwrap();
    let windows = Windows::new(1);
    let opened = windows::open(&candidate, &options, &all, &windows).unwrap();
    let in_windows = opened.and_then(|table| {
        let table = Table::read(table);
        assert_eq!(table.is_err(), windows.are_refused());
        table.ok()
    });
    let digest = in_windows.as_ref().map(|_| windows.take_digest());
    assert!(digest.is_none_or(|digest| digest == origin.digest));
    (told(&whole), in_windows.map(|table| told(&table)))
}

fn told(table: &Table) -> String {
    let Table { headers, columns, lines, blank, refused, found } = table;
    let mut out = format!("{headers:?}\n{blank:?}\n{refused:?}\n{found:?}\n");
    for (row, line) in lines.iter().enumerate() {
        let cells = columns.iter().map(|column| column.as_ref().and_then(|column| column.get(row)).unwrap_or_default());
        writeln!(out, "{line}: {}", cells.collect::<Vec<_>>().join("|")).unwrap();
    }
    out
}

/// Rows of some two MiB; every so many of them `odd` makes of the row.
fn text(every: usize, odd: impl Fn(usize) -> String) -> String {
    let mut text = "number,event,time,reason\n".to_owned();
    for row in 0..45_000 {
        match row % every {
            1 => text += &odd(row),
            _ => writeln!(text, "+1650555{row:05},Created,2026-10-01T00:00:00Z,why {row}").unwrap(),
        }
    }
    text
}

fn assert_same(text: &str) {
    let (whole, windows) = both(text.as_bytes());
    assert!(windows.is_some_and(|windows| windows == whole), "not read in windows, or otherwise");
}

#[test]
fn rows_are_those_of_the_whole_text() {
    let plain = text(usize::MAX, |_| String::new());
    assert_same(&plain);
    assert_same(plain.trim_end());
    assert_same(&format!("{plain}\n\n,,,\n"));
    assert_same(&format!("\u{feff}{plain}"));
    assert_same(&format!("a title\n{plain}"));
    assert_same(&plain.replace('\n', "\r\n"));
    assert_same(&text(10, |row| format!("\"+1650555{row:05}\",\"Created, again\",2026-10-01,\"a \"\"why\"\"\"\n")));
    for odd in [
        "1,2,3\n",
        "number,event,time,reason\n",
        "# a remark\n",
        "+16505551234,a\0b,2026-10-01,x\n",
        "+16505551234,\"a\" b\",2026-10-01,x\n",
    ] {
        assert_same(&text(977, |_| odd.to_owned()));
    }
    assert_same(&text(5_003, |row| format!("+1650555{row:05},Created,2026-10-01,\"two\nlines\"\n")));
}

#[test]
fn windows_that_do_not_say_what_the_whole_says_are_refused() {
    let plain = text(usize::MAX, |_| String::new());
    let second = "\nnumber,event,time,reason,more\n+16505550000,Created,2026-10-01,x,y\n";
    let half = plain.len() / 2;
    let middle = half + plain[half..].find('\n').unwrap() + 1;
    for odd in [
        format!("{plain}{second}"),
        format!("{}{second}{}", &plain[..middle], &plain[middle..]),
        format!("{}\n\n{}", &plain[..middle], &plain[middle..]),
        format!("{}+16505551234,Created,2026-10-01,\"open\n{}", &plain[..middle], &plain[middle..]),
        format!("{}+16505551234,Created,2026-10-01,\u{fffd}\n{}", &plain[..middle], &plain[middle..]),
        plain.replace('\n', "\r"),
    ] {
        assert!(both(odd.as_bytes()).1.is_none());
    }
    let latin = [&plain.as_bytes()[..middle], b"+16505551234,Created,2026-10-01,Jos\xe9\n", &plain.as_bytes()[middle..]].concat();
    assert!(both(&latin).1.is_none());
}
