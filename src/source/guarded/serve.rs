//! The process that reads a file on another's behalf: it bounds itself, answers through pipes, and never opens a file.

use std::io::{self, Read, Write};

use crate::source::column_file::child as column_file;
use crate::source::guarded::limits::limit_process;
use crate::source::guarded::protocol::{Content, Task, receive};
use crate::source::guarded::unpack;
use crate::source::workbook::child as workbook;

/// Reads a task, the file's bytes and requests from `input` and answers to `output`, until `input` ends.
///
/// # Errors
/// Only those of the pipes; whatever is wrong with the file is an answer.
pub fn serve(mut input: impl Read, output: impl Write) -> io::Result<()> {
    let task: Task = receive(&mut input)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    limit_process(&task.limits, task.size / 4);
    let mut bytes = Vec::with_capacity(usize::try_from(task.size).unwrap_or(0));
    (&mut input).take(task.size).read_to_end(&mut bytes)?;
    match task.content {
        Content::Workbook => workbook::serve(bytes, &task.limits, input, output),
        Content::Parquet | Content::Arrow => column_file::serve(bytes, &task, input, output),
        Content::Gzip | Content::Zstd => unpack::serve(&bytes, &task, output),
    }
}
