//! Puts shipments into folders of SFTP servers: all files are up, durable and read back before the first has its name.

pub mod connection;
mod failure;
pub mod file;
pub mod packet;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

use crate::deliver::staged::digest;
use crate::deliver::transport::content::Content;
use crate::deliver::transport::sftp::connection::{Connection, Login, SftpSettings};
use crate::deliver::transport::sftp::failure::{fault_of, unopened};
use crate::deliver::transport::sftp::file::{Entry, Failure};
use crate::deliver::transport::shipment::{Delivered, Fault, Receipt, Shipment, ShipmentFile};
use crate::error::{Error, Result};
use crate::source::database::files::require_private;

/// Bytes that are read from the file at once.
const PIECE: usize = 1 << 20;

/// How long a connection that was not in use may take to show that it is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// The servers that a run delivers to; connections are kept and used again.
#[derive(Debug)]
pub struct Servers {
    settings: SftpSettings,
    limit: Duration,
    idle: Mutex<BTreeMap<Login, Vec<Connection>>>,
}

impl Servers {
    /// Servers reached as `settings` say, of which one attempt may take as long as `limit`.
    pub fn new(settings: SftpSettings, limit: Duration) -> Self {
        Self { settings, limit, idle: Mutex::default() }
    }

    /// Puts `shipment` into a `folder` of the server. `place` is what messages call the target.
    ///
    /// # Errors
    /// Passing when the connection cannot be made or broke, or the server failed without saying why; lasting when the server is
    /// not known or not let in, and when something is not permitted. What was sent before the first file got its name is removed
    /// where the server can still be reached, and otherwise replaced by the next attempt.
    pub async fn deliver(&self, place: &str, login: &Login, folder: &str, shipment: &Shipment) -> Delivered {
        match timeout(self.limit, self.attempt(place, login, folder, shipment)).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let what = format!("the server did not take the shipment within {} seconds", self.limit.as_secs_f64());
                Err(Fault::Passing(Error::unavailable(place, what, "check the network, or allow more time")))
            }
        }
    }

    async fn attempt(&self, place: &str, login: &Login, folder: &str, shipment: &Shipment) -> Delivered {
        let mut connection = self.connection(place, login, folder).await?;
        let mut sent = Vec::new();
        let outcome = put_all(&mut connection, place, folder, shipment, &mut sent).await;
        if outcome.is_err() {
            for name in &sent {
                if let Err(Failure::Broken(_)) = connection.remove(name).await {
                    break;
                }
            }
            // Answers may still be on their way: it is not used again.
            return outcome;
        }
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).entry(login.clone()).or_default().push(connection);
        outcome
    }

    /// A connection that is not in use and still answers, or a new one.
    async fn connection(&self, place: &str, login: &Login, folder: &str) -> Delivered<Connection> {
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).get_mut(login).and_then(Vec::pop);
            let Some(mut connection) = idle else { break };
            if let Ok(Ok(_)) = timeout(self.limit.min(SIGN_OF_LIFE), connection.entry(below_home(folder), true)).await {
                return Ok(connection);
            }
        }
        Connection::open(login, &self.settings, self.limit).await.map_err(|(error, words)| unopened(place, &error, &words))
    }

    /// Finds out whether the files of keys are there and as they must be, without asking the server.
    ///
    /// # Errors
    /// [`Error::permission`] for a key that others may read, [`Error::no_input`] for a file that is not there.
    pub fn check(&self) -> Result<()> {
        for (file, what) in [(&self.settings.identity_file, "identity_file"), (&self.settings.known_hosts_file, "known_hosts_file")] {
            let Some(file) = file else { continue };
            let text = file.display().to_string();
            if text.contains(['%', '"', '\'', '~', '$', '\\']) || text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
                let help = "ssh reads them in its own way: give the file a plain name";
                return Err(Error::usage(
                    format!("'{text}'"),
                    format!("is a path for {what} with blanks, quotes, '%', '~', '$' or '\\'"),
                    help,
                ));
            }
        }
        self.settings.identity_file.as_deref().map_or(Ok(()), |file| require_private(file, "a key"))?;
        self.settings.known_hosts_file.as_deref().map_or(Ok(()), require_file)
    }
}

fn require_file(file: &Path) -> Result<()> {
    let place = file.display().to_string();
    match std::fs::metadata(file) {
        Ok(data) if data.is_file() => Ok(()),
        Ok(_) => Err(Error::no_input(place, "is not a file", "name the file of the hosts' keys")),
        Err(error) => {
            let what = format!("cannot be read: {}", crate::error::system_words(&error));
            Err(Error::no_input(place, what, "make it with ssh-keyscan, and compare the keys with what the owner of the host says"))
        }
    }
}

/// The folder as the server is asked for it: what is below the home folder is relative.
fn below_home(folder: &str) -> &str {
    match folder.strip_prefix("/~") {
        Some("" | "/") => ".",
        Some(rest) => rest.trim_start_matches('/'),
        None => folder,
    }
}

async fn put_all(connection: &mut Connection, place: &str, folder: &str, shipment: &Shipment, sent: &mut Vec<String>) -> Delivered {
    let folder = below_home(folder);
    make_folders(connection, place, folder).await?;
    let mut missing = Vec::new();
    for file in &shipment.files {
        if !is_there(connection, place, folder, file).await? {
            missing.push(file);
        }
    }
    let key = &digest(shipment.key.as_bytes())[..16];
    for (number, file) in missing.iter().enumerate() {
        let unfinished = path_of(folder, &format!(".portstatus-{key}-{number}.tmp"));
        sent.push(unfinished.clone());
        put(connection, place, &unfinished, file).await?;
    }
    for (file, unfinished) in missing.iter().zip(sent.iter()) {
        let renamed = connection.rename(unfinished, &path_of(folder, &file.name)).await;
        renamed.map_err(|failure| fault_of(place, &format!("'{}' cannot be put in place", file.name), &failure))?;
    }
    Ok(Receipt { reference: None, was_there: missing.is_empty() && !shipment.files.is_empty() })
}

fn path_of(folder: &str, name: &str) -> String {
    if folder.ends_with('/') { format!("{folder}{name}") } else { format!("{folder}/{name}") }
}

/// Makes the folder and those above it, as far as they are not there.
async fn make_folders(connection: &mut Connection, place: &str, folder: &str) -> Delivered<()> {
    let fault = |failure: Failure| fault_of(place, "the folder cannot be made", &failure);
    match connection.entry(folder, true).await.map_err(fault)? {
        Entry::Folder => return Ok(()),
        Entry::Nothing => {}
        Entry::File(_) | Entry::Other => return Err(unfit(place, "the folder is not one", "name another folder")),
    }
    let ends = folder.match_indices('/').map(|(end, _)| end).filter(|end| *end > 0).chain([folder.len()]);
    for end in ends {
        let above = &folder[..end];
        if connection.entry(above, true).await.map_err(fault)? == Entry::Nothing
            && let Err(failure) = connection.make_folder(above).await
            // Somebody else may have made it meanwhile.
            && connection.entry(above, true).await.map_err(fault)? != Entry::Folder
        {
            return Err(fault(failure));
        }
    }
    Ok(())
}

fn unfit(place: &str, what: &str, help: &str) -> Fault {
    Fault::Lasting(Error::cannot_create(place, what, help))
}

/// Whether the file is there already, which is found out by reading it.
async fn is_there(connection: &mut Connection, place: &str, folder: &str, file: &ShipmentFile) -> Delivered<bool> {
    let path = path_of(folder, &file.name);
    let fault = |failure: Failure| fault_of(place, &format!("'{}' cannot be looked at", file.name), &failure);
    match connection.entry(&path, false).await.map_err(fault)? {
        Entry::File(bytes) if bytes == file.bytes => {
            // A file that may not be read is replaced.
            let Ok(handle) = connection.open_file(&path).await else { return Ok(false) };
            let (sha256, is_whole) = connection.digest(&handle, file.bytes).await.map_err(fault)?;
            connection.close(&handle).await.map_err(fault)?;
            Ok(is_whole && sha256.eq_ignore_ascii_case(&file.sha256))
        }
        Entry::File(_) | Entry::Nothing => Ok(false),
        Entry::Folder | Entry::Other => {
            Err(unfit(place, &format!("'{}' is a folder, a link or a device there", file.name), "remove it or name another folder"))
        }
    }
}

fn full(place: &str, name: &str) -> Fault {
    let what = format!("'{name}' cannot be written: no space is left there");
    Fault::Passing(Error::unavailable(place, what, "make room there; it is sent again"))
}

/// Writes the file under the name `unfinished`, makes it durable and reads it back.
async fn put(connection: &mut Connection, place: &str, unfinished: &str, file: &ShipmentFile) -> Delivered<()> {
    let fault = |failure: Failure| fault_of(place, &format!("'{}' cannot be written", file.name), &failure);
    let mut content = Content::open(file)?;
    if connection.entry(unfinished, false).await.map_err(fault)? != Entry::Nothing {
        connection.remove(unfinished).await.map_err(fault)?;
    }
    let handle = connection.create(unfinished).await.map_err(fault)?;
    let mut offset = 0;
    loop {
        let piece = content.next(PIECE)?;
        if let Err(failure) = connection.write(&handle, offset, &piece).await {
            // Why it failed, the server does not say of itself.
            let is_full = matches!(failure, Failure::Refused(_)) && connection.lacks_room(unfinished, file.bytes).await;
            return Err(if is_full { full(place, &file.name) } else { fault(failure) });
        }
        offset += piece.len() as u64;
        if piece.len() < PIECE {
            break;
        }
    }
    connection.sync(&handle).await.map_err(fault)?;
    let (sha256, is_whole) = connection.digest(&handle, file.bytes).await.map_err(fault)?;
    connection.close(&handle).await.map_err(fault)?;
    if is_whole && sha256.eq_ignore_ascii_case(&file.sha256) {
        return Ok(());
    }
    let what = format!("'{}' was read back and is not what was sent", file.name);
    Err(Fault::Passing(Error::unavailable(place, what, "check the disk of the server; it is sent again")))
}
