//! `portstatus serve`: the report on screen, until somebody ends it.

use std::path::Path;

use crate::cli::args::ServeArgs;
use crate::cli::serve_network::network;
use crate::cli::{exit, job_file, options, signals, terminal};
use crate::deliver::{RunFiles, standard};
use crate::error::{Error, Result};
use crate::export::Options;
use crate::job::prepare;
use crate::report::template::STANDARD_TEMPLATE;
use crate::select::Query;
use crate::serve::{self, ServeSpec};
use crate::source::Input;
use crate::source::open::require_readable;

/// Prints the address and shows the report of what `args` name there.
///
/// # Errors
/// What is wrong with the options or the template, an input that is not there, and a port that is taken.
pub fn run(args: &ServeArgs, files: &RunFiles) -> Result<()> {
    let network = network(args)?;
    let spec = match args.inputs.as_slice() {
        [file] if file.extension().is_some_and(|ending| ending == "toml") => of_job(file, args.since.as_deref())?,
        _ => of_options(args)?,
    };
    spec.load.inputs.iter().filter_map(Input::path).filter(|path| is_no_stream(path)).try_for_each(require_readable)?;
    signals::go_on_after_panics();
    files.advise("the viewer has ended".to_owned());
    serve::serve(spec, network, |address| standard::print(&format!("{address}\n")))?;
    terminal::eprint("portstatus: the viewer has ended, since what started it has\n");
    Ok(())
}

/// Whether `path` is a file or a folder, or nothing at all: to open anything else may wait for who writes to it.
fn is_no_stream(path: &Path) -> bool {
    std::fs::metadata(path).map_or(true, |data| data.is_file() || data.is_dir())
}

/// What a viewer does with an error that keeps its inputs from being read, the first time or later: it is said in the terminal too.
fn told(error: &Error) -> (String, String) {
    exit::print(error, false);
    exit::words(error)
}

/// The report of the job file `file`: what it reads, with its template and filters.
fn of_job(file: &Path, since: Option<&Path>) -> Result<ServeSpec> {
    let job = job_file::read(&job_file::enter(file)?)?;
    let (render, mut load) = (job.report.render, job.report.load);
    load.since = since.map(Path::to_owned).or(load.since);
    let is_since_given = load.since.is_some();
    prepare(&load, &render.template)?;
    // A run that is kept tells what it was, once there is one.
    load.since.get_or_insert(job.history.folder);
    Ok(ServeSpec {
        is_as_of_given: false,
        template: render.template,
        operator: render.operator,
        query: render.query,
        // A browser gets an archive where there are several files.
        export: Options { files_stay: true, ..render.export },
        load,
        told,
        is_since_given,
        ends_with_parent: !signals::is_set_apart(),
    })
}

/// The report of the inputs and options of the command line.
fn of_options(args: &ServeArgs) -> Result<ServeSpec> {
    let mut load = options::load(&args.inputs, &args.read, &args.classification)?;
    if load.inputs.contains(&Input::Standard) {
        return Err(Error::usage("", "standard input can be read once, and a viewer reads again", "name a file"));
    }
    let template = args.template.as_deref().unwrap_or(STANDARD_TEMPLATE);
    options::known_template(&load.templates, "reports", template, ("template", "template"))?;
    load.since.clone_from(&args.since);
    prepare(&load, template)?;
    Ok(ServeSpec {
        is_as_of_given: args.classification.as_of.is_some(),
        template: template.to_owned(),
        operator: args.operator.clone().unwrap_or_default(),
        export: Options { porting_team_email: args.porting_team_email.clone(), ..Options::default() },
        query: Query::default(),
        told,
        is_since_given: args.since.is_some(),
        ends_with_parent: !signals::is_set_apart(),
        load,
    })
}
