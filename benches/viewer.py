#!/usr/bin/env python3
"""Measures the viewer over any input: the first page of each filter, the first time and again, other orders, far pages, the summary, the
interface for programs, memory, and requests a second.

  python3 benches/viewer.py INPUT [--limit MILLISECONDS] [--requests]

Milliseconds are those of a whole request on loopback. With --limit it ends with 1 if the first page of a filter takes longer the first
time. --requests adds requests a second by wrk, with 32 connections. portstatus is taken from $PORTSTATUS, else from target/release.
"""
import argparse, os, re, subprocess, sys, time, urllib.request

FILTERS = [
    ("first page", "/"), ("status", "/?status=in+progress"), ("account", "/?account={account}"), ("detail and type", "/?detail=rejected&type=toll-free"),
    ("overdue", "/?overdue=1"), ("waiting", "/?waiting=1"), ("ready to assign", "/?ready=1"), ("a number", "/?find=650-555"),
    ("a text", "/?find=acme"), ("dates", "/?confirmed_from=2026-11-01&confirmed_to=2026-12-01"), ("a condition", "/?where=days_to_port+%3C+3"),
]
OTHERS = [
    ("order by company", "/?sort=account_company"), ("page 15,000", "/?page=15000"), ("step to hit 500", "/?seek=acme&hit=500"),
    ("programs: rows", "/api/v1/numbers"), ("programs: summary", "/api/v1/summary"), ("summary", "/summary"),
]

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("input")
arguments.add_argument("--limit", type=float)
arguments.add_argument("--requests", action="store_true")
options = arguments.parse_args()
program = os.environ.get("PORTSTATUS", os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release", "portstatus"))
began = time.time()
viewer = subprocess.Popen(
    [program, "serve", options.input, "--port", "0", "--as-of", "2026-11-21", "--requests-per-minute", "100000000"],
    stdout=subprocess.PIPE, text=True,
)
slow = []
try:
    base, token = viewer.stdout.readline().strip().split("/?token=")

    def get(path):
        start = time.perf_counter()
        with urllib.request.urlopen(f"{base}{path}{'&' if '?' in path else '?'}token={token}", timeout=600) as answer:
            body = answer.read()
        return (time.perf_counter() - start) * 1e3, body

    get("/")
    print(f"read and indexed {time.time() - began:.1f} s after the start")
    account = re.search(rb'"account_id":"([^"]+)"', get("/api/v1/numbers?limit=1")[1])[1].decode()
    for name, path in FILTERS + OTHERS:
        first, _ = get(path.format(account=account))
        again = min(get(path.format(account=account))[0] for _ in range(3))
        print(f"{name:20} {first:8.1f} ms, again {again:8.1f} ms", flush=True)
        if options.limit and (name, path) in FILTERS and first > options.limit:
            slow.append(name)
    if options.requests:
        for path in ["/?", "/?status=in+progress&", "/?page=15000&", "/api/v1/numbers?limit=50&"]:
            told = subprocess.run(["wrk", "-t1", "-c32", "-d6s", f"{base}{path}token={token}"], capture_output=True, text=True).stdout
            print(path, *[line.strip() for line in told.splitlines() if "Requests/sec" in line or "Non-2xx" in line])
    with open(f"/proc/{viewer.pid}/status") as status:
        print(*[" ".join(line.split()) for line in status if line.startswith(("VmHWM", "VmRSS"))], sep=", ")
finally:
    viewer.terminate()
    viewer.wait()
if slow:
    sys.exit(f"slower than {options.limit} ms: {', '.join(slow)}")
