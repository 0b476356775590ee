"""What is said of a key: one line at the bottom of whatever is up; the newest wins, and it covers nothing else."""

import pytest
from textual.events import Click
from textual.screen import Screen

from sessions.values.requests import Answer
from tests.support.screen.pilots import flying
from tests.support.screen.sample import calm
from tests.tour.stops import SIZES, STOPS
from tests.tour.walk import walked
from widgets.frame.key_line import KeyLine

SEEN = sorted({(stop, size) for one, stop in enumerate(STOPS) for size in (SIZES[0], SIZES[one % len(SIZES)])})
"""Each stop in the smallest terminal, where a dialog is the whole of it, and in another."""


@pytest.mark.parametrize(("stop", "size"), SEEN, ids=str)
async def test_an_answer_changes_the_bottom_row_only(stop, size, tmp_path):
    async with walked("week" if stop == "conclude" else "calm", stop, size, tmp_path) as flown:
        flown.app.answers.clear()
        await flown.settle()
        before = flown.rows()
        flown.app.say("first of two", ok=False)
        flown.app.say("the newest [b]wins[/]")
        await flown.settle()
        rows = flown.rows()
        assert rows[-1].startswith(" ✔ The newest [b]wins[/] ")
        assert rows[:-1] == before[:-1]
        flown.app.answers.clear()
        await flown.settle()
        assert flown.rows() == before


async def test_the_next_key_brings_the_keys_back_and_three_answers_take_one_row():
    async with flying(calm(), size=(80, 24)) as flown:
        keys = flown.rows()[-1]
        await flown.press("t", "space", "space", "space")
        assert len(flown.door.asked) == 3
        assert flown.rows()[-1].strip() == "✔ Done"
        await flown.press("escape")
        assert flown.rows()[-1] == keys


async def test_an_answer_goes_along_to_the_screen_that_is_up():
    async with flying(calm()) as flown:
        flown.door.answer = Answer(ok=False, text="the log is locked")
        await flown.press("n", "h", "i", "enter")
        assert len(flown.app.screen_stack) == 1
        assert flown.rows()[-1].strip() == "▲ The log is locked"
        await flown.press("question_mark")
        flown.app.say("Said over the help")
        await flown.settle()
        assert flown.rows()[-1].strip() == "✔ Said over the help"
        flown.app.pop_screen()
        await flown.settle()
        assert flown.rows()[-1].strip() == "✔ Said over the help"


async def test_what_was_done_and_is_not_on_the_disk_is_not_shown_in_green():
    async with flying(calm()) as flown:
        flown.door.answer = Answer(ok=True, text="paused; NOT saved: the disk is full", saved=False)
        await flown.press("space")
        assert flown.rows()[-1].strip() == "▲ Paused; NOT saved: the disk is full"


async def test_an_answer_that_no_key_follows_ends_by_itself():
    async with flying(calm()) as flown:
        keys = flown.rows()[-1]
        flown.app.say("gone soon", seconds=0.05)
        await flown.until(lambda: not flown.answer())
        await flown.settle()
        assert flown.rows()[-1] == keys
        assert flown.toasts() == ["Gone soon"]


async def test_an_answer_on_a_board_lays_nothing_out_anew(monkeypatch):
    async with flying(calm()) as flown:
        laid = []
        once = Screen._refresh_layout
        monkeypatch.setattr(Screen, "_refresh_layout", lambda *some, **more: laid.append(1) or once(*some, **more))
        flown.app.say("it is done")
        await flown.settle()
        assert "✔ It is done" in flown.rows()[-1]
        flown.app.answers.clear()
        await flown.settle()
        assert "Pause" in flown.rows()[-1]
        assert not laid


async def test_the_first_paint_of_a_screen_has_its_keys_already(monkeypatch):
    made = []
    once = KeyLine.render

    def rendered(line):
        found = once(line)
        made.append((type(line.screen).__name__, found.plain.strip()))
        return found

    monkeypatch.setattr(KeyLine, "render", rendered)
    async with flying(calm()) as flown:
        await flown.press("4")
        first = [text for name, text in made if name == "LogScreen"]
        assert "Filter" in first[0], first


async def test_a_click_on_an_answer_presses_no_key_below_it():
    async with flying(calm()) as flown:
        flown.app.say("it is done", seconds=60)
        await flown.settle()
        await flown.app.screen.query_one(KeyLine).on_click(Click(None, 12, 0, 0, 0, 1, False, False, False))
        await flown.settle()
        assert flown.door.asked == []
        assert len(flown.app.screen_stack) == 1


async def test_one_answer_takes_the_place_of_the_one_before_without_the_keys_in_between(monkeypatch):
    """What a key brings is painted once."""
    told, tell = [], KeyLine.tell
    async with flying(calm()) as flown:
        await flown.press("space")
        monkeypatch.setattr(KeyLine, "tell", lambda line, answer: told.append(answer) or tell(line, answer))
        await flown.press("space")
        assert told
        assert all(told)
        await flown.press("tab")
        assert not told[-1]
