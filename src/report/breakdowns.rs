//! Counts of the rows selected by account, by the month and week of their completion, by reject reason and by age. Each ends with its total, one that the counts by status have too.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use polars::prelude::PlHashMap;

use crate::domain::columns::ColumnType;
use crate::domain::date::text::DateStyle;
use crate::domain::record::Field;
use crate::domain::status::{Detail, NumberType, Status};
use crate::domain::text::natural_order;
use crate::error::Result;
use crate::report::row_facts::RowFacts;
use crate::report::rows::LazyTable;
use crate::report::style::{self, STATUSES};
use crate::report::table::{Column, Term, Values};
use crate::report::template::Template;
use crate::report::words::fill;
use crate::source::coded_text::{CodedText, NONE};

/// The key of the count of all numbers of a line.
const ALL: &str = "numbers";

/// Makes the tables in the words of a template.
pub struct Breakdowns<'a> {
    /// The rows.
    pub facts: &'a RowFacts<'a>,
    /// The words.
    pub template: &'a Template,
}

/// Counts beside what they are counts of.
struct Line {
    /// What is counted.
    words: Vec<String>,
    /// What programs know the first of the words by, where it is another.
    code: Option<String>,
    /// How many.
    counts: Vec<u64>,
    /// The condition that the rows counted meet; empty where the words are those of a column that reports show.
    rows: String,
}

/// The captions of a table, and its last line.
struct Frame<'a> {
    /// Of the words: key, caption and type.
    words: &'a [(&'a str, &'a str, ColumnType)],
    /// Of the figures: key and caption.
    figures: &'a [(&'static str, String)],
    /// The words before the total.
    total: &'a str,
    /// The condition that all rows counted meet.
    rows: &'a str,
}

impl Breakdowns<'_> {
    /// Numbers by `field` and status, the most numbers first; accounts stand with their company. None where no input has the
    /// field.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn by(&self, field: Field) -> Result<Option<LazyTable>> {
        let orders = &self.facts.selection.classified.orders;
        let is_account = field == Field::AccountId;
        if !is_account && !orders.present.contains(&field) {
            return Ok(None);
        }
        let (texts, companies) = (orders.frame.coded(field.key())?, orders.frame.coded(Field::AccountCompany.key())?);
        let mut counts: PlHashMap<u32, (u32, [u64; STATUSES.len()])> = PlHashMap::default();
        for (row, number) in self.facts.selection.rows.iter().flatten().enumerate() {
            let entry = counts.entry(code_of(&texts, number as usize)).or_insert((NONE, [0; STATUSES.len()]));
            if is_account && entry.0 == NONE {
                entry.0 = code_of(&companies, number as usize);
            }
            entry.1[usize::from(self.facts.status[row])] += 1;
        }
        let has_unknown = counts.values().any(|(_, counts)| counts[style::place(None)] > 0);
        let shown: Vec<usize> = (0..STATUSES.len()).filter(|place| STATUSES[*place].is_some() || has_unknown).collect();
        let line = |(code, (company, counts)): (&u32, &(u32, [u64; STATUSES.len()]))| {
            let word = text_of(&texts, *code).unwrap_or(&self.template.words.blank).to_owned();
            let company = is_account.then(|| text_of(&companies, *company).unwrap_or_default().to_owned());
            let words = std::iter::once(word).chain(company).collect();
            let counts = shown.iter().map(|place| counts[*place]).chain([counts.iter().sum()]).collect();
            Line { words, code: None, counts, rows: if is_account { String::new() } else { is(field.key(), text_of(&texts, *code)) } }
        };
        let mut lines: Vec<Line> = counts.iter().map(line).collect();
        lines.sort_by(|a, b| b.counts.last().cmp(&a.counts.last()).then_with(|| natural_order(&a.words[0], &b.words[0])));
        let caption = |field: Field| (field.key(), self.template.caption(field.key()), field.column_type());
        let captions: Vec<_> = std::iter::once(field).chain(is_account.then_some(Field::AccountCompany)).map(caption).collect();
        let statuses = shown.iter().map(|place| self.status(STATUSES[*place]));
        let figures: Vec<_> = statuses.chain([(ALL, self.template.words.all_numbers.clone())]).collect();
        self.table(lines, &Frame { words: &captions, figures: &figures, total: &self.template.words.all_numbers, rows: "" })
    }

    /// Completed numbers by what `period` makes of the day they were completed, the last first; `key` is its name in conditions.
    ///
    /// # Errors
    /// As [`Breakdowns::by`].
    pub fn completed(&self, key: &'static str, caption: &str, period: fn(NaiveDate) -> Period) -> Result<Option<LazyTable>> {
        let mut days: BTreeMap<Reverse<Option<i32>>, [u64; 2]> = BTreeMap::new();
        for row in (0..self.facts.count()).filter(|row| self.facts.status(*row) == Some(Status::Completed)) {
            days.entry(Reverse(self.facts.closed[row])).or_default()[usize::from(self.facts.toll_free[row])] += 1;
        }
        let completed = is("status", Some(Status::Completed.code()));
        let mut lines: Vec<Line> = Vec::new();
        for (Reverse(day), [local, toll_free]) in days {
            let dates = self.template.words.dates;
            let (label, code, first) = match day.and_then(NaiveDate::from_epoch_days).map(period) {
                Some(Period { first, label }) => {
                    let code = (dates != DateStyle::Iso).then(|| label(DateStyle::Iso, first));
                    (label(dates, first), code, format!("date_trunc('{key}', closing_day) = '{first}'"))
                }
                None => (self.template.words.no_date.clone(), None, is("closing_day", None)),
            };
            let counts = [local + toll_free, local, toll_free];
            match lines.last_mut().filter(|last| last.words[0] == label) {
                Some(last) => last.add(counts),
                None => lines.push(Line { words: vec![label], code, counts: counts.to_vec(), rows: format!("{completed} and {first}") }),
            }
        }
        let figures = [
            (ALL, self.template.words.numbers.clone()),
            (NumberType::Local.code(), self.template.number_type(NumberType::Local)),
            (NumberType::TollFree.code(), self.template.number_type(NumberType::TollFree)),
        ];
        let words = [(key, caption, ColumnType::Text)];
        self.table(lines, &Frame { words: &words, figures: &figures, total: &self.template.words.all_completed, rows: &completed })
    }

    /// Numbers that were rejected, by reason: how many of them still wait for an answer; the most frequent first.
    ///
    /// # Errors
    /// As [`Breakdowns::by`].
    pub fn rejections(&self) -> Result<Option<LazyTable>> {
        let classified = &self.facts.selection.classified;
        let (codes, texts) = (classified.frame().coded("reason_code")?, classified.frame().coded("reject_reason")?);
        let has = |row: usize, detail: Detail| usize::from(self.facts.detail[row]) == detail as usize;
        let mut counts: BTreeMap<(u32, bool), [u64; 2]> = BTreeMap::new();
        for (row, number) in self.facts.selection.rows.iter().flatten().enumerate() {
            let (code, text) = (code_of(&codes, number as usize), code_of(&texts, number as usize));
            if code != NONE || text != NONE || has(row, Detail::Rejected) {
                let is_open = has(row, Detail::Rejected) || has(row, Detail::AdditionalInfoRequired);
                counts.entry((code, text != NONE)).or_default()[usize::from(!is_open)] += 1;
            }
        }
        let words = &self.template.words;
        let rejected = is("detail", Some(Detail::Rejected.code()));
        let mut lines: Vec<Line> = Vec::new();
        for ((code, has_text), [open, answered]) in counts {
            let code = text_of(&codes, code).unwrap_or_default();
            let combined = || classified.rules.reasons.combined(code).map_or_else(|| code.to_owned(), |combined| combined.caption);
            let (caption, rows) = match (code.is_empty(), has_text) {
                (false, _) => (combined(), is("reason_code", Some(code))),
                (true, true) => (words.reason_in_own_words.clone(), "reason_code is null and reject_reason is not null".to_owned()),
                (true, false) => (words.no_reason.clone(), format!("{rejected} and reason_code is null and reject_reason is null")),
            };
            let counts = [open + answered, open, answered];
            match lines.iter_mut().find(|line| line.rows == rows) {
                Some(line) => line.add(counts),
                None => lines.push(Line { words: vec![caption, code.to_owned()], code: None, counts: counts.to_vec(), rows }),
            }
        }
        lines.sort_by(|a, b| b.counts[0].cmp(&a.counts[0]).then_with(|| a.words.cmp(&b.words)));
        let captions = [
            ("reason", self.template.caption("reason"), ColumnType::Text),
            ("reason_code", self.template.caption("reason_code"), ColumnType::Id),
        ];
        let figures = [(ALL, words.numbers.clone()), ("open", words.reject_open.clone()), ("answered", words.reject_answered.clone())];
        let rows = format!("{rejected} or reason_code is not null or reject_reason is not null");
        self.table(lines, &Frame { words: &captions, figures: &figures, total: &words.all_rejected, rows: &rows })
    }

    /// Open numbers by age in business days, in the steps of the template, and by status.
    ///
    /// # Errors
    /// As [`Breakdowns::by`].
    pub fn ageing(&self) -> Result<Option<LazyTable>> {
        let (ages, words) = (&self.template.limits.ages, &self.template.words);
        let mut counts = vec![[0u64; Status::OPEN.len()]; ages.len() + 2];
        for row in 0..self.facts.count() {
            let Some(place) = self.facts.status(row).and_then(|status| Status::OPEN.iter().position(|open| *open == status)) else {
                continue;
            };
            let step = self.facts.age[row].map_or(ages.len() + 1, |age| ages.iter().position(|last| age <= *last).unwrap_or(ages.len()));
            counts[step][place] += 1;
        }
        if counts.iter().flatten().sum::<u64>() == 0 {
            return Ok(None);
        }
        let days = |days: i32| words.thousands(days.unsigned_abs().into());
        let range = |first: i32, last: i32| fill(&words.age_range, &[("first", &days(first)), ("last", &days(last))]);
        let label = |step: usize| match (ages.get(step), step.checked_sub(1).and_then(|before| ages.get(before))) {
            (Some(last), None) => (range(0, *last), format!("age_business_days <= {last}")),
            (Some(last), Some(before)) => (range(before + 1, *last), format!("age_business_days between {} and {last}", before + 1)),
            (None, Some(before)) => (fill(&words.age_over, &[("last", &days(*before))]), format!("age_business_days > {before}")),
            (None, None) => (words.age_unknown.clone(), is("age_business_days", None)),
        };
        let open = format!("status in ({})", Status::OPEN.map(|status| format!("'{}'", status.code())).join(", "));
        let line = |(step, counts): (usize, &[u64; Status::OPEN.len()])| {
            let (label, age) = label(step);
            let counts = counts.iter().copied().chain([counts.iter().sum()]).collect();
            Line { words: vec![label], code: None, counts, rows: format!("{open} and {age}") }
        };
        let lines = counts.iter().enumerate().map(line).collect();
        let figures: Vec<_> =
            Status::OPEN.map(|status| self.status(Some(status))).into_iter().chain([(ALL, words.all_open.clone())]).collect();
        let captions = [("age", words.age.as_str(), ColumnType::Text)];
        self.table(lines, &Frame { words: &captions, figures: &figures, total: &words.all_open, rows: &open })
    }

    /// The key and the caption of the count of a status.
    fn status(&self, status: Option<Status>) -> (&'static str, String) {
        (status.map_or("unknown", Status::code), self.template.term("status", status.map(Status::code)).caption)
    }

    /// The `lines` and their sums in `frame`, with the conditions that their rows meet where any says one; none without lines.
    fn table(&self, lines: Vec<Line>, frame: &Frame<'_>) -> Result<Option<LazyTable>> {
        if lines.is_empty() {
            return Ok(None);
        }
        let wide = |width: f32, column: Column| Column { width_characters: width, ..column };
        let worded = frame.words.iter().enumerate().map(|(place, (key, caption, kind))| {
            let last = (place == 0).then_some(frame.total);
            let words = |line: &Line| line.words[place].clone();
            let values = if place == 0 && lines.iter().any(|line| line.code.is_some()) {
                Values::terms(lines.iter().map(|line| dated(&words(line), line.code.clone())).chain([dated(frame.total, None)]))
            } else {
                Values::text(lines.iter().map(|line| Some(words(line))).chain([last.map(str::to_owned)]))
            };
            wide(24.0, Column::new(key, caption, *kind, values))
        });
        let counted = frame.figures.iter().enumerate().map(|(place, (key, caption))| {
            let counts = lines.iter().map(|line| line.counts[place]);
            let counts = Values::counts(counts.clone().chain([counts.sum()]));
            wide(10.0, Column::new(key, caption, ColumnType::Count, counts))
        });
        let rows = lines.iter().any(|line| !line.rows.is_empty()).then(|| {
            let cells = lines.iter().map(|line| line.rows.as_str()).chain([frame.rows]);
            let cells = Values::text(cells.map(|rows| Some(rows).filter(|rows| !rows.is_empty())));
            wide(100.0, Column::new("rows", &self.template.words.rows_meet, ColumnType::Text, cells))
        });
        LazyTable::made(worded.chain(counted).chain(rows).collect(), 1).map(Some)
    }
}

impl Line {
    fn add(&mut self, counts: [u64; 3]) {
        self.counts.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
}

/// Words that programs know by the day `code`, or as they are where it is none.
pub(in crate::report) fn dated(words: &str, code: Option<String>) -> Term {
    let list = if code.is_some() { "day" } else { "" };
    Term { list, code: code.unwrap_or_default(), caption: words.to_owned(), meaning: String::new() }
}

/// The condition that the cell of column `key` is `text`, or empty.
fn is(key: &str, text: Option<&str>) -> String {
    text.map_or_else(|| format!("{key} is null"), |text| format!("{key} = '{}'", text.replace('\'', "''")))
}

/// A month or week.
pub struct Period {
    /// Its first day.
    first: NaiveDate,
    /// What a reader sees of it.
    label: fn(DateStyle, NaiveDate) -> String,
}

/// The month of a day, as in `2026-03`.
pub fn month(day: NaiveDate) -> Period {
    Period { first: day.with_day(1).unwrap_or(day), label: DateStyle::month }
}

/// The week of a day, as in `2026-03-02` by the Monday on or before it.
pub fn week(day: NaiveDate) -> Period {
    let first = day - chrono::TimeDelta::days(i64::from(day.weekday().num_days_from_monday()));
    Period { first, label: DateStyle::day }
}

pub(in crate::report) fn code_of(texts: &CodedText, row: usize) -> u32 {
    texts.codes.get(row).unwrap_or(NONE)
}

/// The text with this code; `None` for [`NONE`].
pub(in crate::report) fn text_of(texts: &CodedText, code: u32) -> Option<&str> {
    if code == NONE { None } else { texts.texts.get(code as usize) }
}
