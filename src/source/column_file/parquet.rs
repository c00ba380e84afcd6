//! Reads Parquet: the columns wanted, some rows at a time, so that no column is ever held whole.

use std::collections::BTreeSet;
use std::io::{Cursor, Write};

use polars_arrow::datatypes::{ArrowDataType, Field, TimeUnit};
use polars_buffer::Buffer;
use polars_parquet::read::schema::{SchemaInferenceOptions, parquet_to_arrow_schema_with_options};
use polars_parquet::read::{
    BasicDecompressor, FileMetadata, Filter, ParquetType, PrimitiveConvertedType, PrimitiveLogicalType, RowGroupMetadata,
    column_iter_to_arrays, get_column_iterator, read_metadata,
};

use crate::domain::text::thousands;
use crate::source::column_file::array_text::{append, append_texts, append_uuids, unusable};
use crate::source::column_file::batch_sender::{BatchSender, ColumnText};
use crate::source::column_file::pages::{MAX_PAGE_BYTES, walk};
use crate::source::guarded::limits::limit_process_to;
use crate::source::guarded::protocol::{ColumnHead, Refusal};
use crate::source::input::Limits;

/// Rows that are unpacked at once. Pages before and behind them are not touched.
const RANGE_ROWS: usize = 1 << 16;
/// Rows that any file may declare; a larger number must be in proportion to the file.
const FREE_ROWS: u64 = 1 << 21;
/// Rows for a byte of a file, at most.
const ROWS_A_BYTE: u64 = 100;
/// Text that a cell is expected to have, in bytes, when processor time is set aside.
const CELL_BYTES: u64 = 4;

/// A Parquet file whose footer was read.
pub struct ParquetFile {
    bytes: Buffer<u8>,
    metadata: FileMetadata,
    columns: Vec<Column>,
    limits: Limits,
}

/// A column of the schema's first level.
struct Column {
    head: ColumnHead,
    field: Field,
    form: Form,
}

/// How a column's values become text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// By their type.
    Typed,
    /// They are bytes that their column calls texts.
    Texts,
    /// They are UUIDs.
    Uuids,
}

impl ParquetFile {
    /// Reads the footer of the file in `bytes`.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] for one that cannot be read; [`Refusal::TooLarge`] for one that declares too many rows.
    pub fn open(bytes: Vec<u8>, limits: &Limits) -> Result<Self, Refusal> {
        if bytes.ends_with(b"PARE") {
            return Err(Refusal::damaged("it is encrypted"));
        }
        if !bytes.ends_with(b"PAR1") {
            return Err(Refusal::damaged("it is cut short: a Parquet file ends with its footer"));
        }
        let bytes = Buffer::from(bytes);
        let metadata = read_metadata(&mut Cursor::new(&bytes[..])).map_err(|error| Refusal::damaged(error.to_string()))?;
        let rows: u64 = metadata.row_groups.iter().map(|group| group.num_rows() as u64).sum();
        if rows != metadata.num_rows as u64 {
            return Err(Refusal::damaged("its parts have other rows than the whole"));
        }
        if rows > FREE_ROWS && rows / ROWS_A_BYTE > bytes.len() as u64 {
            let what = format!("it declares {} rows in {} bytes", thousands(rows), thousands(bytes.len() as u64));
            return Err(Refusal::TooLarge(what));
        }
        let columns = columns(metadata.schema().fields());
        Ok(Self { bytes, metadata, columns, limits: limits.clone() })
    }

    /// Bytes of it.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Its columns.
    pub fn heads(&self) -> Vec<ColumnHead> {
        self.columns.iter().map(|column| column.head.clone()).collect()
    }

    /// Sends the rows of the columns that are `wanted`. Every page of them is looked at before the first is unpacked.
    ///
    /// # Errors
    /// What is wrong with the file, and the errors of the pipe.
    pub fn read(&self, wanted: &[bool], sender: &mut BatchSender<'_, impl Write>) -> Result<(), Refusal> {
        let wanted: Vec<(u32, &Column)> =
            (0..).zip(&self.columns).zip(wanted).filter(|(_, wanted)| **wanted).map(|(column, _)| column).collect();
        let (mut unpacked, mut largest) = (0, 0);
        for group in &self.metadata.row_groups {
            for (_, column) in &wanted {
                let name = column.field.name.as_str();
                let mut chunks = group.columns_under_root_iter(name).ok_or_else(|| lacking(name))?;
                let chunk = chunks.next().ok_or_else(|| lacking(name))?;
                let pages = walk(&self.bytes, chunk, group.num_rows())?;
                unpacked += pages.bytes;
                largest = largest.max(pages.largest);
            }
        }
        if unpacked > self.limits.inflated_bytes {
            return Err(Refusal::OverLimit(self.limits.inflated_bytes));
        }
        let cells = self.metadata.num_rows as u64 * wanted.len() as u64;
        let own = self.bytes.len() as u64;
        limit_process_to(&self.limits, own * 3 + largest * 4, own + unpacked + cells * CELL_BYTES);
        for group in &self.metadata.row_groups {
            for start in (0..group.num_rows()).step_by(RANGE_ROWS) {
                let end = group.num_rows().min(start + RANGE_ROWS);
                let cells = |(index, column): &(u32, &Column)| Ok((*index, self.cells(group, column, (start, end), sender)?));
                let columns = wanted.iter().map(cells).collect::<Result<Vec<_>, Refusal>>()?;
                sender.send(end - start, &columns)?;
            }
        }
        Ok(())
    }

    /// The cells of some rows of a column.
    fn cells(
        &self,
        group: &RowGroupMetadata,
        column: &Column,
        (start, end): (usize, usize),
        sender: &mut BatchSender<'_, impl Write>,
    ) -> Result<ColumnText, Refusal> {
        let name = column.field.name.as_str();
        let damaged = |error: &dyn std::fmt::Display| Refusal::damaged(format!("column '{name}': {error}"));
        let mut pages = get_column_iterator(Cursor::new(self.bytes.clone()), group, name, MAX_PAGE_BYTES);
        let (pages, chunk) = pages.next().ok_or_else(|| lacking(name))?.map_err(|error| damaged(&error))?;
        let primitive = &chunk.descriptor().descriptor.primitive_type;
        let range = Some(Filter::new_ranged(start, end));
        let read = column_iter_to_arrays(vec![BasicDecompressor::new(pages, Vec::new())], vec![primitive], column.field.clone(), range);
        let (arrays, _) = read.map_err(|error| damaged(&error))?;
        let mut cells = ColumnText { ends: Vec::with_capacity(end - start), ..ColumnText::default() };
        let write = match column.form {
            Form::Typed => append,
            Form::Texts => append_texts,
            Form::Uuids => append_uuids,
        };
        for array in arrays {
            sender.write(&mut cells, array.as_ref(), write)?;
        }
        if cells.ends.len() != end - start {
            return Err(damaged(&"it has another number of values than its table has rows"));
        }
        Ok(cells)
    }
}

fn lacking(name: &str) -> Refusal {
    Refusal::damaged(format!("column '{name}' lacks its values"))
}

/// The columns of a schema's first level. The types follow the schema alone: what a writer noted beside it of the types that
/// it had itself is not trusted.
fn columns(fields: &[ParquetType]) -> Vec<Column> {
    // Instants of the old type reach further than nanoseconds count.
    let options = Some(SchemaInferenceOptions { int96_coerce_to_timeunit: TimeUnit::Microsecond });
    let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for field in fields {
        if !seen.insert(field.name()) {
            twice.insert(field.name());
        }
    }
    let column = |field: &ParquetType| {
        let schema = parquet_to_arrow_schema_with_options(std::slice::from_ref(field), &options);
        let known = schema.iter_values().next().cloned();
        let known = known.unwrap_or_else(|| Field::new(field.name().into(), ArrowDataType::Unknown, true));
        let (dtype, form) = typed(field, known.dtype.clone());
        let what = match form {
            _ if twice.contains(field.name()) => Some("the values of two columns of one name"),
            Form::Typed => unusable(&dtype),
            Form::Texts | Form::Uuids => None,
        };
        let head = ColumnHead { name: field.name().to_owned(), unusable: what.map(str::to_owned) };
        Column { head, field: Field { dtype, ..known }, form }
    };
    fields.iter().map(column).collect()
}

/// The type by which a column is read, and how its values become text.
fn typed(field: &ParquetType, dtype: ArrowDataType) -> (ArrowDataType, Form) {
    let ParquetType::PrimitiveType(primitive) = field else { return (dtype, Form::Typed) };
    let (logical, converted) = (primitive.logical_type, primitive.converted_type);
    let is_text = matches!(logical, Some(PrimitiveLogicalType::Enum | PrimitiveLogicalType::Json))
        || matches!(converted, Some(PrimitiveConvertedType::Enum | PrimitiveConvertedType::Json));
    match dtype {
        ArrowDataType::BinaryView if is_text => (dtype, Form::Texts),
        ArrowDataType::FixedSizeBinary(16) if logical == Some(PrimitiveLogicalType::Uuid) => (dtype, Form::Uuids),
        // Where nothing else is said, the format means instants in UTC by a timestamp.
        ArrowDataType::Timestamp(unit, None) if converted.is_some() && logical.is_none() => {
            (ArrowDataType::Timestamp(unit, Some("+00:00".into())), Form::Typed)
        }
        dtype => (dtype, Form::Typed),
    }
}
