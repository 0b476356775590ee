"""The screen of all sessions: it lives, keeps its cursor, fits, opens a deck and leaves a clean terminal."""

import os
import signal
import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual import events
from textual.widgets import OptionList, Static

import cockpit.cli.outside.sessions_live
from cockpit.cli.outside.sessions_live import _opened
from cockpit.runtime.errors import BadInputError
from cockpit.tui.keyboard.relay import relayed
from cockpit.tui.overview.app import Overview
from cockpit.tui.overview.row import broken_row, row_of
from sessions.gate.evaluate import judge
from sessions.storage.folders import SESSION
from tests.support.processes.terminal import Terminal, changed
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
    assert _opened(Path("/x")) == (2, "no such thing")


@pytest.mark.parametrize("keys", [["enter", "q"], ["enter", "down"], ["q", "enter"]], ids=" ".join)
async def test_what_follows_the_key_that_leaves_it_is_not_for_it(keys, monkeypatch):
    with relayed() as relay:
        app = Place(*ROWS).screen()
        async with app.run_test() as pilot:
            first, *others = [events.Key(key, None) for key in keys]
            for event in (first, *others):
                relay.came(event)
                app.post_message(event)
            await pilot.pause()
        assert app.return_value == (Path("/x/one") if keys[0] == "enter" else None)
        assert relay.waiting() == others
        follows = Place(*ROWS).screen(at=Path("/x/two"))
        async with follows.run_test() as pilot:
            await pilot.pause()
        assert relay.waiting() == []


async def test_a_paste_acts_on_nothing_and_says_so():
    app = Place(*ROWS).screen()
    async with app.run_test() as pilot:
        app.post_message(events.Paste("q\r"))
        await pilot.pause()
        assert app.is_running
        assert "acts on nothing" in str(app.query_one("#keys", Static).render())


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COCKPIT_STATE", str(tmp_path / "state"))
    made(tmp_path / "home" / "flight")
    found = Terminal("sessions", "--live", program=("-m", "cockpit"))
    yield found
    found.close()


def closed(terminal):
    """The terminal is as it was."""
    assert terminal.flags() == terminal.before
    assert changed(terminal.out) == set()


def test_in_a_terminal_it_opens_a_deck_comes_back_and_leaves_it_clean(terminal):
    terminal.until(b"Pre-flight")
    terminal.send(b"\r")
    terminal.until(b"Journal")
    terminal.out = b""
    terminal.send(b"q")
    terminal.until(b"not ended")
    terminal.send(b"q")
    assert terminal.wait() == 0
    assert terminal.flags() == terminal.before


def test_no_key_is_lost_at_a_change_of_screens_and_none_acts_on_the_wrong_one(terminal, tmp_path):
    """Keys come in the read of the one that leaves, while the next screen is loaded, and while one is put away."""
    terminal.until(b"Pre-flight")
    terminal.send(b"\rnok")  # opens the deck, and begins a note there
    terminal.until(b"opening flight")
    terminal.send(b"ay\r")
    session = tmp_path / "home" / "flight" / SESSION
    end = time.monotonic() + 60
    while "okay" not in session.read_text("utf-8"):
        assert time.monotonic() < end, terminal.out[-3000:]
        terminal.pump(0.05)
    for keys in (b"q\r", b"q"):  # leaves the deck, opens it again; leaves it while it is loaded
        terminal.out = b""
        terminal.send(keys)
        if keys != b"q":
            terminal.until(b"opening flight")
    terminal.until(b"\x1b[?1049l")
    terminal.send(b"q")
    assert terminal.wait() == 0
    closed(terminal)
    assert session.read_text("utf-8").count("note.written") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("where", ["rows", "between", "deck"])
def test_a_signal_ends_all_of_it_and_the_terminal_is_as_it_was(terminal, number, where):
    terminal.until(b"Pre-flight")
    if where != "rows":
        terminal.send(b"\r")
        terminal.until(b"opening flight" if where == "between" else b"Journal")
    os.kill(terminal.pid, number)
    assert terminal.wait() == 128 + number
    closed(terminal)
    assert b"Traceback" not in terminal.out


def test_ctrl_z_of_the_deck_gives_the_terminal_back(terminal):
    terminal.until(b"Pre-flight")
    terminal.send(b"\r")
    terminal.until(b"Journal")
    terminal.send(b"\x1a")
    terminal.stopped()
    closed(terminal)
    terminal.out = b""
    os.kill(terminal.pid, signal.SIGCONT)
    terminal.until(b"Journal")
    terminal.send(b"qq")
    assert terminal.wait() == 0
    closed(terminal)


def test_a_light_terminal_gets_the_light_theme(terminal):
    terminal.until(b"Pre-flight")
    terminal.out = b""
    terminal.send(b"\x1b]11;rgb:ffff/fafa/f0f0\x1b\\")
    terminal.until(b"Pre-flight")
    terminal.send(b"q")
    assert terminal.wait() == 0
    assert b"Traceback" not in terminal.out
