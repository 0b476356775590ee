"""A flag's back end whose token lapses: the act itself fetches a new one, and a revert's last try always does."""

import re

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from cockpit.flags.http.client import _Wire
from cockpit.flags.interface.writer import FlagError, StatusError
from cockpit.flags.opening import open_writer
from cockpit.flags.several import Several
from cockpit.flags.wanted import wanted_by
from cockpit.moves.write import Order, move_at_last
from cockpit.runtime.errors import AnswerError
from cockpit.settings.models import flag_providers as kinds
from cockpit.settings.models import flag_services as services
from cockpit.settings.schema.secrets import Secret
from sessions.state.reducer import State
from sessions.values.requests import Act
from tests.cockpit.flags.http.test_flag_http import Api
from tests.cockpit.moves.test_flag_mover_fuses import spiking
from tests.support.build import PLAN, T0
from tests.support.peers.minting import PRINTED, Mint, guarded
from tests.support.watch.sending import writer
from tests.support.watch.watching import FakeFlag, asked, lost, made, refusing, ticking, until, watched

BROKEN = "command mint for a secret: exit 1, nothing printed"


class Plain(Api):
    """Says its share at the top."""

    def __call__(self, method, path, document):
        code, said = super().__call__(method, path, document)
        return code, {**said, "share": said["flag"]["share"]}


def http_flag(url, secrets, tmp_path, key="http.token", secret=PRINTED):
    return writer(key, url, secrets, secret, tmp_path)[1]


@pytest.mark.parametrize("refusal", [401, 403])
async def test_a_write_that_is_refused_is_done_in_the_same_act(refusal, tmp_path):
    api, mint = Plain(), Mint()
    async with guarded(api) as peer:
        flag = http_flag(peer.url, mint.secrets(), tmp_path)
        assert (await flag.read(T0)).percent == 10
        peer.least, peer.refusal = 2, refusal
        await flag.write(25)
        assert (api.share, mint.ran, peer.seen) == (25, 2, [1, 1, 2])
        await flag.aclose()


async def test_a_write_that_is_refused_for_good_is_sent_twice_and_says_so(tmp_path):
    api, mint = Plain(), Mint()
    async with guarded(api) as peer:
        flag = http_flag(peer.url, mint.secrets(), tmp_path)
        peer.least = 99
        with pytest.raises(StatusError, match=r"^401, credentials\?: no entry: command mint .* is refused too$"):
            await flag.write(25)
        for _ in range(3):
            with pytest.raises(StatusError, match="401"):
                await flag.write(25)
        assert (api.share, mint.ran, peer.seen) == (10, 2, [1, 2, 2, 2, 2])
        await flag.aclose()


async def test_a_command_that_takes_too_long_leaves_a_refusal_a_refusal(tmp_path, monkeypatch):
    """Nothing was done: that is known, whatever becomes of the command. What it prints later is for the next act."""
    api, mint = Plain(), Mint()
    async with guarded(api) as peer:
        flag = http_flag(peer.url, mint.secrets(), tmp_path)
        await flag.read(T0)
        peer.least = 2
        mint.gate.clear()
        monkeypatch.setattr(flag._line._client._transport, "_patience", 0.0)
        with pytest.raises(
            FlagError, match=r"^401, credentials\?: no entry: command mint for a secret: still running$"
        ):
            await flag.write(25)
        monkeypatch.undo()
        mint.gate.set()
        await flag.write(25)
        assert (api.share, mint.ran) == (25, 2)
        await flag.aclose()


@pytest.mark.parametrize(
    ("events", "error", "text"),
    [
        ([], FlagError, "late, nothing was sent"),
        ([None], AnswerError, "late"),
        ([None, 200], AnswerError, "late"),
        ([None, 401], FlagError, "401, credentials?: late"),
        ([None, 403, None], AnswerError, "late"),
        ([None, 403, None, 401], FlagError, "401, credentials?: late"),
    ],
)
async def test_what_is_known_of_a_request_that_never_ended(events, error, text):
    """Row 70: after a refusal nothing was done, until it is sent again."""
    wire = _Wire()
    for status in events:
        if status is None:
            await wire.trace("http11.send_request_headers.started", {})
        else:
            await wire.trace("http11.receive_response_headers.complete", {"return_value": (b"1.1", status, b"", [])})
    failed = wire.failed("late")
    assert (type(failed), str(failed)) == (error, text)


WRITERS = ["http.token", "http.password", "launchdarkly.token", "unleash.token", "unleash.client_token", "flagd.token"]


@pytest.mark.parametrize("key", WRITERS)
async def test_every_writer_renews_what_a_command_prints(key, tmp_path):
    mint = Mint()
    flag = http_flag("http://127.0.0.1:1", mint.secrets(), tmp_path, key)
    assert [await flag.renew(), mint.ran] == [True, 1]
    assert [await flag.renew(), mint.ran] == [False, 1], "two last tries at once need no second"
    mint.clock, mint.broken = 10.0, BROKEN
    assert [await flag.renew(), mint.ran] == [False, 2]
    assert await Several({"a": FakeFlag(), "b": flag}, ("a",), {}, 1.0).renew() is False
    mint.clock, mint.broken = 20.0, ""
    assert await Several({"a": FakeFlag(), "b": flag}, ("a",), {}, 1.0).renew() is True
    known = http_flag("http://127.0.0.1:1", mint.secrets(T="x"), tmp_path, key, Secret("${T}"))
    assert await known.renew() is False
    for each in (flag, known):
        await each.aclose()


@pytest.mark.parametrize("place", [kinds.Session(), kinds.Flagd(file="flags.json"), services.Command()])
async def test_a_writer_that_logs_in_nowhere_renews_nothing(place):
    assert await open_writer(place, wanted_by(lambda: State(PLAN)), Mint().secrets()).renew() is False


class Renewing(FakeFlag):
    """Says what `found` says when it is told to renew, and does as it is told afterwards."""

    renewed = 0
    found: bool | str = True

    async def renew(self):
        self.renewed += 1
        self.on_write = None
        if self.found == "fails":
            raise RuntimeError
        return self.found


@pytest.mark.parametrize(
    ("on_write", "found", "status", "renewed", "written_"),
    [
        (None, True, "confirmed", 0, [10]),
        (refusing, True, "confirmed", 1, [10, 10]),
        (lost, True, "confirmed", 1, [10, 10]),
        (refusing, False, "refused", 1, [10]),
        (refusing, "fails", "refused", 1, [10]),
    ],
)
async def test_a_last_try_comes_after_a_renewal(on_write, found, status, renewed, written_):
    flag = Renewing(25, on_write=on_write)
    flag.found = found
    outcome = await move_at_last(flag, Order(10), lambda: T0, 20.0)
    assert (outcome.status, flag.renewed, flag.written) == (status, renewed, written_)


async def test_a_last_try_fetches_a_token_although_its_command_rests(tmp_path):
    """A locked account that was unlocked a moment ago: the revert does not wait until the rest is over."""
    api, mint = Plain(25), Mint()
    async with guarded(api) as peer:
        flag = http_flag(peer.url, mint.secrets(), tmp_path)
        peer.least = 3
        with pytest.raises(StatusError):
            await flag.write(10)
        assert (await move_at_last(flag, Order(10), lambda: T0, 20.0)).status == "confirmed"
        assert (api.share, mint.ran) == (10, 3)
        await flag.aclose()


@pytest.fixture
def lapsing(httpserver: HTTPServer):
    """A flag of 25 % behind a token: (what it holds, its address)."""
    held = {"share": 25, "least": 1}

    def answer(request):
        number = int(re.search(r"minted-(\d+)", request.headers.get("authorization", "minted-0"))[1])
        if number < held["least"]:
            return Response('{"message": "token expired"}', 401)
        held["share"] = request.get_json()["share"] if request.method == "PUT" else held["share"]
        return Response(f'{{"share": {held["share"]}}}', 200, content_type="application/json")

    httpserver.expect_request("/flag").respond_with_handler(answer)
    return held, httpserver.url_for("").rstrip("/")


def test_a_token_that_lapsed_stops_no_revert_by_a_person(tmp_path, lapsing):
    held, url = lapsing
    mint = Mint()
    flag = http_flag(url, mint.secrets(), tmp_path)
    with watched(made(tmp_path / "s", percent=25), flag=flag) as door:
        ticking(door)
        held["least"] = 2
        answer = asked(door, Act.REVERT)
        assert answer.ok, answer.text
    assert (held["share"], mint.ran) == (10, 2)


def test_a_token_that_lapsed_stops_no_fuse(tmp_path, lapsing):
    """Seen: REVERT NOT DONE, 401, for ever."""
    held, url = lapsing
    mint = Mint()
    flag = http_flag(url, mint.secrets(), tmp_path)

    def work(door):
        held["least"] = 2
        until(door, lambda judgement: judgement.state.phase == 10)

    spiking(tmp_path / "s", flag, {"ms": 240.0}, work)
    assert held["share"] == 10
    assert mint.ran >= 2
