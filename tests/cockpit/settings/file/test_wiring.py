"""Where a session gets its numbers: addresses in the file, secrets in the environment, no gap in silence."""

import asyncio
import threading

import pytest

from cockpit.cli.commands.sessions import begin
from cockpit.flags.flagd.writer import FlagdFile
from cockpit.flags.opening import open_writer
from cockpit.flags.recorded_only import SessionFlag
from cockpit.flags.wanted import wanted_by
from cockpit.settings.file.wiring import Wiring, wiring_from, without_file
from cockpit.settings.models.flag_providers import Flagd, Session
from cockpit.settings.models.journeys import Journey, JourneyStep
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.secrets import Secret, Secrets
from cockpit.settings.trust.gate import settings_of
from cockpit.sources import opening as opener_module
from cockpit.sources.interface.source import SourceError
from cockpit.sources.opening import MISSING, Opener
from sessions.plan.strict_table import TableError
from sessions.plan.uses import needed, watched
from sessions.state.reducer import FlagState, State
from sessions.values.readings import Topic
from tests.support.build import PLAN, T0
from tests.support.trust.trusting import trusted
from tests.support.watch.watching import FAST

WHOLE = Wiring(("http://127.0.0.1:1/metrics",), "SHOP_URI", "shop", "/tmp/flags.json")
SECRET = "mongodb://owner:hunter2@127.0.0.1:1/"
WANTED = {*watched(PLAN)} - {Topic.FLAG}


def test_what_the_file_keeps_reads_back():
    assert wiring_from(WHOLE.table()) == WHOLE
    assert wiring_from(Wiring().table()) == wiring_from({}) == Wiring()
    named = Wiring(settings="/etc/cockpit.toml")
    assert wiring_from(named.table()) == named


def test_a_session_of_yesterday_is_read():
    yesterday = {"metrics": ["http://x/metrics"], "mongo": "SHOP_URI", "database": "shop", "flag_file": "/f"}
    settings = without_file(wiring_from(yesterday))
    assert settings.sources["scrape"].urls == ("http://x/metrics",)
    assert settings.sources["mongo"].uri.names == ("SHOP_URI",)
    assert settings.flag == Flagd(file="/f")


def test_the_settings_file_says_it_all_and_another_can_be_named(tmp_path):
    one, other = (trusted(tmp_path / f"{name}.toml", f'service = "{name}"') for name in ("one", "other"))
    begin(tmp_path, "flight", FAST, Wiring(settings=str(one)))
    table = Wiring(settings=str(one)).table()
    assert settings_of(tmp_path, table).service == "one"
    assert settings_of(tmp_path, table, other).service == "other"


def test_every_problem_is_told_at_once():
    with pytest.raises(TableError) as error:
        wiring_from({"metrics": "http://x", "databse": "shop", "flag_file": 7})
    said = [str(problem) for problem in error.value.problems]
    assert [line.partition(":")[0] for line in said] == ["wiring.metrics", "wiring.flag_file"]


def test_what_a_newer_cockpit_says_beyond_ours_is_ignored():
    assert wiring_from({"database": "shop", "moon": "full"}) == Wiring(database="shop")


async def test_without_a_flag_file_moves_are_recorded_from_what_is_in_force():
    frozen = {"capsules": T0}
    ticked = {"support_queue.sla": T0, "support_queue.cap": T0, "latency_spike.inspect": T0}
    state = State(FAST, flag=FlagState("confirmed", 25, 25), frozen=frozen, ticked=ticked)
    writer = open_writer(Session(), wanted_by(lambda: state), Secrets({}))
    assert isinstance(writer, SessionFlag)
    assert not writer.moves
    found = await writer.read(T0)
    assert found.percent == 25
    assert set(found.switches) == {"capsules-flow", "sla-message", "cap-escalations"}


def test_a_flag_file_is_moved(tmp_path):
    writer = open_writer(Flagd(file=str(tmp_path / "flags.json")), wanted_by(lambda: State(FAST)), Secrets({}))
    assert isinstance(writer, FlagdFile)


async def opened(wiring, **environ):
    settings = wiring if isinstance(wiring, Settings) else without_file(wiring)
    openings = Opener(settings, FAST, Secrets(environ)).openings()
    sources = [source for opening in openings for source in await opening.open()]
    for source in sources:
        await source.aclose()
    return {type(source).__name__: source for source in sources}


async def why(source):
    with pytest.raises(SourceError) as error:
        await source.read(T0)
    return str(error.value)


async def test_a_whole_wiring_opens_both_sources():
    found = await opened(WHOLE, SHOP_URI=SECRET)
    assert set(found) == {"Scrape", "MongoSource"}
    assert {topic for source in found.values() for topic in source.topics} == WANTED


async def test_what_nobody_answers_for_says_so_and_alerts_are_not_missed():
    found = await opened(Wiring())
    assert set(found["Dark"].topics) == {*needed(PLAN)} - {Topic.FLAG}
    assert await why(found["Dark"]) == MISSING


async def test_a_secret_that_is_not_set_darkens_its_own_topics_only():
    found = await opened(WHOLE)
    assert set(found) == {"Scrape", "Dark"}
    assert set(found["Dark"].topics) == WANTED - {Topic.TRAFFIC}
    assert await why(found["Dark"]) == "$SHOP_URI is not set"


async def test_a_bad_address_of_the_database_harms_no_other_source_and_shows_no_secret():
    found = await opened(WHOLE, SHOP_URI="mongodb://owner:hunter2@[bad")
    assert set(found) == {"Scrape", "Dark"}
    said = await why(found["Dark"])
    assert "mongodb://host:port" in said
    assert "hunter2" not in said


async def test_whatever_a_driver_raises_is_a_reason_without_its_secret(monkeypatch):
    def broken(order, spec):
        raise RuntimeError(f"driver says {order.secrets.reveal(spec.uri)}")

    monkeypatch.setattr(opener_module, "opened", broken)
    settings = without_file(Wiring(database="shop"))
    (source,) = await Opener(settings, FAST, Secrets({"COCKPIT_MONGO_URI": SECRET})).openings()[0].open()
    assert (source.name, await why(source)) == ("mongo", "driver says ***")
    assert set(source.topics) == WANTED - {Topic.TRAFFIC}


def test_what_is_answered_counts_sources_that_cannot_be_opened():
    answers = Opener(without_file(WHOLE), FAST, Secrets({})).answers
    assert set(answers) == WANTED
    assert Opener(Settings(), FAST, Secrets({})).answers == ()


async def test_a_secret_that_takes_its_time_holds_nobody_else_up(monkeypatch):
    """A command for a secret runs beside the loop, not in it."""
    begun, release = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(_order, _spec):
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(60)
        return []

    monkeypatch.setattr(opener_module, "opened", slow)
    opening = Opener(without_file(WHOLE), FAST, Secrets({})).openings()[0]
    task = asyncio.ensure_future(opening.open())
    await asyncio.wait_for(begun.wait(), 10)
    release.set()
    assert await task == []


async def test_a_secrets_command_runs_once_when_something_is_sent_and_beside_the_loop():
    ran = []
    secrets = Secrets({}, lambda argv: ran.append((argv, threading.current_thread())) or "printed")
    step = JourneyStep(name="look", path="/x")
    spec = Journey(url="http://127.0.0.1:1", steps=(step,), token=Secret(argv=("pass", "token")))
    (source,) = await Opener(Settings(sources={"wf7": spec}), FAST, secrets).openings()[0].open()
    assert ran == []
    for _ in range(2):
        await source.examine(T0)
    await source.aclose()
    ((argv, thread),) = ran
    assert (argv, thread is threading.current_thread()) == (("pass", "token"), False)
