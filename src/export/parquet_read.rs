//! Reads the numbers of a finished Parquet file back, a group of rows at a time.

use std::fmt::Display;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};

use polars_arrow::array::Utf8ViewArray;
use polars_arrow::datatypes::{ArrowDataType, Field};
use polars_buffer::Buffer;
use polars_parquet::read::{BasicDecompressor, ColumnChunkMetadata, PageReader, column_iter_to_arrays, read_metadata};

use crate::error::{Error, Result};
use crate::export::Options;
use crate::export::read_back::{self, keys};
use crate::report::Report;

/// Bytes of a page at most, whatever it says of itself.
const PAGE_BYTES: usize = 1 << 30;

/// Reads the columns of text at `columns`, row by row.
pub(crate) fn parquet_rows(
    file: &mut File,
    report: &Report,
    _options: &Options,
    columns: &[usize],
    each: &mut dyn FnMut(&[String]) -> Result<()>,
) -> Result<()> {
    let keys = keys(report, columns);
    let metadata = read_metadata(file).map_err(unreadable)?;
    let mut cells = vec![String::new(); keys.len()];
    for group in &metadata.row_groups {
        let mut texts = Vec::with_capacity(keys.len());
        for key in &keys {
            let chunk = group.columns_under_root_iter(key).and_then(|mut chunks| chunks.next());
            texts.push(column(file, key, chunk.ok_or_else(|| unreadable(format!("there is no column {key}")))?)?);
        }
        if texts.iter().any(|texts| texts.iter().map(|array| array.len()).sum::<usize>() != group.num_rows()) {
            return Err(unreadable("a column has more or fewer cells than there are rows"));
        }
        let mut readers: Vec<_> = texts.iter().map(|arrays| arrays.iter().flat_map(|array| array.iter())).collect();
        for _ in 0..group.num_rows() {
            for (cell, reader) in cells.iter_mut().zip(&mut readers) {
                cell.clear();
                cell.push_str(reader.next().flatten().unwrap_or_default());
            }
            each(&cells)?;
        }
    }
    Ok(())
}

/// The texts of a column of a group.
fn column(file: &mut File, key: &str, chunk: &ColumnChunkMetadata) -> Result<Vec<Utf8ViewArray>> {
    let range = chunk.byte_range();
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(range.start)).map_err(unreadable)?;
    file.take(range.end - range.start).read_to_end(&mut bytes).map_err(unreadable)?;
    let pages = PageReader::new(Cursor::new(Buffer::from(bytes)), chunk, Vec::new(), PAGE_BYTES);
    let of = &chunk.descriptor().descriptor.primitive_type;
    let field = Field::new(key.into(), ArrowDataType::Utf8View, true);
    let read = column_iter_to_arrays(vec![BasicDecompressor::new(pages, Vec::new())], vec![of], field, None);
    let (arrays, _) = read.map_err(unreadable)?;
    let texts = arrays.iter().map(|array| array.as_any().downcast_ref::<Utf8ViewArray>().cloned());
    texts.collect::<Option<_>>().ok_or_else(|| unreadable(format!("the column {key} holds no texts")))
}

fn unreadable(what: impl Display) -> Error {
    read_back::unreadable("parquet", what)
}
