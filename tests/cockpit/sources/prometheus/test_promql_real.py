"""Our PromQL on the real Prometheus over a written history: every request counted once, whatever instances do.

The window is five minutes from START; what happens in it stands in `written_history.spoken`.
"""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest

from cockpit.sources.prometheus.api import Api
from cockpit.sources.prometheus.cells import Cells, Frame, otherwise, sorted_by_time, traffic
from cockpit.sources.prometheus.promql import Span, Wording
from cockpit.sources.scrape.exposition import Exposition
from cockpit.sources.scrape.windows import Windows
from sessions.values.readings import Grain
from tests.support.build import PLAN
from tests.support.peers.real_programs import prometheus
from tests.support.peers.written_history import BEFORE, LENGTH, START, STEP, spoken
from tests.support.sources.ordering import spec

pytestmark = pytest.mark.xdist_group("prometheus")

CASES = ("steady", "newborn", "endpoint-born", "burst", "restart", "gone", "long-gone", "moved", "capped", "quiet")
MORE = ("young", "old", "back", "unlabelled", "late", "torn", "refused")
ENDPOINTS = tuple(f"GET /{case}" for case in (*CASES, *MORE))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with prometheus(tmp_path_factory.mktemp("prometheus"), history=spoken().text()) as url:
        yield url


async def window(url, text="", offset=0, bound=500):
    """Return the readings of the window `offset` s after START by endpoint, with what was doubtful."""
    model = spec("prometheus", f'url = "{url}"\n{text}')
    wording, span = Wording(model, ENDPOINTS, bound), Span(LENGTH, STEP)
    async with httpx.AsyncClient(timeout=20) as client:
        end = START + offset + LENGTH
        answer = await Api(client, url).over(wording.traffic(span, "w"), end, end + 0.001, LENGTH)
    assert answer.warnings == ()
    cells = sorted_by_time(answer.rows, model, "w").get(float(end), Cells())
    frame = Frame("prom", moment(end), Grain.WINDOW, moment(START + offset), moment(end), span.steps)
    readings, doubts = traffic(cells, frame, ENDPOINTS, model)
    return {one.endpoint.removeprefix("GET /"): one for one in readings}, doubts


def moment(epoch):
    return datetime.fromtimestamp(epoch, UTC)


async def ask(url, query, at):
    async with httpx.AsyncClient(timeout=20) as client:
        answer = await Api(client, url).over(query, at, at + 0.001, LENGTH)
    return {row.labels.get("endpoint", ""): row.points[0][1] for row in answer.rows}


@pytest.fixture(scope="module")
def told(server):
    return asyncio.run(window(server, 'selector = \'job="shop", instance=~"a|b"\''))


async def test_all_instances_and_statuses_together(told):
    readings, doubts = told
    steady = readings["steady"]
    assert doubts == ["p95: a bucket that grew more than +Inf, for GET /torn"]
    assert (steady.requests, steady.errors, steady.covered, steady.reset) == (280, 0, 1, False)
    assert (steady.over, steady.p95_capped) == (pytest.approx(0.1), False)
    assert steady.p95_ms == pytest.approx(500 + 500 * 0.05 / 0.07)


async def test_refused_requests_are_counted_and_nobody_is_served(told):
    refused = told[0]["refused"]
    assert refused.requests == refused.refused > 0
    assert (refused.served, refused.errors, told[0]["steady"].refused) == (0, 0, 0)


async def test_a_series_that_is_born_with_errors_counts_from_zero(server, told):
    """`increase` alone says 0 here: the false green that this is about."""
    assert (told[0]["newborn"].errors, told[0]["newborn"].requests) == (5, 145)
    naive = 'sum by (endpoint) (increase(http_requests_total{status=~"5..",endpoint="/newborn"}[5m]))'
    assert await ask(server, naive, START + LENGTH) == {"/newborn": 0}


async def test_an_endpoint_that_is_born_counts_all_it_shows(told):
    born = told[0]["endpoint-born"]
    assert born.requests == 30 + 18
    assert born.p95_ms == pytest.approx(500 + 500 * 18.5 / 20)
    assert born.covered == pytest.approx(0.9, abs=0.06)


async def test_errors_between_two_windows_are_counted_in_one_of_them(server, told):
    earlier, _ = await window(server, offset=-LENGTH)
    later, _ = await window(server, offset=LENGTH)
    assert [one["burst"].errors for one in (earlier, told[0], later)] == [0, 50, 0]
    assert [one["burst"].requests for one in (earlier, told[0], later)] == [140, 190, 140]


async def test_a_restart_is_no_spike_and_no_loss(told):
    """Row 49."""
    found = told[0]["restart"]
    assert found.reset
    assert found.requests == pytest.approx(140, rel=0.06)
    assert found.p95_ms == pytest.approx(500 + 500 * 0.05 / 0.07, rel=0.01)


async def test_series_that_vanish(told):
    """Row 50."""
    assert 0.5 <= told[0]["gone"].covered <= 0.65
    assert "long-gone" not in told[0]


async def test_a_rolling_deploy_is_whole(told):
    """Row 50: new names of instances, the endpoint was there all the time."""
    assert told[0]["moved"].covered == 1
    assert told[0]["moved"].requests == pytest.approx(140, abs=8)


async def test_a_p95_over_all_buckets_is_capped(told):
    assert (told[0]["capped"].p95_ms, told[0]["capped"].p95_capped) == (2500, True)


async def test_no_requests_is_a_reading_of_none(told):
    """Row 53."""
    quiet = told[0]["quiet"]
    assert (quiet.requests, quiet.errors, quiet.p95_ms, quiet.covered) == (0, 0, None, 1)


async def test_requests_without_a_status_are_none(told):
    """Where the label has another name no error could be told: nothing is better than a zero."""
    assert "unlabelled" not in told[0]


async def test_young_processes_count_from_zero_and_old_ones_from_their_first_sample(server):
    """Row 49: a total of 100,000 that Prometheus meets for the first time is no spike."""
    readings, _ = await window(server)
    assert readings["young"].errors == 5
    assert readings["old"].requests == pytest.approx(150, rel=0.15)
    assert readings["back"].requests == pytest.approx(135, rel=0.15)


async def test_instances_that_are_down_lower_the_cover_and_other_jobs_do_not(server):
    """`back` is down for half of the window, one of up to five of the job; `exporter` is none of ours."""
    readings, _ = await window(server)
    assert readings["steady"].covered == pytest.approx((20 * 2 + 10 + 10 + 10) / (20 * 3 + 10 * 2), abs=0.04)
    alone, _ = await window(server, "selector = 'instance=\"back\"'")
    assert alone["back"].covered == pytest.approx(0.5, abs=0.1)


async def test_an_instance_that_left_the_service_discovery_costs_nothing(server):
    """After `young` and `old` came, `steady` is as whole as before: nobody is missed who is not expected."""
    readings, _ = await window(server, offset=-LENGTH, text='selector = \'job="shop", instance=~"a|b|young|old"\'')
    assert readings["steady"].covered == 1


@pytest.mark.parametrize(("bound", "over"), [(500, 0.1), (1000, 0.03), (2500, 0), (300, None)])
async def test_the_share_over_a_bound_is_told_where_it_is_an_edge(server, bound, over):
    readings, _ = await window(server, bound=bound)
    assert readings["steady"].over == (None if over is None else pytest.approx(over, abs=1e-6))


async def test_a_bucket_line_that_comes_late_counts_as_prometheus_counts_it(server, told):
    """From zero it would be 1,250 requests below 250 ms in a window of 400: a p95 of 95 ms."""
    plain = "histogram_quantile(0.95, sum by (le, endpoint) (rate(http_request_duration_seconds_bucket[5m])))"
    assert told[0]["late"].p95_ms == pytest.approx(1000 * (await ask(server, plain, START + LENGTH))["/late"], rel=0.01)
    assert told[0]["late"].p95_ms == pytest.approx(500 + 500 * 0.05 / 0.07, rel=0.01)


async def test_a_bucket_that_grew_more_than_all_has_no_p95(server, told):
    """Prometheus levels such buckets and gives a figure."""
    torn = told[0]["torn"]
    assert (torn.requests, torn.p95_ms, torn.over) == (400, None, None)
    assert torn.no_p95 == "a bucket that grew more than +Inf"
    plain = "histogram_quantile(0.95, sum by (le, endpoint) (rate(http_request_duration_seconds_bucket[5m])))"
    assert (await ask(server, plain, START + LENGTH))["/torn"] > 0


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ("twins", "two processes answer at this address; twins"),
        ("hidden", "two processes answer at this address; hidden"),
        ("forked", "two processes answer at this address; forked"),
        ("clocked", "two processes answer at this address; clocked"),
        ("rounded", None),
        ("once", None),
        ("deployed", None),
        ("crashing", "restarts again and again; crashing"),
    ],
)
@pytest.mark.parametrize("chosen", ["selector = 'job=\"{}\"'", "queries = {{ up = 'up{{job=\"{}\"}}' }}"])
async def test_instances_that_are_several_processes_are_told(server, job, said, chosen):
    wording = Wording(spec("prometheus", f'url = "{server}"\n{chosen.format(job)}'), ("GET /life",), 500)
    end = START + LENGTH
    async with httpx.AsyncClient(timeout=20) as client:
        answer = await Api(client, server).over(wording.several(Span(LENGTH, STEP)), end, end + 0.001, LENGTH)
    assert otherwise(answer.rows) == ({end: said} if said else {})


@pytest.mark.parametrize("case", ["steady", "restart", "capped", "endpoint-born"])
async def test_our_scrape_says_the_same(server, told, case):
    """Our own windows over the same samples, and Prometheus' plain words for it."""
    samples = spoken().samples
    ours = Windows(PLAN.windows, STEP, "scrape", 0.5)
    pages = {instance: Exposition(ENDPOINTS, spec("scrape", 'urls = ["http://x/"]').metrics) for instance in "ab"}
    found = {}
    for at in range(BEFORE, LENGTH + 1, STEP):
        for instance, page in pages.items():
            lines = [
                f"{name}{{{labels}}} {value}"
                for (name, labels), row in samples.items()
                if f'instance="{instance}"' in labels and name.startswith("http")
                for when, value in row
                if when == at
            ]
            ours.feed(instance, moment(START + at), page.read("\n".join([*lines, ""])).values)
        found |= {(one.endpoint, one.start): one for one in ours.readings(moment(START + at))}
    scraped = found[f"GET /{case}", moment(START)]
    asked = told[0][case]
    assert asked.requests == pytest.approx(scraped.requests, rel=0.06)
    assert asked.p95_ms == pytest.approx(scraped.p95_ms, rel=0.01)
    assert asked.p95_capped == scraped.p95_capped
    assert asked.reset == scraped.reset
    plain = "histogram_quantile(0.95, sum by (le, endpoint) (rate(http_request_duration_seconds_bucket[5m])))"
    if case != "endpoint-born":
        assert (await ask(server, plain, START + LENGTH))[f"/{case}"] * 1000 == pytest.approx(asked.p95_ms, rel=0.01)


async def test_a_native_histogram_is_asked_for_in_words_the_server_knows(server):
    readings, _ = await window(server, "native = true")
    assert readings["steady"].p95_ms is None
    assert readings["steady"].requests == 280


async def test_own_promql(server):
    text = """
[queries]
requests = 'sum by (method, endpoint) (increase(http_requests_total{instance="a"}[$window]))'
errors = '''
sum by (method, endpoint) (increase(http_requests_total{instance="a", status=~"5.."}[$window]))
or 0 * sum by (method, endpoint) (http_requests_total{instance="a"})'''
p95 = 'histogram_quantile(0.95, sum by (le, method, endpoint) (rate(http_request_duration_seconds_bucket[$window])))'
up = 'up{instance="a"}'
"""
    readings, doubts = await window(server, text)
    assert doubts[:1] == ["p95 nan for GET /endpoint-born"]
    assert readings["steady"].requests == pytest.approx(140, abs=8)
    assert (readings["steady"].errors, readings["steady"].covered) == (0, 1)
    assert readings["steady"].p95_ms == pytest.approx(500 + 500 * 0.05 / 0.07, rel=0.01)
