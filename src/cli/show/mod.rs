//! `portstatus show`: the numbers in the terminal, paged; through a pipe as a plain table.

mod keys;
pub mod raw_terminal;
mod screen;
mod shown_rows;
mod viewer;

use std::io::IsTerminal;

use crate::cli::args::ShowArgs;
use crate::cli::exit::{code_of, rejected_line};
use crate::cli::progress::Bar;
use crate::cli::show::keys::{Key, KeyReader};
use crate::cli::show::raw_terminal::RawTerminal;
use crate::cli::show::shown_rows::ShownRows;
use crate::cli::show::viewer::Viewer;
use crate::cli::terminal::Style;
use crate::cli::{options, summary, terminal};
use crate::deliver::manifest::Counts;
use crate::deliver::standard;
use crate::error::Result;
use crate::export::exporter::RowsWritten;
use crate::export::text_table::write_table;
use crate::job::{self, StageTimer, prepare, reconciliation};
use crate::report::template::STANDARD_TEMPLATE;
use crate::select;

/// Shows the numbers that `args` ask for until the user quits, or prints them where standard output is no terminal; then says
/// on standard error which rows reading left aside. Returns the exit code, which says whether rows were rejected.
///
/// # Errors
/// Whatever is wrong with the options, keeps the inputs from being read, or standard output refuses.
pub fn run(args: &ShowArgs) -> Result<u8> {
    let load = options::load(&args.inputs, &args.read, &args.classification)?;
    let template = args.template.as_deref().unwrap_or(STANDARD_TEMPLATE);
    options::known_template(&load.templates, "reports", template, ("template", "template"))?;
    let prepared = prepare(&load, template)?;
    let query = args.query.query().or(&prepared.template.query).check(&prepared.names)?;
    let loaded = {
        let bar = Bar::new(true);
        job::load(&load, &prepared.context, &mut StageTimer::start(&bar))?
    };
    let selection = select::select(&loaded.classified, None, &query)?;
    let spelling = loaded.classified.rules.spelling;
    let counts = reconciliation::counts(&selection, selection.page_rows().len())?;
    let last = rejected_line(counts.rejected, counts.read, args.rejects_ok);
    let rows = ShownRows::new(selection, prepared.template.adapted("", spelling).for_rows_of(&loaded.classified.orders))?;
    if std::io::stdout().is_terminal() {
        page(Viewer::new(rows, Style::of_output(args.color.color), left_aside(&counts))?)?;
    } else {
        let mut out = standard::open()?;
        write_table(rows.table(), rows.dates(), &RowsWritten::default(), &mut out).map_err(|error| out.cause(error))?;
        out.finish()?;
    }
    if left_aside(&counts).is_some() {
        terminal::eprint(&(summary::counts_line(&counts) + &last));
    }
    Ok(code_of(counts.rejected, args.rejects_ok))
}

/// How many rows are not shown though nobody asked for that, if any.
fn left_aside(counts: &Counts) -> Option<String> {
    let parts = [(counts.rejected, "rejected"), (counts.superseded, "superseded")];
    let parts: Vec<_> =
        parts.iter().filter(|(rows, _)| *rows > 0).map(|(rows, what)| format!("{} {what}", summary::grouped(*rows))).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Shows the screen of `viewer` and does what the keys say, until one says to quit.
fn page(mut viewer: Viewer) -> Result<()> {
    let terminal = RawTerminal::open()?;
    let mut keys = KeyReader::default();
    let mut size = terminal.size();
    terminal.draw(&viewer.screen(size)?)?;
    loop {
        let bytes = terminal.read()?;
        let pressed: Vec<Key> = keys.read(&bytes);
        for key in &pressed {
            if viewer.press(*key, size)?.is_break() {
                return Ok(());
            }
        }
        let now = terminal.size();
        if !pressed.is_empty() || now != size {
            size = now;
            terminal.draw(&viewer.screen(size)?)?;
        }
    }
}
