"""The look into the database: a document that is there, one that comes late, one that never comes, and no operator."""

import asyncio
import json
import signal

import pytest
from pymongo import monitoring
from pymongo.errors import OperationFailure

from cockpit.runtime.finding import Sight
from cockpit.settings.models.journeys import JourneyLook
from cockpit.sources.database.client import mongo_client
from cockpit.sources.journey.database_checks import await_document
from cockpit.sources.journey.http_steps import BrokenError
from cockpit.sources.journey.source import JourneyRunner
from tests.support.sources.mongo_asking import asking
from tests.support.sources.walking import answer, order_of, ran, runner_of, settings_of, shape

EVENTS = JourneyLook(collection="events", where={"journey": "capsule_created", "runId": "{run}"}, within=5.0)


def look(within=5.0, **where):
    return JourneyLook(collection="events", where=where or {"runId": "{run}"}, within=within)


async def test_a_document_that_is_there_is_found_at_once(mongo, mongo_base, base):
    await base.events.insert_many([{"runId": "r0"}, {"journey": "capsule_created", "runId": "r1"}])
    assert shape(await await_document(asking(base), EVENTS, {"run": "r1"})) == "events: arrived after #"


async def test_a_late_document_is_waited_for(mongo, mongo_base, base):
    wait = asyncio.ensure_future(await_document(asking(base), EVENTS, {"run": "r1"}))
    await asyncio.wait({wait}, timeout=0.2)
    assert not wait.done()
    await base.events.insert_one({"journey": "capsule_created", "runId": "r1"})
    said = await wait
    assert float(said.removeprefix("events: arrived after ").removesuffix(" s")) >= 0.2


@pytest.mark.parametrize(
    "document",
    [None, {"runId": "r2"}, {"runId": 1}, {"runId": None}, {}, {"runId": ["r", "1"]}],
    ids=["none", "another run", "number", "null", "missing", "list"],
)
async def test_a_document_that_never_comes_is_told_when_the_time_is_over(mongo, mongo_base, base, document):
    if document is not None:
        await base.events.insert_one(document)
    with pytest.raises(BrokenError, match=r"^did not arrive in 0\.2 s$"):
        await await_document(asking(base), look(0.2), {"run": "r1"})


class Heard(monitoring.CommandListener):
    def __init__(self):
        self.commands = []

    def started(self, event):
        self.commands.append(dict(event.command))

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


@pytest.mark.parametrize("value", ["$where", '{"$ne": null}', "$gt", "runId", 'x"}, {"$ne": ""'])
async def test_row_67_whatever_fills_a_place_is_compared_as_a_text(mongo_uri, mongo_base, base, value):
    heard = Heard()
    await base.events.insert_many([{"runId": "r1"}, {"runId": value, "twin": True}])
    monitoring.register(heard)
    client = mongo_client(mongo_uri)
    monitoring._LISTENERS.command_listeners.remove(heard)
    try:
        assert await await_document(asking(client[mongo_base]), look(runId="{value}"), {"value": value})
        with pytest.raises(BrokenError):
            await await_document(asking(client[mongo_base]), look(0.1, runId="{value}?"), {"value": value})
    finally:
        await client.close()
    asked = [command for command in heard.commands if "filter" in command]
    assert {next(iter(command)) for command in asked} == {"find"}
    assert {json.dumps(command["filter"]) for command in asked} == {
        json.dumps({"runId": {"$eq": value}}),
        json.dumps({"runId": {"$eq": f"{value}?"}}),
    }


async def test_row_61_a_server_that_is_gone_is_told():
    client = mongo_client("mongodb://127.0.0.1:9/?directConnection=true")
    with pytest.raises(BrokenError, match=r"^no server$"):
        await await_document(asking(client["d"]), look(0.3), {"run": "r1"})
    await client.close()


class Refusing:
    """A server that says no to every question, and counts them."""

    def __init__(self, code):
        self.code, self.asked = code, 0

    def kind(self, _limit):
        return self

    def __getitem__(self, _name):
        return self

    async def find(self, *_, **__):
        self.asked += 1
        raise OperationFailure("no", self.code)


@pytest.mark.parametrize(("code", "why"), [(13, "not allowed"), (18, "login refused"), (2, "refused, code 2")])
async def test_row_63_a_server_that_refuses_is_asked_once(code, why):
    server = Refusing(code)
    with pytest.raises(BrokenError, match=why):
        await await_document(server, look(), {"run": "r1"})
    assert server.asked == 1


async def test_row_62_a_server_that_stands_still_takes_no_longer_than_the_look(own_server):
    client = mongo_client(own_server.uri)
    await client.admin.command("ping")
    own_server.signal(signal.SIGSTOP)
    async with asyncio.timeout(60):
        with pytest.raises(BrokenError, match=r"^(no answer in 0\.5 s|no server|connection lost)$"):
            await await_document(asking(client["d"]), look(0.5), {"run": "r1"})
    await client.close()


WHOLE = """
[sources.records]
kind = "mongo"
uri = "{uri}"
database = "{base}"
[sources.wf7]
kind = "journey"
url = "{url}"
database = "records"
journey = "capsule_created"
[[sources.wf7.steps]]
name = "hold a capsule"
method = "POST"
path = "/capsules"
body = {{ shopperId = "{{run}}" }}
capture = {{ capsule = "id" }}
[[sources.wf7.looks]]
collection = "events"
where = {{ runId = "{{run}}" }}
within = "{within}"
[[sources.wf7.looks]]
collection = "capsules"
where = {{ number = "{{capsule}}" }}
within = "{within}"
"""


def whole(httpserver, uri, base, within="5s"):
    return WHOLE.format(uri=uri, base=base, url=httpserver.url_for(""), within=within)


async def test_a_whole_journey_finds_what_its_step_wrote(httpserver, mongo_uri, mongo_base, base):
    loop = asyncio.get_running_loop()

    def hold(request):
        run = request.get_json()["shopperId"]
        asyncio.run_coroutine_threadsafe(written(base, run), loop)
        return answer({"id": f"c-{run}"})

    httpserver.expect_request("/capsules", method="POST").respond_with_handler(hold)
    run, _ = await ran(runner_of(whole(httpserver, mongo_uri, mongo_base)))
    assert run.ok, run.lines
    assert shape(run.lines[0]) == "hold a capsule: 200 in #"
    assert {shape(line) for line in run.lines[1:3]} == {"events: arrived after #", "capsules: arrived after #"}
    assert shape(run.lines[3]) == "1 step, 2 documents in #"
    assert (run.journey, run.sent is not None) == ("capsule_created", True)


async def written(base, run):
    await base.events.insert_one({"runId": run})
    await base.capsules.insert_one({"number": f"c-{run}"})


async def test_a_run_whose_document_does_not_come_failed_and_was_sent_all_the_same(
    httpserver, mongo_uri, mongo_base, base
):
    httpserver.expect_request("/capsules").respond_with_json({"id": "c1"})
    await base.capsules.insert_one({"number": "c1"})
    run, _ = await ran(runner_of(whole(httpserver, mongo_uri, mongo_base, "300ms")))
    assert (run.ok, run.done) == (False, True)
    assert shape(run.lines[1]) == "capsules: arrived after #"
    assert run.lines[-1] in ("events: did not arrive in 0.3 s", "events: no answer in 0.3 s")  # a slow machine
    assert run.begun <= run.sent <= run.at


async def test_the_database_is_examined_by_a_ping(httpserver, mongo_uri, mongo_base):
    settings, _ = settings_of(whole(httpserver, mongo_uri, mongo_base))
    runner = JourneyRunner(order_of(settings), settings.sources["wf7"])
    _, database, counts = await runner.examine()
    await runner.aclose()
    assert (database.sight, database.text) == (Sight.GOOD, "answers")
    assert counts.text == "1 step, 2 looks, runs on demand; nothing was run"
