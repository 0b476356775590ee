"""What loads what: a command loads no screen and no driver it does not use, judging loads none at all."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.watch.watching import made

ROOT = Path(__file__).parents[3]
HEAVY = (
    "textual",
    "httpx",
    "pymongo",
    "bson",
    "plotext",
    "prometheus_client",
    "aiohttp",
    "rich",
    "jmespath",
    "argcomplete",
)
SESSIONS = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "sessions").rglob("*.py")
)


def loaded(code, *heavy, home="/nonexistent"):
    """Run `code` in a fresh interpreter; return its result and which of `heavy` it loaded."""
    tail = f"\nimport json\nprint('\\n' + json.dumps([result, [name for name in {heavy!r} if name in sys.modules]]))"
    answer = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}{tail}"],
        cwd=ROOT,
        env={**os.environ, "COCKPIT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr
    result, names = json.loads(answer.stdout.splitlines()[-1])
    return result, names


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["sessions"], 0),
        (["status"], 0),
        (["status", "--json"], 0),
        (["status", "--since", "last"], 0),
        (["check"], 30),
        (["export"], 0),
        (["new", "second"], 0),
        (["plan", "show"], 0),
        (["schema"], 0),
        (["plan", "check", str(ROOT / "sessions" / "plan" / "cl7.toml")], 0),
        (["open"], 2),
        (["nonsense"], 2),
    ],
    ids=lambda value: " ".join(value)[:20] if isinstance(value, list) else None,
)
def test_a_command_without_a_screen_loads_no_screen_and_no_driver(tmp_path, command, code):
    made(tmp_path / "first")
    body = f"import os\nfrom cockpit.__main__ import run\nos.chdir({str(tmp_path)!r})\nresult = run({command!r})"
    assert loaded(body, *HEAVY, home=tmp_path) == (code, [])


def test_sessions_load_no_screen_no_network_and_no_driver():
    code = f"import importlib\nresult = len([importlib.import_module(name) for name in {SESSIONS!r}])"
    assert loaded(code, *HEAVY, "typer") == (len(SESSIONS), [])


def test_the_screen_loads_no_driver_no_chart_and_no_hand_over_before_the_first_paint():
    later = (
        "httpx",
        "pymongo",
        "plotext",
        "prometheus_client",
        "aiohttp",
        "sessions.handover.handover",
        "widgets.panes.handover",
    )
    assert loaded("import cockpit.tui.app\nresult = 0", *later) == (0, [])


def test_the_watch_loads_no_screen_and_no_driver():
    assert loaded("import cockpit.engine.opening\nresult = 0", *HEAVY) == (0, [])


NOT_JUDGED_BY = (
    "asyncio",
    "concurrent.futures",
    "platformdirs",
    "secrets",
    "tempfile",
    "cockpit.cli.commands.status",
    "cockpit.session.session",
    "cockpit.session.viewer",
    "cockpit.settings.models.settings",
    "sessions.alarms.alarms",
    "sessions.handover.handover",
    "sessions.reports.page",
    "sessions.sheets.sheet",
    "sessions.storage.journal",
    "sessions.week.cell",
)
"""What `check` in a script has no use for: it is loaded anew with each call."""


def test_check_loads_no_settings_no_watch_and_no_report(tmp_path):
    made(tmp_path / "first")
    body = f"import os\nfrom cockpit.__main__ import run\nos.chdir({str(tmp_path)!r})\nresult = run(['check'])"
    assert loaded(body, *NOT_JUDGED_BY, home=tmp_path) == (30, [])


OURS = ("cockpit", "sessions", "widgets", "themes")
CHECKED, PAINTED = 110, 310
"""So many modules of ours a check may load, and the deck until its first paint: it was 107 and 296, and a few more."""
NOT_IN_A_CHECK = (
    *HEAVY,
    "typing_extensions",
    "inspect",
    "dataclasses",
    "difflib",
    "shutil",
    "http",
    "email",
    "ssl",
    "hashlib",
    "json",
    "threading",
    "atexit",
    "tomli_w",
    "unicodedata",
)
"""What one of the above would bring along, and what no script waits for."""
NOT_PAINTED = (
    "httpx",
    "pymongo",
    "bson",
    "plotext",
    "prometheus_client",
    "aiohttp",
    "jmespath",
    "argcomplete",
    "email",
    "cockpit.cli.act_commands",
    "cockpit.cli.further_commands",
    "cockpit.demo",
    "cockpit.doctor",
    "cockpit.metrics",
    "cockpit.session.export",
    "cockpit.setup",
    "cockpit.tui.prompts",
    "cockpit.tui.overview",
    "sessions.actions.dispatch",
    "sessions.handover",
    "sessions.replay",
    "sessions.reports",
    "sessions.retrospective",
    "sessions.sheets",
    "sessions.week",
    "widgets.detail",
    "widgets.dialogs.choices",
    "widgets.dialogs.help",
    "widgets.panes.handover",
)
"""What the deck does not show at first: it is loaded after the first paint, or when it is asked for."""
FIRST_PAINT = """
from cockpit.runtime.lean import load_structs
load_structs()
from cockpit.cli.main import asked
from pathlib import Path
import cockpit.cli.commands.open as opening
from cockpit.engine.opening import opened
from cockpit.runtime.clock import Clock
asked(["open"])
folder, result = Path({folder!r}), []
settings = opening.screen_settings(folder, None)
with opened(folder, Clock(), None, None, settings) as door:
    from cockpit.tui.app import Cockpit
    screen = Cockpit(
        door, clock=Clock().now, settings=settings, on_ready=lambda: (result.extend(sys.modules), screen.exit())
    )
    screen.run(headless=True, size=(160, 48))
result = [name for name in result if name.partition(".")[0] in {ours!r} or name in {heavy!r}]
"""


def ours_of(names):
    return [name for name in names if name.partition(".")[0] in OURS]


def test_check_loads_few_modules(tmp_path):
    made(tmp_path / "first")
    body = f"import os\nfrom cockpit.__main__ import run\nos.chdir({str(tmp_path)!r})\nrun(['check'])\n"
    found, _ = loaded(body + "result = list(sys.modules)", home=tmp_path)
    assert [name for name in NOT_IN_A_CHECK if name in found] == []
    assert 50 < len(ours_of(found)) <= CHECKED


def test_the_deck_paints_at_first_with_what_it_shows(tmp_path):
    made(tmp_path / "first")
    body = FIRST_PAINT.format(folder=str(tmp_path / "first"), ours=OURS, heavy=NOT_PAINTED)
    found, _ = loaded(body, home=tmp_path)
    assert [name for name in found if name in NOT_PAINTED] == []
    assert "widgets.panes.gate" in found, "it was painted"
    assert len(ours_of(found)) <= PAINTED


def test_this_test_would_see_what_is_loaded():
    assert loaded("import httpx\nresult = 1", "httpx", "pymongo") == (1, ["httpx"])
