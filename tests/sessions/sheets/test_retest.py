"""Returns and CSAT beside what was measured just before the phase: the history's own figures, or why there are none."""

import contextlib
from datetime import UTC, timedelta

import pytest
from msgspec.structs import replace

from sessions.gate.evaluate import judge
from sessions.history.history import History
from sessions.sheets.past import Before
from sessions.sheets.sheet import before_of, sheet_of
from sessions.values import readings as r
from sessions.values.sheets import KINDS
from sessions.values.verdicts import Mark
from tests.sessions.sheets.test_sheets import TASKS
from tests.support.build import PLAN
from tests.support.screen.grown_flight import ENTERED, NOW, mongo
from tests.support.screen.sample import calm, calm_flight, unborn

TASK = "p3.retest"


def returns(minutes, *statuses, stuck=0):
    at = ENTERED - timedelta(minutes=minutes)
    return r.Returns("mongo", at, statuses, sum(count for _, count in statuses), stuck)


def csat(minutes, answers, low):
    return r.Csat("mongo", ENTERED - timedelta(minutes=minutes), answers, low)


BEFORE = (returns(2, ("requested", 7), ("refused", 3), stuck=1), csat(2, 30, 6))


class Silent:
    """A history that fails whoever asks it."""

    def highest(self, *_):
        raise AssertionError("asked")

    newest = series = highest


@pytest.fixture
def told(tmp_path):
    """Return a function that lays the retest out by a history that holds these readings."""
    with contextlib.closing(History(tmp_path / "history.sqlite")) as held:

        def rows(*kept, judgement=None):
            now = judgement or calm()
            held.add(kept)
            sheet = sheet_of(now, TASK, (), UTC, before_of(now, TASK, held))
            return {row.what: row for row in sheet.rows}

        yield rows


def test_each_figure_stands_beside_the_one_of_before_the_phase(told):
    found = told(*BEFORE)
    values = {what: row.value for what, row in found.items() if " · before " in row.value}
    assert values == {
        "Returns: in progress": "31 · before 10",
        "Returns: not moved for 1d00h": "2 · before 1",
        "Returns: state requested": "12 · before 7",
        "Returns: state in transit": "17 · before –",
        "Returns: state received": "2 · before –",
        "Returns: state refused": "– · before 3",
        "CSAT: answers in 1h00m": "41 · before 30",
        "CSAT: low (1 or 2 of 5)": "3, 7.3 % · before 6, 20 %",
        "CSAT: may be": "1.9 % to 25 % · before 7.6 % to 43 %",
    }
    for section in ("Returns", "CSAT"):
        when = found[f"{section}: before"]
        assert (when.value, when.at) == ("measured 2m00s before 25 % was entered", ENTERED - timedelta(minutes=2))
        assert section not in found
    assert found["Returns: not moved for 1d00h"].mark is Mark.THIN


@pytest.mark.parametrize(
    ("minutes", "known"),
    [(0.001, True), (0, False), (14.9, True), (15.1, False), (-0.001, False), (600, False)],
)
def test_only_what_was_measured_shortly_before_is_what_was_before(told, minutes, known):
    found = told(returns(minutes, ("requested", 7)), csat(minutes, 30, 6))
    assert ("Returns: before" in found, "CSAT: before" in found) == (known, known)
    for section in ("Returns", "CSAT"):
        lacks = found.get(section)
        assert (lacks is None) is known
        if lacks is not None:
            assert lacks.value == "nothing was measured in the 15m00s before 25 % was entered"
            assert lacks.mark is Mark.BLIND
    assert any("before" in row.value for row in found.values())


def test_one_of_them_may_be_known_without_the_other(told):
    found = told(csat(3, 30, 0))
    assert found["CSAT: low (1 or 2 of 5)"].value == "3, 7.3 % · before 0, 0.0 %"
    assert found["Returns"].mark is Mark.BLIND
    assert found["Returns: in progress"].value == "31"


def test_without_answers_nothing_is_made_up(told):
    found = told(csat(3, 0, 0))
    assert found["CSAT: low (1 or 2 of 5)"].value == "3, 7.3 % · before –"
    assert found["CSAT: answers in 1h00m"].value == "41 · before 0"


@pytest.mark.parametrize(
    ("before", "why"),
    [(None, "what was before this phase is not known"), (Before(), "there is no phase before this one")],
)
def test_without_a_past_it_says_why(before, why):
    rows = {row.what: row for row in sheet_of(calm(), TASK, (), UTC, before).rows}
    assert (rows["Returns"].value, rows["CSAT"].value) == (why, why)
    assert rows["Returns: in progress"].value == "31"


def test_before_the_first_phase_there_is_none_before():
    assert before_of(unborn(), TASK, Silent()) == Before()


@pytest.mark.parametrize(("minutes", "old"), [(12, "48m00s of the 1h00m"), (59, "1m00s of the 1h00m"), (61, "")])
def test_answers_of_before_a_young_phase_are_told(minutes, old):
    state = mongo(calm_flight(), at=NOW).state
    young = judge(replace(state, entered_at=NOW - timedelta(minutes=minutes)), NOW, UTC)
    rows = {row.what: row.value for row in sheet_of(young, TASK, (), UTC).rows}
    assert rows.get("CSAT: older than this phase", "") == old


def test_what_is_no_longer_measured_is_not_well_beside_what_was(told):
    dark = mongo(calm_flight(), at=NOW).judged(NOW + timedelta(hours=1))
    found = told(*BEFORE, judgement=dark)
    assert found["Returns: in progress"].value == "31 · before 10"
    assert not [row for what, row in found.items() if row.mark is Mark.PASS and what.startswith(("Returns", "CSAT"))]
    assert found["Returns"].mark is Mark.BLIND


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_compares_asks_the_history(kind):
    task = next(one for one, sheet in TASKS.items() if sheet == kind)
    if kind in {"retest", "analytics"}:
        with pytest.raises(AssertionError, match="asked"):
            before_of(calm(), task, Silent())
    else:
        assert before_of(calm(), task, Silent()) is None
    assert PLAN.sheet(task) == kind
