"""What the doctor says of the traffic of the next phase, and of what walks a rare journey."""

import pytest
from msgspec.structs import replace

from cockpit.doctor.expected_traffic import expected_traffic
from cockpit.runtime.finding import Sight
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.fields import read
from sessions.plan.model import Expected
from sessions.plan.strict_table import Table
from sessions.state.reducer import State
from tests.support.build import PLAN
from tests.support.sessions.flight import begun, in_phase
from tests.support.sessions.gating import NOW

BUSY = replace(PLAN, expected=tuple(Expected(name, 9e5) for name in PLAN.endpoints))


def walking(every, journey="capsule_created", name="wf7"):
    """Return settings with one journey source on an interval."""
    steps = [{"name": "hold", "path": "/capsules", "method": "POST"}]
    source = {"kind": "journey", "url": "http://localhost", "journey": journey, "every": every, "steps": steps}
    table = Table({"sources": {name: source}})
    settings = read(Settings, table)
    assert table.problems == []
    return settings


def found(settings=None, state=None):
    return list(expected_traffic(settings or Settings(), state or State(PLAN), NOW))


def of(subject, *args):
    (only,) = [one for one in found(*args) if one.what == subject]
    return only


@pytest.mark.parametrize("state", [State(PLAN), begun().state], ids=["no session", "a session"])
def test_before_the_first_step_the_plan_is_told(state):
    told = found(state=state)
    assert [one.what for one in told] == [
        "POST /shortlists",
        "POST /capsules",
        "POST /returns",
        "capsule_created",
        "return_started",
    ]
    assert {one.sight for one in told} == {Sight.WARNING}
    assert told[1].text.startswith("about 0.2 requests a window at 10 %, 2.4 an hour")
    assert all(one.fix for one in told)
    assert told[3].fix == 'walk it every 4m (a journey source with every = "4m"), or set rhythm = true'


@pytest.mark.parametrize(
    ("every", "sight", "text", "fix"),
    [
        ("4m", Sight.GOOD, "walked every 4m by wf7", ""),
        ("30s", Sight.GOOD, "walked every 30s by wf7", ""),
        ("241s", Sight.WARNING, "walked every 4m01s by wf7: one that fails makes a gap over 10m", "walk it every 4m"),
        ("10m", Sight.WARNING, "walked every 10m by wf7: no gap may be over 10m", "walk it every 4m"),
    ],
)
def test_a_walk_is_held_against_the_bound_of_a_gap(every, sight, text, fix):
    told = of("capsule_created", walking(every))
    assert (told.sight, told.text, told.fix) == (sight, text, fix)
    assert of("return_started", walking(every)).text.startswith("an event about every 50m at 10 %")


@pytest.mark.parametrize(("every", "journey"), [("0s", "capsule_created"), ("4m", ""), ("4m", "return_started")])
def test_a_walk_on_demand_or_of_another_journey_keeps_nothing(every, journey):
    assert of("capsule_created", walking(every, journey)).sight is Sight.WARNING


def test_what_will_be_judged_pooled_is_no_weakness():
    plan = replace(BUSY, expected=(*BUSY.expected[:-1], Expected("POST /csat", 2000.0)))
    told = of("POST /csat", None, State(plan))
    assert told.sight is Sight.GOOD
    assert "judged pooled over about 6m" in told.text


def test_where_nothing_is_too_little_that_is_said_once_and_after_the_last_phase_nothing():
    (only,) = found(state=State(BUSY))
    assert (only.sight, only.what) == (Sight.GOOD, "10 %")
    assert found(state=in_phase(100).state) == []
