//! Reads `[[deliveries]]` of a job file: where reports go, what their files are called, and how the place is reached.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::job_file::keys::{DELIVERY, MAIL, S3, SFTP};
use crate::cli::job_file::section::{Section, Written};
use crate::deliver::transport::MailSettings;
use crate::deliver::transport::S3Settings;
use crate::deliver::transport::SftpSettings;
use crate::deliver::transport::{Patience, TransportSettings};
use crate::error::{Error, Result};
use crate::job::place_pattern::{NAME_WORDS, PLACE, PLACE_WORDS, Scheme, has_word, unknown_word};
use crate::job::scheduled::{DeliveryRule, Encryption};
use crate::source::database::files::require_private;

/// What files are called where nothing else is said.
const FILE_NAME: &str = "{recipient}-{date}.{ext}";

/// A delivery, and where it was read.
pub struct Delivery<'a> {
    /// The delivery.
    pub rule: DeliveryRule,
    /// The kind of its place; `None` where the table of recipients says it.
    pub scheme: Option<Scheme>,
    /// Its table.
    pub section: Section<'a>,
}

/// Reads every `[[deliveries]]` of `job`.
///
/// # Errors
/// [`Error::config`] for what is wrong with one, and for two that are called alike or go to one place under one name.
pub fn read_deliveries<'a>(job: &Section<'a>) -> Result<Vec<Delivery<'a>>> {
    let mut read: Vec<Delivery<'a>> = Vec::new();
    for section in job.tables("deliveries", "[[deliveries]]", DELIVERY)? {
        let delivery = delivery(section, read.len() + 1)?;
        let (rule, section) = (&delivery.rule, &delivery.section);
        if read.iter().any(|other| other.rule.name == rule.name) {
            return Err(section.error("name", format!("two deliveries are called {}", rule.name), "give each a name of its own"));
        }
        if read.iter().any(|other| other.rule.to == rule.to && other.rule.file_name == rule.file_name) {
            return Err(section.error("to", "an earlier delivery goes there under the same names", "leave one of them out"));
        }
        read.push(delivery);
    }
    Ok(read)
}

fn delivery(section: Section<'_>, number: usize) -> Result<Delivery<'_>> {
    let to = section.required("to", "write a folder, s3://…, sftp://… or mailto:…")?;
    known_words(&section, "to", to, &PLACE_WORDS)?;
    let scheme = match to.text.starts_with(&format!("{{{PLACE}}}")) {
        true => None,
        false => Some(Scheme::of(to.text).map_err(|(what, help)| section.error("to", what, help))?),
    };
    let name = match section.text("name") {
        Some(name) => named(&section, name)?,
        None => format!("{}-{number}", scheme.map_or(PLACE, Scheme::word)),
    };
    let encryption = match section.text("encrypt").map(|written| written.text) {
        Some("workbook") => Encryption::Workbook,
        Some("zip") => Encryption::Zip,
        _ => Encryption::None,
    };
    let password_file = section.text("password-file").map(|written| PathBuf::from(written.text));
    if let Some(path) = &password_file {
        require_private(path, "a password").map_err(|error| section.within("password-file", error))?;
        if encryption == Encryption::None {
            return Err(section.error("password-file", "is for nothing: files are not encrypted", "add encrypt = \"zip\" or \"workbook\""));
        }
    }
    let usual = Patience::default();
    let patience = Patience {
        timeout: section.count("timeout").map_or(usual.timeout, Duration::from_secs),
        attempts: section.count("attempts").map_or(usual.attempts, |count| count as u32),
        ..usual
    };
    let settings = TransportSettings { s3: s3(&section)?, sftp: sftp(&section)?, mail: mail(&section, scheme)?, patience };
    for (key, of) in [("s3", Scheme::S3), ("sftp", Scheme::Sftp), ("mail", Scheme::Mail)] {
        if section.has(key) && scheme.is_some_and(|scheme| scheme != of) {
            return Err(section.error(key, format!("is not how {} is reached", to.text), "leave it out"));
        }
    }
    let file_name = file_name(&section)?;
    let announces_nothing = section.is_on("announce-nothing");
    if announces_nothing && scheme.is_some_and(|scheme| scheme != Scheme::Mail) {
        return Err(section.error("announce-nothing", "only a mail can say that there is nothing", "leave it out"));
    }
    let rule = DeliveryRule { name, to: to.text.to_owned(), file_name, encryption, password_file, announces_nothing, settings };
    check_name(&rule, &section)?;
    Ok(Delivery { rule, scheme, section })
}

/// The name that is written, if it is one.
///
/// # Errors
/// [`Error::config`] for other signs than letters, digits, `-` and `_`, and for more than 40 of them.
pub fn named(section: &Section<'_>, name: Written<'_>) -> Result<String> {
    match is_name(name.text) {
        true => Ok(name.text.to_owned()),
        false => Err(section.error("name", format!("'{}' is not a name", name.text), "write at most 40 letters, digits, - and _")),
    }
}

/// Whether `text` is at most 40 letters, digits, `-` and `_`, the first of which is a letter or digit.
pub fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=40).contains(&text.len()) && text.bytes().all(is_plain) && !text.starts_with(['-', '_'])
}

/// Refuses what stands in braces in the text of `key` and means nothing there.
fn known_words(section: &Section<'_>, key: &str, text: Written<'_>, known: &[&str]) -> Result<()> {
    match unknown_word(text.text, known) {
        None => Ok(()),
        Some((start, what, help)) => {
            let rest = &text.text[start..];
            let word = rest.split_inclusive('}').next().unwrap_or(rest);
            Err(Error::config(section.place_within(key, text, word), what, help))
        }
    }
}

fn file_name(section: &Section<'_>) -> Result<String> {
    let Some(written) = section.text("file-name") else { return Ok(FILE_NAME.to_owned()) };
    known_words(section, "file-name", written, &NAME_WORDS)?;
    let name = written.text;
    let is_plain = !name.contains(['/', '\\', '\0']) && !name.starts_with('.') && !name.chars().any(char::is_control);
    match is_plain && name.trim() == name {
        true => Ok(name.to_owned()),
        false => {
            Err(section.error("file-name", "is not a plain name of a file", "name the folder in to, and leave out / and dots before it"))
        }
    }
}

/// Refuses names by which the files of `rule` would meet: the report in its formats, rejected rows and archives, or those of
/// several recipients.
fn check_name(rule: &DeliveryRule, section: &Section<'_>) -> Result<()> {
    let (name, to) = (&rule.file_name, &rule.to);
    if !has_word(name, "ext") && !has_word(name, "format") {
        let what = "is one name for the files of all formats, and for rejected rows";
        return Err(section.error("file-name", what, "add .{ext} to it"));
    }
    if !["recipient", "value"].iter().any(|word| has_word(name, word) || has_word(to, word)) {
        let what = "is one name for the files of several recipients";
        return Err(section.error("file-name", what, "add {recipient} to it, or to the place"));
    }
    Ok(())
}

fn s3(section: &Section<'_>) -> Result<S3Settings> {
    let Some(s3) = section.table("s3", "s3", S3)? else { return Ok(S3Settings::default()) };
    let made = S3Settings {
        endpoint: s3.owned("endpoint"),
        region: s3.owned("region"),
        access_key_id: s3.secret("access-key-id")?,
        secret_access_key: s3.secret("secret-access-key")?,
        session_token: s3.secret("session-token")?,
    };
    match (&made.access_key_id, &made.secret_access_key) {
        (Some(_), None) => Err(s3.error("access-key-id", "is given without secret-access-key", "give both, or neither")),
        (None, Some(_)) => Err(s3.error("secret-access-key", "is given without access-key-id", "give both, or neither")),
        _ => Ok(made),
    }
}

fn sftp(section: &Section<'_>) -> Result<SftpSettings> {
    let Some(sftp) = section.table("sftp", "sftp", SFTP)? else { return Ok(SftpSettings::default()) };
    let made = SftpSettings { identity_file: file(&sftp, "identity-file")?, known_hosts_file: file(&sftp, "known-hosts-file")? };
    if let Some(path) = &made.identity_file {
        require_private(path, "a key").map_err(|error| sftp.within("identity-file", error))?;
    }
    Ok(made)
}

/// The file that `key` names, which must be there.
fn file(section: &Section<'_>, key: &str) -> Result<Option<PathBuf>> {
    let Some(written) = section.text(key) else { return Ok(None) };
    match Path::new(written.text).is_file() {
        true => Ok(Some(PathBuf::from(written.text))),
        false => Err(section.error(key, format!("there is no file {}", written.text), "check the path")),
    }
}

fn mail(section: &Section<'_>, scheme: Option<Scheme>) -> Result<MailSettings> {
    let Some(mail) = section.table("mail", "mail", MAIL)? else {
        return match scheme {
            Some(Scheme::Mail) => {
                Err(section.error("to", "it is not said how mail is sent", "add mail = { server = \"…\", from = \"…\" }"))
            }
            _ => Ok(MailSettings::default()),
        };
    };
    let server = mail.required("server", "write server = \"smtps://HOST:465\"")?;
    let known = ["smtps", "smtp", "smtp+plain"];
    match server.text.split_once("://") {
        Some((scheme, host)) if known.contains(&scheme) && !host.is_empty() => {
            if host.contains('@') {
                return Err(mail.error("server", "names a user", "write user and password as keys of their own"));
            }
        }
        _ => {
            return Err(mail.error(
                "server",
                format!("'{}' is not a mail server", server.text),
                "write smtps://HOST:465 or smtp://HOST:587",
            ));
        }
    }
    let address = |key: &str| match mail.text(key) {
        Some(text) if !text.text.contains('@') => Err(mail.error(key, format!("'{}' is not an address", text.text), "write name@host")),
        text => Ok(text.map(|text| text.text.to_owned())),
    };
    mail.required("from", "write from = \"name@host\"")?;
    let made = MailSettings {
        server: server.text.to_owned(),
        user: mail.owned("user"),
        password: mail.secret("password")?,
        ca_file: file(&mail, "ca-file")?,
        from: address("from")?.unwrap_or_default(),
        reply_to: address("reply-to")?,
        size_limit: mail.count("size-limit"),
        link: mail.owned("link"),
    };
    if made.user.is_some() != made.password.is_some() {
        return Err(mail.error("user", "user and password go together", "give both, or neither"));
    }
    if let Some(link) = mail.text("link") {
        known_words(&mail, "link", link, &["name"])?;
    }
    Ok(made)
}
