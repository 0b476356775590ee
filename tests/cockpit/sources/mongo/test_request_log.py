"""A request log as traffic: what is vouched for, what is late, what proves nothing, and what is asked of the server."""

from dataclasses import replace

import pytest
from msgspec import structs
from pymongo import AsyncMongoClient, monitoring
from pymongo.errors import OperationFailure

from cockpit.runtime.finding import Sight
from cockpit.settings.models.mongo import Mongo, RequestLog
from cockpit.settings.schema.secrets import Secret, Secrets
from cockpit.sources.interface.source import Order, SourceError
from cockpit.sources.mongo import request_log_queries as q
from cockpit.sources.mongo.request_log import RequestLogSource, open_source
from sessions.values.readings import Grain, Pulse, Topic, Traffic
from tests.support.build import PLAN, T0, after

ENDPOINTS = PLAN.endpoints
LENGTH, SETTLE = PLAN.windows.length, PLAN.windows.settle
LATE = PLAN.cadence.data_latency


def spec(base: str, **facts) -> Mongo:
    return Mongo(uri=Secret("x"), database=base, requests=RequestLog(collection="request_log", **facts))


def requests(count: int, first: float, last: float, endpoint: str = ENDPOINTS[0], **facts) -> list[dict]:
    """`count` requests from `first` to `last`, seconds after T0."""
    method, _, path = endpoint.partition(" ")
    step = (last - first) / max(1, count - 1)
    plain = {"method": method, "endpoint": path, "status": 200, "duration": 240, **facts}
    return [{"ts": after(first + number * step), **plain} for number in range(count)]


@pytest.fixture
async def source(mongo, mongo_base):
    return RequestLogSource(mongo, spec(mongo_base), PLAN, "shop")


@pytest.fixture
async def log(base):
    return base.request_log


def pulse(readings) -> Pulse:
    [one] = [reading for reading in readings if isinstance(reading, Pulse)]
    return one


def rows(readings, grain=Grain.WINDOW, endpoint=ENDPOINTS[0]) -> dict[float, Traffic]:
    """The readings of an endpoint by their start, in seconds after T0."""
    mine = [one for one in readings if isinstance(one, Traffic) and (one.grain, one.endpoint) == (grain, endpoint)]
    return {(one.start - T0).total_seconds(): one for one in mine}


async def test_windows_minutes_and_a_pulse(source, log):
    await log.insert_many([*requests(100, 0, 99), *requests(5, 90, 98, status=503, duration=900)])
    readings = await source.read(after(100))
    running, minute = rows(readings)[0], rows(readings, Grain.MINUTE)[40]
    assert (running.requests, running.errors, running.start, running.end) == (105, 5, T0, after(LENGTH))
    assert (minute.requests, minute.errors, minute.start, minute.end) == (65, 5, after(40), after(100))
    assert (running.at, running.source, running.backfilled) == (after(100), "shop", False)
    assert running.covered == 0.99
    assert {one.endpoint for one in readings if isinstance(one, Traffic)} == set(ENDPOINTS)
    found = pulse(readings)
    assert (found.ok, found.topic, found.newest, found.source) == (True, Topic.TRAFFIC, after(99), "shop")
    assert (found.unreadable, found.total, found.note) == (0, 105, "")


async def test_an_empty_window_of_a_live_log_is_no_traffic(source, log):
    """Row 53: zero requests are a fact where the log went on elsewhere."""
    await log.insert_many(requests(50, 0, LENGTH + 30, ENDPOINTS[1]))
    await source.read(after(10))
    empty = rows(await source.read(after(LENGTH + 30)))[0]
    assert (empty.requests, empty.p95_ms, empty.covered) == (0, None, 1.0)


async def test_an_empty_window_of_a_dead_log_is_unknown(source, log):
    """Rows 50 and 51."""
    await log.insert_many(requests(50, -100, 30))
    await source.read(after(31))
    readings = await source.read(after(LENGTH + 100))
    assert {start: one.covered for start, one in rows(readings).items()} == {0: 0.1}
    assert rows(readings, Grain.MINUTE) == {}


@pytest.mark.parametrize(("age", "why"), [(LATE, ""), (LATE + 1, "newest request is 5m01s old")])
async def test_a_log_that_was_old_from_the_start_proves_nothing(source, log, age, why):
    """Row 51."""
    await log.insert_many(requests(50, -age - 100, -age))
    found = pulse(await source.read(T0))
    assert (found.ok, found.reason, found.newest) == (not why, why, after(-age))


async def test_a_log_that_dies_is_unknown_before_its_age_could_move_the_windows(source, log):
    """Row 51: the judge lets windows settle as late as the log is, so a dead log must never look late."""
    await log.insert_many(requests(50, -100, 0))
    for age in (1, 60, LATE):
        assert pulse(await source.read(after(age))).ok
    assert not pulse(await source.read(after(LATE + 1))).ok
    await log.insert_many(requests(1, LATE + 10, LATE + 10))
    assert pulse(await source.read(after(LATE + 15))).ok


async def test_a_log_that_is_late_and_goes_on_is_trusted(source, log):
    """Row 69."""
    late = LATE + 300
    await log.insert_many(requests(200, -late - LENGTH, -late))
    assert not pulse(await source.read(T0)).ok
    await log.insert_many(requests(200, -late, LENGTH - late))
    readings = await source.read(after(LENGTH))
    assert (pulse(readings).ok, pulse(readings).newest) == (True, after(LENGTH - late))
    assert all(one.covered <= 1 for one in rows(readings).values())


async def test_what_was_missed_is_asked_for_and_marked(mongo, mongo_base, log):
    await log.insert_many(requests(30, -3 * LENGTH, 1))
    source = RequestLogSource(mongo, spec(mongo_base), PLAN, "shop", since=after(-2.5 * LENGTH))
    found = rows(await source.read(after(2)))
    marked = {start: one.backfilled for start, one in found.items()}
    assert marked == {0: False, -LENGTH: True, -2 * LENGTH: True, -3 * LENGTH: True}
    assert set(rows(await source.read(after(SETTLE + 2)))) == {0, -LENGTH}
    assert set(rows(await source.read(after(SETTLE + 3)))) == {0}


async def test_catching_up_leaves_time_for_now_and_goes_on_next_time(mongo, mongo_base, log, monkeypatch):
    await log.insert_many(requests(30, -9 * LENGTH, 1))
    monkeypatch.setattr("cockpit.sources.mongo.request_log._STARTS", 0)
    source = RequestLogSource(mongo, spec(mongo_base), PLAN, "shop", since=after(-9 * LENGTH))
    assert set(rows(await source.read(after(SETTLE)))) == {0, -LENGTH}
    assert set(rows(await source.read(after(SETTLE + 1)))) == {0, -2 * LENGTH}


async def test_an_old_window_that_is_too_much_does_not_stand_in_the_way(mongo, mongo_base, log, monkeypatch):
    """Row 64."""
    await log.insert_many(requests(30, -3 * LENGTH, SETTLE))
    source = RequestLogSource(mongo, spec(mongo_base), PLAN, "shop", since=after(-3 * LENGTH))
    count, heavy = q.count, after(-2 * LENGTH)

    async def slow(log, start, end, ranks):
        if start == heavy:
            raise OperationFailure("operation exceeded time limit", 50)
        return await count(log, start, end, ranks)

    monkeypatch.setattr(q, "count", slow)
    with pytest.raises(SourceError):
        await source.read(after(SETTLE))
    with pytest.raises(SourceError, match=r"^gave up after 4\.5 s, asks again after 45 s$"):
        await source.read(after(SETTLE + 44))
    assert set(rows(await source.read(after(SETTLE + 45)))) == {0, -LENGTH, -3 * LENGTH}


@pytest.mark.parametrize(("bad", "why"), [(1, ""), (2, "2 of 102 unreadable")])
async def test_one_unreadable_request_is_forgiven_and_many_are_not(source, log, bad, why):
    """Row 65."""
    await log.insert_many([*requests(100, 0, 30), *requests(bad, 10, 20, duration="slow")])
    found = pulse(await source.read(after(31)))
    assert (found.ok, found.reason) == (not why, why)


async def test_requests_without_a_date_count_against_the_whole_log(source, log):
    """Row 65."""
    await log.insert_many([*requests(150, 0, 30), {"ts": "soon"}])
    found = pulse(await source.read(after(31)))
    assert (found.ok, found.unreadable, found.total) == (True, 1, 151)
    await log.insert_one({"ts": None})
    found = pulse(await source.read(after(32)))
    assert (found.ok, found.reason) == (False, "2 of 152 unreadable")


async def test_local_time_written_as_utc_is_told(source, log):
    """Row 66: an hour ahead; a few are a word, many are no proof."""
    await log.insert_many([*requests(300, 0, 30), *requests(2, 3600, 3601)])
    found = pulse(await source.read(after(31)))
    assert (found.ok, found.note, found.newest) == (True, "2 requests dated ahead of this clock", after(30))
    await log.insert_many(requests(50, 3600, 3700))
    assert pulse(await source.read(after(32))).reason == "52 of 352 unreadable"


async def test_an_empty_log_is_an_answer_without_traffic(source):
    readings = await source.read(T0)
    assert [type(one) for one in readings] == [Pulse]
    assert (pulse(readings).ok, pulse(readings).newest, pulse(readings).note) == (
        True,
        None,
        "the request log is empty",
    )


async def test_a_look_that_took_long_is_followed_by_a_long_rest(source):
    """Row 64."""
    assert source.interval == PLAN.cadence.traffic
    for took, interval in [(2.0, 20.0), (4.4, PLAN.cadence.traffic_stale / 2), (0.1, PLAN.cadence.traffic)]:
        source._pace.answered(T0, took)
        assert source.interval == interval


@pytest.mark.parametrize(("length", "rest"), [(8.0, 4.0), (40.0, 20.0), (300.0, PLAN.cadence.traffic_stale / 2)])
async def test_no_rest_is_longer_than_half_a_window(mongo, mongo_base, length, rest):
    windows, cadence = structs.replace(PLAN.windows, length=length), structs.replace(PLAN.cadence, traffic=1.0)
    plan = structs.replace(PLAN, windows=windows, cadence=cadence)
    source = RequestLogSource(mongo, spec(mongo_base), plan, "shop")
    source._pace.answered(T0, 9.0)
    assert source.interval == rest


async def test_the_server_is_asked_one_thing_per_window_and_with_a_limit(mongo_uri, mongo_base, log):
    """Row 67, and: a window that is final is not asked for again."""

    class Ledger(monitoring.CommandListener):
        def __init__(self):
            self.seen = []

        def started(self, event):
            self.seen.append((event.command_name, event.command))

        def succeeded(self, event): ...

        def failed(self, event):
            raise AssertionError(event.failure)

    await log.insert_many(requests(700, -LENGTH, LENGTH + SETTLE))
    client = AsyncMongoClient(mongo_uri, tz_aware=True, event_listeners=[ledger := Ledger()])
    source = RequestLogSource(client, spec(mongo_base), PLAN, "shop")
    async with client:
        for moment in (1, LENGTH + 1, LENGTH + SETTLE + 1, LENGTH + SETTLE + 16):
            ledger.seen.clear()
            await source.read(after(moment))
        asked = [name for name, _ in ledger.seen]
    assert sorted(asked) == ["aggregate"] * 6 + ["find", "ping"]
    assert all(0 < command["maxTimeMS"] <= 4500 for name, command in ledger.seen if name != "endSessions")
    stages = {key for _, command in ledger.seen for stage in command.get("pipeline", ()) for key in stage}
    assert stages == {"$match", "$project", "$group"}


async def test_examine_says_what_was_found_of_what_is_wanted(source, log):
    await log.insert_many([*requests(40, -30, -1), *requests(1, 3600, 3600)])
    found = await source.examine(T0)
    assert found[0].sight is Sight.GOOD
    assert found[0].text.startswith("40 requests in 1h00m, ")
    assert found[0].text.endswith("p95: the server ranks")
    told = {finding.what: finding for finding in found if finding.sight is Sight.WARNING}
    assert set(told) == {"request_log", *ENDPOINTS[1:]}
    assert told[ENDPOINTS[1]].text == "no request in 1h00m"
    assert all(finding.fix for finding in told.values())


async def test_examine_of_a_log_whose_names_are_others(mongo, mongo_base, log):
    await log.insert_many(requests(40, -30, -1))
    found = await RequestLogSource(mongo, spec(mongo_base, endpoint="route"), PLAN, "shop").examine(T0)
    assert [finding.sight for finding in found] == [Sight.WARNING, Sight.PROBLEM]
    assert found[1].text == "40 of 40 unreadable"


def order(**environ) -> Order:
    return Order("shop", PLAN, Secrets(environ), None, {})


async def test_without_a_collection_there_is_no_source():
    assert open_source(order(), Mongo(uri=Secret("${GONE}"), database="shop")) == []


async def test_it_opens_by_its_settings(mongo_uri):
    given = replace(spec("shop"), uri=Secret("${URI}"), every=90.0, timeout=3.0)
    [source] = open_source(order(URI=mongo_uri), given)
    assert (source.name, source.topics, source.interval, source.deadline) == ("shop", (Topic.TRAFFIC,), 15.0, 3.0)
    await source.aclose()
