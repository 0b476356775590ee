"""The budget of a database: never more at once than there are places, and a place is held until a fate is known."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.sources.interface.budget import AT_ONCE, SHARE, Budget, Budgets
from tests.support.faults.virtual import run_virtual

LIMIT = 4.0


class WireError(Exception):
    """An error that tells nothing of what the server does."""


def told(error):
    return not isinstance(error, (WireError, TimeoutError, asyncio.CancelledError))


async def carry(budget, work):
    await budget.enter()
    return await budget.carry(work, LIMIT, told)


def taking(seconds, error=None):
    async def work():
        await asyncio.sleep(seconds)
        if error:
            raise error
        return "done"

    return work


async def free_after(budget):
    """Return after how many seconds the last place was free."""
    begun = asyncio.get_running_loop().time()
    for _ in range(AT_ONCE):
        await budget.enter()
    for _ in range(AT_ONCE):
        budget._leave()
    return asyncio.get_running_loop().time() - begun


@pytest.mark.parametrize(
    ("seconds", "error", "raised", "free"),
    [
        (1.0, None, None, 0.0),
        (30.0, None, None, 0.0),
        (1.0, ValueError("answered"), ValueError, 0.0),
        (1.0, WireError(), WireError, 3.0),
        (9.0, WireError(), WireError, 0.0),
    ],
)
def test_a_place_is_free_once_the_fate_is_known(seconds, error, raised, free):
    async def main(_clock):
        budget = Budget()
        if raised is None:
            assert await carry(budget, taking(seconds)) == "done"
        else:
            with pytest.raises(raised):
                await carry(budget, taking(seconds, error))
        return await free_after(budget)

    assert run_virtual(main) == pytest.approx(free, abs=0.25)


def test_what_is_cancelled_may_go_on_at_the_server_until_its_limit():
    async def main(_clock):
        budget = Budget()
        task = asyncio.ensure_future(carry(budget, taking(100.0)))
        await asyncio.sleep(1.0)
        task.cancel()
        await asyncio.wait({task})
        return await free_after(budget)

    assert run_virtual(main) == pytest.approx(LIMIT - 1.0, abs=0.25)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 60), st.sampled_from(["", "told", "lost"])), max_size=25))
def test_never_more_at_once_than_there_are_places(schedule):
    open_now, peak = 0, 0

    async def one(budget, start, seconds, end):
        nonlocal open_now, peak

        async def work():
            nonlocal open_now, peak
            open_now += 1
            peak = max(peak, open_now)
            try:
                await taking(seconds, {"told": ValueError(), "lost": WireError()}.get(end))()
            finally:
                open_now -= 1

        await asyncio.sleep(start)
        await carry(budget, work)

    async def main(_clock):
        budget = Budget()
        await asyncio.gather(*(one(budget, *each) for each in schedule), return_exceptions=True)
        await free_after(budget)
        assert budget.open == 0
        await asyncio.sleep(60.0)
        assert budget.has_room()

    run_virtual(main)
    assert peak <= AT_ONCE


@pytest.mark.parametrize("abreast", [1, AT_ONCE])
def test_over_time_no_more_than_its_share_is_taken(abreast):
    """Whoever asks whenever there is room, busily, for ten minutes."""

    async def main(_clock):
        budget, busy = Budget(), 0.0
        begun = asyncio.get_running_loop().time()
        while (now := asyncio.get_running_loop().time()) < begun + 600:
            if not budget.has_room():
                await asyncio.sleep(0.1)
                continue
            await asyncio.gather(*(carry(budget, taking(0.5)) for _ in range(abreast)))
            busy += asyncio.get_running_loop().time() - now
        return busy / 600

    assert run_virtual(main) == pytest.approx(SHARE, abs=0.02)


def test_what_was_given_up_is_in_the_account_up_to_its_limit():
    async def main(_clock):
        budget = Budget()
        task = asyncio.ensure_future(carry(budget, taking(39.0)))
        await asyncio.sleep(39.0)
        await task
        return budget.has_room()

    assert run_virtual(main)


def test_one_server_has_one_budget_whoever_logs_in():
    budgets = Budgets()
    one = budgets.of("mongodb://ann:secret@DB.example:27017/shop?tls=true")
    assert budgets.of("mongodb://bob:other@db.example:27017/other") is one
    assert budgets.of("mongodb://db.example:27018/shop") is not one
