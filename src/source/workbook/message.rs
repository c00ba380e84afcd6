//! What the reading process and the one that asked say to each other; how it is written down is not said here.

/// Rows in one [`Reply::Batch`], at most.
pub const BATCH_ROWS: usize = 8192;

/// What the reading process may use; sent first, followed by the workbook's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// Bytes of the workbook, which follow.
    pub size: u64,
    /// Inflated bytes the workbook may have.
    pub inflated_bytes: u64,
    /// Address space, at most.
    pub memory_bytes: u64,
    /// CPU seconds, at most.
    pub cpu_seconds: u64,
}

/// What can be asked of the reading process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// The first rows of a sheet, by its index in [`Book::sheets`].
    Preview(u32),
    /// The rows below the header.
    Read(Reading),
}

/// Which rows and columns to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The sheet, by its index in [`Book::sheets`].
    pub sheet: u32,
    /// The header's row, from 1; rows below it are sent.
    pub header_line: u32,
    /// For each column of the header whether it is sent.
    pub wanted: Vec<bool>,
    /// What happens to columns beyond the header's.
    pub beyond: ExtraColumns,
}

/// What happens to columns beyond the header's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraColumns {
    /// They are sent too.
    Sent,
    /// Their cells are counted.
    Counted,
}

/// What the reading process answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The workbook was opened and every member of it checked.
    Book(Book),
    /// The first rows of a sheet.
    Preview(Vec<PreviewRow>),
    /// Some rows: their count and row numbers, then for each column that has a cell in them its index, the size of
    /// its text, the length of each cell, and the text.
    Batch(Vec<u8>),
    /// All rows were sent.
    Done(Done),
    /// The workbook cannot be read; nothing follows.
    Refused(Refusal),
}

/// The workbook as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// `xlsx`, `xls`, `xlsb` or `ods`.
    pub format: String,
    /// The worksheets in their order.
    pub sheets: Vec<Sheet>,
}

/// A worksheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Whether people see it.
    pub visibility: Visibility,
}

/// Whether people see a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// They do.
    Shown,
    /// They do not.
    Hidden,
}

/// A row of a sheet's beginning that has at least one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewRow {
    /// Its row number, from 1.
    pub line: u32,
    /// Its cells from the first column to the last that is not empty.
    pub cells: Vec<String>,
}

/// What was counted on the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    /// Rows sent.
    pub rows: u64,
    /// Whether dates count from 1904; `None` when no date says so.
    pub dates_from_1904: Option<bool>,
    /// Cells beyond the header's columns that were not sent.
    pub beyond: u64,
    /// The row of the first of them.
    pub beyond_line: u32,
    /// Cells that hold an error value.
    pub errors: u64,
    /// Cells of the columns sent whose formula was never calculated.
    pub uncalculated: u64,
    /// The row of the first of them.
    pub uncalculated_line: u32,
}

/// Why a workbook cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The kind of trouble.
    pub kind: RefusalKind,
    /// What exactly, in lower case without a trailing stop.
    pub text: String,
}

/// The kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// A password is needed.
    Encrypted,
    /// It is damaged, or of a kind that cannot be read.
    Damaged,
    /// It inflates to more than is allowed.
    TooLarge,
    /// It is no workbook at all.
    NotAWorkbook,
}

impl Refusal {
    /// A refusal of this kind.
    pub fn new(kind: RefusalKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}
