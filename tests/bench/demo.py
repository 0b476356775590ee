"""What a demo costs: the processor time of all its processes, two minutes after its start, by process."""

import os
import sys
from collections.abc import Mapping, Sequence
from statistics import median
from tempfile import TemporaryDirectory

from tools.row import Row
from tools.terminal import Terminal

SETTLED, SPAN = 120.0, 30.0
BRIEF = 5.0
"""Seconds of both where it is only proved that the bench works."""

COMMAND = (sys.executable, "-m", "cockpit", "demo")
PARTS = {"secantus": "database", "cockpit.demo.world": "world and shoppers"}
SCREEN = "screen and watch"


def measure(rounds: int) -> list[Row]:
    """Return what each process takes of one core, and what all of them take together."""
    settled, span = (SETTLED, SPAN) if rounds > 1 else (BRIEF, BRIEF)
    seen = [_flown(settled, span) for _ in range(min(rounds, 3))]
    load = f"load {os.getloadavg()[0]:.1f}"
    every = Row("Demo, all processes", median(sum(one.values()) for one in seen), "% of a core", "≤ 35 %", load)
    return [every, *(_row(seen, part) for part in (SCREEN, *PARTS.values()))]


def _row(seen: Sequence[Mapping[str, float]], part: str) -> Row:
    return Row(f"Demo: {part}", median(one.get(part, 0.0) for one in seen), "% of a core")


def _flown(settled: float, span: float) -> dict[str, float]:
    """Fly one demo; return the share of a core that each part of it takes, in %."""
    with (
        TemporaryDirectory(ignore_cleanup_errors=True) as place,
        Terminal(COMMAND, {"COCKPIT_HOME": place, "TMPDIR": place}) as terminal,
    ):
        terminal.until(lambda text: "watch started" in text)
        terminal.rest(settled)
        before = terminal.spent()
        terminal.rest(span)
        found = dict[str, float]()
        for process, (command, seconds) in terminal.spent().items():
            part = next((name for word, name in PARTS.items() if word in command), SCREEN)
            used = seconds - before.get(process, ("", 0.0))[1]
            found[part] = found.get(part, 0.0) + 100 * used / span
        return found
