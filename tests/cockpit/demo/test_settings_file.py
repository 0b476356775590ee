"""The demo's own `cockpit.toml`: it loads, names what is there, and flies no faster than it can see."""

import shutil
from pathlib import Path

import pytest

from cockpit.__main__ import run
from cockpit.demo.launch import Address, DemoError
from cockpit.demo.settings_file import KINDS, SCRAPE_INTERVAL, settings_text, speed_for
from cockpit.settings.file.cross_checks import answered, unanswered
from cockpit.settings.models.journeys import Journey
from cockpit.settings.models.traffic import Probe, Prometheus, Scrape
from sessions.plan.loader import scaled
from tests.support.build import PLAN
from tests.support.trust.trusting import load

ADDRESS = Address(
    "http://127.0.0.1:8181/metrics", "mongodb://127.0.0.1:1", "shop", Path('/tmp/a "b"\\c/flags.json'), Path("/tmp")
)
PROMETHEUS = "http://127.0.0.1:9090"


def settings(kind, tmp_path, plan=PLAN):
    path = tmp_path / "cockpit.toml"
    path.write_text(settings_text(kind, plan, ADDRESS, "COCKPIT_MONGO_URI", PROMETHEUS), "utf-8")
    return load(path)


@pytest.mark.parametrize(("kind", "model"), [("scrape", Scrape), ("prometheus", Prometheus), ("probe", Probe)])
def test_each_way_is_a_whole_settings_file(kind, model, tmp_path):
    found = settings(kind, tmp_path)
    assert isinstance(found.sources["traffic"], model)
    assert unanswered(found.sources, PLAN) == ()
    assert all(len(names) == 1 for names in answered(found.sources).values())
    assert found.flag.file == str(ADDRESS.flag_file)
    assert found.sources["records"].uri.template == "${COCKPIT_MONGO_URI}"
    assert found.sources["records"].database == "shop"


def test_the_demos_journeys_stand_in_it_and_run_behind_activities(tmp_path):
    found = settings("scrape", tmp_path)
    tasks = {task.id for phase in PLAN.phases for task in phase.activities}
    assert set(found.activities) <= tasks
    assert {"p1.wf7", "p4.wf7"} <= set(found.activities)
    assert all(isinstance(found.sources[item.journey], Journey) for item in found.activities.values())


@pytest.mark.parametrize("speed", [1, 30, 120])
def test_the_probe_asks_every_endpoint_often_enough_and_says_that_it_is_one(tmp_path, speed):
    plan = scaled(PLAN, speed)
    probe = settings("probe", tmp_path, plan).sources["traffic"]
    assert [request.endpoint for request in probe.requests] == list(plan.endpoints)
    assert probe.rate * plan.windows.length / len(plan.endpoints) > plan.windows.min_requests
    assert all("X-Synthetic" in request.headers for request in probe.requests)


@pytest.mark.parametrize("kind", KINDS)
def test_too_fast_is_refused_in_one_line_and_the_default_is_not(kind):
    most = KINDS[kind].most
    assert speed_for(kind, None) <= most
    assert speed_for(kind, most) == most
    if most < 5000:
        with pytest.raises(DemoError, match=r"choose at most that$") as told:
            speed_for(kind, most + 1)
        assert "\n" not in str(told.value)


def test_prometheus_scrapes_often_enough_at_its_highest_speed():
    plan = scaled(PLAN, KINDS["prometheus"].most)
    assert plan.windows.length >= 4 * SCRAPE_INTERVAL
    assert plan.windows.minute >= 2 * SCRAPE_INTERVAL


def test_without_the_program_one_line_says_what_to_install(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert run(["demo", "--headless", "--traffic", "prometheus", "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "apt install prometheus" in said
    assert not (tmp_path / "out").exists()


def test_an_unknown_way_is_refused(capsys):
    assert run(["demo", "--traffic", "guess"]) == 2
    assert "guess" in capsys.readouterr().err


def test_a_speed_that_sees_nothing_is_refused_before_a_world_is_started(capsys, tmp_path):
    words = ["demo", "--headless", "--traffic", "prometheus", "--speed", "600", "--out", str(tmp_path / "out")]
    assert run(words) == 2
    assert "at most" in capsys.readouterr().err
