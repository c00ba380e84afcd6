//! Makes the reports of a scheduled run: one reading, one classification, and for each recipient what the job or its table says.

use std::sync::Arc;

use crate::clock::AsOf;
use crate::deliver::run_store::RunStore;
use crate::deliver::{RunFiles, name};
use crate::error::{Error, Result};
use crate::job::burst::{self, BurstOutputs, BurstRendered, BurstSpec};
use crate::job::load::{Loaded, load_by, reading};
use crate::job::outputs::Outputs;
use crate::job::prepare::{Prepared, checked_template, prepare};
use crate::job::recipients::{ListedRecipient, Recipient, Recipients, ReportSettings, report_settings, shown_in, split_key};
use crate::job::scheduled::baseline::Baselines;
use crate::job::scheduled::plan::Planner;
use crate::job::scheduled::state::RunState;
use crate::job::scheduled::{RecipientSource, RecipientSpec, ScheduledJob};
use crate::job::{Stage, StageTimer};
use crate::select::{CheckedQuery, Query};

/// Makes the reports of a run.
pub struct Maker<'a> {
    /// The job.
    pub job: &'a ScheduledJob,
    /// The folder of runs.
    pub store: &'a RunStore,
    /// The runs that were, the earliest first.
    pub runs: &'a [(String, RunState)],
    /// The instant of the reports.
    pub as_of: AsOf,
    /// What goes where.
    pub planner: &'a Planner<'a>,
    /// The files that are made.
    pub files: &'a RunFiles,
}

impl Maker<'_> {
    /// Reads, classifies, and makes the reports of all recipients in the private folder of the run.
    ///
    /// # Errors
    /// Whatever ends a run before its first delivery.
    pub fn render(&self, stages: &mut StageTimer<'_>) -> Result<(BurstRendered, Loaded, Vec<String>)> {
        let spec = &self.job.report;
        let (prepared, query, key, recipients, outputs) = stages.time(Stage::Checking, || {
            let prepared = prepare(&spec.load, &spec.render.template)?;
            let query = spec.render.query.clone().or(&prepared.template.query).check(&prepared.names)?;
            let key = split_key(spec, &prepared)?.ok_or_else(|| Error::internal("recipients", "no column tells them apart"))?;
            let recipients = self.recipients(&prepared, &query)?;
            self.planner.check_settings(self.files)?;
            let outputs = Outputs::stage(&spec.delivery, &[], self.as_of, self.files, Vec::new())?;
            let stem = name::stem(&spec.delivery.stem, self.as_of);
            Ok((prepared, query, key, recipients, BurstOutputs::stage(&spec.delivery, stem, outputs)?))
        })?;
        let mut loaded = load_by(reading(&spec.load, &query), &spec.load, &prepared.context, stages)?;
        self.job.floor.check(loaded.classified.orders.read, self.runs)?;
        self.job.check.as_ref().map_or(Ok(()), |check| check(&loaded.classified))?;
        let baselines = stages.time(Stage::Comparing, || Baselines::find(self.store, self.runs, &prepared.context))?;
        loaded.previous = baselines.latest();
        let check = |recipients: &[Recipient]| self.planner.check(recipients);
        let burst =
            BurstSpec { key, query: &query, render: &spec.render, recipients: &recipients, earlier: &baselines, check: Some(&check) };
        let rendered = burst::render(&loaded, &prepared, &burst, outputs, stages)?;
        loaded.previous = None;
        Ok((rendered, loaded, baselines.note.into_iter().collect()))
    }

    /// Who gets a report, and how it is made, checked before a row is read.
    fn recipients(&self, prepared: &Prepared, query: &CheckedQuery) -> Result<Recipients> {
        let usual = report_settings(query, prepared, &self.job.report.render);
        match &self.job.recipients {
            RecipientSource::Values { condition, .. } => Ok(Recipients::Values(usual, condition.clone())),
            RecipientSource::Table { recipients, .. } => {
                recipients.iter().map(|listed| self.listed(listed, prepared, query, &usual)).collect::<Result<_>>().map(Recipients::Listed)
            }
        }
    }

    fn listed(
        &self,
        listed: &RecipientSpec,
        prepared: &Prepared,
        query: &CheckedQuery,
        usual: &Arc<ReportSettings>,
    ) -> Result<ListedRecipient> {
        let at = |error: Error| error.in_config(listed.place.clone());
        let is_usual = listed.formats.is_empty() && listed.template.is_none() && listed.query == Query::default();
        let report = if is_usual {
            Arc::clone(usual)
        } else {
            let formats = if listed.formats.is_empty() { usual.formats.clone() } else { listed.formats.clone() };
            let (template, names) = match &listed.template {
                None => (prepared.template.clone(), prepared.names.clone()),
                Some(name) => {
                    let template = checked_template(&self.job.report.load.templates, name)?;
                    let names = template.clone().adapted("", prepared.context.rules.spelling).names();
                    (template, names)
                }
            };
            let own = listed.query.clone().or(&template.query).check(&names).map_err(at)?;
            let mut both = query.clone();
            both.filters.extend(own.filters);
            both.conditions.extend(own.conditions);
            if !listed.query.columns.is_empty() || listed.template.is_some() {
                both.columns = own.columns;
            }
            both.names = own.names;
            Arc::new(ReportSettings { query: both, template: shown_in(template, &formats), formats })
        };
        let (place, name, value, condition) = (listed.place.clone(), listed.name.clone(), listed.value.clone(), listed.condition.clone());
        Ok(ListedRecipient { place, name, value, report, condition })
    }
}
