//! Makes the sections of a report from its counts and lists, in the order and the words of its template.

use chrono::NaiveDate;

use crate::domain::columns::ColumnType;
use crate::domain::data_quality::QualityFlag;
use crate::domain::date::text::DateStyle;
use crate::domain::status::{Detail, NumberType, Status};
use crate::error::Result;
use crate::report::changes;
use crate::report::glossary::{QUALITY_FLAGS, RISKS};
use crate::report::lists::Lists;
use crate::report::rows::LazyTable;
use crate::report::section_spec::{SectionId, SectionSpec};
use crate::report::summary::Summary;
use crate::report::table::{Column, Table, Term, Values};
use crate::report::template::{ColumnSpec, Template};
use crate::report::words::fill;
use crate::report::{Content, Point, Section, Series, Shape};
use crate::select::page::Page;

/// Makes the sections of a report.
pub struct SectionMaker<'a> {
    /// The words, and which sections there are.
    pub template: &'a Template,
    /// The counts of all rows selected.
    pub figures: &'a Summary,
    /// The page of the selection, when paging was asked for.
    pub page: Option<Page>,
    /// The rows of the table of numbers.
    pub rows: usize,
    /// The columns of the table of numbers.
    pub columns: &'a [ColumnSpec],
    /// The lists of numbers.
    pub lists: Lists,
}

impl SectionMaker<'_> {
    /// The sections of the template that have something to show.
    ///
    /// # Errors
    /// [`crate::error::Error::internal`] when the columns of a table differ in length.
    pub fn sections(&self) -> Result<Vec<Section>> {
        let section = |spec: &SectionSpec| {
            let content = self.content(spec).transpose()?;
            // What a list of the assignable does not know is said beside its counts.
            let is_unknown = spec.id == SectionId::Assignment && self.lists.completed_not_assigned.is_none();
            let explanation = if is_unknown { &spec.unavailable } else { &spec.explanation };
            let explanation =
                changes::explained(explanation, self.lists.changes.as_ref().filter(|_| spec.id == SectionId::Changes), self.template);
            let (heading, places) = (self.heading(spec), spec.formats.clone());
            let section = |content| Ok(Section { id: spec.id, heading: heading?, explanation, accent: spec.accent, places, content });
            Some(content.and_then(section))
        };
        self.template.sections.iter().filter_map(section).collect()
    }

    pub(in crate::report) fn content(&self, spec: &SectionSpec) -> Result<Option<Content>> {
        let content = match spec.id {
            SectionId::Numbers => Some(Content::Numbers),
            SectionId::StatusChart => Some(Content::Series(self.status_chart())),
            SectionId::WeeksChart => Some(self.weeks_chart()).filter(|series| !series.points.is_empty()).map(Content::Series),
            SectionId::AccountsChart => self.first_rows(SectionId::ByAccount)?.map(Content::Series),
            SectionId::AgeingChart => self.first_rows(SectionId::Ageing)?.map(Content::Series),
            SectionId::ReadyToAssign => rows(&self.lists.ready_to_assign),
            SectionId::CompletedNotAssigned => match &self.lists.completed_not_assigned {
                Some(table) => rows(table),
                None => return Ok(None),
            },
            SectionId::WaitingForYou => rows(&self.lists.waiting_for_you),
            SectionId::HiddenStates => rows(&self.lists.hidden_states),
            SectionId::Changes if self.lists.changes.is_none() => return Ok(None),
            SectionId::RiskCounts => table(self.risk_counts(), 1)?,
            id if id.is_list() => self.lists.others.iter().find(|(other, _)| *other == id).and_then(|(_, table)| rows(table)),
            // What is completed and not assigned stands below the total of what is ready.
            SectionId::Assignment => table(self.assignment(), 1 + usize::from(self.lists.completed_not_assigned.is_some()))?,
            SectionId::ByWeek => table(self.by_week(), 3)?,
            SectionId::NoticeLine => Some(Content::Text(vec![self.template.notice.clone()])),
            SectionId::Notice => Some(Content::Text(self.template.caveats.clone())),
            SectionId::ByStatus => table(self.by_status(), 1)?,
            SectionId::Counts => table(self.counts(), 2)?,
            _ => table(self.plain_table(spec), 0)?,
        };
        let empty = if self.figures.rows == 0 { &self.template.words.empty_report } else { &spec.empty };
        let instead = || (!spec.empty.is_empty()).then(|| Content::Text(vec![empty.clone()]));
        Ok(content.filter(|content| !matches!(content, Content::Text(texts) if texts.iter().all(String::is_empty))).or_else(instead))
    }

    /// The columns of a table without totals; none for what no column of the report shows.
    fn plain_table(&self, spec: &SectionSpec) -> Vec<Column> {
        let shows = |key: &str| self.columns.iter().any(|column| column.key == key);
        match spec.id {
            SectionId::ByDetail => self.by_detail(),
            SectionId::StatusAndDetail => self.status_and_detail(),
            SectionId::StateCounts => self.state_counts(),
            SectionId::WaitingAccounts => self.waiting_accounts(),
            SectionId::DataQuality => self.data_quality(),
            SectionId::Sheets => self.sheets(spec),
            SectionId::Names => self.names(spec),
            SectionId::Columns => self.columns(&spec.heading),
            SectionId::Statuses => self.glossary(&spec.heading, "status"),
            SectionId::Details => self.details(&spec.heading),
            SectionId::NumberStates if shows("number_state") => self.glossary(&spec.heading, "number_state"),
            SectionId::QualityFlags if shows(QUALITY_FLAGS) => self.glossary(&spec.heading, QUALITY_FLAGS),
            _ => Vec::new(),
        }
    }

    pub(in crate::report) fn status(&self, status: Option<Status>) -> Term {
        self.template.term("status", status.map(Status::code))
    }

    pub(in crate::report) fn detail(&self, detail: Option<Detail>) -> Term {
        self.template.term("detail", detail.map(Detail::code))
    }

    /// A column of terms under the caption of the report's column `key`.
    fn terms(&self, key: &str, terms: impl IntoIterator<Item = Term>) -> Column {
        Column::new(key, self.template.caption(key), ColumnType::Choice, Values::terms(terms))
    }

    fn numbers(&self, counts: impl IntoIterator<Item = u64>) -> Column {
        Column::new("numbers", &self.template.words.numbers, ColumnType::Count, Values::counts(counts))
    }

    fn shares(&self, counts: impl IntoIterator<Item = Option<u64>>) -> Column {
        let whole = self.figures.rows.max(1) as f64;
        let shares = counts.into_iter().map(|count| count.map(|count| count as f64 / whole));
        Column::new("share", &self.template.words.share, ColumnType::Share, Values::shares(shares))
    }

    fn status_chart(&self) -> Series {
        let (figures, words) = (self.figures, &self.template.words);
        let point = |(status, local, toll_free): &(Option<Status>, u64, u64)| {
            let count = local + toll_free;
            let share = words.percent(count as f64 / figures.rows.max(1) as f64);
            let values = [("share", &*share), ("local", &words.thousands(*local)), ("toll_free", &words.thousands(*toll_free))];
            let note = if count > 0 { fill(&words.beside_bar, &values) } else { String::new() };
            Point { label: self.status(*status), count, note }
        };
        Series {
            shape: Shape::Bars,
            table: SectionId::ByStatus,
            label_column: 0,
            points: figures.by_number_type.iter().map(point).collect(),
        }
    }

    /// The weeks, and what is due after them if anything is: label and counts by the confirmed and by the estimated date.
    fn weeks(&self) -> Vec<(Term, [u64; 2])> {
        let upcoming = &self.figures.upcoming;
        let week = |(day, counts): &(i32, [u64; 2])| {
            let day = NaiveDate::from_epoch_days(*day).unwrap_or_default();
            (Term { code: day.to_string(), ..total(&self.template.words.dates.day(day)) }, *counts)
        };
        let later = (upcoming.later != [0, 0]).then(|| (total(&self.template.words.later), upcoming.later));
        upcoming.weeks.iter().map(week).chain(later).collect()
    }

    fn weeks_chart(&self) -> Series {
        let point = |(term, counts): (Term, [u64; 2])| {
            // The year stands in the table.
            let short = if self.template.words.dates == DateStyle::Iso { term.caption.get(5..) } else { term.caption.get(..5) };
            let caption = short.filter(|_| !term.code.is_empty()).unwrap_or(&term.caption);
            Point { label: Term { caption: caption.to_owned(), ..term.clone() }, count: counts.iter().sum(), note: String::new() }
        };
        Series { shape: Shape::Columns, table: SectionId::ByWeek, label_column: 0, points: self.weeks().into_iter().map(point).collect() }
    }

    fn by_status(&self) -> Vec<Column> {
        let (lines, words) = (&self.figures.by_number_type, &self.template.words);
        let counts = |key: &str, caption: &str, count: fn(&(Option<Status>, u64, u64)) -> u64| {
            let counts = lines.iter().map(count);
            Column::new(key, caption, ColumnType::Count, Values::counts(counts.clone().chain([counts.sum()])))
        };
        vec![
            self.terms("status", lines.iter().map(|line| self.status(line.0)).chain([total(&words.all_numbers)])),
            counts("numbers", &words.numbers, |line| line.1 + line.2),
            self.shares(lines.iter().map(|line| Some(line.1 + line.2)).chain([None])),
            counts("local", &self.template.number_type(NumberType::Local), |line| line.1),
            counts("toll_free", &self.template.number_type(NumberType::TollFree), |line| line.2),
        ]
    }

    fn by_detail(&self) -> Vec<Column> {
        let lines = &self.figures.by_detail;
        vec![
            self.terms("detail", lines.iter().map(|line| self.detail(line.1))),
            self.numbers(lines.iter().map(|line| line.2)),
            self.shares(lines.iter().map(|line| Some(line.2))),
            self.terms("status", lines.iter().map(|line| self.status(line.0))),
        ]
    }

    /// Each status with its count, followed by its details with theirs.
    fn lines(&self) -> Vec<(Term, u64)> {
        let figures = self.figures;
        let mut lines = Vec::new();
        for (status, count) in &figures.by_status {
            lines.push((self.status(*status), *count));
            let details = figures.by_detail.iter().filter(|line| line.0 == *status);
            lines.extend(details.map(|(_, detail, count)| (self.detail(*detail), *count)));
        }
        lines
    }

    fn counted(&self, lines: &[(Term, u64)]) -> Vec<Column> {
        let terms = Values::terms(lines.iter().map(|line| line.0.clone()));
        let words = Column::new("status", &self.template.words.status_and_detail, ColumnType::Status, terms);
        vec![words, self.numbers(lines.iter().map(|line| line.1))]
    }

    fn status_and_detail(&self) -> Vec<Column> {
        let lines = self.lines();
        let mut columns = self.counted(&lines);
        columns.push(self.shares(lines.iter().map(|line| Some(line.1))));
        columns
    }

    fn counts(&self) -> Vec<Column> {
        let words = &self.template.words;
        let in_this_file = self.page.map_or_else(
            || words.in_this_file.clone(),
            |page| fill(&words.in_this_file_page, &[("page", &words.thousands(page.number)), ("pages", &words.thousands(page.of))]),
        );
        let mut lines = self.lines();
        lines.push((total(&words.all_numbers), self.figures.rows));
        lines.push((total(&in_this_file), self.rows as u64));
        self.counted(&lines)
    }

    /// The open numbers by week of their port, confirmed and estimated apart, with those whose date has passed and those that
    /// have none; none where no number is open.
    fn by_week(&self) -> Vec<Column> {
        let (upcoming, words) = (&self.figures.upcoming, &self.template.words);
        let open = upcoming.open();
        if open == 0 {
            return Vec::new();
        }
        let mut lines = self.weeks();
        lines.push((total(&words.date_passed), upcoming.passed));
        let dated = lines.iter().fold([0, 0], |sum, (_, counts)| [sum[0] + counts[0], sum[1] + counts[1]]);
        lines.push((total(&words.no_date), [0, 0]));
        lines.push((total(&words.all_open), dated));
        let count = lines.len();
        let numbers = lines.iter().enumerate().map(|(line, (_, counts))| match count - line {
            1 => open,
            2 => upcoming.no_date,
            _ => counts.iter().sum(),
        });
        let of_basis = |key: &str, caption: &str, basis: usize| {
            Column::new(key, caption, ColumnType::Count, Values::counts(lines.iter().map(|(_, counts)| counts[basis])))
        };
        vec![
            Column::new("week", &words.week, ColumnType::Choice, Values::terms(lines.iter().map(|(term, _)| term.clone()))),
            self.numbers(numbers),
            of_basis("confirmed", &words.confirmed, 0),
            of_basis("estimated", &words.estimated, 1),
        ]
    }

    /// Numbers that are ready to be assigned, by type.
    fn assignment(&self) -> Vec<Column> {
        let (words, [local, toll_free]) = (&self.template.words, self.lists.ready_by_type);
        let completed = self.lists.completed_not_assigned.as_ref();
        if self.figures.rows == 0 {
            return Vec::new();
        }
        let mut lines = vec![(&words.ready_local, local), (&words.ready_toll_free, toll_free), (&words.ready_to_assign, local + toll_free)];
        lines.extend(completed.map(|table| (&words.completed_not_assigned, table.rows as u64)));
        vec![
            Column::new("assignment", &words.assignment, ColumnType::Choice, Values::terms(lines.iter().map(|line| total(line.0)))),
            self.numbers(lines.iter().map(|line| line.1)),
        ]
    }

    fn state_counts(&self) -> Vec<Column> {
        let states = &self.lists.by_hidden_state;
        let terms = states.iter().map(|(state, _)| self.template.term("number_state", Some(state.code())));
        if states.is_empty() { Vec::new() } else { vec![self.terms("number_state", terms), self.numbers(states.iter().map(|line| line.1))] }
    }

    /// Numbers by the reasons why they are at risk; a number may have several.
    fn risk_counts(&self) -> Vec<Column> {
        let (risks, all) = &self.lists.by_risk;
        if *all == 0 {
            return Vec::new();
        }
        let words = &self.template.words;
        let terms = risks.iter().map(|(risk, _)| self.template.term(RISKS, Some(risk.code()))).chain([total(&words.all_at_risk)]);
        vec![
            Column::new("risk", &words.risks_in_words, ColumnType::Choice, Values::terms(terms)),
            self.numbers(risks.iter().map(|(_, count)| *count).chain([*all])),
        ]
    }

    fn waiting_accounts(&self) -> Vec<Column> {
        let accounts = &self.figures.waiting_accounts;
        let text = |cell: fn(&(String, String, u64)) -> &String| Values::text(accounts.iter().map(|account| Some(cell(account))));
        let caption = |key| self.template.caption(key);
        vec![
            Column::new("account_company", caption("account_company"), ColumnType::Text, text(|account| &account.1)),
            Column::new(
                "waiting",
                &self.template.words.waiting,
                ColumnType::Count,
                Values::counts(accounts.iter().map(|account| account.2)),
            ),
            Column::new("account_id", caption("account_id"), ColumnType::Id, text(|account| &account.0)),
        ]
    }

    fn data_quality(&self) -> Vec<Column> {
        let words = &self.template.words;
        let term = |(flag, count): &(QualityFlag, u64)| Some((self.template.terms.term(QUALITY_FLAGS, flag.code())?, *count));
        let flags: Vec<(Term, u64)> = self.figures.quality_flags.iter().filter_map(term).collect();
        vec![
            Column::new("flag", &words.flag, ColumnType::Text, Values::terms(flags.iter().map(|flag| flag.0.clone()))),
            self.numbers(flags.iter().map(|flag| flag.1)),
            Column::new("meaning", &words.meaning, ColumnType::Text, Values::text(flags.iter().map(|flag| Some(&flag.0.meaning)))),
        ]
    }
}

fn rows(table: &LazyTable) -> Option<Content> {
    (table.rows > 0).then(|| Content::Rows(table.clone()))
}

/// A table whose last `totals` rows are totals; none without rows.
fn table(columns: Vec<Column>, totals: usize) -> Result<Option<Content>> {
    let rows = columns.first().map_or(0, |column| column.values.len());
    let table = Table::new(rows, columns)?;
    Ok((rows > 0).then_some(Content::Table { table, totals }))
}

/// The words before a total.
fn total(caption: &str) -> Term {
    Term { caption: caption.to_owned(), ..Term::default() }
}
