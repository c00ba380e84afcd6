//! What a page shows, as its address says it: filters, order, columns, page.

use crate::domain::text::nearest;
use crate::error::{Error, Place, Result};
use crate::select::Query;

/// Rows on a page where nothing is said, and at most.
pub const USUAL_SIZE: u64 = 50;
/// The most rows of a page.
pub const MOST_ROWS: u64 = 500;
/// Characters of a value at most.
const LONGEST_VALUE: usize = 4_000;
/// Parameters at most.
const MOST_PAIRS: usize = 300;

/// The parameter by which a form without a script moves a column up.
const UP: &str = "up";

/// The parameters of an address that choose rows, in the order in which links write them.
pub const KEYS: [&str; 28] = [
    "account",
    "status",
    "detail",
    "type",
    "partner",
    "request",
    "case",
    "find",
    "created",
    "created_from",
    "created_to",
    "confirmed",
    "confirmed_from",
    "confirmed_to",
    "estimated",
    "completed",
    "canceled",
    "where",
    "closed_since",
    "overdue",
    "waiting",
    "ready",
    "columns",
    "sort",
    "seek",
    "hit",
    "page",
    "size",
];

/// The parameters that choose rows, and how they are shown, whatever the page.
pub fn row_keys() -> impl Iterator<Item = &'static str> {
    KEYS.into_iter().filter(|key| !matches!(*key, "page" | "size" | "seek" | "hit"))
}

/// What a page shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// The parameters that say something, in the order of [`KEYS`].
    pairs: Vec<(&'static str, String)>,
    /// The page, from 1.
    pub page: u64,
    /// Rows on a page.
    pub size: u64,
    /// Which of the rows that have the text `seek` is shown, from 1.
    pub hit: u64,
}

impl View {
    /// Reads the parameters of an address; those without a value say nothing.
    ///
    /// # Errors
    /// [`Error::usage`] for a parameter that nobody knows, and for a page or size that is no number or too large.
    pub fn parse(pairs: &[(String, String)]) -> Result<Self> {
        if pairs.len() > MOST_PAIRS {
            return Err(Error::usage(Place::Nowhere, "the address has too many parameters", format!("{MOST_PAIRS} at most")));
        }
        let mut view = Self { pairs: Vec::new(), page: 1, size: USUAL_SIZE, hit: 1 };
        let (up, pairs): (Vec<_>, Vec<_>) = pairs.iter().filter(|(_, value)| !value.trim().is_empty()).partition(|(key, _)| key == UP);
        for (key, value) in pairs {
            let Some(known) = KEYS.iter().find(|known| *known == key) else {
                let help =
                    nearest(key, KEYS).map_or_else(|| format!("known are {}", KEYS.join(", ")), |near| format!("did you mean {near}?"));
                return Err(Error::usage(Place::Nowhere, format!("nobody knows the parameter '{key}'"), help));
            };
            if value.len() > LONGEST_VALUE {
                return Err(Error::usage(Place::Nowhere, format!("{key} is too long"), format!("{LONGEST_VALUE} bytes at most")));
            }
            match *known {
                "page" => view.page = number(key, value, u64::MAX)?,
                "size" => view.size = number(key, value, MOST_ROWS)?,
                "hit" => view.hit = number(key, value, u64::MAX)?,
                known => view.pairs.push((known, value.trim().to_owned())),
            }
        }
        view.pairs.sort_by_key(|(key, _)| KEYS.iter().position(|known| known == key));
        view.pairs.dedup();
        up.iter().for_each(|(_, column)| view.move_up(column));
        Ok(view)
    }

    /// Shows the column with the key `wanted` one place before where it is.
    fn move_up(&mut self, wanted: &str) {
        let place = self.pairs.iter().position(|(key, value)| *key == "columns" && value == wanted);
        if let Some(place) = place.filter(|place| *place > 0 && self.pairs[place - 1].0 == "columns") {
            self.pairs.swap(place - 1, place);
        }
    }

    /// The same on page `page`, from 1.
    #[must_use]
    pub fn at_page(&self, page: u64) -> Self {
        Self { page, ..self.clone() }
    }

    /// The values of `key`.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(own, _)| *own == key).map(|(_, value)| value.as_str())
    }

    /// The first value of `key`; empty for none.
    pub fn one<'a>(&'a self, key: &'a str) -> &'a str {
        self.all(key).next().unwrap_or_default()
    }

    /// Whether the switch `key` is on.
    pub fn is_on(&self, key: &str) -> bool {
        !matches!(self.one(key), "" | "0" | "no" | "false")
    }

    /// How many filters leave rows out.
    pub fn filters(&self) -> usize {
        self.pairs.iter().filter(|(key, _)| !matches!(*key, "sort" | "columns" | "seek")).count()
    }

    /// What is asked of the rows, all pages together.
    pub fn query(&self) -> Query {
        let list = |key: &str| self.all(key).map(str::to_owned).collect::<Vec<_>>();
        let split = |key: &str| {
            let pieces = self.all(key).flat_map(|value| value.split(',')).map(str::trim);
            pieces.filter(|piece| !piece.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        let text = |key: &str| self.all(key).next().map(str::to_owned);
        let between = |key: &'static str, from: &'static str, to: &'static str| {
            let [from, to] = [self.one(from), self.one(to)];
            text(key).or_else(|| (!from.is_empty() || !to.is_empty()).then(|| format!("{from}..{to}")))
        };
        let switched = [("overdue", "overdue"), ("waiting", "action_owner = 'partner'")];
        let switched = switched.into_iter().filter(|(key, _)| self.is_on(key)).map(|(_, sql)| sql.to_owned());
        Query {
            accounts: split("account"),
            statuses: split("status"),
            details: split("detail"),
            number_types: split("type"),
            partners: list("partner"),
            requests: split("request"),
            cases: split("case"),
            find: list("find"),
            created: between("created", "created_from", "created_to"),
            confirmed: between("confirmed", "confirmed_from", "confirmed_to"),
            estimated: text("estimated"),
            completed: text("completed"),
            canceled: text("canceled"),
            where_sql: list("where").into_iter().chain(switched).collect(),
            closed_since: text("closed_since"),
            columns: list("columns"),
            sort: list("sort"),
            page: None,
            page_size: None,
        }
    }

    /// The parameters with `key` set to `value`, or without it: what follows the `?` of an address. The page is the first again,
    /// unless it is what is set.
    pub fn with(&self, key: &str, value: Option<&str>) -> String {
        let others = self.pairs.iter().filter(|(own, _)| *own != key).map(|(key, value)| (*key, value.as_str()));
        self.written(key, others.collect(), value)
    }

    /// As [`View::with`], with `condition` beside those that are there.
    pub fn where_also(&self, condition: &str) -> String {
        let is_new = !self.all("where").any(|known| known == condition);
        let own = self.pairs.iter().map(|(key, value)| (*key, value.as_str()));
        self.written("where", own.collect(), is_new.then_some(condition))
    }

    fn written<'a>(&'a self, key: &'a str, mut pairs: Vec<(&'a str, &'a str)>, value: Option<&'a str>) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        let size = self.size.to_string();
        if !matches!(self.size, 0 | USUAL_SIZE) && key != "size" {
            out.append_pair("size", &size);
        }
        pairs.extend(value.map(|value| (key, value)));
        out.extend_pairs(pairs);
        out.finish()
    }

    /// The parameters as they are, without the page.
    pub fn address(&self) -> String {
        self.with("page", None)
    }

    /// The parameters but those of `keys`, as fields that a form carries along.
    pub fn carried<'a>(&'a self, keys: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.pairs.iter().map(|(key, value)| (*key, value.as_str())).filter(|(key, _)| !keys.contains(key))
    }
}

/// The number that `value` of the parameter `key` is, from 1 to `most`.
///
/// # Errors
/// [`Error::usage`] for what is none.
pub fn number(key: &str, value: &str, most: u64) -> Result<u64> {
    match value.trim().parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => {
            let help = if most == u64::MAX { "write 1 or more".to_owned() } else { format!("write 1 to {most}") };
            Err(Error::usage(Place::Nowhere, format!("{key} is no such number"), help))
        }
    }
}
