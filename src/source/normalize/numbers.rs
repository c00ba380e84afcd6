//! The column of phone numbers: E.164 and number type of each row that has one. A row without a usable number is marked, not dropped.

use polars::prelude::{StringChunked, StringChunkedBuilder};

use crate::domain::number::{self, DefaultNumbering, InvalidNumber, Number, Repair};
use crate::domain::record::Field;
use crate::domain::status::NumberType;
use crate::source::normalize::cells::Findings;
use crate::source::normalize::counters::Counted;
use crate::source::plan::ColumnPlan;

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
pub fn bare_of(country: Option<&str>, plan: &ColumnPlan<'_>) -> DefaultNumbering {
    let country = country.map(str::trim).filter(|country| !plan.profile.is_nothing(&[], country));
    match country {
        Some(country) if plan.profile.country.under_plus_one.contains(country) => DefaultNumbering::Nanp,
        Some(_) => DefaultNumbering::AlwaysInternational,
        None => plan.bare,
    }
}

/// Reads one phone number as its table writes them; `country` is what its row says of the country.
///
/// # Errors
/// Those of [`number::parse`]; for a range what is wrong with it.
pub fn parse(cell: &str, country: Option<&str>, plan: &ColumnPlan<'_>) -> std::result::Result<Number, InvalidNumber> {
    let bare = bare_of(country, plan);
    let found = number::parse(cell, bare).or_else(|fault| match (plan.bare, bare) {
        // A number of another country may stand in a row of one under +1.
        (DefaultNumbering::International, DefaultNumbering::Nanp) => {
            number::parse(cell, DefaultNumbering::AlwaysInternational).map_err(|_| fault)
        }
        // The country may be one under +1 that the profile does not list, or spells otherwise.
        (DefaultNumbering::Nanp, DefaultNumbering::AlwaysInternational) => number::parse(cell, plan.bare).map_err(|_| fault),
        _ => Err(fault),
    });
    found.map_err(|fault| match fault {
        InvalidNumber::Several => number::range(cell, bare).and_then(std::result::Result::err).unwrap_or(fault),
        _ => fault,
    })
}

/// Reads a column of phone numbers, with the column of their countries if there is one.
pub fn column(cells: &StringChunked, countries: Option<&StringChunked>, plan: &ColumnPlan<'_>, findings: &mut Findings) -> Numbers {
    let mut text = StringChunkedBuilder::new(Field::PhoneNumber.key().into(), cells.len());
    let mut number_types = Vec::with_capacity(cells.len());
    let mut problems = Vec::new();
    let null_words = plan.profile.null_words(Some(Field::PhoneNumber));
    let (mut repaired, mut extensions, mut bare, mut foreign) = (0, 0, 0, 0);
    for (row, cell) in cells.downcast_iter().flat_map(|array| array.iter()).enumerate() {
        let country = countries.and_then(|countries| countries.get(row));
        let cell = cell.unwrap_or_default();
        match parse(cell, country, plan) {
            Ok(number) => {
                bare += u64::from(!cell.starts_with('+'));
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
                let is_nothing = fault == InvalidNumber::NotANumber && null_words.contains(cell.trim());
                let fault = if is_nothing { InvalidNumber::Empty } else { fault };
                let is_foreign = || number::parse(cell, DefaultNumbering::AlwaysInternational).is_ok();
                foreign += u64::from(fault == InvalidNumber::NoCountry && is_foreign());
                text.append_null();
                number_types.push(None);
                problems.push((row as u32, fault));
            }
        }
    }
    findings.counters.add(Counted::RepairedNumbers, repaired);
    findings.counters.add(Counted::Extensions, extensions);
    findings.counters.add(Counted::BareNumbers, bare);
    findings.counters.add(Counted::ForeignNumbers, foreign);
    Numbers { text: text.finish(), number_types, problems }
}
