"""A terminal that becomes too small and large again, while a line is written: no letter of it acts, none is lost."""

import pytest

from tests.cockpit.tui.screens.test_sheet_screen import open_tasks
from tests.cockpit.tui.screens.test_week_screen import week
from tests.support.screen.pilots import flying
from tests.support.screen.sample import calm
from widgets.detail.entry_list import EntryList
from widgets.dialogs.base import Field

SMALL, LARGE = [(59, 24), (80, 19), (40, 10)], (160, 48)


@pytest.mark.parametrize("size", SMALL)
@pytest.mark.parametrize("back", [True, False])
async def test_what_is_typed_goes_into_the_finding_of_a_sheet(size, back):
    async with flying(open_tasks(), size=LARGE) as flown:
        await flown.press("t", "down", "enter", "enter")
        await flown.type("looks")
        await flown.pilot.resize_terminal(*size)
        await flown.settle()
        if back:
            await flown.pilot.resize_terminal(*LARGE)
            await flown.settle()
        await flown.type(" r fine")
        assert flown.app.screen.query_one("#finding", Field).value == "looks r fine"
        assert "looks r fine" in flown.text()
        assert flown.door.asked == []


@pytest.mark.parametrize("size", SMALL)
async def test_what_is_typed_goes_into_the_finding_of_the_week(tmp_path, size):
    async with week(tmp_path, size=LARGE) as flown:
        await flown.press("enter")
        await flown.type("seen")
        await flown.pilot.resize_terminal(*size)
        await flown.settle()
        await flown.pilot.resize_terminal(*LARGE)
        await flown.settle()
        await flown.type(" r")
        assert flown.app.screen.query_one("#finding", Field).value == "seen r"
        assert flown.door.asked == []


@pytest.mark.parametrize("size", SMALL)
async def test_the_filter_and_the_list_of_the_log_have_their_keys_again(size):
    async with flying(calm(), size=LARGE) as flown:
        await flown.press("4")
        await flown.pilot.resize_terminal(*size)
        await flown.settle()
        await flown.pilot.resize_terminal(*LARGE)
        await flown.settle()
        assert isinstance(flown.app.screen.focused, EntryList)
        await flown.press("slash")
        await flown.type("a")
        await flown.pilot.resize_terminal(*size)
        await flown.settle()
        await flown.type(" r")
        await flown.pilot.resize_terminal(*LARGE)
        await flown.settle()
        assert flown.app.screen.query_one(Field).value == "a r"
        assert flown.door.asked == []
