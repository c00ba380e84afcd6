//! What numbers are classified by in a run: read before the first row is.

use std::sync::Arc;

use crate::classify::rules::Rules;
use crate::classify::timing::Timing;
use crate::domain::calendar::Calendar;
use crate::domain::status::Detail;
use crate::error::Result;
use crate::job::spec::LoadSpec;
use crate::source::ReadOptions;

/// The rules and the calendar of a run, read before the first row is.
#[derive(Debug, Clone)]
pub struct ClassificationContext {
    /// The rules.
    pub rules: Arc<Rules>,
    /// The as-of instant and the calendar.
    pub timing: Timing,
}

impl ClassificationContext {
    /// Reads the rules and the calendar that `spec` names.
    ///
    /// # Errors
    /// [`crate::error::Error::config`] when they are wrong.
    pub fn read(spec: &LoadSpec) -> Result<Self> {
        let settings: Vec<(&str, &str)> = spec.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let rules = Arc::new(Rules::load(&spec.templates, &settings)?);
        let file = format!("calendars/{}.toml", spec.calendar);
        let calendar = Arc::new(Calendar::parse(&spec.templates.text(&file)?, &file)?);
        Ok(Self { rules, timing: Timing::new(spec.as_of, calendar) })
    }
}

/// `options` with what the rules say of states.
pub(crate) fn read_options(options: &ReadOptions, context: &ClassificationContext) -> ReadOptions {
    let state_model = context.rules.state_model.as_ref().map(|(_, mode)| *mode);
    let detail_states = Detail::ALL.iter().map(|detail| (*detail, context.rules.state_of(*detail))).collect();
    ReadOptions { state_model, detail_states, ..options.clone() }
}
