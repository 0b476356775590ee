"""What a plan's own numbers say of its traffic: which endpoint feeds which collection, and what a journey gets."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sessions.expected.promised import Promise, feeds, promises, silent_of
from sessions.plan.loader import plan_from, scaled
from sessions.plan.model import Collection, Journey
from sessions.plan.strict_table import TableError
from tests.support.build import PLAN


def plan_of(endpoints=(), collections=(), journeys=(), expected=()):
    """Return the default plan with other names: collections are (name, per_hour, flow)."""
    table = copy.deepcopy(dict(PLAN.table))
    table["endpoints"] = list(endpoints)
    criteria = table["criteria"]
    criteria["growth"]["collections"] = [
        {"name": name, "per_hour": per_hour, "flow": flow} for name, per_hour, flow in collections
    ]
    criteria["analytics"]["journeys"] = [{"id": name, "endpoints": list(ends)} for name, ends in journeys]
    table["expected"] = [{"of": name, "per_hour": per_hour} for name, per_hour in expected]
    return plan_from(table)


NONE = (("x", 0, ""),)
JOURNEY = (("seen", ()),)


@pytest.mark.parametrize(
    ("endpoints", "collection", "flow", "found"),
    [
        (["GET /concierge", "POST /capsules"], "capsules", "", "POST /capsules"),
        (["POST /api/v1/capsules"], "capsules", "", "POST /api/v1/capsules"),
        (["POST /capsules/{id}"], "capsules", "", "POST /capsules/{id}"),
        (["POST /capsules/:id"], "capsules", "", "POST /capsules/:id"),
        (["post /Capsule"], "capsules", "", "post /Capsule"),
        (["POST /stylist/tickets"], "stylistTickets", "", "POST /stylist/tickets"),
        (["POST /stylist-tickets"], "stylist_tickets", "", "POST /stylist-tickets"),
        (["POST /held"], "held_docs", "held", "POST /held"),
        (["POST /held"], "held_docs", "", ""),
        (["POST /time-capsules"], "capsules", "", ""),
        (["POST /capsules/search"], "capsules", "", ""),
        (["GET /capsules"], "capsules", "", ""),
        (["DELETE /capsules"], "capsules", "", ""),
        (["POST /v1/capsules", "POST /v2/capsules"], "capsules", "", ""),
        (["POST /capsules", "PUT /capsules/{id}"], "capsules", "", "POST /capsules"),
        (["PUT /capsules/{id}"], "capsules", "", "PUT /capsules/{id}"),
        (["POST /returns"], "orders_back", "returns", "POST /returns"),
        (["POST /returns", "POST /capsules"], "capsules", "returns", "POST /capsules"),
        (["/capsules"], "capsules", "", ""),
        (["POST "], "capsules", "", ""),
        ([""], "", "", ""),
    ],
)
def test_an_endpoint_feeds_the_collection_that_it_ends_in(endpoints, collection, flow, found):
    plan = replace(PLAN, endpoints=tuple(endpoints))
    assert feeds(plan, Collection(collection, 24, (), flow)) == found


def test_of_the_default_plan_three_endpoints_and_two_journeys_are_promised():
    found = promises(PLAN)
    assert found == {
        "POST /shortlists": Promise(36, ("shortlists",)),
        "POST /capsules": Promise(24, ("capsules",)),
        "POST /returns": Promise(12, ("returns",)),
        "capsule_created": Promise(24, ("capsules",)),
        "return_started": Promise(12, ("returns",)),
    }
    assert silent_of(PLAN) == (
        "GET /concierge",
        "POST /stylist/tickets",
        "POST /csat",
        "ticket_opened",
        "csat_answered",
    )


def test_what_the_plan_expects_comes_first():
    plan = plan_of(
        ["GET /a", "POST /b"], (("b", 10, ""),), (("both", ("GET /a", "POST /b")),), (("POST /b", 50), ("GET /a", 5))
    )
    assert {name: one.per_hour for name, one in promises(plan).items()} == {"GET /a": 5, "POST /b": 50, "both": 55}
    assert silent_of(plan) == ()
    plan = plan_of(["GET /a"], NONE, (("done", ("GET /a",)),), (("GET /a", 500), ("done", 2)))
    assert promises(plan)["done"].per_hour == 2


@pytest.mark.parametrize(
    ("collections", "journey", "known"),
    [
        ((("b", 10, ""),), ("GET /a", "POST /b"), ["POST /b"]),
        ((("b", 10, ""),), (), ["POST /b"]),
        ((("b", 0, ""),), ("POST /b",), []),
        ((("b", 10, ""),), ("POST /b", "POST /b"), ["POST /b", "j"]),
    ],
)
def test_what_is_not_known_is_not_guessed(collections, journey, known):
    plan = plan_of(["GET /a", "POST /b"], collections, (("j", journey),))
    assert sorted(promises(plan)) == sorted(known)
    assert promises(plan).get("j", Promise(10)).per_hour == 10


def test_two_collections_of_one_endpoint_grow_by_the_same_requests():
    plan = plan_of(["POST /returns"], (("returns", 12, ""), ("parcels", 20, "returns")), JOURNEY)
    assert promises(plan)["POST /returns"] == Promise(20, ("returns", "parcels"))


def test_an_expectation_of_nobody_or_said_twice_is_an_error():
    with pytest.raises(TableError) as error:
        plan_of(["GET /a"], NONE, JOURNEY, (("GET /b", 5), ("seen", 1), ("seen", 2)))
    told = [str(problem) for problem in error.value.problems]
    assert 'expected: "seen" stands twice, give each its own' in told
    assert 'expected[0].of: endpoint or journey "GET /b" is unknown, known: GET /a, seen' in told


@given(st.floats(0.1, 1000))
def test_a_faster_plan_expects_as_much_in_a_window(speed):
    plan = plan_of(["GET /a"], NONE, JOURNEY, (("GET /a", 240),))
    assert promises(scaled(plan, speed))["GET /a"].per_hour == pytest.approx(240 * speed)


def test_a_journey_without_endpoints_is_known_only_by_what_is_said():
    plan = replace(PLAN, journeys=(Journey("alone", ()),))
    assert "alone" not in promises(plan)
