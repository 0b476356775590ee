"""Words that are too long to be kept: the line stays open with all of them, and says so."""

import pytest
from textual.events import Paste

from sessions.actions.editing import LONGEST
from sessions.actions.messages import LONGEST as LONGEST_OF_MESSAGE
from sessions.values.requests import MOST_REASON, MOST_TEXT
from tests.cockpit.tui.screens.test_sheet_screen import open_tasks
from tests.cockpit.tui.screens.test_week_screen import week
from tests.support.screen.pilots import flying
from widgets.dialogs.base import Field

ASKING = [
    ("a note", ("n",), MOST_TEXT),
    ("the reason of a decision", ("D", "1"), MOST_REASON),
    ("the source of feedback", ("plus", "1"), MOST_REASON),
    ("a line of the report", ("6", "a"), LONGEST),
    ("a finding", ("t", "down", "enter", "enter"), MOST_TEXT),
]


async def pasted(flown, text):
    flown.app.screen.focused.post_message(Paste(text))
    await flown.settle()


@pytest.mark.parametrize(("what", "keys", "most"), ASKING, ids=[what for what, _, _ in ASKING])
async def test_what_is_too_long_is_said_to_be_and_stays(what, keys, most):
    async with flying(open_tasks()) as flown:
        await flown.press(*keys)
        await pasted(flown, "w" * (most + 5))
        await flown.press("enter")
        said = f"has {most + 5:,} characters, and at most {most:,} are kept"
        assert said in " ".join([flown.text(), *flown.toasts()]), what
        assert flown.app.screen.query_one(Field).value == "w" * (most + 5)
        assert flown.door.asked == []


async def test_a_finding_of_the_week_that_is_too_long_stays(tmp_path):
    async with week(tmp_path) as flown:
        await flown.press("enter")
        await pasted(flown, "w" * (MOST_TEXT + 1))
        await flown.press("enter")
        assert f"at most {MOST_TEXT:,} are kept" in " ".join(flown.toasts())
        assert flown.app.screen.query_one("#finding", Field).value == "w" * (MOST_TEXT + 1)
        assert flown.door.asked == []


async def test_a_message_with_a_line_that_is_too_long_stays():
    async with flying(open_tasks()) as flown:
        flown.app.open_sheet("p2.update")
        await flown.settle()
        await flown.press("m")
        await pasted(flown, "w" * (LONGEST_OF_MESSAGE + 1))
        await flown.press("ctrl+s")
        assert f"at most {LONGEST_OF_MESSAGE:,} are kept" in flown.text()
        assert flown.door.asked == []
