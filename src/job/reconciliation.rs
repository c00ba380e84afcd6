//! Accounts for every row: what is known of rows that are not in the report, and whether the counts add up.

use std::collections::BTreeMap;

use chrono::SecondsFormat;

use crate::deliver::manifest::{Artifact, Content, Counts, InputFile, Role, SCHEMA, StatusRows, SupersededRow, UnknownWord};
use crate::deliver::staged::digest;
use crate::domain::note::Note;
use crate::domain::number::{mask, mask_sentence_but};
use crate::domain::status::Status;
use crate::domain::text::{counted, thousands};
use crate::error::{Error, Place, Result};
use crate::job::RejectLimit;
use crate::job::disclosure::Disclosed;
use crate::report::{Cover, Report};
use crate::select::Selection;
use crate::source::{FileDigest, Orders, Origin, RejectKind};
use crate::templates::Templates;

/// Ends the run when more rows were rejected than `reject_limit` allows.
///
/// # Errors
/// [`Error::data`] that names the first rejected row.
pub fn enforce_reject_limit(orders: &Orders, reject_limit: RejectLimit) -> Result<()> {
    let rejected = orders.rejected_rows();
    let Some(first) = orders.rejects.iter().find(|reject| reject.kind == RejectKind::Row) else {
        return Ok(());
    };
    if reject_limit.allows(rejected, orders.read) {
        return Ok(());
    }
    let place = place(orders, (first.input, first.line));
    let verb = if rejected == 1 { "was" } else { "were" };
    let of = counted(orders.read, "row");
    let what = format!("{} of {of} {verb} rejected, this one first: {}", thousands(rejected), first.reason);
    Err(Error::data(place, what, "nothing was published; fix them, or allow more").with_remedy(Place::option("max_rejects")))
}

/// Where the rows went of which `reported` rows of `selection` are shown.
///
/// # Errors
/// [`Error::internal`] when a row is missing or counted twice.
pub fn counts(selection: &Selection, reported: usize) -> Result<Counts> {
    let orders = &selection.classified.orders;
    let rejected = orders.rejected_rows();
    let counts = Counts {
        read: orders.read,
        expanded: orders.expanded,
        reported: reported as u64,
        filtered_out: selection.filtered_out,
        on_other_pages: selection.on_other_pages(),
        superseded: orders.superseded.len() as u64,
        replayed: orders.replayed,
        rolled_up: selection.rolled_up.as_ref().map_or(0, |from| from.others),
        rejected,
        rejected_cells: orders.rejects.len() as u64 - rejected,
        ..Counts::default()
    };
    counts.check()?;
    Ok(counts)
}

/// The counts of `report`, made from `selection`.
///
/// # Errors
/// [`Error::internal`] when a row is missing or counted twice.
pub fn balance(report: &Report, selection: &Selection) -> Result<Counts> {
    let orders = &selection.classified.orders;
    let counts = counts(selection, report.numbers.rows)?;
    let by_file: u64 = orders.origins.iter().map(|origin| origin.rows).sum();
    let (read, passed, summed) = (orders.read, selection.rows.len() as u64, report.cover.figures.rows);
    if by_file != read || summed != passed {
        let what = format!("{read} rows read, {by_file} by file; {passed} selected, {summed} summed up");
        return Err(Error::internal("counts", what));
    }
    Ok(counts)
}

/// The hashed part of the manifest of a report with this `cover` and the `columns` of these keys, made of `orders` and `inputs`.
pub fn content(
    orders: &Orders,
    inputs: &[InputFile],
    (cover, columns): (&Cover, Vec<String>),
    counts: Counts,
    outputs: Vec<Artifact>,
) -> Content {
    let figures = &cover.figures;
    let words = unknown_words(orders, MAX_UNKNOWN_WORDS);
    let places = |at: (u32, u32)| place(orders, at).to_string();
    let by_status =
        |(status, rows): &(Option<Status>, u64)| StatusRows { status: figures.spelling.status(*status).to_owned(), rows: *rows };
    Content {
        schema: SCHEMA,
        program: format!("portstatus {}", env!("CARGO_PKG_VERSION")),
        title: cover.title.clone(),
        as_of: cover.as_of.utc().to_rfc3339_opts(SecondsFormat::Secs, true),
        filters: cover.filters.clone(),
        order: cover.order.clone(),
        page: cover.page,
        columns,
        inputs: inputs.to_vec(),
        counts,
        by_status: figures.by_status.iter().map(by_status).collect(),
        quality_flags: figures.quality_flags.iter().map(|(flag, rows)| (flag.code().to_owned(), *rows)).collect(),
        unknown_words: words.listed,
        more_unknown_words: words.more,
        superseded: orders.superseded.iter().map(|pair| SupersededRow { old: places(pair.old), new: places(pair.new) }).collect(),
        action: None,
        changes: None,
        split: None,
        notes: notes(orders),
        outputs,
    }
}

/// Leaves out of `content` what a report for some accounts or partners may not tell of the rows of others, but for how many
/// there are.
pub fn withhold(content: &mut Content, orders: &Orders, disclosed: &Disclosed) {
    let places = |at: (u32, u32)| place(orders, at).to_string();
    content.superseded = disclosed.superseded.iter().map(|pair| SupersededRow { old: places(pair.old), new: places(pair.new) }).collect();
    // Whose words they are is not known.
    content.more_unknown_words += std::mem::take(&mut content.unknown_words).len();
    let (quoting, rest): (Vec<Note>, _) = std::mem::take(&mut content.notes).into_iter().partition(|note| note.is_quoting);
    content.notes = rest;
    if !quoting.is_empty() {
        let count = thousands(quoting.len() as u64);
        content.notes.push(format!("notes left out, since they quote text of the inputs that may be of others: {count}").into());
    }
}

/// Line or row of an input, by the index of the input and from 1.
pub fn place(orders: &Orders, at: (u32, u32)) -> Place {
    place_in(&orders.origins, at)
}

/// As [`place`], among these origins.
pub fn place_in(origins: &[Origin], (input, line): (u32, u32)) -> Place {
    let origin = origins.get(input as usize);
    let file = origin.map(|origin| origin.file.clone()).unwrap_or_default();
    Place::row(file, origin.and_then(|origin| origin.part.clone()), u64::from(line))
}

/// The files that the outputs depend on: orders, accounts, and the templates read instead of the shipped ones.
pub fn inputs(orders: &Orders, templates: &Templates) -> Vec<InputFile> {
    let origins = orders.origins.iter().map(|origin| InputFile {
        role: Role::Orders,
        file: origin.file.clone(),
        part: origin.part.clone(),
        digest: origin.digest.clone(),
        profile: Some(origin.profile.clone()),
        rows: Some(origin.rows),
        filtered_at_source: origin.filtered_at_source.clone(),
    });
    let beside =
        |role, file, part, digest| InputFile { role, file, part, digest, profile: None, rows: None, filtered_at_source: Vec::new() };
    let accounts = orders.accounts.iter().cloned().map(|origin| beside(Role::Accounts, origin.file, origin.part, origin.digest));
    let templates = templates.used().into_iter();
    let digest = |bytes: &[u8]| FileDigest { bytes: bytes.len() as u64, sha256: digest(bytes) };
    let templates = templates.map(|(name, bytes)| beside(Role::Template, name, None, Some(digest(&bytes))));
    origins.chain(accounts).chain(templates).collect()
}

/// Unknown words that a manifest or a result lists.
pub const MAX_UNKNOWN_WORDS: usize = 1_000;

/// The words that no profile knows, as every message and manifest shows them: those that look the same without whole phone
/// numbers are counted together.
pub struct UnknownWords {
    /// The most frequent, by column and word.
    pub listed: Vec<UnknownWord>,
    /// How many different ones there are besides.
    pub more: usize,
}

/// The words of `orders` that no profile knows, at most `most` of them listed.
pub fn unknown_words(orders: &Orders, most: usize) -> UnknownWords {
    let mut shown: BTreeMap<(String, String), u64> = BTreeMap::new();
    for ((column, word), count) in &orders.unknown_words {
        *shown.entry((brief(column), brief(word))).or_default() += count;
    }
    let mut listed: Vec<_> = shown.into_iter().collect();
    let more = listed.len().saturating_sub(most);
    if more > 0 {
        listed.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
        listed.truncate(most);
        listed.sort();
    }
    let near: BTreeMap<(String, String), &String> =
        orders.near_words.iter().map(|near| ((brief(&near.column), brief(&near.word)), &near.code)).collect();
    let listed = listed.into_iter().map(|(named, rows)| {
        let nearest = near.get(&named).map(|code| (*code).clone());
        UnknownWord { column: named.0, word: named.1, rows, nearest }
    });
    UnknownWords { listed: listed.collect(), more }
}

/// Characters of a word that are shown.
const MAX_WORD: usize = 200;

/// A word without phone numbers, cut to a readable length.
fn brief(word: &str) -> String {
    let word = mask(word);
    match word.char_indices().nth(MAX_WORD) {
        Some((end, _)) => format!("{}…", &word[..end]),
        None => word,
    }
}

/// What a reader should know, without whole phone numbers but for those in names of files.
pub fn notes(orders: &Orders) -> Vec<Note> {
    let files: Vec<String> = orders.origins.iter().chain(&orders.accounts).map(|origin| origin.file.clone()).collect();
    orders.notes.iter().map(|note| note.map(|text| mask_sentence_but(text, &files))).collect()
}
