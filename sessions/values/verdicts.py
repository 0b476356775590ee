"""The words of judgement: what is said of a criterion, of one of its subjects, of a risk."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

CRITERIA = ("latency", "errors", "analytics", "growth", "incidents")
"""The stability criteria, in the order in which they are judged and shown."""


class Mark(StrEnum):
    """What can be said of a criterion. Only PASS lets a gate open."""

    PASS = "pass"  # noqa: S105 - the word of a verdict
    BREACH = "breach"
    WARMING = "warming"
    THIN = "thin"
    SILENT = "silent"
    BLIND = "blind"


class Level(StrEnum):
    """What can be said of a risk."""

    CALM = "calm"
    WATCH = "watch"
    ACT = "act"
    BLIND = "blind"


WORST_FIRST = (Mark.BREACH, Mark.BLIND, Mark.SILENT, Mark.THIN, Mark.WARMING, Mark.PASS)


class Pool(Struct, frozen=True):
    """Windows judged together: so many requests in so many seconds, `hits` of them bad (None where nobody can tell)."""

    requests: float
    seconds: float
    hits: float | None = None


class Part(Struct, frozen=True):
    """One subject of a criterion: an endpoint, a journey, a collection. `marks` are its judged windows, oldest first.

    `value` is against `bound` in `unit`; `text` says it in words, and why it is no pass. `pools` are what each of the
    windows was judged on where that is more than itself. `over`: the true value is somewhere above `value`.
    """

    subject: str
    mark: Mark
    value: float | None = None
    bound: float | None = None
    unit: str = ""
    text: str = ""
    marks: tuple[Mark, ...] = ()
    pools: tuple[Pool | None, ...] = ()
    over: bool = False


class Verdict(Struct, frozen=True):
    """Judgement of one criterion: the worst part's mark, value, bound and words.

    `since` is when its data was last good; `eta` the earliest moment it could pass if all goes well, None when
    nothing forecasts it. `over`: the true value is somewhere above `value`.
    """

    criterion: str
    mark: Mark
    subject: str = ""
    value: float | None = None
    bound: float | None = None
    unit: str = ""
    text: str = ""
    since: datetime | None = None
    eta: datetime | None = None
    parts: tuple[Part, ...] = ()
    over: bool = False


class RiskState(Struct, frozen=True):
    """Judgement of one risk card: its level, and the worst subject's value against the bound it crossed.

    `thin`: it is calm for want of data, not by proof. `asking`: it is blind because its source had no time to answer.
    `over`: the true value is somewhere above `value`.
    """

    risk: str
    level: Level
    subject: str = ""
    value: float | None = None
    bound: float | None = None
    unit: str = ""
    text: str = ""
    thin: bool = False
    asking: bool = False
    over: bool = False


def worst(parts: tuple[Part, ...]) -> Part | None:
    """Return the worst part; among equals the one with the highest value, then the first. None of none."""
    if not parts:
        return None
    return min(
        parts,
        key=lambda part: (
            WORST_FIRST.index(part.mark),
            -(part.value if part.value is not None else float("-inf")),
        ),
    )
