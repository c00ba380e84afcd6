//! Makes up accounts from a seed and their place.

use crate::cli::sample::rng::Rng;
use crate::cli::sample::words::Words;

/// An account and what is the same in all its rows.
#[derive(Debug, Clone, Default)]
pub struct SampleAccount {
    /// Its id.
    pub id: String,
    /// Its user name.
    pub username: String,
    /// Its company.
    pub company: String,
    /// The partner who resells to it.
    pub partner: String,
    /// How it writes phone numbers and dates: 0 to 11.
    pub style: u64,
}

/// The account at `place` of `count`, alike whenever it is asked for.
pub fn account(words: &Words, seed: u64, place: u32, count: u32) -> SampleAccount {
    let mut rng = Rng::new(seed, 1 + u64::from(place));
    let mut company = format!("{} {} {}", rng.one(&words.first), rng.one(&words.second), rng.one(&words.form));
    // Some of the largest accounts have the odd names, so that every sample has them.
    let oddity = match place {
        1..=4 => u64::from(place),
        _ => rng.below(100),
    };
    match oddity {
        0 | 1 => company = format!("{}{company}", rng.one(&["=", "+", "-", "@"])),
        2 => company = format!("{company} \"{}\"", rng.one(&words.given)),
        3 => company = format!("{company}\nattn: {}", rng.one(&words.family)),
        4..=9 => company = company.replacen(' ', ", ", 1),
        _ => {}
    }
    // Hashing the place spreads the large accounts over the partners.
    let partner = rng.below(u64::from(count / 10).max(3));
    let username = format!("{}.{}@acct{place:05}.example", rng.one(&words.given), rng.one(&words.family)).to_lowercase();
    SampleAccount {
        id: (2_000_000 + place * 7).to_string(),
        username,
        company,
        partner: format!("P{}", 10_000 + partner),
        style: rng.below(12),
    }
}
