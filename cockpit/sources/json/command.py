"""The command source: a program of the owner's that prints JSON, run without a shell and ended with its whole group."""

import asyncio
from collections.abc import Mapping, Sequence

from cockpit.runtime.subprocess import run_printing
from cockpit.settings.models.json_answers import Command
from cockpit.settings.schema.placeholders import Value, filled
from cockpit.sources.interface.source import Order, Source, SourceError
from cockpit.sources.json.pages import hinted, row_free, short_of
from cockpit.sources.json.source import AS_MEANT, PATIENCE, Documents, Manner, Reply, names_window, only, pace, parse

OUTPUT_LIMIT = 1_000_000


def open_source(order: Order, spec: Command) -> Sequence[Source]:
    """Return the source that runs `spec.argv`."""
    deadline, alone = spec.timeout or order.plan.cadence.deadline, row_free(spec)

    async def ask(places: Mapping[str, Value]) -> Reply:
        printed = await _printed([filled(word, places) for word in spec.argv], deadline * PATIENCE)
        document = await asyncio.to_thread(parse, printed)
        if alone or not (lack := _lack(document)):
            return Reply(document)
        return Reply(document, note=AS_MEANT) if spec.pages == "first" else Reply(document, cut=only(lack, 1))

    windowed = names_window(spec.argv)
    interval = spec.every or pace(spec, order.plan)
    return [Documents(order.name, spec, order.plan, Manner(ask, _nothing, windowed, interval, deadline))]


def _lack(document: object) -> str:
    """Say what a program's answer lacks that passes on one page of several; nobody but the program can follow it."""
    hint = hinted("", {}, document)
    if hint.next or hint.why:
        return hint.why or "the program passes on what goes on"
    return "" if hint.whole else short_of({}, document, 1)


async def _printed(argv: Sequence[str], patience: float) -> bytes:
    """Return what the program printed. Raises SourceError unless it ended with 0 in time."""
    ended, printed = await run_printing(argv, patience, OUTPUT_LIMIT)
    if ended.reason:
        raise SourceError(ended.reason)
    return printed


async def _nothing() -> None:
    """No connection was opened."""
