"""The command source: a program of the owner's that prints JSON, run without a shell and ended with its whole group."""

from collections.abc import Mapping, Sequence

from cockpit.runtime.subprocess import run_printing
from cockpit.settings.models.json_answers import Command
from cockpit.settings.schema.placeholders import filled, places_in
from cockpit.sources.interface.source import Order, Source, SourceError
from cockpit.sources.json.source import PATIENCE, Documents, Manner, Reply, pace

OUTPUT_LIMIT = 1_000_000


def open_source(order: Order, spec: Command) -> Sequence[Source]:
    """Return the source that runs `spec.argv`."""
    deadline = spec.timeout or order.plan.cadence.deadline

    async def ask(places: Mapping[str, str]) -> Reply:
        return Reply(await _printed([filled(word, places) for word in spec.argv], deadline * PATIENCE))

    windowed = "start" in set(places_in(spec.argv))
    interval = spec.every or pace(spec, order.plan)
    return [Documents(order.name, spec, order.plan, Manner(ask, _nothing, windowed, interval, deadline))]


async def _printed(argv: Sequence[str], patience: float) -> bytes:
    """Return what the program printed. Raises SourceError unless it ended with 0 in time."""
    ended, printed = await run_printing(argv, patience, OUTPUT_LIMIT)
    if ended.reason:
        raise SourceError(ended.reason)
    return printed


async def _nothing() -> None:
    """No connection was opened."""
