"""What happened: one entry is one past-tense fact, one block of the session file, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Fact = str | int | float | bool | datetime | tuple[str, ...] | tuple[float, ...]
"""What one key of an entry may hold: TOML's flat values, no None and no nested tables."""

BYS = ("owner", "cli", "watch", "autopilot")
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
    "flag.served": ("intent", "percent"),
    "switch.confirmed": ("switch", "on"),
    "switch.refused": ("switch", "on", "reason"),
    "flow.frozen": ("flow", "cause"),
    "flow.thawed": ("flow", "cause"),
    "baseline.captured": ("collections", "counts"),
    "week.started": (),
    "task.opened": ("task", "risk"),
    "task.ticked": ("task", "done"),
    "draft.written": ("risk", "files"),
    "note.written": (),
    "incident.opened": ("incident", "severity"),
    "incident.resolved": ("incident",),
    "waiver.given": ("subject", "reason", "evidence"),
    "alarm.acknowledged": ("alarms", "until"),
    "notice.sent": ("channel", "alarms"),
    "notice.failed": ("channel", "alarms", "reason"),
    "report.exported": ("files",),
    "plan.changed": (),
    "journal.recovered": ("bytes", "file"),
}
"""Every kind with the facts it must carry. An unknown kind from a newer cockpit is kept and shown, never dropped."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry not yet written: the journal gives it its `seq`, its `at` and its `crc`.

    `phase` is the percentage it is written under, None for the one in force.
    """

    kind: str
    by: str
    text: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    phase: int | None = None

    def __post_init__(self) -> None:
        missing = [name for name in KINDS[self.kind] if name not in self.facts]
        if missing:
            raise ValueError(f"{self.kind} lacks {', '.join(missing)}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One written entry. `phase` is the percentage in force, `facts` what its kind carries, `crc` closes its block."""

    seq: int
    at: datetime
    kind: str
    by: str
    phase: int
    text: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    crc: str = ""

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
