"""A probe whose token lapses: fetching another is no time of the service, and what was not sent is no failure of it."""

import asyncio
import json
import time
from contextlib import suppress

import pytest

from cockpit.sources.interface.source import Order, SourceError
from cockpit.sources.probe.source import open_source
from sessions.values.readings import Grain, Traffic
from tests.support.peers.minting import PRINTED, Mint, guarded, word
from tests.support.peers.small_shop import small_shop
from tests.support.sources.ordering import spec
from tests.support.sources.probing import LONE, ONE, until

BROKEN = "command mint for a secret: exit 1, nothing printed"
COMMAND = f"token = {{ command = {json.dumps(PRINTED.argv)} }}"
AGE = 1000.0
"""Seconds that a command seems to take: no machine is so slow."""


def probe(url, secrets, text=""):
    order = Order("probe", LONE, secrets, None, {})
    (source,) = open_source(order, spec("probe", f'url = "{url}"\nrate = 50\n{ONE}\n{COMMAND}\n{text}'))
    return source


class Aged(Mint):
    """Each run seems to take `AGE` s."""

    def __init__(self, monkeypatch):
        super().__init__()
        real = time.perf_counter
        monkeypatch.setattr(time, "perf_counter", lambda: real() + self.ran * AGE)


@pytest.mark.parametrize(("broken", "seen"), [("", [1, 2]), (BROKEN, [1])])
async def test_a_new_token_is_no_time_of_the_service(monkeypatch, broken, seen):
    async with guarded(lambda *_: (200, {})) as peer:
        mint = Aged(monkeypatch)
        source = probe(peer.url, mint.secrets())
        (shot,) = source._shots
        first = await source._fire.shoot(shot)
        peer.least, mint.broken = 2, broken
        again = await source._fire.shoot(shot)
        assert mint.ran == 2
        assert [attempt.seconds < AGE / 2 for attempt in (first, again)] == [True, True]
        assert again.ended - again.begun == pytest.approx(again.seconds, abs=0.001)
        assert (again.why == "") is (broken == "")
        assert sorted(set(peer.seen)) == seen
        await source.aclose()


@pytest.mark.parametrize("control", [False, True])
async def test_what_could_not_be_sent_is_told_and_counts_for_nothing(control):
    """With an address elsewhere that answers, nobody reached is the service's fault; here nobody tried to."""
    async with guarded(lambda *_: (200, {})) as peer, small_shop() as elsewhere:
        mint = Mint()
        mint.broken = BROKEN
        source = probe(peer.url, mint.secrets(), f'control = "http://127.0.0.1:{elsewhere.port}/"' if control else "")
        while not source._fire.unsent:
            with pytest.raises(SourceError):
                await source.read(None)
        with pytest.raises(SourceError, match=BROKEN):
            await source.read(None)
        assert peer.seen == []
        mint.broken, mint.clock = "", 10.0
        await told(source)
        sums, pulse = await until(source, lambda sums, _pulse: bool(sums))
        assert pulse.ok
        assert sum(errors for _, errors in sums.values()) == 0
        await source.aclose()


async def told(source):
    """Read until there is something to tell."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        await asyncio.sleep(0.01)
        with suppress(SourceError):
            return await source.read(None)
    raise TimeoutError


async def test_a_lapsed_token_makes_no_error_of_the_service():
    async with guarded(lambda *_: (200, {})) as peer:
        mint = Mint()
        source = probe(peer.url, mint.secrets())
        await until(source, lambda sums, _: sum(count for count, _ in sums.values()) >= 3)
        peer.least = 2
        sums, _ = await until(source, lambda *_: peer.seen.count(2) >= 3)
        assert sum(errors for _, errors in sums.values()) == 0
        assert mint.ran == 2
        windows = [one for one in await source.read(None) if isinstance(one, Traffic) and one.grain is Grain.WINDOW]
        assert all(one.errors == 0 for one in windows)
        await source.aclose()
    assert word(1) not in repr(windows)
