//! `portstatus columns`: every column with its key, type, caption, meaning and choices.

use serde_json::{Value, json};

use crate::cli::args::ListArgs;
use crate::cli::list;
use crate::domain::columns::{COLUMNS, ColumnDef};
use crate::domain::lifecycle::Lifecycle;
use crate::domain::reason::Reasons;
use crate::domain::record::Field;
use crate::error::Result;
use crate::report::template::{STANDARD_TEMPLATE, Template};
use crate::templates::Templates;

/// Prints the columns, which `--columns`, `--sort`, `--where` and `--map` name.
///
/// # Errors
/// When the report's template, the reject reasons or the state model are wrong, or standard output refuses.
pub fn run(args: &ListArgs) -> Result<u8> {
    let templates = Templates::new(args.templates.as_deref())?;
    let template = Template::load(&templates, STANDARD_TEMPLATE)?;
    let mut rows = Vec::with_capacity(COLUMNS.len());
    for column in COLUMNS {
        let Some(shown) = template.column(column.key) else { continue };
        let (key, column_type, choices) = (json!(column.key), json!(column.column_type.code()), choices(column, &templates)?);
        let users = [("reports", column.is_in_reports()), ("inputs", column.input.is_some()), ("rules", column.is_in_rules())];
        let users = json!(users.iter().filter(|(_, uses)| *uses).map(|(name, _)| *name).collect::<Vec<_>>());
        rows.push(if args.json {
            let aliases = json!(column.aliases);
            vec![key, aliases, column_type, users, json!(shown.caption), json!(shown.meaning), json!(choices)]
        } else {
            let captions: Vec<&str> = choices.iter().filter_map(|choice| choice["caption"].as_str()).collect();
            let listed = if captions.is_empty() { String::new() } else { format!(" Choices: {}.", captions.join(", ")) };
            vec![key, column_type, users, json!(shown.caption), json!(format!("{}{listed}", shown.meaning))]
        });
    }
    let keys: &[&str] = match args.json {
        true => &["key", "aliases", "type", "used_by", "caption", "meaning", "choices"],
        false => &["key", "type", "used_by", "caption", "meaning"],
    };
    list::print(keys, &rows, args.json)?;
    Ok(0)
}

/// The words that a column may hold; those that files of rules list are read from them.
fn choices(column: &ColumnDef, templates: &Templates) -> Result<Vec<Value>> {
    let choice = |code: &str, caption: &str, aliases: &[&str]| json!({ "code": code, "caption": caption, "aliases": aliases });
    let (reasons, lifecycle) = ("rules/reasons.toml", "rules/lifecycle.toml");
    Ok(match column.input {
        Some(Field::ReasonCode) => {
            let reasons = Reasons::parse(&templates.text(reasons)?, reasons)?;
            reasons.all().iter().map(|reason| choice(&reason.code, &reason.caption, &[])).collect()
        }
        Some(Field::LastEvent) => {
            let lifecycle = Lifecycle::parse(&templates.text(lifecycle)?, lifecycle)?;
            lifecycle.events().iter().map(|event| choice(&event.code, &event.caption, &[])).collect()
        }
        _ => column.choices.iter().map(|known| choice(known.code, known.caption, known.aliases)).collect(),
    })
}
