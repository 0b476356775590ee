import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cockpit.demo.flights.test_traffic_flights import need

ROOT = Path(__file__).parents[2]
SAYS = {
    "screen": (
        "First paint: what opens",
        "The deck, whole",
        "Idle, 1 s refresh",
        "Memory (PSS)",
        "Key to paint: pause",
    ),
    "append": ("Append a turned verdict", "Append a decision with evidence"),
    "checking": ("Check in a script",),
    "reverting": ("Revert from a cold start", "The same, to the least"),
    "loading": ("Load 10,000 entries", "Replay 10,000 entries"),
    "judging": (
        "One judgement",
        "A wide judgement",
        "Fold a wide poll",
        "Known of a day, asked each 5 s",
        "Judge after such a day",
    ),
    "parsing": ("Read a wide page, all new", "Read a wide page again", "Fold it into windows"),
    "windowing": ("Ask Prometheus for windows", "Ask it for those that closed"),
    "scaling": (
        "Read a page, 10 endpoints",
        "Windows of it, 10 endpoints",
        "Fold and judge, 10 endpoints",
        "Judge again, 10 endpoints",
    ),
    "duplicates": (
        "First look for duplicates, small",
        "First look for duplicates, large",
        "Later look for duplicates, small",
        "Later look for duplicates, large",
        "Later look, large to small",
    ),
    "crew": (
        "Key to durable entry, p50",
        "Key to durable entry, p99",
        "Take-over after kill -9",
        "Polls on time, terminal unread",
    ),
    "demo": ("Demo, all processes", "Demo: database", "Demo: world and shoppers", "Demo: screen and watch"),
    "stalling": ("Latest poll: all well", "Latest poll: a page silent", "Latest poll: MongoDB stopped"),
}


@pytest.mark.parametrize("bench", SAYS)
def test_a_bench_measures_what_it_promises(bench, tmp_path):
    if bench == "windowing":
        need("prometheus")
    command = [sys.executable, str(ROOT / "tests" / "bench" / "run.py"), "--rounds", "1", "--only", bench]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        command, cwd=tmp_path, env=surroundings, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
    for word in SAYS[bench]:
        (row,) = [line for line in rows if line.startswith(f"| {word} ")]
        value = float(row.split("|")[2].split()[0])
        assert value > 0 or word.startswith(("Idle", "Latest"))
    assert not list(tmp_path.iterdir()), "a bench cleans up"
