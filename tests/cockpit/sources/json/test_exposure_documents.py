"""Exposure out of JSON over a real socket and out of a program: which span is asked about, and what has none."""

import pytest

from cockpit.sources.interface.source import SourceError
from cockpit.sources.json.command import open_source as open_command
from cockpit.sources.json.http import open_source as open_json
from sessions.values.readings import Exposure, Topic
from tests.support.build import PLAN, T0, after
from tests.support.sources.ordering import order, spec

WHOLE = {"users": 812, "exposed": 203}


async def read(source):
    try:
        return await source.read(after(90))
    finally:
        await source.aclose()


async def test_the_newest_twelve_closed_windows_are_asked_about(httpserver):
    """Asked at 10:01:30 the newest window closed at 10:00."""
    asked = "from=2026-11-23T09:00:00Z&to=2026-11-23T10:00:00Z"
    httpserver.expect_oneshot_request("/met", query_string=asked).respond_with_json(WHOLE)
    url = httpserver.url_for("/met") + "?from={start}&to={end}"
    (source,) = open_json(order(PLAN), spec("json", f'url = "{url}"\ntopic = "exposure"'))
    found, pulse = await read(source)
    assert found == Exposure("desk", after(90), after(-3600), 812, 203)
    assert (pulse.topic, pulse.ok, pulse.newest) == (Topic.EXPOSURE, True, None)
    assert source.interval == PLAN.cadence.mongo
    httpserver.check()


async def test_what_names_no_start_must_say_since_when(httpserver):
    httpserver.expect_request("/met").respond_with_json(WHOLE)
    (source,) = open_json(order(PLAN), spec("json", f'url = "{httpserver.url_for("/met")}"\ntopic = "exposure"'))
    with pytest.raises(SourceError, match=r"^since is missing, and the question names no \{start\}"):
        await read(source)


async def test_a_program_tells_it_with_its_own_moments():
    text = '{"users": 9, "exposed": 3, "since": "2026-11-23T08:00:00Z", "newest": "2026-11-23T09:59:30+00:00"}'
    (source,) = open_command(order(PLAN), spec("command", f"argv = ['echo', '{text}']\ntopic = 'exposure'"))
    found, pulse = await read(source)
    assert (found.since, found.users, found.exposed, found.newest) == (after(-7200, T0), 9, 3, after(-30))
    assert pulse.newest == after(-30)
