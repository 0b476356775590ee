"""A newcomer's path to 10 %: only keys that the screen names at that moment, and at most eight of them."""

import re
from pathlib import Path

from sessions.values.requests import Act, Request
from tests.support.screen.grown_flight import NOW
from tests.support.screen.pilots import Flown, flying
from tests.tour.begun import first

README = Path(__file__).parents[3] / "README.md"
MOST = 8
_NEXT = re.compile(r"press (\S+):")
_NUMBERS = re.compile(r"1-(\d) tick")


class Newcomer:
    """Knows nothing: reads the deck's next step, and in a dialog the keys at its foot."""

    def __init__(self, flown: Flown) -> None:
        self.flown, self.pressed, self.flight, self.answered = flown, [], first(), 0

    async def press(self, key: str) -> None:
        self.pressed.append(key)
        await self.flown.press(key)
        for request in self.flown.door.asked[self.answered :]:
            self._happens(request)
        self.answered = len(self.flown.door.asked)
        self.flown.door.turn(self.flight.judged())
        self.flown.app.paint()
        await self.flown.settle()

    def _happens(self, request: Request) -> None:
        state = self.flight.state
        if request.act is Act.TICK:
            self.flight.wrote(NOW, "task.ticked", "ticked", by="owner", task=request.subject, done=True)
            assert request.subject not in state.ticked

    def named(self) -> str:
        """The key that the deck names first."""
        found = _NEXT.search(self.flown.text())
        assert found, self.flown.text()
        return found[1]


async def test_a_newcomer_reaches_10_percent_by_keys_that_the_screen_names():
    async with flying(first().judged()) as flown:
        owner = Newcomer(flown)
        assert "confirm three assumptions" in flown.text()
        await owner.press(owner.named())
        count = _NUMBERS.search(flown.text())
        assert count, flown.text()
        for number in range(1, int(count[1]) + 1):
            await owner.press(str(number))
        assert "esc leave" in flown.text()
        await owner.press("escape")
        assert "go to 10 %" in flown.text()
        await owner.press(owner.named())
        assert "y advance" in flown.text()
        await owner.press("y")
        asked = flown.door.asked[-1]
        assert (asked.act, asked.percent, asked.override) == (Act.ADVANCE, 10, False)
        assert len(owner.pressed) <= MOST
    steps = README.read_text("utf-8").partition("\n1. Press")[2].partition("\n3. ")[0]
    assert re.findall(r"`(\S+)`", steps) == owner.pressed, "the README names the keys that the screen names"
