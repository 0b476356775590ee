"""How many moments a replay judges follows from what was recorded; a clock that was wrong makes it no longer."""

import sys
from datetime import timedelta
from itertools import pairwise

import pytest
from msgspec.structs import replace

from sessions.replay import steps
from sessions.replay.course import as_judged, as_recorded
from sessions.replay.flight import Replay
from sessions.replay.limits import limits
from sessions.replay.record import SILENT, recorded
from sessions.replay.steps import Steps
from sessions.storage.session_file import load
from sessions.text.intervals import Overlaps
from sessions.values.entries import Entry
from sessions.values.readings import Size, Traffic
from tests.support.build import PLAN, T0, after, window
from tests.support.sessions.flight import in_phase
from tests.support.sessions.forged import BATTERY, BEYOND, FAR, forged
from tests.support.sessions.kept import record_of
from tests.support.worlds.plan import PLAN as SHORT

NOW = after(86_400)


def noted(number, at, kind="note.written", **facts):
    return Entry(number, at, kind, "owner", 25, kind, facts)


def plainly(chooser, now, until, _state):
    """Return the next step, however long nothing was told: what `Steps.after` leaves out is left out of this."""
    return min(now + chooser._step, until)


@pytest.mark.parametrize("name", FAR)
def test_entries_centuries_apart_are_few_moments(tmp_path, name):
    entries = load(forged(tmp_path / "session.toml", FAR[name])).entries
    record = recorded(PLAN, entries, [], NOW)
    most = steps._AT_LEAST + 4 * len(entries)
    for count, _ in enumerate(Replay(PLAN, PLAN, record).moments(), 1):
        assert count <= most
    as_recorded(PLAN, record)


def test_many_leaps_are_judged_as_often_as_there_are_entries(monkeypatch):
    monkeypatch.setattr(steps, "_AT_LEAST", 50)
    entries = [*in_phase(25).state.entries]
    entries += [noted(len(entries) + 1 + n, (BEYOND, T0)[n % 2]) for n in range(200)]
    count = sum(1 for _ in Replay(PLAN, PLAN, recorded(PLAN, entries, [], NOW)).moments())
    assert count <= steps._AT_LEAST + 4 * len(entries)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_left_out_changes_no_moment_of_a_flight(monkeypatch, seed):
    record = record_of(seed)
    short = list(Replay(SHORT, SHORT, record).moments())
    monkeypatch.setattr(Steps, "after", plainly)
    whole = list(Replay(SHORT, SHORT, record).moments())
    assert [(one.at, one.judgement.verdicts, one.entered) for one in short] == [
        (one.at, one.judgement.verdicts, one.entered) for one in whole
    ]


def test_time_that_nobody_watched_leaves_the_rhythm_of_the_steps_as_it_was(monkeypatch):
    entries = [*in_phase(25).state.entries]
    entries += [
        noted(len(entries) + 1, after(9_007), "gap.found", since=after(601), until=after(9_002)),
        noted(len(entries) + 2, after(10_000), "watch.stopped"),
        noted(len(entries) + 3, after(20_000), "watch.started"),
        noted(len(entries) + 4, after(21_000)),
    ]
    record = recorded(PLAN, entries, [Size("mongo", after(at), "capsules", 5, 0) for at in (60, 15_000)], NOW)
    short = [moment.at for moment in Replay(PLAN, PLAN, record).moments()]
    monkeypatch.setattr(Steps, "after", plainly)
    assert short == [moment.at for moment in Replay(PLAN, PLAN, record).moments()]


def test_a_silence_is_judged_at_first_and_then_as_something_comes_again():
    entries = [*in_phase(25).state.entries]
    entries.append(noted(len(entries) + 1, after(86_400)))
    moments = [moment.at for moment in Replay(PLAN, PLAN, recorded(PLAN, entries, [], NOW)).moments()]
    ends = [one for one, following in pairwise(moments) if following - one > timedelta(minutes=1)]
    assert len(ends) == 1
    assert (ends[0] - entries[-2].at) // timedelta(seconds=PLAN.cadence.traffic) == SILENT
    assert moments[-1] == after(86_400)


def test_a_silence_is_told_and_is_unknown_in_every_column():
    begun = [*in_phase(25).state.entries]
    passed = noted(len(begun) + 1, after(30), "verdict.turned", criterion="latency", verdict="pass", was="warming")
    record = recorded(PLAN, [*begun, passed, noted(len(begun) + 2, BEYOND)], [], NOW)
    assert [line for line in limits(PLAN, record, None, None) if line.startswith("nothing was recorded for 354")]
    times = as_recorded(PLAN, record).times["latency"]
    assert times.passed == 0
    assert times.unknown > 10**9
    anew = as_judged(PLAN, record, Replay(PLAN, PLAN, record).moments()).times["latency"]
    assert (anew.passed, anew.breached) == (0, 0)


def test_a_quiet_day_before_the_oldest_reading_is_no_silence():
    begun = [*in_phase(25).state.entries]
    passed = noted(len(begun) + 1, after(30), "verdict.turned", criterion="latency", verdict="pass", was="warming")
    later = noted(len(begun) + 2, after(86_000))
    record = recorded(PLAN, [*begun, passed, later], [], NOW)
    assert as_recorded(PLAN, record).times["latency"].passed == pytest.approx(85_970)
    assert not [line for line in limits(PLAN, record, None, None) if line.startswith("nothing was recorded")]


def test_a_window_that_lasts_for_decades_vouches_for_nothing():
    long = window("GET /concierge", BATTERY, at=after(300), end=after(300))
    record = recorded(PLAN, [*in_phase(25).state.entries], [long], NOW)
    assert len(record.readings) < 10
    assert [one for one in record.readings if isinstance(one, Traffic)]


@pytest.mark.parametrize(
    ("at", "until"), [(0, None), (10, None), (11, 20), (20, 30), (29, 30), (30, None), (41, 50), (60, None)]
)
def test_overlaps_say_until_when_at_neither_end(at, until):
    spans = [(after(10), after(20)), (after(15), after(30)), (after(12), after(13)), (after(40), after(50))]
    assert Overlaps([*spans, (after(90), after(80))]).until(after(at)) == (None if until is None else after(until))


def calls(count):
    """Return how many functions are called to fly a log in which so many verdicts turn within a minute."""
    begun, made = [*in_phase(25).state.entries], 0
    words = {"criterion": "latency", "verdict": "breach", "was": "pass"}
    turns = [
        replace(noted(len(begun) + 1 + n, after(30 + 60 * n / count), "verdict.turned", **words), by="watch")
        for n in range(count)
    ]
    record = recorded(PLAN, [*begun, *turns], [], NOW)

    def called(_frame, event, _arg):
        nonlocal made
        made += event in {"call", "c_call"}

    sys.setprofile(called)
    try:
        list(Replay(PLAN, PLAN, record).moments())
    finally:
        sys.setprofile(None)
    return made


def test_a_log_that_turns_four_times_as_often_is_flown_with_about_four_times_the_calls():
    assert calls(2_000) <= 5 * calls(500)
