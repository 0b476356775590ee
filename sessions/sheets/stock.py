"""What the database holds: collections against their bands, duplicates, the queue, capsules, returns, CSAT."""

import math
from collections.abc import Iterator
from datetime import tzinfo

from sessions.criteria.exposure import interval
from sessions.criteria.growth import band
from sessions.gate.judgement import Judgement
from sessions.plan.model import Collection
from sessions.text.units import duration, figure
from sessions.values.readings import Size, Tickets
from sessions.values.sheets import Row, Section
from sessions.values.verdicts import Level, Mark

_MARKS = {Level.CALM: Mark.PASS, Level.WATCH: Mark.THIN, Level.ACT: Mark.BREACH, Level.BLIND: Mark.BLIND}


def growth(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out each collection: its count against its band, its pace against what is expected, a forecast, copies."""
    told = judgement.verdicts.get("growth")
    marks = {part.subject: part.mark for part in told.parts} if told else {}
    for collection in judgement.state.plan.collections:
        row = judgement.state.seen.sizes.get(collection.name, ())
        trouble = "" if row else "not counted yet"
        rows = _collection(judgement, collection, row[-1], marks.get(collection.name, Mark.BLIND)) if row else ()
        yield Section(collection.name, tuple(rows), trouble)


def _collection(judgement: Judgement, collection: Collection, size: Size, mark: Mark) -> Iterator[Row]:
    state, now = judgement.state, judgement.at
    around = band(state, collection, size.at)
    bound = f"{around[0]:,.0f} to {around[2]:,.0f}" if around else "no baseline yet"
    yield Row("documents", f"{size.count:,}", bound, size.at, mark)
    first = next(
        (one for one in state.seen.hourly.get(collection.name, ()) if one.at >= (state.entered_at or now)), None
    )
    hours = (size.at - first.at).total_seconds() / 3600 if first else 0.0
    expected = collection.per_hour * state.phase / 100
    if first is not None and hours > 0:
        pace = (size.count - first.count) / hours
        since = f"over {duration((size.at - first.at).total_seconds())}"
        yield Row("per hour", f"{pace:,.1f} {since}", f"about {expected:,.1f} at {state.phase} %")
        yield from _forecast(judgement, size, pace)
    elif expected:
        yield Row("per hour", "not long enough to tell", f"about {expected:,.1f} at {state.phase} %", mark=Mark.WARMING)
    copies = ", ".join(size.examples)
    told = f"{size.duplicates}: {copies}" if copies else f"{size.duplicates}"
    yield Row("duplicates", told, "none", mark=Mark.BREACH if size.duplicates else Mark.PASS)


def _forecast(judgement: Judgement, size: Size, pace: float) -> Iterator[Row]:
    """What there will be when the phase may be left at the earliest, at the pace of the phase."""
    until = judgement.soak.eta or judgement.gate.earliest
    if until is not None and until > size.at:
        more = pace * (until - size.at).total_seconds() / 3600
        yield Row("at the phase's end", f"{size.count + more:,.0f} at this pace", at=until)


def duplicates(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out how many documents of each collection share a business key, and which keys."""
    rows = []
    for collection in judgement.state.plan.collections:
        row = judgement.state.seen.sizes.get(collection.name, ())
        key = f"key {', '.join(collection.key)}" if collection.key else "no key in the plan"
        if not row:
            rows.append(Row(collection.name, "not counted yet", key, mark=Mark.BLIND))
            continue
        size = row[-1]
        told = f"{size.duplicates}: {', '.join(size.examples)}" if size.examples else f"{size.duplicates}"
        rows.append(Row(collection.name, told, key, size.at, Mark.BREACH if size.duplicates else Mark.PASS))
    yield Section("Duplicates", tuple(rows))


def queue(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out the support queue: how many are open against the bound, the oldest, by priority, where it leads."""
    state, trend = judgement.state, judgement.state.seen.tickets
    if not trend:
        yield Section("Support queue", trouble="not asked yet")
        return
    now, risk = trend[-1], judgement.risks.get("support_queue")
    bound = next((one.act for one in state.plan.risks if one.id == "support_queue"), math.inf)
    rows = [Row("open", f"{now.open}", f"≤ {bound:g}", now.at, _MARKS[risk.level] if risk else None)]
    if now.oldest is not None:
        age = (judgement.at - now.oldest).total_seconds()
        late = age > state.plan.queue.sla
        rows.append(
            Row(
                "oldest",
                duration(age),
                f"≤ {duration(state.plan.queue.sla)}",
                now.oldest,
                Mark.THIN if late else Mark.PASS,
            )
        )
    rows += [
        Row("escalated", f"{now.escalated}"),
        *(Row(f"priority {name}", f"{count}") for name, count in now.priorities),
    ]
    yield Section("Support queue", (*rows, *_trend(trend, bound)), now.doubt)
    yield Section(
        "Newest tickets",
        tuple(Row(f"{place}", title) for place, title in enumerate(now.titles, 1)),
        "" if now.titles else "none open",
    )


def _trend(trend: tuple[Tickets, ...], bound: float) -> Iterator[Row]:
    """How many more are open than before, an hour, and when the bound is reached at that pace."""
    first, last = trend[0], trend[-1]
    hours = (last.at - first.at).total_seconds() / 3600
    if hours <= 0:
        return
    pace = (last.open - first.open) / hours
    yield Row("change", f"{pace:+.1f} an hour over {duration(hours * 3600)}")
    if pace > 0 and last.open <= bound < math.inf:
        left = (bound - last.open) / pace * 3600
        yield Row("at this pace", f"over {bound:g} in {duration(left)}", mark=Mark.THIN)


def capsules(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out the capsules that are held, expire soon, or are past their date."""
    found, soon = judgement.state.seen.capsules, duration(judgement.state.plan.queue.expiry)
    if found is None:
        yield Section("Capsules", trouble="not asked yet")
        return
    rows = (
        Row("held", f"{found.held}", at=found.at),
        Row(f"expire within {soon}", f"{found.expiring}", at=found.next_expiry),
        Row("past their date", f"{found.expired}", "none", mark=Mark.THIN if found.expired else Mark.PASS),
    )
    yield Section("Capsules", rows)


def returns(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out the returns by their state, and how many are stuck."""
    found, span = judgement.state.seen.returns, duration(judgement.state.plan.queue.stuck)
    if found is None:
        yield Section("Returns", trouble="not asked yet")
        return
    rows = (
        Row("in progress", f"{found.open}", at=found.at),
        Row(f"not moved for {span}", f"{found.stuck}", "none", mark=Mark.THIN if found.stuck else Mark.PASS),
        *(Row(f"state {name}", f"{count}") for name, count in found.statuses),
    )
    yield Section("Returns", rows)


def csat(judgement: Judgement, _tz: tzinfo | None) -> Iterator[Section]:
    """Lay out the share of low answers, its interval, and the bound."""
    state, found = judgement.state, judgement.state.seen.csat
    if found is None:
        yield Section("CSAT", trouble="not asked yet")
        return
    rule = next((one for one in state.plan.risks if one.id == "csat"), None)
    said, bound = judgement.risks.get("csat"), f"≤ {rule.act:g} %" if rule else ""
    span = duration(state.plan.queue.csat)
    if not found.answers:
        yield Section("CSAT", (Row(f"answers in {span}", "0", at=found.at, mark=Mark.THIN),))
        return
    low, high = interval(found.low, found.answers)
    rows = (
        Row(f"answers in {span}", f"{found.answers}", f"≥ {rule.min_answers}" if rule else "", found.at),
        Row(
            "low (1 or 2 of 5)",
            f"{found.low}, {figure(100 * found.low / found.answers, '%')}",
            bound,
            mark=_MARKS[said.level] if said else None,
        ),
        Row("may be", f"{figure(low, '%')} to {figure(high, '%')}", "99 % confidence"),
    )
    yield Section("CSAT", rows)
