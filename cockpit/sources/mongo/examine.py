"""The doctor's look at a database: server, clock, our rights, collections, missing indexes."""

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct
from pymongo.errors import OperationFailure, PyMongoError

from cockpit.runtime.finding import Finding, Sight
from cockpit.settings.models.mongo import Mongo
from cockpit.sources.database.answer import AHEAD, dig, documents, shown
from cockpit.sources.database.client import HELLO_SECONDS, NOT_ALLOWED, reason
from cockpit.sources.database.database import Base
from cockpit.sources.database.rights import WARNING, Rights, rights
from cockpit.sources.interface.budget import TOLD
from cockpit.sources.mongo.indexes import advice, needs
from cockpit.sources.mongo.request_log_queries import Log, can_rank
from sessions.plan.model import Plan
from sessions.text.clean import clean
from sessions.text.units import duration

SKEW = timedelta(seconds=2)
"""How far two clocks may be apart before it is worth a word."""

_FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC)


class Wanted(Struct, frozen=True):
    """A collection that the settings name: what for, and the field of its documents' date where there is one."""

    name: str
    purpose: str
    at: str = ""


async def examine(base: Base, spec: Mongo, plan: Plan, now: datetime) -> list[Finding]:
    """Try everything once; `now` is the client's time when it is called. What fails is a finding, nothing is raised."""
    base, wanted, begun = base.kind(), wanted_of(spec, plan), time.perf_counter()
    admin = base.kind(HELLO_SECONDS, database="admin")
    found: list[Finding] = []
    try:
        found += await _server(admin, now, begun)
        found.append(_rights(await rights(admin), spec.database))
        there = await _names(base)
        found += [await _collection(base, one, there, now) for one in wanted]
        known = {one.name for one in wanted} if there is None else there
        found += await _speed(base, spec, plan, known, now)
    except (PyMongoError, TimeoutError) as error:
        found.append(Finding(Sight.PROBLEM, "server", reason(error, HELLO_SECONDS), _ANSWER))
    return found


def wanted_of(spec: Mongo, plan: Plan) -> Sequence[Wanted]:
    """Return the collections that the topics need, each once."""
    by_topic: Mapping[str, Sequence[Wanted]] = {
        "journeys": [Wanted(spec.events.collection, "journeys", spec.events.at)],
        "triage": [Wanted(spec.triage.collection, "triage", spec.triage.at)],
        "queue": [Wanted(spec.tickets.collection, "queue", spec.tickets.at)],
        "returns": [Wanted(spec.returns.collection, "returns", spec.returns.moved)],
        "csat": [Wanted(spec.csat.collection, "csat", spec.csat.at)],
        "capsules": [Wanted(spec.capsules.collection, "capsules")],
        "collections": [Wanted(rule.name, "growth", spec.made) for rule in plan.collections],
    }
    optional = [
        Wanted(spec.requests.collection, "traffic", spec.requests.at),
        Wanted(spec.exposures.collection, "exposure", spec.exposures.at),
    ]
    asked = [one for topic in by_topic if topic in spec.topics for one in by_topic[topic]]
    named: dict[str, Wanted] = {}
    for one in [*asked, *(one for one in optional if one.name)]:
        old = named.get(one.name)
        named[one.name] = Wanted(one.name, f"{old.purpose}, {one.purpose}", old.at or one.at) if old else one
    return tuple(named.values())


async def _server(admin: Base, now: datetime, begun: float) -> Sequence[Finding]:
    asked = time.perf_counter()
    async with asyncio.timeout(HELLO_SECONDS):
        hello = await admin.command("hello")
    took = time.perf_counter() - asked
    version = (await admin.command("buildInfo")).get("version", "?")
    role = "primary" if hello.get("isWritablePrimary") else "secondary" if hello.get("secondary") else "no data"
    text = clean(f"answers in {took * 1000:.0f} ms, version {version}, {role}", 100)
    good = Finding(Sight.GOOD, "server", text)
    return [
        good,
        Finding(Sight.GOOD, "budget", TOLD),
        *_clock(hello.get("localTime"), now + timedelta(seconds=asked + took / 2 - begun), timedelta(seconds=took / 2)),
    ]


def _clock(theirs: object, ours: datetime, unsure: timedelta) -> Sequence[Finding]:
    """Row by row the database is asked with our time: where its own is another, so are its writers' dates, perhaps.

    `ours` is the middle of the question, `unsure` the half of it: what may come from that is no difference.
    """
    if not isinstance(theirs, datetime):
        return []
    off = theirs - ours
    if abs(off) <= SKEW + unsure:
        return [Finding(Sight.GOOD, "clock", f"{abs(off).total_seconds():.1f} s apart")]
    text = f"server clock {'+' if off > timedelta() else '−'}{duration(abs(off).total_seconds())}"
    return [Finding(Sight.WARNING, "clock", text, "let both clocks be set by NTP")]


def _rights(found: Rights | None, database: str) -> Finding:
    if found is None:
        return Finding(Sight.WARNING, "rights", "the server does not tell them", _READER)
    if not found.user:
        return Finding(Sight.WARNING, "rights", "no login: whoever reaches this server may write", _READER)
    if found.may_write(database):
        return Finding(Sight.WARNING, "rights", f"{WARNING} ({found.user})", _READER)
    return Finding(Sight.GOOD, "rights", f"{found.user} may not write")


async def _names(base: Base) -> Collection[str] | None:
    """Return the collections that are there, None if we may not know."""
    try:
        return await base.names()
    except OperationFailure as error:
        if error.timeout:
            raise
        return None


async def _collection(base: Base, one: Wanted, there: Collection[str] | None, now: datetime) -> Finding:
    """Say how many documents there are and how old the newest is. A collection too large for that is only noted."""
    what = clean(one.name, 60)
    if there is not None and one.name not in there:
        return Finding(Sight.WARNING, what, f"is missing: nothing for {one.purpose}", _NAMED)
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            count = await base[one.name].estimate()
            text = documents(count)
            return await _dated(base, one, text, now) if one.at else _good(what, text)
    except (PyMongoError, TimeoutError) as error:
        refused = isinstance(error, OperationFailure) and error.code == NOT_ALLOWED
        text, fix = f"{reason(error, HELLO_SECONDS)}: {one.purpose}", _READER if refused else _INDEX
        return Finding(Sight.PROBLEM if refused else Sight.WARNING, what, text, fix)


async def _dated(base: Base, one: Wanted, text: str, now: datetime) -> Finding:
    """Row 66: dates that lie ahead were written by another clock, or in local time."""
    what, records = clean(one.name, 60), base[one.name]
    query: Mapping[str, Any] = {one.at: {"$gte": _FIRST_DAY, "$lte": now + AHEAD}}
    newest = await records.find(query, shown(one.at), [(one.at, -1)], limit=1)
    ahead = await records.count({one.at: {"$gt": now + AHEAD}})
    date = dig(newest[0], one.at) if newest else None
    if isinstance(date, datetime):
        text += f", newest {duration(max(0.0, (now - date).total_seconds()))} old"
    if ahead:
        return Finding(Sight.WARNING, what, f"{text}, {ahead:,} dated ahead of this clock", "write dates in UTC")
    return _good(what, text)


async def _speed(base: Base, spec: Mongo, plan: Plan, there: Collection[str], now: datetime) -> Sequence[Finding]:
    """Advise an index for each polled question that reads every document."""
    log = spec.requests
    ranks = not log.counts or await can_rank(Log(base[log.collection], log, plan.endpoints, plan.latency.p95_ms))
    asked = [need for need in needs(spec, plan, now, ranks=ranks) if need.collection in there]
    found: list[Finding] = []
    for need in asked:
        try:
            found += filter(None, [await advice(base, need)])
        except OperationFailure as error:
            if error.timeout:
                raise
    return found or [_good("indexes", f"{len(asked)} polled questions, none reads every document")] if asked else []


def _good(what: str, text: str) -> Finding:
    return Finding(Sight.GOOD, what, text)


_ANSWER = "check the address, the login and TLS"
_READER = 'give the cockpit a user whose only role is "read" on this database'
_NAMED = "name the collection in cockpit.toml, or leave its topic out of `topics`"
_INDEX = "an index on the date would make this fast"
