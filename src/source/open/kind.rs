//! Tells text from workbooks by their first bytes, and names what is neither; it never goes by a file's name alone.

use memchr::memmem;

use crate::error::{Error, Result};
use crate::source::open::InputBytes;

/// What reads an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Delimited text: `source::csv`.
    Text,
    /// A workbook: `source::workbook`.
    Workbook,
}

const WORKBOOK_NAMES: [&str; 5] = [".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"];

/// First bytes of files that people name by mistake, what they are, and what to do about it.
const UNSUPPORTED_SIGNATURES: [(&[u8], &str, &str); 12] = [
    (b"%PDF-", "is a PDF", "export the orders as CSV or XLSX instead"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive", "unpack it first"),
    (b"Rar!\x1a\x07", "is a RAR archive", "unpack it first"),
    (b"\xfd7zXZ\0", "is compressed with xz", "unpack it first; of compressed files only gzip is read"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd", "unpack it first; of compressed files only gzip is read"),
    (b"\x04\x22\x4d\x18", "is compressed with lz4", "unpack it first; of compressed files only gzip is read"),
    (b"BZh91AY&SY", "is compressed with bzip2", "unpack it first; of compressed files only gzip is read"),
    (b"SQLite format 3\0", "is an SQLite database", "export the orders as CSV first"),
    (b"\x89PNG\r\n\x1a\n", "is a picture", "export the orders as CSV or XLSX instead"),
    (b"\xff\xd8\xff", "is a picture", "export the orders as CSV or XLSX instead"),
    (b"\x7fELF", "is a program", "check the path"),
    (b"{\\rtf", "is a rich text document", "export the orders as CSV or XLSX instead"),
];

/// Decides who reads an input.
///
/// # Errors
/// Something that is neither text nor a workbook, with its name and what to do (65).
pub fn kind(opened: &InputBytes) -> Result<FileKind> {
    let bytes = opened.bytes.as_slice();
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Ok(FileKind::Workbook);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return zip(opened);
    }
    for (magic, what, help) in UNSUPPORTED_SIGNATURES {
        if bytes.starts_with(magic) {
            return Err(Error::data(&opened.name, what, help));
        }
    }
    if bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1") {
        return Err(Error::data(&opened.name, "is a Parquet file", "export the orders as CSV first"));
    }
    if let Some(what) = markup(bytes) {
        return Err(Error::data(&opened.name, what, "save it as CSV or XLSX from the program that opens it"));
    }
    let name = opened.name.to_lowercase();
    if let Some(ending) = WORKBOOK_NAMES.iter().find(|ending| name.ends_with(**ending)) {
        let what = format!("is not a workbook although its name ends in {ending}");
        return Err(Error::data(&opened.name, what, "if it is plain text, rename it to end in .csv"));
    }
    Ok(FileKind::Text)
}

fn zip(opened: &InputBytes) -> Result<FileKind> {
    let has = |text: &[u8]| memmem::find(&opened.bytes, text).is_some();
    // The names of members stand uncompressed in a zip, the media type of an OpenDocument file too.
    if has(b"xl/") || has(b"xl\\") || has(b"opendocument.spreadsheet") {
        return Ok(FileKind::Workbook);
    }
    let name = opened.name.to_lowercase();
    let what = if has(b"word/document") {
        "is a Word document, not a workbook"
    } else if has(b"ppt/") {
        "is a presentation, not a workbook"
    } else if WORKBOOK_NAMES.iter().any(|ending| name.ends_with(ending)) {
        // A damaged workbook: its reader says what is wrong with it.
        return Ok(FileKind::Workbook);
    } else {
        return Err(Error::data(&opened.name, "is a zip archive without a workbook in it", "unpack it and name the files"));
    };
    Err(Error::data(&opened.name, what, "save the orders as CSV or XLSX"))
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
