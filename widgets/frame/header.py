"""The top line: plan, phase, what is being done, who watches, the time; a burning fuse takes it over."""

from collections.abc import Iterator

from sessions.alarms.alarms import BLINDING, faults
from sessions.gate.wording import titled
from sessions.state.measures import measures
from sessions.state.pending import revert_owed
from sessions.state.reducer import Fuse
from sessions.text.units import countdown, counted, duration
from sessions.values.verdicts import Mark
from widgets.base.pane import Pane, Picture
from widgets.base.styled import (
    BAD,
    BLIND,
    GOOD,
    HOLD,
    LEAD,
    PLAIN,
    QUIET,
    STRONG,
    Bit,
    Line,
    joined,
    length,
    middle,
    spread,
    valued,
    wide,
)
from widgets.base.view import View, sources, troubles, unasked
from widgets.wording.flag import recorded_only

GAP, AIR = ("   ", PLAIN), "  "
DOT = (" · ", QUIET)
ROOM_FOR_KEYS = 56
"""Cells from which on a fuse's line names its keys; below them its time alone must stay."""
ROOM_FOR_OFFSET = 70
"""Cells from which on the clock says how far it is from UTC."""
ROOMY, BROAD = 110, 140
"""Cells from which on the header says things in words, and has room for more of them."""
_FLOWS, _TITLE = 32, 24
"""Cells that the names of frozen flows take at most, and to which a phase's title yields before anything else does."""
FUSE_KEYS = (("fuse.defuse", "d"), ("fuse.extend", "x"), ("rollout.revert", "r"))


class Header(Pane):
    """One line over every screen."""

    NAME = "header"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the line: the fuse first, else the plan and its state."""
        del height
        fuse = burning(view)
        clock = _clock(view, width)
        left = (
            fuse_line(view, fuse, width - length(clock) - (3 if width < ROOM_FOR_OFFSET else 5))
            if fuse
            else _left(view, width, width - length(clock) - 3)
        )
        line = spread(((" ", PLAIN), *left), (*clock, (" ", PLAIN)), width)
        return Picture((), (line,), (), "-bad" if fuse or _open(view) else "-blind" if loud(view) else "")


def _open(view: View) -> bool:
    """Whether the flag's value is unknown or wrong."""
    return view.state.flag.status == "unknown" or revert_owed(view.state)


def burning(view: View) -> Fuse | None:
    """Return the fuse that ends first, None when nothing burns."""
    alight = [fuse for fuse in view.state.fuses.values() if not fuse.blown]
    return min(alight, key=lambda fuse: fuse.deadline, default=None)


def fuse_line(view: View, fuse: Fuse, width: int) -> Line:
    """Return the fuse's line: what is left, at which percentage, what lit it, the keys; its words yield first."""
    left = (fuse.deadline - view.now).total_seconds()
    late = left < 0
    head: Line = (
        (f" OVERDUE {duration(-left)} " if late else f" FUSE {countdown(left)} ", "bold $ground on $bad"),
        (f" {view.state.phase} %{AIR if width >= ROOM_FOR_KEYS else ' '}" if view.state.whole else " ", STRONG),
    )
    room = width - length(head) - 1
    most = room - wide(_told(view, fuse)[2]) if width >= ROOM_FOR_KEYS else 0
    keys = next((line for line in _fuse_keys(view) if length(line) <= most), ())
    return spread((*head, (_lit_by(view, fuse, room - length(keys)), STRONG)), keys, width)


def _fuse_keys(view: View) -> tuple[Line, ...]:
    """Return the keys of a fuse, and the same in fewer words; or why none works."""
    if view.viewer:
        return (((f"  ◌ {view.viewer}", BLIND),),)
    defuse, extend, revert = (view.keys.get(name, key) for name, key in FUSE_KEYS)
    keys: Line = ((f"  {defuse}", LEAD), (" defuse  ", PLAIN), (extend, LEAD), (" extend  ", PLAIN), (revert, LEAD))
    return ((*keys, (" revert now", PLAIN)), (*keys, (" revert", PLAIN)))


def _lit_by(view: View, fuse: Fuse, room: int) -> str:
    """Say what lit it; where room is short, whole parts of it go, the value and its bound never."""
    said = _told(view, fuse)
    return valued(next((text for text in said if wide(text) <= room), said[-1]), room)


def _told(view: View, fuse: Fuse) -> tuple[str, ...]:
    """Return what lit it, each shorter: with what is to be done, with the risk's name, with the subject, the value."""
    found = fuse.text.partition(": ")[0]
    bare = found.removeprefix(titled(view.state.plan, fuse.risk)).strip() or found
    return fuse.text, found, bare, bare.partition(" on ")[0]


def doing(view: View) -> Line:
    """Return glyph and word for what the rollout does now; what is worst speaks. Green is only what is watched."""
    return next(((word, style if style == QUIET else f"bold {style}"),) for word, style in _doing(view))


def _doing(view: View) -> Iterator[Bit]:
    """Yield what holds, the worst first."""
    state = view.state
    if loud(view):
        yield ("◌ BLIND", BLIND)
    if revert_owed(state):
        yield ("◆ REVERT NOT DONE", BAD)
    if state.flag.status == "unknown":
        yield ("◆ FLAG OUTCOME UNKNOWN", BAD)
    if state.concluded_at is not None:
        yield ("✔ CONCLUDED", GOOD)
    if state.paused is not None:
        yield ("▲ PAUSED", HOLD)
    if state.frozen:
        names = ", ".join(titled(state.plan, flow).lower() for flow in state.frozen)
        yield (f"▲ FROZEN {names if wide(names) <= _FLOWS else counted(len(state.frozen), 'flows')}", HOLD)
    if not state.watching:
        yield ("◌ NOT WATCHED", BLIND)
    yield from _seen(view)
    if any(verdict.mark is Mark.BREACH for verdict in view.judgement.verdicts.values()):
        yield ("◆ BREACH", BAD)
    if state.phase == 0:
        yield ("… NOT STARTED", QUIET)
    yield ("● RUNNING", GOOD)


def _seen(view: View) -> Iterator[Bit]:
    """Yield what keeps this moment from being watched whole: nothing answers, some do not, or they are being asked."""
    answers = sources(view)
    good = sum(fine for _, fine in answers)
    if answers and not good:
        yield ("◌ NO SOURCE ANSWERS", BLIND)
    if good < len(answers):
        yield ("◌ PARTLY BLIND", BLIND)
    if unasked(view):
        yield ("… ASKING", QUIET)
    if not answers:
        yield ("◌ NO SOURCE", BLIND)


def loud(view: View) -> str:
    """Return what makes everything on screen doubtful, empty when nothing does."""
    if view.silence:
        return f"no judgement for {duration(view.silence)}"
    standing = faults(view.state)
    return next((f"{origin}: {standing[origin]}" for origin in BLINDING if origin in standing), "")


def phase_words(view: View, most: int = 0) -> str:
    """Return the phase by name and percentage; a title that makes it longer than `most` loses its middle."""
    state = view.state
    if not state.whole:
        return "phase not known"
    if state.week_at is not None:
        day = max((chore.day for chore in view.judgement.week if chore.opens_at <= view.now), default=1)
        return f"7-day plan, day {day} · {state.phase} %"
    known = [phase for phase in state.plan.phases if phase.percent == state.phase]
    if not known:
        return f"{state.phase} %"
    share = f" · {state.phase} %"
    return (middle(known[0].title, max(1, most - wide(share))) if most else known[0].title) + share


def _left(view: View, width: int, room: int) -> Line:
    """Return as much as fits whole: words get shorter first, then names yield, then the last of the rest."""
    name: Line = ((view.plan.title, STRONG),)
    phase, less = (((phase_words(view, most), f"bold {LEAD}"),) for most in (0, _TITLE))
    rows, short = _parts(view, width), _parts(view, 0)
    several = [joined((joined((name, phase), DOT), *parts), GAP) for parts in (rows, short)]
    several += [joined((phase, *short), GAP)]
    several += [joined((less, *short[:count]), GAP) for count in range(len(short), 0, -1)]
    return next((line for line in several if length(line) <= room), several[-1])


def _parts(view: View, width: int) -> list[Line]:
    """Return what is being done, then what is wrong or on, then who watches."""
    rows: list[Line] = [doing(view)]
    if loud(view):
        rows.append(((loud(view), f"bold {BLIND}"),))
    if view.viewer:
        rows.append(((f"◌ {view.viewer if width else view.viewer.partition(': ')[0]}", BLIND),))
    rows += _slowed(view, width)
    rows += _measures(view, width)
    rows.append(_watch(view, width))
    if recorded_only(view):
        rows.append((("◌ recorded only, nothing is moved" if width >= BROAD else "◌ recorded only", BLIND),))
    return rows


def _slowed(view: View, width: int) -> list[Line]:
    """Say that a demo goes slower than it was asked to: everything on screen does, nothing of the rollout is late."""
    if not view.slowed:
        return []
    speed = f"{view.slowed:.0f}x" if view.slowed >= 10 else f"{view.slowed:.1f}x"
    return [((f"demo slowed to {speed}, the machine is busy" if width >= 150 else f"slowed to {speed}", QUIET),)]


def _measures(view: View, width: int) -> list[Line]:
    """Name the oldest temporary measure with its age, and say how many more are on; a frozen flow is told already."""
    on = [item for item in measures(view.state) if item.id not in view.state.frozen]
    if not on:
        return []
    age, more = on[0].age(view.now), f", {len(on) - 1} more" if len(on) > 1 else ""
    short = f"▲ {len(on)} measures on" if len(on) > 1 else f"▲ measure {age}"
    return [((f"▲ {on[0].title} on for {age}{more}" if width >= 120 else short, HOLD),)]


def _watch(view: View, width: int) -> Line:
    """Say how many sources answer, and how much of the time was watched."""
    answers = sources(view)
    good = sum(ok for _, ok in answers)
    who = view.follows.partition(" since ")[0]
    wide = width >= ROOMY
    line: Line = ((f"{who} · ", QUIET),) if who and wide else ()
    if unasked(view) and good == len(answers):
        line = (*line, ("asking the sources", QUIET))
    else:
        sign = "" if answers and good == len(answers) else "◌ "
        said = f"{good} of {counted(len(answers), 'sources')}" if wide else f"{good}/{len(answers)} sources"
        line = (*line, (f"{sign}{said}", BLIND if sign else PLAIN))
    line = (*line, *_covered(view, wide=wide))
    wrong = troubles(view)
    return (*line, DOT, (f"◌ {wrong[0]}", BLIND)) if wrong and width >= BROAD else line


def _covered(view: View, *, wide: bool) -> Line:
    """Return how much of the phase was watched; where a hole that is still open starts the count anew there is none."""
    soak = view.judgement.soak
    if soak.coverage is None:
        return ()
    if soak.coverage >= view.plan.soak.coverage:
        return (DOT, (f"watched {soak.coverage:.0f} % of the time", QUIET)) if wide else ()
    bound = f" of the time, {view.plan.soak.coverage:.0f} % needed" if wide else ""
    return (DOT, (f"◌ watched {soak.coverage:.0f} %{bound}", BLIND))


def _clock(view: View, width: int) -> Line:
    local = view.now.astimezone(view.tz)
    if width < ROOM_FOR_OFFSET:
        return ((local.strftime("%H:%M:%S"), QUIET),)
    offset = local.strftime("%z")
    return ((local.strftime("%H:%M:%S "), PLAIN), (f"{offset[:3]}:{offset[3:5]}", QUIET))
