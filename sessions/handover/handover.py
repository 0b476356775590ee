"""The hand-over: what happened since the owner left, and what waits for them now.

A quiet night is one line. Everything else is in sections, the most urgent first.
"""

from collections.abc import Iterator
from datetime import tzinfo

from msgspec import Struct

from sessions.gate.judgement import Judgement
from sessions.handover.absence import Since, newer
from sessions.handover.changes import FLAG, ROLLOUT, SWITCHES, also, fuses, others, overdue, told
from sessions.handover.peaks import Peaks
from sessions.handover.pending import earliest, undone, waiting
from sessions.handover.sections import Row, Section, Tone, Wording, few, section
from sessions.handover.transitions import turned
from sessions.handover.watch_summary import holes, peak_rows, soak_rows
from sessions.text.units import duration


class Absence(Struct, frozen=True):
    """What a hand-over is made from, beside the judgement of now: since when nobody looked, and the peaks of it."""

    since: Since
    peaks: Peaks


class Handover(Struct, frozen=True):
    """What is handed over: a headline, and sections of rows. `quiet` when nothing happened that asks for a look."""

    since: Since
    headline: str
    sections: tuple[Section, ...]
    quiet: bool

    @property
    def columns(self) -> tuple[int, int]:
        """How wide the titles and the column beside them are, in characters."""
        rows = [row for section in self.sections for row in section.rows]
        titles = max((len(section.title) for section in self.sections), default=0)
        return titles, max((len(row.what) for row in rows), default=0)


def handover(judgement: Judgement, absence: Absence, tz: tzinfo | None) -> Handover:
    """Return what happened meanwhile and what waits; `tz` None is the system's time zone."""
    state, since = judgement.state, absence.since
    say, entries = Wording(judgement.at, tz, fine=state.plan.speed > 1), newer(state, since)
    first = (
        *section("Overdue", overdue(judgement, since, say)),
        *section("Not done", undone(judgement, say)),
    )
    high, lost = peak_rows(state, absence.peaks, since, say), holes(judgement, since, say)
    happened = (
        *section("Turned", turned(judgement, entries, say)),
        *section("Fuses", fuses(judgement, entries, since, say)),
        *section("Rollout", told(entries, ROLLOUT, say)),
        *section("Flag", told(entries, FLAG, say)),
        *section("Switches", told(entries, SWITCHES, say)),
        *section("Others", others(entries, say)),
        *section("Also", also(entries, say)),
    )
    quiet = bool(high) and not (first or happened or lost) and all(row.tone is Tone.PLAIN for row in high)
    summary = (
        *section("Peaks", high or [Row("", "nothing was measured", Tone.BLIND)]),
        *section("Watched", (*soak_rows(judgement, since, say), *few(lost))),
    )
    parts = section("Quiet", [Row("", _in_one(judgement))]) if quiet else (*first, *happened, *summary)
    waits = section("Waits", (Row("gate", earliest(judgement, say)), *waiting(judgement, say)))
    return Handover(since, _headline(since, say), (*parts, *waits), quiet)


def _headline(since: Since, say: Wording) -> str:
    """Say since when: `since you left, 7h12m (Mon 23:41-06:53)`."""
    note = f", {since.note}" if since.note else ""
    stretch = say.span(since.at, since.back)
    return f"since {since.words or say.at(since.at)}, {duration(since.away)} ({stretch}{note})"


def _in_one(judgement: Judgement) -> str:
    """A quiet stretch in one line; it has no hole, so all of it was covered."""
    soak = judgement.soak
    soaked = f"; soak {duration(soak.done)} of {duration(soak.needed)}" if soak.needed else ""
    return f"nothing turned; covered 100 %{soaked}"


def words(handed: Handover) -> Iterator[str]:
    """Yield the lines: the headline, then each row with its columns aligned."""
    titles, what = handed.columns
    yield handed.headline
    for part in handed.sections:
        for number, row in enumerate(part.rows):
            title = part.title if number == 0 else ""
            about = f"{row.what:<{what}}  " if row.what else ""
            yield f"  {title:<{titles}}  {about}{row.text}"
