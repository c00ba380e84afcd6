//! Tells the audit log who saw what: names of filters as they are, and in place of their values hashes, so that the log holds no number
//! and no name of the data.

use std::net::IpAddr;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::clock::RunTimer;
use crate::deliver::audit_log::AuditLog;
use crate::error::Result;
use crate::serve::asked::e164;
use crate::serve::keys::secret;
use crate::serve::view::KEYS;

/// Hexadecimal digits of a hash.
const DIGITS: usize = 16;
/// Characters of a path that are told of what is nothing of ours.
const LONGEST: usize = 60;
/// Filters of a request that are told; of more, their count.
const MOST_FILTERS: usize = 300;

/// An audit log, and the key of its hashes: the same value has the same hash until the viewer ends, and nobody can try all numbers
/// against it.
pub struct Audit {
    log: AuditLog,
    key: String,
}

/// What an answer shows.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What it is: `numbers`, `summary`, `number`, `export` and so on.
    pub what: &'static str,
    /// The format of a file.
    pub format: Option<&'static str>,
    /// The rows that it shows, or counts.
    pub rows: u64,
    /// Who it is shown to, where a request itself tells who somebody is.
    pub user: Option<String>,
}

impl Seen {
    /// So many `rows` as `what`.
    pub fn new(what: &'static str, rows: u64) -> Self {
        Self { what, format: None, rows, user: None }
    }
}

/// A request, as the log tells of it.
pub struct Logged {
    /// What ties the line to the answer.
    pub request_id: String,
    /// Where it came from.
    pub address: Option<IpAddr>,
    /// Its path.
    pub path: String,
    /// What follows the `?`.
    pub query: String,
}

impl Audit {
    /// Writes to `log`.
    pub fn new(log: AuditLog) -> Self {
        Self { log, key: secret() }
    }

    /// Adds a line about the `request` of `user`, whose answer has this `status` and shows what was `seen`; it is durable then.
    ///
    /// # Errors
    /// What the system refused.
    pub fn add(&self, request: &Logged, user: Option<&str>, seen: Option<&Seen>, status: u16) -> Result<()> {
        let what = seen.map_or(if status < 400 { "nothing of the report" } else { "refused" }, |seen| seen.what);
        let user = seen.and_then(|seen| seen.user.as_deref()).or(user);
        // What is refused may be anybody's, and as long as they like.
        let (filters, more) = if seen.is_some() { self.filters(request) } else { (Value::Object(Map::new()), 0) };
        let mut line = json!({
            "at": RunTimer::start().began().to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            "request_id": request.request_id,
            "user": user,
            "address": request.address.map(|address| address.to_string()),
            "what": what,
            "path": place(&request.path),
            "format": seen.and_then(|seen| seen.format),
            "filters": filters,
            "rows": seen.map(|seen| seen.rows),
            "status": status,
        });
        if more > 0 {
            line["more_filters"] = more.into();
        }
        self.log.add(&line)
    }

    /// The filters of a request by name, each with the hashes of its values, and how many more there are than are told.
    fn filters(&self, request: &Logged) -> (Value, usize) {
        let mut filters: Map<String, Value> = Map::new();
        let is_told = |key: &str| KEYS.contains(&key) || key == "number" || key == "q";
        let asked = form_urlencoded::parse(request.query.as_bytes()).filter(|(_, value)| !value.is_empty());
        let number = is_of_number(&request.path).then(|| ("number".into(), number_in(&request.path).into()));
        let mut pairs = number.into_iter().chain(asked).filter(|(key, _)| is_told(key));
        for (key, value) in pairs.by_ref().take(MOST_FILTERS) {
            // A number has one hash, however it is written.
            let number = matches!(&*key, "number" | "find").then(|| e164(&value).ok()).flatten();
            let hash = self.hash(number.as_deref().unwrap_or(&value));
            let hashes = filters.entry(key.into_owned()).or_insert_with(|| Value::Array(Vec::new()));
            hashes.as_array_mut().into_iter().for_each(|hashes| hashes.push(hash.clone().into()));
        }
        (Value::Object(filters), pairs.count())
    }

    fn hash(&self, value: &str) -> String {
        let hash = Sha256::new().chain_update(&self.key).chain_update([0]).chain_update(value).finalize();
        hex::encode(hash)[..DIGITS].to_owned()
    }
}

fn is_of_number(path: &str) -> bool {
    path.starts_with("/number/") || path.starts_with("/api/v1/numbers/")
}

/// The last part of a path, decoded; a `+` there is itself.
fn number_in(path: &str) -> String {
    let last = path.rsplit('/').next().unwrap_or_default().replace('+', "%2B");
    form_urlencoded::parse(format!("number={last}").as_bytes()).next().map(|(_, number)| number.into_owned()).unwrap_or_default()
}

/// The path without a number that it may hold.
fn place(path: &str) -> String {
    let (known, rest) = path.strip_prefix("/api/v1").map_or(("", path), |rest| ("/api/v1", rest));
    known.chars().chain(rest.chars().filter(|letter| !letter.is_ascii_digit() && *letter != '+')).take(LONGEST).collect()
}
