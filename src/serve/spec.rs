//! What a viewer is asked to show, where, and to whom.

use std::net::IpAddr;
use std::path::PathBuf;

use crate::deliver::audit_log::AuditLog;
use crate::error::Error;
use crate::export;
use crate::job::LoadSpec;
use crate::select::Query;
use crate::serve::sign_in::Users;

/// What to show, and where.
pub struct ServeSpec {
    /// What to read.
    pub load: LoadSpec,
    /// Whether the as-of instant was given; else it is that of each reading.
    pub is_as_of_given: bool,
    /// The report's template, by name.
    pub template: String,
    /// Who runs the porting team; empty where nobody is named.
    pub operator: String,
    /// The filters and the order where a page says nothing of them.
    pub query: Query,
    /// The options of exports.
    pub export: export::Options,
    /// Tells whoever started the viewer what kept the inputs from being read, and gives the words for it: where and what it was, and what
    /// to do.
    pub told: fn(&Error) -> (String, String),
    /// Whether an earlier state to compare with was asked for; else there is none where it cannot be read.
    pub is_since_given: bool,
    /// Whether the viewer ends when what started it does.
    pub ends_with_parent: bool,
}

/// Where a viewer listens, and to whom.
pub struct NetworkSpec {
    /// The address.
    pub address: IpAddr,
    /// The port; any free one for 0.
    pub port: u16,
    /// The files with the chain of certificates and the key, where the viewer encrypts by itself.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The addresses of proxies; where there are any, nobody else is answered.
    pub proxies: Vec<IpAddr>,
    /// Who is let in.
    pub entry: EntrySpec,
    /// Where it is written who saw what.
    pub audit: Option<AuditLog>,
    /// Requests a minute that each person and each machine may make.
    pub requests_per_minute: Option<u32>,
}

/// Who is let in.
pub enum EntrySpec {
    /// Whoever has the token of the printed address.
    Token,
    /// Users who have signed in.
    SignIn {
        /// How others reach the viewer.
        url: PublicUrl,
        /// Which rows each may see.
        users: Users,
        /// Who says who they are.
        by: Box<SignInSpec>,
    },
}

/// Who says who a user is.
pub enum SignInSpec {
    /// A proxy, in the header of this name.
    Header(String),
    /// A provider of OpenID Connect.
    OpenId(OpenIdSpec),
}

/// A provider of OpenID Connect.
pub struct OpenIdSpec {
    /// Its address.
    pub issuer: url::Url,
    /// What it calls the viewer.
    pub client_id: String,
    /// What the viewer proves itself with.
    pub client_secret: String,
    /// The claim that is the user.
    pub claim: String,
}

/// How others reach a viewer: scheme, host and port, without a path.
#[derive(Debug, Clone)]
pub struct PublicUrl {
    /// Whether it begins with `https://`.
    pub is_encrypted: bool,
    /// Host, and port where that is not the usual one.
    pub host: String,
}

impl PublicUrl {
    /// The address of the page at `path`.
    pub fn of(&self, path: &str) -> String {
        format!("{}://{}{path}", if self.is_encrypted { "https" } else { "http" }, self.host)
    }
}
