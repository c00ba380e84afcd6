//! Which setting of an option is in force: the command line's, else that of a variable, of the user's file, of the system's file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::builder::OsStr;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::cli::config::environment::{self, CONFIG, UnknownVariable};
use crate::cli::config::file;
use crate::cli::config::option::{find, is_shared, key_of};
use crate::cli::config::setting::{Origin, Setting, is_switch};
use crate::error::{Error, ErrorKind, Place, Result};

/// Everything that settings stand in, but the command line.
#[derive(Debug, Default)]
pub struct Layers {
    /// What comes before what follows first: the environment, then files.
    layers: Vec<Vec<Setting>>,
    /// The configuration files that were looked for, in that order, and whether each is there.
    pub files: Vec<(PathBuf, bool)>,
    /// Variables with our prefix that set nothing.
    pub unknown: Vec<UnknownVariable>,
}

/// A setting that is in force.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// Where it stands.
    pub origin: Origin,
    /// Its key, as it was written there.
    key: String,
    /// What it gives the option.
    pub values: Vec<OsStr>,
}

/// The settings that are in force for a command, by the ids of its options.
pub type InForce = BTreeMap<String, Chosen>;

impl Layers {
    /// `settings` and nothing else.
    pub fn only(settings: Vec<Setting>) -> Self {
        Self { layers: vec![settings], ..Self::default() }
    }

    /// Reads the environment, and the configuration file named on the command line or by a variable, else those in the usual
    /// places, for the options of `commands`.
    ///
    /// # Errors
    /// [`Error::config`] for a file that is wrong, or that was named and cannot be read.
    pub fn read(named: Option<&Path>, commands: &Command) -> Result<Self> {
        let (variables, unknown) = environment::read(commands);
        let mut made = Self { layers: vec![variables], files: Vec::new(), unknown };
        let of_variable = environment::value(CONFIG).map(PathBuf::from).filter(|_| named.is_none());
        if let Some(path) = named.or(of_variable.as_deref()) {
            let settings = file::read(path, commands).map_err(|error| match &error.place {
                Place::Config { line: None, .. } if of_variable.is_some() => {
                    let help = format!("{}; {CONFIG} names it", error.help);
                    error.with_help(help)
                }
                _ => error,
            });
            made.layers.push(settings?);
            made.files.push((path.to_owned(), true));
            return Ok(made);
        }
        for path in file::usual_places() {
            // One in a folder that may not be entered is as good as none.
            let is_there = path.metadata().is_ok();
            if is_there {
                made.layers.push(file::read(&path, commands)?);
            }
            made.files.push((path, is_there));
        }
        Ok(made)
    }

    /// The settings that are in force for `command`, where `given`, its command line, leaves them open.
    ///
    /// # Errors
    /// [`Error::config`] for a value that its option cannot take, and for what one layer sets twice or side by side with what it
    /// excludes.
    pub fn in_force(&self, command: &Command, given: &ArgMatches) -> Result<InForce> {
        let mut chosen = InForce::new();
        for layer in &self.layers {
            for is_own in [true, false] {
                let own = layer.iter().filter(|setting| setting.command.is_some() == is_own);
                choose(own.filter(|setting| is_own_or_all(setting, command)), command, given, &mut chosen)?;
            }
        }
        Ok(chosen)
    }
}

fn is_own_or_all(setting: &Setting, command: &Command) -> bool {
    setting.command.as_deref().is_none_or(|name| name == command.get_name())
}

/// Adds to `chosen` what `layer`, which comes after it, sets.
fn choose<'a>(layer: impl Iterator<Item = &'a Setting>, command: &Command, given: &ArgMatches, chosen: &mut InForce) -> Result<()> {
    let mut added = InForce::new();
    for setting in layer {
        let Some(option) = find(command, &setting.key) else { continue };
        let id = option.get_id().as_str();
        let is_excluded = |id: &str| chosen.iter().any(|(other, setting)| excludes(command, id, other) && !is_off(&setting.values));
        if !is_shared(command, option) && setting.command.is_none()
            || is_settled(command, given, id)
            || chosen.contains_key(id)
            || is_excluded(id)
        {
            continue;
        }
        let values = setting.values(option)?;
        if let Some(other) = added.get(id) {
            let what = format!("is set twice: as {} and as {}", setting.key, other.key);
            return Err(Error::config(setting.place(false), what, "leave one of them out"));
        }
        if let Some((_, other)) = added.iter().find(|(other, _)| conflicts(command, id, other)) {
            return Err(Error::config(setting.place(false), format!("cannot go with {}", other.key), "leave one of them out"));
        }
        added.insert(id.to_owned(), Chosen { origin: setting.origin.clone(), key: setting.key.clone(), values });
    }
    chosen.append(&mut added);
    Ok(())
}

/// Whether the command line says what the option with this id is, or says something that excludes it.
fn is_settled(command: &Command, given: &ArgMatches, id: &str) -> bool {
    let is_given = |id: &str| given.ids().any(|known| known.as_str() == id) && given.value_source(id) == Some(ValueSource::CommandLine);
    let others = command.get_arguments().map(|option| option.get_id().as_str());
    is_given(id) || is_given(&taken_back(id)) || others.into_iter().any(|other| is_given(other) && excludes(command, id, other))
}

/// Whether both options set at once would be an error.
fn conflicts(command: &Command, one: &str, other: &str) -> bool {
    let option = |id: &str| command.get_arguments().find(|option| option.get_id() == id);
    let names = |one: &str, other: &str| {
        option(one).is_some_and(|one| command.get_arg_conflicts_with(one).iter().any(|option| option.get_id() == other))
    };
    names(one, other) || names(other, one)
}

/// Whether what a layer says of one option makes what a lower one says of the other void.
fn excludes(command: &Command, one: &str, other: &str) -> bool {
    let limits = ["strict", "max_rejects"];
    conflicts(command, one, other) || one != other && limits.contains(&one) && limits.contains(&other)
}

fn is_off(values: &[OsStr]) -> bool {
    values == [OsStr::from("false")]
}

/// `command` with the values of `in_force` as defaults, which satisfy what it requires.
pub fn with_defaults(command: Command, in_force: &InForce) -> Command {
    in_force
        .iter()
        .fold(command, |command, (id, chosen)| command.mut_arg(id, |option| option.required(false).default_values(chosen.values.clone())))
}

/// `command` and, for each of its switches, an option that takes back what is set elsewhere: `--no-quiet`.
pub fn with_switches_off(command: Command) -> Command {
    let switches: Vec<Arg> = command.get_arguments().filter(|option| is_switch(option) && key_of(option).is_some()).cloned().collect();
    switches.into_iter().fold(command, |command, switch| {
        let off = Arg::new(taken_back(switch.get_id().as_str())).action(ArgAction::SetTrue).hide(true);
        command.arg(off.long(format!("no-{}", switch.get_long().unwrap_or_default())).overrides_with(switch.get_id()))
    })
}

/// The id of the option that takes back the switch with this id.
fn taken_back(id: &str) -> String {
    format!("no_{id}")
}

/// `error` at the place of the setting that it is about.
pub fn locate(in_force: &InForce, error: Error) -> Error {
    let (key, is_option) = match &error.place {
        Place::Option { key, .. } => (key.clone().into_owned(), true),
        // A path that a setting names is wrong where it is, and is named here.
        Place::File { file, .. } | Place::Config { file, line: None, .. }
            if matches!(error.kind, ErrorKind::NoInput | ErrorKind::Config) =>
        {
            let Some((id, _)) = in_force.iter().find(|(_, chosen)| chosen.values.iter().any(|value| is_path_of(value, file))) else {
                return error;
            };
            (id.clone(), false)
        }
        _ => return error,
    };
    let Some(chosen) = in_force.get(&key) else { return error };
    let place = chosen.origin.place(&key.replace('_', "-"), false);
    if is_option {
        return error.in_config(place);
    }
    let help = format!("{} in {place}", error.help);
    error.with_help(help)
}

/// Whether `value` is the path of `file`.
fn is_path_of(value: &OsStr, file: &str) -> bool {
    let path = Path::new(value.as_os_str());
    path.as_os_str() == file || path.file_name().is_some_and(|name| name == file)
}
