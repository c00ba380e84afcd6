//! Prepares the files of each shipment: as they are, or encrypted, which is done once, so that every attempt sends the same bytes.

use std::io::Cursor;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::clock::AsOf;
use crate::deliver::RunFiles;
use crate::deliver::encryption::{password_file, workbook, zip};
use crate::deliver::run_store::StoredRun;
use crate::deliver::staged::digest;
use crate::error::{Error, Result};
use crate::job::made::Made;
use crate::job::recipients::Recipient;
use crate::job::scheduled::Encryption;
use crate::job::scheduled::message::MessageWords;
use crate::job::scheduled::plan::{Planner, Route, ZIP, ending};
use crate::job::scheduled::state::{PlannedFile, PlannedShipment, SEALED};

/// Prepares the shipments of a run.
pub struct Sealer<'a> {
    /// Where they go.
    pub planner: &'a Planner<'a>,
    /// The words of mails.
    pub words: &'a MessageWords,
    /// The instant of the reports.
    pub as_of: AsOf,
    /// The run that is being made.
    pub run: &'a StoredRun,
    /// The files that are made for it.
    pub files: &'a RunFiles,
}

impl Sealer<'_> {
    /// The shipments of all reports that were `made` for `recipients`, and those that say that there is nothing to send.
    ///
    /// # Errors
    /// A password that cannot be read, and what the system refused.
    pub fn shipments(&self, recipients: &[Recipient], made: &[Made]) -> Result<Vec<PlannedShipment>> {
        let number = AtomicUsize::new(0);
        let of = |made: &Made| -> Result<Vec<PlannedShipment>> {
            let recipient = &recipients[made.recipient];
            let routes = self.planner.routes(recipient).into_iter();
            let is_wanted = |route: &Route<'_>| made.not_due.is_none() || route.rule.announces_nothing && route.is_mail();
            routes.filter(is_wanted).map(|route| self.shipment(recipient, made, &route, &number)).collect()
        };
        let shipments: Result<Vec<Vec<PlannedShipment>>> = made.par_iter().map(of).collect();
        Ok(shipments?.into_iter().flatten().collect())
    }

    fn shipment(&self, recipient: &Recipient, made: &Made, route: &Route<'_>, number: &AtomicUsize) -> Result<PlannedShipment> {
        let name = |ending: &str| self.planner.name(route.rule, recipient, ending);
        let plain = made.files.iter().map(|artifact| PlannedFile {
            file: artifact.file.clone(),
            name: name(ending(artifact)),
            bytes: artifact.bytes,
            sha256: artifact.sha256.clone(),
        });
        let plain: Vec<PlannedFile> = plain.collect();
        let files = match route.rule.encryption {
            Encryption::None => plain,
            _ if plain.is_empty() => plain,
            encryption => self.encrypted(recipient, route, (encryption, plain), &name(ZIP), number)?,
        };
        let message = route.is_mail().then(|| self.planner.message(self.words, recipient, made, self.as_of, &files));
        Ok(self.planner.shipment(recipient, route, files, message))
    }

    /// The `files` encrypted: workbooks by themselves, if so asked, and everything else in an archive called `archive`.
    fn encrypted(
        &self,
        recipient: &Recipient,
        route: &Route<'_>,
        (encryption, files): (Encryption, Vec<PlannedFile>),
        archive: &str,
        number: &AtomicUsize,
    ) -> Result<Vec<PlannedFile>> {
        let path = self.planner.password_file(route.rule, recipient);
        let path = path.ok_or_else(|| Error::internal("deliveries", "a file is to be encrypted without a password"))?;
        let password = password_file(path)?;
        let home = &self.run.path;
        let is_workbook = |file: &PlannedFile| encryption == Encryption::Workbook && file.file.ends_with(".xlsx");
        let (workbooks, others): (Vec<PlannedFile>, Vec<PlannedFile>) = files.into_iter().partition(is_workbook);
        let keep = |name: &str, bytes: &[u8]| -> Result<PlannedFile> {
            let ending = name.rsplit('.').next().unwrap_or_default();
            let file = format!("{SEALED}-{}.{ending}", number.fetch_add(1, Ordering::Relaxed));
            self.run.replace(&file, bytes, self.files)?;
            Ok(PlannedFile { file, name: name.to_owned(), bytes: bytes.len() as u64, sha256: digest(bytes) })
        };
        let mut made = Vec::new();
        for workbook in &workbooks {
            let mut bytes = Cursor::new(Vec::new());
            workbook::encrypt(&home.join(&workbook.file), &password, &mut bytes)?;
            made.push(keep(&workbook.name, bytes.get_ref())?);
        }
        if !others.is_empty() {
            let paths: Vec<_> = others.iter().map(|file| home.join(&file.file)).collect();
            let listed: Vec<(&str, &Path)> = others.iter().zip(&paths).map(|(file, path)| (file.name.as_str(), path.as_path())).collect();
            let mut bytes = Cursor::new(Vec::new());
            zip::archive(&listed, Some(&password), &mut bytes)?;
            made.push(keep(archive, bytes.get_ref())?);
        }
        Ok(made)
    }
}
