"""Capsules, returns and CSAT: what is held, what is stuck, how shoppers liked it, which flows are frozen."""

from collections.abc import Callable, Mapping

from sessions.plan.uses import watched
from sessions.text.units import counted, figure
from sessions.values.readings import Topic
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLIND, HOLD, PLAIN, QUIET, STRONG, Line, fit, wide
from widgets.base.target import Target, aimed
from widgets.base.view import ASKING, View, answering, dark, trouble
from widgets.frame.phase_rail import short
from widgets.wording.rows import told_in

NAMES, VALUE = 9, 8
BETWEEN = " · "


class CapsulePane(Pane):
    """Capsules, returns and satisfaction."""

    NAME = "capsules"

    @classmethod
    def serves(cls, view: View) -> bool:
        """Return whether there is a flow, or somebody asks for one of the three."""
        return bool(view.plan.flows or _shelves(view))

    @classmethod
    def lines(cls, view: View) -> tuple[int, ...]:
        """Return a line for each of the three that is asked for, and for the flows."""
        return (len(_shelves(view)) + bool(view.plan.flows),)

    def moves(self, view: View) -> object:
        """Return how the sources of the three answer."""
        return answering(view, *_shelves(view))

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return a line for each of the three that is asked for, and for the flows."""
        shelves = _shelves(view)
        lines = [_SHELVES[topic](view, width) for topic in shelves]
        lines += _flows(view, width, max(1, height - len(lines))) if view.plan.flows else []
        wrong, style = trouble(view, *shelves)
        frozen = bool(view.state.frozen)
        foot: Line = (("▲ FROZEN", f"bold {HOLD}"),) if frozen else (("shown only, holds no gate", QUIET),)
        foot = ((f"{'… ' if wrong == ASKING else '◌ '}{wrong}", style),) if wrong else foot
        tone = "-blind" if style == BLIND else "-hold" if frozen else ""
        words = [_WORDS[topic] for topic in shelves] or ["flows"]
        title = " · ".join((words[0][:1].upper() + words[0][1:], *words[1:]))
        return Picture(((title, STRONG),), tuple(lines[:height]), foot, tone)


def _shelves(view: View) -> tuple[Topic, ...]:
    """Return which of the three somebody asks for."""
    wanted = watched(view.plan, view.state.answers)
    return tuple(topic for topic in _SHELVES if topic in wanted)


def _row(name: str, value: str, parts: tuple[str, ...], width: int, style: str = PLAIN) -> Line:
    """Return one fact; parts of its words that do not fit are left out as a whole, from the end."""
    cells = max(VALUE, wide(value) + 1)
    room, text = max(0, width - NAMES - cells - 2), BETWEEN.join(parts)
    while parts and wide(BETWEEN.join(parts)) > room:
        parts = parts[:-1]
    words = fit(BETWEEN.join(parts), room, QUIET)
    row: Line = (fit(name, NAMES, QUIET), fit(value, cells, style, right=True), ("  ", PLAIN), words)
    return aimed(Target(name.lower(), "all", f"{name} {value} {text}".strip()), row)


def _dim(view: View, topic: Topic) -> str:
    return QUIET if dark(view, topic) else PLAIN


def _capsules(view: View, width: int) -> Line:
    held = view.state.seen.capsules
    if held is None:
        return _row("capsules", "–", (), width)
    soon = f"{held.expiring:,} expire in {short(view.plan.queue.expiry)}"
    if held.expired:
        late = _dim(view, Topic.CAPSULES) or HOLD
        return _row("capsules", f"{held.held:,}", (f"▲ {held.expired:,} expired", soon), width, late)
    return _row("capsules", f"{held.held:,}", (soon,), width, _dim(view, Topic.CAPSULES))


def _returns(view: View, width: int) -> Line:
    known = view.state.seen.returns
    if known is None:
        return _row("returns", "–", (), width)
    late = HOLD if known.stuck and not dark(view, Topic.RETURNS) else _dim(view, Topic.RETURNS)
    sign = "▲ " if late == HOLD else ""
    stuck = f"{sign}{known.stuck:,} stuck over {short(view.plan.queue.stuck)}"
    words = (f"{name} {count:,}" for name, count in known.statuses[:3])
    return _row("returns", f"{known.open:,}", (stuck, *words), width, late)


def _csat(view: View, width: int) -> Line:
    csat = view.state.seen.csat
    if csat is None:
        return _row("CSAT", "–", (), width)
    share = figure(100 * csat.low / csat.answers if csat.answers else None, "%")
    whole, brief = f"low: {csat.low:,} of {csat.answers:,}", f"low of {csat.answers:,}"
    fits = wide(whole) <= width - NAMES - max(VALUE, wide(share) + 1) - 2
    return _row("CSAT", share, (whole if fits else brief,), width, _dim(view, Topic.CSAT))


def _flows(view: View, width: int, lines: int) -> list[Line]:
    """Say which flows are frozen since when; what does not fit beside each other stands below, or is said shorter."""
    since = {flow.title.lower(): view.state.frozen.get(flow.id) for flow in view.plan.flows}
    words = [f"{name} frozen {view.time(at)}" for name, at in since.items() if at]
    whole = len(view.plan.flows)
    if not words:
        return [_row("flows", f"{whole}", ("none frozen",), width, QUIET)]
    names = ", ".join(name for name, at in since.items() if at)
    said, room = f"▲ {', '.join(words)}", max(8, width - NAMES)
    several = (said, said.replace(" frozen", ""), f"▲ {names} frozen", f"▲ {counted(len(words), 'flows')} frozen")
    fitting = (text for text in several if len(told_in(text, room, lines + 1)) <= lines)
    rest = told_in(next(fitting, several[-1]), room, lines)
    frozen: list[Line] = [(fit("flows", NAMES, QUIET), (rest[0], f"bold {HOLD}"))]
    frozen += [((" " * NAMES, PLAIN), (line, f"bold {HOLD}")) for line in rest[1:]]
    return [aimed(Target("flows", "all", said), line) for line in frozen]


_SHELVES: Mapping[Topic, Callable[[View, int], Line]] = {
    Topic.CAPSULES: _capsules,
    Topic.RETURNS: _returns,
    Topic.CSAT: _csat,
}
_WORDS: Mapping[Topic, str] = {Topic.CAPSULES: "capsules", Topic.RETURNS: "returns", Topic.CSAT: "CSAT"}
