//! `portstatus rules`: the classification rules in their order, or all of them as one SELECT for a database.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::classify::rules::{Rule, Rules};
use crate::classify::sql::dialect::Dialect;
use crate::classify::sql::{self, SqlSpec, days};
use crate::cli::args::RulesArgs;
use crate::cli::terminal::plain;
use crate::cli::{list, options, public_file};
use crate::clock::AsOf;
use crate::deliver::{RunFiles, standard};
use crate::error::{Error, Place, Result};
use crate::templates::Templates;

/// Lists the rules, or prints them as SQL.
///
/// # Errors
/// When the rules are wrong, an option does not fit, the file cannot be written, or standard output refuses.
pub fn run(args: &RulesArgs, files: &RunFiles) -> Result<()> {
    let settings: Vec<(String, String)> = args.setting.iter().map(options::setting).collect::<Result<_>>()?;
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let templates = Templates::new(args.list.templates.as_deref())?;
    let rules = Rules::load(&templates, &settings)?;
    let Some(dialect) = args.sql.as_deref().and_then(Dialect::from_code) else {
        let given = [
            ("table", args.table.is_some()),
            ("days_table", args.days_table.is_some()),
            ("days", args.days),
            ("as_of", args.as_of.is_some()),
            ("out", args.out.is_some()),
        ];
        if let Some((option, _)) = given.into_iter().find(|(_, is_given)| *is_given) {
            return Err(Error::usage(Place::option(option), "is for the rules as SQL", "add --sql and a dialect, or leave it out"));
        }
        return list::print(&["id", "status", "detail", "owner", "when"], rules.all.iter().map(row).collect(), args.list.json);
    };
    let as_of = args.as_of.as_deref().map_or_else(|| Ok(AsOf::now()), AsOf::parse)?;
    let calendar = options::calendar(&templates, &args.calendar)?;
    let named = [("table", args.table.as_deref()), ("days_table", args.days_table.as_deref())];
    if let Some((option, _)) = named.into_iter().find(|(_, name)| name.is_some_and(|name| name.trim().is_empty())) {
        return Err(Error::usage(Place::option(option), "names no table", "write its name as it stands after FROM"));
    }
    let days = args.days_table.as_deref();
    let text = match args.days {
        true => days::table(dialect, days.unwrap_or(DAYS_TABLE), &calendar),
        false => {
            let table = args.table.as_deref().unwrap_or(TABLE);
            sql::select(&rules, &SqlSpec { dialect, table, as_of, days: days.map(|days| (days, &calendar)) })
        }
    };
    let Some(out) = &args.out else { return standard::print(&text) };
    let templates = args.list.templates.as_deref().map(|folder| folder.join("rules/classification.toml"));
    public_file::write(out, &text, ("rules", &templates.iter().map(PathBuf::as_path).collect::<Vec<_>>()), files)?;
    let what = if args.days { format!("the days of {}", calendar.title) } else { format!("{} rules as of {as_of}", rules.all.len()) };
    let told = json!({ "file": out.display().to_string(), "what": what });
    let line = format!("Wrote {}: {}\n", plain(&out.display().to_string()), plain(&what));
    standard::print(&if args.list.json { format!("{told}\n") } else { line })
}

/// The tables of orders and of days, unless others are named.
const TABLE: &str = "port_orders";
const DAYS_TABLE: &str = "port_days";

fn row(rule: &Rule) -> Value {
    let when: Vec<String> = rule.conditions.iter().map(ToString::to_string).collect();
    json!({
        "id": rule.id, "when": when.join("; "), "status": rule.status.map(|status| status.code()),
        "detail": rule.detail.map(|detail| detail.code()), "owner": rule.owner.code(), "next_step": rule.next_step, "why": rule.why,
    })
}
