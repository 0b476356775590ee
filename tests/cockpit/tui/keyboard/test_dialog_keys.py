"""In the smallest terminal every dialog names the keys that leave it, they do, and what is typed is seen."""

import pytest
from textual.screen import ModalScreen
from textual.widgets import Input, TextArea

from cockpit.tui.keyboard.footer import _MODAL
from tests.tour.stops import STOPS
from tests.tour.walk import walked
from widgets.dialogs.base import Dialog

SMALLEST = (60, 20)
OPENS = {
    "log-entry": "calm",
    "report-preview": "calm",
    "report-edit": "calm",
    "tasks": "week",
    "advance": "fuse",
    "revert": "calm",
    "freeze": "frozen",
    "note": "calm",
    "incidents": "fuse",
    "incident-open": "calm",
    "waive": "fuse",
    "waive-reason": "fuse",
    "decide": "calm",
    "feedback": "calm",
    "conclude": "week",
    "defuse": "fuse",
    "palette": "calm",
    "help": "calm",
}
"""Every stop at a dialog, in the state in which it has most to say."""
NAMED = {"esc": "escape", "⏎": "enter"}
LEAVES = {"leave", "close", "no", "ignore", "back"}


def named(screen) -> list[tuple[str, str]]:
    if isinstance(screen, Dialog):
        return list(screen.keys)
    return [(label.shown, label.words) for label in _MODAL.useful]


async def test_every_stop_at_a_dialog_is_in_the_table(tmp_path):
    others = set()
    for stop in STOPS.keys() - OPENS.keys():
        async with walked("calm", stop, (160, 48), tmp_path) as flown:
            if isinstance(flown.app.screen, ModalScreen):
                others.add(stop)
    assert others == set()


@pytest.mark.parametrize("stop", OPENS)
async def test_the_keys_that_leave_are_named_and_leave(stop, tmp_path):
    async with walked(OPENS[stop], stop, SMALLEST, tmp_path) as flown:
        screen = flown.app.screen
        assert isinstance(screen, ModalScreen)
        known = named(screen)
        leaving = [key for key, words in known if words in LEAVES]
        assert leaving
        bottom = flown.rows()[-1]
        assert all(f"{key} {words}" in bottom for key, words in known if words in LEAVES), bottom
    for key in leaving:
        async with walked(OPENS[stop], stop, SMALLEST, tmp_path) as flown:
            up = len(flown.app.screen_stack)
            await flown.press(NAMED.get(key, key))
            assert len(flown.app.screen_stack) == up - 1, key
            assert flown.door.asked == []


@pytest.mark.parametrize("stop", OPENS)
async def test_what_is_typed_is_seen(stop, tmp_path):
    async with walked(OPENS[stop], stop, SMALLEST, tmp_path) as flown:
        fields = [*flown.app.screen.query(Input), *flown.app.screen.query(TextArea)]
        for field in fields:
            area = field.region
            assert area.area > 0
            assert flown.app.screen.region.contains_region(area)
            assert flown.app.screen.get_widget_at(area.x, area.bottom - 1)[0] is field
        if fields and stop != "report-preview":
            await flown.type("zq")
            assert "zq" in flown.text()


@pytest.mark.parametrize("stop", ["advance", "defuse", "revert"])
async def test_words_that_do_not_fit_roll(stop, tmp_path):
    async with walked("fuse", stop, SMALLEST, tmp_path) as flown:
        await flown.pilot.resize_terminal(60, 20)
        before, scroll = flown.rows(), flown.app.screen.query_one("#scroll")
        rolls = scroll.max_scroll_y > 0
        assert ("↑↓ roll" in before[-1]) == rolls
        await flown.press("down")
        assert (flown.rows()[:-1] != before[:-1]) == rolls
        assert flown.answer() == ("" if rolls else "↓: no further this way")


async def test_a_list_rolls_with_its_cursor(tmp_path):
    async with walked("calm", "incidents", SMALLEST, tmp_path) as flown:
        flown.app.screen.query_one("#scroll").styles.max_height = 2
        await flown.settle()
        await flown.press("up")
        assert "▶ 4" in flown.text()
        await flown.press("down")
        assert "▶ 1" in flown.text()
