"""What flagd tells its users, asked over OFREP: row 76, written and not served yet."""

import json
import zlib

import pytest

from cockpit.demo.world.flag_file import first_text
from cockpit.flags.flagd.ofrep import KEYS, bound
from cockpit.flags.interface.writer import FlagError
from cockpit.flags.opening import Opening
from cockpit.settings.models.flag_providers import Flagd
from cockpit.settings.schema.secrets import Secret, Secrets
from tests.support.build import PLAN, T0
from tests.support.peers.flag_peers import Fault, flag_peer

PHASES = (0, 10, 25, 50, 100)


class Server:
    """A flagd that has read `percent` of the file, and shares out by a hash of the key."""

    def __init__(self, percent):
        self.percent, self.value = percent, None

    def __call__(self, method, path, document):
        assert (method, path) == ("POST", f"/ofrep/v1/evaluate/flags/{PLAN.flag}")
        assert document["context"]["country"] == "DE"
        bucket = zlib.crc32(document["context"]["targetingKey"].encode()) % 100
        return 200, {"key": PLAN.flag, "value": bucket < self.percent if self.value is None else self.value}


@pytest.fixture
def writer_of(tmp_path):
    path = tmp_path / "flags.json"
    path.write_text(first_text(PLAN), "utf-8")

    def made(url):
        place = Flagd(file=str(path), serving=url, context={"country": "DE"}, token=Secret("${TOKEN}"))
        return Opening(lambda: None, Secrets({"TOKEN": "hunter2"}), 20.0).writer(place, PLAN.flag, ())

    return made


@pytest.mark.parametrize("percent", PHASES)
async def test_row_76_what_is_served_is_told_from_the_next_phases(percent, writer_of):
    server = Server(percent)
    async with flag_peer(server) as peer:
        flag = writer_of(peer.url)
        await flag.write(percent)
        assert await flag.verify(percent, T0) == ""
        assert len(peer.asked) == KEYS
        assert peer.asked[0][3]["authorization"] == "Bearer hunter2"
        place = PHASES.index(percent)
        for other in set(PHASES[max(0, place - 1) : place + 2]) - {percent}:
            said = await flag.verify(other, T0)
            assert said.endswith(f"% of {KEYS} keys are served it, {other} % are meant")
        await flag.aclose()


async def test_row_76_written_and_served_only_later(writer_of):
    server = Server(10)
    async with flag_peer(server) as peer:
        flag = writer_of(peer.url)
        await flag.write(25)
        assert (await flag.read(T0)).percent == 25
        assert "25 % are meant" in await flag.verify(25, T0)
        server.percent = 25
        assert await flag.verify(25, T0) == ""
        await flag.aclose()


@pytest.mark.parametrize("value", [None, "on", 1, []])
async def test_an_answer_that_is_neither_true_nor_false_proves_nothing(value, writer_of):
    server = Server(10)
    server.value = [] if value is None else value
    async with flag_peer(server) as peer:
        flag = writer_of(peer.url)
        with pytest.raises(FlagError, match="neither true nor false"):
            await flag.verify(10, T0)
        await flag.aclose()


async def test_a_server_that_does_not_know_the_flag_says_so(writer_of):
    async with flag_peer(Server(10), *[Fault((404, {"errorCode": "FLAG_NOT_FOUND", "message": "x"}))] * KEYS) as peer:
        flag = writer_of(peer.url)
        with pytest.raises(FlagError, match="404"):
            await flag.verify(10, T0)
        await flag.aclose()


def test_the_bound_is_none_at_the_ends():
    assert bound(0) == bound(100) == 0
    assert bound(50) == pytest.approx(28.28, abs=0.01)


async def test_without_a_server_nobody_can_tell(tmp_path):
    path = tmp_path / "flags.json"
    path.write_text(json.dumps({}), "utf-8")
    flag = Opening(lambda: None, Secrets({}), 20.0).writer(Flagd(file=str(path)), PLAN.flag, ())
    assert await flag.verify(25, T0) == ""
    await flag.aclose()
