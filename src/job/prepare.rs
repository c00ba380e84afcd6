//! What a run reads of templates and options before the first row: whatever can be wrong with them is found here.

use crate::actions::ActionContext;
use crate::error::Result;
use crate::export::check_places;
use crate::job::context::ClassificationContext;
use crate::job::previous::PreviousPlace;
use crate::job::spec::LoadSpec;
use crate::report::template::Template;
use crate::report::template_position::located;
use crate::select::names::Names;
use crate::templates::Templates;

/// What is read of templates and options before the first row is.
pub struct Prepared {
    /// The rules and the calendar.
    pub context: ClassificationContext,
    /// The report's template.
    pub template: Template,
    /// What the template calls the columns and their values.
    pub names: Names,
    /// What actions are judged by, if the report is a file of them.
    pub action: Option<ActionContext>,
    /// Where the earlier state is that the report is compared with.
    pub previous: Option<PreviousPlace>,
}

/// Reads the rules and the calendar of `spec`, and the report's `template`, by name.
///
/// # Errors
/// [`crate::error::Error::config`] for what is wrong with them.
pub fn prepare(spec: &LoadSpec, template: &str) -> Result<Prepared> {
    let template = checked_template(&spec.templates, &format!("reports/{template}.toml"), None)?;
    let context = ClassificationContext::read(spec)?;
    let names = template.clone().adapted("", context.rules.spelling).names();
    let previous = spec.since.as_deref().map(|path| PreviousPlace::find(path, Some(spec.as_of))).transpose()?;
    Ok(Prepared { names, context, template, action: None, previous })
}

/// The template in `file`, one of `templates` or with a `text` of its own, whose sections stand where each format has a place.
///
/// # Errors
/// [`crate::error::Error::config`], with line and column, for what is wrong with it.
pub fn checked_template(templates: &Templates, file: &str, text: Option<&str>) -> Result<Template> {
    let text = text.map_or_else(|| templates.text(file), |text| Ok(text.into()))?;
    let template = Template::beside(templates, &text, file)?;
    check_places(&template.sections, file).map_err(|error| located(error, &text, file))?;
    Ok(template)
}
