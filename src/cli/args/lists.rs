//! What the commands take that list what there is to choose from.

use std::path::PathBuf;

use clap::Args;

/// `portstatus sources`.
#[derive(Debug, Clone, Default, Args)]
pub struct SourcesArgs {
    /// What to do instead of listing: print what a profile says, check a file that is one, or print the JSON Schema of such files
    #[arg(value_name = "ACTION", value_enum)]
    pub action: Option<SourcesAction>,
    /// The profile to show, or the file to check
    #[arg(value_name = "PROFILE OR FILE", required_if_eq_any([("action", "show"), ("action", "check")]))]
    pub what: Option<String>,
    /// As other lists.
    #[command(flatten)]
    pub list: ListArgs,
}

/// What `portstatus sources` does with one profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SourcesAction {
    /// Print its headers and words, each with what it means
    Show,
    /// Check a file, and name the line and column of a fault
    Check,
    /// Print the JSON Schema of profile files
    Schema,
}

/// What lists take: `portstatus columns`, `sources`, `calendars`, `settings`, `flags`.
#[derive(Debug, Clone, Default, Args)]
pub struct ListArgs {
    /// Print the list as JSON
    #[arg(long)]
    pub json: bool,
    /// Folder laid out like templates/ whose files replace the shipped ones
    #[arg(long, value_name = "FOLDER")]
    pub templates: Option<PathBuf>,
}

/// `portstatus config`.
#[derive(Debug, Clone, Args)]
pub struct ConfigArgs {
    /// What to do
    #[arg(value_name = "ACTION", value_enum)]
    pub action: ConfigAction,
    /// The command whose options are shown (default: all)
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
    /// Say which file and line, or which variable, set it
    #[arg(long)]
    pub origin: bool,
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

/// What `portstatus config` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ConfigAction {
    /// Print what options are set to
    Show,
}

/// `portstatus states`.
#[derive(Debug, Clone, Default, Args)]
pub struct StatesArgs {
    /// Only the edges of the published diagram
    #[arg(long)]
    pub strict: bool,
    /// As a mermaid diagram
    #[arg(long)]
    pub mermaid: bool,
    /// Folder laid out like templates/ whose files replace the shipped ones
    #[arg(long, value_name = "FOLDER")]
    pub templates: Option<PathBuf>,
}
