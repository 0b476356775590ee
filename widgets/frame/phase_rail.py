"""The phase line: every phase of the plan on one rail, done, running and to come."""

from collections.abc import Mapping

from sessions.gate.soak import Stay, stays
from sessions.plan.model import Phase
from sessions.text.units import duration
from sessions.values.percent import Percent
from widgets.base.pane import Pane, Picture
from widgets.base.styled import FAINT, GOOD, HOLD, LEAD, PLAIN, QUIET, Bit, Line, length
from widgets.base.view import View

DONE, AHEAD, HEAD = "━", "┄", "╸"
SAID, WIDE = 110, 150
"""Cells from which on each phase says its soak, and says it in words."""


class PhaseRail(Pane):
    """One line: phases with the time spent or needed, and how far the running one is."""

    NAME = "rail"

    def __init__(self) -> None:
        super().__init__()
        self._stays: tuple[tuple[object, ...], Mapping[Percent, Stay]] = ((), {})

    def _left(self, view: View) -> Mapping[Percent, Stay]:
        """Return the stays in the phases that are left: they change with entries only."""
        key = (view.state.visits, view.state.week_at, view.state.seq)
        if self._stays[0] != key:
            self._stays = (key, stays(view.state, view.judgement.at))
        return self._stays[1]

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the rail in `width` cells; the rails between the words share what is left."""
        del height
        if not view.state.whole:
            return Picture((), (((" phase not known", QUIET),),))
        left = self._left(view)
        phases = [phase for phase in view.plan.phases if phase.percent > 0]
        stops = [_stop(view, phase, left.get(phase.percent), width) for phase in phases]
        stops = stops if _flown(view) else [(_preflight(view), 0.0, QUIET), *stops]
        words, end = _fitting([line for line, _, _ in stops], _week(view), width)
        stops = [(line, done, style) for line, (_, done, style) in zip(words, stops, strict=True)]
        free = max(0, width - 2 - sum(length(line) + 2 for line in words) - length(end))
        share, rest = divmod(free, max(1, len(stops)))
        bits: list[Bit] = [(" ", PLAIN)]
        for number, (line, done, style) in enumerate(stops):
            cells = share + (1 if number < rest else 0)
            bits.extend((*line, (" ", PLAIN), *rail(cells, done, style), (" ", PLAIN)))
        return Picture((), ((*bits, *end),))


def _flown(view: View) -> bool:
    return view.state.phase > 0


def _preflight(view: View) -> Line:
    todo = view.plan.phases[0].activities
    ticked = sum(task.id in view.state.ticked for task in todo)
    return (("Pre-flight ▶ ", f"bold {LEAD}"), (f"{ticked} of {len(todo)}", PLAIN), (" confirmed", PLAIN))


def _fitting(stops: list[Line], ends: tuple[Bit, ...], width: int) -> tuple[list[Line], Line]:
    """Return the words of the phases and of the end that fit: first the end yields, then what is past is only named."""
    named = [line if "▶" in line[0][0] or "▲" in line[0][0] else line[:1] for line in stops]
    short = [line[:2] if len(line) > 2 else line for line in named]
    several = [(words, end) for words in (stops, named, short) for end in ends]
    room = width - 2
    fitting = ((words, end) for words, end in several if sum(length(line) + 2 for line in words) + len(end[0]) <= room)
    words, end = next(fitting, several[-1])
    return words, (end,)


def _stop(view: View, phase: Phase, stay: Stay | None, width: int) -> tuple[Line, float, str]:
    """Return a phase's words, how much of its rail is done (0..1), and in which style.

    What is done is soak that was proved, not time that passed.
    """
    state, soak, whole = view.state, view.judgement.soak, short(phase.soak)
    name = f"{phase.percent} %"
    if phase.percent == state.phase and state.week_at is None:
        style = HOLD if state.paused or state.frozen else LEAD
        of = f" of {whole}" if width >= SAID else f"/{whole}"
        done = soak.done / phase.soak if phase.soak > 0 else 1.0
        mark = "▲" if style == HOLD else "▶"
        return ((f"{name} {mark} ", f"bold {style}"), (duration(soak.done), PLAIN), (of, QUIET)), min(1.0, done), style
    if phase.percent > state.phase:
        bound = f" at least {whole}" if width >= WIDE else f" ≥ {whole}" if width >= SAID else ""
        return ((name, QUIET), (bound, QUIET)), 0.0, QUIET
    if stay is None:
        return ((name, QUIET), (" not flown", QUIET)), 0.0, QUIET
    style = GOOD if stay.proved else QUIET
    overruled = ", overruled" if stay.overruled else ""
    words = f" {duration(stay.done)} of {whole}{overruled}" if width >= SAID else overruled if not stay.proved else ""
    return ((f"{name} ✔", style), (words, QUIET)), min(1.0, stay.done / stay.needed if stay.needed else 1.0), style


def short(span: float) -> str:
    """Say a planned span without its zeroes: `4h`, not `4h00m`."""
    said = duration(span)
    for tail in ("00s", "00m", "00h"):
        said = said.removesuffix(tail) if len(said) > len(tail) else said
    return said


def rail(width: int, done: float, style: str) -> Line:
    """Return a rail of `width` cells with the share `done` (0..1) filled."""
    full = int(width * done)
    head = HEAD if 0 < done < 1 and full < width else ""
    return ((DONE * full + head, style), (AHEAD * (width - full - len(head)), FAINT))


def _week(view: View) -> tuple[Bit, ...]:
    """Return the end of the rail, and the same in fewer words."""
    if view.state.week_at is None:
        return (("7-day plan", QUIET), ("", QUIET))
    today = [chore.day for chore in view.judgement.week if chore.opens_at <= view.now]
    day = f"day {max(today, default=1)} of {view.plan.week.days}"
    return ((f"7-day plan ▶ {day}", f"bold {LEAD}"), (f"▶ {day}", f"bold {LEAD}"))
