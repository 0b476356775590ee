"""What one judgement costs: all verdicts, risks, soak and gate of a flight under way, once a second."""

import time
from datetime import UTC, datetime, timedelta
from statistics import median

from flight import HOURS, PLAN, drafts, readings
from row import Row

from sessions.entries import Entry
from sessions.judge import judge
from sessions.state import State, observe, replay
from sessions.verdicts import Mark


def measure(rounds: int) -> list[Row]:
    """Judge the same state 20 times a round, each time a second later."""
    now = datetime.now(UTC)
    state, took = _state(now), list[float]()
    for tick in range(20 * rounds):
        begun = time.process_time()
        judgement = judge(state, now + timedelta(seconds=1 + tick / 1000), UTC)
        took.append(time.process_time() - begun)
    assert {verdict.mark for verdict in judgement.verdicts.values()} == {Mark.PASS}
    return [Row("One judgement", 1000 * median(took), "ms CPU", "", f"{HOURS} h of readings, all passing")]


def _state(now: datetime) -> State:
    """The state of the flight, as a watch that ran all the time would hold it."""
    at = now - timedelta(hours=HOURS)
    rows = enumerate(drafts(200), 1)
    state = replay(PLAN, [Entry(seq, at, d.kind, d.by, d.phase or 25, d.text, d.facts) for seq, d in rows])
    for reading in readings(now):
        state = observe(state, reading)
    return state
