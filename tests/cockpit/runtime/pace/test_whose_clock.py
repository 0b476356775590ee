"""Whoever looks at a demo's session goes by its clock: the log, the reports and each screen agree on the time."""

import ast
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cockpit.__main__ import run
from cockpit.runtime.clock import DEMO_CLOCK, Clock, clock_of
from cockpit.runtime.pace.course import SIZE, Course, Knot, told
from cockpit.tui.overview.looking import Looking
from sessions.storage.journal import load
from tests.support.watch.watching import made

ROOT = Path(__file__).parents[4]
LAG = timedelta(hours=2)
NEAR = timedelta(minutes=10)

MACHINES = {
    "cli/setup/init.py": "no session yet",
    "cli/trust/command.py": "trust is of this machine",
    "cli/commands/sessions.py": "a new session, or the list of all",
    "cli/commands/demo.py": "the folder's name, and how far the demo's clock fell behind",
    "cli/commands/doctor.py": "settings without a session",
    "cli/outside/sessions_live.py": "all sessions at once: when each was looked at",
    "engine/lookups.py": "where nobody hands in a clock",
}
"""Modules of the cockpit that make the machine's clock though they may know a session, and why."""


@pytest.fixture
def demo(tmp_path, monkeypatch):
    """A session whose demo is over, two hours behind the machine."""
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    folder = made(tmp_path / "home" / "one")
    course = Course("", 0.0, (Knot(0.0, LAG.total_seconds()),), over=True)
    (folder / DEMO_CLOCK).write_bytes(told(course).ljust(2 * SIZE))
    assert abs(Clock().now() - LAG - clock_of(folder).now()) < NEAR
    return folder


def lagged(at: datetime) -> bool:
    return abs(datetime.now(UTC) - LAG - at) < NEAR


def test_what_a_command_writes_has_the_demos_time(demo):
    assert run(["note", "seen", str(demo)]) == 0
    assert run(["export", str(demo)]) == 0
    written = [
        entry for entry in load(demo / "session.toml").entries if entry.kind in {"note.written", "report.exported"}
    ]
    assert len(written) == 2
    assert all(lagged(entry.at) for entry in written)


@pytest.mark.parametrize("command", ["status", "check"])
def test_what_a_command_says_is_judged_at_the_demos_time(demo, capsys, command):
    run([command, "--json", str(demo)])
    assert lagged(datetime.fromisoformat(json.loads(capsys.readouterr().out)["at"]))


def test_in_the_list_of_all_sessions_it_is_looked_at_by_the_machines_time(demo):
    looking = Looking(Clock())
    looking.look()
    (row,) = looking.rows
    assert row.folder == demo
    assert abs(datetime.now(UTC) - row.at) < NEAR


def test_no_other_module_of_a_command_makes_the_machines_clock():
    found = set()
    for part in ("cli", "tui", "engine", "session", "serve"):
        for path in (ROOT / "cockpit" / part).rglob("*.py"):
            calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
            if any(isinstance(call.func, ast.Name) and call.func.id == "Clock" for call in calls):
                found.add(str(path.relative_to(ROOT / "cockpit")))
    assert found == set(MACHINES)
