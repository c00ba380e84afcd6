//! `portstatus serve`: the report on screen, until somebody ends it.

use std::path::Path;

use crate::cli::args::ServeArgs;
use crate::cli::{job_file, options, signals};
use crate::deliver::standard;
use crate::error::{Error, Result};
use crate::export::Options;
use crate::job::prepare;
use crate::report::template::STANDARD_TEMPLATE;
use crate::select::Query;
use crate::serve::{self, ServeSpec};
use crate::source::Input;

/// Prints the address and shows the report of what `args` name there.
///
/// # Errors
/// What is wrong with the options or the template, and a port that is taken.
pub fn run(args: &ServeArgs) -> Result<()> {
    let spec = match args.inputs.as_slice() {
        [file] if file.extension().is_some_and(|ending| ending == "toml") => of_job(file, args.port)?,
        _ => of_options(args)?,
    };
    signals::go_on_after_panics();
    serve::serve(spec, |address| standard::print(&format!("{address}\n")))
}

/// The report of the job file `file`: what it reads, with its template and filters.
fn of_job(file: &Path, port: u16) -> Result<ServeSpec> {
    let job = job_file::read(&job_file::enter(file)?)?;
    let render = job.report.render;
    Ok(ServeSpec {
        is_as_of_given: false,
        template: render.template,
        operator: render.operator,
        query: render.query,
        export: render.export,
        load: job.report.load,
        port,
    })
}

/// The report of the inputs and options of the command line.
fn of_options(args: &ServeArgs) -> Result<ServeSpec> {
    let load = options::load(&args.inputs, &args.read, &args.classification)?;
    if load.inputs.contains(&Input::Standard) {
        return Err(Error::usage("", "standard input can be read once, and a viewer reads again", "name a file"));
    }
    let template = args.template.as_deref().unwrap_or(STANDARD_TEMPLATE);
    options::known_template(&load.templates, "reports", template, ("template", "template"))?;
    prepare(&load, template)?;
    Ok(ServeSpec {
        is_as_of_given: args.classification.as_of.is_some(),
        template: template.to_owned(),
        operator: args.operator.clone().unwrap_or_default(),
        export: Options { porting_team_email: args.porting_team_email.clone(), ..Options::default() },
        query: Query::default(),
        port: args.port,
        load,
    })
}
