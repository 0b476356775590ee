"""A temporary measure that hides what a criterion measures holds the gate, and its time proves nothing."""

import copy
from typing import Any

import pytest
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.gate.soak import soak
from sessions.plan.loader import plan_from
from sessions.plan.strict_table import TableError
from sessions.state.measures import hidden, measures
from sessions.state.reducer import replay
from sessions.values.flag_value import FlagValue
from sessions.values.requests import Act
from sessions.values.verdicts import CRITERIA, Mark
from tests.support.build import PLAN, after
from tests.support.sessions.acting import ask, due, ready, seeing
from tests.support.sessions.flight import all_is_well, in_phase
from tests.support.sessions.rounds import breach, round_at, written

NOW, STUB = due(10), "error_rate.stubs"
SWITCHES = [(risk, step) for risk in PLAN.risks for step in risk.steps if step.effect == "switch"]


def plan_with(**facts):
    """The plan with other facts for the stub's step."""
    table: dict[str, Any] = copy.deepcopy({**PLAN.table})
    step = next(step for risk in table["risks"] for step in risk["steps"] if step["id"] == "stubs")
    step.pop("hides")
    step |= facts
    return plan_from(table)


def switched(pen, at, on, task=STUB):
    pen.write(at, "task.ticked", f"{task} {on}", task=task, done=on, risk=task.partition(".")[0])


def conditions(state, at=NOW):
    return {row.name: row for row in judge(state, after(at)).gate.conditions}


@pytest.mark.parametrize(("risk", "step"), SWITCHES, ids=[step.id for _, step in SWITCHES])
def test_every_switch_is_a_measure_until_it_is_taken_back_and_holds_what_it_hides(risk, step):
    pen, task = ready(), f"{risk.id}.{step.id}"
    assert judge(pen.state, after(NOW)).gate.open
    switched(pen, NOW - 1, True, task)
    (item,) = measures(pen.state)
    assert (item.id, item.risk, item.title, item.since, item.hides) == (
        task,
        risk.id,
        step.text,
        after(NOW - 1),
        step.hides,
    )
    held = {row.name for row in judge(pen.state, after(NOW)).gate.blockers}
    assert held >= set(step.hides)
    assert bool(held) is bool(step.hides)
    for name in step.hides:
        assert conditions(pen.state)[name].text == f"{step.text} hides it"
    switched(pen, NOW, False, task)
    assert not measures(pen.state)
    assert replay(PLAN, pen.state.entries).lapses == pen.state.lapses


def test_time_under_a_stub_does_not_count_and_its_windows_prove_nothing():
    pen = in_phase(10)
    for at in range(30, 4 * 3600 + 1, 30):
        pen.state = all_is_well(pen.state, after(at))
        if at in (600, 3 * 3600):
            switched(pen, at, at == 600)
        round_at(pen, at)
        if at == 3 * 3600 + 60:
            assert judge(pen.state, after(at)).verdicts["errors"].mark is Mark.WARMING
        if 600 <= at < 3 * 3600:
            judged = judge(pen.state, after(at))
            assert {judged.verdicts[name].mark for name in ("errors", "latency")} == {Mark.THIN}
            assert judged.soak.text.startswith("Stub fallback hides errors, latency, ")
    told = soak(pen.state, after(4 * 3600))
    assert told.done == pytest.approx(600 + 3600)
    assert told.mark is Mark.WARMING


def test_what_breaches_or_is_dark_under_a_stub_says_so():
    pen = ready()
    switched(pen, NOW - 600, True)
    pen.see(breach(7200, errors=400.0))
    assert judge(pen.state, after(NOW)).verdicts["errors"].mark is Mark.BREACH
    late = judge(pen.state, after(NOW + 3600))
    assert {late.verdicts[name].mark for name in ("errors", "latency")} == {Mark.BLIND}


def test_a_waiver_overrules_what_is_hidden_and_its_time_counts():
    pen = ready()
    switched(pen, NOW - 600, True)
    for name in ("errors", "latency"):
        pen.write(NOW - 500, "waiver.given", subject=name, reason="the stub is as good", verdict="thin")
    assert judge(pen.state, after(NOW)).gate.open
    assert soak(pen.state, after(NOW)).done == pytest.approx(NOW - 100)
    pen.write(NOW, "waiver.lapsed", subject="errors", reason="worse")
    assert "errors hidden" in pen.state.lapsing


def test_the_next_phase_is_hidden_from_its_first_second():
    pen = ready()
    switched(pen, NOW - 600, True)
    pen.write(NOW, "flag.intended", intent="m2", percent=25, previous=10, writer="flagd")
    pen.write(NOW, "flag.confirmed", intent="m2", percent=25)
    pen.write(NOW, "phase.entered", phase=25, previous=10, evidence=())
    assert soak(pen.state, after(NOW + 100)).done == 0


@pytest.mark.parametrize(
    ("facts", "hides"), [({}, ("errors",)), ({"hides": []}, ()), ({"hides": ["growth"]}, ("growth",))]
)
def test_a_plan_says_what_a_switch_hides_else_what_its_risk_is_about(facts, hides):
    plan = plan_with(**facts)
    pen = in_phase(10, plan=plan)
    switched(pen, 60, True)
    assert tuple(hidden(pen.state)) == hides
    assert all(step.hides == () for risk in plan.risks for step in risk.steps if step.effect != "switch")


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"hides": ["error"]}, 'criterion "error" is unknown'),
        ({"effect": "record", "targets": [], "hides": ["errors"]}, "is for a switch alone"),
    ],
)
def test_a_typo_in_what_is_hidden_is_told(facts, told):
    with pytest.raises(TableError, match=told):
        plan_with(**facts)


def test_without_healthy_soak_the_gate_holds_all_the_same():
    plan = plan_from({**PLAN.table, "soak": {**PLAN.table["soak"], "counts": "watched"}})
    pen = ready()
    state = replace(pen.state, plan=plan)
    pen.state = state
    switched(pen, NOW - 600, True)
    assert soak(pen.state, after(NOW)).mark is Mark.PASS
    assert not judge(pen.state, after(NOW)).gate.open
    assert set(hidden(pen.state)) < set(CRITERIA)


def reads(pen, at, *switches):
    """One round in which the flag's back end says that these switches are on."""
    pen.state = seeing(all_is_well(pen.state, after(at)), FlagValue("flagd", after(at), 10, switches))
    round_at(pen, at)


def test_a_hiding_switch_that_another_hand_turned_on_holds_as_ours_would():
    pen = in_phase(10)
    for at in range(30, 3 * 3600 + 1, 30):
        reads(pen, at, *(["stub-fallback"] if 600 <= at < 3600 else []), "sla-message", "holiday-banner")
        if 600 <= at < 3600:
            assert conditions(pen.state, at)["errors"].text == "Stub fallback hides it"
            assert [item.id for item in measures(pen.state)] == [STUB]
    assert written(pen, "switch.found") == ["switch.found"] * 2
    assert not measures(pen.state)
    assert soak(pen.state, after(3 * 3600)).done == pytest.approx(3 * 3600 - 3000)
    assert replay(PLAN, pen.state.entries).lapses == pen.state.lapses


def test_what_we_turned_on_is_found_by_nobody_and_stays_on_until_it_is_proved_off():
    pen = in_phase(10)
    reads(pen, 30)
    switched(pen, 60, True)
    reads(pen, 90, "stub-fallback")
    pen.write(100, "switch.confirmed", switch="stub-fallback", on=True)
    reads(pen, 120, "stub-fallback")
    switched(pen, 150, False)
    reads(pen, 155, "stub-fallback")
    assert [item.since for item in measures(pen.state)] == [after(100)]
    pen.write(160, "switch.refused", switch="stub-fallback", on=False, reason="500")
    reads(pen, 180, "stub-fallback")
    assert measures(pen.state)
    pen.write(190, "switch.confirmed", switch="stub-fallback", on=False)
    reads(pen, 210)
    assert not measures(pen.state)
    assert written(pen, "switch.found") == []


def test_the_key_takes_back_what_another_hand_turned_on():
    pen = ready()
    reads(pen, NOW, "stub-fallback")
    taken = ask(pen.state, Act.STEP, STUB, at=after(NOW))
    assert taken.switches == (("stub-fallback", False),)
    pen.write(NOW + 1, "switch.confirmed", switch="stub-fallback", on=False)
    reads(pen, NOW + 30)
    assert written(pen, "switch.found") == ["switch.found"]
    assert not measures(pen.state)
