//! Encrypts the files of a report before they are published: a workbook by its own format, whatever else in an archive.

use std::io::{Cursor, Write};
use std::path::Path;

use crate::deliver::Staged;
use crate::deliver::encryption::{workbook, zip};
use crate::deliver::manifest::Artifact;
use crate::deliver::staged::Finished;
use crate::deliver::transport::Secret;
use crate::error::{Error, Result};

/// Files of which the manifest has nothing to hide: what is asked of the porting team is added to a file that was there before.
const PLAIN: &str = "events";
/// The ending of the archive, and what the manifest calls it.
pub const ARCHIVE: &str = "zip";

/// How files are encrypted, and the private file that becomes the archive.
pub struct Seal {
    /// The password.
    pub password: Secret,
    /// The archive.
    pub archive: Staged,
}

/// A finished file, and what the manifest says of it.
type Written = (Option<Finished>, Artifact);

impl Seal {
    /// The files `written`, encrypted: each workbook in its place, whatever else in the archive. What was written plain is removed
    /// without ever having had its name.
    ///
    /// # Errors
    /// What the system refused.
    pub fn seal(self, written: Vec<Written>) -> Result<Vec<Written>> {
        let (mut sealed, mut packed) = (Vec::new(), Vec::new());
        for (file, artifact) in written {
            let finished = file.ok_or_else(|| Error::internal("outputs", "what is encrypted is no file"))?;
            match artifact.format.as_str() {
                PLAIN => sealed.push((Some(finished), artifact)),
                "xlsx" => {
                    let mut bytes = Cursor::new(Vec::new());
                    workbook::encrypt(&finished.target.unfinished_path(), &self.password, &mut bytes)?;
                    sealed.push(write(finished.target.beside(&artifact.file)?, bytes.get_ref(), artifact)?);
                }
                _ => packed.push((finished, artifact)),
            }
        }
        if let Some((_, first)) = packed.first() {
            let notes = packed.iter().flat_map(|(_, artifact)| artifact.notes.clone()).collect();
            let artifact = Artifact { format: ARCHIVE.to_owned(), pages: None, notes, ..first.clone() };
            let paths: Vec<_> = packed.iter().map(|(finished, _)| finished.target.unfinished_path()).collect();
            let named = packed.iter().zip(&paths).map(|((_, artifact), path)| (artifact.file.as_str(), path.as_path()));
            let mut bytes = Cursor::new(Vec::new());
            zip::archive(&named.collect::<Vec<(&str, &Path)>>(), Some(&self.password), &mut bytes)?;
            sealed.push(write(self.archive, bytes.get_ref(), artifact)?);
        }
        Ok(sealed)
    }
}

fn write(mut staged: Staged, bytes: &[u8], artifact: Artifact) -> Result<Written> {
    // A refused write is remembered by the writer and reported when it is finished.
    let _ = staged.writer.write_all(bytes);
    let finished = staged.finish()?;
    let (file, path) = (finished.target.name.clone(), Some(finished.target.path()));
    let artifact = Artifact { file, path, bytes: finished.bytes, sha256: finished.sha256.clone(), ..artifact };
    Ok((Some(finished), artifact))
}
