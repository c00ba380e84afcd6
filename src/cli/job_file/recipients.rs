//! Reads `[recipients]` of a job file, and checks that each recipient has a place and a password where they need one.

use std::path::Path;

use crate::cli::job_file::deliveries::Delivery;
use crate::cli::job_file::report::ReportTable;
use crate::cli::job_file::section::Section;
use crate::error::{Error, Place, Result};
use crate::job::condition::Condition;
use crate::job::condition_text::{CONDITIONS, parse_condition};
use crate::job::place_pattern::{PLACE, Scheme, has_word};
use crate::job::recipient_table::read_recipients;
use crate::job::scheduled::{Encryption, RecipientSource, RecipientSpec};
use crate::source::{Input, ReadOptions};

/// Who gets a report, and how many of the table do not.
pub struct Recipients {
    /// Who does.
    pub source: RecipientSource,
    /// How many rows of the table are not active.
    pub inactive: usize,
}

/// Reads the recipients that `section` describes, for the job of `report`.
///
/// # Errors
/// [`Error::config`] for what is wrong with it or with the table it names, and what keeps that from being read.
pub fn read(section: &Section<'_>, report: &mut ReportTable) -> Result<Recipients> {
    let split_by = section.required("split-by", "write split-by = \"partner\", \"account\" or another column")?.text.to_owned();
    let key = report.split_key(&split_by).map_err(|error| section.locate("split-by", error))?;
    let Some(table) = section.text("table") else {
        if let Some(key) = ["sheet", "query"].into_iter().find(|key| section.has(key)) {
            return Err(section.error(key, "belongs to a table", "add table, or leave it out"));
        }
        return Ok(Recipients { source: RecipientSource::Values { split_by, condition: condition(section)? }, inactive: 0 });
    };
    if section.has("when") {
        return Err(section.error("when", "is the table's to say", "write it into the column when"));
    }
    let url_file = report.args.read.server.database_url_file.as_deref();
    let input = Input::parse(Path::new(table.text), url_file).map_err(|error| section.locate("table", error))?;
    if input == Input::Standard {
        return Err(section.error("table", "standard input is not a table of recipients", "name a file or a database"));
    }
    let options = ReadOptions {
        sheet: section.owned("sheet"),
        query: section.owned("query"),
        limits: report.spec.load.read.limits.clone(),
        ..ReadOptions::default()
    };
    let read = read_recipients(&input, &options, (&split_by, key), &report.spec, &report.prepared.names);
    let read = read.map_err(|error| match error.place {
        Place::Config { .. } => error,
        _ => section.within("table", error),
    })?;
    Ok(Recipients { source: RecipientSource::Table { split_by, recipients: read.recipients }, inactive: read.inactive })
}

fn condition(section: &Section<'_>) -> Result<Condition> {
    let texts = section.texts("when");
    let Some(first) = texts.first() else { return Ok(Condition::default()) };
    let text = texts.iter().map(|written| written.text).collect::<Vec<_>>().join(",");
    parse_condition(&text)
        .ok_or_else(|| section.error_at("when", *first, format!("'{text}' is not a condition"), format!("write {CONDITIONS}")))
}

/// Refuses recipients without a place, with one that nobody says how to reach, or without the password of their files.
///
/// # Errors
/// [`Error::config`] at the row of the table, or at the delivery.
pub fn check_places(source: &RecipientSource, deliveries: &[Delivery<'_>]) -> Result<()> {
    let of_table = |delivery: &&Delivery<'_>| has_word(&delivery.rule.to, PLACE);
    let RecipientSource::Table { recipients, .. } = source else {
        if let Some(delivery) = deliveries.iter().find(of_table) {
            return Err(delivery.section.error("to", "{place} is what a table of recipients says", "add the table, or write the place"));
        }
        return passwords(deliveries.iter(), None);
    };
    for recipient in recipients {
        let at = |column: &str, what: String, help: &str| Err(Error::config(place_of(recipient, column), what, help));
        let has_places = !recipient.places.is_empty();
        let own = || deliveries.iter().filter(|delivery| has_places || !of_table(delivery));
        if own().next().is_none() && !deliveries.is_empty() {
            return at("place", "is empty, and no delivery goes anywhere else".to_owned(), "write where its report goes");
        }
        if has_places && !deliveries.iter().any(|delivery| of_table(&delivery)) {
            return at("place", "is for nothing: no delivery goes there".to_owned(), "add [[deliveries]] with to = \"{place}\"");
        }
        for (place, delivery) in recipient.places.iter().flat_map(|place| own().filter(of_table).map(move |delivery| (place, delivery))) {
            let whole = delivery.rule.to.replace(&format!("{{{PLACE}}}"), place);
            match Scheme::of(&whole) {
                Ok(Scheme::Mail) if delivery.rule.settings.mail.server.is_empty() => {
                    let help = "add mail = { server = \"…\", from = \"…\" }";
                    return Err(delivery.section.error("to", "it is not said how mail is sent", help));
                }
                Ok(_) => {}
                Err((what, help)) => return at("place", format!("{whole}: {what}"), &help),
            }
        }
        if recipient.password_file.is_none() {
            passwords(own(), Some(recipient))?;
        } else if own().all(|delivery| delivery.rule.encryption == Encryption::None) {
            let what = "is for nothing: no delivery to it is encrypted".to_owned();
            return at("password_file", what, "add encrypt = \"zip\" to [[deliveries]]");
        }
    }
    Ok(())
}

/// Refuses encryption without a password; `recipient` has none of its own.
fn passwords<'d, 'a: 'd>(mut deliveries: impl Iterator<Item = &'d Delivery<'a>>, recipient: Option<&RecipientSpec>) -> Result<()> {
    let lacking = deliveries.find(|delivery| delivery.rule.encryption != Encryption::None && delivery.rule.password_file.is_none());
    match (lacking, recipient) {
        (None, _) => Ok(()),
        (Some(delivery), None) => Err(delivery.section.error("encrypt", "needs a password", "add password-file")),
        (Some(delivery), Some(recipient)) => {
            let what = format!("the delivery {} is encrypted, and there is no password for it", delivery.rule.name);
            Err(Error::config(place_of(recipient, "password_file"), what, "name a file with the password, here or in the delivery"))
        }
    }
}

/// The cell of `column` of a recipient.
fn place_of(recipient: &RecipientSpec, column: &str) -> Place {
    match &recipient.place {
        Place::File { file, part, row, .. } => {
            let file = part.as_ref().map_or_else(|| file.clone(), |part| format!("{file}, {part}"));
            Place::Config { file, line: row.map(|row| row as usize), column: None, entry: Some(format!("column {column}")) }
        }
        other => other.clone(),
    }
}
