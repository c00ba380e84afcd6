//! Makes rows of the records of a JSON input: the fields around an array are repeated for each of its elements.

use std::borrow::Cow;

use polars::prelude::{PlSmallStr, StringChunked, StringChunkedBuilder};

use crate::source::json::choice::Choice;
use crate::source::json::parse::{Fault, Kind, Node, Parser};
use crate::source::json::shape::{Path, ROOT, Shape, Step};
use crate::source::table::{Refused, TableChunk};

/// Rows of a chunk, and of the first, so that its work begins soon.
const CHUNK_ROWS: usize = 1 << 17;
const FIRST_CHUNK_ROWS: usize = 1 << 14;
/// What stands between the values of an array that are one cell.
const BETWEEN: &str = "; ";

/// A row in the making: a text for each column that is wanted.
pub type Row<'t> = Vec<Option<Cow<'t, str>>>;

/// What is the same for all rows.
pub struct RowPlan<'a> {
    shape: &'a Shape,
    /// The arrays that make rows, from above.
    lists: &'a [Path],
    /// For each path the place of its column among those wanted.
    columns: Vec<Option<usize>>,
    /// For each of the columns wanted what stands around the arrays that make rows, for every row.
    constants: &'a [Option<String>],
    wanted: &'a [bool],
}

/// For each path the place of its column among those wanted.
fn places(shape: &Shape, choice: &Choice) -> Vec<Option<usize>> {
    let mut places = vec![None; shape.paths.len()];
    for (place, (column, _)) in choice.columns.iter().zip(&choice.wanted).filter(|(_, wanted)| **wanted).enumerate() {
        column.paths.iter().for_each(|path| places[*path] = Some(place));
    }
    places
}

/// Values around the arrays that make rows that one column has, at most: an answer about one order has few.
const MOST_AROUND: usize = 1_000;

/// What stands around the arrays that make rows in an input that is one value, for each of the columns wanted. Of arrays that
/// make none all values are one cell, as they are within a record.
///
/// # Errors
/// A value that is not JSON.
pub fn around(shape: &Shape, choice: &Choice, parser: &mut Parser<'_>) -> Result<Vec<Option<String>>, Fault> {
    let columns = places(shape, choice);
    let mut cells: Vec<Option<String>> = vec![None; choice.wanted.iter().filter(|wanted| **wanted).count()];
    let Some(first) = choice.lists.first() else { return Ok(cells) };
    let is_outside = |path: Path| shape.ancestors(path).all(|above| above != *first);
    let outside = || columns.iter().enumerate().filter_map(|(path, column)| Some((path, (*column)?))).filter(|(path, _)| is_outside(*path));
    let is_once = |path: Path| shape.lists_around(path).is_empty();
    for (path, column) in outside().filter(|(path, _)| is_once(*path)) {
        cells[column] = cells[column].take().or_else(|| shape.paths[path].first.clone());
    }
    // Most inputs have no other array beside that of their records, and are not read once more for it.
    if outside().all(|(path, _)| is_once(path)) {
        return Ok(cells);
    }
    let mut counts = vec![0; cells.len()];
    gather(shape, parser, ROOT, *first, &mut |path, text| {
        let column = columns[path].filter(|column| counts[*column] < MOST_AROUND && !text.is_empty() && !is_once(path));
        let Some(column) = column else { return };
        counts[column] += 1;
        match &mut cells[column] {
            None => cells[column] = Some(text.into_owned()),
            Some(cell) => cell.extend([BETWEEN, &text]),
        }
    })?;
    Ok(cells)
}

/// Gives `take` each value, with its path, of what `parser` stands at, but for the elements at the path `first`.
fn gather<'t>(
    shape: &Shape,
    parser: &mut Parser<'t>,
    path: Path,
    first: Path,
    take: &mut dyn FnMut(Path, Cow<'t, str>),
) -> Result<(), Fault> {
    match parser.kind()? {
        Kind::Map => parser.members(&mut |parser, key, before| match shape.member(path, &key, before) {
            Some(member) if member != first => {
                if shape.paths[member].step == Step::Entry {
                    take(member, key);
                }
                gather(shape, parser, member, first, take)
            }
            _ => parser.skip(),
        }),
        Kind::List => match shape.element(path).filter(|element| *element != first) {
            Some(element) => parser.elements(&mut |parser| gather(shape, parser, element, first, take)),
            None => parser.skip(),
        },
        Kind::Scalar => {
            if let Some(text) = parser.scalar()? {
                take(path, text);
            }
            Ok(())
        }
    }
}

impl<'a> RowPlan<'a> {
    /// Of the table chosen; `constants` are what stands [around] the arrays that make rows.
    pub fn new(shape: &'a Shape, choice: &'a Choice, constants: &'a [Option<String>]) -> Self {
        Self { shape, lists: &choice.lists, columns: places(shape, choice), constants, wanted: &choice.wanted }
    }

    fn blank_row<'t>(&self) -> Row<'t>
    where
        'a: 't,
    {
        self.constants.iter().map(|text| text.as_deref().map(Cow::Borrowed)).collect()
    }
}

/// Takes each row.
pub type RowSink<'s, 't> = dyn FnMut(&Row<'t>) + 's;

/// Reads the value at which `parser` stands, which is at `path`, and gives `sink` its rows. Of arrays that make rows one element
/// is held at a time.
///
/// # Errors
/// A value that is not JSON.
pub fn read<'t, 'a: 't>(plan: &RowPlan<'a>, parser: &mut Parser<'t>, path: Path, sink: &mut RowSink<'_, 't>) -> Result<(), Fault> {
    let is_above = |path: Path| plan.lists.first().is_some_and(|list| plan.shape.ancestors(*list).any(|above| above == path));
    let Some(first) = plan.lists.first().filter(|first| is_above(path) && **first != path) else {
        return record(plan, parser, path, sink);
    };
    match parser.kind()? {
        Kind::List if plan.shape.element(path) == Some(*first) => parser.elements(&mut |parser| record(plan, parser, *first, sink)),
        Kind::Map => parser.members(&mut |parser, key, before| match plan.shape.member(path, &key, before) {
            Some(member) if member == *first => {
                let node = parser.record()?;
                let mut row = plan.blank_row();
                set(&mut row, plan.columns[member], key);
                expand(plan, node, member, row, sink);
                Ok(())
            }
            Some(member) if is_above(member) => read(plan, parser, member, sink),
            _ => parser.skip(),
        }),
        _ => parser.skip(),
    }
}

fn record<'t, 'a: 't>(plan: &RowPlan<'a>, parser: &mut Parser<'t>, path: Path, sink: &mut RowSink<'_, 't>) -> Result<(), Fault> {
    let node = parser.record()?;
    // A single record sees what stands once as part of itself.
    let row = if plan.shape.lists_around(path).is_empty() { vec![None; plan.constants.len()] } else { plan.blank_row() };
    expand(plan, node, path, row, sink);
    Ok(())
}

/// Reads the line `text`, which is a record at `path`, and gives `sink` its rows.
///
/// # Errors
/// A line that is no object, or more than one; nothing of it is given then.
pub fn read_line<'t, 'a: 't>(plan: &RowPlan<'a>, text: &'t str, path: Path, sink: &mut RowSink<'_, 't>) -> Result<(), Fault> {
    let mut parser = Parser::new(text);
    if parser.kind()? != Kind::Map {
        return Err(parser.fault("it is not an object"));
    }
    let node = parser.record()?;
    if parser.peek().is_some() {
        return Err(parser.fault("there is more behind it"));
    }
    expand(plan, node, path, plan.blank_row(), sink);
    Ok(())
}

/// Gives the rows of `node`, which is at `path`: one, or one for each element of the array in it that makes rows.
fn expand<'t>(plan: &RowPlan<'_>, node: Node<'t>, path: Path, mut row: Row<'t>, sink: &mut RowSink<'_, 't>) {
    let level = plan.lists.iter().position(|list| *list == path).map_or(0, |level| level + 1);
    let mut elements = Vec::new();
    fill(plan, node, path, (plan.lists.get(level).copied(), &mut elements), &mut row);
    if elements.is_empty() {
        return sink(&row);
    }
    let list = plan.lists[level];
    for (key, node) in elements {
        let mut row = row.clone();
        if let Some(key) = key {
            set(&mut row, plan.columns[list], key);
        }
        expand(plan, node, list, row, sink);
    }
}

/// An element of the next array that makes rows: its key, if it is an entry, and what it holds.
type Element<'t> = (Option<Cow<'t, str>>, Node<'t>);

/// Sets the cells of `row` that `node` has, and sets aside the elements of the `next` array that makes rows.
fn fill<'t>(plan: &RowPlan<'_>, node: Node<'t>, path: Path, (next, elements): (Option<Path>, &mut Vec<Element<'t>>), row: &mut Row<'t>) {
    match node {
        Node::Scalar(None) => {}
        Node::Scalar(Some(text)) => set(row, plan.columns[path], text),
        Node::Map(members) => {
            for (before, (key, node)) in members.into_iter().enumerate() {
                let Some(member) = plan.shape.member(path, &key, before) else { continue };
                let is_entry = plan.shape.paths[member].step == Step::Entry;
                if next == Some(member) {
                    elements.push((Some(key), node));
                    continue;
                }
                if is_entry {
                    set(row, plan.columns[member], key);
                }
                fill(plan, node, member, (next, elements), row);
            }
        }
        Node::List(items) => {
            let Some(element) = plan.shape.element(path) else { return };
            for node in items {
                if next == Some(element) {
                    elements.push((None, node));
                } else {
                    fill(plan, node, element, (next, elements), row);
                }
            }
        }
    }
}

/// Sets a cell; what it has already stays before it.
fn set<'t>(row: &mut Row<'t>, column: Option<usize>, text: Cow<'t, str>) {
    let Some(cell) = column.map(|column| &mut row[column]).filter(|_| !text.is_empty()) else { return };
    match cell {
        None => *cell = Some(text),
        Some(before) => {
            let before = before.to_mut();
            before.push_str(BETWEEN);
            before.push_str(&text);
        }
    }
}

/// The path of the records of an input that is one record behind the other.
pub fn path_of_records(shape: &Shape) -> Path {
    shape.element(ROOT).unwrap_or(ROOT)
}

/// Gathers rows into chunks of columns.
pub struct ChunkBuilder {
    columns: Vec<StringChunkedBuilder>,
    lines: Vec<u32>,
    refused: Vec<Refused>,
    capacity: usize,
    wanted: Vec<bool>,
    /// Rows in all chunks, the refused included.
    pub rows: u64,
    /// Refused rows in all chunks.
    pub refused_rows: u64,
}

impl ChunkBuilder {
    /// For the columns that a plan wants.
    pub fn new(plan: &RowPlan<'_>) -> Self {
        let wanted = plan.wanted.to_vec();
        let (rows, refused_rows, capacity) = (0, 0, FIRST_CHUNK_ROWS);
        let columns = builders(&wanted, capacity);
        Self { columns, lines: Vec::with_capacity(capacity), refused: Vec::new(), capacity, wanted, rows, refused_rows }
    }

    /// Adds a row, which is on `line` or else has the next number; returns the chunk if it is full.
    pub fn add(&mut self, line: Option<u32>, row: &Row<'_>) -> Option<TableChunk> {
        self.rows += 1;
        self.lines.push(line.unwrap_or_else(|| self.last_number()));
        self.columns.iter_mut().zip(row).for_each(|(column, cell)| column.append_option(cell.as_deref()));
        (self.lines.len() >= self.capacity).then(|| self.finish())
    }

    /// Adds what is no row, on `line` or else with the next number.
    pub fn refuse(&mut self, line: Option<u32>, text: String, reason: String) {
        self.rows += 1;
        self.refused_rows += 1;
        self.refused.push(Refused { line: line.unwrap_or_else(|| self.last_number()), text, reason });
    }

    /// The number of the row added last, from 1.
    fn last_number(&self) -> u32 {
        u32::try_from(self.rows).unwrap_or(u32::MAX)
    }

    /// The rows since the last chunk.
    pub fn finish(&mut self) -> TableChunk {
        self.capacity = CHUNK_ROWS;
        let fresh = builders(&self.wanted, self.capacity.min(self.lines.len() * 2 + 1));
        let mut filled = std::mem::replace(&mut self.columns, fresh).into_iter().map(StringChunkedBuilder::finish);
        let columns: Vec<Option<StringChunked>> = self.wanted.iter().map(|wanted| wanted.then(|| filled.next()).flatten()).collect();
        let (lines, refused) = (std::mem::take(&mut self.lines), std::mem::take(&mut self.refused));
        TableChunk { columns, lines, refused, ..TableChunk::default() }
    }
}

fn builders(wanted: &[bool], capacity: usize) -> Vec<StringChunkedBuilder> {
    wanted.iter().filter(|wanted| **wanted).map(|_| StringChunkedBuilder::new(PlSmallStr::EMPTY, capacity)).collect()
}
