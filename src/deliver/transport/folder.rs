//! Puts shipments into folders of this machine: each whole or not at all, and a file that is there already is left.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::deliver::staged::{Finished, read_back};
use crate::deliver::transport::content::Content;
use crate::deliver::transport::shipment::{Delivered, Fault, Receipt, Shipment, ShipmentFile};
use crate::deliver::{Delivery, Folder, RunFiles};
use crate::error::{self, Error};

/// Bytes that are copied at once.
const PIECE: usize = 1 << 20;

/// The name of the file by which it is tried whether a folder can be written.
const PROBE: &str = "portstatus-probe";

/// The folders that a run delivers to.
#[derive(Debug)]
pub struct Folders {
    run: RunFiles,
    /// For each folder whether it was cleared of what dead runs left; who publishes in it holds it.
    gates: Mutex<BTreeMap<PathBuf, Arc<Mutex<bool>>>>,
}

impl Folders {
    /// Folders to which `run` delivers.
    pub fn new(run: &RunFiles) -> Self {
        Self { run: run.clone(), gates: Mutex::default() }
    }

    /// Puts `shipment` into the folder at `path`, which is made if it is not there.
    ///
    /// # Errors
    /// [`Fault::Passing`] when another run publishes there for too long or a file server does not answer, otherwise
    /// [`Fault::Lasting`]; a full disk is one, because all later shipments would be tried in vain, too.
    pub fn deliver(&self, path: &Path, shipment: &Shipment) -> Delivered {
        let gate = Arc::clone(self.gates.lock().unwrap_or_else(PoisonError::into_inner).entry(path.to_owned()).or_default());
        let mut delivery = Delivery::new(&self.run, Vec::new());
        let folder = {
            let mut is_cleared = gate.lock().unwrap_or_else(PoisonError::into_inner);
            let folder = delivery.enter(path, !*is_cleared).map_err(fault)?;
            *is_cleared = true;
            folder
        };
        let missing: Vec<&ShipmentFile> = shipment.files.iter().filter(|file| !is_there(&folder, file)).collect();
        if missing.is_empty() {
            return Ok(Receipt { reference: None, was_there: !shipment.files.is_empty() });
        }
        let files = missing.into_iter().map(|file| copy(&mut delivery, path, file)).collect::<Delivered<Vec<Finished>>>()?;
        let _turn = gate.lock().unwrap_or_else(PoisonError::into_inner);
        delivery.publish(files, None, None).map_err(fault)?;
        Ok(Receipt::default())
    }

    /// Finds out whether a file can be made in the folder at `path`; what is made for that is removed.
    ///
    /// # Errors
    /// The folder's, or the refusal to make a file.
    pub fn check(&self, path: &Path) -> error::Result<()> {
        Delivery::new(&self.run, Vec::new()).stage(path, PROBE).map(drop)
    }
}

fn is_there(folder: &Folder, file: &ShipmentFile) -> bool {
    let there = folder.open_plain(&file.name).and_then(|mut there| read_back(&mut there).ok());
    there.is_some_and(|(bytes, sha256)| bytes == file.bytes && sha256.eq_ignore_ascii_case(&file.sha256))
}

fn copy(delivery: &mut Delivery, path: &Path, file: &ShipmentFile) -> Delivered<Finished> {
    let mut staged = delivery.stage(path, &file.name).map_err(fault)?;
    let mut content = Content::open(file)?;
    loop {
        let piece = content.next(PIECE)?;
        std::io::Write::write_all(&mut staged.writer, &piece)
            .map_err(|error| fault(crate::deliver::failure(&path.join(&file.name), "the file cannot be written", &error)))?;
        if piece.len() < PIECE {
            return staged.finish().map_err(fault);
        }
    }
}

/// What a failed step with a folder means for the shipment.
fn fault(error: Error) -> Fault {
    use error::ErrorKind as Kind;
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
    match (error.kind, cause) {
        (Kind::TryLater, _) | (_, Some(ErrorKind::TimedOut | ErrorKind::StaleNetworkFileHandle | ErrorKind::WouldBlock)) => {
            Fault::Passing(error)
        }
        _ => Fault::Lasting(error),
    }
}
