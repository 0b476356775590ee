"""The report for stakeholders: one page that is read in a minute, with the proof behind it."""

from collections.abc import Iterator
from datetime import date, datetime, tzinfo

from msgspec.structs import replace

from sessions.gate.judgement import ChoreStatus, Judgement
from sessions.gate.soak import soak, unwatched_times
from sessions.gate.wording import phrase
from sessions.handover.changes import SEEN
from sessions.handover.peaks import Peaks
from sessions.reports import telling
from sessions.reports.page import Draft, drafted, page, saying
from sessions.reports.periods import Period, of_day, of_flight
from sessions.text.intervals import clipped, total
from sessions.text.markdown import bullets, plain, table
from sessions.text.units import duration, figure, moment, zone
from sessions.values.entries import Entry
from sessions.values.flag_value import FlagStatus

_FLAG_KINDS = ("flag.intended", "flag.confirmed", "flag.refused", "flag.unknown", "flag.drifted", *SEEN)
_INCIDENT_KINDS = ("incident.opened", "incident.resolved")


def report(judgement: Judgement, day: date | None, tz: tzinfo | None, high: Peaks | None = None) -> str:
    """Return the report of one local day as Markdown, of the whole flight when `day` is None."""
    period = of_day(judgement, day, tz) if day else of_flight(judgement)
    return report_of(judgement, period, tz, high)


def report_of(judgement: Judgement, period: Period, tz: tzinfo | None, high: Peaks | None = None) -> str:
    """Return the report of a period as Markdown: the page, then the proof.

    `high` are the peaks of the period, None where no history was asked.
    """
    draft = drafted(judgement, period, tz, high)
    entries, since, until = period.entries, period.since, period.until
    sections = (
        ("Proof", "All that the page says, with every entry and figure behind it."),
        ("Episodes", _episodes(judgement, draft, tz)),
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
    proof = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections)
    return f"{_head(judgement, period.title, tz)}\n\n{page(draft)}\n\n{proof}\n"


def _head(judgement: Judgement, what: str, tz: tzinfo | None) -> str:
    state, at = judgement.state, judgement.at.astimezone(tz)
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
    if state.concluded_at:
        words.append("concluded")
    elif state.week_at:
        words.append("7-day plan")
    return ", ".join(words) or "running"


def _of(entries: tuple[Entry, ...], kinds: tuple[str, ...]) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.kind in kinds)


def _episodes(judgement: Judgement, draft: Draft, tz: tzinfo | None) -> str:
    """Every episode in full, in the order in which they began, with all its entries."""
    plan, say = judgement.state.plan, saying(judgement, draft.period, tz)
    rows = (
        (
            plain(telling.told(plan, one, say), 4000),
            one.rank.name.lower(),
            ", ".join(f"#{row.seq}" for row in one.entries),
        )
        for one in draft.episodes
    )
    return table(("What happened", "Worst", "Entries"), rows, "None.")


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
