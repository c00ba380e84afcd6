//! Says in words what a PostgreSQL server, or the way to it, reports.

use std::error::Error as _;

use postgres::error::SqlState;

use crate::error::{Error, Place, system_words};
use crate::source::database::address::DatabaseAddress;
use crate::source::database::retry::transient;
use crate::source::redact::redacted;

/// What the server says, without whole phone numbers.
pub fn message(error: &postgres::Error) -> String {
    let said = match error.as_db_error() {
        Some(said) => said.hint().map_or_else(|| said.message().to_owned(), |hint| format!("{}; {hint}", said.message())),
        None => match error.source() {
            Some(cause) if cause.is::<std::io::Error>() => system_words(&cause),
            cause => cause.map_or_else(|| error.to_string(), ToString::to_string),
        },
    };
    redacted(said.trim_end_matches('.'))
}

/// An error of PostgreSQL for a user; with the `address` when it is one of connecting.
pub fn explain(error: postgres::Error, name: &str, address: Option<&DatabaseAddress>) -> Error {
    let message = message(&error);
    match error.code().cloned() {
        Some(state) => of_server(&state, &message, name, address),
        None => of_connection(&error, &message, name, address),
    }
}

fn of_server(state: &SqlState, message: &str, name: &str, address: Option<&DatabaseAddress>) -> Error {
    let user = address.map(|address| format!(" as {}", redacted(&address.user))).unwrap_or_default();
    match state.code() {
        code if code.starts_with("28") => {
            let help = "check the user and the password: in the URL's file, PORTSTATUS_DATABASE_URL, PGPASSFILE or ~/.pgpass";
            Error::permission(name, format!("the server does not let anybody in{user} ({message})"), help)
        }
        "42501" => Error::permission(name, format!("the user may not read it ({message})"), "have SELECT granted on what is to be read"),
        "3D000" => Error::no_input(name, format!("there is no such database ({message})"), "check the name behind the host"),
        "57014" => Error::try_later(
            name,
            format!("the server broke the statement off ({message})"),
            "ask for less, or allow the statement more time",
        )
        .with_remedy(Place::option("statement_timeout")),
        "25006" => Error::usage(
            name,
            format!("the query does more than read ({message})"),
            "write one SELECT that reads the tables of this database",
        ),
        "57P01" | "57P02" => transient(lost(name, message), message),
        "40001" | "40P01" => transient(Error::try_later(name, format!("the server gave the read up ({message})"), "try again"), message),
        "57P03" | "53300" => {
            transient(Error::try_later(name, format!("the server takes no connection now ({message})"), "try again later"), message)
        }
        code if code.starts_with("08") => transient(lost(name, message), message),
        code if code.starts_with("53") => Error::try_later(name, format!("the server lacks what it needs ({message})"), "try again later"),
        code if code.starts_with("22") => {
            Error::data(name, format!("the server cannot evaluate it ({message})"), "check the query, and the data")
        }
        "42P01" | "42703" | "42883" => {
            Error::data(name, format!("the server does not know it ({message})"), "check the names of tables and columns")
        }
        code => Error::data(name, format!("the server reports {code} ({message})"), "try the same in psql"),
    }
}

/// The error of a connection that was lost.
pub fn lost(name: &str, message: &str) -> Error {
    Error::try_later(name, format!("the connection was lost ({message})"), "try again; nothing was published")
}

fn of_connection(error: &postgres::Error, message: &str, name: &str, address: Option<&DatabaseAddress>) -> Error {
    let text = error.to_string();
    let host = address.map(DatabaseAddress::host_name).unwrap_or_default();
    if text.contains("TLS") {
        return match message.contains("does not support TLS") {
            true => Error::unavailable(
                name,
                "the server takes no encrypted connection",
                "have TLS set up there; where the network is trusted, ask for a plain connection with sslmode=disable in the URL",
            ),
            false => Error::unavailable(
                name,
                format!("the server cannot be trusted ({message})"),
                "name the host as its certificate does, and the authority's certificate with sslrootcert=FILE in the URL",
            ),
        };
    }
    if text.contains("password missing") || message.contains("password missing") {
        let help = "put it into ~/.pgpass or PGPASSFILE, or the URL with it into PORTSTATUS_DATABASE_URL or a file that only you may read";
        return Error::permission(name, "the server asks for a password, and none is given", help);
    }
    if text.contains("authentication") || text.contains("invalid configuration") {
        return Error::permission(
            name,
            format!("the server does not let anybody in ({message})"),
            "check the user and how the server authenticates",
        );
    }
    match address {
        Some(_) => {
            let help = "check the host and the port, and that the server runs and can be reached from here";
            transient(Error::unavailable(name, format!("no connection to {host} ({message})"), help), message)
        }
        None => transient(lost(name, message), message),
    }
}
