//! What one file of a template says, and what it leaves to the one that it extends.

use std::sync::Arc;

use serde::Deserialize;

use crate::domain::columns::{COLUMNS, ColumnDef, ColumnType, LIST, column, suggest};
use crate::domain::date::text::DateStyle;
use crate::domain::paper::PageSetUp;
use crate::error::{Error, Place, Result};
use crate::report::amounts::Amounts;
use crate::report::glossary::{GivenTerms, Glossary};
use crate::report::palette::GivenColours;
use crate::report::section_spec::SectionSpec;
use crate::report::table::Term;
use crate::report::template_position::located;
use crate::report::words::GivenWords;
use crate::select::Query;
use crate::templates;

/// What to do about a faulty template.
pub(in crate::report) const HELP: &str = "compare it with the template that is shipped";

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
    /// Refuses limits that cannot be.
    ///
    /// # Errors
    /// [`Error::config`] for days that are negative or too many, ages that do not ascend, and a page without rows.
    pub(in crate::report) fn check(&self, file: &str) -> Result<()> {
        let place = || Place::entry(file, "limits");
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

/// A template as it is written, but for its columns once they are read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct TemplateFile {
    pub(in crate::report) extends: Option<String>,
    pub(in crate::report) title: Option<String>,
    pub(in crate::report) language: Option<String>,
    pub(in crate::report) notice: Option<String>,
    pub(in crate::report) caveats: Option<Vec<String>>,
    pub(in crate::report) date_order: Option<DateStyle>,
    pub(in crate::report) logo: Option<String>,
    pub(in crate::report) logo_text: Option<String>,
    pub(in crate::report) shown: Option<Vec<String>>,
    pub(in crate::report) sections: Option<Vec<SectionSpec>>,
    pub(in crate::report) limits: Option<Limits>,
    pub(in crate::report) query: Option<Query>,
    #[serde(default)]
    pub(in crate::report) forecast: Amounts,
    #[serde(default)]
    pub(in crate::report) colours: GivenColours,
    #[serde(default)]
    pub(in crate::report) page: PageSetUp,
    #[serde(default)]
    pub(in crate::report) words: GivenWords,
    #[serde(default)]
    pub(in crate::report) terms: GivenTerms,
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

/// What one file says.
pub(in crate::report) struct Layer {
    /// Everything but the columns.
    pub(in crate::report) template: TemplateFile,
    /// How columns are shown.
    pub(in crate::report) columns: Vec<ColumnSpec>,
}

impl Layer {
    /// Reads the text of `file`.
    ///
    /// # Errors
    /// [`Error::config`], with line and column, for text that is not TOML, unknown settings, words, sections or terms, unknown or
    /// repeated columns, an empty caption, and a width outside 1 to 200.
    pub(in crate::report) fn read(text: &str, file: &str) -> Result<Self> {
        Self::parse(text, file).map_err(|error| located(error, text, file))
    }

    fn parse(text: &str, file: &str) -> Result<Self> {
        let mut template: TemplateFile = templates::parse_to_the_column(text, file, HELP)?;
        let mut columns: Vec<ColumnSpec> = Vec::new();
        for column in std::mem::take(&mut template.columns) {
            let column = checked(column, file)?;
            if columns.iter().any(|other| other.key == column.key) {
                return Err(Error::config(Place::entry(file, format!("column {}", column.key)), "is described twice", "keep one"));
            }
            columns.push(column);
        }
        Glossary::new(&template.terms, file)?;
        Ok(Self { template, columns })
    }

    /// What this file says, and for what it leaves out what `base` does.
    pub(in crate::report) fn over(self, base: Self) -> Self {
        let Self { template: own, mut columns } = self;
        let base_columns = base.columns.into_iter().filter(|column| columns.iter().all(|own| own.key != column.key)).collect::<Vec<_>>();
        columns.extend(base_columns);
        let base = base.template;
        let mut terms = base.terms;
        for (list, given) in own.terms {
            let known = terms.entry(list).or_default();
            given.into_iter().for_each(|(code, term)| known.entry(code).or_default().replace(term));
        }
        let template = TemplateFile {
            extends: None,
            title: own.title.or(base.title),
            language: own.language.or(base.language),
            notice: own.notice.or(base.notice),
            caveats: own.caveats.or(base.caveats),
            date_order: own.date_order.or(base.date_order),
            logo: own.logo.or(base.logo),
            logo_text: own.logo_text.or(base.logo_text),
            shown: own.shown.or(base.shown),
            sections: own.sections.or(base.sections),
            limits: own.limits.or(base.limits),
            query: own.query.or(base.query),
            forecast: own.forecast.or(base.forecast),
            colours: own.colours.or(base.colours),
            page: own.page.or(base.page),
            words: own.words.or(base.words),
            terms,
            columns: Vec::new(),
        };
        Self { template, columns }
    }
}

fn checked(entry: ColumnEntry, file: &str) -> Result<ColumnSpec> {
    let place = Place::entry(file, format!("column {}", entry.key));
    let known = column(&entry.key).ok_or_else(|| unknown_column(&place, &entry.key, |_| true))?;
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

/// `key` is none of the columns that fit at `place`.
pub(in crate::report) fn unknown_column(place: &Place, key: &str, fits: impl Fn(&ColumnDef) -> bool) -> Error {
    Error::config(place, format!("there is no column '{key}'"), suggest(key, COLUMNS.iter().filter(|column| fits(column)))).with_list(LIST)
}
