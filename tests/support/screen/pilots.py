"""Flying the screen without a terminal: an app over a fake door, its text, its answers."""

import time
from collections.abc import Callable
from contextlib import asynccontextmanager

from cockpit.tui.app import Cockpit
from sessions.gate.judgement import Judgement
from tests.support.screen.fake_door import FakeDoor
from tests.support.screen.grown_flight import NOW, TZ


class Flown:
    def __init__(self, app: Cockpit, door: FakeDoor, pilot) -> None:
        self.app, self.door, self.pilot = app, door, pilot

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        await self.pilot.press(*("space" if char == " " else char for char in text))
        await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is left to do: messages, and workers that do not wait for an answer."""
        for _ in range(2):
            await self.pilot.pause()
        while self.app.keyboard.busy and self.app.is_running:
            await self.pilot.pause(0.01)

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until it holds; what does not within a minute fails."""
        end = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < end, self.text()
            await self.pilot.pause(0.02)

    def rows(self) -> list[str]:
        width = self.app.size.width
        strips = self.app.screen._compositor.render_strips()
        return [strip.text + " " * (width - strip.cell_length) for strip in strips]

    def text(self) -> str:
        return "\n".join(self.rows())

    def toasts(self) -> list[str]:
        """Return what was said so far, the newest last."""
        return [said.text for said in self.app.answers.said]

    def answer(self) -> str:
        """Return what the bottom row answers now."""
        return self.app.answers.now.text if self.app.answers.now else ""


@asynccontextmanager
async def flying(judgement: Judgement, size=(160, 48), viewer="", now=NOW, *, tz=TZ, settings=None):
    door = FakeDoor(judgement, viewer)
    app = Cockpit(door, tz=tz, clock=lambda: now, settings=settings)
    async with app.run_test(size=size, notifications=True) as pilot:
        flown = Flown(app, door, pilot)
        await flown.settle()
        yield flown
