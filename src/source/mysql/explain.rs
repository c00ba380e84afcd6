//! Says in words what a MySQL or MariaDB server, or the way to it, reports.

use std::error::Error as _;

use mysql::DriverError;

use crate::error::{Error, Place, system_words};
use crate::source::database::address::DatabaseAddress;
use crate::source::database::retry::transient;
use crate::source::database::tls::is_of_tls;
use crate::source::redact::redacted;

/// What the server says, without whole phone numbers.
pub fn message(error: &mysql::Error) -> String {
    redacted(&match error {
        mysql::Error::MySqlError(said) => said.message.clone(),
        mysql::Error::DriverError(DriverError::CouldNotConnect(Some((_, said, _)))) => system_words(said),
        mysql::Error::DriverError(other) => other.to_string(),
        other => input_output(other).map_or_else(|| other.to_string(), system_words),
    })
}

/// The failed reading or writing that an error comes from.
fn input_output(error: &mysql::Error) -> Option<&std::io::Error> {
    match error {
        mysql::Error::IoError(error) => Some(error),
        mysql::Error::CodecError(error) => error.source().and_then(|cause| cause.downcast_ref()),
        _ => None,
    }
}

/// An error of MySQL for a user; with the `address` when it is one of connecting.
pub fn explain(error: mysql::Error, name: &str, address: Option<&DatabaseAddress>) -> Error {
    let message = message(&error);
    match &error {
        mysql::Error::MySqlError(said) => of_server(said.code, &said.state, &message, name, address),
        mysql::Error::DriverError(DriverError::TlsNotSupported) => Error::unavailable(
            name,
            "the server takes no encrypted connection",
            "have TLS set up there; where the network is trusted, ask for a plain connection with sslmode=disable in the URL",
        ),
        mysql::Error::CodecError(_) if message.contains("max_allowed_packet") => {
            Error::data(name, "a row is longer than 32 MiB", "leave long columns out, in a query")
        }
        mysql::Error::TlsError(_) => untrusted(name, &message),
        other if input_output(other).is_some_and(is_of_tls) => untrusted(name, &message),
        _ => match address {
            Some(address) => {
                let help = "check the host and the port, and that the server runs and can be reached from here";
                transient(Error::unavailable(name, format!("no connection to {} ({message})", address.host_name()), help), message)
            }
            None => transient(lost(name, &message), message),
        },
    }
}

fn untrusted(name: &str, message: &str) -> Error {
    let help = "name the host as its certificate does, and the authority's certificate with sslrootcert=FILE in the URL";
    Error::unavailable(name, format!("the server cannot be trusted ({message})"), help)
}

fn lost(name: &str, message: &str) -> Error {
    Error::try_later(name, format!("the connection was lost ({message})"), "try again; nothing was published")
}

fn of_server(code: u16, state: &str, message: &str, name: &str, address: Option<&DatabaseAddress>) -> Error {
    let user = address.map(|address| format!(" as {}", redacted(&address.user))).unwrap_or_default();
    match code {
        1044 => {
            let help = "check the name behind the host, whose letters count, or have SELECT granted on it";
            Error::permission(name, format!("there is no such database, or the user may not read it ({message})"), help)
        }
        1045 | 1698 | 1862 => {
            let help = "check the user and the password: in the URL's file, PORTSTATUS_DATABASE_URL, MYSQL_PWD or ~/.my.cnf";
            Error::permission(name, format!("the server does not let anybody in{user} ({message})"), help)
        }
        1142 | 1143 | 1370 => {
            Error::permission(name, format!("the user may not read it ({message})"), "have SELECT granted on what is to be read")
        }
        1049 => Error::no_input(name, format!("there is no such database ({message})"), "check the name behind the host"),
        1317 | 1969 | 3024 => Error::try_later(
            name,
            format!("the server broke the statement off ({message})"),
            "ask for less, or allow the statement more time",
        )
        .with_remedy(Place::option("statement_timeout")),
        1792 => Error::usage(
            name,
            format!("the query does more than read ({message})"),
            "write one SELECT that reads the tables of this database",
        ),
        1040 | 1203 => {
            transient(Error::try_later(name, format!("the server takes no connection now ({message})"), "try again later"), message)
        }
        1205 | 1213 => transient(Error::try_later(name, format!("the server gave the read up ({message})"), "try again"), message),
        1053 | 1927 => transient(lost(name, message), message),
        _ if state.starts_with("08") => transient(lost(name, message), message),
        1054 | 1146 | 1305 => {
            Error::data(name, format!("the server does not know it ({message})"), "check the names of tables and columns")
        }
        code => Error::data(name, format!("the server reports {code} ({message})"), "try the same in the server's own client"),
    }
}
