//! Opens configuration files and templates: embedded in the program, overridable from a folder on disk.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::DeserializeOwned;

use crate::error::{Error, Place, Result, system_words};

/// Every template shipped with the program: its path below `templates/` and its text.
const EMBEDDED: &[(&str, &str)] = &[
    ("messages/report.toml", include_str!("../templates/messages/report.toml")),
    ("reports/partner-port-status.toml", include_str!("../templates/reports/partner-port-status.toml")),
    ("reports/partner-port-status-fr-CA.toml", include_str!("../templates/reports/partner-port-status-fr-CA.toml")),
    ("reports/actions.toml", include_str!("../templates/reports/actions.toml")),
    ("reports/foc.toml", include_str!("../templates/reports/foc.toml")),
    ("reports/requests.toml", include_str!("../templates/reports/requests.toml")),
    ("reports/numbers.toml", include_str!("../templates/reports/numbers.toml")),
    ("rules/classification.toml", include_str!("../templates/rules/classification.toml")),
    ("rules/configuration-profiles.toml", include_str!("../templates/rules/configuration-profiles.toml")),
    ("rules/lifecycle.toml", include_str!("../templates/rules/lifecycle.toml")),
    ("rules/reasons.toml", include_str!("../templates/rules/reasons.toml")),
    ("sources/intermedia.toml", include_str!("../templates/sources/intermedia.toml")),
    ("sources/didww.toml", include_str!("../templates/sources/didww.toml")),
    ("sources/generic.toml", include_str!("../templates/sources/generic.toml")),
    ("sources/bandwidth.toml", include_str!("../templates/sources/bandwidth.toml")),
    ("sources/flowroute.toml", include_str!("../templates/sources/flowroute.toml")),
    ("sources/gigs.toml", include_str!("../templates/sources/gigs.toml")),
    ("sources/kazoo.toml", include_str!("../templates/sources/kazoo.toml")),
    ("sources/numberbarn.toml", include_str!("../templates/sources/numberbarn.toml")),
    ("sources/record.toml", include_str!("../templates/sources/record.toml")),
    ("sources/ringlogix.toml", include_str!("../templates/sources/ringlogix.toml")),
    ("sources/sinch.toml", include_str!("../templates/sources/sinch.toml")),
    ("sources/somos.toml", include_str!("../templates/sources/somos.toml")),
    ("sources/teams.toml", include_str!("../templates/sources/teams.toml")),
    ("sources/telnyx.toml", include_str!("../templates/sources/telnyx.toml")),
    ("sources/twilio.toml", include_str!("../templates/sources/twilio.toml")),
    ("calendars/ca-federal.toml", include_str!("../templates/calendars/ca-federal.toml")),
    ("calendars/uk-england-and-wales.toml", include_str!("../templates/calendars/uk-england-and-wales.toml")),
    ("calendars/uk-northern-ireland.toml", include_str!("../templates/calendars/uk-northern-ireland.toml")),
    ("calendars/uk-scotland.toml", include_str!("../templates/calendars/uk-scotland.toml")),
    ("calendars/us-federal.toml", include_str!("../templates/calendars/us-federal.toml")),
    ("starters/report.toml", include_str!("../templates/starters/report.toml")),
    ("schedule/cron", include_str!("../templates/schedule/cron")),
    ("schedule/cronjob.yaml", include_str!("../templates/schedule/cronjob.yaml")),
    ("schedule/job.toml", include_str!("../templates/schedule/job.toml")),
    ("schedule/kubernetes.yaml", include_str!("../templates/schedule/kubernetes.yaml")),
    ("schedule/systemd.service", include_str!("../templates/schedule/systemd.service")),
    ("schedule/systemd.timer", include_str!("../templates/schedule/systemd.timer")),
];

/// The templates of a run: those shipped with the program, each replaced by the file of
/// the same name in the override folder, if there is one.
#[derive(Debug, Clone, Default)]
pub struct Templates {
    folder: Option<PathBuf>,
    /// The files of the folder that were read, by template, as they were read.
    used: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl Templates {
    /// Templates overridden by the files in `folder`.
    ///
    /// # Errors
    /// [`Error::config`] when `folder` is not a folder.
    pub fn new(folder: Option<&Path>) -> Result<Self> {
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return Err(Error::config(folder.display().to_string(), "is not a folder", "name a folder laid out like templates/"));
        }
        Ok(Self { folder: folder.map(Path::to_path_buf), used: Arc::default() })
    }

    /// The text of template `name` (`rules/classification.toml`).
    ///
    /// # Errors
    /// [`Error::config`] when there is no such template or its file cannot be read.
    pub fn text(&self, name: &str) -> Result<Cow<'static, str>> {
        if let Some(path) = self.folder.as_ref().map(|folder| folder.join(name)).filter(|path| path.is_file()) {
            let text = read(&path)?;
            self.note(name, text.as_bytes());
            return Ok(Cow::Owned(text));
        }
        EMBEDDED.iter().find(|(key, _)| *key == name).map(|(_, text)| Cow::Borrowed(*text)).ok_or_else(|| {
            let known: Vec<_> = EMBEDDED.iter().map(|(key, _)| *key).collect();
            Error::config(name, "there is no such template", format!("choose from {}", known.join(", ")))
        })
    }

    /// The bytes of the picture `name` (`reports/logo.png`), which only the override folder can have.
    ///
    /// # Errors
    /// What is wrong with the file, as in "is not there".
    pub fn picture(&self, name: &str) -> std::result::Result<Vec<u8>, String> {
        let folder = self.folder.as_deref().ok_or("is beside a template in a folder of templates, and none is named")?;
        let (below, file) = name.split_once('/').unwrap_or((".", name));
        let bytes = read_picture(&folder.join(below), file)?;
        self.note(name, &bytes);
        Ok(bytes)
    }

    fn note(&self, name: &str, bytes: &[u8]) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), bytes.to_vec());
    }

    /// The files of the override folder that were read so far, by template, as they were read.
    pub fn used(&self) -> BTreeMap<String, Vec<u8>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The files of the override folder that can be read, by their paths.
    pub fn files(&self) -> Vec<PathBuf> {
        let folders: BTreeSet<&str> = EMBEDDED.iter().filter_map(|(name, _)| Some(name.split_once('/')?.0)).collect();
        let all = |root: &PathBuf| {
            let entries = folders.iter().flat_map(|folder| std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten());
            entries.map(|entry| entry.path()).collect::<Vec<_>>()
        };
        let fonts = self.fonts().unwrap_or_default();
        self.folder.iter().flat_map(all).chain(fonts).collect()
    }

    /// The fonts in the override folder, by name.
    ///
    /// # Errors
    /// [`Error::config`] when there is a folder of fonts that cannot be read.
    pub fn fonts(&self) -> Result<Vec<PathBuf>> {
        let Some(folder) = self.folder.as_ref().map(|folder| folder.join(FONTS)) else { return Ok(Vec::new()) };
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.and_then(|entries| entries.collect::<io::Result<Vec<_>>>()),
        };
        let place = folder.display().to_string();
        let entries = entries.map_err(|error| Error::config(place, system_words(&error), "check the folder of fonts").with_cause(error))?;
        let is_font = |path: &PathBuf| {
            let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
            ending.is_some_and(|ending| ending == "ttf" || ending == "otf")
        };
        let mut fonts: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).filter(is_font).collect();
        fonts.sort();
        Ok(fonts)
    }

    /// The names (without folder and ending) of all templates in `folder` (`sources`), sorted.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let embedded =
            EMBEDDED.iter().filter_map(|(key, _)| key.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".toml").map(str::to_owned));
        let on_disk = self
            .folder
            .iter()
            .flat_map(|root| std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten())
            .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".toml").map(str::to_owned));
        let mut names: Vec<String> = embedded.chain(on_disk).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// Reads `text`, the TOML of the template, rules or configuration file `file`; `help` says what to compare it with.
///
/// # Errors
/// [`Error::config`] with the line, when it is not TOML or does not hold what `T` asks for.
pub fn parse<T: DeserializeOwned>(text: &str, file: &str, help: &str) -> Result<T> {
    parse_and_locate(text, file, help, |start| Place::line(file, line_at(text, start)))
}

/// Reads `text` as [`parse`] does; what is wrong with it is named with its line and column.
///
/// # Errors
/// Those of [`parse`].
pub fn parse_to_the_column<T: DeserializeOwned>(text: &str, file: &str, help: &str) -> Result<T> {
    parse_and_locate(text, file, help, |start| Place::line_column(file, position_at(text, start)))
}

fn parse_and_locate<T: DeserializeOwned>(text: &str, file: &str, help: &str, locate: impl Fn(usize) -> Place) -> Result<T> {
    toml::from_str(text).map_err(|error| {
        let what = error.message().lines().map(str::trim).collect::<Vec<_>>().join(", ");
        let place = error.span().map_or_else(|| file.into(), |span| locate(span.start));
        Error::config(place, what, help).with_cause(error)
    })
}

/// The line of `text` and the character of that line, both from 1, that the byte at `offset` is.
pub fn position_at(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    (line_at(text, offset), before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}

/// The line of `text`, from 1, that the byte at `offset` is on.
fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
}

/// The bytes of a configuration file, or of what one is made of, at `path`.
///
/// # Errors
/// Those of the system, and [`ErrorKind::FileTooLarge`] for a file larger than any such file is.
pub fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    read_limited(path, MAX_FILE_BYTES)
}

/// The bytes of the picture `name` in `folder`, which it does not leave by a link either.
///
/// # Errors
/// What is wrong with the file, as in "is not there".
pub fn read_picture(folder: &Path, name: &str) -> std::result::Result<Vec<u8>, String> {
    let words = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => "is not there".to_owned(),
        ErrorKind::FileTooLarge => error.to_string(),
        _ => system_words(&error),
    };
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let folder = folder.canonicalize().map_err(words)?;
    let path = folder.join(name).canonicalize().map_err(words)?;
    match path.metadata() {
        _ if !path.starts_with(&folder) => Err("leads out of the folder of the template".to_owned()),
        Ok(about) if !about.is_file() => Err("is not a file".to_owned()),
        _ => read_limited(&path, MAX_PICTURE_BYTES).map_err(words),
    }
}

/// The bytes of the font at `path`.
///
/// # Errors
/// Those of the system, and [`ErrorKind::FileTooLarge`] for a file larger than a font may be; [`ErrorKind::InvalidInput`] for what is
/// no file.
pub fn read_font(path: &Path) -> io::Result<Vec<u8>> {
    // What is no file may wait for somebody who writes into it.
    if !path.metadata()?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "is not a file"));
    }
    read_limited(path, MAX_FONT_BYTES)
}

fn read_limited(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let what = format!("is larger than the {} MiB that such a file may have", limit >> 20);
        return Err(io::Error::new(ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}

/// Bytes of the largest configuration file or template, of the largest picture, and of the largest font.
const MAX_FILE_BYTES: u64 = 4 << 20;
const MAX_PICTURE_BYTES: u64 = 1 << 20;
const MAX_FONT_BYTES: u64 = 32 << 20;
/// The folder of fonts among templates.
const FONTS: &str = "fonts";

/// The text of a configuration file at `path`.
///
/// # Errors
/// [`Error::config`] when it cannot be read, is not UTF-8, or is larger than any such file is; [`Error::system`] when the
/// process may not open another file.
pub fn read(path: &Path) -> Result<String> {
    let place = || Place::from(path.display().to_string());
    let utf8 = |bytes| String::from_utf8(bytes).map_err(|_| io::Error::new(ErrorKind::InvalidData, "stream did not contain valid UTF-8"));
    match read_bytes(path).and_then(utf8) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == ErrorKind::FileTooLarge => Err(Error::config(place(), error.to_string(), "name a TOML file")),
        Err(error) => Err(Error::refused_resource(place(), system_words(&error), &error)
            .unwrap_or_else(|| Error::config(place(), system_words(&error), "check the path and that it is UTF-8 text"))
            .with_cause(error)),
    }
}
