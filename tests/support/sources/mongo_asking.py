"""What tests of MongoDB share: settings with our names and with an owner's, and short words for readings."""

import gc
import warnings
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from cockpit.settings.models import mongo as names
from cockpit.settings.schema.secrets import Secret
from cockpit.sources.database.answer import Place
from cockpit.sources.database.database import Base
from cockpit.sources.interface.budget import Budget
from cockpit.sources.mongo.source import MongoSource
from sessions.values.readings import Beat, Pulse, Size
from tests.support.build import PLAN, T0, after

OURS = names.Mongo(uri=Secret("mongodb://127.0.0.1"), database="shop")
THEIRS = replace(
    OURS,
    events=names.Events(collection="log.events", journey="what.id", at="meta.when"),
    triage=names.TriageLog(collection="ops", level="severity", title="text", at="meta.at", resolved="state.done"),
    tickets=names.SupportQueue(
        collection="tix", status="state.name", at="meta.opened", priority="p", escalated="state.up", title="subject"
    ),
    capsules=names.CapsuleShelf(collection="caps", status="s", expires="hold.until"),
    returns=names.ReturnShelf(collection="rets", status="state.now", moved="state.since"),
    csat=names.CsatAnswers(collection="feedback", score="stars.n", at="given.at"),
)
BROKEN = [None, "yesterday", 17, datetime(9999, 12, 31, 12, tzinfo=UTC)]
"""What stands where a date should be."""

JOURNEYS = [journey.id for journey in PLAN.journeys]


def ago(seconds, since=T0):
    return after(-seconds, since)


def event(age, journey=JOURNEYS[0], since=T0):
    return {"journey": journey, "ts": ago(age, since)}


def pulses(readings):
    return {one.topic: one for one in readings if isinstance(one, Pulse)}


def beats(readings):
    return {one.journey: one for one in readings if isinstance(one, Beat)}


def sizes(readings):
    return {one.collection: one for one in readings if isinstance(one, Size)}


def asking(base, limit=5.0):
    """Return a database as the cockpit asks it, with a budget of its own."""
    return Base(base, Budget(), limit)


def source_on(client, database, plan=PLAN, since=None, **changes):
    return MongoSource(client, replace(OURS, database=database, **changes), plan, since)


async def ended(source):
    """The driver leaves sockets of refused connections to the garbage collector: let that be said here and nowhere."""
    await source.aclose()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


class Database:
    """A database with its owner's names: documents are written down with ours and stored under theirs."""

    ours = OURS
    """The spec whose names the documents are written down with."""

    def __init__(self, base, spec):
        self.base, self.place, self.spec = base, Place(asking(base), "db"), spec

    def named(self, part, document):
        """Return a document under the owner's names; a dotted one is nested."""
        ours, theirs = getattr(self.ours, part), getattr(self.spec, part)
        pairs = ((getattr(ours, item.name), getattr(theirs, item.name)) for item in fields(ours)[1:])
        known = {name: other for name, other in pairs if isinstance(name, str) and name and other}
        stored = {}
        for name, value in document.items():
            *above, last = known.get(name, name).split(".")
            inner = stored
            for each in above:
                inner = inner.setdefault(each, {})
            inner[last] = value
        return stored

    async def insert(self, part, documents):
        collection = self.base[getattr(self.spec, part).collection]
        await collection.insert_many([self.named(part, document) for document in documents])


@pytest.fixture(params=[OURS, THEIRS], ids=["our names", "an owner's names"])
def database(request, base):
    return Database(base, request.param)


async def asked(question):
    """Return the one reading of an answer, and the answer."""
    answer = await question
    (reading,) = answer.readings
    assert (reading.at, reading.source) == (T0, "db")
    return reading, answer
