#!/usr/bin/env python3
"""Measures the replay of event histories beside DuckDB reading and sorting the same file, in the same run.

  python3 benches/events.py [--numbers 1000000] [--events 10] [--orders number,time,shuffled] [--work DIR]

Whole processes: CPU seconds (user + system), wall seconds, peak memory. portstatus replays every number and classifies it
(`check`); DuckDB reads every column as text, the time as a timestamp, and sorts by number and time. portstatus is taken from
$PORTSTATUS, else from target/release; DuckDB is that of the Python that runs this: pip install duckdb.

Files by number and by time are replayed while they are read: with --events 20 the peak is to be about that of --events 10.
"""
import argparse, os, random, subprocess, sys, tempfile, time

STORY = ["Create New Porting Request", "Review Started", "Review Passed", "Start Porting Request", "Additional Information Required",
         "Resubmit", "Additional Information Required", "Resubmit", "Porting Date Confirmed FOC", "Activated"]
REASONS = ["Account number mismatch", "Wrong PIN", "Name mismatch", "Address mismatch"]
SORT = """
import duckdb, sys
duckdb.sql("SET threads = 2")
duckdb.sql(f"CREATE TABLE e AS SELECT * FROM read_csv('{sys.argv[1]}', all_varchar = true) ORDER BY phone_number, event_at::TIMESTAMP")
"""


def write(path, numbers, events):
    """A file of histories, number by number, each event hours after the one before it."""
    draw = random.Random(7)
    with open(path, "w") as out:
        out.write("phone_number,request_id,event,event_at,actor,reason\n")
        for index in range(numbers):
            phone = f"+1{2 + index % 8}{index // 8 % 90 + 10:02}{2 + index // 720 % 8}{index:07}"[:12]
            at = 1_759_300_000 + draw.randrange(1_000_000)
            for step in range(events):
                event = STORY[step % len(STORY)]
                reason = REASONS[(index + step) % 4] if event.startswith("Additional") else ""
                stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
                out.write(f"{phone},R{index // 5},{event},{stamp},{'carrier' if step > 3 else 'ann'},{reason}\n")
                at += 3_600 + draw.randrange(200_000)


def reorder(path, order, target):
    """The same events by time, or in no order."""
    by = "event_at" if order == "time" else "hash(phone_number || event_at)"
    sql = f"COPY (SELECT * FROM read_csv('{path}', all_varchar = true) ORDER BY {by}) TO '{target}' (HEADER)"
    subprocess.run([sys.executable, "-c", f"import duckdb; duckdb.sql(\"SET enable_progress_bar = false\"); duckdb.sql({sql!r})"], check=True)


def measure(command):
    """CPU seconds, wall seconds and peak MiB of one command."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        sys.exit(f"{' '.join(command)}: {error.decode(errors='replace')[-2000:]}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numbers", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=10)
    parser.add_argument("--orders", default="number,time,shuffled")
    parser.add_argument("--work", default=os.path.join(tempfile.gettempdir(), "portstatus-events"))
    asked = parser.parse_args()
    program = os.environ.get("PORTSTATUS", os.path.join(os.path.dirname(__file__), "..", "target", "release", "portstatus"))
    os.makedirs(asked.work, exist_ok=True)
    name = lambda order: os.path.join(asked.work, f"events-{asked.numbers}x{asked.events}-{order}.csv")
    if not os.path.exists(name("number")):
        write(name("number"), asked.numbers, asked.events)
    print("| events | sorted by | who | CPU s | wall s | peak MiB | beside DuckDB |\n|---|---|---|---|---|---|---|")
    for order in asked.orders.split(","):
        if not os.path.exists(name(order)):
            reorder(name("number"), order, name(order))
        theirs = measure([sys.executable, "-c", SORT, name(order)])
        ours = measure([program, "check", name(order), "--quiet"])
        for who, (cpu, wall, peak), beside in [("DuckDB", theirs, "1.00"), ("portstatus", ours, f"{ours[0] / theirs[0]:.2f}")]:
            print(f"| {asked.numbers * asked.events:,} | {order} | {who} | {cpu:.1f} | {wall:.1f} | {peak:,.0f} | {beside} |", flush=True)


main()
