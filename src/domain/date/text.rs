//! Writes days, times and instants as ISO text. Never rounds up, never asks for a zone.

use std::io::Write;

/// Appends a day, given as days since 1970-01-01, as `2026-03-04`.
pub fn write_date(out: &mut Vec<u8>, days: i32) {
    let (year, month, day) = civil(days);
    if (0..=9999).contains(&year) {
        let year = year as u32;
        two(out, year / 100);
        two(out, year % 100);
    } else {
        // No calendar of orders reaches here; the text stays unambiguous all the same. A Vec never refuses.
        let _ = write!(out, "{year:05}");
    }
    out.push(b'-');
    two(out, month);
    out.push(b'-');
    two(out, day);
}

/// Appends a time of day, given in seconds since midnight, as `10:00`, with the seconds only when they are not zero.
pub fn write_time(out: &mut Vec<u8>, seconds: i32) {
    let seconds = seconds.rem_euclid(86_400) as u32;
    clock(out, seconds);
    if !seconds.is_multiple_of(60) {
        out.push(b':');
        two(out, seconds % 60);
    }
}

/// Appends an instant, given in microseconds since 1970, as `2026-03-04T10:00:00Z`; parts of a second are left out.
pub fn write_instant(out: &mut Vec<u8>, micros: i64) {
    let (days, seconds) = days_and_seconds(micros);
    write_date(out, days);
    out.push(b'T');
    clock(out, seconds);
    out.push(b':');
    two(out, seconds % 60);
    out.push(b'Z');
}

/// The days since 1970-01-01 and the seconds since midnight of an instant in microseconds, rounded down.
pub fn days_and_seconds(micros: i64) -> (i32, u32) {
    let seconds = micros.div_euclid(1_000_000);
    (seconds.div_euclid(86_400) as i32, seconds.rem_euclid(86_400) as u32)
}

fn clock(out: &mut Vec<u8>, seconds: u32) {
    two(out, seconds / 3600);
    out.push(b':');
    two(out, seconds / 60 % 60);
}

fn two(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&[b'0' + (value / 10) as u8, b'0' + (value % 10) as u8]);
}

/// Year, month and day of days since 1970-01-01: the proleptic Gregorian calendar, counted in eras of 400 years from 1 March.
pub fn civil(days: i32) -> (i64, u32, u32) {
    let shifted = i64::from(days) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097) as u32;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (i64::from(year_of_era) + era * 400 + i64::from(month <= 2), month, day)
}
