//! Reads a finished file back and proves, row by row, that it holds the numbers it was made from, in their order, and no others.

use std::fmt::Display;
use std::fs::File;
use std::io::Seek;

use crate::domain::record::Field;
use crate::error::{Error, Result};
use crate::export::cells::Cell;
use crate::export::exporter::{Exporter, Isolation, Options};
use crate::export::typed::code;
use crate::report::{Report, Table};

/// Rows of the report that are held at once.
const BLOCK_ROWS: usize = 1 << 14;

/// Proves that `file`, made of `report` by `format`, holds its rows: as many, and each with the cells of its number, request and
/// account, and of the column `key`, where the report shows them.
///
/// # Errors
/// [`Error::internal`] that names the row of a file that holds another; a file that cannot be read back.
pub fn prove(format: &dyn Exporter, file: &mut File, report: &Report, options: &Options, key: &str) -> Result<()> {
    let Isolation::ReadBack(read) = format.isolation() else { return Ok(()) };
    let identifying = [key, Field::AccountId.key(), Field::PhoneNumber.key(), Field::RequestId.key()];
    let numbers = &report.numbers;
    if numbers.rows == 0 {
        return Ok(());
    }
    let shown = numbers.columns.iter().enumerate();
    let columns: Vec<usize> =
        shown.filter(|(_, column)| column.kind.is_string() && identifying.contains(&column.key.as_str())).map(|(place, _)| place).collect();
    file.rewind().map_err(|error| Error::input_output(format.name(), "the file cannot be read back", "").with_cause(error))?;
    let (mut row, mut block) = (0, Table::new(0, Vec::new())?);
    let mut check = |cells: &[String]| {
        if row % BLOCK_ROWS == 0 {
            block = numbers.table(row..(row + BLOCK_ROWS).min(numbers.rows))?;
        }
        let is_same = row < numbers.rows
            && cells.len() == columns.len()
            && columns.iter().zip(cells).all(|(column, cell)| has_cell(&block, *column, row % BLOCK_ROWS, cell));
        row += 1;
        if is_same {
            Ok(())
        } else {
            Err(Error::internal(format.name(), format!("row {row} of the file is not one that it was made from")))
        }
    };
    read(file, report, options, &columns, &mut check)?;
    match row == numbers.rows {
        true => Ok(()),
        false => Err(Error::internal(format.name(), format!("{row} rows were read back of {}", numbers.rows))),
    }
}

/// Whether a cell that was read back is that of `column` and `row`: its text, or of a term its words or its code.
fn has_cell(block: &Table, column: usize, row: usize, cell: &str) -> bool {
    let Some(column) = block.columns.get(column) else { return false };
    match Cell::of(&column.values, row) {
        Some(Cell::Text(text)) => is_same(text, cell),
        Some(Cell::Term(_, term)) => is_same(&term.caption, cell) || code(term, column.kind).unwrap_or_default() == cell,
        _ => cell.is_empty(),
    }
}

/// Whether a cell that was read back is `text`, whatever was done to keep it from harm: guards add marks, and characters that a
/// format cannot hold are written in letters.
fn is_same(text: &str, cell: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
    let is_plain = !text.contains("_x") && !text.contains(|letter: char| letter.is_control() || letter > '\u{fff0}');
    text == cell || !is_plain || letters(text) == letters(cell)
}

/// What is said of a finished file of `format` that is not what was written.
pub(crate) fn unreadable(format: &str, what: impl Display) -> Error {
    Error::internal(format, format!("what was written cannot be read back: {what}"))
}

/// The keys of the numbers' columns at `columns`.
pub(crate) fn keys<'a>(report: &'a Report, columns: &[usize]) -> Vec<&'a str> {
    columns.iter().filter_map(|column| report.numbers.columns.get(*column)).map(|column| column.key.as_str()).collect()
}

/// Reads the rows of a CSV file.
pub(crate) fn csv_rows(
    file: &mut File,
    _report: &Report,
    options: &Options,
    columns: &[usize],
    each: &mut dyn FnMut(&[String]) -> Result<()>,
) -> Result<()> {
    let mut reader = csv::ReaderBuilder::new().delimiter(options.csv_delimiter).from_reader(file);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| unreadable("csv", error))? {
        let cells: Vec<String> = columns.iter().map(|column| record.get(*column).unwrap_or_default().to_owned()).collect();
        each(&cells)?;
    }
    Ok(())
}
