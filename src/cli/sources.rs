//! `portstatus sources`: the profiles of systems that data can come from, what one of them says, and whether a file is one.

use std::path::Path;

use serde_json::{Value, json};

use crate::cli::args::{SourcesAction, SourcesArgs};
use crate::cli::list;
use crate::deliver::standard;
use crate::domain::lifecycle::State;
use crate::domain::reason::Reasons;
use crate::domain::record::Field;
use crate::domain::status::{Detail, Status};
use crate::domain::text::{counted, suggestion};
use crate::error::{Error, Result};
use crate::source::profile::schema::schema;
use crate::source::profile::{Mapping, Profile, Vocabulary};
use crate::templates::{self, Templates};

/// Prints the profiles, which `--source` names; or what one of them says; checks one in a file, or prints the schema of such files.
///
/// # Errors
/// When a profile is wrong or does not exist, or standard output refuses.
pub fn run(args: &SourcesArgs) -> Result<()> {
    let templates = Templates::new(args.list.templates.as_deref())?;
    let what = args.what.as_deref().unwrap_or_default();
    match args.action {
        None => {
            let profiles = Profile::all(&templates)?;
            let rows = profiles.iter().map(|profile| json!({ "name": profile.name, "title": profile.title })).collect();
            list::print(&["name", "title"], rows, args.list.json)
        }
        Some(SourcesAction::Show) => show(what, &templates, args.list.json),
        Some(SourcesAction::Check) => check(what, &templates, args.list.json),
        Some(SourcesAction::Schema) => standard::print(&format!("{:#}\n", schema())),
    }
}

/// Prints the headers and words of the profile `name`, each with what it means.
fn show(name: &str, templates: &Templates, as_json: bool) -> Result<()> {
    let profiles = Profile::all(templates)?;
    let known: Vec<&str> = profiles.iter().map(|profile| profile.name.as_str()).collect();
    let profile = profiles.iter().find(|profile| profile.name.eq_ignore_ascii_case(name));
    let profile = profile.ok_or_else(|| Error::usage(name, "is not a profile", suggestion(name, &known)))?;
    let file = "rules/reasons.toml";
    let reasons = Reasons::parse(&templates.text(file)?, file)?;
    let header = |(header, field): (&str, Field)| json!({ "kind": "header", "theirs": header, "ours": field.key() });
    let mut rows: Vec<Value> = profile.aliases().map(header).collect();
    rows.extend(profile.mappings.iter().map(|mapping| row(mapping, profile, &reasons)));
    list::print(&["kind", "theirs", "beside", "ours", "owner", "next_step"], rows, as_json)
}

/// One word of a profile, for the table.
fn row(mapping: &Mapping, profile: &Profile, reasons: &Reasons) -> Value {
    let kind = match Vocabulary::of(mapping.field) {
        Some(Vocabulary::State) if profile.by_level => "number status",
        Some(Vocabulary::Status) if profile.by_level => "request status",
        Some(vocabulary) => vocabulary.caption(),
        None if mapping.field == Field::ReasonCode => "reject code",
        None => mapping.field.key(),
    };
    let (state, status, detail) = (mapping.meaning.state, mapping.meaning.status, mapping.meaning.detail);
    let said = [state.map(State::caption), status.map(Status::caption), detail.map(Detail::caption)];
    let said: Vec<&str> = said.into_iter().flatten().collect();
    let reason = mapping.code.as_ref().filter(|_| mapping.field == Field::ReasonCode).and_then(|code| reasons.combined(code));
    let ours = match (&reason, &mapping.code) {
        (Some(reason), _) => reason.caption.clone(),
        (None, Some(code)) => code.clone(),
        (None, None) if said.is_empty() => "nothing by itself".to_owned(),
        (None, None) => said.join(" / "),
    };
    json!({
        "kind": kind.to_lowercase(), "theirs": mapping.word, "beside": mapping.reasons, "ours": ours,
        "owner": reason.as_ref().map(|reason| reason.owner.caption()), "next_step": reason.as_ref().map(|reason| &reason.next_step),
    })
}

/// Reads the profile in the file `path` as if it stood among those of the templates.
fn check(path: &str, templates: &Templates, as_json: bool) -> Result<()> {
    let name = Path::new(path).file_stem().unwrap_or_default().to_string_lossy();
    let profile = Profile::beside(templates, &templates::read(Path::new(path))?, &name, path)?;
    let (headers, words) = (profile.aliases().count(), profile.mappings.len());
    if as_json {
        let value = json!({ "name": profile.name, "title": profile.title, "headers": headers, "words": words });
        return standard::print(&format!("{value}\n"));
    }
    let counts = format!("{} and {}", counted(headers as u64, "header"), counted(words as u64, "word"));
    standard::print(&format!("{path}: a profile without a fault ({}): {counts}\n", profile.title))
}
