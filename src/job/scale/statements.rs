//! The statements that share rows out where they are, in the words of Apache Spark.

use std::path::Path;

use crate::classify::rules::Rules;
use crate::classify::sql::dialect::Dialect;
use crate::classify::sql::shards::{ROW_DIGEST, SHARD, SPLIT_VALUE, ShardSpec, classified_rows};
use crate::domain::record::Field;
use crate::error::{Error, Place, Result};
use crate::job::scale::plan::{Plan, RunPlace, SHARDS, WHOLE};

/// Settings of its session: instants are UTC.
pub const SETTINGS: [(&str, &str); 1] = [("spark.sql.session.timeZone", "UTC")];

/// What an engine is told, in order.
pub struct Statements {
    /// Sets [`SETTINGS`], for those who send statements alone.
    pub session: String,
    /// Each value with its rows and the sum of their digests, of which [`crate::job::scale::plan::ValueCount`] is made.
    pub counts: String,
    /// A row that says of each field of the record, by its key, whether it has a value somewhere.
    pub present: String,
    /// How many numbers stand twice in a request of an account; none for a record of ours, in which that was settled.
    pub repeated: Option<String>,
    /// Writes the shards, and the rows in their order if somebody may see all of them.
    pub shards: Vec<String>,
    /// Renders each shard by a task of its own; a line for each recipient is its answer.
    pub render: String,
}

/// The statements of `plan`; `program` is where the engine's machines have this program.
///
/// # Errors
/// [`Error::usage`] for a plan without a table; [`Error::data`] for one that has no instant.
pub fn statements((place, plan): (&RunPlace, &Plan), rules: &Rules, program: &Path) -> Result<Statements> {
    let Some(table) = &plan.table else {
        let what = "the job reads more than one Parquet file, so that an engine has to be told what to read";
        let help = "name the table, or write the record with 'portstatus normalize' and have the job read it";
        return Err(Error::usage("", what, help).with_remedy(Place::option("table")));
    };
    let order = plan.order.as_slice();
    let dialect = Dialect::Spark;
    let spec = ShardSpec { table, as_of: plan.as_of()?, key: &plan.key, shards: plan.shards, order };
    let rows = classified_rows(rules, &spec);
    let name = |key: &str| dialect.name(key);
    let order = |before: &[&str]| {
        let keys = before.iter().copied().chain(spec.order.iter().map(String::as_str));
        keys.map(|key| format!("{} ASC NULLS FIRST", name(key))).collect::<Vec<_>>().join(", ")
    };
    let (shard, value) = (name(SHARD), name(SPLIT_VALUE));
    let kept = |folder: &str, partitioned: &str, rows: String| {
        let table = name(&format!("portstatus_{}_{folder}", plan.run.replace('-', "_")));
        let location = dialect.text(&place.path.join(folder).display().to_string());
        // The files stay when the table goes: their place is the run's.
        [
            format!("DROP TABLE IF EXISTS {table}"),
            format!("CREATE TABLE {table} USING parquet {partitioned}LOCATION {location} AS\n{rows}"),
            format!("DROP TABLE {table}"),
        ]
    };
    let sorted = format!("SELECT * FROM (\n{rows}) DISTRIBUTE BY {shard} SORT BY {}", order(&[SHARD, SPLIT_VALUE]));
    let mut shards: Vec<String> = kept(SHARDS, &format!("PARTITIONED BY ({shard}) "), sorted).into();
    if plan.is_whole {
        shards.extend(kept(WHOLE, "", format!("SELECT * FROM (\n{rows}) ORDER BY {}", order(&[]))));
    }
    let counts = format!(
        "SELECT {value}, COUNT(*) AS `rows`, CAST(SUM(CAST({} AS DECIMAL(38, 0))) AS STRING) AS `digest`\nFROM (\n{rows}) GROUP BY {value}",
        name(ROW_DIGEST)
    );
    Ok(Statements {
        session: SETTINGS.map(|(name, value)| format!("SET {name}={value}")).join(";\n"),
        counts,
        present: present(table),
        repeated: (!spec.is_record()).then(|| repeated(table)),
        shards,
        render: render((place, plan), program),
    })
}

/// Which fields of the record have a value somewhere in `table`.
fn present(table: &str) -> String {
    let name = |field: Field| Dialect::Spark.name(field.key());
    let fields: Vec<String> = Field::all().map(|field| format!("COUNT({}) > 0 AS {}", name(field), name(field))).collect();
    format!("SELECT {} FROM {table}", fields.join(", "))
}

/// How many numbers stand twice in a request of an account of `table`.
fn repeated(table: &str) -> String {
    format!(
        "SELECT COUNT(*) AS `numbers` FROM (SELECT 1 FROM {table} GROUP BY `phone_number`, COALESCE(`request_id`, `order_id`, \
         `case_number`), `account_id` HAVING COUNT(*) > 1)"
    )
}

/// Has a task of the engine render each part of the run.
fn render((place, plan): (&RunPlace, &Plan), program: &Path) -> String {
    let words = [
        &program.display().to_string(),
        "render",
        "--shard",
        "-",
        "--shards",
        &plan.shards.to_string(),
        "--run",
        &place.path.display().to_string(),
        "--undelivered-ok",
    ]
    .map(shell_word);
    let tasks = plan.tasks().count();
    format!(
        "SELECT TRANSFORM(CAST(id AS STRING)) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t'\nUSING {}\nAS (`line` STRING) ROW FORMAT \
         DELIMITED FIELDS TERMINATED BY '\\t'\nFROM range(0, {tasks}, 1, {tasks})",
        Dialect::Spark.text(&words.join(" "))
    )
}

/// A word of a shell's command, whatever is in it.
fn shell_word(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
