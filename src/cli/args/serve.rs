//! What `portstatus serve` takes.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use clap::Args;

use crate::cli::args::groups::{ClassificationArgs, ReadingArgs, inputs_help};
use crate::cli::args::report::mail_address;

/// `portstatus serve`.
///
/// Show the report in a browser.
///
/// The first line printed is the address, with a token that lets in who has it; the report is shown as soon as it is read, and read again
/// when the reader asks for it. Others reach it with --bind, encrypted and signed in, and each sees the rows that a table gives them.
/// The viewer only reads. It ends with Ctrl-C, and with what started it, unless nohup or setsid did.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    /// What to read.
    #[arg(value_name = "INPUT", help = inputs_help())]
    pub inputs: Vec<PathBuf>,
    /// Port to listen on; 0 is any free one
    #[arg(long, value_name = "PORT", default_value_t = 8_321, help_heading = "Server")]
    pub port: u16,
    /// Report template, which says what columns are called and which are shown (default: partner-port-status)
    #[arg(long, value_name = "NAME", help_heading = "Report")]
    pub template: Option<String>,
    /// Tell what changed since an earlier report: a folder of runs, a manifest, a report, or an input as it was (default: the last
    /// run, where a job file is shown whose runs are kept)
    #[arg(long, value_name = "PREVIOUS", help_heading = "Report")]
    pub since: Option<PathBuf>,
    /// Name of the operator of the porting team, which the notice gives
    #[arg(long, value_name = "NAME", help_heading = "Report")]
    pub operator: Option<String>,
    /// Address of the porting team, to which the pages of numbers begin a mail, with case and number as the subject
    #[arg(long, value_name = "ADDRESS", value_parser = mail_address, help_heading = "Report")]
    pub porting_team_email: Option<String>,
    /// Where it listens, and to whom.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// How numbers are classified.
    #[command(flatten)]
    pub classification: ClassificationArgs,
    /// How inputs are read.
    #[command(flatten)]
    pub read: ReadingArgs,
}

/// Where a viewer listens, and to whom.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Server")]
pub struct NetworkArgs {
    /// Address to listen on; others than those of this machine ask for encryption (--tls-certificate or --proxy) and for signing in
    /// (--oidc-issuer or --user-header)
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub bind: IpAddr,
    /// Address that people write to reach the viewer: https://HOST, with :PORT where that is not the usual one
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Certificate to encrypt with, as PEM, and those that signed it
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// Key of the certificate, as PEM; only its user may be able to read it
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,
    /// Address of a proxy that encrypts; nobody else is then answered; repeatable
    #[arg(long, value_name = "ADDRESS")]
    pub proxy: Vec<IpAddr>,
    /// Header in which the proxy says who has signed in
    #[arg(long, value_name = "NAME", conflicts_with = "oidc_issuer")]
    pub user_header: Option<String>,
    /// Provider of OpenID Connect by which people sign in
    #[arg(long, value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// What the provider calls the viewer
    #[arg(long, value_name = "ID")]
    pub oidc_client_id: Option<String>,
    /// File that holds the secret that the provider gave the viewer, which only its user may be able to read.
    /// PORTSTATUS_OIDC_CLIENT_SECRET may hold it instead
    #[arg(long, value_name = "FILE")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// Claim of the provider's token that is the user: email (which it must have verified), sub or another
    #[arg(long, value_name = "NAME", default_value = "email")]
    pub oidc_user_claim: String,
    /// CSV with the columns user, column and value: each row gives a user the rows of a partner or an account, or all
    #[arg(long, value_name = "FILE")]
    pub users: Option<PathBuf>,
    /// File to which it is written who saw and exported what, a line of JSON each
    #[arg(long, value_name = "FILE")]
    pub audit_log: Option<PathBuf>,
    /// Requests a minute that each user and each address may make (default: 1200 where people sign in, else any number)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub requests_per_minute: Option<u32>,
}

impl Default for NetworkArgs {
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            public_url: None,
            tls_certificate: None,
            tls_key: None,
            proxy: Vec::new(),
            user_header: None,
            oidc_issuer: None,
            oidc_client_id: None,
            oidc_client_secret_file: None,
            oidc_user_claim: "email".to_owned(),
            users: None,
            audit_log: None,
            requests_per_minute: None,
        }
    }
}
