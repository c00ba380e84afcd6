//! The options that every command reading orders shares, as the job's own types.

use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate, TimeDelta};

use crate::cli::args::{ClassificationArgs, ReadingArgs};
use crate::cli::progress::Bar;
use crate::cli::terminal::plain;
use crate::clock::AsOf;
use crate::domain::calendar::Calendar;
use crate::domain::columns::{COLUMNS, LIST, suggest};
use crate::domain::note::Note;
use crate::domain::number::{Number, meant};
use crate::domain::record::Field;
use crate::domain::text::suggestion;
use crate::error::{Error, Place, Result};
use crate::job::scheduled::kept::kept_run;
use crate::job::spec::{LoadSpec, RejectLimit};
use crate::job::{self, ClassificationContext, Loaded, StageTimer};
use crate::report::glossary::Glossary;
use crate::report::template::{STANDARD_TEMPLATE, Template};
use crate::select::names::Names;
use crate::source::many_files::expand;
use crate::source::recognition::AUTO;
use crate::source::{Input, Limits, ReadOptions};
use crate::templates::Templates;

/// Refuses `name` for the option with the key `option` unless `folder` of the templates has it; `what` says what it should be.
///
/// # Errors
/// [`Error::usage`] with the nearest name.
pub fn known_template(templates: &Templates, folder: &str, name: &str, (option, what): (&'static str, &str)) -> Result<()> {
    let known = templates.names(folder);
    if known.iter().any(|known| known == name) {
        return Ok(());
    }
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Err(Error::usage(Place::option(option), format!("there is no {what} '{name}'"), suggestion(name, &known)))
}

/// The words of the standard report for codes, from the folder of templates if one is named.
///
/// # Errors
/// [`Error::config`] when the template is wrong.
pub fn glossary(templates: Option<&Path>) -> Result<Glossary> {
    Ok(Template::load(&Templates::new(templates)?, STANDARD_TEMPLATE)?.terms)
}

/// The inputs named by `paths`, folders and patterns replaced by their files, and what to note of these; `-` is standard input, and
/// none is the database whose URL a file or the environment has.
fn inputs(paths: &[PathBuf], url_file: Option<&Path>) -> Result<(Vec<Input>, Vec<Note>)> {
    if paths.is_empty() {
        let none = || Error::usage("", "no input was named", "name files, or - for standard input");
        return Ok((vec![Input::of_environment(url_file)?.ok_or_else(none)?], Vec::new()));
    }
    if paths.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Error::usage("", "standard input is named twice", "it can be read once"));
    }
    let inputs: Vec<Input> = paths.iter().map(|path| Input::parse(path, url_file)).collect::<Result<_>>()?;
    if url_file.is_some() && !paths.iter().any(|path| Input::is_bare_scheme(path)) {
        return Err(Error::usage(
            Place::option("database_url_file"),
            "no input is the database of this URL",
            "give postgres: or mysql: as an input, or no input at all",
        ));
    }
    expand(inputs)
}

/// What to read and how to classify it, any number of rejected rows allowed.
///
/// # Errors
/// [`Error::usage`] and [`Error::config`] for what is wrong with the options.
pub fn load(inputs: &[PathBuf], read: &ReadingArgs, classification: &ClassificationArgs) -> Result<LoadSpec> {
    load_inputs(|| self::inputs(inputs, read.server.database_url_file.as_deref()), read, classification)
}

/// As [`load`], of a run that is kept in the folder of runs `history`: the last one, or that of the day or instant asked for.
///
/// # Errors
/// As [`load`]; a folder without such a run.
pub fn load_kept(history: &Path, read: &ReadingArgs, classification: &ClassificationArgs) -> Result<LoadSpec> {
    let spec = load_inputs(|| Ok((Vec::new(), Vec::new())), read, classification)?;
    let asked = classification.as_of.as_deref();
    let day = asked.and_then(|text| text.trim().parse::<NaiveDate>().ok());
    let before = match (asked, day) {
        (None, _) => None,
        // All of that day.
        (Some(_), Some(day)) => Some(AsOf::parse(&(day + Days::new(1)).to_string())?),
        (Some(_), None) => Some(AsOf::at(spec.as_of.utc() + TimeDelta::seconds(1))),
    };
    let none = || Error::no_input(Place::path(history), "holds no run", "name the history folder of a job");
    let (run, as_of) = kept_run(history, before)?.ok_or_else(none)?;
    Ok(LoadSpec { as_of, kept: Some(run.path), ..spec })
}

/// What to read and how to classify it, of the inputs that `inputs` names.
fn load_inputs(
    inputs: impl FnOnce() -> Result<(Vec<Input>, Vec<Note>)>,
    read: &ReadingArgs,
    classification: &ClassificationArgs,
) -> Result<LoadSpec> {
    let templates = Templates::new(read.templates.as_deref())?;
    known_template(&templates, "calendars", &classification.calendar, ("calendar", "calendar"))?;
    let reading = reading(read, &templates)?;
    let (inputs, input_notes) = inputs()?;
    Ok(LoadSpec {
        inputs,
        kept: None,
        read: ReadOptions { input_notes, ..reading },
        templates,
        as_of: classification.as_of.as_deref().map_or_else(|| Ok(AsOf::now()), AsOf::parse)?,
        since: None,
        calendar: classification.calendar.clone(),
        settings: classification.setting.iter().map(setting).collect::<Result<_>>()?,
        reject_limit: RejectLimit::Any,
        pushdown: false,
    })
}

/// Reads and classifies `inputs`; a progress bar shows it if `with_bar`.
///
/// # Errors
/// Whatever is wrong with the options, or keeps the inputs from being read.
pub fn read_and_classify(inputs: &[PathBuf], read: &ReadingArgs, classification: &ClassificationArgs, with_bar: bool) -> Result<Loaded> {
    let spec = load(inputs, read, classification)?;
    let context = ClassificationContext::read(&spec)?;
    let bar = Bar::new(with_bar);
    job::load(&spec, &context, &mut StageTimer::start(&bar))
}

fn reading(args: &ReadingArgs, templates: &Templates) -> Result<ReadOptions> {
    if let Some(profile) = args.source.as_ref().filter(|name| !name.eq_ignore_ascii_case(AUTO)) {
        known_template(templates, "sources", profile, ("source", "profile"))?;
    }
    let mut limits = Limits::default();
    if let Some(text) = &args.max_inflated_bytes {
        limits.inflated_bytes = size("max_inflated_bytes", text)?;
    }
    if let Some(text) = &args.max_memory_bytes {
        limits.memory_bytes = size("max_memory_bytes", text)?;
    }
    limits.cpu_seconds = args.max_cpu_seconds.unwrap_or(limits.cpu_seconds);
    limits.statement_seconds = statement_seconds(args.server.statement_timeout)?;
    Ok(ReadOptions {
        profile: args.source.clone(),
        maps: maps(&args.map, templates)?,
        encoding: args.encoding.clone(),
        delimiter: args.delimiter.as_deref().map(|text| delimiter("delimiter", text)).transpose()?,
        sheet: args.sheet.clone(),
        table: args.table.clone(),
        query: args.query.clone(),
        accounts: args.accounts.clone(),
        limits,
        ..ReadOptions::default()
    })
}

/// The seconds that a statement may take on a database server.
///
/// # Errors
/// [`Error::usage`] for none at all.
pub fn statement_seconds(asked: Option<u64>) -> Result<u64> {
    match asked {
        Some(0) => Err(Error::usage(Place::option("statement_timeout"), "is no time at all", "write a number of seconds from 1")),
        asked => Ok(asked.unwrap_or(Limits::default().statement_seconds)),
    }
}

/// The number that `asked` means, in any format.
///
/// # Errors
/// [`Error::usage`] when it is none.
pub fn number(asked: &str) -> Result<Number> {
    meant(asked).map_err(|fault| {
        // As the user typed it.
        let what = format!("number '{}': {}", plain(asked), fault.caption());
        Error::usage("", what, "write it as + and all its digits, or as (NXX) NXX-XXXX")
    })
}

/// The calendar of this name.
///
/// # Errors
/// [`Error::usage`] where there is none, and those of the calendar.
pub fn calendar(templates: &Templates, name: &str) -> Result<Calendar> {
    known_template(templates, "calendars", name, ("calendar", "calendar"))?;
    let file = format!("calendars/{name}.toml");
    Calendar::parse(&templates.text(&file)?, &file)
}

/// Name and value of a setting of the rules.
///
/// # Errors
/// [`Error::usage`] where there is no =.
pub fn setting(text: &String) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
        None => Err(Error::usage(Place::option_value("setting", text), "has no =", "write name=value")),
    }
}

fn maps(texts: &[String], templates: &Templates) -> Result<Vec<(String, Field)>> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let names = Template::load(templates, STANDARD_TEMPLATE)?.names();
    texts.iter().map(|text| map(text, &names)).collect()
}

/// `their header=our column`, ours by key or caption. Headers may hold `=`; ours do not.
fn map(text: &str, names: &Names) -> Result<(String, Field)> {
    let place = Place::option_value("map", text);
    let Some((theirs, ours)) = text.rsplit_once('=') else {
        return Err(Error::usage(place, "has no =", "write \"their header=our column\""));
    };
    match names.input(ours) {
        Some(field) if !theirs.trim().is_empty() => Ok((theirs.trim().to_owned(), field)),
        Some(_) => Err(Error::usage(place, "names no header of theirs", "write \"their header=our column\"")),
        None => {
            let inputs = COLUMNS.iter().filter(|column| names.input(column.key).is_some());
            Err(Error::usage(place, format!("there is no input column '{}'", ours.trim()), suggest(ours, inputs)).with_list(LIST))
        }
    }
}

/// One ASCII character, or the word `tab` in any case.
///
/// # Errors
/// [`Error::usage`] for anything else, a quote and a line end included.
pub fn delimiter(option: &'static str, text: &str) -> Result<u8> {
    match text.as_bytes() {
        word if word == b"\\t" || word.eq_ignore_ascii_case(b"tab") => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n' | 0) && !byte.is_ascii_alphanumeric() => Ok(*byte),
        _ => Err(Error::usage(
            Place::option(option),
            format!("'{text}' cannot separate fields"),
            "write one character such as , or ; or |, or tab",
        )),
    }
}

/// `4294967296`, `512M` or `4G`.
fn size(option: &'static str, text: &str) -> Result<u64> {
    let wrong = || Error::usage(Place::option(option), format!("'{text}' is not a size"), "write a number of bytes, or 512M or 4G");
    let text = text.trim().trim_end_matches(['B', 'b', 'i']);
    let shift = match text.as_bytes().last() {
        Some(b'K' | b'k') => 10,
        Some(b'M' | b'm') => 20,
        Some(b'G' | b'g') => 30,
        _ => 0,
    };
    let digits = if shift == 0 { text } else { &text[..text.len() - 1] };
    digits.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift)).ok_or_else(wrong)
}
