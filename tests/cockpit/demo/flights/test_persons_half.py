"""The person's half of a flight with its week: sheets were looked at, decisions and reports are written and hold."""

import os
import subprocess
import sys
from datetime import timedelta

import msgspec
import pytest

from sessions.history.history import History
from sessions.plan.loader import bundled
from sessions.reports.as_json import Report
from sessions.storage.journal import load
from sessions.values.sheets import rows_of

SPEED, PATIENCE_S = "400", 900
SHORT = """
import copy, sys
from cockpit.__main__ import run
from cockpit.cli.commands import demo
from sessions.plan import loader

table = copy.deepcopy(loader.bundled().table)
for phase, soak in zip(table["phases"], ("30m", "30m", "30m", "1h")):
    phase["soak"] = soak
table["soak"] |= {"hole": "20m", "tail": "10m"}
table["week"]["day"] = "2h"
for task, due in zip(table["week"]["tasks"], ("30m", "50m", "80m", "70m")):
    task["due"] = due
plan = loader.plan_from(table)
demo.bundled = lambda: plan
sys.exit(run(sys.argv[1:]))
"""
"""The demo by a plan with short soaks and a week of short days."""


def cockpit(*words, patience=60):
    environ = {name: value for name, value in os.environ.items() if name != "COCKPIT_MONGO_URI"}
    words = (sys.executable, *words)
    return subprocess.run(words, check=False, capture_output=True, text=True, timeout=patience, env=environ)


@pytest.mark.timeout(PATIENCE_S + 120)
@pytest.mark.flight
def test_a_bad_day_and_its_week_are_looked_at_decided_and_told(tmp_path):
    out = tmp_path / "flown"
    words = ("demo", "--headless", "--scenario", "bad-day", "--until", "all", "--speed", SPEED, "--out", str(out))
    flown = cockpit("-c", SHORT, *words, patience=PATIENCE_S)
    entries = load(out / "session.toml").entries
    assert flown.returncode == 0, "\n".join(flown.stdout.splitlines()[-5:]) + flown.stderr
    looked(entries)
    figures(out, entries)
    told(out, entries)


def looked(entries):
    """Whatever has a sheet was ticked with its rows and a finding that says that a demo looked."""
    plan = bundled()
    ticks = [one for one in entries if one.kind == "task.ticked" and one.facts.get("done")]
    sheeted = [
        one for one in ticks if plan.sheet(one.said("task")) and one.by == "autopilot" and "run" not in one.facts
    ]
    assert {plan.sheet(one.said("task")) for one in sheeted} >= {"monitoring", "growth", "queue", "update", "morning"}
    for one in sheeted:
        if plan.sheet(one.said("task")) == "decision":
            continue
        assert not one.facts.get("unseen"), one.text
        assert one.listed("seen_what"), one.text
        assert one.said("finding").startswith("demo"), one.text
    activities = {task.id for phase in plan.phases for task in phase.activities}
    assert activities <= {one.said("task") for one in ticks}
    (decided,) = [one for one in entries if one.kind == "decision.made"]
    assert decided.said("reason").startswith("demo")
    assert decided.listed("seen_what")
    assert [one for one in entries if one.kind == "feedback.noted"]


def figures(out, entries):
    """A count that a sheet kept is one that was measured: the history has it at that moment."""
    newest = [one for one in entries if one.said("task") == "p2.growth" and one.listed("seen_what")][-1]
    rows = {row.what: row for row in rows_of(newest)}
    history = History.open_readonly(out / "history.sqlite")
    try:
        for name in (item.name for item in bundled().collections):
            row = rows[f"{name}: documents"]
            near = history.series("size", name, row.at - timedelta(seconds=1), row.at + timedelta(seconds=2))
            assert int(row.value.replace(",", "")) in {one.count for one in near}, (row, near)
    finally:
        history.close()


def told(out, entries):
    """The reports hold: a page under 450 words, JSON in its shape, HTML of one file; the retrospective was written."""
    assert [one for one in entries if one.kind == "report.exported"]
    assert [one for one in entries if one.kind == "retrospective.written"] or list(out.rglob("retrospective*.md"))
    done = cockpit("-m", "cockpit", "export", str(out), "--format", "md,html,json", "--out", str(out / "told"))
    assert done.returncode == 0, done.stderr
    page, _, proof = (out / "told" / "report-flight.md").read_text("utf-8").partition("\n## Proof\n")
    assert len(page.split()) < 450
    assert proof
    report = msgspec.json.decode((out / "told" / "report-flight.json").read_bytes(), type=Report)
    assert report.episodes
    numbers = [number for one in report.episodes for number in one.entries]
    assert len(numbers) == len(set(numbers))
    html = (out / "told" / "report-flight.html").read_text("utf-8")
    assert "<svg" in html
    assert "<script" not in html
