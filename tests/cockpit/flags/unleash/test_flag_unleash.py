"""The flag writer for Unleash, against one in memory behind real sockets; the real one has a file of its own."""

from datetime import UTC, datetime

import pytest

from cockpit.flags.interface.writer import ConflictError, FlagError
from cockpit.flags.opening import Opening
from cockpit.runtime.errors import AnswerError
from cockpit.settings.models.flag_services import Unleash as Spec
from cockpit.settings.schema.secrets import Secret, Secrets
from tests.support.build import T0
from tests.support.peers.flag_peers import DROP, NEVER, Fault, flag_peer
from tests.support.peers.unleash_peer import ADMIN, CLIENT, Unleash, feature, strategy

PLAIN = strategy("default", constraints=[], parameters={})


def writer_of(url, *, patience=20.0, switches=(), environment="development", **keys):
    spec = Spec(url=f"{url}/", token=Secret("${ADMIN}"), environment=environment, **keys)
    secrets = Secrets({"ADMIN": ADMIN, "CLIENT": CLIENT})
    return Opening(lambda: None, secrets, patience).writer(spec, "concierge", switches)


async def test_it_reads_moves_and_reads_back():
    held = Unleash()
    async with flag_peer(held) as peer:
        flag = writer_of(peer.url)
        value = await flag.read(T0)
        assert (value.source, value.percent, value.by) == ("unleash", 10, "ann")
        assert value.changed_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
        await flag.write(25, expected=value.version, comment="gate open")
        ((method, path, document, headers),) = peer.changes
        assert (method, path.rsplit("/", 1)[1], headers["authorization"]) == ("PATCH", "s1", ADMIN)
        assert document[-1] == {"op": "replace", "path": "/parameters/rollout", "value": "25"}
        after = held.features["concierge"]["environments"][0]["strategies"]
        assert after == [strategy(rollout="25")], "all else stays"
        again = await flag.read(T0)
        assert again.percent == 25
        assert again.version != value.version
        assert (await flag.read(T0)).version == again.version
        await flag.aclose()


@pytest.mark.parametrize("percent", [0, 1, 50, 99, 100])
async def test_every_share_reads_back(percent):
    async with flag_peer(Unleash()) as peer:
        flag = writer_of(peer.url)
        await flag.write(percent)
        assert (await flag.read(T0)).percent == percent
        await flag.aclose()


@pytest.mark.parametrize("percent", [-1, 101, 250, True, 12.345, None])
async def test_a_percentage_out_of_range_is_not_sent_for_unleash_would_take_it(percent):
    async with flag_peer(Unleash()) as peer:
        with pytest.raises(FlagError, match="is no percentage"):
            await writer_of(peer.url).write(percent)
        assert peer.asked == []


REFUSED = [
    ([feature("concierge", strategy(), strategy(number=2))], {}, r"has 2 strategies in development.*s1 \(flexible"),
    ([feature("concierge", PLAIN)], {}, "has a strategy default, a gradual rollout is needed"),
    ([feature("concierge", strategy(disabled=True))], {}, "has 0 strategies in development, one is needed, add a"),
    ([feature(archived=True)], {}, "is archived"),
    ([feature()], {"environment": "prod"}, "has no environment prod, known: development, production"),
    ([feature()], {"strategy": "s9"}, r"has no strategy s9 in development, known: s1 \(flexibleRollout\)"),
    ([feature("concierge", strategy(disabled=True))], {"strategy": "s1"}, "has its strategy s1 disabled"),
    ([feature("concierge", strategy(rollout="250"))], {}, "250 of 100 is no whole percentage from 0 to 100"),
    ([feature("concierge", strategy(rollout="many"))], {}, "'many' is no share"),
    ([feature("concierge", strategy(parameters={}))], {}, "None is no share"),
    ([{"name": "concierge", "environments": [{"name": "development"}]}], {}, "cannot be read"),
]


@pytest.mark.parametrize(("features", "keys", "reason"), REFUSED)
async def test_what_makes_the_share_something_else_is_refused(features, keys, reason):
    async with flag_peer(Unleash(*features)) as peer:
        flag = writer_of(peer.url, **keys)
        with pytest.raises(FlagError, match=reason) as caught:
            await flag.read(T0)
        assert str(caught.value).startswith("concierge ")
        assert peer.changes == []
        await flag.aclose()


COUNTRY = {"share": "concierge is shared out among a part of all: constraints on country"}
"""What the doctor says of constraints: they are meant, and told."""


def sticky(word):
    return strategy(parameters={"rollout": "10", "stickiness": word, "groupId": "concierge"})


NARROWED = [
    (feature("concierge", strategy(segments=[7])), "segments"),
    (feature("concierge", strategy(variants=[{"name": "a"}])), "variants"),
    (feature(dependencies=[{"feature": "x"}]), "a parent feature"),
    (feature("concierge", sticky("random")), "random stickiness"),
    (feature("concierge", sticky(" Random")), "random stickiness"),
    (feature("concierge", sticky("random"), dependencies=[{"feature": "x"}]), "a parent feature, random stickiness"),
]


@pytest.mark.parametrize(("held", "what"), NARROWED)
async def test_a_share_that_is_none_of_all_users_is_never_raised_and_always_lowered(held, what):
    why = f'concierge is narrowed by {what}: take them away, or say strategy = "s1"'
    unleash = Unleash(held)
    async with flag_peer(unleash) as peer:
        flag = writer_of(peer.url)
        value = await flag.read(T0)
        assert (value.percent, value.narrowed) == (10, why)
        assert (await flag.rehearse(()))[""] == why
        with pytest.raises(FlagError) as caught:
            await flag.write(25, expected=value.version)
        assert str(caught.value) == why
        assert peer.changes == []
        await flag.write(0)
        assert (await flag.read(T0)).percent == 0
        await flag.aclose()
        meant = writer_of(peer.url, strategy="s1")
        assert (await meant.read(T0)).narrowed == ""
        assert what in (await meant.rehearse(()))["share"]
        await meant.aclose()


@pytest.mark.parametrize("word", ["default", "userId", "sessionId", "", "randomly"])
async def test_other_stickiness_keeps_users_in(word):
    async with flag_peer(Unleash(feature("concierge", sticky(word)))) as peer:
        flag = writer_of(peer.url)
        assert (await flag.read(T0)).narrowed == ""
        await flag.aclose()


@pytest.mark.parametrize(
    "held", [feature("concierge", strategy(), strategy(number=2)), feature("concierge", strategy(segments=[7]))]
)
async def test_the_owner_may_name_the_strategy(held):
    unleash = Unleash(held)
    async with flag_peer(unleash) as peer:
        flag = writer_of(peer.url, strategy="s1")
        await flag.write(25)
        assert (await flag.read(T0)).percent == 25
        others = unleash.features["concierge"]["environments"][0]["strategies"][1:]
        assert others == held["environments"][0]["strategies"][1:]
        await flag.aclose()


async def test_an_environment_that_is_off_is_switched_on_by_a_move_and_that_is_told():
    unleash = Unleash(feature(enabled=False))
    async with flag_peer(unleash) as peer:
        flag = writer_of(peer.url)
        assert (await flag.read(T0)).percent == 0
        told = {"environment": "development is off: a move over 0 % switches it on"}
        assert await flag.rehearse(()) == told | COUNTRY
        assert flag.by_hand(25)[-2].endswith("/features/concierge/environments/development/on \\")
        await flag.write(0)
        assert not unleash.features["concierge"]["environments"][0]["enabled"]
        await flag.write(25)
        assert (await flag.read(T0)).percent == 25
        assert await flag.rehearse(()) == COUNTRY
        await flag.aclose()


async def test_a_share_that_is_set_while_the_environment_stays_off_is_unknown():
    class Half(Unleash):
        def __call__(self, method, path, document):
            return (403, {"message": "no"}) if path.endswith("/on") else super().__call__(method, path, document)

    async with flag_peer(Half(feature(enabled=False))) as peer:
        flag = writer_of(peer.url)
        with pytest.raises(AnswerError, match="set to 25 %, development not switched on: 403"):
            await flag.write(25)
        assert (await flag.read(T0)).percent == 0
        await flag.aclose()


async def test_row_72_another_hand_before_and_during_the_write():
    unleash = Unleash()
    async with flag_peer(unleash) as peer:
        flag = writer_of(peer.url)
        version = (await flag.read(T0)).version
        held = unleash.features["concierge"]["environments"][0]["strategies"][0]["parameters"]
        held["stickiness"] = "sessionId"
        with pytest.raises(ConflictError, match="concierge was changed by another hand"):
            await flag.write(25, expected=version)
        assert peer.changes == []
        version = (await flag.read(T0)).version
        unleash.between = lambda: held.update(rollout="40")
        with pytest.raises(ConflictError, match="changed by another hand meanwhile"):
            await flag.write(25, expected=version)
        assert held["rollout"] == "40"
        await flag.write(25)
        assert held["rollout"] == "25", "who expects nothing is not held up"
        await flag.aclose()


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ((401, {"message": "You must log in to use Unleash."}), "401, credentials"),
        (
            (403, {"details": [{"message": f"{ADMIN} needs UPDATE_FEATURE_STRATEGY"}]}),
            r"403, credentials\?: \*\*\* needs",
        ),
        ((403, {"message": "Change requests are enabled"}), "propose the change in Unleash"),
        ((404, {"message": "Could not find strategy"}), "404: Could not find strategy"),
        ((429, {}, "Retry-After: 600"), "asked too often, come back in 600 s"),
    ],
)
async def test_row_75_a_refusal_says_that_nothing_was_done(what, words):
    unleash = Unleash()
    async with flag_peer(unleash, Fault(what)) as peer:
        flag = writer_of(peer.url)
        with pytest.raises(FlagError, match=words) as caught:
            await flag.write(25)
        assert "hunter2" not in str(caught.value)
        assert (await flag.read(T0)).percent == 10
        await flag.aclose()


@pytest.mark.parametrize(
    "fault", [Fault(DROP), Fault(DROP, after=True), Fault(NEVER), Fault(NEVER, after=True), Fault((500, {}))]
)
async def test_row_70_what_nobody_knows_is_unknown_and_reading_back_tells(fault):
    async with flag_peer(Unleash(), fault) as peer:
        flag = writer_of(peer.url, patience=0.7 if fault.what == NEVER else 20.0)
        with pytest.raises(AnswerError):
            await flag.write(25)
        assert len(peer.changes) == 1
        assert (await flag.read(T0)).percent == (25 if fault.after else 10)
        await flag.aclose()


async def test_row_76_written_and_not_served_yet():
    unleash = Unleash()
    async with flag_peer(unleash) as peer:
        flag = writer_of(peer.url, client_token=Secret("${CLIENT}"))
        assert await flag.verify(10, T0) == ""
        unleash.lag = unleash._client("concierge")
        await flag.write(25)
        assert await flag.verify(25, T0) == "SDKs are told 10 %"
        unleash.lag = None
        assert await flag.verify(25, T0) == ""
        assert peer.asked[0][3]["authorization"] == CLIENT
        unleash.features["concierge"]["environments"][0]["enabled"] = False
        assert await flag.verify(25, T0) == "SDKs are told 0 %"
        unleash.lag = {"name": "concierge"}
        assert "cannot be read" in await flag.verify(25, T0)
        await flag.aclose()
        assert await writer_of(peer.url).verify(25, T0) == "", "without a token nobody can tell"


async def test_switches_are_features_that_reach_everybody():
    everybody = strategy(rollout="100", constraints=[])
    features = (
        feature(),
        feature("sla", PLAIN, enabled=False),
        feature("stub", strategy(), everybody),
        feature("half", enabled=False),
        feature("child", PLAIN, dependencies=[{"feature": "x"}]),
    )
    async with flag_peer(Unleash(*features)) as peer:
        flag = writer_of(peer.url, switches=("sla", "stub", "gone", "child"))
        assert (await flag.read(T0)).switches == ("stub",)
        await flag.switch("sla", on=True)
        await flag.switch("stub", on=False)
        assert (await flag.read(T0)).switches == ("sla",)
        refused = await flag.rehearse(("sla", "gone", "half", "child"))
        assert refused.pop("share") == COUNTRY["share"]
        assert set(refused) == {"gone", "half", "child"}
        for name in ("gone", "half", "child"):
            with pytest.raises(FlagError):
                await flag.switch(name, on=True)
        await flag.switch("half", on=False)
        assert [path.rsplit("/", 1)[1] for _, path, *_ in peer.changes] == ["on", "off", "off"]
        await flag.aclose()


async def test_by_hand_it_is_a_curl_call_without_the_token():
    async with flag_peer(Unleash()) as peer:
        flag = writer_of(peer.url)
        assert "STRATEGY_ID" in flag.by_hand(25)[0]
        await flag.read(T0)
        base = f"{peer.url}/api/admin/projects/default/features/concierge/environments/development"
        assert flag.by_hand(25) == [
            f"curl -X PATCH {base}/strategies/s1 \\",
            '  -H "Authorization: ${ADMIN}" \\',
            "  -H 'Content-Type: application/json' \\",
            """  -d '[{"op": "replace", "path": "/parameters/rollout", "value": "25"}]'""",
        ]
        await flag.aclose()
