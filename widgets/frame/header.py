"""The top line: plan, phase, what is being done, who watches, the time; a burning fuse takes it over."""

from sessions.alarms.alarms import BLINDING, faults
from sessions.state.measures import measures
from sessions.state.pending import revert_owed
from sessions.state.reducer import Fuse
from sessions.text.units import countdown, duration
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BAD, HOLD, LEAD, PLAIN, QUIET, STRONG, Bit, Line, joined, length, spread
from widgets.base.view import View, sources, troubles
from widgets.wording.flag import recorded_only

GAP = ("   ", PLAIN)
DOT = (" · ", QUIET)
ROOM_FOR_KEYS = 56
"""Cells from which on a fuse's line names its keys; below them its time alone must stay."""
FUSE_KEYS = (("fuse.defuse", "d"), ("fuse.extend", "x"), ("rollout.revert", "r"))


class Header(Pane):
    """One line over every screen."""

    NAME = "header"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the line: the fuse first, else the plan and its state."""
        del height
        fuse = burning(view)
        clock = _clock(view, width)
        left = fuse_line(view, fuse, width - length(clock) - 5) if fuse else _left(view, width)
        line = spread(((" ", PLAIN), *left), (*clock, (" ", PLAIN)), width)
        return Picture((), (line,), (), "-bad" if fuse or _open(view) else "-blind" if loud(view) else "")


def _open(view: View) -> bool:
    """Whether nobody knows where the flag is, or it is not where it was to be."""
    return view.state.flag.status == "unknown" or revert_owed(view.state)


def burning(view: View) -> Fuse | None:
    """Return the fuse that ends first, None when nothing burns."""
    alight = [fuse for fuse in view.state.fuses.values() if not fuse.blown]
    return min(alight, key=lambda fuse: fuse.deadline, default=None)


def fuse_line(view: View, fuse: Fuse, width: int) -> Line:
    """Return the fuse's line: what is left, what lit it, the keys; its words yield first."""
    left = (fuse.deadline - view.now).total_seconds()
    late = left < 0
    head: Line = (
        (f" OVERDUE {duration(-left)} " if late else f" FUSE {countdown(left)} ", "bold $ground on $bad"),
        (" ", PLAIN),
    )
    defuse, extend, revert = (view.keys.get(name, key) for name, key in FUSE_KEYS)
    keys: Line = ((f"  {defuse}", LEAD), (" defuse  ", PLAIN), (extend, LEAD), (" extend  ", PLAIN), (revert, LEAD))
    keys = ((f"  ◌ {view.viewer}", "$blind"),) if view.viewer else (*keys, (" revert now", PLAIN))
    return spread((*head, (fuse.text, STRONG)), keys if width >= ROOM_FOR_KEYS else (), width)


def doing(view: View) -> Line:
    """Return glyph and word for what the rollout does now; what is worst speaks."""
    state = view.state
    words = (
        (bool(loud(view)), "◌ BLIND", "$blind"),
        (revert_owed(state), "◆ REVERT NOT DONE", BAD),
        (state.flag.status == "unknown", "▲ OUTCOME UNKNOWN", BAD),
        (state.phase == 0 and state.paused is None, "… PRE-FLIGHT", LEAD),
        (state.concluded_at is not None, "✔ CONCLUDED", "$good"),
        (state.paused is not None, "▲ PAUSED", HOLD),
        (bool(state.frozen), f"▲ FROZEN {', '.join(state.frozen)}", HOLD),
        (True, "● RUNNING", "$good"),
    )
    return next(((word, f"bold {tone}"),) for holds, word, tone in words if holds)


def loud(view: View) -> str:
    """Return what makes everything on screen doubtful, empty when nothing does."""
    if view.silence:
        return f"no judgement for {duration(view.silence)}"
    standing = faults(view.state)
    return next((f"{origin}: {standing[origin]}" for origin in BLINDING if origin in standing), "")


def phase_words(view: View) -> str:
    """Return the phase by name and percentage."""
    state = view.state
    if not state.whole:
        return "phase not known"
    if state.week_at is not None:
        return f"7-day plan · {state.phase} %"
    known = [phase for phase in state.plan.phases if phase.percent == state.phase]
    return f"{known[0].title} · {state.phase} %" if known else f"{state.phase} %"


def _left(view: View, width: int) -> Line:
    name: Line = ((view.plan.title, STRONG),)
    phase: Line = ((phase_words(view), f"bold {LEAD}"),)
    rows: list[Line] = [joined((name, phase), DOT), doing(view)]
    if loud(view):
        rows.append(((loud(view), "bold $blind"),))
    if view.viewer:
        rows.append(((f"◌ {view.viewer}", "$blind"),))
    rows += _measures(view, width)
    rows.append(_watch(view, width))
    if recorded_only(view):
        rows.append((("▲ recorded only, nothing is moved" if width >= 140 else "▲ recorded only", HOLD),))
    return joined(rows, GAP)


def _measures(view: View, width: int) -> list[Line]:
    """Name the oldest temporary measure with its age, and say how many more are on; a frozen flow is told already."""
    on = [item for item in measures(view.state) if item.id not in view.state.frozen]
    if not on:
        return []
    age, more = on[0].age(view.now), f" +{len(on) - 1}" if len(on) > 1 else ""
    short = f"▲ {len(on)} measures" if len(on) > 1 else f"▲ measure {age}"
    return [((f"▲ {on[0].title} on {age}{more}" if width >= 120 else short, HOLD),)]


def _watch(view: View, width: int) -> Line:
    asked = sources(view)
    good = sum(ok for _, ok in asked)
    tone = PLAIN if asked and good == len(asked) else "$blind"
    covered = _covered(view)
    who = view.follows.partition(" since ")[0]
    wide = width >= 110
    line: Line = ((f"{who} · " if who and wide else "watch ", QUIET), (f"{good}/{len(asked)}", tone))
    line = (*line, (" sources" if wide else "", QUIET))
    line = (*line, DOT, ("covered " if wide else "", QUIET), covered)
    wrong = troubles(view)
    if wrong and width >= 140:
        line = (*line, DOT, (wrong[0], BAD if len(wrong) > 2 else "$blind"))
    return line


def _covered(view: View) -> Bit:
    """Return the coverage; where a hole that is still open starts the count anew there is none, and not 100 %."""
    soak = view.judgement.soak
    if soak.coverage is None:
        return ("–", QUIET)
    return (f"{soak.coverage:.0f} %", PLAIN if soak.coverage >= view.plan.soak.coverage else HOLD)


def _clock(view: View, width: int) -> Line:
    local = view.now.astimezone(view.tz)
    if width < 70:
        return ((local.strftime("%H:%M:%S"), QUIET),)
    offset = local.strftime("%z")
    return ((local.strftime("%H:%M:%S "), PLAIN), (f"{offset[:3]}:{offset[3:5]}", QUIET))
