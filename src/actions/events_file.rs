//! Adds events to a file of events: which columns it has and how it is written, and the rows that tell of allowed actions.

use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, col};

use crate::actions::context::ActionContext;
use crate::classify::columns::values;
use crate::clock::AsOf;
use crate::domain::action::{ARGUMENT, Action, VERDICT, Verdict};
use crate::domain::record::Field;
use crate::error::{Error, Place, Result};
use crate::select::Selection;
use crate::source::open::{Candidate, bytes, unwatched};
use crate::source::plan::{ColumnPlan, plan};
use crate::source::profile::Profile;
use crate::source::table::Found;
use crate::source::{FileDigest, Input, ReadOptions, open_table};
use crate::templates::Templates;

/// A file of events that rows can be added to.
#[derive(Debug, Clone)]
pub struct EventsFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its size and hash when it was looked at; `None` for a file that does not exist yet.
    pub digest: Option<FileDigest>,
    columns: Vec<Option<Field>>,
    delimiter: char,
    line_end: &'static str,
    /// Whether its last line is whole.
    is_ended: bool,
    /// What it calls the event.
    event: String,
    options: ReadOptions,
}

/// The columns of a new file.
const NEW: [(&str, Field); 9] = [
    ("phone_number", Field::PhoneNumber),
    ("account_id", Field::AccountId),
    ("request_id", Field::RequestId),
    ("order_id", Field::OrderId),
    ("case_number", Field::CaseNumber),
    ("event", Field::LastEvent),
    ("event_at", Field::EventAt),
    ("actor", Field::MovedBy),
    ("configuration_profile", Field::ConfigurationProfile),
];

impl EventsFile {
    /// Looks at the file at `path`, read as `options` say; one that does not exist is to be made.
    ///
    /// # Errors
    /// [`Error::data`] for a file that is no plain table of events in CSV, or has no column for what is to be told; those of
    /// reading it.
    pub fn inspect(path: &Path, context: &ActionContext, options: &ReadOptions, templates: &Templates) -> Result<Self> {
        let new = Self {
            path: path.to_path_buf(),
            digest: None,
            columns: NEW.iter().map(|(_, field)| Some(*field)).collect(),
            delimiter: ',',
            line_end: "\n",
            is_ended: true,
            event: context.machine.caption(context.event).to_owned(),
            options: ReadOptions {
                limits: options.limits.clone(),
                guarded_program: options.guarded_program.clone(),
                ..ReadOptions::default()
            },
        };
        if std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
            return Ok(new);
        }
        new.read(context, &Profile::all(templates)?)
    }

    /// The file that stands at its path.
    fn read(self, context: &ActionContext, profiles: &[Profile]) -> Result<Self> {
        let input = Input::File(self.path.clone());
        let candidate = Candidate::new(&input, &self.options, &unwatched);
        let name = input.name();
        let fault = |what: &str, help: &str| Err(Error::data(&name, what, help).with_remedy(Place::option("apply_to")));
        let projection = |headers: &[String]| plan(headers, profiles, &self.options, &name).map(|plan| plan.wanted());
        let table = open_table(&candidate, &self.options, &projection)?;
        let headers: Vec<String> = table.headers().iter().map(|header| header.trim().to_owned()).collect();
        let found = table.read(&|_, _| Ok(()))?;
        if let Some((what, help)) = unfit(&found) {
            return fault(what, help);
        }
        let plan = plan(&headers, profiles, &self.options, &name)?;
        if !plan.is_events {
            return fault(
                "is not a table of events",
                "name one with columns for the number, the event and its time, and none for a status",
            );
        }
        let columns = columns(&plan);
        if let Some((what, field)) = needed(context.spec.action).find(|(_, field)| !columns.contains(&Some(*field))) {
            return fault(&format!("has no column for the {what}"), &format!("add a column {}", field.key()));
        }
        let is_known = |word: &&str| plan.profile.code(Field::LastEvent, word) == Some(context.spec.action.event());
        let Some(event) = [&*self.event, context.spec.action.event()].into_iter().find(is_known).map(str::to_owned) else {
            let what = format!("is read with profile {}, which has no word for {}", plan.profile.name, self.event);
            return fault(&what, "add one to the profile");
        };
        let file = candidate.file()?;
        Ok(Self {
            path: self.path.clone(),
            digest: Some(file.digest.clone()),
            columns,
            delimiter: found.delimiter.unwrap_or(','),
            line_end: if file.bytes.windows(2).any(|pair| pair == b"\r\n") { "\r\n" } else { "\n" },
            is_ended: file.bytes.ends_with(b"\n"),
            event,
            options: self.options.clone(),
        })
    }

    /// The rows that tell of the allowed actions of `selection` at the instant `at`, each with its line end; `actor` asks for
    /// them. A file that is new begins with its headers.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn rows(&self, selection: &Selection, at: AsOf, actor: &str) -> Result<(String, u64)> {
        let mut text = String::new();
        if self.digest.is_none() {
            self.write_row(&mut text, NEW.iter().map(|(name, _)| *name));
        } else if !self.is_ended {
            text.push_str(self.line_end);
        }
        let told = [Field::PhoneNumber, Field::AccountId, Field::RequestId, Field::OrderId, Field::CaseNumber, Field::Partner];
        let cells = told.iter().map(|field| col(field.key())).chain([col(ARGUMENT), col(VERDICT)]).collect();
        let cells = values(selection.classified.frame(), Some(&selection.page_rows()), cells)?;
        let at = at.utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let cell =
            |cells: &DataFrame, key: &str, row: usize| -> Option<String> { Some(cells.column(key).ok()?.str().ok()?.get(row)?.to_owned()) };
        let mut rows = 0;
        for row in 0..cells.height() {
            if cell(&cells, VERDICT, row).as_deref() != Some(Verdict::Allowed.code()) {
                continue;
            }
            let value = |field: &Option<Field>| match field {
                Some(Field::LastEvent) => Some(self.event.clone()),
                Some(Field::EventAt) => Some(at.clone()),
                Some(Field::MovedBy) => Some(actor.to_owned()),
                Some(Field::ConfigurationProfile) => cell(&cells, ARGUMENT, row),
                Some(field) if told.contains(field) => cell(&cells, field.key(), row),
                _ => None,
            };
            let values: Vec<String> = self.columns.iter().map(|field| value(field).unwrap_or_default()).collect();
            self.write_row(&mut text, values.iter().map(String::as_str));
            rows += 1;
        }
        Ok((text, rows))
    }

    fn write_row<'a>(&self, text: &mut String, cells: impl Iterator<Item = &'a str>) {
        for (place, cell) in cells.enumerate() {
            if place > 0 {
                text.push(self.delimiter);
            }
            let is_plain = !cell.contains(['"', '\r', '\n', self.delimiter]) && cell.trim() == cell;
            if is_plain { text.push_str(cell) } else { text.extend(["\"", &cell.replace('"', "\"\""), "\""]) }
        }
        text.push_str(self.line_end);
    }

    /// The bytes of the file, which are those that were looked at; none for a file that does not exist.
    ///
    /// # Errors
    /// [`Error::try_later`] when it is another by now; a failed read.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        let is_there = std::fs::symlink_metadata(&self.path).is_ok();
        let read = is_there.then(|| bytes(&Input::File(self.path.clone()), &self.options, &unwatched)).transpose()?;
        if read.as_ref().map(|read| &read.digest) == self.digest.as_ref() {
            return Ok(read.map(|read| read.bytes).unwrap_or_default());
        }
        let what = "changed while rows were to be added to it, so that nothing was published";
        Err(Error::try_later(Place::path(&self.path), what, "run it again when nobody else writes to it"))
    }
}

/// What each column of the file tells.
fn columns(plan: &ColumnPlan<'_>) -> Vec<Option<Field>> {
    let mut columns: Vec<Option<Field>> = plan.targets.iter().map(|target| Some(target.as_ref()?.fields[0])).collect();
    // The time of an event may stand in the column of another time.
    let place = |field: Field| columns.iter().position(|known| *known == Some(field));
    let time = [Field::EventAt, Field::UpdatedAt, Field::CreatedDate].into_iter().find_map(place);
    if let Some(time) = time {
        columns[time] = Some(Field::EventAt);
    }
    columns
}

/// Why no row can be added to a file as it is written, and what to do.
fn unfit(found: &Found) -> Option<(&'static str, &'static str)> {
    if found.format != "csv" || found.compression.is_some() || found.encoding.as_deref() != Some("UTF-8") {
        return Some(("is not a plain CSV file in UTF-8, so that no row can be added to it", "name a CSV file of events"));
    }
    let is_plain = found.quote.is_none() && found.escape.is_none() && found.blank_after_delimiter != Some(true);
    (!is_plain).then_some(("is not written with plain quotes, so that no row can be added to it", "save it as CSV with double quotes"))
}

/// The columns without which an action cannot be told, and what each of them holds.
fn needed(action: Action) -> impl Iterator<Item = (&'static str, Field)> {
    let profile = (action == Action::AssignConfigurationProfile).then_some(("configuration profile", Field::ConfigurationProfile));
    [("event", Field::LastEvent), ("time", Field::EventAt), ("number", Field::PhoneNumber)].into_iter().chain(profile)
}
