"""A request log in a shape of its own, a flag in the same database: claims written twice, reverted by hand."""

import asyncio
import threading
import time
from contextlib import contextmanager

import pytest
from pymongo import MongoClient

from cockpit.demo.world.database import Server
from tests.evening.comparing import deck_agrees, windows_agree
from tests.evening.evening import PATIENCE, SERVICES, Evening, part

ENDPOINTS = ("GET /claims", "POST /claims")
FLAG = "quick-claims"
ENOUGH = 20
PROMISES = """
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
"""What nobody can find before the first user has the flag: what it fills, and what must not be there twice."""
EDITS = {
    "plan.toml": {'gap = "10m"': 'gap = "12s"', 'mongo = "60s"': 'mongo = "1s"', 'deadline = "5s"': 'deadline = "20s"'},
    "cockpit.toml": {'topics = ["journeys"]': 'topics = ["journeys", "collections"]'},
}


@contextmanager
def _database(folder):
    server = Server(folder)
    try:
        yield asyncio.run(server.start())
    finally:
        server.end()


def until_logged(base, endpoints):
    """Wait until enough is in the log, and in the events, for a look at their shape."""
    end = time.monotonic() + PATIENCE
    while len(base.access.distinct("req.verb")) < endpoints or base.happenings.count_documents({}) < ENOUGH:
        assert time.monotonic() < end, "nothing is logged"
        threading.Event().wait(0.1)


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
            tool = f"{python} {SERVICES / 'claims_flag.py'}"
            program = ("--flag-read", f"{tool} get", "--flag-write", f"{tool} set {{percent}}")
            flag = ("--flag-kind", "command", *program, "--flag-key", FLAG)
            until_logged(base, len(ENDPOINTS))
            evening.init("--mongo", "CLAIMS_MONGO_URI", "--database", "desk", *flag, "--p95", "800")
            for name, edits in EDITS.items():
                evening.edit(name, edits)
            evening.append("plan.toml", PROMISES)
            _flown(evening, lambda: base.settings.find_one({"_id": FLAG})["percent"], record_property)


def _flown(evening, share, record_property):
    evening.cockpit("trust", "cockpit.toml")
    evening.ready("assume.latency")
    evening.up_to(5, "p1.monitor", "p1.analytics")
    assert share() == 5
    evening.up_to(50, "p2.update")
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
