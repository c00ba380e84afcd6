//! Normalizes one chunk of a table, all its columns, in two steps, without a look at another chunk.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::domain::columns::ColumnType;
use crate::domain::data_quality::QualityFlag;
use crate::domain::date;
use crate::domain::lifecycle::{State, reporting};
use crate::domain::record::{Field, LINE, NUMBER_TYPE, QUALITY_MASK};
use crate::domain::status::NumberType;
use crate::error::Result;
use crate::source::coded_text::NONE;
use crate::source::normalize::cells::{CellProblem, Findings, UNKNOWN_WORD};
use crate::source::normalize::column_roles::{Role, holds_words, settled_field};
use crate::source::normalize::counters::{Counted, Counters};
use crate::source::normalize::date_orders::{OrderBasis, OrderEvidence, SettledOrder};
use crate::source::normalize::dates::Dates;
use crate::source::normalize::dictionary::{Dictionary, StatusColumn, UnknownWords};
use crate::source::normalize::{dates, dictionary, earlier_reading, free_text, numbers};
use crate::source::orders::{Reject, RejectKind};
use crate::source::plan::ColumnPlan;
use crate::source::table::{Refused, TableChunk, UNCALCULATED};
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
    /// The index of the table among the inputs.
    pub input: u32,
}

/// A chunk of which some columns wait, as dictionaries, for the roles that all words of the table decide; then it is normalized.
pub struct NormalizedChunk<'a> {
    context: TableContext<'a>,
    lines: Vec<u32>,
    /// The columns that wait for their roles, one entry a header.
    pub dictionaries: Vec<Option<Dictionary>>,
    /// As that of [`crate::source::normalize::NormalizedTable`].
    pub frame: OrderFrame,
    /// For each row whether it can be a row of the report.
    pub keep: Vec<bool>,
    /// Rows and cells that could not be used.
    pub rejects: Vec<Reject>,
    /// Words that the profile does not know.
    pub unknown_words: UnknownWords,
    /// What was found about the rows.
    pub findings: Findings,
    /// The number type of each row; empty until the numbers were read.
    number_types: Vec<Option<NumberType>>,
    /// The columns of dates and times, by their places among the headers, until their orders are settled.
    dates: Vec<(usize, Dates)>,
}

impl<'a> NormalizedChunk<'a> {
    /// Reads the columns whose role is settled, and the words of the others. The text is not kept. `counters` are those of the
    /// chunk so far.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a column cannot be built.
    pub fn start(chunk: TableChunk, counters: Counters, context: TableContext<'a>) -> Result<Self> {
        let TableChunk { mut columns, mut lines, refused, .. } = chunk;
        earlier_reading::take_lines(context.plan, &mut columns, &mut lines);
        let reject = |row: Refused| Reject {
            input: context.input,
            line: row.line,
            kind: RejectKind::Row,
            column: String::new(),
            value: row.text,
            reason: row.reason,
        };
        let mut started = Self {
            context,
            dictionaries: vec![None; context.headers.len()],
            frame: OrderFrame::default(),
            keep: vec![true; lines.len()],
            rejects: refused.into_iter().map(reject).collect(),
            unknown_words: UnknownWords::new(),
            findings: Findings { flags: vec![0; lines.len()], problems: Vec::new(), counters },
            number_types: Vec::new(),
            dates: Vec::new(),
            lines,
        };
        let settled: Vec<Option<Field>> = context.plan.targets.iter().map(|target| settled_field(target.as_ref()?)).collect();
        if let Some(phone) = settled.iter().position(|field| *field == Some(Field::PhoneNumber)) {
            let countries = context.plan.country.and_then(|country| columns[country].take());
            started.phone(phone, columns[phone].take(), countries)?;
        }
        for (header, column) in columns.into_iter().enumerate().take(settled.len()) {
            let Some(cells) = column else { continue };
            match settled[header] {
                Some(field) => started.column(field, header, cells)?,
                None => {
                    let fields = context.plan.targets[header].as_ref().map_or(&[][..], |target| target.fields.as_slice());
                    started.dictionaries[header] = Some(Dictionary::new(&cells, fields, context.plan.profile));
                }
            }
        }
        Ok(started)
    }

    /// Reads the columns that waited, now that `roles` are known.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a column cannot be built.
    pub fn finish(mut self, roles: &[Role]) -> Result<Self> {
        let dictionaries = std::mem::take(&mut self.dictionaries);
        let of = |field: Field| roles.iter().position(|role| *role == Role::Field(field));
        let cells = |header: usize| dictionaries[header].as_ref().map(|dictionary| dictionary.cells.decode()).transpose();
        if self.number_types.is_empty() {
            match of(Field::PhoneNumber) {
                Some(header) => {
                    let countries = self.context.plan.country.map(cells).transpose()?.flatten();
                    self.phone(header, cells(header)?, countries)?;
                }
                None => self.number_types = vec![None; self.lines.len()],
            }
        }
        let weighed = of(Field::ReasonCode).filter(|_| self.context.plan.profile.weighs_reasons());
        self.status_columns(roles, &dictionaries, weighed.and_then(|header| dictionaries[header].as_ref()))?;
        earlier_reading::take_words_and_flags(self.context.plan, &dictionaries, &mut self.frame, &mut self.findings.flags)?;
        if self.context.plan.is_events && of(Field::LastEvent).is_none() {
            self.report_states()?;
        }
        for (header, (role, dictionary)) in roles.iter().zip(&dictionaries).enumerate() {
            match (role, dictionary) {
                (Role::Field(Field::PhoneNumber), _) => {}
                (Role::Field(field), Some(dictionary)) if holds_words(*field) => self.words(*field, header, dictionary)?,
                (Role::Field(field), Some(dictionary)) => self.column(*field, header, dictionary.cells.decode()?)?,
                _ => {}
            }
        }
        if of(Field::ReasonCode).is_none()
            && let Some(header) = of(Field::RejectReason)
            && let Some(dictionary) = &dictionaries[header]
        {
            // A text that names no reason is no fault: it stands in the reject reason.
            let codes = dictionary.codes(Field::ReasonCode.key(), |text| self.look_up(Field::ReasonCode, text));
            self.frame.set_coded(codes)?;
        }
        Ok(self)
    }

    /// What the columns of dates say of their order, by their places among the headers.
    pub fn order_evidence(&self) -> impl Iterator<Item = (usize, OrderEvidence)> {
        self.dates.iter().map(|(header, dates)| (*header, dates.evidence))
    }

    /// When its events happened, in microseconds since 1970-01-01T00:00:00Z, before their order is settled.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn event_times(&self) -> Result<Option<Int64Chunked>> {
        let times = self.dates.iter().find(|(_, dates)| dates.column.name() == Field::EventAt.key());
        Ok(times.map(|(_, dates)| dates.column.cast(&DataType::Int64)).transpose()?.map(|times| times.i64().cloned()).transpose()?)
    }

    /// Reads dates in the order that all dates of the table settled, and lists the cells that could not be read.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when a column cannot be built.
    pub fn settle(mut self, orders: &BTreeMap<usize, SettledOrder>) -> Result<Self> {
        let mut times_of_dates = Vec::new();
        for (header, mut dates) in std::mem::take(&mut self.dates) {
            if let Some(settled) = orders.get(&header) {
                if settled.order != self.context.plan.profile.order {
                    dates.turn()?;
                }
                if settled.basis == OrderBasis::Mixed {
                    dates.ambiguous.iter().for_each(|row| self.findings.flags[*row as usize] |= QualityFlag::AmbiguousDate.bit());
                }
            }
            if dates.column.name() == Field::ConfirmedDate.key() {
                times_of_dates = dates.times;
            }
            self.frame.set(dates.column)?;
        }
        if !times_of_dates.is_empty() {
            self.fill_times(&times_of_dates)?;
        }
        for problem in std::mem::take(&mut self.findings.problems) {
            // The row's own reject already tells of a row that is not delivered.
            if self.keep[problem.row as usize] {
                self.reject(RejectKind::Cell, problem);
            }
        }
        self.frame.set(UInt32Chunked::from_vec(LINE.into(), std::mem::take(&mut self.lines)).into_column())?;
        self.frame.set(UInt64Chunked::from_vec(QUALITY_MASK.into(), std::mem::take(&mut self.findings.flags)).into_column())?;
        Ok(self)
    }

    /// Reads a column of dates, times or free text.
    fn column(&mut self, field: Field, header: usize, cells: StringChunked) -> Result<()> {
        let TableContext { headers, plan, .. } = self.context;
        if !matches!(field.column_type(), ColumnType::Date | ColumnType::Time | ColumnType::Instant) {
            return self.frame.set(free_text::column(cells, field, header, plan.profile, &mut self.findings));
        }
        let zone = date::zone_of_header(&headers[header]);
        let dates = dates::column(&cells, field, (header, zone), plan.profile, &mut self.findings)?;
        self.dates.push((header, dates));
        Ok(())
    }

    fn phone(&mut self, header: usize, cells: Option<StringChunked>, countries: Option<StringChunked>) -> Result<()> {
        let cells = cells.unwrap_or_else(|| StringChunked::full_null(PlSmallStr::EMPTY, self.lines.len()));
        let numbers = numbers::column(&cells, countries.as_ref(), self.context.plan, &mut self.findings);
        for (row, fault) in &numbers.problems {
            self.keep[*row as usize] = false;
            let value = cells.get(*row as usize).unwrap_or_default().to_owned();
            self.reject(RejectKind::Row, CellProblem { row: *row, header, value, reason: fault.caption() });
        }
        self.frame.set(numbers.text.into_column())?;
        self.number_types = numbers.number_types;
        self.set_types()
    }

    fn status_columns(&mut self, roles: &[Role], dictionaries: &[Option<Dictionary>], reasons: Option<&Dictionary>) -> Result<()> {
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
        for column in &columns {
            self.findings.counters.add(Counted::NullWords(column.header), column.dictionary.nothing);
            let knows = |word: &str| dictionary::meaning(profile, column.vocabulary, word).is_some();
            column.dictionary.count_unknown(&self.context.headers[column.header], knows, &mut self.unknown_words);
        }
        dictionary::status_values(&columns, reasons, profile, &mut self.findings)
            .into_iter()
            .try_for_each(|value| self.frame.set_coded(value))
    }

    /// Has the states of the rows, which are changes, be events.
    fn report_states(&mut self) -> Result<()> {
        if !self.frame.has(Field::NumberState.key()) {
            return Ok(());
        }
        let states = self.frame.coded(Field::NumberState.key())?;
        let events = states.each(|state| State::from_code(state).map(|state| reporting(state).code));
        self.frame.set_coded(CodedText::new(Field::LastEvent.key(), states.places(), events.iter().map(Option::as_deref)))?;
        // What an earlier change said is not true of a later one.
        for field in [Field::NumberState, Field::GivenStatus, Field::GivenDetail] {
            let nothing = self.lines.iter().map(|_| NONE);
            self.frame.set_coded(CodedText::new(field.key(), nothing, std::iter::empty()))?;
        }
        Ok(())
    }

    /// The code that `word` means in a column of closed words.
    fn look_up(&self, field: Field, word: &str) -> Option<String> {
        let known = self.context.plan.profile.code(field, word).map(str::to_owned);
        match field {
            Field::ReasonCode => {
                let several = || self.context.plan.profile.reason_codes(word);
                known.or_else(several).or_else(|| (self.context.recognise)(word))
            }
            // Other outcomes are kept as they are: the column is free text.
            Field::ReviewOutcome => known.or_else(|| Some(word.trim().to_owned())),
            _ => known,
        }
    }

    fn words(&mut self, field: Field, header: usize, dictionary: &Dictionary) -> Result<()> {
        self.findings.counters.add(Counted::NullWords(header), dictionary.nothing);
        let codes = dictionary.codes(field.key(), |word| self.look_up(field, word));
        let words: Vec<_> = dictionary.words().collect();
        for (row, (place, code)) in dictionary.cells.codes.iter().zip(codes.codes.iter()).enumerate() {
            if let (Some(place), None) = (place, code)
                && let Some((word, _)) = words[place as usize]
            {
                self.findings.add_bad_cell(row, header, word, UNKNOWN_WORD);
            }
        }
        let mut unknown_words = std::mem::take(&mut self.unknown_words);
        dictionary.count_unknown(&self.context.headers[header], |word| self.look_up(field, word).is_some(), &mut unknown_words);
        self.unknown_words = unknown_words;
        if field == Field::GivenNumberType {
            let given = codes.each(NumberType::from_code);
            self.compare_types(codes.codes.iter().map(|code| code.and_then(|code| given[code as usize])))?;
        }
        if field.column_type() != ColumnType::Bool {
            return self.frame.set_coded(codes);
        }
        let yes = codes.each(|code| code == "yes");
        let flags = codes.codes.iter().map(|code| code.map(|code| yes[code as usize]));
        self.frame.set(BooleanChunked::from_iter_options(codes.codes.name().clone(), flags).into_column())
    }

    /// Flags types of numbers that differ from those that the source gives. Under +1 the number says its type; of other
    /// countries' numbers the source's word counts, and one without a plan that knows it contradicts nothing.
    fn compare_types(&mut self, given: impl Iterator<Item = Option<NumberType>>) -> Result<()> {
        let numbers = self.frame.column(Field::PhoneNumber.key())?;
        let mut taken = false;
        let rows = given.zip(numbers.str()?.iter()).zip(&mut self.number_types).zip(&mut self.findings.flags);
        for (((given, number), number_type), flag) in rows {
            let Some((given, found)) = given.zip(*number_type).filter(|(given, found)| given != found) else { continue };
            let is_elsewhere = number.is_some_and(|number| !number.starts_with("+1"));
            if !is_elsewhere || *flag & QualityFlag::Unassignable.bit() == 0 && found == NumberType::TollFree {
                *flag |= QualityFlag::NumberTypeContradiction.bit();
            }
            if is_elsewhere {
                *number_type = Some(given);
                taken = true;
            }
        }
        if taken { self.set_types() } else { Ok(()) }
    }

    fn set_types(&mut self) -> Result<()> {
        let types = self.number_types.iter().map(|number_type| number_type.map_or(NONE, |number_type| number_type as u32));
        self.frame.set_coded(CodedText::new(NUMBER_TYPE, types, NumberType::ALL.iter().map(|number_type| Some(number_type.code()))))
    }

    /// A time in the cell of the confirmed date is the confirmed time of a row that has no other.
    fn fill_times(&mut self, times_of_dates: &[Option<i32>]) -> Result<()> {
        let name = Field::ConfirmedTime.key();
        let given: Vec<Option<i32>> = match self.frame.column(name) {
            Ok(column) => column.i32()?.iter().collect(),
            Err(_) => vec![None; self.lines.len()],
        };
        let filled = given.iter().zip(times_of_dates).map(|(given, time)| given.is_none() && time.is_some());
        let delivered = filled.zip(&self.keep).filter(|(filled, keep)| *filled && **keep).count();
        self.findings.counters.add(Counted::TimesOfDates, delivered as u64);
        if delivered > 0 {
            let times: Vec<Option<i32>> = given.iter().zip(times_of_dates).map(|(given, time)| given.or(*time)).collect();
            self.frame.set(Int32Chunked::from_iter_options(name.into(), times.into_iter()).into_column())?;
        }
        Ok(())
    }

    fn reject(&mut self, kind: RejectKind, problem: CellProblem) {
        let CellProblem { row, header, value, reason } = problem;
        let reason = if value == UNCALCULATED { "a formula that was never calculated" } else { reason };
        let column = self.context.headers[header].clone();
        let (input, line) = (self.context.input, self.lines[row as usize]);
        self.rejects.push(Reject { input, line, kind, column, value, reason: reason.to_owned() });
    }
}
