from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.actions.decision import REPORT, Decision
from sessions.actions.dispatch import _ACTS, decide
from sessions.file_format.promises import lines_of
from sessions.gate.evaluate import judge
from sessions.state.model import FlagState, Raised
from sessions.text.clean import clean
from sessions.values.entries import KINDS
from sessions.values.readings import Run
from sessions.values.report_edits import Edit
from sessions.values.requests import Act, Request
from tests.support.build import PLAN, T0, after
from tests.support.sessions.acting import REASON, ask, but, carry, due, fused, paused, ready

NOW = after(due(10))


def frozen():
    pen = ready()
    pen.write(60, "flow.frozen", flow="returns", cause="by hand")
    return pen


def with_incident():
    pen = ready()
    pen.write(60, "incident.opened", "down", incident="i1", severity="P1")
    return pen


def ringing():
    pen = ready()
    pen.state = but(pen, raised={"verdict.latency": Raised("verdict.latency", NOW, "latency breach")})
    return pen


def unticked():
    pen = ready()
    pen.state = but(pen, ticked={}, runnable=("p1.wf7",))
    return pen


def week_done():
    pen, days = ready(100), PLAN.week.days
    chores = {f"d{day}.{task.id}": T0 for task in PLAN.week.tasks for day in task.days}
    begun = after(due(100) - (days - 0.1) * PLAN.week.day)
    pen.state = but(pen, week_at=begun, ticked={**pen.state.ticked, **chores})
    return pen


def promised():
    """Another bound than the session's."""
    table = deepcopy(dict(PLAN.table))
    table["criteria"]["latency"]["p95_ms"] = 700
    return lines_of(table)


ALLOWED = {
    Act.PAUSE: (ready, {}),
    Act.RESUME: (lambda: paused(ready()), {}),
    Act.ADVANCE: (ready, {"percent": 25}),
    Act.ADOPT: (lambda: ready(0), {"lines": promised()}),
    Act.REVERT: (ready, {}),
    Act.FREEZE: (ready, {"subject": "returns"}),
    Act.THAW: (frozen, {"subject": "returns"}),
    Act.NOTE: (ready, {"text": "tea"}),
    Act.OBSERVE: (ready, {}),
    Act.OPEN_INCIDENT: (ready, {"subject": "P1", "text": "down"}),
    Act.RESOLVE_INCIDENT: (with_incident, {"subject": "i1"}),
    Act.TICK: (unticked, {"subject": "p1.monitor"}),
    Act.UNTICK: (ready, {"subject": "p1.wf7"}),
    Act.RUN: (unticked, {"subject": "p1.wf7"}),
    Act.WAIVE: (ready, {"subject": "growth", "reason": REASON}),
    Act.EXTEND: (lambda: fused(ready()), {}),
    Act.DEFUSE: (lambda: fused(ready()), {"reason": REASON}),
    Act.STEP: (ready, {"subject": "csat.cause"}),
    Act.EXPORT: (ready, {}),
    Act.EDIT: (ready, {"text": "tea", "edit": Edit("flight", "added", "Asks")}),
    Act.DECIDE: (ready, {"text": "hold", "reason": REASON}),
    Act.FEEDBACK: (ready, {"subject": "good", "text": "they like it", "reason": "support"}),
    Act.MESSAGE: (ready, {"text": "keep", "lines": ("Dear all",)}),
    Act.ACKNOWLEDGE: (ringing, {}),
    Act.CONCLUDE: (week_done, {}),
}
"""Every act in a session where it is allowed, with no more than it needs."""

REASONED = (Act.WAIVE, Act.DEFUSE, Act.DECIDE, Act.FEEDBACK)
"""Who overrules or decides says why; feedback is somebody's."""
MEANT_TWICE = (
    Act.DECIDE,
    Act.FEEDBACK,
    Act.MESSAGE,
    Act.NOTE,
    Act.OBSERVE,
    Act.OPEN_INCIDENT,
    Act.EXTEND,
    Act.STEP,
    Act.WAIVE,
    Act.EXPORT,
    Act.ACKNOWLEDGE,
)


@pytest.mark.parametrize("act", Act)
def test_every_act_is_decided_and_is_taken_where_it_fits(act):
    make, facts = ALLOWED[act]
    found = ask(make().state, act, **facts)
    assert not found.refusal
    assert found.drafts or found.move or found.export or found.run
    assert set(_ACTS) == set(Act)


@pytest.mark.parametrize("act", Act)
def test_a_reason_is_needed_exactly_where_judgement_is_overruled(act):
    make, facts = ALLOWED[act]
    without = ask(make().state, act, **{**facts, "reason": ""})
    assert bool(without.refusal) is (act in REASONED)
    early = ask(unticked().state, Act.ADVANCE, percent=25, override=True)
    assert "needs a reason" in early.refusal


@pytest.mark.parametrize("act", Act)
def test_who_asked_is_who_is_written_down(act):
    make, facts = ALLOWED[act]
    found = ask(make().state, act, by="cli", **facts)
    assert {draft.by for draft in found.drafts} <= {"cli"}
    assert found.move is None or found.move.by == "cli"


@pytest.mark.parametrize("act", [act for act in Act if act not in MEANT_TWICE])
def test_row_79_an_act_pressed_twice_is_written_once(act):
    make, facts = ALLOWED[act]
    pen = make()
    found = ask(pen.state, act, **facts)
    if found.run:
        pen.see(Run("wf7", NOW, found.run, "r1", NOW, ()))
    elif found.move is None:
        carry(pen, found, NOW)
    else:
        pen.write(due(10), "flag.intended", intent="m1", percent=25, previous=10, writer="flagd")
    again = ask(pen.state, act, **facts)
    assert again.move.percent == 0 if act is Act.REVERT else again.refusal


def test_an_export_changes_nothing_but_asks_for_a_report():
    assert ask(ready().state, Act.EXPORT) == Decision(export=REPORT)
    assert ask(but(ready(), journal_fault="disk full"), Act.EXPORT).export


def test_words_are_cleaned_before_anything_is_made_of_them():
    found = ask(ready().state, Act.NOTE, text="\x1b[2J[/]\nnext\u202e")
    assert found.drafts[0].text == "^[[2J[/] next<U+202E>"
    waived = ask(ready().state, Act.WAIVE, "growth", reason="a" * 9000, by="autopilot")
    assert len(waived.drafts[0].facts["reason"]) == 500


# Laws: whatever is asked, in whatever state.

STATES = [
    ready(0),
    ready(10),
    ready(100),
    unticked(),
    paused(ready(), "\x1b[2J"),
    fused(paused(ready())),
    fused(ready(), blown=True),
    frozen(),
    with_incident(),
]
JUDGED = [judge(pen.state, after(due(pen.state.phase))) for pen in STATES]
JUDGED.append(judge(but(ready(), flag=FlagState("unknown", 10, 25, "m7"), journal_fault="disk full"), NOW))
JUDGED.append(judge(but(ready(100), week_at=T0), after(due(100))))
SUBJECTS = ["", "latency", "capsules", "P0", "i1", "p1.wf7", "d1.morning", "latency_spike", "duplication.freeze", "[/]"]
HOSTILE = ["\x1b[2J", "[@click=app.quit]x[/]", "\u202e", "\x85\n\u2028", "why", " ", ""]


@st.composite
def requests(draw):
    words = st.text(max_size=60) | st.sampled_from(
        ["\x1b[2J", "[@click=app.quit]x[/]", "\u202e", "\x85\n\u2028", "why"]
    )
    return Request(
        draw(st.sampled_from(Act)),
        draw(st.sampled_from(("owner", "cli", "autopilot"))),
        draw(st.sampled_from(SUBJECTS) | words),
        draw(words),
        draw(words),
        draw(st.none() | st.sampled_from([0, 10, 25, 50, 100]) | st.integers()),
        draw(st.booleans()),
    )


@pytest.mark.slow
@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(JUDGED), requests())
def test_whatever_is_asked_is_answered(judgement, request):
    found = decide(judgement, request)
    assert bool(found.refusal) is not bool(found.drafts or found.move or found.export or found.run)
    if found.refusal:
        assert found.refusal.strip()
        assert len(found.refusal.splitlines()) == 1
        assert clean(found.refusal, 4000) == found.refusal
    for draft in found.drafts:
        assert set(KINDS[draft.kind]) <= set(draft.facts)
        assert clean(draft.text, 4000) == draft.text
    if found.move is not None:
        assert found.move.percent in [phase.percent for phase in PLAN.phases]
        assert set(KINDS["phase.entered"]) <= set(found.move.entering)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(JUDGED), requests(), st.booleans())
def test_no_request_goes_up_without_an_open_gate_or_a_reason(judgement, request, meant):
    percent = judgement.gate.percent if meant else request.percent
    found = decide(judgement, replace(request, act=Act.ADVANCE, percent=percent))
    up = (found.move is not None and found.move.percent > judgement.state.phase) or any(
        draft.kind == "week.started" for draft in found.drafts
    )
    if up and not judgement.gate.open:
        assert request.override
        assert clean(request.reason).strip()
        assert percent == judgement.gate.percent
        assert not judgement.state.fuses
        assert judgement.state.flag.status not in ("intended", "unknown")
        assert not judgement.state.journal_fault


@pytest.mark.slow
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(JUDGED), requests())
def test_every_revert_above_zero_is_taken(judgement, request):
    back = PLAN.before(judgement.state.phase).percent
    found = decide(judgement, replace(request, act=Act.REVERT))
    assert bool(found.move) is (judgement.state.phase > 0 and request.percent in (None, back))
    if found.move:
        assert found.move.percent == back
    elif judgement.state.phase:
        assert found.refusal == f"{judgement.state.phase} % was entered meanwhile"
