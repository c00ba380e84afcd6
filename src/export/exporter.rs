//! What a format has to be able to do, and the options of all formats.

use std::borrow::Cow;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::columns::ColumnType;
use crate::domain::density::Density;
use crate::domain::note::Note;
use crate::domain::paper::{Orientation, PageSetUp, Paper};
use crate::error::Result;
use crate::export::guard::Guard;
use crate::export::layout::given_fonts::Fonts;
use crate::report::Report;
use crate::report::section_spec::SectionId;
use crate::report::words::Words;

/// What an exporter says of what it wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportSummary {
    /// Rows of the numbers table.
    pub rows: u64,
    /// Pages (PDF) or sheets that hold numbers (XLSX).
    pub pages: Option<u64>,
    /// Cells changed against formula injection or illegal characters, by what was done.
    pub notes: Vec<Note>,
}

/// How it is proved of a finished file that it holds the rows of its own recipient alone.
#[derive(Clone, Copy)]
pub enum Isolation {
    /// Its rows are read back and compared with those that were handed over.
    ReadBack(ReadRows),
    /// By a mark in every recipient's data that a test looks for in the files of all others: what was handed over is checked,
    /// the finished file is not read back.
    Canary,
}

impl Isolation {
    /// How a manifest calls it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReadBack(_) => "read back",
            Self::Canary => "canary",
        }
    }
}

/// Reads the numbers of a finished file of a report: hands the cells of each row in the columns named to the function.
pub type ReadRows = fn(&mut File, &Report, &Options, &[usize], &mut dyn FnMut(&[String]) -> Result<()>) -> Result<()>;

/// A format the report can be written in.
pub trait Exporter: Sync {
    /// The name in `--format` and the file extension.
    fn name(&self) -> &'static str;
    /// Whether it is text that a terminal can show: nothing in it moves the cursor, whatever the data say.
    fn is_text(&self) -> bool {
        false
    }
    /// Whether it is for programs: days are ISO days in all of it, in sentences too, whatever order a template gives them for people.
    fn is_for_programs(&self) -> bool {
        false
    }
    /// Whether it shows every section that holds data, whatever places a template gives them.
    fn holds_all_data(&self) -> bool {
        false
    }
    /// The lists that stand in files of their own beside that of the numbers, where a report has them and they have rows: of a format
    /// that holds the numbers alone, and whose readers want to know of them.
    fn lists_beside(&self) -> &'static [SectionId] {
        &[]
    }
    /// What describes its files to programs, as a file of its own; `None` where nothing does.
    fn schema(&self) -> Option<String> {
        None
    }
    /// Checks the places that a template gives the sections that this format shows, in order.
    ///
    /// # Errors
    /// What is wrong with one of them, and what to do.
    fn check_places(&self, places: &[(SectionId, &str)]) -> std::result::Result<(), String>;
    /// How it is proved that a file for one recipient holds nothing of another.
    fn isolation(&self) -> Isolation;
    /// What a reader of its files finds in place of `text`, exactly, in a column of `kind` of a report with these `words`: the text itself
    /// where the format holds every text as it is.
    fn text_read_back<'t>(&self, text: &'t str, _kind: ColumnType, _options: &Options, _words: &Words) -> Cow<'t, str> {
        Cow::Borrowed(text)
    }
    /// Rows of the numbers that one of its files holds: a report with more is written in several, as
    /// [`Report::volumes`] makes them. No limit where the format has none, or refuses what is beyond it.
    fn rows_of_a_file(&self, _options: &Options) -> usize {
        usize::MAX
    }
    /// Writes the whole report, or the file of it that the report is.
    ///
    /// # Errors
    /// [`crate::error::Error::input_output`] from the writer; [`crate::error::Error::data`] when the report exceeds a limit of the format.
    fn export(&self, report: &Report, options: &Options, out: &mut dyn Write) -> Result<ExportSummary>;
}

/// Refuses the places of sections in the format called `name`, which holds the numbers alone.
///
/// # Errors
/// What to do about the first of them.
pub fn numbers_alone(name: &str, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
    refuse_places(&format!("{name} holds the numbers alone"), places)
}

/// Refuses the places of sections in the format called `name`, which shows all that hold data, each under its id.
///
/// # Errors
/// As [`numbers_alone`].
pub fn all_data(name: &str, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
    refuse_places(&format!("{name} holds every section with data, whatever places they have"), places)
}

fn refuse_places(why: &str, places: &[(SectionId, &str)]) -> std::result::Result<(), String> {
    let section = places.first().map(|(section, _)| section.code());
    section.map_or(Ok(()), |section| Err(format!("{why}: take it out of formats of the section {section}")))
}

/// The options of all formats; each reads its own.
#[derive(Debug, Clone)]
pub struct Options {
    /// Begin a CSV file with a byte order mark.
    pub csv_bom: bool,
    /// The delimiter of a CSV file: one ASCII character, neither a quote nor a line end.
    pub csv_delimiter: u8,
    /// The guard of a CSV file against formulas.
    pub csv_guard: Guard,
    /// How phone numbers stand in a CSV file.
    pub csv_phones: CsvPhones,
    /// The paper of formats that are printed, where it is not as the report's template and, in the end, the format has it.
    pub page: PageSetUp,
    /// Whether a PDF says what its parts are.
    pub pdf_tags: PdfTags,
    /// Whether files of one report stay beside each other under their names, so that one may lead to another.
    pub files_stay: bool,
    /// What a PDF is set in.
    pub fonts: Fonts,
    /// The address of the porting team, to which rows that wait for the partner are linked where it is known.
    pub porting_team_email: Option<String>,
    /// Counts the rows that were written so far, of all formats together.
    pub written: RowsWritten,
}

impl Options {
    /// The paper of `report`, `usual` where nobody asks for another, and which side of it is up.
    pub fn sheet(&self, report: &Report, usual: Paper) -> (Paper, Orientation) {
        let PageSetUp { paper, orientation, .. } = self.page.or(report.look.page);
        (paper.unwrap_or(usual), orientation.unwrap_or_default())
    }

    /// The same, counting rows for itself.
    #[must_use]
    pub fn unwatched(&self) -> Self {
        Self { written: RowsWritten::default(), ..self.clone() }
    }

    /// How close the lines of the tables of a PDF of `report` are.
    pub fn density(&self, report: &Report) -> Density {
        self.page.or(report.look.page).density.unwrap_or_default()
    }
}

/// How phone numbers stand in a CSV file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CsvPhones {
    /// As they are: `+15551234567`.
    #[default]
    Plain,
    /// Those in strict E.164 as formulas that give their text, `="+15551234567"`, which keep their `+` in Excel and are of no use to
    /// other programs.
    Formulas,
}

/// Whether a PDF says what its parts are, for those who do not see its pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PdfTags {
    /// Up to 10,000 rows: beyond, it takes eight times the room of the pages, in a document that nobody hears read.
    #[default]
    UsualLength,
    /// Always: a report of more than 10,000 rows is written in several files.
    InVolumes,
    /// Never: the file is smaller, by 10,000 rows a ninth.
    Never,
}

/// A count of rows that several threads add to. A clone is the same count.
#[derive(Debug, Clone, Default)]
pub struct RowsWritten(Arc<AtomicU64>);

impl RowsWritten {
    /// Adds `rows`.
    pub(crate) fn add(&self, rows: u64) {
        self.0.fetch_add(rows, Ordering::Relaxed);
    }

    /// The rows so far.
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            csv_bom: false,
            csv_delimiter: b',',
            csv_guard: Guard::Apostrophe,
            csv_phones: CsvPhones::Plain,
            page: PageSetUp::default(),
            pdf_tags: PdfTags::default(),
            files_stay: true,
            fonts: Fonts::default(),
            porting_team_email: None,
            written: RowsWritten::default(),
        }
    }
}
