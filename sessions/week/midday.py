"""The midday: the support queue, capsules, returns and CSAT, each beside the same hour of the days before."""

from collections.abc import Callable, Iterator
from datetime import tzinfo

from sessions.gate.judgement import Judgement
from sessions.sheets.past import Moment
from sessions.state.reducer import State
from sessions.text.units import duration, figure
from sessions.values.sheets import Row, Section
from sessions.values.verdicts import Mark
from sessions.week.past import Days
from sessions.week.wording import UNKNOWN, beside, counted, day_name, of_now

_Value = Callable[[Moment], float | None]


def midday(judgement: Judgement, past: Days, tz: tzinfo | None) -> Iterator[Section]:
    """Lay out the queue, what expires, what comes back, and how people liked it."""
    state = judgement.state
    now = past.now
    yield of_now(state, past, now.tickets, Section("Support queue", tuple(_queue(state, past, tz))), tz)
    yield of_now(state, past, now.capsules, Section("Capsules", tuple(_capsules(state, past, tz))), tz)
    yield of_now(state, past, now.returns, Section("Returns", tuple(_returns(state, past, tz))), tz)
    yield of_now(state, past, now.csat, Section("CSAT", tuple(_csat(state, past, tz))), tz)


def _queue(state: State, past: Days, tz: tzinfo | None) -> Iterator[Row]:
    now, before = past.now.tickets, past.hour_ago.tickets
    bound, watch = _bounds(state, "support_queue")
    if now is None:
        yield Row("open", UNKNOWN, f"≤ {bound:g}" if bound is not None else "", None, Mark.BLIND)
    else:
        mark = _against(now.open, bound, watch)
        said = f"{now.open}{f', at least: {now.doubt}' if now.doubt else ''}"
        yield Row(
            "open",
            said,
            f"≤ {bound:g}" if bound is not None else "",
            now.at,
            Mark.THIN if now.doubt and mark is Mark.PASS else mark,
        )
        age = (now.at - now.oldest).total_seconds() if now.oldest else None
        late = age is not None and age > state.plan.queue.sla
        said = duration(age) if age is not None else "none open" if not now.open else "no date"
        yield Row("oldest", said, f"≤ {duration(state.plan.queue.sla)}", now.oldest, Mark.THIN if late else Mark.PASS)
        change = f"{now.open - before.open:+d} open" if before else "not measured an hour ago"
        yield Row("in the last hour", change, "", before.at if before else None, None if before else Mark.BLIND)
        yield Row("escalated", f"{now.escalated}")
    yield _trend(state, past, tz, lambda one: one.tickets.open if one.tickets else None)


def _capsules(state: State, past: Days, tz: tzinfo | None) -> Iterator[Row]:
    now = past.now.capsules
    span = duration(state.plan.queue.expiry)
    if now is None:
        yield Row("expiring", UNKNOWN, f"within {span}", None, Mark.BLIND)
    else:
        yield Row("expiring", f"{counted(now.expiring)} of {counted(now.held)} held", f"within {span}", now.next_expiry)
        yield Row("past their date", counted(now.expired), "0", now.at, Mark.THIN if now.expired else Mark.PASS)
    yield _trend(state, past, tz, lambda one: one.capsules.expiring if one.capsules else None)


def _returns(state: State, past: Days, tz: tzinfo | None) -> Iterator[Row]:
    now = past.now.returns
    stuck = f"0 over {duration(state.plan.queue.stuck)}"
    if now is None:
        yield Row("in progress", UNKNOWN, "", None, Mark.BLIND)
        yield Row("stuck", UNKNOWN, stuck, None, Mark.BLIND)
    else:
        states = ", ".join(f"{count} {name}" for name, count in now.statuses)
        yield Row("in progress", f"{counted(now.open)}{f' ({states})' if states else ''}", "", now.at)
        yield Row("stuck", counted(now.stuck), stuck, now.at, Mark.THIN if now.stuck else Mark.PASS)
    yield _trend(state, past, tz, lambda one: one.returns.open if one.returns else None)


def _csat(state: State, past: Days, tz: tzinfo | None) -> Iterator[Row]:
    now = past.now.csat
    act, watch = _bounds(state, "csat")
    bound = f"≤ {act:g} %" if act is not None else ""
    least = next((risk.min_answers for risk in state.plan.risks if risk.id == "csat"), 0)
    if now is None:
        yield Row("low scores", UNKNOWN, bound, None, Mark.BLIND)
    elif not now.answers:
        yield Row("low scores", f"no answers in {duration(state.plan.queue.csat)}", bound, now.at, Mark.THIN)
    else:
        share = 100 * now.low / now.answers
        mark = Mark.THIN if now.answers < least else _against(share, act, watch)
        yield Row("low scores", f"{figure(share, '%')} of {now.answers} answers", bound, now.at, mark)
    yield _trend(state, past, tz, _share, "%")


def _share(moment: Moment) -> float | None:
    csat = moment.csat
    return 100 * csat.low / csat.answers if csat and csat.answers else None


def _trend(state: State, past: Days, tz: tzinfo | None, value: _Value, unit: str = "") -> Row:
    """The value of now beside those of the same hour of the days before."""
    rows = [("", past.now), *((day_name(state, one, tz), one) for one in past.hours)]
    told = [(name, value(one), figure(value(one), unit)) for name, one in rows]
    return Row("the same hour", beside(told) if past.hours else f"{figure(value(past.now), unit)}, no day before")


def _bounds(state: State, name: str) -> tuple[float | None, float | None]:
    return next(((risk.act, risk.watch) for risk in state.plan.risks if risk.id == name), (None, None))


def _against(value: float, act: float | None, watch: float | None) -> Mark | None:
    """As its card judges it: over what acts is a breach, from what is watched on it is worth a look."""
    if act is None or watch is None:
        return None
    return Mark.BREACH if value > act else Mark.THIN if value >= watch else Mark.PASS
