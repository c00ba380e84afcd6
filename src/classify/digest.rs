//! A digest of classified rows that any engine can make as well: what is known of each row as text, hashed, and the hashes added up, so that
//! it does not depend on the order of the rows.

use std::io::Write;

use polars::prelude::*;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::classify::Classified;
use crate::domain::record::{Field, NEXT_ACTION, NUMBER_TYPE, RULE};
use crate::error::{Error, Result};
use crate::source::CodedText;

/// Between the cells of a row.
pub const SEPARATOR: u8 = 31;
/// An empty cell.
pub const NOTHING: u8 = 30;
/// Leading hexadecimal digits of the SHA-256 of a row's text that count: 60 bits, which every engine has in a whole number.
pub const DIGITS: u32 = 15;
/// What is hashed of the verdict, behind the columns of the record.
pub const VERDICTS: [&str; 4] = ["status", "detail", "rule", "action_owner"];

/// Rows that are hashed in one piece.
const PIECE_ROWS: usize = 1 << 14;

/// A column whose cells can be written as text.
enum Cells {
    Coded(CodedText),
    Text(StringChunked),
    Days(Int32Chunked),
    Number(Int64Chunked),
    Truth(BooleanChunked),
    /// Places in a list of texts.
    Listed(UInt32Chunked, Vec<String>),
}

/// The digest of each row of `classified`, in their order. It covers every column of the record as the report has it, the type of the
/// number, and [`VERDICTS`].
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn of_rows(classified: &Classified) -> Result<Vec<u64>> {
    let columns: Vec<Cells> = Field::all()
        .map(|field| if field == Field::NumberState { "state" } else { field.key() })
        .chain([NUMBER_TYPE])
        .chain(VERDICTS)
        .map(|key| cells(classified, key))
        .collect::<Result<_>>()?;
    let rows = classified.frame().height();
    let pieces: Vec<usize> = (0..rows).step_by(PIECE_ROWS).collect();
    let of_piece = |start: &usize| -> Result<Vec<u64>> {
        let mut text = Vec::new();
        let rows = *start..(*start + PIECE_ROWS).min(rows);
        rows.map(|row| {
            text.clear();
            for (place, column) in columns.iter().enumerate() {
                if place > 0 {
                    text.push(SEPARATOR);
                }
                column.write(row, &mut text).map_err(|error| Error::internal("digest", error))?;
            }
            Ok(digest(&text))
        })
        .collect()
    };
    Ok(pieces.par_iter().map(of_piece).collect::<Result<Vec<_>>>()?.concat())
}

/// The first [`DIGITS`] of the SHA-256 of `text`, as a number.
fn digest(text: &[u8]) -> u64 {
    let hash = Sha256::digest(text);
    let first = hash.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    first >> (64 - 4 * DIGITS)
}

fn cells(classified: &Classified, key: &str) -> Result<Cells> {
    let frame = classified.frame();
    Ok(match key {
        "rule" => Cells::Listed(frame.column(RULE)?.u32()?.clone(), classified.rules.all.iter().map(|rule| rule.id.clone()).collect()),
        "action_owner" => {
            let owners = classified.next_actions().map(|(owner, _)| owner.code().to_owned());
            Cells::Listed(frame.column(NEXT_ACTION)?.u32()?.clone(), owners.collect())
        }
        key if frame.texts(key).is_some() => Cells::Coded(frame.coded(key)?),
        key => {
            let column = frame.column(key)?;
            match column.dtype() {
                DataType::String => Cells::Text(column.str()?.rechunk().into_owned()),
                DataType::Boolean => Cells::Truth(column.bool()?.rechunk().into_owned()),
                DataType::Date => Cells::Days(column.cast(&DataType::Int32)?.i32()?.rechunk().into_owned()),
                _ => Cells::Number(column.cast(&DataType::Int64)?.i64()?.rechunk().into_owned()),
            }
        }
    })
}

impl Cells {
    /// Writes the cell of a row to `out`.
    fn write(&self, row: usize, out: &mut Vec<u8>) -> std::io::Result<()> {
        let mut text = |text: Option<&str>| match text {
            Some(text) => out.extend_from_slice(text.as_bytes()),
            None => out.push(NOTHING),
        };
        match self {
            Self::Coded(coded) => text(coded.text(row)),
            Self::Text(cells) => text(cells.get(row)),
            Self::Truth(cells) => text(cells.get(row).map(|truth| if truth { "true" } else { "false" })),
            Self::Listed(places, texts) => text(places.get(row).and_then(|place| texts.get(place as usize)).map(String::as_str)),
            Self::Number(cells) => match cells.get(row) {
                Some(number) => write!(out, "{number}")?,
                None => text(None),
            },
            Self::Days(cells) => match cells.get(row).and_then(chrono::NaiveDate::from_epoch_days) {
                Some(day) => write!(out, "{day}")?,
                None => text(None),
            },
        }
        Ok(())
    }
}
