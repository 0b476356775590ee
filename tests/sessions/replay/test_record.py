"""What of a record is taken for an answer, and what for darkness: missing data is unknown, never calm."""

import pytest
from msgspec.structs import replace

from sessions.replay.course import Happening, as_judged, as_recorded
from sessions.replay.fitted import told
from sessions.replay.flight import Replay, away
from sessions.replay.limits import consequences, limits
from sessions.replay.record import recorded
from sessions.replay.spikes import WHY
from sessions.values.entries import Entry
from sessions.values.readings import Beat, Grain, Hour, Size, Tickets, Topic, Traces, Traffic
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0, after, window
from tests.support.sessions.flight import in_phase
from tests.support.sessions.kept import LATER, record_of
from tests.support.worlds.plan import PLAN as SHORT


def entered(number, at, kind, **facts):
    return Entry(number, after(at), kind, "watch", 10, kind, facts)


def begun():
    pen = in_phase(10)
    return list(pen.state.entries)


def good(record, topic):
    return [one.at for one in record.readings if getattr(one, "topic", None) is topic and one.ok]


def test_an_answer_stands_behind_each_reading():
    sizes = [Size("mongo", after(60 * number), "capsules", 5, 0) for number in range(3)]
    record = recorded(PLAN, begun(), sizes, LATER)
    assert good(record, Topic.COLLECTIONS) == [after(0), after(60), after(120)]
    assert good(record, Topic.QUEUE) == []


@pytest.mark.parametrize(
    ("dark", "topic"),
    [
        ({"kind": "verdict.turned", "criterion": "growth", "verdict": "blind", "was": "pass"}, Topic.COLLECTIONS),
        ({"kind": "risk.turned", "risk": "support_queue", "level": "blind", "was": "calm"}, Topic.QUEUE),
    ],
)
def test_what_the_log_calls_dark_answered_nothing(dark, topic):
    facts = {name: value for name, value in dark.items() if name != "kind"}
    lit = {**facts, "verdict": "pass", "level": "calm", "was": "blind"}
    turned = [entered(90, 300, dark["kind"], **facts, since=after(60)), entered(91, 430, dark["kind"], **lit)]
    rows = [
        Size("mongo", after(at), "capsules", 5, 0)
        if topic is Topic.COLLECTIONS
        else Tickets("mongo", after(at), 3, None, (), 0)
        for at in (60, 180, 300, 420, 480)
    ]
    record = recorded(PLAN, [*begun(), *turned], rows, LATER)
    assert good(record, topic) == [after(60), after(420), after(480)]


def test_a_window_is_shown_once_it_had_settled_and_its_source_answered_through_it():
    late = window("GET /concierge", T0, at=after(3000))
    record = recorded(PLAN, begun(), [late], LATER)
    shown = [one for one in record.readings if isinstance(one, Traffic) and one.covered == 1.0]
    assert [one.at for one in shown] == [after(315)]
    assert good(record, Topic.TRAFFIC)[0] == T0
    gaps = [(b - a).total_seconds() for a, b in zip(*(good(record, Topic.TRAFFIC)[n:] for n in (0, 1)), strict=False)]
    assert max(gaps) <= PLAN.cadence.traffic


def test_a_window_that_was_seen_in_part_proves_no_answer_before_its_own():
    record = recorded(PLAN, begun(), [window("GET /concierge", T0, covered=0.5)], LATER)
    assert good(record, Topic.TRAFFIC) == [after(315)]


def test_what_is_dated_later_than_now_is_left_out():
    rows = [Size("mongo", after(at), "capsules", 5, 0) for at in (0, 900)]
    assert recorded(PLAN, begun(), rows, after(600)).count == 1


def test_errors_do_not_pass_where_a_spike_may_have_been_in_minutes_that_are_gone():
    record = record_of(next(seed for seed in range(50) if passes(record_of(seed))))
    gone = [one for one in record.readings if not (isinstance(one, Traffic) and one.grain is Grain.MINUTE)]
    some = [
        replace(one, requests=9000.0, errors=9.0) if isinstance(one, Traffic) and one.covered > 0.9 else one
        for one in gone
    ]
    kept = replace(record, readings=tuple(some), shown=tuple(one.at for one in some), minutes_since=None)
    assert passes(kept)
    left = replace(kept, compacted=True)
    assert not passes(left)
    said = {
        moment.judgement.verdicts["errors"].text
        for moment in Replay(SHORT, SHORT, left).moments()
        if moment.judgement.verdicts["errors"].mark is Mark.SILENT
    }
    assert WHY in said


def passes(record):
    return as_judged(SHORT, record, Replay(SHORT, SHORT, record).moments()).times["errors"].passed > 0


def test_without_readings_nothing_is_judged_calm():
    record = record_of(1)
    empty = recorded(SHORT, record.entries, (), LATER)
    course = as_judged(SHORT, empty, Replay(SHORT, SHORT, empty).moments())
    assert all(times.passed == 0 for times in course.times.values())
    assert all(stay.opened is None for stay in course.visits)
    assert list(limits(SHORT, empty, None, None)) == [
        "no reading is kept: nothing can be judged anew, only the log speaks"
    ]


def test_a_short_history_says_from_when_on_it_can_be_judged():
    record = record_of(1)
    rows = [one for one in record.readings if one.at > after(700) and not isinstance(one, Beat)]
    short = recorded(SHORT, record.entries, rows, LATER)
    said = list(limits(SHORT, short, None, None))
    assert any("is kept: until then nothing can be judged anew" in line for line in said)
    cut = recorded(SHORT, record.entries, [one for one in record.readings if one.at < after(300)], LATER)
    assert any("from then on all turns blind" in line for line in limits(SHORT, cut, None, None))


def test_compacted_minutes_are_told():
    hour = Traces("scrape", after(60), "GET /concierge", T0, Hour(after(60)))
    record = recorded(PLAN, begun(), [hour, window("GET /concierge", T0)], LATER)
    assert record.compacted
    assert any(line.startswith("no minutes are kept") for line in limits(PLAN, record, None, None))


@pytest.mark.parametrize(
    ("bound", "p95", "over", "left"),
    [
        (400, 450.0, 0.02, 0.05),
        (400, 450.0, 0.3, 0.3),
        (400, 300.0, 0.0, None),
        (600, 650.0, 0.3, None),
        (600, 550.0, 0.3, None),
        (400, None, 0.3, None),
        (400, 450.0, None, None),
        (500, 450.0, 0.02, 0.02),
    ],
)
def test_the_share_over_another_bound_is_a_least_one_or_unknown(bound, p95, over, left):
    plan = replace(PLAN, latency=replace(PLAN.latency, p95_ms=bound))
    (row,) = told(plan, PLAN, [window("GET /concierge", T0, p95_ms=p95, over=over)])
    assert row.over == (left if left is None else pytest.approx(left))


def test_gaps_that_another_bound_allows_are_none():
    plan = replace(PLAN, gap=1200.0)
    beat = Beat("mongo", T0, "x", T0, None, 0, gaps=((after(0), after(700)), (after(800), after(2100))))
    (row,) = told(plan, PLAN, [beat])
    assert row.gaps == ((after(800), after(2100)),)


def test_time_that_nobody_watched_is_unknown_as_recorded_and_anew():
    seed = next(seed for seed in range(200) if len(away(record_of(seed).entries)) > 0)
    record = record_of(seed)
    lost = sum((until - since).total_seconds() for since, until in away(record.entries))
    for course in (
        as_recorded(SHORT, record),
        as_judged(SHORT, record, Replay(SHORT, SHORT, record).moments()),
    ):
        assert all(times.unknown >= lost - 1 for times in course.times.values())


def test_a_revert_that_was_not_flown_is_told_and_one_that_nothing_calls_for():
    record = record_of(1)
    blown = Happening(after(600), "fuse.blown", "latency_spike")
    course = replace(as_recorded(SHORT, record), happened=(blown,))
    assert any("was not flown" in line for line in consequences(record, course, None))
    burnt = replace(record, entries=(*record.entries, entered(99, 600, "fuse.blown", risk="latency_spike")))
    assert not any("nothing calls for it" in line for line in consequences(burnt, course, None))
    calm = replace(course, happened=())
    assert [line for line in consequences(burnt, calm, None) if "nothing calls for it here" in line]
