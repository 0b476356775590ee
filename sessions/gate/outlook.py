"""What may happen next, in one number for scripts: the exit codes of `cockpit check`."""

from sessions.gate.judgement import Judgement
from sessions.values.verdicts import Level, Mark

MAY_ADVANCE, HOLD, BREACH, BLIND = 0, 10, 20, 30


def decision(judgement: Judgement) -> int:
    """Say in one number what may happen next: a breach or a burning fuse first, then blindness, then the gate."""
    marks = {verdict.mark for verdict in judgement.verdicts.values()}
    levels = {risk.level for risk in judgement.risks.values()}
    if Mark.BREACH in marks or Level.ACT in levels or judgement.state.fuses:
        return BREACH
    if Mark.BLIND in marks | {row.mark for row in judgement.gate.conditions} or Level.BLIND in levels:
        return BLIND
    return MAY_ADVANCE if judgement.gate.open else HOLD
