//! Reads settings from variables of the environment: `PORTSTATUS_` and the name of an option, or of a command and its option.

use std::ffi::OsString;
use std::fmt;

use clap::{Arg, Command};

use crate::cli::config::option::{PREFIX, is_shared, options, variable, variable_of};
use crate::cli::config::setting::{Given, Origin, Setting};
use crate::domain::text::{nearest, truth};

/// The variable that names a configuration file.
pub const CONFIG: &str = "PORTSTATUS_CONFIG";
/// The variable of a database's URL, which may hold a password.
pub const DATABASE_URL: &str = "PORTSTATUS_DATABASE_URL";
/// The variable of the password that a report is encrypted with.
pub const PASSWORD: &str = "PORTSTATUS_PASSWORD";
/// The variable of what a viewer proves itself with to a provider of OpenID Connect.
pub const OIDC_CLIENT_SECRET: &str = "PORTSTATUS_OIDC_CLIENT_SECRET";
/// The variables that are no options.
const OTHERS: &[&str] = &[
    CONFIG,
    DATABASE_URL,
    PASSWORD,
    OIDC_CLIENT_SECRET,
    #[cfg(feature = "spark")]
    crate::engine::TOKEN_VARIABLE,
];

/// A variable with our prefix that sets nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownVariable {
    /// Its name.
    pub name: String,
    /// The variable that it is probably meant to be.
    pub nearest: Option<String>,
}

impl fmt::Display for UnknownVariable {
    /// In one sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sets no option", self.name)?;
        self.nearest.iter().try_for_each(|nearest| write!(f, "; did you mean {nearest}?"))
    }
}

/// What the variable called `name` holds, unless that is nothing.
pub fn value(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Whether the variable of the switch called `key` is on.
pub fn is_on(key: &str) -> bool {
    value(&variable(key)).is_some_and(|text| truth(&text.to_string_lossy()) == Some(true))
}

/// The settings of the environment for the options of `commands`, and the variables with our prefix that set nothing, by name.
pub fn read(commands: &Command) -> (Vec<Setting>, Vec<UnknownVariable>) {
    let known = variables(commands);
    let mut ours: Vec<(String, OsString)> = std::env::vars_os()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(name, value)| Some((name.into_string().ok().filter(|name| name.starts_with(PREFIX))?, value)))
        .filter(|(name, _)| !OTHERS.contains(&name.as_str()))
        .collect();
    ours.sort();
    let (mut settings, mut unknown) = (Vec::new(), Vec::new());
    for (name, value) in ours {
        if let Some(variable) = known.iter().find(|variable| variable.name == name && !is_address_of_kubernetes(&name, &value)) {
            let (command, key) = (variable.command.clone(), variable.key.clone());
            settings.push(Setting { command, key, origin: Origin::Variable(name), given: Given::Text(value) });
        } else {
            let names = known.iter().map(|variable| variable.name.as_str()).chain(OTHERS.iter().copied()).map(|name| &name[PREFIX.len()..]);
            let near = nearest(&name[PREFIX.len()..], names).filter(|_| !is_of_kubernetes(&name));
            unknown.push(UnknownVariable { nearest: near.map(variable), name });
        }
    }
    (settings, unknown)
}

/// Whether Kubernetes makes a variable of this name for a service that is called portstatus.
fn is_of_kubernetes(name: &str) -> bool {
    ["PORT", "SERVICE"].iter().any(|word| name[PREFIX.len()..].split('_').next() == Some(word))
}

/// Whether Kubernetes says by it where a service is that is called portstatus: `PORTSTATUS_PORT=tcp://10.0.0.1:80`, which is no port of ours.
fn is_address_of_kubernetes(name: &str, value: &OsString) -> bool {
    is_of_kubernetes(name) && value.to_str().is_some_and(|value| value.contains("://"))
}

/// A variable that sets an option.
struct Variable {
    name: String,
    command: Option<String>,
    key: String,
}

/// Every variable that sets an option of `commands`.
fn variables(commands: &Command) -> Vec<Variable> {
    let mut known = Vec::new();
    for command in commands.get_subcommands() {
        for (option, key) in options(command) {
            for key in names(option, key) {
                if is_shared(command, option) {
                    known.push(Variable { name: variable(key), command: None, key: key.to_owned() });
                }
                known.push(Variable { name: variable_of(command, key), command: Some(command.get_name().to_owned()), key: key.to_owned() });
            }
        }
    }
    known
}

fn names<'a>(option: &'a Arg, key: &'a str) -> impl Iterator<Item = &'a str> {
    std::iter::once(key).chain(option.get_all_aliases().unwrap_or_default())
}
