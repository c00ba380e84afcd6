//! A condition of the rules as SQL. Every answer is yes or no: an empty cell is spoken of first.

use chrono::NaiveDate;

use crate::classify::language::{Comparison, Condition, Test, Value};
use crate::classify::sql::dialect::Dialect;

/// Prints conditions.
#[derive(Clone, Copy)]
pub struct Tests {
    /// Whose SQL is written.
    pub dialect: Dialect,
    /// The day of the as-of instant.
    pub as_of: NaiveDate,
}

impl Tests {
    /// Whether `condition` holds of the cell that the SQL `cell` gives.
    pub fn holds(&self, condition: &Condition, cell: &str) -> String {
        let today = self.dialect.day(self.as_of);
        match &condition.test {
            Test::In(values) => format!("({cell} IS NOT NULL AND {})", self.is_one_of(cell, values)),
            Test::NotIn(values) => format!("({cell} IS NULL OR NOT {})", self.is_one_of(cell, values)),
            Test::Null => format!("{cell} IS NULL"),
            Test::NotNull => format!("{cell} IS NOT NULL"),
            Test::Before => format!("({cell} IS NOT NULL AND {cell} < {today})"),
            Test::From => format!("({cell} IS NOT NULL AND {cell} >= {today})"),
            Test::Compare(how, number) => {
                let sign = match how {
                    Comparison::LessThan => "<",
                    Comparison::AtMost => "<=",
                    Comparison::Equals => "=",
                    Comparison::AtLeast => ">=",
                    Comparison::MoreThan => ">",
                };
                format!("({cell} IS NOT NULL AND {cell} {sign} {number})")
            }
        }
    }

    fn is_one_of(&self, cell: &str, values: &[Value]) -> String {
        let words: Vec<&str> =
            values.iter().filter_map(|value| if let Value::Word(word) = value { Some(word.as_str()) } else { None }).collect();
        if words.is_empty() {
            let flags =
                values.iter().filter_map(|value| if let Value::Bool(flag) = value { Some(self.dialect.truth(*flag)) } else { None });
            return format!("({cell} IN ({}))", flags.collect::<Vec<_>>().join(", "));
        }
        format!("({})", self.dialect.is_one_of(cell, &words))
    }
}
