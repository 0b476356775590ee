"""The flag writer for LaunchDarkly, against a scripted one that answers, refuses, hangs and loses answers."""

import json
from datetime import UTC, datetime

import pytest

from cockpit.flags.http.client import Line
from cockpit.flags.interface.writer import ConflictError, FlagError
from cockpit.flags.launchdarkly.writer import LaunchDarklyFlag, reach_of
from cockpit.runtime.errors import AnswerError
from cockpit.settings.models.flag_services import LaunchDarkly as Spec
from cockpit.settings.schema.secrets import Secret, Secrets
from tests.support.build import T0
from tests.support.peers.flag_peers import DROP, NEVER, Fault, flag_peer
from tests.support.peers.ld_peer import OFF, ON, LaunchDarkly, flag

CANARY = "api-hunter2-canary"
WRITE = "updateFallthroughVariationOrRollout"


def writer_of(url, *, patience=20.0, switches=(), **keys):
    spec = Spec(url=url, token=Secret("${LD}"), environment="production", **keys)
    return LaunchDarklyFlag(Line(reach_of(spec), Secrets({"LD": CANARY}), patience), spec, "concierge", switches)


def rollout(on, off, *more, **keys):
    weights = [{"variation": index, "weight": weight} for index, weight in enumerate((on, off, *more))]
    return {"rollout": {"variations": weights, **keys}}


async def test_it_reads_moves_and_reads_back():
    async with flag_peer(LaunchDarkly()) as peer:
        writer = writer_of(peer.url)
        value = await writer.read(T0)
        assert (value.percent, value.version, value.by) == (10, "61", "ann@example.org")
        assert value.changed_at == datetime(2025, 11, 23, 12, 13, 20, tzinfo=UTC)
        await writer.write(25, expected="61", comment="gate open")
        ((_, path, document, headers),) = peer.changes
        assert path == "/api/v2/flags/default/concierge"
        assert headers["authorization"] == CANARY
        assert headers["content-type"] == "application/json; domain-model=launchdarkly.semanticpatch"
        assert document == {
            "environmentKey": "production",
            "comment": "gate open",
            "instructions": [{"kind": WRITE, "rolloutWeights": {ON: 25_000, OFF: 75_000}}],
        }
        value = await writer.read(T0)
        assert (value.percent, value.version) == (25, "62")
        await writer.aclose()


@pytest.mark.parametrize("percent", [0, 1, 50, 99, 100])
async def test_every_share_reads_back_and_the_ends_are_variations(percent):
    async with flag_peer(LaunchDarkly()) as peer:
        writer = writer_of(peer.url)
        await writer.write(percent)
        assert (await writer.read(T0)).percent == percent
        assert ("variationId" in peer.changes[0][2]["instructions"][0]) == (percent in (0, 100))
        await writer.aclose()


async def test_the_author_is_asked_once_per_version_and_may_be_kept_secret():
    peer_of = LaunchDarkly()
    async with flag_peer(peer_of) as peer:
        writer = writer_of(peer.url)
        for _ in range(3):
            await writer.read(T0)
        assert len([path for _, path, *_ in peer.asked if "auditlog" in path]) == 1
        await writer.write(25)
        peer_of.log = {"code": "forbidden"}
        assert (await writer.read(T0)).by == ""
        await writer.aclose()


async def test_a_rule_is_moved_and_all_else_stays():
    rules = [
        {"_id": "staff", "variation": 0, "clauses": []},
        {"_id": "eu", "clauses": [1], **rollout(25_000, 75_000, contextKind="account", bucketBy="org")},
    ]
    peer_of = LaunchDarkly(flag(rules=rules, fallthrough={"variation": 1}))
    async with flag_peer(peer_of) as peer:
        writer = writer_of(peer.url, rule="eu")
        assert (await writer.read(T0)).percent == 25
        await writer.write(50)
        assert peer.changes[0][2]["instructions"] == [
            {
                "kind": "updateRuleVariationOrRollout",
                "ruleId": "eu",
                "rolloutWeights": {ON: 50_000, OFF: 50_000},
                "rolloutContextKind": "account",
                "rolloutBucketBy": "org",
            }
        ]
        here = peer_of.flags["concierge"]["environments"]["production"]
        assert (here["rules"][0], here["fallthrough"]) == (rules[0], {"variation": 1})
        await writer.aclose()


async def test_who_is_shared_out_is_said_by_the_settings_where_no_rollout_says_it():
    async with flag_peer(LaunchDarkly(flag(fallthrough={"variation": 1}))) as peer:
        writer = writer_of(peer.url, context_kind="account", bucket_by="org")
        await writer.write(25)
        sent = peer.changes[0][2]["instructions"][0]
        assert (sent["rolloutContextKind"], sent["rolloutBucketBy"]) == ("account", "org")
        await writer.write(50)
        await writer.aclose()


async def test_a_flag_that_is_off_says_so_and_is_turned_on_only_where_that_is_wanted():
    held = flag(on=False)
    async with flag_peer(LaunchDarkly(held)) as peer:
        writer = writer_of(peer.url)
        assert (await writer.read(T0)).percent == 0
        assert await writer.rehearse(()) == {"": "concierge is off in production: turn it on, or write turn_on = true"}
        with pytest.raises(FlagError, match="is off in production"):
            await writer.write(25)
        await writer.write(0)
        assert [each["kind"] for each in peer.changes[0][2]["instructions"]] == [WRITE]
        await writer.aclose()
    async with flag_peer(LaunchDarkly(held)) as peer:
        writer = writer_of(peer.url, turn_on=True)
        assert await writer.rehearse(()) == {"targeting": "concierge is off: a move over 0 % turns it on"}
        assert '"turnFlagOn"' in "".join(writer.by_hand(25))
        await writer.write(25)
        assert [each["kind"] for each in peer.changes[0][2]["instructions"]] == [WRITE, "turnFlagOn"]
        assert (await writer.read(T0)).percent == 25
        await writer.aclose()
    async with flag_peer(LaunchDarkly(flag(on=False, off=0))) as peer:
        writer = writer_of(peer.url)
        assert (await writer.read(T0)).percent == 100, "what is off says its off variation to everybody"
        await writer.aclose()


async def test_row_72_a_version_that_changed_is_not_written():
    async with flag_peer(LaunchDarkly()) as peer:
        writer = writer_of(peer.url)
        with pytest.raises(ConflictError, match="concierge was changed by another hand: version 61, not 60"):
            await writer.write(25, expected="60")
        assert peer.changes == []
        await writer.aclose()


APPROVAL = {"code": "method_not_allowed", "message": "Flag configuration updates require approval: action not allowed"}


@pytest.mark.parametrize(
    ("what", "error", "words"),
    [
        ((409, {"code": "optimistic_locking_error", "message": "conflict"}), ConflictError, "409: conflict"),
        ((429, {"message": "slow"}, "Retry-After: 600"), FlagError, "429: slow, asked too often, come back in 600 s"),
        ((401, {"code": "unauthorized", "message": "Invalid access token"}), FlagError, "401, credentials"),
        ((403, {"message": f"token {CANARY} may not"}), FlagError, r"token \*\*\* may not"),
        ((405, APPROVAL), FlagError, "405: Flag configuration updates require approval.*ask for it in LaunchDarkly"),
        ((400, {"message": "bad"}), FlagError, "400: bad"),
    ],
)
async def test_rows_72_and_75_a_refusal_says_that_nothing_was_done(what, error, words):
    peer_of = LaunchDarkly()
    async with flag_peer(peer_of, Fault(what)) as peer:
        writer = writer_of(peer.url)
        with pytest.raises(error, match=words) as caught:
            await writer.write(25)
        assert CANARY not in str(caught.value)
        assert (peer_of.applied, len(peer.changes)) == (0, 1)
        await writer.aclose()


@pytest.mark.parametrize(
    "fault",
    [Fault(DROP), Fault(DROP, after=True), Fault(NEVER), Fault(NEVER, after=True), Fault((500, {})), Fault((503, {}))],
)
async def test_row_70_what_nobody_knows_is_unknown_and_reading_back_tells(fault):
    peer_of = LaunchDarkly()
    async with flag_peer(peer_of, fault) as peer:
        writer = writer_of(peer.url, patience=0.7 if fault.what == NEVER else 20.0)
        with pytest.raises(AnswerError):
            await writer.write(25)
        assert (peer_of.applied, len(peer.changes)) == (int(fault.after), 1)
        assert (await writer.read(T0)).percent == (25 if fault.after else 10)
        await writer.aclose()


@pytest.mark.parametrize(
    "headers", [["Retry-After: 0"], ["X-Ratelimit-Reset: 1763900000500", "Date: Sun, 23 Nov 2025 12:13:20 GMT"]]
)
async def test_asked_to_come_back_in_time_it_does(headers):
    peer_of = LaunchDarkly()
    async with flag_peer(peer_of, Fault((429, {}, *headers))) as peer:
        writer = writer_of(peer.url)
        await writer.write(25)
        assert (peer_of.applied, len(peer.changes)) == (1, 2)
        await writer.aclose()


async def test_switches_are_boolean_flags_that_reach_everybody():
    plain = {"fallthrough": {"variation": 0}}
    flags = (
        flag(),
        flag("sla", on=False, **plain),
        flag("stub", **plain),
        flag("narrow", on=False, rules=[{"_id": "x"}], **plain),
        flag("half", on=False),
        flag("backwards", on=False, off=0, **plain),
    )
    peer_of = LaunchDarkly(*flags)
    async with flag_peer(peer_of) as peer:
        writer = writer_of(peer.url, switches=("sla", "stub", "gone"))
        assert (await writer.read(T0)).switches == ("stub",)
        await writer.switch("sla", on=True, comment="queue")
        await writer.switch("stub", on=False)
        assert [row[2]["instructions"] for row in peer.changes] == [[{"kind": "turnFlagOn"}], [{"kind": "turnFlagOff"}]]
        assert (await writer.read(T0)).switches == ("sla",)
        refused = await writer.rehearse(("sla", "gone", "narrow", "half", "backwards"))
        assert refused == {
            "gone": "no flag gone in project default",
            "narrow": "narrow turned on it would not reach everybody (rules)",
            "half": "half turned on it would not reach everybody (default rule)",
            "backwards": "backwards turned off it would not say false",
        }
        for name in ("gone", "narrow", "half", "backwards"):
            with pytest.raises(FlagError):
                await writer.switch(name, on=True)
        await writer.switch("narrow", on=False)
        assert len(peer.changes) == 3
        await writer.aclose()
        other = writer_of(peer.url, switches=("backwards",))
        assert (await other.read(T0)).switches is None
        await other.aclose()


async def test_by_hand_it_is_a_curl_call_without_the_token():
    async with flag_peer(LaunchDarkly()) as peer:
        writer = writer_of(peer.url)
        assert "ON_VARIATION_ID" in "".join(writer.by_hand(25))
        await writer.read(T0)
        *lines, body = [line.replace(peer.url, "URL") for line in writer.by_hand(25)]
        assert lines == [
            "curl -X PATCH URL/api/v2/flags/default/concierge \\",
            '  -H "Authorization: ${LD}" \\',
            "  -H 'content-type: application/json; domain-model=launchdarkly.semanticpatch' \\",
        ]
        sent = json.loads(body.strip().removeprefix("-d '").removesuffix("'"))
        assert sent["instructions"] == [{"kind": WRITE, "rolloutWeights": {ON: 25_000, OFF: 75_000}}]
        await writer.aclose()


async def test_a_flag_that_is_not_there_and_a_percentage_that_is_none():
    async with flag_peer(LaunchDarkly(flag("other"))) as peer:
        writer = writer_of(peer.url)
        with pytest.raises(FlagError, match="no flag concierge in project default"):
            await writer.read(T0)
        asked = len(peer.asked)
        for percent in (-1, 101, True, 12.345, None):
            with pytest.raises(FlagError, match="is no percentage"):
                await writer.write(percent)
        assert len(peer.asked) == asked
        await writer.aclose()
