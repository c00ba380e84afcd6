//! A report's template: its title, notices, columns and lists, checked whole when read. Opens no file.

use serde::Deserialize;

use crate::domain::columns::{COLUMNS, ColumnDef, ColumnType, column, suggest};
use crate::error::{Error, Result};
use crate::select::names::Names;
use crate::templates::{self, Templates};

/// A checked template.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The title of the report.
    pub title: String,
    /// The notice of every page, `{operator}` in place of the operator's name.
    pub notice: String,
    /// The whole notice, one paragraph each, `{operator}` in place of the operator's name.
    pub caveats: Vec<String>,
    /// The keys of the columns shown when none are asked for.
    pub shown: Vec<&'static str>,
    /// The columns the template describes.
    pub columns: Vec<ColumnSpec>,
    /// The columns of the list of numbers to assign now.
    pub assign_now: Vec<&'static str>,
    /// The columns of the list of numbers that wait for the partner.
    pub needs_you: Vec<&'static str>,
}

/// How a column is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnSpec {
    /// Its key.
    pub key: &'static str,
    /// Its header.
    pub caption: String,
    /// What it holds, for a reader.
    pub kind: ColumnType,
    /// Its width in characters.
    pub width: f32,
    /// What it means, with its caveats.
    pub meaning: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateFile {
    title: String,
    notice: String,
    caveats: Vec<String>,
    shown: Vec<String>,
    columns: Vec<ColumnEntry>,
    lists: Lists,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnEntry {
    key: String,
    caption: String,
    #[serde(default = "default_width")]
    width: f32,
    meaning: String,
}

fn default_width() -> f32 {
    12.0
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    assign_now: Vec<String>,
    needs_you: Vec<String>,
}

/// The name of the template that is shipped.
pub const STANDARD_TEMPLATE: &str = "partner-port-status";
const SHIPPED: &str = "reports/partner-port-status.toml";

#[derive(Deserialize)]
struct ShippedColumns {
    columns: Vec<ColumnEntry>,
}

impl Template {
    /// Reads the template called `name` (`partner-port-status`).
    ///
    /// # Errors
    /// Those of [`Template::parse`], and [`Error::config`] when there is none of that name.
    pub fn load(templates: &Templates, name: &str) -> Result<Self> {
        let file = format!("reports/{name}.toml");
        Self::parse(&templates.text(&file)?, &file)
    }

    /// Reads a template; `file` names it in errors.
    ///
    /// # Errors
    /// [`Error::config`] for text that is not TOML, unknown settings, unknown or repeated columns, an
    /// empty caption, a width outside 1 to 200, or nothing to show.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let written: TemplateFile = templates::parse(text, file, "compare it with the template that is shipped")?;
        let mut columns: Vec<ColumnSpec> = Vec::with_capacity(written.columns.len());
        for column in written.columns {
            let column = checked(column, file)?;
            if columns.iter().any(|other| other.key == column.key) {
                return Err(Error::config(format!("{file}, column {}", column.key), "is described twice", "keep one"));
            }
            columns.push(column);
        }
        // A column that the template leaves out is captioned as the shipped one says.
        let shipped: ShippedColumns =
            toml::from_str(&Templates::default().text(SHIPPED)?).map_err(|error| Error::internal(SHIPPED, error.message()))?;
        for entry in shipped.columns {
            let column = checked(entry, SHIPPED)?;
            if columns.iter().all(|other| other.key != column.key) {
                columns.push(column);
            }
        }
        let template = Self {
            title: written.title,
            notice: written.notice,
            caveats: written.caveats,
            shown: keys(&written.shown, "shown", file)?,
            assign_now: keys(&written.lists.assign_now, "lists.assign_now", file)?,
            needs_you: keys(&written.lists.needs_you, "lists.needs_you", file)?,
            columns,
        };
        if template.title.trim().is_empty() {
            return Err(Error::config(format!("{file}, title"), "is empty", "name the report"));
        }
        Ok(template)
    }

    /// The names columns go by in a report of this template.
    pub fn names(&self) -> Names {
        let captions = self.columns.iter().map(|column| (column.key, column.caption.as_str()));
        Names::new(captions, &self.shown)
    }

    /// How column `key` is shown.
    pub fn column(&self, key: &str) -> Option<ColumnSpec> {
        self.columns.iter().find(|column| column.key == key).cloned()
    }
}

fn checked(entry: ColumnEntry, file: &str) -> Result<ColumnSpec> {
    let place = format!("{file}, column {}", entry.key);
    let known = column(&entry.key).ok_or_else(|| unknown(&place, &entry.key, |_| true))?;
    if entry.caption.trim().is_empty() {
        return Err(Error::config(place, "has no caption", "every column needs a header"));
    }
    if !(1.0..=200.0).contains(&entry.width) {
        return Err(Error::config(place, format!("a width of {} characters cannot be", entry.width), "write 1 to 200"));
    }
    Ok(ColumnSpec { key: known.key, caption: entry.caption, kind: known.column_type, width: entry.width, meaning: entry.meaning })
}

fn keys(written: &[String], list: &str, file: &str) -> Result<Vec<&'static str>> {
    let place = format!("{file}, {list}");
    let mut keys = Vec::with_capacity(written.len());
    for key in written {
        let shown = column(key).filter(|column| column.is_in_reports());
        let key = shown.ok_or_else(|| unknown(&place, key, ColumnDef::is_in_reports))?.key;
        if keys.contains(&key) {
            return Err(Error::config(place, format!("column '{key}' is named twice"), "name each column once"));
        }
        keys.push(key);
    }
    if keys.is_empty() {
        return Err(Error::config(place, "names no column", "name at least one"));
    }
    Ok(keys)
}

fn unknown(place: &str, key: &str, fits: impl Fn(&ColumnDef) -> bool) -> Error {
    Error::config(place, format!("there is no column '{key}'"), suggest(key, COLUMNS.iter().filter(|column| fits(column))))
}
