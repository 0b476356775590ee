"""The recipes of programs that are not at hand, put to pages in their shape."""

from datetime import timedelta

import pytest
from werkzeug import Response

from tests.support.build import T0
from tests.support.recipes.page import opened, recipe, said
from tests.support.recipes.recorded import collector, spring
from tests.support.recipes.shop import Truth, agree, minutes

ADDRESSES = {
    "Spring (Micrometer)": (spring, "https://shop.example.org/actuator/prometheus"),
    "OpenTelemetry collector": (collector, "http://collector.example.org:8889/metrics"),
}
BEFORE = [("GET /concierge", 200, 0.03), ("POST /capsules", 201, 0.05)] * 7
MEANWHILE = [
    *(("GET /concierge", 503 if number < 3 else 200, 0.1 + number / 200) for number in range(60)),
    *(("POST /capsules", 422 if number < 4 else 201, 0.2 + number / 100) for number in range(40)),
    *(("GET /health", 200, 0.001) for _ in range(30)),
]


def truth_of(requests, endpoints):
    found = {endpoint: Truth() for endpoint in endpoints}
    for endpoint, status, took in requests:
        if endpoint in found:
            found[endpoint].statuses.append(status)
            found[endpoint].took_ms.append(took * 1000)
    return found


@pytest.mark.parametrize("title", ADDRESSES)
async def test_a_page_in_that_shape_is_read_with_the_pages_snippet(title, httpserver):
    write, address = ADDRESSES[title]
    held = {"requests": BEFORE}
    httpserver.expect_request("/metrics").respond_with_handler(
        lambda _: Response(write(held["requests"]), content_type="text/plain; version=0.0.4; charset=utf-8")
    )
    made = recipe("frameworks.md", title)
    settings = made.settings(at={address: httpserver.url_for("/metrics")})
    source = await opened(settings)
    await source.read(T0)
    held["requests"] = [*BEFORE, *MEANWHILE]
    readings = minutes(await source.read(T0 + timedelta(seconds=15)))
    truth = truth_of(MEANWHILE, settings.endpoints)
    for endpoint, one in readings.items():
        agree({endpoint: one}, {endpoint: truth[endpoint]}, floor_ms=truth[endpoint].p95_ms)
    assert readings.keys() == truth.keys()
    assert set(made.doctor) <= set(said(await source.examine(T0 + timedelta(seconds=16))))
    await source.aclose()


def test_the_truth_is_about_what_can_go_wrong():
    """Errors of one kind and refusals of another, a p95 on either side of the plan's bound."""
    found = truth_of(MEANWHILE, ("GET /concierge", "POST /capsules"))
    assert [(one.requests, one.errors) for one in found.values()] == [(60, 3), (40, 0)]
    assert [round(one.p95_ms) for one in found.values()] == [380, 570]
