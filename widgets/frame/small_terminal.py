"""What stays readable in a terminal that is too small for panes: worst state, phase, percent."""

from collections.abc import Iterator

from sessions.text.units import countdown
from sessions.values.verdicts import Level, Mark
from widgets.base.pane import Pane, Picture
from widgets.base.styled import BAD, BLIND, GOOD, HOLD, LEAD, QUIET, Bit, Line
from widgets.base.symbols import DIM
from widgets.base.view import View
from widgets.frame.header import burning, doing, loud, phase_words
from widgets.wording.flag import WRONG, outcome
from widgets.wording.gate import gate_word
from widgets.wording.next_step import step_line


class Small(Pane):
    """The few words of a small terminal."""

    NAME = "small"

    def picture(self, view: View, width: int, height: int) -> Picture:
        """Return the worst state first, then phase and percent, then what is being done."""
        rows: list[Line] = [
            (worst(view),),
            ((phase_words(view), f"bold {LEAD}"),),
            doing(view),
            (gate_word(view),),
            (("Enlarge to 80x24", QUIET),),
            step_line(view, width),
        ]
        return Picture((), tuple(rows[:height]))


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
