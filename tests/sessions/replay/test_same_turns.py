"""The laws of a replay: unchanged it tells what the log tells; a looser bound never makes more breaches."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.replay.changes import changed
from sessions.replay.course import as_judged, as_recorded
from sessions.replay.flight import Replay
from sessions.replay.side_by_side import side_by_side
from sessions.values.verdicts import Mark
from tests.support.sessions.kept import record_of
from tests.support.worlds.plan import PLAN

SEEDS = range(24)


def marks(record, sets=(), criterion="latency"):
    plan, _ = changed(PLAN, sets)
    return {
        moment.at: moment.judgement.verdicts[criterion].mark
        for moment in Replay(plan, PLAN, record).moments()
        if criterion in moment.judgement.verdicts
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_a_replay_without_changes_tells_the_turns_of_the_log(seed):
    record = record_of(seed)
    anew = as_judged(PLAN, record, Replay(PLAN, PLAN, record).moments())
    sides = side_by_side(PLAN, as_recorded(PLAN, record), anew, None)
    turns = [row for row in sides.happened if row.what.endswith(".turned")]
    assert [row for row in turns if row.differs] == []
    assert any(None not in row.times for row in turns)


def test_the_flights_of_the_law_turn_to_what_matters():
    told = {
        (row.what, row.word)
        for seed in SEEDS
        for row in as_recorded(PLAN, record_of(seed)).happened
        if row.what.endswith(".turned")
    }
    assert {("verdict.turned", "breach"), ("verdict.turned", "blind"), ("risk.turned", "act")} <= told


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(SEEDS), st.tuples(st.integers(100, 2000), st.integers(100, 2000)).map(sorted))
def test_a_looser_bound_of_the_p95_never_makes_more_breaches(seed, bounds):
    tight, loose = (marks(record_of(seed), [f"criteria.latency.p95_ms={bound}"]) for bound in bounds)
    assert {at for at, mark in loose.items() if mark is Mark.BREACH} <= {
        at for at, mark in tight.items() if mark is Mark.BREACH
    }


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(SEEDS), st.tuples(st.integers(1, 40), st.integers(1, 40)).map(sorted))
def test_a_looser_share_of_errors_never_makes_more_breaches(seed, shares):
    tight, loose = (marks(record_of(seed), [f"criteria.errors.share={share}"], "errors") for share in shares)
    assert {at for at, mark in loose.items() if mark is Mark.BREACH} <= {
        at for at, mark in tight.items() if mark is Mark.BREACH
    }
