"""The few words about the alarms that stand: how many, the key that silences them, until when they are silent."""

from collections.abc import Sequence

from sessions.alarms.alarms import Alarm, silent_until, standing
from widgets.base.styled import BAD, BLIND, LEAD, PLAIN, QUIET, Line
from widgets.base.view import View

KEY = ("log.acknowledge", ".")


def ringing(view: View) -> tuple[Alarm, ...]:
    """Return the alarms that stand and are not acknowledged."""
    quieted = view.state.quieted
    return tuple(one for one in standing(view.judgement) if silent_until(one, quieted, view.now) is None)


def alarm_mark(view: View) -> Line:
    """Return `◆ 2 alarms, 1 acknowledged until 14:31 · . acknowledge`, nothing where none stands."""
    found, loud = standing(view.judgement), ringing(view)
    if not found:
        return ()
    blind = all(alarm.id.startswith("blind.") for alarm in found)
    glyph = ("◌ ", BLIND) if blind else ("◆ ", BAD)
    count = f"{len(found)} alarm{'' if len(found) == 1 else 's'}"
    told = _silenced(view, found, len(found) - len(loud))
    if not loud:
        return (glyph, (f"{count}{told}", QUIET))
    line: Line = (glyph, (count, f"bold {glyph[1]}"), (told, QUIET))
    if view.viewer:
        return line
    return (*line, (" · ", QUIET), (view.keys.get(*KEY), LEAD), (" acknowledge", PLAIN))


def _silenced(view: View, found: Sequence[Alarm], count: int) -> str:
    """Say how many are acknowledged, and until when the first of them is silent."""
    ends = [until for one in found if (until := silent_until(one, view.state.quieted, view.now))]
    if not ends:
        return ""
    return f"{f', {count}' if count < len(found) else ''} acknowledged until {view.time(min(ends))}"
