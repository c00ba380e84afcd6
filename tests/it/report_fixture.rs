//! Builds reports for tests: every kind of cell, odd ones among them. Never reads a file.

use chrono::{TimeZone, Utc};
use polars::prelude::{Int32Chunked, Int64Chunked, NewChunkedArray, PlSmallStr, StringChunked, UInt32Chunked};
use portstatus::clock::AsOf;
use portstatus::domain::columns::ColumnType;
use portstatus::domain::data_quality::QualityFlag;
use portstatus::domain::status::{Detail, Spelling, Status};
use portstatus::report::lists::Lists;
use portstatus::report::sections::SectionMaker;
use portstatus::report::summary::{Summary, Upcoming};
use portstatus::report::template::Template;
use portstatus::report::{Column, Content, Cover, LazyTable, Report, SectionId, Table, Values, style};
use portstatus::templates::Templates;

pub use crate::edge_cases::{ODD_PHONES, ODD_TEXT};

/// What is known of a row.
type Pair = (Option<Status>, Option<Detail>);

/// The statuses and details of the rows, in turn.
pub fn pairs() -> Vec<Pair> {
    let mut pairs: Vec<_> = Detail::ALL.iter().map(|detail| (Some(detail.status()), Some(*detail))).collect();
    pairs.push((None, None));
    pairs
}

/// What a report made by hand consists of. A test changes what it is about.
#[derive(Clone)]
pub struct Draft {
    /// The template, its notices whole.
    pub template: Template,
    /// The cover; its notice is the template's.
    pub cover: Cover,
    /// The numbers.
    pub numbers: Table,
    /// The runs of equal rows.
    pub groups: Vec<(String, usize)>,
    /// The list of numbers that are ready to be assigned.
    pub ready_to_assign: Option<Table>,
    /// The list of numbers that wait for the partner.
    pub waiting_for_you: Table,
}

impl Draft {
    /// The report.
    pub fn report(self) -> Report {
        let Self { template, mut cover, numbers, groups, ready_to_assign, waiting_for_you } = self;
        cover.notice.clone_from(&template.notice);
        let columns: Vec<_> = numbers.columns.iter().filter_map(|column| template.column(&column.key)).collect();
        let maker = SectionMaker {
            template: &template,
            figures: &cover.figures,
            page: cover.page,
            rows: numbers.rows,
            columns: &columns,
            lists: Lists {
                ready_by_type: [ready_to_assign.as_ref().map_or(0, |table| table.rows as u64), 0],
                completed_not_assigned: ready_to_assign.as_ref().map(|_| lazy(table(0))),
                ready_to_assign: lazy(ready_to_assign.unwrap_or_else(|| table(0))),
                waiting_for_you: lazy(waiting_for_you),
                hidden_states: lazy(table(0)),
                by_hidden_state: Vec::new(),
                changes: None,
                by_risk: Default::default(),
                others: Vec::new(),
            },
        };
        let sections = maker.sections().unwrap();
        let status = numbers.columns.iter().find(|column| column.key == "status").map(|column| &column.values);
        let place = |row: usize| status?.term(row).and_then(style::status_place);
        let status_starts = std::array::from_fn(|status| (0..numbers.rows).find(|row| place(*row) == Some(status)));
        Report {
            sections,
            cover,
            numbers: lazy(numbers),
            groups,
            status_starts,
            rows_on_pages: template.limits.rows_on_pages,
            look: template.look,
            words: template.words,
            language: template.language,
            volume: None,
        }
    }
}

/// The table as an exporter gets it.
pub fn lazy(table: Table) -> LazyTable {
    LazyTable::made(table.columns, 0).unwrap()
}

/// The shipped template.
pub fn template() -> Template {
    let name = "reports/partner-port-status.toml";
    Template::parse(&Templates::default().text(name).unwrap(), name).unwrap()
}

/// A report of `rows` numbers: 24 columns of every kind, each with odd and empty cells.
pub fn report(rows: usize) -> Report {
    draft(rows).report()
}

/// What [`report`] is made from.
pub fn draft(rows: usize) -> Draft {
    let mut template = template();
    template.notice = "Confidential: customer and Acme proprietary information. Not for unauthorised contacts, competitors or other carriers; not for contacting carriers. A snapshot only; case replies are not reflected.".into();
    template.caveats = vec![
        "Estimated dates are tentative and depend on the losing carrier.".into(),
        "A reject reason may stay after the order is back in progress.".into(),
    ];
    Draft {
        template,
        cover: Cover {
            title: "Partner Number Port Status Report".into(),
            operator: "Acme Porting & Co".into(),
            as_of: AsOf::at(Utc.with_ymd_and_hms(2026, 3, 4, 18, 0, 0).unwrap()),
            filters: vec!["status is Scheduled or Waiting for You".into(), "account is 2000007".into()],
            order: "by status, then account, request and number".into(),
            page: None,
            oldest_change: "2026-02-01, 31 days before".into(),
            sources: vec!["orders.csv".into(), "more orders.xlsx, sheet Jan".into()],
            notice: String::new(),
            figures: summary(rows),
        },
        numbers: table(rows),
        groups: vec![("Waiting for You".into(), 0)],
        ready_to_assign: None,
        waiting_for_you: table(rows.min(7)),
    }
}

/// The counts of [`report`].
pub fn summary(rows: usize) -> Summary {
    let pairs = pairs();
    let of = |wanted: &dyn Fn(&Pair) -> bool| (0..rows).filter(|row| wanted(&pairs[row % pairs.len()])).count() as u64;
    let order = [
        Some(Status::WaitingForYou),
        Some(Status::Scheduled),
        Some(Status::InProgress),
        Some(Status::Completed),
        Some(Status::Canceled),
        None,
    ];
    Summary {
        spelling: Spelling::AsDefined,
        rows: rows as u64,
        by_status: order.iter().map(|status| (*status, of(&|pair| pair.0 == *status))).collect(),
        by_detail: pairs.iter().map(|pair| (pair.0, pair.1, of(&|other| other == pair))).collect(),
        by_number_type: order.iter().map(|status| (*status, of(&|pair| pair.0 == *status), 0)).collect(),
        upcoming: Upcoming {
            weeks: (0..12).map(|week| (20_514 + week * 7, [(week as u64 * 7) % 19, week as u64 % 3])).collect(),
            later: [1, 0],
            passed: [2, 3],
            no_date: 4,
        },
        quality_flags: vec![(QualityFlag::Overdue, 3), (QualityFlag::BadCell, 1)],
        waiting_accounts: vec![("0002000007".into(), "=Blue Ridge Realty".into(), 4), ("2000014".into(), "東京電話株式会社".into(), 2)],
    }
}

/// All rows of a table.
pub fn whole(table: &LazyTable) -> Table {
    table.table(0..table.rows).unwrap()
}

/// The table of [`report`].
pub fn table(rows: usize) -> Table {
    let pairs = pairs();
    let text = |row: usize, step: usize| ODD_TEXT[(row * step) % ODD_TEXT.len()].to_owned();
    let phone = |row: usize| match row % 11 {
        0 => ODD_PHONES[row / 11 % ODD_PHONES.len()].to_owned(),
        _ => format!("+1555{:07}", row % 10_000_000),
    };
    let columns = vec![
        column("phone_number", "Phone number", ColumnType::Phone, 14.0, texts(rows, |row| Some(phone(row)))),
        column(
            "status",
            "Status",
            ColumnType::Status,
            15.0,
            terms("status", rows, |row| pairs[row % pairs.len()].0.map(|status| status.code())),
        ),
        column(
            "detail",
            "Detailed Status",
            ColumnType::Text,
            24.0,
            terms("detail", rows, |row| pairs[row % pairs.len()].1.map(|detail| detail.code())),
        ),
        column("account_company", "Account Company Name", ColumnType::Text, 26.0, texts(rows, |row| Some(text(row, 1)))),
        column(
            "account_username",
            "Account username",
            ColumnType::Text,
            24.0,
            texts(rows, |row| Some(format!("ana.brown@acct{:06}.example", row % 997))),
        ),
        column("account_id", "Account ID", ColumnType::Id, 11.0, texts(rows, |row| Some(format!("{:07}", row % 997)))),
        column("request_id", "Request ID", ColumnType::Id, 10.0, texts(rows, |row| Some((500_000 + row / 5).to_string()))),
        column("case_number", "FP Case Number", ColumnType::Id, 12.0, texts(rows, |row| Some(format!("FP-{}", 1_734_567 + row / 5)))),
        column("order_id", "Order ID", ColumnType::Id, 10.0, texts(rows, |row| (row % 3 > 0).then(|| (900_000 + row / 3).to_string()))),
        column(
            "submitted_date",
            "Original submission date to Carrier",
            ColumnType::Date,
            12.0,
            dates(rows, |row| (row % 4 > 0).then(|| 20_400 + (row % 90) as i32)),
        ),
        column(
            "estimated_date",
            "Current Estimated Porting Date (EPD)",
            ColumnType::Date,
            12.0,
            dates(rows, |row| Some(20_500 + (row % 30) as i32)),
        ),
        column(
            "confirmed_date",
            "Confirmed Porting Date",
            ColumnType::Date,
            12.0,
            dates(rows, |row| (row % 2 > 0).then(|| 20_510 + (row % 30) as i32)),
        ),
        column("confirmed_time", "Confirmed Porting Time, PST", ColumnType::Time, 10.0, times(rows)),
        column("priority", "Priority", ColumnType::Text, 10.0, texts(rows, |_| Some("Standard".into()))),
        column(
            "location",
            "Location",
            ColumnType::Text,
            20.0,
            texts(rows, |row| (row % 8 == 0).then(|| format!("Austin, TX - Suite {}", 100 + row % 800))),
        ),
        column(
            "coordinator",
            "Coordinator (PC or SIS)",
            ColumnType::Text,
            18.0,
            texts(rows, |row| (row % 8 == 0).then(|| "Chloé García (PC)".into())),
        ),
        column("created_date", "Order Creation Date", ColumnType::Date, 12.0, dates(rows, |row| Some(20_390 + (row % 90) as i32))),
        column("requested_date", "Customer Requested Date (CRD)", ColumnType::Date, 12.0, dates(rows, |_| None)),
        column(
            "approved_date",
            "Order Approved Date (Toll-Free numbers only)",
            ColumnType::Date,
            12.0,
            dates(rows, |row| (row % 9 == 0).then_some(20_480)),
        ),
        column("reject_reason", "Reject reason", ColumnType::Text, 26.0, texts(rows, |row| (row % 10 == 0).then(|| text(row, 7)))),
        column("product_line", "Product line", ColumnType::Text, 14.0, texts(rows, |row| Some(["Unite", "SIP trunking"][row % 2].into()))),
        column(
            "age_business_days",
            "Age in business days",
            ColumnType::Count,
            8.0,
            Values::Count(Int64Chunked::from_slice_options(
                NAME,
                &(0..rows).map(|row| (row % 5 > 0).then(|| row as i64 % 400 - 5)).collect::<Vec<_>>(),
            )),
        ),
        column("overdue", "Overdue", ColumnType::Bool, 8.0, flags(rows, |row| (row % 3 > 0).then_some(row % 3 == 1))),
        column(
            "confirmed_port_at_utc",
            "Confirmed port (UTC)",
            ColumnType::Instant,
            20.0,
            Values::Instant(Int64Chunked::from_slice_options(
                NAME,
                &(0..rows).map(|row| (row % 2 > 0).then(|| 1_772_647_200_000_000 + row as i64 * 61_000_000)).collect::<Vec<_>>(),
            )),
        ),
    ];
    Table { rows, columns }
}

const NAME: PlSmallStr = PlSmallStr::EMPTY;

/// One column.
pub fn column(key: &str, caption: &str, kind: ColumnType, width_characters: f32, values: Values) -> Column {
    Column { width_characters, ..Column::new(key, caption, kind, values) }
}

/// Text cells by row.
pub fn texts(rows: usize, cell: impl Fn(usize) -> Option<String>) -> Values {
    Values::Text(StringChunked::from_slice_options(NAME, &(0..rows).map(cell).collect::<Vec<_>>()))
}

/// Cells of the closed list of a column, by row and code.
pub fn terms<'a>(list: &str, rows: usize, code: impl Fn(usize) -> Option<&'a str>) -> Values {
    let terms = template().column(list).map_or_else(Default::default, |spec| spec.terms);
    // A status or detail that is not known is a term too.
    let code = |row: usize| code(row).or(matches!(list, "status" | "detail").then_some(""));
    let place = |code: &str| terms.iter().position(|term| term.code == code).unwrap() as u32;
    let places: Vec<_> = (0..rows).map(|row| code(row).map(place)).collect();
    Values::Terms { places: UInt32Chunked::from_slice_options(NAME, &places), terms }
}

/// Cells of yes and no by row.
pub fn flags(rows: usize, flag: impl Fn(usize) -> Option<bool>) -> Values {
    let terms = template().column("overdue").unwrap().terms;
    let places: Vec<_> = (0..rows).map(|row| flag(row).map(u32::from)).collect();
    Values::Terms { places: UInt32Chunked::from_slice_options(NAME, &places), terms }
}

/// Date cells by row.
pub fn dates(rows: usize, cell: impl Fn(usize) -> Option<i32>) -> Values {
    Values::Date(Int32Chunked::from_slice_options(NAME, &(0..rows).map(cell).collect::<Vec<_>>()))
}

fn times(rows: usize) -> Values {
    let cell = |row: usize| (row % 2 == 1).then(|| if row % 17 == 1 { 9 * 3600 + 5 } else { 10 * 3600 + (row as i32 % 3) * 900 });
    Values::Time(Int32Chunked::from_slice_options(NAME, &(0..rows).map(cell).collect::<Vec<_>>()))
}

/// The text of every cell as CSV means it, guard aside; `None` for an empty one.
pub fn shown(values: &Values, row: usize) -> Option<String> {
    let epoch = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
    match values {
        Values::Text(cells) => cells.get(row).map(str::to_owned),
        Values::Date(cells) => cells.get(row).map(|days| (epoch + chrono::Duration::days(days.into())).to_string()),
        Values::Time(cells) => cells.get(row).map(|seconds| {
            let time = chrono::NaiveTime::from_num_seconds_from_midnight_opt(seconds as u32, 0).unwrap();
            time.format(if seconds % 60 == 0 { "%H:%M" } else { "%H:%M:%S" }).to_string()
        }),
        Values::Instant(cells) => {
            cells.get(row).map(|micros| chrono::DateTime::from_timestamp_micros(micros).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string())
        }
        Values::Count(cells) => cells.get(row).map(|count| count.to_string()),
        Values::Amount(cells) => cells.get(row).map(portstatus::domain::text::decimal),
        Values::Share(cells) => cells.get(row).map(|share| share.to_string()),
        Values::Terms { .. } => values.term(row).map(|term| term.caption.clone()),
    }
}

/// A report of 40 numbers and 30 rows that wait for the partner, with the cases that `case` gives.
pub fn waiting(case: impl Fn(usize) -> Option<String>) -> Report {
    let mut draft = draft(40);
    draft.waiting_for_you = table(30);
    let mut report = draft.report();
    let section = report.sections.iter_mut().find(|section| section.id == SectionId::WaitingForYou).unwrap();
    let Content::Rows(list) = &section.content else { panic!() };
    let mut rows = whole(list);
    let place = rows.columns.iter().position(|column| column.key == "case_number").unwrap();
    rows.columns[place].values = texts(30, case);
    section.content = Content::Rows(lazy(rows));
    report
}
