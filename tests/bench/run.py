"""Measure the cockpit on this machine: `python tests/bench/run.py`. It prints a table and asserts no time."""

import argparse
import os
import platform
from collections.abc import Callable, Mapping
from importlib.metadata import version

import append
import checking
import crew
import demo
import duplicates
import judging
import loading
import parsing
import reverting
import scaling
import screen
import stalling
import windowing
from studies import false_holds, false_pauses
from tools.row import Row, table

BENCHES: Mapping[str, Callable[[int], list[Row]]] = {
    "screen": screen.measure,
    "append": append.measure,
    "checking": checking.measure,
    "reverting": reverting.measure,
    "loading": loading.measure,
    "judging": judging.measure,
    "parsing": parsing.measure,
    "windowing": windowing.measure,
    "scaling": scaling.measure,
    "duplicates": duplicates.measure,
    "stalling": stalling.measure,
    "crew": crew.measure,
    "demo": demo.measure,
    "false_pauses": false_pauses.measure,
    "false_holds": false_holds.measure,
}


def main() -> None:
    """Run the benches one after the other and print what they measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured; 1 only proves that it works")
    parser.add_argument("--only", choices=sorted(BENCHES), help="one bench instead of all")
    asked = parser.parse_args()
    names = [asked.only] if asked.only else list(BENCHES)
    rows: list[Row] = []
    try:
        for name in names:
            rows += BENCHES[name](max(1, asked.rounds))
    finally:  # what one bench lacks costs none of the others
        print(f"Python {platform.python_version()}, Textual {version('textual')}, {os.cpu_count()} cores, {_load()}")
        print()
        print(table(rows))


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f} at the end, medians of interleaved runs"


if __name__ == "__main__":
    main()
