"""The proof behind the page: every episode, phase, verdict, task and entry, as parts that any format can lay out."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from sessions.gate.judgement import ChoreStatus, Judgement
from sessions.gate.soak import soak, unwatched_times
from sessions.gate.week import missed
from sessions.gate.wording import phrase, word
from sessions.handover.changes import SEEN
from sessions.reports import telling
from sessions.reports.page import Draft, saying
from sessions.text.intervals import clipped, total
from sessions.text.units import duration, figure, moment
from sessions.values.entries import WHO, Entry

_FLAG_KINDS = ("flag.intended", "flag.confirmed", "flag.refused", "flag.unknown", "flag.drifted", *SEEN)
_INCIDENT_KINDS = ("incident.opened", "incident.resolved")
LOG = "Ops log"
_LOG_HEADS = ("#>", "When", "Kind", "What happened", "By")


class Item(Struct, frozen=True):
    """One line of a list: a word that stands out, what is said, and lines below it. All of it is foreign text."""

    text: str
    strong: str = ""
    more: tuple[str, ...] = ()


class Part(Struct, frozen=True):
    """One part of the proof: a sentence, then a table or a list; `none` where it has nothing of all that.

    A head that ends in `>` is set flush right. Cells are foreign text: whoever lays them out cleans them.
    """

    title: str
    said: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    items: tuple[Item, ...] = ()
    none: str = ""


_UNDONE = (ChoreStatus.OVERDUE, ChoreStatus.MISSED)


def proof(judgement: Judgement, draft: Draft, tz: tzinfo | None) -> tuple[Part, ...]:
    """Return the parts in the order in which they are read."""
    entries, since, until = draft.period.entries, draft.period.since, draft.period.until
    return (
        Part("Proof", "All that the page says, with every entry and figure behind it."),
        _episodes(judgement, draft, tz),
        _phases(judgement, since, until, tz),
        _criteria(judgement),
        _cards(judgement),
        _gate(judgement),
        _unwatched(judgement, since, until, tz),
        _log(judgement, "Incidents", _of(entries, _INCIDENT_KINDS), tz, "None recorded."),
        _log(judgement, "Flag moves", _of(entries, _FLAG_KINDS), tz, "None."),
        Part("Tasks", items=tuple(_tasks(judgement, since, until, tz)), none="None."),
        Part("Notes and observations", items=tuple(_notes(judgement, entries, tz)), none="None."),
        _log(judgement, LOG, entries, tz, "No entries."),
    )


def _of(entries: tuple[Entry, ...], kinds: tuple[str, ...]) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.kind in kinds)


def _table(title: str, heads: Sequence[str], rows: Iterable[tuple[str, ...]], none: str) -> Part:
    return Part(title, heads=tuple(heads), rows=tuple(rows), none=none)


def _episodes(judgement: Judgement, draft: Draft, tz: tzinfo | None) -> Part:
    """Every episode in full, in the order in which they began, with all its entries."""
    plan, say = judgement.state.plan, saying(judgement, draft.period, tz)
    rows = (
        (telling.told(plan, one, say), one.rank.name.lower(), ", ".join(f"#{row.seq}" for row in one.entries))
        for one in draft.episodes
    )
    return _table("Episodes", ("What happened", "Worst", "Entries"), rows, "None.")


def _phases(judgement: Judgement, since: datetime, until: datetime, tz: tzinfo | None) -> Part:
    state = judgement.state
    ends = [*(at for _, at in state.visits[1:]), judgement.at]
    rows = []
    for (percent, entered), left in zip(state.visits, ends, strict=False):
        if entered > until or left < since:
            continue
        told = soak(replace(state, phase=percent, entered_at=entered), max(entered, left))
        stay = "now" if left == judgement.at else when(judgement, left, tz)
        soaked = f"{duration(told.done)} of {duration(told.needed)}" if told.needed else "–"
        times = (when(judgement, entered, tz), stay, soaked, figure(told.coverage, "%"))
        rows.append((state.plan.phase(percent).title, f"{percent} %", *times))
    return _table("Phases", ("Phase", "Share>", "Entered", "Until", "Soak>", "Covered>"), rows, "None entered.")


def when(judgement: Judgement, at: datetime, tz: tzinfo | None) -> str:
    """Say a moment, with its date unless the whole flight is on one local day."""
    began = judgement.state.started_at or at
    if began.astimezone(tz).date() == judgement.at.astimezone(tz).date():
        return f"{at.astimezone(tz):%H:%M:%S}"
    return f"{at.astimezone(tz):%d %b %H:%M:%S}"


def _criteria(judgement: Judgement) -> Part:
    rows = (
        (
            name,
            word(verdict.mark),
            phrase(verdict),
            figure(verdict.value, verdict.unit, over=verdict.over),
            figure(verdict.bound, verdict.unit),
            verdict.subject or "–",
            "yes" if name in judgement.state.waivers else "–",
        )
        for name, verdict in judgement.verdicts.items()
    )
    heads = ("Criterion", "Verdict", "In words", "Value>", "Bound>", "Worst", "Waived")
    return _table("Criteria now", heads, rows, "Not judged.")


def _cards(judgement: Judgement) -> Part:
    titles = {risk.id: risk.title for risk in judgement.state.plan.risks}
    rows = (
        (titles.get(name, name), said.level.value, said.text or "–", said.subject or "–")
        for name, said in judgement.risks.items()
    )
    return _table("Risk cards now", ("Risk", "Level", "In words", "Worst"), rows, "Not judged.")


def _gate(judgement: Judgement) -> Part:
    rows = ((item.name, word(item.mark), item.text) for item in judgement.gate.conditions)
    week = judgement.state.week_at is not None
    heads = ("Condition in the week" if week else f"Condition for {judgement.gate.goal}", "Verdict", "In words")
    return _table("Gate now", heads, rows, "No conditions: it cannot open.")


def _unwatched(judgement: Judgement, since: datetime, until: datetime, tz: tzinfo | None) -> Part:
    """List every unwatched time and their sum: what is unknown is shown, never left out."""
    lost = clipped(unwatched_times(judgement.state, judgement.at), since, until)
    whole = (until - since).total_seconds()
    if not lost:
        return Part("Time not watched", f"Unknown 0s (0.0 %) of {duration(max(whole, 0.0))}.")
    rows = (
        (when(judgement, start, tz), when(judgement, end, tz), duration((end - start).total_seconds()))
        for start, end in lost
    )
    said = f"Unknown {duration(total(lost))} ({figure(100 * total(lost) / whole, '%')}) of {duration(whole)}."
    return Part("Time not watched", said, ("From", "To", "Lasted>"), tuple(rows))


def _tasks(judgement: Judgement, since: datetime, until: datetime, tz: tzinfo | None) -> Iterator[Item]:
    """What was done in the period; what was left undone in a phase that is over, or is late in the week."""
    state = judgement.state
    over = {percent for percent, _ in state.visits if percent < state.phase}
    for phase in state.plan.phases:
        for task in phase.activities:
            at = state.ticked.get(task.id)
            if at is not None and since <= at <= until:
                yield Item(f"done · {phase.title}: {task.text} ({when(judgement, at, tz)})")
            elif at is None and phase.percent in over:
                yield Item(f"· {phase.title}: {task.text}", "missed")
            elif at is None and phase.percent == state.phase:
                yield Item(f"open · {phase.title}: {task.text}")
    yield from _followed_up(judgement, since, until, tz)
    for chore in judgement.week:
        if since <= chore.due_at <= until or (chore.status == ChoreStatus.OVERDUE and chore.due_at < since):
            words = f"· Day {chore.day}: {chore.text} (due {moment(chore.due_at, judgement.at, tz)})"
            said = "done late" if chore.late else chore.status.value
            yield Item(words, said) if chore.status in _UNDONE else Item(f"{said} {words}")
    if before := sum(chore.due_at < since for chore in missed(judgement.week)):
        yield Item(f"· {before} task{'' if before == 1 else 's'} of the days before", "missed")


def _followed_up(judgement: Judgement, since: datetime, until: datetime, tz: tzinfo | None) -> Iterator[Item]:
    for task, text in judgement.state.opened.items():
        done = judgement.state.ticked.get(task)
        if done is None:
            yield Item(f"open · follow-up: {text}")
        elif since <= done <= until:
            yield Item(f"done · follow-up: {text} ({when(judgement, done, tz)})")


def _notes(judgement: Judgement, entries: tuple[Entry, ...], tz: tzinfo | None) -> Iterator[Item]:
    for entry in _of(entries, ("note.written",)):
        kind = "observation · " if entry.facts.get("observation") else ""
        yield Item(
            f"{when(judgement, entry.at, tz)} {kind}{entry.text} (#{entry.seq})", more=tuple(entry.listed("evidence"))
        )


def _by(entry: Entry) -> str:
    who = entry.said(WHO)
    return f"{entry.by} ({who})" if who else entry.by


def _log(judgement: Judgement, title: str, entries: tuple[Entry, ...], tz: tzinfo | None, none: str) -> Part:
    rows = ((str(entry.seq), when(judgement, entry.at, tz), entry.kind, entry.text, _by(entry)) for entry in entries)
    return _table(title, _LOG_HEADS, rows, none)
