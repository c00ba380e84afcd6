//! The conditions of a statement, in the words of each database: their values are bound to it, never pasted into it.

use chrono::NaiveDate;

use crate::source::condition::{ColumnCondition, Test};
use crate::source::database::sql::quoted;

/// How a database writes conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SqlDialect {
    /// PostgreSQL: values are settings of the transaction, since COPY takes no parameters.
    Postgres,
    /// MySQL and MariaDB: values are variables of the session.
    MySql,
    /// SQLite: values are parameters.
    Sqlite,
}

/// How a column holds days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayColumn {
    /// As days.
    Date,
    /// As days with a time, whose zone may make it another day than it seems.
    Timestamp,
    /// Not in a way that can be compared exactly.
    Other,
}

/// Why a query gets no conditions.
pub const AS_GIVEN: &str = "a query is run as it is given";
/// Texts of a list that are sent, at most.
const MAX_WORDS: usize = 200;
/// What [`str::trim`] takes off.
const BLANKS: &str = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";

/// The conditions of a statement. Every row that the report would keep meets them: what remains is judged once more.
#[derive(Debug, Clone)]
pub struct Restriction {
    dialect: SqlDialect,
    conditions: Vec<String>,
    /// The values, by number from 1.
    pub values: Vec<String>,
}

impl Restriction {
    /// No conditions.
    pub const fn none(dialect: SqlDialect) -> Self {
        Self { dialect, conditions: Vec::new(), values: Vec::new() }
    }

    /// Adds a condition on a column of a table with these `headers`; `table` is quoted already.
    ///
    /// # Errors
    /// Why it cannot be one of the statement.
    pub fn add(&mut self, condition: ColumnCondition<'_>, headers: &[String], table: &str, days: DayColumn) -> Result<(), &'static str> {
        let quote = if self.dialect == SqlDialect::MySql { '`' } else { '"' };
        let name = |column: usize| headers.get(column).map(|header| quoted(header, quote)).ok_or("the table has no such column");
        let column = name(condition.column)?;
        let sql = match condition.test {
            Test::OneOf(words) if words.len() > MAX_WORDS => return Err("too many values"),
            Test::OneOf(words) => self.one_of(&column, words),
            Test::Days(..) if self.dialect == SqlDialect::Sqlite || days == DayColumn::Other => {
                return Err("its column is not one of days");
            }
            Test::Days(from, to) => {
                let within = self.days(&column, (*from, *to), days);
                let request = name(condition.request.ok_or("no column tells requests")?)?;
                let request = self.text(&request);
                format!("({request} IS NULL OR {request} = '' OR {request} IN (SELECT {request} FROM {table} WHERE {within}))")
            }
        };
        self.conditions.push(sql);
        Ok(())
    }

    /// The `WHERE` of the statement, with a blank before it; nothing without conditions.
    pub fn sql(&self) -> String {
        if self.conditions.is_empty() { String::new() } else { format!(" WHERE {}", self.conditions.join(" AND ")) }
    }

    /// The values, for people.
    pub fn values_in_words(&self) -> Vec<String> {
        let shown = |value: &String| if value == BLANKS { "every kind of blank".to_owned() } else { format!("{value:?}") };
        self.values.iter().enumerate().map(|(index, value)| format!("{} = {}", self.name(index + 1), shown(value))).collect()
    }

    /// The name of the value with this number, from 1.
    pub fn name(&self, number: usize) -> String {
        match self.dialect {
            SqlDialect::Postgres => format!("portstatus.v{number}"),
            SqlDialect::MySql => format!("@portstatus_v{number}"),
            SqlDialect::Sqlite => format!("?{number}"),
        }
    }

    /// Binds a value and returns how the statement names it; the same value is bound once.
    fn bind(&mut self, value: &str) -> String {
        let known = self.values.iter().position(|known| known == value);
        let number = known.map_or_else(
            || {
                self.values.push(value.to_owned());
                self.values.len()
            },
            |known| known + 1,
        );
        let name = self.name(number);
        match self.dialect {
            // Asked for once, and not for every row.
            SqlDialect::Postgres => format!("(SELECT pg_catalog.current_setting('{name}'))"),
            SqlDialect::MySql => format!("CONVERT({name} USING utf8mb4) COLLATE utf8mb4_bin"),
            SqlDialect::Sqlite => name,
        }
    }

    /// The text of a column, without the blanks around it where the database can take them all off.
    fn text(&mut self, column: &str) -> String {
        match self.dialect {
            SqlDialect::Postgres => format!("pg_catalog.btrim({column}::text, {})", self.bind(BLANKS)),
            SqlDialect::MySql => format!("TRIM(CONVERT({column} USING utf8mb4) COLLATE utf8mb4_bin)"),
            SqlDialect::Sqlite => format!("trim(CAST({column} AS TEXT), {})", self.bind(BLANKS)),
        }
    }

    fn one_of(&mut self, column: &str, words: &[String]) -> String {
        let text = self.text(column);
        let words: Vec<String> = words.iter().map(|word| self.bind(word)).collect();
        match self.dialect {
            SqlDialect::Postgres => format!("{text} IN ({})", words.join(", ")),
            // What is around the text is left to us.
            SqlDialect::MySql => {
                let within: Vec<String> = words.iter().map(|word| format!("LOCATE({word}, {text}) > 0")).collect();
                format!("({})", within.join(" OR "))
            }
            // Fractions are written otherwise here.
            SqlDialect::Sqlite => format!("({text} IN ({}) OR typeof({column}) IN ('real', 'blob'))", words.join(", ")),
        }
    }

    fn days(&mut self, column: &str, (from, to): (Option<NaiveDate>, Option<NaiveDate>), kind: DayColumn) -> String {
        let margin = i64::from(kind == DayColumn::Timestamp);
        let day = |days: i64, day: NaiveDate| day.checked_add_signed(chrono::TimeDelta::days(days)).unwrap_or(day).to_string();
        let mut side = |operator: &str, value: String| {
            let value = match self.dialect {
                SqlDialect::Postgres => format!("{}::date", self.bind(&value)),
                SqlDialect::MySql | SqlDialect::Sqlite => format!("CAST({} AS date)", self.bind(&value)),
            };
            format!("{column} {operator} {value}")
        };
        let from = from.map(|from| side(">=", day(-margin, from)));
        // The day after the last one, and with times another one.
        let to = to.map(|to| side("<", day(1 + margin, to)));
        from.into_iter().chain(to).collect::<Vec<_>>().join(" AND ")
    }
}
