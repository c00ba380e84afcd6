//! `portstatus formats`: the formats that a report can be written in, and what describes the files of one to programs.

use serde_json::json;

use crate::cli::args::{FormatsAction, FormatsArgs};
use crate::cli::list;
use crate::deliver::standard;
use crate::domain::text::suggestion;
use crate::error::{Error, Result};
use crate::export::{Exporter, FORMATS, USUAL_FORMATS, format, format_names};

/// Prints the formats, which `--format` names, or the schema of one.
///
/// # Errors
/// A format that does not exist or has no schema, and standard output that refuses.
pub fn run(args: &FormatsArgs) -> Result<()> {
    if let (Some(FormatsAction::Schema), Some(name)) = (args.action, &args.format) {
        let known: Vec<&str> = FORMATS.iter().filter(|format| format.schema().is_some()).map(|format| format.name()).collect();
        let help = format!("choose from {}", known.join(", "));
        let format = format(name).ok_or_else(|| Error::usage(name.as_str(), "is not a format", suggestion(name, &format_names())))?;
        let schema = format.schema().ok_or_else(|| Error::usage(name.as_str(), "is no format for programs", help))?;
        return standard::print(&schema);
    }
    let is_usual = |format: &dyn Exporter| USUAL_FORMATS.iter().any(|usual| usual.name() == format.name());
    let row = |format: &&dyn Exporter| {
        let yes = |is_so: bool| if is_so { "yes" } else { "no" };
        json!({
            "format": format.name(),
            "default": yes(is_usual(*format)),
            "text": yes(format.is_text()),
            "schema": yes(format.schema().is_some()),
        })
    };
    list::print(&["format", "default", "text", "schema"], FORMATS.iter().map(row).collect(), args.json)
}
