"""What may be asked now: True works, None is shown grey, False is not shown. A courtesy: the Watch decides again."""

from sessions.verdicts import Level
from widgets.alarm_mark import ringing
from widgets.header import burning
from widgets.view import View


def act_allowed(view: View, name: str) -> bool | None:
    """Return whether an act may be asked."""
    paused = view.state.paused is not None
    if name == ("pause" if paused else "resume"):
        return False
    if name in ("defuse", "extend") and burning(view) is None:
        return False
    if name == "acknowledge" and not ringing(view):
        return False
    return None if view.viewer else True


def step_allowed(view: View, number: int) -> bool:
    """Return whether the runbook steps of the plan's risk of that number may be done: while it is not calm."""
    known = view.judgement.risks.get(view.plan.risks[number].id)
    return known is not None and known.level is not Level.CALM and not view.viewer
