"""Capsules, returns and CSAT: what is held, what is stuck, how shoppers liked it, which flows are frozen."""

from sessions.figures import figure, moment
from sessions.readings import Topic
from widgets.ink import GOOD, HOLD, PLAIN, QUIET, STRONG, Bit, Line, fit
from widgets.pane import Pane, Picture
from widgets.view import View, told

NAMES, VALUE = 9, 5


class CapsulePane(Pane):
    """Capsules, returns and satisfaction."""

    NAME = "capsules"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return four lines: capsules, returns, CSAT, flows."""
        lines = (_capsules(view, width), _returns(view, width), _csat(view, width), _flows(view, width))
        wrong = [word for word in (told(view, topic) for topic in (Topic.CAPSULES, Topic.RETURNS, Topic.CSAT)) if word]
        frozen = bool(view.state.frozen)
        calm: Bit = ("▲ FROZEN", f"bold {HOLD}") if frozen else ("● FLOWING", f"bold {GOOD}")
        foot: Line = ((f"◌ {wrong[0]}", "$blind"),) if wrong else (calm,)
        tone = "-blind" if wrong else "-hold" if frozen else ""
        return Picture((("Capsules · returns · CSAT", STRONG),), lines[:height], foot, tone)


def _row(name: str, value: str, text: str, width: int, style: str = PLAIN) -> Line:
    room = max(1, width - NAMES - VALUE - 2)
    return (fit(name, NAMES, QUIET), fit(value, VALUE, style, right=True), ("  ", PLAIN), fit(text, room, QUIET))


def _dim(view: View, topic: Topic) -> str:
    return QUIET if told(view, topic) else PLAIN


def _capsules(view: View, width: int) -> Line:
    held = view.state.seen.capsules
    if held is None:
        return _row("capsules", "–", "", width)
    soon = f"held · {held.expired} expired" if held.expired else f"held · {held.expiring} expire"
    if held.next_expiry is not None and not held.expired:
        soon += f", next {moment(held.next_expiry, view.now, view.tz)}"
    return _row("capsules", f"{held.held:,}", soon, width, HOLD if held.expired else _dim(view, Topic.CAPSULES))


def _returns(view: View, width: int) -> Line:
    known = view.state.seen.returns
    if known is None:
        return _row("returns", "–", "", width)
    statuses = ", ".join(f"{name} {count}" for name, count in known.statuses[:3])
    text = f"open · {known.stuck} stuck" + (f" · {statuses}" if statuses else "")
    return _row("returns", f"{known.open:,}", text, width, HOLD if known.stuck else _dim(view, Topic.RETURNS))


def _csat(view: View, width: int) -> Line:
    csat = view.state.seen.csat
    if csat is None:
        return _row("CSAT", "–", "", width)
    share = 100 * csat.low / csat.answers if csat.answers else None
    text = f"low · {csat.low} of {csat.answers}"
    return _row("CSAT", figure(share, "%"), text, width, _dim(view, Topic.CSAT))


def _flows(view: View, width: int) -> Line:
    words = [
        f"{flow.title.lower()} frozen {view.time(view.state.frozen[flow.id])}"
        for flow in view.plan.flows
        if flow.id in view.state.frozen
    ]
    if not words:
        return _row("flows", str(len(view.plan.flows)), "open", width)
    return _row("flows", str(len(words)), ", ".join(words), width, f"bold {HOLD}")
