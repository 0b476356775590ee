"""The HTTP API of Prometheus, Mimir, Thanos and VictoriaMetrics: queries by POST, answers read strictly."""

import asyncio
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import httpx
from msgspec import Struct
from msgspec.structs import replace

from cockpit.http.client import body_of, place_of, told_status
from cockpit.http.exchange import Exchange, send
from cockpit.sources.interface.source import SourceError
from cockpit.sources.prometheus.promql import JOINT
from sessions.text.clean import clean

_TOLD = (httpx.codes.BAD_REQUEST, httpx.codes.UNPROCESSABLE_ENTITY, httpx.codes.SERVICE_UNAVAILABLE)
"""Statuses whose body says what was wrong with the query."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]?inf|nan", re.IGNORECASE | re.ASCII)
_FOREIGN = "not a Prometheus answer"
_LONGEST = 16_000
"""Bytes of one question: VictoriaMetrics takes 16,384, where nobody told it to take more."""
_LEVELLED = 60.0
"""Of ranges with a shorter step VictoriaMetrics levels the newest 30 s: they are asked moment by moment."""
_FRESH = {"nocache": "1"}
"""VictoriaMetrics keeps the newest 30 s to itself without it; others read over it."""


class QuerySeries(Struct, frozen=True):
    """One series of an answer: its labels, and its points as (epoch seconds, value); a value may be NaN or inf."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


class QueryResult(Struct, frozen=True):
    """The series of one answer; `warnings` say that it is partial, `infos` that something about it is odd (cleaned).

    `exchange` is when it was under way.
    """

    rows: tuple[QuerySeries, ...]
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    exchange: Exchange | None = None


class Api:
    """Asks one server. Every call raises one of `http.FAILURES`; the caller sets the total deadline."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client = client
        self._base = f"{url.rstrip('/')}/api/v1/"

    async def now(self, query: str) -> QueryResult:
        """Evaluate a query at the server's own now; all parts of a long one at the same moment."""
        first, *others = apart(query)
        answer = await self._read("query", {"query": first})
        at = {"time": f"{answer.rows[0].points[0][0]:.3f}"} if answer.rows else {}
        return _together([answer, *[await self._read("query", {"query": part, **at}) for part in others]])

    async def over(self, query: str, start: float, end: float, step: float) -> QueryResult:
        """Evaluate a query at `start`, and each `step` s after it up to `end`, in epoch seconds."""
        if step < _LEVELLED:
            moments = [start + number * step for number in range(int((end - start) / step) + 1)]
            asked = [(part, at) for at in moments for part in apart(query)]
            return _together([await self._read("query", {"query": part, "time": f"{at:.3f}"}) for part, at in asked])
        span = {"start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:.3f}"}
        return _together([await self._read("query_range", {"query": part, **span}) for part in apart(query)])

    async def build(self) -> str:
        """Return the server's version, empty if it does not say."""
        body, _ = await self._sent(self._client.build_request("GET", self._base + "status/buildinfo"))
        whole = _parsed(body)
        data = whole.get("data") if isinstance(whole, dict) else None
        version = data.get("version") if isinstance(data, dict) else None
        return clean(version, 40) if isinstance(version, str) else ""

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _read(self, path: str, form: Mapping[str, str]) -> QueryResult:
        request = self._client.build_request("POST", self._base + path, data={**form, **_FRESH})
        body, exchange = await self._sent(request)
        return replace(await asyncio.to_thread(read, body), exchange=exchange)

    async def _sent(self, request: httpx.Request) -> tuple[bytes, Exchange]:
        """Return a whole body of status 200, and when it was asked for; raise what another status says."""
        response, exchange = await send(self._client, request)
        try:
            if response.is_redirect:
                raise SourceError(f"redirected to {place_of(response.headers.get('location', ''))}")
            if response.status_code not in (httpx.codes.OK, *_TOLD):
                raise SourceError(told_status(response))
            body = await body_of(response)
        finally:
            await response.aclose()
        if response.status_code != httpx.codes.OK:
            raise SourceError(f"{told_status(response)}{_complaint(body)}")
        return body, exchange


def apart(query: str) -> Sequence[str]:
    """Part a query that is too long for some servers, where that can be done."""
    parts = [query] if len(query.encode()) <= _LONGEST else query.split(JOINT)
    found = parts[:1]
    for part in parts[1:]:
        longer = f"{found[-1]}{JOINT}{part}"
        found[-1:] = [longer] if len(longer.encode()) <= _LONGEST else [found[-1], part]
    return found


def _together(answers: Sequence[QueryResult]) -> QueryResult:
    """Make one answer of those to the parts of a question, under way when the first one was."""
    rows, warnings, infos = (
        tuple(one for answer in answers for one in getattr(answer, name)) for name in ("rows", "warnings", "infos")
    )
    return QueryResult(rows, warnings, infos, answers[0].exchange)


def read(body: bytes) -> QueryResult:
    """Read the answer to a query. Raises SourceError with the server's own words, or if it is no answer."""
    whole = _parsed(body)
    if not isinstance(whole, dict):
        _foreign()
    if whole.get("status") == "error":
        raise SourceError(_error(whole) or "the server says error, and not which")
    data = whole.get("data")
    if whole.get("status") != "success" or not isinstance(data, dict):
        _foreign()
    return QueryResult(_rows(data), _texts(whole.get("warnings")), _texts(whole.get("infos")))


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_foreign)
    except (ValueError, RecursionError) as error:
        raise SourceError(_FOREIGN if body.strip() else "empty answer") from error


def _foreign(_: object = None) -> NoReturn:
    raise SourceError(_FOREIGN)


def _complaint(body: bytes) -> str:
    """What a refusal's body says, with a colon before it; empty if it is no answer of the API."""
    try:
        whole = _parsed(body)
    except SourceError:
        return ""
    said = _error(whole) if isinstance(whole, dict) else ""
    return f": {said}" if said else ""


def _error(whole: Mapping[str, object]) -> str:
    said = whole.get("error")
    return clean(said, 100) if isinstance(said, str) else ""


def _texts(said: object) -> tuple[str, ...]:
    """Warnings in any other shape than a list of texts are warnings too."""
    if said is None:
        return ()
    return tuple(clean(text, 100) for text in said) if isinstance(said, list) else (clean(said, 100),)


def _rows(data: Mapping[str, Any]) -> tuple[QuerySeries, ...]:
    kind, result = data.get("resultType"), data.get("result")
    if kind not in ("vector", "matrix") or not isinstance(result, list):
        _foreign()
    return tuple(_row(item, "value" if kind == "vector" else "values") for item in result)


def _row(item: Any, key: str) -> QuerySeries:
    if not isinstance(item, dict) or not isinstance(labels := item.get("metric"), dict):
        _foreign()
    found = item.get(key)
    points = found if key == "values" else [found]
    if not isinstance(points, list) or not all(isinstance(value, str) for value in labels.values()):
        _foreign()
    return QuerySeries({clean(name, 200): clean(value, 200) for name, value in labels.items()}, _points(points))


def _points(points: Sequence[Any]) -> tuple[tuple[float, float], ...]:
    return tuple(_point(point) for point in points)


def _point(point: Any) -> tuple[float, float]:
    """A time as a number, a value as text: that is how NaN and Inf travel."""
    if not isinstance(point, list) or len(point) != 2:
        _foreign()
    at, value = point
    if isinstance(at, bool) or not isinstance(at, int | float) or not abs(at) < 1e12 or not math.isfinite(at):
        _foreign()
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        _foreign()
    return float(at), float(value)
