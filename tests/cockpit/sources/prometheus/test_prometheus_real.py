"""The whole source against a real Prometheus that scrapes real pages, also while its targets die."""

import asyncio
import itertools
import time
from datetime import UTC, datetime

import httpx
import pytest
from msgspec.structs import replace

from cockpit.runtime.finding import Sight
from cockpit.sources.interface.source import SourceError
from cockpit.sources.prometheus.exposure import open_source as open_exposure
from cockpit.sources.prometheus.source import open_source
from cockpit.sources.scrape.source import open_source as open_scrape
from sessions.values.readings import Grain, Traffic
from tests.support.build import PLAN
from tests.support.peers.real_programs import Exporter, prometheus
from tests.support.sources.ordering import order, spec

pytestmark = pytest.mark.xdist_group("prometheus")

SCRAPE = 0.25
WINDOWS = replace(PLAN.windows, length=2.0, settle=0.5, minute=1.0)
CADENCE = replace(PLAN.cadence, traffic=0.25, traffic_stale=1.5, deadline=10)
QUICK = replace(PLAN, endpoints=("GET /concierge", "POST /csat"), windows=WINDOWS, cadence=CADENCE)


class Shop:
    """Counts as many requests as time has passed, at `pace` a second: one in fifty fails, all take 100 to 500 ms."""

    def __init__(self, pace=200):
        self.begun, self.pace = time.monotonic(), pace

    def page(self):
        count = int((time.monotonic() - self.begun) * self.pace)
        lines = []
        for method, path in (("GET", "/concierge"), ("POST", "/csat")):
            labels = f'method="{method}",endpoint="{path}"'
            lines += [f'http_requests_total{{{labels},status="200"}} {count - count // 50}']
            lines += [f'http_requests_total{{{labels},status="503"}} {count // 50}']
            for bound, share in (("0.1", 0.0), ("0.25", 0.5), ("0.5", 1.0), ("1.0", 1.0), ("+Inf", 1.0)):
                lines += [f'http_request_duration_seconds_bucket{{{labels},le="{bound}"}} {count * share}']
        return "\n".join([*lines, ""])


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    """Two instances and the Prometheus that scrapes them, once it has."""
    pages = Exporter(Shop().page), Exporter(Shop().page)
    with prometheus(tmp_path_factory.mktemp("prometheus"), [page.target for page in pages], scrape=SCRAPE) as url:
        deadline = time.monotonic() + 60
        while min(page.answered for page in pages) < 6 and time.monotonic() < deadline:
            time.sleep(0.05)
        yield url, pages
    for page in pages:
        page.end()


def opened(url, text="", since=None, plan=QUICK):
    model = spec("prometheus", f'url = "{url}"\nscrape_interval = "250ms"\n{text}')
    return open_source(replace(order(plan), since=since), model)[0]


async def until(condition, seconds=15.0):
    """Ask until something is so, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := await condition()):
        assert time.monotonic() < deadline, "never came to pass"
        await asyncio.sleep(0.05)
    return found


async def test_windows_of_a_real_service(shops):
    """Two instances of 200 a second each: a window of 2 s holds 800 requests, 16 of them failed."""
    source = opened(shops[0], since=datetime.now(UTC))

    async def closed():
        readings = await source.read(datetime.now(UTC))
        assert readings[-1].ok, readings[-1]
        whole = [one for one in readings[:-1] if one.grain is Grain.WINDOW and one.at >= one.end]
        return [one for one in whole if one.covered >= 0.9]

    found = await until(closed)
    await source.aclose()
    assert {one.endpoint for one in found} == set(QUICK.endpoints)
    for one in found:
        assert one.requests == pytest.approx(800, rel=0.25)
        assert one.errors / one.requests == pytest.approx(0.02, abs=0.01)
        assert one.p95_ms == pytest.approx(475, rel=0.01)
        assert one.over == 0
        assert not one.p95_capped


async def test_a_p95_in_a_bucket_around_the_bound_says_so(shops):
    """It lies somewhere between 250 and 500 ms: nothing to pass 400 ms by."""
    source = opened(shops[0], plan=replace(QUICK, latency=replace(QUICK.latency, p95_ms=400)))

    async def whole():
        readings = await source.read(datetime.now(UTC))
        return [one for one in readings[:-1] if one.at >= one.end and one.covered >= 0.9 and one.p95_ms]

    found = await until(whole)
    await source.aclose()
    assert {(one.bucket_ms, one.over) for one in found} == {((250, 500), None)}


async def test_our_scrape_of_the_same_pages_says_the_same(shops):
    url, pages = shops
    urls = ", ".join(f'"http://{page.target}/metrics"' for page in pages)
    ours, asked = open_scrape(order(QUICK), spec("scrape", f"urls = [{urls}]"))[0], opened(url)
    await ours.read(datetime.now(UTC))

    async def both():
        found = []
        for source in (ours, asked):
            readings = await source.read(datetime.now(UTC))
            found.append({one.endpoint: one for one in readings if _minute(one) and one.requests > 100})
        return found if all(len(one) == 2 for one in found) else None

    scraped, told = await until(both)
    await ours.aclose()
    await asked.aclose()
    for endpoint in QUICK.endpoints:
        assert told[endpoint].bucket_ms == scraped[endpoint].bucket_ms == (250, 500)
        assert told[endpoint].p95_ms == pytest.approx(scraped[endpoint].p95_ms, rel=0.01)


async def test_own_promql_tells_the_exposure(shops):
    """The failed requests stand for the users with the flag: 2 of 100."""
    own = """[exposure]
users = "sum(increase(http_requests_total[$window]))"
exposed = "sum(increase(http_requests_total{status='503'}[$window]))"
"""
    model = spec("prometheus", f'url = "{shops[0]}"\nscrape_interval = "250ms"\n{own}')
    (source,) = open_exposure(order(QUICK), model)

    async def met():
        found, pulse = await source.read(datetime.now(UTC))
        return found if pulse.ok and found.users > 1000 else None

    found = await until(met)
    await source.aclose()
    assert len(found.later) == 3
    for _, users, exposed in ((found.since, found.users, found.exposed), *found.later):
        assert exposed / users == pytest.approx(0.02, abs=0.01)


def _minute(one):
    return isinstance(one, Traffic) and one.grain is Grain.MINUTE


async def test_a_bad_query_says_what_is_bad(shops):
    """Row 43."""
    source = opened(shops[0], '[queries]\nrequests = "sum by ("\nup = "up"\n')
    with pytest.raises(SourceError, match=r"^400: .*parse error"):
        await source.read(datetime.now(UTC))
    await source.aclose()


async def test_an_examination_of_the_real_thing(shops):
    plan = replace(QUICK, endpoints=(*QUICK.endpoints, "GET /nowhere"), latency=replace(QUICK.latency, p95_ms=400))
    source = opened(shops[0], plan=plan)
    seen = {one.what: one for one in await source.examine(datetime.now(UTC))}
    await source.aclose()
    assert seen["server"].text.startswith("version 2.")
    assert (seen["clock"].sight, seen["newest scrape"].sight) == (Sight.GOOD, Sight.GOOD)
    assert (seen["endpoints"].sight, seen["endpoints"].text) == (Sight.WARNING, "2 of 3, missing: GET /nowhere")
    assert (seen["bucket at the bound"].sight, seen["bucket at the bound"].text) == (
        Sight.WARNING,
        "400 ms lies inside 250–500 ms",
    )
    assert seen["targets down"].text == "none"
    assert seen["scrapes"].sight is Sight.GOOD


async def test_labels_of_other_names_are_named_with_the_setting(shops):
    source = opened(shops[0], 'metrics = { endpoint = "route", status = "code" }')
    seen = {one.what: one for one in await source.examine(datetime.now(UTC))}
    await source.aclose()
    fix = seen["endpoints"].fix
    assert seen["endpoints"].sight is Sight.PROBLEM
    seen_there = "http_requests_total: labels seen: endpoint, method, status; "
    assert fix == f'{seen_there}set metrics.endpoint = "endpoint", metrics.status = "status"'


async def test_own_promql_with_other_labels_is_told_by_the_doctor_and_the_watch(shops):
    """The doctor asks what the watch asks: it cannot be good where a watch sees no request."""
    routed = "label_replace(increase(http_requests_total[$window]), 'route', '$1', 'endpoint', '(.*)')"
    queries = f'[queries]\nrequests = "sum by (method, route) ({routed})"\nup = "up"\n'
    source = opened(shops[0], queries)
    seen = {one.what: one for one in await source.examine(datetime.now(UTC))}
    *readings, pulse = await source.read(datetime.now(UTC))
    await source.aclose()
    told = 'queries.requests: no label endpoint: set metrics.endpoint = "route" (labels seen: method, route)'
    assert seen["as the watch"].sight is Sight.PROBLEM
    assert told in seen["as the watch"].text
    assert not readings
    assert told in pulse.note


async def test_a_target_that_is_two_processes_is_told(tmp_path):
    """In turns, as a balancer does it; by the watch and by the doctor."""
    shop, asked = Shop(), itertools.count()
    page = Exporter(lambda: shop.page() + f"process_start_time_seconds {1_795_000_000 + 0.25 * (next(asked) % 2)}\n")
    with prometheus(tmp_path, [page.target], scrape=SCRAPE) as url:
        source = opened(url)

        async def blind():
            try:
                *_, pulse = await source.read(datetime.now(UTC))
            except SourceError:
                return None
            return pulse.reason

        told = await until(blind)
        seen = {one.what: one for one in await source.examine(datetime.now(UTC))}
        await source.aclose()
    page.end()
    assert told == f"two processes answer at this address; {page.target}"
    assert (seen["processes"].sight, seen["processes"].text) == (Sight.PROBLEM, told)


async def test_scrapes_too_seldom_for_the_windows_are_told(shops):
    source = opened(shops[0], plan=replace(QUICK, windows=replace(WINDOWS, minute=0.4)))
    told = [one.text for one in await source.examine(datetime.now(UTC)) if one.sight is Sight.WARNING]
    await source.aclose()
    assert "minute of 0.4s against a scrape each 0.2s" in told


async def test_when_targets_die_nothing_old_passes_for_new(shops):
    """Row 51: a quantile over five minutes goes on answering from old samples; the source says that it is blind."""
    url, pages = shops
    source = opened(url)
    pages[0].end()

    async def half():
        readings = await source.read(datetime.now(UTC))
        minutes = [one for one in readings if _minute(one)]
        return minutes if minutes and all(one.covered <= 0.6 for one in minutes) else None

    assert {one.endpoint for one in await until(half)} == set(QUICK.endpoints)
    pages[1].end()

    async def blind():
        try:
            await source.read(datetime.now(UTC))
        except SourceError as error:
            return str(error)

    assert (await until(blind)).startswith("no scrape for ")
    examined = {one.what: one for one in await source.examine(datetime.now(UTC))}
    await source.aclose()
    assert examined["newest scrape"].sight is Sight.PROBLEM
    assert examined["targets down"].text.startswith("2: 127.0.0.1:")
    query = "histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))"
    async with httpx.AsyncClient() as client:
        answer = (await client.post(f"{url}/api/v1/query", data={"query": query})).json()
    assert float(answer["data"]["result"][0]["value"][1]) == pytest.approx(0.475, rel=0.01)
