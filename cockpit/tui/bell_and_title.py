"""How the screen calls somebody who looks elsewhere: the terminal's bell, and its title."""

from datetime import tzinfo

from cockpit.settings.models.notifications import Notifications
from sessions.alarms.alarms import Heard, hear
from sessions.alarms.quiet_hours import quiet_hours
from sessions.gate.judgement import Judgement
from sessions.gate.outlook import BLIND, BREACH, HOLD, MAY_ADVANCE, decision
from sessions.text.clean import clean
from widgets.base.view import View
from widgets.frame.header import loud

BELL = "\a"
KEEP, GIVE_BACK = "\x1b[22;0t", "\x1b[23;0t"
"""The terminal keeps the title it had, and gets it back."""

WORDS = {MAY_ADVANCE: "● may advance", HOLD: "▲ hold", BREACH: "◆ breach", BLIND: "◌ blind"}


class TerminalAlerts:
    """Decides what is written to the terminal; an alarm that was open when the screen opened rings when it repeats."""

    def __init__(self, wanted: Notifications, service: str, tz: tzinfo | None = None) -> None:
        self._wanted = wanted
        self._service = clean(service, 40)
        self._quiet = quiet_hours(wanted.quiet, tz)
        self._heard: Heard | None = None
        self._title = ""

    def to(self, view: View) -> str:
        """Return what to write for a new view, empty if nothing changed."""
        return self._ring(view.judgement) + self._titled(view)

    def over(self) -> str:
        """Return what to write when the screen is put away; one that comes back says its title again."""
        titled, self._title = self._title, ""
        return GIVE_BACK if titled else ""

    def _ring(self, judgement: Judgement) -> str:
        self._heard, ringing = hear(self._heard, judgement, self._quiet)
        return BELL if self._wanted.bell and ringing else ""

    def _titled(self, view: View) -> str:
        said = title(view, self._service) if self._wanted.title else ""
        if said == self._title:
            return ""
        first, self._title = not self._title, said
        return f"{KEEP if first else ''}\x1b]0;{said}\a"


def title(view: View, service: str) -> str:
    """Say phase and worst state in a few words: `25 % ▲ hold · concierge`."""
    state = view.state
    word = "▲ paused" if state.paused else WORDS[decision(view.judgement)]
    word = "◌ blind" if loud(view) else "◆ fuse" if state.fuses else word
    return clean(" · ".join(filter(None, (f"{state.phase} % {word}" if state.whole else word, service))), 80)
