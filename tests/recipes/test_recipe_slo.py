"""What an SLO file says, taken over as own PromQL: asked of a real Prometheus, each says what was really counted."""

import re
import time
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from sessions.values.readings import Grain
from tests.support.peers.real_programs import prometheus
from tests.support.recipes.page import PATIENT, opened, recipe, said

pytestmark = pytest.mark.xdist_group("prometheus")

FORMS = ("OpenSLO", "Sloth", "Pyrra")
SCRAPE, LENGTH = 15, 300
PACE = {("GET", "/concierge"): (40, 1), ("POST", "/capsules"): (20, 0)}
"""Requests and errors from one scrape to the next; the second endpoint has no series of errors at all."""
SHARES = (("0.1", 0.0), ("0.25", 0.5), ("0.5", 1.0), ("1", 1.0), ("+Inf", 1.0))
P95_MS = 475


def history(start, end):
    """Return what a Prometheus scraped between two moments, as OpenMetrics with a time on each line."""
    rows = {"http_requests": [], "http_request_duration_seconds": [], "up": []}
    for number, at in enumerate(range(start, end, SCRAPE)):
        rows["up"].append(('up{job="shop",instance="a:1"} 1', at))
        for (method, path), (requests, errors) in PACE.items():
            labels = f'job="shop",instance="a:1",method="{method}",path="{path}"'
            good = number * (requests - errors)
            rows["http_requests"].append((f'http_requests_total{{{labels},code="200"}} {good}', at))
            if errors:
                failed = number * errors
                rows["http_requests"].append((f'http_requests_total{{{labels},code="503"}} {failed}', at))
            for edge, share in SHARES:
                count = number * requests * share
                line = f'http_request_duration_seconds_bucket{{{labels},le="{edge}"}} {count}'
                rows["http_request_duration_seconds"].append((line, at))
    kinds = {"http_requests": "counter", "http_request_duration_seconds": "histogram", "up": "gauge"}
    lines = []
    for name, told in rows.items():
        lines.append(f"# TYPE {name} {kinds[name]}")
        lines += [f"{line} {at}" for line, at in sorted(told, key=lambda one: one[0].rpartition(" ")[0])]
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    now = int(time.time()) // SCRAPE * SCRAPE
    with prometheus(tmp_path_factory.mktemp("slo"), history=history(now - 1500, now + SCRAPE)) as url:
        yield url, now // LENGTH * LENGTH


@pytest.mark.parametrize("form", FORMS)
async def test_the_queries_of_an_slo_say_what_was_counted(form, server):
    url, end = server
    made = recipe("slo-files.md", form)
    settings = made.settings(at={"https://prometheus.example.org": url})
    plan = replace(PATIENT, cadence=replace(PATIENT.cadence, traffic_stale=3600))
    now = datetime.now(UTC)
    source = await opened(settings, plan=plan, since=datetime.fromtimestamp(end - 2 * LENGTH, UTC))
    try:
        readings = await source.read(now)
        assert set(made.doctor) <= set(said(await source.examine(now)))
    finally:
        await source.aclose()
    start = datetime.fromtimestamp(end - LENGTH, UTC)
    closed = {one.endpoint: one for one in readings[:-1] if one.grain is Grain.WINDOW and one.start == start}
    assert set(closed) == set(settings.endpoints)
    for (method, path), (requests, errors) in PACE.items():
        one = closed[f"{method} {path}"]
        assert one.requests == pytest.approx(requests * LENGTH / SCRAPE, rel=0.01)
        assert one.errors == pytest.approx(errors * LENGTH / SCRAPE, rel=0.01)
        assert one.p95_ms == pytest.approx(P95_MS, rel=0.01)
        assert one.covered >= 0.9


def flat(text):
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("form", FORMS)
def test_the_snippet_holds_what_the_file_says(form):
    """Each selector of the SLO stands in the queries, as it is there; of a bucket's, all but its edge."""
    made = recipe("slo-files.md", form)
    queries = made.settings().sources["slo"].queries
    said = "".join(made.blocks["yaml"])
    counted = [flat(one) for one in re.findall(r"http_requests_total\{[^}]*\}", said)]
    assert len(counted) == 2
    failed, every = counted
    assert f"increase({every}[$window])" in flat(queries.requests)
    assert f"increase({failed}[$window])" in flat(queries.errors)
    assert flat(queries.errors).endswith(f"or0*{flat(queries.requests)}")
    for bucket in re.findall(r"http_request_duration_seconds_bucket\{[^}]*\}", said):
        assert f"rate({re.sub(r',le=[^}]*', '', flat(bucket))}[$window])" in flat(queries.p95)
