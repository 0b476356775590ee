"""The page that a stakeholder reads in a minute: decisions, wins, risks, asks, in fewer than 450 words.

What does not fit is counted; all of it stands in the proof behind the page.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo

from msgspec import Struct
from msgspec.structs import replace

from sessions.gate.judgement import Judgement
from sessions.gate.soak import uncounted_times, unwatched_times
from sessions.gate.wording import held_by, step
from sessions.handover.absence import Since
from sessions.handover.peaks import Peaks
from sessions.handover.sections import Wording
from sessions.handover.watch_summary import peak_rows
from sessions.reports.asks import asks
from sessions.reports.drafts import Bullet, decisions, heard, of_episodes, overrides, risks, wins
from sessions.reports.edits.fold import edits_of
from sessions.reports.edits.lay import laid
from sessions.reports.effects import Rank
from sessions.reports.episodes import Episode, episodes
from sessions.reports.periods import Period
from sessions.reports.telling import brief, span_words
from sessions.text.intervals import clipped, total
from sessions.text.markdown import bullets, plain
from sessions.text.units import counted, zone
from sessions.values.flag_value import FlagStatus

MOST_WORDS = 450
"""A page has fewer words."""
_ROOM = {"Decisions": 6, "Wins": 3, "Risks": 9, "Asks": 6, "Overrides": 4}
_LONGEST = {"Decisions": 34, "Wins": 24, "Risks": 45, "Asks": 28, "Overrides": 20}
_NONE = {"Decisions": "None recorded.", "Wins": "None recorded.", "Risks": "None recorded.", "Asks": "None."}


class Share(Struct, frozen=True):
    """How much of a period was well: seconds of it, those in which nothing was wrong, those that nobody saw."""

    whole: float
    well: float
    unseen: float

    @property
    def percent(self) -> float:
        """What was well, in %; of no time at all nothing was."""
        return 100 * self.well / self.whole if self.whole > 0 else 0.0


class Head(Struct, frozen=True):
    """What stands above the page: the plan and the period, where the rollout stands now, the session. Foreign text."""

    title: str
    standing: str
    gate: str
    flag: str
    session: str


class Shown(Struct, frozen=True):
    """One section as far as the page has room for it: its lines, how many more there are, what is said without any."""

    title: str
    lines: tuple[Bullet, ...]
    more: int
    none: str


class Draft(Struct, frozen=True):
    """A page as it is drafted and as a person left it: `lines` are all of each section, `struck` the keys of some.

    Behind it stand the episodes, the share of time that was well, and the peaks.
    """

    period: Period
    lines: Mapping[str, tuple[Bullet, ...]]
    struck: frozenset[str]
    episodes: tuple[Episode, ...]
    share: Share
    peaks: tuple[str, ...] = ()

    @property
    def sections(self) -> Mapping[str, tuple[Bullet, ...]]:
        """The lines of each section that are shown."""
        return {name: tuple(row for row in rows if row.key not in self.struck) for name, rows in self.lines.items()}


def drafted(judgement: Judgement, period: Period, tz: tzinfo | None, high: Peaks | None = None) -> Draft:
    """Draft the page of a period; `high` are the peaks of it, None where no history was asked."""
    plan, say = judgement.state.plan, saying(judgement, period, tz)
    found = tuple(one for one in episodes(plan, judgement.state.entries, judgement.at) if period.holds(one))
    share = well(judgement, found, period)
    sections = {
        "Decisions": decisions(period.entries, frozenset(of_episodes(found)), say),
        "Wins": wins(plan, period.entries, found, share.percent),
        "Risks": (*risks(plan, found, say), *heard(period.entries, bad=True)),
        "Asks": asks(judgement, period.entries, say, found),
        "Overrides": overrides(period.entries, say),
    }
    edits = edits_of(judgement.state.entries, period.name)
    lines = laid(sections, edits)
    return Draft(period, lines, frozenset(edits.struck), found, share, _peaks(judgement, period, tz, high))


def saying(judgement: Judgement, period: Period, tz: tzinfo | None) -> Wording:
    """Return how the moments of a report are said."""
    return Wording(period.today, tz, fine=judgement.state.plan.speed > 1, dated=True)


def since_of(period: Period) -> Since:
    """Return what the peaks of a period are asked by."""
    return Since(period.since, 0, period.until, period.since)


def well(judgement: Judgement, found: Sequence[Episode], period: Period) -> Share:
    """Count the time in which all was watched, nothing was in an episode, paused, frozen or elsewhere."""
    unseen = unwatched_times(judgement.state, judgement.at)
    wrong = [stretch for one in found if one.rank > Rank.WATCH for stretch in one.times]
    lost = total(
        clipped((*unseen, *uncounted_times(judgement.state, judgement.at), *wrong), period.since, period.until)
    )
    blind = total(clipped(unseen, period.since, period.until))
    return Share(period.seconds, period.seconds - lost, blind)


def head(judgement: Judgement, what: str, tz: tzinfo | None) -> Head:
    """Return the head of a report about `what`."""
    state, at = judgement.state, judgement.at.astimezone(tz)
    phase = state.plan.phase(state.phase)
    known = f"{state.flag.percent} % {state.flag.status}" if state.flag.status != FlagStatus.NONE else "never moved"
    return Head(
        f"{state.plan.title} · {what}",
        f"{phase.title} · {state.phase} % · {_doing(judgement)}",
        f"{step(judgement)}: {held_by(judgement)}.",
        f"Flag: {known}.",
        f"Session {state.name}, {counted(len(state.entries), 'entries')}, told {at:%d %B %Y %H:%M:%S} {zone(at)}.",
    )


def _doing(judgement: Judgement) -> str:
    state = judgement.state
    words = (
        "a fuse burns" if state.fuses else "",
        "paused" if state.paused else "",
        f"frozen: {', '.join(state.frozen)}" if state.frozen else "",
        "concluded" if state.concluded_at else "7-day plan" if state.week_at else "",
    )
    return ", ".join(filter(None, words)) or "running"


def page(draft: Draft) -> str:
    """Return the page as Markdown, without its head; what a person wrote comes on top of the bound."""
    return _page(draft, shown(draft))


def shown(draft: Draft) -> tuple[Shown, ...]:
    """Return the sections as far as a page of fewer words than the bound has room for them."""
    room = dict(_ROOM)
    found = _sections(draft, room)
    own = sum(len(row.text.split()) for rows in draft.sections.values() for row in rows if row.mine)
    while len(_page(draft, found).split()) > MOST_WORDS - _HEAD + own and max(room.values()) > 1:
        fullest = max(room, key=lambda name: min(room[name], len(draft.sections[name])) * _LONGEST[name])
        if room[fullest] <= 1:
            break
        room[fullest] = min(room[fullest], len(draft.sections[fullest])) - 1 or 1
        found = _sections(draft, room)
    return found


_HEAD = 80
"""So many words the head may have."""


def _sections(draft: Draft, room: Mapping[str, int]) -> tuple[Shown, ...]:
    return tuple(_section(name, rows, room[name]) for name, rows in draft.sections.items() if rows or name in _NONE)


def _section(name: str, rows: Sequence[Bullet], most: int) -> Shown:
    """Fit a section; a person's lines are never cut."""
    first = [row.key for row in rows if not row.mine][:most]
    lines = tuple(
        row if row.mine else replace(row, text=brief(row.text, _LONGEST[name]))
        for row in rows
        if row.mine or row.key in first
    )
    return Shown(name, lines, len(rows) - len(lines), _NONE.get(name, ""))


def _page(draft: Draft, found: Sequence[Shown]) -> str:
    strong, rest = summary(draft)
    peaks = f"\nPeaks: {'; '.join(map(plain, draft.peaks))}." if draft.peaks else ""
    parts = (f"## {one.title}\n\n{bullets(_lines(one), one.none)}" for one in found)
    return "\n\n".join((f"**{strong}**{rest}{peaks}", *parts))


def _lines(one: Shown) -> Iterator[str]:
    for row in one.lines:
        yield f"{plain(row.text, 2000)} {row.numbers}".rstrip()
    if one.more:
        yield left_out(one)


def left_out(one: Shown) -> str:
    """Say how many lines of a section are not on the page."""
    return f"and {one.more} more, in the proof"


def summary(draft: Draft) -> tuple[str, str]:
    """Return how much of the time was well, first what stands out of that sentence, then its rest."""
    share, count = draft.share, sum(one.rank > Rank.WATCH for one in draft.episodes)
    unseen = f", {span_words(share.unseen)} not watched" if share.unseen >= 0.5 else ""
    many = "no episode" if not count else f"{count} episode{'' if count == 1 else 's'}"
    rest = f" of the time ({span_words(share.well)} of {span_words(share.whole)}{unseen}); {many}."
    return f"All well {percent(share.percent)}", rest


def percent(share: float) -> str:
    """Say a share; never rounded up to a whole that it is not."""
    if share in (0.0, 100.0):
        return f"{share:.0f} %"
    return f"{min(max(share, 0.1), 99.9):.1f} %"


def _peaks(judgement: Judgement, period: Period, tz: tzinfo | None, high: Peaks | None) -> tuple[str, ...]:
    if high is None:
        return ()
    rows = peak_rows(judgement.state, high, since_of(period), saying(judgement, period, tz))
    return tuple(brief(f"{row.what} {row.text}", 12) for row in rows)
