//! Columns of orders in which text that repeats is held once and rows carry its code.

mod parts;

use std::collections::BTreeMap;
use std::ops::Range;

use polars::prelude::*;
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::source::coded_text::{CodedText, NONE, Texts, nullable};

/// Ends the name by which [`OrderFrame::select`] gives the codes of a coded column in place of its cells.
pub const CODES: &str = " codes";

/// Orders, column by column. Columns of text are coded where that pays; which they are shows in no cell.
#[derive(Debug, Clone, Default)]
pub struct OrderFrame {
    /// All columns, each of one chunk; a coded one holds its codes.
    columns: DataFrame,
    /// The texts of the coded columns.
    texts: BTreeMap<PlSmallStr, StringChunked>,
}

impl OrderFrame {
    /// Rows.
    pub fn height(&self) -> usize {
        self.columns.height()
    }

    /// The names of the columns, in order.
    pub fn names(&self) -> Vec<&PlSmallStr> {
        self.columns.get_column_names()
    }

    /// The cells of column `name`.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn column(&self, name: &str) -> Result<Column> {
        self.part(self.columns.column(name)?.clone()).decode()
    }

    /// The text of column `name`, coded whether or not it is held so.
    ///
    /// # Errors
    /// When there is no such column, or it holds no text.
    pub fn coded(&self, name: &str) -> Result<CodedText> {
        let column = self.columns.column(name)?;
        Ok(match self.texts.get(name) {
            Some(texts) => CodedText { codes: column.u32()?.clone(), texts: texts.clone() },
            None => CodedText::of(column.str()?),
        })
    }

    /// What tells the text of any row in column `name`: `None` for an empty cell, and for all of them without such a column.
    ///
    /// # Errors
    /// When the column holds no text.
    pub fn texts_by_row(&self, name: &str) -> Result<impl Fn(usize) -> Option<String> + use<>> {
        let coded = self.has_values(name).then(|| self.coded(name)).transpose()?;
        Ok(move |row| coded.as_ref()?.text(row).map(str::to_owned))
    }

    /// The different texts of column `name`, by code, if it is coded.
    pub fn texts(&self, name: &str) -> Option<&StringChunked> {
        self.texts.get(name)
    }

    /// Bytes that the texts of column `name` come to, row by row; `None` when it holds no text.
    pub fn text_bytes(&self, name: &str) -> Option<usize> {
        let column = self.columns.column(name).ok()?;
        let Some(texts) = self.texts.get(name) else {
            return Some(column.str().ok()?.downcast_iter().map(|chunk| chunk.total_bytes_len()).sum());
        };
        let bytes: Vec<usize> = texts.iter().flatten().map(str::len).collect();
        Some(column.u32().ok()?.iter().flatten().map(|code| bytes[code as usize]).sum())
    }

    /// Bytes of all columns and texts in memory, near enough.
    pub fn bytes(&self) -> usize {
        self.columns.estimated_size() + self.texts.values().map(|texts| texts.clone().into_series().estimated_size()).sum::<usize>()
    }

    /// Whether column `name` is there.
    pub fn has(&self, name: &str) -> bool {
        self.columns.column(name).is_ok()
    }

    /// Whether column `name` is there and has a value in some row.
    pub fn has_values(&self, name: &str) -> bool {
        has_values(&self.columns, name)
    }

    /// Whether column `name` is there and has a value in every row.
    pub fn is_full(&self, name: &str) -> bool {
        self.columns.column(name).is_ok_and(|column| column.null_count() == 0)
    }

    /// Adds a column, or puts it in place of the one of its name. Text is coded if that pays.
    ///
    /// # Errors
    /// When its length differs.
    pub fn set(&mut self, column: Column) -> Result<()> {
        let coded = match column.as_scalar_column() {
            Some(_) => None,
            None => column.str().ok().and_then(CodedText::worthwhile),
        };
        match coded {
            Some(coded) => self.set_coded(coded),
            None => self.put(Part { column, texts: None }),
        }
    }

    /// Adds a column of coded text, or puts it in place of the one of its name.
    ///
    /// # Errors
    /// When its length differs.
    pub fn set_coded(&mut self, coded: CodedText) -> Result<()> {
        self.put(Part { column: coded.codes.into_column(), texts: Some(coded.texts) })
    }

    /// Takes the columns `names` of `other`, which has as many rows, each in place of the one of its name if there is one.
    ///
    /// # Errors
    /// When a column is missing, or the lengths differ.
    pub fn take_columns(&mut self, other: &Self, names: &[&str]) -> Result<()> {
        names.iter().try_for_each(|name| self.put(other.part(other.columns.column(name)?.clone())))
    }

    fn put(&mut self, Part { column, texts }: Part) -> Result<()> {
        match texts {
            Some(texts) => self.texts.insert(column.name().clone(), texts),
            None => self.texts.remove(column.name()),
        };
        self.columns.with_column(column)?;
        Ok(())
    }

    /// One of the columns as it is held, with its texts if it is coded.
    fn part(&self, column: Column) -> Part {
        Part { texts: self.texts.get(column.name()).cloned(), column }
    }

    /// The cells of columns `names`: of all rows, or of those given, in the order given.
    ///
    /// # Errors
    /// When a column is missing.
    pub fn select<S: AsRef<str>>(&self, names: impl IntoIterator<Item = S>, rows: Option<&IdxCa>) -> Result<DataFrame> {
        let held = self.held(names)?;
        self.cells(match rows {
            None => held,
            Some(rows) => held.take(rows)?,
        })
    }

    /// The cells of columns `names` in a range of rows.
    ///
    /// # Errors
    /// When a column is missing.
    pub fn slice<S: AsRef<str>>(&self, names: impl IntoIterator<Item = S>, rows: Range<usize>) -> Result<DataFrame> {
        self.cells(self.held(names)?.slice(rows.start as i64, rows.len()))
    }

    fn held<S: AsRef<str>>(&self, names: impl IntoIterator<Item = S>) -> Result<DataFrame> {
        let held = |name: S| match name.as_ref().strip_suffix(CODES) {
            Some(coded) => Ok(self.columns.column(coded)?.clone().with_name(name.as_ref().into())),
            None => self.columns.column(name.as_ref()).cloned(),
        };
        Ok(DataFrame::new(self.height(), names.into_iter().map(held).collect::<PolarsResult<_>>()?)?)
    }

    fn cells(&self, held: DataFrame) -> Result<DataFrame> {
        let height = held.height();
        let columns = held.into_columns().into_iter().map(|column| self.part(column).decode()).collect::<Result<_>>()?;
        Ok(DataFrame::new(height, columns)?)
    }

    /// The `rows`, in the order given.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn take(&self, rows: &IdxCa) -> Result<Self> {
        Ok(Self { columns: self.columns.take(rows)?, texts: self.texts.clone() })
    }

    /// The `rows`, in the order given, which share nothing with the others: of the texts of coded columns only theirs are taken.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn extract(&self, rows: &IdxCa) -> Result<Self> {
        let extract = |column: &Column| -> Result<Part> {
            let column = column.take(rows)?;
            let Some(texts) = self.texts.get(column.name()) else { return Ok(Part { column, texts: None }) };
            let (mut known, mut kept) = (PlHashMap::default(), Vec::new());
            let mut place = |code: u32| {
                *known.entry(code).or_insert_with(|| {
                    kept.push(code as IdxSize);
                    kept.len() as u32 - 1
                })
            };
            let codes: UInt32Chunked = column.u32()?.iter().map(|code| code.map(&mut place)).collect_ca(column.name().clone());
            Ok(Part {
                column: codes.into_column(),
                texts: Some(texts.take(&IdxCa::from_vec(PlSmallStr::EMPTY, kept))?.rechunk().into_owned()),
            })
        };
        let mut extracted = Self { columns: DataFrame::empty_with_height(rows.len()), texts: BTreeMap::new() };
        self.columns.columns().iter().try_for_each(|column| extracted.put(extract(column)?))?;
        Ok(extracted)
    }

    /// The rows for which `keep` says so. Columns go one by one, so that no two copies of all of them are held.
    ///
    /// # Errors
    /// When the lengths differ.
    pub fn filter(self, keep: &BooleanChunked) -> Result<Self> {
        let height = keep.num_trues();
        let columns = self.columns.into_columns().into_par_iter().map(|column| column.filter(keep));
        Ok(Self { columns: DataFrame::new(height, columns.collect::<PolarsResult<_>>()?)?, texts: self.texts })
    }

    /// One row for each group of `rows`, which end where `ends` say: in every column the last cell of the group that is not
    /// empty.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn last_values(&self, rows: &[IdxSize], ends: &[usize]) -> Result<Self> {
        let last = |column: &Column| {
            let known = column.is_not_null();
            let groups = ends.iter().scan(0, |first, end| Some(std::mem::replace(first, *end)..*end));
            let last = |group: &[IdxSize]| group.iter().rev().find(|row| known.get(**row as usize) == Some(true)).or(group.last()).copied();
            let places: IdxCa = groups.map(|group| last(&rows[group])).collect_ca(PlSmallStr::EMPTY);
            column.take(&places)
        };
        let columns = self.columns.columns().par_iter().map(last).collect::<PolarsResult<_>>()?;
        Ok(Self { columns: DataFrame::new(ends.len(), columns)?, texts: self.texts.clone() })
    }

    /// Takes column `name` of `other`, if it has one, at `rows`, in place of the one of that name.
    ///
    /// # Errors
    /// When the lengths differ.
    pub fn take_cells(&mut self, other: &Self, name: &str, rows: &IdxCa) -> Result<()> {
        match other.columns.column(name) {
            Ok(column) => self.put(other.part(column.take(rows)?)),
            Err(_) => Ok(()),
        }
    }

    /// These columns alone, in this order; one that is missing is null, of the type given.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn with_columns(mut self, columns: impl IntoIterator<Item = (&'static str, DataType)>) -> Result<Self> {
        let height = self.height();
        let column = |(name, dtype): (&str, DataType)| {
            self.columns.column(name).cloned().unwrap_or_else(|_| Column::full_null(name.into(), height, &dtype))
        };
        let columns = columns.into_iter().map(column).collect();
        self.columns = DataFrame::new(height, columns)?;
        let Self { columns, texts } = &mut self;
        texts.retain(|name, _| columns.column(name).is_ok());
        Ok(self)
    }

    /// The rows of all `frames`, in their order; a column that one of them lacks is null there.
    ///
    /// # Errors
    /// When columns of one name hold different types.
    pub fn stack(mut frames: Vec<Self>) -> Result<Self> {
        if frames.len() == 1 {
            return Ok(frames.remove(0));
        }
        let heights: Vec<usize> = frames.iter().map(Self::height).collect();
        let mut names: Vec<PlSmallStr> = Vec::new();
        let mut parts: Vec<Vec<Option<Part>>> = Vec::new();
        for (frame, Self { columns, mut texts }) in frames.into_iter().enumerate() {
            for column in columns.into_columns() {
                let place = names.iter().position(|name| name == column.name()).unwrap_or_else(|| {
                    names.push(column.name().clone());
                    parts.push(heights.iter().map(|_| None).collect());
                    names.len() - 1
                });
                let texts = texts.remove(column.name());
                parts[place][frame] = Some(Part { column, texts });
            }
        }
        // Columns one after another, whose parts go as they are copied: no two copies are held of more than one of them.
        let mut whole = Self { columns: DataFrame::empty_with_height(heights.iter().sum()), texts: BTreeMap::new() };
        names.into_iter().zip(parts).try_for_each(|(name, parts)| whole.put(stack_column(name, parts, &heights)?))?;
        Ok(whole)
    }
}

/// Whether column `name` is there and has a value in some row.
pub fn has_values(frame: &DataFrame, name: &str) -> bool {
    frame.column(name).is_ok_and(|column| column.null_count() < column.len())
}

/// A column of a frame, with its texts if it is coded.
struct Part {
    column: Column,
    texts: Option<StringChunked>,
}

impl Part {
    /// The cells.
    fn decode(self) -> Result<Column> {
        Ok(match self.texts {
            Some(texts) => CodedText { codes: self.column.u32()?.clone(), texts }.decode()?.into_column(),
            None => self.column,
        })
    }
}

/// Column `name` of frames of these `heights`, some of which may lack it: coded if it is in all others.
fn stack_column(name: PlSmallStr, parts: Vec<Option<Part>>, heights: &[usize]) -> Result<Part> {
    if parts.iter().flatten().all(|part| part.texts.is_some()) {
        let (parts, texts): (Vec<_>, Vec<_>) = parts.into_iter().map(|part| part.map(|part| (part.column, part.texts)).unzip()).unzip();
        let mut merged = Texts::default();
        let mut codes: Vec<u32> = Vec::with_capacity(heights.iter().sum());
        for ((column, texts), height) in parts.into_iter().zip(texts.iter().map(|texts| texts.as_ref()?.as_ref())).zip(heights) {
            let (Some(column), Some(texts)) = (column, texts) else {
                codes.resize(codes.len() + height, NONE);
                continue;
            };
            let places: Vec<u32> = texts.iter().flatten().map(|text| merged.code(text)).collect();
            codes.extend(column.u32()?.iter().map(|code| code.map_or(NONE, |code| places[code as usize])));
        }
        let column = nullable(&name, codes).into_column();
        return Ok(Part { column, texts: Some(merged.finish(&name)) });
    }
    let parts = parts.into_iter().map(|part| part.map(Part::decode).transpose()).collect::<Result<Vec<_>>>()?;
    let dtype = parts.iter().flatten().next().map_or(DataType::Null, |column| column.dtype().clone());
    let mut whole = Column::new_empty(name.clone(), &dtype);
    for (part, height) in parts.into_iter().zip(heights) {
        whole.append_owned(part.unwrap_or_else(|| Column::full_null(name.clone(), *height, &dtype)))?;
    }
    Ok(Part { column: whole.rechunk(), texts: None })
}

impl TryFrom<DataFrame> for OrderFrame {
    type Error = Error;

    fn try_from(frame: DataFrame) -> Result<Self> {
        let mut orders = Self { columns: DataFrame::empty_with_height(frame.height()), texts: BTreeMap::new() };
        for column in frame.into_columns() {
            orders.set(column.rechunk())?;
        }
        Ok(orders)
    }
}
