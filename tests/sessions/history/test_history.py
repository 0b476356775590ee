"""Readings come back as they were, and no fault of their file ever reaches the Watch."""

import os
import stat
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.history.history import PRUNE_EVERY, SEEN_AGAIN, History
from sessions.history.queries import KEPT
from sessions.history.reading_codec import KINDS, body_of, kind_of, reading_from, subject_of
from sessions.state.observed import HOURS_KEPT, USUAL, Lookback, Seen, see, see_all
from sessions.text.clean import clean
from sessions.values import readings as r
from sessions.values.flag_value import FlagValue, Target
from sessions.values.sign_of_life import Sign
from tests.support.build import T0, after, minute, pulse, window

SPAN = (after(-50), after(-40))
CHAIN = r.Chain(*SPAN, after(-30), SPAN, SPAN, 30.0)
HOUR = r.Hour(T0, (SPAN,), (), (SPAN,), (SPAN, (after(-9), T0)), (CHAIN,))
EVERY_KIND = [
    pulse(r.Topic.TRAFFIC, T0, ok=False, reason="refused [/]"),
    window("POST /capsules", T0, p95_ms=None, p95_capped=True, reset=True, covered=0.5),
    minute("GET /concierge", T0),
    r.Beat("mongo", T0, "capsule", after(-60), None, 0, ((after(-50), after(-40)), (after(-30), after(-1)))),
    r.Traces("scrape", T0, "GET /concierge", T0, HOUR),
    r.Beat("mongo", T0, "return", after(-60), after(-1), 12),
    r.Size("mongo", T0, "shortlists", 41, 2, ("shopper 7", "shopper 9")),
    r.Triage("mongo", T0, (r.TriageLine("t1", after(-5), "stuck: é", True), r.TriageLine("t2", T0, "gone", False)), 7),
    r.Tickets("mongo", T0, 23, after(-900), (("p1", 3), ("p2", 20)), 1, ("where is my capsule?",)),
    r.Tickets("mongo", T0, 0, None, (), 0),
    r.Capsules("mongo", T0, 12, 3, 1, after(3_600)),
    r.Returns("mongo", T0, (("open", 3), ("closed", 9)), 3, 1),
    r.Csat("mongo", T0, 31, 2),
    FlagValue("flagd", T0, None, None, "ann", "v7", after(-60), (Target("eu", 25), Target("us", None, "401"))),
    r.Exposure("mongo", T0, after(-3_600), 400, 103, after(-2)),
    r.Turn("watch", T0, "verdict.latency", "breach", 12),
    r.Alerts("alertmanager", T0, (r.TriageLine("a1", T0, "capsules slow", open=True),), 3),
    r.Run("journey", T0, "wf7", "20261123-1", T0, ("hold a capsule: 200",), True, True, "capsule_created", T0),
    FlagValue("flagd", T0, 25, ("stub_fallback",), "owner"),
]
ALWAYS = (after(-(10**7)), after(10**7))


@pytest.mark.parametrize("reading", EVERY_KIND, ids=kind_of)
def test_every_kind_of_reading_comes_back_as_it_was(history, reading):
    history.add([reading])
    assert history.recent() == [reading]
    assert history.series(kind_of(reading), subject_of(reading), *ALWAYS) == [reading]
    assert history.fault == ""


def test_every_kind_is_tried_above():
    assert {kind_of(reading) for reading in EVERY_KIND} == set(KINDS)


@given(st.text(max_size=50), st.floats(allow_nan=False), st.integers(), st.none() | st.floats(allow_nan=False))
def test_any_text_and_number_comes_back_cleaned(text, requests, count, p95):
    for reading in (
        window(clean(text), T0, requests=requests, p95_ms=p95),
        r.Size("mongo", T0, clean(text), count, 0, (clean(text),)),
    ):
        assert reading_from(kind_of(reading), body_of(reading)) == reading


def test_hostile_text_in_the_file_is_cleaned():
    body = body_of(window("x", T0)).replace('"x"', '"\\u001b[2J\\u202e"')
    assert reading_from("window", body).endpoint == "^[[2J<U+202E>"


def test_a_window_keeps_its_latest_measurement(history):
    early, late = window("a", T0, at=after(310), requests=5.0), window("a", T0, at=after(340), requests=9.0)
    for order in ([early, late], [late, early], [late, late]):
        history.add(order)
        assert history.recent() == [late]


def test_the_window_and_the_minute_of_one_endpoint_are_two(history):
    both = [window("a", T0), minute("a", after(300))]
    history.add(both)
    assert set(history.recent()) == set(both)


def test_of_pulses_the_newest_and_the_newest_good_one_stay(history):
    for second in range(10):
        history.add([pulse(r.Topic.QUEUE, after(second), ok=second < 4, reason="" if second < 4 else "refused")])
    found = history.recent()
    assert [(one.at, one.ok) for one in found] == [(after(3), True), (after(9), False)]
    seen = Seen()
    for reading in found:
        seen = see(seen, reading)
    health = seen.health[r.Topic.QUEUE]
    assert (health.good_at, health.tried_at, health.reason) == (after(3), after(9), "refused")


def test_row_30_what_was_seen_is_seen_again_after_a_restart(history_path):
    readings = [window(end, after(300 * n)) for n in range(60) for end in ("a", "b")]
    readings += [minute(end, after(15 * n)) for n in range(60) for end in ("a", "b")]
    readings += [replace(one, at=after(n)) for n in range(5) for one in EVERY_KIND if kind_of(one) != "window"][::-1]
    live = Seen()
    first = History(history_path)
    for reading in readings:
        first.add([reading])
        live = see(live, reading)
    first.close()
    again = Seen()
    second = History(history_path)
    for reading in second.recent():
        again = see(again, reading)
    second.close()
    assert again.windows == live.windows
    assert again.minutes == live.minutes
    for name in ("beats", "sizes", "triage", "tickets", "capsules", "returns", "csat", "flag", "gaps"):
        assert getattr(again, name) == getattr(live, name), name


def test_recent_gives_traffic_by_time_and_the_newest_of_the_rest_oldest_first(history):
    back = Lookback(timedelta(seconds=600), timedelta(seconds=30), 1.0)
    history.add([window(end, after(300 * n)) for n in range(9) for end in ("a", "b")])
    history.add([minute("a", after(15 * n)) for n in range(9)])
    history.add([r.Csat("mongo", after(n), n, 0) for n in range(SEEN_AGAIN + 9)])
    found = history.recent(back)
    assert [one.start for one in found if getattr(one, "endpoint", "") == "b"] == [after(300 * n) for n in (6, 7, 8)]
    assert [one.end for one in found if getattr(one, "grain", "") == "minute"] == [after(15 * n) for n in (6, 7, 8)]
    assert len([one for one in found if isinstance(one, r.Csat)]) == SEEN_AGAIN
    assert found == sorted(found, key=lambda one: one.at)


def test_what_a_phase_proved_comes_back_however_much_came_after_it(history):
    gap = r.Beat("mongo", after(5), "capsule", T0, after(4), 1, ((T0, after(4)),))
    run = r.Run("wf7", after(5), "wf7", "r0", T0, (), True, True, "capsule", after(5))
    history.add([gap, run])
    for n in range(6, SEEN_AGAIN + 16):
        history.add([replace(gap, at=after(n), gaps=()), replace(run, at=after(n), id=f"r{n:09}", sent=None)])
    assert {gap, run}.isdisjoint(history.recent())
    assert {gap, run} <= set(history.recent(replace(USUAL, since=T0)))


def test_a_gap_that_was_filled_stays_filled_after_a_restart(history):
    gap = r.Beat("mongo", after(5), "capsule", T0, after(4), 1, ((T0, after(4)),))
    filled = replace(gap, at=after(9), gaps=(), looked=((T0, after(4)),))
    history.add([gap, filled, *(replace(gap, at=after(10 + n), gaps=()) for n in range(SEEN_AGAIN + 9))])
    seen = see_all(Seen(), history.recent(replace(USUAL, since=T0)))
    assert seen.gaps == {"capsule": ()}


@pytest.mark.parametrize("hour", [3600.0, 60.0])
def test_the_first_count_of_each_hour_comes_back(history, hour):
    back = replace(USUAL, hour=hour)
    rows = [r.Size("mongo", after(n * hour / 7 + 0.25), name, n, 0) for n in range(7 * 300) for name in ("x", "y")]
    history.add(rows)
    whole, again = see_all(Seen(), rows, back), see_all(Seen(), history.recent(back), back)
    assert len(whole.hourly["x"]) == HOURS_KEPT
    assert again.hourly == whole.hourly


def test_series_and_between_respect_their_span(history):
    history.add([r.Size("mongo", after(n), name, n, 0) for n in range(10) for name in ("x", "y")])
    assert [one.count for one in history.series("size", "x", after(3), after(5))] == [3, 4, 5]
    assert [one.count for one in history.between(after(8), after(99))] == [8, 8, 9, 9]
    assert history.series("size", "z", *ALWAYS) == []


def test_moments_sort_by_time_whatever_their_zone_and_fraction(history):
    moments = [T0, T0 + timedelta(microseconds=1), T0 + timedelta(milliseconds=500), after(1)]
    history.add([r.Csat("mongo", at, n, 0) for n, at in enumerate(moments)][::-1])
    assert [one.answers for one in history.between(T0, after(1))] == [0, 1, 2, 3]


def test_old_readings_go_and_fresh_ones_stay(history):
    history.add([r.Csat("mongo", T0, 1, 0), r.Csat("mongo", after(5), 2, 0), pulse(r.Topic.FLAG, T0)])
    history.add([minute("a", after(15 * n)) for n in range(PRUNE_EVERY)])
    history.add([r.Size("mongo", after(n), "x", n, 0) for n in range(PRUNE_EVERY - 1)])
    history.add([r.Csat("mongo", after(1, T0 + KEPT), 3, 0)])
    found = history.between(*ALWAYS)
    assert [one.answers for one in found if isinstance(one, r.Csat)] == [2, 3]
    assert [one.topic for one in found if isinstance(one, r.Pulse)] == [r.Topic.FLAG] * 2
    assert [one for one in found if isinstance(one, r.Size) and one.at < after(1)] == []


def test_of_minutes_that_are_too_old_stays_what_they_prove(history):
    rows = [minute(end, after(15 * n), requests=float(n % 2)) for n in range(PRUNE_EVERY) for end in ("a", "b")]
    for row in rows:
        history.add([row])
    kept = history.series("minute", "a", *ALWAYS)
    assert len(kept) < PRUNE_EVERY
    assert kept[-1].end - kept[0].end >= USUAL.minutes
    traces = history.series("traces", "a", *ALWAYS)
    again = see_all(Seen(), [*traces, *kept])
    assert again.traces["a"] == see_all(Seen(), rows).traces["a"]


def test_the_heartbeat_outlives_the_process(history_path):
    first = History(history_path)
    assert first.last_beat() is None
    for seconds in range(3):
        first.beat(Sign(after(seconds), seconds, "boot"))
    second = History(history_path)
    assert second.last_beat() == Sign(after(2), 2, "boot")
    first.close()
    second.close()


def test_looking_makes_no_file_and_changes_none(history_path):
    looker = History.open_readonly(history_path)
    assert (looker.recent(), looker.last_beat(), history_path.exists()) == ([], None, False)
    assert looker.fault != ""
    writer = History(history_path)
    writer.add([r.Csat("mongo", T0, 1, 0)])
    assert (looker.recent(), looker.fault) == ([r.Csat("mongo", T0, 1, 0)], "")
    looker.add([r.Csat("mongo", after(1), 2, 0)])
    looker.beat(Sign(T0))
    assert "readonly" in looker.fault
    assert len(writer.recent()) == 1
    looker.close()
    writer.close()


def test_row_23_the_history_is_for_its_owner_alone(history_path):
    old = os.umask(0)
    try:
        history = History(history_path)
        history.add([r.Csat("mongo", T0, 1, 0)])
        modes = {stat.S_IMODE(file.stat().st_mode) for file in history_path.parent.iterdir()}
        history.close()
    finally:
        os.umask(old)
    assert modes == {0o600}


def test_of_each_subject_the_newest_in_a_span_is_asked_for_and_no_other_kind(tmp_path):
    history = History(tmp_path / "history.sqlite")
    sizes = [r.Size("mongo", after(at), name, at, 0) for name in ("capsules", "returns") for at in (0, 10, 20, 30)]
    history.add([*sizes, r.Tickets("mongo", after(10), 3, None, (), 0)])
    looking = History.open_readonly(tmp_path / "history.sqlite")
    for asked in (history, looking):
        found = asked.newest("size", after(5), after(20))
        assert [(one.collection, one.count) for one in found] == [("capsules", 20), ("returns", 20)]
        assert asked.newest("tickets", after(10), after(10)) == [r.Tickets("mongo", after(10), 3, None, (), 0)]
        assert asked.newest("csat", after(0), after(30)) == []
        assert asked.newest("size", after(31), after(99)) == []
        asked.close()
