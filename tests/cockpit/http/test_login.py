"""Everywhere that a command's secret is sent: where it lapses it is printed anew, and what was asked is asked again."""

import asyncio
import threading

import pytest

from cockpit.flags.flagd import ofrep
from cockpit.settings.models import flags
from cockpit.settings.models.notifications import Webhook
from cockpit.settings.models.settings import KINDS
from cockpit.settings.schema.catalog import rows
from cockpit.settings.schema.secrets import Secret
from tests.support.peers.minting import Mint, guarded, word
from tests.support.watch.sending import USERS, served, user

SECRET = Secret("${TOKEN}")
BROKEN = "command mint for a secret: exit 1, nothing printed"


@pytest.fixture(autouse=True)
def _few_keys(monkeypatch):
    """What users get is asked for that many keys, each alike."""
    monkeypatch.setattr(ofrep, "KEYS", 20)


def mint_for(key, peer):
    return Mint(f"{peer.url}/hook/{{}}" if key == "webhook.url" else "{}")


def test_everybody_who_takes_a_secret_is_tried_here():
    models = {**KINDS, **flags.KINDS, "webhook": Webhook}
    keys = [(kind, row) for kind, model in models.items() for row in rows(model)]
    secret = {f"{kind}.{row.name}" for kind, row in keys if "secret" in row.key.kind}
    assert secret == {*USERS, "mongo.uri"}, "mongo.uri has tests of its own"


@pytest.mark.parametrize("refusal", [401, 403])
@pytest.mark.parametrize("key", USERS)
async def test_what_lapses_is_printed_anew_and_asked_again(key, refusal, tmp_path):
    async with guarded(served(key)) as peer:
        mint = mint_for(key, peer)
        async with user(key, peer.url, mint.secrets(), tmp_path) as ask:
            await ask()
            assert (set(peer.seen), mint.ran) == ({1}, 1)
            peer.least, peer.refusal = 2, refusal
            before = len(peer.seen)
            told = await ask()
            while 2 not in peer.seen:  # a probe asks in a pace of its own
                await asyncio.sleep(0.01)
                told = await ask()
            later = peer.seen[before:]
            assert later[0] == 1
            assert later[-1] == 2
            assert mint.ran == 2, "once for all who were refused"
            assert f"{refusal}, " not in told
            assert threading.current_thread() not in mint.threads
            peer.seen.clear()
            told = await ask()
            assert set(peer.seen) <= {2}, "the next request has the new word at once"


@pytest.mark.parametrize("key", [key for key in USERS if not key.startswith("probe")])
async def test_a_command_that_fails_leaves_the_word_and_is_told(key, tmp_path):
    async with guarded(served(key)) as peer:
        mint = mint_for(key, peer)
        secrets = mint.secrets()
        async with user(key, peer.url, secrets, tmp_path) as ask:
            await ask()
            peer.least, mint.broken = 2, BROKEN
            told = await ask()
            assert "401, credentials?" in told or "401, wanted" in told
            assert BROKEN in told
            assert word(1) not in secrets.scrub(told)
            told = await ask()
            assert mint.ran == 2, "it rests"
            assert set(peer.seen) == {1}
            mint.clock, mint.broken = 10.0, ""
            peer.least = 3
            told = await ask()
            assert (mint.ran, peer.seen[-1], "401, " in told) == (3, 3, False)


@pytest.mark.parametrize("key", [key for key in USERS if not key.startswith("probe")])
async def test_a_first_run_that_fails_is_told_and_darkens_nobody_for_good(key, tmp_path):
    async with guarded(served(key)) as peer:
        mint = mint_for(key, peer)
        mint.broken = BROKEN
        async with user(key, peer.url, mint.secrets(), tmp_path) as ask:
            for _ in range(3):
                assert BROKEN in await ask()
            assert (mint.ran, peer.seen) == (1, [])
            mint.clock, mint.broken = 10.0, ""
            assert BROKEN not in await ask()
            assert (mint.ran, set(peer.seen)) == (2, {2})


@pytest.mark.parametrize("key", [key for key in USERS if not key.startswith("probe")])
async def test_a_secret_of_the_environment_stays_refused(key, tmp_path):
    async with guarded(served(key)) as peer:
        peer.least = 2
        value = f"{peer.url}/hook/{word(1)}" if key == "webhook.url" else word(1)
        async with user(key, peer.url, Mint().secrets(TOKEN=value), tmp_path, SECRET) as ask:
            told = await ask()
            assert "401, " in told
            assert "command" not in told
            once, _ = len(peer.seen), await ask()
            assert len(peer.seen) == 2 * once, "nothing is asked twice"


@pytest.mark.parametrize("word_", ["geheimnis-\u00e4", "a\x7fb"])
async def test_a_word_that_no_header_can_carry_is_told_without_it(word_, tmp_path):
    async with guarded(served("json.token")) as peer:
        mint = Mint(word_ + "{}")
        async with user("json.token", peer.url, mint.secrets(), tmp_path) as ask:
            assert "a header or the token is not plain ASCII" in (told := await ask())
            assert word_ not in told
            assert peer.seen == []
