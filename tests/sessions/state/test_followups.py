"""Follow-up tasks: opened once, listed and ticked like any task, kept over phases, asked for until they are done."""

from datetime import UTC

import pytest

from sessions.actions.tasks import task_texts
from sessions.gate.evaluate import judge
from sessions.reports.report import report
from sessions.state.pending import at_hand, opening, still_open
from sessions.values.entries import KINDS
from sessions.values.requests import Act
from tests.support.build import PLAN, after
from tests.support.sessions.acting import ask, carry, due, ready
from tests.support.sessions.flight import Pen

CSAT = PLAN.risk("csat")
TASKS = [f"csat.followup.{number}" for number in (1, 2, 3)]
AT = due(10)


def followed(percent: int = 10) -> Pen:
    pen = ready(percent)
    for draft in opening(pen.state, CSAT, "watch"):
        pen.write(due(percent), draft.kind, draft.text, by=draft.by, **draft.facts)
    return pen


def test_each_task_of_the_plan_is_opened_under_its_risk():
    drafts = opening(ready().state, CSAT, "watch")
    assert [(draft.facts["task"], draft.text) for draft in drafts] == list(zip(TASKS, CSAT.follow_up, strict=True))
    assert {(draft.kind, draft.by, draft.facts["risk"]) for draft in drafts} == {("task.opened", "watch", "csat")}
    assert all(set(KINDS[draft.kind]) <= set(draft.facts) for draft in drafts)
    assert opening(ready().state, PLAN.risk("support_queue"), "watch") == ()


def test_what_is_open_is_not_opened_twice_and_what_was_done_is_opened_anew():
    pen = followed()
    assert opening(pen.state, CSAT, "watch") == ()
    carry(pen, ask(pen.state, Act.TICK, TASKS[1]), after(AT))
    assert [draft.facts["task"] for draft in opening(pen.state, CSAT, "watch")] == [TASKS[1]]
    assert list(still_open(pen.state, "csat")) == [TASKS[0], TASKS[2]]
    assert still_open(pen.state, "latency_spike") == {}


def test_it_stands_with_the_tasks_of_the_moment_and_is_ticked_like_them():
    pen = followed()
    texts = task_texts(judge(pen.state, after(AT)))
    assert [texts[task] for task in TASKS] == list(CSAT.follow_up)
    found = ask(pen.state, Act.TICK, TASKS[0])
    assert (found.refusal, found.drafts[0].facts["task"]) == ("", TASKS[0])
    carry(pen, found, after(AT))
    assert ask(pen.state, Act.TICK, TASKS[0]).refusal == "ticked already"
    carry(pen, ask(pen.state, Act.UNTICK, TASKS[0]), after(AT))
    assert TASKS[0] in still_open(pen.state)


def test_what_is_open_survives_a_change_of_phase_and_what_was_done_stays_behind():
    pen = followed()
    carry(pen, ask(pen.state, Act.TICK, TASKS[0]), after(AT))
    assert list(at_hand(pen.state)) == TASKS
    pen.write(AT + 60, "phase.entered", phase=25, previous=10, evidence=())
    assert list(at_hand(pen.state)) == TASKS[1:]


@pytest.mark.parametrize(("day", "open_ones"), [(None, 2), (after(0).date(), 2)])
def test_the_report_asks_for_what_is_open_and_says_what_was_done(day, open_ones):
    pen = followed()
    carry(pen, ask(pen.state, Act.TICK, TASKS[0]), after(AT))
    text = report(judge(pen.state, after(AT + 1)), day, UTC)
    asks = text.split("## Asks", 1)[1].split("\n## ", 1)[0]
    opened = [entry.seq for entry in pen.state.entries if entry.kind == "task.opened"]
    assert asks.count("Do the follow-up task: ") == open_ones
    assert f"Do the follow-up task: {CSAT.follow_up[1]} (#{opened[1]})" in asks
    tasks = text.split("## Tasks", 1)[1].split("\n## ", 1)[0]
    assert tasks.count("- open · follow-up: ") == open_ones
    assert f"- done · follow-up: {CSAT.follow_up[0]} (12:01:40)" in tasks
