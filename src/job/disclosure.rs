//! What a report for one account or partner may tell of rows that are not in it: only what is known to be theirs.

use std::collections::BTreeSet;

use foldhash::{HashSet, HashSetExt};
use polars::prelude::*;

use crate::classify::columns::values;
use crate::domain::record::{Field, INPUT, LINE};
use crate::error::Result;
use crate::select::Selection;
use crate::select::filter::Filter;
use crate::source::{Reject, RejectKind, Superseded};

/// What may be told of rows that are not in a report for some accounts or partners.
#[derive(Debug, Clone, Default)]
pub struct Disclosed {
    /// The rows and cells that could not be used.
    pub rejects: Vec<Reject>,
    /// The rows replaced by newer ones.
    pub superseded: Vec<Superseded>,
}

/// What may be told in the report of `selection`; `None` for a report that is for everybody, and may tell all.
///
/// # Errors
/// Those of polars, which are bugs of ours.
pub fn disclosed(selection: &Selection) -> Result<Option<Disclosed>> {
    let of = |key: &str| selection.query.filters.iter().find(|filter| matches!(filter, Filter::OneOf(asked, _) if *asked == key));
    let (accounts, partners) = (of(Field::AccountId.key()), of(Field::Partner.key()));
    let Some(condition) = [accounts, partners].into_iter().flatten().map(Filter::condition).reduce(Expr::and) else { return Ok(None) };
    let classified = selection.numbers();
    let orders = &classified.orders;
    if orders.rejects.is_empty() && orders.superseded.is_empty() {
        return Ok(Some(Disclosed::default()));
    }
    let cells = vec![condition.alias("theirs"), col(INPUT), col(LINE), col(Field::AccountId.key())];
    let cells = values(classified.frame(), None, cells)?;
    let (theirs, inputs, lines) = (cells.column("theirs")?.bool()?, cells.column(INPUT)?.u32()?, cells.column(LINE)?.u32()?);
    let (mut places, mut known_accounts) = (HashSet::new(), HashSet::new());
    let account_ids = cells.column(Field::AccountId.key())?.str()?;
    for (((is_theirs, input), line), account) in theirs.iter().zip(inputs.iter()).zip(lines.iter()).zip(account_ids.iter()) {
        if is_theirs == Some(true) {
            places.insert((input.unwrap_or_default(), line.unwrap_or_default()));
            known_accounts.extend(account);
        }
    }
    let owned = orders.owners.iter().filter(|owner| {
        let is_known = owner.account.as_deref().is_some_and(|account| known_accounts.contains(account));
        let is_partner = |filter| owner.partner.as_deref().map_or(is_known, |partner| is_one_of(filter, partner));
        let is_account = |filter| owner.account.as_deref().is_some_and(|account| is_one_of(filter, account));
        accounts.is_none_or(is_account) && partners.is_none_or(is_partner)
    });
    let owned: BTreeSet<(u32, u32)> = owned.map(|owner| owner.place).collect();
    let is_theirs = |reject: &&Reject| {
        let place = (reject.input, reject.line);
        owned.contains(&place) || (reject.kind == RejectKind::Cell && places.contains(&place))
    };
    Ok(Some(Disclosed {
        rejects: orders.rejects.iter().filter(is_theirs).cloned().collect(),
        superseded: orders.superseded.iter().filter(|pair| places.contains(&pair.new)).cloned().collect(),
    }))
}

/// Whether `value` is one of those that `filter` asks for; partners in any case.
fn is_one_of(filter: &Filter, value: &str) -> bool {
    match filter {
        Filter::OneOf("partner", words) => words.iter().any(|word| word.to_lowercase() == value.to_lowercase()),
        Filter::OneOf(_, words) => words.iter().any(|word| word == value),
        _ => false,
    }
}
