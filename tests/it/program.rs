//! Runs the program under test, as a user or a scheduler would, and keeps what it says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_portstatus");
/// The instant of the runs.
pub const AS_OF: &str = "2026-11-21T18:00:00Z";
/// What the names of the outputs of a run as of [`AS_OF`] begin with.
pub const STEM: &str = "partner-port-status-2026-11-21";

/// Writes `orders.csv`: `rows` good rows and one that is rejected.
pub fn write_orders(base: &Path, rows: usize) -> PathBuf {
    let mut text = String::from("Phone number,Account ID,Account Company Name,Status,Confirmed Porting Date,Request ID\n");
    for row in 0..rows {
        let status = ["In Progress", "Completed", "Waiting for You", "Canceled"][row % 4];
        text.push_str(&format!(
            "+1212555{:04},A-{},\"Acme, Inc. {row}\",{status},2026-12-0{},R-{}\n",
            row % 10_000,
            row % 7,
            1 + row % 9,
            row / 3
        ));
    }
    text.push_str("no number,A-1,Acme,In Progress,,R-1\n");
    let path = base.join("orders.csv");
    fs::write(&path, text).unwrap();
    path
}

/// A command, not yet started, that is or runs the program under test, out of reach of the settings of whoever runs the tests.
pub fn starting(command: &str) -> Command {
    let mut command = Command::new(command);
    std::env::vars_os().map(|(name, _)| name).filter(|name| name.to_string_lossy().starts_with("PORTSTATUS_")).for_each(|name| {
        command.env_remove(name);
    });
    // Without it the files of the user and of the machine would be read.
    command.env("PORTSTATUS_CONFIG", "/dev/null");
    command
}

/// `portstatus report INPUT --out OUT` as of [`AS_OF`], not yet started.
pub fn report(input: &Path, out: &Path) -> Command {
    let mut command = starting(PROGRAM);
    command.arg("report").arg(input).arg("--out").arg(out).args(["--as-of", AS_OF]);
    command.stdin(Stdio::null()).env_remove("RAYON_NUM_THREADS");
    command
}

/// Runs the program in `place` with `arguments`, nothing on its standard input.
pub fn run(place: &Path, arguments: &[&str]) -> Output {
    starting(PROGRAM).args(arguments).current_dir(place).stdin(Stdio::null()).env("NO_COLOR", "1").output().unwrap()
}

/// What a run wrote to standard output.
pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a run wrote to standard error.
pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// How a run ended and what it wrote, for messages of failed tests.
pub fn said(output: &Output) -> String {
    format!("{:?}\n{}{}", output.status, String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
