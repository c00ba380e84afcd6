//! Reads a column file within the guarded process: what it is asked, and which format answers.

use std::io::{self, Read, Write};

use crate::source::column_file::arrow_ipc::ArrowFile;
use crate::source::column_file::batch_sender::BatchSender;
use crate::source::column_file::parquet::ParquetFile;
use crate::source::guarded::protocol::{ColumnHead, Content, Done, MAX_SHEET_COLUMNS, Refusal, Reply, Request, Task, receive, send};

/// Who reads the columns.
enum Columns {
    Parquet(Box<ParquetFile>),
    Arrow(Box<ArrowFile>),
}

/// Answers the requests about the column file that `bytes` hold, until `input` ends.
///
/// # Errors
/// Only those of the pipes; whatever is wrong with the file is an answer.
pub fn serve(bytes: Vec<u8>, task: &Task, mut input: impl Read, mut output: impl Write) -> io::Result<()> {
    let opened = match task.content {
        Content::Arrow => ArrowFile::open(bytes, &task.limits).map(|file| (file.heads(), Columns::Arrow(Box::new(file)))),
        _ => ParquetFile::open(bytes, &task.limits).map(|file| (file.heads(), Columns::Parquet(Box::new(file)))),
    };
    let (heads, mut columns) = match opened.and_then(|(heads, columns)| Ok((checked(heads)?, columns))) {
        Ok(opened) => opened,
        Err(refusal) => return send(&mut output, &Reply::Refused(refusal)),
    };
    let width = heads.len();
    send(&mut output, &Reply::Columns(heads))?;
    while let Some(request) = receive(&mut input)? {
        let answered = match request {
            Request::ReadColumns(wanted) if wanted.len() == width => columns.read(&wanted, &mut output).map(Reply::Done),
            _ => Err(Refusal::Protocol),
        };
        match answered.and_then(|reply| Ok(send(&mut output, &reply)?)) {
            Ok(()) => {}
            Err(refusal) => return send(&mut output, &Reply::Refused(refusal)),
        }
    }
    Ok(())
}

/// The columns of a table that is not wider than a table may be.
fn checked(heads: Vec<ColumnHead>) -> Result<Vec<ColumnHead>, Refusal> {
    if heads.len() > MAX_SHEET_COLUMNS as usize {
        return Err(Refusal::TooLarge(format!("it has {} columns, and a table may have {MAX_SHEET_COLUMNS}", heads.len())));
    }
    Ok(heads)
}

impl Columns {
    /// Bytes of the file.
    fn bytes(&self) -> usize {
        match self {
            Self::Parquet(file) => file.bytes(),
            Self::Arrow(file) => file.bytes(),
        }
    }

    fn read(&mut self, wanted: &[bool], output: &mut impl Write) -> Result<Done, Refusal> {
        let mut sender = BatchSender::new(output, self.bytes());
        let is_open_ended = match self {
            Self::Parquet(file) => file.read(wanted, &mut sender).map(|()| false)?,
            Self::Arrow(file) => file.read(wanted, &mut sender)?,
        };
        Ok(Done { rows: sender.rows(), is_open_ended, ..Done::default() })
    }
}
