//! `portstatus sources`, `calendars`, `settings` and `flags`: what exists that an option can name.

use serde_json::json;

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
pub fn sources(args: &ListArgs) -> Result<()> {
    let profiles = Profile::all(&Templates::new(args.templates.as_deref())?)?;
    let rows = profiles.iter().map(|profile| json!({ "name": profile.name, "title": profile.title })).collect();
    list::print(&["name", "title"], rows, args.json)
}

/// Prints the calendars of business days, which `--calendar` names.
///
/// # Errors
/// As [`sources`].
pub fn calendars(args: &ListArgs) -> Result<()> {
    let templates = Templates::new(args.templates.as_deref())?;
    let row = |name: &String| {
        let file = format!("calendars/{name}.toml");
        Ok(json!({ "name": name, "title": Calendar::parse(&templates.text(&file)?, &file)?.title }))
    };
    let rows = templates.names("calendars").iter().map(row).collect::<Result<_>>()?;
    list::print(&["name", "title"], rows, args.json)
}

/// Prints the settings of the classification rules, which `--setting` changes.
///
/// # Errors
/// As [`sources`].
pub fn settings(args: &ListArgs) -> Result<()> {
    let rules = Rules::load(&Templates::new(args.templates.as_deref())?, &[])?;
    let row = |setting: &Setting| json!({ "name": setting.name, "default": setting.value, "choices": setting.choices, "meaning": setting.meaning });
    list::print(&["name", "default", "choices", "meaning"], rules.settings.iter().map(row).collect(), args.json)
}

/// Prints the data-quality flags.
///
/// # Errors
/// As [`sources`].
pub fn flags(args: &ListArgs) -> Result<()> {
    let rows = QualityFlag::ALL.iter().map(|flag| json!({ "code": flag.code(), "meaning": flag.caption() })).collect();
    list::print(&["code", "meaning"], rows, args.json)
}
