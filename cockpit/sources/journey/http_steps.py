"""The HTTP half of a journey: one step sent, its answer compared with what is wanted, values captured from it."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import jmespath
from jmespath.exceptions import JMESPathError
from msgspec import Struct

from cockpit.http.client import FAILURES, body_of, place_of, reason
from cockpit.http.login import why_refused
from cockpit.settings.models.journeys import JourneyStep
from cockpit.settings.schema.placeholders import Value, filled, filled_tree, why_no_value, worded
from cockpit.sources.interface.source import SourceError
from sessions.text.clean import clean
from sessions.text.units import figure

BODY_LIMIT = 1_000_000
_SHOWN = 40


class BrokenError(SourceError):
    """A step or a look did not end as wanted; the text says what came and what was wanted."""


class Ready(Struct, frozen=True):
    """A step with its secret headers revealed; what it prints of itself leaves them out."""

    step: JourneyStep
    headers: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Ready({self.step.name!r})"


async def take_step(
    client: httpx.AsyncClient, base: str, ready: Ready, values: Mapping[str, Value], patience: float
) -> tuple[str, dict[str, Value]]:
    """Send one step and return a line about it, and what it captured. `patience` in s. Raises BrokenError."""
    step, begun = ready.step, time.perf_counter()
    try:
        async with asyncio.timeout(patience):
            status, body = await _answer(client, _request(client, base, ready, values), step)
    except TimeoutError as error:
        raise BrokenError(f"no answer in {patience:g} s") from error
    except FAILURES as error:
        raise BrokenError(reason(error, patience)) from error
    took = (time.perf_counter() - begun) * 1000
    captured = _judged(step, body, values)
    return f"{clean(step.name, 80)}: {status} in {figure(took, 'ms')}", captured


def _request(client: httpx.AsyncClient, base: str, ready: Ready, values: Mapping[str, Value]) -> httpx.Request:
    """Build the request; what fills a place in the path is quoted, so that it stays one part of it."""
    step = ready.step
    quoted = {name: _quoted(value) for name, value in values.items()}
    url = httpx.URL(base.rstrip("/") + filled(step.path, quoted))
    body = json.dumps(filled_tree(step.body, values), default=str).encode() if step.body else None
    headers = {name.lower().encode(): filled(text, values).encode() for name, text in ready.headers.items()}
    if body is not None:
        headers = {b"content-type": b"application/json", **headers}
    # The client's own parameters would take the place of those in the path.
    return client.build_request(step.method, url, params=url.params, headers=headers, content=body)


def _quoted(value: Value) -> str:
    """Quote a value; one that means "above" in a path means only itself."""
    text = quote(worded(value), safe="")
    return text if text.strip(".") else text.replace(".", "%2E")


async def _answer(client: httpx.AsyncClient, request: httpx.Request, step: JourneyStep) -> tuple[int, bytes]:
    response = await client.send(request, stream=True, follow_redirects=False)
    try:
        status = response.status_code
        if status not in step.status:
            wanted = " or ".join(str(each) for each in step.status)
            to = f" to {place_of(response.headers.get('location', ''))}" if response.is_redirect else ""
            why = f" ({unmended})" if (unmended := why_refused(response)) else ""
            raise BrokenError(f"{status}{to}, wanted {wanted}{why}")
        return status, await body_of(response, BODY_LIMIT)
    finally:
        await response.aclose()


def _judged(step: JourneyStep, body: bytes, values: Mapping[str, Value]) -> dict[str, Value]:
    """Compare the answer with what is wanted and return what is captured. Raises BrokenError."""
    if step.contains and filled(step.contains, values) not in body.decode("utf-8", "replace"):
        raise BrokenError(f'lacks "{clean(filled(step.contains, values), _SHOWN)}"')
    if not step.expect and not step.capture:
        return {}
    document = _document(body)
    for path, template in step.expect.items():
        seen, wanted = _shown(_found(document, path)), filled(template, values)
        if seen != wanted:
            raise BrokenError(f"{path} is {clean(seen, _SHOWN)}, wanted {clean(wanted, _SHOWN)}")
    return {name: _captured(document, name, path) for name, path in step.capture.items()}


def _document(body: bytes) -> object:
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BrokenError("answer is no JSON") from error


def _no_number(word: str) -> object:
    raise ValueError(word)


def _found(document: object, path: str) -> Any:
    try:
        return jmespath.search(path, document)
    except (JMESPathError, RecursionError) as error:
        raise BrokenError(f"{path} cannot be looked up") from error


def _shown(value: object) -> str:
    return json.dumps(value) if isinstance(value, list | dict) else worded(value)


def _captured(document: object, name: str, path: str) -> Value:
    value: Any = _found(document, path)
    if why := why_no_value(value):
        raise BrokenError(f"{name} {why}")
    plain: Value = value
    return plain
