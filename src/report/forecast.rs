//! What lies ahead of the open numbers, by week and account: how many go live, how many may not, how many moved to a later date, and what that costs by the amounts of the template.

use std::collections::BTreeMap;

use polars::prelude::PlHashMap;

use crate::domain::columns::ColumnType;
use crate::domain::data_quality::QualityFlag;
use crate::domain::date::monday;
use crate::domain::date::text::DateStyle;
use crate::domain::record::Field;
use crate::domain::status::{Detail, Priority, Status};
use crate::domain::text::natural_order;
use crate::error::Result;
use crate::history::{Change, Changes};
use crate::report::amounts::{Amount, Amounts};
use crate::report::breakdowns::{code_of, dated, text_of};
use crate::report::row_facts::RowFacts;
use crate::report::rows::LazyTable;
use crate::report::table::{Column, Values};
use crate::report::template::Template;
use crate::report::words::{Words, fill};
use crate::source::coded_text::{CodedText, NONE};

/// Makes the forecast.
pub struct Forecast<'a> {
    /// The rows.
    pub facts: &'a RowFacts<'a>,
    /// The words and amounts.
    pub template: &'a Template,
    /// The rows at risk, by their places in the selection.
    pub at_risk: &'a [usize],
    /// What became of the numbers since an earlier report.
    pub changes: Option<&'a Changes>,
}

/// When numbers go live, by their confirmed date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    /// Before the day of the report.
    Passed,
    /// In the week that begins on this day; the first week on the day of the report.
    Week(i32),
    /// There is no date.
    NoDate,
}

/// What is counted of numbers.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    numbers: u64,
    at_risk: u64,
    slipped: u64,
    expedited: u64,
    rejected: u64,
    canceling: u64,
    days_billed_twice: u64,
}

/// Counts that cost money: key and caption of their column and of that of the sum, and the amount for each.
struct Cost<'t> {
    counted: (&'static str, &'t str),
    sum: (&'static str, &'t str),
    count: fn(&Counts) -> u64,
    amount: Option<Amount>,
}

/// What is counted of the numbers of an account that go live in a week.
struct Line {
    when: When,
    /// The codes of the account and of its first company.
    account: u32,
    company: u32,
    counts: Counts,
}

impl Forecast<'_> {
    /// The table, its total last; none where no number is open.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn table(&self) -> Result<Option<LazyTable>> {
        let frame = self.facts.selection.classified.frame();
        let texts = [frame.coded(Field::AccountId.key())?, frame.coded(Field::AccountCompany.key())?];
        let mut lines = self.lines(&texts)?;
        if lines.is_empty() {
            return Ok(None);
        }
        let id = |line: &Line| text_of(&texts[0], line.account).unwrap_or_default();
        lines.sort_by(|one, two| {
            let by_numbers = two.counts.numbers.cmp(&one.counts.numbers);
            one.when.cmp(&two.when).then(by_numbers).then_with(|| natural_order(id(one), id(two)))
        });
        let words = &self.template.words;
        let week = |when: When, dates: DateStyle| match when {
            When::Passed => words.date_passed.clone(),
            When::Week(day) => dates.day(chrono::NaiveDate::from_epoch_days(day).unwrap_or_default()),
            When::NoDate => words.no_date.clone(),
        };
        let text = |key: &str, caption: &str, kind, width: f32, cells: Vec<Option<String>>| Column {
            width_characters: width,
            ..Column::new(key, caption, kind, Values::text(cells))
        };
        let with_total = |cell: &dyn Fn(&Line) -> String, total: Option<&String>| -> Vec<Option<String>> {
            lines.iter().map(|line| Some(cell(line))).chain([total.cloned()]).collect()
        };
        let weeks = match words.dates {
            DateStyle::Iso => Values::text(with_total(&|line| week(line.when, DateStyle::Iso), Some(&words.all_open))),
            dates => {
                let code = |when: When| matches!(when, When::Week(_)).then(|| week(when, DateStyle::Iso));
                let weeks = lines.iter().map(|line| dated(&week(line.when, dates), code(line.when)));
                Values::terms(weeks.chain([dated(&words.all_open, None)]))
            }
        };
        let blank = |text: Option<&str>| text.unwrap_or(&words.blank).to_owned();
        let mut columns = vec![
            Column { values: weeks, ..text("week", &words.week, ColumnType::Text, 16.0, Vec::new()) },
            text(
                "account_id",
                self.template.caption("account_id"),
                ColumnType::Id,
                14.0,
                with_total(&|line| blank(text_of(&texts[0], line.account)), None),
            ),
            text(
                "account_company",
                self.template.caption("account_company"),
                ColumnType::Text,
                30.0,
                with_total(&|line| text_of(&texts[1], line.company).unwrap_or_default().to_owned(), None),
            ),
        ];
        let counts: Vec<Counts> = lines.iter().map(|line| line.counts).collect();
        columns.extend(self.figures(&counts));
        LazyTable::made(columns, 1).map(Some)
    }

    /// The counts of each week and account with open numbers, and the first company of the account there.
    fn lines(&self, [accounts, companies]: &[CodedText; 2]) -> Result<Vec<Line>> {
        let facts = self.facts;
        let priorities = facts.selection.classified.frame().coded(Field::Priority.key())?;
        let mut is_at_risk = vec![false; facts.count()];
        self.at_risk.iter().for_each(|row| is_at_risk[*row] = true);
        let slips = self.slips();
        let today = facts.selection.classified.as_of().days();
        let mut groups: BTreeMap<(When, u32), (u32, Counts)> = BTreeMap::new();
        for (row, number) in facts.selection.rows.iter().flatten().enumerate() {
            if !facts.status(row).is_some_and(Status::is_open) {
                continue;
            }
            let confirmed = facts.confirmed[row];
            let slip = slips.get(&number).copied().unwrap_or(0);
            let passed = confirmed.map_or(0, |day| u64::try_from(today - day).unwrap_or(0));
            let group = (when(confirmed, today), code_of(accounts, number as usize));
            let (company, counts) = groups.entry(group).or_insert((NONE, Counts::default()));
            if *company == NONE {
                *company = code_of(companies, number as usize);
            }
            counts.numbers += 1;
            counts.at_risk += u64::from(is_at_risk[row]);
            counts.slipped += u64::from(slip > 0);
            counts.expedited += u64::from(priorities.text(number as usize) == Some(Priority::Expedite.code()));
            counts.rejected += u64::from(usize::from(facts.detail[row]) == Detail::Rejected as usize);
            counts.canceling += u64::from(facts.mask[row] & QualityFlag::CancellationPending.bit() != 0);
            counts.days_billed_twice += slip + passed;
        }
        Ok(groups.into_iter().map(|((when, account), (company, counts))| Line { when, account, company, counts }).collect())
    }

    /// By row, the days by which a number's confirmed date moved to a later one since the earlier report.
    fn slips(&self) -> PlHashMap<u32, u64> {
        let slip = |change: &Change| {
            let [then, now] = change.confirmed;
            let days = u64::try_from(now? - then?).ok().filter(|days| *days > 0)?;
            Some((change.row, days))
        };
        self.changes.iter().flat_map(|changes| changes.changed.iter()).filter_map(slip).collect()
    }

    /// The columns of figures: counts, and for each amount of the template what it is for and what it comes to.
    fn figures(&self, lines: &[Counts]) -> Vec<Column> {
        let (words, amounts) = (&self.template.words, &self.template.amounts);
        let narrow = |column: Column| Column { width_characters: 12.0, ..column };
        let count = |key: &str, caption: &str, of: &dyn Fn(&Counts) -> u64| {
            let counts: Vec<u64> = lines.iter().map(of).collect();
            let total = counts.iter().sum::<u64>();
            narrow(Column::new(key, caption, ColumnType::Count, Values::counts(counts.into_iter().chain([total]))))
        };
        let money = |key: &str, caption: &str, of: &dyn Fn(&Counts) -> i64| {
            let sums: Vec<i64> = lines.iter().map(of).collect();
            let total = sums.iter().sum::<i64>();
            let caption = fill(caption, &[("currency", &amounts.currency)]);
            narrow(Column::new(key, &caption, ColumnType::Amount, Values::amounts(sums.into_iter().chain([total]))))
        };
        let mut columns = vec![
            count("numbers", &words.numbers, &|counts| counts.numbers),
            count("at_risk", &words.forecast_at_risk, &|counts| counts.at_risk),
        ];
        if self.changes.is_some() {
            columns.push(count("slipped", &words.forecast_slipped, &|counts| counts.slipped));
        }
        let costs: Vec<(Cost<'_>, Amount)> =
            costs(words, amounts).into_iter().filter_map(|cost| cost.amount.map(|amount| (cost, amount))).collect();
        for (cost, amount) in &costs {
            columns.push(count(cost.counted.0, cost.counted.1, &cost.count));
            columns.push(money(cost.sum.0, cost.sum.1, &|counts| product((cost.count)(counts), *amount)));
        }
        if costs.len() > 1 {
            let all = |counts: &Counts| costs.iter().map(|(cost, amount)| product((cost.count)(counts), *amount)).sum();
            columns.push(money("costs", &words.forecast_costs, &all));
        }
        columns
    }
}

/// What may cost money.
fn costs<'t>(words: &'t Words, amounts: &Amounts) -> [Cost<'t>; 4] {
    [
        Cost {
            counted: ("expedited", &words.forecast_expedited),
            sum: ("expedite_fees", &words.forecast_expedite_fees),
            count: |counts| counts.expedited,
            amount: amounts.expedite,
        },
        Cost {
            counted: ("rejected", &words.forecast_rejected),
            sum: ("resubmission_fees", &words.forecast_resubmission_fees),
            count: |counts| counts.rejected,
            amount: amounts.resubmission,
        },
        Cost {
            counted: ("cancellation_pending", &words.forecast_canceling),
            sum: ("cancellation_fees", &words.forecast_cancellation_fees),
            count: |counts| counts.canceling,
            amount: amounts.cancellation,
        },
        Cost {
            counted: ("double_billing_days", &words.forecast_double_billing_days),
            sum: ("double_billing", &words.forecast_double_billing),
            count: |counts| counts.days_billed_twice,
            amount: amounts.double_billing,
        },
    ]
}

fn product(count: u64, amount: Amount) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(amount.0)
}

fn when(confirmed: Option<i32>, today: i32) -> When {
    match confirmed {
        None => When::NoDate,
        Some(day) if day < today => When::Passed,
        Some(day) => When::Week(monday(day).max(today)),
    }
}
