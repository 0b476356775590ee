"""The support queue: open tickets against the bound, the oldest, by priority, escalated, the newest title."""

from sessions.plan.model import Risk
from sessions.plan.uses import watched
from sessions.text.units import duration
from sessions.values.readings import Tickets, Topic
from sessions.values.verdicts import Level, RiskState
from widgets.base.pane import Pane, Picture
from widgets.base.sparks import sparks
from widgets.base.styled import BAD, BLIND, FAINT, HOLD, LEAD, PLAIN, QUIET, STRONG, Line, fit, wide
from widgets.base.symbols import level_tone, of_risk
from widgets.base.target import Target, aimed
from widgets.base.view import ASKING, View, dark, trouble
from widgets.frame.phase_rail import short
from widgets.wording.rows import told_in

_HIGHEST = 6
"""Lines of the trend at most."""


class QueuePane(Pane):
    """Open support tickets."""

    NAME = "queue"

    @classmethod
    def serves(cls, view: View) -> bool:
        """Return whether somebody asks for tickets."""
        return Topic.QUEUE in watched(view.plan, view.state.answers)

    @classmethod
    def lines(cls, view: View) -> tuple[int, ...]:
        """Return the bar, the oldest, the escalated, the priorities and the newest title."""
        del view
        return (4, 5)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return a bar with the bound, the oldest, the escalated, priorities, the newest title; then the trend."""
        risk = next((risk for risk in view.plan.risks if risk.id == "support_queue"), None)
        state = view.judgement.risks.get("support_queue", RiskState("support_queue", Level.BLIND))
        newest = view.state.seen.tickets[-1] if view.state.seen.tickets else None
        empty: tuple[Line, ...] = ((fit("no ticket count yet", width, QUIET),),)
        rows = _lines(view, risk, newest, width, height) if newest else empty
        title: Line = (("Support queue ", STRONG), (f"≤ {risk.act:.0f} open" if risk else "", QUIET))
        tone = (
            level_tone(state.level, asking=state.asking)
            if risk
            else "-blind"
            if trouble(view, Topic.QUEUE)[1] == BLIND
            else ""
        )
        below = _foot(view, state if risk else None, newest, width - self.BORDER + 2)
        return Picture(title, rows[:height], below, tone)


def _lines(view: View, risk: Risk | None, newest: Tickets, width: int, height: int) -> tuple[Line, ...]:
    dim = QUIET if dark(view, Topic.QUEUE) else ""
    few: Line = (fit("open", 9, QUIET), fit(f"{newest.open:,}", 7, dim or STRONG, right=True))
    sla = view.plan.queue.sla
    waited = view.age(newest.oldest) if newest.oldest else 0.0
    late = waited > sla
    oldest = f"oldest {duration(waited)}" if newest.oldest else "none waits"
    rows: tuple[Line, ...] = (
        aimed(
            Target("tickets", "open", f"{newest.open} open tickets"),
            bar(newest.open, risk.watch, risk.act, width, dim) if risk else few,
        ),
        aimed(
            Target("tickets", "oldest", f"{oldest} of {short(sla)}"),
            (
                fit("oldest", 9, QUIET),
                fit(duration(waited) if newest.oldest else "none", 7, f"bold {HOLD}" if late else PLAIN, right=True),
                (f"  ▲ over {short(sla)}" if late else f"  of {short(sla)}", f"bold {HOLD}" if late else QUIET),
            ),
        ),
    )
    return (*rows, *_below(view, risk, newest, width, height - len(rows)))


def _below(view: View, risk: Risk | None, newest: Tickets, width: int, height: int) -> list[Line]:
    """Return the escalated with the priorities, below each other where they do not fit; the newest title; the trend."""
    escalated: Line = (fit("escalated", 9, QUIET), fit(f"{newest.escalated:,}", 7, right=True))
    words = " · ".join(f"{name} {count:,}" for name, count in newest.priorities) or "no priorities"
    beside = wide(words) + 18 <= width
    lines: list[Line] = [(*escalated, (f"  {words}" if beside else "", QUIET))]
    lines += [] if beside else [((line, QUIET),) for line in told_in(words, width, 2)]
    rows = [aimed(Target("tickets", "escalated", f"{newest.escalated} escalated, {words}"), line) for line in lines]
    for title in newest.titles[:1]:
        told = told_in(title, width, max(1, min(2, height - len(rows))))
        rows += [aimed(Target("ticket", title), ((line, QUIET),)) for line in told]
    if (high := height - len(rows)) > 1:
        counts = [float(row.open) for row in view.state.seen.tickets]
        rows += sparks(counts, width, min(high, _HIGHEST), bound=risk.act if risk else None)
    return rows


def bar(count: int, watch: float, bound: float, width: int, dim: str = "") -> Line:
    """Return the count as a bar; the bound is at three quarters of its width."""
    said = f"{count:,}"
    words = fit(said, max(5, wide(said) + 1), dim or STRONG, right=True)
    room = max(4, width - max(6, wide(said) + 1))
    at = max(1, room * 3 // 4)
    full = min(room, round(at * count / bound)) if bound > 0 else 0
    style = dim or (BAD if count > bound else HOLD if count >= watch else LEAD)
    cells = ["█" if cell < full else "·" for cell in range(room)]
    cells[min(at, room - 1)] = "▏" if full <= at else "┃"
    filled = "".join(cells[:full])
    return ((filled, style), ("".join(cells[full:]), FAINT), words)


_NO_RISK = ("not judged: the plan has no support_queue risk", "not judged: no such risk in the plan", "no risk in plan")
"""Why nothing is judged, the shorter words for a narrow pane."""


def _foot(view: View, state: RiskState | None, newest: Tickets | None, width: int) -> Line:
    """Say what is wrong, then the risk; without one say why nothing is judged."""
    wrong, tone = trouble(view, Topic.QUEUE)
    if wrong == ASKING:
        return ((f"… {wrong}", QUIET),)
    if state is None:
        why = next((text for text in _NO_RISK if wide(text) <= width), _NO_RISK[-1])
        return ((f"◌ {wrong}", BLIND),) if wrong else ((why, QUIET),)
    glyph, word, style = of_risk(state)
    said = f"{newest.open:,} OPEN" if newest and state.level is not Level.BLIND else word.upper()
    foot: Line = ((f"{glyph} {said}", f"bold {style}"),)
    return ((f"◌ {wrong} ", tone), *foot) if wrong else foot
