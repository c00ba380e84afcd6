//! One attempt to deliver one shipment, whichever way it goes.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

use crate::deliver::transport::folder::Folders;
use crate::deliver::transport::mail::Mailer;
use crate::deliver::transport::mail::settings::MailSettings;
use crate::deliver::transport::s3::{Buckets, S3Settings};
use crate::deliver::transport::sftp::Servers;
use crate::deliver::transport::sftp::connection::{Login, SftpSettings};
use crate::deliver::transport::shipment::{Delivered, Fault, Patience, Shipment};
use crate::deliver::transport::target::Target;
use crate::deliver::{RunFiles, name};
use crate::error::{Error, Result, system_words};

/// How servers are reached, and how long it is tried.
#[derive(Debug, Clone, Default)]
pub struct TransportSettings {
    /// Object stores.
    pub s3: S3Settings,
    /// SFTP servers.
    pub sftp: SftpSettings,
    /// The mail server.
    pub mail: MailSettings,
    /// How often and how long it is tried.
    pub patience: Patience,
}

/// Threads that wait for servers; whoever delivers waits on a thread of its own.
const WORKERS: usize = 2;

/// The ways of a run. Several threads may deliver at once; connections to one server are kept and used again.
#[derive(Debug)]
pub struct Transports {
    folders: Folders,
    buckets: Buckets,
    servers: Servers,
    mailer: Mailer,
    // After what it drives, which must end before it; made for the first that needs it.
    runtime: OnceLock<std::io::Result<Runtime>>,
}

impl Transports {
    /// The ways of `run`, reached as `settings` say. Nothing is opened yet.
    ///
    /// # Errors
    /// None yet: what is wrong with a setting is said by [`check`](Self::check) of the targets that need it.
    pub fn new(settings: TransportSettings, run: &RunFiles) -> Result<Self> {
        let limit = settings.patience.timeout;
        Ok(Self {
            folders: Folders::new(run),
            buckets: Buckets::new(settings.s3, limit),
            servers: Servers::new(settings.sftp, limit),
            mailer: Mailer::new(settings.mail, limit),
            runtime: OnceLock::new(),
        })
    }

    /// Makes one attempt to deliver `shipment` to `target`, which takes no longer than the settings allow (a folder is as fast as
    /// its disk). To a folder, a bucket or an SFTP server it may be repeated: what is there already stays.
    ///
    /// # Errors
    /// What went wrong, and whether it may pass.
    pub fn deliver(&self, target: &Target, shipment: &Shipment) -> Delivered {
        refuse_unfit(shipment).map_err(Fault::Lasting)?;
        let place = target.to_string();
        match target {
            Target::Folder(path) => self.folders.deliver(path, shipment),
            Target::S3 { bucket, prefix } => self.runtime()?.block_on(self.buckets.deliver(&place, (bucket, prefix), shipment)),
            Target::Sftp { user, host, port, folder } => {
                let login = Login { user: user.clone(), host: host.clone(), port: *port };
                self.runtime()?.block_on(self.servers.deliver(&place, &login, folder, shipment))
            }
            Target::Mail(addresses) => self.mailer.deliver(&place, addresses, shipment),
        }
    }

    fn runtime(&self) -> Delivered<&Runtime> {
        let make = || Builder::new_multi_thread().worker_threads(WORKERS).thread_name("delivery").enable_all().build();
        self.runtime.get_or_init(make).as_ref().map_err(|error| {
            let what = format!("threads cannot be started: {}", system_words(error));
            Fault::Lasting(Error::system("deliveries", what, "raise the limit of processes (ulimit -u)"))
        })
    }

    /// Finds out what can be known without sending anything: a folder can be written, settings are complete, keys are private.
    ///
    /// # Errors
    /// What is not as it must be.
    pub fn check(&self, target: &Target) -> Result<()> {
        match target {
            Target::Folder(path) => self.folders.check(path),
            Target::S3 { bucket, .. } => self.buckets.check(&target.to_string(), bucket),
            Target::Sftp { .. } => self.servers.check(),
            Target::Mail(_) => self.mailer.check(),
        }
    }
}

/// Refuses names that are not plain, and two that would be one file.
fn refuse_unfit(shipment: &Shipment) -> Result<()> {
    let mut names = BTreeSet::new();
    for file in &shipment.files {
        name::check(&file.name)?;
        if !names.insert(file.name.to_lowercase()) {
            return Err(Error::usage(format!("'{}'", file.name), "is the name of two files of one delivery", "give them different names"));
        }
    }
    Ok(())
}
