"""Express scraped, its flag in a flagd file: failures at 50 %, a fuse, reverted by the cockpit itself."""

import json

import pytest

from tests.evening.comparing import deck_agrees, windows_agree
from tests.evening.evening import Evening, part
from tests.evening.truth import served

ENDPOINTS = ("GET /orders", "POST /checkout")
FLAG = "fast-checkout"
SHARE = {"fractional": [{"cat": [{"var": "$flagd.flagKey"}, {"var": "targetingKey"}]}, ["on", 0], ["off", 100]]}
FILE = {
    "flags": {
        FLAG: {
            "state": "ENABLED",
            "variants": {"on": True, "off": False},
            "defaultVariant": "off",
            "targeting": SHARE,
        }
    }
}


@pytest.mark.flight
@pytest.mark.timeout(900)
def test_orders_in_express_are_reverted_when_their_checkout_fails(tmp_path, record_property):
    part("services-node")
    file = tmp_path / "flags.json"
    file.write_text(json.dumps(FILE, indent=2), "utf-8")
    with Evening(tmp_path, "orders") as evening:
        orders = evening.service("services-node", "orders.cjs", str(file))
        evening.loaded(orders, 40, *ENDPOINTS)
        evening.until_page(f"{orders}/metrics", len(ENDPOINTS))
        flag = ("--flag-kind", "flagd", "--flag-file", str(file), "--flag-key", FLAG)
        evening.init("--metrics", f"{orders}/metrics", *flag, "--p95", "400")
        evening.ready("assume.latency")
        evening.up_to(5, "p1.monitor")
        assert _share(file) == 5
        evening.up_to(50, "p2.update")
        assert _share(file) == 50
        evening.until_code(0, "check", "orders")
        deck_agrees(evening, ENDPOINTS)
        assert 40 < served(evening.truth, since=-8) < 60

        evening.breaks("errors")
        evening.until("fuse.lit")
        assert list(evening.status()["fuses"]) == ["error_rate"]
        evening.until("fuse.blown")
        evening.until("phase.entered", "5 %")
        assert _share(file) == 5
        assert evening.status()["phase"] == 5
        evening.until_served(0, 15)
        evening.exported("Error rate", "5 %")
        evening.stop_watch()
        record_property("off", windows_agree(evening, ENDPOINTS))


def _share(file):
    """What the flag file itself says."""
    return json.loads(file.read_text("utf-8"))["flags"][FLAG]["targeting"]["fractional"][1][1]
