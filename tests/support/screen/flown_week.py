"""A week that was flown for three days, with what the history kept of it: each day busier than the one before."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.gate.judgement import Chore, Judgement
from sessions.history.history import History
from sessions.state.reducer import State, apply
from sessions.values import readings as r
from sessions.values.entries import Entry
from tests.support.build import PLAN, window

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = datetime(2026, 11, 1, tzinfo=BERLIN)
"""The day before the week's first: its phase was entered at its midnight."""


def at(day: int, hour: float) -> datetime:
    """A moment on a day of the week by the local clock; day 0 is the Sunday before it."""
    wall = SUNDAY.replace(tzinfo=None) + timedelta(days=day, hours=hour)
    return wall.replace(tzinfo=BERLIN).astimezone(UTC)


def state(**facts) -> State:
    """The week began on Monday at eight; latency did not pass for six hours of Tuesday."""
    flown = State(PLAN, started_at=at(0, 0), alive_at=at(0, 0))
    for moment, kind, more in (
        (at(0, 0), "session.started", {"name": "week", "plan": "cl7"}),
        (at(0, 0), "watch.started", {"pid": 1, "host": "here"}),
        (
            at(0, 0),
            "baseline.captured",
            {"collections": ("capsules", "shortlists", "returns"), "counts": (100.0, 100.0, 100.0)},
        ),
        (at(0, 0), "phase.entered", {"previous": 50, "evidence": ()}),
        *((at(0, 0), "verdict.turned", {"criterion": name, "verdict": "pass"}) for name in ("latency", "errors")),
        (at(1, 8), "week.started", {}),
        (at(2, 12), "verdict.turned", {"criterion": "latency", "verdict": "breach"}),
        (at(2, 18), "verdict.turned", {"criterion": "latency", "verdict": "pass"}),
        (at(2, 14), "incident.opened", {"incident": "i1", "severity": "P2"}),
    ):
        flown = apply(
            flown, Entry(flown.seq + 1, moment, kind, "owner", 100, kind, {"was": "", "since": moment, **more})
        )
    return replace(flown, **facts)


def kept(until: datetime) -> Iterator[r.Reading]:
    """What was measured up to a moment, every ten minutes: figures that say which day and hour it was."""
    for step in range(4 * 144):
        day, hour = divmod(step / 6, 24)
        moment = at(int(day), hour)
        if moment > until:
            return
        figure = 100.0 * (day + 1) + int(hour)
        yield window("POST /capsules", moment, p95_ms=figure, errors=day)
        yield r.Beat("mongo", moment, "capsule_created", at(0, 0), moment - timedelta(minutes=day + 1), 40)
        yield r.Tickets("mongo", moment, int(day) * 3 + 5, moment - timedelta(minutes=40), (("high", 1),), 1)
        yield r.Capsules("mongo", moment, 90, 20 + int(day), 0, moment)
        yield r.Returns("mongo", moment, (("open", 12), ("sent", 6)), 18, int(day == 3) * 2)
        yield r.Csat("mongo", moment, 40, int(day) * 4)
        for item in PLAN.collections:
            yield r.Size("mongo", moment, item.name, 100 + round(item.per_hour * step / 6), 0)


def history(path, until: datetime) -> History:
    held = History(path / "history.sqlite")
    held.add(tuple(kept(until)))
    return held


def judged(now: datetime, **facts) -> Judgement:
    return judge(state(watching=True, **facts), now, BERLIN)


def chore(judgement: Judgement, name: str) -> Chore:
    return next(one for one in judgement.week if one.id == name)
