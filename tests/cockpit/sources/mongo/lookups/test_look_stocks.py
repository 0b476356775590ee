"""Capsules, tickets, returns as a sheet shows them: the freshest of each state, what is stuck, what comes and goes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from bson import ObjectId

from cockpit.sources.mongo.lookups.newest_capsules import newest_capsules
from cockpit.sources.mongo.lookups.newest_tickets import newest_tickets
from cockpit.sources.mongo.lookups.returns_stuck import returns_stuck
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0
from tests.support.sources.looking import looked, only, plain, row, told
from tests.support.sources.mongo_asking import BROKEN, ago

__all__ = ["looked", "plain"]
HOUR, DAY = 3600, 86_400
QUEUE = PLAN.queue


async def test_the_freshest_capsule_of_each_state_and_those_past_their_date(looked):
    held = [
        {"_id": f"c{n}", "status": "held", "createdAt": ago(n * HOUR), "expiresAt": ago(-HOUR)} for n in range(1, 5)
    ]
    late = [{"_id": f"late{n}", "status": "HELD ", "createdAt": ago(DAY), "expiresAt": ago(n * 60)} for n in (1, 90)]
    gone = {"_id": "gone", "status": "released", "createdAt": ago(HOUR / 2), "expiresAt": ago(9)}
    await looked.insert("capsules", [*held, *late, gone])
    found = await newest_capsules(looked.desk())
    states = only(found, "Freshest")
    assert [(one.what, one.value, one.at) for one in states.rows[:1]] == [("held (4)", "c1, 1h00m old", ago(HOUR))]
    assert row(states, "released (1)").value == "gone, 30m00s old"
    stuck = only(found, "past their date")
    assert told(stuck) == [
        ("past their date", "2 capsules", "0"),
        ("expire within 1d00h", "4 capsules", ""),
        ("late90", "expired 1h30m ago", ""),
        ("late1", "expired 1m00s ago", ""),
    ]
    assert [one.mark for one in stuck.rows] == [Mark.BREACH, None, Mark.BREACH, Mark.BREACH]


async def test_without_a_field_of_the_date_the_id_tells_when_a_capsule_was_made(plain):
    made = [ObjectId.from_datetime(ago(age)) for age in (600, 60)]
    await plain.insert("capsules", [{"_id": name, "status": "held", "expiresAt": ago(-9)} for name in made])
    states = only(await newest_capsules(plain.desk()), "Freshest")
    assert (states.rows[0].at, states.rows[0].value) == (ago(60), f"{made[1]}, 1m00s old")


async def test_capsules_that_make_no_sense_are_counted_apart(looked):
    odd = [{"status": value, "expiresAt": ago(5), "createdAt": "then"} for value in (None, 7, ["held"])]
    undated = [{"status": "held", "expiresAt": value} for value in (None, "soon")]
    await looked.insert("capsules", [*odd, *undated])
    found = await newest_capsules(looked.desk())
    assert row(only(found, "Freshest"), "without a readable state").mark is Mark.BREACH
    assert row(only(found, "past their date"), "without a date to expire").value == "2 capsules"


def ticket(number, status="open", age=60.0, **more):
    title = more.pop("title", f"ticket {number}")
    return {"_id": f"t{number}", "status": status, "createdAt": ago(age), "title": title, "priority": "P3", **more}


async def test_tickets_by_age_priority_and_pace(looked):
    sla = QUEUE.sla
    rows = [ticket(n, age=60 * n) for n in range(1, 13)]
    rows += [ticket(90, age=sla + 60, priority="P1"), ticket(91, age=sla, priority="P1")]
    rows += [ticket(n, "closed", age=2 * HOUR, closedAt=ago(age)) for n, age in ((40, 60), (41, HOUR + 1), (42, 9))]
    await looked.insert("tickets", rows)
    found = await newest_tickets(looked.desk())
    ages = only(found, "by age")
    assert row(ages, "open").value == "14 tickets"
    assert (ages.rows[1].value, ages.rows[1].mark) == ("1 ticket", Mark.WARMING)
    assert ages.rows[2].what == "oldest: ticket 90"
    assert row(ages, "priority P1").value == "2 tickets, 1 of them too long"
    assert row(ages, "priority P3").value == "12 tickets"
    newest = only(found, "Newest open")
    assert [one.what for one in newest.rows] == [f"ticket {n}" for n in range(1, 11)]
    assert newest.rows[0].value == "t1, P3, 1m00s old"
    pace = only(found, "in and out")
    came = sum(row["createdAt"] >= ago(HOUR) for row in rows)
    assert [(one.value, one.bound) for one in pace.rows] == [
        (f"{came} tickets", ""),
        ("2 tickets", "fewer than came in"),
    ]
    assert row(only(found, "each state"), "closed (3)").at == ago(2 * HOUR)


async def test_titles_are_another_mans_words(looked):
    await looked.insert("tickets", [ticket(1, title="[/]\x1b[31mred\x07 " + "very " * 100), ticket(2, title=7)])
    titles = {one.what for one in only(await newest_tickets(looked.desk()), "Newest open").rows}
    assert "(no title)" in titles
    (long,) = titles - {"(no title)"}
    assert long.startswith("[/]^[[31mred^G very")
    assert len(long) <= 120


async def test_without_a_field_of_its_closing_what_went_out_is_not_told(plain):
    await plain.insert("tickets", [ticket(1)])
    went = only(await newest_tickets(plain.desk()), "in and out").rows[1]
    assert (went.value, went.bound, went.mark) == ("not told", "name its field: tickets.closed", Mark.BLIND)


async def test_returns_by_state_and_those_that_do_not_move(looked):
    rows = [
        {"_id": f"r{n}", "status": state, "updatedAt": ago(age)}
        for n, (state, age) in enumerate(
            [
                ("in_transit", QUEUE.stuck + 60),
                ("requested", QUEUE.stuck + HOUR),
                ("received", 5),
                ("refunded", QUEUE.stuck + 9),
                ("Cancelled ", QUEUE.stuck + 9),
            ]
        )
    ]
    await looked.insert("returns", rows)
    found = await returns_stuck(looked.desk())
    stuck = only(found, "do not move")
    assert [(one.what, one.at) for one in stuck.rows[1:]] == [
        ("r1", rows[1]["updatedAt"]),
        ("r0", rows[0]["updatedAt"]),
    ]
    assert stuck.rows[0].value == "2 returns"
    assert stuck.rows[1].value.startswith("requested, unmoved for ")
    assert {one.what for one in only(found, "by state").rows} == {
        "in_transit (1)", "requested (1)", "received (1)", "refunded (1)", "Cancelled (1)",
    }  # fmt: skip


async def test_returns_without_readable_dates_are_not_called_moving(looked):
    await looked.insert("returns", [{"status": "requested", "updatedAt": date} for date in BROKEN])
    found = await returns_stuck(looked.desk())
    assert "without a date" in only(found, "by state").rows[0].value or "ahead" in only(found, "by state").rows[0].value
    assert row(only(found, "do not move"), "without a readable date").value == f"{len(BROKEN)} returns"


@pytest.mark.parametrize(
    ("look", "part"), [(newest_capsules, "capsules"), (newest_tickets, "tickets"), (returns_stuck, "returns")]
)
async def test_an_empty_collection_is_a_trouble_that_says_which_and_nothing_green(looked, look, part):
    found = await look(looked.desk())
    name = getattr(looked.spec, part).collection
    assert all(one.rows == () and one.trouble.startswith(f"{name} is empty, or is not there") for one in found)


@pytest.mark.parametrize("states", [8, 9, 40])
async def test_of_many_states_the_most_frequent_are_told(looked, states):
    rows = [
        {"status": f"s{number:02}", "createdAt": ago(5), "expiresAt": T0 + timedelta(hours=1)}
        for number in range(states)
        for _ in range(states - number)
    ]
    await looked.insert("capsules", rows)
    found = only(await newest_capsules(looked.desk()), "Freshest")
    assert [one.what.split()[0] for one in found.rows[:8]] == [f"s{number:02}" for number in range(8)]
    assert [one.value for one in found.rows[8:]] == ([f"{states - 8} more"] if states > 8 else [])


async def test_the_owners_words_for_open_are_taken(looked):
    await looked.insert("tickets", [ticket(1, "Waiting"), ticket(2, "open")])
    desk = looked.desk(tickets=replace(looked.spec.tickets, open=("waiting",)))
    assert [one.what for one in only(await newest_tickets(desk), "Newest open").rows] == ["ticket 1"]
