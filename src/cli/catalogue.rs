//! `portstatus sources`, `calendars`, `settings` and `flags`: what exists that an option can name.

use serde_json::{Value, json};

use crate::classify::rules::{Rules, Setting};
use crate::cli::args::ListArgs;
use crate::cli::list;
use crate::domain::calendar::Calendar;
use crate::domain::data_quality::QualityFlag;
use crate::error::Result;
use crate::source::profile::Profile;
use crate::templates::Templates;

/// Prints the profiles, which `--source` names.
///
/// # Errors
/// When one of them is wrong, or standard output refuses.
pub fn sources(args: &ListArgs) -> Result<u8> {
    let profiles = Profile::all(&Templates::new(args.templates.as_deref())?)?;
    let rows: Vec<Vec<Value>> = profiles.iter().map(|profile| vec![json!(profile.name), json!(profile.title)]).collect();
    list::print(&["name", "title"], &rows, args.json)?;
    Ok(0)
}

/// Prints the calendars of business days, which `--calendar` names.
///
/// # Errors
/// As [`sources`].
pub fn calendars(args: &ListArgs) -> Result<u8> {
    let templates = Templates::new(args.templates.as_deref())?;
    let row = |name: &String| {
        let file = format!("calendars/{name}.toml");
        Ok(vec![json!(name), json!(Calendar::parse(&templates.text(&file)?, &file)?.title())])
    };
    let rows: Vec<Vec<Value>> = templates.names("calendars").iter().map(row).collect::<Result<_>>()?;
    list::print(&["name", "title"], &rows, args.json)?;
    Ok(0)
}

/// Prints the settings of the classification rules, which `--setting` changes.
///
/// # Errors
/// As [`sources`].
pub fn settings(args: &ListArgs) -> Result<u8> {
    let rules = Rules::load(&Templates::new(args.templates.as_deref())?, &[])?;
    let row = |setting: &Setting| vec![json!(setting.name), json!(setting.value), json!(setting.choices), json!(setting.meaning)];
    list::print(&["name", "default", "choices", "meaning"], &rules.settings().iter().map(row).collect::<Vec<_>>(), args.json)?;
    Ok(0)
}

/// Prints the data-quality flags.
///
/// # Errors
/// As [`sources`].
pub fn flags(args: &ListArgs) -> Result<u8> {
    let rows: Vec<Vec<Value>> = QualityFlag::ALL.iter().map(|flag| vec![json!(flag.code()), json!(flag.sentence())]).collect();
    list::print(&["code", "meaning"], &rows, args.json)?;
    Ok(0)
}
