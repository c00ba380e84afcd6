//! Tells the histories of a number apart: those of different requests, and of different accounts or partners, are never one.

use std::borrow::Cow;

use polars::prelude::IdxSize;

use crate::source::coded_text::NONE;
use crate::source::events::histories::{Events, NO_GROUP};
use crate::source::events::owners::Owner;

/// What tells a history of a number from its others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HistoryKey {
    /// The mark of the request, [`NO_GROUP`] while none is named.
    pub group: u64,
    /// Whose it is.
    pub whose: Whose,
}

/// Whose a history is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Whose {
    /// What its rows name.
    pub owner: Owner,
    /// Whether it is of events that may be of several others, and so of none of them.
    pub is_apart: bool,
}

/// Events of a number in one history.
pub struct Part<'a> {
    /// The history that they go on with, by its place among those known of the number.
    pub known: Option<usize>,
    /// What is known of the history after them.
    pub key: HistoryKey,
    /// Their rows.
    pub rows: Cow<'a, [IdxSize]>,
}

/// Events of a number by history. Hardly a number has several.
pub struct Parts<'a> {
    /// Those of the history that is first.
    pub first: Part<'a>,
    /// Those of the others, new ones in the order in which they came up.
    pub more: Vec<Part<'a>>,
    /// The place of the history of the last event, counted on from those that were known; [`NONE`] before the first event.
    pub current: u32,
}

/// The rows of a course by request and by whose they are, in the order of their first. `known` are the histories of the number, and
/// `current` is the place of that of its last event.
///
/// An event belongs to the history of its request that agrees with it: nobody is named by both, in an account or as a partner, who is
/// not the same. One that names no request belongs to the history of the event before it if that agrees, else to the only one that
/// does; a history whose request was never named is that of the first request that agrees with it. An event that names nobody, or
/// too little, belongs to the history before it only while all of those that it may belong to are of one owner; where they differ
/// it is kept apart from all of them, as what is known of one must not be told to another.
pub fn by_history<'a>(events: &Events, rows: Cow<'a, [IdxSize]>, known: &[HistoryKey], current: u32) -> Parts<'a> {
    if let [] | [_] = known
        && let Some(key) = one_key(events, &rows, known.first().copied())
    {
        let current = if rows.is_empty() && known.is_empty() { NONE } else { 0 };
        return Parts { first: Part { known: (!known.is_empty()).then_some(0), key, rows }, more: Vec::new(), current };
    }
    let (mut keys, mut current) = (known.to_vec(), current);
    let mut part_of: Vec<Option<usize>> = vec![None; known.len()];
    let mut parts: Vec<(usize, Vec<IdxSize>)> = Vec::new();
    for row in rows.iter() {
        let own = HistoryKey { group: events.group(*row as usize), whose: Whose { owner: events.owner(*row as usize), is_apart: false } };
        let place = match history_of(own, &keys, current) {
            Ok(place) => {
                let key = &mut keys[place];
                key.whose.owner = key.whose.owner.merged_with(&own.whose.owner);
                if key.group == NO_GROUP {
                    key.group = own.group;
                }
                place
            }
            Err(new) => {
                let known = keys.iter().position(|key| new.whose.is_apart && *key == new);
                known.unwrap_or_else(|| {
                    keys.push(new);
                    part_of.push(None);
                    keys.len() - 1
                })
            }
        };
        let part = *part_of[place].get_or_insert_with(|| {
            parts.push((place, Vec::new()));
            parts.len() - 1
        });
        parts[part].1.push(*row);
        current = place as u32;
    }
    let part = |(place, rows)| Part { known: (place < known.len()).then_some(place), key: keys[place], rows: Cow::Owned(rows) };
    let mut parts = parts.into_iter().map(part);
    let nothing = || Part { known: None, key: HistoryKey::default(), rows: Cow::Borrowed(&[][..]) };
    Parts { first: parts.next().unwrap_or_else(nothing), more: parts.collect(), current }
}

/// The key of the only history that there is, if all `rows` belong to it.
fn one_key(events: &Events, rows: &[IdxSize], known: Option<HistoryKey>) -> Option<HistoryKey> {
    let mut key = known.unwrap_or_default();
    if key.whose.is_apart {
        return None;
    }
    for row in rows {
        let (group, owner) = (events.group(*row as usize), events.owner(*row as usize));
        if (group != NO_GROUP && key.group != NO_GROUP && group != key.group) || !key.whose.owner.agrees_with(&owner) {
            return None;
        }
        key.group = if key.group == NO_GROUP { group } else { key.group };
        key.whose.owner = key.whose.owner.merged_with(&owner);
    }
    Some(key)
}

/// The place among `keys` of the history that an event with the key `own` belongs to, or the key of the one that it begins.
fn history_of(own: HistoryKey, keys: &[HistoryKey], current: u32) -> Result<usize, HistoryKey> {
    let agreeing = |group: Option<u64>| {
        let agrees = move |key: &HistoryKey| {
            !key.whose.is_apart && group.is_none_or(|group| key.group == group) && key.whose.owner.agrees_with(&own.whose.owner)
        };
        (0..).zip(keys).filter(move |(_, key)| agrees(key)).collect::<Vec<(usize, &HistoryKey)>>()
    };
    let mut found = agreeing((own.group != NO_GROUP).then_some(own.group));
    if found.is_empty() {
        found = agreeing(Some(NO_GROUP));
    }
    let are_of_one = Owner::are_one(found.iter().map(|(_, key)| &key.whose.owner));
    match found[..] {
        [] => Err(own),
        [(place, _)] => Ok(place),
        _ if are_of_one && found.iter().any(|(place, _)| *place == current as usize) => Ok(current as usize),
        _ => Err(HistoryKey { whose: Whose { is_apart: true, ..own.whose }, ..own }),
    }
}
