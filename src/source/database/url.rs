//! Takes the URL of a database server apart. What it says of a faulty one never repeats any of it, since a password may stand anywhere in it.

use crate::error::{Error, Result};
use crate::source::database::settings::{Server, Settings};

/// What may follow the host, as its server's own tools call it, and the setting that it is.
const PARAMETERS: &[(&str, &str)] = &[
    ("application_name", "application_name"),
    ("channel_binding", "channel_binding"),
    ("connect_timeout", "connect_timeout"),
    ("database", "dbname"),
    ("dbname", "dbname"),
    ("gssencmode", ""),
    ("host", "host"),
    ("hostaddr", "hostaddr"),
    ("keepalives", ""),
    ("options", "options"),
    ("passfile", "passfile"),
    ("passwd", "password"),
    ("password", "password"),
    ("port", "port"),
    ("pwd", "password"),
    ("service", "service"),
    ("socket", "socket"),
    ("ssl-ca", "sslrootcert"),
    ("ssl-cert", "sslcert"),
    ("ssl-key", "sslkey"),
    ("ssl-mode", "sslmode"),
    ("ssl_ca", "sslrootcert"),
    ("ssl_mode", "sslmode"),
    ("sslcert", "sslcert"),
    ("sslkey", "sslkey"),
    ("sslmode", "sslmode"),
    ("sslpassword", "sslpassword"),
    ("sslrootcert", "sslrootcert"),
    ("user", "user"),
    ("username", "user"),
];

/// The server and the rest of a locator that begins with the scheme of one, in any case.
pub fn scheme(locator: &str) -> Option<(Server, &str)> {
    let (scheme, rest) = locator.split_once(':')?;
    let server = match scheme.trim_start().to_ascii_lowercase().as_str() {
        "postgres" | "postgresql" => Server::Postgres,
        "mysql" | "mariadb" => Server::MySql,
        _ => return None,
    };
    Some((server, rest.trim_end()))
}

/// The settings that `rest`, what follows the scheme and its colon, gives: `//user:password@host:port/database?name=value&…`, of
/// which every part may be missing.
///
/// # Errors
/// [`Error::usage`] that says what is wrong without repeating it.
pub fn parse(server: Server, rest: &str) -> Result<Settings> {
    let mut settings = Settings::new(server);
    if rest.is_empty() {
        return Ok(settings);
    }
    let rest = rest.strip_prefix("//").ok_or_else(|| wrong(server, "has no // behind its scheme"))?;
    if rest.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
        return Err(wrong(server, "has a blank or a control character in it"));
    }
    let (before, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = before.split_once('/').unwrap_or((before, ""));
    let (user_info, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    if let Some(user_info) = user_info {
        let (user, password) = user_info.split_once(':').map_or((user_info, None), |(user, password)| (user, Some(password)));
        settings.add("user", decoded(server, user)?);
        settings.add("password", decoded(server, password.unwrap_or_default())?);
    }
    add_host(&mut settings, host)?;
    settings.add("dbname", decoded(server, database)?);
    for pair in parameters.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = name.to_ascii_lowercase();
        let known = PARAMETERS.iter().find(|(known, _)| *known == name);
        let (_, setting) = known.ok_or_else(|| {
            let names: Vec<&str> =
                PARAMETERS.iter().map(|(name, _)| *name).filter(|name| !name.contains("pass") && *name != "pwd").collect();
            Error::usage(
                "",
                format!("the URL of the {server} database has a parameter that is not supported"),
                format!("choose from {}", names.join(", ")),
            )
        })?;
        if !setting.is_empty() {
            settings.set(setting, decoded(server, value)?);
        }
    }
    Ok(settings)
}

fn add_host(settings: &mut Settings, host: &str) -> Result<()> {
    let server = settings.server;
    let (host, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, "")) => (address, None),
        Some((address, rest)) => (address, Some(rest.strip_prefix(':').ok_or_else(|| wrong(server, "has text behind the ] of its host"))?)),
        None => host.rsplit_once(':').map_or((host, None), |(host, port)| (host, Some(port))),
    };
    if host.contains([',', '@', ':']) && !host.contains("::") {
        return Err(wrong(server, "names more than one host, or has a letter in its host or password that must be written as %XX"));
    }
    settings.add("host", decoded(server, host)?);
    if let Some(port) = port.filter(|port| !port.is_empty()) {
        if port.parse::<u16>().is_err() {
            return Err(wrong(
                server,
                "has a port that is not a number up to 65535, or a letter in its password that must be written as %XX",
            ));
        }
        settings.add("port", port.to_owned());
    }
    Ok(())
}

/// A part of a URL with its `%XX` undone.
fn decoded(server: Server, text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let (byte, behind) = match (*first, behind.split_at_checked(2)) {
            (b'%', Some((digits, behind))) => {
                let digits = std::str::from_utf8(digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
                (digits.ok_or_else(|| wrong(server, "has a % that is not followed by two hexadecimal digits"))?, behind)
            }
            (b'%', None) => return Err(wrong(server, "has a % that is not followed by two hexadecimal digits")),
            (byte, _) => (byte, behind),
        };
        bytes.push(byte);
        rest = behind;
    }
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    text.ok_or_else(|| wrong(server, "has a part that is not text"))
}

fn wrong(server: Server, what: &str) -> Error {
    Error::usage("", format!("the URL of the {server} database {what}"), format!("write {}://user@host:port/database", server.scheme()))
}
