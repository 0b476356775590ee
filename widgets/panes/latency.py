"""Latency per endpoint: the newest p95 against its bound, the trend, and the judged windows."""

from msgspec import Struct

from sessions.text.units import figure
from sessions.values.readings import Topic, Traffic
from sessions.values.verdicts import Mark, Part, Verdict
from widgets.base.pane import Pane, Picture
from widgets.base.sparks import sparks
from widgets.base.styled import HOLD, LEAD, PLAIN, QUIET, STRONG, Line, fit, length, shorten, wide
from widgets.base.symbols import DIM, MARKS, foot, pool_of, said, strip, tone
from widgets.base.target import Target, aimed
from widgets.base.view import ASKING, View, answering, trouble
from widgets.frame.phase_rail import short
from widgets.wording.p95 import weakness
from widgets.wording.rows import endpoint, kept, longest, more

VALUE, REQUESTS, LEAST, MOST = 9, 10, 8, 48
"""Cells of a value, of a number of requests, and of a trend."""
_HIGHEST = 4
"""The most lines that a trend takes."""


class _Columns(Struct, frozen=True):
    """The cells of each column; a trend yields first, then the requests, and only then a name loses its middle."""

    names: int
    value: int
    requests: int
    trend: int
    strips: int


class LatencyPane(Pane):
    """The p95 of every endpoint."""

    NAME = "latency"

    @classmethod
    def lines(cls, view: View) -> tuple[int, ...]:
        """Return a line per endpoint below the heads; then two, for a trend that is seen better."""
        count = len(view.plan.endpoints)
        return (count + 1, 2 * count + 1)

    def moves(self, view: View) -> object:
        """Return how the source of traffic answers."""
        return answering(view, Topic.TRAFFIC)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return a row per endpoint, as high as there is room; with too little the worst ones stay."""
        verdict = view.judgement.verdicts.get("latency", Verdict("latency", Mark.WARMING))
        parts, left = kept(subjects(view, verdict), height - 1)
        columns = _columns(view, parts, width)
        high = max(1, min(_HIGHEST, (height - 1) // max(1, len(parts)))) if not left else 1
        rows = [line for part in parts for line in _row(view, part, columns, high)]
        rows += [more(view, left, "detail", "endpoints")] if left else []
        bound = figure(view.plan.latency.p95_ms, "ms")
        title: Line = (("Latency ", STRONG), (f"p95 ≤ {bound}", QUIET))
        said_last = noted(view, Topic.TRAFFIC, verdict.mark, width - self.BORDER + 2)
        return Picture(title, (_head(view, columns), *rows), said_last, tone(verdict.mark))


def _columns(view: View, parts: tuple[Part, ...], width: int) -> _Columns:
    value = max([VALUE, *(wide(figure(part.value, "ms", over=part.over)) for part in parts)])
    strips = 2 * view.plan.windows.count + 1
    room = width - 2 - value - strips - 2
    names = min(longest(view.plan.endpoints), room)
    asked = max([REQUESTS, *(wide(_requests(view, part)) + 1 for part in parts)])
    requests = asked if room - names >= asked + LEAST + 2 else 0
    trend = room - names - requests - 2
    return _Columns(names, value, requests, min(MOST, trend) if trend >= LEAST else 0, strips)


def noted(view: View, topic: Topic, mark: Mark, width: int) -> Line:
    """Return a pane's foot in `width` cells: what is wrong with its source, or weak about it, then its verdict.

    A source that never answered shows no pass, even from an earlier judgement.
    """
    wrong, style = trouble(view, topic)
    if not wrong:
        return weakness(view, topic, mark, width) or foot(mark)
    health = view.state.seen.health.get(topic)
    unknown = mark is Mark.PASS and (health is None or health.good_at is None)
    below = foot(Mark.BLIND if unknown else mark)
    if wrong == ASKING:
        return below
    sign = "" if below[0][1].endswith(style) else "◌ "
    return ((f"{sign}{shorten(wrong, max(1, width - length(below) - len(sign) - 1))} ", style), *below)


def subjects(view: View, verdict: Verdict) -> tuple[Part, ...]:
    """Return a part for every endpoint in the plan's order, waiting where nothing was judged yet."""
    parts = {part.subject: part for part in verdict.parts}
    return tuple(parts.get(name, Part(name, Mark.WARMING, unit="ms")) for name in view.plan.endpoints)


def _head(view: View, columns: _Columns) -> Line:
    length = short(view.plan.windows.length)
    return (
        fit("  endpoint", columns.names + 2, QUIET),
        fit("p95", columns.value, QUIET, right=True),
        fit("requests" if columns.requests else "", columns.requests, QUIET, right=True),
        fit("  windows" if columns.trend else "", columns.trend + (2 if columns.trend else 0), QUIET),
        (f"  {length} each" if len(length) + 5 <= columns.strips else f"  {length}", QUIET),
    )


def _row(view: View, part: Part, columns: _Columns, high: int) -> list[Line]:
    """Return the lines of one endpoint: its words, with a trend as high as all of them."""
    windows = view.state.seen.windows.get(part.subject, ())
    style = QUIET if part.mark in DIM else said(part.mark)
    newest = windows[-1] if windows else None
    left: Line = (
        (f"{MARKS[part.mark][0]} ", MARKS[part.mark][1]),
        endpoint(part.subject, columns.names, style),
        fit(figure(part.value, "ms", over=part.over), columns.value, style, right=True),
        fit(_requests(view, part) if columns.requests else "", columns.requests, QUIET, right=True),
    )
    about, end = Target("latency", part.subject), strip(part, view.plan.windows.count, running_style(view, newest))
    if not columns.trend:
        return [aimed(about, (*left, ("  ", PLAIN), *end))]
    p95s = [window.p95_ms for window in windows]
    trend = sparks(p95s, columns.trend, high, bound=view.plan.latency.p95_ms)
    first: Line = (*left, ("  ", PLAIN), *trend[0], ("  ", PLAIN), *end)
    rest = (((" " * (length(left) + 2), PLAIN), *line) for line in trend[1:])
    return [aimed(about, line) for line in (first, *rest)]


def _requests(view: View, part: Part) -> str:
    """How many requests the newest window has; of a pool how many in what time."""
    pool = pool_of(part)
    if pool is not None:
        return f"{pool.requests:.0f} in {short(pool.seconds)}"
    windows = view.state.seen.windows.get(part.subject, ())
    return f"{windows[-1].requests:.0f}" if windows else "–"


def running_style(view: View, window: Traffic | None) -> str:
    """Return the style of the running window's mark, empty where none runs."""
    if window is None or window.at >= window.end:
        return ""
    over = window.p95_ms is not None and window.p95_ms > view.plan.latency.p95_ms
    return HOLD if over and window.requests >= view.plan.windows.min_requests else LEAD
