"""Every question to a request log. Only names of the plan come back; what the documents say stays on the server."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bson import Decimal128
from msgspec import Struct
from msgspec.structs import replace
from pymongo.errors import OperationFailure

from cockpit.settings.models.mongo import RequestLog
from cockpit.sources.database.answer import AHEAD, dig, shown, undated
from cockpit.sources.database.client import LOGIN_REFUSED, NOT_ALLOWED, Document
from cockpit.sources.database.database import Records
from sessions.plan.model import Plan
from sessions.values.readings import Side, Split

_FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC)
_P95 = 95
_OTHERS = -1


class Log(Struct, frozen=True):
    """A collection of requests, the names of its fields, the plan's endpoints and its bound of the p95 in ms."""

    collection: Records
    fields: RequestLog
    endpoints: tuple[str, ...]
    bound_ms: float

    @property
    def unit_ms(self) -> float:
        """How many ms the log's own unit of duration has."""
        return 1000.0 if self.fields.unit == "s" else 1.0


class Flow(Struct, frozen=True):
    """One endpoint's requests in a span: `errors` are 5xx, `refused` 4xx, `p95_ms` is None if none was timed.

    `over` is the share 0..1 of the timed ones over the plan's bound, None if none was timed. `split` is None if
    no field says who had the flag.
    """

    requests: int
    errors: int
    p95_ms: float | None
    over: float | None = None
    refused: int = 0
    split: Split | None = None


class Count(Struct, frozen=True):
    """A span of the log by endpoint; `odd` of the `total` documents of these endpoints are partly unreadable."""

    flows: Mapping[str, Flow]
    odd: int
    total: int


async def can_rank(log: Log) -> bool:
    """Whether the server knows $percentile: it is tried once, on no document. Raises PyMongoError."""
    group = {"$group": {"_id": None, "p95": _percentile(f"${log.fields.duration}")}}
    try:
        await log.collection.rows([{"$match": {"_id": {"$in": []}}}, group])
    except OperationFailure as error:
        if error.timeout or error.code in (LOGIN_REFUSED, NOT_ALLOWED):
            raise
        return False
    return True


async def newest(log: Log, now: datetime) -> datetime | None:
    """Return the date of the newest document that is not ahead of `now`, None for an empty log."""
    at = log.fields.at
    query = {at: {"$gte": _FIRST_DAY, "$lte": now + AHEAD}}
    found = await log.collection.find(query, shown(at), [(at, -1)], limit=1)
    date = dig(found[0], at) if found else None
    return min(date, now) if isinstance(date, datetime) else None


async def misdated(log: Log, now: datetime) -> tuple[int, int]:
    """Count the documents without a date, and those dated ahead of our clock."""
    ahead = log.collection.count({log.fields.at: {"$gt": now + AHEAD}})
    without, later = await asyncio.gather(undated(log.collection, {}, log.fields.at), ahead)
    return without, later


async def count(log: Log, start: datetime, end: datetime, ranks: bool) -> Count:
    """Count `start`..`end` (end excluded) by endpoint; the p95 by the server if it `ranks`, else by sorted looks."""
    found = await log.collection.rows(_stages(log, start, end, ranks))
    ours = [row for row in found if row["_id"] != _OTHERS]
    p95s = {side: await _p95s(log, ours, start, end, ranks, side) for side in ("", *_sides(log.fields))}
    flows = {log.endpoints[row["_id"]]: _flow(log, row, place, p95s) for place, row in enumerate(ours)}
    odd = sum(int(row["odd"]) for row in found)
    return Count(flows, odd, sum(int(row["all"]) for row in ours) + odd - sum(int(row["odd"]) for row in ours))


async def _p95s(  # noqa: PLR0913, PLR0917 (a span of a log, who is asked about, and how)
    log: Log, groups: Sequence[Document], start: datetime, end: datetime, ranks: bool, side: str
) -> Sequence[object]:
    if ranks:
        return [row[f"{side}p95"][0] for row in groups]
    return await _ranked(log, groups, start, end, side)


def _flow(log: Log, row: Document, place: int, p95s: Mapping[str, Sequence[object]]) -> Flow:
    flow = Flow(int(row["n"]), int(row["errors"]), _ms(log, p95s[""][place]), _over(row), int(row["refused"]))
    found = [
        Side(int(row[f"{side}n"]), int(row[f"{side}errors"]), _ms(log, p95s[side][place]), _over(row, side))
        for side in _sides(log.fields)
    ]
    if not found or not any(side.requests for side in found):
        return flow
    on, off = found
    return replace(flow, split=Split(on, off, flow.requests - on.requests - off.requests))


def _sides(fields: RequestLog) -> Mapping[str, Sequence[object]]:
    """What a document says of either group, by the prefix of the group's figures; nothing if no field says it."""
    said, truths = fields.variant, {"true": True, "false": False}
    words = {"on_": said.on, "off_": said.off} if said.label else {}
    return {side: [word, *([truths[word]] if word in truths else [])] for side, word in words.items()}


def _stages(log: Log, start: datetime, end: datetime, ranks: bool) -> list[Document]:
    """A request without a readable status is none; one without a readable duration counts and is not timed."""
    fields = log.fields
    place = {"$indexOfArray": [{"$literal": [_key(fields, name) for name in log.endpoints]}, _key_of(fields)]}
    plain = {"place": place, "named": _named(fields), "status": f"${fields.status}", "duration": f"${fields.duration}"}
    counted, timed = _within("$status", 100, 1000), _within("$duration", 0, math.inf)
    sound = {"$cond": [{"$eq": ["$place", _OTHERS]}, "$named", {"$and": [counted, timed]}]}
    group: Document = {"_id": "$place", "all": {"$sum": 1}, "odd": {"$sum": {"$cond": [sound, 0, 1]}}}
    slow = {"$gt": ["$duration", log.bound_ms / log.unit_ms]}
    group |= _figures("", counted, timed, slow, ranks) | {"refused": _sum_if(_within("$status", 400, 500))}
    if sides := _sides(fields):
        plain["says"] = f"${fields.variant.label}"
    for side, words in sides.items():
        says: Document = {"$in": ["$says", words]}
        group |= _figures(side, {"$and": [says, counted]}, {"$and": [says, timed]}, slow, ranks)
    return [{"$match": {fields.at: {"$gte": start, "$lt": end}}}, {"$project": plain}, {"$group": group}]


def _figures(side: str, counted: Document, timed: Document, slow: Document, ranks: bool) -> Document:
    """How the figures of one group are added up; their names begin with `side`, empty for all."""
    found: Document = {
        f"{side}n": _sum_if(counted),
        f"{side}errors": _sum_if({"$and": [counted, {"$gte": ["$status", 500]}]}),
        f"{side}timed": _sum_if(timed),
        f"{side}slow": _sum_if({"$and": [timed, slow]}),
    }
    return found | ({f"{side}p95": _percentile({"$cond": [timed, "$duration", None]})} if ranks else {})


async def _ranked(log: Log, groups: Sequence[Document], start: datetime, end: datetime, side: str) -> list[object]:
    """The duration at the rank of the p95, endpoint by endpoint: exact, and a little slower."""
    whose: Document = {log.fields.variant.label: {"$in": _sides(log.fields)[side]}} if side else {}

    async def look(group: Document) -> object:
        match = {**_only(log.fields, log.endpoints[group["_id"]]), **whose}
        return await _at_rank(log, match, {"$gte": start, "$lt": end}, int(group[f"{side}timed"]))

    return await asyncio.gather(*(look(group) for group in groups))


Part = tuple[str, object, int, float | None]
"""An endpoint, the value of another field, how many requests there were, and their p95 in ms where one was timed."""
_MOST_PARTS = 40


async def by_field(log: Log, field: str, start: datetime, end: datetime, *, ranks: bool) -> Sequence[Part]:
    """Return the requests of `start`..`end` by endpoint and by the value of one more field, at most 40 of them."""
    timed = _within("$duration", 0, math.inf)
    place = {"$indexOfArray": [{"$literal": [_key(log.fields, name) for name in log.endpoints]}, _key_of(log.fields)]}
    plain = {"place": place, "by": f"${field}", "duration": f"${log.fields.duration}"}
    group: Document = {"_id": {"place": "$place", "by": "$by"}, "n": {"$sum": 1}, "timed": _sum_if(timed)}
    group |= {"p95": _percentile({"$cond": [timed, "$duration", None]})} if ranks else {}
    span = {log.fields.at: {"$gte": start, "$lt": end}}
    stages: list[Document] = [{"$match": span}, {"$project": plain}, {"$match": {"place": {"$gte": 0}}}]
    found = await log.collection.rows([*stages, {"$group": group}, {"$sort": {"n": -1}}, {"$limit": _MOST_PARTS}])
    ours = [(log.endpoints[row["_id"]["place"]], row["_id"].get("by"), row) for row in found]
    p95s = [row["p95"][0] for row in found] if ranks else await _each_ranked(log, field, span, ours)
    return [(name, by, int(row["n"]), _ms(log, p95)) for (name, by, row), p95 in zip(ours, p95s, strict=True)]


async def _each_ranked(
    log: Log, field: str, span: Document, ours: Sequence[tuple[str, object, Document]]
) -> Sequence[object]:
    async def look(name: str, by: object, timed: int) -> object:
        match = {**_only(log.fields, name), field: {"$eq": by}}
        return await _at_rank(log, match, span[log.fields.at], timed)

    return await asyncio.gather(*(look(name, by, int(row["timed"])) for name, by, row in ours))


async def _at_rank(log: Log, match: Document, span: Document, timed: int) -> object:
    """Return the duration at the rank of the p95 among the timed matches; None without any."""
    if not timed:
        return None
    took = log.fields.duration
    every = {**match, log.fields.at: span, took: {"$gte": 0, "$lt": math.inf}}
    rank = -(-timed * _P95 // 100) - 1
    ranked = await log.collection.find(every, shown(took), [(took, 1)], skip=rank, limit=1)
    return dig(ranked[0], took) if ranked else None


def _key(fields: RequestLog, endpoint: str) -> object:
    """Return an endpoint as the log writes it: whole, or split into method and path."""
    method, _, path = endpoint.partition(" ")
    return {"m": method, "e": path} if fields.method else endpoint


def _key_of(fields: RequestLog) -> object:
    return {"m": f"${fields.method}", "e": f"${fields.endpoint}"} if fields.method else f"${fields.endpoint}"


def _only(fields: RequestLog, endpoint: str) -> Document:
    """The filter for one endpoint: plain texts by equality, whatever they hold."""
    method, _, path = endpoint.partition(" ")
    if not fields.method:
        return {fields.endpoint: {"$eq": endpoint}}
    return {fields.endpoint: {"$eq": path}, fields.method: {"$eq": method}}


def _named(fields: RequestLog) -> Document:
    names = [name for name in (fields.method, fields.endpoint) if name]
    return {"$and": [{"$eq": [{"$type": f"${name}"}, "string"]} for name in names]}


def _within(field: str, low: float, below: float) -> Document:
    """A number in the range: texts and dates sort above every number, NaN below."""
    return {"$and": [{"$isNumber": field}, {"$gte": [field, low]}, {"$lt": [field, below]}]}


def _sum_if(condition: Document) -> Document:
    return {"$sum": {"$cond": [condition, 1, 0]}}


def _percentile(value: object) -> Document:
    return {"$percentile": {"input": value, "p": [_P95 / 100], "method": "approximate"}}


def _over(row: Document, side: str = "") -> float | None:
    timed = int(row[f"{side}timed"])
    return round(int(row[f"{side}slow"]) / timed, 6) if timed else None


def _ms(log: Log, value: object) -> float | None:
    number = float(value.to_decimal()) if isinstance(value, Decimal128) else value
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
        return None
    return round(number * log.unit_ms, 3)


WINDOWS_KEPT = 48


class Window(Struct, frozen=True):
    """One window, `start`..`end`; `backfilled` where it had closed before anybody here looked."""

    index: int
    start: datetime
    end: datetime
    backfilled: bool = False


class Agenda:
    """Remembers the windows that are not final; after `since` (when somebody last watched) at most 48 are caught up."""

    def __init__(self, plan: Plan, since: datetime | None) -> None:
        self._rule = plan.windows
        self._latency = plan.cadence.data_latency
        self._since = since
        self._seen: int | None = None
        self._open: dict[int, bool] = {}

    def due(self, now: datetime, newest: datetime) -> Sequence[Window]:
        """Return the windows to ask for, newest first; what began after the log's `newest` document waits for one."""
        running = self._index(now)
        for index in range(max(self._first(running), running - WINDOWS_KEPT), running + 1):
            self._open[index] = index < running
        self._seen = running
        # A clock that went back makes what lies ahead of it another time.
        self._open = {at: late for at, late in self._open.items() if running - WINDOWS_KEPT <= at <= running}
        windows = (self._window(index) for index in sorted(self._open, reverse=True))
        return [window for window in windows if window.start < newest]

    def looked(self, window: Window, now: datetime, newest: datetime) -> None:
        """A window was asked for: it is final once it has settled and the log has gone on beyond its end."""
        late = (now - newest).total_seconds()
        settle = self._rule.settle + (late if late > self._latency else 0.0)
        if newest >= window.end and now >= window.end + timedelta(seconds=settle):
            self.drop(window)

    def drop(self, window: Window) -> None:
        """Never ask for this window again."""
        self._open.pop(window.index, None)

    def _first(self, running: int) -> int:
        if self._seen is not None:
            return min(self._seen, running - 1) + 1
        return min(self._index(self._since), running) if self._since else running

    def _index(self, at: datetime) -> int:
        return int(at.timestamp() // self._rule.length)

    def _window(self, index: int) -> Window:
        start, end = (datetime.fromtimestamp(edge * self._rule.length, UTC) for edge in (index, index + 1))
        return Window(index, start, end, self._open[index])


def covered(start: datetime, end: datetime, newest: datetime) -> float:
    """Return the share 0..1 of a span that a log vouches for which goes as far as its `newest` document."""
    seconds = (end - start).total_seconds()
    vouched = (min(end, newest) - start).total_seconds()
    return max(0.0, min(1.0, round(vouched / seconds, 6))) if seconds > 0 else 0.0
