"""What `cockpit open` begins once the first paint is out."""

from types import SimpleNamespace

import pytest
from textual.app import App

from cockpit.cli.commands import open as opening
from cockpit.runtime.clock import DEMO_CLOCK, Clock, clock_of
from cockpit.runtime.pace.course import SIZE, Course, Knot, told
from cockpit.tui.presence import Presence
from tests.support.processes.terminal import Terminal
from tests.support.watch.watching import made


class Screen(App):
    def hand_over(self):
        pass


async def test_presence_is_looked_at_beside_the_screen(monkeypatch, tmp_path):
    looked = []

    async def watch(_presence, door, hand_over):
        looked.append((door, hand_over))

    monkeypatch.setattr(Presence, "watch", watch)
    screen, door = Screen(), SimpleNamespace(viewer="")
    async with screen.run_test():
        await opening._presence(screen, tmp_path, Clock(), door).wait()
    assert looked == [(door, screen.hand_over)]


LIVES = Knot(Clock().boot() + 3600, 0.0)
CLOCKS = {
    "no demo": None,
    "not told yet": b"",
    "lives": told(Course(Clock().machine(), 0.0, (LIVES,))),
    "ended": told(Course(Clock().machine(), 0.0, (Knot(0.0, 0.0),), over=True)),
    "killed": told(Course(Clock().machine(), 0.0, (Knot(0.0, 0.0),))),
    "of another boot": told(Course("another", 0.0, (LIVES,))),
}


@pytest.mark.parametrize(("kind", "line"), CLOCKS.items(), ids=CLOCKS)
def test_a_demo_has_ended_once_its_world_keeps_the_clock_no_more(tmp_path, kind, line):
    if line is not None:
        (tmp_path / DEMO_CLOCK).write_bytes(line and line.ljust(2 * SIZE))
    assert clock_of(tmp_path).ended() is (kind in {"ended", "killed", "of another boot"})


def test_the_screen_over_an_ended_demo_says_so(tmp_path):
    folder = made(tmp_path / "one")
    (folder / DEMO_CLOCK).write_bytes(CLOCKS["ended"].ljust(2 * SIZE))
    here = Terminal("open", str(folder), program=("-m", "cockpit"), size=(24, 80))
    try:
        here.shows("This demo's world has ended, nothing answers; cockpit demo starts another")
        here.send(b"q")
        assert here.wait() == 0
    finally:
        here.close()
