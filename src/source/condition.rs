//! Conditions that rows must meet to be in a report, as far as a source may judge them.

use chrono::NaiveDate;

use crate::domain::record::Field;

/// A condition that rows must meet to be in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowCondition {
    /// The column.
    pub field: Field,
    /// What its cells must be.
    pub test: Test,
}

/// What a cell must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// One of these texts, blanks around it aside.
    OneOf(Vec<String>),
    /// A day from one to another, both included, either side open.
    Days(Option<NaiveDate>, Option<NaiveDate>),
}

/// A condition on a column of a table.
#[derive(Debug, Clone, Copy)]
pub struct ColumnCondition<'a> {
    /// The place of the column among the headers.
    pub column: usize,
    /// What its cells must be.
    pub test: &'a Test,
    /// The place of the column of requests: rows of one request are kept or left out together, since the newer of two may be
    /// another day's. A text needs none: rows of other accounts and requests are other rows.
    pub request: Option<usize>,
}
