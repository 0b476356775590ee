"""Running the check behind a task: when it is refused, and what is written when it ended."""

import pytest
from msgspec.structs import replace

from sessions.actions.tasks import concluded
from sessions.gate.evaluate import judge
from sessions.values.entries import KINDS
from sessions.values.readings import Run
from sessions.values.requests import Act
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
        (flying(), "p4.wf7", "p4.wf7 is no task of this phase"),
        (flying(), "\x1b[2J", "^[[2J is no task of this phase"),
        (flying(runnable=()), TASK, f"{TEXT}: nothing to run, name it under [activities] of cockpit.toml"),
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
