//! A report's template: every word, column and section of it, checked whole when read; what it leaves out is the shipped one's.

use std::sync::Arc;

use serde::Deserialize;

use crate::domain::columns::{COLUMNS, ColumnDef, ColumnType, LIST, column, suggest};
use crate::domain::status::{NumberType, Spelling};
use crate::error::{Error, Result};
use crate::report::glossary::{GivenTerms, Glossary, QUALITY_FLAGS};
use crate::report::section_spec::{self, SectionSpec};
use crate::report::table::Term;
use crate::report::words::{GivenWords, Words};
use crate::select::names::Names;
use crate::templates::{self, Templates};

/// A checked template.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The title of the report.
    pub title: String,
    /// The language of its words, as in `en-US`.
    pub language: String,
    /// The notice of every page.
    pub notice: String,
    /// The whole notice, one paragraph each.
    pub caveats: Vec<String>,
    /// The keys of the columns shown when none are asked for.
    pub shown: Vec<&'static str>,
    /// The columns the template describes.
    pub columns: Vec<ColumnSpec>,
    /// The sections, in order.
    pub sections: Vec<SectionSpec>,
    /// The words that belong to no section.
    pub words: Words,
    /// The words for the values of closed lists.
    pub terms: Glossary,
    /// How long is long, and how much a page holds.
    pub limits: Limits,
}

/// What a template counts as long, soon or many.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Rows of a list that a PDF shows at most.
    pub rows_on_pages: usize,
    /// The last business day of each age but the last, which has no end.
    pub ages: Vec<i32>,
    /// Business days before a date or deadline at which it is near.
    pub soon: i32,
    /// Days after which a letter of authorization is old.
    pub loa_days: i32,
    /// Days without a change after which an order that waits for the partner is taken for abandoned.
    pub abandoned_days: i32,
    /// Business days before the port at which it can be canceled no more.
    pub cancel: i32,
    /// Business days without a change that an order may wait for the partner.
    pub waiting_for_you: i32,
    /// Business days without a change that an order may be in progress.
    pub in_progress: i32,
}

impl Limits {
    fn check(&self, file: &str) -> Result<()> {
        let place = || format!("{file}, limits");
        let days = [self.soon, self.loa_days, self.abandoned_days, self.cancel, self.waiting_for_you, self.in_progress];
        if days.iter().chain(&self.ages).any(|days| !(0..=100_000).contains(days)) {
            return Err(Error::config(place(), "a number of days cannot be", "write 0 to 100,000"));
        }
        if self.ages.is_empty() || self.ages.len() > 20 || !self.ages.is_sorted_by(|a, b| a < b) {
            return Err(Error::config(place(), "ages does not ascend", "write 1 to 20 numbers of days, each greater than the one before"));
        }
        if !(1..=10_000).contains(&self.rows_on_pages) {
            return Err(Error::config(place(), format!("rows_on_pages cannot be {}", self.rows_on_pages), "write 1 to 10,000"));
        }
        Ok(())
    }
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
    /// The values of its closed list, in order; none for other columns.
    pub terms: Arc<[Term]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateFile {
    title: Option<String>,
    language: Option<String>,
    notice: Option<String>,
    caveats: Option<Vec<String>>,
    shown: Option<Vec<String>>,
    sections: Option<Vec<SectionSpec>>,
    limits: Option<Limits>,
    #[serde(default)]
    words: GivenWords,
    #[serde(default)]
    terms: GivenTerms,
    #[serde(default)]
    columns: Vec<ColumnEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnEntry {
    key: String,
    caption: String,
    width: Option<f32>,
    meaning: String,
}

/// The width of a column that is given none, in characters.
const DEFAULT_WIDTH: f32 = 12.0;

/// The name of the template that is shipped.
pub const STANDARD_TEMPLATE: &str = "partner-port-status";
const SHIPPED: &str = "reports/partner-port-status.toml";

impl Template {
    /// Reads the template called `name` (`partner-port-status`).
    ///
    /// # Errors
    /// Those of [`Template::parse`], and [`Error::config`] when there is none of that name.
    pub fn load(templates: &Templates, name: &str) -> Result<Self> {
        let file = format!("reports/{name}.toml");
        Self::parse(&templates.text(&file)?, &file)
    }

    /// Reads a template; `file` names it in errors. What it leaves out is taken from the shipped template.
    ///
    /// # Errors
    /// [`Error::config`] for text that is not TOML, unknown settings, words, sections or terms, unknown or repeated
    /// columns, an empty caption, a width outside 1 to 200, or nothing to show.
    pub fn parse(text: &str, file: &str) -> Result<Self> {
        let help = "compare it with the template that is shipped";
        let own: TemplateFile = templates::parse(text, file, help)?;
        let shipped: TemplateFile = templates::parse(&Templates::default().text(SHIPPED)?, SHIPPED, help)?;
        let terms = Glossary::new(&own.terms, &shipped.terms, file)?;
        let mut columns: Vec<ColumnSpec> = Vec::new();
        for column in own.columns {
            let column = checked(column, file)?;
            if columns.iter().any(|other| other.key == column.key) {
                return Err(Error::config(format!("{file}, column {}", column.key), "is described twice", "keep one"));
            }
            columns.push(column);
        }
        let shipped_columns = shipped.columns.into_iter().map(|column| checked(column, SHIPPED)).collect::<Result<Vec<_>>>()?;
        let described: Vec<&str> = columns.iter().map(|column| column.key).collect();
        columns.extend(shipped_columns.into_iter().filter(|column| !described.contains(&column.key)));
        let shown = keys(&own.shown.or(shipped.shown).unwrap_or_default(), "shown", file)?;
        let whole = || {
            Some(Self {
                title: own.title.or(shipped.title)?,
                language: own.language.or(shipped.language)?,
                notice: own.notice.or(shipped.notice)?,
                caveats: own.caveats.or(shipped.caveats)?,
                sections: own.sections.or(shipped.sections)?,
                limits: own.limits.or(shipped.limits)?,
                words: own.words.or(shipped.words)?,
                shown,
                terms,
                columns,
            })
        };
        let template = whole().ok_or_else(|| Error::config(SHIPPED, "leaves out what every report needs", help))?;
        section_spec::check(&template.sections, file)?;
        template.limits.check(file)?;
        for section in template.sections.iter().filter(|section| section.id.has_columns()) {
            keys(&section.columns, &format!("section {}", section.id.code()), file)?;
        }
        if template.title.trim().is_empty() {
            return Err(Error::config(format!("{file}, title"), "is empty", "name the report"));
        }
        Ok(template)
    }

    /// The same template for a report of `operator` (empty where none is set) that spells canceled orders so.
    #[must_use]
    pub fn adapted(mut self, operator: &str, spelling: Spelling) -> Self {
        self.notice = named(&self.notice, operator);
        self.caveats = self.caveats.iter().map(|caveat| named(caveat, operator)).collect();
        self.terms = self.terms.spelled(spelling);
        self
    }

    /// The same template without the sections that none of `formats`, by their names, shows, so that they are not made.
    #[must_use]
    pub fn shown_in(mut self, formats: &[&str]) -> Self {
        self.sections.retain(|section| formats.iter().any(|format| section.formats.contains_key(*format)));
        self
    }

    /// The names that columns and their values go by in a report of this template.
    pub fn names(&self) -> Names {
        let captions = self.columns.iter().map(|column| (column.key, column.caption.clone())).collect();
        let terms = |column: &ColumnSpec| {
            let terms: Vec<String> = self.column(column.key)?.terms.iter().map(|term| term.caption.clone()).collect();
            (!terms.is_empty()).then_some((column.key, terms))
        };
        let terms = self.columns.iter().filter_map(terms).collect();
        Names { captions, defaults: self.shown.clone(), terms, parts: self.words.parts() }
    }

    /// The term of a closed list with this code, or the one that is not known.
    pub fn term(&self, list: &'static str, code: Option<&str>) -> Term {
        let unknown = || Term { list, caption: self.words.unknown.clone(), ..Term::default() };
        code.and_then(|code| self.terms.term(list, code)).unwrap_or_else(unknown)
    }

    /// The caption of a number type.
    pub fn number_type(&self, number_type: NumberType) -> String {
        self.terms.term("number_type", number_type.code()).map(|term| term.caption).unwrap_or_default()
    }

    /// The header of column `key`; the key itself where the template describes none.
    pub fn caption<'a>(&'a self, key: &'a str) -> &'a str {
        self.columns.iter().find(|column| column.key == key).map_or(key, |column| &column.caption)
    }

    /// How column `key` is shown.
    pub fn column(&self, key: &str) -> Option<ColumnSpec> {
        let mut spec = self.columns.iter().find(|column| column.key == key).cloned()?;
        let flag = |code: &str, caption: &String| Term { code: code.to_owned(), caption: caption.clone(), ..Term::default() };
        spec.terms = match spec.kind {
            ColumnType::Bool => [flag("no", &self.words.no), flag("yes", &self.words.yes)].into(),
            // Of the flags a cell may hold several.
            _ if spec.key == QUALITY_FLAGS => Arc::default(),
            // A status or detail that is not known comes after the last.
            ColumnType::Status | ColumnType::Choice if matches!(spec.key, "status" | "detail") => {
                let unknown = Term { list: if spec.key == "status" { "status" } else { "detail" }, ..flag("", &self.words.unknown) };
                self.terms.terms(spec.key).iter().cloned().chain([unknown]).collect()
            }
            _ => self.terms.terms(spec.key),
        };
        Some(spec)
    }
}

/// `text` with the operator's name in place of `{operator}`. What stands in brackets is left out where there is no
/// name; a name such as "Acme, Inc." brings the stop of the sentence it ends.
fn named(text: &str, operator: &str) -> String {
    let mut pieces = text.split('[');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once(']').filter(|(part, _)| part.contains("{operator}")) {
            Some((part, after)) => out.extend([if operator.is_empty() { "" } else { part }, after]),
            None => out.extend(["[", piece]),
        }
    }
    let unstopped = operator.trim_end_matches('.');
    out.replace("{operator}.", &format!("{unstopped}.")).replace("{operator}", operator)
}

fn checked(entry: ColumnEntry, file: &str) -> Result<ColumnSpec> {
    let place = format!("{file}, column {}", entry.key);
    let known = column(&entry.key).ok_or_else(|| unknown(&place, &entry.key, |_| true))?;
    if entry.caption.trim().is_empty() {
        return Err(Error::config(place, "has no caption", "every column needs a header"));
    }
    let width = entry.width.unwrap_or(DEFAULT_WIDTH);
    if !(1.0..=200.0).contains(&width) {
        return Err(Error::config(place, format!("a width of {width} characters cannot be"), "write 1 to 200"));
    }
    let (key, kind) = (known.key, known.column_type);
    Ok(ColumnSpec { key, caption: entry.caption, kind, width, meaning: entry.meaning, terms: Arc::default() })
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
    Error::config(place, format!("there is no column '{key}'"), suggest(key, COLUMNS.iter().filter(|column| fits(column)))).with_list(LIST)
}
