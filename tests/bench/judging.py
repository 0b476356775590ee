"""What one judgement costs: all verdicts, risks, soak and gate of a flight under way, once a second."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

import msgspec
from tools import wide
from tools.flight import HOURS, PLAN, drafts, readings
from tools.row import Row

from sessions.gate.evaluate import judge
from sessions.state.reducer import State, observe_all, replay
from sessions.values import readings as r
from sessions.values.entries import Entry
from sessions.values.readings import Reading
from sessions.values.verdicts import Mark

CROWD = f"{wide.ENDPOINTS} endpoints, {wide.JOURNEYS} journeys"


def measure(rounds: int) -> list[Row]:
    """Judge the same state 20 times a round, and a wide one after each of 5 polls a round."""
    now = datetime.now(UTC)
    rows, polls = range(20 * rounds), [now + timedelta(seconds=1 + turn) for turn in range(5 * rounds)]
    narrow = _state(now)
    one = [_judged(narrow, now + timedelta(seconds=1 + row / 1000)) for row in rows]
    folded, many = zip(*_ticks(wide.state(now), polls), strict=True)
    return [
        Row("One judgement", 1000 * median(one), "ms CPU", "", f"{HOURS} h of readings, all passing"),
        Row("A wide judgement", 1000 * median(many), "ms CPU", "≤ 20 ms", f"{CROWD}, after a poll"),
        Row("Fold a wide poll", 1000 * median(folded), "ms CPU", "", f"{2 * wide.ENDPOINTS} readings"),
        *_long(now, rounds),
    ]


def _long(now: datetime, rounds: int) -> list[Row]:
    """A day of a rare service, asked every 5 s: each quarter of an hour without a request and an event is a gap."""
    state, early, polls = _state(now - timedelta(days=1)), 0, range(0, 24 * 3600, 5)
    for second in polls:
        at = now - timedelta(days=1) + timedelta(seconds=second)
        state = observe_all(state, list(_rare(at, second)))
        if second == 5 * 3600:
            early = _weight(state)
    judged = [_timed(state, now + timedelta(seconds=n / 1000)) for n in range(20 * rounds)]
    return [
        Row(
            "Known of a day, asked each 5 s",
            _weight(state) / early,
            "x 5 h",
            "",
            f"{_weight(state) / 1e6:.1f} MB as JSON",
        ),
        Row("Judge after such a day", 1000 * median(judged), "ms CPU", "", f"{_gaps(state)} gaps behind it"),
    ]


def _rare(at: datetime, second: int) -> Iterator[Reading]:
    busy = second % 900 < 120
    length, minute = PLAN.windows.length, timedelta(minutes=1)
    start = datetime.fromtimestamp(at.timestamp() // length * length, UTC)
    for endpoint in PLAN.endpoints:
        facts = (2.0 if busy else 0.0, 0.0, 240.0 if busy else None)
        yield r.Traffic("scrape", at, endpoint, r.Grain.MINUTE, at - minute, at, *facts)
        yield r.Traffic("scrape", at, endpoint, r.Grain.WINDOW, start, start + timedelta(seconds=length), *facts)
    if second % 60 == 0:
        event = at - timedelta(seconds=max(0, second % 900 - 120))
        gap = ((at - timedelta(seconds=780), at),) if second and second % 900 == 0 else ()
        yield from (r.Beat("mongo", at, one.id, at - minute, event, 1, gap) for one in PLAN.journeys)


def _weight(state: State) -> int:
    return len(msgspec.json.encode(state.seen))


def _gaps(state: State) -> int:
    return sum(map(len, state.seen.gaps.values()))


def _timed(state: State, now: datetime) -> float:
    begun = time.process_time()
    judge(state, now, UTC)
    return time.process_time() - begun


def _judged(state: State, now: datetime) -> float:
    begun = time.process_time()
    judgement = judge(state, now, UTC)
    took = time.process_time() - begun
    assert {verdict.mark for verdict in judgement.verdicts.values()} == {Mark.PASS}
    return took


def _ticks(state: State, polls: list[datetime]) -> Iterator[tuple[float, float]]:
    """Fold each poll and judge it, as the Watch does; yield what the two took."""
    for at in polls:
        rows: list[Reading] = wide.poll(at)
        begun = time.process_time()
        state = observe_all(state, rows)
        yield time.process_time() - begun, _judged(state, at)


def _state(now: datetime) -> State:
    """The state of the flight, as a watch that ran all the time would hold it."""
    at = now - timedelta(hours=HOURS)
    rows = enumerate(drafts(200), 1)
    state = replay(PLAN, [Entry(seq, at, d.kind, d.by, d.phase or 25, d.text, d.facts) for seq, d in rows])
    return observe_all(state, readings(now))
