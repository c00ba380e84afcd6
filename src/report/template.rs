//! A report's template: its title, notices, columns and lists, checked whole when read. Opens no file.

use serde::Deserialize;

use crate::classify::columns::{COLUMNS, ColumnType, column};
use crate::error::{Error, Result};
use crate::report::Kind;
use crate::select::names::Names;
use crate::templates;

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
    pub kind: Kind,
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
    kind: String,
    width: f32,
    meaning: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    assign_now: Vec<String>,
    needs_you: Vec<String>,
}

const KINDS: [(&str, Kind); 9] = [
    ("phone", Kind::Phone),
    ("id", Kind::Id),
    ("text", Kind::Text),
    ("status", Kind::Status),
    ("date", Kind::Date),
    ("time", Kind::Time),
    ("instant", Kind::Instant),
    ("count", Kind::Count),
    ("flag", Kind::Bool),
];

impl Template {
    /// Reads a template; `file` names it in errors.
    ///
    /// # Errors
    /// [`Error::config`] for text that is not TOML, unknown settings, unknown or repeated columns, a kind that
    /// does not fit its column, an empty caption, a width outside 1 to 200, or nothing to show.
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
        Names::of_catalogue().captioned(captions).showing(self.shown.iter().copied())
    }

    /// How column `key` is shown: as the template says, else with the catalogue's caption; `None` outside the catalogue.
    pub fn column(&self, key: &str) -> Option<ColumnSpec> {
        let described = self.columns.iter().find(|column| column.key == key).cloned();
        described.or_else(|| {
            let known = column(key)?;
            let (kind, width) = match known.column_type {
                ColumnType::Text => (Kind::Text, 16.0),
                ColumnType::Date => (Kind::Date, 11.0),
                ColumnType::Time => (Kind::Time, 9.0),
                ColumnType::Instant => (Kind::Instant, 20.0),
                ColumnType::Count => (Kind::Count, 9.0),
                ColumnType::Bool => (Kind::Bool, 8.0),
            };
            Some(ColumnSpec { key: known.key, caption: known.caption.to_owned(), kind, width, meaning: String::new() })
        })
    }
}

fn checked(entry: ColumnEntry, file: &str) -> Result<ColumnSpec> {
    let place = format!("{file}, column {}", entry.key);
    let known = column(&entry.key).ok_or_else(|| unknown(&place, &entry.key))?;
    let kind = KINDS.iter().find(|(name, _)| *name == entry.kind).map(|(_, kind)| *kind).ok_or_else(|| {
        let kinds: Vec<_> = KINDS.iter().map(|(name, _)| *name).collect();
        Error::config(&place, format!("'{}' is not a kind", entry.kind), format!("kinds are {}", kinds.join(", ")))
    })?;
    let fits = match kind {
        Kind::Phone | Kind::Id | Kind::Text | Kind::Status => ColumnType::Text,
        Kind::Date => ColumnType::Date,
        Kind::Time => ColumnType::Time,
        Kind::Instant => ColumnType::Instant,
        Kind::Count => ColumnType::Count,
        Kind::Bool => ColumnType::Bool,
    };
    if fits != known.column_type {
        return Err(Error::config(
            place,
            format!("kind {} does not fit what the column holds", entry.kind),
            format!("it holds {:?}", known.column_type).to_lowercase(),
        ));
    }
    if entry.caption.trim().is_empty() {
        return Err(Error::config(place, "has no caption", "every column needs a header"));
    }
    if !(1.0..=200.0).contains(&entry.width) {
        return Err(Error::config(place, format!("a width of {} characters cannot be", entry.width), "write 1 to 200"));
    }
    Ok(ColumnSpec { key: known.key, caption: entry.caption, kind, width: entry.width, meaning: entry.meaning })
}

fn keys(written: &[String], list: &str, file: &str) -> Result<Vec<&'static str>> {
    let place = format!("{file}, {list}");
    let mut keys = Vec::with_capacity(written.len());
    for key in written {
        let key = column(key).ok_or_else(|| unknown(&place, key))?.key;
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

fn unknown(place: &str, key: &str) -> Error {
    let keys: Vec<_> = COLUMNS.iter().map(|known| known.key).collect();
    Error::config(place, format!("there is no column '{key}'"), format!("columns are {}", keys.join(", ")))
}
