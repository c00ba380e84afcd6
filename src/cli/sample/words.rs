//! The lists that samples are made of, as `words.toml` has them.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::domain::status::Detail;
use crate::error::Result;
use crate::templates;

/// The lists of `words.toml`.
#[derive(Debug, Deserialize)]
pub struct Words {
    /// Area codes of local numbers.
    pub areas: Vec<String>,
    /// The toll-free prefixes.
    pub toll_free: Vec<String>,
    /// The first word of company names.
    pub first: Vec<String>,
    /// The second word.
    pub second: Vec<String>,
    /// The legal form.
    pub form: Vec<String>,
    /// Given names.
    pub given: Vec<String>,
    /// Family names.
    pub family: Vec<String>,
    /// Places of SIP orders.
    pub places: Vec<String>,
    /// What the numbers are for.
    pub products: Vec<String>,
    /// Profiles that numbers are configured with.
    pub profiles: Vec<String>,
    /// Why carriers reject.
    pub reasons: Vec<String>,
    /// Texts that are no phone number.
    pub no_phones: Vec<String>,
    /// Texts that are no date.
    pub no_dates: Vec<String>,
    /// Words that are no detailed status.
    pub no_details: Vec<String>,
    /// What orders that still move are at, and how often; local numbers.
    pub open_local: Vec<(Detail, u64)>,
    /// The same of toll-free numbers.
    pub open_toll_free: Vec<(Detail, u64)>,
    /// What orders that moved long ago ended as.
    pub closed: Vec<(Detail, u64)>,
}

impl Words {
    /// The shipped lists, read once a process.
    ///
    /// # Errors
    /// [`crate::error::Error::config`] when the file is not what this type says.
    pub fn load() -> Result<&'static Self> {
        static SHIPPED: LazyLock<Result<Words>> =
            LazyLock::new(|| templates::parse(include_str!("words.toml"), "sample/words.toml", "see the lists of the sample"));
        SHIPPED.as_ref().map_err(Clone::clone)
    }
}
