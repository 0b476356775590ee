"""Activities that run, through a real Watch: live lines, a tick with evidence, a note that says what broke."""

import asyncio
import sys
import threading

import psutil
import pytest
from msgspec.structs import replace

from cockpit.engine.task_runs import CommandRunner, runners
from cockpit.runtime.clock import Clock
from cockpit.sources.interface.run_progress import Told
from cockpit.sources.journey.source import JourneyRunner
from sessions.history.history import History
from sessions.storage.folders import HISTORY
from sessions.values import readings as r
from sessions.values.entries import Draft
from sessions.values.requests import Act
from tests.support.sources.walking import order_of, settings_of
from tests.support.watch.watching import FAST, PATIENCE, asked, kinds, made, put, until, watched, written

TASK = "p1.wf7"
TEXT = "WF7 subset verification"


class Scripted:
    """A runner that tells one line, waits to be let go on, and ends as told."""

    def __init__(self, ok=True, end="2 steps in 0.1 s", free=True):
        self.ok, self.end = ok, end
        self.go = threading.Event()
        self.names, self.closed = [], False
        if free:
            self.go.set()

    async def run(self, name, now, say):
        self.names.append(name)
        told = Told("wf7", name, now, say)
        told.tell()
        told.line("hold a capsule: 200 in 41 ms")
        while not self.go.is_set():  # noqa: ASYNC110 - the test lets go from another thread
            await asyncio.sleep(0.005)
        return told.ended(self.end, ok=self.ok)

    async def aclose(self):
        self.closed = True


def running(folder, runner, **facts):
    return watched(made(folder, percent=10), runs={TASK: lambda: runner}, **facts)


def done(judgement):
    run = judgement.state.seen.runs.get(TASK)
    return run is not None and run.done


def lines(judgement):
    run = judgement.state.seen.runs.get(TASK)
    return run.lines if run else ()


def test_a_run_is_told_live_and_ticks_with_its_evidence(tmp_path):
    runner = Scripted(free=False)
    with running(tmp_path / "s", runner) as watch:
        assert watch.latest().state.runnable == (TASK,)
        answer = asked(watch, Act.RUN, subject=TASK, by="owner")
        assert (answer.ok, answer.text) == (True, f"{TEXT} runs")
        live = until(watch, lambda seen: len(lines(seen)) == 1).state.seen.runs[TASK]
        assert (live.done, live.lines) == (False, ("hold a capsule: 200 in 41 ms",))
        assert asked(watch, Act.RUN, subject=TASK).text == "it runs already"
        runner.go.set()
        until(watch, lambda seen: TASK in seen.state.ticked)
    assert runner.names == [TASK]
    assert runner.closed
    (tick,) = written(tmp_path / "s", "task.ticked")
    assert (tick.by, tick.text) == ("owner", f"{TEXT} ✔ 2 steps in 0.1 s")
    assert tick.listed("evidence") == ("hold a capsule: 200 in 41 ms", "2 steps in 0.1 s")
    assert tick.said("run") == live.id


def test_a_run_that_breaks_is_a_note_and_may_be_run_again(tmp_path):
    runner = Scripted(ok=False, end="step 3 hold a capsule: 503, wanted 200")
    with running(tmp_path / "s", runner) as watch:
        assert asked(watch, Act.RUN, subject=TASK, by="cli").ok
        until(watch, done)
        runner.ok = True
        assert asked(watch, Act.RUN, subject=TASK).ok
        until(watch, lambda seen: TASK in seen.state.ticked)
    (note,) = written(tmp_path / "s", "note.written")
    assert (note.by, note.text) == ("cli", f"{TEXT} failed: step 3 hold a capsule: 503, wanted 200")
    assert note.listed("evidence")[0] == "hold a capsule: 200 in 41 ms"


def test_what_cannot_be_run_is_refused_and_nothing_is_opened(tmp_path):
    def never():
        raise AssertionError("opened for nothing")

    with watched(made(tmp_path / "s", percent=10), runs={"p4.wf7": never}) as watch:
        assert "is not a task of this phase" in asked(watch, Act.RUN, subject="p4.wf7").text
        assert "it has no check" in asked(watch, Act.RUN, subject=TASK).text
    assert not {"task.ticked", "note.written"} & set(kinds(tmp_path / "s"))


def test_a_run_that_ends_after_its_task_was_ticked_by_another_process_is_a_note(tmp_path):
    runner = Scripted(free=False)
    with running(tmp_path / "s", runner) as watch:
        assert asked(watch, Act.RUN, subject=TASK).ok
        put(tmp_path / "s", 10, Draft("task.ticked", "cli", "ticked", {"task": TASK, "done": True}))
        runner.go.set()
        until(watch, lambda seen: seen.state.entries[-1].kind == "note.written")
    assert len(written(tmp_path / "s", "task.ticked")) == 1
    assert written(tmp_path / "s", "note.written")[0].text == f"{TEXT} passed: 2 steps in 0.1 s"


def test_a_run_ends_with_its_watch_and_is_not_open_for_ever(tmp_path):
    with running(tmp_path / "s", Scripted(free=False)) as watch:
        assert asked(watch, Act.RUN, subject=TASK).ok
        until(watch, lambda seen: TASK in seen.state.seen.runs)
    left = [one for one in recent(tmp_path / "s") if isinstance(one, r.Run)]
    assert [(run.done, run.ok, run.lines[-1]) for run in left] == [(True, False, "ended with its watch")]
    keep(tmp_path / "s", replace(left[0], done=False, id="z", begun=left[0].at, lines=("killed here",)))
    with watched(tmp_path / "s", runs={TASK: Scripted}) as watch:
        assert done(watch.latest())
        assert asked(watch, Act.RUN, subject=TASK).ok
        until(watch, lambda seen: TASK in seen.state.ticked)


def recent(folder):
    history = History(folder / HISTORY)
    try:
        return history.recent()
    finally:
        history.close()


def keep(folder, *readings):
    history = History(folder / HISTORY)
    history.add(readings)
    history.close()


def test_a_runner_that_cannot_be_opened_is_told_and_the_watch_goes_on(tmp_path):
    def broken():
        raise RuntimeError("no driver")

    with watched(made(tmp_path / "s", percent=10), runs={TASK: broken}) as watch:
        assert asked(watch, Act.RUN, subject=TASK).ok
        until(watch, lambda seen: "no driver" in seen.state.faults.get("watch", ""))
        assert asked(watch, Act.NOTE, text="alive").ok


def test_what_an_activity_runs_comes_from_the_settings():
    settings, problems = settings_of("""
        [sources.wf7]
        kind = "journey"
        url = "http://a.test"
        steps = [{ name = "look", path = "/x" }]
        [activities."p1.wf7"]
        journey = "wf7"
        [activities."p2.update"]
        argv = ["true"]
        [activities."p4.wf7"]
        journey = "gone"
        """)
    assert problems == []
    found = {task: opened() for task, opened in runners(settings, lambda name: order_of(settings, name)).items()}
    assert isinstance(found["p1.wf7"], JourneyRunner)
    assert isinstance(found["p2.update"], CommandRunner)
    told = asyncio.run(found["p4.wf7"].run("p4.wf7", Clock().now(), lambda _run: None))
    assert (told.ok, told.lines) == (False, ("its journey is no journey source of the settings",))


def command(*argv, patience=PATIENCE, scrub=str):
    return CommandRunner(argv, patience, scrub)


async def told_of(runner):
    told = []
    run = await runner.run(TASK, Clock().now(), told.append)
    return run, told


@pytest.mark.parametrize(
    ("text", "ok", "lines"),
    [
        ("print('12 passed')", True, ["12 passed", "exit 0 after # s"]),
        ("import sys; print('\\x1b[31m1 failed'); sys.exit(1)", False, ["^[[31m1 failed", "exit 1 after # s"]),
        ("", True, ["exit 0 after # s"]),
        ("print('token-canary')", True, ["***", "exit 0 after # s"]),
    ],
)
async def test_a_command_passes_by_its_exit(text, ok, lines):
    runner = command(sys.executable, "-c", text, scrub=lambda line: line.replace("token-canary", "***"))
    run, _ = await told_of(runner)
    figure = run.lines[-1].split()[-2]
    assert [line.replace(f" {figure} s", " # s") for line in run.lines] == lines
    assert (run.ok, run.done, run.journey, run.sent) == (ok, True, "", None)


@pytest.mark.parametrize(
    ("argv", "patience", "last"),
    [
        (("sleep", "600"), 0.2, "no end in 0.2 s"),
        (("/nonexistent/tool",), PATIENCE, "/nonexistent/tool: No such file or directory"),
        (("yes",), PATIENCE, "printed over 4,000,000 bytes"),
    ],
)
async def test_a_command_that_does_not_end_well_says_why(argv, patience, last):
    run, told = await told_of(command(*argv, patience=patience))
    assert (run.ok, run.done, run.lines[-1]) == (False, True, last)
    assert len(told) < 200  # however much it prints, the screen hears of it ten times a second


async def test_a_watch_that_ended_meanwhile_is_told_nothing_more_and_in_peace(caplog):
    """What it was told through ends the teller, and a timer has nobody to end."""
    told = []

    def say(run):
        told.append(run)
        if len(told) == 2:
            raise asyncio.CancelledError

    text = "import time; print(1, flush=True); time.sleep(0.5)"
    run = await command(sys.executable, "-c", text).run(TASK, Clock().now(), say)
    assert (run.ok, len(told)) == (True, 3)
    assert [record for record in caplog.records if record.name == "asyncio"] == []


def test_a_watch_that_ends_takes_the_command_along(tmp_path):
    runner = command(sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(600)")
    with running(tmp_path / "s", runner) as watch:
        assert asked(watch, Act.RUN, subject=TASK).ok
        seen = until(watch, lines)
        pid = int(seen.state.seen.runs[TASK].lines[0])
        assert psutil.pid_exists(pid)
    assert not psutil.pid_exists(pid)


def walked_again(seen):
    known = seen.state.seen.sent.get("capsule_created")
    return known is not None and known.now.chains[0].first < known.now.chains[-1].last


def test_a_journey_on_its_interval_is_seen_and_writes_no_entry(tmp_path):
    class Interval:
        name, topics, interval, deadline = "wf7", (), 0.25, 1.0

        async def read(self, now):
            run = Told(self.name, self.name, now, lambda _run: None, journey="capsule_created")
            run.sent()
            return [run.ended("1 step in 0.1 s", ok=True)]

        async def aclose(self):
            pass

    with watched(made(tmp_path / "s", FAST, percent=10), Interval()) as watch:
        seen = until(watch, walked_again)
        assert seen.state.seen.runs["wf7"].ok
    assert not {"task.ticked", "note.written"} & set(kinds(tmp_path / "s"))
