//! `portstatus columns`, `settings` and `flags`: what exists that an option can name.

use serde_json::{Value, json};

use crate::classify::rules::{Rules, Setting};
use crate::cli::args::ListArgs;
use crate::cli::{list, options};
use crate::domain::columns::{COLUMNS, ColumnDef};
use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::Lifecycle;
use crate::domain::reason::Reasons;
use crate::domain::record::Field;
use crate::error::Result;
use crate::report::template::{STANDARD_TEMPLATE, Template};
use crate::templates::Templates;

/// Prints the settings of the classification rules, which `--setting` changes.
///
/// # Errors
/// When the rules are wrong, or standard output refuses.
pub fn settings(args: &ListArgs) -> Result<()> {
    let rules = Rules::load(&Templates::new(args.templates.as_deref())?, &[])?;
    let row = |setting: &Setting| json!({ "name": setting.name, "default": setting.value, "choices": setting.choices, "meaning": setting.meaning });
    list::print(&["name", "default", "choices", "meaning"], rules.settings.iter().map(row).collect(), args.json)
}

/// Prints the data-quality flags.
///
/// # Errors
/// When the template is wrong, or standard output refuses.
pub fn flags(args: &ListArgs) -> Result<()> {
    let glossary = options::glossary(args.templates.as_deref())?;
    let rows = QualityFlag::ALL.iter().map(|flag| json!({ "code": flag.code(), "meaning": glossary.flag_meaning(*flag) })).collect();
    list::print(&["code", "meaning"], rows, args.json)
}

/// Prints the columns, which `--columns`, `--sort`, `--where` and `--map` name.
///
/// # Errors
/// When the report's template, the reject reasons or the state model are wrong, or standard output refuses.
pub fn columns(args: &ListArgs) -> Result<()> {
    let templates = Templates::new(args.templates.as_deref())?;
    let template = Template::load(&templates, STANDARD_TEMPLATE)?;
    let mut rows = Vec::with_capacity(COLUMNS.len());
    for column in COLUMNS {
        let Some(shown) = template.column(column.key) else { continue };
        let choices = choices(column, &templates)?;
        let users = [("reports", column.is_in_reports()), ("inputs", column.input.is_some()), ("rules", column.is_in_rules())];
        let users: Vec<&str> = users.iter().filter(|(_, uses)| *uses).map(|(name, _)| *name).collect();
        let captions: Vec<&str> = choices.iter().filter_map(|choice| choice["caption"].as_str()).collect();
        let meaning = match captions.as_slice() {
            [_, ..] if !args.json => format!("{} Choices: {}.", shown.meaning, captions.join(", ")),
            _ => shown.meaning.clone(),
        };
        rows.push(json!({
            "key": column.key, "aliases": column.aliases, "type": column.column_type, "used_by": users,
            "caption": shown.caption, "meaning": meaning, "choices": choices,
        }));
    }
    list::print(&["key", "type", "used_by", "caption", "meaning"], rows, args.json)
}

/// The words that a column may hold; those that files of rules list are read from them.
fn choices(column: &ColumnDef, templates: &Templates) -> Result<Vec<Value>> {
    let choice = |code: &str, caption: &str, aliases: &[&str]| json!({ "code": code, "caption": caption, "aliases": aliases });
    let (reasons, lifecycle) = ("rules/reasons.toml", "rules/lifecycle.toml");
    Ok(match column.input {
        Some(Field::ReasonCode) => {
            let reasons = Reasons::parse(&templates.text(reasons)?, reasons)?;
            reasons.all.iter().map(|reason| choice(&reason.code, &reason.caption, &[])).collect()
        }
        Some(Field::LastEvent) => {
            let lifecycle = Lifecycle::parse(&templates.text(lifecycle)?, lifecycle)?;
            lifecycle.events.iter().map(|event| choice(&event.code, &event.caption, &[])).collect()
        }
        _ => column.choices.iter().map(|known| choice(known.code, known.caption, known.aliases)).collect(),
    })
}
