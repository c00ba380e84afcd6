//! Puts what a run did into words, for a person and for a script: control characters escaped and phone numbers masked.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::cli::terminal::{masked, plain, sentence};
use crate::deliver::manifest::{Artifact, Content, InputFile, Role};
use crate::deliver::standard::STANDARD_OUTPUT;
pub use crate::domain::text::{counted, thousands as grouped};
use crate::error::{Error, Result};
use crate::job::RunResult;

/// The layout of `--json`; it changes when a key changes its meaning or goes.
const SCHEMA: u32 = 1;

/// The summary for a person.
pub fn text(result: &RunResult) -> String {
    let content = &result.manifest.content;
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = head(&mut out, result, content);
    let _ = statuses(&mut out, content.by_status.iter().map(|(status, count)| (status.as_str(), *count)));
    let _ = findings(&mut out, result, content);
    let _ = outputs(&mut out, result, content);
    let cpu = result.manifest.run.cpu_seconds.map(|seconds| format!(", {seconds:.2} s of CPU")).unwrap_or_default();
    let _ = writeln!(out, "{:.2} s{cpu}", result.seconds);
    out
}

fn head(out: &mut String, result: &RunResult, content: &Content) -> std::fmt::Result {
    writeln!(out, "{} as of {}", content.title, result.as_of)?;
    inputs(out, &content.inputs)?;
    for filter in &content.filters {
        writeln!(out, "Filter: {}", masked(filter))?;
    }
    let counts = &content.counts;
    let parts = [
        (counts.filtered_out, "filtered out"),
        (counts.on_other_pages, "on other pages"),
        (counts.superseded, "superseded by a newer duplicate"),
        (counts.rejected, "rejected"),
    ];
    write!(out, "{}: {} reported", read(counts.read, counts.expanded), grouped(counts.reported))?;
    for (count, what) in parts.into_iter().filter(|(count, _)| *count > 0) {
        write!(out, ", {} {what}", grouped(count))?;
    }
    writeln!(out)?;
    match &content.page {
        Some(page) => {
            let before = rows(counts.reported + counts.on_other_pages);
            writeln!(out, "Page {} of {}, {before} before paging\nAll pages by status:", page.number, page.of)
        }
        None => Ok(()),
    }
}

/// A line for each file that was read.
pub fn inputs(out: &mut String, inputs: &[InputFile]) -> std::fmt::Result {
    inputs.iter().try_for_each(|input| {
        let sheet = input.sheet.as_ref().map(|sheet| format!(", sheet {}", plain(sheet))).unwrap_or_default();
        let what = match (input.role, &input.profile, input.rows) {
            (Role::Orders, Some(profile), Some(read)) => format!("{} with profile {profile}", rows(read)),
            (Role::Orders, ..) => "orders".to_owned(),
            (Role::Accounts, ..) => "partners of accounts".to_owned(),
            (Role::Template, ..) => "instead of the template of this name".to_owned(),
        };
        writeln!(out, "Read {}{sheet}: {what}", plain(&input.file))
    })
}

/// `5 rows read, 20 more from ranges of numbers`.
pub fn read(read: u64, expanded: u64) -> String {
    let more = if expanded > 0 { format!(", {} more from ranges of numbers", grouped(expanded)) } else { String::new() };
    format!("{} read{more}", rows(read))
}

/// A line for each status.
pub fn statuses<'a>(out: &mut String, mut counts: impl Iterator<Item = (&'a str, u64)>) -> std::fmt::Result {
    counts.try_for_each(|(status, count)| writeln!(out, "  {status:<16}{:>12}", grouped(count)))
}

fn findings(out: &mut String, result: &RunResult, content: &Content) -> std::fmt::Result {
    let counts = &content.counts;
    if counts.rejected + counts.rejected_cells > 0 {
        let path = content.outputs.iter().find(|output| output.format == "rejects").and_then(shown);
        let path = path.map(|path| format!(", listed in {path}"));
        let path = path.unwrap_or_else(|| "; list them with --rejects FILE".to_owned());
        writeln!(out, "Rejected: {}, {}{path}", rows(counts.rejected), counted(counts.rejected_cells, "cell"))?;
    }
    if !content.quality_flags.is_empty() {
        let mut flags: Vec<_> = content.quality_flags.iter().collect();
        flags.sort_by_key(|(code, count)| (std::cmp::Reverse(**count), (*code).clone()));
        let flags: Vec<_> = flags.into_iter().map(|(code, count)| format!("{code} {}", grouped(*count))).collect();
        writeln!(out, "Data quality: {}", flags.join(", "))?;
    }
    unknown_words(out, content)?;
    for note in content.notes.iter().chain(&result.manifest.run.notes) {
        writeln!(out, "Note: {}", sentence(note))?;
    }
    Ok(())
}

/// The unknown words, at most ten of them, most frequent first.
pub fn unknown_words(out: &mut String, content: &Content) -> std::fmt::Result {
    const SHOWN: usize = 10;
    let mut words: Vec<_> = content.unknown_words.iter().collect();
    words.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    for (column, word, count) in words.iter().take(SHOWN) {
        writeln!(out, "Unknown word in {}: '{}', {}", plain(column), masked(word), rows(*count))?;
    }
    match words.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => writeln!(out, "Unknown words: {more} more, see the manifest"),
    }
}

fn outputs(out: &mut String, result: &RunResult, content: &Content) -> std::fmt::Result {
    for output in &content.outputs {
        let path = shown(output).unwrap_or_else(|| STANDARD_OUTPUT.to_owned());
        let pages = match (output.format.as_str(), output.pages) {
            ("pdf", Some(pages)) => format!(", {}", counted(pages, "page")),
            (_, Some(sheets)) if sheets > 1 => format!(", {} sheets", grouped(sheets)),
            _ => String::new(),
        };
        writeln!(out, "Wrote {path}: {}{pages}, {}", rows(output.rows), size(output.bytes))?;
        for note in &output.notes {
            writeln!(out, "  {}", sentence(note))?;
        }
    }
    result
        .manifest_file
        .iter()
        .try_for_each(|manifest| writeln!(out, "Wrote {}: the manifest, {}", shown(manifest).unwrap_or_default(), size(manifest.bytes)))
}

/// The summary for a script: one JSON object and a line end.
///
/// # Errors
/// [`Error::internal`] when it cannot be written as JSON.
pub fn json(result: &RunResult) -> Result<String> {
    let unwritable = |error: serde_json::Error| Error::internal("summary", &error).with_cause(error);
    let mut value = serde_json::to_value(&result.manifest.content).map_err(unwritable)?;
    let path = |file: &Artifact| file.path.as_ref().map(|path| path.display().to_string());
    if let Some(outputs) = value.get_mut("outputs").and_then(Value::as_array_mut) {
        for (line, output) in outputs.iter_mut().zip(&result.manifest.content.outputs) {
            line["path"] = json!(path(output));
        }
    }
    value["schema"] = json!(SCHEMA);
    // What is printed may be logged: only the files have the filters whole.
    value["filters"] = result.manifest.content.filters.iter().map(|filter| masked(filter)).collect();
    let spelling = result.summary.spelling;
    value["by_detail"] = result
        .summary
        .by_detail
        .iter()
        .filter(|(_, _, count)| *count > 0)
        .map(|(status, detail, count)| json!([status.map(|s| spelling.status(Some(s))), detail.map(|d| spelling.detail(Some(d))), count]))
        .collect();
    value["manifest"] = json!(result.manifest_file.as_ref().and_then(path));
    value["run"] = json!(result.manifest.run);
    value["seconds"] = json!((result.seconds * 1e3).round() / 1e3);
    Ok(format!("{value}\n"))
}

fn shown(file: &Artifact) -> Option<String> {
    file.path.as_ref().map(|path| plain(&path.display().to_string()))
}

/// `1 row` or `1,234 rows`.
pub fn rows(count: u64) -> String {
    counted(count, "row")
}

/// `812 bytes`, `61.2 kB`, `1.3 MB`.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
