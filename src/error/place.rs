//! Where something is wrong: a file, an option, a configuration file, a variable or an output.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

/// The part of a file that a table of orders is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A sheet of a workbook, by its name.
    Sheet(String),
    /// A table or view of a database, by its name.
    Table(String),
    /// What a query of a database answers, by its text.
    Query(String),
    /// The rows of a file that has no lines, by its format.
    Records(String),
}

impl Part {
    /// The name of a sheet or table; the others have none.
    pub fn name(&self) -> &str {
        match self {
            Self::Sheet(name) | Self::Table(name) => name,
            Self::Query(_) | Self::Records(_) => "",
        }
    }
}

impl fmt::Display for Part {
    /// `sheet Jan`, `table port_orders`, `query` or `records`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sheet(name) => write!(f, "sheet {name}"),
            Self::Table(name) => write!(f, "table {name}"),
            Self::Query(_) => f.write_str("query"),
            Self::Records(_) => f.write_str("records"),
        }
    }
}

/// Where something is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Place {
    /// Nowhere in particular.
    #[default]
    Nowhere,
    /// In a file of data, or at a row and column of it.
    File {
        /// Its name, as it was given.
        file: String,
        /// The part of it, if it has several.
        #[serde(flatten)]
        part: Option<Part>,
        /// The line of a text file or the row of a part, from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        row: Option<u64>,
        /// The column, by its header.
        #[serde(skip_serializing_if = "Option::is_none")]
        column: Option<String>,
    },
    /// In an option of the job. The command line calls it `--` and the key with hyphens.
    Option {
        /// Its key: `page_size`.
        key: Cow<'static, str>,
        /// What it was given, where that helps.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// In a configuration file, a template or a rules file.
    Config {
        /// Its name.
        file: String,
        /// The line, from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<usize>,
        /// The character of that line, from 1.
        #[serde(skip_serializing_if = "Option::is_none")]
        column: Option<usize>,
        /// The key, section or rule.
        #[serde(skip_serializing_if = "Option::is_none")]
        entry: Option<String>,
    },
    /// In a variable of the environment.
    Variable {
        /// Its name.
        name: String,
    },
    /// A file or folder that is written.
    Path {
        /// Its path.
        path: PathBuf,
    },
}

impl Place {
    /// The option with `key`.
    pub const fn option(key: &'static str) -> Self {
        Self::Option { key: Cow::Borrowed(key), value: None }
    }

    /// The option with `key`, which was given `value`.
    pub fn option_value(key: &'static str, value: impl Into<String>) -> Self {
        Self::Option { key: Cow::Borrowed(key), value: Some(value.into()) }
    }

    /// Row or line `row` (from 1) of `file`, in a `part` of it if it has several.
    pub fn row(file: impl Into<String>, part: Option<Part>, row: u64) -> Self {
        Self::File { file: file.into(), part, row: Some(row), column: None }
    }

    /// The key, section or rule `entry` of the configuration file, template or rules file `file`.
    pub fn entry(file: impl Into<String>, entry: impl Into<String>) -> Self {
        Self::Config { file: file.into(), line: None, column: None, entry: Some(entry.into()) }
    }

    /// The part `entry` of this place in a configuration file: `rule done, column status`.
    #[must_use]
    pub fn within(&self, part: &str) -> Self {
        match self {
            Self::Config { file, line, column, entry } => {
                let entry = entry.as_ref().map_or_else(|| part.to_owned(), |entry| format!("{entry}, {part}"));
                Self::Config { file: file.clone(), line: *line, column: *column, entry: Some(entry) }
            }
            other => other.clone(),
        }
    }

    /// The file or folder at `path`, which is written.
    pub fn path(path: &Path) -> Self {
        Self::Path { path: path.to_path_buf() }
    }

    /// Line `line` (from 1) of the configuration file, template or rules file `file`.
    pub fn line(file: impl Into<String>, line: usize) -> Self {
        Self::Config { file: file.into(), line: Some(line), column: None, entry: None }
    }

    /// A line of the configuration file, template or rules file `file` and a character of it, both from 1.
    pub fn line_column(file: impl Into<String>, (line, column): (usize, usize)) -> Self {
        Self::Config { file: file.into(), line: Some(line), column: Some(column), entry: None }
    }
}

impl<T: AsRef<str>> From<T> for Place {
    /// A file of that name; nowhere when it is empty.
    fn from(file: T) -> Self {
        match file.as_ref() {
            "" => Self::Nowhere,
            file => Self::File { file: file.to_owned(), part: None, row: None, column: None },
        }
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Self {
        place.clone()
    }
}

impl fmt::Display for Place {
    /// `orders.xlsx, sheet Jan, row 17, column FOC date`; an option by its key in words, `page size`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nowhere => Ok(()),
            Self::File { file, part, row, column } => {
                f.write_str(file)?;
                let mut told = part.iter().filter(|part| !matches!(part, Part::Records(_)));
                told.try_for_each(|part| write!(f, ", {part}"))?;
                let row_word = if part.is_some() { "row" } else { "line" };
                row.iter().try_for_each(|row| write!(f, ", {row_word} {row}"))?;
                column.iter().try_for_each(|column| write!(f, ", column {column}"))
            }
            Self::Option { key, value } => {
                f.write_str(&key.replace('_', " "))?;
                value.iter().try_for_each(|value| write!(f, " {value}"))
            }
            Self::Config { file, line, column, entry } => {
                f.write_str(file)?;
                line.iter().try_for_each(|line| write!(f, ", line {line}"))?;
                column.iter().try_for_each(|column| write!(f, ", column {column}"))?;
                entry.iter().try_for_each(|entry| write!(f, ", {entry}"))
            }
            Self::Variable { name } => f.write_str(name),
            Self::Path { path } => write!(f, "{}", path.display()),
        }
    }
}
