//! How the databases that the rules are printed for spell names, texts, days and what is yes or no.

use chrono::NaiveDate;

use crate::domain::status::closed_lists;

closed_lists! {
    /// A database that the rules are printed for.
    Dialect {
        /// Apache Spark and Databricks.
        Spark = "spark";
        /// DuckDB.
        Duckdb = "duckdb";
        /// PostgreSQL.
        Postgres = "postgres";
        /// SQLite, where days are text such as 2026-11-21 and yes is 1.
        Sqlite = "sqlite";
        /// ClickHouse.
        Clickhouse = "clickhouse";
        /// Apache DataFusion.
        Datafusion = "datafusion";
        /// Snowflake.
        Snowflake = "snowflake";
        /// Google BigQuery.
        Bigquery = "bigquery";
        /// Trino, Presto and Athena.
        Trino = "trino";
        /// Microsoft SQL Server.
        Sqlserver = "sqlserver";
    }
}

impl Dialect {
    /// A name as it is quoted: many keys of columns are words of some SQL. Snowflake alone has none quoted, since a quoted name
    /// there is another one than the same without quotes.
    pub fn name(self, name: &str) -> String {
        match self {
            Self::Spark | Self::Bigquery | Self::Clickhouse => format!("`{}`", name.replace('`', "``")),
            Self::Sqlserver => format!("[{}]", name.replace(']', "]]")),
            Self::Snowflake => name.to_owned(),
            _ => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    /// A text as a literal.
    pub fn text(self, text: &str) -> String {
        let escaped = match self {
            // A backslash begins an escape there.
            Self::Bigquery | Self::Spark | Self::Clickhouse | Self::Snowflake => {
                text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\r', "\\r")
            }
            _ => text.replace('\'', "''"),
        };
        // Without the N, SQL Server reads what is beyond its code page as question marks.
        format!("{}'{escaped}'", if self == Self::Sqlserver { "N" } else { "" })
    }

    /// A day as a literal.
    pub fn day(self, day: NaiveDate) -> String {
        match self {
            Self::Sqlite => format!("'{day}'"),
            Self::Clickhouse => format!("toDate32('{day}')"),
            Self::Sqlserver => format!("CAST('{day}' AS date)"),
            _ => format!("DATE '{day}'"),
        }
    }

    /// Yes or no as a literal.
    pub const fn truth(self, flag: bool) -> &'static str {
        match (self, flag) {
            (Self::Sqlite | Self::Sqlserver, true) => "1",
            (Self::Sqlite | Self::Sqlserver, false) => "0",
            (_, true) => "TRUE",
            (_, false) => "FALSE",
        }
    }

    /// Texts one after the other.
    pub fn joined(self, texts: &[&str]) -> String {
        texts.join(if self == Self::Sqlserver { " + " } else { " || " })
    }

    /// The SELECT `select` as a table called `name` of a WITH, each cell of which is made once: PostgreSQL and SQLite would write what
    /// makes it wherever it is asked, and in there again, until nothing can hold it.
    pub fn made_once(self, name: &str, select: &str) -> String {
        match self {
            Self::Postgres => format!("{name} AS (\n{select}\nOFFSET 0)"),
            Self::Sqlite => format!("{name} AS MATERIALIZED (\n{select}\n)"),
            _ => format!("{name} AS (\n{select}\n)"),
        }
    }

    /// The text `cell` as it is compared byte by byte: SQL Server takes no notice of blanks at the end, nor of case unless it is told to.
    pub fn exact(self, cell: &str) -> String {
        if self == Self::Sqlserver { format!("({cell} + N'|') COLLATE Latin1_General_100_BIN2") } else { cell.to_owned() }
    }

    /// Whether the text `cell` is one of `texts`, byte by byte.
    pub fn is_one_of(self, cell: &str, texts: &[&str]) -> String {
        let (cell, end) = (self.exact(cell), if self == Self::Sqlserver { "|" } else { "" });
        let texts: Vec<String> = texts.iter().map(|text| self.text(&format!("{text}{end}"))).collect();
        format!("{cell} IN ({})", texts.join(", "))
    }

    /// `text` with `to` in place of each `from`.
    pub fn replaced(self, text: &str, from: &str, to: &str) -> String {
        let text = if self == Self::Sqlserver { format!("{text} COLLATE Latin1_General_100_BIN2") } else { text.to_owned() };
        format!("REPLACE({text}, {}, {})", self.text(from), self.text(to))
    }

    /// The type of a column of days.
    pub const fn type_of_day(self) -> &'static str {
        match self {
            Self::Sqlite => "TEXT",
            Self::Clickhouse => "Date32",
            _ => "DATE",
        }
    }

    /// The type of a column of whole numbers up to some billions, which may be empty.
    pub const fn type_of_number(self) -> &'static str {
        match self {
            Self::Sqlite => "INTEGER",
            // What a join does not find is empty only where the type says that it may be.
            Self::Clickhouse => "Nullable(Int64)",
            Self::Bigquery => "INT64",
            _ => "BIGINT",
        }
    }

    /// The type of a column of yes and no, which may be empty.
    pub const fn type_of_truth(self) -> &'static str {
        match self {
            Self::Sqlite => "INTEGER",
            Self::Clickhouse => "Nullable(Bool)",
            Self::Bigquery => "BOOL",
            Self::Sqlserver => "BIT",
            _ => "BOOLEAN",
        }
    }

    /// What stands behind the columns of a new table.
    pub const fn end_of_table(self) -> &'static str {
        if matches!(self, Self::Clickhouse) { " ENGINE = MergeTree ORDER BY day" } else { "" }
    }

    /// The whole part of `number` divided by `by`, neither of them less than nothing where that makes a difference.
    pub fn whole(self, number: &str, by: i64) -> String {
        match self {
            Self::Spark => format!("({number} DIV {by})"),
            Self::Duckdb => format!("({number} // {by})"),
            Self::Clickhouse => format!("intDiv({number}, {by})"),
            Self::Bigquery => format!("DIV({number}, {by})"),
            Self::Snowflake => format!("TRUNC({number} / {by})"),
            _ => format!("({number} / {by})"),
        }
    }

    /// Microseconds from 1970-01-01T00:00:00Z to an instant without a zone, which is UTC. SQLite counts whole seconds.
    pub fn micros(self, instant: &str) -> String {
        match self {
            Self::Spark => format!("unix_micros(CAST({instant} AS TIMESTAMP))"),
            Self::Duckdb => format!("epoch_us({instant})"),
            Self::Postgres => format!("CAST(EXTRACT(EPOCH FROM {instant}) * 1000000 AS bigint)"),
            Self::Sqlite => format!("(unixepoch({instant}) * 1000000)"),
            Self::Clickhouse => format!("toUnixTimestamp64Micro(CAST({instant} AS Nullable(DateTime64(6, 'UTC'))))"),
            Self::Datafusion => format!("arrow_cast(arrow_cast({instant}, 'Timestamp(Microsecond, None)'), 'Int64')"),
            Self::Snowflake => format!("DATE_PART(epoch_microsecond, {instant})"),
            Self::Bigquery => format!("UNIX_MICROS(TIMESTAMP({instant}))"),
            Self::Trino => format!("CAST(to_unixtime({instant}) * 1000000 AS bigint)"),
            Self::Sqlserver => format!("DATEDIFF_BIG(microsecond, '1970-01-01', {instant})"),
        }
    }

    /// Whole days from one day to another.
    pub fn days_between(self, from: &str, to: &str) -> String {
        match self {
            Self::Spark => format!("datediff({to}, {from})"),
            Self::Duckdb | Self::Trino => format!("date_diff('day', {from}, {to})"),
            Self::Postgres => format!("({to} - {from})"),
            Self::Sqlite => format!("CAST(julianday({to}) - julianday({from}) AS INTEGER)"),
            Self::Clickhouse => format!("dateDiff('day', {from}, {to})"),
            Self::Datafusion => format!("(arrow_cast({to}, 'Int32') - arrow_cast({from}, 'Int32'))"),
            Self::Snowflake | Self::Sqlserver => format!("DATEDIFF(day, {from}, {to})"),
            Self::Bigquery => format!("DATE_DIFF({to}, {from}, DAY)"),
        }
    }
}
