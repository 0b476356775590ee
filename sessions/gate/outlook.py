"""What may happen next, in one number for scripts: the exit codes of `cockpit check`."""

from sessions.gate.judgement import Judgement
from sessions.values.verdicts import Level, Mark

MAY_ADVANCE, HOLD, BREACH, BLIND = 0, 10, 20, 30


def decision(judgement: Judgement) -> int:
    """Say in one number what may happen next: as the gate does, so that what is waived holds no script up.

    While it holds, a breach or a burning fuse comes first, then what is blind.
    """
    gate = judgement.gate
    if gate.open and not judgement.state.fuses:
        return MAY_ADVANCE
    overruled = {row.name for row in gate.conditions if row.ok}
    marks = {verdict.mark for name, verdict in judgement.verdicts.items() if name not in overruled}
    levels = {risk.level for risk in judgement.risks.values() if not risk.asking}
    if Mark.BREACH in marks or Level.ACT in levels or judgement.state.fuses:
        return BREACH
    if Mark.BLIND in marks | {row.mark for row in gate.conditions} or Level.BLIND in levels:
        return BLIND
    return HOLD
