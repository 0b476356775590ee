"""What the time away was worth: its peaks against their bounds, the soak it gained, the holes in it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from sessions.gate.judgement import Judgement
from sessions.gate.soak import soak, unwatched_times
from sessions.gate.wording import figure_of
from sessions.handover.absence import Since
from sessions.handover.peaks import Peaks, error_share
from sessions.handover.sections import Row, Tone, Wording, row
from sessions.state.model import UNSEEN
from sessions.state.reducer import State
from sessions.text.intervals import Stretch, clipped, joined, total
from sessions.text.units import duration, figure
from sessions.values.entries import Entry
from sessions.values.remembered import remembered
from sessions.values.verdicts import CRITERIA, Mark

_QUEUE = "support_queue"
_SEEN = (*CRITERIA, *UNSEEN)
"""What opens a hole while somebody watches; any other cause says that nobody did."""


def peak_rows(state: State, peaks: Peaks, since: Since, say: Wording) -> tuple[Row, ...]:
    """Return the highest of each with its bound, its subject and its time; what was not measured is left out.

    A breach that was judged of less than a whole window, or of several, may be higher than every whole window.
    """
    gap = _widest(state, peaks, since)
    p95 = peaks.p95.p95_ms if peaks.p95 is not None else None
    share = error_share(peaks.errors) if peaks.errors is not None else None
    return (
        *(_judged(state, since, "latency", p95, say) or _p95(state, peaks, say)),
        *(_judged(state, since, "errors", share, say) or _errors(state, peaks, say)),
        *(_tickets(state, peaks, say)),
        *([_gap_row(state, *gap, say)] if gap else []),
    )


_PEAK_OF = {"latency": ("p95", ">"), "errors": ("errors", "≥")}


def _judged(state: State, since: Since, criterion: str, whole: float | None, say: Wording) -> tuple[Row, ...]:
    """Return the highest figure of a breach in that time, where it is higher than that of a whole window."""
    worst = _worst(state.entries, since, criterion)
    if worst is None or worst.counted("value") <= (whole or 0.0):
        return ()
    name, sign = _PEAK_OF[criterion]
    bound = figure(worst.counted("bound"), worst.said("unit"))
    words = _said(figure_of(worst), sign, bound, worst.said("subject"), say.at(worst.happened))
    return (row(name, words, Tone.BAD),)


@remembered(4)
def _worst(entries: tuple[Entry, ...], since: Since, criterion: str) -> Entry | None:
    breaches = [
        entry
        for entry in entries
        if entry.seq > since.seq
        and entry.at <= since.back
        and (since.seq or entry.at >= since.at)
        and entry.kind == "verdict.turned"
        and (entry.said("criterion"), entry.said("verdict")) == (criterion, Mark.BREACH)
    ]
    return max(breaches, key=lambda entry: entry.counted("value"), default=None)


def _p95(state: State, peaks: Peaks, say: Wording) -> Iterator[Row]:
    window, bound = peaks.p95, state.plan.latency.p95_ms
    if window is not None and window.p95_ms is not None:
        over, capped = window.p95_ms > bound, window.p95_capped
        value = figure(window.p95_ms, "ms", over=capped)
        sign = ">" if over else "against" if capped else "≤"
        tone = Tone.BAD if over else Tone.BLIND if capped else Tone.PLAIN
        yield row("p95", _said(value, sign, figure(bound, "ms"), window.endpoint, say.at(window.start)), tone)


def _errors(state: State, peaks: Peaks, say: Wording) -> Iterator[Row]:
    window, bound = peaks.errors, state.plan.errors.share
    if window is not None:
        share = error_share(window)
        over = share >= bound
        text = _said(
            figure(share, "%"), "≥" if over else "<", figure(bound, "%"), window.endpoint, say.at(window.start)
        )
        yield row("errors", text, Tone.BAD if over else Tone.PLAIN)


def _tickets(state: State, peaks: Peaks, say: Wording) -> Iterator[Row]:
    bounds = [risk.act for risk in state.plan.risks if risk.id == _QUEUE]
    if peaks.tickets is not None and bounds:
        over = peaks.tickets.open > bounds[0]
        sign = ">" if over else "≤"
        text = _said(f"{peaks.tickets.open:,}", sign, f"{bounds[0]:g} open", "", say.at(peaks.tickets.at))
        yield row("tickets", text, Tone.BAD if over else Tone.PLAIN)


def _said(value: str, sign: str, bound: str, subject: str, when: str) -> str:
    return " · ".join(filter(None, (f"{value} {sign} {bound}", subject, when)))


def _widest(state: State, peaks: Peaks, since: Since) -> tuple[str, datetime, datetime] | None:
    """The widest gap between two events of a journey in this phase, over or still running; None where none is known."""
    entered, beat = state.entered_at or since.at, peaks.gap
    known = [(name, *gap) for name, gaps in state.seen.gaps.items() for gap in gaps if gap[1] > since.at]
    if beat is not None and beat.newest is not None:
        known.append((beat.journey, beat.newest, beat.at))
    rows = [(name, max(start, entered), end) for name, start, end in known if end > entered]
    return max(rows, key=lambda one: one[2] - one[1], default=None)


def _gap_row(state: State, journey: str, start: datetime, end: datetime, say: Wording) -> Row:
    """Show the widest gap as plain: its judgement is listed with the turns."""
    width = (end - start).total_seconds()
    over = width > state.plan.gap
    text = _said(duration(width), ">" if over else "≤", duration(state.plan.gap), journey, say.span(start, end))
    return row("gap", text, Tone.HOLD if over else Tone.PLAIN)


def soak_rows(judgement: Judgement, since: Since, say: Wording) -> tuple[Row, ...]:
    """Return the soak that was gained, where the phase needs any, and how much of the time was watched."""
    state = judgement.state
    needed = [row("soak", _soaked(judgement, since, say))] if judgement.soak.needed else []
    lost = total(_lost(state, judgement.at, since))
    if not since.away:
        return tuple(needed)
    share = 100.0 * (1 - lost / since.away)
    bound = state.plan.soak.coverage
    text = f"{_percent(share)} {'≥' if share >= bound else '<'} {figure(bound, '%')}"
    text += f" · {duration(lost)} of {duration(since.away)} not watched" if lost else ""
    return (*needed, row("covered", text, Tone.PLAIN if share >= bound else Tone.HOLD))


def _soaked(judgement: Judgement, since: Since, say: Wording) -> str:
    """Say what soak was gained, and of what: `gained 5h40m, 7h12m of 24h00m`."""
    state, now = judgement.state, judgement.soak
    whole = f"{duration(now.done)} of {duration(now.needed)}"
    if state.entered_at is None or state.entered_at > since.at:
        return f"{whole}, {state.phase} % entered {say.at(state.entered_at or since.back)}"
    if now.since is not None and now.since > since.at:
        return f"{whole}, counted anew since {say.at(now.since)}: a hole > {duration(state.plan.soak.hole)}"
    gained = max(0.0, now.done - soak(state, since.at).done)
    return f"gained {duration(gained)}, {whole}"


def _percent(share: float) -> str:
    """Never rounded up to a whole that it is not."""
    return figure(share, "%") if share in (0.0, 100.0) else f"{min(max(share, 0.1), 99.9):.1f} %"


def _lost(state: State, now: datetime, since: Since) -> tuple[Stretch, ...]:
    return clipped(unwatched_times(state, now), since.at, since.back)


def holes(judgement: Judgement, since: Since, say: Wording) -> tuple[Row, ...]:
    """Return every stretch that was not watched, oldest first, with its cause.

    What nobody watched no source could show: one that was dark meanwhile, and until its next answer, is the same hole.
    """
    slack = timedelta(seconds=judgement.state.plan.cadence.mongo_stale)
    absent = _cut(_absences(judgement.state, judgement.at), since)
    nobody = [(start - slack, end + slack) for start, end in joined(absent)]
    dark = _cut(_dark(judgement.state, judgement.at), since)
    unseen = {span: names for span, names in dark.items() if not any(a <= span[0] and span[1] <= b for a, b in nobody)}
    rows = {span: "; ".join(causes) for span, causes in absent.items()}
    rows |= {span: f"no data for {', '.join(names)}" for span, names in _together(unseen).items()}
    return tuple(
        row(say.span(*span), f"{duration((span[1] - span[0]).total_seconds())} · {why}", Tone.BLIND)
        for span, why in sorted(rows.items())
    )


def _absences(state: State, now: datetime) -> Iterator[tuple[Stretch, str]]:
    """Time in which nobody watched, a closed stretch at a time."""
    yield from (((hole.since, hole.until), hole.cause) for hole in state.holes if hole.cause not in _SEEN)
    alone = replace(state, holes=(), unwatched={})
    yield from ((span, "nobody watches") for span in unwatched_times(alone, now))


def _dark(state: State, now: datetime) -> Iterator[tuple[Stretch, str]]:
    """Time in which the sources left a criterion dark."""
    yield from (((hole.since, hole.until), hole.cause) for hole in state.holes if hole.cause in _SEEN)
    yield from (((at, now), name) for name, at in state.unwatched.items())


def _cut(holes: Iterable[tuple[Stretch, str]], since: Since) -> dict[Stretch, list[str]]:
    """Return the time spans during the absence, each with all its causes."""
    causes: dict[Stretch, list[str]] = {}
    for hole, cause in holes:
        for span in clipped([hole], since.at, since.back):
            known = causes.setdefault(span, [])
            known += [] if cause in known else [cause]
    return causes


def _together(dark: Mapping[Stretch, list[str]]) -> dict[Stretch, list[str]]:
    """Criteria that were dark at one time are one hole."""
    return {
        (start, end): [
            name for name in _SEEN if any(name in names and start <= at < end for (at, _), names in dark.items())
        ]
        for start, end in joined(dark)
    }
