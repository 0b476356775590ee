"""Session files that no cockpit wrote, their checksums right: what a script, or a newer cockpit, leaves."""

import itertools
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import tomli_w

from sessions.file_format.blocks import OPENING, closed
from sessions.file_format.soundness import EARLIEST, LATEST
from sessions.plan.loader import bundled
from sessions.values.entries import KINDS
from tests.support.build import T0, after

PLAN_TABLE = dict(bundled().table)
LONG_AGO, FAR_AHEAD = (
    datetime.fromisoformat("0001-01-01T00:00:00+00:00"),
    datetime.fromisoformat("9999-12-31T23:59:59Z"),
)

Row = dict[str, object]


def row(kind: str, **facts: object) -> Row:
    """Return an entry's keys but for its number; any may be overridden, `None` leaves one out."""
    return {"at": T0, "kind": kind, "by": "watch", "phase": 0, "text": kind, **facts}


def course(percent: int = 25) -> list[Row]:
    """Return the entries of a sane session that stands in a phase."""
    moved = {"intent": "i1", "percent": percent, "previous": 0, "writer": "session"}
    return [
        row("session.started", by="owner", name="one", plan="cl7"),
        row("watch.started", pid=1, host="box", at=after(1)),
        row("flag.intended", **moved, at=after(2)),
        row("flag.confirmed", intent="i1", percent=percent, at=after(3)),
        row("phase.entered", phase=percent, previous=0, evidence=["pass"], at=after(4)),
    ]


def _wrong(kind: str) -> Row:
    """Return an entry of which every fact is of another type than any cockpit writes."""
    odd = itertools.cycle([[1.5, "x"], {"a": 1}, "\x1b[2J", False, 10**18, date(2026, 1, 1), []])
    return row(kind, **dict(zip(KINDS[kind], odd, strict=False)))


CHECKED = ("fuse.lit", "flag.intended", "flag.confirmed", "flag.served", "gap.found")
"""Kinds that are damage without their facts."""


def forged(path: Path, rows: list[Row], head: Row | None = None, number: int = 1) -> Path:
    """Write a session file of these entries; `head` replaces parts of the header, a part that is None is left out."""
    parts: Row = {
        "format": number,
        "session": {"name": "one", "created": T0},
        "wiring": {"database": "", "flag_file": ""},
        "plan": PLAN_TABLE,
        **(head or {}),
    }
    data, crc = closed((tomli_w.dumps(_given(parts)) + "\n[header]\n").encode(), 0)
    for seq, keys in enumerate(rows, 1):
        block, crc = closed(OPENING + "".join(_lines(_given({"seq": seq, **keys}))).encode(), crc)
        data += block
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _lines(keys: Row) -> Iterator[str]:
    """Yield a line per key; a table stands within its line, as an entry has no others."""
    for key, value in keys.items():
        listed = tomli_w.dumps({"it": [0, value]}).removeprefix("it = [\n    0,\n").removesuffix(",\n]\n")
        yield f"{key} = {listed.strip()}\n"


def _given(keys: Row) -> Row:
    return {key: value for key, value in keys.items() if value is not None}


DAMAGED: Mapping[str, tuple[list[Row], str]] = {
    "a phase that no plan has": ([*course(), row("phase.entered", phase=33, previous=25)], "entry 6 enters 33 %"),
    "a negative phase": ([*course(), row("note.written", phase=-25)], "entry 6 has the phase -25 %"),
    "a phase over all": ([*course(), row("phase.entered", phase=10**30)], "entry 6 has the phase 1000"),
    "a phase in words": ([*course(), row("phase.entered", phase="25")], "entry 6 lacks its seq, moment or phase"),
    "the year 1": ([*course(), row("note.written", at=LONG_AGO)], "entry 6 is dated in the year 1"),
    "the year 9999": ([*course(), row("note.written", at=FAR_AHEAD)], "entry 6 is dated in the year 9999"),
    "a start in the year 9999": ([row("session.started", at=FAR_AHEAD)], "entry 1 is dated in the year 9999"),
    "a moment without zone": ([row("session.started", at=datetime(2026, 1, 1))], "entry 1 lacks its seq"),  # noqa: DTZ001
    "a deadline in the year 9999": (
        [*course(), row("fuse.lit", risk="latency_spike", deadline=FAR_AHEAD)],
        "entry 6 is dated in the year 9999",
    ),
    "a gap since the year 1": (
        [*course(), row("gap.found", since=LONG_AGO, until=T0)],
        "entry 6 is dated in the year 1",
    ),
    "a fuse of no risk": (
        [*course(), row("fuse.lit", risk="moon", deadline=T0)],
        'entry 6 lights a fuse for the risk "m',
    ),
    "a fuse without risk": ([*course(), row("fuse.lit")], 'entry 6 lights a fuse for the risk ""'),
    "a flag of a million": ([*course(), row("flag.confirmed", percent=10**6)], "entry 6 sets the flag to 1000000 %"),
    "a flag of 1e308": ([*course(), row("flag.intended", percent=1e308)], "entry 6 sets the flag to 1e+308 %"),
    "a flag in words": ([*course(), row("flag.confirmed", percent="all")], "entry 6 sets the flag to -1 %"),
    "a clock moved for ever": ([*course(), row("gap.found", moved=1e300)], "entry 6 moves the clock by 1e+300 s"),
    "a wrong number": ([*course(), row("note.written", seq=9)], "entry 9 follows entry 5"),
    "a first entry that is damaged": ([row("session.started", seq=0), *course()], "entry 0 follows entry 0"),
    "no number": ([row("session.started", seq="1")], "entry 1 lacks its seq, moment or phase"),
}
"""Each with the line that says what is wrong."""

ODD: Mapping[str, list[Row]] = {
    "no entry": [],
    "no start": course()[1:],
    "a start in the middle": [*course(), row("session.started", name="two", plan="other")],
    "bare entries": [*course(), *({"at": T0, "kind": kind} for kind in (*KINDS, "") if kind not in CHECKED)],
    "facts of wrong types": [*course(), *(_wrong(kind) for kind in KINDS if kind not in CHECKED)],
    "names of nothing": [
        *course(),
        row("verdict.turned", criterion="moon", verdict="breach"),
        row("verdict.turned", criterion="latency", verdict="full"),
        row("risk.turned", risk="moon", level="act"),
        row("risk.turned", risk="csat", level="full"),
        row("fuse.blown", risk="moon"),
        row("flow.frozen", flow="moon"),
        row("flow.thawed", flow="stars"),
        row("task.ticked", task="moon", done=True),
        row("task.opened", task="moon", risk="moon"),
        row("incident.resolved", incident="moon"),
        row("incident.opened", incident="", severity="P9"),
        row("waiver.given", subject="moon", reason=""),
        row("switch.refused", switch="moon", on=True, reason=""),
        row("alarm.acknowledged", alarms=["moon"], until=T0),
        row("rollout.paused", cause="moon"),
        row("draft.written", risk="moon", files=[], task="moon.rise"),
    ],
    "deadlines of another age": [
        *course(),
        row("fuse.lit", risk="csat", deadline=EARLIEST),
        row("fuse.lit", risk="latency_spike", deadline=LATEST - timedelta(days=1)),
    ],
    "time upside down": [
        *course(),
        row("gap.found", since=after(900), until=after(-900)),
        row("watch.stopped", at=EARLIEST),
    ],
    "counts of 2,000 digits": [*course(), row("baseline.captured", collections=["shortlists"], counts=["9" * 1900])],
    "a kind of tomorrow": [*course(), row("moon.rose", phase=0, moon={"full": True}, tide=[[1], [2]], depth=10**40)],
}
"""Sessions that no cockpit leaves, and that fly all the same."""

BATTERY, BEYOND = datetime(1970, 1, 2, tzinfo=T0.tzinfo), datetime(2998, 3, 1, 12, tzinfo=T0.tzinfo)
"""What a clock says that was wrong, and what is still a date."""


def shifted(rows: list[Row], at: datetime) -> list[Row]:
    """Return entries as they are where the first moment of all is `at`."""
    return [{**keys, "at": at + (keys["at"] - T0)} for keys in rows if isinstance(keys["at"], datetime)]


def _counted() -> Row:
    return row("baseline.captured", collections=["capsules", "shortlists"], counts=["900", "900"], at=after(4))


def _week() -> list[Row]:
    return [*course(100), row("week.started", phase=100, at=after(5))]


def _turns() -> list[Row]:
    words = ("pass", "blind", "pass")
    return [row("verdict.turned", criterion="latency", verdict=word, was="warming", at=after(5)) for word in words]


FAR: Mapping[str, list[Row]] = {
    "one entry ahead": [*course(), row("note.written", at=BEYOND)],
    "all ahead": shifted([*course(), _counted()], BEYOND),
    "begun long ago": [*shifted([*course(), _counted(), *_turns()], BATTERY), row("note.written", phase=25)],
    "to and fro": [*course(), *(row("note.written", at=(BEYOND, T0)[number % 2]) for number in range(20))],
    "a gap of centuries": [*course(), row("gap.found", since=after(9), until=BEYOND, at=BEYOND)],
    "nobody watched for centuries": [*course(), row("watch.stopped", at=after(9)), row("watch.started", at=BEYOND)],
    "a week begun long ago": [*shifted(_week(), BATTERY), row("note.written", phase=100)],
    "a week and then centuries": [*_week(), row("note.written", phase=100, at=BEYOND)],
    "a fuse of centuries": [
        *course(),
        row("fuse.lit", risk="latency_spike", deadline=BEYOND, at=after(5)),
        row("fuse.extended", risk="latency_spike", deadline=BEYOND, at=BEYOND),
    ],
    "a pause of centuries": [
        *course(),
        row("rollout.paused", at=after(5), cause="x"),
        row("rollout.resumed", at=BEYOND),
    ],
    "a clock that was set": [*course(), row("gap.found", moved=3.0e10, at=BEYOND), row("note.written", at=BEYOND)],
}
"""Entries centuries apart: each date is one, and the clock that said it was wrong."""
