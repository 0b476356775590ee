"""Gaps deduced from the newest event of each poll: never one that was not, and every one that polls saw."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cockpit.sources.json.source import followed
from sessions.values.readings import Beat
from tests.support.build import T0, after

BOUND = 600.0


def poll(at, newest):
    return Beat("desk", after(at), "held", after(at), None if newest is None else after(newest), 1)


def follow(*polls):
    still, beats = None, []
    for at, newest in polls:
        still, beat = followed(still, poll(at, newest), BOUND)
        beats.append(beat)
    return [tuple((edge - T0).total_seconds() for edge in gap) for beat in beats for gap in beat.gaps]


def test_a_gap_is_told_as_far_as_it_was_seen():
    assert follow((0, -10), (300, -10), (640, -10), (700, 690)) == [(-10, 640)]


def test_a_gap_of_exactly_the_bound_is_none():
    assert follow((0, 0), (600, 0), (660, 650)) == []
    assert follow((0, 0), (601, 0), (660, 650)) == [(0, 601)]


def test_what_nobody_looked_at_is_no_gap():
    assert follow((0, 0), (5000, 4990)) == []


def test_an_event_that_was_late_ends_the_gap_where_it_happened():
    assert follow((0, 0), (900, 0), (960, 700)) == [(0, 700)]


def test_without_any_event_nothing_came_since_the_first_look():
    assert follow((0, None), (700, None), (760, 750)) == [(0, 700)]


def test_an_answer_that_goes_back_tells_nothing():
    assert follow((0, 0), (300, -50), (700, None), (760, 750)) == []


def test_the_gap_is_told_once():
    assert follow((0, 0), (700, 0), (760, 750), (820, 750), (880, 870)) == [(0, 700)]


moments = st.lists(st.integers(0, 20_000), max_size=30, unique=True).map(sorted)


@given(moments, moments)
def test_sound_and_complete_when_events_come_at_once(events, polls):
    """A told gap lies between two events that follow each other; one that polls saw to be too long is told."""
    rows = [(at, max((event for event in events if event <= at), default=None)) for at in polls]
    told = follow(*rows)
    edges = [*events, 30_000]
    for start, end in told:
        assert end - start > BOUND
        assert not [event for event in events if start < event <= end]
    for since, until in pairwise(edges):
        seen = [at for at in polls if since <= at < until]
        later = [at for at in polls if at >= until]
        if seen and later and seen[-1] - since > BOUND:
            assert (since, seen[-1]) in told
