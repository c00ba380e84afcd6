//! A table whose cells are made when asked for, any range of rows of it, so that nobody holds more of a report than what is being written or shown.

use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

use polars::prelude::{DataFrame, DataType, Expr, IdxCa, UInt32Chunked};

use crate::classify::Classified;
use crate::classify::columns::{expression, places, roots, values, worded_text};
use crate::domain::columns::{ColumnType, Computed, column as column_def};
use crate::error::Result;
use crate::report::table::{Column, Table, Term, Values};
use crate::report::template::{ColumnSpec, Template};
use crate::report::words::fill;
use crate::source::Origin;

/// A table whose cells are made when asked for.
#[derive(Debug, Clone)]
pub struct LazyTable {
    /// Rows.
    pub rows: usize,
    /// The columns, in order, without cells.
    pub columns: Vec<Column>,
    /// What makes the cells.
    pub source: Arc<dyn RowSource>,
}

/// Where the cells of a table come from.
pub trait RowSource: Debug + Send + Sync {
    /// The cells of `rows`, a range that lies within the table. Costs what these rows cost, however long the table is.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    fn table(&self, rows: Range<usize>) -> Result<Table>;

    /// An upper bound of the bytes that all texts of the table take, near enough to decide how much of it a file can hold.
    fn text_bytes(&self) -> usize;
}

/// Rows of a classification, by number and in order, with what makes the cells of each column.
#[derive(Debug, Clone)]
struct Selected {
    classified: Arc<Classified>,
    rows: IdxCa,
    specs: Vec<ColumnSpec>,
    expressions: Vec<Expr>,
}

impl LazyTable {
    /// The `rows` of a classification, by number and in order, in the columns that `specs` describe.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn selected(classified: &Arc<Classified>, rows: IdxCa, specs: Vec<ColumnSpec>) -> Result<Self> {
        let cells = |spec: &ColumnSpec| {
            let captions = spec.terms.iter().map(|term| term.caption.as_str());
            let places = places(spec.key, classified).or_else(|| worded_text(spec.key, classified, captions));
            places.or_else(|| expression(spec.key, classified))
        };
        let expressions = specs.iter().filter_map(cells).collect();
        let selected = Selected { classified: Arc::clone(classified), rows, specs, expressions };
        Ok(Self { rows: selected.rows.len(), columns: selected.table(0..0)?.columns, source: Arc::new(selected) })
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

impl RowSource for Selected {
    fn table(&self, rows: Range<usize>) -> Result<Table> {
        let wanted = self.rows.slice(rows.start as i64, rows.len());
        let cells = values(self.classified.frame(), Some(&wanted), self.expressions.clone())?;
        Table::new(rows.len(), self.specs.iter().map(|spec| column(&cells, spec)).collect::<Result<_>>()?)
    }

    /// A text is as long as those it is made from; of these all rows count, selected or not.
    fn text_bytes(&self) -> usize {
        let frame = self.classified.frame();
        let texts = self.specs.iter().zip(&self.expressions).filter(|(spec, _)| spec.kind.is_string());
        let sources = texts.flat_map(|(_, expression)| roots([expression]));
        sources.map(|name| frame.text_bytes(&name).unwrap_or(self.rows.len() * MADE_TEXT_BYTES)).sum()
    }
}

/// How the columns `keys` are shown. The source file is one of the origins, in the words of the template.
pub fn specs<'a>(keys: impl IntoIterator<Item = &'a str>, template: &Template, classified: &Classified) -> Vec<ColumnSpec> {
    let origin = |origin: &Origin| {
        let (file, sheet) = (origin.file.as_str(), origin.sheet.as_deref());
        let caption = sheet.map(|sheet| fill(&template.words.sheet_of_file, &[("file", file), ("sheet", sheet)]));
        Term { code: file.to_owned(), caption: caption.unwrap_or_else(|| file.to_owned()), ..Term::default() }
    };
    let spec = |key: &str| {
        let mut spec = template.column(key)?;
        if column_def(key)?.computed == Computed::SourceFile {
            spec.terms = classified.orders.origins.iter().map(origin).collect();
        }
        Some(spec)
    };
    keys.into_iter().filter_map(spec).collect()
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
        ColumnType::Share => Values::Share(cells.f64()?.rechunk().into_owned()),
    };
    Ok(Column { key: spec.key.to_owned(), caption: spec.caption.clone(), kind: spec.kind, width_characters: spec.width, values })
}
