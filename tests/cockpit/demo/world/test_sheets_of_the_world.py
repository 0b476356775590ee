"""What the sheets look up in the demo's own world, by the demo's own settings, against what its database holds."""

import asyncio
import json
import time
import urllib.request

import pytest
from bson import ObjectId
from msgspec.structs import replace
from pymongo import MongoClient

from cockpit.demo.launch import World
from cockpit.demo.settings_file import settings_text
from cockpit.engine.lookups import looks_by
from cockpit.sources.interface.shows import NAMES
from sessions.text.clean import clean
from sessions.values.verdicts import Mark
from tests.cockpit.demo.world.test_world import FAST, set_flag, until
from tests.support.trust.trusting import load

VARIABLE = "COCKPIT_MONGO_URI"
PATIENT = replace(FAST, cadence=replace(FAST.cadence, deadline=60.0))


class Flown:
    """A world that goes on, its database, and what its settings look up."""

    def __init__(self, address, database, folder):
        self.address, self.database = address, database
        path = folder / "cockpit.toml"
        path.write_text(settings_text("scrape", FAST, address, VARIABLE), "utf-8")
        self._looks = looks_by(load(path), {VARIABLE: address.mongo_uri})

    def look(self, *names):
        found = self._looks(PATIENT, names)
        assert {one.name for one in found} == set(names)
        return found

    def one(self, name, word):
        (found,) = [one for one in self.look(name) if word in one.title]
        return found

    def named(self, collection, text, **more):
        """Whether a document of this id, as text, is there."""
        ids = [text, *([ObjectId(text)] if ObjectId.is_valid(text) else [])]
        return self.database[collection].count_documents({"_id": {"$in": ids}, **more}) == 1


@pytest.fixture(scope="module")
def flown(tmp_path_factory):
    with (
        World(FAST, "error-burst", 1) as address,
        MongoClient(address.mongo_uri, timeoutMS=60_000, tz_aware=True) as client,
    ):
        one = Flown(address, client[address.database], tmp_path_factory.mktemp("owner"))
        set_flag(address, 25)
        until(lambda: one.database.request_log.find_one({"status": 503, "endpoint": "/returns"}))
        yield one


def test_every_look_has_an_answer_in_this_world(flown):
    found = flown.look(*NAMES)
    silent = {one.name: one.trouble for one in found if not one.rows}
    assert set(silent) <= {"slow_operations"}, silent
    assert all(row.what for one in found for row in one.rows)
    assert not any("\x1b" in text for one in found for row in one.rows for text in (row.what, row.value, row.bound))


def test_events_are_those_of_the_database(flown):
    for journey in FAST.journeys:
        found = flown.one("journey_events", journey.id)
        newest = found.rows[2:]
        assert len(newest) == 3
        assert all(flown.named("analytics_events", row.what, journey=journey.id) for row in newest)
        assert int(found.rows[1].value.split()[0].replace(",", "")) > 0


def test_stocks_are_those_of_the_database(flown):
    capsules = flown.one("newest_capsules", "Freshest").rows
    assert [row.what.partition(" ")[0] for row in capsules] == ["held"]
    assert flown.named("capsules", capsules[0].value.partition(",")[0], status="held")
    stuck = flown.one("returns_stuck", "do not move").rows
    assert stuck[0].mark is Mark.BREACH
    assert all(flown.named("returns", row.what, status="in_transit") for row in stuck[1:])
    tickets = flown.one("newest_tickets", "Newest open").rows
    assert all(flown.named("stylistTickets", row.value.partition(",")[0]) for row in tickets)
    pace = flown.one("newest_tickets", "in and out").rows
    assert all(row.mark is not Mark.BLIND for row in pace)


def test_low_answers_stand_with_their_words(flown):
    low = {"answerId": "upset-1", "score": 1, "shopperId": "s0101", "flow": "capsules", "comment": "[/] no\x07 scarf"}
    url = flown.address.metrics_url.replace("/metrics", "/csat")
    sent = urllib.request.Request(url, json.dumps(low).encode(), {"Content-Type": "application/json"})
    assert urllib.request.urlopen(sent, timeout=60).status == 200
    document = until(lambda: flown.database.csat.find_one({"comment": low["comment"]}))
    rows = flown.one("low_answers", "Newest").rows
    assert (f"1 of 5, {low['flow']}", clean(low["comment"]), document["ts"]) in {
        (row.what, row.value, row.at) for row in rows
    }


def test_failing_requests_stand_with_their_ids_and_together(flown):
    together = flown.one("failing_requests", "together").rows
    assert any((row.what, row.bound) == ("POST /returns", "back end failed") for row in together)
    newest = flown.one("failing_requests", "Newest").rows
    for row in newest:
        document = flown.database.request_log.find_one({"requestId": row.what})
        assert document["instance"] in row.value
        assert str(document["status"]) in row.value


def test_both_instances_are_told(flown):
    (found,) = flown.look("by_instance")
    assert found.source == "records"
    assert {row.what.partition(" at ")[2] for row in found.rows} == {"concierge-1", "concierge-2"}


def test_changes_are_its_own_deploys_and_moves(flown):
    (found,) = flown.look("recent_changes")
    told = {(row.what, row.value) for row in found.rows}
    assert ("flag", "concierge 0 % to 25 %") in told
    assert ("deploy", "back end of POST /returns, 2.9.0") in told
    assert found.rows[0].at >= found.rows[-1].at
    lines = (flown.address.folder / "changes.jsonl").read_text("utf-8").splitlines()
    assert told <= {(line["kind"], line["text"]) for line in map(json.loads, lines)}


def test_each_dashboard_opens(flown):
    (found,) = flown.look("dashboards")
    for row in found.rows:
        assert urllib.request.urlopen(row.value, timeout=60).status == 200


def test_twins_are_told_with_who_wrote_them(flown, tmp_path):
    with World(FAST, "duplicates", 1, mongo_uri=flown.address.mongo_uri) as address:
        other = Flown(address, flown.database.client[address.database], tmp_path)
        set_flag(address, 10)
        until(lambda: other.database.capsules.find_one({"_id": "twin-0"}))
        rows = other.one("duplicate_documents", "capsules").rows
        assert [row.bound for row in rows].count("the first") == 3
        copies = [row for row in rows if row.mark is Mark.BREACH]
        assert {row.value.partition(" ")[0] for row in copies} == {"twin-0", "twin-1", "twin-2"}
        assert all("requestId=req-retried-" in row.value and "instance=concierge-1" in row.value for row in copies)


def test_a_look_is_quick_and_many_at_once_are_no_trouble(flown):
    begun = time.monotonic()

    async def many():
        return await asyncio.gather(*(asyncio.to_thread(flown.look, *NAMES) for _ in range(3)))

    assert len(asyncio.run(many())) == 3
    assert time.monotonic() - begun < 60
