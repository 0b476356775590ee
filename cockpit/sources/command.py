"""The command source: a program of the owner's that prints JSON, run without a shell and ended with its whole group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cockpit.process import run_program
from cockpit.settings.answers import Command
from cockpit.settings.placeholders import filled, places_in
from cockpit.sources.base import Source, SourceError
from cockpit.sources.documents import PATIENCE, Documents, Manner, Reply, pace
from cockpit.sources.order import Order
from sessions.clean import clean

OUTPUT_LIMIT = 1_000_000
_TAIL = 4096


def open_source(order: Order, spec: Command) -> Sequence[Source]:
    """Return the source that runs `spec.argv`."""
    deadline = spec.timeout or order.plan.cadence.deadline

    async def ask(places: Mapping[str, str]) -> Reply:
        return Reply(await _printed([filled(word, places) for word in spec.argv], deadline * PATIENCE))

    windowed = "start" in set(places_in(spec.argv))
    interval = spec.every or pace(spec, order.plan)
    return [Documents(order.name, spec, order.plan, Manner(ask, _nothing, windowed, interval, deadline))]


@dataclass
class _Tail:
    """The end of what a program complained about."""

    text: bytes = field(default=b"")

    def take(self, piece: bytes) -> None:
        self.text = (self.text + piece)[-_TAIL:]

    @property
    def last(self) -> str:
        """The last line, cleaned."""
        lines = self.text.decode("utf-8", "replace").strip().splitlines()
        return clean(lines[-1].strip(), 80) if lines else ""


async def _printed(argv: Sequence[str], patience: float) -> bytes:
    """Return what the program printed. Raises SourceError unless it ended with 0 in time."""
    printed, complaint = bytearray(), _Tail()
    ended = await run_program(argv, patience, printed.extend, complaint.take, OUTPUT_LIMIT)
    if ended.code is None:
        raise SourceError(ended.reason)
    if ended.code:
        how = f"exit {ended.code}" if ended.code > 0 else f"ended by signal {-ended.code}"
        raise SourceError(f"{how}: {complaint.last}" if complaint.last else how)
    return bytes(printed)


async def _nothing() -> None:
    """No connection was opened."""
