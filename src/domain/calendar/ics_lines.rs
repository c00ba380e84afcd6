//! The content lines of an iCalendar file: unfolded, with their parameters, and the dates in them.

use chrono::NaiveDate;

use crate::domain::text::one_line;
use crate::error::{Error, Place, Result};

/// One content line: `NAME;PARAMETER=VALUE:value`.
#[derive(Debug, Default)]
pub struct Line {
    /// Where it begins, from 1.
    pub number: u64,
    /// Its name, in capitals.
    pub name: String,
    parameters: Vec<(String, String)>,
    /// What stands behind the colon.
    pub value: String,
}

/// The content lines of `bytes`. A line that begins with a blank goes on with the one before, even within a character.
///
/// # Errors
/// [`Error::data`] for a line that is not UTF-8 or has no colon.
pub fn unfold(bytes: &[u8], file: &str) -> Result<Vec<Line>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut whole: Vec<(u64, Vec<u8>)> = Vec::new();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match (line, whole.last_mut()) {
            ([b' ' | b'\t', rest @ ..], Some((_, before))) => before.extend_from_slice(rest),
            _ => whole.push((index as u64 + 1, line.to_vec())),
        }
    }
    let filled = whole.into_iter().filter(|(_, line)| !line.iter().all(u8::is_ascii_whitespace));
    filled.map(|(number, line)| Line::parse(number, line, file)).collect()
}

impl Line {
    fn parse(number: u64, line: Vec<u8>, file: &str) -> Result<Self> {
        let place = || Place::row(file, None, number);
        let text = String::from_utf8(line).map_err(|_| Error::data(place(), "is not UTF-8 text", "export it as iCalendar"))?;
        let mut parts = Vec::new();
        let (mut start, mut is_quoted, mut colon) = (0, false, None);
        for (index, letter) in text.char_indices() {
            match letter {
                '"' => is_quoted = !is_quoted,
                ';' if !is_quoted => {
                    parts.push(&text[start..index]);
                    start = index + 1;
                }
                ':' if !is_quoted => {
                    colon = Some(index);
                    break;
                }
                _ => {}
            }
        }
        let colon = colon.ok_or_else(|| Error::data(place(), "is not a line of an iCalendar file: it has no colon", "check the file"))?;
        parts.push(&text[start..colon]);
        let mut parts = parts.into_iter();
        let name = parts.next().unwrap_or_default().trim().to_uppercase();
        let parameter = |part: &str| part.split_once('=').map(|(name, value)| (name.to_uppercase(), value.trim_matches('"').to_owned()));
        Ok(Self { number, name, parameters: parts.filter_map(parameter).collect(), value: text[colon + 1..].trim().to_owned() })
    }

    /// Whether it says `name:value`, in any case.
    pub fn is(&self, name: &str, value: &str) -> bool {
        self.name == name && self.value.eq_ignore_ascii_case(value)
    }

    /// The value of its parameter `name`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Its value as text on one line: `\n`, `\,`, `\;` and `\\` are a line end, and what stands behind the backslash.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut letters = self.value.chars();
        while let Some(letter) = letters.next() {
            match (letter, letter == '\\') {
                (_, true) => text.extend(letters.next().map(|escaped| if matches!(escaped, 'n' | 'N') { ' ' } else { escaped })),
                (letter, _) => text.push(letter),
            }
        }
        one_line(&text.replace(char::is_control, " "))
    }

    /// What is wrong with it.
    pub fn wrong(&self, file: &str, what: impl Into<String>, help: &str) -> Error {
        Error::data(Place::row(file, None, self.number), what, help)
    }

    /// Its value as a day, and whether it is a time of that day.
    ///
    /// # Errors
    /// [`Error::data`] when it is neither.
    pub fn moment(&self, file: &str) -> Result<(NaiveDate, bool)> {
        moment(&self.value).ok_or_else(|| self.no_date(file, &self.value))
    }

    /// The days of a list of days or times.
    ///
    /// # Errors
    /// [`Error::data`] when it holds anything else, such as periods.
    pub fn dates(&self, file: &str) -> Result<Vec<NaiveDate>> {
        if self.parameter("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("PERIOD")) {
            return Err(self.wrong(file, format!("periods in {} are not supported", self.name), "give them as single events"));
        }
        let date = |text: &str| moment(text.trim()).map(|(date, _)| date).ok_or_else(|| self.no_date(file, text));
        self.value.split(',').map(date).collect()
    }

    /// Its value as a duration in whole days: `P1D`, `P2W`.
    ///
    /// # Errors
    /// [`Error::data`] when it is none.
    pub fn days(&self, file: &str) -> Result<i64> {
        let text = self.value.strip_prefix('+').unwrap_or(&self.value);
        let number = |digits: &str| digits.parse::<u16>().ok().map(i64::from);
        let days = text.strip_prefix('P').and_then(|text| match (text.strip_suffix('D'), text.strip_suffix('W')) {
            (Some(days), _) => number(days),
            (_, Some(weeks)) => number(weeks).map(|weeks| weeks * 7),
            _ => None,
        });
        days.ok_or_else(|| self.wrong(file, format!("'{}' is not a number of days", one_line(&self.value)), "write P1D, P2D or P1W"))
    }

    fn no_date(&self, file: &str, text: &str) -> Error {
        self.wrong(file, format!("'{}' in {} is not a date", one_line(text), self.name), "dates are written as 20261225")
    }
}

/// The day that `text` (`20261225`, `20261225T090000Z`) names, and whether it is a time of it.
fn moment(text: &str) -> Option<(NaiveDate, bool)> {
    let (date, time) = text.split_once(['T', 't']).map_or((text, None), |(date, time)| (date, Some(time)));
    let is_time = |time: &str| {
        let digits = time.strip_suffix(['Z', 'z']).unwrap_or(time);
        digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    if date.len() != 8 || !date.bytes().all(|byte| byte.is_ascii_digit()) || !time.is_none_or(is_time) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(date[..4].parse().ok()?, date[4..6].parse().ok()?, date[6..].parse().ok()?)?;
    Some((date, time.is_some()))
}
