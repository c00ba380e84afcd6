//! What became of the reports of a scheduled run, as its manifest tells it: added once the deliveries are done, and renewed.

use serde::Serialize;

use crate::error::{Error, Result};

/// What became of a report, in the manifest of a scheduled run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DeliveryLine {
    /// Whose it is.
    pub recipient: String,
    /// By which delivery of the job.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub delivery: String,
    /// Where it went.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// `delivered`, `failed`, `unknown`, `pending` or `nothing to send`.
    pub state: String,
    /// How often it was tried.
    #[serde(skip_serializing_if = "is_none")]
    pub attempts: u32,
    /// What its files are called there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// What the other side calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Why it did not arrive, or why there was nothing to send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Where the deliveries begin in a manifest; keys further in stand further to the right.
const DELIVERIES: &str = ",\n  \"deliveries\": ";

/// The manifest `text` with what became of the reports, in place of what it said of that before. Nothing else of it changes, and
/// its hash is of the same content.
///
/// # Errors
/// [`Error::data`] for a text that is no manifest.
pub fn with_deliveries(text: &str, lines: &[DeliveryLine]) -> Result<String> {
    let damaged = || Error::data("manifest", "is damaged", "start the job again");
    let before = match text.rfind(DELIVERIES) {
        Some(start) => &text[..start],
        None => text.strip_suffix("\n}\n").ok_or_else(damaged)?,
    };
    let lines =
        serde_json::to_string_pretty(lines).map_err(|error| Error::internal("manifest", &error).with_cause(error))?.replace('\n', "\n  ");
    Ok(format!("{before}{DELIVERIES}{lines}\n}}\n"))
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_none(count: &u32) -> bool {
    *count == 0
}
