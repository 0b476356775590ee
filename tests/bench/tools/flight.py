"""A flight to measure on: a session under way at 25 %, its entries, and the readings of its last four hours."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cockpit.cli.commands.sessions import begin
from cockpit.settings.file.wiring import Wiring
from sessions.history.history import History
from sessions.plan.loader import bundled
from sessions.storage.folders import HISTORY, SESSION, prepare
from sessions.storage.journal import Journal
from sessions.values import readings as r
from sessions.values.entries import Draft
from sessions.values.flag_value import FlagValue

PLAN = bundled()
HOURS = 4
EVIDENCE = (
    "pass latency 438 ms ≤ 500 ms  3/3 windows [13:45-14:00 UTC]",
    "pass errors 0.3 % < 1.0 %  3/3 windows [13:45-14:00 UTC]",
    "pass analytics gap 2m10s ≤ 10m00s",
    "pass growth capsules +2 % within ±35 %",
    "pass incidents none open, no critical line",
    "pass soak 2h04m ≥ 2h00m",
    "pass tasks 3 of 3 ticked",
    "pass risks 0 of 6 act",
    "pass fuse none burns",
    "pass flag 10 % read back",
    "pass journal 41 entries kept",
    "pass running watched, not paused",
)


def turned(number: int) -> Draft:
    """Return the entry that is written most often: a verdict that turned."""
    verdict, was = ("breach", "pass") if number % 2 else ("pass", "breach")
    facts = {"criterion": "latency", "verdict": verdict, "was": was, "since": datetime(2026, 11, 23, tzinfo=UTC)}
    facts |= {"subject": "POST /capsules", "value": 812.0, "bound": 500.0, "unit": "ms"}
    return Draft("verdict.turned", "watch", f"latency {verdict} POST /capsules 812 ms", facts)


def entered(percent: int, previous: int) -> Draft:
    """Return the largest entry there is: a decision with its evidence."""
    facts = {"previous": previous, "evidence": EVIDENCE}
    text = f"{percent} % entered · 12 of 12 conditions passed"
    return Draft("phase.entered", "owner", text, facts, phase=percent)


def drafts(count: int) -> tuple[Draft, ...]:
    """Return that many entries of a flight that has reached 25 %."""
    counts = {"collections": ("capsules", "shortlists", "returns"), "counts": (900.0, 900.0, 900.0)}
    start = (
        Draft("watch.started", "watch", "watch started", {"pid": 1, "host": "here"}),
        Draft("baseline.captured", "watch", "baseline captured", counts),
        entered(10, 0),
        entered(25, 10),
        Draft("flag.confirmed", "watch", "flag reads 25 %", {"intent": "m4", "percent": 25}),
    )
    return (*start, *(turned(number) for number in range(count - len(start))))


def session(folder: Path, count: int, now: datetime) -> Path:
    """Make a session of `count` entries whose readings end at `now`."""
    prepare(folder)
    begin(folder, "bench", PLAN, Wiring())
    journal = Journal(folder / SESSION)
    journal.open(now)
    try:
        journal.append(drafts(count - 1), phase=25, now=now - timedelta(hours=HOURS))
    finally:
        journal.close()
    history = History(folder / HISTORY)
    history.add(list(readings(now)))
    history.close()
    return folder


def readings(now: datetime) -> Iterator[r.Reading]:
    """Yield what the sources of a calm flight have told by `now`."""
    for place, endpoint in enumerate(PLAN.endpoints):
        yield from traffic(endpoint, 240.0 + 30 * place, now)
    for journey in PLAN.journeys:
        yield r.Beat("mongo", now, journey.id, now - timedelta(hours=1), now - timedelta(seconds=40), 90)
    for back in range(60 * HOURS, -1, -4):
        at = now - timedelta(minutes=back)
        for collection in PLAN.collections:
            yield r.Size("mongo", at, collection.name, round(900 + collection.per_hour * (HOURS - back / 60) / 4), 0)
        yield r.Tickets("mongo", at, 7, at - timedelta(minutes=50), (("P2", 4), ("P3", 3)), 1, ("Linen blazer",))
    yield r.Triage("mongo", now, (), 120)
    yield r.Capsules("mongo", now, 64, 5, 0, now + timedelta(hours=3))
    yield r.Returns("mongo", now, (("created", 4), ("refunded", 30)), 4, 0)
    yield r.Csat("mongo", now, 48, 3)
    yield FlagValue("session", now, 25)
    for topic in r.Topic:
        yield r.Pulse("scrape" if topic is r.Topic.TRAFFIC else "mongo", now, topic, True, "", 12.0, now)


def traffic(endpoint: str, p95: float, now: datetime, quarters: int = 81) -> Iterator[r.Reading]:
    """Yield the closed windows, the one that runs, and a minute for every quarter of a minute."""
    length = PLAN.windows.length
    running = datetime.fromtimestamp(now.timestamp() // length * length, UTC)
    for back in range(round(HOURS * 3600 / length), -1, -1):
        start = running - timedelta(seconds=back * length)
        end = start + timedelta(seconds=length)
        yield r.Traffic("scrape", min(end, now), endpoint, r.Grain.WINDOW, start, end, 120.0, 0.0, p95)
    for back in range(quarters - 1, -1, -1):
        end = now - timedelta(seconds=15 * back)
        yield r.Traffic("scrape", end, endpoint, r.Grain.MINUTE, end - timedelta(minutes=1), end, 24.0, 0.0, p95)
