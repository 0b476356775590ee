"""Outside the hours of the plan the gate holds; a reason overrules it, and it never holds a revert."""

from datetime import UTC, timedelta

import pytest
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.plan.loader import plan_from
from sessions.values.requests import Act
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, after
from tests.support.sessions.acting import PERCENTS, REASON, ask, due, ready
from tests.support.sessions.flight import all_is_well, in_phase, ticked


def hours(percent, **advance):
    """Return the state of a session whose gate is open but for its hours, and the moment."""
    pen = ready(percent)
    return replace(pen.state, plan=plan_from({**PLAN.table, "advance": advance})), after(due(percent))


def closing(now):
    """Return hours that end a minute before `now`, and open in the next morning."""
    return f"00:00-{(now - timedelta(minutes=1)):%H:%M}"


@pytest.mark.parametrize("percent", PERCENTS[:-1])
def test_it_holds_outside_the_hours_and_the_forecast_knows_when_it_opens(percent):
    state, now = hours(percent, hours=closing(after(due(percent))))
    gate = judge(state, now, UTC).gate
    (held,) = gate.blockers
    assert (held.name, held.mark, held.text) == (
        "hours",
        Mark.WARMING,
        f"closed until {now + timedelta(days=1):%a} 00:00",
    )
    assert gate.earliest == held.eta == (now + timedelta(days=1)).replace(hour=0, minute=0, second=0)


@pytest.mark.parametrize("percent", PERCENTS[:-1])
def test_within_them_it_is_as_it_was(percent):
    state, now = hours(percent, closed=["2020-01-01"])
    assert judge(state, now, UTC).gate.open


def test_the_last_phase_has_no_hours():
    state, now = hours(100, hours=closing(after(due(100))))
    assert "hours" not in [row.name for row in judge(state, now, UTC).gate.conditions]


def test_a_forecast_that_falls_into_closed_hours_waits_for_the_opening():
    early = after(due(10) - 1000)
    state = ticked(all_is_well(in_phase(10).state, early))
    eta = judge(state, early, UTC).gate.earliest
    closed = replace(state, plan=plan_from({**PLAN.table, "advance": {"hours": f"00:00-{eta:%H:%M}"}}))
    gate = judge(closed, early, UTC).gate
    assert [row.name for row in gate.blockers] == ["soak"]
    assert gate.earliest == (eta + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def test_overruling_takes_a_reason_and_a_revert_takes_nothing():
    state, now = hours(10, hours=closing(after(due(10))))
    assert ask(state, Act.ADVANCE, at=now, percent=25).refusal
    assert ask(state, Act.ADVANCE, at=now, percent=25, override=True, reason=REASON).move is not None
    assert ask(state, Act.REVERT, at=now).move is not None
