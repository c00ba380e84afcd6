//! Normalizes one chunk of a table, all its columns, in two steps. Never looks at another chunk.

use std::collections::BTreeMap;

use polars::prelude::{
    BooleanChunked, ChunkFullNull, Column, Int32Chunked, IntoColumn, NewChunkedArray, PlSmallStr, StringChunked, UInt32Chunked,
    UInt64Chunked,
};

use crate::domain::columns::ColumnType;
use crate::domain::data_quality::QualityFlag;
use crate::domain::date;
use crate::domain::record::{Field, LINE, NUMBER_TYPE, QUALITY_MASK};
use crate::domain::status::NumberType;
use crate::error::Result;
use crate::source::normalize::cells::CellProblem;
use crate::source::normalize::column_roles::{Role, holds_words, settled_field};
use crate::source::normalize::counters::Counters;
use crate::source::normalize::dictionary::{Dictionary, StatusColumn};
use crate::source::normalize::{dates, dictionary, free_text, numbers};
use crate::source::order_frame::NONE;
use crate::source::orders::{Reject, RejectKind};
use crate::source::plan::ColumnPlan;
use crate::source::table::{TableChunk, UNCALCULATED};
use crate::source::{CodedText, OrderFrame};

/// Names the canonical reason code that a reject reason's text tells of.
pub type Recognise<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// What every chunk of a table needs to know of it.
#[derive(Clone, Copy)]
pub struct TableContext<'a> {
    /// The headers, one a column.
    pub headers: &'a [String],
    /// What they mean.
    pub plan: &'a ColumnPlan<'a>,
    /// Names the reason code of a reject reason's text.
    pub recognise: Recognise<'a>,
}

/// A normalized chunk.
pub struct NormalizedChunk {
    /// As [`crate::source::normalize::NormalizedTable::frame`].
    pub frame: OrderFrame,
    /// For each row whether it can be a row of the report.
    pub keep: Vec<bool>,
    /// Rows and cells that could not be used; their input is not set.
    pub rejects: Vec<Reject>,
    /// Words that the profile does not know, by header and word.
    pub unknown_words: BTreeMap<(String, String), u64>,
    /// What was counted.
    pub counters: Counters,
}

/// A chunk of which some columns wait, as dictionaries, for the roles that all words of the table decide.
pub struct ChunkBuilder<'a> {
    context: TableContext<'a>,
    lines: Vec<u32>,
    /// The columns that wait, one entry a header.
    dictionaries: Vec<Option<Dictionary>>,
    frame: OrderFrame,
    flags: Vec<u64>,
    problems: Vec<CellProblem>,
    keep: Vec<bool>,
    /// The number type of each row; empty until the numbers were read.
    number_types: Vec<Option<NumberType>>,
    rejects: Vec<Reject>,
    counters: Counters,
    unknown_words: BTreeMap<(String, String), u64>,
    /// The times behind the confirmed dates; none without such a column.
    times_of_dates: Vec<Option<i32>>,
}

impl<'a> ChunkBuilder<'a> {
    /// Reads the columns whose role is settled, and the words of the others. The text is not kept.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a column cannot be built.
    pub fn start(chunk: TableChunk, context: TableContext<'a>) -> Result<Self> {
        let rows = chunk.lines.len();
        let mut columns = chunk.columns;
        let mut builder = Self {
            context,
            lines: chunk.lines,
            dictionaries: vec![None; context.headers.len()],
            frame: OrderFrame::default(),
            flags: vec![0; rows],
            problems: Vec::new(),
            keep: vec![true; rows],
            number_types: Vec::new(),
            rejects: Vec::new(),
            counters: Counters::default(),
            unknown_words: BTreeMap::new(),
            times_of_dates: Vec::new(),
        };
        let settled: Vec<Option<Field>> = context.plan.targets.iter().map(|target| settled_field(target.as_ref()?)).collect();
        if let Some(phone) = settled.iter().position(|field| *field == Some(Field::PhoneNumber)) {
            let countries = context.plan.country.and_then(|country| columns[country].take());
            builder.phone(phone, columns[phone].take(), countries)?;
        }
        for (header, column) in columns.into_iter().enumerate().take(settled.len()) {
            let Some(cells) = column else { continue };
            match settled[header] {
                Some(field) => builder.column(field, header, cells)?,
                None => builder.dictionaries[header] = Some(dictionary::index(&cells, context.plan.profile)),
            }
        }
        Ok(builder)
    }

    /// The words of the columns that wait for their roles, one entry a header.
    pub fn dictionaries(&self) -> &[Option<Dictionary>] {
        &self.dictionaries
    }

    /// Reads the columns that waited, now that `roles` are known.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a column cannot be built.
    pub fn finish(mut self, roles: &[Role]) -> Result<NormalizedChunk> {
        let dictionaries = std::mem::take(&mut self.dictionaries);
        let of = |field: Field| roles.iter().position(|role| *role == Role::Field(field));
        let cells = |header: usize| dictionaries[header].as_ref().map(Dictionary::cells).transpose();
        if self.number_types.is_empty() {
            match of(Field::PhoneNumber) {
                Some(header) => {
                    let countries = self.context.plan.country.map(cells).transpose()?.flatten();
                    self.phone(header, cells(header)?, countries)?;
                }
                None => self.number_types = vec![None; self.lines.len()],
            }
        }
        self.status_columns(roles, &dictionaries)?;
        for (header, (role, dictionary)) in roles.iter().zip(&dictionaries).enumerate() {
            match (role, dictionary) {
                (Role::Field(Field::PhoneNumber), _) => {}
                (Role::Field(field), Some(dictionary)) if holds_words(*field) => self.words(*field, header, dictionary)?,
                (Role::Field(field), Some(dictionary)) => self.column(*field, header, dictionary.cells()?)?,
                _ => {}
            }
        }
        if !self.times_of_dates.is_empty() {
            self.fill_times()?;
        }
        if of(Field::ReasonCode).is_none()
            && let Some(header) = of(Field::RejectReason)
            && let Some(dictionary) = &dictionaries[header]
        {
            self.reasons(header, dictionary)?;
        }
        self.collect()
    }

    /// Reads a column of dates, times or free text.
    fn column(&mut self, field: Field, header: usize, cells: StringChunked) -> Result<()> {
        match field.column_type() {
            ColumnType::Date | ColumnType::Time | ColumnType::Instant => self.dates(field, header, &cells),
            _ => {
                let profile = self.context.plan.profile;
                let text = free_text::column(cells, field, header, profile, &mut self.flags, &mut self.problems);
                self.counters.derived_orders += text.derived_orders;
                self.frame.set(text.column)
            }
        }
    }

    fn phone(&mut self, header: usize, cells: Option<StringChunked>, countries: Option<StringChunked>) -> Result<()> {
        let cells = cells.unwrap_or_else(|| StringChunked::full_null(PlSmallStr::EMPTY, self.lines.len()));
        let numbers = numbers::column(&cells, countries.as_ref(), self.context.plan.profile, &mut self.flags);
        for (row, fault) in &numbers.problems {
            self.keep[*row as usize] = false;
            let value = cells.get(*row as usize).unwrap_or_default().to_owned();
            self.reject(RejectKind::Row, CellProblem { row: *row, header, value, reason: fault.caption() });
        }
        self.counters.repaired = numbers.repaired;
        self.counters.extensions = numbers.extensions;
        self.frame.set(numbers.text.into_column())?;
        let types = numbers.number_types.iter().map(|number_type| number_type.map_or(NONE, |number_type| number_type as u32));
        self.frame.set_coded(CodedText::new(NUMBER_TYPE, types, NumberType::ALL.iter().map(|number_type| Some(number_type.code()))))?;
        self.number_types = numbers.number_types;
        Ok(())
    }

    fn status_columns(&mut self, roles: &[Role], dictionaries: &[Option<Dictionary>]) -> Result<()> {
        let columns: Vec<StatusColumn<'_>> = roles
            .iter()
            .zip(dictionaries)
            .enumerate()
            .filter_map(|(header, (role, dictionary))| match role {
                Role::StatusColumn(vocabulary) => Some(StatusColumn { header, vocabulary: *vocabulary, dictionary: dictionary.as_ref()? }),
                _ => None,
            })
            .collect();
        if columns.is_empty() {
            return Ok(());
        }
        let profile = self.context.plan.profile;
        let values = dictionary::status_values(&columns, profile, &mut self.flags, &mut self.problems);
        for column in &columns {
            let knows = |word: &str| dictionary::meaning(profile, column.vocabulary, word).is_some();
            dictionary::count_unknown(column.dictionary, &self.context.headers[column.header], knows, &mut self.unknown_words);
        }
        values.into_iter().try_for_each(|value| self.frame.set_coded(value))
    }

    fn words(&mut self, field: Field, header: usize, dictionary: &Dictionary) -> Result<()> {
        let TableContext { headers, plan, recognise } = self.context;
        let look_up = |word: &str| {
            let known = plan.profile.code(field, word).map(str::to_owned);
            match field {
                Field::ReasonCode => known.or_else(|| recognise(word)),
                // Other outcomes are kept as they are: the column is free text.
                Field::ReviewOutcome => known.or_else(|| Some(word.trim().to_owned())),
                _ => known,
            }
        };
        let codes = dictionary::codes(dictionary, field.key(), look_up, header, &mut self.flags, &mut self.problems);
        dictionary::count_unknown(dictionary, &headers[header], |word| look_up(word).is_some(), &mut self.unknown_words);
        if field == Field::GivenNumberType {
            let given: Vec<Option<NumberType>> =
                dictionary.words.iter().map(|word| NumberType::from_code(plan.profile.code(field, word.value()?)?)).collect();
            for ((id, number_type), flag) in dictionary.rows.iter().zip(&self.number_types).zip(&mut self.flags) {
                let given = if *id == NONE { None } else { given[*id as usize] };
                if given.zip(*number_type).is_some_and(|(given, number_type)| given != number_type) {
                    *flag |= QualityFlag::ClassContradiction.bit();
                }
            }
        }
        if field.column_type() == ColumnType::Bool { self.frame.set(flags(&codes)) } else { self.frame.set_coded(codes) }
    }

    fn dates(&mut self, field: Field, header: usize, cells: &StringChunked) -> Result<()> {
        let TableContext { headers, plan, .. } = self.context;
        let zone = date::zone_of_header(&headers[header]);
        let dates = dates::column(cells, field, (header, zone), plan.profile, &mut self.flags, &mut self.problems)?;
        self.counters.dates.insert(header, dates.counters);
        self.frame.set(dates.column)?;
        if field == Field::ConfirmedDate {
            self.times_of_dates = dates.times;
        }
        Ok(())
    }

    /// A time in the cell of the confirmed date is the confirmed time of a row that has no other.
    fn fill_times(&mut self) -> Result<()> {
        let name = Field::ConfirmedTime.key();
        let given: Vec<Option<i32>> = match self.frame.column(name) {
            Ok(column) => column.i32()?.iter().collect(),
            Err(_) => vec![None; self.lines.len()],
        };
        let filled = given.iter().zip(&self.times_of_dates).map(|(given, time)| given.is_none() && time.is_some());
        let delivered = filled.zip(&self.keep).filter(|(filled, keep)| *filled && **keep).count();
        self.counters.times = delivered as u64;
        if delivered > 0 {
            let times: Vec<Option<i32>> = given.iter().zip(&self.times_of_dates).map(|(given, time)| given.or(*time)).collect();
            self.frame.set(Int32Chunked::from_iter_options(name.into(), times.into_iter()).into_column())?;
        }
        Ok(())
    }

    /// The reason code that a reject reason's text names, when the source has no codes of its own.
    fn reasons(&mut self, header: usize, dictionary: &Dictionary) -> Result<()> {
        let TableContext { plan, recognise, .. } = self.context;
        // A text that names no reason is no fault: it stands in the reject reason.
        let look_up = |text: &str| plan.profile.code(Field::ReasonCode, text).map(str::to_owned).or_else(|| recognise(text));
        let (mut flags, mut problems) = (vec![0; self.flags.len()], Vec::new());
        let codes = dictionary::codes(dictionary, Field::ReasonCode.key(), look_up, header, &mut flags, &mut problems);
        self.frame.set_coded(codes)
    }

    fn reject(&mut self, kind: RejectKind, problem: CellProblem) {
        let CellProblem { row, header, value, reason } = problem;
        let reason = if value == UNCALCULATED { "a formula that was never calculated" } else { reason };
        let column = self.context.headers[header].clone();
        self.rejects.push(Reject { input: 0, line: self.lines[row as usize], kind, column, value, reason: reason.to_owned() });
    }

    fn collect(mut self) -> Result<NormalizedChunk> {
        for problem in std::mem::take(&mut self.problems) {
            // The row's own reject already tells of a row that is not delivered.
            if self.keep[problem.row as usize] {
                self.reject(RejectKind::Cell, problem);
            }
        }
        self.frame.set(UInt32Chunked::from_vec(LINE.into(), self.lines).into_column())?;
        self.frame.set(UInt64Chunked::from_vec(QUALITY_MASK.into(), self.flags).into_column())?;
        Ok(NormalizedChunk {
            frame: self.frame,
            keep: self.keep,
            rejects: self.rejects,
            unknown_words: self.unknown_words,
            counters: self.counters,
        })
    }
}

fn flags(codes: &CodedText) -> Column {
    let yes = codes.each(|code| code == "yes");
    let flags = codes.codes.iter().map(|code| code.map(|code| yes[code as usize]));
    BooleanChunked::from_iter_options(codes.codes.name().clone(), flags).into_column()
}
