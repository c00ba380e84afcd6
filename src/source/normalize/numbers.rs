//! The column of phone numbers: E.164 and number type of each row that has one. A row without a usable number is marked, not dropped.

use polars::prelude::{StringChunked, StringChunkedBuilder};

use crate::domain::number::{self, DefaultNumbering, InvalidNumber, Number, Repair};
use crate::domain::record::Field;
use crate::domain::status::NumberType;
use crate::source::normalize::cells::Findings;
use crate::source::normalize::counters::Counted;
use crate::source::profile::Profile;

/// The numbers of a chunk.
pub struct Numbers {
    /// E.164, null where there is no usable number.
    pub text: StringChunked,
    /// The number type of each row.
    pub number_types: Vec<Option<NumberType>>,
    /// Rows without a usable number, and why.
    pub problems: Vec<(u32, InvalidNumber)>,
}

/// How digits without a plus are read in a row whose country is `country`.
pub fn bare_of(country: Option<&str>, profile: &Profile) -> DefaultNumbering {
    match (profile.bare, country.map(str::trim).filter(|country| !profile.is_blank(country))) {
        (DefaultNumbering::International, Some(country)) if profile.country.under_plus_one.contains(country) => DefaultNumbering::Nanp,
        (DefaultNumbering::International, Some(_)) => DefaultNumbering::AlwaysInternational,
        (bare, _) => bare,
    }
}

/// Reads one phone number as its profile writes them; `country` is what its row says of the country.
///
/// # Errors
/// Those of [`number::parse`]; for a range what is wrong with it.
pub fn parse(cell: &str, country: Option<&str>, profile: &Profile) -> std::result::Result<Number, InvalidNumber> {
    let bare = bare_of(country, profile);
    let found = number::parse(cell, bare).or_else(|fault| match (profile.bare, bare) {
        // A number of another country may stand in a row of one under +1.
        (DefaultNumbering::International, DefaultNumbering::Nanp) => {
            number::parse(cell, DefaultNumbering::AlwaysInternational).map_err(|_| fault)
        }
        _ => Err(fault),
    });
    found.map_err(|fault| match fault {
        InvalidNumber::Several => number::range(cell, bare).and_then(std::result::Result::err).unwrap_or(fault),
        _ => fault,
    })
}

/// Reads a column of phone numbers, with the column of their countries if there is one.
pub fn column(cells: &StringChunked, countries: Option<&StringChunked>, profile: &Profile, findings: &mut Findings) -> Numbers {
    let mut text = StringChunkedBuilder::new(Field::PhoneNumber.key().into(), cells.len());
    let mut number_types = Vec::with_capacity(cells.len());
    let mut problems = Vec::new();
    let (mut repaired, mut extensions) = (0, 0);
    for (row, cell) in cells.downcast_iter().flat_map(|array| array.iter()).enumerate() {
        let country = countries.and_then(|countries| countries.get(row));
        match parse(cell.unwrap_or_default(), country, profile) {
            Ok(number) => {
                text.append_value(number.as_str());
                number_types.push(Some(number.number_type));
                findings.flags[row] |= number.quality_flags();
                match number.repair {
                    Repair::None => {}
                    Repair::DecimalRestored => repaired += 1,
                    Repair::ExtensionRemoved => extensions += 1,
                }
            }
            Err(fault) => {
                text.append_null();
                number_types.push(None);
                problems.push((row as u32, fault));
            }
        }
    }
    findings.counters.add(Counted::RepairedNumbers, repaired);
    findings.counters.add(Counted::Extensions, extensions);
    Numbers { text: text.finish(), number_types, problems }
}
