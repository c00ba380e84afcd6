//! Counts of the rows selected by account, by the month and week of their completion, by reject reason and by age. Each ends with its total, one that the counts by status have too.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use polars::prelude::PlHashMap;

use crate::domain::columns::ColumnType;
use crate::domain::record::Field;
use crate::domain::status::{Detail, NumberType, Status};
use crate::domain::text::natural_order;
use crate::error::Result;
use crate::report::row_facts::RowFacts;
use crate::report::rows::LazyTable;
use crate::report::style::{self, STATUSES};
use crate::report::table::{Column, Values};
use crate::report::template::Template;
use crate::report::words::fill;
use crate::source::coded_text::{CodedText, NONE};

/// The statuses of orders that are not closed, by their places.
const OPEN: [Status; 3] = [Status::WaitingForYou, Status::Scheduled, Status::InProgress];

/// Makes the tables in the words of a template.
pub struct Breakdowns<'a> {
    /// The rows.
    pub facts: &'a RowFacts<'a>,
    /// The words.
    pub template: &'a Template,
}

/// Counts beside what they are counts of, in order.
type Lines = Vec<(Vec<String>, Vec<u64>)>;

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
            (words, shown.iter().map(|place| counts[*place]).chain([counts.iter().sum()]).collect())
        };
        let mut lines: Lines = counts.iter().map(line).collect();
        lines.sort_by(|(left, a), (right, b)| b.last().cmp(&a.last()).then_with(|| natural_order(&left[0], &right[0])));
        let caption = |field: Field| (field.key(), self.template.caption(field.key()), field.column_type());
        let captions: Vec<_> = std::iter::once(field).chain(is_account.then_some(Field::AccountCompany)).map(caption).collect();
        let statuses = shown.iter().map(|place| self.status(STATUSES[*place]));
        let figures: Vec<String> = statuses.chain([self.template.words.all_numbers.clone()]).collect();
        self.table(&captions, &figures, lines, &self.template.words.all_numbers)
    }

    /// Completed numbers by what `period` makes of the day they were completed, the last first.
    ///
    /// # Errors
    /// As [`Breakdowns::by`].
    pub fn completed(&self, key: &'static str, caption: &str, period: fn(NaiveDate) -> String) -> Result<Option<LazyTable>> {
        let mut days: BTreeMap<Reverse<Option<i32>>, [u64; 2]> = BTreeMap::new();
        for row in (0..self.facts.count()).filter(|row| self.facts.status(*row) == Some(Status::Completed)) {
            days.entry(Reverse(self.facts.closed[row])).or_default()[usize::from(self.facts.toll_free[row])] += 1;
        }
        let mut lines: Lines = Vec::new();
        for (Reverse(day), [local, toll_free]) in days {
            let day = day.and_then(NaiveDate::from_epoch_days);
            let label = day.map_or_else(|| self.template.words.no_date.clone(), period);
            let counts = [local + toll_free, local, toll_free];
            match lines.last_mut().filter(|(last, _)| last[0] == label) {
                Some((_, sums)) => sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count),
                None => lines.push((vec![label], counts.to_vec())),
            }
        }
        let figures = [
            self.template.words.numbers.clone(),
            self.template.number_type(NumberType::Local),
            self.template.number_type(NumberType::TollFree),
        ];
        self.table(&[(key, caption, ColumnType::Text)], &figures, lines, &self.template.words.all_completed)
    }

    /// Numbers that were rejected, by reason: how many of them still wait for an answer; the most frequent first.
    ///
    /// # Errors
    /// As [`Breakdowns::by`].
    pub fn rejections(&self) -> Result<Option<LazyTable>> {
        let classified = &self.facts.selection.classified;
        let (codes, texts) = (classified.frame().coded("reason_code")?, classified.frame().coded("reject_reason")?);
        let is = |row: usize, detail: Detail| usize::from(self.facts.detail[row]) == detail as usize;
        let mut counts: BTreeMap<(u32, bool), [u64; 2]> = BTreeMap::new();
        for (row, number) in self.facts.selection.rows.iter().flatten().enumerate() {
            let (code, text) = (code_of(&codes, number as usize), code_of(&texts, number as usize));
            if code != NONE || text != NONE || is(row, Detail::Rejected) {
                let is_open = is(row, Detail::Rejected) || is(row, Detail::AdditionalInfoRequired);
                counts.entry((code, text != NONE)).or_default()[usize::from(!is_open)] += 1;
            }
        }
        let words = &self.template.words;
        let mut lines: Lines = Vec::new();
        for ((code, has_text), [open, answered]) in counts {
            let code = text_of(&codes, code).unwrap_or_default();
            let caption = classified.rules.reasons.combined(code).map(|combined| combined.caption);
            let caption = match caption.filter(|_| !code.is_empty()) {
                Some(caption) => caption,
                None if !code.is_empty() => code.to_owned(),
                None if has_text => words.reason_in_own_words.clone(),
                None => words.no_reason.clone(),
            };
            let counts = [open + answered, open, answered];
            match lines.iter_mut().find(|(words, _)| words[0] == caption && words[1] == code) {
                Some((_, sums)) => sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count),
                None => lines.push((vec![caption, code.to_owned()], counts.to_vec())),
            }
        }
        lines.sort_by(|(left, a), (right, b)| b[0].cmp(&a[0]).then_with(|| left.cmp(right)));
        let captions = [
            ("reason", self.template.caption("reason"), ColumnType::Text),
            ("reason_code", self.template.caption("reason_code"), ColumnType::Id),
        ];
        let figures = [words.numbers.clone(), words.reject_open.clone(), words.reject_answered.clone()];
        self.table(&captions, &figures, lines, &words.all_rejected)
    }

    /// Open numbers by age in business days, in the steps of the template, and by status.
    ///
    /// # Errors
    /// As [`Breakdowns::by`].
    pub fn ageing(&self) -> Result<Option<LazyTable>> {
        let (ages, words) = (&self.template.limits.ages, &self.template.words);
        let mut counts = vec![[0u64; OPEN.len()]; ages.len() + 2];
        for row in 0..self.facts.count() {
            let Some(place) = self.facts.status(row).and_then(|status| OPEN.iter().position(|open| *open == status)) else { continue };
            let step = self.facts.age[row].map_or(ages.len() + 1, |age| ages.iter().position(|last| age <= *last).unwrap_or(ages.len()));
            counts[step][place] += 1;
        }
        if counts.iter().flatten().sum::<u64>() == 0 {
            return Ok(None);
        }
        let days = |days: i32| words.thousands(days.unsigned_abs().into());
        let label = |step: usize| match (ages.get(step), step.checked_sub(1).and_then(|before| ages.get(before))) {
            (Some(last), None) => fill(&words.age_range, &[("first", "0"), ("last", &days(*last))]),
            (Some(last), Some(before)) => fill(&words.age_range, &[("first", &days(before + 1)), ("last", &days(*last))]),
            (None, Some(before)) => fill(&words.age_over, &[("last", &days(*before))]),
            (None, None) => words.age_unknown.clone(),
        };
        let lines = counts.iter().enumerate();
        let lines =
            lines.map(|(step, counts)| (vec![label(step)], counts.iter().copied().chain([counts.iter().sum()]).collect())).collect();
        let figures: Vec<String> = OPEN.map(|status| self.status(Some(status))).into_iter().chain([words.all_open.clone()]).collect();
        self.table(&[("age", &words.age, ColumnType::Text)], &figures, lines, &words.all_open)
    }

    fn status(&self, status: Option<Status>) -> String {
        self.template.term("status", status.map(Status::code)).caption
    }

    /// The `lines` and their sums, under the captions of their words and figures; none without lines.
    fn table(&self, words: &[(&str, &str, ColumnType)], figures: &[String], lines: Lines, total: &str) -> Result<Option<LazyTable>> {
        if lines.is_empty() {
            return Ok(None);
        }
        let worded = words.iter().enumerate().map(|(place, (key, caption, kind))| {
            let last = (place == 0).then_some(total);
            let cells = lines.iter().map(|(words, _)| Some(words[place].as_str())).chain([last]);
            column(key, caption, *kind, 24.0, Values::text(cells))
        });
        let counted = figures.iter().enumerate().map(|(place, caption)| {
            let counts = lines.iter().map(|(_, counts)| counts[place]);
            column(&format!("count_{}", place + 1), caption, ColumnType::Count, 10.0, Values::counts(counts.clone().chain([counts.sum()])))
        });
        LazyTable::made(worded.chain(counted).collect(), 1).map(Some)
    }
}

/// The month of a day, as in `2026-03`.
pub fn month(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

/// The Monday on or before a day, as in `2026-03-02`.
pub fn week(day: NaiveDate) -> String {
    let monday = day - chrono::TimeDelta::days(i64::from(day.weekday().num_days_from_monday()));
    monday.to_string()
}

fn code_of(texts: &CodedText, row: usize) -> u32 {
    texts.codes.get(row).unwrap_or(NONE)
}

/// The text with this code; `None` for [`NONE`].
fn text_of(texts: &CodedText, code: u32) -> Option<&str> {
    if code == NONE { None } else { texts.texts.get(code as usize) }
}

fn column(key: &str, caption: &str, kind: ColumnType, width_characters: f32, values: Values) -> Column {
    Column { key: key.to_owned(), caption: caption.to_owned(), kind, width_characters, values }
}
