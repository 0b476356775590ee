import pytest
from msgspec.structs import replace

from sessions.actions.decision import Decision
from sessions.actions.oplog import SEVERITIES
from sessions.values import readings as r
from sessions.values.requests import Act
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0, after
from tests.support.sessions.acting import REASON, ask, but, carry, due, fused, ready, seeing

NOW = after(due(10))


@pytest.mark.parametrize("text", ["", " ", "\n\t\r", "\u3000"])
def test_an_empty_note_is_refused(text):
    assert ask(ready().state, Act.NOTE, text=text) == Decision(refusal="the note is empty: write some words")


def test_a_note_is_kept_as_it_was_said():
    found = ask(ready().state, Act.NOTE, text="  tea  ", by="cli")
    assert [(draft.kind, draft.by, draft.text, draft.facts) for draft in found.drafts] == [
        ("note.written", "cli", "tea", {})
    ]


@pytest.mark.parametrize(("text", "said"), [("", "stability observation"), ("calm so far", "calm so far")])
def test_an_observation_carries_the_evidence_of_the_moment(text, said):
    draft = ask(ready().state, Act.OBSERVE, text=text).drafts[0]
    assert (draft.kind, draft.text, draft.facts["observation"]) == ("note.written", said, True)
    assert len(draft.facts["evidence"]) == 12


@pytest.mark.parametrize("severity", SEVERITIES)
def test_an_incident_opens_and_resolves(severity):
    pen = ready()
    found = ask(pen.state, Act.OPEN_INCIDENT, severity, text="checkout is down")
    carry(pen, found, NOW)
    incident = pen.state.incidents["i1"]
    assert (incident.severity, incident.title, incident.resolved_at) == (severity, "checkout is down", None)
    assert found.done == f"{severity} incident i1 opened"
    found = ask(pen.state, Act.RESOLVE_INCIDENT, "i1")
    assert found.drafts[0].text == f"{severity} resolved: checkout is down"
    carry(pen, found, NOW)
    assert pen.state.incidents["i1"].resolved_at == NOW
    assert ask(pen.state, Act.RESOLVE_INCIDENT, "i1").refusal == "no open incident i1"


def test_each_incident_has_a_name_of_its_own():
    pen = ready()
    for number in (1, 2, 3):
        carry(pen, ask(pen.state, Act.OPEN_INCIDENT, "P2", text=f"number {number}"), NOW)
        carry(pen, ask(pen.state, Act.RESOLVE_INCIDENT, f"i{number}"), NOW)
    assert list(pen.state.incidents) == ["i1", "i2", "i3"]


@pytest.mark.parametrize(
    ("severity", "text", "why"),
    [
        ("P4", "down", "unknown severity: write one of P0, P1, P2, P3"),
        ("", "down", "unknown severity: write one of P0, P1, P2, P3"),
        ("p0", "down", "unknown severity: write one of P0, P1, P2, P3"),
        ("P0", "  ", "an incident needs a title: write what is wrong"),
    ],
)
def test_an_incident_without_severity_or_title_is_refused(severity, text, why):
    assert ask(ready().state, Act.OPEN_INCIDENT, severity, text=text) == Decision(refusal=why)


def test_row_82_an_incident_nobody_opened_is_named_cleanly():
    assert ask(ready().state, Act.RESOLVE_INCIDENT, "\x1b]0;x\x07").refusal == "no open incident ^[]0;x^G"


@pytest.mark.parametrize(
    ("percent", "task"),
    [(phase.percent, task.id) for phase in PLAN.phases for task in phase.activities],
)
def test_every_activity_of_the_phase_is_ticked_once_and_taken_back_once(percent, task):
    pen = ready(percent)
    pen.state = but(pen, ticked={})
    assert ask(pen.state, Act.UNTICK, task).refusal == "not ticked"
    found = ask(pen.state, Act.TICK, task)
    assert " ✔" in found.drafts[0].text
    carry(pen, found, NOW)
    assert task in pen.state.ticked
    assert ask(pen.state, Act.TICK, task).refusal == "ticked already"
    found = ask(pen.state, Act.UNTICK, task)
    assert found.drafts[0].text.endswith(" ✘ unticked")
    carry(pen, found, NOW)
    assert task not in pen.state.ticked


@pytest.mark.parametrize("act", [Act.TICK, Act.UNTICK])
@pytest.mark.parametrize("task", ["p2.flows", "assume.growth", "support_queue.sla", "d1.morning", ""])
def test_what_belongs_to_no_task_of_the_phase_is_not_ticked(act, task):
    assert ask(ready().state, act, task) == Decision(
        refusal=f"{task} is not a task of this phase: cockpit task list lists them"
    )


def test_a_daily_task_is_ticked_once_the_week_runs():
    pen = ready(100)
    assert ask(pen.state, Act.TICK, "d1.morning").refusal
    pen.write(due(100), "week.started")
    draft = ask(pen.state, Act.TICK, "d1.morning").drafts[0]
    assert draft.facts == {"task": "d1.morning", "done": True, "unseen": True}
    assert draft.text.startswith("day 1: Review dashboards")


@pytest.mark.parametrize("criterion", ["latency", "errors", "analytics", "growth", "incidents"])
def test_a_criterion_is_waived_with_a_reason_and_only_with_one(criterion):
    assert ask(ready().state, Act.WAIVE, criterion).refusal == "a waiver needs a reason: write why"
    assert ask(ready().state, Act.WAIVE, criterion, reason=" ").refusal == "a waiver needs a reason: write why"
    found = ask(ready().state, Act.WAIVE, criterion, reason=REASON)
    draft = found.drafts[0]
    assert (draft.kind, draft.text) == ("waiver.given", f"{criterion} waived: {REASON}")
    assert (draft.facts["subject"], draft.facts["reason"]) == (criterion, REASON)
    assert found.done == f"{criterion} waived for this phase"


@pytest.mark.parametrize("subject", ["soak", "flag", "journal", "fuse", "risks", "tasks", "running", "", "latency "])
def test_nothing_but_a_criterion_can_be_waived(subject):
    assert ask(ready().state, Act.WAIVE, subject, reason=REASON).refusal == f"{subject} is no criterion"


def test_a_waiver_opens_the_gate_in_its_phase_and_not_in_the_next():
    pen = ready()
    pen.see(*(r.Beat("mongo", NOW, item.id, T0, None, 0, ((after(0), after(700)),)) for item in PLAN.journeys))
    assert ask(pen.state, Act.ADVANCE, percent=25).refusal.startswith("hold: analytics")
    carry(pen, ask(pen.state, Act.WAIVE, "analytics", reason=REASON), NOW)
    assert "analytics" not in ask(pen.state, Act.ADVANCE, percent=25).refusal
    pen.write(due(10), "phase.entered", phase=25, previous=10, evidence=())
    assert not pen.state.waivers


@pytest.mark.parametrize("act", [Act.EXTEND, Act.DEFUSE])
@pytest.mark.parametrize("subject", ["", "latency_spike", "csat"])
def test_where_no_fuse_burns_none_is_touched(act, subject):
    assert ask(ready().state, act, subject, reason=REASON).refusal == "no fuse burns"
    assert ask(fused(ready(), blown=True).state, act, subject, reason=REASON).refusal == "no fuse burns"


def test_the_fuse_of_another_risk_is_not_touched():
    assert ask(fused(ready()).state, Act.DEFUSE, "csat", reason=REASON).refusal == "no fuse burns"


@pytest.mark.parametrize(("at", "deadline"), [(100, 1250), (949, 1250), (950, 1250), (2000, 2300)])
def test_a_fuse_is_extended_by_a_third_from_its_deadline_or_from_now(at, deadline):
    pen = fused(ready())
    found = ask(pen.state, Act.EXTEND, at=after(at))
    assert (found.done, found.drafts[0].text) == ("fuse extended by 5m00s", "fuse extended by 5m00s")
    carry(pen, found, after(at))
    assert pen.state.fuses["latency_spike"].deadline == after(deadline)
    assert pen.state.fuses["latency_spike"].lit_at == after(50)


@pytest.mark.parametrize("reason", ["", " \t"])
def test_a_fuse_is_not_defused_without_a_reason(reason):
    assert ask(fused(ready()).state, Act.DEFUSE, reason=reason).refusal == "defusing needs a reason: write why"


def test_a_fuse_is_defused_with_a_reason():
    pen = fused(ready())
    found = ask(pen.state, Act.DEFUSE, reason=REASON)
    assert (found.drafts[0].text, found.drafts[0].facts["reason"]) == (f"fuse defused: {REASON}", REASON)
    carry(pen, found, NOW)
    assert not pen.state.fuses


def test_of_two_fuses_the_next_to_blow_is_meant():
    pen = fused(fused(ready(), deadline=950), "csat", deadline=800)
    assert ask(pen.state, Act.DEFUSE, reason=REASON).drafts[0].facts["risk"] == "csat"
    assert ask(pen.state, Act.DEFUSE, "latency_spike", reason=REASON).drafts[0].facts["risk"] == "latency_spike"


def test_a_waived_incident_that_is_open_still_holds():
    pen = ready()
    carry(pen, ask(pen.state, Act.OPEN_INCIDENT, "P1", text="down"), NOW)
    carry(pen, ask(pen.state, Act.WAIVE, "incidents", reason=REASON), NOW)
    assert "incidents" in ask(pen.state, Act.ADVANCE, percent=25).refusal
    carry(pen, ask(pen.state, Act.RESOLVE_INCIDENT, "i1"), NOW)
    assert ask(pen.state, Act.ADVANCE, percent=25).move.percent == 25


def test_a_note_taken_while_everything_is_dark_says_so_in_its_evidence():
    state = replace(seeing(ready().state), seen=ready(0).state.seen)
    lines = ask(state, Act.OBSERVE, at=after(99_999)).drafts[0].facts["evidence"]
    assert {line.partition(" ")[0] for line in lines[:5]} == {Mark.BLIND.value}
