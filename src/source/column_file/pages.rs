//! Walks the page headers of a Parquet column before anything is unpacked: sizes are bounded, checksums compared, values counted.

use std::io::Cursor;

use polars_parquet::parquet::compression::Compression;
use polars_parquet::read::{ColumnChunkMetadata, PhysicalType};
use polars_parquet_format::thrift::protocol::TCompactInputProtocol;
use polars_parquet_format::{DataPageHeaderV2, PageHeader, PageType};

use crate::source::guarded::protocol::Refusal;

/// Bytes that a page may unpack to. Writers end a page after a mebibyte or two; some make one of a whole row group.
pub const MAX_PAGE_BYTES: usize = 256 << 20;
/// Below this an inflation ratio says nothing.
const RATIO_FLOOR: usize = 32 << 20;
/// How many times as large a larger page may become.
const LARGEST_RATIO: usize = 1000;
/// Bytes before each value that has a length of its own.
const LENGTH_BYTES: usize = 4;
/// Bytes of the longest page header. Statistics in it may hold two values of the column.
const MAX_HEADER_BYTES: usize = 16 << 20;

/// What the pages of a column unpack to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pages {
    /// Bytes of all.
    pub bytes: u64,
    /// Bytes of the largest.
    pub largest: u64,
}

/// Walks the pages of a column of `rows` rows, each with one value at most; returns what they unpack to.
///
/// # Errors
/// [`Refusal::Damaged`] for a page that lies outside the file, whose checksum differs or whose header contradicts itself;
/// [`Refusal::TooLarge`] for one that unpacks to more than a page may.
pub fn walk(file: &[u8], column: &ColumnChunkMetadata, rows: usize) -> Result<Pages, Refusal> {
    let damaged = |what: &str| {
        let name = column.descriptor().path_in_schema.first().map(|name| name.as_str()).unwrap_or_default();
        Refusal::damaged(format!("column '{name}': {what}"))
    };
    let start = usize::try_from(column.byte_range().start).ok().filter(|start| *start <= file.len());
    let rest = start.map(|start| &file[start..]).ok_or_else(|| damaged("it lies outside the file"))?;
    if column.num_values() != rows as i64 {
        return Err(damaged("it has another number of values than its table has rows"));
    }
    let is_compressed = !matches!(column.compression(), Compression::Uncompressed);
    let (mut at, mut values, mut pages) = (0, 0_usize, Pages::default());
    while values < rows {
        let mut cursor = Cursor::new(&rest[at..]);
        let header = PageHeader::read_from_in_protocol(&mut TCompactInputProtocol::new(&mut cursor, MAX_HEADER_BYTES));
        let header = header.map_err(|_| damaged("the header of a page cannot be read"))?;
        let body = at + cursor.position() as usize;
        let size = |size: i32| usize::try_from(size).map_err(|_| damaged("a page has a negative size"));
        let (compressed, uncompressed) = (size(header.compressed_page_size)?, size(header.uncompressed_page_size)?);
        let page = rest.get(body..).and_then(|rest| rest.get(..compressed)).ok_or_else(|| damaged("a page of it is cut off"))?;
        if header.crc.is_some_and(|crc| crc as u32 != crc32fast::hash(page)) {
            return Err(damaged("the checksum of a page differs"));
        }
        let is_out_of_ratio = uncompressed > RATIO_FLOOR && uncompressed / LARGEST_RATIO > compressed;
        if uncompressed > MAX_PAGE_BYTES || is_out_of_ratio {
            let what = format!("a page of {compressed} bytes unpacks to {} MiB, as only a decompression bomb does", uncompressed >> 20);
            return Err(Refusal::TooLarge(what));
        }
        if !is_compressed && compressed != uncompressed {
            return Err(damaged("a page that is not compressed has two sizes"));
        }
        values += values_in(&header, column.physical_type(), (compressed, uncompressed), is_compressed).map_err(damaged)?;
        pages.bytes += uncompressed as u64;
        pages.largest = pages.largest.max(uncompressed as u64);
        at = body + compressed;
    }
    if values > rows {
        return Err(damaged("its pages hold more values than its table has rows"));
    }
    Ok(pages)
}

/// The values of a page with this header, whose sizes, as it lies and unpacked, are these; or what is wrong with it.
fn values_in(
    header: &PageHeader,
    kind: PhysicalType,
    (compressed, uncompressed): (usize, usize),
    is_compressed: bool,
) -> Result<usize, &'static str> {
    const NO_HEADER: &str = "a page lacks the header of its kind";
    let count = |values: i32| usize::try_from(values).map_err(|_| "a page has a negative number of values");
    match header.type_ {
        PageType::DICTIONARY_PAGE => {
            let values = count(header.dictionary_page_header.as_ref().ok_or(NO_HEADER)?.num_values)?;
            // Memory is set aside for as many as are declared.
            let is_sound = match value_bytes(kind) {
                Some(bytes) => values.checked_mul(bytes) == Some(uncompressed),
                None => values <= uncompressed / LENGTH_BYTES,
            };
            if is_sound { Ok(0) } else { Err("a dictionary has another number of values than it declares") }
        }
        PageType::DATA_PAGE => count(header.data_page_header.as_ref().ok_or(NO_HEADER)?.num_values),
        PageType::DATA_PAGE_V2 => {
            let page = header.data_page_header_v2.as_ref().ok_or(NO_HEADER)?;
            check_levels(page, (compressed, uncompressed), is_compressed)?;
            count(page.num_values)
        }
        _ => Err("a page is of an unknown kind"),
    }
}

/// Bytes of a value of this type; `None` where each has a length of its own.
fn value_bytes(kind: PhysicalType) -> Option<usize> {
    match kind {
        PhysicalType::Int32 | PhysicalType::Float => Some(4),
        PhysicalType::Int64 | PhysicalType::Double => Some(8),
        PhysicalType::Int96 => Some(12),
        PhysicalType::FixedLenByteArray(bytes) => Some(bytes),
        PhysicalType::Boolean | PhysicalType::ByteArray => None,
    }
}

/// The levels of such a page stand before its values and are not compressed.
fn check_levels(page: &DataPageHeaderV2, (compressed, uncompressed): (usize, usize), is_compressed: bool) -> Result<(), &'static str> {
    let bytes = |length: i32| usize::try_from(length).map_err(|_| "the levels of a page have a negative length");
    let levels = bytes(page.definition_levels_byte_length)? + bytes(page.repetition_levels_byte_length)?;
    let (nulls, values) = (page.num_nulls, page.num_values);
    if nulls < 0 || nulls > values {
        return Err("a page has more nulls than values");
    }
    if levels > compressed.min(uncompressed) {
        return Err("the levels of a page are longer than the page");
    }
    // Without a byte of data, a page can only hold nulls.
    if is_compressed && page.is_compressed.unwrap_or(true) && compressed == levels && uncompressed > levels {
        return Err("a page lacks its values");
    }
    Ok(())
}
