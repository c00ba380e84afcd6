//! Writes the numbers as Parquet: a column under each key with the type of its cells, in groups of rows of bounded size.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;

use polars::prelude::PolarsError;
use polars_arrow::array::Array;
use polars_arrow::datatypes::ArrowSchema;
use polars_parquet::read::ParquetError;
use polars_parquet::write::{
    CompressedPage, CompressionOptions, Compressor, DynIter, DynStreamingIterator, Encoding, FileWriter, KeyValue, ParquetType,
    StatisticsOptions, Version, WriteOptions, ZstdLevel, array_to_columns, fallible_streaming_iterator,
};
use rayon::prelude::*;
use serde_json::json;

use crate::error::{Error, Result};
use crate::export::document::{CoverData, VERSION};
use crate::export::exporter::{Isolation, numbers_alone};
use crate::export::parquet_arrays::{array, field};
use crate::export::parquet_read::parquet_rows;
use crate::export::{ExportSummary, Exporter, Options, schema};
use crate::report::{Column, Report, SectionId};

/// The Parquet format.
pub struct Parquet;

/// Rows of a group. Readers skip whole groups by their statistics; whoever writes or reads holds one at a time.
const GROUP_ROWS: usize = 1 << 16;

/// The level of Zstandard: the next ones take twice the time for a few percent.
const COMPRESSION_LEVEL: i32 = 1;

/// The key of what the file says of itself in its footer.
const METADATA_KEY: &str = "portstatus.report";

impl Exporter for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn schema(&self) -> Option<String> {
        Some(schema::of_parquet())
    }

    fn is_for_programs(&self) -> bool {
        true
    }

    fn check_places(&self, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
        numbers_alone(self.name(), places)
    }

    fn isolation(&self) -> Isolation {
        Isolation::ReadBack(parquet_rows)
    }

    fn export(&self, report: &Report, options: &Options, out: &mut dyn Write) -> Result<ExportSummary> {
        let table = &report.numbers;
        let failure = RefCell::new(None);
        let told = |error: &dyn std::fmt::Display| match failure.take() {
            Some(error) => Error::unwritten("parquet", error),
            None => Error::internal("parquet", error),
        };
        let out = TellingWriter { out, failure: &failure };
        let schema: ArrowSchema = table.columns.iter().map(field).map(|field| (field.name.clone(), field)).collect();
        let options_of_file = write_options();
        let mut writer = FileWriter::try_new(out, schema, options_of_file).map_err(|error| told(&error))?;
        let types = writer.parquet_schema().fields().to_vec();
        for start in (0..table.rows).step_by(GROUP_ROWS) {
            let group = table.table(start..(start + GROUP_ROWS).min(table.rows))?;
            let columns = group.columns.par_iter().zip(&types);
            let columns: Vec<Vec<CompressedPage>> =
                columns.map(|(column, of)| pages(column, of, options_of_file)).collect::<Result<_>>()?;
            let columns = columns.iter().map(|pages| {
                let pages = pages.iter().map(Ok::<_, PolarsError>);
                Ok(DynStreamingIterator::new(fallible_streaming_iterator::convert(pages)))
            });
            writer.write(group.rows as u64, DynIter::new(columns)).map_err(|error| told(&error))?;
            options.written.add(group.rows as u64);
        }
        let metadata = KeyValue { key: METADATA_KEY.to_owned(), value: Some(described(report)) };
        writer.end(Some(vec![metadata])).map_err(|error| told(&error))?;
        writer.into_inner().out.flush().map_err(|error| Error::unwritten("parquet", error))?;
        Ok(ExportSummary { rows: table.rows as u64, pages: None, notes: Vec::new() })
    }
}

fn write_options() -> WriteOptions {
    WriteOptions {
        statistics: StatisticsOptions::default(),
        version: Version::V1,
        compression: CompressionOptions::Zstd(ZstdLevel::try_new(COMPRESSION_LEVEL).ok()),
        data_page_size: None,
    }
}

/// The pages of a column, compressed.
fn pages(column: &Column, of: &ParquetType, options: WriteOptions) -> Result<Vec<CompressedPage>> {
    let array: Box<dyn Array> = array(column)?;
    // What does not repeat is written plainly all the same.
    let has_dictionary = !matches!(array.dtype(), polars_arrow::datatypes::ArrowDataType::Boolean);
    let encoding = if has_dictionary { Encoding::RleDictionary } else { Encoding::Plain };
    let mut compressed = Vec::new();
    for pages in array_to_columns(array, of.clone(), options, &[encoding])? {
        let pages = pages.map(|page| page.map_err(|error| ParquetError::FeatureNotSupported(error.to_string())));
        for page in Compressor::new(pages, options.compression, Vec::new()) {
            compressed.push(page.map_err(|error| Error::internal("parquet", error))?);
        }
    }
    Ok(compressed)
}

/// What the footer says of the report.
fn described(report: &Report) -> String {
    let captions: BTreeMap<&str, &str> =
        report.numbers.columns.iter().map(|column| (column.key.as_str(), column.caption.as_str())).collect();
    json!({ "version": VERSION, "cover": CoverData::of(report), "captions": captions }).to_string()
}

/// Keeps the first refusal of the output, of which the library tells less.
struct TellingWriter<'a> {
    out: &'a mut dyn Write,
    failure: &'a RefCell<Option<std::io::Error>>,
}

impl Write for TellingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out.write(bytes).map_err(|error| self.keep(error))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush().map_err(|error| self.keep(error))
    }
}

impl TellingWriter<'_> {
    fn keep(&self, error: std::io::Error) -> std::io::Error {
        let kind = error.kind();
        self.failure.borrow_mut().get_or_insert(error);
        kind.into()
    }
}
