//! Reads a finished file back and proves, row by row, that it holds the numbers it was made from, in their order, and no others.

use std::fmt::Display;
use std::fs::File;
use std::io::Seek;

use crate::domain::columns::ColumnType;
use crate::domain::record::Field;
use crate::error::{Error, Result};
use crate::export::cells::Cell;
use crate::export::exporter::{Exporter, Isolation, Options};
use crate::export::markup::text_in_document;
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
    let shown = numbers.columns.iter().enumerate();
    let columns: Vec<usize> =
        shown.filter(|(_, column)| column.kind.is_string() && identifying.contains(&column.key.as_str())).map(|(place, _)| place).collect();
    file.rewind().map_err(|error| Error::input_output(format.name(), "the file cannot be read back", "").with_cause(error))?;
    let text = |text: &str, kind: ColumnType, cell: &str| format.text_read_back(text, kind, options, &report.words) == cell;
    let (mut row, mut block) = (0, Table::new(0, Vec::new())?);
    let mut check = |cells: &[String]| {
        if row % BLOCK_ROWS == 0 && row < numbers.rows {
            block = numbers.table(row..(row + BLOCK_ROWS).min(numbers.rows))?;
        }
        let is_same = row < numbers.rows
            && cells.len() == columns.len()
            && columns.iter().zip(cells).all(|(column, cell)| has_cell(&block, *column, row % BLOCK_ROWS, cell, &text));
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

/// Whether a cell that was read back is that of `column` and `row`: its text, or of a term its words or its code; `is_same` says whether a
/// text of a kind of column stands in the file as a cell.
fn has_cell(block: &Table, column: usize, row: usize, cell: &str, is_same: &impl Fn(&str, ColumnType, &str) -> bool) -> bool {
    let Some(column) = block.columns.get(column) else { return false };
    match Cell::of(&column.values, row) {
        Some(Cell::Text(text)) => is_same(text, column.kind, cell),
        Some(Cell::Term(_, term)) => {
            is_same(&term.caption, column.kind, cell) || is_same(code(term, column.kind).unwrap_or_default(), column.kind, cell)
        }
        _ => cell.is_empty(),
    }
}

/// How many rows stand below an empty table to say that it is empty: a reader of sheets passes over the first `blank` of them, which hold
/// nothing, and over the remark itself.
#[derive(Debug)]
pub(crate) struct EmptyRemark<'a> {
    words: &'a str,
    blank: usize,
    is_awaited: bool,
}

impl<'a> EmptyRemark<'a> {
    /// That of the numbers of `report`, below so many `blank` rows.
    pub(crate) fn of(report: &'a Report, blank: usize) -> Self {
        Self { words: &report.words.empty_report, blank, is_awaited: report.numbers.rows == 0 }
    }

    /// Whether a row with these `cells`, those in `columns`, is the next of those rows.
    pub(crate) fn takes(&mut self, cells: &[String], columns: &[usize]) -> bool {
        if !self.is_awaited {
            return false;
        }
        let is_blank = self.blank > 0;
        if is_blank {
            self.blank -= 1;
        } else {
            self.is_awaited = false;
        }
        let words = text_in_document(self.words);
        columns.iter().zip(cells).all(|(column, cell)| *cell == if *column == 0 && !is_blank { &*words } else { "" })
    }
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
