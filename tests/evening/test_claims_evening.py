"""A request log in a shape of its own, a flag in the same database: claims written twice, reverted by hand."""

import asyncio
from contextlib import contextmanager

import pytest
from pymongo import MongoClient

from cockpit.demo.world.database import Server
from tests.evening import setting_up
from tests.evening.comparing import deck_agrees, windows_agree
from tests.evening.evening import SERVICES, Evening, part

ENDPOINTS = ("GET /claims", "POST /claims")
FLAG = "quick-claims"
SETTINGS = """\
service = "claims"

[flag]
kind = "command"
read = ["{python}", "{tool}", "get"]
write = ["{python}", "{tool}", "set", "{{percent}}"]

[sources.desk]
kind = "mongo"
uri = "${{CLAIMS_MONGO_URI}}"
database = "desk"
topics = ["journeys", "collections"]

[sources.desk.events]
collection = "happenings"
journey = "what"
at = "when"

[sources.desk.requests]
collection = "access"
method = "req.verb"
endpoint = "req.route"
status = "res.code"
duration = "res.took_s"
unit = "s"
at = "finished"
variant = {{ label = "quick", on = "true", off = "false" }}

[sources.desk.exposures]
collection = "access"
user = "req.by"
flag = ""
exposed = "quick"
at = "finished"
"""
PROMISES = """
[criteria.analytics]
gap = "12s"
[[criteria.analytics.journeys]]
id = "claim_handed_in"
endpoints = ["POST /claims"]

[criteria.growth]
tolerance = 25
slack = 100
[[criteria.growth.collections]]
name = "quick_claims"
per_hour = 41472
key = ["number"]

[[risks]]
id = "duplication"
title = "Claims twice"
watch = 1
act = 1
automatic = ["pause"]
mitigation = "Revert, then look who writes them"
"""


@contextmanager
def _database(folder):
    server = Server(folder)
    try:
        yield asyncio.run(server.start())
    finally:
        server.end()


@pytest.mark.flight
@pytest.mark.timeout(900)
def test_claims_that_are_written_twice_are_reverted_by_hand(tmp_path, record_property):
    python = part("services-python")
    (tmp_path / "base").mkdir()
    with _database(tmp_path / "base") as uri, MongoClient(uri) as client:
        base = client.desk
        base.access.create_index("finished")
        base.happenings.create_index([("what", 1), ("when", 1)])
        base.quick_claims.create_index("number")
        with Evening(tmp_path, "claims", CLAIMS_MONGO_URI=uri) as evening:
            claims = evening.service("services-python", "claims.py", CLAIMS_MONGO_URI=uri)
            evening.loaded(claims, 24, *ENDPOINTS)
            evening.write("cockpit.toml", SETTINGS.format(python=python, tool=SERVICES / "claims_flag.py"))
            promises = PROMISES, setting_up.NOBODY_LOGS
            evening.write("plan.toml", setting_up.plan("claims", FLAG, ENDPOINTS, *promises))
            _flown(evening, lambda: base.settings.find_one({"_id": FLAG})["percent"], record_property)


def _flown(evening, share, record_property):
    evening.cockpit("trust", "cockpit.toml")
    evening.ready("told")
    evening.up_to(5, "some.looked")
    assert share() == 5
    evening.up_to(50, "half.looked")
    assert share() == 50
    evening.until_code(0, "check", "claims")
    deck_agrees(evening, ENDPOINTS)

    evening.breaks("twice")
    evening.until("risk.turned", "duplicates")
    evening.until_code(20, "check", "claims")
    evening.cockpit("revert", "claims", "--reason", "claims are written twice")
    assert share() == 5
    evening.until("phase.entered", "5 %")
    evening.until_served(0, 15)
    evening.exported("claims are written twice")
    evening.stop_watch()
    record_property("off", windows_agree(evening, ENDPOINTS))
