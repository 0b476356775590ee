"""The cards of the deck's rows: flows, flag, soak, incidents, entries, a run, the next phase."""

from collections.abc import Iterator

from sessions.state.measures import measures
from sessions.text.units import duration, moment
from sessions.values.entries import Entry
from widgets.base.styled import BLANK, HOLD, LEAD, PLAIN, QUIET, STRONG, Line
from widgets.base.view import View
from widgets.dialogs.cards.card import fact, paragraph
from widgets.dialogs.entry import entry_lines
from widgets.wording.flag import Fact, by_hand, exposed, outcome, reading, switches, targets
from widgets.wording.incidents import incident_lines


def flow_lines(view: View, width: int) -> tuple[Line, ...]:
    """Say of every flow whether it is frozen, since when, and what freezes or thaws it."""
    lines: list[Line] = []
    for flow in view.plan.flows:
        since = view.state.frozen.get(flow.id)
        words = f"frozen since {moment(since, view.now, view.tz)}, {duration(view.age(since))}" if since else "open"
        lines += fact(flow.title.lower(), words, width, HOLD if since else PLAIN)
        lines += fact("", f"its flag is {flow.flag}", width, QUIET)
    key = view.keys.get("rollout.freeze", "f")
    return (*lines, BLANK, *fact("what helps", f"{key} freezes a flow, or thaws one", width))


def flag_lines(view: View, width: int) -> tuple[Line, ...]:
    """Say what was confirmed, what is read, and who is seen to have it."""
    named = (
        ("confirmed", outcome(view)),
        ("read", reading(view)),
        ("seen", exposed(view)),
        ("switches", switches(view)),
    )
    lines: list[Line] = [*fact("intended", f"{view.state.phase} %" if view.state.whole else "unknown", width)]
    for name, known in named:
        lines += fact(name, _words(known), width, PLAIN if not known.loud else f"bold {known.sign[1]}")
    lines += fact("places", targets(view), width)
    lines += [line for text in by_hand(view) for line in fact("by hand", text, width)]
    seen = view.state.seen.flag
    if seen is not None:
        lines += fact("set by", seen.by, width)
        lines += fact("set", moment(seen.changed_at, view.now, view.tz) if seen.changed_at else "", width)
        lines += fact("version", seen.version, width)
        lines += fact("read", f"{moment(seen.at, view.now, view.tz)} from {seen.source}", width)
    return tuple(lines)


def _words(known: Fact) -> str:
    return known.loud or f"{known.sign[0]} {known.value} {known.text}".strip()


def soak_lines(view: View, width: int) -> tuple[Line, ...]:
    """Say what of the phase's time is proved, and what is not."""
    soak = view.judgement.soak
    lines = [*fact("proved", f"{duration(soak.done)} of {duration(soak.needed)}", width, STRONG)]
    lines += fact("in the phase", duration(soak.elapsed), width)
    lines += fact("watched", f"{soak.coverage:.0f} % of it" if soak.coverage is not None else "", width)
    lines += fact("busy", f"in {soak.busy:.0f} % of it somebody came" if soak.busy is not None else "", width)
    lines += fact("widest hole", duration(soak.widest_hole) if soak.widest_hole else "", width)
    lines += fact("earliest", moment(soak.eta, view.now, view.tz) if soak.eta else "unknown", width)
    return (*lines, BLANK, *fact("", soak.text, width, QUIET))


def ahead_lines(view: View, width: int) -> tuple[Line, ...]:
    """Say where the next phase will bring too little traffic for the letter of the plan."""
    return tuple(line for one in view.judgement.ahead if one.thin for line in (*paragraph(one.said, width), BLANK))


def run_lines(view: View, name: str, width: int) -> tuple[Line, ...]:
    """Return what a run did, line by line."""
    run = view.state.seen.runs.get(name)
    if run is None:
        return tuple(paragraph("The run is no longer known", width, QUIET))
    how = "ok" if run.ok else "failed" if run.done else "runs"
    return (
        *fact("began", moment(run.begun, view.now, view.tz), width),
        *fact("how", how, width),
        BLANK,
        *(line for text in run.lines for line in paragraph(text, width)),
    )


def measure_lines(view: View, name: str, width: int) -> tuple[Line, ...]:
    """Say what a temporary measure is, since when it is on, and what it hides."""
    known = next((one for one in measures(view.state) if one.id == name), None)
    if known is None:
        return tuple(paragraph("It was taken back", width, QUIET))
    lines = [*fact("on", f"since {moment(known.since, view.now, view.tz)}, {known.age(view.now)}", width, HOLD)]
    lines += fact("hides", ", ".join(known.hides), width)
    return tuple(lines)


def incidents_lines(view: View, width: int) -> tuple[Line, ...]:
    """Return every incident, critical line and alert that is known."""
    return incident_lines(view, width)


def incident_entries(view: View, name: str, width: int) -> tuple[Line, ...]:
    """Return every entry of one incident, the newest first."""
    found = [entry for entry in view.state.entries if entry.said("incident") == name]
    if not found:
        return tuple(paragraph("No entry mentions it", width, QUIET))
    return tuple(line for entry in reversed(found) for line in (*_entry(entry, view, width), BLANK))


def _entry(entry: Entry, view: View, width: int) -> Iterator[Line]:
    yield ((f"Entry {entry.seq}", f"bold {LEAD}"),)
    yield from entry_lines(entry, view, width)


def line_of(view: View, name: str, width: int) -> tuple[Line, ...]:
    """Return a critical line of the triage log, or an alert, whole."""
    logs = (("triage log", view.state.seen.triage), ("alerts", view.state.seen.alerts))
    for told, log in logs:
        one = next((line for line in log.critical if line.id == name), None) if log else None
        if one is not None and log is not None:
            lines = [*fact("id", one.id, width), *fact("title", one.title, width, STRONG)]
            lines += fact("at", moment(one.at, view.now, view.tz), width)
            lines += fact("state", "open" if one.open else "closed", width, HOLD if one.open else PLAIN)
            lines += fact("told by", f"{told}, {log.source}", width)
            return (*lines, *fact("", log.doubt, width, QUIET))
    return tuple(paragraph("The source no longer reports it", width, QUIET))
