//! What a job is asked to do, checked whole before a row is read.

use std::path::{Path, PathBuf};

use crate::actions::ActionSpec;
use crate::clock::AsOf;
use crate::deliver::name;
use crate::deliver::transport::Secret;
use crate::domain::text::{nearest, suggestion};
use crate::error::{Error, Place, Result};
use crate::export::{self, Exporter, FORMATS, USUAL_FORMATS, format_names};
use crate::select::Query;
use crate::source::{Input, ReadOptions};
use crate::templates::Templates;

/// A whole job.
pub struct JobSpec {
    /// What to read.
    pub load: LoadSpec,
    /// What to show of it.
    pub render: RenderSpec,
    /// Where the outputs go.
    pub delivery: DeliverySpec,
}

/// What to read, and how to classify it.
#[derive(Clone)]
pub struct LoadSpec {
    /// The inputs, in order.
    pub inputs: Vec<Input>,
    /// The folder of a run that is kept, whose classified rows stand in the place of inputs.
    pub kept: Option<PathBuf>,
    /// How to read them.
    pub read: ReadOptions,
    /// Rules, profiles, calendars and report templates.
    pub templates: Templates,
    /// The instant the report speaks of.
    pub as_of: AsOf,
    /// The earlier state that the report is compared with: a folder of runs, a manifest, a report or an input as it was.
    pub since: Option<PathBuf>,
    /// The calendar of business days, by name.
    pub calendar: String,
    /// Settings of the rules, by name.
    pub settings: Vec<(String, String)>,
    /// How many rows may be rejected.
    pub reject_limit: RejectLimit,
    /// Whether databases are to leave out rows that filters would not show.
    pub pushdown: bool,
}

/// What to show of the rows that were loaded.
pub struct RenderSpec {
    /// The report's template, by name.
    pub template: String,
    /// Who runs the porting team; empty where the report names none.
    pub operator: String,
    /// Which rows, columns, order and page.
    pub query: Query,
    /// What a row is.
    pub row: ReportRow,
    /// The column each of whose values gets a report of its own, as a user names it.
    pub split_by: Option<String>,
    /// What the porting team is asked to do with the numbers, if the report is a file of actions.
    pub action: Option<ActionSpec>,
    /// The formats, in the order of [`FORMATS`].
    pub formats: Vec<&'static dyn Exporter>,
    /// Their options.
    pub export: export::Options,
}

/// What a row of a report is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReportRow {
    /// A number in one of its requests.
    #[default]
    Number,
    /// A request, with the counts of its numbers.
    Request,
}

/// Where the outputs go.
pub struct DeliverySpec {
    /// Where the report goes.
    pub destination: Destination,
    /// What names in a folder begin with: `partner-port-status`.
    pub stem: String,
    /// The file of events to which allowed actions are added.
    pub apply_to: Option<PathBuf>,
    /// Where rejects go; beside the report, when there are any, if not given.
    pub rejects: Option<PathBuf>,
    /// The password that the report is encrypted with, in files alone.
    pub password: Option<Secret>,
    /// Files beside the inputs that no output may replace: those the job itself was read from.
    pub kept: Vec<PathBuf>,
}

/// Where a job's outputs go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Files named by the as-of date, in a folder.
    Folder(PathBuf),
    /// One file (or, under several formats, one beside the other with other endings).
    File {
        /// Its folder.
        folder: PathBuf,
        /// Its name without the ending.
        stem: String,
    },
    /// Standard output, one format.
    Standard,
}

impl Destination {
    /// Reads `out` and `words` (the formats asked for; none means the usual ones, or what the ending of `out` says) together.
    ///
    /// # Errors
    /// [`Error::usage`] for an empty `out`, an unknown format, an ending that contradicts the formats, or several formats on standard output.
    pub fn parse(out: &str, words: &[String]) -> Result<(Self, Vec<&'static dyn Exporter>)> {
        let asked = formats(words)?;
        let path = Path::new(out);
        if out.trim().is_empty() {
            return Err(Error::usage(
                Place::option("out"),
                "is empty",
                "name a folder, a file such as report.xlsx, or - for standard output",
            ));
        }
        let place = Place::option_value("out", out);
        if out == "-" {
            return match asked.as_slice() {
                [_] => Ok((Self::Standard, asked)),
                [] => {
                    let help = format!("choose from {}", format_names().join(", "));
                    Err(Error::usage(place, "standard output needs a format", help).with_remedy(Place::option("format")))
                }
                _ => Err(Error::usage(place, "standard output takes one format", "name one").with_remedy(Place::option("format"))),
            };
        }
        let ending = path.extension().and_then(|ending| ending.to_str()).filter(|_| !out.ends_with('/') && !path.is_dir());
        let Some(format) = ending.and_then(export::format) else {
            if let Some(ending) = ending.filter(|ending| looks_like_format(ending)) {
                let help = match nearest(ending, format_names()) {
                    Some(near) => format!("did you mean .{near}? the name of a folder ends with /"),
                    None => format!("choose from {}, or end a folder's name with /", format_names().join(", ")),
                };
                return Err(Error::usage(place, format!("there is no format .{ending}"), help));
            }
            return Ok((Self::Folder(path.to_path_buf()), if asked.is_empty() { USUAL_FORMATS.to_vec() } else { asked }));
        };
        if !asked.is_empty() && asked.iter().all(|other| other.name() != format.name()) {
            let what = format!("ends in .{}, which is not among the formats", format.name());
            return Err(Error::usage(place, what, "name no formats, or a folder"));
        }
        let (folder, name) = name::split(path)?;
        let stem = name[..name.len() - format.name().len() - 1].to_owned();
        if stem.is_empty() {
            return Err(Error::usage(place, "has no name before its ending", "name it report.xlsx, for example"));
        }
        Ok((Self::File { folder, stem }, if asked.is_empty() { vec![format] } else { asked }))
    }
}

/// Whether an ending has the letters of a format, such as docx or a misspelt xslx: it would silently become a folder.
fn looks_like_format(ending: &str) -> bool {
    (3..=4).contains(&ending.len())
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !ending.bytes().all(|byte| byte.is_ascii_digit())
}

fn formats(words: &[String]) -> Result<Vec<&'static dyn Exporter>> {
    if let Some(word) = words.iter().find(|word| export::format(word.trim()).is_none()) {
        let help = suggestion(word, &format_names());
        return Err(Error::usage(Place::option("format"), format!("there is no format '{}'", word.trim()), help));
    }
    let asked = |format: &&dyn Exporter| words.iter().any(|word| word.trim().eq_ignore_ascii_case(format.name()));
    Ok(FORMATS.iter().copied().filter(asked).collect())
}

/// How many rejected rows a run survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RejectLimit {
    /// Any number.
    #[default]
    Any,
    /// At most this many.
    Rows(u64),
    /// At most this share of the rows read, in hundredths of a percent.
    Share(u64),
}

impl RejectLimit {
    /// Reads `12`, `5%` or `0.25%`.
    ///
    /// # Errors
    /// [`Error::usage`] when the text is neither a number nor a share of at most 100%.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Error::usage(
                Place::option("max_rejects"),
                format!("'{text}' is not a number or share of rows"),
                "write a number such as 10, or a share such as 2% or 0.25%",
            )
        };
        let Some(share) = text.trim().strip_suffix('%') else {
            return text.trim().parse().map(Self::Rows).map_err(|_| wrong());
        };
        let (whole, part) = share.trim().split_once('.').unwrap_or((share.trim(), "0"));
        let hundredths = format!("{whole}{part:0<2}");
        let is_plain = !whole.is_empty() && matches!(part.len(), 1 | 2) && hundredths.bytes().all(|byte| byte.is_ascii_digit());
        match hundredths.parse() {
            Ok(hundredths @ ..=10_000) if is_plain => Ok(Self::Share(hundredths)),
            _ => Err(wrong()),
        }
    }

    /// Whether a run that read `read` rows and rejected `rejected` of them may go on.
    pub fn allows(self, rejected: u64, read: u64) -> bool {
        match self {
            Self::Any => true,
            Self::Rows(most) => rejected <= most,
            Self::Share(hundredths) => u128::from(rejected) * 10_000 <= u128::from(read) * u128::from(hundredths),
        }
    }
}
