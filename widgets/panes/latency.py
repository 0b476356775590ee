"""Latency per endpoint: the newest p95 against its bound, the trend, and the judged windows."""

from sessions.text.units import figure
from sessions.values.readings import Topic, Traffic
from sessions.values.verdicts import Mark, Part, Verdict
from widgets.base.pane import Pane, Picture
from widgets.base.styled import HOLD, LEAD, PLAIN, QUIET, STRONG, Line, fit
from widgets.base.symbols import DIM, MARKS, foot, pool_of, said, spark, strip, tone
from widgets.base.target import Target, aimed
from widgets.base.view import ASKING, View, trouble
from widgets.frame.phase_rail import short
from widgets.wording.p95 import weakness

NAMES, VALUE, REQUESTS, TREND = 22, 8, 12, 24


class LatencyPane(Pane):
    """The p95 of every endpoint."""

    NAME = "latency"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return a line per endpoint; with too little room the worst ones stay."""
        verdict = view.judgement.verdicts.get("latency", Verdict("latency", Mark.WARMING))
        count = view.plan.windows.count
        strips = 2 * count + 1
        trend = max(0, min(TREND, width - 2 - NAMES - VALUE - REQUESTS - 4 - strips))
        rows = [_row(view, part, trend) for part in fitting(subjects(view, verdict), height - 1)]
        head = _head(view, trend, strips)
        bound = figure(view.plan.latency.p95_ms, "ms")
        title: Line = (("Latency ", STRONG), (f"p95 ≤ {bound}", QUIET))
        said_last = noted(view, Topic.TRAFFIC, verdict.mark, width - self.BORDER + 2)
        return Picture(title, (head, *rows), said_last, tone(verdict.mark))


def noted(view: View, topic: Topic, mark: Mark, width: int) -> Line:
    """Return a pane's foot in `width` cells: what is wrong with its source, or weak about it, then its verdict.

    What never answered passes nowhere, whatever was judged of what was known before.
    """
    wrong, style = trouble(view, topic)
    if not wrong:
        return weakness(view, topic, mark, width) or foot(mark)
    health = view.state.seen.health.get(topic)
    unknown = mark is Mark.PASS and (health is None or health.good_at is None)
    said = foot(Mark.BLIND if unknown else mark)
    sign = "" if said[0][1].endswith(style) else "◌ "
    return said if wrong == ASKING else ((f"{sign}{wrong} ", style), *said)


def subjects(view: View, verdict: Verdict) -> tuple[Part, ...]:
    """Return a part for every endpoint in the plan's order, waiting where nothing was judged yet."""
    parts = {part.subject: part for part in verdict.parts}
    return tuple(parts.get(name, Part(name, Mark.WARMING, unit="ms")) for name in view.plan.endpoints)


def fitting(parts: tuple[Part, ...], room: int) -> tuple[Part, ...]:
    """Return the parts that fit, in their order: those that do not pass stay before those that do."""
    if len(parts) <= room:
        return parts
    ranked = sorted(range(len(parts)), key=lambda index: (parts[index].mark is Mark.PASS, index))[: max(0, room)]
    return tuple(parts[index] for index in sorted(ranked))


def _head(view: View, trend: int, strips: int) -> Line:
    length = short(view.plan.windows.length)
    length = f"{length} each" if len(length) + 5 <= strips else length
    return (
        fit("  endpoint", NAMES + 2, QUIET),
        fit("p95", VALUE, QUIET, right=True),
        fit("requests", REQUESTS, QUIET, right=True),
        fit("  windows", trend + 2, QUIET),
        (f"  {length}"[: strips + 2], QUIET),
    )


def _row(view: View, part: Part, trend: int) -> Line:
    windows = view.state.seen.windows.get(part.subject, ())
    style = QUIET if part.mark in DIM else said(part.mark)
    newest = windows[-1] if windows else None
    row: Line = (
        (f"{MARKS[part.mark][0]} ", MARKS[part.mark][1]),
        endpoint(part.subject, NAMES, style),
        fit(figure(part.value, "ms"), VALUE, style, right=True),
        (" ", PLAIN),
        fit(_requests(part, newest), REQUESTS - 1, QUIET, right=True),
        ("  ", PLAIN),
        *spark([window.p95_ms for window in windows], trend, bound=view.plan.latency.p95_ms),
        ("  ", PLAIN),
        *strip(part, view.plan.windows.count, _running(view, newest)),
    )
    return aimed(Target("latency", part.subject), row)


def _requests(part: Part, newest: Traffic | None) -> str:
    """How many requests the newest window has; of a pool how many in what time."""
    pool = pool_of(part)
    if pool is not None:
        return f"{pool.requests:.0f} in {short(pool.seconds)}"
    return f"{newest.requests:.0f}" if newest else "–"


def endpoint(name: str, width: int, style: str) -> tuple[str, str]:
    """Return an endpoint with its method in a column of its own."""
    method, _, path = name.partition(" ")
    return fit(f"{method:<4} {path}" if path else name, width, style)


def _running(view: View, window: Traffic | None) -> str:
    """Return the style of the running window's mark, empty where none runs."""
    if window is None or window.at >= window.end:
        return ""
    over = window.p95_ms is not None and window.p95_ms > view.plan.latency.p95_ms
    return HOLD if over and window.requests >= view.plan.windows.min_requests else LEAD
