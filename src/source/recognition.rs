//! Chooses the profile that a table is read with: one that was specified, one whose own headers or words it has, or a guess.

use std::cmp::Reverse;

use crate::domain::record::Field;
use crate::error::{Error, Place, Result};
use crate::source::input::ReadOptions;
use crate::source::profile::Profile;

/// Why a table is read with its profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// It was specified.
    Specified,
    /// The table has this header, which only the profile's system writes.
    OwnHeader(String),
    /// The table has this word, which only the profile's system uses.
    OwnWord(String),
    /// No header and no word is one system's own.
    Guessed,
}

/// A profile and why it is the one.
#[derive(Debug, Clone)]
pub struct Choice<'a> {
    /// The profile.
    pub profile: &'a Profile,
    /// Why.
    pub basis: Basis,
    /// Another that the table speaks for just as much.
    pub equal: Option<&'a Profile>,
}

/// The name that stands for the profile that is recognized, and for none where two fit equally.
pub const AUTO: &str = "auto";

/// Chooses the profile for `headers`: the one that the options name, else the one that owns most of them, else the
/// one of no single system that knows most.
///
/// # Errors
/// [`Error::usage`] for a profile that does not exist, [`Error::config`] when there is none.
pub fn choose<'a>(headers: &[String], profiles: &'a [Profile], options: &ReadOptions) -> Result<Choice<'a>> {
    if let Some(name) = options.profile.as_ref().filter(|name| !name.eq_ignore_ascii_case(AUTO)) {
        let named = profiles.iter().find(|profile| profile.name.eq_ignore_ascii_case(name));
        let profile = named.ok_or_else(|| {
            let known: Vec<_> = profiles.iter().map(|profile| profile.name.as_str()).collect();
            let help = format!("the profiles are {}", known.join(", "));
            Error::usage(Place::option("source"), format!("there is no profile '{name}'"), help)
        })?;
        return Ok(Choice { profile, basis: Basis::Specified, equal: None });
    }
    let rank = |profile: &&Profile| (own_headers(headers, profile).count(), score(headers, profile));
    let owners = || profiles.iter().filter(|profile| own_headers(headers, profile).next().is_some());
    if let Some(profile) = owners().max_by_key(rank) {
        let owned = own_headers(headers, profile).next().cloned().unwrap_or_default();
        let count = |profile: &Profile| own_headers(headers, profile).count();
        let equal = owners().find(|other| other.name != profile.name && count(other) == count(profile));
        return Ok(Choice { profile, basis: Basis::OwnHeader(owned), equal });
    }
    let fit = |profile: &Profile| (score(headers, profile), Reverse(profile.breadth()));
    let rank = |profile: &&'a Profile| (fit(profile), Reverse(profile.name.as_str()));
    let generals = || profiles.iter().filter(|profile| !profile.is_of_one_system());
    let general = generals().max_by_key(rank);
    let profile = general.or_else(|| profiles.iter().max_by_key(rank));
    let profile = profile.ok_or_else(|| Error::config("templates/sources", "there is no profile", "give at least one"))?;
    let equal = generals().find(|other| other.name != profile.name && fit(other) == fit(profile));
    Ok(Choice { profile, basis: Basis::Guessed, equal })
}

fn own_headers<'a>(headers: &'a [String], profile: &Profile) -> impl Iterator<Item = &'a String> {
    headers.iter().filter(|header| profile.owns(header))
}

/// Whether a profile knows the header it requires; how many headers it knows, and spells just so.
fn score(headers: &[String], profile: &Profile) -> (bool, usize, usize) {
    let known: Vec<_> = headers.iter().filter(|header| !profile.fields(header).is_empty() || profile.is_time_elsewhere(header)).collect();
    let is_phone = |header: &String| profile.fields(header).iter().any(|(_, field)| *field == Field::PhoneNumber);
    (known.iter().copied().any(is_phone), known.len(), known.iter().filter(|header| profile.spells(header)).count())
}

/// The profiles that `headers` speak for as much as for the one chosen:
/// those that own a header too, or, beside a guess, those that spell each header that is `known`.
pub fn rivals<'a>(headers: &[String], profiles: &'a [Profile], choice: &Choice<'_>, known: &[bool]) -> Vec<&'a Profile> {
    let is_other = |profile: &&Profile| profile.name != choice.profile.name;
    let fits = |profile: &&Profile| match choice.basis {
        Basis::Specified => false,
        Basis::OwnHeader(_) | Basis::OwnWord(_) => own_headers(headers, profile).next().is_some(),
        Basis::Guessed => headers.iter().zip(known).filter(|(_, known)| **known).all(|(header, _)| profile.spells(header)),
    };
    profiles.iter().filter(is_other).filter(fits).collect()
}

/// The system whose own words stand in a table that was read by a guess; `words` are those of its columns of states,
/// statuses and details, each with its header and its rows. A system counts only if it spells that header and the one
/// of the numbers, `phone`.
pub fn recognize<'a>(profiles: &'a [Profile], phone: Option<&String>, words: &[(&str, &str, u64)]) -> Option<Choice<'a>> {
    let own = |profile: &'a Profile| {
        let spoken = words.iter().filter(|(header, word, _)| profile.spells(header) && profile.own_words.contains(word));
        let rows: u64 = spoken.clone().map(|(_, _, rows)| rows).sum();
        Some((rows, profile, spoken.max_by_key(|(_, _, rows)| rows)?.1.trim().to_owned()))
    };
    let candidates = profiles.iter().filter(|profile| phone.is_none_or(|phone| profile.spells(phone)));
    let mut known: Vec<_> = candidates.filter_map(own).collect();
    known.sort_by_key(|(rows, profile, _)| (Reverse(*rows), profile.name.as_str()));
    let equal = known.get(1).filter(|(rows, _, _)| *rows == known[0].0).map(|(_, profile, _)| *profile);
    let (_, profile, word) = known.into_iter().next()?;
    Some(Choice { profile, basis: Basis::OwnWord(word), equal })
}
