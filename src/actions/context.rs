//! What an action is asked for with, and what it is judged by.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::domain::action::Action;
use crate::domain::configuration_profile::ConfigurationProfiles;
use crate::domain::lifecycle::{Lifecycle, Mode};
use crate::domain::replay::StateMachine;
use crate::error::{Error, Place, Result};
use crate::source::Origin;
use crate::source::profile::Profile;
use crate::source::profile::cancel_window::CancelWindow;
use crate::templates::{self, Templates};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionSpec {
    /// What is to be done.
    pub action: Action,
    /// The configuration profile that every number is given; chosen by rules when absent.
    pub configuration_profile: Option<String>,
    /// The file of profiles and rules; that of the templates when absent.
    pub rules: Option<PathBuf>,
}

/// What an action is judged by, read before the first row is.
pub struct ActionContext {
    /// What is asked for.
    pub spec: ActionSpec,
    /// The state model.
    pub machine: StateMachine,
    /// The place of the action's event in the state model.
    pub event: usize,
    /// By the name of a profile of a source: what it is called, and until when its carrier takes cancellations.
    windows: BTreeMap<String, (String, CancelWindow)>,
    profiles: ConfigurationProfiles,
}

const LIFECYCLE: &str = "rules/lifecycle.toml";
const PROFILES: &str = "rules/configuration-profiles.toml";

impl ActionContext {
    /// Reads what `spec` needs from `templates`; the events of numbers go along the edges of `mode`.
    ///
    /// # Errors
    /// [`Error::config`] for faulty files; [`Error::usage`] for a configuration profile that does not exist, and when nothing
    /// says which one to assign.
    pub fn read(spec: &ActionSpec, templates: &Templates, mode: Mode) -> Result<Self> {
        let machine = StateMachine::new(Lifecycle::parse(&templates.text(LIFECYCLE)?, LIFECYCLE)?, mode);
        let code = spec.action.event();
        let missing = || Error::config(LIFECYCLE, format!("there is no event '{code}'"), "write an [[event]] of that code");
        let event = machine.event(code).ok_or_else(missing)?;
        let sources = Profile::all(templates)?;
        let windows = sources.into_iter().map(|profile| (profile.name, (profile.title, profile.cancel_window))).collect();
        let profiles = match (spec.action, &spec.rules) {
            (Action::AssignConfigurationProfile, Some(file)) => {
                ConfigurationProfiles::parse(&templates::read(file)?, &file.display().to_string())?
            }
            (Action::AssignConfigurationProfile, None) => ConfigurationProfiles::parse(&templates.text(PROFILES)?, PROFILES)?,
            _ => ConfigurationProfiles::default(),
        };
        let context = Self { spec: spec.clone(), machine, event, windows, profiles };
        context.check()?;
        Ok(context)
    }

    fn check(&self) -> Result<()> {
        let profiles = &self.profiles;
        match &self.spec.configuration_profile {
            Some(name) if !profiles.profiles.is_empty() && profiles.profile(name).is_none() => {
                let what = format!("there is no configuration profile '{name}'");
                Err(Error::usage(Place::option("configuration_profile"), what, profiles.suggest(name)))
            }
            None if self.spec.action == Action::AssignConfigurationProfile && profiles.rules.is_empty() => {
                let help =
                    format!("name a file of profiles and rules, or one profile, or write rules into {PROFILES} of the templates folder");
                Err(Error::usage("", "no rule says which configuration profile to assign", help).with_remedy(Place::option("rules")))
            }
            _ => Ok(()),
        }
    }

    /// By input: what the system it came from is called, and its window of cancellations.
    pub fn sources(&self, origins: &[Origin]) -> Vec<Option<&(String, CancelWindow)>> {
        origins.iter().map(|origin| self.windows.get(&origin.profile)).collect()
    }

    /// The configuration profiles that can be assigned.
    pub fn profiles(&self) -> &ConfigurationProfiles {
        &self.profiles
    }
}
