//! Connects within a time: a server that takes a connection and then says nothing would be waited for without end.

use std::sync::mpsc;
use std::time::Duration;

use crate::domain::text::counted;
use crate::error::{Error, Result};
use crate::source::database::address::DatabaseAddress;
use crate::source::database::retry::transient;
use crate::source::database::settings::Settings;

/// Seconds that a connection may take where nobody says otherwise.
const CONNECT_SECONDS: u64 = 10;

/// The seconds that a connection may take.
///
/// # Errors
/// [`Error::usage`] when `connect_timeout` is not a number.
pub fn seconds(settings: &Settings) -> Result<u64> {
    let wrong = |_| {
        let what = format!("connect_timeout of the {} database is not a number of seconds", settings.server);
        Error::usage("", what, "check the URL and the environment")
    };
    let seconds = settings.get("connect_timeout").map_or(Ok(CONNECT_SECONDS), str::parse).map_err(wrong)?;
    // To PostgreSQL's own tools 0 is as long as it takes.
    Ok(if seconds == 0 { u64::from(u32::MAX) } else { seconds })
}

/// Does `connect`, the greeting and the login included, within so many seconds.
///
/// # Errors
/// [`Error::unavailable`] when it takes longer.
pub fn within<T: Send + 'static>(seconds: u64, address: &DatabaseAddress, connect: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (sender, receiver) = mpsc::channel();
    // It ends with the process, should nobody want its result any more.
    std::thread::spawn(move || drop(sender.send(connect())));
    receiver.recv_timeout(Duration::from_secs(seconds)).map_err(|_| {
        let what = format!("no answer of {} within {}", address.host_name(), counted(seconds, "second"));
        let help = "check the host and the port, and that it is this kind of server that listens there";
        transient(Error::unavailable(address.name(), what.clone(), help), what)
    })
}
