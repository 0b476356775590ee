"""One move of the flag: what is known afterwards is said, and nothing is guessed."""

import asyncio

import pytest
from msgspec.structs import replace

from cockpit.flags.interface.writer import PartialError
from cockpit.moves.write import Order, Outcome, move
from sessions.values.flag_value import Target
from tests.support.build import T0
from tests.support.watch.watching import FakeFlag, forever, lost, refusing

DEADLINE = 0.1


async def moved(flag, deadline=DEADLINE):
    return replace(await move(flag, Order(25), lambda: T0, deadline), value=None)


def wrong(_percent):
    return False


@pytest.mark.parametrize(
    ("flag", "outcome", "reads"),
    [
        (FakeFlag(10), Outcome("confirmed"), 25),
        (FakeFlag(10, on_write=refusing), Outcome("refused", "the back end says no"), 10),
        (FakeFlag(10, on_write=forever), Outcome("unknown", "no answer in 0.1 s"), 10),
        (FakeFlag(10, on_write=lost), Outcome("unknown", "connection reset"), 10),
        (FakeFlag(10, on_write=lambda _: 1 / 0), Outcome("unknown", "division by zero"), 10),
        (FakeFlag(10, on_read=refusing), Outcome("unknown", "written, not read back: the back end says no"), 25),
        (FakeFlag(10, on_read=forever), Outcome("unknown", "written, not read back: TimeoutError"), 25),
        (FakeFlag(10, on_write=wrong), Outcome("unknown", "written, but it reads 10 %"), 10),
    ],
)
async def test_row_70_what_became_of_a_move(flag, outcome, reads):
    assert await moved(flag) == outcome
    assert (flag.percent, flag.written) == (reads, [25])


async def test_row_70_applied_and_then_lost_is_unknown_although_it_was_done():
    flag = FakeFlag(10)

    def applies_then_drops(percent):
        flag.percent = percent
        raise ConnectionError("reset by peer \x1b[31m")

    flag.on_write = applies_then_drops
    assert await moved(flag) == Outcome("unknown", "reset by peer ^[[31m")


async def test_an_error_without_words_is_named_by_its_class():
    def dumb(_percent):
        raise KeyError

    assert await moved(FakeFlag(10, on_write=dumb)) == Outcome("unknown", "KeyError")


async def test_being_ended_is_no_outcome():
    writing = asyncio.Event()

    def begun(_percent):
        writing.set()
        return asyncio.sleep(3600)

    task = asyncio.ensure_future(moved(FakeFlag(10, on_write=begun), 30))
    await asyncio.wait_for(writing.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_row_77_some_of_several_places_have_it_and_the_outcome_says_which():
    def partial(_percent):
        raise PartialError("us: 429", (Target("eu", 25), Target("us", 10, "429")))

    outcome = await moved(FakeFlag(10, on_write=partial))
    assert outcome == Outcome("unknown", "us: 429", ("eu: 25 %", "us: 10 %, 429"))
