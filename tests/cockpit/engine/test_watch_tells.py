"""The Watch tells other places what turned, writes down how that went, and minds none of it."""

import pytest

from cockpit.notices.dispatcher import open_dispatcher
from cockpit.settings.models.notifications import Notifications
from cockpit.settings.models.settings import Settings
from tests.support.watch.noticing import CANARY, hook, secrets
from tests.support.watch.watching import documents, made, traffic, until, watched, written


def dispatcher(httpserver):
    settings = Settings(service="shop", notifications=Notifications(webhooks=(hook(),)))
    return open_dispatcher(settings, secrets(httpserver.url_for(f"/{CANARY}")))


def flood(folder, httpserver, status=200):
    """Fly at 10 % into a queue of 21 tickets; return what arrived and what was written of it."""
    httpserver.expect_request(f"/{CANARY}").respond_with_data("", status=status)
    queue = {"open": 3}
    with watched(
        made(folder, percent=10), traffic(), documents(tickets=lambda: queue["open"]), dispatcher=dispatcher(httpserver)
    ) as door:
        until(door, lambda judgement: judgement.risks["support_queue"].text.startswith("3"))
        queue["open"] = 21
        kind = "notice.sent" if status == 200 else "notice.failed"
        until(door, lambda judgement: any(entry.kind == kind for entry in judgement.state.entries), 40)
    return [request.get_data(as_text=True) for request, _ in httpserver.log], written(folder, kind)


def test_row_80_a_risk_that_acts_is_told_and_is_never_more_than_sent(tmp_path, httpserver):
    bodies, (entry,) = flood(tmp_path, httpserver)
    assert any("21 tickets > 20" in body for body in bodies)
    assert (entry.said("channel"), "risk.support_queue" in entry.listed("alarms")) == ("phone", True)
    assert entry.text.startswith("notice sent to phone")
    assert CANARY not in (tmp_path / "session.toml").read_text("utf-8")


@pytest.mark.parametrize("status", [401])
def test_a_place_that_refuses_is_told_and_the_watch_goes_on(tmp_path, httpserver, status):
    _, (entry, *_) = flood(tmp_path, httpserver, status)
    assert entry.text.startswith("notice NOT sent to phone")
    assert CANARY not in (tmp_path / "session.toml").read_text("utf-8")
