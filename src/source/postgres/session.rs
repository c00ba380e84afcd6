//! Connects to a PostgreSQL server and begins the one transaction in which everything of a report is read.

use std::time::Duration;

use postgres::config::SslMode as Mode;
use postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::Result;
use crate::source::database::address::{DatabaseAddress, Host};
use crate::source::database::connect;
use crate::source::database::tls::{SslMode, client_config, root_file};
use crate::source::input::Limits;
use crate::source::postgres::explain::explain;

/// A session with one snapshot of the data.
pub struct Session {
    /// The connection.
    pub client: Client,
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
        let failed = |error| explain(error, &name, Some(address));
        let (config, seconds) = (config(address)?, connect::seconds(&address.settings)?);
        let is_plain = address.ssl_mode == SslMode::Disable || matches!(address.host, Host::Socket(_));
        let tls = if is_plain { None } else { Some(encryption(address)?) };
        let connecting = move || match tls {
            None => config.connect(NoTls),
            Some(tls) => config.connect(tls),
        };
        let mut client = connect::within(seconds, address, connecting)?.map_err(failed)?;
        let milliseconds = limits.statement_seconds.saturating_mul(1000).min(i32::MAX as u64);
        let setting = format!(
            "SET default_transaction_read_only = on; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; \
             SET bytea_output = 'hex'; SET extra_float_digits = 1; SET synchronize_seqscans = off; SET max_parallel_workers_per_gather = 0; \
             SELECT set_config('statement_timeout', CASE WHEN setting::bigint BETWEEN 1 AND {milliseconds} THEN setting ELSE '{milliseconds}' END, false) \
             FROM pg_catalog.pg_settings WHERE name = 'statement_timeout'"
        );
        client.batch_execute(&setting).map_err(failed)?;
        client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").map_err(failed)?;
        let encrypted = client
            .query_one("SELECT coalesce((SELECT ssl FROM pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()), false)", &[]);
        let is_encrypted: bool = encrypted.and_then(|row| row.try_get(0)).map_err(failed)?;
        Ok(Self { client, notes: address.weakness(is_encrypted).into_iter().collect(), name })
    }
}

fn encryption(address: &DatabaseAddress) -> Result<MakeRustlsConnect> {
    let named = address.settings.get("sslrootcert");
    let identity = address.settings.get("sslcert").zip(address.settings.get("sslkey"));
    // As PostgreSQL has it, who names an authority and asks for no more than encryption gets its certificate checked.
    let is_checked = address.ssl_mode == SslMode::Require && named.is_some();
    let mode = if is_checked { SslMode::VerifyCa } else { address.ssl_mode };
    Ok(MakeRustlsConnect::new(client_config(mode, root_file(named).as_deref(), identity)?))
}

fn config(address: &DatabaseAddress) -> Result<Config> {
    let mut config = Config::new();
    match &address.host {
        Host::Socket(folder) => config.host_path(folder),
        Host::Tcp(name, None) => config.host(name),
        Host::Tcp(name, Some(ip)) => config.host(name).hostaddr(*ip),
    };
    config.port(address.port).user(&address.user).dbname(&address.database);
    if let Some(password) = address.password()? {
        config.password(password);
    }
    let settings = &address.settings;
    config.application_name(settings.get("application_name").unwrap_or("portstatus"));
    if let Some(options) = settings.get("options") {
        config.options(options);
    }
    config.connect_timeout(Duration::from_secs(connect::seconds(settings)?));
    config.keepalives_idle(Duration::from_secs(30)).keepalives_interval(Duration::from_secs(10)).keepalives_retries(3);
    config.ssl_mode(match (&address.host, address.ssl_mode) {
        (Host::Socket(_), _) | (_, SslMode::Disable) => Mode::Disable,
        (_, SslMode::Prefer) => Mode::Prefer,
        _ => Mode::Require,
    });
    Ok(config)
}
