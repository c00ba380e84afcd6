//! Reads inputs into orders: each is opened by its source, its chunks are normalized as they come, and all are joined. No row is lost uncounted.

use polars::prelude::{Column, Scalar};

use crate::domain::lifecycle::{Lifecycle, Mode};
use crate::domain::note::Note;
use crate::domain::number::DefaultNumbering;
use crate::domain::reason::Reasons;
use crate::domain::record::INPUT;
use crate::domain::replay::StateMachine;
use crate::domain::text::counted;
use crate::error::{Error, Place, Result};
use crate::source::accounts::Partners;
use crate::source::database::retry;
use crate::source::events::of_orders::{Spread, spread};
use crate::source::events::standings::Standings;
use crate::source::events::timeline::{Timeline, timelines};
use crate::source::input::{Input, ReadOptions};
use crate::source::keyed::{KeyedTable, with_keys};
use crate::source::merge::merge;
use crate::source::normalize::chunk::Recognise;
use crate::source::normalize::{Correction, NormalizedTable, Normalizer};
use crate::source::open::{Candidate, Monitor, unwatched};
use crate::source::orders::{Orders, Origin};
use crate::source::plan::{ColumnPlan, plan, plan_as, quoted, vocabulary};
use crate::source::profile::Profile;
use crate::source::pushdown::restrict;
use crate::source::recognition::{AUTO, Basis, Choice};
use crate::source::redact::note_of_reader;
use crate::source::table::{Found, OpenTable};
use crate::source::{OrderFrame, accounts, open_table};
use crate::templates::Templates;

/// Reads porting orders from `inputs`, in order; `monitor` receives the bytes read of each, 0 when it is begun.
///
/// # Errors
/// No input, a profile or mapped column that does not exist (64); an input without rows, without a
/// required column or otherwise unreadable (65, 66, 74, 75, 77); a faulty profile (78); the monitor's.
pub fn read(inputs: &[Input], options: &ReadOptions, templates: &Templates, monitor: Monitor<'_>) -> Result<Orders> {
    let (tables, notes, partners) = read_tables(inputs, options, templates, monitor)?;
    let mut orders = merge(tables, || machine(options, templates), &options.detail_states)?;
    orders.notes.splice(0..0, notes);
    if let Some(partners) = partners {
        accounts::join(&mut orders, &partners)?;
    }
    Ok(orders)
}

/// The history of `number`, in E.164, in those of `inputs` that are tables of events: one for each request, with where the
/// inputs stand.
///
/// # Errors
/// As [`read`]; [`Error::data`] when no input is a table of events.
pub fn read_timelines(
    inputs: &[Input],
    options: &ReadOptions,
    templates: &Templates,
    number: &str,
) -> Result<(Vec<Timeline>, Vec<Origin>)> {
    let (tables, ..) = read_tables(inputs, options, templates, &unwatched)?;
    let origins: Vec<Origin> = tables.iter().flat_map(|table| table.orders.origins.clone()).collect();
    let (mut frames, mut others, mut keep) = (Vec::new(), Vec::new(), Vec::new());
    for (input, mut table) in tables.into_iter().enumerate() {
        if !table.is_events {
            others.push(table.orders.frame);
            continue;
        }
        table.orders.frame.set(Column::new_scalar(INPUT.into(), Scalar::from(input as u32), table.orders.frame.height()))?;
        frames.push(table.orders.frame);
        keep.extend(table.keep);
    }
    if frames.is_empty() {
        let place = origins.first().map(Origin::place).unwrap_or_default();
        let help = "give a table with columns for the number, the event and its time, and none for a status";
        return Err(Error::data(place, "holds no events", help));
    }
    let place = origins.first().map(Origin::place).unwrap_or_default();
    let Spread { frame: events, keep, .. } = spread(OrderFrame::stack(frames)?, keep, &others, &place)?;
    let standings = Standings::of(&others, &events, &options.detail_states)?;
    let timelines = timelines(&events, &keep, (&machine(options, templates)?, &standings), number)?;
    Ok((timelines, origins))
}

/// The state model by which events are replayed.
fn machine(options: &ReadOptions, templates: &Templates) -> Result<StateMachine> {
    let file = "rules/lifecycle.toml";
    Ok(StateMachine::new(Lifecycle::parse(&templates.text(file)?, file)?, options.state_model.unwrap_or(Mode::Extended)))
}

/// The tables of the inputs, what to note beside them, and the partners of accounts.
type Tables = (Vec<NormalizedTable>, Vec<Note>, Option<Partners>);

fn read_tables(inputs: &[Input], options: &ReadOptions, templates: &Templates, monitor: Monitor<'_>) -> Result<Tables> {
    if inputs.is_empty() {
        return Err(Error::usage("", "there is no input", "name at least one file, or - for standard input"));
    }
    if inputs.len() > usize::from(u16::MAX) {
        return Err(Error::usage("", "there are more than 65,535 inputs", "join some of the files first"));
    }
    let profiles = Profile::all(templates)?;
    let reasons = Reasons::parse(&templates.text("rules/reasons.toml")?, "rules/reasons.toml")?;
    let recognise = |text: &str| reasons.recognise(text);
    let partners = options.accounts.as_deref().map(|file| accounts::read(file, options, &profiles)).transpose()?;
    let mut tables: Vec<NormalizedTable> = Vec::with_capacity(inputs.len());
    let mut notes = options.input_notes.clone();
    for input in inputs {
        // Whatever was read before was another input.
        monitor(0)?;
        let candidate = Candidate::new(input, options, monitor);
        match same_file(&candidate, &tables)? {
            Some(note) => notes.push(note),
            None => tables.push(read_again(candidate, tables.len() as u32, options, &profiles, &recognise)?),
        }
    }
    Ok((tables, notes, partners))
}

/// What to note if `candidate` is a file that one of `tables` was read from: it is one input with that.
fn same_file(candidate: &Candidate<'_>, tables: &[NormalizedTable]) -> Result<Option<Note>> {
    // Equal files in folders of different keys have different rows.
    if candidate.is_database() || !candidate.input.keys().is_empty() {
        return Ok(None);
    }
    let file = candidate.file()?;
    let mut origins = tables.iter().flat_map(|table| &table.orders.origins);
    let known = origins.find(|origin| origin.digest.as_ref() == Some(&file.digest)).map(|origin| &origin.file);
    Ok(known.map(|known| match *known == file.name {
        true => format!("{known}: given twice (equal SHA-256); it is one input and was read once").into(),
        false => format!("{}: the same file as {known} (equal SHA-256); they are one input, which was read once", file.name).into(),
    }))
}

/// Reads an input, and again from nothing where a server went away meanwhile: of what came before nothing is kept.
fn read_again(
    candidate: Candidate<'_>,
    index: u32,
    options: &ReadOptions,
    profiles: &[Profile],
    recognise: Recognise<'_>,
) -> Result<NormalizedTable> {
    if !matches!(candidate.input, Input::Server(_) | Input::Odbc(_)) {
        return read_input(candidate, index, options, profiles, recognise);
    }
    let (mut table, again) = retry::repeat(|| read_input(candidate.again(), index, options, profiles, recognise))?;
    if again > 0 {
        table.orders.notes.insert(
            0,
            format!(
                "{}: the server went away, and it was read again from its beginning, {}",
                candidate.input.name(),
                counted(u64::from(again), "time")
            )
            .into(),
        );
    }
    Ok(table)
}

fn read_input(
    candidate: Candidate<'_>,
    index: u32,
    options: &ReadOptions,
    profiles: &[Profile],
    recognise: Recognise<'_>,
) -> Result<NormalizedTable> {
    let name = candidate.input.name();
    let keys = candidate.input.keys();
    let own = |headers: &[String], mut wanted: Vec<bool>| {
        wanted.truncate(headers.len());
        wanted
    };
    let projection = |headers: &[String]| {
        let plan = plan(&with_keys(headers, keys), profiles, options, &name)?;
        Ok(own(headers, plan.wanted()))
    };
    let table = KeyedTable::new(open_table(&candidate, options, &projection)?, keys);
    let mut table: Box<dyn OpenTable + '_> = Box::new(table);
    let headers: Vec<String> = table.headers().iter().map(|header| header.trim().to_owned()).collect();
    let origin = table.origin();
    let place = origin.place();
    let guess = plan(&headers, profiles, options, &place)?;
    let mut pushed = restrict(&mut *table, &guess, options, &place);
    let normalizer = Normalizer::new(&headers, &guess, index, &place, recognise);
    let found = table.read(&|index, chunk| normalizer.normalize(index, chunk))?;
    let correction = normalizer.correction(profiles).and_then(|better| corrected(better, &guess, (&headers, profiles, options), &place));
    let (plan, mut normalized, found) = match correction {
        None => {
            // Nothing of the input is needed any more: its file's bytes are given back before the frame is finished.
            drop(candidate);
            let normalized = normalizer.finish()?;
            (guess, normalized, found)
        }
        Some(better) => {
            drop(normalizer);
            let projection = |found: &[String]| match *with_keys(found, keys) == headers {
                true => Ok(own(found, better.wanted())),
                false => projection(found),
            };
            let mut table: Box<dyn OpenTable + '_> = Box::new(KeyedTable::new(open_table(&candidate, options, &projection)?, keys));
            pushed = restrict(&mut *table, &better, options, &place);
            let normalizer = Normalizer::new(&headers, &better, index, &place, recognise);
            let found = table.read(&|index, chunk| normalizer.normalize(index, chunk))?;
            drop(candidate);
            let normalized = normalizer.finish()?;
            (better, normalized, found)
        }
    };
    let rivalry = rivalry(&plan, &normalized, (&headers, profiles, options), &place)?;
    let orders = &mut normalized.orders;
    if orders.read == 0 && pushed.filters.is_empty() {
        return Err(without_rows(place, &found));
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
