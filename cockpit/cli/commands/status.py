"""`cockpit status`: the same judgement as on the screen, from what the files hold."""

import json
import math
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.cli.outside.check import DECISIONS
from cockpit.runtime.clock import clock_of
from cockpit.runtime.errors import BadInputError
from cockpit.session.both_files import look
from sessions.alarms.alarms import Alarm, silent_until, standing
from sessions.criteria.freshness import asked, freshness
from sessions.gate.judgement import ChoreStatus, Judgement
from sessions.gate.outlook import decision
from sessions.gate.week import missed, missed_words, todays
from sessions.gate.wording import spoken, standing_of, step, word
from sessions.history.history import History
from sessions.state.measures import Measure, measures
from sessions.state.model import Incident
from sessions.storage.folders import HISTORY, find
from sessions.storage.replay import ignored
from sessions.text.clean import clean
from sessions.text.units import moment, seconds
from sessions.values.verdicts import RiskState, Verdict

if TYPE_CHECKING:
    from sessions.handover.absence import Since
    from sessions.handover.handover import Handover


def status_of(which: str | None, *, as_json: bool, since: str | None = None) -> int:
    """Print the state of the session; with `since` what happened since then, and what waits."""
    folder = find(which)
    clock = clock_of(folder)
    judgement = look(folder, clock, None)
    if since is None:
        if as_json:
            print_json(folder, judgement)
        else:
            other, slowed = _apart(folder, judgement), clock.slowed()
            more = [f"  demo slowed to {slowed:.1f}x, the machine is busy"] if slowed else []
            more += [f"  promises {other}"] if other else []
            sys.stdout.write("\n".join((*_lines(judgement), *more)) + "\n")
        return 0
    from sessions.handover.handover import words

    told = handed(folder, judgement, since)
    if as_json:
        sys.stdout.write(json.dumps({**as_table(judgement), "since": as_since(told)}, indent=2) + "\n")
    else:
        sys.stdout.write("\n".join((_head(judgement), *_faults(judgement), *words(told))) + "\n")
    return 0


def _apart(folder: Path, judgement: Judgement) -> str:
    """Say what the owner's files promise otherwise; only this loads the settings."""
    from cockpit.cli.commands.open import apart

    return apart(folder, judgement.state)


def print_json(folder: Path, judgement: Judgement) -> None:
    """Print the state of a session, and what its owner's files promise otherwise."""
    table = {**as_table(judgement), "promises": _apart(folder, judgement)}
    sys.stdout.write(json.dumps(table, indent=2) + "\n")


def as_table(judgement: Judgement) -> dict[str, object]:
    """Return the judgement as plain values; the shape is documented in docs/commands.md and does not change."""
    state, gate = judgement.state, judgement.gate
    return {
        "session": state.name,
        "at": judgement.at.isoformat(),
        "phase": state.phase,
        "decision": DECISIONS[decision(judgement)],
        "week": _week(judgement),
        "gate": {
            "goal": gate.goal,
            "open": gate.open,
            "earliest": _moment(gate.earliest),
            "conditions": [{"name": row.name, "mark": row.mark, "text": row.text} for row in gate.conditions],
        },
        "verdicts": {name: _verdict(verdict) for name, verdict in judgement.verdicts.items()},
        "risks": {name: {"level": risk.level, "text": risk.text} for name, risk in judgement.risks.items()},
        "soak": {
            "needed_s": judgement.soak.needed,
            "done_s": judgement.soak.done,
            "coverage": judgement.soak.coverage,
            "busy": judgement.soak.busy,
        },
        "remarks": [{"subject": one.subject, "text": one.text, "fix": one.fix} for one in judgement.ahead],
        "measures": [
            {"id": item.id, "title": item.title, "since": item.since.isoformat(), "hides": list(item.hides)}
            for item in measures(state)
        ],
        "sources": _sources(judgement),
        "incidents": [_incident(one) for one in state.incidents.values()],
        "concluded": _moment(state.concluded_at),
        "paused": state.paused.cause if state.paused else None,
        "frozen": sorted(state.frozen),
        "fuses": {risk: fuse.deadline.isoformat() for risk, fuse in state.fuses.items()},
        "faults": {**({"journal": state.journal_fault} if state.journal_fault else {}), **state.faults},
        "alarms": [_alarm(alarm, judgement) for alarm in standing(judgement)],
        "flag": {"status": state.flag.status, "percent": state.flag.percent},
        "entries": state.seq,
    }


def _week(judgement: Judgement) -> dict[str, object] | None:
    """Return the tasks of today, what is due first, and those that were missed; None before the week has started."""
    if not judgement.week:
        return None
    return {
        "day": _day(judgement),
        "days": judgement.state.plan.week.days,
        "today": [
            {"id": chore.id, "status": chore.status, "due": chore.due_at.isoformat(), "text": chore.text}
            for chore in todays(judgement.week, judgement.at)
        ],
        "missed": [chore.id for chore in missed(judgement.week)],
    }


def _day(judgement: Judgement) -> int:
    return max((chore.day for chore in judgement.week if chore.opens_at <= judgement.at), default=1)


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {
        "mark": verdict.mark,
        "subject": verdict.subject,
        "value": _finite(verdict.value),
        "bound": _finite(verdict.bound),
        "unit": verdict.unit,
        "text": verdict.text,
    }


def _sources(judgement: Judgement) -> list[dict[str, object]]:
    """Return of each topic that is asked for who answers, when that was last good, and why it is dark or silent."""
    now, state = judgement.at, judgement.state
    return [
        {
            "topic": topic,
            "source": health.source,
            "fresh": freshness(state, topic, now).ok,
            "good_at": _moment(health.good_at),
            "reason": clean(health.reason),
            "note": clean(health.note),
        }
        for topic, health in asked(state).items()
    ]


def _told(judgement: Judgement) -> list[str]:
    """Say of each topic that is dark why, and of each that answers with a weak side which."""
    rows = []
    for topic, health in asked(judgement.state).items():
        fresh = freshness(judgement.state, topic, judgement.at)
        why = "; ".join(filter(None, ("" if fresh.ok else fresh.text, clean(health.note))))
        rows += [f"  source   {clean(health.source, 16):<16} {topic}: {why}"] if why else []
    return rows


def _incident(one: Incident) -> dict[str, object]:
    return {
        "id": one.id,
        "severity": one.severity,
        "title": one.title,
        "opened": one.opened_at.isoformat(),
        "resolved": _moment(one.resolved_at),
    }


def _alarm(alarm: Alarm, judgement: Judgement) -> dict[str, object]:
    until = silent_until(alarm, judgement.state.quieted, judgement.at)
    return {"id": alarm.id, "since": alarm.at.isoformat(), "text": alarm.text, "acknowledged_until": _moment(until)}


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _head(judgement: Judgement) -> str:
    state = judgement.state
    what = "paused" if state.paused else ("watched" if state.watching else "not watched")
    done = "concluded · " if state.concluded_at else ""
    return f"{state.name} · {state.plan.title} · {state.plan.phase(state.phase).title} · {state.phase} % · {done}{what}"


def _lines(judgement: Judgement) -> list[str]:
    gate = judgement.gate
    lines = [_head(judgement), *_due(judgement), f"{step(judgement).lower()}: {standing_of(judgement)}"]
    lines += [f"  {word(row.mark):<8} {row.name:<10} {row.text}" for row in gate.conditions]
    lines += [_risk(name, risk) for name, risk in judgement.risks.items()]
    lines += [_recorded(one, judgement) for one in judgement.state.incidents.values()]
    lines += _told(judgement)
    lines += [f"  remark   {one.subject:<16} {one.said}" for one in judgement.ahead]
    lines += [_measure(item, judgement.at) for item in measures(judgement.state)]
    alarms = (alarm for alarm in standing(judgement) if alarm.id not in judgement.state.faults)
    lines += [f"  alarm    {alarm.id:<16} {alarm.text}" for alarm in alarms]
    return [*lines, *_faults(judgement), *filter(None, [ignored(judgement.state)])]


def _risk(name: str, risk: RiskState) -> str:
    level = "asked" if risk.asking else risk.level
    return f"  {level:<8} {name:<16} {spoken(risk)}".rstrip()


def _due(judgement: Judgement) -> list[str]:
    """What of today is due, the overdue first; in one line what was missed before."""
    rows = []
    for chore in todays(judgement.week, judgement.at):
        if chore.status in (ChoreStatus.OVERDUE, ChoreStatus.DUE):
            when = moment(chore.due_at, judgement.at, judgement.tz)
            rows.append(f"  {chore.status:<8} {chore.id:<16} day {chore.day}: {chore.text}, due {when}")
    gone = missed_words(judgement.week)
    return [*rows, *([f"  missed   {'':<16} {gone}"] if gone else [])]


def _recorded(one: Incident, judgement: Judgement) -> str:
    since = f"open since {moment(one.opened_at, judgement.at, judgement.tz)}"
    over = f"resolved {moment(one.resolved_at, judgement.at, judgement.tz)}" if one.resolved_at else since
    return f"  incident {one.id:<16} {one.severity} {clean(one.title, 120)}, {over}"


def _measure(item: Measure, now: datetime) -> str:
    hides = f", hides {', '.join(item.hides)}" if item.hides else ""
    return f"  measure  {item.id:<16} {item.title}, on {item.age(now)}{hides}"


def _faults(judgement: Judgement) -> list[str]:
    """What is not healthy in the cockpit itself."""
    return [f"  fault    {origin:<16} {text}" for origin, text in judgement.state.faults.items()]


LAST = "last"


def handed(folder: Path, judgement: Judgement, asked: str) -> "Handover":
    """Return the hand-over since `last`, since a span ago, or since a moment; nothing is written.

    Raises BadInputError for what is neither.
    """
    from sessions.handover.handover import Absence, handover
    from sessions.handover.peaks import peaks

    history = History.open_readonly(folder / HISTORY)
    try:
        since = _since(judgement, asked, history)
        return handover(judgement, Absence(since, peaks(history.highest, judgement.state, since)), None)
    finally:
        history.close()


def as_since(told: "Handover") -> dict[str, object]:
    """Return it as plain values; the shape is documented in docs/commands.md and does not change."""
    return {
        "at": told.since.at.isoformat(),
        "away_s": told.since.away,
        "headline": told.headline,
        "quiet": told.quiet,
        "sections": [
            {
                "title": part.title,
                "rows": [{"what": row.what, "text": row.text, "tone": row.tone} for row in part.rows],
            }
            for part in told.sections
        ],
    }


def _since(judgement: Judgement, asked: str, history: History) -> "Since":
    from sessions.handover.absence import since_last, since_moment

    if asked == LAST:
        return since_last(judgement.state, history.last_look(), judgement.at)
    return since_moment(judgement.state, _asked_moment(asked, judgement.at), judgement.at)


def _asked_moment(text: str, now: datetime) -> datetime:
    """A span counts back from now; a moment without a zone is local."""
    try:
        at = (
            now - timedelta(seconds=seconds(text)) if text[-1:].isalpha() else datetime.fromisoformat(text).astimezone()
        )
        ahead = at > now
    except (ValueError, OverflowError, OSError) as error:
        raise BadInputError(
            f"--since {clean(text, 40)}: is not a time: write {LAST}, 2h or 2026-11-25T08:00"
        ) from error
    if ahead:
        raise BadInputError(f"--since {clean(text, 40)}: is in the future: write {LAST}, or a time in the past")
    return at
