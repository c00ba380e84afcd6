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
            Self::Bigquery | Self::Spark | Self::Clickhouse | Self::Snowflake => text.replace('\\', "\\\\").replace('\'', "\\'"),
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

    /// Whether the text `cell` is one of `texts`, byte by byte.
    pub fn is_one_of(self, cell: &str, texts: &[&str]) -> String {
        // SQL Server takes no notice of blanks at the end, nor of case unless it is told to.
        let (cell, end) = match self {
            Self::Sqlserver => (format!("({cell} + N'|') COLLATE Latin1_General_100_BIN2"), "|"),
            _ => (cell.to_owned(), ""),
        };
        let texts: Vec<String> = texts.iter().map(|text| self.text(&format!("{text}{end}"))).collect();
        format!("{cell} IN ({})", texts.join(", "))
    }

    /// `text` with `to` in place of each `from`.
    pub fn replaced(self, text: &str, from: &str, to: &str) -> String {
        let text = if self == Self::Sqlserver { format!("{text} COLLATE Latin1_General_100_BIN2") } else { text.to_owned() };
        format!("REPLACE({text}, {}, {})", self.text(from), self.text(to))
    }
}
