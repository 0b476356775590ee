"""The end of a session by the command: refused with what is left, then said everywhere, and undone by a revert."""

import json
from datetime import timedelta

import pytest

from cockpit.__main__ import run
from cockpit.cli.commands.sessions import begin
from cockpit.demo.world.flag_file import first_text
from cockpit.runtime.clock import Clock
from cockpit.settings.file.wiring import Wiring
from sessions.storage.folders import SESSION
from sessions.storage.glance import is_concluded
from sessions.storage.journal import load
from sessions.values.entries import Draft
from tests.support.watch.watching import FAST, enter, put, written

CHORES = [f"d{day}.{task.id}" for task in FAST.week.tasks for day in task.days]
TASKS = [*CHORES, *(task.id for task in FAST.phase(100).activities)]


@pytest.fixture
def flown(home, tmp_path):
    """Return a session on the last day of its week, at 100 % by a flagd file, with everything done but the evening."""
    flags = tmp_path / "flags.json"
    flags.write_text(first_text(FAST), "utf-8")
    document = json.loads(flags.read_text("utf-8"))
    document["flags"][FAST.flag]["targeting"]["fractional"][-2:] = [["on", 100], ["off", 0]]
    flags.write_text(json.dumps(document), "utf-8")
    folder = home / "one"
    folder.mkdir(parents=True)
    begin(folder, "flight", FAST, Wiring(flag_file=str(flags)))
    at = Clock().now() - timedelta(seconds=6.9 * FAST.week.day)
    enter(folder, FAST, 100, at)
    done = [Draft("task.ticked", "owner", task, {"task": task, "done": True}) for task in TASKS if task != "d7.evening"]
    put(folder, 100, Draft("week.started", "owner", "7-day plan started"), *done, at=at)
    return folder


def told(capsys, *words):
    code = run([str(word) for word in words])
    out = capsys.readouterr()
    return code, out.out.strip(), out.err.strip()


def tick(folder, task):
    put(folder, 100, Draft("task.ticked", "owner", task, {"task": task, "done": True}))


def test_it_is_refused_with_what_is_left_and_then_done(flown, capsys):
    assert told(capsys, "conclude", flown) == (10, "", "cockpit: cannot conclude yet: 1 task (day 7 evening)")
    tick(flown, "d7.evening")
    assert told(capsys, "conclude", flown) == (0, "session concluded", "")
    (entry,) = written(flown, "session.concluded")
    assert (entry.by, entry.phase, bool(entry.listed("evidence"))) == ("cli", 100, True)


def test_it_is_said_wherever_a_session_is_told(flown, capsys):
    tick(flown, "d7.evening")
    assert " concluded" not in told(capsys, "sessions")[1]
    assert json.loads(told(capsys, "status", flown, "--json")[1])["concluded"] is None
    assert run(["conclude", str(flown)]) == 0
    capsys.readouterr()
    assert told(capsys, "sessions")[1].endswith("  concluded")
    assert " · concluded · " in told(capsys, "status", flown)[1].splitlines()[0]
    at = json.loads(told(capsys, "status", flown, "--json")[1])["concluded"]
    assert at == written(flown, "session.concluded")[0].at.isoformat()
    assert run(["export", str(flown)]) == 0
    assert "concluded" in (flown / "exports" / "report-flight.md").read_text("utf-8").splitlines()[2]
    assert run(["export", str(flown), "--retrospective"]) == 0
    assert "; concluded." in (flown / "exports" / "retrospective.md").read_text("utf-8")


def test_once_concluded_only_a_note_a_report_and_a_revert_are_taken(flown, capsys):
    tick(flown, "d7.evening")
    assert run(["conclude", str(flown)]) == 0
    capsys.readouterr()
    refused = (10, "", "cockpit: the session is concluded: only notes, reports and a revert are possible")
    for words in (["pause"], ["observe"], ["freeze", "returns"], ["conclude"], ["step", "csat.cause"], ["advance"]):
        assert told(capsys, *words, flown) == refused
    assert told(capsys, "note", "all is well", flown)[0] == 0
    assert is_concluded(flown)
    assert told(capsys, "revert", flown, "--reason", "one more look")[0] == 0
    assert load(flown / SESSION).entries[-1].phase == 50
    assert not is_concluded(flown)
    assert told(capsys, "pause", flown)[0] == 0


def test_a_note_that_says_so_concludes_nothing(flown):
    put(flown, 100, Draft("note.written", "owner", 'x"\nkind = "session.concluded"\n'))
    assert not is_concluded(flown)
