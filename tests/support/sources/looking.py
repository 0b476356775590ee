"""A look into a database of a test: an owner's names with the fields that sheets need, and short words for rows."""

from dataclasses import replace

import pytest

from cockpit.settings.models import mongo as names
from cockpit.sources.mongo.lookups.telling import Desk
from sessions.values.sheets import Exhibit
from tests.support.build import PLAN, T0
from tests.support.sources.mongo_asking import OURS, THEIRS, Database, asking

LOG = names.RequestLog(
    collection="request_log", traffic=False, id="requestId", instance="pod", error="error.code", field="error.field"
)
FULL = replace(
    OURS,
    tickets=replace(OURS.tickets, closed="closedAt"),
    capsules=replace(OURS.capsules, made="createdAt"),
    csat=replace(OURS.csat, words="comment", about="flow"),
    requests=LOG,
    duplicates=names.Duplicates(at="createdAt", who=("requestId", "pod")),
)
THEIR_FULL = replace(
    FULL,
    events=THEIRS.events,
    tickets=replace(THEIRS.tickets, closed="meta.over"),
    capsules=replace(THEIRS.capsules, made="hold.since"),
    returns=THEIRS.returns,
    csat=replace(THEIRS.csat, words="said.text", about="said.of"),
    requests=replace(LOG, collection="log.http", method="verb", endpoint="route.name", status="code", at="t", id="rid"),
)


class Looked(Database):
    """A database of a test that is looked into."""

    ours = FULL

    def __init__(self, base, spec):
        super().__init__(base, replace(spec, database=base.name))

    def desk(self, now=T0, plan=PLAN, limit=5.0, **changes):
        return Desk(asking(self.base, limit), replace(self.spec, **changes), plan, now, "db")


@pytest.fixture(params=[FULL, THEIR_FULL], ids=["our names", "an owner's names"])
def looked(request, base):
    return Looked(base, request.param)


@pytest.fixture
def plain(base):
    """A database of an owner who named no field for the sheets."""
    return Looked(base, OURS)


def only(exhibits, word=""):
    """Return the one exhibit whose title has this word."""
    found = [one for one in exhibits if word in one.title]
    assert len(found) == 1, [one.title for one in exhibits]
    assert all(isinstance(one, Exhibit) and one.source == "db" and one.at == T0 for one in exhibits)
    return found[0]


def told(exhibit):
    """Return its rows as (what, value, bound)."""
    return [(row.what, row.value, row.bound) for row in exhibit.rows]


def row(exhibit, what):
    """Return the one row of this name."""
    found = [one for one in exhibit.rows if one.what == what]
    assert len(found) == 1, told(exhibit)
    return found[0]
