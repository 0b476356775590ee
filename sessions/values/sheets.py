"""The sheet of a task: its rows, what a source looked up, and the facts that a tick stores."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from sessions.text.clean import clean
from sessions.values.entries import Entry, Fact
from sessions.values.verdicts import Mark

KINDS = (
    "monitoring",
    "journeys",
    "analytics",
    "flows",
    "growth",
    "update",
    "retest",
    "dashboards",
    "decision",
    "feedback",
    "operations",
    "requests",
    "instrumentation",
    "duplicates",
    "queue",
    "csat",
    "morning",
    "midday",
    "evening",
)
"""Every kind of sheet that a plan may name."""

KEPT = 40
"""So many rows of a sheet are kept with a tick."""
_LONGEST = 160
_COLUMNS = ("seen_what", "seen_value", "seen_bound", "seen_when")


class Row(Struct, frozen=True):
    """One thing to look at: its value against its bound, both with units, and the moment it is about.

    `mark` says what is to be thought of it, None where it is only told.
    """

    what: str
    value: str = ""
    bound: str = ""
    at: datetime | None = None
    mark: Mark | None = None


class Count(Struct, frozen=True):
    """How many of a subject a source counted in the `span` s up to when it was asked."""

    subject: str
    span: float
    number: int


class Exhibit(Struct, frozen=True):
    """What one source looked up when it was asked; `name` is which look-up, `trouble` why there is none (cleaned).

    `counts` are figures of it that a sheet goes on to reckon with.
    """

    source: str
    at: datetime
    name: str
    title: str
    rows: tuple[Row, ...] = ()
    trouble: str = ""
    counts: tuple[Count, ...] = ()


class Section(Struct, frozen=True):
    """Rows under one title; `trouble` says why some or all rows are missing."""

    title: str
    rows: tuple[Row, ...] = ()
    trouble: str = ""


class Sheet(Struct, frozen=True):
    """What to look at before a task is ticked: `id` is the task, or `risk.step`; `kind` one of KINDS."""

    id: str
    kind: str
    title: str
    sections: tuple[Section, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row, and every trouble as one, in the order in which they are read."""
        return tuple(row for section in self.sections for row in _of(section))


def _of(section: Section) -> tuple[Row, ...]:
    rows = tuple(replace(row, what=f"{section.title}: {row.what}") for row in section.rows)
    return (*rows, *((Row(section.title, section.trouble, mark=Mark.BLIND),) if section.trouble else ()))


def facts_of(rows: Sequence[Row]) -> Mapping[str, Fact]:
    """Return rows as the facts of an entry: four lists of the same length; nothing for no rows."""
    told = [(row.what, row.value, row.bound, _said(row.at)) for row in rows[:KEPT]]
    lists = {name: tuple(clean(row[at], _LONGEST) for row in told) for at, name in enumerate(_COLUMNS)}
    return lists if told else {}


def _said(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""


def rows_of(entry: Entry) -> tuple[Row, ...]:
    """Return the rows that an entry kept; of a moment that is none, none."""
    columns = [entry.listed(name) for name in _COLUMNS]
    return tuple(Row(what, value, bound, _moment(when)) for what, value, bound, when in zip(*columns, strict=False))


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
