"""What a report is about: one local day, the whole flight, or the time since the report before it."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from msgspec import Struct

from sessions.gate.judgement import Judgement
from sessions.reports.episodes import Episode
from sessions.values.entries import Entry

EXPORTED = "report.exported"


class Period(Struct, frozen=True):
    """From when until when, in words, and its entries; it never ends later than the judgement it was made of.

    `name` is what a file of it is called, `today` any moment of the day whose times need no date.
    """

    since: datetime
    until: datetime
    title: str
    name: str
    entries: tuple[Entry, ...]
    today: datetime

    @property
    def seconds(self) -> float:
        """How long it lasted so far."""
        return (self.until - self.since).total_seconds()

    def holds(self, episode: Episode) -> bool:
        """Whether an episode was in force in it."""
        ends = episode.until or self.until
        return episode.since <= self.until and ends >= self.since


def of_flight(judgement: Judgement) -> Period:
    """Return the whole flight so far."""
    state, now = judgement.state, judgement.at
    return Period(min(state.started_at or now, now), now, "the whole flight", "flight", state.entries, now)


def of_day(judgement: Judgement, day: date, tz: tzinfo | None) -> Period:
    """Return one local day, from the flight's first moment and up to now; `tz` None is the system's."""
    began = min(judgement.state.started_at or judgement.at, judgement.at)
    first, last = max(_midnight(day, tz), began), _midnight(day + timedelta(days=1), tz)
    entries = tuple(entry for entry in judgement.state.entries if first <= entry.at < last)
    until = min(last, judgement.at)
    since, today = min(first, until), last - timedelta(microseconds=1)
    return Period(since, until, f"{day:%A, %d %B %Y}", day.isoformat(), entries, today)


def since_last(judgement: Judgement, tz: tzinfo | None) -> Period:
    """Return the time since the newest report; the whole flight where there is none yet."""
    state, now = judgement.state, judgement.at
    last = next((entry for entry in reversed(state.entries) if entry.kind == EXPORTED), None)
    if last is None:
        return of_flight(judgement)
    since = min(last.at, now)
    entries = tuple(entry for entry in state.entries if entry.seq > last.seq)
    local, wrote = now.astimezone(tz), since.astimezone(tz)
    title = f"since the report of {wrote:%d %B %Y %H:%M}"
    return Period(since, now, title, f"{local:%Y-%m-%d}-since-{wrote:%Y%m%dT%H%M%S}", entries, now)


def _midnight(day: date, tz: tzinfo | None) -> datetime:
    wall = datetime.combine(day, time())
    return (wall.replace(tzinfo=tz) if tz else wall).astimezone(UTC)
