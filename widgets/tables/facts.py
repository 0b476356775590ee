"""What stands beside the criteria in one line each: queue, capsules, returns, the flag."""

from collections.abc import Callable, Mapping

from sessions.plan.uses import watched
from sessions.text.units import duration, figure
from sessions.values.readings import Topic
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLIND, GOOD, HOLD, PLAIN, QUIET, STRONG, Line, fit, wide
from widgets.base.symbols import tone
from widgets.base.view import View, dark, told
from widgets.frame.phase_rail import short
from widgets.panes.flag import flag_line, marked
from widgets.wording.rows import beside

NAMES, VALUE = 9, 13
BETWEEN = " · "


class FactsPane(Pane):
    """Queue, capsules, returns and flag; the flag alone where there is one line."""

    NAME = "facts"

    @classmethod
    def lines(cls, view: View) -> tuple[int, ...]:
        """Return a line for each of them that somebody asks for, and for the flag."""
        return (len(_asked(view)) + 1,)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the lines, the flag's last."""
        flag = flag_line(view, width)
        if height == 1:
            return Picture((), (flag,), (), tone(marked(view)))
        topics = _asked(view)
        rows = [_FACTS[topic](view, width) for topic in topics][: height - 1]
        words = [*(_WORDS[topic] for topic in topics), "flag"]
        title = " · ".join((words[0][:1].upper() + words[0][1:], *words[1:]))
        return Picture(((title, STRONG),), (*rows, flag), _foot(view, topics), tone(marked(view)))


def _asked(view: View) -> tuple[Topic, ...]:
    """Return which of them somebody asks for; a share of low scores that is a risk is told there."""
    wanted = watched(view.plan, view.state.answers)
    carded = {Topic.CSAT} if any(risk.id == "csat" for risk in view.plan.risks) else set()
    return tuple(topic for topic in _FACTS if topic in wanted and topic not in carded)


def _foot(view: View, topics: tuple[Topic, ...]) -> Line:
    """Say what is wrong with a source, then which flows are frozen."""
    wrong = next(filter(None, (told(view, topic) for topic in topics)), "")
    frozen = [flow.title.lower() for flow in view.plan.flows if flow.id in view.state.frozen]
    flows: Line = ((f"▲ {len(frozen)} FROZEN", f"bold {HOLD}"),) if frozen else (("● FLOWING", f"bold {GOOD}"),)
    return (
        *(((f"◌ {wrong} ", BLIND),) if wrong else ()),
        *(flows if view.plan.flows else ()),
    )


def _row(name: str, value: str, parts: list[str], width: int, style: str = PLAIN) -> Line:
    """Return one fact; parts of its words that do not fit are left out as a whole, from the end."""
    cells = max(VALUE, wide(value))
    room = max(0, width - NAMES - cells - 2)
    while parts and wide(BETWEEN.join(parts)) > room:
        parts = parts[:-1]
    return (
        fit(name, NAMES, QUIET),
        fit(value, cells, style, right=True),
        ("  ", PLAIN),
        fit(BETWEEN.join(parts), room, QUIET),
    )


def _style(view: View, topic: Topic, *, loud: bool = False) -> str:
    return QUIET if dark(view, topic) else HOLD if loud else PLAIN


def _queue(view: View, width: int) -> Line:
    row, risk = view.state.seen.tickets, next((one for one in view.plan.risks if one.id == "support_queue"), None)
    if not row:
        return _row("queue", "–", [], width)
    newest = row[-1]
    bound = f" {beside(newest.open, risk.act, f'{risk.act:,.0f}')}" if risk else ""
    waited = view.age(newest.oldest) if newest.oldest else 0.0
    oldest = [f"oldest {duration(waited)} of {short(view.plan.queue.sla)}"] if newest.oldest else []
    loud = bool(risk and newest.open > risk.act)
    rest = [f"{newest.escalated:,} escalated", *(f"{name} {count:,}" for name, count in newest.priorities)]
    return _row("queue", f"{newest.open:,}{bound} open", [*oldest, *rest], width, _style(view, Topic.QUEUE, loud=loud))


def _capsules(view: View, width: int) -> Line:
    held = view.state.seen.capsules
    if held is None:
        return _row("capsules", "–", [], width)
    gone = [f"{held.expired:,} expired"] if held.expired else []
    parts = [*gone, f"{held.expiring:,} expire < {short(view.plan.queue.expiry)}"]
    return _row("capsules", f"{held.held:,} held", parts, width, _style(view, Topic.CAPSULES, loud=bool(gone)))


def _returns(view: View, width: int) -> Line:
    known = view.state.seen.returns
    if known is None:
        return _row("returns", "–", [], width)
    parts = [f"{known.stuck:,} stuck > {short(view.plan.queue.stuck)}"]
    parts += [f"{name} {count:,}" for name, count in known.statuses]
    return _row("returns", f"{known.open:,} open", parts, width, _style(view, Topic.RETURNS, loud=bool(known.stuck)))


def _csat(view: View, width: int) -> Line:
    csat = view.state.seen.csat
    if csat is None:
        return _row("CSAT", "–", [], width)
    share = 100 * csat.low / csat.answers if csat.answers else None
    return _row("CSAT", figure(share, "%"), [f"{csat.low:,} of {csat.answers:,} low"], width, _style(view, Topic.CSAT))


_FACTS: Mapping[Topic, Callable[[View, int], Line]] = {
    Topic.QUEUE: _queue,
    Topic.CAPSULES: _capsules,
    Topic.RETURNS: _returns,
    Topic.CSAT: _csat,
}
_WORDS: Mapping[Topic, str] = {
    Topic.QUEUE: "queue",
    Topic.CAPSULES: "capsules",
    Topic.RETURNS: "returns",
    Topic.CSAT: "CSAT",
}
