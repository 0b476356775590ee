"""The flag writer proven on a real Unleash: what it writes, what stays, and what the server itself does."""

import uuid

import httpx
import pytest

from cockpit.flags.interface.writer import ConflictError, FlagError
from cockpit.flags.opening import Opening
from cockpit.runtime.errors import AnswerError
from cockpit.settings.models.flag_services import Unleash as Spec
from cockpit.settings.schema.secrets import Secret, Secrets
from tests.support.build import T0
from tests.support.faults.fault_proxy import Fault, FaultProxy
from tests.support.peers.unleash_child import Admin, unleash
from tests.support.peers.unleash_peer import ADMIN, CLIENT

pytestmark = pytest.mark.xdist_group("unleash")

GRADUAL = {
    "name": "flexibleRollout",
    "title": "the concierge",
    "parameters": {"rollout": "10", "stickiness": "sessionId", "groupId": "g7"},
    "constraints": [{"contextName": "country", "operator": "IN", "values": ["DE", "FR"], "inverted": False}],
}


@pytest.fixture(scope="module")
def url():
    with unleash() as found:
        yield found


@pytest.fixture
def admin(url):
    found = Admin(url)
    yield found
    found.close()


@pytest.fixture
def name(admin):
    """A feature of the test's own, gradual at 10 %."""
    found = f"f{uuid.uuid4().hex}"
    admin.make(found, GRADUAL)
    return found


def writer_of(url, name, switches=(), token=ADMIN, patience=20.0, **keys):
    spec = Spec(url=url, token=Secret("${ADMIN}"), environment="development", **keys)
    return Opening(lambda: None, Secrets({"ADMIN": token, "CLIENT": CLIENT}), patience).writer(spec, name, switches)


async def test_it_moves_the_rollout_and_nothing_else(url, admin, name):
    flag = writer_of(url, name)
    value = await flag.read(T0)
    assert (value.percent, value.by) == (10, "admin")
    assert value.changed_at is not None
    (before,) = admin.strategies(name)
    for percent in (25, 50, 100, 0, 10):
        await flag.write(percent, expected=value.version)
        (after,) = admin.strategies(name)
        assert after == {**before, "parameters": {**before["parameters"], "rollout": str(percent)}}
        value = await flag.read(T0)
        assert value.percent == percent
    await flag.aclose()


async def test_row_72_the_server_itself_tests_what_was_read(url, admin, name):
    flag = writer_of(url, name)
    value = await flag.read(T0)
    where = f"/projects/default/features/{name}/environments/development/strategies/{admin.strategies(name)[0]['id']}"
    admin.ask("PATCH", where, [{"op": "replace", "path": "/parameters/rollout", "value": "40"}])
    with pytest.raises(ConflictError):
        await flag.write(25, expected=value.version)
    held = await flag._seen(flag._line.until())
    admin.ask("PATCH", where, [{"op": "replace", "path": "/parameters/rollout", "value": "41"}])
    with pytest.raises(ConflictError, match="meanwhile"):
        await flag._patch(held, 25, flag._line.until(), tested=True)
    assert (await flag.read(T0)).percent == 41
    await flag.aclose()


async def test_a_share_that_unleash_takes_is_none_for_us(url, admin, name):
    where = f"/projects/default/features/{name}/environments/development/strategies/{admin.strategies(name)[0]['id']}"
    admin.ask("PATCH", where, [{"op": "replace", "path": "/parameters/rollout", "value": "250"}])
    flag = writer_of(url, name)
    with pytest.raises(FlagError, match="250 of 100 is no whole percentage"):
        await flag.read(T0)
    await flag.write(25)
    assert (await flag.read(T0)).percent == 25
    await flag.aclose()


async def test_row_76_what_sdks_are_told(url, name):
    flag = writer_of(url, name, client_token=Secret("${CLIENT}"))
    assert await flag.verify(10, T0) == ""
    assert await flag.verify(25, T0) == "SDKs are told 10 %"
    await flag.write(25)
    while await flag.verify(25, T0):  # its cache is younger than the test's own timeout
        pass
    await flag.aclose()


async def test_an_environment_that_is_off_is_switched_on(url, admin):
    name = f"f{uuid.uuid4().hex}"
    admin.make(name, GRADUAL, enabled=False)
    flag = writer_of(url, name)
    assert (await flag.read(T0)).percent == 0
    assert "environment" in await flag.rehearse(())
    await flag.write(25)
    assert (await flag.read(T0)).percent == 25
    await flag.aclose()


async def test_what_makes_the_share_something_else_is_refused(url, admin, name):
    several = f"f{uuid.uuid4().hex}"
    admin.make(several, GRADUAL, GRADUAL)
    segment = admin.ask("POST", "/segments", {"name": several, "constraints": []})["id"]
    narrowed = f"f{uuid.uuid4().hex}"
    admin.make(narrowed, {**GRADUAL, "segments": [segment]})
    child = f"f{uuid.uuid4().hex}"
    admin.make(child, GRADUAL)
    admin.ask("POST", f"/projects/default/features/{child}/dependencies", {"feature": name})
    for held, reason in ((several, "has 2 strategies"), (narrowed, "narrowed by segments"), (child, "parent feature")):
        flag = writer_of(url, held)
        with pytest.raises(FlagError, match=reason):
            await flag.write(25)
        await flag.aclose()
    chosen = admin.strategies(narrowed)[0]
    flag = writer_of(url, narrowed, strategy=chosen["id"])
    await flag.write(25)
    assert admin.strategies(narrowed)[0] == {**chosen, "parameters": {**chosen["parameters"], "rollout": "25"}}
    await flag.aclose()


async def test_row_75_tokens_that_may_not(url, name):
    for token, words in (("*:*.wrong", "401, credentials"), (CLIENT, "403, credentials")):
        flag = writer_of(url, name, token=token)
        for act in (flag.read(T0), flag.write(25)):
            with pytest.raises(FlagError, match=words):
                await act
        await flag.aclose()
    flag = writer_of(url, "nowhere")
    with pytest.raises(FlagError, match="404: There's no feature named"):
        await flag.read(T0)
    await flag.aclose()


async def test_switches_beside_it(url, admin, name):
    switch, half = f"s{uuid.uuid4().hex}", f"s{uuid.uuid4().hex}"
    admin.make(switch, {"name": "default"}, enabled=False)
    admin.make(half, GRADUAL, enabled=False)
    flag = writer_of(url, name, (switch, half, "gone"))
    assert (await flag.read(T0)).switches == ()
    await flag.switch(switch, on=True)
    assert (await flag.read(T0)).switches == (switch,)
    await flag.switch(switch, on=False)
    assert (await flag.read(T0)).switches == ()
    assert set(await flag.rehearse((switch, half, "gone"))) == {half, "gone", "share"}  # its constraint is told
    await flag.aclose()


async def test_row_70_an_answer_that_is_lost_was_a_deed(url, name):
    async with FaultProxy(httpx.URL(url).port) as proxy:
        flag = writer_of(f"http://127.0.0.1:{proxy.port}", name)
        held = await flag._seen(flag._line.until())
        await proxy.spoil(Fault(cut=0))
        with pytest.raises(AnswerError, match="connection lost"):
            await flag._patch(held, 25, flag._line.until(), tested=False)
        await proxy.heal()
        assert (await flag.read(T0)).percent == 25
        await proxy.spoil(Fault(refuse=True))
        with pytest.raises(FlagError):
            await flag.write(50)
        await proxy.heal()
        assert (await flag.read(T0)).percent == 25
        await flag.aclose()
