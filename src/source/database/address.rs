//! A database on a server, as a locator, a file, the environment and the server's own conventions name it together.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::error::{Error, Place, Result};
use crate::source::database::settings::{Server, Settings};
use crate::source::database::tls::SslMode;
use crate::source::database::{files, url};
use crate::source::redact::printable;

/// The environment variable that may hold a URL with its password.
const URL_VARIABLE: &str = "PORTSTATUS_DATABASE_URL";

/// Folders in which PostgreSQL has its sockets.
const POSTGRES_SOCKETS: [&str; 2] = ["/var/run/postgresql", "/tmp"];
/// The socket of MySQL and MariaDB.
const MYSQL_SOCKETS: [&str; 2] = ["/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock"];

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A socket in the file system: of PostgreSQL its folder.
    Socket(PathBuf),
    /// A name or address, by which its certificate is checked, and the address to connect to, if that is another.
    Tcp(String, Option<IpAddr>),
}

impl Host {
    /// Whether what is sent to it stays on this machine.
    fn is_loopback(&self) -> bool {
        match self {
            Self::Socket(_) => true,
            Self::Tcp(name, address) => is_loopback_name(name) && address.is_none_or(|address| address.is_loopback()),
        }
    }
}

fn is_loopback_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A database on a server, and how to connect to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseAddress {
    /// What else is set; among it may be the password.
    pub settings: Settings,
    /// Where the server listens.
    pub host: Host,
    /// Its port; of a socket of PostgreSQL a part of the name.
    pub port: u16,
    /// The name of the database; empty where the server has a default.
    pub database: String,
    /// The user.
    pub user: String,
    /// How the connection is protected.
    pub ssl_mode: SslMode,
    /// Whether that is less than is the rule, since somebody asked for it.
    pub is_weakened: bool,
}

impl DatabaseAddress {
    /// The database that the `locator` of a command line names; `None` when it names no server. The scheme alone stands for
    /// the URL in `url_file`, else for that in the environment, else for what the server's own conventions say.
    ///
    /// # Errors
    /// A URL with a password, which everybody on the machine can read there (64); what else is wrong with it, or with the
    /// files that complete it.
    pub fn parse(locator: &str, url_file: Option<&Path>) -> Result<Option<Self>> {
        let Some((server, rest)) = url::scheme(locator) else { return Ok(None) };
        if rest.trim_matches('/').is_empty() {
            return match secret_url(url_file)? {
                Some((url, place)) => Self::of_secret(&url, &place, Some(server)).map(Some),
                None => Self::complete(Settings::new(server)).map(Some),
            };
        }
        let settings = url::parse(server, rest)?;
        if settings.has_secret() {
            let what = format!("the URL of the {server} database has a password, which a command line shows to everybody on the machine");
            let help = format!(
                "put the URL into {URL_VARIABLE}, or into a file that only you may read, and give {}: instead, or use the server's own password file; name the URL's file",
                server.scheme()
            );
            return Err(Error::usage("", what, help).with_remedy(Place::option("database_url_file")));
        }
        Self::complete(settings).map(Some)
    }

    /// The database of the `url` that stands at `place`, which may hold a password; of the `expected` kind, if one is.
    ///
    /// # Errors
    /// What is wrong with the URL.
    pub fn of_secret(url: &str, place: &str, expected: Option<Server>) -> Result<Self> {
        let (server, rest) = url::scheme(url)
            .ok_or_else(|| Error::usage(place, "does not hold the URL of a database server", "write postgres://… or mysql://… into it"))?;
        if let Some(expected) = expected.filter(|expected| *expected != server) {
            return Err(Error::usage(
                place,
                format!("holds the URL of a {server} database, and the input is a {expected} one"),
                "name the input by its scheme",
            ));
        }
        Self::complete(url::parse(server, rest)?)
    }

    fn complete(mut settings: Settings) -> Result<Self> {
        files::complete(&mut settings)?;
        let server = settings.server;
        let bad = |what: &str, help: &str| {
            Error::usage("", format!("{what} of the {server} database {help}"), "check the URL and the environment")
        };
        let port = settings.get("port").map_or(Ok(server.port()), str::parse);
        let port = port.map_err(|_| bad("the port", "is not a number up to 65535"))?;
        let host = host(&settings, port)?;
        let user = settings.get("user").unwrap_or_default().to_owned();
        if user.is_empty() {
            return Err(bad("the user", "is not given"));
        }
        let database = match (settings.get("dbname"), server) {
            (Some(name), _) => name.to_owned(),
            (None, Server::Postgres) => user.clone(),
            (None, Server::MySql) => return Err(bad("the name", "is not given; write it behind the host")),
        };
        if server == Server::MySql && settings.get("hostaddr").is_some() {
            return Err(bad("hostaddr", "is not supported"));
        }
        let asked = settings
            .get("sslmode")
            .map(|word| SslMode::parse(word).ok_or_else(|| bad("sslmode", &format!("must be one of {}", SslMode::words()))));
        let asked = asked.transpose()?;
        let rule = if host.is_loopback() { SslMode::Prefer } else { SslMode::VerifyFull };
        let ssl_mode = asked.unwrap_or(rule);
        let is_weakened = asked.is_some_and(|asked| asked < SslMode::VerifyFull);
        Ok(Self { settings, host, port, database, user, ssl_mode, is_weakened })
    }

    /// The kind of server.
    pub const fn server(&self) -> Server {
        self.settings.server
    }

    /// Its name for people: the scheme, the host and the database.
    pub fn name(&self) -> String {
        let host = match &self.host {
            Host::Socket(_) => String::new(),
            Host::Tcp(name, _) if self.port == self.server().port() => name.clone(),
            Host::Tcp(name, _) => format!("{name}:{}", self.port),
        };
        printable(&format!("{}://{host}/{}", self.server().scheme(), self.database))
    }

    /// The host for messages.
    pub fn host_name(&self) -> String {
        printable(&match &self.host {
            Host::Socket(path) => path.display().to_string(),
            Host::Tcp(name, _) => format!("{name}, port {}", self.port),
        })
    }

    /// The password, wherever it stands.
    ///
    /// # Errors
    /// A password file that others may read (77).
    pub fn password(&self) -> Result<Option<String>> {
        if let Some(password) = self.settings.get("password") {
            return Ok(Some(password.to_owned()));
        }
        if self.server() == Server::MySql {
            return Ok(None);
        }
        let host = match &self.host {
            Host::Socket(_) => "localhost".to_owned(),
            Host::Tcp(name, _) => name.clone(),
        };
        files::password(&self.settings, (&host, self.port, &self.database), &self.user)
    }

    /// What to note of a connection that is protected less than is the rule; `is_encrypted` as it turned out.
    pub fn weakness(&self, is_encrypted: bool) -> Option<String> {
        let checked = match (is_encrypted, self.ssl_mode) {
            (false, _) => "the connection was not encrypted",
            (true, SslMode::VerifyCa) => "the connection was encrypted, but the server's name was not checked",
            (true, _) => "the connection was encrypted, but the server's certificate was not checked",
        };
        self.is_weakened.then(|| format!("sslmode={} was asked for: {checked}", self.ssl_mode.word()))
    }
}

/// The URL in the file at `path`, else that in the environment, and where it stands; `None` when neither has one.
///
/// # Errors
/// A file that others may read (77), or that cannot be read.
pub fn secret_url(path: Option<&Path>) -> Result<Option<(String, String)>> {
    match path {
        Some(path) => Ok(Some((files::url(path)?, printable(&path.display().to_string())))),
        None => Ok(files::variable(URL_VARIABLE).map(|url| (url, URL_VARIABLE.to_owned()))),
    }
}

fn host(settings: &Settings, port: u16) -> Result<Host> {
    let server = settings.server;
    let address = settings.get("hostaddr").map(str::parse::<IpAddr>).transpose();
    let address =
        address.map_err(|_| Error::usage("", format!("hostaddr of the {server} database is not an IP address"), "check the URL"))?;
    let named = settings.get("host").filter(|_| settings.get("socket").is_none());
    let socket = settings.get("socket").map(PathBuf::from);
    Ok(match (named, socket, address) {
        (_, Some(socket), _) => Host::Socket(socket),
        (Some(name), ..) if name.starts_with('/') => Host::Socket(PathBuf::from(name)),
        (Some(name), _, address) => Host::Tcp(name.to_owned(), address),
        (None, _, Some(address)) => Host::Tcp(address.to_string(), Some(address)),
        (None, ..) => {
            let folder = |folder: &&str| Path::new(folder).join(format!(".s.PGSQL.{port}")).exists();
            let socket = match server {
                Server::Postgres => POSTGRES_SOCKETS.iter().find(|name| folder(name)),
                Server::MySql => MYSQL_SOCKETS.iter().find(|name| Path::new(name).exists()),
            };
            socket.map_or_else(|| Host::Tcp("localhost".to_owned(), None), |path| Host::Socket(PathBuf::from(path)))
        }
    })
}
