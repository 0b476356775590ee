"""The flag writer over HTTP: the owner's requests, and what each failure means."""

import asyncio
import tomllib

import pytest

from cockpit.flags.http.client import Line
from cockpit.flags.http.writer import HttpFlag
from cockpit.flags.interface.writer import ConflictError, FlagError
from cockpit.runtime.errors import AnswerError
from cockpit.settings.models.flag_services import Http
from cockpit.settings.schema.fields import read
from cockpit.settings.schema.secrets import Secrets
from sessions.plan.strict_table import Table
from tests.support.build import T0
from tests.support.peers.flag_peers import NEVER, Fault, flag_peer

CANARY = "hunter2-canary"
PATIENCE = 20.0


class Api:
    """A flag with a version, and one switch."""

    def __init__(self, share=10, whole=100):
        self.share, self.whole, self.version, self.on = share, whole, 1, {"sla-message": False}

    def __call__(self, method, path, document):
        if path.startswith("/switch/"):
            name = path.removeprefix("/switch/")
            if name not in self.on:
                return 404, {"message": f"no {name}"}
            if method != "GET":
                self.on[name] = document["on"]
            return 200, {"on": self.on[name]}
        if method != "GET":
            self.share, self.version = document["share"], self.version + 1
        return 200, {"flag": {"share": self.share}, "v": self.version, "who": "ann\x1b[0m", "when": T0.isoformat()}


TEXT = """
token = "${TOKEN}"
read = { url = "%(url)s/flag", percent = "flag.share", version = "v", by = "who", changed_at = "when" }
write = { url = "%(url)s/flag", body = { share = "{percent}", rest = "{off}", why = "{comment}" } }
switch_read = { url = "%(url)s/switch/{name}" }
switch_write = { url = "%(url)s/switch/{name}", method = "POST", body = { on = "{on}" } }
"""


def spec_of(text):
    table = Table(tomllib.loads(text))
    found = read(Http, table)
    assert [str(problem) for problem in table.problems] == []
    return found


def writer_of(text, patience=PATIENCE, switches=("sla-message",)):
    spec, secrets = spec_of(text), Secrets({"TOKEN": CANARY})
    return HttpFlag(Line(spec, secrets, patience), spec, secrets, switches)


async def test_it_reads_moves_and_reads_back():
    async with flag_peer(Api()) as peer:
        flag = writer_of(TEXT % {"url": peer.url})
        value = await flag.read(T0)
        assert (value.percent, value.version, value.by, value.changed_at) == (10, "1", "ann^[[0m", T0)
        assert (value.source, value.at, value.switches) == ("http", T0, ())
        await flag.write(25, expected="1", comment="gate open")
        ((method, path, document, headers),) = peer.changes
        assert (method, path) == ("PUT", "/flag")
        assert document == {"share": 25, "rest": 75, "why": "gate open"}
        assert headers["authorization"] == f"Bearer {CANARY}"
        assert (await flag.read(T0)).percent == 25
        await flag.switch("sla-message", on=True)
        assert (await flag.read(T0)).switches == await flag.switches_on() == ("sla-message",)
        assert await flag.verify(25, T0) == ""
        await flag.aclose()


@pytest.mark.parametrize(
    ("whole", "share", "percent"), [(1, 0.29, 29), (1000, 250, 25), (100000, 25000, 25), (100, "50", 50), (1, 1, 100)]
)
async def test_shares_of_another_whole(whole, share, percent):
    text = TEXT.replace('percent = "flag.share"', f'percent = "flag.share", whole = {whole}').replace(
        '"{percent}", rest = "{off}"', '"{share}", rest = "{rest}"'
    )
    async with flag_peer(Api(share)) as peer:
        flag = writer_of(text % {"url": peer.url})
        assert (await flag.read(T0)).percent == percent
        await flag.write(percent)
        sent = peer.changes[0][2]
        assert sent["share"] == float(share)
        assert sent["share"] + sent["rest"] == pytest.approx(whole)
        assert (await flag.read(T0)).percent == percent
        await flag.aclose()


@pytest.mark.parametrize("share", [250, -1, 12.5, None, True, "x", "nan", [], 1e400])
async def test_a_share_that_is_no_whole_percentage_is_refused(share):
    async with flag_peer(Api(share)) as peer:
        flag = writer_of(TEXT % {"url": peer.url})
        with pytest.raises(FlagError):
            await flag.read(T0)
        assert "" in await flag.rehearse(())
        await flag.aclose()


@pytest.mark.parametrize("percent", [-1, 101, True, 12.345, None])
async def test_a_percentage_out_of_range_is_not_sent(percent):
    async with flag_peer(Api()) as peer:
        flag = writer_of(TEXT % {"url": peer.url})
        with pytest.raises(FlagError, match="is no percentage"):
            await flag.write(percent)
        assert peer.asked == []


async def test_row_72_a_version_that_changed_is_not_written():
    async with flag_peer(Api()) as peer:
        flag = writer_of(TEXT % {"url": peer.url})
        with pytest.raises(ConflictError, match="version 1, not 7"):
            await flag.write(25, expected="7")
        assert peer.changes == []
        await flag.aclose()


async def test_only_the_statuses_that_were_named_mean_done():
    text = TEXT.replace('"{comment}" } }', '"{comment}" }, status = [202] }')
    async with flag_peer(Api()) as peer:
        flag = writer_of(text % {"url": peer.url})
        with pytest.raises(AnswerError, match="200"):
            await flag.write(25)
        await flag.aclose()


async def test_a_secret_that_is_not_set_refuses_and_names_it():
    spec = spec_of(TEXT % {"url": "http://127.0.0.1:1"})
    secrets = Secrets({})
    flag = HttpFlag(Line(spec, secrets, PATIENCE), spec, secrets)
    for act in (flag.read(T0), flag.write(25)):
        with pytest.raises(FlagError, match=r"\$TOKEN is not set"):
            await act


async def test_headers_of_the_write_take_places_and_secrets_apart():
    header = 'headers = { If-Match = "{version}", X-Key = "k ${TOKEN} {percent}" }'
    text = TEXT.replace('"{comment}" } }', f'"{{comment}}" }}, {header} }}')
    async with flag_peer(Api()) as peer:
        flag = writer_of(text % {"url": peer.url})
        await flag.write(25)
        headers = peer.changes[0][3]
        assert (headers["if-match"], headers["x-key"]) == ("1", f"k {CANARY} 25")
        shown = "\n".join(flag.by_hand(25))
        assert '-H "X-Key: k ${TOKEN} 25"' in shown
        assert CANARY not in shown
        await flag.aclose()


async def test_what_fills_a_place_leads_nowhere_and_reveals_nothing():
    text = TEXT.replace('/flag", body', '/flag/{comment}", headers = { X-Why = "{comment}" }, body')
    async with flag_peer(Api()) as peer:
        flag = writer_of(text % {"url": peer.url})
        await flag.write(25, comment="../x?y=1#z ${TOKEN}")
        _, path, _, headers = peer.changes[0]
        assert path == "/flag/..%2Fx%3Fy%3D1%23z%20%24%7BTOKEN%7D"
        assert headers["x-why"] == "../x?y=1#z ${TOKEN}"
        with pytest.raises(FlagError, match="plain ASCII"):
            await flag.write(25, comment="größer")
        await flag.aclose()


async def test_by_hand_it_is_a_curl_call_without_the_secret():
    flag = writer_of(TEXT % {"url": "http://h"})
    assert flag.by_hand(25) == [
        "curl -X PUT http://h/flag \\",
        '  -H "Authorization: Bearer ${TOKEN}" \\',
        "  -H 'Content-Type: application/json' \\",
        """  -d '{"share": 25, "rest": 75, "why": ""}'""",
    ]


async def test_a_switch_is_asked_for_by_what_the_api_calls_it():
    """One without an id of its own is told, and nothing is sent for it."""
    api = Api()
    api.on = {"679": False}
    text = TEXT.replace("{name}", "{id}") + 'ids = { sla-message = "679" }\n'
    async with flag_peer(api) as peer:
        flag = writer_of(text % {"url": peer.url})
        assert await flag.switches_on() == ()
        await flag.switch("sla-message", on=True)
        assert (api.on, await flag.switches_on()) == ({"679": True}, ("sla-message",))
        before = len(peer.asked)
        with pytest.raises(FlagError, match=r"switch stub-fallback: has no id under \[flag.ids\]"):
            await flag.switch("stub-fallback", on=True)
        assert await flag.rehearse(("sla-message", "stub-fallback")) == {
            "stub-fallback": "switch stub-fallback: has no id under [flag.ids]"
        }
        assert not [row for row in peer.asked[before:] if row[1] == "/switch/"]
        await flag.aclose()


async def test_what_cannot_be_switched_is_rehearsed():
    async with flag_peer(Api()) as peer:
        flag = writer_of(TEXT % {"url": peer.url}, switches=("sla-message", "gone"))
        assert await flag.rehearse(("sla-message", "gone")) == {"gone": "404: no gone"}
        assert (await flag.read(T0)).switches is None
        assert peer.changes == []
        await flag.aclose()
        bare = writer_of("\n".join((TEXT % {"url": peer.url}).strip().splitlines()[:-2]))
        with pytest.raises(FlagError, match="switch sla-message: there is no switch_write"):
            await bare.switch("sla-message", on=True)
        assert (await bare.read(T0)).switches is None
        assert "no switch_write" in (await bare.rehearse(["sla-message"]))["sla-message"]
        await bare.aclose()


async def test_a_cancelled_write_leaves_nothing_open():
    async with flag_peer(Api(), Fault(NEVER)) as peer:
        flag = writer_of(TEXT % {"url": peer.url})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await flag.write(25)
        assert (await flag.read(T0)).percent == 10
        await flag.aclose()
