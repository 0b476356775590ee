"""`cockpit task`: what is listed, what is run, what is written, and how it ends."""

import json
from datetime import timedelta

import pytest

from cockpit.__main__ import run
from cockpit.cli.commands.sessions import begin
from cockpit.cli.commands.task import newer
from cockpit.runtime.clock import Clock
from cockpit.settings.file.wiring import Wiring
from sessions.history.history import History
from sessions.plan.loader import bundled
from sessions.storage.folders import HISTORY, SESSION
from sessions.storage.journal import load
from sessions.values.entries import Draft
from sessions.values.readings import Run
from tests.support.sources.walking import shape
from tests.support.trust.trusting import trusted
from tests.support.watch.watching import FAST, enter, made, put, until, watched, written

TASK = "p1.wf7"
TEXT = "WF7 subset verification"


@pytest.fixture
def flown(tmp_path, httpserver):
    """Return what makes a session in Phase 1 whose p1.wf7 asks the test's service and whose p1.monitor is a command."""

    def made(wanted=200, argv=("true",), percent=10):
        settings = tmp_path / "cockpit.toml"
        trusted(
            settings,
            f"""
            [sources.wf7]
            kind = "journey"
            url = "{httpserver.url_for("")}"
            journey = "capsule_created"
            steps = [{{ name = "look", path = "/look" }}, {{ name = "hold", path = "/hold", status = [{wanted}] }}]
            [activities."{TASK}"]
            journey = "wf7"
            [activities."p1.monitor"]
            argv = {json.dumps(argv)}
            """,
        )
        folder = tmp_path / "s"
        folder.mkdir()
        begin(folder, "flight", FAST, Wiring(settings=str(settings)))
        if percent:
            enter(folder, FAST, percent)
        return folder

    httpserver.expect_request("/look").respond_with_json({})
    httpserver.expect_request("/hold").respond_with_json({})
    return made


def told(capsys):
    out = capsys.readouterr()
    return [shape(line) for line in out.out.splitlines()], out.err.strip()


def test_the_tasks_are_listed_with_what_runs(flown, capsys):
    folder = flown()
    put(folder, 10, Draft("task.ticked", "owner", "t", {"task": "p1.analytics", "done": True}))
    assert run(["task", "list", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "p1.monitor    open  runs  Live monitoring",
        "p1.wf7        open  runs  WF7 subset verification",
        "p1.analytics  done        Analytics spot-check",
    ]


def test_a_run_that_passes_prints_its_lines_and_ticks(flown, capsys):
    folder = flown()
    assert run(["task", "run", TASK, str(folder)]) == 0
    lines, error = told(capsys)
    assert lines == ["look: 200 in #", "hold: 200 in #", "2 steps in #", f"{TEXT} ✔ 2 steps in #"]
    assert error == ""
    (tick,) = written(folder, "task.ticked")
    assert (tick.by, tick.phase, tick.said("task"), len(tick.listed("evidence"))) == ("cli", 10, TASK, 3)
    history = History.open_readonly(folder / HISTORY)
    (kept,) = [one for one in history.recent() if isinstance(one, Run)]
    history.close()
    assert (kept.id, kept.journey, kept.ok) == (tick.said("run"), "capsule_created", True)
    assert run(["task", "run", TASK, str(folder)]) == 2
    assert told(capsys) == ([], "cockpit: p1.wf7: ticked already: see cockpit task list")


def test_a_run_that_breaks_ends_with_10_and_a_note(flown, capsys):
    folder = flown(wanted=201)
    assert run(["task", "run", TASK, str(folder)]) == 10
    assert told(capsys)[0][-2:] == [
        "step 2 hold: 200, wanted 201",
        f"{TEXT} failed: step 2 hold: 200, wanted 201",
    ]
    assert written(folder, "task.ticked") == []
    (note,) = written(folder, "note.written")
    assert (note.by, note.listed("evidence")[-1]) == ("cli", "step 2 hold: 200, wanted 201")


@pytest.mark.parametrize(("argv", "code"), [(("echo", "all green"), 0), (("false",), 10), (("/no/such",), 10)])
def test_an_activity_may_be_a_command(flown, capsys, argv, code):
    folder = flown(argv=argv)
    assert run(["task", "run", "p1.monitor", str(folder)]) == code
    assert len(written(folder, "task.ticked")) == (code == 0)
    assert ("all green" in told(capsys)[0]) is (code == 0)


@pytest.mark.parametrize(
    ("task", "why"),
    [
        ("p4.wf7", "cockpit: p4.wf7 is not a task of this phase: cockpit task list lists them"),
        ("p1.analytics", "p1.analytics: Analytics spot-check: it has no check, name one under [activities]"),
        ("\x1b[2J", "^[[2J is not a task"),
    ],
)
def test_what_cannot_be_run_is_one_line_and_nothing_is_written(flown, capsys, task, why, httpserver):
    folder = flown()
    before = (folder / SESSION).read_bytes()
    assert run(["task", "run", task, str(folder)]) == 2
    out, error = told(capsys)
    assert out == []
    assert why in error
    assert len(error.splitlines()) == 1
    assert (folder / SESSION).read_bytes() == before
    assert httpserver.log == []


def test_a_damaged_session_runs_nothing(flown, capsys, httpserver):
    folder = flown()
    path = folder / SESSION
    path.write_bytes(path.read_bytes().replace(b"10 % entered", b"10 % Entered").replace(b'"e"', b'"E"'))
    assert load(path).damage
    assert run(["task", "run", TASK, str(folder)]) == 2
    assert len(told(capsys)[1].splitlines()) == 1
    assert httpserver.log == []


def test_whoever_watches_hears_of_the_tick(flown, capsys):
    folder = flown()
    with watched(folder) as watch:
        assert run(["task", "run", TASK, str(folder)]) == 0
        until(watch, lambda seen: TASK in seen.state.ticked)
    assert load(folder / SESSION).damage is None


@pytest.mark.parametrize(
    ("before", "now", "new"),
    [
        ((), ("a",), ("a",)),
        (("a",), ("a", "b"), ("b",)),
        (("a", "b"), ("b", "c"), ("c",)),
        (("a",), ("x", "y"), ("x", "y")),
        (("a", "a"), ("a", "a", "a"), ("a",)),
        (("a",), ("a",), ()),
    ],
)
def test_only_new_lines_are_printed(before, now, new):
    assert newer(before, now) == new


def test_in_the_week_today_stands_first_with_where_it_stands(tmp_path, capsys):
    folder = made(tmp_path / "s", bundled())
    began = Clock().now() - timedelta(days=2)
    enter(folder, bundled(), 100, began)
    put(folder, 100, Draft("week.started", "owner", "week", {}), at=began)
    assert run(["task", "list", str(folder)]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0][:3] for row in rows[:5]] == ["d3.", "d3.", "d3.", "p4.", "p4."]
    assert [row.split()[:2] for row in rows[5:8]] == [
        [f"d1.{task}", "missed"] for task in ("morning", "midday", "evening")
    ]
    assert run(["status", str(folder)]) == 0
    said = capsys.readouterr().out.splitlines()
    gate = next(number for number, row in enumerate(said) if row.startswith("conditions in the week"))
    assert said[gate - 1].split() == ["missed", "6", "tasks", "missed", "on", "earlier", "days"]
    assert all(row.split()[0] in ("due", "overdue") and " day 3: " in row for row in said[1 : gate - 1])
    assert run(["status", "--json", str(folder)]) == 0
    week = json.loads(capsys.readouterr().out)["week"]
    assert (week["day"], week["days"], len(week["today"]), len(week["missed"])) == (3, 7, 3, 6)
    assert {row["status"] for row in week["today"]} <= {"due", "overdue", "later"}
    assert run(["task", "tick", "d7.morning", str(folder)]) == 10
    assert "not before its day" in capsys.readouterr().err
    assert run(["task", "tick", "d1.morning", str(folder)]) == 0
    assert "ticked late" in capsys.readouterr().out
