//! `portstatus verify`: compares the files of runs with what their manifests list.

use serde_json::json;

use crate::cli::args::VerifyArgs;
use crate::cli::terminal::plain;
use crate::deliver::standard;
use crate::deliver::verify::{Verified, manifests, verify};
use crate::domain::text::{counted, numbered, thousands};
use crate::error::{Error, Result};

/// Compares what the manifests named by `args`, or in the folders named, list.
///
/// # Errors
/// [`Error::no_input`] when there is no manifest; [`Error::data`] when something differs, after it was printed.
pub fn run(args: &VerifyArgs) -> Result<()> {
    let mut found: Vec<Verified> = Vec::new();
    for place in &args.places {
        for manifest in manifests(place)? {
            found.push(verify(&manifest, args.elsewhere)?);
        }
    }
    let faults: usize = found.iter().map(Verified::faults).sum();
    let files: usize = found.iter().map(|verified| verified.files.len()).sum();
    if args.json {
        standard::print(&format!("{}\n", json!({ "manifests": found, "files": files, "faults": faults })))?;
    } else {
        standard::print(&found.iter().map(text).collect::<String>())?;
    }
    if faults == 0 {
        return Ok(());
    }
    // The first is named with the error, since that may be all that somebody sees.
    let first = found.iter().find(|verified| verified.faults() > 0).map(|verified| verified.manifest.display().to_string());
    let what = format!("{} not as listed", numbered(faults as u64, "file is", "files are"));
    let help = "do not use what differs; make the report again, or fetch it from where it was made";
    Err(Error::data(first.unwrap_or_default(), what, help))
}

/// What came of one manifest, a line for each thing that a person should know.
fn text(verified: &Verified) -> String {
    let manifest = plain(&verified.manifest.display().to_string());
    if let Some(fault) = &verified.fault {
        return format!("{manifest}: {fault}\n");
    }
    let mut text = String::new();
    for file in &verified.files {
        if let Some(fault) = &file.fault {
            text.push_str(&format!("{manifest}: {} {fault}\n", plain(&file.file)));
        }
    }
    for file in &verified.unlisted {
        text.push_str(&format!("{manifest}: {} is not listed\n", plain(file)));
    }
    let (files, faults) = (verified.files.len() as u64, verified.faults() as u64);
    let of = if faults == 0 { String::new() } else { format!("{} of ", thousands(files - faults)) };
    text + &format!("{manifest}: {of}{} as listed\n", counted(files, "file"))
}
