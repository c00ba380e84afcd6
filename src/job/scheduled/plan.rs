//! Plans what goes where: which places each recipient's files go to and what they are called there; no two files may meet.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::AsOf;
use crate::deliver::RunFiles;
use crate::deliver::manifest::Artifact;
use crate::deliver::name::{self, folder_name};
use crate::deliver::staged::digest;
use crate::deliver::transport::{Message, Target, Transports};
use crate::domain::text::fill;
use crate::error::{Error, Place, Result};
use crate::job::made::Made;
use crate::job::recipients::Recipient;
use crate::job::scheduled::message::MessageWords;
use crate::job::scheduled::state::{PlannedFile, PlannedShipment};
use crate::job::scheduled::{DeliveryRule, Encryption, RecipientSource, RecipientSpec, ScheduledJob};

/// What stands beside the reports, as a manifest calls it, and the ending of its file.
const BESIDE: [(&str, &str); 2] = [("rejects", "rejects.csv"), ("changes", "changes.csv")];
/// The ending of an archive.
pub const ZIP: &str = "zip";

/// Plans the shipments of a run.
pub struct Planner<'a> {
    job: &'a ScheduledJob,
    /// What the table says of recipients, by their names.
    listed: BTreeMap<&'a str, &'a RecipientSpec>,
    /// The day of the report, with the revision if it is not the first.
    date: String,
    /// The run.
    run: &'a str,
}

/// The delivery of a recipient to a place.
pub struct Route<'a> {
    /// By which delivery of the job.
    pub rule: &'a DeliveryRule,
    /// Where to.
    pub target: String,
}

impl Route<'_> {
    /// Whether it is a mail.
    pub fn is_mail(&self) -> bool {
        self.target.starts_with("mailto:")
    }
}

impl<'a> Planner<'a> {
    /// A planner of run `run` of `job` as of `as_of`, which is this `revision` of its period.
    pub fn new(job: &'a ScheduledJob, as_of: AsOf, revision: u32, run: &'a str) -> Self {
        let listed = match &job.recipients {
            RecipientSource::Values { .. } => BTreeMap::new(),
            RecipientSource::Table { recipients, .. } => recipients.iter().map(|listed| (listed.name.as_str(), listed)).collect(),
        };
        let day = as_of.date().format("%Y-%m-%d");
        let date = if revision > 1 { format!("{day}-r{revision}") } else { day.to_string() };
        Self { job, listed, date, run }
    }

    /// Where the files of `recipient` go.
    pub fn routes(&self, recipient: &Recipient) -> Vec<Route<'a>> {
        let places = self.listed.get(recipient.name.as_str()).map_or(&[][..], |listed| listed.places.as_slice());
        let mut routes = Vec::new();
        for rule in &self.job.deliveries {
            if rule.to.contains("{place}") {
                routes.extend(places.iter().map(|place| Route { rule, target: self.fill(&rule.to, recipient, "", place) }));
            } else {
                routes.push(Route { rule, target: self.fill(&rule.to, recipient, "", "") });
            }
        }
        routes
    }

    /// What the file of `recipient` with this `ending` is called by `rule`.
    pub fn name(&self, rule: &DeliveryRule, recipient: &Recipient, ending: &str) -> String {
        self.fill(&rule.file_name, recipient, ending, "")
    }

    fn fill(&self, pattern: &str, recipient: &Recipient, ending: &str, place: &str) -> String {
        let (recipient, value) = (folder_name(&recipient.name), folder_name(&recipient.value));
        let beside = BESIDE.iter().find(|(_, other)| *other == ending);
        let values = [
            ("recipient", recipient.as_str()),
            ("value", value.as_str()),
            ("date", self.date.as_str()),
            ("job", self.job.name.as_str()),
            ("run", self.run),
            ("format", beside.map_or_else(|| ending.split('.').next_back().unwrap_or_default(), |(format, _)| format)),
            ("ext", ending),
            ("place", place),
        ];
        fill(pattern, &values)
    }

    /// The file with the password of `recipient` for `rule`.
    pub fn password_file(&self, rule: &'a DeliveryRule, recipient: &Recipient) -> Option<&'a std::path::Path> {
        let own = self.listed.get(recipient.name.as_str()).and_then(|listed| listed.password_file.as_deref());
        own.or(rule.password_file.as_deref())
    }

    /// Refuses settings by which no server can be reached, before a row is read. Whether a folder can be written is the matter of
    /// each recipient.
    ///
    /// # Errors
    /// The first of them.
    pub fn check_settings(&self, files: &RunFiles) -> Result<()> {
        let somebody = ["recipient", "value", "date", "job", "run", "place"].map(|name| (name, "somebody@example.com"));
        for rule in &self.job.deliveries {
            // What the table says of places is seen once there are recipients.
            let Ok(target) = Target::parse(&fill(&rule.to, &somebody)) else { continue };
            if !matches!(target, Target::Folder(_)) {
                let place = Place::from(format!("delivery {}", rule.name));
                Transports::new(rule.settings.clone(), files)?.check(&target).map_err(|error| error.in_config(place))?;
            }
        }
        Ok(())
    }

    /// Refuses what could not be delivered, before any report of `recipients` is made: places and names that are none, files that
    /// would meet, and files that are to be encrypted without a password.
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self, recipients: &[Recipient]) -> Result<()> {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for recipient in recipients {
            for Route { rule, target } in self.routes(recipient) {
                let of = |error: Error| error.in_config(Place::from(format!("delivery {} to {}", rule.name, recipient.name)));
                let parsed = Target::parse(&target).map_err(of)?;
                if rule.encryption != Encryption::None && self.password_file(rule, recipient).is_none() {
                    let help = "name a password-file in the delivery or in the table of recipients";
                    return Err(of(Error::config("", "is to be encrypted, and has no password", help)));
                }
                let formats = recipient.report.formats.iter().map(|format| format.name());
                let endings: BTreeSet<&str> = formats.chain(BESIDE.map(|(_, ending)| ending)).chain([ZIP]).collect();
                for ending in endings {
                    let file = self.name(rule, recipient, ending);
                    name::check(&file).map_err(of)?;
                    if !matches!(parsed, Target::Mail(_)) && !taken.insert(format!("{parsed}/{file}").to_lowercase()) {
                        let help = "have its place or its file-name hold {recipient}, and {ext}";
                        return Err(of(Error::config("", format!("{file} would be two files there"), help)));
                    }
                }
            }
        }
        Ok(())
    }

    /// The shipment of `files` of `recipient` by `route`, the key of which is the same for the same files.
    pub fn shipment(&self, recipient: &Recipient, route: &Route<'_>, files: Vec<PlannedFile>, message: Option<Message>) -> PlannedShipment {
        let (name, delivery, target) = (recipient.name.clone(), route.rule.name.clone(), route.target.clone());
        let mut told = vec![self.job.name.as_str(), self.run, name.as_str(), delivery.as_str(), target.as_str()];
        told.extend(files.iter().flat_map(|file| [file.name.as_str(), file.sha256.as_str()]));
        let key = digest(told.join("\n").as_bytes())[..32].to_owned();
        PlannedShipment { key, recipient: name, delivery, target, files, message }
    }

    /// The mail with the report that was `made` for `recipient`, of these `files`.
    pub fn message(&self, words: &MessageWords, recipient: &Recipient, made: &Made, as_of: AsOf, files: &[PlannedFile]) -> Message {
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        words.message(&recipient.name, made, &recipient.report.template, as_of, &names)
    }
}

/// The ending by which a file of a report is named.
pub fn ending(artifact: &Artifact) -> &str {
    BESIDE.iter().find(|(format, _)| artifact.format == *format).map_or(&artifact.format, |(_, ending)| ending)
}
