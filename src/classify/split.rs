//! Splits classified orders by what a column holds, into orders of their own: for each value its rows, and of rows that could
//! not be used those known to be its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use polars::prelude::*;

use crate::classify::Classified;
use crate::classify::columns::{expression, places, values};
use crate::classify::cross_row_checks::check_again;
use crate::domain::record::{Field, INPUT, LINE};
use crate::error::Result;
use crate::source::coded_text::NONE;
use crate::source::{CodedText, Orders, Origin, Reject, RejectKind, RowOwner};

/// The rows of a classification by what a column holds.
#[derive(Debug)]
pub struct Split {
    classified: Arc<Classified>,
    /// The part of each row, [`NONE`] for one that is in none.
    part_of: Vec<u32>,
    /// The rows of each part, in their order.
    rows: Vec<Vec<IdxSize>>,
    /// For each part the places of the rejects and of the superseded rows that are its own.
    rejects: Vec<Vec<usize>>,
    superseded: Vec<Vec<usize>>,
}

/// Where a row stood: input and line.
type RowPlace = (u32, u32);

impl Split {
    /// Splits `classified` by the cells of column `key`, which a report can show. Parts stand in the order of their first rows.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn by(classified: &Arc<Classified>, key: &str) -> Result<Self> {
        let part_of = codes(classified, key)?;
        let count = part_of.iter().filter(|part| **part != NONE).max().map_or(0, |last| *last as usize + 1);
        let mut rows = vec![Vec::new(); count];
        for (row, part) in (0..).zip(&part_of).filter(|(_, part)| **part != NONE) {
            rows[*part as usize].push(row);
        }
        let mut split = Self {
            classified: Arc::clone(classified),
            part_of,
            rejects: vec![Vec::new(); count],
            superseded: vec![Vec::new(); count],
            rows,
        };
        split.share_out(key)?;
        Ok(split)
    }

    /// What is split.
    pub fn classified(&self) -> &Arc<Classified> {
        &self.classified
    }

    /// The part that a row is in, if any.
    pub fn part_of(&self, row: usize) -> Option<usize> {
        self.part_of.get(row).filter(|part| **part != NONE).map(|part| *part as usize)
    }

    /// The orders that are split.
    pub fn orders(&self) -> &Orders {
        &self.classified.orders
    }

    /// A row of each part: what its column holds, all of the part hold.
    pub fn representatives(&self) -> IdxCa {
        self.rows.iter().filter_map(|rows| rows.first().copied()).map(Some).collect()
    }

    /// How many parts there are.
    pub fn parts(&self) -> usize {
        self.rows.len()
    }

    /// The rows of a part, in their order.
    pub fn rows(&self, part: usize) -> &[IdxSize] {
        &self.rows[part]
    }

    /// Where the rows that are in no part stood: input and line.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn unassigned(&self) -> Result<Vec<RowPlace>> {
        let rows: IdxCa = (0..).zip(&self.part_of).filter(|(_, part)| **part == NONE).map(|(row, _)| Some(row)).collect();
        row_places(&self.classified, &rows)
    }

    /// Orders without a row, for a value that has none here.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn nothing(&self) -> Result<Classified> {
        let orders = &self.classified.orders;
        let frame = orders.frame.extract(&IdxCa::from_vec(PlSmallStr::EMPTY, Vec::new()))?;
        Ok(self.classified_as(Orders { frame, present: orders.present.clone(), ..Orders::default() }))
    }

    /// A part as orders of its own, in which nothing is left of those of other parts: flags of rows taken together are those of its own
    /// rows.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn part(&self, part: usize) -> Result<Classified> {
        self.parts_together(&[part])
    }

    /// As [`Split::part`], of these parts together, in the order of their rows.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn parts_together(&self, parts: &[usize]) -> Result<Classified> {
        let orders = &self.classified.orders;
        let together = |places: &[Vec<usize>]| {
            let mut places: Vec<usize> = parts.iter().flat_map(|part| places[*part].iter().copied()).collect();
            places.sort_unstable();
            places
        };
        let mut rows: Vec<IdxSize> = parts.iter().flat_map(|part| self.rows[*part].iter().copied()).collect();
        rows.sort_unstable();
        let rows = IdxCa::from_vec(PlSmallStr::EMPTY, rows);
        let mut frame = orders.frame.extract(&rows)?;
        check_again(&mut frame)?;
        let rejects: Vec<Reject> = together(&self.rejects).into_iter().map(|place| orders.rejects[place].clone()).collect();
        let superseded: Vec<_> = together(&self.superseded).into_iter().map(|place| orders.superseded[place].clone()).collect();
        let mut by_input: BTreeMap<u32, u64> = BTreeMap::new();
        let used = frame.column(INPUT)?;
        let unused = rejects.iter().filter(|reject| reject.kind == RejectKind::Row).map(|reject| reject.input);
        let unused = unused.chain(superseded.iter().map(|pair| pair.old.0));
        used.u32()?.iter().flatten().chain(unused).for_each(|input| *by_input.entry(input).or_default() += 1);
        let rows_of = |input: usize| by_input.get(&(input as u32)).copied().unwrap_or_default();
        // The name of an input may tell whose it is.
        let origin = |(input, origin): (usize, &Origin)| match rows_of(input) {
            0 => Origin::default(),
            rows => Origin { rows, ..origin.clone() },
        };
        let origins = orders.origins.iter().enumerate().map(origin);
        Ok(self.classified_as(Orders {
            frame,
            origins: origins.collect(),
            accounts: orders.accounts.clone(),
            present: orders.present.clone(),
            read: by_input.values().sum(),
            rejects,
            superseded,
            ..Orders::default()
        }))
    }

    /// `orders` as they were classified among all.
    fn classified_as(&self, orders: Orders) -> Classified {
        let Classified { rules, several_reasons, timing, .. } = &*self.classified;
        Classified { orders, rules: Arc::clone(rules), several_reasons: several_reasons.clone(), timing: timing.clone() }
    }

    /// Gives each part the rejected cells of its rows, the rows that its rows replaced, and the rejected rows that name it.
    fn share_out(&mut self, key: &str) -> Result<()> {
        let classified = Arc::clone(&self.classified);
        let orders = &classified.orders;
        if orders.rejects.is_empty() && orders.superseded.is_empty() {
            return Ok(());
        }
        let cells = orders.rejects.iter().filter(|reject| reject.kind == RejectKind::Cell).map(|reject| (reject.input, reject.line));
        let mut places: HashMap<RowPlace, u32> = HashMap::new();
        places.extend(cells.chain(orders.superseded.iter().map(|pair| pair.new)).map(|place| (place, NONE)));
        let all: IdxCa = (0..self.part_of.len() as IdxSize).map(Some).collect();
        for (place, part) in row_places(&classified, &all)?.iter().zip(&self.part_of) {
            if let Some(known) = places.get_mut(place) {
                *known = *part;
            }
        }
        let owners = self.owners(key)?;
        for (place, reject) in orders.rejects.iter().enumerate() {
            let at = (reject.input, reject.line);
            let part = match reject.kind {
                RejectKind::Cell => places.get(&at).copied().filter(|part| *part != NONE).or_else(|| owners.get(&at).copied()),
                RejectKind::Row => owners.get(&at).copied(),
            };
            part.filter(|part| *part != NONE).into_iter().for_each(|part| self.rejects[part as usize].push(place));
        }
        for (place, pair) in orders.superseded.iter().enumerate() {
            let part = places.get(&pair.new).filter(|part| **part != NONE);
            part.into_iter().for_each(|part| self.superseded[*part as usize].push(place));
        }
        Ok(())
    }

    /// The part of each rejected row that says whose it is: by its partner or account, or by its account where all that is
    /// known of that is of one partner.
    fn owners(&self, key: &str) -> Result<HashMap<RowPlace, u32>> {
        let (orders, mut owners) = (&self.classified.orders, HashMap::new());
        let (by_account, by_partner) = (key == Field::AccountId.key(), key == Field::Partner.key());
        if orders.owners.is_empty() || !(by_account || by_partner) {
            return Ok(owners);
        }
        let by_value = |key: &str| -> Result<HashMap<String, u32>> {
            let coded = orders.frame.coded(key)?;
            let mut parts: Vec<Option<u32>> = vec![None; coded.texts.len()];
            for (code, part) in coded.places().zip(&self.part_of).filter(|(code, _)| *code != NONE) {
                let known = parts[code as usize].get_or_insert(*part);
                // An account of several partners tells nothing.
                *known = if known == part { *part } else { NONE };
            }
            Ok(coded.each(str::to_owned).into_iter().zip(parts).filter_map(|(text, part)| Some((text, part?))).collect())
        };
        let (accounts, partners) = (by_value(Field::AccountId.key())?, by_partner.then(|| by_value(Field::Partner.key())).transpose()?);
        for RowOwner { place, account, partner } in &orders.owners {
            let of_account = || account.as_ref().and_then(|account| accounts.get(account));
            let part = match (&partners, partner) {
                (Some(partners), Some(partner)) => partners.get(partner),
                _ => of_account(),
            };
            owners.extend(part.map(|part| (*place, *part)));
        }
        Ok(owners)
    }
}

/// What the cells of column `key` have for codes, in the order of their first rows; [`NONE`] for empty ones.
fn codes(classified: &Classified, key: &str) -> Result<Vec<u32>> {
    let frame = classified.frame();
    let coded = match places(key, classified) {
        None if frame.texts(key).is_some() => frame.coded(key)?.places().collect(),
        listed => {
            let made = listed.or_else(|| expression(key, classified)).map(|made| made.cast(DataType::String).alias("cells"));
            let cells = values(frame, None, made.into_iter().collect())?;
            CodedText::of(cells.column("cells")?.str()?).places().collect::<Vec<u32>>()
        }
    };
    let mut parts: HashMap<u32, u32> = HashMap::new();
    let part = |code: u32| {
        let next = parts.len() as u32;
        if code == NONE { NONE } else { *parts.entry(code).or_insert(next) }
    };
    Ok(coded.into_iter().map(part).collect())
}

fn row_places(classified: &Classified, rows: &IdxCa) -> Result<Vec<RowPlace>> {
    let cells = classified.frame().select([INPUT, LINE], Some(rows))?;
    let (inputs, lines) = (cells.column(INPUT)?.u32()?, cells.column(LINE)?.u32()?);
    Ok(inputs.iter().zip(lines.iter()).map(|(input, line)| (input.unwrap_or_default(), line.unwrap_or_default())).collect())
}
