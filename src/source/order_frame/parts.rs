//! Parts of orders: some of the columns, some of the rows, and nothing kept in memory of the others.

use polars::prelude::*;

use crate::error::Result;
use crate::source::CodedText;
use crate::source::order_frame::{OrderFrame, Part};

impl OrderFrame {
    /// Takes the rows from `at` on out of it.
    pub fn split_off(&mut self, at: usize) -> Self {
        let height = self.height();
        let rest = Self { columns: self.columns.slice(at as i64, height - at), texts: self.texts.clone() };
        self.columns = self.columns.slice(0, at);
        rest
    }

    /// The columns whose names `leaves_out` does not name.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn without(&self, leaves_out: impl Fn(&str) -> bool) -> Result<Self> {
        let columns = self.columns.columns().iter().filter(|column| !leaves_out(column.name())).cloned().collect();
        let texts = self.texts.iter().filter(|(name, _)| !leaves_out(name)).map(|(name, texts)| (name.clone(), texts.clone())).collect();
        Ok(Self { columns: DataFrame::new(self.height(), columns)?, texts })
    }

    /// The same rows, with nothing in memory of the text of others that they were taken from.
    ///
    /// # Errors
    /// Those of polars, which are bugs of ours.
    pub fn compact(mut self) -> Result<Self> {
        for name in self.columns.get_column_names_owned() {
            let held = self.part(self.columns.column(&name)?.clone());
            let column = match held {
                Part { column, texts: Some(texts) } if texts.len() > column.len() => {
                    let coded = CodedText { codes: column.u32()?.clone(), texts };
                    let mut used = vec![false; coded.texts.len()];
                    coded.codes.iter().flatten().for_each(|code| used[code as usize] = true);
                    let texts = coded.texts.iter().zip(used).map(|(text, used)| text.filter(|_| used));
                    self.set_coded(CodedText::new(&name, coded.places(), texts))?;
                    continue;
                }
                Part { column, texts: None } if *column.dtype() == DataType::String => column,
                _ => continue,
            };
            let cells: StringChunked = column.str()?.iter().collect_ca(name.clone());
            self.put(Part { column: cells.into_column(), texts: None })?;
        }
        Ok(self)
    }
}
