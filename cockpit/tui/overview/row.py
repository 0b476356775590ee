"""What one session says in its row, and how the row is laid out."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from sessions.alarms.alarms import standing
from sessions.criteria.freshness import asked
from sessions.gate.judgement import Judgement
from sessions.gate.outlook import BLIND as BLIND_CODE
from sessions.gate.outlook import BREACH, MAY_ADVANCE, decision
from sessions.text.units import duration
from widgets.base.styled import (
    BAD,
    BLIND,
    GOOD,
    HOLD,
    PLAIN,
    QUIET,
    STRONG,
    Bit,
    Line,
    cut,
    fit,
    joined,
    length,
    named,
    wide,
    worded,
)

NARROW, NARROWER = 110, 72
"""Below so many columns the facts have a line of their own; below so many the phase goes without its title."""
STALE = 5.0
"""Seconds after which a row says when it was looked at."""
BETWEEN: Bit = (" · ", QUIET)


class Row(Struct, frozen=True):
    """One session at `at`. `gate` is its verdict in a word, `why` what holds it; `glyph` and `tone` say how bad it is.

    `facts` are in this order: soak, who watches, the last answer, alarms.
    """

    folder: Path
    at: datetime
    gate: str
    why: str
    glyph: str
    tone: str
    percent: str = ""
    phase: str = ""
    fuse: str = ""
    facts: tuple[Bit, ...] = ()
    over: bool = False


def row_of(folder: Path, judgement: Judgement, watched_by: str) -> Row:
    """Return the row of a session; `watched_by` says who watches it, empty for nobody."""
    state, at = judgement.state, judgement.at
    over = state.concluded_at is not None
    word, glyph, tone = ("ENDED", "✔", QUIET) if over else _gate(judgement)
    facts = (_soak(judgement), _watched(watched_by, over=over), _answer(judgement), _alarms(judgement))
    why = "concluded" if over else _why(judgement)
    percent, phase = f"{state.phase} %", state.plan.phase(state.phase).title
    return Row(folder, at, word, why, glyph, tone, percent, phase, _fuse(judgement), facts, over)


def broken_row(folder: Path, at: datetime, why: str) -> Row:
    """Return the row of a session that cannot be read."""
    return Row(folder, at, "UNREAD", why, "◌", BLIND)


def asking_row(folder: Path, at: datetime) -> Row:
    """Return the row of a session that was not looked at yet."""
    return Row(folder, at, "", "reading", "…", QUIET, over=True)


def lines(row: Row, now: datetime, width: int) -> tuple[Line, ...]:
    """Lay a row out in `width` cells: two lines, or three where it is narrow; a fuse then begins the third."""
    told: tuple[Line, ...] = tuple((bit,) for bit in row.facts if bit[0])
    age = (now - row.at).total_seconds()
    if age > STALE and not row.over:
        told = (((f"looked at {duration(age)} ago", HOLD),), *told)
    tone = PLAIN if row.facts else row.tone
    if width >= NARROW:
        facts = joined(told, BETWEEN)
        why = fit(_some(row.why, max(10, width - 4 - length(facts))), max(10, width - 4 - length(facts)), tone)
        rest: tuple[Line, ...] = ((("  ", PLAIN), why, ("  ", PLAIN), *facts),)
    else:
        fuse: tuple[Line, ...] = (((row.fuse, f"bold {BAD}"),),) if row.fuse else ()
        worst = sorted((*fuse, *told), key=lambda fact: fact[0][1] == QUIET)  # what is not quiet is not left out
        facts = _fitting(worst, width - 2)
        rest = ((("  ", PLAIN), (_some(row.why, width - 2), tone)), *([(("  ", PLAIN), *facts)] if facts else []))
    return tuple(cut(line, width) for line in (_head(row, width), *rest))


def _some(why: str, width: int) -> str:
    """Return as many reasons as fit, with the number of the others; the first always, cut between words."""
    reasons = why.split("; ")
    for count in range(len(reasons), 0, -1):
        more = f" +{len(reasons) - count} more" if count < len(reasons) else ""
        line = "; ".join(reasons[:count]) + more
        if wide(line) <= width:
            return line
    more = f" +{len(reasons) - 1} more" if len(reasons) > 1 else ""
    return worded(reasons[0], max(1, width - len(more)))[0].rstrip() + more


def _fitting(facts: Iterable[Line], width: int) -> Line:
    """Return as many facts as fit whole; the first in any case."""
    kept: list[Line] = []
    for fact in facts:
        if not kept or length(joined((*kept, fact), BETWEEN)) <= width:
            kept.append(fact)
    return joined(kept, BETWEEN)


def _head(row: Row, width: int) -> Line:
    title = 18 if width >= NARROWER else 0
    fuse = 36 if width >= NARROW else 0
    room = max(6, width - 2 - 8 - title - 8 - fuse)
    phase = [fit(row.phase, title - 2, QUIET), ("  ", PLAIN)] if title else []
    bold = f"bold {row.tone}"
    head = (
        (f"{row.glyph} ", bold),
        named(row.folder.name, room, STRONG),
        fit(row.percent, 6, PLAIN, right=True),
        ("  ", PLAIN),
        *phase,
        fit(row.gate, 8, bold),
    )
    return (*head, fit(row.fuse, fuse, f"bold {BAD}")) if fuse else head


def _gate(judgement: Judgement) -> tuple[str, str, str]:
    """The same answer as of `cockpit check`."""
    code = decision(judgement)
    if code == MAY_ADVANCE:
        return "OPEN", "●", GOOD
    return ("HOLD", "◆", BAD) if code == BREACH else ("HOLD", "◌", BLIND) if code == BLIND_CODE else ("HOLD", "▲", HOLD)


def _why(judgement: Judgement) -> str:
    """What holds, or what may be done."""
    gate = judgement.gate
    if gate.open:
        return f"may go to {gate.goal}"
    return "; ".join(f"{row.name} {row.text}" for row in gate.blockers) or "nothing is judged"


def _fuse(judgement: Judgement) -> str:
    """The fuse that ends first, with the time that it has left."""
    burning = [fuse for fuse in judgement.state.fuses.values() if not fuse.blown]
    if not burning:
        return ""
    first = min(burning, key=lambda fuse: fuse.deadline)
    left = (first.deadline - judgement.at).total_seconds()
    when = f"{duration(left)} left" if left > 0 else f"over {duration(-left)}"
    return f"FUSE {when} {first.risk}"


def _soak(judgement: Judgement) -> Bit:
    soak = judgement.soak
    if not soak.needed:
        return "", QUIET
    return f"soak {duration(soak.done)} of {duration(soak.needed)}", QUIET


def _watched(by: str, *, over: bool) -> Bit:
    return (by, QUIET) if by else ("nobody watches", QUIET if over else BLIND)


def _answer(judgement: Judgement) -> Bit:
    """The age of the newest good answer of any source."""
    known = [health.good_at for health in asked(judgement.state).values() if health.good_at is not None]
    if not known:
        return "no answer yet", QUIET
    return f"answer {duration(max(0.0, round((judgement.at - max(known)).total_seconds())))} ago", QUIET


def _alarms(judgement: Judgement) -> Bit:
    count = len(standing(judgement))
    return (f"{count} alarm{'s' if count > 1 else ''}", BAD) if count else ("no alarm", QUIET)
