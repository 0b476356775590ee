"""A night that the owner was away, to be handed over."""

from datetime import UTC

from sessions.gate.evaluate import judge
from sessions.handover.absence import since_last
from sessions.handover.handover import Absence, handover
from sessions.handover.peaks import Peaks
from sessions.history.queries import Look
from sessions.values import readings as r
from tests.support.build import T0, after, window
from tests.support.sessions.flight import all_is_well, in_phase, ticked

LEFT, NOW = 3600.0, 4 * 3600.0
"""The owner left an hour after the phase was entered and came back three hours later."""

CALM = Peaks(
    window("POST /capsules", after(7200), p95_ms=438.0),
    window("GET /concierge", after(7200), errors=0.3, requests=100.0),
    r.Tickets("mongo", after(7200), 11, None, (), 0),
    r.Beat("mongo", after(7200), "capsule", T0, after(7000), 40),
)


def pen_of(percent=10):
    pen = in_phase(percent)
    pen.write(LEFT - 60, "note.written", "before", by="owner")
    return pen


def handed(pen, peaks=CALM, now=NOW, left=LEFT, *, done=True, well=True):
    state = ticked(pen.state) if done else pen.state
    seq = next(entry.seq for entry in state.entries if entry.text == "before")
    judgement = judge(all_is_well(state, after(now)) if well else state, after(now), UTC)
    since = since_last(state, Look(after(left), seq), after(now))
    return handover(judgement, Absence(since, peaks), UTC)


def rows(told, title):
    return [(row.what, row.text) for part in told.sections if part.title == title for row in part.rows]
