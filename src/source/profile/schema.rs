//! The JSON Schema of a profile file, for editors and other programs; the parser of profiles remains the authority.

use serde_json::{Map, Value, json};

use crate::domain::columns::{COLUMNS, ColumnDef};
use crate::domain::lifecycle::State;
use crate::domain::record::Field;
use crate::domain::status::{Choice, Detail, Status};
use crate::source::profile::Vocabulary;
use crate::source::profile::cancel_window::LONGEST;
use crate::source::profile::file::{ANY_COLUMN, YES_NO};

/// The keys that hold a list of headers or words.
const SETS: [(&str, &str); 9] = [
    ("own_headers", "Headers that no other system writes."),
    ("own_words", "Words for where a port stands that no other system uses."),
    ("derived_headers", "Columns of an earlier report, which say nothing of their own."),
    ("ignored_headers", "Headers that mean something else here, and nothing that a report has."),
    ("line_headers", "Headers of columns that say in which row of another file each row stood."),
    ("word_headers", "Headers of columns with the words of another source for where a port stands."),
    ("flag_headers", "Headers of columns with the data-quality flags of an earlier reading."),
    ("row_ids", "Headers of columns that number the rows: in a table of events the events."),
    ("change_headers", "Headers of tables in which each row is a change of a status, at a time of its own."),
];

/// The schema, in the draft of 2020-12.
pub fn schema() -> Value {
    let mut properties = Map::new();
    let mut add = |key: &str, description: &str, mut value: Value| {
        if let Value::Object(value) = &mut value {
            value.insert("description".to_owned(), description.into());
        }
        properties.insert(key.to_owned(), value);
    };
    add("title", "What it describes, for readers.", json!({ "type": "string", "minLength": 1 }));
    add("extends", "The profile whose headers and words count too, after its own.", json!({ "type": "string" }));
    add("date_order", "How 03/04/2026 is read where nothing else tells.", json!({ "enum": ["month_first", "day_first"] }));
    add("bare_numbers", "How digits without a plus are read.", json!({ "enum": ["nanp", "international"] }));
    add("zone", "The zone of times that name none, such as America/Chicago or UTC.", json!({ "type": "string", "minLength": 1 }));
    add(
        "by_level",
        "Whether words of numbers are those of numbers alone, and those of requests of requests.",
        json!({ "type": "boolean" }),
    );
    let day = json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" });
    add("epoch", "The day from which its dates that are numbers count seconds.", day);
    add("seconds_of_day", "Whether times of day that are numbers are seconds since midnight.", json!({ "type": "boolean" }));
    SETS.iter().for_each(|(key, description)| add(key, description, words()));
    add("cancel_window", "Until when its carrier takes cancellations.", cancel_window());
    let country = json!({ "headers": words(), "under_plus_one": words() });
    add(
        "country",
        "The column of the numbers' countries, and those under +1.",
        json!({ "type": "object", "additionalProperties": false, "properties": country }),
    );
    add("null_words", "Words for nothing, in any column or in one.", lists(Some(columns().chain([ANY_COLUMN]).collect())));
    add("headers", "The headers of each column. Of JSON they are paths of keys, with dots.", lists(Some(columns().collect())));
    add("fallback_headers", "Headers of a column that count where no other is there.", lists(Some(columns().collect())));
    for vocabulary in Vocabulary::ALL {
        let choices = codes(vocabulary.field().definition().choices);
        add(vocabulary.code(), "Words by the code that they mean.", lists(Some(choices)));
    }
    for (key, field) in [
        ("number_type", Field::GivenNumberType),
        ("class", Field::GivenNumberType),
        ("priority", Field::Priority),
        ("cancel_cause", Field::CancelCause),
        ("review_outcome", Field::ReviewOutcome),
    ] {
        add(key, "Words by the code that they mean.", lists(Some(codes(field.definition().choices))));
    }
    add("event", "Words by the event that they mean.", lists(None));
    add("reason", "Reject codes by the reason that they mean.", lists(None));
    add("flag", "Words of columns of yes and no.", lists(Some(codes(YES_NO))));
    add("meaning", "Words that say more than one thing, or something else beside certain reject codes.", meanings());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Profile of a system that porting orders come from",
        "type": "object",
        "required": ["title"],
        "additionalProperties": false,
        "properties": properties,
    })
}

fn cancel_window() -> Value {
    let length = json!({ "type": "integer", "minimum": 0, "maximum": LONGEST });
    json!({
        "type": "object",
        "additionalProperties": false,
        "not": { "required": ["hours", "business_days"] },
        "properties": {
            "hours": length,
            "business_days": length,
            "states": { "type": "array", "items": { "enum": codes(State::CHOICES) } },
            "may_charge": { "type": "boolean" },
        },
    })
}

fn meanings() -> Value {
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["column", "words"],
            "additionalProperties": false,
            "properties": {
                "column": { "enum": codes(Vocabulary::CHOICES) },
                "words": words(),
                "reasons": words(),
                "state": { "enum": codes(State::CHOICES) },
                "status": { "enum": codes(Status::CHOICES) },
                "detail": { "enum": codes(Detail::CHOICES) },
                "of_all_open": { "type": "boolean" },
            },
        },
    })
}

fn words() -> Value {
    json!({ "type": "array", "items": { "type": "string" } })
}

/// Lists of words by these keys, or by any.
fn lists(keys: Option<Vec<&str>>) -> Value {
    match keys {
        Some(keys) => json!({ "type": "object", "propertyNames": { "enum": keys }, "additionalProperties": words() }),
        None => json!({ "type": "object", "additionalProperties": words() }),
    }
}

/// The keys and aliases of the input columns.
fn columns() -> impl Iterator<Item = &'static str> {
    let names = |column: &'static ColumnDef| std::iter::once(column.key).chain(column.aliases.iter().copied());
    COLUMNS.iter().filter(|column| column.input.is_some()).flat_map(names)
}

fn codes(choices: &[Choice]) -> Vec<&'static str> {
    choices.iter().map(|choice| choice.code).collect()
}
