import math
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.actions.evidence import evidence, turns
from sessions.gate.evaluate import judge
from sessions.plan.loader import RISKS
from sessions.state.reducer import apply, observe
from sessions.values import readings as r
from sessions.values.flag_value import FlagValue
from sessions.values.verdicts import CRITERIA, Level, Mark
from tests.support.build import PLAN, after, pulse, window
from tests.support.sessions.flight import Pen, all_is_well, in_phase, ticked

DONE = 7300
NOW = after(DONE)


def ready():
    return ticked(all_is_well(in_phase(10).state, NOW))


def test_everything_is_judged_in_the_plans_order():
    told = judge(ready(), NOW)
    assert tuple(told.verdicts) == CRITERIA
    assert tuple(told.risks) == RISKS
    assert told.gate.open, told.gate.blockers
    assert (told.at, told.week) == (NOW, ())


def test_the_week_is_told_once_it_has_started():
    assert len(judge(replace(ready(), week_at=NOW), NOW).week) == 22


def test_a_session_nobody_watches_is_blind_and_held():
    told = judge(ready(), after(DONE + 3600))
    assert {said.mark for said in told.verdicts.values()} == {Mark.BLIND}
    assert {said.level for said in told.risks.values()} == {Level.BLIND}
    assert not told.gate.open


def test_evidence_is_a_line_per_condition():
    lines = evidence(judge(ready(), NOW))
    assert lines[0] == "pass latency p95 240 ms ≤ 500 ms (worst GET /concierge, 3 of 3 windows) [11:45-12:00 UTC]"
    assert lines[1] == "pass errors 0.0 % < 1.0 % (worst GET /concierge, 3 of 3 windows) [11:45-12:00 UTC]"
    assert len(lines) == 12
    assert all(line.startswith("pass ") for line in lines)


def test_evidence_names_no_window_before_one_has_closed():
    state = all_is_well(in_phase(10, at=7250).state, NOW)
    assert "[" not in evidence(judge(state, NOW))[0]


def recorded(state, now):
    """Write every turn and return the state that knows them."""
    pen = Pen()
    pen.state = state
    drafts = turns(judge(state, now))
    for draft in drafts:
        pen.write((now - after(0)).total_seconds(), draft.kind, draft.text, by=draft.by, **draft.facts)
    return pen.state, drafts


def test_what_turned_is_recorded_once():
    state, drafts = recorded(ready(), NOW)
    assert [draft.facts["criterion"] for draft in drafts] == list(CRITERIA)
    assert {draft.facts["was"] for draft in drafts} == {"warming"}
    assert not turns(judge(state, NOW))


def test_a_breach_and_its_risk_turn_together():
    state, _ = recorded(ready(), NOW)
    hot = observe(state, window("POST /capsules", after(6900), at=after(7202), p95_ms=812.0))
    _, drafts = recorded(hot, NOW)
    assert [(draft.kind, draft.text) for draft in drafts] == [
        ("verdict.turned", "latency p95 812 ms > 500 ms on POST /capsules"),
        ("risk.turned", "Latency spike p95 812 ms > 500 ms on POST /capsules"),
    ]
    facts = drafts[0].facts
    assert (facts["verdict"], facts["was"], facts["subject"]) == ("breach", "pass", "POST /capsules")
    assert (facts["value"], facts["bound"], facts["unit"]) == (812.0, 500.0, "ms")


def test_blind_turns_since_the_data_was_last_good():
    state, _ = recorded(ready(), NOW)
    _, drafts = recorded(state, after(DONE + 61))
    latency = next(draft for draft in drafts if draft.facts.get("criterion") == "latency")
    assert (latency.facts["verdict"], latency.facts["since"]) == ("blind", NOW)


def test_a_source_not_asked_yet_turns_no_risk():
    pen = in_phase(10)
    pen.write(5, "watch.started", pid=1, host="box")
    assert not turns(judge(pen.state, after(20)))
    told = turns(judge(pen.state, after(200)))
    assert {draft.facts["level"] for draft in told if draft.kind == "risk.turned"} == {"blind"}


def test_facts_are_finite_and_never_absent():
    state = observe(ready(), window("GET /concierge", after(6900), at=after(7202), p95_ms=math.nan))
    for draft in turns(judge(state, NOW)):
        numbers = [value for value in draft.facts.values() if isinstance(value, float)]
        assert all(math.isfinite(value) for value in numbers)
        assert None not in draft.facts.values()


# An oracle that knows the plan by heart and shares no code with the judgement.

BOUND_MS, BOUND_SHARE, LENGTH, SETTLE, LEAST = 500, 1, 300, 30, 20


def newest_windows(rows, endpoint, now):
    """The three newest closed windows by naive search over the raw readings: the last measured, then heard, of each."""
    closed = int((now.timestamp() - SETTLE) // LENGTH)
    for index in (closed - 1, closed - 2, closed - 3):
        mine = [
            row
            for row in rows
            if isinstance(row, r.Traffic) and row.grain is r.Grain.WINDOW and row.endpoint == endpoint
            if row.start.timestamp() == index * LENGTH
        ]
        yield max(reversed(mine), key=lambda row: row.at, default=None)


def proved(row):
    numbers = () if row is None else (row.requests, row.errors, row.p95_ms, row.covered)
    return (
        bool(numbers)
        and all(number is not None and math.isfinite(number) for number in numbers)
        and row.requests >= LEAST
        and 0 <= row.p95_ms <= BOUND_MS
        and 100 * row.errors < BOUND_SHARE * row.requests
        and row.at >= row.end
        and row.covered >= 0.9
    )


def fresh(rows, topic, now, bound):
    good = [row.at for row in rows if isinstance(row, r.Pulse) and row.topic is topic and row.ok]
    return bool(good) and -2 <= (now - max(good)).total_seconds() <= bound


def last(rows, sort, name="", value=""):
    mine = [row for row in rows if isinstance(row, sort) and (not name or getattr(row, name) == value)]
    return max(reversed(mine), key=lambda row: row.at, default=None)


def heard(rows, journey):
    """Whether some beat knew an event no older than ten minutes at the newest beat."""
    beat = last(rows, r.Beat, "journey", journey)
    events = [row.newest for row in rows if isinstance(row, r.Beat) and row.journey == journey and row.newest]
    return bool(events) and (beat.at - max(events)).total_seconds() <= 600


def opens(rows, now):
    """Whether the raw readings prove everything that measuring has to prove."""
    bounds = {r.Topic.TRAFFIC: 60, r.Topic.FLAG: 90}
    wanted = (r.Topic.TRAFFIC, r.Topic.JOURNEYS, r.Topic.COLLECTIONS, r.Topic.TRIAGE, r.Topic.QUEUE, r.Topic.CSAT)
    queue, flag, triage = last(rows, r.Tickets), last(rows, FlagValue), last(rows, r.Triage)
    sizes = [last(rows, r.Size, "collection", item.name) for item in PLAN.collections]
    return (
        all(fresh(rows, topic, now, bounds.get(topic, 180)) for topic in (*wanted, r.Topic.FLAG))
        and all(proved(row) for endpoint in PLAN.endpoints for row in newest_windows(rows, endpoint, now))
        and queue is not None
        and queue.open <= 20
        and flag is not None
        and flag.percent == 10
        and triage is not None
        and not triage.critical
        and all(size is not None and size.duplicates == 0 for size in sizes)
        and all(heard(rows, item.id) for item in PLAN.journeys)
    )


def calm_readings():
    """Everything that a calm hour measures at NOW, as single readings."""
    rows = []

    state = in_phase(10).state
    seen = all_is_well(state, NOW).seen
    rows.extend(pulse(topic, NOW) for topic in r.Topic)
    rows.extend(row for kept in (seen.windows, seen.minutes) for mine in kept.values() for row in mine)
    rows.extend(seen.beats.values())
    rows.extend(row for mine in seen.sizes.values() for row in mine)
    rows.extend((*seen.tickets, seen.triage, seen.csat, seen.flag))
    return rows


CALM = calm_readings()
odd = [math.nan, math.inf, -math.inf, -1.0, 0.0, 1.0, 19.0, 20.0, 499.0, 500.0, 500.1, 5000.0, 1e300]


def turned(row, name, values):
    return st.sampled_from(values).map(lambda value: replace(row, **{name: value}))


ODD = {
    r.Pulse: {"ok": [False]},
    r.Traffic: {"p95_ms": [*odd, None], "requests": odd, "errors": odd, "covered": [0.0, 0.5, 0.89, math.nan]},
    r.Size: {"duplicates": [-5, 1, 3]},
    r.Tickets: {"open": [20, 21, 40]},
    FlagValue: {"percent": [None, 0, 25, 100]},
    r.Beat: {"newest": [None]},
}
SHIFTS = [timedelta(seconds=by) for by in (-9000, -200, -100, -61, -1, 0, 1, 3, 60, 400)]


def spoilt(row):
    """Strategies that turn one reading into an unproved one, or leave it as good as it is."""
    ways = [turned(row, name, values) for name, values in ODD.get(type(row), {}).items()]
    if isinstance(row, r.Traffic):
        ways.append(
            st.just(replace(row, start=row.start - timedelta(seconds=300), end=row.end - timedelta(seconds=300)))
        )
    return st.one_of(turned(row, "at", [row.at + by for by in SHIFTS]), *ways)


@st.composite
def measured(draw):
    """A calm hour with a few readings missing, spoilt, twice, and in any order."""
    rows = list(CALM)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(rows) - 1))
        deed = draw(st.sampled_from(["lose", "spoil", "repeat", "both"]))
        row = rows[place]
        if deed == "lose":
            rows.pop(place)
        elif deed == "spoil":
            rows[place] = draw(spoilt(row))
        elif deed == "repeat":
            rows.append(row)
        else:
            rows.append(draw(spoilt(row)))
    draw(st.randoms(use_true_random=False)).shuffle(rows)
    return rows


@pytest.mark.slow
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(measured())
def test_no_sequence_of_readings_without_proof_opens_a_gate(rows):
    alone = replace(PLAN, windows=replace(PLAN.windows, pool=0.0))
    state = ticked(in_phase(10, plan=alone).state)
    for row in rows:
        state = observe(state, row)
    if judge(state, NOW).gate.open:
        assert opens(rows, NOW)


def test_the_oracle_and_the_gate_agree_on_a_calm_hour():
    assert opens(CALM, NOW)
    state = ticked(in_phase(10).state)
    for row in CALM:
        state = observe(state, row)
    assert judge(state, NOW).gate.open


SHOWN = (r.Topic.CAPSULES, r.Topic.RETURNS, r.Topic.ALERTS, r.Topic.EXPOSURE)


def spared(row):
    """The last minute says nothing while windows do, and what is only shown is not judged."""
    shown = isinstance(row, r.Pulse) and row.topic in SHOWN
    return shown or (isinstance(row, r.Traffic) and row.grain is r.Grain.MINUTE)


@pytest.mark.parametrize("lost", range(len(CALM)))
def test_every_single_reading_is_needed(lost):
    state = ticked(in_phase(10).state)
    for reading in CALM[:lost] + CALM[lost + 1 :]:
        state = observe(state, reading)
    assert judge(state, NOW).gate.open is spared(CALM[lost])


def test_a_judgement_is_the_same_after_a_replay():
    state = ready()
    again = in_phase(10).state
    assert judge(replace(again, seen=state.seen, ticked=state.ticked), NOW) == judge(state, NOW)
    assert apply(state, state.entries[-1]).seen == state.seen
