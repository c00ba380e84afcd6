//! Reads `[report]` of a job file: the options of `portstatus report`, by the code that reads configuration files.

use std::path::Path;

use crate::cli::args::{Cli, ReportArgs};
use crate::cli::config::file;
use crate::cli::config::layers::{InForce, Layers, locate};
use crate::cli::job_file::section::JobText;
use crate::cli::{parse, report};
use crate::error::{Error, ErrorKind, Place, Result};
use crate::job::prepare::prepare;
use crate::job::recipients::split_key;
use crate::job::{JobSpec, Prepared};
use clap::CommandFactory;

/// The options that a run decides, and what to write in their place.
pub const OF_THE_RUN: &[(&str, &str)] = &[
    ("out", "write where reports go below [[deliveries]]"),
    ("split-by", "write it below [recipients]"),
    ("since", "leave it out: each report tells what changed since the last one that was delivered"),
    ("rejects", "leave it out: rejected rows are kept with the run"),
    ("password-file", "write it and encrypt below [[deliveries]]"),
    ("quiet", "give it to portstatus run"),
    ("json", "give it to portstatus run"),
    ("color", "leave it out: a run prints no colours"),
    ("explain-query", "leave it out: portstatus report has it"),
    ("fail-if-empty", "write when = \"not-empty\" below [recipients]"),
    ("pdf-volumes", "leave it out: reports are sent whole"),
    ("page", "leave it out: reports are sent whole"),
    ("page-size", "leave it out: reports are sent whole"),
];

/// What `[report]` asks for.
pub struct ReportTable {
    /// The options.
    pub args: ReportArgs,
    /// The job.
    pub spec: JobSpec,
    /// What was read for it of templates and options.
    pub prepared: Prepared,
    in_force: InForce,
}

impl ReportTable {
    /// Reads `[report]` of `source`, which begins at `start`.
    ///
    /// # Errors
    /// [`Error::config`] for what is wrong with an option.
    pub fn read(source: JobText<'_>, start: Place) -> Result<Self> {
        let settings = file::read_table("report", source.text, source.file, &Cli::command())?;
        for setting in &settings {
            if let Some((option, help)) = OF_THE_RUN.iter().find(|(option, _)| *option == setting.key) {
                return Err(Error::config(setting.place(true), format!("{option} is not for a job file"), *help));
            }
        }
        let (mut args, in_force) = parse::report_args(&Layers::only(settings))?;
        args.messages.config_files = vec![Path::new(source.file).to_owned()];
        let located = |error: Error| in_place(&in_force, &start, error);
        let mut spec = report::spec(&args, None).map_err(located)?;
        // Deliveries name each file as they are told to.
        spec.render.export.files_stay = false;
        let prepared = prepare(&spec.load, &spec.render.template).map_err(located)?;
        spec.render.query.check(&prepared.names).map_err(located)?;
        Ok(Self { args, spec, prepared, in_force })
    }

    /// The key of the column that the user calls `split_by`, by which reports are told apart.
    ///
    /// # Errors
    /// [`Error::usage`] for one that they cannot be told apart by.
    pub fn split_key(&mut self, split_by: &str) -> Result<&'static str> {
        self.spec.render.split_by = Some(split_by.to_owned());
        let key = split_key(&self.spec, &self.prepared);
        self.spec.render.split_by = None;
        key?.ok_or_else(|| Error::internal("job file", "a column has no key"))
    }

    /// The options that are set, each with its values.
    pub fn options(&self) -> Vec<(String, Vec<String>)> {
        let text = |values: &[clap::builder::OsStr]| values.iter().map(|value| value.to_string_lossy().into_owned()).collect();
        self.in_force.iter().map(|(id, chosen)| (id.replace('_', "-"), text(&chosen.values))).collect()
    }
}

/// `error` at the option that it is about, or at the table where that is not known.
fn in_place(in_force: &InForce, start: &Place, error: Error) -> Error {
    let error = locate(in_force, error);
    match error.place {
        Place::Nowhere | Place::Option { .. } if error.kind == ErrorKind::Usage => error.in_config(start.clone()),
        _ => error,
    }
}
