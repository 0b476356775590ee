"""Sending a notice against real sockets: every way in which a place can answer, or not.

Row 80: what was taken is never more than sent. Row 84: an address is nowhere to be seen.
"""

import json
import logging
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from cockpit.http.driver_logging import DRIVERS, quieten_drivers
from cockpit.notices.dispatcher import NoticeDispatcher, Outlet
from cockpit.notices.webhook import LONGEST_REST, RESTS, Channel
from cockpit.settings.models.notifications import HOOKS
from cockpit.settings.schema.secrets import Secret
from tests.support.faults.fault_proxy import Fault, FaultProxy
from tests.support.watch.noticing import CANARY, hook, item, notice, secrets

PATH = f"/services/{CANARY}"


class Sent:
    """A channel to a test server, with the rests it took instead of sleeping."""

    def __init__(self, url, known=None, **facts) -> None:
        self.rests: list[float] = []
        self.secrets = known or secrets(url)
        self.channel = Channel(hook(**facts), self.secrets, self.rest)

    async def rest(self, seconds: float) -> None:
        self.rests.append(seconds)

    async def post(self, told=None) -> str:
        try:
            return await self.channel.post(told or notice())
        finally:
            await self.channel.aclose()


def answering(server: HTTPServer, *answers: Response) -> Sent:
    for answer in answers:
        server.expect_ordered_request(PATH, method="POST").respond_with_response(answer)
    return Sent(server.url_for(PATH))


def status(code, **headers):
    return Response(
        f"you asked {PATH}", code, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


@pytest.mark.parametrize("kind", HOOKS)
@pytest.mark.parametrize("code", [200, 202, 204])
async def test_every_kind_is_taken(kind, code, httpserver: HTTPServer):
    httpserver.expect_request(PATH, method="POST").respond_with_data("", code)
    sent = Sent(httpserver.url_for(PATH), kind=kind)
    assert (await sent.post(), sent.rests) == ("", [])
    ((request, _),) = httpserver.log
    said = request.get_data(as_text=True)
    assert "latency 812 ms" in (
        said if kind in ("ntfy", "discord") else json.dumps(json.loads(said), ensure_ascii=False)
    )
    wanted = "text/plain" if kind == "ntfy" else "application/json"
    assert request.headers["Content-Type"].startswith(wanted)


@pytest.mark.parametrize(
    ("answers", "why", "rests"),
    [
        ([status(200)], "", []),
        ([status(500), status(200)], "", [RESTS[0]]),
        ([status(503), status(502), status(204)], "", list(RESTS)),
        ([status(500), status(500), status(500)], "500", list(RESTS)),
        ([status(429, retry_after="7"), status(204)], "", [7.0]),
        ([status(429, retry_after="0"), status(204)], "", [RESTS[0]]),
        ([status(429, retry_after="soon"), status(204)], "", [RESTS[0]]),
        ([status(429), status(429), status(429)], "429", list(RESTS)),
        ([status(429, retry_after="3600")], "429, asks for 3600 s of rest", []),
        ([status(503, retry_after="21")], "503, asks for 21 s of rest", []),
        ([status(400)], "400", []),
        ([status(401)], "401, credentials?", []),
        ([status(404)], "404", []),
        ([status(410)], "410", []),
        ([status(302, location="https://elsewhere.example/x?t=1")], "redirected to elsewhere.example", []),
    ],
)
async def test_how_an_answer_is_taken(answers, why, rests, httpserver: HTTPServer):
    sent = answering(httpserver, *answers)
    assert (await sent.post(), sent.rests) == (why, rests)
    assert len(httpserver.log) == len(answers)
    httpserver.check_assertions()


async def test_a_rest_until_a_date_is_kept_or_is_too_long(httpserver: HTTPServer):
    now = datetime.now(UTC)
    soon = format_datetime(now + timedelta(seconds=LONGEST_REST - 5))
    late = format_datetime(now + timedelta(hours=1))
    sent = answering(httpserver, status(429, retry_after=soon), status(429, retry_after=late))
    assert (await sent.post()).startswith("429, asks for 3")
    assert 0 < sent.rests[0] <= LONGEST_REST


async def test_a_place_that_hangs_is_given_up_after_three_tries(httpserver: HTTPServer):
    async with FaultProxy(httpserver.port) as proxy:
        await proxy.spoil(Fault(stall=True))
        sent = Sent(f"http://127.0.0.1:{proxy.port}{PATH}", timeout=0.1)
        assert await sent.post() == "no answer in 0.1 s"
        assert (sent.rests, proxy.accepted) == (list(RESTS), 3)


async def test_a_place_that_comes_back_gets_the_notice(httpserver: HTTPServer):
    httpserver.expect_request(PATH).respond_with_data("")
    async with FaultProxy(httpserver.port) as proxy:
        await proxy.spoil(Fault(reset=True))
        sent = Sent(f"http://127.0.0.1:{proxy.port}{PATH}")

        async def heal(seconds):
            sent.rests.append(seconds)
            await proxy.heal()

        sent.channel._sleep = heal
        assert (await sent.post(), sent.rests) == ("", [RESTS[0]])


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:{port}/x", "refused"),
        ("ftp://127.0.0.1/x", "url is not an http address"),
        ("nothing", "url is not an http address"),
        ("http://[::1/x", "url is not an http address"),
        ("http://127.0.0.1:99999/x", "url is not an http address"),
        ("", "$HOOK is not set"),
    ],
)
async def test_what_cannot_be_reached_says_why(url, why):
    assert await Sent(url.format(port=free_port())).post() == why


async def test_a_header_goes_along_and_one_that_is_not_set_is_told(httpserver: HTTPServer):
    httpserver.expect_request(PATH, headers={"X-Token": "t0ken-of-phone"}).respond_with_data("")
    headers = {"X-Token": Secret("${TOKEN}")}
    url = httpserver.url_for(PATH)
    assert await Sent(url, secrets(url, TOKEN="t0ken-of-phone"), headers=headers).post() == ""
    assert await Sent(url, headers=headers).post() == "$TOKEN is not set"


def told_by(sent: Sent) -> NoticeDispatcher:
    return NoticeDispatcher([Outlet(sent.channel._hook, sent.channel)], scrub=sent.secrets.scrub)


async def test_row_80_what_was_taken_is_never_more_than_sent(httpserver: HTTPServer):
    sent = answering(httpserver, Response("no_text: nothing was posted", 200))
    (draft,) = await told_by(sent).send(notice())
    await sent.channel.aclose()
    assert (draft.kind, draft.text) == ("notice.sent", "notice sent to phone: ◆ latency 812 ms > 500 ms")
    assert draft.facts == {"channel": "phone", "alarms": ("verdict.latency",)}
    assert not {"read", "received", "delivered", "seen"} & set(draft.text.split())


async def test_channels_are_told_side_by_side_and_each_ending_is_an_entry(httpserver: HTTPServer):
    httpserver.expect_request(PATH).respond_with_data("")
    good = Sent(httpserver.url_for(PATH))
    bad = Sent(f"http://127.0.0.1:{free_port()}/x", name="team")
    both = NoticeDispatcher([Outlet(one.channel._hook, one.channel) for one in (bad, good)])
    drafts = await both.send(notice(channels=("phone", "team")))
    await both.aclose()
    assert [(one.kind, one.facts["channel"], one.facts.get("reason")) for one in drafts] == [
        ("notice.failed", "team", "refused"),
        ("notice.sent", "phone", None),
    ]
    assert drafts[0].text == "notice NOT sent to team: refused"


ENDINGS = {
    "taken": [status(200)],
    "refused": [status(403)],
    "broken": [status(500)] * 3,
    "elsewhere": [status(307, location=f"http://127.0.0.1:1{PATH}")],
}


@pytest.mark.parametrize("ending", [*ENDINGS, "reset", "nowhere"])
async def test_row_84_the_address_is_nowhere_to_be_seen(ending, httpserver: HTTPServer, caplog):
    caplog.set_level(logging.DEBUG)
    before = {name: list(logging.getLogger(name).handlers) for name in DRIVERS}
    async with FaultProxy(httpserver.port) as proxy:
        for answer in ENDINGS.get(ending, []):
            httpserver.expect_ordered_request(PATH).respond_with_response(answer)
        if ending == "reset":
            await proxy.spoil(Fault(reset=True))
        where = f"http://127.0.0.1:{free_port() if ending == 'nowhere' else proxy.port}{PATH}"
        sent = Sent(where)
        quieten_drivers(sent.secrets.scrub)
        try:
            (draft,) = await told_by(sent).send(notice(item(f"somebody wrote {CANARY}")))
        finally:
            for name, handlers in before.items():
                logging.getLogger(name).handlers, logging.getLogger(name).propagate = handlers, True
                logging.getLogger(name).setLevel(logging.NOTSET)
            await sent.channel.aclose()
    ours = [caplog.handler.format(row) for row in caplog.records if not row.name.startswith("werkzeug")]
    told = draft.text, draft.facts.get("reason", ""), repr(sent.channel._hook), *ours
    assert not [text for text in told if CANARY in str(text)]
