//! `portstatus actions`: a file of what to ask the porting team for, and the events that tell of it.

use crate::actions::ActionSpec;
use crate::cli::args::ActionsArgs;
use crate::cli::report;
use crate::deliver::RunFiles;
use crate::domain::action::Action;
use crate::error::{Error, Place, Result};
use crate::job::{Destination, ReportRow};

/// The template of a file of actions.
const TEMPLATE: &str = "actions";
/// The formats that a file of actions has.
const FORMATS: [&str; 3] = ["csv", "xlsx", "json"];

/// Writes the file of actions; returns the exit code, which says whether rows were rejected.
///
/// # Errors
/// Whatever is wrong with the options, or ends the run.
pub fn run(args: &ActionsArgs, files: &RunFiles) -> Result<u8> {
    let choice = Action::CHOICES.iter().find(|choice| choice.answers_to(&args.action));
    let action = choice.and_then(|choice| Action::from_code(choice.code)).ok_or_else(|| Error::internal("actions", &args.action))?;
    let only_assigning = [("configuration_profile", args.configuration_profile.is_some()), ("rules", args.rules.is_some())];
    if let Some((option, _)) = only_assigning.into_iter().find(|(_, is_given)| *is_given && action != Action::AssignConfigurationProfile) {
        let help = "leave it out, or write assign-configuration-profile";
        return Err(Error::usage(Place::option(option), format!("is not an option of {}", args.action), help));
    }
    let mut spec = report::spec(&args.report, Some(TEMPLATE))?;
    if spec.render.row == ReportRow::Request {
        return Err(Error::usage(Place::option("by"), "actions are for numbers, not for requests", "choose numbers by their request"));
    }
    let is_listed = |name: &str| FORMATS.contains(&name);
    if matches!(spec.delivery.destination, Destination::Folder(_)) && args.report.format.is_empty() {
        spec.render.formats.retain(|format| is_listed(format.name()));
    }
    if let Some(format) = spec.render.formats.iter().find(|format| !is_listed(format.name())) {
        let what = format!("a file of actions cannot be {}", format.name().to_uppercase());
        return Err(Error::usage(Place::option("format"), what, "choose csv, xlsx or json"));
    }
    spec.render.action = Some(ActionSpec { action, configuration_profile: args.configuration_profile.clone(), rules: args.rules.clone() });
    spec.delivery.stem = args.action.clone();
    spec.delivery.apply_to = args.apply_to.clone();
    spec.delivery.kept.extend(args.rules.clone());
    report::encrypt(&mut spec, &args.report)?;
    report::execute(&spec, &args.report, files)
}
