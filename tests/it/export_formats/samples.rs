//! The reports that every format must hold: none of their rows is easy for all of them.

use portstatus::domain::columns::{COLUMNS, ColumnType};
use portstatus::domain::status::{Detail, NumberType, Status};
use portstatus::report::{Report, Values};

use crate::edge_cases::{ODD_PHONES, hostile_strings};
use crate::fixtures::Row;
use crate::report::{ROWS, report};
use crate::report_fixture;

/// A name, and the report made anew.
type Sample = (&'static str, fn() -> Report);

/// Every sample report.
pub const SAMPLES: &[Sample] = &[
    ("empty", || report(&[], "")),
    ("one-row", || report(&ROWS[..1], "")),
    ("every-status", every_status),
    ("unicode", unicode),
    ("hostile", hostile),
    ("widest", || report(ROWS, &format!("columns = {:?}", every_column()))),
    // What the narrowest format holds.
    ("wide", || report(ROWS, &format!("columns = {:?}", &every_column()[..63]))),
    ("longest", longest),
];

/// What stands above a column and what its cells are.
pub struct ShownColumn {
    /// The key.
    pub key: String,
    /// The caption.
    pub caption: String,
    /// What the cells are.
    pub kind: ColumnType,
}

/// The table of numbers as text.
pub struct Shown {
    /// The columns.
    pub columns: Vec<ShownColumn>,
    /// The cells by row; an empty text is an empty cell.
    pub rows: Vec<Vec<String>>,
}

/// What the table of numbers of `report` shows, dates as yyyy-mm-dd, instants as UTC, yes and no as words.
pub fn shown(report: &Report) -> Shown {
    let table = report_fixture::whole(&report.numbers);
    let columns = table.columns.iter();
    let columns = columns.map(|column| ShownColumn { key: column.key.clone(), caption: column.caption.clone(), kind: column.kind });
    let cells = |row: usize| table.columns.iter().map(|column| report_fixture::shown(&column.values, row).unwrap_or_default()).collect();
    Shown { columns: columns.collect(), rows: (0..table.rows).map(cells).collect() }
}

/// The same as programs get it: codes of closed lists, `true` and `false`, times to the second, instants with the parts of one.
pub fn shown_to_programs(report: &Report) -> Shown {
    let table = report_fixture::whole(&report.numbers);
    let cell = |column: &portstatus::report::Column, row: usize| {
        let text = report_fixture::shown(&column.values, row).unwrap_or_default();
        match (&column.values, column.values.term(row)) {
            (_, Some(term)) if column.kind == ColumnType::Bool => (term.code == "yes").to_string(),
            (_, Some(term)) if !term.list.is_empty() => term.code.clone(),
            (_, Some(term)) if column.kind == ColumnType::Choice && !term.code.is_empty() => term.code.clone(),
            (Values::Time(_), _) if text.len() == 5 => text + ":00",
            (Values::Instant(cells), _) => cells.get(row).map_or_else(String::new, |micros| match micros % 1_000_000 {
                0 => text,
                parts => text.replace('Z', &format!(".{parts:06}Z")),
            }),
            _ => text,
        }
    };
    let rows = (0..table.rows).map(|row| table.columns.iter().map(|column| cell(column, row)).collect());
    Shown { rows: rows.collect(), ..shown(report) }
}

/// The report of rows with owned cells.
fn report_of(rows: &[Vec<(&str, String)>], query: &str) -> Report {
    let rows: Vec<Vec<(&str, &str)>> = rows.iter().map(|row| row.iter().map(|(key, text)| (*key, text.as_str())).collect()).collect();
    let rows: Vec<Row> = rows.iter().map(Vec::as_slice).collect();
    report(&rows, query)
}

fn every_column() -> Vec<&'static str> {
    let shown = COLUMNS.iter().filter(|column| column.is_in_reports());
    shown.map(|column| column.key).collect()
}

/// Every detail, every status alone and no status at all, local and toll-free.
fn every_status() -> Report {
    let details = Detail::ALL.iter().map(|detail| Some(("given_detail", detail.code())));
    let statuses = Status::ALL.iter().map(|status| Some(("given_status", status.code())));
    let given: Vec<_> = details.chain(statuses).chain([None]).collect();
    let rows = given.iter().flat_map(|given| {
        NumberType::ALL.iter().map(move |kind| {
            let given = given.map(|(key, code)| (key, code.to_owned()));
            [("number_type", kind.code().to_owned())].into_iter().chain(given).collect::<Vec<_>>()
        })
    });
    report_of(&rows.collect::<Vec<_>>(), "")
}

/// Scripts, marks that combine, letters of two UTF-16 units, right-to-left text.
fn unicode() -> Report {
    let texts = [
        "Île-de-Nord Žižkov Łódź",
        "東京電話株式会社",
        "深圳市 科技 有限公司",
        "서울 물류",
        "Übersee Ελλάς Логистика",
        "e\u{301}clair",
        "emoji 😀 in a name",
        "عربي مع أرقام 123",
        "שלום",
        "ﬁne ligature",
        "ＦＵＬＬＷＩＤＴＨ",
        "ß ẞ ı İ",
    ];
    let rows = texts.iter().map(|text| ["account_company", "location", "reject_reason"].map(|key| (key, (*text).to_owned())).to_vec());
    report_of(&rows.collect::<Vec<_>>(), "")
}

/// Formulas, controls, quotes, markup and text that looks like something else, in columns of every kind that holds text.
fn hostile() -> Report {
    let texts = hostile_strings();
    let phones = ODD_PHONES.iter().map(|phone| vec![("phone_number", (*phone).to_owned())]);
    let keys = ["account_company", "location", "coordinator", "reject_reason", "account_id", "request_id", "case_number"];
    let rows = texts.iter().map(|text| keys.map(|key| (key, text.clone())).to_vec());
    report_of(&phones.chain(rows).collect::<Vec<_>>(), "sort = ['source_row']")
}

fn longest() -> Report {
    let details = Detail::ALL;
    let rows = (0..6_000).map(|row: usize| {
        vec![
            ("phone_number", format!("+1650{:07}", 2_000_000 + row)),
            ("given_detail", details[row / 7 % details.len()].code().to_owned()),
            ("account_id", format!("A-{}", row % 97)),
            ("account_company", format!("Company {} & Sons", row % 97)),
            ("confirmed_date", format!("2026-12-{:02}", 1 + row % 28)),
            ("created_date", format!("2026-0{}-15", 1 + row % 9)),
        ]
    });
    report_of(&rows.collect::<Vec<_>>(), "")
}
