"""What one judgement costs: all verdicts, risks, soak and gate of a flight under way, once a second."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

from tools import wide
from tools.flight import HOURS, PLAN, drafts, readings
from tools.row import Row

from sessions.gate.evaluate import judge
from sessions.state.reducer import State, observe_all, replay
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
    ]


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
