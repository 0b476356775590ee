from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.state.observed import TREND_KEPT, USUAL, Seen, see, see_all
from sessions.values import readings as r
from sessions.values.flag_value import FlagValue
from tests.support.build import T0, after, minute, pulse, window


def seen(*readings):
    state = Seen()
    for reading in readings:
        state = see(state, reading)
    return state


def beat(at, newest=None, gaps=()):
    spans = tuple((after(start), after(end)) for start, end in gaps)
    return r.Beat("mongo", after(at), "capsule_created", T0, None if newest is None else after(newest), 3, spans)


def test_the_running_window_is_replaced_by_its_closed_self():
    partial, closed = window("GET /a", T0, at=after(100), requests=40.0), window("GET /a", T0, requests=120.0)
    assert seen(partial, closed).windows["GET /a"] == (closed,)
    assert seen(closed, partial).windows["GET /a"] == (closed,)


def test_windows_are_kept_in_order_and_bounded():
    rows = [window("GET /a", after(300 * index)) for index in range(USUAL.windows // timedelta(seconds=300) + 5)]
    kept = seen(*reversed(rows)).windows["GET /a"]
    assert kept == seen(*rows).windows["GET /a"] == tuple(rows[4:])


RIVALS = {
    "shorter": {"end": after(120)},
    "shorter, from a later look": {"end": after(240), "at": after(4000)},
    "less of it": {"covered": 0.5},
    "of it nothing": {"covered": 0.0, "at": after(4000)},
    "longer, and less in all": {"end": after(600), "covered": 0.4},
    "only begun": {"at": after(200)},
}


@pytest.mark.parametrize("facts", RIVALS.values(), ids=RIVALS)
def test_of_two_sources_the_one_that_saw_more_of_the_time_stays(facts):
    whole, part = window("GET /a", T0), replace(window("GET /a", T0, **facts), source="other")
    assert seen(whole, part).windows["GET /a"] == seen(part, whole).windows["GET /a"] == (whole,)
    between = [window("GET /a", after(300)), whole, part]
    assert seen(*between).windows["GET /a"] == (whole, between[0])


@pytest.mark.parametrize("facts", [{"end": after(120)}, {"end": after(600), "covered": 0.4}])
def test_one_source_that_cuts_otherwise_does_not_replace_what_was_covered_better(facts):
    whole, part = window("GET /a", T0), window("GET /a", T0, at=after(4000), **facts)
    assert seen(whole, part).windows["GET /a"] == seen(part, whole).windows["GET /a"] == (whole,)


@pytest.mark.parametrize("facts", [{"requests": 1.0}, {"covered": 0.3}, {"p95_ms": None}])
def test_a_later_look_at_the_same_span_by_the_same_source_replaces(facts):
    first, again = window("GET /a", T0), window("GET /a", T0, at=after(4000), **facts)
    assert seen(first, again).windows["GET /a"] == seen(again, first).windows["GET /a"] == (again,)


def test_minutes_and_windows_do_not_mix():
    state = seen(window("GET /a", T0), minute("GET /a", after(60)))
    assert len(state.windows["GET /a"]) == len(state.minutes["GET /a"]) == 1


def test_a_failure_keeps_when_it_was_last_good():
    good, bad = pulse(r.Topic.TRIAGE, after(10)), pulse(r.Topic.TRIAGE, after(20), ok=False, reason="refused")
    for state in (seen(good, bad), seen(bad, good)):
        health = state.health[r.Topic.TRIAGE]
        assert (health.tried_at, health.good_at, health.reason) == (after(20), after(10), "refused")
        assert health.newest == after(10)


def test_a_beat_without_events_keeps_the_newest_event_known():
    assert seen(beat(10, newest=5), beat(20)).beats["capsule_created"].newest == after(5)
    assert seen(beat(20), beat(10, newest=5)).beats["capsule_created"].newest == after(5)


def test_row_66_an_event_from_the_future_goes_with_its_beat():
    assert seen(beat(10, newest=500), beat(20, newest=15)).beats["capsule_created"].newest == after(15)


def test_gaps_are_kept_after_the_source_forgot_them():
    state = seen(beat(10, 5, gaps=[(0, 4)]), beat(20, 15, gaps=[(6, 14)]))
    assert state.gaps["capsule_created"] == ((after(0), after(4)), (after(6), after(14)))


def test_an_older_reading_never_replaces_a_newer_one():
    old, new = r.Csat("mongo", T0, 10, 1), r.Csat("mongo", after(60), 20, 2)
    assert seen(old, new).csat == seen(new, old).csat == new


def test_trends_are_bounded_and_oldest_first():
    rows = [r.Tickets("mongo", after(index), index, None, (), 0) for index in range(TREND_KEPT + 3)]
    assert [item.open for item in seen(*reversed(rows)).tickets] == list(range(3, TREND_KEPT + 3))


def run(at, **facts):
    return r.Run("wf7", at, "p1.wf7", facts.pop("id", "r1"), facts.pop("begun", T0), (), **facts)


def test_the_newest_run_speaks_and_one_that_is_done_is_not_undone_by_a_late_step():
    step, done = run(after(2)), run(after(1), done=True)
    assert seen(step, done).runs["p1.wf7"] == seen(done, step).runs["p1.wf7"] == done
    newer = run(after(9), id="r2", begun=after(8))
    assert seen(newer, done).runs["p1.wf7"] == newer


def test_when_runs_reached_the_service_is_kept_of_every_run_in_a_few_numbers():
    rows = [run(after(n), id=f"r{n}", begun=after(n), journey="j", sent=after(n)) for n in range(500)]
    kept = seen(*reversed(rows)).sent
    assert kept == seen(*rows).sent
    ((chain,),) = [one.now.chains for one in kept.values()]
    assert (chain.since, chain.until) == (T0, after(499))
    assert seen(run(after(1), sent=after(1)), run(after(2), journey="j")).sent == {}


def moments(least=0, most=4000):
    return st.integers(least, most).map(after)


def beats(at):
    newest = st.none() | st.integers(0, 4000).map(lambda back: at - timedelta(seconds=back))
    gaps = st.lists(st.tuples(moments(), moments()), max_size=2).map(tuple)
    return st.builds(lambda event, found: r.Beat("mongo", at, "capsule_created", T0, event, 1, found), newest, gaps)


def readings_at(at):
    count = st.integers(0, 99)
    return st.one_of(
        st.builds(lambda topic, ok: pulse(topic, at, ok=ok), st.sampled_from(list(r.Topic)), st.booleans()),
        st.builds(lambda place, n: window("GET /a", after(300 * place), at=at, requests=n), st.integers(0, 8), count),
        count.map(lambda n: minute("GET /a", at, requests=n)),
        beats(at),
        count.map(lambda n: r.Size("mongo", at, "capsules", n, 0)),
        count.map(lambda n: r.Tickets("mongo", at, n, None, (), 0)),
        count.map(lambda n: r.Csat("mongo", at, 100, n)),
        (st.none() | count).map(lambda n: FlagValue("flagd", at, n)),
        count.map(lambda n: r.Triage("mongo", at, (), n)),
        count.map(lambda n: r.Run("wf7", at, "wf7", "r", T0, ("line",) * n, sent=at, journey="capsule_created")),
    )


def identity(reading):
    """What may not be measured twice at one moment."""
    return type(reading), getattr(reading, "topic", None), getattr(reading, "grain", None), reading.at


@pytest.mark.slow
@given(st.data())
def test_order_and_repetition_change_nothing(data):
    rows = data.draw(st.lists(moments().flatmap(readings_at), max_size=14, unique_by=identity))
    shuffled = data.draw(st.permutations([*rows, *rows]))
    assert seen(*rows) == seen(*shuffled)


@st.composite
def looks(draw):
    """Several sources look at spans that begin alike; each sees of one span no less when it looks again."""
    found = []
    for source, end in draw(st.sets(st.tuples(st.sampled_from("abc"), st.sampled_from((240, 300, 600))), max_size=5)):
        times = sorted(draw(st.sets(st.integers(1, 900), min_size=1, max_size=4)))
        shares = sorted(draw(st.lists(st.floats(0, 1), min_size=len(times), max_size=len(times))))
        rows = (
            window("GET /a", T0, end=after(end), at=after(at), covered=share)
            for at, share in zip(times, shares, strict=True)
        )
        found += [replace(row, source=source) for row in rows]
    return found


@given(st.data())
def test_what_several_sources_saw_of_one_time_forgives_order_and_repetition(data):
    rows = data.draw(looks())
    shuffled = data.draw(st.permutations([*rows, *rows]))
    assert seen(*rows).windows == seen(*shuffled).windows


@pytest.mark.slow
@given(st.data())
def test_many_at_once_are_seen_as_one_by_one(data):
    rows = data.draw(st.lists(moments().flatmap(readings_at), max_size=14))
    known = seen(*data.draw(st.lists(moments().flatmap(readings_at), max_size=8)))
    one_by_one = known
    for row in rows:
        one_by_one = see(one_by_one, row)
    assert see_all(known, rows) == one_by_one
    assert see_all(known, []) == known


def test_what_is_seen_changes_no_earlier_state():
    known = seen(window("GET /a", T0), minute("GET /a", after(60)))
    later = see_all(known, [window("GET /a", after(300)), minute("GET /b", after(75))])
    assert known == seen(window("GET /a", T0), minute("GET /a", after(60)))
    assert list(later.minutes) == ["GET /a", "GET /b"]
