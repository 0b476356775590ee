"""The gate on a state, and one of its conditions; all of it as it should be unless it is said otherwise."""

from sessions.gate.gate import gate
from sessions.gate.judgement import Condition, Gate
from tests.support.build import after
from tests.support.sessions.flight import SOAKED, cards, verdicts

NOW = after(7300)


def opened(state, said=None, risks=None, soak=SOAKED, now=NOW) -> Gate:
    return gate(state, verdicts() if said is None else said, cards() if risks is None else risks, soak, now)


def condition(name, *args, **facts) -> Condition:
    return next(item for item in opened(*args, **facts).conditions if item.name == name)
