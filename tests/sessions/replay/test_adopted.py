"""A replay by a changed plan stays by it, also over the entry by which the session took new promises."""

from datetime import timedelta

from msgspec.structs import replace

from sessions.file_format.promises import CHANGED, lines_of
from sessions.plan.loader import bundled, plan_from
from sessions.replay.flight import Replay
from sessions.replay.record import recorded
from sessions.state.reducer import replay
from sessions.values.entries import Entry
from tests.support.build import T0


def entries(table):
    plan = {"plan": lines_of(table), "parts": ("latency",), "changes": ("latency p95_ms 500 -> 300",)}
    rows = [
        ("session.started", {"name": "one", "plan": "cl7"}),
        ("watch.started", {"pid": 1, "host": "here"}),
        (CHANGED, plan),
        ("note.written", {}),
    ]
    return tuple(
        Entry(number, T0 + timedelta(minutes=number), kind, "watch", 0, kind, facts)
        for number, (kind, facts) in enumerate(rows, 1)
    )


def test_the_plan_that_is_asked_about_is_judged_by_to_the_end():
    base = bundled()
    new = plan_from(
        {**base.table, "criteria": {**base.table["criteria"], "latency": {"p95_ms": 300, "spike_factor": 2}}}
    )
    asked = plan_from({**new.table, "title": "asked about"})
    record = recorded(new, entries(new.table), [], T0 + timedelta(hours=1))
    plans = {moment.judgement.state.plan.title for moment in Replay(asked, new, record).moments()}
    assert plans == {"asked about"}


def test_the_newest_promise_is_in_force_however_the_fold_begins():
    base = bundled()
    new = plan_from({**base.table, "title": "new"})
    rows = entries(new.table)
    assert replay(base, rows).plan.title == replay(new, rows).plan.title == "new"
    broken = replace(rows[2], facts={**rows[2].facts, "plan": ("nonsense = [",)})
    assert replay(base, (*rows[:2], broken)).plan.title == base.title
