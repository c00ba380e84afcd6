//! Connects to a MySQL or MariaDB server and begins the one transaction in which everything of a report is read.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mysql::prelude::Queryable;
use mysql::{Conn, DriverError, OptsBuilder, SslOpts};

use crate::error::Result;
use crate::source::database::address::{DatabaseAddress, Host};
use crate::source::database::connect;
use crate::source::database::restriction::DayColumn;
use crate::source::database::tls::{SslMode, root_file};
use crate::source::input::Limits;
use crate::source::mysql::explain::explain;

/// Bytes of the longest row.
const MAX_ROW_BYTES: usize = 32 << 20;
/// Where systems keep the certificates that they trust.
const SYSTEM_ROOTS: [&str; 3] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// A table or view, and its columns with how they hold days.
pub type TableColumns = (String, Vec<(String, DayColumn)>);

/// A session with one snapshot of the data.
pub struct Session {
    /// The connection.
    pub connection: Conn,
    /// The database's name for people.
    pub name: String,
    /// What to note of the connection.
    pub notes: Vec<String>,
}

impl Session {
    /// Connects, and begins a transaction that cannot write and sees one state of the data until the session ends.
    ///
    /// # Errors
    /// A server that does not answer (69) or whose certificate is not trusted (69), a user that may not connect (77), a database that is
    /// not there (66).
    pub fn open(address: &DatabaseAddress, limits: &Limits) -> Result<Self> {
        let name = address.name();
        let options = options(address)?;
        let encrypted = options.clone().ssl_opts(encryption(address));
        let is_plain = address.ssl_mode == SslMode::Disable || matches!(address.host, Host::Socket(_));
        let is_optional = address.ssl_mode == SslMode::Prefer;
        let connecting = move || match Conn::new(if is_plain { options.clone() } else { encrypted }) {
            Err(mysql::Error::DriverError(DriverError::TlsNotSupported)) if is_optional => Conn::new(options),
            connected => connected,
        };
        let connected = connect::within(connect::seconds(&address.settings)?, address, connecting)?;
        let mut connection = connected.map_err(|error| explain(error, &name, Some(address)))?;
        let cipher = begin(&mut connection, limits.statement_seconds).map_err(|error| explain(error, &name, Some(address)))?;
        let is_encrypted = cipher.is_some_and(|(_, cipher)| !cipher.is_empty());
        Ok(Self { connection, notes: address.weakness(is_encrypted).into_iter().collect(), name })
    }

    /// The tables and views of the database that the user can see, by name, with their columns.
    ///
    /// # Errors
    /// What the server reports.
    pub fn tables(&mut self) -> Result<Vec<TableColumns>> {
        let sql = "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() \
                   ORDER BY BINARY TABLE_NAME, ORDINAL_POSITION";
        let rows: Vec<(String, String, String)> = self.connection.query(sql).map_err(|error| explain(error, &self.name, None))?;
        let mut tables: Vec<TableColumns> = Vec::new();
        for (table, column, kind) in rows {
            let days = match kind.as_str() {
                "date" => DayColumn::Date,
                "datetime" | "timestamp" => DayColumn::Timestamp,
                _ => DayColumn::Other,
            };
            match tables.last_mut().filter(|(name, _)| *name == table) {
                Some((_, columns)) => columns.push((column, days)),
                None => tables.push((table, vec![(column, days)])),
            }
        }
        Ok(tables)
    }
}

/// Begins the transaction, and returns the cipher of the connection.
fn begin(connection: &mut Conn, seconds: u64) -> std::result::Result<Option<(String, String)>, mysql::Error> {
    let version: Option<String> = connection.query_first("SELECT VERSION()")?;
    let (variable, most) = match version.is_some_and(|version| version.contains("MariaDB")) {
        true => ("max_statement_time", seconds),
        false => ("max_execution_time", seconds.saturating_mul(1000)),
    };
    // Who sets a shorter time at the server keeps it.
    let timeout =
        format!("SET SESSION {variable} = IF(@@SESSION.{variable} > 0 AND @@SESSION.{variable} < {most}, @@SESSION.{variable}, {most})");
    for statement in [
        "SET NAMES utf8mb4",
        "SET SESSION time_zone = '+00:00'",
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "SET SESSION TRANSACTION READ ONLY",
        timeout.as_str(),
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ] {
        connection.query_drop(statement)?;
    }
    connection.query_first("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
}

fn options(address: &DatabaseAddress) -> Result<OptsBuilder> {
    let seconds = connect::seconds(&address.settings)?;
    let options = OptsBuilder::new().prefer_socket(false).tcp_connect_timeout(Some(Duration::from_secs(seconds)));
    let options = options
        .max_allowed_packet(Some(MAX_ROW_BYTES))
        .tcp_keepalive_time_ms(Some(30_000))
        .user(Some(&address.user))
        .pass(address.password()?)
        .db_name(Some(&address.database));
    Ok(match &address.host {
        Host::Socket(path) => options.socket(Some(path.display().to_string())),
        Host::Tcp(name, _) => options.ip_or_hostname(Some(name)).tcp_port(address.port),
    })
}

fn encryption(address: &DatabaseAddress) -> SslOpts {
    let named = address.settings.get("sslrootcert");
    let system = || SYSTEM_ROOTS.iter().map(PathBuf::from).find(|path| path.is_file());
    let roots = root_file(named).or_else(system);
    let is_checked = address.ssl_mode >= SslMode::VerifyCa || (address.ssl_mode == SslMode::Require && named.is_some());
    let identity = address.settings.get("sslcert").zip(address.settings.get("sslkey"));
    let identity =
        identity.map(|(certificate, key)| mysql::ClientIdentity::new(Path::new(certificate).to_path_buf(), Path::new(key).to_path_buf()));
    SslOpts::default()
        .with_root_cert_path(roots)
        .with_client_identity(identity)
        .with_danger_skip_domain_validation(address.ssl_mode != SslMode::VerifyFull)
        .with_danger_accept_invalid_certs(!is_checked)
}
