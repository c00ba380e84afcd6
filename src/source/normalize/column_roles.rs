//! Assigns what each column holds by the words found in it, when its header leaves that open.

use crate::domain::record::Field;
use crate::domain::text::thousands;
use crate::source::normalize::dictionary::{Dictionary, meaning};
use crate::source::plan::{ColumnPlan, ColumnTarget, vocabulary};
use crate::source::profile::{Profile, Vocabulary};

/// What a column is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is left out.
    Ignored,
    /// A column of the record.
    Field(Field),
    /// States, statuses or details.
    StatusColumn(Vocabulary),
}

impl Role {
    /// The field the column fills.
    pub fn field(&self) -> Option<Field> {
        match self {
            Self::Ignored => None,
            Self::Field(field) => Some(*field),
            Self::StatusColumn(vocabulary) => Some(vocabulary.field()),
        }
    }
}

/// Whether a column of the record holds words of a closed list.
pub fn holds_words(field: Field) -> bool {
    field.definition().holds_words()
}

/// The field of a column that its header settles, so that it can be read before all words of the table are known.
/// Reject reasons wait: they name reason codes where no other column does.
pub fn settled_field(target: &ColumnTarget) -> Option<Field> {
    let field = target.fields[0];
    (is_firm(target) && !holds_words(field) && field != Field::RejectReason).then_some(field)
}

fn is_firm(target: &ColumnTarget) -> bool {
    target.fields.len() == 1 && (!target.strength.is_fallback() || !holds_words(target.fields[0]))
}

/// Whether the headers alone say what every column holds, one of numbers among them.
pub fn are_settled(plan: &ColumnPlan<'_>) -> bool {
    let mut targets = plan.targets.iter().flatten();
    targets.clone().all(|target| is_firm(target) && vocabulary(target).is_none())
        && targets.any(|target| settled_field(target) == Some(Field::PhoneNumber))
}

/// Assigns each column's role; `dictionaries` has the words of each chunk, by header.
pub fn assign_column_roles(
    headers: &[String],
    plan: &ColumnPlan<'_>,
    dictionaries: &[&[Option<Dictionary>]],
    place: &str,
) -> (Vec<Role>, Vec<String>) {
    let profile = plan.profile;
    let mut taken: Vec<Field> = plan.targets.iter().flatten().filter(|target| is_firm(target)).map(|target| target.fields[0]).collect();
    let mut roles = vec![Role::Ignored; headers.len()];
    for (header, target) in plan.targets.iter().enumerate() {
        let Some(target) = target else { continue };
        let words = words_of(dictionaries, header);
        roles[header] = if vocabulary(target).is_some() {
            status_columns(target, profile, &words)
        } else if is_firm(target) {
            Role::Field(target.fields[0])
        } else {
            open(target, profile, &taken, &words)
        };
        if let Role::Field(field) = roles[header] {
            taken.push(field);
        }
    }
    let mut notes = keep_unknown(headers, plan, dictionaries, place, &mut roles);
    for ((header, target), role) in headers.iter().zip(&plan.targets).zip(&roles) {
        let Some(target) = target else { continue };
        match role {
            Role::Ignored => {
                notes.push(format!("{place}: column '{header}' ignored: its words are not those of {}", target.fields[0].key()))
            }
            Role::StatusColumn(typed) if !target.fields.contains(&typed.field()) => {
                notes.push(format!("{place}: column '{header}' holds words of {}, and was read as that", typed.field().key()));
            }
            Role::StatusColumn(_) | Role::Field(_) => {}
        }
    }
    (roles, notes)
}

/// Where no column gives the status of a port, one of unknown words is kept after all: its words are then
/// counted and listed, and each row is flagged. Returns what to note.
fn keep_unknown(
    headers: &[String],
    plan: &ColumnPlan<'_>,
    dictionaries: &[&[Option<Dictionary>]],
    place: &str,
    roles: &mut [Role],
) -> Vec<String> {
    let mut notes = Vec::new();
    if roles.iter().any(|role| matches!(role, Role::StatusColumn(_) | Role::Field(Field::LastEvent))) {
        return notes;
    }
    for (header, target) in plan.targets.iter().enumerate() {
        let Some(target) = target.as_ref().filter(|target| vocabulary(target).is_some()) else { continue };
        let (best, (known, all)) = best(target, plan.profile, &words_of(dictionaries, header));
        roles[header] = Role::StatusColumn(best);
        notes.push(format!(
            "{place}: no other column gives the status of a port, so column '{}' was read although {} of its {} cells have unknown words",
            headers[header],
            thousands(all - known),
            thousands(all)
        ));
    }
    notes
}

/// The words of a column, with how many rows hold each.
fn words_of<'a>(dictionaries: &[&'a [Option<Dictionary>]], header: usize) -> Vec<(&'a str, u64)> {
    dictionaries.iter().filter_map(|chunk| chunk[header].as_ref()).flat_map(Dictionary::words).flatten().collect()
}

/// Rows whose word is known, and rows with a word.
fn share(words: &[(&str, u64)], known: impl Fn(&str) -> bool) -> (u64, u64) {
    words.iter().fold((0, 0), |(yes, all), (word, count)| (yes + if known(word) { *count } else { 0 }, all + count))
}

fn status_columns(target: &ColumnTarget, profile: &Profile, words: &[(&str, u64)]) -> Role {
    let (best, (known, all)) = best(target, profile, words);
    if target.strength.is_fallback() && known * 2 < all { Role::Ignored } else { Role::StatusColumn(best) }
}

/// The vocabulary that most rows are of; when there is no difference that of numbers, where a system keeps levels apart and the
/// header may be of either, else the header's own; rows whose word is
/// known, and rows with a word.
fn best(target: &ColumnTarget, profile: &Profile, words: &[(&str, u64)]) -> (Vocabulary, (u64, u64)) {
    let own = vocabulary(target).unwrap_or(Vocabulary::Status);
    let best = Vocabulary::ALL
        .iter()
        .copied()
        .filter(|vocabulary| !profile.by_level || *vocabulary == own || target.fields.contains(&vocabulary.field()))
        .max_by_key(|vocabulary| {
            let known = share(words, |word| profile.meaning(*vocabulary, word).is_some()).0;
            (known, profile.by_level && *vocabulary == Vocabulary::State, *vocabulary == own)
        })
        .unwrap_or(own);
    (best, share(words, |word| meaning(profile, best, word).is_some()))
}

/// The first column of words that at least half the rows fit, else the column of free text.
fn open(target: &ColumnTarget, profile: &Profile, taken: &[Field], words: &[(&str, u64)]) -> Role {
    let free = || target.fields.iter().copied().filter(|field| !taken.contains(field));
    let fits = |field: &Field| {
        let (known, all) = share(words, |word| profile.code(*field, word).is_some());
        all > 0 && known * 2 >= all
    };
    let known = free().filter(|field| holds_words(*field)).find(fits);
    known.or_else(|| free().find(|field| !holds_words(*field))).map_or(Role::Ignored, Role::Field)
}
