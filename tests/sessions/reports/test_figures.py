"""Each figure of a report against the readings and entries that it was made from, counted here by other means."""

import re
from contextlib import closing
from datetime import UTC

from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.criteria.windows import WHOLE
from sessions.gate.evaluate import judge
from sessions.handover.peaks import peaks
from sessions.history.history import History
from sessions.reports.html.curves import curves
from sessions.reports.page import drafted, saying, since_of
from sessions.reports.periods import of_day, of_flight
from sessions.reports.stakeholder_message import failed
from sessions.reports.telling import peak
from sessions.text.units import figure
from sessions.values import readings as r
from tests.support.build import PLAN, T0, after, window
from tests.support.sessions.any_log import LOGS, written
from tests.support.sessions.flight import in_phase

LENGTH = int(PLAN.windows.length)
TICKETS = next(risk.act for risk in PLAN.risks if risk.id == "support_queue")
BAD = {"breach", "act", "watch"}
WINDOWS = st.lists(
    st.tuples(
        st.sampled_from(PLAN.endpoints[:3]),
        st.integers(-2, 20),
        st.one_of(st.none(), st.floats(1, 3000)),
        st.sampled_from([0.0, 3.0, 19.0, 20.0, 480.5]),
        st.integers(0, 40),
        st.sampled_from([1.0, 0.5]),
    ),
    max_size=30,
)
QUEUES = st.lists(st.tuples(st.integers(-600, 20 * LENGTH), st.integers(0, 60)), max_size=20)


@given(LOGS, st.sampled_from(["day", "flight"]))
def test_the_spans_and_peaks_of_episodes_are_those_of_their_entries(events, what):
    pen, last = written(events)
    now = after(last + 60)
    judgement = judge(pen.state, now, UTC)
    period = of_day(judgement, T0.date(), UTC) if what == "day" else of_flight(judgement)
    draft = drafted(judgement, period, UTC)
    say = saying(judgement, period, UTC)
    texts = {row.sources: row.text for row in draft.sections["Risks"]}
    for one in draft.episodes:
        ends = [one.until or now, *(end for _, end in one.times)]
        assert one.since == min(start for start, _ in one.times)
        assert max(ends) == ends[0] <= now
        whole = (ends[0] - one.since).total_seconds()
        assert one.lasted == whole
        seconds = {int((start - T0).total_seconds()) + n for start, end in one.times
                   for n in range(int((end - start).total_seconds()))}  # fmt: skip
        assert abs(len(seconds) - one.in_force) <= len(one.times)
        text = texts.get(tuple(entry.seq for entry in one.entries), "")
        told = [entry for entry in one.entries if {entry.facts.get("verdict"), entry.facts.get("level")} & BAD]
        measured = [(entry.facts["value"], entry.facts["bound"], entry.said("unit")) for entry in told
                    if "value" in entry.facts]  # fmt: skip
        top = peak(one)
        assert (top is None) is (not measured)
        if top is not None:
            assert (top.value, top.bound, top.unit) in measured
            assert top.value == max(value for value, _, unit in measured if unit == top.unit)
        for number, bound in re.findall(r"up to ([\d.,]+)[^(]*\(bound ([\d.,]+)", text):
            assert top is not None
            said = {figure(top.value, top.unit).split()[0], figure(top.value, "%").split()[0], str(round(top.value))}
            assert number.replace(",", "") in said
            assert float(bound.replace(",", "")) == top.bound
        if text and one.until is None and not text.startswith("Watched"):
            assert text.startswith(f"Since {say.at(one.since)}")


@settings(deadline=None)
@given(WINDOWS, QUEUES)
def test_the_peaks_of_the_page_and_of_its_charts_are_those_of_the_readings(tmp_path_factory, rows, queue):
    measured = {
        (name, slot): window(name, after(slot * LENGTH), p95_ms=p95, requests=asked, errors=float(min(bad, asked)),
                             covered=covered)
        for name, slot, p95, asked, bad, covered in rows
    }  # fmt: skip
    tickets = {at: r.Tickets("mongo", after(at), count, None, (), 0) for at, count in queue}
    judgement = judge(in_phase(10).state, after(20 * LENGTH), UTC)
    period = of_flight(judgement)
    with closing(History(tmp_path_factory.mktemp("h") / "history.sqlite")) as history:
        history.add([*measured.values(), *tickets.values()])
        high = peaks(history.highest, judgement.state, since_of(period))
        drawn = curves(history.thinned, judgement.state, period)
    counted = [one for (_, slot), one in measured.items()
               if -1 <= slot <= 19 and one.requests >= PLAN.windows.min_requests and one.covered >= WHOLE]  # fmt: skip
    slow = [one.p95_ms for one in counted if one.p95_ms is not None]
    share = [100 * one.errors / one.requests for one in counted]
    waiting = [one.open for at, one in tickets.items() if 0 <= at <= 20 * LENGTH]
    told = " ".join(drafted(judgement, period, UTC, high).peaks)
    for name, values, unit, bound in (
        ("p95", slow, "ms", lambda top: top > PLAN.latency.p95_ms),
        ("errors", share, "%", lambda top: top >= PLAN.errors.share),
        ("tickets", waiting, "", lambda top: top > TICKETS),
    ):
        found = re.search(rf"\b{name} ([\d.,]+) ?(?:ms|%)? ([>≥<≤])", told)
        assert (found is None) is (not values)
        if found is not None:
            assert found[1] == figure(max(values), unit).split()[0]
            assert (found[2] in ">≥") is bound(max(values))
    for lines, values in ((drawn.p95, slow), (drawn.errors, share), ((drawn.queue,), waiting)):
        tops = [line.top[1] for line in lines if line.top]
        assert max(tops, default=None) == max(values, default=None)


@given(st.floats(0, 1e5), st.floats(0, 1e5))
def test_what_failed_and_its_share_are_of_one_window(errors, more):
    said = failed(window("GET /a", T0, requests=errors + more, errors=errors))
    found = re.match(r"(\d+) of (\d+) requests failed \((.+)\)$", said)
    if found is None:
        assert round(errors) == 0
        return
    bad, asked = int(found[1]), int(found[2])
    assert 0 < bad <= asked
    assert bad == round(errors)
    assert found[3] == figure(100 * bad / asked, "%")
