//! A table whose cells are made when asked for, any range of rows of it, so that nobody holds more of a report than what is being written or shown.

use std::fmt::Debug;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use polars::prelude::{DataFrame, DataType, Expr, IdxCa, PlSmallStr, UInt32Chunked, col};

use crate::classify::Classified;
use crate::classify::columns::{expression, flags_in_words, places, roots, values, worded_text};
use crate::domain::columns::{ColumnType, Computed, column as column_def};
use crate::domain::data_quality::QualityFlag;
use crate::domain::record::NEXT_ACTION;
use crate::error::Result;
use crate::report::row_source::{Beside, Made, PartOf, RowSource, Stacked, part_of};
use crate::report::table::{Column, Table, Term, Values};
use crate::report::template::{ColumnSpec, Template};
use crate::report::words::fill;
use crate::source::Origin;
use crate::source::order_frame::CODES;

/// A table whose cells are made when asked for.
#[derive(Debug, Clone)]
pub struct LazyTable {
    /// Rows.
    pub rows: usize,
    /// The columns, in order, without cells.
    pub columns: Vec<Column>,
    /// How many of its last rows are totals.
    pub totals: usize,
    /// By row, the row of the same number among the numbers of the report, from 0; [`NOT_SHOWN`] for one that is on no page.
    pub links: Option<Arc<[u32]>>,
    /// What makes the cells.
    pub source: Arc<dyn RowSource>,
}

/// In place of a row, that the numbers of the report do not show it.
pub const NOT_SHOWN: u32 = u32::MAX;

/// Rows of a classification, by number and in order, with what makes the cells of each column.
#[derive(Debug, Clone)]
struct Selected {
    classified: Arc<Classified>,
    rows: IdxCa,
    specs: Vec<ColumnSpec>,
    expressions: Vec<Expr>,
    /// All of it, once it was asked for, where it is short.
    whole: OnceLock<Table>,
}

impl LazyTable {
    /// The `rows` of a classification, by number and in order, in the columns that `specs` describe.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn selected(classified: &Arc<Classified>, rows: IdxCa, mut specs: Vec<ColumnSpec>) -> Result<Self> {
        specs.iter_mut().for_each(|spec| list_texts(spec, classified, rows.len()));
        let cells = |spec: &ColumnSpec| {
            let captions = spec.terms.iter().map(|term| term.caption.as_str());
            let places = places(spec.key, classified).or_else(|| step_places(spec.key)).or_else(|| text_places(spec));
            places
                .or_else(|| worded_text(spec.key, classified, captions))
                .or_else(|| worded_flags(spec))
                .or_else(|| expression(spec.key, classified))
        };
        let expressions = specs.iter().filter_map(cells).collect();
        let selected = Selected { classified: Arc::clone(classified), rows, specs, expressions, whole: OnceLock::new() };
        Self::of(selected.rows.len(), 0, Arc::new(selected))
    }

    /// A table of `columns` that are there as a whole; its last `totals` rows are totals.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when the columns differ in length.
    pub fn made(columns: Vec<Column>, totals: usize) -> Result<Self> {
        let rows = columns.first().map_or(0, |column| column.values.len());
        Self::of(rows, totals, Arc::new(Made(Table::new(rows, columns)?)))
    }

    /// The same table with `column`, which is there as a whole, as its column `at`.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when the column has more or fewer rows than the table.
    pub fn with_column(self, at: usize, column: Column) -> Result<Self> {
        let links = self.links.clone();
        let at = at.min(self.columns.len());
        Table::new(self.rows, vec![column.clone()])?;
        Ok(Self { links, ..Self::of(self.rows, self.totals, Arc::new(Beside { others: self.source, at, column }))? })
    }

    /// A range of the rows, which lies within the table and has none of its totals, as a table of their own.
    #[must_use]
    pub fn part(&self, rows: Range<usize>) -> Self {
        let links = self.links.as_ref().and_then(|links| links.get(rows.clone())).map(Arc::from);
        let source = PartOf { whole: Arc::clone(&self.source), rows: rows.clone(), of: self.rows };
        Self { rows: rows.len(), columns: self.columns.clone(), totals: 0, links, source: Arc::new(source) }
    }

    /// The rows of this table, and then those of `others`, which has the same columns.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a column of one holds another kind of cells than that of the other.
    pub fn followed_by(self, others: Self) -> Result<Self> {
        let is_listed = |(one, other): (&Column, &Column)| one.values.has_list_of(&other.values);
        let is_listed = self.columns.iter().zip(&others.columns).map(is_listed).collect();
        let (rows, all) = (self.rows, self.rows + others.rows);
        let none = |table: &Self| vec![NOT_SHOWN; table.rows];
        let links = [&self, &others].into_iter().flat_map(|table| table.links.as_ref().map_or_else(|| none(table), |links| links.to_vec()));
        let links: Arc<[u32]> = links.collect();
        let stacked = Stacked { first: self.source, rows, second: others.source, is_listed };
        Ok(Self { links: Some(links), ..Self::of(all, 0, Arc::new(stacked))? })
    }

    fn of(rows: usize, totals: usize, source: Arc<dyn RowSource>) -> Result<Self> {
        Ok(Self { rows, columns: source.table(0..0)?.columns, totals, links: None, source })
    }

    /// The cells of `rows`, as [`RowSource::table`].
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn table(&self, rows: Range<usize>) -> Result<Table> {
        self.source.table(rows)
    }
}

/// Bytes of a text that is made from a number, such as the next action of a rule, at most.
const MADE_TEXT_BYTES: usize = 200;
/// Bytes of a column up to which a bound need not be near.
const NEAR_ENOUGH_BYTES: usize = 20_000_000;
/// A column of text that repeats is one of terms where it has so few texts, none longer than so many bytes, each of which
/// stands, on average, in so many rows.
const LISTED_TEXTS: usize = 16_384;
const LISTED_TEXT_BYTES: usize = 1_024;
const LEAST_REPETITION: usize = 16;

/// A table of so many rows is made once and kept, a few megabytes: every format asks for it, and most of what it costs to make a
/// short one is the plan.
const KEPT_ROWS: usize = 4_096;

impl Selected {
    fn made(&self, rows: Range<usize>) -> Result<Table> {
        let wanted = self.rows.slice(rows.start as i64, rows.len());
        let cells = values(self.classified.frame(), Some(&wanted), self.expressions.clone())?;
        Table::new(rows.len(), self.specs.iter().map(|spec| column(&cells, spec)).collect::<Result<_>>()?)
    }
}

impl RowSource for Selected {
    fn table(&self, rows: Range<usize>) -> Result<Table> {
        if self.rows.len() > KEPT_ROWS {
            return self.made(rows);
        }
        let whole = match self.whole.get() {
            Some(whole) => whole,
            None => {
                let made = self.made(0..self.rows.len())?;
                self.whole.get_or_init(|| made)
            }
        };
        part_of(whole, rows)
    }

    /// A text is as long as those it is made from; of these all rows count, selected or not.
    fn text_bytes(&self) -> usize {
        let frame = self.classified.frame();
        let texts = self.specs.iter().zip(&self.expressions).filter(|(spec, _)| spec.kind.is_string());
        let sources = texts.flat_map(|(_, expression)| roots([expression]));
        let bytes = |name: PlSmallStr| {
            // Of few rows, the longest text says enough.
            let longest = frame.texts(&name).map(|texts| texts.iter().flatten().map(str::len).max().unwrap_or(0));
            let most = longest.map(|longest| longest * self.rows.len()).filter(|most| *most <= NEAR_ENOUGH_BYTES);
            most.or_else(|| frame.text_bytes(&name)).unwrap_or(self.rows.len() * MADE_TEXT_BYTES)
        };
        sources.map(bytes).sum()
    }
}

/// How the columns `keys` are shown. The source file is one of the origins, in the words of the template; the next step one of
/// those of the rules.
pub fn specs<'a>(keys: impl IntoIterator<Item = &'a str>, template: &Template, classified: &Classified) -> Vec<ColumnSpec> {
    let origin = |origin: &Origin| term(&origin.file, template.words.parts().caption(origin));
    let spec = |key: &str| {
        let mut spec = template.column(key)?;
        match column_def(key)?.computed {
            Computed::SourceFile => spec.terms = classified.orders.origins.iter().map(origin).collect(),
            Computed::QualityFlags if classified.orders.is_restricted() => {
                let pattern = &template.words.within_rows_read;
                let word = |flag: QualityFlag| {
                    if flag.is_across_rows() { fill(pattern, &[("flag", flag.code())]) } else { flag.code().to_owned() }
                };
                spec.terms = QualityFlag::ALL.iter().map(|flag| term(flag.code(), word(*flag))).collect();
            }
            Computed::NextStep => spec.terms = classified.next_actions().map(|(_, step)| term(&step, step.to_string())).collect(),
            _ => {}
        }
        Some(spec)
    };
    keys.into_iter().filter_map(spec).collect()
}

/// Gives a column of a source's own texts, few of which are different, these as terms: what is the same in many rows is then
/// made ready once.
fn list_texts(spec: &mut ColumnSpec, classified: &Classified, rows: usize) {
    let is_own = column_def(spec.key).is_some_and(|column| column.computed == Computed::Input && column.choices.is_empty());
    let texts = classified.frame().texts(spec.key).filter(|_| is_own && spec.terms.is_empty() && spec.kind.is_string());
    let few = texts.filter(|texts| texts.len() <= LISTED_TEXTS.min(rows / LEAST_REPETITION));
    if let Some(texts) = few.filter(|texts| texts.iter().flatten().all(|text| (1..=LISTED_TEXT_BYTES).contains(&text.len()))) {
        spec.terms = texts.iter().flatten().map(|text| term("", text.to_owned())).collect();
    }
}

/// The place of each row's text among those of [`list_texts`]; `None` for other columns.
fn text_places(spec: &ColumnSpec) -> Option<Expr> {
    let definition = column_def(spec.key).filter(|column| column.computed == Computed::Input && column.choices.is_empty())?;
    (!spec.terms.is_empty()).then(|| col(format!("{}{CODES}", definition.key)).alias(definition.key))
}

/// The place of each row's next step among all there are; `None` for other columns.
fn step_places(key: &str) -> Option<Expr> {
    let definition = column_def(key).filter(|definition| definition.computed == Computed::NextStep)?;
    Some(col(NEXT_ACTION).cast(DataType::UInt32).alias(definition.key))
}

/// The flags of each row in the words of the column, where these are not their codes.
fn worded_flags(spec: &ColumnSpec) -> Option<Expr> {
    let definition = column_def(spec.key).filter(|definition| definition.computed == Computed::QualityFlags)?;
    (!spec.terms.is_empty()).then(|| flags_in_words(spec.terms.iter().map(|term| term.caption.clone()).collect()).alias(definition.key))
}

fn term(code: &str, caption: String) -> Term {
    Term { code: code.to_owned(), caption, ..Term::default() }
}

/// One column of a report from the cells of the same key, in one chunk.
///
/// # Errors
/// [`crate::error::Error::internal`] when the cells are not what the kind of the column says.
pub fn column(cells: &DataFrame, spec: &ColumnSpec) -> Result<Column> {
    let cells = cells.column(spec.key)?;
    let physical = |dtype: &DataType| cells.to_physical_repr().cast(dtype);
    let terms = |places: UInt32Chunked| Values::Terms { places, terms: Arc::clone(&spec.terms) };
    let values = match spec.kind {
        ColumnType::Bool => terms(cells.bool()?.iter().map(|flag| flag.map(u32::from)).collect()),
        kind if kind.is_string() && cells.dtype() == &DataType::UInt32 => terms(cells.u32()?.rechunk().into_owned()),
        ColumnType::Phone | ColumnType::Id | ColumnType::Text | ColumnType::Status | ColumnType::Choice => {
            Values::Text(cells.str()?.rechunk().into_owned())
        }
        ColumnType::Date => Values::Date(physical(&DataType::Int32)?.i32()?.rechunk().into_owned()),
        ColumnType::Time => Values::Time(physical(&DataType::Int32)?.i32()?.rechunk().into_owned()),
        ColumnType::Instant => Values::Instant(physical(&DataType::Int64)?.i64()?.rechunk().into_owned()),
        ColumnType::Count => Values::Count(physical(&DataType::Int64)?.i64()?.rechunk().into_owned()),
        ColumnType::Amount => Values::Amount(physical(&DataType::Int64)?.i64()?.rechunk().into_owned()),
        ColumnType::Share => Values::Share(cells.f64()?.rechunk().into_owned()),
    };
    Ok(Column {
        key: spec.key.to_owned(),
        caption: spec.caption.clone(),
        kind: spec.kind,
        meaning: Arc::from(spec.meaning.as_str()),
        width_characters: spec.width,
        values,
    })
}
