//! What a failure of an SFTP server, or the last words of `ssh`, mean for a shipment.

use std::io;

use crate::deliver::transport::server::quoted;
use crate::deliver::transport::sftp::file::Failure;
use crate::deliver::transport::sftp::packet::{FAILURE, NO_SUCH_FILE, PERMISSION_DENIED};
use crate::deliver::transport::shipment::Fault;
use crate::error::{Error, system_words};

/// What `ssh` says when somebody must do something, and what.
const LASTING: &[(&str, &str)] = &[
    (
        "host key verification failed",
        "add the host's key to the file of known hosts (known_hosts_file), after comparing it with what its owner says",
    ),
    ("host identification has changed", "ask the owner of the host; it may be another machine"),
    ("permission denied", "check the user, and that the server knows the public half of the key (identity_file)"),
    ("too many authentication failures", "name the key (identity_file)"),
    ("name or service not known", "check the host"),
    ("no address associated", "check the host"),
    ("bad configuration option", "correct the configuration of ssh"),
    ("bad owner or permissions", "correct the permissions of the files of ssh"),
    ("unprotected private key", "run chmod 600 on the key"),
    ("no such identity", "check identity_file"),
    ("subsystem request failed", "ask the owner of the host to allow sftp"),
    ("no matching", "the server and this ssh have no method in common; update one of them"),
];

/// The fault of a step in which `what` failed.
pub fn fault_of(place: &str, what: &str, failure: &Failure) -> Fault {
    match failure {
        Failure::Broken(error) if error.kind() == io::ErrorKind::InvalidData => {
            Fault::Lasting(Error::unavailable(place, format!("{what}: the server does not keep to SFTP"), "ask the owner of the host"))
        }
        Failure::Broken(_) => {
            Fault::Passing(Error::unavailable(place, format!("{what}: the connection broke"), "check the network; it is sent again"))
        }
        Failure::Refused(NO_SUCH_FILE) => {
            Fault::Lasting(Error::cannot_create(place, format!("{what}: there is no such folder or file"), "name another folder"))
        }
        Failure::Refused(PERMISSION_DENIED) => Fault::Lasting(Error::permission(
            place,
            format!("{what}: permission denied"),
            "ask the owner of the host to let this user write and read there",
        )),
        // It may be a full disk, or a quota: which, no server says.
        Failure::Refused(FAILURE) => {
            Fault::Passing(Error::unavailable(place, format!("{what}: the server failed and does not say why"), "check the space there"))
        }
        Failure::Refused(number) => {
            Fault::Lasting(Error::unavailable(place, format!("{what}: the server refused it ({number})"), "ask the owner of the host"))
        }
    }
}

/// The fault of a connection that was not made: `error` says what failed here, `words` what `ssh` said.
pub fn unopened(place: &str, error: &io::Error, words: &str) -> Fault {
    if words.is_empty() && error.kind() == io::ErrorKind::NotFound {
        return Fault::Lasting(Error::unavailable(place, "the program ssh is not installed", "install openssh-client"));
    }
    let lower = words.to_lowercase();
    let said = words.lines().map(str::trim).rfind(|line| !line.is_empty() && !line.starts_with('@'));
    let said = said.map_or_else(|| system_words(error), quoted);
    let what = format!("the server was not reached: {said}");
    match LASTING.iter().find(|(mark, _)| lower.contains(mark)) {
        Some((_, help)) => Fault::Lasting(Error::unavailable(place, what, *help)),
        None if error.kind() == io::ErrorKind::PermissionDenied => Fault::Lasting(Error::unavailable(place, what, "let this user run ssh")),
        None => Fault::Passing(Error::unavailable(place, what, "check the network, the host and the port")),
    }
}
