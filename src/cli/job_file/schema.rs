//! The JSON Schema of job files, for editors and other programs: made of the keys that the parser knows and of the options of
//! `portstatus report`. The parser remains the authority.

use clap::{Arg, Command, CommandFactory};
use serde_json::{Map, Value, json};

use crate::cli::args::Cli;
use crate::cli::config::option::options;
use crate::cli::config::setting::{is_repeatable, is_switch};
use crate::cli::job_file::keys::{JOB, Key, Kind, SECRET};
use crate::cli::job_file::report::OF_THE_RUN;

/// The schema, in the draft of 2020-12.
pub fn schema() -> Value {
    let mut schema = object(JOB);
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Job of portstatus: what a scheduled run reads, who gets a report, where these go and when",
        "required": ["recipients"],
    });
    merge(&mut schema, head);
    merge(&mut schema["properties"]["recipients"], json!({ "required": ["split-by"] }));
    merge(&mut schema["properties"]["schedule"], json!({ "required": ["at"] }));
    let delivery = &mut schema["properties"]["deliveries"]["items"];
    merge(delivery, json!({ "required": ["to"] }));
    merge(&mut delivery["properties"]["mail"], json!({ "required": ["server", "from"] }));
    let time = "^([01]?[0-9]|2[0-3]):[0-5][0-9]$";
    schema["properties"]["schedule"]["properties"]["at"] =
        merged(texts(json!({ "type": "string", "pattern": time })), meaning(JOB, &["schedule", "at"]));
    let name = json!({ "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$" });
    for place in ["/properties/name", "/properties/deliveries/items/properties/name"] {
        if let Some(property) = schema.pointer_mut(place) {
            merge(property, name.clone());
        }
    }
    if let Some(property) = schema.pointer_mut("/properties/floor/properties/drop") {
        merge(property, json!({ "pattern": "^[0-9]+(\\.[0-9]{1,2})?%$" }));
    }
    schema
}

/// The schema of a table with these keys and no others.
fn object(keys: &[Key]) -> Value {
    let property = |key: &Key| (key.name.to_owned(), merged(value(key.kind), json!({ "description": key.meaning })));
    let properties: Map<String, Value> = keys.iter().map(property).collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// The schema of a value.
fn value(kind: Kind) -> Value {
    let text = json!({ "type": "string", "pattern": "\\S" });
    match kind {
        Kind::Text => text,
        Kind::Texts => texts(text),
        Kind::Count(least) => json!({ "type": "integer", "minimum": least, "maximum": u32::MAX }),
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Choice(words) => json!({ "enum": words }),
        Kind::Secret => merged(object(SECRET), json!({ "minProperties": 1, "maxProperties": 1 })),
        Kind::Report => report(),
        Kind::Table(keys) => object(keys),
        Kind::Tables(keys) => json!({ "type": "array", "items": object(keys) }),
    }
}

/// One text, or a list of some.
fn texts(text: Value) -> Value {
    json!({ "anyOf": [text, { "type": "array", "minItems": 1, "items": text }] })
}

/// The schema of `[report]`: the options of the command that a run leaves open.
fn report() -> Value {
    let commands = Cli::command();
    let mut properties = Map::new();
    for (option, key) in commands.find_subcommand("report").into_iter().flat_map(|command: &Command| options(command)) {
        if OF_THE_RUN.iter().any(|(of_the_run, _)| *of_the_run == key) {
            continue;
        }
        let help = option.get_help().map(ToString::to_string).unwrap_or_default();
        let names = std::iter::once(key).chain(option.get_all_aliases().unwrap_or_default());
        for name in names {
            properties.insert(name.to_owned(), merged(of_option(option), json!({ "description": help })));
        }
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// The schema of what an option takes.
fn of_option(option: &Arg) -> Value {
    if is_switch(option) {
        return json!({ "type": "boolean" });
    }
    let words: Vec<String> = option.get_possible_values().iter().map(|word| word.get_name().to_owned()).collect();
    let one = if words.is_empty() { json!({ "type": ["string", "number"] }) } else { json!({ "enum": words }) };
    if is_repeatable(option) { json!({ "anyOf": [one, { "type": "array", "items": one }] }) } else { one }
}

/// The description of the key at the end of `path`.
fn meaning(keys: &[Key], path: &[&str]) -> Value {
    let Some((first, rest)) = path.split_first() else { return Value::Null };
    match keys.iter().find(|key| key.name == *first) {
        Some(Key { kind: Kind::Table(inner), .. }) if !rest.is_empty() => meaning(inner, rest),
        Some(key) => json!({ "description": key.meaning }),
        None => Value::Null,
    }
}

fn merged(mut value: Value, more: Value) -> Value {
    merge(&mut value, more);
    value
}

/// Adds the members of `more` to `value`.
fn merge(value: &mut Value, more: Value) {
    if let (Value::Object(value), Value::Object(more)) = (value, more) {
        value.extend(more);
    }
}
