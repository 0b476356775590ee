"""The demo flown by a scrape, Prometheus, VictoriaMetrics and probes alone: the same verdicts, acts and end."""

import copy
import os
import shutil
from contextlib import contextmanager, nullcontext
from datetime import UTC
from typing import Any

import pytest

from cockpit.cli.commands.sessions import begin
from cockpit.demo.launch import World
from cockpit.demo.prometheus_child import PROGRAM, PrometheusChild
from cockpit.demo.settings_file import SCRAPE_INTERVAL, settings_text, target
from cockpit.engine.opening import opened
from cockpit.runtime.clock import DEMO_CLOCK, clock_of
from cockpit.settings.file.wiring import MONGO_VARIABLE, Wiring
from sessions.plan.loader import plan_from
from sessions.storage.folders import prepare
from sessions.values.requests import Act
from tests.cockpit.demo.flights.test_flights import PATIENCE_S, fly, kinds
from tests.support.build import PLAN
from tests.support.peers.real_programs import victoria_metrics
from tests.support.trust.trusting import trusted
from tests.support.watch.watching import asked, ready, until

SPIKE_WAIT = 400.0
BOUND = 700
_SLOWER = ("errors", "latency")
WAYS = ["scrape", "prometheus", "victoria", "probe"]
ASKED = {"victoria": "prometheus"}
"""VictoriaMetrics is asked as Prometheus is."""
STORY = [
    ("phase.entered", 10),
    ("phase.entered", 25),
    ("rollout.paused", "latency_spike"),
    ("fuse.lit", "latency_spike"),
    ("risk.turned", "latency_spike act"),
    ("fuse.blown", "latency_spike"),
    ("phase.entered", 10),
]
"""What a latency spike at 25 % leaves, however it was seen: every act and phase, in their order.

The verdict on latency waits for a closed window: with so short a fuse the revert may come first.
"""


def short(way):
    """The plan far faster, but with windows of 3 s, which Prometheus can fill, and a fuse of 1.5 s.

    The bound lies below the spike, 760 ms at least, and far above the longest calm answer, 340 ms: on a busy
    machine every answer that is really waited for takes longer. A probe really waits: its world must not be so fast
    that a machine with other work to do cannot keep up with it.
    """
    speed = 40 if way == "probe" else 240
    table: dict[str, Any] = copy.deepcopy({**PLAN.table, "speed": speed})
    table["windows"] |= {"length": f"{3 * speed}s", "minute": f"{speed}s"}
    table["criteria"]["latency"]["p95_ms"] = BOUND
    spike = next(risk for risk in table["risks"] if risk["id"] == "latency_spike")
    spike |= {"fuse": f"{speed * 3 // 2}s", "watch": BOUND, "act": BOUND}
    return plan_from(table)


def need(way):
    """Skip, loudly, where the program is missing; where real programs are required that is a failure."""
    if way == "prometheus" and shutil.which(PROGRAM) is None:
        said = "SKIPPED: no program called prometheus here (apt install prometheus): nothing was flown by it"
        if os.environ.get("COCKPIT_REQUIRE_REAL") == "1":
            pytest.fail(said)
        pytest.skip(said)


def seen_by(way):
    """Return what scrapes targets from a folder at an interval, for a source that does not scrape itself."""
    programs = {
        "prometheus": PrometheusChild,
        "victoria": lambda found, *place: victoria_metrics(place[0], found, place[1]),
    }
    return programs.get(way, lambda *_: nullcontext(""))


@contextmanager
def flown(way, plan, folder):
    """Give the door to a started flight over a world of its own, seen one way only."""
    world = World(plan, "latency-spike", 3)
    with world as address:
        scraped = folder / "scraped"
        scraped.mkdir(parents=True)
        with seen_by(way)([target(address)], scraped, SCRAPE_INTERVAL) as prometheus:
            path = prepare(folder / "flight") / "cockpit.toml"
            trusted(path, settings_text(ASKED.get(way, way), plan, address, MONGO_VARIABLE, prometheus))
            begin(path.parent, "flight", plan, Wiring(settings=str(path)))
            world.keep_time(path.parent / DEMO_CLOCK)
            environ = {**os.environ, MONGO_VARIABLE: address.mongo_uri}
            with opened(path.parent, clock_of(path.parent), UTC, environ) as door:
                door.start()
                yield door
                door.stop("test over")


def told(entry):
    """What an entry says that must not hang on how it was seen; None for the rest.

    Errors are another story: on a busy machine a probe may go unanswered.
    """
    match entry.kind:
        case "phase.entered":
            return entry.kind, entry.phase
        case "rollout.paused" | "fuse.lit" | "fuse.blown" | "fuse.defused":
            return entry.kind, entry.said("risk")
        case "verdict.turned" if entry.said("verdict") == "breach" and entry.said("criterion") not in _SLOWER:
            return entry.kind, f"{entry.said('criterion')} breach"
        case "risk.turned" if entry.said("level") == "act" and entry.said("risk") != "error_rate":
            return entry.kind, f"{entry.said('risk')} act"
    return None


def story(entries):
    """What a flight leaves from its first phase on; on a busy machine the world itself starts slowly before it."""
    found = [said for entry in entries if entry.phase and (said := told(entry))]
    # A risk may be unsure for a moment, with few requests in a window, and act again: it is one story all the same.
    return [said for at, said in enumerate(found) if said[0] != "risk.turned" or said not in found[:at]]


@pytest.mark.flight
@pytest.mark.timeout(SPIKE_WAIT + 150)
@pytest.mark.parametrize("way", WAYS)
def test_a_latency_spike_is_one_story_however_it_is_seen(tmp_path, way):
    need(way)
    with flown(way, short(way), tmp_path) as door:
        ready(door)
        assert asked(door, Act.ADVANCE, percent=10).ok
        assert asked(door, Act.ADVANCE, percent=25, override=True, reason="only the spike counts here").ok
        last = until(door, lambda judgement: len(judgement.state.visits) == 4, SPIKE_WAIT)
    assert story(last.state.entries) == STORY
    blown = next(entry for entry in last.state.entries if entry.kind == "fuse.blown")
    if way != "probe":  # a probe measures this machine too: where it stalls, another endpoint may be the slower one
        assert "POST /capsules" in blown.text
    back = kinds(last.state.entries, "phase.entered")[-1]
    assert (back.by, back.counted("previous")) == ("watch", 25)


@pytest.mark.flight
@pytest.mark.timeout(PATIENCE_S + 60)
@pytest.mark.parametrize(("way", "speed"), [("prometheus", "60"), ("probe", "40")])
def test_calm_reaches_10_by_the_command(tmp_path, way, speed):
    need(way)
    code, entries = fly(tmp_path / "calm", "calm", "10%", speed=speed, traffic=way)
    assert code == 0, [entry.text for entry in entries]
    (entered,) = kinds(entries, "phase.entered")
    evidence = entered.listed("evidence")
    assert all(" pass " in f" {line} " for line in evidence), evidence
    assert story(entries) == STORY[:1]
