"""What is found in a real Prometheus: the job, its metrics, how often it scrapes, journeys that its counters tell."""

import time

import pytest

from cockpit.settings.models.traffic import Prometheus
from cockpit.settings.schema.secrets import Secrets
from cockpit.setup.look.prometheus import ask_prometheus
from tests.support.peers.real_programs import Exporter, prometheus
from tests.support.peers.small_shop import small_shop
from tests.support.sources.exporters import SEEN, SHAPES, page

pytestmark = pytest.mark.xdist_group("prometheus")


async def until(url, fits):
    """Ask again until what is found fits, for a minute at most."""
    end = time.monotonic() + 60
    while True:
        seen = await ask_prometheus(Prometheus(url=url), Secrets({}))
        if fits(seen):
            return seen
        assert time.monotonic() < end, seen


@pytest.mark.parametrize("shape", ["fastapi", "flask", "express"])
async def test_a_real_prometheus_tells_what_a_page_does(tmp_path, shape):
    events = 'shop_events_total{event="capsule_created"} 3\n'
    exporter = Exporter(lambda: page(shape) + events)
    try:
        with prometheus(tmp_path, [exporter.target], scrape=0.25) as url:
            seen = await until(url, lambda seen: seen.traffic and seen.interval)
    finally:
        exporter.end()
    metrics = seen.traffic.metrics
    assert (metrics.requests, metrics.durations) == SHAPES[shape][1][:2]
    assert {row.name: row.requests for row in seen.traffic.endpoints} == SEEN
    assert seen.job
    assert 0.1 <= seen.interval <= 1
    assert [one.name for one in seen.events] == ["shop_events_total"]


async def test_an_empty_prometheus_says_so(tmp_path):
    with prometheus(tmp_path, []) as url:
        seen = await ask_prometheus(Prometheus(url=url), Secrets({}))
    assert seen.notes == ("prometheus: has no histogram of requests (name_bucket): is the service one of its targets?",)


@pytest.mark.parametrize("answer", [(200, "<html>", 0), (500, "", 0), (200, '{"status": "success", "data": 3}', 0)])
async def test_what_is_no_prometheus_is_a_line(answer):
    async with small_shop(lambda _line: answer) as shop:
        seen = await ask_prometheus(Prometheus(url=f"http://127.0.0.1:{shop.port}"), Secrets({}))
    assert seen.traffic is None
    assert len(seen.notes) == 1
