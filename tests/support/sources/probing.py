"""A probe on real sockets for the tests: opened by its text, read until what is wanted was seen."""

import asyncio
import time
from contextlib import asynccontextmanager

from msgspec.structs import replace

from cockpit.sources.probe.source import open_source
from sessions.values.readings import Grain, Traffic
from tests.support.sources.ordering import SLOW, order, spec

GET, POST = "GET /concierge", "POST /capsules"
PAIR = replace(SLOW, endpoints=(GET, POST))
HASTY = replace(PAIR, cadence=replace(PAIR.cadence, deadline=0.8))
LONE = replace(HASTY, endpoints=(GET,))
BOTH = f'requests = [{{ endpoint = "{GET}" }}, {{ endpoint = "{POST}", body = {{ look = "linen" }} }}]'
ONE = f'requests = [{{ endpoint = "{GET}" }}]'


@asynccontextmanager
async def probing(port, text=BOTH, *, plan=PAIR, environ=None, rate=200, scheme="http", host="127.0.0.1"):
    text = f'url = "{scheme}://{host}:{port}"\nrate = {rate}\n{text}'
    (source,) = open_source(order(plan, environ, "probe"), spec("probe", text))
    try:
        yield source
    finally:
        await source.aclose()


async def until(source, right, patience=60):
    """Read until the readings are right, folded as the state folds them, and return them with the pulse."""
    deadline, seen = time.monotonic() + patience, {}
    while True:
        found = await source.read(None)
        seen |= {(item.endpoint, item.start): item for item in found if isinstance(item, Traffic) and window(item)}
        if right(total(seen.values()), found[-1]):
            return total(seen.values()), found[-1]
        assert time.monotonic() < deadline, (total(seen.values()), found[-1])
        await asyncio.sleep(0.02)


def window(item):
    return item.grain is Grain.WINDOW


def total(windows):
    """Return requests and errors per endpoint."""
    sums = {}
    for item in windows:
        requests, errors = sums.get(item.endpoint, (0, 0))
        sums[item.endpoint] = requests + item.requests, errors + item.errors
    return sums


def asked(endpoint, least):
    return lambda sums, _pulse: sums.get(endpoint, (0, 0))[0] >= least


def failing(_sums, pulse):
    return not pulse.ok
