"""What the time away was worth: its peaks against their bounds, the soak it gained, the holes in it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from sessions.figures import duration, figure
from sessions.judgement import Judgement
from sessions.peaks import Peaks, error_share
from sessions.since import Since
from sessions.soak import soak, unwatched_times
from sessions.spans import Stretch, clipped, total
from sessions.state import State
from sessions.telling import Row, Tone, Wording, row
from sessions.verdicts import CRITERIA

_QUEUE = "support_queue"


def peak_rows(state: State, peaks: Peaks, since: Since, say: Wording) -> tuple[Row, ...]:
    """Return the highest of each with its bound, its subject and its time; what was not measured is left out."""
    gap = _widest(state, peaks, since)
    return (
        *(_p95(state, peaks, say)),
        *(_errors(state, peaks, say)),
        *(_tickets(state, peaks, say)),
        *([_gap_row(state, *gap, say)] if gap else []),
    )


def _p95(state: State, peaks: Peaks, say: Wording) -> Iterator[Row]:
    window, bound = peaks.p95, state.plan.latency.p95_ms
    if window is not None and window.p95_ms is not None:
        over, capped = window.p95_ms > bound, window.p95_capped
        value = f"{'over ' if capped else ''}{figure(window.p95_ms, 'ms')}"
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
    """A wide gap is no outage by itself: what was judged of it stands with what turned."""
    width = (end - start).total_seconds()
    over = width > state.plan.gap
    text = _said(duration(width), ">" if over else "≤", duration(state.plan.gap), journey, say.span(start, end))
    return row("gap", text, Tone.HOLD if over else Tone.PLAIN)


def soak_rows(judgement: Judgement, since: Since, say: Wording) -> tuple[Row, ...]:
    """Return the soak that was gained, where the phase needs any, and how much of the time was watched."""
    state = judgement.state
    needed = [row("soak", soaked(judgement, since, say))] if judgement.soak.needed else []
    lost = total(_lost(state, judgement.at, since))
    if not since.away:
        return tuple(needed)
    share = covered(judgement, since)
    bound = state.plan.soak.coverage
    text = f"{_percent(share)} {'≥' if share >= bound else '<'} {figure(bound, '%')}"
    text += f" · {duration(lost)} of {duration(since.away)} not watched" if lost else ""
    return (*needed, row("covered", text, Tone.PLAIN if share >= bound else Tone.HOLD))


def soaked(judgement: Judgement, since: Since, say: Wording) -> str:
    """Say what soak was gained, and of what: `gained 5h40m, 7h12m of 24h00m`."""
    state, now = judgement.state, judgement.soak
    whole = f"{duration(now.done)} of {duration(now.needed)}"
    if state.entered_at is None or state.entered_at > since.at:
        return f"{whole}, {state.phase} % entered {say.at(state.entered_at or since.back)}"
    if now.since is not None and now.since > since.at:
        return f"{whole}, counted anew since {say.at(now.since)}: a hole > {duration(state.plan.soak.hole)}"
    gained = max(0.0, now.done - soak(state, since.at).done)
    return f"gained {duration(gained)}, {whole}"


def covered(judgement: Judgement, since: Since) -> float:
    """Return how much of the time away was watched, in %."""
    if not since.away:
        return 100.0
    return 100.0 * (1 - total(_lost(judgement.state, judgement.at, since)) / since.away)


def _percent(share: float) -> str:
    """Never rounded up to a whole that it is not."""
    return figure(share, "%") if share in (0.0, 100.0) else f"{min(max(share, 0.1), 99.9):.1f} %"


def _lost(state: State, now: datetime, since: Since) -> tuple[Stretch, ...]:
    return clipped(unwatched_times(state, now), since.at, since.back)


def holes(judgement: Judgement, since: Since, say: Wording) -> tuple[Row, ...]:
    """Return every stretch that was not watched, oldest first, with its cause; what was one stretch is one row."""
    causes: dict[Stretch, list[str]] = {}
    for start, end, cause in _holes(judgement.state, judgement.at):
        for stretch in clipped([(start, end)], since.at, since.back):
            causes.setdefault(stretch, []).append(cause)
    return tuple(
        row(say.span(*stretch), f"{duration((stretch[1] - stretch[0]).total_seconds())} · {_why(said)}", Tone.BLIND)
        for stretch, said in sorted(causes.items())
    )


def _holes(state: State, now: datetime) -> Iterator[tuple[datetime, datetime, str]]:
    yield from ((hole.since, hole.until, hole.cause) for hole in state.holes)
    yield from ((at, now, name) for name, at in state.unwatched.items())
    absent = replace(state, holes=(), unwatched={})
    yield from ((start, end, "nobody watches") for start, end in unwatched_times(absent, now))


def _why(causes: Iterable[str]) -> str:
    """Criteria that the sources left dark are one cause."""
    known = tuple(dict.fromkeys(causes))
    dark = ", ".join(cause for cause in known if cause in CRITERIA)
    plain = [cause for cause in known if cause not in CRITERIA]
    return "; ".join([*plain, f"no data for {dark}"] if dark else plain)
