import pytest
from msgspec.structs import replace

from cockpit.demo.autopilot import BY, next_request
from sessions.actions.dispatch import decide
from sessions.gate.evaluate import judge
from sessions.gate.judgement import Judgement
from sessions.values.readings import Triage, TriageLine
from sessions.values.requests import Act, Request
from sessions.values.verdicts import Level, Mark
from tests.support.build import PLAN, after
from tests.support.sessions.acting import but, carry, due, fused, paused, ready, seeing
from tests.support.sessions.flight import Pen, begun, cards, in_phase, verdicts
from tests.support.watch.piloting import CHORES, told


def asked(pen: Pen, **facts) -> tuple[Act, str] | None:
    request = next_request(told(pen, **facts))
    assert request is None or request.by == BY
    return (request.act, request.subject) if request else None


def ticked(pen: Pen, *tasks: str) -> Pen:
    for task in tasks:
        pen.write(0, "task.ticked", task=task, done=True)
    return pen


def frozen(pen: Pen, *flows: str) -> Pen:
    for flow in flows:
        pen.write(0, "flow.frozen", flow=flow, cause="Duplication 3 duplicates")
    return pen


def test_where_nothing_is_due_it_waits():
    assert asked(in_phase(10)) is None


def test_the_assumptions_are_confirmed_at_once_one_by_one():
    pen, done = begun(), []
    while wish := asked(pen):
        assert wish[0] is Act.TICK
        done.append(wish[1])
        ticked(pen, wish[1])
    assert done == [task.id for task in PLAN.phases[0].activities]


@pytest.mark.parametrize(
    ("at", "done", "wish"),
    [
        (1799, (), None),
        (1800, (), "p1.monitor"),
        (1800, ("p1.monitor",), None),
        (3600, ("p1.monitor",), "p1.wf7"),
        (5400, (), "p1.monitor"),
        (5400, ("p1.monitor", "p1.wf7"), "p1.analytics"),
    ],
)
def test_activities_are_spread_over_the_soak(at, done, wish):
    assert asked(ticked(in_phase(10), *done), at=after(at)) == (wish and (Act.TICK, wish))


def test_daily_tasks_are_ticked_when_they_are_due_or_late():
    assert asked(in_phase(100), week=CHORES[1:2] + CHORES[3:]) is None
    assert asked(in_phase(100), week=CHORES[:1]) == (Act.TICK, "d1.morning")
    assert asked(in_phase(100), week=CHORES[2:3]) == (Act.TICK, "d0.evening")


@pytest.mark.parametrize(
    ("risk", "wishes"),
    [
        ("latency_spike", ["inspect"]),
        ("error_rate", ["requests", "stubs", "tell"]),
        ("analytics_outage", ["confirm", "escalate"]),
        ("duplication", ["entries"]),
        ("support_queue", ["sla", "cap"]),
        ("csat", ["cause"]),
    ],
)
def test_a_risk_that_acts_gets_its_runbook_once_without_what_overrules(risk, wishes):
    pen, done = in_phase(10), []
    while wish := asked(pen, risks=cards(**{risk: Level.ACT})):
        assert wish[0] is Act.STEP
        done.append(wish[1])
        ticked(pen, wish[1])
    assert done == [f"{risk}.{step}" for step in wishes]


@pytest.mark.parametrize(("level", "wish"), [(Level.CALM, (Act.TICK, "csat.followup.1")), (Level.WATCH, None)])
def test_a_follow_up_task_is_done_once_its_risk_is_calm(level, wish):
    pen = in_phase(10)
    pen.write(0, "task.opened", "call back", task="csat.followup.1", risk="csat")
    assert asked(pen, risks=cards(csat=level)) == wish
    assert asked(ticked(pen, "csat.followup.1"), risks=cards(csat=level)) is None


@pytest.mark.parametrize("level", [Level.CALM, Level.WATCH, Level.BLIND])
def test_a_risk_that_does_not_act_needs_no_runbook(level):
    assert asked(in_phase(10), risks=cards(support_queue=level, csat=level)) is None


def test_flows_thaw_after_the_hotfix_and_only_when_no_duplicate_is_left():
    pen = frozen(in_phase(10), "capsules", "returns")
    for level in (Level.ACT, Level.WATCH, Level.BLIND):
        wish = asked(ticked(pen, "duplication.entries"), risks=cards(duplication=level))
        assert wish is None, level
    assert asked(pen) == (Act.STEP, "duplication.hotfix")
    ticked(pen, "duplication.hotfix")
    for _ in range(2):
        act, flow = asked(pen)
        assert (act, flow in pen.state.frozen) == (Act.THAW, True)
        pen.write(1, "flow.thawed", flow=flow, cause="no duplicates left")
    assert (asked(pen), dict(pen.state.frozen)) == (None, {})


@pytest.mark.parametrize(
    ("facts", "resumes"),
    [
        ({}, True),
        ({"risks": cards(support_queue=Level.WATCH)}, True),
        ({"risks": cards(csat=Level.BLIND)}, False),
        ({"verdicts": verdicts(latency=Mark.BREACH)}, False),
        ({"verdicts": verdicts(latency=Mark.WARMING)}, False),
        ({"verdicts": verdicts(latency=Mark.BLIND)}, False),
        ({"verdicts": {}}, False),
    ],
)
def test_it_resumes_when_every_risk_is_over_and_latency_is_proved(facts, resumes):
    assert (asked(paused(in_phase(10)), **facts) == (Act.RESUME, "")) is resumes


def test_it_never_resumes_under_a_fuse_or_what_is_not_paused():
    assert asked(paused(fused(in_phase(10)))) is None
    assert asked(in_phase(10)) is None


@pytest.mark.parametrize(("percent", "to"), [(0, 10), (10, 25), (100, None)])
def test_an_open_gate_is_gone_through_and_never_overruled(percent, to):
    pen = ready(percent)
    judgement = judge(pen.state, after(due(percent)))
    assert next_request(judgement) == Request(Act.ADVANCE, BY, percent=to)
    assert not decide(judgement, next_request(judgement)).refusal
    assert next_request(judge(but(pen, paused=None, journal_fault="disk full"), after(due(percent)))) is None


def test_once_the_week_runs_there_is_nothing_to_advance_to():
    pen = ready(100)
    pen.write(due(100), "week.started")
    judgement = judge(pen.state, after(due(100) + 1))
    assert judgement.gate.open
    assert next_request(replace(judgement, week=())) is None


def test_mitigation_comes_before_all_else():
    pen = paused(frozen(begun(), "capsules"))
    acting = cards(support_queue=Level.ACT)
    assert asked(pen, risks=acting) == (Act.STEP, "support_queue.sla")


@pytest.mark.parametrize("pen", [ready(0), ready(10), in_phase(10), paused(ready(25)), frozen(ready(10), "returns")])
@pytest.mark.parametrize("risk", [None, *(risk.id for risk in PLAN.risks)])
def test_nothing_it_wishes_is_ever_refused(pen, risk):
    """A refused wish would be wished for ever, and stand before all others."""
    flown = Pen()
    flown.state = pen.state
    for _ in range(20):
        judgement = judge(flown.state, after(due(flown.state.phase)))
        if risk:
            judgement = replace(judgement, risks={**judgement.risks, risk: cards(**{risk: Level.ACT})[risk]})
        wish = next_request(judgement)
        if wish is None or wish.act is Act.ADVANCE:
            return
        found = decide(judgement, wish)
        assert not found.refusal, wish
        carry(flown, found, judgement.at)
        if found.export:
            flown.write(due(flown.state.phase), "draft.written", task=found.export, risk=risk, files=("draft.md",))
    pytest.fail("it never came to rest")


def told_of(pen: Pen, *, still: bool, waived: bool = False) -> Judgement:
    """The first phase, well but for a critical line in its triage log."""
    line = TriageLine("t1", after(60), "checkout", still)
    if waived:
        pen.write(due(10), "waiver.given", subject="incidents", reason="known", evidence=())
    return judge(seeing(pen.state, Triage("mongo", after(due(10)), (line,), 4)), after(due(10)))


def test_incidents_are_waived_once_all_are_resolved_and_never_before():
    assert next_request(told_of(ready(), still=True)) is None
    wish = next_request(told_of(ready(), still=False))
    assert (wish.act, wish.subject) == (Act.WAIVE, "incidents")
    assert wish.reason
    assert next_request(told_of(ready(), still=False, waived=True)).act is Act.ADVANCE
    pen = ready()
    pen.write(70, "incident.opened", "down", by="owner", incident="i1", severity="P1")
    assert next_request(told_of(pen, still=False)) is None


@pytest.mark.parametrize(
    ("level", "mark", "waived", "wish"),
    [
        (Level.CALM, Mark.BREACH, False, (Act.STEP, "analytics_outage.known")),
        (Level.CALM, Mark.BREACH, True, None),
        (Level.CALM, Mark.SILENT, False, None),
        (Level.WATCH, Mark.BREACH, False, None),
        (Level.BLIND, Mark.BREACH, False, None),
    ],
)
def test_a_gap_that_is_over_is_noted_as_known_with_a_reason(level, mark, waived, wish):
    pen = in_phase(10)
    if waived:
        pen.write(0, "waiver.given", subject="analytics", reason="known", evidence=())
    facts = {"risks": cards(analytics_outage=level), "verdicts": verdicts(analytics=mark)}
    assert asked(pen, **facts) == wish
    request = next_request(told(pen, **facts))
    assert request is None or request.reason
