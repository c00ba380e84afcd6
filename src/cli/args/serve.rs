//! What `portstatus serve` takes.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::groups::{ClassificationArgs, ReadingArgs, inputs_help};
use crate::cli::args::report::mail_address;

/// `portstatus serve`.
///
/// Show the report on this machine, in a browser.
///
/// The first line printed is the address, with a token that lets in who has it; the report is shown as soon as it is read, and read again
/// when the reader asks for it. The viewer only reads. It ends with Ctrl-C, and with what started it, unless nohup or setsid did.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    /// What to read.
    #[arg(value_name = "INPUT", help = inputs_help())]
    pub inputs: Vec<PathBuf>,
    /// Port of 127.0.0.1 to listen on; 0 is any free one
    #[arg(long, value_name = "PORT", default_value_t = 8_321, help_heading = "Server")]
    pub port: u16,
    /// Report template, which says what columns are called and which are shown (default: partner-port-status)
    #[arg(long, value_name = "NAME", help_heading = "Report")]
    pub template: Option<String>,
    /// Name of the operator of the porting team, which the notice gives
    #[arg(long, value_name = "NAME", help_heading = "Report")]
    pub operator: Option<String>,
    /// Address of the porting team, to which the pages of numbers begin a mail, with case and number as the subject
    #[arg(long, value_name = "ADDRESS", value_parser = mail_address, help_heading = "Report")]
    pub porting_team_email: Option<String>,
    /// How numbers are classified.
    #[command(flatten)]
    pub classification: ClassificationArgs,
    /// How inputs are read.
    #[command(flatten)]
    pub read: ReadingArgs,
}
