//! A report as one document for programs: its cover, its counts and its sections with data, under stable names. The formats that
//! are such documents write the same of it.

use serde::Serialize;

use crate::domain::data_quality::QualityFlag;
use crate::domain::date::text::{append, write_date};
use crate::domain::status::{Detail, Status};
use crate::error::Result;
use crate::export::typed::{type_name, write_exact_instant};
use crate::report::summary::{Summary, Upcoming};
use crate::report::{Column, Content, LazyTable, Page, Report, Section, SectionId};

/// The version of the documents; it changes when a name changes its meaning or goes.
pub const VERSION: u32 = 1;

/// What a report is and what it was made from.
#[derive(Debug, Serialize)]
pub struct CoverData<'a> {
    /// Its title.
    pub title: &'a str,
    /// The language of all words.
    pub language: &'a str,
    /// The instant that it speaks of.
    pub as_of: String,
    /// Who operates the porting team.
    pub operator: Option<&'a str>,
    /// The filters, a sentence each.
    pub filters: &'a [String],
    /// The order of the rows, a sentence.
    pub order: &'a str,
    /// The page, if the report is one of several.
    pub page: Option<PageData>,
    /// The oldest change among the rows, in words.
    pub oldest_change: Option<&'a str>,
    /// The inputs.
    pub sources: &'a [String],
    /// The confidentiality notice.
    pub notice: &'a str,
}

/// Which page of a selection a report is.
#[derive(Debug, Serialize)]
pub struct PageData {
    /// Its number, from 1.
    pub number: u64,
    /// Of how many.
    pub of: u64,
    /// Rows on a page.
    pub size: u64,
    /// Rows on all pages.
    pub rows: u64,
}

/// The counts of all rows selected, whatever the page.
#[derive(Debug, Serialize)]
pub struct FiguresData<'a> {
    /// All of them.
    pub numbers: u64,
    /// By status; without one, those whose status is not known.
    pub by_status: Vec<StatusCount>,
    /// By detailed status.
    pub by_detail: Vec<DetailCount>,
    /// By data-quality flag.
    pub quality_flags: Vec<FlagCount>,
    /// The accounts with most numbers that wait for the partner.
    pub waiting_accounts: Vec<AccountCount<'a>>,
    /// Open numbers by when they are due to port.
    pub upcoming: UpcomingData,
}

/// Numbers of a status.
#[derive(Debug, Serialize)]
pub struct StatusCount {
    /// The code.
    pub status: Option<&'static str>,
    /// All of them.
    pub numbers: u64,
    /// The local ones.
    pub local: u64,
    /// The toll-free ones.
    pub toll_free: u64,
}

/// Numbers of a detailed status.
#[derive(Debug, Serialize)]
pub struct DetailCount {
    /// The code of the status.
    pub status: Option<&'static str>,
    /// The code of the detail.
    pub detail: Option<&'static str>,
    /// How many.
    pub numbers: u64,
}

/// Numbers with a data-quality flag.
#[derive(Debug, Serialize)]
pub struct FlagCount {
    /// The code.
    pub flag: &'static str,
    /// How many.
    pub numbers: u64,
}

/// Numbers of an account.
#[derive(Debug, Serialize)]
pub struct AccountCount<'a> {
    /// The account.
    pub account_id: &'a str,
    /// Its company.
    pub account_company: &'a str,
    /// How many.
    pub numbers: u64,
}

/// Open numbers by when they are due to port.
#[derive(Debug, Serialize)]
pub struct UpcomingData {
    /// By week.
    pub weeks: Vec<WeekCount>,
    /// After those weeks.
    pub later: DatedCount,
    /// Before the day of the report.
    pub passed: DatedCount,
    /// Without a date.
    pub no_date: u64,
}

/// Open numbers of a week.
#[derive(Debug, Serialize)]
pub struct WeekCount {
    /// Its first day.
    pub from: String,
    /// By the confirmed date.
    pub confirmed: u64,
    /// By the estimated date.
    pub estimated: u64,
}

/// Open numbers by the basis of their date.
#[derive(Debug, Serialize)]
pub struct DatedCount {
    /// By the confirmed date.
    pub confirmed: u64,
    /// By the estimated date.
    pub estimated: u64,
}

/// A column, beside the rows that have it.
#[derive(Debug, Serialize)]
pub struct ColumnData<'a> {
    /// Its key.
    pub key: &'a str,
    /// What a reader sees above it.
    pub caption: &'a str,
    /// What its values are.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

impl<'a> CoverData<'a> {
    /// That of `report`.
    pub fn of(report: &'a Report) -> Self {
        let cover = &report.cover;
        let given = |text: &'a str| Some(text).filter(|text| !text.is_empty());
        let mut as_of = String::new();
        append(&mut as_of, |ascii| write_exact_instant(ascii, cover.as_of.micros()));
        Self {
            title: &cover.title,
            language: &report.language,
            as_of,
            operator: given(&cover.operator),
            filters: &cover.filters,
            order: &cover.order,
            page: cover.page.map(|Page { number, of, size, rows, .. }| PageData { number, of, size, rows }),
            oldest_change: given(&cover.oldest_change),
            sources: &cover.sources,
            notice: &cover.notice,
        }
    }
}

impl<'a> FiguresData<'a> {
    /// Those of `summary`.
    pub fn of(summary: &'a Summary) -> Self {
        let status = |(status, local, toll_free): &(Option<Status>, u64, u64)| StatusCount {
            status: status.map(Status::code),
            numbers: local + toll_free,
            local: *local,
            toll_free: *toll_free,
        };
        let detail = |(status, detail, numbers): &(Option<Status>, Option<Detail>, u64)| DetailCount {
            status: status.map(Status::code),
            detail: detail.map(Detail::code),
            numbers: *numbers,
        };
        let flag = |(flag, numbers): &(QualityFlag, u64)| FlagCount { flag: flag.code(), numbers: *numbers };
        let account = |(account_id, account_company, numbers): &'a (String, String, u64)| AccountCount {
            account_id,
            account_company,
            numbers: *numbers,
        };
        Self {
            numbers: summary.rows,
            by_status: summary.by_number_type.iter().map(status).collect(),
            by_detail: summary.by_detail.iter().map(detail).collect(),
            quality_flags: summary.quality_flags.iter().map(flag).collect(),
            waiting_accounts: summary.waiting_accounts.iter().map(account).collect(),
            upcoming: UpcomingData::of(&summary.upcoming),
        }
    }
}

impl UpcomingData {
    fn of(upcoming: &Upcoming) -> Self {
        let dated = |[confirmed, estimated]: [u64; 2]| DatedCount { confirmed, estimated };
        let week = |(day, [confirmed, estimated]): &(i32, [u64; 2])| {
            let mut from = String::new();
            append(&mut from, |ascii| write_date(ascii, *day));
            WeekCount { from, confirmed: *confirmed, estimated: *estimated }
        };
        Self {
            weeks: upcoming.weeks.iter().map(week).collect(),
            later: dated(upcoming.later),
            passed: dated(upcoming.passed),
            no_date: upcoming.no_date,
        }
    }
}

impl<'a> ColumnData<'a> {
    /// Those of `columns`.
    pub fn of(columns: &'a [Column]) -> Vec<Self> {
        columns.iter().map(|column| Self { key: &column.key, caption: &column.caption, kind: type_name(column.kind) }).collect()
    }
}

/// The sections of `report` that hold data beside the numbers, in order, each with its rows; none where a sentence stands in their
/// place.
pub fn data_sections(report: &Report) -> impl Iterator<Item = Result<(&Section, Option<LazyTable>)>> {
    let is_shown = |section: &&Section| section.id.holds_data() && section.id != SectionId::Numbers;
    report.sections.iter().filter(is_shown).map(|section| {
        let table = match &section.content {
            Content::Rows(table) => Some(table.clone()),
            Content::Table { table, totals } => Some(LazyTable::made(table.columns.clone(), *totals)?),
            Content::Numbers | Content::Series(_) | Content::Text(_) => None,
        };
        Ok((section, table))
    })
}
