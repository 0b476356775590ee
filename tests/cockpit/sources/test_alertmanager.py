"""Alertmanager's alerts as incidents: against the real program, and every wrong answer by a server of the test's."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from msgspec.structs import replace
from werkzeug import Response

from cockpit.runtime.finding import Sight
from cockpit.sources.alertmanager import KEPT, open_source
from cockpit.sources.interface.source import SourceError
from sessions.values.readings import Alerts, Pulse, Topic, TriageLine
from tests.support.build import PLAN, T0, after
from tests.support.peers.real_programs import alertmanager
from tests.support.sources.ordering import order, spec

LONG = replace(PLAN, cadence=replace(PLAN.cadence, deadline=10))


def fired(name="a1", severity="critical", at=T0, **more):
    labels = {"alertname": "SlowCapsules", "severity": severity}
    return {"fingerprint": name, "startsAt": at.isoformat(), "labels": labels, "annotations": {}, **more}


class Server:
    """Answers with what the test set."""

    def __init__(self, httpserver):
        self.body, self.status = "[]", 200
        httpserver.expect_request("/am/api/v2/alerts").respond_with_handler(self.answer)
        self.url = httpserver.url_for("/am")
        self.asked = []

    def answer(self, request):
        self.asked.append(request.args.to_dict(flat=False))
        return Response(self.body, status=self.status, content_type="application/json")

    def fire(self, *alerts):
        self.body = json.dumps(alerts)


@pytest.fixture
def server(httpserver):
    return Server(httpserver)


@pytest.fixture
async def opened():
    sources = []

    def give(url, text=""):
        (source,) = open_source(order(LONG), spec("alertmanager", f'url = "{url}"\n{text}'))
        sources.append(source)
        return source

    yield give
    for source in sources:
        await source.aclose()


async def read(source, at=T0):
    alerts, pulse = await source.read(at)
    assert isinstance(alerts, Alerts)
    assert isinstance(pulse, Pulse)
    assert pulse.topic is Topic.ALERTS
    return alerts, pulse


async def test_nothing_fires(server, opened):
    alerts, pulse = await read(opened(server.url, "filters = ['service=\"shop\"', 'team!=\"x\"']"))
    assert (alerts.critical, alerts.firing, pulse.ok, pulse.newest) == ((), 0, True, T0)
    quiet = {"active": ["true"], "silenced": ["false"], "inhibited": ["false"]}
    assert server.asked == [{**quiet, "filter": ['service="shop"', 'team!="x"']}]


async def test_the_severities_that_hold_the_gate(server, opened):
    server.fire(fired("a1"), fired("a2", "warning"), fired("a3", "page", after(60)), {**fired("a4"), "labels": {}})
    alerts, _ = await read(opened(server.url))
    assert ([line.id for line in alerts.critical], alerts.firing) == (["a3", "a1"], 4)
    own, _ = await read(opened(server.url, 'critical = ["warning"]'))
    assert [line.id for line in own.critical] == ["a2"]


async def test_what_people_wrote_is_cleaned(server, opened):
    server.fire(fired(annotations={"summary": "p95 \u001b[2J over\nbound"}), fired("a2", annotations={"x": "y"}))
    alerts, _ = await read(opened(server.url))
    assert {line.title for line in alerts.critical} == {"SlowCapsules: p95 ^[[2J over bound", "SlowCapsules"}


async def test_an_alert_that_fired_stays_told_when_it_is_over(server, opened):
    source = opened(server.url)
    server.fire(fired("a1"), fired("a2", at=after(30)))
    await read(source)
    server.fire(fired("a2", at=after(30)))
    alerts, _ = await read(source, after(60))
    assert [(line.id, line.open) for line in alerts.critical] == [("a2", True), ("a1", False)]
    server.fire(fired("a1", at=after(90)))
    alerts, _ = await read(source, after(120))
    assert [(line.id, line.at, line.open) for line in alerts.critical] == [
        ("a1", after(90), True),
        ("a2", after(30), False),
        ("a1", T0, False),
    ]


async def test_what_is_over_is_remembered_within_bounds_and_what_fires_always(server, opened):
    source = opened(server.url)
    server.fire(*(fired(f"a{number}", at=after(number)) for number in range(KEPT + 50)))
    assert len((await read(source))[0].critical) == KEPT + 50
    server.fire(fired("a0"))
    alerts, _ = await read(source)
    assert len(alerts.critical) == KEPT + 1
    assert [line.id for line in alerts.critical if line.open] == ["a0"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("", "not an Alertmanager answer"),
        ("<p>Sign in</p>", "not an Alertmanager answer"),
        ("{}", "not an Alertmanager answer"),
        ('{"status": "success", "data": []}', "not an Alertmanager answer"),
        ("[" * 100_000, "not an Alertmanager answer"),
        ("[{]", "not an Alertmanager answer"),
        (b"\xff\xfe[", "not an Alertmanager answer"),
    ],
)
async def test_what_is_no_answer(server, opened, body, told):
    """Row 44."""
    server.body = body
    with pytest.raises(SourceError) as caught:
        await opened(server.url).read(T0)
    assert str(caught.value) == told


@pytest.mark.parametrize(
    "wrong",
    [
        7,
        None,
        {},
        {**fired(), "startsAt": "soon"},
        {**fired(), "startsAt": "2026-11-24T10:00:00"},
        {**fired(), "startsAt": 7},
        {**fired(), "fingerprint": ""},
        {**fired(), "fingerprint": 7},
        {**fired(), "labels": []},
        {**fired(), "labels": {"severity": 1}},
    ],
)
async def test_an_alert_that_cannot_be_read_is_told_and_nothing_is_over_meanwhile(server, opened, wrong):
    """Row 44."""
    source = opened(server.url)
    server.fire(fired("a1"))
    await read(source)
    server.fire(wrong, fired("a2", "none"))
    alerts, pulse = await read(source, after(15))
    assert (pulse.ok, pulse.reason) == (False, "1 of 2 alerts unreadable")
    assert (alerts.critical, alerts.firing) == ((TriageLine("a1", T0, "SlowCapsules", open=True),), 2)


@pytest.mark.parametrize(("status", "told"), [(500, "500"), (401, "401, credentials?"), (429, "429")])
async def test_other_answers_than_200(server, opened, status, told):
    """Row 43."""
    server.status = status
    with pytest.raises(SourceError) as caught:
        await opened(server.url).read(T0)
    assert str(caught.value) == told


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    with alertmanager(tmp_path_factory.mktemp("alertmanager")) as url:
        yield url


async def post(url, *alerts):
    async with httpx.AsyncClient() as client:
        (await client.post(f"{url}/api/v2/alerts", json=alerts)).raise_for_status()


async def until(source, condition):
    """Ask until something is so: Alertmanager takes a moment to show what it was told."""
    deadline = time.monotonic() + 60
    while not condition(found := (await read(source, datetime.now(UTC)))[0]):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)
    return found


@pytest.mark.xdist_group("prometheus")
async def test_the_real_alertmanager(real, opened):
    """Alerts that fire, one that is silenced, one that is resolved, one of another service."""
    source = opened(real, "filters = ['service=\"shop\"']")
    assert (await read(source, datetime.now(UTC)))[0].firing == 0
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    names = {"Slow": "critical", "Full": "warning", "Hushed": "critical"}
    alerts = [
        {
            "labels": {"alertname": name, "severity": severity, "service": "shop"},
            "annotations": {"summary": f"{name} it is"},
            "startsAt": began.isoformat(),
        }
        for name, severity in names.items()
    ]
    elsewhere = {"labels": {"alertname": "Slow", "severity": "critical", "service": "other"}}
    now = datetime.now(UTC)
    async with httpx.AsyncClient() as client:
        silence = {
            "matchers": [{"name": "alertname", "value": "Hushed", "isRegex": False, "isEqual": True}],
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(hours=1)).isoformat(),
            "createdBy": "test",
            "comment": "hush",
        }
        (await client.post(f"{real}/api/v2/silences", json=silence)).raise_for_status()
    await post(real, *alerts, elsewhere)
    found = await until(source, lambda one: one.firing == 2)
    assert [(line.title, line.at, line.open) for line in found.critical] == [("Slow: Slow it is", began, True)]
    seen = {one.what: one for one in await source.examine(datetime.now(UTC))}
    assert seen["server"].text.startswith("version 0.")
    assert seen["alerts"].sight is Sight.WARNING
    assert seen["alerts"].text.startswith("2 firing, 1 of them hold the gate, the oldest for 5m")
    await post(real, {**alerts[0], "endsAt": datetime.now(UTC).isoformat()})
    found = await until(source, lambda one: one.firing == 1)
    assert [(line.title, line.open) for line in found.critical] == [("Slow: Slow it is", False)]


@pytest.mark.xdist_group("prometheus")
async def test_a_bad_filter_is_told_by_the_real_alertmanager(real, opened):
    """Row 43."""
    with pytest.raises(SourceError, match=r"^400"):
        await opened(real, "filters = ['no matcher']").read(T0)
