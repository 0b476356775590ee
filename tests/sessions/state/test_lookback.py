"""What was proved is known for as long as a rule looks back, at any cadence, and after a restart too."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.criteria import analytics, errors, incidents
from sessions.criteria.freshness import seen_again
from sessions.gate.evaluate import judge
from sessions.history import history as history_module
from sessions.history.history import History
from sessions.plan.loader import plan_from
from sessions.state.observed import Seen, lookback
from sessions.state.reducer import observe_all
from sessions.values import readings as r
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0, after, minute, pulse, window
from tests.support.sessions.scenes import CAPSULES, LENGTH, entered, told

HOUR = 3600.0
JOURNEY = "capsule_created"
QUIET = {"requests": 0.0, "p95_ms": None}


def polled(every, until, begin=0.0):
    """Yield the moments of a source's polls."""
    at = begin + every
    while at <= until:
        yield at
        at += every


def traffic(every, until, errors_in=(0.0, 0.0), begin=0.0):
    """Return calm minutes and windows; requests of a stretch failed."""
    rows = []
    for at in polled(every, until, begin):
        bad = 9.0 if at - 60 < errors_in[1] and at > errors_in[0] else 0.0
        rows.append(minute(CAPSULES, after(at), errors=bad))
    rows += [window(CAPSULES, after(n * LENGTH)) for n in range(int(begin // LENGTH), int((until - 40) // LENGTH))]
    return rows


@pytest.mark.parametrize("every", [2.0, 5.0, 15.0, 30.0])
def test_a_spike_holds_for_as_many_windows_at_any_cadence(every):
    held = []
    state = entered()
    for end in range(1200, 3000, 60):
        rows = traffic(every, end, errors_in=(1100.0, 1110.0), begin=max(0, end - 60) if held else 0)
        state = told(observe_all(state, rows), pulse(r.Topic.TRAFFIC, after(end)))
        spiked = [part for part in errors.judge(state, after(end)).parts if "spike" in part.text]
        held.append((end, bool(spiked)))
    assert [at for at, spiked in held if spiked] == list(range(1200, 2130, 60))


def beat(at, newest, gaps=(), journey=JOURNEY):
    spans = tuple((after(start), after(end)) for start, end in gaps)
    return r.Beat("mongo", after(at), journey, after(at - 900), after(newest), 3, spans)


def judged(state, at):
    beats = [beat(at, at - 10, journey=journey.id) for journey in PLAN.journeys]
    state = told(state, pulse(r.Topic.JOURNEYS, after(at)), pulse(r.Topic.TRAFFIC, after(at)), *beats)
    return analytics.judge(state, after(at))


NIGHT = (2 * HOUR, 10 * HOUR)


def day(requests, hours=24, every=60.0):
    """Return the traffic of a day in which a night had so many requests a minute."""
    rows = []
    for at in polled(every, hours * HOUR):
        night = NIGHT[0] < at <= NIGHT[1] + 60
        rows.append(minute(CAPSULES, after(at), **({**QUIET, "requests": requests} if night else {})))
    for n in range(int(hours * HOUR // LENGTH)):
        night = NIGHT[0] <= n * LENGTH < NIGHT[1]
        rows.append(window(CAPSULES, after(n * LENGTH), **({**QUIET, "requests": 5 * requests} if night else {})))
    return rows


@pytest.mark.parametrize(("requests", "mark"), [(0.0, Mark.PASS), (3.0, Mark.BREACH)])
def test_a_night_that_was_proved_stays_proved_to_the_end_of_the_phase(requests, mark):
    state = told(observe_all(entered(), day(requests)), beat(NIGHT[1], NIGHT[1], gaps=[NIGHT]))
    assert judged(state, 24 * HOUR).mark is mark


def test_a_night_that_still_runs_is_known_to_be_quiet():
    state = observe_all(entered(), day(0.0, hours=9))
    beats = [beat(9 * HOUR, 9 * HOUR - 10, journey=one.id) for one in PLAN.journeys if one.id != JOURNEY]
    topics = [pulse(topic, after(9 * HOUR)) for topic in (r.Topic.JOURNEYS, r.Topic.TRAFFIC)]
    verdict = analytics.judge(told(state, *topics, *beats, beat(9 * HOUR, NIGHT[0])), after(9 * HOUR))
    assert (verdict.mark, verdict.text) == (Mark.THIN, f"gap 7h00m, no traffic in {JOURNEY}")


def test_an_outage_is_remembered_behind_a_day_of_gaps():
    state = observe_all(entered(), day(0.0))
    state = told(state, beat(1000, 990, gaps=[(100, 800)]))
    quiet = [(at, at + 660.0) for at in range(int(NIGHT[0]), int(NIGHT[1]) - 660, 660)]
    state = told(state, *(beat(end + 5, end, gaps=[(start, end)]) for start, end in quiet))
    assert (judged(state, 24 * HOUR).mark, judged(state, 24 * HOUR).value) == (Mark.BREACH, 700.0)


def test_a_run_is_remembered_behind_a_day_of_runs():
    def walk(at):
        return r.Run(
            "wf7", after(at), "wf7", f"r{at:09}", after(at - 1), (), journey=JOURNEY, sent=after(at), done=True
        )

    rows = day(0.0)
    state = told(observe_all(entered(), rows), beat(NIGHT[1], NIGHT[1], gaps=[NIGHT]), walk(NIGHT[0] + 600))
    state = told(state, *(walk(at) for at in range(int(NIGHT[1]), int(24 * HOUR), 60)))
    assert judged(state, 24 * HOUR).mark is Mark.BREACH


def test_an_alert_that_its_manager_forgot_holds_the_phase():
    line = r.TriageLine("a1", after(60), "capsules slow", open=True)
    rows = [r.Alerts("am", after(75), (line,), 1), *(r.Alerts("am", after(90 + n), (), 0) for n in range(200))]
    for order in (rows, rows[::-1]):
        state = replace(told(entered(), *order, pulse(r.Topic.ALERTS, after(290))), answers=(r.Topic.ALERTS,))
        verdict = incidents.judge(state, after(290))
        assert (verdict.mark, verdict.text) == (Mark.BREACH, "1 critical alert > 0: capsules slow")
        assert [one.open for one in state.seen.alerts.critical] == [False]


def weight(seen):
    return len(msgspec.json.encode({"minutes": seen.minutes, "windows": seen.windows, "traces": seen.traces}))


def test_what_is_known_of_a_day_is_no_more_than_of_five_hours():
    state = entered()
    state = observe_all(state, traffic(5.0, 5 * HOUR))
    early = weight(state.seen)
    state = observe_all(state, traffic(5.0, 24 * HOUR, begin=5 * HOUR))
    assert weight(state.seen) < 1.1 * early


def test_every_rule_of_a_plan_finds_what_it_looks_back_on():
    """Twice as many windows, ten times as long, or a longer fuse: more is kept."""
    table = {**PLAN.table, "windows": {**PLAN.table["windows"], "count": 100, "length": "10m"}}
    back, usual = lookback(plan_from(table), T0), lookback(PLAN, T0)
    assert back.windows >= timedelta(minutes=1000)
    assert back.minutes >= timedelta(minutes=1010)
    assert usual.minutes >= timedelta(seconds=3 * 300 + 30 + 60 + max(risk.fuse for risk in PLAN.risks))
    assert usual.since == T0 - usual.windows
    table["windows"] = {**PLAN.table["windows"], "length": "1m", "pool": "2h"}
    assert lookback(plan_from(table), T0).windows >= timedelta(hours=2, minutes=3)


# Restart


PIECES = st.lists(
    st.tuples(
        st.sampled_from(["busy", "rare", "quiet", "dark", "failing", "slow", "no windows"]),
        st.integers(2, 12),
        st.booleans(),
    ),
    min_size=2,
    max_size=7,
)


def flight(pieces, every):
    """Yield what a watch measures, poll by poll, of pieces of traffic in units of five minutes."""
    facts = {
        "busy": {},
        "rare": {"requests": 2.0},
        "quiet": QUIET,
        "failing": {"errors": 9.0},
        "slow": {"p95_ms": 1200.0},
        "no windows": {},
        "dark": None,
    }
    number, event, walked = 0, 0.0, 0
    for kind, count, events in pieces:
        for _ in range(count):
            begin, end = number * LENGTH, (number + 1) * LENGTH
            number += 1
            for at in polled(every, end, begin):
                rows = [pulse(topic, after(at)) for topic in r.Topic]
                if facts[kind] is not None:
                    rows.append(minute(CAPSULES, after(at), **facts[kind]))
                if facts[kind] is not None and kind != "no windows":
                    rows.append(window(CAPSULES, after(begin), at=after(at), end=after(end), **facts[kind]))
                gaps = ()
                if events:
                    gaps = ((after(event), after(at)),) if at - event > PLAN.gap else ()
                    event = at
                rows.append(r.Beat("mongo", after(at), JOURNEY, after(at - 900), after(event), 1, gaps))
                if kind == "dark":
                    walked += 1
                    name = f"r{walked:06}"
                    rows.append(
                        r.Run("wf7", after(at), "wf7", name, after(at), (), journey=JOURNEY, sent=after(at), done=True)
                    )
                yield at, rows


def said(state, at):
    judgement = judge(replace(state, answers=()), after(at))
    return judgement.verdicts, judgement.risks, judgement.gate


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PIECES, st.sampled_from([60.0, 75.0, 150.0]))
@example([("busy", 2, True), ("rare", 4, False), ("busy", 22, True)], 60.0)
@example([("busy", 2, True), ("no windows", 3, False), ("busy", 22, True)], 60.0)
@example([("busy", 2, True), ("dark", 3, False), ("busy", 22, True)], 60.0)
@example([("busy", 2, True), ("quiet", 30, False), ("busy", 60, True)], 60.0)
@example([("rare", 2, False), ("busy", 8, True), ("busy", 2, False)], 60.0)
def test_who_restarts_judges_as_who_never_did(tmp_path_factory, pieces, every):
    path = tmp_path_factory.mktemp("again") / "history.sqlite"
    live, last = entered(), 0.0
    usual, history_module.PRUNE_EVERY = history_module.PRUNE_EVERY, 50
    try:
        history = History(path)
        for at, rows in flight(pieces, every):
            history.add(rows)
            live, last = observe_all(live, rows), at
        back = lookback(PLAN, live.entered_at)
        again = seen_again(replace(live, seen=Seen()), history.recent(back), after(last))
        history.close()
    finally:
        history_module.PRUNE_EVERY = usual
    assert said(again, last) == said(live, last)
