"""Exposure judged: every edge as a table, and the interval against an oracle of its own."""

import math
from datetime import timedelta
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.criteria.exposure import KEPT, LEAST, TOLERANCE, interval, judge
from sessions.gate.evaluate import judge as judge_all
from sessions.gate.wording import phrase
from sessions.state.reducer import FlagState, apply, observe
from sessions.values.entries import Entry
from sessions.values.readings import Exposure, Topic
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0, after
from tests.support.sessions.scenes import answered, entered

HOUR, SETTLE = 3600.0, PLAN.windows.length
AT = after(2 * HOUR)
NOW = after(20, AT)
SPAN = after(-HOUR, AT)
Z = NormalDist().inv_cdf(0.995)


def flying(percent=25, flag=None, answers=(Topic.EXPOSURE,)):
    known = flag or FlagState("confirmed", percent, percent, at=T0)
    return replace(entered(percent), flag=known, answers=answers)


def wrote(state, kind, at=NOW, **facts):
    return apply(state, Entry(state.seq + 1, at, kind, "watch", state.phase, kind, facts))


def met(users=800, exposed=200, *, since=SPAN, newest=AT, at=AT, later=()):
    return Exposure("mongo", at, since, users, exposed, newest, tuple(later))


def said(reading, state=None, now=NOW, **pulse):
    state = answered(flying() if state is None else state, Topic.EXPOSURE, AT, **pulse)
    return judge(observe(state, reading) if reading else state, now)


@pytest.mark.parametrize(
    ("percent", "users", "exposed", "mark", "text"),
    [
        (25, 800, 200, Mark.PASS, "25 % intended, 25 % seen (21-29 %, 800 users)"),
        (25, 812, 333, Mark.BREACH, "25 % intended, 41 % seen (37-46 %, 812 users)"),
        (25, 800, 100, Mark.BREACH, "25 % intended, 12 % seen (10-16 %, 800 users)"),
        (25, LEAST, 40, Mark.PASS, "25 % intended, 25 % seen (17-35 %, 160 users)"),
        (25, LEAST - 1, 40, Mark.THIN, "159 users in 1h00m < 160 needed"),
        (25, 1, 1, Mark.THIN, "1 user in 1h00m < 160 needed"),
        (25, 1_000_000, 271_000, Mark.PASS, "25 % intended, 27.1 % seen (27.0-27.2 %, 1,000,000 users)"),
        (25, 1_000_000, 272_000, Mark.BREACH, "25 % intended, 27.2 % seen (27.1-27.3 %, 1,000,000 users)"),
        (25, 1_000_000, 228_000, Mark.BREACH, "25 % intended, 22.8 % seen (22.7-22.9 %, 1,000,000 users)"),
        (10, 400, 12, Mark.BREACH, "10 % intended, 3.0 % seen (1.5-6.1 %, 400 users)"),
        (0, 400, 0, Mark.PASS, "0 % intended, 0.0 % seen (0.0-1.6 %, 400 users)"),
        (0, 400, 1, Mark.BREACH, "0 % intended, 0.2 % seen (0.0-2.1 %, 400 users)"),
        (0, 2, 1, Mark.BREACH, "0 % intended, 50 % seen (6-94 %, 2 users)"),
        (0, LEAST - 1, 0, Mark.THIN, "159 users in 1h00m < 160 needed"),
        (1, 400, 0, Mark.PASS, "1 % intended, 0.0 % seen (0.0-1.6 %, 400 users)"),
        (1, 4000, 0, Mark.BREACH, "1 % intended, 0.0 % seen (0.0-0.2 %, 4,000 users)"),
        (3, 4000, 260, Mark.BREACH, "3 % intended, 6.5 % seen (5.6-7.6 %, 4,000 users)"),
        (100, 800, 800, Mark.PASS, "100 % intended, 100.0 % seen (99.2-100.0 %, 800 users)"),
        (100, 800, 798, Mark.PASS, "100 % intended, 99.8 % seen (98.7-100.0 %, 800 users)"),
        (100, 800, 780, Mark.PASS, "100 % intended, 97.5 % seen (95.6-98.6 %, 800 users)"),
        (100, 800, 768, Mark.BREACH, "100 % intended, 96.0 % seen (93.8-97.4 %, 800 users)"),
        (100, 800, 0, Mark.BREACH, "100 % intended, 0.0 % seen (0.0-0.8 %, 800 users)"),
    ],
)
def test_the_share_seen_against_the_share_intended(percent, users, exposed, mark, text):
    verdict = said(met(users, exposed), flying(percent))
    assert (verdict.mark, phrase(verdict)) == (mark, text)
    if mark in (Mark.PASS, Mark.BREACH):
        assert (verdict.value, verdict.bound, verdict.unit) == (100 * exposed / users, percent, "%")


@pytest.mark.parametrize(
    ("reading", "text"),
    [
        (None, "not counted"),
        (met(0, 0, newest=None), "no event in 1h00m"),
        (met(newest=after(-PLAN.gap - 1, AT)), "no event for 10m01s"),
        (met(200, 201), "makes no sense: 201 of 200 users"),
        (met(-1, -1), "makes no sense: -1 of -1 users"),
        (met(800, -1), "makes no sense: -1 of 800 users"),
        (met(math.nan, 5), "makes no sense: 5 of nan users"),
        (met(math.inf, 5), "makes no sense: 5 of inf users"),
        (met(800, math.nan), "makes no sense: nan of 800 users"),
        (met(since=after(9, AT)), "makes no sense: 200 of 800 users"),
        (met(later=[(after(60, SPAN), 5, 6)]), "makes no sense: 6 of 5 users"),
        (met(at=after(-PLAN.cadence.mongo_stale - 21, AT), newest=None), "not counted"),
        (met(at=after(60, AT)), "not counted"),
    ],
)
def test_what_proves_nothing_is_silent(reading, text):
    verdict = said(reading)
    assert (verdict.mark, verdict.text) == (Mark.SILENT, text)


def test_a_gap_as_long_as_the_plan_allows_is_no_silence():
    assert said(met(newest=after(-PLAN.gap, AT))).mark is Mark.PASS
    assert said(met(newest=None)).mark is Mark.PASS


@pytest.mark.parametrize(
    ("pulse", "now", "mark"),
    [
        ({}, after(PLAN.cadence.mongo_stale, AT), Mark.PASS),
        ({}, after(PLAN.cadence.mongo_stale + 1, AT), Mark.BLIND),
        ({"ok": False, "reason": "refused"}, NOW, Mark.BLIND),
        ({}, after(-3, AT), Mark.BLIND),
    ],
)
def test_a_source_that_fails_or_is_stale_is_blind(pulse, now, mark):
    assert said(met(), now=now, **pulse).mark is mark


@pytest.mark.parametrize(
    "flag",
    [
        FlagState("intended", 25, 50, at=T0),
        FlagState("unknown", 25, 50, at=T0),
        FlagState("refused", 25, 50, at=T0),
        FlagState("drifted", 25, 25, at=T0),
        FlagState("none", at=T0),
        FlagState("confirmed", 10, 10, at=T0),
        FlagState("confirmed", 25, 25, at=T0, served=False),
        FlagState("confirmed", 25, 25),
    ],
)
def test_while_the_flag_is_not_confirmed_and_served_nothing_is_compared(flag):
    assert said(met(), flying(flag=flag)).mark is Mark.WARMING


def test_before_the_first_move_the_flag_counts_as_at_nought():
    assert said(met(800, 0), flying(0, FlagState())).mark is Mark.PASS
    assert said(met(800, 1), flying(0, FlagState())).mark is Mark.BREACH


def moved(seconds, percent=25):
    return flying(percent, FlagState("confirmed", percent, percent, at=after(-seconds, AT)))


@pytest.mark.parametrize(
    ("ago", "mark", "text"),
    [
        (HOUR + SETTLE, Mark.PASS, "25 % intended, 25 % seen (21-29 %, 800 users)"),
        (HOUR + SETTLE - 1, Mark.PASS, "25 % intended, 25 % seen (19-33 %, 240 users)"),
        (1500 + SETTLE, Mark.PASS, "25 % intended, 25 % seen (19-33 %, 240 users)"),
        (1500 + SETTLE - 1, Mark.WARMING, "80 users < 160 needed"),
        (300 + SETTLE, Mark.WARMING, "80 users < 160 needed"),
        (300 + SETTLE - 1, Mark.WARMING, "counts from 11:55"),
        (0, Mark.WARMING, "counts from 12:05"),
    ],
)
def test_only_what_was_counted_since_the_move_and_its_settle_time_is_compared(ago, mark, text):
    parts = [(after(-1500, AT), 240, 60), (after(-300, AT), 80, 79)]
    verdict = said(met(later=parts), moved(ago))
    assert (verdict.mark, verdict.text) == (mark, text)
    assert (verdict.eta is None) == (mark is Mark.PASS)


@pytest.mark.parametrize("was", [Mark.PASS, Mark.BREACH, Mark.WARMING, Mark.THIN, Mark.SILENT, Mark.BLIND])
def test_users_about_the_least_do_not_turn_it_to_and_fro(was):
    state = replace(flying(), verdicts={"exposure": was})
    judged = was in (Mark.PASS, Mark.BREACH)
    for users, mark in ((LEAST, Mark.PASS), (KEPT, Mark.PASS if judged else Mark.THIN), (KEPT - 1, Mark.THIN)):
        assert said(met(users, users // 4), state).mark is mark


def test_the_forecast_follows_the_users_who_come_and_ends_with_the_whole_span():
    part = (after(-300, AT), 80, 20)
    assert said(met(later=[part]), moved(300 + SETTLE)).eta == after(300, AT)
    rare = (after(-300, AT), 1, 0)
    assert said(met(later=[rare]), moved(300 + SETTLE)).eta == after(HOUR - 300, AT)
    nobody = (after(-300, AT), 0, 0)
    assert said(met(later=[nobody]), moved(300 + SETTLE)).eta == after(HOUR - 300, AT)
    assert said(met(later=[part]), moved(0)).eta == after(SETTLE + 300, AT)


def test_a_value_that_is_served_late_counts_from_then():
    state = flying(flag=FlagState("confirmed", 25, 25, at=T0, served=False))
    served = wrote(state, "flag.served", after(-60, AT), percent=25, intent="a")
    assert said(met(), served).text == "counts from 12:04"


def test_the_watch_without_a_source_judges_none_and_asks_for_none():
    state = observe(answered(flying(answers=()), Topic.EXPOSURE, AT), met())
    judgement = judge_all(state, NOW)
    assert "exposure" not in judgement.verdicts
    assert "exposure" not in [condition.name for condition in judgement.gate.conditions]


def test_the_gate_waits_for_it_where_there_is_a_source():
    state = observe(answered(flying(answers=("exposure",)), Topic.EXPOSURE, AT), met(812, 333))
    conditions = [condition.name for condition in judge_all(state, NOW).gate.conditions]
    assert conditions.index("exposure") == conditions.index("incidents") + 1
    (condition,) = [one for one in judge_all(state, NOW).gate.conditions if one.name == "exposure"]
    assert (condition.mark, condition.text) == (Mark.BREACH, "25 % intended, 41 % seen (37-46 %, 812 users)")
    waived = wrote(state, "waiver.given", subject="exposure", reason="bots", evidence=())
    (condition,) = [one for one in judge_all(waived, NOW).gate.conditions if one.name == "exposure"]
    assert (condition.ok, condition.text) == (True, "waived: bots")


def test_its_silence_is_no_hole_in_the_soak():
    dark = {"criterion": "exposure", "verdict": "silent", "was": "pass", "since": T0}
    state = wrote(flying(), "verdict.turned", AT, **dark)
    assert (state.verdicts["exposure"], dict(state.unwatched), state.holes) == (Mark.SILENT, {}, ())
    dark["criterion"] = "errors"
    assert dict(wrote(state, "verdict.turned", AT, **dark).unwatched) == {"errors": T0}


def test_so_many_users_as_are_needed_make_the_interval_narrower_than_ten_points():
    widths = [(high - low) / 2 for low, high in (interval(e, LEAST) for e in range(LEAST + 1))]
    assert max(widths) < 10
    assert (interval(LEAST / 2 - 0.5, LEAST - 1)[1] - interval(LEAST / 2 - 0.5, LEAST - 1)[0]) / 2 > 9.9


def test_none_and_all_are_exact_whatever_their_number():
    for users in range(1, 700):
        assert interval(0, users)[0] == 0
        assert interval(users, users)[1] == 100
        assert 0 < interval(1, users)[0] < interval(users - 0.5, users)[1] < 100
        enough = Mark.PASS if users >= LEAST else Mark.THIN
        assert said(met(users, 0), flying(0)).mark is enough
        assert said(met(users, users), flying(100)).mark is enough
        assert said(met(users, 1), flying(0)).mark is Mark.BREACH


COUNTS = st.integers(0, 5000).flatmap(
    lambda users: st.tuples(st.just(users), st.one_of(st.integers(0, users), st.sampled_from([0, users])))
)


@given(st.one_of(st.integers(0, 100), st.sampled_from([0, 100])), COUNTS)
def test_the_verdict_is_what_a_test_of_the_intended_share_says(percent, counts):
    """The oracle asks whether the share seen lies within so many deviations of what is intended: no interval."""
    users, exposed = counts
    mark = said(met(users, exposed), flying(percent)).mark
    if not users:
        assert mark is Mark.SILENT
    elif percent == 0 and exposed:
        assert mark is Mark.BREACH
    elif users < LEAST:
        assert mark is Mark.THIN
    else:
        assert mark is (Mark.PASS if reached(percent, exposed, users) else Mark.BREACH)


def reached(percent, exposed, users):
    room = min(TOLERANCE, percent / 2)
    share, low, high = exposed / users, max(0.0, (percent - room) / 100), min(1.0, (percent + room) / 100)
    if low <= share <= high:
        return True
    edge = low if share < low else high
    off = share - edge
    return off * off <= Z * Z * edge * (1 - edge) / users * (1 + 1e-12)


ODD = st.one_of(st.integers(-5, 5000), st.floats(), st.just(math.nan))


@given(ODD, ODD, st.sampled_from([None, AT, after(-700, AT), after(5, AT)]))
def test_no_count_whatsoever_passes_unless_it_makes_sense(users, exposed, newest):
    mark = said(met(users, exposed, newest=newest)).mark
    if mark is Mark.PASS:
        assert math.isfinite(users)
        assert 0 <= exposed <= users
        assert users >= LEAST
        assert abs(exposed / users - 0.25) < 0.15


@given(COUNTS, st.floats(1.001, 50))
def test_more_users_with_the_same_share_never_widen_the_interval(counts, times):
    users, exposed = counts
    if users:
        low, high = interval(exposed, users)
        inner_low, inner_high = interval(exposed * times, users * times)
        assert 0 <= low <= inner_low + 1e-9
        assert inner_high - 1e-9 <= high <= 100
        assert low - 1e-9 <= 100 * exposed / users <= high + 1e-9


def test_a_moved_clock_moves_the_moment_from_which_it_counts():
    state = moved(HOUR + SETTLE)
    back = wrote(state, "gap.found", AT, since=AT, until=AT, cause="clock", moved=600.0)
    assert back.flag.at == state.flag.at + timedelta(minutes=10)
    assert said(met(), back).mark is Mark.WARMING
