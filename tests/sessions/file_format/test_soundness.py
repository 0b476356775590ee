"""What no cockpit wrote is damage, whatever its checksum says: whoever folds entries folds sane ones."""

from datetime import UTC, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions.actions.dispatch import decide
from sessions.actions.evidence import turns
from sessions.file_format.blocks import UnreadableError
from sessions.file_format.document import read
from sessions.file_format.soundness import EARLIEST, LATEST, Known, known_in, unsound
from sessions.gate.evaluate import judge
from sessions.handover.absence import since_last
from sessions.handover.handover import Absence, handover, words
from sessions.handover.peaks import Peaks
from sessions.reports.report import report
from sessions.safety.automatic import duties
from sessions.storage.journal import Journal, JournalError, load
from sessions.storage.replay import rebuilt
from sessions.storage.session_file import load_sound
from sessions.values.entries import KINDS, Entry
from sessions.values.requests import Act, Request
from tests.support.build import T0, after
from tests.support.sessions.files import note
from tests.support.sessions.forged import DAMAGED, FAR_AHEAD, LONG_AGO, ODD, PLAN_TABLE, course, forged, row

CL7 = known_in(PLAN_TABLE)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "session.toml"


@pytest.mark.parametrize("name", DAMAGED)
def test_what_no_cockpit_wrote_is_damage_and_nobody_adds_to_it(path, name):
    rows, told = DAMAGED[name]
    data = forged(path, rows).read_bytes()
    found, journal = load(path), Journal(path)
    assert told in found.damage.what
    assert len(found.entries) == len(rows) - 1 if "first entry" not in name else found.entries == ()
    assert journal.open(T0).damage == found.damage
    with pytest.raises(JournalError, match="restore a copy"):
        journal.append([note(1)], phase=0, now=T0)
    journal.close()
    with pytest.raises(JournalError, match=f"session.toml:{found.damage.line}: "):
        load_sound(path)
    assert path.read_bytes() == data


@pytest.mark.parametrize("name", ODD)
def test_what_is_only_odd_flies_and_is_added_to(path, name):
    data = forged(path, ODD[name]).read_bytes()
    journal = Journal(path)
    found = journal.open(T0)
    assert (found.damage, len(found.entries)) == (None, len(ODD[name]))
    journal.append([note(1)], phase=0, now=T0)
    journal.close()
    assert path.read_bytes().startswith(data)


def test_another_process_cannot_slip_it_in(path):
    rows = course()
    forged(path, rows)
    journal = Journal(path)
    journal.open(T0)
    with path.open("ab") as file:
        file.write(
            forged(path.with_name("other"), [*rows, row("phase.entered", phase=33)]).read_bytes()[path.stat().st_size :]
        )
    with pytest.raises(JournalError, match=r"has a foreign entry: entry 6 enters 33 %, and the plan has no such phase"):
        journal.append([note(1)], phase=25, now=T0)
    journal.close()


@pytest.mark.parametrize(
    ("at", "ours"),
    [
        (EARLIEST, True),
        (EARLIEST - timedelta(milliseconds=1), False),
        (LATEST - timedelta(milliseconds=1), True),
        (LATEST, False),
        (LONG_AGO, False),
        (FAR_AHEAD, False),
    ],
)
def test_dates_at_both_ends_of_the_calendar(at, ours):
    assert unsound(Entry(1, T0, "note.written", "owner", 0, "x", {"since": at}), CL7) is not ours
    assert unsound(Entry(1, at, "note.written", "owner", 0, "x"), CL7) is not ours


@pytest.mark.parametrize(("percent", "ours"), [(0, True), (10, True), (11, False), (100, True)])
def test_phases_are_the_plans_and_the_preflight(percent, ours):
    assert unsound(Entry(1, T0, "phase.entered", "owner", percent, "x"), CL7) is not ours
    assert not unsound(Entry(1, T0, "phase.entered", "owner", percent, "x"), Known())


@pytest.mark.parametrize(
    "plan",
    [{}, {"phases": 3}, {"phases": [3]}, {"phases": [{"percent": [1]}]}, {"phases": []}, {"risks": [{"id": "x"}]}],
)
def test_a_plan_that_names_nothing_condemns_nothing(plan):
    assert known_in(plan) == Known()


def test_a_session_of_the_year_9999_is_no_session(path):
    with pytest.raises(JournalError, match="was created in the year 9999"):
        load(forged(path, [], {"session": {"name": "one", "created": FAR_AHEAD}}))


NAMES = st.sampled_from(["", "latency", "latency_spike", "csat", "moon", "capsules", "shortlists", "pass", "act", "P0"])
DATES = st.sampled_from([LONG_AGO, FAR_AHEAD, EARLIEST, LATEST - timedelta(days=1), T0, after(100), after(86_400)])
NUMBERS = st.sampled_from([0, 1, 25, 33, 100, -5, 10**18, 10**30, 1e308, -1e308, 0.5, 3e10, -3e10])
VALUES = st.one_of(
    NAMES, DATES, NUMBERS, st.booleans(), st.lists(NAMES), st.lists(st.one_of(NUMBERS, DATES)), st.just({"a": 1})
)
FACTS = sorted({name for names in KINDS.values() for name in names} | {"moved", "override", "targets", "by_hand"})
ROWS = st.builds(
    lambda kind, at, phase, facts: {**row(kind, at=at, phase=phase), **facts},
    st.sampled_from([*KINDS, "moon.rose"]),
    st.sampled_from([T0, after(100), after(-86_400), EARLIEST, LATEST - timedelta(days=1)]),
    st.sampled_from([0, 10, 25, 50, 100]),
    st.dictionaries(st.sampled_from(FACTS), VALUES, max_size=5),
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(ROWS, max_size=6), st.sampled_from([after(3600), after(-86_400), EARLIEST, LATEST - timedelta(days=1)]))
def test_law_whatever_can_be_read_can_be_judged_told_and_acted_on(tmp_path_factory, rows, now):
    path = tmp_path_factory.getbasetemp() / "forged.toml"
    try:
        state = rebuilt(read(forged(path, [*course(), *rows]).read_bytes()))
    except UnreadableError:
        return
    judgement = judge(state, now, UTC)
    assert state.phase in [phase.percent for phase in state.plan.phases]
    assert report(judgement, None, UTC)
    assert report(judgement, now.date(), UTC)
    assert words(handover(judgement, Absence(since_last(state, None, now), Peaks()), UTC))
    duties(judgement)
    turns(judgement)
    for act in Act:
        decide(judgement, Request(act, "cli", "latency_spike", "x", reason="y"))
