//! Settles what each column holds by the words found in it, when its header leaves that open. Never reads a single row alone.

use crate::port::record::{Field, Type};
use crate::source::conform::words::{Indexed, meaning};
use crate::source::plan::{Plan, Slot, vocabulary};
use crate::source::profile::{Profile, Strength, Vocabulary};

/// What a column is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is left out.
    Ignored,
    /// A column of the record.
    Field(Field),
    /// States, statuses or details.
    Standing(Vocabulary),
}

impl Role {
    /// The field the column fills.
    pub fn field(&self) -> Option<Field> {
        match self {
            Self::Ignored => None,
            Self::Field(field) => Some(*field),
            Self::Standing(vocabulary) => Some(vocabulary.field()),
        }
    }
}

/// Whether a column of the record holds words of a closed list.
pub fn holds_words(field: Field) -> bool {
    matches!(field.holds(), Type::Code | Type::Flag) || field == Field::ReviewOutcome
}

/// Settles each column's role; `indexed` has the words of each piece, by header.
pub fn settle(headers: &[String], plan: &Plan<'_>, indexed: &[Vec<Option<Indexed>>], place: &str) -> (Vec<Role>, Vec<String>) {
    let profile = plan.profile;
    let firm = |slot: &Slot| slot.fields.len() == 1 && (slot.strength == Strength::Main || !holds_words(slot.fields[0]));
    let mut taken: Vec<Field> = plan.slots.iter().flatten().filter(|slot| firm(slot)).map(|slot| slot.fields[0]).collect();
    let mut roles = vec![Role::Ignored; headers.len()];
    for (header, slot) in plan.slots.iter().enumerate() {
        let Some(slot) = slot else { continue };
        let share = |known: &dyn Fn(&str) -> bool| share(indexed, header, known);
        roles[header] = if vocabulary(slot).is_some() {
            standing(slot, profile, &share)
        } else if firm(slot) {
            Role::Field(slot.fields[0])
        } else {
            open(slot, profile, &taken, &share)
        };
        if let Role::Field(field) = roles[header] {
            taken.push(field);
        }
    }
    let mut notes = keep_unknown(headers, plan, indexed, place, &mut roles);
    for ((header, slot), role) in headers.iter().zip(&plan.slots).zip(&roles) {
        let Some(slot) = slot else { continue };
        match role {
            Role::Ignored => {
                notes.push(format!("{place}: column '{header}' ignored: its words are not those of {}", slot.fields[0].code()))
            }
            Role::Standing(typed) if !slot.fields.contains(&typed.field()) => {
                notes.push(format!("{place}: column '{header}' holds words of {}, and was read so", typed.field().code()));
            }
            Role::Standing(_) | Role::Field(_) => {}
        }
    }
    (roles, notes)
}

/// Where no column tells how a port stands, one of unknown words is kept after all: its words are then
/// counted and listed, and each row is flagged. Returns what to note.
fn keep_unknown(headers: &[String], plan: &Plan<'_>, indexed: &[Vec<Option<Indexed>>], place: &str, roles: &mut [Role]) -> Vec<String> {
    let mut notes = Vec::new();
    if roles.iter().any(|role| matches!(role, Role::Standing(_) | Role::Field(Field::LastEvent))) {
        return notes;
    }
    for (header, slot) in plan.slots.iter().enumerate() {
        let Some(slot) = slot.as_ref().filter(|slot| vocabulary(slot).is_some()) else { continue };
        let (best, (known, all)) = best(slot, plan.profile, &|known| share(indexed, header, known));
        roles[header] = Role::Standing(best);
        notes.push(format!(
            "{place}: no other column tells where a port stands, so column '{}' was read although {} of its {all} cells have unknown words",
            headers[header],
            all - known
        ));
    }
    notes
}

/// Rows whose word is known, and rows with a word.
fn share(indexed: &[Vec<Option<Indexed>>], header: usize, known: &dyn Fn(&str) -> bool) -> (u64, u64) {
    let pieces = indexed.iter().filter_map(|piece| piece[header].as_ref());
    pieces
        .flat_map(|piece| piece.words.iter().zip(&piece.counts))
        .fold((0, 0), |(yes, all), (word, count)| (yes + if known(word) { *count } else { 0 }, all + count))
}

type Share<'a> = &'a dyn Fn(&dyn Fn(&str) -> bool) -> (u64, u64);

fn standing(slot: &Slot, profile: &Profile, share: Share<'_>) -> Role {
    let (best, (known, all)) = best(slot, profile, share);
    if slot.strength == Strength::Fallback && known * 2 < all { Role::Ignored } else { Role::Standing(best) }
}

/// The vocabulary that most rows are of, the header's own when there is no difference; rows whose word is
/// known, and rows with a word.
fn best(slot: &Slot, profile: &Profile, share: Share<'_>) -> (Vocabulary, (u64, u64)) {
    let own = vocabulary(slot).unwrap_or(Vocabulary::Status);
    let best = Vocabulary::ALL
        .into_iter()
        .max_by_key(|vocabulary| (share(&|word| profile.meaning(*vocabulary, word).is_some()).0, *vocabulary == own))
        .unwrap_or(own);
    (best, share(&|word| meaning(profile, best, word).is_some()))
}

/// The first column of words that at least half the rows fit, else the column of free text.
fn open(slot: &Slot, profile: &Profile, taken: &[Field], share: Share<'_>) -> Role {
    let free = || slot.fields.iter().copied().filter(|field| !taken.contains(field));
    let fits = |field: &Field| {
        let (known, all) = share(&|word| profile.code(*field, word).is_some());
        all > 0 && known * 2 >= all
    };
    let words = free().filter(|field| holds_words(*field)).find(fits);
    words.or_else(|| free().find(|field| !holds_words(*field))).map_or(Role::Ignored, Role::Field)
}
