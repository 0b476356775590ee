"""What the load generator knows: its own requests by endpoint and window, and how far what is shown is off."""

import math
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

SHARE = 0.05
"""So far from the truth a figure may be."""
_STALL = 0.04
"""Where one request in twenty was held up outside the service for such a part of the p95, or longer, a window
measures the machine."""


@dataclass
class Tally:
    """One endpoint in one window; `delays` are the ms that each request was sent late, or was on its way."""

    requests: int = 0
    errors: int = 0
    flagged: int = 0
    delays: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return _p95(self.took)

    @property
    def late(self) -> float:
        """What the machine itself added to a p95: it is no part of what a service can know."""
        return _p95(self.delays)


def _p95(values: list[float]) -> float:
    ranked = sorted(values)
    return ranked[math.ceil(0.95 * len(ranked)) - 1]


def tallies(path: Path, length: float) -> dict[tuple[float, str], Tally]:
    """Return what was asked, by the start of the window in which the answer came, and by endpoint."""
    found: dict[tuple[float, str], Tally] = defaultdict(Tally)
    lines = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line.count("\t") == 5]
    for at, endpoint, status, took, flag, late in lines:
        one = found[float(at) // length * length, endpoint]
        one.requests += 1
        one.errors += status == "0" or status.startswith("5")
        one.flagged += flag == "on"
        one.delays.append(float(late))
        one.took.append(float(took))
    return dict(found)


def whole(found: dict[tuple[float, str], Tally]) -> dict[tuple[float, str], Tally]:
    """Leave out the first and the last window, which the load began and ended in, and those it was held up in."""
    starts = [start for start, _ in found]
    held_up = {start for (start, _), one in found.items() if one.late > _STALL * one.p95}
    return {key: one for key, one in found.items() if min(starts) < key[0] < max(starts) and key[0] not in held_up}


def served(path: Path, since: float) -> float:
    """Return the per cent of users who had the flag in the last `-since` seconds of the load."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line.count("\t") == 5]
    end = max(float(row[0]) for row in rows)
    flags = [row[4] == "on" for row in rows if float(row[0]) > end + since]
    return 100 * sum(flags) / len(flags)


def off(shown: float, true: float) -> float:
    """How far a figure is off, as a share of the truth."""
    return abs(shown - true) / true if true else float(shown != 0)
