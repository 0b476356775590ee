"""What was done while nobody looked: fuses, moves of the rollout and the flag, switches, what others wrote."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sessions.gate.judgement import Judgement
from sessions.gate.wording import titled
from sessions.handover.absence import Since
from sessions.handover.sections import Row, Tone, Wording, by, few, row
from sessions.state.model import Fuse
from sessions.state.reducer import State
from sessions.text.intervals import clipped, total
from sessions.text.units import duration
from sessions.values.entries import Entry

_TONES: Mapping[str, Tone] = {
    "rollout.paused": Tone.HOLD,
    "flag.intended": Tone.BLIND,
    "flag.refused": Tone.BAD,
    "flag.unknown": Tone.BLIND,
    "flag.drifted": Tone.BAD,
    "flag.unread": Tone.BLIND,
    "switch.refused": Tone.BAD,
    "flow.frozen": Tone.HOLD,
    "incident.opened": Tone.BAD,
    "journal.recovered": Tone.BLIND,
    "notice.failed": Tone.HOLD,
    "gap.found": Tone.BLIND,
}
ROLLOUT = ("phase.entered", "rollout.paused", "rollout.resumed", "week.started", "session.concluded")
SEEN = ("flag.returned", "flag.unread")
FLAG = ("flag.intended", "flag.confirmed", "flag.refused", "flag.unknown", "flag.drifted", "flag.served", *SEEN)
SWITCHES = ("switch.confirmed", "switch.refused", "switch.found", "flow.frozen", "flow.thawed")
_FUSES = ("fuse.lit", "fuse.extended", "fuse.defused", "fuse.blown")
_ENDS = (*_FUSES, "phase.entered")
_ALSO = ("task.opened", "draft.written", "notice.failed", "journal.recovered", "plan.changed")
_ELSEWHERE = (*ROLLOUT, *FLAG, *SWITCHES, *_FUSES, *_ALSO)


def overdue(judgement: Judgement, since: Since, say: Wording) -> tuple[Row, ...]:
    """Return a row for each fuse whose deadline is over, the longest over first."""
    late = [fuse for fuse in _by_deadline(judgement.state) if fuse.deadline <= judgement.at]
    return tuple(row(_title(judgement, fuse), _late(judgement, fuse, since, say), Tone.BAD) for fuse in late)


def _late(judgement: Judgement, fuse: Fuse, since: Since, say: Wording) -> str:
    then = ", blown: the revert is not done" if fuse.blown else ""
    late = duration((judgement.at - fuse.deadline).total_seconds())
    return f"OVERDUE by {late}{then}, lit {say.at(fuse.lit_at)}{_missed(fuse, since)} · {_why(judgement, fuse)}"


def fuses(judgement: Judgement, entries: Sequence[Entry], since: Since, say: Wording) -> tuple[Row, ...]:
    """Return a row for each fuse that burns, then one for each that was lit or put out meanwhile."""
    burning = [fuse for fuse in _by_deadline(judgement.state) if fuse.deadline > judgement.at]
    rows = [row(_title(judgement, fuse), _burns(judgement, fuse, since, say), Tone.BAD) for fuse in burning]
    return (*rows, *few(tuple(_ended(judgement.state, entries, say))))


def _burns(judgement: Judgement, fuse: Fuse, since: Since, say: Wording) -> str:
    left = duration((fuse.deadline - judgement.at).total_seconds())
    head = f"burns, {left} left, until {say.at(fuse.deadline)}, lit {say.at(fuse.lit_at)}"
    return f"{head}{_missed(fuse, since)} · {_why(judgement, fuse)}"


def _missed(fuse: Fuse, since: Since) -> str:
    away = total(clipped([(fuse.lit_at, fuse.deadline)], since.at, since.back))
    whole = (fuse.deadline - fuse.lit_at).total_seconds()
    return f"; you missed {duration(away)} of {duration(whole)}" if away else ""


def _why(judgement: Judgement, fuse: Fuse) -> str:
    """What lit a fuse, without its risk's title, which stands before it."""
    return fuse.text.removeprefix(_title(judgement, fuse)).strip()


def _by_deadline(state: State) -> list[Fuse]:
    return sorted(state.fuses.values(), key=lambda fuse: fuse.deadline)


def _title(judgement: Judgement, fuse: Fuse) -> str:
    return titled(judgement.state.plan, fuse.risk)


def _ended(state: State, entries: Iterable[Entry], say: Wording) -> Iterator[Row]:
    """Follow each fuse to its end; a new phase ends them all."""
    alight: dict[str, list[str]] = {}
    for entry in (entry for entry in entries if entry.kind in _ENDS):
        risk, when = entry.said("risk"), say.at(entry.at)
        if entry.kind in ("fuse.lit", "fuse.extended"):
            alight.setdefault(risk, []).append(f"{entry.kind.removeprefix('fuse.')} {when}{by(entry)}")
        elif entry.kind in ("fuse.defused", "fuse.blown"):
            why = f": {entry.said('reason')}" if entry.said("reason") else ""
            end = f"{entry.kind.removeprefix('fuse.')} {when}{by(entry)}{why}"
            tone = Tone.BAD if entry.kind == "fuse.blown" else Tone.PLAIN
            yield row(titled(state.plan, risk), ", ".join((*alight.pop(risk, ()), end)), tone)
        else:
            for name, said in alight.items():
                yield row(titled(state.plan, name), ", ".join((*said, f"ended with its phase {when}")))
            alight.clear()


def told(entries: Sequence[Entry], kinds: Sequence[str], say: Wording) -> tuple[Row, ...]:
    """Return a row for each entry of these kinds; what came again in the same words is counted."""
    answered = {entry.said("intent") for entry in entries if entry.kind in FLAG and entry.kind != "flag.intended"}
    kept = [entry for entry in entries if entry.kind in kinds and not _is_answered(entry, answered)]
    return few(tuple(_grouped(kept, say)))


def _is_answered(entry: Entry, answered: set[str]) -> bool:
    """Whether an entry is an intent whose result is listed."""
    return entry.kind == "flag.intended" and entry.said("intent") in answered


def also(entries: Sequence[Entry], say: Wording) -> tuple[Row, ...]:
    """Return what the watch did beside, and a clock that was moved."""
    kept = [entry for entry in entries if entry.kind in _ALSO or (entry.kind == "gap.found" and entry.counted("moved"))]
    return few(tuple(_grouped(kept, say)))


def others(entries: Sequence[Entry], say: Wording) -> tuple[Row, ...]:
    """Return entries by others than the owner and the watch, and all incidents."""
    kept = [entry for entry in entries if entry.by not in ("owner", "watch") and entry.kind not in _ELSEWHERE]
    return few(tuple(_grouped(kept, say, lambda entry: f"{entry.kind.partition('.')[0]}: ")))


def _grouped(entries: Iterable[Entry], say: Wording, head: Callable[[Entry], str] = lambda _: "") -> Iterator[Row]:
    """A row for each kind and text, in the order of their newest."""
    groups: dict[tuple[str, str, str], list[datetime]] = {}
    newest: dict[tuple[str, str, str], Entry] = {}
    for entry in entries:
        key = entry.kind, entry.by, entry.text
        times = groups.pop(key, [])
        groups[key] = [*times, entry.at]
        newest[key] = entry
    for key, times in groups.items():
        entry = newest[key]
        again = f", {len(times)}x since {say.at(times[0])}" if len(times) > 1 else ""
        yield row(say.at(entry.at), f"{head(entry)}{entry.text}{by(entry)}{again}", _tone(entry))


def _tone(entry: Entry) -> Tone:
    back = entry.kind == "phase.entered" and entry.phase < entry.counted("previous")
    if back or entry.facts.get("override"):
        return Tone.HOLD
    return _TONES.get(entry.kind, Tone.PLAIN)
