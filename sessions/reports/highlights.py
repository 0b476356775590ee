"""Wins, risks and asks: the day's entries told for stakeholders, each with the numbers of the entries behind it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from sessions.gate.judgement import ChoreStatus, Judgement
from sessions.gate.wording import titled
from sessions.state.measures import measures
from sessions.state.pending import still_open
from sessions.text.markdown import plain
from sessions.text.units import duration
from sessions.values.entries import Entry
from sessions.values.verdicts import Level

_BAD_VERDICTS = ("breach", "blind", "silent")
_BAD_KINDS = (
    "rollout.paused",
    "fuse.lit",
    "fuse.extended",
    "fuse.blown",
    "flag.refused",
    "flag.unknown",
    "flag.drifted",
    "flag.unread",
    "flow.frozen",
    "draft.written",
    "incident.opened",
    "waiver.given",
    "waiver.lapsed",
    "gap.found",
    "journal.recovered",
)


def wins(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Say what went well: steps taken, trouble that ended, tasks done."""
    steps = [entry for entry in entries if _is_advance(entry) and not entry.facts.get("override")]
    ended = [entry for entry in entries if _has_ended(entry)]
    started = [entry for entry in entries if entry.kind == "week.started"]
    done = _ticks(entries)
    return (
        *(_told(entry) for entry in (*steps, *started)),
        *_grouped(ended, _recovered),
        *(
            [f"Done: {'; '.join(plain(entry.text.removesuffix(' ✔')) for entry in done)} {_numbers(done)}"]
            if done
            else []
        ),
    )


def risks(judgement: Judgement, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Say what went wrong or was overruled, and whether it still stands."""
    bad = [entry for entry in entries if entry.kind in _BAD_KINDS or _is_revert(entry) or entry.facts.get("override")]
    turned = [entry for entry in entries if _has_turned_bad(entry)]
    return (*_grouped(turned, partial(_trouble, judgement)), *(_told(entry) for entry in bad))


def asks(judgement: Judgement, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Say what needs somebody: what is open, held or overruled now."""
    return (
        *_open_risks(judgement),
        *_open_incidents(judgement),
        *_open_tasks(judgement),
        *_open_flight(judgement),
        *_overruled(entries),
    )


def _open_risks(judgement: Judgement) -> Iterator[str]:
    for risk in judgement.state.plan.risks:
        said = judgement.risks.get(risk.id)
        if said is not None and said.level is Level.ACT:
            yield f"{plain(risk.title)} acts ({plain(said.text)}): {plain(risk.mitigation)}"
        elif said is not None and said.level is Level.BLIND:
            yield f"{plain(risk.title)} cannot be seen ({plain(said.text)}): bring its source back"


def _open_incidents(judgement: Judgement) -> Iterator[str]:
    entries = judgement.state.entries
    for incident in judgement.state.incidents.values():
        if incident.resolved_at is None:
            mine = [row for row in entries if row.kind == "incident.opened" and row.said("incident") == incident.id]
            yield f"Resolve {plain(incident.severity)} {plain(incident.title)} {_numbers(mine)}".rstrip()


def _open_tasks(judgement: Judgement) -> Iterator[str]:
    """A follow-up task is asked for until it is ticked, with the entry that opened it last."""
    opened = {row.said("task"): row for row in judgement.state.entries if row.kind == "task.opened"}
    for task, text in still_open(judgement.state).items():
        yield f"Do the follow-up task: {plain(text)} {_numbers([opened[task]] if task in opened else [])}".rstrip()


def _open_flight(judgement: Judgement) -> Iterator[str]:
    state = judgement.state
    if state.journal_fault:
        yield f"Mend the journal: {plain(state.journal_fault)}"
    for origin, text in state.faults.items():
        yield f"Mend the {origin}: {plain(text)}"
    if state.paused is not None:
        yield f"Decide on the pause: {plain(titled(state.plan, state.paused.cause))}"
    for flow in state.frozen:
        yield f"Decide when flow {plain(titled(state.plan, flow))} may thaw"
    for item in measures(state):
        if item.id not in state.frozen:
            hides = f"; it hides {', '.join(item.hides)}" if item.hides else ""
            age = duration((judgement.at - item.since).total_seconds())
            yield f"Take back {plain(item.title)}, on for {age}{hides}"
    held = [f"{item.name} ({plain(item.text)})" for item in judgement.gate.blockers if item.eta is None]
    if held:
        yield f"Gate to {judgement.gate.goal} is held by {', '.join(held)}"
    late = [chore for chore in judgement.week if chore.status == ChoreStatus.OVERDUE]
    if late:
        yield "Catch up on overdue tasks: " + "; ".join(f"day {chore.day} {plain(chore.text)}" for chore in late)


def _overruled(entries: Sequence[Entry]) -> Iterator[str]:
    """Who overrules judgement asks others to agree."""
    overruled = [entry for entry in entries if entry.facts.get("override") or entry.kind == "waiver.given"]
    for entry in overruled:
        yield f"Agree with an overruled judgement: {plain(entry.said('reason') or entry.text)} (#{entry.seq})"


def _is_advance(entry: Entry) -> bool:
    return entry.kind == "phase.entered" and entry.phase > entry.counted("previous")


def _is_revert(entry: Entry) -> bool:
    return entry.kind == "phase.entered" and entry.phase < entry.counted("previous")


def _has_ended(entry: Entry) -> bool:
    """Whether trouble ended here."""
    if entry.kind == "verdict.turned":
        return entry.said("verdict") == "pass" and entry.said("was") in _BAD_VERDICTS
    if entry.kind == "risk.turned":
        return entry.said("level") == "calm" and entry.said("was") in ("act", "blind")
    return entry.kind in ("incident.resolved", "fuse.defused", "flow.thawed")


def _has_turned_bad(entry: Entry) -> bool:
    if entry.kind == "verdict.turned":
        return entry.said("verdict") in _BAD_VERDICTS
    return entry.kind == "risk.turned" and entry.said("level") in ("act", "blind")


def _ticks(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The tasks that were ticked and not unticked again."""
    last = {entry.said("task"): entry for entry in entries if entry.kind == "task.ticked"}
    return tuple(entry for entry in last.values() if entry.facts.get("done", True))


def _grouped(entries: Iterable[Entry], say: Callable[[Sequence[Entry]], str]) -> Iterator[str]:
    """Say once what happened several times, at the place of the first."""
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        groups.setdefault(_subject(entry), []).append(entry)
    for rows in groups.values():
        yield say(rows)


def _subject(entry: Entry) -> tuple[str, ...]:
    """What makes two entries the same story: a criterion or a risk and its state; anything else stands alone."""
    if entry.kind == "verdict.turned":
        return entry.kind, entry.said("criterion"), entry.said("verdict")
    if entry.kind == "risk.turned":
        return entry.kind, entry.said("risk"), entry.said("level")
    return entry.kind, str(entry.seq)


def _recovered(rows: Sequence[Entry]) -> str:
    entry = rows[-1]
    if entry.kind not in ("verdict.turned", "risk.turned"):
        return _told(entry)
    word = "recovered" if entry.kind == "verdict.turned" else "calm again"
    return f"{_upper(plain(entry.text))}: {word}{_times(rows)} {_numbers(rows)}"


def _trouble(judgement: Judgement, rows: Sequence[Entry]) -> str:
    """Name the last occurrence, how often it came, and what is said of it now."""
    entry = rows[-1]
    verdict, risk = judgement.verdicts.get(entry.said("criterion")), judgement.risks.get(entry.said("risk"))
    now = verdict.mark.value if verdict else risk.level.value if risk else "not judged"
    word = entry.said("verdict") or entry.said("level")
    still = "still so" if now == word else f"now {now}"
    return f"{_upper(plain(entry.text))}: {plain(word)}{_times(rows)}, {still} {_numbers(rows)}"


def _times(rows: Sequence[Entry]) -> str:
    return f" {len(rows)} times" if len(rows) > 1 else ""


def _told(entry: Entry) -> str:
    about = {"incident.opened": f"{entry.said('severity')} incident: ", "fuse.lit": "Fuse lit: "}.get(entry.kind, "")
    return f"{_upper(plain(about + entry.text))} (#{entry.seq})"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _numbers(rows: Sequence[Entry]) -> str:
    return "(" + ", ".join(f"#{entry.seq}" for entry in rows) + ")" if rows else ""
