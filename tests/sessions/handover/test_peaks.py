"""The peaks of a night, asked of a history that holds thousands of readings, against the same told one by one."""

import math
import random
import sqlite3
from contextlib import closing

import pytest
from msgspec.structs import replace

from sessions.criteria.windows import WHOLE
from sessions.handover.absence import since_last
from sessions.handover.peaks import Peaks, error_share, peaks
from sessions.history.history import History
from sessions.history.queries import Look
from sessions.values import readings as r
from tests.support.build import PLAN, T0, after, pulse, window
from tests.support.sessions.flight import in_phase

NIGHT = 30_000
LENGTH = int(PLAN.windows.length)


@pytest.fixture
def history(tmp_path):
    with closing(History(tmp_path / "history.sqlite")) as opened:
        yield opened


def away(since=0, back=NIGHT):
    state = in_phase(at=-3600).state
    return state, since_last(state, Look(after(since), state.seq), after(back))


def asked(history, since=0, back=NIGHT):
    found = peaks(history.highest, *away(since, back))
    assert history.fault == ""
    return found


def night(seed):
    """Windows of 60 endpoints, beats of 12 journeys, tickets, pulses: 8,000 readings and more, many no proof."""
    rng = random.Random(seed)
    rows = []
    for endpoint in range(60):
        for start in range(-4 * LENGTH, NIGHT + LENGTH, LENGTH):
            facts = {"p95_ms": rng.choice([None, rng.uniform(100, 900)]), "covered": rng.choice([1.0, 0.95, 0.5])}
            facts["requests"] = rng.choice([0.0, 19.0, 20.0, 200.0, 450.5])
            rows.append(window(f"GET /{endpoint}", after(start), errors=float(rng.randrange(9)), **facts))
    for at in range(-600, NIGHT + 600, 300):
        rows += [r.Beat("m", after(at), f"j{n}", T0, after(at - rng.randrange(900)), 9) for n in range(12)]
        rows.append(r.Tickets("m", after(at), rng.randrange(30), None, (), 0))
        rows += [pulse(topic, after(at)) for topic in r.Topic]
    return rows


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_night_of_thousands_has_the_peaks_that_one_by_one_has(history, seed):
    rows = night(seed)
    assert len(rows) > 8_000
    history.add(rows)
    found = asked(history)
    whole = [
        one
        for one in rows
        if isinstance(one, r.Traffic)
        and one.end > T0
        and one.end <= after(NIGHT)
        and one.requests >= PLAN.windows.min_requests
        and one.covered >= WHOLE
    ]
    beats = [one for one in rows if isinstance(one, r.Beat) and T0 <= one.at <= after(NIGHT)]
    tickets = [one for one in rows if isinstance(one, r.Tickets) and T0 <= one.at <= after(NIGHT)]
    assert found.p95.p95_ms == max(one.p95_ms for one in whole if one.p95_ms is not None)
    assert error_share(found.errors) == max(error_share(one) for one in whole)
    assert found.tickets.open == max(one.open for one in tickets)
    assert found.gap.at - found.gap.newest == max(one.at - one.newest for one in beats)


def test_nothing_measured_has_no_peaks(history):
    assert asked(history) == Peaks()


@pytest.mark.parametrize(
    "facts",
    [
        {"requests": 19.0},
        {"requests": 0.0},
        {"requests": math.nan},
        {"p95_ms": None},
        {"p95_ms": math.inf},
        {"covered": 0.5},
        {"at": after(299)},
    ],
    ids=str,
)
def test_a_window_that_proves_nothing_is_no_peak(history, facts):
    history.add([replace(window("a", T0, p95_ms=900.0), **facts), window("b", T0, p95_ms=100.0)])
    assert asked(history).p95.endpoint == "b"


@pytest.mark.parametrize(
    ("start", "counts"),
    [(-LENGTH, True), (-LENGTH - 1, False), (0, True), (NIGHT - LENGTH, True), (NIGHT - LENGTH + 1, False)],
)
def test_a_window_counts_when_part_of_it_was_away_and_all_of_it_is_over(history, start, counts):
    history.add([window("a", after(start))])
    assert (asked(history).p95 is not None) is counts


def test_only_the_latest_measurement_of_a_window_counts(history):
    early = window("a", T0, p95_ms=900.0, at=after(310))
    history.add([early, replace(early, p95_ms=300.0, at=after(400))])
    assert asked(history).p95.p95_ms == 300.0


def test_a_gap_from_before_the_phase_is_counted_from_its_start(history):
    old = r.Beat("m", after(10), "old", T0, after(-9000), 1)
    late = r.Beat("m", after(4000), "late", T0, after(-3599), 1)
    history.add([old, late, r.Beat("m", after(5000), "none", T0, None, 0)])
    assert asked(history).gap == late


def test_row_26_after_a_clock_that_was_put_back_what_was_measured_then_still_counts(history):
    state = in_phase(at=-3600)
    look = Look(after(7000), state.state.seq)
    facts = {"since": after(1000), "until": after(1000), "cause": "clock", "moved": -7200.0}
    state.write(1000, "gap.found", "the clock moved back", **facts)
    history.add([window("a", after(1200), p95_ms=812.0), r.Tickets("m", after(900), 50, None, (), 0)])
    found = peaks(history.highest, state.state, since_last(state.state, look, after(2000)))
    assert (found.p95.p95_ms, found.tickets) == (812.0, None)


def test_a_row_that_is_no_reading_hides_no_other(history, tmp_path):
    history.add([window("a", T0), window("b", T0), window("c", T0, p95_ms=700.0)])
    with closing(sqlite3.connect(tmp_path / "history.sqlite")) as db, db:
        db.execute("UPDATE readings SET body = 'torn {' WHERE subject = 'a'")
        db.execute("UPDATE readings SET body = '[1]' WHERE subject = 'b'")
    assert asked(history).p95.endpoint == "c"


def test_a_history_that_is_gone_has_no_peaks_and_says_why(tmp_path):
    history = History.open_readonly(tmp_path / "nowhere.sqlite")
    assert peaks(history.highest, *away()) == Peaks()
    assert "cannot be read (is not there)" in history.fault


def test_the_last_look_is_kept_across_a_restart_and_only_the_newest(tmp_path):
    path = tmp_path / "history.sqlite"
    with closing(History(path)) as history:
        assert history.last_look() is None
        history.look(Look(T0, 4))
        history.look(Look(after(5), 7))
    with closing(History.open_readonly(path)) as again:
        assert again.last_look() == Look(after(5), 7)
        again.look(Look(after(9), 8))
        assert again.last_look() == Look(after(5), 7)


@pytest.mark.parametrize(("at", "seq"), [("yesterday", 3), ("", 1), (T0.isoformat(), "x")])
def test_a_look_that_cannot_be_read_is_none(tmp_path, at, seq):
    path = tmp_path / "history.sqlite"
    with closing(History(path)) as history:
        history.look(Look(T0, 4))
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("UPDATE looked SET at = ?, seq = ?", (at, seq))
        assert history.last_look() is None


def test_a_history_of_an_older_cockpit_has_no_look_and_goes_on(tmp_path):
    path = tmp_path / "history.sqlite"
    with closing(History(path)) as history:
        history.add([window("a", T0)])
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE looked")
    with closing(History.open_readonly(path)) as looking:
        assert looking.last_look() is None
        assert looking.recent() == [window("a", T0)]
        assert looking.fault == ""
