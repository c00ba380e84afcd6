//! What the process that reads a file and the one that asks say to each other: messages in postcard, a frame each.
//!
//! A frame is the length of a message in four bytes, then the message. Each side checks what the other says: a frame has a
//! limit, so that an answer costs memory only in proportion to bytes that have come.

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};

use crate::source::input::Limits;

/// Rows of one [`Reply::Rows`], at most.
pub const MAX_BATCH_ROWS: usize = 8192;
/// Rows of the longest sheet.
pub const MAX_SHEET_ROWS: u32 = 1 << 20;
/// Columns of the widest sheet.
pub const MAX_SHEET_COLUMNS: u32 = 1 << 14;
/// The exit code of a reading process whose memory did not even hold the file.
pub const OUT_OF_MEMORY: u8 = 71;

/// Bytes of a frame, at most. A cell is never larger, and a byte of a hostile frame takes 24 bytes of memory at worst: those
/// of an empty text of a preview.
const MAX_FRAME_BYTES: u32 = 32 << 20;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// A workbook of any format.
    Workbook,
    /// Parquet.
    Parquet,
    /// Arrow, as a file or a stream.
    Arrow,
    /// Something compressed with gzip.
    Gzip,
    /// Something compressed with Zstandard.
    Zstd,
}

impl Content {
    /// That it cannot be read, and why.
    pub fn unreadable(self, why: &str) -> String {
        match self {
            Self::Workbook => format!("not a readable workbook ({why})"),
            Self::Parquet => format!("not a readable Parquet file ({why})"),
            Self::Arrow => format!("not a readable Arrow file ({why})"),
            // These say themselves what is wrong.
            Self::Gzip | Self::Zstd => why.to_owned(),
        }
    }

    /// What to do about a damaged one.
    pub const fn help_for_damage(self) -> &'static str {
        match self {
            Self::Workbook => "open it in a spreadsheet program and save it again, or export the sheet as CSV",
            Self::Parquet | Self::Arrow => "ask for the file again, or have whoever wrote it export CSV",
            Self::Gzip => "ask for the file again, or unpack it with gzip and look",
            Self::Zstd => "ask for the file again, or unpack it with zstd and look",
        }
    }

    /// What to do about one that takes more than it may.
    pub const fn help_for_too_large(self) -> &'static str {
        match self {
            Self::Workbook => "if it is genuine, export the sheet as CSV",
            Self::Parquet | Self::Arrow => "if it is genuine, export it as CSV",
            Self::Gzip => "unpack it with gzip if you trust it",
            Self::Zstd => "unpack it with zstd if you trust it",
        }
    }
}

/// What the reading process may use; sent first, followed by the file's bytes, which are no frame.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    /// What the bytes hold.
    pub content: Content,
    /// Bytes of the file, which follow.
    pub size: u64,
    /// The limits.
    pub limits: Limits,
}

/// What can be asked of the reading process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// The first rows of a sheet, by its index in [`Book::sheets`].
    Preview(u32),
    /// To check what no request has read to its end.
    Check,
    /// The rows below the header of a sheet.
    Read(RowRequest),
    /// The rows of a column file; for each column whether it is sent.
    ReadColumns(Vec<bool>),
}

/// Which rows and columns to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowRequest {
    /// The sheet, by its index in [`Book::sheets`].
    pub sheet: u32,
    /// The header's row, from 1; rows below it are sent.
    pub header_line: u32,
    /// For each column of the header whether it is sent.
    pub wanted: Vec<bool>,
    /// Whether columns right of the header's are sent too; their cells are counted otherwise.
    pub extra_columns: bool,
}

/// What the reading process answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply<'a> {
    /// The workbook was opened, and every member of it checked but for large worksheets, which are checked as they are read.
    Book(Book),
    /// The first rows of a sheet.
    Preview(Vec<PreviewRow>),
    /// A column file was opened; its columns.
    Columns(Vec<ColumnHead>),
    /// The next bytes of what was unpacked; none are the last.
    Bytes(#[serde(borrow, serialize_with = "as_bytes")] &'a [u8]),
    /// The numbers, from 1, of the next rows; their cells follow, a [`Reply::Column`] for each column that has any.
    Rows(Vec<u32>),
    /// One column of the rows announced last.
    #[serde(borrow)]
    Column(ColumnCells<'a>),
    /// Every member of the workbook was checked.
    Checked,
    /// All rows were sent, and every member of the workbook was checked.
    Done(Done),
    /// The file cannot be read; nothing follows.
    Refused(Refusal),
}

/// A column of a column file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnHead {
    /// Its name.
    pub name: String,
    /// What it holds, if that has no text: `binary data`.
    pub unusable: Option<String>,
}

/// Bytes as such, and not as a list of small numbers.
fn as_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

/// The cells that some rows have in one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnCells<'a> {
    /// The column, from 0.
    pub index: u32,
    /// The texts of all cells, one behind the other.
    pub text: &'a str,
    /// For each row how many bytes of `text` are its cell's; an empty cell has none.
    pub lengths: Vec<u32>,
}

/// The workbook as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// `xlsx`, `xls`, `xlsb` or `ods`.
    pub format: String,
    /// The worksheets in their order.
    pub sheets: Vec<Sheet>,
}

/// A worksheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Whether it is hidden from people.
    pub is_hidden: bool,
}

/// A row of a sheet's beginning that has at least one cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewRow {
    /// Its row number, from 1.
    pub line: u32,
    /// Its cells from the first column to the last that is not empty.
    pub cells: Vec<String>,
}

/// What was counted while rows were sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Rows sent.
    pub rows: u64,
    /// Whether dates count from 1904; `None` when no date says so.
    pub dates_from_1904: Option<bool>,
    /// Cells right of the header's columns that were not sent.
    pub extra_cells: CellCount,
    /// Cells of the columns sent that hold an error value.
    pub error_values: CellCount,
    /// Cells of the columns sent whose formula was never calculated.
    pub uncalculated: CellCount,
    /// Whether a stream ends without the mark of its end.
    pub is_open_ended: bool,
}

/// A number of cells, and where they begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellCount {
    /// How many.
    pub cells: u64,
    /// The row of the first of them, from 1.
    pub first_line: u32,
}

impl CellCount {
    /// Counts one more cell, in row `line`.
    pub fn add(&mut self, line: u32) {
        if self.cells == 0 {
            self.first_line = line;
        }
        self.cells += 1;
    }
}

/// Why a file cannot be read; a text says what exactly, in lower case without a trailing stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// A password is needed.
    Encrypted,
    /// It is damaged, or of a kind that cannot be read.
    Damaged(String),
    /// It needs more room than is allowed.
    TooLarge(String),
    /// It unpacks to more than so many bytes, the most that are allowed.
    OverLimit(u64),
    /// It is not a workbook at all.
    NotAWorkbook(String),
    /// The reading process did not keep to these messages, which no file can make it do.
    Protocol,
}

impl Refusal {
    /// Damage, with what exactly.
    pub fn damaged(text: impl Into<String>) -> Self {
        Self::Damaged(text.into())
    }

    /// A cell has a place that no sheet has.
    pub fn outside_sheet() -> Self {
        Self::damaged("a cell lies beyond the last row or column a sheet can have")
    }
}

impl From<io::Error> for Refusal {
    /// What a failed answer says of the file; when the asking side is gone, nobody hears it.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::FileTooLarge => Self::TooLarge("a cell or the first rows hold more text than can be read".to_owned()),
            _ => Self::Protocol,
        }
    }
}

/// Writes a message as one frame.
///
/// # Errors
/// Those of the pipe, and `FileTooLarge` when the message is larger than a frame may be.
pub fn send(output: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let mut frame = postcard::to_extend(message, vec![0; 4]).map_err(io::Error::other)?;
    let length = u32::try_from(frame.len() - 4).ok().filter(|length| *length <= MAX_FRAME_BYTES).ok_or(io::ErrorKind::FileTooLarge)?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    output.write_all(&frame)?;
    output.flush()
}

/// Reads a message; `None` when the other side has closed its end.
///
/// # Errors
/// Those of [`receive_frame`] and [`decode`].
pub fn receive<T: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<T>> {
    let mut frame = Vec::new();
    if receive_frame(input, &mut frame)? { decode(&frame).map(Some) } else { Ok(None) }
}

/// Reads the next frame's message into `frame`; false when the other side has closed its end.
///
/// # Errors
/// Those of the pipe, `UnexpectedEof` when it closes within a frame, and `InvalidData` when the frame is too large.
pub fn receive_frame(input: &mut impl Read, frame: &mut Vec<u8>) -> io::Result<bool> {
    frame.clear();
    if input.by_ref().take(4).read_to_end(frame)? == 0 {
        return Ok(false);
    }
    let length = <[u8; 4]>::try_from(frame.as_slice()).map_err(|_| io::ErrorKind::UnexpectedEof)?;
    let length = u32::from_le_bytes(length);
    if length > MAX_FRAME_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    frame.resize(length as usize, 0);
    input.read_exact(frame)?;
    Ok(true)
}

/// The message that a frame holds, which may borrow from it.
///
/// # Errors
/// `InvalidData` when it holds none.
pub fn decode<'a, T: Deserialize<'a>>(frame: &'a [u8]) -> io::Result<T> {
    postcard::from_bytes(frame).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
