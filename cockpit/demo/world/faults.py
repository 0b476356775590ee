"""When something began to be wrong with the demo service, and when it was over: noted in a file of the world's own.

Only a drill reads it, once its screen is closed.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from cockpit.demo.world.scenarios import CALM, Effects

NAME = "faults.jsonl"
KINDS: Mapping[str, tuple[str, ...]] = {
    "latency": ("slow", "busy"),
    "errors": ("failing",),
    "analytics": ("mute", "unwalked"),
    "duplicates": ("duplicates",),
    "queue": ("tickets",),
    "csat": ("upset",),
    "incident": ("critical",),
    "source": ("deaf",),
    "flag": ("strange",),
}
"""Every kind of fault with what of the effects it is."""


class Fault(Struct, frozen=True):
    """One time that something was wrong: `until` is None if it still was when the world ended."""

    kind: str
    since: datetime
    until: datetime | None = None


class FaultLog:
    """Notes each turn of a fault as it comes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._on: frozenset[str] = frozenset()

    def note(self, effects: Effects, now: datetime) -> None:
        """Note what began and what ended. Raises OSError."""
        on = wrong(effects)
        rows = [(kind, True) for kind in sorted(on - self._on)] + [(kind, False) for kind in sorted(self._on - on)]
        self._on = on
        if rows:
            at = now.astimezone(UTC).isoformat()
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps({"at": at, "kind": kind, "on": begins}) + "\n" for kind, begins in rows)


def wrong(effects: Effects) -> frozenset[str]:
    """Return the kinds of what is wrong now, by what differs from a calm world."""
    return frozenset(
        kind for kind, names in KINDS.items() if any(getattr(effects, name) != getattr(CALM, name) for name in names)
    )


def faults_in(lines: Iterable[str]) -> tuple[Fault, ...]:
    """Return what a file of turns tells, the oldest first."""
    open_ones, found = dict[str, datetime](), list[Fault]()
    for line in lines:
        turn = json.loads(line)
        kind, at = str(turn["kind"]), datetime.fromisoformat(turn["at"])
        if turn["on"]:
            open_ones.setdefault(kind, at)
        elif kind in open_ones:
            found.append(Fault(kind, open_ones.pop(kind), at))
    found += [Fault(kind, at) for kind, at in open_ones.items()]
    return tuple(sorted(found, key=lambda one: (one.since, one.kind)))
