//! Checks a workbook's container before anything in it is trusted: its format, encryption, sizes, and every member to its end.

use std::collections::HashSet;
use std::io::{Cursor, Read};

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::errors::SyntaxError;
use quick_xml::events::Event;
use zip::ZipArchive;

use crate::source::guarded::limits::limit_process;
use crate::source::guarded::protocol::Refusal;
use crate::source::input::Limits;
use crate::source::open::fill;
use crate::source::workbook::child::cell_refs::CellReferences;
use crate::source::workbook::child::ole::u16_at;
use crate::source::workbook::child::parts::{Archive, Parts, zip_refusal};
use crate::source::workbook::child::xls::is_record_stream;

const MEBIBYTE: u64 = 1 << 20;
/// Below this an inflation ratio says nothing.
const RATIO_FLOOR: u64 = 64 * MEBIBYTE;
const LARGEST_RATIO: u64 = 100;
const OLE_MAGIC: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// A worksheet from this size on is not inflated twice.
const LARGE_BYTES: u64 = MEBIBYTE;
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

/// What a look at the container found.
#[derive(Debug)]
pub struct Container {
    /// The format of the workbook.
    pub format: Format,
    /// Large worksheets of an `.xlsx`, by their index in the zip container, that are to be checked as they are read.
    pub unchecked: Vec<usize>,
}

/// Detects the format and checks the container: encryption, and for zip files every member, to its end, but for large
/// worksheets, which would be inflated twice.
///
/// The limits of the process follow the declared sizes once these are known to be sound.
pub fn examine(bytes: &[u8], limits: &Limits) -> Result<Container, Refusal> {
    let checked = |format| Ok(Container { format, unchecked: Vec::new() });
    if bytes.starts_with(OLE_MAGIC) {
        limit_process(limits, bytes.len() as u64 * 4);
        return if holds_utf16(bytes, "EncryptedPackage") { Err(Refusal::Encrypted) } else { checked(Format::Xls) };
    }
    if is_record_stream(bytes) {
        limit_process(limits, bytes.len() as u64 * 4);
        return checked(Format::Xls);
    }
    if !bytes.starts_with(b"PK") {
        return Err(Refusal::NotAWorkbook("it does not begin as a workbook does".to_owned()));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(zip_refusal)?;
    let format = format_of(&mut archive)?;
    let declared = declared_size(&mut archive, limits, bytes.len() as u64)?;
    limit_process(limits, declared);
    let mut unchecked = Vec::new();
    for index in 0..archive.len() {
        require_one_name(&mut archive, index, bytes)?;
        if format == Format::Xlsx
            && archive.by_index_raw(index).map_err(zip_refusal)?.size() >= LARGE_BYTES
            && is_worksheet(&mut archive, index)
        {
            unchecked.push(index);
        } else {
            check_member(&mut archive, index, format)?;
        }
    }
    let parts = Parts::of(&archive);
    let otherwise = match format {
        Format::Xlsx => "xl/workbook.xml",
        Format::Xlsb => "xl/workbook.bin",
        Format::Xls | Format::Ods => return Ok(Container { format, unchecked }),
    };
    let workbook = parts.workbook(&mut archive, otherwise)?;
    parts.require_parts_of_cells(&mut archive, &workbook)?;
    Ok(Container { format, unchecked })
}

fn format_of(archive: &mut Archive<'_>) -> Result<Format, Refusal> {
    let mut names = HashSet::new();
    let is_new = |name: &[u8]| names.insert(String::from_utf8_lossy(name).to_lowercase().replace('\\', "/"));
    if archive.has_duplicate_names() || !archive.file_names_raw().all(is_new) {
        return Err(Refusal::damaged("two members of the file have the same name"));
    }
    let has = |ending: &str| names.iter().any(|name| name.ends_with(ending));
    match () {
        () if has("workbook.bin") => Ok(Format::Xlsb),
        () if has("[content_types].xml") => Ok(Format::Xlsx),
        () if has("content.xml") || has("mimetype") => Ok(Format::Ods),
        () if has(".xml") => Ok(Format::Xlsx),
        () => Err(Refusal::NotAWorkbook("it is a zip archive, not a workbook".to_owned())),
    }
}

fn declared_size(archive: &mut Archive<'_>, limits: &Limits, size: u64) -> Result<u64, Refusal> {
    let too_large = |text: String| Err(Refusal::TooLarge(text));
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(zip_refusal)?;
        if member.encrypted() {
            return Err(Refusal::Encrypted);
        }
        total = total.saturating_add(member.size());
        if member.size() > RATIO_FLOOR && member.size() / LARGEST_RATIO > member.compressed_size() {
            return too_large(format!("a member inflates more than {LARGEST_RATIO} times, as only a decompression bomb does"));
        }
    }
    if total > limits.inflated_bytes {
        let (total, most) = (total / MEBIBYTE, limits.inflated_bytes / MEBIBYTE);
        return too_large(format!("it inflates to {total} MiB, more than the {most} MiB allowed"));
    }
    if total > RATIO_FLOOR && total / LARGEST_RATIO > size {
        return too_large(format!("it inflates more than {LARGEST_RATIO} times, as only a decompression bomb does"));
    }
    Ok(total)
}

/// Whether the root element of a member is a worksheet.
pub fn is_worksheet(archive: &mut Archive<'_>, index: usize) -> bool {
    let mut beginning = Vec::new();
    let read = archive.by_index(index).map(|member| member.take(PROLOG_BYTES as u64).read_to_end(&mut beginning));
    if !matches!(read, Ok(Ok(_))) {
        return false;
    }
    let mut reader = Reader::from_reader(beginning.as_slice());
    loop {
        match reader.read_event() {
            Ok(Event::Start(root)) => return root.local_name().as_ref() == "worksheet",
            Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Text(_)) => {}
            _ => return false,
        }
    }
}

/// Reads a member to its end, whereby its checksum is compared, and refuses document type definitions and impossible
/// references in a worksheet.
///
/// # Errors
/// What is wrong with the member.
pub fn check_member(archive: &mut Archive<'_>, index: usize, format: Format) -> Result<(), Refusal> {
    let mut member = archive.by_index(index).map_err(zip_refusal)?;
    let (name, size) = (member.name().map(|name| name.into_owned()).unwrap_or_default(), member.size());
    let trouble = |error: std::io::Error| Refusal::damaged(format!("its part {name} is damaged: {}", error.to_string().to_lowercase()));
    let mut buffer = vec![0; PROLOG_BYTES];
    let mut filled = fill(&mut member, &mut buffer).map_err(trouble)?;
    // LibreOffice writes macros with one, in parts that are never parsed here.
    let is_parsed = format != Format::Ods || !name.contains('/') || name.starts_with("META-INF/");
    if is_parsed && declares_document_type(&buffer[..filled]) {
        return Err(Refusal::damaged(format!("its part {name} has a document type definition, which no workbook needs")));
    }
    let is_worksheet = format == Format::Xlsx && memmem::find(&buffer[..filled], b"worksheet").is_some();
    let mut references = is_worksheet.then(CellReferences::default);
    let mut checked = Ok(());
    let mut total = 0;
    while filled > 0 && total <= size {
        total += filled as u64;
        if let (Some(references), Ok(())) = (&mut references, &checked) {
            checked = references.check(&buffer[..filled]);
        }
        filled = fill(&mut member, &mut buffer).map_err(trouble)?;
    }
    // A reference is at fault only in a member that is whole.
    if total == size { checked } else { Err(Refusal::damaged(format!("its part {name} is not as long as it should be"))) }
}

/// Refuses a member that the directory gives another name than it has itself. By another name it would be missed, and cells
/// read without it: without formats, dates are numbers.
fn require_one_name(archive: &mut Archive<'_>, index: usize, bytes: &[u8]) -> Result<(), Refusal> {
    let member = archive.by_index_raw(index).map_err(zip_refusal)?;
    let header = usize::try_from(member.header_start()).ok().and_then(|start| bytes.get(start..)).unwrap_or_default();
    let length = usize::from(u16_at(header, 26));
    let plain = |name: &[u8]| name.to_ascii_lowercase().iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect::<Vec<u8>>();
    match header.get(30..30 + length) {
        Some(name) if plain(name) == plain(member.name_raw()) => Ok(()),
        _ => Err(Refusal::damaged("its zip directory is damaged: it names a part otherwise than the part itself does")),
    }
}

/// Whether an XML prolog has a `<!DOCTYPE`, in any encoding whose letters are ASCII or UTF-16.
fn declares_document_type(beginning: &[u8]) -> bool {
    use SyntaxError::{InvalidBangMarkup, UnclosedCData, UnclosedDoctype};
    let letters: Vec<u8> = beginning.iter().copied().filter(|byte| *byte != 0).collect();
    let text = String::from_utf8_lossy(&letters);
    let mut reader = Reader::from_str(text.trim_start_matches(['\u{FEFF}', char::REPLACEMENT_CHARACTER]));
    loop {
        match reader.read_event() {
            Ok(Event::Decl(_) | Event::PI(_) | Event::Comment(_)) => {}
            Ok(Event::Text(text)) if text.trim_ascii().is_empty() => {}
            Ok(Event::DocType(_) | Event::CData(_)) => return true,
            Err(quick_xml::Error::Syntax(InvalidBangMarkup | UnclosedCData | UnclosedDoctype)) => return true,
            _ => return false,
        }
    }
}

fn holds_utf16(bytes: &[u8], text: &str) -> bool {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    memmem::find(bytes, &wide).is_some()
}
