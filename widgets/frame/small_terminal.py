"""What stays readable in a terminal that is too small for panes: worst state, phase, percent."""

from collections.abc import Iterator

from sessions.text.units import countdown
from sessions.values.verdicts import Level, Mark
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BAD, BLIND, GOOD, HOLD, LEAD, PLAIN, QUIET, Bit, Line, length, wide
from widgets.base.symbols import DIM
from widgets.base.view import View
from widgets.frame.header import FUSE_KEYS, burning, doing, loud, phase_words
from widgets.wording.flag import WRONG, outcome
from widgets.wording.gate import gate_word
from widgets.wording.next_step import step_line

LEAST = (60, 20)
"""Columns and lines below which nothing but these words is shown."""


class Small(Pane):
    """The few words of a small terminal."""

    NAME = "small"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the worst state, phase and percent, the keys of a fuse, what is done, what to enlarge to.

        In few lines those of the lowest rank stay.
        """
        told: list[tuple[int, Line]] = [
            (0, (worst(view),)),
            (2, ((phase_words(view, width), f"bold {LEAD}"),)),
            (1, _keys(view, width)),
            (4, doing(view)),
            (5, (gate_word(view),)),
            (3, (_enlarge(width),)),
            (6, step_line(view, width)),
        ]
        ranked = sorted((rank for rank, line in told if line))[:height]
        return Picture((), tuple(line for rank, line in told if rank in ranked))


def _keys(view: View, width: int) -> Line:
    """Name the keys of a fuse that burns, the revert first where there is no room for all; none where none works."""
    if burning(view) is None or view.viewer:
        return ()
    defuse, extend, revert = (view.keys.get(name, key) for name, key in FUSE_KEYS)
    several: tuple[Line, ...] = (
        (
            (revert, LEAD),
            (" revert now  ", PLAIN),
            (defuse, LEAD),
            (" defuse  ", PLAIN),
            (extend, LEAD),
            (" extend", PLAIN),
        ),
        ((revert, LEAD), (" revert now", PLAIN)),
    )
    return next((line for line in several if length(line) <= width), several[-1])


def _enlarge(width: int) -> Bit:
    said = f"Enlarge to {LEAST[0]}x{LEAST[1]}"
    more = f"{said} or more to see the rest"
    return (more if wide(more) <= width else said, QUIET)


def worst(view: View) -> Bit:
    """Return the worst of everything in one bit."""
    return next(bit for bit in _worst_first(view) if bit[0])


def _worst_first(view: View) -> Iterator[Bit]:
    """Yield what could be said, the worst first; an empty text says nothing."""
    verdicts, risks = view.judgement.verdicts.values(), view.judgement.risks.values()
    fuse = burning(view)
    yield (f"◌ BLIND {loud(view)}" if loud(view) else "", f"bold {BLIND}")
    yield (f"◆ FUSE {countdown((fuse.deadline - view.now).total_seconds())}" if fuse else "", f"bold {BAD}")
    flag = outcome(view)
    yield (f"◆ {flag.loud}" if flag.sign == WRONG else "", f"bold {BAD}")
    yield (_first("◆ ACT", [one.risk for one in risks if one.level is Level.ACT]), f"bold {BAD}")
    yield (_first("◆ BREACH", [one.criterion for one in verdicts if one.mark is Mark.BREACH]), f"bold {BAD}")
    unseen = [one.criterion for one in verdicts if one.mark in DIM]
    unseen += [one.risk for one in risks if one.level is Level.BLIND and not one.asking]
    yield (_first("◌ BLIND", unseen), f"bold {BLIND}")
    yield ("" if view.state.watching or not view.state.whole else "◌ BLIND nobody watches", f"bold {BLIND}")
    yield (_first("▲ WATCH", [one.risk for one in risks if one.level is Level.WATCH]), f"bold {HOLD}")
    yield (_first("… WAITS", [one.criterion for one in verdicts if one.mark is not Mark.PASS]), QUIET)
    yield ("" if verdicts else "… nothing is judged yet", QUIET)
    yield next(((text, style) for text, style in doing(view) if GOOD not in style), ("", GOOD))
    gate, held = gate_word(view), view.judgement.gate.blockers
    yield (f"{gate[0]}: {held[0].name}" if held else "", gate[1])
    yield ("● ALL PASS", f"bold {GOOD}")


def _first(word: str, names: list[str]) -> str:
    return f"{word} {names[0].replace('_', ' ')}" if names else ""
