//! Prints for Spark what shares classified orders out: every row with its verdict, a digest of what is known of it, the value that it is
//! shared out by, and the shard of that value.

use crate::classify::digest::{DIGITS, NOTHING, SEPARATOR, VERDICTS};
use crate::classify::rules::Rules;
use crate::classify::sql::dialect::Dialect;
use crate::classify::sql::printer::{GIVEN_REASON, ROWS};
use crate::classify::sql::{SqlSpec, steps};
use crate::clock::AsOf;
use crate::domain::columns::{ColumnType, column};
use crate::domain::record::{Field, NUMBER_TYPE, READING_FLAGS, ROW, SOURCE_WORDS};

/// The columns that are made beside those of the record.
pub const SHARD: &str = "shard";
/// What the column that rows are shared out by holds; empty where it is empty.
pub const SPLIT_VALUE: &str = "split_value";
/// What [`crate::classify::digest`] says of the row.
pub const ROW_DIGEST: &str = "row_digest";

/// Stands before the names of what is said of a row, until the columns of the record are not needed any more.
const SAID: &str = "said_";

/// How rows are shared out.
#[derive(Debug, Clone, Copy)]
pub struct ShardSpec<'a> {
    /// The table of orders, as it stands after FROM.
    pub table: &'a str,
    /// The instant that the verdicts speak of.
    pub as_of: AsOf,
    /// The column of the record by whose values they are shared out.
    pub key: &'a str,
    /// How many shards there are.
    pub shards: u32,
    /// The columns, of the record or beside it, by which the rows of a value are in order. With `row` it is a record of ours, which has
    /// the words and flags of its reading too.
    pub order: &'a [String],
}

impl ShardSpec<'_> {
    /// Whether the table is a record of ours, whose repeats were settled and which has the words and flags of its reading.
    pub fn is_record(&self) -> bool {
        self.order.iter().any(|key| key == ROW)
    }
}

/// The shard of a value among `shards`, which is that of Spark's `pmod(crc32(value), shards)`; an empty cell has that of an empty text.
pub fn shard_of(value: &str, shards: u32) -> u32 {
    crc32fast::hash(value.as_bytes()) % shards.max(1)
}

/// The SELECT: the columns of the record as they stand, what orders them, `status`, `detail`, `rule` and `action_owner` as codes,
/// [`ROW_DIGEST`], [`SPLIT_VALUE`] and [`SHARD`]. Its session has to have UTC for its zone.
pub fn classified_rows(rules: &Rules, spec: &ShardSpec<'_>) -> String {
    let dialect = Dialect::Spark;
    let known: Vec<&str> = Field::all().map(Field::key).chain([NUMBER_TYPE]).collect();
    let carried = spec.order.iter().map(String::as_str).filter(|key| !known.contains(key));
    // What reading found stands in records of ours, which number their rows.
    let found = if spec.is_record() { &[SOURCE_WORDS, READING_FLAGS][..] } else { &[] };
    let carried: Vec<String> = carried.chain(found.iter().copied()).map(str::to_owned).collect();
    let sql = SqlSpec { dialect, table: spec.table, as_of: spec.as_of, days: None };
    let (mut tables, said) = steps(rules, &sql, &carried);
    let said = said.into_iter().filter(|(key, _)| key != "next_step");
    tables.add_columns(&said.map(|(key, cell)| (format!("{SAID}{key}"), cell)).collect::<Vec<_>>());
    let column = |key: &str| format!("{ROWS}.{}", dialect.name(key));
    let given = |key: &str| match key {
        key if key == Field::RejectReason.key() => (key.to_owned(), column(GIVEN_REASON)),
        key => (key.to_owned(), column(key)),
    };
    let value = format!("COALESCE({}, '')", column(spec.key));
    let digested: Vec<String> = known.iter().chain(&VERDICTS).map(|key| digested(key, &column(&format!("{SAID}{key}")))).collect();
    let digest =
        format!("CAST(conv(substring(sha2(concat_ws(char({SEPARATOR}), {}), 256), 1, {DIGITS}), 16, 10) AS BIGINT)", digested.join(", "));
    let mut columns: Vec<(String, String)> = known.iter().copied().chain(carried.iter().map(String::as_str)).map(given).collect();
    columns.extend(VERDICTS.map(|key| (key.to_owned(), column(&format!("{SAID}{key}")))));
    let shard = format!("CAST(pmod(crc32({value}), {}) AS INT)", spec.shards);
    columns.extend([(ROW_DIGEST, digest), (SPLIT_VALUE, value), (SHARD, shard)].map(|(key, cell)| (key.to_owned(), cell)));
    tables.finish(&columns)
}

/// The cell of column `key` as it goes into the digest of its row.
fn digested(key: &str, cell: &str) -> String {
    let text = match column(key).map(|column| column.column_type) {
        Some(ColumnType::Instant) => format!("CAST({} AS STRING)", Dialect::Spark.micros(cell)),
        _ => format!("CAST({cell} AS STRING)"),
    };
    format!("COALESCE({text}, char({NOTHING}))")
}
