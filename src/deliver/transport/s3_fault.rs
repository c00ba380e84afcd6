//! What an answer of an object store means for a shipment.

use object_store::client::{HttpError, HttpErrorKind};

use crate::deliver::transport::server::find_cause;
use crate::deliver::transport::shipment::Fault;
use crate::error::Error;

/// What to do where the store says no.
const CHECK_KEY: &str = "check the key, and that it may PutObject, GetObject and AbortMultipartUpload there";

/// The fault of a call that failed, in which `what` failed: passing where the store was not reached, was busy or broke down,
/// otherwise lasting. Of its answer only the code is told: the rest may be anything.
pub fn fault_of(place: &str, what: &str, error: &object_store::Error) -> Fault {
    let text = error.to_string();
    let status = after(&text, "status code: ").and_then(|rest| rest.get(..3)?.parse::<u16>().ok());
    let code = after(&text, "<Code>")
        .and_then(|rest| rest.split('<').next())
        .filter(|code| code.len() < 64 && code.chars().all(char::is_alphanumeric));
    let said = match (code, status) {
        (Some(code), Some(status)) => format!("{what}: {code} ({status})"),
        (Some(code), None) => format!("{what}: {code}"),
        (None, Some(status)) => format!("{what}: the store answered {status}"),
        (None, None) => what.to_owned(),
    };
    if find_cause::<rustls::Error>(error).is_some() {
        let what = format!("{what}: the certificate of the store is not trusted");
        return Fault::Lasting(Error::unavailable(
            place,
            what,
            "name the file of its authority in the variable SSL_CERT_FILE, or check endpoint",
        ));
    }
    if let Some(failed) = find_cause::<HttpError>(error) {
        let why = match failed.kind() {
            HttpErrorKind::Connect => "it cannot be reached",
            HttpErrorKind::Timeout => "it did not answer in time",
            _ => "the connection broke",
        };
        return Fault::Passing(Error::unavailable(place, format!("{what}: {why}"), "check the network, and endpoint"));
    }
    match error {
        object_store::Error::NotFound { .. } => Fault::Lasting(Error::unavailable(place, said, "make the bucket, or name another one")),
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            Fault::Lasting(Error::permission(place, said, CHECK_KEY))
        }
        object_store::Error::AlreadyExists { .. } => Fault::Passing(Error::unavailable(place, said, "something else changes it just now")),
        _ => match status {
            Some(408 | 429 | 500..=599) => Fault::Passing(Error::unavailable(place, said, "it may work later")),
            // A store that answers 200 and then says that it failed.
            None if matches!(code, Some("InternalError" | "SlowDown" | "ServiceUnavailable")) => {
                Fault::Passing(Error::unavailable(place, said, "it may work later"))
            }
            _ => Fault::Lasting(Error::unavailable(place, said, "check endpoint, region and bucket")),
        },
    }
}

/// The fault of a shipment for which there is no key: none was given, and the machine has no role that has one.
pub fn without_key(place: &str, error: &object_store::Error) -> Fault {
    let what = "no key was given, and the role of this machine gives none";
    let help = "give a key or set its variables, or let the machine have a role that may use the bucket";
    match fault_of(place, what, error) {
        Fault::Passing(_) => Fault::Passing(Error::unavailable(place, what, help)),
        _ => Fault::Lasting(Error::permission(place, what, help)),
    }
}

fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}
