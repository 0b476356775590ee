"""The flag: what it should be, what it reads, what became of the newest move, who has it, its switches."""

from msgspec.structs import replace

from sessions.gate.wording import short
from sessions.values.readings import Topic
from sessions.values.verdicts import WORST_FIRST, Mark
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BLIND, PLAIN, QUIET, STRONG, Line, fit, joined, length, plain, wide
from widgets.base.symbols import DIM, MARKS, foot, tone
from widgets.base.target import Target, aimed
from widgets.base.view import View, trouble
from widgets.wording.flag import (
    BETWEEN,
    DARK,
    FINE,
    NEITHER,
    NONE,
    WAITS,
    Fact,
    by_hand,
    exposed,
    outcome,
    reading,
    recorded_only,
    switches,
    targets,
)

NAMES, VALUE = 9, 5
_HAND, _CALM = 1, 2
"""What yields where room is short: the higher first."""

DOT = (BETWEEN, QUIET)


class FlagPane(Pane):
    """The flag that is flown."""

    NAME = "flag"

    @classmethod
    def lines(cls, view: View) -> tuple[int, ...]:
        """Return a line each for what is intended, read, seen and switched; then one for a place of its own."""
        del view
        return (4,)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return a line each for reading, outcome, exposure and switches; how to do it by hand comes before the rest.

        A single line has no border around it and says the same in short.
        """
        title: Line = (("Flag ", STRONG), (f"{intended(view)} intended", QUIET))
        mark = marked(view)
        if height == 1:
            return Picture(title, (flag_line(view, width),), (), tone(mark))
        return Picture(title, _lines(view, width, height), _foot(view, mark), tone(mark))


def intended(view: View) -> str:
    """Return the percentage of the phase, where that is known."""
    return f"{view.state.phase} %" if view.state.whole else "?"


def marked(view: View) -> Mark:
    """Return the worse of what the gate says of the flag and of its exposure."""
    conditions = view.judgement.gate.conditions
    known = [next((one.mark for one in conditions if one.name == "flag"), Mark.BLIND)]
    verdict = view.judgement.verdicts.get("exposure")
    known += [verdict.mark] if verdict else []
    return min(known, key=WORST_FIRST.index)


def _lines(view: View, width: int, height: int) -> tuple[Line, ...]:
    """Return as much as there is room for: calm facts yield first, then how to do it by hand, from below."""
    several, first = targets(view), _row("reads", reading(view), width)
    facts = [("set", outcome(view)), ("seen", exposed(view)), ("switches", switches(view))]
    rows = [(0, first), *([(0, ((("  ", PLAIN), fit(several, width - 2, STRONG))))] if several else [])]
    for name, fact in facts:
        rows.append((0 if fact.loud else _CALM, _row(name, fact, width)))
        rows += [(_HAND, (("  ", PLAIN), fit(line, width - 2))) for line in by_hand(view) if name == "set"]
    spare = sorted(range(len(rows)), key=lambda place: (rows[place][0], place), reverse=True)
    left_out = set(spare[: max(0, len(rows) - height)])
    return tuple(line for place, (_, line) in enumerate(rows) if place not in left_out)


def _row(name: str, fact: Fact, width: int) -> Line:
    """Return a fact in its columns; one that is loud, and fits or has no value, takes the line as it is."""
    glyph, style = fact.sign
    about = Target("flag", name, f"flag {name} {fact.loud or f'{fact.value} {fact.text}'.strip()}")
    if fact.loud and (not fact.text or len(fact.loud) <= width - 2):
        return aimed(about, ((f"{glyph} ", style), fit(fact.loud, width - 2, f"bold {style}")))
    words, room = _words(fact), max(1, width - NAMES - VALUE - 4)
    row: Line = (
        (f"{glyph} ", style),
        fit(name, NAMES, QUIET),
        fit(fact.value, VALUE, PLAIN if fact.sign == NEITHER else words, right=True),
        ("  ", PLAIN),
        fit(_whole(fact.text, room), room, QUIET if words == PLAIN else words),
    )
    return aimed(about, row)


def _words(fact: Fact) -> str:
    """What is good is calm, what waits or is old is dimmed, the rest is bold in its colour."""
    if fact.sign == FINE:
        return PLAIN
    return QUIET if fact.sign in (NEITHER, WAITS, DARK) else f"bold {fact.sign[1]}"


def flag_line(view: View, width: int) -> Line:
    """Return it all in one line, the loudest first; a calm fact that does not fit as a whole is left out."""
    mark = marked(view)
    read, made, seen, set_on = reading(view), outcome(view), exposed(view), switches(view)
    glyph, style = MARKS[mark]
    line: Line = ((f"{glyph} ", style), ("Flag ", STRONG), (intended(view), PLAIN))
    facts = [fact for fact in (made, seen, set_on) if fact.loud]
    head, hands = line, [((each, PLAIN),) for each in by_hand(view)]
    for said in (str, short):  # what stands in brackets yields as a whole
        loud: list[Line] = [((said(fact.loud), f"bold {fact.sign[1]}"),) for fact in facts]
        line = joined((head, *loud, *hands), DOT)
        if length(line) <= width:
            break
    calm = [("reads", replace(read, text=read.text.partition(BETWEEN)[0].strip()))]
    calm += [("set", made)] if made.sign != FINE else []
    for name, fact in (*calm, ("seen", seen), ("switches", set_on)):
        words = " ".join(part for part in (name, fact.value, fact.text) if part not in ("", NONE))
        more = joined((line, ((words, QUIET),)), DOT)
        line = more if not fact.loud and length(more) <= width else line
    return aimed(Target("flag", "reads", plain([line])), line)


def _whole(text: str, width: int) -> str:
    """Return as many of the parts of a text as fit, at least the first; why it is so yields last."""
    parts = text.split(BETWEEN)
    while len(parts) > 1 and wide(BETWEEN.join(parts)) > width:
        parts.pop()
    whole = BETWEEN.join(parts)
    head, _, rest = whole.partition(": ")
    names = rest.split(", ")
    fewer = [f"{head}: {', '.join(names[:count])} +{len(names) - count}" for count in range(len(names) - 1, 0, -1)]
    return next((text for text in (whole, *fewer) if wide(text) <= width), head)


def _foot(view: View, mark: Mark) -> Line:
    met = (Topic.EXPOSURE,) if "exposure" in view.judgement.verdicts else ()
    wrong, style = trouble(view, Topic.FLAG, *met)
    sign = "" if mark in DIM else "◌ "
    notes: Line = ((f"{sign}{wrong} ", BLIND),) if style == BLIND else ()
    notes = (("◌ recorded only ", BLIND), *notes) if recorded_only(view) else notes
    return (*notes, *foot(mark))
