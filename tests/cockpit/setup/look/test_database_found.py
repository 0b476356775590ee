"""What a database holds: by names and shapes of its documents, whatever the service calls them; nothing is written."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from cockpit.settings.models.mongo import why_no_name
from cockpit.settings.schema.secrets import Secrets, variable
from cockpit.setup.look.database import ask_database
from cockpit.setup.look.records import feeds, parts_of
from cockpit.setup.look.shelf import Shelf

NOW = datetime.now(UTC).replace(microsecond=0)
URI = variable("SHOP_MONGO")


def ago(**span):
    return NOW - timedelta(**span)


def made(count, **fields):
    """Documents of the last two hours, dated by their ids."""
    whens = (f"{int(ago(minutes=number + 1).timestamp()):08x}" for number in range(count))
    return [{"_id": ObjectId(when + str(ObjectId())[8:]), **fields} for when in whens]


async def found(uri, base, name=""):
    return await ask_database(URI, name or base.name, Secrets({"SHOP_MONGO": uri}), NOW)


@pytest.fixture
async def shop(base):
    """A service of another shape than ours."""
    log = {"verb": "GET", "route": "/looks", "code": 200, "elapsed": 0.25}
    await base.http_calls.insert_many(
        [{**one, **log, "when": ago(minutes=number)} for number, one in enumerate(made(60))]
    )
    await base.http_calls.insert_many(
        [{**one, **log, "verb": "POST", "route": "/orders", "when": ago(minutes=3)} for one in made(20)]
    )
    await base.tracking_events.insert_many(
        [{**one, "event": "order_placed", "time": ago(minutes=1)} for one in made(30)]
    )
    tickets = [{**one, "state": "waiting", "subject": "where is it", "createdAt": ago(minutes=9)} for one in made(5)]
    await base.support_cases.insert_many([*tickets, {"state": "closed", "subject": "x", "createdAt": ago(hours=4)}])
    await base.orders.insert_many(made(90, total=3))
    await base.surveys.insert_many([{**one, "rating": 4, "ts": ago(minutes=4)} for one in made(6)])
    await base.old_things.insert_one({"_id": ObjectId.from_datetime(ago(days=40)), "a": 1})
    return base


async def test_another_services_database_is_read_by_its_shapes(shop, mongo_uri):
    answer = await found(mongo_uri, shop)
    records = answer.records
    assert records.parts["requests"] == {
        "collection": "http_calls",
        "method": "verb",
        "endpoint": "route",
        "status": "code",
        "duration": "elapsed",
        "unit": "s",
        "at": "when",
    }
    assert records.parts["events"] == {"collection": "tracking_events", "journey": "event", "at": "time"}
    assert records.parts["tickets"]["open"] == ("waiting",)
    assert records.parts["csat"] == {"collection": "surveys", "score": "rating", "at": "ts"}
    assert records.journeys == ("order_placed",)
    assert [row.name for row in records.requests] == ["GET /looks", "POST /orders"]
    grows = {row.name: row for row in records.growing}
    assert "old_things" not in grows
    assert grows["orders"].per_hour == pytest.approx(60, rel=0.05)
    assert not any(row.made for row in records.growing)


async def test_dates_tell_of_growth_where_ids_do_not(base, mongo_uri):
    await base.orders.insert_many([{"_id": number, "createdAt": ago(minutes=number)} for number in range(1, 61)])
    (row,) = (await found(mongo_uri, base)).records.growing
    assert (row.name, row.made, row.count) == ("orders", "createdAt", 60)
    assert row.per_hour == pytest.approx(60, rel=0.05)


@pytest.mark.parametrize(
    ("environ", "name", "said"),
    [
        ({}, "shop", "mongo: $SHOP_MONGO is not set: export SHOP_MONGO with the address"),
        ({"SHOP_MONGO": "http://nonsense"}, "shop", "mongo: no usable MongoDB address"),
        ({"SHOP_MONGO": "mongodb://pw:secret@127.0.0.1:9/"}, "shop", "mongo: no server: check $SHOP_MONGO"),
    ],
)
async def test_what_cannot_be_asked_is_a_line_without_the_address(environ, name, said):
    answer = await ask_database(URI, name, Secrets(environ), NOW)
    assert answer.records is None
    assert answer.notes[0].startswith(said)
    assert "secret" not in answer.notes[0]


async def test_without_a_name_the_databases_are_told(shop, mongo_uri):
    answer = await ask_database(URI, "", Secrets({"SHOP_MONGO": mongo_uri}), NOW)
    assert answer.records is not None or shop.name in answer.others


def test_names_that_are_operators_are_no_fields():
    hostile = {"$where": 1, "a.b": "/x", "status": 200, "ms": 3, "path": "/x", "ts": NOW, "\x1b[2J": NOW}
    parts = parts_of([Shelf("log", (hostile,))])
    assert parts["requests"]["endpoint"] == "path"
    assert all(not why_no_name(str(value)) for value in parts["requests"].values())


@pytest.mark.parametrize(
    ("journey", "endpoints"),
    [
        ("capsule_created", ("POST /capsules",)),
        ("returnStarted", ("POST /returns",)),
        ("looked", ("GET /looks",)),
        ("unknown_thing", ()),
    ],
)
def test_a_journey_is_fed_by_what_is_called_like_it(journey, endpoints):
    assert feeds(journey, ["GET /looks", "GET /capsules", "POST /capsules", "POST /returns"]) == endpoints


@pytest.mark.xdist_group("guarded")
@pytest.mark.parametrize(
    ("user", "said"),
    [("reader:pw@", ""), ("nobody:pw@", "mongo: not allowed: "), ("reader:wrong@", "mongo: login refused: ")],
)
async def test_a_user_who_may_only_read_is_enough_and_who_may_not_is_a_line(guarded, user, said):
    uri = guarded.uri.replace("//", f"//{user}") + "&authSource=shop"
    answer = await ask_database(URI, "shop", Secrets({"SHOP_MONGO": uri}), NOW)
    assert (answer.records is not None) is (not said)
    assert not said or answer.notes[0].startswith(said)
    assert "pw" not in "".join(answer.notes)
