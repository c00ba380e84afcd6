//! How a workbook counts days.

/// Days from 1970-01-01 back to the day that a workbook counts as 0, for days after February 1900.
pub const EPOCH: i32 = 25_569;
/// The days a workbook can hold: 1900-01-01 to 9999-12-31.
const DAYS: std::ops::RangeInclusive<i32> = -25_567..=2_932_896;
/// 1900-03-01: before it a workbook counts one day less, because it believes in a 29 February 1900.
const MARCH_1900: i32 = -25_508;

/// The day a workbook counts, if it can.
pub fn serial(days: i32) -> Option<i32> {
    DAYS.contains(&days).then(|| days + EPOCH - i32::from(days < MARCH_1900))
}
