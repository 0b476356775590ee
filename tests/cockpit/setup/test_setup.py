"""The whole of a setup with a person who answers by a script: what is found is proposed, what is chosen is written."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from pymongo import MongoClient

from cockpit.__main__ import run
from cockpit.demo.world.flag_file import first_text, with_percent
from cockpit.settings.trust.gate import settings_in
from cockpit.setup import places
from cockpit.setup.asking import Interview, Taker
from cockpit.setup.flow import Setup
from cockpit.setup.look.page import Asked
from cockpit.setup.outcome import Wanted
from tests.cockpit.cli.setup.test_init_command import served
from tests.support.build import PLAN
from tests.support.sources.exporters import page

NOW = datetime.now(UTC)


class Scripted(Interview):
    """Answers what a question contains; everything else with enter."""

    def __init__(self, answers):
        self.answers, self.said, self.questions = dict(answers), [], []

    def say(self, text):
        self.said.append(text)

    def _line(self, question):
        self.questions.append(question)
        return next((self.answers.pop(words) for words in list(self.answers) if words in question), "")


@pytest.fixture
def shop(mongo_uri, monkeypatch):
    """A database with orders that grow by their ids, and events; its variable is set."""
    name = f"cockpit_test_{uuid.uuid4().hex}"
    ids = [ObjectId(f"{int((NOW - timedelta(minutes=n)).timestamp()):08x}{str(ObjectId())[8:]}") for n in range(1, 61)]
    with MongoClient(mongo_uri) as client:
        client[name].orders.insert_many([{"_id": one} for one in ids])
        rows = [{"event": "thing_done", "ts": NOW - timedelta(minutes=n)} for n in range(1, 9)]
        client[name].analytics_events.insert_many(rows)
        calls = {"method": "GET", "path": "/looks", "status": 200, "durationMs": 12}
        client[name].request_log.insert_many([{**calls, "ts": NOW - timedelta(minutes=n)} for n in range(1, 9)])
        monkeypatch.setenv("SHOP_MONGO", mongo_uri)
        yield name
        client.drop_database(name)


def setup(wanted, chooser=None, environ=None):
    return Setup(wanted, chooser or Taker(), environ or {}, NOW).run()


@pytest.mark.parametrize(("percent", "per_hour"), [(25, 240), (100, 60), (0, None), (None, 60)])
def test_growth_is_that_of_the_whole_by_where_the_flag_stands(shop, mongo_uri, tmp_path, percent, per_hour):
    flags = tmp_path / "flags.json"
    flags.write_text(with_percent(first_text(PLAN), PLAN.flag, percent or 0), "utf-8")
    kind = {"flag_kind": "session"} if percent is None else {"flag_kind": "flagd", "flag_file": flags}
    with served(metrics=page("demo")) as url:
        base = {"metrics": (f"{url}/metrics",), "mongo": "SHOP_MONGO", "database": shop, "p95_ms": 500}
        found = setup(Wanted("shop", alertmanager="none", **base, **kind), environ={"SHOP_MONGO": mongo_uri})
    grows = {row.name: row.per_hour for row in found.growing}
    assert grows.get("orders") == (per_hour if per_hour is None else pytest.approx(per_hour, rel=0.05))
    assert bool(found.grows_anyway) is (percent == 0)


def test_a_person_says_which_requests_make_an_event(shop, mongo_uri):
    answers = {
        "variable holds the address": "SHOP_MONGO",
        "Which database?": shop,
        "Which journeys": "thing_done",
        "make thing_done": "2",
        "Which collections": "none",
    }
    chooser = Scripted(answers)
    with served(metrics=page("demo")) as url:
        wanted = Wanted("shop", metrics=(f"{url}/metrics",), database=shop)
        found = setup(wanted, chooser, {"SHOP_MONGO": mongo_uri})
    assert [(one.id, one.endpoints) for one in found.journeys] == [("thing_done", ("POST /capsules",))]
    assert found.growing == ()
    assert found.database.parts["events"]["collection"] == "analytics_events"


def test_enter_takes_no_journey_that_nothing_feeds(shop, mongo_uri):
    with served(metrics=page("demo")) as url:
        wanted = Wanted("shop", metrics=(f"{url}/metrics",), mongo="SHOP_MONGO", database=shop)
        found = setup(wanted, Scripted({}), {"SHOP_MONGO": mongo_uri})
    assert (found.journeys, found.unmatched) == ((), ("thing_done",))
    assert "events" not in found.database.parts


def test_a_request_log_alone_is_enough(shop, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "here"
    folder.mkdir(mode=0o700)
    monkeypatch.chdir(folder)
    assert run(["init", "shop", "--mongo", "SHOP_MONGO", "--database", shop]) == 0
    assert "requests are counted in the collection request_log" in capsys.readouterr().out
    log = settings_in(folder / "cockpit.toml").sources["records"].requests
    assert (log.collection, log.endpoint, log.duration, log.unit, log.counts) == (
        "request_log",
        "path",
        "durationMs",
        "ms",
        True,
    )
    assert run(["doctor"]) in (0, 20)
    assert "traffic" in capsys.readouterr().out
    assert run(["plan", "check", "plan.toml"]) == 0


def test_a_nested_log_of_other_names_is_written_with_who_had_the_flag(mongo_uri, tmp_path, monkeypatch, capsys):
    folder, name = tmp_path / "here", f"cockpit_test_{uuid.uuid4().hex}"
    folder.mkdir(mode=0o700)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DESK", mongo_uri)
    asked, told = {"verb": "POST", "route": "/claims", "by": "user-1"}, {"code": 201, "took_s": 0.18}
    lately = [NOW - timedelta(minutes=n) for n in range(9)]
    with MongoClient(mongo_uri) as client:
        client[name].access.insert_many(
            [{"req": asked, "res": told, "quick": n > 4, "finished": at} for n, at in enumerate(lately)]
        )
        client[name].happenings.insert_many([{"what": "claim_handed_in", "when": at} for at in lately])
        client[name].old_log.insert_one({"method": "GET", "path": "/", "status": 200, "ms": 3, "ts": NOW.timestamp()})
        try:
            assert run(["init", "claims", "--mongo", "DESK", "--database", name, "--flag-key", "quick-claims"]) == 0
        finally:
            client.drop_database(name)
    said = capsys.readouterr().out
    assert "found: quick says who had the flag" in said
    assert "in doubt: happenings: happenings is taken by its shape" in said
    records = settings_in(folder / "cockpit.toml").sources["records"]
    log, who = records.requests, records.exposures
    assert (log.method, log.endpoint, log.status, log.duration) == ("req.verb", "req.route", "res.code", "res.took_s")
    assert (log.unit, log.at, log.variant.label) == ("s", "finished", "quick")
    assert (who.collection, who.user, who.exposed, who.flag, who.at) == ("access", "req.by", "quick", "", "finished")
    assert (records.events.collection, records.events.journey, records.events.at) == ("happenings", "what", "when")
    assert 'endpoints = ["POST /claims"]' in (folder / "plan.toml").read_text("utf-8")


def test_on_this_machine_the_usual_ports_are_looked_at(monkeypatch):
    with served(metrics=page("express")) as url:
        monkeypatch.setattr(places, "_PORTS", (9, int(url.rpartition(":")[2])))
        monkeypatch.setattr(places, "_PROMETHEUS", "http://127.0.0.1:9")
        found = setup(Wanted("shop"), Scripted({}))
    assert found.place.pages == (f"{url}/metrics",)
    assert found.place.metrics.status == "status_code"


def test_a_token_is_asked_for_where_one_is_wanted(monkeypatch):
    with served() as url:
        chooser = Scripted({"Where are its numbers?": f"{url}/metrics"})
        monkeypatch.setattr(places, "ask_pages", refusing)
        assert setup(Wanted("shop"), chooser) is None
    assert any("Which variable holds its token?" in question for question in chooser.questions)


async def refusing(*_):
    return Asked(notes=("127.0.0.1: 401, credentials?: give token, or user and password",))


@pytest.mark.parametrize(
    ("answer", "said"),
    [("1 3-4", "abc"), ("2,4", "bd"), ("all", "abcd"), ("none", ""), ("b", "b"), ("", "ab")],
)
def test_some_of_many_are_chosen_by_number_or_name(answer, said):
    options = ["a", "bb", "c", "d"]
    wanted = {"b": "bb"}.get(answer, answer)
    found = Scripted({"Which?": wanted}).some("Which?", options, options[:2], "why")
    assert "".join(one[0] for one in found) == {"abc": "acd"}.get(said, said)


@pytest.mark.parametrize("answer", ["GET /a", "GET /a, POST /b", "1 2", "POST /b,GET /a"])
def test_a_name_is_enough_where_more_is_told_of_it(answer):
    options = ["GET /a   900 requests seen", "POST /b   1 requests seen", "GET /c   1 requests seen"]
    found = Scripted({"Which?": answer}).some("Which?", options, (), "why")
    assert found == tuple(options[: 1 if answer == "GET /a" else 2])


@pytest.mark.parametrize("wrong", ["0", "5", "2-9", "x", "1-", "-1", "999999999999999", "٣"])
def test_what_is_none_of_them_is_asked_again(wrong):
    chooser = Scripted({"Which?": wrong})
    found = chooser.some("Which?", ["a", "b", "c", "d"], ["c"], "why")
    assert found == ("c",)
    assert len(chooser.questions) == 2
