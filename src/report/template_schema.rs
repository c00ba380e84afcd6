//! The JSON Schema of a report's template, for editors and other programs; the parser of templates remains the authority.

use serde_json::{Map, Value, json};

use crate::domain::columns::COLUMNS;
use crate::domain::date::text::DateStyle;
use crate::domain::density::Density;
use crate::domain::paper::{Orientation, Paper};
use crate::domain::status::Status;
use crate::report::glossary::lists;
use crate::report::palette::UNKNOWN;
use crate::report::section_spec::SectionId;
use crate::report::style::STATUSES;
use crate::report::words::WORDS;
use crate::select::Query;

/// The numbers of `[limits]`, each with what it counts.
const LIMITS: [(&str, &str); 7] = [
    ("rows_on_pages", "Rows of a list that a PDF shows at most."),
    ("soon", "Business days before a date or deadline at which it is near."),
    ("loa_days", "Days after which a letter of authorization is old."),
    ("abandoned_days", "Days without a change after which an order that waits for the partner is taken for abandoned."),
    ("cancel", "Business days before the port at which it can be canceled no more."),
    ("waiting_for_you", "Business days without a change that an order may wait for the partner."),
    ("in_progress", "Business days without a change that an order may be in progress."),
];

/// The colours of `[colours]`, each with what it is for.
const COLOURS: [(&str, &str); 7] = [
    ("header_fill", "Behind header rows; titles and headings, where it can be read on paper."),
    ("header_ink", "The words of header rows."),
    ("rule", "Rules between rows."),
    ("ink", "The words of everything else."),
    ("late_ink", "The words of rows whose date has passed."),
    ("rejected_fill", "Behind rejected rows."),
    ("cut_fill", "Behind text that was cut."),
];

/// The schema, in the draft of 2020-12; `formats` are the names of those that there are.
pub fn schema(formats: &[&str]) -> Value {
    let columns: Vec<&str> = COLUMNS.iter().filter(|column| column.is_in_reports()).map(|column| column.key).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Template of a report",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "extends": text("The template from which what is left out is taken."),
            "title": text("The title of the report."),
            "language": text("The language of all words, such as en-US."),
            "notice": { "type": "string", "description": "One line on every page; {operator} is the name that --operator gives." },
            "caveats": strings("The whole notice, a paragraph each."),
            "date_order": { "enum": DateStyle::NAMES, "description": "How days are shown: 2026-11-21, 21/11/2026 or 11/21/2026." },
            "logo": { "type": "string", "description": "A picture in the folder of the template: PNG or JPEG, at most 1 MiB and 4,000 by 4,000 pixels." },
            "logo_text": text("What the logo says to those who do not see it."),
            "shown": { "type": "array", "items": { "enum": columns }, "minItems": 1, "uniqueItems": true, "description": "The columns, in order." },
            "columns": { "type": "array", "items": column(), "description": "How columns are called." },
            "sections": { "type": "array", "items": section(&columns, formats), "description": "The sections, in order." },
            "limits": limits(),
            "forecast": forecast(),
            "query": query(),
            "colours": colours(),
            "page": page(),
            "words": object(WORDS.iter().map(|word| ((*word).to_owned(), json!({ "type": "string" }))), "Words of no section."),
            "terms": terms(),
        },
    })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "description": description })
}

fn strings(description: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "description": description })
}

fn object(properties: impl Iterator<Item = (String, Value)>, description: &str) -> Value {
    let properties: Map<String, Value> = properties.collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties, "description": description })
}

fn column() -> Value {
    let keys: Vec<&str> = COLUMNS.iter().map(|column| column.key).collect();
    json!({
        "type": "object",
        "required": ["key", "caption", "meaning"],
        "additionalProperties": false,
        "properties": {
            "key": { "enum": keys, "description": "The column, as 'portstatus columns' lists it." },
            "caption": text("Its header."),
            "width": { "type": "number", "minimum": 1, "maximum": 200, "description": "Its width in characters." },
            "meaning": { "type": "string", "description": "What it means, for the glossary." },
        },
    })
}

fn section(columns: &[&str], formats: &[&str]) -> Value {
    let ids: Vec<&str> = SectionId::ALL.iter().map(|id| id.code()).collect();
    let statuses: Vec<&str> = Status::ALL.iter().map(|status| status.code()).collect();
    let places = formats.iter().map(|format| ((*format).to_owned(), json!({ "type": "string" })));
    json!({
        "type": "object",
        "required": ["id", "heading", "formats"],
        "additionalProperties": false,
        "properties": {
            "id": { "enum": ids, "description": "Which section." },
            "heading": text("Its heading."),
            "explanation": { "type": "string", "description": "What a reader has to know of it." },
            "empty": { "type": "string", "description": "What stands in place of a list without rows." },
            "unavailable": { "type": "string", "description": "What is said of counts of which the inputs do not tell all." },
            "accent": { "enum": statuses, "description": "The status whose colour it has." },
            "columns": { "type": "array", "items": { "enum": columns }, "uniqueItems": true, "description": "The columns of a list." },
            "sort": strings("The order of a list: COLUMN or COLUMN:desc."),
            "formats": object(places, "Where it stands, by format."),
        },
    })
}

fn limits() -> Value {
    let days = |key: &str, description: &str| {
        let least = i32::from(key == "rows_on_pages");
        (key.to_owned(), json!({ "type": "integer", "minimum": least, "description": description }))
    };
    let ages = json!({
        "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 1, "maxItems": 20, "uniqueItems": true,
        "description": "The last business day of each age but the last.",
    });
    let keys: Vec<&str> = LIMITS.iter().map(|(key, _)| *key).chain(["ages"]).collect();
    let properties = LIMITS.iter().map(|(key, description)| days(key, description)).chain([("ages".to_owned(), ages)]);
    let mut limits = object(properties, "How long is long, and how much a page holds.");
    limits["required"] = keys.into();
    limits
}

fn forecast() -> Value {
    let amount = |key: &str| (key.to_owned(), json!({ "type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,2})?$" }));
    let amounts = ["cancellation", "resubmission", "expedite", "double_billing"].map(amount);
    let currency = ("currency".to_owned(), json!({ "type": "string", "description": "Such as USD." }));
    object(amounts.into_iter().chain([currency]), "What a forecast counts in money, amounts as text.")
}

/// The keys of a query but those of columns and pages, which a template does not say there.
fn query() -> Value {
    let given = serde_json::to_value(Query::default()).unwrap_or_default();
    let keys = given.as_object().cloned().unwrap_or_default().into_iter();
    let keys = keys.filter(|(key, _)| !matches!(key.as_str(), "columns" | "page" | "page_size"));
    let value = |(key, value): (String, Value)| {
        let is_list = value.is_array();
        (key, if is_list { json!({ "type": "array", "items": { "type": "string" } }) } else { json!({ "type": "string" }) })
    };
    object(keys.map(value), "Which rows, in which order, where the reader does not say.")
}

fn page() -> Value {
    let one_of = |names: &[&str], description: &str| json!({ "enum": names, "description": description });
    let keys = [
        ("paper".to_owned(), one_of(&Paper::NAMES, "The paper, where --paper does not name another.")),
        ("orientation".to_owned(), one_of(&Orientation::NAMES, "Which side of it is up, where --orientation does not say.")),
        ("density".to_owned(), one_of(&Density::NAMES, "The type of the tables of a PDF, where --density does not say.")),
    ];
    object(keys.into_iter(), "What is printed on: pdf, xlsx, ods, docx, and html when a browser prints it.")
}

fn colours() -> Value {
    let colour = |key: &str, description: &str| {
        (key.to_owned(), json!({ "type": "string", "pattern": "^#[0-9A-Fa-f]{6}$", "description": description }))
    };
    let of_status = [("ink", "The words."), ("fill", "What is behind them."), ("bar", "The bar of a chart.")];
    let of_status = object(of_status.iter().map(|(key, description)| colour(key, description)), "The colours of a status.");
    let statuses = STATUSES.iter().map(|status| (status.map_or(UNKNOWN, Status::code).to_owned(), of_status.clone()));
    let colours = COLOURS.iter().map(|(key, description)| colour(key, description));
    let all = colours.chain([("status".to_owned(), object(statuses, "The colours of statuses."))]);
    object(all, "Colours, as #RRGGBB. Letters need a contrast of 4.5 to 1 with what they stand on.")
}

fn terms() -> Value {
    let term = json!({
        "type": "object", "additionalProperties": false,
        "properties": { "caption": { "type": "string" }, "meaning": { "type": "string" } },
    });
    let list = |(list, codes): (&'static str, Vec<&'static str>)| {
        (list.to_owned(), object(codes.into_iter().map(|code| (code.to_owned(), term.clone())), "Words by code."))
    };
    object(lists().into_iter().map(list), "What the values of closed lists are called.")
}
