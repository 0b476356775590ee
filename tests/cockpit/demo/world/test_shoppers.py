"""The world without sockets: shoppers, shop and back office on a clock that the test turns."""

import asyncio
import math
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.demo.world.backoffice import Backoffice
from cockpit.demo.world.document_writer import LIMIT, Records
from cockpit.demo.world.flag_file import Flags
from cockpit.demo.world.scenarios import CALM, Effects, Scene
from cockpit.demo.world.seed import EXPOSURE_HOURS, past
from cockpit.demo.world.shop import GROWS, Shop
from cockpit.demo.world.traffic.monitor import EVERY, STEPS
from cockpit.demo.world.traffic.shoppers import RETRIES, VISITS_PER_HOUR, Shoppers
from tests.support.build import PLAN, T0

HOUR = 3600.0
STEP = 15.0


class Shelf(Records):
    """Records that stay in memory; old ones are pruned by their date."""

    def __init__(self, seed):
        super().__init__(None, sum(len(documents) for documents in seed.values()))
        self.held = {name: list(documents) for name, documents in seed.items()} | {"exposures": [], "request_log": []}

    def insert(self, collection, document):
        return super().insert(collection, document) and self._keep(collection, dict(document))

    def upsert(self, collection, key, document):
        return super().upsert(collection, key, document) and self._keep(collection, {**key, **document})

    def _keep(self, collection, document):
        self.held[collection].append(document)
        return True

    def update(self, collection, which, change):
        for document in self.held[collection] if collection in ("stylistTickets", "triage_log") else ():
            if document.get("_id") == which["_id"]:
                document.update(change)

    async def flush(self):
        self._pending.clear()

    async def delete(self, collection, which):
        (field, rule), before = next(reversed(which.items())), self.held[collection]
        if "$in" in rule:
            kept = [doc for doc in before if doc.get(field) not in rule["$in"]]
        else:
            kept = [doc for doc in before if field not in doc or doc[field] >= rule["$lt"]]
        self.held[collection], gone = kept, len(before) - len(kept)
        self.total -= gone
        return gone


class Town:
    def __init__(self, percent=10, seed=1):
        self.now = T0
        self.scene = Scene(1.0, Flags(percent))
        documents = past(PLAN, random.Random(seed), T0)
        self.records = Shelf(documents)
        self.shop = Shop(PLAN, self.scene, self.records, documents)
        self.shoppers = Shoppers(PLAN, self.scene, random.Random(seed + 1), documents)
        self.chance = random.Random(seed + 3)
        self.office = Backoffice(self.scene, self.shop, self.records, random.Random(seed + 2), T0)

    def live(self, hours, look=lambda: None, step=STEP):
        asyncio.run(self._live(hours, look, step))

    async def _live(self, hours, look, step):
        for _ in range(int(hours * HOUR / step)):
            begun, self.now = self.now, self.now + timedelta(seconds=step)
            for endpoint in self.shoppers.bodies:
                for at in sorted(self._arrivals(endpoint, begun, step)):
                    self.answered(self.shop.answer(endpoint, self.shoppers.bodies[endpoint](), at))
            if not self.scene.effects.unwalked:
                self._walks(begun, step)
            await self.office.work(self.now)
            await self.records.flush()
            look()

    def _arrivals(self, endpoint, begun, step):
        """The moments of a step at which shoppers come: as many as chance has it."""
        apart, rate = 0.0, self.shoppers.per_hour(endpoint) / HOUR
        while rate and (apart := apart + self.chance.expovariate(rate)) < step:
            yield begun + timedelta(seconds=apart)

    def _walks(self, begun, step):
        """Every step of the monitor's walks, one with the flag and one without it in `EVERY` seconds."""
        since = (begun - T0).total_seconds()
        for number in range(math.ceil(since / EVERY * 2), math.ceil((since + step) / EVERY * 2)):
            for endpoint in STEPS:
                at = T0 + timedelta(seconds=number * EVERY / 2)
                self.answered(self.shop.rehearse(endpoint, {"runId": f"monitor-{number}"}, at))

    @staticmethod
    def answered(reply):
        assert reply[0] == 200

    @property
    def queue(self):
        return len(self.shop.tickets)

    def count(self, collection):
        return len(self.records.held[collection])


@pytest.mark.parametrize("percent", [0, 10, 25, 100])
def test_collections_grow_as_the_plan_promises_at_each_share(percent):
    town = Town(percent)
    before = {item.name: town.count(item.name) for item in PLAN.collections}
    town.live(50, step=60)
    for item in PLAN.collections:
        expected = item.per_hour * 50 * percent / 100
        come = town.count(item.name) - before[item.name]
        assert come == pytest.approx(expected, abs=4 * math.sqrt(expected))
        keys = [tuple(doc[field] for field in item.key) for doc in town.records.held[item.name]]
        assert len(keys) == len(set(keys))


def test_the_queue_stays_calm_and_content():
    town, queue, low = Town(100), [], []

    def look():
        queue.append(town.queue)
        recent = [doc["score"] for doc in town.records.held["csat"] if doc["ts"] > town.now - timedelta(hours=1)]
        low.append(sum(score <= 2 for score in recent) / len(recent))
        assert len(recent) > 10

    town.live(24, look, step=60)
    assert 6 <= min(queue) <= max(queue) <= 13
    assert max(low) < 0.2


@pytest.mark.parametrize(("switches", "slowest"), [((), 120), (("sla-message",), 60)])
def test_a_flood_rises_over_twenty_and_drains(switches, slowest):
    town = Town()
    town.live(1)
    town.scene.effects = Effects(tickets=6.0)
    town.live(4 / 60)
    town.scene.effects = CALM
    assert 26 <= town.queue <= 44
    town.scene.flags = Flags(10, frozenset(switches))
    minutes = 0
    while town.queue >= 15:
        town.live(1 / 60)
        minutes += 1
        assert minutes <= slowest
    assert minutes > 15


@pytest.mark.parametrize("percent", [0, 10, 100])
def test_the_monitor_keeps_every_journey_from_a_gap_and_every_pool_full(percent):
    town = Town(percent)
    town.live(4)
    for journey in PLAN.journeys:
        beats = sorted(doc["ts"] for doc in town.records.held["analytics_events"] if doc["journey"] == journey.id)
        gaps = [after - before for before, after in zip(beats, [*beats[1:], town.now], strict=True)]
        assert max(gaps) <= timedelta(seconds=EVERY)
    assert 2 * PLAN.windows.pool / EVERY >= 2 * PLAN.windows.min_requests


def test_without_the_monitor_a_rare_journey_has_gaps():
    town = Town(10)
    town.scene.effects = Effects(unwalked=True)
    town.live(4)
    beats = sorted(doc["ts"] for doc in town.records.held["analytics_events"] if doc["journey"] == "capsule_created")
    gaps = [(after - before).total_seconds() for before, after in zip(beats, [*beats[1:], town.now], strict=True)]
    assert max(gaps) > PLAN.gap


def test_shoppers_are_as_rare_as_the_plan_says():
    for percent in (0, 10, 100):
        shoppers = Town(percent).shoppers
        for endpoint, name in GROWS.items():
            expected = next(item.per_hour for item in PLAN.collections if item.name == name) * percent / 100
            assert shoppers.per_hour(endpoint) * (1 - RETRIES) == pytest.approx(expected)


def test_a_whole_flight_with_its_week_stays_below_the_limit():
    town, most = Town(100), [0]

    def look():
        most[0] = max(most[0], town.records.total)

    town.live(24 * 8 + 12, look, step=60)
    assert most[0] <= LIMIT - 1500  # the log of requests holds five hundred beside them
    assert town.records.total == sum(len(documents) for documents in town.records.held.values())
    assert town.count("capsules") == pytest.approx(600 + 24 * (24 * 8 + 12), abs=4 * 70)


def test_a_full_world_stops_growing_and_keeps_room_for_events():
    town = Town(100)
    town.records.total = LIMIT - 1000
    before = town.count("analytics_events")
    town.live(2)
    assert town.count("capsules") == 600
    assert town.count("analytics_events") > before
    assert town.records.total <= LIMIT


def test_low_scores_crowd_the_hour_and_are_gone_with_it():
    town = Town()
    town.live(1)

    def low():
        recent = [doc["score"] for doc in town.records.held["csat"] if doc["ts"] > town.now - timedelta(hours=1)]
        return 100 * sum(score <= 2 for score in recent) / len(recent)

    assert low() < 10
    town.scene.effects = Effects(upset=3.0)
    town.live(10 / 60)
    town.scene.effects = CALM
    assert low() > 40
    town.live(1.1)
    assert low() < 10


def test_a_critical_line_is_open_while_the_scenario_wants_it_and_resolved_afterwards():
    town = Town()

    def critical():
        return [doc["resolved"] for doc in town.records.held["triage_log"] if doc["level"] == "critical"]

    for effects, lines in ((CALM, []), (Effects(critical=True), [False]), (CALM, [True])):
        town.scene.effects = effects
        town.live(0.1)
        assert critical() == lines


def test_a_mute_journey_writes_no_events_though_its_traffic_goes_on():
    town = Town()
    town.scene.effects = Effects(mute=frozenset({"return_started"}))
    town.live(0.5)
    fresh = [doc["journey"] for doc in town.records.held["analytics_events"] if doc["ts"] > T0]
    assert {journey.id for journey in PLAN.journeys} - set(fresh) == {"return_started"}


def test_returns_move_on_except_those_that_are_stuck():
    town = Town(25)
    town.live(30)
    waiting = [doc for doc in town.shop.moving if town.now - doc["updatedAt"] > timedelta(hours=24)]
    assert waiting == []
    stuck = [doc for doc in town.records.held["returns"][:2] if doc["status"] == "in_transit"]
    assert len(stuck) == 2


def test_duplicates_are_planted_once_and_mended():
    town = Town()
    town.live(1)
    before = town.count("capsules")
    town.scene.effects = Effects(duplicates=3)
    town.live(0.05)
    keys = [(doc["shopperId"], doc["lookId"]) for doc in town.records.held["capsules"]]
    assert len(keys) - len(set(keys)) == 3
    town.scene.effects = CALM
    town.live(0.02)
    assert before <= town.count("capsules") <= before + 1


def test_only_shoppers_whom_the_flag_lets_in_come():
    shoppers = Town(25).shoppers
    assert {int(shoppers._shopper()[-2:]) for _ in range(2000)} == set(range(25))


@pytest.mark.parametrize("percent", [0, 25, 100])
def test_a_sample_of_all_visitors_tells_whom_the_flag_let_in(percent):
    town = Town(percent)
    town.live(2)
    met = town.records.held["exposures"]
    assert len(met) == pytest.approx(2 * VISITS_PER_HOUR, abs=100)
    assert all(doc["exposed"] is (int(doc["userId"][-2:]) < percent) for doc in met)
    assert {doc["flag"] for doc in met} == {PLAN.flag}
    assert 100 * sum(doc["exposed"] for doc in met) / len(met) == pytest.approx(percent, abs=6)


def test_exposures_are_forgotten_like_everything_that_is_pruned():
    town = Town(25)
    town.live(4)
    oldest = min(doc["ts"] for doc in town.records.held["exposures"])
    assert town.now - oldest <= timedelta(hours=EXPOSURE_HOURS, minutes=11)


@given(st.floats(0.1, 5000), st.integers(0, 100))
def test_visits_are_never_more_than_a_core_carries(speed, percent):
    shoppers = Town(percent).shoppers
    shoppers._scene.speed = speed
    assert shoppers.per_hour("GET /concierge") <= 120 * HOUR


def test_the_same_seed_tells_the_same_past():
    told = [past(PLAN, random.Random(seed), T0) for seed in (3, 3, 4)]
    assert told[0] == told[1] != told[2]


def test_the_past_has_hostile_titles_in_the_open_queue_and_stuck_returns():
    told = past(PLAN, random.Random(1), T0)
    titles = [doc["title"] for doc in told["stylistTickets"] if doc["status"] == "open"]
    assert len(titles) == 8
    for nasty in ("[/]", "[@click=app.quit]", "\x1b["):
        assert any(nasty in title for title in titles)
    stuck = [
        doc
        for doc in told["returns"]
        if doc["status"] != "refunded" and T0 - doc["updatedAt"] > timedelta(seconds=PLAN.queue.stuck)
    ]
    assert len(stuck) == 2
    expiring = [doc for doc in told["capsules"] if doc["expiresAt"] - T0 < timedelta(seconds=PLAN.queue.expiry)]
    assert 40 <= len(expiring) <= 200
    assert sum(len(documents) for documents in told.values()) < 3000


@pytest.mark.parametrize("percent", [0, 10, 50, 100])
def test_only_those_with_the_flag_use_the_feature(percent):
    shoppers = Town(percent).shoppers
    for endpoint in shoppers.bodies:
        had = [shoppers.has_flag(endpoint, shoppers.bodies[endpoint]()) for _ in range(2000)]
        wanted = 1.0 if endpoint in GROWS else percent / 100
        assert sum(had) / len(had) == pytest.approx(wanted, abs=0.05)
