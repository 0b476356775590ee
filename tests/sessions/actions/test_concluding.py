"""Concluding a session: what stands in its way, all of it, and what is taken once it is concluded."""

from datetime import UTC, timedelta

import pytest

from sessions.actions.concluding import OVER, STILL
from sessions.actions.dispatch import decide
from sessions.actions.evidence import turns
from sessions.gate.evaluate import judge
from sessions.safety.automatic import duties
from sessions.values.entries import Draft
from sessions.values.readings import Tickets, Topic
from sessions.values.requests import Act, Request
from tests.support.build import PLAN, T0, minute, pulse
from tests.support.sessions.flight import in_phase

DAY = 86400.0
LAST = 6.9 * DAY
CHORES = [f"d{day}.{task.id}" for task in PLAN.week.tasks for day in task.days]
TASKS = [task.id for task in PLAN.phase(100).activities]


def week(*left, until=LAST):
    """A session on day 7 with everything ticked but what is `left`; T0 is 10:00 UTC."""
    pen = in_phase(100)
    pen.write(60, "week.started")
    for task in [*TASKS, *CHORES]:
        if task not in left:
            pen.write(until - 60, "task.ticked", by="owner", task=task, done=True)
    return pen


def asked(pen, act=Act.CONCLUDE, at=LAST, **facts):
    return decide(judge(pen.state, T0 + timedelta(seconds=at), UTC), Request(act, **facts))


def concluded():
    pen = week()
    (draft,) = asked(pen).drafts
    pen.write(LAST, draft.kind, draft.text, by=draft.by, **draft.facts)
    return pen


def test_with_everything_done_it_is_an_entry_with_its_evidence():
    found = asked(week(), text="thanks all")
    assert found.refusal == ""
    (draft,) = found.drafts
    assert (draft.kind, draft.by, draft.text) == (
        "session.concluded",
        "owner",
        "session concluded at 100 %: thanks all",
    )
    assert draft.facts["evidence"]
    state = concluded().state
    assert state.concluded_at == T0 + timedelta(seconds=LAST)


STANDS: dict[str, tuple[list[str], list[tuple[str, dict]], str]] = {
    "a task of the week": (["d7.retrospective"], [], "1 task (day 7 retrospective)"),
    "tasks of earlier days": (
        ["d2.evening", "d3.midday", "d4.morning", "d7.evening"],
        [],
        "4 tasks (day 2 evening, day 3 midday, day 4 morning and 1 more)",
    ),
    "a task of the last phase": (["p4.feedback"], [], "1 task (Gather feedback)"),
    "a follow-up task": (
        [],
        [("task.opened", {"task": "csat.followup.1", "risk": "csat", "text": "Call back"})],
        "1 task (Call back)",
    ),
    "a measure": (
        [],
        [("task.ticked", {"task": "support_queue.sla", "done": True, "risk": "support_queue"})],
        "SLA message has been on for 1m00s",
    ),
    "a frozen flow": (
        [],
        [("flow.frozen", {"flow": "returns", "cause": "by hand"})],
        "Returns frozen has been on for 1m00s",
    ),
    "an incident": (
        [],
        [("incident.opened", {"incident": "i1", "severity": "P2"})],
        "P2 incident i1 is open",
    ),
    "a pause": ([], [("rollout.paused", {"cause": "lunch", "evidence": ()})], "the rollout is paused"),
    "a fuse": (
        [],
        [("fuse.lit", {"risk": "latency_spike", "deadline": T0 + timedelta(days=7), "evidence": ()})],
        "a fuse burns",
    ),
    "a flag elsewhere": (
        [],
        [("flag.drifted", {"expected": 100, "seen": 40, "percent": 100})],
        "the flag was not read back at 100 %",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STANDS)
def test_what_stands_in_the_way_is_said(name):
    left, rows, why = STANDS[name]
    pen = week(*left)
    for kind, facts in rows:
        pen.write(LAST - 60, kind, facts.get("text", kind), **{key: one for key, one in facts.items() if key != "text"})
    assert asked(pen).refusal == f"cannot conclude yet: {why}"


def test_all_of_it_is_said_at_once():
    pen = week("d7.evening")
    pen.write(LAST - 60, "rollout.paused", cause="lunch", evidence=())
    pen.write(LAST - 60, "incident.opened", incident="i1", severity="P1")
    assert asked(pen).refusal == (
        "cannot conclude yet: 1 task (day 7 evening); P1 incident i1 is open; the rollout is paused"
    )


@pytest.mark.parametrize(("at", "refused"), [(5.9 * DAY, True), (6 * DAY - 1, True), (6 * DAY + 1, False)])
def test_not_before_the_last_day_though_everything_is_ticked(at, refused):
    """The week began at 10:01 UTC, the first task of a day is due at 10:00."""
    found = asked(week(until=at - 120), at=at)
    assert ("day 7, the last one, has not begun" in found.refusal) is refused


def test_without_a_week_there_is_nothing_to_conclude():
    assert asked(in_phase(100)).refusal == "a session is concluded at the end of its 7-day plan, and that does not run"


def test_a_risk_that_acts_is_in_the_way():
    pen = week()
    now = T0 + timedelta(seconds=LAST)
    pen.see(pulse(Topic.QUEUE, now), Tickets("mongo", now, 25, None, (("high", 1),), 0))
    assert asked(pen).refusal == "cannot conclude yet: Support queue acts"


@pytest.mark.parametrize("act", Act)
def test_once_concluded_every_act_is_taken_or_refused_in_one_sentence(act):
    found = asked(concluded(), act, LAST + 60, text="x", reason="y", subject="capsules")
    assert (found.refusal == OVER) is (act not in STILL)


def test_a_revert_opens_it_again():
    pen = concluded()
    pen.write(LAST + 60, "phase.entered", phase=50, previous=100, evidence=())
    assert pen.state.concluded_at is None
    assert asked(pen, Act.PAUSE, LAST + 120).refusal == ""


def acting(pen, now):
    pen.see(pulse(Topic.TRAFFIC, now), pulse(Topic.COLLECTIONS, now))
    pen.see(*(minute(endpoint, now, requests=200.0, p95_ms=4000.0) for endpoint in PLAN.endpoints))
    return judge(pen.state, now, UTC)


@pytest.mark.parametrize(("pen", "protects"), [(week, True), (concluded, False)])
def test_the_watch_goes_on_only_looking(pen, protects):
    judgement = acting(pen(), T0 + timedelta(seconds=LAST + 60))
    kinds = {draft.kind for draft in duties(judgement).drafts}
    assert ({"rollout.paused", "fuse.lit"} <= kinds) is protects
    assert duties(judgement).switches == ()
    told = [draft for draft in turns(judgement) if isinstance(draft, Draft) and draft.kind == "risk.turned"]
    assert any(draft.facts["level"] == "act" for draft in told)
