"""The law over the whole gate: it is never open where the letter of the plan, read from raw facts, says no.

COCKPIT_HISTORIES says how many made-up histories are flown, COCKPIT_FIRST_HISTORY with which they begin.
"""

import os

import pytest

from tests.support.worlds import plan as p
from tests.support.worlds.flown import Flight
from tests.support.worlds.letter import stability, unmet
from tests.support.worlds.retold import retold, smallest
from tests.support.worlds.troubles import TROUBLES
from tests.support.worlds.world import NEVER, imagined

HISTORIES, BATCH = int(os.environ.get("COCKPIT_HISTORIES", "2000")), 100
FIRST = int(os.environ.get("COCKPIT_FIRST_HISTORY", "0"))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(FIRST, FIRST + HISTORIES, BATCH))
def test_the_gate_is_never_open_where_the_letter_of_the_plan_says_no(first):
    told = [retold(seed) for seed in range(first, first + BATCH)]
    lies = [one.seed for one in told if one.lies]
    assert not lies, "\n".join(map(smallest, lies[:5]))
    assert sum(one.opened for one in told) >= BATCH / 4
    assert sum(not one.opened for one in told) >= BATCH / 10


def test_all_that_can_go_wrong_does_and_is_got_over():
    wanted = {trouble.__name__ for trouble in TROUBLES}
    found, over, seed = set(), set(), 0
    while found < wanted or len(over) < len(wanted) - 4:
        assert seed < 400, (wanted - found, wanted - over)
        world, seed = imagined(seed), seed + 1
        kinds = {told.split()[0] for told in world["told"].values()}
        found |= kinds
        if kinds - over and Flight(world).fly()[-1].open:
            over |= kinds


def opened():
    """Return a history without trouble, and a moment in which its gate was open and was meant to be."""
    seed = next(seed for seed in range(100) if not imagined(seed)["told"] and imagined(seed)["source"] == "log")
    world = imagined(seed)
    at = next(moment.at for moment in Flight(world).fly() if moment.open)
    assert unmet(world, at) == []
    world["known"].clear()
    return world, at


def elsewhere(world, at):
    world["asked"][3]["flag"] = (25, "")


def unserved(world, at):
    world["served"] = 200


def dark(world, at):
    for asked in world["asked"][5:9]:
        asked["good"].discard("csat")


def asleep(world, at):
    del world["asked"][4:8]


def slow(world, at):
    for row in world["batches"][p.ENDPOINTS[0]]:
        row[2], row[4] = 0, row[4] + row[2]


def failed(world, at):
    for row in world["batches"][p.ENDPOINTS[1]][:20]:
        row[6] = sum(row[2:6])


def alone(world, at):
    world["batches"][p.ENDPOINTS[0]] = world["batches"][p.ENDPOINTS[0]][::6]


def unheard(world, at):
    world["gone"][p.ENDPOINTS[1]].append((at - 400, at - 300))


def eventless(world, at):
    world["events"] = [row for row in world["events"] if not 200 < row[0] < 800]


def twice(world, at):
    world["docs"].append([10, NEVER, world["docs"][0][2]])


def stalled(world, at):
    del world["docs"][20:]


def grave(world, at):
    world["topics"] = ("triage",)
    world["triage"].append([100, 200, "t"])
    for asked in world["asked"]:
        asked["good"].add("triage")


def cut(world, at):
    world["topics"] = ("triage",)
    world["cuts"].append((0, NEVER, 0))
    for asked in world["asked"]:
        asked["good"].add("triage")


def full(world, at):
    world["tickets"] = [[at - 100, NEVER]] * 21


def sad(world, at):
    world["scores"] = [(0, 1)] * 12


def reset(world, at):
    world["clock"] = [(at - 300, 60)]


def paused(world, at):
    world["log"] += [(300, "rollout.paused", ""), (400, "rollout.resumed", "")]


BENT = (
    elsewhere, unserved, dark, asleep, slow, failed, alone, unheard, eventless, twice, stalled, grave, cut, full, sad,
    reset, paused,
)  # fmt: skip


@pytest.mark.parametrize("bend", BENT)
def test_the_oracle_says_no_where_one_fact_is_another(bend):
    world, at = opened()
    bend(world, at)
    assert unmet(world, at)


@pytest.mark.parametrize(
    ("since", "until", "breached"),
    [(200, 300, False), (300, 320, True), (600, 660, True), (660, 680, False), (660, 800, False), (200, 800, True)],
)
def test_the_oracle_says_outage_only_of_who_surely_should_have_left_an_event(since, until, breached):
    """An event may come 72 s after its request, and a poll of each minute tells of a minute, give or take another."""
    world, at = opened()
    world["events"] = [[when, when] for when in (*range(0, 201, 50), *range(800, at, 50))]
    rows = world["batches"][p.ENDPOINTS[1]]
    world["batches"][p.ENDPOINTS[1]] = [row for row in rows if not 200 < row[0] < 800 or since < row[0] < until]
    gaps = [reason for _, reason, _ in stability(world, at) if "no event" in reason]
    assert gaps == ["no event 200-800"] * breached


@pytest.mark.parametrize(
    ("clock", "look", "breached"),
    [
        (None, 700, True),
        (505, 480, True),
        (505, 700, False),
        (445, 700, False),
        (445, 480, False),
        (385, 700, True),
        (385, 480, True),
    ],
)
def test_the_oracle_knows_a_burst_by_the_clock_of_then_and_none_that_two_clocks_dated(clock, look, breached):
    world, _ = opened()
    row = next(row for row in world["batches"][p.ENDPOINTS[0]] if row[0] >= 430)
    row[2:] = [60, 0, 0, 0, 6]
    world["clock"] = [] if clock is None else [(clock, 60)]
    assert any("spike at 480" in reason for _, reason, _ in stability(world, look)) is breached
