"""What happened: one entry is one past-tense fact, one block of the session file, never changed."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from itertools import count
from os import getpid

from msgspec import Struct, field
from msgspec.structs import replace

from sessions.text.clean import clean
from sessions.text.units import clock
from sessions.values.percent import Percent

_NUMBERS = count(1)

Fact = str | int | float | bool | datetime | tuple[str, ...] | tuple[float, ...]
"""What one key of an entry may hold: TOML's flat values, no None and no nested tables."""

BYS = ("owner", "cli", "watch", "autopilot")
PERSONS = ("owner", "cli")
"""Those of them behind which a person sits."""
WHO = "who"
"""The fact of an entry that says which person it was, as `user@host`."""
UNSAVED = "NOT saved: "
"""What the text of an entry begins with that happened and is not in the log."""
LATE = "happened_at"
"""The fact of an entry that was written late: when it happened."""
COMMON = ("seq", "at", "kind", "by", "phase", "text", "crc")

KINDS: Mapping[str, tuple[str, ...]] = {
    "session.started": ("name", "plan"),
    "watch.started": ("pid", "host"),
    "watch.stopped": ("reason",),
    "gap.found": ("since", "until", "cause"),
    "phase.entered": ("previous", "evidence"),
    "rollout.paused": ("cause", "evidence"),
    "rollout.resumed": ("evidence",),
    "verdict.turned": ("criterion", "verdict", "was", "since"),
    "risk.turned": ("risk", "level", "was"),
    "fuse.lit": ("risk", "deadline", "evidence"),
    "fuse.extended": ("risk", "deadline", "evidence"),
    "fuse.defused": ("risk", "evidence"),
    "fuse.blown": ("risk", "evidence"),
    "flag.intended": ("intent", "percent", "previous", "writer"),
    "flag.confirmed": ("intent", "percent"),
    "flag.refused": ("intent", "percent", "reason"),
    "flag.unknown": ("intent", "percent", "reason"),
    "flag.drifted": ("expected", "seen"),
    "flag.returned": ("since",),
    "flag.unread": ("since", "reason"),
    "flag.served": ("intent", "percent"),
    "switch.confirmed": ("switch", "on"),
    "switch.refused": ("switch", "on", "reason"),
    "switch.found": ("switch", "on"),
    "flow.frozen": ("flow", "cause"),
    "flow.thawed": ("flow", "cause"),
    "baseline.captured": ("collections", "counts"),
    "week.started": (),
    "session.concluded": ("evidence",),
    "task.opened": ("task", "risk"),
    "task.ticked": ("task", "done"),
    "decision.made": ("decision", "reason", "evidence"),
    "feedback.noted": ("source", "tone"),
    "message.written": ("lines", "send"),
    "draft.written": ("risk", "files"),
    "note.written": (),
    "incident.opened": ("incident", "severity"),
    "incident.resolved": ("incident",),
    "waiver.given": ("subject", "reason", "evidence"),
    "waiver.lapsed": ("subject", "reason"),
    "alarm.acknowledged": ("alarms", "until"),
    "notice.sent": ("channel", "alarms"),
    "notice.failed": ("channel", "alarms", "reason"),
    "report.exported": ("files",),
    "retrospective.written": ("files",),
    "report.edited": ("period", "op", "line"),
    "plan.changed": ("plan", "parts", "changes"),
    "journal.recovered": ("bytes", "file"),
}
"""Every kind with the facts it must carry. An unknown kind from a newer cockpit is kept and shown, never dropped."""


class Draft(Struct, frozen=True):
    """An entry not yet written: the journal gives it its `seq`, its `at` and its `crc`.

    `phase` is the percentage it is written under, None for the one in force.
    """

    kind: str
    by: str
    text: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    phase: Percent | None = None

    def __post_init__(self) -> None:
        missing = [name for name in KINDS[self.kind] if name not in self.facts]
        if missing:
            raise ValueError(f"{self.kind} lacks {', '.join(missing)}")


def signed(draft: Draft, who: str) -> Draft:
    """Return an entry of a person with who it was; any other as it is, and one that says it already."""
    if not who or draft.by not in PERSONS or WHO in draft.facts:
        return draft
    return replace(draft, facts={**draft.facts, WHO: who})


class Entry(Struct, frozen=True):
    """One written entry. `phase` is the percentage in force, `facts` what its kind carries, `crc` closes its block."""

    seq: int
    at: datetime
    kind: str
    by: str
    phase: Percent
    text: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    crc: str = ""

    @property
    def happened(self) -> datetime:
        """When it happened: before it was written, where the log could not take it at once."""
        return min(self.dated(LATE) or self.at, self.at)

    def said(self, name: str, default: str = "") -> str:
        """Return a text fact, `default` where there is none."""
        value = self.facts.get(name, default)
        return value if isinstance(value, str) else default

    def counted(self, name: str, default: float = 0.0) -> float:
        """Return a number fact, `default` where there is none."""
        value = self.facts.get(name, default)
        return default if isinstance(value, bool) or not isinstance(value, (int, float)) else value

    def dated(self, name: str) -> datetime | None:
        """Return a moment fact, None where there is none."""
        value = self.facts.get(name)
        return value if isinstance(value, datetime) else None

    def listed(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, empty where there is none."""
        value = self.facts.get(name, ())
        return tuple(str(item) for item in value) if isinstance(value, tuple) else ()


class Unwritten(Struct, frozen=True):
    """An entry that the log does not have. `id` names it in every process, `phase` is the percentage then in force."""

    id: str
    at: datetime
    draft: Draft
    phase: Percent


def unwritten(draft: Draft, phase: Percent, at: datetime) -> Unwritten:
    """Return an entry that happened at `at` and is to be kept; names sort as they were made, and no two are alike."""
    utc = at.astimezone(UTC)
    return Unwritten(f"{utc:%Y%m%dT%H%M%S%f}-{getpid():010}-{next(_NUMBERS):09}", utc, draft, phase)


def line(entry: Entry, tz: tzinfo | None) -> str:
    """Say one entry in one line: `14:02:10   25 %  verdict.turned     growth shortlists +41 %`."""
    return f"{clock(entry.at, tz)}  {entry.phase:>3} %  {clean(entry.kind, 40):<18} {clean(entry.text, 2000)}"
