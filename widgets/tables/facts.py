"""What is shown beside the criteria, one line each: queue, capsules, returns, the flag."""

from collections.abc import Callable, Mapping

from sessions.plan.uses import watched
from sessions.text.units import counted, duration, figure
from sessions.values.readings import Topic
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BAD, HOLD, PLAIN, QUIET, STRONG, Line, fit, wide
from widgets.base.symbols import tone
from widgets.base.target import Target, aimed
from widgets.base.view import ASKING, View, dark, trouble
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
    """Return the topics that have a source; CSAT is left out if it is a risk, which shows it."""
    wanted = watched(view.plan, view.state.answers)
    carded = {Topic.CSAT} if any(risk.id == "csat" for risk in view.plan.risks) else set()
    return tuple(topic for topic in _FACTS if topic in wanted and topic not in carded)


def _foot(view: View, topics: tuple[Topic, ...]) -> Line:
    """Say what is wrong with a source, then which flows are frozen."""
    wrong, style = trouble(view, *topics)
    frozen = [flow.title.lower() for flow in view.plan.flows if flow.id in view.state.frozen]
    flows: Line = ((f"▲ {counted(len(frozen), 'flows')} frozen", f"bold {HOLD}"),) if frozen else ()
    sign = "… " if wrong == ASKING else "◌ "
    return (*(((f"{sign}{wrong} ", style),) if wrong else ()), *flows)


def _row(about: Target, value: str, parts: list[str], width: int, style: str = PLAIN) -> Line:
    """Return one fact; parts of its words that do not fit are left out as a whole, from the end."""
    name = _NAMES.get(about.kind, about.kind)
    cells = max(VALUE, wide(value))
    room = max(0, width - NAMES - cells - 2)
    while parts and wide(BETWEEN.join(parts)) > room:
        parts = parts[:-1]
    row: Line = (
        fit(name, NAMES, QUIET),
        fit(value, cells, style, right=True),
        ("  ", PLAIN),
        fit(BETWEEN.join(parts), room, style if style == HOLD else QUIET),
    )
    return aimed(Target(about.kind, about.id, f"{name} {value} {BETWEEN.join(parts)}".strip()), row)


_NAMES = {"tickets": "queue", "csat": "CSAT"}
_QUEUE, _CAPSULES, _RETURNS, _CSAT = (
    Target("tickets", "open"),
    Target("capsules", "all"),
    Target("returns", "all"),
    Target("csat", "all"),
)


def _style(view: View, topic: Topic, *, loud: bool = False) -> str:
    return QUIET if dark(view, topic) else HOLD if loud else PLAIN


def _queue(view: View, width: int) -> Line:
    row, risk = view.state.seen.tickets, next((one for one in view.plan.risks if one.id == "support_queue"), None)
    if not row:
        return _row(_QUEUE, "–", [], width)
    newest = row[-1]
    bound = f" {beside(newest.open, risk.act, f'{risk.act:,.0f}')}" if risk else ""
    waited = view.age(newest.oldest) if newest.oldest else 0.0
    oldest = [f"oldest {duration(waited)} of {short(view.plan.queue.sla)}"] if newest.oldest else []
    loud = bool(risk and newest.open > risk.act)
    rest = [f"{newest.escalated:,} escalated", *(f"{name} {count:,}" for name, count in newest.priorities)]
    style = QUIET if dark(view, Topic.QUEUE) else BAD if loud else PLAIN
    return _row(_QUEUE, f"{'◆ ' if loud else ''}{newest.open:,}{bound} open", [*oldest, *rest], width, style)


def _capsules(view: View, width: int) -> Line:
    held = view.state.seen.capsules
    if held is None:
        return _row(_CAPSULES, "–", [], width)
    gone = [f"▲ {held.expired:,} expired"] if held.expired else []
    parts = [*gone, f"{held.expiring:,} expire in {short(view.plan.queue.expiry)}"]
    return _row(_CAPSULES, f"{held.held:,} held", parts, width, _style(view, Topic.CAPSULES, loud=bool(gone)))


def _returns(view: View, width: int) -> Line:
    known = view.state.seen.returns
    if known is None:
        return _row(_RETURNS, "–", [], width)
    parts = [f"{'▲ ' if known.stuck else ''}{known.stuck:,} stuck over {short(view.plan.queue.stuck)}"]
    parts += [f"{name} {count:,}" for name, count in known.statuses]
    return _row(_RETURNS, f"{known.open:,} open", parts, width, _style(view, Topic.RETURNS, loud=bool(known.stuck)))


def _csat(view: View, width: int) -> Line:
    csat = view.state.seen.csat
    if csat is None:
        return _row(_CSAT, "–", [], width)
    share = 100 * csat.low / csat.answers if csat.answers else None
    return _row(_CSAT, figure(share, "%"), [f"low: {csat.low:,} of {csat.answers:,}"], width, _style(view, Topic.CSAT))


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
