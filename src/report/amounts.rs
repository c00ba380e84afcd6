//! The amounts by which a template has a forecast count money: exact decimals, never binary fractions.

use serde::Deserialize;

use crate::error::{Error, Place, Result};

/// The largest amount, in hundredths: with it, the sum over a hundred million days still is exact.
const MOST: i64 = 10_000_000_000;

/// What a template gives of amounts; what it leaves out is not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Amounts {
    /// The unit of all, as in `USD`.
    pub currency: String,
    /// For each open number whose cancellation is pending.
    pub cancellation: Option<Amount>,
    /// For each open number that is rejected and has to be submitted again.
    pub resubmission: Option<Amount>,
    /// For each open number that is expedited.
    pub expedite: Option<Amount>,
    /// For each number and day on which two providers bill it.
    pub double_billing: Option<Amount>,
}

/// An amount of money, in hundredths of its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Amount(pub i64);

impl TryFrom<String> for Amount {
    type Error = String;

    /// Reads `25` or `25.50`.
    fn try_from(text: String) -> std::result::Result<Self, String> {
        let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let hundredths = format!("{whole}{part:0<2}").parse::<i64>().ok();
        let amount = hundredths.filter(|amount| is_digits(whole) && is_digits(part) && part.len() <= 2 && *amount <= MOST);
        amount.map(Self).ok_or_else(|| format!("'{text}' is not an amount from 0 to 100,000,000: write it as in \"12.50\""))
    }
}

impl Amounts {
    /// The amounts of a template, where `self` says nothing those of `base`.
    #[must_use]
    pub fn or(self, base: Self) -> Self {
        Self {
            currency: if self.currency.is_empty() { base.currency } else { self.currency },
            cancellation: self.cancellation.or(base.cancellation),
            resubmission: self.resubmission.or(base.resubmission),
            expedite: self.expedite.or(base.expedite),
            double_billing: self.double_billing.or(base.double_billing),
        }
    }

    /// Refuses amounts of nobody knows what.
    ///
    /// # Errors
    /// [`Error::config`] for amounts without a currency; `file` names the template.
    pub fn check(&self, file: &str) -> Result<()> {
        let is_given = self.cancellation.or(self.resubmission).or(self.expedite).or(self.double_billing).is_some();
        if is_given && self.currency.trim().is_empty() {
            return Err(Error::config(Place::entry(file, "forecast"), "gives amounts without a currency", "add currency = \"USD\""));
        }
        Ok(())
    }
}
