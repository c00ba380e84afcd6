//! Writes rows the way one system or another exports them: its headers, words, dates and phone numbers.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate};

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

/// A column of an export: its header, and what a row has there.
pub type SampleColumn = (&'static str, for<'r> fn(&'r SampleRow<'r>) -> Cow<'r, str>);

/// How Intermedia writes dates and times.
const AMERICAN: u64 = 1;

/// The columns of [`Format::Generic`].
pub const GENERIC: &[SampleColumn] = &[
    ("partner", |row| row.order.account.partner.as_str().into()),
    ("account_id", |row| row.order.account.id.as_str().into()),
    ("account_username", |row| row.order.account.username.as_str().into()),
    ("company", |row| row.order.account.company.as_str().into()),
    ("phone_number", phone),
    ("request_id", |row| row.order.request.to_string().into()),
    ("case_number", case),
    ("order_id", |row| row.order.id.to_string().into()),
    ("product_line", |row| row.order.product.into()),
    ("line_type", |row| line_type(row).into()),
    ("number_state", |row| row.order.state.caption().into()),
    ("status", |row| status(row).caption().into()),
    ("detailed_status", detail),
    ("submission_date", |row| date(row.order.submitted, row.order.account.style)),
    ("epd", |row| estimated(row, row.order.account.style)),
    ("foc_date", |row| date(row.order.confirmed, row.order.account.style)),
    ("foc_time", |row| clock(row, row.order.account.style)),
    ("priority", |_| "Standard".into()),
    ("location", |row| row.order.location.as_str().into()),
    ("coordinator", |row| row.order.coordinator.as_str().into()),
    ("creation_date", |row| date(Some(row.order.created), row.order.account.style)),
    ("crd", |row| date(row.order.requested, row.order.account.style)),
    ("order_approved_date", |row| date(row.order.approved, row.order.account.style)),
    ("reject_reason", |row| row.order.reason.into()),
    ("configuration_profile", |row| row.order.profile.into()),
    ("loa_received", |row| match row.order.detail {
        Detail::WaitingForLoa => "no".into(),
        Detail::ReceivedLoa => "yes".into(),
        _ => "".into(),
    }),
    ("cancel_cause", |row| match row.order.detail {
        Detail::ClosedAsIncomplete => "incomplete".into(),
        Detail::Cancelled if row.order.state == State::Canceled => "requested".into(),
        _ => "".into(),
    }),
    ("updated_at", |row| DateTime::from_timestamp(row.updated * 60, 0).unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string().into()),
];

/// The columns of [`Format::Intermedia`].
pub const INTERMEDIA: &[SampleColumn] = &[
    ("Phone number", phone),
    ("Original submission date to Carrier", |row| date(row.order.submitted, AMERICAN)),
    ("FP Case Number", case),
    ("Request ID", |row| row.order.request.to_string().into()),
    ("Current Estimated Porting Date (EPD)", |row| estimated(row, AMERICAN)),
    ("Confirmed Porting Date", |row| date(row.order.confirmed, AMERICAN)),
    ("Confirmed Porting Time, PST", |row| clock(row, AMERICAN)),
    ("Priority", |_| "Standard".into()),
    ("Status", |row| status(row).caption().into()),
    ("Detailed Status", detail),
    ("Account username", |row| row.order.account.username.as_str().into()),
    ("Account Company Name", |row| row.order.account.company.as_str().into()),
    ("Account ID", |row| row.order.account.id.as_str().into()),
    ("Location", |row| row.order.location.as_str().into()),
    ("Coordinator (PC or SIS)", |row| row.order.coordinator.as_str().into()),
    ("Order Creation Date", |row| date(Some(row.order.created), AMERICAN)),
    ("Customer Requested Date (CRD)", |row| date(row.order.requested, AMERICAN)),
    ("Order Approved Date (Toll-Free numbers only)", |row| date(row.order.approved, AMERICAN)),
    ("Reject reason", |row| row.order.reason.into()),
];

fn case<'r>(row: &'r SampleRow<'r>) -> Cow<'r, str> {
    format!("FP-{}", row.order.request + 1_234_567).into()
}

fn phone<'r>(row: &'r SampleRow<'r>) -> Cow<'r, str> {
    let digits = &row.digits;
    let (area, exchange, line) = (&digits[..3], &digits[3..6], &digits[6..]);
    let text = match (row.corruption, (row.order.account.style + row.place % 2) % 4) {
        (Corruption::Phone(text), _) => return text.into(),
        (Corruption::Decimal, _) => format!("{digits}.0"),
        (_, 0) => format!("({area}) {exchange}-{line}"),
        (_, 1) => format!("{area}-{exchange}-{line}"),
        (_, 2) => format!("+1{digits}"),
        _ => format!("1 {area}.{exchange}.{line}"),
    };
    text.into()
}

fn line_type(row: &SampleRow<'_>) -> &'static str {
    let words = match (row.order.class, row.corruption == Corruption::NumberType) {
        (NumberType::Local, false) | (NumberType::TollFree, true) => ["Local", "LOCAL", "L"],
        (NumberType::TollFree, false) | (NumberType::Local, true) => ["Toll-Free", "TF", "toll free"],
    };
    words[(row.order.account.style % 3) as usize]
}

fn status(row: &SampleRow<'_>) -> Status {
    match (row.order.detail.status(), row.corruption == Corruption::Status) {
        (status, false) => status,
        (Status::Canceled, true) => Status::Scheduled,
        (_, true) => Status::Canceled,
    }
}

fn detail<'r>(row: &'r SampleRow<'r>) -> Cow<'r, str> {
    match row.corruption {
        Corruption::Detail(word) => word.into(),
        _ => row.order.detail.caption().into(),
    }
}

fn estimated<'r>(row: &'r SampleRow<'r>, style: u64) -> Cow<'r, str> {
    match row.corruption {
        Corruption::Date(text) => text.into(),
        _ => date(row.order.estimated, style),
    }
}

/// A day as an account writes it: an ISO date, an American one or an instant.
fn date(day: Option<i32>, style: u64) -> Cow<'static, str> {
    let Some((day, date)) = day.and_then(|day| Some((day, NaiveDate::from_epoch_days(day)?))) else {
        return "".into();
    };
    let text = match style % 3 {
        0 => date.format("%Y-%m-%d").to_string(),
        1 => date.format("%m/%d/%Y").to_string(),
        _ => format!("{}T{:02}:{:02}:00Z", date.format("%Y-%m-%d"), 14 + day.rem_euclid(7), day.rem_euclid(60)),
    };
    text.into()
}

/// The wall time of a confirmed order as an account writes it.
fn clock(row: &SampleRow<'_>, style: u64) -> Cow<'static, str> {
    if row.order.confirmed.is_none() {
        return "".into();
    }
    let (hour, minute) = (row.order.minute / 60, row.order.minute % 60);
    let text = match style % 3 {
        0 => format!("{hour:02}:{minute:02}"),
        1 => format!("{}:{minute:02} {}", (hour + 11) % 12 + 1, if hour < 12 { "AM" } else { "PM" }),
        _ => format!("{hour:02}{minute:02}"),
    };
    text.into()
}
