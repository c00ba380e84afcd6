//! Reads inputs into orders: each is opened by its source, its chunks are normalized as they come, and all are joined. No row is lost uncounted.

use polars::prelude::{Column, Scalar};

use crate::domain::lifecycle::{Lifecycle, Mode};
use crate::domain::note::Note;
use crate::domain::reason::Reasons;
use crate::domain::record::INPUT;
use crate::domain::replay::StateMachine;
use crate::domain::text::counted;
use crate::error::{Error, Result};
use crate::source::accounts::Partners;
use crate::source::database::retry;
use crate::source::events::of_orders::{Spread, spread};
use crate::source::events::standings::Standings;
use crate::source::events::timeline::{Timeline, timelines};
use crate::source::input::{Input, ReadOptions, WholeFile};
use crate::source::merge::merge;
use crate::source::normalize::NormalizedTable;
use crate::source::open::{Candidate, Monitor, unwatched};
use crate::source::orders::{Orders, Origin};
use crate::source::profile::Profile;
use crate::source::reading::{Means, read_input};
use crate::source::{OrderFrame, accounts};
use crate::templates::Templates;

/// Reads porting orders from `inputs`, in order; `monitor` receives the bytes read of each, 0 when it is begun.
///
/// # Errors
/// No input, a profile or mapped column that does not exist (64); an input without rows, without a
/// required column or otherwise unreadable (65, 66, 74, 75, 77); a faulty profile (78); the monitor's.
pub fn read(inputs: &[Input], options: &ReadOptions, templates: &Templates, monitor: Monitor<'_>) -> Result<Orders> {
    // Events are replayed while they are read if they stand with nothing else.
    let by = || machine(options, templates);
    let by: Option<&dyn Fn() -> Result<StateMachine>> = if inputs.len() == 1 { Some(&by) } else { None };
    let (tables, notes, partners) = read_tables(inputs, options, templates, (monitor, by))?;
    let repeats_stay = options.parts_of.is_some();
    let mut orders = merge(tables, || machine(options, templates), &options.detail_states, repeats_stay)?;
    orders.notes.splice(0..0, notes);
    if let Some(partners) = partners {
        accounts::join(&mut orders, &partners)?;
    }
    if let Some(whole) = &options.parts_of {
        join_origins(&mut orders, whole)?;
    }
    Ok(orders)
}

/// Has all rows of `orders` come from the file `whole`, of which the inputs are parts.
fn join_origins(orders: &mut Orders, whole: &WholeFile) -> Result<()> {
    orders.present.clone_from(&whole.present);
    let first = orders.origins.first().cloned().unwrap_or_default();
    let rows = orders.origins.iter().map(|origin| origin.rows).sum();
    orders.origins = vec![Origin { file: whole.name.clone(), digest: None, rows, ..first }];
    let height = orders.frame.height();
    orders.frame.set(Column::new_scalar(INPUT.into(), Scalar::from(0_u32), height))?;
    orders.rejects.iter_mut().for_each(|reject| reject.input = 0);
    orders.owners.iter_mut().for_each(|owner| owner.place.0 = 0);
    for pair in &mut orders.superseded {
        (pair.old.0, pair.new.0) = (0, 0);
    }
    Ok(())
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
    let (tables, ..) = read_tables(inputs, options, templates, (&unwatched, None))?;
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

fn read_tables(
    inputs: &[Input],
    options: &ReadOptions,
    templates: &Templates,
    (monitor, machine): (Monitor<'_>, Option<&dyn Fn() -> Result<StateMachine>>),
) -> Result<Tables> {
    if inputs.is_empty() {
        return Err(Error::usage("", "there is no input", "name at least one file, or - for standard input"));
    }
    if inputs.len() > usize::from(u16::MAX) {
        return Err(Error::usage("", "there are more than 65,535 inputs", "join some of the files first"));
    }
    let profiles = Profile::all(templates)?;
    let reasons = Reasons::parse(&templates.text("rules/reasons.toml")?, "rules/reasons.toml")?;
    let recognise = |text: &str| reasons.recognise(text);
    let means = Means { options, profiles: &profiles, recognise: &recognise, machine };
    let partners = options.accounts.as_deref().map(|file| accounts::read(file, options, &profiles)).transpose()?;
    let mut tables: Vec<NormalizedTable> = Vec::with_capacity(inputs.len());
    let mut notes = options.input_notes.clone();
    for input in inputs {
        // Whatever was read before was another input.
        monitor(0)?;
        let candidate = Candidate::new(input, options, monitor);
        match same_file(&candidate, &tables)? {
            Some(note) => notes.push(note),
            None => tables.push(read_again(candidate, tables.len() as u32, &means)?),
        }
    }
    Ok((tables, notes, partners))
}

/// What to note if `candidate` is a file that one of `tables` was read from: it is one input with that.
fn same_file(candidate: &Candidate<'_>, tables: &[NormalizedTable]) -> Result<Option<Note>> {
    // Equal files in folders of different keys have different rows.
    if tables.is_empty() || candidate.is_database() || !candidate.input.keys().is_empty() {
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
fn read_again(candidate: Candidate<'_>, index: u32, means: &Means<'_>) -> Result<NormalizedTable> {
    if !matches!(candidate.input, Input::Server(_) | Input::Odbc(_)) {
        return read_input(candidate, index, means);
    }
    let (mut table, again) = retry::repeat(|| read_input(candidate.again(), index, means))?;
    if again > 0 {
        let times = counted(u64::from(again), "time");
        let name = candidate.input.name();
        table.orders.notes.insert(0, format!("{name}: the server went away, and it was read again from its beginning, {times}").into());
    }
    Ok(table)
}
