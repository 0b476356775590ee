"""The json source: any HTTP answer in JSON."""

import asyncio
import zlib
from collections.abc import Mapping, Sequence

import httpx

from cockpit.http.client import FAILURES, Fetched, dated, fetch, open_client, reason
from cockpit.runtime.clock import Clock
from cockpit.settings.models.json_answers import Json
from cockpit.settings.schema.placeholders import filled, filled_tree, places_in
from cockpit.sources.interface.source import Order, Source, SourceError
from cockpit.sources.json.source import PATIENCE, Documents, Manner, Reply, pace
from sessions.text.clean import clean

_HEADERS = {"accept": "application/json", "accept-encoding": "gzip"}
_MAYBE = ("", "text/plain", "application/octet-stream")


def open_source(order: Order, spec: Json) -> Sequence[Source]:
    """Return the source that asks `spec.url`. Raises SecretError and SourceError."""
    deadline = spec.timeout or order.plan.cadence.deadline
    patience = deadline * PATIENCE
    client, clock = open_client(spec, order.secrets, patience), Clock()

    async def ask(places: Mapping[str, str]) -> Reply:
        asked = clock.now()
        try:
            async with asyncio.timeout(patience):
                answer = await fetch(client, _request(client, spec, places))
            return Reply(_json(answer), dated(answer, asked, clock.now()))
        except TimeoutError:
            raise SourceError(f"no answer in {patience:g} s") from None
        except zlib.error:
            raise SourceError("answer packed wrongly") from None
        except FAILURES as error:
            raise SourceError(reason(error, patience)) from None

    windowed = "start" in {*places_in(spec.url), *places_in(spec.body)}
    interval = spec.every or pace(spec, order.plan)
    return [Documents(order.name, spec, order.plan, Manner(ask, client.aclose, windowed, interval, deadline))]


def _request(client: httpx.AsyncClient, spec: Json, places: Mapping[str, str]) -> httpx.Request:
    body = filled_tree(spec.body, places) if spec.method == "POST" else None
    return client.build_request(spec.method, filled(spec.url, places), headers=_HEADERS, json=body)


def _json(answer: Fetched) -> bytes:
    """Return the body; one that says it is something else is not looked at."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "json" not in kind and kind not in _MAYBE:
        raise SourceError(f"not JSON but {clean(kind, 40)}")
    return answer.body
