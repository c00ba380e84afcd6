//! Reads one input, again where its cells say that it is read better another way.

use crate::domain::note::Note;
use crate::domain::number::DefaultNumbering;
use crate::domain::replay::StateMachine;
use crate::domain::text::counted;
use crate::error::{Error, Place, Result};
use crate::source::csv::windows::{self, Windows};
use crate::source::input::ReadOptions;
use crate::source::keyed::{KeyedTable, with_keys};
use crate::source::normalize::chunk::Recognise;
use crate::source::normalize::event_parts::EVENTS_AT_ONCE;
use crate::source::normalize::{Correction, NormalizedTable, Normalizer};
use crate::source::open::Candidate;
use crate::source::open_table;
use crate::source::orders::Origin;
use crate::source::plan::{ColumnPlan, plan, plan_as, quoted, vocabulary};
use crate::source::profile::Profile;
use crate::source::pushdown::{PushedDown, restrict};
use crate::source::recognition::{AUTO, Basis, Choice};
use crate::source::redact::note_of_reader;
use crate::source::table::{ColumnProjection, Found, OpenTable};

/// What every input is read with.
pub struct Means<'a> {
    /// How to read.
    pub options: &'a ReadOptions,
    /// The profiles.
    pub profiles: &'a [Profile],
    /// Names the reason code of a reject reason's text.
    pub recognise: Recognise<'a>,
    /// The state model by which a table of events is replayed while it is read; nothing where that must wait for other tables.
    pub machine: Option<&'a dyn Fn() -> Result<StateMachine>>,
}

/// How a table was read once.
enum Reading<'a, 'p> {
    /// Every chunk of it was taken.
    Rows(Box<Normalizer<'a>>, Found),
    /// Its events were replayed.
    Replayed(Box<NormalizedTable>, Found),
    /// It is to be read again, by another plan.
    Corrected(ColumnPlan<'p>),
    /// It is to be read again, at once: part by part it would come to something else.
    AtOnce,
}

fn read_once<'a, 'p>(
    table: Box<dyn OpenTable + '_>,
    windows: &Windows,
    normalizer: Normalizer<'a>,
    correct: impl FnOnce(&Normalizer<'a>) -> Option<ColumnPlan<'p>>,
) -> Result<Reading<'a, 'p>> {
    let found = table.read(&|index, chunk| normalizer.normalize(index, chunk));
    if normalizer.is_out_of_order() || windows.are_refused() {
        return Ok(Reading::AtOnce);
    }
    let found = found?;
    if let Some(better) = correct(&normalizer) {
        return Ok(Reading::Corrected(better));
    }
    if !normalizer.has_replayed() {
        return Ok(Reading::Rows(Box::new(normalizer), found));
    }
    match normalizer.finish() {
        Err(_) if normalizer.is_out_of_order() => Ok(Reading::AtOnce),
        replayed => Ok(Reading::Replayed(Box::new(replayed?), found)),
    }
}

/// The table of an input whose headers `projection` accepts; a long text is read through `windows`, if there are any.
fn open<'t>(
    candidate: &'t Candidate<'_>,
    options: &'t ReadOptions,
    projection: ColumnProjection<'t>,
    windows: Option<&'t Windows>,
) -> Result<Box<dyn OpenTable + 't>> {
    let keys = candidate.input.keys();
    if let Some(windows) = windows
        && let Some(table) = windows::open(candidate, options, projection, windows)?
    {
        return Ok(Box::new(KeyedTable::new(table, keys)));
    }
    Ok(Box::new(KeyedTable::new(open_table(candidate, options, projection)?, keys)))
}

/// Reads one input.
///
/// # Errors
/// Those of opening and reading it; an input without rows; if the options are strict, profiles that fit it and read it differently.
pub fn read_input(candidate: Candidate<'_>, index: u32, means: &Means<'_>) -> Result<NormalizedTable> {
    let Means { options, profiles, .. } = *means;
    let (name, keys) = (candidate.input.name(), candidate.input.keys());
    let own = |headers: &[String], plan: &ColumnPlan<'_>| plan.wanted().into_iter().take(headers.len()).collect();
    let projection = |headers: &[String]| Ok(own(headers, &plan(&with_keys(headers, keys), profiles, options, &name)?));
    let events_at_once = options.events_at_once.unwrap_or(EVENTS_AT_ONCE);
    let windows = Windows::new(events_at_once);
    let mut opened = open(&candidate, options, &projection, means.machine.map(|_| &windows))?;
    let headers: Vec<String> = opened.headers().iter().map(|header| header.trim().to_owned()).collect();
    let mut plan = plan(&headers, profiles, options, &opened.origin().place())?;
    let mut machine = means.machine.filter(|_| plan.is_events);
    if machine.is_none() && windows.are_open() {
        opened = open(&candidate, options, &projection, None)?;
    }
    let place = opened.origin().place();
    let in_windows = machine.map(|_| &windows);
    let mut is_guess = true;
    let (origin, restricted, reading) = {
        let mut opened = Some(opened);
        loop {
            let projection = |found: &[String]| match *with_keys(found, keys) == headers {
                true => Ok(own(found, &plan)),
                false => projection(found),
            };
            let mut table = match opened.take() {
                Some(table) => table,
                None => open(&candidate, options, &projection, in_windows)?,
            };
            let origin = table.origin();
            let restricted = restrict(&mut *table, &plan, options, &place);
            let mut normalizer = Normalizer::new(&headers, &plan, index, &place, means.recognise);
            if let Some(machine) = machine {
                normalizer = normalizer.replaying(machine()?, events_at_once);
            }
            let correct = |normalizer: &Normalizer<'_>| {
                let better = normalizer.correction(profiles).filter(|_| is_guess)?;
                corrected(better, &plan, (&headers, profiles, options), &place)
            };
            match read_once(table, &windows, normalizer, correct)? {
                Reading::Corrected(better) => (plan, is_guess) = (better, false),
                Reading::AtOnce => machine = None,
                reading => break (origin, restricted, reading),
            }
        }
    };
    let (normalized, found) = match reading {
        Reading::Rows(normalizer, found) => {
            // Nothing of the input is needed any more: its file's bytes are given back before the frame is finished.
            drop(candidate);
            (normalizer.finish()?, found)
        }
        Reading::Replayed(table, found) => (*table, found),
        Reading::Corrected(_) | Reading::AtOnce => return Err(Error::internal(&place, "it was not read again")),
    };
    let origin = Origin { digest: windows.take_digest().or(origin.digest), ..origin };
    with_notes(normalized, (&plan, &found, origin, restricted), (&headers, profiles, options))
}

/// A table with what is to be noted of how it was read.
fn with_notes(
    mut normalized: NormalizedTable,
    (plan, found, origin, pushed): (&ColumnPlan<'_>, &Found, Origin, PushedDown),
    (headers, profiles, options): (&[String], &[Profile], &ReadOptions),
) -> Result<NormalizedTable> {
    let place = origin.place();
    let rivalry = rivalry(plan, &normalized, (headers, profiles, options), &place)?;
    let orders = &mut normalized.orders;
    if orders.read == 0 && pushed.filters.is_empty() && options.parts_of.is_none() {
        return Err(without_rows(place, found));
    }
    let found_notes = found.notes.iter().map(|note| note_of_reader(&place, note));
    let notes: Vec<Note> = plan.notes.iter().cloned().chain(rivalry).chain(pushed.notes).chain(found_notes).collect();
    orders.notes.splice(0..0, notes);
    orders.origins.push(Origin { profile: plan.profile.name.clone(), rows: orders.read, filtered_at_source: pushed.filters, ..origin });
    Ok(normalized)
}

/// The error of a table without rows.
fn without_rows(place: String, found: &Found) -> Error {
    match found.tables.len() {
        0 | 1 => Error::data(place, "there is a header but no rows", "check the export that wrote it, or leave this file out"),
        _ => Error::data(place, "the table has no rows", "name another table").with_remedy(Place::option("table")),
    }
}

/// The plan by which a table that was read by a guess is read again; `None` where it does not fit the headers.
fn corrected<'a>(
    correction: Correction<'a>,
    guess: &ColumnPlan<'a>,
    (headers, profiles, options): (&[String], &'a [Profile], &ReadOptions),
    place: &str,
) -> Option<ColumnPlan<'a>> {
    match correction {
        Correction::Profile(choice) => plan_as(headers, profiles, choice, options, place).ok(),
        Correction::CallingCodes => {
            let mut plan = ColumnPlan { bare: DefaultNumbering::International, ..guess.clone() };
            plan.notes.push(format!("{place}: numbers without a plus read with a calling code first, as most of them have one").into());
            Some(plan)
        }
    }
}

/// What to note where a profile that fits a table as well reads it differently.
///
/// # Errors
/// [`Error::data`] instead, if the options are strict.
fn rivalry(
    plan: &ColumnPlan<'_>,
    table: &NormalizedTable,
    (headers, profiles, options): (&[String], &[Profile], &ReadOptions),
    place: &str,
) -> Result<Option<Note>> {
    let chosen = plan.profile;
    let differences = |(rival, words): (&Profile, u64)| {
        // Beside a guess, headers that many write do not mean a system's columns.
        let shares_words = !rival.by_level || chosen.is_of_one_system();
        let dates = if rival.order == chosen.order { 0 } else { table.undecided_dates };
        let numbers = if rival.bare == chosen.bare { 0 } else { table.foreign_numbers };
        let dates = (dates > 0).then(|| format!("{} first in {}", rival.order.first(), counted(dates, "date")));
        let numbers = (numbers > 0).then(|| format!("a calling code first in {}", counted(numbers, "number")));
        let words = (words > 0).then(|| format!("another status in {}", counted(words, "row")));
        let columns = shares_words.then(|| columns_read_otherwise(rival, plan, (headers, profiles, options), place));
        let all: Vec<String> = dates.into_iter().chain(numbers).chain(words).chain(columns.into_iter().flatten()).collect();
        (!all.is_empty()).then(|| all.join(" and "))
    };
    let is_auto = options.profile.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(AUTO));
    if let Some(equal) = plan.equal.filter(|_| is_auto) {
        let what = format!("profiles {} and {} fit it equally", chosen.name, equal.name);
        return Err(Error::data(place, what, "specify the one that it is an export of").with_remedy(Place::option("source")));
    }
    let mut rivals = plan.rivals.iter().zip(&table.other_words);
    let Some((rival, differences)) = rivals.find_map(|(rival, words)| Some((rival, differences((rival, (*words)?))?))) else {
        return Ok(None);
    };
    let what =
        format!("profiles {} and {} both fit it and read it differently: {} reads {differences}", chosen.name, rival.name, rival.name);
    if options.strict || is_auto {
        let help = "specify the one that it is an export of";
        return Err(Error::data(place, what, help).with_remedy(Place::option("source")));
    }
    let note = Note::from(format!("{place}: {what}; it was read as {}, the other way is", chosen.name));
    Ok(Some(note.with_remedy("source", rival.name.clone())))
}

/// The headers that `rival` reads as other columns than the profile of `plan`, words of state, status and detail aside, which
/// the cells tell apart.
fn columns_read_otherwise(
    rival: &Profile,
    plan: &ColumnPlan<'_>,
    (headers, profiles, options): (&[String], &[Profile], &ReadOptions),
    place: &str,
) -> Vec<String> {
    let choice = Choice { profile: rival, basis: Basis::Specified, equal: None };
    let targets = plan_as(headers, profiles, choice, options, place).map(|rival| rival.targets).unwrap_or_default();
    let otherwise = headers.iter().zip(plan.targets.iter().zip(targets)).filter_map(|(header, (own, other))| {
        let (own, other) = (own.as_ref()?, other?);
        let is_other = own.fields[0] != other.fields[0] && (vocabulary(own).is_none() || vocabulary(&other).is_none());
        is_other.then(|| format!("column {} as {}", quoted([header].into_iter()), other.fields[0].key()))
    });
    otherwise.collect()
}
