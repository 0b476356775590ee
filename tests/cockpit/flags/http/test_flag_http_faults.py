"""What each failure of a flag's back end over HTTP means: refused, unknown, or only late."""

import asyncio

import pytest

from cockpit.flags.interface.writer import ConflictError, FlagError
from cockpit.runtime.errors import AnswerError
from tests.cockpit.flags.http.test_flag_http import CANARY, PATIENCE, TEXT, Api, writer_of
from tests.cockpit.runtime.test_process import until
from tests.support.build import T0
from tests.support.peers.flag_peers import DROP, LATE, NEVER, Fault, flag_peer

REFUSED = [
    ((401, {}), FlagError, "401, credentials"),
    ((403, {"message": f"no right {CANARY}"}), FlagError, r"403, credentials\?: no right \*\*\*"),
    ((404, {"error": "gone"}), FlagError, "404: gone"),
    ((400, {"details": [{"message": "bad \x1b[2J"}]}), FlagError, r"400: bad \^\[\[2J"),
    ((409, {"message": "stale"}), ConflictError, "changed by another hand meanwhile, 409: stale"),
    ((412, {}), ConflictError, "412"),
    ((429, {}, "Retry-After: 3600"), FlagError, "429, asked too often, come back in 3600 s"),
    ((429, {}), FlagError, "429, asked too often"),
    ((307, {}, "Location: http://evil.example.org/x"), FlagError, "redirected to evil.example.org"),
]


@pytest.mark.parametrize(("what", "error", "words"), REFUSED)
async def test_rows_72_and_75_a_refusal_says_that_nothing_was_done(what, error, words):
    api = Api()
    async with flag_peer(api, Fault(what)) as peer:
        flag = writer_of(TEXT % {"url": peer.url})
        with pytest.raises(error, match=words) as caught:
            await flag.write(25)
        assert CANARY not in str(caught.value)
        assert api.share == 10
        assert len(peer.changes) == 1
        await flag.aclose()


UNKNOWN = [
    Fault(DROP),
    Fault(DROP, after=True),
    Fault(NEVER),
    Fault(NEVER, after=True),
    Fault((500, {"message": "oops"})),
    Fault((502, {}), after=True),
    Fault((408, {})),
]


@pytest.mark.parametrize("fault", UNKNOWN)
async def test_row_70_what_nobody_knows_is_no_refusal_and_is_sent_once(fault):
    api = Api()
    async with flag_peer(api, fault) as peer:
        flag = writer_of(TEXT % {"url": peer.url}, 0.5 if fault.what == NEVER else PATIENCE)
        with pytest.raises(AnswerError):
            await flag.write(25)
        assert api.share == (25 if fault.after else 10)
        assert len(peer.changes) == 1
        assert (await flag.read(T0)).percent == api.share
        await flag.aclose()


async def test_an_answer_that_is_late_is_waited_for():
    api = Api()
    async with flag_peer(api, Fault(LATE)) as peer:
        flag = writer_of(TEXT % {"url": peer.url})
        moving = asyncio.ensure_future(flag.write(25))
        await until(lambda: peer.changes)
        assert not moving.done()
        peer.release.set()
        await moving
        assert api.share == 25
        await flag.aclose()


async def test_row_70_a_deed_that_comes_late_is_read_back_later():
    async with flag_peer(Api(), Fault(LATE)) as peer:
        flag = writer_of(TEXT % {"url": peer.url}, 0.5)
        with pytest.raises(AnswerError, match=r"no answer in 0\.5 s"):
            await flag.write(25)
        assert (await flag.read(T0)).percent == 10
        peer.release.set()
        while (await flag.read(T0)).percent != 25:
            pass
        assert len(peer.changes) == 1
        await flag.aclose()


async def test_a_back_end_that_cannot_be_reached_was_told_nothing():
    async with flag_peer(Api()) as peer:
        url = peer.url
    flag = writer_of(TEXT % {"url": url})
    for act in (flag.write(25), flag.read(T0)):
        with pytest.raises(FlagError, match="refused"):
            await act
    await flag.aclose()


async def test_a_reading_that_fails_before_a_write_refuses_it():
    for fault in (Fault(DROP, read=True), Fault((500, {}), read=True)):
        async with flag_peer(Api(), fault) as peer:
            flag = writer_of(TEXT % {"url": peer.url})
            with pytest.raises(FlagError):
                await flag.write(25, expected="1")
            assert peer.changes == []
            await flag.aclose()


async def test_asked_to_come_back_soon_it_does():
    async with flag_peer(Api(), Fault((429, {}, "Retry-After: 0"))) as peer:
        flag = writer_of(TEXT % {"url": peer.url})
        await flag.write(25)
        assert (len(peer.changes), (await flag.read(T0)).percent) == (2, 25)
        await flag.aclose()
