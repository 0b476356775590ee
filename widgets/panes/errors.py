"""Errors: the share of all requests, the worst endpoint, and spikes of server errors."""

import math

from sessions.text.units import figure
from sessions.values.readings import Topic, Traffic
from sessions.values.verdicts import Mark, Part, Verdict, worst
from widgets.base.pane import Pane, Picture
from widgets.base.sparks import sparks
from widgets.base.styled import BAD, LEAD, PLAIN, QUIET, STRONG, Line, fit, length, named, worded
from widgets.base.symbols import DIM, MARKS, said, strip, tone
from widgets.base.target import Target, aimed
from widgets.base.view import View, answering, dark
from widgets.panes.latency import noted

NAMES, VALUE = 9, 8
MOST = 48
"""Cells of a trend at most."""
_OTHERS = 3
"""The lines below the share of all."""


class ErrorsPane(Pane):
    """The share of failing requests."""

    NAME = "errors"

    def moves(self, view: View) -> object:
        """Return how the source of traffic answers."""
        return answering(view, Topic.TRAFFIC)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return four lines: all, worst, spike, and what the verdict says; more room is for the trend of all."""
        verdict = view.judgement.verdicts.get("errors", Verdict("errors", Mark.WARMING))
        every = next((part for part in verdict.parts if part.subject == "all"), None)
        ends = tuple(part for part in verdict.parts if part.subject != "all")
        title: Line = (("Errors ", STRONG), (f"< {figure(view.plan.errors.share, '%')}", QUIET))
        style = said(verdict.mark) if verdict.mark is not Mark.PASS else QUIET
        lines: list[Line] = [
            *_all(view, every, width, max(1, height - _OTHERS)),
            _worst(worst(ends), width),
            _spike(view, width),
            (fit("", 2), worded(verdict.text, width - 2, style)),
        ]
        below = noted(view, Topic.TRAFFIC, verdict.mark, width - self.BORDER + 2)
        return Picture(title, tuple(lines[:height]), below, tone(verdict.mark))


def _all(view: View, part: Part | None, width: int, high: int) -> list[Line]:
    known = part or Part("all", Mark.WARMING, unit="%")
    strips = 2 * view.plan.windows.count + 1
    trend = max(0, min(MOST, width - 2 - NAMES - VALUE - 4 - strips))
    style = QUIET if known.mark in DIM else said(known.mark)
    running = LEAD if any(row and row[-1].at < row[-1].end for row in view.state.seen.windows.values()) else ""
    left: Line = (
        (f"{MARKS[known.mark][0]} ", MARKS[known.mark][1]),
        fit("all", NAMES, style),
        fit(figure(known.value, "%"), VALUE, style, right=True),
        ("  ", PLAIN),
    )
    drawn = sparks(shares(view), trend, high, bound=view.plan.errors.share)
    first: Line = (*left, *drawn[0], ("  ", PLAIN), *strip(known, view.plan.windows.count, running))
    about = Target("errors", "all", f"errors {figure(known.value, '%')} of all requests")
    return [aimed(about, line) for line in (first, *(((" " * length(left), PLAIN), *line) for line in drawn[1:]))]


def _worst(part: Part | None, width: int) -> Line:
    if part is None:
        return (("… ", QUIET), fit("worst", width - 2, QUIET))
    style = QUIET if part.mark in DIM else said(part.mark)
    row: Line = (
        (f"{MARKS[part.mark][0]} ", MARKS[part.mark][1]),
        fit("worst", NAMES, style),
        fit(figure(part.value, "%"), VALUE, style, right=True),
        ("  ", PLAIN),
        named(part.subject, max(1, width - NAMES - VALUE - 4), QUIET),
    )
    return aimed(Target("errors", part.subject), row)


def spikes(view: View) -> list[Traffic]:
    """Return the minutes that are a spike by the plan."""
    rule = view.plan.errors
    return [
        minute
        for row in view.state.seen.minutes.values()
        for minute in row
        if minute.errors >= rule.spike_errors and minute.errors * 100 >= rule.spike_share * minute.requests
    ]


def _spike(view: View, width: int) -> Line:
    """Return the newest minute that is a spike by the plan, or that there is none."""
    found = spikes(view)
    if not view.state.seen.minutes:
        return (("… ", QUIET), fit("5xx spike", NAMES + 1, QUIET), fit("–", width - NAMES - 3, QUIET))
    if not found and dark(view, Topic.TRAFFIC):
        return (("◌ ", QUIET), fit("5xx spike", NAMES + 1, QUIET), fit("  none", width - NAMES - 3, QUIET))
    if not found:
        return (("● ", "$good"), fit("5xx spike", NAMES + 1), fit("  none", width - NAMES - 3, PLAIN))
    newest = max(found, key=lambda minute: minute.end)
    text = f"  {view.time(newest.end)} {newest.errors:.0f} of {newest.requests:.0f}"
    row: Line = (("◆ ", BAD), fit("5xx spike", NAMES + 1), fit(text, width - NAMES - 3))
    return aimed(Target("spike", newest.endpoint, f"5xx spike {newest.endpoint}{text}"), row)


def shares(view: View) -> list[float | None]:
    """Return the share of errors over all endpoints per window in %, oldest first, None where nothing was asked."""
    spans = dict[object, list[Traffic]]()
    for row in view.state.seen.windows.values():
        for window in row:
            spans.setdefault(window.start, []).append(window)
    return [_share(spans[start]) for start in sorted(spans, key=str)]


def _share(windows: list[Traffic]) -> float | None:
    asked = math.fsum(window.requests for window in windows)
    return 100 * math.fsum(window.errors for window in windows) / asked if asked > 0 else None
