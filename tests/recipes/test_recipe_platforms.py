"""The recipes of platforms, each asked through the page's snippet: what the platform counted is what is told."""

import json
import re
from urllib.parse import parse_qs

import pytest
from werkzeug import Response

from sessions.values.readings import Beat, Exposure, Pulse, Traffic, Triage
from tests.support.build import PLAN, T0, after
from tests.support.peers.real_programs import program
from tests.support.recipes import vendors
from tests.support.recipes.page import opened, recipe, said
from tests.support.recipes.vendors import END, ENDPOINTS, START, TRUTH

JOURNEY = PLAN.journeys[0].id
ENVIRON = {name: f"{name.lower()}-canary" for name in ("DD_API_KEY", "DD_APP_KEY", "SENTRY_TOKEN", "POSTHOG_KEY")}


@pytest.fixture
def host(httpserver):
    return httpserver.url_for("").rstrip("/")


async def read(settings, environ=ENVIRON, at=T0):
    """Return what the source of some settings reads, and what the doctor would say of it."""
    source = await opened(settings, environ)
    try:
        *readings, pulse = await source.read(at)
        assert isinstance(pulse, Pulse)
        assert pulse.ok, pulse
        return readings, said(await source.examine(at))
    finally:
        await source.aclose()


def agrees(readings, names=ENDPOINTS):
    """Hold what was read against what the platform counted."""
    assert [one.endpoint for one in readings] == list(names)
    for one, name in zip(readings, ENDPOINTS, strict=True):
        assert isinstance(one, Traffic)
        assert (one.start, one.end) == (START, END)
        assert (one.requests, one.errors) == (TRUTH[name].requests, TRUTH[name].errors)
        assert one.p95_ms == pytest.approx(TRUTH[name].p95_ms)


def like(line):
    """A line of the doctor without its figures of time."""
    return re.sub(r"\d+ ms", "# ms", line)


def held_by(made, told, source):
    """What the page says of this source is what the doctor says."""
    wanted = [like(line) for line in made.doctor if f" {source} " in line]
    assert wanted
    assert all(line in [like(one) for one in told] for line in wanted), told


async def test_datadog_is_asked_by_columns(httpserver, host):
    def answer(request):
        assert request.headers["DD-API-KEY"] == "dd_api_key-canary"
        assert request.headers["DD-APPLICATION-KEY"] == "dd_app_key-canary"
        return Response(json.dumps(vendors.datadog(request.json)), content_type="application/json")

    httpserver.expect_request("/api/v2/query/scalar", method="POST").respond_with_handler(answer)
    made = recipe("platforms.md", "Datadog")
    settings = made.settings(at={"https://api.datadoghq.eu": host})
    readings, told = await read(settings)
    agrees(readings, settings.endpoints)
    held_by(made, told, "datadog")


async def test_cloudwatch_is_asked_by_the_real_aws_program(httpserver, host, monkeypatch):
    """The program signs the request; the peer answers in the protocol that it speaks."""
    program("aws")

    def answer(request):
        assert request.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
        assert request.headers["X-Amz-Target"] == "GraniteServiceVersion20100801.GetMetricData"
        body = vendors.cloudwatch(json.loads(request.data))
        return Response(json.dumps(body), content_type="application/x-amz-json-1.0")

    httpserver.expect_request("/", method="POST").respond_with_handler(answer)
    for name, value in {
        "AWS_ENDPOINT_URL": host,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    made = recipe("platforms.md", "CloudWatch")
    readings, told = await read(made.settings())
    agrees(readings)
    held_by(made, told, "cloudwatch")


async def test_transactions_of_sentry_are_traffic(httpserver, host):
    path = "/api/0/organizations/shop/events/"

    def answer(request):
        assert request.headers["Authorization"] == "Bearer sentry_token-canary"
        body = vendors.sentry_events(parse_qs(request.query_string.decode()))
        return Response(
            json.dumps(body), headers={"Link": vendors.sentry_pages(host + path)}, mimetype="application/json"
        )

    httpserver.expect_request(path).respond_with_handler(answer)
    made = recipe("platforms.md", "Sentry")
    block = made.blocks["toml"][1]
    readings, told = await read(made.settings(block, at={"https://sentry.io": host}))
    agrees(readings)
    held_by(made, told, "transactions")


async def test_fatal_issues_of_sentry_are_the_triage_log(httpserver, host):
    path = "/api/0/projects/shop/concierge/issues/"
    issue = {"level": "fatal", "title": "KeyError: 'look'", "firstSeen": "2026-11-23T09:00:00.123456Z", "count": "3"}
    issues = [
        {**issue, "id": "6", "status": "unresolved", "substatus": "new"},
        {**issue, "id": "7", "status": "resolved"},
        {**issue, "id": "8", "status": "reprocessing"},
    ]
    httpserver.expect_request(path).respond_with_json(issues, headers={"Link": vendors.sentry_pages(host + path)})
    made = recipe("platforms.md", "Sentry")
    readings, _ = await read(made.settings(made.blocks["toml"][0], at={"https://sentry.io": host}))
    (found,) = readings
    assert isinstance(found, Triage)
    assert {line.id: line.open for line in found.critical} == {"6": True, "7": False, "8": True}


@pytest.fixture
def posthog(httpserver, host):
    def answer(request):
        assert request.headers["Authorization"] == "Bearer posthog_key-canary"
        return Response(json.dumps(vendors.posthog(request.json, JOURNEY)), content_type="application/json")

    httpserver.expect_request("/api/projects/12345/query/", method="POST").respond_with_handler(answer)
    made = recipe("platforms.md", "PostHog")
    return made, [made.settings(block, at={"https://eu.posthog.com": host}) for block in made.blocks["toml"]]


async def test_events_of_posthog_are_journeys(posthog):
    _, (journeys, _) = posthog
    (beat,), _ = await read(journeys)
    assert isinstance(beat, Beat)
    assert (beat.journey, beat.newest, beat.count) == (JOURNEY, after(-60), 12)


async def test_evaluations_in_posthog_say_who_has_the_flag(posthog):
    made, (_, exposed) = posthog
    (found,), told = await read(exposed)
    assert isinstance(found, Exposure)
    assert (found.users, found.exposed, found.since, found.newest) == (812, 203, after(-3600), after(-60))
    held_by(made, told, "exposed")
