"""Incidents: what the owner opened and what others report, the worst of both first."""

from sessions.criteria.incidents import told_by
from sessions.state.reducer import Incident
from sessions.values.readings import Alerts, Topic, Triage
from sessions.values.verdicts import Mark, Verdict
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BAD, BLIND, GOOD, PLAIN, QUIET, STRONG, Line, fit
from widgets.base.symbols import foot, tone
from widgets.base.target import Target, aimed
from widgets.base.view import View, answering, dark, told
from widgets.panes.latency import noted
from widgets.wording.p95 import weakness
from widgets.wording.rows import told_in

NAMES = 12
SEVERE = ("P0", "P1")


class IncidentsPane(Pane):
    """Open incidents, critical triage lines, alerts."""

    NAME = "incidents"

    @classmethod
    def lines(cls, view: View) -> tuple[int, ...]:
        """Return how many lines are needed: severe ones, each log, the worst incident, the newest critical line."""
        return (len(told_by(view.state)) + 3, len(told_by(view.state)) + 5)

    def moves(self, view: View) -> object:
        """Return how the logs answer."""
        return answering(view, *told_by(view.state))

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return a line for severe ones and for each log that is read, then the worst incident and a critical line.

        In little room only the worse of these two stays.
        """
        verdict = view.judgement.verdicts.get("incidents", Verdict("incidents", Mark.WARMING))
        places = told_by(view.state)
        logs = [_triage(view, width)] if Topic.TRIAGE in places else []
        logs += [_alerts(view, width)] if Topic.ALERTS in places else []
        above: list[Line] = [_severe(view, width), *logs]
        lines = _told(view, width, height - len(above))
        below = _foot(view, places, verdict.mark, width - self.BORDER + 2)
        return Picture((("Incidents", STRONG),), (*above, *lines)[:height], below, tone(verdict.mark))


def _foot(view: View, places: tuple[Topic, ...], mark: Mark, width: int) -> Line:
    """What is wrong with a log comes before what is weak about one; without a log the verdict stands alone."""
    if not places:
        return foot(mark)
    wrong = next((topic for topic in places if told(view, topic)), None)
    if wrong is not None:
        return noted(view, wrong, mark, width)
    weak = (weakness(view, topic, mark, width) for topic in places)
    return next(filter(None, weak), noted(view, places[0], mark, width))


def _fact(glyph: str, style: str, name: str, text: str, width: int) -> Line:
    said = PLAIN if style == GOOD else f"bold {style}" if style in (BAD, BLIND) else style
    return ((f"{glyph} ", style), fit(name, NAMES, said), fit(text, max(1, width - NAMES - 2), said))


def _severe(view: View, width: int) -> Line:
    here = [one for one in view.state.incidents.values() if one.severity in SEVERE and one.resolved_at is None]
    said = f"{len(here)} open" if here else "none open"
    row = _fact("◆" if here else "●", BAD if here else GOOD, "P0/P1", said, width)
    return aimed(Target("incidents", "severe", f"P0/P1 {said}"), row)


def _triage(view: View, width: int) -> Line:
    triage = view.state.seen.triage
    if triage is None:
        return _fact("…", QUIET, "triage log", "–", width)
    count = sum(line.open for line in triage.critical)
    return _log(view, Topic.TRIAGE, triage, f"{count} critical", width)


def _log(view: View, topic: Topic, log: Triage | Alerts, text: str, width: int) -> Line:
    """One log in a line; what may not be all of it shows no calm."""
    count, name = sum(line.open for line in log.critical), "alerts" if topic is Topic.ALERTS else "triage log"
    if dark(view, topic):
        row = _fact("◌", QUIET, name, text, width)
    elif not count and log.doubt:
        row = _fact("◌", BLIND, name, log.doubt, width)
    else:
        row = _fact("◆" if count else "●", BAD if count else GOOD, name, text, width)
    return aimed(Target("incidents", topic.value, f"{name}: {text}"), row)


def _alerts(view: View, width: int) -> Line:
    alerts = view.state.seen.alerts
    if alerts is None:
        return _fact("…", QUIET, "alerts", "–", width)
    count = sum(line.open for line in alerts.critical)
    text = f"{alerts.firing} firing, {count} critical"
    return _log(view, Topic.ALERTS, alerts, text, width)


def _told(view: View, width: int, height: int) -> list[Line]:
    """Return the worst incident and the newest critical line with all their words, as far as there is room.

    In a single line an open P0 or P1 comes first, then a critical line, then any other incident.
    """
    incident, critical = _worst(view), _line(view)
    severe = any(one.severity in SEVERE and one.resolved_at is None for one in view.state.incidents.values())
    shown = [critical] if height <= 1 and critical and not severe else [one for one in (incident, critical) if one]
    rows: list[Line] = []
    for number, (target, text, style) in enumerate(shown):
        room = height - len(rows) - (len(shown) - number - 1)
        lines: list[Line] = [(("  ", PLAIN), (line, style)) for line in told_in(text, width - 2, min(room, _MOST))]
        rows += [aimed(target, line) if target else line for line in lines] if room > 0 else []
    return rows


_MOST = 3
"""Lines of a title at most."""


Told = tuple[Target | None, str, str]
"""What a text is about, the text, its style."""


def _worst(view: View) -> Told:
    """The open incident of the highest severity, the newest of them; without an open one the newest of all."""
    known = sorted(view.state.incidents.values(), key=lambda one: one.opened_at, reverse=True)
    if not known:
        return None, "last        none so far", QUIET
    opened = [one for one in known if one.resolved_at is None]
    last: Incident = min(opened, key=lambda one: one.severity) if opened else known[0]
    end = f"resolved {view.time(last.resolved_at)}" if last.resolved_at else "open"
    text = f"{last.severity} {view.time(last.opened_at)} {end} · {last.title}"
    return Target("incident", last.id, f"{last.id} {text}"), text, QUIET if last.resolved_at else PLAIN


def _line(view: View) -> Told | None:
    """The newest critical line of all logs; one that is open comes before one that is not."""
    seen = view.state.seen
    lines = [line for told in (seen.triage, seen.alerts) if told is not None for line in told.critical]
    if not lines:
        return None
    newest = max(lines, key=lambda line: (line.open, line.at))
    said = f"{view.time(newest.at)} {newest.title}"
    return Target("line", newest.id, f"{newest.id} {said}"), said, PLAIN if newest.open else QUIET
