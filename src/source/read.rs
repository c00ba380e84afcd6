//! Reads inputs into orders: each is opened, becomes a table, is conformed by its profile, and all are joined. Never keeps a row uncounted.

use std::sync::Mutex;

use crate::domain::reason::Reasons;
use crate::error::{Error, ErrorKind, Result};
use crate::source::merge::merge;
use crate::source::normalize::{NormalizedTable, Recognise, normalize};
use crate::source::open::{self, FileKind, InputBytes, Monitor};
use crate::source::plan::{ColumnPlan, plan};
use crate::source::profile::Profile;
use crate::source::table::{ColumnProjection, Table};
use crate::source::{Input, Orders, Origin, ReadOptions, accounts, csv, workbook};
use crate::templates::Templates;

/// Reads porting orders from `inputs`, in order.
///
/// # Errors
/// No input, a profile or mapped column that does not exist (64); an input without rows, without a
/// required column or otherwise unreadable (65, 66, 74, 75, 77); a faulty profile (78).
pub fn read(inputs: &[Input], options: &ReadOptions, templates: &Templates) -> Result<Orders> {
    read_watched(inputs, options, templates, &open::unwatched)
}

/// [`read`], with a monitor that is told the bytes read of each input.
///
/// # Errors
/// As [`read`], and the monitor's.
pub fn read_watched(inputs: &[Input], options: &ReadOptions, templates: &Templates, monitor: Monitor<'_>) -> Result<Orders> {
    if inputs.is_empty() {
        return Err(Error::usage("", "there is no input", "name at least one file, or - for standard input"));
    }
    if inputs.len() > u16::MAX as usize {
        return Err(Error::usage("", "there are more than 65,535 inputs", "join some of the files first"));
    }
    let profiles = Profile::all(templates)?;
    let reasons = Reasons::parse(&templates.text("rules/reasons.toml")?, "rules/reasons.toml")?;
    let recognise = |text: &str| reasons.recognise(text).map(str::to_owned);
    let partners = options.accounts.as_deref().map(|file| accounts::read(file, options, &profiles)).transpose()?;
    let mut tables = Vec::with_capacity(inputs.len());
    let mut origins = Vec::with_capacity(inputs.len());
    for (index, input) in inputs.iter().enumerate() {
        let (conformed, origin) = one(input, index as u32, options, &profiles, &recognise, monitor)?;
        tables.push(conformed);
        origins.push(origin);
    }
    let mut orders = merge(tables, origins)?;
    if let Some(partners) = partners {
        accounts::join(&mut orders, &partners)?;
    }
    Ok(orders)
}

fn one(
    input: &Input,
    index: u32,
    options: &ReadOptions,
    profiles: &[Profile],
    recognise: Recognise<'_>,
    monitor: Monitor<'_>,
) -> Result<(NormalizedTable, Origin)> {
    let opened = open::bytes(input, &options.limits, monitor)?;
    let fault: Mutex<Option<(usize, Error)>> = Mutex::new(None);
    let wanted = |headers: &[String]| match plan(headers, profiles, options, &opened.name) {
        Ok(plan) => Some(plan.wanted()),
        Err(error) => {
            // Of several header rows or sheets that do not fit, the widest is the one the user means.
            if let Ok(mut fault) = fault.lock()
                && fault.as_ref().is_none_or(|(width, _)| *width < headers.len())
            {
                *fault = Some((headers.len(), error));
            }
            None
        }
    };
    let table =
        table(&opened, options, &wanted).map_err(|error| match (error.kind(), fault.lock().ok().and_then(|mut fault| fault.take())) {
            // A reader of workbooks that found no fitting headers cannot say which column is missing.
            (ErrorKind::Data, Some((_, reason))) if open::kind(&opened).is_ok_and(|kind| kind == FileKind::Workbook) => reason,
            _ => error,
        })?;
    let place = table.found.sheet.as_ref().map_or_else(|| opened.name.clone(), |sheet| format!("{}, sheet {sheet}", opened.name));
    let plan = plan(&table.headers, profiles, options, &place)?;
    if table.found.rows == table.blank.len() as u64 {
        return Err(Error::data(place, "there is a header but no rows", "check the export; a report of nothing would look like good news"));
    }
    let origin = origin(&opened, &table, &plan);
    let found_notes: Vec<String> = table.found.notes.iter().map(|note| format!("{place}: {note}")).collect();
    // The table owns its text; the file's bytes are not needed while it is conformed.
    drop(opened);
    let mut conformed = normalize(table, &plan, index, &place, recognise)?;
    conformed.notes.splice(0..0, plan.notes.into_iter().chain(found_notes));
    Ok((conformed, origin))
}

/// The table of an input, text or workbook by its content.
///
/// # Errors
/// As the readers of text and workbooks.
pub fn table(opened: &InputBytes, options: &ReadOptions, wanted: ColumnProjection<'_>) -> Result<Table> {
    match open::kind(opened)? {
        FileKind::Text => csv::read(opened, options, wanted),
        FileKind::Workbook => workbook::read(opened, options, wanted),
    }
}

fn origin(opened: &InputBytes, table: &Table, plan: &ColumnPlan<'_>) -> Origin {
    Origin {
        file: opened.name.clone(),
        sheet: table.found.sheet.clone(),
        bytes: opened.size,
        sha256: opened.sha256.clone(),
        profile: plan.profile.name.clone(),
        rows: (table.lines.len() - table.blank.len() + table.refused.len()) as u64,
    }
}
