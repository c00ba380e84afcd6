//! A reading process that was taken over: whatever it answers, the asking side neither believes it nor runs out of memory.

use std::process::Command;

use portstatus::source::guarded::protocol::{Book, ColumnCells, Done, PreviewRow, Reply, Sheet, send};
use portstatus::source::{Limits, ReadOptions};

use crate::source_csv::everything;
use crate::source_workbook::made::read_with;
use crate::tools::folder;

/// The replies that lead up to the rows: one sheet with the headers `a` and `b`, and then `more`.
fn replies(more: &[Reply<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let sheet = Sheet { name: "S".to_owned(), is_hidden: false };
    send(&mut bytes, &Reply::Book(Book { format: "xlsx".to_owned(), sheets: vec![sheet] })).unwrap();
    send(&mut bytes, &Reply::Preview(vec![PreviewRow { line: 1, cells: vec!["a".to_owned(), "b".to_owned()] }])).unwrap();
    more.iter().for_each(|reply| send(&mut bytes, reply).unwrap());
    bytes
}

fn column(index: u32, cells: &[&'static str]) -> Reply<'static> {
    let lengths = cells.iter().map(|cell| cell.len() as u32).collect();
    Reply::Column(ColumnCells { index, text: cells.concat().leak(), lengths })
}

fn done(rows: u64) -> Reply<'static> {
    Reply::Done(Done { rows, ..Done::default() })
}

#[test]
fn no_answer_is_believed_unchecked() {
    let (two, long) = (Reply::Rows(vec![2, 3]), "x".repeat(100_000));
    let long = || Reply::Column(ColumnCells { index: 0, text: &long, lengths: vec![50_000; 2] });
    let mut broken_text = replies(&[two.clone(), column(0, &["cell", "cell"])]);
    let at = broken_text.len() - 1;
    broken_text[at - 3] = 0xFF;
    let lengths = |text, lengths: &[u32]| Reply::Column(ColumnCells { index: 0, text, lengths: lengths.to_vec() });
    let cut = replies(&[two.clone(), done(2)]);
    let unending: Vec<Reply<'_>> = vec![Reply::Rows((0..8192).collect()); 129];
    let invalid = "gave an invalid answer";
    let cases = [
        ("sound", replies(&[two.clone(), column(1, &["x", ""]), done(2)]), ""),
        ("a frame of four gigabytes", vec![0xFF; 64], invalid),
        ("not a message", vec![1, 0, 0, 0, 77], invalid),
        ("text that is not UTF-8", broken_text, invalid),
        ("cut short", cut[..cut.len() - 1].to_vec(), "the reader failed on it"),
        ("nothing", Vec::new(), "the reader failed on it"),
        ("rows out of turn", replies(&[])[..].iter().chain(&replies(&[])).copied().collect(), invalid),
        ("more rows at once than are ever sent", replies(&[Reply::Rows(vec![2; 8193])]), invalid),
        ("more rows than a sheet has", replies(&unending), invalid),
        ("a column that no sheet has", replies(&[two.clone(), column(1 << 14, &["x", "y"])]), invalid),
        ("a column right of the header's", replies(&[two.clone(), column(2, &["x", "y"]), done(2)]), ""),
        ("a column twice", replies(&[two.clone(), column(0, &["x", "y"]), column(0, &["x", "y"])]), invalid),
        ("fewer cells than rows", replies(&[two.clone(), column(0, &["x"])]), invalid),
        ("more text than the cells have", replies(&[two.clone(), lengths("xyz", &[1, 1])]), invalid),
        ("less text than the cells have", replies(&[two.clone(), lengths("x", &[1, 1])]), invalid),
        ("a cell that ends within a letter", replies(&[two.clone(), lengths("é", &[1, 1])]), invalid),
        ("cells before rows", replies(&[column(0, &["x"])]), invalid),
        ("fewer rows than were counted", replies(&[two.clone(), done(3)]), invalid),
        ("more text than is allowed", replies(&[two, long()]), "its cells take more memory than is allowed"),
    ];
    let place = folder("hostile_replies");
    let (script, program) = (place.join("reader.sh"), place.join("reader"));
    std::fs::write(&script, "#!/bin/sh\nexec /bin/cat \"${0%/*}/answers\"\n").unwrap();
    // Written by another process: a program that this one has open for writing, or a child it is just starting, cannot be run.
    assert!(Command::new("install").args(["-m", "700"]).args([&script, &program]).status().unwrap().success());
    for (name, bytes, expected) in cases {
        std::fs::write(place.join("answers"), bytes).unwrap();
        let limits = Limits { memory_bytes: 4 << 20, ..Limits::default() };
        let limits = if name.contains("text than") { Limits { memory_bytes: 100_000, ..limits } } else { limits };
        let guarded_program = Some(program.clone());
        let options = ReadOptions { guarded_program, limits, columns_without_header: true, ..ReadOptions::default() };
        match read_with(b"", &options, &everything) {
            Ok(table) => assert!(expected.is_empty() && table.lines == [2, 3], "{name}: {:?}", table.lines),
            Err(error) => assert!(!expected.is_empty() && error.to_string().contains(expected), "{name}: {error}"),
        }
    }
}
