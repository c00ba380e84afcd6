//! Checks a workbook's container before anything in it is trusted and bounds the process that reads it; it never interprets a cell.

use std::collections::HashSet;
use std::io::{Cursor, Read};

use memchr::memmem;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::source::workbook::cell_refs::CellReferences;
use crate::source::workbook::message::{Refusal, RefusalKind, Task};

const MEBIBYTE: u64 = 1 << 20;
/// Address space of a reader of nothing: the program itself and room for small workbooks.
const BASE_MEMORY: u64 = 448 * MEBIBYTE;
/// Bytes of memory that a byte of inflated workbook may take, by far the most in a dense `.ods`.
const MEMORY_FACTOR: u64 = 10;
const BASE_SECONDS: u64 = 4;
/// Inflated bytes read in a CPU second, at worst.
const BYTES_PER_SECOND: u64 = 4 * MEBIBYTE;
/// Below this an inflation ratio says nothing.
const RATIO_FLOOR: u64 = 64 * MEBIBYTE;
const LARGEST_RATIO: u64 = 100;
const OLE_MAGIC: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// Enough of an XML member to see its root element.
const PROLOG_BYTES: usize = 64 << 10;

/// The format of a workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Office Open XML.
    Xlsx,
    /// The binary form of it.
    Xlsb,
    /// The format before 2007.
    Xls,
    /// OpenDocument.
    Ods,
}

impl Format {
    /// The usual ending of such a file, without the dot.
    pub fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xlsb => "xlsb",
            Self::Xls => "xls",
            Self::Ods => "ods",
        }
    }
}

/// Forbids core dumps and bounds memory and CPU time of this process for a workbook that inflates to so many bytes.
///
/// Memory is address space: beyond it an allocation fails and the process dies, which the asking side reports.
pub fn restrict(task: &Task, inflated: u64) {
    let memory = (BASE_MEMORY + inflated.saturating_mul(MEMORY_FACTOR)).min(task.memory_bytes);
    let seconds = allowed_seconds(inflated, task.cpu_seconds);
    lower(Resource::Core, 0, 0);
    lower(Resource::As, memory, task.memory_bytes);
    lower(Resource::Cpu, seconds, task.cpu_seconds.saturating_add(1));
}

/// CPU seconds that reading so many inflated bytes may take.
fn allowed_seconds(inflated: u64, most: u64) -> u64 {
    (BASE_SECONDS + inflated / BYTES_PER_SECOND).min(most)
}

/// Finds out the format and checks the container: encryption, and for zip files every member, to its end.
///
/// The limits of the process follow the declared sizes once these are known to be sound.
pub fn examine(bytes: &[u8], task: &Task) -> Result<Format, Refusal> {
    if bytes.starts_with(OLE_MAGIC) {
        restrict(task, bytes.len() as u64 * 4);
        return if holds_utf16(bytes, "EncryptedPackage") { Err(encrypted()) } else { Ok(Format::Xls) };
    }
    if !bytes.starts_with(b"PK") {
        return Err(foreign(bytes));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(zip_trouble)?;
    let format = format_of(&mut archive)?;
    let declared = declared_size(&mut archive, task, bytes.len() as u64)?;
    restrict(task, declared);
    for index in 0..archive.len() {
        check_member(&mut archive, index, format)?;
    }
    Ok(format)
}

/// Damage, with what exactly.
pub fn damaged(text: impl Into<String>) -> Refusal {
    Refusal::new(RefusalKind::Damaged, text)
}

/// A password is needed.
pub fn encrypted() -> Refusal {
    Refusal::new(RefusalKind::Encrypted, "it is encrypted with a password")
}

fn lower(resource: Resource, current: u64, maximum: u64) {
    let hard = getrlimit(resource).maximum.map_or(maximum, |hard| hard.min(maximum)).max(current.min(maximum));
    // A limit that cannot be set leaves the one from outside in force, which is stricter.
    let _ = setrlimit(resource, Rlimit { current: Some(current.min(hard)), maximum: Some(hard) });
}

fn format_of(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Format, Refusal> {
    if archive.has_duplicate_names() {
        return Err(damaged("two members of the file have the same name"));
    }
    let mut names = HashSet::new();
    for name in archive.file_names_raw() {
        let name = String::from_utf8_lossy(name).to_lowercase().replace('\\', "/");
        if !names.insert(name) {
            return Err(damaged("two members of the file have the same name"));
        }
    }
    let has = |ending: &str| names.iter().any(|name| name.ends_with(ending));
    match () {
        () if has("workbook.bin") => Ok(Format::Xlsb),
        () if has("[content_types].xml") => Ok(Format::Xlsx),
        () if has("content.xml") || has("mimetype") => Ok(Format::Ods),
        () if has(".xml") => Ok(Format::Xlsx),
        () => Err(Refusal::new(RefusalKind::NotAWorkbook, "it is a zip archive, not a workbook")),
    }
}

fn declared_size(archive: &mut ZipArchive<Cursor<&[u8]>>, task: &Task, size: u64) -> Result<u64, Refusal> {
    let too_large = |text: String| Err(Refusal::new(RefusalKind::TooLarge, text));
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(zip_trouble)?;
        if member.encrypted() {
            return Err(encrypted());
        }
        total = total.saturating_add(member.size());
        if member.size() > RATIO_FLOOR && member.size() / LARGEST_RATIO > member.compressed_size() {
            return too_large(format!("a member inflates more than {LARGEST_RATIO} times, as only a decompression bomb does"));
        }
    }
    if total > task.inflated_bytes {
        let (total, most) = (total / MEBIBYTE, task.inflated_bytes / MEBIBYTE);
        return too_large(format!("it inflates to {total} MiB, more than the {most} MiB allowed"));
    }
    if total > RATIO_FLOOR && total / LARGEST_RATIO > size {
        return too_large(format!("it inflates more than {LARGEST_RATIO} times, as only a decompression bomb does"));
    }
    Ok(total)
}

/// Reads a member to its end, whereby its checksum is compared, and refuses document type definitions and impossible
/// places in a worksheet.
fn check_member(archive: &mut ZipArchive<Cursor<&[u8]>>, index: usize, format: Format) -> Result<(), Refusal> {
    let mut member = archive.by_index(index).map_err(zip_trouble)?;
    let (name, size) = (member.name().map(|name| name.into_owned()).unwrap_or_default(), member.size());
    let trouble = |error: std::io::Error| damaged(format!("its part {name} is damaged: {}", error.to_string().to_lowercase()));
    let mut buffer = vec![0; PROLOG_BYTES];
    let mut filled = 0;
    while filled < buffer.len() {
        match member.read(&mut buffer[filled..]).map_err(trouble)? {
            0 => break,
            count => filled += count,
        }
    }
    if declares_document_type(&buffer[..filled]) {
        return Err(damaged(format!("its part {name} has a document type definition, which no workbook needs")));
    }
    let mut places = (format == Format::Xlsx && memmem::find(&buffer[..filled], b"worksheet").is_some()).then(CellReferences::default);
    let mut misplaced = Ok(());
    let mut total = filled as u64;
    loop {
        if let (Some(places), Ok(())) = (&mut places, &misplaced) {
            misplaced = places.take(&buffer[..filled]);
        }
        filled = member.read(&mut buffer).map_err(trouble)?;
        if filled == 0 {
            break;
        }
        total += filled as u64;
        if total > size {
            break;
        }
    }
    // A place is told only of a member that is whole.
    if total == size { misplaced } else { Err(damaged(format!("its part {name} is not as long as it should be"))) }
}

/// Whether an XML prolog has a `<!DOCTYPE`, in any encoding whose letters are ASCII or UTF-16.
fn declares_document_type(beginning: &[u8]) -> bool {
    let text: Vec<u8> = beginning.iter().copied().filter(|byte| *byte != 0).collect();
    let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"];
    let mut rest = marks.iter().find_map(|mark| text.strip_prefix(*mark)).unwrap_or(&text).trim_ascii_start();
    loop {
        let end: &[u8] = match rest {
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            [b'<', b'!', ..] => return true,
            _ => return false,
        };
        let Some(at) = memmem::find(rest, end) else { return false };
        rest = rest[at + end.len()..].trim_ascii_start();
    }
}

fn holds_utf16(bytes: &[u8], text: &str) -> bool {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    memmem::find(bytes, &wide).is_some()
}

fn zip_trouble(error: ZipError) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => encrypted(),
        ZipError::UnsupportedArchive(what) => damaged(format!("its zip container has something unusual: {}", what.to_lowercase())),
        other => damaged(format!("its zip container is damaged or cut short: {}", other.to_string().to_lowercase())),
    }
}

fn foreign(bytes: &[u8]) -> Refusal {
    let beginning = bytes[..bytes.len().min(512)].trim_ascii_start();
    let text = match beginning {
        [] => "it is empty",
        [b'<', ..] => "it is an HTML or XML page under a workbook's name",
        [0x09, 0x00 | 0x02 | 0x04 | 0x08, ..] => "it is of a format before Excel 5",
        _ if std::str::from_utf8(beginning).is_ok() => "it is plain text under a workbook's name",
        _ => "it begins like no workbook",
    };
    Refusal::new(RefusalKind::NotAWorkbook, text)
}
