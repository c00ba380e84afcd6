//! The document that describes the interface for programs (OpenAPI 3.1).

use serde_json::{Map, Value, json};

use crate::serve::view::{MOST_ROWS, row_keys};

/// Parameters that may be repeated, and hold one value each.
const LISTS: [&str; 9] = ["account", "status", "detail", "type", "partner", "request", "case", "find", "where"];

/// The document.
pub fn document() -> Value {
    let rows = || row_keys().map(parameter).collect::<Vec<_>>();
    let paged = rows().into_iter().chain([
        json!({ "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": 50 } }),
        json!({ "name": "cursor", "in": "query", "description": "What next of the answer before says.", "schema": { "type": "string" } }),
    ]);
    let instant = json!({ "type": "string", "format": "date-time" });
    let count = json!({ "type": "integer", "minimum": 0 });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "portstatus viewer", "version": env!("CARGO_PKG_VERSION"), "description": "The Partner Number Port Status Report for programs. Everything is read, nothing is written." },
        "servers": [{ "url": "/api/v1" }],
        "security": [{ "token": [] }, { "cookie": [] }],
        "paths": {
            "/numbers": { "get": operation("Numbers, from a cursor on", paged.collect(), json!({
                "type": "object", "required": ["as_of", "read_at", "total", "next", "numbers"],
                "properties": { "as_of": instant, "read_at": instant, "total": count, "next": { "type": ["string", "null"] }, "numbers": { "type": "array", "items": { "type": "object" } } }
            })) },
            "/numbers/{number}": { "get": operation("One number, and why it has its status", vec![json!({
                "name": "number", "in": "path", "required": true, "description": "Its digits, in any spelling.", "schema": { "type": "string", "minLength": 1 }
            })], json!({ "type": "object", "required": ["number", "as_of", "rows"] })) },
            "/summary": { "get": operation("Counts", rows(), json!({
                "type": "object", "required": ["as_of", "read_at", "numbers", "by_status", "quality_flags", "changes"],
                "properties": { "as_of": instant, "read_at": instant, "numbers": count, "by_status": { "type": "array" }, "quality_flags": { "type": "array" }, "changes": { "type": ["object", "null"], "description": "How many numbers each thing happened to since an earlier state, where there is one." } }
            })) },
            "/accounts": { "get": operation("Accounts by a part of their id or company", vec![json!({ "name": "q", "in": "query", "schema": { "type": "string" } })], json!({
                "type": "object", "required": ["accounts"], "properties": { "accounts": { "type": "array", "items": { "type": "object", "required": ["id", "company"] } } }
            })) },
            "/openapi.json": { "get": operation("This document", Vec::new(), json!({ "type": "object" })) },
        },
        "components": {
            "securitySchemes": {
                "token": { "type": "apiKey", "in": "query", "name": "token" },
                "cookie": { "type": "apiKey", "in": "cookie", "name": "portstatus" },
            },
            "schemas": { "problem": {
                "type": "object", "required": ["type", "title", "status", "detail"],
                "properties": { "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" }, "detail": { "type": "string" }, "help": { "type": "string" } }
            } },
        },
    })
}

fn parameter(name: &str) -> Value {
    let one = json!({ "type": "string" });
    let schema = if LISTS.contains(&name) || name == "columns" { json!({ "type": "array", "items": one }) } else { one };
    json!({ "name": name, "in": "query", "schema": schema })
}

fn operation(summary: &str, parameters: Vec<Value>, answer: Value) -> Value {
    let problem = |what: &str| json!({ "description": what, "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/problem" } } } });
    let mut responses = Map::new();
    responses.insert("200".into(), json!({ "description": "As asked.", "headers": { "ETag": { "schema": { "type": "string" } } }, "content": { "application/json": { "schema": answer } } }));
    responses.insert("304".into(), json!({ "description": "As it was when the tag of If-None-Match was given." }));
    for (status, what) in [
        ("400", "What was asked for is wrong."),
        ("401", "The token is missing or wrong, or nobody is signed in."),
        ("403", "The address is not the viewer's, or you are not a user of it."),
        ("404", "There is no such thing."),
        ("405", "The viewer only reads."),
        ("429", "You ask too often; Retry-After says how long to wait."),
        ("422", "The data are not what they should be."),
        ("500", "A bug."),
        ("503", "The inputs are being read, or cannot be."),
    ] {
        responses.insert(status.into(), problem(what));
    }
    json!({ "summary": summary, "parameters": parameters, "responses": responses })
}
