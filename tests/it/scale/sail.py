# Has Sail, an engine on the wire of Spark Connect, run the statements of a plan, and says what it counted.
import json
import os
import pathlib
import sys

place, kind = pathlib.Path(sys.argv[1]), sys.argv[2]
os.environ["SAIL_MODE"] = kind
os.environ["SAIL_CLUSTER__WORKER_INITIAL_COUNT"] = "2"
os.environ["SAIL_CLUSTER__WORKER_MAX_COUNT"] = "2"

from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
spark = SparkSession.builder.remote(f"sc://127.0.0.1:{server.listening_address[1]}").getOrCreate()
# The statement of the session is for Spark, whose word for it Sail does not know.
spark.conf.set("spark.sql.session.timeZone", "UTC")
counts = (place / "sql/2-counts.sql").read_text().rstrip().rstrip(";")
rows = spark.sql(counts).collect()
lines = [json.dumps({"split_value": row[0], "rows": row[1], "digest": row[2]}) for row in rows]
(place / "counts.jsonl").write_text("".join(f"{line}\n" for line in sorted(lines)))
classified = counts[counts.index("FROM (") + 6 : counts.rindex(") GROUP BY")]
by_status = spark.sql(f"SELECT `status`, `detail`, COUNT(*) FROM ({classified}) GROUP BY 1, 2").collect()
print(json.dumps(sorted([row[0] or "", row[1] or "", row[2]] for row in by_status)))
spark.stop()
server.stop()
