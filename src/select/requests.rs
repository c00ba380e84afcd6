//! Selects requests: those of the numbers that pass, rolled up, in their order and on their page.

use std::sync::Arc;

use crate::classify::Classified;
use crate::classify::roll_up::roll_up;
use crate::domain::record::NUMBERS;
use crate::error::Result;
use crate::select::{CheckedQuery, RolledUpFrom, Selection, select, sort};

/// The requests of the numbers that pass, each with all of its numbers, sorted and paged.
///
/// # Errors
/// Those of [`select`].
pub fn select_requests(classified: &Arc<Classified>, query: &CheckedQuery) -> Result<Selection> {
    // What is asked of requests is answered once there are any.
    let (of_requests, conditions): (Vec<_>, Vec<_>) = query.conditions.iter().cloned().partition(|asked| asked.derived().is_some());
    let numbers = select(classified, None, &CheckedQuery { conditions, sort: sort::DEFAULT.to_vec(), page: None, ..query.clone() })?;
    let requests = roll_up(classified, &numbers.rows)?;
    let rest = CheckedQuery { filters: Vec::new(), conditions: of_requests, terms: Vec::new(), ..query.clone() };
    let selection = select(&requests, None, &rest)?;
    let counts = requests.frame().select([NUMBERS], Some(&selection.rows))?;
    let rolled_up = counts.column(NUMBERS)?.i64()?.iter().flatten().sum::<i64>() as u64;
    Ok(Selection {
        query: query.clone(),
        filtered_out: classified.frame().height() as u64 - rolled_up,
        undated: numbers.undated,
        rolled_up: Some(RolledUpFrom { numbers: Arc::clone(classified), others: rolled_up - selection.rows.len() as u64 }),
        ..selection
    })
}
