"""Where a session gets its numbers: addresses in the file, secrets in the environment, no gap in silence."""

import pytest

from cockpit.flags.flagd import FlagdFile
from cockpit.flags.session import SessionFlag
from cockpit.sources.base import SourceError
from cockpit.wiring import MONGO_TOPICS, Wiring, open_writer, source_opener, wiring_from
from sessions.readings import Topic
from sessions.state import FlagState, State
from sessions.tables import TableError
from tests.build import T0
from tests.cockpit.watching import FAST

WHOLE = Wiring(("http://127.0.0.1:1/metrics",), "SHOP_URI", "shop", "/tmp/flags.json")
SECRET = "mongodb://owner:hunter2@127.0.0.1:1/"


def test_what_the_file_keeps_reads_back():
    assert wiring_from(WHOLE.table()) == WHOLE
    assert wiring_from(Wiring().table()) == wiring_from({}) == Wiring()


def test_every_problem_is_told_at_once():
    with pytest.raises(TableError) as error:
        wiring_from({"metrics": "http://x", "databse": "shop", "flag_file": 7})
    said = [str(problem) for problem in error.value.problems]
    assert len(said) == 3
    assert any('wiring.databse: unknown key, did you mean "database"?' in line for line in said)


async def test_without_a_flag_file_moves_are_recorded_from_what_is_in_force():
    frozen = {"capsules": T0}
    ticked = {"support_queue.sla": T0, "support_queue.cap": T0, "latency_spike.inspect": T0}
    writer = open_writer(Wiring(), State(FAST, flag=FlagState("confirmed", 25, 25), frozen=frozen, ticked=ticked))
    assert isinstance(writer, SessionFlag)
    assert not writer.moves
    found = await writer.read(T0)
    assert found.percent == 25
    assert set(found.switches) == {"capsules-flow", "sla-message", "cap-escalations"}


def test_a_flag_file_is_moved(tmp_path):
    writer = open_writer(Wiring(flag_file=str(tmp_path / "flags.json")), State(FAST))
    assert isinstance(writer, FlagdFile)


async def opened(wiring, uri=None):
    sources = await source_opener(wiring, FAST, uri)()
    try:
        return [(source.name, tuple(source.topics), type(source).__name__) for source in sources], sources
    finally:
        for source in sources:
            await source.aclose()


async def test_a_whole_wiring_opens_both_sources(monkeypatch):
    monkeypatch.setenv("SHOP_URI", SECRET)
    found, _ = await opened(WHOLE)
    assert [row[2] for row in found] == ["Scrape", "MongoSource"]
    assert {topic for row in found for topic in row[1]} == set(Topic) - {Topic.FLAG}
    assert set(found[1][1]) == set(MONGO_TOPICS)


@pytest.mark.parametrize(
    ("wiring", "uri", "reasons"),
    [
        (Wiring(), "", ["no /metrics address in this session", "$COCKPIT_MONGO_URI is not set"]),
        (Wiring(), SECRET, ["no /metrics address in this session", "no database named in this session"]),
        (
            Wiring(mongo="SHOP_URI", database="shop"),
            "",
            ["no /metrics address in this session", "$SHOP_URI is not set"],
        ),
    ],
)
async def test_what_is_missing_is_a_source_that_says_why(monkeypatch, wiring, uri, reasons):
    monkeypatch.delenv("COCKPIT_MONGO_URI", raising=False)
    monkeypatch.delenv("SHOP_URI", raising=False)
    found, sources = await opened(wiring, uri)
    assert {topic for row in found for topic in row[1]} == set(Topic) - {Topic.FLAG}
    for source, reason in zip(sources, reasons, strict=True):
        with pytest.raises(SourceError) as error:
            await source.read(T0)
        assert str(error.value) == reason


async def test_a_bad_address_of_the_database_harms_no_other_source_and_shows_no_secret(monkeypatch):
    monkeypatch.setenv("SHOP_URI", "mongodb://owner:hunter2@[bad")
    found, sources = await opened(WHOLE)
    assert [row[2] for row in found] == ["Scrape", "Dark"]
    with pytest.raises(SourceError) as error:
        await sources[1].read(T0)
    assert "mongodb://host:port" in str(error.value)
    assert "hunter2" not in str(error.value)


async def test_a_given_address_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("SHOP_URI", "mongodb://owner:hunter2@[bad")
    found, _ = await opened(WHOLE, "mongodb://127.0.0.1:1/")
    assert [row[2] for row in found] == ["Scrape", "MongoSource"]
