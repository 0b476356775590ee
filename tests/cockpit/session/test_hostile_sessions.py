"""Every command over every session that no cockpit wrote: one line or an answer, a documented code, no traceback."""

import re
import signal
import subprocess
import sys
from datetime import UTC

import pytest

from cockpit.__main__ import run
from cockpit.runtime.clock import Clock
from cockpit.session.viewer import Viewer
from cockpit.tui.bell_and_title import title
from sessions.storage.folders import SESSION
from tests.support.build import T0
from tests.support.sessions.forged import DAMAGED, FAR_AHEAD, ODD, PLAN_TABLE, course, forged, row
from widgets.base.view import View
from widgets.frame.header import Header
from widgets.frame.phase_rail import PhaseRail
from widgets.frame.small_terminal import Small
from widgets.panes.flag import FlagPane
from widgets.panes.gate import GatePane

COMMANDS = (
    ["status"],
    ["status", "--json"],
    ["status", "--since", "last"],
    ["status", "--since", "2h", "--json"],
    ["check"],
    ["check", "--json"],
    ["export"],
    ["export", "--day", "2026-11-23"],
    ["open"],
    ["open", "--read-only"],
    ["task", "list"],
    ["doctor"],
    ["revert", "--dry-run"],
    ["note", "hello"],
    ["acknowledge"],
    ["defuse", "--reason", "x"],
    ["waive", "latency", "--reason", "x"],
)
CODES = (0, 2, 10, 20, 30)
HEADS = {
    "a session of the year 9999": ({"session": {"name": "one", "created": FAR_AHEAD}}, "was created in the year 9999"),
    "a session without date": ({"session": {"name": "one"}}, "has a header without plan or date"),
    "no session": ({"session": None}, "is no session file"),
    "a plan of no phases": ({"plan": {**PLAN_TABLE, "phases": []}}, "the session's plan is not readable"),
    "a plan of 9999 years": (
        {"plan": {**PLAN_TABLE, "queue": {**PLAN_TABLE["queue"], "sla": "87654321h"}}},
        "the session's plan is not readable",
    ),
    "a plan of words": ({"plan": {"phases": "all"}}, "the session's plan is not readable"),
    "a wiring of numbers": ({"wiring": {"metrics": 7}}, "wiring.metrics: is 7"),
}


def session_in(home, rows, head=None, number=1):
    forged(home / "one" / SESSION, rows, head, number)
    return home / "one"


def said_by(capsys, command):
    """Run a command; return its code and what it said, which is never a traceback."""
    code = run([*command, "one"])
    out, err = capsys.readouterr()
    assert code in CODES, (command, code, err)
    assert "Traceback" not in out + err
    assert "\x1b" not in out + err
    return code, out, err


@pytest.mark.parametrize("name", DAMAGED)
def test_row_12_a_damaged_session_is_one_line_in_every_command(home, capsys, name):
    rows, told = DAMAGED[name]
    path = session_in(home, rows) / SESSION
    data = path.read_bytes()
    for command in COMMANDS:
        code, out, err = said_by(capsys, command)
        if command[0] not in ("doctor", "open", "revert"):
            assert (code, out) == (2, ""), command
            assert re.fullmatch(r"cockpit: [^\n]+\n", err), (command, err)
            assert told in err, (command, err)
    assert path.read_bytes() == data
    assert not (path.parent / "exports").exists()


@pytest.mark.parametrize("name", ODD)
def test_row_12_an_odd_session_is_answered_by_every_command(home, capsys, name):
    path = session_in(home, ODD[name]) / SESSION
    data = path.read_bytes()
    for command in COMMANDS:
        said_by(capsys, command)
    assert path.read_bytes().startswith(data)


@pytest.mark.parametrize("name", HEADS)
def test_row_12_a_header_that_is_none_is_one_line_in_every_command(home, capsys, name):
    head, told = HEADS[name]
    session_in(home, course(), head)
    for command in COMMANDS:
        code, out, err = said_by(capsys, command)
        if command[0] not in ("open", "revert") and not (
            told.startswith("wiring") and command[0] in ("status", "check", "export")
        ):
            assert (code, out) == (2, ""), command
            assert told in err, (command, err)
    assert run(["sessions"]) == 0


@pytest.mark.parametrize("name", DAMAGED)
def test_row_13_what_cannot_be_read_shows_no_phase_on_the_screen(home, name):
    viewer = Viewer(session_in(home, DAMAGED[name][0]), "damaged", Clock(), UTC)
    view = View(viewer.latest(), Clock().now(), UTC, "damaged")
    pictures = [pane().picture(view, 160, 20) for pane in (Header, PhaseRail, GatePane, FlagPane, Small)]
    words = " ".join(text for picture in pictures for line in (picture.title, *picture.lines) for text, _ in line)
    assert "phase not known" in words
    assert not re.search(r"\d+ % (intended|▶|✔)|Pre-flight|Phase \d|Gate to", words), words
    assert (view.judgement.gate.goal, view.judgement.gate.open) == ("", False)
    assert "%" not in title(view, "concierge")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_row_13_a_newer_format_is_named_with_its_writer_and_shows_no_phase(home, capsys, command):
    head = {"session": {"name": "one", "created": T0, "written_by": "cockpit 3.1.4"}, "plan": {"moon": 1}}
    session_in(home, [*course(), row("moon.rose")], head, number=2)
    code, out, err = said_by(capsys, command)
    assert (code, out) == (2, "")
    if command[0] not in ("open", "revert"):
        assert "was written by cockpit 3.1.4 in format 2, this cockpit knows 1: open it with the cockpit that" in err


def test_row_13_what_a_newer_cockpit_added_is_told_once_and_ignored(home, capsys):
    newer = {"session": {"name": "one", "created": T0, "tag": "x"}, "plan": {**PLAN_TABLE, "moon": {"full": True}}}
    session_in(home, course(25), {**newer, "wiring": {"database": "", "tide": 1}, "stars": {"n": 1}})
    code, out, _ = said_by(capsys, ["status"])
    assert (code, "· 25 %" in out.splitlines()[0]) == (0, True)
    assert out.splitlines()[-1] == "not known to this cockpit and ignored: stars, session.tag, wiring.tide and 1 more"
    assert said_by(capsys, ["check"])[0] != 2
    assert said_by(capsys, ["note", "hello"])[0] == 0


@pytest.mark.parametrize("name", ["no entry", "no start", "names of nothing"])
def test_row_12_an_odd_session_can_be_watched_and_left(home, name):
    folder = session_in(home, ODD[name])
    command = [sys.executable, "-m", "cockpit", "watch", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        for line in child.stdout:
            if "watch started" in line:
                break
        child.send_signal(signal.SIGTERM)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (128 + signal.SIGTERM, "")
    assert "watch stopped" in out


@pytest.mark.parametrize("name", ["a phase that no plan has", "the year 9999"])
def test_row_12_a_damaged_session_is_not_watched(home, capsys, name):
    session_in(home, DAMAGED[name][0])
    code, _, err = said_by(capsys, ["watch"])
    assert (code, "it cannot be watched" in err) == (2, True)
