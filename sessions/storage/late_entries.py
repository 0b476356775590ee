"""What happened and is not in the log yet: kept with its moment, entered late, and never against what came after it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from sessions.file_format.blocks import settled
from sessions.state.model import State
from sessions.state.reducer import apply
from sessions.values.entries import LATE, UNSAVED, Draft, Entry, Fact, Unwritten

NAME = "owed"
"""The fact of an entry that was written late: the name that it was kept under."""

MOMENT = timedelta(seconds=5)

_FLAG = ("flag.", "phase.")
_PHASE = ("verdict.", "risk.", "fuse.")
"""What is forgotten when a phase is entered."""


def overlaid(state: State, items: Iterable[Unwritten]) -> State:
    """Return the state with what is not written yet, each entry marked as that; it counts from when it happened."""
    for item in items:
        text = f"{UNSAVED}{item.draft.text}"
        phase = item.phase if item.draft.phase is None else item.draft.phase
        facts = {**item.draft.facts, LATE: item.at, NAME: item.id}
        at = max(item.at, state.reached_at or item.at)
        state = apply(state, Entry(state.seq + 1, at, item.draft.kind, item.draft.by, phase, text, facts))
    return state


def missing(state: State, items: Iterable[Unwritten]) -> tuple[Unwritten, ...]:
    """Return of `items` what the log of `state` does not have, the oldest first, each once.

    An entry that was written and not proved saved is in the log as it was: same moment, same words.
    """
    named = {item.id: item for item in items}
    if named:
        late = {entry.said(NAME) for entry in state.entries}
        whole = {_marks(entry) for entry in state.entries}
        named = {name: item for name, item in named.items() if name not in late and _entry_marks(item) not in whole}
    return tuple(sorted(named.values(), key=lambda item: (item.at, item.id)))


def _marks(entry: Entry) -> tuple[str, datetime, str]:
    return entry.kind, entry.at, entry.text


def _entry_marks(item: Unwritten) -> tuple[str, datetime, str]:
    """Return what the entry would be known by that was written when it happened."""
    return _marks(settled(item.draft, seq=1, phase=item.phase, now=item.at))


def late(state: State, items: Sequence[Unwritten], now: datetime) -> tuple[Draft, ...]:
    """Return what is to be written of `items` now: as it was, or as a note where the log or the flag went on since.

    `state` is what the log says, with the newest readings. What happened a moment ago is not called late.
    """
    moved, twice = _moved_on(state, items), _closed_before(state, items)
    gone = {item.id for item in items if (moved and _moves(item)) or item.id in twice or _overtaken(state, item)}
    return tuple(_note(item) if item.id in gone else _late(state, item, now) for item in items)


def _closed_before(state: State, items: Sequence[Unwritten]) -> set[str]:
    """Return the items that close a move which the log, or an earlier item, has closed: its result and its phase."""
    closed = {entry.said("intent") for entry in state.entries if entry.kind == "flag.confirmed"} - {""}
    twice, again = set[str](), False
    for item in items:
        if item.draft.kind == "flag.confirmed":
            intent = str(item.draft.facts.get("intent", ""))
            again = intent in closed
            closed |= {intent} - {""}
        if again and item.draft.kind in ("flag.confirmed", "phase.entered"):
            twice.add(item.id)
    return twice


def _moved_on(state: State, items: Sequence[Unwritten]) -> bool:
    """Whether the flag was read since and is not where the newest of these moves left it."""
    moves = [item for item in items if item.draft.kind == "flag.confirmed"]
    seen = state.seen.flag
    if not moves or seen is None or seen.at <= max(item.at for item in items):
        return False
    return seen.percent is not None and seen.percent != moves[-1].draft.facts.get("percent")


def _moves(item: Unwritten) -> bool:
    return item.draft.kind.startswith(_FLAG)


def _overtaken(state: State, item: Unwritten) -> bool:
    """Whether the log has a later word on the same thing."""
    return any(_settles(entry, item.draft) for entry in _since(state, item.at))


def _since(state: State, at: datetime) -> Iterator[Entry]:
    """Yield the entries of what happened after `at`, the newest first."""
    for entry in reversed(state.entries):
        if entry.at <= at:
            break
        if entry.happened > at:
            yield entry


def _settles(entry: Entry, draft: Draft) -> bool:
    """Whether an entry leaves nothing to do for an older draft."""
    if draft.kind.startswith(_FLAG):
        return entry.kind in ("flag.intended", "flag.confirmed", "phase.entered")
    if draft.kind.startswith(_PHASE) and entry.kind == "phase.entered":
        return True
    if draft.kind.startswith("rollout."):
        return entry.kind.startswith("rollout.")
    same = next((name for name in ("risk", "flow", "switch", "criterion") if name in draft.facts), "")
    family = draft.kind.partition(".")[0]
    return bool(same) and entry.kind.startswith(f"{family}.") and entry.said(same) == draft.facts[same]


def _late(state: State, item: Unwritten, now: datetime) -> Draft:
    """It stands under the percentage of its time, as long as no other phase was entered since: the last entry tells."""
    facts: dict[str, Fact] = {**item.draft.facts, LATE: item.at, NAME: item.id}
    since = any(entry.kind == "phase.entered" for entry in _since(state, item.at))
    phase = item.phase if item.draft.phase is None and not since else item.draft.phase
    text = f"{item.draft.text} · {_written_late(item)}" if now - item.at > MOMENT else item.draft.text
    return replace(item.draft, text=text, facts=facts, phase=phase)


def _note(item: Unwritten) -> Draft:
    facts: dict[str, Fact] = {LATE: item.at, NAME: item.id, "was": item.draft.kind}
    return Draft("note.written", item.draft.by, f"{item.draft.text} · {_written_late(item)}, overtaken since", facts)


def _written_late(item: Unwritten) -> str:
    return f"happened {item.at.astimezone(UTC):%H:%M:%S} UTC, written late"
