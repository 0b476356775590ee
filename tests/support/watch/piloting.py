"""What the autopilot is shown: a judgement, and the chores of a week."""

from sessions.gate.judgement import Chore, Gate, Judgement
from sessions.state.reducer import State
from tests.support.build import T0
from tests.support.sessions.flight import Pen, cards, judged, verdicts

CHORES = (
    Chore("d1.morning", 1, "review", T0, "due"),
    Chore("d1.midday", 1, "queue", T0, "later"),
    Chore("d0.evening", 1, "summary", T0, "overdue"),
    Chore("d1.evening", 1, "summary", T0, "done"),
)


def told(pen: Pen | State, **facts) -> Judgement:
    """All calm at the moment the phase was entered, but for what `facts` say."""
    state = pen.state if isinstance(pen, Pen) else pen
    levels = {"risks": cards(), "verdicts": verdicts(), "gate": Gate("25 %", 25, ())}
    return judged(state, facts.pop("at", T0), **{**levels, **facts})
