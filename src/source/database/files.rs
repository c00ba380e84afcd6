//! The files and the environment in which servers' own tools look for settings and passwords; a file that holds a secret must be its user's alone.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, system_words};
use crate::source::database::settings::{Server, Settings};
use crate::source::redact::printable;

/// Bytes of the longest such file.
const MAX_BYTES: u64 = 1 << 20;

/// The environment variables of each server and the settings that they are.
const VARIABLES: &[(Server, &str, &str)] = &[
    (Server::Postgres, "PGHOST", "host"),
    (Server::Postgres, "PGHOSTADDR", "hostaddr"),
    (Server::Postgres, "PGPORT", "port"),
    (Server::Postgres, "PGDATABASE", "dbname"),
    (Server::Postgres, "PGUSER", "user"),
    (Server::Postgres, "PGPASSWORD", "password"),
    (Server::Postgres, "PGPASSFILE", "passfile"),
    (Server::Postgres, "PGSSLMODE", "sslmode"),
    (Server::Postgres, "PGSSLROOTCERT", "sslrootcert"),
    (Server::Postgres, "PGSSLCERT", "sslcert"),
    (Server::Postgres, "PGSSLKEY", "sslkey"),
    (Server::Postgres, "PGCONNECT_TIMEOUT", "connect_timeout"),
    (Server::Postgres, "PGOPTIONS", "options"),
    (Server::Postgres, "PGAPPNAME", "application_name"),
    (Server::MySql, "MYSQL_HOST", "host"),
    (Server::MySql, "MYSQL_TCP_PORT", "port"),
    (Server::MySql, "MYSQL_UNIX_PORT", "socket"),
    (Server::MySql, "MYSQL_PWD", "password"),
];

/// Adds to `settings` what the server's own files and variables say: a service of PostgreSQL, then the environment, then the
/// client's section of MySQL's option file.
///
/// # Errors
/// A service that is not there (64), a file that cannot be read or that others may read although a password is in it (77).
pub fn complete(settings: &mut Settings) -> Result<()> {
    let service = settings.get("service").map(str::to_owned).or_else(|| variable("PGSERVICE"));
    if let Some(service) = service.filter(|_| settings.server == Server::Postgres) {
        add_service(settings, &service)?;
    }
    let server = settings.server;
    for (_, name, setting) in VARIABLES.iter().filter(|(known, ..)| *known == server) {
        settings.add(setting, variable(name).unwrap_or_default());
    }
    if settings.server == Server::MySql
        && let Some(path) = home().map(|home| home.join(".my.cnf")).filter(|path| path.is_file())
    {
        let text = text_of(&path)?;
        add_section(settings, &text, "client", &path)?;
    }
    settings.add("user", variable("USER").or_else(|| variable("LOGNAME")).or_else(system_user).unwrap_or_default());
    Ok(())
}

/// The password of PostgreSQL's password file for this connection.
///
/// # Errors
/// A file that others may read (77), or that was named and cannot be read.
pub fn password(settings: &Settings, (host, port, database): (&str, u16, &str), user: &str) -> Result<Option<String>> {
    let named = settings.get("passfile").map(PathBuf::from);
    let path = named.clone().or_else(|| home().map(|home| home.join(".pgpass")));
    let Some(path) = path.filter(|path| named.is_some() || path.is_file()) else { return Ok(None) };
    if !path.exists() {
        return Ok(None);
    }
    require_private(&path, "a password")?;
    let text = text_of(&path)?;
    let wanted = [host, &port.to_string(), database, user].map(str::to_owned);
    let matches = |line: &str| {
        let fields = fields_of(line);
        let [four @ .., password] = fields.as_slice() else { return None };
        let fits = four.len() == 4 && four.iter().zip(&wanted).all(|(field, wanted)| field == "*" || field == wanted);
        fits.then(|| password.clone())
    };
    Ok(text.lines().filter(|line| !line.trim_start().starts_with('#')).find_map(matches))
}

/// The URL in the file at `path`: its first line.
///
/// # Errors
/// A file that others may read (77), or that cannot be read; an empty one (65).
pub fn url(path: &Path) -> Result<String> {
    require_private(path, "a password")?;
    let text = text_of(path)?;
    match text.lines().map(str::trim).find(|line| !line.is_empty()) {
        Some(url) => Ok(url.to_owned()),
        None => Err(Error::data(shown(path), "is empty", "write the URL of the database into it")),
    }
}

/// A variable of the environment that is set, and not to nothing.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The secret in the file at `path`: all of it but the line end behind it.
///
/// # Errors
/// A file that others may read (77), or that cannot be read; an empty one (65).
pub fn secret(path: &Path) -> Result<String> {
    require_private(path, "a secret")?;
    let text = text_of(path)?;
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    match secret.strip_suffix('\r').unwrap_or(secret) {
        "" => Err(Error::data(shown(path), "is empty", "write the secret into it")),
        secret => Ok(secret.to_owned()),
    }
}

/// The name of the user who runs this, where the environment does not say it, as under cron.
pub fn system_user() -> Option<String> {
    let id = rustix::process::geteuid().as_raw().to_string();
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let name = |line: &str| {
        let mut fields = line.split(':');
        let (name, _, user) = (fields.next()?, fields.next()?, fields.next()?);
        (user == id).then(|| name.to_owned())
    };
    users.lines().find_map(name)
}

/// The user's home folder.
pub fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from)
}

/// The five fields of a line of a password file, in which a backslash makes the next letter one.
fn fields_of(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        let count = fields.len();
        match letter {
            ':' if count < 5 => fields.push(String::new()),
            '\\' => fields[count - 1].extend(letters.next()),
            letter => fields[count - 1].push(letter),
        }
    }
    fields
}

fn add_service(settings: &mut Settings, service: &str) -> Result<()> {
    let own = variable("PGSERVICEFILE").map(PathBuf::from).or_else(|| home().map(|home| home.join(".pg_service.conf")));
    let system = variable("PGSYSCONFDIR").map_or_else(|| PathBuf::from("/etc/postgresql-common"), PathBuf::from).join("pg_service.conf");
    for path in own.into_iter().chain([system]).filter(|path| path.is_file()) {
        let text = text_of(&path)?;
        if add_section(settings, &text, service, &path)? {
            return Ok(());
        }
    }
    let help = "check its name, and the file that PGSERVICEFILE names or ~/.pg_service.conf";
    Err(Error::usage("", format!("there is no PostgreSQL service '{}'", printable(service)), help))
}

/// Adds the settings of a `[section]`; returns whether there is one.
fn add_section(settings: &mut Settings, text: &str, section: &str, path: &Path) -> Result<bool> {
    let (mut is_found, mut is_inside) = (false, false);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';', '!'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.split_once(']')) {
            is_inside = name.0.trim() == section;
            is_found |= is_inside;
            continue;
        }
        let Some((name, value)) = line.split_once('=').filter(|_| is_inside) else { continue };
        let name = name.trim().to_ascii_lowercase();
        let value = unquoted(value.trim());
        let setting = match name.as_str() {
            "database" => "dbname",
            "ssl-mode" | "ssl_mode" => "sslmode",
            "ssl-ca" | "ssl_ca" => "sslrootcert",
            "ssl-cert" | "ssl_cert" => "sslcert",
            "ssl-key" | "ssl_key" => "sslkey",
            other => other,
        };
        if setting == "password" && !value.is_empty() {
            require_private(path, "a password")?;
        }
        settings.add(setting, value.to_owned());
    }
    Ok(is_found)
}

fn unquoted(value: &str) -> &str {
    let within = |quote: char| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

/// Refuses a file with a secret (what it `holds`) that is not its user's alone.
///
/// # Errors
/// [`Error::permission`], or that it is not there.
pub fn require_private(path: &Path, holds: &str) -> Result<()> {
    let data = fs::metadata(path).map_err(|error| cannot_read(path, error))?;
    if data.is_dir() {
        return Err(Error::no_input(shown(path), "is a directory", "name the file in it"));
    }
    if data.uid() != rustix::process::geteuid().as_raw() {
        return Err(Error::permission(
            shown(path),
            format!("holds {holds} and belongs to another user"),
            "use a file of the user who runs this",
        ));
    }
    if data.mode() & 0o077 != 0 {
        let help = format!("run chmod 600 {}", shown(path));
        return Err(Error::permission(shown(path), format!("holds {holds} and others may read or change it"), help));
    }
    Ok(())
}

fn text_of(path: &Path) -> Result<String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
    read.map(|_| text).map_err(|error| cannot_read(path, error))
}

fn cannot_read(path: &Path, error: std::io::Error) -> Error {
    let what = format!("cannot be read: {}", system_words(&error));
    let help = "check the path; it must be readable by the user who runs this";
    match error.kind() {
        std::io::ErrorKind::NotFound => Error::no_input(shown(path), what, help),
        std::io::ErrorKind::PermissionDenied => Error::permission(shown(path), what, help),
        _ => Error::input_output(shown(path), what, help),
    }
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}
