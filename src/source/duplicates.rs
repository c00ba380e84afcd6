//! Finds rows of one number, request and account: which of them stays, which cannot be told apart, which reopens a completed port.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;
use polars::prelude::{AnyValue, Column, DataType, Int64Chunked, IntoColumn, UInt32Chunked};
use rayon::prelude::*;

use crate::domain::data_quality::QualityFlag;
use crate::domain::lifecycle::State;
use crate::domain::record::{Field, INPUT, LINE};
use crate::domain::status::{Detail, Status};
use crate::error::Result;
use crate::source::coded_text::CodedText;
use crate::source::order_frame::OrderFrame;

/// What was found about rows of one number, request and account.
#[derive(Debug, Default)]
pub struct Duplicates {
    /// Rows that do not stay, ascending, each with the one that stays for it.
    pub replaced: Vec<(u32, u32)>,
    /// Rows that stay and are flagged.
    pub flagged: Vec<(u32, QualityFlag)>,
    /// Of the replaced: rows that repeat a row of their own input.
    pub repeated: u64,
    /// Rows older than one of their own input by `updated_at`.
    pub older: u64,
    /// Rows replaced by a row of another input.
    pub between: u64,
}

/// Finds them among the rows that `keep` names. Rows of different accounts are never duplicates, nor are those of different
/// `systems`, which are given for each input; `None` where nothing tells which system wrote it. Within one input
/// identical rows are one, and of others the newer by `updated_at` stays; those that have none, or the same, all stay
/// and are flagged. Between inputs the newer `updated_at` wins, else the later input.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn find(frame: &OrderFrame, keep: &[bool], systems: &[Option<String>]) -> Result<Duplicates> {
    let mut found = Duplicates::default();
    let Ok(phone) = frame.column(Field::PhoneNumber.key()) else {
        return Ok(found);
    };
    let phone = phone.str()?;
    let groups = groups(frame)?;
    let mut hashes: Vec<(u64, u32)> = phone.iter().zip(&groups).zip(0..).map(|((number, group), row)| (hash(group, number), row)).collect();
    hashes.retain(|(_, row)| keep[*row as usize]);
    hashes.par_sort_unstable();
    let mut rows: Option<Rows> = None;
    for run in hashes.chunk_by(|left, right| left.0 == right.0).filter(|run| run.len() > 1) {
        let mut rows_of: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        for (_, row) in run {
            rows_of.entry((phone.get(*row as usize), groups[*row as usize])).or_default().push(*row);
        }
        for alike in rows_of.into_values().filter(|alike| alike.len() > 1) {
            let rows = match &rows {
                Some(rows) => rows,
                None => rows.insert(Rows::of(frame, systems)?),
            };
            let alike = rows.by_system(alike).into_iter().flat_map(|alike| rows.by_account(alike));
            alike.for_each(|alike| rows.resolve(&alike, &mut found));
        }
    }
    found.replaced.sort_unstable();
    Ok(found)
}

/// What a row's number may stand in once: its request, else its order, else its case, each by kind and code.
pub type Group = Option<(u8, u32)>;

/// The group of each row.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn groups(frame: &OrderFrame) -> Result<Vec<Group>> {
    let mut groups: Vec<Group> = vec![None; frame.height()];
    for (kind, field) in (0..).zip([Field::RequestId, Field::OrderId, Field::CaseNumber]) {
        // They are tried in turn, so later ones are read only if a row needs them.
        if frame.has_values(field.key()) && groups.contains(&None) {
            let coded = frame.coded(field.key())?;
            for (group, code) in groups.iter_mut().zip(coded.codes.iter()).filter(|(group, _)| group.is_none()) {
                *group = code.map(|code| (kind, code));
            }
        }
    }
    Ok(groups)
}

/// Equal numbers and groups have equal hashes; collisions are resolved by comparing both.
fn hash(group: &Group, number: Option<&str>) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    group.hash(&mut hasher);
    hasher.write(number.unwrap_or_default().as_bytes());
    hasher.finish()
}

/// Whether a port is open or completed, as far as a row's words say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    Completed,
    Canceled,
}

/// The columns by which rows are compared. They are made ready when the first two rows meet.
struct Rows {
    inputs: UInt32Chunked,
    /// The system of each input, by a number of its own.
    systems: Vec<Option<usize>>,
    updated: Option<Int64Chunked>,
    /// Account id, user name, company and partner: the first that is known tells accounts apart.
    accounts: Vec<CodedText>,
    /// Every cell that a row has; text that repeats as codes.
    cells: Vec<Column>,
    /// The columns that say where a port stands, with the stage of each code.
    stages: Vec<(UInt32Chunked, Vec<Option<Stage>>)>,
}

impl Rows {
    fn of(frame: &OrderFrame, systems: &[Option<String>]) -> Result<Self> {
        let coded = |field: Field| frame.has_values(field.key()).then(|| frame.coded(field.key())).transpose();
        let known = |fields: &[Field]| fields.iter().filter_map(|field| coded(*field).transpose()).collect::<Result<Vec<_>>>();
        let stages = known(&[Field::GivenStatus, Field::GivenDetail, Field::NumberState, Field::LastEvent])?;
        let stages = stages.into_iter().map(|coded| (coded.codes.clone(), coded.each(stage))).collect();
        let cells = frame.names().into_iter().filter(|name| !matches!(name.as_str(), INPUT | LINE)).map(|name| {
            Ok(match frame.texts(name) {
                Some(_) => frame.coded(name)?.codes.into_column(),
                None => frame.column(name)?,
            })
        });
        let number = |system: &Option<String>| system.as_ref().and_then(|_| systems.iter().position(|known| known == system));
        Ok(Self {
            systems: systems.iter().map(number).collect(),
            inputs: frame.column(INPUT)?.u32()?.clone(),
            updated: match frame.has_values(Field::UpdatedAt.key()) {
                true => Some(frame.column(Field::UpdatedAt.key())?.cast(&DataType::Int64)?.i64()?.clone()),
                false => None,
            },
            accounts: known(&[Field::AccountId, Field::AccountUsername, Field::AccountCompany, Field::Partner])?,
            cells: cells.collect::<Result<_>>()?,
            stages,
        })
    }

    fn updated(&self, row: u32) -> Option<i64> {
        self.updated.as_ref()?.get(row as usize)
    }

    /// `rows` by the system that their input comes from. One of which nothing is known goes with the others if they are of one.
    fn by_system(&self, rows: Vec<u32>) -> Vec<Vec<u32>> {
        let system = |row: &u32| self.systems.get(self.inputs.get(*row as usize)? as usize).copied().flatten();
        let mut of: BTreeMap<Option<usize>, Vec<u32>> = BTreeMap::new();
        rows.iter().for_each(|row| of.entry(system(row)).or_default().push(*row));
        match of.len() - usize::from(of.contains_key(&None)) {
            0 | 1 => vec![rows],
            _ => of.into_values().collect(),
        }
    }

    /// `rows` by account. One that says nothing of its account goes with the others if they are of one.
    fn by_account(&self, rows: Vec<u32>) -> Vec<Vec<u32>> {
        for accounts in &self.accounts {
            let mut of: BTreeMap<Option<u32>, Vec<u32>> = BTreeMap::new();
            rows.iter().for_each(|row| of.entry(accounts.codes.get(*row as usize)).or_default().push(*row));
            match of.len() - usize::from(of.contains_key(&None)) {
                1 if !of.contains_key(&None) => break,
                0 | 1 => {}
                _ => return of.into_values().collect(),
            }
        }
        vec![rows]
    }

    /// Decides which of `rows`, of one number, request and account and in input order, stay.
    fn resolve(&self, rows: &[u32], found: &mut Duplicates) {
        let mut replaced: Vec<(u32, u32)> = Vec::new();
        let mut stay: Vec<u32> = Vec::new();
        for rows in rows.chunk_by(|one, next| self.inputs.get(*one as usize) == self.inputs.get(*next as usize)) {
            let next = self.within_input(rows, &mut replaced, found);
            let newest = |rows: &[u32]| rows.iter().filter_map(|row| self.updated(*row)).max();
            let (Some(kept), Some(other)) = (stay.last().copied(), next.last().copied()) else {
                stay = next;
                continue;
            };
            let earlier_wins = newest(&stay).zip(newest(&next)).is_some_and(|(stay, next)| stay > next);
            let (winner, losers) = if earlier_wins { (kept, next) } else { (other, std::mem::replace(&mut stay, next)) };
            found.between += losers.len() as u64;
            replaced.extend(losers.into_iter().map(|loser| (loser, winner)));
        }
        if stay.len() > 1 {
            found.flagged.extend(stay.iter().map(|row| (*row, QualityFlag::UndecidedDuplicate)));
        }
        // A row that replaced another may have been replaced in turn.
        let of: BTreeMap<u32, u32> = replaced.into_iter().collect();
        let last = |mut row: u32| {
            while let Some(next) = of.get(&row) {
                row = *next;
            }
            row
        };
        let replaced: Vec<(u32, u32)> = of.keys().map(|row| (*row, last(*row))).collect();
        let reopened = |(old, new): &(u32, u32)| self.stage(*old) == Some(Stage::Completed) && self.stage(*new) == Some(Stage::Open);
        found.flagged.extend(replaced.iter().filter(|pair| reopened(pair)).map(|(_, new)| (*new, QualityFlag::Reopened)));
        found.replaced.extend(replaced);
    }

    /// The rows of one input that stay, the newest last.
    fn within_input(&self, rows: &[u32], replaced: &mut Vec<(u32, u32)>, found: &mut Duplicates) -> Vec<u32> {
        let mut distinct: Vec<u32> = Vec::new();
        let mut by_cells: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
        for row in rows.iter().rev() {
            let alike = by_cells.entry(self.fingerprint(*row)).or_default();
            match alike.iter().find(|other| self.are_identical(*row, **other)) {
                Some(other) => {
                    found.repeated += 1;
                    replaced.push((*row, *other));
                }
                None => {
                    alike.push(*row);
                    distinct.push(*row);
                }
            }
        }
        distinct.sort_unstable_by_key(|row| (self.updated(*row), *row));
        let Some(newest) = distinct.last().copied() else { return distinct };
        let is_older = |row: &u32| self.updated(*row).zip(self.updated(newest)).is_some_and(|(updated, newest)| updated < newest);
        let (older, stay): (Vec<u32>, Vec<u32>) = distinct.into_iter().partition(is_older);
        found.older += older.len() as u64;
        replaced.extend(older.into_iter().map(|row| (row, newest)));
        stay
    }

    fn fingerprint(&self, row: u32) -> u64 {
        let mut hasher = FixedState::default().build_hasher();
        self.values(row).for_each(|value| value.hash(&mut hasher));
        hasher.finish()
    }

    fn are_identical(&self, one: u32, other: u32) -> bool {
        self.values(one).eq(self.values(other))
    }

    fn values(&self, row: u32) -> impl Iterator<Item = AnyValue<'_>> {
        self.cells.iter().map(move |column| column.get(row as usize).unwrap_or(AnyValue::Null))
    }

    fn stage(&self, row: u32) -> Option<Stage> {
        let stages = self.stages.iter().filter_map(|(codes, stages)| stages[codes.get(row as usize)? as usize]);
        stages.max_by_key(|stage| *stage as u8)
    }
}

/// The stage that a code of a status, a detail, a state or an event tells of.
fn stage(code: &str) -> Option<Stage> {
    let is = |codes: &[&str]| codes.contains(&code);
    Some(if is(&[Status::Completed.code(), Detail::Completed.code(), State::Completed.code(), "activated"]) {
        Stage::Completed
    } else if is(&[Status::Canceled.code(), Detail::Cancelled.code(), Detail::ClosedAsIncomplete.code(), State::NotPortable.code()]) {
        Stage::Canceled
    } else {
        Stage::Open
    })
}
