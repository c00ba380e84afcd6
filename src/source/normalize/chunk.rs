//! Normalizes one chunk of a table, all its columns. Never looks at another chunk.

use std::collections::BTreeMap;
use std::ops::Range;

use polars::prelude::{
    BooleanChunkedBuilder, ChunkFullNull, ChunkedBuilder, Column, DataFrame, Int32Chunked, IntoColumn, NamedFrom, NewChunkedArray,
    PlSmallStr, Series, StringChunked, StringChunkedBuilder,
};

use crate::domain::columns::ColumnType;
use crate::domain::data_quality::QualityFlag;
use crate::domain::date;
use crate::domain::record::{Field, LINE, QUALITY_MASK, SOURCE_WORDS};
use crate::domain::status::NumberType;
use crate::error::Result;
use crate::source::normalize::column_roles::{Role, holds_words};
use crate::source::normalize::counters::Counters;
use crate::source::normalize::dictionary::{Dictionary, ERROR_VALUE, NONE, StatusColumn};
use crate::source::normalize::{CellProblem, Recognise, dates, dictionary, is_error_value, numbers, part};
use crate::source::plan::ColumnPlan;
use crate::source::profile::Profile;
use crate::source::table::{Table, UNCALCULATED};
use crate::source::{Reject, RejectKind};

/// Bytes of the longest text that may say there is no reject reason; longer ones are not even looked up.
const LONGEST_NO_REASON: usize = 8;

/// A normalized chunk.
pub struct NormalizedChunk {
    /// As [`crate::source::normalize::NormalizedTable::frame`].
    pub frame: DataFrame,
    /// For each row whether it can be a row of the report.
    pub keep: Vec<bool>,
    /// Rows and cells that could not be used; their input is not set.
    pub rejects: Vec<Reject>,
    /// Words that the profile does not know, by header and word.
    pub unknown_words: BTreeMap<(String, String), u64>,
    /// What was counted.
    pub counters: Counters,
}

struct ChunkBuilder<'a> {
    table: &'a Table,
    range: Range<usize>,
    plan: &'a ColumnPlan<'a>,
    profile: &'a Profile,
    lints: Vec<u64>,
    problems: Vec<CellProblem>,
    columns: Vec<Column>,
    keep: Vec<bool>,
    rejects: Vec<Reject>,
    counters: Counters,
    unknown_words: BTreeMap<(String, String), u64>,
    /// The times behind the confirmed dates; none without such a column.
    times_of_dates: Vec<Option<i32>>,
}

/// Conforms the rows of `range`.
///
/// # Errors
/// [`crate::error::Error::internal`] when a column cannot be built.
pub fn build(
    table: &Table,
    range: Range<usize>,
    roles: &[Role],
    dictionaries: &[Option<Dictionary>],
    plan: &ColumnPlan<'_>,
    recognise: Recognise<'_>,
) -> Result<NormalizedChunk> {
    let rows = range.len();
    let mut builder = ChunkBuilder {
        table,
        range,
        plan,
        profile: plan.profile,
        lints: vec![0; rows],
        problems: Vec::new(),
        columns: Vec::new(),
        keep: vec![true; rows],
        rejects: Vec::new(),
        counters: Counters::default(),
        unknown_words: BTreeMap::new(),
        times_of_dates: Vec::new(),
    };
    let classes = builder.phone(roles)?;
    builder.status_columns(roles, dictionaries)?;
    for (header, role) in roles.iter().enumerate() {
        let Role::Field(field) = *role else { continue };
        match (field.column_type(), &dictionaries[header]) {
            (_, _) if field == Field::PhoneNumber => {}
            (_, Some(dictionaries)) if holds_words(field) => builder.words(field, header, dictionaries, &classes, recognise)?,
            (ColumnType::Date | ColumnType::Time | ColumnType::Instant, _) => builder.dates(field, header)?,
            _ => builder.text(field, header),
        }
    }
    if !builder.times_of_dates.is_empty() {
        builder.fill_times()?;
    }
    builder.reasons(roles, recognise)?;
    builder.finish()
}

impl ChunkBuilder<'_> {
    fn cells(&self, header: usize) -> StringChunked {
        match &self.table.columns[header] {
            Some(column) => part(column, &self.range),
            None => StringChunked::full_null(PlSmallStr::EMPTY, self.range.len()),
        }
    }

    fn line(&self, row: u32) -> u32 {
        self.table.lines[self.range.start + row as usize]
    }

    fn phone(&mut self, roles: &[Role]) -> Result<Vec<Option<NumberType>>> {
        let Some(header) = roles.iter().position(|role| *role == Role::Field(Field::PhoneNumber)) else {
            return Ok(vec![None; self.range.len()]);
        };
        let cells = self.cells(header);
        let countries = self.plan.country.map(|country| self.cells(country));
        let numbers = numbers::column(&cells, countries.as_ref(), self.profile, &mut self.lints)?;
        for (row, fault) in &numbers.problems {
            self.keep[*row as usize] = false;
            self.rejects.push(Reject {
                input: 0,
                line: self.line(*row),
                kind: RejectKind::Row,
                column: self.table.headers[header].clone(),
                value: cells.get(*row as usize).unwrap_or_default().to_owned(),
                reason: fault.reason().to_owned(),
            });
        }
        self.counters.repaired = numbers.repaired;
        self.counters.extensions = numbers.extensions;
        self.columns.extend([numbers.text.into_column(), numbers.class.into_column()]);
        Ok(numbers.classes)
    }

    fn status_columns(&mut self, roles: &[Role], dictionaries: &[Option<Dictionary>]) -> Result<()> {
        let columns: Vec<StatusColumn<'_>> = roles
            .iter()
            .zip(dictionaries)
            .enumerate()
            .filter_map(|(header, (role, dictionaries))| match role {
                Role::StatusColumn(vocabulary) => {
                    Some(StatusColumn { header, vocabulary: *vocabulary, dictionaries: dictionaries.as_ref()? })
                }
                _ => None,
            })
            .collect();
        if columns.is_empty() {
            self.columns.push(Column::full_null(SOURCE_WORDS.into(), self.range.len(), &polars::prelude::DataType::String));
            return Ok(());
        }
        let values = dictionary::status_values(&columns, self.profile, &mut self.lints, &mut self.problems)?;
        for column in &columns {
            let knows = |word: &str| dictionary::meaning(self.profile, column.vocabulary, word).is_some();
            dictionary::count_unknown(column.dictionaries, &self.table.headers[column.header], knows, &mut self.unknown_words);
        }
        self.columns.extend([values.state, values.status, values.detail, values.source_words].map(IntoColumn::into_column));
        Ok(())
    }

    fn words(
        &mut self,
        field: Field,
        header: usize,
        dictionaries: &Dictionary,
        classes: &[Option<NumberType>],
        recognise: Recognise<'_>,
    ) -> Result<()> {
        let look_up = |word: &str| {
            let known = self.profile.code(field, word).map(str::to_owned);
            match field {
                Field::ReasonCode => known.or_else(|| recognise(word)),
                // Other outcomes are kept as they are: the column is free text.
                Field::ReviewOutcome => known.or_else(|| Some(word.trim().to_owned())),
                _ => known,
            }
        };
        let codes = dictionary::codes(dictionaries, field.key(), look_up, header, &mut self.lints, &mut self.problems)?;
        dictionary::count_unknown(dictionaries, &self.table.headers[header], |word| look_up(word).is_some(), &mut self.unknown_words);
        if field == Field::GivenNumberType {
            let given: Vec<Option<NumberType>> =
                dictionaries.words.iter().map(|word| NumberType::from_code(self.profile.code(field, word)?)).collect();
            for ((id, class), lint) in dictionaries.rows.iter().zip(classes).zip(&mut self.lints) {
                let given = if *id == NONE { None } else { given[*id as usize] };
                if given.zip(*class).is_some_and(|(given, class)| given != class) {
                    *lint |= QualityFlag::ClassContradiction.bit();
                }
            }
        }
        let column = if field.column_type() == ColumnType::Bool { flags(&codes, field) } else { codes.into_column() };
        self.columns.push(column);
        Ok(())
    }

    fn dates(&mut self, field: Field, header: usize) -> Result<()> {
        let cells = self.cells(header);
        let zone = date::zone_of_header(&self.table.headers[header]);
        let dates = dates::column(&cells, field, (header, zone), self.profile, &mut self.lints, &mut self.problems)?;
        self.counters.dates.insert(header, dates.tally);
        self.columns.push(dates.column);
        if field == Field::ConfirmedDate {
            self.times_of_dates = dates.times;
        }
        Ok(())
    }

    /// A time in the cell of the confirmed date is the confirmed time of a row that has no other.
    fn fill_times(&mut self) -> Result<()> {
        let name = Field::ConfirmedTime.key();
        let place = self.columns.iter().position(|column| column.name() == name);
        let given: Vec<Option<i32>> = match place {
            Some(place) => self.columns[place].i32()?.iter().collect(),
            None => vec![None; self.range.len()],
        };
        let filled = given.iter().zip(&self.times_of_dates).map(|(given, time)| given.is_none() && time.is_some());
        let delivered = filled.zip(&self.keep).filter(|(filled, keep)| *filled && **keep).count();
        self.counters.times = delivered as u64;
        // Every chunk must have the same columns, so one without times has a blank one.
        if delivered > 0 || place.is_none() {
            let times: Vec<Option<i32>> = given.iter().zip(&self.times_of_dates).map(|(given, time)| given.or(*time)).collect();
            let column = Int32Chunked::from_iter_options(name.into(), times.into_iter()).into_column();
            match place {
                Some(place) => self.columns[place] = column,
                None => self.columns.push(column),
            }
        }
        Ok(())
    }

    /// Free text passes as it is; the column is built anew only when a cell has blanks around it or is an error value.
    fn text(&mut self, field: Field, header: usize) {
        let cells = self.cells(header);
        let derived = |cell: &str| field == Field::OrderId && is_derived_order(cell);
        let nothing = |cell: &str| field == Field::RejectReason && cell.len() <= LONGEST_NO_REASON && self.profile.is_no_reason(cell);
        let odd = |cell: &str| needs_care(cell) || derived(cell) || nothing(cell);
        if !cells.downcast_iter().flat_map(|array| array.iter()).flatten().any(odd) {
            self.columns.push(cells.with_name(field.key().into()).into_column());
            return;
        }
        let mut built = StringChunkedBuilder::new(field.key().into(), cells.len());
        for (row, cell) in cells.downcast_iter().flat_map(|array| array.iter()).enumerate() {
            match cell.map(str::trim) {
                Some(cell) if is_error_value(cell) => {
                    self.lints[row] |= QualityFlag::BadCell.bit();
                    self.problems.push(CellProblem { row: row as u32, header, reason: ERROR_VALUE });
                    built.append_null();
                }
                Some(cell) if derived(cell) => {
                    self.counters.derived_orders += 1;
                    built.append_null();
                }
                Some(cell) if !cell.is_empty() && !nothing(cell) => built.append_value(cell),
                _ => built.append_null(),
            }
        }
        self.columns.push(built.finish().into_column());
    }

    /// The reason code that a reject reason's text names, when the source has no codes of its own.
    fn reasons(&mut self, roles: &[Role], recognise: Recognise<'_>) -> Result<()> {
        let of = |field: Field| roles.iter().position(|role| *role == Role::Field(field));
        let (None, Some(header)) = (of(Field::ReasonCode), of(Field::RejectReason)) else {
            return Ok(());
        };
        let dictionaries = dictionary::index(&self.cells(header), self.profile);
        // A text that names no reason is no fault: it stands in the reject reason.
        let look_up = |text: &str| self.profile.code(Field::ReasonCode, text).map(str::to_owned).or_else(|| recognise(text));
        let (mut lints, mut problems) = (vec![0; self.lints.len()], Vec::new());
        let codes = dictionary::codes(&dictionaries, Field::ReasonCode.key(), look_up, header, &mut lints, &mut problems)?;
        self.columns.push(codes.into_column());
        Ok(())
    }

    fn finish(mut self) -> Result<NormalizedChunk> {
        let mut cells: BTreeMap<usize, StringChunked> = BTreeMap::new();
        for fault in &self.problems {
            cells.entry(fault.header).or_insert_with(|| self.cells(fault.header));
        }
        for fault in &self.problems {
            let value = cells.get(&fault.header).and_then(|cells| cells.get(fault.row as usize)).unwrap_or_default();
            // The row's own reject already tells of a row that is not delivered.
            if self.keep[fault.row as usize] {
                self.rejects.push(Reject {
                    input: 0,
                    line: self.line(fault.row),
                    kind: RejectKind::Cell,
                    column: self.table.headers[fault.header].clone(),
                    value: value.to_owned(),
                    reason: fault.reason.to_owned(),
                });
            }
        }
        let lines = self.table.lines[self.range.clone()].to_vec();
        self.columns.push(Series::new(LINE.into(), lines).into_column());
        self.columns.push(Series::new(QUALITY_MASK.into(), std::mem::take(&mut self.lints)).into_column());
        for reject in self.rejects.iter_mut().filter(|reject| reject.value == UNCALCULATED) {
            reject.reason = "a formula that was never calculated".to_owned();
        }
        let frame = DataFrame::new(self.range.len(), self.columns)?;
        Ok(NormalizedChunk { frame, keep: self.keep, rejects: self.rejects, unknown_words: self.unknown_words, counters: self.counters })
    }
}

/// `(request/case/class/confirmed date)`: what a report shows where the source has no order id. Read as one
/// that was given, it would split or join orders by an older state of theirs.
fn is_derived_order(cell: &str) -> bool {
    let Some(parts) = cell.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { return false };
    let mut parts = parts.rsplitn(4, '/');
    let (date, class) = (parts.next(), parts.next());
    let dated = date.is_some_and(|date| date.is_empty() || date::day(date, date::DateOrder::MonthFirst).is_ok());
    dated && class.is_some_and(|class| NumberType::from_code(class).is_some()) && parts.count() == 2
}

fn needs_care(cell: &str) -> bool {
    let (Some(first), Some(last)) = (cell.as_bytes().first(), cell.as_bytes().last()) else {
        return true;
    };
    *first <= b' '
        || *last <= b' '
        || *first == b'#' && is_error_value(cell)
        || (*first >= 0x80 || *last >= 0x80) && cell.trim().len() != cell.len()
}

fn flags(codes: &StringChunked, field: Field) -> Column {
    let mut flags = BooleanChunkedBuilder::new(field.key().into(), codes.len());
    for code in codes.downcast_iter().flat_map(|array| array.iter()) {
        flags.append_option(code.map(|code| code == "yes"));
    }
    flags.finish().into_column()
}
