"""Everything that counts as an incident, one under the other: opened by hand, told by the triage log, by alerts."""

from sessions.criteria.incidents import told_by
from sessions.values.readings import Alerts, Topic, Triage
from widgets.base.styled import BLANK, PLAIN, QUIET, STRONG, Line, fit
from widgets.base.view import View


def incident_lines(view: View, width: int) -> tuple[Line, ...]:
    """Return a heading and its lines for each source of incidents; those that are over are quiet."""
    rows: list[Line] = [_head("Opened by hand", width)]
    for one in sorted(view.state.incidents.values(), key=lambda one: one.opened_at, reverse=True):
        end = f"resolved {view.time(one.resolved_at)}" if one.resolved_at else "open"
        text = f"{one.severity}  {view.time(one.opened_at)}  {end:<15} {one.title}"
        rows.append((fit(f"  {text}", width, QUIET if one.resolved_at else STRONG),))
    rows += [] if view.state.incidents else [(("  none", PLAIN),)]
    seen, places = view.state.seen, told_by(view.state)
    if Topic.TRIAGE in places:
        rows += [BLANK, _head("Critical lines of the triage log", width), *_log(view, Topic.TRIAGE, seen.triage, width)]
    if Topic.ALERTS in places:
        firing = f", {seen.alerts.firing} firing in all" if seen.alerts else ""
        rows += [
            BLANK,
            _head(f"Alerts that hold the gate{firing}", width),
            *_log(view, Topic.ALERTS, seen.alerts, width),
        ]
    return tuple(rows)


def _head(text: str, width: int) -> Line:
    return (fit(text, width, QUIET),)


def _log(view: View, topic: Topic, told: Triage | Alerts | None, width: int) -> list[Line]:
    """One log, and why it may not be all or what is weak about it."""
    health = view.state.seen.health.get(topic)
    words = (told.doubt if told else "", health.note if health else "")
    return [*_told(view, told, width), *((fit(f"  {word}", width, QUIET),) for word in dict.fromkeys(words) if word)]


def _told(view: View, told: Triage | Alerts | None, width: int) -> list[Line]:
    """The critical lines of one log, or that there are none, or that nobody read it yet."""
    if told is None or not told.critical:
        return [(("  not read yet" if told is None else "  none", PLAIN),)]
    rows: list[Line] = []
    for line in told.critical:
        text = f"{line.id}  {view.time(line.at)}  {'open' if line.open else 'closed':<7} {line.title}"
        rows.append((fit(f"  {text}", width, STRONG if line.open else QUIET),))
    return rows
