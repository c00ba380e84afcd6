//! The hidden subcommand by which portstatus reads a file for another portstatus.

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::os::fd::AsFd;
use std::process::ExitCode;

use crate::error::ErrorKind as Exit;
use crate::source::guarded::protocol::OUT_OF_MEMORY;
use crate::source::guarded::serve::serve;

/// Serves one file over standard input and output. To be called before arguments are parsed when the first
/// is [`crate::source::guarded::ARGUMENT`].
pub fn run() -> ExitCode {
    // The asking side sees a panic by the exit code; its text could quote cells.
    std::panic::set_hook(Box::new(|_| {}));
    // Standard output as such looks for line ends in every frame.
    let pipes =
        std::io::stdin().as_fd().try_clone_to_owned().and_then(|input| Ok((input, std::io::stdout().as_fd().try_clone_to_owned()?)));
    let Ok((input, output)) = pipes else { return ExitCode::FAILURE };
    match serve(BufReader::new(File::from(input)), File::from(output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == ErrorKind::OutOfMemory => ExitCode::from(OUT_OF_MEMORY),
        Err(_) => ExitCode::from(Exit::InputOutput.exit_code()),
    }
}
