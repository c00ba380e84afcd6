//! Reads Arrow IPC, as a file with a footer or as a stream, record batch by record batch.

use std::io::{Cursor, Write};

use polars::prelude::PolarsError;
use polars_arrow::array::Array;
use polars_arrow::datatypes::{ArrowSchema, Field};
use polars_arrow::io::ipc::read::{
    FileMetadata, FileReader, StreamMetadata, StreamReader, StreamState, read_file_metadata, read_stream_metadata,
};
use polars_arrow::record_batch::RecordBatchT;

use crate::source::column_file::array_text::{append, unusable};
use crate::source::column_file::batch_sender::{BatchSender, ColumnText};
use crate::source::guarded::limits::limit_process;
use crate::source::guarded::protocol::{ColumnHead, Refusal};
use crate::source::input::Limits;

/// The first bytes of an Arrow file; a stream has none of its own.
const FILE_SIGNATURE: &[u8] = b"ARROW1";
/// Rows that become text at once.
const RANGE_ROWS: usize = 1 << 16;
/// How many times as large a compressed batch becomes, when memory and processor time are set aside.
const EXPECTED_RATIO: u64 = 4;

/// An Arrow file or stream whose schema was read.
pub struct ArrowFile {
    bytes: Vec<u8>,
    schema: Schema,
}

enum Schema {
    File(FileMetadata),
    Stream(StreamMetadata, u64),
}

impl ArrowFile {
    /// Reads the schema of what `bytes` hold.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] when it cannot be read.
    pub fn open(bytes: Vec<u8>, limits: &Limits) -> Result<Self, Refusal> {
        limit_process(limits, bytes.len() as u64 * EXPECTED_RATIO);
        let mut cursor = Cursor::new(bytes.as_slice());
        let schema = if bytes.starts_with(FILE_SIGNATURE) {
            if !bytes.ends_with(FILE_SIGNATURE) {
                return Err(Refusal::damaged("it is cut short: an Arrow file ends with its footer"));
            }
            read_file_metadata(&mut cursor).map(Schema::File)
        } else {
            read_stream_metadata(&mut cursor).map(|metadata| Schema::Stream(metadata, cursor.position()))
        };
        let schema = schema.map_err(|error| match error.to_string() {
            // So the library calls whatever of a schema is below zero.
            said if said.contains("NegativeFooterLength") => {
                Refusal::damaged("a number in its schema is negative, such as the scale of a column of decimals")
            }
            said => Refusal::damaged(said),
        })?;
        Ok(Self { bytes, schema })
    }

    /// Bytes of it.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Its columns.
    pub fn heads(&self) -> Vec<ColumnHead> {
        let head = |field: &Field| ColumnHead { name: field.name.to_string(), unusable: unusable(&field.dtype).map(str::to_owned) };
        self.fields().iter_values().map(head).collect()
    }

    fn fields(&self) -> &ArrowSchema {
        match &self.schema {
            Schema::File(metadata) => &metadata.schema,
            Schema::Stream(metadata, _) => &metadata.schema,
        }
    }

    /// Sends the rows of the columns that are `wanted`; returns whether it is a stream without an end.
    ///
    /// # Errors
    /// What is wrong with the file, and the errors of the pipe.
    pub fn read(&self, wanted: &[bool], sender: &mut BatchSender<'_, impl Write>) -> Result<bool, Refusal> {
        let projection: Vec<usize> = (0..wanted.len()).filter(|index| wanted[*index]).collect();
        let mut send = |batch: RecordBatchT<Box<dyn Array>>| send_batch(&batch, &projection, sender);
        let damaged = |error: PolarsError| Refusal::damaged(error.to_string());
        match &self.schema {
            Schema::File(metadata) => {
                let mut reader = FileReader::new(Cursor::new(self.bytes.as_slice()), metadata.clone(), Some(projection.clone()), None);
                reader.try_for_each(|batch| send(batch.map_err(damaged)?))?;
                Ok(false)
            }
            Schema::Stream(metadata, start) => {
                let mut cursor = Cursor::new(self.bytes.as_slice());
                cursor.set_position(*start);
                for batch in StreamReader::new(cursor, metadata.clone(), Some(projection.clone())) {
                    match batch.map_err(damaged)? {
                        StreamState::Some(batch) => send(batch)?,
                        StreamState::Waiting => return Ok(true),
                    }
                }
                Ok(false)
            }
        }
    }
}

/// Sends the rows of a batch whose columns stand at the places `projection` of the schema.
fn send_batch(batch: &RecordBatchT<Box<dyn Array>>, projection: &[usize], sender: &mut BatchSender<'_, impl Write>) -> Result<(), Refusal> {
    for start in (0..batch.len()).step_by(RANGE_ROWS) {
        let rows = RANGE_ROWS.min(batch.len() - start);
        let mut columns = Vec::with_capacity(projection.len());
        for (index, array) in projection.iter().zip(batch.arrays()) {
            let mut cells = ColumnText { ends: Vec::with_capacity(rows), ..ColumnText::default() };
            sender.write(&mut cells, array.sliced(start, rows).as_ref(), append)?;
            columns.push((*index as u32, cells));
        }
        sender.send(rows, &columns)?;
    }
    Ok(())
}
