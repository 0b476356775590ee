"""The report for programs: the same figures as on the page, in a shape whose schema is published."""

from datetime import datetime, tzinfo
from inspect import cleandoc
from typing import Any

import msgspec
from msgspec import Struct

from sessions.gate.judgement import Judgement
from sessions.handover.peaks import Peaks
from sessions.reports import drafts, telling
from sessions.reports.drafts import Bullet
from sessions.reports.episodes import Episode
from sessions.reports.page import drafted, saying
from sessions.reports.periods import Period
from sessions.reports.telling import Peak
from sessions.values.percent import Percent

VERSION = 1


class Trouble(Struct, frozen=True):
    """One episode: `until` is null while it is open, `bad_s` are the seconds in which it was in force."""

    about: str
    names: tuple[str, ...]
    worst: str
    since: datetime
    until: datetime | None
    lasted_s: float
    bad_s: float
    text: str
    peak: Peak | None
    entries: tuple[int, ...]


class Well(Struct, frozen=True):
    """The share of the period that was well, in seconds and per cent; `unseen_s` is what nobody watched."""

    whole_s: float
    well_s: float
    unseen_s: float
    percent: float


class Report(Struct, frozen=True):
    """A report: keys are added, never renamed and never removed while `version` stays."""

    version: int
    plan: str
    session: str
    told_at: datetime
    period: str
    since: datetime
    until: datetime
    phase: Percent
    gate_goal: str
    gate_open: bool
    gate_held_by: tuple[str, ...]
    all_well: Well
    peaks: tuple[str, ...]
    decisions: tuple[Bullet, ...]
    wins: tuple[Bullet, ...]
    risks: tuple[Bullet, ...]
    asks: tuple[Bullet, ...]
    overrides: tuple[Bullet, ...]
    episodes: tuple[Trouble, ...]


def as_json(judgement: Judgement, period: Period, tz: tzinfo | None, high: Peaks | None = None) -> str:
    """Return the report of a period as JSON; moments are UTC, those in words are local."""
    draft, state = drafted(judgement, period, tz, high), judgement.state
    say, share = saying(judgement, period, tz), draft.share
    lines = draft.sections
    report = Report(
        version=VERSION,
        plan=state.plan.title,
        session=state.name,
        told_at=judgement.at,
        period=period.title,
        since=period.since,
        until=period.until,
        phase=state.phase,
        gate_goal=judgement.gate.goal,
        gate_open=judgement.gate.open,
        gate_held_by=tuple(item.name for item in judgement.gate.blockers),
        all_well=Well(share.whole, share.well, share.unseen, share.percent),
        peaks=draft.peaks,
        decisions=lines["Decisions"],
        wins=lines["Wins"],
        risks=lines["Risks"],
        asks=lines["Asks"],
        overrides=lines["Overrides"],
        episodes=tuple(_trouble(one, telling.told(state.plan, one, say)) for one in draft.episodes),
    )
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"


def schema() -> str:
    """Return the published JSON schema of a report: docs/report.schema.json."""
    shape = _dedented(msgspec.json.schema(Report))
    return msgspec.json.format(msgspec.json.encode(shape), indent=2).decode() + "\n"


def _dedented(part: Any) -> Any:
    """Python 3.13 takes the indent out of docstrings, those before leave it: a description is the same by all."""
    if isinstance(part, dict):
        return {name: _dedented(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_dedented(value) for value in part]
    return cleandoc(part) if isinstance(part, str) else part


def _trouble(one: Episode, text: str) -> Trouble:
    return Trouble(
        about=one.about,
        names=one.names,
        worst=one.rank.name.lower(),
        since=one.since,
        until=one.until,
        lasted_s=one.lasted,
        bad_s=one.in_force,
        text=drafts.bullet(text).text,
        peak=telling.peak(one),
        entries=tuple(entry.seq for entry in one.entries),
    )
