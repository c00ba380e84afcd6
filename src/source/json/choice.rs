//! Chooses the table of a JSON input: which arrays make its rows, and what its columns are called.
//!
//! A column is a path of keys. Its name is the part of that below the object which the table is about: of an answer
//! `{"data": [{"status": {"value": …}, "phone_numbers": [{"phone_number": …}]}]}` the columns are `phone_number` and
//! `status.value`. What the table is about is tried, object by object; the one stays of which most columns are wanted.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::source::json::shape::{Path, Shape, Step};
use crate::source::table::ColumnProjection;

/// Objects that are tried, at most.
const MAX_TRIED: usize = 64;

/// A column: its name and the paths whose values it has.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The paths. A key may have a value here and an array of them there.
    pub paths: Vec<Path>,
}

/// A table of a JSON input.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Which of them are wanted.
    pub wanted: Vec<bool>,
    /// The arrays that make a row for each element, from above.
    pub lists: Vec<Path>,
}

/// How well a table fits: the columns wanted, then how deep the numbers lie that it has itself.
type Rank = (usize, usize);

/// Chooses the table that `projection` wants most columns of.
///
/// # Errors
/// The projection's error about the object with most columns when it accepts none.
pub fn choose(shape: &Shape, projection: ColumnProjection<'_>) -> Result<Choice> {
    let columns = columns(shape);
    let mut best: Option<(Rank, Path, Vec<String>, Vec<bool>)> = None;
    let mut refusal = None;
    for about in objects(shape, &columns) {
        let names = names(shape, &columns, about);
        match projection(&names) {
            Ok(mut wanted) => {
                wanted.resize(names.len(), false);
                // Of two of which as many are wanted, the one that has the numbers is meant, and of these the inner one.
                let has_numbers = columns.iter().flatten().any(|path| owner(shape, *path) == about && shape.paths[*path].holds_numbers());
                let depth = if has_numbers { shape.ancestors(about).count() } else { 0 };
                let rank = (wanted.iter().filter(|wanted| **wanted).count(), depth);
                if best.as_ref().is_none_or(|(most, ..)| rank > *most) {
                    best = Some((rank, about, names, wanted));
                }
            }
            Err(error) => _ = refusal.get_or_insert(error),
        }
    }
    match (best, refusal) {
        (Some((_, about, names, wanted)), _) => {
            let columns: Vec<Column> = names.into_iter().zip(columns).map(|(name, paths)| Column { name, paths }).collect();
            let lists = lists(shape, &columns, &wanted, about);
            Ok(Choice { columns, wanted, lists })
        }
        (None, Some(error)) => Err(error),
        (None, None) => projection(&[]).map(|_| Choice { columns: Vec::new(), wanted: Vec::new(), lists: Vec::new() }),
    }
}

/// The paths with values, those with the same keys together, in the order in which they came.
fn columns(shape: &Shape) -> Vec<Vec<Path>> {
    let mut places: BTreeMap<Vec<&str>, usize> = BTreeMap::new();
    let mut columns: Vec<Vec<Path>> = Vec::new();
    for path in (0..shape.paths.len()).filter(|path| shape.paths[*path].is_scalar) {
        let place = *places.entry(shape.keys(path)).or_insert(columns.len());
        if place == columns.len() {
            columns.push(Vec::new());
        }
        columns[place].push(path);
    }
    columns
}

/// The objects and arrays that a table may be about, those with most columns of their own first; of equals the outer one.
fn objects(shape: &Shape, columns: &[Vec<Path>]) -> Vec<Path> {
    let mut own: BTreeMap<Path, usize> = BTreeMap::new();
    columns.iter().flatten().for_each(|path| *own.entry(owner(shape, *path)).or_default() += 1);
    let mut objects: Vec<(Path, usize)> = own.into_iter().collect();
    objects.sort_by_key(|(path, count)| (Reverse(*count), *path));
    objects.into_iter().take(MAX_TRIED).map(|(path, _)| path).collect()
}

/// The object or array that the value at `path` is of. The elements of an array of texts, and entries, stand for themselves.
fn owner(shape: &Shape, path: Path) -> Path {
    let info = &shape.paths[path];
    if matches!(info.step, Step::Element | Step::Entry) { path } else { info.parent }
}

/// What each column is called in a table about `about`: by its keys below that, else below the nearest object around it that
/// the two share. Of equal names the outer columns have the keys further out as well.
fn names(shape: &Shape, columns: &[Vec<Path>], about: Path) -> Vec<String> {
    let around: Vec<Path> = shape.ancestors(about).collect();
    let mut names: Vec<Option<String>> = vec![None; columns.len()];
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for scope in &around {
        for (place, paths) in columns.iter().enumerate() {
            let is_below = shape.ancestors(paths[0]).any(|path| path == *scope);
            if names[place].is_some() || !is_below {
                continue;
            }
            let keys = shape.keys(paths[0]);
            let mut from = shape.keys(*scope).len().min(keys.len().saturating_sub(1));
            loop {
                let name = if keys.is_empty() { "value".to_owned() } else { keys[from..].join(".") };
                if from == 0 || !taken.contains(&name) {
                    taken.insert(name.clone());
                    names[place] = Some(name);
                    break;
                }
                from -= 1;
            }
        }
    }
    names.into_iter().map(Option::unwrap_or_default).collect()
}

/// The arrays that make rows: those around the column that is wanted, holds phone numbers and lies deepest; else those around
/// what the table is about.
fn lists(shape: &Shape, columns: &[Column], wanted: &[bool], about: Path) -> Vec<Path> {
    let paths = columns.iter().zip(wanted).filter(|(_, wanted)| **wanted).flat_map(|(column, _)| &column.paths);
    let numbers = paths.filter(|path| shape.paths[**path].holds_numbers());
    let deepest =
        numbers.map(|path| (shape.lists_around(*path), shape.paths[*path].values)).max_by_key(|(lists, values)| (lists.len(), *values));
    let lists = deepest.map(|(lists, _)| lists).unwrap_or_default();
    if lists.is_empty() { shape.lists_around(about) } else { lists }
}

/// Lists beside the one that makes rows whose records have a number under the same key: by what they are called, and how many
/// numbers each has. They are not read.
pub fn unread(shape: &Shape, choice: &Choice) -> Vec<(String, u64)> {
    let key = |path: Path| shape.keys(path).last().copied();
    let numbers = |column: &Column| column.paths.iter().copied().filter(|path| shape.paths[*path].holds_numbers()).collect::<Vec<_>>();
    let wanted = choice.columns.iter().zip(&choice.wanted).filter(|(_, wanted)| **wanted).flat_map(|(column, _)| numbers(column));
    let Some(read) = wanted.filter(|path| shape.lists_around(*path) == choice.lists).find_map(key) else { return Vec::new() };
    let is_elsewhere = |path: &Path| {
        let lists = shape.lists_around(*path);
        key(*path) == Some(read) && lists.last().is_some_and(|last| !choice.lists.contains(last))
    };
    let others = choice.columns.iter().flat_map(numbers).filter(is_elsewhere);
    others.map(|path| (shape.keys(shape.paths[path].parent).join("."), shape.paths[path].values)).collect()
}
