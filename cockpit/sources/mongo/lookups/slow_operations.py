"""What a database does now and what took long: operations under way, and the newest that its profiler noted.

Which of it may be seen hangs on the user's rights; what is missing is named. The text of a query is never shown: it
holds what shoppers wrote.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from pymongo.errors import OperationFailure, PyMongoError

from cockpit.sources.database.answer import dig, shown
from cockpit.sources.database.client import LOGIN_REFUSED, NOT_ALLOWED, Document, is_slow, reason
from cockpit.sources.database.database import Base
from cockpit.sources.mongo.lookups.telling import Desk, moment, said
from sessions.text.units import counted, duration, figure
from sessions.values.sheets import Exhibit, Row
from sessions.values.verdicts import Mark

NAME = "slow_operations"
_TOLD = 10
_READ = 100
_SLOW = 1.0
"""Seconds from which on an operation that is under way is worth a look."""
_SCAN = "COLLSCAN"
_FIELDS = (
    *("op", "ns", "secs_running", "microsecs_running", "planSummary", "waitingForLock"),
    *("appName", "clientMetadata.application.name"),
)
_PROFILED = ("op", "ns", "ts", "millis", "planSummary", "docsExamined", "nreturned", "appName")
_UNNAMED = frozenset(("find", "aggregate", "count", "distinct", "findAndModify", "delete"))
"""What a server calls operations that says of none on which collection it works; others have words of their own."""
_OWN = 'only this user\'s own are seen: all need the right "inprog" (role clusterMonitor)'
_UNSEEN = 'the newest slow ones are not seen: this needs "find" on system.profile (role dbAdmin of this database)'
_UNTOLD = "this server does not tell what it does"


class Under(Struct, frozen=True):
    """Operations that are under way; `trouble` says which are not seen."""

    found: Sequence[Mapping[str, Any]] = ()
    trouble: str = ""


async def slow_operations(desk: Desk) -> Sequence[Exhibit]:
    """Return what is under way and what was profiled. Raises PyMongoError if nobody answers."""
    under, profiled = await asyncio.gather(_under_way(desk), _profiled(desk))
    rows = [_now(one) for one in sorted(under.found, key=_running, reverse=True)[:_TOLD]]
    quiet = [Row("under way", "nothing of others")] if not under.trouble else []
    return [desk.told(NAME, "Operations under way", rows or quiet, under.trouble), profiled]


async def _under_way(desk: Desk) -> Under:
    """Ask for all operations, where that is not allowed for this user's own."""
    why = ""
    for everybody in (True, False):
        try:
            return Under(await _operations(desk, everybody=everybody), why)
        except OperationFailure as error:
            if error.timeout or error.code == LOGIN_REFUSED:
                raise
            refused = error.code == NOT_ALLOWED
            why = _OWN if refused else _UNTOLD
            if not refused:
                break
    return Under(trouble=_UNTOLD if why == _UNTOLD else "operations are not seen: " + _OWN)


async def _operations(desk: Desk, *, everybody: bool) -> list[Mapping[str, Any]]:
    """Return what others do on this database, idle connections left out; what they ask stays on the server.

    A server that tells nothing at all, not even this question, is asked by the older command.
    """
    stages: list[Document] = [
        {"$currentOp": {"allUsers": everybody, "idleConnections": False}},
        {"$match": {"active": True}},
        {"$limit": _READ},
        {"$project": shown(*_FIELDS)},
    ]
    admin = desk.base.kind(database="admin")
    answer = await admin.command("aggregate", 1, pipeline=stages, cursor={"batchSize": _READ + 1})
    found = answer["cursor"]["firstBatch"] or await _by_command(admin, everybody=everybody)
    ours = f"{desk.spec.database}."
    told = [one for one in found if isinstance(one, Mapping) and not _is_ours(one)]
    return [one for one in told if one.get("op") in _UNNAMED or _where(one).startswith(ours)]


async def _by_command(admin: Base, *, everybody: bool) -> Sequence[object]:
    found = (await admin.command("currentOp", 1, active=True, **({} if everybody else {"$ownOps": True}))).get("inprog")
    return found[:_READ] if isinstance(found, list) else ()


def _where(operation: Mapping[str, Any]) -> str:
    """Return what an operation works on, empty if the server does not say it."""
    named = operation.get("ns")
    return named if isinstance(named, str) else ""


def _is_ours(operation: Mapping[str, Any]) -> bool:
    return _by(operation) == "cockpit"


def _by(operation: Mapping[str, Any]) -> object:
    """Return the name of the program that asked, wherever the server keeps it."""
    return operation.get("appName") or dig(operation, "clientMetadata.application.name")


def _running(operation: Mapping[str, Any]) -> float:
    """Return how long an operation has run, in seconds."""
    fine = _number(operation.get("microsecs_running"))
    return fine / 1e6 if fine is not None else _number(operation.get("secs_running")) or 0.0


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _now(operation: Mapping[str, Any]) -> Row:
    took, scans = _running(operation), _scans(operation)
    waits = ", waits for a lock" if operation.get("waitingForLock") is True else ""
    mark = Mark.BREACH if scans else Mark.WARMING if took >= _SLOW else None
    known = f"running for {duration(took)}" if took else "under way"
    return Row(_what(operation), f"{known}{waits}", _plan(operation), mark=mark)


def _scans(operation: Mapping[str, Any]) -> bool:
    return _SCAN in str(operation.get("planSummary", ""))[:200]


def _what(operation: Mapping[str, Any]) -> str:
    by = _by(operation)
    told = f" by {said(by, 30)}" if isinstance(by, str) and by else ""
    return f"{said(operation.get('op'), 12)} {said(_where(operation) or '(does not say on what)', 60)}{told}"


def _plan(operation: Mapping[str, Any]) -> str:
    if _scans(operation):
        return "reads the whole collection (COLLSCAN)"
    return said(operation["planSummary"], 60) if isinstance(operation.get("planSummary"), str) else ""


async def _profiled(desk: Desk) -> Exhibit:
    title = "Newest operations that the profiler noted"
    try:
        found = await desk.base["system.profile"].find({}, shown(*_PROFILED), [("ts", -1)], limit=4 * _TOLD)
    except OperationFailure as error:
        if is_slow(error) or error.code == LOGIN_REFUSED:
            raise
        refused = error.code == NOT_ALLOWED
        return desk.told(NAME, title, (), _UNSEEN if refused else reason(error, desk.base.limit))
    except PyMongoError as error:
        return desk.told(NAME, title, (), reason(error, desk.base.limit))
    rows = [_noted(one) for one in found if not _is_ours(one)][:_TOLD]
    quiet = "the profiler noted nothing: it is off, or nothing was slow (db.setProfilingLevel(1) notes from 100 ms on)"
    return desk.told(NAME, title, rows, "" if rows else quiet)


def _noted(operation: Document) -> Row:
    read = _number(operation.get("docsExamined"))
    known = figure(_number(operation.get("millis")), "ms")
    many = f", {counted(read, 'documents')} read" if read is not None else ""
    mark = Mark.BREACH if _scans(operation) else None
    return Row(_what(operation), f"{known}{many}", _plan(operation), moment(operation, "ts"), mark)
