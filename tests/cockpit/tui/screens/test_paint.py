"""A paint that comes while a screen is built or taken down finds no pane missing, whichever screen it is."""

import asyncio
import contextlib

import pytest

from tests.support.screen.pilots import flying
from tests.support.screen.sample import calm

PLACES = {
    **{key: [key] for key in "23456"},
    "a sheet from the list of tasks": ["t", "down", "enter"],
    "a sheet over the risks": ["3", "down", "enter"],
    "the preview of the report": ["6", "p"],
    "an entry of the log": ["4", "enter"],
    "a dialog": ["n"],
    "help": ["question_mark"],
}


@contextlib.asynccontextmanager
async def painting(app):
    """Paint at every turn of the loop: one of them falls into each moment of a screen's life."""
    turns = 0

    async def paint():
        nonlocal turns
        while True:
            app.paint()
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(paint())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert turns > 10


@pytest.mark.parametrize("keys", PLACES.values(), ids=PLACES)
async def test_a_paint_in_any_moment_of_a_screen_finds_its_panes(keys):
    async with flying(calm()) as flown, painting(flown.app):
        for key in keys:
            await flown.pilot.press(key)
        assert len(flown.app.screen_stack) > 1
        await flown.pilot.press(*["escape"] * len(keys))
        await flown.until(lambda: len(flown.app.screen_stack) == 1)


@pytest.mark.parametrize("keys", PLACES.values(), ids=PLACES)
async def test_a_paint_in_any_moment_of_the_end_finds_its_panes(keys):
    leaving = contextlib.AsyncExitStack()
    async with contextlib.AsyncExitStack() as stack:
        flown = await leaving.enter_async_context(flying(calm()))
        await stack.enter_async_context(painting(flown.app))
        for key in keys:
            await flown.pilot.press(key)
        await leaving.aclose()
