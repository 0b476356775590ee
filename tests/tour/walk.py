"""Walking to a stop: an app over a flight of its own, and the keys of a person."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sessions.handover.absence import since_last
from sessions.handover.handover import Absence
from sessions.handover.peaks import Peaks
from sessions.history.queries import Look
from tests.support.screen.grown_flight import NOW, ago
from tests.support.screen.pilots import Flown, flying
from tests.tour.states import STATES
from tests.tour.stops import STOPS


@asynccontextmanager
async def walked(state: str, stop: str, size: tuple[int, int], folder: Path) -> AsyncIterator[Flown]:
    """Yield the app as it stands at a stop."""
    flight = STATES[state]()
    flight.keep(folder)
    judgement = flight.judged()
    async with flying(judgement, size=size) as flown:
        flown.door.folder = folder
        if stop == "hand-over":
            peak = Peaks(None, None, judgement.state.seen.tickets[-1], None)
            absence = since_last(judgement.state, Look(ago(hours=7, minutes=12), 0), NOW)
            flown.app.hand_over(Absence(absence, peak))
        await flown.press(*STOPS[stop])
        await flown.settle()
        flown.app.paint()
        await flown.settle()
        yield flown
