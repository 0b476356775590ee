"""Incidents: what the owner opened, what the triage log says, and the newest of both."""

from sessions.readings import Topic
from sessions.state import Incident
from sessions.verdicts import Mark, Verdict
from widgets.ink import BAD, BLANK, GOOD, HOLD, PLAIN, QUIET, STRONG, Line, fit
from widgets.latency_pane import noted
from widgets.marks import tone
from widgets.pane import Pane, Picture
from widgets.view import View, dark

NAMES = 12
SEVERE = ("P0", "P1")


class IncidentsPane(Pane):
    """Open incidents and critical triage lines."""

    NAME = "incidents"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return four lines: severe ones, the triage log, the newest incident, the newest critical line."""
        verdict = view.judgement.verdicts.get("incidents", Verdict("incidents", Mark.WARMING))
        lines = (_severe(view, width), _triage(view, width), _newest(view, width), _line(view, width))
        return Picture(
            (("Incidents", STRONG),), lines[:height], noted(view, Topic.TRIAGE, verdict.mark), tone(verdict.mark)
        )


def _fact(glyph: str, style: str, name: str, text: str, width: int) -> Line:
    said = PLAIN if style == GOOD else f"bold {style}" if style in (BAD, HOLD) else style
    return ((f"{glyph} ", style), fit(name, NAMES, said), fit(text, max(1, width - NAMES - 2), said))


def _severe(view: View, width: int) -> Line:
    here = [one for one in view.state.incidents.values() if one.severity in SEVERE and one.resolved_at is None]
    if not here:
        return _fact("●", GOOD, "P0/P1", "none open", width)
    return _fact("◆", BAD, "P0/P1", f"{len(here)} open", width)


def _triage(view: View, width: int) -> Line:
    triage = view.state.seen.triage
    if triage is None:
        return _fact("…", QUIET, "triage log", "–", width)
    count = sum(line.open for line in triage.critical)
    if dark(view, Topic.TRIAGE):
        return _fact("◌", QUIET, "triage log", f"{count} critical", width)
    return _fact("◆" if count else "●", BAD if count else GOOD, "triage log", f"{count} critical", width)


def _newest(view: View, width: int) -> Line:
    known = sorted(view.state.incidents.values(), key=lambda one: one.opened_at)
    if not known:
        return (fit("  last", NAMES + 2, QUIET), fit("none so far", width - NAMES - 2, QUIET))
    last: Incident = known[-1]
    end = f"resolved {view.time(last.resolved_at)}" if last.resolved_at else "open"
    text = f"{last.severity} {view.time(last.opened_at)} {end} · {last.title}"
    return (("  ", PLAIN), fit(text, width - 2, QUIET if last.resolved_at else PLAIN))


def _line(view: View, width: int) -> Line:
    triage = view.state.seen.triage
    if triage is None or not triage.critical:
        return BLANK
    newest = triage.critical[0]
    return (("  ", PLAIN), fit(f"{view.time(newest.at)} {newest.title}", width - 2, PLAIN if newest.open else QUIET))
