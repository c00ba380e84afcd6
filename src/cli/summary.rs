//! Puts what a run did into words, for a person and for a script: control characters escaped and phone numbers of the data masked.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::cli::exit::spelled;
use crate::cli::terminal::{Style, masked, plain};
use crate::deliver::manifest::{Artifact, ChangeCounts, Content, Counts, InputFile, Role, UnknownWord};
use crate::deliver::standard::STANDARD_OUTPUT;
use crate::domain::change::ChangeKind;
use crate::domain::data_quality::QualityFlag;
use crate::domain::note::Note;
use crate::domain::status::{Spelling, Status};
pub use crate::domain::text::{counted, thousands as grouped};
use crate::error::{Error, Result};
use crate::job::RunResult;

/// The layout of `--json`; it changes when a key changes its meaning or goes.
const SCHEMA: u32 = 2;

/// The summary for a person.
pub fn text(result: &RunResult, style: &Style) -> String {
    let content = &result.manifest.content;
    let statuses = statuses(&result.summary.by_status, result.summary.spelling, style);
    let cpu = result.manifest.run.cpu_seconds.map(|seconds| format!(", {seconds:.2} s of CPU")).unwrap_or_default();
    let time = format!("{:.2} s{cpu}\n", result.seconds);
    [head(result, content), statuses, findings(result, content), outputs(result, content), time].concat()
}

fn head(result: &RunResult, content: &Content) -> String {
    let counts = &content.counts;
    let mut out = format!("{} as of {}\n{}", content.title, result.as_of, inputs(&content.inputs));
    for filter in &content.filters {
        // As the user typed it.
        out += &format!("Filter: {}\n", plain(filter));
    }
    out += &counts_line(counts);
    if let Some(action) = &content.action {
        let not_ready =
            if action.not_ready > 0 { format!(", {} not ready and left out", grouped(action.not_ready)) } else { String::new() };
        out += &format!("{}: {} allowed, {} refused{not_ready}\n", action.action, grouped(action.allowed), grouped(action.refused));
    }
    out.extend(content.changes.as_ref().map(changes_line));
    if let Some(page) = &content.page {
        let before = rows(counts.reported + counts.on_other_pages);
        out += &format!("Page {} of {}, {before} before paging\nAll pages by status:\n", page.number, page.of);
    }
    out
}

/// Where the rows went, in a line: `5 rows read: 3 reported, 2 filtered out`.
pub fn counts_line(counts: &Counts) -> String {
    let mut line = format!("{}: {} reported", read(counts.read, counts.expanded), grouped(counts.reported));
    let parts = [
        (counts.filtered_out, "filtered out"),
        (counts.on_other_pages, "on other pages"),
        (counts.superseded, "superseded by a newer or identical row"),
        (counts.replayed, "events before the last of their number"),
        (counts.rolled_up, "other numbers of their requests"),
        (counts.unassigned, "in no report"),
        (counts.unaddressed, "of nobody who gets a report"),
        (counts.not_due, "of reports that are not due"),
        (counts.rejected, "rejected"),
    ];
    for (count, what) in parts.into_iter().filter(|(count, _)| *count > 0) {
        line += &format!(", {} {what}", grouped(count));
    }
    line + "\n"
}

/// What became of the numbers since an earlier report, in a line.
pub fn changes_line(changes: &ChangeCounts) -> String {
    let count = |kind: &ChangeKind| {
        let count = changes.counts.get(kind.code()).copied().unwrap_or_default();
        (count > 0).then(|| format!("{} {kind}", grouped(count)))
    };
    let counts: Vec<String> = ChangeKind::ALL.iter().filter_map(count).collect();
    let counts = if counts.is_empty() { "none".to_owned() } else { counts.join(", ") };
    format!("Changes since {}: {counts}\n", changes.since)
}

/// A line for each file that was read.
pub fn inputs(inputs: &[InputFile]) -> String {
    let line = |input: &InputFile| {
        let part = input.part.as_ref().map(|part| plain(&format!(", {part}")).to_string()).unwrap_or_default();
        let what = match (input.role, &input.profile, input.rows) {
            (Role::Orders, Some(profile), Some(read)) => format!("{} with profile {profile}", rows(read)),
            (Role::Orders, ..) => "orders".to_owned(),
            (Role::Accounts, ..) => "partners of accounts".to_owned(),
            (Role::Template, ..) => "a template of your own".to_owned(),
        };
        format!("Read {}{part}: {what}\n", plain(&input.file))
    };
    let shown: String = inputs.iter().take(MAX_FILES).map(line).collect();
    match inputs.len().saturating_sub(MAX_FILES) {
        0 => shown,
        more => {
            let read = inputs[MAX_FILES..].iter().filter_map(|input| input.rows).sum();
            format!("{shown}Read {}: {}\n", counted(more as u64, "more file"), rows(read))
        }
    }
}

/// `5 rows read, 20 more from ranges of numbers`.
pub fn read(read: u64, expanded: u64) -> String {
    let more = if expanded > 0 { format!(", {} more from ranges of numbers", grouped(expanded)) } else { String::new() };
    format!("{} read{more}", rows(read))
}

/// A line for each status.
pub fn statuses(counts: &[(Option<Status>, u64)], spelling: Spelling, style: &Style) -> String {
    let line = |(status, count): &(Option<Status>, u64)| {
        let caption = spelling.status(*status);
        format!("  {}{:>width$}\n", style.status(*status, caption), grouped(*count), width = 28 - caption.len())
    };
    counts.iter().map(line).collect()
}

fn findings(result: &RunResult, content: &Content) -> String {
    let counts = &content.counts;
    let mut out = String::new();
    if counts.rejected + counts.rejected_cells > 0 {
        let file = content.outputs.iter().find(|output| output.format == "rejects");
        let listed = match file.and_then(|file| Some((shown(file)?, file.rows))) {
            Some(_) if content.split.is_some() => {
                "; those known to be of a report stand beside it; list all with --rejects FILE".to_owned()
            }
            None if content.outputs.iter().any(|output| output.format == "zip") => ", listed in the archive".to_owned(),
            None => "; list them with --rejects FILE".to_owned(),
            Some((path, rows)) if rows == counts.rejected + counts.rejected_cells => format!(", listed in {path}"),
            Some((path, _)) => format!(", those of this report listed in {path}; list all with --rejects FILE"),
        };
        out += &format!("Rejected: {}, {}{listed}\n", rows(counts.rejected), counted(counts.rejected_cells, "cell"));
    }
    if !content.quality_flags.is_empty() {
        let mut flags: Vec<_> = content.quality_flags.iter().collect();
        flags.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let is_restricted = content.inputs.iter().any(|input| !input.filtered_at_source.is_empty());
        let within = |code: &str| is_restricted && QualityFlag::from_code(code).is_some_and(QualityFlag::is_across_rows);
        let flag = |(code, count): (&String, &u64)| {
            format!("{code} {}{}", grouped(*count), if within(code) { " (within the rows read)" } else { "" })
        };
        let flags: Vec<_> = flags.into_iter().map(flag).collect();
        out += &format!("Data quality: {}\n", flags.join(", "));
    }
    let said: Vec<Note> = content.notes.iter().cloned().chain(result.manifest.run.notes.iter().map(Note::from)).collect();
    out + &unknown_words(content) + &notes(&said, content.inputs.len())
}

/// Inputs up to which each has its own lines.
const MAX_FILES: usize = 10;
/// Notes that say the same of several files of many, and are shown.
const MAX_ALIKE: usize = 3;

/// A line for each note. Where there are more than `MAX_FILES` inputs, of notes that say the same of different files but for
/// the counts in them the first few are shown and the others counted.
pub fn notes(notes: &[Note], files: usize) -> String {
    // What a note says: its words after the file that it is about.
    let gist = |note: &str| -> String {
        let says = note.split_once(": ").map_or(note, |(_, says)| says);
        says.chars().filter(|letter| !letter.is_ascii_digit() && *letter != ',').collect()
    };
    let mut counts: HashMap<String, usize> = HashMap::new();
    let gists: Vec<String> = notes.iter().map(|note| gist(note)).collect();
    gists.iter().for_each(|gist| *counts.entry(gist.clone()).or_default() += 1);
    let mut shown: HashMap<&String, usize> = HashMap::new();
    let mut lines = String::new();
    for (note, gist) in notes.iter().zip(&gists) {
        let (all, shown) = (counts[gist], shown.entry(gist).or_default());
        *shown += 1;
        let is_last = *shown == MAX_ALIKE && all > MAX_ALIKE;
        if files <= MAX_FILES || *shown <= MAX_ALIKE {
            lines += &format!("Note: {}\n", plain(&with_option(note)));
        }
        if files > MAX_FILES && is_last {
            lines +=
                &format!("  and {} more such {}\n", grouped((all - MAX_ALIKE) as u64), if all - MAX_ALIKE == 1 { "note" } else { "notes" });
        }
    }
    lines
}

/// A note with the option that would change what it says, as that is written.
fn with_option(note: &Note) -> String {
    note.remedy.as_ref().map_or_else(|| note.to_string(), |option| format!("{}: {}", &**note, spelled(option)))
}

/// The unknown words, at most ten of them, most frequent first.
fn unknown_words(content: &Content) -> String {
    const SHOWN: usize = 10;
    let mut words: Vec<_> = content.unknown_words.iter().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.rows));
    let shown: String = words.iter().copied().take(SHOWN).map(unknown_word).collect();
    match words.len().saturating_sub(SHOWN) + content.more_unknown_words {
        0 => shown,
        // A report for some accounts or partners does not list what may be the words of others.
        more if words.is_empty() => format!("Unknown words: {}, not listed; see portstatus check\n", grouped(more as u64)),
        more => format!("{shown}Unknown words: {} more, see the manifest\n", grouped(more as u64)),
    }
}

/// The line of an unknown word.
pub fn unknown_word(unknown: &UnknownWord) -> String {
    let near = unknown.nearest.as_ref().map(|code| format!("; did you mean {code}?")).unwrap_or_default();
    format!("Unknown word in {}: '{}', {}{near}\n", plain(&unknown.column), masked(&unknown.word), rows(unknown.rows))
}

fn outputs(result: &RunResult, content: &Content) -> String {
    let mut out = String::new();
    let split = content.split.as_ref();
    // One of thousands of files is found in the manifest.
    let is_in_folder = |output: &&Artifact| split.is_some() && output.file.contains('/') && !output.file.starts_with('/');
    if let Some(split) = split {
        let files: Vec<&Artifact> = content.outputs.iter().filter(is_in_folder).collect();
        let bytes = files.iter().map(|file| file.bytes).sum();
        let (reports, files) = (counted(split.reports.len() as u64, "report"), counted(files.len() as u64, "file"));
        out += &format!("Wrote {reports}, one for each value of {}: {files}, {}\n", split.by, size(bytes));
    }
    for output in content.outputs.iter().filter(|output| !is_in_folder(output)) {
        let path = shown(output).unwrap_or_else(|| STANDARD_OUTPUT.to_owned());
        let pages = match (output.format.as_str(), output.pages) {
            ("pdf", Some(pages)) => format!(", {}", counted(pages, "page")),
            (_, Some(sheets)) if sheets > 1 => format!(", {} sheets", grouped(sheets)),
            _ => String::new(),
        };
        out += &match output.format.as_str() {
            "events" => format!("Added {} to {path}\n", counted(output.rows, "event")),
            _ => format!("Wrote {path}: {}{pages}, {}\n", rows(output.rows), size(output.bytes)),
        };
        out.extend(output.notes.iter().map(|note| format!("  {}\n", plain(&with_option(note)))));
    }
    let manifest = result.manifest_file.iter();
    out.extend(manifest.map(|file| format!("Wrote {}: the manifest, {}\n", shown(file).unwrap_or_default(), size(file.bytes))));
    out
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
    let spelling = result.summary.spelling;
    value["by_detail"] = result
        .summary
        .by_detail
        .iter()
        .filter(|(_, _, count)| *count > 0)
        .map(|(status, detail, rows)| json!({ "status": spelling.status(*status), "detail": spelling.detail(*detail), "rows": rows }))
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
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
