"""What is changed on the service, as its team would list it: deploys, and every move of a flag, one JSON line each."""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cockpit.demo.world.flag_file import Flags
from cockpit.demo.world.scenarios import Effects

NAME = "changes.jsonl"
PAST = (
    (20.0, "deploy", "ci", "catalogue 8.2.0"),
    (6.0, "commit", "shop team", "look book: larger pictures"),
    (1.5, "deploy", "ci", "concierge 4.17.1"),
)
"""Changes before the flight: plan hours ago, kind, author, text."""


class ChangesFile:
    """The file, to which lines are only added; one that cannot be written stays as it is."""

    def __init__(self, folder: Path, flag: str, speed: float) -> None:
        self._path = folder / NAME
        self._flag = flag
        self._speed = speed

    def begin(self, now: datetime) -> None:
        """Write what was changed before."""
        with contextlib.suppress(OSError):
            self._path.write_text("", "utf-8")
        for hours, kind, who, text in PAST:
            self._add(now - timedelta(seconds=3600 * hours / self._speed), kind, who, text)

    def tell(self, before: tuple[Flags, Effects], after: tuple[Flags, Effects], now: datetime) -> None:
        """Write down what turned between two looks."""
        for kind, who, text in _turned(self._flag, before, after):
            self._add(now, kind, who, text)

    def _add(self, at: datetime, kind: str, who: str, text: str) -> None:
        moment = at.astimezone(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"at": moment, "kind": kind, "who": who, "text": text}, ensure_ascii=False)
        with contextlib.suppress(OSError), self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _turned(flag: str, before: tuple[Flags, Effects], after: tuple[Flags, Effects]) -> Iterator[tuple[str, str, str]]:
    """Yield kind, author and text of changes; a slow or failing endpoint is caused by a deploy."""
    (was, had), (flags, effects) = before, after
    if flags.percent != was.percent:
        yield "flag", "flagd", f"{flag} {was.percent} % to {flags.percent} %"
    for name in sorted(flags.switches ^ was.switches):
        yield "flag", "flagd", f"{name} {'on' if name in flags.switches else 'off'}"
    struck = (effects.slow | effects.busy | effects.failing) - (had.slow | had.busy | had.failing)
    for endpoint in sorted(struck):
        yield "deploy", "ci", f"back end of {endpoint}, 2.9.0"
