"""Which polled questions read more documents than they should, and the index that would spare it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from pymongo import ReadPreference
from pymongo.errors import OperationFailure

from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.mongo import Mongo
from cockpit.sources.database.answer import among, documents
from cockpit.sources.database.database import Base
from sessions.plan.model import Plan
from sessions.text.clean import clean

_SCANS = "COLLSCAN"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Need(Struct, frozen=True):
    """One shape of question that is asked again and again, and the fields of the index that answers it."""

    collection: str
    fields: tuple[str, ...]
    query: Mapping[str, Any]


def needs(spec: Mongo, plan: Plan, now: datetime, *, ranks: bool = True) -> Sequence[Need]:
    """Return the shapes of what is polled; a server that does not rank needs one more."""
    found = [need for topic, shapes in _shapes(spec, plan, now) if topic in spec.topics for need in shapes]
    if spec.exposures.collection:
        found.append(_met(spec, plan, now))
    log = spec.requests
    if log.counts:
        since = {log.at: {"$gte": now}}
        found.append(Need(log.collection, (log.at,), since))
        if not ranks:
            one = {log.endpoint: "x", **since, log.duration: {"$gte": 0}}
            found.append(Need(log.collection, (log.endpoint, log.at, log.duration), one))
    return found


def _shapes(spec: Mongo, plan: Plan, now: datetime) -> Iterator[tuple[str, Sequence[Need]]]:
    since = {"$gte": now}
    events, tickets, capsules, returns = spec.events, spec.tickets, spec.capsules, spec.returns
    yield "journeys", [_need(events.collection, {events.journey: "x", events.at: since})]
    yield "queue", [_need(tickets.collection, {tickets.status: among(tickets.open)}, tickets.at)]
    yield (
        "capsules",
        [_need(capsules.collection, {capsules.status: among(capsules.held), capsules.expires: since})],
    )
    yield "returns", [_need(returns.collection, {returns.status: {"$nin": [*returns.done]}, returns.moved: since})]
    yield "csat", [_need(spec.csat.collection, {spec.csat.at: since})]
    keyed = [rule for rule in plan.collections if rule.key]
    yield "collections", [_need(rule.name, dict.fromkeys(rule.key, "x")) for rule in keyed]
    if spec.made:
        yield "collections", [_need(rule.name, {spec.made: since}) for rule in keyed]


def _met(spec: Mongo, plan: Plan, now: datetime) -> Need:
    names = spec.exposures
    of_flag = {names.flag: plan.flag} if names.flag else {}
    return _need(names.collection, {**of_flag, names.at: {"$gte": now}})


def _need(collection: str, query: Mapping[str, Any], *more: str) -> Need:
    return Need(collection, (*query, *more), query)


async def advice(base: Base, need: Need) -> Finding | None:
    """Return the index to create where a question reads every document, None if it need not. Raises PyMongoError."""
    if not await _scans(base, need):
        return None
    count = await base[need.collection].estimate()
    what = clean(f"{need.collection}: {', '.join(need.fields)}", 80)
    return Finding(Sight.WARNING, what, f"each look reads all of {documents(count)}", create(need))


async def _scans(base: Base, need: Need) -> bool:
    """Ask the server how it would answer; where it does not say, whether any index could help.

    A server that has the index and does not take it is left alone: there is nothing to create.
    """
    stages = list(_stages(await _explained(base, need)))
    if stages and _SCANS not in stages:
        return False
    indexes = await base[need.collection].indexes()
    whole = [index["key"] for index in indexes if "partialFilterExpression" not in index and not index.get("hidden")]
    fields = [list(key) for key in whole]
    if stages:
        return not any(tuple(names[: len(need.fields)]) == need.fields for names in fields)
    return not any(names[0] == need.fields[0] for names in fields)


async def _explained(base: Base, need: Need) -> Mapping[str, Any]:
    asked, mode = {"find": need.collection, "filter": dict(need.query)}, ReadPreference.SECONDARY_PREFERRED
    try:
        return await base.command("explain", asked, verbosity="queryPlanner", read_preference=mode)
    except OperationFailure as error:
        if error.timeout:
            raise
        return {}


def _stages(value: object) -> Iterator[str]:
    """Yield the stages of the plan that won, however deep it lies; those that lost do not count."""
    if isinstance(value, Mapping):
        if isinstance(stage := value.get("stage"), str):
            yield stage
        for name, inner in value.items():
            if name not in ("rejectedPlans", "command"):
                yield from _stages(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _stages(inner)


def create(need: Need) -> str:
    """Return the command that makes the index, as the shell takes it."""
    fields = ", ".join(f"{name if _PLAIN.fullmatch(name) else json.dumps(name)}: 1" for name in need.fields)
    plain = _PLAIN.fullmatch(need.collection)
    place = f"db.{need.collection}" if plain else f"db.getCollection({json.dumps(need.collection)})"
    return clean(f"{place}.createIndex({{{fields}}})", 200)
