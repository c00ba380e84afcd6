#!/usr/bin/env python3
"""Measures portstatus beside the tools a user would pick instead, on the same generated file in the same run.

  python3 benches/compare.py [--rows 10000,100000] [--runs 3] [--only csv,xlsx,pdf,all,read] [--work DIR]

Whole processes: CPU seconds (user + system), peak memory of the largest process, median of the runs. The last column
is portstatus beside the stored baseline (benches/baseline.json, which --save rewrites): its CPU divided by the
baseline's, both in units of the same run's peer where there is one, so that a slower machine does not look like a
slower program.

The peers need: pip install -r benches/peers/requirements.txt
and, for the PDF peer, its fonts (Debian: apt-get install fonts-dejavu-core fonts-dejavu-extra fonts-wqy-microhei).
portstatus is taken from $PORTSTATUS, else built with cargo build --release.
"""
import argparse, json, os, statistics, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(HERE, "peers")
COLUMNS = ("partner,account_id,account_username,account_company,phone_number,class,status,detail,request_id,case_number,order_id,"
           "submitted_date,estimated_date,confirmed_date,confirmed_time,priority,location,coordinator,created_date,requested_date,"
           "approved_date,reject_reason,configuration_profile,quality_flags")


BASELINE = os.path.join(HERE, "baseline.json")
PEER_FONTS = {
    "/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed.ttf": "fonts-dejavu-extra",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc": "fonts-wqy-microhei",
}


def missing_fonts():
    """The Debian packages whose fonts the PDF peer would not find."""
    return [package for path, package in PEER_FONTS.items() if not os.path.exists(path)]


def beside_baseline(baseline, key, figures):
    """Our CPU beside the stored one, each in units of its own run's peer where both runs had it."""
    stored = baseline.get(key)
    if not stored:
        return "–"
    ours, theirs = figures["portstatus"], stored["portstatus"]
    peer = next((name for name in figures if name != "portstatus" and name in stored), None)
    if peer:
        ours, theirs = ours / figures[peer], theirs / stored[peer]
    return f"{ours / theirs:.2f}"


def run(command):
    """CPU seconds, wall seconds and peak MiB of one command and its children."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 3):
        sys.exit(f"{' '.join(command)}\nexit {code}: {error.decode(errors='replace')[-2000:]}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def measure(label, rows, commands, runs, baseline, found):
    """Runs all commands in turn, `runs` rounds, and prints a row for each with its ratio to the first."""
    results = {name: [] for name, _ in commands}
    for _ in range(runs):
        for name, command in commands:
            results[name].append(run(command))
    first = statistics.median(r[0] for r in results[commands[0][0]])
    key = f"{label} {rows}"
    found[key] = {name: round(statistics.median(r[0] for r in figures), 3) for name, figures in results.items()}
    for name, figures in results.items():
        cpu, wall, peak = (statistics.median(column) for column in zip(*figures))
        low, high = min(r[0] for r in figures), max(r[0] for r in figures)
        print(f"| {label} | {rows:,} | {name} | {cpu:.2f} ({low:.2f}–{high:.2f}) | {wall:.2f} | {peak:.0f} | {cpu / first:.2f} "
              f"| {beside_baseline(baseline, key, found[key]) if name == 'portstatus' else ''} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="10000,100000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="csv,xlsx,pdf,all,read")
    parser.add_argument("--work", default="target/compare")
    parser.add_argument("--save", action="store_true", help="store this run's medians as the baseline")
    args = parser.parse_args()
    only = args.only.split(",")
    os.makedirs(args.work, exist_ok=True)
    baseline, found = {}, {}
    if os.path.exists(BASELINE):
        with open(BASELINE) as file:
            baseline = json.load(file)
    if "pdf" in only and (packages := missing_fonts()):
        sys.exit(f"the PDF peer needs fonts of the Debian packages {', '.join(packages)}: install them, or leave pdf out of --only")
    tool = os.environ.get("PORTSTATUS")
    if not tool:
        subprocess.run(["cargo", "build", "--release", "--locked"], cwd=os.path.dirname(HERE), check=True)
        tool = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(os.path.dirname(HERE), "target")), "release", "portstatus")
    out = os.path.join(args.work, "out")
    peer = lambda script, source, *what: [sys.executable, os.path.join(PEERS, script), source, out, *what]
    ours = lambda source, formats: [tool, "report", source, "--format", formats, "--columns", COLUMNS, "--out", out + "/", "--quiet",
                                    "--as-of", "2026-11-01T12:00:00Z"]
    print("| job | rows | tool | CPU s (min–max) | wall s | peak MiB | CPU ratio | beside baseline |\n|---|---|---|---|---|---|---|---|")
    for rows in (int(n) for n in args.rows.split(",")):
        source = os.path.join(args.work, f"{rows}.csv")
        if not os.path.exists(source):
            subprocess.run([sys.executable, os.path.join(PEERS, "gen.py"), "--rows", str(rows), "--accounts", str(max(200, rows // 50)),
                            "--partners", "200", "--seed", "7", "--out", source], check=True)
        if "csv" in only:
            measure("CSV", rows, [("portstatus", ours(source, "csv")), ("polars in Python", peer("peer_polars.py", source, "csv"))], args.runs, baseline, found)
        if "xlsx" in only:
            measure("XLSX", rows, [("portstatus", ours(source, "xlsx")), ("polars + jetxl", peer("peer_polars.py", source, "jetxl"))], args.runs, baseline, found)
        if "pdf" in only:
            peers = [("ReportLab canvas", peer("peer_polars.py", source, "pdfcanvas"))] if rows <= 100_000 else []
            measure("PDF", rows, [("portstatus", ours(source, "pdf")), *peers], args.runs if rows <= 10_000 else 1, baseline, found)
        if "all" in only:
            measure("all three", rows, [("portstatus", ours(source, "csv,xlsx,pdf"))], args.runs if rows <= 100_000 else 1, baseline, found)
        if "read" in only and rows <= 100_000:
            book = os.path.join(args.work, f"{rows}.xlsx")
            if not os.path.exists(book):
                subprocess.run([sys.executable, os.path.join(PEERS, "gen.py"), "--rows", str(rows), "--accounts", str(max(200, rows // 50)),
                                "--partners", "200", "--seed", "7", "--out", source, "--xlsx", book], check=True)
            reader = f"import polars as pl; pl.read_excel({book!r}, infer_schema_length=0)"
            measure("reading XLSX", rows, [("portstatus", [tool, "check", book, "--quiet"]), ("polars (calamine)", [sys.executable, "-c", reader])], args.runs, baseline, found)
    if args.save:
        with open(BASELINE, "w") as file:
            json.dump({**baseline, **found}, file, indent=1, sort_keys=True)
            file.write("\n")


if __name__ == "__main__":
    main()
