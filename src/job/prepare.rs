//! What a run reads of templates and options before the first row: whatever can be wrong with them is found here.

use std::path::Path;

use crate::actions::ActionContext;
use crate::error::Result;
use crate::export::check_places;
use crate::job::context::ClassificationContext;
use crate::job::previous::PreviousPlace;
use crate::job::spec::LoadSpec;
use crate::report::template::Template;
use crate::report::template_position::located;
use crate::select::names::Names;
use crate::templates::{self, Templates};

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
    let template = checked_template(&spec.templates, template)?;
    let context = ClassificationContext::read(spec)?;
    let names = template.clone().adapted("", context.rules.spelling).names();
    let previous = spec.since.as_deref().map(|path| PreviousPlace::find(path, Some(spec.as_of))).transpose()?;
    Ok(Prepared { names, context, template, action: None, previous })
}

/// The template called `name`, whose sections stand where each format has a place.
///
/// # Errors
/// [`crate::error::Error::config`], with line and column, for what is wrong with it.
pub fn checked_template(templates: &Templates, name: &str) -> Result<Template> {
    let file = format!("reports/{name}.toml");
    let text = templates.text(&file)?;
    in_its_places(Template::beside(templates, &text, &file, None)?, &text, &file)
}

/// The template in the file at `path`, which may extend one of `templates`, checked as [`checked_template`] does.
///
/// # Errors
/// As [`checked_template`], and those of reading the file.
pub fn checked_template_file(templates: &Templates, path: &Path) -> Result<Template> {
    let (file, text) = (path.display().to_string(), templates::read(path)?);
    in_its_places(Template::beside(templates, &text, &file, path.parent())?, &text, &file)
}

fn in_its_places(template: Template, text: &str, file: &str) -> Result<Template> {
    check_places(&template.sections, file).map_err(|error| located(error, text, file))?;
    Ok(template)
}
