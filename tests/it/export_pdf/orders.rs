//! Reports of made-up orders with everything that is hard to set: scripts, newlines, long words, odd characters.

use polars::prelude::*;
use portstatus::clock::AsOf;
use portstatus::domain::columns::ColumnType;
use portstatus::domain::data_quality::QualityFlag;
use portstatus::domain::status::{Detail, Spelling, Status};
use portstatus::report::summary::{Summary, Upcoming};
use portstatus::report::{Column, Cover, Report, Table, Values};

use crate::report_fixture::{Draft, flags, template, terms};

pub const COMPANIES: &[&str] = &[
    "Jørgensen Médical GmbH",
    "東京 電話 株式会社",
    "深圳市 科技 有限公司",
    "서울 물류 Co., Ltd.",
    "Žižkov Café S.A.",
    "Łódź Freight Inc.",
    "Smith & Sons Credit Union, PLLC",
    "Acme Dental LLC\nattn: García",
    ")>>endobj 5 0 obj <</JS (x)>>",
    "=cmd|'/C calc'!A0 Holdings Group",
    "Q",
    "",
    "Übersee Ελλάς Логистика",
    "e\u{301}clair  \u{a0} NBSP\u{200b}zero",
    "Sao\u{7}Bell \u{1F600} emoji שלום",
];
pub const REASONS: &[&str] = &[
    "",
    "",
    "Account number mismatch",
    "Number is not portable, rate center not covered",
    "Partial port - missing numbers\nSee CSR page 2",
];

pub fn text(cells: impl Iterator<Item = Option<String>>) -> Values {
    Values::Text(StringChunked::from_iter_options("".into(), cells))
}

pub fn pick<T: Copy>(list: &[T], row: usize, salt: usize) -> T {
    list[(row.wrapping_mul(2_654_435_761) >> 7).wrapping_add(salt * 7 + row / 3) % list.len()]
}

/// The detail of row `row` of `rows`, so that equal statuses are neighbours.
pub fn detail_of(row: usize, rows: usize) -> Detail {
    let sorted: Vec<Detail> =
        Status::ALL.iter().flat_map(|status| Detail::ALL.iter().copied().filter(|detail| detail.status() == *status)).collect();
    sorted[(row * sorted.len() / rows.max(1)).min(sorted.len() - 1)]
}

pub fn column(key: &str, caption: &str, kind: ColumnType, values: Values) -> Column {
    Column { width_characters: 12.0, ..Column::new(key, caption, kind, values) }
}

/// The nineteen columns of the report with made-up orders.
pub fn columns(rows: usize) -> Vec<Column> {
    let some = |make: &dyn Fn(usize) -> String| text((0..rows).map(|row| Some(make(row)).filter(|text| !text.is_empty())));
    let date = |offset: i32, every: usize| {
        Values::Date(Int32Chunked::from_iter_options(
            "".into(),
            (0..rows).map(|row| (row % every == 0).then_some(20_400 + offset + (row * 13 % 200) as i32)),
        ))
    };
    vec![
        column(
            "phone_number",
            "Phone number",
            ColumnType::Phone,
            some(&|row| format!("+1{}{:07}", pick(&["212", "206", "800", "888"], row, 1), 2_001_000 + row * 37 % 7_000_000)),
        ),
        column("submitted_date", "Original submission date to Carrier", ColumnType::Date, date(0, 1)),
        column("case_number", "FP Case Number", ColumnType::Id, some(&|row| format!("FP-{}", 1_734_567 + row / 4))),
        column("request_id", "Request ID", ColumnType::Id, some(&|row| format!("{}", 500_000 + row / 4))),
        column("estimated_date", "Current Estimated Porting Date (EPD)", ColumnType::Date, date(10, 1)),
        column("confirmed_date", "Confirmed Porting Date", ColumnType::Date, date(12, 2)),
        column(
            "confirmed_time",
            "Confirmed Porting Time, PST",
            ColumnType::Time,
            Values::Time(Int32Chunked::from_iter_options(
                "".into(),
                (0..rows).map(|row| (row % 2 == 0).then_some(36_000 + (row % 7 == 0) as i32 * 59)),
            )),
        ),
        column("priority", "Priority", ColumnType::Text, some(&|row| (if row % 19 == 0 { "Expedite" } else { "Standard" }).into())),
        column("status", "Status", ColumnType::Status, terms("status", rows, |row| Some(detail_of(row, rows).status().code()))),
        column("detail", "Detailed Status", ColumnType::Text, terms("detail", rows, |row| Some(detail_of(row, rows).code()))),
        column(
            "account_username",
            "Account username",
            ColumnType::Text,
            some(&|row| {
                format!(
                    "{}.{}@acct{:06}.example",
                    pick(&["José", "Ana", "Priya"], row, 2),
                    pick(&["Alvarez", "Kowalski", "Lee"], row, 3),
                    row / 6
                )
            }),
        ),
        column("account_company", "Account Company Name", ColumnType::Text, some(&|row| pick(COMPANIES, row / 5, 4).into())),
        column("account_id", "Account ID", ColumnType::Id, some(&|row| format!("{}", 2_000_000 + row / 6 * 7))),
        column(
            "location",
            "Location",
            ColumnType::Text,
            some(&|row| {
                if row % 8 == 0 { format!("San José, CA - Suite {}", 100 + row % 900) } else { String::new() }
            }),
        ),
        column(
            "coordinator",
            "Coordinator (PC or SIS)",
            ColumnType::Text,
            some(&|row| (if row % 8 == 0 { "Chloé Haddad (PC)" } else { "" }).into()),
        ),
        column("created_date", "Order Creation Date", ColumnType::Date, date(-4, 1)),
        column("requested_date", "Customer Requested Date (CRD)", ColumnType::Date, date(10, 25)),
        column("approved_date", "Order Approved Date (Toll-Free numbers only)", ColumnType::Date, date(5, 6)),
        column("reject_reason", "Reject reason", ColumnType::Text, some(&|row| pick(REASONS, row, 5).into())),
    ]
}

/// Columns that may be asked for beside the nineteen.
pub fn others(rows: usize) -> Vec<Column> {
    let count = |name: &str, caption: &str| {
        column(
            name,
            caption,
            ColumnType::Count,
            Values::Count(Int64Chunked::from_iter_options(
                "".into(),
                (0..rows).map(|row| (row % 5 > 0).then_some((row * 7 % 400) as i64 - 20)),
            )),
        )
    };
    vec![
        column(
            "class",
            "Class",
            ColumnType::Text,
            text((0..rows).map(|row| Some((if row % 3 == 0 { "Toll-free" } else { "Local" }).into()))),
        ),
        count("age_business_days", "Age in business days"),
        count("days_to_port", "Days to port"),
        column("overdue", "Overdue", ColumnType::Bool, flags(rows, |row| (row % 4 > 0).then_some(row % 2 == 0))),
        column(
            "completed_at",
            "Completed at (UTC)",
            ColumnType::Instant,
            Values::Instant(Int64Chunked::from_iter_options(
                "".into(),
                (0..rows).map(|row| (row % 2 == 0).then_some(1_700_000_000_000_000 + row as i64 * 61_000_000)),
            )),
        ),
    ]
}

pub fn report(rows: usize, columns: Vec<Column>) -> Report {
    draft(rows, columns).report()
}

pub fn draft(rows: usize, columns: Vec<Column>) -> Draft {
    let count = |wanted: &dyn Fn(Detail) -> bool| (0..rows).filter(|row| wanted(detail_of(*row, rows))).count() as u64;
    let by_status: Vec<_> = Status::ALL.iter().map(|status| (Some(*status), count(&|detail| detail.status() == *status))).collect();
    let mut groups: Vec<(String, usize)> = Vec::new();
    for row in 0..rows {
        let label = detail_of(row, rows).status().caption().to_owned();
        if groups.last().is_none_or(|last| last.0 != label) {
            groups.push((label, row));
        }
    }
    let mut template = template();
    template.notice = "Confidential. Not for unauthorised contacts, competitors or other carriers; not for contacting carriers. A snapshot as of the time above: case replies are not reflected.".into();
    template.caveats = vec![
        "This report is confidential and meant for the partner it was made for.".into(),
        "It is a snapshot only: replies to cases after the as-of time are not reflected. All orders port at 10 AM Pacific unless another time is confirmed.".into(),
    ];
    Draft {
        template,
        cover: Cover {
            oldest_change: String::new(),
            title: "Partner Number Port Status Report".into(),
            operator: "Example Porting Operations".into(),
            as_of: AsOf::parse("2026-11-21T10:00:00Z").unwrap(),
            filters: vec!["account is 2000007 or 2000014".into(), "created from 2026-01-01 to 2026-06-30".into()],
            order: "Waiting for You, Scheduled, In Progress, Completed, Canceled; then account, request, number".into(),
            page: None,
            sources: vec!["port-orders.csv".into()],
            notice: String::new(),
            figures: Summary {
                spelling: Spelling::AsDefined,
                rows: rows as u64,
                by_number_type: by_status.iter().map(|(status, count)| (*status, count - count / 3, count / 3)).collect(),
                by_detail: Detail::ALL
                    .iter()
                    .map(|detail| (Some(detail.status()), Some(*detail), count(&|other| other == *detail)))
                    .collect(),
                by_status,
                upcoming: if rows == 0 {
                    Upcoming::default()
                } else {
                    Upcoming {
                        weeks: (0..12).map(|week| (20_409 + week * 7, [(week as u64 * 37) % 90, week as u64])).collect(),
                        later: [2, 0],
                        passed: [0, 3],
                        no_date: 12,
                    }
                },
                quality_flags: vec![(QualityFlag::Overdue, 12), (QualityFlag::NumberInTwoOrders, 3), (QualityFlag::StatusContradiction, 1)],
                waiting_accounts: vec![
                    ("2000007".into(), "Jørgensen Médical GmbH".into(), 17),
                    ("2000014".into(), "東京 電話 株式会社".into(), 4),
                ],
            },
        },
        numbers: Table { rows, columns },
        groups,
        ready_to_assign: None,
        waiting_for_you: Table { rows: 0, columns: Vec::new() },
    }
}
