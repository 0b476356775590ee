"""A database whose address a command prints: where the login is refused it is logged into anew, and goes on."""

import gc
import json
import re
import warnings
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from cockpit.settings.models.mongo import Mongo
from cockpit.settings.models.settings import Settings
from cockpit.settings.schema.secrets import Secret
from cockpit.sources.interface.source import Order, SourceError
from cockpit.sources.journey.source import JourneyRunner
from cockpit.sources.mongo.login import Renewed, logged_in
from cockpit.sources.opening import Opener
from sessions.values.readings import Pulse, Topic
from tests.cockpit.sources.database.test_mongo_rights import uri
from tests.support.build import PLAN, T0, after
from tests.support.peers.minting import PRINTED, Mint, word
from tests.support.sources.ordering import SLOW
from tests.support.sources.walking import ran, settings_of

pytestmark = pytest.mark.xdist_group("mongo with logins")
BROKEN = "command mint for a secret: exit 1, nothing printed"
SPEC = Mongo(uri=PRINTED, database="shop")
LOG = replace(SPEC.requests, collection="requests")


@pytest.fixture(autouse=True)
def _left_sockets():
    """The driver leaves sockets of refused connections to the garbage collector: let that be said here and nowhere."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


class Vault(Mint):
    """Prints an address whose password is right from the run `good` on."""

    def __init__(self, server, good):
        super().__init__()
        self.server, self.good = server, good

    def run(self, argv):
        number = int(re.search(r"\d+", super().run(argv))[0])
        return uri(self.server, "reader", "pw" if number >= self.good else word(number))


async def opened(vault, spec=SPEC):
    settings = Settings(sources={"shop": spec})
    return await Opener(settings, SLOW, vault.secrets()).openings()[0].open()


@pytest.mark.parametrize(("spec", "topics"), [(SPEC, 7), (replace(SPEC, topics=(), requests=LOG), 1)])
async def test_a_login_that_is_refused_is_renewed_in_the_same_look(guarded, spec, topics):
    vault = Vault(guarded, good=2)
    source = (await opened(vault, spec))[-1]
    assert vault.ran == 0, "nothing is asked for before something is"
    assert (len(source.topics), source.deadline) == (topics, 20)
    found = [one for one in await source.read(datetime.now(UTC)) if isinstance(one, Pulse)]
    assert {one.topic for one in found if one.reason != "login refused"} == set(source.topics)
    assert vault.ran == 2
    await source.aclose()


async def test_a_login_that_stays_refused_says_why_and_makes_no_storm(guarded):
    vault = Vault(guarded, good=99)
    (source,) = await opened(vault)
    said = set()
    for look in range(4):
        with pytest.raises(SourceError) as caught:
            await source.read(after(15 * look))
        said.add(str(caught.value))
    assert {one.partition(",")[0] for one in said} == {"login refused"}
    assert all("command mint for a secret: what it printed is refused too" in one for one in said)
    assert vault.ran == 2
    await source.aclose()


async def test_a_journeys_look_logs_in_anew(guarded, httpserver):
    httpserver.expect_request("/capsules").respond_with_json({"now": "held"})
    settings, problems = settings_of(f"""
        [sources.db]
        kind = "mongo"
        uri = {{ command = {json.dumps(PRINTED.argv)} }}
        database = "shop"
        [sources.wf7]
        kind = "journey"
        url = "{httpserver.url_for("")}"
        database = "db"
        steps = [{{ name = "make", path = "/capsules", capture = {{ now = "now" }} }}]
        looks = [
            {{ collection = "capsules", where = {{ status = "{{now}}" }}, within = "20s" }},
            {{ collection = "capsules", where = {{ status = "{{now}}" }}, within = "20s" }},
        ]
    """)
    assert problems == []
    vault = Vault(guarded, good=2)
    order = Order("wf7", PLAN, vault.secrets(), None, settings.sources)
    run, _ = await ran(JourneyRunner(order, settings.sources["wf7"]))
    assert run.ok, run.lines
    assert vault.ran == 2
    broken = Vault(guarded, good=99)
    order = Order("wf7", PLAN, broken.secrets(), None, settings.sources)
    run, _ = await ran(JourneyRunner(order, settings.sources["wf7"]))
    assert not run.ok
    assert run.lines[-1].startswith("capsules: login refused")
    assert broken.ran == 2


@dataclass
class Base:
    """A source that says what `script` holds, one after the other, and notes how it was opened."""

    order: Order
    address: str
    script: list
    closed: bool = False
    name: str = "shop"
    topics: tuple = (Topic.QUEUE, Topic.CSAT)
    interval: float = 7.0
    deadline: float = 3.0

    async def read(self, now):
        said = self.script.pop(0)
        if isinstance(said, str):
            raise SourceError(said)
        return [Pulse("shop", now, topic, ok=not why, reason=why) for topic, why in said.items()]

    async def aclose(self):
        self.closed = True
        raise RuntimeError("whatever a driver does at its end")


@dataclass
class Bases:
    """Opens bases; an address in `bad` is none."""

    script: list
    bad: str = ""
    made: list = field(default_factory=list)

    def begin(self, order, address):
        if address == self.bad:
            raise SourceError("no usable MongoDB address")
        self.made.append(Base(order, address, self.script))
        return self.made[-1]


FINE, OUT, NOT_LET = {Topic.QUEUE: ""}, {Topic.QUEUE: "login refused"}, {Topic.QUEUE: "not allowed"}
OTHER = {Topic.CSAT: "not allowed"}

SCRIPTS = [
    ("all is well", [FINE, FINE], 1),
    ("refused at the door", [FINE, "login refused", FINE], 2),
    ("refused while it rests", [FINE, "login refused, asked again at 10:00:00 UTC", FINE], 2),
    ("one topic finds the login refused", [FINE, OUT, FINE], 2),
    ("what was allowed is not any more: the user was dropped", [FINE, NOT_LET, FINE], 2),
    ("what was never allowed is for lack of rights", [NOT_LET, NOT_LET], 1),
    ("nor does another topic's good answer make it so", [FINE, OTHER, OTHER], 1),
    ("all is shut at once", [FINE, "not allowed", FINE], 2),
    ("nobody answers", [FINE, "no server", FINE], 1),
]


@pytest.mark.parametrize(("script", "opened_"), [row[1:] for row in SCRIPTS], ids=[row[0] for row in SCRIPTS])
async def test_when_a_base_is_opened_anew(script, opened_):
    mint, bases = Mint(), Bases(list(script))
    order = Order("shop", PLAN, mint.secrets(), None, {})
    source = logged_in(order, SPEC, (Topic.QUEUE, Topic.CSAT), bases.begin)
    at = 0
    while bases.script:
        at += 15
        with suppress(SourceError):  # "no server" stays one
            await source.read(after(at))
    assert [base.address for base in bases.made] == [word(number) for number in range(1, opened_ + 1)]
    assert [base.closed for base in bases.made] == [True] * (opened_ - 1) + [False]
    if opened_ == 2:
        assert bases.made[1].order.since == after(15), "it goes on from its last answer"
    assert mint.ran == opened_


async def test_what_is_no_address_is_asked_for_again():
    mint, bases = Mint(), Bases([FINE], bad=word(1))
    source = Renewed(Order("shop", PLAN, mint.secrets(), None, {}), SPEC, (Topic.QUEUE,), bases.begin)
    (pulse,) = await source.read(T0)
    assert (pulse.ok, mint.ran) == (True, 2)


async def test_before_its_address_is_known_it_has_the_pace_of_the_settings():
    mint, bases = Mint(), Bases([FINE])
    mint.broken = BROKEN
    order = Order("shop", PLAN, mint.secrets(), None, {})
    source = Renewed(order, replace(SPEC, timeout=4.0), (Topic.QUEUE,), bases.begin)
    assert (source.interval, source.deadline) == (PLAN.cadence.mongo, 4.0)
    with pytest.raises(Exception, match=BROKEN):
        await source.read(T0)
    mint.broken, mint.clock = "", 10.0
    await source.read(T0)
    assert (source.interval, source.deadline) == (7.0, 3.0)
    with pytest.raises(RuntimeError):
        await source.aclose()


async def test_an_address_of_the_environment_is_opened_at_once():
    bases = Bases([])
    order = Order("shop", PLAN, Mint().secrets(URI="mongodb://h"), None, {})
    assert logged_in(order, replace(SPEC, uri=Secret("${URI}")), (), bases.begin) is bases.made[0]
    assert vars(bases.made[0])["address"] == "mongodb://h"
