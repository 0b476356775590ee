"""Rows 84 and 85, T16: a canary in every place that a secret can be, errors forced, and nowhere is one to be seen."""

import asyncio
import json
import logging
import os
import random
import tomllib
from datetime import UTC

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from cockpit.__main__ import run
from cockpit.cli.commands.sessions import begin
from cockpit.doctor.run import examine
from cockpit.engine.opening import opened
from cockpit.engine.poller import Poller
from cockpit.http.driver_logging import DRIVERS, quieten_drivers
from cockpit.runtime.clock import Clock
from cockpit.settings.file.wiring import Wiring
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.secrets import Secret, Secrets
from cockpit.sources.opening import Opener
from cockpit.tui.app import Cockpit
from sessions.plan.strict_table import Table
from sessions.values.requests import Act
from tests.support.build import T0
from tests.support.screen.fake_door import FakeDoor
from tests.support.trust.trusting import load, trusted
from tests.support.watch.watching import FAST, asked, until

NAMES = ("TOKEN", "PASSWORD", "HEADER", "PARAM", "STEP", "MONGO_URI", "PRINTED")
CANARIES = {name: f"canary-{name.lower()}-5up3r/s3cr3t+%&=" for name in NAMES}
CANARIES["MONGO_URI"] = "mongodb://reader:canary-mongo-5up3r@127.0.0.1:1/?appName=canary-mongo-app"
WORDS = ("5up3r", "canary-mongo", "s3cr3t")

ACCESS = """
token = "${TOKEN}"
headers = { X-Api-Key = "Key ${HEADER}", X-Printed = "${PRINTED}" }
params = { api_key = "${PARAM}" }
timeout = "2s"
"""
BASIC = ACCESS.replace('token = "${TOKEN}"', 'user = "reader"\npassword = "${PASSWORD}"')
ONES = {
    "prometheus": '[sources.one]\nkind = "prometheus"\nurl = "URL"',
    "scrape": '[sources.one]\nkind = "scrape"\nurls = ["URL/metrics", "URL/second"]',
    "json": '[sources.one]\nkind = "json"\nurl = "URL/x"\ntopic = "queue"\nmethod = "POST"',
    "alertmanager": '[sources.one]\nkind = "alertmanager"\nurl = "URL"',
    "probe": '[sources.one]\nkind = "probe"\nurl = "URL"',
    "journey": '[sources.one]\nkind = "journey"\nurl = "URL"\nevery = "1s"',
}
MORE = {
    "probe": '[[sources.one.requests]]\nendpoint = "GET /concierge"\npath = "/x"\nheaders = { X-Token = "${STEP}" }',
    "journey": '[[sources.one.steps]]\nname = "look"\npath = "/x"\nheaders = { X-Token = "${STEP}" }',
}


def settings_of(text):
    table = Table(tomllib.loads(text))
    found = read(Settings, table)
    assert table.problems == []
    return found


def echo(request):
    """Everything that a server was sent, in words: what a careless one writes into its errors."""
    return f"{request.url} {dict(request.headers)} {request.get_data(as_text=True)}"


ANSWERS = {
    "refused": lambda said: Response(said, 401, content_type="text/plain"),
    "envelope": lambda said: Response(
        json.dumps({"status": "error", "errorType": "bad_data", "error": said}), 400, content_type="application/json"
    ),
    "garbage": lambda said: Response(said, 200, content_type="text/plain; version=0.0.4"),
    "elsewhere": lambda said: Response("", 302, headers={"Location": f"http://h.example/?{said[:600]!r}"}),
    "json": lambda said: Response(json.dumps({"error": said, "open": said}), 200, content_type="application/json"),
}


def hits(*texts):
    return [word for text in texts for word in WORDS if word in text]


def logged(records):
    """What was logged, but for the lines of the peer itself."""
    peers = ("werkzeug", "pytest_httpserver")
    return [records.handler.format(row) for row in records.records if not row.name.startswith(peers)]


@pytest.fixture
def records(caplog):
    """All that drivers log, at DEBUG, and what of it may be passed on."""
    before = {name: list(logging.getLogger(name).handlers) for name in DRIVERS}
    caplog.set_level(logging.DEBUG)
    yield caplog
    for name, handlers in before.items():
        driver = logging.getLogger(name)
        driver.handlers, driver.propagate = handlers, True
        driver.setLevel(logging.NOTSET)


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("kind", ONES)
async def test_row_85_a_peer_that_repeats_what_it_was_sent_gets_nothing_shown(
    kind, answer, httpserver: HTTPServer, records
):
    sent = []

    def repeat(request):
        sent.append(echo(request))
        return ANSWERS[answer](sent[-1])

    for path in ("/metrics", "/second", "/x", "/", "/api/v1/query", "/api/v1/query_range", "/api/v2/alerts"):
        httpserver.expect_request(path).respond_with_handler(repeat)
    access = BASIC if kind == "scrape" else ACCESS
    where = httpserver.url_for("").rstrip("/")
    settings = settings_of(f"{ONES[kind]}{access}{MORE.get(kind, '')}".replace("URL", where, 2))
    secrets = Secrets(CANARIES)
    quieten_drivers(secrets.scrub)
    opening = Opener(settings, FAST, secrets).openings()[0]
    told = [repr(settings), repr(secrets), repr(opening)]
    (source,) = await opening.open()
    for _ in range(2):
        readings = await Poller(source, Clock(), print, random.Random(1), secrets.scrub)._read()
        told.append(repr(readings))
    told += [repr(await examine([source], lambda: T0, secrets.scrub)), repr(source), repr(vars(source).get("_client"))]
    assert hits(*sent), "nothing was sent: this test proves nothing"
    assert [text for text in told if hits(text)] == []
    assert hits(*logged(records)) == []


def test_row_85_a_driver_that_logs_an_address_is_masked(records):
    secrets = Secrets(CANARIES)
    secrets.reveal(Secret("${MONGO_URI}"))
    quieten_drivers(secrets.scrub)
    for name in DRIVERS:
        logging.getLogger(f"{name}.connection").debug("to %s", CANARIES["MONGO_URI"])
        try:
            int(CANARIES["MONGO_URI"])
        except ValueError:
            logging.getLogger(f"{name}.connection").warning("lost %s", CANARIES["MONGO_URI"], exc_info=True)
    lines = [record.getMessage() for record in records.records]
    assert lines == [f"{name}.connection: lost *** (ValueError)" for name in DRIVERS]
    assert hits(*logged(records)) == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("hunter2-secret", "401 for Bearer hunter2-secret"),
        ("hunter2 secret&x", "GET /?key=hunter2%20secret%26x"),
        ("hunter2 secret&x", "GET /?key=hunter2+secret%26x"),
        ('hunter2"secret', '{"error": "hunter2\\"secret"}'),
        ("hunter2\nsecret", "Illegal header value b'hunter2\\nsecret'"),
        ("hunter2\n", "no such user hunter2"),
        ("mongodb://me:hunter2%40x@h/", "auth failed for hunter2@x"),
        ("mongodb://me:hunter2%40x@h/", "auth failed for hunter2%40x"),
        ("hunter2/secret&x", "GET /?key=hunter2/secret%26x"),
        ("hunter2/secret&x", "GET /?key=hunter2%2fsecret&x"),
        ("hunter2-secret", "a long text that ends in hunter2-se…"),
        ("hunter2&secret", "a long text that ends in hunter2%26se…"),
        ("hunter2&secret", "a long text that ends in hunter2%2…"),
    ],
)
def test_a_secret_is_masked_in_every_form_in_which_it_comes_back(value, shown):
    secrets = Secrets({"S": value})
    secrets.reveal(Secret("${S}"))
    assert "hunter2" not in secrets.scrub(shown)


def test_what_is_no_secret_stays_as_it_is():
    secrets = Secrets({"S": "hunter2-secret", "SHORT": "no"})
    for name in ("S", "SHORT"):
        secrets.reveal(Secret(f"${{{name}}}"))
    for text in ("no answer in 5 s", "nothing secret here", "cut short…", ""):
        assert secrets.scrub(text) == text


WHOLE = """
service = "shop"
[sources.prom]
kind = "prometheus"
url = "URL"
ACCESS
[sources.records]
kind = "mongo"
uri = "${MONGO_URI}"
database = "shop"
topics = ["journeys", "collections", "triage"]
[sources.desk]
kind = "json"
url = "URL/x"
topic = "queue"
BASIC
[sources.alerts]
kind = "alertmanager"
url = "URL"
token = { command = ["COMMAND"] }
[sources.score]
kind = "command"
topic = "csat"
argv = ["/bin/sh", "-c", "echo failed >&2; exit 3"]
[sources.wf7]
kind = "journey"
url = "URL"
headers = { X-Step = "${STEP}" }
steps = [{ name = "look", path = "/x" }]
[activities."assume.latency"]
journey = "wf7"
"""


async def picture(judgement, settings):
    app = Cockpit(FakeDoor(judgement), tz=UTC, clock=lambda: judgement.at, settings=settings)
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("2")
        await pilot.pause()
        return app.export_screenshot()


def test_t16_a_whole_flight_of_failing_sources_shows_no_canary_anywhere(
    tmp_path, httpserver: HTTPServer, capfd, records, monkeypatch
):
    sent = []

    def repeat(request):
        sent.append(echo(request))
        return ANSWERS["envelope"](sent[-1])

    for path in ("/x", "/", "/api/v1/query", "/api/v1/query_range", "/api/v2/alerts"):
        httpserver.expect_request(path).respond_with_handler(repeat)
    command = tmp_path / "secret.sh"
    command.write_text(f"#!/bin/sh\necho {CANARIES['PRINTED']!r}\n", "utf-8")
    command.chmod(0o700)
    config = tmp_path / "cockpit.toml"
    text = WHOLE.replace("BASIC", BASIC).replace("ACCESS", ACCESS).replace("COMMAND", str(command))
    trusted(config, text.replace("URL", httpserver.url_for("").rstrip("/")))
    folder = tmp_path / "flight"
    folder.mkdir()
    begin(folder, "flight", FAST, Wiring(settings=str(config)))
    with opened(folder, Clock(), UTC, {**os.environ, **CANARIES}) as door:
        door.start()
        topics = {"traffic", "journeys", "queue", "alerts", "csat", "flag"}
        last = until(door, lambda judgement: topics <= set(judgement.state.seen.health))
        assert asked(door, Act.OBSERVE).ok
        assert asked(door, Act.RUN, subject="assume.latency").ok
        assert asked(door, Act.EXPORT).ok
        last = until(door, lambda judgement: "assume.latency" in judgement.state.seen.runs)
        svg = asyncio.run(picture(last, load(config)))
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)
    for words in (["status", "--json"], ["check"], ["export"], ["doctor", "--json"]):
        run([*words, str(folder)])
    out, err = capfd.readouterr()
    files = {path.name: path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file()}
    assert {"session.toml", "history.sqlite"} <= set(files)
    assert hits(*sent), "nothing was sent: this test proves nothing"
    assert '"session": "flight"' in out
    assert hits(svg, out, err, repr(last), repr(door), *files.values()) == []
    assert hits(*logged(records)) == []
