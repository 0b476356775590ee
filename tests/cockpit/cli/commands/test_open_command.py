"""What `cockpit open` begins once the first paint is out."""

from types import SimpleNamespace

from textual.app import App

from cockpit.cli.commands import open as opening
from cockpit.runtime.clock import Clock
from cockpit.tui.presence import Presence


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
