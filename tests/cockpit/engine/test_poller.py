"""A source asked at its own pace: deadline, backoff, jitter, hurry, and a pulse for whatever it raises."""

import asyncio
import random

import pytest
from msgspec.structs import replace

from cockpit.engine.poller import Poller
from cockpit.runtime.clock import Clock
from cockpit.sources.interface.source import Steady
from sessions.values import readings as r
from tests.support.build import T0, pulse
from tests.support.watch.watching import Scripted, failing, hanging

TOPICS = (r.Topic.QUEUE, r.Topic.CSAT)


class Hourglass(Clock):
    """A clock for the poller: it stands still unless a look takes time."""

    def __init__(self):
        self.up = 0.0

    def now(self):
        return T0

    def boot(self):
        return self.up


class Middle(random.Random):
    """No jitter."""

    def uniform(self, a, b):
        return (a + b) / 2


async def polled(source, looks, monkeypatch, clock=None, rng=None):
    """Let a poller look `looks` times without waiting; return what it delivered and what it would have waited."""
    waits, delivered, enough = [], [], asyncio.Event()
    real = asyncio.timeout

    def deliver(readings):
        delivered.append(readings)
        if len(delivered) == looks:
            enough.set()

    def at_once(span):
        """The source keeps its deadline, the rest between two looks is noted instead of waited."""
        if span == source.deadline:
            return real(span)
        waits.append(span)
        return real(0)

    monkeypatch.setattr("cockpit.engine.poller.asyncio.timeout", at_once)
    task = asyncio.ensure_future(Poller(source, clock or Hourglass(), deliver, rng or Middle()).run())
    await asyncio.wait_for(enough.wait(), 5)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    return delivered, waits[: looks - 1]


def good(_now):
    return [pulse(topic, T0) for topic in TOPICS]


async def test_a_good_source_is_asked_every_interval(monkeypatch):
    source = Scripted("mongo", TOPICS, good, interval=10, deadline=0.77)
    delivered, waits = await polled(source, 4, monkeypatch)
    assert waits == [10, 10, 10]
    assert list(delivered[0]) == [replace(one, holds=22.0) for one in good(T0)], "two intervals with their jitter"


async def test_row_37_backoff_doubles_to_four_intervals(monkeypatch):
    source = failing("mongo", TOPICS, RuntimeError("down"), interval=10, deadline=0.77)
    _, waits = await polled(source, 6, monkeypatch)
    assert waits == [10, 20, 40, 40, 40]


class Even(Scripted, Steady):
    """A source that sees to its own pace."""


async def test_row_37_a_source_that_keeps_its_own_pace_is_asked_as_always(monkeypatch):
    def down(_now):
        raise RuntimeError("down")

    _, waits = await polled(Even("mongo", TOPICS, down, interval=10, deadline=0.77), 4, monkeypatch)
    assert waits == [10, 10, 10]


async def test_one_good_answer_ends_the_backoff(monkeypatch):
    answers = iter([False, False, False, True, False, False])

    def work(now):
        if next(answers, True):
            return good(now)
        raise RuntimeError("down")

    _, waits = await polled(Scripted("mongo", TOPICS, work, interval=10, deadline=0.77), 6, monkeypatch)
    assert waits == [10, 20, 40, 10, 10]


async def test_answers_that_say_nothing_good_back_off_too(monkeypatch):
    source = Scripted("mongo", TOPICS, lambda _: [pulse(TOPICS[0], T0, ok=False)], interval=10, deadline=0.77)
    _, waits = await polled(source, 4, monkeypatch)
    assert waits == [10, 20, 40]


async def test_one_good_topic_is_enough_to_go_on(monkeypatch):
    answer = [pulse(TOPICS[0], T0, ok=False), pulse(TOPICS[1], T0)]
    _, waits = await polled(Scripted("mongo", TOPICS, lambda _: answer, interval=10, deadline=0.77), 4, monkeypatch)
    assert waits == [10, 10, 10]


async def test_jitter_stays_within_a_tenth_and_is_no_constant(monkeypatch):
    source = Scripted("mongo", TOPICS, good, interval=10, deadline=0.77)
    _, waits = await polled(source, 40, monkeypatch, rng=random.Random(7))
    assert all(9 <= wait <= 11 for wait in waits)
    assert max(waits) - min(waits) > 1


async def test_the_time_an_answer_took_is_part_of_the_interval(monkeypatch):
    clock = Hourglass()

    def slow(now):
        clock.up += 4
        return good(now)

    _, waits = await polled(Scripted("mongo", TOPICS, slow, interval=10, deadline=0.77), 3, monkeypatch, clock)
    assert waits == [6, 6]


async def test_an_answer_slower_than_the_interval_waits_no_more(monkeypatch):
    clock = Hourglass()

    def slow(now):
        clock.up += 40
        return good(now)

    _, waits = await polled(Scripted("mongo", TOPICS, slow, interval=10, deadline=0.77), 3, monkeypatch, clock)
    assert waits == [0, 0]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (failing("mongo", TOPICS, ValueError("bad \x1b]0;t\x07 [/]")), "bad ^[]0;t^G [/]"),
        (failing("mongo", TOPICS, ValueError()), "ValueError"),
        (hanging("mongo", TOPICS, deadline=0.05), "no answer in 0.05 s"),
        (Scripted("mongo", TOPICS, lambda _: None), "'NoneType' object is not iterable"),
        (failing("mongo", TOPICS, ExceptionGroup("two", [OSError("a"), OSError("b")])), "two (2 sub-exceptions)"),
    ],
)
async def test_rows_37_41_42_whatever_it_raises_becomes_a_pulse_for_each_topic(monkeypatch, source, reason):
    delivered, _ = await polled(source, 1, monkeypatch)
    assert [(one.topic, one.ok, one.reason) for one in delivered[0]] == [(topic, False, reason) for topic in TOPICS]


async def test_hurry_asks_again_at_once_and_only_once():
    looks = asyncio.Queue()
    source = Scripted("mongo", TOPICS, good, interval=3600)
    poller = Poller(source, Hourglass(), looks.put_nowait, Middle())
    task = asyncio.ensure_future(poller.run())
    await asyncio.wait_for(looks.get(), 5)
    poller.hurry()
    await asyncio.wait_for(looks.get(), 5)
    for _ in range(10):
        await asyncio.sleep(0)
    assert (source.looks, looks.empty()) == (2, True)
    task.cancel()
    await asyncio.wait([task])


async def test_never_two_answers_at_once():
    running, most, done = 0, 0, asyncio.Event()

    async def slow():
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return good(T0)

    source = Scripted("mongo", TOPICS, lambda _: slow(), interval=0.0)
    poller = Poller(source, Hourglass(), lambda _: (poller.hurry(), source.looks > 20 and done.set()), Middle())
    task = asyncio.ensure_future(poller.run())
    await asyncio.wait_for(done.wait(), 5)
    task.cancel()
    await asyncio.wait([task])
    assert most == 1
