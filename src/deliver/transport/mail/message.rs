//! Writes the message of a shipment: its text, and its files attached, in an archive, or as links.

use std::io::{self, Cursor, Seek, SeekFrom, Write};
use std::path::Path;
use std::str::FromStr;
use std::time::SystemTime;

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message as Mail};

use crate::clock::AsOf;
use crate::deliver::encryption::zip;
use crate::deliver::staged::digest;
use crate::deliver::transport::content::Content;
use crate::deliver::transport::content_type::content_type;
use crate::deliver::transport::mail::settings::MailSettings;
use crate::deliver::transport::shipment::{Delivered, Fault, Shipment};
use crate::error::Error;

/// Bytes that the headers take at most.
const HEAD: u64 = 16 << 10;

/// Bytes that the headers and the border of one part take at most, the name of its file being there twice.
const PART_HEAD: u64 = 3 << 10;

/// A message that is ready to be sent.
#[derive(Debug)]
pub struct Ready {
    /// What tells it from all others, without brackets.
    pub id: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// How files go.
enum Carried {
    Attached(Vec<(String, Vec<u8>)>),
    Linked(Vec<(String, String)>),
}

/// The message of `shipment` to `addresses` with at most `limit` bytes: its files are attached if it stays below it, else the
/// one archive of them, else links.
///
/// # Errors
/// [`Fault::Lasting`] when none of these is possible, and for settings that do not fit.
pub fn compose(place: &str, settings: &MailSettings, addresses: &[String], shipment: &Shipment, limit: u64) -> Delivered<Ready> {
    let text = (shipment.message.text.len() + shipment.message.html.len()) as u64;
    // Letters that are not ASCII take three times their bytes.
    let room = limit.saturating_sub(HEAD + 3 * text + PART_HEAD * shipment.files.len() as u64);
    let attached = encoded(shipment.files.iter().map(|file| file.bytes).sum()) <= room && limit > 0;
    let carried = if attached {
        let files = shipment.files.iter().map(|file| Ok((file.name.clone(), Content::whole(file)?)));
        Carried::Attached(files.collect::<Delivered<_>>()?)
    } else if let Some(archive) = if limit > 0 { archive(shipment, room)? } else { None } {
        let stem = shipment.files.first().map_or("files", |file| file.name.rsplit_once('.').map_or(file.name.as_str(), |(stem, _)| stem));
        Carried::Attached(vec![(format!("{stem}.zip"), archive)])
    } else if let Some(link) = &settings.link {
        Carried::Linked(
            shipment.files.iter().map(|file| (file.name.clone(), link.replace("{name}", &percent_encoded(&file.name)))).collect(),
        )
    } else {
        let bytes: u64 = shipment.files.iter().map(|file| file.bytes).sum();
        let what = format!("the files have {bytes} bytes, and the message may have {limit}, even as an archive");
        let help = "raise size_limit if the server takes more, leave a format or columns out, or set a link";
        return Err(Fault::Lasting(Error::usage(place, what, help)));
    };
    write(settings, addresses, shipment, carried).map_err(Fault::Lasting)
}

/// Bytes that `bytes` take in a message: four letters for three, in lines of 76.
fn encoded(bytes: u64) -> u64 {
    bytes.div_ceil(57) * 78
}

/// The files in an archive, if that has no more than `room` once it is in a message.
fn archive(shipment: &Shipment, room: u64) -> Delivered<Option<Vec<u8>>> {
    let most = usize::try_from(room / 78 * 57).unwrap_or(usize::MAX);
    if most == 0 || shipment.files.is_empty() {
        return Ok(None);
    }
    for file in &shipment.files {
        // Read to its end and compared with what it was, before it is packed.
        let mut content = Content::open(file)?;
        while content.next(1 << 20)?.len() == 1 << 20 {}
    }
    let files: Vec<(&str, &Path)> = shipment.files.iter().map(|file| (file.name.as_str(), file.path.as_path())).collect();
    let mut out = Bounded { bytes: Cursor::new(Vec::new()), most, is_full: false };
    match zip::archive(&files, None, &mut out) {
        Ok(()) => Ok(Some(out.bytes.into_inner())),
        Err(_) if out.is_full => Ok(None),
        Err(error) => Err(Fault::Lasting(error)),
    }
}

/// Bytes that may not become more than some.
struct Bounded {
    bytes: Cursor<Vec<u8>>,
    most: usize,
    is_full: bool,
}

impl Write for Bounded {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.bytes.position() as usize + piece.len() > self.most {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.write(piece)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Bounded {
    fn seek(&mut self, place: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(place)
    }
}

/// The id of the message of the shipment `key`, the same whenever it is tried: its domain is the sender's.
fn message_id(key: &str, sender: &Mailbox) -> String {
    let is_plain =
        !key.is_empty() && key.len() <= 128 && key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_');
    let key = if is_plain { key.to_owned() } else { digest(key.as_bytes())[..32].to_owned() };
    format!("{key}.portstatus@{}", sender.email.domain())
}

fn write(settings: &MailSettings, addresses: &[String], shipment: &Shipment, carried: Carried) -> crate::error::Result<Ready> {
    let internal = |error: &dyn std::fmt::Display| Error::internal("mail", error);
    let sender = settings.sender()?;
    let id = message_id(&shipment.key, &sender);
    let subject = shipment.message.subject.replace(char::is_control, " ");
    let mut mail = Mail::builder()
        .from(sender)
        .subject(subject)
        .message_id(Some(format!("<{id}>")))
        .date(SystemTime::from(AsOf::now().utc()))
        // No holiday notice answers it.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    for address in addresses {
        let address = Address::from_str(address).map_err(|error| internal(&error))?;
        mail = mail.to(Mailbox::new(None, address));
    }
    if let Some(answers_to) = settings.answers_to()? {
        mail = mail.reply_to(answers_to);
    }
    let (mut text, mut html) = (shipment.message.text.clone(), shipment.message.html.clone());
    let files = match carried {
        Carried::Attached(files) => files,
        Carried::Linked(links) => {
            add_links(&mut text, &mut html, &links);
            Vec::new()
        }
    };
    let alternatives = (!html.is_empty()).then(|| MultiPart::alternative_plain_html(text.clone(), html));
    let built = match (files.is_empty(), alternatives) {
        (true, Some(alternatives)) => mail.multipart(alternatives),
        (true, None) => mail.singlepart(SinglePart::plain(text)),
        (false, alternatives) => {
            let mixed = MultiPart::mixed();
            let mixed = match alternatives {
                Some(alternatives) => mixed.multipart(alternatives),
                None => mixed.singlepart(SinglePart::plain(text)),
            };
            mail.multipart(files.into_iter().try_fold(mixed, |mixed, file| Ok::<_, Error>(mixed.singlepart(attachment(file)?)))?)
        }
    };
    Ok(Ready { id, bytes: built.map_err(|error| internal(&error))?.formatted() })
}

/// A file as a part of a message. Whatever is in it, its bytes arrive as they are.
fn attachment((name, bytes): (String, Vec<u8>)) -> crate::error::Result<SinglePart> {
    let kind = ContentType::parse(content_type(&name)).map_err(|error| Error::internal("mail", error))?;
    let body = Body::new_with_encoding(bytes, ContentTransferEncoding::Base64)
        .map_err(|_| Error::internal("mail", "base64 does not take a file"))?;
    Ok(Attachment::new(name).body(body, kind))
}

fn add_links(text: &mut String, html: &mut String, links: &[(String, String)]) {
    for (name, link) in links {
        text.push_str(&format!("\n{name}: {link}\n"));
    }
    if html.is_empty() {
        return;
    }
    let items: String = links.iter().map(|(name, link)| format!("<p><a href=\"{}\">{}</a></p>\n", escaped(link), escaped(name))).collect();
    let end = html.rfind("</body>").unwrap_or(html.len());
    html.insert_str(end, &items);
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The name as a part of the path of a URL.
fn percent_encoded(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
