"""Since when the owner was away, whatever the clock did meanwhile."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.handover.absence import newer, since_last, since_moment
from sessions.history.queries import Look
from tests.support.build import T0, after
from tests.support.sessions.flight import begun

HOUR = 3600


def moved(pen, at, by):
    """The clock stood at `at` after it was moved by so many seconds."""
    facts = {"since": after(at), "until": after(at), "cause": "clock", "moved": float(by)}
    return pen.write(at, "gap.found", f"the clock moved by {by}", **facts)


def test_the_last_look_counts_before_every_act():
    pen = begun()
    pen.write(300, "note.written", "later than the look", by="cli")
    since = since_last(pen.state, Look(after(200), 2), after(HOUR))
    assert (since.at, since.seq, since.away, since.words, since.note) == (after(200), 2, 3400, "you left", "")
    assert [entry.text for entry in newer(pen.state, since)] == ["later than the look"]


@pytest.mark.parametrize("by", ["owner", "cli"])
def test_without_a_look_the_newest_act_of_the_owner_counts_and_is_named(by):
    pen = begun()
    pen.write(100, "note.written", "first", by=by)
    act = pen.write(200, "task.ticked", by=by, task="x", done=True)
    pen.write(300, "phase.entered", by="autopilot", phase=10, previous=0, evidence=())
    pen.write(400, "verdict.turned", criterion="latency", verdict="breach", was="pass", since=after(390))
    since = since_last(pen.state, None, after(HOUR))
    assert (since.at, since.seq, since.words, since.note) == (after(200), act.seq, "your last act", "no screen was up")
    assert [entry.kind for entry in newer(pen.state, since)] == ["phase.entered", "verdict.turned"]


def test_without_either_the_session_counts_from_its_start_and_says_so():
    pen = begun()
    since = since_last(pen.state, None, after(HOUR))
    assert (since.at, since.away, since.words) == (T0, HOUR, "the session began")
    assert newer(pen.state, since) == pen.state.entries


@pytest.mark.parametrize("asked", [0, 1, 99.5, 100, 150, 200, 10_000, -5])
def test_a_moment_counts_entries_from_then_on(asked):
    pen = begun()
    for at in (100, 200):
        pen.write(at, "note.written", str(at), by="cli")
    since = since_moment(pen.state, after(asked), after(HOUR))
    told = [entry.at for entry in newer(pen.state, since)]
    assert told == [entry.at for entry in pen.state.entries if entry.at >= after(asked)]
    assert since.away == max(0, HOUR - asked)


@pytest.mark.parametrize(
    ("by", "jumped", "now", "away", "measured"),
    [
        (2 * HOUR, 2 * HOUR + 1800, 3 * HOUR, 3000, 600),
        (-2 * HOUR, 1800 - 2 * HOUR, 0, 6600, 1800 - 2 * HOUR),
        (-60, 1740, 2000, 1460, 600),
    ],
    ids=["two hours on", "two hours back", "a minute back"],
)
def test_rows_25_and_26_a_clock_that_moved_neither_adds_nor_hides_time(by, jumped, now, away, measured):
    """The owner left at 600 s; at 1800 s of the old clock it was moved."""
    pen = begun()
    before = pen.write(500, "note.written", "before", by="owner")
    pen.write(900, "note.written", "after", by="cli")
    moved(pen, jumped, by)
    since = since_last(pen.state, Look(after(600), before.seq), after(now))
    assert since.away == away
    assert since.measured == after(measured)
    assert [entry.kind for entry in newer(pen.state, since)] == ["note.written", "gap.found"]


def test_row_26_a_moment_asked_for_is_one_of_todays_clock():
    pen = begun()
    pen.write(900, "note.written", "an hour and a half ago", by="cli")
    moved(pen, 1800 - 2 * HOUR, -2 * HOUR)
    pen.write(0, "note.written", "just now", by="cli")
    hour_ago = since_moment(pen.state, after(-HOUR), after(0))
    assert [entry.text for entry in newer(pen.state, hour_ago)][-1] == "just now"
    assert "an hour and a half ago" not in [entry.text for entry in newer(pen.state, hour_ago)]
    two_hours_ago = since_moment(pen.state, after(-2 * HOUR), after(0))
    assert "an hour and a half ago" in [entry.text for entry in newer(pen.state, two_hours_ago)]


def test_a_look_of_a_clock_ahead_of_ours_is_no_negative_absence():
    since = since_last(begun().state, Look(after(HOUR), 2), T0)
    assert (since.at, since.away) == (T0, 0)


@given(st.lists(st.floats(-(10**5), 10**5).map(lambda by: round(by, 3)), max_size=5), st.integers(0, 10**5))
def test_any_moves_of_the_clock_leave_the_time_that_truly_passed(moves, passed):
    pen = begun()
    for by in moves:
        moved(pen, 50 + sum(moves), by)
    look, now = Look(after(100), 2), after(100 + passed) + timedelta(seconds=sum(moves))
    assert since_last(pen.state, look, now).away == pytest.approx(passed, abs=1e-3)
