//! The tables and views of a PostgreSQL database that the user may read, with their columns.

use crate::error::Result;
use crate::source::database::restriction::DayColumn;
use crate::source::database::sql::quoted;
use crate::source::postgres::explain::explain;
use crate::source::postgres::session::Session;

/// The tables and views, with the columns that the user may read, by schema and name; partitions are parts of their table.
const TABLES: &str = "
SELECT n.nspname::text, c.relname::text, pg_catalog.pg_table_is_visible(c.oid),
       (SELECT coalesce(pg_catalog.array_agg(a.attname::text ORDER BY a.attnum), '{}') FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT')),
       (SELECT coalesce(pg_catalog.array_agg(a.atttypid::regtype::text ORDER BY a.attnum), '{}') FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT'))
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
ORDER BY NOT pg_catalog.pg_table_is_visible(c.oid), c.relname::text COLLATE \"C\", n.nspname::text COLLATE \"C\"";

/// The tables and views that can be read.
pub struct Catalogue {
    tables: Vec<Table>,
}

struct Table {
    schema: String,
    table: String,
    /// Without the schema where the name alone means it.
    name: String,
    columns: Vec<String>,
    types: Vec<String>,
}

impl Catalogue {
    /// Reads it.
    ///
    /// # Errors
    /// What the server reports.
    pub fn read(session: &mut Session) -> Result<Self> {
        let rows = session.client.query(TABLES, &[]).map_err(|error| explain(error, &session.name, None))?;
        let read = |row: &postgres::Row| -> std::result::Result<Table, postgres::Error> {
            let (schema, table): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let name = if row.try_get(2)? { table.clone() } else { format!("{schema}.{table}") };
            Ok(Table { schema, table, name, columns: row.try_get(3)?, types: row.try_get(4)? })
        };
        let tables = rows.iter().map(read).collect::<std::result::Result<_, _>>();
        Ok(Self { tables: tables.map_err(|error| explain(error, &session.name, None))? })
    }

    /// The names, in order; a table that the name alone does not mean is called `schema.table`, and every other one can be, too.
    pub fn names(&self) -> Vec<String> {
        self.tables.iter().map(|table| table.name.clone()).collect()
    }

    /// The columns of a table by its name.
    pub fn columns(&self, name: &str) -> Vec<String> {
        self.tables.iter().find(|table| table.name == name).map(|table| table.columns.clone()).unwrap_or_default()
    }

    /// How a column of a table, by its place, holds days.
    pub fn days(&self, name: &str, column: usize) -> DayColumn {
        let table = self.tables.iter().find(|table| table.name == name);
        match table.and_then(|table| table.types.get(column)).map(String::as_str) {
            Some("date") => DayColumn::Date,
            Some("timestamp without time zone" | "timestamp with time zone") => DayColumn::Timestamp,
            _ => DayColumn::Other,
        }
    }

    /// The name in [`Self::names`] of a table that is named with a schema that it need not have, without one that it has while
    /// it is the only one of that name, or in quotes.
    pub fn short_name<'a>(&'a self, asked: &'a str) -> &'a str {
        let plain = asked.replace('"', "");
        let in_schema = |table: &&Table| {
            plain
                .split_once('.')
                .is_some_and(|(schema, name)| table.schema.eq_ignore_ascii_case(schema) && table.table.eq_ignore_ascii_case(name))
        };
        let is_called = |table: &&Table| table.table.eq_ignore_ascii_case(&plain);
        let known = self.tables.iter().find(|table| table.name == asked).or_else(|| self.tables.iter().find(in_schema));
        let mut called = self.tables.iter().filter(is_called);
        let only = called.next().filter(|_| called.next().is_none());
        known.or(only).map_or(asked, |table| &table.name)
    }

    /// A table as a statement names it.
    pub fn quoted(&self, name: &str) -> String {
        let table = self.tables.iter().find(|table| table.name == name);
        table.map_or_else(|| quoted(name, '"'), |table| format!("{}.{}", quoted(&table.schema, '"'), quoted(&table.table, '"')))
    }
}
