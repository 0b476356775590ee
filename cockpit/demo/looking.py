"""The person's half of a demo: the autopilot looks at the sheet behind a task, and says what it saw."""

from concurrent.futures import CancelledError

from msgspec.structs import replace

from cockpit.session.interface import WatchInterface
from sessions.gate.judgement import Judgement
from sessions.values.requests import Act, Request
from sessions.values.sheets import Exhibit, Row, Sheet
from sessions.values.verdicts import Mark
from sessions.week.cell import sheet_for
from sessions.week.past import Past

_PATIENCE = 20.0
"""Seconds that a look may take; each source also has its own deadline."""
_ODD = (Mark.BREACH, Mark.BLIND)
_FEW = 2


def looked(door: WatchInterface, judgement: Judgement, request: Request) -> Request:
    """Return a tick with the rows of its sheet and a finding; any other request as it is. Raises nothing of a look."""
    if request.looked or request.act not in _TICKS or not judgement.state.plan.sheet(request.subject):
        return request
    sheet = _sheet(door, judgement, request.subject)
    if sheet is None:
        return request
    if sheet.kind == "decision" and request.act is Act.TICK:
        return _decided(judgement, request, sheet)
    return replace(request, text=finding(sheet), rows=sheet.rows, looked=True)


def _sheet(door: WatchInterface, judgement: Judgement, task: str) -> Sheet | None:
    return sheet_for(judgement, task, _asked(door, task), _past(door, task), judgement.tz)


def _past(door: WatchInterface, task: str) -> Past | None:
    """What a sheet compares with; None if that is nothing, and if that is unknown."""
    try:
        return door.past(task).result(_PATIENCE)
    except (TimeoutError, CancelledError, OSError, LookupError):
        return None


_TICKS = (Act.TICK, Act.STEP)


def finding(sheet: Sheet) -> str:
    """Say in a line what a sheet shows, and that only a program looked at it."""
    odd = [row for row in sheet.rows if row.mark in _ODD]
    told = "; ".join(_brief(row) for row in odd[:_FEW])
    more = f" and {len(odd) - _FEW} more" if len(odd) > _FEW else ""
    return f"demo: {len(sheet.rows)} rows, {f'look into {told}{more}' if odd else 'nothing to look into'}"


def _brief(row: Row) -> str:
    words = f"{row.what} {row.value}".split()
    return " ".join(words[:8]) + (" (…)" if len(words) > 8 else "")


def _asked(door: WatchInterface, name: str) -> tuple[Exhibit, ...]:
    """A look that fails shows nothing more than the figures that are live anyway."""
    try:
        return door.look_up(name).result(_PATIENCE)
    except (TimeoutError, CancelledError, OSError):
        return ()


def _decided(judgement: Judgement, request: Request, sheet: Sheet) -> Request:
    """Decide as the gate and the day look: what still holds is waited for, what is broken is not gone on with."""
    broken = [item.name for item in judgement.gate.blockers if item.mark in _ODD]
    word, why = ("hold", f"{', '.join(broken)} not well") if broken else ("go", "as soon as the gate opens")
    return Request(Act.DECIDE, request.by, request.subject, word, f"demo: {why}", rows=sheet.rows, looked=True)
