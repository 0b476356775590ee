"""One line of a chart, thinned: no peak of it is lost, and no more points than were asked for."""

from contextlib import closing

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions.handover.peaks import OPEN, P95_OF_WHOLE
from sessions.history.history import History
from sessions.history.queries import Worth
from sessions.values import readings as r
from tests.support.build import PLAN, T0, after, window

LENGTH = int(PLAN.windows.length)


def tickets(at, count):
    return r.Tickets("mongo", after(at), count, None, (), 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 9_999), st.integers(0, 40)), max_size=80), st.sampled_from([7, 250, 20_000]))
def test_of_each_stretch_the_highest_is_kept_and_nothing_else(tmp_path_factory, measured, step):
    rows = [tickets(at, count) for at, count in dict(measured).items()]
    with closing(History(tmp_path_factory.mktemp("h") / "history.sqlite")) as history:
        history.add([*rows, tickets(-50, 99), tickets(20_000, 99)])
        found = history.thinned(Worth("tickets", OPEN), "", T0, after(10_000), step)
        assert history.fault == ""
    best = {}
    for row in rows:
        stretch = int((row.at - T0).total_seconds() / step)
        best[stretch] = max(best.get(stretch, 0), row.open)
    assert [row.open for row in found] == [best[stretch] for stretch in sorted(best)]
    assert all(row in rows for row in found)


def test_each_subject_is_a_line_of_its_own_and_what_is_no_proof_is_no_point(tmp_path):
    with closing(History(tmp_path / "history.sqlite")) as history:
        history.add(
            [
                window("GET /a", T0, p95_ms=300.0),
                window("GET /a", after(LENGTH), p95_ms=900.0, requests=3.0),
                window("GET /a", after(2 * LENGTH), p95_ms=None),
                window("GET /a", after(3 * LENGTH), p95_ms=310.0),
                window("GET /b", T0, p95_ms=999.0),
            ]
        )
        asked = Worth("window", P95_OF_WHOLE, 20.0)
        found = history.thinned(asked, "GET /a", T0, after(9_000), LENGTH / 2)
        assert [(one.start, one.p95_ms) for one in found] == [(T0, 300.0), (after(3 * LENGTH), 310.0)]
        assert history.thinned(asked, "GET /none", T0, after(9_000), LENGTH / 2) == []
