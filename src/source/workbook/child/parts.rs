//! The parts of a zipped workbook and how they refer to one another.

use std::collections::HashMap;
use std::io::{Cursor, Read, Write};

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::source::guarded::protocol::Refusal;

/// A zip archive in memory.
pub type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// The members of an archive, by names that are compared as spreadsheet programs do: in any case, with any slash.
pub struct Parts(HashMap<String, usize>);

/// How one part refers to another.
pub struct Relation {
    /// The name by which the part says it.
    pub id: String,
    /// The last word of its type, such as `worksheet`.
    pub kind: String,
    /// The other part, from the root of the archive.
    pub target: String,
}

impl Parts {
    /// Those of an archive.
    pub fn of(archive: &Archive<'_>) -> Self {
        let names = archive.file_names_raw().map(|name| normal(&String::from_utf8_lossy(name)));
        Self(names.enumerate().map(|(index, name)| (name, index)).collect())
    }

    /// Whether there is such a part.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(&normal(name))
    }

    /// A part, whole; `None` when there is none of this name.
    ///
    /// # Errors
    /// `Damaged`, `Encrypted` as the archive says.
    pub fn read(&self, archive: &mut Archive<'_>, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(index) = self.index(name) else { return Ok(None) };
        let mut member = archive.by_index(index).map_err(zip_refusal)?;
        let mut bytes = Vec::with_capacity(usize::try_from(member.size()).unwrap_or(0));
        member.read_to_end(&mut bytes).map_err(|error| Refusal::damaged(format!("its part {name} is damaged: {error}")))?;
        Ok(Some(bytes))
    }

    /// A part's place in the archive.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.0.get(&normal(name)).copied()
    }

    /// What the part of this name refers to, outside the file apart; nothing when it has no relations.
    ///
    /// # Errors
    /// `Damaged` when they are no XML.
    pub fn relations(&self, archive: &mut Archive<'_>, name: &str) -> Result<Vec<Relation>, Refusal> {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        let part = relations_of(name);
        let Some(bytes) = self.read(archive, &part)? else { return Ok(Vec::new()) };
        let text = String::from_utf8_lossy(&bytes);
        let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
        let mut relations = Vec::new();
        loop {
            match reader.read_event().map_err(|error| Refusal::damaged(format!("its part {part} is damaged: {error}")))? {
                Event::Start(element) | Event::Empty(element) if is_internal(&element) => {
                    let kind = attribute(&element, "Type").unwrap_or_default();
                    relations.push(Relation {
                        id: attribute(&element, "Id").unwrap_or_default(),
                        kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
                        target: resolve(folder, &attribute(&element, "Target").unwrap_or_default()),
                    });
                }
                Event::Eof => return Ok(relations),
                _ => {}
            }
        }
    }

    /// The name of the part that is the workbook, and `otherwise` when the archive does not say.
    ///
    /// # Errors
    /// Those of [`Self::relations`].
    pub fn workbook(&self, archive: &mut Archive<'_>, otherwise: &str) -> Result<String, Refusal> {
        let relations = self.relations(archive, "")?;
        let main = relations.into_iter().find(|relation| relation.kind == "officeDocument");
        Ok(main.map_or_else(|| otherwise.to_owned(), |main| main.target))
    }

    /// Refuses a workbook that lacks a part without which its cells would be others: a worksheet, or the texts or formats that
    /// cells refer to. Some programs name parts that they did not need to write.
    ///
    /// # Errors
    /// `Damaged`, with the part that is missing.
    pub fn require_parts_of_cells(&self, archive: &mut Archive<'_>, workbook: &str) -> Result<(), Refusal> {
        let relations = self.relations(archive, workbook)?;
        let missing = |relation: &&Relation| !self.has(&relation.target);
        for relation in relations.iter().filter(missing) {
            // In XML a cell says so in a letter; in binary form every cell has a format.
            let needed: &[&[u8]] = match relation.kind.as_str() {
                "worksheet" => &[b""],
                "sharedStrings" => &[b"t=\"s\"", b"t='s'"],
                "styles" if relation.target.ends_with(".bin") => &[b""],
                "styles" => &[b" s=\"", b" s='"],
                _ => continue,
            };
            let mut is_needed = needed.contains(&b"".as_slice());
            for sheet in relations.iter().filter(|relation| relation.kind == "worksheet") {
                let Some(bytes) = self.read(archive, &sheet.target)? else { continue };
                is_needed = is_needed || needed.iter().any(|letters| memmem::find(&bytes, letters).is_some());
            }
            if is_needed {
                return Err(Refusal::damaged(format!("its part {} is missing", relation.target)));
            }
        }
        Ok(())
    }
}

fn is_internal(element: &BytesStart<'_>) -> bool {
    element.local_name().as_ref() == "Relationship" && attribute(element, "TargetMode").is_none_or(|mode| mode != "External")
}

/// The value of an attribute, its entities resolved.
pub fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.attributes().with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name)?;
    let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
    Some(value.map_or_else(|_| attribute.value.to_string(), |value| value.into_owned()))
}

/// The part that a reference in a folder means.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut path: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => _ = path.pop(),
            step => path.push(step),
        }
    }
    path.retain(|step| !step.is_empty());
    path.join("/")
}

fn normal(name: &str) -> String {
    name.replace('\\', "/").trim_start_matches('/').to_lowercase()
}

/// The archive of an `.xlsx` with its macro sheets as charts, which hold no cells either: the reader of `.xlsx` knows no other
/// sheets, and refuses the book. `None` when it has none.
///
/// # Errors
/// `Damaged` as the archive says.
pub fn without_macro_sheets(bytes: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
    let mut archive = Archive::new(Cursor::new(bytes)).map_err(zip_refusal)?;
    let parts = Parts::of(&archive);
    let workbook = parts.workbook(&mut archive, "xl/workbook.xml")?;
    let mut macros = parts.relations(&mut archive, &workbook)?;
    macros.retain(|relation| relation.kind.ends_with("acrosheet"));
    let relations = relations_of(&workbook);
    let (false, Some(text), Some(place)) = (macros.is_empty(), parts.read(&mut archive, &relations)?, parts.index(&relations)) else {
        return Ok(None);
    };
    let mut text = String::from_utf8_lossy(&text).into_owned();
    macros.iter().for_each(|sheet| text = text.replace(&format!("/{}", sheet.kind), "/chartsheet"));
    let mut writer = ZipWriter::new(Cursor::new(Vec::with_capacity(bytes.len())));
    for index in 0..archive.len() {
        let member = archive.by_index_raw(index).map_err(zip_refusal)?;
        if index != place {
            writer.raw_copy_file(member).map_err(zip_refusal)?;
            continue;
        }
        writer.start_file(relations.as_str(), SimpleFileOptions::default()).map_err(zip_refusal)?;
        writer.write_all(text.as_bytes())?;
    }
    Ok(Some(writer.finish().map_err(zip_refusal)?.into_inner()))
}

/// The part that holds what a part refers to.
fn relations_of(part: &str) -> String {
    let (folder, file) = part.rsplit_once('/').map_or(("", part), |(folder, file)| (folder, file));
    format!("{folder}/_rels/{file}.rels").trim_start_matches('/').to_owned()
}

/// Why a zip archive cannot be read.
pub fn zip_refusal(error: ZipError) -> Refusal {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Refusal::Encrypted,
        ZipError::UnsupportedArchive(what) => Refusal::damaged(format!("its zip container has something unusual: {}", what.to_lowercase())),
        // In the words of its format, the end of the central directory.
        ZipError::InvalidArchive(what) if what.contains("find EOCD") => {
            Refusal::damaged("its zip container is cut short: its directory is missing")
        }
        other => Refusal::damaged(format!("its zip container is damaged or cut short: {}", other.to_string().to_lowercase())),
    }
}
