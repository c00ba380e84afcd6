# Runs the SELECT of each dialect over the same rows and compares what it says with what is to be said.
import json
import pathlib

import chdb.session
import datafusion
import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import sqlglot

about = json.loads(pathlib.Path("about.json").read_text())
kinds = {"text": pa.string(), "boolean": pa.bool_(), "date": pa.date32(), "integer": pa.int32(), "timestamp": pa.timestamp("us")}
of = {key: kinds[kind] for key, kind in about["columns"]}
said = [f"said {key}" for key in about["said"]]
place = about["place"]
names = [place, *about["keys"], *said]
read = pyarrow.csv.read_csv(
    "domain.csv",
    read_options=pyarrow.csv.ReadOptions(column_names=names),
    parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
    convert_options=pyarrow.csv.ConvertOptions(
        column_types={name: of.get(name, pa.string()) for name in names},
        null_values=["\\N"], strings_can_be_null=True, quoted_strings_can_be_null=False,
    ),
)
rows = read.num_rows
table = pa.table({key: read[key] if key in names else pa.nulls(rows, of[key]) for key, _ in about["columns"]})
pyarrow.parquet.write_table(table, "domain.parquet")
expected = [read[name].to_pylist() for name in said]


def compare(engine, found):
    at_place = {number: at for at, number in enumerate(found[place].cast(pa.string()).to_pylist())}
    order = [at_place[number] for number in read[place].to_pylist()]
    assert len(order) == found.num_rows == rows, (engine, found.num_rows)
    columns = [found[key].cast(pa.string()).to_pylist() for key in about["said"]]
    differ = [row for row, at in enumerate(order) if any(said[at] != right[row] for said, right in zip(columns, expected))]
    print(f"{engine}: {rows} rows, {len(differ)} differ", flush=True)
    for row in differ[:3]:
        at = order[row]
        import sys
        print([(key, said[at], right[row]) for key, said, right in zip(about["said"], columns, expected) if said[at] != right[row]],
              {name: read[name][row].as_py() for name in about["keys"]}, file=sys.stderr)


def days(dialect):
    statements = pathlib.Path(f"{dialect}.days.sql").read_text().split(";\n") if about["days"] else []
    return [statement for statement in statements if statement.strip()]


def sql(dialect):
    return pathlib.Path(f"{dialect}.sql").read_text()


database = duckdb.connect()
database.register("port_orders", table)
for statement in days("duckdb"):
    database.execute(statement)
compare("duckdb", database.execute(sql("duckdb")).to_arrow_table())

context = datafusion.SessionContext()
context.register_record_batches("port_orders", [table.to_batches()])
for statement in days("datafusion"):
    context.sql(statement).collect()
compare("datafusion", context.sql(sql("datafusion")).to_arrow_table())

session = chdb.session.Session()
for statement in days("clickhouse"):
    session.query(statement)
compare("clickhouse", session.query(sql("clickhouse"), "ArrowTable"))

for dialect, name in [("spark", "spark"), ("snowflake", "snowflake"), ("bigquery", "bigquery"), ("trino", "trino"), ("sqlserver", "tsql")]:
    for text in [sql(dialect), *days(dialect)[:2]]:
        assert len(sqlglot.parse(text, read=name, error_level=sqlglot.ErrorLevel.RAISE)) == 1
    print(f"{dialect}: parsed", flush=True)
