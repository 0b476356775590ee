"""Prometheus' own checker reads the page in every state of a session, and has nothing to say about it."""

import subprocess

import pytest
from msgspec.structs import replace
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from cockpit.metrics.publishing import Judged
from sessions.gate.evaluate import judge, unjudged
from tests.support.peers.real_programs import program
from tests.support.screen import sample
from tests.support.sessions.scenes import NOW, flown
from tests.support.watch.metrics_page import ABOUT, Showing

FOREIGN = 'a\x1b[31m"}\nup{job="y"} 1\u202e\\'
FROZEN = judge(replace(flown(), frozen={FOREIGN: NOW}), NOW)
STATES = {
    "calm": sample.calm,
    "a fuse burns": sample.burning,
    "paused": sample.paused,
    "blind": sample.blind,
    "pre-flight": sample.preflight,
    "nothing yet": sample.unborn,
    "week": sample.week,
    "hostile": lambda: sample.hostile(FOREIGN),
    "frozen": lambda: FROZEN,
    "damaged": lambda: judge(replace(flown(), whole=False), NOW),
    "not judged": lambda: unjudged(flown(), NOW, FOREIGN),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("looks", ["", "opened read-only"], ids=["watches", "only looks"])
def test_the_page_is_sound(state, looks):
    door = Showing(STATES[state]())
    door.viewer = looks
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Judged(door, lambda: NOW, ABOUT))
    ProcessCollector(registry=registry)
    checked = subprocess.run(
        [program("promtool"), "check", "metrics"], input=generate_latest(registry), capture_output=True, check=False
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
