import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from cockpit.__main__ import run
from cockpit.cli.commands.status import as_table
from cockpit.demo.world.scenarios import SCENARIOS
from cockpit.settings.models.mongo import Mongo
from cockpit.settings.models.traffic import Metrics
from cockpit.settings.promises.plan_file import bundled_text
from cockpit.settings.schema.secrets import Secret
from cockpit.tui.cursor.pointing import Pointing
from cockpit.tui.cursor.walked import Walked
from cockpit.tui.keys import ALL, step_bindings
from cockpit.tui.screens.detail import Detail
from cockpit.tui.screens.log import LogScreen
from cockpit.tui.screens.report import ReportScreen
from cockpit.tui.screens.risks import Risks
from cockpit.tui.screens.sheet import SheetScreen
from cockpit.tui.screens.week import WeekScreen
from sessions.gate.evaluate import judge
from sessions.plan.loader import EFFECTS, RISKS, bundled
from sessions.state.model import Raised
from sessions.state.reducer import State
from sessions.storage.journal import Journal, create
from sessions.values.entries import BYS, COMMON, KINDS, Draft
from sessions.values.readings import Topic
from sessions.values.verdicts import CRITERIA, Level, Mark
from tests.support.build import T0
from tests.support.watch.demo_page import promised
from widgets.detail.entry_list import EntryList
from widgets.dialogs.base import Confirm, Dialog
from widgets.dialogs.burst import Burst
from widgets.dialogs.choices import TickList

ROOT = Path(__file__).parents[1]
PAGES = (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def table_rows(name: str) -> list[list[str]]:
    lines = (line for line in page(name).replace(r"\|", "/").splitlines() if line.startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def quoted(name: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", page(name)))


def paths(values: Mapping[str, object], above: str = "") -> Iterator[str]:
    """The dotted paths of all leaves; an array of tables adds no index."""
    for key, value in values.items():
        path = f"{above}{key}"
        rows = [value] if isinstance(value, Mapping) else value if isinstance(value, list) else []
        tables = [row for row in rows if isinstance(row, Mapping)]
        if not tables:
            yield path
        for row in tables:
            yield from paths(row, f"{path}.")


def test_the_readme_sets_up_in_two_single_lines():
    lines = [line for line in page("README.md").splitlines() if line.startswith("python3 -m venv")]
    assert [line.rsplit("/", 1)[1] for line in lines] == ["cockpit demo", "pytest -m flight -n 2"]
    assert all("--require-hashes -r requirements/" in line and "&&" in line for line in lines)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_leads_somewhere(path):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8"))
    for link in links:
        assert link.startswith("https://") or (path.parent / link).exists(), link


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as its readers' browsers make them."""
    heads = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_anchor_is_a_heading(path):
    for there, anchor in re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", path.read_text("utf-8")):
        assert anchor in anchors(path.parent / there if there else path), f"{there}#{anchor}"


def test_constraints_pin_one_version_each_and_name_no_place():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert lines
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][0-9a-z.]*", line) for line in lines)
    project = tomllib.loads(page("pyproject.toml"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    names = {re.split(r"[\[<>=]", name)[0] for name in wanted} - {"cockpit"}
    pinned = {line.split("==")[0] for line in lines}
    assert {name.lower().replace("_", "-") for name in names} <= {name.lower().replace("_", "-") for name in pinned}


def test_the_plan_page_names_every_key():
    keys = {row[0].strip("`") for row in table_rows("docs/plan.md")}
    assert set(paths(tomllib.loads(bundled_text()))) - keys == set()
    assert quoted("docs/plan.md") >= {*RISKS, *EFFECTS, "speed"}


def test_the_session_page_names_every_kind_with_its_facts():
    rows = {row[0].strip("`"): set(re.findall(r"`([a-z_]+)`", row[1])) for row in table_rows("docs/session-file.md")}
    assert {kind: rows.get(kind) for kind in KINDS} == {kind: set(facts) for kind, facts in KINDS.items()}
    assert quoted("docs/session-file.md") >= {*BYS, *set(COMMON)}


def test_the_session_page_proves_the_chain(tmp_path):
    (script,) = re.findall(r"```python\n(.*?)```", page("docs/session-file.md"), re.DOTALL)
    assert len(script.splitlines()) <= 10
    path = tmp_path / "session.toml"
    create(path, "proof", bundled().table, T0)
    journal = Journal(path)
    journal.open(T0)
    journal.append([Draft("note.written", "owner", f"note {number}") for number in range(3)], phase=0, now=T0)
    journal.close()
    whole = path.read_bytes()

    def said(data: bytes) -> str:
        path.write_bytes(data)
        command = [sys.executable, "-c", script, str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip()

    assert said(whole) == ""
    assert said(whole[:-1]) == "unfinished end"
    assert said(whole.replace(b"note 1", b"note 7")).startswith("changed after byte ")
    assert said(whole.replace(b"CL7", b"CL8", 1)) == "changed after byte 0"


def help_of(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    assert run([*command, "--help"]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        "demo",
        "adopt",
        "init",
        "new",
        "open",
        "watch",
        "note",
        "observe",
        "pause",
        "resume",
        "conclude",
        "advance",
        "revert",
        "freeze",
        "thaw",
        "incident open",
        "incident resolve",
        "waive",
        "defuse",
        "extend",
        "step",
        "acknowledge",
        "task tick",
        "task untick",
        "sessions",
        "status",
        "check",
        "task list",
        "task run",
        "export",
        "doctor",
        "plan show",
        "plan check",
        "schema",
        "completion",
    ],
)
def test_the_commands_page_names_every_option(command, capsys):
    options = set(re.findall(r"--[a-z-]+", help_of(capsys, *command.split()))) - {"--help"}
    rows = [row for row in table_rows("docs/commands.md") if len(row) == 3 and f"`{command}`" in row[0]]
    assert options == {option for row in rows for option in re.findall(r"--[a-z-]+", row[1])}
    assert any(re.search(rf"`cockpit {command}[ `]", row[0]) for row in table_rows("docs/commands.md"))


def test_the_commands_page_knows_every_command(capsys):
    text = help_of(capsys)
    listed = re.findall(r"^ {2,4}([a-z]+)(?: {2,}|$)", text, re.MULTILINE)
    assert {"demo", "open", "check"} <= set(listed)
    for command in listed:
        assert f"`cockpit {command}" in page("docs/commands.md")


def test_the_commands_page_shows_the_shape_of_json():
    table: dict[str, Any] = as_table(judge(State(bundled()), T0, UTC))
    known = quoted("docs/commands.md")
    for key, value in table.items():
        if key in ("verdicts", "risks", "fuses"):
            assert key in known
        elif isinstance(value, Mapping):
            assert {f"{key}.{inner}" for inner in value} <= known
        else:
            assert key in known
    standing = State(bundled(), raised={"risk.csat": Raised("risk.csat", T0, "low scores")})
    inner = [
        as_table(judge(standing, T0, UTC))["alarms"][0],
        next(iter(table["verdicts"].values())),
        next(iter(table["risks"].values())),
        table["gate"]["conditions"][0],
    ]
    for row in inner:
        assert set(row) <= known


def test_the_keys_page_shows_every_binding():
    rows = [(row[0].strip("`"), row[1]) for row in table_rows("docs/keys.md") if len(row) == 3 and row[0][0] == "`"]
    assert sorted(rows) == sorted((binding.key_display or binding.key, binding.description) for binding in ALL)
    screens = (Detail, LogScreen, ReportScreen, Risks, SheetScreen, WeekScreen, Walked, Pointing, EntryList)
    dialogs = (Dialog, Confirm, Burst, TickList)
    used = {key for one in (*screens, *dialogs) for binding in one.BINDINGS for key in binding.key.split(",")}
    assert used <= quoted("docs/keys.md")


def test_the_keys_page_shows_every_runbook_step():
    rows = {(row[1].strip("`"), row[2]) for row in table_rows("docs/keys.md") if len(row) == 4}
    assert rows >= {(binding.key, binding.description) for binding in step_bindings(bundled())}


def test_the_judgement_page_speaks_the_words():
    text = page("docs/judgement.md").lower()
    for word in (*Mark, *Level, *CRITERIA):
        assert word in text
    plan = bundled()
    titles = [risk.title.lower() for risk in plan.risks]
    assert all(title in text for title in titles)
    bounds = (plan.latency.p95_ms, plan.windows.min_requests, plan.growth.tolerance, plan.growth.slack)
    assert all(f"{bound:g}" in text for bound in bounds)


def test_the_sources_pages_name_metrics_and_collections():
    known = quoted("docs/sources-metrics.md") | quoted("docs/sources-mongo.md") | quoted("docs/sources-http.md")
    names = Metrics()
    assert {names.requests, names.durations, names.method, names.endpoint, names.status} <= known
    ours = Mongo(uri=Secret(), database="shop")
    parts = [getattr(ours, part.name) for part in fields(ours)]
    assert {part.collection for part in parts if is_dataclass(part) and hasattr(part, "collection")} <= known | {""}
    assert {"ts", "journey", "status", "createdAt", "expiresAt", "updatedAt", "score", "resolved", "level"} <= known
    assert {Topic.CAPSULES, Topic.RETURNS, Topic.CSAT} <= known


def test_the_demo_page_knows_every_scenario_and_real_kinds():
    facts = {
        row[0].strip("`"): set(re.findall(r"`([a-z_]+)`", " ".join(row[1:])))
        for row in table_rows("docs/session-file.md")
    }
    for scenario in SCENARIOS:
        wanted = list(promised(scenario).wanted)
        assert wanted
        for one in wanted:
            assert one.kind in KINDS
            assert {name for name, _ in one.facts} <= facts[one.kind] | {"phase", "by"}, one
    assert "COCKPIT_MONGO_URI" in page("docs/demo.md")


def test_the_page_for_contributors_names_variables_that_the_tests_read():
    named = set(re.findall(r"`(COCKPIT_[A-Z_]+)", page("CONTRIBUTING.md")))
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))
    assert len(named) > 8
    assert {name for name in named if f'"{name}"' not in tests} == set()


def test_the_architecture_names_what_exists():
    """Every path in the page is there; a path may leave out `cockpit/` or `sessions/`."""
    text = page("ARCHITECTURE.md")
    paths = {
        path
        for path in re.findall(r"`([a-z_/]+(?:/|\.py|\.toml))`", text)
        if "NAME" not in path and path != "session.toml"
    }
    assert len(paths) > 20
    parents = [ROOT, ROOT / "cockpit", ROOT / "sessions", ROOT / "sessions" / "plan", ROOT / "cockpit/settings/models"]
    assert [path for path in paths if not any((parent / path).exists() for parent in parents)] == []


def test_the_architecture_shows_every_floor():
    (picture,) = re.findall(r"## The floors\n\n```\n(.*?)```", page("ARCHITECTURE.md"), re.DOTALL)
    shown = set(re.findall(r"[a-z_]+", picture))
    there = {
        path.name for top in ("cockpit", "sessions", "widgets") for path in (ROOT / top).iterdir() if path.is_dir()
    }
    assert there - {"__pycache__"} - shown == set()
