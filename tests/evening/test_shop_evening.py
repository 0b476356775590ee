"""FastAPI, Prometheus and Unleash on PostgreSQL: slow with the flag at 50 %, paused by the cockpit, healed, resumed."""

import pytest

from tests.evening.comparing import deck_agrees, windows_agree
from tests.evening.evening import Evening, part
from tests.support.peers.real_programs import program, prometheus
from tests.support.peers.unleash_child import Admin, unleash
from tests.support.peers.unleash_peer import ADMIN, CLIENT

ENDPOINTS = ("GET /offers", "POST /baskets")
FLAG = "new-offers"
ROLLOUT = {
    "name": "flexibleRollout",
    "parameters": {"rollout": "0", "stickiness": "userId", "groupId": FLAG},
}


@pytest.mark.flight
@pytest.mark.timeout(900)
def test_a_shop_in_fastapi_is_paused_when_its_offers_turn_slow(tmp_path, record_property):
    part("services-python"), program("prometheus")
    with (
        unleash() as flags,
        Evening(tmp_path, "shop", UNLEASH_TOKEN=ADMIN, UNLEASH_CLIENT_TOKEN=CLIENT) as evening,
    ):
        admin = Admin(flags)
        admin.make(FLAG, ROLLOUT)
        shop = evening.service("services-python", "shop.py", flags, UNLEASH_CLIENT_TOKEN=CLIENT)
        (tmp_path / "scraping").mkdir()
        with prometheus(tmp_path / "scraping", [shop.removeprefix("http://")], scrape=0.5) as server:
            evening.loaded(shop, 40, *ENDPOINTS)
            evening.until_scraped(server, len(ENDPOINTS))
            flag = ("--flag-kind", "unleash", "--flag-url", flags, "--flag-key", FLAG)
            evening.init("--prometheus", server, *flag, "--flag-environment", "development", "--p95", "400")
            _flown(evening, lambda: admin.strategies(FLAG)[0]["parameters"]["rollout"], record_property)
        admin.close()


def _flown(evening, rollout, record_property):
    evening.ready("assume.latency")
    evening.up_to(5, "p1.monitor")
    assert rollout() == "5"
    evening.up_to(50, "p2.update")
    assert rollout() == "50"
    evening.until_code(0, "check", "shop")
    deck_agrees(evening, ENDPOINTS)

    evening.breaks("slow")
    evening.until("rollout.paused")
    evening.until("fuse.lit")
    assert evening.status()["paused"] == "latency_spike"
    assert rollout() == "50"

    evening.heals()
    evening.until("fuse.defused")
    evening.cockpit("resume", "shop")
    assert evening.status()["paused"] is None
    evening.exported("Latency spike")
    evening.stop_watch()
    record_property("off", windows_agree(evening, ENDPOINTS))
