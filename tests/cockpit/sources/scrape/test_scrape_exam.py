"""What `cockpit doctor` hears from a scrape source: what was seen, and what to do about each weakness."""

from datetime import UTC, datetime, timedelta

import pytest
from werkzeug import Response

from cockpit.runtime.finding import Sight
from cockpit.settings.models.traffic import Metrics
from sessions.values.readings import Pulse
from tests.support.build import PLAN, T0
from tests.support.sources.scrape_kit import Service, page, peer, reply, scraping


async def examined(httpserver, service, now=T0, metrics=None):
    """Return the findings on one service, by what was looked at; the instance itself goes by its first answer."""
    httpserver.clear()
    httpserver.expect_request("/metrics").respond_with_handler(service)
    async with scraping(httpserver.url_for("/metrics"), metrics=metrics) as source:
        found = await source.examine(now)
    place = f"localhost:{httpserver.port}"
    return [(one.sight, one.what.replace(place, "it"), one.text, one.fix) for one in found]


def whole(**more):
    service = Service(**more)
    for endpoint in PLAN.endpoints:
        service.serve(endpoint, 0.2)
    return service


async def test_a_whole_service_is_good(httpserver):
    found = await examined(httpserver, whole().answer, datetime.now(UTC))
    assert [(sight, what) for sight, what, _, _ in found] == [
        (Sight.GOOD, "it"),
        (Sight.GOOD, "endpoints"),
        (Sight.GOOD, "buckets"),
    ]
    assert found[0][2].endswith(" series, newest data now")
    assert " ms, " in found[0][2]
    assert found[1][2] == f"{len(PLAN.endpoints)} of {len(PLAN.endpoints)} of the plan counted and timed"
    assert found[2][2] == "0.5 s is the edge of a bucket"


async def test_an_examination_counts_nothing(httpserver):
    service = whole()
    httpserver.expect_request("/metrics").respond_with_handler(service.answer)
    async with scraping(httpserver.url_for("/metrics")) as source:
        await source.examine(T0)
        assert [type(one) for one in await source.read(T0 + timedelta(seconds=15))] == [Pulse]


@pytest.mark.parametrize(
    ("answer", "told", "fix"),
    [
        (Response("up 1\n", 401), "401, credentials?", "give token, or user and password"),
        (Response("up 1\n", 404), "404", "correct the path of the address"),
        (
            Response("", 302, {"Location": "https://in.example/login"}),
            "redirected to in.example",
            "write the address that it redirects to",
        ),
        (page(b"<html>\n", "text/html"), "not Prometheus text", "is this the right address?"),
        (Response("up 1\n", 503), "503", "is it running"),
    ],
)
async def test_an_instance_that_gives_no_answer(httpserver, answer, told, fix):
    ((sight, what, text, advised),) = await examined(httpserver, lambda request: answer)
    assert (sight, what, text) == (Sight.PROBLEM, "it", told)
    assert advised.startswith(fix)


async def test_every_instance_is_told_by_itself(httpserver):
    """Row 41."""
    httpserver.expect_request("/metrics").respond_with_handler(whole().answer)
    async with peer() as (dead, _):
        pass
    async with scraping(dead, httpserver.url_for("/metrics")) as source:
        found = await source.examine(datetime.now(UTC))
    assert (found[0].sight, found[0].text) == (Sight.PROBLEM, "refused")
    assert found[0].what == dead.removeprefix("http://").removesuffix("/metrics")
    assert [one.sight for one in found[1:]] == [Sight.GOOD] * 3


async def test_metrics_of_other_names(httpserver):
    found = await examined(httpserver, whole().answer, datetime.now(UTC), Metrics(requests="hits", durations="took"))
    assert [(sight, text) for sight, _, text, _ in found[1:]] == [
        (Sight.PROBLEM, "no hits"),
        (Sight.PROBLEM, "no took_bucket"),
    ]
    names = 'metrics.requests = "http_requests_total", metrics.durations = "http_request_duration_seconds"'
    assert found[1][3] == found[2][3] == f"set {names}"


async def test_endpoints_that_the_plan_names_otherwise(httpserver):
    service = Service()
    service.serve("POST /capsules/{id}", 0.2)
    service.serve("POST /csat", 0.2)
    found = {what: (sight, text, fix) for sight, what, text, fix in await examined(httpserver, service.answer)}
    sight, text, fix = found["endpoints"]
    assert (sight, text.startswith(f"1 of {len(PLAN.endpoints)} of the plan counted and timed; not ")) == (
        Sight.WARNING,
        True,
    )
    assert fix == "the page has POST /capsules/{id}; set endpoints, or the labels in metrics"


async def test_no_endpoint_of_the_plan_at_all(httpserver):
    service = Service()
    service.serve("GET /\x1b[2Jowned", 0.2)
    found = {what: (sight, text, fix) for sight, what, text, fix in await examined(httpserver, service.answer)}
    assert found["endpoints"][0] is Sight.PROBLEM
    assert found["endpoints"][2].startswith("the page has GET /^[[2Jowned")


async def test_an_endpoint_that_is_counted_and_not_timed(httpserver):
    service = whole()
    service.requests.labels("POST", "/csat", 200).inc()
    service.times.remove("POST", "/csat")
    found = {what: text for _, what, text, _ in await examined(httpserver, service.answer)}
    assert found["endpoints"].endswith("not POST /csat")


async def test_a_bound_inside_a_bucket_is_a_warning(httpserver):
    found = await examined(httpserver, whole(buckets=(0.4, 0.75)).answer)
    sight, _, text, fix = found[-1]
    assert (sight, text) == (Sight.WARNING, "500 ms lies inside a bucket (400–750 ms)")
    assert fix == "give the histogram a bucket at 0.5 s, and one above it"


@pytest.mark.parametrize(
    ("off", "told"),
    [
        (-200, "its clock is 3m20s ahead of ours"),
        (200, "its clock is 3m19s behind ours"),
    ],
)
async def test_clocks_that_differ(httpserver, off, told):
    """Row 52."""
    found = await examined(httpserver, whole().answer, datetime.now(UTC) + timedelta(seconds=off))
    words = [text for sight, what, text, _ in found if (sight, what) == (Sight.WARNING, "it")]
    assert len(words) == 1
    assert words[0].rpartition("s ")[2] == told.rpartition("s ")[2]
    assert words[0].startswith("its clock is 3m")


async def test_lines_that_cannot_be_read_are_counted(httpserver):
    """Row 54."""
    few = whole().text() + b"up 1\n" * 21 + b"bad line\n"
    found = await examined(httpserver, lambda request: page(few), datetime.now(UTC))
    assert found[1][:3] == (Sight.WARNING, "it", "1 of 100 lines unreadable")
    many = await examined(httpserver, lambda request: page(few + b"bad line\n"), datetime.now(UTC))
    assert many[1][:3] == (Sight.PROBLEM, "it", "2 of 101 lines unreadable")


async def test_samples_with_a_time_say_how_old_they_are():
    """Row 51."""
    line = 'http_requests_total{method="POST",endpoint="/csat",status="200"} 5 %d\n'
    for age, told in ((12, "newest data 12s old"), (250, "samples are 4m10s old")):
        stamp = int((T0.timestamp() - age) * 1000)
        async with peer(reply((line % stamp).encode())) as (url, _), scraping(url) as source:
            first = (await source.examine(T0))[0]
        assert told in first.text
    assert (first.sight, first.fix.startswith("scrape the service itself")) == (Sight.PROBLEM, True)


OTHER = b"""http_requests_total{method="GET",path="/csat",code="200"} 5
http_request_duration_seconds_bucket{method="GET",path="/csat",le="0.5"} 5
http_request_duration_seconds_bucket{method="GET",path="/csat",le="+Inf"} 5
"""


@pytest.mark.parametrize(
    ("body", "told", "fix"),
    [
        (
            OTHER,
            "http_requests_total has no label endpoint, status",
            'labels seen: code, method, path; set metrics.endpoint = "path", metrics.status = "code"',
        ),
        (
            OTHER.replace(b"path=", b"endpoint=").replace(b",code=", b",pod="),
            "http_requests_total has no label status",
            "labels seen: endpoint, method, pod; say with metrics.status which it is",
        ),
        (
            b"http_requests_total 5\n",
            "http_requests_total has no label method, endpoint, status",
            "labels seen: none; say with metrics.method, metrics.endpoint, metrics.status which it is",
        ),
    ],
)
async def test_labels_of_other_names_are_named_with_the_setting(httpserver, body, told, fix):
    body = body.replace(b'"GET"', b'"POST"')
    found = await examined(httpserver, lambda request: page(body))
    assert (Sight.PROBLEM, "it", told, fix) in found
    assert not [one for one in found if "promtool" in one[3] or "unreadable" in one[2]]


async def test_the_watch_names_them_too(httpserver):
    httpserver.expect_request("/metrics").respond_with_handler(lambda request: page(OTHER + b"up 1\n" * 999))
    async with scraping(httpserver.url_for("/metrics")) as source:
        (pulse,) = await source.read(T0)
    assert not pulse.ok
    assert pulse.reason.startswith(
        'http_requests_total: no label endpoint, status: set metrics.endpoint = "path", metrics.status = "code" (labels'
    )
