"""What the metrics say of a judgement: nothing unknown is well, nothing foreign is let through, nothing grows."""

import re
from datetime import timedelta

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry, generate_latest

from cockpit.metrics.families import LONGEST, MOST, UNKNOWN, gauge
from cockpit.metrics.publishing import Judged
from sessions.gate.evaluate import judge, unjudged
from sessions.gate.judgement import Chore, ChoreStatus
from sessions.state.model import Fuse, Incident, Pause
from sessions.state.observed import Health
from sessions.state.reducer import observe
from sessions.values.readings import Topic
from sessions.values.verdicts import Level, Mark
from tests.support.build import PLAN, after, pulse
from tests.support.sessions.scenes import NOW, answered, entered, flown
from tests.support.watch.metrics_page import ABOUT, Showing, in_state, page_of, series_of, told


def judged(state):
    return judge(state, NOW)


def test_names_and_units_are_those_of_the_field():
    names = re.findall(r"^# TYPE (\S+) (\w+)$", page_of(Showing(judged(flown()))), re.MULTILINE)
    assert len(names) > 25
    for name, kind in names:
        assert re.fullmatch(r"cockpit_[a-z]+(_[a-z]+)*", name)
        assert name.endswith("_total") is (kind == "counter")
        assert not re.search(r"percent|minutes|_ms\b|millis", name)


@pytest.mark.parametrize("mark", [*Mark, None])
def test_a_criterion_is_in_one_state_and_unknown_is_one_of_its_own(mark):
    whole = judged(flown())
    verdicts = {**whole.verdicts, "latency": replace(whole.verdicts["latency"], mark=mark)} if mark else {}
    series = told(replace(whole, verdicts=verdicts))
    assert in_state(series, "verdict", criterion="latency") == (mark or UNKNOWN)
    states = {dict(key[1:])["state"] for key in series if key[0] == "cockpit_verdict"}
    assert states == {*Mark, UNKNOWN}


def test_a_risk_too():
    series = told(judged(flown()))
    assert {in_state(series, "risk", risk=risk.id) for risk in PLAN.risks} <= {*Level, UNKNOWN}
    assert in_state(told(unjudged(flown(), NOW, "x")), "risk", risk="csat") == UNKNOWN


def test_what_nobody_could_judge_proves_nothing():
    series = told(unjudged(flown(), NOW, "judging failed"))
    assert series["cockpit_gate_open",] == 0
    assert in_state(series, "gate_condition", condition="judging") == Mark.BLIND
    assert {in_state(series, "verdict", criterion=name) for name in ("latency", "incidents")} == {UNKNOWN}
    assert not {"cockpit_soak_proved_seconds", "cockpit_soak_coverage_ratio", "cockpit_flag_confirmed"} & {
        key[0] for key in series
    }


def test_a_damaged_session_has_no_phase():
    assert not [key for key in told(judged(replace(flown(), whole=False))) if key[0].startswith("cockpit_phase")]


def test_phase_and_soak():
    series = told(judged(flown()))
    assert series["cockpit_phase_ratio",] == 0.25
    assert series["cockpit_phase_index",] == 2
    assert series["cockpit_soak_wanted_seconds",] == PLAN.phase(25).soak
    assert series["cockpit_soak_proved_seconds",] == judged(flown()).soak.done


def test_a_fuse_burns_down_by_the_clock_and_a_blown_one_burns_no_more():
    fuse = Fuse("csat", after(-60, NOW), after(540, NOW), "x")
    lit = judged(replace(flown(), fuses={"csat": fuse}))
    series = told(lit, after(60, lit.at))
    assert series["cockpit_fuse_burning", ("risk", "csat")] == 1
    assert series["cockpit_fuse_burning", ("risk", "error_rate")] == 0
    assert series["cockpit_fuse_left_seconds", ("risk", "csat")] == 480
    assert told(lit, after(600, lit.at))["cockpit_fuse_left_seconds", ("risk", "csat")] == -60
    blown = told(judged(replace(flown(), fuses={"csat": replace(fuse, blown=True)})))
    assert blown["cockpit_fuse_burning", ("risk", "csat")] == 0
    assert ("cockpit_fuse_left_seconds", ("risk", "csat")) not in blown


def test_what_is_stopped_and_what_is_open():
    opened = {name: Incident(name, name, "x", NOW) for name in ("P1", "P9")}
    opened["old"] = Incident("old", "P1", "x", NOW, NOW)
    state = replace(flown(), paused=Pause(NOW, "owner", "x"), frozen={"capsules": NOW}, incidents=opened)
    series = told(judged(state))
    assert series["cockpit_paused",] == 1
    assert series["cockpit_flow_frozen", ("flow", "capsules")] == 1
    assert {key[1][1]: value for key, value in series.items() if key[0] == "cockpit_incidents_open"} == {
        "P0": 0,
        "P1": 1,
        "P2": 0,
        "P3": 0,
        "other": 1,
    }


def test_the_week():
    each = (*ChoreStatus, ChoreStatus.OVERDUE)
    chores = tuple(Chore(f"d1.{status}", 1, "x", NOW, status, "x", NOW, NOW, NOW) for status in each)
    series = told(replace(judged(flown()), week=chores))
    assert series["cockpit_week_tasks", ("state", "overdue")] == 2
    assert series["cockpit_week_tasks", ("state", "done")] == 1


def source(name, topic="queue"):
    return (f"cockpit_{name}", ("source", "mongo"), ("topic", topic))


def test_the_age_of_an_answer_goes_on_where_the_watch_is_stuck():
    lit = judged(answered(flown(), Topic.QUEUE))
    assert told(lit)[source("source_fresh")] == 1
    stuck = told(lit, after(3600, lit.at))
    assert stuck[source("source_answer_age_seconds")] == 3600
    assert stuck[source("source_fresh")] == 0
    assert stuck["cockpit_judgement_timestamp_seconds",] == lit.at.timestamp()


def test_what_never_answered_has_no_age_and_is_not_fresh():
    series = told(judged(answered(flown(), Topic.QUEUE, ok=False, reason="x")))
    assert series[source("source_fresh")] == 0
    assert source("source_answer_age_seconds") not in series
    missing = [key for key in series if key[0] == "cockpit_source_fresh" and ("source", "") in key]
    assert ("topic", "csat") in {key[2] for key in missing}


def test_polls_are_counted_once_each_by_what_became_of_them():
    state = answered(flown(), Topic.QUEUE)
    door, registry = Showing(judged(state)), CollectorRegistry(auto_describe=False)
    registry.register(Judged(door, lambda: NOW, ABOUT))
    for second, ok in ((1, True), (2, False), (3, False)):
        state = observe(state, pulse(Topic.QUEUE, after(second, NOW), ok=ok, reason="" if ok else "x"))
        door.show(judge(state, after(second, NOW)))
        door.show(judge(state, after(second + 0.5, NOW)))  # judged anew, nothing was asked
    series = series_of(generate_latest(registry).decode())
    counts = {
        dict(key[1:])["result"]: value
        for key, value in series.items()
        if ("topic", "queue") in key and "polls" in key[0]
    }
    assert counts == {"ok": 1, "failed": 2}


EVIL = 'x\x1b[31m"}\nup{job="y"} 1\u202e'


def test_foreign_words_are_values_and_nothing_else():
    state = replace(flown(), name=EVIL, frozen={EVIL: NOW}, faults={"history": "secret-of-a-reason"})
    state = replace(state, seen=replace(state.seen, health={**state.seen.health, Topic.QUEUE: HEALTH}))
    page = page_of(Showing(judged(state)))
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert not [line for line in page.splitlines() if line.startswith("up{")]
    assert series_of(page)  # a reader takes all of it
    assert "secret-of-a-reason" not in page


HEALTH = Health(EVIL, NOW, NOW, "secret-of-a-reason", 5.0, NOW, note="secret-of-a-reason")


def test_it_stays_small_and_two_that_look_alike_are_one():
    many = [((f"{number}" + "x" * 999,), 1.0) for number in range(9999)]
    family = gauge("a", "b", many, ("c",))
    assert len(family.samples) == MOST
    assert {len(sample.labels["c"]) for sample in family.samples} == {LONGEST}
    assert len(gauge("a", "b", [(("x\n",), 1.0), (("x ",), 2.0)], ("c",)).samples) == 1


def test_who_stands_by_watches_nothing():
    whole = judged(entered())
    assert told(whole)["cockpit_watching",] == 1
    assert told(whole, follows="watched by process 1")["cockpit_watching",] == 0
    assert told(replace(whole, state=replace(whole.state, watching=False)))["cockpit_watching",] == 0
    assert told(whole, whole.at + timedelta(days=1))["cockpit_session_info", *INFO] == 1


INFO = (("flag", PLAN.flag), ("format", "1"), ("plan", PLAN.title), ("session", ""), ("version", "1.2.3"))
