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
from cockpit.sources.alertmanager import KEPT, UNPROVED, open_source
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
        self.asked, self.beats = [], []

    def answer(self, request):
        self.asked.append(asked := request.args.to_dict(flat=False))
        heart = asked.get("filter") == ['alertname="Watchdog"']
        body = json.dumps(self.beats) if heart else self.body
        return Response(body, status=self.status, content_type="application/json")

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


def severe(*severities):
    """Alerts of these severities; None has none."""
    rows = [fired(f"a{place}", str(word)) for place, word in enumerate(severities)]
    for row, word in zip(rows, severities, strict=True):
        if word is None:
            del row["labels"]["severity"]
    return rows


@pytest.mark.parametrize(
    ("severities", "counted", "doubt"),
    [
        (["critical"], 1, ""),
        (["Critical"], 1, ""),
        ([" PAGE "], 1, ""),
        (["P1", "p0"], 2, ""),
        (["Warning", "INFO", "none", "P2"], 0, ""),
        (["Critical-ish"], 0, "1 alert of severity Critical-ish is not counted"),
        (["error", "error", "fatal"], 0, "3 alerts of severity error, fatal are not counted"),
        ([None], 0, "1 alert without a severity is not counted"),
        ([""], 0, "1 alert without a severity is not counted"),
        (["critical", "Sev\x1b1"], 1, "1 alert of severity Sev^[1 is not counted"),
    ],
)
async def test_severities_are_compared_without_case_and_what_nobody_listed_holds(
    server, opened, severities, counted, doubt
):
    server.fire(*severe(*severities))
    alerts, pulse = await read(opened(server.url))
    assert (len(alerts.critical), alerts.firing, alerts.doubt) == (counted, len(severities), doubt)
    assert pulse.ok
    assert pulse.note == "; ".join(filter(None, (doubt, UNPROVED)))
    told, pulse = await read(opened(server.url, 'unknown = "tell"'))
    assert (told.doubt, pulse.note) == ("", "; ".join(filter(None, (doubt, UNPROVED))))


async def test_the_owners_words_are_compared_alike(server, opened):
    server.fire(*severe("sev-1", "SEV-2", "critical"))
    alerts, _ = await read(opened(server.url, 'critical = ["Sev-1"]\nharmless = ["Sev-2"]'))
    assert ([line.id for line in alerts.critical], alerts.doubt) == (
        ["a0"],
        "1 alert of severity critical is not counted",
    )


def watchdog(**more):
    labels = {"alertname": "Watchdog", "severity": "critical"}
    return {"fingerprint": "w", "startsAt": after(-9000).isoformat(), "labels": labels, "annotations": {}, **more}


DEAD = "the heartbeat Watchdog {}: nobody feeds this Alertmanager"
LIVE = {"endsAt": after(240).isoformat(), "updatedAt": after(-60).isoformat()}


@pytest.mark.parametrize(
    ("beats", "why"),
    [
        ([], "does not fire"),
        ([fired()], "does not fire"),
        ([watchdog()], ""),
        ([watchdog(**LIVE)], ""),
        ([watchdog(endsAt="0001-01-01T00:00:00.000Z")], ""),
        ([watchdog(endsAt=T0.isoformat())], "ended 0s ago"),
        ([watchdog(endsAt=after(-90).isoformat())], "ended 1m30s ago"),
        ([watchdog(updatedAt=after(-300).isoformat())], ""),
        ([watchdog(updatedAt=after(-301).isoformat())], "was last told 5m01s ago"),
        ([watchdog(startsAt=after(120).isoformat())], "begins in the future"),
        ([watchdog(updatedAt="lately")], "has no date"),
        ([watchdog(updatedAt=after(-900).isoformat()), watchdog(**LIVE)], ""),
    ],
)
async def test_silence_proves_something_only_while_the_heartbeat_fires(server, opened, beats, why):
    server.beats = beats
    source = opened(server.url, 'heartbeat = "Watchdog"\nfilters = [\'service="shop"\']')
    alerts, pulse = await read(source)
    dead = DEAD.format(why) if why else ""
    assert (pulse.ok, pulse.reason, alerts.doubt, pulse.note) == (not why, dead, dead, "")
    assert (alerts.critical, alerts.firing) == ((), 0)


async def test_the_heartbeat_is_no_incident_and_what_fired_is_not_over_while_it_is_gone(server, opened):
    source, server.beats = opened(server.url, 'heartbeat = "Watchdog"'), [watchdog()]
    server.fire(watchdog(), fired("a1"))
    alerts, _ = await read(source)
    assert ([line.id for line in alerts.critical], alerts.firing) == (["a1"], 1)
    server.fire()
    server.beats = []
    alerts, pulse = await read(source, after(15))
    assert ([(line.id, line.open) for line in alerts.critical], pulse.ok) == ([("a1", True)], False)
    server.beats = [watchdog()]
    alerts, _ = await read(source, after(30))
    assert [(line.id, line.open) for line in alerts.critical] == [("a1", False)]


async def test_the_doctor_says_what_silence_proves(httpserver, server, opened):
    httpserver.expect_request("/am/api/v2/status").respond_with_json({"versionInfo": {"version": "0.28.1"}})

    async def sights(text):
        return {one.what: (one.sight, one.text) for one in await opened(server.url, text).examine(T0)}

    assert (await sights(""))["heartbeat"] == (Sight.WARNING, UNPROVED)
    assert (await sights('heartbeat = "Watchdog"'))["alerts"] == (Sight.PROBLEM, DEAD.format("does not fire"))
    server.beats = [watchdog()]
    assert (await sights('heartbeat = "Watchdog"'))["heartbeat"] == (Sight.GOOD, "Watchdog fires")
    server.fire(*severe("Critical-ish"))
    told = "1 alert of severity Critical-ish is not counted"
    assert (await sights(""))["severity"] == (Sight.PROBLEM, told)
    assert (await sights('unknown = "tell"'))["severity"] == (Sight.WARNING, told)


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
