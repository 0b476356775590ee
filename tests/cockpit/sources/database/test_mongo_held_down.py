"""A database that is slow for minutes is not held down by what is asked of it, and all is seen again soon after."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from cockpit.engine.poller import Poller
from cockpit.settings.models.mongo import RequestLog
from cockpit.sources.database.database import ABREAST
from cockpit.sources.interface.budget import AT_ONCE, RESTS, Budget
from cockpit.sources.mongo.request_log import RequestLogSource
from cockpit.sources.mongo.source import MongoSource
from sessions.plan.loader import scaled
from sessions.values.readings import Pulse
from tests.support.build import PLAN, T0
from tests.support.faults.slow_server import SlowServer
from tests.support.faults.virtual import run_virtual
from tests.support.sources.mongo_asking import OURS

SPEC = replace(OURS, requests=RequestLog(collection="request_log"))
LIMIT = 0.9 * PLAN.cadence.deadline
FAST_FOR, SLOW_FOR = 200.0, 600.0
JITTER = 1.1
MOST = AT_ONCE + 2
"""Beside the budget: a greeting, and one look through everything."""
POWERS = [0.001, 0.03, 0.1, 0.5]


def records(server, plan=PLAN, budget=None):
    return MongoSource(server.client, SPEC, plan, budget=budget)


def request_log(server, plan=PLAN, budget=None):
    return RequestLogSource(server.client, SPEC, plan, "log", budget=budget)


async def watched(clock, server, sources, spells):
    """Poll through spells of (seconds, power of the server); return all pulses, and what was asked in each spell."""
    pulses, asked = [], []

    def deliver(readings):
        pulses.extend(one for one in readings if isinstance(one, Pulse))

    pollers = [Poller(source, clock, deliver, random.Random(1)) for source in sources]
    polling = [asyncio.ensure_future(poller.run()) for poller in pollers]
    for seconds, power in spells:
        server.power, before = power, server.asked
        await asyncio.sleep(seconds)
        asked.append(server.asked - before)
    for task in polling:
        task.cancel()
    for source in sources:
        await source.aclose()
    return pulses, asked


def seen_again(pulses, since):
    """By topic, how many seconds after `since` it was seen again, its answer included."""
    at, found = T0 + timedelta(seconds=since), {}
    for one in pulses:
        if one.ok and one.at >= at:
            found.setdefault(one.topic, (one.at - at).total_seconds() + one.took_ms / 1000)
    return found


def flown(server, sources, spells):
    return run_virtual(lambda clock: watched(clock, server, sources, spells))


@pytest.mark.parametrize("stops", [True, False], ids=["the server stops at the limit", "it goes on"])
@pytest.mark.parametrize("power", POWERS)
def test_minutes_of_slowness(power, stops):
    server, spells = SlowServer(stops), [(FAST_FOR, 1.0), (SLOW_FOR, power), (200.0, 1.0)]
    source = records(server)
    pulses, asked = flown(server, [source], spells)
    # Where a server works on for ever, what is lost to us is still there: then ever longer is waited for it.
    assert server.peak <= (MOST if stops else 3 * MOST)
    assert server.open == 0
    assert asked[1] / SLOW_FOR <= asked[0] / FAST_FOR, "what is slow is not asked more often"
    again = seen_again(pulses, FAST_FOR + SLOW_FOR)
    assert set(again) == set(source.topics)
    assert max(again.values()) <= 2 * PLAN.cadence.mongo * JITTER


@pytest.mark.parametrize("stops", [True, False], ids=["the server stops at the limit", "it goes on"])
@pytest.mark.parametrize("power", POWERS)
def test_minutes_of_slowness_for_a_request_log(power, stops):
    """It is asked every 15 s, and what it gives up after 4.5 s costs it 45 s at most."""
    server, spells = SlowServer(stops), [(FAST_FOR, 1.0), (SLOW_FOR, power), (200.0, 1.0)]
    pulses, _ = flown(server, [request_log(server)], spells)
    assert server.peak <= ABREAST
    (again,) = seen_again(pulses, FAST_FOR + SLOW_FOR).values()
    assert again <= 2 * PLAN.cadence.traffic * JITTER


@pytest.mark.parametrize("power", POWERS)
def test_at_a_thousand_times_the_speed(power):
    """Nothing rests longer than it took, since its answer would be stale: the budget alone keeps the server free."""
    plan, server = scaled(PLAN, 1000), SlowServer()
    sources = [records(server, plan, budget := Budget()), request_log(server, plan, budget)]
    pulses, _ = flown(server, sources, [(20.0, 1.0), (120.0, power), (30.0, 1.0)])
    assert server.peak <= MOST + 1, "two who greet"
    assert set(seen_again(pulses, 140.0)) == {*sources[0].topics, *sources[1].topics}


def test_short_fits_are_survived():
    """The server stands still for 3 s and runs for 0.7 s, eight times."""
    plan, server = scaled(PLAN, 72), SlowServer(work=0.005)
    source, fits = records(server, plan), [(3.0, 1e-6), (0.7, 1.0)] * 8
    pulses, _ = flown(server, [source], [(20.0, 1.0), *fits, (20.0, 1.0)])
    again = seen_again(pulses, 20.0 + 8 * 3.7)
    assert set(again) == set(source.topics)
    assert max(again.values()) <= 2.0
    assert server.peak <= MOST


def test_every_operation_has_a_limit_that_the_server_keeps():
    server = SlowServer()
    flown(server, [records(server), request_log(server)], [(130.0, 1.0)])
    assert set(server.limits) == {1.8, 2.0, LIMIT, 900.0} - {1.8}


def test_a_question_that_is_slow_itself_rests_ten_times_its_limit():
    server = SlowServer(work=100.0)
    spec = replace(SPEC, topics=("csat",), every=5.0)
    source = MongoSource(server.client, spec, PLAN)
    pulses, _ = flown(server, [source], [(300.0, 1.0)])
    times = [(one.at - T0).total_seconds() for one in pulses]
    assert {one.reason for one in pulses} <= {f"no answer in {LIMIT:g} s", f"too slow: over {LIMIT:g} s"}
    assert all(later - earlier >= RESTS * LIMIT for earlier, later in pairwise(times))
    assert len(times) >= 300 / (RESTS * LIMIT) - 2
