//! Tells text from workbooks and column files by their first bytes, and says what a file is that is neither.

use memchr::memmem;

use crate::error::{Error, Result};
use crate::source::guarded::protocol::Content;

const WORKBOOK_NAMES: [&str; 5] = [".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"];

/// The first bytes of an SQLite database.
pub const SQLITE_SIGNATURE: &[u8; 16] = b"SQLite format 3\0";

/// First bytes of files that people name by mistake, what they are, and what to do about it.
const UNSUPPORTED_SIGNATURES: [(&[u8], &str, &str); 14] = [
    (b"%PDF-", "is a PDF", "export the orders as CSV or XLSX instead"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive", "unpack it first"),
    (b"Rar!\x1a\x07", "is a RAR archive", "unpack it first"),
    (b"\xfd7zXZ\0", "is compressed with xz", "unpack it first; of compressed files gzip and zstd are supported"),
    (b"\x28\xb5\x2f\xfd", "is compressed twice", "unpack it first"),
    (b"\x1f\x8b\x08", "is compressed twice", "unpack it first"),
    (b"FEA1", "is a Feather file of the first version", "write it as Feather of version 2, Parquet or CSV instead"),
    (b"\x04\x22\x4d\x18", "is compressed with lz4", "unpack it first; of compressed files gzip and zstd are supported"),
    (b"BZh91AY&SY", "is compressed with bzip2", "unpack it first; of compressed files gzip and zstd are supported"),
    (SQLITE_SIGNATURE, "is an SQLite database", "name its file: a database cannot be read from standard input or unpacked"),
    (b"\x89PNG\r\n\x1a\n", "is a picture", "export the orders as CSV or XLSX instead"),
    (b"\xff\xd8\xff", "is a picture", "export the orders as CSV or XLSX instead"),
    (b"\x7fELF", "is a program", "check the path"),
    (b"{\\rtf", "is a rich text document", "export the orders as CSV or XLSX instead"),
];

/// Endings of names that promise something that is known by its first bytes, and what.
const PROMISING_NAMES: [(&str, &str); 7] = [
    (".parquet", "a Parquet file"),
    (".arrow", "an Arrow file"),
    (".feather", "an Arrow file"),
    (".ipc", "an Arrow file"),
    (".json", "JSON"),
    (".jsonl", "JSON"),
    (".ndjson", "JSON"),
];

/// Whether a file is JSON that may hold records, perhaps damaged, by its first letters.
pub fn is_json(bytes: &[u8]) -> bool {
    // Zeros are those of UTF-16 and UTF-32.
    let is_mark = |byte: &u8| matches!(byte, 0xef | 0xbb | 0xbf | 0xfe | 0xff);
    let start = bytes.iter().take(4).take_while(|byte| is_mark(byte)).count();
    let mut letters = bytes[start..].iter().filter(|byte| !matches!(byte, 0 | b' ' | b'\t' | b'\r' | b'\n'));
    match (letters.next(), letters.next()) {
        (Some(b'{'), second) => matches!(second, Some(b'"' | b'}')),
        (Some(b'['), second) => matches!(second, Some(b'{' | b'[' | b']')),
        _ => false,
    }
}

/// What kind of column file a file is, perhaps a damaged one, by its first bytes.
pub fn column_file(bytes: &[u8]) -> Option<Content> {
    // An Arrow stream begins with the length of its schema, behind four bytes that no text begins with.
    let is_stream = matches!(bytes, [0xff, 0xff, 0xff, 0xff, _, _, _, high, ..] if *high == 0);
    match bytes {
        _ if bytes.starts_with(b"PAR1") || bytes.starts_with(b"PARE") => Some(Content::Parquet),
        _ if bytes.starts_with(b"ARROW1") || is_stream => Some(Content::Arrow),
        _ => None,
    }
}

/// Whether a file is a workbook, perhaps a damaged one: its reader then says what is wrong with it.
pub fn is_workbook(name: &str, bytes: &[u8]) -> bool {
    // The names of members stand uncompressed in a zip, the media type of an OpenDocument file too.
    let has = |text: &[u8]| memmem::find(bytes, text).is_some();
    bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
        // The first record of an old workbook that stands in no container.
        || matches!(bytes, [0x09, 0x00 | 0x02 | 0x04 | 0x08, 0x04 | 0x06 | 0x08 | 0x10, 0x00, ..])
        || is_zip(bytes)
            && (has(b"xl/")
                || has(b"xl\\")
                || has(b"opendocument.spreadsheet")
                || workbook_ending(name).is_some() && other_office_document(bytes).is_none())
}

/// Refuses a file that is no delimited text.
///
/// # Errors
/// What the file is instead, and what to do (65).
pub fn require_text(name: &str, bytes: &[u8]) -> Result<()> {
    let refuse = |what: &str, help: &str| Err(Error::data(name, what, help));
    if is_zip(bytes) {
        return match other_office_document(bytes) {
            Some(what) => refuse(what, "save the orders as CSV or XLSX"),
            None => refuse("is a zip archive without a workbook in it", "unpack it and specify the files in it"),
        };
    }
    if let Some((_, what, help)) = UNSUPPORTED_SIGNATURES.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return refuse(what, help);
    }
    if let Some((ending, kind)) = PROMISING_NAMES.iter().find(|(ending, _)| name.to_lowercase().ends_with(ending)) {
        let what = format!("is not {kind} although its name ends in {ending}");
        return refuse(&what, "if it is plain text, rename it to end in .csv");
    }
    if let Some(what) = markup(bytes) {
        return refuse(what, "save it as CSV or XLSX from the program that opens it");
    }
    match workbook_ending(name) {
        Some(ending) => {
            refuse(&format!("is not a workbook although its name ends in {ending}"), "if it is plain text, rename it to end in .csv")
        }
        None => Ok(()),
    }
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

fn workbook_ending(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    WORKBOOK_NAMES.into_iter().find(|ending| name.ends_with(ending))
}

/// What a zip archive is that holds another office document than a workbook.
fn other_office_document(bytes: &[u8]) -> Option<&'static str> {
    let documents = [("word/document", "is a Word document, not a workbook"), ("ppt/", "is a presentation, not a workbook")];
    documents.into_iter().find(|(member, _)| memmem::find(bytes, member.as_bytes()).is_some()).map(|(_, what)| what)
}

fn markup(bytes: &[u8]) -> Option<&'static str> {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let opens = |tag: &str| start.get(..tag.len()).is_some_and(|text| text.eq_ignore_ascii_case(tag.as_bytes()));
    if opens("<!doctype html") || opens("<html") || opens("<table") {
        Some("is a web page, not a table of text")
    } else if opens("<?xml") {
        Some("is an XML document, not a table of text")
    } else {
        None
    }
}
