"""The details of a p95: its bucket, the share over the bound, and a weak side of the source."""

from sessions.text.units import counted, figure, minutes
from sessions.values.readings import Topic, Traffic
from sessions.values.verdicts import Mark, Part, Pool
from widgets.base.styled import QUIET, Line, fit, length, shorten
from widgets.base.symbols import DIM, foot, pool_of, said
from widgets.base.view import View, told

VALUE, BUCKET, OVER = 8, 14, 19
_LEAST_NOTE = 12
_NOTED = (Mark.PASS, Mark.SILENT, Mark.WARMING)
"""Where a weak side of a source may be why, or why nothing comes of it yet."""


def behind(view: View, part: Part, width: int) -> Line:
    """Return an endpoint's p95 with what it was estimated from, then its mark, in at most `width` cells.

    Each has a place of its own, filled or not: nothing moves when a value changes. Too little room leaves the mark.
    """
    mark = foot(part.mark)
    window, pool = judged(view, part), pool_of(part)
    style = QUIET if part.mark in DIM else said(part.mark)
    over = fit(_hits(pool) if pool else _over(view, window), OVER, QUIET, right=True)
    bucket = fit(f" pooled {minutes(pool.seconds)}" if pool else _bucket(window), BUCKET, QUIET)
    value = figure(part.value, "ms", over=part.over)
    places: Line = (fit(value, VALUE, style, right=True), bucket)
    if part.over and not pool:
        places = (fit(f"  p95 {value}", VALUE + BUCKET, style),)
    for line in ((over, *places), places):
        if length(line) + 1 + length(mark) <= width:
            return (*line, (" ", QUIET), *mark)
    return mark


def judged(view: View, part: Part) -> Traffic | None:
    """Return the newest closed window whose p95 the part shows, None where it shows none."""
    if part.value is None:
        return None
    rows = reversed(view.state.seen.windows.get(part.subject, ()))
    return next((row for row in rows if row.at >= row.end and row.p95_ms == part.value), None)


def weakness(view: View, topic: Topic, mark: Mark, width: int) -> Line:
    """Return a pane's foot in `width` cells where its source answers and has a weak side, which may be why."""
    verdict = foot(mark)
    health = view.state.seen.health.get(topic)
    room = width - length(verdict) - 1
    if health is None or not health.note or mark not in _NOTED or told(view, topic) or room < _LEAST_NOTE:
        return ()
    return ((f"{shorten(health.note, room)} ", QUIET), *verdict)


def _bucket(window: Traffic | None) -> str:
    if window is None:
        return ""
    return f" ({window.bucket_ms[0]:g}–{window.bucket_ms[1]:g})" if window.bucket_ms else ""


def _hits(pool: Pool) -> str:
    return (
        f"{pool.hits:.0f} of {pool.requests:.0f} slow" if pool.hits is not None else counted(pool.requests, "requests")
    )


def _over(view: View, window: Traffic | None) -> str:
    if window is None or window.over is None:
        return ""
    return f"{figure(100 * window.over, '%')} over {figure(view.plan.latency.p95_ms, 'ms')}"
