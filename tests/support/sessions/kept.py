"""A made-up flight as it is kept: its entries in a session file, its readings in a history, on a disk."""

import tempfile
from functools import cache
from pathlib import Path

from sessions.history.copied import kept
from sessions.history.history import History
from sessions.replay.record import Record, recorded
from sessions.storage.folders import HISTORY, SESSION
from sessions.storage.journal import Journal, create
from sessions.values.entries import Draft, Entry
from sessions.values.readings import Reading
from tests.support.build import T0, after
from tests.support.worlds.flown import Flight
from tests.support.worlds.plan import PLAN, TABLE
from tests.support.worlds.world import imagined

LATER = after(86_400)


class KeptFlight(Flight):
    """A flight that remembers what it was told in each round."""

    def __init__(self, world) -> None:
        super().__init__(world)
        self.rounds: list[list[Reading]] = []

    def _poll(self, at: int, now: int) -> None:
        asked, ask = [], self._sources.ask
        self._sources.ask = lambda when: [asked.append(row) or row for row in ask(when)]
        try:
            super()._poll(at, now)
        finally:
            self._sources.ask = ask
        self.rounds.append(asked)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self._pen.state.entries


def flown(seed: int) -> KeptFlight:
    flight = KeptFlight(imagined(seed))
    flight.fly()
    return flight


def keep(flight: KeptFlight, folder: Path) -> Path:
    """Write a flight as a watch would have, and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    create(folder / SESSION, "flight", TABLE, T0)
    journal = Journal(folder / SESSION)
    journal.open(T0)
    for entry in flight.entries:
        journal.append(
            [Draft(entry.kind, entry.by, entry.text, entry.facts, entry.phase)], phase=entry.phase, now=entry.at
        )
    journal.close()
    history = History(folder / HISTORY)
    for rows in flight.rounds:
        history.add(rows)
    history.close()
    return folder


@cache
def record_of(seed: int) -> Record:
    """Return what was kept of the made-up flight of that seed."""
    flight = flown(seed)
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder) / HISTORY)
        for rows in flight.rounds:
            history.add(rows)
        history.close()
        readings = kept(Path(folder) / HISTORY).readings
    return recorded(PLAN, flight.entries, readings, LATER)
