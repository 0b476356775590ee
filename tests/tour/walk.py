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
from tests.tour.contents import CONTENTS, filled
from tests.tour.states import STATES
from tests.tour.stops import STOPS


@asynccontextmanager
async def walked(
    state: str, stop: str, size: tuple[int, int], folder: Path, content: str = "usual"
) -> AsyncIterator[Flown]:
    """Yield the app as it stands at a stop."""
    flight, judgement = filled(STATES[state], CONTENTS[content])
    flight.keep(folder)
    async with flying(judgement, size=size) as flown:
        flown.door.folder = folder
        if stop == "hand-over":
            tickets = judgement.state.seen.tickets
            peak = Peaks(None, None, tickets[-1] if tickets else None, None)
            absence = since_last(judgement.state, Look(ago(hours=7, minutes=12), 0), NOW)
            flown.app.hand_over(Absence(absence, peak))
        await flown.press(*STOPS[stop])
        await flown.settle()
        flown.app.paint()
        await flown.settle()
        yield flown
