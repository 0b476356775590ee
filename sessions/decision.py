"""What may become of a request: drafts of entries, switches, a move of the flag, or a refusal in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from sessions.entries import Draft, Fact

REPORT = "report"
"""The export that is the report of the day."""


@dataclass(frozen=True, slots=True)
class Move:
    """A move of the flag to `percent`; `entering` are the facts of the `phase.entered` that follows."""

    percent: int
    by: str
    text: str
    entering: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a request: entries to write, switches to set (name, on), a move, an export; or a refusal.

    `export` names what is to be written as a file, `REPORT` or the `risk.step` of a prepared message, empty for none;
    `run` is the task whose check is to be run.
    """

    drafts: tuple[Draft, ...] = ()
    switches: tuple[tuple[str, bool], ...] = ()
    move: Move | None = None
    export: str = ""
    run: str = ""
    refusal: str = ""
    done: str = ""


def refused(why: str) -> Decision:
    """Return a decision that changes nothing and says why."""
    return Decision(refusal=why)
