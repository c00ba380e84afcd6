//! Reads the numbers of a finished JSON document or of JSON lines back, a row at a time.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::error::{Error, Result};
use crate::export::Options;
use crate::export::read_back::{keys, unreadable};
use crate::report::Report;

/// What takes the cells of each row.
type TakeRow<'a> = &'a mut dyn FnMut(&[String]) -> Result<()>;

/// Reads the rows of a file of JSON lines.
pub(crate) fn jsonl_rows(file: &mut File, report: &Report, _options: &Options, columns: &[usize], each: TakeRow<'_>) -> Result<()> {
    let keys = keys(report, columns);
    let mut reader = BufReader::new(file);
    let (mut line, mut refused) = (String::new(), None);
    loop {
        line.clear();
        let read = reader.read_line(&mut line).map_err(|error| unreadable("jsonl", error))?;
        if read == 0 {
            return Ok(());
        }
        let row = RowSeed { keys: &keys, each: &mut *each, refused: &mut refused };
        let done = row.deserialize(&mut serde_json::Deserializer::from_str(&line));
        if let Some(error) = refused.take() {
            return Err(error);
        }
        done.map_err(|error| unreadable("jsonl", error))?;
    }
}

/// Reads the numbers of a JSON document.
pub(crate) fn json_rows(file: &mut File, report: &Report, _options: &Options, columns: &[usize], each: TakeRow<'_>) -> Result<()> {
    let keys = keys(report, columns);
    let mut refused = None;
    let done = Within { path: &["numbers", "rows"], keys: &keys, each, refused: &mut refused }
        .deserialize(&mut serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 16, file)));
    refused.map_or(Ok(()), Err)?;
    done.map_err(|error| unreadable("json", error))
}

/// Reads the array at the end of a path of keys, and passes over everything else.
struct Within<'a> {
    path: &'a [&'a str],
    keys: &'a [&'a str],
    each: TakeRow<'a>,
    refused: &'a mut Option<Error>,
}

impl<'de> DeserializeSeed<'de> for Within<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        if self.path.is_empty() { deserializer.deserialize_seq(self) } else { deserializer.deserialize_map(self) }
    }
}

impl<'de> Visitor<'de> for Within<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the rows of a report")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> std::result::Result<(), M::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match self.path.split_first() {
                Some((first, path)) if *first == key => {
                    map.next_value_seed(Within { path, keys: self.keys, each: &mut *self.each, refused: &mut *self.refused })?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut rows: S) -> std::result::Result<(), S::Error> {
        while rows.next_element_seed(RowSeed { keys: self.keys, each: &mut *self.each, refused: &mut *self.refused })?.is_some() {}
        Ok(())
    }
}

/// Reads one row and hands on the cells under some keys.
struct RowSeed<'a> {
    keys: &'a [&'a str],
    each: TakeRow<'a>,
    /// What was said against the row.
    refused: &'a mut Option<Error>,
}

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> std::result::Result<(), M::Error> {
        let mut cells = vec![String::new(); self.keys.len()];
        while let Some(key) = map.next_key::<String>()? {
            match self.keys.iter().position(|wanted| *wanted == key) {
                Some(place) => cells[place] = map.next_value::<Option<String>>()?.unwrap_or_default(),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        (self.each)(&cells).map_err(|error| {
            *self.refused = Some(error);
            serde::de::Error::custom("refused")
        })
    }
}
