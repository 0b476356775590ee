"""Everything that counts as an incident, one under the other: opened by hand, told by the triage log, by alerts."""

from sessions.criteria.incidents import told_by
from sessions.text.units import counted
from sessions.values.readings import Alerts, Topic, Triage
from widgets.base.styled import BLANK, PLAIN, QUIET, STRONG, Line, fit, wide
from widgets.base.view import View
from widgets.wording.rows import told_in

_MOST_TOLD = 3
_LEAST_LISTED = 2
"""Lines of the incidents of a person at least, however long the logs are."""


def incident_lines(view: View, width: int, height: int | None = None) -> tuple[Line, ...]:
    """Return a heading and its lines for each source of incidents; closed ones are dim.

    If `height` is too small, each incident gets one line, and the rest is counted. Without `height` nothing is
    shortened.
    """
    opened, logs = _opened(view, width, _MOST_TOLD), _logs(view, width, _MOST_TOLD)
    if height is None or len(opened) + len(logs) <= height:
        return (*opened, *logs)
    opened, logs = _opened(view, width, 1), _logs(view, width, 1)
    opened = _counted(opened, max(_LEAST_LISTED + 1, height - len(logs)))
    return tuple(_counted([*opened, *logs], height))


def _counted(lines: list[Line], room: int) -> list[Line]:
    """Return at most so many lines, the last one with how many more there are."""
    if len(lines) <= room:
        return lines
    return [
        *lines[: max(0, room - 1)],
        ((f"  +{counted(len(lines) - room + 1, 'lines')} more · 4 opens the log", QUIET),),
    ]


def _opened(view: View, width: int, most: int) -> list[Line]:
    """What people opened, the newest first."""
    rows: list[Line] = [_head("Opened by hand", width)]
    known = sorted(view.state.incidents.values(), key=lambda one: one.opened_at, reverse=True)
    ends = {one.id: f"resolved {view.time(one.resolved_at)}" if one.resolved_at else "open" for one in known}
    longest = max((len(end) for end in ends.values()), default=0)
    for one in known:
        head = f"  {one.severity}  {view.time(one.opened_at)}  {ends[one.id]:<{longest}}  "
        rows += _said(head, one.title, width, QUIET if one.resolved_at else STRONG, most)
    return rows if known else [*rows, (("  none", PLAIN),)]


def _logs(view: View, width: int, most: int) -> list[Line]:
    """What the logs tell that are read."""
    rows, seen, places = list[Line](), view.state.seen, told_by(view.state)
    if Topic.TRIAGE in places:
        rows += [BLANK, _head("Critical lines of the triage log", width)]
        rows += _log(view, Topic.TRIAGE, seen.triage, width, most)
    if Topic.ALERTS in places:
        firing = f", {seen.alerts.firing} firing in all" if seen.alerts else ""
        rows += [BLANK, _head(f"Alerts that hold the gate{firing}", width)]
        rows += _log(view, Topic.ALERTS, seen.alerts, width, most)
    return rows


def _head(text: str, width: int) -> Line:
    return (fit(text, width, QUIET),)


def _log(view: View, topic: Topic, told: Triage | Alerts | None, width: int, most: int) -> list[Line]:
    """One log, and why it may not be all or what is weak about it."""
    health = view.state.seen.health.get(topic)
    words = (told.doubt if told else "", health.note if health else "")
    return [
        *_told(view, told, width, most),
        *((fit(f"  {word}", width, QUIET),) for word in dict.fromkeys(words) if word),
    ]


def _told(view: View, told: Triage | Alerts | None, width: int, most: int) -> list[Line]:
    """The critical lines of one log, or that there are none, or that nobody read it yet."""
    if told is None or not told.critical:
        return [(("  not read yet" if told is None else "  none", PLAIN),)]
    rows: list[Line] = []
    for line in told.critical:
        head = f"  {line.id}  {view.time(line.at)}  {'open' if line.open else 'closed':<6}  "
        rows += _said(head, line.title, width, STRONG if line.open else QUIET, most)
    return rows


def _said(head: str, title: str, width: int, style: str, most: int) -> list[Line]:
    """Return a title beside its head; what is long goes on below itself."""
    first, *rest = told_in(title, width - wide(head), most)
    return [((head + first, style),), *(((" " * wide(head) + text, style),) for text in rest)]
