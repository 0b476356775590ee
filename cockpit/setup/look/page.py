"""Asking /metrics pages once, side by side: each is bounded in time and size, and one that fails says why."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from cockpit.http.client import FAILURES, advice, fetch, open_client, place_of, reason
from cockpit.settings.models.traffic import Scrape
from cockpit.settings.schema.secrets import SecretError, Secrets
from cockpit.setup.found import Counter, Traffic
from cockpit.setup.look.samples import Sample, samples
from cockpit.setup.look.traffic import counters, lacking, traffic
from cockpit.sources.scrape.exposition import ACCEPT
from cockpit.sources.scrape.series import PROCESS_START

PATIENCE = 5.0
"""Seconds that one page may take."""
_LEAST = 60.0
"""Seconds that a process must run before its traffic is given per hour."""


class Asked(Struct, frozen=True):
    """What was found at some addresses: the traffic, counters of events, and a line for each thing that was not."""

    traffic: Traffic | None = None
    events: tuple[Counter, ...] = ()
    notes: tuple[str, ...] = ()


async def ask_pages(spec: Scrape, secrets: Secrets, now: datetime) -> Asked:
    """Ask every page and return what they count together."""
    try:
        client = open_client(spec, secrets, PATIENCE)
    except (SecretError, *FAILURES) as error:
        return Asked(notes=(f"metrics: {error}: export it, and try again",))

    async def page(url: str) -> tuple[Sample, ...] | str:
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await fetch(client, client.build_request("GET", url, headers={"accept": ACCEPT}))
                kind = answer.headers.get("content-type", "")
                return await asyncio.to_thread(samples, answer.body.decode(), kind)
        except TimeoutError:
            return f"{place_of(url)}: no answer in {PATIENCE:g} s: is it running, and is the address right?"
        except FAILURES as error:
            why = reason(error, PATIENCE)
            return f"{place_of(url)}: {why}: {advice(why)}"

    try:
        pages = await asyncio.gather(*(page(url) for url in spec.urls))
    finally:
        await client.aclose()
    return _together(
        [one for one in pages if not isinstance(one, str)], [one for one in pages if isinstance(one, str)], now
    )


def _together(pages: Sequence[Sequence[Sample]], notes: Sequence[str], now: datetime) -> Asked:
    every = [sample for page in pages for sample in page]
    found = traffic(every)
    if found is None or not found.endpoints:
        why = [lacking(every) if found is None else _nobody(found)] if pages else []
        return Asked(found, counters(every), (*notes, *why))
    hours = _hours(every, now)
    rows = tuple(replace(row, per_hour=row.requests / hours if hours else None) for row in found.endpoints)
    return Asked(replace(found, endpoints=rows), counters(every), tuple(notes))


def _nobody(found: Traffic) -> str:
    return f"{found.metrics.requests} counts no request yet: ask the service once, then try again"


def _hours(every: Sequence[Sample], now: datetime) -> float:
    """Return since how many hours the oldest process counts; 0 if that is not told, or too short to tell."""
    starts = [now.timestamp() - sample.value for sample in every if sample.name == PROCESS_START]
    longest = max((span for span in starts if span > 0), default=0.0)
    return longest / 3600 if longest >= _LEAST else 0.0
