"""Concluding on the screen: what is asked, what is said of it, and what every other key answers then."""

import pytest
from msgspec.structs import replace

from sessions.actions.concluding import OVER
from sessions.values.requests import Act, Request
from tests.support.screen.grown_flight import NOW
from tests.support.screen.pilots import flying
from tests.support.screen.sample import calm, week


def concluded():
    judgement = week()
    return replace(judgement, state=replace(judgement.state, concluded_at=NOW))


async def test_it_asks_once_and_says_what_is_left():
    async with flying(week()) as flown:
        await flown.press("C")
        text = flown.text()
        assert "Not everything is done:" in text
        assert "day 7, the last one, has not begun" in text
        assert flown.door.asked == []
        await flown.press("y")
        assert flown.door.asked == [Request(Act.CONCLUDE)]


async def test_without_a_week_there_is_no_such_key():
    async with flying(calm()) as flown:
        await flown.press("C")
        assert flown.door.asked == []
        assert "Conclude" not in flown.text()


@pytest.mark.parametrize("size", [(160, 48), (120, 36), (80, 24)])
async def test_the_header_says_so(size):
    async with flying(concluded(), size) as flown:
        assert "✔ CONCLUDED" in flown.rows()[0]


@pytest.mark.parametrize("key", ["space", "a", "o", "w", "f", "i", "t", "C"])
async def test_a_key_that_acts_answers_at_once_and_asks_nothing(key):
    async with flying(concluded()) as flown:
        await flown.press(key)
        assert flown.door.asked == []
        assert flown.toasts() == [OVER[:1].upper() + OVER[1:]]


async def test_a_note_a_report_and_a_revert_are_still_taken():
    async with flying(concluded()) as flown:
        await flown.press("e")
        await flown.press("r", "y")
        assert flown.door.asked == [Request(Act.EXPORT), Request(Act.REVERT, percent=50)]
