"""The course of a period as rows: what lasted from when until when, and every move of the rollout."""

from collections.abc import Sequence
from datetime import tzinfo

from sessions.reports.html.axis import left, ticks, time
from sessions.reports.html.course import Course, Stay
from sessions.reports.html.markup import Html, joined, tag


def strip(over: Course, tz: tzinfo | None) -> Html:
    """Return the course itself: a row for each thing that lasted, and the moves."""
    rows = (
        ("Phase", "phase", over.phases),
        ("Episodes", "trouble", over.troubles),
        ("Paused", "paused", over.paused),
        ("Fuse", "fuse", over.fuses),
        ("Frozen", "frozen", over.frozen),
        ("Not watched", "unseen", over.unseen),
    )
    shown = [_row(name, _bars(kind, stays, over, tz)) for name, kind, stays in rows if stays or name == "Phase"]
    if over.moves:
        shown.append(_row("Moves", [_mark(over, number, tz) for number in range(len(over.moves))]))
    shown.append(_row("", ticks(over, tz), "row times"))
    return tag("div", *shown, class_="strip")


def _row(name: str, parts: Sequence[Html], kind: str = "row") -> Html:
    return tag("div", tag("span", name, class_="name"), tag("div", joined(parts), class_="track"), class_=kind)


def _bars(kind: str, stays: Sequence[Stay], over: Course, tz: tzinfo | None) -> list[Html]:
    bars = []
    for stay in stays:
        left, right = over.share(stay.since) * 100, over.share(stay.until) * 100
        words = stay.words if kind == "phase" and right - left > 8 else ""
        told = f"{stay.words} {time(stay.since, tz)}-{time(stay.until, tz)}"
        style = f"left:{left:.2f}%;width:{right - left:.2f}%"
        bars.append(tag("span", words, class_=f"bar {kind}", style=style, title=told))
    return bars


def _mark(over: Course, number: int, tz: tzinfo | None) -> Html:
    """One move; what it reached is said where there is room before the next one."""
    move = over.moves[number]
    after = over.moves[number + 1].at if number + 1 < len(over.moves) else over.until
    room = over.share(after) - over.share(move.at) > 0.12
    sign = "◂" if move.back else "▸"
    told = f"{'back to ' if move.back else ''}{move.percent} % {time(move.at, tz)}"
    words = f"{sign} {move.percent} %" if room else sign
    kind = " ".join(filter(None, ("mark", "back" if move.back else "", "late" if over.share(move.at) > 0.85 else "")))
    return tag("span", words, class_=kind, style=left(over, move.at), title=told)
