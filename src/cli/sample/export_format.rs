//! Writes rows the way one system or another exports them: its headers, words, dates and phone numbers.

use chrono::{DateTime, NaiveDate};
use csv::StringRecord;

use crate::cli::sample::orders::{Corruption, SampleRow};
use crate::domain::lifecycle::State;
use crate::domain::status::{Detail, NumberType, Status};

/// Whose export the sample looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A porting team's own tables: snake_case headers, number states and facts.
    Generic,
    /// The partner report of Intermedia: its 19 captions.
    Intermedia,
    /// No orders: which partner each account belongs to.
    Accounts,
}

const GENERIC: &[&str] = &[
    "partner",
    "account_id",
    "account_username",
    "company",
    "phone_number",
    "request_id",
    "case_number",
    "order_id",
    "product_line",
    "line_type",
    "number_state",
    "status",
    "detailed_status",
    "submission_date",
    "epd",
    "foc_date",
    "foc_time",
    "priority",
    "location",
    "coordinator",
    "creation_date",
    "crd",
    "order_approved_date",
    "reject_reason",
    "configuration_profile",
    "loa_received",
    "cancel_cause",
    "updated_at",
];
const INTERMEDIA: &[&str] = &[
    "Phone number",
    "Original submission date to Carrier",
    "FP Case Number",
    "Request ID",
    "Current Estimated Porting Date (EPD)",
    "Confirmed Porting Date",
    "Confirmed Porting Time, PST",
    "Priority",
    "Status",
    "Detailed Status",
    "Account username",
    "Account Company Name",
    "Account ID",
    "Location",
    "Coordinator (PC or SIS)",
    "Order Creation Date",
    "Customer Requested Date (CRD)",
    "Order Approved Date (Toll-Free numbers only)",
    "Reject reason",
];

/// How an export looks.
#[derive(Debug, Clone, Copy)]
pub struct ExportFormat(Format);

impl ExportFormat {
    /// The shape of `format`.
    pub fn of(format: Format) -> Self {
        Self(format)
    }

    /// The header line.
    pub fn headers(self) -> &'static [&'static str] {
        match self.0 {
            Format::Generic => GENERIC,
            Format::Intermedia => INTERMEDIA,
            Format::Accounts => &["account_id", "partner"],
        }
    }

    /// Replaces `cells` with those of `row`.
    pub fn fill(self, row: &SampleRow<'_>, cells: &mut StringRecord) {
        cells.clear();
        match self.0 {
            Format::Intermedia => intermedia(row, cells),
            Format::Generic | Format::Accounts => generic(row, cells),
        }
    }
}

fn generic(row: &SampleRow<'_>, cells: &mut StringRecord) {
    let order = row.order;
    let date = |day: Option<i32>| day.map_or_else(String::new, |day| written_day(day, order.account.style % 3));
    for cell in [&order.account.partner, &order.account.id, &order.account.username, &order.account.company] {
        cells.push_field(cell);
    }
    cells.push_field(&phone(row));
    cells.push_field(&order.request.to_string());
    cells.push_field(&case(order.request));
    cells.push_field(&order.id.to_string());
    cells.push_field(order.product);
    cells.push_field(line_type(row));
    cells.push_field(order.state.caption());
    cells.push_field(status(row).caption());
    cells.push_field(detail(row));
    cells.push_field(&date(order.submitted));
    cells.push_field(&estimated(row, date(order.estimated)));
    cells.push_field(&date(order.confirmed));
    cells.push_field(&order.confirmed.map_or_else(String::new, |_| clock(order.minute, order.account.style)));
    cells.push_field("Standard");
    cells.push_field(&order.location);
    cells.push_field(&order.coordinator);
    for day in [Some(order.created), order.requested, order.approved] {
        cells.push_field(&date(day));
    }
    cells.push_field(order.reason);
    cells.push_field(order.profile);
    cells.push_field(match order.detail {
        Detail::WaitingForLoa => "no",
        Detail::ReceivedLoa => "yes",
        _ => "",
    });
    cells.push_field(match order.detail {
        Detail::ClosedAsIncomplete => "incomplete",
        Detail::Cancelled if order.state == State::Canceled => "requested",
        _ => "",
    });
    let updated = DateTime::from_timestamp(row.updated * 60, 0).unwrap_or_default();
    cells.push_field(&updated.format("%Y-%m-%dT%H:%M:%SZ").to_string());
}

fn intermedia(row: &SampleRow<'_>, cells: &mut StringRecord) {
    let order = row.order;
    let date = |day: Option<i32>| day.map_or_else(String::new, |day| written_day(day, 1));
    cells.push_field(&phone(row));
    cells.push_field(&date(order.submitted));
    cells.push_field(&case(order.request));
    cells.push_field(&order.request.to_string());
    cells.push_field(&estimated(row, date(order.estimated)));
    cells.push_field(&date(order.confirmed));
    cells.push_field(&order.confirmed.map_or_else(String::new, |_| clock(order.minute, 1)));
    cells.push_field("Standard");
    cells.push_field(status(row).caption());
    cells.push_field(detail(row));
    for cell in [&order.account.username, &order.account.company, &order.account.id, &order.location, &order.coordinator] {
        cells.push_field(cell);
    }
    for day in [Some(order.created), order.requested, order.approved] {
        cells.push_field(&date(day));
    }
    cells.push_field(order.reason);
}

fn case(request: u64) -> String {
    format!("FP-{}", request + 1_234_567)
}

fn phone(row: &SampleRow<'_>) -> String {
    let digits = &row.digits;
    let (area, exchange, line) = (&digits[..3], &digits[3..6], &digits[6..]);
    match row.corruption {
        Corruption::Phone(text) => text.to_owned(),
        Corruption::Decimal => format!("{digits}.0"),
        _ => match (row.order.account.style + row.place % 2) % 4 {
            0 => format!("({area}) {exchange}-{line}"),
            1 => format!("{area}-{exchange}-{line}"),
            2 => format!("+1{digits}"),
            _ => format!("1 {area}.{exchange}.{line}"),
        },
    }
}

fn line_type(row: &SampleRow<'_>) -> &'static str {
    match (row.order.class, row.corruption == Corruption::NumberType) {
        (NumberType::Local, false) | (NumberType::TollFree, true) => ["Local", "LOCAL", "L"][(row.order.account.style % 3) as usize],
        (NumberType::TollFree, false) | (NumberType::Local, true) => {
            ["Toll-Free", "TF", "toll free"][(row.order.account.style % 3) as usize]
        }
    }
}

fn status(row: &SampleRow<'_>) -> Status {
    match (row.order.detail.status(), row.corruption == Corruption::Status) {
        (status, false) => status,
        (Status::Canceled, true) => Status::Scheduled,
        (_, true) => Status::Canceled,
    }
}

fn detail(row: &SampleRow<'_>) -> &'static str {
    match row.corruption {
        Corruption::Detail(word) => word,
        _ => row.order.detail.caption(),
    }
}

fn estimated(row: &SampleRow<'_>, date: String) -> String {
    match row.corruption {
        Corruption::Date(text) => text.to_owned(),
        _ => date,
    }
}

fn written_day(day: i32, style: u64) -> String {
    let Some(date) = NaiveDate::from_num_days_from_ce_opt(day + 719_163) else {
        return String::new();
    };
    match style {
        0 => date.format("%Y-%m-%d").to_string(),
        1 => date.format("%m/%d/%Y").to_string(),
        _ => format!("{}T{:02}:{:02}:00Z", date.format("%Y-%m-%d"), 14 + day.rem_euclid(7), day.rem_euclid(60)),
    }
}

fn clock(minute: u32, style: u64) -> String {
    let (hour, minute) = (minute / 60, minute % 60);
    match style % 3 {
        0 => format!("{hour:02}:{minute:02}"),
        1 => format!("{}:{minute:02} {}", (hour + 11) % 12 + 1, if hour < 12 { "AM" } else { "PM" }),
        _ => format!("{hour:02}{minute:02}"),
    }
}
