"""Running the check behind a task: when it is refused, and what is written when it ended."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from sessions.actions.decision import REPORT
from sessions.actions.dispatch import decide
from sessions.actions.tasks import concluded, reported, still_to_write, task_texts
from sessions.gate.evaluate import judge
from sessions.values.entries import KINDS, Draft
from sessions.values.readings import Run
from sessions.values.requests import Act, Request
from tests.support.build import T0, after
from tests.support.sessions.acting import ask, but, due, ready

NOW = after(due(10))
TASK = "p1.wf7"
TEXT = "WF7 subset verification"


def flying(**facts):
    return but(ready(), **{"runnable": (TASK,), "ticked": {}, **facts})


def ran(**facts):
    facts = {"lines": ("hold a capsule: 200 in 41 ms", "2 steps, 1 document in 0.9 s"), "done": True, **facts}
    return Run("wf7", NOW, TASK, "20261123T120140-a1b2c3", after(-9, NOW), **facts)


def seeing(state, run):
    return replace(state, seen=replace(state.seen, runs={run.name: run}))


@pytest.mark.parametrize(
    ("state", "task", "why"),
    [
        (flying(), "p4.wf7", "p4.wf7 is not a task of this phase: cockpit task list lists them"),
        (flying(), "\x1b[2J", "^[[2J is not a task of this phase: cockpit task list lists them"),
        (flying(runnable=()), TASK, f"{TEXT}: it has no check, name one under [activities] in cockpit.toml"),
        (flying(ticked={TASK: T0}), TASK, "ticked already"),
        (seeing(flying(), ran(done=False)), TASK, "it runs already"),
        (flying(), TASK, ""),
        (seeing(flying(), ran()), TASK, ""),
        (seeing(flying(), ran(ok=True)), TASK, ""),
    ],
    ids=["other phase", "hostile", "nothing to run", "ticked", "running", "first", "again", "unticked since"],
)
def test_a_run_is_refused_with_its_reason(state, task, why):
    found = ask(state, Act.RUN, task)
    assert found.refusal == why
    assert found.run == ("" if why else TASK)
    assert found.drafts == ()


@pytest.mark.parametrize(
    ("state", "facts", "kind", "text"),
    [
        (flying(), {"ok": True}, "task.ticked", f"{TEXT} ✔ 2 steps, 1 document in 0.9 s"),
        (
            flying(),
            {"lines": ("one: 200 in 4 ms", "step 2 two: 503, wanted 200")},
            "note.written",
            f"{TEXT} failed: step 2 two: 503, wanted 200",
        ),
        (flying(), {"lines": ()}, "note.written", f"{TEXT} failed: it said nothing"),
        (flying(ticked={TASK: T0}), {"ok": True}, "note.written", f"{TEXT} passed: 2 steps, 1 document in 0.9 s"),
        (but(ready(25)), {"ok": True}, "note.written", f"{TASK} passed: 2 steps, 1 document in 0.9 s"),
    ],
    ids=["passed", "failed", "mute", "ticked meanwhile", "phase left"],
)
def test_what_is_written_about_a_run_that_ended(state, facts, kind, text):
    run = ran(**facts)
    draft = concluded(judge(state, NOW), TASK, "cli", run)
    assert (draft.kind, draft.by, draft.text) == (kind, "cli", text)
    assert draft.facts["evidence"] == run.lines
    assert draft.facts["run"] == run.id
    assert set(KINDS[kind]) <= set(draft.facts)


def test_a_tick_of_a_run_is_a_tick():
    pen = ready()
    pen.state = flying()
    draft = concluded(judge(pen.state, NOW), TASK, "owner", ran(ok=True))
    pen.write(due(10), draft.kind, draft.text, **draft.facts)
    assert TASK in pen.state.ticked


def test_the_newest_watch_says_what_can_be_run():
    pen = ready()
    pen.write(1, "watch.started", pid=1, host="box", runs=(TASK, "p4.wf7"))
    assert pen.state.runnable == (TASK, "p4.wf7")
    pen.write(2, "watch.started", pid=2, host="box")
    assert pen.state.runnable == ()


BERLIN = ZoneInfo("Europe/Berlin")
BEGUN = datetime(2026, 11, 2, 8, tzinfo=BERLIN).astimezone(UTC)


def on(day, hour, act=Act.TICK, task="d3.morning", **facts):
    """Ask on a day of a week that began on the second of November, by a local clock."""
    at = datetime(2026, 11, 1 + day, hour, tzinfo=BERLIN).astimezone(UTC)
    runnable = ("d3.morning",) if act is Act.RUN else ()
    state = but(ready(100), week_at=BEGUN, runnable=runnable, **facts)
    return decide(judge(state, at, BERLIN), Request(act, subject=task))


@pytest.mark.parametrize("act", [Act.TICK, Act.RUN])
@pytest.mark.parametrize("day", [1, 2])
def test_a_task_of_a_later_day_is_refused_with_when_it_is_due(act, day):
    found = on(day, 23, act)
    assert found.refusal == "a task of day 3, due Wed 04 Nov 10:00: not before its day"
    assert (found.drafts, found.run) == ((), "")


@pytest.mark.parametrize(
    ("day", "hour", "late", "done"),
    [
        (3, 0, {}, "ticked"),
        (3, 23, {}, "ticked"),
        (4, 0, {"late": True}, "ticked late"),
        (9, 0, {"late": True}, "ticked late"),
    ],
)
def test_a_task_of_the_week_is_ticked_from_its_day_on_and_late_once_that_is_over(day, hour, late, done):
    found = on(day, hour)
    (draft,) = found.drafts
    assert found.done == done
    assert draft.facts == {"task": "d3.morning", "done": True, **late, "unseen": True}
    assert draft.text.endswith("findings ✔ late (nothing looked at)" if late else "findings ✔ (nothing looked at)")


@pytest.mark.parametrize("day", [3, 9])
def test_the_check_behind_a_task_runs_from_its_day_on(day):
    assert on(day, 12, Act.RUN).run == "d3.morning"


def test_what_an_earlier_cockpit_ticked_too_early_can_be_taken_back():
    found = on(1, 12, Act.UNTICK, ticked={"d3.morning": BEGUN})
    assert [draft.facts["done"] for draft in found.drafts] == [False]


def test_a_run_that_passes_after_the_day_is_a_late_tick():
    at = datetime(2026, 11, 5, 8, tzinfo=BERLIN).astimezone(UTC)
    judgement = judge(but(ready(100), week_at=BEGUN), at, BERLIN)
    draft = concluded(judgement, "d3.morning", "owner", ran(ok=True))
    assert draft.facts["late"] is True
    assert draft.text.endswith("✔ late, 2 steps, 1 document in 0.9 s")


def test_the_tasks_are_listed_with_what_is_due_first_and_the_activities_of_the_phase_among_them():
    at = datetime(2026, 11, 3, 13, 30, tzinfo=BERLIN).astimezone(UTC)
    judgement = judge(but(ready(100), week_at=BEGUN, opened={"csat.followup.1": "Call back"}), at, BERLIN)
    assert [*task_texts(judgement)][:9] == [
        "d2.morning",
        "d2.midday",
        "d2.evening",
        "p4.wf7",
        "p4.feedback",
        "csat.followup.1",
        "d1.morning",
        "d1.midday",
        "d1.evening",
    ]
    assert len(task_texts(judgement)) == 22 + 3
    assert decide(judgement, Request(Act.UNTICK, subject="p4.feedback")).done == "unticked"


def exporting(act, day, hour, task="", ticked=()):
    at = datetime(2026, 11, 1 + day, hour, tzinfo=BERLIN).astimezone(UTC)
    state = but(ready(100), week_at=BEGUN, ticked=dict.fromkeys(ticked, BEGUN))
    return decide(judge(state, at, BERLIN), Request(act, subject=task))


@pytest.mark.parametrize(
    ("day", "hour", "ticked", "ticks"),
    [
        (2, 17, (), []),
        (2, 18, (), ["d2.evening"]),
        (2, 23, (), ["d2.evening"]),
        (3, 0, (), []),
        (2, 18, ("d2.evening",), []),
    ],
    ids=["not due", "due", "still due", "missed", "ticked"],
)
def test_a_report_of_the_day_ticks_the_task_that_it_is_where_that_is_due(day, hour, ticked, ticks):
    found = exporting(Act.EXPORT, day, hour, ticked=ticked)
    assert (found.export, found.drafts) == (REPORT, ())
    assert [draft.facts for draft in found.then] == [{"task": task, "done": True} for task in ticks]


@pytest.mark.parametrize(("day", "late"), [(2, {}), (5, {"late": True})])
def test_ticking_the_task_that_is_the_report_writes_the_report_of_its_day(day, late):
    found = exporting(Act.TICK, day, 19, "d2.evening")
    assert (found.export, found.day, found.drafts) == (REPORT, date(2026, 11, 3), ())
    assert [draft.facts for draft in found.then] == [{"task": "d2.evening", "done": True, **late, "unseen": True}]
    assert exporting(Act.TICK, day, 19, "d2.midday").export == ""
    assert exporting(Act.TICK, day, 19, "d7.evening").refusal


def test_what_somebody_else_ticked_meanwhile_is_not_ticked_twice():
    at = datetime(2026, 11, 3, 18, tzinfo=BERLIN).astimezone(UTC)
    judgement = judge(but(ready(100), week_at=BEGUN), at, BERLIN)
    drafts = (Draft("note.written", "owner", "x"), *reported(judgement, date(2026, 11, 3), "owner"))
    assert still_to_write(judgement, drafts) == drafts
    other = judge(but(ready(100), week_at=BEGUN, ticked={"d2.evening": at}), at, BERLIN)
    assert still_to_write(other, drafts) == drafts[:1]
