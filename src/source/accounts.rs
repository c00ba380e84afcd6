//! Maps accounts to partners by a small file. A partner that a row brings itself stays.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use polars::prelude::StringChunked;

use crate::domain::note::Note;
use crate::domain::record::Field;
use crate::domain::text::thousands;
use crate::error::{Error, Place, Result};
use crate::source::CodedText;
use crate::source::coded_text::NONE;
use crate::source::input::{Input, ReadOptions};
use crate::source::open::{self, Candidate};
use crate::source::orders::{Orders, Origin};
use crate::source::plan::quoted;
use crate::source::profile::Profile;
use crate::source::read_table;
use crate::source::redact::{brief, note_of_reader};
use crate::source::table::Table;

/// The partner of each account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partners {
    of_account: BTreeMap<String, String>,
    origin: Origin,
    /// What a reader should know of the file: how it was read, and lines that could not be.
    notes: Vec<Note>,
}

/// Reads a file with an account column and a partner column, by the headers of any profile.
///
/// # Errors
/// As opening and reading a file; [`Error::data`] when a column is missing, there is no row, or an
/// account has two partners.
pub fn read(file: &Path, options: &ReadOptions, profiles: &[Profile]) -> Result<Partners> {
    let find = |headers: &[String], field: Field| {
        headers.iter().position(|header| profiles.iter().any(|profile| profile.fields(header).iter().any(|(_, known)| *known == field)))
    };
    let input = Input::File(file.to_path_buf());
    // The encoding and sheet of the orders say nothing about this file.
    let own = ReadOptions { limits: options.limits.clone(), guarded_program: options.guarded_program.clone(), ..ReadOptions::default() };
    let candidate = Candidate::new(&input, &own, &open::unwatched);
    let name = input.name();
    let projection = |headers: &[String]| match (find(headers, Field::AccountId), find(headers, Field::Partner)) {
        (Some(account), Some(partner)) => Ok((0..headers.len()).map(|index| index == account || index == partner).collect()),
        _ => {
            let what = "accounts need a column for the account and one for the partner";
            let what = format!("{what}; the headers are {}", quoted(headers.iter()));
            Err(Error::data(&name, what, "name them account_id and partner"))
        }
    };
    let (origin, table) = read_table(&candidate, &own, &projection)?;
    let cells = |field: Field| {
        let column = find(&table.headers, field).and_then(|index| table.columns[index].as_ref());
        let cells = column.into_iter().flat_map(StringChunked::downcast_iter).flat_map(|array| array.iter());
        let is_nothing = move |cell: &str| profiles.iter().any(|profile| profile.is_nothing(&[field], cell));
        cells.map(move |cell| cell.map(str::trim).filter(|cell| !is_nothing(cell)))
    };
    let mut known = BTreeMap::new();
    for ((account, partner), line) in cells(Field::AccountId).zip(cells(Field::Partner)).zip(&table.lines) {
        let (Some(account), Some(partner)) = (account, partner) else {
            continue;
        };
        if let Some(other) = known.insert(account.to_owned(), partner.to_owned()).filter(|other| *other != partner) {
            return Err(Error::data(
                Place::row(origin.file, origin.part, u64::from(*line)),
                format!("account '{}' has two partners, '{}' and '{}'", brief(account), brief(&other), brief(partner)),
                "keep one of them",
            ));
        }
    }
    if known.is_empty() {
        return Err(Error::data(origin.file, "there is no account with a partner", "write one line for each account, with its partner"));
    }
    let notes = notes(&origin.file, &table);
    Ok(Partners { of_account: known, origin, notes })
}

/// What was found about the file, the reasons of refused lines among it, and how many these are.
fn notes(name: &str, table: &Table) -> Vec<Note> {
    let refused = table.refused.first().map(|first| {
        let count = thousands(table.refused.len() as u64);
        format!("lines of the accounts file that could not be read and were left out: {count}, the first line {}", first.line)
    });
    table.found.notes.iter().cloned().chain(refused).map(|note| note_of_reader(name, &note)).collect()
}

/// Fills in the partner of each row that has none, by its account, and notes the accounts without one and
/// what is known of the file.
///
/// # Errors
/// [`Error::internal`] when a column cannot be built.
pub fn join(orders: &mut Orders, partners: &Partners) -> Result<()> {
    let accounts = orders.frame.coded(Field::AccountId.key())?;
    let given = orders.frame.coded(Field::Partner.key())?;
    let found = accounts.each(|account| partners.of_account.get(account).map(String::as_str));
    let is_missing =
        |(account, given): (Option<u32>, Option<u32>)| account.filter(|account| given.is_none() && found[*account as usize].is_none());
    let missing: BTreeSet<u32> = accounts.codes.iter().zip(given.codes.iter()).filter_map(is_missing).collect();
    // The partners that rows bring come first, then those of the accounts.
    let of_accounts = given.texts.len() as u32;
    let place = |(account, given): (Option<u32>, Option<u32>)| given.or(account.map(|account| of_accounts + account)).unwrap_or(NONE);
    let joined = accounts.codes.iter().zip(given.codes.iter()).map(place);
    let joined = CodedText::new(Field::Partner.key(), joined, given.texts.iter().chain(found.iter().copied()));
    orders.accounts = Some(partners.origin.clone());
    orders.notes.extend(partners.notes.iter().cloned());
    if !missing.is_empty() {
        let missing = thousands(missing.len() as u64);
        orders.notes.push(format!("accounts without a partner in the accounts file: {missing}").into());
    }
    orders.frame.set_coded(joined)?;
    orders.present.insert(Field::Partner);
    Ok(())
}
