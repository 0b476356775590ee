"""Which flags a back end has, in which environments, and where one stands; what cannot be asked is a line."""

import json

import pytest

from cockpit.demo.world.flag_file import first_text, with_percent
from cockpit.settings.models.flag_providers import Flagd, Session
from cockpit.settings.models.flag_services import Command, LaunchDarkly, Unleash
from cockpit.settings.schema.secrets import Secrets, variable
from cockpit.setup.look.flag import ask_flags, ask_percent
from tests.support.build import PLAN
from tests.support.peers import ld_peer, unleash_peer
from tests.support.peers.flag_peers import flag_peer

SECRETS = Secrets({"TOKEN": "hunter2-hunter2"})
TOKEN = variable("TOKEN")


def listing(answers, inner):
    """A peer that lists too; all else is answered by `inner`."""
    return lambda method, path, document: answers.get(path.partition("?")[0]) or inner(method, path, document)


async def test_unleash_lists_features_with_their_environments():
    peer = unleash_peer.Unleash()
    rows = [unleash_peer.feature("concierge"), unleash_peer.feature("banner")]
    lists = {"/api/admin/projects/default/features": (200, {"version": 2, "features": rows})}
    async with flag_peer(listing(lists, peer)) as served:
        place = Unleash(url=served.url, token=TOKEN, environment="development")
        found = await ask_flags(place, SECRETS)
        assert (found.flags, found.environments) == (("concierge", "banner"), ("development", "production"))
        assert await ask_percent(place, "concierge", SECRETS) == 10
        assert "nowhere" in await ask_percent(place, "nowhere", SECRETS)
    assert not served.changes


async def test_launchdarkly_lists_flags_and_environments():
    lists = {
        "/api/v2/flags/default": (200, {"items": [{"key": "concierge"}, {"key": "x\x1b[2J"}]}),
        "/api/v2/projects/default/environments": (200, {"items": [{"key": "production"}, {"key": "test"}]}),
    }
    async with flag_peer(listing(lists, ld_peer.LaunchDarkly())) as served:
        place = LaunchDarkly(url=served.url, token=TOKEN, environment="production")
        found = await ask_flags(place, SECRETS)
        assert (found.flags, found.environments) == (("concierge",), ("production", "test"))
        assert await ask_percent(place, "concierge", SECRETS) == 10


async def test_of_a_flagd_file_those_come_that_can_carry_a_share(tmp_path):
    path = tmp_path / "flags.json"
    path.write_text(with_percent(first_text(PLAN), PLAN.flag, 25), "utf-8")
    place = Flagd(file=str(path))
    assert (await ask_flags(place, SECRETS)).flags == (PLAN.flag,)
    assert await ask_percent(place, PLAN.flag, SECRETS) == 25


@pytest.mark.parametrize(
    ("text", "why"), [("[]", "holds no flags"), ("<html>", "is no JSON"), (json.dumps({"flags": 3}), "holds no flags")]
)
async def test_a_file_that_is_none_says_why(tmp_path, text, why):
    path = tmp_path / "flags.json"
    path.write_text(text, "utf-8")
    assert why in (await ask_flags(Flagd(file=str(path)), SECRETS)).why


async def test_what_refuses_or_is_gone_is_a_line_without_its_token(tmp_path):
    async with flag_peer(lambda *_: (401, {"message": "no: hunter2-hunter2"})) as served:
        place = Unleash(url=served.url, token=TOKEN, environment="production")
        why = (await ask_flags(place, SECRETS)).why
    assert why.startswith("401")
    assert "hunter2" not in why
    assert (await ask_flags(Flagd(file=str(tmp_path / "none.json")), SECRETS)).why
    gone = Unleash(url="http://127.0.0.1:9", token=variable("NO_SUCH"), environment="production")
    assert "$NO_SUCH is not set" in (await ask_flags(gone, Secrets({}))).why


async def test_a_command_is_asked_for_its_share():
    place = Command(read=("/bin/echo", "25"), write=("/bin/false", "{percent}"))
    assert await ask_percent(place, "x", SECRETS) == 25
    assert not (await ask_flags(place, SECRETS)).flags
    assert await ask_percent(Session(), "x", SECRETS) == "it is only recorded"
