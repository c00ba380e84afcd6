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
use crate::export::Exporter;
use crate::job::JobSpec;
use crate::job::condition::Condition;
use crate::job::prepare::Prepared;
use crate::job::spec::{Destination, RenderSpec};
use crate::report::SectionId;
use crate::report::build::labels;
use crate::report::template::Template;
use crate::select::CheckedQuery;
use crate::source::Orders;

/// Where a list stands in a format beside whose file it is.
const BESIDE: &str = "beside";

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

/// Who gets a report of their own, and how it is made.
pub struct Recipient {
    /// What it is called; the value, where nobody named it.
    pub name: String,
    /// The value whose rows it gets, as a reader sees it; [`EVERYTHING`] for one who may see them all.
    pub value: String,
    /// The name of its folder.
    pub folder: String,
    /// Which of the orders are its own.
    pub share: Share,
    /// How its report is made.
    pub report: Arc<ReportSettings>,
    /// When it is made.
    pub condition: Condition,
}

/// Which of the orders a recipient may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// The part that has its value.
    Part(usize),
    /// None: no row has its value.
    Nothing,
    /// All of them, those without a value included.
    Everything,
}

/// What a table of recipients says in place of a value for one who may see everything.
pub const EVERYTHING: &str = "*";

/// How the report of a recipient is made.
pub struct ReportSettings {
    /// Which rows of the value, in which columns and order.
    pub query: CheckedQuery,
    /// The template, without what none of the formats shows.
    pub template: Template,
    /// The formats.
    pub formats: Vec<&'static dyn Exporter>,
}

/// The template without the sections that none of `formats` shows, so that they are not made.
pub fn shown_in(mut template: Template, formats: &[&'static dyn Exporter]) -> Template {
    // A list that stands beside a format is one that the format shows.
    for format in formats {
        let is_beside = |id: SectionId| format.lists_beside().contains(&id);
        for section in template.sections.iter_mut().filter(|section| is_beside(section.id)) {
            section.formats.insert(format.name().to_owned(), BESIDE.to_owned());
        }
    }
    let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
    template.shown_in(&names, formats.iter().any(|format| format.holds_all_data()))
}

/// How a run makes the reports of those who have no say in it.
pub fn report_settings(query: &CheckedQuery, prepared: &Prepared, spec: &RenderSpec) -> Arc<ReportSettings> {
    let template = shown_in(prepared.template.clone(), &spec.formats);
    Arc::new(ReportSettings { query: query.clone(), template, formats: spec.formats.clone() })
}

/// A recipient that a table lists.
pub struct ListedRecipient {
    /// Where the table has it.
    pub place: Place,
    /// What it is called.
    pub name: String,
    /// The value whose rows it gets.
    pub value: String,
    /// How its report is made.
    pub report: Arc<ReportSettings>,
    /// When it is made.
    pub condition: Condition,
}

/// Who the recipients of a run are.
pub enum Recipients {
    /// Every value of the column.
    Values(Arc<ReportSettings>, Condition),
    /// Those that a table lists.
    Listed(Vec<ListedRecipient>),
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

/// The rows of an earlier state and its instant, by the values of column `key`.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn previous_parts((classified, since): (Arc<Classified>, AsOf), key: &'static str, prepared: &Prepared) -> Result<PreviousParts> {
    let split = Split::by(&classified, key)?;
    let parts = values(&split, &classified, key, prepared)?.into_iter().zip(0..).collect();
    Ok((split, parts, since))
}

/// The value of each part of `split`, as a reader sees it.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn values(split: &Split, classified: &Arc<Classified>, key: &'static str, prepared: &Prepared) -> Result<Vec<String>> {
    let labels = labels(classified, split.representatives(), key, &prepared.template)?;
    Ok(labels.into_iter().map(|label| label.unwrap_or_else(|| prepared.template.words.unknown.clone())).collect())
}

impl Recipients {
    /// The recipients where the parts of the orders have these `values`; no two share a folder.
    ///
    /// # Errors
    /// [`Error::data`] for two that would.
    pub fn of(&self, values: &[String]) -> Result<Vec<Recipient>> {
        let recipients: Vec<Recipient> = match self {
            Self::Values(report, condition) => {
                let recipient = |(part, value): (usize, &String)| Recipient {
                    name: value.clone(),
                    value: value.clone(),
                    folder: folder_name(value),
                    share: Share::Part(part),
                    report: Arc::clone(report),
                    condition: condition.clone(),
                };
                values.iter().enumerate().map(recipient).collect()
            }
            Self::Listed(listed) => {
                let parts: BTreeMap<&str, usize> = values.iter().map(String::as_str).zip(0..).collect();
                if parts.contains_key(EVERYTHING)
                    && let Some(listed) = listed.iter().find(|listed| listed.value == EVERYTHING)
                {
                    let what = format!("'{EVERYTHING}' is a value of the orders, and means all of them here");
                    return Err(Error::data(listed.place.clone(), what, "give the orders another value"));
                }
                let recipient = |listed: &ListedRecipient| Recipient {
                    name: listed.name.clone(),
                    value: listed.value.clone(),
                    folder: folder_name(&listed.name),
                    share: match parts.get(listed.value.as_str()) {
                        _ if listed.value == EVERYTHING => Share::Everything,
                        Some(part) => Share::Part(*part),
                        None => Share::Nothing,
                    },
                    report: Arc::clone(&listed.report),
                    condition: listed.condition.clone(),
                };
                listed.iter().map(recipient).collect()
            }
        };
        refuse_shared_folders(&recipients)?;
        Ok(recipients)
    }
}

fn refuse_shared_folders(recipients: &[Recipient]) -> Result<()> {
    let mut folders: BTreeMap<String, &str> = BTreeMap::new();
    for Recipient { name, folder, .. } in recipients {
        if let Some(other) = folders.insert(folder.to_lowercase(), name) {
            let what = format!("'{other}' and '{name}' would share the folder {folder}");
            return Err(Error::data("outputs", what, "spell one of them otherwise"));
        }
    }
    Ok(())
}
