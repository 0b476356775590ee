"""The looks into a database as they are opened: within their time, within the budget, and without a storm of logins."""

import sys
import time
from dataclasses import replace

import pytest
from pymongo import MongoClient
from pymongo.asynchronous import auth

from cockpit.settings.schema.secrets import Secret, Secrets
from cockpit.sources.interface.source import Order, SourceError
from cockpit.sources.mongo.lookups.source import LOOKS, open_shows
from cockpit.sources.showing import BY_TOPIC, looked_up_by
from tests.cockpit.sources.database.test_mongo_rights import uri
from tests.support.build import PLAN, T0, after
from tests.support.sources.looking import FULL
from tests.support.sources.mongo_asking import ago, ended, event


def opened(address, database, timeout=0.0):
    secret = address if isinstance(address, Secret) else Secret(address)
    spec = replace(FULL, uri=secret, database=database, timeout=timeout)
    order = Order("records", PLAN, Secrets({}), None, {})
    return open_shows(order, spec, looked_up_by(spec))


def test_every_look_has_its_place():
    names = looked_up_by(FULL)
    assert set(names) == set(LOOKS)
    assert len(names) == len(set(names))
    assert set(BY_TOPIC.values()) < set(LOOKS)


async def test_every_look_is_answered_on_an_empty_database_and_nothing_is_written(mongo_uri, mongo_base):
    shows = opened(mongo_uri, mongo_base)
    for name in shows.shows:
        found = await shows.show(name, T0)
        assert found
        assert all((one.source, one.name, one.at) == ("records", name, T0) for one in found)
        assert all(one.rows or one.trouble for one in found)
    await shows.aclose()
    with MongoClient(mongo_uri) as client:
        assert mongo_base not in client.list_database_names()


async def test_a_closed_one_opens_again(mongo_uri, mongo_base):
    with MongoClient(mongo_uri) as client:
        client[mongo_base].analytics_events.insert_one(event(5))
    shows = opened(mongo_uri, mongo_base)
    for moment in (T0, after(60)):
        assert (await shows.show("journey_events", moment))[0].rows
        await shows.aclose()


async def test_a_server_that_hangs_is_given_up_in_time(own_server):
    with MongoClient(own_server.uri) as client:
        client.shop.csat.insert_one({"score": 1, "ts": ago(5)})
        fault = {"failCommands": ["find", "aggregate"], "blockConnection": True, "blockTimeMS": 2000}
        client.admin.command("configureFailPoint", "failCommand", mode="alwaysOn", data=fault)
    shows = opened(own_server.uri, "shop", 0.6)
    begun = time.monotonic()
    with pytest.raises(SourceError, match=r"over 0\.54 s|no answer in 0\.54 s"):
        await shows.show("low_answers", T0)
    assert time.monotonic() - begun < 20
    await ended(shows)


async def test_a_server_that_is_gone_is_one_short_reason(own_server):
    shows = opened(own_server.uri, "shop")
    own_server.end()
    with pytest.raises(SourceError, match=r"no server|connection lost"):
        await shows.show("slow_operations", T0)
    await ended(shows)


@pytest.mark.xdist_group("mongo with logins")
async def test_a_right_that_is_missing_is_named(guarded):
    shows = opened(uri(guarded, "nobody"), "shop")
    for name in ("newest_capsules", "newest_tickets", "low_answers", "journey_events", "failing_requests"):
        with pytest.raises(SourceError, match='not allowed: this user needs the role "read" on this database'):
            await shows.show(name, T0)
    await shows.aclose()


@pytest.mark.xdist_group("mongo with logins")
async def test_a_refused_login_is_tried_once_a_minute_however_often_it_is_asked(guarded, monkeypatch):
    tries, log_in = [], auth.authenticate

    async def counted(*args, **kwargs):
        tries.append(args)
        await log_in(*args, **kwargs)

    monkeypatch.setattr(auth, "authenticate", counted)
    shows = opened(uri(guarded, "reader", "hunter2"), "shop")
    for second in range(5):
        with pytest.raises(SourceError, match=r"^login refused"):
            await shows.show("low_answers", after(second))
    seen = len(tries)
    assert seen == 1
    with pytest.raises(SourceError, match=r"^login refused"):
        await shows.show("low_answers", after(61))
    assert len(tries) <= 2
    await ended(shows)


@pytest.mark.xdist_group("mongo with logins")
async def test_an_address_that_a_command_prints_is_asked_for_again_where_it_is_refused(guarded, tmp_path):
    old, new, told = uri(guarded, "reader", "old"), uri(guarded, "reader"), tmp_path / "told"
    program = f"import os, sys; p = {str(told)!r}; print({new!r} if os.path.exists(p) else {old!r}); open(p, 'a')"
    shows = opened(Secret(argv=(sys.executable, "-c", program)), "shop")
    assert (await shows.show("newest_capsules", T0))[0].rows
    await ended(shows)
