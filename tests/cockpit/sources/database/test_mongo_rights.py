"""What a database lets the cockpit do, on a server with logins: warned once, and not locked out by our own knocking."""

import pytest
from msgspec.structs import replace
from pymongo.asynchronous import auth

from cockpit.runtime.finding import Sight
from cockpit.sources.database.client import mongo_client
from cockpit.sources.database.rights import WARNING, Rights, rights_note
from cockpit.sources.interface.source import SourceError
from cockpit.sources.mongo.examine import examine
from cockpit.sources.mongo.request_log import RequestLogSource
from tests.cockpit.sources.mongo.test_request_log import spec
from tests.support.build import PLAN, T0, after
from tests.support.sources.mongo_asking import OURS, asking, ended, pulses, source_on

pytestmark = pytest.mark.xdist_group("mongo with logins")


def uri(server, user, password="pw"):
    return f"mongodb://{user}:{password}@127.0.0.1:{server.port}/?authSource=shop&directConnection=true"


@pytest.mark.parametrize(("user", "note"), [("reader", ""), ("writer", WARNING), ("owner", WARNING), ("nobody", "")])
async def test_a_user_with_write_rights_gets_one_warning(guarded, user, note):
    """Row 68."""
    async with mongo_client(uri(guarded, user)) as client:
        assert await rights_note(asking(client.admin), "shop") == note
        assert await rights_note(asking(client.admin), "elsewhere") == ""


async def test_the_warning_stands_at_one_topic_and_its_answers_stay_good(guarded):
    """Row 68."""
    source = source_on(mongo_client(uri(guarded, "writer")), "shop")
    for moment in (T0, after(600)):
        found = pulses(await source.read(moment))
        assert [topic for topic, one in found.items() if WARNING in one.note] == [source.topics[0]]
        assert found[source.topics[0]].ok
    assert [one.what for one in await source.examine(after(1200)) if WARNING in one.text] == ["rights"]
    await source.aclose()
    reader = source_on(mongo_client(uri(guarded, "reader")), "shop")
    assert not [one for one in pulses(await reader.read(T0)).values() if WARNING in one.note]
    await reader.aclose()


@pytest.mark.parametrize(
    ("user", "sight", "text"),
    [
        ("reader", Sight.GOOD, "reader@shop may not write"),
        ("writer", Sight.WARNING, f"{WARNING} (writer@shop)"),
        ("nobody", Sight.GOOD, "nobody@shop may not write"),
    ],
)
async def test_examining_tells_the_rights(guarded, user, sight, text):
    """Row 68."""
    async with mongo_client(uri(guarded, user)) as client:
        found = {one.what: one for one in await examine(asking(client[OURS.database]), OURS, PLAN, T0)}
    assert (found["rights"].sight, found["rights"].text) == (sight, text)
    refused = {one.what for one in found.values() if one.sight is Sight.PROBLEM}
    assert ("capsules" in refused) is (user == "nobody")
    assert all("read" in found[name].fix and "not allowed" in found[name].text for name in refused)


async def test_nobody_had_to_log_in(mongo):
    async with mongo:
        assert await rights_note(asking(mongo.admin), "shop") == ""
        found = {one.what: one for one in await examine(asking(mongo[OURS.database]), OURS, PLAN, T0)}
    assert found["rights"].text == "no login: whoever reaches this server may write"


@pytest.mark.parametrize(("kind", "looks"), [("records", 1), ("request log", 4)])
async def test_a_refused_login_starts_no_storm(guarded, monkeypatch, kind, looks):
    """Row 63: each look is one attempt at most, and what comes after is still called a refusal."""
    tries, log_in = [], auth.authenticate

    async def counted(*args, **kwargs):
        tries.append(args)
        await log_in(*args, **kwargs)

    monkeypatch.setattr(auth, "authenticate", counted)
    client = mongo_client(uri(guarded, "reader", "hunter2"))
    hasty = replace(PLAN, cadence=replace(PLAN.cadence, deadline=0.4))
    log = RequestLogSource(client, spec("shop"), hasty, "shop")
    source = source_on(client, "shop", hasty) if kind == "records" else log
    told = set()
    for look in range(4):
        with pytest.raises(SourceError) as caught:
            await source.read(after(15 * look))
        told.add(str(caught.value).partition(",")[0])
        del caught
    assert told == {"login refused"}
    assert 1 <= len(tries) <= looks
    assert source.interval >= (PLAN.cadence.traffic_stale if kind == "request log" else PLAN.cadence.mongo)
    await ended(source)


ANY = {"db": "", "collection": ""}


@pytest.mark.parametrize(
    ("resource", "actions", "writes"),
    [
        ({"db": "shop", "collection": ""}, ["find", "collStats"], False),
        ({"db": "shop", "collection": ""}, ["find", "insert"], True),
        ({"db": "shop", "collection": "capsules"}, ["remove"], True),
        (ANY, ["update"], True),
        (ANY, ["find"], False),
        ({"db": "other", "collection": ""}, ["insert"], False),
        ({"anyResource": True}, ["anyAction"], True),
        ({"cluster": True}, ["shutdown", "insert"], False),
        ({"db": "shop", "collection": ""}, ["dropCollection"], True),
        ("odd", ["insert"], False),
    ],
)
def test_privileges_decide_where_the_server_tells_them(resource, actions, writes):
    """Row 68."""
    roles = [{"role": "readWrite", "db": "shop"}]
    assert Rights("u", [{"resource": resource, "actions": actions}], roles).may_write("shop") is writes


@pytest.mark.parametrize(
    ("role", "home", "writes"),
    [
        ("read", "shop", False),
        ("readWrite", "shop", True),
        ("readWrite", "other", False),
        ("dbAdmin", "shop", True),
        ("readAnyDatabase", "admin", False),
        ("readWriteAnyDatabase", "admin", True),
        ("dbAdminAnyDatabase", "admin", True),
        ("readWriteAnyDatabase", "shop", False),
        ("root", "admin", True),
        ("root", "shop", False),
        ("clusterMonitor", "admin", False),
        (None, None, False),
    ],
)
def test_roles_decide_where_it_does_not(role, home, writes):
    """Row 68."""
    assert Rights("u", (), [{"role": role, "db": home}]).may_write("shop") is writes
