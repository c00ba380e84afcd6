//! The shapes of dates beside ISO; where two orders of day and month are possible, the given one decides.

use crate::domain::date::clock::{Clock, clock};
use crate::domain::date::day::{DateOrder, Day, InvalidDate, Reading, civil, plain};

#[derive(Clone, Copy)]
enum Token {
    Number(i32, usize),
    Month(i32),
}

/// The shapes beside ISO, and the time behind the date if there is one.
pub(in crate::domain::date) fn loose(text: &str, order: DateOrder) -> Result<(Day, Option<Clock>), InvalidDate> {
    let (date, clock) = match text.find(':') {
        None => (text, None),
        Some(colon) => {
            let hour = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit()).len();
            let date = text[..hour].trim_end_matches([' ', 'T', 't', ',']);
            (date, Some(clock(&text[hour..]).ok_or(InvalidDate::NotADate)?))
        }
    };
    let mut tokens = [Token::Number(0, 0); 3];
    let (count, dotted) = tokens_of(date, &mut tokens).ok_or(InvalidDate::NotADate)?;
    let day = match tokens[..count] {
        [Token::Number(value, 8)] => civil(value / 10_000, value / 100 % 100, value % 100).map(plain),
        [Token::Number(value @ 20_000..=80_000, 5)] if date == text => serial(value),
        [Token::Number(year, 4), Token::Month(month) | Token::Number(month, 1 | 2), Token::Number(day, 1 | 2)] => {
            civil(year, month, day).map(plain)
        }
        [Token::Number(day, 1 | 2), Token::Month(month), Token::Number(year, length @ (2 | 4))]
        | [Token::Month(month), Token::Number(day, 1 | 2), Token::Number(year, length @ (2 | 4))] => {
            civil(full(year, length), month, day).map(plain)
        }
        [Token::Number(first, 1 | 2), Token::Number(second, 1 | 2), Token::Number(year, length @ (2 | 4))] => {
            ordered(first, second, full(year, length), order, dotted)
        }
        _ => Err(InvalidDate::NotADate),
    };
    day.map(|day| (day, clock))
}

/// A year of two digits lies between 1980 and 2079.
fn full(year: i32, length: usize) -> i32 {
    match year {
        _ if length == 4 => year,
        80.. => 1900 + year,
        _ => 2000 + year,
    }
}

/// Spreadsheets count days from 1899-12-30.
fn serial(value: i32) -> Result<Day, InvalidDate> {
    let days = value - 25_569;
    let from_1980_to_2099 = 3_652..47_482;
    if from_1980_to_2099.contains(&days) { Ok(Day { reading: Reading::Serial, ..plain(days) }) } else { Err(InvalidDate::OutOfRange) }
}

/// Two numbers and a year, in the order given; in the other one when only that is a day. Dots mean
/// day first, everywhere they are used.
fn ordered(first: i32, second: i32, year: i32, order: DateOrder, dotted: bool) -> Result<Day, InvalidDate> {
    let order = if dotted { DateOrder::DayFirst } else { order };
    let of = |order| if order == DateOrder::DayFirst { civil(year, second, first) } else { civil(year, first, second) };
    let proves = |order| (!dotted && first != second).then_some(order);
    match of(order) {
        Err(InvalidDate::NoSuchDay) => of(order.other()).map(|days| Day { proves: proves(order.other()), ..plain(days) }),
        Ok(days) if first <= 12 && second <= 12 => {
            let reading = if dotted || first == second { Reading::Plain } else { Reading::Ambiguous };
            Ok(Day { reading, ..plain(days) })
        }
        days => days.map(|days| Day { proves: proves(order), ..plain(days) }),
    }
}

/// Splits a date into up to three numbers and month names; whether dots stood between.
fn tokens_of(text: &str, tokens: &mut [Token; 3]) -> Option<(usize, bool)> {
    let (mut count, mut dotted) = (0, false);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let alike: fn(char) -> bool = match first {
            '0'..='9' => |c| c.is_ascii_digit(),
            'a'..='z' | 'A'..='Z' => |c| c.is_ascii_alphabetic(),
            ' ' | '/' | '-' | ',' | '.' | '\u{a0}' => {
                dotted |= first == '.' && !matches!(tokens[..count].last(), None | Some(Token::Month(_)));
                rest = &rest[first.len_utf8()..];
                continue;
            }
            _ => return None,
        };
        let (word, after) = rest.split_at(rest.find(|c| !alike(c)).unwrap_or(rest.len()));
        rest = after;
        let token = if first.is_ascii_digit() {
            Token::Number(word.parse().ok()?, word.len())
        } else if let Some(month) = month(word) {
            Token::Month(month)
        } else if is_filler(word, count) {
            continue;
        } else {
            return None;
        };
        *tokens.get_mut(count)? = token;
        count += 1;
    }
    Some((count, dotted))
}

/// A weekday before the date, or the ending of an ordinal (`4th`).
fn is_filler(word: &str, tokens_before: usize) -> bool {
    let word = word.to_ascii_lowercase();
    match tokens_before {
        0 => ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
            .iter()
            .any(|day| word.len() >= 3 && day.starts_with(&word)),
        _ => matches!(word.as_str(), "st" | "nd" | "rd" | "th"),
    }
}

fn month(word: &str) -> Option<i32> {
    const MONTHS: [&str; 12] =
        ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
    let word = word.to_ascii_lowercase();
    let found = MONTHS.iter().position(|month| word.len() >= 3 && month.starts_with(&word) || word == "sept" && *month == "september")?;
    Some(found as i32 + 1)
}
