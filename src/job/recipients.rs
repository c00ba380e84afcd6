//! Who gets a report of their own: the values of a column, each with a folder that is no other's.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::classify::Classified;
use crate::classify::split::Split;
use crate::clock::AsOf;
use crate::deliver::name::folder_name;
use crate::domain::columns::{ColumnType, column};
use crate::domain::record::Field;
use crate::error::{Error, Place, Result};
use crate::job::JobSpec;
use crate::job::load::Loaded;
use crate::job::prepare::Prepared;
use crate::job::spec::Destination;
use crate::report::build::labels;
use crate::source::Orders;

/// The column by whose values the reports of a run are told apart, checked before a row is read.
///
/// # Errors
/// [`Error::usage`] for a word that means no column, or one whose cells are no names, and for places and pages that do not go
/// with several reports.
pub fn split_key(spec: &JobSpec, prepared: &Prepared) -> Result<Option<&'static str>> {
    let Some(word) = &spec.render.split_by else { return Ok(None) };
    let key = match word.trim().to_lowercase().as_str() {
        "account" => Field::AccountId.key(),
        _ => prepared.names.key("split_by", word)?,
    };
    let place = || Place::option_value("split_by", word.as_str());
    let splits = |kind: ColumnType| kind.is_string() || matches!(kind, ColumnType::Date | ColumnType::Bool);
    if !column(key).is_some_and(|column| splits(column.column_type)) {
        return Err(Error::usage(place(), "every number would have a report of its own", "name a column such as partner or account_id"));
    }
    if !matches!(spec.delivery.destination, Destination::Folder(_)) {
        let help = "name a folder: each value gets one of its own in it";
        return Err(Error::usage(place(), "several reports do not fit one file", help).with_remedy(Place::option("out")));
    }
    if spec.render.query.page.is_some() || spec.render.query.page_size.is_some() {
        return Err(Error::usage(place(), "cannot go with pages", "leave out the page: each value's report is whole"));
    }
    Ok(Some(key))
}

/// A value of the column, and what is known of its report.
pub struct Recipient {
    /// The value, as a reader sees it.
    pub value: String,
    /// The name of its folder.
    pub folder: String,
}

/// Refuses a column of the inputs that none of them has.
///
/// # Errors
/// [`Error::usage`] that names it.
pub fn require_column(key: &'static str, orders: &Orders, prepared: &Prepared) -> Result<()> {
    let Some(field) = column(key).and_then(|column| column.input).filter(|field| !orders.present.contains(field)) else { return Ok(()) };
    let caption = prepared.names.caption(key);
    let missing = Error::usage(Place::option("split_by"), format!("no input has a column for '{caption}'"), "name one that an input has");
    match field {
        Field::Partner => {
            Err(missing.with_help("add a partner column, or a file that maps accounts to partners").with_remedy(Place::option("accounts")))
        }
        _ => Err(missing),
    }
}

/// The parts of an earlier state, by their values, and its instant.
pub type PreviousParts = (Split, BTreeMap<String, usize>, AsOf);

/// The earlier state of `loaded` by the values of column `key`, and its instant.
///
/// # Errors
/// Those of [`recipients`].
pub fn previous_parts(loaded: &Loaded, key: &'static str, prepared: &Prepared) -> Result<Option<PreviousParts>> {
    let Some((classified, since)) = &loaded.previous else { return Ok(None) };
    let split = Split::by(classified, key)?;
    let values = recipients(&split, classified, key, prepared)?.into_iter().map(|recipient| recipient.value);
    Ok(Some((split, values.zip(0..).collect(), *since)))
}

/// The value of each part of `split` and the folder of its report; no two share a folder.
///
/// # Errors
/// [`Error::data`] for two values that would.
pub fn recipients(split: &Split, classified: &Arc<Classified>, key: &'static str, prepared: &Prepared) -> Result<Vec<Recipient>> {
    let values = labels(classified, split.representatives(), key, &prepared.template)?;
    let recipient = |value: Option<String>| {
        let value = value.unwrap_or_else(|| prepared.template.words.unknown.clone());
        Recipient { folder: folder_name(&value), value }
    };
    let recipients: Vec<Recipient> = values.into_iter().map(recipient).collect();
    let mut folders: BTreeMap<String, &str> = BTreeMap::new();
    for Recipient { value, folder } in &recipients {
        if let Some(other) = folders.insert(folder.to_lowercase(), value) {
            let what = format!("'{other}' and '{value}' would share the folder {folder}");
            return Err(Error::data("outputs", what, "spell one of them otherwise"));
        }
    }
    Ok(recipients)
}
