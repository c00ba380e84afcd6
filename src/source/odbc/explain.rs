//! Says in words what an ODBC driver, or the driver manager, reports.

use crate::error::{Error, Place};
use crate::source::database::retry::transient;
use crate::source::redact::redacted;

/// The SQLSTATE of an error; empty where it has none.
pub fn state(error: &odbc_api::Error) -> String {
    match error {
        odbc_api::Error::Diagnostics { record, .. } => record.state.as_str().to_owned(),
        _ => String::new(),
    }
}

/// What the driver says, without whole phone numbers.
pub fn message(error: &odbc_api::Error) -> String {
    redacted(&match error {
        odbc_api::Error::Diagnostics { record, .. } => String::from_utf8_lossy(&record.message).replace('\n', " "),
        other => other.to_string(),
    })
}

/// An error of ODBC for a user; one of connecting if `is_connecting`.
pub fn explain(error: &odbc_api::Error, name: &str, is_connecting: bool) -> Error {
    let (state, message) = (state(error), message(error));
    let is_login = state.starts_with("28") || message.contains("authentication") || message.contains("Login failed");
    match state.as_str() {
        _ if is_login => {
            Error::permission(name, format!("the database does not let anybody in ({message})"), "check the user and the password")
        }
        "IM002" | "IM003" | "01000" => {
            let help = "check the names in odbc.ini and odbcinst.ini; odbcinst -q -s and odbcinst -q -d list them";
            Error::no_input(name, format!("there is no such data source or driver ({message})"), help)
        }
        "HYT00" | "HYT01" if !is_connecting => Error::try_later(
            name,
            format!("the database broke the statement off ({message})"),
            "ask for less, or allow the statement more time",
        )
        .with_remedy(Place::option("statement_timeout")),
        _ if is_connecting => {
            let help = "check the connection string, and that the server runs and can be reached from here";
            transient(Error::unavailable(name, format!("no connection ({message})"), help), message)
        }
        "42501" => Error::permission(name, format!("the user may not read it ({message})"), "have SELECT granted on what is to be read"),
        "25006" => Error::usage(
            name,
            format!("the query does more than read ({message})"),
            "write one SELECT that reads the tables of this database",
        ),
        state if state.starts_with("08") || state == "40001" || state == "40P01" || state == "57P01" => {
            transient(Error::try_later(name, format!("the connection was lost ({message})"), "try again; nothing was published"), message)
        }
        state => Error::data(name, format!("the driver reports {state} ({message})"), "try the same in isql"),
    }
}
