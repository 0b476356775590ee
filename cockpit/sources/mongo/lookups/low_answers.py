"""CSAT answers: which flows the low ones are about, and the newest with their words."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from cockpit.sources.database.answer import AHEAD, EACH_VALUE, dig, shown
from cockpit.sources.database.client import Document
from cockpit.sources.interface.shows import last
from cockpit.sources.mongo.lookups.telling import Desk, moment, said, unnamed, words
from sessions.values.sheets import Exhibit, Row
from sessions.values.verdicts import Mark

NAME = "low_answers"
_LOW, _BEST = 2, 5
_TOLD, _ABOUT = 10, 8


async def low_answers(desk: Desk) -> Sequence[Exhibit]:
    """Return the low answers by what they are about, and the newest ones. Raises PyMongoError."""
    names = desk.spec.csat
    answers = desk.base[names.collection]
    grouped, newest, count = await asyncio.gather(_about(desk), _newest(desk), answers.estimate())
    title = f"Low answers by what they are about, {last(desk.plan.queue.csat)}"
    if not count:
        return [desk.told(NAME, title, (), f"{names.collection} is empty, or is not there: name it, csat.collection")]
    silent = "" if names.words else "their words are not told: name the field, csat.words"
    return [
        desk.told(NAME, title, grouped),
        desk.told(NAME, "Newest low answers", newest or [Row("low answers", "none")], silent),
    ]


async def _about(desk: Desk) -> list[Row]:
    names = desk.spec.csat
    span = {"$gte": desk.now - timedelta(seconds=desk.plan.queue.csat), "$lte": desk.now + AHEAD}
    score = f"${names.score}"
    sound, low = (
        {"$and": [{"$isNumber": score}, {"$gte": [score, 1]}, {"$lte": [score, most]}]} for most in (_BEST, _LOW)
    )
    group: Document = {
        "_id": f"${names.about}" if names.about else None,
        "n": {"$sum": {"$cond": [sound, 1, 0]}},
        "low": {"$sum": {"$cond": [low, 1, 0]}},
    }
    found = await desk.base[names.collection].rows([{"$match": {names.at: span}}, {"$group": group}, EACH_VALUE])
    found.sort(key=lambda row: (-int(row["low"]), -int(row["n"])))
    total, low_ones = (sum(int(row[name]) for row in found) for name in ("n", "low"))
    if not total:
        return [Row("all answers", f"none in the {last(desk.plan.queue.csat)}")]
    rows = [_share("all answers", low_ones, total)]
    if not names.about:
        return [*rows, unnamed("endpoint or flow", "csat.about")]
    return [*rows, *(_share(_name(row), int(row["low"]), int(row["n"])) for row in found[:_ABOUT] if row["n"])]


def _name(row: Document) -> str:
    return said(row["_id"], 60) if isinstance(row["_id"], str) else "(says not what about)"


def _share(what: str, low: int, total: int) -> Row:
    return Row(what, f"{low:,} of {total:,} low", f"{100 * low / total:.0f} %", mark=Mark.WARMING if low else None)


async def _newest(desk: Desk) -> list[Row]:
    names = desk.spec.csat
    low = {names.score: {"$gte": 1, "$lte": _LOW}, names.at: {"$lte": desk.now + AHEAD}}
    fields = shown("_id", names.score, names.at, *filter(None, (names.words, names.about)))
    found = await desk.base[names.collection].find(low, fields, [(names.at, -1)], limit=_TOLD)
    return [_answer(desk, one) for one in found]


def _answer(desk: Desk, answer: Document) -> Row:
    names = desk.spec.csat
    about = words(answer, names.about, 60)
    what = f"{said(dig(answer, names.score), 6)} of {_BEST}" + (f", {about}" if about else "")
    text = words(answer, names.words) or ("(no words)" if names.words else said(answer.get("_id")))
    return Row(what, text, desk.age(dig(answer, names.at)), moment(answer, names.at), Mark.WARMING)
