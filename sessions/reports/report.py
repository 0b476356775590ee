"""The report for stakeholders: what was done, what went wrong, what is asked, with the proof behind it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from msgspec.structs import replace

from sessions.gate.judgement import ChoreStatus, Judgement
from sessions.gate.soak import soak, unwatched_times
from sessions.gate.wording import phrase
from sessions.handover.changes import SEEN
from sessions.reports.highlights import asks, risks, wins
from sessions.text.intervals import Stretch, clipped, total
from sessions.text.markdown import bullets, plain, table
from sessions.text.units import duration, figure, moment, zone
from sessions.values.entries import Entry
from sessions.values.flag_value import FlagStatus

_FLAG_KINDS = ("flag.intended", "flag.confirmed", "flag.refused", "flag.unknown", "flag.drifted", *SEEN)
_INCIDENT_KINDS = ("incident.opened", "incident.resolved")


def report(judgement: Judgement, day: date | None, tz: tzinfo | None) -> str:
    """Return the report of one local day as Markdown, of the whole flight when `day` is None."""
    since, until = _period(judgement, day, tz)
    entries = tuple(entry for entry in judgement.state.entries if day is None or since <= entry.at < until)
    until = min(until, judgement.at)
    sections = (
        ("Wins", bullets(wins(entries), "None recorded.")),
        ("Risks", bullets(risks(judgement, entries), "None recorded.")),
        ("Asks", bullets(asks(judgement, entries), "None.")),
        ("Phases", _phases(judgement, since, until, tz)),
        ("Criteria now", _criteria(judgement)),
        ("Risk cards now", _cards(judgement)),
        ("Gate now", _gate(judgement)),
        ("Time not watched", _unwatched(judgement, since, until, tz)),
        ("Incidents", _log(judgement, _of(entries, _INCIDENT_KINDS), tz, "None recorded.")),
        ("Flag moves", _log(judgement, _of(entries, _FLAG_KINDS), tz, "None.")),
        ("Tasks", bullets(_tasks(judgement, since, until, tz), "None.")),
        ("Notes and observations", bullets(_notes(judgement, entries, tz), "None.")),
        ("Ops log", _log(judgement, entries, tz, "No entries.")),
    )
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections)
    return f"{_head(judgement, day, tz)}\n\n{body}\n"


def _period(judgement: Judgement, day: date | None, tz: tzinfo | None) -> Stretch:
    """The local day, or the flight from its first moment; an end in the future is cut by the caller."""
    began = judgement.state.started_at or judgement.at
    if day is None:
        return began, judgement.at
    return max(_midnight(day, tz), min(began, judgement.at)), _midnight(day + timedelta(days=1), tz)


def _midnight(day: date, tz: tzinfo | None) -> datetime:
    wall = datetime.combine(day, time())
    return (wall.replace(tzinfo=tz) if tz else wall).astimezone(UTC)


def _head(judgement: Judgement, day: date | None, tz: tzinfo | None) -> str:
    state, at = judgement.state, judgement.at.astimezone(tz)
    what = f"{day:%A, %d %B %Y}" if day else "the whole flight"
    title = f"# {plain(state.plan.title)} · {what}"
    phase = state.plan.phase(state.phase)
    gate = "open" if judgement.gate.open else f"held by {', '.join(item.name for item in judgement.gate.blockers)}"
    line = f"**{plain(phase.title)} · {state.phase} % · {_doing(judgement)}.** Gate to {judgement.gate.goal}: {gate}."
    moved = state.flag.status != FlagStatus.NONE
    known = f"Flag: {state.flag.percent} % {state.flag.status}." if moved else "Flag: never moved."
    told = f"Session {plain(state.name)}, {len(state.entries)} entries, told {at:%d %B %Y %H:%M:%S} {zone(at)}."
    return f"{title}\n\n{line}\n{known}\n{told}"


def _doing(judgement: Judgement) -> str:
    state = judgement.state
    words = []
    if state.fuses:
        words.append("a fuse burns")
    if state.paused:
        words.append("paused")
    if state.frozen:
        words.append(f"frozen: {plain(', '.join(state.frozen))}")
    if state.week_at:
        words.append("7-day plan")
    return ", ".join(words) or "running"


def _of(entries: tuple[Entry, ...], kinds: tuple[str, ...]) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.kind in kinds)


def _phases(judgement: Judgement, since: datetime, until: datetime, tz: tzinfo | None) -> str:
    state = judgement.state
    ends = [*(at for _, at in state.visits[1:]), judgement.at]
    rows = []
    for (percent, entered), left in zip(state.visits, ends, strict=False):
        if entered > until or left < since:
            continue
        told = soak(replace(state, phase=percent, entered_at=entered), max(entered, left))
        phase = state.plan.phase(percent)
        stay = "now" if left == judgement.at else _when(judgement, left, tz)
        soaked = f"{duration(told.done)} of {duration(told.needed)}" if told.needed else "–"
        rows.append(
            (
                plain(phase.title),
                f"{percent} %",
                _when(judgement, entered, tz),
                stay,
                soaked,
                figure(told.coverage, "%"),
            )
        )
    return table(("Phase", "Share>", "Entered", "Until", "Soak>", "Covered>"), rows, "None entered.")


def _when(judgement: Judgement, at: datetime, tz: tzinfo | None) -> str:
    """A moment with its date, unless the whole flight lies on one local day."""
    began = judgement.state.started_at or at
    if began.astimezone(tz).date() == judgement.at.astimezone(tz).date():
        return f"{at.astimezone(tz):%H:%M:%S}"
    return f"{at.astimezone(tz):%d %b %H:%M:%S}"


def _criteria(judgement: Judgement) -> str:
    rows = (
        (
            name,
            verdict.mark.value,
            plain(phrase(verdict)),
            figure(verdict.value, verdict.unit),
            figure(verdict.bound, verdict.unit),
            plain(verdict.subject) or "–",
            "yes" if name in judgement.state.waivers else "–",
        )
        for name, verdict in judgement.verdicts.items()
    )
    return table(("Criterion", "Verdict", "In words", "Value>", "Bound>", "Worst", "Waived"), rows, "Not judged.")


def _cards(judgement: Judgement) -> str:
    titles = {risk.id: risk.title for risk in judgement.state.plan.risks}
    rows = (
        (plain(titles.get(name, name)), said.level.value, plain(said.text) or "–", plain(said.subject) or "–")
        for name, said in judgement.risks.items()
    )
    return table(("Risk", "Level", "In words", "Worst"), rows, "Not judged.")


def _gate(judgement: Judgement) -> str:
    rows = ((item.name, item.mark.value, plain(item.text)) for item in judgement.gate.conditions)
    return table(
        (f"Condition for {judgement.gate.goal}", "Verdict", "In words"), rows, "No conditions: it cannot open."
    )


def _unwatched(judgement: Judgement, since: datetime, until: datetime, tz: tzinfo | None) -> str:
    """Every stretch without proof, and their sum: what is unknown is told, never left out."""
    lost = clipped(unwatched_times(judgement.state, judgement.at), since, until)
    whole = (until - since).total_seconds()
    if not lost:
        return f"Unknown 0s (0.0 %) of {duration(max(whole, 0.0))}."
    rows = (
        (_when(judgement, start, tz), _when(judgement, end, tz), duration((end - start).total_seconds()))
        for start, end in lost
    )
    said = f"Unknown {duration(total(lost))} ({figure(100 * total(lost) / whole, '%')}) of {duration(whole)}."
    return f"{said}\n\n" + table(("From", "To", "Lasted>"), rows, "")


def _tasks(judgement: Judgement, since: datetime, until: datetime, tz: tzinfo | None) -> Iterator[str]:
    """What was done in the period; what was left undone in a phase that is over, or is late in the week."""
    state = judgement.state
    over = {percent for percent, _ in state.visits if percent < state.phase}
    for phase in state.plan.phases:
        for task in phase.activities:
            at = state.ticked.get(task.id)
            if at is not None and since <= at <= until:
                yield f"done · {plain(phase.title)}: {plain(task.text)} ({_when(judgement, at, tz)})"
            elif at is None and phase.percent in over:
                yield f"**missed** · {plain(phase.title)}: {plain(task.text)}"
            elif at is None and phase.percent == state.phase:
                yield f"open · {plain(phase.title)}: {plain(task.text)}"
    yield from _followed_up(judgement, since, until, tz)
    for chore in judgement.week:
        if since <= chore.due_at <= until or (chore.status == ChoreStatus.OVERDUE and chore.due_at < since):
            status = "**overdue**" if chore.status == ChoreStatus.OVERDUE else chore.status
            yield f"{status} · Day {chore.day}: {plain(chore.text)} (due {moment(chore.due_at, judgement.at, tz)})"


def _followed_up(judgement: Judgement, since: datetime, until: datetime, tz: tzinfo | None) -> Iterator[str]:
    for task, text in judgement.state.opened.items():
        done = judgement.state.ticked.get(task)
        if done is None:
            yield f"open · follow-up: {plain(text)}"
        elif since <= done <= until:
            yield f"done · follow-up: {plain(text)} ({_when(judgement, done, tz)})"


def _notes(judgement: Judgement, entries: tuple[Entry, ...], tz: tzinfo | None) -> Iterator[str]:
    for entry in _of(entries, ("note.written",)):
        kind = "observation · " if entry.facts.get("observation") else ""
        lines = "".join(f"\n  - {plain(line)}" for line in entry.listed("evidence"))
        yield f"{_when(judgement, entry.at, tz)} {kind}{plain(entry.text, 2000)} (#{entry.seq}){lines}"


def _log(judgement: Judgement, entries: tuple[Entry, ...], tz: tzinfo | None, none: str) -> str:
    rows = (
        (str(entry.seq), _when(judgement, entry.at, tz), plain(entry.kind), plain(entry.text, 1000), plain(entry.by))
        for entry in entries
    )
    return table(("#>", "When", "Kind", "What happened", "By"), rows, none)
