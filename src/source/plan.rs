//! Decides which profile fits a file's headers and which column each header means.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::domain::note::Note;
use crate::domain::number::{DefaultNumbering, mask};
use crate::domain::record::Field;
use crate::domain::status::{fold, folds_to};
use crate::domain::text::{self, letters, thousands};
use crate::error::{Error, Place, Result};
use crate::source::input::ReadOptions;
use crate::source::nearest_header::nearest;
use crate::source::profile::{MatchPriority, Profile, Vocabulary, WordSet};
use crate::source::recognition::{self, Basis, Choice};
use crate::source::redact::brief;

/// What a header may mean: one column, or several of which the words decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnTarget {
    /// The columns, in the order in which they are tried.
    pub fields: Vec<Field>,
    /// How firmly the header means them. A fallback column of words counts only when its words are known.
    pub strength: MatchPriority,
}

/// How a table is to be read.
#[derive(Debug, Clone)]
pub struct ColumnPlan<'a> {
    /// The profile.
    pub profile: &'a Profile,
    /// Why it is this one.
    pub basis: Basis,
    /// Another profile that the table speaks for just as much.
    pub equal: Option<&'a Profile>,
    /// Profiles that fit as well and could read the table differently.
    pub rivals: Vec<&'a Profile>,
    /// How digits without a plus are read.
    pub bare: DefaultNumbering,
    /// What each header means; `None` for those that are ignored.
    pub targets: Vec<Option<ColumnTarget>>,
    /// Whether its rows are events, of which the state of each number follows.
    pub is_events: bool,
    /// The header of the numbers' countries, where the profile needs it to read them.
    pub country: Option<usize>,
    /// The header of the rows of another file in which the rows stood.
    pub lines: Option<usize>,
    /// The header of the words of another source for where a port stands.
    pub words: Option<usize>,
    /// The header of the data-quality flags that an earlier reading brought.
    pub flags: Option<usize>,
    /// The profile chosen and the headers ignored, for the run's notes.
    pub notes: Vec<Note>,
}

impl ColumnPlan<'_> {
    /// The first header that may mean `field`.
    pub fn column_of(&self, field: Field) -> Option<usize> {
        self.targets.iter().position(|target| target.as_ref().is_some_and(|target| target.fields.contains(&field)))
    }

    /// Which columns a reader should keep, one answer a header.
    pub fn wanted(&self) -> Vec<bool> {
        self.targets
            .iter()
            .enumerate()
            .map(|(header, target)| target.is_some() || [self.country, self.lines, self.words, self.flags].contains(&Some(header)))
            .collect()
    }
}

/// Chooses the profile for `headers` as [`recognition::choose`] says, and maps each header.
///
/// # Errors
/// Those of [`recognition::choose`] and [`plan_as`].
pub fn plan<'a>(headers: &[String], profiles: &'a [Profile], options: &ReadOptions, place: &str) -> Result<ColumnPlan<'a>> {
    if headers.iter().all(|header| header.trim().is_empty()) {
        let what = "holds no table: there is no header, and nothing below one";
        return Err(Error::data(place, what, "check the export that wrote it"));
    }
    plan_as(headers, profiles, recognition::choose(headers, profiles, options)?, options, place)
}

/// Maps each header by the profile chosen; headers mapped by hand win over it. Required are a phone number and something
/// that tells where the port stands: a number state, a status, a detailed status or the last event. `place` names the file.
///
/// # Errors
/// [`Error::usage`] for a mapped header that does not exist; [`Error::data`] when two headers mean one column or a
/// required column is missing.
pub fn plan_as<'a>(
    headers: &[String],
    profiles: &'a [Profile],
    choice: Choice<'a>,
    options: &ReadOptions,
    place: &str,
) -> Result<ColumnPlan<'a>> {
    let profile = choice.profile;
    let forced = forced(headers, options, place)?;
    let mut targets = targets(headers, profile, &forced, place)?;
    let is_events = settle_events(headers, profile, &mut targets);
    require(headers, profiles, (&targets, is_events), place)?;
    let beside = |set: &WordSet| headers.iter().zip(&targets).position(|(header, target)| target.is_none() && set.contains(header));
    let (country, lines) = (beside(&profile.country.headers), beside(&profile.line_headers));
    let (words, flags) = (beside(&profile.word_headers), beside(&profile.flag_headers));
    let known: Vec<bool> = targets.iter().map(Option::is_some).collect();
    let rivals = recognition::rivals(headers, profiles, &choice, &known);
    let (basis, equal) = (choice.basis, choice.equal);
    let mut plan = ColumnPlan {
        profile,
        basis,
        equal,
        rivals,
        bare: profile.bare,
        targets,
        is_events,
        country,
        lines,
        words,
        flags,
        notes: Vec::new(),
    };
    plan.notes = notes(headers, &plan, profiles, place);
    Ok(plan)
}

/// The headers mapped by hand: which column each index is.
fn forced(headers: &[String], options: &ReadOptions, place: &str) -> Result<BTreeMap<usize, Field>> {
    let mut forced = BTreeMap::new();
    for (header, field) in &options.maps {
        let exact = headers.iter().position(|known| known == header);
        let found = exact.or_else(|| headers.iter().position(|known| !fold(header).is_empty() && folds_to(known, &fold(header))));
        let Some(index) = found else {
            return Err(Error::usage(
                Place::option_value("map", format!("\"{header}={}\"", field.key())),
                format!("{} has no column '{header}'", if place.is_empty() { "the file" } else { place }),
                match text::nearest(header, headers.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean '{}'?", brief(near)),
                    None => format!("its headers are {}", quoted(headers.iter())),
                },
            ));
        };
        if let Some((other, _)) = forced.iter().find(|(other, known)| **known == *field && **other != index) {
            let what = format!("'{}' and '{}' are both mapped to {}", headers[*other], headers[index], field.key());
            return Err(Error::usage(Place::option("map"), what, "map one header to each column"));
        }
        forced.insert(index, *field);
    }
    Ok(forced)
}

fn targets(headers: &[String], profile: &Profile, forced: &BTreeMap<usize, Field>, place: &str) -> Result<Vec<Option<ColumnTarget>>> {
    let mut targets: Vec<Option<ColumnTarget>> = vec![None; headers.len()];
    for (index, field) in forced {
        targets[*index] = Some(ColumnTarget { fields: vec![*field], strength: MatchPriority::Main });
    }
    for strength in MatchPriority::ALL {
        let taken: Vec<Field> = targets.iter().flatten().filter(|target| target.fields.len() == 1).map(|target| target.fields[0]).collect();
        for (header, target) in headers.iter().zip(&mut targets).filter(|(_, target)| target.is_none()) {
            let meant = profile.fields(header).iter().filter(|(known, field)| *known == strength && !taken.contains(field));
            let mut fields: Vec<Field> = meant.map(|(_, field)| *field).collect();
            // Words are tried before free text, which takes anything.
            fields.sort_by_key(|field| (field.column_type().is_string() && !field.definition().holds_words(), *field));
            *target = (!fields.is_empty()).then_some(ColumnTarget { fields, strength });
        }
        distinct(headers, &targets, place)?;
    }
    Ok(targets)
}

/// The columns that say whose an event is.
const WHOSE: [Field; 4] = [Field::PhoneNumber, Field::OrderId, Field::RequestId, Field::CaseNumber];

/// Whether these are the columns of a table of events: a number or order, an event and a time, and nothing that says where
/// the port stands; or, in a table of changes, a status and its time. The column of the time then is that of the events, and a
/// reason is theirs.
fn settle_events(headers: &[String], profile: &Profile, targets: &mut [Option<ColumnTarget>]) -> bool {
    let place = |field: Field| targets.iter().position(|target| target.as_ref().is_some_and(|target| target.fields.contains(&field)));
    let has = |fields: &[Field]| fields.iter().any(|field| place(*field).is_some());
    let is_of_number = has(&WHOSE);
    let has_status = has(&[Field::NumberState, Field::GivenStatus, Field::GivenDetail]);
    let tells_changes = has_status && headers.iter().any(|header| profile.tells_changes(header));
    // A change is recorded when it happens, and the record may be touched later.
    let times = if tells_changes { [Field::CreatedDate, Field::UpdatedAt] } else { [Field::UpdatedAt, Field::CreatedDate] };
    let time = std::iter::once(Field::EventAt).chain(times).find_map(place);
    let is_event = tells_changes || !has_status && has(&[Field::LastEvent]);
    let Some(time) = time.filter(|_| is_of_number && is_event) else { return false };
    let is_reason = |header: &String| profile.fields_beside_reports(header).iter().any(|(_, field)| *field == Field::RejectReason);
    let reason = headers.iter().zip(&*targets).position(|(header, target)| target.is_none() && is_reason(header));
    let reason = reason.filter(|_| !has(&[Field::RejectReason]));
    // What numbers the events is no order, where something else says whose they are.
    let own = headers.iter().position(|header| profile.row_ids.contains(header));
    let own = own.filter(|own| targets[*own].as_ref().is_some_and(|target| target.strength.is_fallback()));
    let is_order = |(header, target): (usize, &Option<ColumnTarget>)| {
        let means = |target: &ColumnTarget| WHOSE.iter().any(|field| target.fields.contains(field));
        Some(header) != own && target.as_ref().is_some_and(means)
    };
    if let Some(own) = own.filter(|_| targets.iter().enumerate().any(is_order)) {
        targets[own] = None;
    }
    let only = |field: Field| Some(ColumnTarget { fields: vec![field], strength: MatchPriority::Main });
    targets[time] = only(Field::EventAt);
    if let Some(reason) = reason {
        targets[reason] = only(Field::RejectReason);
    }
    true
}

/// Two headers that can only mean one column are an error.
fn distinct(headers: &[String], targets: &[Option<ColumnTarget>], place: &str) -> Result<()> {
    let mut seen: BTreeMap<Field, &String> = BTreeMap::new();
    for (header, target) in headers.iter().zip(targets) {
        let Some(ColumnTarget { fields, .. }) = target else { continue };
        if let [field] = fields[..]
            && let Some(other) = seen.insert(field, header)
        {
            return Err(Error::data(
                place,
                format!("the headers '{other}' and '{header}' both mean {}", field.key()),
                "specify which one counts",
            )
            .with_remedy(Place::option_value("map", format!("\"{header}={}\"", field.key()))));
        }
    }
    Ok(())
}

fn require(headers: &[String], profiles: &[Profile], (targets, is_events): (&[Option<ColumnTarget>], bool), place: &str) -> Result<()> {
    let has = |field: Field| targets.iter().flatten().any(|target| target.fields.contains(&field));
    let status_fields = vec![Field::NumberState, Field::GivenStatus, Field::GivenDetail, Field::LastEvent];
    // The numbers of orders may stand in another input.
    let (fields, what) = if !has(Field::PhoneNumber) && is_events {
        return Ok(());
    } else if !has(Field::PhoneNumber) {
        (vec![Field::PhoneNumber], "no column holds the phone number")
    } else if !status_fields.iter().any(|field| has(*field)) {
        (status_fields.clone(), "no column gives the status of a port: a status, a detailed status, a number state or the last event")
    } else {
        return Ok(());
    };
    if fields == [Field::PhoneNumber] && has(Field::AccountId) && has(Field::Partner) && !status_fields.iter().any(|field| has(*field)) {
        let what = "holds accounts and their partners, not orders: no column holds the phone number";
        return Err(Error::data(place, what, "name it as the file of accounts").with_remedy(Place::option("accounts")));
    }
    let likely = likely(headers, profiles, targets, &fields);
    let found = if headers.is_empty() { "none".to_owned() } else { quoted(headers.iter()) };
    let (guess, example) = match likely.first() {
        Some((header, field)) => {
            (format!("; the likeliest are {}", quoted(likely.iter().map(|(header, _)| header))), format!("\"{header}={}\"", field.key()))
        }
        None => (String::new(), format!("\"their header={}\"", fields[0].key())),
    };
    Err(Error::data(place, format!("{what}; the headers are {found}{guess}"), "map it").with_remedy(Place::option_value("map", example)))
}

/// Up to three headers that come nearest to one of `fields`, nearest first, each with that field.
fn likely(headers: &[String], profiles: &[Profile], targets: &[Option<ColumnTarget>], fields: &[Field]) -> Vec<(String, Field)> {
    let aliases: Vec<(String, Field)> = profiles.iter().flat_map(Profile::aliases).map(|(alias, field)| (fold(alias), field)).collect();
    let mut near: Vec<(u32, usize, Field)> = Vec::new();
    for (index, header) in headers.iter().enumerate().filter(|(index, _)| targets[*index].is_none()) {
        let known = |field: Field| aliases.iter().filter(move |(_, known)| *known == field).map(|(alias, _)| alias.clone());
        let named = |field: Field| known(field).chain([fold(field.key())]);
        let nearest = fields.iter().flat_map(|field| named(*field).map(|alias| (likeness(&fold(header), &alias), *field)));
        if let Some((score, field)) = nearest.max_by_key(|(score, field)| (*score, Reverse(*field))).filter(|(score, _)| *score >= 50) {
            near.push((score, index, field));
        }
    }
    near.sort_by_key(|(score, index, _)| (Reverse(*score), *index));
    near.into_iter().take(3).map(|(_, index, field)| (headers[index].clone(), field)).collect()
}

/// How alike two folded names are, in percent; one inside the other counts for 70.
fn likeness(left: &str, right: &str) -> u32 {
    let longest = left.chars().count().max(right.chars().count());
    if longest == 0 || left.is_empty() || right.is_empty() {
        return 0;
    }
    let same = (longest - strsim::levenshtein(left, right)) * 100 / longest;
    let inside = left.len().min(right.len()) >= 2 && (left.contains(right) || right.contains(left));
    (same as u32).max(if inside { 70 } else { 0 })
}

fn notes(headers: &[String], plan: &ColumnPlan<'_>, profiles: &[Profile], place: &str) -> Vec<Note> {
    let profile = plan.profile;
    let wanted = plan.wanted();
    let known = wanted.iter().filter(|wanted| **wanted).count();
    let how = match &plan.basis {
        Basis::Specified => "as specified".to_owned(),
        Basis::OwnHeader(header) => format!("known by its header {}", quoted([header].into_iter())),
        Basis::OwnWord(word) => format!("known by its word {}", quoted([word].into_iter())),
        Basis::Guessed => "since none of its headers and words is one system's own".to_owned(),
    };
    let mut notes = vec![Note::from(format!(
        "{place}: read as {} ({}), {how}; columns known: {} of {}",
        profile.name,
        profile.title,
        thousands(known as u64),
        thousands(headers.len() as u64)
    ))];
    let ignored = headers.iter().zip(&wanted).filter(|(header, wanted)| !**wanted && !header.is_empty()).map(|(header, _)| header);
    let mut list = |what: &str, fits: &dyn Fn(&str) -> bool| {
        let listed: Vec<&String> = ignored.clone().filter(|header| fits(header)).collect();
        if !listed.is_empty() {
            notes.push(Note::from(format!("{place}: {what}: {}", quoted(listed.into_iter()))).quoting());
        }
    };
    list("columns ignored", &|header| !profile.derived.contains(header) && !profile.is_time_elsewhere(header));
    list("columns of an earlier report ignored, since they are derived anew", &|header| profile.derived.contains(header));
    list("columns ignored, since a confirmed time is Pacific time and they name another zone", &|header| profile.is_time_elsewhere(header));
    notes.extend(suggestions(headers, plan, profiles, place));
    let unnamed: Vec<String> =
        headers.iter().enumerate().filter(|(_, header)| header.is_empty()).map(|(index, _)| letters(index)).collect();
    if !unnamed.is_empty() {
        let more = unnamed.len().saturating_sub(MAX_LISTED);
        let more = if more > 0 { format!(" and {} more", thousands(more as u64)) } else { String::new() };
        let listed = unnamed[..unnamed.len().min(MAX_LISTED)].join(", ");
        notes.push(format!("{place}: columns without a header ignored: {listed}{more}").into());
    }
    notes
}

/// Ignored headers for which a column is suggested at most.
const MOST_SUGGESTIONS: usize = 10;

/// For ignored headers that come near to one of a column that no header fills, how to map them.
fn suggestions(headers: &[String], plan: &ColumnPlan<'_>, profiles: &[Profile], place: &str) -> Vec<Note> {
    let is_free = |field: Field| !plan.targets.iter().flatten().any(|target| target.fields.contains(&field));
    let is_own = |header: &String| {
        let profile = plan.profile;
        !header.is_empty() && !profile.derived.contains(header) && !profile.ignores(header) && !profile.is_time_elsewhere(header)
    };
    let ignored = headers.iter().zip(plan.wanted()).filter(|(header, wanted)| !wanted && is_own(header));
    let near = ignored.take(MOST_SUGGESTIONS).filter_map(|(header, _)| Some((header, nearest(header, profiles, is_free)?)));
    near.map(|(header, (alias, field))| {
        let shown = mask(header);
        let text = format!("{place}: column '{shown}' is not known; the nearest is '{alias}'");
        Note::from(text).with_remedy("map", format!("\"{shown}={}\"", field.key())).quoting()
    })
    .collect()
}

/// Headers that a message lists; it counts the others.
const MAX_LISTED: usize = 20;

/// Headers in quotes, so many of them, each cut to a readable length. A file without a header has data there, so what may be a
/// phone number is masked.
pub fn quoted<'a>(mut headers: impl Iterator<Item = &'a String>) -> String {
    let listed: Vec<String> = headers.by_ref().take(MAX_LISTED).map(|header| format!("'{}'", brief(header))).collect();
    let more = headers.count();
    let more = if more > 0 { format!(" and {} more", thousands(more as u64)) } else { String::new() };
    listed.join(", ") + &more
}

/// The vocabulary that a target's columns have, if it is one of states, statuses or details.
pub fn vocabulary(target: &ColumnTarget) -> Option<Vocabulary> {
    target.fields.iter().find_map(|field| Vocabulary::of(*field))
}
