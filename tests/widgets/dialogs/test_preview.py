"""The page before it is written says, word for word, what is written."""

from datetime import UTC

import pytest

from sessions.gate.evaluate import judge
from sessions.handover.peaks import Peaks
from sessions.reports.page import drafted, head
from sessions.reports.periods import of_day, of_flight
from sessions.reports.report import report_of
from sessions.values import readings as r
from tests.support.build import after, window
from tests.support.screen.sample import TOUGH, breach, burning, calm, hostile, unborn, week
from tests.support.worlds.reported import LASTED, entries, words
from widgets.dialogs.preview import Page, page_lines

WIDTHS = (40, 80, 110)
HIGH = Peaks(
    window("POST /capsules", after(0), p95_ms=893.0),
    window("POST /[x]_y", after(0), errors=3.0),
    r.Tickets("mongo", after(0), 23, None, (), 0),
)


def bad_day():
    return judge(entries().state, after(LASTED), UTC)


FLIGHTS = [bad_day, breach, burning, calm, unborn, week, *(lambda text=text: hostile(text) for text in TOUGH)]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("high", [None, Peaks(), HIGH], ids=["unasked", "empty", "high"])
@pytest.mark.parametrize("flight", FLIGHTS)
def test_a_page_is_previewed_as_it_is_written(flight, high, width):
    judgement = flight()
    day = judgement.at.astimezone(UTC).date()
    for period in (of_day(judgement, day, UTC), of_flight(judgement)):
        draft = drafted(judgement, period, UTC, high)
        lines = page_lines(Page(head(judgement, period.title, UTC), draft), width)
        shown = [word for line in lines for text, _ in line for word in text.split()]
        assert "".join(shown) == "".join(words(report_of(judgement, period, UTC, high)))
