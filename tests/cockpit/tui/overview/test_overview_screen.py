"""The screen of all sessions: it lives, keeps its cursor, fits, opens a deck and leaves a clean terminal."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.widgets import OptionList, Static

import cockpit.cli.outside.sessions_live
from cockpit.cli.outside.sessions_live import _opened
from cockpit.runtime.errors import BadInputError
from cockpit.tui.overview.app import Overview
from cockpit.tui.overview.row import broken_row, row_of
from sessions.gate.evaluate import judge
from tests.support.processes.terminal import Terminal
from tests.support.sessions.scenes import NOW, flown
from tests.support.watch.watching import made

ROWS = [row_of(Path(f"/x/{name}"), judge(flown(), NOW), "") for name in ("one", "two")]


class Place:
    """Rows that the test changes."""

    def __init__(self, *rows):
        self.rows = rows

    def screen(self, **facts):
        return Overview(lambda: self.rows, lambda: NOW, **facts)


def shown(app):
    listed = app.query_one(OptionList)
    return [str(listed.get_option_at_index(place).prompt) for place in range(listed.option_count)]


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36), (200, 60)])
async def test_it_shows_each_and_nothing_wraps(size):
    app = Place(*ROWS).screen()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert [text.split()[1] for text in shown(app)] == ["one", "two"]
        assert max(len(line) for text in shown(app) for line in text.splitlines()) <= size[0]
        assert "2 sessions" in str(app.query_one("#head", Static).render())


async def test_it_lives_and_keeps_its_cursor():
    place = Place(*ROWS)
    app = place.screen()
    async with app.run_test() as pilot:
        await pilot.press("down")
        place.rows = (ROWS[0], replace(ROWS[1], why="something else"))
        app.paint()
        assert "something else" in shown(app)[1]
        place.rows = (broken_row(Path("/x/new"), NOW, "[bold]x"), *place.rows)
        app.paint()
        assert "[bold]x" in shown(app)[0]
        assert app.query_one(OptionList).highlighted == 2
        place.rows = ()
        app.paint()
        assert shown(app) == []
        await pilot.press("enter")


@pytest.mark.parametrize(
    ("keys", "result"), [(["enter"], "one"), (["j", "enter"], "two"), (["down", "up", "enter"], "one")]
)
async def test_enter_opens_the_one_under_the_cursor(keys, result):
    app = Place(*ROWS).screen()
    async with app.run_test() as pilot:
        await pilot.press(*keys)
    assert app.return_value == Path(f"/x/{result}")


@pytest.mark.parametrize("key", ["q", "escape", "ctrl+c"])
async def test_it_is_left(key):
    app = Place(*ROWS).screen()
    async with app.run_test() as pilot:
        await pilot.press(key)
    assert app.return_value is None


async def test_where_it_comes_back_it_says_why_and_where_it_was():
    app = Place(*ROWS).screen(told="it is damaged", at=Path("/x/two"))
    async with app.run_test():
        assert "it is damaged" in str(app.query_one("#keys", Static).render())
        assert app.query_one(OptionList).highlighted == 1


def test_a_deck_that_does_not_open_is_told(monkeypatch):
    def fails(_which):
        raise BadInputError("no such thing")

    monkeypatch.setattr(cockpit.cli.outside.sessions_live, "open_session", fails)
    assert _opened(Path("/x")) == "no such thing"


def test_in_a_terminal_it_opens_a_deck_comes_back_and_leaves_it_clean(tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COCKPIT_STATE", str(tmp_path / "state"))
    made(tmp_path / "home" / "flight")
    terminal = Terminal("sessions", "--live", program=("-m", "cockpit"))
    before = terminal.flags()
    try:
        terminal.until(b"Pre-flight")
        terminal.send(b"\r")
        terminal.until(b"Journal")
        terminal.out = b""
        terminal.send(b"q")
        terminal.until(b"not ended")
        terminal.quiet()
        terminal.send(b"q")
        assert terminal.wait() == 0
        assert terminal.flags() == before
    finally:
        terminal.close()
