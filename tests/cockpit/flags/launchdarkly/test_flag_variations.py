"""Which shares of a LaunchDarkly flag are understood: two variations, a plain rollout, nobody changing sides."""

import pytest

from cockpit.flags.interface.writer import FlagError
from tests.cockpit.flags.launchdarkly.test_flag_launchdarkly import rollout, writer_of
from tests.support.build import T0
from tests.support.peers.flag_peers import flag_peer
from tests.support.peers.ld_peer import OFF, ON, RED, LaunchDarkly, flag

THREE = [
    {"_id": ON, "value": "a", "name": "new"},
    {"_id": OFF, "value": "b", "name": "old"},
    {"_id": RED, "value": "c", "name": "red"},
]


async def test_variations_may_be_named():
    async with flag_peer(LaunchDarkly(flag(variations=THREE, fallthrough=rollout(25_000, 75_000, 0)))) as peer:
        writer = writer_of(peer.url, on="new", off="old")
        assert (await writer.read(T0)).percent == 25
        await writer.write(50)
        assert peer.changes[0][2]["instructions"][0]["rolloutWeights"] == {ON: 50_000, OFF: 50_000}
        await writer.aclose()


UNREADABLE = [
    (flag(variations=THREE), {}, "has 0 variations that is true, name them with on and off"),
    (flag(variations=THREE), {"on": "new", "off": "gone"}, "has 0 variations called gone"),
    (flag(variations=THREE, fallthrough=rollout(1, 1, 1)), {"on": "new", "off": "old"}, "more than two variations"),
    (flag(variations=THREE, fallthrough={"variation": 2}), {"on": "new", "off": "old"}, "serves variation 2"),
    (flag(fallthrough=rollout(333, 666)), {}, "no percentage from 0 to 100 with 2 decimals at most"),
    (flag(fallthrough=rollout(1, 1, seed=7)), {}, "runs an experiment"),
    (flag(fallthrough=rollout(1, 1, experimentAllocation={"x": 1})), {}, "runs an experiment"),
    (flag(fallthrough=rollout(1, True)), {}, "cannot be read"),
    (flag(fallthrough=rollout(1, -1)), {}, "cannot be read"),
    (flag(fallthrough={"rollout": {"variations": [7]}}), {}, "cannot be read"),
    (flag(archived=True), {}, "is archived"),
    (flag(), {"rule": "x"}, "has no rule x, known: none"),
    (flag(rules=[{"_id": "eu"}]), {"rule": "x"}, "has no rule x, known: eu"),
    (flag(on=False, off=None), {}, "users get what their code says"),
    ({**flag(), "environments": {"staging": {}}}, {}, "has no environment production"),
    ({"key": "concierge"}, {}, "has no environment production"),
]


@pytest.mark.parametrize(("held", "keys", "reason"), UNREADABLE)
async def test_what_is_no_plain_share_of_two_is_refused(held, keys, reason):
    async with flag_peer(LaunchDarkly(held)) as peer:
        writer = writer_of(peer.url, **keys)
        with pytest.raises(FlagError, match=reason) as caught:
            await writer.read(T0)
        assert str(caught.value).startswith("concierge ")
        with pytest.raises(FlagError):
            await writer.write(50)
        assert "" in await writer.rehearse(())
        assert peer.changes == []
        await writer.aclose()


PARENT = {"prerequisites": [{"key": "parent", "variation": 0}]}


@pytest.mark.parametrize(
    ("more", "keys", "names", "choice"),
    [
        (PARENT, {}, "parent", '["parent"]'),
        (PARENT, {"prerequisites": ("other",)}, "parent", '["parent"]'),
        ({"prerequisites": [{"key": "a"}, {"key": "b\x1b"}]}, {"prerequisites": ("a",)}, "b^[", '["a", "b^["]'),
        ({"prerequisites": [7]}, {}, "?", '["?"]'),
    ],
)
async def test_a_flag_with_a_prerequisite_is_never_raised_and_always_lowered(more, keys, names, choice):
    """Who does not meet it gets the off variation: 25 % of all is then 25 % of some."""
    why = f"concierge is narrowed by prerequisite {names}: take it away, or say prerequisites = {choice}"
    async with flag_peer(LaunchDarkly(flag(**more))) as peer:
        writer = writer_of(peer.url, **keys)
        value = await writer.read(T0)
        assert (value.percent, value.narrowed) == (10, why)
        assert await writer.rehearse(()) == {"": why}
        for percent in (11, 25, 100):
            with pytest.raises(FlagError) as caught:
                await writer.write(percent)
            assert str(caught.value) == why
        assert peer.changes == []
        for percent in (10, 1, 0):
            await writer.write(percent)
            assert (await writer.read(T0)).percent == percent
        await writer.aclose()


async def test_a_prerequisite_that_is_meant_is_told_and_moved():
    async with flag_peer(LaunchDarkly(flag(**PARENT))) as peer:
        writer = writer_of(peer.url, prerequisites=("parent",))
        assert (await writer.read(T0)).narrowed == ""
        told = "concierge is not shared out among all: only where its prerequisites are met"
        assert await writer.rehearse(()) == {"share": told}
        await writer.write(25)
        await writer.aclose()


@pytest.mark.parametrize(
    ("more", "keys", "told"),
    [
        ({}, {}, ""),
        ({"targets": [{"variation": 0, "values": ["a", "b"]}]}, {}, "2 targets have it by name, 0 have it not"),
        (
            {"targets": [{"variation": 1, "values": ["a"]}], "contextTargets": [{"variation": 0, "values": ["b"]}]},
            {},
            "1 targets have it by name, 1 have it not",
        ),
        ({"contextTargets": [{"variation": 0, "values": []}]}, {}, ""),
        ({"rules": [{"_id": "r1", "variation": 0}]}, {}, "1 other rule"),
        ({"rules": [{"_id": "r1", "variation": 0}]}, {"rule": "r1"}, "only whom rule r1 matches"),
    ],
)
async def test_what_is_served_beside_the_share_is_told(more, keys, told):
    async with flag_peer(LaunchDarkly(flag(**more))) as peer:
        writer = writer_of(peer.url, **keys)
        words = f"concierge is not shared out among all: {told}"
        assert await writer.rehearse(()) == ({"share": words} if told else {})
        await writer.aclose()


@pytest.mark.parametrize("keys", [{"context_kind": "account"}, {"bucket_by": "org"}])
async def test_users_never_change_sides(keys):
    async with flag_peer(LaunchDarkly()) as peer:
        writer = writer_of(peer.url, **keys)
        with pytest.raises(FlagError, match="users would change sides"):
            await writer.write(25)
        assert "users would change sides" in writer.by_hand(25)[0]
        assert peer.changes == []
        await writer.aclose()
