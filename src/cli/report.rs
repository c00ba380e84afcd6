//! `portstatus report`: turns the options into a job, runs it and prints what it did.

use std::io::IsTerminal;

use crate::cli::args::ReportArgs;
use crate::cli::config::environment::{self, PASSWORD};
use crate::cli::exit::{EMPTY, code_of, empty_line, rejected_line};
use crate::cli::progress::Bar;
use crate::cli::terminal::Style;
use crate::cli::{given_fonts, options, summary, terminal};
use crate::deliver::encryption::{password_file, password_of};
use crate::deliver::standard;
use crate::deliver::{RunFiles, name};
use crate::domain::density::Density;
use crate::domain::paper::{Orientation, PageSetUp, Paper};
use crate::error::{Error, Place, Result};
use crate::export::Options;
use crate::export::exporter::{CsvPhones, PdfTags};
use crate::export::guard::Guard;
use crate::job::{self, DeliverySpec, Destination, JobSpec, LoadSpec, RejectLimit, RenderSpec, ReportRow};
use crate::report::template::{REQUESTS_TEMPLATE, STANDARD_TEMPLATE};
use crate::source::explain_query::SentQuery;
use crate::templates::Templates;

/// Writes the report; returns the exit code, which says whether rows were rejected.
///
/// # Errors
/// Whatever ends the run.
pub fn run(args: &ReportArgs, files: &RunFiles) -> Result<u8> {
    let mut spec = spec(args, None)?;
    encrypt(&mut spec, args)?;
    if args.pushdown.explain_query {
        return explain_query(&spec);
    }
    execute(&spec, args, files)
}

/// Has the files of `spec` encrypted, if `args` name a file with a password, or the environment has one.
///
/// # Errors
/// What is wrong with the file; [`Error::usage`] where there is no file to encrypt, or more than one reader.
pub fn encrypt(spec: &mut JobSpec, args: &ReportArgs) -> Result<()> {
    let variable = || Place::Variable { name: PASSWORD.to_owned() };
    let (place, password) = match (&args.password_file, environment::value(PASSWORD)) {
        (Some(path), _) => (Place::option("password_file"), password_file(path)?),
        (None, Some(text)) => (variable(), password_of(&text.to_string_lossy(), variable())?),
        (None, None) => return Ok(()),
    };
    if spec.delivery.destination == Destination::Standard {
        return Err(Error::usage(place, "encrypts files, not standard output", "name a folder or a file").with_remedy(Place::option("out")));
    }
    if spec.render.split_by.is_some() {
        let help = "let a job encrypt them, each with the password of its reader";
        return Err(Error::usage(place, "is one password for the reports of several readers", help).with_remedy(Place::option("split_by")));
    }
    if spec.delivery.rejects.is_some() {
        let help = "leave it out: rejected rows are then encrypted with the report";
        return Err(Error::usage(Place::option("rejects"), "names a file that is not encrypted", help));
    }
    spec.delivery.password = Some(password);
    Ok(())
}

/// Does `spec`, which `args` ask for, and prints what came of it; returns the exit code, which says whether rows were rejected.
///
/// # Errors
/// Whatever ends the run.
pub fn execute(spec: &JobSpec, args: &ReportArgs, files: &RunFiles) -> Result<u8> {
    let result = {
        let has_pdf = spec.render.formats.iter().any(|format| format.name() == "pdf");
        let bar = Bar::of_report(!args.messages.quiet, has_pdf);
        job::run(spec, files, &bar)?
    };
    let counts = &result.manifest.content.counts;
    // Rows on other pages are rows of the report.
    let is_empty = args.fail_if_empty && counts.reported + counts.on_other_pages == 0;
    let empty = if is_empty { empty_line() } else { String::new() };
    let last = rejected_line(counts.rejected, counts.read, args.rejects_ok || is_empty) + &empty;
    let color = args.messages.color.color;
    let style = if spec.delivery.destination == Destination::Standard { Style::of_error(color) } else { Style::of_output(color) };
    // What a script asked for is the result, which quiet leaves alone.
    if args.messages.json || !args.messages.quiet {
        let text = if args.messages.json { summary::json(&result)? } else { style.wrap(&(summary::text(&result, &style) + &last)) };
        match spec.delivery.destination {
            Destination::Standard => terminal::eprint(&text),
            // The files are there, whatever becomes of the words about them.
            Destination::Folder(_) | Destination::File { .. } => {
                standard::print(&text)
                    .map_err(|error| error.and("everything was published").with_help("see the manifest for the counts"))?;
            }
        }
    } else {
        // Rejected rows that change no exit code are nothing that a quiet run tells.
        terminal::eprint(if args.rejects_ok { &empty } else { &last });
    }
    Ok(if is_empty { EMPTY } else { code_of(counts.rejected, args.rejects_ok) })
}

/// Prints what would be sent to the databases among the inputs, and reads no row.
fn explain_query(spec: &JobSpec) -> Result<u8> {
    let mut text = String::new();
    for SentQuery { place, statement, notes } in job::explain_query(spec)? {
        let statement = statement.unwrap_or_else(|| "nothing is sent: it is no database".to_owned());
        text.push_str(&format!("-- {place}\n{statement}\n"));
        notes.iter().for_each(|note| text.push_str(&format!("-- {}\n", &**note)));
    }
    standard::print(&text)?;
    Ok(0)
}

/// How outputs are written: CSV in the dialect, what is printed on the paper and with the fonts of `args`, and those of `templates`.
///
/// # Errors
/// [`Error::usage`] for a delimiter that cannot separate fields, or is not that of the dialect; those of the fonts.
fn format_options(args: &ReportArgs, templates: &Templates) -> Result<Options> {
    let asked = args.csv_delimiter.as_deref().map(|text| options::delimiter("csv_delimiter", text)).transpose()?;
    let of_dialect = match args.csv_dialect.as_str() {
        "tsv" => Some(b'\t'),
        "pipe" => Some(b'|'),
        _ => None,
    };
    if let Some((asked, own)) = asked.zip(of_dialect).filter(|(asked, own)| asked != own) {
        let what = format!("'{}' is not the delimiter of {}", asked.escape_ascii(), args.csv_dialect);
        let own = if own == b'\t' { "tab".to_owned() } else { char::from(own).to_string() };
        let help = format!("leave it out, write {own}, or choose another dialect");
        return Err(Error::usage(Place::option("csv_delimiter"), what, help).with_remedy(Place::option("csv_dialect")));
    }
    let is_excel = args.csv_dialect == "excel";
    Ok(Options {
        csv_bom: args.csv_bom || is_excel,
        csv_delimiter: asked.or(of_dialect).unwrap_or(b','),
        csv_guard: if args.csv_guard == "raw" { Guard::Raw } else { Guard::Apostrophe },
        csv_phones: if is_excel { CsvPhones::Formulas } else { CsvPhones::Plain },
        page: PageSetUp {
            paper: args.paper.as_deref().and_then(Paper::named),
            orientation: args.orientation.as_deref().and_then(Orientation::named),
            density: args.density.as_deref().and_then(Density::named),
        },
        fonts: given_fonts::read(&args.font, templates)?,
        porting_team_email: args.porting_team_email.clone(),
        pdf_tags: match (args.pdf_untagged, args.pdf_volumes) {
            (true, _) => PdfTags::Never,
            (_, true) => PdfTags::InVolumes,
            _ => PdfTags::UsualLength,
        },
        ..Options::default()
    })
}

/// The whole job that `args` ask for, by the template called `usual` if they name none.
///
/// # Errors
/// [`Error::usage`] and [`Error::config`] for whatever can be wrong before a row is read.
pub fn spec(args: &ReportArgs, usual: Option<&str>) -> Result<JobSpec> {
    let (destination, formats) = Destination::parse(&args.out, &args.format)?;
    let text = formats.iter().all(|format| format.is_text());
    if destination == Destination::Standard && !text && std::io::stdout().is_terminal() {
        return Err(Error::usage(Place::option_value("out", "-"), "a terminal cannot show this format", "send it into a file or a pipe"));
    }
    let reject_limit = match (&args.max_rejects, args.strict) {
        (Some(text), _) => RejectLimit::parse(text)?,
        (None, true) => RejectLimit::Rows(0),
        (None, false) => RejectLimit::Any,
    };
    let load = match &args.history {
        Some(_) if !args.inputs.is_empty() => {
            return Err(Error::usage(Place::option("history"), "is read in the place of inputs", "leave one of them out"));
        }
        Some(history) => options::load_kept(history, &args.read, &args.classification)?,
        None => options::load(&args.inputs, &args.read, &args.classification)?,
    };
    let mut load = LoadSpec { reject_limit, pushdown: args.pushdown.pushdown, ..load };
    load.read.strict = args.strict;
    load.since.clone_from(&args.since);
    let row = if args.by == "request" { ReportRow::Request } else { ReportRow::Number };
    if args.pushdown.pushdown && row == ReportRow::Request {
        return Err(Error::usage(Place::option("pushdown"), "requests are counted by all their numbers", "leave it out"));
    }
    if args.since.is_some() && row == ReportRow::Request {
        return Err(Error::usage(Place::option("since"), "numbers are compared, not requests", "leave one of them out"));
    }
    let usual = usual.unwrap_or(if row == ReportRow::Request { REQUESTS_TEMPLATE } else { STANDARD_TEMPLATE });
    let template = args.template.clone().unwrap_or_else(|| usual.to_owned());
    options::known_template(&load.templates, "reports", &template, ("template", "template"))?;
    let kept = load.templates.files();
    let export = format_options(args, &load.templates)?;
    Ok(JobSpec {
        load,
        render: RenderSpec {
            template,
            operator: args.operator.clone().unwrap_or_default(),
            query: args.query.query(),
            row,
            split_by: args.split_by.clone(),
            action: None,
            formats,
            export,
        },
        delivery: DeliverySpec {
            destination,
            stem: name::REPORT.to_owned(),
            apply_to: None,
            rejects: args.rejects.clone(),
            password: None,
            kept: args.messages.config_files.iter().chain(&args.font).cloned().chain(kept).collect(),
        },
    })
}
