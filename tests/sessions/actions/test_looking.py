"""A tick says what was looked at: the rows and the finding are kept, and a tick without a look says so for ever."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from sessions.plan.model import Task
from sessions.state.pending import step_done
from sessions.values.readings import Run
from sessions.values.requests import Act
from sessions.values.sheets import KEPT, KINDS, Row, facts_of, rows_of
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0, after
from tests.support.sessions.acting import ask, but, carry, due, ready, seeing

NOW = after(due(10))
ROWS = (
    Row("p95 POST /capsules", "438 ms", "≤ 500 ms", T0, Mark.PASS),
    Row("holes", "none", mark=Mark.PASS),
    Row("odd \x1b[2J words", "7", "", datetime(2026, 11, 23, 9, 0, 7, tzinfo=UTC)),
)
SHEETED = [
    *((task.id, phase.percent) for phase in PLAN.phases for task in phase.activities),
    *(
        (f"{risk.id}.{step.id}", 10)
        for risk in PLAN.risks
        for step in risk.steps
        if step.effect == "record" and step.sheet
    ),
]


def fresh(percent=10):
    return but(ready(percent), ticked={})


def do(state, task, **facts):
    return ask(
        state,
        Act.STEP if task.count(".") == 1 and task.split(".")[0] in {r.id for r in PLAN.risks} else Act.TICK,
        task,
        **facts,
    )


def test_every_activity_and_every_step_that_is_a_look_has_a_sheet():
    assert all(task.sheet in KINDS for phase in PLAN.phases for task in phase.activities)
    assert all(
        step.sheet for risk in PLAN.risks for step in risk.steps if step.effect == "record" and step.id != "hotfix"
    )
    assert {risk.id for risk in PLAN.risks} == {
        risk.id for risk in PLAN.risks if any(step.sheet for step in risk.steps)
    }


@pytest.mark.parametrize(("task", "percent"), SHEETED)
def test_a_tick_keeps_what_was_looked_at_or_says_that_nobody_looked(task, percent):
    seen = do(fresh(percent), task, rows=ROWS, looked=True, text="no index on lookId").drafts[0]
    assert seen.text.endswith("✔ no index on lookId")
    assert seen.facts["finding"] == "no index on lookId"
    assert seen.facts["seen_value"] == ("438 ms", "none", "7")
    assert "unseen" not in seen.facts
    blind = do(fresh(percent), task, rows=ROWS).drafts[0]
    assert blind.text.endswith("✔ (nothing looked at)")
    assert blind.facts["unseen"] is True
    assert "seen_what" not in blind.facts


def test_the_state_knows_how_a_task_was_ticked_and_the_rows_come_back():
    pen = ready()
    pen.state = fresh()
    carry(pen, ask(pen.state, Act.TICK, "p1.monitor", rows=ROWS, looked=True, text="calm"), NOW)
    tick = pen.state.ticks["p1.monitor"]
    assert (tick.at, tick.by, tick.finding, tick.unseen, tick.unproved) == (NOW, "owner", "calm", False, "")
    assert [row.what for row in tick.rows] == ["p95 POST /capsules", "holes", "odd ^[[2J words"]
    assert [row.at for row in tick.rows] == [T0, None, ROWS[2].at]
    carry(pen, ask(pen.state, Act.UNTICK, "p1.monitor"), NOW)
    assert "p1.monitor" not in pen.state.ticked
    carry(pen, ask(pen.state, Act.TICK, "p1.monitor"), NOW)
    assert pen.state.ticks["p1.monitor"].unseen


def test_no_sheet_is_too_long_to_be_kept_and_none_is_no_fact():
    facts = facts_of([Row("x" * 1000, str(number)) for number in range(KEPT + 5)])
    assert {len(column) for column in facts.values()} == {KEPT}
    assert len(facts["seen_what"][0]) <= 160
    assert facts_of(()) == {}


def test_rows_of_strange_moments_are_rows_without_one():
    pen = ready()
    columns = {
        "seen_what": ("a", "b"),
        "seen_value": ("1", "2"),
        "seen_bound": ("", ""),
        "seen_when": ("today", "9999-99-99"),
    }
    pen.write(due(10), "task.ticked", task="p1.monitor", done=True, **columns)
    assert rows_of(pen.state.entries[-1]) == (Row("a", "1"), Row("b", "2"))


@pytest.mark.parametrize(
    ("run", "asked"),
    [
        (None, True),
        (Run("wf7", NOW, "p1.wf7", "r1", after(-9, NOW), ("503",), done=True), True),
        (Run("wf7", NOW, "p1.wf7", "r1", after(-9, NOW), ("one",)), True),
        (Run("wf7", NOW, "p1.wf7", "r1", after(-9, NOW), ("fine",), done=True, ok=True), False),
    ],
    ids=["never run", "failed", "runs", "passed"],
)
def test_a_task_whose_check_did_not_pass_is_ticked_with_a_reason_and_looks_different_for_ever(run, asked):
    state = replace(fresh(), runnable=("p1.wf7",))
    state = seeing(state, run) if run else state
    found = ask(state, Act.TICK, "p1.wf7", looked=True)
    if not asked:
        assert "unproved" not in found.drafts[0].facts
        return
    assert found.refusal == "WF7 subset verification: its check did not pass: run it, or tick it with a reason"
    draft = ask(state, Act.TICK, "p1.wf7", looked=True, reason="staging is down").drafts[0]
    assert draft.text == "WF7 subset verification ✔ without its check: staging is down"
    assert draft.facts["unproved"] == "staging is down"


def test_a_step_done_in_an_earlier_episode_no_longer_looks_done():
    pen = ready()

    def turned(at, was, level):
        pen.write(at, "risk.turned", risk="latency_spike", was=was, level=level)

    assert step_done(pen.state, "latency_spike", "inspect") is None
    turned(100, "calm", "act")
    carry(pen, ask(pen.state, Act.STEP, "latency_spike.inspect"), after(110))
    turned(120, "act", "watch")
    assert step_done(pen.state, "latency_spike", "inspect") == after(110)
    turned(130, "watch", "calm")
    assert step_done(pen.state, "latency_spike", "inspect") == after(110)
    turned(500, "calm", "act")
    assert step_done(pen.state, "latency_spike", "inspect") is None
    assert "latency_spike.inspect" in pen.state.ticked


@pytest.mark.parametrize("word", ["go", "hold", "revert"])
def test_a_decision_has_a_reason_its_evidence_and_ticks_the_task_that_asks_for_it(word):
    state = fresh(50)
    assert ask(state, Act.DECIDE, "p3.decision", text=word).refusal == "a decision needs a reason: write why"
    found = ask(state, Act.DECIDE, "p3.decision", text=word, reason="calm all day", rows=ROWS, looked=True)
    made, ticked = found.drafts
    assert (made.kind, made.text) == ("decision.made", f"{word}: calm all day")
    assert made.facts["decision"] == word
    assert made.facts["evidence"]
    assert made.facts["seen_what"]
    assert (ticked.kind, ticked.facts["task"], ticked.facts["finding"]) == (
        "task.ticked",
        "p3.decision",
        f"{word}: calm all day",
    )
    assert "unseen" not in ticked.facts
    assert found.move is None
    alone = ask(state, Act.DECIDE, text=word, reason="calm all day")
    assert [draft.kind for draft in alone.drafts] == ["decision.made"]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"text": "maybe", "reason": "x"}, "unknown decision: write one of go, hold, revert"),
        ({"text": "go", "reason": " "}, "a decision needs a reason: write why"),
        (
            {"subject": "p9.none", "text": "go", "reason": "x"},
            "p9.none is not a task of this phase: cockpit task list lists them",
        ),
    ],
)
def test_no_other_word_is_a_decision(facts, why):
    assert ask(fresh(50), Act.DECIDE, **facts).refusal == why


def test_feedback_has_a_source_and_a_tone():
    found = ask(fresh(), Act.FEEDBACK, "good", text="customers like it", reason="support").drafts[0]
    assert (found.kind, found.text) == ("feedback.noted", "support, good: customers like it")
    assert found.facts == {"source": "support", "tone": "good"}
    assert (
        ask(fresh(), Act.FEEDBACK, "loud", text="x", reason="y").refusal
        == "unknown tone: write one of good, mixed, bad"
    )
    assert ask(fresh(), Act.FEEDBACK, "bad", reason="y").refusal == "feedback needs a text and its source: write both"
    assert ask(fresh(), Act.FEEDBACK, "bad", text="y").refusal == "feedback needs a text and its source: write both"


def test_a_plan_without_sheets_is_ticked_as_before():
    phase = replace(PLAN.phase(10), activities=(Task("a", "Look around"),))
    state = replace(fresh(), plan=replace(PLAN, phases=(PLAN.phases[0], phase, *PLAN.phases[2:])))
    draft = ask(state, Act.TICK, "a").drafts[0]
    assert draft.text == "Look around ✔"
    assert draft.facts == {"task": "a", "done": True}


def test_a_message_is_kept_line_by_line_and_sent_only_where_that_was_asked():
    lines = ("Where we are", "- 25 %  ", "", "esc\x1b[2J")
    kept = ask(fresh(), Act.MESSAGE, "p2.update", text="keep", lines=lines).drafts[0]
    assert kept.facts == {"lines": ("Where we are", "- 25 %", "", "esc^[[2J"), "send": False, "task": "p2.update"}
    assert kept.text == "message kept: Where we are"
    assert ask(fresh(), Act.MESSAGE, text="send", lines=lines).drafts[0].facts["send"] is True
    assert ask(fresh(), Act.MESSAGE, text="send", lines=(" ", "")).refusal == "the message is empty: write some words"
    assert "at most 60 lines" in ask(fresh(), Act.MESSAGE, text="send", lines=("x",) * 61).refusal


def test_a_switch_that_was_turned_on_from_its_sheet_keeps_what_was_seen():
    seen = ask(fresh(), Act.STEP, "support_queue.sla", rows=ROWS, looked=True, text="23 open").drafts[0]
    assert (seen.facts["finding"], seen.facts["seen_value"]) == ("23 open", ("438 ms", "none", "7"))
    assert "finding" not in ask(fresh(), Act.STEP, "support_queue.sla").drafts[0].facts
