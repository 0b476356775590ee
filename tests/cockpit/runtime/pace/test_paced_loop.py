"""A loop that goes by a slowed clock: what waits in it has its time, and it tells how late it is."""

import asyncio
import time

import pytest

from cockpit.runtime.pace.paced_loop import BEAT, PacedLoop, machine_seconds, real_seconds


class Slow:
    """A clock that goes at a pace from the start of the machine's seconds on."""

    def __init__(self, pace):
        self._pace, self._begun = pace, machine_seconds()

    def boot(self):
        return self._begun + (machine_seconds() - self._begun) * self._pace

    def pace(self):
        return self._pace


def run(work, pace):
    """Run `work` in a loop of that pace; return what it gave, and what the loop told of itself."""
    beats = []
    with asyncio.Runner(
        loop_factory=lambda: PacedLoop(Slow(pace), lambda at, late: beats.append((at, late)))
    ) as runner:
        return runner.run(work()), beats


def keep():
    """Keep a loop from going on."""
    time.sleep(0.15)


async def nap():
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await asyncio.sleep(0.1)
    return loop.time() - begun


@pytest.mark.parametrize("pace", [1.0, 0.5, 0.2])
def test_a_sleep_takes_its_time_by_the_slow_clock(pace):
    real = machine_seconds()
    slept, _ = run(nap, pace)
    assert slept >= 0.099
    assert machine_seconds() - real >= 0.099 / pace


def test_a_timeout_leaves_the_time_that_it_would_have_left():
    async def waited():
        async with asyncio.timeout(0.1):
            await asyncio.to_thread(time.sleep, 0.2)
        return True

    assert run(waited, 0.05)[0]


def test_it_tells_that_it_lives_however_slow_it_goes():
    _, beats = run(nap, 0.1)
    assert len(beats) >= 3


def test_it_tells_how_long_it_was_kept():
    async def kept():
        await asyncio.sleep(0)
        keep()
        await asyncio.sleep(BEAT)

    _, beats = run(kept, 1.0)
    assert max(late for _, late in beats) >= 0.14


def test_what_is_a_second_of_the_loop_is_longer_by_the_machine():
    async def asked():
        return real_seconds(1.0)

    assert run(asked, 0.25)[0] == pytest.approx(4)
    assert run(asked, 1.0)[0] == 1


def test_what_ends_waits_for_no_slow_clock():
    async def hastened():
        loop = asyncio.get_running_loop()
        assert isinstance(loop, PacedLoop)
        loop.hasten()
        await asyncio.sleep(0.1)

    real = machine_seconds()
    run(hastened, 0.001)
    assert machine_seconds() - real < 60
