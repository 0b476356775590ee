"""`cockpit adopt`: new promises before the first phase, one entry, read by whoever reads the session; then no more."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cockpit.__main__ import run
from cockpit.cli.parser import HELD
from cockpit.runtime.clock import Clock
from cockpit.session.both_files import loaded, state_of
from cockpit.settings.promises.plan_file import bundled_text
from sessions.file_format.promises import CHANGED
from sessions.storage.glance import glance
from sessions.storage.journal import Journal
from sessions.storage.locks import watch_lock
from sessions.values.entries import Draft
from tests.support.trust.trusting import trusted

OTHERS = 'endpoints = ["GET /looks"]\n[[journeys]]\nid = "looked"\nendpoints = ["GET /looks"]\n'


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with settings and a session `flight` of the bundled plan."""
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    here = tmp_path / "here"
    here.mkdir(mode=0o700)
    monkeypatch.chdir(here)
    trusted(here / "cockpit.toml", 'service = "shop"\n')
    assert run(["new", "flight"]) == 0
    return here


def session(place):
    return place.parent / "home" / "flight"


def told(capsys, *words, code=0):
    capsys.readouterr()
    assert run(list(words)) == code
    return "".join(capsys.readouterr())


def put(place, *drafts, phase=0):
    journal = Journal(session(place) / "session.toml")
    journal.open(Clock().now())
    journal.append(drafts, phase=phase, now=Clock().now())
    journal.close()


def plan_of(place):
    return state_of(loaded(session(place))).plan


def test_settings_that_changed_are_said_to_be_apart_and_taken(place, capsys):
    assert "promises" not in told(capsys, "status", "flight")
    assert json.loads(told(capsys, "check", "flight", "--json", code=30))["promises"] == ""
    trusted(place / "cockpit.toml", OTHERS)
    apart = "cockpit.toml promises other endpoints, journeys than the session: cockpit adopt flight takes them"
    assert f"  promises {apart}\n" in told(capsys, "status", "flight")
    assert apart in told(capsys, "doctor", "flight", code=20)
    before = (session(place) / "session.toml").read_bytes()
    shown = told(capsys, "adopt", "flight", "--dry-run")
    assert "from cockpit.toml:\n  endpoints + GET /looks, - GET /concierge" in shown
    assert (session(place) / "session.toml").read_bytes() == before
    assert told(capsys, "adopt", "flight").startswith("new promises: endpoints + GET /looks, - GET /concierge")
    assert plan_of(place).endpoints == ("GET /looks",)
    assert "promises" not in told(capsys, "status", "flight")
    assert "nothing to adopt" in told(capsys, "adopt", "flight", code=10)
    entry = state_of(loaded(session(place))).entries[-1]
    assert (entry.kind, entry.by, entry.listed("parts")) == (CHANGED, "cli", ("endpoints", "journeys"))


def test_a_plan_beside_the_settings_is_taken_with_its_bounds_and_its_phases(place, capsys):
    text = bundled_text().replace("p95_ms = 500", "p95_ms = 300").replace("percent = 10\n", "percent = 5\n")
    (place / "plan.toml").write_text(text, "utf-8")
    apart = told(capsys, "status", "flight")
    assert "plan.toml and cockpit.toml promise other latency, phases than the session: cockpit adopt flight" in apart
    said = told(capsys, "adopt", "flight")
    assert "latency p95_ms 500 -> 300; phases + 5, - 10" in said
    plan = plan_of(place)
    assert (plan.latency.p95_ms, plan.phases[1].percent) == (300, 5)
    put(place, Draft("phase.entered", "owner", "5 % entered", {"previous": 0, "evidence": ()}), phase=5)
    assert loaded(session(place)).damage is None
    found = glance("flight")
    assert (found.phase, found.before) == (5, 0)
    assert told(capsys, "adopt", "flight", code=HELD).startswith("cockpit: 5 % was entered")
    (place / "plan.toml").write_text(text.replace("= 300", "= 400"), "utf-8")
    assert "it keeps its own, cockpit adopt changes none once a phase was entered" in told(capsys, "status", "flight")


def test_what_was_ticked_and_counted_by_the_old_promises_starts_anew(place, capsys):
    counted = {"collections": ("capsules", "shortlists", "returns"), "counts": ("1", "2", "3")}
    ticked = {"task": "assume.growth", "done": True}
    put(place, Draft("baseline.captured", "watch", "baseline", counted), Draft("task.ticked", "cli", "t", ticked))
    trusted(place / "cockpit.toml", '[[collections]]\nname = "orders"\nper_hour = 5\n')
    told(capsys, "adopt", "flight")
    state = state_of(loaded(session(place)))
    assert (dict(state.baseline), state.baseline_at, dict(state.ticked)) == ({}, None, {})
    trusted(place / "cockpit.toml", '[[collections]]\nname = "orders"\nper_hour = 5\n[growth]\nslack = 7\n')
    put(place, Draft("baseline.captured", "watch", "b", {"collections": ("orders",), "counts": ("9",)}))
    told(capsys, "adopt", "flight")
    assert dict(state_of(loaded(session(place))).baseline) == {"orders": 9}


def test_nobody_may_watch_meanwhile(place, capsys):
    trusted(place / "cockpit.toml", OTHERS)
    lock = watch_lock(session(place), Clock().now())
    try:
        said = told(capsys, "adopt", "flight", code=HELD)
    finally:
        lock.release()
    assert "watched by" in said
    assert "its sources still use the old plan" in said
    assert plan_of(place).endpoints != ("GET /looks",)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--plan", "nowhere.toml"], "nowhere.toml: No such file or directory: name a plan file"),
        (["--plan", "bad.toml"], "bad.toml:1: id: is missing"),
        (["--plan", "html.toml"], "html.toml:1: is not TOML"),
        (["--config", "nowhere.toml"], "--config nowhere.toml: does not exist"),
    ],
)
def test_what_is_no_plan_changes_nothing(place, capsys, words, said):
    (place / "bad.toml").write_text('title = "no more"\n', "utf-8")
    (place / "html.toml").write_text("<html>\n", "utf-8")
    before = (session(place) / "session.toml").read_bytes()
    assert said in told(capsys, "adopt", "flight", *words, code=2)
    assert (session(place) / "session.toml").read_bytes() == before


def test_edited_settings_are_trusted_first(place, capsys):
    (place / "cockpit.toml").write_text(OTHERS, "utf-8")
    assert "changed since you trusted it" in told(capsys, "adopt", "flight", code=2)
    assert "cockpit adopt flight takes them" in told(capsys, "status", "flight")


def test_a_watch_says_it_as_it_begins(place):
    trusted(place / "cockpit.toml", OTHERS)
    command = [sys.executable, "-m", "cockpit", "watch", "flight"]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as watch:
        try:
            first = watch.stdout.readline()
        finally:
            watch.terminate()
            watch.communicate(timeout=60)
    apart = "cockpit.toml promises other endpoints, journeys than the session: cockpit adopt flight takes them"
    assert first == f"{apart}\n"
