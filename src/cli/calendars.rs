//! `portstatus calendars`: which calendars there are, the holidays of one, and calendars made of iCalendar files.

use std::path::Path;

use chrono::Datelike;
use serde_json::json;

use crate::cli::args::{CalendarsAction, CalendarsArgs};
use crate::cli::terminal::plain;
use crate::cli::{list, public_file, terminal};
use crate::clock::AsOf;
use crate::deliver::{RunFiles, standard};
use crate::domain::calendar::Calendar;
use crate::domain::calendar::ics::Imported;
use crate::domain::text::suggestion;
use crate::error::{Error, Place, Result, system_words};
use crate::templates::{self, Templates};

/// Lists the calendars, which `--calendar` names; prints the holidays of one; or makes one of an iCalendar file.
///
/// # Errors
/// When a calendar is wrong or does not exist, the file cannot be read or written, or standard output refuses.
pub fn run(args: &CalendarsArgs, files: &RunFiles) -> Result<()> {
    let action = args.action.unwrap_or(CalendarsAction::List);
    let given = [
        ("year", args.year.is_some(), CalendarsAction::Show, "show"),
        ("name", args.name.is_some(), CalendarsAction::Import, "import"),
        ("out", args.out.is_some(), CalendarsAction::Import, "import"),
    ];
    if let Some((option, _, _, word)) = given.into_iter().find(|(_, is_given, of, _)| *is_given && *of != action) {
        return Err(Error::usage(Place::option(option), format!("is an option of calendars {word}"), "leave it out"));
    }
    let what = args.what.as_deref().unwrap_or(Path::new(""));
    match action {
        CalendarsAction::List => list_all(args),
        CalendarsAction::Show => show(&what.to_string_lossy(), args),
        CalendarsAction::Import => import(what, args, files),
    }
}

fn list_all(args: &CalendarsArgs) -> Result<()> {
    let templates = Templates::new(args.list.templates.as_deref())?;
    let row = |name: &String| Ok(json!({ "name": name, "title": read(&templates, name)?.title }));
    let rows = templates.names("calendars").iter().map(row).collect::<Result<_>>()?;
    list::print(&["name", "title"], rows, args.list.json)
}

fn read(templates: &Templates, name: &str) -> Result<Calendar> {
    let file = format!("calendars/{name}.toml");
    Calendar::parse(&templates.text(&file)?, &file)
}

/// Prints the holidays of the calendar `name` in a year, on the days on which they are observed.
fn show(name: &str, args: &CalendarsArgs) -> Result<()> {
    let templates = Templates::new(args.list.templates.as_deref())?;
    let known = templates.names("calendars");
    if !known.iter().any(|known| known == name) {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        return Err(Error::usage(name, "is not a calendar", suggestion(name, &known)));
    }
    let calendar = read(&templates, name)?;
    let year = args.year.unwrap_or_else(|| AsOf::now().date().year());
    if !Calendar::YEARS.contains(&year) {
        let what = format!("'{year}' is not between {} and {}", Calendar::YEARS.start(), Calendar::YEARS.end());
        return Err(Error::usage(Place::option("year"), what, "write a year such as 2027"));
    }
    let row = |(date, holiday): (chrono::NaiveDate, &str)| json!({ "date": date.to_string(), "weekday": date.format("%A").to_string(), "holiday": holiday });
    list::print(&["date", "weekday", "holiday"], calendar.holidays_of(year).map(row).collect(), args.list.json)
}

/// Makes a calendar of the iCalendar file at `path`: on standard output, or in the file that is named.
fn import(path: &Path, args: &CalendarsArgs, files: &RunFiles) -> Result<()> {
    let file = path.display().to_string();
    let bytes = templates::read_bytes(path).map_err(|error| {
        let made = match error.kind() {
            std::io::ErrorKind::NotFound => Error::no_input(&file, "no such file", "check the path"),
            std::io::ErrorKind::FileTooLarge => Error::data(&file, error.to_string(), "name an iCalendar file"),
            _ => Error::no_input(&file, system_words(&error), "name an iCalendar file that can be read"),
        };
        made.with_cause(error)
    })?;
    let imported = Imported::read(&bytes, &file)?;
    let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let title = args.name.clone().or_else(|| imported.name.clone()).unwrap_or_else(stem);
    let source = path.file_name().unwrap_or_default().to_string_lossy();
    let text = imported.to_toml(&title, &source);
    // What is written is what a run will read.
    Calendar::parse(&text, &file).map_err(|error| Error::internal("calendar", error))?;
    let told = imported.told();
    let Some(out) = &args.out else {
        terminal::eprint(&format!("{}: {told}\n", plain(&file)));
        return standard::print(&text);
    };
    public_file::write(out, &text, ("calendar", &[path]), files)?;
    let json = json!({ "file": out.display().to_string(), "title": title, "imported": told });
    let line = format!("Wrote {}: {told}\n", plain(&out.display().to_string()));
    standard::print(&if args.list.json { format!("{json}\n") } else { line })
}
