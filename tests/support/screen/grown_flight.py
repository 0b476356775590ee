"""A flight that grows by entries and readings, hour by hour, for the samples of the screen."""

import math
from datetime import UTC, datetime, timedelta, timezone

from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.gate.judgement import Judgement
from sessions.plan.loader import bundled
from sessions.state.reducer import State, apply, observe
from sessions.values import readings as r
from sessions.values.entries import Entry
from sessions.values.flag_value import FlagValue

PLAN = bundled()
NOW = datetime(2026, 11, 23, 13, 3, 22, tzinfo=UTC)
ENTERED = NOW - timedelta(hours=3, minutes=12)
TZ = timezone(timedelta(hours=1))


def ago(**span) -> datetime:
    return NOW - timedelta(**span)


class Flight:
    """A state that grows by entries and readings."""

    def __init__(self, plan=PLAN):
        self.state = State(plan)

    def wrote(self, at: datetime, kind: str, text: str, *, by="watch", phase=None, **facts) -> "Flight":
        here = self.state.phase if phase is None else phase
        state = replace(self.state, reached_at=None)  # a sample may be told in any order: no clock moves by it
        self.state = apply(state, Entry(self.state.seq + 1, at, kind, by, here, text, facts))
        return self

    def saw(self, *readings: r.Reading) -> "Flight":
        for reading in readings:
            self.state = observe(self.state, reading)
        return self

    def judged(self, now: datetime = NOW) -> Judgement:
        return judge(self.state, now, TZ)


def started(flight: Flight | None = None) -> Flight:
    flight = flight or Flight()
    begin = ago(hours=6)
    flight.wrote(begin, "session.started", "session demo started", name="demo", plan="cl7")
    flight.wrote(begin, "watch.started", "watch started", pid=1, host="here")
    flight.wrote(
        begin,
        "baseline.captured",
        "baseline captured",
        collections=("capsules", "shortlists", "returns"),
        counts=("900", "2400", "310"),
    )
    return flight


def entered(flight: Flight) -> Flight:
    """Phase 1 flown, phase 2 entered three hours ago."""
    for task in PLAN.phases[0].activities:
        flight.wrote(ago(hours=5, minutes=40), "task.ticked", f"{task.text} ✔", by="owner", task=task.id, done=True)
    evidence = ("● sources 3/3 fresh",)
    flight.wrote(
        ago(hours=5, minutes=30), "phase.entered", "10 % entered", by="owner", phase=10, previous=0, evidence=evidence
    )
    flight.wrote(ago(hours=5, minutes=30), "flag.confirmed", "flag confirmed at 10 %", intent="a", percent=10)
    for task in PLAN.phases[1].activities:
        flight.wrote(ago(hours=4), "task.ticked", f"{task.text} ✔", by="owner", task=task.id, done=True)
    flight.wrote(
        ENTERED,
        "phase.entered",
        "25 % entered · 12 of 12 conditions passed",
        by="owner",
        phase=25,
        previous=10,
        evidence=evidence,
    )
    flight.wrote(ENTERED, "flag.confirmed", "flag confirmed at 25 %", intent="b", percent=25)
    flight.wrote(
        ago(hours=1, minutes=50), "task.ticked", "Capsule and stylist flows ✔", by="owner", task="p2.flows", done=True
    )
    flight.wrote(ago(hours=1), "task.ticked", "Mongo growth checks ✔", by="owner", task="p2.growth", done=True)
    flight.wrote(ago(minutes=5), "note.written", "Stakeholder update sent", by="owner")
    return flight


RECORDS = (
    r.Topic.JOURNEYS,
    r.Topic.COLLECTIONS,
    r.Topic.TRIAGE,
    r.Topic.QUEUE,
    r.Topic.CAPSULES,
    r.Topic.RETURNS,
    r.Topic.CSAT,
)
"""What the database answers."""

BASES = {"GET /concierge": 300, "POST /capsules": 410, "POST /returns": 270, "POST /shortlists": 190}


def traffic(flight: Flight, *, hours=3.0, ends=NOW, p95=None, errors=None) -> Flight:
    """Windows and minutes of every endpoint; `p95` and `errors` override the newest window's figures by endpoint."""
    length = PLAN.windows.length
    newest = datetime.fromtimestamp(ends.timestamp() // length * length, UTC)
    count = int(hours * 3600 / length)
    for number, endpoint in enumerate(PLAN.endpoints):
        base = BASES.get(endpoint, 240 + 30 * number)
        for back in range(count, -1, -1):
            start = newest - timedelta(seconds=length * back)
            end = start + timedelta(seconds=length)
            at = min(ends, end + timedelta(seconds=5))
            value = base + 34 * math.sin(back / 2 + number) + 12 * math.sin(back * 3 + number)
            hot = back <= 2 and p95 and endpoint in p95
            bad = errors.get(endpoint, 0) if errors and back <= 1 else back % 7 == number % 7
            flight.saw(
                r.Traffic(
                    "scrape",
                    at,
                    endpoint,
                    r.Grain.WINDOW,
                    start,
                    end,
                    118.0 + 9 * ((back + number) % 5),
                    float(bad),
                    p95[endpoint] if hot else round(value, 1),
                    over=0.4 if hot else 0.02,
                )
            )
        for back in range(12, -1, -1):
            end = ends - timedelta(seconds=60 * back)
            start = end - timedelta(seconds=60)
            flight.saw(
                r.Traffic("scrape", end, endpoint, r.Grain.MINUTE, start, end, 24.0, 0.0, float(base), over=0.02)
            )
    return flight.saw(r.Pulse("scrape", ends, r.Topic.TRAFFIC, True, "", 11.0, ends))


def mongo(flight: Flight, *, at=NOW - timedelta(seconds=20), tickets=11, duplicates=0, shortlists=28, low=3) -> Flight:
    """Everything the database answers, calm unless told otherwise."""
    for topic in RECORDS:
        flight.saw(r.Pulse("mongo", at, topic, True, "", 21.0, at))
    since = flight.state.entered_at or ago(hours=6)
    for journey, age in zip(PLAN.journeys, (42, 130, 65, 248), strict=False):
        flight.saw(r.Beat("mongo", at, journey.id, since, at - timedelta(seconds=age), 300))
    for back in range(24, -1, -1):
        when = at - timedelta(minutes=5 * back)
        share = (24 - back) / 24
        flight.saw(
            r.Size(
                "mongo",
                when,
                "capsules",
                900 + int(22 * share),
                duplicates if back == 0 else 0,
                ("s12/l9",) if duplicates else (),
            ),
            r.Size("mongo", when, "shortlists", 2400 + int(shortlists * share**2), 0),
            r.Size("mongo", when, "returns", 310 + int(10 * share), 0),
        )
    flight.saw(
        r.Triage("mongo", at, (), 40),
        r.Tickets(
            "mongo",
            at,
            tickets,
            ago(minutes=72),
            (("P1", 2), ("P2", tickets - 5), ("P3", 3)),
            3,
            ("Where is my capsule?",),
        ),
        r.Capsules("mongo", at, 182, 14, 0, ago(hours=-5)),
        r.Returns("mongo", at, (("requested", 12), ("in transit", 17), ("received", 2)), 31, 2),
        r.Csat("mongo", at, 41, low),
    )
    return flight


def flag(flight: Flight, *, at=NOW - timedelta(seconds=8), percent=None, source="flagd") -> Flight:
    known = flight.state.phase if percent is None else percent
    return flight.saw(r.Pulse(source, at, r.Topic.FLAG, True, "", 2.0, at), FlagValue(source, at, known, (), "demo"))
