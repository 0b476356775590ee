"""Another machine's clock is measured by the one request alone, whatever came before and however long it took."""

import asyncio
import json
import re
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import pytest
from httpcore._backends.auto import AutoBackend
from msgspec.structs import replace

from cockpit.runtime.finding import Sight
from cockpit.settings.models.traffic import Prometheus, Scrape
from cockpit.settings.schema.secrets import Secrets
from cockpit.sources.interface.source import Order
from cockpit.sources.opening import opened
from tests.support.build import PLAN, T0

STEADY = 1000.0
# what connecting takes, what the server takes, its true clock against ours, all in s; what may be said of it
TABLE = [
    (0, 0, 0, (0, 0)),
    (9, 0, 0, (0, 0)),
    (0, 4, 0, (0, 0)),
    (9, 4, 0, (0, 0)),
    (0, 0, 1, (0, 0)),
    (0, 0, 30, (29, 31)),
    (9, 0, 30, (29, 31)),
    (9, 4, 30, (25, 31)),
    (0, 0, -30, (-31, -29)),
    (9, 4, -30, (-31, -25)),
]


class Hands:
    """A steady clock that is moved by hand, and what moves it."""

    def __init__(self, connecting, serving, skew):
        self.steady, self.connecting, self.serving, self.skew = STEADY, connecting, serving, skew

    @property
    def theirs(self):
        return T0 + timedelta(seconds=self.steady - STEADY + self.skew)


@pytest.fixture
def hands(monkeypatch, request):
    hands = Hands(*request.param)
    monkeypatch.setattr("cockpit.http.exchange.time", SimpleNamespace(perf_counter=lambda: hands.steady))
    connect = AutoBackend.connect_tcp

    async def slowly(self, *args, **kwargs):
        hands.steady += hands.connecting
        return await connect(self, *args, **kwargs)

    monkeypatch.setattr(AutoBackend, "connect_tcp", slowly)
    return hands


@asynccontextmanager
async def serving(hands, body, kind):
    """Answer every request; half of its time passes before the server looks at its clock, half after it."""

    async def answer(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        asked = (await reader.readexactly(int(length[1]))).decode() if length else ""
        hands.steady += hands.serving / 2
        page, date = body(hands.theirs, asked), format_datetime(hands.theirs, usegmt=True)
        hands.steady += hands.serving / 2
        head = f"HTTP/1.1 200 OK\r\ndate: {date}\r\ncontent-type: {kind}\r\ncontent-length: {len(page)}\r\n"
        writer.write(f"{head}connection: close\r\n\r\n{page}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def said(findings):
    """The seconds that an examination says the clock is off, 0 where it says nothing of it."""
    told = [one.text for one in findings if "clock" in (one.what, *one.text.split()) and one.sight is Sight.WARNING]
    found = [word for text in told for word in text.split() if word.removesuffix("s").isdigit()]
    return (-1 if "behind" in told[0] else 1) * int(found[0].removesuffix("s")) if found else 0


@pytest.mark.parametrize(("hands", "within"), [(row[:3], row[3]) for row in TABLE], indirect=["hands"])
async def test_the_clock_of_a_page(hands, within):
    plan = replace(PLAN, cadence=replace(PLAN.cadence, deadline=60.0))
    async with serving(hands, lambda *_: "# nothing\nx 1\n", "text/plain; version=0.0.4") as url:
        source: Any = opened(Order("pages", plan, Secrets({}), None, {}), Scrape(urls=(f"{url}/metrics",)))[0]
        source._apart = 0
        found = await source.examine(T0)
        await source.aclose()
    assert within[0] <= said(found) <= within[1], found


def vector(at, asked):
    """Answer as a Prometheus does: with what is asked for, in whichever part of a long question that stands."""
    rows = [("clock", at.timestamp()), ("newest", at.timestamp() - 5)]
    result = [
        {"metric": {"cockpit_part": f"whole.{name}"}, "value": [at.timestamp(), f"{value:.3f}"]}
        for name, value in rows
        if f"whole.{name}" in asked
    ]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}})


@pytest.mark.parametrize(("hands", "within"), [(row[:3], row[3]) for row in TABLE], indirect=["hands"])
async def test_the_clock_of_a_prometheus(hands, within):
    async with serving(hands, vector, "application/json") as url:
        source: Any = opened(Order("prometheus", PLAN, Secrets({}), None, {}), Prometheus(url=url))[0]
        found = await source.examine(T0)
        now = await source._now(T0 + timedelta(seconds=hands.steady - STEADY))
        await source.aclose()
    assert within[0] <= said(found) <= within[1], found
    assert within[0] <= now.skew <= within[1]
