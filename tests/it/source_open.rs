//! Opening inputs: files, pipes, gzip and limits, files that change, text told from workbooks; and the command that shows a table as read.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use portstatus::error::{Error, Result};
use portstatus::source::open::{InputBytes, bytes, fill, is_workbook, require_text, unwatched};
use portstatus::source::{Input, Limits, ReadOptions};

use crate::program::{PROGRAM, starting};
use crate::tools::saved;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::read::GzEncoder::new(bytes, flate2::Compression::fast());
    let mut out = Vec::new();
    encoder.read_to_end(&mut out).unwrap();
    out
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.include_checksum(true).unwrap();
    std::io::Write::write_all(&mut encoder, bytes).unwrap();
    encoder.finish().unwrap()
}

/// With the program that unpacks what is compressed.
fn options(limits: &Limits) -> ReadOptions {
    ReadOptions { limits: limits.clone(), guarded_program: Some(PathBuf::from(PROGRAM)), ..ReadOptions::default() }
}

fn open(path: PathBuf, limits: &Limits) -> Result<InputBytes> {
    bytes(&Input::File(path), &options(limits), &unwatched)
}

#[test]
fn files_are_read_whole_and_hashed() {
    let text = b"a,b\n1,2\n".repeat(3 << 20);
    let got = open(saved("big.csv", &text), &Limits::default()).unwrap();
    assert!(got.bytes == text && got.digest.bytes == text.len() as u64 && got.name == "big.csv");
    let hash = open(saved("abc.csv", b"abc"), &Limits::default()).unwrap().digest.sha256;
    assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    let packed = [gzip(b"a,b\n1,2\n"), gzip(b"3,4\n"), vec![0; 512]].concat();
    let got = open(saved("two.csv.gz", &packed), &Limits::default()).unwrap();
    assert_eq!(
        (got.bytes.as_slice(), got.digest.bytes, got.compression.as_deref()),
        (&b"a,b\n1,2\n3,4\n"[..], packed.len() as u64, Some("gzip"))
    );
    // A frame to be skipped, and two frames behind it.
    let packed = [&b"\x50\x2a\x4d\x18\x02\0\0\0ab"[..], &zstd(b"a,b\n1,2\n"), &zstd(b"3,4\n")].concat();
    let got = open(saved("two.csv.zst", &packed), &Limits::default()).unwrap();
    assert_eq!((got.bytes.as_slice(), got.compression.as_deref()), (&b"a,b\n1,2\n3,4\n"[..], Some("zstd")));
    assert_eq!(open(saved("a\nb\u{1b}.csv", b"a"), &Limits::default()).unwrap().name, "a\u{fffd}b\u{fffd}.csv");
}

#[test]
fn files_that_cannot_be_read() {
    let usual = Limits::default();
    let small = Limits { inflated_bytes: 1000, ..Limits::default() };
    let packed = gzip(&b"a,b\n".repeat(1000));
    let mut damaged = gzip(b"a,b\n1,2\n");
    let at = damaged.len() - 6;
    damaged[at] ^= 1;
    let packed_zstd = zstd(&b"a,b\n".repeat(1000));
    let mut damaged_zstd = zstd(b"a,b\n1,2\n");
    let at = damaged_zstd.len() - 2;
    damaged_zstd[at] ^= 1;
    let cases: Vec<(PathBuf, u8, &str)> = vec![
        ("/nowhere/orders.csv".into(), 66, "no such file"),
        (env!("CARGO_TARGET_TMPDIR").into(), 66, "is a directory"),
        (saved("empty.csv", b""), 65, "is empty"),
        (saved("empty.gz", &gzip(b"")), 65, "is empty"),
        (saved("cut.gz", &packed[..packed.len() - 9]), 65, "ends too early"),
        (saved("damaged.gz", &damaged), 65, "is damaged"),
        (saved("more.gz", &[packed.as_slice(), b"xx"].concat()), 65, "2 bytes after the end of the gzip data"),
        (saved("inflates.gz", &packed), 65, "inflates to more than"),
        (saved("empty.zst", &zstd(b"")), 65, "is empty"),
        (saved("cut.zst", &packed_zstd[..packed_zstd.len() - 9]), 65, "the Zstandard data ends too early"),
        (saved("damaged.zst", &damaged_zstd), 65, "the Zstandard data is damaged"),
        (saved("more.zst", &[packed_zstd.as_slice(), b"xx"].concat()), 65, "the Zstandard data"),
        (saved("inflates.zst", &packed_zstd), 65, "inflates to more than"),
        (saved("large.csv", &[b'a'; 1001]), 65, "holds more than"),
    ];
    for (path, code, message) in cases {
        let error = open(path, if message.contains("more than") { &small } else { &usual }).unwrap_err();
        assert!(error.code() == code && error.to_string().contains(message), "{error} is not {message} ({code})");
    }
    // The ratio counts only past 64 MiB.
    let real = gzip(&vec![b'a'; 60 << 20]);
    assert!(real.len() * 100 < 60 << 20 && open(saved("real.gz", &real), &Limits::default()).is_ok());
    let bomb = open(saved("bomb.gz", &gzip(&vec![b'a'; 70 << 20])), &Limits::default()).unwrap_err();
    assert!(bomb.code() == 65 && bomb.to_string().contains("more than 100 times"), "{bomb}");
    let mut far = zstd::Encoder::new(Vec::new(), 1).unwrap();
    far.long_distance_matching(true).unwrap();
    far.window_log(28).unwrap();
    std::io::Write::write_all(&mut far, &[b'a'; 1 << 20]).unwrap();
    let far = open(saved("far.zst", &far.finish().unwrap()), &Limits::default()).unwrap_err();
    assert!(far.code() == 65 && far.to_string().contains("refers back further than the 128 MiB"), "{far}");
    let bomb = open(saved("bomb.zst", &zstd(&vec![b'a'; 70 << 20])), &Limits::default()).unwrap_err();
    assert!(bomb.code() == 65 && bomb.to_string().contains("more than 100 times"), "{bomb}");
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    type Change = fn(&PathBuf);
    let grow: Change = |path| std::io::Write::write_all(&mut std::fs::File::options().append(true).open(path).unwrap(), b"x").unwrap();
    let shrink: Change = |path| std::fs::File::options().write(true).open(path).unwrap().set_len(9).unwrap();
    let replace: Change = |path| {
        let beside = path.with_extension("new");
        std::fs::copy(path, &beside).unwrap();
        std::fs::rename(beside, path).unwrap();
    };
    let remove: Change = |path| std::fs::remove_file(path).unwrap();
    for change in [grow, shrink, replace, remove] {
        let path = saved("orders.csv", &vec![b'a'; 20 << 20]);
        let calls = AtomicUsize::new(0);
        let monitor = |_: u64| {
            if calls.fetch_add(1, Ordering::Relaxed) == 0 {
                change(&path);
            }
            Ok(())
        };
        let error = bytes(&Input::File(path.clone()), &ReadOptions::default(), &monitor).unwrap_err();
        assert!(error.code() == 75 && error.to_string().contains("changed while it was being read"), "{error}");
    }
    let path = saved("orders.csv", &vec![b'a'; 20 << 20]);
    let stop = bytes(&Input::File(path), &ReadOptions::default(), &|_: u64| Err(Error::internal("watch", "stop"))).unwrap_err();
    assert_eq!(stop.code(), 70);
}

/// Gives one byte at a time and is interrupted before each.
struct Stutter<'a>(&'a [u8], bool);

impl Read for Stutter<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let count = self.0.len().min(1).min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[test]
fn short_and_interrupted_reads_are_gone_on_from() {
    let mut buffer = [0; 5];
    assert_eq!(fill(&mut Stutter(b"abcdefg", false), &mut buffer).unwrap(), 5);
    assert_eq!(&buffer, b"abcde");
    assert_eq!(fill(&mut Stutter(b"ab", false), &mut buffer).unwrap(), 2);
}

#[derive(Debug, PartialEq)]
enum Kind {
    Text,
    Workbook,
}

#[test]
fn text_and_workbooks_are_told_apart() {
    let cases: &[(&str, &[u8], std::result::Result<Kind, &str>)] = &[
        ("a.csv", b"a,b\n", Ok(Kind::Text)),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...", Ok(Kind::Workbook)),
        ("a.csv", b"PK\x03\x04....xl/workbook.xml", Ok(Kind::Workbook)),
        ("a", b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", Ok(Kind::Workbook)),
        ("a.xlsx", b"PK\x03\x04 cut off", Ok(Kind::Workbook)),
        ("a.docx", b"PK\x03\x04 word/document.xml", Err("is a Word document")),
        ("a.zip", b"PK\x03\x04 orders.csv", Err("zip archive without a workbook")),
        ("a.csv", b"%PDF-1.7", Err("is a PDF")),
        ("a.xls", b"a\tb\n", Err("not a workbook although its name ends in .xls")),
        ("a.xls", b"<html><table>", Err("is a web page")),
        ("a.csv", b"\xef\xbb\xbf<?xml version", Err("is an XML document")),
        ("a.parquet", b"a,b", Err("is not a Parquet file although its name ends in .parquet")),
        ("a.csv", b"FEA1", Err("Feather file of the first version")),
        ("a.csv", b"\x28\xb5\x2f\xfd", Err("is compressed twice")),
    ];
    for (name, bytes, expected) in cases {
        let kind = if is_workbook(name, bytes) { Ok(Kind::Workbook) } else { require_text(name, bytes).map(|()| Kind::Text) };
        match (kind, expected) {
            (Ok(kind), Ok(expected)) => assert_eq!(kind, *expected, "{name} {bytes:?}"),
            (Err(error), Err(message)) => assert!(error.code() == 65 && error.to_string().contains(message), "{error}"),
            (got, _) => panic!("{name} {bytes:?}: {got:?}"),
        }
    }
}

#[test]
fn the_read_command() {
    let binary = PROGRAM;
    let path = saved("orders.csv", b"a;b\n\"x;\ny\";2\n3\n");
    let run = Command::new(binary).arg("read").arg(&path).output().unwrap();
    assert_eq!(String::from_utf8(run.stdout).unwrap(), "a,b\n\"x;\ny\",2\n");
    let found: serde_json::Value = serde_json::from_slice(&run.stderr).unwrap();
    assert_eq!((run.status.code(), &found["rows"], &found["refused"], &found["delimiter"]), (Some(3), &2.into(), &1.into(), &";".into()));
    assert_eq!(found["refused_rows"][0]["line"], 4);
    assert_eq!(found["refused_rows"][0]["reason"], "1 field where the header has 2");
    let tabs = Command::new(binary).args(["read", "--delimiter", "Tab"]).arg(saved("tabs.csv", b"a;b\tc\n")).output().unwrap();
    assert_eq!((tabs.status.code(), tabs.stdout.as_slice()), (Some(0), b"a;b,c\n".as_slice()));

    // Blank lines at the top say nothing of how many rows there are below.
    let row = vec!["12345"; 64].join(",") + "\n";
    let top = saved("top.csv", format!("{row}{}{}", "\n".repeat(64 << 10), row.repeat(16 << 10)).as_bytes());
    let script = "ulimit -v 3000000; exec \"$0\" read \"$1\" >/dev/null";
    // Every thread takes room of its own.
    let threads = [("RAYON_NUM_THREADS", "2"), ("POLARS_MAX_THREADS", "2")];
    let run = starting("bash").args(["-c", script, binary]).arg(&top).envs(threads).output().unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stderr));

    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let run = Command::new(binary).arg("read").arg(&path).stdout(full).output().unwrap();
    assert_eq!(run.status.code(), Some(74), "{}", String::from_utf8_lossy(&run.stderr));

    let long = saved("long.csv", &[b"a,b\n".to_vec(), b"1,2\n".repeat(500_000)].concat());
    let mut child = Command::new(binary).arg("read").arg(&long).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run = child.wait_with_output().unwrap();
    assert_eq!((run.status.code(), String::from_utf8_lossy(&run.stderr).as_ref()), (Some(141), ""));

    let mut child =
        Command::new(binary).args(["read", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"a,b\n1,2\n").unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, b"a,b\n1,2\n");
}
